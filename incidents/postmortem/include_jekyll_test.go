//go:build jekyll

package postmortem_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// TestJekyllInclude builds a site that draws the times of its posts.
func TestJekyllInclude(t *testing.T) {
	site := t.TempDir()
	if err := os.CopyFS(site, os.DirFS("testdata/site")); err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		file := filepath.Join(site, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("_includes/incidents.html", postmortem.Include)
	write("times.html", "---\nlayout: null\npermalink: /times/\n---\n{% include incidents.html %}\n")
	write("_posts/2024-01-01-release.md", "---\nlayout: post\ntitle: Release\n---\n\nText.\n")
	for n := range 4 {
		began := time.Date(2024+n%2, time.Month(2+n), 3, 9, 0, 0, 0, time.UTC)
		times := incidents.Times{Began: began, Resolved: began.Add(time.Duration(1+n*n*40) * time.Minute)}
		if n > 1 {
			times.Detected = began
		}
		d := postmortem.Draft{Title: fmt.Sprint(`A "</svg>" & <b> `, n), Category: "deployments", Front: postmortem.TimesFront(times, "")}
		write(fmt.Sprintf("_posts/%s-post-mortem-%d.md", times.Resolved.AddDate(0, 0, 1).Format(time.DateOnly), n), d.Render(postmortem.Flat()))
	}
	want := map[string]int{"detect": 2, "resolve": 4, "publish": 4}
	drawsTimes(t, site, want)
	// The same as items of a data file, newest first among what people wrote.
	list := "# ours\n- \"a word\"\n"
	for n := 3; n >= 0; n-- {
		began := time.Date(2024+n%2, time.Month(2+n), 3, 9, 0, 0, 0, time.UTC)
		times := incidents.Times{Began: began, Mitigated: began.Add(time.Hour)}
		if n > 0 {
			times.Resolved = began.Add(2 * time.Hour)
		}
		item := postmortem.DataItem{Number: n, Title: `A "</svg>" & <b>`, Post: fmt.Sprintf("_posts/%d.md", n), Facts: postmortem.TimesFront(times, incidents.Severe)}
		list = item.Put(list, nil).File
	}
	write("_data/incidents.yml", list)
	drawsTimes(t, site, map[string]int{"mitigate": 4, "resolve": 3})
	write("_data/incidents.yml", "of: another kind\n")
	drawsTimes(t, site, want)
}

// drawsTimes builds the site and counts the dots for each length.
func drawsTimes(t *testing.T, site string, want map[string]int) {
	t.Helper()
	build := exec.Command("jekyll", "build", "--strict_front_matter", "--disable-disk-cache")
	build.Dir = site
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("jekyll: %v\n%s", err, out)
	}
	page, err := os.ReadFile(filepath.Join(site, "_site/times/index.html"))
	if err != nil {
		t.Fatal(err)
	}
	pictures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(string(page), -1)
	if len(pictures) != len(want) {
		t.Errorf("there are %d pictures, want %d:\n%s", len(pictures), len(want), page)
	}
	for _, picture := range pictures {
		name := regexp.MustCompile(`Time to (\w+)`).FindStringSubmatch(picture)[1]
		if n := strings.Count(picture, "<circle"); n != want[name] {
			t.Errorf("to %s: %d dots, want %d", name, n, want[name])
		}
		for in := xml.NewDecoder(strings.NewReader(picture)); ; {
			if _, err := in.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, picture)
			}
		}
	}
}
