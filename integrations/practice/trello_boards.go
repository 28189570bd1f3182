package practice

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// routes registers every call that the local Trello knows.
func (t *Trello) routes() {
	t.handle("GET /1/members/{id}", func(q *trelloCall) (any, error) {
		m, err := t.member(q.path("id"))
		if err != nil {
			return nil, err
		}
		return t.memberJSON(m), nil
	})
	t.handle("GET /1/members/{id}/boards", t.memberBoards)
	t.handle("POST /1/boards", t.createBoard)
	t.handle("GET /1/boards/{id}", t.onBoard(t.getBoard))
	t.handle("PUT /1/boards/{id}", t.onBoard(t.updateBoard))
	t.handle("GET /1/boards/{id}/lists", t.onBoard(t.boardLists))
	t.handle("GET /1/boards/{id}/lists/{filter}", t.onBoard(t.boardLists))
	t.handle("POST /1/boards/{id}/lists", t.onBoard(t.createListOn))
	t.handle("GET /1/boards/{id}/labels", t.onBoard(t.boardLabels))
	t.handle("POST /1/boards/{id}/labels", t.onBoard(t.createLabelOn))
	t.handle("GET /1/boards/{id}/members", t.onBoard(t.boardMembers))
	t.handle("GET /1/boards/{id}/cards", t.onBoard(t.boardCards))
	t.handle("GET /1/boards/{id}/cards/{filter}", t.onBoard(t.boardCards))
	t.handle("GET /1/boards/{id}/actions", t.onBoard(t.boardActions))
	t.handle("POST /1/lists", func(q *trelloCall) (any, error) {
		b, err := t.board(q.args["idBoard"])
		if err != nil {
			return nil, trelloBad("invalid value for idBoard")
		}
		return t.createListOn(b, q)
	})
	t.handle("GET /1/lists/{id}", t.onList(func(l *List, _ *trelloCall) (any, error) { return t.listJSON(l), nil }))
	t.handle("PUT /1/lists/{id}", t.onList(t.updateList))
	t.handle("GET /1/lists/{id}/cards", t.onList(t.listCards))
	t.handle("POST /1/lists/{id}/cards", t.onList(t.createCardIn))
	t.handle("GET /1/search", t.search)
	t.labelRoutes()
	t.moreRoutes()
	t.cardRoutes()
	t.hookRoutes()
}

// onBoard looks the board of a path up before the handler runs.
func (t *Trello) onBoard(h func(*Board, *trelloCall) (any, error)) trelloHandler {
	return func(q *trelloCall) (any, error) {
		b, err := t.board(q.path("id"))
		if err != nil {
			return nil, err
		}
		return h(b, q)
	}
}

// onList looks the list of a path up before the handler runs.
func (t *Trello) onList(h func(*List, *trelloCall) (any, error)) trelloHandler {
	return func(q *trelloCall) (any, error) {
		l, err := t.list(q.path("id"))
		if err != nil {
			return nil, err
		}
		return h(l, q)
	}
}

// trelloText checks a name or a text: given, and not longer than Trello takes.
func trelloText(name, value string, required bool) error {
	if required && strings.TrimSpace(value) == "" {
		return trelloBad("invalid value for %s", name)
	}
	if utf8.RuneCountInString(value) > trelloTextMax {
		return trelloBad("invalid value for %s", name)
	}
	return nil
}

func (t *Trello) memberBoards(q *trelloCall) (any, error) {
	m, err := t.member(q.path("id"))
	if err != nil {
		return nil, err
	}
	list := make([]jsonObject, 0)
	for _, b := range t.boards {
		if slices.Contains(b.IDMembers, m.ID) && shown(q.args["filter"], b.Closed) {
			list = append(list, t.boardJSON(b))
		}
	}
	return list, nil
}

// shown applies the filters open, closed and all; the default is all for boards.
func shown(filter string, closed bool) bool {
	switch filter {
	case "open":
		return !closed
	case "closed":
		return closed
	}
	return true
}

func (t *Trello) createBoard(q *trelloCall) (any, error) {
	if err := trelloText("name", q.args["name"], true); err != nil {
		return nil, err
	}
	b := t.addBoard(q.args["name"], q.args["defaultLists"] != "false")
	b.Desc = q.args["desc"]
	t.act("createBoard", "", b, nil, jsonObject{})
	return t.boardJSON(b), nil
}

func (t *Trello) getBoard(b *Board, q *trelloCall) (any, error) {
	return t.wholeBoard(b, q)
}

func (t *Trello) updateBoard(b *Board, q *trelloCall) (any, error) {
	old := jsonObject{}
	if q.has("name") && q.args["name"] != b.Name {
		if err := trelloText("name", q.args["name"], true); err != nil {
			return nil, err
		}
		old["name"], b.Name = b.Name, q.args["name"]
	}
	if closed := q.args["closed"] == "true"; q.has("closed") && closed != b.Closed {
		old["closed"], b.Closed = b.Closed, closed
	}
	if q.has("desc") {
		b.Desc = q.args["desc"]
	}
	t.act("updateBoard", "", b, nil, jsonObject{"old": old})
	return t.boardJSON(b), nil
}

// listsOf is a board's lists by position.
func (t *Trello) listsOf(board string) []*List {
	var lists []*List
	for _, l := range t.lists {
		if l.IDBoard == board {
			lists = append(lists, l)
		}
	}
	slices.SortStableFunc(lists, func(a, b *List) int { return byPosition(a.Pos, b.Pos) })
	return lists
}

func byPosition(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (t *Trello) boardLists(b *Board, q *trelloCall) (any, error) {
	filter := q.path("filter")
	if filter == "" {
		filter = q.args["filter"]
	}
	if filter == "" {
		filter = "open"
	}
	list := make([]jsonObject, 0)
	for _, l := range t.listsOf(b.ID) {
		if shown(filter, l.Closed) {
			list = append(list, t.listJSON(l))
		}
	}
	return list, nil
}

func (t *Trello) createListOn(b *Board, q *trelloCall) (any, error) {
	if err := trelloText("name", q.args["name"], true); err != nil {
		return nil, err
	}
	pos := q.args["pos"]
	if pos == "" {
		pos = "top" // the documented default
	}
	l := t.addList(b, q.args["name"], pos)
	t.act("createList", "", b, nil, jsonObject{"list": jsonObject{"id": l.ID, "name": l.Name}})
	return t.listJSON(l), nil
}

func (t *Trello) updateList(l *List, q *trelloCall) (any, error) {
	old := jsonObject{}
	if board := q.args["idBoard"]; board != "" {
		if err := t.moveList(l, board); err != nil {
			return nil, err
		}
	}
	if pos := q.args["pos"]; pos != "" {
		var taken []float64
		for _, other := range t.listsOf(l.IDBoard) {
			if other != l {
				taken = append(taken, other.Pos)
			}
		}
		old["pos"], l.Pos = l.Pos, position(pos, taken)
	}
	if q.has("name") && q.args["name"] != l.Name {
		if err := trelloText("name", q.args["name"], true); err != nil {
			return nil, err
		}
		old["name"], l.Name = l.Name, q.args["name"]
	}
	if closed := q.args["closed"] == "true"; q.has("closed") && closed != l.Closed {
		old["closed"], l.Closed = l.Closed, closed
	}
	b, err := t.board(l.IDBoard)
	if err != nil {
		return nil, err
	}
	t.act("updateList", "", b, nil, jsonObject{"old": old, "list": jsonObject{"id": l.ID, "name": l.Name, "closed": l.Closed}})
	return t.listJSON(l), nil
}

func (t *Trello) boardMembers(b *Board, _ *trelloCall) (any, error) {
	list := make([]jsonObject, 0)
	for _, m := range t.members {
		if slices.Contains(b.IDMembers, m.ID) {
			list = append(list, t.memberJSON(m))
		}
	}
	return list, nil
}

func (t *Trello) boardActions(b *Board, q *trelloCall) (any, error) {
	return t.actionList(q, "all", func(a *trelloAction) bool { return a.idBoard == b.ID })
}
