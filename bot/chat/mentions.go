package chat

import (
	"regexp"
	"strings"
	"unicode"
)

// In the text of an entry a mention stays what it is, "<@U1>" or "<#C1>": in Slack, where everybody may know who is meant,
// it is shown as a name. Only what leaves Slack names nobody; see Unnamed.
var (
	keptMention  = regexp.MustCompile(`<([@#])([UWCGD][A-Z0-9]+)(?:\|[^<>\n]*)?>`)
	mentionToken = regexp.MustCompile(`x(Mention|Channel)Of([A-Z0-9]+)x`)
)

// unmentioned writes mentions as words that nothing takes for markup; mentioned is the way back.
func unmentioned(text string) string {
	if strings.IndexByte(text, '<') < 0 {
		return text
	}
	return keptMention.ReplaceAllStringFunc(text, func(s string) string {
		m := keptMention.FindStringSubmatch(s)
		return mentionWord(m[1], m[2])
	})
}

func mentionWord(mark, id string) string {
	if mark == "#" {
		return "xChannelOf" + id + "x"
	}
	return "xMentionOf" + id + "x"
}

func mentioned(text string) string {
	if !strings.Contains(text, "Of") {
		return text
	}
	return mentionToken.ReplaceAllStringFunc(text, func(s string) string {
		m := mentionToken.FindStringSubmatch(s)
		if m[1] == "Channel" {
			return "<#" + m[2] + ">"
		}
		return "<@" + m[2] + ">"
	})
}

// keepNames has mentions stay as they are.
var keepNames = Names{
	User:    func(id string) string { return mentionWord("@", id) },
	Channel: func(id string) string { return mentionWord("#", id) },
}

// Unnamed writes the text of an entry, in Markdown, for those outside: a mention of a person becomes a role, one of a
// channel its name, as n says.
func Unnamed(markdown string, n Names) string {
	if strings.IndexByte(markdown, '<') < 0 {
		return markdown
	}
	return keptMention.ReplaceAllStringFunc(markdown, func(s string) string {
		m := keptMention.FindStringSubmatch(s)
		if m[1] == "#" {
			return n.channel(m[2])
		}
		return n.user(m[2])
	})
}

// entryWords makes the Markdown of an entry of something that a person typed.
func (t *turn) entryWords(typed string) string {
	return strings.TrimFunc(mentioned(Typed(typed, keepNames)), unicode.IsSpace)
}
