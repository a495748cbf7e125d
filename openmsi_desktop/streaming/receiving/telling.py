"""How a reader tells of its files and problems: events for whoever listens, problems also in the journal."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core import moments
from openmsi_desktop.core.deliveries import Waiting
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import Emit, FileEvent, FileState, ProblemEvent
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Part

SHOWN_MISSING = 1000
"""Missing chunks are listed up to this many."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Speaks for one task. task: the name people gave it; key: its name in the journal. May be used from any thread."""

    task: str
    key: str
    emit: Emit
    target: Path | None = None

    def part(self, part: Part, state: FileState, reason: str = "") -> None:
        """A version that is still arriving, or was given up."""
        self.emit(self.of_part(part, state, reason))

    def file(self, file: Waiting, state: FileState, *, local: str, reason: str) -> None:
        """A version that all chunks have arrived of."""
        self.emit(self.of_file(file, state, local=local, reason=reason))

    def of_part(self, part: Part, state: FileState, reason: str = "") -> FileEvent:
        """The event for :meth:`part`."""
        return FileEvent(
            task=self.task,
            path=part.path,
            local=self.local(part.path),
            state=state,
            size=part.known_size(),
            sha512=part.sha512.hex(),
            topic=part.topic,
            reason=reason or None,
            chunks_done=part.total if part.has_all else len(part.chunks),
            chunks_total=part.total,
            missing=part.chunks.missing(part.total, limit=SHOWN_MISSING) if state is FileState.INCOMPLETE else None,
        )

    def of_file(self, file: Waiting, state: FileState, *, local: str, reason: str) -> FileEvent:
        """The event for :meth:`file`."""
        return FileEvent(
            task=self.task,
            path=file.path,
            local=local or self.local(file.path),
            state=state,
            size=file.size,
            sha512=file.sha512.hex(),
            topic=file.topic,
            reason=reason or None,
            chunks_done=file.chunks_total,
            chunks_total=file.chunks_total,
        )

    def problem(
        self, journal: Journal, error: OpenMSIError, *, path: str | None = None, retry_at: float | None = None
    ) -> bool:
        """Something failed, for one file or (path None) the whole task. True if it is news; the journal counts repeats."""
        is_news = journal.add_problem(self.key, error.title, error.advice, path=path or "", retry_at=retry_at)
        if is_news:
            self.emit(
                ProblemEvent(
                    task=self.task,
                    title=error.title,
                    advice=error.advice,
                    path=path,
                    retry_at=None if retry_at is None else moments.utc(retry_at),
                )
            )
        return is_news

    def local(self, path: str) -> str:
        """Where a file of the topic will most likely lie here; empty without a folder."""
        return str(self.target / path) if self.target is not None else ""
