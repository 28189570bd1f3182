package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzConfig reads any file: it is taken, or what is wrong with it is said without what is secret.
func FuzzConfig(f *testing.F) {
	example, err := os.ReadFile("../watchbell.example.yml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, seed := range []string{
		"", "a", "slack: []", "slack: {command: incident}", "post: {path: ../../x}", "post: {template: none, time_zone: Mars/Phobos}", "listen: 99999",
		"&a [*a]", "a: &b {c: *b}", "<<: {slack: 1}", "limits: {per_person: -1}", "rights: {see: [U1, x]}", "retention: {deleted_messages: 1e99}",
		"updates: {webhook: [{url: 'file:///etc/passwd'}]}", "protocol: nowhere.yml", "\x00", "? {a: b}", "trello: !!binary x",
	} {
		f.Add(seed)
	}
	file := filepath.Join(f.TempDir(), "watchbell.yml")
	getenv := env("SLACK_BOT_TOKEN", "xoxb-sesame", "SLACK_SIGNING_SECRET", "sesame", "TRELLO_KEY", "sesame", "TRELLO_TOKEN", "sesame", "GITHUB_TOKEN", "sesame")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "protocol") || strings.Contains(text, "sesame") {
			return // it names a file of the machine; or the secret is none
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadConfig(file, getenv); err != nil && strings.Contains(err.Error(), "sesame") {
			t.Errorf("a secret is in %q", err)
		}
	})
}
