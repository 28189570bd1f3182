package trello

import (
	"context"
	"strings"

	adlio "github.com/adlio/trello"

	"watchbell/incidents"
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

// inWords turns an error into the sentence that people are told about it.
func (c *Client) inWords(err error) error {
	return incidents.InWords(c.outcome(err).Say, err)
}

// Examine tries whether Trello lets us do what we will have to: it asks, sets the list's name to what it is, and leaves nothing
// behind.
func (c *Client) Examine(ctx context.Context) []incidents.Proof {
	s := &session{Client: c, ctx: ctx, looks: true}
	p := incidents.Proof{What: "the board " + c.c.Board}
	board, err := s.findBoard()
	switch {
	case err != nil:
		p.Wrong, p.Mend = c.inWords(err).Error(), incidents.MendBy(c.outcome(err).Verdict,
			"https://trello.com/power-ups/admin for the key and a token; trello.board in watchbell.yml", c.base, "TRELLO_API_URL")
		return []incidents.Proof{p}
	case board == nil:
		p.Note = "there is none of that name; it is made with the first card"
		return []incidents.Proof{p}
	}
	p.Note = board.Name
	list := incidents.Proof{What: "the list " + c.c.List + ", and the right to write there"}
	id, err := s.findList(board)
	switch {
	case err == nil && id == "":
		list.Note = "there is none of that name; it is made with the first card"
	case err == nil:
		err = s.call("set the list's name to what it is", func(api *adlio.Client) error {
			found := &adlio.List{}
			if err := api.Get("lists/"+id, adlio.Arguments{"fields": "name"}, found); err != nil {
				return err
			}
			return api.Put("lists/"+id, adlio.Arguments{"name": found.Name}, found)
		})
	}
	if err != nil {
		list.Wrong = "Trello does not let the token write to the board: " + c.inWords(err).Error()
		list.Mend = "https://trello.com/1/authorize?expiration=never&scope=read,write&response_type=token&name=Watchbell&key=YOUR_KEY, as a member of the board"
	}
	return []incidents.Proof{p, list}
}
