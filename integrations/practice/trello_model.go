package practice

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// TrelloMember is a person with a Trello account, or the bot.
type TrelloMember struct {
	ID, Username, FullName string
}

// Board is a Trello board. ShortLink is the eight characters of its URL and is accepted wherever an id is.
type Board struct {
	ID, ShortLink, Name, Desc, URL string
	Closed                         bool
	IDMembers                      []string
	Created                        time.Time
}

// List is a list on a board. Lists are shown in the order of Pos.
type List struct {
	ID, IDBoard, Name string
	Closed            bool
	Pos               float64
}

// Label is a label of a board. Color is empty for a label without one.
type Label struct {
	ID, IDBoard, Name, Color string
}

// Card is a card. Closed means archived; Due is zero when there is no due date.
type Card struct {
	ID, ShortLink, IDBoard, IDList string
	IDShort                        int
	Name, Desc, ShortURL, URL      string
	Pos                            float64
	Start, Due, Created, Active    time.Time
	DueComplete, Closed            bool
	IDMembers, IDLabels            []string
	Attachments                    []CardAttachment
	Comments                       []CardComment
	Checklists                     []CardChecklist
}

// CardAttachment is a link attached to a card.
type CardAttachment struct {
	ID, Name, URL, IDMember string
	At                      time.Time
}

// CardComment is a comment on a card.
type CardComment struct {
	ID, IDMember, Text string
	At                 time.Time
}

// CardChecklist is a checklist of a card.
type CardChecklist struct {
	ID, Name string
	Pos      float64
	Items    []CardCheckItem
}

// CardCheckItem is one line of a checklist.
type CardCheckItem struct {
	ID, Name string
	Pos      float64
	Done     bool
}

func (c *Card) clone() Card {
	out := *c
	out.IDMembers, out.IDLabels = slices.Clone(c.IDMembers), slices.Clone(c.IDLabels)
	out.Attachments, out.Comments = slices.Clone(c.Attachments), slices.Clone(c.Comments)
	out.Checklists = slices.Clone(c.Checklists)
	for i := range out.Checklists {
		out.Checklists[i].Items = slices.Clone(c.Checklists[i].Items)
	}
	return out
}

// newID makes an id as Trello does: 24 hexadecimal digits, the first eight of which are the time in Unix seconds.
func (t *Trello) newID() string { return fmt.Sprintf("%08x%016x", t.o.Now().Unix(), t.ids.next()) }

// newShortLink makes eight letters and digits that look arbitrary and are the same in each run.
func (t *Trello) newShortLink() string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := sha256.Sum256([]byte("practice " + strconv.Itoa(t.ids.next())))
	link := make([]byte, 8)
	for i := range link {
		link[i] = letters[int(sum[i])%len(letters)]
	}
	return string(link)
}

func (t *Trello) addMember(username, fullName string) *TrelloMember {
	for _, m := range t.members {
		if m.Username == username {
			return m
		}
	}
	m := &TrelloMember{ID: t.newID(), Username: username, FullName: fullName}
	t.members = append(t.members, m)
	return m
}

// addBoard makes a board; with the three lists that Trello gives a new board if wanted.
func (t *Trello) addBoard(name string, lists bool) *Board {
	b := &Board{ID: t.newID(), ShortLink: t.newShortLink(), Name: name, IDMembers: []string{t.me}, Created: t.o.Now()}
	t.boards = append(t.boards, b)
	if lists {
		for _, list := range []string{"To Do", "Doing", "Done"} {
			t.addList(b, list, "bottom")
		}
	}
	return b
}

func (t *Trello) addList(b *Board, name, pos string) *List {
	var taken []float64
	for _, l := range t.lists {
		if l.IDBoard == b.ID {
			taken = append(taken, l.Pos)
		}
	}
	l := &List{ID: t.newID(), IDBoard: b.ID, Name: name, Pos: position(pos, taken)}
	t.lists = append(t.lists, l)
	return l
}

// positionStep is the distance that Trello leaves between two neighbours.
const positionStep = 65536

// position turns "top", "bottom" or a number into a place among the positions that are taken.
func position(pos string, taken []float64) float64 {
	if n, err := strconv.ParseFloat(pos, 64); err == nil && n > 0 {
		return n
	}
	if len(taken) == 0 {
		return positionStep
	}
	if pos == "top" || pos == "0" { // adlio/trello sends 0 when it means nothing; Trello reads it as the top
		return slices.Min(taken) / 2
	}
	return slices.Max(taken) + positionStep
}

var trelloID = regexp.MustCompile(`^([0-9a-f]{24}|[A-Za-z0-9]{8})$`)

// found looks a thing up by the ids that it answers to.
func found[T any](id string, all []*T, ids func(*T) (long, short string)) (*T, error) {
	if !trelloID.MatchString(id) {
		return nil, errTrelloID
	}
	for _, x := range all {
		if long, short := ids(x); id == long || (short != "" && id == short) {
			return x, nil
		}
	}
	return nil, errTrelloMissing
}

func (t *Trello) board(id string) (*Board, error) {
	return found(id, t.boards, func(b *Board) (string, string) { return b.ID, b.ShortLink })
}

func (t *Trello) list(id string) (*List, error) {
	return found(id, t.lists, func(l *List) (string, string) { return l.ID, "" })
}

func (t *Trello) card(id string) (*Card, error) {
	return found(id, t.cards, func(c *Card) (string, string) { return c.ID, c.ShortLink })
}

func (t *Trello) label(id string) (*Label, error) {
	return found(id, t.labels, func(l *Label) (string, string) { return l.ID, "" })
}

// member finds a member by id or username, and the caller by "me".
func (t *Trello) member(id string) (*TrelloMember, error) {
	for _, m := range t.members {
		if id == m.ID || id == m.Username || (id == "me" && m.ID == t.me) {
			return m, nil
		}
	}
	return nil, errTrelloMissing
}

var notInSlug = regexp.MustCompile(`[^a-z0-9]+`)

// slug is the readable end of a Trello URL.
func slug(name string) string {
	return strings.Trim(notInSlug.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// splitIDs reads a list of ids separated by commas.
func splitIDs(s string) []string {
	ids := make([]string, 0)
	for id := range strings.SplitSeq(s, ",") {
		if id = strings.TrimSpace(id); id != "" {
			ids = appendNew(ids, id)
		}
	}
	return ids
}
