package slackio

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// respondHosts are those that Slack's response URLs are on. See
// https://docs.slack.dev/interactivity/handling-user-interaction.
var respondHosts = map[string]bool{"hooks.slack.com": true, "hooks.slack-gov.com": true}

// mayRespond reports whether a response URL is Slack's: one of its hosts, or the host that the Web API is on.
func (c *Client) mayRespond(to string) bool {
	u, err := url.Parse(to)
	if err != nil || u.User != nil {
		return false
	}
	own, err := url.Parse(c.base)
	return (u.Scheme == "https" && respondHosts[u.Host]) || (err == nil && u.Scheme == own.Scheme && u.Host == own.Host)
}

// replacement is what a response URL takes.
type replacement struct {
	Replace bool `json:"replace_original"`
	fitted
}

// respond replaces the ephemeral message that a response URL belongs to. It is not in the outbox: the message shows state,
// and whoever looks at it can have it shown again.
func (c *Client) respond(ctx context.Context, to string, m fitted) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(encode(replacement{true, m})))
	if err != nil {
		return fmt.Errorf("the response URL cannot be used") //nolint:err113 // the error would quote the URL, which is a credential
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.hooks.Do(req)
	if err != nil {
		return fmt.Errorf("the response URL does not answer") //nolint:err113 // as above
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the response URL answers with %d", resp.StatusCode) //nolint:err113 // nobody tells them apart
	}
	return nil
}

// replace shows a reply in the place of the ephemeral message whose button was pressed; where Slack does not take that,
// below it.
func (in *Intake) replace(ctx context.Context, to string, n incidents.Notice, m *chat.Message) {
	ctx = context.WithoutCancel(ctx)
	in.speaking.Go(func() {
		err := in.c.respond(ctx, to, fit(*m))
		if err == nil {
			return
		}
		in.log.Info("a message could not be replaced, so it is sent anew", "event", n.Key, "reason", err)
		if err := in.queue(ctx, n, m); err != nil {
			in.log.Error("a reply could not be queued", "event", n.Key, "error", err)
		}
	})
}
