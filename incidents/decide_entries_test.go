package incidents

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var ben = Actor{User: "U2", In: "C9"}

// logged is a story with entries 1 (the declaration, 12:00), 2 "a" and 3 "b" (12:05), 4 "c" (12:06).
func logged(t tester) *story {
	s := newStory(t).open()
	s.now = noon.Add(10 * time.Minute)
	for i, text := range []string{"a", "b", "c"} {
		s.do(Log{Text: text, At: noon.Add(time.Duration(5+i/2) * time.Minute)})
	}
	s.wishes = nil
	return s
}

var original = []string{"12:00 We declared the incident", "12:05 a", "12:05 b", "12:06 c"}

func TestEntriesChange(t *testing.T) {
	for name, c := range map[string]struct {
		do   []Command
		want []string
	}{
		"text":               {[]Command{EditEntry{Number: 2, Text: " A "}}, []string{"12:05 A", "12:05 b", "12:06 c"}},
		"time":               {[]Command{EditEntry{Number: 2, At: noon.Add(7 * time.Minute)}}, []string{"12:05 b", "12:06 c", "12:07 a"}},
		"range":              {[]Command{EditEntry{Number: 4, At: noon.Add(time.Minute), Until: noon.Add(2 * time.Minute)}}, []string{"12:01 c", "12:05 a", "12:05 b"}},
		"up":                 {[]Command{MoveEntry{Number: 3, Up: true}}, []string{"12:05 b", "12:05 a", "12:06 c"}},
		"down":               {[]Command{MoveEntry{Number: 2}}, []string{"12:05 b", "12:05 a", "12:06 c"}},
		"up and down":        {[]Command{MoveEntry{Number: 3, Up: true}, MoveEntry{Number: 3}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"moved, then later":  {[]Command{MoveEntry{Number: 3, Up: true}, Log{Text: "d", At: noon.Add(5*time.Minute + time.Second)}}, []string{"12:05 b", "12:05 a", "12:05 d", "12:06 c"}},
		"moved, then edited": {[]Command{MoveEntry{Number: 3, Up: true}, EditEntry{Number: 3, At: noon.Add(6 * time.Minute)}}, []string{"12:05 a", "12:06 b", "12:06 c"}},
		"delete":             {[]Command{RemoveEntry{Number: 2}}, []string{"12:05 b", "12:06 c"}},
		"delete, restore":    {[]Command{RemoveEntry{Number: 2}, RestoreEntry{Number: 2}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"restore a version":  {[]Command{EditEntry{Number: 2, Text: "A", At: noon}, RestoreEntry{Number: 2, Version: 1}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"internal stays":     {[]Command{SetInternal{Number: 2, Internal: true}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"undo an edit":       {[]Command{EditEntry{Number: 2, Text: "A"}, Undo{}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"undo a move":        {[]Command{MoveEntry{Number: 2}, Undo{}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"undo a deletion":    {[]Command{RemoveEntry{Number: 2}, Undo{}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
		"undo an entry":      {[]Command{Undo{}}, []string{"12:05 a", "12:05 b"}},
		"undo two":           {[]Command{Undo{}, Undo{}}, []string{"12:05 a"}},
		"undo two edits":     {[]Command{EditEntry{Number: 2, Text: "A"}, EditEntry{Number: 2, Text: "AA"}, Undo{}, Undo{}}, []string{"12:05 a", "12:05 b", "12:06 c"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := logged(t)
			for _, cmd := range c.do {
				s.do(cmd)
			}
			if diff := cmp.Diff(append([]string{original[0]}, c.want...), s.timeline()); diff != "" {
				t.Errorf("the timeline (-want +got):\n%s", diff)
			}
			if !slices.Contains(s.wishes, "inc-42/summary") {
				t.Errorf("the card does not follow: %q", s.wishes)
			}
		})
	}
}

func TestEntriesRefuse(t *testing.T) {
	s := logged(t)
	s.do(RemoveEntry{Number: 4})
	for _, c := range []struct {
		cmd  Command
		code Code
		says string
	}{
		{EditEntry{Number: 9, Text: "x"}, NotFound, "There is no entry 9"},
		{EditEntry{Number: 4, Text: "x"}, TooLate, "`restore 4` brings it back"},
		{EditEntry{Number: 2, Text: strings.Repeat("x", MaxEntry+1)}, Invalid, "10001 characters"},
		{EditEntry{Number: 2, At: noon.Add(time.Hour)}, Future, "still ahead"},
		{EditEntry{Number: 2, At: noon, Until: noon.Add(-time.Minute)}, Invalid, "ends before it begins"},
		{MoveEntry{Number: 2, Up: true}, TooLate, "Entry 2 is the first of its minute already."},
		{MoveEntry{Number: 3}, TooLate, "Entry 3 is the last of its minute already."},
		{RestoreEntry{Number: 2, Version: 3}, NotFound, "has no version 3"},
		{AnswerProposal{Number: 2, Take: true}, TooLate, "no edit of its message"},
	} {
		_, err := s.try(ana, c.cmd)
		if r := AsRefusal(err); r == nil || r.Code != c.code || !strings.Contains(r.Error(), c.says) {
			t.Errorf("%#v: %v", c.cmd, err)
		}
	}
	if _, err := s.try(ben, Undo{}); AsRefusal(err) == nil || AsRefusal(err).Code != NotFound {
		t.Errorf("Ben has nothing to undo: %v", err)
	}
}

// Nobody's change is overwritten by somebody who has not seen it.
func TestEntriesLastWriter(t *testing.T) {
	s := logged(t)
	if _, err := s.try(ben, EditEntry{Number: 2, Version: 1, Text: "Ben's"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		by      Actor
		cmd     EditEntry
		after   time.Duration
		refused bool
	}{
		{ana, EditEntry{Number: 2, Version: 1, Text: "x"}, 0, true},
		{ana, EditEntry{Number: 2, Text: "x"}, 0, true},
		{ana, EditEntry{Number: 2, Version: 1, Text: "x"}, time.Hour, true},
		{ana, EditEntry{Number: 2, Text: "x"}, time.Hour, false},
		{ana, EditEntry{Number: 2, Version: 2, Text: "x"}, 0, false},
		{ana, EditEntry{Number: 2, Version: 1, Text: "x", Overwrite: true}, 0, false},
		{ana, EditEntry{Number: 2, Version: 1, Text: "Ben's"}, 0, false}, // the same
		{ben, EditEntry{Number: 2, Version: 1, Text: "x"}, 0, false},     // his own
	} {
		before := Before{Incident: s.incident, History: s.history[2], Entry: &s.history[2][1]}
		_, err := Decide(before, c.by, c.cmd, s.now.Add(c.after))
		if r := AsRefusal(err); (r != nil) != c.refused || (r != nil && r.Code != Changed) {
			t.Errorf("%+v by %s: %v", c.cmd, c.by.User, err)
		}
	}
	// What neither words nor times tell is no reason to ask.
	s = logged(t)
	if _, err := s.try(ben, MoveEntry{Number: 2}); err != nil {
		t.Fatal(err)
	}
	s.do(EditEntry{Number: 2, Version: 1, Text: "x"})
}

func TestUndoLeavesWhatOthersDid(t *testing.T) {
	s := logged(t)
	s.do(EditEntry{Number: 2, Text: "A"})
	if _, err := s.try(ben, SetInternal{Number: 2, Internal: true}); err != nil {
		t.Fatal(err)
	}
	if r := s.do(Undo{}); r.Undid != DeedEdited || r.Entry != 2 {
		t.Errorf("undid %+v", r)
	}
	if e := s.entries[2]; e.Text != "a" || !e.Internal {
		t.Errorf("the entry is %+v", e)
	}
	s.do(EditEntry{Number: 3, Text: "B"})
	if _, err := s.try(ben, EditEntry{Number: 3, Text: "Ben's", Overwrite: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.try(ana, Undo{}); AsRefusal(err) == nil || !strings.Contains(err.Error(), "`restore 3` shows all its versions") {
		t.Errorf("Ben's words were overwritten: %v", err)
	}
}

// Once a person has rewritten a captured entry, an edit of its message only proposes.
func TestRewrittenEntriesAreAskedAbout(t *testing.T) {
	message := Source{Channel: "C1", TS: "1773748860.000100"}
	edit := func(text string, second int) EditMessage {
		return EditMessage{Source: message, Text: text, EditedAt: noon.Add(time.Duration(second) * time.Second)}
	}
	begin := func() *story {
		s := newStory(t).open()
		s.do(CaptureMessage{Source: message, Author: "U2", Text: "we *restart*", How: "reaction", At: noon})
		s.do(EditEntry{Number: 2, Text: "We restarted the queue"})
		s.wishes = nil
		_, err := s.try(Actor{In: "C1"}, edit("we *restarted*", 1))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	s := begin()
	if e := s.entries[2]; e.Text != "We restarted the queue" || e.Proposed != "we *restarted*" || e.RewrittenBy != ana.User {
		t.Fatalf("the entry is %+v", e)
	}
	if !slices.Contains(s.wishes, "inc-42/question-2") {
		t.Errorf("nobody is asked: %q", s.wishes)
	}
	s.do(AnswerProposal{Number: 2, Take: true})
	if e := s.entries[2]; e.Text != "we *restarted*" || e.Format != Mrkdwn || e.Proposed != "" {
		t.Errorf("taken, it is %+v", e)
	}
	s.do(edit("we restarted it", 2)) // and is followed again
	if e := s.entries[2]; e.Text != "we restarted it" {
		t.Errorf("it does not follow any more: %+v", e)
	}
	s = begin()
	s.do(AnswerProposal{Number: 2})
	s.do(edit("we restarted it", 2))
	if e := s.entries[2]; e.Text != "We restarted the queue" || e.Proposed != "we restarted it" {
		t.Errorf("kept, it is %+v", e)
	}
	s.do(DeleteMessage{Source: message})
	if e := s.entries[2]; !e.Gone {
		t.Error("its message is deleted, and it is still there")
	}
	s.do(RestoreEntry{Number: 2})
	s.do(DeleteMessage{Source: message}) // the same event, again
	if e := s.entries[2]; e.Gone || e.Text != "We restarted the queue" {
		t.Errorf("restored, it is %+v", e)
	}
}

func TestDeletedCaptureStaysAway(t *testing.T) {
	message := Source{Channel: "C1", TS: "1773748860.000100"}
	s := newStory(t).open()
	capture := CaptureMessage{Source: message, Author: "U2", Text: "seen", How: "reaction", At: noon}
	s.do(capture)
	s.now = noon.Add(time.Minute)
	s.do(RemoveEntry{Number: 2})
	s.do(capture)
	if !s.entries[2].Gone {
		t.Error("an old reaction brought it back")
	}
	capture.At = noon.Add(2 * time.Minute)
	s.do(capture)
	if s.entries[2].Gone {
		t.Error("a new reaction did not bring it back")
	}
}

// Whoever takes a time back takes the entry out of the minute in which somebody has moved it meanwhile.
func TestUndoOfATimeKeepsNoPlaceOfTheOtherMinute(t *testing.T) {
	s := logged(t)
	for _, step := range []struct {
		by  Actor
		cmd Command
	}{
		{ana, EditEntry{Number: 2, At: noon, Overwrite: true}}, {ben, MoveEntry{Number: 1}}, {ana, Undo{}},
	} {
		if _, err := s.try(step.by, step.cmd); err != nil {
			t.Fatalf("%#v: %v", step.cmd, err)
		}
		orderly(t, s.shown())
	}
}

// Whatever people do to a timeline: every text that was ever in it is in its history, undo is the inverse, and the order
// is that of the minutes.
func TestEntriesKeepEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := logged(rt)
		written := map[string]bool{"a": true, "b": true, "c": true}
		for i := range rapid.IntRange(1, 25).Draw(rt, "steps") {
			s.now = s.now.Add(time.Duration(rapid.IntRange(0, 200).Draw(rt, "later")) * time.Second)
			by := rapid.SampledFrom([]Actor{ana, ben}).Draw(rt, "by")
			n := rapid.IntRange(1, 6).Draw(rt, "entry")
			cmd := anyChange(rt, n, i)
			before, state := s.timeline(), s.shown()
			r, err := s.try(by, cmd)
			if err != nil {
				if AsRefusal(err) == nil {
					rt.Fatalf("%#v: %v", cmd, err)
				}
				if diff := cmp.Diff(before, s.timeline()); diff != "" {
					rt.Fatalf("refused, and done: %s", diff)
				}
				continue
			}
			switch c := cmd.(type) {
			case Log:
				written[c.Text] = true
			case EditEntry:
				if c.Text != "" {
					written[c.Text] = true
				}
			}
			orderly(rt, s.shown())
			if _, undo := cmd.(Undo); !undo && !r.Unchanged && rapid.Bool().Draw(rt, "undo") {
				if _, err := s.try(by, Undo{}); err != nil {
					rt.Fatalf("%#v cannot be undone: %v", cmd, err)
				}
				if diff := cmp.Diff(state, s.shown(), cmp.Comparer(func(a, b Entry) bool { return a.Number == b.Number && a.Same(b) })); diff != "" {
					rt.Fatalf("undoing %#v is not the inverse (-before +after):\n%s", cmd, diff)
				}
			}
		}
		for text := range written {
			if !s.remembers(text) {
				rt.Fatalf("%q is lost", text)
			}
		}
		for n, versions := range s.history { // and each of them can be had again
			for _, v := range versions {
				if _, err := s.try(ana, RestoreEntry{Number: n, Version: v.Version}); err != nil {
					rt.Fatalf("entry %d, version %d: %v", n, v.Version, err)
				}
				if e := s.entries[n]; e.Text != v.Text || !e.At.Equal(v.At) || !e.Shown() {
					rt.Fatalf("entry %d, version %d came back as %+v", n, v.Version, e)
				}
			}
		}
	})
}

func anyChange(t *rapid.T, n, step int) Command {
	at := noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "minute"))*time.Minute + time.Duration(rapid.IntRange(0, 1).Draw(t, "second"))*time.Second)
	flag := rapid.Bool().Draw(t, "flag")
	switch rapid.IntRange(0, 7).Draw(t, "what") {
	case 0:
		return Log{Text: fmt.Sprint("log", step), At: at}
	case 1:
		return EditEntry{Number: n, Text: fmt.Sprint("edit", step), Version: rapid.IntRange(0, 3).Draw(t, "seen"), Overwrite: flag}
	case 2:
		return EditEntry{Number: n, At: at, Overwrite: true}
	case 3, 4:
		return MoveEntry{Number: n, Up: flag}
	case 5:
		return RemoveEntry{Number: n}
	case 6:
		return RestoreEntry{Number: n, Version: rapid.IntRange(0, 3).Draw(t, "version")}
	}
	if flag {
		return SetInternal{Number: n, Internal: rapid.Bool().Draw(t, "internal")}
	}
	return Undo{}
}

func orderly(t tester, entries []Entry) {
	for i := 1; i < len(entries); i++ {
		if entries[i].At.Truncate(time.Minute).Before(entries[i-1].At.Truncate(time.Minute)) {
			t.Fatalf("entry %d of %v stands behind entry %d of %v", entries[i].Number, entries[i].At, entries[i-1].Number, entries[i-1].At)
		}
	}
}

func (s *story) remembers(text string) bool {
	for _, versions := range s.history {
		for i, v := range versions {
			if v.Version != i+1 {
				s.t.Fatalf("version %d of entry %d is counted as %d", i+1, v.Number, v.Version)
			}
			if v.Text == text {
				return true
			}
		}
	}
	return false
}
