-- The first schema. Rules for this file and those after it:
-- * Never edited once released; a change is a new file. A newer program reads what an older one wrote.
-- * Instants are microseconds since 1970 in UTC; 0 stands for "none". Flags are 0 or 1. Text that is not there is ''.
-- * Only names and types differ from the file of the same number for another database. Text sorts by its bytes, as there.

-- +goose Up
-- shown is how many entries are in the timeline, indexed the last entry that is found by its words; -1 while not even the
-- title is.
CREATE TABLE incidents (
    number       BIGINT PRIMARY KEY,
    status       TEXT COLLATE "C" NOT NULL,
    severity     TEXT COLLATE "C" NOT NULL,
    backfill     BIGINT NOT NULL,
    private      BIGINT NOT NULL,
    drill        BIGINT NOT NULL,
    declared_at  BIGINT NOT NULL,
    declared_by  TEXT COLLATE "C" NOT NULL,
    declared_in  TEXT COLLATE "C" NOT NULL,
    started_at   BIGINT NOT NULL,
    resolved_at  BIGINT NOT NULL,
    channel_id   TEXT COLLATE "C" NOT NULL,
    channel_name TEXT COLLATE "C" NOT NULL,
    post_wanted  BIGINT NOT NULL,
    post_number  BIGINT NOT NULL,
    post_url     TEXT COLLATE "C" NOT NULL,
    post_path    TEXT COLLATE "C" NOT NULL,
    last_entry   BIGINT NOT NULL,
    shown        BIGINT NOT NULL,
    indexed      BIGINT NOT NULL DEFAULT -1,
    version      BIGINT NOT NULL,
    status_at    BIGINT NOT NULL,
    protocol     TEXT COLLATE "C" NOT NULL,
    progress     TEXT COLLATE "C" NOT NULL,
    title        TEXT COLLATE "C" NOT NULL,
    summary      TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX incidents_channel ON incidents (channel_id) WHERE channel_id <> '';
CREATE INDEX incidents_indexed ON incidents (number) WHERE indexed < last_entry;
CREATE INDEX incidents_open ON incidents (number)
    WHERE status = 'declared' OR status = 'investigating' OR status = 'identified' OR status = 'monitoring';
CREATE INDEX incidents_backfilled ON incidents (declared_by, declared_in) WHERE backfill = 1 AND status <> 'closed';

-- The texts of the protocols that incidents were declared under, by their versions; and the last good one of each place that
-- one is read from, by its name.
CREATE TABLE protocols (
    version TEXT COLLATE "C" PRIMARY KEY,
    text    TEXT COLLATE "C" NOT NULL
);

-- Several people may hold a role; place, from 0, is the order in which they came.
CREATE TABLE holders (
    incident BIGINT NOT NULL REFERENCES incidents (number),
    role     TEXT COLLATE "C" NOT NULL,
    place    BIGINT NOT NULL,
    user_id  TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident, role, place)
);

CREATE TABLE sections (
    incident BIGINT NOT NULL REFERENCES incidents (number),
    name     TEXT COLLATE "C" NOT NULL,
    text     TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident, name)
);

CREATE TABLE actions (
    incident   BIGINT NOT NULL REFERENCES incidents (number),
    number     BIGINT NOT NULL,
    owner      TEXT COLLATE "C" NOT NULL,
    due        BIGINT NOT NULL,
    link       TEXT COLLATE "C" NOT NULL,
    wants_card BIGINT NOT NULL,
    card_url   TEXT COLLATE "C" NOT NULL,
    done_at    BIGINT NOT NULL,
    done_by    TEXT COLLATE "C" NOT NULL,
    noted_at   BIGINT NOT NULL,
    text       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident, number)
);

-- An entry that is gone stays, so that a late event about its message finds it. place_at and place_number are what the
-- timeline is sorted by: at and number, unless people have moved the entry. files is JSON, '' for none.
CREATE TABLE entries (
    incident       BIGINT NOT NULL REFERENCES incidents (number),
    number         BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    until          BIGINT NOT NULL,
    gone           BIGINT NOT NULL,
    waiting        BIGINT NOT NULL,
    internal       BIGINT NOT NULL,
    rewritten      BIGINT NOT NULL,
    rewritten_by   TEXT COLLATE "C" NOT NULL,
    place_at       BIGINT NOT NULL,
    place_number   BIGINT NOT NULL,
    format         TEXT COLLATE "C" NOT NULL,
    event          TEXT COLLATE "C" NOT NULL,
    author         TEXT COLLATE "C" NOT NULL,
    source_channel TEXT COLLATE "C" NOT NULL,
    source_ts      TEXT COLLATE "C" NOT NULL,
    edited_at      BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    last_by        TEXT COLLATE "C" NOT NULL,
    last_at        BIGINT NOT NULL,
    last_deed      TEXT COLLATE "C" NOT NULL,
    last_change    BIGINT NOT NULL,
    last_undoes    BIGINT NOT NULL,
    text           TEXT COLLATE "C" NOT NULL,
    proposed       TEXT COLLATE "C" NOT NULL,
    files          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident, number)
);
CREATE UNIQUE INDEX entries_source ON entries (incident, source_channel, source_ts) WHERE source_ts <> '';
CREATE INDEX entries_timeline ON entries (incident, place_at, place_number, number) WHERE gone = 0 AND waiting = 0;
CREATE INDEX entries_mitigated ON entries (incident, event) WHERE event = 'mitigated' AND gone = 0 AND waiting = 0;
CREATE INDEX entries_gone ON entries (last_at) WHERE gone = 1 AND text <> '(forgotten)';

-- What entries were before they became what they are. Nothing is ever changed or taken out here, but for words that are
-- to be forgotten.
CREATE TABLE entry_history (
    incident       BIGINT NOT NULL REFERENCES incidents (number),
    number         BIGINT NOT NULL,
    at             BIGINT NOT NULL,
    until          BIGINT NOT NULL,
    gone           BIGINT NOT NULL,
    waiting        BIGINT NOT NULL,
    internal       BIGINT NOT NULL,
    rewritten      BIGINT NOT NULL,
    rewritten_by   TEXT COLLATE "C" NOT NULL,
    place_at       BIGINT NOT NULL,
    place_number   BIGINT NOT NULL,
    format         TEXT COLLATE "C" NOT NULL,
    event          TEXT COLLATE "C" NOT NULL,
    author         TEXT COLLATE "C" NOT NULL,
    source_channel TEXT COLLATE "C" NOT NULL,
    source_ts      TEXT COLLATE "C" NOT NULL,
    edited_at      BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    last_by        TEXT COLLATE "C" NOT NULL,
    last_at        BIGINT NOT NULL,
    last_deed      TEXT COLLATE "C" NOT NULL,
    last_change    BIGINT NOT NULL,
    last_undoes    BIGINT NOT NULL,
    text           TEXT COLLATE "C" NOT NULL,
    proposed       TEXT COLLATE "C" NOT NULL,
    files          TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (incident, number, version)
);

CREATE TABLE captures (
    incident BIGINT NOT NULL REFERENCES incidents (number),
    channel  TEXT COLLATE "C" NOT NULL,
    ts       TEXT COLLATE "C" NOT NULL,
    by_user  TEXT COLLATE "C" NOT NULL,
    how      TEXT COLLATE "C" NOT NULL,
    at       BIGINT NOT NULL,
    present  BIGINT NOT NULL,
    PRIMARY KEY (incident, channel, ts, by_user, how)
);
CREATE INDEX captures_source ON captures (channel, ts);

-- seq is a delivery's place in its lane; a delivery that is wished for anew takes a new one.
-- turn marks the one delivery of a lane that may be leased next. Only a pending one has it, and none while another of
--      its lane is leased; so leasing looks at one row for each lane, however long the lanes are.
-- again says that it was wished for since it was last leased; made, that it was done at least once.
CREATE TABLE deliveries (
    seq           BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    key           TEXT COLLATE "C" NOT NULL UNIQUE,
    incident      BIGINT NOT NULL,
    target        TEXT COLLATE "C" NOT NULL,
    lane          TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL,
    subject       TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    turn          BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    again         BIGINT NOT NULL DEFAULT 1,
    made          BIGINT NOT NULL DEFAULT 0,
    attempt       BIGINT NOT NULL DEFAULT 0,
    tried         BIGINT NOT NULL DEFAULT 0,
    failures      BIGINT NOT NULL DEFAULT 0,
    failing_since BIGINT NOT NULL DEFAULT 0,
    leased_until  BIGINT NOT NULL DEFAULT 0,
    receipt_id    TEXT COLLATE "C" NOT NULL DEFAULT '',
    receipt_url   TEXT COLLATE "C" NOT NULL DEFAULT '',
    receipt_note  TEXT COLLATE "C" NOT NULL DEFAULT '',
    last_error    TEXT COLLATE "C" NOT NULL DEFAULT '',
    payload       BYTEA
);
CREATE INDEX deliveries_lane ON deliveries (lane) WHERE state = 'pending' OR state = 'leased';
CREATE INDEX deliveries_failed ON deliveries (lane) WHERE state = 'failed';
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE turn = 1;
CREATE INDEX deliveries_leased ON deliveries (leased_until) WHERE state = 'leased';
CREATE INDEX deliveries_answered ON deliveries (due_at) WHERE kind = 'answer' AND state = 'done';

-- What was answered to events, as they came. Ids come in no order, and each changes a page of their own index: the fewer
-- bytes stand beside them there, the less a commit has to write. They are forgotten by seq, so no index is in the order of at.
CREATE TABLE events (
    seq    BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    id     TEXT COLLATE "C" NOT NULL UNIQUE,
    at     BIGINT NOT NULL,
    answer TEXT COLLATE "C" NOT NULL
);

-- Who did what, where nothing else says so. Rows are added and stay; incident is 0 for what concerns none.
CREATE TABLE audit (
    seq      BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    incident BIGINT  NOT NULL,
    at       BIGINT  NOT NULL,
    by_user  TEXT COLLATE "C" NOT NULL,
    did      TEXT COLLATE "C" NOT NULL,
    about    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_incident ON audit (incident);

-- Where words stand, so that people find what was before: on a shelf (see incidents.Shelf) in an incident, or in a post. The
-- counts say in how many texts of the title, the gist and the rest a word is.
CREATE TABLE words (
    shelf  BIGINT NOT NULL,
    word   TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    title  BIGINT NOT NULL,
    gist   BIGINT NOT NULL,
    rest   BIGINT NOT NULL,
    PRIMARY KEY (shelf, word, number)
);

-- Published posts that were read from the blog. record is JSON.
CREATE TABLE posts (
    number BIGINT PRIMARY KEY,
    path   TEXT COLLATE "C" NOT NULL UNIQUE,
    day    BIGINT NOT NULL,
    record TEXT COLLATE "C" NOT NULL
);

-- That a copy from earlier was put in the place of the database. Things that it knows nothing of may be at the services:
-- what is wished for incidents up to last_incident is looked for before it is made, and next_incident is the first number
-- that surely belongs to no incident that the copy does not have.
CREATE TABLE restores (
    last_incident BIGINT PRIMARY KEY,
    next_incident BIGINT NOT NULL,
    at            BIGINT NOT NULL
);
CREATE INDEX restores_next ON restores (next_incident);

-- writers holds the number of the last transaction that each process committed, by which it finds out what became of a
-- commit whose answer was lost with the connection. There is nothing like it in the other database.
CREATE TABLE writers (
    process TEXT COLLATE "C" PRIMARY KEY,
    mark    BIGINT NOT NULL,
    at      BIGINT NOT NULL
);
