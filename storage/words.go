package storage

import (
	"fmt"
	"strconv"
	"strings"

	"watchbell/incidents"
)

// counts say in how many texts of the title, the gist and the rest a word is, or how many more or fewer.
type counts [3]int

// part is one of the counts.
type part int

const (
	inTitle part = iota
	inGist
	inRest
)

// index gathers how the words of one incident or post change.
type index map[string]counts

// replace takes the words of a text away and puts those of another in their place.
func (x index) replace(p part, before, after string) {
	if before == after {
		return
	}
	x.add(p, before, -1)
	x.add(p, after, 1)
}

func (x index) add(p part, text string, n int) {
	if text == "" {
		return
	}
	for _, w := range incidents.Words(text) {
		c := x[w]
		c[p] += n
		x[w] = c
	}
}

// sectionPart is where a section's words count.
func sectionPart(s incidents.Section) part {
	if s.InGist() {
		return inGist
	}
	return inRest
}

// head adds how the words of title, sections and action items change.
func (x index) head(before, in incidents.Incident) {
	x.replace(inTitle, before.Title, in.Title)
	x.replace(inGist, before.Summary, in.Summary)
	for name, text := range in.Sections {
		x.replace(sectionPart(name), before.Sections[name], text)
	}
	for name, text := range before.Sections {
		if _, there := in.Sections[name]; !there {
			x.replace(sectionPart(name), text, "")
		}
	}
	was := byNumber(before.Actions)
	for _, a := range in.Actions {
		x.replace(inRest, was[a.Number].Text, a.Text)
		delete(was, a.Number)
	}
	for _, a := range was {
		x.replace(inRest, a.Text, "")
	}
}

// wordRows is how many words are written at a time.
const wordRows = 16

var (
	// upsertWords adds to the counts of so many words.
	upsertWords = func() (all [wordRows + 1]*statement) {
		for n := 1; n <= wordRows; n++ {
			rows := make([]string, n)
			for i := range rows {
				values := make([]string, 6)
				for j := range values {
					values[j] = "$" + strconv.Itoa(i*6+j+1)
				}
				rows[i] = "(" + strings.Join(values, ", ") + ")"
			}
			all[n] = &statement{text: `INSERT INTO words (shelf, word, number, title, gist, rest) VALUES ` + strings.Join(rows, ", ") + `
				ON CONFLICT (shelf, word, number) DO UPDATE SET title = words.title + excluded.title,
				gist = words.gist + excluded.gist, rest = words.rest + excluded.rest`}
		}
		return all
	}()
	deleteWord = &statement{text: `DELETE FROM words WHERE shelf = $1 AND word = $2 AND number = $3 AND title = 0 AND gist = 0 AND rest = 0`}
	moveWords  = &statement{text: `UPDATE words SET shelf = $1 WHERE shelf = $2 AND number = $3`}

	selectMentions = &statement{text: `SELECT word, number, title, gist, rest FROM words
		WHERE shelf = $1 AND word = $2 ORDER BY number DESC LIMIT $3 + 0`}  // see lease
	// selectMentionsIn takes as many words and numbers as a question has at most.
	selectMentionsIn = &statement{text: `SELECT word, number, title, gist, rest FROM words WHERE shelf = $1
		AND word IN (` + places(2, mostWords) + `) AND number IN (` + places(2+mostWords, mostNumbers) + `)`}
)

// As many as are asked for at a time.
const (
	mostWords   = 12
	mostNumbers = 40
)

// places are n placeholders.
func places(from, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + strconv.Itoa(from+i)
	}
	return strings.Join(all, ", ")
}

// keepWords writes how the words of an incident or post change.
func (t *tx) keepWords(shelf incidents.Shelf, number int, x index) error {
	var args []any
	write := func() error {
		if len(args) == 0 {
			return nil
		}
		_, err := t.write(upsertWords[len(args)/6], args...)
		args = args[:0]
		return err
	}
	var fewer []string
	for w, c := range x {
		if c == (counts{}) {
			continue
		}
		if c[inTitle] < 0 || c[inGist] < 0 || c[inRest] < 0 {
			fewer = append(fewer, w)
		}
		args = append(args, int(shelf), w, number, c[inTitle], c[inGist], c[inRest])
		if len(args) == 6*wordRows {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if err := write(); err != nil {
		return err
	}
	for _, w := range fewer {
		if _, err := t.write(deleteWord, int(shelf), w, number); err != nil {
			return err
		}
	}
	return nil
}

// index keeps how the words of what was there change; what is new is kept later, see KeepWords. It is called before the
// entries are written.
func (t *tx) index(before incidents.Incident, c incidents.Change) error {
	if onlyAdds(before, c) {
		return nil
	}
	if _, err := t.catchUp(before, 0); err != nil {
		return err
	}
	x := index{}
	x.head(before, c.Incident)
	number, shelf := c.Incident.Number, c.Incident.Shelf()
	pending := map[int]string{} // what an entry that the change names twice says meanwhile
	for _, e := range c.Entries {
		if e.Number > before.LastEntry {
			continue
		}
		was, known := pending[e.Number]
		if !known {
			found, err := t.session.one(selectLookup, number, e.Number)
			if err != nil {
				return err
			}
			if found != nil {
				was = lookup(found)
			}
		}
		text := e.Lookup()
		x.replace(inRest, was, text)
		pending[e.Number] = text
	}
	if old := before.Shelf(); old != shelf {
		if _, err := t.write(moveWords, int(shelf), int(old), number); err != nil {
			return err
		}
	}
	return t.keepWords(shelf, number, x)
}

var selectLookup = &statement{text: `SELECT text, gone, waiting, internal, event, version FROM entries WHERE incident = $1 AND number = $2`}

// lookup is the text by which an entry is found, of a row as selectLookup returns it.
func lookup(r row) string {
	return incidents.Entry{
		Text: r.text(0), Gone: r.flag(1), Waiting: r.flag(2), Internal: r.flag(3),
		Event: incidents.Event(r.text(4)), Version: r.number(5),
	}.Lookup()
}

// mentions reads the rows of a statement that selects where words stand.
func (t *reader) mentions(st *statement, args ...any) (all []incidents.Mention, err error) {
	err = t.session.query(st, func(r row) error {
		all = append(all, incidents.Mention{Word: r.text(0), Number: r.number(1), Title: r.number(2) > 0, Gist: r.number(3) > 0, Rest: r.number(4) > 0})
		return nil
	}, args...)
	return all, err
}

// Mentions implements incidents.Reader.
func (t *reader) Mentions(shelf incidents.Shelf, word string, limit int) ([]incidents.Mention, error) {
	return t.mentions(selectMentions, int(shelf), word, limit)
}

// MentionsIn implements incidents.Reader.
func (t *reader) MentionsIn(shelf incidents.Shelf, words []string, numbers []int) ([]incidents.Mention, error) {
	if len(words) > mostWords || len(numbers) > mostNumbers {
		return nil, fmt.Errorf("%d words in %d places are more than can be asked for", len(words), len(numbers))
	}
	args := []any{int(shelf)}
	for i := range mostWords {
		word := "" // no word
		if i < len(words) {
			word = words[i]
		}
		args = append(args, word)
	}
	for i := range mostNumbers {
		number := 0
		if i < len(numbers) {
			number = numbers[i]
		}
		args = append(args, number)
	}
	return t.mentions(selectMentionsIn, args...)
}
