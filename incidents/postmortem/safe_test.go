package postmortem_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"pgregory.net/rapid"

	"watchbell/incidents/postmortem"
)

func TestSafe(t *testing.T) {
	for _, c := range []struct{ name, typed, want string }{
		{"Liquid", "{{ x }} {% salt %}", "&#123;{ x }} &#123;% salt %}"},
		{"Liquid, piled up", "{{{% x", "&#123;&#123;&#123;% x"},
		{"Liquid after a backslash", `\{{ x }}`, "&#123;{ x }}"},
		{"Liquid in code", "`{{ x }}` and `{% y %}`", "`{{ \"{{\" }} x }}` and `{{ \"{%\" }} y %}`"},
		{"Liquid in a fence", "```\n{{{% endraw %}\n```", "```\n{{ \"{{\" }}{{ \"{%\" }} endraw %}\n```"},
		{"Liquid in indented code", "a\n\n    {{ x }}", "a\n\n    {{ \"{{\" }} x }}"},
		{"Liquid in a link", "[a](https://example.org/{{x}})", "[a](https://example.org/%7B%7Bx%7D%7D)"},
		{"attributes", "x{: .a onclick=\"b\"}\n{::comment}", "x&#123;: .a onclick=\"b\"}\n&#123;::comment}"},
		{"a single brace", "map{a}, { b }", "map{a}, { b }"},
		{"HTML", "<script>a</script> Array<String> <!-- b -->", "&lt;script>a&lt;/script> Array&lt;String>"},
		{"a comment", "a <!-- b --> c<!-- d -->e <!-- f -->\n<!-- g --> h\n<!-- i -->\n\n<!--\n# j\n\n{{ k }}\n--> l\n\n<!-- m -->\n\nn", "a c e\nh\n\nl\n\nn"},
		{"a comment in code", "`<!-- a -->`\n```\n<!-- b -->\n```\n\n    <!-- c -->", "`<!-- a -->`\n\n```\n<!-- b -->\n```\n\n    <!-- c -->"},
		{"no comment", "a <!-- b\n--> c \\<!-- d -->", "a &lt;!-- b\n--> c \\<!-- d -->"},
		{"what a comment held apart", "{<!-- -->{ x }} <!<!-- -->-- y --> -<!-- -->-force", "{ { x }} &lt;! -- y --> - -force"},
		{"a comment in an item", "- <!-- a -->\n- <!-- b --> c", "-\n- c"},
		{"HTML in code", "`<script>` a", "`<script>` a"},
		{"less than", "a < b <3 <= c <- d", "a < b <3 <= c &lt;- d"},
		{"less, twice", "a <<b << c", "a &lt;&lt;b &lt;< c"},
		{"autolinks", "<https://example.org/a?b=c> <mailto:a@example.org>", "<https://example.org/a?b=c> <mailto:a@example.org>"},
		{"a break", "a<br>b", "a<br>b"},
		{"a link that Slack wrapped stays visible", "<javascript:x>", "&lt;javascript:x>"},
		{"pipe", `a | b \| c`, `a \| b \| c`},
		{"pipe in code", "`a | b`", "`a | b`"},
		{"table", "a\n\n| a | b |\n|---|---|", "a\n\n| a | b |\n|---|---|"},
		{"table without outer pipes", "a | b\n--|:-:\n{{ c }} | `d|e`\nf", "| a | b |\n| --|:-: |\n| &#123;{ c }} | `d|e` |\nf"},
		{"no table", "a | b\n--|--|--\n\nc\nd | e\n--|--", "a \\| b\n--\\|--\\|--\n\nc\nd \\| e\n--\\|--"},
		{"table in an item", "- | a | b |", `- \| a \| b \|`},
		{"bare URL", "see https://example.org/a_b.", "see <https://example.org/a_b>."},
		{"bare URL in brackets", "(https://example.org/a_(b))", "(<https://example.org/a_(b)>)"},
		{"bare URL, strong", "**https://example.org**", "**<https://example.org>**"},
		{"bare URL as label", "[https://example.org](https://example.org/x)", "[https://example.org](https://example.org/x)"},
		{"URL in code", "`curl https://example.org`", "`curl https://example.org`"},
		{"bad links", "[a](javascript:b) ![c](data:d)", `[a\](javascript:b) ![c\](data:d)`},
		{"bad links after blanks", "[a]( javascript:b) ![c](\tdata:d) [e](  //f) [g]( \t<javascript:h>)",
			"[a\\]( javascript:b) ![c\\](\tdata:d) [e\\](  //f) [g\\]( \t&lt;javascript:h>)"},
		{"bad links on the next line", "[a](\njavascript:b)\n![c]( \n//d)", "[a\\](\njavascript:b)\n![c\\]( \n//d)"},
		{"bad links in two parts", "[a](java\nscript:b) [c](java\tscript:d) [e](/\t/f)", "[a\\](java\nscript:b) [c\\](java\tscript:d) [e\\](/\t/f)"},
		{"links to another host", "[a](//b) [c](/&#47;d) [e](///f)", `[a\](//b) [c\](/&#47;d) [e\](///f)`},
		{"links without a target", "[a]() [b]( ) [c]( \"d\")", "[a]() [b]() [c](%22d%22)"},
		{"good links after blanks", "[a]( https://example.org ) ![b](\t/c.png \"d\") [e]( f g.pdf)",
			"[a](https://example.org ) ![b](/c.png \"d\") [e](f g.pdf)"},
		{"links on the site", "[a](/2023/x/) [b](#c) ![](/images/d.png)", "[a](/2023/x/) [b](#c) ![](/images/d.png)"},
		{"definition", "See [a].\n\n[a]: https://example.org \"A | B\"", "See [a].\n\n[a]: https://example.org \"A \\| B\""},
		{"bad definition", "[a]: javascript:b", `\[a]: javascript:b`},
		{"options", "ran migrate --force (--dry-run) `--x` a -- b, a--b https://example.org/a --- c\n--verbose", "ran migrate \\--force (\\--dry-run) `--x` a -- b, a--b <https://example.org/a> --- c\n\\--verbose"},
		{"headings", "# a\n\n## b\n\n### c\n\n#### d", "### a\n\n### b\n\n### c\n\n#### d"},
		{"heading right after text", "a\n## b", "a\n\n### b"},
		{"no heading", "#15276 is fixed", "#15276 is fixed"},
		{"underlined", "a\n===\n\nb\n---\nc", "### a\n\n### b\nc"},
		{"underlined, long", "a\nb\n---\nc", "a\nb\n\n***\nc"},
		{"front matter", "---\nlayout: x\n---", "***\nlayout: x\n\n***"},
		{"rule", "a\n\n---\n\nb", "a\n\n***\n\nb"},
		{"math", "pid $$ and $$x$$", `pid \$\$ and \$\$x\$\$`},
		{"definition list", "a\n: b", "a\n\\: b"},
		{"abbreviation", "*[HTML]: x", `\*[HTML]: x`},
		{"end of block", "a\n^\nb", "a\n&#94;\nb"},
		{"a lone backtick", "a ` b", "a &#96; b"},
		{"a fence left open", "a\n```\n<b>\n\nc", "a\n\n```\n<b>\n\nc\n```"},
		{"a fence closed in haste", "```one two\nthree```\nafter", "```\none two\nthree\n```\n\nafter"},
		{"a fence in a list", "- a\n  ```\n  <b>\n  ```\n- c", "- a\n\n  ```\n  <b>\n  ```\n\n- c"},
		{"a fence in a quote", "> ```\n> <b>\n> ```", "> ```\n> <b>\n> ```"},
		{"a quote", "> a | b\n> # c", "> a \\| b\n>\n> ### c"},
		{"characters", "a\r\nb\x00\x1b[1m\ufeff\u202ec\xff\u2028d", "a\nb[1mc\ufffd d"},
		{"what people write stays", "It's  **bold**, _it_ -- \"so\"...  \n1. a\n2) b\n\n- [x] c\n  d\n* e &amp; f\\\ng [^1]\n\n[^1]: note",
			"It's  **bold**, _it_ -- \"so\"...  \n1. a\n2) b\n\n- [x] c\n  d\n* e &amp; f\\\ng [^1]\n\n[^1]: note"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := postmortem.Safe(c.typed)
			if got != c.want {
				t.Errorf("Safe(%q)\n got %q\nwant %q", c.typed, got, c.want)
			}
			if again := postmortem.Safe(got); again != got {
				t.Errorf("the second time %q became %q", got, again)
			}
		})
	}
}

func TestEscape(t *testing.T) {
	for plain, want := range map[string]string{
		"It's down - for users' sake. (50%, 2 * 3 = 6; a-b, snake_case, ~30 min, AT&T)": `It's down - for users\' sake. (50%, 2 * 3 = 6; a-b, snake_case, ~30 min, AT&T)`,
		"@ana :tada: #general C:\\temp 12:30 50€":                                       "@ana :tada: #general C:\\temp 12:30 50€",
		"rm --force ...":             `rm \--force \...`,
		"{{ x }} {% y %} {: .z} {a}": "&#123;{ x }} &#123;% y %} &#123;: .z} {a}",
		"Array<String> a < b":        "Array&lt;String> a < b",
		"a | b \"c\" `d`":            `a \| b \"c\" &#96;d&#96;`,
		"*a* _b_ ~~c~~ x1_y":         `\*a\* \_b\_ \~\~c\~\~ x1\_y`,
		"[a](b) ![c] [^1]":           `\[a\](b) !\[c\] \[^1\]`,
		"&amp; &#65; & B":            "&amp;amp; &amp;#65; & B",
		"$$ $1":                      `\$\$ $1`,
		"# a\n- b\n1. c\n> d\n: e\n===\n---\n^\n+ f\n| g": `\# a` + "\n" + `\- b` + "\n" + `1\. c` + "\n" + `\> d` + "\n" + `\: e` + "\n" + `\===` + "\n" + `\-\--` + "\n&#94;\n" + `\+ f` + "\n" + `\| g`,
		"see https://example.org/a_b, ok":                 "see <https://example.org/a_b>, ok",
		"back\\slash \\* \\":                              `back\slash \\\* &#92;`,
		"  code?\n    code?":                              " code?\ncode?",
	} {
		if got := postmortem.Escape(plain); got != want {
			t.Errorf("Escape(%q)\n got %q\nwant %q", plain, got, want)
		}
	}
}

func TestLeaves(t *testing.T) {
	for got, want := range map[string]string{
		postmortem.Code("ls -l | wc"):                                   "`ls -l | wc`",
		postmortem.Code("a ` b"):                                        "`` a ` b ``",
		postmortem.Code("{{ x }}"):                                      "`{{ \"{{\" }} x }}`",
		postmortem.Code(" \n"):                                          "",
		postmortem.Code("a `` b ` c"):                                   "a &#96;&#96; b &#96; c",
		postmortem.Fence("a\n```\nb\n"):                                 "````\na\n```\nb\n````",
		postmortem.Fence("{% x %}"):                                     "```\n{{ \"{%\" }} x %}\n```",
		postmortem.Link("a [b]", "https://example.org/a(b)|c"):          `[a \[b\]](https://example.org/a%28b%29%7Cc)`,
		postmortem.Link("a", "mailto:a@example.org"):                    "[a](mailto:a@example.org)",
		postmortem.Link("a_b ", "javascript:alert(1)"):                  "a_b ",
		postmortem.Link("", "https://example.org"):                      "<https://example.org>",
		postmortem.Link("https://example.org", "https://example.org/x"): "[https://example.org](https://example.org/x)",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// anyText draws text that is likely to hurt.
func anyText() *rapid.Generator[string] {
	token := rapid.OneOf(
		rapid.SampledFrom([]string{"{{", "{%", "{:", "}}", "<", "<b>", "<https://example.org>", "|", "`", "```", "~~~", "- ", "1. ", "# ", "> ",
			"---", "===", "[", "](", "]( ", ")", "javascript:", "//", "[a]: ", "$$", "\\", "\n", "\n\n", "\n  ", "\n    ", "<!--", "<!-- ", " -->", "--|--\n", "https://example.org", "&lt;", "*", "_", "^", " ", "\t", "a"}),
		rapid.String(),
	)
	return rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(token, 0, 12).Draw(t, "tokens"), "") })
}

func TestSafeIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkSafe(t, anyText().Draw(t, "text")) })
}

func TestEscapedTextIsSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkEscape(t, anyText().Draw(t, "text")) })
}

func TestRenderKeepsItsShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkRender(t, anyText().Draw(t, "text")) })
}

type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

var (
	liquidShown  = strings.NewReplacer(`{{ "{{" }}`, "", `{{ "{%" }}`, "")
	liquidOpener = regexp.MustCompile(`\{\{|\{%`)
)

func checkSafe(t fataler, typed string) {
	t.Helper()
	safe := postmortem.Safe(typed)
	if again := postmortem.Safe(safe); again != safe {
		t.Fatalf("Safe(%q)\nonce  %q\ntwice %q", typed, safe, again)
	}
	if opener := liquidOpener.FindString(liquidShown.Replace(safe)); opener != "" {
		t.Fatalf("Safe(%q) = %q holds %s", typed, safe, opener)
	}
}

func checkEscape(t fataler, typed string) {
	t.Helper()
	for _, text := range []string{postmortem.Escape(typed), postmortem.Code(typed), postmortem.Fence(typed), postmortem.Link(typed, "https://example.org")} {
		if safe := postmortem.Safe(text); safe != text {
			t.Fatalf("typed %q\nwritten %q\nis not safe: %q", typed, text, safe)
		}
		if opener := liquidOpener.FindString(liquidShown.Replace(text)); opener != "" {
			t.Fatalf("%q became %q and holds %s", typed, text, opener)
		}
	}
}

// markdown reads a post as GitHub would show it.
var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM))

// checkRender puts the text everywhere and looks at the page.
func checkRender(t fataler, typed string) {
	t.Helper()
	p := postmortem.Draft{Title: typed, Author: typed, Sections: map[postmortem.Section]string{}}
	for _, s := range postmortem.Sections() {
		p.Sections[s] = typed
	}
	for i := range 3 {
		p.Actions = append(p.Actions, postmortem.ActionItem{Text: "x" + typed, Link: "https://example.org/c"})
		p.Timeline = append(p.Timeline, postmortem.Entry{At: time.Unix(int64(i), 0), Text: typed})
	}
	post := p.Render(postmortem.Flat())
	if opener := liquidOpener.FindString(liquidShown.Replace(post)); opener != "" {
		t.Fatalf("%q: the post holds %s:\n%s", typed, opener, post)
	}
	if !strings.HasSuffix(post, "\n") || strings.HasSuffix(post, "\n\n") {
		t.Fatalf("%q: the post does not end in one newline", typed)
	}
	front, body, ok := strings.Cut(strings.TrimPrefix(post, "---\n"), "\n---\n")
	if !ok || strings.Count(front, "\n") > 2 {
		t.Fatalf("%q: front matter\n%s", typed, front)
	}
	source := []byte(body)
	var headings []string
	var last ast.Node
	doc := markdown.Parser().Parse(text.NewReader(source))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok && h.Level < 3 {
			headings = append(headings, string(bytes.TrimSpace(h.Lines().Value(source))))
		}
		last = n
	}
	want := "Impact|Root Causes|Trigger|Detection|Resolution|Action items|Lessons learned|What Went Well?|What Went Wrong?|Where We Got Lucky|Timeline (times in UTC)"
	if got := strings.Join(headings, "|"); got != want {
		t.Fatalf("%q: headings %s\n%s", typed, got, body)
	}
	list, ok := last.(*ast.List)
	if !ok || list.ChildCount() != 3 {
		t.Fatalf("%q: the timeline is not a list of three\n%s", typed, body)
	}
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		for n := item.FirstChild(); n != nil; n = n.NextSibling() {
			switch n.Kind() {
			case ast.KindTextBlock, ast.KindParagraph, ast.KindFencedCodeBlock:
			default:
				t.Fatalf("%q: a timeline entry holds a %s\n%s", typed, n.Kind(), body)
			}
		}
	}
}

func seed(f *testing.F) {
	for _, s := range []string{"", "a | b", "{{ x }}", "- a\n  ```\n  {% x %}\n  ```", "# a\n===\n", "[a](javascript:b)", "[a]( \tjavascript:b) [c](\n//d)", "`a` ``b`` \\`", "> > a\n> ```\n", "\x00\xff\u202e"} {
		f.Add(s)
	}
}

func FuzzSafe(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, typed string) { checkSafe(t, typed) })
}

func FuzzEscape(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, typed string) { checkEscape(t, typed) })
}

func FuzzRender(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, typed string) { checkRender(t, typed) })
}

// BenchmarkRender10000 renders a post with ten thousand entries of the usual kind.
func BenchmarkRender10000(b *testing.B) {
	texts := []string{
		"We noticed that the deployment failed and started to investigate, because nobody could log in any more",
		"Restarted the affected services: `systemctl restart app.target`, see [the runbook](https://wiki.example.org/restart)",
		"Asked the hosting team, https://status.example.org/42 says all is well | it is not",
	}
	p := ferry()
	p.Timeline = nil
	for i := range 10000 {
		p.Timeline = append(p.Timeline, postmortem.Entry{At: time.Unix(int64(1700000000+60*i), 0), Text: texts[i%len(texts)]})
	}
	for b.Loop() {
		if len(p.Render(postmortem.Flat())) < 1_000_000 {
			b.Fatal("too short")
		}
	}
}
