package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong in the file is said in words, with the line and what belongs there, and no word of the library that reads it.
func TestMistakesInTheFile(t *testing.T) {
	for text, want := range map[string]string{
		"slack:\n\tcommand: /x\n":                             "line 2 cannot be read: lines are indented with spaces, not with tabs",
		"post: {path: a\n":                                    "is not YAML (did not find expected ',' or '}')",
		"public_url: a: b\n":                                  "line 1 is not YAML (mapping values are not allowed in this context); indent",
		"listen: [a]\n":                                       "line 1 has a list where a text belongs",
		"- a\n":                                               "line 1 has a list where a block of keys belongs",
		"slack: {comand: /x}\n":                               "line 1 has a key comand that means nothing there; there are command, team_channel, update_channels",
		"pst: {}\n":                                           "line 1 has a key pst that means nothing there; there are listen, public_url, slack, trello, github, post, timeline",
		"updates: {email: {hots: x}}\n":                       "has a key hots that means nothing there; there are host, port, user, from, to",
		"slack: 5\n":                                          "line 1 has the value 5 where a block of keys belongs",
		"slack: {canvas: maybe}\n":                            "line 1 has the value maybe where true or false belongs",
		"limits: {per_person: many}\n":                        "line 1 has the value many where a whole number belongs",
		"slack: {update_channels: {a: b}}\n":                  "line 1 has a block of keys where a list belongs",
		"slack: {}\nslack: {}\n":                              "line 2 has the key slack, which is in line 1 already",
		"---\nlisten: a\n---\nlisten: b\n":                    "holds several documents",
		"retention: {deleted_messages: 40000}\n":              "retention.deleted_messages is 40000; write a number of days up to 36500, or 0 for never",
		"retention: {removed_entries: 9223372036854775807}\n": "write a number of days up to 36500",
	} {
		_, err := loadConfig(write(t, text), env())
		if said := fmt.Sprint(err); !strings.Contains(said, want) || strings.Contains(said, "go-yaml") || strings.Contains(said, "!!") {
			t.Errorf("%q is answered with %s", text, said)
		}
	}
}

// Mistakes come in the order of the lines.
func TestMistakesInLineOrder(t *testing.T) {
	_, err := loadConfig(write(t, "slack:\n  a: 1"+strings.Repeat("\n", 9)+"  b: 1\n"), env())
	said := fmt.Sprint(err)
	if a, b := strings.Index(said, "line 2 has a key a"), strings.Index(said, "line 11 has a key b"); a < 0 || b < a {
		t.Error(said)
	}
}

// Secrets that cannot be what was meant are found at the start, and never repeated.
func TestMistakesInSecrets(t *testing.T) {
	folder := t.TempDir()
	for name, c := range map[string]struct {
		set  []string
		want string
	}{
		"empty file": {[]string{"GITHUB_TOKEN_FILE", write(t, "\n")}, "GITHUB_TOKEN_FILE names an empty file; put the secret there"},
		"folder":     {[]string{"GITHUB_TOKEN_FILE", folder}, "GITHUB_TOKEN_FILE cannot be read: is a directory; write the path of a file"},
		"no file":    {[]string{"SLACK_BOT_TOKEN_FILE", "xoxb-hush"}, "SLACK_BOT_TOKEN_FILE cannot be read: no such file"},
		"two lines":  {[]string{"SLACK_BOT_TOKEN_FILE", write(t, "xoxb-hush\nxoxb-hush\n")}, "SLACK_BOT_TOKEN holds blanks or several lines"},
		"no key":     {[]string{"GITHUB_APP_ID", "1", "GITHUB_APP_PRIVATE_KEY", "hush"}, "GITHUB_APP_PRIVATE_KEY is no RSA key in PEM: name the file"},
		"database":   {[]string{"DATABASE_URL", "mysql://u:hush@h/d"}, "DATABASE_URL cannot be used: the database URL is not understood: write sqlite:FILE"},
		"server":     {[]string{"DATABASE_URL", "postgres://u:hush@h:port/d"}, "DATABASE_URL cannot be used: the database URL is not understood"},
		"nowhere":    {[]string{"DATABASE_URL", "sqlite:" + filepath.Join(folder, "no", "x.db")}, "does not exist: create it, or name another file"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"serve"}, env(append(c.set, "SLACK_SIGNING_SECRET", "s", "TRELLO_TOKEN", "…")...), &out, &errs)
		said := errs.String()
		if code != exitFailed || !strings.Contains(said, c.want) || !strings.Contains(said, "TRELLO_TOKEN holds the words of an example") || strings.Contains(said, "hush") {
			t.Errorf("%s: exit %d, %s", name, code, said)
		}
	}
	c, err := loadConfig("", env("SLACK_BOT_TOKEN_FILE", write(t, "\ufeffxoxb-1\r\n")))
	if err != nil || c.secrets.slackBot != "xoxb-1" {
		t.Errorf("what an editor put first: %q, %v", c.secrets.slackBot, err)
	}
}

// The commands of README.md's "Backup and upgrade" are typed without -config, where the services' tokens are set.
func TestCommandsOnTheDatabaseNeedNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	getenv := env("SLACK_BOT_TOKEN", "xoxb-1", "SLACK_APP_TOKEN", "xapp-1", "TRELLO_KEY", "k", "TRELLO_TOKEN", "t", "GITHUB_TOKEN", "g",
		"SLACK_API_URL", "http://127.0.0.1:1/", "DATABASE_URL", "sqlite:watchbell.db")
	do := func(code int, want, args string) {
		t.Helper()
		var out, errs bytes.Buffer
		got := run(t.Context(), strings.Fields(args), getenv, &out, &errs)
		if all := out.String() + errs.String(); got != code || !strings.Contains(all, want) {
			t.Errorf("watchbell %s: exit %d\n%s", args, got, all)
		}
	}
	do(exitFailed, "there is no database", "check -offline")
	if err := os.WriteFile("watchbell.db", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	do(exitOK, "The database is sound", "check -offline")
	do(exitOK, "Trello: trello.board is not known here; name the configuration that serve has with -config FILE", "check")
	do(exitOK, "GitHub: github.repo is not known here", "check")
	do(exitOK, "is sound", "backup monday.db")
	do(exitOK, "is sound", "backup tuesday.db -config "+write(t, "trello: {board: b}\ngithub: {repo: o/r}\n"))
	do(exitFailed, "/nowhere does not exist: create it, or name another file", "backup nowhere/monday.db")
	do(exitOK, "Nothing waits", "deliveries list")
	do(exitOK, "[]", "deliveries -json list")
	do(exitOK, "U0123ABCD is recorded nowhere", "forget -user U0123ABCD")
	whole, err := os.ReadFile("monday.db")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("half.db", whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	do(exitFailed, "half.db is damaged, or not the whole of it is there: name another file", "restore -replace half.db")
	do(exitFailed, "-next", "restore -replace -next -4 monday.db")
	do(exitOK, "The next incident will be", "restore -replace monday.db")
	do(exitFailed, "is a folder, which Docker makes where it finds no file", "check -config .")
	if err := os.WriteFile("watchbell.db.secret", []byte("half\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(exitFailed, "watchbell.db.secret holds too little: remove it", "link status")
	do(exitFailed, "trello.board is empty while TRELLO_TOKEN is set", "serve")
	do(exitFailed, "github.repo is empty while GITHUB_TOKEN", "doctor")
	do(exitOK, "is sound", "backup -config "+write(t, "github: {repo: o/r}\n")+" wednesday.db") // asks no service
}
