package practice

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// View is a form (modal) in front of a person, or their Home tab.
type View struct {
	ID, User, Type                          string
	CallbackID, PrivateMetadata, ExternalID string
	Title, SubmitLabel, CloseLabel          string
	Hash, RootID, PreviousID                string
	Blocks                                  json.RawMessage
	ClearOnClose, NotifyOnClose             bool
	// Values is what the inputs hold, by block id and action id, as Slack sends it in state.values.
	Values map[string]map[string]map[string]any
	// Errors are the messages shown under the inputs, by block id, since the last attempt to submit.
	Errors map[string]string

	def object // as the bot gave it
}

// trigger is the right to open one form within three seconds.
type trigger struct {
	user   string
	issued time.Time
	used   bool
}

const (
	triggerLives  = 3 * time.Second
	maxViewsStack = 3
)

func newView(def object, blocks json.RawMessage) *View {
	text := func(key string) string { v, _ := def[key].(string); return v }
	label := func(key string) string { o, _ := def[key].(object); s, _ := o["text"].(string); return s }
	clearAll, _ := def["clear_on_close"].(bool)
	notify, _ := def["notify_on_close"].(bool)
	v := &View{
		Type: text("type"), CallbackID: text("callback_id"), PrivateMetadata: text("private_metadata"),
		ExternalID: text("external_id"), Title: label("title"), SubmitLabel: label("submit"), CloseLabel: label("close"),
		Blocks: blocks, ClearOnClose: clearAll, NotifyOnClose: notify, def: def,
		Values: map[string]map[string]map[string]any{}, Errors: map[string]string{},
	}
	for _, e := range interactive(blocks) {
		if value := emptyValue(e.element); value != nil {
			v.set(e.blockID, e.actionID, value)
		}
	}
	return v
}

func (v *View) set(block, action string, value map[string]any) {
	if v.Values[block] == nil {
		v.Values[block] = map[string]map[string]any{}
	}
	v.Values[block][action] = value
}

func (v *View) copy() *View {
	out := *v
	out.Values = map[string]map[string]map[string]any{}
	for block, actions := range v.Values {
		out.Values[block] = maps.Clone(actions)
	}
	out.Errors = maps.Clone(v.Errors)
	return &out
}

func (s *Slack) viewJSON(v *View) slackAnswer {
	out := slackAnswer{
		"id": v.ID, "team_id": slackTeam, "type": v.Type, "blocks": v.Blocks, "private_metadata": v.PrivateMetadata,
		"callback_id": v.CallbackID, "external_id": v.ExternalID, "hash": v.Hash, "clear_on_close": v.ClearOnClose,
		"notify_on_close": v.NotifyOnClose, "root_view_id": v.RootID, "previous_view_id": nil, "app_id": slackApp,
		"bot_id": slackBot, "app_installed_team_id": slackTeam, "state": slackAnswer{"values": v.Values},
		"title": v.def["title"], "submit": v.def["submit"], "close": v.def["close"],
	}
	if v.PreviousID != "" {
		out["previous_view_id"] = v.PreviousID
	}
	return out
}

// newTrigger gives the bot the right to open one form for the user.
func (s *Slack) newTrigger(user string) string {
	s.counters["trigger"]++
	if len(s.triggers) >= keptHandles {
		maps.DeleteFunc(s.triggers, func(_ string, t *trigger) bool { return s.now().Sub(t.issued) > hookLives })
	}
	id := fmt.Sprintf("%d.%d.practice", s.counters["trigger"], s.now().UnixMilli())
	s.triggers[id] = &trigger{user: user, issued: s.now()}
	return id
}

func (c *slackCall) takeTrigger() (*trigger, error) {
	id := c.args.str("trigger_id")
	t := c.s.triggers[id]
	switch {
	case t == nil:
		return nil, refuse("invalid_trigger_id", id)
	case t.used:
		return nil, refuse("exchanged_trigger_id", id)
	case c.s.now().Sub(t.issued) > triggerLives:
		return nil, refuse("expired_trigger_id", id)
	}
	t.used = true
	return t, nil
}

func (c *slackCall) modal() (*View, error) {
	v, err := checkView(c.args.raw("view"), "modal")
	if err != nil {
		return nil, err
	}
	if v.ExternalID != "" {
		if other := c.s.findView("", v.ExternalID); other != nil && other.ID != c.args.str("view_id") {
			return nil, refuseInvalid("duplicate_external_id", "%q", v.ExternalID)
		}
	}
	return v, nil
}

func (c *slackCall) viewsOpen() (slackAnswer, error) {
	v, err := c.modal()
	if err != nil {
		return nil, err
	}
	t, err := c.takeTrigger()
	if err != nil {
		return nil, err
	}
	c.s.stacks[t.user] = nil
	c.s.pushView(t.user, v)
	return slackAnswer{"view": c.s.viewJSON(v)}, nil
}

func (c *slackCall) viewsPush() (slackAnswer, error) {
	v, err := c.modal()
	if err != nil {
		return nil, err
	}
	t, err := c.takeTrigger()
	if err != nil {
		return nil, err
	}
	switch n := len(c.s.stacks[t.user]); {
	case n == 0:
		return nil, refuse("not_found", "no form is open")
	case n >= maxViewsStack:
		return nil, refuse("push_limit_reached", "three forms are open")
	}
	c.s.pushView(t.user, v)
	return slackAnswer{"view": c.s.viewJSON(v)}, nil
}

func (s *Slack) pushView(user string, v *View) {
	v.ID, v.User = s.nextID("V"), user
	v.RootID = v.ID
	if stack := s.stacks[user]; len(stack) > 0 {
		v.RootID, v.PreviousID = stack[0].ID, stack[len(stack)-1].ID
	}
	s.rehash(v)
	s.stacks[user] = append(s.stacks[user], v)
	s.bump()
}

func (s *Slack) rehash(v *View) {
	s.counters["hash"]++
	v.Hash = fmt.Sprintf("%d.%08x", s.now().Unix(), s.counters["hash"])
}

func (s *Slack) findView(id, external string) *View {
	for _, stack := range s.stacks {
		for _, v := range stack {
			if (id != "" && v.ID == id) || (external != "" && v.ExternalID == external) {
				return v
			}
		}
	}
	for _, v := range s.homes {
		if (id != "" && v.ID == id) || (external != "" && v.ExternalID == external) {
			return v
		}
	}
	return nil
}

func (c *slackCall) viewsUpdate() (slackAnswer, error) {
	old := c.s.findView(c.args.str("view_id"), c.args.str("external_id"))
	if old == nil {
		return nil, refuse("not_found", c.args.str("view_id")+c.args.str("external_id"))
	}
	if hash := c.args.str("hash"); hash != "" && hash != old.Hash {
		return nil, refuse("hash_conflict", old.ID)
	}
	v, err := checkView(c.args.raw("view"), old.Type)
	if err != nil {
		return nil, err
	}
	c.s.replaceView(old, v)
	return slackAnswer{"view": c.s.viewJSON(old)}, nil
}

// replaceView changes an open view in place. What was typed stays where block id, action id and kind stay.
func (s *Slack) replaceView(old, v *View) {
	for block, actions := range v.Values {
		for action, value := range actions {
			if typed, ok := old.Values[block][action]; ok && typed["type"] == value["type"] {
				v.Values[block][action] = typed
			}
		}
	}
	v.ID, v.User, v.RootID, v.PreviousID = old.ID, old.User, old.RootID, old.PreviousID
	*old = *v
	s.rehash(old)
	s.bump()
}

func (c *slackCall) viewsPublish() (slackAnswer, error) {
	user := c.args.str("user_id")
	if c.s.userByID(user) == nil {
		return nil, refuse("user_not_found", user)
	}
	v, err := checkView(c.args.raw("view"), "home")
	if err != nil {
		return nil, err
	}
	old := c.s.homes[user]
	if hash := c.args.str("hash"); hash != "" && (old == nil || hash != old.Hash) {
		return nil, refuse("hash_conflict", user)
	}
	if old == nil {
		old = &View{ID: c.s.nextID("V"), User: user}
		old.RootID = old.ID
		c.s.homes[user] = old
	}
	c.s.replaceView(old, v)
	return slackAnswer{"view": c.s.viewJSON(old)}, nil
}

// View is a copy of the form in front of a person, nil when none is open.
func (s *Slack) View(who string) *View {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, _ := s.top(who)
	if v == nil {
		return nil
	}
	return v.copy()
}

// Home is a copy of a person's Home tab, nil before the bot has published one.
func (s *Slack) Home(who string) *View {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil || s.homes[u.ID] == nil {
		return nil
	}
	return s.homes[u.ID].copy()
}

// top is the form in front of a person.
func (s *Slack) top(who string) (*View, error) {
	u, err := s.person(who)
	if err != nil {
		return nil, err
	}
	stack := s.stacks[u.ID]
	if len(stack) == 0 {
		return nil, fmt.Errorf("practice: no form is open in front of %s", u.Name)
	}
	return stack[len(stack)-1], nil
}
