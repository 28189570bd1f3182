package chat_test

import (
	"strings"
	"testing"
	"time"

	"watchbell/bot/chat"
)

// labels are the buttons of a reply.
func labels(reply chat.Reply) string {
	var all []string
	for _, b := range reply.Message.Blocks {
		for _, button := range b.Buttons {
			all = append(all, button.Label)
		}
	}
	return strings.Join(all, " | ")
}

func TestWhatMayBeATimeIsLoggedAndAsked(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	for _, c := range []struct{ text, labels, press, says, want string }{
		{"log 11.05 restarted &lt;it&gt;", "10:05 UTC = 11:05 CET | No, now", "10:05", "Changed: it is at 10:05 UTC = 11:05 CET, now the first of 2 entries", "10:05 restarted <it>"},
		{"log 11.15 percent of users", "10:15 UTC = 11:15 CET | No, now", "No, now", "It stays at 12:00 UTC = 13:00 CET", "12:00 11.15 percent of users"},
		{"log 3am backup failed", "02:00 UTC = 03:00 CET | No, now", "02:00", "Changed: it is at 02:00 UTC = 03:00 CET, now the first of 4 entries", "02:00 backup failed"},
		{"log 11pm deploy failed", "16/03/2026 22:00 UTC = 23:00 CET | No, now", "16/03", "Changed: it is at 16/03/2026 22:00 UTC", "22:00 deploy failed"},
	} {
		asked := r.reads(r.said("UBEN", "C1", c.text), "Logged at 12:00 UTC", "Did you mean the time")
		if strings.HasPrefix(asked.Message.Text, ":x:") || labels(asked) != c.labels {
			t.Errorf("%s: %s\n%s", c.text, asked.Message.Text, labels(asked))
		}
		first := r.reads(r.press("UBEN", "C1", asked, c.press), c.says)
		other := r.press("UBEN", "C1", asked, "No, now")
		if other.Message.Text != first.Message.Text {
			t.Errorf("a second answer is answered otherwise:\n%s\n%s", first.Message.Text, other.Message.Text)
		}
		found := false
		for _, line := range r.timeline(1) {
			found = found || line == c.want
		}
		if !found {
			t.Errorf("%s: %q lacks %q", c.text, r.timeline(1), c.want)
		}
	}
	r.reads(r.said("UBEN", "C1", "log 14.5 percent of users"), "Logged at 12:00 UTC")
	if asked := r.said("UBEN", "C1", "log the disk is full"); labels(asked) != "" {
		t.Errorf("asked without need: %s", labels(asked))
	}
}

func TestWordsForATimeCanGoBackIntoTheText(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UANA", "C1", "log 10 minutes ago we restarted it"), "Logged at 11:50 UTC", "“10 minutes ago” was read as its time")
	r.reads(r.press("UANA", "C1", asked, "No, now"), "Changed: it is at 12:00 UTC")
	if got := r.timeline(1)[1]; got != "12:00 10 minutes ago we restarted it" {
		t.Error(r.timeline(1))
	}
	if plain := r.reads(r.said("UANA", "C1", "log 10 minutes ago: restarted it"), "Logged at 11:50 UTC"); labels(plain) != "" {
		t.Errorf("asked without need: %s", labels(plain))
	}
}

func TestTimeFarFromTheIncidentIsAsked(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UANA", "C1", "log 17/03/2025 11:32-11:40 it began"), "Logged at 17/03/2025 11:32 UTC", "That is 365 days before everything else in #1. Is the date right?")
	if want := "Yes, 17/03/2025 11:32 UTC | No, 11:32 UTC | No, now"; labels(asked) != want || strings.HasPrefix(asked.Message.Text, ":x:") {
		t.Errorf("%s\n%s", asked.Message.Text, labels(asked))
	}
	r.reads(r.press("UANA", "C1", asked, "No, 11:32"), "Changed: it is at 11:32 UTC to 11:40 UTC, now the first of 2 entries")
	r.said("UANA", "C1", "log 16/03/2026 13:00 the deployment")
	meant := r.said("UANA", "C1", "log 14/03/2026 13:00 the release")
	r.reads(r.press("UANA", "C1", meant, "Yes, 14/03/2026"), "It stays at 14/03/2026 13:00 UTC, the first of 4 entries")
	for _, text := range []string{"log 13/03/2026 14:00 the release before", "log yesterday 11:00 x", "log -30m y", "log z"} {
		if said := r.said("UANA", "C1", text); labels(said) != "" {
			t.Errorf("%s is asked about: %s", text, said.Message.Text)
		}
	}
	r.said("UANA", "C1", "resolve")
	r.now = r.now.Add(40 * time.Hour)
	r.reads(r.said("UANA", "C1", "log 19/03/2026 03:00 cleaned up"), "after everything else in #1")
	r.reads(r.said("UANA", "CTEAM", "backfill an old one"), "#2")
	for _, text := range []string{"log 20/06/2023 12:32 a", "log 22/06/2023 12:32 b", "log 12:43 c"} {
		if said := r.said("UANA", "CTEAM", text); labels(said) != "" {
			t.Errorf("%s is asked about: %s", text, said.Message.Text)
		}
	}
	r.reads(r.said("UANA", "CTEAM", "log 20/06/2022 12:32 d"), "365 days before everything else in #2")
}

func TestEndBeforeTheBeginningIsAsked(t *testing.T) {
	r := newRoom(t)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UANA", "C1", "resolve 11:00"), ":x: That is before the incident began, 12:00 UTC, so nothing was recorded yet.")
	if want := "I do mean 11:00 UTC | No, now"; labels(asked) != want {
		t.Errorf("%s, want %s", labels(asked), want)
	}
	r.reads(r.press("UANA", "C1", r.said("UANA", "C1", "mitigated -2h"), "No, now"), "*monitoring*")
	r.said("UANA", "C1", "log 10:30 it began")
	r.reads(r.said("UANA", "C1", "resolve 10:00"), ":x: That is before the incident began, 10:30 UTC")
	r.reads(r.said("UANA", "C1", "resolve at 11.00"), "is resolved", "at 11:00 UTC")
	r.reads(r.press("UANA", "C1", asked, "I do mean"), ":x:", "already resolved")
}

func TestHoursThatClocksRepeatOrSkipAreAsked(t *testing.T) {
	r := newRoom(t)
	r.now = time.Date(2026, 10, 25, 12, 0, 0, 0, time.UTC)
	r.open("checkout is down", "C1")
	asked := r.reads(r.said("UBEN", "C1", "log 02:30-02:50 slow"), ":x:", "showed that time twice", "log 02:30-02:50 slow")
	if want := "00:30 UTC = 02:30 CEST | 01:30 UTC = 02:30 CET"; labels(asked) != want {
		t.Errorf("%s, want %s", labels(asked), want)
	}
	r.reads(r.press("UBEN", "C1", asked, "CET"), "Logged at 01:30 UTC = 02:30 CET to 01:50 UTC = 02:50 CET")
	r.reads(r.press("UBEN", "C1", asked, "CEST"), "Logged at 01:30 UTC")
	r.now = time.Date(2027, 3, 28, 12, 0, 0, 0, time.UTC)
	r.open("search is down", "C2")
	skipped := r.reads(r.said("UBEN", "C2", "log 02:30 slow"), ":x:", "The clocks skip 02:30", "log 02:30 slow")
	if want := "00:30 UTC = 01:30 CET | 01:30 UTC = 03:30 CEST"; labels(skipped) != want {
		t.Errorf("%s, want %s", labels(skipped), want)
	}
	r.reads(r.press("UBEN", "C2", skipped, "CEST"), "Logged at 01:30 UTC = 03:30 CEST")
	if got := strings.Join(r.timeline(2), "|"); got != "01:30 slow|12:00 We declared the incident" {
		t.Error(got)
	}
}
