"""The real program on a real screen: one screen for all tests of a process, data and settings for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.screen import Application, Screen

PICTURES = Path(__file__).resolve().parents[3] / "build" / "pictures"


@pytest.fixture(scope="session")
def _screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    screen = Screen(tmp_path_factory.mktemp("screen"))
    try:
        screen.start()
        yield screen
    finally:
        screen.close()


@pytest.fixture
def bare_screen(_screen: Screen) -> Screen:
    """A desktop without a place for tray icons; start_tray() brings one."""
    _screen.stop_tray()
    return _screen


@pytest.fixture
def screen(_screen: Screen) -> Screen:
    """A desktop with a place for tray icons."""
    _screen.start_tray()
    return _screen


@pytest.fixture
def application(_screen: Screen, tmp_path: Path) -> Iterator[Application]:
    """Our program, with the settings file and data folder of this test. What still runs is ended."""
    started = Application(_screen, tmp_path / "settings.toml", tmp_path / "data")
    started.settings.write_text('version = 1\n[application]\nlanguage = "en"\n')
    yield started
    started.close()


@pytest.fixture
def photo(_screen: Screen) -> Callable[[str], Path]:
    """The whole screen as build/pictures/screen-NAME.png, for people to look at."""
    return lambda name: _screen.picture(PICTURES / f"screen-{name}.png")
