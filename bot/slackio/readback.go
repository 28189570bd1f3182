package slackio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// Reading a channel back: whatever people did while no events came is found in what Slack shows now. A round reads the
// pins, the history from the newest message to the oldest, the threads with replies, and at last asks for every captured
// message that was seen nowhere. Each attempt of the delivery does a part of it and leaves how far it came in the receipt,
// so that a long channel is read across attempts, waits for Slack's limits, and restarts of the bot.

// reading is how far a round came. It is kept in the receipt's note: fields may be added, never renamed.
type reading struct {
	// Since is when the last complete round began, Began when this one did; empty before the first, and between rounds.
	Since string `json:"since,omitempty"`
	Began string `json:"began,omitempty"`
	// Below is the oldest message that this round has read; Read says that it has read them all.
	Below string `json:"below,omitempty"`
	Read  bool   `json:"read,omitempty"`
	// Threads are the threads to read: a parent's ts, and behind a slash the last reply read. Quiet are those that were
	// silent for long, with a slash and their last reply. Missing are the captured messages that were not where they should
	// be.
	Threads []string `json:"threads,omitempty"`
	Quiet   []string `json:"quiet,omitempty"`
	Missing []string `json:"missing,omitempty"`
	// Others are messages of other conversations that are to be looked at: their channel, a slash and their ts.
	Others []string `json:"others,omitempty"`
}

const (
	// sliceCalls and sliceTime bound one attempt, far below what it is leased for.
	sliceCalls = 20
	sliceTime  = 8 * time.Second
	// readPage is what Slack recommends to ask for at once.
	readPage = 200
	// before is how far before the incident its channel is looked at; a channel of our own has nothing there.
	before = 24 * time.Hour
	// quietThread is how long before the last round a thread may have fallen silent to be read again in any case. A reaction
	// on an old reply leaves no trace on the thread, so of the others as many are read as Slack lets be asked for in some
	// minutes, those that stirred last first. What was captured is looked for wherever it is.
	quietThread  = 24 * time.Hour
	quietThreads = 100
)

// reread is one attempt at reading a channel back.
type reread struct {
	o        *Outgoing
	incident incidents.Incident
	at       reading
	known    map[string]incidents.Captured           // by ts
	abroad   map[incidents.Source]incidents.Captured // those of other conversations
	oldest   string
}

// readBack reads a part of the channel and says how far it came.
func (o *Outgoing) readBack(ctx context.Context, d incidents.Delivery, s incidents.Snapshot) (incidents.Outcome, error) {
	if _, known := o.c.Identity(); !known { // or the bot's own pins would count
		if _, err := o.c.Check(ctx); err != nil {
			return incidents.Outcome{}, err
		}
	}
	r := &reread{o: o, incident: s.Incident}
	if d.Receipt.Note != "" {
		if err := json.Unmarshal([]byte(d.Receipt.Note), &r.at); err != nil {
			o.log.Warn("how far a channel was read back cannot be read; beginning anew", "incident", s.Number, "error", err)
			r.at = reading{}
		}
	}
	var failed error
	done, steps := false, 0
	for began := time.Now(); !done && failed == nil && steps < sliceCalls && time.Since(began) < sliceTime; steps++ {
		if failed = r.refresh(ctx); failed == nil {
			done, failed = r.step(ctx)
		}
	}
	if failed != nil && steps <= 1 {
		return incidents.Outcome{}, failed
	}
	note, err := json.Marshal(r.at)
	if err != nil {
		return incidents.Outcome{}, err
	}
	out := incidents.DeliveredAs(incidents.Receipt{ID: s.Channel.ID, Note: string(note)})
	out.More = !done
	if t := (*trouble)(nil); errors.As(failed, &t) {
		out.After = t.After // what failed is tried, and judged, by the next attempt
	}
	return out, nil
}

// refresh reads what is known just before Slack is asked: what changes after that came in as an event, and wins.
func (r *reread) refresh(ctx context.Context) error {
	all, err := r.o.o.Captured(ctx, r.incident.Number)
	if err != nil {
		return fmt.Errorf("what was captured: %w", err)
	}
	r.known, r.abroad = make(map[string]incidents.Captured, len(all)), map[incidents.Source]incidents.Captured{}
	from := r.incident.DeclaredAt
	if s := r.incident.StartedAt; !s.IsZero() && s.Before(from) {
		from = s
	}
	for _, c := range all {
		if c.Source.Channel != r.incident.Channel.ID {
			r.abroad[c.Source] = c
			continue
		}
		r.known[c.Source.TS] = c
		if at, err := c.Source.Time(); err == nil && at.Before(from) {
			from = at
		}
	}
	r.oldest = slackTS(from.Add(-before))
	return nil
}

// slackTS writes an instant as Slack does.
func slackTS(at time.Time) string {
	return fmt.Sprintf("%d.%06d", at.Unix(), at.Nanosecond()/1000)
}

// step makes one call and takes in what it tells. done: the round is over.
func (r *reread) step(ctx context.Context) (done bool, err error) {
	at := &r.at
	switch {
	case at.Began == "":
		began := slackTS(r.o.c.now())
		if err := r.pins(ctx); err != nil {
			return false, err
		}
		*at = reading{Since: at.Since, Began: began, Others: r.others()}
	case !at.Read:
		return false, r.page(ctx)
	case len(at.Threads) > 0:
		return false, r.thread(ctx)
	case len(at.Missing) > 0:
		return false, r.missing(ctx)
	case len(at.Others) > 0:
		return false, r.other(ctx)
	default:
		*at = reading{Since: at.Began}
		return true, nil
	}
	return false, nil
}

// pinList is what we read of pins.list.
type pinList struct {
	history // ok and error alone
	Items   []struct {
		CreatedBy string  `json:"created_by"`
		Message   message `json:"message"`
	} `json:"items"`
}

// pins compares the channel's pins with the reasons that are pins.
func (r *reread) pins(ctx context.Context) error {
	now := r.o.c.now()
	var list pinList
	if err := r.o.c.read(ctx, methodPinsBack, url.Values{"channel": {r.incident.Channel.ID}}, &list); err != nil {
		return err
	}
	pinned := map[string]bool{}
	for i := range list.Items {
		m := &list.Items[i].Message
		if m.TS == "" || r.o.c.own(m) || r.o.c.itself(list.Items[i].CreatedBy) {
			continue
		}
		pinned[m.TS] = true
		was := r.known[m.TS].Reason("", incidents.ByPin)
		if was.Present {
			continue
		}
		err := r.tell(ctx, m, []incidents.ReasonSeen{{How: incidents.ByPin, Present: true, At: now, Was: was.At}})
		if err != nil {
			return err
		}
	}
	for ts, c := range r.known {
		was := c.Reason("", incidents.ByPin)
		if !was.Present || pinned[ts] {
			continue
		}
		err := r.tell(ctx, &message{TS: ts}, []incidents.ReasonSeen{{How: incidents.ByPin, At: now, Was: was.At}})
		if err != nil {
			return err
		}
	}
	return nil
}

// page reads one page of the history.
func (r *reread) page(ctx context.Context) error {
	args := url.Values{"channel": {r.incident.Channel.ID}, "oldest": {r.oldest}, "limit": {strconv.Itoa(readPage)}}
	if r.at.Below != "" {
		args.Set("latest", r.at.Below)
	}
	var page history
	if err := r.o.c.read(ctx, methodHistoryBack, args, &page); err != nil {
		return err
	}
	low := r.oldest
	if n := len(page.Messages); page.HasMore && n > 0 {
		low = page.Messages[n-1].TS
	}
	seen := map[string]bool{}
	for i := range page.Messages {
		m := &page.Messages[i]
		seen[m.TS] = true
		if err := r.compare(ctx, m); err != nil {
			return err
		}
		switch {
		case m.ReplyCount == 0 || m.LatestReply == "":
		case r.stirred(m.LatestReply):
			r.at.Threads = append(r.at.Threads, m.TS)
		default:
			r.quiet(m)
		}
	}
	for ts, c := range r.known {
		in := ts >= low && (r.at.Below == "" || ts < r.at.Below)
		if in && !seen[ts] && c.Entry != nil && !c.Entry.Gone && !c.Deleted() && !page.Limited {
			r.at.Missing = append(r.at.Missing, ts)
		}
	}
	slices.Sort(r.at.Missing)
	r.at.Missing = slices.Compact(r.at.Missing)
	if r.at.Below, r.at.Read = low, !page.HasMore; r.at.Read {
		for _, thread := range r.at.Quiet {
			parent, _, _ := strings.Cut(thread, "/")
			r.at.Threads = append(r.at.Threads, parent)
		}
		r.at.Quiet = nil
	}
	return nil
}

// quiet keeps a thread that was silent for long, if it is among those that stirred last.
func (r *reread) quiet(m *message) {
	last := func(thread string) time.Time {
		_, latest, _ := strings.Cut(thread, "/")
		return instant(latest)
	}
	r.at.Quiet = append(r.at.Quiet, m.TS+"/"+m.LatestReply)
	slices.SortStableFunc(r.at.Quiet, func(a, b string) int { return last(b).Compare(last(a)) })
	r.at.Quiet = r.at.Quiet[:min(len(r.at.Quiet), quietThreads)]
}

// stirred reports whether a thread is read again.
func (r *reread) stirred(latest string) bool {
	since := instant(r.at.Since)
	return since.IsZero() || instant(latest).After(since.Add(-quietThread))
}

// thread reads a page of the thread that is next.
func (r *reread) thread(ctx context.Context) error {
	parent, after, _ := strings.Cut(r.at.Threads[0], "/")
	args := url.Values{"channel": {r.incident.Channel.ID}, "ts": {parent}, "limit": {strconv.Itoa(readPage)}}
	if after != "" {
		args.Set("oldest", after)
	}
	var page history
	err := r.o.c.read(ctx, methodRepliesBack, args, &page)
	if err != nil && !isCode(err, "thread_not_found", "message_not_found") {
		return err
	}
	for i := range page.Messages {
		m := &page.Messages[i]
		if m.TS == parent {
			continue // it begins every page
		}
		after = m.TS
		if err := r.compare(ctx, m); err != nil {
			return err
		}
		if err := r.answered(ctx, parent, m); err != nil {
			return err
		}
		r.at.Missing = slices.DeleteFunc(r.at.Missing, func(ts string) bool { return ts == m.TS })
	}
	if page.HasMore && len(page.Messages) > 1 {
		r.at.Threads[0] = parent + "/" + after
		return nil
	}
	r.at.Threads = r.at.Threads[1:]
	return nil
}

// answered tells of an answer in a thread, as Intake.answered does, where the incident has threads that ask for some. What is
// a suggestion already stays the one that it is.
func (r *reread) answered(ctx context.Context, parent string, m *message) error {
	asks := r.incident.Listed || slices.ContainsFunc(r.incident.Written, func(w incidents.Writing) bool { return w.Discussed })
	if _, known := r.incident.Suggestion(m.TS); known || !asks || r.o.o.Replied == nil || !r.o.c.answers(m) {
		return nil
	}
	return r.o.o.Replied(ctx, chat.Replied{User: m.User, Channel: r.incident.Channel.ID, Thread: parent, TS: m.TS, Text: m.Text})
}

// answers reports whether a message in a thread is a person's, to other people.
func (c *Client) answers(m *message) bool {
	self, _ := c.Identity()
	mentions := self.User != "" && strings.Contains(m.Text, "<@"+self.User)
	return said[m.Subtype] && m.User != "" && m.BotID == "" && !c.own(m) && !mentions
}

// missing asks for one captured message that was seen nowhere: it may be a reply in a quiet thread, or deleted.
func (r *reread) missing(ctx context.Context) error {
	src := incidents.Source{Channel: r.incident.Channel.ID, TS: r.at.Missing[0]}
	m, err := r.o.messageAt(ctx, methodRepliesBack, src)
	switch {
	case isCode(err, "thread_not_found", "message_not_found"):
		m, err = &message{Subtype: subtypeTombstone, TS: src.TS}, nil
	case err == nil && m == nil:
		m = &message{Subtype: subtypeTombstone, TS: src.TS}
	}
	if err == nil {
		err = r.compare(ctx, m)
	}
	if err == nil {
		r.at.Missing = r.at.Missing[1:]
	}
	return err
}

// compare tells what differs between a message and what is known of it.
func (r *reread) compare(ctx context.Context, m *message) error {
	known := r.known[m.TS]
	if m.Subtype == subtypeTombstone {
		if known.Entry == nil || known.Deleted() {
			return nil
		}
		return r.handle(ctx, incidents.DeleteMessage{Source: known.Source})
	}
	reasons := r.reactions(m, known)
	if len(reasons) == 0 && !r.edited(m, known) {
		return nil
	}
	return r.tell(ctx, m, reasons)
}

// edited reports whether a message says something else than its entry knows of.
func (r *reread) edited(m *message, known incidents.Captured) bool {
	e := known.Entry
	differs := e != nil && !known.Deleted() && !r.o.c.own(m) && m.words() != "" && !m.limited() && (m.words() != e.Text || !e.HasFiles(m.files()))
	if differs && e.Rewritten { // then only a new edit counts: the texts are to differ
		return instant(m.Edited.TS).After(e.EditedAt)
	}
	return differs
}

// reactions compares the capture reactions on a message with the reasons that are reactions.
func (r *reread) reactions(m *message, known incidents.Captured) []incidents.ReasonSeen {
	now := r.o.c.now()
	emojis := map[string]bool{r.o.o.Reaction: true} // and those that captured before the configuration was changed
	for _, reason := range known.Reasons {
		if name, ok := reason.Emoji(); ok {
			emojis[name] = true
		}
	}
	var seen []incidents.ReasonSeen
	for name := range emojis {
		how := incidents.ByReaction(name)
		users, complete := m.reactedBy(name)
		for user := range users {
			was := known.Reason(user, how)
			if !was.Present && !r.o.c.itself(user) && (name == r.o.o.Reaction || !was.At.IsZero()) {
				seen = append(seen, incidents.ReasonSeen{By: user, How: how, Present: true, At: now, Was: was.At})
			}
		}
		for _, was := range known.Reasons {
			if was.How == how && was.Present && !users[was.By] && complete {
				seen = append(seen, incidents.ReasonSeen{By: was.By, How: how, At: now, Was: was.At})
			}
		}
	}
	return seen
}

// reactedBy is who gave an emoji, in any skin tone, and whether Slack named everybody.
func (m *message) reactedBy(emoji string) (users map[string]bool, complete bool) {
	users, complete = map[string]bool{}, true
	for _, r := range m.Reactions {
		if base, _, _ := strings.Cut(r.Name, "::"); base != emoji {
			continue
		}
		for _, u := range r.Users {
			users[u] = true
		}
		complete = complete && len(r.Users) >= r.Count
	}
	return users, complete
}

// tell says what was read of a message.
func (r *reread) tell(ctx context.Context, m *message, reasons []incidents.ReasonSeen) error {
	back := incidents.ReadBack{
		Source: incidents.Source{Channel: r.incident.Channel.ID, TS: m.TS}, Author: m.User, Reasons: reasons,
	}
	if !r.o.c.own(m) || r.known[m.TS].Entry == nil {
		back.Text, back.Files, back.EditedAt = m.words(), m.files(), m.editedBy(r.o.c.now())
	}
	if e := r.known[m.TS].Entry; e != nil {
		back.Was = e.EditedAt
	}
	return r.handle(ctx, back)
}

// handle carries out what follows. A refusal means that the incident does not take it any more.
func (r *reread) handle(ctx context.Context, cmd incidents.Command) error {
	_, err := r.o.o.Handle(ctx, incidents.Request{
		By: incidents.Actor{In: r.incident.Channel.ID}, Incident: r.incident.Number, Command: cmd,
	})
	if incidents.AsRefusal(err) != nil {
		return nil
	}
	return err
}

// own reports whether a message is the bot's.
func (c *Client) own(m *message) bool {
	self, known := c.Identity()
	return known && (c.itself(m.User) || (m.BotID != "" && m.BotID == self.Bot))
}

// itself reports whether a user is the bot.
func (c *Client) itself(user string) bool {
	self, known := c.Identity()
	return known && user != "" && user == self.User
}
