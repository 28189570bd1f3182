package main

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

// runs runs a command of the program on the story's database, as somebody on the bot's machine does.
func (s *story) runs(args ...string) (said string, code int) {
	s.Helper()
	var out bytes.Buffer
	code = runIn(s.ctx, args, environment{
		getenv: env("DATABASE_URL", s.config.database), stdout: &out, stderr: &out, now: s.clock.Now,
	})
	return out.String(), code
}

// ran is runs for what must work.
func (s *story) ran(args ...string) string {
	s.Helper()
	said, code := s.runs(args...)
	if code != exitOK {
		s.Fatalf("watchbell %s: exit %d\n%s", strings.Join(args, " "), code, said)
	}
	return said
}

// caughtUp are the messages in the incident's channel that tell what was written outside.
func (s *story) caughtUp() (texts []string) {
	for _, text := range s.texts(s.channel("#incident")) {
		if strings.Contains(text, "Caught up.") {
			texts = append(texts, text)
		}
	}
	return texts
}

// Slack goes away in the middle of an incident. People go on writing on the machine; the channel hears of it once.
func TestStoryWrittenOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"http", "socket"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{socket: mode == "socket"})
			s.types("ana", "#team", "/incident declare checkout is down")
			s.quiet()
			s.types("ana", "#incident", "/incident log we look into it")
			s.quiet()
			if got := s.ran("log", "-incident", "1", "-by", "Ben", "-zone", "Europe/Berlin", "while Slack is there"); !strings.Contains(got, "09:00 UTC = 10:00 CET") {
				t.Errorf("the answer is %q", got)
			}
			s.quiet()
			if got := s.caughtUp(); len(got) != 0 {
				t.Errorf("Slack was there all along, and the channel was told %q", got)
			}
			s.holds("the card", s.summary, "while Slack is there")

			s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Status: 503})
			away := func() { s.quietBut(waitsFor(incidents.Slack)) }
			s.at("09:05")
			s.ran("log", "-incident", "1", "-by", "Ana", "-10m", "the disk was full")
			away()
			s.at("09:15")
			s.ran("log", "-incident", "#1", "-at", "09:12 UTC", "we <!channel> made room")
			away()
			s.at("09:30")
			s.Faults.Clear("slack")
			s.quiet()
			told := s.caughtUp()
			if len(told) != 1 {
				t.Fatalf("the channel was told %d times: %q", len(told), told)
			}
			for _, want := range []string{"2 entries", "`08:55` the disk was full (Ana)", "`09:12` we"} {
				if !strings.Contains(told[0], want) {
					t.Errorf("%q is not in\n%s", want, told[0])
				}
			}
			if strings.Contains(told[0], "while Slack is there") {
				t.Errorf("it tells too much:\n%s", told[0])
			}
			s.holds("the card", s.summary, "the disk was full", "made room")

			// A second gap has a message of its own.
			s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Cut: true})
			s.ran("log", "-incident", "1", "all is well")
			away()
			s.at("09:45")
			s.Faults.Clear("slack")
			s.quiet()
			if told := s.caughtUp(); len(told) != 2 || !strings.Contains(told[1], "1 entry") || !strings.Contains(told[1], "all is well") {
				t.Errorf("after the second gap: %q", told)
			}
			s.types("ana", "#incident", "/incident resolve")
			s.quiet()
			post, _ := s.post()
			for _, want := range []string{"08:55", "the disk was full", "09:12", "made room", "all is well"} {
				if !strings.Contains(post, want) {
					t.Errorf("%q is not in the post\n%s", want, post)
				}
			}
			if strings.Contains(post, "outside:") || strings.Contains(post, "(Ana)") {
				t.Errorf("the post names a writer\n%s", post)
			}
		})
	}
}

// The response to the catch-up message is lost: it is found again, and what came meanwhile is put into it.
func TestStoryCatchUpIsNotDoubled(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Status: 503})
	s.ran("log", "-incident", "1", "the disk was full")
	s.quietBut(waitsFor(incidents.Slack))
	s.at("09:30")
	s.Faults.Clear("slack")
	s.Faults.Add(practice.Fault{Service: "slack", Call: "chat.postMessage", Times: 2, After: true, Status: 500})
	s.quiet()
	if told := s.caughtUp(); len(told) != 1 {
		t.Errorf("the channel was told %d times: %q", len(told), told)
	}
}

// With nothing running, the command line writes to the database itself; what it wrote appears after the next start.
func TestStoryWrittenWhileStopped(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.stop()
	if got := s.ran("log", "-incident", "1", "-by", "Ana", "nobody runs"); !strings.Contains(got, "Watchbell is not running") {
		t.Errorf("the answer is %q", got)
	}
	s.clock.JumpTo(s.clock.Now().Add(10 * time.Minute))
	s.start()
	s.quiet()
	s.holds("the card", s.summary, "nobody runs")
	if told := s.caughtUp(); len(told) != 1 {
		t.Errorf("the channel was told %q", told)
	}
}

func TestStoryNotesFromAFile(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.at("12:00")
	notes := filepath.Join(t.TempDir(), "notes.txt")
	s.must(os.WriteFile(notes, []byte("08:30 the release\n09:10-09:20 nobody could pay\nsomebody called\n23:10 tomorrow?\n"), 0o600))
	add := []string{"log", "-incident", "1", "-zone", "UTC", "-file", notes}
	said, code := s.runs(append(add, "-dry-run")...)
	if code != exitFailed || !strings.Contains(said, "line 3: NOT read: “somebody called”") || !strings.Contains(said, "nothing was") {
		t.Errorf("the dry run: exit %d\n%s", code, said)
	}
	said, code = s.runs(add...)
	if code != exitFailed || !strings.Contains(said, "Added to #1, checkout is down: 2; there already: 0; not taken: 2") || !strings.Contains(said, "line 4") {
		t.Errorf("exit %d\n%s", code, said)
	}
	s.must(os.WriteFile(notes, []byte("08:30 the release\n\n09:10-09:20 nobody could pay\n09:15 somebody called\n"), 0o600))
	if said = s.ran(add...); !strings.Contains(said, "Added to #1, checkout is down: 1; there already: 2; not taken: 0") {
		t.Errorf("the corrected file: %s", said)
	}
	s.quiet()
	s.holds("the timeline", func() string { return s.types("ana", "#incident", "/incident timeline") },
		"`08:30` the release", "`09:10–09:20` nobody could pay", "`09:15` somebody called")
}

func TestLogCommandLine(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare --private checkout is down")
	s.quiet()
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"log it broke", exitUsage, "say which incident: -incident 42"},
		{"log -incident 1", exitUsage, "write what happened"},
		{"log -incident 1 -zone Mars x", exitUsage, "is not a zone"},
		{"log -incident 1 -file x y", exitUsage, "leave -at and the text out"},
		{"log -incident 9 it broke", exitFailed, "there is no incident #9"},
		{"log -incident 1 -at soon it broke", exitFailed, "-at soon is not a time"},
		{"log -incident 1 25:10 it broke", exitFailed, "There is no 25:10 in a day"},
		{"log -incident 1 2026-03-18 10:00 UTC it broke", exitFailed, "still ahead"},
		{"log -incident 1 -ahead 2026-03-18 10:00 UTC it will break", exitOK, "Logged at"},
		{"log -incident 1 -file nowhere.txt", exitFailed, "nowhere.txt"},
		{"log -incident 1 it broke", exitOK, "entry 2 of 3"},
	} {
		said, code := s.runs(strings.Fields(c.args)...)
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("watchbell %s: exit %d\n%s", c.args, code, said)
		}
	}
	var out bytes.Buffer
	code := run(t.Context(), []string{"log", "-incident", "1", "x"}, env("DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "none.db")), &out, &out)
	if code != exitFailed || !strings.Contains(out.String(), "there is no database") {
		t.Errorf("without a database: exit %d\n%s", code, out.String())
	}
}

var (
	formAddress = regexp.MustCompile(`https?://[^\s|>]*/log\?link=[A-Za-z0-9._-]+`)
	pageAddress = regexp.MustCompile(`https?://[^\s|>]*/incidents/[0-9]+\?link=[A-Za-z0-9._-]+`)
	formLink    = regexp.MustCompile(`/log\?link=[A-Za-z0-9._-]+`)
	formName    = regexp.MustCompile(`name="form" value="([A-Z0-9]+)"`)
)

// browses opens the form behind a link, as a phone without JavaScript does, and sends it when fields are given.
func (s *story) browses(link string, fields ...string) (page string) {
	s.Helper()
	address := s.bot.url + formLink.FindString(link)
	read := func(r *http.Response, err error) string {
		s.Helper()
		s.must(err)
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		s.must(err)
		return string(text)
	}
	page = read(http.Get(address))
	if len(fields) == 0 {
		return page
	}
	form := formName.FindStringSubmatch(page)
	if form == nil {
		s.Fatalf("there is no form on\n%s", page)
	}
	v := url.Values{"form": {form[1]}}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	for range 2 { // an impatient thumb
		page = read(http.PostForm(address, v))
	}
	return page
}

// Twenty minutes of Slack outage in the middle of an incident: the post is that of the run without one.
func TestStoryPostIsTheSameWithAnOutage(t *testing.T) {
	t.Parallel()
	var posts []string
	for _, outage := range []bool{false, true} {
		s := newStory(t, storyOptions{})
		defer http.DefaultClient.CloseIdleConnections()
		s.types("ana", "#team", "/incident declare checkout is down")
		s.quiet()
		s.types("ana", "#incident", "/incident log 09:00 we look into it")
		s.quiet()
		s.holds("the card", s.summary, "If Slack is down:")
		onCard := formLink.FindString(s.Slack.MessageText(s.Slack.Pins(s.channel("#incident"))[0]))
		bens := s.ran("link", "log", "-incident", "1", "-by", "Ben")
		s.at("09:05")
		if outage {
			s.Faults.Add(practice.Fault{Service: "slack", Call: "*", Status: 503})
			if page := s.browses(onCard, "text", "the disk was full", "time", "09:02", "zone", "UTC", "name", "Ana"); !strings.Contains(page, "Recorded at 09:02 UTC") {
				t.Errorf("the form answers\n%s", page)
			}
			s.quietBut(waitsFor(incidents.Slack))
			s.at("09:15")
			s.browses(bens, "text", "we made *room*", "time", "-5m")
			s.ran("log", "-incident", "1", "-at", "2026-03-17 09:12-09:14", "-zone", "UTC", "users were well")
			s.quietBut(waitsFor(incidents.Slack))
			s.at("09:25")
			s.Faults.Clear("slack")
			s.quiet()
			told := s.caughtUp()
			if len(told) != 1 || !strings.Contains(told[0], "3 entries") || !strings.Contains(told[0], "the disk was full (Ana)") || !strings.Contains(told[0], "(Ben)") {
				t.Errorf("the channel was told %q", told)
			}
		} else {
			s.types("ana", "#incident", "/incident log 09:02 UTC the disk was full")
			s.at("09:15")
			s.types("ben", "#incident", "/incident log -5m we made *room*")
			s.types("ana", "#incident", "/incident log 09:12-09:14 UTC users were well")
			s.at("09:25")
			s.quiet()
		}
		s.types("ana", "#incident", "/incident resolve")
		s.quiet()
		post, _ := s.post()
		posts = append(posts, post)
	}
	if posts[0] != posts[1] || !strings.Contains(posts[0], "we made *room*") {
		t.Errorf("without an outage\n%s\nwith one\n%s", posts[0], posts[1])
	}
}

func TestStoryLinksOfAnotherDatabaseOpenNothing(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	defer http.DefaultClient.CloseIdleConnections()
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	link := s.ran("link", "log", "-incident", "1", "-for", "1h")
	s.restart()
	if page := s.browses(link); !strings.Contains(page, "checkout is down") {
		t.Errorf("after a restart\n%s", page)
	}
	s.clock.JumpTo(s.clock.Now().Add(2 * time.Hour))
	if page := s.browses(link); !strings.Contains(page, "This link has expired") {
		t.Errorf("after two hours\n%s", page)
	}
	for args, want := range map[string]string{
		"link -incident 1": "say which page", "link log": "say which incident", "link log -incident 1 -for -1h": "-for must be",
	} {
		if said, code := s.runs(strings.Fields(args)...); code != exitUsage || !strings.Contains(said, want) {
			t.Errorf("watchbell %s: exit %d\n%s", args, code, said)
		}
	}
}

// Whoever watches the metrics sees what waits, and since when.
func TestStoryMetricsOfWhatWaits(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	defer http.DefaultClient.CloseIdleConnections()
	metrics := func() string {
		r, err := http.Get(s.bot.url + "/metrics")
		s.must(err)
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		s.must(err)
		return string(text)
	}
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	s.Faults.Add(practice.Fault{Service: "trello", Call: "*", Status: 503})
	s.types("ana", "#incident", "/incident action rotate the keys")
	s.quietBut(waitsFor(incidents.Trello))
	s.at("09:20")
	s.quietBut(waitsFor(incidents.Trello))
	s.holds("the metrics", metrics, `watchbell_deliveries_waiting{target="trello"} 1`, `watchbell_deliveries_waiting{target="slack"} 0`,
		`watchbell_delivery_oldest_seconds{target="slack"} 0`, `watchbell_deliveries_failed{target="trello"} 0`)
	if got := metrics(); strings.Contains(got, `watchbell_delivery_oldest_seconds{target="trello"} 0`+"\n") {
		t.Errorf("nothing has waited for long:\n%s", got)
	}
	s.Faults.Clear("trello")
	s.quiet()
	s.holds("the metrics", metrics, `watchbell_deliveries_waiting{target="trello"} 0`)
}
