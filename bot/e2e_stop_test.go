package main

import (
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchbell/integrations/practice"
)

// A bot that is told to stop while calls hang stops in time; the next one finishes the work, once.
func TestStoryStopWithWorkInHand(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		t.Run(map[bool]string{false: "before the effect", true: "after the effect"}[after], func(t *testing.T) {
			t.Parallel()
			back := make(chan struct{})
			hangs := func(path string) bool {
				return strings.HasSuffix(path, "/chat.postMessage") || strings.HasSuffix(path, "/cards")
			}
			s := newStory(t, storyOptions{socket: after, around: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if after || !hangs(r.URL.Path) {
						next.ServeHTTP(w, r)
					}
					if hangs(r.URL.Path) {
						select {
						case <-back:
						case <-r.Context().Done():
							return
						}
					}
					if !after && hangs(r.URL.Path) {
						next.ServeHTTP(w, r)
					}
				})
			}})
			s.types("ana", "#team", "/incident declare checkout is down")
			s.types("ana", "#team", "/incident action #1 Rotate the keys")
			s.until("calls hang", func() bool {
				leased := 0
				for _, d := range s.deliveries() {
					if d.State == "leased" && (d.Kind == "announcement" || d.Kind == "card") {
						leased++
					}
				}
				return leased == 2
			})
			began := time.Now()
			s.stop()
			t.Logf("stopped after %v", time.Since(began))
			close(back)
			s.start()
			s.quiet()
			if n := len(s.texts("team")); n != 1 {
				t.Errorf("there are %d announcements", n)
			}
			if n := len(s.cards()); n != 1 {
				t.Errorf("there are %d cards", n)
			}
			if n := len(s.made()); n != 1 {
				t.Errorf("there are %d channels", n)
			}
		})
	}
}

// A connection that somebody opened and says nothing on does not hold up a stop, nor make it a failure.
func TestStoryStopWithSilentConnection(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	conn, err := (&net.Dialer{}).DialContext(s.ctx, "tcp", strings.TrimPrefix(s.bot.url, "http://"))
	s.must(err)
	s.stop()
	s.must(conn.Close())
}

// What operators look at.
func TestStoryHealth(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{})
	s.types("ana", "#team", "/incident declare checkout is down")
	s.quiet()
	for path, want := range map[string]string{
		"/healthz": "ok", "/readyz": "ready", "/metrics": "watchbell_intake_total{kind=\"command\",outcome=\"handled\"} 1",
	} {
		status, body := s.request("GET", path, nil, nil)
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, and %q is not in\n%s", path, status, want, body)
		}
	}
	_, metrics := s.request("GET", "/metrics", nil, nil)
	for _, want := range []string{"watchbell_deliver", "go_goroutines", "process_"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("there is no metric %s", want)
		}
	}
	b := s.bot
	s.stop()
	if b.app.ready.Load() {
		t.Error("a bot that stopped says that it is ready")
	}
}

// The bot starts while Slack, Trello and GitHub are away, records what people say, and catches up.
func TestStoryStartWhileAllIsAway(t *testing.T) {
	t.Parallel()
	s := newStory(t, storyOptions{asleep: true})
	listener, err := (&net.ListenConfig{}).Listen(s.ctx, "tcp", "127.0.0.1:0")
	s.must(err)
	address := listener.Addr().String()
	s.must(listener.Close())
	s.config.urls = baseURLs{
		slack: "http://" + address + practice.SlackPath, trello: "http://" + address + practice.TrelloPath,
		github: "http://" + address + practice.GitHubPath,
	}
	s.start()
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := s.request("GET", path, nil, nil); status != 200 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	s.types("ana", "#team", "/incident declare checkout is down")
	s.types("ben", "#team", "/incident log #1 -5m we saw errors")
	s.types("ana", "#team", "/incident action #1 Rotate the keys")
	s.restart() // nothing of it is in memory alone
	s.types("ana", "#team", "/incident resolve #1")

	listener, err = (&net.ListenConfig{}).Listen(s.ctx, "tcp", address)
	s.must(err)
	server := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	s.quiet()
	if announced := s.texts("team"); len(announced) != 1 || !strings.Contains(announced[0], "The incident is over") {
		t.Errorf("the announcement is %q", announced)
	}
	if post, _ := s.post(); !strings.Contains(post, "we saw errors") || len(s.cards()) != 1 {
		t.Errorf("there are %d cards, and the post is\n%s", len(s.cards()), post)
	}
	s.stop()
	s.must(server.Close())
	<-done
}

// A terminal that is closed, or a reload that there is not, stops in order instead of at once.
func TestHangUpStopsInOrder(t *testing.T) {
	if signal.Ignored(syscall.SIGHUP) {
		t.Skip("SIGHUP is ignored here")
	}
	ctx, stop := untilStopped(t.Context())
	defer stop()
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Signal(syscall.SIGHUP)
	}
	if err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
}
