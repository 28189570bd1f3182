package campaign

import (
	"maps"
	"reflect"
	"slices"
	"testing"
)

// run is a short run with nothing wrong: an incident, an entry that is edited, two action items, a section, a message and a
// post.
func run() (History, State) {
	h := History{
		{Step: Step{ID: 1, Who: "ana", Deed: Declare, Slot: 1, Text: "c1 is down"}, Number: 1, Began: 1, Ended: 2, Outcome: Acknowledged},
		{Step: Step{ID: 2, Who: "ana", Deed: Log, Slot: 1, Text: "c2 happened"}, Number: 1, Began: 3, Ended: 4, Outcome: Acknowledged},
		{Step: Step{ID: 3, Who: "ben", Deed: Log, Slot: 1, Text: "c3 happened"}, Number: 1, Began: 5, Ended: 6, Outcome: Acknowledged},
		{Step: Step{ID: 4, Who: "ana", Deed: Edit, Slot: 1, Of: 2, Text: "c4 is better"}, Number: 1, Began: 7, Ended: 8, Outcome: Acknowledged},
		{Step: Step{ID: 5, Who: "ana", Deed: Edit, Slot: 1, Of: 2, Text: "c5 is better"}, Number: 1, Began: 9, Ended: 10, Outcome: Acknowledged},
		{Step: Step{ID: 6, Who: "ben", Deed: ActionItem, Slot: 1, Text: "c6 is to do"}, Number: 1, Began: 11, Ended: 12, Outcome: Acknowledged},
		{Step: Step{ID: 7, Who: "ana", Deed: ActionItem, Slot: 1, Text: "c7 is to do"}, Number: 1, Began: 13, Ended: 15, Outcome: Unknown},
		{Step: Step{ID: 8, Who: "dan", Deed: Look, Slot: 1}, Number: 1, Began: 14, Ended: 16, Outcome: Acknowledged, Seen: []string{"c6 is to do"}},
		{Step: Step{ID: 9, Who: "ana", Deed: Section, Slot: 1, Text: "c9 is written"}, Number: 1, Began: 17, Ended: 18, Outcome: Acknowledged},
		{Step: Step{ID: 10, Who: "ana", Deed: Severity, Slot: 1, Text: "severe"}, Number: 1, Began: 19, Ended: 20, Outcome: Acknowledged},
		{Step: Step{ID: 11, Who: "ben", Deed: Say, Slot: 1, Text: "c11 is said"}, Number: 1, Began: 21, Ended: 22, Outcome: Acknowledged},
		{Step: Step{ID: 12, Who: "ana", Deed: Resolve, Slot: 1}, Number: 1, Began: 23, Ended: 24, Outcome: Acknowledged},
		{Step: Step{ID: 13, Who: "ana", Deed: Log, Slot: 1, Text: "c13 happened"}, Number: 1, Began: 25, Ended: 26, Outcome: Refused},
		{Step: Step{ID: 14, Who: "ana", Deed: Role, Slot: 1, Text: "ben"}, Number: 1, Began: 27, Ended: 28, Outcome: Acknowledged},
		{Step: Step{ID: 15, Who: "eve", Deed: Reopen, Slot: 1}, Number: 1, Began: 29, Ended: 30, Outcome: Unknown},
		{Step: Step{ID: 16, Deed: Wrong, Fault: &Fault{Kind: Kill}}, Began: 31, Ended: 32},
	}
	s := State{
		Incidents: []Incident{{
			Number: 1, Title: "c1 is down", Status: "resolved", Severity: "severe service degradation", Ops: "ben",
			Sections: map[string]string{"impact": "c9 is written"},
			Actions:  []Action{{1, "c6 is to do"}, {2, "c7 is to do"}},
			Entries: []Entry{
				{Number: 1, Versions: []string{"We declared the incident"}, Shown: true, Event: "declared"},
				{Number: 2, Versions: []string{"c2 happened", "c4 is better", "c5 is better"}, Shown: true},
				{Number: 3, Versions: []string{"c3 happened"}, Shown: true},
				{Number: 4, Versions: []string{"c11 is said"}, Shown: true, Source: "C1:1.1"},
				{Number: 5, Versions: []string{"We declared the incident resolved"}, Shown: true, Event: "resolved"},
			},
			Topic: "#1 c1 is down · resolved", TopicDue: "#1 c1 is down · resolved",
			Summary: "#1 c1 is down resolved severe service degradation We declared the incident resolved",
			Post: "c9 is written\n- c6 is to do\n- c7 is to do\n" +
				"- 09:00 - We declared the incident\n- 09:00 - c5 is better\n- 09:00 - c3 happened\n- 09:00 - c11 is said\n- 09:00 - We declared the incident resolved\n",
		}},
		Things: []Thing{
			{"inc-1/channel", ""}, {"inc-1/announcement", ""}, {"inc-1/summary", ""}, {"inc-1/pin", ""}, {"inc-1/branch", ""},
			{"inc-1/pull", ""}, {"inc-1/bookmark", ""}, {"inc-1/action-1/card", "c6 is to do"}, {"inc-1/action-2/card", "c7 is to do"},
			{"inc-1/reminder", ""}, {"inc-1/reminder", ""},
		},
		Messages: []Message{{Number: 1, Source: "C1:1.1", Text: "c11 is said", Wanted: true, Ticked: true}},
		Seconds:  Bound,
	}
	return h, s
}

func TestCheckFindsNothingWhereNothingIsWrong(t *testing.T) {
	if found := Check(run()); len(found) > 0 {
		t.Error(found)
	}
}

// Whatever is done to a run in which nothing was wrong, the check says what it is.
func TestCheck(t *testing.T) {
	in := func(change func(*Incident)) func(History, *State) {
		return func(_ History, s *State) { change(&s.Incidents[0]) }
	}
	without := func(key string) func(History, *State) {
		return func(_ History, s *State) {
			s.Things = slices.DeleteFunc(s.Things, func(t Thing) bool { return t.Key == key })
		}
	}
	more := func(key string) func(History, *State) {
		return func(_ History, s *State) { s.Things = append(s.Things, Thing{key, "c6 is to do"}) }
	}
	entry := func(number int, versions ...string) Entry {
		return Entry{Number: number, Versions: versions, Shown: true}
	}
	for name, c := range map[string]struct {
		want   Rule
		change func(History, *State)
	}{
		"no incident":             {Lost, func(_ History, s *State) { s.Incidents, s.Things, s.Messages = nil, nil, nil }},
		"two incidents":           {Doubled, func(_ History, s *State) { s.Incidents = append(s.Incidents, Incident{Number: 2, Title: "c1 is down"}) }},
		"one that nobody wanted":  {Ghost, func(_ History, s *State) { s.Incidents = append(s.Incidents, Incident{Number: 2, Title: "c99"}) }},
		"one number twice":        {Doubled, func(_ History, s *State) { s.Incidents = append(s.Incidents, s.Incidents[0]) }},
		"another number":          {Differs, func(h History, _ *State) { h[0].Number = 7 }},
		"a lost entry":            {Lost, in(func(i *Incident) { i.Entries = slices.Delete(i.Entries, 2, 3) })},
		"an entry that is hidden": {Lost, in(func(i *Incident) { i.Entries[2].Shown = false })},
		"a doubled entry":         {Doubled, in(func(i *Incident) { i.Entries = append(i.Entries, entry(6, "c3 happened")) })},
		"an entry from nowhere":   {Ghost, in(func(i *Incident) { i.Entries = append(i.Entries, entry(6, "c99 happened")) })},
		"a refused entry":         {Ghost, in(func(i *Incident) { i.Entries = append(i.Entries, entry(6, "c13 happened")) })},
		"entries out of order":    {Disorder, in(func(i *Incident) { i.Entries[1].Number, i.Entries[2].Number = 3, 2 })},
		"a lost edit":             {Lost, in(func(i *Incident) { i.Entries[1].Versions = []string{"c2 happened", "c5 is better"} })},
		"a doubled edit": {Doubled, in(func(i *Incident) {
			i.Entries[1].Versions = []string{"c2 happened", "c4 is better", "c4 is better", "c5 is better"}
		})},
		"edits out of order":  {Disorder, in(func(i *Incident) { i.Entries[1].Versions = []string{"c2 happened", "c5 is better", "c4 is better"} })},
		"an edit by nobody":   {Ghost, in(func(i *Incident) { i.Entries[2].Versions = append(i.Entries[2].Versions, "c99") })},
		"not declared":        {Torn, in(func(i *Incident) { i.Entries[0].Event = "severity" })},
		"a lost action":       {Lost, in(func(i *Incident) { i.Actions = i.Actions[1:] })},
		"a doubled action":    {Doubled, in(func(i *Incident) { i.Actions = append(i.Actions, Action{3, "c6 is to do"}) })},
		"an action by nobody": {Ghost, in(func(i *Incident) { i.Actions = append(i.Actions, Action{3, "c99 is to do"}) })},
		"actions out of order": {Disorder, func(h History, s *State) {
			h[6].Outcome = Acknowledged
			s.Incidents[0].Actions[0].Number, s.Incidents[0].Actions[1].Number = 2, 1
		}},
		"a lost section":                      {Lost, in(func(i *Incident) { i.Sections = nil })},
		"a section by nobody":                 {Ghost, in(func(i *Incident) { i.Sections["impact"] = "c99 is written" })},
		"a section that somebody else writes": {Ghost, in(func(i *Incident) { i.Sections["lessons"] = "c9 is written" })},
		"a lost severity":                     {Lost, in(func(i *Incident) { i.Severity = "" })},
		"an older severity": {Lost, func(h History, s *State) {
			h[13] = Op{Step: Step{ID: 14, Who: "ben", Deed: Severity, Text: "downtime"}, Number: 1, Began: 27, Ended: 28, Outcome: Acknowledged}
		}},
		"a lost role":                     {Lost, in(func(i *Incident) { i.Ops = "" })},
		"a lost status":                   {Lost, in(func(i *Incident) { i.Status = "declared" })},
		"a status that nobody gave it":    {Ghost, in(func(i *Incident) { i.Status = "monitoring" })},
		"a stale look":                    {Stale, func(h History, _ *State) { h[7].Seen = nil }},
		"a look at what is not there":     {Ghost, func(h History, _ *State) { h[7].Seen = append(h[7].Seen, "c99 is to do") }},
		"a look ahead":                    {Ghost, func(h History, _ *State) { h[7].Began, h[7].Ended, h[7].Seen = 9, 10, []string{"c6 is to do"} }},
		"a lost message":                  {Lost, in(func(i *Incident) { i.Entries = slices.Delete(i.Entries, 3, 4) })},
		"a doubled message":               {Doubled, in(func(i *Incident) { i.Entries = append(i.Entries, i.Entries[3]) })},
		"a message as it was":             {Differs, in(func(i *Incident) { i.Entries[3].Versions[0] = "c11 was said" })},
		"a message that nobody marked":    {Ghost, func(_ History, s *State) { s.Messages[0].Wanted, s.Messages[0].Ticked = false, false }},
		"a message elsewhere":             {Differs, func(_ History, s *State) { s.Messages[0].Number = 2 }},
		"no tick":                         {Differs, func(_ History, s *State) { s.Messages[0].Ticked = false }},
		"no channel":                      {Missing, without("inc-1/channel")},
		"no announcement":                 {Missing, without("inc-1/announcement")},
		"no card":                         {Missing, without("inc-1/action-2/card")},
		"no pull request":                 {Missing, without("inc-1/pull")},
		"two channels":                    {Doubled, more("inc-1/channel")},
		"two announcements":               {Doubled, more("inc-1/announcement")},
		"two summaries":                   {Doubled, more("inc-1/summary")},
		"two cards":                       {Doubled, more("inc-1/action-1/card")},
		"two pull requests":               {Doubled, more("inc-1/pull")},
		"a channel of nobody":             {Unowned, more("inc-2/channel")},
		"a card of no action":             {Unowned, more("inc-1/action-9/card")},
		"a post that nobody wanted":       {Unowned, func(h History, _ *State) { h[11].Outcome = Refused }},
		"a card that says something else": {Differs, func(_ History, s *State) { s.Things[7].Text = "c99" }},
		"an old topic":                    {Differs, in(func(i *Incident) { i.Topic = "#1 c1 is down" })},
		"an old card":                     {Differs, in(func(i *Incident) { i.Summary = "#1 c1 is down investigating" })},
		"an old post":                     {Differs, in(func(i *Incident) { i.Post = "c9 is written\n- c6 is to do\n- c7 is to do\n" })},
		"something that waits":            {Late, in(func(i *Incident) { i.Open = []string{"inc-1/summary"} })},
		"too late":                        {Late, func(_ History, s *State) { s.Seconds = Bound + 1 }},
		"what the store finds":            {Torn, func(_ History, s *State) { s.Wrong = []string{"incident #1 has 4 entries"} }},
	} {
		t.Run(name, func(t *testing.T) {
			h, s := run()
			c.change(h, &s)
			found := Check(h, s)
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Rule == c.want }) {
				t.Errorf("it is not %s, but %v", c.want, found)
			}
		})
	}
}

// What was not acknowledged may be there or not.
func TestCheckLeavesOpenWhatNobodyKnows(t *testing.T) {
	h, s := run()
	s.Incidents[0].Actions = s.Incidents[0].Actions[:1]
	s.Things = slices.DeleteFunc(s.Things, func(t Thing) bool { return t.Key == "inc-1/action-2/card" })
	s.Incidents[0].Status, s.Incidents[0].Topic, s.Incidents[0].TopicDue = "investigating", "", ""
	s.Incidents[0].Summary += " investigating"
	s.Incidents[0].Post = "c9 is written\n- c6 is to do\n" + s.Incidents[0].Post[len("c9 is written\n- c6 is to do\n- c7 is to do\n"):]
	if found := Check(h, s); len(found) > 0 {
		t.Error(found)
	}
}

func TestNew(t *testing.T) {
	size := Size{Incidents: 4, Deeds: 200, Kills: 9, Faults: 20, Replicas: 3, Postgres: true, Socket: true}
	one, again, other := New(5, size), New(5, size), New(6, size)
	if !reflect.DeepEqual(one, again) {
		t.Error("the same seed gives another plan")
	}
	if reflect.DeepEqual(one.Steps, other.Steps) {
		t.Error("another seed gives the same plan")
	}
	deeds, texts := map[Deed]int{}, map[string]bool{}
	for i, s := range one.Steps {
		deeds[s.Deed]++
		if s.Text != "" && s.Deed != Severity && s.Deed != Status && s.Deed != Role {
			if texts[s.Text] {
				t.Errorf("%q is written twice", s.Text)
			}
			texts[s.Text] = true
		}
		if s.Of != 0 && one.Steps[s.Of-1].Who != s.Who || s.Of > i {
			t.Errorf("step %+v is about another's", s)
		}
	}
	if deeds[Declare] != 4 || deeds[Wrong] != 29 || len(one.Steps) != 4+(4+200)+29 {
		t.Errorf("%d steps: %v", len(one.Steps), deeds)
	}
	if all := slices.Collect(maps.Keys(deeds)); len(all) < 14 {
		t.Errorf("only %v is done", all)
	}
}

// The shortest plan has what it takes to fail, and nothing else.
func TestShrink(t *testing.T) {
	p := New(3, Size{Incidents: 2, Deeds: 60, Kills: 3})
	kill := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Deed == Wrong })
	tried := 0
	short := Shrink(p, 400, func(p Plan) bool {
		tried++
		has := map[int]bool{}
		for _, s := range p.Steps {
			has[s.ID] = true
		}
		return has[1] && has[kill+1] && has[50]
	})
	var ids []int
	for _, s := range short.Steps {
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	if want := slices.Compact(slices.Sorted(slices.Values([]int{1, kill + 1, 50}))); !slices.Equal(ids, want) {
		t.Errorf("%v is left after %d attempts, want %v", ids, tried, want)
	}
	if got := Shrink(p, 5, func(Plan) bool { tried = 0; return false }); len(got.Steps) != len(p.Steps) {
		t.Error("it leaves out steps although nothing fails without them")
	}
}
