package postmortem_test

import (
	"strings"
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

// Where labels stand in the place of headings, what is below a heading in a label's section belongs to it as well.
func TestMergeHeadingsBelowLabels(t *testing.T) {
	fields, _ := postmortem.Template("fields")
	for name, text := range map[string]string{
		"a heading": "The queue had no limit.\n\n### Why\n\nNobody had tried it full.", "at the start": "### Why\n\nThe queue had no limit.",
	} {
		t.Run(name, func(t *testing.T) {
			for _, section := range []postmortem.Section{postmortem.Lead, postmortem.RootCauses} {
				for style, rendered := range map[string]postmortem.Style{"fields": fields, "flat": postmortem.Flat()} {
					d := mergeDraft()
					d.Sections[postmortem.RootCauses] = "Something."
					d.Sections[section] = text
					base := d.Render(rendered)
					theirs := edited(t, base, "The queue had no limit.", "The queue had no bound.")
					takeOver(&d, postmortem.Merge(base, base, theirs).Changes())
					if want := edited(t, text, "limit", "bound"); d.Sections[section] != want {
						t.Errorf("%s, %s: Slack has %q, want %q", style, section, d.Sections[section], want)
					}
					if now := d.Render(rendered); now != theirs {
						t.Errorf("%s, %s: it becomes\n%s", style, section, now)
					}
				}
			}
		})
	}
}

// What was typed on GitHub in several sections is known in each, though a new heading gives the others another number.
func TestMergeSpellsSectionsBelowANewHeading(t *testing.T) {
	d := mergeDraft()
	base := d.Render(postmortem.Flat())
	theirs := edited(t, base, "## Impact", "## Note\n\nSomething.\n\n## Impact", "All shops, thirty minutes.", "See {{ a }}.\n\nAbove\n===\n\nSee {{ b }}.",
		"The queue had no limit.\n\nNobody had tried it full.", "See {{ c }}.\n\nBelow\n===\n\nSee {{ b }}.")
	takeOver(&d, postmortem.Merge(base, base, theirs).Changes())
	d.Sections[postmortem.Detection] = "An alert."
	m := postmortem.Merge(base, d.Render(postmortem.Flat()), theirs)
	if want := edited(t, theirs, postmortem.Detection.Prompt(), "An alert."); m.Text != want || len(m.Conflicts) > 0 {
		t.Errorf("%d questions and\n%s", len(m.Conflicts), m.Text)
	}
	if got := m.Changes(); len(got.Sections) > 0 || len(got.Entries) > 0 {
		t.Errorf("taken over again: %+v", got)
	}
}

// A comment that somebody writes on GitHub stays in the file, also after Slack changed what stands beside it.
func TestMergeKeepsComments(t *testing.T) {
	d := mergeDraft()
	base := d.Render(postmortem.Flat())
	theirs := edited(t, base, "All shops, thirty minutes.", "All shops, {{ thirty }} minutes.\n\n<!-- ask the shops -->\n\nAnd more.")
	takeOver(&d, postmortem.Merge(base, base, theirs).Changes())
	m := postmortem.Merge(base, d.Render(postmortem.Flat()), theirs)
	if m.Text != theirs || len(m.Conflicts) > 0 || len(m.Changes().Sections) > 0 {
		t.Fatalf("%d questions, %v and\n%s", len(m.Conflicts), m.Changes(), m.Text)
	}
	d.Sections[postmortem.Impact] = "Most shops.\n\nAnd more."
	m = postmortem.Merge(m.Base, d.Render(postmortem.Flat()), m.Text)
	if want := edited(t, theirs, "All shops, {{ thirty }} minutes.", "Most shops."); m.Text != want || len(m.Conflicts) > 0 {
		t.Errorf("%d questions and\n%s", len(m.Conflicts), m.Text)
	}
	if apart := postmortem.Apart(m.Text, d.Render(postmortem.Flat()), nil); len(apart) > 0 {
		t.Errorf("said to be on GitHub alone: %q", apart)
	}
}

// A heading of whatever size or form that is typed on GitHub, in whatever template, is there once and no question, and what
// Slack says next comes beside it.
func TestMergeHeadingsInEveryTemplate(t *testing.T) {
	for _, name := range postmortem.Templates() {
		style, _ := postmortem.Template(name)
		for _, heading := range []string{"# Big", "### Big", "Big\n---"} {
			for _, at := range []string{"Nobody could pay for half an hour.", "All shops, thirty minutes.", "Nobody had tried it full."} {
				for _, text := range []string{heading + "\n\n" + at, at + "\n\n" + heading + "\n\nMore.", heading + "\n\nMore.", heading} {
					d := mergeDraft()
					base := d.Render(style)
					if !strings.HasPrefix(text, at) && !strings.Contains(base, "\n\n"+at) {
						continue // behind a label it is no heading
					}
					theirs := edited(t, base, at, text)
					takeOver(&d, postmortem.Merge(base, base, theirs).Changes())
					m := postmortem.Merge(base, d.Render(style), theirs)
					if m.Text != theirs || len(m.Conflicts) > 0 {
						t.Errorf("%s, %q for %q: %d questions, Slack has %q, and\n%s", name, text, at, len(m.Conflicts), d.Sections, m.Text)
					}
					d.Sections[postmortem.Detection] = "An alert."
					n := postmortem.Merge(m.Base, d.Render(style), m.Text)
					if want := edited(t, theirs, postmortem.Detection.Prompt(), "An alert."); n.Text != want || len(n.Conflicts) > 0 {
						t.Errorf("%s, %q for %q: later %d questions and\n%s", name, text, at, len(n.Conflicts), n.Text)
					}
				}
			}
		}
	}
}
