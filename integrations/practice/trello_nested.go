package practice

import (
	"slices"
	"strconv"
	"strings"
)

// nest adds what a caller wants beside an object, such as lists=open or members=true, and keeps it when only some fields
// are asked for. Values that ask for nothing ("", "none", "false") are passed over.
func nest(o jsonObject, q *trelloCall, parts map[string]func(how string) (any, error)) (any, error) {
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name := range parts {
			if !yield(name) {
				return
			}
		}
	}) {
		how := q.args[name]
		if how == "" || how == "none" || how == "false" {
			continue
		}
		value, err := parts[name](how)
		if err != nil {
			return nil, err
		}
		o[name] = value
		if fields := q.args["fields"]; fields != "" && fields != "all" {
			q.args["fields"] = fields + "," + name
		}
	}
	return o, nil
}

// nestedCall is the call that a nested part stands for.
func (q *trelloCall) nestedCall(filter string) *trelloCall {
	if filter == "true" {
		filter = ""
	}
	return &trelloCall{args: map[string]string{"filter": filter}, token: q.token, path: func(string) string { return "" }}
}

func (t *Trello) wholeBoard(b *Board, q *trelloCall) (any, error) {
	o := t.boardJSON(b)
	o["limits"] = t.limitsJSON(b)
	part := func(h func(*Board, *trelloCall) (any, error)) func(string) (any, error) {
		return func(how string) (any, error) { return h(b, q.nestedCall(how)) }
	}
	return nest(o, q, map[string]func(string) (any, error){
		"lists": part(t.boardLists), "cards": part(t.boardCards), "labels": part(t.boardLabels), "members": part(t.boardMembers),
		"checklists": part(t.boardChecklists), "actions": part(t.boardActions),
	})
}

func (t *Trello) wholeCard(c *Card, q *trelloCall) (any, error) {
	list := func(h func(*Card, *trelloCall) (any, error)) func(string) (any, error) {
		return func(how string) (any, error) { return h(c, q.nestedCall(how)) }
	}
	return nest(t.cardJSON(c), q, map[string]func(string) (any, error){
		"members": list(t.cardMembers), "checklists": list(t.cardChecklists), "attachments": list(t.cardAttachments),
		"actions": func(how string) (any, error) {
			call := q.nestedCall(how)
			if how == "true" {
				call.args["filter"] = "all"
			}
			return t.cardActions(c, call)
		},
		"list": func(string) (any, error) {
			l, err := t.list(c.IDList)
			if err != nil {
				return nil, err
			}
			return t.listJSON(l), nil
		},
		"board": func(string) (any, error) {
			b, err := t.board(c.IDBoard)
			if err != nil {
				return nil, err
			}
			return t.boardJSON(b), nil
		},
	})
}

func (t *Trello) boardChecklists(b *Board, _ *trelloCall) (any, error) {
	list := make([]jsonObject, 0)
	for _, c := range t.cards {
		if c.IDBoard == b.ID {
			for _, l := range c.Checklists {
				list = append(list, t.checklistJSON(c.ID, b.ID, l))
			}
		}
	}
	return list, nil
}

func (t *Trello) cardChecklists(c *Card, _ *trelloCall) (any, error) {
	return listOf(c.Checklists, func(l CardChecklist) jsonObject { return t.checklistJSON(c.ID, c.IDBoard, l) }), nil
}

func (t *Trello) cardAttachments(c *Card, _ *trelloCall) (any, error) {
	return listOf(c.Attachments, t.attachmentJSON), nil
}

// actionList is the newest actions that fit, at most 50 unless a limit up to 1000 is given; before and since, ids or
// dates, lead on to others. Source: developer.atlassian.com/cloud/trello/guides/rest-api/nested-resources, "Actions".
func (t *Trello) actionList(q *trelloCall, instead string, fits func(*trelloAction) bool) (any, error) {
	limit := 50
	if v := q.args["limit"]; v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 1000 {
			return nil, trelloBad("invalid value for limit")
		}
		limit = n
	}
	filter := q.args["filter"]
	if filter == "" {
		filter = instead
	}
	kinds := strings.Split(filter, ",")
	list := make([]jsonObject, 0)
	for _, a := range slices.Backward(t.actions) {
		if len(list) == limit {
			break
		}
		if fits(a) && slices.ContainsFunc(kinds, a.is) && a.between(q.args["since"], q.args["before"]) {
			list = append(list, t.actionJSON(a))
		}
	}
	return list, nil
}

// between compares an action with two marks, each an id or a date; an empty one is no bound.
func (a *trelloAction) between(since, before string) bool {
	after := func(mark string) bool {
		if at, err := trelloDate(mark); err == nil {
			return a.at.After(at)
		}
		return a.id > mark
	}
	return (since == "" || after(since)) && (before == "" || (!after(before) && a.id != before))
}
