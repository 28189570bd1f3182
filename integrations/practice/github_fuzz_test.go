package practice

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever arrives with good credentials is answered, and never with an error of the server's own.
func FuzzServicesAnswer(f *testing.F) {
	const repo = "/practice/github/repos/owner/site"
	for _, seed := range []struct{ verb, path, body string }{
		{"POST", repo + "/git/trees", `{"tree":[{"path":"a/b","mode":"160000","type":"commit","sha":"x"}]}`},
		{"POST", repo + "/git/trees", `{"base_tree":"master","tree":[{"path":"README.md/x","mode":"100644","content":"x"}]}`},
		{"POST", repo + "/git/commits", `{"message":"m","tree":"x","parents":["y"]}`},
		{"POST", repo + "/git/refs", `{"ref":"refs/heads/a","sha":null}`},
		{"PATCH", repo + "/git/refs/heads/master", `{"sha":"x","force":true}`},
		{"DELETE", repo + "/git/refs/heads/master", ``},
		{"PUT", repo + "/contents/_posts", `{"message":"m","content":"eA=="}`},
		{"POST", repo + "/pulls", `{"title":"t","head":"master","base":"master"}`},
		{"GET", repo + "/pulls/99999999999999999999", ``},
		{"POST", repo + "/hooks", `{"config":{"url":"http://x/"}}`},
		{"POST", "/practice/trello/1/cards", `{"idList":[1,null,"x"]}`},
		{"GET", "/practice/trello/1/boards/x?fields=,", ``},
		{"PUT", "/practice/trello/1/lists/000000000000000000000000", `[]`},
		{"GET", "/practice/trello/1/../1//cards", ``},
	} {
		f.Add(seed.verb, seed.path, seed.body)
	}
	f.Fuzz(func(t *testing.T, verb, path, body string) {
		if strings.Contains(path, "hook") && verb == http.MethodPost {
			t.Skip("would call out")
		}
		req, err := http.NewRequest(verb, "http://practice"+path, strings.NewReader(body))
		if err != nil || strings.HasPrefix(req.URL.Path, "/practice/slack") {
			t.Skip("no request")
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Authorization", "Bearer practice-x")
		if strings.HasPrefix(req.URL.Path, "/practice/trello") {
			req.Header.Set("Authorization", `OAuth oauth_consumer_key="practice-k", oauth_token="practice-t"`)
		}
		w := New(Options{Now: newTestClock().now})
		answer := httptest.NewRecorder()
		w.Handler().ServeHTTP(answer, req)
		if answer.Code >= 500 {
			t.Errorf("%s %s: %d %s", verb, path, answer.Code, answer.Body)
		}
		if _, found := w.GitHub.File("", "_config.yml"); !found && verb == http.MethodGet {
			t.Errorf("GET %s changed the repository", path)
		}
	})
}
