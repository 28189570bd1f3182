package postmortem_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// regenerations is how often a post is written anew over what a person changed in it.
const regenerations = 10

// TestTenRegenerationsKeepEveryEdit has a person put one sentence into a place of the post, every place in turn and in every
// template, and the incident go on around it: their sentence stays, and so does all that Slack adds.
func TestTenRegenerationsKeepEveryEdit(t *testing.T) {
	const mark = "A person wrote this."
	for k, name := range postmortem.Templates() {
		style, _ := postmortem.Template(name)
		first := weir(t).Render(style)
		lines := strings.Split(first, "\n")
		for i, line := range lines {
			if k > 0 && i%4 != k%4 {
				continue // every line of the default, some of the others
			}
			places := map[string]string{"behind": line + " " + mark, "below": line + "\n" + mark, "item": line + "\n- " + mark}
			switch {
			case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "```"):
				continue
			case i < 5 && strings.Contains(line, ": "):
				places = map[string]string{"key": line + "\nauthors: " + mark}
			case strings.HasPrefix(line, "#"), strings.HasPrefix(line, "|"), strings.HasPrefix(line, "**"):
				places = map[string]string{"below": line + "\n\n" + mark}
			}
			for n, place := range slices.Sorted(maps.Keys(places)) {
				if len(places) > 1 && n != i%len(places) {
					continue // the places take turns, line by line
				}
				theirs := strings.Join(slices.Concat(lines[:i], []string{places[place]}, lines[i+1:]), "\n")
				regenerate(t, style, first, theirs, mark, rand.New(rand.NewPCG(uint64(i), uint64(n))))
				if t.Failed() {
					t.Fatalf("%s, line %d, %s: %q", name, i+1, place, line)
				}
			}
		}
	}
}

// regenerate writes a post anew, again and again, while its incident goes on.
func regenerate(t *testing.T, style postmortem.Style, agreed, theirs, mark string, r *rand.Rand) {
	t.Helper()
	d := weir(t)
	var said []string
	for n := range regenerations {
		text := fmt.Sprintf("Slack says %d", n)
		switch []string{"entry", "entry", "action", "section"}[r.IntN(4)] {
		case "entry":
			at := d.Timeline[0].At.Add(time.Duration(r.IntN(90)) * time.Minute)
			d.Timeline = append(d.Timeline, postmortem.Entry{At: at, Text: text})
			said = append(said, text)
		case "action":
			d.Actions = append(d.Actions, postmortem.ActionItem{Text: text})
			said = append(said, text)
		case "section":
			s := postmortem.Sections()[r.IntN(len(postmortem.Sections()))]
			d.Sections[s] += "\n\n" + text // it may be the very place, which is asked about then
		}
		m := postmortem.Merge(agreed, d.Render(style), theirs)
		if strings.Count(m.Text, mark) != 1 {
			t.Errorf("after %d regenerations the sentence is there %d times in\n%s", n+1, strings.Count(m.Text, mark), m.Text)
			return
		}
		for _, one := range said {
			if strings.Count(m.Text, one) != 1 && !asked(m, one) {
				t.Errorf("%q is there %d times, and nobody is asked\n%s", one, strings.Count(m.Text, one), m.Text)
				return
			}
		}
		agreed, theirs = m.Base, m.Text
	}
}

func asked(m postmortem.Merged, part string) bool {
	for _, c := range m.Conflicts {
		if strings.Contains(c.Ours, part) {
			return true
		}
	}
	return false
}
