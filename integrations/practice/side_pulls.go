package practice

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// pullView is a pull request. State is Draft, Open, Merged or Closed.
type pullView struct {
	Number                           int
	Title, State, Head, Base, Author string
	Body                             []stretch
	Commits                          []commitView
	Files                            []changeView
	Comments                         []noteView
	// Open says that people can still do something with it, Conflict that it cannot be merged.
	Open, Conflict bool
	MergedBy       string
}

type commitView struct {
	SHA, Message, Author string
	At                   time.Time
}

// changeView is what a pull request does to one file. Text is the file as it will be, SHA names this content.
type changeView struct {
	Pull           int
	Path, SHA      string
	Status, Text   string
	Added, Removed int
	Rows           []diffRow
	// Editable says that a reviewer can change it.
	Editable bool
	local    func(address string) string // see localized
}

// Post draws a file that the site shows as a page; nil for others. It is called by the template, when nothing is locked.
func (c changeView) Post() *postView {
	if c.Text == "" || !strings.HasSuffix(c.Path, ".md") {
		return nil
	}
	v := drawPost(c.Path, c.Text)
	if c.local != nil {
		v.Body = localized(v.Body, c.local)
	}
	return &v
}

// diffRow is one line of a diff; Kind is added, removed, hunk or same.
type diffRow struct{ Kind, Text string }

const (
	pageDiffRows = 2000    // lines of one diff on the page
	pageFileMost = 500_000 // bytes of a file on the page
	pagePulls    = 20      // pull requests on the page, the newest
)

// pullViews are the newest pull requests, newest first. Those that are open, and the newest, have their files.
func (g *GitHub) pullViews(r reader) []pullView {
	var out []pullView
	for i, p := range slices.Backward(g.pulls) {
		if len(out) == pagePulls {
			break
		}
		v := pullView{
			Number: p.Number, Title: p.Title, Head: p.Head, Base: p.Base, Author: p.Author, Body: r.linked(p.Body),
			Open: p.State == "open", MergedBy: p.MergedBy,
		}
		for _, c := range p.Comments {
			v.Comments = append(v.Comments, noteView{By: c.By, At: c.At.UTC(), Text: r.linked(c.Body)})
		}
		for _, c := range p.Lines {
			v.Comments = append(v.Comments, noteView{By: c.By + ", on line " + strconv.Itoa(c.Line), At: c.At.UTC(), Text: r.linked(c.Body)})
		}
		switch {
		case p.Merged:
			v.State = "Merged"
		case !v.Open:
			v.State = "Closed"
		case p.Draft:
			v.State = "Draft"
		default:
			v.State = "Open"
		}
		if v.Open || i == len(g.pulls)-1 {
			g.fillPull(p, &v)
		}
		out = append(out, v)
	}
	return out
}

func (g *GitHub) fillPull(p *Pull, v *pullView) {
	v.Conflict = v.Open && !g.mergeable(p)
	for _, c := range g.store.ahead(g.ends(p)) {
		subject, _, _ := strings.Cut(c.message, "\n")
		v.Commits = append(v.Commits, commitView{SHA: c.sha[:7], Message: subject, Author: c.author.name, At: c.author.at.UTC()})
	}
	for _, c := range g.pullChanges(p) {
		f := changeView{
			Pull: p.Number, Path: c.path, SHA: c.sha, Status: c.status, Added: c.added, Removed: c.removed, Rows: diffRows(c.patch),
			local: g.w.localPlaces,
		}
		if data, is := g.store.blob(c.sha); is && c.status != "removed" && len(data) <= pageFileMost && utf8.Valid(data) {
			f.Text, f.Editable = string(data), v.Open
		}
		v.Files = append(v.Files, f)
	}
}

func diffRows(patch string) []diffRow {
	if patch == "" {
		return nil
	}
	var rows []diffRow
	for line := range strings.SplitSeq(patch, "\n") {
		if len(rows) == pageDiffRows {
			return append(rows, diffRow{"hunk", "… the rest is not shown here"})
		}
		kind := "same"
		switch {
		case strings.HasPrefix(line, "+"):
			kind = "added"
		case strings.HasPrefix(line, "-"):
			kind = "removed"
		case strings.HasPrefix(line, "@@"):
			kind = "hunk"
		}
		rows = append(rows, diffRow{kind, line})
	}
	return rows
}

// onPull does what a person does with a pull request: comment on it, mark it ready, merge it, close it.
func (p *page) onPull(in sideCall) error {
	who, err := p.actor(in)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(in.field("pull"))
	if err != nil {
		return errors.New("there is no such pull request")
	}
	switch in.field("do") {
	case "comment":
		text := strings.TrimSpace(in.text("text"))
		switch {
		case text == "":
			return errors.New("write something first; the comment is empty")
		case utf8.RuneCountInString(text) > pullBodyMax:
			return fmt.Errorf("the comment is too long; GitHub takes %d characters", pullBodyMax)
		}
		return p.w.GitHub.Comment(n, who.Name, text)
	case "ready":
		return p.w.GitHub.Ready(n, who.Name)
	case "merge":
		return p.w.GitHub.Merge(n, who.Name)
	case "close":
		return p.w.GitHub.ClosePull(n, who.Name)
	}
	return errors.New("a pull request can be commented on, marked ready, merged or closed, nothing else")
}

// onFile commits a reviewer's change of a file.
func (p *page) onFile(in sideCall) error {
	who, err := p.actor(in)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(in.field("pull"))
	if err != nil {
		return errors.New("there is no such pull request")
	}
	return p.w.GitHub.review(n, review{
		by: who.Name, path: in.field("path"), seen: in.field("seen"), text: in.text("text"), message: strings.Join(strings.Fields(in.field("message")), " "),
	})
}

// review is a person's change of one file of a pull request. Seen is the SHA of what they began with.
type review struct{ by, path, seen, text, message string }

// review commits a change to the branch of an open pull request, unless somebody else was quicker.
func (g *GitHub) review(n int, in review) error {
	return g.onPullByHand(n, func(p *Pull) error {
		if p.State != "open" {
			return fmt.Errorf("practice: pull request #%d is closed, so its files stay as they are", n)
		}
		changes := g.pullChanges(p)
		at := slices.IndexFunc(changes, func(c fileChange) bool { return c.path == in.path && c.status != "removed" })
		switch {
		case at < 0:
			return fmt.Errorf("practice: pull request #%d does not change %q", n, in.path)
		case changes[at].sha != in.seen:
			return errors.New("practice: somebody has changed the file since you began. Copy what you need, press “Start again” and put it in")
		}
		from := g.headOf(p)
		file := gitFile{mode: "100644", sha: from.store.put("blob", []byte(in.text))}
		if file.sha == in.seen {
			return errors.New("practice: you have changed nothing yet")
		}
		message := in.message
		if message == "" {
			message = "Update " + in.path
		}
		who := g.personNamed(in.by)
		from.commitOn(p.Head, message, who, who, in.by, func(files map[string]gitFile) { setFile(files, in.path, file) })
		return nil
	})
}
