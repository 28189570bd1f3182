package postmortem_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents/postmortem"
)

// corpus is where published posts lie beside the repository on some machines. They are only read.
const corpus = "../../../shared/corpus"

func readCorpus(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, name))
	if err != nil {
		t.Skipf("no corpus of published posts beside the repository: %v", err)
	}
	return string(text)
}

// TestFirstExample builds the model of the post that this package was asked to write and compares byte for byte. The
// published file lacks the blank line in front of one heading; nothing else may differ.
func TestFirstExample(t *testing.T) {
	want := readCorpus(t, "2023-06-20-post-mortem.md")
	p := parse(t, want)
	want = strings.Replace(want, "\n## Trigger\n", "\n\n## Trigger\n", 1)
	if diff := cmp.Diff(want, p.Render(postmortem.Flat())); diff != "" {
		t.Errorf("the first example came out differently (-published +rendered):\n%s", diff)
	}
	if missing := p.Missing(postmortem.Flat()); len(missing) > 0 {
		t.Errorf("a complete post misses %q", missing)
	}
	path := postmortem.Path("_posts/deployments/{date}-post-mortem.md", p.Timeline[0].At.In(p.Zone), 42, "x")
	if want := "_posts/deployments/2023-06-20-post-mortem.md"; path != want {
		t.Errorf("path %q, want %q", path, want)
	}

	// The same facts typed in another way: the card handed in apart from its sentence, the entries in any order.
	link := regexp.MustCompile(`^(.*)\[(.*)\]\((https://trello[^)]*)\)(.*)$`)
	for i, a := range p.Actions {
		if m := link.FindStringSubmatch(a.Text); m != nil {
			p.Actions[i] = postmortem.ActionItem{Text: m[1] + "[" + m[2] + "]" + m[4], Link: m[3]}
			if m[1] == "" && m[4] == "." {
				p.Actions[i].Text = m[2] + "."
			}
		}
	}
	p.Timeline[0], p.Timeline[4] = p.Timeline[4], p.Timeline[0]
	p.Title = strings.TrimPrefix(p.Title, "Post-mortem: ")
	if diff := cmp.Diff(want, p.Render(postmortem.Flat())); diff != "" {
		t.Errorf("typed in another way it came out differently (-published +rendered):\n%s", diff)
	}
}

// TestSafeLeavesCorpusAlone holds Safe to its promise on every section that people have published.
func TestSafeLeavesCorpusAlone(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	// What Safe is for: template comments, and addresses that the site did not link.
	expected, comments := regexp.MustCompile(`https?://|^---`), regexp.MustCompile(`(?s)<!--.*?-->\n*`)
	sections := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(string(text)[4:], "\n---")
		_, body, _ = strings.Cut(body, "\n")
		for _, section := range regexp.MustCompile(`(?m)^#+ .*\n`).Split(body, -1) {
			section = strings.Trim(section, "\n")
			safe := postmortem.Safe(section)
			sections++
			if again := postmortem.Safe(safe); again != safe {
				t.Errorf("%s: not idempotent:\n%s", filepath.Base(file), cmp.Diff(safe, again))
			}
			section, safe = strings.TrimSpace(comments.ReplaceAllString(section, "")), strings.TrimSpace(safe)
			before, after := strings.Split(section, "\n"), strings.Split(safe, "\n")
			if len(before) != len(after) {
				t.Errorf("%s: %d lines became %d:\n%s", filepath.Base(file), len(before), len(after), cmp.Diff(section, safe))
				continue
			}
			for i := range before {
				if before[i] != after[i] && !expected.MatchString(before[i]) {
					t.Errorf("%s: changed\n%s\nto\n%s", filepath.Base(file), before[i], after[i])
				} else if before[i] != after[i] {
					t.Logf("%s: %q became %q", filepath.Base(file), before[i], after[i])
				}
			}
		}
	}
	t.Logf("%d sections of %d posts", sections, len(files))
}

// parse reads a post of the house's flat shape in the crudest way that will do.
func parse(t *testing.T, text string) postmortem.Draft {
	t.Helper()
	front, body, ok := strings.Cut(strings.TrimPrefix(text, "---\n"), "---\n")
	if !ok {
		t.Fatal("no front matter")
	}
	p := postmortem.Draft{Sections: map[postmortem.Section]string{}, Zone: time.UTC}
	for line := range strings.Lines(front) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		value = strings.Trim(value, `"`)
		switch key {
		case "layout":
			p.Layout = value
		case "title":
			p.Title = value
		case "category":
			p.Category = value
		case "author":
			p.Author = value
		}
	}
	for i, block := range strings.Split("\n"+body, "\n## ") {
		heading, content, _ := strings.Cut(block, "\n")
		content = strings.TrimSpace(content)
		switch {
		case i == 0:
			p.Sections[postmortem.Lead] = content
		case heading == "Action items":
			for line := range strings.Lines(content) {
				p.Actions = append(p.Actions, postmortem.ActionItem{Text: strings.TrimPrefix(strings.TrimSpace(line), "- ")})
			}
		case strings.HasPrefix(heading, "Timeline"):
			for line := range strings.Lines(content) {
				stamp, text, _ := strings.Cut(strings.TrimPrefix(strings.TrimRight(line, "\n"), "- "), " - ")
				at, err := time.Parse("02/01/2006 15:04", stamp)
				if err != nil {
					t.Fatal(err)
				}
				p.Timeline = append(p.Timeline, postmortem.Entry{At: at, Text: text})
			}
		default:
			for _, s := range postmortem.Sections() {
				if s.Heading() == heading {
					p.Sections[s] = content
				}
			}
		}
	}
	return p
}
