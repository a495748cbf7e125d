"""The demonstration takes the real way, says honestly how it went, and leaves nothing behind."""

from __future__ import annotations

import re
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers.command_line import CommandLine
from servers.program import Program
from servers.systems import Needs, not_on_windows
from servers.trees import read_tree

from openmsi_desktop import sample_data
from openmsi_desktop.cli import demonstration
from openmsi_desktop.cli.demo_verdict import Progress, hashes, verdict
from openmsi_desktop.core.events import FileEvent, FileState, ReadyEvent
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made; the instrument is in a hurry."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(demonstration, "_PACE_S", 0.02)
    return folder


def left_in(folder: Path) -> list[str]:
    """What a demonstration left behind; locks of folders are everybody's."""
    return [path.name for path in folder.iterdir() if path.name.startswith("openmsi-demo")]


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    started = Program(tmp_path)
    yield started
    started.close()


def sources(seed: int = 1) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for step in sample_data.session(seed):
        files[step.path] = files[step.path] + step.content if step.appends else step.content
    return files


def test_demo_verifies_every_file_and_says_so(command: CommandLine, temporary: Path) -> None:
    ended = command("demo")
    assert ended.status == 0, ended.out + ended.err
    files = sources()
    assert f"Verified: all {len(files)} files" in ended.out
    for path in files:
        assert path.split("/")[-1] in ended.out
    assert "keeps everything in memory" in ended.err and "trying out only" in ended.err
    assert ended.out.splitlines()[-1].startswith(f"{len(files)} files sent")
    assert left_in(temporary) == []
    assert not command.data.exists() or not list(command.data.glob("*.db"))


def test_kept_folder_holds_identical_trees_and_a_journal(command: CommandLine, temporary: Path) -> None:
    ended = command("demo", "--keep", "--seed", "2")
    assert ended.status == 0, ended.out + ended.err
    (folder,) = temporary.glob("openmsi-demo-*")
    received = {n: c for n, c in read_tree(folder / "received").items() if ".openmsi-parts" not in n}
    assert received == sources(2)
    assert str(folder) in ended.err
    listed = command("files", "--data", folder / "data", "--state", "delivered")
    assert "rings_0001.tif" in listed.out


def test_json_output_is_events_only(program: Program, tmp_path: Path) -> None:
    running = program.run("demo", env={"TMPDIR": str(tmp_path)}, timeout_s=60)
    assert running.process.returncode == 0, running.tell()
    assert running.stray_lines == []
    assert running.summary["delivered"] == len(sources())
    assert running.summary["seconds"] < 30
    rewritten = running.find(event="file", state="delivered", path=sample_data.REWRITTEN)
    assert len({event["sha512"] for event in rewritten}) == 2


@not_on_windows(Needs.SIGNALS)
def test_interrupted_demo_leaves_nothing(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "tmp"
    folder.mkdir()
    running = program.start("demo", env={"TMPDIR": str(folder)})
    running.wait_for(event="file", state="delivered")
    assert running.stop(how=signal.SIGINT, timeout_s=10) == 130
    assert left_in(folder) == []


def test_broker_of_ones_own_keeps_other_files_out(command: CommandLine, temporary: Path) -> None:
    with EmbeddedBroker() as broker:
        broker.create("shared", 2)
        (temporary / "other.xy").write_bytes(b"somebody else's")
        where = ("--bootstrap", broker.bootstrap, "--topic", "shared")
        assert command("send", temporary / "other.xy", *where).status == 0
        ended = command("demo", *where)
        assert ended.status == 0, ended.out + ended.err
        assert f"Verified: all {len(sources())} files" in ended.out
        assert "other.xy" not in ended.out
        assert "memory" not in ended.err


def test_missing_topic_is_named(command: CommandLine, temporary: Path) -> None:
    with EmbeddedBroker() as broker:
        ended = command("demo", "--bootstrap", broker.bootstrap, "--topic", "missing")
    assert ended.status == 3
    assert "missing" in ended.err
    assert "Verified" not in ended.out
    assert left_in(temporary) == []


def test_silent_broker_is_given_up(command: CommandLine, temporary: Path) -> None:
    ended = command("demo", "--bootstrap", "127.0.0.1:9", "--timeout", "1")
    assert ended.status == 4
    assert "Verified" not in ended.out


class TestVerdict:
    def progress(self, state: FileState = FileState.CHECKED) -> Progress:
        progress = Progress(sender=("here", "by hand"), reader="there")
        progress.add(FileEvent(task="here", path="a.xy", local="", state=state, size=3, sha512="11"))
        progress.add(FileEvent(task="there", path="a.xy", local="", state=FileState.DELIVERED, size=3, sha512="11"))
        return progress

    def test_identical_and_checked_is_verified(self) -> None:
        is_verified, text = verdict({"a.xy": "11"}, {"a.xy": "11"}, self.progress())
        assert is_verified and "Verified: all 1 file," in text and "identical" in text

    @pytest.mark.parametrize(
        ("source", "target", "word"),
        [
            ({"a.xy": "11"}, {"a.xy": "22"}, "different"),
            ({"a.xy": "11"}, {}, "missing"),
            ({"a.xy": "11"}, {"a.xy": "11", "b.xy": "22"}, "nobody sent this"),
            ({}, {}, "NOT verified"),
        ],
    )
    def test_any_difference_is_said(self, source: dict[str, str], target: dict[str, str], word: str) -> None:
        is_verified, text = verdict(source, target, self.progress())
        assert not is_verified
        assert word in text and "NOT verified" in text

    def test_unchecked_file_is_not_verified(self) -> None:
        is_verified, _ = verdict({"a.xy": "11"}, {"a.xy": "11"}, self.progress(FileState.SENT))
        assert not is_verified

    def test_what_a_message_cannot_do_to_a_terminal(self) -> None:
        _, text = verdict({"a\x1b[31m\n.xy": "11"}, {}, self.progress())
        assert "\x1b[31m" not in text

    def test_progress_is_complete_with_the_last_version_only(self) -> None:
        progress = self.progress()
        progress.expect({"a.xy": "22"})
        assert not progress.is_complete()
        progress.expect({"a.xy": "11"})
        assert progress.is_complete()
        assert not progress.is_ready()
        for task in ("here", "there"):
            progress.add(ReadyEvent(task=task))
        assert progress.is_ready()

    def test_folders_are_read_whole_but_for_the_spool(self, tmp_path: Path) -> None:
        (tmp_path / ".openmsi-parts").mkdir()
        (tmp_path / ".openmsi-parts/part").write_bytes(b"x")
        (tmp_path / "deep/er").mkdir(parents=True)
        (tmp_path / "deep/er/a").write_bytes(b"")
        found = hashes(tmp_path)
        assert list(found) == ["deep/er/a"]
        assert re.fullmatch("cf83e1357eefb8bd.*", found["deep/er/a"])  # SHA-512 of nothing
