package practice

import (
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// pastDrill is a drill made of the post in testdata.
func pastDrill(t *testing.T) Drill {
	t.Helper()
	text, err := os.ReadFile("testdata/past.md")
	if err != nil {
		t.Fatal(err)
	}
	past, err := ReadPast("2026-11-09-post-mortem.md", text)
	if err != nil {
		t.Fatal(err)
	}
	return past.Drill("past")
}

// acted is a workspace in which a drill was gone through, with the bot's calls made by hand, as the bot makes them.
type acted struct {
	*slackRig
	d Drill
}

func act(t *testing.T, d Drill) *acted {
	r := newSlackRig(t)
	r.clock.add(d.Start.Sub(r.clock.now()))
	r.w.addCast(d.Cast)
	return &acted{slackRig: r, d: d}
}

// at sets the clock to a time of the drill's first day.
func (a *acted) at(clock string) {
	a.t.Helper()
	then, err := time.Parse("2006-01-02 15:04", a.d.Start.Format(time.DateOnly)+" "+clock)
	a.must(err)
	a.clock.add(then.Sub(a.clock.now()))
}

func (a *acted) post(channel, text string) string {
	a.t.Helper()
	_, ts, err := a.api.PostMessage(a.id(channel), slack.MsgOptionText(text, false))
	a.must(err)
	return ts
}

func (a *acted) answer(who, channel, text string) {
	a.t.Helper()
	_, err := a.api.PostEphemeral(a.id(channel), a.id(who), slack.MsgOptionText(text, false))
	a.must(err)
}

func (a *acted) card(name string) {
	a.t.Helper()
	list := a.w.Trello.Lists(a.w.Trello.Board().ID)[0].ID
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodPost, a.url+TrelloPath+"/cards?idList="+list+"&name="+name+"&key=practice-key&token=practice-token", nil)
	a.must(err)
	resp, err := http.DefaultClient.Do(req)
	a.must(err)
	a.must(resp.Body.Close())
}

func TestDebriefTellsWhatHappened(t *testing.T) {
	d := pastDrill(t)
	d.Marks = []Mark{
		{StepDeclared, 5 * time.Minute, markStart}, {StepRoles, 10 * time.Minute, StepDeclared},
		{StepTold, 5 * time.Minute, StepDeclared}, {StepResolved, time.Hour, StepMitigated},
	}
	a := act(t, d)
	a.say("watch", "team", "The lift reports no movement | for *ten* minutes")
	a.at("14:07")
	a.say("robin", "team", "I go and look")
	a.at("14:12")
	a.answer("robin", "team", ":rotating_light: Incident #1 is declared: *the lift*.")
	channel, err := a.api.CreateConversation(slack.CreateConversationParams{ChannelName: "inc-1-the-lift"})
	a.must(err)
	announcement := a.post("team", ":warning: We have an incident going on, follow it here: <#"+channel.ID+">\n*#1 the lift* · declared")
	a.must(a.s.Join("mika", "inc-1-the-lift"))
	a.at("14:14")
	a.answer("robin", "team", "<@"+a.id("mika")+"> has the role *Ops* in #1.")
	a.say("sal", "team", "How long will it take? <script>")
	a.at("14:20")
	a.say("mika", "inc-1-the-lift", "The motor is cold")
	a.at("14:31")
	a.say("noor", "team", "About half an hour")
	a.w.Faults.Add(Fault{Service: "trello", Call: "POST /cards", Status: 500, After: true, Times: 1})
	a.card("Oil+the+motor")
	a.at("14:41")
	_, _, _, err = a.api.UpdateMessage(a.id("team"), announcement, slack.MsgOptionText(":warning: We have an incident going on, follow it here: <#"+channel.ID+">\n*#1 the lift* · monitoring", false))
	a.must(err)
	a.answer("mika", "inc-1-the-lift", "Incident #1 was *monitoring* already; its entry 4 says 14:36 UTC = 15:36 CET now.")
	a.at("14:50")
	a.answer("robin", "team", ":white_check_mark: Incident #1 is resolved.")
	a.say("sal", "team", "May I use it again?")
	b := a.w.Debrief(d)
	b.Missed = []string{"14:12 noor joins #incident"}
	golden(t, "debrief.md", b.Markdown())
	golden(t, "debrief.txt", b.Short())
}

func TestDebriefOfNothing(t *testing.T) {
	a := act(t, pastDrill(t))
	b := a.w.Debrief(a.d)
	for _, s := range b.Steps {
		if !s.At.IsZero() {
			t.Errorf("%s at %v, and nothing happened", s.Title, s.At)
		}
	}
	if len(b.Happened) != 0 || strings.Contains(b.Markdown(), "0001") {
		t.Errorf("the debrief is\n%s", b.Markdown())
	}
}

func TestDebriefKeepsPrivateThingsPrivate(t *testing.T) {
	a := act(t, pastDrill(t))
	_, err := a.s.AddChannel("side", true, "robin", "mika")
	a.must(err)
	a.say("robin", "side", "a secret")
	a.say("robin", "@watchbell", "another secret")
	if text := a.w.Debrief(a.d).Markdown(); strings.Contains(text, "secret") {
		t.Errorf("the debrief tells\n%s", text)
	}
}

func TestDebriefKnowsACallOff(t *testing.T) {
	a := act(t, pastDrill(t))
	a.answer("robin", "team", ":rotating_light: Incident #1 is declared: *the lift*.")
	a.at("14:08")
	a.answer("robin", "team", "Incident #1 is called off. Better one too many than one too late.")
	for _, s := range a.w.Debrief(a.d).Steps {
		if s.Name == StepResolved && (s.At.Format("15:04") != "14:08" || s.Detail != "called off") {
			t.Errorf("resolved: %+v", s)
		}
	}
}
