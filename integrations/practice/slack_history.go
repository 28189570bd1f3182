package practice

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
)

var tsForm = regexp.MustCompile(`^\d{1,12}(\.\d{1,6})?$`)

// span is the part of a channel that a reader asked for.
type span struct {
	oldest, latest string
	inclusive      bool
	limit          int
	cursor         string // the next message's ts
	metadata       int
}

func (c *slackCall) span() (span, error) {
	sp := span{oldest: c.args.str("oldest"), latest: c.args.str("latest"), inclusive: c.args.flag("inclusive")}
	for key, ts := range map[string]*string{"oldest": &sp.oldest, "latest": &sp.latest} {
		if *ts == "" {
			continue
		}
		if !tsForm.MatchString(*ts) {
			return sp, refuseInvalid("invalid_ts_"+key, "%q", *ts)
		}
		*ts = fullTS(*ts)
	}
	var err error
	if sp.limit, err = c.args.limit(100, 999); err != nil {
		return sp, err
	}
	if cursor := c.args.str("cursor"); cursor != "" {
		raw, err := base64.StdEncoding.DecodeString(cursor)
		ts, ok := strings.CutPrefix(string(raw), "next_ts:")
		if err != nil || !ok {
			return sp, refuseInvalid("invalid_cursor", "%q", cursor)
		}
		sp.cursor = ts
	}
	if c.args.flag("include_all_metadata") {
		sp.metadata = metadataAll
	}
	return sp, nil
}

// fullTS makes "1700000000" and "0" comparable as text with what messages carry.
func fullTS(ts string) string {
	seconds, micros, _ := strings.Cut(ts, ".")
	seconds = strings.Repeat("0", max(0, 10-len(seconds))) + seconds
	return seconds + "." + micros + strings.Repeat("0", 6-len(micros))
}

func (sp span) holds(ts string) bool {
	ts = fullTS(ts)
	if sp.inclusive && (ts == sp.oldest || ts == sp.latest) {
		return true
	}
	return (sp.oldest == "" || ts > sp.oldest) && (sp.latest == "" || ts < sp.latest)
}

// page cuts the messages from the cursor on and returns the cursor of the next page.
func (sp span) page(list []*Message) ([]*Message, string) {
	if sp.cursor != "" {
		i := slices.IndexFunc(list, func(m *Message) bool { return m.TS == sp.cursor })
		if i < 0 {
			return nil, "" // deleted meanwhile
		}
		list = list[i:]
	}
	if len(list) <= sp.limit {
		return list, ""
	}
	return list[:sp.limit], base64.StdEncoding.EncodeToString([]byte("next_ts:" + list[sp.limit].TS))
}

// conversationsHistory is a channel's messages, newest first, without the replies in threads.
func (c *slackCall) conversationsHistory() (slackAnswer, error) {
	ch, err := c.joined("channel")
	if err != nil {
		return nil, err
	}
	sp, err := c.span()
	if err != nil {
		return nil, err
	}
	page, next := sp.page(ch.newest(sp))
	return slackAnswer{
		"messages": c.messages(ch, page, sp.metadata), "has_more": next != "", "pin_count": len(ch.pins),
		"response_metadata": nextCursor(next),
	}, nil
}

// newest are the messages of a span outside of threads, newest first: as many as a page needs, and one more.
func (c *slackChannel) newest(sp span) []*Message {
	end := len(c.messages)
	switch {
	case sp.cursor != "":
		end = min(end, c.upTo(sp.cursor)+1)
	case sp.latest != "":
		end = min(end, c.upTo(sp.latest)+1)
	}
	var list []*Message
	for _, m := range slices.Backward(c.messages[:end]) {
		if m.TS < sp.oldest || len(list) > sp.limit {
			break
		}
		reply := m.ThreadTS != "" && m.ThreadTS != m.TS && m.Subtype != "thread_broadcast"
		if !reply && sp.holds(m.TS) {
			list = append(list, m)
		}
	}
	return list
}

// conversationsReplies is a thread, oldest first; its parent begins every page.
func (c *slackCall) conversationsReplies() (slackAnswer, error) {
	ch, err := c.joined("channel")
	if err != nil {
		return nil, err
	}
	sp, err := c.span()
	if err != nil {
		return nil, err
	}
	parent := ch.message(c.args.str("ts"))
	if parent == nil {
		return nil, refuse("thread_not_found", c.args.str("ts"))
	}
	if parent.ThreadTS != "" && parent.ThreadTS != parent.TS {
		parent = ch.message(parent.ThreadTS)
	}
	var list []*Message
	for _, m := range ch.replies(parent.TS) {
		if sp.holds(m.TS) {
			list = append(list, m)
		}
	}
	page, next := sp.page(list)
	page = append([]*Message{parent}, page...)
	return slackAnswer{
		"messages": c.messages(ch, page, sp.metadata), "has_more": next != "", "response_metadata": nextCursor(next),
	}, nil
}

func (c *slackCall) messages(ch *slackChannel, list []*Message, metadata int) []slackAnswer {
	out := []slackAnswer{}
	for _, m := range list {
		out = append(out, c.s.storedJSON(ch, m, metadata))
	}
	return out
}
