package incidents

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Times are the moments by which the incident is measured, as far as its timeline tells; see Measures. It is published when
// its pull request is merged.
func (s Snapshot) Times() (t Times) {
	t.Began = s.BeganAt().UTC()
	if !s.StartedAt.IsZero() {
		t.Began = s.StartedAt
	}
	t.Detected, t.Mitigated, t.Resolved = utc(s.noticedAt(t.Began)), utc(s.wellAt()), s.ResolvedAt
	t.Published = s.Post.MergedAt
	if !s.Backfill {
		t.Declared = s.DeclaredAt
	}
	return t
}

// Length is a length of time by which incidents are measured.
type Length struct {
	Name     string // detect, declare, mitigate, resolve, publish
	From, To string // what it lies between, in words
	of       func(Times) (from, to time.Time)
}

// Lengths are those that statistics tell of.
var Lengths = []Length{
	{"detect", "it began", "it was noticed", func(t Times) (time.Time, time.Time) { return t.Began, t.Detected }},
	{"declare", "it was noticed", "it was declared", func(t Times) (time.Time, time.Time) { return t.Detected, t.Declared }},
	{"mitigate", "it began", "users were well again", func(t Times) (time.Time, time.Time) { return t.Began, t.Mitigated }},
	{"resolve", "it began", "it was resolved", func(t Times) (time.Time, time.Time) { return t.Began, t.Resolved }},
	{"publish", "it was resolved", "the post came out", func(t Times) (time.Time, time.Time) { return t.Resolved, t.Published }},
}

// Of is how long it took; known is false where the times do not tell.
func (l Length) Of(t Times) (took time.Duration, known bool) {
	from, to := l.of(t)
	if from.IsZero() || to.IsZero() {
		return 0, false
	}
	from, to = from.Truncate(time.Minute), to.Truncate(time.Minute)
	if to.Before(from) {
		// A post comes out on a day, not at a minute: on the day of its incident is at once.
		if l.Name == "publish" && from.Sub(to) < 24*time.Hour {
			return 0, true
		}
		return 0, false
	}
	return to.Sub(from), true
}

// Counted is an incident as statistics count it.
type Counted struct {
	Number   int    // 0 for one that only a post tells of
	Title    string // as it was typed
	URL      string // of the post; empty for none
	Severity Severity
	Day      time.Time // when it began, or the day of it where nobody knows more
	Times    Times
	// Unsure says that some of the times were guessed from a post.
	Unsure bool
}

// Statistics tell of the incidents that began in a period. Drills are left out, and so is what the person may not see.
type Statistics struct {
	From, To time.Time // To is not part of it
	All      []Counted // oldest first
	// CalledOff are those that were none. They are not among All.
	CalledOff int
	// Partial says that the person may see only what they take part in.
	Partial bool
	// Left is how many older ones were not looked at, because there are too many.
	Left int
}

// mostCounted bounds how many incidents statistics look at.
const mostCounted = 5000

// Statistics counts the incidents of a period for a person. Without a person it counts what everybody may see.
func (s *Service) Statistics(ctx context.Context, user string, from, to time.Time) (st Statistics, err error) {
	st = Statistics{From: from, To: to}
	q := Query{Real: true, Limit: mostCounted + 1}
	var heads []Incident
	if user != "" {
		st.Partial = !s.seesAll(ctx, user)
		heads, err = s.FindFor(ctx, user, q)
	} else if heads, err = s.Find(ctx, q); err == nil {
		heads = slices.DeleteFunc(heads, func(in Incident) bool { return in.Private })
	}
	if err != nil {
		return st, err
	}
	if st.Left = max(0, len(heads)-mostCounted); st.Left > 0 {
		heads = heads[:mostCounted]
	}
	err = s.store.View(ctx, func(r Reader) error {
		st.All, st.CalledOff = nil, 0
		posts, err := r.Posts()
		if err != nil {
			return err
		}
		published := map[int]PastPost{}
		for _, p := range posts {
			if p.Incident != 0 {
				published[p.Incident] = p
			}
		}
		for _, in := range heads {
			if err := st.count(r, in, published); err != nil {
				return err
			}
		}
		for _, p := range posts {
			if _, left := published[p.Incident]; p.Incident == 0 || left {
				st.countPost(p)
			}
		}
		return nil
	})
	slices.SortStableFunc(st.All, func(a, b Counted) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Number, b.Number))
	})
	return st, err
}

// count adds an incident, with what its post tells besides. A post that has been counted so is taken off the list.
func (st *Statistics) count(r Reader, in Incident, published map[int]PastPost) error {
	p, has := published[in.Number]
	delete(published, in.Number)
	if !in.Backfill && !st.within(in.DeclaredAt) && !st.within(in.StartedAt) {
		return nil
	}
	entries, err := signs(r, in)
	if err != nil {
		return err
	}
	c := Counted{Number: in.Number, Title: in.Title, URL: in.Post.Live, Severity: in.Severity, Times: Snapshot{Incident: in, Entries: entries}.Times()}
	c.Day = c.Times.Began
	switch {
	case !st.within(c.Times.Began):
		return nil
	case in.Status == CalledOff:
		st.CalledOff++
		return nil
	case has:
		if c.Times.Published.IsZero() { // a post tells the day alone
			c.Times.Published = p.Times.Published
		}
		c.URL, c.Severity = cmp.Or(c.URL, p.URL), cmp.Or(c.Severity, p.Severity)
	}
	st.All = append(st.All, c)
	return nil
}

// signs are the entries that Times needs. What stands after the declaration says nothing of when it was noticed, and
// timelines are long.
func signs(r Reader, in Incident) ([]Entry, error) {
	if in.Backfill {
		return r.Entries(in.Number)
	}
	return r.Signs(in.Number, in.DeclaredAt)
}

// countPost adds what only a post tells of.
func (st *Statistics) countPost(p PastPost) {
	c := Counted{Title: p.Title, URL: p.URL, Severity: p.Severity, Day: p.Times.Began, Times: p.Times, Unsure: len(p.Unsure) > 0}
	if c.Day.IsZero() {
		c.Day = p.Day
	}
	if !st.within(c.Day) {
		return
	}
	st.All = append(st.All, c)
}

func (st *Statistics) within(at time.Time) bool {
	return !at.IsZero() && !at.Before(st.From) && at.Before(st.To)
}

// Spread says how the lengths of one kind lie.
type Spread struct {
	Median, Longest time.Duration
	Known           int // of how many it is known
}

// Spread works it out.
func (st Statistics) Spread(l Length) (sp Spread) {
	var all []time.Duration
	for _, c := range st.All {
		if took, known := l.Of(c.Times); known {
			all = append(all, took)
		}
	}
	if len(all) == 0 {
		return sp
	}
	slices.Sort(all)
	middle := len(all) / 2
	sp = Spread{Median: all[middle], Longest: all[len(all)-1], Known: len(all)}
	if len(all)%2 == 0 {
		sp.Median = (all[middle-1] + all[middle]) / 2
	}
	return sp
}

// Drawable reports whether it is known of any incident how long anything took.
func (st Statistics) Drawable() bool {
	return slices.ContainsFunc(Lengths, func(l Length) bool { return st.Spread(l).Known > 0 })
}
