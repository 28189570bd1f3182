package storagetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"watchbell/incidents"
)

var incidentTests = map[string]func(*testing.T, Harness){
	"what is written is read":         incidentRoundTrip,
	"every part can change":           incidentChanges,
	"a change in place is seen":       incidentChangedInPlace,
	"an unknown one is not found":     incidentUnknown,
	"an older version is a conflict":  incidentConflict,
	"a number is given once":          incidentNumberTaken,
	"the last number is the highest":  incidentLastNumber,
	"one channel has one incident":    incidentChannelTaken,
	"text is kept to the last letter": incidentText,
	"a protocol's text is kept once":  protocolKept,
}

// full is an incident in which every field says something.
func full(number int) incidents.Incident {
	return incidents.Incident{
		Number: number, Title: "Checkout is down", Summary: "Since the release.\nNobody can pay.",
		Severity: incidents.Downtime, Status: incidents.Monitoring, Private: true, Drill: true, Cleared: []string{"0123456789ab", "ba9876543210"},
		DeclaredAt: noon, DeclaredBy: "U-ANA", DeclaredIn: "C-TEAM", StartedAt: after(-600), ResolvedAt: after(900),
		Channel:    incidents.Channel{ID: "C-1", Name: "inc-1-checkout"},
		PostWanted: true, Post: incidents.PullRequest{Number: 7, URL: "https://git.example/7", Path: "_posts/a.md", State: incidents.PullMerged, MergedAt: after(9000)},
		Holders: map[incidents.Role][]string{incidents.Lead: {"U-ANA"}, incidents.Ops: {"U-BEN"}},
		Sections: map[incidents.Section]string{
			incidents.SectionLead: "On Wednesday.", incidents.SectionTrigger: "",
		},
		Actions: []incidents.Action{
			{Number: 1, Text: "Alert earlier", Owner: "U-BEN", Due: time.Date(2026, 7, 20, 0, 0, 0, 0, time.UTC), WantsCard: true, CardURL: "https://board.example/1"},
			{Number: 2, Text: "Rotate the keys", Link: "https://git.example/8", DoneAt: after(3600), DoneBy: "U-EVE", NotedAt: after(1800)},
		},
		LastEntry: 3, Version: 1, ProtocolVersion: "1f2e3d", StatusAt: after(60), WellAt: after(840), HeardAt: after(870), PostAt: after(900),
		Wanted: incidents.UpdateRequest{By: "U-EVE", At: after(700)}, Followers: []string{"U-EVE", "U-DAN"},
		Relations: []incidents.Relation{{Number: 4, Kind: incidents.RelatedTo}, {Number: 5, Kind: incidents.DuplicateBy}},
		Update:    incidents.Update{Number: 2, Text: "We are at it.", At: after(120), NextAt: after(1920), Status: incidents.Identified},
		Handovers: []incidents.Handover{
			{Role: incidents.Ops, To: "U-BEN", By: "U-ANA", At: after(60), Answer: incidents.RoleAccepted, AnsweredAt: after(90)},
			{Role: incidents.Communications, From: []string{"U-BEN", "U-DAN"}, Until: after(180), EndedBy: "U-DAN", To: "U-EVE", By: "U-ANA", At: after(120)},
		},
		Absences: []incidents.Absence{{User: "U-BEN", At: after(600), Gone: true}},
		Silences: []incidents.Silence{{Role: incidents.Lead, User: "U-ANA", Since: after(60), At: after(2760)}},
		Written: []incidents.Writing{
			{Section: incidents.SectionImpact, By: "U1", At: after(60), Version: 3, Discussed: true}, {Section: incidents.SectionTrigger, Discussed: true},
		},
		Suggestions: []incidents.Suggestion{{ID: "1700000000.000100", Section: incidents.SectionImpact, State: incidents.SuggestionTaken, By: "U2"}},
		Listed:      true, Answered: []incidents.Answered{{Remark: "r7", How: incidents.AnswerDone, By: "U1"}},
		Marks: []incidents.Mark{
			{Step: "tell", State: incidents.StepDone, At: after(120), Late: 3 * time.Minute},
			{Step: "wake", State: incidents.StepSkipped, By: "U-ANA", At: after(30), Reason: "It is “noon”.\n"},
			{Step: "rest", State: incidents.StepLater, By: "U-BEN", At: after(30), Until: after(1800), Reminded: 2},
		},
	}
}

// same fails when two values differ. A nil map or slice and an empty one are the same.
func same[T any](t *testing.T, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("not as expected (-want +got):\n%s", diff)
	}
}

func incidentRoundTrip(t *testing.T, h Harness) {
	s := h.Open(t)
	for _, in := range []incidents.Incident{full(1), declared(2), {Number: 3, Title: "Bare", Backfill: true, Status: incidents.Resolved, Version: 1}} {
		apply(t, s, incidents.Change{Incident: in})
		same(t, load(t, s, in.Number), in)
		update(t, s, func(tx incidents.Tx) error {
			got, err := tx.Incident(in.Number)
			if err == nil && !cmp.Equal(got, in, cmpopts.EquateEmpty()) {
				t.Errorf("an Update reads %v", cmp.Diff(in, got))
			}
			return err
		})
	}
}

func incidentChanges(t *testing.T, h Harness) {
	s := h.Open(t)
	in := full(1)
	apply(t, s, incidents.Change{Incident: in})
	steps := map[string]func(*incidents.Incident){
		"title":        func(in *incidents.Incident) { in.Title = "Checkout was down" },
		"summary":      func(in *incidents.Incident) { in.Summary = "" },
		"severity":     func(in *incidents.Incident) { in.Severity = incidents.Degradation },
		"status":       func(in *incidents.Incident) { in.Status = incidents.CalledOff },
		"visible":      func(in *incidents.Incident) { in.Private = false },
		"real":         func(in *incidents.Incident) { in.Drill = false },
		"start unsaid": func(in *incidents.Incident) { in.StartedAt = time.Time{} },
		"not resolved": func(in *incidents.Incident) { in.ResolvedAt = time.Time{} },
		"channel":      func(in *incidents.Incident) { in.Channel = incidents.Channel{ID: "C-2", Name: "inc-1"} },
		"post":         func(in *incidents.Incident) { in.Post.Number = 8 },
		"role given": func(in *incidents.Incident) {
			in.Holders = with(in.Holders, incidents.Communications, []string{"U-CLEO"})
		},
		"role handed over": func(in *incidents.Incident) { in.Holders = with(in.Holders, incidents.Lead, []string{"U-CLEO"}) },
		"somebody joined": func(in *incidents.Incident) {
			in.Holders = with(in.Holders, incidents.Ops, []string{"U-BEN", "U-DAN", "U-ANA"})
		},
		"one has left":    func(in *incidents.Incident) { in.Holders = with(in.Holders, incidents.Ops, []string{"U-DAN"}) },
		"role given up":   func(in *incidents.Incident) { in.Holders = without(in.Holders, incidents.Ops) },
		"section written": func(in *incidents.Incident) { in.Sections = with(in.Sections, incidents.SectionImpact, "All.") },
		"section changed": func(in *incidents.Incident) { in.Sections = with(in.Sections, incidents.SectionLead, "Late.") },
		"section gone":    func(in *incidents.Incident) { in.Sections = without(in.Sections, incidents.SectionTrigger) },
		"action added": func(in *incidents.Incident) {
			in.Actions = append(in.Actions[:len(in.Actions):len(in.Actions)], incidents.Action{Number: 9, Text: "Write it down"})
		},
		"card made": func(in *incidents.Incident) {
			in.Actions = append([]incidents.Action(nil), in.Actions...)
			in.Actions[0].CardURL = "https://board.example/9"
		},
		"action taken out": func(in *incidents.Incident) { in.Actions = in.Actions[:1] },
		"step done": func(in *incidents.Incident) {
			in.Marks = append(in.Marks[:1:1], incidents.Mark{Step: "wake", State: incidents.StepDone, At: after(300)})
		},
		"users told": func(in *incidents.Incident) { in.Update.At, in.StatusAt = after(400), after(500) },
		"nothing":    func(*incidents.Incident) {},
	}
	for name, step := range steps {
		step(&in)
		in.Version++
		apply(t, s, incidents.Change{Incident: in})
		if got := load(t, s, 1); !cmp.Equal(got, in, cmpopts.EquateEmpty()) {
			t.Fatalf("after %q: %s", name, cmp.Diff(in, got))
		}
	}
}

func with[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	changed := without(m, k)
	changed[k] = v
	return changed
}

func without[K comparable, V any](m map[K]V, k K) map[K]V {
	changed := map[K]V{}
	for key, v := range m {
		if key != k {
			changed[key] = v
		}
	}
	return changed
}

func incidentChangedInPlace(t *testing.T, h Harness) {
	s := h.Open(t)
	apply(t, s, incidents.Change{Incident: full(1)})
	var want incidents.Incident
	update(t, s, func(tx incidents.Tx) error {
		for range 2 {
			in, err := tx.Incident(1)
			if err != nil {
				return err
			}
			in.Holders[incidents.Lead][0] += "X"
			in.Sections[incidents.SectionLead] += "X"
			in.Actions[0].Text += "X"
			in.Version++
			want = in
			if err := tx.Apply(incidents.Change{Incident: in}, noon); err != nil {
				return err
			}
		}
		return nil
	})
	same(t, load(t, s, 1), want)

	update(t, s, func(tx incidents.Tx) error { // there and back without reading again
		in, err := tx.Incident(1)
		if err != nil {
			return err
		}
		there := in
		there.Holders, there.Version = with(in.Holders, incidents.Lead, []string{"U-DAN"}), in.Version+1
		if err := tx.Apply(incidents.Change{Incident: there}, noon); err != nil {
			return err
		}
		in.Version += 2
		want = in
		return tx.Apply(incidents.Change{Incident: in}, noon)
	})
	same(t, load(t, s, 1), want)
}

func incidentUnknown(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	err := s.View(context.Background(), func(r incidents.Reader) error {
		_, err := r.Incident(2)
		return err
	})
	if !errors.Is(err, incidents.ErrNotFound) {
		t.Errorf("Incident of an unknown number: %v", err)
	}
	in := declared(2)
	in.Version = 5
	err = s.Update(context.Background(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) })
	if err == nil {
		t.Error("a change of an unknown incident was accepted")
	}
}

func incidentConflict(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	in := declared(1)
	in.Version, in.Title = 2, "Second"
	apply(t, s, incidents.Change{Incident: in})
	for _, version := range []int{2, 4, 9} {
		in.Version, in.Title = version, "Late"
		err := s.Update(context.Background(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) })
		if !errors.Is(err, incidents.ErrConflict) {
			t.Errorf("version %d after 2: %v", version, err)
		}
	}
	if got := load(t, s, 1); got.Title != "Second" || got.Version != 2 {
		t.Errorf("a conflict left %q, version %d", got.Title, got.Version)
	}
}

func incidentNumberTaken(t *testing.T, h Harness) {
	s := h.Open(t)
	declare(t, s, declared(1))
	in := declared(1)
	in.Title = "Another with the same number"
	err := s.Update(context.Background(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) })
	if !errors.Is(err, incidents.ErrConflict) {
		t.Errorf("a number that is taken: %v", err)
	}
	same(t, load(t, s, 1), declared(1))
}

func incidentLastNumber(t *testing.T, h Harness) {
	s := h.Open(t)
	last := func(want int) {
		t.Helper()
		update(t, s, func(tx incidents.Tx) error {
			got, err := tx.LastNumber()
			if err == nil && got != want {
				t.Errorf("LastNumber is %d, want %d", got, want)
			}
			return err
		})
	}
	last(0)
	declare(t, s, declared(1))
	last(1)
	stop := errors.New("stop")
	err := s.Update(context.Background(), func(tx incidents.Tx) error {
		if err := tx.Apply(incidents.Change{Incident: declared(2)}, noon); err != nil {
			return err
		}
		if got, err := tx.LastNumber(); err != nil || got != 2 {
			t.Errorf("LastNumber after its own write: %d, %v", got, err)
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	last(1)
	declare(t, s, declared(40))
	last(40)
	declare(t, s, declared(7))
	last(40)
}

func incidentChannelTaken(t *testing.T, h Harness) {
	s := h.Open(t)
	for n := 1; n <= 2; n++ {
		declare(t, s, declared(n)) // without a channel there may be many
	}
	in := declared(1)
	in.Version, in.Channel = 2, incidents.Channel{ID: "C-1", Name: "inc-1"}
	apply(t, s, incidents.Change{Incident: in})
	in = declared(2)
	in.Version, in.Channel = 2, incidents.Channel{ID: "C-1", Name: "inc-1"}
	err := s.Update(context.Background(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) })
	if err == nil {
		t.Error("two incidents share a channel")
	}
	same(t, load(t, s, 2), declared(2))
}

func incidentText(t *testing.T, h Harness) {
	s := h.Open(t)
	in := declared(1)
	in.Title = "Größe; DROP TABLE incidents; -- ' \" $1 ? 🔥 \u200f"
	in.Summary = " \t\r\n leading and trailing \r\n\r\n"
	apply(t, s, incidents.Change{Incident: in})
	same(t, load(t, s, 1), in)
}

func protocolKept(t *testing.T, h Harness) {
	s := h.Open(t)
	for _, text := range []string{"roles:\n", "steps:\n"} { // the last one counts
		update(t, s, func(tx incidents.Tx) error { return tx.KeepProtocol("1f2e3d", text) })
	}
	err := s.View(t.Context(), func(r incidents.Reader) error {
		got, err := r.ProtocolText("1f2e3d")
		if got != "steps:\n" {
			t.Errorf("the text is %q", got)
		}
		if _, err := r.ProtocolText("000000"); !errors.Is(err, incidents.ErrNotFound) {
			t.Errorf("an unknown version gives %v", err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
