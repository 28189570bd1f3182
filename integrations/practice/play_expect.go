package practice

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// expect waits until something is true. What is not true in time is noted, and the play goes on.
func (p *play) expect(ctx context.Context, s Step) {
	err := p.eventually(ctx, func() error { return p.check(s) })
	if err == nil {
		p.line(Line{At: s.At, Kind: LineMet, Text: s.Where + ": " + s.Text})
		return
	}
	p.failed("line %d: expected %s: %s; %v", s.Line, s.Where, s.Text, err)
}

func (p *play) failed(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	p.report.Failed = append(p.report.Failed, text)
	p.line(Line{At: p.o.Clock.Now(), Kind: LineMissed, Text: text})
}

// check says why an expectation does not hold now; nil when it does.
func (p *play) check(s Step) error {
	switch s.Where {
	case "cards":
		if n := len(p.cards()); strconv.Itoa(n) != s.Text {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	case "card":
		return holds(s.Text, p.cards())
	case "pull request":
		var all []string
		for _, pr := range p.GitHub.Pulls()[p.before.pulls:] {
			all = append(all, pr.Title+"\n"+pr.Body)
		}
		return holds(s.Text, all)
	case "pull requests":
		if n := len(p.GitHub.Pulls()) - p.before.pulls; strconv.Itoa(n) != s.Text {
			return fmt.Errorf("there are %d", n)
		}
		return nil
	case "post":
		post, _ := p.newestPost()
		return holds(s.Text, []string{post})
	case "refusals":
		refused := slices.DeleteFunc(p.refusals()[p.before.refused:], func(r string) bool {
			// What is there already, or gone already, needs no second call to be right.
			return strings.Contains(r, ": already_") || strings.HasPrefix(r, "chat.delete: message_not_found")
		})
		if strconv.Itoa(len(refused)) != s.Text {
			return fmt.Errorf("Slack refused %q", refused)
		}
		return nil
	}
	if name, isChannel := strings.CutPrefix(s.Where, "#"); isChannel {
		return p.checkChannel(name, s.Text)
	}
	if heard, known := p.heard[s.Where]; known || p.Slack.User(s.Where) != nil {
		for _, m := range p.before.since(p.Slack.Ephemerals(s.Where)) {
			heard += "\n" + p.Slack.MessageText(m)
		}
		return holds(s.Text, []string{heard})
	}
	return fmt.Errorf("nobody knows what %q is", s.Where)
}

// checkChannel looks for a text in a channel; "once: TEXT" demands that exactly one message holds it.
func (p *play) checkChannel(name, text string) error {
	if name == "incident" {
		for _, c := range p.Slack.Channels() {
			if p.before.opened(c) {
				name = c.Name
			}
		}
	}
	want, once := strings.CutPrefix(text, "once: ")
	var all []string
	for _, m := range p.before.since(p.Slack.Messages(name)) {
		all = append(all, p.Slack.MessageText(m))
	}
	if !once {
		return holds(want, all)
	}
	n := 0
	for _, m := range all {
		if strings.Contains(m, want) {
			n++
		}
	}
	if n != 1 {
		return fmt.Errorf("%d messages hold it", n)
	}
	return nil
}

func (p *play) cards() []string {
	var all []string
	for _, c := range p.Trello.Cards(p.Trello.Board().ID) {
		if !p.before.cards[c.ID] {
			all = append(all, c.Name+"\n"+c.Desc)
		}
	}
	return all
}

func holds(part string, texts []string) error {
	if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, part) }) {
		return nil
	}
	last := "nothing"
	if len(texts) > 0 {
		last = "“" + texts[len(texts)-1] + "”"
	}
	return fmt.Errorf("there is %s", last)
}

// newestPost is the newest post that a pull request adds or changes, and its path.
func (w *Workspace) newestPost() (text, path string) {
	pulls := w.GitHub.Pulls()
	if len(pulls) == 0 {
		return "", ""
	}
	pr := pulls[len(pulls)-1]
	for _, file := range w.GitHub.Files(pr.Head) {
		content, _ := w.GitHub.File(pr.Head, file)
		if before, there := w.GitHub.File(pr.Base, file); !there || before != content {
			text, path = content, file
		}
	}
	return text, path
}

// finish waits for the post to be as the drill says, and counts.
func (p *play) finish(ctx context.Context) {
	if p.drill.Post != "" {
		err := p.eventually(ctx, func() error {
			if text, _ := p.newestPost(); text != p.drill.Post {
				return fmt.Errorf("the post differs:\n%s", differ(p.drill.Post, text))
			}
			return nil
		})
		if err != nil {
			p.failed("%v", err)
		} else {
			p.line(Line{At: p.o.Clock.Now(), Kind: LineMet, Text: "the post is as it should be"})
		}
	}
	p.settle(ctx)
	p.report.Post, p.report.Path = p.newestPost()
	p.report.Calls = map[string]int{}
	for _, service := range []string{"slack", "trello", "github"} {
		p.report.Calls[service] = p.Wire.Count(service)
	}
	p.report.Debrief = p.Debrief(p.drill)
}

// settle waits until the bot has nothing left to do, so that what is written is the end of the story.
func (p *play) settle(ctx context.Context) {
	if p.o.Settled == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Within)
	defer cancel()
	p.o.Clock.JumpTo(p.o.Clock.Now().Add(time.Minute)) // what was put off for a moment is due now
	for tick := time.NewTicker(50 * time.Millisecond); !p.o.Settled(ctx); {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// idle waits until the bot is at nothing.
func (p *play) idle(ctx context.Context) {
	if p.o.Idle == nil || p.o.Within == atOnce {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Within)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !p.o.Idle(ctx) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// differ shows the lines in which two texts differ first.
func differ(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		var left, right string
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		if left != right || i >= len(a) || i >= len(b) {
			return fmt.Sprintf("line %d\n  wanted: %s\n  there is: %s", i+1, left, right)
		}
	}
	return "nothing"
}
