package postmortem_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"watchbell/incidents/postmortem"
)

func TestChanges(t *testing.T) {
	at := func(minute int) time.Time { return mergeDay.Add(time.Duration(minute) * time.Minute) }
	d := mergeDraft()
	base := d.Render(postmortem.Flat())
	for name, test := range map[string]struct {
		theirs func(string) string
		want   postmortem.Changes
	}{
		"nothing": {func(s string) string { return s }, postmortem.Changes{}},
		"a section": {
			func(s string) string { return edited(t, s, "thirty minutes.", "half an hour.\n\n- and then some") },
			postmortem.Changes{Sections: map[postmortem.Section]string{postmortem.Impact: "All shops, half an hour.\n\n- and then some"}},
		},
		"the opening sentence": {
			func(s string) string { return edited(t, s, "Nobody could pay", "No one could pay") },
			postmortem.Changes{Sections: map[postmortem.Section]string{postmortem.Lead: "No one could pay for half an hour."}},
		},
		"text and time of entries": {
			func(s string) string { return edited(t, s, "Restarted the queue", "Restarted it", "09:30", "09:31") },
			postmortem.Changes{Entries: []postmortem.EntryChange{{Of: 3, Text: "Restarted it"}, {Of: 4, At: at(31)}}},
		},
		"an entry more and one less": {
			func(s string) string {
				return edited(t, s, "- 08/07/2026 09:20 - Restarted the queue\n", "- 08/07/2026 09:15 - Looked at the queue, **long**\n")
			},
			postmortem.Changes{Entries: []postmortem.EntryChange{{Text: "Looked at the queue, **long**", At: at(15)}, {Of: 3, Gone: true}}},
		},
		"an entry less": {
			func(s string) string { return edited(t, s, "- 08/07/2026 09:20 - Restarted the queue\n", "") },
			postmortem.Changes{Entries: []postmortem.EntryChange{{Of: 3, Gone: true}}},
		},
		"an entry more": {
			func(s string) string { return s + "- 08/07/2026 09:50 - Slept\n" },
			postmortem.Changes{Entries: []postmortem.EntryChange{{Text: "Slept", At: at(50)}}},
		},
		"action items": {
			func(s string) string {
				return edited(t, s, "- Limit the queue\n", "- [Limit](https://example.org/1) the queue\n- Write a runbook\n", "- Alert on its length\n", "")
			},
			postmortem.Changes{Actions: []postmortem.ActionChange{
				{Of: 1, Text: "[Limit] the queue", Link: "https://example.org/1"}, {Text: "Write a runbook"}, {Of: 2, Gone: true},
			}},
		},
		"a timeline written as a story": {
			func(s string) string {
				return edited(t, s, "- 08/07/2026 09:00 - The alert fired\n- 08/07/2026 09:10 - We declared the incident\n"+
					"- 08/07/2026 09:20 - Restarted the queue\n- 08/07/2026 09:30 - All was well again\n", "First the alert, then the restart.\n")
			},
			postmortem.Changes{Reshaped: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			theirs := test.theirs(base)
			m := postmortem.Merge(base, base, theirs)
			if m.Text != theirs || len(m.Conflicts) > 0 {
				t.Fatalf("merged into\n%s\n%v", m.Text, m.Conflicts)
			}
			got := m.Changes()
			if len(got.Sections) == 0 {
				got.Sections = nil
			}
			if diff := gocmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s\n%s", diff, theirs)
			}
		})
	}
}

// Front matter that no YAML reader takes stays as it is, what is written below it is followed, and the post grows by nothing
// however often it is written anew.
func TestBrokenFrontMatterIsLeftAlone(t *testing.T) {
	for name, breaks := range map[string][]string{
		"a value that does not end": {"title: ", "title: [broken # "},
		"a quote that does not end": {"title: ", "title: \"broken # "},
		"a line without a key":      {"layout: post", "layout post"},
		"a key twice":               {"layout: post", "layout: post\nlayout: page"},
		"no end":                    {"category: deployments\n---\n", "category: deployments\n"},
		"no beginning":              {"---\nlayout", "layout"},
		"nothing left of it":        {"---\nlayout: post", "---\n---\nlayout: post"},
	} {
		t.Run(name, func(t *testing.T) {
			d := mergeDraft()
			agreed := d.Render(postmortem.Flat())
			theirs := edited(t, agreed, append(breaks, "thirty minutes.", "half an hour.")...)
			text := theirs
			for range 4 {
				m := postmortem.Merge(agreed, d.Render(postmortem.Flat()), text)
				for kind, words := range m.Changes().Sections {
					if kind != postmortem.Impact || words != "All shops, half an hour." {
						t.Fatalf("%s is %q", kind, words)
					}
					d.Sections[kind] = words
				}
				m = postmortem.Merge(agreed, d.Render(postmortem.Flat()), text)
				text, agreed = m.Text, m.Base
			}
			if text != theirs {
				t.Errorf("became\n%s", text)
			}
		})
	}
}
