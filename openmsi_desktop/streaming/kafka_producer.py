"""The Producer on Kafka. One thread, one client of the library; every chunk comes through send()."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import confluent_kafka as library
from confluent_kafka import KafkaError, KafkaException

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.broker_errors import ProducerBroken
from openmsi_desktop.streaming.kafka_client import Ear, explained, make
from openmsi_desktop.streaming.kafka_errors import explain
from openmsi_desktop.streaming.kafka_types import Report, Trouble


class KafkaProducer:
    """See :class:`~openmsi_desktop.streaming.kafka_types.Producer`."""

    def __init__(self, properties: Mapping[str, Any], *, ear: Ear) -> None:
        self._ear = ear
        self._client: Any = make(library.Producer, properties, ear)
        self._reports: list[Report] = []
        self._broken: OpenMSIError | None = None

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
        try:
            self._client.produce(
                topic,
                value,
                key,
                partition,
                on_delivery=partial(self._decided, token),
                headers=list(headers) or None,
            )
        except BufferError:
            return False
        except KafkaException as error:
            if error.args[0].fatal():
                self._broken = _as_broken(explained(error))
                raise self._broken from error
            raise explained(error, topic=topic) from error
        return True

    def poll(self, timeout_s: float) -> list[Report]:
        if self._broken is None:
            self._serve(timeout_s)
        if self._broken is not None and not self._reports:
            raise self._broken
        reports, self._reports = self._reports, []
        return reports

    @property
    def in_flight(self) -> int:
        return len(self._client) if self._client is not None else 0

    def trouble(self) -> Trouble | None:
        return self._ear.present()

    def purge(self) -> list[Report]:
        if self._client is not None:
            self._client.purge(in_queue=True, in_flight=False)
            self._serve(0)
        return self._take_reports()

    def flush(self, timeout_s: float) -> list[Report]:
        if self._client is not None and self._broken is None:
            try:
                self._client.flush(timeout_s)
            except OpenMSIError as error:
                self._broken = error
            except KafkaException as error:
                self._broken = _as_broken(explained(error))
        return self._take_reports()

    def close(self) -> None:
        if self._client is not None:
            self._client.purge()
            self._client = None
        self._broken = self._broken or ProducerBroken("The connection was closed")

    def _serve(self, timeout_s: float) -> None:
        try:
            self._client.poll(timeout_s)
        except OpenMSIError as error:
            self._broken = error
        except KafkaException as error:
            self._broken = _as_broken(explained(error))

    def _decided(self, token: Any, error: KafkaError | None, message: Any) -> None:
        if error is None:
            self._ear.all_is_well()
            self._reports.append(Report(token, message.partition(), message.offset()))
        else:
            self._reports.append(Report(token, message.partition(), -1, explain(error, topic=message.topic())))

    def _take_reports(self) -> list[Report]:
        reports, self._reports = self._reports, []
        return reports


def _as_broken(error: OpenMSIError) -> OpenMSIError:
    """A fatal error that no person can repair means: make a new producer."""
    if isinstance(error, ProducerBroken) or not _needs_a_person(error):
        return ProducerBroken(error.title, error.advice)
    return error


def _needs_a_person(error: OpenMSIError) -> bool:
    from openmsi_desktop.core.errors import NeedsYou, SettingsError

    return isinstance(error, NeedsYou | SettingsError)
