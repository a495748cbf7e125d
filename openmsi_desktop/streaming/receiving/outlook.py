"""What a reader can say of itself: whether there is anything left to do, whether it has contact, whether it has to wait."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Collection, Mapping

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.events import TaskEvent, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.kafka.types import TELL_AFTER_S, Consumer, Partition, Trouble
from openmsi_desktop.streaming.receiving.aside import Errand
from openmsi_desktop.streaming.receiving.backlog import title_of
from openmsi_desktop.streaming.receiving.enquiry import Enquiry, watermarks
from openmsi_desktop.streaming.receiving.patience import forget_others
from openmsi_desktop.streaming.receiving.room import Room
from openmsi_desktop.streaming.receiving.telling import Teller

log = logging.getLogger(__name__)

_ASKED_S = 5.0
_END_S = 0.2
_FIRST_PROBE_S = 3.0
_PROBE_S = 5.0
_MARKS_S = 10.0


class Standing:
    """What other threads may know of a reader; each field is written by the reader's thread only, but for asked_at."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.monotonic = monotonic
        self.is_idle = False
        self.progress_at = monotonic()
        self.asked_at = float("-inf")
        self.out_of_contact_since: float | None = monotonic()
        self.sink_silent_since: float | None = None
        """Since when a bucket does not answer; None: all do, as far as is known."""
        self.contact_at: float | None = None
        """When the broker answered a question last, seconds since 1970; None: it does not run, or not yet."""
        self.free: int | None = None
        """Bytes free on the disk of the target."""

    def idle_for(self) -> float:
        """Seconds since there was something to do; 0 while there is, or while nobody can say. Asking costs the broker a question."""
        now = self.asked_at = self.monotonic()
        return now - self.progress_at if self.is_idle else 0.0

    def is_asked(self) -> bool:
        """Somebody waits for the end of the work: it is worth being quick about it."""
        return self.monotonic() - self.asked_at < _ASKED_S

    def no_contact_for(self) -> float:
        """Seconds without contact to the broker, or to a bucket that is needed; 0 while there is contact."""
        silent = [since for since in (self.out_of_contact_since, self.sink_silent_since) if since is not None]
        return self.monotonic() - min(silent) if silent else 0.0


class Outlook:
    """Keeps a Standing up to date, and tells of waiting. Used by the reader's thread, once in each turn."""

    def __init__(
        self,
        standing: Standing,
        tell: Teller,
        journal: Journal,
        *,
        consumer: Consumer,
        enquiry: Enquiry,
        room: Room,
        shortage: Callable[[], OpenMSIError | None],
        positions: Mapping[Partition, int],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """shortage: why no more files can be received, if there is no room for them."""
        self._standing = standing
        self._tell = tell
        self._journal = journal
        self._consumer = consumer
        self._enquiry = enquiry
        self._room = room
        self._shortage = shortage
        self._positions = positions
        self._monotonic = monotonic
        self._end: Errand[dict[Partition, tuple[int, int]]] | None = None
        self._end_at = float("-inf")
        self._overcome: tuple[float, int] | None = None  # trouble that is over: since, count
        self._probe: Errand[dict[Partition, tuple[int, int]]] | None = None
        self._probe_at = 0.0
        self._shown: tuple[TaskState, str] = (TaskState.RUNNING, "")

    def ready(self, sinks: Collection[str]) -> None:
        """Reading begins: what was told of the disk, of what waits for sinks, and of sinks that are not among these any more, in an
        earlier run is over."""
        journal, key = self._journal, self._tell.key
        journal.solve_problems(key, title=self._room.title)
        for title in {problem.title for problem in journal.problems(key) if not problem.path}:
            if title.startswith(title_of("")):
                journal.solve_problems(key, title=title)
        forget_others(journal, key, sinks)
        self._standing.progress_at = self._monotonic()

    def judge(self, *, has_work: bool, is_delivering: bool, delivered_at: float, read_at: float) -> None:
        """Is there nothing left to do? The broker is asked only while somebody wants to know.

        has_work: messages were read or cannot be read now, or what was read is not journalled. delivered_at: when something
        was last delivered. read_at: since when every read brought nothing.
        """
        standing, now = self._standing, self._monotonic()
        standing.progress_at = max(standing.progress_at, delivered_at)
        if has_work:
            standing.is_idle, self._end = False, None
            standing.progress_at = now
        elif is_delivering:
            standing.is_idle = False
        elif not standing.is_idle and standing.is_asked():
            standing.is_idle = self._has_read_all(now, read_at)

    def show(self) -> None:
        """Tell when receiving has to wait, and when it goes on.

        Raises:
            RetryableError: what stood in the way is put right, but this client does not know.
        """
        trouble = self._trouble()
        error = self._shortage()
        self._standing.free = self._room.free
        if error is not None and self._shown != (TaskState.WAITING, error.title):
            self._tell.problem(self._journal, error)
        if error is None and trouble is not None:
            since = self._standing.out_of_contact_since
            is_new = since is None or self._monotonic() - since < TELL_AFTER_S
            passes = isinstance(trouble.error, RetryableError) and is_new
            error = None if passes else trouble.error
        state = TaskState.RUNNING if error is None else TaskState.WAITING
        title, advice = ("", "") if error is None else (error.title, error.advice)
        if (state, title) != self._shown:
            if self._shown[0] is TaskState.WAITING:
                self._journal.solve_problems(self._tell.key, title=self._shown[1])
            self._shown = (state, title)
            needs_you = isinstance(error, NeedsYou) or None
            self._tell.emit(
                TaskEvent(task=self._tell.task, state=state, title=title, advice=advice, needs_you=needs_you)
            )

    def _has_read_all(self, now: float, read_at: float) -> bool:
        """Whether reading has come to the end of each partition, as far as the broker has answered by now."""
        if self._end is None:
            if now - self._end_at >= _END_S:
                self._end_at = now
                self._end = self._enquiry.ask(watermarks(self._positions))
            return False
        if not self._end.is_over:
            return False
        answer, self._end = self._end, None
        try:
            ends = answer.result()
        except OpenMSIError as error:
            log.info("%s: the end of the topics is not known: %s", self._tell.task, error)
            return False
        if now - read_at > _MARKS_S:
            return True  # what is left are marks of transactions, which are never handed out
        return all(position >= ends.get(where, (0, 0))[1] for where, position in self._positions.items())

    def _trouble(self) -> Trouble | None:
        """Why there is no contact. Where no message comes to prove the contrary, the broker is asked."""
        trouble, now, standing = self._consumer.trouble(), self._monotonic(), self._standing
        if trouble is None or (trouble.since, trouble.count) == self._overcome:
            standing.out_of_contact_since = None
            return None
        if standing.out_of_contact_since is None:
            standing.out_of_contact_since = now
            standing.is_idle = False
            self._probe_at = now + _FIRST_PROBE_S
        if self._probe is not None and self._probe.is_over:
            probe, self._probe = self._probe, None
            with contextlib.suppress(OpenMSIError):
                probe.result()
                self._overcome = (trouble.since, trouble.count)
            if self._overcome == (trouble.since, trouble.count) and isinstance(trouble.error, NeedsYou):
                # what a person put right, such as a file with certificates, only a new client reads
                raise RetryableError("The connection is made anew", "It works for those who connect now.")
        elif self._probe is None and now >= self._probe_at:
            self._probe_at = now + _PROBE_S
            self._probe = self._enquiry.ask(watermarks(list(self._positions)[:1]), is_rare=True)
        return trouble
