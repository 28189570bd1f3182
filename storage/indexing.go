package storage

import "watchbell/incidents"

// What is written is looked up by its words only later, so nobody waits for that: an incident says how far its words are
// kept, in its column indexed, which is the number of the last entry; -1 while not even those of the title are. A change that only
// adds something leaves it at that. One that takes something away or alters it first keeps what is missing, for a
// word is counted down by the text that it stood in; so what is forgotten is in the table of words no longer, as soon as it is.

// How many words an incident, and an entry, are taken to have that nothing is known of yet. Most have fewer that are new.
const (
	wordsOfIncident = 16
	wordsOfEntry    = 32
)

var (
	selectIndexed = &statement{text: `SELECT indexed FROM incidents WHERE number = $1`}
	selectUnkept  = &statement{text: `SELECT number FROM incidents WHERE indexed < last_entry ORDER BY number LIMIT $1 + 0`} // see lease
	selectNew     = &statement{text: `SELECT text, gone, waiting, internal, event, version FROM entries
		WHERE incident = $1 AND number > $2 AND number <= $3`}
	setIndexed = &statement{text: `UPDATE incidents SET indexed = $1 WHERE number = $2`}
)

// KeepWords implements incidents.Tx.
func (t *tx) KeepWords(about int) (more bool, err error) {
	var numbers []int
	err = t.session.query(selectUnkept, func(r row) error {
		numbers = append(numbers, r.number(0))
		return nil
	}, max(1, about/wordsOfIncident))
	words := 0
	for _, number := range numbers {
		if err != nil || words >= about {
			return true, err
		}
		var in incidents.Incident
		if in, err = t.reader.Incident(number); err == nil {
			var n int
			n, err = t.catchUp(in, max(1, about/wordsOfEntry))
			words += n
		}
	}
	return len(numbers) > 0, err // when all is kept, the next call finds that out
}

// catchUp keeps the words of an incident, as it is in the database, that are not kept yet: of at most so many entries, of
// all when that is 0. It returns how many words changed.
func (t *tx) catchUp(in incidents.Incident, most int) (words int, err error) {
	found, err := t.session.one(selectIndexed, in.Number)
	if err != nil || found == nil || found.number(0) >= in.LastEntry {
		return 0, err
	}
	from, to, x := found.number(0), in.LastEntry, index{}
	if from < 0 {
		x.head(incidents.Incident{}, in)
		from = 0
	}
	if most > 0 {
		to = min(to, from+most)
	}
	err = t.session.query(selectNew, func(r row) error {
		x.add(inRest, lookup(r), 1)
		return nil
	}, in.Number, from, to)
	if err == nil {
		err = t.keepWords(in.Shelf(), in.Number, x)
	}
	if err == nil {
		_, err = t.write(setIndexed, to, in.Number)
	}
	return len(x), err
}

// onlyAdds reports whether a change adds entries and alters nothing else that is found by its words.
func onlyAdds(before incidents.Incident, c incidents.Change) bool {
	if before.Number == 0 {
		return true
	}
	for _, e := range c.Entries {
		if e.Number <= before.LastEntry {
			return false
		}
	}
	in := c.Incident
	if before.Shelf() != in.Shelf() || before.Title != in.Title || before.Summary != in.Summary ||
		len(before.Sections) != len(in.Sections) || len(before.Actions) != len(in.Actions) {
		return false
	}
	for name, text := range in.Sections {
		if before.Sections[name] != text {
			return false
		}
	}
	for i, a := range in.Actions {
		if before.Actions[i].Number != a.Number || before.Actions[i].Text != a.Text {
			return false
		}
	}
	return true
}
