package incidents

import (
	"errors"
	"fmt"
)

// Code is the kind of a Refusal, for programs.
type Code string

// The codes.
const (
	NotFound Code = "not_found" // there is no such thing, or the person may not know of it
	Invalid  Code = "invalid"   // something in what was typed cannot be used
	Future   Code = "future"    // a time lies ahead; it can be confirmed
	Past     Code = "past"      // a day is over; it can be confirmed
	TooLate  Code = "too_late"  // the incident is past that
	Unsure   Code = "unsure"    // it is not clear which incident is meant
	Changed  Code = "changed"   // somebody else was faster; it can be confirmed
	Same     Code = "same"      // the same was said just before; it can be confirmed
	// TooMany: the person asked for too much at once.
	TooMany Code = "too_many"
	// NotAllowed: the person has no right to it; see Rights.
	NotAllowed Code = "not_allowed"
)

// Refusal is the answer to a wish that cannot be granted: a sentence that says why, and one that says what to do
// next. Both are for the person who asked.
type Refusal struct {
	Code Code   `json:"code"`
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
	// Field is the form field at fault, empty where none is.
	Field string `json:"field,omitempty"`
}

// plainError is an error whose text is for people; its chain is for the log.
type plainError struct {
	say string
	err error
}

func (e *plainError) Error() string { return e.say }
func (e *plainError) Unwrap() error { return e.err }

// InWords is an error with another text: the sentence that people are told about it. It unwraps to what it is about.
func InWords(say string, err error) error { return &plainError{say, err} }

// Error joins the two sentences.
func (r *Refusal) Error() string {
	if r.Hint == "" {
		return r.Text
	}
	return r.Text + " " + r.Hint
}

// Refuse makes a Refusal; the text is formatted as by fmt.Sprintf.
func Refuse(code Code, format string, args ...any) *Refusal {
	return &Refusal{Code: code, Text: fmt.Sprintf(format, args...)}
}

// Next adds the next step and returns the refusal.
func (r *Refusal) Next(format string, args ...any) *Refusal {
	r.Hint = fmt.Sprintf(format, args...)
	return r
}

// In names the form field at fault and returns the refusal.
func (r *Refusal) In(field string) *Refusal {
	r.Field = field
	return r
}

// AsRefusal finds a Refusal in an error chain; nil when there is none.
func AsRefusal(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

var (
	// ErrNotFound is returned by a Store that does not have what was asked for.
	ErrNotFound = errors.New("not found")
	// ErrConflict is returned by a Store when a change was decided on an older version; deciding again helps.
	ErrConflict = errors.New("changed meanwhile")
	// ErrStale is returned when a worker reports on a delivery that has meanwhile been given to another one.
	ErrStale = errors.New("the delivery was given to another worker")
	// ErrNotDurable is returned when a change could not be put on disk. Nothing was recorded, unless ErrUnsure is wrapped
	// as well.
	ErrNotDurable = errors.New("not recorded")
	// ErrUnsure is wrapped beside ErrNotDurable when the database failed during the commit: what it had written by then may
	// turn out to be there.
	ErrUnsure = errors.New("nobody knows whether it is recorded")
)
