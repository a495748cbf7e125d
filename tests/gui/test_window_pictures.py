"""The main window in all its states, as pictures to look at; and what can be checked of them without eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui import made_up
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.practice import Practice
from openmsi_desktop.gui.snapshot import Moving, Snapshot
from openmsi_desktop.gui.window.main import MainWindow

Picture = Callable[[QWidget, str], Path]


@pytest.fixture(autouse=True)
def as_the_system(desktop: Desktop) -> Iterator[None]:
    """Themes are the application's: the next test begins with the system's."""
    yield
    desktop.look.set_habits(is_touch=False, is_calm=False)
    desktop.look.set_theme(Theme.SYSTEM)


def shown(desktop: Desktop, qtbot: QtBot, snapshot: Snapshot, width: int = 980, height: int = 640) -> MainWindow:
    """The window with this in it."""
    desktop.observer.now, desktop.store.settings = made_up.known(snapshot)
    window = MainWindow(desktop)
    qtbot.addWidget(window)
    window.resize(width, height)
    window.open_page("", "")
    desktop.observer.changed.emit(desktop.observer.now)
    QApplication.processEvents()
    return window


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_busy(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    window = shown(desktop, qtbot, made_up.busy())
    picture(window, f"main-busy-{theme}")
    assert window.detail.header.chip.text() == "Sending 3 of 41"


@pytest.mark.parametrize(("theme", "at"), [(Theme.LIGHT, 1), (Theme.DARK, 3), (Theme.LIGHT, 2)])
def test_onward(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme, at: int) -> None:
    desktop.look.set_theme(theme)
    window = shown(desktop, qtbot, made_up.onward())
    key = desktop.observer.now.tasks[at].key
    window.open_page(key, "rules" if at == 2 else "overview")
    QApplication.processEvents()
    picture(window, f"main-onward-{at}-{theme}")
    header = window.detail.header
    chips = {1: "Receiving 30 of 41", 2: "1 file needs your attention", 3: "Up to date"}
    assert header.chip.text() == chips[at]
    assert (
        window.detail.overview.ladder.cells[-1].text() == {1: "Stored", 2: "Delivered", 3: "Delivered"}[at] or at == 2
    )


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_narrow(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    if theme is Theme.DARK:
        desktop.look.set_habits(is_touch=True, is_calm=False)
    window = shown(desktop, qtbot, made_up.busy(), 720, 540)
    picture(window, f"main-narrow-{theme}")
    assert window.list.width() < 100
    assert window.toolbar.pause_button.text() == "" and window.toolbar.pause_button.accessibleName() == "Pause all"


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_empty(desktop: Desktop, qtbot: QtBot, picture: Picture, theme: Theme) -> None:
    desktop.look.set_theme(theme)
    window = shown(desktop, qtbot, made_up.snapshot())
    picture(window, f"main-empty-{theme}")
    assert window.status_line.text() == "No tasks yet – nothing is being sent"


def test_practice(desktop: Desktop, qtbot: QtBot, picture: Picture, tmp_path: Path) -> None:
    practice = Practice(tmp_path / "practice")
    window = shown(replace(desktop, practice=practice), qtbot, made_up.states()["up-to-date"])
    picture(window, "main-practice")
    assert any(label.text() == practice.banner() and label.isVisible() for label in window.findChildren(QLabel))


@pytest.mark.parametrize("name", list(made_up.states()))
def test_each_state(desktop: Desktop, qtbot: QtBot, picture: Picture, name: str) -> None:
    if name in ("offline", "paused"):
        desktop.look.set_theme(Theme.DARK)
    window = shown(desktop, qtbot, made_up.states()[name])
    picture(window, f"main-{name}")
    assert window.status_line.text()


def test_long_names(desktop: Desktop, qtbot: QtBot, picture: Picture) -> None:
    """Names and texts as long as German ones, in the smallest window."""
    long = "Rasterelektronenmikroskop Probenübersichtsaufnahmen (Langzeitversuch)"
    path = "/home/messrechner/Dokumente/Versuchsreihe 2026/Rasterelektronenmikroskop/Ausgabeverzeichnis"
    busy = replace(
        made_up.busy_task(),
        name=long,
        route=(path, "rasterelektronenmikroskop_rohdaten_2026"),
        connection="Hochleistungsrechenzentrum Süd",
        moving=(
            Moving(f"Versuch 7/{long}/before_alignment_1_5.jpg", FileState.SENDING, "", 8_400_000_000, 0.999),
            Moving(f"Versuch 7/{long}/x.tif", FileState.WAITING, "waits for its partner x_with_a_long_name.xml", 1),
        ),
    )
    for width, height in ((980, 640), (720, 480)):
        window = shown(desktop, qtbot, made_up.snapshot(busy, made_up.task(long + " 2")), width, height)
        picture(window, f"main-long-{width}")
        assert window.width() == width, "a long text must not make the window wider"
        window.close()
