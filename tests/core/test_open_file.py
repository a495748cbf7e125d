"""Opening data files: never in the way of their writer, and every refusal in words."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.open_file import file_id, open_for_reading, translated

posix_only = not_on_windows(Needs.POSIX_CALLS)


def test_a_file_is_read_while_it_is_written_renamed_and_deleted(tmp_path: Path) -> None:
    path = tmp_path / "a.dat"
    path.write_bytes(b"12345")
    with open_for_reading(path) as file:
        assert file.read(2) == b"12"
        with path.open("ab") as writer:
            writer.write(b"678")
        path.rename(tmp_path / "b.dat")
        (tmp_path / "b.dat").unlink()
        assert file.read() == b"345678"


@posix_only
def test_the_file_is_not_passed_on_to_programs_and_waits_for_data_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"1")
    with open_for_reading(path) as file:
        assert not os.get_inheritable(file.fileno())
        assert os.get_blocking(file.fileno())


def test_a_file_that_is_gone_is_tried_again(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path / "no/folder"):
        with pytest.raises(RetryableError) as caught:
            open_for_reading(path)
        assert "vanished before it was sent" in caught.value.title and caught.value.path == path


@posix_only
def test_what_is_no_file_needs_somebody(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path, Path("/dev/null"), tmp_path / "loop"):
        with pytest.raises(NeedsYou) as caught:
            open_for_reading(path)
        assert "cannot be read as a file" in caught.value.title


@posix_only
def test_a_pipe_is_not_opened_so_its_writer_is_not_woken(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    opened = threading.Event()

    def write() -> None:
        os.close(os.open(tmp_path / "pipe", os.O_WRONLY))
        opened.set()

    writer = threading.Thread(target=write, name="writer of the pipe")
    writer.start()
    for _ in range(20):
        with pytest.raises(NeedsYou):
            open_for_reading(tmp_path / "pipe")
    assert not opened.wait(0.1)
    os.close(os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK))
    writer.join(10)
    assert opened.is_set()


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.EACCES, NeedsYou, "may not be read"),
        (errno.EPERM, NeedsYou, "may not be read"),
        (errno.EAGAIN, RetryableError, "in use"),
        (errno.EBUSY, RetryableError, "in use"),
        (errno.ENOENT, RetryableError, "vanished"),
        (errno.EIO, RetryableError, "cannot be read"),
        (errno.ESTALE, RetryableError, "cannot be read"),
        (errno.EMFILE, RetryableError, "cannot be read"),
        (errno.ENAMETOOLONG, NeedsYou, "as a file"),
    ],
)
def test_every_refusal_has_its_words(code: int, kind: type[OpenMSIError], words: str) -> None:
    error = translated(OSError(code, os.strerror(code), "a.dat"), "/data/a.dat")
    assert isinstance(error, kind) and words in error.title and error.title.startswith("a.dat")
    assert error.advice and not error.title.endswith(".")


def test_a_windows_sharing_violation_is_not_a_missing_right() -> None:
    refusal = PermissionError(errno.EACCES, "in use")
    refusal.winerror = 32  # type: ignore[attr-defined]
    error = translated(refusal, "a.dat")
    assert isinstance(error, RetryableError) and "in use" in error.title


def test_the_file_id_tells_a_file_from_its_successor_and_not_from_itself(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    before = file_id(os.stat(tmp_path / "a"))
    assert file_id(os.stat(tmp_path / "a")) == before
    os.replace(tmp_path / "b", tmp_path / "a")
    assert file_id(os.stat(tmp_path / "a")) != before
