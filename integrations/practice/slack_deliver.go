package practice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parcel is one thing that the bot gets: an event, a command or an interaction.
type parcel struct {
	id, kind    string
	envelope    string // its type over a socket
	path        string // where it goes over HTTP
	contentType string
	body        []byte // over HTTP
	payload     []byte // over a socket; the body when empty
	retry       int
	reason      string
}

// reply is the bot's answer to a parcel.
type reply struct {
	contentType string
	body        []byte
}

// deliveryError is a delivery that failed, with the reason in Slack's words.
type deliveryError struct {
	reason  string
	noRetry bool
	err     error
}

func (e *deliveryError) Error() string { return e.reason + ": " + e.err.Error() }

func (e *deliveryError) Unwrap() error { return e.err }

// signSlack computes Slack's signature, see https://docs.slack.dev/authentication/verifying-requests-from-slack.
func signSlack(secret, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + timestamp + ":"))
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// Sign returns the headers that make a body a request of Slack's, sent at the given time.
func (s *Slack) Sign(at time.Time, body []byte) http.Header {
	ts := strconv.FormatInt(at.Unix(), 10)
	h := http.Header{}
	h.Set("X-Slack-Request-Timestamp", ts)
	h.Set("X-Slack-Signature", signSlack(s.signature, ts, body))
	return h
}

// Post sends any request to the bot, signed or not: path is "/slack/events" and the like. The answer's body is read.
func (s *Slack) Post(ctx context.Context, path string, header http.Header, body []byte) (int, http.Header, []byte, error) {
	s.mu.Lock()
	url := s.intake
	if !s.oneIntake {
		url += path
	}
	s.mu.Unlock()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, nil, err
	}
	req.Header = header.Clone()
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, resp.Header, answer, err
}

// Verify asks the bot's URL for events to give back a challenge, as Slack does before it uses one. It fails unless the
// answer is 200 and holds the challenge as plain text, as a form or in JSON.
func (s *Slack) Verify(ctx context.Context) error {
	challenge := randomHex(20)
	body, err := json.Marshal(slackAnswer{"type": "url_verification", "token": "deprecated", "challenge": challenge})
	if err != nil {
		return err
	}
	h := s.Sign(s.now(), body)
	h.Set("Content-Type", "application/json")
	ctx, cancel := context.WithTimeout(ctx, s.AckWithin)
	defer cancel()
	status, header, answer, err := s.Post(ctx, "/slack/events", h, body)
	if err != nil {
		return fmt.Errorf("practice: the request URL did not answer the challenge: %w", err)
	}
	got := strings.TrimSpace(string(answer))
	switch kind, _, _ := mime.ParseMediaType(header.Get("Content-Type")); kind {
	case "application/json":
		var in struct{ Challenge string }
		_ = json.Unmarshal(answer, &in) // no challenge then
		got = in.Challenge
	case "application/x-www-form-urlencoded":
		got = strings.TrimPrefix(got, "challenge=")
	}
	if status != http.StatusOK || got != challenge {
		return fmt.Errorf("practice: the request URL answered the challenge with status %d and %q", status, answer)
	}
	return nil
}

// send delivers once: over a socket when one is connected, else over HTTP.
func (s *Slack) send(ctx context.Context, p parcel) (reply, error) {
	if s.Sockets() > 0 {
		return s.sendSocket(ctx, p)
	}
	s.mu.Lock()
	connected := s.intake != ""
	s.mu.Unlock()
	if !connected {
		return reply{}, &deliveryError{reason: "connection_failed", err: errors.New("the bot is not connected")}
	}
	ctx, cancel := context.WithTimeout(ctx, s.AckWithin)
	defer cancel()
	h := s.Sign(s.now(), p.body)
	h.Set("Content-Type", p.contentType)
	h.Set("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)")
	if p.retry > 0 {
		h.Set("X-Slack-Retry-Num", strconv.Itoa(p.retry))
		h.Set("X-Slack-Retry-Reason", p.reason)
	}
	status, header, body, err := s.Post(ctx, p.path, h, p.body)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return reply{}, &deliveryError{reason: "http_timeout", err: err}
	case errors.Is(err, errTooManyRedirects):
		return reply{}, &deliveryError{reason: "too_many_redirects", err: err}
	case err != nil:
		return reply{}, &deliveryError{reason: "connection_failed", err: err}
	case status < 200 || status > 299:
		return reply{}, &deliveryError{
			reason: "http_error", err: fmt.Errorf("status %d", status), noRetry: header.Get("X-Slack-No-Retry") == "1",
		}
	}
	return reply{contentType: header.Get("Content-Type"), body: body}, nil
}

// enqueue puts an event into the queue, or aside while events are held. The lock is held.
func (s *Slack) enqueue(p parcel) {
	if s.drops() {
		return
	}
	if s.holding {
		s.held = append(s.held, p)
		s.bump()
		return
	}
	if s.intake == "" && s.sockets.count() == 0 {
		return
	}
	s.queue = append(s.queue, p)
	s.pending++
	if !s.busy {
		s.busy = true
		go s.empty()
	}
}

// empty delivers the queue in order. Repeats after failures run beside it, so that one event that the bot refuses
// does not hold up the others.
func (s *Slack) empty() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.busy, s.queue = false, nil
			s.mu.Unlock()
			return
		}
		p, times, pauses := s.queue[0], s.repeat, slices.Clone(s.RetryAfter)
		s.queue[0] = parcel{} // the queue must not keep what has gone
		s.queue = s.queue[1:]
		s.mu.Unlock()
		_, err := s.send(s.ctx, p)
		for i := 1; i < times && err == nil; i++ {
			again := p
			again.retry, again.reason = i, "http_timeout"
			_, err = s.send(s.ctx, again)
		}
		if err == nil {
			s.settled("")
			continue
		}
		if !s.mayRetry() {
			s.settled(p.id + ": " + err.Error())
			continue
		}
		go func() {
			s.retry(p, err, pauses)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.retrying--
		}()
	}
}

// maxRetrying is how many events wait to be sent again. Beyond that the bot is taken to be gone, and what it does not
// take is lost at once.
const maxRetrying = 1000

func (s *Slack) mayRetry() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.retrying >= maxRetrying {
		return false
	}
	s.retrying++
	return true
}

// retry repeats a failed event after Slack's pauses.
func (s *Slack) retry(p parcel, err error, pauses []time.Duration) {
	for i, pause := range pauses {
		var failed *deliveryError
		if !errors.As(err, &failed) || failed.noRetry {
			break
		}
		select {
		case <-time.After(pause):
		case <-s.ctx.Done():
			s.settled(p.id + ": " + err.Error())
			return
		}
		p.retry, p.reason = i+1, failed.reason
		if _, err = s.send(s.ctx, p); err == nil {
			s.settled("")
			return
		}
	}
	s.log.Debug("practice: the bot did not take an event", "event", p.id, "type", p.kind, "error", err)
	s.settled(p.id + ": " + err.Error())
}

func (s *Slack) settled(lost string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending--
	if lost != "" {
		s.lost = append(s.lost, lost)
	}
	s.bump()
}

// Repeat makes every event from now on arrive n times, the repeats marked as Slack marks its retries.
func (s *Slack) Repeat(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.repeat = max(1, n)
}

// HeldEvent is an event that waits for Release.
type HeldEvent struct {
	// ID is the event's id, Type that of the inner event, Body the whole envelope.
	ID, Type string
	Body     []byte
}

// Hold keeps events back from now on.
func (s *Slack) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.holding = true
}

// Held are the events that are kept back, oldest first.
func (s *Slack) Held() []HeldEvent {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []HeldEvent
	for _, p := range s.held {
		out = append(out, HeldEvent{ID: p.id, Type: p.kind, Body: slices.Clone(p.body)})
	}
	return out
}

// Release lets go of the events kept back, in the given order of their indices in Held: an index may come twice, and
// an event whose index is missing is lost. A nil order means as they came. Events are no longer held afterwards.
func (s *Slack) Release(order []int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.held
	for _, i := range order {
		if i < 0 || i >= len(held) {
			return fmt.Errorf("practice: there is no held event %d", i)
		}
	}
	s.held, s.holding = nil, false
	if order == nil {
		for i := range held {
			order = append(order, i)
		}
	}
	for _, i := range order {
		s.enqueue(held[i])
	}
	s.bump()
	return nil
}
