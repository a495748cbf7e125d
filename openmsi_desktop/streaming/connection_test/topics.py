"""The stages that need a topic: can we see it, write to it, read it, and is our clock right? Nothing is stored there."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from openmsi_desktop.core import moments
from openmsi_desktop.core.chunk import HEADER, Chunk, Sender, encode, message_key
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import Notice
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE
from openmsi_desktop.streaming.connection_test import reach
from openmsi_desktop.streaming.connection_test.found import Found
from openmsi_desktop.streaming.connection_test.keeping import duration, how_it_is_kept
from openmsi_desktop.streaming.kafka.broker import (
    BrokerBusy,
    Cluster,
    KafkaBroker,
    MessageTooLarge,
    NoContact,
    TopicInfo,
)
from openmsi_desktop.streaming.kafka.trial import NOTE_NAME
from openmsi_desktop.streaming.sending import clock
from openmsi_desktop.streaming.sending.link import compacted

_PATH_BYTES = 200  # of the longest path that is reckoned with
_BATCH_BYTES = (
    61 + 40
)  # around a message: head of the batch, lengths. Source: kafka.apache.org/documentation, Record Batch
_AHEAD_S = 60.0
_SHOWN_TOPICS = 8


@dataclass(frozen=True, slots=True)
class TopicUse:
    """A topic, and what it is to be used for. chunk_size in bytes; group: a reader's, empty if it has its own."""

    topic: str
    sends: bool = True
    reads: bool = True
    chunk_size: int = DEFAULT_CHUNK_SIZE
    group: str = ""


class ChunkTooLarge(MessageTooLarge):
    """A chunk does not fit. fix: the setting that would."""

    def __init__(self, title: str, advice: str, *, fix: dict[str, str]) -> None:
        super().__init__(title, advice, code="chunk-too-large")
        self.fix = fix


class TopicTest:
    """The stages of one topic, in their order; see() first. use: None if no topic is known."""

    def __init__(
        self,
        kafka: KafkaBroker,
        cluster: Cluster,
        use: TopicUse | None,
        *,
        reached: Sequence[reach.Server],
        limit_s: float,
        now: Callable[[], float],
    ) -> None:
        """reached: addresses that answered already."""
        self._kafka = kafka
        self._cluster = cluster
        self._use = use
        self._reached = set(reached)
        self._limit_s = limit_s
        self._now = now
        self._info = TopicInfo("", "", "", 0)

    def see(self) -> Found:
        """The topic, and the brokers that have it."""
        unreachable = self._unreachable()
        first = next(iter(unreachable.values()), None)
        if first is not None and (self._use is None or len(unreachable) == len(self._cluster.brokers)):
            raise first
        if self._use is None:
            return self._list()
        try:
            self._info = info = self._kafka.topic_info(self._use.topic, self._limit_s / 2)
        except NoContact:
            if first is not None:
                raise first from None
            raise
        if leads := next((error for number, error in unreachable.items() if number in info.leaders), None):
            raise leads
        parts = f"{info.partitions} partition{'' if info.partitions == 1 else 's'}"
        away = tuple(Notice(code=error.code, title=error.title, advice=error.advice) for error in unreachable.values())
        return Found(f'"{info.name}" is there, with {parts}', warnings=(*how_it_is_kept(info), *away))

    def write(self) -> Found:
        """Whether files can be sent to it."""
        use, info = self._use, self._info
        if use is None:
            return _NO_TOPIC
        if not use.sends:
            return Found("Not needed: nothing is sent to this topic", ok=None, code="not-needed")
        if info.is_compacted:
            raise compacted(use.topic)
        self._check_size(use, info)
        if info.min_insync_replicas is not None and 0 < info.copies_in_step < info.min_insync_replicas:
            raise BrokerBusy(
                "Too few brokers have the topic",
                f"It takes messages only while {info.min_insync_replicas} brokers have all of it; at the moment "
                f"{info.copies_in_step} of {info.copies} do. Tell the broker's administrators. Files wait until then.",
                code="too-few-copies",
            )
        end = time.monotonic() + self._limit_s
        stored = self._kafka.trial(self._limit_s).write(use.topic, _led(info))
        self._kafka.trial(max(end - time.monotonic(), 0.1)).number_messages()
        if stored is None:
            return Found(f'The account may write to "{use.topic}"')
        notice = Notice(
            code="test-message-stored",
            title="This broker stored the test's message",
            advice=f"Apache Kafka would have refused it. Readers of the topic get a small file, {NOTE_NAME}, that says what "
            "it is; it can be deleted.",
        )
        return Found(f'The account may write to "{use.topic}"', warnings=(notice,))

    def read(self) -> Found:
        """Whether files can be read from it."""
        use = self._use
        if use is None:
            return _NO_TOPIC
        if not use.reads:
            return Found("Not needed: nothing is read from this topic", ok=None, code="not-needed")
        group = use.group or f"openmsi-desktop-{uuid.uuid4().hex}"
        self._kafka.trial(self._limit_s).read(use.topic, _led(self._info), group=group, uses_group=bool(use.group))
        shared = f', and use the group "{use.group}"' if use.group else ""
        return Found(f'The account may read "{use.topic}"{shared}')

    def clock(self) -> Found:
        """Whether this computer's clock is known to be wrong."""
        now = self._now()
        clock.check_date(now)
        if self._use is None:
            return _UNMEASURED
        newest = self._kafka.newest(self._use.topic, range(self._info.partitions), self._limit_s)
        ahead_s = newest / 1000 - now if newest is not None else 0.0
        if newest is None or ahead_s <= _AHEAD_S:
            return _UNMEASURED
        is_theirs = self._info.stamps_append_time is True
        title = (
            f"This computer's clock is at least {duration(ahead_s)} behind the broker's"
            if is_theirs
            else f"The newest message is stamped {duration(ahead_s)} ahead of this computer's clock"
        )
        whose = "" if is_theirs else " Or the clock of another sender is ahead."
        retention_ms = self._info.retention_ms
        if retention_ms is not None and 0 < retention_ms < 2000 * ahead_s:
            raise NeedsYou(
                title,
                f"It says {_moment(now)}. The topic deletes by age: what is sent with so old a time stamp would soon be "
                f"gone. Set the clock.{whose}",
                code="clock-off",
            )
        advice = f"It says {_moment(now)}. Set it right: times in file lists would be wrong.{whose}"
        return Found(title, ok=True, code="clock-off", warnings=(Notice(code="clock-off", title=title, advice=advice),))

    def _list(self) -> Found:
        names = [name for name in self._cluster.topics if not name.startswith("__")]
        if not names:
            return Found(
                "The account sees no topic",
                ok=None,
                code="no-topic-visible",
                advice="It may still use one whose name you know: name it. Otherwise ask the broker's administrators for "
                "a topic, and for the right to it.",
            )
        shown = ", ".join(names[:_SHOWN_TOPICS]) + (" …" if len(names) > _SHOWN_TOPICS else "")
        return Found(f"The account sees {len(names)} topic{'' if len(names) == 1 else 's'}: {shown}")

    def _unreachable(self) -> dict[int, OpenMSIError]:
        """Brokers by their number that send us to an address where nobody answers."""
        places = {number: (host, port) for number, host, port in self._cluster.brokers}
        asked = sorted({place for place in places.values() if place not in self._reached})
        found = reach.each(asked, partial(reach.connect, limit_s=self._limit_s / 2), limit_s=self._limit_s / 2)
        errors = {place: error for place, error in found.items() if isinstance(error, OpenMSIError)}
        return {number: _advertised(place, errors[place]) for number, place in places.items() if place in errors}

    def _check_size(self, use: TopicUse, info: TopicInfo) -> None:
        limit = info.max_message_bytes
        around = message_bytes(use.chunk_size) - use.chunk_size
        if limit is None or use.chunk_size + around <= limit:
            return
        largest = limit - around
        if largest < 1:
            raise MessageTooLarge(
                f'The topic "{use.topic}" takes no message of {limit} bytes or more',
                "That is too little for any chunk. Ask the broker's administrators to raise max.message.bytes of the topic.",
                code="chunk-too-large",
            )
        raise ChunkTooLarge(
            f'A chunk of {use.chunk_size} bytes is larger than the topic "{use.topic}" allows',
            f"It takes messages of up to {limit} bytes. The largest chunk that fits, with its names, is {largest} bytes: set "
            "--chunk-size (in settings: chunk_size) to that or less, or ask the broker's administrators to raise "
            "max.message.bytes of the topic.",
            fix={"chunk_size": str(largest)},
        )


_NO_TOPIC = Found("Not tested: no topic was named", ok=None, code="no-topic")
_UNMEASURED = Found(
    "Cannot be measured, and nothing speaks against it",
    ok=None,
    code="not-measurable",
)


def message_bytes(chunk_size: int) -> int:
    """Size of the largest message that a chunk of that size becomes, if its path has up to 200 bytes."""
    name, digest, most = "x" * (_PATH_BYTES // 2), bytes(64), 2**31
    chunk = Chunk(name, digest, digest, 2**40, most, most, name, "", b"", 1e9)
    header = len(HEADER) + len(Sender("0" * 32, 2**62).encode())
    length_of_data = 5  # msgpack's head of a byte string, instead of the two bytes of an empty one
    key = message_key(name, name, index=most, total=most)
    return chunk_size + len(encode(chunk)) + length_of_data + len(key) + header + _BATCH_BYTES


def _led(info: TopicInfo) -> int:
    """A partition that some broker serves."""
    return next((number for number, leader in enumerate(info.leaders) if leader >= 0), 0)


def _advertised(place: reach.Server, error: OpenMSIError) -> OpenMSIError:
    return NoContact(
        f"The broker sends us on to {reach.text(place)}, which cannot be reached",
        f"{error.title}. A broker tells its clients where to go (advertised.listeners); that has to be an address that works "
        "from this computer. Show this to the broker's administrators.",
        code="advertised",
    )


def _moment(seconds: float) -> str:
    return f"{moments.local(seconds):%Y-%m-%d %H:%M}"
