package postmortem_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// takeOver does with a draft what the bot does with what people wrote on GitHub.
func takeOver(d *postmortem.Draft, c postmortem.Changes) {
	for name, text := range c.Sections {
		d.Sections[name] = text
	}
	var kept []postmortem.Entry
	timeline := slices.Clone(d.Timeline)
	slices.SortStableFunc(timeline, func(a, b postmortem.Entry) int { return a.At.Compare(b.At) })
	gone := map[int]bool{}
	for _, e := range c.Entries {
		switch {
		case e.Gone:
			gone[e.Of] = true
		case e.Of == 0:
			kept = append(kept, postmortem.Entry{At: e.At, Until: e.Until, Text: e.Text})
		default:
			if e.Text != "" {
				timeline[e.Of-1].Text = e.Text
			}
			if !e.At.IsZero() {
				timeline[e.Of-1].At, timeline[e.Of-1].Until = e.At, e.Until
			}
		}
	}
	for n, e := range timeline {
		if !gone[n+1] {
			kept = append(kept, e)
		}
	}
	d.Timeline = kept
	for _, a := range c.Actions {
		if a.Of > 0 && !a.Gone {
			d.Actions[a.Of-1] = postmortem.ActionItem{Text: a.Text, Link: a.Link}
		} else if a.Of == 0 {
			d.Actions = append(d.Actions, postmortem.ActionItem{Text: a.Text, Link: a.Link})
		}
	}
}

// odd are texts that people may write on GitHub and that the bot would write in another way.
var odd = map[string]string{
	"liquid": "See {{ site.baseurl }} and {% include x.html %}.", "an address": "See https://example.org/a_b for more.",
	"html": "It was <b>bold</b> & <script>alert(1)</script>.", "options": "We ran kubectl --force --now...", "a pipe": "a | b | c",
	"math": "It costs $$x$$ a day.", "attributes": "Text with a class.\n{: .x}", "abbreviation": "*[X]: y", "options line": "{::options toc=\"1\" /}",
	"a heading": "# Big\n\nText below.", "underlined": "Big\n===\n\nText below.", "a rule": "Above.\n\n---\n\nBelow.",
	"a table": "| a | b |\n|---|---|\n| {{ x }} | 2 |", "nested": "- one {{ x }}\n  - two | three\n    - four\n- five",
	"tilde fence": "~~~ ruby extra\n{{ x }}\n~~~", "fence in a list": "- one\n\n  ```sh\n  a | b {{ x }}\n  ```\n- two", "unclosed": "```\n{{ x }} | a",
	"reference": "See [the log][1].\n\n[1]: https://example.org/{{x}}", "footnote": "Text.[^1]\n\n[^1]: The {{ note }}.",
	"right to left": "\u05e9\u05dc\u05d5\u05dd \u202eabc\u202c {{ x }}", "emoji": "👩‍🚀 :tada: {{x}}", "quote": "> said {{ x }}\n> | more",
	"long": strings.Repeat("word ", 300) + "{{ x }}", "dashes": "Above\nthe words\n---", "link": "[x](javascript:alert(1)) and [y](https://example.org)",
}

// Nobody is asked about a place that only one side changed, however the bot writes what was typed on GitHub.
func TestMergeAsksNothingAboutItsOwnSpelling(t *testing.T) {
	style := postmortem.Flat()
	at := mergeDay.Add(20 * time.Minute)
	for name, text := range odd {
		for where, edit := range map[string]func(_, text string) string{
			"a section":   func(s, text string) string { return edited(t, s, "All shops, thirty minutes.", text) },
			"a paragraph": func(s, text string) string { return edited(t, s, "Nobody had tried it full.", text) },
			"one more": func(s, text string) string {
				return edited(t, s, "Nobody had tried it full.\n", "Nobody had tried it full.\n\n"+text+"\n")
			},
			"in front": func(s, text string) string {
				return edited(t, s, "The queue had no limit.", text+"\n\nThe queue had no limit.")
			},
			"a prompt": func(s, text string) string { return edited(t, s, postmortem.Trigger.Prompt(), text) },
			"the lead": func(s, text string) string { return edited(t, s, "Nobody could pay for half an hour.", text) },
			"an entry": func(s, text string) string { return edited(t, s, "Restarted the queue", text) },
			"the next entry": func(s, text string) string {
				i := strings.Index(s, "- 08/07/2026 09:20")
				return s[:i] + "- 08/07/2026 09:15 - " + text + "\n" + s[i:]
			},
			"an action item": func(s, text string) string { return edited(t, s, "Limit the queue", text) },
			"the next item": func(s, text string) string {
				return edited(t, s, "- Limit the queue\n", "- Limit the queue\n- "+text+"\n")
			},
		} {
			lines, headed := strings.Contains(text, "\n"), name == "a heading" || name == "underlined"
			fits := where == "a section" || lines && where == "one more" || !lines && (where == "the next entry" || where == "the next item")
			if !fits && name != "liquid" && name != "nested" && (!headed || strings.Contains(where, "entry") || strings.Contains(where, "item")) {
				continue // the rest would show the same again
			}
			text := text
			if strings.Contains(where, "entry") || strings.Contains(where, "item") {
				text = oneLine(text)
			}
			if broken := isFenceLine(text) && !strings.Contains(text, "\n"); broken {
				continue // it swallows all below, on the site as well
			}
			t.Run(name+" in "+where, func(t *testing.T) {
				d := mergeDraft()
				base := d.Render(style)
				theirs := edit(base, text)
				first := postmortem.Merge(base, base, theirs)
				takeOver(&d, first.Changes())
				m := postmortem.Merge(base, d.Render(style), theirs)
				if m.Text != theirs || len(m.Conflicts) > 0 {
					t.Fatalf("%d questions and\n%s\nin the place of\n%s", len(m.Conflicts), m.Text, theirs)
				}
				before := d.Render(style)
				takeOver(&d, m.Changes())
				if now := d.Render(style); now != before {
					t.Errorf("taken over again:\n%s\nin the place of\n%s", now, before)
				}
				// Slack goes on elsewhere, then in the same place.
				d.Sections[postmortem.Detection] = "An alert."
				d.Timeline = append(d.Timeline, postmortem.Entry{At: at.Add(time.Hour), Text: "Wrote to customers"})
				n := postmortem.Merge(m.Base, d.Render(style), m.Text)
				want := edited(t, theirs, postmortem.Detection.Prompt(), "An alert.") + "- 08/07/2026 10:20 - Wrote to customers\n"
				if n.Text != want || len(n.Conflicts) > 0 {
					t.Fatalf("later %d questions and\n%s\nwant\n%s", len(n.Conflicts), n.Text, want)
				}
				for section := range d.Sections {
					d.Sections[section] = "Anew: " + string(section)
				}
				for i := range d.Timeline {
					d.Timeline[i].Text = "Anew, entry " + d.Timeline[i].At.Format("15:04")
				}
				last := postmortem.Merge(n.Base, d.Render(style), n.Text)
				if len(last.Conflicts) > 0 {
					t.Fatalf("in the end %d questions, first %+v, and\n%s", len(last.Conflicts), last.Conflicts[0], last.Text)
				}
			})
		}
	}
}

func isFenceLine(text string) bool {
	return strings.HasPrefix(text, "```") || strings.HasPrefix(text, "~~~")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
