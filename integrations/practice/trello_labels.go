package practice

import (
	"slices"
	"strings"
)

// labelRoutes registers the calls for labels.
func (t *Trello) labelRoutes() {
	t.handle("POST /1/labels", func(q *trelloCall) (any, error) {
		b, err := t.board(q.args["idBoard"])
		if err != nil {
			return nil, trelloBad("invalid value for idBoard")
		}
		return t.createLabelOn(b, q)
	})
	onLabel := func(h func(*Label, *trelloCall) (any, error)) trelloHandler {
		return func(q *trelloCall) (any, error) {
			l, err := t.label(q.path("id"))
			if err != nil {
				return nil, err
			}
			return h(l, q)
		}
	}
	t.handle("GET /1/labels/{id}", onLabel(func(l *Label, _ *trelloCall) (any, error) { return t.labelJSON(l), nil }))
	t.handle("PUT /1/labels/{id}", onLabel(t.updateLabel))
	t.handle("DELETE /1/labels/{id}", onLabel(func(l *Label, _ *trelloCall) (any, error) {
		for _, c := range t.cards {
			c.IDLabels = without(c.IDLabels, l.ID)
		}
		t.labels = slices.DeleteFunc(t.labels, func(other *Label) bool { return other == l })
		return jsonObject{"limits": jsonObject{}}, nil
	}))
	t.handle("POST /1/cards/{id}/labels", t.onCard(func(c *Card, q *trelloCall) (any, error) {
		b, err := t.board(c.IDBoard)
		if err != nil {
			return nil, err
		}
		made, err := t.createLabelOn(b, q)
		if err == nil {
			c.IDLabels = appendNew(c.IDLabels, t.labels[len(t.labels)-1].ID)
		}
		return made, err
	}))
}

func (t *Trello) updateLabel(l *Label, q *trelloCall) (any, error) {
	color, name := l.Color, l.Name
	if q.has("color") {
		if color = q.args["color"]; !slices.Contains(trelloColors, color) {
			return nil, trelloBad("invalid value for color")
		}
	}
	if q.has("name") {
		name = q.args["name"]
		if err := trelloText("name", name, false); err != nil {
			return nil, err
		}
	}
	l.Color, l.Name = strings.TrimPrefix(color, "null"), name
	return t.labelJSON(l), nil
}

// trelloColors are the colours that a label may have.
var trelloColors = []string{"", "null", "yellow", "purple", "blue", "red", "green", "orange", "black", "sky", "pink", "lime",
	"yellow_dark", "purple_dark", "blue_dark", "red_dark", "green_dark", "orange_dark", "black_dark", "sky_dark", "pink_dark",
	"lime_dark", "yellow_light", "purple_light", "blue_light", "red_light", "green_light", "orange_light", "black_light",
	"sky_light", "pink_light", "lime_light"}

func (t *Trello) createLabelOn(b *Board, q *trelloCall) (any, error) {
	color := q.args["color"]
	if !slices.Contains(trelloColors, color) {
		return nil, trelloBad("invalid value for color")
	}
	if err := trelloText("name", q.args["name"], false); err != nil {
		return nil, err
	}
	l := &Label{ID: t.newID(), IDBoard: b.ID, Name: q.args["name"], Color: strings.TrimPrefix(color, "null")}
	t.labels = append(t.labels, l)
	t.act("createLabel", "", b, nil, jsonObject{"label": t.labelJSON(l)})
	return t.labelJSON(l), nil
}

func (t *Trello) boardLabels(b *Board, _ *trelloCall) (any, error) {
	list := make([]jsonObject, 0)
	for _, l := range t.labels {
		if l.IDBoard == b.ID {
			list = append(list, t.labelJSON(l))
		}
	}
	return list, nil
}
