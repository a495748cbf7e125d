"""Questions beside the reading: one connection for many of them, and none that is kept for nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.streaming.kafka.types import Partition
from openmsi_desktop.streaming.receiving.enquiry import Enquiry, watermarks

WHERE: Partition = ("xrd", 0)


class Doorman:
    """A broker that counts the connections to it."""

    def __init__(self) -> None:
        self.made = self.open = 0
        self.is_down = False

    def consumer(self, *, group: str = "") -> Any:
        self.made += 1
        self.open += 1
        return self

    def watermarks(self, topic: str, partition: int, timeout_s: float) -> tuple[int, int]:
        if self.is_down:
            raise RetryableError("Nobody answers")
        return 3, 7

    def close(self) -> None:
        self.open -= 1


@pytest.fixture
def broker() -> Doorman:
    return Doorman()


@pytest.fixture
def enquiry(broker: Doorman) -> Iterator[Enquiry]:
    made = Enquiry(broker, threading.Event(), name="test")  # type: ignore[arg-type]
    yield made
    made.close()
    assert broker.open == 0


def test_questions_share_a_connection(enquiry: Enquiry, broker: Doorman) -> None:
    for _ in range(3):
        assert enquiry.answer(watermarks([WHERE])) == {WHERE: (3, 7)}
    assert (broker.made, broker.open) == (1, 1)


def test_after_an_outage_no_connection_is_kept(enquiry: Enquiry, broker: Doorman) -> None:
    """Otherwise each task that was once without contact would have two for ever, with their threads and memory."""
    rare = enquiry.ask(watermarks([WHERE]), is_rare=True)
    assert rare.wait(10)
    assert rare.result() == {WHERE: (3, 7)}
    assert (broker.made, broker.open) == (1, 0)


def test_a_connection_that_failed_is_not_used_again(enquiry: Enquiry, broker: Doorman) -> None:
    broker.is_down = True
    with pytest.raises(RetryableError):
        enquiry.answer(watermarks([WHERE]))
    broker.is_down = False
    assert enquiry.answer(watermarks([WHERE])) == {WHERE: (3, 7)}
    assert (broker.made, broker.open) == (2, 1)
