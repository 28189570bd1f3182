package slackio

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"watchbell/bot/chat"
)

// Conversation returns what people said in a part of a conversation, at most so many messages, the newest, in the order in
// which they were said. What the bot or Slack itself said, and
// what was said to the bot, is left out.
func (c *Client) Conversation(ctx context.Context, of chat.Stretch, most int) ([]chat.Spoken, error) {
	args := url.Values{"channel": {of.Channel}, "limit": {strconv.Itoa(pageSize)}, "inclusive": {"true"}}
	for name, at := range map[string]time.Time{"oldest": of.Since, "latest": of.Before} {
		if !at.IsZero() {
			args.Set(name, slackTS(at))
		}
	}
	m := methodHistory
	if of.Thread != "" {
		m = methodReplies
		args.Set("ts", of.Thread)
	}
	self, _ := c.Identity()
	seen := map[string]chat.Spoken{}
	for range lookPages {
		var page history
		if err := c.read(ctx, m, args, &page); err != nil {
			return nil, err
		}
		for i := range page.Messages {
			said := &page.Messages[i]
			switch said.Subtype {
			case "", "file_share", "thread_broadcast", "me_message":
				if !c.own(said) && said.BotID == "" && said.words() != "" &&
					(self.User == "" || !strings.Contains(said.Text, "<@"+self.User)) {
					seen[said.TS] = chat.Spoken{TS: said.TS, Text: said.words()}
				}
			}
		}
		if page.Metadata.Next == "" || (of.Thread == "" && len(seen) >= most) {
			break
		}
		args.Set("cursor", page.Metadata.Next)
	}
	list := make([]chat.Spoken, 0, len(seen))
	for _, said := range seen {
		list = append(list, said)
	}
	slices.SortFunc(list, func(a, b chat.Spoken) int { return instant(a.TS).Compare(instant(b.TS)) })
	return list[max(0, len(list)-most):], nil
}
