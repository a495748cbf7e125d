"""A few threads for requests. Unlike those of concurrent.futures they do not keep a program that wants to end."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Workers:
    """Runs jobs in the order in which they come. Threads are started when they are needed. Any thread."""

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._changed = threading.Condition()  # guards all below
        self._jobs: deque[Job] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._is_stopping = False

    def submit(self, job: Job) -> bool:
        """Run this when it is its turn; False if we are stopping."""
        with self._changed:
            if self._is_stopping:
                return False
            self._jobs.append(job)
            if self._idle < len(self._jobs) and len(self._threads) < self._count:
                thread = threading.Thread(target=self._run, name=f"{self._name} {len(self._threads) + 1}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return True

    def stop(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._is_stopping = True
            self._jobs.clear()
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """After stop(): wait for what runs; False if something still does. It ends by itself then, with its request."""
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:  # the top of a thread; jobs report their own errors
                log.exception("a job of %s failed", self._name)

    def _next(self) -> Job | None:
        with self._changed:
            while not self._jobs and not self._is_stopping:
                self._idle += 1
                self._changed.wait()
                self._idle -= 1
            return None if self._is_stopping else self._jobs.popleft()
