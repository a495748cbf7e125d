"""The sink that hands every file to a program or a Python class, and what comes of it to a topic.

For each file: a working place of its own, the work, then the results; only when all of them are acknowledged is it delivered.
Whatever was worked out and cannot be sent yet is kept, so that the work is not done again.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field

from openmsi_desktop.core.chunker import FilePlan
from openmsi_desktop.core.errors import FileChanged, NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.handled import Handled
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.kafka.errors import MessageTooLarge
from openmsi_desktop.streaming.receiving.aside import Stopped, aside
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile, SpoolMissing
from openmsi_desktop.streaming.sinks.making import SinkTools
from openmsi_desktop.streaming.sinks.processor import output
from openmsi_desktop.streaming.sinks.processor.children import stopped
from openmsi_desktop.streaming.sinks.processor.making import runner_of
from openmsi_desktop.streaming.sinks.processor.place import Place, Places
from openmsi_desktop.streaming.sinks.processor.results import Parcel, ResultTopic
from openmsi_desktop.streaming.sinks.processor.runner import Result

log = logging.getLogger(__name__)

_AHEAD = 4
"""For each job so many files are in hand, so that no job waits for the journal."""
_AT_ONCE_BYTES = 1_000_000
_NO_RESULT = "it printed no JSON and left no files, so no result was sent"
_RESERVED_MS = 60_000
"""Version numbers of results are reserved so far ahead, so that not every file costs a note."""


@dataclass(slots=True)
class _Finished:
    """What was worked out. place: where its files lie; None: there are none. versions: see Parcel."""

    place: Place | None
    results: Sequence[Result]
    left: list[output.Left]
    versions: dict[str, int] = field(default_factory=dict)

    def close(self) -> None:
        if self.place is not None:
            self.place.close()

    @property
    def count(self) -> int:
        return len(self.results) + len(self.left)


class ProcessorSink:
    """A PooledSink that can be stopped and keeps notes."""

    def __init__(self, described: Processor, journal: Journal, tools: SinkTools) -> None:
        self.name = described.name
        self.jobs = described.jobs_at_once * _AHEAD
        self._described = described
        self._handled = Handled(journal, tools.key, self.name)
        self._runner = runner_of(described)
        self._places = Places(tools.profile.data, tools.key, self.name, may_link=tools.is_alone)
        self._topic: ResultTopic | None = None
        if described.result_topic:
            self._topic = ResultTopic(
                described.result_topic,
                tools.broker,
                name=self.name,
                installation=tools.profile.installation_id,
                now=tools.now,
                monotonic=tools.monotonic,
            )
        self._journal = journal
        self._reserved_in = f"results {tools.key} {self.name}"
        self._reserved = int(journal.get_meta(self._reserved_in) or 0) if self._topic is not None else 0
        if self._topic is not None:
            self._topic.version = self._reserved
        self._told_in = f"no results {tools.key} {self.name}"
        self._has_told = journal.get_meta(self._told_in) is not None
        self._stop = threading.Event()
        self._todo: queue.SimpleQueue[tuple[ReceivedFile, Future[Outcome]] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._guard = threading.Lock()  # protects _kept, and _todo against stop()
        self._kept: OrderedDict[tuple[str, str, int], _Finished] = OrderedDict()

    # -- the lane's thread

    def prepare(self) -> None:
        try:
            aside(self._prepare, self._stop, name=f"prepare {self.name}")
        except Stopped:
            raise stopped() from None
        while len(self._threads) < self._described.jobs_at_once:
            number = len(self._threads) + 1
            thread = threading.Thread(target=self._work, name=f"{self.name} {number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        last = self._handled.last(file.topic, file.relative_path)
        if file.topic == self._described.result_topic:
            future.set_result(Failed(_circle(self._described), concerns_sink=True))
        elif last is not None and last.sha512 == file.sha512:
            is_same = last.number == file.number
            future.set_result(Delivered(note="" if is_same else "identical to the version handled before"))
        else:
            with self._guard:  # after stop() nobody takes up what is put
                if self._stop.is_set():
                    future.set_result(Failed(stopped(), concerns_sink=True))
                else:
                    self._todo.put((file, future))
        return future

    def settled(self, file: ReceivedFile, outcome: Delivered) -> None:
        self._handled.note(file.topic, file.relative_path, sha512=file.sha512, number=file.number)
        if outcome.problem is not None:
            self._journal.set_meta(self._told_in, "1")
        if self._topic is not None and self._topic.version > self._reserved:
            self._reserved = self._topic.version + _RESERVED_MS
            self._journal.set_meta(self._reserved_in, str(self._reserved))

    def close(self) -> None:
        self.stop()
        for thread in self._threads:
            thread.join()
        self._runner.close()
        if self._topic is not None:
            self._topic.close()
        with self._guard:
            kept = list(self._kept.values())
            self._kept.clear()
        for finished in kept:
            finished.close()
        self._places.close()

    # -- any thread

    def stop(self) -> None:
        with self._guard:
            self._stop.set()
        self._runner.stop()
        if self._topic is not None:
            self._topic.stop()
        for _ in self._threads:
            self._todo.put(None)

    # -- the threads of the pool

    def _prepare(self) -> None:
        self._runner.prepare()
        self._places.prepare()
        if self._topic is not None:
            self._topic.prepare()

    def _work(self) -> None:
        while (task := self._todo.get()) is not None:
            file, future = task
            if not future.set_running_or_notify_cancel():  # whoever handed it over does not wait any more
                continue
            try:
                if self._stop.is_set():
                    raise stopped()
                self._handle(file, future)
            except SpoolMissing as error:
                future.set_result(Failed(error))
            except (NeedsYou, RetryableError) as error:
                future.set_result(Failed(error, concerns_sink=True))
            except OpenMSIError as error:
                future.set_result(Failed(error))
            except Exception as error:  # the top of a thread: the other files carry on
                log.exception("%s failed with %s", self.name, file.relative_path)
                future.set_exception(error)

    def _handle(self, file: ReceivedFile, future: Future[Outcome]) -> None:
        with self._guard:
            finished = self._kept.pop(_key(file), None)
        worked = finished or self._run(file)
        if isinstance(worked, Failed):
            future.set_result(worked)
        elif self._topic is None:
            worked.close()
            future.set_result(Delivered())
        elif not worked.count:
            worked.close()
            future.set_result(Delivered(note=_NO_RESULT, problem=self._no_result_once(file)))
        else:
            self._send(file, worked, future)

    def _run(self, file: ReceivedFile) -> _Finished | Failed:
        place = self._places.open(file)
        finished: _Finished | Failed | None = None
        try:
            finished = self._run_in(place, file)
        finally:
            if not isinstance(finished, _Finished) or finished.place is None:
                place.close()
        return finished

    def _run_in(self, place: Place, file: ReceivedFile) -> _Finished | Failed:
        ran = self._runner.run(place.work(self._described.time_limit_s))
        if ran.error is not None:
            return self._failed(file, ran.error, ran.output, place)
        if self._topic is None:
            return _Finished(None, (), [])
        try:
            left = output.left_in(place.output, file.relative_path)
        except OpenMSIError as error:
            return self._failed(file, error, ran.output, place)
        return _Finished(place if left else None, ran.results, left)

    def _failed(self, file: ReceivedFile, error: OpenMSIError, said: str, place: Place | None) -> Failed:
        tries, most = file.tries + 1, self._described.tries
        is_final = tries >= most
        what_next = (
            f"That was attempt {tries} of {most}: it is not tried again by itself. "
            if is_final and most > 1
            else "It is not tried again by itself. "
            if is_final
            else f"That was attempt {tries} of {most}; it is tried again. "
        )
        advice = f"{error.advice}{' ' if error.advice and not error.advice.endswith(' ') else ''}{what_next}The file itself is safe."
        if place is not None and not place.is_unchanged():
            advice += f" {self.name} changes its input file, which is therefore read from the topic again: let it write to {{output_dir}}."
            with suppress(OSError):
                file.path.unlink()
        told = OpenMSIError(error.title, advice, path=file.relative_path, code=error.code)
        return Failed(told, is_final=is_final, output=said)

    # -- results

    def _no_result_once(self, file: ReceivedFile) -> OpenMSIError | None:
        """A topic for results that gets none is often a mistake; programs that have something to say of some files only are none."""
        with self._guard:
            if self._has_told:
                return None
            self._has_told = True
        return OpenMSIError(
            f"{self.name} had no result to send",
            f"{self._described.result_topic} is set as topic for its results, but for {file.relative_path} it printed no JSON and left "
            "no files in {output_dir}. The file counts as processed. Standard output is a result only if all of it is one JSON "
            "object or array. This is said once: of other files it stands in their details.",
            path=file.relative_path,
        )

    def _send(self, file: ReceivedFile, finished: _Finished, future: Future[Outcome]) -> None:
        """What is small goes out together and is waited for by nobody: the promise is kept when it is acknowledged.

        Big output goes out before that, group after group, so that this thread's share of the memory stays bounded.
        """
        topic = self._topic
        assert topic is not None
        about = output.about(file, self.name)
        last: list[FilePlan] = []
        try:
            is_big = sum(left.size for left in finished.left) > _AT_ONCE_BYTES
            for plans in output.in_groups(finished.left, chunk_size=topic.chunk_size):
                if not is_big and len(plans) == len(finished.left):
                    last = plans
                    break
                answer: Future[OpenMSIError | None] = Future()
                topic.send(Parcel(about, file.relative_path, (), plans, finished.versions, answer.set_result))
                if (error := answer.result()) is not None:
                    return self._not_sent(file, finished, error, future)
        except OpenMSIError as error:  # its output cannot be read, though it was there a moment ago
            return self._not_sent(file, finished, error, future)

        def done(error: OpenMSIError | None) -> None:
            if error is not None:
                return self._not_sent(file, finished, error, future)
            finished.close()
            future.set_result(Delivered(note=_sent(finished.count, topic.topic)))

        topic.send(Parcel(about, file.relative_path, finished.results, last, finished.versions, done))

    def _not_sent(self, file: ReceivedFile, finished: _Finished, error: OpenMSIError, future: Future[Outcome]) -> None:
        """Keep it for the next attempt, which sends only; in bounds."""
        if isinstance(error, FileChanged):  # something that the program left running goes on writing
            finished.close()
            return future.set_result(self._failed(file, _unfinished(self.name, error), "", finished.place))
        over = []
        with self._guard:
            self._kept[_key(file)] = finished
            while len(self._kept) > self.jobs:
                over.append(self._kept.popitem(last=False)[1])
        for old in over:
            old.close()
        future.set_result(Failed(error, concerns_sink=not isinstance(error, MessageTooLarge)))


def _key(file: ReceivedFile) -> tuple[str, str, int]:
    return file.topic, file.relative_path, file.number


def _unfinished(name: str, error: FileChanged) -> OpenMSIError:
    return OpenMSIError(
        f"The output of {name} is not finished",
        f"{os.path.basename(str(error.path))} changed after the program had ended: something that it started writes on. Let the "
        "program wait for that.",
    )


def _sent(count: int, topic: str) -> str:
    return f"{count} result{'' if count == 1 else 's'} sent to topic {topic}"


def _circle(described: Processor) -> SettingsError:
    return SettingsError(
        f"{described.name} would send its results to the topic that it reads",
        "Every result would become its input. Nothing was started; choose another result_topic in the settings.",
    )
