"""The connection test on a server that does not do what Apache Kafka does: librdkafka's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from interop.connecting import failure, run, stage

from openmsi_desktop.core.events import Stage
from openmsi_desktop.streaming.connection_test.topics import TopicUse
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

INIT_PRODUCER_ID = 22
CLUSTER_AUTHORIZATION_FAILED = 31


@pytest.fixture
def embedded() -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker() as broker:
        broker.create("xrd", 1)
        yield broker


def test_a_server_that_stores_the_tests_message_is_named(embedded: EmbeddedBroker) -> None:
    verdict = run({"bootstrap.servers": embedded.bootstrap}, TopicUse("xrd"))
    assert verdict.error is None, verdict.error
    assert [notice.code for notice in stage(verdict, Stage.WRITE).warnings] == ["test-message-stored"]
    assert "openmsi-desktop-check.txt" in stage(verdict, Stage.WRITE).warnings[0].advice


def test_who_may_write_but_not_without_duplicates_is_told(embedded: EmbeddedBroker) -> None:
    embedded.fail_next(INIT_PRODUCER_ID, *[CLUSTER_AUTHORIZATION_FAILED] * 5)
    failed = failure(run({"bootstrap.servers": embedded.bootstrap}, TopicUse("xrd")))
    assert (failed.stage, failed.code) == (Stage.WRITE, "idempotence-denied")
    assert failed.title == "The account may not send safely"
    assert "IdempotentWrite" in failed.advice
