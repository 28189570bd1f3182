package practice

import (
	"fmt"
	"slices"
	"strconv"
)

// AddPerson makes a Trello member and puts them on every board. A member who is there already is returned as they are.
func (t *Trello) AddPerson(username, fullName string) TrelloMember {
	t.mu.Lock()
	m := t.addMember(username, fullName)
	for _, b := range t.boards {
		b.IDMembers = appendNew(b.IDMembers, m.ID)
	}
	t.mu.Unlock()
	t.changed()
	return *m
}

// MoveCard moves a card to the bottom of a list, as the person with that username would by hand. The card is named by
// id or short link, the list by id or by its name on the card's board.
func (t *Trello) MoveCard(by, card, list string) error {
	return t.byHand(by, card, func(c *Card) (map[string]string, error) {
		for _, l := range t.listsOf(c.IDBoard) {
			if l.ID == list || l.Name == list {
				return map[string]string{"idList": l.ID, "pos": "bottom"}, nil
			}
		}
		return nil, fmt.Errorf("practice: the board has no list %q", list)
	})
}

// ArchiveCard archives a card, as that person would by hand.
func (t *Trello) ArchiveCard(by, card string) error {
	return t.EditCard(by, card, map[string]string{"closed": "true"})
}

// TickCard marks the due date of a card as complete, or takes the mark away, as that person would by hand.
func (t *Trello) TickCard(by, card string, done bool) error {
	return t.EditCard(by, card, map[string]string{"dueComplete": strconv.FormatBool(done)})
}

// EditCard changes fields of a card, named and written as in PUT /cards/{id}, as that person would by hand.
func (t *Trello) EditCard(by, card string, fields map[string]string) error {
	return t.byHand(by, card, func(*Card) (map[string]string, error) { return fields, nil })
}

// DeleteCard deletes a card for good, as that person would by hand.
func (t *Trello) DeleteCard(by, card string) error {
	t.mu.Lock()
	defer t.changed()
	defer t.mu.Unlock()
	m, err := t.member(by)
	if err != nil {
		return fmt.Errorf("practice: nobody on Trello is called %q: %w", by, err)
	}
	c, err := t.card(card)
	if err != nil {
		return err
	}
	b, err := t.board(c.IDBoard)
	if err != nil {
		return err
	}
	ref := jsonObject{"id": c.ID, "idShort": c.IDShort, "shortLink": c.ShortLink}
	t.act("deleteCard", m.ID, b, c, jsonObject{"card": ref})
	t.cards = slices.DeleteFunc(t.cards, func(other *Card) bool { return other.ID == c.ID })
	t.flush()
	return nil
}

// byHand makes a change that no token stands behind, with webhook calls like any other.
func (t *Trello) byHand(by, card string, change func(*Card) (map[string]string, error)) error {
	err := func() error {
		t.mu.Lock()
		defer t.mu.Unlock()
		m, err := t.member(by)
		if err != nil {
			return fmt.Errorf("practice: nobody on Trello is called %q: %w", by, err)
		}
		c, err := t.card(card)
		if err != nil {
			return err
		}
		args, err := change(c)
		if err != nil {
			return err
		}
		defer t.flush()
		return t.updateCard(c, args, m.ID)
	}()
	if err == nil {
		t.changed()
	}
	return err
}

// Board is a copy of the board that is there from the start.
func (t *Trello) Board() Board {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, err := t.board(t.boardID)
	if err != nil {
		return Board{}
	}
	return t.copyBoard(b)
}

func (t *Trello) copyBoard(b *Board) Board {
	out := *b
	out.URL = t.boardURL(b)
	out.IDMembers = slices.Clone(b.IDMembers)
	return out
}

// Boards returns copies of all boards.
func (t *Trello) Boards() []Board {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Board, 0, len(t.boards))
	for _, b := range t.boards {
		out = append(out, t.copyBoard(b))
	}
	return out
}

// Members returns copies of all members, the bot first.
func (t *Trello) Members() []TrelloMember {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]TrelloMember, 0, len(t.members))
	for _, m := range t.members {
		out = append(out, *m)
	}
	return out
}

// Lists returns copies of a board's lists from left to right, archived ones included. The board is named by id or
// short link; an unknown one has none.
func (t *Trello) Lists(board string) []List {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, err := t.board(board)
	if err != nil {
		return nil
	}
	var out []List
	for _, l := range t.listsOf(b.ID) {
		out = append(out, *l)
	}
	return out
}

// Labels returns copies of a board's labels.
func (t *Trello) Labels(board string) []Label {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, err := t.board(board)
	if err != nil {
		return nil
	}
	var out []Label
	for _, l := range t.labels {
		if l.IDBoard == b.ID {
			out = append(out, *l)
		}
	}
	return out
}

// Cards returns copies of a board's cards in the order of their positions, archived ones included.
func (t *Trello) Cards(board string) []Card {
	t.mu.Lock()
	defer t.mu.Unlock()
	b, err := t.board(board)
	if err != nil {
		return nil
	}
	var out []Card
	for _, c := range t.cards {
		if c.IDBoard == b.ID {
			out = append(out, c.clone())
		}
	}
	slices.SortStableFunc(out, func(a, b Card) int { return byPosition(a.Pos, b.Pos) })
	return out
}
