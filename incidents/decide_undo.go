package incidents

import "slices"

// undoable are the deeds that a person can take back.
var undoable = []Deed{DeedLogged, DeedEdited, DeedMoved, DeedDeleted, DeedRestored, DeedHidden, DeedPublished}

// undo takes back the person's latest change that is not taken back yet, so that asking again goes one further back. Only
// what that change did is taken back: what others have changed since beside it stays, and what they have changed of the
// same is not overwritten.
func (d *decision) undo() error {
	last := d.lastOwn()
	if last == 0 {
		return Refuse(NotFound, "You have changed nothing in this timeline that could be taken back.").
			Next("`restore` with the number of an entry brings back what others changed.")
	}
	head := false
	for first, versions := range byEntry(d.before.History) {
		i := slices.IndexFunc(versions, func(e Entry) bool { return e.Last.Change == last })
		if i < 0 {
			continue
		}
		now, then := versions[len(versions)-1], versions[i]
		former := then
		former.Gone = true // before it was logged
		if i > 0 {
			former = versions[i-1]
		}
		was, before := now.Gone, now
		if !revert(&now, former, then) {
			return Refuse(Changed, "Entry %d was changed again since, so taking your change back would take that along.", first).
				Next("`restore %d` shows all its versions.", first)
		}
		d.Result.Undid = then.Last.Deed
		d.write(now, DeedUndone)
		d.Entries[len(d.Entries)-1].Last.Undoes = last
		head = d.ended(before, now) || head
		switch {
		case was && !now.Gone:
			d.hold(now, true)
		case !was && now.Gone:
			d.hold(now, false)
		}
	}
	// A move changed two entries; the one that the person moved is not known any more, and either names the place.
	d.show(head, true)
	return nil
}

// lastOwn is the latest change that undo may take back; 0 for none.
func (d *decision) lastOwn() int {
	undone := map[int]bool{}
	for _, e := range d.before.History {
		if e.Last.Undoes != 0 {
			undone[e.Last.Undoes] = true
		}
	}
	last := 0
	for _, e := range d.before.History {
		own := e.Last.By == d.by.User && d.by.User != "" && slices.Contains(undoable, e.Last.Deed)
		if e.Last.Deed == DeedLogged && e.Event != "" {
			own = false // it tells a change of the incident itself, which would stay
		}
		if own && !undone[e.Last.Change] {
			last = max(last, e.Last.Change)
		}
	}
	return last
}

// byEntry parts a history into those of the entries.
func byEntry(history []Entry) func(yield func(int, []Entry) bool) {
	return func(yield func(int, []Entry) bool) {
		for len(history) > 0 {
			n := 1
			for n < len(history) && history[n].Number == history[0].Number {
				n++
			}
			if !yield(history[0].Number, history[:n]) {
				return
			}
			history = history[n:]
		}
	}
}

// revert takes back in an entry what led from one version to the next. It reports whether all of that is still as it
// became then; else the entry must not be used.
func revert(now *Entry, from, to Entry) bool {
	ok, found := true, *now
	part := func(changed, same bool, back func()) {
		if changed {
			ok = ok && same
			back()
		}
	}
	part(!from.sameWords(to) || from.Rewritten != to.Rewritten || from.Proposed != to.Proposed, now.sameWords(to), func() {
		now.Text, now.Format, now.Rewritten, now.RewrittenBy = from.Text, from.Format, from.Rewritten, from.RewrittenBy
		switch {
		case now.Proposed == "" || from.Rewritten:
			now.Proposed = from.Proposed
		default: // it follows its message again, which has been edited since
			now.Text, now.Format, now.Proposed = now.Proposed, Mrkdwn, ""
		}
	})
	part(!from.sameTimes(to), now.sameTimes(to), func() { now.happened(from.At, from.Until) })
	// A place is one among the entries of a moment: where somebody has changed the moment since, it is not given back.
	part(from.Place.compare(to.Place) != 0, found.Place.compare(to.Place) == 0 && found.At.Equal(to.At), func() { now.Place = from.Place })
	part(from.Internal != to.Internal, now.Internal == to.Internal, func() { now.Internal = from.Internal })
	part(from.Gone != to.Gone, now.Gone == to.Gone, func() { now.Gone = from.Gone })
	return ok
}
