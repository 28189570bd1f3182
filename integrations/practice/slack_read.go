package practice

import (
	"slices"
)

// Channels are all channels and direct conversations, oldest first.
func (s *Slack) Channels() []Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Channel
	for _, c := range s.channels {
		out = append(out, c.copy())
	}
	return out
}

// Channel is a copy of the channel with that name or id, nil when there is none.
func (s *Slack) Channel(where string) *Channel {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(where)
	if c == nil {
		return nil
	}
	out := c.copy()
	return &out
}

func (s *Slack) find(where string) *slackChannel {
	c, err := s.place(where)
	if err != nil {
		return nil
	}
	return c
}

// Topic is a channel's topic, "" when there is no such channel.
func (s *Slack) Topic(channel string) string {
	if c := s.Channel(channel); c != nil {
		return c.Topic
	}
	return ""
}

// Messages are all messages of a channel, replies and system lines included, oldest first; see Message.System.
func (s *Slack) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channel)
	if c == nil {
		return nil
	}
	return copies(c.messages, nil)
}

// Message is one message, nil when there is none.
func (s *Slack) Message(channel, ts string) *Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channel)
	if c == nil {
		return nil
	}
	m := c.message(ts)
	if m == nil {
		return nil
	}
	out := m.copy()
	return &out
}

// Thread is a parent and its replies, oldest first.
func (s *Slack) Thread(channel, ts string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channel)
	if c == nil {
		return nil
	}
	return copies(c.messages, func(m *Message) bool { return m.TS == ts || m.ThreadTS == ts })
}

// Ephemerals are the messages that this person alone saw, in all channels, oldest first.
func (s *Slack) Ephemerals(who string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(who)
	if err != nil {
		return nil
	}
	return copies(s.ephemerals, func(m *Message) bool { return m.To == u.ID })
}

// Pins are the pinned messages of a channel, in the order of pinning.
func (s *Slack) Pins(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channel)
	if c == nil {
		return nil
	}
	var out []Message
	for _, p := range c.pins {
		if m := c.message(p.ts); m != nil {
			out = append(out, m.copy())
		}
	}
	return out
}

// Bookmarks are the links at the top of a channel.
func (s *Slack) Bookmarks(channel string) []Bookmark {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.find(channel)
	if c == nil {
		return nil
	}
	return slices.Clone(c.bookmarks)
}

// Button is something to press or choose from in a message or a form.
type Button struct {
	// BlockID and ActionID name it; Kind is the element's type, "button" mostly.
	BlockID, ActionID, Kind string
	// Label is the text on a button or the placeholder of a menu.
	Label, Value, URL, Style string
	// Options are the choices of a menu, Confirm the question asked before, if any.
	Options []Choice
	Confirm string
}

// Choice is one option of a menu.
type Choice struct{ Label, Value, Description string }

// Input is a field of a form.
type Input struct {
	BlockID, ActionID, Kind  string
	Label, Hint, Placeholder string
	Optional, Multiline      bool
	MaxLength                int
	Options                  []Choice
	// Value is what the field holds: text, the values of options, ids, a date; several with commas between.
	Value string
	// Error is the complaint shown under it.
	Error string
}

// Buttons lists what can be pressed in blocks, in order.
func (m Message) Buttons() []Button { return buttons(m.Blocks) }

// Buttons lists what can be pressed in a form outside its inputs, in order.
func (v *View) Buttons() []Button { return buttons(v.Blocks) }

func buttons(blocks []byte) []Button {
	var out []Button
	for _, e := range interactive(blocks) {
		if e.block["type"] == "input" {
			continue
		}
		b := Button{
			BlockID: e.blockID, ActionID: e.actionID, Kind: word(e.element, "type"), Label: labelOf(e.element),
			Value: word(e.element, "value"), URL: word(e.element, "url"), Style: word(e.element, "style"),
			Options: choices(e.element),
		}
		if b.Label == "" {
			b.Label = textIn(e.element, "placeholder")
		}
		if c, ok := e.element["confirm"].(object); ok {
			b.Confirm = textIn(c, "text")
		}
		out = append(out, b)
	}
	return out
}

// Inputs lists the fields of a form, in order.
func (v *View) Inputs() []Input {
	var out []Input
	for _, e := range interactive(v.Blocks) {
		if e.block["type"] != "input" {
			continue
		}
		in := Input{
			BlockID: e.blockID, ActionID: e.actionID, Kind: word(e.element, "type"), Label: textIn(e.block, "label"),
			Hint: textIn(e.block, "hint"), Placeholder: textIn(e.element, "placeholder"), Optional: e.block["optional"] == true,
			Multiline: e.element["multiline"] == true, MaxLength: 3000, Options: choices(e.element),
			Value: shownValue(v.Values[e.blockID][e.actionID]), Error: v.Errors[e.blockID],
		}
		if n, ok := e.element["max_length"].(float64); ok {
			in.MaxLength = int(n)
		}
		out = append(out, in)
	}
	return out
}

func word(o object, key string) string { v, _ := o[key].(string); return v }

func textIn(o object, key string) string {
	t, _ := o[key].(object)
	return word(t, "text")
}

func choices(e object) []Choice {
	var out []Choice
	for _, o := range allOptions(e) {
		out = append(out, Choice{Label: textIn(o, "text"), Value: word(o, "value"), Description: textIn(o, "description")})
	}
	return out
}
