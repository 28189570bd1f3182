package postmortem_test

import (
	"testing"

	"watchbell/incidents/postmortem"
)

// What stands below a smaller heading in a section belongs to it: an edit beside it on GitHub reaches Slack with all of it.
func TestMergeSectionWithHeadings(t *testing.T) {
	style := postmortem.Flat()
	for name, text := range map[string]string{
		"a heading":    "The queue had no limit.\n\n### Why\n\nNobody had tried it full.\n\n#### And\n- no\n- one",
		"at the start": "### Why\n\nThe queue had no limit.",
		"bold":         "The queue had no limit.\n\n**Why**: nobody had tried it full.\n\n**And**:\n\nno one",
	} {
		t.Run(name, func(t *testing.T) {
			d := mergeDraft()
			d.Sections[postmortem.RootCauses] = text
			base := d.Render(style)
			theirs := edited(t, base, "The queue had no limit.", "The queue had no bound.")
			first := postmortem.Merge(base, base, theirs)
			takeOver(&d, first.Changes())
			if want := edited(t, text, "limit", "bound"); d.Sections[postmortem.RootCauses] != want {
				t.Errorf("Slack has %q, want %q", d.Sections[postmortem.RootCauses], want)
			}
			m := postmortem.Merge(base, d.Render(style), theirs)
			if m.Text != theirs || len(m.Conflicts) > 0 {
				t.Errorf("%d questions and\n%s", len(m.Conflicts), m.Text)
			}
			if apart := postmortem.Apart(m.Text, d.Render(style), nil); len(apart) > 0 {
				t.Errorf("written on GitHub alone: %q", apart)
			}
		})
	}
}

// A heading that people put between the paragraphs of a section takes what is below it away from the section, and nothing
// from the post.
func TestMergeSectionThatIsCutInTwo(t *testing.T) {
	for name, test := range map[string]struct{ old, now, left string }{
		"between":     {"Nobody had tried it full.", "## More about it\n\nNobody had tried it full.", "The queue had no limit."},
		"in front":    {"The queue had no limit.", "# Big\n\nThe queue had no limit.", ""},
		"with a word": {"The queue had no limit.", "# Big\n\nOne word.\n\nThe queue had no limit.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := mergeDraft()
			base := d.Render(postmortem.Flat())
			theirs := edited(t, base, test.old, test.now)
			takeOver(&d, postmortem.Merge(base, base, theirs).Changes())
			if d.Sections[postmortem.RootCauses] != test.left {
				t.Errorf("Slack has %q", d.Sections[postmortem.RootCauses])
			}
			for range 2 {
				m := postmortem.Merge(base, d.Render(postmortem.Flat()), theirs)
				if m.Text != theirs || len(m.Conflicts) > 0 {
					t.Fatalf("%d questions and\n%s", len(m.Conflicts), m.Text)
				}
				base = m.Base
			}
		})
	}
}
