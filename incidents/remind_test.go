package incidents

import (
	"slices"
	"testing"
	"time"
)

// What nobody does in spite of three reminders makes room for what else is late, with the usual pause between any two.
func TestNeglectedStepMakesRoom(t *testing.T) {
	declared := time.Date(2026, 7, 8, 9, 0, 0, 0, time.UTC)
	step := func(id string, minutes int) StepRule {
		return StepRule{ID: id, Say: id, Role: Lead, Due: Due{After: time.Duration(minutes) * time.Minute, Since: SinceDeclared}}
	}
	in := Incident{
		Number: 1, Status: Declared, DeclaredAt: declared, Channel: Channel{ID: "C1"},
		Protocol: &Protocol{
			Steps:     []StepRule{step("one", 5), step("two", 10), step("three", 12)},
			Reminders: ReminderRule{Most: 3, Every: 10 * time.Minute},
		},
	}
	type given struct {
		step   string
		minute int
	}
	var got []given
	due := Delivery{Kind: KindReminder, Incident: 1}
	for next := in.reminderAt(declared); !next.IsZero() && len(got) < 20; {
		now := next
		shown, stands := in.Reminder(now)
		if !stands {
			t.Fatalf("it is looked at %s, and nobody is to be reminded", now)
		}
		before := in.Mark(shown.ID).Reminded
		c := settled(in, nil, due, Outcome{Verdict: Delivered, Step: shown.ID}, now)
		if in = c.Incident; in.Mark(shown.ID).Reminded > before {
			got = append(got, given{shown.ID, int(now.Sub(declared).Minutes())})
		}
		next = time.Time{}
		for _, w := range c.Wishes {
			if w.Kind == KindReminder {
				next = w.At
			}
		}
	}
	want := []given{
		{"one", 5}, {"one", 15}, {"one", 25}, {"two", 35}, {"two", 45}, {"two", 55}, {"three", 65}, {"three", 75}, {"three", 85},
	}
	if !slices.Equal(got, want) {
		t.Errorf("people were reminded %v, want %v", got, want)
	}
}
