package postmortem_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// strict knows nothing but the post.
var strict postmortem.Linter

// lintDay is after all posts that the tests read.
var lintDay = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

const cleanPost = "testdata/lint/2025-06-12-lock-gates.md"

// fault is one mistake planted into a post. It returns false where the post has no place for it; at is its line, from 1.
type fault struct {
	rule  string
	plant func(lines []string) (out []string, at int, ok bool)
}

// insert puts lines in at index i, with the fault on the offset-th of them.
func insert(lines []string, i, offset int, new ...string) ([]string, int, bool) {
	return slices.Insert(slices.Clone(lines), i, new...), i + offset + 1, true
}

// opening is the index of the first line of the body that is text.
func opening(lines []string) int {
	for i := 1; i < len(lines); i++ {
		if strings.TrimSpace(lines[i]) == "---" {
			for i++; strings.TrimSpace(lines[i]) == ""; i++ {
			}
			return i
		}
	}
	return 0
}

// says plants a paragraph after the first line of the body's first paragraph, so that it is not the excerpt.
func says(rule, text string) fault {
	return fault{rule, func(lines []string) ([]string, int, bool) {
		i := opening(lines)
		for i < len(lines) && lines[i] != "" {
			i++
		}
		return insert(lines, i, 1, "", text)
	}}
}

// change replaces the first match on one line.
func change(rule, pattern, with string) fault {
	re := regexp.MustCompile(pattern)
	return fault{rule, func(lines []string) ([]string, int, bool) {
		for i, line := range lines {
			if re.MatchString(line) {
				out := slices.Clone(lines)
				out[i] = re.ReplaceAllString(line, with)
				return out, i + 1, out[i] != line
			}
		}
		return nil, 0, false
	}}
}

// ends plants lines behind the last one.
func ends(rule string, offset int, new ...string) fault {
	return fault{rule, func(lines []string) ([]string, int, bool) {
		n := len(lines)
		for n > 0 && strings.TrimSpace(lines[n-1]) == "" {
			n--
		}
		return insert(lines[:n], n, offset, new...)
	}}
}

var faultsAnywhere = []fault{
	says("liquid", "The template said {{ page_of_the_ferry }} and nothing else."),
	says("liquid", "The template said `{{ ferry }}` and nothing else."),
	says("liquid", "The template said {% salt %} and nothing else."),
	says("raw-html", "It was read as Array<Harbour> and got lost."),
	says("raw-html", "It was <marquee>wrong</marquee> there."),
	says("raw-html", "<script>alert(1)"),
	says("stray-table", "It was either red | green there."),
	says("tab", "\tIt began with a tab"),
	says("vague-date", "It had been mended a few days before."),
	says("vague-date", "The sensor was recently replaced."),
	says("vague-date", "It broke yesterday."),
	says("vague-date", "It broke last week."),
	says("first-person", "Then I restarted the gates."),
	says("first-person", "That was my mistake."),
	says("mention", "Thanks go to @harbourmaster for the hint."),
	says("mention", "Thanks go to <@U0123ABCD> for the hint."),
	says("name", "Then Alice restarted the gates."),
	says("secret", "The password: Zx81-hunter22 was in the log."),
	says("secret", "It used ghp_abcdefghijklmnopqrstuvwxyz0123456789 to push."),
	says("e-mail", "Write to keeper@locks.test about it."),
	says("ip-address", "The gates at 10.11.12.13 stayed closed."),
	says("ip-address", "Requests from 185.22.43.7 were many."),
	says("internal-host", "It ran on gate3.canal.internal all night."),
	says("bare-url", "See https://wiki.example.org/weir for more."),
	says("link-target", "See [the notes]() for more."),
	says("link-target", "See [the notes](notes/weir.html) for more."),
	says("link-target", "See [the notes](www.example.org/weir) for more."),
	says("link-target", "See [the notes](http://) for more."),
	says("link-target", "See [the notes](https://wiki.example.org/the weir) for more."),
	says("link-target", "See [the notes](javascript:alert) for more."),
	says("link-inside", "See [the notes](http://localhost:3000/weir) for more."),
	says("link-inside", "See [the notes](https://wiki.canal.internal/weir) for more."),
	says("link-inside", "See [the talk](https://locks.slack.com/archives/C024BE91L/p1718100000) for more."),
	says("link-broken", "See [the notes](https://wiki.example.org/weir for more"),
	says("link-broken", "See [the notes] (https://wiki.example.org/weir) for more."),
	says("time-impossible", "It began at 25:10 and went on."),
	says("template-comment", "<!-- Say here what happened. -->"),
	{"setext", func(lines []string) ([]string, int, bool) {
		return insert(lines, opening(lines), 1, "The gates were shut and the boats waited", "---", "", "It was so.", "")
	}},
	{"front-matter", func(lines []string) ([]string, int, bool) {
		return change("", `^title: "?([^":]+):? ?(.*?)"?$`, "title: $1: it: $2").plant(lines)
	}},
	change("front-matter-key", `^layout: .*`, "layout:"),
	change("front-matter-key", `^title: .*`, `title: ""`),
	change("date-mismatch", `^category: (.*)`, "date: 2017-01-02"),
	ends("fence", 1, "", "```", "gates: shut"),
	ends("heading-jump", 5, "", "## Annex", "", "It is long.", "", "#### Deep down", "", "It is deep."),
	ends("section-empty", 1, "", "## Annex"),
	ends("section-empty", 1, "", "## Annex", "", "TBD"),
}

// faultsOfOurs are planted into a post of our own alone, for they need what not every post has.
var faultsOfOurs = []fault{
	change("zone-missing", `^## Timeline \(times in CEST\)`, "## Timeline"),
	change("zone-impossible", `^## Timeline \(times in CEST\)`, "## Timeline (times in CET)"),
	change("zone-mixed", `14:12 - The alert`, "14:12 UTC - The alert"),
	change("zone-mixed", `came at 14:12`, "came at 16:12"),
	change("zone-mixed", `came at 14:12`, "came at 12:12 UTC"),
	change("time-order", `11/06/2025 14:12 -`, "11/06/2025 13:58 -"),
	change("time-impossible", `11/06/2025 14:12 -`, "31/06/2025 14:12 -"),
	change("time-outside", `11/06/2025 14:45 -`, "11/07/2025 14:45 -"),
	change("time-outside", `came at 14:12`, "came at 16:31"),
	change("duration", `For 50 minutes`, "For 34 minutes"),
	change("duration", `For 50 minutes`, "For two hours"),
	change("duration", `For 50 minutes`, "For more than an hour"),
	change("detection-missing", `^## Detection`, "## Weather"),
	change("action-link", `\[one file\]\([^)]*\)`, "one file"),
	change("alert-missing", `^The alert .* came at 14:12\. `, ""),
	change("excerpt", `^For 50 minutes`, "## Headline\n\nFor 50 minutes"),
	change("heading-in-list", `^- Restarted the gate control\.$`, "- Restarted the gate control.\n### Then\n\nIt was so."),
	change("section-empty", `^A list that lies.*`, "*To be written: what is known now that was not known before.*"),
	change("first-person", `A skipper called`, "I called a skipper"),
	change("name", `A skipper called`, "Zoe called"),
}

// faultsWithTimeline are planted into published posts that have one.
var faultsWithTimeline = []fault{
	{"duration", func(lines []string) ([]string, int, bool) {
		if !slices.ContainsFunc(lines, func(s string) bool { return strings.HasPrefix(s, "## Timeline") }) {
			return nil, 0, false
		}
		return says("", "The service was down for 9 hours and 7 minutes.").plant(lines)
	}},
	{"time-order", func(lines []string) ([]string, int, bool) {
		stamp := regexp.MustCompile(`^- [*]*\d{4}-\d\d-\d\d \d\d:\d\d`)
		for i := 1; i < len(lines); i++ {
			a, b := stamp.FindString(lines[i-1]), stamp.FindString(lines[i])
			if a != "" && b != "" && a != b {
				out := slices.Clone(lines)
				out[i-1], out[i] = out[i], out[i-1]
				return out, i + 1, true
			}
		}
		return nil, 0, false
	}},
	change("time-outside", `^([-*] [*]*)20(\d\d-\d\d-\d\d \d\d:\d\d.*)(restored|online|closed|resolved)(.*)$`, "${1}19$2$3$4"),
	change("section-empty", `^## Detection`, "## Weather\n\n## Detection"),
	change("alert-missing", `^The issue first generated alerts.*`, "Users told us."),
}

type place struct {
	line int
	rule string
}

func placesOf(found []postmortem.Finding) []place {
	var all []place
	for _, f := range found {
		all = append(all, place{f.Line, f.Rule})
	}
	return all
}

// checkPlanted plants the fault into a post whose findings are known, and demands that just it is new.
func checkPlanted(t *testing.T, name, text string, known []place, f fault) {
	t.Helper()
	lines := strings.Split(text, "\n")
	out, at, ok := f.plant(lines)
	if !ok {
		return
	}
	planted := strings.Join(out, "\n")
	grown := len(strings.Split(planted, "\n")) - len(lines)
	first := 0
	for after := strings.Split(planted, "\n"); first < len(lines) && first < len(after) && lines[first] == after[first]; {
		first++
	}
	var before []place
	for _, p := range known {
		if p.line > first {
			p.line += grown
		}
		before = append(before, p)
	}
	if f.rule == "heading-in-list" || grown == 0 && (f.rule == "section-empty" || f.rule == "detection-missing") || f.rule == "alert-missing" {
		at = 0 // said at the heading
	}
	fresh := placesOf(strict.Lint(name, []byte(planted), nil, lintDay))
	for _, p := range before {
		if i := slices.Index(fresh, p); i >= 0 {
			fresh = slices.Delete(fresh, i, i+1)
		}
	}
	if len(fresh) != 1 || fresh[0].rule != f.rule || at > 0 && fresh[0].line != at {
		t.Errorf("%s with a planted %s on line %d: new findings %v\n%s", filepath.Base(name), f.rule, at, fresh, strings.Join(out[max(0, at-2):min(len(out), at+1)], "\n"))
	}
}

func TestLintFindsWhatIsPlanted(t *testing.T) {
	text, err := os.ReadFile(cleanPost)
	if err != nil {
		t.Fatal(err)
	}
	if found := strict.Lint(cleanPost, text, nil, lintDay); len(found) > 0 {
		t.Fatalf("the post without a fault has %+v", found)
	}
	for _, f := range slices.Concat(faultsAnywhere, faultsOfOurs) {
		checkPlanted(t, cleanPost, string(text), nil, f)
	}
}

func TestLintFindsWhatIsPlantedInPublishedPosts(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	for i, file := range files {
		text := readCorpus(t, filepath.Base(file))
		known := placesOf(strict.Lint(file, []byte(text), nil, lintDay))
		for j, f := range slices.Concat(faultsAnywhere, faultsWithTimeline) {
			if (i+j)%7 == 0 { // each fault into some posts, each post with some faults
				checkPlanted(t, file, text, known, f)
			}
		}
	}
}

// TestLintOfPublishedPosts holds what is found in published posts to the number that was read and judged, by rule.
func TestLintOfPublishedPosts(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	counts := map[string]int{}
	total := 0
	for _, file := range files {
		for _, f := range strict.Lint(file, []byte(readCorpus(t, filepath.Base(file))), nil, lintDay) {
			counts[f.Rule]++
			total++
			t.Logf("%s:%d: %s [%s]", filepath.Base(file), f.Line, f.Reason, f.Rule)
		}
	}
	var rules []string
	for rule, n := range counts {
		rules = append(rules, fmt.Sprintf("%s %d", rule, n))
	}
	slices.Sort(rules)
	// Each of these was read beside its post and is true of it.
	want := "action-link 11, alert-missing 1, alert-unnamed 3, bare-url 2, duration 2, excerpt 2, name 1, template-comment 12, " +
		"time-impossible 1, vague-date 12, zone-impossible 1, zone-missing 2, zone-mixed 1"
	if got := strings.Join(rules, ", "); got != want {
		t.Errorf("%d findings: %s\nwant: %s", total, got, want)
	}
}

func TestLintOfNames(t *testing.T) {
	text, err := os.ReadFile(cleanPost)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Base(cleanPost)
	for _, c := range []struct {
		name, text string
		others     []postmortem.OtherPost
		now        time.Time
		want       string
	}{
		{"lock-gates.md", string(text), nil, lintDay, "file-name"},
		{name, string(text), []postmortem.OtherPost{{Name: "_posts/other/" + name, Text: text}}, lintDay, "same-url"},
		{name, string(text), []postmortem.OtherPost{{Name: "2025-06-13-lock-gates.md", Text: text}}, lintDay, ""},
		{name, string(text), nil, time.Date(2025, 6, 10, 0, 0, 0, 0, time.UTC), "date-future time-outside"},
		{name, "", nil, lintDay, "unreadable"},
		{name, "---\n\xff", nil, lintDay, "unreadable"},
		{name, "Words alone.\n", nil, lintDay, "front-matter"},
		{name, "---\nlayout: post\n", nil, lintDay, "front-matter"},
	} {
		var got []string
		for _, f := range strict.Lint(c.name, []byte(c.text), c.others, c.now) {
			if !slices.Contains(got, f.Rule) {
				got = append(got, f.Rule)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s of %q: %q, want %q", c.name, c.text[:min(len(c.text), 20)], got, c.want)
		}
	}
	site := postmortem.Linter{Site: "https://locks.example"}
	linked := string(text) + "\nSee [that one](https://locks.example/2025/01/05/weir/).\n"
	others := []postmortem.OtherPost{{Name: "2025-01-05-weir.md", Text: text}}
	if found := site.Lint(name, []byte(linked), others, lintDay); len(found) > 0 {
		t.Errorf("a link to a post that is there: %+v", found)
	}
	others[0].Name = "2025-01-06-weir.md"
	if found := site.Lint(name, []byte(linked), others, lintDay); len(found) != 1 || found[0].Rule != "link-post" {
		t.Errorf("a link to a post that is not there: %+v", found)
	}
}

// proseOf are the words of a post but for those of comments and marks that only tell how they are written.
func proseOf(text string) string {
	text = regexp.MustCompile(`(?s)<!--.*?-->`).ReplaceAllString(text, "")
	text = strings.NewReplacer("&lt;", "<", "&#123;", "{", `{{ "{{" }}`, "{{", `{{ "{%" }}`, "{%", `{\x7B`, "{{", `{\x25`, "{%").Replace(text)
	text = strings.NewReplacer("<", "", ">", "", `"`, "", `\`, "").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

func checkFix(t *testing.T, name string, text []byte) string {
	t.Helper()
	var l postmortem.Linter
	fixed := l.Fix(name, text, nil, lintDay)
	if again := l.Fix(name, fixed, nil, lintDay); string(again) != string(fixed) {
		t.Fatalf("mended twice it differs:\n%q\n%q", fixed, again)
	}
	for _, f := range l.Lint(name, fixed, nil, lintDay) {
		if f.Fixable {
			t.Fatalf("line %d still has %s (%s):\n%q", f.Line, f.Rule, f.Reason, fixed)
		}
	}
	if a, b := proseOf(string(text)), proseOf(string(fixed)); a != b {
		t.Fatalf("words changed:\n%q\n%q", a, b)
	}
	if _, err := postmortem.ParseFile(name, text); err == nil {
		if _, err := postmortem.ParseFile(name, fixed); err != nil {
			t.Fatalf("mended it cannot be read: %v\n%q", err, fixed)
		}
	}
	return string(fixed)
}

func TestLintFix(t *testing.T) {
	for _, c := range []struct{ before, after string }{
		{"See https://a.example/b.\n", "See <https://a.example/b>.\n"},
		{"A {{ x }} and `{% y %}`.\n", "A &#123;{ x }} and `{{ \"{%\" }} y %}`.\n"},
		{"red | green\n", "red \\| green\n"},
		{"An Array<Harbour> was\n", "An Array&lt;Harbour> was\n"},
		{"- one\n## Two\n\nIt was.\n", "- one\n\n## Two\n\nIt was.\n"},
		{"one\ttwo\n", "one two\n"},
		{"one\n\n<!-- what? -->\n\ntwo\n", "one\n\ntwo\n"},
		{"<!-- markdownlint-disable -->\n\ntwo\n", "<!-- markdownlint-disable -->\n\ntwo\n"},
		{"| a | b |\n|---|---|\n| 1 | 2 |\n", "| a | b |\n|---|---|\n| 1 | 2 |\n"},
		{"```\na | {{ b\n```\n", "```\na | {{ \"{{\" }} b\n```\n"},
		{"{% raw %}{{ x }}{% endraw %} {{ site.title }}\n", "{% raw %}{{ x }}{% endraw %} {{ site.title }}\n"},
	} {
		front := "---\nlayout: post\ntitle: \"Gate\"\n---\n\n"
		if got := checkFix(t, "2025-06-12-gate.md", []byte(front+c.before)); got != front+c.after {
			t.Errorf("%q became %q, want %q", c.before, strings.TrimPrefix(got, front), c.after)
		}
	}
	got := checkFix(t, "2025-06-12-gate.md", []byte("---\nlayout: post\ntitle: Post-mortem: gate\n---\n\nIt was shut.\n"))
	if !strings.Contains(got, "\ntitle: \"Post-mortem: gate\"\n") {
		t.Errorf("the title that lacks quotes: %q", got)
	}
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Log("no corpus of published posts beside the repository")
	}
	for _, file := range files {
		checkFix(t, file, []byte(readCorpus(t, filepath.Base(file))))
	}
}

func FuzzLint(f *testing.F) {
	text, err := os.ReadFile(cleanPost)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	for _, fault := range slices.Concat(faultsAnywhere, faultsOfOurs) {
		if out, _, ok := fault.plant(strings.Split(string(text), "\n")); ok {
			f.Add(strings.Join(out, "\n"))
		}
	}
	f.Add("---\r\ntitle: a: b\r\n---\r\n- x\r\n# y\t|\r\n<!--\r\n-->\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 4000 {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, found := range strict.Lint("2025-06-12-gate.md", []byte(text), nil, lintDay) {
			if found.Line < 1 || found.Line > lines || found.Reason == "" || found.Fix == "" || found.Level.Rank() < 0 {
				t.Fatalf("%+v in %d lines", found, lines)
			}
		}
		checkFix(t, "2025-06-12-gate.md", []byte(text))
	})
}
