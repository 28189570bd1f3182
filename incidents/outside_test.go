package incidents

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// somebody writes outside Slack, under a name.
var somebody = Actor{User: Outsider(" Ana \n Lima "), Outside: true}

func TestWhatIsWrittenOutsideIsRecordedOnce(t *testing.T) {
	s := newStory(t)
	s.do(Declare{Title: "Checkout is down", Private: true})
	s.incident.Channel = Channel{ID: "C42"}
	s.wishes = nil
	write := Log{Text: "We called the provider", Outside: "form/1"}
	first, err := s.try(somebody, write)
	if err != nil || first.Unchanged {
		t.Fatalf("%+v, %v", first, err)
	}
	if e := s.entries[first.Entry]; !e.Source.Outside() || e.Source.Channel != "" || e.Author != "outside:Ana Lima" {
		t.Errorf("the entry is %+v", e)
	}
	if got := strings.Join(s.wishes, " "); got != "inc-42/summary inc-42/catchup" {
		t.Errorf("the wishes are %s", got)
	}
	again, err := s.try(somebody, write)
	if err != nil || !again.Unchanged || again.Entry != first.Entry || len(s.wishes) != 2 {
		t.Errorf("written again: %+v, %v, wishes %v", again, err, s.wishes)
	}
	// Without a right that was shown, the private incident does not exist for them.
	if _, err := s.try(Actor{User: somebody.User}, write); AsRefusal(err) == nil || AsRefusal(err).Code != NotFound {
		t.Errorf("without a right: %v", err)
	}
	if s.incident.part("") {
		t.Error("nobody knows of a private incident")
	}
}

func TestBackfillByAnOutsiderHasNoLead(t *testing.T) {
	s := newStory(t)
	if _, err := s.try(somebody, Backfill{Title: "Checkout was down"}); err != nil {
		t.Fatal(err)
	}
	if s.incident.DeclaredBy != "" || len(s.incident.Holders) != 0 {
		t.Errorf("declared by %q, holders %v", s.incident.DeclaredBy, s.incident.Holders)
	}
}

func TestCatchUpTellsOncePerGap(t *testing.T) {
	outside := func(n int, at time.Time) Entry {
		return Entry{Number: n, At: at, Source: Log{Outside: string(rune('a' + n))}.about()}
	}
	snap := Snapshot{Incident: Incident{LastEntry: 4}, Entries: []Entry{
		outside(4, noon.Add(-time.Hour)), {Number: 1, At: noon}, outside(2, noon), {Number: 3, At: noon.Add(time.Minute)},
	}}
	d := Delivery{Key: "inc-1/catchup", DueAt: noon}
	for name, c := range map[string]struct {
		change func(*Delivery)
		after  time.Duration
		want   []int
		key    string
	}{
		"Slack was there":     {func(*Delivery) {}, 2 * time.Second, nil, ""},
		"Slack was away":      {func(*Delivery) {}, 10 * time.Minute, []int{4, 2}, "inc-1/catchup-2"},
		"Slack failed":        {func(d *Delivery) { d.Failures = 1 }, time.Second, []int{4, 2}, "inc-1/catchup-2"},
		"one was told before": {func(d *Delivery) { d.Receipt.Note = "3" }, time.Hour, []int{4}, "inc-1/catchup-4"},
		"all were told":       {func(d *Delivery) { d.Receipt = snap.CaughtUp("C1/1.0") }, time.Hour, nil, "inc-1/catchup-0"},
	} {
		t.Run(name, func(t *testing.T) {
			d := d
			c.change(&d)
			entries, key := snap.CatchUp(d, noon.Add(c.after))
			var got []int
			for _, e := range entries {
				got = append(got, e.Number)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || (len(got) > 0 && key != c.key) {
				t.Errorf("key %s, entries (-want +got)\n%s", key, diff)
			}
		})
	}
}
