package incidents

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// recently is how long a change of somebody else is guarded from a person who has not said which version they saw.
const recently = 2 * time.Minute

// onEntry decides the commands that concern an entry by its number.
func (d *decision) onEntry(cmd byNumber) error {
	if d.before.Entry == nil || d.before.Entry.Waiting {
		return noSuchEntry(cmd.entry())
	}
	e := *d.before.Entry
	if _, restores := cmd.(RestoreEntry); e.Gone && !restores {
		return Refuse(TooLate, "Entry %d is not in the timeline any more.", e.Number).
			Next("`restore %d` brings it back.", e.Number)
	}
	switch c := cmd.(type) {
	case EditEntry:
		return d.edit(e, c)
	case MoveEntry:
		return d.moveEntry(e, c)
	case RemoveEntry:
		d.remove(e)
	case RestoreEntry:
		return d.restore(e, c)
	case SetInternal:
		d.setInternal(e, c)
	case AnswerProposal:
		return d.answerProposal(e, c)
	case DescribeFile:
		return d.describe(e, c)
	}
	return nil
}

func noSuchEntry(number int) error {
	return Refuse(NotFound, "There is no entry %d in this timeline.", number).
		Next("`timeline` shows the numbers; they stand before the times.").In("entry")
}

// entryText cleans the text of an entry and refuses an empty or overlong one.
func entryText(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch n := utf8.RuneCountInString(text); {
	case blank(text):
		return "", Refuse(Invalid, "There is nothing to add to the timeline.").
			Next("Write what happened, with a time if it was earlier: `log 14:05 restarted the queue`.").In("text")
	case n > MaxEntry:
		return "", Refuse(Invalid, "That entry has %d characters and %d is the most.", n, MaxEntry).
			Next("Say it shorter, or split it into several entries.").In("text")
	}
	return text, nil
}

// entryTime checks when an entry happened.
func (d *decision) entryTime(at, until time.Time, confirmed bool) error {
	if !confirmed && (at.After(d.now.Add(Ahead)) || until.After(d.now.Add(Ahead))) {
		return StillAhead().In("time")
	}
	if !until.IsZero() && until.Before(at) {
		return Refuse(Invalid, "That range ends before it begins.").Next("Write the earlier time first.").In("time")
	}
	return nil
}

func (d *decision) edit(e Entry, c EditEntry) error {
	edited := e
	if strings.TrimSpace(c.Text) != "" {
		text, err := entryText(c.Text)
		if err != nil {
			return err
		}
		if text != e.Text {
			edited.Text, edited.Format = text, Markdown
		}
	}
	if !c.At.IsZero() {
		if err := d.entryTime(c.At, c.Until, c.Confirmed); err != nil {
			return err
		}
		edited.happened(c.At, c.Until)
	}
	if c.Internal != nil {
		edited.Internal = *c.Internal
	}
	d.Result.Entry, d.Result.At, d.Result.Until = e.Number, edited.At, edited.Until
	if edited.Same(e) {
		d.Result.Unchanged = true
		return nil
	}
	if err := d.lastWriter(e, c); err != nil {
		return err
	}
	if !edited.sameWords(e) || !edited.sameTimes(e) {
		edited.rewritten(d.by.User)
	}
	d.write(edited, DeedEdited)
	d.show(d.ended(e, edited), true)
	return nil
}

// ended keeps the end of the incident at the time of the entry that tells of it, and reports whether that changed.
func (d *decision) ended(was, now Entry) bool {
	if was.Event == EventMitigated && was.At.Equal(d.before.WellAt) {
		d.Incident.WellAt = now.At
	}
	if was.Event != EventResolved || !was.At.Equal(d.before.ResolvedAt) || now.At.Equal(was.At) {
		return false
	}
	d.Incident.ResolvedAt = now.At
	return true
}

// lastWriter refuses an edit that would overwrite what its author has not seen: words or times that somebody else has
// changed since the version that they had before them.
func (d *decision) lastWriter(e Entry, c EditEntry) error {
	if c.Overwrite {
		return nil
	}
	for i, past := range slices.Backward(d.before.History) {
		if c.Version != 0 && past.Version <= c.Version {
			break
		}
		if past.Last.By == d.by.User || i == 0 {
			continue
		}
		if former := d.before.History[i-1]; past.sameWords(former) && past.sameTimes(former) {
			continue
		}
		if c.Version != 0 || past.Last.At.After(d.now.Add(-recently)) {
			return Refuse(Changed, "Somebody else changed entry %d meanwhile.", e.Number).
				Next("Look at what it says now, and save again if yours is to replace it.").In("text")
		}
	}
	return nil
}

func (d *decision) moveEntry(e Entry, c MoveEntry) error {
	minute := e.At.Truncate(time.Minute)
	var group []Entry // the entries of that minute, in their order
	for _, other := range d.before.Timeline {
		if other.At.Truncate(time.Minute).Equal(minute) {
			group = append(group, other)
		}
	}
	from := slices.IndexFunc(group, func(o Entry) bool { return o.Number == e.Number })
	to, edge := from+1, "last"
	if c.Up {
		to, edge = from-1, "first"
	}
	if from < 0 || to < 0 || to >= len(group) {
		return Refuse(TooLate, "Entry %d is the %s of its minute already.", e.Number, edge).
			Next("Entries stand in the order of their times: `edit %d %s` gives it another one.", e.Number, minute.Format("15:04 UTC"))
	}
	var places []Place
	for i, other := range group {
		p := other.place()
		if i > 0 && p.compare(places[i-1]) <= 0 {
			p = Place{places[i-1].At, places[i-1].Number + 1}
		}
		places = append(places, p)
	}
	group[from], group[to] = group[to], group[from]
	for i, other := range group {
		if other.place().compare(places[i]) != 0 {
			other.stand(places[i])
			d.write(other, DeedMoved)
		}
	}
	d.Result.Entry, d.Result.At, d.Result.Until = e.Number, e.At, e.Until
	d.show(false, true)
	return nil
}

func (d *decision) remove(e Entry) {
	e.Gone = true
	d.write(e, DeedDeleted)
	d.release(e)
	d.show(false, true)
}

// byRemoval marks when a person has deleted the entry: what Slack shows on the message since before then is no reason.
const byRemoval = "removed"

// release takes back every reason for a captured entry to be there: only a later one brings it back.
func (d *decision) release(e Entry) {
	if !e.Captured() {
		return
	}
	removal := Capture{Source: e.Source, How: byRemoval, At: d.now}
	for _, r := range d.before.Captures {
		if r.Present && r.Source == e.Source {
			r.Present, r.At = false, later(r.At, d.now)
			removal.At = later(removal.At, r.At)
			d.Captures = append(d.Captures, r)
		}
	}
	d.Captures = append(d.Captures, removal)
	d.want(KindTick, subject(e.Source))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// byRestoring is the reason for a captured entry to be there that somebody brought back from its history.
const byRestoring = "restored"

// hold gives a captured entry a reason to be there, or takes it back.
func (d *decision) hold(e Entry, present bool) {
	if e.Captured() {
		d.Captures = append(d.Captures, Capture{Source: e.Source, By: d.by.User, How: byRestoring, At: d.now, Present: present})
		d.want(KindTick, subject(e.Source))
	}
}

func (d *decision) restore(e Entry, c RestoreEntry) error {
	i := len(d.before.History) - 1
	for ; i >= 0; i-- {
		past := d.before.History[i]
		if past.Version == c.Version || (c.Version == 0 && past.Shown()) {
			break
		}
	}
	if i < 0 || d.before.History[i].Waiting {
		return Refuse(NotFound, "Entry %d has no version %d.", e.Number, c.Version).
			Next("It has those from 1 to %d.", e.Version)
	}
	if d.before.History[i].Text == Forgotten {
		return Refuse(TooLate, "The words of entry %d are forgotten by now, as its team has set it up.", e.Number).
			Next("`log` writes it anew.")
	}
	past, now := d.before.History[i], e
	now.Text, now.Format, now.Gone = past.Text, past.Format, false
	now.happened(past.At, past.Until)
	d.Result.Entry, d.Result.At, d.Result.Until = e.Number, now.At, now.Until
	if now.Same(e) {
		d.Result.Unchanged = true
		return nil
	}
	if !now.sameWords(e) || !now.sameTimes(e) {
		now.rewritten(d.by.User)
	}
	d.write(now, DeedRestored)
	if e.Gone {
		d.hold(now, true)
	}
	d.show(d.ended(e, now), true)
	return nil
}

func (d *decision) setInternal(e Entry, c SetInternal) {
	d.Result.Entry, d.Result.At = e.Number, e.At
	if e.Internal == c.Internal {
		d.Result.Unchanged = true
		return
	}
	deed := DeedPublished
	if e.Internal = c.Internal; c.Internal {
		deed = DeedHidden
	}
	d.write(e, deed)
	d.show(false, true)
}

func (d *decision) answerProposal(e Entry, c AnswerProposal) error {
	if e.Proposed == "" {
		return Refuse(TooLate, "Entry %d has no edit of its message that waits for an answer.", e.Number).
			Next("`timeline` shows what it says.")
	}
	if c.Take {
		e.Text, e.Format, e.Rewritten, e.RewrittenBy = e.Proposed, Mrkdwn, false, ""
	}
	e.Proposed = ""
	d.write(e, DeedEdited)
	d.show(false, c.Take)
	return nil
}
