package protocol

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"watchbell/incidents"
)

func TestWhatIsHeard(t *testing.T) {
	talk := Default().Talk
	for text, want := range map[string]struct{ recovered, trouble bool }{
		"We are back online":            {recovered: true},
		"*checkout* is up again, sorry": {recovered: true},
		"It’s back up!":                 {recovered: true},
		"RECOVERED":                     {recovered: true},
		"restarted the queue, everything works again :tada:":   {recovered: true},
		"I restarted it. Is it back online?":                   {},
		"is it back online, Ben?":                              {},
		"Is it back online? Yes: recovered.":                   {recovered: true},
		"not yet recovered":                                    {},
		"it hasn't really recovered":                           {},
		"when it is back online we tell them":                  {},
		"that should be back to normal soon":                   {},
		"When I restarted it, it recovered":                    {recovered: true},
		"irrecovered":                                          {},
		"back <https://x.io/online|online>":                    {recovered: true},
		"see <https://x.io/is-back-online>":                    {},
		"":                                                     {},
		"Is the web shop down?":                                {trouble: true},
		"checkout is down for me":                              {trouble: true},
		"the build is completely and utterly broken, sit down": {},
		"I am getting 500s on /login":                          {trouble: true},
		"Users can’t pay":                                      {trouble: true},
		"customers cannot log in &amp; complain":               {trouble: true},
		"we bought 500 chairs":                                 {},
		"there is no outage":                                   {},
		"if checkout is down, call Ana":                        {},
		"the shop is not really down":                          {},
		"<@U123> the API isn't down":                           {},
		"an OUTAGE at the provider":                            {trouble: true},
		"is\ndown":                                             {},
	} {
		if r, b := talk.SaysRecovered(text), talk.SaysTrouble(text); r != want.recovered || b != want.trouble {
			t.Errorf("%q says recovered %v, trouble %v; want %v, %v", text, r, b, want.recovered, want.trouble)
		}
	}
	if long := strings.Repeat("so it goes ", 500) + "is down"; talk.SaysTrouble(long) {
		t.Error("the end of a novel is listened to")
	}
}

func TestTalkIsTheTeams(t *testing.T) {
	read := func(text string) incidents.Talk {
		p, err := Read(text)
		if err != nil {
			t.Fatal(err)
		}
		return p.Talk
	}
	if !read("reminders: {most: 1}").SaysRecovered("back online") {
		t.Error("a file that says nothing about it has not the usual words")
	}
	if read("talk: {trouble: [kaputt]}").SaysRecovered("back online") {
		t.Error("a file that listens for nothing is not followed")
	}
	own := read("talk: {recovered: ['läuft … wieder'], unless: [nicht]}")
	if !own.SaysRecovered("Das LÄUFT jetzt wieder") {
		t.Error("words of one's own are not heard")
	}
	if own.SaysRecovered("nicht dass es läuft und wieder") {
		t.Error("what is taken back is heard")
	}
}

func TestMistakesInTalk(t *testing.T) {
	_, err := Read("talk:\n  recovered: ['!!!']\n  trouble:\n    - {a: b}\n    - " + strings.Repeat("x ", 60) + "\n  unles: [not]\n")
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var lines []int
	for _, m := range mistakes {
		lines = append(lines, m.Line)
	}
	if want := []int{2, 4, 5, 6}; !slices.Equal(lines, want) {
		t.Errorf("the lines are %d, want %d:\n%v", lines, want, err)
	}
}

func FuzzTalk(f *testing.F) {
	talk := Default().Talk
	for _, seed := range []string{"is <https://x|down>", "<<|<|>>>", "it's back online?", "a|b>c<d|e>", "\xff is down"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := talk.SaysRecovered(text)
		if r && talk.SaysRecovered("not "+text) && !strings.ContainsAny(text, ".!?;,:\n") && len(text) < 900 && !strings.Contains(text, "<") {
			t.Errorf("%q is heard although it is taken back", text)
		}
		_ = talk.SaysTrouble(text)
	})
}

// BenchmarkTalk is what a message costs that holds nothing of interest, as most do.
func BenchmarkTalk(b *testing.B) {
	talk := Default().Talk
	const said = "I looked at the dashboards of <@U0123456> and <https://grafana.example.org/d/42|the queue>, nothing unusual there; let's meet at ten?"
	b.ReportAllocs()
	for b.Loop() {
		if talk.SaysRecovered(said) || talk.SaysTrouble(said) {
			b.Fatal("it is heard")
		}
	}
}
