package slackio

import (
	"context"
	"encoding/json"
	"strings"
	"sync"

	"watchbell/bot/chat"
)

// Some forms follow what is filled in while they are open. Slack tells of each character; the form is brought up to date with
// what was filled in last, one call at a time, so that a quick writer costs no more calls than Slack answers.

// liveForms are the open forms that are being brought up to date, by the view's id, with what was filled in since; a nil
// value says that there is nothing new.
type liveForms struct {
	mu    sync.Mutex
	forms map[string]*chat.Submitted
}

// put keeps what was filled in, and reports whether somebody has to begin with it.
func (l *liveForms) put(id string, s chat.Submitted) (begin bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.forms == nil {
		l.forms = map[string]*chat.Submitted{}
	}
	_, busy := l.forms[id]
	l.forms[id] = &s
	return !busy
}

// take returns what was filled in last; nil when there is nothing new, and then whoever asked has done.
func (l *liveForms) take(id string) *chat.Submitted {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.forms[id]
	if s == nil {
		delete(l.forms, id)
		return nil
	}
	l.forms[id] = nil
	return s
}

// filled is what a form holds.
func (in *Intake) filled(i *interaction) chat.Submitted {
	v := &i.View
	s := chat.Submitted{Event: "form/" + v.ID, User: i.User.ID, Verb: v.CallbackID, Values: v.values()}
	if v.Metadata != "" {
		if err := json.Unmarshal([]byte(v.Metadata), &s.Context); err != nil {
			in.log.Warn("a form came back with a context that cannot be read", "event", s.Event, "error", err)
		}
	}
	return s
}

// follows brings an open form up to date, beside the answer to Slack, which must not wait for it.
func (in *Intake) follows(ctx context.Context, s chat.Submitted) answer {
	id := strings.TrimPrefix(s.Event, "form/")
	if !in.live.put(id, s) {
		return ack(outcomeHandled)
	}
	ctx = context.WithoutCancel(ctx)
	in.speaking.Go(func() {
		for next := in.live.take(id); next != nil; next = in.live.take(id) {
			form, err := in.desk.Filled(ctx, *next)
			if err == nil && form != nil {
				err = in.c.fillForm(ctx, id, *form)
			}
			if err != nil {
				in.log.Warn("an open form could not be brought up to date", "form", s.Verb, "error", err)
			}
		}
	})
	return ack(outcomeHandled)
}
