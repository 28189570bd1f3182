package incidents

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (d *decision) log(c Log) error {
	text, err := entryText(c.Text)
	if err != nil {
		return err
	}
	at := c.At
	if at.IsZero() {
		at = d.now
	}
	if err := d.entryTime(at, c.Until, c.Confirmed); err != nil {
		return err
	}
	if already := d.before.Entry; already != nil && c.Outside != "" {
		d.Result.Entry, d.Result.At, d.Result.Until, d.Result.Unchanged = already.Number, already.At, already.Until, true
		return nil
	}
	d.enter(Entry{
		At: at.UTC(), Until: utc(c.Until), Text: text, Format: Markdown, Author: d.by.User, Source: c.about(),
	}, DeedLogged)
	d.show(false, true)
	if c.Outside != "" && d.Incident.Channel.ID != "" {
		d.want(KindCatchUp, "")
	}
	return nil
}

// utc is t in UTC; a zero time stays zero.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}

func (d *decision) capture(c CaptureMessage) error {
	entry := d.before.Entry
	if deleted(d.before.Captures) {
		// The message was deleted in Slack. A late event does not bring it back.
		d.Result.Unchanged = true
		return nil
	}
	reasons, newer := withReason(d.before.Captures, Capture{
		Source: c.Source, By: d.owner(c.How), How: c.How, At: c.At, Present: true,
	})
	if !newer {
		d.Result.Unchanged = true
		return nil
	}
	d.Captures = reasons
	if !anyPresent(reasons) {
		return nil
	}
	var e Entry
	if entry != nil {
		e = *entry
		e.Gone = false
		if e.Waiting && c.Text != "" {
			e.Text, e.Author, e.Waiting = c.Text, c.Author, false
			e.takeFiles(c.Files)
		}
	} else {
		at, err := c.Source.Time()
		if err != nil {
			return err
		}
		e = Entry{
			At: at, Text: c.Text, Format: Mrkdwn, Author: c.Author, Source: c.Source, Waiting: c.Text == "",
			EditedAt: utc(c.EditedAt), Files: c.Files,
		}
		if c.Said != "" && e.Waiting {
			if e.Text, err = entryText(c.Said); err != nil {
				return err
			}
			e.Format, e.Waiting = Markdown, false
		}
	}
	if err := d.rewrite(&e, c); err != nil {
		return err
	}
	d.Result.Entry, d.Result.At = e.Number, e.At
	switch {
	case entry == nil:
		d.enter(e, DeedCaptured)
	case entry.Gone || e.Waiting != entry.Waiting || !e.Same(*entry):
		d.write(e, DeedCaptured)
	default:
		d.Result.Unchanged = true
	}
	if e.Waiting || c.Look {
		d.want(KindFetch, subject(c.Source))
	}
	if e.Number = d.Result.Entry; !e.Waiting && c.How != ByImport {
		d.askAlt(d.filesBefore(), e)
		if c.Rewrite == "" && c.Said == "" { // whoever writes is answered at once
			d.propose(e.Text, e.Number)
		}
	}
	if c.How != ByImport { // a tick on each of hundreds of old messages tells nobody anything
		d.want(KindTick, subject(c.Source))
	}
	if !d.Result.Unchanged {
		d.showCaptured()
	}
	return nil
}

// rewrite lets an entry say what a person wants instead of what its message says.
func (d *decision) rewrite(e *Entry, c CaptureMessage) error {
	if c.Rewrite != "" {
		text, err := entryText(c.Rewrite)
		if err != nil {
			return err
		}
		e.Text, e.Format, e.Waiting, e.Author = text, Markdown, false, cmp.Or(e.Author, c.Author)
		e.EditedAt = later(e.EditedAt, utc(c.EditedAt))
	}
	if !c.When.IsZero() {
		if err := d.entryTime(c.When, c.Until, c.Confirmed); err != nil {
			return err
		}
		e.happened(c.When, c.Until)
	}
	if c.Rewrite != "" || !c.When.IsZero() {
		e.rewritten(d.by.User)
	}
	return nil
}

// propose asks whoever captured a message whether its TODO lines are action items.
func (d *decision) propose(text string, entry int) {
	if d.Incident.Channel.ID != "" && strings.Contains(strings.ToLower(text), "todo:") {
		d.want(KindPropose, strconv.Itoa(entry))
	}
}

// owner is whose reason it is: a pin is the channel's, for anybody may take it off again.
func (d *decision) owner(how string) string {
	if how == ByPin {
		return ""
	}
	return d.by.User
}

func (d *decision) withdraw(c WithdrawCapture) error {
	reasons, newer := withReason(d.before.Captures, Capture{Source: c.Source, By: d.owner(c.How), How: c.How, At: c.At})
	if !newer {
		d.Result.Unchanged = true
		return nil
	}
	d.Captures = reasons
	if d.before.Entry == nil || d.before.Entry.Gone || anyPresent(reasons) {
		d.Result.Unchanged = true
		return nil
	}
	d.takeOut(c.Source)
	return nil
}

// takeOut removes the entry that the command concerns from the timeline.
func (d *decision) takeOut(s Source) {
	e := *d.before.Entry
	e.Gone = true
	d.write(e, DeedWithdrawn)
	d.want(KindTick, subject(s))
	d.show(false, true)
}

func (d *decision) editMessage(c EditMessage) error {
	e := d.before.Entry
	if e == nil || (!e.EditedAt.IsZero() && !c.EditedAt.After(e.EditedAt)) || c.Text == "" || e.Text == Forgotten {
		d.Result.Unchanged = true
		return nil
	}
	if e.Rewritten {
		d.proposeEdit(*e, c)
		return nil
	}
	edited := *e
	edited.Text, edited.Format, edited.EditedAt, edited.Waiting = c.Text, Mrkdwn, c.EditedAt.UTC(), false
	edited.takeFiles(c.Files)
	if edited.Author == "" {
		edited.Author = c.Author
	}
	if edited.Author == "" {
		// The message was never read; the fetch that is under way brings its author.
		edited.Waiting = e.Waiting
	}
	d.write(edited, DeedFollowed)
	d.askAlt(e.Files, edited)
	d.Result.Unchanged = edited.sameWords(*e) && slices.Equal(edited.Files, e.Files)
	if !d.Result.Unchanged && !e.Gone {
		d.show(false, true)
	}
	return nil
}

// proposeEdit keeps an edit of a message beside the entry that a person has rewritten, and has that person asked.
func (d *decision) proposeEdit(e Entry, c EditMessage) {
	before := e.Files
	e.Proposed, e.EditedAt = c.Text, c.EditedAt.UTC()
	e.takeFiles(c.Files)
	if e.Text == c.Text {
		e.Proposed = "" // the message says by now what the person wrote
	}
	d.write(e, DeedProposed)
	d.askAlt(before, e)
	if !e.Gone && !slices.Equal(before, e.Files) {
		d.show(false, true)
	}
	if e.Proposed != "" && !e.Gone {
		d.want(KindQuestion, strconv.Itoa(e.Number))
		d.show(false, false)
	}
}

// byDeletion marks the capture that stands for the deletion of the message itself. It is never present and outlasts
// every other reason.
const byDeletion = "deleted"

func (d *decision) deleteMessage(c DeleteMessage) error {
	if deleted(d.before.Captures) {
		// It came twice. What somebody brought back meanwhile stays.
		d.Result.Unchanged = true
		return nil
	}
	d.Captures = append(d.Captures, Capture{Source: c.Source, How: byDeletion})
	for _, r := range d.before.Captures {
		if r.Present {
			r.Present = false
			d.Captures = append(d.Captures, r)
		}
	}
	if d.before.Entry == nil || d.before.Entry.Gone {
		d.Result.Unchanged = true
		return nil
	}
	d.takeOut(c.Source)
	// There is no message left to take the tick from.
	d.Wishes = slices.DeleteFunc(d.Wishes, func(w Wish) bool { return w.Kind == KindTick })
	return nil
}

func deleted(reasons []Capture) bool {
	for _, r := range reasons {
		if r.How == byDeletion {
			return true
		}
	}
	return false
}

func anyPresent(reasons []Capture) bool {
	if deleted(reasons) {
		return false
	}
	for _, r := range reasons {
		if r.Present {
			return true
		}
	}
	return false
}

// withReason puts a reason among those there are. A person's later word of one kind replaces the earlier one, in
// whatever order they arrive; newer is false when there is a later word already, or the same.
func withReason(reasons []Capture, c Capture) (all []Capture, newer bool) {
	all = append([]Capture(nil), reasons...)
	for i, r := range all {
		if r.By != c.By || r.How != c.How {
			continue
		}
		if !c.At.After(r.At) {
			return reasons, false
		}
		all[i] = c
		return all, true
	}
	return append(all, c), true
}

// Time is the moment of a Slack message: its ts is the Unix time in seconds with a fraction that makes it unique.
func (s Source) Time() (time.Time, error) { return ParseTS(s.TS) }

// ParseTS reads a Slack timestamp such as "1700000000.123456" as an instant, UTC.
// See https://docs.slack.dev/reference/events/message.
func ParseTS(ts string) (time.Time, error) {
	whole, fraction, _ := strings.Cut(ts, ".")
	seconds, err := parseDigits(whole, 12)
	if err != nil {
		return time.Time{}, Refuse(Invalid, "%q is not the time of a message.", ts)
	}
	micros, err := parseDigits((fraction + "000000")[:6], 6)
	if err != nil {
		return time.Time{}, Refuse(Invalid, "%q is not the time of a message.", ts)
	}
	return time.Unix(seconds, micros*1000).UTC(), nil
}
