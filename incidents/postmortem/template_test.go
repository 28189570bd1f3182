package postmortem_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents/postmortem"
)

// weir is an invented incident as a team would write it up in the end.
func weir(t testing.TB) postmortem.Draft {
	at := func(hour, minute int) time.Time { return time.Date(2025, 6, 11, hour, minute, 0, 0, time.UTC) }
	return postmortem.Draft{
		Title: "Lock gates did not open", Category: "deployments", Zone: zone(t, "Europe/Berlin"),
		Sections: map[postmortem.Section]string{
			postmortem.Lead:       "For 50 minutes no boat could pass the locks of the upper canal, because the gates waited for a sensor that was not there.",
			postmortem.Impact:     "41 boats waited in front of closed gates, some of them for 50 minutes. Nobody was in danger.",
			postmortem.RootCauses: "The list of sensors is read from two files. The update changed one of them, and the gates wait for every sensor on either list:\n\n```yaml\nsensors: [upper, lower, weir]\n```\n\nNo test reads both files.",
			postmortem.Trigger:    "The update of the gate control to version 7.",
			postmortem.Detection:  "The alert *gate waits longer than 10 minutes* came at 14:12. Two skippers had called before.",
			postmortem.Resolution: "- Took the sensor off the second list.\n- Restarted the gate control.",
			postmortem.Lessons:    "A list that lies in two files is two lists.",
			postmortem.WentWell:   "- The lock keepers opened the small gates by hand.\n- The alert worked.",
			postmortem.WentWrong:  "The update was tried on a canal that has no weir.",
			postmortem.GotLucky:   "It was a Wednesday in June and the canal was quiet.",
		},
		Actions: []postmortem.ActionItem{
			{Text: "Read the sensors from [one file].", Link: "https://cards.example.org/c/17"},
			{Text: "Try updates on a canal with a weir.", Link: "https://cards.example.org/c/18", Done: true},
			{Text: "Tell skippers within ten minutes"},
		},
		Timeline: []postmortem.Entry{
			{At: at(11, 55), Text: "The update of the gate control began"},
			{At: at(12, 2), Text: "A skipper called: gate 3 stays closed"},
			{At: at(12, 12), Text: "The alert *gate waits longer than 10 minutes* fired"},
			{At: at(12, 20), Until: at(12, 40), Text: "We compared the lists of sensors, see [the notes](https://wiki.example.org/weir)"},
			{At: at(12, 45), Text: "Restarted the gate control. All gates opened"},
		},
	}
}

// TestTemplates writes the incident in every template. The files are there to be read; Parse reads the same facts in all.
func TestTemplates(t *testing.T) {
	draft := weir(t)
	for _, name := range postmortem.Templates() {
		style, ok := postmortem.Template(name)
		if !ok {
			t.Fatalf("no template %q", name)
		}
		text := draft.Render(style)
		golden(t, "template-"+name+".md", text)
		p := read(t, "2025-06-11-lock-gates.md", text)
		if got := postmortem.Render(p, p.Style); got != text {
			t.Errorf("%s: read and written again (-was +is)\n%s", name, cmp.Diff(text, got))
		}
		if got := postmortem.Render(p, style); got != text {
			t.Errorf("%s: read and written in its template again (-was +is)\n%s", name, cmp.Diff(text, got))
		}
		sameFacts(t, name, draft, p)
		for _, other := range postmortem.Templates() {
			in, _ := postmortem.Template(other)
			if got, want := postmortem.Render(p, in), draft.Render(in); got != want {
				t.Errorf("from %s to %s (-drafted +written)\n%s", name, other, cmp.Diff(want, got))
			}
		}
	}
}

// sameFacts compares what was read with what was known.
func sameFacts(t *testing.T, name string, d postmortem.Draft, p postmortem.Post) {
	t.Helper()
	if p.Title != "Post-mortem: "+d.Title || p.Date != "2025-06-11" || p.Zone != "Europe/Berlin" || p.FrontMatter.Get("category") != d.Category {
		t.Errorf("%s: title %q, date %s, zone %s, %v", name, p.Title, p.Date, p.Zone, p.FrontMatter)
	}
	sections := map[postmortem.Section]string{}
	for _, s := range p.Sections {
		switch s.Kind {
		case postmortem.Timeline, postmortem.ActionItems, postmortem.Day:
		default:
			sections[s.Kind] = strings.TrimSpace(sections[s.Kind] + "\n" + s.Markdown)
		}
	}
	if diff := cmp.Diff(d.Sections, sections); diff != "" {
		t.Errorf("%s: sections (-known +read)\n%s", name, diff)
	}
	if diff := cmp.Diff(d.Timeline, p.Timeline); diff != "" {
		t.Errorf("%s: timeline (-known +read)\n%s", name, diff)
	}
	var known, actions []string
	for _, a := range d.Actions {
		known = append(known, strings.Trim(a.Text, ".")+a.Link)
	}
	for i, a := range p.ActionItems {
		actions = append(actions, strings.Trim(a.Text, ".")+a.Link)
		if a.Done != d.Actions[i].Done {
			t.Errorf("%s: %q is done: %t", name, a.Text, a.Done)
		}
	}
	if diff := cmp.Diff(known, actions); diff != "" {
		t.Errorf("%s: action items (-known +read)\n%s", name, diff)
	}
}
