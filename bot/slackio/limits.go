package slackio

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slack's limits, in characters unless said otherwise. See https://docs.slack.dev/reference/block-kit and the pages of
// chat.postMessage, chat.update and views.open. The sum of all texts is not documented: messages are refused from
// about 13,200 on.
const (
	maxText        = 4000
	maxBlocks      = 50
	maxViewBlocks  = 100
	maxSection     = 3000
	maxHeader      = 150
	maxFields      = 10
	maxField       = 2000
	maxButtons     = 25
	maxButtonLabel = 75
	maxButtonValue = 2000
	maxURL         = 3000
	maxID          = 255
	maxSum         = 12_000
	maxConfirm     = 300
	maxModalTitle  = 24
	maxLabel       = 2000
	maxPlaceholder = 150
	maxInput       = 3000
	maxOptions     = 100
	maxOption      = 75
	maxTopic       = 250
	maxChannelName = 80
	maxMetadata    = 3000
)

// size is the length of a text as Slack may count it: in UTF-16 units, of which there are never fewer than characters.
func size(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// shortenPlain cuts a plain text to a limit and marks the cut.
func shortenPlain(s string, limit int) string {
	if len(s) <= limit || size(s) <= limit {
		return s
	}
	return strings.TrimRightFunc(prefix(s, limit-1), unicode.IsSpace) + "…"
}

// shortenMrkdwn cuts a text in Slack's markup to a limit. It cuts neither inside an escaped character nor inside a
// link or mention, and closes a code block that it cut through.
func shortenMrkdwn(s string, limit int) string {
	if len(s) <= limit || size(s) <= limit {
		return s
	}
	const fence = "```"
	cut := whole(prefix(s, limit-1))
	if strings.Count(cut, fence)%2 == 0 {
		return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
	}
	cut = whole(prefix(s, limit-1-len(fence)-1))
	if strings.Count(cut, fence)%2 == 0 {
		return strings.TrimRightFunc(cut, unicode.IsSpace) + "…"
	}
	return strings.TrimRight(cut, "`") + "…\n" + fence
}

// prefix is the beginning of s that is at most limit long and ends at the border of something that people see as one
// character.
func prefix(s string, limit int) string {
	n, end := 0, 0
	for i, r := range s {
		width := 1
		if r > 0xFFFF {
			width = 2
		}
		if n+width > limit {
			break
		}
		n += width
		end = i + utf8.RuneLen(replaced(r))
		if r == utf8.RuneError {
			_, w := utf8.DecodeRuneInString(s[i:])
			end = i + w
		}
	}
	const joiner = '\u200d'
	for end > 0 && end < len(s) {
		next, _ := utf8.DecodeRuneInString(s[end:])
		last, width := utf8.DecodeLastRuneInString(s[:end])
		if next != joiner && last != joiner && !unicode.Is(unicode.Mn, next) {
			break
		}
		end -= width
	}
	return s[:end]
}

func replaced(r rune) rune {
	if r < 0 || !utf8.ValidRune(r) {
		return utf8.RuneError
	}
	return r
}

// whole takes off the end of a text what was cut through: "&am" or "<https://exa".
func whole(s string) string {
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.IndexByte(s[open:], '>') < 0 {
		s = s[:open]
	}
	if amp := strings.LastIndexByte(s, '&'); amp >= 0 && len(s)-amp < len("&amp;") && strings.IndexByte(s[amp:], ';') < 0 {
		s = s[:amp]
	}
	return s
}
