"""Paths of more than 260 characters, on a Windows that refuses them: wine does not, so a stand-in does.

Windows takes them only in their literal form, unless an administrator has allowed more for the whole computer.
"""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import builtins
import ctypes
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streaming.folder_bench import Bench, is_delivered

from openmsi_desktop.core import chunker, windows_files
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.core.windows_files import literal, plain, reachable
from openmsi_desktop.streaming.watching.scan import walk
from openmsi_desktop.streaming.watching.sightings import Seen

MAX_PATH = 260
DEEP = "/".join(["a folder with quite a long name " + "x" * 40] * 6)
ONE_PATH = ("stat", "lstat", "scandir", "open", "mkdir", "unlink", "utime", "listdir", "rmdir")
TWO_PATHS = ("rename", "replace", "link")


@pytest.fixture
def deep_file(tmp_path: Path) -> Path:
    file = tmp_path / "root" / DEEP / "scan.xy"
    os.makedirs(literal(str(file.parent)))
    with open(literal(str(file)), "wb") as opened:
        opened.write(b"content")
    return file


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's calls refuse long paths as Windows does."""

    def refusing(call: Callable[..., Any], paths: int) -> Callable[..., Any]:
        def guarded(*arguments: Any, **named: Any) -> Any:
            for path in arguments[:paths]:
                if not isinstance(path, int) and len(os.fspath(path)) >= MAX_PATH and "\\\\?\\" not in os.fspath(path):
                    raise FileNotFoundError(2, "The system cannot find the path specified", os.fspath(path), 3)
            return call(*arguments, **named)

        return guarded

    for name in ONE_PATH:
        monkeypatch.setattr(os, name, refusing(getattr(os, name), 1))
    for name in TWO_PATHS:
        monkeypatch.setattr(os, name, refusing(getattr(os, name), 2))
    monkeypatch.setattr(builtins, "open", refusing(open, 1))
    monkeypatch.setattr(io, "open", builtins.open)
    create_file = windows_files._kernel.CreateFileW
    monkeypatch.setattr(windows_files, "_kernel", _Strict(create_file))


class _Strict:
    def __init__(self, create_file: Callable[..., Any]) -> None:
        self._create_file = create_file

    def CreateFileW(self, path: str, *arguments: Any) -> Any:
        assert len(path) < MAX_PATH or path.startswith("\\\\?\\")
        return self._create_file(path, *arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(ctypes.WinDLL("kernel32", use_last_error=True), name)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)
    Bench.close_all()


@pytest.mark.usefixtures("strict")
def test_the_stand_in_refuses(deep_file: Path) -> None:
    assert not deep_file.exists()
    with pytest.raises(FileNotFoundError):
        deep_file.read_bytes()


@pytest.mark.usefixtures("strict")
def test_a_scan_finds_the_file_and_names_it_as_people_do(deep_file: Path, tmp_path: Path) -> None:
    (found,) = walk(tmp_path / "root", Rules())
    assert isinstance(found, Seen)
    assert (found.relative, found.local, found.size) == (f"{DEEP}/scan.xy", str(deep_file), 7)


@pytest.mark.usefixtures("strict")
def test_it_is_read_to_be_sent(deep_file: Path) -> None:
    plan = chunker.plan(deep_file, f"{DEEP}/scan.xy", chunk_size=4)
    assert b"".join(chunk.data for chunk in chunker.chunks(plan)) == b"content"


@pytest.mark.usefixtures("strict")
def test_a_received_one_is_written_replaced_and_flushed(bench: Bench) -> None:
    for content in (b"one", b"two"):
        is_delivered(bench.deliver(f"{DEEP}/scan.xy", content))
        with open(literal(str(bench.target / DEEP / "scan.xy")), "rb") as file:
            assert file.read() == content


def test_names_and_back() -> None:
    assert literal("C:\\a") == "\\\\?\\C:\\a" == literal(literal("C:\\a")) and plain("\\\\?\\C:\\a") == "C:\\a"
    share = "\\\\server\\share\\a"
    assert literal(share) == "\\\\?\\UNC\\server\\share\\a" and plain(literal(share)) == share
    assert reachable("C:\\a") == "C:\\a" and plain("C:\\a") == "C:\\a"
    assert reachable("C:\\" + "a" * 260).startswith("\\\\?\\C:\\aaa")
