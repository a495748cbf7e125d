"""Which folder is this? Windows knows a volume by its serial number and a file by its index."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import os
from pathlib import Path

import pytest

from openmsi_desktop.core.open_file import file_id, open_for_reading
from openmsi_desktop.core.tree import is_folder, is_link
from openmsi_desktop.streaming.watching.mounts import mount_of
from openmsi_desktop.streaming.watching.root import RootGuard, identify
from openmsi_desktop.streaming.watching.scan import Kind, look_at
from openmsi_desktop.streaming.watching.sightings import RootChanged, RootMissing


def serial_of(drive: str) -> int:
    number = ctypes.c_ulong()
    assert ctypes.WinDLL("kernel32").GetVolumeInformationW(drive, None, 0, ctypes.byref(number), None, None, None, 0)
    return number.value


def test_a_root_is_known_by_serial_number_and_index(tmp_path: Path) -> None:
    root = identify(tmp_path)
    assert root.identity == f"serial:{os.stat(tmp_path).st_dev:x} {os.stat(tmp_path).st_ino}"
    assert os.stat(tmp_path).st_dev & 0xFFFFFFFF == serial_of(tmp_path.drive + "\\")
    assert identify(Path(str(tmp_path).swapcase())) == root


def test_another_folder_in_its_place_is_noticed(tmp_path: Path) -> None:
    watched = tmp_path / "watched"
    watched.mkdir()
    guard = RootGuard(str(watched), identity=identify(watched).identity)
    assert guard.look(is_untouched=False) is not None
    watched.rename(tmp_path / "aside")
    assert isinstance(guard.look(is_untouched=False), RootMissing)
    watched.mkdir()
    assert isinstance(guard.look(is_untouched=False), RootChanged)


def test_drives_and_shares_are_told_apart(tmp_path: Path) -> None:
    mount = mount_of(tmp_path)
    assert mount is not None and not mount.is_network and mount.point == tmp_path.drive
    share = mount_of("\\\\server\\share\\folder")
    assert share is not None and share.is_network and share.source == "\\\\server\\share"


def test_an_open_handle_and_a_look_agree_about_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.dat"
    file.write_bytes(b"1")
    with open_for_reading(file) as opened:
        inside, outside = os.fstat(opened.fileno()), os.stat(file)
    assert (file_id(inside), inside.st_size, inside.st_mtime_ns) == (
        file_id(outside),
        outside.st_size,
        outside.st_mtime_ns,
    )
    assert inside.st_ctime_ns == outside.st_ctime_ns


class _Looked:
    """What os.lstat tells of a junction, a link or a placeholder of a cloud: wine can make none of them."""

    def __init__(self, tag: int, mode: int = 0o040777) -> None:
        self.st_mode, self.st_reparse_tag = mode, tag


@pytest.mark.parametrize(
    ("tag", "leads_away"),
    [
        (0xA0000003, True),  # IO_REPARSE_TAG_MOUNT_POINT: a junction
        (0xA000000C, True),  # IO_REPARSE_TAG_SYMLINK
        (0x9000001A, False),  # IO_REPARSE_TAG_CLOUD
        (0x80000017, False),  # IO_REPARSE_TAG_WOF: compressed by the system
        (0, False),
    ],
)
def test_what_stands_for_another_place_is_told_by_its_tag(tag: int, leads_away: bool) -> None:
    looked = _Looked(tag)
    assert is_link(looked) is leads_away  # type: ignore[arg-type]
    assert is_folder(looked) is not leads_away  # type: ignore[arg-type]


def test_a_junction_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "lstat", lambda _: _Looked(0xA0000003))
    assert look_at(str(tmp_path)).kind is Kind.OTHER and "a link to a folder" in look_at(str(tmp_path)).why
