//go:build jekyll

package postmortem_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// TestJekyllLargePost builds the post of a very long incident: a thousand entries in five scripts, two hundred images.
func TestJekyllLargePost(t *testing.T) {
	site := t.TempDir()
	if err := os.CopyFS(site, os.DirFS("testdata/site")); err != nil {
		t.Fatal(err)
	}
	scripts := []string{"Die Bestellung hängt", "Заказ не проходит", "注文が通りません", "الطلب لا يمر", "ऑर्डर नहीं हो रहा"}
	start := time.Date(2025, 3, 29, 10, 0, 0, 0, time.UTC)
	d := postmortem.Draft{Title: "A very long night", Category: "deployments", Sections: map[postmortem.Section]string{}}
	for _, s := range postmortem.Sections() {
		d.Sections[s] = strings.Join(scripts, ". ")
	}
	const entries, images = 1000, 200
	for n := range entries {
		text := fmt.Sprintf("%s %d | {{ x }}", scripts[n%len(scripts)], n)
		text = postmortem.Escape(text)
		if n%(entries/images) == 0 {
			text += "\n" + postmortem.Image(scripts[n%len(scripts)], fmt.Sprintf("/images/posts/long-night/graph-%d.png", n))
		}
		d.Timeline = append(d.Timeline, postmortem.Entry{At: start.Add(time.Duration(n) * time.Minute), Text: text})
	}
	file := filepath.Join(site, "_posts/deployments/2025-03-29-a-very-long-night.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(d.Render(postmortem.Flat())), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("jekyll", "build", "--strict_front_matter", "--disable-disk-cache")
	build.Dir = site
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("jekyll build: %v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.Join(site, "_site/2025/03/29/a-very-long-night/index.html"))
	if err != nil {
		t.Fatal(err)
	}
	_, timeline, ok := strings.Cut(string(page), `id="timeline-times-in-utc"`)
	if !ok {
		t.Fatal("no timeline")
	}
	if li, img := strings.Count(timeline, "<li"), strings.Count(timeline, "<img"); li != entries || img != images || strings.Contains(timeline, "<table") {
		t.Errorf("%d entries, %d images, tables %v", li, img, strings.Contains(timeline, "<table"))
	}
	for n, script := range scripts {
		if got := strings.Count(shown(timeline), script); got < entries/len(scripts) {
			t.Errorf("%q is there %d times, from entry %d on", script, got, n)
		}
	}
}
