package postmortem_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"watchbell/incidents/postmortem"
)

// published are the posts of the corpus, by the names of their files.
func published(t testing.TB) map[string]string {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	posts := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		posts[filepath.Base(file)] = string(text)
	}
	return posts
}

// read parses a post and sends the model through JSON, as the command line does.
func read(t fataler, name, text string) postmortem.Post {
	t.Helper()
	p, err := postmortem.ParseFile(name, []byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	encoded, err := json.Marshal(p)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var sorted map[string]any // as a program would pass it on that knows nothing of it
	if err := json.Unmarshal(encoded, &sorted); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if encoded, err = json.Marshal(sorted); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var again postmortem.Post
	if err := json.Unmarshal(encoded, &again); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return again
}

func TestRoundTrip(t *testing.T) {
	posts := published(t)
	for name, text := range posts {
		p := read(t, name, text)
		if diff := gocmp.Diff(text, postmortem.Render(p, read(t, name, text).Style)); diff != "" {
			t.Errorf("%s (-published +rendered):\n%s", name, diff)
		}
		if style := p.Style; postmortem.Render(func() postmortem.Post { p := p; p.Style = postmortem.Style{}; return p }(), style) != text {
			t.Errorf("%s: without its own style in the model it comes out otherwise", name)
		}
		if p.Title == "" || p.Date == "" || len(p.Sections) < 3 {
			t.Errorf("%s: title %q, date %q", name, p.Title, p.Date)
		}
	}
}

// days are the days on which the posts whose timelines have times alone begin, and the zones that the timelines are in.
var days = map[string]struct{ day, zone string }{
	"2020-04-08-post-mortem.md": {"2020-04-08", "UTC"},
	"2020-05-19-post-mortem.md": {"2020-05-18", "Europe/Berlin"},
	"2021-05-07-post-mortem.md": {"2021-05-06", "UTC"},
	"2022-05-11-post-mortem.md": {"2022-05-10", "UTC"},
	"2022-06-01-post-mortem.md": {"2022-05-31", "UTC"},
	"2022-12-01-post-mortem.md": {"2022-11-30", "UTC"},
	"2022-12-06-post-mortem.md": {"2022-12-05", "UTC"},
	"2023-02-06-post-mortem.md": {"", "Europe/Berlin"},
	"2023-02-24-post-mortem.md": {"2023-02-23", "UTC"},
	"2023-08-03-post-mortem.md": {"2023-08-03", "Europe/Berlin"},
	"2023-12-01-post-mortem.md": {"2023-11-27", "Europe/Berlin"},
}

// TestInstants reads the times with a pattern of its own and compares.
func TestInstants(t *testing.T) {
	pattern := regexp.MustCompile(`(?m)^[-*] [*]*(?:(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}) )?(\d\d:\d\d)`)
	right, all := 0, 0
	for name, text := range published(t) {
		p := read(t, name, text)
		loc := zone(t, cmp.Or(days[name].zone, "UTC"))
		var want []time.Time
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			layout, day := time.DateOnly, cmp.Or(m[1], days[name].day)
			if strings.Contains(day, "/") {
				layout = "02/01/2006"
			}
			at, err := time.ParseInLocation(layout+" 15:04", day+" "+m[2], loc)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want = append(want, at.UTC())
		}
		all += len(want)
		if len(want) != len(p.Timeline) {
			t.Errorf("%s: %d entries, want %d", name, len(p.Timeline), len(want))
			continue
		}
		for i, e := range p.Timeline {
			if !e.At.Equal(want[i]) || e.At.Location() != time.UTC {
				t.Errorf("%s: %q is at %s, want %s", name, e.Text, e.At, want[i])
				continue
			}
			right++
		}
	}
	t.Logf("%d of %d entries at their instants", right, all)
}

// TestAddEntry adds an entry at any time to any post: one line more, read back at its instant, and no other one moves.
func TestAddEntry(t *testing.T) {
	posts := published(t)
	var names []string
	for name, text := range posts {
		if len(read(t, name, text).Timeline) > 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(names).Draw(t, "post")
		p, err := postmortem.ParseFile(name, []byte(posts[name]))
		if err != nil {
			t.Fatal(err)
		}
		near := p.Timeline[rapid.IntRange(0, len(p.Timeline)-1).Draw(t, "near")].At
		at := rapid.OneOf(
			rapid.Custom(func(t *rapid.T) time.Time {
				return near.Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "minutes")) * time.Minute)
			}),
			rapid.Custom(func(t *rapid.T) time.Time {
				return time.Unix(60*int64(rapid.IntRange(0, 60*24*365*80).Draw(t, "minute")), 0)
			}),
		).Draw(t, "at").UTC()
		added := postmortem.Entry{At: at, Text: "The gulls came back"}
		before := slices.Clone(p.Timeline)
		p.Timeline = slices.Insert(slices.Clone(p.Timeline), rapid.IntRange(0, len(before)).Draw(t, "where"), added)
		text := postmortem.Render(p, p.Style)
		line := oneMore(posts[name], text)
		if !strings.HasSuffix(line, added.Text+"\n") {
			t.Fatalf("%s, %s: the difference is not one line:\n%s", name, at, gocmp.Diff(posts[name], text))
		}
		again, err := postmortem.ParseFile(name, []byte(text))
		if err != nil || len(again.Timeline) != len(before)+1 {
			t.Fatalf("%s: %v, %d entries after adding to %d:\n%s", name, err, len(again.Timeline), len(before), line)
		}
		i := slices.IndexFunc(again.Timeline, func(e postmortem.Entry) bool { return e.Text == added.Text })
		if got := again.Timeline[i].At; !got.Equal(at) {
			t.Fatalf("%s: %q is read as %s, want %s", name, line, got, at)
		}
		for j, e := range slices.Delete(again.Timeline, i, i+1) {
			if !e.At.Equal(before[j].At) || e.Text != before[j].Text {
				t.Fatalf("%s: %q moved %q from %s to %s", name, line, e.Text, before[j].At, e.At)
			}
		}
	})
}

// oneMore is the line that b has more than a; empty when that is not the only difference.
func oneMore(a, b string) string {
	was, is := strings.SplitAfter(a, "\n"), strings.SplitAfter(b, "\n")
	if !strings.HasSuffix(a, "\n") {
		was[len(was)-1] += "\n"
		is[len(is)-1] += "\n"
	}
	i := 0
	for i < len(was) && i < len(is) && was[i] == is[i] {
		i++
	}
	if len(is) != len(was)+1 || !slices.Equal(is[i+1:], was[i:]) {
		return ""
	}
	return is[i]
}
