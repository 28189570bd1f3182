package incidents

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Missing lists the steps that should be done by the time that an incident comes to a status, Resolved or Closed, and that
// are neither done nor left out with a reason. They hold nothing up.
func (i Incident) Missing(gate Status) (missing []Step) {
	if i.Protocol == nil || i.Backfill {
		return nil
	}
	for _, rule := range i.Protocol.Steps {
		s := Step{StepRule: rule, Holder: i.Holder(rule.Role), Mark: i.Mark(rule.ID)}
		if rule.Gate != gate || !i.badEnough(rule) || s.Mark.settled() || i.meets(rule.Done) {
			continue
		}
		missing = append(missing, s)
	}
	return missing
}

// passed reports whether an incident has come to where a step should have been done.
func (i Incident) passed(rule StepRule) bool {
	return rule.Gate != "" && slices.Index(order, i.Status) >= slices.Index(order, rule.Gate)
}

// askAgain forgets that steps were done which are not done any more, as when the incident is taken up again.
func (i *Incident) askAgain() {
	i.Marks = slices.DeleteFunc(slices.Clone(i.Marks), func(m Mark) bool {
		rule, ok := i.Protocol.step(m.Step)
		return ok && !rule.Rhythm && rule.Done.What != "" && m.By == "" && m.State == StepDone && !i.meets(rule.Done)
	})
}

// OpenActions are the action items that are not done, in the order of their numbers.
func (i Incident) OpenActions() []Action {
	return slices.DeleteFunc(slices.Clone(i.Actions), Action.Done)
}

// action is an action item in the making; the decision has them for itself.
func (d *decision) action(number int) (*Action, error) {
	at := slices.IndexFunc(d.Incident.Actions, func(a Action) bool { return a.Number == number })
	if at < 0 {
		return nil, Refuse(NotFound, "Incident #%d has no action item %d.", d.before.Number, number).Next("`actions` lists those it has.")
	}
	d.Result.Action = number
	return &d.Incident.Actions[at], nil
}

// notedAgain refuses an action item that somebody has noted just before: two people wrote it at once. The same thing for
// different people to do is two.
func (d *decision) notedAgain(c AddAction, text string) error {
	for _, a := range d.before.OpenActions() {
		other := a.Owner != "" && c.Owner != "" && a.Owner != c.Owner
		if c.Confirmed || other || d.now.Sub(a.NotedAt) >= sameAgain || !sameWords(a.Text, text) {
			continue
		}
		whose := ""
		if a.Owner != "" {
			whose = ", for " + mention(a.Owner) + ","
		}
		next := "`actions` shows it."
		switch {
		case c.Card && !a.WantsCard:
			next = fmt.Sprintf("`action card %d` makes its card.", a.Number)
		case c.Owner != a.Owner && c.Owner != "":
			next = fmt.Sprintf("`action owner %d @name` says whose it is.", a.Number)
		}
		return Refuse(Same, "Action item %d of #%d%s says the same and was noted just before, so nothing was added.", a.Number, d.before.Number, whose).
			Next("%s", next)
	}
	return nil
}

func (d *decision) giveAction(c GiveAction) error {
	a, err := d.action(c.Number)
	switch {
	case err != nil:
		return err
	case c.Owner == "":
		return Refuse(Invalid, "Nobody is named for action item %d.", c.Number).
			Next("Write `action owner %d @name`, or `action owner %d me` to take it yourself.", c.Number, c.Number).In("owner")
	case a.Owner == c.Owner:
		d.Result.Unchanged = true
		return nil
	case a.Owner != c.Saw && !c.AnyWay:
		return Refuse(TooLate, "Action item %d is with %s by now.", c.Number, mention(a.Owner)).
			Next("`action owner %d @name` gives it to somebody else all the same.", c.Number).In("owner")
	}
	a.Owner = c.Owner
	if a.WantsCard {
		d.want(KindCard, strconv.Itoa(a.Number))
	}
	d.show(false, true)
	return nil
}

func (d *decision) cardAction(c CardAction) error {
	a, err := d.action(c.Number)
	switch {
	case err != nil:
		return err
	case d.before.Without[Trello]:
		return Refuse(Invalid, "Trello is not set up, so there is no board for a card.").
			Next("Whoever runs Watchbell sets TRELLO_KEY, TRELLO_TOKEN and trello.board.")
	case d.before.Drill:
		return Refuse(TooLate, "In a drill no card is made.")
	case a.WantsCard:
		d.Result.Unchanged = true
		return nil
	}
	a.WantsCard, d.Result.Card = true, true
	d.want(KindCard, strconv.Itoa(a.Number))
	d.show(false, true)
	return nil
}

func (d *decision) finishAction(c FinishAction) error {
	a, err := d.action(c.Number)
	if err != nil {
		return err
	}
	if a.Done() != c.Open {
		d.Result.Unchanged = true
		return nil
	}
	a.DoneAt, a.DoneBy = d.now, d.by.User
	if c.Open {
		a.DoneAt, a.DoneBy = time.Time{}, ""
	}
	if a.WantsCard {
		d.want(KindCard, strconv.Itoa(a.Number))
	}
	d.show(false, false)
	return nil
}

// lookAtCards wishes that Trello is asked which cards are done, when there are any that are not known to be.
func (d *decision) lookAtCards() {
	if slices.ContainsFunc(d.Incident.Actions, func(a Action) bool { return a.CardURL != "" && !a.Done() }) && !d.before.Without[Trello] {
		d.want(KindCards, "")
	}
}

// cardsDone notes which action items are done, as their cards tell.
func (d *decision) cardsDone(numbers []int) {
	actions := slices.Clone(d.Incident.Actions)
	changed := false
	for i := range actions {
		if a := &actions[i]; slices.Contains(numbers, a.Number) && !a.Done() {
			a.DoneAt, changed = d.now, true
			d.want(KindCard, strconv.Itoa(a.Number)) // from now on we know where it is
		}
	}
	if changed {
		d.Incident.Actions = actions
		d.show(false, false)
	}
}
