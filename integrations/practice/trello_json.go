package practice

import (
	"strings"
	"time"
)

// jsonObject is a JSON object under construction.
type jsonObject = map[string]any

// onlyFields reduces an object, or each object of a list, to its id and the fields asked for ("fields=name,closed").
func onlyFields(value any, fields string) any {
	if fields == "" || fields == "all" {
		return value
	}
	keep := map[string]bool{"id": true}
	for _, f := range strings.Split(fields, ",") {
		keep[strings.TrimSpace(f)] = true
	}
	reduce := func(o jsonObject) jsonObject {
		out := jsonObject{}
		for k, v := range o {
			if keep[k] {
				out[k] = v
			}
		}
		return out
	}
	switch v := value.(type) {
	case jsonObject:
		return reduce(v)
	case []jsonObject:
		list := make([]jsonObject, len(v))
		for i, o := range v {
			list[i] = reduce(o)
		}
		return list
	}
	return value
}

// listOf encodes each item of a list; the result is never nil, so that it becomes [] rather than null.
func listOf[T any](items []T, encode func(T) jsonObject) []jsonObject {
	list := make([]jsonObject, 0, len(items))
	for _, item := range items {
		list = append(list, encode(item))
	}
	return list
}

// trelloTime is a time as Trello writes it: UTC with milliseconds; null when there is none.
func trelloTime(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

func (t *Trello) memberJSON(m *TrelloMember) jsonObject {
	return jsonObject{
		"id": m.ID, "username": m.Username, "fullName": m.FullName, "url": t.WebURL + "/" + m.Username,
		"initials": strings.ToUpper(m.FullName[:min(1, len(m.FullName))]),
	}
}

// boardURL follows WebURL, which may be set after the first board was made.
func (t *Trello) boardURL(b *Board) string {
	return t.WebURL + "/b/" + b.ShortLink + "/" + slug(b.Name)
}

func (t *Trello) boardJSON(b *Board) jsonObject {
	return jsonObject{
		"id": b.ID, "name": b.Name, "desc": b.Desc, "closed": b.Closed, "shortLink": b.ShortLink, "url": t.boardURL(b),
		"shortUrl": t.WebURL + "/b/" + b.ShortLink, "idOrganization": "", "prefs": jsonObject{"permissionLevel": "private"},
	}
}

// openCardsMax is the number of open cards that a board may hold.
const openCardsMax = 5000

func (t *Trello) limitsJSON(b *Board) jsonObject {
	open := 0
	for _, c := range t.cards {
		if c.IDBoard == b.ID && !c.Closed {
			open++
		}
	}
	status, warn := "ok", openCardsMax*9/10
	switch {
	case open >= openCardsMax:
		status = "disabled"
	case open >= warn:
		status = "warn"
	}
	return jsonObject{"cards": jsonObject{"openPerBoard": jsonObject{"status": status, "disableAt": openCardsMax, "warnAt": warn}}}
}

func (t *Trello) listJSON(l *List) jsonObject {
	return jsonObject{"id": l.ID, "name": l.Name, "closed": l.Closed, "idBoard": l.IDBoard, "pos": l.Pos}
}

func (t *Trello) labelJSON(l *Label) jsonObject {
	o := jsonObject{"id": l.ID, "idBoard": l.IDBoard, "name": l.Name, "color": nil}
	if l.Color != "" {
		o["color"] = l.Color
	}
	return o
}

func (t *Trello) attachmentJSON(a CardAttachment) jsonObject {
	return jsonObject{
		"id": a.ID, "name": a.Name, "url": a.URL, "idMember": a.IDMember, "isUpload": false, "mimeType": "",
		"bytes": nil, "date": trelloTime(a.At), "pos": positionStep,
	}
}

func (t *Trello) checklistJSON(cardID, boardID string, l CardChecklist) jsonObject {
	return jsonObject{"id": l.ID, "name": l.Name, "idCard": cardID, "idBoard": boardID, "checkItems": listOf(l.Items,
		func(i CardCheckItem) jsonObject { return t.checkItemJSON(l.ID, i) })}
}

func (t *Trello) checkItemJSON(checklist string, i CardCheckItem) jsonObject {
	state := "incomplete"
	if i.Done {
		state = "complete"
	}
	return jsonObject{"id": i.ID, "name": i.Name, "state": state, "idChecklist": checklist}
}

func (t *Trello) cardJSON(c *Card) jsonObject {
	labels := make([]jsonObject, 0)
	for _, l := range t.labels {
		for _, id := range c.IDLabels {
			if id == l.ID {
				labels = append(labels, t.labelJSON(l))
			}
		}
	}
	checklists := make([]string, 0, len(c.Checklists))
	for _, l := range c.Checklists {
		checklists = append(checklists, l.ID)
	}
	return jsonObject{
		"id": c.ID, "idShort": c.IDShort, "shortLink": c.ShortLink, "shortUrl": c.ShortURL, "url": c.URL,
		"idBoard": c.IDBoard, "idList": c.IDList, "name": c.Name, "desc": c.Desc, "pos": c.Pos, "closed": c.Closed,
		"start": trelloTime(c.Start), "due": trelloTime(c.Due), "dueComplete": c.DueComplete,
		"dateLastActivity": trelloTime(c.Active), "idMembers": append([]string{}, c.IDMembers...),
		"idLabels": append([]string{}, c.IDLabels...), "labels": labels, "idChecklists": checklists,
		"badges": jsonObject{
			"comments": len(c.Comments), "attachments": len(c.Attachments), "description": c.Desc != "",
			"due": trelloTime(c.Due), "dueComplete": c.DueComplete,
		},
	}
}

func (t *Trello) actionJSON(a *trelloAction) jsonObject {
	o := jsonObject{"id": a.id, "type": a.kind, "date": trelloTime(a.at), "idMemberCreator": a.by, "data": a.data}
	if m, err := t.member(a.by); err == nil {
		o["memberCreator"] = t.memberJSON(m)
	}
	return o
}
