package storage

import (
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"watchbell/storage/storagetest"
)

// TestPostgresOpenSaysWhatToDo opens databases that cannot be used.
func TestPostgresOpenSaysWhatToDo(t *testing.T) {
	schema := storagetest.Schema(t)
	changed := func(change func(*url.URL, url.Values)) string {
		u, err := url.Parse(schema)
		ok(t, err)
		q := u.Query()
		change(u, q)
		u.RawQuery = q.Encode()
		return u.String()
	}
	admin := openURL(t, schema, Options{Readers: 1}).writer.session
	user := "poor" + strings.ToLower(strings.TrimPrefix(admin.engine.process, "X"))
	for _, st := range []string{"CREATE ROLE " + user + " LOGIN PASSWORD 'sesame'", "GRANT USAGE ON SCHEMA public TO " + user} {
		_, err := admin.exec(&statement{text: st})
		ok(t, err)
	}
	t.Cleanup(func() {
		_, err := admin.exec(&statement{text: "DROP OWNED BY " + user + "; DROP ROLE " + user})
		ok(t, err)
	})
	for name, c := range map[string]struct{ url, want string }{
		"a wrong password": {changed(func(u *url.URL, _ url.Values) { u.User = url.UserPassword("watchbell", "sesame") }), "check user and password"},
		"no such user":     {changed(func(u *url.URL, _ url.Values) { u.User = url.UserPassword("nobody-here", "sesame") }), "check user and password"},
		"no such database": {changed(func(u *url.URL, _ url.Values) { u.Path = "/none" }), "create the database first: createdb -O watchbell none"},
		"no TLS":           {changed(func(_ *url.URL, q url.Values) { q.Set("sslmode", "require") }), "sslmode in DATABASE_URL"},
		"no certificate":   {changed(func(_ *url.URL, q url.Values) { q.Set("sslmode", "verify-full"); q.Set("sslrootcert", "none.pem") }), "unable to read CA file"},
		"no schema":        {changed(func(_ *url.URL, q url.Values) { q.Set("search_path", "none") }), "there is no schema to work in"},
		"no rights": {changed(func(u *url.URL, q url.Values) {
			u.User = url.UserPassword(user, "sesame")
			q.Set("search_path", "public")
		}), "GRANT USAGE, CREATE ON SCHEMA public TO " + user},
		"a standby": {changed(func(_ *url.URL, q url.Values) { q.Set("default_transaction_read_only", "on") }), "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(t.Context(), c.url, Options{starting: 1})
			if err == nil {
				_ = s.Close()
				t.Fatal("it was opened")
			}
			if text := err.Error(); !strings.Contains(text, c.want) || strings.Contains(text, "sesame") || strings.Contains(text, "bell@") || strings.Contains(text, "\n") {
				t.Errorf("it says %q, want %q in one line, and no password", text, c.want)
			}
		})
	}
}

// TestPostgresWithoutFsync refuses a server that acknowledges what is not on disk, also one that was made so while the bot ran.
func TestPostgresWithoutFsync(t *testing.T) {
	storagetest.Schema(t)                               // skips where there is none
	dir, err := os.MkdirTemp("", "watchbell-postgres-") // the server's user may not enter t.TempDir
	ok(t, err)
	does := func(verb string) string {
		out, err := exec.Command("../.ci/postgres", verb, dir).Output()
		ok(t, err)
		return string(out)
	}
	t.Cleanup(func() { does("stop") })
	databaseURL := strings.Split(does("start"), "'")[1]
	s := openURL(t, databaseURL, Options{Readers: 1})
	ok(t, s.Update(t.Context(), put(1)))
	_, err = s.writer.session.exec(&statement{text: "ALTER SYSTEM SET fsync = off"})
	ok(t, err)
	does("kill")
	does("restart")
	if err := s.Update(t.Context(), put(2)); err == nil || !strings.Contains(err.Error(), "fsync = off") {
		t.Errorf("an update: %v", err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping says that all is well")
	}
	if _, err := Open(t.Context(), databaseURL, Options{}); err == nil || !strings.Contains(err.Error(), "set fsync = on") {
		t.Errorf("opened: %v", err)
	}
}
