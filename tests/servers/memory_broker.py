"""A broker that is a few lists: messages, retention, faults, all at once and under the test's control."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openmsi_desktop.core.chunk import HEADER, Chunk, encode, message_key
from openmsi_desktop.core.chunk import Sender as HeaderOf
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.errors import NoContact, OffsetGone, RightDenied, TopicMissing
from openmsi_desktop.streaming.kafka.types import (
    Assigned,
    Message,
    Partition,
    Producer,
    Report,
    Revoked,
    TopicInfo,
    Trouble,
)


@dataclass
class MemoryTopic:
    """Partitions as lists; ``low`` are the offsets that retention has left as first."""

    partitions: int = 1
    topic_id: str = "id-1"
    log: dict[int, list[Message | None]] = field(default_factory=dict)
    low: dict[int, int] = field(default_factory=dict)


class MemoryBroker:
    """A Broker. ``fault`` is raised by every call while it is set."""

    name = "memory"

    def __init__(self) -> None:
        self.topics: dict[str, MemoryTopic] = {}
        self.cluster_id = "cluster-1"
        self.fault: OpenMSIError | None = None
        self.commits: dict[Partition, int] = {}
        self.arrived = threading.Condition()
        self.denied: set[str] = set()
        """Topics that nobody may write to."""
        self.consumers: list[MemoryConsumer] = []

    def create(self, topic: str, partitions: int = 1, *, topic_id: str = "id-1") -> None:
        self.topics[topic] = MemoryTopic(partitions, topic_id)

    def put(
        self,
        topic: str,
        value: bytes | None,
        *,
        partition: int = 0,
        key: bytes | None = None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
        timestamp_ms: int | None = 1_700_000_000_000,
    ) -> int:
        with self.arrived:
            log = self.topics[topic].log.setdefault(partition, [])
            log.append(Message(topic, partition, len(log), timestamp_ms, key, value, headers))
            self.arrived.notify_all()
            return len(log) - 1

    def put_chunk(
        self, topic: str, chunk: Chunk, *, partition: int = 0, sender: HeaderOf | None = None, **more: int
    ) -> int:
        headers = ((HEADER, sender.encode()),) if sender else ()
        key = message_key(chunk.subdir, chunk.filename, index=chunk.index, total=chunk.total)
        return self.put(topic, encode(chunk), partition=partition, key=key, headers=headers, **more)

    def put_chunks(
        self, topic: str, chunks: Iterable[Chunk], *, partition: int = 0, sender: HeaderOf | None = None
    ) -> None:
        for chunk in chunks:
            self.put_chunk(topic, chunk, partition=partition, sender=sender)

    def remove_before(self, topic: str, partition: int, offset: int) -> None:
        """Retention."""
        self.topics[topic].low[partition] = offset

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        self.check()
        if topic not in self.topics:
            raise TopicMissing(f"There is no topic {topic}")
        return TopicInfo(topic, self.cluster_id, self.topics[topic].topic_id, self.topics[topic].partitions)

    def producer(self, *, chunk_bytes: int = 0, is_single: bool = False) -> Producer:
        return MemoryProducer(self)

    def consumer(self, *, group: str = "") -> MemoryConsumer:
        self.consumers.append(MemoryConsumer(self))
        return self.consumers[-1]

    def check(self) -> None:
        if self.fault is not None:
            raise self.fault


class MemoryProducer:
    """A Producer of a MemoryBroker: what it takes is there at once."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.reports: list[Report] = []

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
        self.broker.check()
        if topic in self.broker.denied:
            self.reports.append(Report(token, partition, -1, RightDenied(f"Writing to {topic} is not allowed")))
        else:
            offset = self.broker.put(topic, value, partition=partition, key=key, headers=tuple(headers))
            self.reports.append(Report(token, partition, offset))
        return True

    def warm_up(self, topic: str, timeout_s: float) -> None: ...

    def poll(self, timeout_s: float) -> list[Report]:
        found, self.reports = self.reports, []
        return found

    @property
    def in_flight(self) -> int:
        return 0

    def trouble(self) -> Trouble | None:
        return None

    def purge(self) -> list[Report]:
        return self.poll(0)

    def flush(self, timeout_s: float) -> list[Report]:
        return self.poll(timeout_s)

    def close(self) -> None: ...


class MemoryConsumer:
    """A Consumer of a MemoryBroker, without groups."""

    def __init__(self, broker: MemoryBroker) -> None:
        self.broker = broker
        self.next: dict[Partition, int] = {}
        self.is_closed = False
        self.is_deaf = False
        """It gets nothing any more, and nobody says so."""

    def assign(self, positions: Mapping[Partition, int]) -> None:
        self.next = dict(positions)

    def subscribe(self, topics: Sequence[str], *, on_assigned: Assigned, on_revoked: Revoked) -> None:
        raise NotImplementedError

    def read(self, max_messages: int, timeout_s: float) -> list[Message]:
        found = self._read(max_messages)
        if not found:
            with self.broker.arrived:
                self.broker.arrived.wait(min(timeout_s, 0.05))
            found = self._read(max_messages)
        return found

    def _read(self, most: int) -> list[Message]:
        if self.broker.fault is not None or self.is_deaf:
            return []
        out: list[Message] = []
        for (topic, partition), position in self.next.items():
            log = self.broker.topics[topic].log.get(partition, [])
            low = self.broker.topics[topic].low.get(partition, 0)
            if position < low or position > len(log):
                if out:
                    break
                raise OffsetGone("gone", topic=topic, partition=partition, position=position)
            some = log[position : position + most - len(out)]
            self.next[topic, partition] = position + len(some)
            out += [message for message in some if message is not None]
        return out

    def watermarks(self, topic: str, partition: int, timeout_s: float) -> tuple[int, int]:
        self.broker.check()
        found = self.broker.topics[topic]
        return found.low.get(partition, 0), len(found.log.get(partition, []))

    def offsets_at(self, topic: str, moment_ms: int, timeout_s: float) -> dict[int, int]:
        found = self.broker.topics[topic]
        out = {}
        for partition in range(found.partitions):
            log = found.log.get(partition, [])
            later = [m.offset for m in log if m is not None and (m.timestamp_ms or 0) >= moment_ms]
            out[partition] = later[0] if later else len(log)
        return out

    def committed(self, partitions: Sequence[Partition], timeout_s: float = 10.0) -> dict[Partition, int]:
        return {where: self.broker.commits[where] for where in partitions if where in self.broker.commits}

    def commit(self, positions: Mapping[Partition, int]) -> None:
        self.broker.commits.update(positions)

    def pause(self, partitions: Sequence[Partition]) -> None: ...

    def resume(self, partitions: Sequence[Partition]) -> None: ...

    def seek(self, topic: str, partition: int, offset: int) -> None:
        self.next[topic, partition] = offset

    def trouble(self) -> Trouble | None:
        return Trouble(NoContact("nobody answers"), 0.0) if self.broker.fault is not None else None

    def close(self) -> None:
        self.is_closed = True
