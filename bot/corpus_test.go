package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
	"watchbell/incidents"
	"watchbell/incidents/postmortem"
	"watchbell/storage"
)

// corpus is where published posts lie beside the repository on some machines. They are only read.
const corpus = "../../shared/corpus"

// told is an entry of a published timeline.
type told struct {
	at, until time.Time
	text      string // its lines joined by line breaks
	line      string // as it stands in the post, without its bullet
	dated     bool   // its line names the day
}

// timelines reads the timelines of the published posts, by file. It knows nothing of how the bot reads times.
func timelines(t *testing.T) map[string][]told {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(corpus, "*post-mortem*.md"))
	if len(files) == 0 {
		t.Skip("no corpus of published posts beside the repository")
	}
	all := map[string][]told{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		if entries := timelineOf(t, name, string(text)); len(entries) > 0 {
			all[name] = entries
		}
	}
	return all
}

var (
	toldHeading = regexp.MustCompile(`(?m)^##+ .*Timeline(?: \((?:times in |All Time in )?([A-Z]+)\))?\n`)
	toldLine    = regexp.MustCompile(`^[-*] +(\**)(?:(\d{4}-\d\d-\d\d|\d\d/\d\d/\d{4}) )?(\d\d:\d\d)(?: UTC)?\**(?: to \**(\d\d:\d\d)\**)?(?: - |: | )(.*)$`)
)

func timelineOf(t *testing.T, name, text string) []told {
	t.Helper()
	place := toldHeading.FindStringSubmatchIndex(text)
	if place == nil {
		return nil
	}
	zone := time.UTC
	if place[2] >= 0 && strings.HasPrefix(text[place[2]:place[3]], "CE") {
		zone = slackZone(t, "Europe/Berlin")
	}
	section, _, _ := strings.Cut(text[place[1]:], "\n#")
	day, err := time.Parse(time.DateOnly, name[:10])
	if err != nil {
		t.Fatal(err)
	}
	var entries []told
	for line := range strings.Lines(section) {
		line = strings.TrimRight(line, " \n")
		m := toldLine.FindStringSubmatch(line)
		switch {
		case m == nil && line == "":
		case m == nil && len(entries) > 0:
			entries[len(entries)-1].text += "\n" + strings.TrimSpace(line)
			entries[len(entries)-1].line += "\n" + strings.TrimSpace(line)
		case m == nil: // prose before the list
		default:
			for _, layout := range []string{time.DateOnly, "02/01/2006"} {
				if named, err := time.Parse(layout, m[2]); err == nil {
					day = named
				}
			}
			e := told{at: toldTime(t, day, m[3], zone), text: m[5], line: strings.TrimLeft(line[1:], " "), dated: m[2] != ""}
			if m[4] != "" {
				e.until = toldTime(t, day, m[4], zone)
			}
			entries = append(entries, e)
		}
	}
	return entries
}

func toldTime(t *testing.T, day time.Time, clock string, zone *time.Location) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", day.Format(time.DateOnly)+" "+clock, zone)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

func slackZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// typing is a way to type an entry: what stands before its text, given its time where the writer is and what was typed
// before it.
type typing struct {
	name string
	form func(e told, local time.Time, sameDay bool) string
}

// typings are those that a person may use, mixed within one timeline.
var typings = []typing{
	{"date and clock", func(_ told, l time.Time, _ bool) string { return l.Format("02/01/2006 15:04 ") }},
	{"clock alone", func(_ told, l time.Time, same bool) string { return onDay(l, same, "15:04 ") }},
	{"year first", func(_ told, l time.Time, _ bool) string { return l.Format("2006-01-02 15:04: ") }},
	{"dash", func(_ told, l time.Time, same bool) string { return onDay(l, same, "15:04 - ") }},
	{"UTC", func(_ told, l time.Time, _ bool) string { return l.UTC().Format("2006-01-02 15:04 UTC ") }},
	{"brackets", func(_ told, l time.Time, same bool) string { return onDay(l, same, "[15:04] ") }},
	{"dots", func(_ told, l time.Time, _ bool) string { return l.Format("2.1.2006, 15:04 - ") }},
	{"hour mark", func(_ told, l time.Time, same bool) string { return onDay(l, same, "15:04h ") }},
	{"month", func(_ told, l time.Time, _ bool) string { return l.Format("2 Jan 2006 15:04 ") }},
	{"half of the day", func(_ told, l time.Time, _ bool) string { return l.Format("January 2, 2006 at 3:04 pm: ") }},
	{"RFC 3339", func(_ told, l time.Time, _ bool) string { return l.Format(time.RFC3339 + " ") }},
	{"bold", func(_ told, l time.Time, _ bool) string { return l.Format("- **2006-01-02 15:04** ") }},
	{"point", func(_ told, l time.Time, same bool) string { return onDay(l, same, "at 15.04 ") }},
}

// onDay leaves out the date that was typed before.
func onDay(l time.Time, same bool, form string) string {
	if !same {
		return l.Format("02/01/2006 ") + strings.NewReplacer("[", "", "]", "").Replace(l.Format(form))
	}
	return l.Format(form)
}

// ranged writes a time that took a while.
func (w typing) ranged(e told, zone *time.Location, sameDay bool) string {
	words := w.form(e, e.at.In(zone), sameDay)
	if e.until.IsZero() {
		return words
	}
	return e.at.In(zone).Format("02/01/2006 15:04") + e.until.In(zone).Format("-15:04 ")
}

// asSlackSends is what Slack makes of what is typed after a command: it escapes three characters and finds addresses.
func asSlackSends(typed string) string {
	typed = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed)
	return bareAddress.ReplaceAllString(typed, "<$0>")
}

var bareAddress = regexp.MustCompile(`https?://[^\s)<>]*[^\s)<>.,]`)

// book is a Desk on a database, and the post of what was typed there.
type book struct {
	*testing.T
	desk    *chat.Desk
	service *incidents.Service
	typed   int
}

func newBook(t *testing.T, zone *time.Location) *book {
	t.Helper()
	store, err := storage.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "watchbell.db"), storage.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	now := func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }
	b := &book{T: t, service: incidents.NewService(store, incidents.Options{Now: now, OnlyProcess: true})}
	b.desk = chat.NewDesk(b.service, chat.DeskOptions{
		Command: "/incident", Reaction: "pushpin", Now: now,
		Zone: func(context.Context, string) *time.Location { return zone },
	})
	return b
}

// types types a command and returns the answer.
func (b *book) types(text string) string {
	b.Helper()
	b.typed++
	reply, err := b.desk.Said(b.Context(), chat.Said{
		Event: fmt.Sprint("command/", b.typed), User: "UANA", Channel: "CTEAM", Text: asSlackSends(text),
	})
	if err != nil || reply.Message == nil {
		b.Fatalf("%s: %+v, %v", text, reply, err)
	}
	return reply.Message.Text
}

// post is the post of an incident, and its timeline's lines.
func (b *book) post(number int, zone *time.Location) []string {
	b.Helper()
	snap, err := b.service.Snapshot(b.Context(), number)
	if err != nil {
		b.Fatal(err)
	}
	return timelineLines(postOf(snap, PostConfig{}, zone, pictures{}).Render(postmortem.Flat()))
}

// timelineLines are the entries of a rendered post, each on one line.
func timelineLines(post string) []string {
	_, section, _ := strings.Cut(post, "\n## Timeline")
	_, section, _ = strings.Cut(section, "\n\n")
	section, _, _ = strings.Cut(section, "\n#")
	var lines []string
	for _, item := range strings.Split("\n"+strings.TrimSpace(section), "\n- ")[1:] {
		lines = append(lines, asReadersSee(item))
	}
	return lines
}

// asReadersSee is a text as readers see it: on one line, and with an address that is a link as the address that was typed.
func asReadersSee(text string) string {
	return linkedAddress.ReplaceAllString(strings.Join(strings.Fields(text), " "), "$1")
}

var linkedAddress = regexp.MustCompile(`<(https?://[^>]*)>`)

// wantLines is what the post must say.
func wantLines(entries []told, zone *time.Location) []string {
	var lines []string
	for _, e := range entries {
		when := e.at.In(zone).Format("02/01/2006 15:04")
		if !e.until.IsZero() {
			when += " to " + e.until.In(zone).Format("15:04")
		}
		lines = append(lines, asReadersSee(when+" - "+e.text))
	}
	return lines
}

// Every entry of the published timelines, typed in every way that people have, comes out with its instant and text.
func TestPublishedTimelinesComeOutAsTheyWereTyped(t *testing.T) {
	t.Parallel()
	all := timelines(t)
	entries := 0
	for name, timeline := range all {
		entries += len(timeline)
		for n, where := range []string{"Europe/Berlin", "UTC", "America/New_York", "Australia/Lord_Howe"} {
			zone := slackZone(t, where)
			t.Run(name+"/"+strings.ReplaceAll(where, "/", "-"), func(t *testing.T) {
				t.Parallel()
				b := newBook(t, zone)
				b.types("backfill " + name)
				for i, e := range timeline {
					local := e.at.In(zone)
					same := i > 0 && timeline[i-1].at.In(zone).Format(time.DateOnly) == local.Format(time.DateOnly)
					// In each zone every entry is typed in another way.
					way := typings[(i+4*n)%len(typings)]
					typed := "log " + way.ranged(e, zone, same) + e.text
					if said := b.types(typed); !strings.HasPrefix(said, "Logged at ") {
						t.Errorf("%s: %q: %s", way.name, typed, said)
					}
				}
				sameLines(t, b.post(1, time.UTC), wantLines(timeline, time.UTC))
			})
		}
	}
	t.Logf("%d entries of %d posts", entries, len(all))
	if entries < 161 { // all that there were when this was written
		t.Errorf("only %d entries were found: the reader of posts is broken", entries)
	}
}

// The lines of the published timelines themselves, pasted one by one.
func TestPublishedTimelinesPasted(t *testing.T) {
	t.Parallel()
	for name, timeline := range timelines(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := time.UTC
			if strings.Contains(readPost(t, name), "Timeline (CE") || strings.Contains(readPost(t, name), "times in CE") {
				zone = slackZone(t, "Europe/Berlin")
			}
			b := newBook(t, zone)
			b.types("backfill " + name)
			for i, e := range timeline {
				day := ""
				if i == 0 && !e.dated {
					day = e.at.In(zone).Format("02/01/2006 ") // the first line must say the day
				}
				line := e.line
				if day != "" {
					line = day + strings.TrimLeft(strings.Replace(line, "**", "", 2), "*")
					line = strings.Replace(line, "* ", " ", 1)
				}
				if said := b.types("log " + line); !strings.HasPrefix(said, "Logged at ") {
					t.Errorf("%q: %s", line, said)
				}
			}
			sameLines(t, b.post(1, zone), wantLines(timeline, zone))
		})
	}
}

func readPost(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sameLines compares two timelines, of which entries of one minute may stand in the order of typing.
func sameLines(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d entries came out, of %d", len(got), len(want))
	}
	for _, line := range want {
		found := false
		for _, g := range got {
			found = found || g == line
		}
		if !found {
			t.Errorf("the post lacks\n%s\nit has\n%s", line, strings.Join(got, "\n"))
			return
		}
	}
}
