package storagetest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"
)

// The environment of tests on PostgreSQL: where a server is, and that it is a failure not to have one.
const (
	serverEnv = "TEST_DATABASE_URL"
	needEnv   = "WATCHBELL_NEED_POSTGRES"
)

// NeedPostgres skips the test, saying so, for want of PostgreSQL; where it was promised, the test fails.
func NeedPostgres(t testing.TB, why string) {
	t.Helper()
	if os.Getenv(needEnv) != "" {
		t.Fatalf("%s, and %s is set", why, needEnv)
	}
	t.Skipf("not tried on PostgreSQL: %s; CONTRIBUTING.md says how to start one", why)
}

// Schema returns the URL of an empty schema of its own on the server that TEST_DATABASE_URL names, which is removed when the
// test ends. The test's package must import the driver. Its connections live in a time zone that is far from UTC: nothing
// may depend on it.
func Schema(t testing.TB) (databaseURL string) {
	t.Helper()
	server := os.Getenv(serverEnv)
	if server == "" {
		NeedPostgres(t, serverEnv+" is not set")
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", serverEnv)
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "DROP SCHEMA "+name+" CASCADE"); err != nil {
			t.Error(err)
		}
	})
	q := u.Query()
	q.Set("search_path", name)
	q.Set("timezone", "Asia/Kathmandu")
	u.RawQuery = q.Encode()
	return u.String()
}
