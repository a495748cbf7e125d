"""Words and numbers for people: sentences about files, sizes, times, the total. Prints nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from openmsi_desktop.core.advice import without_promises
from openmsi_desktop.core.amounts import size
from openmsi_desktop.core.events import FileEvent, FileState


def printable(text: str) -> str:
    """A name without line breaks, control characters and bytes that are not UTF-8: those would garble a terminal."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "replace").decode() for c in text)


def moment(seconds: float | None, *, now: float) -> str:
    """A time of today as ``14:03:22``, any other with its date; local time."""
    if seconds is None:
        return "never"
    try:
        when, today = datetime.fromtimestamp(seconds), datetime.fromtimestamp(now)
    except (OverflowError, ValueError, OSError):
        return "?"
    return f"{when:%H:%M:%S}" if when.date() == today.date() else f"{when:%Y-%m-%d %H:%M:%S}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


RESULTS = frozenset(
    {
        FileState.SENT,
        FileState.CHECKED,
        FileState.ARRIVED,
        FileState.CHANGED,
        FileState.HELD,
        FileState.PROBLEM,
        FileState.DELIVERED,
        FileState.INCOMPLETE,
    }
)
"""States that everybody wants to hear of; the others only on demand."""


def waits_for_another(event: FileEvent) -> bool:
    """Whether a file waits for a marker or a partner, and not only for its own end."""
    return (event.reason or "").startswith("waits for")


_AGAIN = "Give the same command again once this is put right."


def final(advice: str) -> str:
    """Advice for a command that has ended: nothing goes on by itself any more."""
    return f"{without_promises(advice)} {_AGAIN}".strip()


DELIVERED, STORED, PROCESSED = "delivered", "stored", "processed"
"""What a command calls a file that is where it belongs."""


def sentence(event: FileEvent, *, is_once: bool = False, done: str = DELIVERED) -> str:
    """What happened to a file. is_once: the command sends it once, and does not keep watching it.

    done: what a delivered file is called; one in a bucket is stored in any case.
    """
    path = printable(event.path)
    reason = f": {printable(event.reason)}" if event.reason else ""
    match event.state:
        case FileState.FOUND:
            return f"Found {path}, {size(event.size)}{reason}"
        case FileState.WAITING:
            return f"Waiting: {path} {reason[2:]}" if waits_for_another(event) else f"Waiting for {path}{reason}"
        case FileState.SENDING:
            return f"Sending {path}{_part(event)}"
        case FileState.SENT:
            return f"Sent {path}, {size(event.size)}{reason}"
        case FileState.CHECKED:
            return f"Checked {path}: what was read back is identical"
        case FileState.ARRIVED:
            return f"Arrived {reason[2:]}: {path}" if reason else f"Arrived: {path}"
        case FileState.HELD:
            return f"Held {path}{reason}; it needs your decision"
        case FileState.CHANGED:
            when = "while it was being sent" if is_once else "after it was sent"
            return f"Changed {when}: {path}{reason}"
        case FileState.REPLACED:
            return f"Replaced {path}: a later version was sent"
        case FileState.IGNORED:
            return f"Left out {path}{reason}"
        case FileState.PROBLEM:
            return f"Problem with {path}{reason}"
        case FileState.RECEIVING:
            return f"Receiving {path}{_part(event)}"
        case FileState.RECEIVED:
            return f"Received {path}, {size(event.size)}"
        case FileState.DELIVERED:
            where = f" as {printable(event.local)}" if event.local else ""
            word = STORED if (event.local or "").startswith("s3://") else done
            return f"{word.capitalize()} {path}{where}, {size(event.size)}{reason}"
        case FileState.SUPERSEDED:
            return f"Superseded {path}: a later version is there{reason}"
        case FileState.INCOMPLETE:
            missing = f"; missing: {_some(event.missing)}" if event.missing else ""
            return f"Incomplete {path}{_part(event)}{reason}{missing}"


def _part(event: FileEvent) -> str:
    return f", part {event.chunks_done or 0} of {event.chunks_total}" if event.chunks_total else ""


def _some(numbers: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"


def intention(event: FileEvent) -> str:
    """What would happen to a file."""
    if event.state is FileState.FOUND:
        return f"Would send {printable(event.path)}, {size(event.size)}"
    return sentence(event)


_FURTHER = (
    (FileState.CHECKED, "checked"),
    (FileState.ARRIVED, "arrived"),
    (FileState.CHANGED, "changed while sending"),
    (FileState.REPLACED, "replaced by a later version"),
    (FileState.HELD, "held for your decision"),
    (FileState.SUPERSEDED, "superseded by a later version"),
    (FileState.INCOMPLETE, "incomplete"),
    (FileState.RECEIVED, "received but not {done}"),
    (FileState.IGNORED, "left out by the rules"),
)
_UNFINISHED = (FileState.FOUND, FileState.WAITING, FileState.SENDING)


def total(
    counts: Mapping[FileState, int],
    *,
    problems: int,
    quarantined: int,
    sends: bool = True,
    receives: bool = False,
    dry_run: bool = False,
    done: str = DELIVERED,
) -> str:
    """The last line, such as ``3 files sent, 2 changed while sending, 0 problems``.

    sends, receives: what the command is about, so that a zero of it is said too. done: see :func:`sentence`.
    """
    if dry_run:
        left_out = counts.get(FileState.IGNORED, 0)
        found = count(counts.get(FileState.FOUND, 0), "file")
        return f"{found} would be sent, {left_out} left out by the rules, {count(problems, 'problem')}"
    sent = sum(counts.get(s, 0) for s in (FileState.SENT, FileState.CHECKED, FileState.ARRIVED))
    delivered = counts.get(FileState.DELIVERED, 0)
    parts = []
    if sends or sent:
        parts.append(f"{count(sent, 'file')} sent")
    if receives or delivered:
        parts.append(f"{delivered} {done}" if parts else f"{count(delivered, 'file')} {done}")
    parts += [f"{counts[state]} {words.format(done=done)}" for state, words in _FURTHER if counts.get(state)]
    unfinished = sum(counts.get(s, 0) for s in _UNFINISHED)
    if unfinished:
        parts.append(f"{unfinished} not sent yet")
    if counts.get(FileState.RECEIVING):
        parts.append(f"{counts[FileState.RECEIVING]} not complete yet")
    if quarantined:
        parts.append(f"{count(quarantined, 'message')} rejected")
    return ", ".join([*parts, count(problems, "problem")])
