package incidents

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shownMessage is a message as Slack shows it.
type shownMessage struct {
	text            string
	edited          time.Time // the second, as Slack tells it
	reacted         map[string]bool
	pinned, deleted bool
}

// readAt is when a message was last edited, as far as reading it at some time tells. Slack tells the second alone, and
// whatever was edited before then is what was read.
func (m *shownMessage) readAt(now time.Time) time.Time {
	last := m.edited.Add(time.Second - time.Microsecond)
	switch {
	case m.edited.IsZero():
		return time.Time{}
	case now.Before(last):
		return now
	}
	return last
}

// captured reports whether the message belongs into the timeline.
func (m *shownMessage) captured() bool {
	asked := m.pinned
	for _, on := range m.reacted {
		asked = asked || on
	}
	return asked && !m.deleted
}

// slackWorld is a channel where people do things, and a bot that hears of each some time or never, as often as Slack likes.
type slackWorld struct {
	*story
	t        *rapid.T
	now      time.Time
	messages map[Source]*shownMessage
	events   []slackEvent // one for each thing that was done
}

type slackEvent struct {
	by  string
	cmd Command
}

const testReaction = "pushpin"

// person does something to a message.
func (w *slackWorld) person() {
	w.now = w.now.Add(time.Duration(rapid.IntRange(1, 900).Draw(w.t, "pause")) * time.Millisecond)
	var sources []Source
	for src := range w.messages {
		sources = append(sources, src)
	}
	slices.SortFunc(sources, func(a, b Source) int { return len(a.TS) - len(b.TS) })
	src := rapid.SampledFrom(sources).Draw(w.t, "message")
	m, by := w.messages[src], rapid.SampledFrom([]string{"U1", "U2"}).Draw(w.t, "by")
	how := ByReaction(testReaction)
	switch deed := rapid.SampledFrom([]string{"react", "pin", "edit", "react", "pin", "delete"}).Draw(w.t, "deed"); {
	case m.deleted:
	case deed == "react" && !m.reacted[by]:
		m.reacted[by] = true
		w.tell(by, CaptureMessage{Source: src, How: how, At: w.now})
	case deed == "react":
		m.reacted[by] = false
		w.tell(by, WithdrawCapture{Source: src, How: how, At: w.now})
	case deed == "pin" && !m.pinned:
		m.pinned = true
		w.tell(by, CaptureMessage{Source: src, How: ByPin, At: w.now})
	case deed == "pin":
		m.pinned = false
		w.tell(by, WithdrawCapture{Source: src, How: ByPin, At: w.now})
	case deed == "edit":
		m.text, m.edited = fmt.Sprintf("%s, edited at %s", src.TS, w.now.Format("05.000")), w.now.Truncate(time.Second)
		w.tell("", EditMessage{Source: src, Author: "U7", Text: m.text, EditedAt: w.now})
	default:
		m.deleted = true
		w.tell("", DeleteMessage{Source: src})
	}
}

func (w *slackWorld) tell(by string, cmd Command) { w.events = append(w.events, slackEvent{by, cmd}) }

// hear brings one of the events to the bot, perhaps not for the first time.
func (w *slackWorld) hear(e slackEvent) {
	if _, err := w.try(Actor{User: e.by, In: "C1"}, e.cmd); err != nil {
		w.t.Fatal(err)
	}
}

// live is what somebody does and the bot hears of at once.
func (w *slackWorld) live() {
	before := len(w.events)
	w.person()
	for _, e := range w.events[before:] {
		w.hear(e)
	}
}

func (w *slackWorld) someEvent() {
	if len(w.events) > 0 {
		w.hear(rapid.SampledFrom(w.events).Draw(w.t, "event"))
	}
}

// fetch reads the messages that are to be read.
func (w *slackWorld) fetch() {
	for src, m := range w.messages {
		key := w.incident.key(KindFetch, subject(src))
		if !slices.Contains(w.wishes, key) {
			continue
		}
		w.wishes = slices.DeleteFunc(w.wishes, func(o string) bool { return o == key })
		read := &FetchedMessage{Found: !m.deleted}
		if read.Found {
			w.now = w.now.Add(time.Millisecond)
			read.Author, read.Text, read.EditedAt = "U7", m.text, m.readAt(w.now)
		}
		for _, e := range w.entries {
			if e.Source == src {
				w.settle(KindFetch, subject(src), Outcome{Verdict: Delivered, Message: read})
			}
		}
	}
}

// readBack reads the channel as the adapter does. What comes in between what was known and what is told of it is up to
// meanwhile.
func (w *slackWorld) readBack(meanwhile func()) {
	w.now = w.now.Add(time.Millisecond)
	var found []Command
	for src, m := range w.messages {
		known := Captured{Source: src, Reasons: slices.Clone(w.captures[src])}
		for _, e := range w.entries {
			if e.Source == src {
				known.Entry = &e
			}
		}
		if m.deleted {
			if known.Entry != nil && !known.Deleted() {
				found = append(found, DeleteMessage{Source: src})
			}
			continue
		}
		back := ReadBack{Source: src, Author: "U7", Text: m.text, EditedAt: m.readAt(w.now)}
		if known.Entry != nil {
			back.Was = known.Entry.EditedAt
		}
		see := func(by, how string, on bool) {
			if was := known.Reason(by, how); was.Present != on {
				back.Reasons = append(back.Reasons, ReasonSeen{By: by, How: how, Present: on, At: w.now, Was: was.At})
			}
		}
		see("U1", ByReaction(testReaction), m.reacted["U1"])
		see("U2", ByReaction(testReaction), m.reacted["U2"])
		see("", ByPin, m.pinned)
		found = append(found, back)
	}
	meanwhile()
	for _, cmd := range found {
		w.hear(slackEvent{"", cmd})
	}
}

// Whatever people do, in whatever order and however often the bot hears of it, and whenever it reads the channel back: in
// the end the timeline is what Slack shows, be it that it has heard of everything, or that it has read the channel after all.
func TestTimelineIsWhatSlackShows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := &slackWorld{story: newStory(t).open(), t: rt, now: noon, messages: map[Source]*shownMessage{}}
		for i, ts := range []string{"1773748800.000100", "1773748801.0001001"} {
			w.messages[Source{Channel: "C1", TS: ts}] = &shownMessage{text: fmt.Sprint("message ", i), reacted: map[string]bool{}}
		}
		few := func() {
			for range rapid.IntRange(0, 3).Draw(rt, "meanwhile") {
				rapid.SampledFrom([]func(){w.live, w.live, w.person, w.someEvent, w.fetch}).Draw(rt, "then")()
			}
		}
		for range rapid.IntRange(1, 25).Draw(rt, "steps") {
			switch rapid.SampledFrom([]string{"person", "person", "event", "event", "fetch", "read"}).Draw(rt, "step") {
			case "person":
				w.person()
			case "event":
				w.someEvent()
			case "fetch":
				w.fetch()
			case "read":
				w.readBack(few)
			}
		}
		if rapid.Bool().Draw(rt, "events are lost") {
			w.readBack(func() {})
		} else {
			for _, e := range rapid.Permutation(w.events).Draw(rt, "the rest") {
				w.hear(e)
				if rapid.Bool().Draw(rt, "read now") {
					w.fetch()
				}
			}
		}
		w.fetch()
		for src, m := range w.messages {
			var got []string
			for _, e := range w.shown() {
				if e.Source == src {
					got = append(got, e.Text)
				}
			}
			var want []string
			if m.captured() {
				want = []string{m.text}
			}
			if !slices.Equal(got, want) {
				rt.Fatalf("of %s the timeline has %q, and Slack shows %q", src.TS, got, want)
			}
		}
	})
}
