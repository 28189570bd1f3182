package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestAddress(t *testing.T) {
	for name, c := range map[string]struct{ peer, forwarded, want string }{
		"a peer":                         {"203.0.113.7:4711", "", "203.0.113.7"},
		"a peer that names another":      {"203.0.113.7:4711", "198.51.100.1", "203.0.113.7"},
		"a proxy on this machine":        {"127.0.0.1:4711", "198.51.100.1, 203.0.113.9", "203.0.113.9"},
		"a proxy in the private network": {"10.1.2.3:4711", "203.0.113.9", "203.0.113.9"},
		"a proxy that names nothing":     {"10.1.2.3:4711", "rubbish", "10.1.2.3"},
		"half of IPv6":                   {"[2001:db8:1:2:3:4:5:6]:4711", "", "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                   {"[::ffff:203.0.113.7]:4711", "", "203.0.113.7"},
		"no address":                     {"@", "", "@"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/log", nil)
			r.RemoteAddr = c.peer
			if c.forwarded != "" {
				r.Header.Set("X-Forwarded-For", c.forwarded)
			}
			if got := address(r); got != c.want {
				t.Errorf("%q, it should be %q", got, c.want)
			}
		})
	}
}

// Whoever asks for too many pages is told to wait; others are not, and time passes.
func TestPagesPerAddress(t *testing.T) {
	now := noon
	h := New(Options{Links: links(t, secret), PerMinute: 20, Now: func() time.Time { return now }}).Handler()
	ask := func(peer string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/log", nil)
		r.RemoteAddr = peer + ":1"
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for range 20 {
		if w := ask("203.0.113.7"); w.Code != http.StatusForbidden {
			t.Fatalf("answered by %d", w.Code)
		}
	}
	w := ask("203.0.113.7")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "Wait a minute") {
		t.Errorf("one too many is answered by %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := ask("203.0.113.8"); w.Code != http.StatusForbidden {
		t.Errorf("somebody else is answered by %d", w.Code)
	}
	now = now.Add(time.Minute)
	if w := ask("203.0.113.7"); w.Code != http.StatusForbidden {
		t.Errorf("a minute later, %d", w.Code)
	}
}
