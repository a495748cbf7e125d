"""Read acknowledged messages back from the topic and compare: only then a file is called Checked.

Exactly the acknowledged offsets are read, the file's SHA-512 is rebuilt from what comes, and the
name, the numbers and the hashes are compared. Runs on a thread of its own with a consumer of its own.
"""

from __future__ import annotations

import hashlib
import logging
import queue
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from openmsi_desktop.core.chunk import HEADER, decode, decode_header
from openmsi_desktop.core.errors import ChunkError, NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.streaming.kafka.errors import OffsetGone
from openmsi_desktop.streaming.kafka.types import Broker, Consumer, Message

log = logging.getLogger(__name__)

_PATIENCE_S = 60.0
_RETRY_S = 5.0
_BATCH = 500
_FAR = 1000
"""Offsets ahead that are read over; beyond, a new request is cheaper."""


class Mismatch(NeedsYou):
    """What lies on the topic is not what was sent."""


class GoneBeforeChecked(NeedsYou):
    """The topic deleted the messages before they could be read back. Sending again would end the same way."""


class NotChecked(GoneBeforeChecked):
    """The check itself went wrong. Like what is gone: it says nothing against what was sent, so it is not sent again."""


@dataclass(frozen=True, slots=True)
class CheckJob:
    """One Sent version. offsets: of every chunk, in order of the chunks."""

    id: int
    version: int
    topic: str
    partition: int
    path: str
    sha512: bytes
    offsets: Sequence[int]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How a check ended; error None means every byte matched."""

    job: CheckJob
    error: OpenMSIError | None


class ReadBack:
    """A queue of versions to check. submit() and results() belong to the sender's thread."""

    def __init__(self, broker: Broker, *, name: str) -> None:
        self._name = name
        self._broker = broker
        self._jobs: queue.SimpleQueue[CheckJob | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[CheckResult] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.outstanding = 0

    def submit(self, job: CheckJob) -> None:
        """Check this version; the result comes from :meth:`results`."""
        if not self._is_alive() and not self._stop.is_set():
            self._thread = threading.Thread(target=self._run, name=f"{self._name} check", daemon=True)
            self._thread.start()
        self.outstanding += 1
        self._jobs.put(job)

    def results(self) -> list[CheckResult]:
        """What was decided since the last call."""
        out = []
        while not self._results.empty():
            out.append(self._results.get())
        self.outstanding -= len(out)
        return out

    def close(self) -> None:
        """End the thread; what was not checked can be checked at the next start."""
        self._stop.set()
        if self._thread is not None and self._is_alive():
            self._jobs.put(None)
            self._thread.join(2.0)

    def _is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    # -- the thread

    def _run(self) -> None:
        reader = _Reader(self._broker, self._stop)
        try:
            while not self._stop.is_set():
                for job in self._take():
                    try:
                        self._decide(reader, job)
                    except Exception as error:
                        # the top of this thread: one job must not leave the others undecided for ever
                        log.exception("the check of %s failed", job.path)
                        self._results.put(CheckResult(job, _not_checked(job, error)))
                        broken, reader = reader, _Reader(self._broker, self._stop)  # nobody knows its state any more
                        _give_up(broken)
        finally:
            reader.close()

    def _take(self) -> list[CheckJob]:
        """Waits for a job, then takes all that are there, in the order in which they lie on the topic."""
        jobs = [self._jobs.get()]
        while len(jobs) < _BATCH and not self._jobs.empty():
            jobs.append(self._jobs.get())
        return sorted(
            (job for job in jobs if job is not None), key=lambda j: (j.topic, j.partition, min(j.offsets, default=0))
        )

    def _decide(self, reader: _Reader, job: CheckJob) -> None:
        while not self._stop.is_set():
            try:
                self._results.put(CheckResult(job, _compare(reader, job)))
                return
            except RetryableError as error:
                log.info("the check of %s waits: %s", job.path, error)
                reader.close()
                self._stop.wait(_RETRY_S)
            except OpenMSIError as error:
                self._results.put(CheckResult(job, error))
                return


class _Reader:
    """Reads single offsets, without a new request while they follow each other."""

    def __init__(self, broker: Broker, stop: threading.Event) -> None:
        self._broker = broker
        self._stop = stop
        self._consumer: Consumer | None = None
        self._place: tuple[str, int] | None = None
        self._next = 0
        self._buffer: deque[Message] = deque()

    def at(self, topic: str, partition: int, offset: int) -> Message | None:
        """The message at this offset, or None if it does not exist any more.

        Raises:
            RetryableError: no answer within a minute, or the program stops.
        """
        if self._consumer is None:
            self._consumer = self._broker.consumer()
        if self._place != (topic, partition) or not self._next <= offset < self._next + _FAR:
            self._consumer.assign({(topic, partition): offset})
            self._place, self._next = (topic, partition), offset
            self._buffer.clear()
        patience = time.monotonic() + _PATIENCE_S
        while not self._stop.is_set():
            while self._buffer:
                message = self._buffer.popleft()
                self._next = message.offset + 1
                if message.offset == offset:
                    return message
                if message.offset > offset:
                    self._place = None
                    return None
            if time.monotonic() > patience:
                raise RetryableError("No answer while reading back", "Trying again.")
            try:
                self._buffer.extend(self._consumer.read(_BATCH, 0.2))
            except OffsetGone:
                self._place = None
                return None
        raise RetryableError("Stopped before the check was done")

    def close(self) -> None:
        """Give the consumer back; the next read makes a new one."""
        if self._consumer is not None:
            self._consumer.close()
        self._consumer, self._place = None, None
        self._buffer.clear()


def _give_up(broken: _Reader) -> None:
    try:
        broken.close()
    except Exception:
        # it failed before: what it may still hold ends with the process, and the checks go on
        log.exception("a reader that failed cannot be closed")


def _compare(reader: _Reader, job: CheckJob) -> OpenMSIError | None:
    whole = hashlib.sha512()
    for index, offset in enumerate(job.offsets, start=1):
        message = reader.at(job.topic, job.partition, offset)
        if message is None:
            return GoneBeforeChecked(
                "It was sent, but could not be checked",
                f"The message at offset {offset} of partition {job.partition} is gone already: the topic keeps messages "
                "too briefly. Readers that are not faster will miss the file too. Have its retention raised.",
                path=job.path,
            )
        try:
            chunk = decode(message.value)
        except ChunkError as error:
            return _mismatch(job, error.title)
        sender = decode_header(message.header(HEADER))
        if (
            chunk.path != job.path
            or chunk.index != index
            or chunk.total != len(job.offsets)
            or chunk.file_hash != job.sha512
            or sender is None
            or sender.version != job.version
        ):
            return _mismatch(job, f"the message at offset {offset} is not chunk {index} of this version")
        whole.update(chunk.data)
    return None if whole.digest() == job.sha512 else _mismatch(job, "the rebuilt file has another hash")


def _not_checked(job: CheckJob, error: Exception) -> NotChecked:
    return NotChecked(
        "It was sent, but could not be checked",
        f"This program made a mistake while reading it back ({type(error).__name__}: {error}); the details are in its log. "
        "Every message of the file was acknowledged. It is checked again at the next start with checks.",
        path=job.path,
    )


def _mismatch(job: CheckJob, why: str) -> Mismatch:
    return Mismatch(
        f"Reading back: {why}",
        "What lies on the topic is not what was sent, so the file is sent again.",
        path=job.path,
    )
