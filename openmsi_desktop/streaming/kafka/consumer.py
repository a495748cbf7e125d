"""The Consumer on Kafka. One thread, one client of the library."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import confluent_kafka as library
from confluent_kafka import OFFSET_INVALID, TIMESTAMP_NOT_AVAILABLE, KafkaError, KafkaException, TopicPartition

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.streaming.kafka.causes import explain, says_nothing
from openmsi_desktop.streaming.kafka.client import Ear, within
from openmsi_desktop.streaming.kafka.config import Value
from openmsi_desktop.streaming.kafka.errors import NoContact, OffsetGone, TopicMissing
from openmsi_desktop.streaming.kafka.types import Assigned, Message, Partition, Revoked, Trouble

_LEAVE_S = 0.4
_ONE_IS_MISSING = "A topic to read from does not exist"
_MEET_S = 0.2


class KafkaConsumer:
    """See :class:`~openmsi_desktop.streaming.kafka.types.Consumer`."""

    def __init__(self, properties: Mapping[str, Value], *, ear: Ear) -> None:
        self._ear = ear
        self._client: Any = ear.make(library.Consumer, properties)
        self._next: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._errors: deque[OpenMSIError] = deque()
        self._on_revoked: Revoked | None = None
        self._broken: OpenMSIError | None = None

    def assign(self, positions: Mapping[Partition, int]) -> None:
        self._next, self._paused = dict(positions), set()
        with self._translated():
            for topic in {topic for topic, _ in positions}:
                self._meet(topic)
            self._client.assign([TopicPartition(*where, offset) for where, offset in positions.items()])

    def subscribe(self, topics: Sequence[str], *, on_assigned: Assigned, on_revoked: Revoked) -> None:
        self._on_revoked = on_revoked

        def assigned(client: Any, partitions: list[TopicPartition]) -> None:
            positions = on_assigned([(item.topic, item.partition) for item in partitions]) or {}
            self._next, self._paused = dict(positions), set()
            for item in partitions:
                item.offset = positions.get((item.topic, item.partition), item.offset)
            client.assign(partitions)

        def revoked(client: Any, partitions: list[TopicPartition]) -> None:
            self._give_up(partitions, is_lost=False)

        def lost(client: Any, partitions: list[TopicPartition]) -> None:
            self._give_up(partitions, is_lost=True)

        with self._translated():
            self._client.subscribe(list(topics), on_assign=assigned, on_revoke=revoked, on_lost=lost)

    def read(self, max_messages: int, timeout_s: float) -> list[Message]:
        if self._errors:
            raise self._errors.popleft()
        messages = []
        for item in self._batch(max_messages, timeout_s):
            if (fault := item.error()) is not None:
                if not self._is_of_no_concern(fault):
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
        with self._translated(topic):
            low, high = self._client.get_watermark_offsets(TopicPartition(topic, partition), timeout=timeout_s)
            return low, high

    def offsets_at(self, topic: str, moment_ms: int, timeout_s: float) -> dict[int, int]:
        with self._translated(topic):
            found = self._client.list_topics(topic, timeout=timeout_s).topics[topic]
            if found.error is not None:
                raise KafkaException(found.error)
            asked = [TopicPartition(topic, number, moment_ms) for number in found.partitions]
            answer = self._client.offsets_for_times(asked, timeout=timeout_s)
            _raise_first(answer)
        return {
            item.partition: item.offset if item.offset >= 0 else self.watermarks(topic, item.partition, timeout_s)[1]
            for item in answer
        }

    def committed(self, partitions: Sequence[Partition], timeout_s: float = 10.0) -> dict[Partition, int]:
        with self._translated():
            answer = self._client.committed([TopicPartition(*where) for where in partitions], timeout=timeout_s)
            _raise_first(answer)
        return {(item.topic, item.partition): item.offset for item in answer if item.offset >= 0}

    def commit(self, positions: Mapping[Partition, int], timeout_s: float = 10.0) -> None:
        if not positions:
            return
        client = self._client
        offsets = [TopicPartition(*where, offset) for where, offset in positions.items()]
        with self._translated():
            # the library's own call waits for ever for a broker that does not answer
            answer = within(timeout_s, lambda: client.commit(offsets=offsets, asynchronous=False), doing="commit")
            _raise_first(answer or ())

    def pause(self, partitions: Sequence[Partition]) -> None:
        self._paused.update(partitions)
        with self._translated():
            self._client.pause([TopicPartition(*where) for where in partitions])

    def resume(self, partitions: Sequence[Partition]) -> None:
        self._paused.difference_update(partitions)
        with self._translated():
            self._client.resume([TopicPartition(*where) for where in partitions])

    def seek(self, topic: str, partition: int, offset: int) -> None:
        self._next[topic, partition] = offset
        with self._translated(topic):
            try:
                self._client.seek(TopicPartition(topic, partition, offset))
            except KafkaException as error:
                if error.args[0].code() != KafkaError._STATE:
                    raise
                self._assign_again()

    def trouble(self) -> Trouble | None:
        trouble = self._ear.trouble(is_waiting=False)
        if trouble is not None and isinstance(trouble.error, TopicMissing):
            return replace(trouble, error=self._missing(trouble.error))
        return trouble

    def close(self) -> None:
        client, self._client = self._client, None
        self._broken = self._broken or RetryableError("The connection was closed")
        if client is None:
            return
        self._ear.deafen()
        if self._on_revoked is None:
            client.close()
            return
        if held := [(item.topic, item.partition) for item in client.assignment()]:
            self._on_revoked(held, False)
        self._on_revoked = None
        try:
            within(_LEAVE_S, client.close, doing="leave the group")  # a frozen broker would keep us for ever
        except NoContact:
            pass  # it leaves when the broker answers, or the group throws it out

    def _meet(self, topic: str) -> None:
        """A client that has never heard of a topic may look for it only at the next full second of its life."""
        with suppress(KafkaException):  # whatever it is, reading will say so
            self._client.list_topics(topic, timeout=_MEET_S)

    def _missing(self, error: TopicMissing) -> TopicMissing:
        """What the library says of all its topics names none of them."""
        topics = {topic for topic, _ in self._next}
        title = f'The topic "{topics.pop()}" does not exist' if len(topics) == 1 else _ONE_IS_MISSING
        return TopicMissing(title, error.advice)

    def _give_up(self, partitions: list[TopicPartition], *, is_lost: bool) -> None:
        if self._on_revoked is not None:
            self._on_revoked([(item.topic, item.partition) for item in partitions], is_lost)

    def _batch(self, max_messages: int, timeout_s: float) -> list[Any]:
        """Wait for one, then take what is there: the library's consume() would wait until the batch is full."""
        with self._translated():
            first = self._client.poll(timeout_s)
            if first is None:
                return []
            return [first, *self._client.consume(max_messages - 1, 0)] if max_messages > 1 else [first]

    def _assign_again(self) -> None:
        """A partition whose position was refused cannot seek any more; a new assignment can."""
        held = self._client.assignment()
        for item in held:
            item.offset = self._next.get((item.topic, item.partition), OFFSET_INVALID)
        self._client.assign(held)
        self._client.pause([TopicPartition(*where) for where in self._paused])

    @contextmanager
    def _translated(self, topic: str = "") -> Iterator[None]:
        """For every use of the client: errors become ours, and one that cannot be helped ends the client."""
        if self._broken is not None:
            raise self._broken
        try:
            self._ear.check()
            yield
        except KafkaException as error:
            trouble = self._ear.trouble(is_waiting=True) if says_nothing(error.args[0]) else None
            raise (trouble.error if trouble else self._ear.explain(error, topic=topic, doing="read")) from error
        except OpenMSIError as error:
            if self._ear.is_refused:
                self._broken = error
                self.close()  # at once: otherwise it goes on signing in
            raise

    def _is_of_no_concern(self, error: KafkaError) -> bool:
        """The library looks for the coordinator of our group even if we are in none."""
        return self._on_revoked is None and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED

    def _explain(self, item: Any, error: KafkaError) -> OpenMSIError:
        topic, partition = item.topic() or "", item.partition()
        if error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            return _gone(topic, partition, self._next.get((topic, partition), -1))
        found = explain(error, topic=topic, doing="read")
        return TopicMissing(_ONE_IS_MISSING, found.advice) if _lacks_topic(found, topic) else found


def _gone(topic: str, partition: int, position: int) -> OffsetGone:
    if position < 0:
        title = f'The group has no position on partition {partition} of "{topic}"'
        advice = "It was never stored, or the broker has forgotten it."
    else:
        title = f'Message {position} of partition {partition} of "{topic}" does not exist'
        advice = "Messages were removed before they were read, or the topic was made anew."
    return OffsetGone(title, advice, topic=topic, partition=partition, position=position)


def _lacks_topic(error: OpenMSIError, topic: str) -> bool:
    return isinstance(error, TopicMissing) and not topic


def _raise_first(answer: Sequence[TopicPartition]) -> None:
    for item in answer:
        if item.error is not None:
            raise KafkaException(item.error)


def _message(item: Any) -> Message:
    kind, stamp = item.timestamp()
    return Message(
        item.topic(),
        item.partition(),
        item.offset(),
        None if kind == TIMESTAMP_NOT_AVAILABLE else stamp,
        item.key(),
        item.value(),
        tuple(item.headers() or ()),
    )
