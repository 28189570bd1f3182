package postmortem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
	"pgregory.net/rapid"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

var dataItem = postmortem.DataItem{
	Number: 42, Title: `Checkout: "down" # again`, Post: "_posts/2026-03-17-checkout.md",
	Facts: postmortem.TimesFront(incidents.Times{
		Began:    time.Date(2026, 3, 17, 10, 12, 30, 0, time.FixedZone("", 3600)),
		Resolved: time.Date(2026, 3, 17, 9, 53, 0, 0, time.UTC),
	}, incidents.Downtime),
}

const dataText = `- number: 42
  title: "Checkout: \"down\" # again"
  post: _posts/2026-03-17-checkout.md
  started_at: "2026-03-17T09:12:00Z"
  resolved_at: "2026-03-17T09:53:00Z"
  severity: downtime
`

// wroteItem is what we know to have written last.
func wroteItem(text string) func(string) bool {
	return func(item string) bool { return item == text }
}

// TestDataItem: what becomes of a file that people have written, or not.
func TestDataItem(t *testing.T) {
	item := strings.TrimSuffix(strings.ReplaceAll(dataText, "\n", "\n  "), "  ")
	windows := strings.ReplaceAll(dataText, "\n", "\r\n")
	older := "- number: 42\n  title: Older\n  post: _posts/old.md\n"
	edited := strings.Replace(dataText, "downtime", "severe", 1)
	for name, c := range map[string]struct {
		file, wrote, want, left string // want: empty for left alone
	}{
		"no file":             {want: dataText},
		"only a comment":      {file: "# Our incidents\n", want: "# Our incidents\n" + dataText},
		"only a fence":        {file: "---\n", want: "---\n" + dataText},
		"an empty list":       {file: "# ours\n[]\n# end\n", want: "# ours\n" + dataText + "# end\n"},
		"behind all others":   {file: "- number: 1\n  n: [x,  y]  # mine\n\n# end\n", want: "- number: 1\n  n: [x,  y]  # mine\n\n# end\n" + dataText},
		"no last line end":    {file: "- a", want: "- a\n" + dataText},
		"indented":            {file: "  - a\n", want: "  - a\n  " + item},
		"of Windows":          {file: "- a\r\n", want: "- a\r\n" + windows},
		"there already":       {file: "- a\n" + dataText + "- b\n", want: "- a\n" + dataText + "- b\n"},
		"ours, older":         {file: "- a\n# one\n" + older + "\n# two\n- b\n", wrote: older, want: "- a\n# one\n" + dataText + "\n# two\n- b\n"},
		"of Windows, older":   {file: "- a\r\n" + strings.ReplaceAll(older, "\n", "\r\n") + "- b\r\n", wrote: older, want: "- a\r\n" + windows + "- b\r\n"},
		"ours, at the end":    {file: "- a\n" + strings.TrimSuffix(older, "\n"), wrote: older, want: "- a\n" + dataText},
		"changed by somebody": {file: edited, wrote: dataText, left: "somebody"},
		"written by somebody": {file: edited, left: "somebody"},
		"found by its post":   {file: "- post: _posts/2026-03-17-checkout.md\n  by: hand\n", left: "somebody"},
		"found by its number": {file: "- {number: 42, by: hand}\n", left: "somebody"},
		"taken out":           {file: "- a\n", wrote: dataText, left: "took it out"},
		"taken out with all":  {wrote: dataText, left: "took it out"},
		"a mapping":           {file: "a: b\n", left: "no YAML list"},
		"a sentence":          {file: "hello\n", left: "no YAML list"},
		"no YAML":             {file: "- a\n\t- [b\n", left: "no YAML list"},
		"two documents":       {file: "- a\n---\n- b\n", left: "no YAML list"},
		"in brackets":         {file: "[{number: 1}]\n", left: "no YAML list"},
		"with an end":         {file: "- a\n...\n", left: "cannot be put into it"},
		"too large":           {file: strings.Repeat("# much\n", 200_000), left: "no YAML list"},
		"a byte order mark":   {file: "\ufeff- a\n", want: "\ufeff- a\n" + dataText},
		"a dash in quotes":    {file: "- \"q\n- x\"\n- b\n", want: "- \"q\n- x\"\n- b\n" + dataText},
		"a dash in a text":    {file: "- |\n  - number: 42\n-\n", want: "- |\n  - number: 42\n-\n" + dataText},
	} {
		var ours func(string) bool
		if c.wrote != "" {
			ours = wroteItem(c.wrote)
		}
		got := dataItem.Put(c.file, ours)
		want := c.want
		if c.left != "" {
			want = c.file
		}
		if got.File != want || !strings.Contains(got.Left, c.left) || (got.Left == "") != (c.left == "") || (got.Item == "") != (c.left != "") {
			t.Errorf("%s: %q in\n%.2000s\nwant %q in\n%.2000s", name, got.Left, got.File, c.left, want)
		}
	}
}

// TestPutDates: an item of a post that came out says when, once, and nothing else changes.
func TestPutDates(t *testing.T) {
	dates := []postmortem.DataDate{
		{Number: 1, Post: "_posts/a.md", At: time.Date(2026, 3, 19, 10, 5, 9, 0, time.UTC)}, {Number: 2, Post: "_posts/b.md", At: time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)},
	}
	const said = "published_at: \"2026-03-19T10:05:00Z\""
	for name, c := range map[string]struct{ file, want string }{
		"none of them":  {"- number: 3\n  post: _posts/a.md\n", ""},
		"said already":  {"- number: 1\n  post: _posts/a.md\n  published_at: 2026-03-18\n", ""},
		"in one line":   {"- {number: 1, post: _posts/a.md}\n", ""},
		"no list":       {"number: 1\npost: _posts/a.md\n", ""},
		"between two":   {"# x\n- k: 1\n\n- number: 1\n  post: _posts/a.md\n  severity: downtime\n\n# y\n- k: 2\n", "# x\n- k: 1\n\n- number: 1\n  post: _posts/a.md\n  severity: downtime\n  " + said + "\n\n# y\n- k: 2\n"},
		"without a end": {"-   number: 1\n    post: _posts/a.md", "-   number: 1\n    post: _posts/a.md\n    " + said + "\n"},
		"of Windows":    {"- number: 1\r\n  post: \"_posts/a.md\"\r\n", "- number: 1\r\n  post: \"_posts/a.md\"\r\n  " + said + "\r\n"},
		"both": {"- number: 1\n  post: _posts/a.md\n- number: 2\n  post: _posts/b.md\n",
			"- number: 1\n  post: _posts/a.md\n  " + said + "\n- number: 2\n  post: _posts/b.md\n  published_at: \"2026-04-01T08:00:00Z\"\n"},
	} {
		want := c.want
		if want == "" {
			want = c.file
		}
		got := postmortem.PutDates(c.file, dates)
		if got != want {
			t.Errorf("%s:\n%q\nwant\n%q", name, got, want)
		}
		if again := postmortem.PutDates(got, dates); again != got {
			t.Errorf("%s: twice it is %q", name, again)
		}
	}
}

// TestDataItemLeavesOthers: whatever others wrote, in whatever form, survives byte for byte, ours is read back as it was
// meant, and an update replaces it alone.
func TestDataItemLeavesOthers(t *testing.T) {
	others := []string{
		"- number: %d\n  title: a   # spaced\n", "-   number: '%d'\n    post:   _posts/x%[1]d.md\n", "- {number: %d, list: [a,b]}\n", "- word %d\n", "-\n  # within\n  k: %d\n",
		"- text: |+\n    %d\n\n    - number: 42\n\n", "- - nested %d\n  - twice\n", "- \"quoted %d\n  on\"\n", "- &a%d {k: 1}\n", "- 'ünïcödé 🔔 %d'\n", "-\n", "- title: >-\n   folded %d\n   # no comment\n",
	}
	between := []string{"", "", "\n", "# a comment\n", "   # deeper\n", "\n\n# - number: 42\n", "#\n"}
	rapid.Check(t, func(t *rapid.T) {
		lines := func(name string) (b string) {
			for n := range rapid.IntRange(0, 4).Draw(t, name) {
				b += rapid.SampledFrom(between).Draw(t, "between")
				text := rapid.SampledFrom(others).Draw(t, "other")
				if strings.Contains(text, "%") {
					text = fmt.Sprintf(text, 100+n+50*len(name))
				}
				b += text
			}
			return b + rapid.SampledFrom(between).Draw(t, "between")
		}
		before, after := lines("a"), lines("bb")
		if rapid.Bool().Draw(t, "with a fence") {
			before = "---\n" + before
		}
		if rapid.Bool().Draw(t, "of Windows") {
			before, after = strings.ReplaceAll(before, "\n", "\r\n"), strings.ReplaceAll(after, "\n", "\r\n")
		}
		item := dataItem
		item.Title = rapid.String().Draw(t, "title")
		put := item.Put(before, nil)
		if put.Left != "" || !strings.HasPrefix(put.File, before) {
			t.Fatalf("%q: %q", put.Left, put.File)
		}
		var read []map[string]any
		if err := yaml.Load([]byte(put.Item), &read); err != nil || len(read) != 1 || fmt.Sprintf("%v %v", read[0]["number"], read[0]["post"]) != "42 "+item.Post {
			t.Fatalf("%v, %v of %q", read, err, put.Item)
		}
		next := item
		next.Title, next.Post = rapid.String().Draw(t, "next title"), "_posts/moved.md"
		if rapid.Bool().Draw(t, "edited") {
			if again := next.Put(put.File+after, wroteItem("something else")); again.File != put.File+after || again.Left == "" {
				t.Fatalf("%q: %q", again.Left, again.File)
			}
			return
		}
		again := next.Put(put.File+after, wroteItem(put.Item))
		ours, found := strings.CutPrefix(again.File, before)
		ours, tail := strings.CutSuffix(ours, after)
		if again.Left != "" || !found || !tail || strings.ReplaceAll(ours, "\r\n", "\n") != again.Item {
			t.Fatalf("%q:\n%q\nfrom\n%q", again.Left, again.File, put.File+after)
		}
	})
}
