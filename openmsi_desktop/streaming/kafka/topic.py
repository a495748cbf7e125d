"""Looks a topic up. The first contact of every task, so it is here that a connection's faults get their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import replace
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, OffsetSpec

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.causes import Weight, is_no_broker
from openmsi_desktop.streaming.kafka.client import Ear
from openmsi_desktop.streaming.kafka.config import Value, admin_properties, servers
from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.kafka.looks import PortLooks
from openmsi_desktop.streaming.kafka.sentences import CONTROLLER, about
from openmsi_desktop.streaming.kafka.types import Cluster, TopicInfo

_SOON_S = 0.05
_AT_ONCE_S = 0.005
_NOW_AND_THEN_S = 0.5
_PATIENCE_S = 0.7
_NEWEST_S = 1.0
_EMBEDDED = "mockCluster"
_NO_ID = "AAAAAAAAAAAAAAAAAAAAAA"


class LookUp:
    """One client for a few questions, all to be answered by ``deadline`` on the monotonic clock. One thread."""

    def __init__(
        self,
        properties: Mapping[str, Value],
        *,
        ear: Ear,
        looks: PortLooks,
        monotonic: Callable[[], float],
        timeout_s: float,
    ) -> None:
        self._ear = ear
        self._looks = looks
        self._monotonic = monotonic
        self._begun = monotonic()
        self._timeout_s = timeout_s
        self._expected = {f"{host}:{port}" for host, port in servers(properties)}
        self._silent: dict[str, float] = {}
        self._admin: Any = ear.make(AdminClient, admin_properties(properties))
        self._metadata: Any = None

    def close(self) -> None:
        """Let go of the client at once, whoever still holds this object (an exception does): it would sign in again."""
        self._ear.deafen()
        self._admin = None

    def topic(self, name: str, *, with_newest: bool = False, with_rights: bool = False) -> TopicInfo:
        """See Broker.topic_info. with_rights: what the account may do with it, too."""
        try:
            info = self._topic(name, with_rights=with_rights)
            # where the broker stamps the messages, or keeps them for ever, no clock of ours can do harm
            if (
                with_newest
                and not info.stamps_append_time
                and info.retention_ms != -1
                and not info.cluster_id.startswith(_EMBEDDED)
            ):
                info = replace(info, newest_ms=self._newest_soon(name, info.partitions))
            return info
        except KafkaException as error:
            raise self._ear.explain(error, topic=name, doing="see") from error

    def contact(self) -> None:
        """Only make sure that we are let in."""
        try:
            self._await(self._admin.describe_cluster(request_timeout=self._rest_s()))
        except KafkaException as error:
            raise self._ear.explain(error) from error

    def cluster(self) -> Cluster:
        """See KafkaBroker.cluster. Unlike contact() it needs no more than the addresses that the connection names."""
        wait_s = _SOON_S
        while (found := self._ask_metadata(None, min(wait_s, self._rest_s()))) is None:
            self._admin.poll(_SOON_S)
            self._raise_what_is_certain()
            if self._monotonic() > self._begun + self._timeout_s:
                raise self._no_contact()
            wait_s *= 2  # soon, for what is heard meanwhile; and long, for a slow line
        brokers = sorted((number, item.host, item.port) for number, item in found.brokers.items())
        return Cluster(found.cluster_id or "", tuple(brokers), tuple(sorted(found.topics)))

    def newest(self, name: str, partitions: Sequence[int]) -> int | None:
        """The highest time stamp on a topic, milliseconds since 1970; None: there is none, or this broker cannot tell."""
        asked = dict.fromkeys((TopicPartition(name, number) for number in partitions), _NEWEST)
        futures = self._admin.list_offsets(asked, request_timeout=self._rest_s())
        try:
            stamps = [self._await(future).timestamp for future in futures.values()]
        except KafkaException as error:
            if error.args[0].code() in _MAY_NOT_ASK:
                return None
            raise self._ear.explain(error, topic=name, doing="see") from error
        return max((stamp for stamp in stamps if stamp > 0), default=None)

    def _newest_soon(self, name: str, partitions: int) -> int | None:
        """The highest time stamp, unless a partition has no leader just now, or the like."""
        asked = dict.fromkeys((TopicPartition(name, number) for number in range(partitions)), _NEWEST)
        futures = list(self._admin.list_offsets(asked, request_timeout=_NEWEST_S).values())
        done, _ = wait(futures, _NEWEST_S)
        stamps = [future.result().timestamp for future in done if future.exception() is None]
        return max((stamp for stamp in stamps if stamp > 0), default=None)

    def _topic(self, name: str, *, with_rights: bool) -> TopicInfo:
        topic_id, settings = "", {}
        rights: frozenset[str] | None = None
        # both are on their way before the first answer is waited for
        description = self._admin.describe_topics(
            TopicCollection([name]), request_timeout=self._rest_s(), include_authorized_operations=with_rights
        )[name]
        resource = ConfigResource(ConfigResource.Type.TOPIC, name)
        config = self._admin.describe_configs([resource], request_timeout=self._rest_s())[resource]
        if not self._is_embedded(name):
            described = self._await(description, unless=lambda: self._is_embedded(name))
            if described is not None:
                topic_id = str(described.topic_id or "")
                if with_rights and described.authorized_operations is not None:
                    rights = frozenset(right.name for right in described.authorized_operations)
                settings = self._settings(config)
                if self._metadata is None or self._metadata.topics[name].error is not None:
                    self._metadata = self._ask_metadata(name, self._rest_s())
        if self._metadata is None:
            raise self._no_contact()
        found = self._metadata.topics[name]
        if found.error is not None:
            raise KafkaException(found.error)
        cluster_id = self._metadata.cluster_id or ""
        parts = [found.partitions[number] for number in sorted(found.partitions)]
        return TopicInfo(
            name,
            cluster_id,
            "" if topic_id == _NO_ID else topic_id,
            len(parts),
            settings,
            leaders=tuple(part.leader for part in parts),
            copies=min((len(part.replicas) for part in parts), default=0),
            copies_in_step=min((len(part.isrs) for part in parts), default=0),
            rights=rights,
        )

    def _settings(self, answer: Future[Any]) -> dict[str, str]:
        try:
            entries = self._await(answer)
        except KafkaException as error:
            if error.args[0].code() in _MAY_NOT_ASK:
                return {}
            raise
        return {key: entry.value for key, entry in entries.items() if entry.value is not None}

    def _is_embedded(self, name: str) -> bool:
        """librdkafka's own broker answers no administrator's requests; only the metadata tell that it is one."""
        self._metadata = self._ask_metadata(name, _SOON_S)
        return self._metadata is not None and (self._metadata.cluster_id or "").startswith(_EMBEDDED)

    def _ask_metadata(self, name: str | None, timeout_s: float) -> Any:
        try:
            return self._admin.list_topics(name, timeout=timeout_s)
        except KafkaException as error:
            if is_no_broker(error.args[0]):
                raise about(", ".join(sorted(self._expected)), CONTROLLER) from error
            return None

    def _await(self, future: Future[Any], *, unless: Callable[[], bool] = lambda: False) -> Any:
        """The answer. None if ``unless`` becomes true before it comes.

        Raises:
            KafkaException: the broker's refusal.
            OpenMSIError: what stands in the way, as soon as that is certain.
        """
        next_question = self._monotonic() + _NOW_AND_THEN_S
        while not future.done():
            if self._monotonic() >= next_question:
                if unless():
                    return None
                next_question = self._monotonic() + _NOW_AND_THEN_S
            # the answer comes on another thread, complaints only inside poll(): neither may wait for the other
            wait([future], _AT_ONCE_S)
            self._admin.poll(0)
            if future.done():
                break
            self._raise_what_is_certain()
            if self._monotonic() > self._begun + self._timeout_s:
                raise self._no_contact()
        try:
            return future.result()
        except KafkaException as error:
            if error.args[0].code() not in _NO_ANSWER:
                raise
        self._admin.poll(0)
        self._raise_what_is_certain()
        raise self._no_contact()

    def _raise_what_is_certain(self) -> None:
        finding = self._ear.heard()
        if finding is None:
            return
        if finding.worth_a_look:
            if seen := self._looks.verdict(finding.server, since=self._begun):
                raise type(seen)(seen.title, seen.advice, code=seen.code)  # another thread may raise it too
            if self._looks.is_looking(finding.server):
                return
        if finding.weight is Weight.CERTAIN:
            raise finding.error
        if finding.weight is Weight.NETWORK and finding.server in self._expected:
            self._silent.setdefault(finding.server, self._monotonic())
            if self._nobody_is_left():
                raise finding.error

    def _nobody_is_left(self) -> bool:
        """Whether every address has failed, and the last of them (it may stand for several) was tried again."""
        return self._silent.keys() == self._expected and self._monotonic() > max(self._silent.values()) + _PATIENCE_S

    def _no_contact(self) -> OpenMSIError:
        finding = self._ear.heard()
        if finding is None or not finding.server:
            return NoContact(
                "The broker does not answer",
                f"There was no answer within {self._timeout_s:g} s. Nothing is lost; it is tried again by itself. Check the "
                "network and the address of the connection.",
                code="no-contact",
            )
        error = finding.error
        if self._metadata is not None and finding.server not in self._expected:
            named = "The broker itself gives its clients this address (advertised.listeners); it has to be one that is "
            return type(error)(error.title, f"{error.advice} {named}reachable from here.", code="advertised")
        return error

    def _rest_s(self) -> float:
        """At least a little: what is just being answered is waited for."""
        return max(self._begun + self._timeout_s - self._monotonic(), 0.1)


_NEWEST: OffsetSpec = OffsetSpec.max_timestamp()  # type: ignore[no-untyped-call]
_NO_ANSWER = {KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._DESTROY}
_MAY_NOT_ASK = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.UNSUPPORTED_VERSION,
    KafkaError._UNSUPPORTED_FEATURE,
}
