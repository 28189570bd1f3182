package incidents

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// readPosted reads what FollowPost is decided on: the timeline, and why the entries that go were captured.
func (b *Before) readPosted(tx Tx, c FollowPost) (err error) {
	if b.Timeline, err = tx.Entries(b.Number); err != nil {
		return err
	}
	for _, p := range c.Entries {
		i := slices.IndexFunc(b.Timeline, func(e Entry) bool { return e.Number == p.Number })
		if !p.Gone || i < 0 || !b.Timeline[i].Captured() {
			continue
		}
		_, reasons, err := tx.EntryOf(b.Number, b.Timeline[i].Source)
		if err != nil {
			return err
		}
		b.Captures = append(b.Captures, reasons...)
	}
	return nil
}

// followPost takes over what fits. What does not, such as a text that is too long, stays in the post alone.
func (d *decision) followPost(c FollowPost) error {
	if d.before.Version != c.Version {
		return Refuse(Changed, "Incident #%d changed meanwhile.", d.before.Number).Next("It is compared with the post again.")
	}
	fits := map[Section]string{}
	for name, text := range c.Sections {
		if slices.Contains(Sections, name) && utf8.RuneCountInString(text) <= MaxSection {
			fits[name] = text
		}
	}
	if err := d.draft(fits); err != nil {
		return err
	}
	changed := !d.Result.Unchanged
	for _, p := range c.Entries {
		changed = d.followEntry(p) || changed
	}
	for _, p := range c.Actions {
		changed = d.followAction(p) || changed
	}
	d.Result.Unchanged = !changed
	if changed {
		d.Wishes = slices.DeleteFunc(d.Wishes, func(w Wish) bool { return w.Kind == KindSummary || w.Kind == KindPost })
		d.show(false, true)
	}
	return nil
}

func (d *decision) followEntry(p PostedEntry) (changed bool) {
	text := strings.TrimSpace(p.Text)
	if utf8.RuneCountInString(text) > MaxEntry || !p.At.IsZero() && d.entryTime(p.At, p.Until, true) != nil {
		return false
	}
	if p.Number == 0 {
		if text == "" || p.At.IsZero() {
			return false
		}
		d.enter(Entry{At: p.At.UTC(), Until: utc(p.Until), Text: text, Format: Markdown, Author: d.by.User}, DeedLogged)
		return true
	}
	i := slices.IndexFunc(d.before.Timeline, func(e Entry) bool { return e.Number == p.Number })
	if i < 0 {
		return false
	}
	e := d.before.Timeline[i]
	if p.Gone {
		d.remove(e)
		return true
	}
	edited := e
	if text != "" {
		edited.Text, edited.Format = text, Markdown
	}
	if !p.At.IsZero() {
		edited.happened(p.At, p.Until)
	}
	described := edited.takeAlts(p.Alts)
	if edited.Same(e) {
		if described {
			d.write(edited, DeedDescribed)
		}
		return described
	}
	edited.rewritten(d.by.User)
	d.write(edited, DeedEdited)
	return true
}

func (d *decision) followAction(p PostedAction) (changed bool) {
	text := strings.TrimSpace(p.Text)
	if text == "" || utf8.RuneCountInString(text) > MaxAction {
		return false
	}
	if p.Number == 0 {
		return d.addAction(AddAction{Text: text, Link: p.Link, Confirmed: true}) == nil
	}
	for i := range d.Incident.Actions {
		a := &d.Incident.Actions[i]
		if a.Number != p.Number || a.Text == text && a.URL() == p.Link {
			continue
		}
		a.Text = text
		if p.Link != "" && p.Link != a.URL() {
			a.Link = p.Link
		}
		if a.WantsCard {
			d.want(KindCard, strconv.Itoa(a.Number))
		}
		return true
	}
	return false
}
