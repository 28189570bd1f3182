package trello

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"watchbell/incidents"
)

// problem is something that only a person can put right.
type problem struct {
	say string // what it is and what to do
	err error  // what Trello said; nil when it said nothing
}

func (p *problem) Error() string {
	if p.err == nil {
		return p.say
	}
	return p.say + " " + p.err.Error()
}

// Unwrap returns what Trello said.
func (p *problem) Unwrap() error { return p.err }

// outcome says what an error means for the delivery.
func (c *Client) outcome(err error) incidents.Outcome {
	var p *problem
	var wait *waitError
	var e *callError
	switch {
	case errors.As(err, &p):
		return incidents.Failing(incidents.Impossible, p.say, err)
	case errors.As(err, &wait):
		return later(wait.after, err)
	case errors.As(err, &e):
		return c.failing(e, err)
	}
	return incidents.Failing(incidents.Uncertain, "Nobody knows whether Trello has the card.", err)
}

func later(after time.Duration, err error) incidents.Outcome {
	o := incidents.Failing(incidents.Deferred, "Trello asked us to slow down.", err)
	o.After = after
	return o
}

// failing says what a call that did not work means. Only the status counts: the wording of Trello's errors is not
// documented.
func (c *Client) failing(e *callError, err error) incidents.Outcome {
	switch {
	case e.status == http.StatusTooManyRequests:
		return later(e.after, err)
	case e.status == 0, e.status >= 500, e.status >= 200 && e.status < 300:
		return unanswered(e, err)
	}
	switch e.status {
	case http.StatusRequestTimeout, http.StatusConflict, http.StatusLocked, http.StatusTooEarly, subRequestFailed:
		return withAfter(incidents.Failing(incidents.Refused, fmt.Sprintf("Trello answered %d; it may work later.", e.status), err), e.after)
	}
	return incidents.Failing(incidents.Impossible, c.advice(e.status), err)
}

// subRequestFailed is a status of Trello's own.
const subRequestFailed = 449

// unanswered is a call of which nobody knows what came, unless it changes nothing or never left.
func unanswered(e *callError, err error) incidents.Outcome {
	what := "Trello did not answer"
	if e.status != 0 {
		what = fmt.Sprintf("Trello answered %d", e.status)
	}
	if e.writes() && (e.sent || e.status != 0) {
		return withAfter(incidents.Failing(incidents.Uncertain, what+"; the next attempt looks whether the card is there.", err), e.after)
	}
	return withAfter(incidents.Failing(incidents.Refused, what+"; it is asked again.", err), e.after)
}

func withAfter(o incidents.Outcome, after time.Duration) incidents.Outcome {
	o.After = after
	return o
}

// advice is what a person can do about an answer that stays the same however often we ask.
func (c *Client) advice(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return fmt.Sprintf("Trello refused our token: make a new one at https://trello.com/power-ups/admin and set TRELLO_TOKEN"+
			" (and TRELLO_KEY); if the token is good, put its member on the board %s.", c.c.Board)
	case http.StatusForbidden:
		return fmt.Sprintf("Trello does not let the token's member do that: check what the member may do on the board %s.", c.c.Board)
	case http.StatusNotFound:
		return fmt.Sprintf("Trello does not know the board %s or its list any more: check trello.board and trello.list,"+
			" and that the token's member may see them.", c.c.Board)
	case http.StatusBadRequest:
		return fmt.Sprintf("Trello did not accept the card: check that the board %s is open and not full; the log has its answer.", c.c.Board)
	}
	return fmt.Sprintf("Trello answered %d, which is not Trello's way: check TRELLO_API_URL.", status)
}
