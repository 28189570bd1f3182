package postmortem_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchbell/incidents/postmortem"
)

var mergeDay = time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC)

func mergeDraft() postmortem.Draft {
	d := postmortem.Draft{
		Title: "checkout is down", Category: "deployments",
		Sections: map[postmortem.Section]string{
			postmortem.Lead: "Nobody could pay for half an hour.", postmortem.Impact: "All shops, thirty minutes.",
			postmortem.RootCauses: "The queue had no limit.\n\nNobody had tried it full.",
		},
		Actions: []postmortem.ActionItem{{Text: "Limit the queue"}, {Text: "Alert on its length"}},
	}
	for i, text := range []string{"The alert fired", "We declared the incident", "Restarted the queue", "All was well again"} {
		d.Timeline = append(d.Timeline, postmortem.Entry{At: mergeDay.Add(time.Duration(i*10) * time.Minute), Text: text})
	}
	return d
}

// edited is a text with one part replaced, which has to be there.
func edited(t fataler, text string, pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("there is no %q in\n%s", pairs[i], text)
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return text
}

func TestMerge(t *testing.T) {
	line := func(text string, minute int) string {
		d := postmortem.Draft{Timeline: []postmortem.Entry{{At: mergeDay.Add(time.Duration(minute) * time.Minute), Text: text}}}
		rendered := d.Render(postmortem.Flat())
		return rendered[strings.LastIndex(strings.TrimRight(rendered, "\n"), "\n")+1:]
	}
	entry := func(d *postmortem.Draft, minute int, text string) {
		d.Timeline = append(d.Timeline, postmortem.Entry{At: mergeDay.Add(time.Duration(minute) * time.Minute), Text: text})
	}
	for name, test := range map[string]struct {
		ours      func(*postmortem.Draft)
		theirs    func(string) string
		want      func(string) string // of what theirs is
		conflicts []postmortem.Conflict
	}{
		"a word in an entry, and a new entry": {
			ours:   func(d *postmortem.Draft) { entry(d, 5, "Somebody looked") },
			theirs: func(s string) string { return edited(t, s, "Restarted the queue", "Restarted the payment queue") },
			want: func(s string) string {
				return edited(t, s, line("We declared", 10)[:18], line("Somebody looked", 5)+line("We declared", 10)[:18])
			},
		},
		"the text there, the time here": {
			ours:   func(d *postmortem.Draft) { d.Timeline[2].At = mergeDay.Add(25 * time.Minute) },
			theirs: func(s string) string { return edited(t, s, "Restarted the queue", "Restarted it") },
			want:   func(s string) string { return edited(t, s, line("Restarted it", 20), line("Restarted it", 25)) },
		},
		"a new entry of each, at the end": {
			ours:   func(d *postmortem.Draft) { entry(d, 50, "Wrote to customers") },
			theirs: func(s string) string { return s + line("Went for lunch", 45) },
			want:   func(s string) string { return s + line("Wrote to customers", 50) },
		},
		"an entry that moves past one that they added": {
			ours: func(d *postmortem.Draft) { d.Timeline[0].At = mergeDay.Add(35 * time.Minute) },
			theirs: func(s string) string {
				return edited(t, s, line("All was well again", 30), line("Tried it", 28)+line("All was well again", 30))
			},
			want: func(s string) string {
				return edited(t, s, line("The alert fired", 0), "", line("All was well again", 30), line("All was well again", 30)+line("The alert fired", 35))
			},
		},
		"both rewrite one paragraph": {
			ours:   func(d *postmortem.Draft) { d.Sections[postmortem.Impact] = "All shops, forty minutes." },
			theirs: func(s string) string { return edited(t, s, "All shops, thirty minutes.", "All shops but one.") },
			want:   func(s string) string { return s },
			conflicts: []postmortem.Conflict{{
				Section: postmortem.Impact, Heading: "Impact", Lines: 1, Theirs: "All shops but one.", Ours: "All shops, forty minutes.",
			}},
		},
		"rewritten here, removed there": {
			ours:   func(d *postmortem.Draft) { d.Timeline[2].Text = "Restarted the payment queue" },
			theirs: func(s string) string { return edited(t, s, line("Restarted the queue", 20), "") },
			want:   func(s string) string { return s },
			conflicts: []postmortem.Conflict{{
				Section: postmortem.Timeline, Ours: strings.TrimSuffix(line("Restarted the payment queue", 20), "\n"),
			}},
		},
		"removed here, rewritten there": {
			ours:      func(d *postmortem.Draft) { d.Timeline = slices.Delete(d.Timeline, 2, 3) },
			theirs:    func(s string) string { return edited(t, s, "Restarted the queue", "Restarted it twice") },
			want:      func(s string) string { return s },
			conflicts: []postmortem.Conflict{{Section: postmortem.Timeline, Lines: 1, Theirs: strings.TrimSuffix(line("Restarted it twice", 20), "\n")}},
		},
		"both write what nobody had": {
			ours: func(d *postmortem.Draft) { d.Sections[postmortem.Trigger] = "A sale began." },
			theirs: func(s string) string {
				return edited(t, s, postmortem.Trigger.Prompt(), "The sale.\n\nIt began at nine.")
			},
			want: func(s string) string { return s },
			conflicts: []postmortem.Conflict{{
				Section: postmortem.Trigger, Heading: "Trigger", Ours: "A sale began.",
			}},
		},
		"sections of their own": {
			ours: func(d *postmortem.Draft) { d.Sections[postmortem.Trigger] = "A sale began." },
			theirs: func(s string) string {
				return edited(t, s, "Nobody could pay", "No customer could pay", "limit.\n", "limit.\n\n```\nqueue: {}\n\n## no heading\n```\n")
			},
			want: func(s string) string { return edited(t, s, postmortem.Trigger.Prompt(), "A sale began.") },
		},
		"an action item of each": {
			ours: func(d *postmortem.Draft) { d.Actions = append(d.Actions, postmortem.ActionItem{Text: "Try it full"}) },
			theirs: func(s string) string {
				return edited(t, s, "- Limit the queue\n", "- Limit the queue to 100\n- Write a runbook\n")
			},
			want: func(s string) string {
				return edited(t, s, "- Alert on its length\n", "- Alert on its length\n- Try it full\n")
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := mergeDraft()
			base := d.Render(postmortem.Flat())
			test.ours(&d)
			ours, theirs := d.Render(postmortem.Flat()), test.theirs(base)
			m := postmortem.Merge(base, ours, theirs)
			if want := test.want(theirs); m.Text != want {
				t.Errorf("merged into\n%s\nwant\n%s", m.Text, want)
			}
			if len(m.Conflicts) != len(test.conflicts) {
				t.Fatalf("conflicts %+v", m.Conflicts)
			}
			for i, want := range test.conflicts {
				got := m.Conflicts[i]
				if got.Section != want.Section || got.Ours != want.Ours || want.Theirs != "" && got.Theirs != want.Theirs || want.Lines > 0 && got.Lines != want.Lines {
					t.Errorf("conflict %+v, want %+v", got, want)
				}
				there := strings.Split(m.Text, "\n")
				if got.Lines > 0 && strings.Join(there[got.Line-1:got.Line-1+got.Lines], "\n") != got.Theirs && want.Theirs != "" {
					t.Errorf("in line %d stands %q", got.Line, there[got.Line-1])
				}
			}
			// Until somebody changes it, the same conflict stays in the same place, and nothing else changes.
			again := postmortem.Merge(m.Base, ours, m.Text)
			if again.Text != m.Text || len(again.Conflicts) != len(m.Conflicts) || again.Base != m.Base {
				t.Errorf("the next time %d conflicts and\n%s\nwith the base\n%s\nwhich was\n%s", len(again.Conflicts), again.Text, again.Base, m.Base)
			}
			for i := range again.Conflicts {
				if again.Conflicts[i].Key != m.Conflicts[i].Key {
					t.Errorf("the key %q became %q", m.Conflicts[i].Key, again.Conflicts[i].Key)
				}
			}
		})
	}
}

// writers draws what people do to a post, here and there.
type writers struct {
	t *rapid.T
	n int
}

func (w *writers) words(who string) string {
	w.n++
	return fmt.Sprintf("%s wrote %s %d", who, strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"queue", "shops", "alert", "slow", "again"}), 1, 4).Draw(w.t, "words"), " "), w.n)
}

// slack changes what the bot knows.
func (w *writers) slack(d *postmortem.Draft) {
	for range rapid.IntRange(0, 4).Draw(w.t, "changes") {
		switch at := rapid.IntRange(0, max(0, len(d.Timeline)-1)).Draw(w.t, "which"); rapid.SampledFrom([]string{"section", "entry", "text", "time", "remove", "action"}).Draw(w.t, "here") {
		case "section":
			d.Sections[rapid.SampledFrom(postmortem.Sections()).Draw(w.t, "section")] = w.words("slack")
		case "entry":
			d.Timeline = append(d.Timeline, postmortem.Entry{At: mergeDay.Add(time.Duration(rapid.IntRange(0, 60).Draw(w.t, "minute")) * time.Minute), Text: w.words("slack")})
		case "text":
			if len(d.Timeline) > 0 {
				d.Timeline[at].Text = w.words("slack")
			}
		case "time":
			if len(d.Timeline) > 0 {
				d.Timeline[at].At = mergeDay.Add(time.Duration(rapid.IntRange(0, 60).Draw(w.t, "minute")) * time.Minute)
			}
		case "remove":
			if len(d.Timeline) > 0 {
				d.Timeline = slices.Delete(d.Timeline, at, at+1)
			}
		case "action":
			d.Actions = append(d.Actions, postmortem.ActionItem{Text: w.words("slack")})
		}
	}
}

// github changes lines of the file.
func (w *writers) github(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for range rapid.IntRange(0, 4).Draw(w.t, "edits") {
		i := rapid.IntRange(0, len(lines)-1).Draw(w.t, "line")
		switch rapid.SampledFrom([]string{"add", "item", "change", "remove", "append", "blank"}).Draw(w.t, "there") {
		case "add":
			lines = slices.Insert(lines, i, w.words("github")+"\n")
		case "item":
			lines = slices.Insert(lines, i, "- "+w.words("github")+"\n")
		case "change":
			lines[i] = w.words("github") + "\n"
		case "append":
			lines[i] = strings.TrimSuffix(lines[i], "\n") + " " + w.words("github") + "\n"
		case "blank":
			lines = slices.Insert(lines, i, "\n")
		case "remove":
			lines = slices.Delete(lines, i, min(i+1, len(lines)-1))
		}
	}
	return strings.Join(lines, "")
}

// count counts the lines of a text that say something.
func count(text string) map[string]int {
	lines := map[string]int{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines[line]++
		}
	}
	return lines
}

func TestMergeLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &writers{t: t}
		d := mergeDraft()
		base := d.Render(postmortem.Flat())
		agreed, theirs := base, base
		for range rapid.IntRange(1, 3).Draw(t, "rounds") {
			theirs = w.github(theirs)
			w.slack(&d)
			ours := d.Render(postmortem.Flat())
			m := postmortem.Merge(agreed, ours, theirs)
			if same := postmortem.Merge(agreed, ours, theirs); same.Text != m.Text || same.Base != m.Base {
				t.Fatalf("the same merge differs:\n%s\n\n%s", m.Text, same.Text)
			}
			had, has := count(agreed), count(m.Text)
			for line, n := range count(theirs) {
				if strings.Contains(line, "github wrote") && !strings.Contains(m.Text, line[strings.Index(line, "github wrote"):]) {
					t.Fatalf("%q is lost\nBASE\n%s\nOURS\n%s\nTHEIRS\n%s\nMERGED\n%s", line, agreed, ours, theirs, m.Text)
				}
				if had[line] == 0 && has[line] < n && !strings.Contains(line, "wrote") {
					t.Fatalf("%q is lost\nBASE\n%s\nTHEIRS\n%s\nMERGED\n%s", line, agreed, theirs, m.Text)
				}
			}
			known := count(ours)
			for line, n := range count(theirs) {
				known[line] += n
			}
			mixed := strings.Contains(m.Text, "github") && strings.Contains(m.Text, "slack") // an entry's time and text
			for line := range has {
				if known[line] == 0 && !mixed && len(m.Conflicts) == 0 && strings.TrimLeft(line, "- 0123456789:UTC") == line {
					t.Fatalf("nobody wrote %q\nOURS\n%s\nTHEIRS\n%s\nMERGED\n%s", line, ours, theirs, m.Text)
				}
			}
			// What was changed here is there, or asked.
			for line := range count(ours) {
				if i := strings.Index(line, "slack wrote"); i >= 0 && !strings.Contains(m.Text, line[i:]) {
					if !slices.ContainsFunc(m.Conflicts, func(c postmortem.Conflict) bool { return strings.Contains(c.Ours, line[i:]) }) {
						if strings.Contains(agreed, line[i:]) {
							continue // they saw it, and took it out
						}
						t.Fatalf("%q is lost without a word\nBASE\n%s\nOURS\n%s\nTHEIRS\n%s\nMERGED\n%s\n%+v", line, agreed, ours, theirs, m.Text, m.Conflicts)
					}
				}
			}
			for _, x := range []string{theirs} {
				if got := postmortem.Merge(agreed, x, x); got.Text != x || len(got.Conflicts) > 0 {
					t.Fatalf("what both wrote came out otherwise")
				}
				if got := postmortem.Merge(agreed, agreed, x); got.Text != x || len(got.Conflicts) > 0 {
					t.Fatalf("what they wrote alone came out otherwise")
				}
				if got := postmortem.Merge(agreed, x, agreed); got.Text != x || len(got.Conflicts) > 0 {
					t.Fatalf("what we wrote alone came out otherwise: %+v", got.Conflicts)
				}
			}
			agreed, theirs = m.Base, m.Text
		}
	})
}

// TestMergeKept: a conflict that was decided for theirs is a change of theirs, for the incident too, and only that one.
func TestMergeKept(t *testing.T) {
	base := mergeDraft()
	draft := base
	draft.Sections = maps.Clone(base.Sections)
	draft.Sections[postmortem.Impact], draft.Sections[postmortem.Lead] = "Ours of the impact.", "Ours of the lead."
	style := postmortem.Flat()
	theirs := edited(t, base.Render(style), base.Sections[postmortem.Impact], "Theirs of the impact.", base.Sections[postmortem.Lead], "Theirs of the lead.")
	open := postmortem.Merge(base.Render(style), draft.Render(style), theirs)
	if len(open.Conflicts) != 2 || len(open.Changes().Sections) != 0 {
		t.Fatalf("%+v, %+v", open.Conflicts, open.Changes())
	}
	kept := postmortem.Merge(base.Render(style), draft.Render(style), theirs, open.Conflicts[0].Proposal, "another")
	changes := kept.Changes().Sections
	if len(kept.Conflicts) != 1 || kept.Conflicts[0].Key != open.Conflicts[1].Key || len(changes) != 1 || changes[open.Conflicts[0].Section] != open.Conflicts[0].Theirs {
		t.Errorf("%+v, %+v", kept.Conflicts, changes)
	}
	if kept.Text != theirs || open.Text != theirs {
		t.Errorf("theirs became\n%s", kept.Text)
	}
	again := postmortem.Merge(kept.Base, draft.Render(style), theirs)
	if len(again.Conflicts) != 1 {
		t.Errorf("asked again: %+v", again.Conflicts)
	}
}
