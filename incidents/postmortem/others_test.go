package postmortem_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"watchbell/incidents/postmortem"
)

// others are when the entries of testdata/others.txtar were, in UTC, and how their posts would write one that is two minutes
// later than the last.
var others = map[string]struct{ at, line string }{
	"2025-03-07-post-mortem.md":     {"2025-03-04T22:58 2025-03-04T23:40 2025-03-05T00:12 2025-03-05T01:05", "- 01:07 – The gulls came"},
	"2024-11-20-lost-bookings.md":   {"2024-11-18T16:05 2024-11-18T16:20 2024-11-18T17:10 2024-11-18T18:05", "* **1:07pm** – The gulls came"},
	"2023-08-02-post-mortem-3.md":   {"2023-08-01T14:01 2023-08-01T14:15 2023-08-01T14:45", "- **2023-08-01 20:17 IST**: The gulls came"},
	"2022-05-12-dark-lighthouse.md": {"2022-05-11T07:03 2022-05-11T07:10 2022-05-11T07:21", "- 09:23\tThe gulls came"},
	"2021-02-03-post-mortem.md":     {"2021-01-31T23:30 2021-02-01T09:00 2021-02-01T23:15 2021-02-02T10:00", "- 2021-02-02 10:02 — The gulls came"},
	"2020-10-26-slow-lock.md":       {"2020-10-24T23:40 2020-10-25T01:20 2020-10-25T02:05", "- 25/10/2020 02:07 GMT - The gulls came"},
	"2026-01-09-post-mortem.md":     {"2026-01-08T08:02 2026-01-08T08:20 2026-01-08T08:31", "- 2026/01/08 17:33: The gulls came"},
	"2025-06-12-water.md":           {"2025-06-10T06:00 2025-06-10T07:45 2025-06-11T05:30 2025-06-11T09:00", "- [09:02] The gulls came"},
	"2024-02-06-post-mortem.md":     {"2024-02-05T13:04 2024-02-05T13:30 2024-02-05T14:12", "* 2024-02-05T14:14Z The gulls came"},
	"2023-12-13-post-mortem.md":     {"2023-12-12T16:05 2023-12-12T16:40 2023-12-12T16:41", "- `16:43` The gulls came"},
}

// TestPostsOfOthers reads posts in ways of writing that ours do not have: each comes out as it was, also with the line ends of
// Windows, with a byte order mark, without a last line end; each entry is at its instant; and one more is one line more, in
// the post's own way, wherever it goes.
func TestPostsOfOthers(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/others.txtar")
	if err != nil || len(archive.Files) != len(others) {
		t.Fatal(err, len(archive.Files))
	}
	forms := map[string]func(string) string{
		"as it is": func(s string) string { return s },
		"Windows":  func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"marked":   func(s string) string { return "\uFEFF" + strings.TrimSuffix(s, "\n") },
	}
	unix := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
	for _, f := range archive.Files {
		for form, of := range forms {
			text := of(string(f.Data))
			p := read(t, f.Name, text)
			if got := postmortem.Render(p, read(t, f.Name, text).Style); got != text {
				t.Errorf("%s, %s, became\n%q\nfrom\n%q", f.Name, form, got, text)
			}
			var at []string
			for _, e := range p.Timeline {
				at = append(at, e.At.Format("2006-01-02T15:04"))
			}
			if got := strings.Join(at, " "); got != others[f.Name].at {
				t.Errorf("%s, %s: entries at %s", f.Name, form, got)
			}
			for i, e := range p.Timeline {
				for _, by := range []time.Duration{-2 * time.Minute, 2 * time.Minute} {
					more := read(t, f.Name, text)
					more.Timeline = append(slices.Clone(more.Timeline), postmortem.Entry{At: e.At.Add(by), Text: "The gulls came"})
					got := postmortem.Render(more, more.Style)
					line := oneMore(unix(text), unix(got))
					if !strings.HasSuffix(line, "The gulls came\n") || i == len(p.Timeline)-1 && by > 0 && line != others[f.Name].line+"\n" {
						t.Errorf("%s, %s: at %s it has one more %q", f.Name, form, e.At.Add(by), line)
					}
					again := read(t, f.Name, got).Timeline
					n := slices.IndexFunc(again, func(e postmortem.Entry) bool { return e.Text == "The gulls came" })
					if n < 0 || !again[n].At.Equal(e.At.Add(by)) || len(again) != len(p.Timeline)+1 {
						t.Fatalf("%s, %s: %q is not read at %s:\n%s", f.Name, form, line, e.At.Add(by), got)
					}
				}
			}
		}
	}
}
