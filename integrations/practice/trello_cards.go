package practice

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
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
	t.handle("GET /1/cards/{id}", t.onCard(func(c *Card, _ *trelloCall) (any, error) { return t.cardJSON(c), nil }))
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
	return t.cardJSON(c), nil
}

// cardRef is a card as it is named inside an action.
func cardRef(c *Card) jsonObject {
	return jsonObject{"id": c.ID, "name": c.Name, "idShort": c.IDShort, "shortLink": c.ShortLink}
}

// setCard applies the arguments that change a card's own fields, or none of them when one is wrong.
func (t *Trello) setCard(c *Card, args map[string]string) error {
	next := c.clone()
	for _, text := range []struct {
		name string
		to   *string
	}{{"name", &next.Name}, {"desc", &next.Desc}} {
		if v, ok := args[text.name]; ok {
			if err := trelloText(text.name, v, false); err != nil {
				return err
			}
			*text.to = v
		}
	}
	for _, date := range []struct {
		name string
		to   *time.Time
	}{{"due", &next.Due}, {"start", &next.Start}} {
		if v, ok := args[date.name]; ok {
			at, err := trelloDate(v)
			if err != nil {
				return err
			}
			*date.to = at
		}
	}
	for _, flag := range []struct {
		name string
		to   *bool
	}{{"dueComplete", &next.DueComplete}, {"closed", &next.Closed}} {
		if v, ok := args[flag.name]; ok {
			*flag.to = v == "true"
		}
	}
	if err := t.placeCard(&next, args); err != nil {
		return err
	}
	if err := t.linkCard(&next, args); err != nil {
		return err
	}
	*c = next
	return nil
}

// placeCard applies idList, idBoard and pos.
func (t *Trello) placeCard(c *Card, args map[string]string) error {
	if id, ok := args["idBoard"]; ok {
		b, err := t.board(id)
		if err != nil {
			return err
		}
		c.IDBoard = b.ID
	}
	if id, ok := args["idList"]; ok {
		l, err := t.list(id)
		if err != nil {
			return err
		}
		if args["idBoard"] != "" && l.IDBoard != c.IDBoard {
			return trelloBad("invalid value for idList")
		}
		c.IDList, c.IDBoard = l.ID, l.IDBoard
	}
	if pos, ok := args["pos"]; ok {
		var taken []float64
		for _, other := range t.cards {
			if other.IDList == c.IDList && other.ID != c.ID {
				taken = append(taken, other.Pos)
			}
		}
		c.Pos = position(pos, taken)
	}
	return nil
}

// linkCard applies idMembers and idLabels, which replace what was there.
func (t *Trello) linkCard(c *Card, args map[string]string) error {
	b, err := t.board(c.IDBoard)
	if err != nil {
		return err
	}
	if v, ok := args["idMembers"]; ok {
		ids := splitIDs(v)
		for _, id := range ids {
			if !slices.Contains(b.IDMembers, id) {
				return trelloBad("invalid value for idMembers")
			}
		}
		c.IDMembers = ids
	}
	if v, ok := args["idLabels"]; ok {
		ids := splitIDs(v)
		for _, id := range ids {
			if l, err := t.label(id); err != nil || l.IDBoard != b.ID {
				return trelloBad("invalid value for idLabels")
			}
		}
		c.IDLabels = ids
	}
	return nil
}

// trelloDate reads a date argument; an empty one and "null" clear the date.
func trelloDate(s string) (time.Time, error) {
	if s == "" || s == "null" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, trelloBad("invalid date")
}

// updateCard changes a card for a member and writes down what was different before, as webhooks tell it.
func (t *Trello) updateCard(c *Card, args map[string]string, by string) error {
	before := c.clone()
	if err := t.setCard(c, args); err != nil {
		return err
	}
	old, now := jsonObject{}, cardRef(c)
	note := func(key string, differs bool, was, is any) {
		if differs {
			old[key], now[key] = was, is
		}
	}
	note("name", before.Name != c.Name, before.Name, c.Name)
	note("desc", before.Desc != c.Desc, before.Desc, c.Desc)
	note("closed", before.Closed != c.Closed, before.Closed, c.Closed)
	note("due", !before.Due.Equal(c.Due), trelloTime(before.Due), trelloTime(c.Due))
	note("start", !before.Start.Equal(c.Start), trelloTime(before.Start), trelloTime(c.Start))
	note("dueComplete", before.DueComplete != c.DueComplete, before.DueComplete, c.DueComplete)
	note("pos", before.Pos != c.Pos, before.Pos, c.Pos)
	note("idList", before.IDList != c.IDList, before.IDList, c.IDList)
	b, err := t.board(c.IDBoard)
	if err != nil {
		return err
	}
	if len(old) > 0 {
		data := jsonObject{"card": now, "old": old}
		t.nameLists(data, before.IDList, c.IDList)
		t.act("updateCard", by, b, c, data)
	}
	for _, id := range c.IDMembers {
		if !slices.Contains(before.IDMembers, id) {
			t.act("addMemberToCard", by, b, c, jsonObject{"card": cardRef(c), "idMember": id})
		}
	}
	for _, id := range before.IDMembers {
		if !slices.Contains(c.IDMembers, id) {
			t.act("removeMemberFromCard", by, b, c, jsonObject{"card": cardRef(c), "idMember": id})
		}
	}
	return nil
}

// nameLists adds the list of an updated card, or the two lists when it moved.
func (t *Trello) nameLists(data jsonObject, before, after string) {
	ref := func(id string) jsonObject {
		l, err := t.list(id)
		if err != nil {
			return jsonObject{"id": id}
		}
		return jsonObject{"id": l.ID, "name": l.Name}
	}
	if before == after {
		data["list"] = ref(after)
		return
	}
	data["listBefore"], data["listAfter"] = ref(before), ref(after)
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
