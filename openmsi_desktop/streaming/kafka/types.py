"""What a broker offers, as plain types and protocols. Knows no Kafka library, so that anything can stand in for one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from openmsi_desktop.core.errors import OpenMSIError

Partition = tuple[str, int]
"""A topic's name and the number of a partition."""

USUAL_CHUNK_BYTES = 524_288
"""Size of a message with a chunk, unless something else is set."""

Assigned = Callable[[list[Partition]], Mapping[Partition, int] | None]
Revoked = Callable[[list[Partition], bool], None]


@dataclass(frozen=True, slots=True)
class TopicInfo:
    """A topic as it is now. Positions and sent files belong to (cluster_id, topic_id), not to the name.

    topic_id: empty where the broker does not tell. settings: the topic's own, empty where we may not read them.
    leaders: the number of the broker that serves each partition, -1 where none does at the moment.
    newest_ms: the highest time stamp on it, milliseconds since 1970; None: there is none, or it was not asked for.
    copies, copies_in_step: of the partition that has the fewest; 0 where that is not known.
    """

    name: str
    cluster_id: str
    topic_id: str
    partitions: int
    settings: Mapping[str, str] = field(default_factory=dict)
    leaders: tuple[int, ...] = ()
    copies: int = 0
    copies_in_step: int = 0
    newest_ms: int | None = None
    rights: frozenset[str] | None = None
    """What the account may do with it, as the broker calls that (``WRITE``, ``READ``); None: not asked, or not told."""

    @property
    def is_compacted(self) -> bool | None:
        policy = self.settings.get("cleanup.policy")
        return None if policy is None else "compact" in policy

    @property
    def retention_ms(self) -> int | None:
        """How long messages are kept; -1 is for ever."""
        return self._number("retention.ms")

    @property
    def retention_bytes(self) -> int | None:
        """How much of a partition is kept; -1 is everything."""
        return self._number("retention.bytes")

    @property
    def max_message_bytes(self) -> int | None:
        """The largest batch of messages the topic takes, after compression."""
        return self._number("max.message.bytes")

    @property
    def min_insync_replicas(self) -> int | None:
        return self._number("min.insync.replicas")

    @property
    def stamps_append_time(self) -> bool | None:
        """Whether the broker's clock stamps the messages, not the sender's."""
        kind = self.settings.get("message.timestamp.type")
        return None if kind is None else kind == "LogAppendTime"

    def _number(self, name: str) -> int | None:
        value = self.settings.get(name)
        return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a broker tells about all of them. brokers: number, host and port where clients are sent to.

    topics: those that the account may see.
    """

    cluster_id: str
    brokers: tuple[tuple[int, str, int], ...]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was read. timestamp_ms: milliseconds since 1970, None if it has none."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int | None
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...] = ()

    def header(self, name: str) -> bytes | None:
        """The last header of that name, as Kafka's own readers look it up."""
        for key, value in reversed(self.headers):
            if key == name:
                return value
        return None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one message given to :meth:`Producer.send`. offset: -1 if it failed."""

    token: Any
    partition: int
    offset: int
    error: OpenMSIError | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """What a connection suffers from at present; repeats are counted, not listed. since: on the monotonic clock."""

    error: OpenMSIError
    since: float
    count: int = 1


TELL_AFTER_S = 10.0
"""Seconds that a trouble which passes by itself has to last before people are told: links flap, brokers restart."""


class Producer(Protocol):
    """Sends messages. Belongs to one thread."""

    def send(
        self,
        topic: str,
        partition: int,
        *,
        key: bytes,
        value: bytes,
        headers: Sequence[tuple[str, bytes]],
        token: Any,
    ) -> bool:
        """Queue a message; False if enough are on their way: poll, then try again.

        Raises:
            MessageTooLarge: no topic takes it.
            ProducerBroken: this producer is of no use any more; close it and make another. What has no report by then may
                or may not have arrived.
            NeedsYou: the sign-in was refused, or a right is missing.
        """

    def warm_up(self, topic: str, timeout_s: float) -> None:
        """Connect before there is anything to send. May be called by another thread, before send() and poll()."""

    def poll(self, timeout_s: float) -> list[Report]:
        """What has been decided since the last call; waits for something at most timeout_s. Raises as send() does,
        but hands out the reports it already has first."""

    @property
    def in_flight(self) -> int:
        """Messages without a report."""

    def trouble(self) -> Trouble | None:
        """Why it does not go on; None while it does."""

    def purge(self) -> list[Report]:
        """Forget what is queued. What is on its way to the broker already is not touched and reports later."""

    def flush(self, timeout_s: float) -> list[Report]:
        """Wait until every message has its report, at most timeout_s."""

    def close(self) -> None:
        """Let go without waiting; messages without a report get none."""


class Consumer(Protocol):
    """Reads messages. Belongs to one thread."""

    def assign(self, positions: Mapping[Partition, int]) -> None:
        """Read these partitions from these offsets on, and no others."""

    def subscribe(self, topics: Sequence[str], *, on_assigned: Assigned, on_revoked: Revoked) -> None:
        """Join the group. Both callbacks run inside read() and close().

        on_assigned may answer with positions; a partition without one starts at the group's committed offset.
        on_revoked learns whether the partitions were lost (True: others may have them already) or are handed over.
        """

    def read(self, max_messages: int, timeout_s: float) -> list[Message]:
        """The next messages, at least one unless timeout_s passes.

        Raises:
            OffsetGone: a position does not exist (any more); seek() or assign() before reading on.
            OpenMSIError: what the broker refuses, with its cause.
        """

    def watermarks(self, topic: str, partition: int, timeout_s: float) -> tuple[int, int]:
        """The first offset that exists, and the one the next message will get."""

    def offsets_at(self, topic: str, moment_ms: int, timeout_s: float) -> dict[int, int]:
        """Per partition the first offset stamped at or after that moment, or the end if there is none."""

    def committed(self, partitions: Sequence[Partition], timeout_s: float = 10.0) -> dict[Partition, int]:
        """The group's offsets; partitions without one are left out."""

    def commit(self, positions: Mapping[Partition, int]) -> None:
        """Store the group's offsets at the broker, and wait until it has them."""

    def pause(self, partitions: Sequence[Partition]) -> None: ...

    def resume(self, partitions: Sequence[Partition]) -> None: ...

    def seek(self, topic: str, partition: int, offset: int) -> None:
        """Read that partition from there on."""

    def trouble(self) -> Trouble | None:
        """Why nothing comes; None while messages do, or nothing is known to be wrong."""

    def close(self) -> None: ...


class Broker(Protocol):
    """A connection: makes clients and knows its topics. May be used from any thread."""

    @property
    def name(self) -> str: ...

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        """Look a topic up. with_newest: its newest time stamp, too, if that is to be had soon.

        Raises as soon as the cause is certain (refused sign-in, wrong TLS, missing topic); when only the network is to
        blame, after timeout_s: another address may still answer.

        Raises:
            TopicMissing: there is no such topic.
            NeedsYou: the sign-in was refused, TLS does not fit, or a right is missing.
            NoContact: nobody answered; tells what was last heard.
        """

    def producer(self, *, chunk_bytes: int = USUAL_CHUNK_BYTES, is_single: bool = False) -> Producer:
        """chunk_bytes: size of the largest messages that will be sent. is_single: no two messages travel together."""

    def consumer(self, *, group: str = "") -> Consumer:
        """Without a group only assign() may be used."""
