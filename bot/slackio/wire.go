package slackio

import (
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
)

// What Slack sends, as far as we need it. A field that is not as expected is left empty and the rest is read: reader does so
// for events, and for the rest encoding/json does, whose complaint decode lets pass.

// decode reads JSON into a struct. The error says that the text is no JSON at all; odd says that some field was of another
// kind than expected and is empty.
func decode(data []byte, into any) (odd, err error) {
	err = json.Unmarshal(data, into)
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return err, nil
	}
	return nil, err
}

// subtypeTombstone is what is left of a deleted message that has replies.
const subtypeTombstone = "tombstone"

// message is a message as events, interactions and the history hold it.
type message struct {
	Subtype  string `json:"subtype"`
	User     string `json:"user"`
	BotID    string `json:"bot_id"`
	AppID    string `json:"app_id"`
	Text     string `json:"text"`
	TS       string `json:"ts"`
	ThreadTS string `json:"thread_ts"`
	Edited   struct {
		TS string `json:"ts"`
	} `json:"edited"`
	Files []file `json:"files"`
	// Blocks say more exactly than Text what a person wrote.
	Blocks json.RawMessage `json:"blocks"`
	// What only the history holds.
	ReplyCount  int        `json:"reply_count"`
	LatestReply string     `json:"latest_reply"`
	ReplyUsers  []string   `json:"reply_users"` // some of those who answered in its thread
	Reactions   []reaction `json:"reactions"`
	Meta        struct {
		EventType string `json:"event_type"`
		Payload   struct {
			Key string `json:"key"`
		} `json:"event_payload"`
	} `json:"metadata"`
}

// reaction is an emoji on a message. Users may be incomplete, Count is right.
type reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// read reads what events need of a message.
func (m *message) read(r *reader) {
	r.object(func(name []byte) {
		switch string(name) {
		case "subtype":
			m.Subtype = r.text()
		case "user":
			m.User = r.text()
		case "bot_id":
			m.BotID = r.text()
		case "app_id":
			m.AppID = r.text()
		case "text":
			m.Text = r.text()
		case "blocks":
			m.Blocks = r.raw()
		case "ts":
			m.TS = r.text()
		case "thread_ts":
			m.ThreadTS = r.text()
		case "edited":
			r.object(func(name []byte) {
				if string(name) == "ts" {
					m.Edited.TS = r.text()
					return
				}
				r.skip()
			})
		case "files":
			r.array(func() {
				var f file
				f.read(r)
				m.Files = append(m.Files, f)
			})
		default:
			r.skip()
		}
	})
}

// words is the text of a message, with its files named behind it; see message.files.
func (m *message) words() string {
	text := m.Text
	if rich, ok := chat.RichText(m.Blocks); ok {
		text = rich
	}
	if len(m.Files) == 0 {
		return text
	}
	parts := make([]string, 0, len(m.Files)+1)
	if text != "" {
		parts = append(parts, text)
	}
	for _, f := range m.Files {
		if f.Name != "" && f.Mode != fileDeleted {
			parts = append(parts, "[file: "+escape(f.Name)+"]")
		}
	}
	if len(parts) == 0 {
		return "[file: " + m.Files[0].fate() + "]" // a message that says nothing would be none
	}
	return strings.Join(parts, " ")
}

// command is a slash command. See https://docs.slack.dev/interactivity/implementing-slash-commands. Over HTTP it comes as
// a form, over Socket Mode as JSON.
type command struct {
	TeamID       string `json:"team_id"`
	EnterpriseID string `json:"enterprise_id"`
	ChannelID    string `json:"channel_id"`
	UserID       string `json:"user_id"`
	Command      string `json:"command"`
	Text         string `json:"text"`
	TriggerID    string `json:"trigger_id"`
	SSLCheck     string `json:"ssl_check"`
}

// parseCommand reads a form. Fields that we do not need are not decoded.
func parseCommand(body string) (c command, err error) {
	err = eachField(body, func(key, value string) error {
		var field *string
		switch key {
		case "team_id":
			field = &c.TeamID
		case "enterprise_id":
			field = &c.EnterpriseID
		case "channel_id":
			field = &c.ChannelID
		case "user_id":
			field = &c.UserID
		case "command":
			field = &c.Command
		case "text":
			field = &c.Text
		case "trigger_id":
			field = &c.TriggerID
		case "ssl_check":
			field = &c.SSLCheck
		default:
			return nil
		}
		*field, err = url.QueryUnescape(value)
		return err
	})
	return c, err
}

// payloadField takes the JSON out of an interaction's form.
func payloadField(body string) (payload string, err error) {
	err = eachField(body, func(key, value string) error {
		if key == "payload" {
			payload, err = url.QueryUnescape(value)
		}
		return err
	})
	return payload, err
}

func eachField(form string, f func(key, value string) error) error {
	for form != "" {
		var pair string
		pair, form, _ = strings.Cut(form, "&")
		key, value, _ := strings.Cut(pair, "=")
		if err := f(key, value); err != nil {
			return err
		}
	}
	return nil
}

// interaction is a press, a submitted form or a shortcut.
// See https://docs.slack.dev/reference/interaction-payloads.
type interaction struct {
	Type       string `json:"type"`
	TriggerID  string `json:"trigger_id"`
	CallbackID string `json:"callback_id"`
	ActionTS   string `json:"action_ts"`
	MessageTS  string `json:"message_ts"`
	// ResponseURL takes what replaces the message whose button was pressed.
	ResponseURL string `json:"response_url"`
	Team        struct {
		ID string `json:"id"`
	} `json:"team"`
	Enterprise struct {
		ID string `json:"id"`
	} `json:"enterprise"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Channel struct {
		ID string `json:"id"`
	} `json:"channel"`
	Container struct {
		ChannelID string `json:"channel_id"`
		ThreadTS  string `json:"thread_ts"`
		Ephemeral bool   `json:"is_ephemeral"`
	} `json:"container"`
	Message message  `json:"message"`
	View    formView `json:"view"`
	Actions []action `json:"actions"`
}

// formView is a form as it comes back.
type formView struct {
	ID         string `json:"id"`
	CallbackID string `json:"callback_id"`
	Metadata   string `json:"private_metadata"`
	Blocks     []struct {
		Type    string `json:"type"`
		BlockID string `json:"block_id"`
	} `json:"blocks"`
	State formState `json:"state"`
}

// formState is what was filled into a form. odd says that some of it could not be read, and what was typed there is not known.
type formState struct {
	Values map[string]map[string]action
	odd    error
}

// UnmarshalJSON implements json.Unmarshaler.
func (s *formState) UnmarshalJSON(data []byte) (err error) {
	var in struct {
		Values json.RawMessage `json:"values"`
	}
	s.odd, err = decode(data, &in)
	if none := string(in.Values); err == nil && none != "" && none != "[]" { // some write nothing as a list
		s.odd, err = decode(in.Values, &s.Values)
	}
	return err
}

// action is an element that was used, with what was chosen in it.
type action struct {
	Type     string   `json:"type"`
	ActionID string   `json:"action_id"`
	Value    string   `json:"value"`
	ActionTS string   `json:"action_ts"`
	Option   chosen   `json:"selected_option"`
	Options  []chosen `json:"selected_options"`
	User     string   `json:"selected_user"`
	Users    []string `json:"selected_users"`
	Date     string   `json:"selected_date"`
}

type chosen struct {
	Value string `json:"value"`
}

// filled is what was put into an input.
func (a *action) filled() string {
	switch a.Type {
	case "checkboxes":
		ticked := make([]string, len(a.Options))
		for i, o := range a.Options {
			ticked[i] = o.Value
		}
		return strings.Join(ticked, ",")
	case "static_select", "external_select", "radio_buttons", "overflow":
		return a.Option.Value
	case "users_select":
		return a.User
	case "multi_users_select":
		return strings.Join(a.Users, ",")
	case "datepicker":
		return a.Date
	}
	return a.Value
}

// instant reads a ts, which counts seconds and microseconds since 1970; zero when it is none.
func instant(ts string) time.Time {
	seconds, micros, _ := strings.Cut(ts, ".")
	s, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil || s <= 0 || s > 1<<40 || len(micros) > 6 {
		return time.Time{}
	}
	us := int64(0)
	if micros != "" {
		if us, err = strconv.ParseInt(micros+strings.Repeat("0", 6-len(micros)), 10, 64); err != nil || us < 0 {
			return time.Time{}
		}
	}
	return time.Unix(s, us*1000).UTC()
}
