package slackio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/slack-go/slack"

	"watchbell/bot/chat"
	"watchbell/incidents"
)

// picture draws and sends a picture beside the answer to Slack, which must not wait for it. It is not in the outbox: its
// numbers stand in the answer, and whoever wants it asks again. When it cannot be had the person is told.
func (in *Intake) picture(ctx context.Context, n incidents.Notice, p *chat.Picture) {
	if p != nil && in.sent.first(n.Key) {
		in.showPicture(context.WithoutCancel(ctx), n, p)
	}
}

func (in *Intake) showPicture(ctx context.Context, n incidents.Notice, p *chat.Picture) {
	in.speaking.Go(func() {
		err := in.c.sendPicture(ctx, n.User, *p)
		if err == nil {
			return
		}
		in.log.Warn("a picture could not be sent", "event", n.Key, "user", n.User, "error", err)
		say := ":x: The picture could not be sent; the numbers above are all there is to it."
		if t := (*trouble)(nil); errors.As(err, &t) {
			say += " " + t.Say
		}
		n.Key += "/picture"
		if err := in.queue(ctx, n, &chat.Message{Text: say}); err != nil {
			in.log.Error("a person could not be told that a picture is missing", "event", n.Key, "error", err)
		}
	})
}

// lately remembers the last few events that something was done for outside the outbox.
type lately struct {
	mu   sync.Mutex
	keys [64]string
	next int
}

// first reports whether a key was not seen lately, and remembers it.
func (l *lately) first(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.keys[:], key) {
		return false
	}
	l.keys[l.next] = key
	l.next = (l.next + 1) % len(l.keys)
	return true
}

// sendPicture puts a picture into a person's conversation with the bot, in the three steps that Slack has for it. See
// https://docs.slack.dev/messaging/working-with-files#upload.
func (c *Client) sendPicture(ctx context.Context, user string, p chat.Picture) error {
	data, words, err := p.Draw()
	if err != nil || data == nil {
		return err
	}
	channel, err := c.direct(ctx, user)
	if err != nil {
		return err
	}
	var place *slack.GetUploadURLExternalResponse
	err = c.call(ctx, methodUploadPlace, "", func(ctx context.Context) (err error) {
		place, err = c.api.GetUploadURLExternalContext(ctx, slack.GetUploadURLExternalParameters{FileName: p.Name, FileSize: len(data), AltTxt: words})
		if err != nil {
			return err
		}
		return lacking("place for the file", place.UploadURL, place.FileID)
	})
	if err != nil {
		return err
	}
	if err := c.call(ctx, methodUpload, "", func(ctx context.Context) error { return c.upload(ctx, place.UploadURL, data) }); err != nil {
		return err
	}
	return c.call(ctx, methodUploadDone, "", func(ctx context.Context) error {
		_, err := c.api.CompleteUploadExternalContext(ctx, slack.CompleteUploadExternalParameters{
			Files: []slack.FileSummary{{ID: place.FileID, Title: p.Name}}, Channel: channel, InitialComment: p.Text,
		})
		return err
	})
}

// upload sends bytes to the address that Slack named for them. The address is a credential of its own: the token does not
// go there, and it is in no error.
func (c *Client) upload(ctx context.Context, to string, data []byte) error {
	if !c.ownFile(to) {
		return errors.New("the place for the file is not where Slack keeps files")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(data))
	if err != nil {
		return errors.New("the place for the file is none")
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := c.hooks.Do(req)
	if where := (*url.Error)(nil); errors.As(err, &where) {
		return where.Err
	}
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode != http.StatusOK {
		return slack.StatusCodeError{Code: resp.StatusCode, Status: resp.Status}
	}
	return nil
}

// direct is a person's conversation with the bot.
func (c *Client) direct(ctx context.Context, user string) (string, error) {
	var direct *slack.Channel
	err := c.call(ctx, methodOpen, "", func(ctx context.Context) (err error) {
		direct, _, _, err = c.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
		if err != nil {
			return err
		}
		if direct == nil {
			direct = &slack.Channel{}
		}
		return lacking("conversation", direct.ID)
	})
	if err != nil {
		return "", err
	}
	return direct.ID, nil
}
