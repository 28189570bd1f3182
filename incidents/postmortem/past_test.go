package postmortem_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

const pastPost = `---
layout: post
title: "Post-mortem: The Ferry Timetable Vanished"
---

The timetable was unreachable.

## Impact
<!-- who, how long -->
Nobody could see when the ferry leaves.

## Resolution

We restored the table from yesterday's copy.

## Action items

- [x] Copy the table every hour
- [ ] [Alert](https://board.example/1) on an empty table

## Timeline (all times in UTC)

- 2026-03-02 09:10 - A migration was deployed
- 2026-03-02 09:12 - The timetable is unreachable
- 2026-03-02 09:20 - A passenger reported it
- 2026-03-02 09:25 - We declared the incident
- 2026-03-02 09:40 - Mitigated: the printed timetable is on the site
- 2026-03-02 10:05 - The timetable is back online
- 2026-03-02 10:30 - We wrote to the passengers
`

func past(t *testing.T, file, text string) incidents.PastPost {
	t.Helper()
	p, err := postmortem.ParseFile(file, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p.Past(file)
}

func TestPast(t *testing.T) {
	at := func(clock string) time.Time {
		when, err := time.Parse("2006-01-02 15:04", "2026-03-02 "+clock)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	got := past(t, "_posts/2026-03-04-post-mortem.md", pastPost)
	got.Text = ""
	want := incidents.PastPost{
		Title: "The Ferry Timetable Vanished", Severity: incidents.Downtime, Day: at("00:00"), Unsure: []string{"severity"},
		Times: incidents.Times{
			Began: at("09:12"), Detected: at("09:20"), Declared: at("09:25"), Mitigated: at("09:40"), Resolved: at("10:05"),
			Published: at("00:00").AddDate(0, 0, 2),
		},
		Gist: "The timetable was unreachable.\n\nNobody could see when the ferry leaves.", How: "We restored the table from yesterday's copy.",
		Actions: []incidents.PastAction{
			{Text: "Copy the table every hour", Done: true}, {Text: "[Alert] on an empty table", Link: "https://board.example/1"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPastUnsure: what a post does not say is left out, what is guessed is named, and what stands in the front matter counts.
func TestPastUnsure(t *testing.T) {
	described := func(p incidents.PastPost) string {
		var all []string
		for _, n := range p.Times.Named() {
			all = append(all, n.Name+" "+n.At.Format("02 15:04"))
		}
		return strings.Join(all, ", ") + " | " + strings.Join(p.Unsure, ", ")
	}
	line := func(lines ...string) string {
		return "---\ntitle: T\n---\n\nText.\n\n## Timeline (UTC)\n\n- 2026-03-02 " + strings.Join(lines, "\n- 2026-03-02 ") + "\n"
	}
	for _, c := range []struct{ name, file, text, want string }{
		{"no timeline", "2026-03-04-t.md", "---\ntitle: T\n---\n\nOn March 2nd the site was down.\n", "published 04 00:00 | severity"},
		{"the day of the incident in the file's name", "2026-03-02-t.md", line("09:00 - Errors", "10:00 - Resolved"), "began 02 09:00, resolved 02 10:00 | began"},
		{"who noticed it comes first", "", line("09:00 - An alert", "09:05 - The site is down", "10:00 - All is over"), "began 02 09:00, detected 02 09:00, resolved 02 10:00 | began"},
		{"no end", "", line("09:00 - The site is down", "09:30 - We look at it"), "began 02 09:00, resolved 02 09:30 | resolved"},
		{"one line", "", line("09:00 - The site is down"), "began 02 09:00 | "},
		{"a line that lasts", "", "---\ntitle: T\n---\n\nText.\n\n## Timeline (UTC)\n\n- **2026-03-02 09:00** to **2026-03-02 09:30** the site is down\n- **2026-03-02 09:40** we wrote it up\n", "began 02 09:00, resolved 02 09:40 | resolved"},
		{
			"the front matter", "", "---\ntitle: T\nstarted_at: 2026-03-02T08:50:00Z\nresolved_at: 2026-03-02T11:00:00+01:00\npublished_at: 2026-03-03\nseverity: severe service degradation\n---\n\nDown.\n\n## Timeline (UTC)\n\n- 2026-03-02 09:00 - Errors\n- 2026-03-02 09:30 - We look\n",
			"began 02 08:50, resolved 02 10:00, published 03 00:00 | ",
		},
	} {
		if got := described(past(t, c.file, c.text)); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestIsPostMortem(t *testing.T) {
	for _, c := range []struct {
		name, file, text string
		want             bool
	}{
		{"it says so", "a.md", "---\ntitle: \"Post Mortem of Friday\"\n---\n\nText.\n", true},
		{"its file says so", "2026-01-01-postmortem.md", "---\ntitle: Friday\n---\n\nText.\n", true},
		{"its timeline says so", "a.md", "---\ntitle: Friday\n---\n\n## Timeline\n\n- 2026-01-01 10:00 - a\n- 2026-01-01 10:01 - b\n", true},
		{"its sections say so", "a.md", "---\ntitle: Friday\n---\n\n## Impact\n\nA.\n\n## Root Cause\n\nB.\n", true},
		{"a release", "2026-01-01-release.md", "---\ntitle: Release 2.10\n---\n\n## Features\n\nA.\n\n## Fixes\n\n- b\n", false},
		{"a notice", "a.md", "---\ntitle: Planned downtime\n---\n\nOn Friday.\n", false},
	} {
		p, err := postmortem.ParseFile(c.file, []byte(c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.IsPostMortem(c.file); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// TestPastOfPublished holds what is read from posts that people wrote against what must be true of any incident.
func TestPastOfPublished(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "2*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		p, err := postmortem.ParseFile(name, text)
		if err != nil {
			t.Fatal(err)
		}
		got := p.Past(name)
		if !p.IsPostMortem("") && !p.IsPostMortem(name) {
			t.Errorf("%s is not taken for a post-mortem", name)
		}
		if got.Title == "" || got.Day.IsZero() || got.Gist == "" {
			t.Errorf("%s: %+v", name, got)
		}
		tm := got.Times
		for _, order := range [][2]time.Time{{tm.Began, tm.Detected}, {tm.Began, tm.Declared}, {tm.Began, tm.Mitigated}, {tm.Mitigated, tm.Resolved}, {tm.Began, tm.Resolved}, {tm.Resolved, tm.Published.AddDate(0, 0, 1)}} {
			if !order[0].IsZero() && order[1].After(time.Time{}.AddDate(1, 0, 0)) && order[1].Before(order[0]) {
				t.Errorf("%s: the times are out of order: %+v", name, tm)
			}
		}
	}
}
