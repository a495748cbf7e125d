"""What a reader has delivered -> ``<topic>.receipts``. The lanes queue receipts in the journal, one thread sends them.

A receipt is queued in the transaction that journals its delivery, and leaves the journal when the broker has acknowledged it:
so none is lost, and one may come twice. Deliveries never wait for receipts.
"""

from __future__ import annotations

import json
import logging
import platform
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from openmsi_desktop.core.deliveries import Waiting
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.receipt import Place, Receipt, encode, key_of, topic_of
from openmsi_desktop.core.receipts_due import MOST, Due, ReceiptsDue
from openmsi_desktop.streaming.kafka.errors import RightDenied, TopicMissing
from openmsi_desktop.streaming.kafka.types import Broker, Producer, Report
from openmsi_desktop.streaming.receiving.telling import Teller
from openmsi_desktop.streaming.sinks import FOLDER, Delivered

log = logging.getLogger(__name__)

_LOOK_S = 0.5
_BATCH = 500
_FLUSH_S = 5.0
_LAST_S = 1.0
_ASK_S = 5.0
_DELAYS_S = (1.0, 5.0, 10.0, 30.0)
_NEEDS_YOU_S = 30.0
_BYTES = 32_768
_DROPPED = "The oldest receipts were dropped"


class ReceiptQueue:
    """Where a lane leaves receipts. Belongs to the lane's thread."""

    def __init__(
        self, journal: Journal, *, task: str, reader: str, target: Path | None, now: Callable[[], float] = time.time
    ) -> None:
        """journal: the lane's own. task: key of the reading task. reader: this installation. target: its folder."""
        self._due = ReceiptsDue(journal, task)
        self._reader = reader
        self._target = target
        self._now = now
        self._computer = platform.node() or "unknown"

    def delivered(self, file: Waiting, sink: str, outcome: Delivered) -> None:
        """This sink has the file. Inside the transaction that says so in the journal."""
        receipt = Receipt(
            topic=file.topic,
            path=file.path,
            sha512=file.sha512,
            size=file.size,
            version=file.order.version or 0,
            installation=file.installation,
            at=self._now(),
            place=self._place(sink, outcome),
            reader=self._reader,
        )
        self._due.add(file.topic, encode(receipt).decode("utf-8"))

    def _place(self, sink: str, outcome: Delivered) -> Place:
        if sink == FOLDER and self._target is not None:
            return Place("folder", self._target.name or str(self._target), "", self._computer)
        if outcome.local.startswith("s3://"):
            return Place("bucket", sink, outcome.local, self._computer)
        return Place("processor", sink, "", self._computer)


@dataclass(slots=True)
class _Topic:
    """One topic that is read, and what became of its receipts."""

    name: str
    partitions: int = 0
    """Of the topic of receipts; 0: it has to be looked up."""
    held_until: float = 0.0
    failures: int = 0
    told: str | None = None
    """Title of the problem that was told; None: an earlier run may have told one."""


class ReceiptWriter:
    """Sends the receipts of one reader. start() and close() belong to the reader's thread, the rest to its own."""

    def __init__(
        self,
        topics: Sequence[str],
        broker: Broker,
        *,
        tell: Teller,
        open_journal: Callable[[], Journal],
        most: int = MOST,
        needs_you_s: float = _NEEDS_YOU_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """most: receipts that may wait. needs_you_s: seconds between attempts while a person has to act first."""
        self._topics = [_Topic(name) for name in topics]
        self._broker = broker
        self._tell = tell
        self._open_journal = open_journal
        self._most = most
        self._needs_you_s = needs_you_s
        self._monotonic = monotonic
        self._producer: Producer | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{tell.task} receipts", daemon=True)
        self.is_busy = False
        """Receipts wait, and nothing is known to be in their way. Any thread may read it."""

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Send what can be sent at once, and end; the rest is sent after the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_S + _LOOK_S)

    # -- the thread

    def _run(self) -> None:
        try:
            with closing(self._open_journal()) as journal:
                due = ReceiptsDue(journal, self._tell.key)
                while not self._stop.is_set():
                    if not self._turn(due):
                        self._stop.wait(_LOOK_S)
                end = self._monotonic() + _LAST_S
                while self._turn(due) and self._monotonic() < end:
                    pass
        except Exception:  # the top of a thread: deliveries go on, receipts wait in the journal for the next start
            log.exception("%s: receipts cannot be written", self._tell.task)
        finally:
            self.is_busy = False
            self._let_go()

    def _turn(self, due: ReceiptsDue) -> bool:
        """Send a batch for each topic; True if that went well and there may be more."""
        if dropped := due.trim(self._most):
            self._tell.problem(due.journal, _dropped(dropped))
        has_more = False
        for topic in self._free():
            batch = due.first(topic.name, _BATCH)
            self.is_busy = self.is_busy or bool(batch)
            if not batch:
                continue
            try:
                due.remove(self._send(topic, batch))
            except OpenMSIError as error:
                self._hold(topic, error, due.journal)
                continue
            self._solved(topic, due.journal)
            has_more = True
        self.is_busy = has_more
        return has_more

    def _free(self) -> list[_Topic]:
        now = self._monotonic()
        return [topic for topic in self._topics if topic.held_until <= now]

    def _send(self, topic: _Topic, batch: Sequence[Due]) -> list[int]:
        """Returns the numbers of those that are acknowledged: all of them.

        Raises:
            OpenMSIError: something is in the way; those without an error may be there nevertheless.
        """
        receipts = topic_of(topic.name)
        if not topic.partitions:
            topic.partitions = self._broker.topic_info(receipts, _ASK_S).partitions
        if self._producer is None:
            self._producer = self._broker.producer(chunk_bytes=_BYTES)
        producer, reports = self._producer, list[Report]()
        end = self._monotonic() + (_LAST_S if self._stop.is_set() else _FLUSH_S)
        for item in batch:
            key = key_of(json.loads(item.body)["path"])
            partition = zlib.crc32(key) % topic.partitions
            value = item.body.encode("utf-8")
            while not producer.send(receipts, partition, key=key, value=value, headers=(), token=item.id):
                reports += producer.poll(0.1)
                if self._monotonic() > end:
                    raise self._why(producer)
        reports += producer.flush(max(0.1, end - self._monotonic()))
        failed = next((report.error for report in reports if report.error is not None), None)
        if failed is not None:
            raise failed
        if len(reports) < len(batch):
            raise self._why(producer)
        return [report.token for report in reports]

    @staticmethod
    def _why(producer: Producer) -> OpenMSIError:
        """Why there is no answer."""
        trouble = producer.trouble()
        return trouble.error if trouble is not None else RetryableError("The broker has not answered yet")

    def _hold(self, topic: _Topic, error: OpenMSIError, journal: Journal) -> None:
        """Leave this topic alone for a while. What a person has to put right is told, once."""
        self._let_go()  # what is on its way may arrive, or not: it is sent again
        topic.partitions = 0
        needs_you = isinstance(error, NeedsYou)
        delay = self._needs_you_s if needs_you else _DELAYS_S[min(topic.failures, len(_DELAYS_S) - 1)]
        topic.failures += 1
        topic.held_until = self._monotonic() + delay
        log.info("%s: receipts for %s wait: %s", self._tell.task, topic.name, error)
        if isinstance(error, (TopicMissing, RightDenied)):  # the rest concerns the reader too, which says so itself
            told = _cannot(topic.name, error)
            if topic.told != told.title:
                failures = topic.failures
                self._solved(topic, journal)
                topic.told, topic.failures = told.title, failures
                self._tell.problem(journal, told)

    def _solved(self, topic: _Topic, journal: Journal) -> None:
        """Also what an earlier run has told."""
        topic.failures = 0
        if topic.told is None or topic.told:
            for title in _titles(topic.name):
                journal.solve_problems(self._tell.key, title=title)
        topic.told = ""

    def _let_go(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.close()


def forget(journal: Journal, task: str, topics: Sequence[str]) -> None:
    """A person switched the receipts of this reader off: what waits, and what was told of it, is over."""
    ReceiptsDue(journal, task).forget()
    for title in (_DROPPED, *(title for topic in topics for title in _titles(topic))):
        journal.solve_problems(task, title=title)


def _titles(topic: str) -> tuple[str, str]:
    receipts = topic_of(topic)
    return (
        f'Receipts cannot be sent: there is no topic "{receipts}"',
        f'Receipts cannot be sent: writing to the topic "{receipts}" is not allowed',
    )


def _cannot(topic: str, error: OpenMSIError) -> NeedsYou:
    missing, denied = _titles(topic)
    receipts = topic_of(topic)
    if isinstance(error, TopicMissing):
        how = (
            f"Create it, or ask whoever looks after the broker: kafka-topics.sh --create --topic {receipts} "
            "--partitions 1 --bootstrap-server ADDRESS."
        )
    else:
        how = f"Ask whoever looks after the broker for the right to write (WRITE, DESCRIBE) to {receipts}."
    return NeedsYou(
        missing if isinstance(error, TopicMissing) else denied,
        f"Files are delivered as before; only their senders do not hear of it yet. The receipts wait. {how} Then they are "
        "sent by themselves. Or switch receipts off for this task.",
    )


def _dropped(number: int) -> OpenMSIError:
    return OpenMSIError(
        _DROPPED,
        f"Too many waited for their topic; {number:,} of them will never be sent. No file is concerned: what was delivered is "
        "delivered, but its senders do not hear of it.",
    )
