package chat

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// section wraps elements of a line as the block that Slack sends.
func section(elements string) string {
	return `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[` + elements + `]}]}]`
}

func TestRichText(t *testing.T) {
	for _, c := range [][2]string{
		{section(`{"type":"text","text":"the disk is full"}`), "the disk is full"},
		{section(`{"type":"text","text":"a < b && c *not bold* _x_ ~y~ root:x:0"}`), `a &lt; b && c \*not bold\* \_x\_ ~y~ root:x:0`},
		{section(`{"type":"text","text":"un"},{"type":"text","text":"believ","style":{"bold":true}},{"type":"text","text":"able"}`), "un**believ**able"},
		{section(`{"type":"text","text":"a","style":{"bold":true}},{"type":"text","text":"b","style":{"italic":true}},{"type":"text","text":"c","style":{"strike":true}}`), "**a**\u200b*b*\u200b~~c~~"},
		{section(`{"type":"text","text":"both ","style":{"bold":true,"italic":true}},{"type":"text","text":"x"}`), "***both*** x"},
		{section(`{"type":"text","text":"two\nlines","style":{"bold":true}}`), "**two**  \n**lines**"},
		{section(`{"type":"text","text":"run "},{"type":"text","text":"rm *a* <b>","style":{"code":true}}`), "run `rm *a* <b>`"},
		{section(`{"type":"link","url":"https://e.org/a?b=1&c=2"},{"type":"text","text":" "},{"type":"link","url":"https://e.org","text":"the *graph*","style":{"bold":true}}`), "<https://e.org/a?b=1&c=2> **[the *graph*](https://e.org)**"},
		{section(`{"type":"user","user_id":"U1"},{"type":"text","text":" "},{"type":"user","user_id":"U9"},{"type":"text","text":" "},{"type":"channel","channel_id":"C1"},{"type":"text","text":" "},{"type":"usergroup","usergroup_id":"S1"},{"type":"text","text":" "},{"type":"broadcast","range":"here"}`),
			"the incident manager someone #deploys a group here"},
		{section(`{"type":"emoji","name":"fire","unicode":"1f525"},{"type":"emoji","name":"+1","skin_tone":3},{"type":"text","text":" "},{"type":"emoji","name":"made_up"}`), "🔥👍 :made\\_up:"},
		{section(`{"type":"text","text":"typed :fire: as text"}`), "typed :fire: as text"},
		{section(`{"type":"date","timestamp":1392734382,"format":"{date} at {time}","fallback":"18 February"}`), "18 February"},
		{section(`{"type":"color","value":"#ff0000"}`), "#ff0000"},
		{section(`{"type":"text","text":"> not a quote\n> either"}`), "> not a quote  \n> either"},
		{section(`{"type":"text","text":"a lone ` + "`" + ` mark and @channel"}`), "a lone ˋ mark and channel"},
		{`[{"type":"rich_text","elements":[
			{"type":"rich_text_section","elements":[{"type":"text","text":"todo:\n"}]},
			{"type":"rich_text_list","style":"ordered","indent":0,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"one"}]}]},
			{"type":"rich_text_list","style":"ordered","indent":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"a"}]},{"type":"rich_text_section","elements":[{"type":"text","text":"b","style":{"bold":true}}]}]},
			{"type":"rich_text_list","style":"bullet","indent":2,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"deep"}]}]},
			{"type":"rich_text_list","style":"ordered","indent":0,"offset":1,"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"two"}]}]},
			{"type":"rich_text_section","elements":[{"type":"text","text":"done"}]}]}]`,
			"todo:\n\n1. one\n    1. a\n    2. **b**\n        - deep\n2. two\n\ndone"},
		{`[{"type":"rich_text","elements":[
			{"type":"rich_text_quote","elements":[{"type":"text","text":"one\ntwo "},{"type":"text","text":"three","style":{"bold":true}}]},
			{"type":"rich_text_preformatted","language":"sh","elements":[{"type":"text","text":"if a < b; then *x*\n  "},{"type":"link","url":"https://e.org"}]}]}]`,
			"> one  \n> two **three**\n\n```\nif a < b; then *x*\n  https://e.org\n```"},
	} {
		mrkdwn, ok := RichText([]byte(c[0]))
		if got := Captured(mrkdwn, testNames, testEscapes); !ok || got != c[1] {
			t.Errorf("%s\n is %q\n got %q\nwant %q", c[0], mrkdwn, got, c[1])
		}
	}
	for _, blocks := range []string{``, `{}`, `[]`, `[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]`, section(``), section(`{"type":"text","text":7}`), section(`{"type":"text","text":" "}`)} {
		if got, ok := RichText([]byte(blocks)); ok {
			t.Errorf("%s gives %q", blocks, got)
		}
	}
}

// markEscapes show which marks in Markdown are text: those are other characters.
var markEscapes = Escapes{
	Text: marksAsText.Replace, Code: func(s string) string { return marksAsText.Replace(s) }, Fence: func(s string) string { return marksAsText.Replace(s) },
	Link: func(label, url string) string { return label + url },
}

var marksAsText = strings.NewReplacer("*", "＊", "_", "＿", "~", "～")

// Whatever stands beside it, styled text comes out with its words, and no mark in them is taken for emphasis.
func TestRichTextKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		words := rapid.SampledFrom([]string{"a", "disk", " ", " x ", "*", "_", "~", "**", "b*c", "*d*", "数据", "(", ").", "2*3", "snake_case", "~/bin", "&", "<", "é"})
		var elements []map[string]any
		want := ""
		for range rapid.IntRange(1, 8).Draw(rt, "elements") {
			text := words.Draw(rt, "text")
			elements = append(elements, map[string]any{"type": "text", "text": text, "style": map[string]bool{
				"bold": rapid.Bool().Draw(rt, "bold"), "italic": rapid.Bool().Draw(rt, "italic"), "strike": rapid.Bool().Draw(rt, "strike"),
			}})
			want += text
		}
		raw, err := json.Marshal(elements)
		if err != nil {
			rt.Fatal(err)
		}
		mrkdwn, ok := RichText([]byte(section(string(raw[1 : len(raw)-1]))))
		if !ok {
			return // blank
		}
		got := strings.NewReplacer("**", "", "~~", "", "*", "", gap, "").Replace(Captured(mrkdwn, Names{}, markEscapes))
		if want = strings.Join(strings.Fields(marksAsText.Replace(want)), " "); strings.Join(strings.Fields(got), " ") != want {
			rt.Fatalf("%s\n is %q\n got %q\nwant %q", raw, mrkdwn, got, want)
		}
	})
}

// Ordinary text stays what it is on its way to Slack and back.
func TestOrdinaryTextComesBack(t *testing.T) {
	plain := func(s string) string { return s }
	esc := Escapes{Text: plain, Code: plain, Fence: plain, Link: func(label, url string) string { return label + url }}
	rapid.Check(t, func(rt *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"the", "disk", "is", "full", "(again)", "a < b", "R&D", "95%", "it's", "“quoted”", "x=1;", "数据库", "14:05", "café", "no.", "-v", "/var/log", "ops@example.org", "#42",
		}), 1, 12).Draw(rt, "words"), " ")
		if strings.HasPrefix(text, "#42") || strings.HasPrefix(text, "-v") {
			text = "so " + text
		}
		if got := Typed(Slack(text), Names{}); got != text {
			rt.Fatalf("typed: %q came back as %q", text, got)
		}
		if got := Captured(escaped(text), Names{}, esc); got != text {
			rt.Fatalf("captured: %q came back as %q", text, got)
		}
		raw, _ := json.Marshal(text)
		if mrkdwn, _ := RichText([]byte(section(fmt.Sprintf(`{"type":"text","text":%s}`, raw)))); Captured(mrkdwn, Names{}, esc) != text {
			rt.Fatalf("rich text: %q came back as %q", text, Captured(mrkdwn, Names{}, esc))
		}
	})
}

func FuzzRichText(f *testing.F) {
	for _, seed := range []string{
		section(`{"type":"text","text":"a*b","style":{"bold":true}},{"type":"link","url":"https://e.org|<!here>","text":"<!channel>|x"}`),
		section(`{"type":"date","timestamp":1,"format":"<!here>","fallback":"|>"},{"type":"emoji","name":"<!here>"}`),
		`[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"ordered","indent":-1,"elements":[{}]},{"type":"rich_text_preformatted","elements":[{"text":"` + "```" + `<!here>"}]}]}]`,
	} {
		f.Add(seed)
	}
	esc := testEscapes
	esc.Text = strings.ToUpper
	f.Fuzz(func(t *testing.T, blocks string) {
		mrkdwn, ok := RichText([]byte(blocks))
		if ok && strings.TrimSpace(mrkdwn) == "" || !ok && strings.Contains(mrkdwn, "\x00") {
			t.Errorf("%q gives %q, %v", blocks, mrkdwn, ok)
		}
		if got := Captured(mrkdwn, testNames, esc); calls.MatchString(got) {
			t.Errorf("%q gives %q", blocks, got)
		}
	})
}
