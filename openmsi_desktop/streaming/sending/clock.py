"""Is this computer's clock so wrong that sending would lose data? Kafka deletes by the time stamp of the sender.

Kafka has no request for the broker's time, so only what cannot be true is noticed: a clock before
this release, or before what was journalled. A message stamped far in the past is deleted by the
topic's retention as soon as it is written.
"""

from __future__ import annotations

from datetime import UTC, datetime

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import Journal

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""No computer that runs this release can have an earlier date."""
_TOLERANCE_S = 3600.0


class ClockWrong(NeedsYou):
    """The clock of this computer cannot be right."""


def check(journal: Journal, task: str, *, now: float, retention_ms: int | None) -> None:
    """Look at the clock before anything is sent. now: seconds since 1970; retention_ms: of the topic, None if unknown.

    Raises:
        ClockWrong: sending has to wait until the clock is right.
    """
    if now < RELEASED.timestamp():
        raise _wrong(now, "that is before this program was made")
    newest = journal.query("SELECT max(updated_at) FROM outgoing WHERE task = ?", task)[0][0]
    behind = (newest or 0.0) - now
    limit = retention_ms / 2000 if retention_ms is not None and retention_ms > 0 else 7 * 86_400.0
    if behind > max(limit, _TOLERANCE_S):
        moment = datetime.fromtimestamp(newest).astimezone()
        raise _wrong(now, f"but a file was recorded at {moment:%Y-%m-%d %H:%M} already")


def _wrong(now: float, why: str) -> ClockWrong:
    shown = datetime.fromtimestamp(now).astimezone()
    return ClockWrong(
        "The clock of this computer is wrong",
        f"It says {shown:%Y-%m-%d %H:%M}, {why}. Kafka would delete messages with so old a time stamp at once, so nothing "
        "is sent; the files are safe here. Set the clock; sending goes on by itself.",
    )
