"""What the journal knows about one file: its state, parts, offsets, tries, earlier versions, problems."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from openmsi_desktop.core import received, task_health
from openmsi_desktop.core.arrivals import Arrival, arrivals_of
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, ProblemRow
from openmsi_desktop.core.listing import ListedFile
from openmsi_desktop.core.outgoing import NOT_SENT, row_of, unpack_offsets
from openmsi_desktop.core.windows_files import reachable

_MISSING_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Parts:
    """Chunks that are acknowledged (of a reader: have arrived), and the numbers of the first ones that are missing."""

    done: int
    total: int
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reach:
    """Offsets of the first and the last chunk in a partition."""

    partition: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class KnownFile:
    """One file of a sender, or one version of a reader. Times in seconds since 1970, sizes in bytes, None where unknown."""

    task: str
    """Name of its task."""
    key: str
    kind: str
    """``watch``, ``download`` or ``one-off``; empty if the task is not known any more."""
    is_outgoing: bool
    topic: str
    path: str
    local: str
    state: FileState
    reason: str
    since: float
    found_at: float
    size: int | None
    modified: float | None
    sha512: bytes | None
    version: int | None
    parts: Parts | None = None
    offsets: tuple[Reach, ...] = ()
    tries: int = 0
    retry_at: float | None = None
    sent_at: float | None = None
    checked_at: float | None = None
    changed_since_sent: bool = False
    replaced: int = 0
    """Versions that were sent before this one."""
    asks_receipts: bool = False
    """Its task reads receipts."""
    receipts_note: str = ""
    """Why none come at the moment, a sentence without full stop; empty if nothing is known to be wrong."""
    arrivals: tuple[Arrival, ...] = ()
    """Where it has arrived, earlier versions too."""
    problems: tuple[ProblemRow, ...] = ()
    sinks: tuple[received.SinkState, ...] = ()
    """What each sink made of it, if there are several or one has more to say than that it has it."""


def known_file(journal: Journal, file: ListedFile, *, task: str, kind: str) -> KnownFile:
    """Everything the journal knows of a file that was looked up. task, kind: of the task it belongs to."""
    more = _outgoing(journal, file) if file.is_outgoing else _incoming(journal, file)
    return KnownFile(
        task=task,
        key=file.task,
        kind=kind,
        is_outgoing=file.is_outgoing,
        topic=file.topic,
        path=file.path,
        local=file.local,
        state=file.state,
        reason=file.reason,
        since=file.updated_at,
        size=file.size,
        modified=file.modified,
        sha512=file.sha512,
        version=file.version,
        problems=tuple(p for p in journal.problems(file.task) if p.path == file.path),
        **more,
    )


def _outgoing(journal: Journal, file: ListedFile) -> dict[str, Any]:
    row = row_of(journal.query("SELECT * FROM outgoing WHERE id = ?", file.id)[0])
    offsets = [o for o in unpack_offsets(row.offsets) if o != NOT_SENT]
    try:
        here = Fingerprint.of(os.stat(reachable(file.local)))
    except OSError:
        here = None
    return {
        "found_at": row.found_at,
        "parts": Parts(len(offsets), row.chunks_total) if row.chunks_total else None,
        "offsets": (Reach(row.partition, min(offsets), max(offsets)),) if offsets and row.partition is not None else (),
        "tries": row.tries,
        "retry_at": row.retry_at,
        "sent_at": row.sent_at,
        "checked_at": row.checked_at,
        "changed_since_sent": bool(row.sent_fingerprint and here and here != row.sent_fingerprint),
        **_receipts(journal, file),
        "replaced": journal.query("SELECT count(*) FROM replaced WHERE outgoing_id = ?", file.id)[0][0],
    }


def _receipts(journal: Journal, file: ListedFile) -> dict[str, Any]:
    try:
        asks = bool(json.loads(journal.details(file.task)).get("receipts"))
    except (ValueError, AttributeError):  # written by another release
        asks = False
    health = task_health.read(journal, file.task)
    return {
        "arrivals": tuple(arrivals_of(journal, file.task, file.path)),
        "asks_receipts": asks,
        "receipts_note": health.receipts_note if asks and health.receipts != "reading" else "",
    }


def _incoming(journal: Journal, file: ListedFile) -> dict[str, Any]:
    row = next(r for r in received.rows(journal, path=file.path, task=file.task) if r.id == file.id)
    return {
        "found_at": row.began_at,
        "parts": Parts(row.chunks_done, row.chunks_total, tuple(row.missing(_MISSING_SHOWN))),
        "offsets": tuple(Reach(p, first, last) for p, (first, last) in row.reached.items()),
        "sinks": tuple(received.sinks_of(journal, file.id)),
    }
