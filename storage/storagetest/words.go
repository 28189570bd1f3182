package storagetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"watchbell/incidents"
)

var wordTests = map[string]func(*testing.T, Harness){
	"words stand where they were written": wordsStand,
	"the newest, so many":                 wordsNewest,
	"some words in some places":           wordsIn,
	"shelves":                             wordsShelves,
	"what a change takes back":            wordsTakenBack,
	"words behave as a count does":        modelWords,
	"posts":                               wordsOfPosts,
}

// mentions returns where a text's words stand, as "word number parts".
func mentions(t *testing.T, s incidents.Store, shelf incidents.Shelf, text string) (all []string) {
	t.Helper()
	keepWords(t, s)
	view(t, s, func(r incidents.Reader) error {
		for _, w := range incidents.Words(text) {
			found, err := r.Mentions(shelf, w, 100)
			if err != nil {
				return err
			}
			for _, m := range found {
				all = append(all, mentioned(m))
			}
		}
		return nil
	})
	return all
}

// keepWords has everything found by its words, as whoever looks something up does.
func keepWords(t *testing.T, s incidents.Store) {
	t.Helper()
	for more := true; more; {
		update(t, s, func(tx incidents.Tx) (err error) {
			more, err = tx.KeepWords(8192)
			return err
		})
	}
}

func mentioned(m incidents.Mention) string {
	text := fmt.Sprintf("%s %d", m.Word, m.Number)
	if m.Title {
		text += " title"
	}
	if m.Gist {
		text += " gist"
	}
	if m.Rest {
		text += " rest"
	}
	return text
}

func wordsStand(t *testing.T, h Harness) {
	s := h.Open(t)
	in := declared(1)
	in.Title, in.LastEntry = "Alpha is broken", 8
	in.Sections = map[incidents.Section]string{incidents.SectionImpact: "Nobody saw bravo.", incidents.SectionLessons: "We like charlie."}
	in.Actions = []incidents.Action{{Number: 1, Text: "Mend delta"}}
	entry := func(number int, text string, alter func(*incidents.Entry)) incidents.Entry {
		e := incidents.Entry{Number: number, At: noon, Text: text, Version: 1}
		if alter != nil {
			alter(&e)
		}
		return e
	}
	apply(t, s, incidents.Change{Incident: in, Entries: []incidents.Entry{
		entry(1, "We started echo", nil),
		entry(2, "foxtrot is inside", func(e *incidents.Entry) { e.Internal = true }),
		entry(3, "golf is gone", func(e *incidents.Entry) { e.Gone = true }),
		entry(4, "hotel is waiting", func(e *incidents.Entry) { e.Waiting = true }),
		entry(5, "We declared india", func(e *incidents.Entry) { e.Event = incidents.EventDeclared }),
		entry(6, "status of juliett", func(e *incidents.Entry) { e.Event = incidents.EventStatus }),
		entry(7, "password=kilo12345 was used", nil),
		entry(8, "<@U0LIMA> came", nil),
	}})
	for text, want := range map[string]string{
		"alpha": "alpha 1 title", "bravo": "bravo 1 gist", "charlie": "charli 1 rest", "delta": "delta 1 rest", "echo": "echo 1 rest",
		"foxtrot": "", "golf": "", "hotel": "", "india": "", "juliett": "juliett 1 rest", "kilo12345": "", "U0LIMA": "", "mike": "",
	} {
		if got := mentions(t, s, incidents.OpenShelf, text); !slices.Equal(got, nonEmpty(want)) {
			t.Errorf("%q stands in %q, want %q", text, got, want)
		}
	}
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func wordsNewest(t *testing.T, h Harness) {
	s := h.Open(t)
	for n := 1; n <= 5; n++ {
		apply(t, s, incidents.Change{Incident: declared(n)})
	}
	keepWords(t, s)
	view(t, s, func(r incidents.Reader) error {
		found, err := r.Mentions(incidents.OpenShelf, "checkout", 3)
		var got []int
		for _, m := range found {
			got = append(got, m.Number)
		}
		if !slices.Equal(got, []int{5, 4, 3}) {
			t.Errorf("the newest three are %v", got)
		}
		return err
	})
}

func wordsIn(t *testing.T, h Harness) {
	s := h.Open(t)
	for n := 1; n <= 4; n++ {
		in := declared(n)
		if n == 2 {
			in.Title = "Search is slow"
		}
		apply(t, s, incidents.Change{Incident: in})
	}
	keepWords(t, s)
	view(t, s, func(r incidents.Reader) error {
		found, err := r.MentionsIn(incidents.OpenShelf, []string{"checkout", "search", "none"}, []int{1, 2, 4, 9})
		var got []string
		for _, m := range found {
			got = append(got, mentioned(m))
		}
		slices.Sort(got)
		if want := []string{"checkout 1 title", "checkout 4 title", "search 2 title"}; !slices.Equal(got, want) {
			t.Errorf("there are %q, want %q", got, want)
		}
		return err
	})
}

func wordsShelves(t *testing.T, h Harness) {
	s := h.Open(t)
	private, drill := declared(2), declared(3)
	private.Private, drill.Drill = true, true
	for _, in := range []incidents.Incident{declared(1), private, drill} {
		apply(t, s, incidents.Change{Incident: in})
	}
	expect := func(when string, want map[incidents.Shelf][]string) {
		t.Helper()
		for shelf := incidents.OpenShelf; shelf <= incidents.PostShelf; shelf++ {
			if got := mentions(t, s, shelf, "checkout"); !slices.Equal(got, want[shelf]) {
				t.Errorf("%s, on shelf %d there is %q, want %q", when, shelf, got, want[shelf])
			}
		}
	}
	expect("at first", map[incidents.Shelf][]string{
		incidents.OpenShelf: {"checkout 1 title"}, incidents.PrivateShelf: {"checkout 2 title"}, incidents.DrillShelf: {"checkout 3 title"},
	})
	in := declared(1)
	in.Private, in.Version, in.Sections = true, 2, map[incidents.Section]string{incidents.SectionLead: "The checkout."}
	apply(t, s, incidents.Change{Incident: in})
	expect("made private", map[incidents.Shelf][]string{
		incidents.PrivateShelf: {"checkout 2 title", "checkout 1 title gist"}, incidents.DrillShelf: {"checkout 3 title"},
	})
}

func wordsTakenBack(t *testing.T, h Harness) {
	s := h.Open(t)
	apply(t, s, incidents.Change{Incident: declared(1)})
	err := s.Update(t.Context(), func(tx incidents.Tx) error {
		if err := tx.Apply(incidents.Change{Incident: declared(2)}, noon); err != nil {
			return err
		}
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Fatal(err)
	}
	if got := mentions(t, s, incidents.OpenShelf, "checkout"); !slices.Equal(got, []string{"checkout 1 title"}) {
		t.Errorf("there is %q", got)
	}
}

// modelWords changes an incident at random. What is found by a word is what has it now.
func modelWords(t *testing.T, h Harness) {
	s := h.Open(t)
	vocabulary := []string{"alpha", "bravo", "charlie", "delta", ""}
	text := rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom(vocabulary).Draw(t, "one") + " " + rapid.SampledFrom(vocabulary).Draw(t, "two")
	})
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		in := incidents.Incident{Number: round, Title: text.Draw(rt, "title"), Status: incidents.Declared}
		entries := map[int]incidents.Entry{}
		for range rapid.IntRange(1, 6).Draw(rt, "changes") {
			in.Version++
			in.Title = text.Draw(rt, "title")
			in.Drill = rapid.IntRange(0, 3).Draw(rt, "drill") == 0
			in.Sections = map[incidents.Section]string{}
			for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(incidents.Sections), rapid.ID).Draw(rt, "sections") {
				in.Sections[name] = text.Draw(rt, "section")
			}
			in.Actions = nil
			for n := range rapid.IntRange(0, 2).Draw(rt, "actions") {
				in.Actions = append(in.Actions, incidents.Action{Number: n + 1, Text: text.Draw(rt, "action")})
			}
			var change []incidents.Entry
			for range rapid.IntRange(0, 3).Draw(rt, "entries") {
				e := entries[rapid.IntRange(1, 3).Draw(rt, "entry")]
				if e.Number == 0 {
					e.Number = len(entries) + 1
				}
				e.Version++
				e.At, e.Text = noon, text.Draw(rt, "text")
				e.Gone, e.Internal = rapid.IntRange(0, 3).Draw(rt, "gone") == 0, rapid.IntRange(0, 3).Draw(rt, "internal") == 0
				entries[e.Number] = e
				change = append(change, e)
			}
			in.LastEntry = len(entries)
			if err := s.Update(t.Context(), func(tx incidents.Tx) error {
				return tx.Apply(incidents.Change{Incident: in, Entries: change}, noon)
			}); err != nil {
				rt.Fatal(err)
			}
			if rapid.Bool().Draw(rt, "an idle moment") {
				update(t, s, func(tx incidents.Tx) error {
					_, err := tx.KeepWords(1)
					return err
				})
			}
			want := wordsWanted(in, entries)
			for word := range wordsNow(t, s, in.Number) { // some may be missing yet, but none that was taken out is left
				if !want[word] {
					rt.Fatalf("of %+v and %+v there is %s", in, entries, word)
				}
			}
		}
		keepWords(t, s)
		if got, want := wordsNow(t, s, in.Number), wordsWanted(in, entries); !cmp.Equal(got, want) {
			rt.Fatalf("of %+v and %+v (-want +got):\n%s", in, entries, cmp.Diff(want, got))
		}
	})
}

// wordsNow are the words of an incident in the store, by their shelves.
func wordsNow(t *testing.T, s incidents.Store, number int) map[string]bool {
	now := map[string]bool{}
	view(t, s, func(r incidents.Reader) error {
		for shelf := incidents.OpenShelf; shelf <= incidents.PostShelf; shelf++ {
			found, err := r.MentionsIn(shelf, []string{"alpha", "bravo", "charli", "delta"}, []int{number})
			if err != nil {
				return err
			}
			for _, m := range found {
				addMention(now, shelf, m)
			}
		}
		return nil
	})
	return now
}

func addMention(all map[string]bool, shelf incidents.Shelf, m incidents.Mention) {
	for part, in := range map[string]bool{"title": m.Title, "gist": m.Gist, "rest": m.Rest} {
		if in {
			all[fmt.Sprintf("%d %s %s", shelf, m.Word, part)] = true
		}
	}
}

// wordsWanted are the words that an incident should be found by.
func wordsWanted(in incidents.Incident, entries map[int]incidents.Entry) map[string]bool {
	all := map[string]*incidents.Mention{}
	at := func(word string) *incidents.Mention {
		if all[word] == nil {
			all[word] = &incidents.Mention{}
		}
		return all[word]
	}
	for _, w := range incidents.Words(in.Title) {
		at(w).Title = true
	}
	for name, text := range in.Sections {
		for _, w := range incidents.Words(text) {
			if m := at(w); name.InGist() {
				m.Gist = true
			} else {
				m.Rest = true
			}
		}
	}
	for _, a := range in.Actions {
		for _, w := range incidents.Words(a.Text) {
			at(w).Rest = true
		}
	}
	for _, e := range entries {
		if e.Gone || e.Internal {
			continue
		}
		for _, w := range incidents.Words(e.Text) {
			at(w).Rest = true
		}
	}
	want := map[string]bool{}
	for word, m := range all {
		m.Word = word
		addMention(want, in.Shelf(), *m)
	}
	return want
}

func wordsOfPosts(t *testing.T, h Harness) {
	s := h.Open(t)
	in := full(7)
	in.Private, in.Drill, in.Post.Path = false, false, "_posts/2026-07-08-b.md"
	apply(t, s, incidents.Change{Incident: in})
	posts := []incidents.PastPost{
		{Path: "_posts/2026-07-09-b.md", Title: "Later", Day: after(86400)},
		{
			Path: "_posts/2026-07-08-b.md", Title: "Staging vanished", Severity: incidents.Downtime, Day: noon, URL: "https://blog.example/b",
			Times: incidents.Times{Began: noon, Resolved: after(60)}, Unsure: []string{"began"},
			Gist: "An architecture was deleted.", How: "We created it anew.", Text: "It took a while.",
			Actions: []incidents.PastAction{{Text: "Document distributions", Link: "https://card.example", Done: true}},
		},
	}
	keep := func(p incidents.PastPost, want incidents.Kept) {
		t.Helper()
		update(t, s, func(tx incidents.Tx) error {
			kept, err := tx.KeepPost(p)
			if kept != want {
				t.Errorf("%s is %q, want %q", p.Path, kept, want)
			}
			return err
		})
	}
	for range 2 {
		for _, p := range posts {
			keep(p, map[bool]incidents.Kept{true: incidents.KeptNew, false: incidents.KeptSame}[len(allPosts(t, s)) < len(posts)])
		}
	}
	posts[1].Number, posts[1].Incident, posts[0].Number = 2, 7, 1
	if diff := cmp.Diff([]incidents.PastPost{posts[1], posts[0]}, allPosts(t, s)); diff != "" {
		t.Errorf("posts (-want +got):\n%s", diff)
	}
	find := func(text string, want ...string) {
		t.Helper()
		if got := mentions(t, s, incidents.PostShelf, text); !slices.Equal(got, want) {
			t.Errorf("%q stands in %q, want %q", text, got, want)
		}
	}
	find("vanished", "vanish 2 title")
	find("architecture", "architectur 2 gist")
	find("distributions", "distribut 2 rest")
	posts[1].Title, posts[1].Gist = "Staging came back", "It was vanished."
	keep(posts[1], incidents.KeptChanged)
	find("vanished", "vanish 2 gist")
	find("architecture")
	find("distributions", "distribut 2 rest")
	if got := allPosts(t, s, 2); len(got) != 1 || got[0].Title != "Staging came back" {
		t.Errorf("the post now: %+v", got)
	}
}

func allPosts(t *testing.T, s incidents.Store, numbers ...int) (all []incidents.PastPost) {
	t.Helper()
	view(t, s, func(r incidents.Reader) (err error) {
		all, err = r.Posts(numbers...)
		return err
	})
	return all
}
