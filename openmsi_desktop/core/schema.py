"""The tables of the journal, and how an older journal becomes a newer one.

``user_version`` is major * 1000 + minor: a newer minor version can be read, a newer major one is refused.
Times are seconds since 1970 (REAL), names are text with surrogateescape encoded by
:func:`openmsi_desktop.core.journal.text_of`, hashes are raw bytes.
"""

from __future__ import annotations

MAJOR = 1
MINOR = 3
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
    details TEXT NOT NULL DEFAULT '{}',
    needs_you INTEGER NOT NULL DEFAULT 0    -- it waits for a person, not for something that passes by itself
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
    -- the version with the most chunks of which only a part may be on the topic, with no later one that has more
    torn_total INTEGER, torn_sha512 BLOB, torn_chunk_size INTEGER,
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
-- a topic as one reader sees it; a topic that was made anew (another stream) is another source
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, topic TEXT NOT NULL, stream TEXT NOT NULL,    -- stream: cluster id/topic id
    UNIQUE (task, topic, stream)
);

-- where a reader is in each partition: everything before `position` is in the tables below; it began at `start`, when the
-- next message would have got the offset `first_end` (NULL: unknown, or it began with what was new);
-- seen_ms: time stamp of the last message that was read; damaged: offset of the first chunk that was rejected
CREATE TABLE positions (
    task TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
    position INTEGER NOT NULL, start INTEGER NOT NULL, seen_ms INTEGER,
    first_end INTEGER, damaged INTEGER,
    PRIMARY KEY (task, topic, partition)
) WITHOUT ROWID;

-- one version of one file, as far as it has arrived
CREATE TABLE incoming (
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES sources (id),
    path TEXT NOT NULL,
    -- from our header; '' and 0 without one. repeat: how often the same content was sent before without one.
    installation TEXT NOT NULL, version INTEGER NOT NULL, repeat INTEGER NOT NULL,
    sha512 BLOB NOT NULL, chunks_total INTEGER NOT NULL,
    chunk_size INTEGER NOT NULL,            -- 0: chunks of different sizes, see extents
    mtime REAL, timestamp_ms INTEGER,
    stage INTEGER NOT NULL,                 -- incoming.Stage
    state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
    latest INTEGER NOT NULL DEFAULT 0,      -- the last version of its path and installation that was verified
    chunks BLOB, extents BLOB, chunks_done INTEGER NOT NULL, size INTEGER NOT NULL,
    reached TEXT NOT NULL,                  -- partition:first offset-last offset, …
    spool TEXT NOT NULL,                    -- name in the spool folder, '' if there is none
    losses INTEGER NOT NULL DEFAULT 0, wrongs INTEGER NOT NULL DEFAULT 0, had INTEGER NOT NULL DEFAULT 0,
    seen BLOB,                              -- where each chunk was met last, of versions without a number
    local TEXT NOT NULL DEFAULT '', due_at REAL NOT NULL DEFAULT 0,
    began_at REAL NOT NULL, updated_at REAL NOT NULL,
    UNIQUE (source, path, sha512, chunks_total, installation, version, repeat, chunk_size)
);
CREATE INDEX incoming_state ON incoming (source, state);
CREATE INDEX incoming_line ON incoming (path) WHERE latest = 1 OR stage < 3;
CREATE INDEX incoming_open ON incoming (path) WHERE stage = 0;
CREATE INDEX incoming_due ON incoming (due_at) WHERE stage IN (1, 2);
CREATE INDEX incoming_history ON incoming (updated_at) WHERE stage = 3 AND latest = 0;

-- one file and one sink, where that has its own story: failed before, has to wait, gave up, or is one of several.
-- done: 0 not yet, 1 has it, 2 given up. note: what it said of the delivery; declined: why it did not want this version;
-- local: where it put it; output: the end of what a program printed. incoming.due_at: when the first is due.
CREATE TABLE deliveries (
    incoming_id INTEGER NOT NULL REFERENCES incoming (id) ON DELETE CASCADE,
    sink TEXT NOT NULL,
    done INTEGER NOT NULL,
    tries INTEGER NOT NULL, title TEXT NOT NULL DEFAULT '', advice TEXT NOT NULL DEFAULT '',
    due_at REAL NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', declined TEXT NOT NULL DEFAULT '',
    local TEXT NOT NULL DEFAULT '', output TEXT NOT NULL DEFAULT '', updated_at REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (incoming_id, sink)
) WITHOUT ROWID;
"""

SINKS = """
-- what is not delivered to a sink yet and has a story
CREATE INDEX deliveries_open ON deliveries (sink, incoming_id) WHERE done = 0;

-- the version of each path that a sink without a folder handled last, so that an identical one is not handled again;
-- local: where it put it (a URL), or empty
CREATE TABLE handled (
    task TEXT NOT NULL, sink TEXT NOT NULL, topic TEXT NOT NULL, path TEXT NOT NULL,
    sha512 BLOB NOT NULL, number INTEGER NOT NULL, local TEXT NOT NULL DEFAULT '', at REAL NOT NULL,
    PRIMARY KEY (task, sink, topic, path)
) WITHOUT ROWID;

-- uploads to buckets in several parts that were begun and neither completed nor aborted. The row is there before the upload is,
-- then without upload_id; parts: JSON, number -> etag and checksum
CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, sink TEXT NOT NULL,
    endpoint TEXT NOT NULL, bucket TEXT NOT NULL, object_key TEXT NOT NULL, upload_id TEXT NOT NULL DEFAULT '',
    topic TEXT NOT NULL, path TEXT NOT NULL, sha512 BLOB NOT NULL, part_size INTEGER NOT NULL,
    parts TEXT NOT NULL DEFAULT '{}', began_at REAL NOT NULL
);
CREATE INDEX uploads_of ON uploads (task, sink, path);

-- receipts that are still to be written to their topics: the JSON text of each
CREATE TABLE receipts_due (
    id INTEGER PRIMARY KEY,
    task TEXT NOT NULL, topic TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX receipts_due_of ON receipts_due (task, topic);

-- receipts that fitted a version that we send or have sent (its number, path, hash and size); place and detail: where it
-- arrived, for people
CREATE TABLE arrivals (
    task TEXT NOT NULL, path TEXT NOT NULL, version INTEGER NOT NULL, sha512 BLOB NOT NULL,
    place TEXT NOT NULL, detail TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (task, path, version, place, detail)
) WITHOUT ROWID;
"""

PUBLISHED = """
-- folders that files are written into; marker: content of the small file inside by which each is known again
CREATE TABLE targets (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE, marker TEXT NOT NULL, file_id TEXT NOT NULL
);

-- the version of each topic path that was delivered last, and what the file looked like then
CREATE TABLE published (
    id INTEGER PRIMARY KEY,
    target INTEGER NOT NULL REFERENCES targets (id),
    topic TEXT NOT NULL, path TEXT NOT NULL, installation TEXT NOT NULL,
    local TEXT NOT NULL, folded TEXT NOT NULL,           -- relative to the target; as written, and as file systems compare
    is_ours INTEGER NOT NULL,                            -- 0: an identical file was there already, not ours to replace
    sha512 BLOB NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL,
    file_id TEXT NOT NULL,
    version INTEGER, stream TEXT NOT NULL, partition INTEGER NOT NULL, first_offset INTEGER NOT NULL,
    timestamp_ms INTEGER, modified REAL,
    delivered_at REAL NOT NULL,
    again INTEGER NOT NULL DEFAULT 0,                    -- 1: a person wants it written once more
    UNIQUE (target, topic, path, installation)
);
CREATE INDEX published_folded ON published (target, folded);
CREATE INDEX published_path ON published (path);

-- what is being renamed just now; a row that is left over tells a later process where to look
CREATE TABLE publishing (
    target INTEGER NOT NULL REFERENCES targets (id),
    topic TEXT NOT NULL, path TEXT NOT NULL, installation TEXT NOT NULL,
    source TEXT NOT NULL, local TEXT NOT NULL, aside TEXT NOT NULL, old TEXT NOT NULL,
    sha512 BLOB NOT NULL, size INTEGER NOT NULL,
    version INTEGER, stream TEXT NOT NULL, partition INTEGER NOT NULL, first_offset INTEGER NOT NULL,
    timestamp_ms INTEGER, modified REAL,
    PRIMARY KEY (target, topic, path, installation)
) WITHOUT ROWID;
"""

MIGRATIONS: dict[int, str] = {
    1000: """
ALTER TABLE positions ADD COLUMN first_end INTEGER;
ALTER TABLE positions ADD COLUMN damaged INTEGER;
ALTER TABLE incoming ADD COLUMN wrongs INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incoming ADD COLUMN seen BLOB;
ALTER TABLE deliveries ADD COLUMN due_at REAL NOT NULL DEFAULT 0;
ALTER TABLE deliveries ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN declined TEXT NOT NULL DEFAULT '';
UPDATE deliveries SET due_at = (SELECT due_at FROM incoming WHERE id = incoming_id) WHERE done = 0;
ALTER TABLE outgoing ADD COLUMN torn_total INTEGER;
ALTER TABLE outgoing ADD COLUMN torn_sha512 BLOB;
ALTER TABLE outgoing ADD COLUMN torn_chunk_size INTEGER;
DROP INDEX incoming_line;
CREATE INDEX incoming_line ON incoming (path) WHERE latest = 1 OR stage < 3;
CREATE INDEX incoming_history ON incoming (updated_at) WHERE stage = 3 AND latest = 0;
""",
    1001: """
ALTER TABLE tasks ADD COLUMN needs_you INTEGER NOT NULL DEFAULT 0;
""",
    1002: """
ALTER TABLE deliveries ADD COLUMN local TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN output TEXT NOT NULL DEFAULT '';
ALTER TABLE deliveries ADD COLUMN updated_at REAL NOT NULL DEFAULT 0;
"""
    + SINKS,
}
"""From which version -> the statements that lead to the next one."""
