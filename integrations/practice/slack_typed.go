package practice

import (
	"encoding/json"
	"regexp"
	"strings"
)

// What people type holds these things beside plain words.
var typedThings = regexp.MustCompile("```[^`]+```|`[^`\n]+`|https?://[^\\s<>]+|[@#][\\p{L}\\p{N}_-]+(?:\\.[\\p{L}\\p{N}_-]+)*")

// A bar would part the address from a label.
var typedURL = strings.NewReplacer("&", "&amp;", "|", "%7C")

var slackEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// typed is a text as Slack sends it after somebody typed it.
type typed struct {
	text     strings.Builder
	sections []any // of the rich_text block
	inline   []any // of the section at hand
}

// encodeTyped turns what a person types into a message's text and rich_text block: links in angle brackets, names of
// people and channels as references, the three special characters escaped.
func (s *Slack) encodeTyped(text string) (string, json.RawMessage) {
	var t typed
	s.eachThing(text, func(plain string) {
		t.text.WriteString(slackEscapes.Replace(plain))
		t.add(object{"type": "text", "text": plain})
	}, func(thing string) bool { return t.thing(s, thing) })
	t.endSection()
	block, err := json.Marshal([]any{object{"type": "rich_text", "block_id": "typed", "elements": t.sections}})
	if err != nil {
		return t.text.String(), nil
	}
	return t.text.String(), block
}

func (t *typed) add(e object) { t.inline = append(t.inline, e) }

func (t *typed) endSection() {
	if len(t.inline) > 0 {
		t.sections = append(t.sections, object{"type": "rich_text_section", "elements": t.inline})
		t.inline = nil
	}
}

func (t *typed) thing(s *Slack, thing string) bool {
	switch {
	case strings.HasPrefix(thing, "```"):
		code := strings.Trim(thing, "`")
		t.text.WriteString(slackEscapes.Replace(thing))
		t.endSection()
		t.sections = append(t.sections, object{"type": "rich_text_preformatted", "border": 0,
			"elements": []any{object{"type": "text", "text": strings.Trim(code, "\n")}}})
	case strings.HasPrefix(thing, "`"):
		t.text.WriteString(slackEscapes.Replace(thing))
		t.add(object{"type": "text", "text": strings.Trim(thing, "`"), "style": object{"code": true}})
	case strings.HasPrefix(thing, "http"):
		t.text.WriteString("<" + typedURL.Replace(thing) + ">")
		t.add(object{"type": "link", "url": thing})
	case strings.HasPrefix(thing, "@"):
		u, err := s.person(thing)
		if err != nil {
			return false
		}
		t.text.WriteString("<@" + u.ID + ">")
		t.add(object{"type": "user", "user_id": u.ID})
	default:
		c := s.channelByName(thing[1:])
		if c == nil {
			return false
		}
		t.text.WriteString("<#" + c.ID + "|>")
		t.add(object{"type": "channel", "channel_id": c.ID})
	}
	return true
}

// encodeCommand turns what follows a slash command into what an app with should_escape gets. Here references carry
// names, except those of private channels.
func (s *Slack) encodeCommand(text string) string {
	var out strings.Builder
	s.eachThing(text, func(plain string) { out.WriteString(slackEscapes.Replace(plain)) }, func(thing string) bool {
		switch thing[0] {
		case 'h':
			out.WriteString("<" + typedURL.Replace(thing) + ">")
		case '@':
			u, err := s.person(thing)
			if err != nil {
				return false
			}
			out.WriteString("<@" + u.ID + "|" + u.Name + ">")
		case '#':
			c := s.channelByName(thing[1:])
			if c == nil {
				return false
			}
			name := c.Name
			if c.IsPrivate {
				name = ""
			}
			out.WriteString("<#" + c.ID + "|" + name + ">")
		default:
			return false
		}
		return true
	})
	return out.String()
}

// eachThing cuts a text into plain stretches and things. A thing that is refused counts as plain; punctuation after a
// link is not part of it, and a name in the middle of a word is none.
func (s *Slack) eachThing(text string, plain func(string), thing func(string) bool) {
	done := 0
	flush := func(to int) {
		if to > done {
			plain(text[done:to])
		}
		done = to
	}
	for _, at := range typedThings.FindAllStringIndex(text, -1) {
		word := text[at[0]:at[1]]
		if strings.HasPrefix(word, "http") {
			word = strings.TrimRight(word, ".,;:!?)'\"")
		}
		if (word[0] == '@' || word[0] == '#') && at[0] > 0 && !strings.ContainsRune(" \t\n(,;:/\"'", rune(text[at[0]-1])) {
			continue
		}
		if word[0] == '@' && !s.knows(word) {
			continue
		}
		if word[0] == '#' && s.channelByName(word[1:]) == nil {
			continue
		}
		flush(at[0])
		if thing(word) {
			done = at[0] + len(word)
		}
	}
	flush(len(text))
}

func (s *Slack) knows(who string) bool {
	_, err := s.person(who)
	return err == nil
}
