package chat_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/storage"
)

// room is a Desk with a real store, a clock that stands still, and two people.
type room struct {
	*testing.T
	desk    *chat.Desk
	service *incidents.Service
	now     time.Time
	events  int
}

func newRoom(t *testing.T) *room {
	t.Helper()
	return newGuidedRoom(t, nil)
}

// newGuidedRoom is a room in which incidents follow a protocol.
func newGuidedRoom(t *testing.T, p *incidents.Protocol) *room {
	t.Helper()
	store, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "watchbell.db"), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	r := &room{T: t, now: time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return r.now }
	r.service = incidents.NewService(store, incidents.Options{Now: clock, OnlyProcess: true, Protocol: p})
	r.desk = chat.NewDesk(r.service, chat.DeskOptions{
		Command: "/incident", Reaction: "pushpin", Now: clock,
		Drills: []chat.Drill{{Name: "first-night", Title: "The queue", Lines: []incidents.DrillLine{{After: time.Minute, Who: "Ben", Text: "It burns"}}}},
		Zone: func(_ context.Context, user string) *time.Location {
			if user == "UBEN" {
				return berlin
			}
			return time.UTC
		},
	})
	return r
}

// said types a verb and returns what the person reads.
func (r *room) said(user, channel, text string) chat.Reply {
	r.Helper()
	r.events++
	reply, err := r.desk.Said(r.Context(), chat.Said{
		Event: fmt.Sprint("command/", r.events), User: user, Channel: channel, Text: text,
	})
	if err != nil {
		r.Fatalf("%s: %v", text, err)
	}
	return reply
}

// reads checks what a person reads.
func (r *room) reads(reply chat.Reply, parts ...string) chat.Reply {
	r.Helper()
	if reply.Message == nil {
		r.Fatal("there is no answer")
	}
	for _, part := range parts {
		if !strings.Contains(reply.Message.Text, part) {
			r.Errorf("the answer does not say %q:\n%s", part, reply.Message.Text)
		}
	}
	return reply
}

// press presses the button of a reply that has this label.
func (r *room) press(user, channel string, reply chat.Reply, label string) chat.Reply {
	r.Helper()
	for _, b := range reply.Message.Blocks {
		for _, button := range b.Buttons {
			if strings.Contains(button.Label, label) {
				r.events++
				pressed, err := r.desk.Pressed(r.Context(), chat.Pressed{
					Event: fmt.Sprint("press/", r.events), User: user, Channel: channel, Action: button.Action, Value: button.Value,
				})
				if err != nil {
					r.Fatal(err)
				}
				return pressed
			}
		}
	}
	r.Fatalf("there is no button %q in %+v", label, reply.Message)
	return chat.Reply{}
}

// open declares an incident and opens its channel, as the relay would.
func (r *room) open(title, channel string) {
	r.Helper()
	r.reads(r.said("UANA", "CTEAM", "declare "+title), "is declared")
	r.channelOpens(channel)
}

// channelOpens opens the channel of what was declared last.
func (r *room) channelOpens(channel string) {
	r.Helper()
	leased, _, err := r.service.Lease(r.Context(), 10)
	if err != nil {
		r.Fatal(err)
	}
	for _, d := range leased {
		o := incidents.Outcome{Verdict: incidents.Delivered, Receipt: incidents.Receipt{ID: channel}}
		if d.Kind == incidents.KindChannel {
			o.Channel = incidents.Channel{ID: channel, Name: "inc"}
		}
		if err := r.service.Settle(r.Context(), d, o); err != nil {
			r.Fatal(err)
		}
	}
}

func (r *room) timeline(number int) []string {
	r.Helper()
	snap, err := r.service.Snapshot(r.Context(), number)
	if err != nil {
		r.Fatal(err)
	}
	var lines []string
	for _, e := range snap.Entries {
		lines = append(lines, e.At.Format("15:04 ")+e.Text)
	}
	return lines
}

func TestTimeIsReadInTheWritersZone(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.reads(r.said("UBEN", "C1", "log 12:05 the queue is stuck"), "11:05 UTC = 12:05 CET", "first of 2 entries")
	r.reads(r.said("UBEN", "C1", "log 12:05 UTC typed ahead"), ":x:", "still ahead")
	r.reads(r.said("UBEN", "C1", "log -10m ten minutes ago"), "11:50 UTC = 12:50 CET", "second of 3 entries")
	want := "11:05 the queue is stuck|11:50 ten minutes ago|12:00 We declared the incident"
	if got := strings.Join(r.timeline(1), "|"); got != want {
		t.Errorf("timeline\n%s, want\n%s", got, want)
	}
}

func TestTimeAheadIsAsked(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UANA", "C1", "log 23:50 backups failed"), ":x:", "log 23:50 backups failed")
	r.reads(r.press("UANA", "C1", asked, "I mean yesterday"), "16/03/2026 23:50 UTC", "first of 2 entries")
	meant := r.reads(r.said("UANA", "C1", "log 13:00 the maintenance ends"), ":x:")
	r.reads(r.press("UANA", "C1", meant, "I do mean"), "13:00 UTC", "third of 3 entries")
	if n := len(r.timeline(1)); n != 3 {
		t.Errorf("%d entries", n)
	}
}

func TestWhichIncident(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	r.open("search is slow", "C2")
	asked := r.reads(r.said("UANA", "CTEAM", "log restarted the index"), ":x:", "Which incident", "log restarted the index")
	r.reads(r.press("UANA", "CTEAM", asked, "#1 checkout"), "timeline of #1")
	r.reads(r.said("UANA", "CTEAM", "log #2 restarted the index"), "timeline of #2")
	r.reads(r.said("UANA", "CTEAM", "#2 log again"), "timeline of #2")
	r.reads(r.said("UANA", "CTEAM", "log once more #2"), "timeline of #2")
	r.reads(r.said("UANA", "C1", "log see ticket #2"), "timeline of #1")
	r.reads(r.said("UANA", "CTEAM", "show #77"), ":x: There is no incident #77.")
	if got := r.timeline(2); got[len(got)-1] != "12:00 once more" {
		t.Error(got)
	}
	if got := r.timeline(1); got[len(got)-1] != "12:00 see ticket #2" {
		t.Error("inside a channel, a number at the end is text", got)
	}
}

func TestRefusalsOfferBackWhatWasTyped(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	long := strings.Repeat("very ", 60) + "broken"
	for text, parts := range map[string][]string{
		"declrae checkout is down":     {"I do not know the verb", "`/incident declare`"},
		"log":                          {"nothing to add", "log 14:05"},
		"severity awful":               {"is not a severity", "severity downtime"},
		"status finished":              {"is not a status", "status identified"},
		"role ops":                     {"Nobody is named for Ops", "role ops"},
		"role captain me":              {"is not a role", "lead"},
		"lead @ana":                    {"I cannot tell who", "pick the person"},
		"draft blame it was them":      {"is not a section", "`impact`"},
		"draft impact":                 {"nothing to write into impact"},
		"resolve soon":                 {"is not a time", "resolve 14:05"},
		"log 25:99 x":                  {":x:"},
		"declare " + long:              {"306 characters and 200 is the most", "very very"},
		"action":                       {"needs a sentence"},
		"log 31/02/2026 12:00 nothing": {":x:"},
	} {
		reply := r.reads(r.said("UANA", "C1", text), parts...)
		if !strings.HasPrefix(reply.Message.Text, ":x: ") {
			t.Errorf("%s: a refusal begins with :x:, not %q", text, reply.Message.Text)
		}
		if strings.Contains(text, " ") && !strings.Contains(reply.Message.Text, strings.TrimSpace(text)) {
			t.Errorf("%s: what was typed is gone from\n%s", text, reply.Message.Text)
		}
	}
	if n := len(r.timeline(1)); n != 1 {
		t.Errorf("a refusal wrote into the timeline: %q", r.timeline(1))
	}
	r.reads(r.press("UANA", "CTEAM", r.said("UANA", "CTEAM", "declare "+long), "shortened"), "Incident #2 is declared")
	r.reads(r.press("UANA", "C1", r.said("UANA", "C1", "role ops"), "I take it"), "<@UANA> has the role *Ops*")
}

func TestSameEventIsAnsweredTheSame(t *testing.T) {
	r := newRoom(t)
	said := chat.Said{Event: "command/x", User: "UANA", Channel: "CTEAM", Text: "declare checkout is down"}
	first, err := r.desk.Said(t.Context(), said)
	if err != nil {
		t.Fatal(err)
	}
	second, err := r.desk.Said(t.Context(), said)
	if err != nil || first.Message.Text != second.Message.Text {
		t.Errorf("%v\n%s\n%s", err, first.Message.Text, second.Message.Text)
	}
	r.reads(r.said("UANA", "CTEAM", "show #2"), "There is no incident #2")
}

func TestBackfillFollowsThePersonInTheConversation(t *testing.T) {
	r := newRoom(t)
	r.reads(r.said("UANA", "CTEAM", "backfill Staging was unavailable"), "past incident #1")
	r.reads(r.said("UANA", "CTEAM", "log 20/06/2023 12:32 We deleted it"), "20/06/2023 12:32 UTC", "first of 1 entry")
	r.reads(r.said("UANA", "CTEAM", "log 12:43 We noticed"), "20/06/2023 12:43 UTC")
	r.reads(r.said("UBEN", "CTEAM", "log 12:43 hello"), "Which incident")
	r.reads(r.said("UANA", "CTEAM", "close"), "is closed")
	r.reads(r.said("UANA", "CTEAM", "log more"), ":x:")
}

func TestActionArguments(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for text, want := range map[string]incidents.Action{
		"rotate the keys <@UBEN|ben> by 2026-12-01":       {Text: "rotate the keys", Owner: "UBEN", Due: day(2026, 12, 1)},
		"rotate the keys by friday":                       {Text: "rotate the keys", Due: day(2026, 3, 20)},
		"stop the bleed by restarting":                    {Text: "stop the bleed by restarting"},
		"read <https://x.io/a|the docs> first":            {Text: "read [the docs](https://x.io/a) first"},
		"fix it link <https://x.io/1> <@UBEN>":            {Text: "fix it", Owner: "UBEN", Link: "https://x.io/1"},
		"ask <@UANA> about `a  b` &amp; &lt;c&gt;":        {Text: "ask the incident manager about `a  b` & <c>"},
		"improve [alerting](<https://x.io/2>) for errors": {Text: "improve [alerting](https://x.io/2) for errors"},
	} {
		r.now = r.now.Add(5 * time.Minute)
		r.reads(r.said("UANA", "C1", "action "+text), "is noted")
		in, err := r.service.Incident(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		got := in.Actions[len(in.Actions)-1]
		if got.Text != want.Text || got.Owner != want.Owner || !got.Due.Equal(want.Due) || got.Link != want.Link {
			t.Errorf("%s:\n%+v, want\n%+v", text, got, want)
		}
	}
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func TestFormsSayWhatIsWrongInPlace(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	send := func(verb string, values map[string]string) chat.Reply {
		r.events++
		reply, err := r.desk.Submitted(t.Context(), chat.Submitted{
			Event: fmt.Sprint("form/", r.events), User: "UBEN", Verb: verb, Values: values,
			Context: chat.FormContext{Incident: 1, Channel: "C1"},
		})
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	for verb, c := range map[string]struct {
		values map[string]string
		field  string
	}{
		"declare":  {map[string]string{"title": " ", "severity": ""}, "title"},
		"log":      {map[string]string{"text": "x", "time": "25:00"}, "time"},
		"status":   {map[string]string{"status": "", "text": ""}, "status"},
		"severity": {map[string]string{"severity": ""}, "severity"},
		"action":   {map[string]string{"text": "x", "link": "nowhere"}, "link"},
		"resolve":  {map[string]string{"time": "23:59"}, "time"},
	} {
		if reply := send(verb, c.values); reply.Errors[c.field] == "" {
			t.Errorf("%s: no word at the field %s: %+v", verb, c.field, reply)
		}
	}
	if reply := send("resolve", map[string]string{"time": "11:00 UTC"}); !strings.Contains(reply.Errors["time"], "before the incident began") {
		t.Errorf("resolved before it began: %+v", reply)
	}
	r.reads(send("log", map[string]string{"text": "the queue is stuck", "time": "12:05"}), "11:05 UTC = 12:05 CET")
	r.reads(send("role", map[string]string{"lead": "UBEN", "ops": "UANA", "communications": ""}), "<@UBEN> has", "<@UANA> has")
	r.reads(send("draft", map[string]string{"impact": "34 minutes", "lead": ""}), "Written into the post")
	in, err := r.service.Incident(t.Context(), 1)
	if err != nil || in.Sections[incidents.SectionImpact] != "34 minutes" || in.Holder(incidents.Lead) != "UBEN" {
		t.Errorf("%v %+v", err, in)
	}
}

func TestNobodyCanPingThroughTheBot(t *testing.T) {
	r := newRoom(t)
	r.open("&lt;!channel&gt; @here *bold* checkout", "C1")
	for _, text := range []string{
		"log &lt;!channel&gt; and <!here> and @everyone and <@UBEN|ben>", "action ask <!channel|channel> @here", "draft impact <!everyone>",
		"status identified <!here> is broken", "nonsense<!channel>",
	} {
		r.said("UANA", "C1", text)
	}
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	summary := chat.Summary(snap)
	shown := []chat.Message{
		chat.Announcement(snap), summary, *r.said("UANA", "C1", "timeline").Message, *r.said("UANA", "C1", "actions").Message,
		*r.said("UANA", "C1", "list").Message, *r.said("UANA", "C1", "log 99:99 <!channel> @here").Message,
	}
	for _, m := range shown {
		all := m.Text
		for _, b := range m.Blocks {
			if b.Kind != chat.Header {
				all += b.Text
			}
		}
		for _, ping := range []string{"<!channel", "<!here", "<!everyone", "@here", "@channel", "@everyone"} {
			if strings.Contains(all, ping) && !strings.Contains(all, "```") {
				t.Errorf("%q gets through:\n%s", ping, all)
			}
		}
	}
}

func TestHelpKnowsEveryVerb(t *testing.T) {
	r := newRoom(t)
	all := r.said("UANA", "CTEAM", "help all").Message.Text
	short := r.said("UANA", "CTEAM", "help").Message.Text
	for _, name := range strings.Fields("declare backfill log timeline status mitigated severity lead role action actions resolve calloff reopen close draft postmortem show list find drill join help") {
		if !strings.Contains(all, "`"+name) {
			t.Errorf("help leaves out %s", name)
		}
		if !strings.Contains(short, "`"+name) {
			t.Errorf("the first help does not name %s", name)
		}
		r.reads(r.said("UANA", "CTEAM", "help "+name), "`/incident "+name, "For example")
	}
	if n := len([]rune(short)); n > 2_000 {
		t.Errorf("the first help has %d characters; that is too long for a phone:\n%s", n, short)
	}
	if strings.Contains(short, "`take") || strings.Contains(short, "`fine") {
		t.Error("help names verbs that only buttons know what to say with")
	}
	r.reads(r.said("UANA", "CTEAM", ""), "What I understand")
	r.reads(r.said("UANA", "CTEAM", "help lgo"), "The nearest are `/incident log`")
}

func TestDrillIsMarkedAndLeftOutOfLists(t *testing.T) {
	r := newRoom(t)
	r.reads(r.said("UANA", "CTEAM", "drill nosuch"), ":x:", "There are `first-night`")
	r.reads(r.said("UANA", "CTEAM", "drill"), "DRILL · ", "begins as #1")
	r.reads(r.said("UANA", "CTEAM", "log #1 we look"), "DRILL · Logged")
	r.reads(r.said("UANA", "CTEAM", "severity #1 awful"), ":x: DRILL · ")
	r.reads(r.said("UANA", "CTEAM", "list"), "There is no open incident")
	r.reads(r.said("UANA", "CTEAM", "list drills"), "*#1* The queue")
	r.reads(r.said("UANA", "CTEAM", "log hello"), "There is no incident here")
	snap, err := r.service.Snapshot(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{chat.Summary(snap).Text, chat.Topic(snap), chat.Invitation(snap).Text, chat.DrillLine(incidents.DrillLine{Who: "Ben", Text: "<!here>"}).Text} {
		if !strings.HasPrefix(text, "DRILL · ") {
			t.Errorf("not marked: %s", text)
		}
	}
}

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

// A line of the log is answered the same whether the incident had to be read for it or not.
func TestLogInChannelKnowsItsIncident(t *testing.T) {
	r := newRoom(t)
	r.open("Checkout is down", "C1")
	r.reads(r.said("UANA", "C1", "log restarted the queue"), "Logged at", "of #1")
	r.reads(r.said("UANA", "C1", "log 12:00 restarted the queue"), "Logged at 12:00 UTC")
	r.said("UANA", "C1", "resolve")
	r.said("UANA", "C1", "close")
	for _, line := range []string{"log it is over", "log 12:00 it is over"} {
		if said := r.said("UANA", "C1", line).Message.Text; !strings.HasPrefix(said, ":x: Incident #1 is closed.") {
			t.Errorf("%s: %s", line, said)
		}
	}
	r.said("UANA", "C9", "drill first-night")
	r.channelOpens("C2")
	r.reads(r.said("UANA", "C2", "log restarted the queue"), "DRILL · Logged at", "of #2")
	r.said("UANA", "C2", "resolve")
	r.said("UANA", "C2", "close")
	r.reads(r.said("UANA", "C2", "log it is over"), ":x: DRILL · Incident #2 is closed.")
}

// Slack makes a link of an address that somebody types; a title is read by people, and says what they typed.
func TestTitleSaysAddressesAsTyped(t *testing.T) {
	r := newRoom(t)
	r.reads(r.said("UANA", "CTEAM", "declare <http://shop.example.org|shop.example.org> is down &amp; slow, see <https://example.org/a?b=1&amp;c=2>"),
		"*shop.example.org is down &amp; slow, see https:", "//example.org/a?b=1&amp;c=2*")
	r.reads(r.said("UANA", "CTEAM", "backfill The <https://example.org/search|search> was &lt;slow&gt; for <@UBEN>"), "*The search was &lt;slow&gt; for someone*")
}

// A refusal names what it does not know, but never at such a length that the way out is cut off.
func TestRefusalsOfLongWordsSayWhatToDo(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	long := strings.Repeat("x", 4000)
	for text, want := range map[string]string{
		"severity ": "`/incident severity downtime`", "status ": "`/incident status monitoring`", "postmortem &lt;b&gt; ": "“&lt;b&gt; xxx", "role ": "roles are lead",
	} {
		reply := r.reads(r.said("UANA", "C1", text+long), want, "You typed:")
		if n := len(reply.Message.Blocks[0].Text); n > 3000 {
			t.Errorf("%s is refused with %d characters in one block", text, n)
		}
	}
}

// Who mistypes a verb, or writes what happened without one, need not type it again.
func TestUnknownVerbsAreOneButtonAway(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	slip := r.reads(r.said("UANA", "C1", "lgo 11:50 restarted &lt;the&gt; queue"), ":x: I do not know the verb “lgo”", "`/incident log`", "You typed:")
	r.reads(r.press("UANA", "C1", slip, "/incident log 11:50 restarted <the> queue"), "Logged at 11:50 UTC")
	if m := r.said("UANA", "C1", "we are back").Message; len(m.Blocks[1].Buttons) != 1 {
		t.Errorf("“we” is no slip: %+v", m.Blocks[1].Buttons)
	}
	none := r.reads(r.said("UANA", "C1", "restarted the queue, waiting"), ":x: I do not know the verb “restarted”")
	r.reads(r.press("UANA", "C1", none, "to the timeline"), "Logged at 12:00 UTC")
	r.reads(r.press("UANA", "C1", none, "to the timeline"), "Logged at 12:00 UTC")
	if got := r.timeline(1); len(got) != 3 || got[0] != "11:50 restarted <the> queue" || got[2] != "12:00 restarted the queue, waiting" {
		t.Errorf("the timeline is %q", got)
	}
	for _, piece := range []string{`"`, "\n", `\`, "&amp;", "<@U2|b>", "é\u2028"} {
		m := r.said("UANA", "C1", "lgo x"+strings.Repeat(piece, 780/len(piece))).Message
		for _, b := range m.Blocks[len(m.Blocks)-1].Buttons {
			if n := len(b.Value); n > 2000 {
				t.Errorf("a button with %q has a value of %d bytes, which Slack refuses", piece, n)
			}
		}
	}
	for text, in := range map[string]string{"restarted the queue": "CTEAM", "lgo": "C1", "lgo " + strings.Repeat("x", 1900): "C1"} {
		if m := r.said("UANA", in, text).Message; len(m.Blocks[len(m.Blocks)-1].Buttons) > 0 {
			t.Errorf("%.40s in %s has buttons that cannot help: %+v", text, in, m.Blocks)
		}
	}
}
