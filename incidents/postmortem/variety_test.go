package postmortem_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"watchbell/incidents/postmortem"
)

// lighthouse is an invented post around the given lines of a timeline.
func lighthouse(heading string, lines ...string) string {
	return "---\nlayout: post\ntitle: \"The light went out on July 3, 2024\"\ncategory: harbour\n---\n\nThe light was out.\n\n## Impact\n\nShips had to wait.\n\n" +
		heading + "\n\n" + strings.Join(lines, "\n") + "\n"
}

// TestVariety reads lines as people write them: all come out as they were, and each is read at its time.
func TestVariety(t *testing.T) {
	const utc = "## Timeline (times in UTC)"
	for _, c := range []struct {
		name, post string
		want       []string // "at[/until] text"
	}{
		{"times alone", lighthouse(utc, "- 10:04 out", "- 10:05 noticed"), []string{"2024-07-03T10:04 out", "2024-07-03T10:05 noticed"}},
		{"past midnight", lighthouse(utc, "- 23:50 out", "- 00:10 noticed", "- 00:05 a slip", "- 18:00 on"), []string{"2024-07-03T23:50 out", "2024-07-04T00:10 noticed", "2024-07-04T00:05 a slip", "2024-07-04T18:00 on"}},
		{"a day once", lighthouse(utc, "- 2024-07-01 10:00: out", "- 10:05: noticed", "- 2024-07-02 09:00: on"), []string{"2024-07-01T10:00 out", "2024-07-01T10:05 noticed", "2024-07-02T09:00 on"}},
		{"summer", lighthouse("## Timeline (CEST)", "* *09:03* out"), []string{"2024-07-03T07:03 out"}},
		{"the wrong name for the day", lighthouse("## Timeline (CET)", "* *09:03* out"), []string{"2024-07-03T07:03 out"}},
		{"zone on the line", lighthouse("## Timeline", "- 2024-07-03 10:21 UTC: out", "- 2024-07-03 10:22 UTC: on"), []string{"2024-07-03T10:21 out", "2024-07-03T10:22 on"}},
		{"a line in another zone", lighthouse(utc, "- 10:21 out", "- 12:30 CEST noticed", "- 10:40 on"), []string{"2024-07-03T10:21 out", "2024-07-03T10:30 noticed", "2024-07-03T10:40 on"}},
		{"zone in parentheses", lighthouse("## Timeline", "- 12:21 (CEST) - out"), []string{"2024-07-03T10:21 out"}},
		{"an offset", lighthouse("## Timeline (UTC+2)", "- 12:21 - out"), []string{"2024-07-03T10:21 out"}},
		{"a place", lighthouse("## Timeline (America/New_York)", "- 06:21 - out"), []string{"2024-07-03T10:21 out"}},
		{"ranges", lighthouse(utc, "- **12:22** to **13:00** looked", "- **13:00–13:05** found", "- **13:10** - **13:20** mended", "- **23:00** to **01:00** watched"), []string{
			"2024-07-03T12:22/13:00 looked", "2024-07-03T13:00/13:05 found", "2024-07-03T13:10/13:20 mended", "2024-07-03T23:00/01:00 watched"}},
		{"range with days", lighthouse(utc, "- 2024-07-03 23:00 to 2024-07-04 01:00: watched", "- 2024-07-04 02:00: slept"), []string{"2024-07-03T23:00/01:00 watched", "2024-07-04T02:00 slept"}},
		{"range with zones", lighthouse("## Timeline", "- 10:00 UTC - 10:30 UTC: out", "- 11:00 - 11:30 UTC: on"), []string{"2024-07-03T10:00/10:30 out", "2024-07-03T11:00/11:30 on"}},
		{"colon in the emphasis", lighthouse(utc, "- **10:04:** out", "- **10:05:** noticed"), []string{"2024-07-03T10:04 out", "2024-07-03T10:05 noticed"}},
		{"seconds", lighthouse(utc, "- 10:04:31 out", "- 10:05:02 noticed"), []string{"2024-07-03T10:04:31 out", "2024-07-03T10:05:02 noticed"}},
		{"half days", lighthouse(utc, "- 9:04 AM out", "- 12:10 PM noticed", "- 1:05 PM on"), []string{"2024-07-03T09:04 out", "2024-07-03T12:10 noticed", "2024-07-03T13:05 on"}},
		{"one digit", lighthouse(utc, "- 9:04 out", "- 10:05 noticed"), []string{"2024-07-03T09:04 out", "2024-07-03T10:05 noticed"}},
		{"points", lighthouse(utc, "- 03.07.2024 09:04 – out"), []string{"2024-07-03T09:04 out"}},
		{"months", lighthouse(utc, "- July 3, 2024 at 09:04: out", "- 4 July 2024, 09:04: on"), []string{"2024-07-03T09:04 out", "2024-07-04T09:04 on"}},
		{"RFC 3339", lighthouse("## Timeline", "- `2024-07-03T09:04` out"), []string{"2024-07-03T09:04 out"}},
		{"no bullets", lighthouse(utc, "**09:04** out", "", "**09:05** on"), []string{"2024-07-03T09:04 out", "2024-07-03T09:05 on"}},
		{"blank lines between", lighthouse(utc, "- 09:04 out", "", "- 09:05 on", "- 09:06 fine"), []string{"2024-07-03T09:04 out", "2024-07-03T09:05 on", "2024-07-03T09:06 fine"}},
		{"further lines", lighthouse(utc, "- 09:04 out", "        all of it", "- 09:05 on", "and fine", "- 09:06 see", "", "  ```", "  09:07 no entry", "- 09:08 nor this", "  ```"), []string{
			"2024-07-03T09:04 out\nall of it", "2024-07-03T09:05 on\nand fine", "2024-07-03T09:06 see\n\n  ```\n  09:07 no entry\n- 09:08 nor this\n  ```"}},
		{"lines that fit nothing", lighthouse(utc, "Before it all.", "", "- 09:04 out", "- then dark", "  - 09:04 below", "- 09:05 on", "", "That was all."), []string{
			"2024-07-03T09:04 out\n- then dark\n  - 09:04 below", "2024-07-03T09:05 on"}},
		{"mixed", lighthouse(utc, "- 09:04 out", "* **09:05** noticed", "- 2024-07-03 09:06 - on", "- 09:07  fine "), []string{
			"2024-07-03T09:04 out", "2024-07-03T09:05 noticed", "2024-07-03T09:06 on", "2024-07-03T09:07 fine "}},
		{"out of order", lighthouse(utc, "- 2024-07-03 11:00 first", "- 2024-07-03 09:00 second", "- 2024-07-03 12:00 third"), []string{
			"2024-07-03T11:00 first", "2024-07-03T09:00 second", "2024-07-03T12:00 third"}},
		{"by another name", lighthouse("## How it went", "- 09:04 out", "- 09:05 noticed", "- 09:06 on"), []string{"2024-07-03T09:04 out", "2024-07-03T09:05 noticed", "2024-07-03T09:06 on"}},
		{"Windows", strings.ReplaceAll(lighthouse(utc, "- 09:04 out", "  all of it"), "\n", "\r\n"), []string{"2024-07-03T09:04 out\nall of it"}},
		{"no newline at the end", strings.TrimSpace(lighthouse(utc, "- 09:04 out")), []string{"2024-07-03T09:04 out"}},
		{"no space after the heading", strings.ReplaceAll(lighthouse(utc, "- 09:04 out"), "UTC)\n\n", "UTC)\n"), []string{"2024-07-03T09:04 out"}},
		{"no front matter", "# The light on July 3, 2024\n\nIt was out.\n\n" + utc + "\n- 09:04 out\n", []string{"2024-07-03T09:04 out"}},
		{"a byte order mark", "\uFEFF" + lighthouse(utc, "- 09:04 out"), []string{"2024-07-03T09:04 out"}},
		{"no times", lighthouse(utc, "- early", "- late"), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := read(t, "2024-07-05-light.md", c.post)
			if diff := cmp.Diff(c.post, postmortem.Render(p, p.Style)); diff != "" {
				t.Errorf("(-was +is)\n%s", diff)
			}
			var got []string
			for _, e := range p.Timeline {
				at := strings.TrimSuffix(e.At.UTC().Format("2006-01-02T15:04:05"), ":00")
				if !e.Until.IsZero() {
					at += e.Until.UTC().Format("/15:04")
				}
				got = append(got, fmt.Sprintf("%s %s", at, e.Text))
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("entries (-want +got)\n%s", diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(lighthouse("## Timeline (CEST)", "- **10:04** to **11:00** out", "", "1. two", "* 2024-07-03 12:00 UTC: x"))
	f.Add("---\ntitle: 'a''b'\n# c\ntags: [a, b]\nx:\n  - y\n---\n\n**Impact**: a\n**Date:** 1.2.2024\n\n## Action Items\n\n| a | Owner |\n|---|:-:|\n| b \\| c | d |\n- [x] e ✔️\n")
	f.Add(lighthouse("## Timeline (ET)", "### July 3", "", "- [9:04am] out", "", "**July 4, 2024**", "- [10:05am] on"))
	f.Add("--- \n\n---\r\n<!--\n## a\n-->\n``` \n- 10:00\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := postmortem.ParseFile("2024-07-05-light.md", []byte(text))
		if err != nil {
			if strings.Contains(err.Error(), "cannot be written") {
				t.Fatal(err)
			}
			return
		}
		if got := postmortem.Render(read(t, "", text), p.Style); got != text && p.Date == "" {
			t.Fatalf("%q became %q", text, got)
		}
		if got := postmortem.Render(p, postmortem.Style{}); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		for _, name := range postmortem.Templates() {
			style, _ := postmortem.Template(name)
			if got := postmortem.Render(p, style); strings.TrimSpace(got) == "" {
				t.Fatalf("%q became empty in %s", text, name)
			}
		}
	})
}

// scraps are what posts are made of, to be put together in any order.
var scraps = []string{
	"---\n", "title: \"a\"\n", "title: 'b'\n", "tags: [a, b]\n", "# c\n", "x:\n  - y\n", "key: a: b\n", "author: me \n",
	"\n", "\n", "\n\n", "  \n", "text\n", "text ", "| a | Owner |\n", "|---|---|\n", "| b | c |\n", "<!-- ", "-->\n", "```\n", "~~~ x\n", "{{ x }}", "<b>",
	"## Impact\n", "## Timeline (CEST)\n", "## Timeline (times in UTC)\n", "### Action Items\n", "## Odd\n", "##  Trigger \n", "# A\n",
	"**Impact**: ", "**Date:** 1.2.2024\n", "**What went well?**\n", "__Detection__: x\n", "- ", "* ", "- [ ] ", "- [x]  ", "1. ", "✔️\n", " (owner: me)\n",
	"10:04", "23:50", "00:10 ", "2024-03-31 02:30 ", "31/03/2024 ", "**", "*", " to ", " - ", ": ", " UTC", " CEST", " (", ")", "[a](https://example.org/x)", "https://example.org",
	"- 10:04 one\n", "- 10:20 two\n", "- **2024-10-27 02:30** three\n", "  more\n", "\t", "\r\n", "\uFEFF",
}

// TestAnyPost puts scraps together: whatever comes of it is written as it was read, and no word gets lost in another style.
func TestAnyPost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(scraps), 1, 40).Draw(t, "scraps"), "")
		if rapid.Bool().Draw(t, "lines") {
			text = "---\ntitle: \"t\"\n---\n\n" + text + "\n"
		}
		if strings.TrimSpace(text) == "" {
			return
		}
		p := read(t, "2024-07-05-light.md", text)
		if got := postmortem.Render(p, p.Style); got != text {
			t.Fatalf("%q became %q", text, got)
		}
		for _, name := range postmortem.Templates() {
			style, _ := postmortem.Template(name)
			got := postmortem.Render(p, style)
			for _, e := range p.Timeline {
				for _, word := range wordsOf(e.Text) {
					if !strings.Contains(got, word) {
						t.Fatalf("%s: %q of %q is lost:\n%s", name, word, text, got)
					}
				}
			}
			for _, s := range p.Sections {
				for _, word := range wordsOf(s.Markdown) {
					if !strings.Contains(got, word) && s.Kind != postmortem.Day {
						t.Fatalf("%s: %q of %q is lost:\n%s", name, word, text, got)
					}
				}
			}
		}
	})
}

func wordsOf(text string) []string { return regexp.MustCompile(`[A-Za-z]+`).FindAllString(text, -1) }
