package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// example is a published post, taken apart into what people would type to get it.
type example struct {
	title    string
	sections map[string]string // by the name after "draft"
	actions  []string
	timeline []string // "20/06/2023 12:32 what happened", in order
	post     string   // as it should come out
}

// headings are the example's headings and the sections that they head.
var headings = map[string]string{
	"Impact": "impact", "Root Causes": "root_causes", "Trigger": "trigger", "Detection": "detection",
	"Resolution": "resolution", "Lessons learned": "lessons", "What Went Well?": "went_well",
	"What Went Wrong?": "went_wrong", "Where We Got Lucky": "got_lucky",
}

// readExample reads a post of the corpus beside the module, which is not part of it.
func readExample(t *testing.T, name string) example {
	t.Helper()
	file := filepath.Join("..", "..", "shared", "corpus", name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("the published example is not here, so it cannot be typed: %v", err)
	}
	// The published file lacks the blank line that has to stand before a heading.
	post := strings.Replace(string(text), "\n## Trigger", "\n\n## Trigger", 1)
	e := example{sections: map[string]string{}, post: post}
	_, rest, _ := strings.Cut(post, "title: \"Post-mortem: ")
	e.title, rest, _ = strings.Cut(rest, "\"")
	_, rest, _ = strings.Cut(rest, "---\n")
	parts := strings.Split(rest, "\n## ")
	e.sections["lead"] = strings.TrimSpace(parts[0])
	for _, part := range parts[1:] {
		heading, body, _ := strings.Cut(part, "\n")
		lines := strings.Split(strings.TrimSpace(body), "\n")
		switch {
		case heading == "Action items":
			for _, line := range lines {
				e.actions = append(e.actions, strings.TrimPrefix(line, "- "))
			}
		case strings.HasPrefix(heading, "Timeline"):
			for _, line := range lines {
				when, what, _ := strings.Cut(strings.TrimPrefix(line, "- "), " - ")
				e.timeline = append(e.timeline, when+" "+what)
			}
		default:
			e.sections[headings[heading]] = strings.TrimSpace(body)
		}
	}
	return e
}

// shuffled are the timeline's lines in some order in which those of the same minute keep theirs.
func (e example) shuffled(seed uint64) []string {
	lines := slices.Clone(e.timeline)
	rand.New(rand.NewPCG(seed, 1)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	minute := func(line string) string { return line[:len("20/06/2023 12:32")] }
	inOrder := map[string][]string{}
	for _, line := range e.timeline {
		inOrder[minute(line)] = append(inOrder[minute(line)], line)
	}
	for i, line := range lines {
		m := minute(line)
		lines[i], inOrder[m] = inOrder[m][0], inOrder[m][1:]
	}
	return lines
}

// The facts of a published post-mortem, typed one after the other in Slack, give that post byte for byte.
func TestStoryFirstExample(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			e := readExample(t, "2023-06-20-post-mortem.md")
			if len(e.timeline) != 9 || len(e.actions) != 4 || len(e.sections) != 10 {
				t.Fatalf("the example was not read as expected: %+v", e)
			}
			s := newStory(t, storyOptions{start: time.Date(2023, 6, 21, 8, 0, 0, 0, time.UTC), socket: seed == 1})
			// Dan's zone is UTC, in which the example's times are.
			s.types("dan", "#team", "/incident backfill "+e.title)
			for _, line := range e.shuffled(seed) {
				s.types("dan", "#team", "/incident log "+line)
			}
			for _, line := range e.actions {
				s.types("dan", "#team", "/incident action "+line)
			}
			gap := []string{" ", "\n", "\n\n"}[seed] // people begin the text where they like
			for name, text := range e.sections {
				s.types("dan", "#team", "/incident draft "+name+gap+text)
			}
			s.types("dan", "#team", "/incident postmortem")
			s.quiet()

			post, path := s.post()
			if post != e.post {
				t.Errorf("the post differs from the published one:\n%s", difference(e.post, post))
			}
			if want := "_posts/deployments/2023-06-20-"; !strings.HasPrefix(path, want) {
				t.Errorf("the post is %s, want it to begin with %s", path, want)
			}
			if n := len(s.cards()); n != 0 {
				t.Errorf("%d cards were made", n)
			}
			if made := s.made(); len(made) != 0 {
				t.Errorf("channels were opened: %v", made)
			}
			if told := s.texts("team"); len(told) != 0 {
				t.Errorf("something was announced: %q", told)
			}
			pulls := s.GitHub.Pulls()
			if len(pulls) != 1 || !pulls[0].Draft || !strings.Contains(pulls[0].Body, "Nothing is missing") {
				t.Errorf("want one draft pull request that misses nothing, got %+v", pulls)
			}
		})
	}
}

// difference names the first line in which two texts differ.
func difference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		var left, right string
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		if left != right {
			return fmt.Sprintf("line %d\n  want %q\n  got  %q", i+1, left, right)
		}
	}
	return fmt.Sprintf("%d bytes instead of %d", len(got), len(want))
}
