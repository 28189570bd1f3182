package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestPracticeWithoutBotPrintsWhatAClientNeeds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := runPractice(ctx, []string{"-without-bot"}, environment{stdout: in, stderr: io.Discard})
		_ = in.Close()
		ended <- err
	}()
	exports := map[string]string{}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		name, value, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "export "), "=")
		if !ok {
			t.Fatalf("printed %q", lines.Text())
		}
		exports[name] = strings.Trim(value, `"`)
		if name == "PRACTICE_URL" {
			break
		}
	}
	for _, name := range []string{"SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "TRELLO_KEY", "TRELLO_TOKEN", "GITHUB_TOKEN"} {
		if exports[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	for _, q := range []struct{ url, auth string }{
		{exports["SLACK_API_URL"] + "auth.test", "Bearer " + exports["SLACK_BOT_TOKEN"]},
		{exports["TRELLO_API_URL"] + "/boards/" + exports["TRELLO_BOARD"],
			`OAuth oauth_consumer_key="` + exports["TRELLO_KEY"] + `", oauth_token="` + exports["TRELLO_TOKEN"] + `"`},
		{exports["GITHUB_API_URL"] + "repos/" + exports["GITHUB_REPO"], "Bearer " + exports["GITHUB_TOKEN"]},
		{exports["PRACTICE_URL"], ""},
	} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, q.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", q.auth)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusOK || strings.Contains(string(body), `"ok":false`) {
			t.Errorf("%s: %d %.200s", q.url, resp.StatusCode, body)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestPracticeWithoutBotRefusesWhatNeedsOne(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"-without-bot", "-play"}, "-without-bot starts no bot"},
		{[]string{"-without-bot", "-replay", "post.md", "-out", "out"}, "-without-bot starts no bot"},
		{[]string{"-bot-url", "http://127.0.0.1:3000"}, "goes with -without-bot"},
		{[]string{"-without-bot", "-bot-url", "localhost:3000"}, "is not a web address"},
		{[]string{"-without-bot", "-listen", "0.0.0.0:80"}, "not a loopback address"},
	} {
		var out strings.Builder
		err := runPractice(t.Context(), c.args, environment{stdout: &out, stderr: &out})
		if !errors.Is(err, errUsage) || !strings.Contains(out.String(), c.want) {
			t.Errorf("%v: %v, %s", c.args, err, out.String())
		}
	}
}
