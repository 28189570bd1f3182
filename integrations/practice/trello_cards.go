package practice

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

func (t *Trello) cardRoutes() {
	t.handle("POST /1/cards", func(q *trelloCall) (any, error) {
		if q.args["idList"] == "" {
			return nil, trelloBad("invalid value for idList")
		}
		l, err := t.list(q.args["idList"])
		if err != nil {
			return nil, err
		}
		return t.createCardIn(l, q)
	})
	t.handle("GET /1/cards/{id}", t.onCard(t.wholeCard))
	t.handle("PUT /1/cards/{id}", t.onCard(func(c *Card, q *trelloCall) (any, error) {
		if err := t.updateCard(c, q.args, t.me); err != nil {
			return nil, err
		}
		return t.cardJSON(c), nil
	}))
	t.handle("DELETE /1/cards/{id}", t.onCard(t.deleteCard))
	t.handle("GET /1/cards/{id}/members", t.onCard(t.cardMembers))
	t.handle("POST /1/cards/{id}/idMembers", t.onCard(t.addCardMember))
	t.handle("DELETE /1/cards/{id}/idMembers/{idMember}", t.onCard(t.removeCardMember))
	t.handle("POST /1/cards/{id}/idLabels", t.onCard(t.addCardLabel))
	t.handle("DELETE /1/cards/{id}/idLabels/{idLabel}", t.onCard(t.removeCardLabel))
	t.cardPartRoutes()
}

// onCard looks the card of a path up before the handler runs.
func (t *Trello) onCard(h func(*Card, *trelloCall) (any, error)) trelloHandler {
	return func(q *trelloCall) (any, error) {
		c, err := t.card(q.path("id"))
		if err != nil {
			return nil, err
		}
		return h(c, q)
	}
}

// boardCards lists a board's cards: the open ones on open lists unless the path says otherwise. Of more cards than
// the limit the newest are given, and "before" leads on to the older ones.
func (t *Trello) boardCards(b *Board, q *trelloCall) (any, error) {
	filter := q.path("filter")
	if filter == "" {
		filter = q.args["filter"]
	}
	return t.cardList(q, func(c *Card) bool {
		if c.IDBoard != b.ID {
			return false
		}
		if filter == "" || filter == "visible" {
			l, err := t.list(c.IDList)
			return err == nil && !l.Closed && !c.Closed
		}
		return shown(filter, c.Closed)
	})
}

func (t *Trello) listCards(l *List, q *trelloCall) (any, error) {
	filter := q.args["filter"]
	if filter == "" {
		filter = "open"
	}
	return t.cardList(q, func(c *Card) bool { return c.IDList == l.ID && shown(filter, c.Closed) })
}

func (t *Trello) cardList(q *trelloCall, fits func(*Card) bool) (any, error) {
	limit := 1000
	if q.has("limit") {
		n, err := strconv.Atoi(q.args["limit"])
		if err != nil || n < 0 || n > 1000 {
			return nil, trelloBad("invalid value for limit")
		}
		limit = n
	}
	var cards []*Card
	for _, c := range t.cards {
		if fits(c) && (q.args["before"] == "" || c.ID < q.args["before"]) && c.ID > q.args["since"] {
			cards = append(cards, c)
		}
	}
	cards = cards[max(0, len(cards)-limit):]
	slices.SortStableFunc(cards, func(a, b *Card) int { return byPosition(a.Pos, b.Pos) })
	return listOf(cards, t.cardJSON), nil
}

func (t *Trello) createCardIn(l *List, q *trelloCall) (any, error) {
	b, err := t.board(l.IDBoard)
	if err != nil {
		return nil, err
	}
	draft := Card{IDBoard: b.ID, IDList: l.ID, Created: t.o.Now()}
	args := map[string]string{"pos": "bottom"}
	for k, v := range q.args {
		if k != "idList" && k != "idBoard" {
			args[k] = v
		}
	}
	if err := t.setCard(&draft, args); err != nil {
		return nil, err
	}
	c := &draft
	if source := q.args["urlSource"]; source != "" {
		a, err := t.newAttachment(source, "", t.me)
		if err != nil {
			return nil, err
		}
		c.Attachments = append(c.Attachments, a)
		if c.Name == "" {
			c.Name = source
		}
	}
	c.ID, c.ShortLink, c.IDShort = t.newID(), t.newShortLink(), 1
	for _, other := range t.cards {
		if other.IDBoard == b.ID {
			c.IDShort = max(c.IDShort, other.IDShort+1)
		}
	}
	c.ShortURL = t.WebURL + "/c/" + c.ShortLink
	c.URL = c.ShortURL + "/" + strings.Trim(strconv.Itoa(c.IDShort)+"-"+slug(c.Name), "-")
	t.cards = append(t.cards, c)
	t.act("createCard", "", b, c, jsonObject{"card": cardRef(c), "list": jsonObject{"id": l.ID, "name": l.Name}})
	o := t.cardJSON(c)
	o["attachments"], o["stickers"], o["limits"] = listOf(c.Attachments, t.attachmentJSON), []jsonObject{}, jsonObject{}
	return o, nil
}

// cardRef is a card as it is named inside an action.
func cardRef(c *Card) jsonObject {
	return jsonObject{"id": c.ID, "name": c.Name, "idShort": c.IDShort, "shortLink": c.ShortLink}
}

func (t *Trello) deleteCard(c *Card, _ *trelloCall) (any, error) {
	b, err := t.board(c.IDBoard)
	if err != nil {
		return nil, err
	}
	t.act("deleteCard", "", b, c, jsonObject{"card": jsonObject{"id": c.ID, "idShort": c.IDShort, "shortLink": c.ShortLink}})
	t.cards = slices.DeleteFunc(t.cards, func(other *Card) bool { return other.ID == c.ID })
	return jsonObject{"limits": jsonObject{}}, nil
}

func (t *Trello) cardMembers(c *Card, _ *trelloCall) (any, error) {
	list := make([]jsonObject, 0)
	for _, m := range t.members {
		if slices.Contains(c.IDMembers, m.ID) {
			list = append(list, t.memberJSON(m))
		}
	}
	return list, nil
}

func (t *Trello) addCardMember(c *Card, q *trelloCall) (any, error) {
	id := q.args["value"]
	if slices.Contains(c.IDMembers, id) {
		return nil, trelloBad("member is already on the card")
	}
	members := strings.Join(append(slices.Clone(c.IDMembers), id), ",")
	if err := t.updateCard(c, map[string]string{"idMembers": members}, t.me); err != nil {
		return nil, err
	}
	return t.cardMembers(c, q)
}

func (t *Trello) removeCardMember(c *Card, q *trelloCall) (any, error) {
	id := q.path("idMember")
	if !slices.Contains(c.IDMembers, id) {
		return nil, trelloBad("member is not on the card")
	}
	members := strings.Join(without(c.IDMembers, id), ",")
	if err := t.updateCard(c, map[string]string{"idMembers": members}, t.me); err != nil {
		return nil, err
	}
	return t.cardMembers(c, q)
}

func (t *Trello) addCardLabel(c *Card, q *trelloCall) (any, error) {
	id := q.args["value"]
	if slices.Contains(c.IDLabels, id) {
		return nil, trelloBad("that label is already on the card")
	}
	labels := strings.Join(append(slices.Clone(c.IDLabels), id), ",")
	if err := t.updateCard(c, map[string]string{"idLabels": labels}, t.me); err != nil {
		return nil, err
	}
	return c.IDLabels, nil
}

func (t *Trello) removeCardLabel(c *Card, q *trelloCall) (any, error) {
	id := q.path("idLabel")
	if !slices.Contains(c.IDLabels, id) {
		return nil, trelloBad("that label is not on the card")
	}
	labels := strings.Join(without(c.IDLabels, id), ",")
	if err := t.updateCard(c, map[string]string{"idLabels": labels}, t.me); err != nil {
		return nil, err
	}
	return jsonObject{"_value": nil}, nil
}

// newAttachment checks a link that is to be attached.
func (t *Trello) newAttachment(link, name, by string) (CardAttachment, error) {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return CardAttachment{}, trelloBad("invalid value for url")
	}
	if name == "" {
		name = link
	}
	return CardAttachment{ID: t.newID(), Name: name, URL: link, IDMember: by, At: t.o.Now()}, nil
}
