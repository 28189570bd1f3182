//go:build jekyll

package postmortem_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"watchbell/incidents/postmortem"
)

// The tests in this file put hostile text through the real Liquid and kramdown:
//
//	apt-get install -y --no-install-recommends jekyll ruby-jekyll-paginate ruby-jekyll-archives \
//		ruby-kramdown-parser-gfm ruby-rouge
//	go test -tags jekyll ./incidents/postmortem
//
// They fail where Ruby or Jekyll is missing: who asks for them wants to know.

// hostile is what random text is made of.
var hostile = []string{
	"{{ site.secret }}", "{% salt %}", "{{", "{%", "{", "}", "}}", "%}", "{:", "{: .evil onclick=\"x\"}", "{::comment}", "{:/}",
	"{% raw %}", "{% endraw %}", `{{ "{{" }}`, `{{ "{%" }}`, "<script>", "</script>", "<b onclick=x>", "<!--", "-->", "Array<String>", "<div>", "<br>",
	"<", ">", "<<", ">>", "a < b", "|", "| a | b |", "|---|---|", "`", "``", "```", "````", "~~~", "~~", "~", "`a|b`", "`<script>`",
	"`{{ x }}`", "# ", "## ", "### x", "#", "---", "===", "--", "...", "\"", "'", "it's", "*", "**", "_", "snake_case", "x1_y2_z", "- ", "* ", "+ ",
	"1. ", "12. ", "> ", ": ", "^", "[", "]", "(", ")", "[x]", "[ ] ", "](", "[a](javascript:alert(1))", "[a]( javascript:alert(1))", "![a](\tdata:x)",
	"[a](\njavascript:alert(1))", "[a](java\nscript:alert(1))", "[a](java\tscript:alert(1))", "[a]( //evil.example)", "[a](/&#47;evil.example)",
	"[a](/\n/evil.example)", "javascript:x", "//evil.example", "[a](https://example.org/x)", "![i](/i.png)",
	"[a]: javascript:x", "[a]: https://example.org", "[^1]", "[^1]: note", "*[HTML]: evil", "HTML", "https://example.org/a_b|c", "http://example.org.",
	"<https://example.org>", "<mailto:a@example.org>", "$$", "$", "\\", "\\`", "\\{", "\\|", "&", "&amp;", "&lt", ";", "&#123;", "@ana", ":tada:", "é", "日本",
	"\n", "\n", "\n", "\n\n", "\n    ", "\n  ", "\n\t", "\n\n    ", "\n- ", "\n  - ", "\n```\n", "\n  ```\n", "\n    ```\n", "\n~~~\n", "\n> ", "\n\n<script>\n\n",
	"\n---\n", "\n===\n", "\n^\n", " ", "  ", "  \n", "\t", "word", "two words", ".", "!", "0", "\u202e", "\ufeff", "\x00", "\xff", "\r\n", "\r",
}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(14) {
		b.WriteString(hostile[r.IntN(len(hostile))])
	}
	return b.String()
}

// rounds is how many texts a test tries; WATCHBELL_ROUNDS asks for more.
func rounds(t *testing.T) (int, *rand.Rand) {
	n, seed := 3000, uint64(1)
	if v, err := strconv.Atoi(os.Getenv("WATCHBELL_ROUNDS")); err == nil {
		n, seed = v, uint64(time.Now().UnixNano())
	}
	t.Logf("%d texts, seed %d", n, seed)
	return n, rand.New(rand.NewPCG(seed, 0))
}

// render puts texts through Liquid and kramdown.
func render(t *testing.T, texts []string) []string {
	t.Helper()
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, text := range texts {
		if err := enc.Encode(text); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("ruby", "testdata/site.rb")
	cmd.Stdin = &in
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ruby with jekyll's parts is needed here: %v\n%s", err, stderr.String())
	}
	var pages []string
	for line := range bytes.Lines(out) {
		var answer struct{ HTML, Error string }
		if err := json.Unmarshal(line, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Error != "" {
			t.Errorf("the build of the whole site would fail: %s\n%q", answer.Error, texts[len(pages)])
		}
		pages = append(pages, answer.HTML)
	}
	if len(pages) != len(texts) {
		t.Fatalf("%d pages from %d texts", len(pages), len(texts))
	}
	return pages
}

var (
	codeBlocks = regexp.MustCompile(`(?s)<code[^>]*>.*?</code>`)
	tags       = regexp.MustCompile(`<[^>]*>`)
	foreign    = regexp.MustCompile(`(?i)<script|<b[ >]|<div(?: class="(?:footnotes|language-[^"]*)"|>\s*<pre|>$)?[^>]*onclick|onclick=|class="evil"|(?:href|src)="\s*(?:j\s*a\s*v\s*a\s*s|data:|/\s*(?:/|&))|<!--|<abbr|LEAKED`)
)

// harm says what is wrong with a page whatever was typed into it.
func harm(page string) string {
	prose := codeBlocks.ReplaceAllString(page, "")
	for _, tag := range tags.FindAllString(prose, -1) {
		if m := foreign.FindString(tag); m != "" {
			return "markup got through: " + tag
		}
	}
	switch {
	case strings.Contains(page, "LEAKED"):
		return "Liquid ran"
	case strings.Contains(prose, "<h1"):
		return "a heading of level 1"
	case strings.Contains(page, "<!--"):
		return "a comment"
	case strings.Contains(page, "kdmath"), strings.Contains(prose, `\(`) && strings.Contains(prose, "math"):
		return "math"
	}
	return ""
}

func TestSiteSections(t *testing.T) {
	n, r := rounds(t)
	typed, texts := make([]string, n), make([]string, n)
	for i := range n {
		typed[i] = randomText(r)
		texts[i] = "Lead.\n\n## Impact\n\n" + postmortem.Safe(typed[i]) + "\n\n## Timeline\n\n- one\n- two\n"
	}
	for i, page := range render(t, texts) {
		problem := harm(page)
		_, tail, _ := strings.Cut(page, `id="timeline"`)
		switch {
		case problem != "":
		case strings.Count(page, "<h2") != 2 || !strings.Contains(page, `<h2 id="timeline">`):
			problem = "the headings of the post are not the only ones of their level"
		case strings.Count(tail, "<li>") < 2 || !strings.HasPrefix(tail, ">Timeline</h2>\n\n<ul>\n  <li>one</li>\n  <li>two</li>\n</ul>"):
			problem = "the section reaches into the next"
		case strings.Contains(page, "<table") && !regexp.MustCompile(`(?m)^ {0,3}(> ?)*[ \t]*\|`).MatchString(strings.ReplaceAll(words(typed[i]), "\r", "\n")):
			problem = "a table that nobody meant"
		}
		if problem != "" {
			t.Errorf("%s\ntyped %q\nsafe\n%s\npage\n%s", problem, typed[i], texts[i], page)
			if t.Failed() && len(typed[i]) > 0 && failures(t) > 8 {
				return
			}
		}
	}
}

var failed = map[string]int{}

func failures(t *testing.T) int { failed[t.Name()]++; return failed[t.Name()] }

func TestSiteEscape(t *testing.T) {
	n, r := rounds(t)
	typed, texts := make([]string, n), make([]string, n)
	for i := range n {
		typed[i] = randomText(r)
		if i%2 == 0 {
			typed[i] = strings.Join(strings.Fields(typed[i]), " ")
		}
		texts[i] = "- start\n- " + strings.ReplaceAll(strings.TrimSpace(postmortem.Escape(typed[i])), "\n", "\n  ") + "\n- end\n"
	}
	for i, page := range render(t, texts) {
		problem := harm(page)
		if problem == "" && strings.Count(page, "<li>") != 3 && strings.TrimSpace(typed[i]) != "" {
			problem = "not one item"
		}
		if got, want := shown(page), "start "+words(typed[i])+" end"; problem == "" && squeeze(got) != squeeze(want) {
			problem = fmt.Sprintf("shown\n%s\ninstead of\n%s", got, want)
		}
		if problem != "" {
			t.Errorf("%s\ntyped %q\nescaped\n%s\npage\n%s", problem, typed[i], texts[i], page)
			if failures(t) > 8 {
				return
			}
		}
	}
}

// TestSiteEntries renders whole posts of hostile entries and action items.
func TestSiteEntries(t *testing.T) {
	n, r := rounds(t)
	n /= 4
	typed, texts := make([]postmortem.Draft, n), make([]string, n)
	for i := range n {
		p := postmortem.Draft{Title: randomText(r)}
		for j := range 3 {
			p.Timeline = append(p.Timeline, postmortem.Entry{At: time.Unix(int64(j*60), 0), Text: "x" + randomText(r)})
			p.Actions = append(p.Actions, postmortem.ActionItem{Text: randomText(r) + "y", Link: "https://example.org/c/1"})
		}
		typed[i] = p
		_, texts[i], _ = strings.Cut(strings.TrimPrefix(p.Render(postmortem.Flat()), "---\n"), "---\n")
	}
	for i, page := range render(t, texts) {
		problem := harm(page)
		switch actions, timeline, _ := strings.Cut(page, `id="timeline-times-in-utc"`); {
		case problem != "":
		case strings.Count(page, "<h2") != 11 || strings.Contains(page, "<h3"):
			problem = "the headings of the post are not the only ones"
		case strings.Count(timeline, "<li>") != 3 || strings.Count(timeline, "<ul>") != 1 || strings.Contains(timeline, "<ol"):
			problem = "not three entries"
		case strings.Count(actions, "<li") != 3:
			problem = "not three action items"
		case strings.Contains(page, "<table"):
			problem = "a table"
		case strings.Contains(page, "<blockquote"), strings.Contains(page, "<hr"), strings.Contains(page, "<dl"):
			problem = "a block that nobody meant"
		}
		if problem != "" {
			t.Errorf("%s\ntyped %+q\n%+v\npost\n%s\npage\n%s", problem, fmt.Sprint(typed[i].Timeline), typed[i].Actions, texts[i], page)
			if failures(t) > 8 {
				return
			}
		}
	}
}

// TestSiteLeaves shows code spans, fences and links as they were captured.
func TestSiteLeaves(t *testing.T) {
	n, r := rounds(t)
	n /= 3
	var typed, texts, want []string
	for range n {
		x := randomText(r)
		y := strings.TrimSpace(words(x))
		if y == "" {
			continue
		}
		label := strings.Join(strings.Fields(y), " ")
		p := postmortem.Draft{Timeline: []postmortem.Entry{{Text: "a\n" + postmortem.Fence(x)}, {Text: "c"}}}
		_, fenced, _ := strings.Cut(p.Render(postmortem.Flat()), "(times in UTC)\n")
		fenced = strings.ReplaceAll(fenced, "- 01/01/0001 00:00 -", "-")
		typed = append(typed, x, x, x)
		texts = append(texts, "- a "+postmortem.Code(x)+" b\n- c\n", fenced,
			"- a "+postmortem.Link(label, "https://example.org/p")+" b\n- c\n")
		want = append(want, "a "+y+" b c", "a "+y+" c", "a "+y+" b c")
	}
	for i, page := range render(t, texts) {
		problem := harm(page)
		if problem == "" && strings.Count(page, "<li>") != 2 {
			problem = "not two items"
		}
		if got := shown(page); problem == "" && squeeze(got) != squeeze(want[i]) {
			problem = fmt.Sprintf("shown\n%s\ninstead of\n%s", got, want[i])
		}
		if problem != "" {
			t.Errorf("%s\ntyped %q\nwritten\n%s\npage\n%s", problem, typed[i], texts[i], page)
			if failures(t) > 8 {
				return
			}
		}
	}
}

func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// shown is the text of a page, with the apostrophes that kramdown bends put straight again.
func shown(page string) string {
	text := html.UnescapeString(tags.ReplaceAllString(page, ""))
	return strings.NewReplacer("’", "'", "\u00A0", "").Replace(text)
}

// words is what of a typed text can be shown at all.
func words(typed string) string {
	typed = strings.ToValidUTF8(typed, "\uFFFD")
	return strings.NewReplacer("\u202e", "", "\ufeff", "", "\x00", "").Replace(typed)
}
