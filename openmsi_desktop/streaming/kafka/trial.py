"""May this account write to a topic, read it, use a group? Found out at the broker, and nothing stays behind there.

Each question is a request that the broker first checks for the right, and then refuses for another reason: so the
answer tells whether the right is there, and nothing has been stored (docs/decisions/0017). One thread, one client each.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import confluent_kafka as library
from confluent_kafka import OFFSET_END, KafkaError, KafkaException, TopicPartition

from openmsi_desktop.core.chunk import Chunk, encode, message_key
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.causes import explain, says_nothing
from openmsi_desktop.streaming.kafka.client import Ear, within
from openmsi_desktop.streaming.kafka.config import Value, consumer_properties, producer_properties
from openmsi_desktop.streaming.kafka.errors import NoContact, RightDenied

_POLL_S = 0.05
_UNHEARD_OF_ACKS = 2  # neither 0, 1 nor -1 (all): a broker since Kafka 0.9 refuses the request and stores nothing
_UNHEARD_OF_PARTITION = 2_000_000_000
_CLOSE_S = 0.5

NOTE_NAME = "openmsi-desktop-check.txt"
NOTE = b"""A connection was tested with "openmsi-desktop check". Apache Kafka refuses the message of that test, so that nothing
is left behind. This server has stored it, and it came to you as this file. It means nothing: delete it.
"""


def note() -> tuple[bytes, bytes]:
    """Key and value of the message that tries to write: a whole small file, should a server store it after all.

    Anything that is no chunk stops a reader of OpenMSIStream at that place: it raises, starts again, and reads it again.
    """
    digest = hashlib.sha512(NOTE).digest()
    chunk = Chunk(NOTE_NAME, digest, digest, 0, 1, 1, "", "", NOTE, None)
    return message_key("", NOTE_NAME, index=1, total=1), encode(chunk)


class Trial:
    """Questions about one topic, each answered within timeout_s. alive: false ends a question early.

    Raises, in every method:
        OpenMSIError: the right is missing (RightDenied), or what else stands in the way.
    """

    def __init__(
        self, properties: Mapping[str, Value], *, ear: Ear, monotonic: Callable[[], float], timeout_s: float
    ) -> None:
        self._properties = properties
        self._ear = ear
        self._monotonic = monotonic
        self._timeout_s = timeout_s
        self._group = ""
        self._end = monotonic() + timeout_s

    def write(self, topic: str, partition: int) -> int | None:
        """Whether we may write. None: yes, and nothing was stored; else the offset of the message that was.

        Only a server that takes an impossible number of acknowledgements stores it; readers then get :func:`note`.
        """
        reports: list[tuple[KafkaError | None, int | None]] = []
        properties = producer_properties(self._properties) | {
            "enable.idempotence": False,
            "acks": _UNHEARD_OF_ACKS,
            "retries": 0,
            "linger.ms": 0,
            "message.timeout.ms": max(1000, int(self._timeout_s * 1000)),
        }
        key, value = note()
        client = self._ear.make(library.Producer, properties)
        try:
            client.produce(
                topic, value, key, partition, lambda error, message: reports.append((error, message.offset()))
            )
            self._until(client, lambda: bool(reports))
        except KafkaException as error:
            raise self._ear.explain(error, topic=topic, doing="write to") from error
        finally:
            self._ear.deafen()
            with suppress(KafkaException):
                client.purge()
        refusal, offset = reports[0]
        if refusal is None:
            return offset
        if refusal.code() == KafkaError.INVALID_REQUIRED_ACKS:
            return None
        if says_nothing(refusal):
            raise self._silence()
        raise explain(refusal, topic=topic, doing="write to")

    def number_messages(self) -> None:
        """Whether we may send so that no message arrives twice: get a producer's number (IdempotentWrite)."""
        states: list[str] = []
        properties = producer_properties(self._properties) | {"statistics.interval.ms": 50}
        client = self._ear.make(library.Producer, properties, stats_cb=lambda text: states.append(_idempotence(text)))
        try:
            self._until(client, lambda: "Assigned" in states)
        except KafkaException as error:
            raise self._ear.explain(error) from error
        finally:
            self._ear.deafen()

    def read(self, topic: str, partition: int, *, group: str, uses_group: bool) -> None:
        """Whether we may read; with uses_group also whether we may be a member of the group, without joining it."""
        properties = consumer_properties(self._properties, group=group) | {"enable.partition.eof": True}
        commits: list[KafkaError | None] = []
        self._group = group
        client = self._ear.make(
            library.Consumer, properties, on_commit=lambda error, positions: commits.append(_of_all(error, positions))
        )
        try:
            client.assign([TopicPartition(topic, partition, OFFSET_END)])
            self._read_to_the_end(client, topic, uses_group=uses_group)
            if uses_group:
                self._commit_nowhere(client, topic, commits)
        except KafkaException as error:
            raise self._ear.explain(error, topic=topic, doing="read") from error
        finally:
            self._ear.deafen()
            _leave(client)

    def _read_to_the_end(self, client: Any, topic: str, *, uses_group: bool) -> None:
        while True:
            item = client.poll(_POLL_S)
            if item is not None:
                error = item.error()
                if error is None or error.code() == KafkaError._PARTITION_EOF:
                    return
                self._judge(error, topic, uses_group=uses_group)
            self._look_at_the_clock()

    def _commit_nowhere(self, client: Any, topic: str, commits: list[KafkaError | None]) -> None:
        """A position for a partition that no topic has: the right is looked at first, then that it is not there."""
        client.commit(offsets=[TopicPartition(topic, _UNHEARD_OF_PARTITION, 0)], asynchronous=True)
        while not commits:
            item = client.poll(_POLL_S)
            if item is not None and item.error() is not None:
                self._judge(item.error(), topic, uses_group=True)
            self._look_at_the_clock()
        if commits[0] is not None and commits[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
            self._judge(commits[0], topic, uses_group=True)
            raise self._silence()

    def _judge(self, error: KafkaError, topic: str, *, uses_group: bool) -> None:
        is_about_group = error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED
        if error.code() == KafkaError._PARTITION_EOF or (is_about_group and not uses_group) or says_nothing(error):
            return
        found = explain(error, topic=topic, doing="read")
        if is_about_group:
            raise RightDenied(f'The account may not use the group "{self._group}"', found.advice, code=found.code)
        raise found

    def _until(self, client: Any, is_done: Callable[[], bool]) -> None:
        while not is_done():
            client.poll(_POLL_S)
            if not is_done():
                self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self._monotonic() > self._end:
            raise self._silence()

    def _silence(self) -> OpenMSIError:
        trouble = self._ear.trouble(is_waiting=True)
        return (
            trouble.error
            if trouble
            else NoContact(
                "The broker does not answer",
                f"It let us in, but did not answer this question within {self._timeout_s:g} s. It may be overloaded.",
                code="stopped-answering",
            )
        )


def _idempotence(statistics: str) -> str:
    """The state of a producer's number. Source: librdkafka, STATISTICS.md, eos.idemp_state."""
    return str(json.loads(statistics).get("eos", {}).get("idemp_state", ""))


def _of_all(error: KafkaError | None, positions: list[TopicPartition]) -> KafkaError | None:
    return error or next((item.error for item in positions if item.error is not None), None)


def _leave(client: Any) -> None:
    with suppress(NoContact):  # a commit that nobody answers would keep us for a minute
        within(_CLOSE_S, client.close, doing="close a reader")
