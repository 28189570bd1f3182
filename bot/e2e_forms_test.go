package main

import (
	"slices"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// field is what stands in an input of a form, has whether there is such an input.
func field(v *practice.View, name string) string {
	for _, in := range v.Inputs() {
		if in.BlockID == name {
			return in.Value
		}
	}
	return ""
}

func has(v *practice.View, name string) bool {
	return slices.ContainsFunc(v.Inputs(), func(in practice.Input) bool { return in.BlockID == name })
}

// inForm is what a form shows, as Slack has it.
func inForm(v *practice.View) string { return string(v.Blocks) }

// The shortcut on a message shows its text and time. What stays as it was follows the message; what is changed is the
// person's own.
func TestStoryShortcutOnAMessage(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	s.at("09:10")
	k.say("ben", "alpha is `broken` since ten")
	k.say("ben", "beta was earlier")
	k.say("ben", "gamma is worded badly")
	use := func(name string) {
		t.Helper()
		s.must(s.Slack.MessageShortcut(s.ctx, "ana", k.channel, k.ts[name], "add_to_timeline"))
	}
	use("alpha")
	v := s.Slack.View("ana")
	if got := field(v, "text"); !strings.Contains(got, "alpha is `broken`") {
		t.Errorf("the form's text is %q", got)
	}
	if got := field(v, "time"); got != "09:10 UTC" {
		t.Errorf("the form's time is %q", got)
	}
	s.sends("ana")
	use("beta")
	s.sends("ana", "time", "09:02 UTC")
	use("gamma")
	s.sends("ana", "text", "gamma fails when it is *cold*")
	s.quiet()
	s.showsExactly("09:02 beta was earlier", "09:10 alpha is `broken` since ten", "09:10 gamma fails when it is *cold*")
	k.edit("ben", "alpha", "is whole again")
	k.edit("ben", "gamma", "changes its mind")
	s.quiet()
	s.showsExactly("09:02 beta was earlier", "09:10 alpha is whole again", "09:10 gamma fails when it is *cold*")
	use("alpha")
	s.sends("ana")
	use("gamma")
	if got := s.fills("ana", "time", "25:99"); got["time"] == "" {
		t.Errorf("the time 25:99 is taken: %v", got)
	}
	s.restart()
	s.quiet()
	s.showsExactly("09:02 beta was earlier", "09:10 alpha is whole again", "09:10 gamma fails when it is *cold*")
}

// Several messages at once: a thread, or everything since a time, from a list to tick.
func TestStorySeveralMessagesAtOnce(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	s.at("09:10")
	k.say("ben", "early is before")
	s.at("09:20")
	for _, text := range []string{"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"} {
		k.say("ben", text+" is said")
	}
	k.react("ana", "three")
	k.say("ana", "parent of a thread")
	k.reply("ben", "parent", "child answers")
	k.reply("ana", "parent", "sister answers")
	s.quiet()

	s.types("ana", "#incident", "/incident log since 09:15 UTC")
	s.until("the list is there", func() bool { v := s.Slack.View("ana"); return v != nil && has(v, "messages_2") })
	// The second group holds the parent alone, and stays ticked.
	s.sends("ana", "messages_1", k.ts["one"]+","+k.ts["two"]+","+k.ts["eleven"])
	s.quiet()
	want := []string{"09:20 one is said", "09:20 two is said", "09:20 three is said", "09:20 eleven is said", "09:20 parent of a thread"}
	slices.SortFunc(want, func(a, b string) int { return strings.Compare(k.ts[strings.Fields(a)[1]], k.ts[strings.Fields(b)[1]]) })
	s.showsExactly(want...)

	s.must(s.Slack.MessageShortcut(s.ctx, "ana", k.channel, k.ts["child"], "add_thread"))
	s.until("the thread is there", func() bool { v := s.Slack.View("ana"); return v != nil && has(v, "messages_1") })
	s.sends("ana") // all of it is ticked
	s.quiet()
	want = append(want, "09:20 child answers", "09:20 sister answers")
	s.showsExactly(want...)

	if _, err := s.Slack.Reply("ben", k.channel, k.ts["one"], "@watchbell add the thread"); err != nil {
		t.Fatal(err)
	}
	s.quiet()
	s.presses("ben", "#incident", "Choose what to add")
	s.until("there is nothing new", func() bool {
		v := s.Slack.View("ben")
		return v != nil && strings.Contains(string(v.Blocks), "nothing that is not")
	})
}

// Lines that begin with TODO: are proposed as action items, once; a press more does nothing more.
func TestStoryTodoLines(t *testing.T) {
	t.Parallel()
	s, k := spoken(t, storyOptions{})
	told := s.types("ana", "#incident", "/incident log restarted the queue\nTODO: watch the disk @ben by friday\ntodo: clean up")
	if !strings.Contains(told, "watch the disk") || !strings.Contains(told, "clean up") {
		t.Errorf("the answer to log is %q", told)
	}
	k.say("ben", "x we fixed it\nTODO: document the fix")
	k.react("ana", "x")
	s.quiet()
	s.until("ana is asked", func() bool { return strings.Contains(strings.Join(s.offered("ana"), " "), "Add it") })
	s.presses("ana", "#incident", "Add it")
	s.presses("ana", "#incident", "Add it")
	s.presses("ana", "#incident", "No")
	s.quiet()
	in, err := s.bot.app.service.Incident(s.ctx, 1)
	s.must(err)
	if len(in.Actions) != 1 || in.Actions[0].Text != "document the fix" {
		t.Errorf("the action items are %+v", in.Actions)
	}
}

// A message of another conversation becomes an incident, or an entry of one that is open.
func TestStoryDeclareFromAMessage(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	ts, err := s.Slack.Say("ben", "team", "nobody can pay since the release")
	s.must(err)
	s.at("09:05")
	s.must(s.Slack.MessageShortcut(s.ctx, "ana", "team", ts, "add_to_timeline"))
	s.sends("ana", "title", "checkout is down")
	s.quiet()
	s.showsExactly("09:00 nobody can pay since the release")
	ts, err = s.Slack.Say("ben", "team", "the release is taken back")
	s.must(err)
	s.must(s.Slack.MessageShortcut(s.ctx, "ana", "team", ts, "add_to_timeline"))
	s.sends("ana", "incident", "1")
	s.quiet()
	s.showsExactly("09:00 nobody can pay since the release", "09:05 the release is taken back")
}

// What was brought in from another conversation follows it there, also what happens while the bot is stopped; where the bot
// is not, that is said once.
func TestStoryMessagesFromElsewhere(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	for _, where := range []string{"payments", "outside"} {
		people := []string{"ana", "ben", "watchbell"}
		if where == "outside" {
			people = people[:2]
		}
		_, err := s.Slack.AddChannel(where, false, people...)
		s.must(err)
	}
	pay := &talk{story: s, channel: "payments", ts: map[string]string{}}
	out := &talk{story: s, channel: "outside", ts: map[string]string{}}
	pay.say("ben", "alpha nobody can pay")
	pay.reply("ana", "alpha", "beta since the release")
	pay.reply("ben", "alpha", "gamma is small talk")
	out.say("ben", "delta a customer calls")
	out.say("ben", "epsilon another one calls")
	s.at("09:05")
	use := func(k *talk, name, callback string) {
		t.Helper()
		s.must(s.Slack.MessageShortcut(s.ctx, "ana", k.channel, k.ts[name], callback))
	}
	use(pay, "alpha", "add_to_timeline")
	s.sends("ana", "title", "checkout is down")
	s.quiet()
	use(pay, "gamma", "add_thread")
	s.until("the thread is there", func() bool { v := s.Slack.View("ana"); return v != nil && has(v, "messages_1") && has(v, "incident") })
	s.sends("ana", "incident", "1", "messages_1", pay.ts["beta"]+","+pay.ts["gamma"])
	s.quiet()
	before := len(s.Slack.Ephemerals("ana"))
	for _, name := range []string{"delta", "epsilon"} {
		use(out, name, "add_to_timeline")
		s.sends("ana", "incident", "1")
		s.quiet()
	}
	s.showsExactly("09:00 alpha nobody can pay", "09:00 beta since the release", "09:00 gamma is small talk", "09:00 delta a customer calls", "09:00 epsilon another one calls")
	var told []string
	for _, m := range s.Slack.Ephemerals("ana")[before:] {
		if text := s.Slack.MessageText(m); strings.Contains(text, "where I am not") {
			told = append(told, text)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], "Entry 5") {
		t.Errorf("of the channel without the bot ana is told %q", told)
	}
	pay.edit("ben", "alpha", "nobody could pay")
	pay.remove("ben", "gamma")
	out.edit("ben", "delta", "is not followed")
	s.quiet()
	s.showsExactly("09:00 alpha nobody could pay", "09:00 beta since the release", "09:00 delta a customer calls", "09:00 epsilon another one calls")
	s.stop()
	pay.edit("ana", "beta", "was before the release")
	pay.remove("ben", "alpha")
	s.must(s.Slack.Delivered(s.ctx))
	s.start()
	s.quiet()
	s.showsExactly("09:00 beta was before the release", "09:00 delta a customer calls", "09:00 epsilon another one calls")
}

// An incident declared in a channel that is there already lives in it, keeps its topic, and offers what was said before.
func TestStoryDeclareHere(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	_, err := s.Slack.AddChannel("payments", false, "ana", "ben", "watchbell")
	s.must(err)
	k := &talk{story: s, channel: "payments", ts: map[string]string{}}
	k.say("ben", "alpha nobody can pay")
	k.say("ben", "beta is small talk")
	s.at("09:05")
	s.types("ana", "payments", "/incident declare here checkout is down")
	s.quiet()
	if made := s.made(); len(made) != 0 {
		t.Errorf("channels were opened: %v", made)
	}
	s.presses("ana", "payments", "Add what was said before")
	s.until("the list is there", func() bool { v := s.Slack.View("ana"); return v != nil && has(v, "messages_1") })
	s.sends("ana", "messages_1", k.ts["alpha"])
	s.quiet()
	s.showsExactly("09:00 alpha nobody can pay")
	k.edit("ben", "alpha", "nobody could pay")
	k.react("ana", "beta")
	s.quiet()
	s.showsExactly("09:00 alpha nobody could pay", "09:00 beta is small talk")
	s.refused("ana", "payments", "/incident declare here something else", "is that of incident #1 already")
	if c := s.Slack.Channel("payments"); c.Topic != "" {
		t.Errorf("the topic is %q", c.Topic)
	}
	s.stop()
	k.unreact("ana", "beta")
	s.start()
	s.quiet()
	s.showsExactly("09:00 alpha nobody could pay")
}
