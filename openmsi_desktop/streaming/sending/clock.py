"""Is this computer's clock so wrong that sending would lose data? Kafka deletes by the time stamp of the sender.

Kafka has no request for the broker's time, so only what cannot be true is noticed: a clock before
this release, or far before what was journalled or lies on the topic. A message stamped far in the past is deleted by the
topic's retention as soon as it is written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from openmsi_desktop.core import moments
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.kafka.types import TopicInfo

RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""No computer that runs this release can have an earlier date."""
_TOLERANCE_S = 3600.0


class ClockWrong(NeedsYou):
    """The clock of this computer cannot be right."""


def check(
    journal: Journal,
    task: str,
    *,
    now: float,
    retention_ms: int | None,
    topic_newest_ms: int | None = None,
    place: Path | None = None,
) -> None:
    """Look at the clock before anything is sent. now: seconds since 1970; retention_ms: of the topic, None if unknown.

    topic_newest_ms: the highest time stamp on the topic, if it is known. It may be of a sender whose clock is ahead: once
    somebody has vouched for ours, it counts no more.
    place: what a person names when deciding that today's date is right and an earlier one was not; None: nobody is asked.

    Raises:
        ClockWrong: sending has to wait until the clock is right, or somebody says that it is.
    """
    check_date(now)
    question = f"question clock {task}"
    known = journal.get_meta(question)
    recorded = _newest(journal, task)
    is_vouched_for = journal.get_meta(f"clock accepted {task}") is not None
    stamped = 0.0 if topic_newest_ms is None or is_vouched_for else topic_newest_ms / 1000
    newest = max(recorded, stamped)
    is_behind = newest - now > _limit_s(retention_ms)
    if is_behind and known == "send":
        with journal.transaction():
            journal.set_meta(f"clock accepted {task}", f"{now!r} {newest!r}")
            journal.set_meta(question, "answered")
        return
    if not is_behind:
        if known in ("open", "send", "skip"):  # the clock was set
            journal.set_meta(question, "answered")
        return
    what_to_do = "Set the clock; sending goes on by itself."
    if place is not None:
        journal.set_meta(question, "open")
        what_to_do = (
            "Set the clock, and sending goes on by itself; or the clock was wrong then: if today's date is right, "
            f"openmsi-desktop decide {place} --send"
        )
    moment = moments.local(newest)
    if newest == recorded:
        raise _wrong(now, f"but a file was recorded at {moment:%Y-%m-%d %H:%M} already", what_to_do)
    raise _wrong(now, _stamped(newest), what_to_do)


def check_topic(topic: TopicInfo, *, now: float) -> None:
    """Compare the clock with the newest message of the topic, where nobody can be asked.

    Raises:
        ClockWrong: what is sent now would soon be deleted.
    """
    newest = (topic.newest_ms or 0) / 1000
    if newest - now > _limit_s(topic.retention_ms):
        raise _wrong(now, _stamped(newest), "Set the clock, or that of the computer that sent this message.")


def _limit_s(retention_ms: int | None) -> float:
    """How far a clock may be behind."""
    limit = retention_ms / 2000 if retention_ms is not None and retention_ms > 0 else 7 * 86_400.0
    return max(limit, _TOLERANCE_S)


def _stamped(newest: float) -> str:
    return f"but the newest message of the topic is of {moments.local(newest):%Y-%m-%d %H:%M}"


def check_date(now: float) -> None:
    """Only what is certain without asking anybody: the date cannot be before this release.

    Raises:
        ClockWrong: it is.
    """
    if now < RELEASED.timestamp():
        raise _wrong(now, "that is before this program was made", "Set the clock; sending goes on by itself.")


def _newest(journal: Journal, task: str) -> float:
    """When this task last recorded a file; 0 if never. What a clock recorded that was ahead, as a person said, is left out."""
    accepted, wrong_until = map(float, (journal.get_meta(f"clock accepted {task}") or "0 0").split())
    rows = journal.query(
        "SELECT max(updated_at) FROM outgoing WHERE task = ? AND NOT (updated_at > ? AND updated_at <= ?)",
        task,
        accepted,
        wrong_until,
    )
    return max(rows[0][0] or 0.0, accepted)


def _wrong(now: float, why: str, what_to_do: str) -> ClockWrong:
    shown = moments.local(now)
    return ClockWrong(
        "The clock of this computer is wrong",
        f"It says {shown:%Y-%m-%d %H:%M}, {why}. Kafka would delete messages with so old a time stamp at once, so nothing "
        f"is sent; the files are safe here. {what_to_do}",
        code="clock-wrong",
    )
