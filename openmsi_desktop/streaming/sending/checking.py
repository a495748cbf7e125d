"""Sent -> Checked: what the reading back found, in the journal. Belongs to the sender's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles, unpack_offsets
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.readback import CheckJob, CheckResult, GoneBeforeChecked, ReadBack
from openmsi_desktop.streaming.sending.teller import Teller


@dataclass(frozen=True, slots=True)
class Returned:
    """A file that was not sent, or not as it was meant, given back to the service: it decides what becomes of it."""

    job: Job
    error: OpenMSIError


class Checking:
    """The versions of one sender that are being read back."""

    def __init__(
        self, read_back: ReadBack, files: OutgoingFiles, teller: Teller, *, is_in_hand: Callable[[str], bool]
    ) -> None:
        """is_in_hand: a later version of this path is on its way."""
        self._read_back = read_back
        self._files = files
        self._teller = teller
        self._is_in_hand = is_in_hand

    @property
    def outstanding(self) -> int:
        """Versions that are not decided yet."""
        return self._read_back.outstanding

    def submit(self, job: CheckJob) -> None:
        """Read this version back."""
        self._read_back.submit(job)

    def submit_row(self, row: Outgoing) -> None:
        """Read back a version that was Sent earlier, as the journal knows it."""
        if row.sha512 is None or row.partition is None or row.offsets is None:
            return
        offsets = unpack_offsets(row.offsets)
        self.submit(CheckJob(row.id, row.version, row.topic, row.partition, row.path, row.sha512, offsets))

    def take(self) -> tuple[bool, list[Returned]]:
        """Journal what was decided. (whether anything was, files that are to be looked at again)"""
        results = self._read_back.results()
        if not results:
            return False, []
        good = [r.job for r in results if r.error is None]
        self._files.checked((job.id, job.version) for job in good)
        known = self._files.known(r.job.path for r in results)
        returned = [self._judge(result, known.get(result.job.path)) for result in results]
        return True, [r for r in returned if r is not None]

    def close(self) -> None:
        """End the reading back; what is not decided can be checked at the next start."""
        self._read_back.close()

    def _judge(self, result: CheckResult, row: Outgoing | None) -> Returned | None:
        if row is None or row.sent_version != result.job.version:
            return None  # a later version is on its way already
        if result.error is None:
            self._teller.solved(row.path)
            self._teller.file(row.path, row.local, FileState.CHECKED, size=row.sent_size, sha512=row.sent_sha512)
            if row.state is FileState.ARRIVED:  # somebody was faster; that is what it stays
                self._teller.arrived(row)
            return None
        back = Returned(Job(row.path, row.local, row.fingerprint, row=row), result.error)
        if isinstance(result.error, GoneBeforeChecked):
            if not self._is_in_hand(row.path):
                self._files.back_to_sent(row, result.error.title)
            return back
        with self._files.journal.transaction():
            self._files.forget_sent([row.id])
            if row.state is not FileState.SENDING:  # else a later version is on its way and will replace it
                self._files.withdraw([row.id], FileState.PROBLEM, result.error.title)
        return None if self._is_in_hand(row.path) else back
