package incidents

import (
	"slices"
	"strconv"
	"time"
)

// settled says what follows from a delivery that came to an outcome. It is pure. done is the delivery as it was when it
// was leased; entry is the one that a KindFetch is about.
func settled(before Incident, entry *Entry, done Delivery, o Outcome, now time.Time) Change {
	d := &decision{before: Before{Incident: before, Entry: entry}, now: now}
	d.Incident = before
	d.Incident.Version++
	if o.Verdict != Delivered {
		d.failed(done, o)
		return d.Change
	}
	switch done.Kind {
	case KindChannel:
		d.opened(o.Channel)
		if done.Tried > 1 {
			// It may have been there for a while, from an attempt that nobody heard of, and people may have found it: what they
			// captured came from a channel that was nobody's.
			d.want(KindReadBack, "")
		}
	case KindSummary:
		if done.Receipt.ID == "" {
			d.want(KindPin, "")
		}
		if o.Canvas {
			d.want(KindCanvas, "")
		}
	case KindFetch:
		d.fetched(o.Message)
	case KindCard:
		d.carded(done.SubjectNumber(), o.Receipt.URL)
	case KindOnCall:
		d.calledOut(o.People)
	case KindCards:
		d.cardsDone(o.Actions)
	case KindPost:
		d.posted(o.PullRequest)
	case KindPull:
		d.looked(o)
	case KindReply:
		d.replied()
	case KindQuiet:
		d.signs(done, o)
	case KindReminder:
		d.Incident.hear(o.Heard)
		if o.Step != "" {
			d.reminded(o.Step)
		}
		if !o.More { // else it comes again at once
			d.remindAt(d.Incident.reminderAt(d.now))
		}
	}
	d.watch()
	switch done.Kind {
	case KindChannel, KindPost, KindPull, KindCards:
		d.tick()
	}
	if o.More {
		again := d.Incident.wish(done.Kind, done.Subject)
		again.Debounce = max(o.After, time.Second/10)
		d.Wishes = append(d.Wishes, again)
	}
	if done.Failures > 0 && done.Kind != KindSummary {
		// The card said that it was waiting; now it is not.
		d.show(false, false)
	}
	return d.Change
}

// opened is when the channel is there: everything that points to it can be queued.
func (d *decision) opened(c Channel) {
	d.Incident.Channel = c
	if d.Incident.announced() {
		d.want(KindAnnouncement, "")
	}
	d.want(KindSummary, "")
	if !d.Incident.InPlace() {
		d.want(KindTopic, "")
	}
	if d.Incident.Post.Number != 0 { // Slack was away for so long that the pull request came first
		d.want(KindBookmark, "")
	}
	invited := map[string]bool{}
	for _, rule := range d.Incident.Protocol.RoleRules() {
		for _, who := range d.Incident.Holders[rule.Role] {
			if who == "" || invited[who] {
				continue
			}
			invited[who] = true
			d.want(KindInvite, who)
			if len(d.Incident.AskedOf(who)) > 0 {
				d.want(KindHandover, who)
			}
		}
	}
	if who := d.Incident.DeclaredBy; who != "" && !invited[who] {
		d.want(KindInvite, who)
	}
	d.caughtUp()
}

// caughtUp asks for what would have been asked when the incident ended, or its post was wanted, before there was a channel to
// ask in.
func (d *decision) caughtUp() {
	d.Wishes = append(d.Wishes, d.Incident.sectionViews()...)
	if d.Incident.PostWanted || d.Incident.Listed && d.Incident.announced() {
		d.review()
	}
	if d.Incident.Status == Resolved && d.Incident.Protocol != nil {
		d.want(KindLookBack, "")
	}
}

func (d *decision) fetched(m *FetchedMessage) {
	if d.before.Entry == nil || m == nil {
		return
	}
	e := *d.before.Entry
	switch {
	case m.Hidden:
		w := d.Incident.wish(KindUnfollowed, e.Source.Channel)
		w.Once = true
		d.Wishes = append(d.Wishes, w)
		return
	case !e.Waiting:
		d.fetchedAgain(e, m)
		return
	}
	deed := DeedFollowed
	if !m.Found {
		e.Gone, deed = true, DeedWithdrawn
	}
	if e.Text != "" || e.Gone { // else this is the first version, now with its text
		e.Version++
		e.Last = Touch{At: e.Last.At, Deed: deed, Change: d.Incident.Version}
	}
	if m.Found && (m.EditedAt.After(e.EditedAt) || e.Text == "") {
		e.Text, e.EditedAt = m.Text, utc(m.EditedAt)
		e.takeFiles(m.Files)
	}
	if e.Waiting = false; m.Found {
		e.Author = m.Author
	}
	d.Entries = append(d.Entries, e)
	if m.Found {
		d.propose(e.Text, e.Number)
		d.askAlt(d.before.Entry.Files, e)
		d.showCaptured()
	}
}

// fetchedAgain gives an entry that a person wrote from a message the files of that message, and its very words where they
// are to be the message's.
func (d *decision) fetchedAgain(e Entry, m *FetchedMessage) {
	if !m.Found || m.EditedAt.Before(e.EditedAt) {
		return
	}
	// An edit that came late may have come before this, and be older than the message is.
	before, said := e.Files, (e.Format == Markdown || m.EditedAt.After(e.EditedAt)) && !e.Rewritten && m.Text != ""
	if len(m.Files) > 0 {
		e.takeFiles(m.Files)
	}
	if said {
		e.Text, e.Format, e.EditedAt = m.Text, Mrkdwn, utc(m.EditedAt)
	}
	if slices.Equal(before, e.Files) && e.sameWords(*d.before.Entry) {
		return
	}
	e.Version++
	e.Last = Touch{At: d.now, Deed: DeedFollowed, Change: d.Incident.Version}
	d.Entries = append(d.Entries, e)
	d.askAlt(before, e)
	d.showCaptured()
}

func (d *decision) carded(number int, url string) {
	actions := append([]Action(nil), d.Incident.Actions...)
	for i := range actions {
		if actions[i].Number == number && actions[i].CardURL != url {
			actions[i].CardURL = url
			d.Incident.Actions = actions
			d.show(false, true)
			return
		}
	}
}

func (d *decision) posted(pr PullRequest) {
	first, was := d.Incident.Post.Number != pr.Number, d.Incident.Post
	d.Incident.Post = pr
	if first {
		d.Incident.PostAt = d.now
	}
	if !first && was.State != pr.State {
		d.turned()
	}
	if !first || d.Incident.Channel.ID == "" {
		return
	}
	d.want(KindBookmark, "")
	d.show(true, false)
}

// patience is how many failures of its channel, some seconds apart, and patienceFor how long a wait for it, an incident may have
// before it is announced without one.
const (
	patience    = 3
	patienceFor = time.Minute
)

// failed shows people what waits and what will not come, once when it begins and once when it is final.
func (d *decision) failed(done Delivery, o Outcome) {
	final := o.Verdict == Impossible
	if final && done.Kind == KindReply {
		d.unanswered(done)
	}
	if done.Kind == KindChannel && d.Incident.announced() && (final || done.Failures >= patience || o.After >= patienceFor) {
		// Without a channel the announcement is all there is, so it must not wait for one.
		d.want(KindAnnouncement, "")
	}
	switch done.Kind {
	case KindSummary:
		if final { // the card cannot say so itself
			d.want(KindStale, "")
		}
		return
	case KindTick:
		return
	case KindCanvas, KindStale: // the card brings them, so they must not bring the card: they would go round for ever
		return
	}
	if o.Verdict == Deferred {
		return
	}
	if final || done.Failures == 0 {
		d.show(false, false)
	}
}

// empty reports whether nothing would be written but the head's version.
func (c Change) empty(before Incident) bool {
	return len(c.Entries) == 0 && len(c.Captures) == 0 && len(c.Wishes) == 0 &&
		c.Incident.Channel == before.Channel && c.Incident.Post == before.Post && c.Incident.HeardAt.Equal(before.HeardAt) &&
		slices.Equal(c.Incident.Actions, before.Actions) && slices.Equal(c.Incident.Marks, before.Marks) &&
		slices.Equal(c.Incident.Absences, before.Absences) && slices.Equal(c.Incident.Silences, before.Silences)
}

// after is the delivery as it is once an attempt has ended.
func (d Delivery) after(o Outcome, now time.Time, settleTime time.Duration) Delivery {
	switch o.Verdict {
	case Delivered:
		d.State, d.Failures, d.FailingSince, d.LastError = Done, 0, time.Time{}, ""
		if o.Receipt.ID != "" {
			d.Receipt, d.Tried = o.Receipt, 0
		}
		d.DueAt = now.Add(debounceOf(d.Kind))
		return d
	case Impossible:
		d.State, d.LastError, d.DueAt = Failed, o.Say, now
		d.Failures++
		if d.FailingSince.IsZero() {
			d.FailingSince = now
		}
		return d
	case Deferred:
		d.State = Pending
		d.Tried = max(d.Tried-1, 0)
		d.DueAt = now.Add(max(o.After, time.Second/10))
		return d
	}
	d.State, d.LastError = Pending, o.Say
	d.Failures++
	if d.FailingSince.IsZero() {
		d.FailingSince = now
	}
	wait := max(Pace(d.Failures, now.Sub(d.FailingSince)), o.After)
	if o.Verdict == Uncertain {
		// The service may still be at it; looking too early would miss what is about to appear.
		wait = max(wait, settleTime)
	}
	d.DueAt = now.Add(wait)
	return d
}

// Describe names the thing that a delivery is about, for people: "the card for action item 2".
func (d Delivery) Describe() string {
	switch d.Kind {
	case KindChannel:
		return "the incident's channel"
	case KindAnnouncement:
		return "the announcement in the team channel"
	case KindSummary:
		return "the card at the top of the channel"
	case KindPin:
		return "the pin on that card"
	case KindStale:
		return "the message that the card is not brought up to date"
	case KindCanvas:
		return "the state document in the channel's canvas"
	case KindTopic:
		return "the channel's topic"
	case KindInvite:
		return "an invitation to the channel"
	case KindBookmark:
		return "the link to the pull request"
	case KindTick:
		return "the tick on a captured message"
	case KindFetch:
		return "the text of a captured message"
	case KindPropose:
		return "the question about action items in a message"
	case KindDescribe:
		return "the question about what an image shows"
	case KindUnfollowed:
		return "the message that a conversation cannot be followed"
	case KindReadBack:
		return "reading back what happened in the channel meanwhile"
	case KindInvitation:
		return "the offer to join the drill"
	case KindLine:
		return "what is said in the drill"
	case KindCatchUp:
		return "the message about what was written outside Slack"
	case KindBefore:
		return "the message about what was before"
	case KindReview:
		return "the look at what should stay inside"
	case KindQuestion:
		return "a question about an edited message"
	case KindUpdate:
		return "the update to stakeholders"
	case KindReminder:
		return "the reminder of what is due"
	case KindLookBack:
		return "the message to the lead about how it went"
	case KindHandover:
		return "the question to whoever was given a role"
	case KindReturned:
		return "the message about a role that was given back"
	case KindRelieved:
		return "the message to whoever lost a role"
	case KindCard:
		return "the Trello card for action item " + strconv.Itoa(d.SubjectNumber())
	case KindWebhook:
		return "the update to a webhook"
	case KindMail:
		return "the update by e-mail"
	case KindOnCall:
		return "the question who is on call"
	case KindQuiet:
		return "the look whether anything is heard of who has a role"
	case KindTakeOver:
		return "the question who takes over from somebody who is silent"
	case KindVacant:
		return "the message about a role whose holder has left"
	case KindAsked:
		return "the request for an update"
	case KindNews:
		return "the news for somebody who follows"
	case KindCards:
		return "the look at which cards are done"
	case KindPost:
		return "the post-mortem's pull request"
	case KindPull:
		return "a look at the post-mortem's pull request"
	case KindOffer:
		return "the message about the pull request"
	case KindReply:
		return "an answer to a comment on the pull request"
	case KindRemark:
		return "a comment on the pull request"
	case KindSections:
		return "the list of the post's sections"
	case KindSection:
		return "the message about a section of the post"
	case KindSuggestion:
		return "the question about a suggestion"
	}
	return "an answer"
}
