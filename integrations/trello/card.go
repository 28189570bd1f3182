package trello

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	adlio "github.com/adlio/trello"

	"watchbell/incidents"
)

// most is the length of a card's name and of its description, in UTF-16 units to be on the safe side.
// Source: developer.atlassian.com/cloud/trello/rest/api-group-cards.
const most = 16384

// facts are what we write on a card. Those of the last time are kept in the receipt, so that what people changed since
// can be told from what we wrote. Fields may be added, never renamed: receipts are stored.
type facts struct {
	Name   string `json:"name"`
	Body   string `json:"body"`             // the description without the marker
	Due    string `json:"due,omitempty"`    // RFC 3339, UTC; empty for none
	Member string `json:"member,omitempty"` // Trello id
	Done   bool   `json:"done,omitempty"`   // it is where the done ones are
}

// markerBegins and the key of its delivery are the line by which a card is found again.
const markerBegins = "watchbell:"

// wanted is a card as it should be. Its Member is filled in once the board is known.
type wanted struct {
	facts
	marker string
	label  string // name
	owner  string // as configured: an id or a username
}

// wanted renders a card.
func (c *Client) wanted(d incidents.Delivery, now incidents.Snapshot, a incidents.Action) wanted {
	w := wanted{marker: markerBegins + d.Key, label: fmt.Sprintf("inc-%d", now.Number), owner: c.c.Members[a.Owner]}
	if a.Owner == "" {
		w.owner = ""
	}
	if w.Name = clip(plain(now.Masked(a.Text)), most); w.Name == "" {
		w.Name = fmt.Sprintf("Action item %d of incident #%d", a.Number, now.Number)
	}
	w.Done = a.Done()
	if !a.Due.IsZero() {
		// Noon is on the day that was meant nearly everywhere; midnight would be the day before for half the world.
		w.Due = a.Due.UTC().Truncate(24 * time.Hour).Add(12 * time.Hour).Format(time.RFC3339)
	}
	w.Body = c.body(now, a)
	return w
}

// body is the description without the marker: the sentence as it was written, and where it comes from. The title of a
// private incident, and what leads to it, stay off the board.
func (c *Client) body(now incidents.Snapshot, a incidents.Action) string {
	from := fmt.Sprintf("From incident #%d, a private incident", now.Number)
	if !now.Private {
		from = fmt.Sprintf("From incident #%d: %s", now.Number, oneLine(now.Masked(now.Title)))
		if c.c.IncidentURL != nil {
			if link := c.c.IncidentURL(now); link != "" {
				from += "\n" + link
			}
		}
		if now.Post.URL != "" {
			from += "\nPost-mortem: " + now.Post.URL
		}
	}
	// The marker needs far less than what is left for it here.
	sentence := clip(unmarked(now.Masked(a.Text)), most-1000-len(utf16.Encode([]rune(from))))
	return strings.TrimSpace(sentence + "\n\n" + from)
}

// desc is the whole description of a new card. The marker is the last line.
func (w wanted) desc() string { return w.Body + "\n\n" + w.marker }

func (w wanted) due() (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, w.Due)
	return at, err == nil
}

// receipt remembers the card and what we wrote on it.
func (w wanted) receipt(card *adlio.Card) incidents.Receipt {
	note, _ := json.Marshal(w.facts) // four texts: it cannot fail
	return incidents.Receipt{ID: card.ID, URL: card.ShortURL, Note: string(note)}
}

// unmarked is a text in which no line can be taken for a marker.
func unmarked(text string) string {
	lines := strings.Split(strings.ReplaceAll(strings.TrimSpace(text), "\r\n", "\n"), "\n")
	for i, line := range lines {
		if strings.HasPrefix(strings.TrimSpace(line), markerBegins) {
			lines[i] = "· " + strings.TrimSpace(line)
		}
	}
	return strings.Join(lines, "\n")
}

// marked reports whether a description has the marker on a line of its own. People may have written below it.
func marked(desc, marker string) bool {
	for line := range strings.SplitSeq(desc, "\n") {
		if strings.TrimSpace(line) == marker {
			return true
		}
	}
	return false
}

var (
	linkOrImage = regexp.MustCompile(`!?\[([^\[\]]*)\]\((?:<[^<>]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\)`)
	autoLink    = regexp.MustCompile(`<((?:https?://|mailto:)[^<>\s]+)>`)
	bracketed   = regexp.MustCompile(`\[([^\[\]]*)\]`)
	literal     = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]|`[^`]+`")
)

// plain is a Markdown sentence as people say it: links are their words, and brackets, bold and code are gone. Single
// stars and underscores stay, for they are part of names more often than they are emphasis.
func plain(text string) string {
	// What was escaped or is code is meant literally, so it must not be taken for markup; it waits among the private
	// characters.
	const hidden = 0xF0000
	hide := func(r rune) rune {
		if r < 0x80 {
			return r + hidden
		}
		return r
	}
	text = literal.ReplaceAllStringFunc(text, func(s string) string {
		if s[0] == '\\' {
			return strings.Map(hide, s[1:])
		}
		return strings.Map(hide, strings.Trim(s, "`"))
	})
	text = autoLink.ReplaceAllString(text, "$1")
	for before, left := "", nesting; text != before && left > 0; left-- {
		before = text
		text = linkOrImage.ReplaceAllString(text, "$1")
		text = bracketed.ReplaceAllString(text, "$1")
	}
	text = strings.ReplaceAll(text, "**", "")
	text = strings.Map(func(r rune) rune {
		if r >= hidden && r < hidden+0x80 {
			return r - hidden
		}
		return r
	}, text)
	return oneLine(text)
}

// nesting is how deep brackets are looked into.
const nesting = 5

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// clip shortens a text to at most n UTF-16 units, with an ellipsis where it was cut.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	size, end := 0, 0
	for i, r := range text {
		if size <= n-1 {
			end = i
		}
		if size += max(utf16.RuneLen(r), 1); size > n {
			return text[:end] + "…"
		}
	}
	return text
}

// adopt takes over a card that an earlier attempt made. What that attempt wrote is not known, so ours counts, except in
// the description.
func (s *session) adopt(card *adlio.Card, p spot, w wanted) (incidents.Receipt, error) {
	w.Member = p.member
	before := facts{Name: card.Name, Body: w.Body, Due: dueOf(card)}
	args := w.changes(card, before)
	if w.Done {
		if err := s.moves(card, true, args); err != nil {
			return incidents.Receipt{}, err
		}
	}
	if p.label != "" && card.IDBoard == p.board && !slices.Contains(card.IDLabels, p.label) {
		args["idLabels"] = strings.Join(append(slices.Clone(card.IDLabels), p.label), ",")
	}
	return s.write(card, args, w)
}

// update brings a card that we know up to date. A card that was deleted stays deleted: a person did that.
func (s *session) update(r incidents.Receipt, w wanted) (incidents.Receipt, error) {
	var card *adlio.Card
	err := s.call("read the card", func(api *adlio.Client) (err error) {
		card, err = api.GetCard(r.ID, adlio.Arguments{"fields": "name,desc,idList,idBoard,closed,shortUrl,due,idMembers,idLabels"})
		return err
	})
	if statusOf(err, http.StatusNotFound) {
		return r, nil
	}
	if err != nil {
		return incidents.Receipt{}, err
	}
	before := facts{Name: card.Name, Body: w.Body, Due: dueOf(card)}
	if note := (facts{}); json.Unmarshal([]byte(r.Note), &note) == nil {
		before = note
	}
	if w.owner != "" {
		// People may have moved the card to another board, where others are members.
		if w.Member, err = s.member(&place{board: card.IDBoard}, w.owner); err != nil {
			return incidents.Receipt{}, err
		}
		if w.Member == "" {
			w.Member = before.Member
		}
	}
	args := w.changes(card, before)
	if w.Done != before.Done {
		if err := s.moves(card, w.Done, args); err != nil {
			return incidents.Receipt{}, err
		}
	}
	updated, err := s.write(card, args, w)
	if statusOf(err, http.StatusNotFound) {
		return r, nil
	}
	return updated, err
}

// changes are the fields to write, given what we wrote the last time: those that are to be different now, and that
// nobody else has changed.
func (w wanted) changes(card *adlio.Card, before facts) adlio.Arguments {
	args := adlio.Arguments{}
	if w.Name != before.Name && card.Name == before.Name {
		args["name"] = w.Name
	}
	if w.Due != before.Due && dueOf(card) == before.Due {
		args["due"] = w.Due
		if w.Due == "" {
			args["due"] = "null"
		}
	}
	if w.Body != before.Body && before.Body != "" && strings.Contains(card.Desc, before.Body) {
		desc := strings.Replace(card.Desc, before.Body, w.Body, 1)
		if len(utf16.Encode([]rune(desc))) <= most {
			args["desc"] = desc
		}
	}
	if w.Member != before.Member {
		ids := slices.DeleteFunc(slices.Clone(card.IDMembers), func(id string) bool { return id == before.Member })
		if w.Member != "" && !slices.Contains(ids, w.Member) {
			ids = append(ids, w.Member)
		}
		if !slices.Equal(ids, card.IDMembers) {
			args["idMembers"] = strings.Join(ids, ",")
		}
	}
	return args
}

func (s *session) write(card *adlio.Card, args adlio.Arguments, w wanted) (incidents.Receipt, error) {
	if len(args) > 0 {
		err := s.call("bring the card up to date", func(api *adlio.Client) error {
			return api.Put("cards/"+card.ID, args, card)
		})
		if err != nil {
			return incidents.Receipt{}, err
		}
	}
	return w.receipt(card), nil
}

func dueOf(card *adlio.Card) string {
	if card.Due == nil {
		return ""
	}
	return card.Due.UTC().Format(time.RFC3339)
}
