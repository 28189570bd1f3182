package trello

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	adlio "github.com/adlio/trello"
)

// rememberFor is how long a board and its list are used without asking: people close and archive things, and a card on
// an archived list is seen by nobody.
const rememberFor = time.Minute

// place is what is known of the board.
type place struct {
	seen        time.Time         // when
	board, list string            // ids
	labels      map[string]string // id by name
	members     map[string]string // id by id and by username in lower case
}

// spot is where one card goes, as ids; member and label are empty where there is none.
type spot struct {
	board, list, member, label string
	// remembered says that Trello was not asked about all of it just now.
	remembered bool
}

// locate finds out where a card goes, and makes the board, the list and the label when they are missing. Deliveries do
// this one after the other: two at once would make a thing twice.
func (s *session) locate(w wanted) (spot, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.ctx.Done():
		return spot{}, &callError{method: http.MethodGet, path: "/boards", err: s.ctx.Err()}
	}
	now := s.c.Now()
	remembered := s.known != nil && now.Sub(s.known.seen).Abs() < rememberFor
	if !remembered {
		p, err := s.findPlace()
		if err != nil {
			return spot{}, err
		}
		p.seen, s.known = now, p
	}
	at := spot{board: s.known.board, list: s.known.list, remembered: remembered}
	var err error
	if at.label, err = s.label(s.known, w.label); err != nil {
		return spot{}, err
	}
	at.member, err = s.member(s.known, w.owner)
	return at, err
}

// forget makes the next delivery look for the board, the list and everything on it again.
func (s *session) forget() {
	s.turn <- struct{}{} // held for a few calls at most, each of which ends with its context
	s.known = nil
	<-s.turn
}

func (s *session) findPlace() (*place, error) {
	board, err := s.findBoard()
	if err != nil {
		return nil, err
	}
	list, err := s.findList(board)
	if err != nil {
		return nil, err
	}
	return &place{board: board.ID, list: list, labels: map[string]string{}}, nil
}

var (
	longID    = regexp.MustCompile(`^[0-9a-f]{24}$`)
	shortLink = regexp.MustCompile(`^[A-Za-z0-9]{8}$`)
	boardLink = regexp.MustCompile(`^https?://[^/]+/b/([A-Za-z0-9]{8})(?:[/?#]|$)`)
	// word is a short link only once in 500 times, and more likely a name.
	word = regexp.MustCompile(`^[A-Za-z][a-z]{7}$`)
)

// findBoard finds the board that the configuration means, by id, short link or name.
func (s *session) findBoard() (*adlio.Board, error) {
	id, name := s.c.Board, s.c.Board
	if m := boardLink.FindStringSubmatch(id); m != nil {
		id, name = m[1], ""
	}
	isID := longID.MatchString(id)
	if isID || shortLink.MatchString(id) {
		var board *adlio.Board
		err := s.call("find the board", func(api *adlio.Client) (err error) {
			board, err = api.GetBoard(id, adlio.Arguments{"fields": "name,closed,url"})
			if err == nil && board.ID == "" {
				return errors.New("the answer names no board") // the log gets the error of the call
			}
			return err
		})
		if err == nil {
			return open(board)
		}
		if !statusOf(err, http.StatusNotFound, http.StatusBadRequest) {
			return nil, err
		}
		if isID || name == "" {
			return nil, unknownBoard(s.c.Board, err)
		}
		named, problem := s.boardNamed(name, word.MatchString(name))
		if named == nil && problem == nil {
			return nil, unknownBoard(s.c.Board, err)
		}
		return named, problem
	}
	return s.boardNamed(name, true)
}

// open refuses a board that nobody sees.
func open(board *adlio.Board) (*adlio.Board, error) {
	if board.Closed {
		return nil, &problem{
			say: fmt.Sprintf("The Trello board %q is closed: open it again, or name another one in trello.board.", board.Name),
		}
	}
	return board, nil
}

func unknownBoard(board string, err error) error {
	return &problem{
		say: fmt.Sprintf("Trello does not know the board %s: check trello.board, and that the token's member may see it.", board),
		err: err,
	}
}

// boardNamed finds a board by its name; upper and lower case may differ when only one fits then. A missing one is made,
// or nil if it must not be.
func (s *session) boardNamed(name string, mayMake bool) (*adlio.Board, error) {
	var boards []*adlio.Board
	err := s.call("find the board by its name", func(api *adlio.Client) (err error) {
		boards, err = api.GetMyBoards(adlio.Arguments{"filter": "open", "fields": "name,closed,url"})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		var fit []*adlio.Board
		for _, b := range boards {
			if same(strings.TrimSpace(b.Name), strings.TrimSpace(name)) {
				fit = append(fit, b)
			}
		}
		if len(fit) == 1 {
			return fit[0], nil
		}
		if len(fit) > 1 {
			return nil, &problem{say: fmt.Sprintf("%d Trello boards are called %q: put the link of the right one into trello.board.", len(fit), name)}
		}
	}
	if !mayMake || s.looks {
		return nil, nil
	}
	return s.makeBoard(name)
}

func (s *session) makeBoard(name string) (*adlio.Board, error) {
	if strings.TrimSpace(name) == "" {
		return nil, &problem{say: "No Trello board is named: put its link or its name into trello.board."}
	}
	board := adlio.NewBoard(name)
	board.Prefs.PermissionLevel = "private"
	err := s.call("make the board", func(api *adlio.Client) error {
		return api.CreateBoard(&board, adlio.Arguments{"defaultLists": "false"})
	})
	if err != nil {
		return nil, err
	}
	return &board, nil
}

// findList finds the list for new cards among those that are not archived, and makes it when there is none.
func (s *session) findList(board *adlio.Board) (id string, err error) {
	var lists []*adlio.List
	err = s.call("find the list", func(api *adlio.Client) (err error) {
		board.SetClient(api)
		lists, err = board.GetLists(adlio.Arguments{"filter": "open", "fields": "name,closed,pos"})
		return err
	})
	if err != nil {
		return "", err
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, l := range lists {
			if same(strings.TrimSpace(l.Name), strings.TrimSpace(s.c.List)) {
				return l.ID, nil
			}
		}
	}
	if s.looks {
		return "", nil
	}
	var list *adlio.List
	err = s.call("make the list", func(api *adlio.Client) (err error) {
		list, err = api.CreateList(board, s.c.List, adlio.Arguments{"pos": "bottom"})
		return err
	})
	if err != nil {
		return "", err
	}
	return list.ID, nil
}

// labelColor is the colour of the labels that we make.
const labelColor = "orange"

// label finds the label with a name, and makes it when there is none. A board takes a limited number of labels; a card
// without one is better than none, so a refusal is not an error.
func (s *session) label(p *place, name string) (id string, err error) {
	if id := p.labels[name]; id != "" {
		return id, nil
	}
	board := adlio.Board{ID: p.board}
	var labels []*adlio.Label
	err = s.call("find the label", func(api *adlio.Client) (err error) {
		board.SetClient(api)
		labels, err = board.GetLabels(adlio.Arguments{"limit": "1000", "fields": "name,color"})
		return err
	})
	if refused(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, l := range labels {
		if l.Name == name {
			p.labels[name] = l.ID
			return l.ID, nil
		}
	}
	label := adlio.Label{Name: name, Color: labelColor}
	err = s.call("make the label", func(api *adlio.Client) error {
		board.SetClient(api)
		return board.CreateLabel(&label)
	})
	if refused(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	p.labels[name] = label.ID
	return label.ID, nil
}

// refused reports whether Trello does not do what it was asked, now or later: what is needed for the card as well, such as
// the board, is missed when the card is made.
func refused(err error) bool {
	return statusOf(err, http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusConflict)
}

// member finds who, of those on the board, is meant by an id or a username; empty when nobody is. Trello takes nobody
// else on a card.
func (s *session) member(p *place, who string) (id string, err error) {
	who = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(who), "@"))
	if who == "" {
		return "", nil
	}
	if id := p.members[who]; id != "" {
		return id, nil
	}
	board := adlio.Board{ID: p.board}
	var members []*adlio.Member
	err = s.call("find the card's owner", func(api *adlio.Client) (err error) {
		board.SetClient(api)
		members, err = board.GetMembers(adlio.Arguments{"fields": "username"})
		return err
	})
	if err != nil {
		return "", err
	}
	p.members = map[string]string{}
	for _, m := range members {
		p.members[strings.ToLower(m.ID)], p.members[strings.ToLower(m.Username)] = m.ID, m.ID
	}
	return p.members[who], nil
}
