package chat

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What is refused is offered back as text to be copied: all of it, as far as one message has room. See the limits in
// bot/slackio/limits.go, which shorten every block when all of them together are too long.
const (
	blockRoom   = 2_800  // of a section's 3,000 characters
	messageRoom = 11_000 // of a message's 12,000
)

// sayBack says that something was not recorded, and shows below it, under a label, what people had written.
func sayBack(text, label, written string, buttons ...Button) *Message {
	if written == "" {
		return say(text, buttons...)
	}
	first, rest := cutAt(written, blockRoom-cost(text+label))
	m := say(text+"\n"+label+"\n"+fence(first), buttons...)
	for room := messageRoom - blockRoom; rest != ""; room -= cost(first) {
		if room < blockRoom {
			rest = shortenTo(rest, room)
		}
		first, rest = cutAt(rest, blockRoom)
		code := fence(first)
		m.Text += "\n" + code
		m.Blocks = append(m.Blocks, Block{Kind: Section, Text: code})
	}
	if n := len(m.Blocks); len(buttons) > 0 { // they belong below all of it
		m.Blocks = append(append(m.Blocks[:1:1], m.Blocks[2:n]...), m.Blocks[1])
	}
	return m
}

// cost is how much of Slack's room a text takes: in UTF-16 units, with the characters that it escapes.
func cost(s string) (n int) {
	for _, r := range s {
		n += runeCost(r)
	}
	return n
}

func runeCost(r rune) int {
	switch {
	case r == '&':
		return len("&amp;")
	case r == '<' || r == '>':
		return len("&lt;")
	case r > 0xFFFF:
		return 2
	}
	return 1
}

// fits is how many bytes at the beginning of s take no more than room.
func fits(s string, room int) int {
	for i, r := range s {
		if room -= runeCost(r); room < 0 {
			return i
		}
	}
	return len(s)
}

// cutAt cuts a text where the room ends, if it can at the end of a line, or of a word.
func cutAt(s string, room int) (first, rest string) {
	n := fits(s, room)
	if n == len(s) {
		return s, ""
	}
	for _, end := range []string{"\n", " "} {
		if at := strings.LastIndex(s[:n], end); at > n/2 {
			return s[:at], s[at+1:]
		}
	}
	_, least := utf8.DecodeRuneInString(s) // however little room there is, it goes on
	n = max(n, least)
	return s[:n], s[n:]
}

// shortenTo cuts a text to what has room, and marks the cut.
func shortenTo(s string, room int) string {
	if fits(s, room) == len(s) {
		return s
	}
	return strings.TrimRightFunc(s[:fits(s, max(room-1, 0))], unicode.IsSpace) + "…"
}

// asTyped is what a person typed, given as Slack escaped it, so that it means the same when it is typed again: what Slack
// made a mention or a link becomes @ana, #deploys, or the address again.
func asTyped(text string) string {
	return decoded(sequence.ReplaceAllStringFunc(text, func(s string) string {
		m := sequence.FindStringSubmatch(s)
		mark, name, label := m[1], m[2], m[3]
		switch {
		case mark == "" && label != "" && strings.HasSuffix(strings.TrimSuffix(name, "/"), strings.TrimSuffix(label, "/")):
			return label // shop.example.org, which Slack took for an address
		case mark == "":
			return name
		case label != "":
			return mark + strings.TrimPrefix(label, mark)
		}
		return s // nobody here knows the name
	}))
}

// sequence is a mention of a person or a channel, or an address, as Slack sends them.
var sequence = regexp.MustCompile(`<([@#]?)([^<>|!\n]+)(?:\|([^<>\n]*))?>`)
