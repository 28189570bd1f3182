package chat

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSlack(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"the disk is full", "the disk is full"},
		{"a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
		{"**bold** __bold__ *it* _it_ ~~gone~~ ***both***", "*bold* *bold* _it_ _it_ ~gone~ *_both_*"},
		{"**a *b* c**", "*a _b_ c*"},
		{"un**believ**able", "un\u200b*believ*\u200bable"},
		{"2 * 3 * 4, snake_case_name, 2*3", "2 *\u200b 3 *\u200b 4, snake_case_name, 2*3"},
		{`\*not bold\* \[a\](b)`, "*\u200bnot bold* [a](b)"},
		{"*lone and ~lone~", "*\u200blone and ~\u200blone~"},
		{"[the graph](https://example.org/a?b=1&c=2)", "<https://example.org/a?b=1&amp;c=2|the graph>"},
		{"[a **b** `c`](https://example.org)", "<https://example.org|a b c>"},
		{`[a](<https://example.org/a b> "title")`, "a (https://example.org/a b)"},
		{`[a](<https://example.org/a_(b)> "title")`, "<https://example.org/a_(b)|a>"},
		{"[a](https://example.org/a_(b)) c", "<https://example.org/a_(b)|a> c"},
		{"[a](/runbook) [b](javascript:alert(1))", "a (/runbook) b (javascript:alert(1))"},
		{"![a graph](https://example.org/a.png)", "<https://example.org/a.png|a graph>"},
		{"<https://example.org/a>", "<https://example.org/a>"},
		{"https://example.org/a_b_c.", "<https://example.org/a_b_c>."},
		{"(see https://example.org/a)", "(see <https://example.org/a>)"},
		{"<ops@example.org> [us](mailto:ops@example.org)", "<mailto:ops@example.org|ops@example.org> <mailto:ops@example.org|us>"},
		{"[x](https://e.org|<!channel>)", "<https://e.org%7C%3C!channel%3E|x>"},
		{"[<!channel> a|b](https://e.org)", "<https://e.org|&lt;!channel&gt; a¦b>"},
		{"<!channel> <@U123> <#C1|x> <!subteam^S1>", "&lt;!channel&gt; &lt;@U123&gt; &lt;#C1|x&gt; &lt;!subteam^S1&gt;"},
		{"@channel @here, @Everyone &#64;channel \\@here", "@\u200bchannel @\u200bhere, @\u200bEveryone @\u200bchannel @\u200bhere"},
		{"@channels ops@example.org", "@channels ops@example.org"},
		{"&lt;!here> &copy; &amp;lt; &nbsp;x", "&lt;!here&gt; © &amp;lt;  x"},
		{"`a < b` ``c ` d`` `@channel`", "`a &lt; b` `c ˋ d` `@\u200bchannel`"},
		{"a lone ` mark", "a lone ˋ mark"},
		{"# Title **bold** #\n### Sub", "*Title bold*\n*Sub*"},
		{"#hashtag", "#hashtag"},
		{"- one\n  * two\n+ **three**\n1. four\n2) five", "• one\n  • two\n• *three*\n1. four\n2. five"},
		{"- [ ] open\n- [x] done", "• ☐ open\n• ☑ done"},
		{"> quoted **b**\n>> deeper", "> quoted *b*\n> deeper"},
		{"```sh\nif a < b; then **x**\n```\nafter", "```\nif a &lt; b; then **x**\n```\nafter"},
		{"~~~\n``` @here\n~~~", "```\nˋˋˋ @\u200bhere\n```"},
		{"```\nunclosed <!here>", "```\nunclosed &lt;!here&gt;\n```"},
		{"a  \nb\\\nc\r\nd", "a\nb\nc\nd"},
		{"数据库 **重启** 了", "数据库 *重启* 了"},
		{"数据库**重启**了", "数据库\u200b*重启*\u200b了"},
		{"الخادم **لا يستجيب** الآن", "الخادم *لا يستجيب* الآن"},
		{"“**smart**” – it’s…", "“*smart*” – it’s…"},
	} {
		if got := Slack(c[0]); got != c[1] {
			t.Errorf("Slack of %q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestReadable(t *testing.T) {
	for _, c := range [][2]string{
		{"**Checkout** is [down](https://example.org), see <https://example.org/a>", "Checkout is down, see https://example.org/a"},
		{"# Title\n\n- one `two`\n> three", "Title\n\n• one two\nthree"},
		{"```\na < b\n```", "a < b"},
		{"<ops@example.org>", "ops@example.org"},
		{`snake_case \*x\*`, "snake_case *x*"},
	} {
		if got := Readable(c[0]); got != c[1] {
			t.Errorf("Readable of %q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		text  string
		limit int
		want  string
	}{
		{"checkout is down", 16, "checkout is down"},
		{"checkout is down", 15, "checkout is do…"},
		{"checkout is down", 9, "checkout…"},
		{"checkout is down", 10, "checkout…"},
		{"checkout", 1, "…"},
		{"checkout", 0, ""},
		{"checkout", -1, ""},
		{"", 5, ""},
		{"a &amp; b", 6, "a…"},
		{"a &amp; b", 8, "a &amp;…"},
		{"see <https://example.org|the graph> now", 20, "see…"},
		{"see <https://example.org|the graph> now", 37, "see <https://example.org|the graph>…"},
		{"ask <@U123> now", 10, "ask…"},
		{"1 < 2 is true", 6, "1 < 2…"},
		{"e\u0301e\u0301e\u0301", 4, "e\u0301…"},
		{"👩‍🚒👩‍🚒", 5, "👩‍🚒…"},
		{"👩‍🚒👩‍🚒", 4, "👩‍🚒…"},
		{"👩‍🚒👩‍🚒", 3, "…"},
		{"🇩🇪🇫🇷🇮🇹", 4, "🇩🇪…"},
		{"👍🏽👍🏽", 3, "👍🏽…"},
		{"⚠️⚠️⚠️", 4, "⚠️…"},
		{"نِنِنِ", 4, "نِ…"},
		{"नमस्ते दुनिया", 4, "नम…"},
		{"한국어", 3, "한국어"},
		{"数据库已重启", 4, "数据库…"},
		{"one\r\ntwo three", 5, "one…"},
	} {
		if got := Shorten(c.text, c.limit); got != c.want {
			t.Errorf("Shorten(%q, %d) = %q, want %q", c.text, c.limit, got, c.want)
		}
	}
}

// slackControls are the only control sequences that Slack may find in what is
// shown back: links.
var slackControls = regexp.MustCompile(`<(?i:https?://|mailto:)[^<>|]+(?:\|[^<>|]*)?>`)

func FuzzSlack(f *testing.F) {
	for _, seed := range []string{
		"<!channel> [<@U1>](https://e.org|<!here>)", "**a *b* `c`** ~~d~~", "- [x] a\n> b\n# c #", "```\n<!here>", "![a](<https://e.org> \"t\")",
		"&lt;!here&gt; &#60;!here> \\<!here>", "@**channel** @channel", "<https://e.org/<!here>>", "[a](https://e.org/`<!here>`)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, markdown string) {
		got := Slack(markdown)
		if left := slackControls.ReplaceAllString(got, ""); strings.Contains(left, "<") {
			t.Errorf("%q gives %q", markdown, got)
		}
		if calls.MatchString(slackControls.ReplaceAllStringFunc(got, func(link string) string {
			_, label, _ := strings.Cut(link, "|")
			return label
		})) {
			t.Errorf("%q calls a channel: %q", markdown, got)
		}
	})
}

func FuzzShorten(f *testing.F) {
	f.Add("a &amp; <https://e.org|b> 👩‍🚒", 7)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		got := Shorten(s, limit)
		if utf8.RuneCountInString(got) > max(limit, 0) {
			t.Errorf("Shorten(%q, %d) = %q is too long", s, limit, got)
		}
		if head, cut := strings.CutSuffix(got, ellipsis); cut && got != s && !strings.HasPrefix(s, head) {
			t.Errorf("Shorten(%q, %d) = %q is not its begin", s, limit, got)
		}
	})
}
