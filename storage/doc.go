// Package storage keeps incidents on disk: it is the incidents.Store on SQLite, built so that another SQL database can
// join it.
//
// # Group commit
//
// One goroutine writes. It takes whatever calls of Update are waiting into one transaction, commits once, and answers
// them all, so that callers who come together share one fsync; a caller who comes alone is not delayed. When an update
// fails after it has written something, the transaction is rolled back and the others are run again, this time each
// in a savepoint of its own.
//
// # What is promised when the disk misbehaves
//
// An update that returns nil is on disk (WAL with synchronous=FULL). When the disk is full, updates are refused with
// incidents.ErrNotDurable until there is space again. After an I/O error nobody knows what is on disk, so the store
// refuses everything from then on and says so through Broken: the process is meant to stop and start afresh.
// It does the same when a file of the database is removed or replaced under it, which it looks for before each commit.
// The checkpoints that move the log into the database file are the writer's own work for the same reason: SQLite
// would do them by itself, but keeps their errors to itself.
//
// # Layout
//
// Every query is one SQL text, written for SQLite and PostgreSQL alike; only migrations, connections and the meaning of
// error codes differ (an engine). Statements are prepared once per connection and run on the driver directly,
// without the locks and conversions of database/sql, whose pool has no use where one goroutine writes.
package storage
