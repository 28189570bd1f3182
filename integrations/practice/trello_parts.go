package practice

import (
	"slices"
	"strings"
)

// cardPartRoutes registers the calls for what hangs on a card: comments, links and checklists.
func (t *Trello) cardPartRoutes() {
	t.handle("POST /1/cards/{id}/actions/comments", t.onCard(t.addComment))
	t.handle("GET /1/cards/{id}/actions", t.onCard(t.cardActions))
	t.handle("GET /1/cards/{id}/attachments", t.onCard(t.cardAttachments))
	t.handle("POST /1/cards/{id}/attachments", t.onCard(t.addAttachment))
	t.handle("DELETE /1/cards/{id}/attachments/{idAttachment}", t.onCard(t.removeAttachment))
	t.handle("GET /1/cards/{id}/checklists", t.onCard(t.cardChecklists))
	t.handle("POST /1/cards/{id}/checklists", t.onCard(t.addChecklist))
	t.handle("POST /1/checklists", func(q *trelloCall) (any, error) {
		c, err := t.card(q.args["idCard"])
		if err != nil {
			return nil, err
		}
		return t.addChecklist(c, q)
	})
	t.handle("GET /1/checklists/{id}", func(q *trelloCall) (any, error) {
		c, l, err := t.checklist(q.path("id"))
		if err != nil {
			return nil, err
		}
		return t.checklistJSON(c.ID, c.IDBoard, *l), nil
	})
	t.handle("POST /1/checklists/{id}/checkItems", t.addCheckItem)
}

// addComment needs no text longer than a description may be.
func (t *Trello) addComment(c *Card, q *trelloCall) (any, error) {
	if err := trelloText("text", q.args["text"], true); err != nil {
		return nil, err
	}
	b, err := t.board(c.IDBoard)
	if err != nil {
		return nil, err
	}
	a := t.act("commentCard", "", b, c, jsonObject{"card": cardRef(c), "text": q.args["text"]})
	c.Comments = append(c.Comments, CardComment{ID: a.id, IDMember: a.by, Text: q.args["text"], At: a.at})
	return t.actionJSON(a), nil
}

// cardActions lists a card's history, newest first; only comments and moves unless a filter asks for more.
func (t *Trello) cardActions(c *Card, q *trelloCall) (any, error) {
	const instead = "commentCard,updateCard:idList" // the documented default
	return t.actionList(q, instead, func(a *trelloAction) bool { return a.idCard == c.ID })
}

// is applies one word of a filter: "all", a type, or a type and the field that changed ("updateCard:idList").
func (a *trelloAction) is(word string) bool {
	kind, field, _ := strings.Cut(word, ":")
	if kind != "all" && kind != a.kind {
		return false
	}
	old, _ := a.data["old"].(jsonObject)
	_, changed := old[field]
	return field == "" || changed
}

func (t *Trello) addAttachment(c *Card, q *trelloCall) (any, error) {
	a, err := t.newAttachment(q.args["url"], q.args["name"], t.me)
	if err != nil {
		return nil, err
	}
	b, err := t.board(c.IDBoard)
	if err != nil {
		return nil, err
	}
	c.Attachments = append(c.Attachments, a)
	t.act("addAttachmentToCard", "", b, c, jsonObject{"card": cardRef(c), "attachment": t.attachmentJSON(a)})
	return t.attachmentJSON(a), nil
}

func (t *Trello) removeAttachment(c *Card, q *trelloCall) (any, error) {
	for i, a := range c.Attachments {
		if a.ID == q.path("idAttachment") {
			c.Attachments = slices.Delete(slices.Clone(c.Attachments), i, i+1)
			return jsonObject{"limits": jsonObject{}}, nil
		}
	}
	return nil, errTrelloMissing
}

func (t *Trello) addChecklist(c *Card, q *trelloCall) (any, error) {
	if err := trelloText("name", q.args["name"], false); err != nil {
		return nil, err
	}
	var taken []float64
	for _, other := range c.Checklists {
		taken = append(taken, other.Pos)
	}
	l := CardChecklist{ID: t.newID(), Name: q.args["name"], Pos: position(q.args["pos"], taken)}
	c.Checklists = append(c.Checklists, l)
	return t.checklistJSON(c.ID, c.IDBoard, l), nil
}

func (t *Trello) addCheckItem(q *trelloCall) (any, error) {
	_, l, err := t.checklist(q.path("id"))
	if err != nil {
		return nil, err
	}
	if err := trelloText("name", q.args["name"], true); err != nil {
		return nil, err
	}
	var taken []float64
	for _, other := range l.Items {
		taken = append(taken, other.Pos)
	}
	item := CardCheckItem{
		ID: t.newID(), Name: q.args["name"], Pos: position(q.args["pos"], taken), Done: q.args["checked"] == "true",
	}
	l.Items = append(l.Items, item)
	return t.checkItemJSON(l.ID, item), nil
}

func (t *Trello) checklist(id string) (*Card, *CardChecklist, error) {
	if !trelloID.MatchString(id) {
		return nil, nil, errTrelloID
	}
	for _, c := range t.cards {
		for i := range c.Checklists {
			if c.Checklists[i].ID == id {
				return c, &c.Checklists[i], nil
			}
		}
	}
	return nil, nil, errTrelloMissing
}
