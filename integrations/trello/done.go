package trello

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	adlio "github.com/adlio/trello"

	"watchbell/incidents"
)

// moves has a card go to the list of the done ones, or back from it. A card that people have put elsewhere stays there,
// and so does one on a board that has no such list.
func (s *session) moves(card *adlio.Card, done bool, args adlio.Arguments) error {
	lists, err := s.lists(card.IDBoard)
	if err != nil {
		return err
	}
	doneList, list := named(lists, s.c.DoneList), named(lists, s.c.List)
	switch {
	case doneList == "" || card.Closed:
	case done && card.IDList != doneList:
		args["idList"] = doneList
	case !done && card.IDList == doneList && list != "":
		args["idList"] = list
	}
	return nil
}

// lists are those of a board that are not archived.
func (s *session) lists(board string) (lists []*adlio.List, err error) {
	of := adlio.Board{ID: board}
	err = s.call("find the lists", func(api *adlio.Client) (err error) {
		of.SetClient(api)
		lists, err = of.GetLists(adlio.Arguments{"filter": "open", "fields": "name,closed,pos"})
		return err
	})
	return lists, err
}

// named finds a list by its name; upper and lower case may differ. It is empty when there is none.
func named(lists []*adlio.List, name string) string {
	name = strings.TrimSpace(name)
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		if at := slices.IndexFunc(lists, func(l *adlio.List) bool { return name != "" && same(strings.TrimSpace(l.Name), name) }); at >= 0 {
			return lists[at].ID
		}
	}
	return ""
}

// lookAtCards finds out which action items' cards are where the done ones are.
func (c *Client) lookAtCards(ctx context.Context, d incidents.Delivery, now incidents.Snapshot) incidents.Outcome {
	s := &session{Client: c, ctx: ctx, looks: true}
	out := incidents.DeliveredAs(incidents.Receipt{})
	lists := map[string]string{} // where the done ones are, by board
	for _, a := range now.OpenActions() {
		_, id, ours := strings.Cut(a.CardURL, "/c/")
		if !ours {
			continue
		}
		id, _, _ = strings.Cut(id, "/")
		done, err := s.isDone(id, lists)
		if err != nil {
			return c.outcome(fmt.Errorf("%s: action item %d: %w", d.Key, a.Number, err))
		}
		if done {
			out.Actions = append(out.Actions, a.Number)
		}
	}
	return out
}

// isDone reports whether a card is where the done ones are. One that is gone is not.
func (s *session) isDone(id string, lists map[string]string) (bool, error) {
	var card *adlio.Card
	err := s.call("read the card", func(api *adlio.Client) (err error) {
		card, err = api.GetCard(id, adlio.Arguments{"fields": "idList,idBoard"})
		return err
	})
	if statusOf(err, http.StatusNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	doneList, known := lists[card.IDBoard]
	if !known {
		all, err := s.lists(card.IDBoard)
		if err != nil {
			return false, err
		}
		doneList = named(all, s.c.DoneList)
		lists[card.IDBoard] = doneList
	}
	return doneList != "" && card.IDList == doneList, nil
}
