package practice

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/slack-go/slack"
	"pgregory.net/rapid"
)

func text(kind string, n int) string {
	return fmt.Sprintf(`{"type":%q,"text":%q}`, kind, strings.Repeat("é", n))
}

func many(n int, one string) string {
	list := make([]string, n)
	for i := range list {
		list[i] = strings.ReplaceAll(one, "#", fmt.Sprint(i))
	}
	return "[" + strings.Join(list, ",") + "]"
}

func button(extra string) string {
	return `{"type":"button","action_id":"a#","text":{"type":"plain_text","text":"Go"}` + extra + `}`
}

func actions(elements string) string { return `[{"type":"actions","elements":` + elements + `}]` }

// The limits are those of the platform's pages; each is tried on both sides.
func TestSlackMessageBlocks(t *testing.T) {
	option := `{"text":{"type":"plain_text","text":"One"},"value":"v#"}`
	for _, c := range []struct {
		name, blocks, wrong string // wrong is part of the complaint, "" for none
	}{
		{"50 blocks", many(50, `{"type":"divider"}`), ""},
		{"51 blocks", many(51, `{"type":"divider"}`), "no more than 50"},
		{"no array", `{"type":"divider"}`, "no array"},
		{"unknown block", `[{"type":"marquee"}]`, `unsupported type: "marquee" [json-pointer:/blocks/0]`},
		{"block for forms only", `[{"type":"alert","text":` + text("plain_text", 3) + `}]`, "not allowed in a message"},
		{"unknown field", `[{"type":"divider","colour":"red"}]`, "invalid additional property: colour"},
		{"same block id", `[{"type":"divider","block_id":"x"},{"type":"divider","block_id":"x"}]`, "already exists"},
		{"block id of 255", `[{"type":"divider","block_id":"` + strings.Repeat("x", 255) + `"}]`, ""},
		{"block id of 256", `[{"type":"divider","block_id":"` + strings.Repeat("x", 256) + `"}]`, "at most 255"},
		{"section of 3000", `[{"type":"section","text":` + text("mrkdwn", 3000) + `}]`, ""},
		{"section of 3001", `[{"type":"section","text":` + text("mrkdwn", 3001) + `}]`, "less than 3001"},
		{"empty section", `[{"type":"section"}]`, "needs text or fields"},
		{"empty text", `[{"type":"section","text":` + text("mrkdwn", 0) + `}]`, "more than 0 characters"},
		{"10 fields", `[{"type":"section","fields":` + many(10, text("mrkdwn", 20)) + `}]`, ""},
		{"11 fields", `[{"type":"section","fields":` + many(11, text("mrkdwn", 20)) + `}]`, "has 11"},
		{"field of 2001", `[{"type":"section","fields":` + many(1, text("mrkdwn", 2001)) + `}]`, "less than 2001"},
		{"header of 150", `[{"type":"header","text":` + text("plain_text", 150) + `}]`, ""},
		{"header of 151", `[{"type":"header","text":` + text("plain_text", 151) + `}]`, "less than 151"},
		{"header in mrkdwn", `[{"type":"header","text":` + text("mrkdwn", 5) + `}]`, "must be plain_text"},
		{"10 in a context", `[{"type":"context","elements":` + many(10, text("mrkdwn", 5)) + `}]`, ""},
		{"11 in a context", `[{"type":"context","elements":` + many(11, text("mrkdwn", 5)) + `}]`, "has 11"},
		{"emoji flag in mrkdwn", `[{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}]`, "invalid additional property: emoji"},
		{"25 buttons", actions(many(25, button(""))), ""},
		{"26 buttons", actions(many(26, button(""))), "has 26"},
		{"same action id", actions(`[` + button("") + `,` + button("") + `]`), "already exists in this block"},
		{"button value of 2000", actions(many(1, button(`,"value":"`+strings.Repeat("v", 2000)+`"`))), ""},
		{"button value of 2001", actions(many(1, button(`,"value":"`+strings.Repeat("v", 2001)+`"`))), "/value"},
		{"button url of 3001", actions(many(1, button(`,"url":"https://`+strings.Repeat("v", 2993)+`"`))), "/url"},
		{"button style", actions(many(1, button(`,"style":"green"`))), "primary or danger"},
		{"button text of 76", actions(`[{"type":"button","text":` + text("plain_text", 76) + `}]`), "less than 76"},
		{"button text in mrkdwn", actions(`[{"type":"button","text":` + text("mrkdwn", 7) + `}]`), "must be plain_text"},
		{"text input outside of an input", actions(`[{"type":"plain_text_input","action_id":"x"}]`), "not allowed in actions"},
		{"100 options", actions(`[{"type":"static_select","action_id":"x","options":` + many(100, option) + `}]`), ""},
		{"101 options", actions(`[{"type":"static_select","action_id":"x","options":` + many(101, option) + `}]`), "has 101"},
		{"no options", actions(`[{"type":"static_select","action_id":"x","options":[]}]`), "has 0"},
		{"initial option from elsewhere", actions(`[{"type":"static_select","action_id":"x","options":` + many(2, option) +
			`,"initial_option":{"text":{"type":"plain_text","text":"One"},"value":"v9"}}]`), "not one of the options"},
		{"overflow of 6", actions(`[{"type":"overflow","action_id":"x","options":` + many(6, option) + `}]`), "has 6"},
		{"11 checkboxes", actions(`[{"type":"checkboxes","action_id":"x","options":` + many(11, option) + `}]`), "has 11"},
		{"a date that is none", actions(`[{"type":"datepicker","action_id":"x","initial_date":"7 Nov"}]`), "YYYY-MM-DD"},
		{"confirm title of 101", actions(`[` + button(`,"confirm":{"title":`+text("plain_text", 101)+`,"text":`+
			text("plain_text", 5)+`,"confirm":`+text("plain_text", 3)+`}`) + `]`), "/confirm/title/text"},
		{"13200 characters in all", many(5, `{"type":"section","text":`+text("mrkdwn", 2640)+`}`), ""},
		{"13205 characters in all", many(5, `{"type":"section","text":`+text("mrkdwn", 2641)+`}`), "at most 13200"},
		{"image without alt text", `[{"type":"image","image_url":"https://example.org/x.png"}]`, "alt_text"},
		{"rich text", `[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"x"}]}]}]`, ""},
		{"rich text of another kind", `[{"type":"rich_text","elements":[{"type":"section","elements":[]}]}]`, "unsupported type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := checkMessageBlocks(json.RawMessage(c.blocks))
			if c.wrong == "" && err != nil {
				t.Fatal(err)
			}
			if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Fatalf("got %v, want a complaint with %q", err, c.wrong)
			}
		})
	}
}

func TestSlackViewDefinitions(t *testing.T) {
	input := `{"type":"input","block_id":"b#","label":{"type":"plain_text","text":"L"},"element":{"type":"plain_text_input","action_id":"value"}}`
	modal := func(title, blocks, more string) string {
		return `{"type":"modal","title":{"type":"plain_text","text":"` + title + `"},"blocks":` + blocks + more + `}`
	}
	submit := `,"submit":{"type":"plain_text","text":"Go"}`
	for _, c := range []struct{ name, view, wrong string }{
		{"smallest", modal("T", "[]", ""), ""},
		{"title of 24", modal(strings.Repeat("é", 24), "[]", ""), ""},
		{"title of 25", modal(strings.Repeat("é", 25), "[]", ""), "/view/title/text"},
		{"no title", `{"type":"modal","blocks":[]}`, "/view/title"},
		{"no blocks", `{"type":"modal","title":{"type":"plain_text","text":"x"}}`, "must be an array"},
		{"blocks null", modal("T", "null", ""), "must be an array"},
		{"inputs without submit", modal("T", many(1, input), ""), "/view/submit"},
		{"100 inputs", modal("T", many(100, input), submit), ""},
		{"101 inputs", modal("T", many(101, input), submit), "no more than 100"},
		{"two inputs with one id", modal("T", "["+input+","+input+"]", submit), "already exists"},
		{"private_metadata of 3000", modal("T", "[]", `,"private_metadata":"`+strings.Repeat("x", 3000)+`"`), ""},
		{"private_metadata of 3001", modal("T", "[]", `,"private_metadata":"`+strings.Repeat("x", 3001)+`"`), "private_metadata"},
		{"callback id of 256", modal("T", "[]", `,"callback_id":"`+strings.Repeat("x", 256)+`"`), "callback_id"},
		{"submit of 25", modal("T", "[]", `,"submit":{"type":"plain_text","text":"`+strings.Repeat("x", 25)+`"}`), "/view/submit"},
		{"label in mrkdwn", modal("T", strings.ReplaceAll(many(1, input), `"label":{"type":"plain_text"`, `"label":{"type":"mrkdwn"`), submit), "label"},
		{"max_length of 3001", modal("T", strings.ReplaceAll(many(1, input), `"action_id":"value"`, `"action_id":"value","max_length":3001`), submit), "max_length"},
		{"initial value longer than max_length", modal("T", strings.ReplaceAll(many(1, input), `"action_id":"value"`,
			`"action_id":"value","max_length":2,"initial_value":"abc"`), submit), "initial_value"},
		{"markdown block", modal("T", `[{"type":"markdown","text":"x"}]`, ""), "not allowed in a modal"},
		{"home", `{"type":"home","blocks":[]}`, "must be modal"},
		{"too large", modal("T", "[]", `,"private_metadata":"`+strings.Repeat("x", 250_000)+`"`), "at most 250000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := checkView(json.RawMessage(c.view), "modal")
			if c.wrong == "" && err != nil {
				t.Fatal(err)
			}
			if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
				t.Fatalf("got %v, want a complaint with %q", err, c.wrong)
			}
		})
	}
}

// What slack-go writes with its constructors has to pass.
func TestSlackTakesWhatSlackGoWrites(t *testing.T) {
	r := newSlackRig(t)
	plain := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, true, false) }
	mrkdwn := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("mrkdwn", s, false, true) }
	option := slack.NewOptionBlockObject("sev1", plain("SEV 1"), plain("everybody"))
	menu := slack.NewOptionsSelectBlockElement("static_select", plain("Severity"), "sev", option)
	menu.InitialOption = option
	danger := slack.NewButtonBlockElement("resolve", "1", plain("Resolve"))
	danger.Style = slack.StyleDanger
	danger.Confirm = slack.NewConfirmationBlockObject(plain("Sure?"), mrkdwn("Really"), plain("Yes"), plain("No"))
	link := slack.NewButtonBlockElement("open", "", plain("Open"))
	link.URL = "https://example.org"
	_, _, err := r.api.PostMessage(r.id("team"), slack.MsgOptionText("x", false), slack.MsgOptionBlocks(
		slack.NewHeaderBlock(plain("Checkout is down")),
		slack.NewSectionBlock(mrkdwn("*Lead* <@U1>"), []*slack.TextBlockObject{mrkdwn("a"), mrkdwn("b")}, slack.NewAccessory(link)),
		slack.NewDividerBlock(), slack.NewContextBlock("ctx", mrkdwn("since 14:05")),
		slack.NewActionBlock("acts", danger, menu, slack.NewOverflowBlockElement("more", slack.NewOptionBlockObject("v", plain("x"), nil)),
			slack.NewOptionsSelectBlockElement("users_select", plain("Who"), "who")),
		slack.NewImageBlock("https://example.org/x.png", "a graph", "img", plain("Graph")),
		slack.NewRichTextBlock("rich", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil))),
		slack.NewMarkdownBlock("md", "# x"),
	))
	wantErr(t, "a message with every block", err, "")
	_, err = r.api.PublishView(r.id("ana"), slack.HomeTabViewRequest{
		Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewSectionBlock(mrkdwn("hello"), nil, nil)}},
	}, "")
	wantErr(t, "a Home tab", err, "")
	if v := r.s.Home("ana"); v == nil || !strings.Contains(r.s.ViewText(v), "hello") {
		t.Errorf("Home tab %+v", v)
	}
	r.nothingRefused()
}

func TestSlackMetadataForm(t *testing.T) {
	for raw, code := range map[string]string{
		`{"event_type":"watchbell","event_payload":{"key":"k","n":1,"b":true,"l":["a"],"o":{"x":"y"}}}`: "",
		`{}`: "", `{"event_type":"","event_payload":null}`: "",
		`[]`:                   "invalid_metadata_format",
		`{"event_type":"x y"}`: "invalid_metadata_format",
		`{"event_type":"x","event_payload":{"a":{"b":{"c":1}}}}`:                         "invalid_metadata_schema",
		`{"event_type":"x","event_payload":{"a":null}}`:                                  "invalid_metadata_schema",
		`{"event_type":"x","event_payload":{"a":"` + strings.Repeat("x", 16_000) + `"}}`: "metadata_too_large",
	} {
		_, err := checkMetadata(json.RawMessage(raw))
		var e *slackError
		got := ""
		if errors.As(err, &e) {
			got = e.code
		}
		if got != code {
			t.Errorf("%.80s: %q, want %q", raw, got, code)
		}
	}
}

// Whatever is sent as blocks, the check answers; what passes comes back as the same blocks with an id each.
func TestSlackBlockCheckNeverBreaks(t *testing.T) {
	kinds := append([]string{"nonsense"}, "section", "header", "actions", "context", "input", "image", "rich_text", "divider")
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(
			rapid.Just(any(nil)), rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Float64(), func(f float64) any { return f }), rapid.Just(any([]any{})),
			rapid.Just(any(object{"type": "plain_text", "text": "x"})), rapid.Just(any([]any{object{"type": "button"}, "x", nil})),
		)
		block := rapid.MapOfN(rapid.SampledFrom([]string{"text", "elements", "element", "fields", "label", "block_id", "accessory", "alt_text"}),
			value, 0, 4).Draw(t, "block")
		block["type"] = rapid.SampledFrom(kinds).Draw(t, "type")
		raw, err := json.Marshal([]any{block})
		if err != nil {
			t.Skip("not JSON")
		}
		out, err := checkMessageBlocks(raw)
		if err != nil {
			return
		}
		var list []object
		if json.Unmarshal(out, &list) != nil || len(list) != 1 || list[0]["type"] != block["type"] || word(list[0], "block_id") == "" {
			t.Fatalf("%s became %s", raw, out)
		}
	})
}
