"""The clock is wrong, jumps, or changes to summer time; files have times that cannot be true (F35)."""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from faults.oracle import Event
from faults.watched import Watched
from servers.clock import WrongClock
from servers.kafka import Kafka
from servers.program import Program

DAY = 86_400.0
_NEGATIVE = re.compile(r"(?<![\w.])-\d+(\.\d+)? ?(s|min|h|d)\b")


@pytest.fixture
def clock(tmp_path: Path) -> WrongClock:
    return WrongClock(tmp_path)


def negative(events: list[Event]) -> Iterator[str]:
    """Durations below zero in anything that was said."""
    for event in events:
        yield from (str(value) for value in event.values() if isinstance(value, str) and _NEGATIVE.search(value))


def set_right(events: list[Event], *offsets: float) -> list[Event]:
    """The events with the time at which they happened: the program stamps them with its wrong clock."""
    end = datetime.now(UTC)
    begin = end - timedelta(hours=1)

    def true(time: str) -> str:
        said = datetime.fromisoformat(time)
        (moment,) = {m for o in offsets if begin <= (m := said - timedelta(seconds=o)) <= end}
        return moment.isoformat()

    return [{**event, "time": true(event["time"])} for event in events]


def until(moment: str) -> float:
    """Seconds from now to a moment of UTC."""
    return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() - datetime.now(UTC).timestamp()


def test_files_are_sent_once_whatever_the_clock_does(
    kafka: Kafka,
    program: Program,
    clock: WrongClock,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    watched, chance = Watched(kafka, program, tmp_path, env=clock.env), random.Random(35)
    times = repeats(1, 20)
    jumps = (DAY, -DAY, 0.0, 3 * 3600.0)
    for number in range(times):
        clock.set(0.0)
        watched.start("--limit", "12000000")
        for turn, jump in enumerate(jumps):
            big = f"big {number} {turn % 2}.raw"
            watched.save(big, chance.randbytes(17 * 1024 * 1024))
            since = len(watched.run.events)
            watched.wait_part(big, 0.2, since=since)
            clock.set(jump)  # in the middle of it
            watched.save(f"{number} {turn}.dat", chance.randbytes(1000))
            watched.wait_sent(big, f"{number} {turn}.dat")
        watched.stop()
    sent = len(watched.parts())
    # starting with a wrong clock sends nothing again
    for jump in (DAY, -DAY, 0.0):
        clock.set(jump)
        watched.start()
        watched.save("after.dat", f"{jump}".encode())
        watched.wait_sent("after.dat")
        watched.stop()
    parts = watched.parts()
    assert len(parts) == sent + 3
    assert list(negative(watched.events)) == []
    # what is on the way goes on; a jump is no change of the file
    wholes = [digest for path, v in watched.written.versions.items() if path.startswith("big") for digest in v]
    assert sum(part.path.startswith("big") for part in parts) == 34 * len(wholes)
    watched.events = set_right(watched.events, *sorted(set(jumps)))
    judged("F35", "clock jumps while sending", times * len(jumps), watched.verdict(parts=parts))


def test_times_of_files_that_cannot_be_true(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    watched = Watched(kafka, program, tmp_path)
    times = {
        "1901.dat": -2_170_000_000,
        "1969.dat": -1,
        "1970.dat": 0,
        "2040.dat": 2_208_988_800,
        "2300.dat": 10_413_792_000,
    }

    def save(*, prefix: str) -> None:
        for name, seconds in times.items():
            os.utime(watched.save(prefix + name, (prefix + name).encode()), (seconds, seconds))

    save(prefix="before ")
    watched.start()
    save(prefix="while ")
    watched.wait_sent()
    watched.stop()
    count = len(watched.parts())
    watched.start()
    watched.save("after.dat", b"after")
    watched.wait_sent("after.dat")
    watched.stop()
    parts = watched.parts()
    assert count == 2 * len(times) and len(parts) == count + 1
    assert list(negative(watched.events)) == []
    judged("F35", "times of files that cannot be true", len(times), watched.verdict(parts=parts))


def test_summer_time_begins_and_ends(
    kafka: Kafka, program: Program, clock: WrongClock, tmp_path: Path, judged: Callable[..., None]
) -> None:
    watched = Watched(kafka, program, tmp_path, env={**clock.env, "TZ": "Europe/Berlin"})
    changes = [until("2027-03-28T00:59:58"), until("2027-10-31T00:59:58")]
    watched.start()
    number = 0
    for wrong_by in changes:
        clock.set(wrong_by)
        end = datetime.now(UTC) + timedelta(seconds=2.5)
        while datetime.now(UTC) < end:
            number += 1
            watched.save(f"{number}.dat", str(number).encode())
            watched.wait_sent(f"{number}.dat")
    watched.stop()
    # the computer is carried to another zone
    watched.env = {**clock.env, "TZ": "Asia/Tokyo"}
    watched.start()
    watched.save("after.dat", b"after")
    watched.wait_sent("after.dat")
    watched.stop()
    parts = watched.parts()
    assert len(parts) == number + 1
    assert list(negative(watched.events)) == []
    watched.events = set_right(watched.events, 0.0, *changes)
    judged("F35", "summer time begins and ends, another zone", 3, watched.verdict(parts=parts))


def test_a_clock_that_the_broker_does_not_believe_stops_sending_until_it_is_right(
    kafka: Kafka, program: Program, clock: WrongClock, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """Without LogAppendTime a broker refuses stamps that are far ahead of its own clock."""
    topic = kafka.create_topic(config={"message.timestamp.after.max.ms": "3600000"})
    watched = Watched(kafka, program, tmp_path, env=clock.env, topic=topic)
    clock.set(2 * DAY)
    watched.save("ahead.dat", b"ahead")
    watched.start()
    watched.run.wait_for(event="task", state="waiting", timeout_s=30)
    (told,) = {(e["title"], e["advice"]) for e in watched.run.find(event="task", state="waiting")}
    assert "clock" in " ".join(told)
    assert not watched.run.find(event="file", state="sent")
    clock.set(0.0)
    watched.wait_sent(timeout_s=60)
    watched.stop()
    watched.events = set_right(watched.events, 0.0, 2 * DAY)
    judged("F35", "stamps that the broker refuses", 1, watched.verdict())


def test_a_clock_a_day_behind_waits_where_messages_are_kept_for_a_day(
    kafka: Kafka, program: Program, clock: WrongClock, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """Only the newest message of the topic tells: nothing was recorded here before."""
    topic = kafka.create_topic(config={"retention.ms": str(round(1000 * DAY))})
    (tmp_path / "other.dat").write_bytes(b"of another computer")
    command = ("send", tmp_path / "other.dat", "--topic", topic, "--bootstrap", kafka.bootstrap())
    assert program.run(*command, data="other").process.returncode == 0
    clock.set(-DAY)
    refused = program.run(*command, data="third", env=clock.env)
    assert refused.process.returncode == 3, refused.tell()
    assert "clock" in refused.find(event="task", state="failed")[0]["title"]
    watched = Watched(kafka, program, tmp_path, env=clock.env, topic=topic)
    watched.save("behind.dat", b"behind")
    watched.start()
    told = watched.run.wait_for(event="task", state="waiting", timeout_s=30)
    assert "clock" in told["title"] and "newest message of the topic" in told["advice"]
    assert kafka.message_count(topic) == 1
    clock.set(0.0)
    watched.ask("retry")
    watched.wait_sent(timeout_s=60)
    watched.stop()
    watched.events = set_right(watched.events, 0.0, -DAY)
    parts = [part for part in watched.parts() if part.path != "other.dat"]
    judged("F35", "a clock that is a day behind", 1, watched.verdict(parts=parts))
