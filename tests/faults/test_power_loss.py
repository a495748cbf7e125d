"""The computer loses its power: damaged files are held, and everything else goes on (F2)."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.oracle import Written, judge, read_topic
from servers.kafka import Kafka
from servers.program import Program, Running
from servers.reboot import Computer

MiB = 1024 * 1024
BIG = 20 * MiB
"""Above the size up to which a file is read only once."""


def zero(file: Path) -> None:
    """Its length is right, its contents never reached the disk."""
    file.write_bytes(bytes(file.stat().st_size))


def zero_end(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as writer:
        writer.seek(size // 2 // 4096 * 4096)
        writer.write(bytes(size - writer.tell()))


def zero_block(file: Path) -> None:
    with file.open("r+b") as writer:
        writer.seek(4096)
        writer.write(bytes(4096))


def empty(file: Path) -> None:
    os.truncate(file, 0)


def shorten(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 3)


DAMAGES = (zero, zero_end, zero_block, empty, shorten)


class Instrument:
    """A folder of good files, and the power that fails."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        root.mkdir()
        self.written, self.chance = Written(root), chance

    def save(self, path: str, content: bytes) -> None:
        self.written.add(path, content)
        self.written.root.joinpath(path).write_bytes(content)

    def damage(self, path: str, how: Callable[[Path], None]) -> None:
        """As a file system leaves it after the power came back: times of before."""
        file = self.written.root / path
        stat = file.stat()
        how(file)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    def repair(self, path: str) -> None:
        self.written.root.joinpath(path).write_bytes(self.written.contents[self.written.last[path]])

    def digest(self, path: str) -> str:
        return self.written.last[path]


def wait_sent(run: Running, instrument: Instrument, *paths: str) -> None:
    for path in paths:
        run.wait_for(event="file", state="sent", path=path, sha512=instrument.digest(path), timeout_s=60)


def test_damaged_files_are_held_until_they_are_put_right_or_somebody_wants_them(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    judged: Callable[..., None],
) -> None:
    topic = kafka.create_topic(partitions=2, config={"message.timestamp.type": "LogAppendTime"})
    chance = random.Random(2)
    instrument, computer = Instrument(tmp_path / "xrd", chance), Computer(tmp_path / "computer")
    there = ("--bootstrap", kafka.bootstrap())
    command = ("watch", instrument.written.root, "--topic", topic, "--quiet", "0.2", *there)

    def start(*more: str) -> Running:
        return program.start(*command, *more, data="sender", env=computer.env)

    events: list[dict[str, object]] = []
    times, worst, kills = repeats(1, 100), 0.0, []
    names = [how.__name__ for how in DAMAGES]
    run = start()
    for number in range(times):
        for name in [*names, "good"]:
            instrument.save(f"{name}.dat", chance.randbytes(50_000 + number))
        wait_sent(run, instrument, *(f"{name}.dat" for name in names), "good.dat")
        run.kill()
        events += run.events
        # two big files are on their way when the power goes
        for name in ("big zero.raw", "big good.raw"):
            instrument.save(name, chance.randbytes(BIG + number))
        run = start("--limit", "4000000")
        run.wait_until(
            lambda run=run: any(e.get("chunks_done") for e in run.find(event="file", state="sending")),  # type: ignore[misc]
            timeout_s=30,
            what="a part of one of them is on its way",
        )
        run.kill()
        kills.append(time.time())
        events += run.events
        for name, how in zip(names, DAMAGES, strict=True):
            instrument.damage(f"{name}.dat", how)
        instrument.damage("big zero.raw", zero)
        computer.boot(orderly=False, at=time.time() + 0.01)
        back = time.time()
        run = start()
        held = [*(f"{name}.dat" for name in names), "big zero.raw"]
        for name in held:
            run.wait_for(event="file", state="held", path=name, timeout_s=30)
        wait_sent(run, instrument, "big good.raw")
        worst = max(worst, time.time() - back)
        assert not run.find(event="file", path="good.dat")  # nothing has become of it
        rows = {row["path"]: row for row in program.run("files", "--state", "held", data="sender").events}
        assert sorted(rows) == sorted(held)
        assert all("since this computer lost its power" in row["reason"] for row in rows.values()), rows
        # life goes on: what is written now is sent, even if it is made of zeros
        instrument.save("zeros.dat", bytes(30_000 + number))
        wait_sent(run, instrument, "zeros.dat")
        # a person wants one of them as it is, and leaves another one; the rest is put right
        as_it_is = "zero.dat"
        instrument.written.add(as_it_is, bytes(50_000 + number))
        told = program.run("decide", instrument.written.root / as_it_is, "--send", data="sender")
        assert told.process.returncode == 0
        wait_sent(run, instrument, as_it_is)
        program.run("ignore", "empty.dat", data="sender")
        run.wait_for(event="file", state="ignored", path="empty.dat")
        for name in held:
            if name != as_it_is:
                instrument.repair(name)
        wait_sent(run, instrument, "big zero.raw")
        for name in (n for n in held if n not in (as_it_is, "big zero.raw")):
            # what was sent before is what it holds again
            run.wait_for(event="file", state="sent", path=name, sha512=instrument.digest(name))
        assert program.run("status", data="sender").events[0]["tasks"][0]["problems"] == []
    assert run.stop() == 143, run.tell()
    events += run.events
    verdict = judge(
        instrument.written,
        read_topic(kafka.client(), topic, instrument.written),
        said=events,
        journal=program.run("files", data="sender").events,
        interruptions=kills,
    )
    judged("F2", "power lost, damaged files held", times, verdict, recovery_s=worst, note=f"{6 * times} files held")


@pytest.mark.parametrize("orderly", [True, None])
def test_after_an_orderly_shutdown_nothing_is_held(
    kafka: Kafka, program: Program, tmp_path: Path, orderly: bool | None
) -> None:
    """orderly: what the computer tells; None: only our own mark tells of the orderly end."""
    topic = kafka.create_topic()
    instrument, computer = Instrument(tmp_path / "xrd", random.Random(3)), Computer(tmp_path / "computer")
    command = ("watch", instrument.written.root, "--topic", topic, "--quiet", "0.2", "--bootstrap", kafka.bootstrap())
    instrument.save("a.dat", b"first")
    run = program.start(*command, env=computer.env)
    wait_sent(run, instrument, "a.dat")
    if orderly is None:
        run.stop()
    else:
        run.kill()
    stat = (instrument.written.root / "a.dat").stat()
    instrument.save("a.dat", bytes(5))  # a program that puts the old time back
    os.utime(instrument.written.root / "a.dat", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    computer.boot(orderly=orderly, at=time.time() + 0.01)
    run = program.start(*command, env=computer.env)
    wait_sent(run, instrument, "a.dat")
    assert run.stop() == 143
