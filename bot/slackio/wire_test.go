package slackio

import (
	"encoding/json"
	"testing"
)

// What a person wrote is taken from the blocks of a message, in events and in the history alike, and from its text where
// the blocks hold more than rich text.
func TestWordsComeFromRichText(t *testing.T) {
	for raw, want := range map[string]string{
		`{"text":"un*believ*able","blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"un"},{"type":"text","text":"believ","style":{"bold":true}},{"type":"text","text":"able"}]}]}]}`: "un\u200b*believ*\u200bable",
		`{"text":"disk full","blocks":[{"type":"section","text":{"type":"mrkdwn","text":"x"}}]}`: "disk full",
		`{"text":"plain"}`:               "plain",
		`{"text":"plain","blocks":null}`: "plain",
		`{"text":"plain","blocks":7}`:    "plain",
		`{"text":"a","files":[{"name":"g.png"}],"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"b"}]}]}]}`: "b [file: g.png]",
	} {
		var read, decoded message
		r := &reader{data: []byte(raw)}
		read.read(r)
		if err := json.Unmarshal([]byte(raw), &decoded); err != nil || r.bad {
			t.Errorf("%s: %v", raw, err)
		}
		if read.words() != want || decoded.words() != want {
			t.Errorf("%s\nread as %q and %q, want %q", raw, read.words(), decoded.words(), want)
		}
	}
}
