package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/incidents/postmortem"
)

// The benchmarks run the real bot, with its outbox, against a Slack that asks every call to wait. They are for profiles
// and for comparing one change with another; docs/performance.md says how the bot is compared with others.

const benchSecret = "0123456789abcdef0123456789abcdef"

// benchConfig is the configuration of a bot on a database in a temporary folder.
func benchConfig(b *testing.B) Config {
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	b.Cleanup(slack.Close)
	c := defaultConfig()
	c.Limits.PerPerson = 0
	c.database = "sqlite:" + filepath.Join(b.TempDir(), "bench.db")
	c.secrets = secrets{slackBot: "xoxb-bench", slackSigning: benchSecret}
	c.urls.slack = slack.URL + "/api/"
	var wrong mistakes
	c.check(&wrong)
	if err := wrong.err(); err != nil {
		b.Fatal(err)
	}
	return c
}

// benchApp is a bot that is wired and does not run yet.
func benchApp(b *testing.B, c Config) *app {
	a, err := newApp(context.Background(), c, world{now: time.Now}, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// serveBench runs a bot and returns its address and what ends it.
func serveBench(b *testing.B, a *app) (address string, stop func()) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.run(ctx, listener, a.handler()) }()
	return listener.Addr().String(), func() {
		cancel()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}
}

// seedIncidents declares incidents with channels C0000001, C0000002 …
func seedIncidents(b *testing.B, a *app, count int) {
	ctx := context.Background()
	var group sync.WaitGroup
	for range count {
		group.Go(func() {
			if _, err := a.service.Handle(ctx, incidents.Request{
				By: incidents.Actor{User: "U0000001", In: "C0TEAM001"}, Command: incidents.Declare{Title: "Checkout answers with errors"},
			}); err != nil {
				b.Error(err)
			}
		})
	}
	group.Wait()
	for {
		leased, _, err := a.service.Lease(ctx, 64)
		if err != nil {
			b.Fatal(err)
		}
		if len(leased) == 0 {
			return
		}
		for _, d := range leased {
			group.Go(func() {
				outcome := incidents.DeliveredAs(incidents.Receipt{ID: "C0TEAM001/1700000000.000001"})
				if d.Kind == incidents.KindChannel {
					id := fmt.Sprintf("C%07d", d.Incident)
					outcome.Receipt.ID, outcome.Channel = id, incidents.Channel{ID: id, Name: "inc-" + strconv.Itoa(d.Incident)}
				}
				if err := a.service.Settle(ctx, d, outcome); err != nil {
					b.Error(err)
				}
			})
		}
		group.Wait()
	}
}

// post sends a signed request over a connection and reads the answer.
func post(conn io.Writer, in *bufio.Reader, path, kind, body string) (string, error) {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	mac := hmac.New(sha256.New, []byte(benchSecret))
	mac.Write([]byte("v0:" + now + ":" + body))
	_, err := io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: bench\r\nContent-Type: "+kind+"\r\nContent-Length: "+
		strconv.Itoa(len(body))+"\r\nX-Slack-Request-Timestamp: "+now+"\r\nX-Slack-Signature: v0="+
		hex.EncodeToString(mac.Sum(nil))+"\r\n\r\n"+body)
	if err != nil {
		return "", err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the bot answers %s %s", response.Status, text)
	}
	return string(text), err
}

// benchRequests has callers send requests until b.N are answered. body makes the body of the nth.
func benchRequests(b *testing.B, address string, callers int, path, kind, says string, body func(n int) string) {
	b.Helper()
	var sent atomic.Int64
	var group sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			conn, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			defer func() { _ = conn.Close() }()
			in := bufio.NewReader(conn)
			for n := int(sent.Add(1)); n <= b.N; n = int(sent.Add(1)) {
				said, err := post(conn, in, path, kind, body(n))
				if err == nil && !strings.Contains(said, says) {
					err = fmt.Errorf("the bot says %s", said)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkDeclareHTTP declares incidents by signed slash commands; each is on disk when its answer comes.
func BenchmarkDeclareHTTP(b *testing.B) {
	for _, callers := range []int{1, 16, 64} {
		b.Run("callers="+strconv.Itoa(callers), func(b *testing.B) {
			address, stop := serveBench(b, benchApp(b, benchConfig(b)))
			defer stop()
			benchRequests(b, address, callers, "/slack/commands", "application/x-www-form-urlencoded", "is declared", func(n int) string {
				return fmt.Sprintf("team_id=T0BENCH01&channel_id=C0TEAM001&user_id=U0000001&command=%%2Fincident"+
					"&text=declare+x%[1]d&api_app_id=A0BENCH01&trigger_id=%[1]d.1.abc", n)
			})
		})
	}
}

const benchIncidents = 200

// BenchmarkCaptureEvent captures into the timelines of 200 incidents: by `@watchbell log` with 2 kB of text, and by
// reactions. "plain" are messages of 2 kB that nobody captures.
func BenchmarkCaptureEvent(b *testing.B) {
	const inner = `"user":"U%07[2]d","channel":"C%07[3]d","ts":"%[4]d.000001","event_ts":"%[4]d.000001",`
	text := strings.Repeat("The checkout service answers with 502 since the last deployment. ", 31)[:2000]
	for _, event := range []struct{ name, fields string }{
		{"log", `"type":"app_mention",` + inner + `"text":"<@U0BENCHBOT> log ` + text + `"`},
		{"reaction", `"type":"reaction_added",` + inner + `"reaction":"pushpin","item":{"type":"message","channel":"C%07[3]d","ts":"%[4]d.000001"}`},
		{"plain", `"type":"message",` + inner + `"text":"` + text + `"`},
	} {
		b.Run(event.name, func(b *testing.B) {
			a := benchApp(b, benchConfig(b))
			seedIncidents(b, a, benchIncidents)
			address, stop := serveBench(b, a)
			defer stop()
			benchRequests(b, address, 64, "/slack/events", "application/json", "", func(n int) string {
				return fmt.Sprintf(`{"type":"event_callback","team_id":"T0BENCH01","api_app_id":"A0BENCH01","event_id":"Ev%[1]d",`+
					`"authorizations":[{"team_id":"T0BENCH01","user_id":"U0BENCHBOT","is_bot":true}],"event":{`+event.fields+`}}`,
					n, n%50+1, n%benchIncidents+1, 1_600_000_000+n)
			})
		})
	}
}

// BenchmarkPost10000 takes the post of an incident with ten thousand entries apart: read is the database; post is making
// the model, converting what was captured, and writing the Markdown, where one entry of four was captured from a message;
// typed is the same where all were typed.
func BenchmarkPost10000(b *testing.B) {
	const entries = 10_000
	c := benchConfig(b)
	a := benchApp(b, c)
	defer func() { _ = a.store.Close() }()
	seedIncidents(b, a, 1)
	ctx := context.Background()
	texts := []string{
		"We noticed that the deployment failed and started to investigate, because nobody could log in any more",
		"Restarted the affected services: `systemctl restart app.target`, see [the runbook](https://wiki.example.org/restart)",
		"Asked the hosting team, https://status.example.org/42 says all is well | it is not",
		"the queue is *full* again, see <https://status.example.org/42|the status page>, <@U0000002> looks at `checkout` :eyes:",
	}
	var group sync.WaitGroup
	for worker := range 64 {
		group.Go(func() {
			for n := worker; n < entries; n += 64 {
				text := texts[n%len(texts)]
				r := incidents.Request{Incident: 1, By: incidents.Actor{User: "U0000001", In: "C0000001"}, Command: incidents.Log{Text: text}}
				if n%len(texts) == len(texts)-1 {
					r.Command = incidents.CaptureMessage{
						Source: incidents.Source{Channel: "C0000001", TS: fmt.Sprintf("%d.000001", 1_600_000_000+n)},
						Author: "U0000002", Text: text, How: "reaction", At: time.Now(),
					}
				}
				if _, err := a.service.Handle(ctx, r); err != nil {
					b.Error(err)
				}
			}
		})
	}
	group.Wait()
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			s, err := a.service.Snapshot(ctx, 1)
			if err != nil || len(s.Entries) < entries {
				b.Fatal(len(s.Entries), err)
			}
		}
	})
	s, err := a.service.Snapshot(ctx, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("post", func(b *testing.B) { benchPost(b, c, s) })
	typed := s
	typed.Entries = slices.Clone(s.Entries)
	for i := range typed.Entries {
		typed.Entries[i].Text, typed.Entries[i].Format = texts[i%3], incidents.Markdown
	}
	b.Run("typed", func(b *testing.B) { benchPost(b, c, typed) })
}

func benchPost(b *testing.B, c Config, s incidents.Snapshot) {
	b.ReportAllocs()
	for b.Loop() {
		post := postOf(s, c.Post, c.zone, pictures{})
		if len(post.Render(postmortem.Flat())) < 1_000_000 {
			b.Fatal("the post is too short")
		}
	}
}

// BenchmarkStart starts the bot on a database with 1,000 incidents, until it says that it is ready, and stops it.
func BenchmarkStart(b *testing.B) {
	c := benchConfig(b)
	first := benchApp(b, c)
	seedIncidents(b, first, 1000)
	if err := first.store.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		a := benchApp(b, c)
		address, stop := serveBench(b, a)
		for ready := false; !ready; {
			response, err := http.Get("http://" + address + "/readyz")
			if err != nil {
				b.Fatal(err)
			}
			ready = response.StatusCode == http.StatusOK
			_ = response.Body.Close()
		}
		stop()
	}
}
