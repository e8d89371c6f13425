package history

import (
	"context"
	"database/sql"
	"time"
)

// applicationID marks the file as ours in the SQLite header: "Csgn".
const applicationID = 0x4373676e

// migrations bring a database from the version that is their index to the next one. The first makes an empty file
// a history. What stands here has been released and is never changed; a change is a further element.
//
// Lists and searches read table entry alone, whose rows are small; what a person looks at when one entry is open
// lies in record and body. Words are an FTS5 table with a copy of the text of its own, because only then does its
// option secure-delete take the words of a deleted entry out of the file: a contentless table keeps them. The indexes of
// prefixes are for search while one types: with them a first letter costs 0.7 ms instead of 4.5 ms at 20,000 entries, and
// grows no further; they make the file 18 % larger. A fourth letter gains nothing that can be measured.
var migrations = []string{`
CREATE TABLE meta (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
	id              INTEGER PRIMARY KEY AUTOINCREMENT,
	started         INTEGER NOT NULL,               -- Unix microseconds
	state           TEXT    NOT NULL,               -- sending, finished, unknown, resolved
	owner           TEXT    NOT NULL DEFAULT '',    -- the window that sends it
	operation       TEXT    NOT NULL DEFAULT '',    -- what must not be under way twice
	body_sum        TEXT    NOT NULL DEFAULT '',    -- keyed hash of the request body
	purpose         TEXT    NOT NULL,
	provider        TEXT    NOT NULL,
	environment     TEXT    NOT NULL,
	profile         TEXT    NOT NULL,
	sample          TEXT    NOT NULL,
	method          TEXT    NOT NULL,
	host            TEXT    NOT NULL,
	path            TEXT    NOT NULL,               -- with its query
	status          INTEGER NOT NULL DEFAULT 0,     -- 0: no answer
	code            TEXT    NOT NULL DEFAULT '',    -- of the partner's error, or what failed on our side
	outcome         TEXT    NOT NULL,
	idempotency_key TEXT    NOT NULL DEFAULT '',
	replay_of       TEXT    NOT NULL DEFAULT '',
	flags           INTEGER NOT NULL DEFAULT 0,     -- 1 writes, 2 moves money, 4 production, 8 no-store
	total           INTEGER NOT NULL DEFAULT 0,     -- microseconds
	size            INTEGER NOT NULL DEFAULT 0,     -- bytes of record and body
	note            TEXT    NOT NULL DEFAULT '',
	verdict         TEXT    NOT NULL DEFAULT '',
	resolution      TEXT    NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX entry_provider        ON entry (provider);
CREATE INDEX entry_status          ON entry (status);
CREATE INDEX entry_code            ON entry (code)            WHERE code <> '';
CREATE INDEX entry_outcome         ON entry (outcome)         WHERE outcome <> 'answered';
CREATE INDEX entry_idempotency_key ON entry (idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX entry_operation       ON entry (operation)       WHERE operation <> '';
CREATE INDEX entry_sending         ON entry (owner)           WHERE state = 'sending';
CREATE UNIQUE INDEX entry_once     ON entry (operation)       WHERE state = 'sending' AND operation <> '';

CREATE TABLE record (
	id      INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
	version INTEGER NOT NULL,
	json    TEXT    NOT NULL
) STRICT;

CREATE TABLE body (
	id    INTEGER PRIMARY KEY REFERENCES entry (id) ON DELETE CASCADE,
	bytes BLOB NOT NULL
) STRICT;

CREATE TABLE tag (
	tag TEXT    NOT NULL,
	id  INTEGER NOT NULL REFERENCES entry (id) ON DELETE CASCADE,
	PRIMARY KEY (tag, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_id ON tag (id);

CREATE VIRTUAL TABLE words USING fts5 (path, text, prefix='1 2 3', tokenize='unicode61 remove_diacritics 2');
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER entry_deleted AFTER DELETE ON entry BEGIN
	DELETE FROM words WHERE rowid = old.id;
END;

-- makes the tables of statistics now, so that the whole schema lies at the beginning of the file: one that is cut short
-- can still be read
ANALYZE;
`, `
-- what repeats an entry, shown with every entry that is opened: without it the whole table is read
CREATE INDEX entry_replay_of ON entry (replay_of) WHERE replay_of <> '';
-- the question of support: this partner, this status; without it one is looked up in the table for every row of the other
CREATE INDEX entry_provider_status ON entry (provider, status);
-- what is older than retention allows, and a span of time long ago
CREATE INDEX entry_started ON entry (started);
`}

// identify reads who made the file and which version it has.
func identify(ctx context.Context, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}) (application, version int, err error) {
	if err = q.QueryRowContext(ctx, "PRAGMA application_id").Scan(&application); err == nil {
		err = q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	}
	return application, version, err
}

// micros is the form of a moment in the database.
func micros(t time.Time) int64 { return t.UnixMicro() }
