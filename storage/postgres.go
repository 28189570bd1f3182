package storage

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// Times of a database behind a network. Slack gives a bot three seconds, and its intake gives the store two and a half.
const (
	// postgresWithin bounds a transaction together with whatever is tried again for it.
	postgresWithin = 2400 * time.Millisecond
	// postgresConnect bounds the attempt to reach one server of several.
	postgresConnect = time.Second
	// postgresStarting is how long a server that cannot be reached is waited for when the bot starts.
	postgresStarting = 10 * time.Second
)

// lockText is what makes the writers of all replicas one after the other. The lock is given free by the server, after the
// commit is durable and visible or when the connection is gone. It belongs to the schema, so that two Watchbells that share
// a server do not wait for each other.
const lockText = `SELECT pg_advisory_xact_lock(hashtextextended('watchbell writer ' || current_schema(), 0))`

// Every connection of a store holds a lock that says that a Watchbell runs, which a copy, or a store that is to be alone,
// needs for itself. See Copy and Options.Alone.
const (
	runsText  = `pg_try_advisory_lock_shared(hashtextextended('watchbell runs ' || current_schema(), 0))`
	aloneText = `SELECT COALESCE(pg_try_advisory_lock(hashtextextended('watchbell runs ' || current_schema(), 0)), true),
		set_config('synchronous_commit', 'on', false)`
	renumberText = `SELECT setval(pg_get_serial_sequence('deliveries', 'seq'), (SELECT COALESCE(MAX(seq), 0) + 1 FROM deliveries), false),
		setval(pg_get_serial_sequence('events', 'seq'), (SELECT COALESCE(MAX(seq), 0) + 1 FROM events), false),
		setval(pg_get_serial_sequence('audit', 'seq'), (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit), false)`
)

// postgresEngine prepares the engine for a database on a server.
func postgresEngine(databaseURL string, o Options) (*engine, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, explainURL(err)
	}
	if config.ValidateConnect == nil {
		// Of several hosts, the one that takes writes.
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > postgresConnect {
		config.ConnectTimeout = postgresConnect
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "watchbell"
	}
	runs := runsText
	if o.Alone {
		runs = "true" // one connection keeps everybody out, the others of its store would be refused as well
	}
	connector := stdlib.GetConnector(*config, stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		return setUp(ctx, conn, runs)
	}))
	e := &engine{
		dialect: goose.DialectPostgres, migrations: "postgres", fault: postgresFault,
		spell:      func(text string) (string, []int) { return text, nil },
		writer:     connector,
		reader:     connector,
		beginWrite: &statement{text: `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ` + lockText},
		beginRead:  &statement{text: `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`},
		explain:    func(err error) error { return explainPostgres(config, &oneLine{err}) },
		release:    func() error { return nil },
		within:     postgresWithin, starting: postgresStarting, process: rand.Text(), sends: true,
		migrator: stdlib.GetConnector(*config, stdlib.OptionAfterConnect(checkServer)),
		lock:     lockMigrations,
		alone:    &statement{text: aloneText},
		leave:    &statement{text: `SELECT pg_advisory_unlock_all()`},
		renumber: &statement{text: renumberText},
	}
	if o.within > 0 {
		e.within = o.within
	}
	if o.Starting > 0 {
		e.starting = o.Starting
	}
	return e, nil
}

// explainURL says what is wrong with a URL, without quoting it: it may hold a password.
func explainURL(err error) error {
	const write = "write postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full, with special characters of the password as %XX"
	var inURL *url.Error
	if cause := errors.Unwrap(err); cause != nil && !errors.As(err, &inURL) {
		return fmt.Errorf("the database URL is not understood (%w): %s", cause, write)
	}
	return errors.New("the database URL is not understood: " + write)
}

// lockMigrations keeps other processes from migrating the same schema until release is called.
func lockMigrations(ctx context.Context, db *sql.DB) (release func() error, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	var schema sql.NullString
	if err = conn.QueryRowContext(ctx, `SELECT current_schema()`).Scan(&schema); err == nil && !schema.Valid {
		err = errNoSchema
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtextextended('watchbell migrations ' || $1, 0))`, schema.String)
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error { // the lock goes with the connection if this does not get through
		_, err := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock_all()`)
		return errors.Join(err, conn.Close())
	}, nil
}

// Why a server is refused.
var (
	errOldServer = errors.New("the server is older than PostgreSQL 13: use a newer one")
	errNoFsync   = errors.New("the server runs with fsync = off, so a power cut could lose what was acknowledged: set fsync = on in its configuration and reload it")
	errCopied    = errors.New("the database is being copied or put back: try again when migrate-store or restore is done")
	errNoSchema  = errors.New("there is no schema to work in: create the one that search_path names, or leave search_path out")
)

// checkServer looks whether the server can keep the promises.
func checkServer(ctx context.Context, conn *pgx.Conn) error {
	var version int
	var fsync bool
	err := conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, current_setting('fsync')::bool`).Scan(&version, &fsync)
	switch {
	case err != nil:
	case version < 130000:
		err = errOldServer
	case !fsync:
		err = errNoFsync
	default:
		return nil
	}
	return errors.Join(err, conn.Close(ctx))
}

// setUp checks the server and sets the connection up. A commit is on disk before it is acknowledged, whatever the server's
// default is; the levels above "off" all flush, and are the operator's choice. A process that is stopped in the middle of a
// transaction keeps the others waiting no longer than idle_in_transaction_session_timeout, and a statement whose client has
// gone no longer than statement_timeout.
// The expression runs is true, or none, where the connection may be used.
func setUp(ctx context.Context, conn *pgx.Conn, runs string) error {
	if err := checkServer(ctx, conn); err != nil {
		return err
	}
	var free *bool
	err := conn.QueryRow(ctx, `SELECT `+runs+`,
		CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END,
		set_config('idle_in_transaction_session_timeout', '1500', false),
		set_config('statement_timeout', '5000', false)`).Scan(&free, nil, nil, nil)
	if err == nil && free != nil && !*free {
		err = errCopied
	}
	if err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	return nil
}

// postgresFault sorts the server's error codes. See https://www.postgresql.org/docs/current/errcodes-appendix.html.
func postgresFault(err error) fault {
	var e *pgconn.PgError
	for _, final := range []error{errNoFsync, errOldServer, errNoSchema, errCopied, ErrInUse} {
		if errors.Is(err, final) {
			return refused
		}
	}
	if !errors.As(err, &e) {
		return lost // the network's, or a time-out, after which the driver closes the connection
	}
	switch e.Code {
	case "40001", "40P01", "55P03", "57014": // serialization, deadlock, lock, time-out of a statement
		return passing
	case "57P01", "57P02", "57P03", "57P05", "25P03", "25006", "0A000": // a shutdown, idleness, a standby, a changed table
		return lost
	}
	switch e.Code[:2] {
	case "08": // connections
		return lost
	case "21", "22", "23", "25", "42", "54": // the statement's own: wrong values, violated constraints, limits
		return undone
	}
	return refused
}

// explainPostgres says what to do about an error of opening the database.
func explainPostgres(config *pgx.ConnConfig, err error) error {
	at := fmt.Sprintf("PostgreSQL at %s:%d", config.Host, config.Port)
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		if postgresFault(err) == lost {
			return fmt.Errorf("%s cannot be reached: see whether it runs and whether host, port and sslmode in DATABASE_URL are right (%w)", at, err)
		}
		return err
	}
	advice := map[string]string{
		"28P01": "check user and password in DATABASE_URL",
		"28000": "check user and password in DATABASE_URL, sslmode, and the server's pg_hba.conf",
		"3D000": fmt.Sprintf("create the database first: createdb -O %s %s", config.User, config.Database),
		"42501": fmt.Sprintf("let the user work in the schema, as its owner: GRANT USAGE, CREATE ON SCHEMA public TO %s", config.User),
		"53300": "each Watchbell holds 5 connections: raise max_connections, or free some",
		"57P03": "it is starting or stopping: try again when it is up",
		"25006": "this is a standby, which takes no writes: name the primary",
	}[e.Code]
	if advice == "" {
		return fmt.Errorf("%s: %w", at, err)
	}
	return fmt.Errorf("%s: %s (%w)", at, advice, err)
}

// oneLine is an error that is told in one line, where the driver takes one for each address that it tried.
type oneLine struct{ error }

func (e *oneLine) Error() string { return strings.Join(strings.Fields(e.error.Error()), " ") }

func (e *oneLine) Unwrap() error { return e.error }
