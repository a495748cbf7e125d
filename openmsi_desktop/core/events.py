"""What the engine tells the world, as frozen dataclasses. Hints only: the journal is the truth.

Names and fields follow docs/cli.md; :func:`to_json` gives the object of one output line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class FileState(StrEnum):
    """Where a file is. The first group belongs to senders, the second to readers."""

    FOUND = "found"
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    CHECKED = "checked"
    ARRIVED = "arrived"
    HELD = "held"
    CHANGED = "changed"
    REPLACED = "replaced"
    PROBLEM = "problem"
    IGNORED = "ignored"

    RECEIVING = "receiving"
    INCOMPLETE = "incomplete"
    RECEIVED = "received"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"


class TaskState(StrEnum):
    """Where a service is."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Stage(StrEnum):
    """The steps of the tests of connections and buckets; their orders are below."""

    NAME = "name"
    PORT = "port"
    TLS = "tls"
    SIGN_IN = "sign-in"
    TOPICS = "topics"
    WRITE = "write"
    READ = "read"
    BUCKET = "bucket"
    PUT = "put"
    GET = "get"
    CHECKSUM = "checksum"
    DELETE = "delete"
    LIST = "list"
    CLOCK = "clock"


CONNECTION_STAGES = (
    *(Stage.NAME, Stage.PORT, Stage.TLS, Stage.SIGN_IN),
    *(Stage.TOPICS, Stage.WRITE, Stage.READ, Stage.CLOCK),
)
"""Of a connection's test; the last four belong to a topic."""
BUCKET_STAGES = (
    *(Stage.NAME, Stage.PORT, Stage.TLS, Stage.SIGN_IN, Stage.BUCKET),
    *(Stage.PUT, Stage.GET, Stage.CHECKSUM, Stage.DELETE, Stage.LIST, Stage.CLOCK),
)
"""Of a bucket's test."""


def utc_now() -> datetime:
    """The wall clock, with its offset."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something happened to ``task`` (its name as a person gave it; empty: to none in particular)."""

    task: str = ""
    time: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEvent(Event):
    """A file changed its state. ``size`` in bytes; ``missing`` are chunk numbers, counted from 1."""

    path: str
    local: str
    state: FileState
    size: int | None = None
    sha512: str | None = None
    topic: str | None = None
    reason: str | None = None
    chunks_done: int | None = None
    chunks_total: int | None = None
    missing: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemEvent(Event):
    """Something failed, for a file (``path``) or for the whole task (``path`` None)."""

    title: str
    advice: str = ""
    path: str | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedEvent(Event):
    """One message was rejected and kept aside."""

    topic: str
    partition: int
    offset: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent(Event):
    """A task changed its state. ``needs_you``: it waits for a person (True), or for something that passes by itself."""

    state: TaskState
    title: str = ""
    advice: str = ""
    needs_you: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyEvent(Event):
    """A watcher has scanned and watches, or a reader has its position. Once per task and start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that works and may still cost data one day."""

    code: str
    title: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEvent(Event):
    """A step of the test of a connection or a bucket is over.

    ``ok`` is None if it was not reached, or does not apply; ``code`` names the cause, for programs (docs/connection-test.md, docs/buckets.md).
    ``fix``: settings that would put it right, where that is certain: properties of the connection, chunk_size of the task,
    keys of the bucket.
    """

    stage: Stage
    ok: bool | None
    seconds: float
    title: str
    advice: str = ""
    code: str = ""
    topic: str | None = None
    warnings: tuple[Notice, ...] = ()
    fix: dict[str, str] = field(default_factory=dict)


Emit = Callable[[Event], None]

_NAMES = {
    FileEvent: "file",
    ProblemEvent: "problem",
    QuarantinedEvent: "quarantined",
    TaskEvent: "task",
    ReadyEvent: "ready",
    StageEvent: "stage",
}
_FIELDS = {kind: tuple(item.name for item in fields(kind)) for kind in _NAMES}
_ALWAYS = {"ok", "path", "local", "state", "size", "title", "advice", "retry_at"}


def to_json(event: Event) -> dict[str, Any]:
    """The JSON object of an event. Fields that do not apply are left out, those of the contract never."""
    out: dict[str, Any] = {"event": _NAMES[type(event)], "time": event.time.isoformat()}
    for name in _FIELDS[type(event)]:
        value = getattr(event, name)
        if name == "time" or (name == "task" and not value):
            continue
        if value is None and name not in _ALWAYS:
            continue
        out[name] = _plain(value)
    return out


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple) and value and isinstance(value[0], Notice):
        return [asdict(notice) for notice in value]
    return value
