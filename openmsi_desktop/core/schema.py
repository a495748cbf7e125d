"""The tables of the journal, and how an older journal becomes a newer one.

``user_version`` is major * 1000 + minor: a newer minor version can be read, a newer major one is refused.
Times are seconds since 1970 (REAL), names are text with surrogateescape encoded by
:func:`openmsi_desktop.core.journal.text_of`, hashes are raw bytes.
"""

from __future__ import annotations

MAJOR = 1
MINOR = 0
VERSION = MAJOR * 1000 + MINOR

COMMON = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- one row for each task that ever ran here; key = kind and what identifies it, name = what a person calls it
CREATE TABLE tasks (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    advice TEXT NOT NULL DEFAULT '',
    paused_until REAL,              -- NULL: not paused; 1e18: until resumed
    root_identity TEXT,             -- of the watched folder
    ready_at REAL,
    updated_at REAL NOT NULL,
    details TEXT NOT NULL DEFAULT '{}'
) WITHOUT ROWID;

-- which topic a task's positions and Sent states belong to
CREATE TABLE topics (
    task TEXT NOT NULL, topic TEXT NOT NULL,
    cluster_id TEXT NOT NULL, topic_id TEXT NOT NULL,
    PRIMARY KEY (task, topic)
) WITHOUT ROWID;

CREATE TABLE problems (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, path TEXT NOT NULL DEFAULT '',   -- empty: the task itself
    title TEXT NOT NULL, advice TEXT NOT NULL,
    first_at REAL NOT NULL, last_at REAL NOT NULL, count INTEGER NOT NULL DEFAULT 1,
    retry_at REAL,
    solved_at REAL, ignored INTEGER NOT NULL DEFAULT 0,
    UNIQUE (task, path, title)
);
CREATE INDEX problems_open ON problems (task) WHERE solved_at IS NULL AND ignored = 0;

CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL, task TEXT NOT NULL DEFAULT '', path TEXT NOT NULL DEFAULT '',
    argument TEXT NOT NULL DEFAULT '',
    asked_at REAL NOT NULL, done_at REAL, answer TEXT
);
CREATE INDEX requests_open ON requests (id) WHERE done_at IS NULL;
"""

OUTGOING = """
-- a file of a sending task: what was found, the attempt to send it, and the last version that was Sent
CREATE TABLE outgoing (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, topic TEXT NOT NULL, path TEXT NOT NULL, local TEXT NOT NULL,
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    found_at REAL NOT NULL, updated_at REAL NOT NULL,
    size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, file_id TEXT NOT NULL,
    -- the attempt: version of the path, where it goes, which chunks are acknowledged (offsets, -1 = not yet)
    version INTEGER NOT NULL DEFAULT 0, partition INTEGER, chunk_size INTEGER, chunks_total INTEGER,
    sha512 BLOB, offsets BLOB, owner TEXT NOT NULL DEFAULT '', tries INTEGER NOT NULL DEFAULT 0, retry_at REAL,
    -- the last version Sent
    sent_version INTEGER, sent_at REAL, sent_sha512 BLOB, sent_size INTEGER, sent_mtime_ns INTEGER,
    sent_ctime_ns INTEGER, sent_file_id TEXT, checked_at REAL,
    settled INTEGER NOT NULL DEFAULT 0,     -- finished, and only waits for room in the sender
    UNIQUE (task, path)
);
CREATE INDEX outgoing_state ON outgoing (task, state);
CREATE INDEX outgoing_path ON outgoing (topic, path);
CREATE INDEX outgoing_local ON outgoing (local);
CREATE INDEX outgoing_settled ON outgoing (task, id) WHERE settled = 1;
CREATE INDEX outgoing_owner ON outgoing (owner) WHERE owner != '';
CREATE INDEX outgoing_sha512 ON outgoing (sent_sha512);
CREATE INDEX outgoing_recent ON outgoing (task, updated_at);

-- chunk hashes and guards of a big file that is being sent, so that it can go on without hashing again
CREATE TABLE plans (
    outgoing_id INTEGER PRIMARY KEY REFERENCES outgoing (id) ON DELETE CASCADE,
    chunk_hashes BLOB NOT NULL, guards BLOB NOT NULL, is_prefix INTEGER NOT NULL
);

-- versions that were Sent and followed by a later one
CREATE TABLE replaced (
    outgoing_id INTEGER NOT NULL REFERENCES outgoing (id) ON DELETE CASCADE,
    version INTEGER NOT NULL, sha512 BLOB NOT NULL, size INTEGER NOT NULL, sent_at REAL NOT NULL, checked_at REAL,
    PRIMARY KEY (outgoing_id, version)
) WITHOUT ROWID;
"""

INCOMING = """
-- where a reader is in each partition: everything before `position` is in the tables below
CREATE TABLE positions (
    task TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (task, topic, partition)
) WITHOUT ROWID;
"""

MIGRATIONS: dict[int, str] = {}
"""From which version -> the statements that lead to the next one."""
