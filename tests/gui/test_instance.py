"""One window for each data folder: later starts hand over their files, also after a kill."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from servers.parts import ROOT
from servers.systems import Needs, not_on_windows

from openmsi_desktop.gui.instance import Instance, Seat

SECOND = """
import json, sys
from pathlib import Path
from openmsi_desktop.gui.instance import Seat, hand_over
data, files, is_hidden = json.loads(sys.argv[1])
seat = Seat(Path(data))
assert not seat.take()
print(hand_over(seat.address_of_other(), [Path(f) for f in files], is_hidden=is_hidden))
"""
HOLD = """
import sys, time
from pathlib import Path
from openmsi_desktop.gui.instance import Seat
assert Seat(Path(sys.argv[1])).take()
print("taken", flush=True)
time.sleep(60)
"""


@pytest.fixture
def first(tmp_path: Path) -> Iterator[tuple[Seat, Instance]]:
    seat = Seat(tmp_path / "data")
    assert seat.take()
    instance = Instance(seat)
    assert not instance.error
    yield seat, instance
    instance.close()
    seat.give_up()


def call(data: Path, files: list[Path], *, is_hidden: bool = False) -> subprocess.Popen[bytes]:
    """What a second start does, in a process of its own."""
    arguments = json.dumps([str(data), [str(f) for f in files], is_hidden])
    return subprocess.Popen([sys.executable, "-c", SECOND, arguments], cwd=ROOT, stdout=subprocess.PIPE)


def test_a_second_start_hands_its_files_to_the_first(
    first: tuple[Seat, Instance], qtbot: QtBot, tmp_path: Path
) -> None:
    files = [tmp_path / "größe\n2.txt", Path("/data/\udcff.bin"), tmp_path]
    with qtbot.waitSignal(first[1].called, timeout=10_000) as heard:
        other = call(tmp_path / "data", files, is_hidden=True)
    assert heard.args == [tuple(files), True]
    assert other.communicate(timeout=10)[0].strip() == b"True"


def test_windows_of_other_data_folders_do_not_know_each_other(first: tuple[Seat, Instance], tmp_path: Path) -> None:
    other = Seat(tmp_path / "other")
    assert other.take() and other.address != first[0].address
    other.give_up()


@not_on_windows(Needs.POSIX_CALLS)
def test_nobody_else_may_connect(first: tuple[Seat, Instance]) -> None:
    place = Path(first[0].address)
    assert not place.stat().st_mode & 0o077 and not place.parent.stat().st_mode & 0o077


@not_on_windows(Needs.POSIX_CALLS)
@pytest.mark.parametrize("message", [b"[]\n", b'{"files": 3}\n', b"\xff\n", b'{"files": [], "hidden"', b""])
def test_what_is_no_message_does_no_harm(
    first: tuple[Seat, Instance], qtbot: QtBot, tmp_path: Path, message: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.connect(first[0].address)
        stranger.sendall(message)
        with qtbot.waitSignal(first[1].called, timeout=10_000) as heard:
            other = call(tmp_path / "data", [])
        other.communicate(timeout=10)
    assert heard.args == [(), False]


def test_after_a_kill_the_next_start_is_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout and process.stdout.readline().strip() == b"taken"
        seat = Seat(tmp_path)
        assert not seat.take()
        process.kill()
        process.wait(10)
    assert seat.take()
    instance = Instance(seat)
    assert not instance.error
    instance.close()
    seat.give_up()
