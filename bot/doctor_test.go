package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"watchbell/incidents"
	"watchbell/integrations/practice"
	"watchbell/storage"
)

var updateManifest = flag.Bool("update-manifest", false, "write docs/slack-app.yml anew")

// What the repository offers to paste is what the command prints.
func TestManifestIsTheOneInTheDocs(t *testing.T) {
	const file = "../docs/slack-app.yml"
	var out bytes.Buffer
	if code := run(t.Context(), []string{"manifest"}, env(), &out, &out); code != exitOK {
		t.Fatalf("exit %d: %s", code, out.String())
	}
	if *updateManifest {
		if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || out.String() != string(want) {
		t.Errorf("%s differs from what is printed (%v); run this test with -update-manifest\n%s", file, err, out.String())
	}
}

func TestManifestForAConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		config    string
		env       []string
		has, lack []string
	}{
		"HTTP": {
			"public_url: https://bell.example.org/\nslack: {command: /bell}\ngithub: {repo: o/r}", nil,
			[]string{
				`url: "https://bell.example.org/slack/commands"`, `request_url: "https://bell.example.org/slack/events"`,
				`request_url: "https://bell.example.org/slack/interactions"`, "socket_mode_enabled: false", "command: /bell", "bookmarks:write",
			},
			[]string{"example.org//"},
		},
		"a protocol that may change any day": {
			"github: {repo: o/r}\nprotocol: github:ops/protocol.yml", nil, []string{"usergroups:read"}, nil,
		},
		"Socket Mode without posts": {
			"public_url: https://bell.example.org", []string{"SLACK_APP_TOKEN", "xapp-1-A"},
			[]string{"socket_mode_enabled: true", "pins:write"}, []string{"url:", "bookmarks:", "usergroups:"},
		},
	} {
		var out bytes.Buffer
		if code := run(t.Context(), []string{"manifest", "-config", write(t, c.config)}, env(c.env...), &out, &out); code != exitOK {
			t.Errorf("%s: exit %d: %s", name, code, out.String())
		}
		for _, want := range c.has {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%s: %q is not in\n%s", name, want, out.String())
			}
		}
		for _, not := range c.lack {
			if strings.Contains(out.String(), not) {
				t.Errorf("%s: %q is in\n%s", name, not, out.String())
			}
		}
	}
}

// Each thing that is broken has a sentence of its own, with the page or the command that mends it; a healthy Watchbell has
// none, and nothing is left behind.
func TestStoryDoctor(t *testing.T) {
	t.Parallel()
	box, port := mailbox(t)
	t.Cleanup(func() {
		if n := len(box.Letters()); n != 0 {
			t.Errorf("%d letters were sent", n)
		}
	})
	for name, c := range map[string]struct {
		fault       practice.Fault
		set         map[string]string
		change      func(*story)
		scope       string // that the token lacks
		wrong, mend string
		noted       string // of what is good all the same
	}{
		"health":       {},
		"token":        {set: map[string]string{"SLACK_BOT_TOKEN": "xoxb-1-nonsense"}, wrong: "does not accept the bot's token", mend: "OAuth & Permissions"},
		"scope":        {scope: "pins:write", wrong: "lacks the scope pins:write.", mend: "Reinstall to Workspace"},
		"team channel": {change: func(s *story) { s.config.Slack.TeamChannel = "nowhere" }, wrong: "There is no channel #nowhere", mend: "slack.team_channel"},
		"talk":         {change: func(s *story) { s.config.Slack.OfferDeclare = []string{"team", "nowhere"} }, wrong: "The bot is not in nowhere, so it hears", mend: "/invite"},
		"Slack away":   {fault: practice.Fault{Service: "slack", Call: "*", Status: 503}, wrong: "Slack"},
		"Socket Mode": {
			fault: practice.Fault{Service: "slack", Call: "apps.connections.open", Status: 503}, set: map[string]string{"SLACK_APP_TOKEN": "xapp-practice-1"},
			wrong: "opens no Socket Mode connection", mend: "connections:write",
		},
		"Trello's token": {fault: practice.Fault{Service: "trello", Call: "*", Status: 401}, wrong: "Trello refused our token", mend: "power-ups/admin"},
		"board":          {change: func(s *story) { s.config.Trello.Board = "5f0000000000000000000000" }, wrong: "does not know the board", mend: "trello.board"},
		"writing cards":  {fault: practice.Fault{Service: "trello", Call: "PUT /lists/*", Status: 401}, wrong: "does not let the token write", mend: "scope=read,write"},
		"repository":     {change: func(s *story) { s.config.GitHub.Repo = "owner/other" }, wrong: "owner/other", mend: "Repository access"},
		"base":           {change: func(s *story) { s.config.GitHub.Base = "nowhere" }, wrong: `no branch "nowhere"`, mend: "github.base"},
		"contents":       {fault: practice.Fault{Service: "github", Call: "POST /repos/*/git/refs", Status: 403}, wrong: "lacks the right to write contents", mend: "Contents: read and write"},
		"pull requests":  {fault: practice.Fault{Service: "github", Call: "POST /repos/*/pulls", Status: 403}, wrong: "lacks the right to open pull requests", mend: "Pull requests: read and write"},
		"statuses":       {fault: practice.Fault{Service: "github", Call: "POST /repos/*/statuses/*", Status: 403}, noted: "commit statuses: the token lacks it", mend: "Commit statuses: read and write"},
		"protocol":       {change: func(s *story) { s.config.Protocol = "github:ops/none.yml" }, wrong: "there is no such file", mend: "protocol in watchbell.yml"},
		"clock":          {change: func(s *story) { s.clock.JumpTo(s.clock.Now().Add(10 * time.Minute)) }, wrong: "clock is 10m", mend: "set-ntp"},
		"signing secret": {set: map[string]string{"SLACK_SIGNING_SECRET": "another"}, wrong: "has another signing secret", mend: "Signing Secret"},
		"address":        {change: func(s *story) { s.config.PublicURL = "http://127.0.0.1:1" }, wrong: "Nobody answers there", mend: "/healthz"},
		"other server":   {change: func(s *story) { s.config.PublicURL = s.services.URL }, wrong: "is not Watchbell", mend: "public_url"},
		"webhook":        {set: map[string]string{"WATCHBELL_WEBHOOK_SECRET": "another one, just as long as it"}, wrong: "The signature was refused (401)", mend: "WATCHBELL_WEBHOOK_SECRET"},
		"mail server":    {change: func(s *story) { s.config.Updates.Email.Port = 1 }, wrong: "Nobody answers there", mend: "updates.email.host"},
		"mail's address": {change: func(s *story) { s.config.Updates.Email.To = []string{"nobody@example.org"} }, wrong: "does not take this address (550)", mend: "updates.email.to"},
		"database":       {change: func(s *story) { s.config.database = "sqlite:" + filepath.Join(s.TempDir(), "no", "a.db") }, wrong: "does not exist", mend: "DATABASE_URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, storyOptions{start: time.Now().UTC(), around: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(lacksScope{w, c.scope}, r) })
			}})
			s.config.PublicURL = s.bot.url
			s.config.Updates = UpdatesConfig{
				Webhook: []string{s.services.URL + practice.WebhookPath + "shop"}, secret: s.Webhooks.Secret(),
				Email: EmailConfig{Host: "127.0.0.1", Port: port, From: "status@example.org", To: []string{"all@example.org"}},
			}
			if c.change != nil {
				database := s.config.database
				c.change(s)
				defer func() { s.config.database = database }()
			}
			if c.fault.Service != "" {
				s.Faults.Add(c.fault)
			}
			said, code := s.operatesWith(c.set, "doctor")
			if c.wrong == "" {
				if code != exitOK || strings.Contains(said, "✗") || strings.Count(said, "✓") < 13 || !strings.Contains(said, c.noted) || !strings.Contains(said, c.mend) {
					t.Errorf("exit %d\n%s", code, said)
				}
				var found []examined
				if err := json.Unmarshal([]byte(s.operated("doctor", "-json")), &found); err != nil || len(found) < 13 {
					t.Errorf("-json: %v, %d", err, len(found))
				}
			} else if code != exitFailed || !strings.Contains(said, c.wrong) || !strings.Contains(said, c.mend) {
				t.Errorf("exit %d; want %q and %q in\n%s", code, c.wrong, c.mend, said)
			}
			if n := len(s.cards()) + len(s.GitHub.Pulls()) + len(s.texts("team")); n != 0 || len(s.GitHub.Branches()) != 1 {
				t.Errorf("%d things and the branches %v were left behind", n, s.GitHub.Branches())
			}
		})
	}
}

// A full disk sends nobody to look at rights, and names no file to whoever asks from outside.
func TestFullDiskIsNamed(t *testing.T) {
	full := fmt.Errorf("%w: %w: make room for /data/a.db", incidents.ErrNotDurable, storage.ErrFull)
	for _, c := range []struct {
		err                  error
		file, mend, answered string
	}{
		{full, "/data/a.db", "df -h /data", "the disk of the database is full"},
		{fmt.Errorf("no file can be made: %w", syscall.ENOSPC), "/data/a.db", "df -h /data", "does not answer"},
		{fmt.Errorf("%w: /data/a.db cannot be written", incidents.ErrNotDurable), "/data/a.db", "rights of the user", "takes no changes"},
		{errors.New("connection refused"), "", "DATABASE_URL", "does not answer"},
	} {
		if got := mendsDatabase(c.err, c.file); !strings.Contains(got, c.mend) {
			t.Errorf("%v: mended by %q", c.err, got)
		}
		if got := unready(c.err); !strings.Contains(got, c.answered) || strings.Contains(got, "/data") {
			t.Errorf("%v: /readyz says %q", c.err, got)
		}
	}
}

// lacksScope takes a scope out of what Slack says that a token has.
type lacksScope struct {
	http.ResponseWriter
	scope string
}

func (w lacksScope) WriteHeader(status int) {
	if has := w.Header().Get("X-Oauth-Scopes"); w.scope != "" && has != "" {
		w.Header().Set("X-Oauth-Scopes", strings.ReplaceAll(has, w.scope+",", ""))
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w lacksScope) Write(p []byte) (int, error) {
	if has := w.Header().Get("X-Oauth-Scopes"); w.scope != "" {
		w.Header().Set("X-Oauth-Scopes", strings.ReplaceAll(has, w.scope+",", ""))
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets the practice services hijack the connection.
func (w lacksScope) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// While a service cannot be reached, nobody is sent to make a new token.
func TestDoctorWhereNobodyAnswers(t *testing.T) {
	const nobody = "http://127.0.0.1:1"
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"doctor", "-config", write(t, "trello: {board: b}\ngithub: {repo: o/r}\n")}, env(
		"SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", "TRELLO_KEY", "k", "TRELLO_TOKEN", "t", "GITHUB_TOKEN", "g",
		"SLACK_API_URL", nobody+"/api/", "TRELLO_API_URL", nobody+"/1", "GITHUB_API_URL", nobody,
		"DATABASE_URL", "sqlite:"+filepath.Join(t.TempDir(), "watchbell.db"),
	), &out, &errs)
	if code != exitFailed || strings.Count(out.String(), "mend it: curl -i "+nobody) != 3 || strings.Contains(out.String(), "https://") {
		t.Errorf("exit %d\n%s%s", code, out.String(), errs.String())
	}
}
