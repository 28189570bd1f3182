package incidents

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

var ana = Actor{User: "U1", In: "C9"}

// story carries commands out one after the other, as a Service does, without a store.
type story struct {
	t        tester
	incident Incident
	entries  map[int]Entry
	history  map[int][]Entry // every version of every entry
	captures map[Source][]Capture
	wishes   []string
	now      time.Time
	without  map[Target]bool
}

// tester is what *testing.T and *rapid.T share.
type tester interface {
	Helper()
	Fatalf(format string, args ...any)
}

func newStory(t tester) *story {
	return &story{t: t, incident: Incident{Number: 42}, entries: map[int]Entry{}, history: map[int][]Entry{}, captures: map[Source][]Capture{}, now: noon}
}

func (s *story) try(by Actor, cmd Command) (Result, error) {
	before := Before{Incident: s.incident, Without: s.without}
	if src := cmd.about(); src != (Source{}) {
		for _, e := range s.entries {
			if e.Source == src {
				before.Entry = &e
			}
		}
		before.Captures = s.captures[src]
	}
	switch c := cmd.(type) {
	case byNumber:
		if before.History = s.history[c.entry()]; len(before.History) > 0 {
			before.Entry = &before.History[len(before.History)-1]
			before.Captures = s.captures[before.Entry.Source]
		}
		before.Timeline = s.shown()
	case Undo:
		for _, n := range slices.Sorted(maps.Keys(s.history)) {
			before.History = append(before.History, s.history[n]...)
		}
	}
	change, err := Decide(before, by, cmd, s.now)
	if err != nil {
		return Result{}, err
	}
	s.apply(change)
	return change.Result, nil
}

func (s *story) apply(c Change) {
	s.incident = c.Incident
	for _, e := range c.Entries {
		if was := s.entries[e.Number]; e.Version == was.Version {
			s.history[e.Number][len(s.history[e.Number])-1] = e // the text of a message has come
		} else {
			s.history[e.Number] = append(s.history[e.Number], e)
		}
		s.entries[e.Number] = e
	}
	for _, r := range c.Captures {
		s.captures[r.Source] = slices.DeleteFunc(slices.Clone(s.captures[r.Source]), func(o Capture) bool {
			return o.By == r.By && o.How == r.How
		})
		s.captures[r.Source] = append(s.captures[r.Source], r)
	}
	for _, w := range c.Wishes {
		s.wishes = append(s.wishes, w.Key)
	}
}

func (s *story) do(cmd Command) Result {
	s.t.Helper()
	r, err := s.try(ana, cmd)
	if err != nil {
		s.t.Fatalf("%T: %v", cmd, err)
	}
	return r
}

func (s *story) settle(kind Kind, subject string, o Outcome) {
	w := s.incident.wish(kind, subject)
	var entry *Entry
	for _, e := range s.entries {
		if kind == KindFetch && e.Source == w.SubjectSource() {
			entry = &e
		}
	}
	s.apply(settled(s.incident, entry, w.Delivery, o, s.now))
}

// open declares an incident and opens its channel.
func (s *story) open() *story {
	s.do(Declare{Title: "checkout is down"})
	s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "C1", Name: "inc-42"}})
	s.wishes = nil
	return s
}

func (s *story) shown() (all []Entry) {
	for _, e := range s.entries {
		if e.Shown() {
			all = append(all, e)
		}
	}
	SortEntries(all)
	return all
}

func (s *story) timeline() []string {
	var lines []string
	for _, e := range s.shown() {
		lines = append(lines, e.At.Format("15:04 ")+e.Text)
	}
	return lines
}

func TestDeclareQueuesTheChannelAndNothingThatPointsToIt(t *testing.T) {
	s := newStory(t)
	r := s.do(Declare{Title: "  checkout\n is   down ", Severity: Downtime})
	if r.Incident != 42 || r.Title != "checkout is down" {
		t.Errorf("result %+v", r)
	}
	if diff := cmp.Diff([]string{"inc-42/channel"}, s.wishes); diff != "" {
		t.Errorf("before the channel is there:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"12:00 We declared the incident"}, s.timeline()); diff != "" {
		t.Error(diff)
	}
	if s.incident.Holder(Communications) != "U1" {
		t.Error("whoever declares leads, and holds every role until it is given away")
	}
	s.wishes = nil
	s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "C1", Name: "inc-42"}})
	want := []string{"inc-42/announcement", "inc-42/summary", "inc-42/topic", "inc-42/invite-U1"}
	if diff := cmp.Diff(want, s.wishes); diff != "" {
		t.Errorf("once it is there:\n%s", diff)
	}
}

func TestPrivateIncidentAnnouncesNothingAndIsUnknownToOthers(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "keys leaked", Private: true})
	s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "G1"}})
	s.do(SetSeverity{Severity: Severe})
	s.do(Resolve{})
	for _, w := range s.wishes {
		if strings.HasSuffix(w, "/announcement") || strings.HasSuffix(w, "/post") {
			t.Errorf("%s was queued for a private incident", w)
		}
	}
	_, err := s.try(Actor{User: "U2", In: "C9"}, Log{Text: "hello"})
	if r := AsRefusal(err); r == nil || r.Code != NotFound || r.Text != "There is no incident #42." {
		t.Errorf("an outsider was told %v", err)
	}
	if _, err := s.try(Actor{User: "U2", In: "G1"}, Log{Text: "hello"}); err != nil {
		t.Errorf("whoever is in its channel may write: %v", err)
	}
	s.wishes = nil
	s.do(AskForPost{})
	if diff := cmp.Diff([]string{"inc-42/post", "inc-42/review"}, s.wishes); diff != "" {
		t.Errorf("asked for, its post is made: %s", diff)
	}
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		prepare []Command
		cmd     Command
		code    Code
		says    string
	}{
		"no title":              {nil, Declare{Title: " \n"}, Invalid, "needs a title"},
		"long title":            {nil, Declare{Title: long}, Invalid, "300 characters and 200 is the most"},
		"unknown severity":      {nil, Declare{Title: "x", Severity: "awful"}, Invalid, `"awful" is not a severity`},
		"began in the future":   {nil, Declare{Title: "x", StartedAt: noon.Add(time.Hour)}, Future, "still ahead"},
		"empty log":             {[]Command{Declare{Title: "x"}}, Log{Text: " "}, Invalid, "nothing to add"},
		"log in the future":     {[]Command{Declare{Title: "x"}}, Log{Text: "y", At: noon.Add(2 * time.Minute)}, Future, "still ahead"},
		"range ends first":      {[]Command{Declare{Title: "x"}}, Log{Text: "y", At: noon.Add(-time.Hour), Until: noon.Add(-2 * time.Hour)}, Invalid, "ends before it begins"},
		"endless log":           {[]Command{Declare{Title: "x"}}, Log{Text: strings.Repeat("y", 10_001)}, Invalid, "10001 characters"},
		"role for nobody":       {[]Command{Declare{Title: "x"}}, AssignRole{Role: Ops}, Invalid, "Nobody is named for Ops"},
		"no such role":          {[]Command{Declare{Title: "x"}}, AssignRole{Role: "captain", User: "U2"}, Invalid, `"captain" is not a role`},
		"severity word":         {[]Command{Declare{Title: "x"}}, SetSeverity{Severity: "bad"}, Invalid, "is not a severity"},
		"status word":           {[]Command{Declare{Title: "x"}}, SetStatus{Status: "done"}, Invalid, "is not a status"},
		"status after the end":  {[]Command{Declare{Title: "x"}, Resolve{}}, SetStatus{Status: Identified}, TooLate, "already resolved"},
		"resolve twice":         {[]Command{Declare{Title: "x"}, Resolve{}}, Resolve{}, TooLate, "already resolved"},
		"call off the resolved": {[]Command{Declare{Title: "x"}, Resolve{}}, CallOff{}, TooLate, "already resolved"},
		"close while open":      {[]Command{Declare{Title: "x"}}, Close{}, TooLate, "still declared"},
		"log after closing":     {[]Command{Declare{Title: "x"}, Resolve{}, Close{}}, Log{Text: "y"}, TooLate, "is closed"},
		"post of what was none": {[]Command{Declare{Title: "x"}, CallOff{}}, AskForPost{}, TooLate, "called off"},
		"no such section":       {[]Command{Declare{Title: "x"}}, Draft{Section: "blame", Text: "y"}, Invalid, "is not a section"},
		"unseen log":            {[]Command{Declare{Title: "x"}}, Log{Text: " \u200b\u2060"}, Invalid, "nothing to add"},
		"unseen action":         {[]Command{Declare{Title: "x"}}, AddAction{Text: "\u200b"}, Invalid, "needs a sentence"},
		"unseen update":         {[]Command{Declare{Title: "x"}}, SendUpdate{Text: "\u200b"}, Invalid, "needs a sentence"},
		"unseen reason":         {[]Command{Declare{Title: "x"}}, SkipStep{Reason: "\u200b"}, Invalid, "needs a reason"},
		"update twice at once":  {[]Command{Declare{Title: "x"}, SendUpdate{Text: "y"}}, SendUpdate{Text: "y"}, Invalid, "told exactly that a moment ago"},
		"empty action":          {[]Command{Declare{Title: "x"}}, AddAction{Text: ""}, Invalid, "needs a sentence"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			for _, cmd := range c.prepare {
				s.do(cmd)
			}
			before := fmt.Sprintf("%+v %+v %v", s.incident, s.entries, s.wishes)
			_, err := s.try(ana, c.cmd)
			r := AsRefusal(err)
			if r == nil || r.Code != c.code || !strings.Contains(r.Text, c.says) {
				t.Fatalf("got %v, want a refusal %q that says %q", err, c.code, c.says)
			}
			if r.Hint == "" {
				t.Errorf("%q names no next step", r.Text)
			}
			if after := fmt.Sprintf("%+v %+v %v", s.incident, s.entries, s.wishes); after != before {
				t.Error("a refusal changed something")
			}
		})
	}
}

func TestFutureIsRecordedWhenConfirmed(t *testing.T) {
	s := newStory(t).open()
	s.do(Log{Text: "maintenance ends", At: noon.Add(time.Hour), Confirmed: true})
	if got := s.timeline(); got[len(got)-1] != "13:00 maintenance ends" {
		t.Error(got)
	}
}

func TestBackfillKeepsQuiet(t *testing.T) {
	s := newStory(t)
	s.do(Backfill{Title: "Staging was unavailable"})
	s.do(Log{Text: "We deleted it", At: noon.Add(-48 * time.Hour)})
	s.do(AddAction{Text: "Write [documentation](https://example.org)"})
	if !s.do(AddAction{Text: "Introduce drills"}).MayHave {
		t.Error("nobody can ask for a card")
	}
	s.do(SetStatus{Status: Identified})
	s.do(Resolve{At: noon.Add(-47 * time.Hour)})
	s.do(Draft{Section: SectionImpact, Text: "34 minutes"})
	if len(s.wishes) != 0 {
		t.Errorf("a past incident reached outside: %v", s.wishes)
	}
	if diff := cmp.Diff([]string{"12:00 We deleted it"}, s.timeline()); diff != "" {
		t.Errorf("it has entries of its own:\n%s", diff)
	}
	s.do(AddAction{Text: "Alert on it", Card: true})
	s.do(AskForPost{})
	s.do(Log{Text: "We noticed", At: noon.Add(-47 * time.Hour)})
	if diff := cmp.Diff([]string{"inc-42/action-3/card", "inc-42/post", "inc-42/post"}, s.wishes); diff != "" {
		t.Errorf("what was asked for:\n%s", diff)
	}
}

// A card that is refused for good cannot say so itself; whoever says it for the card does not bring the card again.
func TestARefusedCardIsTold(t *testing.T) {
	s := newStory(t).open()
	s.settle(KindSummary, "", Outcome{Verdict: Refused, Say: "Not now."})
	s.settle(KindStale, "", Outcome{Verdict: Impossible, Say: "No."})
	if len(s.wishes) != 0 {
		t.Errorf("there is more to do: %v", s.wishes)
	}
	s.settle(KindSummary, "", Outcome{Verdict: Impossible, Say: "No."})
	if diff := cmp.Diff([]string{"inc-42/stale"}, s.wishes); diff != "" {
		t.Error(diff)
	}
}

// The same thing to do is noted once while it is open; for another person it is another thing.
func TestActionItemIsNotedOnce(t *testing.T) {
	s := newStory(t).open()
	s.do(AddAction{Text: "Rotate the keys"})
	twin := Before{Incident: s.incident}
	for name, c := range map[string]struct {
		cmd   AddAction
		after time.Duration
		taken bool
	}{
		"the same":          {cmd: AddAction{Text: " rotate the  keys"}},
		"with who does it":  {cmd: AddAction{Text: "Rotate the keys", Owner: "U2"}},
		"meant":             {cmd: AddAction{Text: "Rotate the keys", Confirmed: true}, taken: true},
		"another thing":     {cmd: AddAction{Text: "Rotate the key"}, taken: true},
		"two minutes after": {cmd: AddAction{Text: "Rotate the keys"}, after: 2 * time.Minute, taken: true},
		"just before that":  {cmd: AddAction{Text: "Rotate the keys"}, after: 2*time.Minute - time.Second},
	} {
		_, err := Decide(twin, ana, c.cmd, noon.Add(c.after))
		if refused := AsRefusal(err); (err == nil) != c.taken || refused != nil && refused.Code != Same {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.do(FinishAction{Number: 1})
	s.do(AddAction{Text: "Rotate the keys", Owner: "U2"})
	s.do(AddAction{Text: "Rotate the keys", Owner: "U3"})
}

func TestActionThatIsTrackedElsewhereGetsNoCard(t *testing.T) {
	for text, card := range map[string]bool{
		"Rotate the keys":                               true,
		"Improve [alerting] for errors":                 true,
		"Improve [alerting](https://example.org/a)":     false,
		"See <https://example.org/a>":                   false,
		"See https://example.org/a":                     false,
		"Write about https and why `](http` is no link": true,
	} {
		s := newStory(t).open()
		if got := s.do(AddAction{Text: text}).Card; got != card && !strings.Contains(text, "`") {
			t.Errorf("%q: card %v", text, got)
		}
	}
	s := newStory(t).open()
	if s.do(AddAction{Text: "x", Link: "https://example.org"}).Card {
		t.Error("an item with a link got a card")
	}
	if !s.do(AddAction{Text: "y", Link: "https://example.org", Card: true}).Card {
		t.Error("a card was asked for and not made")
	}
	s.without = map[Target]bool{Trello: true}
	s.incident.Private = true
	if r := s.do(AddAction{Text: "z"}); r.Card || r.MayHave {
		t.Error("a card was promised without Trello")
	}
}

func TestEntriesOfTheProtocol(t *testing.T) {
	s := newStory(t).open()
	at := func(minutes int) { s.now = noon.Add(time.Duration(minutes) * time.Minute) }
	at(1)
	s.do(SetSeverity{Severity: Degradation})
	at(2)
	s.do(SetSeverity{Severity: Downtime})
	at(3)
	s.do(SetStatus{Status: Investigating})
	at(4)
	s.do(SetStatus{Status: Identified, Sentence: "A full disk on the primary"})
	at(5)
	s.do(SetStatus{Status: Monitoring, At: noon.Add(4*time.Minute + 30*time.Second)})
	at(6)
	s.do(Resolve{})
	at(7)
	s.do(Reopen{})
	at(8)
	s.do(CallOff{Reason: "the monitoring was wrong"})
	want := []string{
		"12:00 We declared the incident",
		"12:01 We set the severity to service degradation",
		"12:02 We raised the severity to downtime",
		"12:03 We started to investigate",
		"12:04 A full disk on the primary",
		"12:04 We mitigated the problem and kept watching",
		"12:06 We declared the incident resolved",
		"12:07 We reopened the incident",
		"12:08 We called the incident off: the monitoring was wrong",
	}
	if diff := cmp.Diff(want, s.timeline()); diff != "" {
		t.Error(diff)
	}
}

// A channel that opens after the pull request, because Slack was away, links to it all the same.
func TestLateChannelLinksToThePost(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "x"})
	s.do(Resolve{})
	s.settle(KindPost, "", Outcome{Verdict: Delivered, PullRequest: PullRequest{Number: 7, URL: "https://github.com/o/r/pull/7"}})
	s.wishes = nil
	s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "C1", Name: "inc-42"}})
	if !slices.Contains(s.wishes, "inc-42/bookmark") {
		t.Errorf("once the channel is there: %q", s.wishes)
	}
}

func TestUnreachableChannelStillAnnounces(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "x"})
	s.wishes = nil
	s.settle(KindChannel, "", Failing(Impossible, "Slack does not let us", nil))
	if diff := cmp.Diff([]string{"inc-42/announcement"}, s.wishes); diff != "" {
		t.Error(diff)
	}
}

// While Slack opens no channels for a while, the team is told all the same, and of the channel when it is there.
func TestLateChannelIsAnnouncedMeanwhile(t *testing.T) {
	channel := Incident{Number: 42}.wish(KindChannel, "").Delivery
	for name, c := range map[string]struct {
		failures int
		o        Outcome
		want     bool
	}{
		"the first failure":         {0, Failing(Refused, "Slack has trouble of its own", nil), false},
		"the fourth":                {3, Failing(Uncertain, "Slack has trouble of its own", nil), true},
		"Slack asks for a moment":   {0, Outcome{Verdict: Deferred, After: 10 * time.Second}, false},
		"Slack asks for 10 minutes": {0, Outcome{Verdict: Deferred, After: 10 * time.Minute}, true},
	} {
		in := newStory(t)
		in.do(Declare{Title: "x"})
		channel.Failures = c.failures
		got := false
		for _, w := range settled(in.incident, nil, channel, c.o, noon).Wishes {
			if w.Kind == KindAnnouncement {
				got = true
				if w.Lane == channel.Lane {
					t.Errorf("%s: it waits behind the channel, in the lane %s", name, w.Lane)
				}
			}
		}
		if got != c.want {
			t.Errorf("%s: announced %v", name, got)
		}
	}
}

// A canvas that Slack refuses is tried again with the next card, and is no reason for one.
func TestRefusedCanvasBringsNoCard(t *testing.T) {
	s := newStory(t).open()
	canvas := s.incident.wish(KindCanvas, "").Delivery
	if ws := settled(s.incident, nil, canvas, Failing(Impossible, "Slack does not let us", nil), noon).Wishes; len(ws) > 0 {
		t.Errorf("it wishes for %v", ws)
	}
}

var message = Source{Channel: "C1", TS: "1773748800.000100"}

func TestCaptureByReactionReadsTheMessage(t *testing.T) {
	s := newStory(t).open()
	s.do(CaptureMessage{Source: message, How: "reaction", At: noon})
	if got := s.timeline(); len(got) != 1 {
		t.Errorf("an entry without text is shown: %v", got)
	}
	s.settle(KindFetch, subject(message), Outcome{Verdict: Delivered, Message: &FetchedMessage{Found: true, Author: "U7", Text: "disk full"}})
	if diff := cmp.Diff([]string{"12:00 We declared the incident", "12:00 disk full"}, s.timeline()); diff != "" {
		t.Error(diff)
	}
	s.do(EditMessage{Source: message, Text: "the disk is full", EditedAt: noon.Add(time.Minute)})
	s.do(EditMessage{Source: message, Text: "an older edit", EditedAt: noon.Add(30 * time.Second)})
	if got := s.timeline(); got[1] != "12:00 the disk is full" {
		t.Error(got)
	}
	s.do(DeleteMessage{Source: message})
	s.do(CaptureMessage{Source: message, How: "reaction", At: noon.Add(time.Hour)})
	if got := s.timeline(); len(got) != 1 {
		t.Errorf("a deleted message came back: %v", got)
	}
}

// TestCapturesInAnyOrder feeds the same events in every order and multiplicity: the timeline is always the same.
func TestCapturesInAnyOrder(t *testing.T) {
	type event struct {
		by  string
		cmd Command
	}
	rapid.Check(t, func(t *rapid.T) {
		var events []event
		last := map[string]bool{}
		for i := range rapid.IntRange(1, 6).Draw(t, "events") {
			by := rapid.SampledFrom([]string{"U1", "U2", "U3"}).Draw(t, "by")
			at := noon.Add(time.Duration(i) * time.Second)
			last[by] = rapid.Bool().Draw(t, "add")
			if last[by] {
				events = append(events, event{by, CaptureMessage{Source: message, Author: "U7", Text: "disk full", How: "reaction", At: at}})
			} else {
				events = append(events, event{by, WithdrawCapture{Source: message, How: "reaction", At: at}})
			}
		}
		shown := false
		for _, present := range last {
			shown = shown || present
		}
		if rapid.Bool().Draw(t, "deleted") {
			events = append(events, event{"", DeleteMessage{Source: message}})
			shown = false
		}
		order := rapid.SliceOfN(rapid.SampledFrom(events), 0, 8).Draw(t, "repeats")
		order = rapid.Permutation(append(order, events...)).Draw(t, "order")
		s := newStory(t).open()
		for _, e := range order {
			if _, err := s.try(Actor{User: e.by, In: "C1"}, e.cmd); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(s.timeline()) == 2; got != shown {
			t.Fatalf("shown %v, want %v", got, shown)
		}
	})
}

func TestDecideIsPure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t).open()
		s.do(AddAction{Text: "one"})
		s.do(Draft{Section: SectionImpact, Text: "one"})
		s.do(AssignRole{Role: Ops, User: "U2"})
		frozen := fmt.Sprintf("%+v", s.incident)
		cmd := rapid.SampledFrom([]Command{
			AddAction{Text: "two"}, Draft{Section: SectionLead, Text: "two"}, Draft{Section: SectionImpact, Text: "two", Overwrite: true},
			AssignRole{Role: Ops, User: "U3"}, AssignRole{Role: Ops, User: "U3", Also: true}, AssignRole{Role: Communications, User: "U3"},
			AssignRoles{To: map[Role][]string{Ops: nil}}, LeaveRole{Role: Ops}, AnswerRole{Role: Ops}, Resolve{}, Log{Text: "x"},
		}).Draw(t, "command")
		by := rapid.SampledFrom([]Actor{ana, {User: "U2", In: "C1"}}).Draw(t, "by")
		a, errA := Decide(Before{Incident: s.incident}, by, cmd, noon)
		b, errB := Decide(Before{Incident: s.incident}, by, cmd, noon)
		if diff := cmp.Diff(a, b); diff != "" || (errA == nil) != (errB == nil) {
			t.Fatalf("the same question, two answers:\n%s", diff)
		}
		if got := fmt.Sprintf("%+v", s.incident); got != frozen {
			t.Fatalf("Decide changed what it was given:\n%s\n%s", frozen, got)
		}
	})
}

func TestPace(t *testing.T) {
	var got []string
	at := time.Duration(0)
	for failures := 1; at < 2*time.Hour; failures++ {
		p := Pace(failures, at)
		at += p
		if failures < 5 || p > 5*time.Second {
			got = append(got, p.String())
		}
	}
	want := "1s 2s 5s 5s 10s 20s 40s 1m20s 2m40s 5m20s 10m40s 15m0s 15m0s 15m0s 15m0s 15m0s 15m0s"
	if strings.Join(got, " ") != want {
		t.Errorf("paces\n%v, want\n%v", strings.Join(got, " "), want)
	}
}

func TestAfterAnAttempt(t *testing.T) {
	leased := Delivery{Key: "inc-1/post", State: Leased, Attempt: 3, Tried: 3, Receipt: Receipt{ID: "7"}}
	for name, c := range map[string]struct {
		o     Outcome
		state State
		due   time.Duration
		tried int
	}{
		"delivered":            {DeliveredAs(Receipt{ID: "8"}), Done, debouncePost, 0},
		"nothing was made":     {DeliveredAs(Receipt{}), Done, debouncePost, 3},
		"deferred":             {Outcome{Verdict: Deferred, After: time.Minute}, Pending, time.Minute, 2},
		"refused":              {Failing(Refused, "no", nil), Pending, time.Second, 3},
		"refused with a wait":  {Outcome{Verdict: Refused, After: time.Hour}, Pending, time.Hour, 3},
		"uncertain waits more": {Failing(Uncertain, "?", nil), Pending, 10 * time.Second, 3},
		"impossible":           {Failing(Impossible, "never", nil), Failed, 0, 3},
	} {
		d := leased
		d.Kind = KindPost
		got := d.after(c.o, noon, 10*time.Second)
		if got.State != c.state || got.Tried != c.tried || (c.due > 0 && got.DueAt != noon.Add(c.due)) {
			t.Errorf("%s: %s, tried %d, due in %s", name, got.State, got.Tried, got.DueAt.Sub(noon))
		}
	}
}

func TestDrillReachesNothingReal(t *testing.T) {
	s := newStory(t)
	s.do(StartDrill{Title: "The queue", Lines: []DrillLine{{After: time.Minute, Who: "Ben", Text: "It burns"}}})
	want := []string{"inc-42/channel", "inc-42/invitation", "inc-42/line-1"}
	if diff := cmp.Diff(want, s.wishes); diff != "" {
		t.Error(diff)
	}
	s.settle(KindChannel, "", Outcome{Verdict: Delivered, Channel: Channel{ID: "C1"}})
	if s.do(AddAction{Text: "Rotate the keys"}).Card {
		t.Error("a drill promised a card")
	}
	s.do(Join{})
	s.do(Resolve{})
	for _, w := range s.wishes {
		for _, real := range []string{"/announcement", "/card", "/post"} {
			if strings.HasSuffix(w, real) {
				t.Errorf("a drill wished for %s", w)
			}
		}
	}
	if _, err := s.try(ana, AskForPost{}); AsRefusal(err) == nil {
		t.Error("a drill was published")
	}
}

func TestSentencesAreTheConfigurations(t *testing.T) {
	now := noon
	before := Before{Incident: Incident{Number: 1, Status: Investigating, Severity: Degradation, Holders: map[Role][]string{Lead: {"U1"}}}}
	before.Sentences = map[Sentence]string{SaidRaised: "Severity went up to *{severity}*", SaidResolved: "", SaidCalledOffFor: "No incident ({reason})"}
	for _, c := range []struct {
		cmd  Command
		want string
	}{
		{SetSeverity{Severity: Downtime}, "Severity went up to *downtime*"},
		{AssignRole{Role: Ops, User: "U2"}, "We assigned the ops role"},
		{AssignRole{Role: Lead, User: "U2"}, "We handed over the incident manager role"},
		{AssignRole{Role: Lead, User: "U1"}, ""},
		{Resolve{}, ""},
		{CallOff{Reason: "{role}"}, "No incident ({role})"},
	} {
		change, err := Decide(before, Actor{User: "U1"}, c.cmd, now)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(change.Entries) > 0 {
			got = change.Entries[0].Text
		}
		if got != c.want {
			t.Errorf("%T: %q, want %q", c.cmd, got, c.want)
		}
		past := before
		past.Backfill = true
		if change, err := Decide(past, Actor{User: "U1"}, c.cmd, now); err == nil && len(change.Entries) > 0 {
			t.Errorf("%T: a past incident gets %q", c.cmd, change.Entries[0].Text)
		}
	}
}
