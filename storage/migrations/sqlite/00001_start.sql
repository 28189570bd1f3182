-- The first schema. Rules for this file and those after it:
-- * Never edited once released; a change is a new file. A newer program reads what an older one wrote.
-- * Instants are microseconds since 1970 in UTC; 0 stands for "none". Flags are 0 or 1. Text that is not there is ''.
-- * Only names and types differ from the file of the same number for another database.

-- +goose Up
-- shown is how many entries are in the timeline, indexed the last entry that is found by its words; -1 while not even the
-- title is.
CREATE TABLE incidents (
    number       INTEGER PRIMARY KEY,
    status       TEXT    NOT NULL,
    severity     TEXT    NOT NULL,
    backfill     INTEGER NOT NULL,
    private      INTEGER NOT NULL,
    drill        INTEGER NOT NULL,
    declared_at  INTEGER NOT NULL,
    declared_by  TEXT    NOT NULL,
    declared_in  TEXT    NOT NULL,
    started_at   INTEGER NOT NULL,
    resolved_at  INTEGER NOT NULL,
    channel_id   TEXT    NOT NULL,
    channel_name TEXT    NOT NULL,
    post_wanted  INTEGER NOT NULL,
    post_number  INTEGER NOT NULL,
    post_url     TEXT    NOT NULL,
    post_path    TEXT    NOT NULL,
    last_entry   INTEGER NOT NULL,
    shown        INTEGER NOT NULL,
    indexed      INTEGER NOT NULL DEFAULT -1,
    version      INTEGER NOT NULL,
    status_at    INTEGER NOT NULL,
    protocol     TEXT    NOT NULL,
    progress     TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    summary      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX incidents_channel ON incidents (channel_id) WHERE channel_id <> '';
CREATE INDEX incidents_indexed ON incidents (number) WHERE indexed < last_entry;
CREATE INDEX incidents_open ON incidents (number)
    WHERE status = 'declared' OR status = 'investigating' OR status = 'identified' OR status = 'monitoring';
CREATE INDEX incidents_backfilled ON incidents (declared_by, declared_in) WHERE backfill = 1 AND status <> 'closed';

-- The texts of the protocols that incidents were declared under, by their versions; and the last good one of each place that
-- one is read from, by its name.
CREATE TABLE protocols (
    version TEXT PRIMARY KEY,
    text    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Several people may hold a role; place, from 0, is the order in which they came.
CREATE TABLE holders (
    incident INTEGER NOT NULL REFERENCES incidents (number),
    role     TEXT    NOT NULL,
    place    INTEGER NOT NULL,
    user_id  TEXT    NOT NULL,
    PRIMARY KEY (incident, role, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE sections (
    incident INTEGER NOT NULL REFERENCES incidents (number),
    name     TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    PRIMARY KEY (incident, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE actions (
    incident   INTEGER NOT NULL REFERENCES incidents (number),
    number     INTEGER NOT NULL,
    owner      TEXT    NOT NULL,
    due        INTEGER NOT NULL,
    link       TEXT    NOT NULL,
    wants_card INTEGER NOT NULL,
    card_url   TEXT    NOT NULL,
    done_at    INTEGER NOT NULL,
    done_by    TEXT    NOT NULL,
    noted_at   INTEGER NOT NULL,
    text       TEXT    NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT, WITHOUT ROWID;

-- An entry that is gone stays, so that a late event about its message finds it. place_at and place_number are what the
-- timeline is sorted by: at and number, unless people have moved the entry. files is JSON, '' for none.
-- A row may hold pages of text, so it is kept where rows are and not in an index.
CREATE TABLE entries (
    incident       INTEGER NOT NULL REFERENCES incidents (number),
    number         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    gone           INTEGER NOT NULL,
    waiting        INTEGER NOT NULL,
    internal       INTEGER NOT NULL,
    rewritten      INTEGER NOT NULL,
    rewritten_by   TEXT    NOT NULL,
    place_at       INTEGER NOT NULL,
    place_number   INTEGER NOT NULL,
    format         TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    author         TEXT    NOT NULL,
    source_channel TEXT    NOT NULL,
    source_ts      TEXT    NOT NULL,
    edited_at      INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    last_by        TEXT    NOT NULL,
    last_at        INTEGER NOT NULL,
    last_deed      TEXT    NOT NULL,
    last_change    INTEGER NOT NULL,
    last_undoes    INTEGER NOT NULL,
    text           TEXT    NOT NULL,
    proposed       TEXT    NOT NULL,
    files          TEXT    NOT NULL,
    PRIMARY KEY (incident, number)
) STRICT;
CREATE UNIQUE INDEX entries_source ON entries (incident, source_channel, source_ts) WHERE source_ts <> '';
CREATE INDEX entries_timeline ON entries (incident, place_at, place_number, number) WHERE gone = 0 AND waiting = 0;
CREATE INDEX entries_mitigated ON entries (incident, event) WHERE event = 'mitigated' AND gone = 0 AND waiting = 0;
CREATE INDEX entries_gone ON entries (last_at) WHERE gone = 1 AND text <> '(forgotten)';

-- What entries were before they became what they are. Nothing is ever changed or taken out here, but for words that are
-- to be forgotten.
CREATE TABLE entry_history (
    incident       INTEGER NOT NULL REFERENCES incidents (number),
    number         INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    until          INTEGER NOT NULL,
    gone           INTEGER NOT NULL,
    waiting        INTEGER NOT NULL,
    internal       INTEGER NOT NULL,
    rewritten      INTEGER NOT NULL,
    rewritten_by   TEXT    NOT NULL,
    place_at       INTEGER NOT NULL,
    place_number   INTEGER NOT NULL,
    format         TEXT    NOT NULL,
    event          TEXT    NOT NULL,
    author         TEXT    NOT NULL,
    source_channel TEXT    NOT NULL,
    source_ts      TEXT    NOT NULL,
    edited_at      INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    last_by        TEXT    NOT NULL,
    last_at        INTEGER NOT NULL,
    last_deed      TEXT    NOT NULL,
    last_change    INTEGER NOT NULL,
    last_undoes    INTEGER NOT NULL,
    text           TEXT    NOT NULL,
    proposed       TEXT    NOT NULL,
    files          TEXT    NOT NULL,
    PRIMARY KEY (incident, number, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE captures (
    incident INTEGER NOT NULL REFERENCES incidents (number),
    channel  TEXT    NOT NULL,
    ts       TEXT    NOT NULL,
    by_user  TEXT    NOT NULL,
    how      TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    present  INTEGER NOT NULL,
    PRIMARY KEY (incident, channel, ts, by_user, how)
) STRICT, WITHOUT ROWID;
CREATE INDEX captures_source ON captures (channel, ts);

-- seq is a delivery's place in its lane; a delivery that is wished for anew takes a new one.
-- turn marks the one delivery of a lane that may be leased next. Only a pending one has it, and none while another of
--      its lane is leased; so leasing looks at one row for each lane, however long the lanes are.
-- again says that it was wished for since it was last leased; made, that it was done at least once.
CREATE TABLE deliveries (
    seq           INTEGER PRIMARY KEY,
    key           TEXT    NOT NULL UNIQUE,
    incident      INTEGER NOT NULL,
    target        TEXT    NOT NULL,
    lane          TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    turn          INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    again         INTEGER NOT NULL DEFAULT 1,
    made          INTEGER NOT NULL DEFAULT 0,
    attempt       INTEGER NOT NULL DEFAULT 0,
    tried         INTEGER NOT NULL DEFAULT 0,
    failures      INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER NOT NULL DEFAULT 0,
    leased_until  INTEGER NOT NULL DEFAULT 0,
    receipt_id    TEXT    NOT NULL DEFAULT '',
    receipt_url   TEXT    NOT NULL DEFAULT '',
    receipt_note  TEXT    NOT NULL DEFAULT '',
    last_error    TEXT    NOT NULL DEFAULT '',
    payload       BLOB
) STRICT;
CREATE INDEX deliveries_lane ON deliveries (lane) WHERE state = 'pending' OR state = 'leased';
CREATE INDEX deliveries_failed ON deliveries (lane) WHERE state = 'failed';
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE turn = 1;
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE state = 'leased';
CREATE INDEX deliveries_answered ON deliveries (due_at) WHERE kind = 'answer' AND state = 'done';

-- What was answered to events, as they came. Ids come in no order, and each changes a page of their own index: the fewer
-- bytes stand beside them there, the less a commit has to write. They are forgotten by seq, so no index is in the order of at.
CREATE TABLE events (
    seq    INTEGER PRIMARY KEY,
    id     TEXT    NOT NULL UNIQUE,
    at     INTEGER NOT NULL,
    answer TEXT    NOT NULL
) STRICT;

-- Who did what, where nothing else says so. Rows are added and stay; incident is 0 for what concerns none.
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    by_user  TEXT    NOT NULL,
    did      TEXT    NOT NULL,
    about    TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_incident ON audit (incident);

-- Where words stand, so that people find what was before: on a shelf (see incidents.Shelf) in an incident, or in a post. The
-- counts say in how many texts of the title, the gist and the rest a word is.
CREATE TABLE words (
    shelf  INTEGER NOT NULL,
    word   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    title  INTEGER NOT NULL,
    gist   INTEGER NOT NULL,
    rest   INTEGER NOT NULL,
    PRIMARY KEY (shelf, word, number)
) STRICT, WITHOUT ROWID;

-- Published posts that were read from the blog. record is JSON.
CREATE TABLE posts (
    number INTEGER PRIMARY KEY,
    path   TEXT    NOT NULL UNIQUE,
    day    INTEGER NOT NULL,
    record TEXT    NOT NULL
) STRICT;

-- That a copy from earlier was put in the place of the database. Things that it knows nothing of may be at the services:
-- what is wished for incidents up to last_incident is looked for before it is made, and next_incident is the first number
-- that surely belongs to no incident that the copy does not have.
CREATE TABLE restores (
    last_incident INTEGER PRIMARY KEY,
    next_incident INTEGER NOT NULL,
    at            INTEGER NOT NULL
) STRICT;
CREATE INDEX restores_next ON restores (next_incident);
