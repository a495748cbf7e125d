"""After a loss of power: files that are no work of an instrument, but damage, are held until a person decides.

File systems write lengths and times before contents, or the other way round. After a loss of power a file may be empty,
shorter, or hold zeros, under times of before. Looked at are only files that nobody touched since the computer is back.
Reads files, on the threads that plan; keeps what a person decided in the journal.
"""

from __future__ import annotations

import json
import os

from openmsi_desktop.core import moments
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal, text_of
from openmsi_desktop.core.open_file import open_for_reading
from openmsi_desktop.core.outgoing import Outgoing
from openmsi_desktop.streaming.power import PowerLoss, last_loss

_PIECE = 1024 * 1024
_PAGE = 4096
TAIL = 16 * 1024
"""Bytes of zeros at the end of a file, from the beginning of a page, that are no padding of a format any more."""


class Doubtful(NeedsYou):
    """A file that the loss of power has damaged, as it looks. A person decides."""


class Suspicion:
    """Judges the files of one task. :meth:`judge` may be called from any thread, the rest from the journal's."""

    def __init__(self, journal: Journal, task: str, *, how_to_send: str) -> None:
        """how_to_send: a sentence for the advice, with {local}."""
        self._journal = journal
        self._task = task
        self._how_to_send = how_to_send
        self._loss = last_loss(journal)
        self._accepted: dict[str, str] = json.loads(journal.get_meta(self._key) or "{}") if self._loss else {}

    def applies(self, fingerprint: Fingerprint) -> bool:
        """Nobody has touched this file since the computer came back from a loss of power."""
        return self._loss is not None and max(fingerprint.mtime_ns, fingerprint.ctime_ns) <= self._loss.back * 1e9

    def accept(self, path: str, fingerprint: Fingerprint) -> None:
        """A person wants this file as it is."""
        if self._loss is not None:
            self._accepted = {**self._accepted, text_of(path): _stamp(fingerprint)}
            self._journal.set_meta(self._key, json.dumps(self._accepted))

    def judge(self, plan: FilePlan, row: Outgoing | None) -> Doubtful | None:
        """What is wrong with this file; None: nothing. row: what the journal knows of it.

        Raises:
            RetryableError, NeedsYou: it cannot be read.
        """
        loss, found = self._loss, plan.fingerprint
        if loss is None or not self.applies(found) or self._is_accepted(plan.path, found):
            return None
        if row is not None and plan.sha512 in (_begun(row), row.sent_sha512):
            return None
        why = _against_what_is_known(plan, row) or _by_itself(plan, row, loss)
        return self._doubt(why, plan.local, row, loss) if why else None

    def at_sight(self, local: str, found: Fingerprint, row: Outgoing | None) -> Doubtful | None:
        """What can be told without reading, before the journal forgets what the file was like."""
        if self._loss is None or row is None or not self.applies(found) or self._is_accepted(row.path, found):
            return None
        why = next((w for before in (row.fingerprint, row.sent_fingerprint) if (w := _shorter(found, before))), "")
        return self._doubt(why, local, row, self._loss) if why else None

    @property
    def _key(self) -> str:
        return f"sent after power loss {self._task}"

    def _is_accepted(self, path: str, found: Fingerprint) -> bool:
        return self._accepted.get(text_of(path)) == _stamp(found)

    def _doubt(self, why: str, local: str, row: Outgoing | None, loss: PowerLoss) -> Doubtful:
        back = moments.local(loss.back)
        before = row is not None and row.sent_version is not None
        return Doubtful(
            f"{why} since this computer lost its power",
            f"Nobody has changed it since the computer came back on {back:%Y-%m-%d at %H:%M}, so this is no work of a "
            "program but damage. Nothing of it was sent. "
            + ("The version that was sent before is safe on the topic. " if before else "")
            + "Put the file right and it is sent by itself; "
            + self._how_to_send.format(local=local),
            path=local,
        )


def _against_what_is_known(plan: FilePlan, row: Outgoing | None) -> str:
    """Compared with the versions in the journal; empty: it is a later one, or none is known."""
    if row is None:
        return ""
    found = plan.fingerprint
    for before, sha512 in ((row.fingerprint, _begun(row)), (row.sent_fingerprint, row.sent_sha512)):
        if why := _shorter(found, before):
            return why
        if before is not None and sha512 is not None and (found.mtime_ns, found.size) == (before.mtime_ns, before.size):
            return "It holds only zeros" if _zeros_at_end(plan) == plan.size else "It holds other bytes"
    return ""


def _begun(row: Outgoing) -> bytes | None:
    """Hash of the version whose sending was interrupted."""
    return row.sha512 if row.state is FileState.SENDING else None


def _shorter(found: Fingerprint, before: Fingerprint | None) -> str:
    if before is None or not before.file_id or found.mtime_ns > before.mtime_ns or found.size >= before.size:
        return ""
    return "It is shorter" if found.size else "It is empty"


def _by_itself(plan: FilePlan, row: Outgoing | None, loss: PowerLoss) -> str:
    """A file that was last written in the life of the computer that ended badly."""
    if plan.fingerprint.mtime_ns < loss.began * 1e9:
        return ""
    if plan.size == 0:
        return "It is empty" if row is not None and row.fingerprint.size > 0 else ""
    zeros = _zeros_at_end(plan)
    if zeros == plan.size:
        return "It holds only zeros"
    whole = zeros - (-(plan.size - zeros) % _PAGE)
    return "Its end holds only zeros" if whole >= TAIL else ""


def _zeros_at_end(plan: FilePlan) -> int:
    """How many bytes at the end of the file are zeros. Reads no more of it than that."""
    if plan.data is not None:
        return len(plan.data) - len(plan.data.rstrip(b"\0"))
    zeros = 0
    with open_for_reading(plan.local) as file:
        at = plan.size
        while at > 0:
            start = max(0, at - _PIECE)
            file.seek(start, os.SEEK_SET)
            piece = file.read(at - start)
            ending = len(piece) - len(piece.rstrip(b"\0"))
            zeros += ending
            if ending < at - start:
                break
            at = start
    return zeros


def _stamp(fingerprint: Fingerprint) -> str:
    return f"{fingerprint.size} {fingerprint.mtime_ns} {fingerprint.ctime_ns} {fingerprint.file_id}"
