"""Reading back decides every version it was given, whatever goes wrong meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, cast

import pytest
from servers.parts import eventually

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.streaming.kafka.errors import OffsetGone
from openmsi_desktop.streaming.kafka.types import Broker, Message
from openmsi_desktop.streaming.sending import readback
from openmsi_desktop.streaming.sending.readback import CheckJob, CheckResult, GoneBeforeChecked, NotChecked, ReadBack


class Oddity:
    """A broker whose consumers fail with what no one expects at offset 13; every other message is gone."""

    def __init__(self, *, closes: bool = True) -> None:
        self.open = 0
        self.closes = closes

    def consumer(self) -> Oddity:
        self.open += 1
        return self

    def assign(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.at = positions

    def read(self, max_messages: int, timeout_s: float) -> list[Message]:
        ((topic, partition), offset) = next(iter(self.at.items()))
        if offset == 13:
            raise ValueError("thirteen")
        raise OffsetGone("gone", topic=topic, partition=partition, position=offset)

    def close(self) -> None:
        ((_, offset),) = self.at.items()
        if offset == 13 and not self.closes:
            raise ValueError("it stays open")
        self.open -= 1


def job(number: int, offset: int) -> CheckJob:
    return CheckJob(number, 1, "t", 0, f"{number}.dat", b"", [offset])


def decided(reading: ReadBack, count: int) -> dict[str, CheckResult]:
    """What is decided, by path, once there are so many."""
    out: dict[str, CheckResult] = {}

    def are_there() -> bool:
        out.update({r.job.path: r for r in reading.results()})
        return len(out) >= count

    eventually(are_there, timeout_s=5, what="the checks are decided")
    return out


def test_an_unforeseen_failure_leaves_no_file_undecided(caplog: pytest.LogCaptureFixture) -> None:
    broker = Oddity()
    reading = ReadBack(cast(Broker, broker), name="XRD")
    for number, offset in enumerate([5, 13, 20]):
        reading.submit(job(number, offset))
    results = decided(reading, 3)
    assert reading.outstanding == 0
    error = results["1.dat"].error
    assert isinstance(error, NeedsYou) and isinstance(error, NotChecked)
    assert "could not be checked" in error.title and "thirteen" in error.advice
    assert all(type(results[name].error) is GoneBeforeChecked for name in ("0.dat", "2.dat"))
    assert "the check of 1.dat failed" in caplog.text
    reading.close()
    assert broker.open == 0


def test_a_reader_that_cannot_be_closed_either_is_told_in_the_log_only(caplog: pytest.LogCaptureFixture) -> None:
    reading = ReadBack(cast(Broker, Oddity(closes=False)), name="XRD")
    for number, offset in enumerate([13, 20]):
        reading.submit(job(number, offset))
    results = decided(reading, 2)
    assert isinstance(results["0.dat"].error, NotChecked) and "thirteen" in results["0.dat"].error.advice
    assert type(results["1.dat"].error) is GoneBeforeChecked
    assert "cannot be closed" in caplog.text and "it stays open" in caplog.text
    reading.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_check_after_the_thread_ended_starts_another(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = ReadBack(cast(Broker, Oddity()), name="XRD")
    before = set(threading.enumerate())
    with monkeypatch.context() as broken:
        broken.setattr(readback, "sorted", _fails, raising=False)
        reading.submit(job(0, 5))
        eventually(lambda: set(threading.enumerate()) <= before, timeout_s=5, what="the thread has ended")
    reading.submit(job(1, 5))
    assert list(decided(reading, 1)) == ["1.dat"]
    reading.close()


def _fails(*values: Any, **options: Any) -> None:
    raise MemoryError
