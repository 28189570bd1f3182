package incidents_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"watchbell/incidents"
)

// Several people write the same sections in forms at once. Whatever one of them replaces, they have seen before.
func TestNobodysSectionIsReplacedUnseen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := incidents.Incident{Number: 1, Status: incidents.Resolved, Version: 1, Channel: incidents.Channel{ID: "C1"}}
		now := time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)
		type form struct {
			version int
			text    string
		}
		people := []string{"UANA", "UBEN", "UEVE"}
		sections := []incidents.Section{incidents.SectionImpact, incidents.SectionTrigger}
		open := map[string]form{}
		for step := range rapid.IntRange(5, 40).Draw(t, "steps") {
			now = now.Add(time.Second)
			who := rapid.SampledFrom(people).Draw(t, "who")
			section := rapid.SampledFrom(sections).Draw(t, "section")
			key := who + string(section)
			if rapid.Bool().Draw(t, "opens") {
				open[key] = form{in.Writing(section).Version, in.Sections[section]}
				continue
			}
			shown, has := open[key]
			if !has {
				continue
			}
			text := fmt.Sprint("text ", step)
			change, err := incidents.Decide(incidents.Before{Incident: in}, incidents.Actor{User: who, In: "C1"}, incidents.DraftAll{
				Sections: map[incidents.Section]string{section: text}, Seen: map[incidents.Section]int{section: shown.version},
			}, now)
			before := in.Sections[section]
			switch refused := incidents.AsRefusal(err); {
			case refused != nil && refused.Code == incidents.Changed:
				if shown.text == before {
					t.Fatalf("%s was refused although they saw %q", who, before)
				}
				open[key] = form{in.Writing(section).Version, before} // they are shown what is there now
			case err != nil:
				t.Fatal(err)
			default:
				if before != "" && before != shown.text {
					t.Fatalf("%s replaced %q and had seen %q", who, before, shown.text)
				}
				in = change.Incident
				if w := in.Writing(section); w.By != who || !w.At.Equal(now) || in.Sections[section] != text {
					t.Fatalf("%+v %v", w, in.Sections)
				}
				delete(open, key)
			}
		}
	})
}

func TestAddedGoesBehindWhatIsThere(t *testing.T) {
	for _, c := range []struct{ before, more, want string }{
		{"", "Nobody could pay.", "Nobody could pay."},
		{"Nobody could pay.", "It took long.", "Nobody could pay.\n\nIt took long."},
		{"- one\n- two", "three", "- one\n- two\n- three"},
		{"* one", "* two", "* one\n* two"},
		{"It took long. Nobody could pay.", "It took long.", "It took long. Nobody could pay."},
	} {
		in := incidents.Incident{Number: 1, Status: incidents.Resolved, Sections: map[incidents.Section]string{incidents.SectionImpact: c.before}}
		change, err := incidents.Decide(incidents.Before{Incident: in}, incidents.Actor{User: "UANA"},
			incidents.Draft{Section: incidents.SectionImpact, Text: c.more, Add: true}, time.Now())
		if err != nil || change.Incident.Sections[incidents.SectionImpact] != c.want {
			t.Errorf("%q and %q give %q, want %q (%v)", c.before, c.more, change.Incident.Sections[incidents.SectionImpact], c.want, err)
		}
	}
}
