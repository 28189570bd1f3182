package chat

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var updateText = flag.Bool("update-text", false, "write the golden files of text conversion anew")

var testNames = Names{
	User:    func(id string) string { return map[string]string{"U1": "the incident manager"}[id] },
	Channel: func(id string) string { return map[string]string{"C1": "#deploys"}[id] },
}

// testEscapes are readable stand-ins: what they touch shows which leaf it was.
var testEscapes = Escapes{
	Text:  strings.NewReplacer("*", `\*`, "_", `\_`, "<", "&lt;", "|", `\|`).Replace,
	Code:  func(s string) string { return "`" + s + "`" },
	Fence: func(s string) string { return "```\n" + s + "\n```" },
	Link: func(label, url string) string {
		if label == "" {
			return "<" + url + ">"
		}
		return "[" + label + "](" + url + ")"
	},
}

func TestTyped(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"the disk is full", "the disk is full"},
		{"a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"},
		{"write &amp;lt; as it is", "write &lt; as it is"},
		{"  two  spaces\n\n\tand lines\r\n ", "  two  spaces\n\n\tand lines\r\n "},
		{"see <https://example.org/a>", "see <https://example.org/a>"},
		{"see <https://example.org/a?b=1&amp;c=2>", "see <https://example.org/a?b=1&c=2>"},
		{"see <https://example.org/a|the graph>", "see [the graph](https://example.org/a)"},
		{"see <https://example.org/a|https://example.org/a>", "see <https://example.org/a>"},
		{"see <https://example.org/a|example.org/a>", "see <https://example.org/a>"},
		{"see <https://example.org/|example.org>", "see <https://example.org/>"},
		{"see <http://example.org|example.org>", "see <http://example.org>"},
		{"run <http://deploy.sh|deploy.sh> again", "run deploy.sh again"},
		{"see <https://example.org|a [b] c>", `see [a \[b\] c](https://example.org)`},
		{"[the graph](<https://example.org/a>).", "[the graph](https://example.org/a)."},
		{"[the graph](<https://example.org/a|https://example.org/a>)", "[the graph](https://example.org/a)"},
		{"[the graph](<https://example.org/a)>", "[the graph](https://example.org/a)"},
		{`[the graph](<https://example.org/a> "now")`, `[the graph](https://example.org/a "now")`},
		{"[b](<https://example.org/a_(b)>)", "[b](https://example.org/a_(b))"},
		{"[b](<https://example.org/a(b>)", "[b](https://example.org/a%28b)"},
		{"[<https://example.org>](<https://example.org>)", "[https://example.org](https://example.org)"},
		{"[`a` <http://example.org|example.org>](<https://example.org>)", "[`a` example.org](https://example.org)"},
		{"see <https://a.example> [b](<https://b.example>)", "see <https://a.example> [b](https://b.example)"},
		{"&lt;<https://example.org>&gt;", "<https://example.org>"},
		{"[a](&lt;<https://example.org>&gt;)", "[a](https://example.org)"},
		{"Improve [alerting] for <https://example.org|errors>", "Improve [alerting] for [errors](https://example.org)"},
		{"mail <mailto:ops@example.org|ops@example.org>", "mail ops@example.org"},
		{"mail <mailto:ops@example.org|the team>", "mail [the team](mailto:ops@example.org)"},
		{"<javascript:alert(1)|click> <ftp://example.org>", "click ftp://example.org"},
		{"ask <@U1|ann> and <@U2|bob> and <@W3>", "ask the incident manager and someone and someone"},
		{"in <#C1|deploys> and <#C2|secret> and <#C3|>", "in #deploys and a private channel and a private channel"},
		{"<!here> <!channel> <!everyone|@everyone>", "here the channel everyone"},
		{"page <!subteam^S1|@oncall> or <!subteam^S2>", "page oncall or a group"},
		{"at <!date^1392734382^{date} at {time}|18 February>", "at 18 February"},
		{"at <!date^1392734382^{date} at {time}>", "at 18/02/2014 14:39 UTC"},
		{"type &lt;!channel&gt; or &lt;@U1&gt;", "type &lt;!channel> or &lt;@U1>"},
		{"&lt;<#C1>", "&lt;#deploys"},
		{"run `curl <https://example.org/a>` now", "run `curl https://example.org/a` now"},
		{"run `if a &lt; b &amp;&amp; c` now", "run `if a < b && c` now"},
		{"``a ` <@U1>`` b", "``a ` the incident manager`` b"},
		{"```\n<https://example.org|example.org>\n&lt;!DOCTYPE html&gt;\n```\n<@U2>", "```\nexample.org\n<!DOCTYPE html>\n```\nsomeone"},
		{"- a\n- b <https://example.org>\n\n## c", "- a\n- b <https://example.org>\n\n## c"},
		{"a lone ` and <https://example.org>", "a lone ` and <https://example.org>"},
		{`\` + "`<@U1>`", `\` + "`the incident manager`"},
		{"“smart” ‘quotes’ – and… ", "“smart” ‘quotes’ – and… "},
		{"数据库 <@U1> 已重启", "数据库 the incident manager 已重启"},
		{"الخادم <https://example.org|هنا> لا يستجيب", "الخادم [هنا](https://example.org) لا يستجيب"},
		{"сервер &amp; база", "сервер & база"},
		{"डेटाबेस <#C1> बंद", "डेटाबेस #deploys बंद"},
		{"δίσκος <!here>", "δίσκος here"},
		{"<unknown> <", "<unknown> <"},
		{"<!channel", "&lt;!channel"},
		{"<!>", ""},
	} {
		if got := Typed(c[0], testNames); got != c[1] {
			t.Errorf("typed %q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
	if got, want := Typed("<@U1> in <#C1>", Names{}), "someone in a private channel"; got != want {
		t.Errorf("without names: %q, want %q", got, want)
	}
}

func TestCaptured(t *testing.T) {
	for _, c := range [][2]string{
		{"", ""},
		{"the disk is full", "the disk is full"},
		{"*bold* _italics_ ~gone~ *_both_*", "**bold** *italics* ~~gone~~ ***both***"},
		{"(*a*), “_b_”.", "(**a**), “*b*”."},
		{"2*3*4 snake_case_name ~/bin a~b~c", `2\*3\*4 snake\_case\_name ~/bin a~b~c`},
		{"* not bold * and *not\nbold*", "- not bold \\* and \\*not\n\nbold\\*"},
		{"**two** __two__", `\*\*two\*\* \_\_two\_\_`},
		{"*a <https://example.org|b> `c`*", "**a [b](https://example.org) `c`**"},
		{"a &lt; b &amp;&amp; c &amp;lt; d | e", `a &lt; b && c &lt; d \| e`},
		{"see <https://example.org/x_y_z?a=1&amp;b=2>", "see <https://example.org/x_y_z?a=1&b=2>"},
		{"<https://files.slack.com/files-pri/T1-F1/graph.png|graph.png>", "[file: graph.png]"},
		{"<https://files.slack.com/files-pri/T1-F1/graph.png?t=xoxe-1>", "[file: graph.png]"},
		{"<https://team.slack.com/files/U1/F1/graph.png>", "[file: graph.png]"},
		{"<javascript:alert(1)|click>", "click"},
		{"`rm -rf *x*` and `<https://example.org>`", "`rm -rf *x*` and `https://example.org`"},
		{"a ``` *x*\n  &lt;y&gt; ``` b", "a\n\n```\n *x*\n  <y> \n```\n\nb"},
		{"```a```\n```b```", "```\na\n```\n\n```\nb\n```"},
		{"open ``` fence *x*", "open ``` fence **x**"},
		{"empty `````` fence", "empty `````` fence"},
		{"<@U1> asked <@U9> in <#C2>", "the incident manager asked someone in a private channel"},
		{"<!here> @here @Channel @everyone: look", "here here Channel everyone: look"},
		{":warning: :+1::skin-tone-3: :made_up: root:x:0:0 12:30:45", "⚠️ 👍 :made\\_up: root:x:0:0 12:30:45"},
		{":fire::fire:*hot*", "🔥🔥**hot**"},
		{"one\ntwo\n\n\nthree", "one  \ntwo\n\nthree"},
		{"&gt; quoted *b*\n&gt;\n&gt; more\nmine", "> quoted **b**\n>\n> more\n\nmine"},
		{"&gt;&gt;&gt; all\nof\n\nit", "> all  \n> of\n\n> it"},
		{"todo:\n• one\n    ◦ deeper\n• two\ndone", "todo:\n\n- one\n    - deeper\n- two\n\ndone"},
		{"• one\n1. first\n    ◦ deeper\n2. second", "- one\n\n1. first\n    - deeper\n2. second"},
		{"1. one\n2. two", "1. one\n2. two"},
		{"2. attempt failed", "2. attempt failed"},
		{"- 5 degrees", "- 5 degrees"},
		{"-5 degrees", "-5 degrees"},
		{"数据库 *重启* 了", "数据库 **重启** 了"},
		{"الخادم *لا يستجيب* الآن", "الخادم **لا يستجيب** الآن"},
		{"сервер _упал_, “_снова_”", "сервер *упал*, “*снова*”"},
		{"\r\nwindows\r\n", "windows"},
		{"<unknown> a<b", "&lt;unknown> a&lt;b"},
	} {
		if got := Captured(c[0], testNames, testEscapes); got != c[1] {
			t.Errorf("captured %q\n got %q\nwant %q", c[0], got, c[1])
		}
	}
}

// A whole message, and how it stands in the post.
func TestCapturedMessage(t *testing.T) {
	in, err := os.ReadFile(filepath.Join("testdata", "mrkdwn_message.txt"))
	if err != nil {
		t.Fatal(err)
	}
	got := Captured(string(in), testNames, testEscapes) + "\n"
	checkGolden(t, "mrkdwn_message.md", got)
	checkGolden(t, "mrkdwn_message_back.txt", Slack(got))
	checkGolden(t, "mrkdwn_message_plain.txt", Readable(got))
}

func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateText {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs:\n%s", name, got)
	}
}

// What is typed never gets slow or lost, however long it is.
func TestLongText(t *testing.T) {
	for _, piece := range []string{"word ", "*a ", "_a_ ", "`", "`` ` ", "[", "[a](", "<", "<@", "](<https://e.org>)", "&amp;", "**a *b ", "> ", "~~~", "*", "=", "é", "字", "🏳️‍🌈", "- a\n", "\\"} {
		text := strings.Repeat(piece, 40_000/len(piece))
		for name, convert := range map[string]func(string) string{
			"Typed":    func(s string) string { return Typed(s, testNames) },
			"Captured": func(s string) string { return Captured(s, testNames, testEscapes) },
			"Slack":    Slack,
			"Shorten":  func(s string) string { return Shorten(s, 30_000) },
		} {
			empty := piece == "> " // no words in it
			if got := convert(text); strings.TrimSpace(got) == "" && !empty {
				t.Errorf("%s of many %q is empty", name, piece)
			}
		}
	}
}

func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"<@U1|a> <#C1> <!here>", "[a](<https://e.org>) `&lt;!here&gt;`", "&lt;<https://e.org>&gt;", "```\n<!channel>", "<https://e.org|`>`<!here>"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Typed(text, testNames)
		for part, code := range codeParts(got) {
			if !code && controlStart.MatchString(part) {
				t.Errorf("%q gives %q", text, got)
			}
		}
	})
}

func FuzzCaptured(f *testing.F) {
	for _, seed := range []string{"*a _b ~c~_* :fire:", "&gt; a\n• b\n1. c\n```d```", "<!here|@channel> @channel", "<https://e.org|*a*>"} {
		f.Add(seed)
	}
	esc := testEscapes
	esc.Text = strings.ToUpper
	f.Fuzz(func(t *testing.T, text string) {
		got := Captured(text, testNames, esc)
		if calls.MatchString(got) || strings.HasSuffix(got, " ") && strings.TrimSpace(got) == "" {
			t.Errorf("%q gives %q", text, got)
		}
	})
}

// In Slack code may begin and end anywhere in a line; in Markdown what follows would be swallowed.
func TestTypedCodeGetsLinesOfItsOwn(t *testing.T) {
	for text, want := range map[string]string{
		"it says ```\nkubectl get | x\n&lt;b&gt;\n``` and more": "it says\n```\nkubectl get | x\n<b>\n```\nand more",
		"it says ```kubectl get\nrm x``` and ```one``` more":    "it says\n```\nkubectl get\nrm x\n```\nand ```one``` more",
		"```\na\n``` after":             "```\na\n```\nafter",
		"a ```\nb\n```\n\nc ```d\ne```": "a\n```\nb\n```\n\nc\n```\nd\ne\n```",
		"```one``` ```\ntwo\n```":       "```one```\n```\ntwo\n```",
		"```\na\n```":                   "```\na\n```",
		"```go\na\n```\nb":              "```go\na\n```\nb",
		"- ```\n  a\n  ```\n- b":        "- ```\n  a\n  ```\n- b",
		"a ```b``` c":                   "a ```b``` c",
		"never closed ```\na":           "never closed ```\na",
		"a ````\nb ``` c\n```` d":       "a ````\nb ``` c\n```` d",
		"~~~\na ```\nb ``` c\n~~~":      "~~~\na ```\nb ``` c\n~~~",
	} {
		got := Typed(text, Names{})
		if got != want {
			t.Errorf("%q is\n%q, want\n%q", text, got, want)
		}
		if again := apartFences(got); again != got {
			t.Errorf("%q changes again, to %q", got, again)
		}
	}
}
