package practice

import (
	"slices"
	"time"
)

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
