"""What the journal knows about one file beyond its state: parts, offsets, tries, earlier versions."""

from __future__ import annotations

import os
from typing import Any

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import ListedFile

_MISSING_SHOWN = 20


def facts_of(journal: Journal, file: ListedFile) -> dict[str, Any]:
    """Keys parts, offsets, tries, retry_at, sent_at, checked_at, changed_since_sent, replaced."""
    return _outgoing(journal, file) if file.is_outgoing else _incoming(journal, file)


def _outgoing(journal: Journal, file: ListedFile) -> dict[str, Any]:
    from openmsi_desktop.core.chunker import Fingerprint
    from openmsi_desktop.core.outgoing import NOT_SENT, row_of, unpack_offsets

    row = row_of(journal.query("SELECT * FROM outgoing WHERE id = ?", file.id)[0])
    offsets = [o for o in unpack_offsets(row.offsets) if o != NOT_SENT]
    replaced = journal.query("SELECT count(*) FROM replaced WHERE outgoing_id = ?", file.id)[0][0]
    try:
        here = Fingerprint.of(os.stat(file.local))
    except OSError:
        here = None
    return {
        "parts": {"done": len(offsets), "total": row.chunks_total, "missing": []} if row.chunks_total else None,
        "offsets": [{"partition": row.partition, "first": min(offsets), "last": max(offsets)}] if offsets else [],
        "tries": row.tries,
        "retry_at": row.retry_at,
        "sent_at": row.sent_at,
        "checked_at": row.checked_at,
        "changed_since_sent": bool(row.sent_fingerprint and here and here != row.sent_fingerprint),
        "replaced": replaced,
    }


def _incoming(journal: Journal, file: ListedFile) -> dict[str, Any]:
    from openmsi_desktop.core import received

    row = next(r for r in received.rows(journal, path=file.path, task=file.task) if r.id == file.id)
    return {
        "parts": {
            "done": row.chunks_done,
            "total": row.chunks_total,
            "missing": list(row.missing(_MISSING_SHOWN)),
        },
        "offsets": [{"partition": p, "first": first, "last": last} for p, (first, last) in row.reached.items()],
        "tries": 0,
        "retry_at": None,
        "sent_at": None,
        "checked_at": None,
        "changed_since_sent": False,
        "replaced": 0,
    }
