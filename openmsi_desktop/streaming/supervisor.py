"""Keeps a service going: run it, wait and try again, or give up. A plain loop; the thread is whoever calls it.

::

    starting --ready()--> running --returns--> stopped
       ^  \\________________  |
       |                     v v      RetryableError: 1, 2, 5 ... 20 s (DiskFull: at most 10 s)
       +--- delay over --- waiting    NeedsYou: 30 s
                                      SettingsError, anything else: failed
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from openmsi_desktop.core.errors import FULL_DELAY_S, DiskFull, NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.events import Emit, Event, ReadyEvent, TaskEvent, TaskState

DELAYS_S: tuple[float, ...] = (1, 2, 5, 10, 20)
"""After a network is back, nothing waits longer for the next attempt than the last one of these."""
NEEDS_YOU_DELAY_S = 30.0
GOOD_RUN_S = 300.0
"""After running that long, the delays begin anew."""

logger = logging.getLogger(__name__)


class Service(Protocol):
    """Something that runs until it is told to stop."""

    @property
    def name(self) -> str: ...

    @property
    def key(self) -> str:
        """What identifies it in the journal."""

    @property
    def kind(self) -> str:
        """watch, download, or one-off."""

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        """Work. Returns within 0.5 s of stop, or earlier when there is nothing left to do.

        Calls ready() once it has scanned, or has its position. Raises OpenMSIError.
        """


def supervise(
    service: Service,
    stop: threading.Event,
    emit: Emit,
    *,
    delays: Sequence[float] = DELAYS_S,
    monotonic: Callable[[], float] = time.monotonic,
    wait: Callable[[float], bool] | None = None,
    go_on: Callable[[OpenMSIError], bool] = lambda error: True,
) -> Exception | None:
    """Run a service until it ends, is stopped, or cannot be helped. Returns what it failed with, None if it did not.

    delays: seconds before each further attempt; the last one repeats. wait: waits that many seconds, and answers early
    with True if it is to stop. go_on: asked before waiting; False makes the error final.
    """
    wait = wait or stop.wait
    attempts = 0
    told_ready = False
    since: float | None = None

    def ready() -> None:
        nonlocal since, told_ready
        if since is not None:
            return
        since = monotonic()
        emit(TaskEvent(task=service.name, state=TaskState.RUNNING))
        if not told_ready:
            told_ready = True
            emit(ReadyEvent(task=service.name))

    while not stop.is_set():
        since = None
        emit(TaskEvent(task=service.name, state=TaskState.STARTING))
        try:
            service.run(stop, ready)
            break
        except (RetryableError, NeedsYou) as error:
            if stop.is_set():
                break
            logger.info("%s: %s", service.name, error)
            if not go_on(error):
                return _failed(service, emit, error)
            if since is not None and monotonic() - since >= GOOD_RUN_S:
                attempts = 0
            if isinstance(error, NeedsYou):
                delay = NEEDS_YOU_DELAY_S
            else:
                delay = delays[min(attempts, len(delays) - 1)]
                attempts += 1
                delay = min(delay, FULL_DELAY_S) if isinstance(error, DiskFull) else delay
            emit(_waiting(service, error, delay))
            if wait(delay):
                break
        except SettingsError as error:
            return _failed(service, emit, error)
        except Exception as error:
            logger.exception("%s ended by an error of the program", service.name)
            return _failed(service, emit, error)
    emit(TaskEvent(task=service.name, state=TaskState.STOPPED))
    return None


class Runner(Protocol):
    """A thread: of Python, or of the toolkit of the window."""

    def start(self) -> None: ...

    def join(self, timeout: float | None = None) -> None: ...

    def is_alive(self) -> bool: ...


MakeRunner = Callable[[Callable[[], None], str], Runner]
"""(what to run, name) -> a thread that was not started yet."""


def python_thread(run: Callable[[], None], name: str) -> Runner:
    """A thread that does not keep the process from ending."""
    return threading.Thread(target=run, name=name, daemon=True)


class ServiceThread:
    """One run of :func:`supervise` on a thread that bears the service's name. Not to be started twice."""

    def __init__(
        self,
        service: Service,
        emit: Emit,
        *,
        go_on: Callable[[OpenMSIError], bool] = lambda error: True,
        runner: MakeRunner = python_thread,
    ) -> None:
        self.service = service
        self.error: Exception | None = None
        """What it failed with; valid once :attr:`is_alive` is False."""
        self._emit = emit
        self._go_on = go_on
        self._telling = (
            threading.Lock()
        )  # protects _has_told_end; held while an event is told, so that the end is the last
        self._has_told_end = False
        self._stop = threading.Event()
        self._nudge = threading.Event()  # ends a delay; set after _stop
        self._thread = runner(self._run, service.name)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; returns at once. May be called again."""
        if not self._stop.is_set() and self.is_alive:
            self._tell(TaskEvent(task=self.service.name, state=TaskState.STOPPING))
        self._stop.set()
        self._nudge.set()

    def try_now(self) -> None:
        """If it waits before another attempt, make that attempt now. Any thread."""
        self._nudge.set()

    def join(self, timeout_s: float | None = None) -> bool:
        """Wait for the end; False if it has not come within timeout_s."""
        self._thread.join(timeout_s)
        return not self.is_alive

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def is_stopping(self) -> bool:
        """It was asked to end."""
        return self._stop.is_set()

    def _run(self) -> None:
        self.error = supervise(self.service, self._stop, self._tell, wait=self._wait, go_on=self._go_on)

    def _tell(self, event: Event) -> None:
        with self._telling:
            if not self._has_told_end:
                self._has_told_end = isinstance(event, TaskEvent) and event.state in (
                    TaskState.STOPPED,
                    TaskState.FAILED,
                )
                self._emit(event)

    def _wait(self, delay_s: float) -> bool:
        self._nudge.clear()
        if not self._stop.is_set():
            self._nudge.wait(delay_s)
        return self._stop.is_set()


def _waiting(service: Service, error: OpenMSIError, delay: float) -> TaskEvent:
    advice = f"{error.advice} Trying again in {delay:g} s.".lstrip()
    needs_you = isinstance(error, NeedsYou) or None
    return TaskEvent(task=service.name, state=TaskState.WAITING, title=error.title, advice=advice, needs_you=needs_you)


def _failed(service: Service, emit: Emit, error: Exception) -> Exception:
    if isinstance(error, OpenMSIError):
        title, advice = error.title, error.advice
    else:
        title = "This program has made a mistake"
        advice = f"The task has stopped; what is sent or received stays as it is. The details are in {_log_place()}."
    emit(TaskEvent(task=service.name, state=TaskState.FAILED, title=title, advice=advice))
    return error


def _log_place() -> str:
    """Where the traceback went, for a person."""
    names = ("", "openmsi_desktop")
    for handler in (handler for name in names for handler in logging.getLogger(name).handlers):
        if isinstance(handler, logging.FileHandler) and handler.baseFilename != os.path.abspath(os.devnull):
            return handler.baseFilename
    return "the log"
