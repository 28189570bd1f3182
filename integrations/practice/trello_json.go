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

// boardURL follows WebURL, which may be set after the first board was made.
func (t *Trello) boardURL(b *Board) string {
	return t.WebURL + "/b/" + b.ShortLink + "/" + slug(b.Name)
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
