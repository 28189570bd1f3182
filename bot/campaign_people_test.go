package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"watchbell/bot/campaign"
)

// does has a person carry out a step.
func (a *arena) does(step campaign.Step) {
	op := campaign.Op{Step: step, Outcome: campaign.Left, Began: a.tick()}
	a.mu.Lock()
	in := a.slots[step.Slot]
	a.mu.Unlock()
	if in != nil {
		if step.Deed == campaign.Declare {
			if a.asks(&op, "declare "+step.Text); op.Way == campaign.Form {
				a.looksUp(&op)
			} else if found := declaredAs.FindStringSubmatch(op.Answer); found != nil {
				op.Number, _ = strconv.Atoi(found[1])
			}
			in.number = op.Number
			close(in.declared)
		} else {
			<-in.declared
			op.Number = in.number
		}
	}
	if in != nil && op.Number != 0 && step.Deed != campaign.Declare {
		a.acts(&op)
	}
	op.Ended = a.tick()
	a.record(op)
}

var (
	declaredAs = regexp.MustCompile(`Incident #(\d+) is declared`)
	// Which zone a person lives in is asked of Slack, which may not answer.
	withoutZone = regexp.MustCompile(` \(Slack did not say[^)]*\)| = \d\d:\d\d \w+`)
	actionLine  = regexp.MustCompile(`(?m)^\d+\. (c\d+ is to do)`)
)

// acts does what a step says about an incident that is there.
func (a *arena) acts(op *campaign.Op) {
	number := fmt.Sprintf(" #%d ", op.Number)
	switch op.Deed {
	case campaign.Update:
		a.asks(op, "")
	case campaign.Log:
		a.asks(op, "log"+number+op.Text)
	case campaign.Edit:
		if entry := a.entry(op); entry != 0 {
			a.asks(op, fmt.Sprintf("edit%s%d %s", number, entry, op.Text))
		}
	case campaign.ActionItem:
		a.asks(op, "action"+number+op.Text)
	case campaign.Section:
		a.asks(op, "draft"+number+campaign.SectionOf(op.Who)+" "+op.Text)
	case campaign.Severity, campaign.Status:
		a.asks(op, string(op.Deed)+number+op.Text)
	case campaign.Role:
		a.asks(op, "role"+number+"ops <@"+a.Slack.User(op.Text).ID+">")
	case campaign.Resolve, campaign.Reopen, campaign.Post:
		a.asks(op, string(op.Deed)+number)
	case campaign.Look:
		a.asks(op, "actions"+number)
		for _, found := range actionLine.FindAllStringSubmatch(op.Answer, -1) {
			op.Seen = append(op.Seen, found[1])
		}
		op.Answer = ""
	case campaign.Say, campaign.Reword, campaign.Withdraw:
		a.talks(op)
	}
}

// talks says something in the incident's channel and captures it, or changes what was said.
func (a *arena) talks(op *campaign.Op) {
	a.mu.Lock()
	of, there := a.said[op.Of]
	a.mu.Unlock()
	var err error
	switch {
	case op.Deed == campaign.Say:
		channel := a.channelOf(op.Number)
		if channel == "" {
			return
		}
		a.enters(op.Who, channel)
		of = utterance{channel: channel, by: op.Who}
		if of.ts, err = a.Slack.Say(op.Who, channel, op.Text); err == nil {
			a.mu.Lock()
			a.said[op.ID] = of
			a.mu.Unlock()
			err = a.Slack.React(op.Who, channel, of.ts, a.config.Slack.CaptureReaction)
		}
	case !there:
		return
	case op.Deed == campaign.Reword:
		err = a.Slack.EditMessage(op.Who, of.channel, of.ts, op.Text)
	default:
		err = a.Slack.Unreact(op.Who, of.channel, of.ts, a.config.Slack.CaptureReaction)
	}
	if err != nil {
		a.Error(err)
	}
	op.Outcome = campaign.Acknowledged // by Slack, which tells the bot until the bot has taken it
}

// channelOf is the name of an incident's channel; empty while there is none.
func (a *arena) channelOf(number int) string {
	for _, c := range a.made() {
		if strings.HasPrefix(c.Name, fmt.Sprintf("inc-%d-", number)) {
			return c.Name
		}
	}
	return ""
}

// entry is the number of the entry that an edit is about, which the person looks up in the timeline; 0 when it was not
// acknowledged, or nobody answers.
func (a *arena) entry(edit *campaign.Op) int {
	a.mu.Lock()
	number := a.entries[edit.Of]
	var logged campaign.Op
	for _, op := range a.history {
		if op.ID == edit.Of {
			logged = op
		}
	}
	a.mu.Unlock()
	if number != 0 || logged.Outcome != campaign.Acknowledged {
		return number
	}
	look := campaign.Op{Step: campaign.Step{Who: edit.Who, Repeat: campaign.Once}}
	a.asks(&look, fmt.Sprintf("timeline #%d %s", edit.Number, logged.Text))
	if look.Outcome != campaign.Acknowledged {
		return 0
	}
	found := regexp.MustCompile(`(?m)^\*(\d+)\*.* ` + regexp.QuoteMeta(logged.Text)).FindStringSubmatch(look.Answer)
	if found == nil {
		a.complain("%s was told that %q is logged, and does not find it in the timeline: %s", edit.Who, logged.Text, look.Answer)
		return 0
	}
	number, _ = strconv.Atoi(found[1])
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries[edit.Of] = number
	return number
}

// saysWhatItDid are the deeds whose answer tells nothing but what they did; others tell how things are by now.
var saysWhatItDid = map[campaign.Deed]bool{
	campaign.Declare: true, campaign.Log: true, campaign.ActionItem: true, campaign.Section: true,
}

// attempts is how often a network sends a request that is not answered.
const attempts = 30

// asks types a command, or does the same by a form or a button where the step says so, as often as the step says, and takes
// over what came of it.
func (a *arena) asks(op *campaign.Op, text string) {
	trigger := fmt.Sprintf("%d.%s.%d", op.ID, a.label, a.tick())
	once := func() (string, error) { return a.sendsOnce(op.Who, text, trigger) }
	switch op.Way {
	case campaign.Form:
		if body := a.form(op, trigger); body != nil {
			once = func() (string, error) { return a.submitsOnce(body) }
			if op.Deed == campaign.Status || op.Deed == campaign.Resolve { // may be too late, which is said in a message
				defer op.LeavesOpen()
			}
		}
	case campaign.Button:
		body := a.press(op, trigger)
		once = func() (string, error) { return a.submitsOnce(body) }
		defer op.LeavesOpen()
	}
	a.repeats(op, once)
}

// repeats does something once, or again as the step says.
func (a *arena) repeats(op *campaign.Op, once func() (string, error)) {
	send := func() {
		kill := a.due(campaign.AtRequest, campaign.AfterReply)
		killed := make(chan struct{})
		if kill != nil && kill.When == campaign.AtRequest {
			go func() { a.kill(kill.Replica); close(killed) }()
		} else {
			close(killed)
		}
		answer, err := once()
		if kill != nil && kill.When == campaign.AfterReply {
			a.kill(kill.Replica)
		}
		<-killed
		op.Ended, op.Answer = a.tick(), answer
		switch {
		case err != nil:
			op.Outcome, op.Answer = campaign.Unknown, err.Error()
		case strings.HasPrefix(answer, ":x: Perhaps not recorded"):
			op.Outcome = campaign.Unknown
		case strings.HasPrefix(answer, ":x:"):
			op.Outcome = campaign.Refused
		default:
			op.Outcome = campaign.Acknowledged
		}
	}
	send()
	if a.plan.Socket || op.Repeat == campaign.Once {
		return
	}
	for n := 1; op.Outcome == campaign.Unknown && op.Repeat == campaign.UntilAnswered && n < attempts; n++ {
		send()
	}
	if op.Repeat != campaign.Twice {
		return
	}
	first := *op
	send()
	switch {
	case op.Outcome == campaign.Unknown && first.Outcome == campaign.Acknowledged:
		*op = first // else it may have been recorded the second time
	case first.Outcome == campaign.Acknowledged && a.plan.Postgres && strings.HasPrefix(op.Answer, ":x: Not recorded"):
		*op = first // the server is away by now, so nobody can look up that it was
	case first.Outcome == campaign.Acknowledged && op.Outcome != campaign.Acknowledged:
		a.complain("step %d was answered %q, and when it came again %q", op.ID, first.Answer, op.Answer)
	case first.Outcome == campaign.Acknowledged && saysWhatItDid[op.Deed] && withoutZone.ReplaceAllString(op.Answer, "") != withoutZone.ReplaceAllString(first.Answer, ""):
		a.complain("step %d was answered %q, and when it came again %q", op.ID, first.Answer, op.Answer)
	}
}

// sendsOnce sends a command once and returns what the person reads.
func (a *arena) sendsOnce(who, text, trigger string) (string, error) {
	ctx, cancel := context.WithTimeout(a.alive, patience)
	defer cancel()
	if a.plan.Socket {
		if err := a.Slack.WaitFor(ctx, func() bool { return a.Slack.Sockets() > 0 }); err != nil {
			return "", err
		}
		answer, err := a.Slack.Command(ctx, who, "team", "/incident "+text)
		return answer.Text, err
	}
	body := a.command(who, "team", text, trigger)
	header := a.Slack.Sign(a.clock.Now(), body)
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, answer, err := a.Slack.Post(ctx, "/slack/commands", header, body)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", fmt.Errorf("status %d", status)
	}
	var said struct{ Text string }
	if err := json.Unmarshal(answer, &said); err != nil || said.Text == "" {
		return "", fmt.Errorf("the answer %q holds no text", answer)
	}
	return said.Text, nil
}
