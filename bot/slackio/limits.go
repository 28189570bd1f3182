package slackio

import (
	"strings"

	"watchbell/bot/chat"
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
	maxMenu        = 5
	maxBoxes       = 10
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
	short := chat.Shorten(s, limit)
	for keep := limit; size(short) > limit; {
		keep -= max(1, (size(short)-limit)/2) // what is too long takes two units a character at most
		short = chat.Shorten(s, keep)
	}
	return short
}

// fence begins and ends a code block.
const fence = "```"

// shortenMrkdwn cuts a text in Slack's markup to a limit and closes a code block that it cut through.
func shortenMrkdwn(s string, limit int) string {
	short := shortenPlain(s, limit)
	if short == s || strings.Count(short, fence)%2 == 0 || limit < 20 {
		return short
	}
	short = shortenPlain(s, limit-len(fence)-1)
	if strings.Count(short, fence)%2 == 0 {
		return short // the block began in what was cut off now
	}
	return strings.TrimRight(short, "`") + "\n" + fence
}
