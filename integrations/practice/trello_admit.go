package practice

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

// admit checks what Trello checks before it looks at a call: the URL's length, key and token, the rate limits.
func (t *Trello) admit(r *http.Request) (*trelloCall, *trelloError) {
	if max(len(r.RequestURI), len(r.URL.String())) > trelloURLMax {
		return nil, &trelloError{http.StatusRequestURITooLong, "Request-URI Too Large"}
	}
	args, bad := trelloArgs(r)
	if bad != nil {
		return nil, bad
	}
	key, token := args["key"], args["token"]
	if k, tok, ok := oauthHeader(r.Header.Get("Authorization")); ok {
		key, token = k, tok
	}
	query := r.URL.Query()
	t.mu.Lock()
	defer t.mu.Unlock()
	if query.Has("key") || query.Has("token") || strings.HasPrefix(r.URL.Path, "/1/tokens/practice-") {
		t.inURL++
	}
	if !strings.HasPrefix(key, "practice-") {
		return nil, &trelloError{http.StatusUnauthorized, "invalid key"}
	}
	if !strings.HasPrefix(token, "practice-") {
		return nil, &trelloError{http.StatusUnauthorized, "invalid token"}
	}
	if err := t.limited(key, token, r.URL.Path); err != nil {
		return nil, err
	}
	delete(args, "key")
	delete(args, "token")
	return &trelloCall{args: args, token: token, path: r.PathValue}, nil
}

// limited counts the call and refuses it when a window is full. Trello names no time to wait.
func (t *Trello) limited(key, token, path string) *trelloError {
	if !t.limits {
		return nil
	}
	windows := []struct {
		name, err string
		most      int
		long      time.Duration
	}{
		{"token " + token, "API_TOKEN_LIMIT_EXCEEDED", 100, 10 * time.Second},
		{"key " + key, "API_KEY_LIMIT_EXCEEDED", 300, 10 * time.Second},
		{"members " + token, "API_TOKEN_LIMIT_EXCEEDED", 100, 15 * time.Minute},
	}
	if !strings.HasPrefix(path, "/1/members") {
		windows = windows[:2]
	}
	now := t.o.Now().UnixNano()
	for _, win := range windows {
		recent := t.requests[win.name]
		for len(recent) > 0 && recent[0] <= now-int64(win.long) {
			recent = recent[1:]
		}
		t.requests[win.name] = append(recent, now)
		if len(recent) >= win.most {
			t.requests[win.name] = recent
			return &trelloError{http.StatusTooManyRequests, `{"error":"` + win.err + `","message":"Rate limit exceeded"}`}
		}
	}
	return nil
}

var oauthField = regexp.MustCompile(`(oauth_consumer_key|oauth_token)="([^"]*)"`)

// oauthHeader reads `OAuth oauth_consumer_key="KEY", oauth_token="TOKEN"`.
func oauthHeader(h string) (key, token string, ok bool) {
	rest, ok := strings.CutPrefix(h, "OAuth ")
	if !ok {
		return "", "", false
	}
	for _, m := range oauthField.FindAllStringSubmatch(rest, -1) {
		if m[1] == "oauth_token" {
			token = m[2]
		} else {
			key = m[2]
		}
	}
	return key, token, true
}

// trelloArgs gathers the arguments of a call. Trello takes them from the query, a form or a JSON body alike.
func trelloArgs(r *http.Request) (map[string]string, *trelloError) {
	args := make(map[string]string)
	for name, values := range r.URL.Query() {
		args[name] = strings.Join(values, ",")
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "application/json":
		return args, jsonArgs(r.Body, args)
	case "multipart/form-data":
		if err := r.ParseMultipartForm(1 << 20); err != nil {
			return nil, trelloBad("Error parsing body")
		}
	default:
		if r.Method == http.MethodDelete { // net/http reads no form of a DELETE
			break
		}
		if err := r.ParseForm(); err != nil {
			return nil, trelloBad("Error parsing body")
		}
	}
	for name, values := range r.PostForm {
		args[name] = strings.Join(values, ",")
	}
	return args, nil
}

// jsonArgs adds the members of a JSON object to args: lists joined by commas, null as an empty text.
func jsonArgs(body io.Reader, args map[string]string) *trelloError {
	b, err := io.ReadAll(body)
	if err != nil {
		return trelloBad("Error parsing body")
	}
	if len(strings.TrimSpace(string(b))) == 0 {
		return nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(b, &members) != nil {
		return trelloBad("Error parsing body")
	}
	for name, raw := range members {
		var list []json.RawMessage
		if json.Unmarshal(raw, &list) != nil {
			args[name] = jsonText(raw)
			continue
		}
		words := make([]string, len(list))
		for i, item := range list {
			words[i] = jsonText(item)
		}
		args[name] = strings.Join(words, ",")
	}
	return nil
}

// jsonText is a JSON value as an argument: a string's text, else the value as it is written.
func jsonText(raw json.RawMessage) string {
	var s *string
	if json.Unmarshal(raw, &s) == nil {
		if s == nil {
			return ""
		}
		return *s
	}
	return string(raw)
}

// cleaned is the path without double slashes and dots. http.ServeMux redirects the others, an API does not.
func cleaned(p string) string { return path.Clean("/" + p) }

// appendNew adds an item to a list unless it is there already.
func appendNew(list []string, item string) []string {
	for _, have := range list {
		if have == item {
			return list
		}
	}
	return append(list, item)
}

// without returns the list with the item left out; the list itself stays as it is.
func without(list []string, item string) []string {
	kept := make([]string, 0, len(list))
	for _, have := range list {
		if have != item {
			kept = append(kept, have)
		}
	}
	return kept
}
