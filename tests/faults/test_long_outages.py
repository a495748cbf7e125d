"""An outage of days (F7), by a clock that is moved: attempts never cease, never crowd, and the first good one counts."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import pytest
from faults.report import Line
from servers.memory_broker import MemoryBroker

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.streaming.kafka.config import consumer_properties, producer_properties
from openmsi_desktop.streaming.kafka.errors import NoContact
from openmsi_desktop.streaming.sending.link import Link
from openmsi_desktop.streaming.supervisor import supervise

TICK_S = 5.0
GAP_MOST_S, RECOVERY_MOST_S = 60.0, 30.0
HOUR_S = 3600.0


class Outage:
    """A clock, a broker that is away until ``back_at``, and the moments at which it was asked."""

    def __init__(self, lasts_s: float) -> None:
        self.now = 1000.0
        self.back_at = self.now + lasts_s
        self.asked = [self.now]

    def clock(self) -> float:
        return self.now

    def ask(self) -> None:
        """Raises NoContact until the broker is back."""
        self.asked.append(self.now)
        if self.now < self.back_at:
            raise NoContact("Nothing answers")

    @property
    def worst_gap_s(self) -> float:
        return max(b - a for a, b in itertools.pairwise(self.asked))


@pytest.fixture
def outage(seconds: Callable[[float, float], float]) -> Outage:
    return Outage(seconds(6 * HOUR_S, 72 * HOUR_S))


def judge(outage: Outage, what: str, fault: Callable[[Line], None]) -> None:
    hours = round((outage.back_at - 1000.0) / HOUR_S)
    recovery_s = outage.asked[-1] - outage.back_at
    note = f"{hours} h by a clock that is moved; at most {outage.worst_gap_s:.0f} s between two attempts"
    fault(Line("F7", what, 1, recovery_s=recovery_s, note=note))
    assert 0 <= recovery_s <= RECOVERY_MOST_S
    assert outage.worst_gap_s <= GAP_MOST_S
    assert len(outage.asked) < (outage.back_at - 1000.0) / 10  # no crowding


def test_a_sender_tries_for_days(outage: Outage, fault: Callable[[Line], None]) -> None:
    broker = MemoryBroker()
    broker.create("t")
    answered = threading.Event()
    found: Any = broker.topic_info("t", 1)

    class Away(MemoryBroker):
        def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> Any:
            outage.ask()
            return found

        def producer(self, *, chunk_bytes: int = 0, is_single: bool = False) -> Any:
            return Mock()

    link = Link(
        Away(),
        "t",
        name="sender",
        on_topic=lambda topic: None,
        make_sender=lambda topic, producer: Mock(),
        wake=answered.set,
        monotonic=outage.clock,
    )
    while link.sender is None:
        asked = len(outage.asked)
        link.step(0)
        if link._asking is not None:
            assert answered.wait(10)
            answered.clear()
            link.step(0)
            assert len(outage.asked) > asked
        outage.now += TICK_S
        assert outage.now < outage.back_at + HOUR_S
    judge(outage, "a task that sends and has no contact yet", fault)


def test_a_reader_is_started_again_for_days(outage: Outage, fault: Callable[[Line], None]) -> None:
    class Reader:
        name = key = "reader"
        kind = "download"

        def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
            try:
                outage.ask()
            except RetryableError:
                outage.now += TICK_S  # it takes its time to find out
                raise

    def wait(delay_s: float) -> bool:
        outage.now += delay_s
        return False

    supervise(Reader(), threading.Event(), lambda event: None, monotonic=outage.clock, wait=wait)
    judge(outage, "a task that cannot begin", fault)


def test_connections_that_once_worked_are_tried_as_often() -> None:
    connection = {"bootstrap.servers": "a:1", "security.protocol": "SASL_SSL"}
    for properties in (producer_properties(connection), consumer_properties(connection, group="g")):
        attempt_ms = int(properties["socket.connection.setup.timeout.ms"])
        backoff_ms = 1.5 * int(properties["reconnect.backoff.max.ms"])  # with the library's own chance added
        assert attempt_ms + backoff_ms <= RECOVERY_MOST_S * 1000
        assert int(properties["reconnect.backoff.max.ms"]) >= int(properties.get("reconnect.backoff.ms", 100))
