"""The Consumer on Kafka. One thread, one client of the library."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import confluent_kafka as library
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.broker_errors import OffsetGone, TopicMissing
from openmsi_desktop.streaming.kafka_client import Ear, explained, make
from openmsi_desktop.streaming.kafka_errors import explain
from openmsi_desktop.streaming.kafka_types import Assigned, Message, Partition, Revoked, Trouble

_NO_TIMESTAMP = 0


class KafkaConsumer:
    """See :class:`~openmsi_desktop.streaming.kafka_types.Consumer`."""

    def __init__(self, properties: Mapping[str, Any], *, ear: Ear) -> None:
        self._ear = ear
        self._client: Any = make(library.Consumer, properties, ear)
        self._next: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._errors: deque[OpenMSIError] = deque()

    def assign(self, positions: Mapping[Partition, int]) -> None:
        self._next, self._paused = dict(positions), set()
        self._client.assign([TopicPartition(*where, offset) for where, offset in positions.items()])

    def subscribe(self, topics: Sequence[str], *, on_assigned: Assigned, on_revoked: Revoked) -> None:
        def assigned(client: Any, partitions: list[TopicPartition]) -> None:
            positions = on_assigned([(item.topic, item.partition) for item in partitions]) or {}
            for item in partitions:
                item.offset = positions.get((item.topic, item.partition), item.offset)
            self._next, self._paused = dict(positions), set()
            client.assign(partitions)

        def revoked(client: Any, partitions: list[TopicPartition]) -> None:
            on_revoked([(item.topic, item.partition) for item in partitions], False)

        def lost(client: Any, partitions: list[TopicPartition]) -> None:
            on_revoked([(item.topic, item.partition) for item in partitions], True)

        self._client.subscribe(list(topics), on_assign=assigned, on_revoke=revoked, on_lost=lost)

    def read(self, max_messages: int, timeout_s: float) -> list[Message]:
        if self._errors:
            raise self._errors.popleft()
        messages = []
        for item in self._batch(max_messages, timeout_s):
            if (fault := item.error()) is not None:
                self._errors.append(self._explain(item, fault))
                continue
            self._next[item.topic(), item.partition()] = item.offset() + 1
            messages.append(_message(item))
        if messages:
            self._ear.all_is_well()
        elif self._errors:
            raise self._errors.popleft()
        return messages

    def watermarks(self, topic: str, partition: int, timeout_s: float) -> tuple[int, int]:
        try:
            low, high = self._client.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout_s)
        except KafkaException as error:
            raise explained(error, topic=topic) from error
        return low, high

    def offsets_at(self, topic: str, moment_ms: int, timeout_s: float) -> dict[int, int]:
        try:
            found = self._client.list_topics(topic, timeout=timeout_s).topics[topic]
            if found.error is not None:
                raise explain(found.error, topic=topic)
            asked = [TopicPartition(topic, number, moment_ms) for number in found.partitions]
            answer = self._client.offsets_for_times(asked, timeout=timeout_s)
        except KafkaException as error:
            raise explained(error, topic=topic) from error
        for item in answer:
            if item.error is not None:
                raise explain(item.error, topic=topic)
        return {
            item.partition: item.offset if item.offset >= 0 else self.watermarks(topic, item.partition, timeout_s)[1]
            for item in answer
        }

    def committed(self, partitions: Sequence[Partition], timeout_s: float = 10.0) -> dict[Partition, int]:
        try:
            answer = self._client.committed([TopicPartition(*where) for where in partitions], timeout=timeout_s)
        except KafkaException as error:
            raise explained(error) from error
        return {(item.topic, item.partition): item.offset for item in answer if item.offset >= 0}

    def commit(self, positions: Mapping[Partition, int]) -> None:
        if not positions:
            return
        offsets = [TopicPartition(*where, offset) for where, offset in positions.items()]
        try:
            answer = self._client.commit(offsets=offsets, asynchronous=False)
        except KafkaException as error:
            raise explained(error) from error
        for item in answer or ():
            if item.error is not None:
                raise explain(item.error, topic=item.topic)

    def pause(self, partitions: Sequence[Partition]) -> None:
        self._paused.update(partitions)
        self._client.pause([TopicPartition(*where) for where in partitions])

    def resume(self, partitions: Sequence[Partition]) -> None:
        self._paused.difference_update(partitions)
        self._client.resume([TopicPartition(*where) for where in partitions])

    def seek(self, topic: str, partition: int, offset: int) -> None:
        self._next[topic, partition] = offset
        try:
            self._client.seek(TopicPartition(topic, partition, offset))
        except KafkaException as error:
            if error.args[0].code() != KafkaError._STATE:
                raise explained(error, topic=topic) from error
            self._assign_again()

    def trouble(self) -> Trouble | None:
        return self._ear.present()

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _batch(self, max_messages: int, timeout_s: float) -> list[Any]:
        """Wait for one, then take what is there: the library's consume() would wait until the batch is full."""
        try:
            first = self._client.poll(timeout_s)
            if first is None:
                return []
            return [first, *self._client.consume(max_messages - 1, 0)] if max_messages > 1 else [first]
        except KafkaException as error:
            raise explained(error) from error

    def _assign_again(self) -> None:
        """A partition whose position was refused cannot seek any more; a new assignment can."""
        known = self._client.assignment()
        self._client.assign(
            [TopicPartition(t.topic, t.partition, self._next.get((t.topic, t.partition), -1001)) for t in known]
        )
        self._client.pause([TopicPartition(*where) for where in self._paused])

    def _explain(self, item: Any, error: KafkaError) -> OpenMSIError:
        topic, partition = item.topic() or "", item.partition()
        if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            position = self._next.get((topic, partition), -1)
            return OffsetGone(
                f'Offset {position} of partition {partition} of "{topic}" does not exist',
                "Messages were removed before they were read, or the topic was made anew.",
                topic=topic,
                partition=partition,
                position=position,
            )
        found = explain(error, topic=topic)
        if isinstance(found, TopicMissing) and not topic:
            return TopicMissing("A topic to read from does not exist", found.advice)
        return found


def _message(item: Any) -> Message:
    kind, stamp = item.timestamp()
    return Message(
        item.topic(),
        item.partition(),
        item.offset(),
        None if kind == _NO_TIMESTAMP else stamp,
        item.key(),
        item.value(),
        tuple(item.headers() or ()),
    )
