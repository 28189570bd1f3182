package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// ReadState is the right to read how an incident stands, and no more.
const ReadState Purpose = "state"

// statePage is the incident's state document for those outside: what the post would say, and nobody's name.
type statePage struct {
	Style, Title     string
	Number           int
	Status, Severity string
	Means            string // of the severity
	Since, Over      string
	Refresh          int    // seconds; 0 when nothing is to come
	Other            string // see steady
	Drill, Private   bool
	Summary, Impact  string
	News, NewsAt     string // what stakeholders were told last
	More             string // when they hear more
	Next, Channel    string
	Post             string // the post-mortem's address
	Roles            []stateRole
	Actions          []stateAction
	Days             []stateDay // newest first
	Entries          int
	Read, Changed    string
	Ends             string
}

type stateRole struct{ Title, Who string }

type stateAction struct{ Text, URL, Who, Due string }

type stateDay struct {
	Day     string
	Entries []shownEntry
}

// refreshEvery is how often the page reads itself anew, in seconds, for as long as something may change.
const refreshEvery = 15

// StateURL is the address of the page that a token opens, below the address where Watchbell is reached.
func StateURL(base string, number int, token string) string {
	return opens(base, token, statePath, strconv.Itoa(number))
}

// steady is how often a page reads itself anew, 0 where its reader has asked it to stand still, and the address that changes
// that; none where nothing is to come anyway. Whoever hears a page, or reads slowly, is thrown back by every reading.
func steady(r *http.Request, every int) (refresh int, other string) {
	if every == 0 {
		return 0, ""
	}
	to := url.Values{linkParameter: {r.URL.Query().Get(linkParameter)}}
	if r.URL.Query().Has("still") {
		return 0, "?" + to.Encode()
	}
	to.Set("still", "1")
	return every, "?" + to.Encode()
}

func (p *Pages) showState(w http.ResponseWriter, r *http.Request) {
	right, _, ok := p.right(w, r, ReadState)
	if !ok {
		return
	}
	if r.PathValue("number") != strconv.Itoa(right.Incident) {
		p.say(w, http.StatusForbidden, "This link is not valid", "It was made for another incident.", freshLink[ReadState])
		return
	}
	snap, ok := p.incident(w, r, right)
	if !ok {
		return
	}
	page := p.state(snap, right)
	page.Refresh, page.Other = steady(r, page.Refresh)
	p.render(w, http.StatusOK, "state.html", page)
}

func (p *Pages) state(s incidents.Snapshot, right Right) statePage {
	outside := func(text string) string { return p.outside(s.Incident, text) }
	page := statePage{
		Style: styleVersion, Title: outside(s.Title), Number: s.Number, Status: string(s.Status), Severity: string(s.Severity),
		Drill: s.Drill, Private: s.Private, Summary: outside(cmp.Or(s.Sections[incidents.SectionLead], s.Summary)),
		Impact: outside(s.Sections[incidents.SectionImpact]), Post: s.Post.URL,
		Read: utcTime(p.o.Now()), Ends: right.Expires.Format("2 January 2006"), Since: utcTime(s.BeganAt()),
	}
	if s.Channel.Name != "" && !s.Private {
		page.Channel = "#" + s.Channel.Name
	}
	if s.Status != incidents.Closed && s.Status != incidents.CalledOff {
		page.Refresh = refreshEvery
	}
	if !s.ResolvedAt.IsZero() {
		page.Over = utcTime(s.ResolvedAt)
	}
	if rule, ok := s.Protocol.Severity(s.Severity); ok {
		page.Means = rule.Means
	}
	if s.Update.Number > 0 {
		page.News, page.NewsAt = outside(s.Update.Text), utcTime(s.Update.At)
		if !s.Update.NextAt.IsZero() && s.Status.Open() {
			page.More = utcTime(s.Update.NextAt)
		}
	}
	if step, ok := s.Next(s.Taken); ok && s.Status.Open() {
		rule, _ := s.Protocol.Role(step.Role)
		page.Next = step.Say + " (" + rule.Title + ")"
	}
	page.Roles = stateRoles(s.Incident)
	for _, a := range s.Actions {
		shown := stateAction{Text: outside(a.Text), URL: webAddress(a.URL()), Who: "somebody has it"}
		if a.Owner == "" {
			shown.Who = "nobody has it yet"
		}
		if !a.Due.IsZero() {
			shown.Due = a.Due.Format("2 January 2006")
		}
		if a.Done() {
			shown.Who = "done"
		}
		page.Actions = append(page.Actions, shown)
	}
	p.stateTimeline(s, &page)
	return page
}

// stateRoles says of each role whether somebody has it, and never who.
func stateRoles(in incidents.Incident) (roles []stateRole) {
	for _, rule := range in.Protocol.RoleRules() {
		roles = append(roles, stateRole{Title: rule.Title, Who: chat.HeldBySomebody(in, rule.Role)})
	}
	return roles
}

// stateTimeline is the part of the timeline that may leave the house, newest first.
func (p *Pages) stateTimeline(s incidents.Snapshot, page *statePage) {
	var changed time.Time
	for _, e := range slices.Backward(s.Entries) {
		if e.Internal {
			continue
		}
		if e.Last.At.After(changed) {
			changed = e.Last.At
		}
		shown := shownEntry{
			At: e.At.Format(time.RFC3339), When: e.At.UTC().Format("15:04"),
			Text: p.outside(s.Incident, chat.Unnamed(chat.EntryMarkdown(s.Incident, e), chat.NamesIn(s.Incident))),
		}
		if !e.Until.IsZero() {
			shown.When += "–" + e.Until.UTC().Format("15:04")
		}
		day := e.At.UTC().Format("Monday, 2 January 2006")
		if n := len(page.Days); n == 0 || page.Days[n-1].Day != day {
			page.Days = append(page.Days, stateDay{Day: day})
		}
		last := &page.Days[len(page.Days)-1]
		last.Entries = append(last.Entries, shown)
		page.Entries++
	}
	if s.Update.At.After(changed) {
		changed = s.Update.At
	}
	if !changed.IsZero() {
		page.Changed = utcTime(changed)
	}
}

// outside is a Markdown text as plain text without what should stay inside: nobody looks it over before it is read here.
func (p *Pages) outside(in incidents.Incident, markdown string) string {
	return strings.TrimSpace(chat.Readable(in.Shareable(markdown, p.o.InternalHosts)))
}

// webAddress is a link that a page may hold; empty for any other.
func webAddress(link string) string {
	if u, err := url.Parse(link); err != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return ""
	}
	return link
}

func utcTime(at time.Time) string {
	return fmt.Sprintf("%s UTC", at.UTC().Format("2 January 2006, 15:04"))
}
