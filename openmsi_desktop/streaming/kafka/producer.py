"""The Producer on Kafka. One thread, one client of the library; every chunk comes through send()."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import confluent_kafka as library
from confluent_kafka import KafkaError, KafkaException

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, SettingsError
from openmsi_desktop.streaming.kafka.causes import explain, says_nothing
from openmsi_desktop.streaming.kafka.client import Ear
from openmsi_desktop.streaming.kafka.config import BATCH_BYTES, Value
from openmsi_desktop.streaming.kafka.errors import ProducerBroken
from openmsi_desktop.streaming.kafka.types import Report, Trouble

_LAST_REPORTS_TRIES, _LAST_REPORTS_WAIT_S = 20, 0.005


class KafkaProducer:
    """See :class:`~openmsi_desktop.streaming.kafka.types.Producer`."""

    def __init__(self, properties: Mapping[str, Value], *, ear: Ear) -> None:
        self._ear = ear
        self._client: Any = ear.make(library.Producer, properties)
        self._reports: list[Report] = []
        self._broken: OpenMSIError | None = None
        self._in_flight = 0
        self._bytes_in_flight = 0
        # A connection carries so many unanswered requests. While more waits behind them, librdkafka's thread spins: it took
        # as much of a processor as hashing does. So whatever comes after them stays with the caller.
        self._requests = int(properties.get("max.in.flight.requests.per.connection", 5))
        self._window_bytes = self._requests * BATCH_BYTES

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
        if self._broken is not None:
            raise self._broken
        if self._in_flight >= self._requests and self._bytes_in_flight + len(value) > self._window_bytes:
            return False
        decided = partial(self._decided, token, len(value))
        try:
            self._client.produce(topic, value, key, partition, decided, headers=list(headers) if headers else None)
        except BufferError:
            return False
        except KafkaException as error:
            if error.args[0].fatal() or error.args[0].code() == KafkaError._FATAL:
                self._serve(self._poll, 0)  # tells the cause
                self._break(self._fatal(error))
                raise (self._broken or self._fatal(error)) from error
            raise self._ear.explain(error, topic=topic, doing="write to") from error
        self._in_flight += 1
        self._bytes_in_flight += len(value)
        return True

    def warm_up(self, topic: str, timeout_s: float) -> None:
        # Without this the first message waits 0.5 to 1 s: librdkafka leaves the address it was given as soon as it knows
        # the brokers, and asks again for its producer id only half a second later, unless an answer comes from a broker.
        # The first question makes it know them, the second one is answered by one of them.
        with suppress(KafkaException):  # poll() and trouble() tell
            for _ in range(2):
                self._client.list_topics(topic, timeout=timeout_s)

    def poll(self, timeout_s: float) -> list[Report]:
        self._serve(self._poll, timeout_s)
        if self._broken is not None and not self._reports:
            raise self._broken
        return self._take_reports()

    @property
    def in_flight(self) -> int:
        return self._in_flight  # the library's own number counts its complaints too

    def trouble(self) -> Trouble | None:
        return self._ear.trouble(is_waiting=self.in_flight > 0)

    def purge(self) -> list[Report]:
        if self._client is not None:
            # "blocking" means its opposite (confluent-kafka 2.16); without waiting, what is sent next would be purged too
            self._client.purge(in_queue=True, in_flight=False, blocking=False)
        self._serve(self._poll, 0.01)
        return self._take_reports()

    def flush(self, timeout_s: float) -> list[Report]:
        self._serve(self._flush, timeout_s)
        return self._take_reports()

    def close(self) -> None:
        self._break(ProducerBroken("The connection was closed"))

    def _poll(self, timeout_s: float) -> None:
        self._client.poll(timeout_s)

    def _flush(self, timeout_s: float) -> None:
        self._client.flush(timeout_s)

    def _serve(self, how: Callable[[float], None], timeout_s: float) -> None:
        """Let the library call back; what makes this producer useless is kept for the next caller."""
        if self._client is None:
            return
        try:
            self._ear.check()
            how(timeout_s)
        except KafkaException as error:
            self._break(self._fatal(error))
        except OpenMSIError as error:
            self._break(error)

    def _break(self, error: OpenMSIError) -> None:
        """Let go of the client at once: otherwise it goes on signing in."""
        client, self._client = self._client, None
        self._broken = self._broken or error
        if client is None:
            return
        self._ear.deafen()
        client.purge()
        for _ in range(_LAST_REPORTS_TRIES):
            if not self._in_flight:
                break
            with suppress(KafkaException):  # once fatal, it says so at every call
                client.poll(_LAST_REPORTS_WAIT_S)
        self._in_flight = self._bytes_in_flight = 0

    def _fatal(self, error: KafkaException) -> OpenMSIError:
        """What no person can repair means: make a new producer."""
        found = self._ear.explain(error, doing="write to")
        return found if isinstance(found, NeedsYou | SettingsError) else ProducerBroken(found.title, found.advice)

    def _decided(self, token: Any, size: int, error: KafkaError | None, message: Any) -> None:
        self._in_flight -= 1
        self._bytes_in_flight -= size
        if error is None:
            self._ear.all_is_well()
            self._reports.append(Report(token, message.partition(), message.offset()))
            return
        trouble = self._ear.trouble(is_waiting=True) if says_nothing(error) else None
        cause = trouble.error if trouble else explain(error, topic=message.topic(), doing="write to")
        self._reports.append(Report(token, message.partition(), -1, cause))

    def _take_reports(self) -> list[Report]:
        reports, self._reports = self._reports, []
        return reports
