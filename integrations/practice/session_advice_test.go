package practice

import (
	"slices"
	"testing"
	"testing/synctest"
)

const adviceDrill = `title: Advice
start: 2026-03-17 09:00
examples: yes
-- cast --
ana  Ana  UTC  you
ben  Ben  UTC
-- script --
09:00 ben says in #team: Is the disk full?
      hint ana until noticed: Say a word.
09:00 ana says in #team: I look
09:01 ana types in #team: /incident declare disk is full
09:02 hint ana: Say how bad it is.
      ana types in #incident: /incident severity downtime
09:03 ana types in #incident: /incident role ops @ben
      ana types in #incident: /incident role communications @ben
09:04 ana types in #incident: /incident action Alert on a full disk
09:30 ben says in #team: That was all
`

// What a person is told to do is what they can do now and have not done yet, whatever was told after it.
func TestSessionAdvisesWhatIsToBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := train(t, adviceDrill)
		want := func(after string, lines ...string) {
			t.Helper()
			synctest.Wait()
			var got []string
			for _, l := range tr.Status().Advice {
				got = append(got, l.Text)
			}
			if !slices.Equal(got, lines) {
				t.Errorf("after %s the advice is %q, want %q", after, got, lines)
			}
		}
		types := func(line string) { tr.w.Slack.remember("ana", line) } // there is no bot to take it
		want("the beginning", "Say a word.", "in #team: I look")
		if _, err := tr.w.Slack.Say("ana", "team", "On it"); err != nil {
			t.Fatal(err)
		}
		want("a word")
		for range 4 {
			tr.Skip()
			synctest.Wait()
		}
		want("all of it was told", "in #team: /incident declare disk is full")
		if _, err := tr.w.Slack.AddChannel("inc-1", false, BotUser, "ana"); err != nil { // as the bot does
			t.Fatal(err)
		}
		types("/incident declare the shop is down")
		want("declaring", "in the incident's channel: /incident action Alert on a full disk")
		types("/incident  action rotate the keys")
		want("an action item", "in the incident's channel: /incident role ops @ben", "in the incident's channel: /incident role communications @ben")
		types("/incident role communications @ben")
		want("one role", "in the incident's channel: /incident role ops @ben")
		types("/incident role ops @ben")
		want("the other", "Say how bad it is.", "in the incident's channel: /incident severity downtime")
		types("/incident severity severe")
		want("all")
		tr.stop()
	})
}

func TestPlayFindsButtonsByTheirBeginning(t *testing.T) {
	t.Parallel()
	r := newPageRig(t)
	p := &play{Workspace: r.w}
	r.post("team", `[{"type":"actions","elements":[{"type":"button","action_id":"a","text":{"type":"plain_text","text":"#1 the shop is down"}}]}]`)
	for label, want := range map[string]string{"#1 …": "#1 the shop is down", "#1 the shop is down": "#1 the shop is down", "#1": "", "#2 …": ""} {
		if got := p.button("ana", "team", label); got != want {
			t.Errorf("%q finds %q, want %q", label, got, want)
		}
	}
}
