"""Says what happens to the files of one task: events for whoever listens, problems for the journal."""

from __future__ import annotations

from openmsi_desktop.core import moments
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, ProblemEvent, TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import Outgoing


class Teller:
    """The voice of one task. Belongs to the thread that owns the journal."""

    def __init__(self, journal: Journal, emit: Emit, *, key: str, name: str, topic: str) -> None:
        self._journal = journal
        self._emit = emit
        self._key = key
        self._name = name
        self._topic = topic

    def file(
        self,
        path: str,
        local: str,
        state: FileState,
        *,
        size: int | None = None,
        sha512: bytes | None = None,
        reason: str | None = None,
        chunks: tuple[int, int] | None = None,
    ) -> None:
        """A file changed its state. size in bytes; chunks: (done, total)."""
        self._emit(
            FileEvent(
                task=self._name,
                path=path,
                local=local,
                state=state,
                size=size,
                sha512=sha512.hex() if sha512 is not None else None,
                topic=self._topic,
                reason=reason,
                chunks_done=chunks[0] if chunks else None,
                chunks_total=chunks[1] if chunks else None,
            )
        )

    def arrived(self, row: Outgoing) -> None:
        """A file has arrived; its reason says where."""
        self.file(
            row.path,
            row.local,
            FileState.ARRIVED,
            size=row.sent_size,
            sha512=row.sent_sha512,
            reason=row.reason or None,
        )

    def problem(
        self,
        path: str,
        local: str,
        error: OpenMSIError,
        *,
        retry_at: float | None = None,
        state: FileState | None = FileState.PROBLEM,
    ) -> None:
        """Journal a problem of a file, and tell it if it is news. retry_at: seconds since 1970.

        state: the state that it means for the file; None if that stays what it is.
        """
        if not self._journal.add_problem(self._key, error.title, error.advice, path=path, retry_at=retry_at):
            return
        if state is not None:
            self.file(path, local, state, reason=error.title)
        moment = moments.utc(retry_at) if retry_at is not None else None
        self._emit(ProblemEvent(task=self._name, path=path, title=error.title, advice=error.advice, retry_at=moment))

    def solved(self, path: str) -> None:
        """The problems of this file are over."""
        self._journal.solve_problems(self._key, path=path)

    def task(self, error: OpenMSIError | None) -> None:
        """The task as a whole waits because of ``error``, or runs again."""
        state = TaskState.RUNNING if error is None else TaskState.WAITING
        title, advice = ("", "") if error is None else (error.title, error.advice)
        needs_you = isinstance(error, NeedsYou) or None
        self._emit(TaskEvent(task=self._name, state=state, title=title, advice=advice, needs_you=needs_you))
