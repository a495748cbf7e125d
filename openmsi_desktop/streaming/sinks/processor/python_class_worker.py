"""A process in which somebody's class works, seen from here: requests go in, answers come out, and it can be ended.

The other end of the line, and the form of what goes over it: openmsi_desktop/processing_loop.py.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from openmsi_desktop import processing
from openmsi_desktop.streaming.sinks.processor.groups import Group
from openmsi_desktop.streaming.sinks.processor.printed import for_people
from openmsi_desktop.streaming.sinks.processor.runner import OUTPUT_BYTES, Result, Work

LOOK_S = 0.25
"""Seconds between two looks at a process that has work in hand."""
CLOSE_S = 2.0
"""Seconds that close() of a class may take when its process is not needed any more: we have to end within three."""
MOST_PRINTED = 64_000_000
"""A file's work that prints more bytes than this loses the beginning of it."""
_LAST_WORDS_S, _STEP_S = 1.0, 0.005
_WORKER = os.fspath(Path(processing.__file__).with_name("processing_worker.py"))


@dataclass(frozen=True, slots=True)
class Start:
    """What a worker is told first; see processing_loop. options: for the class. trial: folder for what it writes, or empty."""

    class_: str
    options: Mapping[str, Any]
    threads: int
    result_topic: str
    memory_limit: int
    trial: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a file. results: key None means the usual one. error: of the class, as processing_loop describes it, if the
    file failed. trouble: why no file can be worked on."""

    results: list[tuple[bytes | None, bytes]]
    output: str
    error: Mapping[str, str] | None
    trouble: Mapping[str, str] | None


class Trouble(Exception):
    """The class cannot be used. described: as processing_loop says."""

    def __init__(self, described: Mapping[str, str], output: str) -> None:
        super().__init__(described["title"] or described.get("type", ""))
        self.described = described
        self.output = output


class Lost(Exception):
    """The process has ended. status: exit status, negative for a signal, None if the system does not tell.

    is_late: ended because a file's work took too long. is_blamed: it ended because of the file that was asked for; otherwise it
    worked on several, and any of them may be the cause, or another one was late. is_stopped: ended because we stop. output: the
    end of what it printed.
    """

    def __init__(self, status: int | None, *, is_late: bool, is_blamed: bool, is_stopped: bool, output: str) -> None:
        super().__init__(f"ended with {status}")
        self.status = status
        self.is_late = is_late
        self.is_blamed = is_blamed
        self.is_stopped = is_stopped
        self.output = output


class Worker:
    """One process. ask() may be called by several threads at once if it is_shared.

    is_ready: its class is loaded. growth: bytes of memory that it takes more than after its first file.
    """

    def __init__(
        self,
        start: Start,
        *,
        python: str,
        folder: str,
        environment: Mapping[str, str],
        is_stopping: Callable[[], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start it. python: absolute path of the interpreter.

        Raises:
            OSError: it cannot be started.
        """
        self.is_shared = self.is_ready = False
        self.growth = 0
        self._is_stopping = is_stopping
        self._monotonic = monotonic
        self._ids = itertools.count(1)
        self._lock = (
            threading.Lock()
        )  # _asked, _late, _in_hand_at_end, _has_ended, _is_finished, _is_closed; writing, ending
        self._asked: dict[int, SimpleQueue[dict[str, Any] | None]] = {}
        self._late = self._in_hand_at_end = self._memory_at_first = 0
        self._has_ended = self._is_finished = self._is_closed = False
        self._greeting: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._printed = tempfile.TemporaryFile("a+b", buffering=0)  # noqa: SIM115 - closed by close()
        self._scratch = tempfile.TemporaryDirectory(prefix="openmsi-class-", ignore_cleanup_errors=True)
        try:
            self._group = Group(
                [python, _WORKER],
                folder=folder,
                environment=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._printed,
            )
        except OSError:
            self._printed.close()
            self._scratch.cleanup()
            raise
        self._reader = threading.Thread(target=self._read, name=f"answers of {start.class_}", daemon=True)
        self._reader.start()
        told = asdict(start) | {"class": start.class_, "scratch": self._scratch.name}
        self._tell(told)

    def get_ready(self, limit_s: float) -> None:
        """Wait until the class is loaded.

        Raises:
            Trouble: it cannot be. Lost: the process has ended instead, or was ended after limit_s seconds.
        """
        greeting = self._wait_for(self._greeting, -1, limit_s)
        if "trouble" in greeting:
            raise Trouble(greeting["trouble"], self._last_words())
        self.is_shared = greeting["is_shared"]
        self.is_ready = True

    def ask(self, work: Work) -> Answer:
        """Have a file worked on.

        Raises:
            Lost: the process has ended before it answered.
        """
        number, answered = next(self._ids), SimpleQueue[dict[str, Any] | None]()
        with self._lock:
            if self._has_ended:
                answered.put(None)
            self._asked[number] = answered
        self._tell(
            {
                "id": number,
                "file": os.fspath(work.file),
                "relative_path": work.relative_path,
                "topic": work.topic,
                "sha512": work.sha512,
                "size": work.size,
                "modified": work.modified,
                "output_dir": os.fspath(work.output_dir),
            }
        )
        try:
            answer = self._wait_for(answered, number, work.time_limit_s)
        finally:
            with self._lock:
                self._asked.pop(number, None)
        self._memory_at_first = self._memory_at_first or answer["memory"]
        self.growth = answer["memory"] - self._memory_at_first
        return Answer(
            [
                (None if key is None else base64.b64decode(key), base64.b64decode(value))
                for key, value in answer["results"]
            ],
            answer["output"],
            answer["error"],
            answer["trouble"],
        )

    @property
    def in_hand(self) -> int:
        """How many files it works on."""
        with self._lock:
            return len(self._asked)

    def kill(self) -> None:
        """End it and whatever it started, now. Any thread; it may have ended."""
        with self._lock:
            if not self._is_finished:
                self._group.kill()

    def begin_close(self) -> None:
        """Let it end by itself: nothing more comes."""
        with self._lock:
            try:
                assert self._group.process.stdin is not None
                self._group.process.stdin.close()
            except OSError:
                pass  # it has ended, and did not read everything

    def close(self, *, end: float | None = None) -> None:
        """Wait until it has ended, :data:`CLOSE_S` or until ``end`` (of monotonic()) at most, and let go of everything.

        May be called again.
        """
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self.begin_close()
        end = self._monotonic() + CLOSE_S if end is None else end
        while not self._group.has_ended and self._monotonic() < end:
            self._reader.join(_STEP_S)  # ends with it
            if not self._reader.is_alive():
                time.sleep(_STEP_S)
        self._finish()
        self._reader.join(_LAST_WORDS_S)
        self._group.close()
        assert self._group.process.stdout is not None
        if not self._reader.is_alive():
            self._group.process.stdout.close()
        self._printed.close()
        self._scratch.cleanup()

    # -- the line

    def _tell(self, what: Mapping[str, Any]) -> None:
        line = json.dumps(what).encode() + b"\n"
        with self._lock:
            try:
                assert self._group.process.stdin is not None
                self._group.process.stdin.write(line)
                self._group.process.stdin.flush()
            except (OSError, ValueError):
                pass  # it has ended: whoever waits for an answer is told

    def _read(self) -> None:
        """The thread of this process: hands out answers until there are no more."""
        assert self._group.process.stdout is not None
        for line in self._group.process.stdout:
            if not line.endswith(b"\n"):
                break
            try:
                answer = json.loads(line)
            except ValueError:
                break  # no worker of ours: what was started is no Python
            if not isinstance(answer, dict):
                break
            with self._lock:
                waiting = self._asked.get(answer.get("id", 0))
            (waiting or self._greeting).put(answer)
        with self._lock:
            self._has_ended = True
            self._in_hand_at_end = len(self._asked)
            for waiting in self._asked.values():
                waiting.put(None)
        self._greeting.put(None)

    def _wait_for(self, answered: SimpleQueue[dict[str, Any] | None], number: int, limit_s: float) -> dict[str, Any]:
        end = self._monotonic() + limit_s
        gone = 0
        while True:
            try:
                answer = answered.get(timeout=max(0.0, min(LOOK_S, end - self._monotonic())))
            except Empty:
                if self._is_stopping():
                    self.kill()
                elif self._monotonic() >= end:
                    with self._lock:
                        self._late = self._late or number
                    self.kill()
                    end += limit_s + 1  # only the end of the process is waited for
                elif self._group.has_ended:
                    gone += 1
                    if gone > 2:  # what it started holds the line open
                        self.kill()
                self._cut()
                continue
            if answer is None:
                raise self._lost(number)
            if "begun" in answer:  # what came before was not the file's
                end = self._monotonic() + limit_s
                continue
            return answer

    def _lost(self, number: int) -> Lost:
        return Lost(
            self._finish(),
            is_late=self._late == number,
            is_blamed=self._late == number if self._late else self._in_hand_at_end <= 1,
            is_stopped=self._is_stopping(),
            output=self._last_words(),
        )

    def _finish(self) -> int | None:
        """End all of it, and ask for the exit status: from then on its number may be another process's."""
        self.kill()
        end = self._monotonic() + _LAST_WORDS_S
        while not self._group.has_ended and self._monotonic() < end:
            time.sleep(_STEP_S)
        self.kill()  # what it started meanwhile
        with self._lock:
            self._is_finished = True
            return self._group.process.poll()

    # -- what it printed

    def _last_words(self) -> str:
        size = os.fstat(self._printed.fileno()).st_size
        self._printed.seek(max(0, size - OUTPUT_BYTES))
        return for_people(self._printed.read(OUTPUT_BYTES))

    def _cut(self) -> None:
        if os.fstat(self._printed.fileno()).st_size > MOST_PRINTED:
            self._printed.truncate(0)


def results_of(answer: Answer, usual_key: bytes) -> list[Result]:
    """The messages of an answer."""
    return [Result(usual_key if key is None else key, value) for key, value in answer.results]
