package practice

import (
	"fmt"
	"strings"
	"testing"
)

// drawn writes stretches in a short form: the style in braces before the text.
func drawn(list []stretch) string {
	var out strings.Builder
	for _, s := range list {
		style := ""
		for _, set := range []struct {
			on   bool
			name string
		}{
			{s.Bold, "b"}, {s.Italic, "i"}, {s.Strike, "s"}, {s.Code, "code"}, {s.Pre, "pre"}, {s.Mention, "@"}, {s.URL != "", s.URL},
			{s.Label != "", ":" + s.Label},
		} {
			if set.on {
				style += "{" + set.name + "}"
			}
		}
		fmt.Fprintf(&out, "%s%s", style, s.Text)
	}
	return out.String()
}

func TestPageReadsMrkdwn(t *testing.T) {
	t.Parallel()
	w := New(Options{})
	r := reader{s: w.Slack, local: w.localLinks}
	for text, want := range map[string]string{
		"plain":                         "plain",
		"a *bold* word":                 "a {b}bold word",
		"*bold _and italic_*, ~gone~":   "{b}bold {b}{i}and italic, {s}gone",
		"5*3*2 and snake_case_name":     "5*3*2 and snake_case_name",
		"*no end\n*here*":               "*no end\n{b}here",
		"`*code*` ```a\n<b>```":         "{code}*code* {pre}a\n<b>",
		"<https://x.example/a?b&amp;c>": "{https://x.example/a?b&c}https://x.example/a?b&c",
		"*<https://x.example|words>*":   "{b}{https://x.example}words",
		"<javascript:alert(1)|words>":   "words (javascript:alert(1))",
		"<mailto:a@x.example|a>":        "a (mailto:a@x.example)",
		"<@U0WATCHBELL> <!channel>":     "{@}@watchbell {@}@channel",
		"<#C00000001|>":                 "{@}{/?channel=team}#team",
		"<!date^1^{date}|yesterday>":    "yesterday",
		"1 &lt; 2 &amp;lt; 3":           "1 < 2 &lt; 3",
		":fire: :no_such: 12:30:45":     "{:fire}🔥 :no_such: 12:30:45",
		"<>|<|x>":                       "<>|<|x>",
	} {
		if got := drawn(r.mrkdwn(text)); got != want {
			t.Errorf("%q is drawn as %q, want %q", text, got, want)
		}
	}
}

func TestPageReadsTopics(t *testing.T) {
	t.Parallel()
	w := New(Options{})
	r := reader{s: w.Slack, local: w.localLinks}
	for text, want := range map[string]string{
		"#1 checkout is *down* :fire:":         "#1 checkout is *down* {:fire}🔥",
		"_a_ ~b~ `c *d*` ```e```":              "_a_ ~b~ `c *d*` ```e```",
		"<https://x.example/a|here> &lt;b&gt;": "{https://x.example/a}here <b>",
		"<@U0WATCHBELL> <javascript:x|y>":      "{@}@watchbell y (javascript:x)",
	} {
		if got := drawn(r.topic(text)); got != want {
			t.Errorf("the topic %q is drawn as %q, want %q", text, got, want)
		}
	}
}

func FuzzPageText(f *testing.F) {
	for _, s := range []string{"*a _b ~c~ d_ e*", "<@U1|x> <#C00000001>", "```x```", "<https://a|b>", ":x:", "`", "<|>", "* * *", "<javascript:x>"} {
		f.Add(s)
	}
	w := New(Options{})
	r := reader{s: w.Slack, local: w.localLinks}
	f.Fuzz(func(t *testing.T, text string) {
		for _, list := range [][]stretch{r.mrkdwn(text), r.topic(text), r.linked(text), pictures(text)} {
			for _, s := range list {
				for _, begins := range []string{"", "http://", "https://", "/?channel=", "#card-", "#pull-"} {
					if s.URL == "" || (begins != "" && strings.HasPrefix(strings.ToLower(s.URL), begins)) {
						s.URL = ""
						break
					}
				}
				if s.URL != "" {
					t.Errorf("%q leads to %q", text, s.URL)
				}
			}
		}
		if got := drawn(pictures(strings.ReplaceAll(text, ":", ""))); got != strings.ReplaceAll(text, ":", "") {
			t.Errorf("plain %q is drawn as %q", text, got)
		}
	})
}

func BenchmarkPageLook(b *testing.B) {
	w := New(Options{})
	w.Slack.AddUser("ana", "Ana", "Europe/Berlin")
	w.Slack.Hold()
	for i := range 10_000 {
		if _, err := w.Slack.Say("ana", TeamChannel, fmt.Sprintf("message *%d* with `code` and https://example.com/%d", i, i)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		var out strings.Builder
		if err := w.page.template.ExecuteTemplate(&out, "page.html", w.page.look("", "", "")); err != nil {
			b.Fatal(err)
		}
	}
}
