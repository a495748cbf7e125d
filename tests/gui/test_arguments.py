"""Which command lines mean the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from openmsi_desktop.arguments import WindowStart, window_start


def start(*arguments: str) -> WindowStart | None:
    return window_start(arguments, lambda: {"send", "run", "secret"})


def test_without_arguments_it_is_the_window() -> None:
    assert start() == WindowStart()


def test_autostart_and_places(tmp_path: Path) -> None:
    assert start("--hidden") == start("--minimized") == WindowStart(is_hidden=True)
    assert start("--practice") == WindowStart(is_practice=True)
    both = WindowStart(settings=Path("s.toml"), data=Path("d"), is_hidden=True)
    assert start("--settings", "s.toml", "--data=d", "--hidden") == both


def test_files_and_addresses_of_files_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "größe 1.txt"
    file.touch()
    assert start(str(file)) == start(file.as_uri()) == start("größe 1.txt") == WindowStart((file,))
    assert start("--data", "d", str(file), str(tmp_path)) == WindowStart((file, tmp_path), data=Path("d"))


@pytest.mark.parametrize(
    "line", ["send x", "run", "--help", "-v", "--settings s.toml status", "nothing-here.txt", "--data", "--json run"]
)
def test_everything_else_is_a_command(line: str) -> None:
    assert start(*line.split()) is None


def test_a_file_called_like_a_command_is_not_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("send").touch()
    Path("a.txt").touch()
    assert start("send", "a.txt") is None
    assert start("./send") == WindowStart((tmp_path / "send",))
    assert start("a.txt", "send") == WindowStart((tmp_path / "a.txt", tmp_path / "send"))
