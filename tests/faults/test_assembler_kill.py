"""A reader that is killed again and again ends with the same files as one that never was."""

from __future__ import annotations

import pickle
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from faults.killed_reader import Sent
from faults.report import Line
from servers.chunks import chunks_of, content
from servers.systems import ON_WINDOWS

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.received import rows

KILLS = 20
KILLED = 1 if ON_WINDOWS else -9


def prepared(chance: random.Random) -> tuple[list[Sent], dict[str, bytes]]:
    """Messages of many files, some in two versions, mixed, a tenth of them twice; and what has to come of them."""
    wanted: dict[str, bytes] = {}
    lanes: list[list[Sent]] = []
    for number in range(60):
        path, partition = f"f{number}", number % 2
        versions = [content(chance.randrange(60_000), number * 10 + v) for v in range(1 + number % 3 // 2)]
        sender = ALICE if number % 2 else None
        lanes.append(
            [
                (partition, chunk, sender and Sender(ALICE_ID, 100 + v))
                for v, data in enumerate(versions)
                for chunk in chunks_of(path, data, 2000)
            ]
        )
        wanted[path] = versions[-1]
    log: list[Sent] = []
    while lanes:
        lane = chance.choice(lanes)
        log.append(lane.pop(0))
        if chance.random() < 0.1 and log[-1][2] is not None:
            log.append(log[-1])
        if not lane:
            lanes.remove(lane)
    return log, wanted


ALICE_ID = "a" * 32
ALICE = Sender(ALICE_ID, 1)


def runs(folder: Path) -> Iterator[subprocess.Popen[str]]:
    program = Path(__file__).with_name("killed_reader.py")
    while True:
        with subprocess.Popen([sys.executable, program, folder], stdout=subprocess.PIPE, text=True) as child:
            yield child


def test_a_reader_killed_at_any_moment_ends_with_the_right_files(
    tmp_path: Path, repeats: Callable[[int, int], int], fault: Callable[[Line], None]
) -> None:
    killed = 0
    for number in range(repeats(1, 40)):
        folder = tmp_path / str(number)
        folder.mkdir()
        killed += is_killed_and_goes_on(folder, random.Random(11 + number))
    fault(Line("F1", "the assembler is killed between any two steps", killed))


def is_killed_and_goes_on(tmp_path: Path, chance: random.Random) -> int:
    """How often it was killed until it was done; the files are right."""
    log, wanted = prepared(chance)
    (tmp_path / "messages").write_bytes(pickle.dumps(log))
    for name in ("parts", "out"):
        (tmp_path / name).mkdir()
    killed = 0
    for child in runs(tmp_path):
        assert child.stdout is not None
        if child.stdout.readline() != "ready\n":
            raise AssertionError("the reader could not start")
        if killed < KILLS:
            time.sleep(chance.uniform(0, 0.05))  # the moment of the kill, not a wait for anything
            child.kill()
            killed += child.wait() == KILLED
        if child.stdout.read() == "done\n" and child.wait() == 0:
            break
    assert killed >= KILLS // 2
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == wanted
    journal = Journal(tmp_path / "journal.db")
    assert {row.state for row in rows(journal)} <= {FileState.DELIVERED, FileState.SUPERSEDED}
    journal.close()
    return killed
