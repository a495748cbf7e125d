"""Somebody's Python class works on files: a pool of processes of their own, which crash, hang and leak without any harm to us."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from openmsi_desktop.core.chunk import result_key
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks.processor import python_class_words as words
from openmsi_desktop.streaming.sinks.processor.children import environment, stopped
from openmsi_desktop.streaming.sinks.processor.interpreter import interpreter
from openmsi_desktop.streaming.sinks.processor.python_class_worker import (
    CLOSE_S,
    Answer,
    Lost,
    Start,
    Trouble,
    Worker,
    results_of,
)
from openmsi_desktop.streaming.sinks.processor.runner import RESULT_BYTES, Ran, Work

START_S = 300.0
"""Seconds that importing a class and making it may take."""
GROWTH_BYTES = 1_000_000_000
"""A process that takes so much more memory than after its first file is replaced between two files: its class leaks."""


class ClassRunner:
    """A Runner. Each process works on one file at a time; only a class of OpenMSIStream has one process with several threads,
    for its instances share a lock (see processing_openmsistream.py)."""

    def __init__(self, described: Processor, *, trial: str = "") -> None:
        """described: with a ``class_``. trial: a folder for what the class writes into its own output folder; only to try it."""
        self._described = described
        self._trial = trial
        self._stop = threading.Event()
        self._starting = threading.Lock()  # one process is started after the other
        self._one_alone = threading.Lock()  # _alone
        self._alone: Worker | None = None
        self._lock = threading.Lock()  # _idle, _shared, _ending, _suspects
        self._suspects = 0
        self._idle: list[Worker] = []
        self._shared: Worker | None = None
        self._ending: list[Worker] = []

    def prepare(self) -> None:
        with self._lock:
            is_warm = bool(self._idle or self._shared)
        if not is_warm:
            with self._starting:
                self._keep(self._start())

    def run(self, work: Work) -> Ran:
        try:
            answer = self._ask(work)
        except Lost as lost:
            if lost.is_stopped or self._stop.is_set():
                raise stopped() from lost
            return Ran(output=lost.output, error=words.lost(self._described, lost))
        if answer.error is not None:
            return Ran(output=words.output(answer), error=words.failed(self._described, answer.error))
        results = results_of(answer, result_key(work.relative_path))
        if any(len(result.value) > RESULT_BYTES for result in results):
            return Ran(output=words.output(answer), error=words.too_big(self._described))
        return Ran(results, words.output(answer))

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        with self._lock:
            known = [*self._idle, *self._ending, self._shared, self._alone]
            workers = [worker for worker in known if worker is not None]
            self._idle, self._ending, self._shared, self._alone = [], [], None, None
        for worker in workers:
            worker.begin_close()
        end = time.monotonic() + CLOSE_S
        for worker in workers:
            worker.close(end=end)

    # -- one file

    def _ask(self, work: Work) -> Answer:
        """Raises Lost, NeedsYou, RetryableError."""
        with self._worker() as worker:
            try:
                return self._asked(worker, work)
            except Lost as lost:
                if lost.is_blamed or lost.is_stopped:
                    raise
        # one of several files was its end, and perhaps not this one: it has a process to itself now
        return self._ask_alone(work)

    def _ask_alone(self, work: Work) -> Answer:
        """Raises as _ask(). One of those that were in hand together after the other, all in one process if it lives."""
        with self._lock:
            self._suspects += 1
        try:
            with self._one_alone:
                worker, self._alone = self._alone or self._start(), None
                is_whole = False
                try:
                    answer = self._asked(worker, work)
                    is_whole = True
                    return answer
                finally:
                    with self._lock:
                        is_last = self._suspects == 1
                    if is_whole and not is_last:
                        self._alone = worker
                    else:
                        worker.close()
        finally:
            with self._lock:
                self._suspects -= 1

    def _asked(self, worker: Worker, work: Work) -> Answer:
        answer = worker.ask(work)
        if answer.trouble is not None:
            raise words.trouble(self._described, answer.trouble)
        return answer

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = self._take()
        is_whole = False
        try:
            yield worker
            is_whole = True
        finally:
            self._give_back(worker, is_whole=is_whole)

    def _take(self) -> Worker:
        if (worker := self._waiting()) is not None:
            return worker
        with self._starting:
            if (worker := self._waiting()) is not None:
                return worker
            self._keep(self._start())
            worker = self._waiting()
            assert worker is not None
            return worker

    def _waiting(self) -> Worker | None:
        with self._lock:
            return self._shared or (self._idle.pop() if self._idle else None)

    def _keep(self, worker: Worker) -> None:
        with self._lock:
            if worker.is_shared:
                self._shared = worker
            else:
                self._idle.append(worker)

    def _give_back(self, worker: Worker, *, is_whole: bool) -> None:
        with self._lock:
            if is_whole and worker.growth <= GROWTH_BYTES:
                if not worker.is_shared:
                    self._idle.append(worker)
            else:
                if worker is self._shared:
                    self._shared = None
                if worker not in self._ending:
                    self._ending.append(worker)
            is_clear = not self._ending
        if not is_clear:
            self._clear()

    def _clear(self) -> None:
        """Let go of the processes that have nothing in hand any more."""
        with self._lock:
            done = [worker for worker in self._ending if not worker.in_hand]
            self._ending = [worker for worker in self._ending if worker.in_hand]
        for worker in done:
            worker.close()

    # -- starting

    def _start(self) -> Worker:
        """A process that is ready.

        Raises:
            NeedsYou: the class cannot be loaded, or the interpreter cannot be started. RetryableError: not now.
        """
        if self._stop.is_set():
            raise stopped()
        described = self._described
        variables = environment(described.environment)
        variables.setdefault("MPLBACKEND", "Agg")  # nobody sees a window of matplotlib's
        folder = described.folder or os.getcwd()
        if not os.path.isdir(folder):
            raise words.folder_missing(described)
        python = interpreter(described, variables)
        start = Start(
            described.class_,
            dict(described.options),
            described.jobs_at_once,
            described.result_topic,
            described.memory_limit,
            self._trial,
        )
        try:
            worker = Worker(start, python=python, folder=folder, environment=variables, is_stopping=self._stop.is_set)
        except OSError as error:
            raise words.cannot_start(described, python, error) from error
        try:
            worker.get_ready(START_S)
        except Trouble as trouble:
            raise words.trouble(described, trouble.described) from trouble
        except Lost as lost:
            if lost.is_stopped:
                raise stopped() from lost
            raise words.not_ready(described, python, lost, START_S) from lost
        finally:
            if not worker.is_ready:
                worker.close()
        return worker
