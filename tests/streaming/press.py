"""A sink that works on several files at once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.streaming.sinks import Delivered, Outcome, PooledSink, ReceivedFile


class Press:
    """A pool of threads; ``work`` is what a test wants done with each file."""

    def __init__(self, name: str = "press", jobs: int = 3) -> None:
        self.name = name
        self.jobs = jobs
        self.work: Callable[[ReceivedFile], Outcome] = lambda file: Delivered(f"s3://b/{file.relative_path}")
        self.files: dict[str, bytes] = {}
        self.seen: list[ReceivedFile] = []
        self.prepared = 0
        self.in_hand: Counter[str] = Counter()
        self.most = 0
        self.twice: list[str] = []
        self.stopped = threading.Event()
        self.guard = threading.Lock()
        self.pool: ThreadPoolExecutor | None = None

    def __call__(self, journal: Journal) -> PooledSink:
        self.journal = journal
        return self

    def prepare(self) -> None:
        assert not self.in_hand
        self.prepared += 1

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        self.pool = self.pool or ThreadPoolExecutor(self.jobs)
        with self.guard:
            self.in_hand[file.relative_path] += 1
            self.most = max(self.most, self.in_hand.total())
            self.twice += [p for p, count in self.in_hand.items() if count > 1]
            self.seen.append(file)
        return self.pool.submit(self._press, file)

    def stop(self) -> None:
        self.stopped.set()

    def close(self) -> None:
        assert not self.in_hand
        if self.pool is not None:
            self.pool.shutdown()
            self.pool = None

    def _press(self, file: ReceivedFile) -> Outcome:
        try:
            data = file.path.read_bytes()
            outcome = self.work(file)
            if isinstance(outcome, Delivered):
                self.files[file.relative_path] = data
            return outcome
        finally:
            with self.guard:
                self.in_hand[file.relative_path] -= 1
                self.in_hand += Counter()

    def tries_of(self, path: str) -> list[int]:
        return [file.tries for file in self.seen if file.relative_path == path]
