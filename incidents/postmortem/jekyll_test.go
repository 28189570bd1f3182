//go:build jekyll

package postmortem_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// TestJekyllBuild builds a small site of posts that hold hostile text everywhere and reads the pages as a visitor would.
func TestJekyllBuild(t *testing.T) {
	site := t.TempDir()
	if err := os.CopyFS(site, os.DirFS("testdata/site")); err != nil {
		t.Fatal(err)
	}
	start := time.Date(2025, 3, 29, 10, 0, 0, 0, time.UTC)
	var all []string // every piece alone, then all together
	all = append(all, hostile...)
	all = append(all, strings.Join(hostile, " "), strings.Join(hostile, "\n"))
	pages := map[string]postmortem.Draft{}
	for n, typed := range all {
		if strings.TrimSpace(postmortem.Escape(typed)) == "" {
			continue
		}
		p := postmortem.Draft{Title: "T " + typed, Category: "deployments", Author: typed, Sections: map[postmortem.Section]string{}}
		for _, s := range postmortem.Sections() {
			p.Sections[s] = typed
		}
		for i := range 3 {
			p.Actions = append(p.Actions, postmortem.ActionItem{Text: postmortem.Escape(typed), Link: "https://example.org/c"})
			p.Timeline = append(p.Timeline, postmortem.Entry{At: start.Add(time.Duration(i) * time.Minute), Text: postmortem.Escape(typed)})
		}
		p.Timeline = append(p.Timeline, postmortem.Entry{At: start.Add(time.Hour), Text: "a | b " + typed})
		slug := fmt.Sprintf("post-%d", n)
		file := filepath.Join(site, postmortem.Path("_posts/deployments/{date}-{slug}.md", start, n, slug))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(p.Render(postmortem.Flat())), 0o644); err != nil {
			t.Fatal(err)
		}
		pages[filepath.Join(site, "_site/2025/03/29", slug, "index.html")] = p
	}
	build := exec.Command("jekyll", "build", "--strict_front_matter", "--disable-disk-cache")
	build.Dir = site
	if out, err := build.CombinedOutput(); err != nil || strings.Contains(string(out), "Conflict") {
		t.Fatalf("jekyll build: %v\n%s", err, out)
	}
	for file, p := range pages {
		html, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%q: %v", p.Title, err)
			continue
		}
		if problem := visit(string(html), p); problem != "" {
			t.Errorf("%q: %s\n%s\n%s", p.Title, problem, p.Render(postmortem.Flat()), html)
		}
	}
	t.Logf("%d posts", len(pages))
}

var entry = regexp.MustCompile(`(?s)^\s*29/03/2025 1\d:\d\d -(.*)$`)

// visit says what is wrong with a page, or nothing.
func visit(page string, p postmortem.Draft) string {
	_, body, ok := strings.Cut(page, "<main>")
	if !ok {
		return "the layout is missing"
	}
	if problem := harm(body); problem != "" {
		return problem
	}
	if strings.Count(body, "<h2") != 11 {
		return "the headings of the post are not the only ones of their level"
	}
	actions, timeline, ok := strings.Cut(body, `id="timeline-times-in-utc"`)
	if !ok {
		return "no timeline"
	}
	_, actions, _ = strings.Cut(actions, `id="action-items"`)
	actions, _, _ = strings.Cut(actions, "<h2")
	if strings.Contains(timeline, "<table") || strings.Contains(actions, "<table") || strings.Contains(timeline, "<h3") {
		return "a table or a heading in a list"
	}
	timeline, _, _ = strings.Cut(timeline, `<div class="footnotes"`)
	if n := strings.Count(timeline, "<li"); n != len(p.Timeline) {
		return fmt.Sprintf("%d entries instead of %d", n, len(p.Timeline))
	}
	if n := strings.Count(actions, "<li"); n != len(p.Actions) {
		return fmt.Sprintf("%d action items instead of %d", n, len(p.Actions))
	}
	typed := squeeze(words(strings.TrimPrefix(p.Title, "T ")))
	for _, item := range strings.Split(timeline, "<li>")[1:4] {
		text, _, _ := strings.Cut(item, "</li>")
		if m := entry.FindStringSubmatch(shown(text)); m == nil || squeeze(m[1]) != typed {
			return fmt.Sprintf("an entry shows %q instead of %q", shown(text), typed)
		}
	}
	return ""
}
