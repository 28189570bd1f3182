package github_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	gh "github.com/google/go-github/v60/github"

	"watchbell/incidents"
	"watchbell/integrations/github"
	"watchbell/integrations/practice"
)

// answering is a GitHub that gives one answer to everything.
func answering(t *testing.T, status int, header map[string]string, body string) (c *github.Client, calls *int) {
	t.Helper()
	calls = new(int)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		*calls++
		for name, value := range header {
			rw.Header().Set(name, value)
		}
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return clientOf(t, server.URL), calls
}

func clientOf(t *testing.T, url string) *github.Client {
	t.Helper()
	c, err := github.New(github.Config{Token: token, BaseURL: url, Repo: "owner/site", Base: "master"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVerdicts(t *testing.T) {
	soon := strconv.FormatInt(time.Now().Add(5*time.Minute).Unix(), 10)
	for _, c := range []struct {
		name    string
		status  int
		header  map[string]string
		body    string
		verdict incidents.Verdict
		say     string
		least   time.Duration
	}{
		{"token", 401, nil, `{"message":"Bad credentials ` + token + `"}`, incidents.Impossible, "GITHUB_TOKEN", 0},
		{"second factor", 401, map[string]string{"X-GitHub-OTP": "required; app"}, `{}`, incidents.Impossible, "GITHUB_TOKEN", 0},
		{"repository", 404, nil, `{"message":"Not Found"}`, incidents.Impossible, "does not know owner/site", 0},
		{"permission", 403, map[string]string{"X-Accepted-GitHub-Permissions": "contents=write"},
			`{"message":"Resource not accessible by personal access token"}`, incidents.Impossible, "contents=write", 0},
		{"no header", 403, nil, `{"message":"Forbidden for ` + token + `"}`, incidents.Impossible, "Pull requests: write", 0},
		{"single sign-on", 403, map[string]string{"X-GitHub-SSO": "required; url=x"}, `{"message":"Resource protected"}`,
			incidents.Impossible, "single sign-on", 0},
		{"archived", 403, nil, `{"message":"Repository was archived so is read-only."}`, incidents.Impossible, "archived", 0},
		{"empty", 409, nil, `{"message":"Git Repository is empty."}`, incidents.Impossible, "first commit", 0},
		{"gone", 410, nil, `{"message":"This version is gone"}`, incidents.Impossible, "up to date", 0},
		{"teapot", 418, nil, `{"message":"No ` + token + `","errors":[{"message":"` + token + `"}]}`, incidents.Impossible, "418", 0},
		{"primary limit", 403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": soon},
			`{"message":"API rate limit exceeded"}`, incidents.Deferred, "wait", 4 * time.Minute},
		{"secondary limit", 403, map[string]string{"Retry-After": "120"},
			`{"documentation_url":"https://docs.github.com/x#secondary-rate-limits"}`, incidents.Deferred, "wait", 2 * time.Minute},
		{"limit in words", 403, nil, `{"message":"You have exceeded a secondary rate limit."}`, incidents.Deferred, "wait", time.Minute},
		{"429", 429, map[string]string{"Retry-After": "90"}, `{}`, incidents.Deferred, "wait", 90 * time.Second},
		{"429 until", 429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": soon}, `slow down`,
			incidents.Deferred, "wait", 4 * time.Minute},
		{"429 without a time", 429, nil, ``, incidents.Deferred, "wait", time.Minute},
		{"trouble", 502, nil, `<html>`, incidents.Refused, "502", 0},
		{"nonsense", 200, nil, `<html>`, incidents.Refused, "did not answer", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			client, calls := answering(t, c.status, c.header, c.body)
			o := client.Publish(context.Background(), draft("one\n"))
			saysNothingSecret(t, o)
			if o.Verdict != c.verdict || !strings.Contains(o.Say, c.say) || o.After < c.least {
				t.Errorf("%s after %s: %s (%v)", o.Verdict, o.After, o.Say, o.Err)
			}
			if o.Verdict != incidents.Deferred {
				return
			}
			before := *calls
			if o = client.Publish(context.Background(), draft("one\n")); o.Verdict != incidents.Deferred || *calls != before {
				t.Errorf("called again at once: %s", o.Verdict)
			}
			saysNothingSecret(t, o)
		})
	}
}

func TestWrites(t *testing.T) {
	for _, c := range []struct {
		name    string
		fault   practice.Fault
		verdict incidents.Verdict
		say     string
	}{
		{"not allowed", practice.Fault{Status: 404, Body: `{"message":"Not Found"}`}, incidents.Impossible, "Contents: write"},
		{"archived", practice.Fault{Status: 403, Body: `{"message":"Repository was archived so is read-only."}`}, incidents.Impossible, "archived"},
		{"rules", practice.Fault{Status: 422, Body: `{"message":"Repository rule violations found"}`}, incidents.Impossible, "rule violations"},
		// Some of it reached GitHub: what is tried again must not count as the first time.
		{"limit", practice.Fault{Status: 429, RetryAfter: 2 * time.Minute}, incidents.Refused, "2 minutes"},
		{"raced", practice.Fault{Status: 422, Body: `{"message":"Reference already exists"}`}, incidents.Refused, "look again"},
		{"conflict", practice.Fault{Status: 409, Body: `{"message":"Conflict"}`}, incidents.Refused, "look again"},
		{"trouble", practice.Fault{Status: 503}, incidents.Uncertain, "503"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.fault.Service, c.fault.Call, c.fault.Times = "github", "POST */git/refs", 1
			w.local.Faults.Add(c.fault)
			o := w.client.Publish(context.Background(), draft("one\n"))
			saysNothingSecret(t, o)
			if o.Verdict != c.verdict || !strings.Contains(o.Say, c.say) || o.After != c.fault.RetryAfter {
				t.Errorf("%s after %s: %s (%v)", o.Verdict, o.After, o.Say, o.Err)
			}
		})
	}
}

func TestMissingBaseBranchIsSaid(t *testing.T) {
	w := newWorld(t)
	w.client = w.newClient(github.Config{Base: "trunk"})
	o := w.client.Publish(context.Background(), draft("one\n"))
	if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, `no branch "trunk"`) {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
}

func TestRepositoryWithoutAnAnswerIsAskedForAgain(t *testing.T) {
	for _, body := range []string{"null", "{}"} {
		w := newWorld(t)
		w.client = w.newClient(github.Config{})
		w.local.Faults.Add(practice.Fault{Service: "github", Call: "GET /repos/" + w.local.GitHub.Repo(), Status: 200, Body: body, Times: 1})
		o := w.client.Publish(context.Background(), draft("one\n"))
		if o.Verdict != incidents.Refused || !strings.Contains(o.Say, "default branch") {
			t.Errorf("%s: %s: %s (%v)", body, o.Verdict, o.Say, o.Err)
		}
		w.publish(draft("one\n"))
	}
}

func TestAnswerInAnErrorLacksTheToken(t *testing.T) {
	client, _ := answering(t, 418, nil, `{}`)
	var answer *gh.ErrorResponse
	if o := client.Publish(context.Background(), draft("one\n")); !errors.As(o.Err, &answer) {
		t.Fatal(o.Err)
	}
	if got := answer.Response.Request.Header.Get("Authorization"); got != "" {
		t.Errorf("it holds %q", got)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	_ = listener.Close()
	o := clientOf(t, url).Publish(context.Background(), draft("one\n"))
	saysNothingSecret(t, o)
	if o.Verdict != incidents.Refused || !strings.Contains(o.Say, "cannot be reached") {
		t.Errorf("%s: %s", o.Verdict, o.Say)
	}
}

func TestAnotherHostIsNotAsked(t *testing.T) {
	for _, code := range []int{301, 302, 303, 307, 308} {
		asked, stolen := 0, ""
		other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			asked, stolen = asked+1, r.Header.Get("Authorization")
			_, _ = rw.Write([]byte(`[{"number":7,"state":"closed","merged_at":"2026-07-08T10:00:00Z","head":{"ref":"` + branch + `"}}]`))
		}))
		client, _ := answering(t, code, map[string]string{"Location": other.URL}, "")
		o := client.Publish(context.Background(), draft("one\n"))
		other.Close()
		saysNothingSecret(t, o)
		if o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "GITHUB_API_URL") {
			t.Errorf("%d: %s: %s (%v)", code, o.Verdict, o.Say, o.Err)
		}
		if asked > 0 || stolen != "" {
			t.Errorf("%d: another host was asked %d times and got %q", code, asked, stolen)
		}
	}
}

// moved is a local GitHub behind a name that it has given up.
func moved(t *testing.T, code int, write bool) (o incidents.Outcome, w *world) {
	t.Helper()
	w = newWorld(t)
	inner := w.local.Handler()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if path, old := strings.CutPrefix(r.URL.Path, "/old"); old {
			if write == (r.Method != http.MethodGet) {
				http.Redirect(rw, r, path+"?"+r.URL.RawQuery, code)
				return
			}
			r.URL.Path = path
		}
		inner.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL + "/old" + strings.TrimRight(practice.GitHubPath, "/")
	return w.newClient(github.Config{Base: "master"}).Publish(context.Background(), draft("one\n")), w
}

func TestRedirectWithinTheHost(t *testing.T) {
	for _, write := range []bool{false, true} {
		if o, w := moved(t, 307, write); o.Verdict != incidents.Delivered {
			t.Errorf("writes %v: %s: %s (%v)", write, o.Verdict, o.Say, o.Err)
		} else {
			w.only()
		}
	}
	// Asked to read where it wanted to write, net/http would do that.
	if o, _ := moved(t, 302, true); o.Verdict != incidents.Impossible || !strings.Contains(o.Say, "somewhere else") {
		t.Errorf("%s: %s (%v)", o.Verdict, o.Say, o.Err)
	}
}

// silent never answers, as long as the caller waits.
type silent struct{}

// RoundTrip implements http.RoundTripper.
func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestEachCallHasATimeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := github.New(github.Config{Token: token, Repo: "owner/site", Base: "master", HTTP: &http.Client{Transport: silent{}}})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		o := c.Publish(context.Background(), draft("one\n"))
		if took := time.Since(began); o.Verdict != incidents.Refused || took != 10*time.Second {
			t.Errorf("%s after %s", o.Verdict, took)
		}
	})
}

func TestWritesKeepThePace(t *testing.T) {
	local := practice.New(practice.Options{})
	synctest.Test(t, func(t *testing.T) {
		wire := &direct{handler: local.Handler()}
		c, err := github.New(github.Config{
			Token: token, BaseURL: "http://local" + practice.GitHubPath, Repo: "owner/site", Base: "master",
			HTTP: &http.Client{Transport: wire}, WriteEvery: github.DefaultPace,
		})
		if err != nil {
			t.Fatal(err)
		}
		outcomes := make(chan incidents.Outcome)
		const posts = 4
		for n := range posts {
			p := draft("one\n")
			p.Branch, p.Path = "post-mortem/inc-"+itoa(n), "_posts/"+itoa(n)+".md"
			go func() { outcomes <- c.Publish(context.Background(), p) }()
		}
		verdicts := map[incidents.Verdict]int{}
		for range posts {
			o := <-outcomes
			verdicts[o.Verdict]++
			if o.Verdict == incidents.Deferred && o.After <= 0 {
				t.Error("put off for no time at all")
			}
		}
		// Four writes a second apart each: the second post still gets its turn, the others are put off.
		if verdicts[incidents.Delivered] < 1 || verdicts[incidents.Deferred] < 1 || len(verdicts) != 2 {
			t.Errorf("verdicts %v", verdicts)
		}
		for i := 1; i < len(wire.writes); i++ {
			if gap := wire.writes[i].Sub(wire.writes[i-1]); gap < github.DefaultPace {
				t.Errorf("write %d came %s after the one before", i, gap)
			}
		}
	})
}

// direct calls a handler without a network, which a bubble of virtual time needs.
type direct struct {
	handler http.Handler
	writes  []time.Time
}

// RoundTrip implements http.RoundTripper.
func (d *direct) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		d.writes = append(d.writes, time.Now())
	}
	in := httptest.NewRequestWithContext(r.Context(), r.Method, r.URL.String(), r.Body)
	in.Header = r.Header
	answer := httptest.NewRecorder()
	d.handler.ServeHTTP(answer, in)
	return answer.Result(), nil
}

func TestNewRefusesWhatWouldNeedEscaping(t *testing.T) {
	good := github.Config{Token: token, BaseURL: "http://127.0.0.1:1/api/v3", Repo: "owner/site.github.io", Base: "release/1.x"}
	if _, err := github.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*github.Config){
		"no token":         func(c *github.Config) { c.Token = " " },
		"token of lines":   func(c *github.Config) { c.Token = token + "\nX: y" },
		"one part":         func(c *github.Config) { c.Repo = "site" },
		"three parts":      func(c *github.Config) { c.Repo = "owner/site/x" },
		"climbing":         func(c *github.Config) { c.Repo = "owner/.." },
		"query in repo":    func(c *github.Config) { c.Repo = "owner/site?x" },
		"base with query":  func(c *github.Config) { c.Base = "master?x" },
		"base climbing":    func(c *github.Config) { c.Base = "a/../b" },
		"base with dot":    func(c *github.Config) { c.Base = "a./b" },
		"no scheme":        func(c *github.Config) { c.BaseURL = "api.github.com" },
		"password in it":   func(c *github.Config) { c.BaseURL = "https://x:" + token + "@api.github.com" },
		"not even an URL":  func(c *github.Config) { c.BaseURL = "https://%zz" + token },
		"file":             func(c *github.Config) { c.BaseURL = "file:///etc" },
		"query in address": func(c *github.Config) { c.BaseURL = "https://api.github.com/?a=b" },
	} {
		cfg := good
		change(&cfg)
		if _, err := github.New(cfg); err == nil {
			t.Errorf("%s: taken", name)
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("%s: the token is in %q", name, err)
		}
	}
}

func TestPublishRefusesWhatDoesNotBelong(t *testing.T) {
	for name, change := range map[string]func(*github.Publication){
		"workflow":        func(p *github.Publication) { p.Path = ".github/workflows/x.yml" },
		"climbing":        func(p *github.Publication) { p.Path = "_posts/../../x.md" },
		"from the root":   func(p *github.Publication) { p.Path = "/x.md" },
		"no path":         func(p *github.Publication) { p.Path = "" },
		"two lines":       func(p *github.Publication) { p.Path = "a\nb.md" },
		"branch":          func(p *github.Publication) { p.Branch = "a b" },
		"branch climbing": func(p *github.Publication) { p.Branch = "a/../../pulls" },
		"bytes":           func(p *github.Publication) { p.Content = []byte{0xff} },
		"no title":        func(p *github.Publication) { p.Title = " \n" },
	} {
		w := newWorld(t)
		p := draft("one\n")
		change(&p)
		o := w.client.Publish(context.Background(), p)
		if all, _ := w.calls(); o.Verdict != incidents.Impossible || o.Say == "" || all != 0 {
			t.Errorf("%s: %s %q after %d calls", name, o.Verdict, o.Say, all)
		}
	}
}
