package storage

import (
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

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
			s, err := Open(t.Context(), c.url, Options{Starting: 1})
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

// A server that is starting too is waited for, and why is said once.
func TestPostgresIsStarting(t *testing.T) {
	u, err := url.Parse(storagetest.Schema(t))
	ok(t, err)
	server := u.Host
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ok(t, err)
	defer listener.Close()
	u.Host = listener.Addr().String()
	starting := "\x45\x00\x00\x00\x4eSFATAL\x00VFATAL\x00C57P03\x00Mthe database system is starting up\x00\x00"
	starting = starting[:1] + string([]byte{0, 0, 0, byte(len(starting) - 1)}) + starting[5:]
	go func() {
		for refusals := 3; ; refusals-- {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			if refusals > 0 {
				_, _ = client.Read(make([]byte, 1000))
				_, _ = client.Write([]byte(starting))
				_ = client.Close()
				continue
			}
			behind, err := net.Dial("tcp", server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go func() { _, _ = io.Copy(behind, client); _ = behind.Close() }()
			go func() { _, _ = io.Copy(client, behind); _ = client.Close() }()
		}
	}()
	var told []string
	s, err := Open(t.Context(), u.String(), Options{Starting: time.Hour, Waiting: func(why error) { told = append(told, why.Error()) }})
	ok(t, err)
	ok(t, s.Close())
	if len(told) != 1 || !strings.Contains(told[0], "it is starting or stopping") {
		t.Errorf("it says %q", told)
	}
}
