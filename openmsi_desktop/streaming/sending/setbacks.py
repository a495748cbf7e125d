"""Files that could not be sent: why, and when they are tried again. Belongs to the thread of the FolderProducer."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Sequence

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import FileChanged, NeedsYou, OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.open_file import NotAllowed
from openmsi_desktop.core.outgoing import DONE, Outgoing, OutgoingFiles, Sighting
from openmsi_desktop.streaming.kafka.errors import MessageTooLarge
from openmsi_desktop.streaming.sending.checking import Returned
from openmsi_desktop.streaming.sending.findings import UNSEEN, Findings
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.power_loss import Doubtful
from openmsi_desktop.streaming.sending.readback import GoneBeforeChecked
from openmsi_desktop.streaming.sending.refusals import Refusals
from openmsi_desktop.streaming.sending.teller import Teller

RETRY_S = (5.0, 15.0, 60.0, 300.0)
"""Seconds until a file that could not be sent is tried again; the last one repeats."""
UNSEEN_S = 15.0
"""Seconds until a file that cannot be seen is looked for again."""
GONE = "It vanished before it was sent"
CHANGED = "it changed while it was being sent; that version was withdrawn"


class Setbacks:
    """What the sender gave back."""

    def __init__(
        self,
        files: OutgoingFiles,
        findings: Findings,
        teller: Teller,
        *,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._files = files
        self._findings = findings
        self._teller = teller
        self._now = now
        self._monotonic = monotonic
        self._retries: list[tuple[float, str]] = []
        self._refusals = Refusals(files, teller)

    def take(self, returned: Sequence[Returned]) -> None:
        """These files were not sent: look at them again, now or later, or say that they are gone."""
        if not returned:
            return
        # before and after, because a dead network share would lock the journal for everybody
        stats = [self._findings.stat(self._findings.relative(r.job.path)) for r in returned]
        changed: list[str] = []
        with self._files.journal.transaction():
            for one, stat in zip(returned, stats, strict=True):
                self._judge(one, stat, changed)
            self._refusals.tell()
        for path in changed:
            relative = self._findings.relative(path)
            if not self._findings.look_again(relative):
                self._unseen(path, relative)

    def _judge(self, returned: Returned, stat: os.stat_result | None, changed: list[str]) -> None:
        job, error = returned.job, returned.error
        relative = self._findings.relative(job.path)
        if isinstance(error, GoneBeforeChecked):
            self._teller.problem(job.path, job.local, error, state=None)
        elif self._findings.ignore_now(job.path):
            return
        elif self._findings.is_gone(job.path):
            self.not_sent(job.path, job.local, vanished(job.local), retry=False)
        elif stat is None and not isinstance(error, MessageTooLarge):
            self._unseen(job.path, relative)
        elif isinstance(error, Doubtful) and stat is not None:
            if Fingerprint.of(stat) == job.fingerprint:
                self._held(job, error)
            else:
                changed.append(job.path)
        elif isinstance(error, FileChanged):
            row = self._files.known([job.path]).get(job.path)
            if row is not None:
                state = FileState.CHANGED if row.sent_version is not None else FileState.WAITING
                self._files.set_state([row.id], state, CHANGED)
            self._teller.file(job.path, job.local, FileState.CHANGED, size=job.size, reason=CHANGED)
            changed.append(job.path)
        else:
            self.not_sent(job.path, job.local, error, retry=not isinstance(error, MessageTooLarge), stat=stat)

    def _held(self, job: Job, error: Doubtful) -> None:
        self._files.record([Sighting(job.path, job.local, FileState.HELD, error.title, job.fingerprint)])
        self._files.withdraw([self._files.known([job.path])[job.path].id], FileState.HELD, error.title)
        self._teller.problem(job.path, job.local, error, state=FileState.HELD)

    def _unseen(self, path: str, relative: str) -> None:
        """The file cannot be seen. Whether it is gone, or its disk is, the watcher will tell."""
        row = self._files.known([path]).get(path)
        if row is None or row.state in DONE or row.state is FileState.IGNORED or row.reason == GONE:
            return
        self._files.withdraw([row.id], FileState.WAITING, UNSEEN)
        heapq.heappush(self._retries, (self._monotonic() + UNSEEN_S, relative))

    def vanished(self, row: Outgoing) -> None:
        """A file is gone of which something is on the topic already."""
        self.not_sent(row.path, row.local, vanished(row.local), retry=False)

    def not_sent(
        self, path: str, local: str, error: OpenMSIError, *, retry: bool, stat: os.stat_result | None = None
    ) -> None:
        """Record why a file was not sent, and when it is tried again. stat: of the file, if anything is to be seen."""
        row = self._files.known([path]).get(path)
        relative = self._findings.relative(path)
        if row is None:
            fingerprint = Fingerprint.of(stat) if stat else Fingerprint(0, 0, 0, "")
            self._files.record([Sighting(path, local, FileState.PROBLEM, error.title, fingerprint)])
            row = self._files.known([path])[path]
        delay = RETRY_S[min(row.tries, len(RETRY_S) - 1)] if retry else None
        at = self._now() + delay if delay is not None else None
        self._files.withdraw([row.id], FileState.PROBLEM, error.title, retry_at=at)
        if delay is not None:
            heapq.heappush(self._retries, (self._monotonic() + delay, relative))
        if isinstance(error, NotAllowed):
            self._refusals.add(row, error, at)
        else:
            self._teller.problem(path, local, error, retry_at=at)

    def next_due(self) -> float | None:
        """When :meth:`retry_due` should be called next, on the monotonic clock."""
        return self._retries[0][0] if self._retries else None

    def retry_due(self) -> None:
        """Look again at the files whose time has come."""
        now = self._monotonic()
        while self._retries and self._retries[0][0] <= now:
            relative = heapq.heappop(self._retries)[1]
            if not self._findings.look_again(relative):
                self._unseen(self._findings.path(relative), relative)

    def retry_now(self, path: str) -> None:
        """A person does not want to wait. path: on the topic or on this computer; empty: every file with a problem."""
        local = os.path.normcase(os.path.abspath(path))
        states = [FileState.PROBLEM, FileState.HELD] if path else [FileState.PROBLEM]
        rows = [
            r for r in self._files.in_states(states) if not path or path == r.path or local == os.path.normcase(r.local)
        ]
        self._files.set_state([r.id for r in rows if r.state is FileState.HELD], FileState.FOUND)
        meant = [self._findings.relative(r.path) for r in rows]
        passed_over = set(meant)
        self._retries = [r for r in self._retries if r[1] not in passed_over]
        heapq.heapify(self._retries)
        for relative in meant:
            self._findings.look_again(relative)


def vanished(local: str) -> NeedsYou:
    """What is said of a file that is gone before it was sent."""
    return NeedsYou(
        GONE,
        "The file was deleted, renamed or moved while it was to be sent. What was sent of it is never shown as a whole file.",
        path=local,
    )
