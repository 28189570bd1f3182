// Package storage keeps incidents on disk: it is the incidents.Store on SQLite and on PostgreSQL.
//
// # Group commit
//
// One goroutine writes. It takes whatever calls of Update are waiting into one transaction, commits once, and answers
// them all, so that callers who come together share one fsync; a caller who comes alone is not delayed. When an update
// fails after it has written something, the transaction is rolled back and the others are run again, this time each
// in a savepoint of its own.
//
// # What the writer remembers
//
// The writer keeps the incidents that updates read last as they are in the database, and where their timelines end, so that
// a command about one reads nothing (see kept). Apply brings that up to date or forgets it; so does a rollback. Whoever writes
// to incidents, holders, sections, actions or entries by another statement forgets it too, where that alters what Incident or
// Rank return.
//
// # What is promised when the disk misbehaves
//
// An update that returns nil is on disk (WAL with synchronous=FULL). When the disk is full, updates are refused with
// incidents.ErrNotDurable until there is space again. After an I/O error nobody knows what is on disk, so the store
// refuses everything from then on and says so through Broken: the process is meant to stop and start afresh.
// It does the same when a file of the database is removed or replaced under it, which it looks for before each commit.
// The checkpoints that move the log into the database file are our own work for the same reason: SQLite
// would do them by itself, but keeps their errors to itself.
//
// # PostgreSQL, and several processes
//
// On PostgreSQL any number of processes work on one database, and none of them leads. Their writers take turns: each
// transaction begins with an advisory lock, which the server gives free once the commit is durable and visible, or the
// connection gone. So what is true on SQLite is true there: who allocates a number, changes an incident, leases a
// lane or records an event sees everything that anybody committed before, and two transactions never wait for each other's
// rows. A finer grain (serializable transactions, row locks) would have whole batches aborted, and order everything that a
// batch touches; an incident bot does not write so much that it would pay. READ COMMITTED is needed for
// it: the first statement after the lock must see what was committed while it was waited for. Unique indexes, an incident's
// version and a delivery's attempt number hold besides, whoever else writes. Views see one moment (REPEATABLE READ).
//
// Another process's wishes are found by the Relay's poll, a second later at most; whoever queues one wakes its own Relay at
// once, so nothing more is needed. A process that died leaves its leases, which run out; one that was stopped in
// the middle of a transaction loses it, and its connection, to the server's time-out, for the others wait for it.
//
// A connection that is lost is replaced, and the batch is run again, within the time that people are promised an answer
// in; what became of a commit whose answer was lost is looked up, see persist. When the time is over, everybody who waits is
// refused with incidents.ErrNotDurable, and the next one tries anew. A server that would acknowledge what is not on
// disk (fsync = off) is refused; synchronous_commit is switched on where it is off.
//
// # Looking things up
//
// What people look for is a plain table of words. Those of what is new are kept after its transaction, in idle moments and
// by whoever looks something up (see KeepWords); those of what is changed or taken out in the same transaction. SQLite's FTS5 and
// PostgreSQL's tsvector would each need a schema, a query and a ranking of its own, split and shorten words differently, and
// could not be copied from one to the other; here one contract holds for both. A word that stands in one text less is counted
// down, so nothing else of an incident is read. Of a word only the newest places are read.
//
// # Layout
//
// Every query is one SQL text, written for SQLite and PostgreSQL alike; only migrations, connections and the meaning of
// error codes differ (an engine). Statements are prepared once per connection and run on the driver directly,
// without the locks and conversions of database/sql, whose pool has no use where one goroutine writes.
package storage
