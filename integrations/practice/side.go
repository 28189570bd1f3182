package practice

import (
	"slices"
	"strings"
	"sync"
	"time"
)

// side is what the right-hand side of the page keeps for itself.
type side struct {
	mu    sync.Mutex
	offer *offer
}

// routeSide lets in what people do on the right-hand side.
func (p *page) routeSide() {
	p.route("POST /practice/page/play", p.servePlay)
}

// sideView is what the right-hand side shows.
type sideView struct {
	Board boardView
	Repo  string
	Pulls []pullView
	Drill *drillView
}

// sideView begins a look while nothing is locked.
func (p *page) sideView() sideView { return sideView{Repo: p.w.GitHub.Repo(), Drill: p.drill()} }

// read goes on with it while all three services are locked.
func (v *sideView) read(w *Workspace, r reader) {
	if v.Drill != nil {
		v.Drill.mark(r)
	}
	v.Board = w.Trello.boardView(r)
	v.Pulls = w.GitHub.pullViews(r)
}

// boardView is the Trello board.
type boardView struct {
	Name  string
	Lists []listView
	Cards int
}

type listView struct {
	ID, Name string
	Cards    []cardView
}

type cardView struct {
	Link, Name, Owners string
	Desc               []stretch
	Labels             []labelView
	Due                time.Time
	Done               bool
}

type labelView struct{ Name, Color string }

// labelColors are the colours that the page has for labels.
var labelColors = []string{"green", "yellow", "orange", "red", "purple", "blue", "sky", "lime", "pink", "black"}

// boardView is the board that is there from the start, without what is archived. The board is locked.
func (t *Trello) boardView(r reader) boardView {
	b, err := t.board(t.boardID)
	if err != nil {
		return boardView{}
	}
	v := boardView{Name: b.Name}
	for _, l := range t.listsOf(b.ID) {
		if l.Closed {
			continue
		}
		list := listView{ID: l.ID, Name: l.Name}
		var cards []*Card
		for _, c := range t.cards {
			if c.IDList == l.ID && !c.Closed {
				cards = append(cards, c)
			}
		}
		slices.SortStableFunc(cards, func(a, b *Card) int { return byPosition(a.Pos, b.Pos) })
		for _, c := range cards {
			list.Cards = append(list.Cards, t.cardView(c, r))
		}
		v.Cards += len(cards)
		v.Lists = append(v.Lists, list)
	}
	return v
}

func (t *Trello) cardView(c *Card, r reader) cardView {
	v := cardView{Link: c.ShortLink, Name: c.Name, Desc: r.linked(c.Desc), Due: c.Due.UTC(), Done: c.DueComplete}
	var owners []string
	for _, id := range c.IDMembers {
		if m, err := t.member(id); err == nil {
			owners = append(owners, m.FullName)
		}
	}
	v.Owners = strings.Join(owners, ", ")
	for _, id := range c.IDLabels {
		l, err := t.label(id)
		if err != nil {
			continue
		}
		color, _, _ := strings.Cut(l.Color, "_") // "green_dark" and "green_light" are greens
		if !slices.Contains(labelColors, color) {
			color = "none"
		}
		v.Labels = append(v.Labels, labelView{Name: l.Name, Color: color})
	}
	return v
}

// pullView is a pull request. State is Draft, Open, Merged or Closed.
type pullView struct {
	Number                           int
	Title, State, Head, Base, Author string
	Body                             []stretch
	Commits                          []commitView
	Files                            []changeView
	Comments                         []PullComment
}

type commitView struct {
	SHA, Message, Author string
	At                   time.Time
}

// changeView is what a pull request does to one file. Text is the file as it will be.
type changeView struct {
	Path, Status, Text string
	Added, Removed     int
	Rows               []diffRow
}

// diffRow is one line of a diff; Kind is added, removed, hunk or same.
type diffRow struct{ Kind, Text string }

// pageDiffRows bounds the lines of one diff on the page.
const pageDiffRows = 2000

// pullViews are all pull requests, newest first; only the newest has its files.
func (g *GitHub) pullViews(r reader) []pullView {
	var out []pullView
	for i, p := range slices.Backward(g.pulls) {
		v := pullView{
			Number: p.Number, Title: p.Title, Head: p.Head, Base: p.Base, Author: p.Author, Body: r.linked(p.Body),
			Comments: slices.Clone(p.Comments),
		}
		switch {
		case p.Merged:
			v.State = "Merged"
		case p.State != "open":
			v.State = "Closed"
		case p.Draft:
			v.State = "Draft"
		default:
			v.State = "Open"
		}
		if i == len(g.pulls)-1 {
			g.fillPull(p, &v)
		}
		out = append(out, v)
	}
	return out
}

func (g *GitHub) fillPull(p *Pull, v *pullView) {
	for _, c := range g.store.ahead(g.ends(p)) {
		subject, _, _ := strings.Cut(c.message, "\n")
		v.Commits = append(v.Commits, commitView{SHA: c.sha[:7], Message: subject, Author: c.author.name, At: c.author.at.UTC()})
	}
	for _, c := range g.pullChanges(p) {
		f := changeView{Path: c.path, Status: c.status, Added: c.added, Removed: c.removed, Rows: diffRows(c.patch)}
		if data, is := g.store.blob(c.sha); is && c.status != "removed" {
			f.Text = string(data)
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
