"""Very many files at once, events that are lost, empty files, and names of every kind (F26, F27, F33, F34)."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from faults.report import Line
from faults.watched import Watched
from servers.kafka import Kafka
from servers.parts import eventually
from servers.program import Program
from servers.systems import Needs, not_on_windows
from servers.trees import AWKWARD_NAMES, read_tree
from watchdog.utils import BaseThread

from openmsi_desktop.core.rules import Rules
from openmsi_desktop.streaming.watching.rounds import LOOK_S
from openmsi_desktop.streaming.watching.sightings import Seen
from openmsi_desktop.streaming.watching.watcher import Watcher

pytestmark = not_on_windows(Needs.NAMES)

RSS_MOST = 400 * 1024 * 1024
NOTICED_MOST_S = 30.0
KERNEL_QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


def peak_memory(pid: int) -> int:
    """The most memory a process has had so far, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def wait_all_sent(watched: Watched, *, timeout_s: float) -> None:
    """By counts: there may be a million."""
    number = len(watched.written.last)

    def is_done() -> bool:
        counts = watched.ask("status")[0]["tasks"][0]["counts"]
        return int(counts.get("sent", 0)) == number

    watched.run.wait_until(is_done, timeout_s=timeout_s, what=f"all {number} files are sent")


def write_many(watched: Watched, number: int, *, folder: str, size: int, chance: random.Random) -> Iterator[str]:
    """Small files in folders of a thousand; gives the folder each time one is full."""
    for n in range(number):
        path = f"{folder} {n // 1000}/{n}.dat"
        watched.save(path, chance.randbytes(size))
        if n % 1000 == 999:
            yield path


def test_a_burst_of_small_files_all_comes_through_and_a_new_file_is_noticed_meanwhile(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    watched, chance, number = Watched(kafka, program, tmp_path), random.Random(26), repeats(1500, 50_000)
    watched.start()
    slowest = 0.0
    for turn, _ in enumerate(write_many(watched, number, folder="burst", size=200, chance=chance)):
        if turn % 5 == 0:
            asked = time.monotonic()
            watched.save(f"new {turn}.dat", b"new")
            watched.wait("found", f"new {turn}.dat")
            slowest = max(slowest, time.monotonic() - asked)
    wait_all_sent(watched, timeout_s=300)
    memory = peak_memory(watched.run.process.pid)
    watched.stop()
    assert memory <= RSS_MOST and slowest <= NOTICED_MOST_S
    note = f"a new file noticed within {slowest:.1f} s, {memory / 1e6:.0f} MB"
    judged("F26", "burst of small files", number, watched.verdict(), note=note)


@pytest.mark.usefixtures("only_on_request")
def test_a_million_files_at_the_start_and_a_new_file_is_noticed_meanwhile(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    watched, chance, number = Watched(kafka, program, tmp_path), random.Random(27), repeats(20_000, 1_000_000)
    for _ in write_many(watched, number, folder="there", size=50, chance=chance):
        pass
    watched.start(ready=False)
    asked = time.monotonic()
    watched.save("there 0/new.dat", b"new")
    watched.wait("found", "there 0/new.dat", timeout_s=120)
    slowest = time.monotonic() - asked
    wait_all_sent(watched, timeout_s=7200)
    memory = peak_memory(watched.run.process.pid)
    watched.stop()
    assert memory <= RSS_MOST
    note = f"a new file noticed within {slowest:.1f} s, {memory / 1e6:.0f} MB"
    judged("F26", "files that were there at the start", number, watched.verdict(), note=note)


def test_when_the_system_loses_events_everything_is_found_all_the_same(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    """The program is frozen, and more happens than the kernel keeps for it."""
    if not KERNEL_QUEUE.exists() or int(KERNEL_QUEUE.read_text()) > 50_000:
        pytest.skip("the kernel has no queue of events that a test can fill")
    watched, times, worst = Watched(kafka, program, tmp_path), repeats(1, 20), 0.0
    watched.save("0/first.dat", b"first")
    watched.start()
    watched.wait_sent("0/first.dat")
    noise = [watched.root / "one.tmp", watched.root / "other.tmp"]
    for turn in range(times):
        watched.run.process.send_signal(signal.SIGSTOP)
        with noise[0].open("ab", buffering=0) as one, noise[1].open("ab", buffering=0) as other:
            for _ in range(int(KERNEL_QUEUE.read_text()) // 2 + 100):
                one.write(b"x")  # equal events in a row would be one
                other.write(b"x")
        for number in range(50):
            watched.save(f"{turn}/{number}.dat", f"{turn} {number}".encode())
            watched.save(f"new folder {turn}/{number}.dat", f"{number}".encode())
        watched.run.process.send_signal(signal.SIGCONT)
        thawed = time.monotonic()
        watched.wait_sent(timeout_s=60)
        worst = max(worst, time.monotonic() - thawed)
    for file in noise:
        file.unlink()
    # and it still listens
    watched.save("new folder 0/last.dat", b"last")
    watched.wait_sent("new folder 0/last.dat")
    watched.stop()
    judged("F27", "more events than the system keeps", times, watched.verdict(), recovery_s=worst)


def look_until(watcher: Watcher, names: set[str]) -> None:
    """Until the watcher has told of all these files."""
    missing = set(names)

    def are_there() -> bool:
        missing.difference_update(item.relative for item in watcher.take(0.05) if isinstance(item, Seen))
        return not missing

    eventually(are_there, timeout_s=30, what=f"{len(names)} files are found")


def kill_the_events(root: Path) -> float:
    """End the thread that reads them, as a defect would; returns when, on the monotonic clock."""
    (thread,) = [t for t in threading.enumerate() if t.name == f"events {root}"]
    assert isinstance(thread, BaseThread)
    thread.stop()
    eventually(lambda: not thread.is_alive(), timeout_s=10, what="the thread is dead")
    return time.monotonic()


def test_when_the_thread_of_the_events_dies_it_is_noticed_and_everything_is_found(
    tmp_path: Path, repeats: Callable[[int, int], int], fault: Callable[[Line], None]
) -> None:
    times, worst = repeats(1, 20), 0.0
    for turn in range(times):
        root = tmp_path / f"{turn}"
        root.mkdir()
        watcher = Watcher(root, Rules())
        watcher.start()
        try:
            (root / "first.dat").touch()
            look_until(watcher, {"first.dat"})
            killed = kill_the_events(root)
            names = {f"{number}.dat" for number in range(100)}
            for name in names:
                (root / name).touch()
            look_until(watcher, names)
            worst = max(worst, time.monotonic() - killed)
            (root / "after.dat").touch()
            look_until(watcher, {"after.dat"})
            assert watcher.health.mode == "events"
        finally:
            watcher.stop(5.0)
    assert worst <= 2 * LOOK_S + 2.0
    fault(Line("F27", "thread of the events killed", times, recovery_s=worst, note="100 files each time, all found"))


def test_empty_files_are_sent_and_arrive_empty(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    watched, times = Watched(kafka, program, tmp_path, options=("--quiet", "0.2", "--max-wait", "1")), repeats(3, 20)
    target = tmp_path / "received"
    watched.start()
    for number in range(times):
        watched.save(f"run {number}/done.flag", b"")
        watched.save(f"filled {number}.dat", b"")
        watched.save(f"run {number}/full.dat", b"full")
    watched.wait_sent()
    for number in range(times):  # many programs create first and fill later
        watched.save(f"filled {number}.dat", f"{number}".encode())
    watched.wait_sent()
    watched.stop()
    there = ("--bootstrap", kafka.bootstrap(), "--until-idle", "1")
    read = program.run("download", watched.topic, "--target", target, *there, data="reader")
    assert read.process.returncode == 0, read.tell()
    last = {path: watched.written.contents[digest] for path, digest in watched.written.last.items()}
    assert read_tree(target, ignore=[".openmsi-parts"]) == last
    judged("F33", "empty files", 2 * times, watched.verdict())


_PIECES = (
    ";", "'", '"', "\n", "\t", " ", ".", "%", "%20", "#", "$HOME", "*", "?", "[x]", "|", "<", ">", ":", "&", "!", "~", "-",
    "é", "e\u0301", "Å", "A\u030a", "ß", "ſ", "试验", "микро", "🔬", "👩‍🔬", "\u202e", "\u05d0\u05d1", "\u200b", "\ufeff", "\x7f", "\x01",
    "CON", "nul", "AUX.txt", "COM1", "a", "B", "0", ".dat", ".tar.gz", "_chunk_1_of_2", "\\", "\udcff", "\udc80\udcfe",
)  # fmt: skip


def names(number: int, chance: random.Random) -> Iterator[str]:
    """Names that some system, program or format dislikes; surrogates stand for bytes that are no UTF-8."""
    for n in range(number):
        if n < len(AWKWARD_NAMES):
            yield AWKWARD_NAMES[n]
            continue
        name = "".join(chance.choices(_PIECES, k=chance.randrange(1, 8))) + str(n)
        name += chance.choice(["", "", "", " ", ".", "x" * 200])
        while len(os.fsencode(name)) > 255:
            name = name[:-1]
        folder = chance.choice(["", "", f"{chance.choice(_PIECES[:40])}f/", "deep/" * chance.randrange(1, 60)])
        yield folder.lstrip(".") + name


def test_names_of_every_kind_arrive_or_have_a_reason(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Callable[..., None]
) -> None:
    watched, chance, number = Watched(kafka, program, tmp_path), random.Random(34), repeats(300, 5000)
    target = tmp_path / "received"
    contents: dict[str, bytes] = {}
    for n, name in enumerate(names(number, chance)):
        file = watched.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        contents[name] = f"content {n}".encode()
        file.write_bytes(contents[name])
    watched.start()
    there = ("--bootstrap", kafka.bootstrap())

    def is_decided() -> bool:
        states = {row["state"] for row in watched.ask("files")}
        return states <= {"sent", "problem", "ignored"} and len(watched.ask("files")) >= len(contents)

    watched.run.wait_until(is_decided, timeout_s=120, what="every file is sent or has a reason")
    rows = watched.rows()
    watched.stop()
    assert rows.keys() == contents.keys()
    refused = {path for path, row in rows.items() if row["state"] != "sent"}
    assert all(rows[path]["reason"] for path in refused)
    for path in refused:  # only for causes that are listed in the reasons
        is_utf8 = path.isascii() or not any(unicodedata.category(c) == "Cs" for c in path)
        assert not is_utf8 or "\\" in path or rows[path]["state"] == "ignored" or _is_told(rows[path]["reason"]), rows[
            path
        ]
    for path in contents.keys() - refused:
        watched.written.add(path, contents[path])
    read = program.run("download", watched.topic, "--target", target, "--until-idle", "2", *there, data="reader")
    assert read.process.returncode == 0, read.tell()
    delivered = {e["path"]: Path(e["local"]) for e in read.find(event="file", state="delivered")}
    assert delivered.keys() == contents.keys() - refused
    assert all(local.is_relative_to(target) and local.read_bytes() == contents[p] for p, local in delivered.items())
    for path in refused:
        os.unlink(watched.root / path)
    verdict = watched.verdict()
    judged("F34", "names at the sender", number, verdict, note=f"{len(refused)} with a reason")


def _is_told(reason: str) -> bool:
    return any(
        word in reason for word in ("character", "backslash", "drive letter", "control", "long", "name", "UTF-8")
    )
