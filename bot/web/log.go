package web

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

const (
	linkParameter = "link"
	// mostTyped bounds what a form may send: the longest entry, every character of it encoded.
	mostTyped = 256 << 10
	// lastShown is how many entries the page shows.
	lastShown = 8
	// zonePatience bounds the question for somebody's time zone.
	zonePatience = time.Second
)

var formName = regexp.MustCompile(`^[A-Za-z0-9]{16,64}$`)

// logPage is what the form shows.
type logPage struct {
	Style, Link, Form        string
	Number                   int
	Title, Status            string
	Named                    bool // the link says who writes
	Person, Time, Zone, Text string
	Said                     string // what was recorded just now
	Wrong, Field             string // why it was not recorded, and the field at fault
	Choices                  []choice
	Entries                  []shownEntry
	Hidden                   int
	Closed                   bool
	Ends                     string
	Refresh                  int // never: something is being typed
}

// Examples are times as they can be typed.
func (logPage) Examples() string { return chat.TimeExamples() }

type choice struct{ Value, Label string }

type shownEntry struct{ At, When, Text, Who string }

// freshLink says where to find another link.
var freshLink = map[Purpose]string{
	WriteLog:       "A fresh one is on the card at the top of the incident's channel. On the machine that Watchbell runs on, “watchbell link log -incident 42” prints one.",
	ReadState:      "A fresh one is in the announcement and on the card of the incident. On the machine that Watchbell runs on, “watchbell link state -incident 42” prints one.",
	ReadStatus:     "On the machine that Watchbell runs on, “watchbell link status” prints one.",
	ReadStatistics: "Type `/incident stats` in Slack for a new one.",
}

// right checks the link of a request. When it returns false, the answer has been given.
func (p *Pages) right(w http.ResponseWriter, r *http.Request, purpose Purpose) (Right, string, bool) {
	token := r.URL.Query().Get(linkParameter)
	right, err := p.o.Links.Check(token, purpose, p.o.Now())
	fresh := freshLink[purpose]
	switch {
	case errors.Is(err, ErrExpired):
		p.say(w, http.StatusForbidden, "This link has expired", fmt.Sprintf("It was good until %s.", right.Expires.Format("2 January 2006 15:04 MST")), fresh)
	case token == "":
		p.say(w, http.StatusForbidden, "This page needs a link", "It takes a signed link, and this address holds none.", fresh)
	case err != nil:
		p.say(w, http.StatusForbidden, "This link is not valid", "It may have been cut short when it was copied.", fresh)
	}
	return right, token, err == nil
}

// incident reads the incident. When it returns false, the answer has been given.
func (p *Pages) incident(w http.ResponseWriter, r *http.Request, right Right) (incidents.Snapshot, bool) {
	snap, err := p.o.Timeline.Snapshot(r.Context(), right.Incident)
	switch {
	case errors.Is(err, incidents.ErrNotFound):
		p.say(w, http.StatusNotFound, "There is no such incident", "The link is signed, but its incident is not in this database.", "Ask whoever runs Watchbell.")
	case err != nil:
		p.o.Log.Error("the timeline could not be read", "incident", right.Incident, "error", err)
		p.say(w, http.StatusServiceUnavailable, "The database does not answer", "Nothing can be recorded right now.", "Try again in a minute; until it works, keep notes by hand.")
	}
	return snap, err == nil
}

// mayWrite checks the link to the form and reads its incident. When ok is false, the answer has been given.
func (p *Pages) mayWrite(w http.ResponseWriter, r *http.Request) (right Right, token string, snap incidents.Snapshot, ok bool) {
	if right, token, ok = p.right(w, r, WriteLog); ok {
		snap, ok = p.incident(w, r, right)
	}
	return right, token, snap, ok
}

func (p *Pages) showLog(w http.ResponseWriter, r *http.Request) {
	right, token, snap, ok := p.mayWrite(w, r)
	if !ok {
		return
	}
	query := r.URL.Query()
	page := p.page(r.Context(), right, token, snap, query.Get("zone"))
	page.Person = query.Get("name")
	if n, err := strconv.Atoi(query.Get("said")); err == nil {
		i := slices.IndexFunc(snap.Entries, func(e incidents.Entry) bool { return e.Number == n && e.Source.Outside() })
		if i >= 0 {
			page.Said = fmt.Sprintf("Recorded at %s, now entry %d of %d.", p.echo(snap.Entries[i], page.Zone), i+1, len(snap.Entries))
		}
	}
	p.render(w, http.StatusOK, "log.html", page)
}

// page is the empty form.
func (p *Pages) page(ctx context.Context, right Right, token string, snap incidents.Snapshot, zone string) logPage {
	page := logPage{
		Style: styleVersion, Link: "?" + url.Values{linkParameter: {token}}.Encode(), Form: newForm(),
		Number: snap.Number, Title: snap.Title, Status: string(snap.Status), Named: right.Person != "",
		Zone: zone, Closed: snap.Status == incidents.Closed, Ends: right.Expires.Format("2 January 2006 15:04 MST"),
	}
	if location(page.Zone) == nil {
		page.Zone = p.zone(ctx, right.Person).String()
	}
	page.Hidden = max(len(snap.Entries)-lastShown, 0)
	last := snap.Entries[page.Hidden:]
	today := p.o.Now().UTC().Format(time.DateOnly)
	sameDay := !slices.ContainsFunc(last, func(e incidents.Entry) bool { return e.At.UTC().Format(time.DateOnly) != today })
	for _, e := range last {
		form := "15:04"
		if !sameDay {
			form = "2 Jan 15:04"
		}
		shown := shownEntry{At: e.At.Format(time.RFC3339), When: e.At.UTC().Format(form), Text: chat.EntryMarkdown(snap.Incident, e)}
		if !e.Until.IsZero() {
			shown.When += "–" + e.Until.UTC().Format("15:04")
		}
		shown.Who, _ = incidents.OutsiderName(e.Author)
		page.Entries = append(page.Entries, shown)
	}
	return page
}

func location(name string) *time.Location {
	if name == "" || name == "Local" || len(name) > 60 {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil
	}
	return zone
}

// zone is the zone of a person; the default one while Slack does not say.
func (p *Pages) zone(ctx context.Context, person string) *time.Location {
	ctx, cancel := context.WithTimeout(ctx, zonePatience)
	defer cancel()
	if _, named := incidents.OutsiderName(person); person != "" && !named {
		if zone := p.o.Zone(ctx, person); zone != nil && location(zone.String()) != nil {
			return zone
		}
	}
	return p.o.DefaultZone
}

func (p *Pages) echo(e incidents.Entry, zone string) string {
	said := chat.EchoTime(e.At, p.o.Now(), location(zone))
	if !e.Until.IsZero() {
		said += " to " + chat.EchoTime(e.Until, p.o.Now(), location(zone))
	}
	return said
}

func (p *Pages) writeLog(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		p.say(w, http.StatusUnsupportedMediaType, "That could not be read", "It was not sent by the form of this page. Nothing was recorded.", "Open the link again and use the form.")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostTyped)
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
			status = http.StatusRequestEntityTooLarge
		}
		p.say(w, status, "That could not be read", fmt.Sprintf("An entry has at most %d characters. Nothing was recorded.", incidents.MaxEntry), "Go back, shorten it, and send it again.")
		return
	}
	right, token, snap, ok := p.mayWrite(w, r)
	if !ok {
		return
	}
	page := p.page(r.Context(), right, token, snap, strings.TrimSpace(r.PostForm.Get("zone")))
	page.Time, page.Text = strings.TrimSpace(r.PostForm.Get("time")), strings.ReplaceAll(r.PostForm.Get("text"), "\r\n", "\n")
	page.Person = strings.TrimSpace(r.PostForm.Get("name"))
	if form := r.PostForm.Get("form"); formName.MatchString(form) {
		page.Form = form
	}
	result, err := p.record(r, right, snap, &page)
	refused := incidents.AsRefusal(err)
	switch {
	case err == nil:
		back := url.Values{linkParameter: {token}, "said": {strconv.Itoa(result.Entry)}, "zone": {page.Zone}}
		if page.Person != "" {
			back.Set("name", page.Person)
		}
		w.Header().Set("Location", "?"+back.Encode())
		w.WriteHeader(http.StatusSeeOther)
	case refused != nil:
		page.Wrong, page.Field = refused.Text+" "+refused.Hint, refused.Field
		p.render(w, http.StatusUnprocessableEntity, "log.html", page)
	default:
		p.o.Log.Error("an entry could not be recorded", "incident", right.Incident, "error", err)
		page.Wrong = "Not recorded: the database did not take it. Your text is below; try again in a minute, and until it works keep notes by hand."
		if errors.Is(err, incidents.ErrUnsure) {
			page.Wrong = "Perhaps not recorded: the database failed at that moment. Your text is below; look whether it is in the timeline before you send it again, and until it works keep notes by hand."
		}
		p.render(w, http.StatusServiceUnavailable, "log.html", page)
	}
}

// record reads the form and adds the entry. A time that can mean two instants, or lies ahead, is asked about: page gets
// the choices.
func (p *Pages) record(r *http.Request, right Right, snap incidents.Snapshot, page *logPage) (incidents.Result, error) {
	if typed := strings.TrimSpace(r.PostForm.Get("zone")); typed != "" && location(typed) == nil {
		page.Zone = typed
		return incidents.Result{}, incidents.Refuse(incidents.Invalid, "“%s” is not a time zone.", chat.Shorten(typed, 40)).
			Next("Write UTC or a name such as Europe/Berlin.").In("zone")
	}
	tc := chat.TimeContext{Now: p.o.Now(), Zone: location(page.Zone)}
	if !snap.Status.Open() {
		tc.Day = snap.BeganAt()
	}
	when, err := readTime(page.Time, tc)
	if err != nil {
		return incidents.Result{}, err
	}
	meant, isMeant := time.Time{}, false
	if chosen, err := time.Parse(time.RFC3339, r.PostForm.Get("at")); err == nil {
		meant, isMeant = chosen, slices.ContainsFunc(append(when.Choices, when.At), chosen.Equal)
	}
	if isMeant {
		if !when.Until.IsZero() {
			when.Until = when.Until.Add(meant.Sub(when.At))
		}
		when.At = meant
	}
	if !isMeant && len(when.Choices) > 1 && when.Choices[1].After(when.At) {
		page.offer(p.o.Now(), when.Choices...)
		return incidents.Result{}, incidents.Refuse(incidents.Unsure, "The clocks showed that time twice that night.").Next("Which one is meant?").In("time")
	}
	who := right.Person
	if who == "" {
		who = chat.Outsider(page.Person)
	}
	result, err := p.o.Timeline.Handle(r.Context(), incidents.Request{
		By: incidents.Actor{User: who, Outside: true}, Incident: right.Incident,
		Command: incidents.Log{At: when.At, Until: when.Until, Text: page.Text, Confirmed: isMeant, Outside: "form/" + page.Form},
	})
	if refused := incidents.AsRefusal(err); refused != nil && refused.Code == incidents.Future {
		page.offer(p.o.Now(), append(slices.Clone(when.Choices), when.At)...)
		return result, incidents.Refuse(incidents.Future, "That time is still ahead, so nothing was recorded yet.").Next("What is meant?").In("time")
	}
	return result, err
}

// readTime reads the field of the time, which holds nothing else; empty is now.
func readTime(typed string, tc chat.TimeContext) (chat.TypedTime, error) {
	if typed == "" {
		return chat.TypedTime{}, nil
	}
	when, rest, found, err := chat.ReadTime(typed, tc)
	if wrong := (*chat.TimeError)(nil); errors.As(err, &wrong) {
		return when, incidents.Refuse(incidents.Invalid, "%s", wrong.Problem).Next("%s", wrong.Next).In("time")
	}
	if err != nil {
		return when, err
	}
	if !found || rest != "" {
		return when, incidents.Refuse(incidents.Invalid, "“%s” is not a time.", chat.Shorten(typed, 40)).
			Next("Write %s; leave it empty for now.", chat.TimeExamples()).In("time")
	}
	return when, nil
}

// offer asks which instant is meant.
func (page *logPage) offer(now time.Time, at ...time.Time) {
	slices.SortFunc(at, time.Time.Compare)
	for _, t := range slices.CompactFunc(at, time.Time.Equal) {
		page.Choices = append(page.Choices, choice{t.Format(time.RFC3339), "I mean " + chat.EchoTime(t, now, location(page.Zone))})
	}
}
