package storage

import (
	"encoding/json"
	"fmt"

	"watchbell/incidents"
)

const postColumns = `number, path, day, record`

var (
	selectPosts    = &statement{text: `SELECT ` + postColumns + ` FROM posts ORDER BY day, path`}
	selectPost     = &statement{text: `SELECT ` + postColumns + ` FROM posts WHERE number = $1`}
	selectPostOf   = &statement{text: `SELECT ` + postColumns + ` FROM posts WHERE path = $1`}
	selectLastPost = &statement{text: `SELECT COALESCE(MAX(number), 0) FROM posts`}
	selectWriterOf = &statement{text: `SELECT number FROM incidents WHERE post_path = $1 AND drill = 0 ORDER BY number DESC LIMIT 1`}
	upsertPost     = &statement{text: `INSERT INTO posts (` + postColumns + `) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number) DO UPDATE SET path = excluded.path, day = excluded.day, record = excluded.record`}
)

func readPost(r row) (p incidents.PastPost, err error) {
	if err := json.Unmarshal([]byte(r.text(3)), &p); err != nil {
		return p, fmt.Errorf("the post %s: %w", r.text(1), err)
	}
	p.Number = r.number(0)
	return p, nil
}

// Posts implements incidents.Reader.
func (t *reader) Posts(numbers ...int) (all []incidents.PastPost, err error) {
	read := func(r row) error {
		p, err := readPost(r)
		all = append(all, p)
		return err
	}
	if len(numbers) == 0 {
		err = t.session.query(selectPosts, read)
		return all, err
	}
	for _, n := range numbers {
		if err := t.session.query(selectPost, read, n); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// KeepPost implements incidents.Tx.
func (t *tx) KeepPost(p incidents.PastPost) (incidents.Kept, error) {
	found, err := t.session.one(selectWriterOf, p.Path)
	if err != nil {
		return "", err
	}
	p.Incident = 0
	if found != nil {
		p.Incident = found.number(0)
	}
	record, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("the post %s: %w", p.Path, err)
	}
	if found, err = t.session.one(selectPostOf, p.Path); err != nil {
		return "", err
	}
	var before incidents.PastPost
	kept := incidents.KeptNew
	if found != nil {
		if found.text(3) == storable(string(record)) {
			return incidents.KeptSame, nil
		}
		if before, err = readPost(found); err != nil {
			return "", err
		}
		kept, p.Number = incidents.KeptChanged, before.Number
	} else {
		if found, err = t.session.one(selectLastPost); err != nil {
			return "", err
		}
		p.Number = found.number(0) + 1
	}
	if _, err := t.write(upsertPost, p.Number, p.Path, micros(p.Day), string(record)); err != nil {
		return "", err
	}
	x := index{}
	for part, text := range map[part]func(incidents.PastPost) string{
		inTitle: func(p incidents.PastPost) string { return p.Title },
		inGist:  func(p incidents.PastPost) string { return p.Gist },
		inRest:  postRest,
	} {
		x.replace(part, text(before), text(p))
	}
	return kept, t.keepWords(incidents.PostShelf, p.Number, x)
}

// postRest is what else a post says.
func postRest(p incidents.PastPost) string {
	text := p.How + "\n" + p.Text
	for _, a := range p.Actions {
		text += "\n" + a.Text
	}
	return text
}
