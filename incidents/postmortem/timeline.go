package postmortem

import (
	"slices"
	"strings"
	"time"
)

// writeTimeline writes the entries by time. Each is written in the style's form, and with a day or a zone where a reader
// would otherwise take it, or the one after it, for another instant.
func (w *writer) writeTimeline(timeline []Entry) {
	timeline = headed(sorted(timeline), w.loc)
	style := w.style.Timeline.EntryForm
	plain := style.Date != "" && style.Date[0] != '(' && w.loc == time.UTC
	for i := range timeline {
		plain = plain && (timeline[i].Except == nil || len(timeline[i].Except.Form) == 0)
	}
	var buf [128]byte
	c := calendar{loc: w.loc, day: w.day, last: -1}
	for i := range timeline {
		e := &timeline[i]
		if i > 0 {
			w.blankLines(e.Except.blank(w.style.Timeline.Between))
		}
		if e.Except != nil && e.Except.Head != "" {
			w.b.WriteString(e.Except.Head)
			c.under(e)
		}
		if plain {
			w.b.Write(appendLine(buf[:0], &style, e, w.loc))
		} else {
			form, loc := w.choose(&c, timeline, i)
			line := appendLine(buf[:0], &form, e, loc)
			w.b.Write(line)
		}
		w.entryText(e)
	}
}

// sorted is the timeline in its printed order. What Follows stays behind the entry before it.
func sorted(timeline []Entry) []Entry {
	follows := func(e *Entry) bool { return e.Except != nil && e.Except.Follows }
	byTime := func(a, b Entry) int { return a.At.Compare(b.At) }
	grouped, inOrder := false, true
	for i := range timeline {
		grouped = grouped || follows(&timeline[i])
		inOrder = inOrder && (i == 0 || !timeline[i].At.Before(timeline[i-1].At))
	}
	if !grouped {
		if inOrder {
			return timeline
		}
		timeline = slices.Clone(timeline)
		slices.SortStableFunc(timeline, byTime)
		return timeline
	}
	var groups [][]Entry
	for i, e := range timeline {
		if n := len(groups); n > 0 && follows(&e) {
			groups[n-1] = append(groups[n-1], e)
			continue
		}
		groups = append(groups, timeline[i:i+1:i+1])
	}
	slices.SortStableFunc(groups, func(a, b []Entry) int { return byTime(a[0], b[0]) })
	return slices.Concat(groups...)
}

// formOf is the entry's form as the style and its exceptions have it.
func (w *writer) formOf(e *Entry) EntryForm {
	f := w.style.Timeline.EntryForm
	if e.Except != nil && len(e.Except.Form) > 0 {
		change(f.parts(), e.Except.Form)
	}
	return f
}

// place is where the clock is that the line's times are read from.
func (w *writer) place(f *EntryForm) *time.Location {
	if f.Place == "" {
		return w.loc
	}
	return locationOf(f.Place)
}

// choose finds the simplest form in which the entry is read at its instant, and the next one at its own.
func (w *writer) choose(c *calendar, timeline []Entry, i int) (EntryForm, *time.Location) {
	e := &timeline[i]
	usual := w.formOf(e)
	best, bestLoc, found := usual, w.place(&usual), false
	var after calendar
	own := w.place(&usual)
	for _, loc := range []*time.Location{own, time.UTC} {
		for _, f := range candidates(usual, loc != own) {
			seen := *c
			if !seen.reads(&f, e, loc) {
				continue
			}
			if !found {
				best, bestLoc, after, found = f, loc, seen, true
			}
			if i+1 < len(timeline) {
				next, then := w.formOf(&timeline[i+1]), seen
				then.under(&timeline[i+1])
				if !then.reads(&next, &timeline[i+1], w.place(&next)) {
					continue
				}
			}
			*c = seen
			return f, loc
		}
	}
	if !found {
		after = *c
	}
	*c = after
	return best, bestLoc
}

// candidates are the forms to try: as usual, with a day, with a day for this line alone; then the same with the zone.
func candidates(usual EntryForm, zoned bool) []EntryForm {
	var all []EntryForm
	for _, zone := range []string{usual.Zone, " {}"} {
		if zoned && zone == "" || zone == usual.Zone && len(all) > 0 {
			continue
		}
		f := usual
		f.Zone = zone
		all = append(all, f)
		if f.Date == "" {
			f.Date, f.Gap = "YYYY-MM-DD", " "
			all = append(all, f)
		}
		if f.Date[0] != '(' {
			f.Date = "(YYYY-MM-DD)"
			all = append(all, f)
		}
	}
	return all
}

// reads reports whether a reader takes the entry in this form for what it is.
func (c *calendar) reads(f *EntryForm, e *Entry, loc *time.Location) bool {
	l := tell(f, e, loc)
	at, until, ok := c.read(&l)
	step := time.Minute
	if strings.Contains(f.Clock, "SS") {
		step = time.Second
	}
	return ok && at.Equal(e.At.Truncate(step)) && (!l.ranged || until.Equal(e.Until.Truncate(step)))
}

// entryText writes the text behind the time. There may be thousands of entries: one of a single line is written without
// a copy.
func (w *writer) entryText(e *Entry) {
	if e.Except != nil && e.Except.AsIs {
		w.itemText(e.Text, e.Except.indent(w.style.Timeline.Indent))
		return
	}
	text, easy := e.Text, easyStart(e.Text)
	if !isClean(text[easy:]) {
		text, easy = clean(text), 0
	}
	if strings.IndexByte(text[easy:], '\n') >= 0 || isFence(text) {
		w.itemText(safeItem(text, false), e.Except.indent(w.style.Timeline.Indent))
		return
	}
	if easy == len(text) {
		w.b.WriteString(trimBlanks(text))
	} else {
		writeInline(&w.b, trimBlanks(text), inProse)
	}
	w.b.WriteByte('\n')
}

// safeEntry is the text as entryText prints it.
func safeEntry(text string) string {
	w := writer{style: &Style{}}
	w.entryText(&Entry{Text: text})
	return strings.TrimSuffix(w.b.String(), "\n")
}

// itemText writes the text of a list item. Further lines are indented so that they stay in the item; a fence begins on a
// line of its own after a blank one, because kramdown reads it only there as code in every case.
func (w *writer) itemText(text, indent string) {
	if isFence(text) {
		w.b.WriteString("\n\n" + indent)
	}
	for {
		line, rest, more := strings.Cut(text, "\n")
		w.b.WriteString(line)
		w.b.WriteByte('\n')
		if !more {
			return
		}
		if text = rest; text != "" && text[0] != '\n' {
			w.b.WriteString(indent)
		}
	}
}

func (x *Except) blank(style int) int {
	if x != nil && x.Blank != nil {
		return max(0, *x.Blank)
	}
	return style
}

func (x *Except) indent(style string) string {
	if x != nil && x.Indent != nil {
		return *x.Indent
	}
	return style
}
