package practice

import (
	"slices"
	"strings"
	"time"
)

// searchLag is how long a new card stays out of the search. The real index lags by an unknown time; that makes search
// useless for finding a card that has just been made, and this keeps anybody from relying on it.
const searchLag = time.Minute

// search finds cards, boards and members that hold every word of the query, archived ones included.
func (t *Trello) search(q *trelloCall) (any, error) {
	if err := trelloText("query", q.args["query"], true); err != nil {
		return nil, err
	}
	kinds := splitIDs(q.args["modelTypes"])
	if len(kinds) == 0 || slices.Contains(kinds, "all") {
		kinds = []string{"cards", "boards", "members", "organizations"}
	}
	words := strings.Fields(strings.ToLower(q.args["query"]))
	fits := func(texts ...string) bool {
		text := strings.ToLower(strings.Join(texts, "\n"))
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	}
	answer := jsonObject{"options": jsonObject{
		"terms": []jsonObject{{"text": q.args["query"]}}, "modifiers": []jsonObject{}, "modelTypes": kinds, "partial": false,
	}}
	for _, kind := range kinds {
		found := make([]jsonObject, 0)
		switch kind {
		case "cards":
			found = t.searchCards(splitIDs(q.args["idBoards"]), fits)
		case "boards":
			for _, b := range t.boards {
				if fits(b.Name, b.Desc) {
					found = append(found, t.boardJSON(b))
				}
			}
		case "members":
			for _, m := range t.members {
				if fits(m.Username, m.FullName) {
					found = append(found, t.memberJSON(m))
				}
			}
		}
		answer[kind] = onlyFields(found, q.args[strings.TrimSuffix(kind, "s")+"_fields"])
	}
	return answer, nil
}

func (t *Trello) searchCards(boards []string, fits func(...string) bool) []jsonObject {
	newest := t.o.Now().Add(-searchLag)
	cards := make([]jsonObject, 0)
	for _, c := range t.cards {
		if c.Created.After(newest) || (len(boards) > 0 && boards[0] != "mine" && !slices.Contains(boards, c.IDBoard)) {
			continue
		}
		if fits(c.Name, c.Desc) {
			cards = append(cards, t.cardJSON(c))
		}
	}
	return cards
}
