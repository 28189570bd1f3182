//go:build jekyll

package postmortem_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// TestJekyllTemplates builds posts with hostile text everywhere in all templates: drafts, and models as somebody may have
// written them by hand, with hostile headings, keys and forms.
func TestJekyllTemplates(t *testing.T) {
	site := t.TempDir()
	if err := os.CopyFS(site, os.DirFS("testdata/site")); err != nil {
		t.Fatal(err)
	}
	start := time.Date(2025, 3, 29, 10, 0, 0, 0, time.UTC)
	pages := map[string]string{}
	put := func(slug, text string) {
		file := filepath.Join(site, "_posts/deployments/2025-03-29-"+slug+".md")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		pages[filepath.Join(site, "_site/2025/03/29", slug, "index.html")] = text
	}
	texts := append([]string{strings.Join(hostile, " "), strings.Join(hostile, "\n")}, hostile...)
	for n, typed := range texts {
		for _, name := range postmortem.Templates() {
			style, _ := postmortem.Template(name)
			d := postmortem.Draft{Title: "T " + typed, Category: "deployments", Author: typed, Sections: map[postmortem.Section]string{}}
			for _, s := range postmortem.Sections() {
				d.Sections[s] = typed
			}
			for i := range 3 {
				d.Actions = append(d.Actions, postmortem.ActionItem{Text: "a " + typed, Link: "https://example.org/c", Owner: typed, Done: i == 1})
				d.Timeline = append(d.Timeline, postmortem.Entry{At: start.Add(time.Duration(i) * time.Minute), Text: "x " + typed})
			}
			put(fmt.Sprintf("draft-%d-%s", n, name), d.Render(style))

			byHand, err := json.Marshal(map[string]any{
				"title": typed, "date": typed, "zone": typed, "front_matter": map[string]string{"layout": "post", "category": "deployments", "note": typed},
				"sections": []map[string]any{
					{"kind": "lead", "markdown": typed}, {"kind": "impact", "heading": "I " + typed, "form": typed, "markdown": typed},
					{"kind": "other", "level": 2, "heading": "O " + typed, "markdown": typed}, {"kind": typed, "level": 7, "heading": typed, "markdown": typed},
				},
				"timeline": d.Timeline, "action_items": d.Actions,
			})
			if err != nil {
				t.Fatal(err)
			}
			var p postmortem.Post
			if err := json.Unmarshal(byHand, &p); err != nil {
				t.Fatal(err)
			}
			put(fmt.Sprintf("hand-%d-%s", n, name), postmortem.Render(p, style))
		}
	}
	build := exec.Command("jekyll", "build", "--strict_front_matter", "--disable-disk-cache")
	build.Dir = site
	if out, err := build.CombinedOutput(); err != nil || strings.Contains(string(out), "Conflict") {
		t.Fatalf("jekyll build: %v\n%s", err, out)
	}
	for file, text := range pages {
		html, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v\n%s", err, text)
			continue
		}
		if problem := visitTemplate(string(html)); problem != "" && failures(t) < 5 {
			t.Errorf("%s: %s\n%s\n%s", filepath.Base(filepath.Dir(file)), problem, text, html)
		}
	}
	t.Logf("%d posts", len(pages))
}

func visitTemplate(page string) string {
	_, body, ok := strings.Cut(page, "<main>")
	if !ok {
		return "the layout is missing"
	}
	// Where line ends became spaces these are places on the site: browsers keep a space.
	if problem := harm(strings.NewReplacer("java script:", "", "/ /evil", "").Replace(body)); problem != "" {
		return problem
	}
	i := strings.LastIndex(body, `<h2 id="timeline`)
	if i < 0 {
		return "no timeline"
	}
	timeline, _, _ := strings.Cut(body[i+1:], "<h") // what follows has lists of its own
	timeline, _, _ = strings.Cut(timeline, `<div class="footnotes"`)
	if n := strings.Count(timeline, "<li"); n != 3 {
		return fmt.Sprintf("%d entries instead of 3", n)
	}
	return ""
}
