package practice

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestForkIsARepositoryOfItsOwn plays what a token may do that has no right to push.
func TestForkIsARepositoryOfItsOwn(t *testing.T) {
	w := New(Options{})
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	call := func(method, path, body string, want int) map[string]any {
		t.Helper()
		req, err := http.NewRequest(method, server.URL+strings.TrimRight(GitHubPath, "/")+"/repos/"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer practice-token")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		if resp.StatusCode != want {
			t.Errorf("%s %s: %d, want %d: %s", method, path, resp.StatusCode, want, text)
		}
		out := map[string]any{}
		_ = json.Unmarshal(text, &out) // a list is none
		return out
	}
	g := w.GitHub
	g.SetPush(false)
	tip := g.Log("master")[0].SHA
	ref := `{"ref":"refs/heads/x","sha":"` + tip + `"}`
	call("POST", "owner/site/git/refs", ref, 403)
	call("POST", "owner/site/git/blobs", `{"content":"a"}`, 403)
	call("PUT", "owner/site/contents/a.txt", `{"message":"a","content":"YQ=="}`, 403)
	call("POST", "owner/site/statuses/"+tip, `{"state":"success"}`, 403)
	call("GET", "practice-bot/site", "", 404)

	// It is there at once and empty, and full a little later. A second time makes no second one.
	if made := call("POST", "owner/site/forks", "", 202); made["full_name"] != "practice-bot/site" || made["fork"] != true {
		t.Errorf("made %v", made["full_name"])
	}
	call("GET", "practice-bot/site/git/ref/heads/master", "", 409)
	call("GET", "practice-bot/site/git/ref/heads/master", "", 200)
	call("POST", "owner/site/forks", "", 202)
	if there := call("GET", "practice-bot/site", "", 200); there["parent"].(map[string]any)["full_name"] != "owner/site" {
		t.Errorf("its parent is %v", there["parent"])
	}
	call("GET", "practice-bot/site/pulls", "", 404)

	// What one side gets is not at the other, until it is brought there.
	if err := g.EditFile("master", "a.txt", "a", "ana"); err != nil {
		t.Fatal(err)
	}
	newer := g.Log("master")[0].SHA
	call("GET", "practice-bot/site/git/commits/"+newer, "", 404)
	call("POST", "practice-bot/site/git/refs", `{"ref":"refs/heads/y","sha":"`+newer+`"}`, 422)
	call("POST", "practice-bot/site/merge-upstream", `{"branch":"nowhere"}`, 422)
	call("POST", "practice-bot/site/merge-upstream", `{"branch":"master"}`, 200)
	call("POST", "practice-bot/site/git/refs", `{"ref":"refs/heads/y","sha":"`+newer+`"}`, 201)
	call("PUT", "practice-bot/site/contents/b.txt", `{"message":"b","content":"Yg==","branch":"y"}`, 201)
	b := g.Fork().Log("y")[0].SHA
	call("GET", "owner/site/git/commits/"+b, "", 404)

	open := `{"title":"B","head":"HEAD","base":"master"}`
	call("POST", "owner/site/pulls", strings.Replace(open, "HEAD", "y", 1), 422)
	call("POST", "owner/site/pulls", strings.Replace(open, "HEAD", "somebody:y", 1), 422)
	call("POST", "owner/site/pulls", strings.Replace(open, "HEAD", "practice-bot:y", 1), 201)
	call("POST", "owner/site/pulls", strings.Replace(open, "HEAD", "practice-bot:y", 1), 422)
	call("GET", "owner/site/git/commits/"+b, "", 200)
	if p := call("GET", "owner/site/pulls/1", "", 200); p["head"].(map[string]any)["label"] != "practice-bot:y" {
		t.Errorf("its head is %v", p["head"])
	}
	call("DELETE", "practice-bot/site/git/refs/heads/y", "", 204)
	if got := g.Pulls()[0]; got.State != "closed" || got.Merged {
		t.Errorf("without its branch it is %s", got.State)
	}
}
