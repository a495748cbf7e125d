"""``<topic>.receipts`` -> the files of a watched folder that have arrived. On a thread of its own, beside the sending.

What stands there may be forged, foreign or rubbish: it is counted and passed over. Nothing that happens here may hold up
the sending. Positions are journalled together with what was read.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass

from openmsi_desktop.core.arrivals import Arrivals, ReceiptPositions
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.core.receipt import NotAReceipt, Receipt, parse, topic_of
from openmsi_desktop.streaming.kafka.errors import OffsetGone, TopicMissing
from openmsi_desktop.streaming.kafka.types import Broker, Consumer, Message

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 60.0
"""Seconds between two looks for the topic while it is not there, and at it while it is: it may be made anew, or grow."""
_DELAYS_S = (1.0, 5.0, 10.0, 30.0)
_ASK_S = 5.0
_BATCH = 1000
_TURN_S = 0.5
_TOLD = 1000
_END_S = 2.0


class _MadeAnew(Exception):
    """The topic is another one than a minute ago, or has more partitions."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the reading of receipts goes. trouble: why there are none at the moment, for people; empty while it works.

    is_absent: there is no such topic. malformed, foreign: messages that were passed over since the start.
    """

    trouble: str = ""
    is_absent: bool = False
    taken: int = 0
    malformed: int = 0
    foreign: int = 0

    @property
    def word(self) -> str:
        """For :attr:`TaskHealth.receipts`."""
        return "absent" if self.is_absent else "trouble" if self.trouble else "reading"

    @property
    def note(self) -> str:
        """For :attr:`TaskHealth.receipts_note`."""
        passed = self.malformed + self.foreign
        return self.trouble or (f"{passed} that fit no file of this task were passed over" if passed else "")


class ReceiptReader:
    """Reads the receipts for one watching task. start(), take() and close() belong to the service's thread."""

    def __init__(
        self,
        topic: str,
        broker: Broker,
        *,
        key: str,
        name: str,
        installation: str,
        open_journal: Callable[[], Journal],
        wake: Callable[[], None],
        look_again_s: float = LOOK_AGAIN_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """topic: that of the files. key: of the task in the journal. wake: called from another thread when there is
        something to :meth:`take`."""
        self._topic = topic
        self._receipts = topic_of(topic)
        self._broker = broker
        self._key = key
        self._name = name
        self._installation = installation
        self._open_journal = open_journal
        self._wake = wake
        self._look_again_s = look_again_s
        self._monotonic = monotonic
        self._arrived: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._counts: Counter[str] = Counter()
        self._failures = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name} receipts", daemon=True)
        self.standing = Standing()
        """Any thread may read it."""

    def start(self) -> None:
        self._thread.start()

    def take(self) -> list[str]:
        """Paths of files that have become Arrived since the last call, or at one more place; not too many at once."""
        paths: dict[str, None] = {}
        while len(paths) < _TOLD and not self._arrived.empty():
            paths[self._arrived.get()] = None
        return list(paths)

    def close(self) -> None:
        """End; what was not read is read at the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(_END_S)

    # -- the thread

    def _run(self) -> None:
        while not self._stop.is_set():
            delay = 0.0
            try:
                self._read()
            except _MadeAnew:
                pass
            except TopicMissing as error:
                log.info("%s: %s", self._name, error)
                self._say(f'there is no topic "{self._receipts}"', is_absent=True)
                delay = self._look_again_s
            except OpenMSIError as error:
                log.info("%s: receipts are not read: %s", self._name, error)
                self._say(error.title)
                delay = self._look_again_s if isinstance(error, NeedsYou) else self._patience_s()
            except Exception:  # the top of a thread: files go on being sent, only nobody hears that they arrived
                log.exception("%s: reading receipts failed", self._name)
                self._say("This program made a mistake; the details are in its log")
                delay = self._look_again_s
            self._stop.wait(delay)

    def _patience_s(self) -> float:
        delay = _DELAYS_S[min(self._failures, len(_DELAYS_S) - 1)]
        self._failures += 1
        return delay

    def _read(self) -> None:
        info = self._broker.topic_info(self._receipts, _ASK_S)
        with closing(self._broker.consumer()) as consumer, closing(self._open_journal()) as journal:
            files = OutgoingFiles(journal, self._key, self._topic)
            arrivals = Arrivals(files, installation=self._installation)
            positions = ReceiptPositions(journal, self._key, self._receipts)
            first = {n: consumer.watermarks(self._receipts, n, _ASK_S)[0] for n in range(info.partitions)}
            at = positions.of(info.cluster_id, info.topic_id, first)
            consumer.assign({(self._receipts, n): max(at[n], first[n]) for n in first})
            look_at = self._monotonic() + self._look_again_s
            while not self._stop.is_set():
                try:
                    messages = consumer.read(_BATCH, _TURN_S)
                except OffsetGone as gone:
                    self._skip(consumer, gone)
                    continue
                if messages:
                    self._take(messages, arrivals, positions)
                trouble = consumer.trouble()
                if trouble is not None and not messages:
                    if isinstance(trouble.error, NeedsYou):
                        raise trouble.error
                    self._say(trouble.error.title)
                else:
                    self._failures = 0
                    self._say("")
                if self._monotonic() >= look_at:
                    look_at = self._monotonic() + self._look_again_s
                    found = self._broker.topic_info(self._receipts, _ASK_S)
                    if (found.topic_id, found.partitions) != (info.topic_id, info.partitions):
                        raise _MadeAnew

    def _take(self, messages: Sequence[Message], arrivals: Arrivals, positions: ReceiptPositions) -> None:
        receipts = [receipt for message in messages if (receipt := self._parsed(message)) is not None]
        with arrivals.journal.transaction():
            taken = arrivals.take(receipts)
            positions.move_to({m.partition: m.offset + 1 for m in messages})
        self._counts["foreign"] += taken.ignored
        self._counts["taken"] += len(receipts) - taken.ignored
        for row in taken.arrived:
            self._arrived.put(row.path)
        if taken.arrived:
            self._wake()

    def _parsed(self, message: Message) -> Receipt | None:
        try:
            return parse(message.value)
        except NotAReceipt as error:
            self._counts["malformed"] += 1
            log.debug("%s: message %d of %s: %s", self._name, message.offset, message.topic, error)
            return None

    def _skip(self, consumer: Consumer, gone: OffsetGone) -> None:
        """Retention was faster, or the topic was made anew: begin with the first that is there. Reading twice does no harm."""
        first, _ = consumer.watermarks(gone.topic, gone.partition, _ASK_S)
        consumer.seek(gone.topic, gone.partition, first)

    def _say(self, trouble: str, *, is_absent: bool = False) -> None:
        counts = self._counts
        self.standing = Standing(trouble, is_absent, counts["taken"], counts["malformed"], counts["foreign"])
