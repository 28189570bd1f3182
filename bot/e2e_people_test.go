package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"watchbell/integrations/practice"
)

// at sets the story's clock to a time of its day, "09:14", or lets it be when it is later.
func (s *story) at(clock string) {
	s.Helper()
	at, err := time.Parse("15:04", clock)
	s.must(err)
	if s.bot != nil {
		// To the bot a jump in the middle of a call would look as if the call had taken all that time.
		s.until("nothing is under way", func() bool { return s.idle(s.ctx) })
	}
	y, m, d := s.clock.Now().Date()
	s.clock.JumpTo(time.Date(y, m, d, at.Hour(), at.Minute(), 0, 0, time.UTC))
}

// idle reports whether the bot is at nothing.
func (s *story) idle(ctx context.Context) bool {
	open, err := s.bot.app.deliveries(ctx)
	return err == nil && idle(open, s.clock.Now())
}

// channel is the name behind a "#name"; "#incident" is the newest channel that the bot made.
func (s *story) channel(where string) string {
	s.Helper()
	name := strings.TrimPrefix(where, "#")
	if name != "incident" {
		return name
	}
	s.until("the bot has opened a channel", func() bool {
		for _, c := range s.made() {
			name = c.Name
		}
		return name != "incident"
	})
	return name
}

// made are the channels that the bot made, oldest first.
func (s *story) made() []practice.Channel {
	return slices.DeleteFunc(s.Slack.Channels(), func(c practice.Channel) bool {
		return c.Creator != practice.BotUser || c.Name == practice.TeamChannel || c.IsIM
	})
}

// enters makes sure that a person is in a channel: whoever is invited comes by themselves, everybody else joins.
func (s *story) enters(who, channel string) {
	s.Helper()
	c := s.Slack.Channel(channel)
	if c != nil && !c.IsPrivate && !c.IsIM {
		s.must(s.Slack.Join(who, channel))
	}
}

// types types a slash command and returns what the bot answers. A refusal fails the story.
func (s *story) types(who, where, line string) string {
	s.Helper()
	answer := s.says(who, where, line)
	if strings.HasPrefix(answer, ":x:") {
		s.Fatalf("%s typed %q and was refused: %s", who, line, answer)
	}
	return answer
}

// says types a slash command and returns the answer, whatever it is.
func (s *story) says(who, where, line string) string {
	s.Helper()
	channel := where
	if !strings.HasPrefix(where, "@") {
		channel = s.channel(where)
		s.enters(who, channel)
	}
	answer, err := s.Slack.Command(s.ctx, who, channel, line)
	if err != nil {
		s.Fatalf("%s typed %q: %v", who, line, err)
	}
	return answer.Text
}

// refused types a slash command that must be refused, with words that must be in the answer.
func (s *story) refused(who, where, line string, words ...string) string {
	s.Helper()
	answer := s.says(who, where, line)
	if !strings.HasPrefix(answer, ":x:") {
		s.Errorf("%s typed %.80q; the answer does not begin with :x: but is %q", who, line, answer)
	}
	for _, w := range words {
		if !strings.Contains(answer, w) {
			s.Errorf("%s typed %.80q; %q is not in the answer %q", who, line, w, answer)
		}
	}
	return answer
}

// presses presses a button by its words, on the newest message of the channel that has it.
func (s *story) presses(who, where, label string) {
	s.Helper()
	channel := s.channel(where)
	s.enters(who, channel)
	s.eventually(func() error { return s.Slack.PressLabel(s.ctx, who, channel, "", label) })
}

// answered presses a button and returns what the person is told.
func (s *story) answered(who, where, label string) string {
	s.Helper()
	before := len(s.ephemerals(who))
	s.presses(who, where, label)
	return s.told(who, before)
}

// ephemerals are the messages that a person alone sees, without the welcome to a channel, the look
// back and what was before, which come when they like.
func (s *story) ephemerals(who string) []practice.Message {
	return slices.DeleteFunc(s.Slack.Ephemerals(who), func(m practice.Message) bool {
		text := s.Slack.MessageText(m)
		return strings.Contains(text, "Welcome to #") || strings.Contains(text, "How it went by the protocol") ||
			strings.Contains(text, "This was before")
	})
}

// told waits until a person has been told something beyond the first n messages, and returns the newest.
func (s *story) told(who string, n int) string {
	s.Helper()
	var text string
	s.until(who+" is told something", func() bool {
		all := s.ephemerals(who)
		if len(all) > n {
			text = s.Slack.MessageText(all[len(all)-1])
		}
		return len(all) > n
	})
	return text
}

// fills fills in the form that is in front of a person and sends it. fields are names and values in turn. It returns
// the complaints, none when the form was taken.
func (s *story) fills(who string, fields ...string) map[string]string {
	s.Helper()
	s.until(who+" sees a form", func() bool { return s.Slack.View(who) != nil })
	for i := 0; i+1 < len(fields); i += 2 {
		s.must(s.Slack.Fill(who, fields[i], fields[i+1]))
	}
	answer, err := s.Slack.Submit(s.ctx, who)
	s.must(err)
	return answer.Errors
}

// sends is fills for a form that must be taken.
func (s *story) sends(who string, fields ...string) {
	s.Helper()
	if complaints := s.fills(who, fields...); len(complaints) > 0 {
		s.Fatalf("%s sent a form with %q and was told %q", who, fields, complaints)
	}
}

// captures has a person say something in the incident's channel and somebody react to it with the capture reaction.
func (s *story) captures(who, text, by string) (ts string) {
	s.Helper()
	channel := s.channel("#incident")
	s.enters(who, channel)
	s.enters(by, channel)
	ts, err := s.Slack.Say(who, channel, text)
	s.must(err)
	s.must(s.Slack.React(by, channel, ts, "pushpin"))
	return ts
}

// post is the newest post that a pull request adds, and its path; empty without one.
func (s *story) post() (text, path string) {
	pulls := s.GitHub.Pulls()
	if len(pulls) == 0 {
		return "", ""
	}
	pr := pulls[len(pulls)-1]
	for _, file := range s.GitHub.Files(pr.Head) {
		content, _ := s.GitHub.File(pr.Head, file)
		before, there := s.GitHub.File(pr.Base, file)
		if strings.HasSuffix(file, ".md") && (!there || before != content) {
			text, path = content, file
		}
	}
	return text, path
}

// texts are the messages that the bot wrote in a channel, as people read them.
func (s *story) texts(channel string) []string {
	var all []string
	for _, m := range s.Slack.Messages(channel) {
		if m.User == practice.BotUser && !m.System() {
			all = append(all, s.readable(m))
		}
	}
	return all
}

// cards are the cards on the board, oldest first.
func (s *story) cards() []practice.Card { return s.Trello.Cards(s.Trello.Board().ID) }

// summary is the text of the pinned card in the incident's channel.
func (s *story) summary() string {
	for _, m := range s.Slack.Pins(s.channel("#incident")) {
		return s.readable(m)
	}
	return ""
}

// readable is what a message says, without the address of the form for when Slack is down: each story signs its own.
func (s *story) readable(m practice.Message) string {
	return pageAddress.ReplaceAllString(formAddress.ReplaceAllString(s.Slack.MessageText(m), "FORM"), "PAGE")
}

// holds waits until a text holds words.
func (s *story) holds(what string, text func() string, words ...string) {
	s.Helper()
	s.eventually(func() error {
		got := text()
		for _, w := range words {
			if !strings.Contains(got, w) {
				return fmt.Errorf("%s does not hold %q: %s", what, w, got)
			}
		}
		return nil
	})
}

// offered are the words on the buttons of the newest message that this person alone saw.
func (s *story) offered(who string) []string {
	all := s.ephemerals(who)
	if len(all) == 0 {
		return nil
	}
	var labels []string
	for _, b := range all[len(all)-1].Buttons() {
		labels = append(labels, b.Label)
	}
	return labels
}

// accepts presses the button offered to a person whose words begin so, and returns what they are told.
func (s *story) accepts(who, where, beginning string) string {
	s.Helper()
	for _, label := range s.offered(who) {
		if strings.HasPrefix(label, beginning) {
			return s.answered(who, where, label)
		}
	}
	s.Fatalf("%s is offered %q and nothing that begins with %q", who, s.offered(who), beginning)
	return ""
}
