"""QThreads: one for each streaming task, and a pool for everything that may take longer than a blink.

Nothing that can wait for a disk, the network, the keyring or another program runs on the GUI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from PySide6.QtCore import QDeadlineTimer, QObject, Qt, QThread, Signal, Slot
from shiboken6 import isValid

log = logging.getLogger(__name__)

T = TypeVar("T")


class _Run(QThread):
    def __init__(self, run: Callable[[], None], name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._to_do = run

    def run(self) -> None:
        self._to_do()


class TaskThread:
    """A QThread with the face of a Python thread, for :class:`~openmsi_desktop.streaming.supervisor.ServiceThread`.

    It is asked to end by its service, and never terminated.
    """

    _left: ClassVar[set[_Run]] = set()  # a QThread that runs must not be destroyed

    def __init__(self, run: Callable[[], None], name: str) -> None:
        self._thread = _Run(run, name)

    def start(self) -> None:
        TaskThread._left = {t for t in TaskThread._left if not t.isFinished()} | {self._thread}
        self._thread.start()

    def join(self, timeout: float | None = None) -> None:
        forever = QDeadlineTimer(QDeadlineTimer.ForeverConstant.Forever)
        self._thread.wait(forever if timeout is None else QDeadlineTimer(max(0, round(timeout * 1000))))

    def is_alive(self) -> bool:
        return self._thread.isRunning()


@dataclass(frozen=True, slots=True)
class _Call:
    owner: QObject
    future: Future[Any]
    then: Callable[[Any], None]
    failed: Callable[[Exception], None] | None


class Background(QObject):
    """Runs functions on threads of its own and hands their results to the GUI thread.

    A result that comes after its receiver (``owner``) was deleted is dropped.
    """

    _done = Signal(object)

    def __init__(self, parent: QObject | None = None, *, threads: int = 4) -> None:
        super().__init__(parent)
        self._has_ended = False
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="window")
        self._own = ThreadPoolExecutor(threads, thread_name_prefix="window first")
        self._done.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
        *,
        is_own: bool = False,
    ) -> None:
        """Call work() on another thread, then then(result) on this one, or failed(error).

        failed: what the window does about an error; without it, it counts as a mistake of the program.
        is_own: it waits for the data folder or the settings only, and must not wait for what waits for anything else.
        """
        if self._has_ended:  # a timer of a window that is still there
            log.debug("nothing is begun any more")
            return
        pool = self._own if is_own else self._pool
        pool.submit(work).add_done_callback(lambda future: self._hand_over(_Call(owner, future, then, failed)))

    def end(self) -> None:
        """Begin nothing new; what runs is left to end with the process."""
        self._has_ended = True
        for pool in (self._pool, self._own):
            pool.shutdown(wait=False, cancel_futures=True)

    def _hand_over(self, call: _Call) -> None:
        try:
            self._done.emit(call)
        except RuntimeError:  # the program has ended meanwhile, and this object with it
            log.debug("a result came after the end of the window")

    @Slot(object)
    def _deliver(self, call: _Call) -> None:
        if not isValid(call.owner) or call.future.cancelled():
            return
        error = call.future.exception()
        if error is None:
            call.then(call.future.result())
        elif call.failed is not None and isinstance(error, Exception):
            call.failed(error)
        else:
            raise error
