package chat

import (
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/protocol"
)

// What people read by the default protocol, and by a team's own words; whatever the incident is called, nobody is called
// out and no markup of its own comes through.
func TestTexts(t *testing.T) {
	own, err := protocol.Read(`texts:
  announced: "Bell! {title} ([{severity}, ]{status}) <https://wiki.example.org/{number}|runbook> {channel}"
  update: "*What users see:* {text}"
  first_update: "[INC] {title}[ ({summary})]"
`)
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 7, 8, 12, 0, 0, 0, time.UTC)
	in := incidents.Incident{
		Number: 7, Title: "<!channel> *down* {number} [x]", Status: incidents.Investigating, DeclaredAt: noon, DeclaredBy: "U1",
		Holders: map[incidents.Role][]string{incidents.Lead: {"U1"}, incidents.Ops: {"U2"}}, Channel: incidents.Channel{ID: "C7"},
		Handovers: []incidents.Handover{{Role: incidents.Ops, By: "U1", To: "U2"}},
	}
	const title = "&lt;!channel&gt; *\u200bdown*\u200b {number} [x]"
	u := incidents.Update{Number: 1, Text: "Half of the carts fail."}
	for name, c := range map[string]struct {
		protocol *incidents.Protocol
		change   func(*incidents.Incident)
		text     func(incidents.Snapshot) string
		want     string
	}{
		"announced":     {text: func(s incidents.Snapshot) string { return Announcement(s).Blocks[0].Text }, want: ":warning: We have an incident going on, follow it here: <#C7>"},
		"announced own": {protocol: own, text: func(s incidents.Snapshot) string { return Announcement(s).Blocks[0].Text }, want: "Bell! " + title + " (investigating) <https://wiki.example.org/7|runbook> <#C7>"},
		"over": {
			change: func(in *incidents.Incident) { in.Status = incidents.Resolved },
			text:   func(s incidents.Snapshot) string { return Announcement(s).Blocks[0].Text }, want: ":white_check_mark: The incident is over: <#C7>",
		},
		"over without a channel": {
			change: func(in *incidents.Incident) { in.Status, in.Channel.ID = incidents.Resolved, "" },
			text:   func(s incidents.Snapshot) string { return Announcement(s).Blocks[0].Text }, want: ":white_check_mark: The incident is over",
		},
		"called off": {
			change: func(in *incidents.Incident) { in.Status = incidents.CalledOff },
			text:   func(s incidents.Snapshot) string { return Announcement(s).Blocks[0].Text }, want: ":white_check_mark: Called off, it was no incident",
		},
		"update": {text: func(s incidents.Snapshot) string { return UpdateMessage(s, u).Text }, want: ":loudspeaker: *#7 " + title + "*\nHalf of the carts fail.\nSince " + clock(noon)},
		"update with a promise": {
			text: func(s incidents.Snapshot) string {
				u := u
				u.NextAt = noon.Add(time.Hour)
				return UpdateMessage(s, u).Blocks[2].Text
			},
			want: "Since " + clock(noon) + " · next update: " + clock(noon.Add(time.Hour)),
		},
		"update own":   {protocol: own, text: func(s incidents.Snapshot) string { return UpdateMessage(s, u).Text }, want: "*What users see:* Half of the carts fail."},
		"first update": {text: func(s incidents.Snapshot) string { return updateDraft(s.Incident) }, want: "We have a problem: " + in.Title + ". We are working on it."},
		"first update of a downtime": {
			change: func(in *incidents.Incident) { in.Severity, in.Summary = incidents.Downtime, "Nobody can pay." },
			text:   func(s incidents.Snapshot) string { return updateDraft(s.Incident) }, want: "We have a downtime: " + in.Title + ". Nobody can pay. We are working on it.",
		},
		"first update own": {protocol: own, text: func(s incidents.Snapshot) string { return updateDraft(s.Incident) }, want: "[INC] " + in.Title},
		"mitigated": {
			change: func(in *incidents.Incident) { in.Status = incidents.Monitoring },
			text:   func(s incidents.Snapshot) string { return updateDraft(s.Incident) }, want: "It works again: " + in.Title + ". We keep watching.",
		},
		"handover": {
			text: func(s incidents.Snapshot) string { m, _ := Handover(s, "U2"); return m.Blocks[0].Text },
			want: ":wave: <@U1> asks you to take *Ops* in #7 *" + title + "*. <#C7>\n• ",
		},
		"welcome": {text: func(s incidents.Snapshot) string { return welcome(s, "/incident", "pushpin").Blocks[0].Text }, want: ":wave: Welcome to #7 *" + title + "*.\n"},
		"help": {
			text: func(s incidents.Snapshot) string { return welcome(s, "/incident", "pushpin").Blocks[2].Text },
			want: "*How to help:* say what you see, and put it into the timeline with :pushpin: or `/incident log`. <@U1> leads: ask them what is needed before you change anything.",
		},
	} {
		s := incidents.Snapshot{Incident: in, Taken: noon}
		if s.Protocol = c.protocol; s.Protocol == nil {
			s.Protocol = protocol.Default()
		}
		if c.change != nil {
			c.change(&s.Incident)
		}
		got := c.text(s)
		if prefix := strings.HasSuffix(c.want, "\n") || strings.HasSuffix(c.want, "• "); got != c.want && (!prefix || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %q\nwant %q", name, got, c.want)
		}
	}
}
