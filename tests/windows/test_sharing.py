"""Our reader beside a program that writes: whatever that lets others do, and whoever comes first (fault F12)."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import itertools
import os
from pathlib import Path

import pytest
from windows.handles import (
    APPEND,
    DELETE,
    OPEN_ALWAYS,
    READ,
    SHARE_DELETE,
    SHARE_READ,
    SHARE_WRITE,
    SHARING_VIOLATION,
    WRITE,
    opened,
    write,
)

from openmsi_desktop.core.errors import RetryableError
from openmsi_desktop.core.open_file import open_for_reading
from openmsi_desktop.core.windows_files import changed_ns

ACCESS = {"write": WRITE, "read and write": READ | WRITE, "append": APPEND, "write and delete": WRITE | DELETE}
SHARES = range(8)
OPENS = 10_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scan.dat"
    path.write_bytes(b"first")
    return path


@pytest.mark.parametrize("share", SHARES)
def test_the_time_of_a_change_is_told_whatever_a_writer_shares(file: Path, share: int) -> None:
    with opened(file, WRITE, share):
        assert changed_ns(str(file))


def test_the_time_of_a_change_is_not_put_back_with_the_others(file: Path) -> None:
    before, changed = os.stat(file), changed_ns(str(file))
    assert changed is not None
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns - 10**12))
    now = changed_ns(str(file))
    assert now is not None and now > os.stat(file).st_mtime_ns and now >= changed


@pytest.mark.parametrize("access", ACCESS)
@pytest.mark.parametrize("share", SHARES)
def test_a_writer_that_came_first_goes_on_whatever_it_shares(file: Path, access: str, share: int) -> None:
    with opened(file, ACCESS[access], share) as handle:
        write(handle, b"1")
        if share & SHARE_READ:
            with open_for_reading(file) as reader:
                write(handle, b"2")
                assert reader.read()
        else:
            with pytest.raises(RetryableError) as caught:
                open_for_reading(file)
            assert caught.value.title == "scan.dat is in use" and caught.value.path == file
            assert "tried again until the program lets go" in caught.value.advice
        write(handle, b"3")
    with open_for_reading(file) as reader:
        assert b"3" in reader.read()


@pytest.mark.parametrize("access", ACCESS)
@pytest.mark.parametrize("share", [s for s in SHARES if s & SHARE_READ])
def test_a_writer_that_comes_while_we_read_is_let_in(file: Path, access: str, share: int) -> None:
    with open_for_reading(file) as reader:
        with opened(file, ACCESS[access], share) as handle:
            write(handle, b"later")
        assert reader.read()


def test_only_a_writer_that_wants_nobody_to_read_has_to_wait_for_us(file: Path) -> None:
    """The one case that no reader on Windows can avoid; a file is read only after it has been at rest."""
    for share in (s for s in SHARES if not s & SHARE_READ):
        with open_for_reading(file):
            with pytest.raises(OSError) as caught, opened(file, WRITE, share):
                raise AssertionError("Windows let it in")
            assert caught.value.winerror == SHARING_VIOLATION
        with opened(file, WRITE, share) as handle:
            write(handle, b"1")


def test_ten_thousand_openings_never_disturb_a_writer(file: Path) -> None:
    """Every second time we come first, every second time the writer; it renames and replaces between."""
    shares = itertools.cycle(s for s in SHARES if s & SHARE_READ)
    for number in range(OPENS // 2):
        with opened(file, WRITE, next(shares), how=OPEN_ALWAYS) as handle, open_for_reading(file):
            write(handle, b"x")
        with open_for_reading(file), opened(file, APPEND, next(shares)) as handle:
            write(handle, b"y")
        if number % 50 == 0:
            with open_for_reading(file):
                os.rename(file, file.with_name("old.dat"))
                os.unlink(file.with_name("old.dat"))


def test_a_file_can_be_renamed_and_deleted_while_we_read_it(file: Path) -> None:
    with open_for_reading(file) as reader:
        os.rename(file, file.with_name("renamed.dat"))
        os.unlink(file.with_name("renamed.dat"))
        assert reader.read() == b"first"
    assert os.listdir(file.parent) == []


def test_two_who_read_do_not_disturb_each_other(file: Path) -> None:
    everything = SHARE_READ | SHARE_WRITE | SHARE_DELETE
    with open_for_reading(file) as one, open_for_reading(file) as two, opened(file, READ | DELETE, everything):
        assert one.read() == two.read() == b"first"


def test_the_handle_is_not_inherited_by_programs_that_we_start(file: Path) -> None:
    with open_for_reading(file) as reader:
        assert not os.get_inheritable(reader.fileno())
