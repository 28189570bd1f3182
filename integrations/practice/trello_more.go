package practice

import (
	"net/http"
	"slices"
	"strings"
)

// moreRoutes registers calls that the bot itself does not make, but other clients do.
func (t *Trello) moreRoutes() {
	t.handle("PUT /1/lists/{id}/{field}", t.onList(func(l *List, q *trelloCall) (any, error) {
		field := q.path("field")
		if !slices.Contains([]string{"closed", "name", "pos", "idBoard"}, field) {
			return nil, trelloBad("invalid field")
		}
		q.args[field] = q.args["value"]
		return t.updateList(l, q)
	}))
	t.handle("GET /1/lists/{id}/board", t.onList(func(l *List, _ *trelloCall) (any, error) {
		b, err := t.board(l.IDBoard)
		if err != nil {
			return nil, err
		}
		return t.boardJSON(b), nil
	}))
	t.handle("POST /1/lists/{id}/archiveAllCards", t.onList(func(l *List, _ *trelloCall) (any, error) {
		for _, c := range t.cards {
			if c.IDList == l.ID && !c.Closed {
				if err := t.updateCard(c, map[string]string{"closed": "true"}, t.me); err != nil {
					return nil, err
				}
			}
		}
		return jsonObject{}, nil
	}))
	t.handle("GET /1/boards/{id}/memberships", t.onBoard(func(b *Board, _ *trelloCall) (any, error) {
		return t.membershipsJSON(b), nil
	}))
	t.handle("GET /1/boards/{id}/checklists", t.onBoard(t.boardChecklists))
	t.handle("DELETE /1/boards/{id}", t.onBoard(t.deleteBoard))
	t.handle("GET /1/cards/{id}/list", t.onCard(func(c *Card, _ *trelloCall) (any, error) {
		l, err := t.list(c.IDList)
		if err != nil {
			return nil, err
		}
		return t.listJSON(l), nil
	}))
	t.handle("GET /1/cards/{id}/board", t.onCard(func(c *Card, _ *trelloCall) (any, error) {
		b, err := t.board(c.IDBoard)
		if err != nil {
			return nil, err
		}
		return t.boardJSON(b), nil
	}))
	t.handle("GET /1/cards/{id}/attachments/{idAttachment}", t.onCard(func(c *Card, q *trelloCall) (any, error) {
		i := slices.IndexFunc(c.Attachments, func(a CardAttachment) bool { return a.ID == q.path("idAttachment") })
		if i < 0 {
			return nil, errTrelloMissing
		}
		return t.attachmentJSON(c.Attachments[i]), nil
	}))
	t.commentRoutes()
	t.checklistRoutes()
	t.tokenRoutes()
}

// deleteBoard deletes a board for good, with all that is on it.
func (t *Trello) deleteBoard(b *Board, _ *trelloCall) (any, error) {
	if b.ID == t.boardID {
		return nil, &trelloError{http.StatusForbidden, "practice keeps the board that it starts with"}
	}
	t.cards = slices.DeleteFunc(t.cards, func(c *Card) bool { return c.IDBoard == b.ID })
	t.lists = slices.DeleteFunc(t.lists, func(l *List) bool { return l.IDBoard == b.ID })
	t.labels = slices.DeleteFunc(t.labels, func(l *Label) bool { return l.IDBoard == b.ID })
	t.boards = slices.DeleteFunc(t.boards, func(other *Board) bool { return other == b })
	return jsonObject{"_value": nil}, nil
}

// moveList takes a list and its cards to another board.
func (t *Trello) moveList(l *List, board string) error {
	b, err := t.board(board)
	if err != nil {
		return err
	}
	l.IDBoard = b.ID
	for _, c := range t.cards {
		if c.IDList == l.ID {
			c.IDBoard = b.ID
		}
	}
	return nil
}

func (t *Trello) commentRoutes() {
	onComment := func(h func(*Card, int, *trelloAction, *trelloCall) (any, error)) trelloHandler {
		return t.onCard(func(c *Card, q *trelloCall) (any, error) {
			id := q.path("idAction")
			i := slices.IndexFunc(c.Comments, func(m CardComment) bool { return m.ID == id })
			at := slices.IndexFunc(t.actions, func(a *trelloAction) bool { return a.id == id })
			if i < 0 || at < 0 {
				return nil, errTrelloMissing
			}
			return h(c, i, t.actions[at], q)
		})
	}
	t.handle("PUT /1/cards/{id}/actions/{idAction}/comments", onComment(func(c *Card, i int, a *trelloAction, q *trelloCall) (any, error) {
		if err := trelloText("text", q.args["text"], true); err != nil {
			return nil, err
		}
		c.Comments[i].Text, a.data["text"] = q.args["text"], q.args["text"]
		return t.actionJSON(a), nil
	}))
	t.handle("DELETE /1/cards/{id}/actions/{idAction}/comments", onComment(func(c *Card, i int, a *trelloAction, _ *trelloCall) (any, error) {
		c.Comments = slices.Delete(slices.Clone(c.Comments), i, i+1)
		t.actions = slices.DeleteFunc(t.actions, func(other *trelloAction) bool { return other == a })
		return jsonObject{"_value": nil}, nil
	}))
	t.handle("GET /1/actions/{id}", func(q *trelloCall) (any, error) {
		a, err := found(q.path("id"), t.actions, func(a *trelloAction) (string, string) { return a.id, "" })
		if err != nil {
			return nil, err
		}
		return t.actionJSON(a), nil
	})
}

func (t *Trello) checklistRoutes() {
	t.handle("PUT /1/cards/{id}/checkItem/{idCheckItem}", t.onCard(func(c *Card, q *trelloCall) (any, error) {
		for i := range c.Checklists {
			l := &c.Checklists[i]
			for j := range l.Items {
				if l.Items[j].ID == q.path("idCheckItem") {
					return t.updateCheckItem(l, &l.Items[j], q)
				}
			}
		}
		return nil, errTrelloMissing
	}))
	t.handle("GET /1/checklists/{id}/checkItems", func(q *trelloCall) (any, error) {
		_, l, err := t.checklist(q.path("id"))
		if err != nil {
			return nil, err
		}
		return listOf(l.Items, func(i CardCheckItem) jsonObject { return t.checkItemJSON(l.ID, i) }), nil
	})
	t.handle("DELETE /1/checklists/{id}/checkItems/{idCheckItem}", func(q *trelloCall) (any, error) {
		_, l, err := t.checklist(q.path("id"))
		if err != nil {
			return nil, err
		}
		left := slices.DeleteFunc(slices.Clone(l.Items), func(i CardCheckItem) bool { return i.ID == q.path("idCheckItem") })
		if len(left) == len(l.Items) {
			return nil, errTrelloMissing
		}
		l.Items = left
		return jsonObject{"limits": jsonObject{}}, nil
	})
	drop := func(q *trelloCall) (any, error) {
		id := q.path("idChecklist")
		c, l, err := t.checklist(id)
		if err != nil {
			return nil, err
		}
		c.Checklists = slices.DeleteFunc(slices.Clone(c.Checklists), func(other CardChecklist) bool { return other.ID == l.ID })
		return jsonObject{"limits": jsonObject{}}, nil
	}
	t.handle("DELETE /1/checklists/{idChecklist}", drop)
	t.handle("DELETE /1/cards/{id}/checklists/{idChecklist}", drop)
}

func (t *Trello) updateCheckItem(l *CardChecklist, item *CardCheckItem, q *trelloCall) (any, error) {
	switch q.args["state"] {
	case "":
	case "complete", "incomplete":
		item.Done = q.args["state"] == "complete"
	default:
		return nil, trelloBad("invalid value for state")
	}
	if q.has("name") {
		if err := trelloText("name", q.args["name"], true); err != nil {
			return nil, err
		}
		item.Name = q.args["name"]
	}
	return t.checkItemJSON(l.ID, *item), nil
}

func (t *Trello) tokenRoutes() {
	own := func(h trelloHandler) trelloHandler {
		return func(q *trelloCall) (any, error) {
			if q.path("token") != q.token {
				return nil, errTrelloMissing
			}
			return h(q)
		}
	}
	t.handle("GET /1/tokens/{token}", own(func(*trelloCall) (any, error) {
		rights := func(model string) jsonObject {
			return jsonObject{"idModel": "*", "modelType": model, "read": true, "write": true}
		}
		return jsonObject{
			"id": t.me, "identifier": "Watchbell practice", "idMember": t.me, "dateCreated": trelloTime(t.boards[0].Created),
			"dateExpires": nil, "permissions": []jsonObject{rights("Board"), rights("Organization")},
		}, nil
	}))
	t.handle("GET /1/tokens/{token}/member", own(func(*trelloCall) (any, error) {
		m, err := t.member(t.me)
		if err != nil {
			return nil, err
		}
		return t.memberJSON(m), nil
	}))
	t.handle("GET /1/search/members", func(q *trelloCall) (any, error) {
		list := make([]jsonObject, 0)
		for _, m := range t.members {
			if strings.Contains(strings.ToLower(m.Username+" "+m.FullName), strings.ToLower(q.args["query"])) {
				list = append(list, t.memberJSON(m))
			}
		}
		return list, nil
	})
}
