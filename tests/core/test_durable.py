"""What is called durable was flushed, in the way each system needs."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core import durable

POSIX = not_on_windows(Needs.POSIX_CALLS)


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what was given to fsync, in order."""
    names: list[str] = []
    fsync = os.fsync

    def watch(descriptor: int) -> None:
        names.append(os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", watch)
    return names


def make(folder: Path, count: int) -> list[Path]:
    files = [folder / f"f{i}" for i in range(count)]
    for file in files:
        file.write_bytes(b"x")
    return files


@not_on_windows(Needs.LINUX)
@pytest.mark.skipif(sys.platform == "darwin", reason="looks into /proc")
class TestLinux:
    def test_few_files_are_flushed_with_their_folder(self, tmp_path: Path, flushed: list[str]) -> None:
        durable.sync_batch(make(tmp_path, 2), [tmp_path])
        assert flushed == ["f0", "f1", tmp_path.name]

    def test_many_files_take_one_call(
        self, tmp_path: Path, flushed: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[Path] = []
        flush = durable._sync_file_system

        def watch(folder: Path) -> bool:
            calls.append(folder)
            return flush(folder)

        monkeypatch.setattr(durable, "_sync_file_system", watch)
        durable.sync_batch(make(tmp_path, 100), [tmp_path])
        assert (calls, flushed) == ([tmp_path], [])

    def test_without_that_call_each_is_flushed(
        self, tmp_path: Path, flushed: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(durable, "_sync_file_system", lambda _: False)
        durable.sync_batch(make(tmp_path, 6), [tmp_path, tmp_path])
        assert flushed == [*(f"f{i}" for i in range(6)), tmp_path.name]

    def test_flush_of_a_missing_disk_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            durable._sync_file_system(tmp_path / "gone")

    def test_links_are_not_followed(self, tmp_path: Path, flushed: list[str]) -> None:
        (tmp_path / "link").symlink_to(make(tmp_path, 1)[0])
        durable.sync_batch([tmp_path / "link"], [])
        assert flushed == []


def test_what_somebody_removed_is_passed_over(tmp_path: Path) -> None:
    durable.sync_batch([tmp_path / "gone"], [tmp_path / "gone too", tmp_path])


def test_broken_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="Input/output"):
        durable.sync_batch(make(tmp_path, 1), [])
    if sys.platform != "win32":
        with pytest.raises(OSError, match="Input/output"):
            durable.sync_folder(tmp_path)


@POSIX
def test_share_that_cannot_flush_folders_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unsupported)
    durable.sync_folder(tmp_path)


@POSIX
@pytest.mark.parametrize(("number", "falls_back"), [(None, False), (errno.ENOTSUP, True)])
def test_macos_empties_the_cache_of_the_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None, *, falls_back: bool
) -> None:
    import fcntl

    asked: list[int] = []
    plain: list[int] = []

    def control(_: int, request: int) -> None:
        asked.append(request)
        if number is not None:
            raise OSError(number, "not there")

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(fcntl, "fcntl", control)
    monkeypatch.setattr(os, "fsync", plain.append)
    with (tmp_path / "f").open("wb") as file:
        durable.sync_file(file.fileno())
    assert asked == [51]  # F_FULLFSYNC
    assert bool(plain) is falls_back


class TestReplace:
    def test_file_is_replaced(self, tmp_path: Path) -> None:
        one, two = make(tmp_path, 2)
        one.write_bytes(b"new")
        durable.replace(one, two, wait=self.never)
        assert two.read_bytes() == b"new" and not one.exists()

    def test_windows_waits_for_the_antivirus(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable, "_ON_WINDOWS", True)
        one, two = make(tmp_path, 2)
        waited: list[float] = []
        monkeypatch.setattr(os, "replace", self.refuse(3, os.replace))
        durable.replace(one, two, wait=waited.append)
        assert not one.exists() and len(waited) == 3 and waited == sorted(waited)

    def test_patience_ends(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable, "_ON_WINDOWS", True)
        one, two = make(tmp_path, 2)
        monkeypatch.setattr(os, "replace", self.refuse(99, os.replace))
        with pytest.raises(PermissionError):
            durable.replace(one, two, wait=lambda _: None)
        assert one.exists()

    def test_stop_ends_the_waiting_at_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(durable, "_ON_WINDOWS", True)
        one, two = make(tmp_path, 2)
        waited: list[float] = []

        def stopped(delay_s: float) -> bool:
            waited.append(delay_s)
            return True

        monkeypatch.setattr(os, "replace", self.refuse(99, os.replace))
        with pytest.raises(PermissionError):
            durable.replace(one, two, wait=stopped)
        assert len(waited) == 1

    @POSIX
    def test_elsewhere_a_refusal_is_final(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        one, two = make(tmp_path, 2)
        monkeypatch.setattr(os, "replace", self.refuse(1, os.replace))
        with pytest.raises(PermissionError):
            durable.replace(one, two, wait=self.never)

    @staticmethod
    def never(_: float) -> bool:
        raise AssertionError("nothing has to wait here")

    @staticmethod
    def refuse(times: int, action: Callable[..., Any]) -> Callable[..., Any]:
        left = iter(range(times))

        def refusing(*arguments: Any) -> Any:
            if next(left, None) is not None:
                raise PermissionError(errno.EACCES, "in use")
            return action(*arguments)

        return refusing
