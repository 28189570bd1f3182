package practice

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"
)

// hook is a response URL: good for five posts within thirty minutes.
type hook struct {
	user, channel string
	ts            string // the message to which it belongs, "" for a command
	ephemeral     bool
	issued        time.Time
	uses          int
}

const (
	hookLives = 30 * time.Minute
	hookUses  = 5
	// keptHandles is how many triggers, and how many response URLs, are kept before those that are long over are
	// forgotten. A handle that is only just over is still answered as such.
	keptHandles = 5_000
)

func (s *Slack) newHook(kind string, h hook) string {
	h.issued = s.now()
	if len(s.hooks) >= keptHandles {
		maps.DeleteFunc(s.hooks, func(_ string, h *hook) bool { return s.now().Sub(h.issued) > 2*hookLives })
	}
	s.counters["hook"]++
	id := fmt.Sprintf("%s/%s/%d/%s", kind, slackTeam, s.counters["hook"], randomHex(8))
	s.hooks[id] = &h
	return s.baseURL() + "/hooks/" + id
}

func (s *Slack) serveHook(id string, rw http.ResponseWriter, r *http.Request) {
	args, err := readSlackArgs(r)
	status, body := s.useHook(id, args, err)
	writeSlack(rw, status, body)
}

func (s *Slack) useHook(id string, args slackArgs, err error) (int, []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hooks[id]
	status := http.StatusNotFound
	switch {
	case err != nil:
		status = http.StatusBadRequest
	case h == nil:
		err = refuse("no_service")
	case s.now().Sub(h.issued) > hookLives:
		err = refuse("expired_url")
	case h.uses >= hookUses:
		err = refuse("used_url")
	default:
		status = http.StatusBadRequest
		err = s.answerHook(h, &slackCall{s: s, method: "response_url", args: args})
	}
	if err != nil {
		return status, s.encode(s.refusal("response_url", err))
	}
	h.uses++
	s.bump()
	return http.StatusOK, s.encode(slackAnswer{"ok": true})
}

func (s *Slack) answerHook(h *hook, c *slackCall) error {
	ch := s.channelByID(h.channel)
	original := s.original(h, ch)
	if c.args.flag("delete_original") {
		if original == nil {
			return refuse("no_original")
		}
		s.forget(ch, original)
		return nil
	}
	in, err := c.content()
	if err != nil {
		return err
	}
	if in.empty() {
		return refuseInvalid("no_text", "neither text nor blocks")
	}
	if c.args.flag("replace_original") && original != nil {
		before := original.copy()
		original.change(in)
		if !original.Ephemeral() {
			s.emitChanged(ch, original, &before)
		}
		return nil
	}
	if c.args.str("response_type") == "in_channel" {
		parent := ch.threadParent(c.args.str("thread_ts"))
		s.post(ch, &Message{User: BotUser, BotID: slackBot, Text: in.text, Blocks: in.blocks}, parent)
		return nil
	}
	m := s.whisper(ch, h.user, in)
	m.ThreadTS = c.args.str("thread_ts")
	return nil
}

// original is the message that a response URL may replace; for a command there is none.
func (s *Slack) original(h *hook, ch *slackChannel) *Message {
	if !h.ephemeral {
		return ch.message(h.ts)
	}
	for _, m := range s.ephemerals {
		if m.Channel == h.channel && m.TS == h.ts && m.To == h.user {
			return m
		}
	}
	return nil
}

func (s *Slack) forget(ch *slackChannel, m *Message) {
	if !m.Ephemeral() {
		s.remove(ch, m)
		return
	}
	s.ephemerals = slices.DeleteFunc(s.ephemerals, func(other *Message) bool { return other == m })
}
