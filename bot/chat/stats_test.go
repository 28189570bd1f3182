package chat_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"watchbell/incidents"
)

// TestStats: what is counted, for whom, and in which words.
func TestStats(t *testing.T) {
	r := newRoom(t)
	r.reads(r.said("UANA", "CTEAM", "stats"), "No incident that you may see began in the last twelve months.", "`/incident stats all`")
	for n := range 3 { // of 12, 22 and 32 minutes
		channel := fmt.Sprint("C", n+1)
		r.now = r.now.Add(24 * time.Hour)
		r.open(fmt.Sprint("Trouble ", n+1), channel)
		r.said("UANA", channel, "log -2m the first alert")
		if n > 0 {
			r.said("UANA", channel, "severity downtime")
		}
		r.now = r.now.Add(time.Duration(10+10*n) * time.Minute)
		r.said("UANA", channel, "mitigated -5m")
		r.said("UANA", channel, "resolve")
	}
	r.reads(r.said("UANA", "CTEAM", "declare nothing really"), "Incident #4")
	r.said("UANA", "CTEAM", "calloff #4 it was a test")
	r.said("UBEN", "C9", "declare --private a breach")
	r.reads(r.said("UBEN", "C9", "drill"), "DRILL")
	for _, p := range []incidents.PastPost{
		{
			Path: "_posts/a.md", Title: "From before", Day: time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC), Unsure: []string{"began"}, Severity: incidents.Degradation,
			Times: incidents.Times{
				Began: time.Date(2025, 6, 1, 9, 0, 0, 0, time.UTC), Resolved: time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC),
				Published: time.Date(2025, 6, 4, 0, 0, 0, 0, time.UTC),
			},
		},
		{Path: "_posts/b.md", Title: "Long ago", Day: time.Date(2019, 6, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := r.service.KeepPost(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	check := func(user, text, want string) {
		t.Helper()
		if got := r.said(user, "CTEAM", text).Message.Text; got != want {
			t.Errorf("%s reads after %q:\n%s\nwant:\n%s", user, text, got, want)
		}
	}
	const counts = "To detect, mitigate and resolve count from when it began, to declare from when it was noticed, to publish from when it was resolved. Drills are left out."
	check("UANA", "stats", strings.Join([]string{
		"*4 incidents in the last twelve months*: 2 downtime, 1 service degradation, 1 without a severity",
		"*To detect:* median at once, longest at once (known of 3)",
		"*To declare:* median 2 minutes, longest 2 minutes (known of 3)",
		"*To mitigate:* median 17 minutes, longest 27 minutes (known of 3)",
		"*To resolve:* median 27 minutes, longest 3 hours",
		"*To publish:* 2 days 12 hours (known of 1)",
		"1 more was called off. 1 is known from its post alone; times of 1 are guessed from the wording. " + counts,
	}, "\n"))
	check("UANA", "stats june 2019", strings.Join([]string{
		"*1 incident in June 2019*: 1 without a severity",
		"*To detect:* nobody knows", "*To declare:* nobody knows", "*To mitigate:* nobody knows", "*To resolve:* nobody knows", "*To publish:* nobody knows",
		"1 is known from its post alone. " + counts,
	}, "\n"))
	r.reads(r.said("UBEN", "CTEAM", "stats 2026"), "*4 incidents in 2026*", "2 without a severity") // and the private one
	r.reads(r.said("UANA", "CTEAM", "stats 2026"), "*3 incidents in 2026*")
	r.reads(r.said("UANA", "CTEAM", "stats last fortnight"), ":x: “last fortnight” is no period", "`/incident stats 2026`", "You typed")
	st, err := r.service.Statistics(t.Context(), "", time.Time{}, r.now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range st.All {
		if strings.Contains(c.Title, "breach") {
			t.Errorf("nobody in particular is shown %q", c.Title)
		}
	}
}

// TestStatsOfAPublishedIncident: an incident and its post are one, and the day of the post is when it came out.
func TestStatsOfAPublishedIncident(t *testing.T) {
	took := func(name string, times incidents.Times) string {
		for _, l := range incidents.Lengths {
			if l.Name == name {
				d, known := l.Of(times)
				return fmt.Sprint(d, known)
			}
		}
		return "no such length"
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 0, 30, 0, time.UTC) }
	for _, c := range []struct {
		name  string
		times incidents.Times
		want  string
	}{
		{"publish", incidents.Times{Resolved: at(1, 12), Published: at(3, 0)}, "36h0m0s true"},
		{"publish", incidents.Times{Resolved: at(1, 12), Published: at(1, 0)}, "0s true"}, // on the same day
		{"publish", incidents.Times{Resolved: at(3, 12), Published: at(1, 0)}, "0s false"},
		{"publish", incidents.Times{Published: at(1, 0)}, "0s false"},
		{"detect", incidents.Times{Began: at(1, 9), Detected: at(1, 10)}, "1h0m0s true"},
		{"detect", incidents.Times{Began: at(1, 10), Detected: at(1, 9)}, "0s false"},
	} {
		if got := took(c.name, c.times); got != c.want {
			t.Errorf("to %s with %+v: %s, want %s", c.name, c.times, got, c.want)
		}
	}
}
