"""supervise(): what people see of a service's life, on a clock that only the test moves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from openmsi_desktop.core.errors import ChunkError, DiskFull, NeedsYou, OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.events import Event, ReadyEvent, TaskEvent, TaskState
from openmsi_desktop.streaming.supervisor import ServiceThread, supervise

Step = Callable[[threading.Event, Callable[[], None]], None]


class Clock:
    """Time passes when somebody waits."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []
        self.stop_in_wait = 0

    def monotonic(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds
        return len(self.waits) == self.stop_in_wait


class Scripted:
    """A service that does one prepared thing per start."""

    name = "XRD"
    key = "watch:1"
    kind = "watch"

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)

    def run(self, stop: threading.Event, ready: Callable[[], None]) -> None:
        self.steps.pop(0)(stop, ready)


def fails(error: Exception) -> Step:
    def step(stop: threading.Event, ready: Callable[[], None]) -> None:
        raise error

    return step


def ends(stop: threading.Event, ready: Callable[[], None]) -> None:
    ready()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def watch(service: Scripted, clock: Clock, **options: object) -> tuple[Exception | None, list[Event]]:
    seen: list[Event] = []
    result = supervise(
        service,
        threading.Event(),
        seen.append,
        monotonic=clock.monotonic,
        wait=clock.wait,
        **options,  # type: ignore[arg-type]
    )
    return result, seen


def states(events: list[Event]) -> list[str]:
    return [event.state.value for event in events if isinstance(event, TaskEvent)]


def test_a_service_that_ends_has_started_run_and_stopped(clock: Clock) -> None:
    result, seen = watch(Scripted(ends), clock)
    assert result is None
    assert states(seen) == ["starting", "running", "stopped"]
    assert all(event.task == "XRD" for event in seen)


def test_a_passing_fault_is_waited_for_and_said(clock: Clock) -> None:
    _, seen = watch(Scripted(fails(RetryableError("No contact", "Nothing is lost.")), ends), clock)
    assert states(seen) == ["starting", "waiting", "starting", "running", "stopped"]
    waiting = seen[1]
    assert isinstance(waiting, TaskEvent)
    assert waiting.title == "No contact"
    assert waiting.advice == "Nothing is lost. Trying again in 1 s."
    assert waiting.needs_you is None, "it passes by itself"


def test_delays_grow_to_twenty_seconds_and_stay_there(clock: Clock) -> None:
    watch(Scripted(*[fails(RetryableError("No contact"))] * 7, ends), clock)
    assert clock.waits == [1, 2, 5, 10, 20, 20, 20]


def running_for(seconds: float, clock: Clock) -> Step:
    def step(stop: threading.Event, ready: Callable[[], None]) -> None:
        ready()
        clock.now += seconds
        raise RetryableError("No contact")

    return step


def test_five_good_minutes_make_the_delays_begin_anew(clock: Clock) -> None:
    broken = fails(RetryableError("No contact"))
    watch(Scripted(broken, broken, running_for(299, clock), running_for(300, clock), broken, ends), clock)
    assert clock.waits == [1, 2, 5, 1, 2]


def test_a_long_start_without_ready_is_no_good_run(clock: Clock) -> None:
    def slow(stop: threading.Event, ready: Callable[[], None]) -> None:
        clock.now += 1000
        raise RetryableError("No contact")

    watch(Scripted(slow, slow, ends), clock)
    assert clock.waits == [1, 2]


def test_what_needs_a_person_is_tried_every_thirty_seconds(clock: Clock) -> None:
    refused = fails(NeedsYou("The broker refused the sign-in", "Check the password."))
    _, seen = watch(Scripted(refused, refused, refused, ends), clock)
    assert clock.waits == [30, 30, 30]
    assert states(seen)[:4] == ["starting", "waiting", "starting", "waiting"]
    assert isinstance(seen[1], TaskEvent)
    assert "Trying again in 30 s." in seen[1].advice and seen[1].needs_you


def test_needing_a_person_does_not_use_up_the_short_delays(clock: Clock) -> None:
    watch(Scripted(fails(NeedsYou("x")), fails(RetryableError("y")), ends), clock)
    assert clock.waits == [30, 1]


def test_a_mistake_in_the_settings_fails_at_once(clock: Clock) -> None:
    result, seen = watch(Scripted(fails(SettingsError("acks may not be 1", "Take it out."))), clock)
    assert isinstance(result, SettingsError)
    assert states(seen) == ["starting", "failed"]
    assert (seen[-1].title, seen[-1].advice) == ("acks may not be 1", "Take it out.")  # type: ignore[attr-defined]
    assert clock.waits == []


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "openmsi.log"
    handler = logging.FileHandler(path)
    logging.getLogger().addHandler(handler)
    yield path
    logging.getLogger().removeHandler(handler)
    handler.close()


@pytest.mark.parametrize("bug", [ZeroDivisionError("what nobody may see"), ChunkError("what nobody may see")])
def test_a_bug_fails_without_a_traceback_for_people(clock: Clock, log_file: Path, bug: Exception) -> None:
    result, seen = watch(Scripted(fails(bug)), clock)
    assert result is bug
    assert states(seen) == ["starting", "failed"]
    if isinstance(bug, ZeroDivisionError):
        assert str(log_file) in seen[-1].advice  # type: ignore[attr-defined]
        assert "nobody" not in seen[-1].advice  # type: ignore[attr-defined]
    assert type(bug).__name__ in log_file.read_text()
    assert "Traceback" in log_file.read_text()


def test_a_stop_while_waiting_ends_the_waiting(clock: Clock) -> None:
    clock.stop_in_wait = 2
    result, seen = watch(Scripted(*[fails(RetryableError("No contact"))] * 3), clock)
    assert result is None
    assert states(seen)[-2:] == ["waiting", "stopped"]
    assert len(clock.waits) == 2


def test_an_error_on_the_way_out_is_no_failure(clock: Clock) -> None:
    def stops(stop: threading.Event, ready: Callable[[], None]) -> None:
        stop.set()
        raise RetryableError("No contact")

    result, seen = watch(Scripted(stops), clock)
    assert result is None
    assert states(seen) == ["starting", "stopped"]


def test_ready_is_told_once_however_often_it_starts(clock: Clock) -> None:
    def twice_ready(stop: threading.Event, ready: Callable[[], None]) -> None:
        ready()
        ready()
        raise RetryableError("No contact")

    _, seen = watch(Scripted(twice_ready, ends), clock)
    assert states(seen).count("running") == 2
    assert sum(isinstance(event, ReadyEvent) for event in seen) == 1


def test_the_caller_can_make_an_error_final(clock: Clock) -> None:
    asked: list[OpenMSIError] = []

    def go_on(error: OpenMSIError) -> bool:
        asked.append(error)
        return len(asked) < 2

    result, seen = watch(Scripted(*[fails(NeedsYou("Refused", "Check."))] * 2), clock, go_on=go_on)
    assert isinstance(result, NeedsYou)
    assert states(seen) == ["starting", "waiting", "starting", "failed"]


def test_a_thread_bears_the_name_of_its_service_and_stops_it() -> None:
    names: list[str] = []
    started = threading.Event()
    seen: list[Event] = []

    def works(stop: threading.Event, ready: Callable[[], None]) -> None:
        names.append(threading.current_thread().name)
        ready()
        started.set()
        stop.wait(10)

    thread = ServiceThread(Scripted(works), seen.append)
    thread.start()
    assert started.wait(5)
    thread.stop()
    thread.stop()
    assert thread.join(5)
    assert thread.error is None
    assert names == ["XRD"]
    assert [e.state for e in seen if isinstance(e, TaskEvent)] == [
        TaskState.STARTING,
        TaskState.RUNNING,
        TaskState.STOPPING,
        TaskState.STOPPED,
    ]


def test_a_full_disk_is_looked_at_again_every_few_seconds(clock: Clock) -> None:
    service = Scripted(*[fails(DiskFull("The disk is full")) for _ in range(12)], ends)
    watch(service, clock)
    assert clock.waits[0] == 1 and max(clock.waits) == 10
