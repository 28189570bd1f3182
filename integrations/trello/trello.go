// Package trello keeps action items as cards on a Trello board.
//
// A card carries a marker, the key of its delivery, in the last line of its description, so that it is found again when
// nobody knows whether Trello made it. What people change on a card stays changed: only text and fields that are still
// as Watchbell wrote them are brought up to date.
//
// The package is the only user of adlio/trello, whose calls go through a transport of our own: it bounds every call,
// sends credentials in a header and arguments in a body, and turns failures into errors that hold no secret.
package trello

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	adlio "github.com/adlio/trello"
	"golang.org/x/time/rate"

	"watchbell/incidents"
)

// Config says which Trello, who we are there, and where cards go.
type Config struct {
	// Key and Token are the credentials: https://trello.com/power-ups/admin. They act as the member who gave them.
	Key, Token string
	// BaseURL is the REST interface, with or without a last slash; https://api.trello.com/1 when empty.
	BaseURL string
	// Board is an id, a short link, a link or a name. A board that is given by a name and missing is made, with
	// nobody on it but the token's member.
	Board string
	// List is the name of the list for new cards ("Action items" when empty). It is made when it is missing.
	List string
	// DoneList is the name of the list where cards are that are done; empty for none. It is never made.
	DoneList string
	// Members maps a Slack user id to a Trello member's id or username.
	Members map[string]string
	// IncidentURL links back to an incident, usually to its channel; nil or an empty result for no link.
	IncidentURL func(incidents.Snapshot) string
	// HTTP is the client whose Transport carries the calls; http.DefaultTransport when nil.
	HTTP *http.Client
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// Trello takes 100 calls in 10 seconds of a token. A burst of 25 and 7 a second stay below that in every 10 seconds.
// Source: developer.atlassian.com/cloud/trello/guides/rest-api/rate-limits.
const (
	callsPerSecond = 7
	burst          = 25
	// longestWait is how long a call waits for its turn before the delivery is put off instead.
	longestWait = 3 * time.Second
	// callTimeout bounds one call, as adlio bounds none.
	callTimeout = 10 * time.Second
)

// Client carries out deliveries to one board. It is safe for concurrent use.
type Client struct {
	c         Config
	base      string
	transport http.RoundTripper
	limit     *rate.Limiter
	quiet     quiet
	// turn holds one token: whoever has it may look for the board, the list and the labels, and make what is missing.
	turn  chan struct{}
	known *place // guarded by turn; nil when it has to be looked for
}

// New returns a Client. It calls nobody: Trello may be away when the bot starts.
func New(c Config) *Client {
	if c.BaseURL == "" {
		c.BaseURL = adlio.DefaultBaseURL
	}
	if c.List == "" {
		c.List = "Action items"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	client := &Client{
		c: c, base: strings.TrimRight(c.BaseURL, "/"), transport: http.DefaultTransport,
		limit: rate.NewLimiter(callsPerSecond, burst), turn: make(chan struct{}, 1),
	}
	if c.HTTP != nil && c.HTTP.Transport != nil {
		client.transport = c.HTTP.Transport
	}
	return client
}

// Deliver makes the card of an action item, or brings it up to date. The receipt holds the card's long id and its short
// link.
func (c *Client) Deliver(ctx context.Context, d incidents.Delivery, now incidents.Snapshot) incidents.Outcome {
	if d.Kind == incidents.KindCards {
		return c.lookAtCards(ctx, d, now)
	}
	if d.Kind != incidents.KindCard {
		return incidents.Failing(incidents.Impossible, "Watchbell has nothing of that kind on Trello.",
			fmt.Errorf("%s: Trello takes no %q", d.Key, d.Kind))
	}
	action, ok := now.Action(d.SubjectNumber())
	if !ok {
		return incidents.Failing(incidents.Impossible, "There is no such action item any more.",
			fmt.Errorf("%s: incident %d has no action item %q", d.Key, d.Incident, d.Subject))
	}
	s := &session{Client: c, ctx: ctx}
	receipt, err := s.bring(d, c.wanted(d, now, action))
	if err != nil {
		return c.outcome(fmt.Errorf("%s: %w", d.Key, err))
	}
	return incidents.DeliveredAs(receipt)
}

// session is one delivery. adlio ignores the context on writes, so every call gets a client of its own that has it.
type session struct {
	*Client
	ctx context.Context
	// looks says that nothing may be made.
	looks bool
}

// bring makes the card be there and as wanted.
func (s *session) bring(d incidents.Delivery, w wanted) (incidents.Receipt, error) {
	if d.Receipt.ID != "" {
		return s.update(d.Receipt, w)
	}
	for again := false; ; again = true {
		p, err := s.locate(w)
		if err != nil {
			return incidents.Receipt{}, err
		}
		receipt, err := s.place(p, w, d.MustLook())
		if p.remembered && !again && statusOf(err, http.StatusBadRequest, http.StatusNotFound) {
			// Nothing was made. The board, the list, the label or the member may be another one by now.
			s.forget()
			continue
		}
		return receipt, err
	}
}

// place puts the card on the list, unless it is found.
func (s *session) place(p spot, w wanted, look bool) (incidents.Receipt, error) {
	if look {
		card, err := s.find(p, w.marker)
		if err != nil {
			return incidents.Receipt{}, err
		}
		if card != nil {
			return s.adopt(card, p, w)
		}
	}
	card := adlio.Card{Name: w.Name, Desc: w.desc(), IDList: p.list, IDMembers: some(p.member), IDLabels: some(p.label)}
	w.Member, w.Done = p.member, false // it begins where new ones do
	if at, ok := w.due(); ok {
		card.Due = &at
	}
	err := s.call("make the card", func(api *adlio.Client) error {
		// Without a position adlio sends 0, which is the top.
		return api.CreateCard(&card, adlio.Arguments{"pos": "bottom"})
	})
	if err != nil {
		return incidents.Receipt{}, err
	}
	if card.ID == "" {
		return incidents.Receipt{}, &callError{
			method: http.MethodPost, path: "/cards", sent: true, err: errors.New("the answer names no card"),
		}
	}
	return w.receipt(&card), nil
}

// pageSize is the most cards that Trello gives at a time.
const pageSize = 1000

// find looks for the card with a marker: on the list, where it usually is, then on the whole board, for people move and
// archive cards. Trello's search is no use here: its index lags behind. Of a card and its copies the oldest is ours.
func (s *session) find(p spot, marker string) (*adlio.Card, error) {
	args := adlio.Arguments{
		"fields": cardFields, "limit": fmt.Sprint(pageSize),
	}
	var cards []*adlio.Card
	err := s.call("look for the card on its list", func(api *adlio.Client) error {
		return api.Get("lists/"+p.list+"/cards", with(args, "filter", "all"), &cards)
	})
	if err != nil {
		return nil, err
	}
	if card := oldest(cards, marker); card != nil {
		return card, nil
	}
	var found *adlio.Card
	err = s.eachCard(p.board, func(card *adlio.Card) {
		if older := oldest([]*adlio.Card{found, card}, marker); older != nil {
			found = older
		}
	})
	return found, err
}

const cardFields = "name,desc,idList,idBoard,closed,shortUrl,due,idMembers,idLabels"

// eachCard calls do for every card on a board, archived ones too.
func (s *session) eachCard(board string, do func(*adlio.Card)) error {
	for before := ""; ; {
		var cards []*adlio.Card
		page := adlio.Arguments{"fields": cardFields, "limit": fmt.Sprint(pageSize)}
		if before != "" {
			page["before"] = before
		}
		err := s.call("look for the card on the board", func(api *adlio.Client) error {
			return api.Get("boards/"+board+"/cards/all", page, &cards)
		})
		if err != nil {
			return err
		}
		for _, card := range cards {
			if card != nil {
				do(card)
			}
		}
		if len(cards) < pageSize {
			return nil
		}
		before = earliest(cards)
	}
}

func with(args adlio.Arguments, name, value string) adlio.Arguments {
	more := adlio.Arguments{name: value}
	for n, v := range args {
		more[n] = v
	}
	return more
}

// oldest returns the oldest card that has the marker on a line of its own, or nil. Ids begin with the time.
func oldest(cards []*adlio.Card, marker string) (found *adlio.Card) {
	for _, c := range cards {
		if c != nil && marked(c.Desc, marker) && (found == nil || c.ID < found.ID) {
			found = c
		}
	}
	return found
}

func earliest(cards []*adlio.Card) (id string) {
	for _, c := range cards {
		if c != nil && (id == "" || c.ID < id) {
			id = c.ID
		}
	}
	return id
}

func some(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}
