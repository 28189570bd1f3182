package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"watchbell/storage/storagetest"
)

// An incident that was begun on SQLite goes on on PostgreSQL.
func TestStoryMovesToPostgres(t *testing.T) {
	t.Parallel()
	to := storagetest.Schema(t)
	s := newStory(t, storyOptions{})
	for _, step := range sampleSteps[:3] {
		step(s)
		s.quiet()
	}
	move := func(args ...string) (code int, said string) {
		var out bytes.Buffer
		code = run(t.Context(), append([]string{"migrate-store"}, args...), func(name string) string {
			return map[string]string{"DATABASE_URL": to}[name]
		}, &out, &out)
		return code, out.String()
	}
	if code, said := move(s.config.database, "DATABASE_URL"); code != exitFailed || !strings.Contains(said, "in use by another Watchbell") {
		t.Errorf("while it runs: %d %s", code, said)
	}
	s.stop()
	if code, said := move(s.config.database, "DATABASE_URL"); code != exitOK || !strings.Contains(said, "incidents: 1 copied and compared") {
		t.Fatalf("%d %s", code, said)
	}
	s.config.database = to
	s.start()
	for _, step := range sampleSteps[3:] {
		step(s)
		s.quiet()
	}
	s.left().once(t)
}

func TestMigrateStoreUsage(t *testing.T) {
	file := "sqlite:" + filepath.Join(t.TempDir(), "none.db")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, exitUsage, "migrate-store FROM TO"},
		{[]string{file}, exitUsage, "migrate-store FROM TO"},
		{[]string{"-help"}, exitOK, "TO must be empty"},
		{[]string{"DATABASE_URL", file}, exitFailed, "DATABASE_URL is not set"},
		{[]string{file, "postgres://u:secret@127.0.0.1:1/db"}, exitFailed, "there is no database"},
	} {
		var out bytes.Buffer
		code := run(t.Context(), append([]string{"migrate-store"}, c.args...), func(string) string { return "" }, &out, &out)
		if code != c.code || !strings.Contains(out.String(), c.want) || strings.Contains(out.String(), "secret") {
			t.Errorf("%q: %d %s", c.args, code, out.String())
		}
	}
}
