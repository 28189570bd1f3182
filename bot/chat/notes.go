package chat

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// Note is an entry read from a plain text: one that somebody kept by hand.
type Note struct {
	Line      int       // where it begins, from 1
	At, Until time.Time // UTC; Until is zero for a moment
	Text      string    // as written, several lines where the lines after it are indented
}

// NoteProblem is a line that could not be read.
type NoteProblem struct {
	Line int
	Text string // the line
	Why  string // a sentence and the next step
}

const (
	// nextDay is how far a time must lie before the one above it to be meant on the day after.
	nextDay = 12 * time.Hour
	// longestNote keeps a sentence about a line short.
	longestNote = 80
)

// ReadNotes reads a list of times, one entry a line, as people write them: "14:05 restarted the queue", with the marks of
// a list or brackets around the time. The times are those of ReadTime. A time without a date belongs to the day of the
// entry above, or to the day after when it lies more than half a day before it; tc.Day is the first day. A line that
// holds a date alone sets the day, an indented line continues the entry above, and headings ("#") are passed over.
func ReadNotes(text string, tc TimeContext) (notes []Note, problems []NoteProblem) {
	if tc.Zone == nil {
		tc.Zone = time.UTC
	}
	r := noteReader{tc: tc}
	text = strings.TrimPrefix(strings.ToValidUTF8(text, "\uFFFD"), "\uFEFF")
	for i, line := range strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		r.line(i+1, strings.TrimRightFunc(line, unicode.IsSpace))
	}
	return r.notes, r.problems
}

type noteReader struct {
	tc       TimeContext
	last     time.Time // the entry above
	dated    bool      // a line with a date stands between it and the next entry
	open     bool      // the line above belongs to an entry
	notes    []Note
	problems []NoteProblem
}

// wrapped is a time in brackets, stars, backticks or the cell of a table.
var wrapped = regexp.MustCompile("^(?:[-*•]\\s+)?[\\[(*_`|]+\\s*([^\\])*_`|]{1,60}?)\\s*[\\])*_`|]+[:,]?\\s*(.*)$")

func (r *noteReader) line(number int, line string) {
	plain := strings.TrimSpace(line)
	if plain == "" || r.date(plain) {
		r.open = false
		return
	}
	when, rest, found, err := ReadTime(plain, r.tc)
	if parts := wrapped.FindStringSubmatch(plain); !found && err == nil && parts != nil {
		when, rest, found, err = ReadTime(parts[1]+" "+strings.TrimRight(parts[2], " |"), r.tc)
	}
	wrong := (*TimeError)(nil)
	switch {
	case errors.As(err, &wrong):
		r.refuse(number, plain, wrong.Error())
	case found && rest == "":
		r.refuse(number, plain, "There is a time and no text. Write what happened behind it.")
	case found && len(when.Choices) > 1 && when.Choices[1].After(when.At):
		r.refuse(number, plain, fmt.Sprintf("The clocks showed that time twice. Write %s or %s instead.",
			when.At.Format("2006-01-02 15:04 MST"), when.Choices[1].Format("2006-01-02 15:04 MST")))
	case found:
		r.add(number, when, rest)
	case line != plain && r.open && len(r.notes) > 0:
		last := &r.notes[len(r.notes)-1]
		last.Text += "\n" + plain
	case strings.HasPrefix(plain, "#"):
		r.open = false
	default:
		r.refuse(number, plain, "It begins with no time. Write one before it, such as 14:05; indent a line that belongs to the one above.")
	}
}

// date takes a line that is nothing but a date, such as "## 2026-07-08" or "20/06/2023:".
func (r *noteReader) date(line string) bool {
	line = strings.Trim(line, "#*_=-: \t")
	when, rest, found, err := ReadTime(line+" 12:00", r.tc)
	if err != nil || !found || !when.HasDate || rest != "" || strings.Contains(line, ":") {
		return false
	}
	r.tc.Day, r.dated = when.At, true
	return true
}

func (r *noteReader) add(number int, when TypedTime, text string) {
	if !when.HasDate && !r.dated && !r.last.IsZero() && r.last.Sub(when.At) > nextDay {
		move := when.At.In(r.tc.Zone).AddDate(0, 0, 1).UTC().Sub(when.At)
		when.At = when.At.Add(move)
		if !when.Until.IsZero() {
			when.Until = when.Until.Add(move)
		}
	}
	r.notes = append(r.notes, Note{Line: number, At: when.At, Until: when.Until, Text: text})
	r.last, r.tc.Day, r.dated, r.open = when.At, when.At, false, true
}

func (r *noteReader) refuse(number int, line, why string) {
	r.problems = append(r.problems, NoteProblem{Line: number, Text: Shorten(line, longestNote), Why: why})
	r.open = false
}
