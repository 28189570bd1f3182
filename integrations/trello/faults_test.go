package trello_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/integrations/trello"
)

// TestMadeOnce lets Trello fail in both ways at each call of a delivery, and looks at the board once it is well again.
func TestMadeOnce(t *testing.T) {
	faults := map[string]practice.Fault{
		"500 without effect": {Status: 500},
		"500 with effect":    {Status: 500, After: true},
		"503 with effect":    {Status: 503, After: true},
		"cut off":            {Cut: true},
		"cut off too late":   {Cut: true, After: true},
		"no JSON":            {Status: 200, Body: "<html>welcome</html>", After: true},
		"too many requests":  {Status: 429, Body: `{"error":"API_TOKEN_LIMIT_EXCEEDED"}`},
		"busy":               {Status: 429, RetryAfter: 25 * time.Second},
	}
	calls := []string{
		"GET /members/{id}/boards", "POST /boards", "GET /boards/{id}/lists", "POST /lists", "GET /boards/{id}/labels",
		"POST /boards/{id}/labels", "GET /boards/{id}/members", "POST /cards", "GET /lists/{id}/cards",
		"GET /boards/{id}/cards/{filter}",
	}
	for name, fault := range faults {
		for _, call := range calls {
			t.Run(name+"/"+call, func(t *testing.T) {
				b := newBench(t, func(c *trello.Config) { c.Board, c.List = "Incident work", "Next steps" })
				fault.Service, fault.Call, fault.Times = "trello", call, 1
				b.Faults.Add(fault)
				d := delivery(1)
				d.Tried = 2 // so that it looks first, and those calls can fail as well
				o := b.deliver(d, incident())
				// net/http itself reads again when a connection that it had used before is cut.
				if o.Verdict == incidents.Delivered && b.Faults.Hits() > 0 && (!fault.Cut || strings.HasPrefix(call, "POST")) {
					t.Fatalf("delivered although %s failed", call)
				}
				b.checkVerdict(o, fault, call)
				for tries := 0; o.Verdict != incidents.Delivered; tries++ {
					if tries > 3 {
						t.Fatalf("never delivered: %+v", o)
					}
					b.passed.Add(int64(o.After + time.Second))
					o = b.deliver(d, incident())
				}
				boards := b.Trello.Boards()
				if len(boards) != 2 {
					t.Fatalf("%d boards, want the practice board and ours", len(boards))
				}
				board := boards[1].ID
				if cards, lists, labels := b.Trello.Cards(board), b.Trello.Lists(board), named(b.Trello.Labels(board)); len(cards) != 1 || len(lists) != 1 || len(labels) != 1 {
					t.Errorf("%d cards, %d lists, %d labels, want one of each", len(cards), len(lists), len(labels))
				}
			})
		}
	}
}

func (b *bench) checkVerdict(o incidents.Outcome, f practice.Fault, call string) {
	b.t.Helper()
	if b.Faults.Hits() == 0 || o.Verdict == incidents.Delivered {
		return // this call is not part of the delivery, or was repeated
	}
	want := incidents.Refused
	switch {
	case f.Status == 429:
		want = incidents.Deferred
		if least := max(10*time.Second, f.RetryAfter); o.After < least {
			b.t.Errorf("the next attempt may come after %s, want at least %s", o.After, least)
		}
	case strings.HasPrefix(call, "POST"):
		want = incidents.Uncertain
	}
	if o.Verdict != want {
		b.t.Errorf("%s failing gave %s (%v), want %s", call, o.Verdict, o.Err, want)
	}
	if o.Say == "" {
		b.t.Error("nothing to say to people")
	}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		call   string
		status int
		want   incidents.Verdict
		say    string
	}{
		{"*", 401, incidents.Impossible, "set TRELLO_TOKEN"},
		{"POST /cards", 403, incidents.Impossible, "check what the member may do"},
		{"POST /cards", 404, incidents.Impossible, "check trello.board"},
		{"POST /cards", 400, incidents.Impossible, "did not accept"},
		{"POST /cards", 414, incidents.Impossible, "TRELLO_API_URL"},
		{"POST /cards", 302, incidents.Impossible, "TRELLO_API_URL"},
		{"POST /cards", 409, incidents.Refused, "later"},
		{"POST /cards", 449, incidents.Refused, "later"},
	} {
		t.Run(fmt.Sprint(test.status), func(t *testing.T) {
			b := newBench(t)
			b.Faults.Add(practice.Fault{
				Service: "trello", Call: test.call, Status: test.status, Body: "no, not with " + key + " and " + token,
			})
			o := b.deliver(delivery(1), incident())
			if o.Verdict != test.want || !strings.Contains(o.Say, test.say) {
				t.Errorf("%s %q, want %s with %q", o.Verdict, o.Say, test.want, test.say)
			}
			if o.Err == nil || !strings.Contains(o.Err.Error(), fmt.Sprint(test.status)) {
				t.Errorf("the log does not learn the status: %v", o.Err)
			}
		})
	}
}

// TestNullIsNoAnswer has Trello answer each call once with nothing in it: that is no board, and no empty board either.
func TestNullIsNoAnswer(t *testing.T) {
	for _, test := range []struct {
		call, body string
		want       incidents.Verdict
	}{
		{"GET /boards/{id}", "null", incidents.Refused},
		{"GET /boards/{id}", " null\n", incidents.Refused},
		{"GET /boards/{id}", "{}", incidents.Refused},
		{"GET /boards/{id}/lists", "null", incidents.Refused},
		{"GET /boards/{id}/labels", "null", incidents.Refused},
		{"POST /lists", "null", incidents.Uncertain},
	} {
		t.Run(test.call+" "+test.body, func(t *testing.T) {
			b := newBench(t, func(c *trello.Config) { c.List = "Next steps" })
			b.Faults.Add(practice.Fault{Service: "trello", Call: test.call, Status: 200, Body: test.body, Times: 1})
			o := b.deliver(delivery(1), incident())
			if b.Faults.Hits() == 0 || o.Verdict != test.want || o.Say == "" {
				t.Errorf("%s %q (%v), want %s", o.Verdict, o.Say, o.Err, test.want)
			}
			b.made(delivery(1), incident())
		})
	}
}

// TestNoLabelIsNoReason has Trello refuse the label, which a board takes only so many of: the card comes all the same.
func TestNoLabelIsNoReason(t *testing.T) {
	for _, call := range []string{"GET /boards/{id}/labels", "POST /boards/{id}/labels"} {
		for _, status := range []int{400, 403, 404} {
			b := newBench(t)
			b.Faults.Add(practice.Fault{Service: "trello", Call: call, Status: status, Body: "no"})
			if o := b.deliver(delivery(1), incident()); o.Verdict != incidents.Delivered {
				t.Errorf("%s answers %d: %s %q, want a card", call, status, o.Verdict, o.Say)
			}
		}
	}
}

func TestNobodyThere(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	b := newBench(t, func(c *trello.Config) { c.BaseURL = "http://" + address + "/1" })
	if o := b.deliver(delivery(1), incident()); o.Verdict != incidents.Refused {
		t.Errorf("connection refused: %s, want refused: %v", o.Verdict, o.Err)
	}
	// A token that got into the address is still no part of an error.
	b = newBench(t, func(c *trello.Config) { c.BaseURL, c.HTTP = "http://"+token+".invalid/"+key, nil })
	if o := b.deliver(delivery(1), incident()); o.Verdict != incidents.Refused {
		t.Errorf("no such host: %s, want refused: %v", o.Verdict, o.Err)
	}
}

func TestWriteEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := newBench(t, func(c *trello.Config) { c.HTTP.Transport = hangUp{cancel} })
	b.Faults.Add(practice.Fault{Service: "trello", Call: "POST /cards", Delay: time.Hour, Times: 1})
	o := b.client.Deliver(ctx, delivery(1), incident())
	b.noSecret(o)
	if o.Verdict != incidents.Uncertain || !errors.Is(o.Err, context.Canceled) {
		t.Errorf("%s: %v, want uncertain because the context ended", o.Verdict, o.Err)
	}
}

// hangUp calls a function once the request for a card is on its way.
type hangUp struct{ then func() }

func (h hangUp) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/cards") {
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			WroteRequest: func(httptrace.WroteRequestInfo) { h.then() },
		}))
	}
	return http.DefaultTransport.RoundTrip(req)
}

// silence answers reads with one thing and never answers a write.
type silence struct{ answer string }

func (s silence) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodGet {
		rec := httptest.NewRecorder()
		_, _ = io.WriteString(rec, s.answer)
		return rec.Result(), nil
	}
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func TestEveryCallHasATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := trello.New(trello.Config{
			Key: key, Token: token, Board: "0123456789abcdef01234567", HTTP: &http.Client{Transport: silence{`{"id":"b"}`}},
		})
		began := time.Now()
		o := client.Deliver(t.Context(), delivery(1), incident())
		if took := time.Since(began); took > 11*time.Second {
			t.Errorf("gave up after %s, want about 10 s: %v", took, o.Err)
		}
		if o.Verdict == incidents.Delivered {
			t.Error("delivered to nobody")
		}
	})
}

// TestOurOwnPace has many cards waiting at once: Trello, which counts, never has to say that it is too much, and what is
// missing is made once.
func TestOurOwnPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := practice.New(practice.Options{Log: slog.New(slog.DiscardHandler)})
		w.Trello.RateLimits(true)
		client := trello.New(trello.Config{
			Key: key, Token: token, BaseURL: "http://practice" + practice.TrelloPath, Board: "Incident work",
			HTTP: &http.Client{Transport: inside{w.Handler()}},
		})
		var group sync.WaitGroup
		putOff := make(chan struct{}, 10_000)
		for n := range 150 {
			group.Go(func() {
				d := delivery(1)
				d.Key = fmt.Sprintf("inc-%d/action-1/card", n)
				o := client.Deliver(t.Context(), d, incident())
				for o.Verdict == incidents.Deferred {
					putOff <- struct{}{}
					time.Sleep(o.After)
					o = client.Deliver(t.Context(), d, incident())
				}
				if o.Verdict != incidents.Delivered {
					t.Errorf("%+v", o)
				}
			})
		}
		group.Wait()
		for _, call := range w.Wire.Calls() {
			if call.Status != http.StatusOK {
				t.Fatalf("Trello answered %s with %d", call.Name, call.Status)
			}
		}
		boards := w.Trello.Boards()
		board := boards[len(boards)-1].ID
		cards, lists, labels := w.Trello.Cards(board), w.Trello.Lists(board), named(w.Trello.Labels(board))
		if len(boards) != 2 || len(cards) != 150 || len(lists) != 1 || len(labels) != 1 {
			t.Errorf("%d boards, %d cards, %d lists, %d labels; want 2, 150, 1, 1", len(boards), len(cards), len(lists), len(labels))
		}
		if len(putOff) == 0 {
			t.Error("nobody was put off: a worker stood and waited for its turn instead")
		}
	})
}

// inside is a transport without a network, as slow as one.
type inside struct{ http.Handler }

func (i inside) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil {
		req = req.Clone(req.Context())
		req.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	time.Sleep(50 * time.Millisecond)
	i.ServeHTTP(answer, req)
	time.Sleep(50 * time.Millisecond)
	return answer.Result(), nil
}

func faultOnce(call string, status int) practice.Fault {
	return practice.Fault{Service: "trello", Call: call, Status: status, Times: 1}
}

// named leaves out the labels that every new board has: they have a colour and no name.
func named(labels []practice.Label) []practice.Label {
	return slices.DeleteFunc(labels, func(l practice.Label) bool { return l.Name == "" })
}
