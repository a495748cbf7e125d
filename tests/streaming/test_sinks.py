"""Plug-ins are found, driven one file at a time, and their mistakes stay theirs."""

from __future__ import annotations

import importlib.metadata
import logging
from pathlib import Path
from typing import Any

import pytest

from openmsi_desktop.core.errors import RetryableError, SettingsError
from openmsi_desktop.streaming import sinks
from openmsi_desktop.streaming.sinks import Delivered, Failed, ReceivedFile, SpoolMissing, in_batches, load, make

PLUGIN = """
from openmsi_desktop.streaming.sinks import Delivered
from openmsi_desktop.core.errors import RetryableError

class Keeper:
    def __init__(self, *, name):
        self.name = name
        self.seen = []
        self.closed = False
    def deliver(self, file):
        if file.relative_path == "later":
            raise RetryableError("Not now")
        if file.relative_path == "bug":
            raise KeyError("oops")
        self.seen.append(file.relative_path)
        return Delivered("there") if file.relative_path == "place" else None
    def close(self):
        self.closed = True

class NoSink:
    def __init__(self, *, name): pass

class Broken:
    def __init__(self, *, name): raise ValueError("no such thing")

number = 5
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module in the current folder, where a person would write it."""
    name = f"keeper_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(PLUGIN, encoding="utf-8")
    (tmp_path / f"{name}_bad.py").write_text("import no_such_module\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("/nonexistent")
    return name


def received(folder: Path, path: str) -> ReceivedFile:
    (folder / "spool").write_bytes(b"x")
    return ReceivedFile(folder / "spool", path, "xrd", 1, bytes(64))


def test_class_in_the_current_folder_becomes_a_sink(plugin: str, tmp_path: Path) -> None:
    sink = make(f"{plugin}:Keeper", name="mine")
    assert sink.name == "mine"
    sink.prepare()
    files = [received(tmp_path, path) for path in ("a", "place")]
    assert sink.deliver_all(files) == [Delivered(), Delivered("there")]
    sink.close()
    assert sink.sink.closed  # type: ignore[attr-defined]


def test_failing_plug_in_does_not_stop_the_other_files(
    plugin: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sink = make(f"{plugin}:Keeper", name="mine")
    with caplog.at_level(logging.ERROR):
        later, bug, good = sink.deliver_all([received(tmp_path, path) for path in ("later", "bug", "a")])
    assert isinstance(later, Failed) and isinstance(later.error, RetryableError)
    assert isinstance(bug, Failed) and isinstance(bug.error, KeyError)
    assert good == Delivered()
    assert "bug" in caplog.text and "KeyError" in caplog.text


def test_missing_spool_file_is_not_given_to_a_plug_in(plugin: str, tmp_path: Path) -> None:
    sink = make(f"{plugin}:Keeper", name="mine")
    (outcome,) = sink.deliver_all([ReceivedFile(tmp_path / "gone", "a", "xrd", 1, bytes(64))])
    assert isinstance(outcome, Failed) and isinstance(outcome.error, SpoolMissing)
    assert sink.sink.seen == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("no_such_module:Thing", "Cannot load"),
        ("{plugin}_bad:Thing", "no_such_module"),
        ("{plugin}:Missing", "Missing"),
        ("{plugin}:number", "not a class"),
        ("{plugin}:NoSink", "no sink"),
        ("{plugin}:Broken", "no such thing"),
        ("unknown", "no plug-in named"),
    ],
)
def test_mistakes_are_settings_errors_that_name_it(plugin: str, what: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        make(what.format(plugin=plugin), name="x")


def test_entry_point_is_found_by_its_name(plugin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint("keeper", f"{plugin}:Keeper", sinks.ENTRY_POINTS)

    def entries(*, group: str) -> list[Any]:
        assert group == "openmsi_desktop.sinks"
        return [entry]

    monkeypatch.setattr(sinks, "entry_points", entries)
    monkeypatch.syspath_prepend(".")
    assert load("keeper").__name__ == "Keeper"
    with pytest.raises(SettingsError, match="Installed are: keeper"):
        load("other")


def test_batch_sink_is_left_as_it_is(plugin: str) -> None:
    sink = make(f"{plugin}:Keeper", name="mine")
    assert in_batches(sink) is sink
