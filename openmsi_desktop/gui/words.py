"""Numbers, sizes and times as people read them in their language. Knows no widgets."""

from __future__ import annotations

import time

from PySide6.QtCore import QDateTime, QLocale

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui.language import fill, tr

_STATES = {
    FileState.FOUND: ("state/found", "neutral"),
    FileState.WAITING: ("state/waiting", "waiting"),
    FileState.SENDING: ("state/sending", "working"),
    FileState.SENT: ("state/sent", "ok"),
    FileState.CHECKED: ("state/checked", "ok"),
    FileState.ARRIVED: ("state/arrived", "ok"),
    FileState.HELD: ("state/held", "attention"),
    FileState.CHANGED: ("state/changed", "attention"),
    FileState.REPLACED: ("state/ignored", "neutral"),
    FileState.PROBLEM: ("state/problem", "error"),
    FileState.IGNORED: ("state/ignored", "neutral"),
    FileState.RECEIVING: ("state/receiving", "working"),
    FileState.INCOMPLETE: ("state/problem", "error"),
    FileState.RECEIVED: ("state/sent", "ok"),
    FileState.DELIVERED: ("state/arrived", "ok"),
    FileState.SUPERSEDED: ("state/ignored", "neutral"),
}


def icon(state: FileState) -> tuple[str, str]:
    """(icon, colour token) of a file's state."""
    return _STATES[state]


def word(state: FileState, kind: str = "") -> str:
    """One word for a file's state, as the ladder and filters call it. kind: of its task."""
    if state is FileState.DELIVERED and kind == TRANSFER:
        return tr("Stored")
    if state is FileState.DELIVERED and kind == PROCESS:
        return tr("Processed")
    return {
        FileState.FOUND: tr("Found"),
        FileState.WAITING: tr("Waiting"),
        FileState.SENDING: tr("Sending"),
        FileState.SENT: tr("Sent"),
        FileState.CHECKED: tr("Checked"),
        FileState.ARRIVED: tr("Arrived"),
        FileState.HELD: tr("Held"),
        FileState.CHANGED: tr("Changed"),
        FileState.REPLACED: tr("Replaced"),
        FileState.PROBLEM: tr("Problem"),
        FileState.IGNORED: tr("Not sent"),
        FileState.RECEIVING: tr("Receiving"),
        FileState.INCOMPLETE: tr("Incomplete"),
        FileState.RECEIVED: tr("Received"),
        FileState.DELIVERED: tr("Delivered"),
        FileState.SUPERSEDED: tr("Superseded"),
    }[state]


def number(count: int) -> str:
    """``1,204``"""
    return QLocale().toString(count)


def size(count: int | None) -> str:
    """Bytes: ``165 B``, ``412 kB``, ``8.4 MB``; one decimal from 1 MB on. Empty where unknown."""
    if count is None:
        return ""
    if count < 1000:
        return fill(tr("%1 B"), number(count))
    digits = 1 if count >= 1_000_000 else 0
    return QLocale().formattedDataSize(count, digits, QLocale.DataSizeFormat.DataSizeSIFormat)


def rate(bytes_per_s: float) -> str:
    """``12.3 MB/s``"""
    return fill(tr("%1/s"), size(round(bytes_per_s)))


def percent(share: float) -> str:
    """A share of 1 as ``61 %``. Never 100 % before it is done, never 0 % once it has begun."""
    whole = 100 if share >= 1 else 0 if share <= 0 else min(99, max(1, int(share * 100)))
    return fill(tr("%1 %"), QLocale().toString(whole))


def clock(at: float, *, now: float | None = None) -> str:
    """Hours and minutes of a moment (seconds since 1970), local time; with the date if it is not today."""
    return _moment(at, "HH:mm", now)


def moment(at: float, *, now: float | None = None) -> str:
    """The same with seconds, ``14:03:22``."""
    return _moment(at, "HH:mm:ss", now)


def ago(at: float, *, now: float | None = None) -> str:
    """How long ago: ``just now``, ``2 min ago``; from an hour on the time of the day."""
    now = time.time() if now is None else now
    seconds = max(0.0, now - at)
    if seconds < 10:
        return tr("just now")
    if seconds < 60:
        return fill(tr("%1 s ago"), number(int(seconds)))
    if seconds < 3600:
        return fill(tr("%1 min ago"), number(int(seconds // 60)))
    return clock(at, now=now)


def duration(seconds: float) -> str:
    """``40 s``, ``3 min``, ``2 h 5 min``, ``3 days``"""
    if seconds < 60:
        return fill(tr("%1 s"), number(max(1, round(seconds))))
    minutes = round(seconds / 60)
    if minutes < 60:
        return fill(tr("%1 min"), number(minutes))
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return fill(tr("%1 h %2 min"), number(hours), number(rest)) if rest else fill(tr("%1 h"), number(hours))
    return tr("%n day(s)", "", minutes // (24 * 60))


def _moment(at: float, form: str, now: float | None) -> str:
    when = QDateTime.fromMSecsSinceEpoch(round(at * 1000))
    today = QDateTime.fromMSecsSinceEpoch(round((time.time() if now is None else now) * 1000))
    text = when.toString(form)
    if when.date() == today.date():
        return text
    return fill(tr("%1 %2"), QLocale().toString(when.date(), QLocale.FormatType.ShortFormat), text)
