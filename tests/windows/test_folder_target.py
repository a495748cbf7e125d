"""The folder that received files are written into, with the names, locks and shortcuts of Windows."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streaming.folder_bench import Bench, is_delivered
from windows.handles import DELETE, READ, SHARE_READ, SHARE_WRITE, opened

from openmsi_desktop.core import durable, topic_path
from openmsi_desktop.core.errors import ChunkError, NeedsYou, OpenMSIError
from openmsi_desktop.core.topic_path import SPOOL_NAME
from openmsi_desktop.streaming.sinks import Failed


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)
    Bench.close_all()


@pytest.mark.parametrize(
    ("path", "local"),
    [
        ("CON", "%43ON"),
        ("run/aux.txt", "run/%61ux.txt"),
        ("nul.tar.gz", "%6Eul.tar.gz"),
        ("COM1/LPT9.dat", "%43OM1/%4CPT9.dat"),
        ("ends with a dot.", "ends with a dot%2E"),
        ("run /a.xy", "run%20/a.xy"),
        ('what? "this" <a|b>*', "what%3F %22this%22 %3Ca%7Cb%3E%2A"),
        ("12:30 scan.xy", "12%3A30 scan.xy"),
        ("50%41.txt", "50%2541.txt"),
        ("größe µm/试验 データ.xy", "größe µm/试验 データ.xy"),
    ],
)
def test_names_that_windows_refuses_are_escaped_and_said(bench: Bench, path: str, local: str) -> None:
    outcome = is_delivered(bench.deliver(path, b"content"))
    assert bench.files() == {local: b"content"}
    assert outcome.note == ("" if local == path else f"written as {local}, because Windows does not allow its name")
    assert is_delivered(bench.deliver(path, b"next version")) and bench.files() == {local: b"next version"}


def test_a_name_with_a_colon_is_no_hidden_stream_of_another_file(bench: Bench) -> None:
    bench.write("data.xy", b"mine")
    is_delivered(bench.deliver("data.xy:hidden", b"sent"))
    assert bench.files() == {"data.xy": b"mine", "data.xy%3Ahidden": b"sent"}


@pytest.mark.parametrize(
    "path",
    [
        *(
            "C:/Windows/x",
            "c:x",
            "\\\\server\\share\\x",
            "//server/share/x",
            "\\\\?\\C:\\x",
            "//./C:/x",
            "a\\..\\..\\x",
        ),
        *(".OPENMSI-PARTS/target", "run/../../x"),
    ],
)
def test_paths_that_lead_elsewhere_on_windows_are_refused(path: str) -> None:
    with pytest.raises(ChunkError):
        topic_path.check(path)


def test_the_short_name_of_the_spool_folder_leads_nowhere(bench: Bench) -> None:
    short = short_name(bench.sink.spool)
    if short == SPOOL_NAME:
        pytest.skip("this disk makes no short names")
    marker = (bench.sink.spool / "target").read_bytes()
    for path in (f"{short}/target", f"{short}/new.xy", f"{short}/run/new.xy"):
        topic_path.check(path)  # nothing is wrong with it on other disks
        file = bench.received(path, b"evil")
        (outcome,) = bench.sink.deliver_all([file])
        assert isinstance(outcome, Failed) and isinstance(outcome.error, NeedsYou)
        assert "leads into the folder of unfinished files" in outcome.error.title
        assert file.path.read_bytes() == b"evil"
        file.path.unlink()
    assert (bench.sink.spool / "target").read_bytes() == marker and bench.left_over() == [] and bench.files() == {}


def test_the_short_name_of_a_file_does_not_replace_that_file(bench: Bench) -> None:
    mine = bench.write("a long name of mine.data", b"mine")
    short = short_name(mine)
    is_delivered(bench.deliver(short, b"sent"))
    found = bench.files()
    assert found.pop("a long name of mine.data") == b"mine" and list(found.values()) == [b"sent"]


def test_paths_that_differ_in_case_only_are_kept_apart(bench: Bench) -> None:
    is_delivered(bench.deliver("Run/Scan.XY", b"one"))
    other = is_delivered(bench.deliver("run/scan.xy", b"two"))
    assert sorted(bench.files().values()) == [b"one", b"two"] and other.note
    is_delivered(bench.deliver("Run/Scan.XY", b"one, changed"))
    is_delivered(bench.deliver("run/scan.xy", b"two, changed"))
    assert sorted(bench.files().values()) == [b"one, changed", b"two, changed"]


def test_a_path_of_more_than_260_characters_is_written_flushed_and_replaced(bench: Bench) -> None:
    path = "/".join(["a folder with quite a long name " + "x" * 40] * 6) + "/scan.xy"
    for content in (b"one", b"two"):
        is_delivered(bench.deliver(path, content))
        with open(f"\\\\?\\{bench.target}\\" + path.replace("/", "\\"), "rb") as file:
            assert file.read() == content


class TestHeldByOthers:
    """A viewer, a virus scanner or an indexer holds the delivered file when its next version comes."""

    NO_DELETING = SHARE_READ | SHARE_WRITE

    def test_the_replacement_waits_until_the_other_lets_go(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        is_delivered(bench.deliver("a.xy", b"one"))
        with held(bench.target / "a.xy", self.NO_DELETING) as let_go:
            waits: list[float] = []

            def wait(seconds: float) -> bool:
                waits.append(seconds)
                if len(waits) == 3:
                    let_go()
                return False

            monkeypatch.setattr(bench.sink._folder, "_wait", wait)
            is_delivered(bench.deliver("a.xy", b"two"))
        assert len(waits) == 3 and bench.files() == {"a.xy": b"two"}

    def test_one_that_does_not_let_go_is_named_and_tried_again(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_delivered(bench.deliver("a.xy", b"one"))
        monkeypatch.setattr(bench.sink._folder, "_wait", lambda _: False)
        file = bench.received("a.xy", b"two")
        with held(bench.target / "a.xy", self.NO_DELETING):
            (outcome,) = bench.sink.deliver_all([file])
            assert isinstance(outcome, Failed) and isinstance(outcome.error, OpenMSIError)
            assert (outcome.error.path, bench.files()) == (bench.target / "a.xy", {"a.xy": b"one"})
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"a.xy": b"two"} and bench.left_over() == []

    def test_the_journals_of_the_program_are_replaced_with_patience(self, tmp_path: Path) -> None:
        (tmp_path / "old").write_bytes(b"old")
        (tmp_path / "new").write_bytes(b"new")
        waits: list[float] = []
        with held(tmp_path / "old", self.NO_DELETING) as let_go:

            def wait(seconds: float) -> bool:
                waits.append(seconds)
                let_go()
                return False

            durable.replace(tmp_path / "new", tmp_path / "old", wait=wait)
        assert waits == [durable.REPLACE_DELAYS_S[0]] and (tmp_path / "old").read_bytes() == b"new"


class held:
    """Another program (a thread stands for it) holds a file open, until the block ends or ``let_go`` is called."""

    def __init__(self, path: Path, share: int) -> None:
        self._path, self._share = path, share
        self._is_open, self._enough = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold, name="another program")

    def __enter__(self) -> Callable[[], None]:
        self._thread.start()
        assert self._is_open.wait(10)
        return self.let_go

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def let_go(self) -> None:
        self._enough.set()
        self._thread.join(10)

    def _hold(self) -> None:
        with opened(self._path, READ, self._share):
            self._is_open.set()
            self._enough.wait(60)


def short_name(path: Path) -> str:
    """The 8.3 name that the disk made for it."""
    text = ctypes.create_unicode_buffer(1000)
    assert ctypes.WinDLL("kernel32").GetShortPathNameW(str(path), text, len(text))
    return os.path.basename(text.value)


def test_handles_can_be_refused(tmp_path: Path) -> None:
    """What the tests above rely on: a file that is held without FILE_SHARE_DELETE cannot be replaced."""
    (tmp_path / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")
    with opened(tmp_path / "a", READ, SHARE_READ | SHARE_WRITE):
        with pytest.raises(PermissionError):
            os.replace(tmp_path / "b", tmp_path / "a")
        with pytest.raises(PermissionError), opened(tmp_path / "a", DELETE, 7):
            raise AssertionError("it could be opened for deleting")
