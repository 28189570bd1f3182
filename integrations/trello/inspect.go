package trello

import (
	"context"
	"strings"

	adlio "github.com/adlio/trello"
)

// Marked returns the links of the cards on the board, archived ones too, by the key in their marker. It makes nothing.
// Its errors are sentences for people.
func (c *Client) Marked(ctx context.Context) (map[string][]string, error) {
	s := &session{Client: c, ctx: ctx, looks: true}
	board, err := s.findBoard()
	if err != nil {
		return nil, c.inWords(err)
	}
	found := map[string][]string{}
	if board == nil { // it is made when the first card is
		return found, nil
	}
	err = s.eachCard(board.ID, func(card *adlio.Card) {
		for line := range strings.SplitSeq(card.Desc, "\n") {
			if key, ok := strings.CutPrefix(strings.TrimSpace(line), markerBegins); ok {
				found[key] = append(found[key], card.ShortURL)
				return
			}
		}
	})
	if err != nil {
		return nil, c.inWords(err)
	}
	return found, nil
}

// plainError is an error whose text is for people; its chain is for the log.
type plainError struct {
	say string
	err error
}

func (e *plainError) Error() string { return e.say }
func (e *plainError) Unwrap() error { return e.err }

// inWords turns an error into the sentence that people are told about it.
func (c *Client) inWords(err error) error {
	return &plainError{c.outcome(err).Say, err}
}
