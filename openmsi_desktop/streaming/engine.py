"""Settings -> running services. Holds the data folder, records the states of tasks, and has requests served.

One Engine holds the data folder (profile.lock) for as long as it runs. It knows no Qt and no terminal:
the command line and the window both use it. Who runs when is decided by :class:`Crew`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.core.events import Emit, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.settings import Settings, WatchedFolder
from openmsi_desktop.settings_form import as_json
from openmsi_desktop.streaming import left_behind, power
from openmsi_desktop.streaming.awakening import Awakening
from openmsi_desktop.streaming.clerk import Clerk
from openmsi_desktop.streaming.connections import Connections, SecretOf
from openmsi_desktop.streaming.crew import Crew, Post, StreamingService, Work
from openmsi_desktop.streaming.health_notes import HealthNotes
from openmsi_desktop.streaming.kafka.refusals import forget_all
from openmsi_desktop.streaming.keys import Task, task_key, tasks_of
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.copies import Copies
from openmsi_desktop.streaming.sending.errands import Errands
from openmsi_desktop.streaming.sending.limiter import Ceiling
from openmsi_desktop.streaming.supervisor import MakeRunner, ServiceThread, python_thread
from openmsi_desktop.streaming.task_states import TaskStates, Voice

if TYPE_CHECKING:
    from openmsi_desktop.streaming.sinks.bucket.orphans import Orphans

log = logging.getLogger(__name__)

_TURN_S = 0.3
"""Seconds between two looks at the requests in the journal."""
_LAST_TURN_S = 0.3
_TIDY_S = 60.0


class Engine:
    """All tasks of some settings. start() and stop() belong to one thread; the rest may be called from any."""

    def __init__(
        self,
        settings: Settings,
        *,
        data: Path,
        emit: Emit,
        secret_of: SecretOf,
        if_journal_lost: str | None = None,
        again: Sequence[str] = (),
        read_settings: Callable[[], Settings] | None = None,
        go_on: Callable[[OpenMSIError], bool] = lambda error: True,
        runner: MakeRunner = python_thread,
        now: Callable[[], float] = time.time,
    ) -> None:
        """if_journal_lost: ``resend`` or ``trust-existing``. again: topic paths that downloads write once more.
        read_settings: for the request ``reload``. go_on: see :func:`supervise`. runner: makes the threads of the tasks."""
        self.settings = settings
        self.profile = Profile(data)
        self._emit = emit
        self._if_journal_lost = if_journal_lost
        self._again = tuple(again)
        self._read_settings = read_settings
        self._now = now
        self._secret_of = secret_of
        self._connections = Connections(secret_of, notes=self.profile.refusals)
        self._crew = Crew(go_on=go_on, runner=runner)
        self._news = threading.Event()  # the thread of the requests has something to do
        self._states = TaskStates(self._news)
        self._health = HealthNotes()
        self._awakening = Awakening(now)
        self._ceiling = Ceiling(settings.limit)
        self._errands = Errands(self.profile, self._connections, emit, ceiling=self._ceiling, runner=runner)
        self._orphans: Orphans | None = None  # made when there is something to look for
        self._journal_lost_at: float | None = None
        self._lock: Lock | None = None
        self._tidy_at = 0.0  # on the monotonic clock
        self._changing = threading.Lock()  # held by a reload: one after the other
        self._stop = threading.Event()
        self._ended = threading.Event()  # nothing will change any more
        self._control: threading.Thread | None = None

    # -- life

    def start(self) -> None:
        """Take the data folder, and start every task that is not paused.

        Raises:
            NeedsYou: another process streams with this data folder, or it cannot be used.
            SettingsError: two tasks have the same work.
        """
        check_tasks(self.settings)
        self.profile.prepare()
        self._lock = self.profile.lock()
        forget_all(self.profile.refusals)  # whoever starts it wants the password to be tried
        journal: Journal | None = None
        try:
            journal = self.profile.open_journal()
            self._journal_lost_at = self.profile.journal_lost_at(journal)
            self.profile.installation_id()
            power.begin(journal)
            self._take_over(self.settings, journal)
        except BaseException:
            if journal is not None:
                journal.close()
            self._give_back([])
            raise
        self._control = threading.Thread(target=self._serve, args=[journal], name="requests", daemon=True)
        self._control.start()

    def stop(self, timeout_s: float = 3.0) -> None:
        """Stop everything in order; what does not end in time is left to end with the process."""
        end = time.monotonic() + timeout_s
        self._stop.set()
        self._news.set()
        self._errands.stop()
        left = self._crew.end(max(0.0, end - time.monotonic() - _LAST_TURN_S))
        left += self._errands.end(max(0.0, end - time.monotonic() - _LAST_TURN_S))
        if self._orphans is not None:
            self._orphans.end(max(0.0, end - time.monotonic() - _LAST_TURN_S))
        for thread in left:
            log.warning("%s did not stop in time", thread.service.name)
        self._ended.set()
        if self._control is not None:
            self._control.join(max(_LAST_TURN_S, end - time.monotonic()))
        self._give_back(left)

    def reload(self, settings: Settings) -> str:
        """Go over to other settings: only tasks that changed are stopped and started. Returns a sentence about it.

        Raises:
            SettingsError: two tasks have the same work. Nothing has changed then.
            NeedsYou, RetryableError: the journal cannot be read.
        """
        with closing(self.profile.open_journal()) as journal:
            return self._take_over(settings, journal)

    # -- what is going on

    @property
    def services(self) -> list[StreamingService]:
        """Every task's service, paused ones too."""
        return [p.service for p in self._crew.posts]

    @property
    def states(self) -> dict[str, TaskState]:
        """What each task said last, by its key."""
        return {p.service.key: p.state for p in self._crew.posts}

    def idle_for(self) -> float:
        """Seconds since any task had something to do; 0 while one has. One that waits for something is not idle."""
        active = [p for p in self._crew.posts if (p.is_wanted or p.is_alive) and not p.has_ended]
        if any(p.state is not TaskState.RUNNING for p in active):
            return 0.0
        return min([*(p.service.idle_for() for p in active), self._errands.idle_for()])

    def no_contact_for(self) -> float:
        """Seconds for which the task with the longest trouble has had no contact to its broker."""
        return max((p.service.no_contact_for() for p in self._crew.posts if p.is_alive), default=0.0)

    def failures(self) -> dict[str, Exception]:
        """Tasks that ended by an error: key -> the error."""
        ended = [p.thread for p in self._crew.posts if p.thread is not None and not p.is_alive]
        return {t.service.key: t.error for t in ended if t.error is not None}

    @property
    def is_over(self) -> bool:
        """Every task has ended by itself. Not so if one is paused, or if there are none."""
        return self._crew.is_over

    # -- tasks

    def _take_over(self, settings: Settings, journal: Journal) -> str:
        check_tasks(settings)
        wanted = {task_key(t): Work.of(t, settings) for t in tasks_of(settings)}
        with self._changing:
            here = {p.service.key: p for p in self._crew.posts}
            gone = [key for key, p in here.items() if wanted.get(key) != p.work]
            fresh = {
                key: self._post(key, work, journal) for key, work in wanted.items() if key not in here or key in gone
            }
            for post in fresh.values():
                post.voice.introduce(as_json(post.task))
            self._states.write(journal)
            if self._read_settings is not None:  # a command knows its own tasks only
                left_behind.tell(journal, {key: work.task for key, work in wanted.items()})
            self._keep_pauses([here[key] for key in gone if key not in wanted], fresh, journal)
            self.settings = settings
            self._ceiling.change(settings.limit)
            self._crew.change(gone, fresh)
        self._news.set()
        changed = len(fresh.keys() & here.keys())
        return told(len(fresh) - changed, changed, len(gone) - changed, len(here) - len(gone))

    def _keep_pauses(self, left: Sequence[Post], fresh: Mapping[str, Post], journal: Journal) -> None:
        """A task that was given another folder or topic is another one in the journal; a person who has paused it did not ask it
        to run.
        """
        pauses = {(p.service.kind, p.service.name): p.paused_until for p in left if p.paused_until is not None}
        for key, post in fresh.items():
            until = pauses.get((post.service.kind, post.service.name))
            if until is not None and post.paused_until is None:
                journal.pause(key, until)
                post.paused_until, post.is_wanted = until, False

    def _post(self, key: str, work: Work, journal: Journal) -> Post:
        voice = Voice(key, work.kind, work.task.title, states=self._states, emit=self._emit, ready=self._ready)
        row = journal.task(key)
        pause = row.paused_until if row is not None else None
        return Post(
            work,
            self._service(work, key, voice),
            voice,
            paused_until=pause if pause is not None and pause > self._now() else None,
        )

    def _service(self, work: Work, key: str, emit: Emit) -> StreamingService:
        """Loads only what this kind of task needs: that is half of the time a command takes to start."""
        task = work.task
        broker = self._connections.broker(work.connection)
        if isinstance(task, WatchedFolder):
            from openmsi_desktop.streaming.sending.producer import FolderProducer

            return FolderProducer(
                task,
                broker,
                self.profile,
                emit,
                key=key,
                journal_lost_at=self._journal_lost_at,
                if_journal_lost=self._if_journal_lost,
                ceiling=self._ceiling,
            )
        from openmsi_desktop.streaming.receiving.consumer import TopicConsumer
        from openmsi_desktop.streaming.sinks.making import SinkTools, sink_factory

        is_alone = task.target is None and len(work.sinks) == 1
        tools = SinkTools(key, broker, self.profile, self._secret_of, now=self._now, is_alone=is_alone)
        sinks = [sink_factory(sink, tools) for sink in work.sinks]
        return TopicConsumer(task, broker, self.profile, emit, key=key, kind=work.kind, again=self._again, sinks=sinks)

    def _ready(self, key: str) -> None:
        with closing(self.profile.open_journal()) as journal:
            journal.set_ready(key)

    # -- the thread of the requests

    def _serve(self, journal: Journal) -> None:
        clerk = Clerk(self._crew, journal, reload=self._answer_reload, hurry=self._errands.hurry)
        with closing(journal):
            while not self._stop.is_set():
                self._turn(clerk, journal)
                self._news.wait(_TURN_S)
                self._news.clear()
            self._ended.wait()
            self._try(lambda: self._states.write(journal))
            self._try(lambda: power.end(journal))

    def _tidy(self, journal: Journal) -> None:
        """Now and then: whoever copies journal.db alone, or loses the rest, should have nearly everything; and a task
        that was removed keeps no room on the disk.
        """
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + _TIDY_S
            journal.checkpoint()
            if self.profile.copies.exists():
                from openmsi_desktop.core.outgoing import OutgoingFiles

                Copies(self.profile.copies).tidy(OutgoingFiles(journal, "", "").hashes_being_sent())
            self._tidy_uploads(journal)

    def _tidy_uploads(self, journal: Journal) -> None:
        """A task that was removed leaves nothing unfinished in a bucket."""
        if self._orphans is None:
            if not journal.query("SELECT 1 FROM uploads LIMIT 1"):
                return
            from openmsi_desktop.streaming.sinks.bucket.orphans import Orphans

            self._orphans = Orphans(self.profile.open_journal, self._secret_of, now=self._now)
        owners = {(post.service.key, sink.name) for post in self._crew.posts for sink in post.work.sinks}
        self._orphans.look(journal, owners, self.settings.buckets)

    def _wake_up(self) -> None:
        """After a sleep of the computer nobody waits for another attempt, and folders are looked through."""
        if not self._awakening.has_slept():
            return
        log.info("the computer has slept: everything that waits tries again")
        for post in self._crew.posts:
            post.service.ask("retry")
            if isinstance(post.task, WatchedFolder):
                post.service.ask("rescan")
            if post.is_wanted and not post.has_ended:
                self._crew.try_now(post)

    def _turn(self, clerk: Clerk, journal: Journal) -> None:
        self._try(self._wake_up)
        self._try(lambda: self._states.write(journal))
        self._try(self._crew.step)
        self._try(clerk.serve)
        self._try(lambda: self._end_pauses(journal))
        self._try(lambda: self._health.write(journal, self.services))
        self._try(lambda: self._errands.look(journal))
        self._try(lambda: self._tidy(journal))

    def _try(self, duty: Callable[[], None]) -> None:
        """One duty that fails does not keep the thread from the others."""
        try:
            duty()
        except OpenMSIError as error:
            log.warning("requests and states have to wait: %s", error)
        except Exception:  # the top of the thread
            log.exception("a duty of the engine failed")

    def _end_pauses(self, journal: Journal) -> None:
        for post in self._crew.end_pauses(self._now()):
            journal.resume(post.service.key)

    def _answer_reload(self) -> str:
        if self._read_settings is None:
            return "These tasks come from the command line; there is no settings file to read again."
        try:
            return "Settings read again: " + self.reload(self._read_settings())
        except SettingsError as error:
            return f"The settings were not taken over; everything goes on as before. {error}"

    # -- the end

    def _give_back(self, left: Sequence[ServiceThread]) -> None:
        """Let others have the data folder, once nothing of ours works with it any more."""
        lock, self._lock = self._lock, None

        def give_back() -> None:
            for thread in left:
                thread.join()
            self.profile.disown()
            if lock is not None:
                lock.release()

        if left:
            threading.Thread(target=give_back, name="last to leave", daemon=True).start()
        else:
            give_back()


def check_tasks(settings: Settings) -> None:
    """Two tasks must not share their files and positions.

    Raises:
        SettingsError: two of them would.
    """
    seen: dict[str, Task] = {}
    for task in tasks_of(settings):
        other = seen.setdefault(task_key(task), task)
        if other is not task:
            raise SettingsError(
                f'The tasks "{other.title}" and "{task.title}" have the same work',
                "They would get in each other's way. Make one task of them, or give one of them another folder.",
            )


def told(started: int, changed: int, ended: int, kept: int) -> str:
    """What a reload has done, for whoever asked."""
    parts = [(started, "started"), (changed, "changed"), (ended, "ended"), (kept, "as before")]
    return ", ".join(f"{number} {what}" for number, what in parts if number or what == "as before") + "."
