"""Several tasks for a while, with kills, restarts of the broker and folders that vanish: nothing is lost, nothing grows (F48)."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from faults.disks import MB, small_disk
from faults.observer import observed
from faults.oracle import Event, Verdict, Written, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running
from servers.systems import Needs, not_on_windows

pytestmark = not_on_windows(Needs.LINUX)

TASKS = 3
SLOPE_MOST = 30 * MB
"""Bytes an hour; the figure to reach is 1 MB/h over 72 h, which minutes are too short to tell."""
NOISE = 8 * MB
"""Bytes that come and go; over the few minutes of a soak they are many an hour."""
_LONG_S = 300.0
"""Below so many seconds nothing is said about growth."""
_OUTAGE_S = 5.0
"""Longer than the tasks wait before they look at the connection in other ways."""
_WARM_UP = ["outage", "unmount all", "mount all"]
"""What every task has been through before growth is measured: what it needs for that is kept once, not each time."""


@dataclass(slots=True)
class Gauge:
    """What one process takes: memory in bytes, open files, threads; with the time in seconds."""

    samples: list[tuple[float, int, int, int]] = field(default_factory=list)

    def look(self, run: Running) -> None:
        folder = Path(f"/proc/{run.process.pid}")
        try:
            status = (folder / "status").read_text()
            files = len(os.listdir(folder / "fd"))
        except OSError:
            return  # it has just ended
        if "VmRSS:" not in status:
            return
        memory = int(status.split("VmRSS:")[1].split()[0]) * 1024
        threads = int(status.split("Threads:")[1].split()[0])
        self.samples.append((time.monotonic(), memory, files, threads))

    def growth(self) -> tuple[float, int, int]:
        """Bytes an hour (from the median of the second quarter to that of the last one); files and threads from the
        least of the one to the least of the other, because a connection that is being made has some for a moment."""
        quarter = len(self.samples) // 4
        if quarter < 5:
            return 0.0, 0, 0
        early, late = (self.samples[n * quarter : (n + 1) * quarter] for n in (1, 3))
        hours = (late[0][0] - early[0][0]) / 3600
        memory = [sorted(sample[1] for sample in part)[quarter // 2] for part in (early, late)]
        files = [min(sample[2] for sample in part) for part in (early, late)]
        threads = [min(sample[3] for sample in part) for part in (early, late)]
        return (memory[1] - memory[0]) / hours, files[1] - files[0], threads[1] - threads[0]

    @property
    def slope_most(self) -> float:
        """Bytes an hour that :meth:`growth` may say."""
        quarter = len(self.samples) // 4
        hours = (self.samples[3 * quarter][0] - self.samples[quarter][0]) / 3600
        return max(SLOPE_MOST, NOISE / hours)


@dataclass(slots=True)
class Watched:
    """One folder with its disk, topic and reader's target."""

    written: Written
    topic: str
    target: Path
    disk: Path
    is_away: bool = False

    def write(self, chance: random.Random, number: int) -> None:
        if self.is_away:
            return
        path = f"{number % 50}.dat"
        content = chance.randbytes(chance.choice([10, 4000, 300_000])) + b"%d" % number
        self.written.add(path, content)
        aside = self.written.root / ".next.tmp"
        aside.write_bytes(content)
        aside.replace(self.written.root / path)

    def unmount(self) -> None:
        """The disk is pulled; what is on it stays on it."""
        self.is_away = True
        subprocess.run(["umount", "-l", str(self.written.root)], check=True)

    def mount(self) -> None:
        subprocess.run(["mount", "--bind", str(self.disk), str(self.written.root)], check=True)
        self.is_away = False


@pytest.fixture
def watched(private_kafka: Kafka, tmp_path: Path) -> Iterator[list[Watched]]:
    """Folders on disks of their own, so that they can be unmounted."""
    with ExitStack() as disks:
        made = []
        for number in range(TASKS):
            disk = disks.enter_context(small_disk(tmp_path / f"disk {number}", 100 * MB))
            root, target = tmp_path / f"instrument {number}", tmp_path / f"received {number}"
            root.mkdir()
            target.mkdir()
            (disk.path / "data").mkdir()
            topic = private_kafka.create_topic(partitions=2, config={"message.timestamp.type": "LogAppendTime"})
            one = Watched(Written(root), topic, target, disk.path / "data")
            one.mount()
            made.append(one)
        yield made
        for one in made:
            if not one.is_away:
                subprocess.run(["umount", "-l", str(one.written.root)], check=True)


def settings_of(kafka: Kafka, watched: list[Watched], *, sends: bool) -> str:
    text = f'version = 1\n[[connections]]\nname = "c"\nkafka = {{ "bootstrap.servers" = "{kafka.bootstrap()}" }}\n'
    for number, one in enumerate(watched):
        if sends:
            text += f'[[watched_folders]]\nname = "w{number}"\npath = "{one.written.root}"\nconnection = "c"\n'
            text += f'topic = "{one.topic}"\nsettle = {{ quiet_s = 0.3, max_wait_s = 5 }}\n'
        else:
            text += f'[[downloads]]\nname = "d{number}"\ntopics = ["{one.topic}"]\nconnection = "c"\n'
            text += f'target = "{one.target}"\nkeep_free = 0\n'
    return text


@dataclass(slots=True)
class Service:
    """A program that is started again whenever it was killed."""

    start_it: Callable[[], Running]
    lives: list[Running] = field(default_factory=list)
    gauge: Gauge = field(default_factory=Gauge)
    """Of the last life."""

    def start(self) -> None:
        self.gauge = Gauge()
        self.lives.append(self.start_it())

    @property
    def run(self) -> Running:
        return self.lives[-1]

    @property
    def events(self) -> list[Event]:
        return [event for life in self.lives for event in life.events]


def test_a_day_in_short(
    private_kafka: Kafka,
    program: Program,
    watched: list[Watched],
    judged: Callable[..., None],
    seconds: Callable[[float, float], float],
) -> None:
    kafka, length = private_kafka, seconds(15, 1200)
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    services = []
    for name in ("sender", "reader"):
        file = program.folder / f"{name}.toml"
        file.write_text(settings_of(kafka, watched, sends=name == "sender"))
        services.append(Service(lambda name=name, file=file: program.start("run", "--settings", file, data=name)))  # type: ignore[misc]
        services[-1].start()
    sender, reader = services
    for service in services:
        service.run.wait_until(
            lambda service=service: len(service.run.find(event="ready")) == TASKS,  # type: ignore[misc]
            timeout_s=60,
            what="all tasks are ready",
        )
    faults = ["kill sender", "broker", "unmount", "kill reader"]
    plot, counts = faults[: 2 if length < 60 else 4], dict.fromkeys(faults, 0)
    # kills stop at half time, so that growth can be seen in one life
    warm_up = list(_WARM_UP)
    every_s, began, number = length / 4 if length < 60 else 20.0, time.monotonic(), 0
    next_at = began + every_s
    with ExitStack() as observers:
        seen = [observers.enter_context(observed(one.target, one.written, ("target",))) for one in watched]
        while (now := time.monotonic()) < began + length:
            number += 1
            watched[number % TASKS].write(chance, number)
            for service in services:
                service.gauge.look(service.run)
            if now >= next_at:
                next_at += every_s
                half = now > began + length / 2 and length >= _LONG_S
                if half and warm_up:
                    play_to_all(warm_up.pop(0), kafka, watched)
                    for service in services:
                        service.gauge = Gauge()
                else:
                    what = plot.pop(0) if plot else chance.choice(["broker", "unmount"] if half else faults)
                    counts[what] += 1
                    # to be measured, all are there now and then
                    away = [one for one in watched if one.is_away and half]
                    play(what, kafka, sender, reader, chance.choice(away or watched))
            time.sleep(1 / TASKS)  # so many files a second

        for one in watched:
            if one.is_away:
                one.mount()
        what = "the last version of every file is delivered"
        try:
            reader.run.wait_until(
                lambda: not any(undelivered(one, reader) for one in watched), timeout_s=120, what=what
            )
        except AssertionError as error:
            lacks = [f"{one.written.root}: {undelivered(one, reader)}" for one in watched]
            raise AssertionError("\n".join([str(error), *lacks, sender.run.tell()])) from None
    verdict = Verdict()
    for service in services:
        assert service.run.stop() == 143, service.run.tell()
        assert not any("made a mistake" in life.errors() for life in service.lives)
    said = sorted([*sender.events, *reader.events], key=lambda e: str(e["time"]))
    for one, observer in zip(watched, seen, strict=True):
        parts = read_topic(kafka.client(), one.topic, one.written)
        mine = [e for e in said if e.get("topic") == one.topic]
        found = judge(one.written, parts, said=mine, target=one.target)
        verdict.add(found)
        verdict.mixed += observer.torn
    growth = [service.gauge.growth() for service in services]
    journals = [sum(f.stat().st_size for f in (program.folder / n).glob("journal.db*")) for n in ("sender", "reader")]
    note = (
        f"{number} files in {length:.0f} s, {', '.join(f'{n} x {what}' for what, n in counts.items())}; "
        f"journals {max(journals) // 1000} kB"
    )
    if length >= _LONG_S:
        note += "; growth of " + ", of ".join(
            f"{name} {slope / MB:+.1f} MB/h, {files:+} handles, {threads:+} threads"
            for name, (slope, files, threads) in zip(("the sender", "the reader"), growth, strict=True)
        )
    judged("F48", "soak", sum(counts.values()), verdict, note=note)
    assert max(journals) < 10 * MB
    if length >= _LONG_S:
        for service, (slope, files, threads) in zip(services, growth, strict=True):
            assert slope < service.gauge.slope_most and files <= 2 and threads <= 2, growth


def play_to_all(what: str, kafka: Kafka, watched: list[Watched]) -> None:
    """One thing that goes wrong for every task."""
    if what == "outage":
        kafka.stop()
        time.sleep(_OUTAGE_S)  # the fault itself
        kafka.start()
    for one in watched if what != "outage" else ():
        if one.is_away != (what == "unmount all"):
            one.mount() if one.is_away else one.unmount()


def play(what: str, kafka: Kafka, sender: Service, reader: Service, one: Watched) -> None:
    """One thing that goes wrong."""
    if what == "broker":
        kafka.stop()
        kafka.start()
    elif what == "unmount":
        one.mount() if one.is_away else one.unmount()
    else:
        service = sender if what == "kill sender" else reader
        assert service.run.process.poll() is None, service.run.tell()
        service.run.kill()
        service.start()


def undelivered(one: Watched, reader: Service) -> list[str]:
    """Paths of which the last version was not told of as delivered."""
    said = {
        (e["path"], e.get("sha512"))
        for e in reader.events
        if e.get("topic") == one.topic and e.get("state") == "delivered"
    }
    return [path for path, digest in one.written.last.items() if (path, digest) not in said]
