package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"watchbell/storage"
)

func env(pairs ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return ""
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "watchbell.yml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestExampleConfigurationIsTheDefault(t *testing.T) {
	c, err := loadConfig("../watchbell.example.yml", env())
	if err != nil {
		t.Fatal(err)
	}
	c.Trello.Members, c.zone = nil, nil
	want := defaultConfig()
	want.database = c.database
	if got, want := dump(c), dump(want); got != want {
		t.Errorf("watchbell.example.yml says\n%s\nthe program\n%s", got, want)
	}
}

func dump(c Config) string {
	return strings.Join([]string{
		c.Listen, c.PublicURL, c.Slack.Command, c.Slack.TeamChannel, c.Slack.ChannelPrefix, c.Slack.CaptureReaction,
		c.Trello.Board, c.Trello.List, c.Trello.DoneList, c.GitHub.Repo, c.GitHub.Base, c.GitHub.Fork, c.Post.Path, c.Post.Template,
		c.Post.Site, c.Post.Open, c.Post.Date, c.Post.TimeZone, c.Post.Category, c.Post.Author, c.Post.Data, c.Protocol, c.database,
		fmt.Sprint(c.Rights, c.Limits, c.Retention),
	}, "\n")
}

func TestEveryMistakeIsNamedAtOnce(t *testing.T) {
	file := write(t, `
listn: x
slack: {command: incident, foo: 1, capture_reaction: ":pin:"}
post: {path: "_posts/{when}.md", time_zone: Mars, template: haiku, data: ../incidents.json}
trello: 5
public_url: "https://user:hunter2@example.org"
rights: {declare: [ana, S0123456], see: [], guests: some}
`)
	_, wrong := loadForServices(file, env(
		"TRELLO_KEY", "a", "GITHUB_TOKEN", "x", "SLACK_BOT_TOKEN", "xoxb-1", "SLACK_BOT_TOKEN_FILE", "y", "TRELLO_TOKEN_FILE", "/nowhere",
	))
	err := wrong.err()
	if err == nil {
		t.Fatal("nothing was found")
	}
	for _, part := range []string{
		"line 2 has a key listn", "line 3 has a key foo", "line 5 has the value 5", "slack.command is \"incident\"",
		"slack.capture_reaction is \":pin:\"", "post.path", "{when}", "Mars", "haiku", `post.data is "../incidents.json"; write a path`, "github.repo", "TRELLO_KEY and TRELLO_TOKEN",
		"SLACK_BOT_TOKEN is set, and so is SLACK_BOT_TOKEN_FILE", "TRELLO_TOKEN_FILE cannot be read", "public_url is not a web address",
		`rights.declare has "ana"`, "rights.see is an empty list", `rights.guests is "some"; write everything, invited or nothing`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of %q in\n%v", part, err)
		}
	}
	if strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password is printed:\n%v", err)
	}
}

// What could be taken, and would quietly do something else than is meant, is refused as well.
func TestMisleadingValuesAreRefused(t *testing.T) {
	for config, want := range map[string]string{
		"trello: {list: To do, done_list: to do}":                                                      "trello.done_list is \"to do\", as trello.list is",
		"trello: {members: {ana: ana-at-trello}}":                                                      `trello.members has "ana" before the colon; write the Slack user id`,
		`timeline: {sentences: {role_given: "gave {rol} away"}}`:                                       "has {rol}, which means nothing in it; it can have {role}",
		`timeline: {sentences: {mitigated: "{severity} is over"}}`:                                     "has {severity}, which means nothing in it; nothing can be filled in there",
		"public_url: https://watchbell.example.org/?team=1":                                            "public_url goes on behind a ? or #",
		"slack: {team_channel: team room}":                                                             `slack.team_channel has "team room", which no channel of Slack can be called`,
		"slack: {team_channel: \"#\"}":                                                                 "slack.team_channel is empty",
		"slack: {update_channels: [Status, shop.eu]}":                                                  `slack.update_channels has "shop.eu"`,
		"slack: {offer_declare: [https://a.slack.com/archives/C1]}":                                    `slack.offer_declare has "https://a.slack.com/archives/C1"`,
		"slack: {team_channel: \"#störung_2\", update_channels: [C0123ABCD]}":                          "",
		"github: {base: refs/heads/master}":                                                            `github.base is "refs/heads/master"; write a branch's name alone`,
		"github: {base: release/v2}":                                                                   "",
		"post: {path: \"posts/{date}-{slug}.md\"}":                                                     "where Jekyll sees no post; write _posts/{date}-{slug}.md, or set post.site",
		"post: {path: \"content/posts/{date}-{slug}.md\", site: hugo}":                                 "",
		"post: {path: \"docs/_posts/posts/{date}-{slug}.md\"}":                                         "",
		"updates: {email: {host: \"mail.example.org:587\", from: a@example.org, to: [b@example.org]}}": "updates.email.host is \"mail.example.org:587\"; write the server's name alone",
		"updates: {email: {host: \"::1\", from: a@example.org, to: [b@example.org]}}":                  "",
		"trello: {list: To do, done_list: \"\"}":                                                       "",
		"trello: {members: {U0123ABCD: ana-at-trello}}":                                                "",
		`timeline: {sentences: {role_given: "{role} is taken"}}`:                                       "",
	} {
		_, err := loadConfig(write(t, config), env("SLACK_BOT_TOKEN", "xoxb-1"))
		if said := fmt.Sprint(err); (err != nil) != (want != "") || !strings.Contains(said, want) && want != "" {
			t.Errorf("%s: %v", config, err)
		}
	}
}

func TestForkGoesWithAToken(t *testing.T) {
	const repo = "github: {repo: owner/site, fork: %s}\n"
	for fork, want := range map[string]string{
		"practice-bot": "", "mirrors/blog": "", "": "", "a/b/c": "write the account", "not one": "write the account", "Owner": "has the repository itself",
	} {
		_, err := loadConfig(write(t, fmt.Sprintf(repo, strconv.Quote(fork))), env("SLACK_BOT_TOKEN", "xoxb-1", "GITHUB_TOKEN", "x"))
		if said := fmt.Sprint(err); (want == "") == strings.Contains(said, "github.fork") || want != "" && !strings.Contains(said, want) {
			t.Errorf("%q: %v", fork, err)
		}
	}
	_, err := loadConfig(write(t, fmt.Sprintf(repo, "mirrors")), env("SLACK_BOT_TOKEN", "xoxb-1", "GITHUB_APP_ID", "1", "GITHUB_APP_PRIVATE_KEY", "x"))
	if !strings.Contains(fmt.Sprint(err), "an App reaches only its own repository") {
		t.Errorf("with an App: %v", err)
	}
}

func TestSecretsComeFromFiles(t *testing.T) {
	c, err := loadConfig("", env("SLACK_BOT_TOKEN_FILE", write(t, "xoxb-1\n")))
	if err != nil || c.secrets.slackBot != "xoxb-1" {
		t.Errorf("%q, %v", c.secrets.slackBot, err)
	}
}

func TestSigningSecretsDuringRotation(t *testing.T) {
	c, err := loadConfig("", env("SLACK_SIGNING_SECRET", "the-new-one, the-old-one"))
	if err != nil || strings.Join(c.secrets.signing(), "|") != "the-new-one|the-old-one" {
		t.Errorf("%q, %v", c.secrets.signing(), err)
	}
	if _, err := loadConfig("", env("SLACK_SIGNING_SECRET", "the-new-one your-signing-secret")); err == nil || !strings.Contains(err.Error(), "SLACK_SIGNING_SECRET") {
		t.Error(err)
	}
}

func TestServeRefusesPracticeTokens(t *testing.T) {
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"serve"}, env(
		"SLACK_BOT_TOKEN", "xoxb-practice-1", "SLACK_SIGNING_SECRET", "s", "TRELLO_KEY", "practice-key", "TRELLO_TOKEN", "practice-t",
	), &out, &errs)
	if code != exitFailed || strings.Count(errs.String(), "is a practice token") != 3 {
		t.Errorf("exit %d\n%s", code, errs.String())
	}
}

func TestCommandLine(t *testing.T) {
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"":                                      {exitUsage, "watchbell serve [-config FILE]"},
		"help":                                  {exitOK, "watchbell practice"},
		"sreve":                                 {exitUsage, `there is no command "sreve"`},
		"version":                               {exitOK, "watchbell "},
		"serve extra":                           {exitUsage, `takes no argument "extra"`},
		"practice --listen 0.0.0.0:8080":        {exitUsage, "is not a loopback address"},
		"practice -play -drill nosuch":          {exitFailed, `there is no drill "nosuch"; there are first-night`},
		"practice -play -drill ./nowhere.txtar": {exitFailed, "read the drill"},
		"practice -play -speed NaN":             {exitUsage, "-speed is how many minutes pass in one"},
		"help backup":                           {exitOK, "watchbell backup [-config FILE] FILE"},
		"help nosuch":                           {exitOK, "watchbell practice"},
		"protocol check -h":                     {exitOK, "-config FILE"},
		"deliveries -json":                      {exitUsage, "say what to do: list"},
		"restore -replace nosuch.db":            {exitFailed, "there is no file"},
		"migrate-store DATABASE_URL DATABASE_URL": {exitFailed, "a mistake:\n  - DATABASE_URL is not set"},
		"practice -out x":                         {exitUsage, "-out goes with -play"},
		"protocol check github:ops/team.yml":      {exitFailed, "GITHUB_TOKEN"},
		"protocol check github:../team.yml":       {exitFailed, "is no file in a repository"},
		"protocol simulate":                       {exitOK, "first_update  We have a downtime: a simulation. We are working on it."},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), strings.Fields(args), env(), &out, &errs)
		if all := out.String() + errs.String(); code != want.code || !strings.Contains(all, want.says) {
			t.Errorf("watchbell %s: exit %d\n%s", args, code, all)
		}
	}
}

// A protocol in the repository needs a repository, a path in it, and for serve a token.
func TestProtocolInTheRepositoryIsChecked(t *testing.T) {
	for config, want := range map[string]string{
		"protocol: github:ops/protocol.yml":                                 "github.repo is empty while protocol is in it",
		"github: {repo: o/r}\nprotocol: github:ops/../../protocol.yml":      "write github: and a path",
		"github: {repo: o/r}\nprotocol: github:ops/protocol.txt":            "write github: and a path",
		"github: {repo: o/r}\nprotocol: github:.github/our protocol.yml":    "GITHUB_TOKEN is not set while protocol is in the repository",
		"github: {repo: o/r}\nprotocol: " + filepath.Join(t.TempDir(), "x"): "no such file",
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"serve", "-config", write(t, config)}, env("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1"), &out, &errs)
		if code != exitFailed || !strings.Contains(errs.String(), want) {
			t.Errorf("%s: exit %d, %s\nwant %q", config, code, errs.String(), want)
		}
	}
}

// What stands in the example, or cannot work, is found at the start with everything else.
func TestServeNamesEveryMistakeAtTheStart(t *testing.T) {
	file := write(t, "listen: \"\"\ngithub: {repo: justaname}\n")
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"serve", "-config", file}, env(
		"SLACK_BOT_TOKEN", "xoxb-…", "SLACK_APP_TOKEN", "xapp-changeme", "TRELLO_KEY", "…", "TRELLO_TOKEN", "your-token",
		"GITHUB_TOKEN", "github_pat_...", "WATCHBELL_LINK_SECRET", "short",
	), &out, &errs)
	if code != exitFailed || strings.Count(errs.String(), "holds the words of an example") != 5 {
		t.Errorf("exit %d\n%s", code, errs.String())
	}
	for _, want := range []string{"listen is empty", `github.repo is "justaname"`, "WATCHBELL_LINK_SECRET is too easy to guess", "trello.board is empty"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("nothing is said of %q in\n%s", want, errs.String())
		}
	}
	for _, real := range []string{"xoxb-1-2-abc", "xapp-1-A0-1-ffff", "0123456789abcdef", "github_pat_11AAAAA", "ATTAxyz"} {
		if placeholder.MatchString(real) {
			t.Errorf("%q is taken for an example", real)
		}
	}
	for _, listen := range []string{"8080", "localhost", ":99999", ":http x", "127.0.0.1"} {
		c := defaultConfig()
		c.Listen = listen
		var wrong mistakes
		if c.check(&wrong); wrong.err() == nil || !strings.Contains(wrong.err().Error(), "listen is") {
			t.Errorf("listen %q is taken", listen)
		}
	}
}

func TestLogsSayDurationsInWords(t *testing.T) {
	var out bytes.Buffer
	newLog(&out).Info("retry", "in", time.Second, "took", 1234567*time.Nanosecond)
	if got := out.String(); !strings.Contains(got, `"in":"1s"`) || !strings.Contains(got, `"took":"1.235ms"`) {
		t.Errorf("the log says %s", got)
	}
}

func TestGitHubByAppOrToken(t *testing.T) {
	file := write(t, "github: {repo: owner/site}\n")
	for name, c := range map[string]struct {
		set  []string
		says string // empty: all is well
	}{
		"a token":         {[]string{"GITHUB_TOKEN", "github_pat_1"}, ""},
		"an App":          {[]string{"GITHUB_APP_ID", "1", "GITHUB_APP_PRIVATE_KEY", "pem"}, ""},
		"both":            {[]string{"GITHUB_APP_ID", "1", "GITHUB_APP_PRIVATE_KEY", "pem", "GITHUB_TOKEN", "github_pat_1"}, "keep one of them"},
		"no key":          {[]string{"GITHUB_APP_ID", "1"}, "belong together"},
		"a key and no id": {[]string{"GITHUB_APP_PRIVATE_KEY", "pem"}, "belong together"},
	} {
		got, err := loadConfig(file, env(c.set...))
		switch {
		case c.says == "" && (err != nil || !got.hasGitHub()), c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever starts in another folder, or after the file is gone, reads that nothing is known of earlier incidents.
func TestNewDatabaseIsTold(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.db")
	told := func() string {
		var out bytes.Buffer
		(&Config{database: "sqlite:" + file}).noteNew(newLog(&out))
		return out.String()
	}
	if got := told(); !strings.Contains(got, "there is no database yet") || !strings.Contains(got, "a.db") {
		t.Errorf("at the first start the log says %q", got)
	}
	s, err := storage.Open(t.Context(), "sqlite:"+file, storage.Options{Readers: 1})
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := told(); got != "" {
		t.Errorf("at the next one it says %q", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if got := told(); !strings.Contains(got, "is gone") || !strings.Contains(got, "watchbell restore") {
		t.Errorf("when the file is gone it says %q", got)
	}
}
