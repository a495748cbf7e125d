"""A client of the library that reads no more after an outage is replaced by a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from servers.chunks import chunks_of, content
from servers.memory_broker import MemoryBroker
from streaming.reading import Reader, until

from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.kafka.types import Consumer, Partition
from openmsi_desktop.streaming.receiving import stall
from openmsi_desktop.streaming.receiving.consumer import TopicConsumer
from openmsi_desktop.streaming.receiving.enquiry import watermarks

pytestmark = pytest.mark.usefixtures("saves_often")


@pytest.fixture(autouse=True)
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stall, "FIRST_S", 0.05)
    monkeypatch.setattr(stall, "SECOND_S", 0.1)


def outage(broker: MemoryBroker, service: TopicConsumer) -> None:
    """Nobody answers until the reader has noticed it."""
    broker.fault = NoContact("nobody answers")
    until(lambda: service.no_contact_for() > 0)
    broker.fault = None


def test_a_client_that_reads_no_more_is_replaced(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker)
    broker.put_chunks("t", chunks_of("f", content(400)))
    with reader.running() as service:
        until(lambda: "f" in reader.files)
        for consumer in broker.consumers:
            consumer.is_deaf = True
        outage(broker, service)
        broker.put_chunks("t", chunks_of("g", content(500)))
        until(lambda: reader.error is not None)
    assert isinstance(reader.error, stall.Stalled)
    reader.read_all()
    assert set(reader.files) == {"f", "g"}


def test_one_that_goes_on_is_left_alone(tmp_path: Path, broker: MemoryBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Iterable[Partition]] = []

    def ask(partitions: Iterable[Partition]) -> Callable[[Consumer], dict[Partition, tuple[int, int]]]:
        asked.append(partitions)
        return watermarks(partitions)

    monkeypatch.setattr(stall, "watermarks", ask)
    reader = Reader(tmp_path, broker)
    with reader.running() as service:
        until(reader.ready.is_set)
        outage(broker, service)
        for number in range(20):
            broker.put_chunks("t", chunks_of(f"f{number}", content(400)))
            until(lambda number=number: f"f{number}" in reader.files)  # type: ignore[misc]
        until(lambda: asked)
        until(lambda: service.idle_for() > 0.3)
        before = len(asked)
        until(lambda: service.idle_for() > 1.0)
    assert reader.error is None
    assert len(asked) <= before + 1, "without an outage nobody needs to be asked"


def test_marks_that_are_never_handed_out_cost_one_new_client(tmp_path: Path, broker: MemoryBroker) -> None:
    reader = Reader(tmp_path, broker)
    broker.put_chunks("t", chunks_of("f", content(400)))
    with reader.running() as service:
        until(lambda: "f" in reader.files)
        broker.topics["t"].log[0].append(None)
        outage(broker, service)
        until(lambda: reader.error is not None)
    with reader.running() as service:
        made = len(broker.consumers)
        broker.put_chunks("t", chunks_of("g", content(400)))
        until(lambda: "g" in reader.files and service.idle_for() > 0.5)
    assert reader.error is None
    assert len(broker.consumers) - made <= 2
