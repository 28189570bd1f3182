package postmortem_test

import (
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"watchbell/incidents/postmortem"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// ferry is an invented incident with everything that a post can hold.
func ferry() postmortem.Draft {
	at := func(hour, minute int) time.Time { return time.Date(2025, 3, 29, hour, minute, 0, 0, time.UTC) }
	return postmortem.Draft{
		Title:    `Ticket office says "sold out": nobody could book`,
		Category: "deployments",
		Author:   "The Ferry Team",
		Sections: map[postmortem.Section]string{
			postmortem.Lead:       "For 95 minutes the ticket office told everybody that all ferries were full. They were empty.",
			postmortem.Impact:     "About 1,200 people could not book, see https://status.example.org/42.\n\n| crossing | lost bookings |\n|---|---|\n| north | 900 |\n| south | 300 |",
			postmortem.RootCauses: "The cache counts seats as `{{ capacity }} - {{ sold }}`, and `capacity` was 0:\n\n```yaml\ncapacity: {{ seats }}\n```\n\n## Why zero?\n\nBecause Map<Ferry, Seats> was empty | nobody had filled it.",
			postmortem.Trigger:    "A deployment of the new timetable.",
			postmortem.Detection:  "A captain phoned. The alert *seats below zero* cannot fire at zero.",
			postmortem.Resolution: "- Filled the map by hand.\n- Switched off the cache.\n",
			postmortem.WentWell:   "The captain had our number.",
			postmortem.WentWrong:  postmortem.WentWrong.Prompt(),
		},
		Actions: []postmortem.ActionItem{
			{Text: "Let an [alert] fire when a ferry is full on all crossings.", Link: "https://trello.example.org/c/AbC1"},
			{Text: "Fill the map at start.", Link: "https://trello.example.org/c/AbC2", Done: true},
			{Text: "Write down [how seats are counted](https://wiki.example.org/seats).", Link: "https://trello.example.org/c/AbC3"},
			{Text: "Thank the captain"},
		},
		Timeline: []postmortem.Entry{
			{At: at(23, 40), Until: at(23, 55), Text: "Deployed the timetable"},
			{At: at(23, 58), Text: "A captain phoned: \"my ferry is empty\"\n- she said\n# and meant it"},
			{At: at(24, 20), Text: "Found the cause in the log:\n```\nseats=0 | capacity=0\n```"},
			{At: at(25, 15), Text: "Ran `seats --fill | tee log`, | all well, see https://status.example.org/42"},
			{At: at(25, 15), Text: "Declared it over"},
		},
		Zone: time.UTC,
	}
}

func TestGolden(t *testing.T) {
	p := ferry()
	golden(t, "ferry.md", p.Render(postmortem.Flat()))
	p.Zone = zone(t, "Europe/Berlin") // the clocks change at 01:00 UTC on 30 March 2025
	p.Sections, p.Actions = nil, nil
	golden(t, "draft.md", p.Render(postmortem.Flat()))
	golden(t, "missing.txt", strings.Join(p.Missing(postmortem.Flat()), "\n")+"\n")
}

func TestZones(t *testing.T) {
	summer := time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC)
	for name, want := range map[string]string{
		"UTC":                  "- 01/07/2025 12:00 - x",
		"Europe/Berlin":        "- 01/07/2025 14:00 - x",
		"Asia/Kolkata":         "- 01/07/2025 17:30 - x",
		"America/Buenos_Aires": "- 01/07/2025 09:00 - x",
	} {
		label := map[string]string{"Europe/Berlin": "CEST", "Asia/Kolkata": "IST", "America/Buenos_Aires": "UTC-03", "UTC": "UTC"}[name]
		got := postmortem.Draft{Zone: zone(t, name), Timeline: []postmortem.Entry{{At: summer, Text: "x"}}}.Render(postmortem.Flat())
		if !strings.HasSuffix(got, "## Timeline (times in "+label+")\n\n"+want+"\n") {
			t.Errorf("%s: the post ends in %q", name, got[len(got)-60:])
		}
	}
}

func TestOrder(t *testing.T) {
	at := time.Date(2025, 7, 1, 12, 0, 0, 0, time.UTC)
	p := postmortem.Draft{Timeline: []postmortem.Entry{
		{At: at.Add(time.Hour), Text: "d"}, {At: at.Add(time.Second), Text: "b"}, {At: at, Text: "a"}, {At: at.Add(time.Second), Text: "c"},
	}}
	_, timeline, _ := strings.Cut(p.Render(postmortem.Flat()), "(times in UTC)\n\n")
	want := "- 01/07/2025 12:00 - a\n- 01/07/2025 12:00 - b\n- 01/07/2025 12:00 - c\n- 01/07/2025 13:00 - d\n"
	if timeline != want || p.Timeline[0].Text != "d" {
		t.Errorf("timeline\n%swant\n%sand the given slice left alone", timeline, want)
	}
}

func TestFrontMatter(t *testing.T) {
	for _, c := range []struct{ title, author, want string }{
		{"Down", "", "title: \"Post-mortem: Down\"\n"},
		{"Post-mortem: Down", "", "title: \"Post-mortem: Down\"\n"},
		{"Post-Mortem: Down", "", "title: \"Post-Mortem: Down\"\n"},
		{`C:\ "x": #1` + "\n---\nevil: yes\x00", "", `title: "Post-mortem: C:\\ \"x\": #1 --- evil: yes"` + "\n"},
		{"Array<String> fails, a < b", "", "title: \"Post-mortem: Array‹String› fails, a ‹ b\"\n"},
		{"", "", "title: \"Post-mortem: untitled incident\"\n"},
		{"Down", "The Team, Night <night@example.org>", "title: \"Post-mortem: Down\"\nauthor: The Team, Night <night@example.org>\n"},
		{"Down", "yes", "title: \"Post-mortem: Down\"\nauthor: \"yes\"\n"},
		{"Down", "@ops: us", "title: \"Post-mortem: Down\"\nauthor: \"@ops: us\"\n"},
	} {
		got := postmortem.Draft{Title: c.title, Author: c.author}.Render(postmortem.Flat())
		if !strings.HasPrefix(got, "---\nlayout: post\n"+c.want+"---\n\n*To be written: ") {
			t.Errorf("title %q, author %q: %s", c.title, c.author, got[:min(len(got), 140)])
		}
	}
}

func TestActions(t *testing.T) {
	const card = "https://trello.example.org/c/1"
	for _, c := range []struct{ name, text, want string }{
		{"brackets carry the link", "Improve [alerting] for server errors", "Improve [alerting](CARD) for server errors"},
		{"else the sentence, without its full stop", "Introduce drills.", "[Introduce drills](CARD)."},
		{"no full stop", "Introduce drills", "[Introduce drills](CARD)"},
		{"an ellipsis is no full stop", "Wait...", "[Wait...](CARD)"},
		{"other marks stay inside", "Really?", "[Really?](CARD)"},
		{"a link stays as it is", "See [x](https://example.org).", "See [x](https://example.org)."},
		{"a bare address is a link", "See https://example.org/x.", "See <https://example.org/x>."},
		{"brackets beside an address", "Look [here] and at https://example.org/x", "Look [here](CARD) and at <https://example.org/x>"},
		{"an address in the brackets", "Look [at https://example.org/x]", "Look [at <https://example.org/x>]"},
		{"the first of several", "[One] and [two]", "[One](CARD) and [two]"},
		{"nested", "An [outer [inner] pair]", "An [outer [inner] pair](CARD)"},
		{"nested link", "An [outer [inner](https://example.org)]", "An [outer [inner](https://example.org)]"},
		{"escaped", `Not \[these\]`, `[Not \[these\]](CARD)`},
		{"escaped, then a pair", `Not \[these\] but [those]`, `Not \[these\] but [those](CARD)`},
		{"code", "Check `a[0]` first", "[Check `a[0]` first](CARD)"},
		{"code in the pair", "Check [`a[0]`] first", "Check [`a[0]`](CARD) first"},
		{"code and a pair", "Check `a[0]` in [code]", "Check `a[0]` in [code](CARD)"},
		{"half a pair", "Half [a pair", `[Half \[a pair](CARD)`},
		{"closing half", "half] a pair", `[half\] a pair](CARD)`},
		{"empty pair", "Empty [] pair", `[Empty \[\] pair](CARD)`},
		{"a task", "[ ] Do it.", "[ ] [Do it](CARD)."},
		{"a task with a pair", "[x] Do [it].", "[x] Do [it](CARD)."},
		{"two lines", "First.\nSecond", "[First](CARD).\n  Second"},
		{"starts like a list", "1. do", `[1\. do](CARD)`},
		{"starts like a heading", "# do", `[\# do](CARD)`},
		{"a pipe", "a | b", `[a \| b](CARD)`},
		{"starts like a footnote", "^1 do", `[&#94;1 do](CARD)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for url, want := range map[string]string{card: strings.ReplaceAll(c.want, "CARD", card)} {
				if got := action(t, postmortem.ActionItem{Text: c.text, Link: url}); got != want {
					t.Errorf("%q\n got %q\nwant %q", c.text, got, want)
				}
			}
		})
	}
	for text, want := range map[string]string{"Just [do] it.": "Just [do] it.", " a\n\n b ": "a\n\n  b"} {
		for _, url := range []string{"", "javascript:alert(1)", "https://", "https://a b"} {
			if got := action(t, postmortem.ActionItem{Text: text, Link: url}); got != want {
				t.Errorf("without a card %q came out as %q", text, got)
			}
		}
	}
}

func action(t *testing.T, a postmortem.ActionItem) string {
	t.Helper()
	_, rest, _ := strings.Cut(postmortem.Draft{Actions: []postmortem.ActionItem{a}}.Render(postmortem.Flat()), "## Action items\n\n- ")
	item, _, ok := strings.Cut(rest, "\n\n## ")
	if !ok {
		t.Fatal("no action items")
	}
	return item
}

func TestPrompts(t *testing.T) {
	for _, s := range postmortem.Sections() {
		if p := s.Prompt(); !postmortem.IsPrompt(p) || !postmortem.IsPrompt("\n"+p+"\n") || postmortem.Safe(p) != p {
			t.Errorf("%s: the prompt %q is not taken for one", s, p)
		}
		full := postmortem.Draft{Sections: map[postmortem.Section]string{s: "Done."}}
		if strings.Contains(full.Render(postmortem.Flat()), s.Prompt()) {
			t.Errorf("%s: the prompt stays although the section is written", s)
		}
	}
	if postmortem.IsPrompt("To be written down: nothing.") || postmortem.Section("x").Prompt() != "" {
		t.Error("taken for a prompt without being one")
	}
	if n := len((postmortem.Draft{}).Missing(postmortem.Flat())); n != 13 {
		t.Errorf("an empty post misses %d things, want title, ten sections and two lists", n)
	}
}

func TestPath(t *testing.T) {
	day := time.Date(2025, 3, 29, 23, 30, 0, 0, time.UTC)
	for template, want := range map[string]string{
		"_posts/deployments/{date}-{slug}.md":          "_posts/deployments/2025-03-29-sold-out.md",
		"_posts/deployments/{date}-post-mortem.md":     "_posts/deployments/2025-03-29-post-mortem.md",
		"_posts/{date}-incident-{number}-{slug}.md":    "_posts/2025-03-29-incident-42-sold-out.md",
		"incidents/{number}.md":                        "incidents/42.md",
		"content/_posts/incidents/{date}-{number}x.md": "content/_posts/incidents/2025-03-29-42x.md",
	} {
		if err := postmortem.CheckPath(template); err != nil {
			t.Errorf("%s: %v", template, err)
		}
		if got := postmortem.Path(template, day, 42, postmortem.Slug("Sold out")); got != want {
			t.Errorf("%s became %s, want %s", template, got, want)
		}
	}
	if got := postmortem.Path("{date}", day.In(zone(t, "Europe/Berlin")), 1, ""); got != "2025-03-30" {
		t.Errorf("the day in Berlin is %s", got)
	}
	for _, bad := range []string{
		"", " ", "_posts/{date}-{title}.md", "_posts/{date}-{slug}.html", "/srv/_posts/{date}-{slug}.md", "../_posts/{date}-{slug}.md",
		"_posts/../../{date}-{slug}.md", "_posts//{date}-{slug}.md", "_posts/{slug}.md", "_posts/{date}-.md", "_posts/{date}-{slug}.md/",
		"_posts/{date -{slug}.md", `_posts\{date}-{slug}.md`, "_posts/{date}-a b.md", "./x.md", ".md", "a/.md",
	} {
		if postmortem.CheckPath(bad) == nil {
			t.Errorf("the path %q was accepted", bad)
		}
	}
}

func TestSlug(t *testing.T) {
	for title, want := range map[string]string{
		"Staging is down":                   "staging-is-down",
		"Post-mortem: Staging is down":      "staging-is-down",
		"500s for \"EU\" users!":            "500s-for-eu-users",
		"Can't reach Zürich, łódź & Straße": "cant-reach-zurich-lodz-strasse",
		"Cafe\u0301":                        "cafe",
		"  --  ":                            "post-mortem",
		"障害":                                "post-mortem",
		"":                                  "post-mortem",
		"Ægir/Œuvre þing":                   "aegir-oeuvre-thing",
		strings.Repeat("seven77 ", 20):      "seven77-seven77-seven77-seven77-seven77-seven77-seven77",
		strings.Repeat("x", 100):            strings.Repeat("x", 60),
		"ÀÉÎÕÜ ǅ":                           "aeiou",
		"a_b.c":                             "a-b-c",
	} {
		if got := postmortem.Slug(title); got != want {
			t.Errorf("Slug(%q) = %q, want %q", title, got, want)
		}
	}
}
