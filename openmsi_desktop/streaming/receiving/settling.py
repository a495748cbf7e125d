"""What a sink answered -> the journal and the people: outcomes of many files in one transaction."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Sequence

from openmsi_desktop.core.deliveries import Deliveries, Done, Over, Story
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.streaming.receipts.writing import ReceiptQueue
from openmsi_desktop.streaming.receiving.desk import Desk, Job, Lost
from openmsi_desktop.streaming.receiving.patience import delay_s
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import (
    Delivered,
    Failed,
    Outcome,
    RecordingSink,
    SpoolMissing,
    Superseded,
)

log = logging.getLogger(__name__)


class Settler:
    """Settles what one sink answered, on its thread."""

    def __init__(
        self,
        name: str,
        sink: object,
        desk: Desk,
        files: Deliveries,
        tell: Teller,
        *,
        receipts: ReceiptQueue | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._name = name
        self._receipts = receipts
        self._recorder = sink if isinstance(sink, RecordingSink) else None
        self._desk = desk
        self._files = files
        self._tell = tell
        self._now = now

    def settle(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """Journal it and tell of it; nobody but the desk has to do anything with the jobs then."""
        finished = self._note(jobs, outcomes)
        retry: list[tuple[Job, OpenMSIError, float]] = []
        problems: list[tuple[Job, OpenMSIError]] = []
        stories: list[Story] = []
        waiting: list[tuple[int, str, str]] = []
        with self._files.journal.transaction():
            for job, outcome in zip(jobs, outcomes, strict=True):
                if job.is_lost:
                    continue
                story, reason = self._story(job, outcome), ""
                if isinstance(outcome, Failed):
                    error, reason = self.explained(outcome.error), story.title
                    if outcome.is_final:
                        problems.append((job, error))
                    else:
                        retry.append((job, error, story.due_at))
                elif isinstance(outcome, Delivered):
                    if outcome.problem is not None:
                        problems.append((job, outcome.problem))
                    if self._receipts is not None:
                        self._receipts.delivered(job.waiting, self._name, outcome)
                    if self._recorder is not None:
                        self._recorder.settled(job.file, outcome)
                if job not in finished:
                    waiting.append((job.waiting.id, job.local, reason))
                if job not in finished or self._keeps(story):
                    stories.append(story)
            self._files.record(self._name, stories)
            self._files.still_wait(waiting)
            self._finish(finished, {story.number for story in stories})
        for job, error, due in retry:
            if self._tell.problem(self._files.journal, error, path=job.waiting.path, retry_at=due):
                self._tell.file(job.waiting, FileState.PROBLEM, local=job.local, reason=error.title)
        for job, problem in problems:
            self._tell.problem(self._files.journal, problem, path=job.waiting.path)
        for job, over in finished.items():
            self.gone(job, over.state, over.reason)

    def explained(self, error: Exception) -> OpenMSIError:
        """An error of a sink, as people get to see it."""
        if isinstance(error, OpenMSIError):
            return error
        return OpenMSIError(
            f"{self._name} failed with {type(error).__name__}",
            f"{error}. The file is kept and will be tried again; the log has the details.",
        )

    def gone(self, job: Job, state: FileState, reason: str) -> None:
        """Nobody needs the spool file any more."""
        self._desk.arrivals.gone(job.waiting.spool)
        try:
            os.unlink(job.file.path)
        except FileNotFoundError:
            pass  # the folder has taken it
        except OSError as error:
            log.warning("the part %s stays behind: %s", job.file.path, error)
        self._tell.file(job.waiting, state, local=job.local, reason=reason)

    def _note(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> dict[Job, Over]:
        """What the outcomes mean for the jobs; returns those that no sink is left for."""
        finished: dict[Job, Over] = {}
        with self._desk.lock:
            for job, outcome in zip(jobs, outcomes, strict=True):
                if isinstance(outcome, Failed) and not outcome.is_final:
                    if isinstance(outcome.error, SpoolMissing) and not job.is_lost:
                        job.is_lost = True
                        self._desk.backlog.add([-job.waiting.size], job.left)
                        self._desk.lost.put(Lost(job.waiting.id, job.waiting.spool))
                    continue
                if self._name in job.left and not job.is_lost:
                    self._desk.backlog.add([-job.waiting.size], [self._name])
                job.left.discard(self._name)
                if isinstance(outcome, Failed):
                    job.gave_up[self._name] = self.explained(outcome.error).title
                elif isinstance(outcome, Superseded):
                    job.declined = outcome.reason
                else:
                    job.notes += [outcome.note] if outcome.note else []
                    job.lies_at(outcome.local)
                if not job.left and not job.is_lost:
                    finished[job] = self._over(job)
        return finished

    def _over(self, job: Job) -> Over:
        number = job.waiting.id
        keeps = len(self._files.sinks) > 1 or bool(job.gave_up)
        if job.gave_up:
            return Over(number, FileState.PROBLEM, "; ".join(dict.fromkeys(job.gave_up.values())), job.local, keeps)
        if job.declined:
            return Over(number, FileState.SUPERSEDED, job.declined, job.local, keeps)
        return Over(number, FileState.DELIVERED, "; ".join(job.notes), job.local, keeps)

    def _story(self, job: Job, outcome: Outcome) -> Story:
        number = job.waiting.id
        if isinstance(outcome, Delivered):
            return Story(number, Done.YES, note=outcome.note, local=outcome.local, output=outcome.output)
        if isinstance(outcome, Superseded):
            return Story(number, Done.YES, declined=outcome.reason)
        error = self.explained(outcome.error)
        if outcome.is_final:
            return Story(number, Done.GAVE_UP, error.title, error.advice, output=outcome.output)
        due = self._now() + delay_s(error, job.waiting.tries.get(self._name, 0))
        return Story(number, Done.NO, error.title, error.advice, due, output=outcome.output)

    def _keeps(self, story: Story) -> bool:
        """Whether a story is worth keeping when everything is over: 100,000 files must not cost as many rows for nothing."""
        return len(self._files.sinks) > 1 or story.done is Done.GAVE_UP or bool(story.output)

    def _finish(self, finished: dict[Job, Over], kept: set[int]) -> None:
        """Inside the transaction. kept: versions of which there is a story."""
        self._files.finish_all(over._replace(keeps=over.keeps or over.number in kept) for over in finished.values())
        journal, key = self._files.journal, self._tell.key
        troubles = journal.troubles(key, {job.waiting.path for job in finished})
        for job, over in finished.items():
            for title in troubles.get(job.waiting.path, set()) - set(job.gave_up.values()):
                journal.solve_problems(key, path=job.waiting.path, title=title)
            if job.waiting.path in troubles and over.state is FileState.DELIVERED:
                self._files.replace_given_up(over.number)
