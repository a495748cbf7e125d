"""How programs write: slowly, with pauses, through other names, again and again, under locks (F8, F9, F11, F12)."""

from __future__ import annotations

import fcntl
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from faults.oracle import Part
from faults.report import Line
from faults.watched import Watched
from servers.kafka import Kafka
from servers.parts import eventually
from servers.program import Program
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.open_file import open_for_reading

pytestmark = not_on_windows(Needs.POSIX_CALLS)


def pause(seconds_: float) -> None:
    """What a writing program does between two writes: this is the fault, nothing is waited for."""
    time.sleep(seconds_)


def versions(parts: list[Part], path: str) -> int:
    """How many versions of a path are on the topic, whole or not."""
    return len({part.version for part in parts if part.path == path})


def test_a_file_that_grows_slowly_is_sent_once_and_whole(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    gap, total = seconds(0.4, 60.0), seconds(4.0, 1200.0)
    watched, chance = Watched(kafka, program, tmp_path, options=("--quiet", str(3 * gap))), random.Random(8)
    times = repeats(3, 20)
    watched.start()
    end, number = time.monotonic() + total, 0
    while time.monotonic() < end:
        for one in range(times):
            with (watched.root / f"log {one}.csv").open("ab", buffering=0) as file:
                file.write(f"{number};{chance.random()}\n".encode() * chance.randrange(1, 3000))
        number += 1
        pause(chance.uniform(gap / 60, gap))
    ended = time.time()
    for one in range(times):
        watched.note(f"log {one}.csv")
    watched.wait_sent(timeout_s=60 + 3 * gap)
    watched.stop()
    parts = watched.parts()
    assert [versions(parts, f"log {one}.csv") for one in range(times)] == [1] * times
    assert min(part.at for part in parts) >= ended  # nothing of it before its end
    late = max(part.at for part in parts) - ended - 3 * gap
    judged("F8", "grows slowly", times, watched.verdict(parts=parts), note=f"sent {late:.1f} s after the quiet time")


def test_a_writer_that_pauses_longer_than_usual_makes_two_versions_and_the_first_is_replaced(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    watched, chance = Watched(kafka, program, tmp_path, options=("--quiet", "0.4")), random.Random(9)
    watched.start()
    times = repeats(3, 20)
    for number in range(times):
        path = f"scan {number}.dat"
        file = (watched.root / path).open("wb", buffering=0)
        with file:
            for _ in range(3):
                file.write(chance.randbytes(200_000))
                pause(min(0.1, chance.paretovariate(1.2) / 50))
            watched.note(path)
            watched.wait_sent(path)  # the pause was too long
            for _ in range(3):
                file.write(chance.randbytes(200_000))
                pause(min(0.1, chance.paretovariate(1.2) / 50))
        watched.note(path)
        watched.wait_sent(path)
        first, last = watched.written.versions[path]
        replaced = watched.wait("replaced", path)
        assert (replaced["sha512"], watched.written.last[path]) == (first, last)
    watched.stop()
    parts = watched.parts()
    assert [versions(parts, f"scan {number}.dat") for number in range(times)] == [2] * times
    judged("F9", "pauses longer than the quiet time", times, watched.verdict(parts=parts))


# -- saving (F11)


def save_by_rename(root: Path, name: str, content: bytes) -> None:
    aside = root / f".{name}.{os.getpid()}.tmp"
    aside.write_bytes(content)
    aside.replace(root / name)


def save_as_word_does(root: Path, name: str, content: bytes) -> None:
    """A lock file, a new file, and the old one moved out of the way."""
    lock, fresh, old = root / f"~${name[2:]}", root / "~WRD0001.tmp", root / "~WRL0002.tmp"
    lock.write_bytes(b"\x05owner" * 20)
    fresh.write_bytes(content)
    if (root / name).exists():
        (root / name).rename(old)
    fresh.rename(root / name)
    old.unlink(missing_ok=True)


def save_as_excel_does(root: Path, name: str, content: bytes) -> None:
    """A name of eight digits without a suffix, renamed at the end."""
    (root / f"~${name}").write_bytes(b"\x05owner" * 20)
    fresh = root / "5A3D7C00"
    fresh.write_bytes(content)
    if (root / name).exists():
        (root / name).rename(root / "9B0E1F22.tmp")
        (root / "9B0E1F22.tmp").unlink()
    fresh.rename(root / name)


def save_as_libreoffice_does(root: Path, name: str, content: bytes) -> None:
    (root / f".~lock.{name}#").write_bytes(b",lab,pc7,21.11.2026 12:00;")
    fresh = root / "lu12345abcde.tmp"
    fresh.write_bytes(content)
    fresh.replace(root / name)


def save_as_vim_does(root: Path, name: str, content: bytes) -> None:
    (root / f".{name}.swp").write_bytes(b"b0VIM 9.0")
    (root / "4913").touch()
    (root / "4913").unlink()
    if (root / name).exists():
        (root / name).rename(root / f"{name}~")
    (root / name).write_bytes(content)
    (root / f"{name}~").unlink(missing_ok=True)


def save_by_a_chain(root: Path, name: str, content: bytes) -> None:
    (root / "step one").write_bytes(content)
    (root / "step one").rename(root / "step two")
    (root / "step two").rename(root / "step three")
    (root / "step three").replace(root / name)


SAVES = {
    "renamed.dat": save_by_rename,
    "report.docx": save_as_word_does,
    "table.xlsx": save_as_excel_does,
    "notes.odt": save_as_libreoffice_does,
    "script.py": save_as_vim_does,
    "chain.dat": save_by_a_chain,
}
LOCKS = ("~$port.docx", "~$table.xlsx", ".~lock.notes.odt#", ".script.py.swp")


def test_only_final_names_are_sent_and_only_when_it_is_quiet(
    kafka: Kafka,
    program: Program,
    tmp_path: Path,
    repeats: Callable[[int, int], int],
    seconds: Callable[[float, float], float],
    judged: Callable[..., None],
) -> None:
    """In full: an hour of saving every 20 s, with the usual quiet time."""
    every, quiet = seconds(0.15, 20.0), seconds(0.5, 10.0)
    watched, chance = Watched(kafka, program, tmp_path, options=("--quiet", str(quiet))), random.Random(11)
    watched.start()
    times, began = repeats(12, 180), time.monotonic()
    for number in range(times):
        for name, save in SAVES.items():
            content = f"{number} of {name}".encode() + chance.randbytes(20_000)
            watched.written.add(name, content)
            save(watched.root, name, content)
        pause(every)
        if number % 6 == 5:
            pause(3 * quiet)  # a while without saving
    watched.wait_sent(*SAVES)
    lasted = time.monotonic() - began
    for lock in LOCKS:
        (watched.root / lock).unlink()
    watched.save("end.dat", b"end")
    watched.wait_sent("end.dat")
    watched.stop()
    parts = watched.parts()
    assert {part.path for part in parts} == {*SAVES, "end.dat"}
    most = max(versions(parts, name) for name in SAVES)
    assert most <= lasted / quiet + 1
    if every < quiet:
        assert most <= times // 6 + 1  # one for each while
    judged("F11", "saved through other names", times * len(SAVES), watched.verdict(parts=parts), note=f"{most} uploads")


# -- locks (F12)

_LOCKER = """
import fcntl, os, sys
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
taken = refused = 0
print("ready", flush=True)
for number in range(int(sys.argv[2])):
    for take, free in ((fcntl.flock, fcntl.LOCK_UN), (fcntl.lockf, fcntl.LOCK_UN)):
        try:
            take(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.pwrite(file, b"x" * 512, 512 * (number % 8))
            take(file, free)
            taken += 1
        except OSError:
            refused += 1
print(taken, refused, flush=True)
"""


def test_our_open_is_never_in_the_way_of_a_lock(
    tmp_path: Path, repeats: Callable[[int, int], int], fault: Callable[[Line], None]
) -> None:
    file, times = tmp_path / "locked.dat", repeats(2000, 10_000)
    file.write_bytes(bytes(4096))
    writer = subprocess.Popen([sys.executable, "-c", _LOCKER, file, str(times)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    opened, end = 0, time.monotonic() + 120
    with writer:
        try:
            assert writer.stdout.readline() == "ready\n"
            while writer.poll() is None or opened < times:
                with open_for_reading(file) as reader:
                    assert len(reader.read(4096)) == 4096
                opened += 1
                assert time.monotonic() < end, "the writer does not come to its end"
            taken, refused = map(int, writer.stdout.readline().split())
        finally:
            writer.kill()
    assert (taken, refused) == (2 * times, 0)
    fault(Line("F12", "flock and lockf of a writer", opened, note=f"{refused} of {taken} locks refused"))


def test_a_file_under_a_lease_is_waited_for_and_its_writer_never_waits_for_us(
    kafka: Kafka, program: Program, tmp_path: Path, judged: Callable[..., None]
) -> None:
    """The kernel asks the holder of a lease to give it up when somebody opens the file; ours does not insist."""
    watched = Watched(kafka, program, tmp_path)
    path = watched.save("leased.dat", b"leased")
    asked = threading.Event()
    before = signal.signal(signal.SIGIO, lambda number, frame: asked.set())
    holder = os.open(path, os.O_RDWR)
    try:
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        watched.start()
        eventually(asked.is_set, timeout_s=20, what="our program has tried to open it")
        told = watched.wait("problem", "leased.dat")
        assert told["reason"] == "leased.dat is in use"
        watched.save("other.dat", b"other")
        watched.wait_sent("other.dat")
        os.pwrite(holder, b"LEASED", 0)  # the writer goes on
        watched.written.add("leased.dat", b"LEASED")  # to read it here would wait for the lease
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    finally:
        os.close(holder)
        signal.signal(signal.SIGIO, before)
    watched.wait_sent("leased.dat")
    watched.stop()
    judged("F12", "a lease of a writer", 1, watched.verdict())
