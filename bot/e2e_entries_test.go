package main

import (
	"fmt"
	"strings"
	"testing"

	"watchbell/integrations/practice"
)

// chooses chooses from the menu beside an entry in the timeline that a person was shown last, and returns what that
// message says after.
func (s *story) chooses(who string, entry int, label string) string {
	s.Helper()
	before := s.list(who)
	s.must(s.Slack.Choose(s.ctx, who, s.channel("#incident"), "", fmt.Sprintf("entry:%d", entry), label))
	s.until("the list is shown again", func() bool { return s.list(who) != before })
	return s.list(who)
}

// list is the newest timeline that a person sees.
func (s *story) list(who string) string {
	all := s.ephemerals(who)
	for i := len(all) - 1; i >= 0; i-- {
		if text := s.Slack.MessageText(all[i]); strings.Contains(text, "Timeline of #") {
			return text
		}
	}
	return ""
}

// inOrder checks that words stand one behind the other.
func (s *story) inOrder(text string, words ...string) {
	s.Helper()
	rest := text
	for _, w := range words {
		i := strings.Index(rest, w)
		if i < 0 {
			s.Errorf("%q is not where it should be, of %q in\n%s", w, words, text)
			return
		}
		rest = rest[i+len(w):]
	}
}

// Entries are edited, moved, hidden, deleted and brought back, with menus and forms as well as by text, and the card and the
// post follow.
func TestStoryEntries(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("09:30")
	for _, line := range []string{"09:20 UTC queue is long", "09:20 UTC asked @ben for help", "09:25 UTC the password was hunter2"} {
		s.types("ana", "#incident", "/incident log "+line)
	}
	s.types("ana", "#incident", "/incident timeline")
	s.inOrder(s.list("ana"), "2", "09:20", "queue is long", "asked", "ben", "password")

	s.inOrder(s.chooses("ana", 3, "Move up"), "Entry 3 is now", "asked", "queue is long", "password")
	s.inOrder(s.chooses("ana", 4, "Make internal"), "Entry 4 is internal", "password", "internal")
	s.must(s.Slack.Choose(s.ctx, "ana", s.channel("#incident"), "", "entry:2", "Edit"))
	if complaints := s.fills("ana", "time", "half past nowhere"); complaints["time"] == "" {
		t.Errorf("a time that is none: %q", complaints)
	}
	s.sends("ana", "text", "The *queue* was long", "time", "09:18 UTC", "until", "09:22 UTC")
	s.holds("the card", s.summary, "09:18–09:22` The _queue_ was long", ":lock: internal", "@ben")
	if text := s.types("ana", "#incident", "/incident undo"); !strings.Contains(text, "entry 2 says what it said before") {
		t.Errorf("undo says %q", text)
	}
	s.holds("the card", s.summary, "09:20` queue is long")
	s.types("ana", "#incident", "/incident restore 2 3")
	s.types("ana", "#incident", "/incident timeline")
	s.chooses("ana", 2, "Delete")
	if text := s.types("ana", "#incident", "/incident timeline all"); !strings.Contains(text, "taken out") {
		t.Errorf("with what was taken out, the timeline is %q", text)
	}
	s.types("ana", "#incident", "/incident restore 2")
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	post, _ := s.post()
	if strings.Contains(post, "hunter2") || strings.Contains(post, "<@") {
		t.Errorf("the post says too much:\n%s", post)
	}
	s.inOrder(post, "09:18", "The *queue* was long", "09:20", "asked someone for help")
	s.refused("ana", "#incident", "/incident delete 77", "There is no entry 77", "You typed")
	s.refused("ana", "#incident", "/incident edit", "Which entry?")
}

// Two people edit one entry: the second is shown what the first wrote, keeps what they typed, and decides.
func TestStoryTwoEditors(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	s.types("ana", "#incident", "/incident log queue is long")
	for _, who := range []string{"ana", "ben"} {
		s.types(who, "#incident", "/incident edit 2")
	}
	s.sends("ben", "text", "The queue of orders was long")
	s.quiet()
	s.sends("ana", "text", "The queue of mails was long") // is not saved, but asked about
	view := s.Slack.View("ana")
	if view == nil {
		t.Fatal("the form is gone, and with it what she typed")
	}
	s.inOrder(s.Slack.ViewText(view), "@ben changed entry 2 a moment ago", "The queue of orders was long")
	s.holds("the card", s.summary, "queue of orders")
	s.sends("ana")
	s.holds("the card", s.summary, "queue of mails")
	s.refused("ben", "#incident", "/incident edit 2 it was short", "changed entry 2", "queue of mails", "You typed", "it was short")
	s.accepts("ben", "#incident", "Replace it")
	s.holds("the card", s.summary, "it was short")
	s.quiet()
}

// An edit of a message whose entry was rewritten is asked about.
func TestStoryProposals(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("dan", "#team", "/incident declare checkout is down")
	s.quiet()
	channel := s.channel("#incident")
	ts := s.captures("ben", "we restrat the queue", "ana")
	s.quiet()
	s.types("ana", "#incident", "/incident edit 2 We restarted the queue")
	before := len(s.ephemerals("ana"))
	s.must(s.Slack.EditMessage("ben", channel, ts, "we restarted the queue of orders"))
	s.quiet()
	if text := s.told("ana", before); !strings.Contains(text, "Which text is right?") {
		t.Errorf("she is asked %q", text)
	}
	s.holds("the card", s.summary, "We restarted the queue", "was edited since")
	s.accepts("ana", "#incident", "Take the new text")
	s.holds("the card", s.summary, "we restarted the queue of orders")
	s.quiet()
	s.must(s.Slack.DeleteMessage("ben", channel, ts))
	s.quiet()
	if text := s.summary(); strings.Contains(text, "of orders") {
		t.Errorf("its message is deleted, and it is still there: %s", text)
	}
}

// Nothing that looks like a secret is published before somebody has said that it is fine.
func TestStorySecretsStayInside(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	token := "xox" + "b-123456789012-abcdefghij"
	s.refused("dan", "#team", "/incident declare somebody posted "+token, "password or token")
	s.accepts("dan", "#team", "Declare it as it is")
	s.quiet()
	s.types("ana", "#incident", "/incident action Replace "+token)
	s.types("ana", "#incident", "/incident log somebody posted "+token+" in the forum")
	s.types("ana", "#incident", "/incident draft impact Write to help@example.org, "+token)
	s.at("09:30")
	before := len(s.ephemerals("dan"))
	s.types("dan", "#incident", "/incident resolve")
	s.quiet()
	post, path := s.post()
	pull := s.GitHub.Pulls()[0]
	if !strings.Contains(path, "somebody-posted.md") {
		t.Errorf("the post's file is %s", path)
	}
	for _, text := range []string{post, path, pull.Body, pull.Title, s.cards()[0].Name, s.cards()[0].Desc} {
		if strings.Contains(text, token) {
			t.Fatalf("it is published:\n%s", text)
		}
	}
	s.inOrder(pull.Body, "To look at", "the section impact: what looks like an e-mail address", "entry 2: what looks like a password or token, left out")
	shown := s.reviewed("dan", before)
	if text := s.Slack.MessageText(shown); strings.Contains(text, token) {
		t.Errorf("the lead is shown what should stay inside: %q", text)
	}
	var fine []practice.Button
	for _, b := range shown.Buttons() {
		if b.Label == "It is fine" {
			fine = append(fine, b)
		}
	}
	if len(fine) != 5 { // the address, and the token in four places
		t.Fatalf("the lead can answer %+v", fine)
	}
	s.must(s.Slack.Press(s.ctx, "dan", s.channel("#incident"), "", fine[2].ActionID))
	s.quiet()
	if card := s.cards()[0]; card.Name != "Replace "+token {
		t.Errorf("somebody said that it is fine, and the card is %q", card.Name)
	}
	if post, _ := s.post(); !strings.Contains(post, token) {
		t.Errorf("somebody said that it is fine, and it is left out:\n%s", post)
	}
}

// reviewed is the message in which a person is shown what should perhaps stay inside, after the first n.
func (s *story) reviewed(who string, n int) (m practice.Message) {
	s.Helper()
	s.until(who+" is shown what to look at", func() bool {
		for _, m = range s.ephemerals(who)[n:] {
			if strings.Contains(s.Slack.MessageText(m), "is read by everybody") {
				return true
			}
		}
		return false
	})
	return m
}
