package practice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// PressView presses a button inside the form in front of a person, or on their Home tab when no form is open.
func (s *Slack) PressView(ctx context.Context, who, actionID string) error {
	return s.ChooseView(ctx, who, actionID, "")
}

// ChooseView chooses from a menu inside the form, or on the Home tab, and tells the bot at once.
func (s *Slack) ChooseView(ctx context.Context, who, actionID, value string) error {
	return s.pressView(ctx, who, "", value, func(e placed) bool { return e.actionID == actionID })
}

// Type fills in one input of the form in front of a person, and tells the bot at once where the bot wants that.
func (s *Slack) Type(ctx context.Context, who, blockID, text string) error {
	if err := s.Fill(who, blockID, text); err != nil {
		return err
	}
	return s.pressView(ctx, who, "", text, func(e placed) bool { return e.blockID == blockID && e.block["dispatch_action"] == true })
}

// pressView presses or chooses from an element of one view: the one with this id, or else the form in front of the
// person, or else their Home tab.
func (s *Slack) pressView(ctx context.Context, who, id, value string, wanted func(placed) bool) error {
	_, err := s.interact(ctx, "a button", func() (parcel, error) {
		v, err := s.shown(who, id)
		if err != nil {
			return parcel{}, err
		}
		for _, e := range interactive(v.Blocks) {
			if !wanted(e) {
				continue
			}
			action, err := s.action(e, value)
			if err != nil {
				return parcel{}, err
			}
			if chosen, err := s.filled(e.element, value); err == nil {
				v.set(e.blockID, e.actionID, chosen)
			}
			return s.interaction("block_actions", s.userByID(v.User), slackAnswer{
				"container": slackAnswer{"type": "view", "view_id": v.ID}, "view": s.viewJSON(v), "actions": []slackAnswer{action},
			})
		}
		return parcel{}, fmt.Errorf("practice: %q has no such button", v.Title)
	})
	return err
}

// shown is a view that a person sees: with an id the form in front of them or their Home tab that has it, without one
// whichever lies on top.
func (s *Slack) shown(who, id string) (*View, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, err
	}
	top, _ := s.top(who)
	for _, v := range []*View{top, s.homes[u.ID]} {
		if v != nil && (id == "" || v.ID == id) {
			return v, nil
		}
	}
	if id != "" {
		return nil, errors.New("practice: this form is no longer open")
	}
	return nil, fmt.Errorf("practice: nothing is open in front of %s", u.Name)
}

// Suggest types into a menu whose options the bot gives (external_select) and returns what it offers. An option is
// then entered with Fill by its value.
func (s *Slack) Suggest(ctx context.Context, who, blockID, typed string) ([]Choice, error) {
	r, err := s.interact(ctx, "the menu", func() (parcel, error) {
		v, err := s.top(who)
		if err != nil {
			return parcel{}, err
		}
		for _, e := range interactive(v.Blocks) {
			if e.blockID == blockID {
				return s.interaction("block_suggestion", s.userByID(v.User), slackAnswer{
					"container": slackAnswer{"type": "view", "view_id": v.ID}, "view": s.viewJSON(v),
					"action_id": e.actionID, "block_id": blockID, "value": typed,
				})
			}
		}
		return parcel{}, fmt.Errorf("practice: the form %q has no input %q", v.Title, blockID)
	})
	if err != nil {
		return nil, err
	}
	var o object
	if err := json.Unmarshal(r.body, &o); err != nil {
		return nil, fmt.Errorf("practice: the bot's options are no JSON: %w", err)
	}
	b := &blockCheck{actions: map[string]bool{}}
	for i, one := range b.list("/options", o["options"], 0, 100) {
		b.option(fmt.Sprintf("/options/%d", i), one, "plain_text", false)
	}
	if len(b.errs) > 0 {
		s.complain(fmt.Sprintf("options: %v", b.errs))
		return nil, fmt.Errorf("practice: the bot's options are not valid: %v", b.errs)
	}
	return choices(o), nil
}

// OpenHome opens the app's Home tab.
func (s *Slack) OpenHome(who string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return err
	}
	event := slackAnswer{
		"type": "app_home_opened", "user": u.ID, "channel": s.directWith(u.ID).ID, "tab": "home", "event_ts": s.eventTS(),
	}
	if v := s.homes[u.ID]; v != nil {
		view := s.viewJSON(v)
		if len(v.Values) == 0 {
			view["state"] = slackAnswer{"values": []any{}} // Slack's own oddity
		}
		event["view"] = view
	}
	s.emit(event)
	return nil
}
