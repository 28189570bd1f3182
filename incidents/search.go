package incidents

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
)

// Shelf is where words stand: whoever looks something up names the shelves, so that what they may not see is not even
// counted.
type Shelf int

// The shelves.
const (
	OpenShelf    Shelf = iota // incidents that everybody may know of
	PrivateShelf              // private ones
	DrillShelf                // drills
	PostShelf                 // published posts
)

// Shelf is where the words of the incident stand.
func (i Incident) Shelf() Shelf {
	switch {
	case i.Drill:
		return DrillShelf
	case i.Private:
		return PrivateShelf
	}
	return OpenShelf
}

// Mention says that a word stands in an incident, or on PostShelf in a post, and in which parts of it.
type Mention struct {
	Word   string
	Number int
	// Title: in the title. Gist: in what says what it was about. Rest: in the timeline, the other sections, the action items.
	Title, Gist, Rest bool
}

// Bounds of a look-up: it takes about as long with a hundred thousand incidents as with a hundred.
const (
	mostMentions   = 500 // of one word on one shelf, the newest
	mostAlike      = 60  // the same for what is alike, which is asked for after every declaration
	mostAsked      = 12  // words of a question that are looked up
	mostCandidates = 40  // that are looked at closely
	mostRead       = 12  // that are read from the database
)

// gistSections say what an incident was about.
var gistSections = []Section{SectionLead, SectionImpact, SectionRootCauses, SectionTrigger}

// InGist reports whether a section says what the incident was about.
func (s Section) InGist() bool { return slices.Contains(gistSections, s) }

// Lookup is the text of the entry that is found by its words: not of one that is gone or internal, nor what the bot says of
// every incident.
func (e Entry) Lookup() string {
	if !e.Shown() || e.Internal {
		return ""
	}
	switch e.Event {
	case EventDeclared, EventRole, EventSeverity, EventUpdate, EventReopened, EventResolved:
		if e.Version <= 1 { // nobody has put it in words of their own
			return ""
		}
	}
	return e.Text
}

// Search is a question for what was before.
type Search struct {
	Text string
	For  string // the Slack user id of whoever asks; private incidents appear to those who may know of them
	In   string // the Slack conversation where it is asked; a private incident's channel may know of that one
	// Drills looks among drills instead of what was real.
	Drills bool
	// Alike asks for what is really alike, by a title: nothing is found rather than something that is not.
	Alike bool
	// Except leaves incidents out.
	Except []int
	Limit  int // 0: 5
}

// Found is an incident, or a published post, that answers a Search.
type Found struct {
	// Snapshot is the incident's; its number is 0 where there is only a post.
	Snapshot Snapshot
	Post     *PastPost // what was published; nil for nothing
	// Line is the entry or piece of text that fits best; its Text is empty where the title says it all.
	Line Entry
	// All says that every word that was asked for is in it.
	All bool
}

// Search finds incidents and posts by what was written in them, best first.
func (s *Service) Search(ctx context.Context, q Search) (found []Found, err error) {
	if q.Limit <= 0 {
		q.Limit = 5
	}
	asked := Words(q.Text)
	if q.Alike {
		asked = slices.DeleteFunc(asked, func(w string) bool { return !telling(w) })
	}
	if len(asked) > mostAsked {
		asked = asked[:mostAsked]
	}
	if len(asked) == 0 {
		return nil, nil
	}
	within := keepWithin
	if q.Alike {
		within = 0 // nobody asked: a step has what a team writes in an hour, and is enough
	}
	if err := s.keepAllWords(ctx, within); err != nil && ctx.Err() != nil {
		return nil, err
	} // else nothing can be written now, and what is older is found all the same
	by := s.person(ctx, Actor{User: q.For, In: q.In}, ToSee, 0)
	err = s.store.View(ctx, func(r Reader) error {
		found = nil
		look := &search{Search: q, Reader: r, asked: asked, by: by}
		best, err := look.candidates()
		if err != nil {
			return err
		}
		for _, c := range best {
			full := len(found) == q.Limit
			if full && c.shelf != PostShelf { // a post may be that of an incident that is found already
				continue
			}
			one, ok, err := look.read(s, c)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(found, one.same); i >= 0 {
				found[i].Post = cmp.Or(found[i].Post, one.Post)
			} else if ok && !full {
				found = append(found, one)
			}
		}
		return nil
	})
	return found, err
}

// How many words are kept in one transaction. The others wait for it meanwhile: about a millisecond in an idle moment, and
// four where somebody waits for all of them.
const (
	idleWords  = 256
	awaitWords = 1024
)

// KeepWords has some of what was written lately found by its words, and says whether there may be more. It is what an idle
// moment is used for: whoever looks something up does the rest first.
func (s *Service) KeepWords(ctx context.Context) (more bool, err error) {
	return s.keepWords(ctx, idleWords)
}

func (s *Service) keepWords(ctx context.Context, about int) (more bool, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		more, err = tx.KeepWords(about)
		return err
	})
	return more, err
}

// keepWithin bounds how long somebody waits for the words of others: after a great import there may be millions.
const keepWithin = time.Second

// keepAllWords takes steps until all is kept, or the time is over, but one at least.
func (s *Service) keepAllWords(ctx context.Context, within time.Duration) error {
	for began := s.now(); ; {
		if more, err := s.keepWords(ctx, awaitWords); err != nil || !more {
			return err
		}
		if s.now().Sub(began) >= within {
			return nil // idle moments do the rest
		}
	}
}

// Bounds of Alike.
const (
	alikeMost = 3
	// alikeWithin bounds how long what follows from a declaration waits for it. It takes a thousandth of that, unless the
	// database is in trouble.
	alikeWithin = 300 * time.Millisecond
)

// Alike finds what was before an incident and may be the same trouble, as far as whoever declared it may know of it: at
// most three. For past incidents and drills, and where whoever declared it is not in Slack, it finds nothing.
func (s *Service) Alike(ctx context.Context, in Incident) ([]Found, error) {
	if _, outside := OutsiderName(in.DeclaredBy); outside || in.DeclaredBy == "" || in.Backfill || in.Drill {
		return nil, nil
	}
	return s.Search(ctx, Search{Text: in.Title, For: in.DeclaredBy, In: in.DeclaredIn, Alike: true, Limit: alikeMost, Except: []int{in.Number}})
}

// anyAlike reports whether there is anything to tell. It is help, so whatever goes wrong is silence.
func (s *Service) anyAlike(ctx context.Context, number int) bool {
	ctx, cancel := context.WithTimeout(ctx, alikeWithin)
	defer cancel()
	in, err := s.Incident(ctx, number)
	if err != nil {
		return false
	}
	found, err := s.Alike(ctx, in)
	return err == nil && len(found) > 0
}

// same reports whether the other is the same incident: a post and what it is the post of are one.
func (f Found) same(o Found) bool {
	return f.Snapshot.Number != 0 && f.Snapshot.Number == o.Snapshot.Number ||
		f.Post != nil && o.Post != nil && f.Post.Number == o.Post.Number
}

// search is a question while it is answered.
type search struct {
	Search
	Reader
	asked []string
	by    Actor
}

// candidate is something that may be the answer.
type candidate struct {
	shelf  Shelf
	number int
	words  map[string]Mention
	all    bool
	score  float64
}

// shelves are those that are looked at.
func (s *search) shelves() []Shelf {
	if s.Drills {
		return []Shelf{DrillShelf}
	}
	return []Shelf{OpenShelf, PrivateShelf, PostShelf}
}

// candidates returns the best ones, best first. Of each word only the newest mentions are read; whoever is among them
// is then looked up for the other words.
func (s *search) candidates() (best []*candidate, err error) {
	rare, most := map[string]float64{}, mostMentions
	if s.Alike {
		most = mostAlike
	}
	for _, shelf := range s.shelves() {
		of := map[int]*candidate{}
		for _, word := range s.asked {
			mentions, err := s.Mentions(shelf, word, most)
			if err != nil {
				return nil, err
			}
			rare[word] += float64(len(mentions))
			for _, m := range mentions {
				if of[m.Number] == nil {
					of[m.Number] = &candidate{shelf: shelf, number: m.Number, words: map[string]Mention{}}
				}
				of[m.Number].words[word] = m
			}
		}
		for _, c := range of {
			best = append(best, c)
		}
	}
	for word, n := range rare {
		rare[word] = math.Log(2 + 2*mostMentions/(1+n))
	}
	best = s.ranked(best, rare)
	best = best[:min(len(best), mostCandidates)]
	if err := s.complete(best); err != nil {
		return nil, err
	}
	best = slices.DeleteFunc(s.ranked(best, rare), func(c *candidate) bool { return !s.fits(c) })
	return best[:min(len(best), mostRead)], nil
}

// complete looks the candidates up for the words whose mentions were too many to read.
func (s *search) complete(best []*candidate) error {
	for _, shelf := range s.shelves() {
		var numbers []int
		of := map[int]*candidate{}
		for _, c := range best {
			if c.shelf == shelf && len(c.words) < len(s.asked) {
				numbers = append(numbers, c.number)
				of[c.number] = c
			}
		}
		if len(numbers) == 0 {
			continue
		}
		mentions, err := s.MentionsIn(shelf, s.asked, numbers)
		if err != nil {
			return err
		}
		for _, m := range mentions {
			of[m.Number].words[m.Word] = m
		}
	}
	return nil
}

// weight is how much it says that a word stands where it does.
func (m Mention) weight() float64 {
	switch {
	case m.Title:
		return 1
	case m.Gist:
		return 0.7
	case m.Rest:
		return 0.4
	}
	return 0
}

// ranked sorts by how well they fit: by the words that they have, rare ones before common ones, those in the title before
// those in the timeline; what has them all comes first, then what is newer.
func (s *search) ranked(all []*candidate, rare map[string]float64) []*candidate {
	for _, c := range all {
		c.score, c.all = 0, len(c.words) == len(s.asked)
		for word, m := range c.words {
			c.score += rare[word] * m.weight()
		}
	}
	slices.SortFunc(all, func(a, b *candidate) int {
		if a.all != b.all && !s.Alike {
			return cmp.Compare(b2i(b.all), b2i(a.all))
		}
		return cmp.Or(-cmp.Compare(a.score, b.score), -cmp.Compare(a.number, b.number), cmp.Compare(a.shelf, b.shelf))
	})
	return all
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fits reports whether a candidate answers the question. What is asked for by words has to have half of them; for
// what is alike see alike.
func (s *search) fits(c *candidate) bool {
	if s.Alike {
		return s.alike(c)
	}
	return len(c.words)*2 >= len(s.asked)
}

// vague are words that stand in the titles of many incidents that have nothing else in common: what trouble looks like,
// how things are named in general, when it was.
var vague = func() map[string]bool {
	set := map[string]bool{}
	for _, w := range Words(`down downtime outage offline unavailable unreachable broken break breaks fail failed failing failure failures
		error errors erroring slow slowness degraded degradation severe service services server servers system systems site website page
		pages issue issues problem problems trouble incident incidents alert alerts alerting high low many much several some users user
		customers customer people everybody everyone nobody team production prod staging work works working stopped stuck timeout timeouts
		latency performance disruption disrupted partial full complete total major minor response responses answer answers request
		requests load loading get gets getting again still since today yesterday tonight morning night hour hours minute minutes new old
		post mortem report deployment deploy deployed open build status test testing drill monday tuesday wednesday thursday friday
		saturday sunday january february march april may june july august september october november december investigating looking
		see seen seems unknown crash crashes crashed crashing return returns returning affected affecting impact impacted unable cannot
		intermittent intermittently instance instances unexpected emergency after during when`) {
		set[w] = true
	}
	return set
}()

// telling reports whether a word says what was in trouble, not merely that something was.
func telling(word string) bool {
	return !vague[word] && strings.IndexFunc(word, func(r rune) bool { return r < '0' || r > '9' }) >= 0
}

// alike reports whether what was before may be the same trouble: of the words of the title that say what it is about, most
// are in its title or its gist, and one of them in the title or two in the gist. Words such as "down" and "slow" do not
// count, nor do numbers: half of all titles have them in common.
func (s *search) alike(c *candidate) bool {
	central, title := 0, 0
	for _, word := range s.asked {
		m := c.words[word]
		if m.Title {
			title++
		}
		if m.Title || m.Gist {
			central++
		}
	}
	return (title >= 1 || central >= 2) && central*2 > len(s.asked)
}

// read reads what a candidate is; ok is false for one that the person may not know of.
func (s *search) read(service *Service, c *candidate) (found Found, ok bool, err error) {
	number := c.number
	if c.shelf == PostShelf {
		if found.Post, err = post(s, c.number); err != nil {
			return found, false, err
		}
		number = found.Post.Incident
	}
	found.All = c.all
	if number != 0 {
		if slices.Contains(s.Except, number) {
			return found, false, nil
		}
		in, err := service.incident(s, number)
		known := err == nil && service.rights.Refuse(s.by, ToSee, in) == nil
		switch {
		case err != nil && !errors.Is(err, ErrNotFound):
			return found, false, err
		case in.Drill != s.Drills:
			return found, false, nil
		case !known && found.Post == nil:
			return found, false, nil
		case known:
			found.Snapshot.Incident = in
			if found.Snapshot.Entries, err = s.Entries(number); err != nil {
				return found, false, err
			}
		}
	}
	found.Line = s.line(found, c)
	return found, true, nil
}

// line finds the piece of text that has most of the words that are not in the title.
func (s *search) line(f Found, c *candidate) (best Entry) {
	most := 0
	try := func(e Entry) {
		words := Words(e.Lookup())
		n := 0
		for _, w := range s.asked {
			if !c.words[w].Title && slices.Contains(words, w) {
				n++
			}
		}
		if n > most {
			best, most = e, n
		}
	}
	for _, name := range Sections {
		for _, paragraph := range strings.Split(f.Snapshot.Sections[name], "\n\n") {
			try(Entry{Text: paragraph, Format: Markdown})
		}
	}
	for _, e := range f.Snapshot.Entries {
		try(e)
	}
	for _, a := range f.Snapshot.Actions {
		try(Entry{Text: a.Text, Format: Markdown})
	}
	if f.Post != nil && f.Snapshot.Number == 0 {
		for _, text := range []string{f.Post.Gist, f.Post.How, f.Post.Text} {
			for _, paragraph := range strings.Split(text, "\n\n") {
				try(Entry{Text: paragraph, Format: Markdown})
			}
		}
	}
	return best
}
