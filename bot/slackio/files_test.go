package slackio

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"watchbell/incidents"
	"watchbell/integrations/practice"
)

func TestFilesOfAMessage(t *testing.T) {
	for raw, want := range map[string]struct {
		words string
		files []incidents.File
	}{
		`{"text":"see","files":[{"id":"F1","name":"g.png","mimetype":"image/png","mode":"hosted","url_private":"https://files.slack.com/x?t=xoxe-1"}]}`: {
			"see [file: g.png]", []incidents.File{{ID: "F1", Name: "g.png", Type: "image/png"}}},
		`{"text":"","files":[{"id":"F1","mode":"tombstone"}]}`:                 {"[file: deleted]", nil},
		`{"text":"a","files":[{"id":"F1","mode":"tombstone","name":"g.png"}]}`: {"a", nil},
		`{"text":"","files":[{"id":"F1","mode":"hidden_by_limit"}]}`:           {"[file: hidden by Slack's plan]", []incidents.File{{ID: "F1"}}},
		`{"text":"","files":[{"id":"F1","file_access":"check_file_info"}]}`:    {"[file: without a name]", []incidents.File{{ID: "F1"}}},
		`{"text":"a","files":[{"id":"F1","name":"doc","mimetype":"image/png","mode":"external","is_external":true}]}`: {
			"a [file: doc]", []incidents.File{{ID: "F1", Name: "doc", Type: incidents.LinkType}}},
		`{"text":"a","files":[{"id":"F1","name":"x.go","mimetype":"text/plain","mode":"snippet"}]}`: {
			"a [file: x.go]", []incidents.File{{ID: "F1", Name: "x.go", Type: "text/plain"}}},
		`{"text":"a","files":[7,null,{"name":"n"},{"id":["F1"]}]}`: {"a [file: n]", nil},
	} {
		var m message
		m.read(&reader{data: []byte(raw)})
		if got := m.files(); m.words() != want.words || fmt.Sprint(got) != fmt.Sprint(want.files) {
			t.Errorf("%s\nreads as %q %+v, want %q %+v", raw, m.words(), got, want.words, want.files)
		}
	}
}

func TestTheTokenGoesToSlackAlone(t *testing.T) {
	c := NewClient(Options{Token: "xoxb-practice-1", BaseURL: "http://127.0.0.1:8080/practice/slack/api/"})
	for address, want := range map[string]bool{
		"https://files.slack.com/files-pri/T1-F1/download/g.png": true,
		"http://127.0.0.1:8080/practice/slack/files-pri/x":       true,
		"http://files.slack.com/files-pri/T1-F1/g.png":           false,
		"https://files.slack.com.example.org/g.png":              false,
		"https://files.slack.com@example.org/g.png":              false,
		"https://me:pass@files.slack.com/g.png":                  false,
		"https://example.org/files.slack.com":                    false,
		"https://127.0.0.1:8080/x":                               false,
		"//files.slack.com/x":                                    false,
		"":                                                       false,
		"https://files.slack.com:444/x":                          false,
		"\x00":                                                   false,
	} {
		if got := c.ownFile(address); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// What goes wrong while a file is fetched is told in words, without the token and the address.
func TestFileTrouble(t *testing.T) {
	const token, secret = "xoxb-practice-token", "xoxe-in-the-address"
	type row struct {
		do    http.HandlerFunc
		at    string
		info  string
		say   string
		again bool
	}
	var now atomic.Pointer[row] // a request that was cut off may still be under way when the next one comes
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s was asked for elsewhere, with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/files.info") {
			fmt.Fprintf(w, `{"ok":true,"file":{"id":"F1","mimetype":"image/png",%s"url_private_download":"%s/f?t=%s"}}`, now.Load().info, now.Load().at, secret)
			return
		}
		if r.Header.Get("Authorization") != "Bearer "+token {
			t.Error("the token is not in the header")
		}
		now.Load().do(w, r)
	}))
	defer server.Close()
	c := NewClient(Options{Token: token, BaseURL: server.URL + "/api"})
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	for name, row := range map[string]row{
		"redirect":  {do: func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) }, say: "points to another one", again: true},
		"elsewhere": {at: elsewhere.URL, say: "it does not lie where Slack keeps files"},
		"trouble":   {do: status(500), say: "status 500", again: true},
		"sign-in": {do: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		}, say: "files:read"},
		"cut":       {do: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, say: "Slack did not answer properly", again: true},
		"too large": {do: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) }, say: "larger than 1 MB"},
		"said size": {info: `"size":9999999,`, say: "larger than 1 MB"},
		"external":  {info: `"is_external":true,`, say: "does not lie in Slack"},
		"hidden":    {info: `"mode":"hidden_by_limit",`, say: "plan"},
		"deleted":   {info: `"mode":"tombstone",`, say: "not in Slack any more"},
	} {
		if row.at == "" {
			row.at = server.URL
		}
		now.Store(&row)
		_, err := c.File(t.Context(), "F1", 1<<20)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		say, again := FileTrouble(err)
		if !strings.Contains(say, row.say) || again != row.again {
			t.Errorf("%s: %q, again %v; want %q, %v", name, say, again, row.say, row.again)
		}
		if text := say + err.Error(); strings.Contains(text, secret) || strings.Contains(text, token) || strings.Contains(text, "/f?") {
			t.Errorf("%s: a secret is in %q", name, text)
		}
	}
}

func TestFile(t *testing.T) {
	r := newRig(t)
	ts, err := r.s.SayWithFiles("ana", practice.TeamChannel, "", "", practice.Upload{Name: "../a b?.png", Type: "image/png", Data: []byte("bytes")})
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, m := range r.s.Messages(practice.TeamChannel) {
		if m.TS == ts {
			id = m.Files[0].ID
		}
	}
	if data, err := r.c.File(t.Context(), id, 10); err != nil || string(data) != "bytes" {
		t.Errorf("fetched %q, %v", data, err)
	}
	if _, err := r.c.File(t.Context(), "F404", 10); err == nil {
		t.Error("a file that is not there was fetched")
	}
}
