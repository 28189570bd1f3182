package incidents

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// HowAnswered says what a person wants done about a remark.
type HowAnswered string

// The ways.
const (
	AnswerApply   HowAnswered = "apply"   // the change that it suggests is committed
	AnswerDone    HowAnswered = "done"    // it is said to be done, and its thread resolved
	AnswerReply   HowAnswered = "reply"   // it is replied to
	AnswerResolve HowAnswered = "resolve" // its thread is resolved
	AnswerKeep    HowAnswered = "keep"    // of a conflict: what stands on GitHub is right, here too
)

// Answered is how a remark was answered from Slack.
type Answered struct {
	Remark string      `json:"remark"` // its id
	How    HowAnswered `json:"how"`
	By     string      `json:"by,omitempty"` // Slack user id
	// Conflict is that of the remark.
	Conflict string `json:"conflict,omitempty"`
}

// RemarkAnswer is what a KindReply carries.
type RemarkAnswer struct {
	Remark Remark      `json:"remark"`
	How    HowAnswered `json:"how"`
	Text   string      `json:"text,omitempty"` // Markdown, of a reply
}

// RemarkAnswer returns what a KindReply carries.
func (d Delivery) RemarkAnswer() (a RemarkAnswer, err error) {
	if err := json.Unmarshal(d.Payload, &a); err != nil {
		return a, fmt.Errorf("delivery %s: %w", d.Key, err)
	}
	return a, nil
}

// AnswerRemark answers what somebody said about the pull request.
type AnswerRemark struct {
	plain
	Remark string // its id
	How    HowAnswered
	Text   string // of a reply
}

// Answers are how a remark was answered, oldest first.
func (i Incident) Answers(remark string) (all []Answered) {
	for _, a := range i.Answered {
		if a.Remark == remark {
			all = append(all, a)
		}
	}
	return all
}

// Kept are the conflicts in which somebody has decided for what stands on GitHub.
func (i Incident) Kept() (conflicts []string) {
	for _, a := range i.Answered {
		if a.How == AnswerKeep && a.Conflict != "" {
			conflicts = append(conflicts, a.Conflict)
		}
	}
	return conflicts
}

// readAbout reads the delivery that a command is about, if there is one.
func (b *Before) readAbout(tx Tx, key string) error {
	d, err := tx.Delivery(key)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	b.About = &d
	return err
}

func (d *decision) answerRemark(c AnswerRemark) error {
	if d.before.About == nil {
		return Refuse(NotFound, "There is no such comment any more.")
	}
	remark, err := d.before.About.Remark()
	if err != nil {
		return err
	}
	c.Text = strings.TrimSpace(c.Text)
	before := d.before.Answers(c.Remark)
	over := slices.ContainsFunc(before, func(a Answered) bool { return a.How != AnswerReply })
	switch {
	case c.How == AnswerApply && !remark.Suggests:
		return Refuse(Invalid, "That comment suggests no change that could be applied.").Next("Reply to it, or say that it is done.")
	case c.How == AnswerApply && d.Incident.Post.State != PullOpen:
		return Refuse(TooLate, "The pull request is not open, so nothing can be applied there.")
	case c.How == AnswerKeep && remark.Conflict == "":
		return Refuse(Invalid, "That comment asks about no place that was changed on both sides.").Next("Reply to it, or say that it is done.")
	case c.How == AnswerReply && c.Text == "":
		return Refuse(Invalid, "There is nothing to reply.").In("text")
	case utf8.RuneCountInString(c.Text) > MaxSection:
		return Refuse(Invalid, "That reply is too long: %d characters are the most.", MaxSection).In("text")
	case over && c.How != AnswerReply:
		return Refuse(TooLate, "That comment is answered already.").Next("A reply can still be added on GitHub.")
	}
	d.Incident.Answered = append(slices.Clone(d.Incident.Answered), Answered{Remark: c.Remark, How: c.How, By: d.by.User, Conflict: remark.Conflict})
	w := d.Incident.wish(KindReply, c.Remark+"-"+string(c.How)+"-"+strconv.Itoa(len(before)+1))
	w.Payload, _ = json.Marshal(RemarkAnswer{Remark: remark, How: c.How, Text: c.Text}) // strings and a number: it cannot fail
	d.Wishes = append(d.Wishes, w)
	if c.How == AnswerKeep && d.Incident.PostWanted {
		d.want(KindPost, "")
	}
	d.showRemark(remark)
	return nil
}

// showRemark brings the message about a remark up to date.
func (d *decision) showRemark(r Remark) {
	if d.Incident.Channel.ID == "" {
		return
	}
	w := d.Incident.wish(KindRemark, r.ID)
	w.Payload, _ = json.Marshal(r) // strings and a number: it cannot fail
	d.Wishes = append(d.Wishes, w)
}

// replied is when an answer has reached GitHub: what it changed there is looked at.
func (d *decision) replied() { d.want(KindPull, "") }

// unanswered takes an answer back that GitHub did not take for good.
func (d *decision) unanswered(done Delivery) {
	a, err := done.RemarkAnswer()
	if err != nil {
		return
	}
	at := slices.IndexFunc(d.Incident.Answered, func(x Answered) bool { return x.Remark == a.Remark.ID && x.How == a.How })
	if at < 0 {
		return
	}
	d.Incident.Answered = slices.Delete(slices.Clone(d.Incident.Answered), at, at+1)
	d.showRemark(a.Remark)
}
