"""One file in a few words: its state as the list of files says it. Pure functions; know no widgets."""

from __future__ import annotations

import re
import time

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill, tr

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_LAST_CHANGE = re.compile(r"\(last change .* ago\)$")
_PARTNER = re.compile(r"waits for its partner (.+)", re.DOTALL)
_MARKER = re.compile(r"waits for its marker (.+)", re.DOTALL)
_FOLDER = re.compile(r"its folder (.+) is still being written", re.DOTALL)
_STILL_S = 3600.0
_BETWEEN_PLACES = re.compile(r"(?:, | and )(?=at bucket |at processor |on PC |at [0-9]+ more$)")
_PLACE = re.compile(r"(at bucket|at processor|on PC|at) (.+)", re.DOTALL)


def shown(name: str) -> str:
    """A name or path as one line of text: what would break the line, hide or turn letters round is written out.

    Letters that are written from right to left stay, in a path that goes on from left to right.
    """
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}" if ord(found[0]) > 255 else _escape(found[0]), name)
    return f"\u200e{text}\u200e" if _RTL.search(text) else text


def _escape(character: str) -> str:
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(character, f"\\x{ord(character):02x}")


def is_url(local: str) -> bool:
    """It is the address of an object in a bucket, not a path on this computer."""
    return local.startswith("s3://")


def places(reason: str) -> str:
    """Where a file has arrived, as the journal has it (``at bucket lab and on PC hpc-1``), in the language of the windows."""
    names = [place(one) for one in _BETWEEN_PLACES.split(reason) if one]
    return fill(tr("%1 and %2"), ", ".join(names[:-1]), names[-1]) if len(names) > 1 else "".join(names)


def place(one: str) -> str:
    """One of these places."""
    found = _PLACE.fullmatch(one)
    if found is None:
        return shown(one)
    name = shown(found[2])
    match found[1]:
        case "at bucket":
            return fill(tr("at bucket %1"), name)
        case "at processor":
            return fill(tr("at processor %1"), name)
        case "on PC":
            return fill(tr("on PC %1"), name)
    return fill(tr("at %1 more"), name.removesuffix(" more"))


def state_of(row: FileRow, *, now: float | None = None) -> str:
    """Its state, as ``Sent 14:03`` or ``Waiting – still being written (last change 4 s ago)``."""
    now = time.time() if now is None else now
    file, at, reason = row.file, row.at, row.file.reason
    match file.state:
        case FileState.FOUND:
            return tr("Found")
        case FileState.WAITING:
            return _with(tr("Waiting – %1"), waiting(row, now=now), tr("Waiting"))
        case FileState.HELD:
            return tr("Held – needs your decision")
        case FileState.SENDING:
            return tr("Sending")
        case FileState.SENT:
            return _at(tr("Sent %1"), at, tr("Sent"), now)
        case FileState.CHECKED:
            return _at(tr("Checked %1"), at, tr("Checked"), now)
        case FileState.ARRIVED:
            return _with(tr("Arrived %1"), places(reason), tr("Arrived"))
        case FileState.CHANGED:
            return tr("Changed after sending – new version waiting") if at else tr("Changed while it was being sent")
        case FileState.PROBLEM if file.is_outgoing:
            return _with(tr("Could not send – %1"), reason, tr("Could not send"))
        case FileState.PROBLEM:
            return _failed(row.kind, reason)
        case FileState.IGNORED if file.is_outgoing:
            return _with(tr("Not sent – %1"), rule(reason), tr("Not sent"))
        case FileState.IGNORED if row.kind in (TRANSFER, PROCESS):
            return _with(tr("Left out – %1"), rule(reason), tr("Left out"))
        case FileState.IGNORED:
            return _with(tr("Not saved – %1"), rule(reason), tr("Not saved"))
        case FileState.REPLACED:
            return tr("Replaced by a later version")
        case FileState.RECEIVING:
            return tr("Receiving")
        case FileState.INCOMPLETE:
            return tr("Incomplete – parts of it never came")
        case FileState.RECEIVED:
            return _received(row.kind)
        case FileState.DELIVERED:
            return _delivered(row.kind, at, now)
        case FileState.SUPERSEDED:
            return tr("A later version is there")


def _failed(kind: str, reason: str) -> str:
    if kind == TRANSFER:
        return _with(tr("Could not store – %1"), reason, tr("Could not store"))
    if kind == PROCESS:
        return _with(tr("Could not process – %1"), reason, tr("Could not process"))
    return _with(tr("Could not save – %1"), reason, tr("Could not save"))


def _received(kind: str) -> str:
    if kind == TRANSFER:
        return tr("Received – not stored yet")
    return tr("Received – not processed yet") if kind == PROCESS else tr("Received – not saved yet")


def _delivered(kind: str, at: float | None, now: float) -> str:
    if kind == TRANSFER:
        return _at(tr("Stored %1"), at, tr("Stored"), now)
    if kind == PROCESS:
        return _at(tr("Processed %1"), at, tr("Processed"), now)
    return _at(tr("Saved %1"), at, tr("Saved"), now)


def short_state_of(row: FileRow, *, now: float | None = None) -> str:
    """The same in fewer words, where there is little room."""
    now = time.time() if now is None else now
    if row.state is FileState.CHANGED:
        return tr("Changed after sending") if row.at else tr("Changed while sent")
    if row.state is FileState.HELD:
        return tr("Needs your decision")
    if row.state is FileState.WAITING and row.file.reason:
        modified = row.file.modified
        if (
            row.file.reason.startswith("still being written")
            and modified is not None
            and 0 <= now - modified < _STILL_S
        ):
            return fill(tr("Still being written, %1 ago"), words.duration(now - modified))
        text = waiting(row, now=now)
        return text[:1].upper() + text[1:]
    return state_of(row, now=now)


def waiting(row: FileRow, *, now: float) -> str:
    """Why it waits. The journal says how long ago the last change was when that was written; the file's time says it now."""
    reason, modified = row.file.reason, row.file.modified
    if _LAST_CHANGE.search(reason) or reason.startswith("still being written"):
        still = reason_of(_LAST_CHANGE.sub("", reason).strip())
        if modified is None or not 0 <= now - modified < _STILL_S:
            return still
        return fill(tr("%1 (last change %2 ago)"), still, words.duration(now - modified))
    return reason_of(reason)


def reason_of(reason: str) -> str:
    """What the engine says in English, in the language of the windows; what is not known stays as it is."""
    if reason.startswith("still being written"):
        return tr("still being written")
    if reason.startswith("it is finished"):
        return tr("in the queue")
    for pattern, text in (
        (_PARTNER, tr("waits for its partner %1")),
        (_MARKER, tr("waits for its marker %1")),
        (_FOLDER, tr("its folder %1 is still being written")),
    ):
        if found := pattern.fullmatch(reason):
            return fill(text, found[1])
    return reason


def rule(reason: str) -> str:
    """A rule as short as it gets: ``rule ~$*``."""
    found = re.fullmatch(r'(?:default exclusion|exclude) "(.*)"(?: \(.*\))?', reason, re.DOTALL)
    return fill(tr("rule %1"), found[1]) if found else reason


def sentence(row: FileRow, *, now: float | None = None) -> str:
    """The whole row for those who hear it."""
    parts = [shown(row.file.path), state_of(row, now=now)]
    if row.done is not None:
        parts.append(words.percent(row.done))
    if row.file.size is not None:
        parts.append(words.size(row.file.size))
    return ", ".join(parts)


def _at(text: str, at: float | None, otherwise: str, now: float) -> str:
    return fill(text, words.clock(at, now=now)) if at else otherwise


def _with(text: str, reason: str, otherwise: str) -> str:
    return fill(text, shown(reason)) if reason else otherwise
