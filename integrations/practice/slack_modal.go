package practice

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SubmitAnswer is what a person sees after pressing the button at the end of a form.
type SubmitAnswer struct {
	// Errors are the complaints under the inputs, by block id; the form stays open then.
	Errors map[string]string
	// View is the form now in front of the person, nil when all are closed.
	View *View
}

// Fill enters text into the input with a block id of the form in front of a person: words, an option's value or
// label (several with commas between), somebody's name, a date as 2006-01-02, a time as 15:04, an instant as RFC 3339.
// Empty text empties it.
func (s *Slack) Fill(who, blockID, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, err := s.top(who)
	if err != nil {
		return err
	}
	return s.fill(v, blockID, text)
}

// fill is Fill for one view. The lock is held.
func (s *Slack) fill(v *View, blockID, text string) error {
	var ids []string
	for _, e := range interactive(v.Blocks) {
		if e.blockID != blockID {
			ids = append(ids, e.blockID)
			continue
		}
		value, err := s.filled(e.element, text)
		if err != nil {
			return err
		}
		v.set(e.blockID, e.actionID, value)
		delete(v.Errors, blockID)
		s.bump()
		return nil
	}
	return fmt.Errorf("practice: the form %q has no input %q, but: %s", v.Title, blockID, strings.Join(ids, ", "))
}

// missing is what Slack itself complains about before it sends anything.
func missing(v *View) map[string]string {
	errs := map[string]string{}
	for _, e := range interactive(v.Blocks) {
		if e.block["type"] != "input" {
			continue
		}
		value := v.Values[e.blockID][e.actionID]
		if isEmpty(value) {
			if e.block["optional"] != true {
				errs[e.blockID] = "Please complete this required field."
			}
			continue
		}
		text, _ := value["value"].(string)
		if least, ok := e.element["min_length"].(float64); ok && utf8.RuneCountInString(text) < int(least) {
			errs[e.blockID] = fmt.Sprintf("Please use at least %d characters.", int(least))
		}
	}
	return errs
}

// Submit presses the button at the end of the form. Inputs that must be filled in and are not are answered by Slack
// itself, without the bot.
func (s *Slack) Submit(ctx context.Context, who string) (SubmitAnswer, error) {
	s.mu.Lock()
	v, err := s.top(who)
	if err != nil {
		s.mu.Unlock()
		return SubmitAnswer{}, err
	}
	if errs := missing(v); len(errs) > 0 {
		v.Errors = errs
		s.bump()
		s.mu.Unlock()
		return SubmitAnswer{Errors: errs, View: v.copy()}, nil
	}
	u := s.userByID(v.User)
	v.Errors = map[string]string{}
	p, err := s.interaction("view_submission", u, slackAnswer{"view": s.viewJSON(v), "response_urls": []any{}})
	id := v.ID
	s.mu.Unlock()
	if err != nil {
		return SubmitAnswer{}, err
	}
	r, err := s.send(ctx, p)
	if err != nil {
		return SubmitAnswer{}, unanswered("the form", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.bump()
	if err := s.afterSubmit(u.ID, id, r.body); err != nil {
		s.refusal("view_submission answer", err)
		return SubmitAnswer{}, fmt.Errorf("practice: the bot's answer to the form is not valid: %w", err)
	}
	var out SubmitAnswer
	if v, err := s.top(u.ID); err == nil {
		out.View = v.copy()
		if v.ID == id && len(v.Errors) > 0 {
			out.Errors = out.View.Errors
		}
	}
	return out, nil
}

// afterSubmit does what the bot answered: nothing closes the form, else a response_action.
func (s *Slack) afterSubmit(user, id string, body []byte) error {
	v := s.findView(id, "")
	if v == nil {
		return nil // closed meanwhile
	}
	var answer struct {
		Action string            `json:"response_action"`
		Errors map[string]string `json:"errors"`
		View   json.RawMessage   `json:"view"`
	}
	if len(strings.TrimSpace(string(body))) > 0 {
		if err := json.Unmarshal(body, &answer); err != nil {
			return refuseInvalid("invalid_response", "%v", err)
		}
	}
	switch answer.Action {
	case "":
		s.closeView(user, id)
		return nil
	case "clear":
		s.stacks[user] = nil
		return nil
	case "errors":
		return s.showErrors(v, answer.Errors)
	case "update", "push":
		next, err := checkView(answer.View, "modal")
		if err != nil {
			return err
		}
		if answer.Action == "update" {
			s.replaceView(v, next)
			return nil
		}
		if len(s.stacks[user]) >= maxViewsStack {
			return refuse("push_limit_reached")
		}
		s.pushView(user, next)
		return nil
	}
	return refuseInvalid("invalid_response", "response_action %q", answer.Action)
}

func (s *Slack) showErrors(v *View, errs map[string]string) error {
	inputs := map[string]bool{}
	for _, e := range interactive(v.Blocks) {
		inputs[e.blockID] = inputs[e.blockID] || e.block["type"] == "input"
	}
	if len(errs) == 0 {
		return refuseInvalid("invalid_response", "no errors")
	}
	for block := range errs {
		if !inputs[block] {
			return refuseInvalid("invalid_response", "there is no input %q to show an error under", block)
		}
	}
	v.Errors = errs
	return nil
}

// closeView takes one view, and what lies above it, off a person's stack.
func (s *Slack) closeView(user, id string) {
	stack := s.stacks[user]
	for i, v := range stack {
		if v.ID == id {
			s.stacks[user] = stack[:i:i]
			return
		}
	}
}

// CloseView closes the form in front of a person (all of them if it says so). The bot is told when it asked to be.
func (s *Slack) CloseView(ctx context.Context, who string) error {
	s.mu.Lock()
	v, err := s.top(who)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	u := s.userByID(v.User)
	p, err := s.interaction("view_closed", u, slackAnswer{"view": s.viewJSON(v), "is_cleared": v.ClearOnClose})
	s.closeView(u.ID, v.ID)
	if v.ClearOnClose {
		s.stacks[u.ID] = nil
	}
	notify := v.NotifyOnClose
	s.bump()
	s.mu.Unlock()
	if err != nil || !notify {
		return err
	}
	if _, err = s.send(ctx, p); err != nil {
		return unanswered("closing the form", err)
	}
	return nil
}
