"""Results on their way to a topic: one producer with a thread of its own, and a promise for each parcel.

A parcel is what goes out together: messages as they are, and files cut into chunks. It is done when the broker has acknowledged
all of it. Two parcels with a path in common go one after the other, so that no two versions of a file mix.
"""

from __future__ import annotations

import logging
import threading
import time
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from openmsi_desktop.core.chunk import HEADER, RESULT_HEADER, Chunk, Sender, encode, message_key
from openmsi_desktop.core.chunker import FilePlan, chunks
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE
from openmsi_desktop.streaming.kafka.errors import ProducerBroken
from openmsi_desktop.streaming.kafka.types import TELL_AFTER_S, Broker, Producer, TopicInfo
from openmsi_desktop.streaming.sinks.processor.children import stopped
from openmsi_desktop.streaming.sinks.processor.runner import Result

log = logging.getLogger(__name__)

_ASK_S = 5.0
_POLL_S = 0.02
_IDLE_S = 1.0
_ROOM = 6_000
"""Bytes of a message besides the data of a chunk, at most: path, key, hashes, headers."""


@dataclass(eq=False)
class Parcel:
    """What goes out together.

    about: value of :data:`~openmsi_desktop.core.chunk.RESULT_HEADER`. path: of the source, for the messages. versions: of the files, by path, once they have
    one: they keep it when they are sent again. done: called once, on the producer's thread; None: all of it is acknowledged.
    """

    about: bytes
    path: str
    messages: Sequence[Result]
    files: Sequence[FilePlan]
    versions: dict[str, int]
    done: Callable[[OpenMSIError | None], None]
    in_flight: int = 0
    error: OpenMSIError | None = None
    rest: Iterator[_Message] | None = None
    held: _Message | None = None
    is_read: bool = False
    began: float = 0.0

    @property
    def paths(self) -> set[str]:
        return {plan.path for plan in self.files}


@dataclass(frozen=True, slots=True)
class _Message:
    partition: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


@dataclass
class _Desk:
    """What both sides look at, under the lock ``changed``."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    waiting: deque[Parcel] = field(default_factory=deque)
    is_stopping: bool = False


class ResultTopic:
    """The topic for results of one sink. send() and stop() may be called by any thread, the rest by the sink's."""

    def __init__(
        self,
        topic: str,
        broker: Broker,
        *,
        name: str,
        installation: Callable[[], str],
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.topic = topic
        self._broker = broker
        self._name = name
        self._installation = installation
        self._now = now
        self._monotonic = monotonic
        self._desk = _Desk()
        self._thread: threading.Thread | None = None
        self._info: TopicInfo | None = None
        self.version = 0
        """No lower number was given to a file. To be set before prepare(); grows, so that later versions count as later even if the
        clock is set back."""
        # the rest belongs to the thread
        self._producer: Producer | None = None
        self._active: list[Parcel] = []

    def prepare(self) -> None:
        """Look the topic up.

        Raises:
            NeedsYou, RetryableError: it is missing, or cannot be reached.
        """
        self._info = self._broker.topic_info(self.topic, _ASK_S)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"results {self._name}", daemon=True)
            self._thread.start()

    @property
    def chunk_size(self) -> int:
        """Bytes of file data in a message that the topic takes."""
        most = self._info.max_message_bytes if self._info is not None else None
        return DEFAULT_CHUNK_SIZE if most is None else max(1, min(DEFAULT_CHUNK_SIZE, most - _ROOM))

    def send(self, parcel: Parcel) -> None:
        """Send it soon; see :attr:`Parcel.done`. After prepare()."""
        if parcel.files and self._info is not None and self._info.is_compacted:
            from openmsi_desktop.streaming.sending.link import compacted  # loads all that senders need

            return parcel.done(compacted(self.topic))
        with self._desk.changed:
            if not self._desk.is_stopping:
                self._desk.waiting.append(parcel)
                self._desk.changed.notify()
                return
        parcel.done(stopped())

    def stop(self) -> None:
        """What is not acknowledged yet is not sent: its promise is broken."""
        with self._desk.changed:
            self._desk.is_stopping = True
            self._desk.changed.notify()

    def close(self) -> None:
        """End the thread."""
        self.stop()
        if self._thread is not None:
            self._thread.join()

    # -- the thread

    def _run(self) -> None:
        while self._has_worked():
            pass
        self._give_up(stopped())
        with self._desk.changed:
            left = list(self._desk.waiting)
            self._desk.waiting.clear()
        for parcel in left:
            parcel.done(stopped())

    def _has_worked(self) -> bool:
        """One turn; False: it is time to end."""
        try:
            if not self._take():
                return False
            self._turn()
        except Exception as error:  # the top of a thread: whoever waits has to hear of it, and the next may fare better
            log.exception("results of %s cannot be sent", self._name)
            self._give_up(
                OpenMSIError("Sending results failed", f"{type(error).__name__}: {error}. The log has the details.")
            )
        return True

    def _take(self) -> bool:
        """Begin what can be begun; waits while there is nothing to do. False: it is time to end."""
        with self._desk.changed:
            if not self._desk.waiting and not self._active and not self._desk.is_stopping:
                self._desk.changed.wait(_IDLE_S)
            if self._desk.is_stopping:
                return False
            busy = set().union(*(parcel.paths for parcel in self._active))
            for _ in range(len(self._desk.waiting)):
                parcel = self._desk.waiting.popleft()
                if busy & parcel.paths:
                    self._desk.waiting.append(parcel)
                else:
                    self._begin(parcel)
                busy |= parcel.paths
        return True

    def _begin(self, parcel: Parcel) -> None:
        for plan in parcel.files:
            self.version = max(self.version + 1, int(self._now() * 1000))
            parcel.versions.setdefault(plan.path, self.version)
        parcel.began = self._monotonic()
        parcel.rest = self._messages(parcel)
        self._active.append(parcel)

    def _turn(self) -> None:
        try:
            if self._producer is None:
                if not self._active:
                    return
                self._producer = self._broker.producer(chunk_bytes=self.chunk_size)
            for parcel in self._active:
                self._produce(parcel)
            for report in self._producer.poll(_POLL_S if self._active else 0):
                parcel = report.token
                parcel.in_flight -= 1
                parcel.error = parcel.error or report.error
        except OpenMSIError as error:  # of the connection as a whole
            return self._give_up(error)
        trouble = self._producer.trouble()
        if trouble is not None and self._active:
            since = max(trouble.since, min(parcel.began for parcel in self._active))
            if not isinstance(trouble.error, RetryableError) or self._monotonic() - since > TELL_AFTER_S:
                return self._give_up(trouble.error)
        for parcel in [p for p in self._active if not p.in_flight and (p.is_read or p.error is not None)]:
            self._active.remove(parcel)
            self._end(parcel, parcel.error)

    def _produce(self, parcel: Parcel) -> None:
        """Hand over as many of its messages as the producer takes."""
        assert self._producer is not None and parcel.rest is not None
        while not parcel.is_read and parcel.error is None:
            try:
                message = parcel.held or next(parcel.rest, None)
                if message is None:
                    parcel.is_read = True
                    return
                parcel.held = message
                if not self._producer.send(
                    self.topic,
                    message.partition,
                    key=message.key,
                    value=message.value,
                    headers=message.headers,
                    token=parcel,
                ):
                    return
            except ProducerBroken:
                raise
            except OpenMSIError as error:  # of this message
                parcel.error = error
                return
            parcel.held = None
            parcel.in_flight += 1

    def _messages(self, parcel: Parcel) -> Iterator[_Message]:
        partitions = self._info.partitions if self._info is not None else 1
        about = (RESULT_HEADER, parcel.about)
        for result in parcel.messages:
            yield _Message(_partition(parcel.path, partitions), result.key, result.value, [about])
        for plan in parcel.files:
            header = (HEADER, Sender(self._installation(), parcel.versions[plan.path]).encode())
            for chunk in chunks(plan):
                yield _Message(_partition(plan.path, partitions), _key(chunk), encode(chunk), [header, about])

    def _give_up(self, error: OpenMSIError) -> None:
        """Nothing of what is active will be acknowledged by this producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close()
        active, self._active = self._active, []
        for parcel in active:
            self._end(parcel, parcel.error or error)

    def _end(self, parcel: Parcel, error: OpenMSIError | None) -> None:
        if parcel.rest is not None:
            parcel.rest.close()  # type: ignore[attr-defined]  # a generator: it may have a file open
        parcel.in_flight, parcel.held, parcel.rest = 0, None, None
        parcel.done(error)


def _partition(path: str, partitions: int) -> int:
    """All of one path goes to one partition, as with everything that we send."""
    return zlib.crc32(path.encode("utf-8")) % partitions


def _key(chunk: Chunk) -> bytes:
    return message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
