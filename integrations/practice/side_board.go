package practice

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// boardView is the Trello board.
type boardView struct {
	Name     string
	Lists    []listView
	Archived []cardView // the newest of those that were put away, the newest first
}

type listView struct {
	ID, Name string
	Cards    []cardView
}

type cardView struct {
	Link, Name, Owners string
	Desc               []stretch
	Labels             []labelView
	Due                time.Time
	Done               bool
	Comments           []noteView
	Attachments        []stretch
}

type labelView struct{ Name, Color string }

// noteView is something that somebody wrote at some time.
type noteView struct {
	By   string
	At   time.Time
	Text []stretch
}

// labelColors are the colours that the page has for labels.
var labelColors = []string{"green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black"}

// boardArchived is how many archived cards are offered to be taken back.
const boardArchived = 20

// boardView is the board that is there from the start. The board is locked.
func (t *Trello) boardView(r reader) boardView {
	b, err := t.board(t.boardID)
	if err != nil {
		return boardView{}
	}
	v := boardView{Name: b.Name}
	for _, l := range t.listsOf(b.ID) {
		if l.Closed {
			continue
		}
		list := listView{ID: l.ID, Name: l.Name}
		var cards []*Card
		for _, c := range t.cards {
			if c.IDList == l.ID && !c.Closed {
				cards = append(cards, c)
			}
		}
		slices.SortStableFunc(cards, func(a, b *Card) int { return byPosition(a.Pos, b.Pos) })
		for _, c := range cards {
			list.Cards = append(list.Cards, t.cardView(c, r))
		}
		v.Lists = append(v.Lists, list)
	}
	for _, c := range slices.Backward(t.cards) {
		if c.IDBoard == b.ID && c.Closed && len(v.Archived) < boardArchived {
			v.Archived = append(v.Archived, cardView{Link: c.ShortLink, Name: c.Name})
		}
	}
	return v
}

func (t *Trello) cardView(c *Card, r reader) cardView {
	v := cardView{Link: c.ShortLink, Name: c.Name, Desc: r.linked(c.Desc), Due: c.Due.UTC(), Done: c.DueComplete}
	var owners []string
	for _, id := range c.IDMembers {
		if m, err := t.member(id); err == nil {
			owners = append(owners, m.FullName)
		}
	}
	v.Owners = strings.Join(owners, ", ")
	for _, id := range c.IDLabels {
		l, err := t.label(id)
		if err != nil {
			continue
		}
		color, _, _ := strings.Cut(l.Color, "_") // "green_dark" and "green_light" are greens
		if !slices.Contains(labelColors, color) {
			color = "none"
		}
		v.Labels = append(v.Labels, labelView{Name: l.Name, Color: color})
	}
	for _, note := range c.Comments {
		by := ""
		if m, err := t.member(note.IDMember); err == nil {
			by = m.FullName
		}
		v.Comments = append(v.Comments, noteView{By: by, At: note.At.UTC(), Text: r.linked(note.Text)})
	}
	for _, a := range c.Attachments {
		name := a.Name
		if name == "" {
			name = a.URL
		}
		v.Attachments = append(v.Attachments, stretch{Text: name, URL: r.link(a.URL)})
	}
	return v
}

// onCard does what a person does with a card: move it to a list, tick it, archive it, or take one of these back.
func (p *page) onCard(in sideCall) error {
	who, err := p.actor(in)
	if err != nil {
		return err
	}
	t, card := p.w.Trello, in.field("card")
	by := t.AddPerson(who.Name, who.RealName).Username // whoever is there already stays as they are
	switch do := in.field("do"); do {
	case "move":
		err = t.MoveCard(by, card, in.field("list"))
	case "tick", "untick":
		err = t.TickCard(by, card, do == "tick")
	case "archive":
		err = t.ArchiveCard(by, card)
	case "restore":
		err = t.EditCard(by, card, map[string]string{"closed": "false"})
	default:
		return errors.New("a card can be moved, ticked or archived, nothing else")
	}
	if err != nil {
		return fmt.Errorf("the card stays as it is: %w", err)
	}
	return nil
}
