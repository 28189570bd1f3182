package storagetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"watchbell/incidents"
)

var searchTests = map[string]func(*testing.T, Harness){
	"what is found, best first":            searchOrder,
	"private ones for those in them":       searchPrivate,
	"nobody finds what they may not know":  searchNeverTells,
	"a post and its incident are one":      searchPosts,
	"rare words among very common ones":    searchCommon,
	"what is alike, and what is not":       searchAlike,
	"what was said stands with the answer": searchLine,
}

// titles finds by a question, and returns the titles of what is found.
func titles(t *testing.T, s incidents.Store, q incidents.Search) (all []string) {
	t.Helper()
	for _, f := range search(t, s, q) {
		switch {
		case f.Snapshot.Number != 0:
			all = append(all, f.Snapshot.Title)
		default:
			all = append(all, "post: "+f.Post.Title)
		}
	}
	return all
}

func search(t *testing.T, s incidents.Store, q incidents.Search) []incidents.Found {
	t.Helper()
	found, err := serviceOn(s).Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// written is an incident with a title and an entry.
func written(t *testing.T, s incidents.Store, number int, title, entry string, alter ...func(*incidents.Incident)) {
	t.Helper()
	in := declared(number)
	in.Title = title
	for _, a := range alter {
		a(&in)
	}
	apply(t, s, incidents.Change{Incident: in, Entries: []incidents.Entry{{Number: 1, At: noon, Text: entry, Format: incidents.Markdown, Version: 1}}})
}

func searchOrder(t *testing.T, h Harness) {
	s := h.Open(t)
	written(t, s, 1, "Checkout is down", "The certificate had expired")
	written(t, s, 2, "Images are missing", "The certificate of the image store had expired; checkout was fine")
	written(t, s, 3, "Checkout is slow", "A long query")
	written(t, s, 4, "Certificate of checkout expires", "Renewed it")
	written(t, s, 5, "Search is slow", "A drill about certificates", func(in *incidents.Incident) { in.Drill = true })
	for _, c := range []struct {
		name string
		q    incidents.Search
		want []string
	}{
		{"the title before the timeline", incidents.Search{Text: "certificate"}, []string{"Certificate of checkout expires", "Images are missing", "Checkout is down"}},
		{"all words before some", incidents.Search{Text: "checkout certificates"}, []string{"Certificate of checkout expires", "Checkout is down", "Images are missing", "Checkout is slow"}},
		{"the newest of two alike", incidents.Search{Text: "checkout", Limit: 2}, []string{"Certificate of checkout expires", "Checkout is slow"}},
		{"in another form", incidents.Search{Text: "QUERIES"}, []string{"Checkout is slow"}},
		{"drills apart", incidents.Search{Text: "slow", Drills: true}, []string{"Search is slow"}},
		{"nothing", incidents.Search{Text: "kubernetes"}, nil},
		{"no words", incidents.Search{Text: "is the it?"}, nil},
		{"too little of it", incidents.Search{Text: "certificate kubernetes helm etcd"}, nil},
	} {
		if got := titles(t, s, c.q); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", c.name, got, c.want)
		}
	}
}

func searchPrivate(t *testing.T, h Harness) {
	s := h.Open(t)
	private := func(in *incidents.Incident) {
		in.Private, in.DeclaredBy, in.Channel.ID = true, "U-BEN", "C-SECRET"
		in.Holders = map[incidents.Role][]string{incidents.Lead: {"U-BEN"}, incidents.Ops: {"U-CLEO"}}
	}
	written(t, s, 1, "A breach of the vault", "Somebody got in", private)
	for name, c := range map[string]struct {
		q     incidents.Search
		finds bool
	}{
		"a stranger":      {incidents.Search{For: "U-DAN"}, false},
		"nobody":          {incidents.Search{}, false},
		"who declared it": {incidents.Search{For: "U-BEN"}, true},
		"a role":          {incidents.Search{For: "U-CLEO"}, true},
		"in its channel":  {incidents.Search{For: "U-DAN", In: "C-SECRET"}, true},
		"elsewhere":       {incidents.Search{For: "U-DAN", In: "C-OTHER"}, false},
		"except it":       {incidents.Search{For: "U-BEN", Except: []int{1}}, false},
	} {
		for _, alike := range []bool{true, false} {
			c.q.Text, c.q.Alike = "vault breach", alike
			if got := titles(t, s, c.q); (len(got) > 0) != c.finds {
				t.Errorf("%s finds %q (alike: %v)", name, got, alike)
			}
		}
	}
}

// searchNeverTells: whatever there is and whoever asks, nothing is found that they may not know of.
func searchNeverTells(t *testing.T, h Harness) {
	s := h.Open(t)
	round := 0
	people := []string{"", "U-1", "U-2", "U-3"}
	rapid.Check(t, func(rt *rapid.T) {
		word := fmt.Sprintf("round%d", round)
		for range rapid.IntRange(1, 4).Draw(rt, "incidents") {
			round++
			in := declared(round)
			in.Title, in.Holders = word+" happened", nil
			in.Private, in.Drill = rapid.Bool().Draw(rt, "private"), rapid.IntRange(0, 3).Draw(rt, "drill") == 0
			in.DeclaredBy = rapid.SampledFrom(people[1:]).Draw(rt, "by")
			if who := rapid.SampledFrom(people).Draw(rt, "ops"); who != "" {
				in.Holders = map[incidents.Role][]string{incidents.Ops: {who}}
			}
			if err := s.Update(t.Context(), func(tx incidents.Tx) error { return tx.Apply(incidents.Change{Incident: in}, noon) }); err != nil {
				rt.Fatal(err)
			}
		}
		for _, who := range people {
			for _, drills := range []bool{true, false} {
				for _, f := range search(t, s, incidents.Search{Text: word, For: who, Drills: drills, Limit: 10}) {
					if in := f.Snapshot.Incident; !in.Knows(who) || in.Drill != drills {
						rt.Fatalf("%q finds %+v", who, in)
					}
				}
			}
		}
	})
}

func searchPosts(t *testing.T, h Harness) {
	s := h.Open(t)
	keep := func(p incidents.PastPost) {
		update(t, s, func(tx incidents.Tx) error {
			_, err := tx.KeepPost(p)
			return err
		})
	}
	written(t, s, 1, "Ledger is inconsistent", "We rebuilt the ledger", func(in *incidents.Incident) { in.Post.Path = "_posts/1.md" })
	written(t, s, 2, "Vault ledger", "Secret", func(in *incidents.Incident) {
		in.Private, in.DeclaredBy, in.Holders, in.Post.Path = true, "U-BEN", nil, "_posts/2.md"
	})
	keep(incidents.PastPost{Path: "_posts/1.md", Title: "Post-mortem: ledger", Text: "The ledger."})
	keep(incidents.PastPost{Path: "_posts/2.md", Title: "Post-mortem: vault ledger", Text: "What we say."})
	keep(incidents.PastPost{Path: "_posts/3.md", Title: "Post-mortem: old ledger", Text: "Before."})
	found := search(t, s, incidents.Search{Text: "ledger", For: "U-ANA"})
	var got []string
	for _, f := range found {
		got = append(got, fmt.Sprintf("%d/%v", f.Snapshot.Number, f.Post != nil))
	}
	slices.Sort(got)
	if want := []string{"0/true", "0/true", "1/true"}; !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for _, f := range found {
		if strings.Contains(f.Snapshot.Title+f.Line.Text, "Secret") || f.Snapshot.Private {
			t.Errorf("a post that was published tells of its private incident: %+v", f)
		}
	}
}

// searchCommon: of words that stand everywhere only the newest places are read, and what has a rare word as well is
// found all the same, however old it is.
func searchCommon(t *testing.T, h Harness) {
	s := h.Open(t)
	written(t, s, 1, "The database lost its thruster", "We found it again")
	update(t, s, func(tx incidents.Tx) error {
		for n := 2; n <= 700; n++ {
			in := declared(n)
			in.Title = "The database is slow"
			if err := tx.Apply(incidents.Change{Incident: in}, noon); err != nil {
				return err
			}
		}
		return nil
	})
	found := search(t, s, incidents.Search{Text: "database thruster", Limit: 2})
	if len(found) == 0 || found[0].Snapshot.Number != 1 || !found[0].All {
		t.Errorf("found %d, the first %+v", len(found), found)
	}
}

func searchAlike(t *testing.T, h Harness) {
	s := h.Open(t)
	for n, title := range []string{
		"Checkout is down", "Search is slow for some users", "Webhooks are delivered twice", "Login fails with a 500 after the deployment",
		"Database primary ran out of disk space", "E-mails are not delivered", "API answers with 502", "Images do not load on staging",
	} {
		written(t, s, n+1, title, "The queue was restarted and the cache was cleared")
	}
	update(t, s, func(tx incidents.Tx) error {
		_, err := tx.KeepPost(incidents.PastPost{
			Path: "_posts/1.md", Title: "Post-mortem: Downtime on 5 December", Gist: "The certificate of the payment gateway had expired. Nobody could pay.",
			Text: "We restarted the proxy.",
		})
		return err
	})
	for asked, want := range map[string]string{
		"checkout is broken":                       "Checkout is down",
		"Checkout answers with errors":             "Checkout is down",
		"customers cannot check out":               "",
		"search broken":                            "Search is slow for some users",
		"webhook delivery is slow":                 "Webhooks are delivered twice",
		"disk full on database primary":            "Database primary ran out of disk space",
		"payment gateway refuses its certificate":  "post: Post-mortem: Downtime on 5 December",
		"nobody can log in, 500":                   "",
		"Queue is stuck":                           "",
		"cache is cold":                            "",
		"everything is down":                       "",
		"slow":                                     "",
		"Downtime on 12 March":                     "",
		"502 on the status page":                   "",
		"staging is down":                          "",
		"Kubernetes nodes do not join the cluster": "",
		"proxy returns errors":                     "",
		"the printer on the fourth floor smokes":   "",
		"DNS does not resolve":                     "",
	} {
		got := titles(t, s, incidents.Search{Text: asked, Alike: true, Limit: 3})
		if strings.Join(got, "; ") != want {
			t.Errorf("%q is like %q, want %q", asked, got, want)
		}
	}
}

func searchLine(t *testing.T, h Harness) {
	s := h.Open(t)
	in := declared(1)
	in.LastEntry = 2
	in.Sections = map[incidents.Section]string{incidents.SectionResolution: "We waited.\n\nThen we rotated the certificate of the vault."}
	apply(t, s, incidents.Change{Incident: in, Entries: []incidents.Entry{
		{Number: 1, At: noon, Text: "The vault is sealed", Version: 1},
		{Number: 2, At: noon, Text: "The vault's certificate, which is internal", Internal: true, Version: 1},
	}})
	for asked, want := range map[string]string{
		"vault sealed": "The vault is sealed", "certificate of the vault": "Then we rotated the certificate of the vault.", "checkout": "",
	} {
		found := search(t, s, incidents.Search{Text: asked})
		if len(found) != 1 || found[0].Line.Text != want {
			t.Errorf("%q finds %+v, want the line %q", asked, found, want)
		}
	}
}
