"""The icon: what its menu offers, what it shows, and how rarely it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gui import made_up
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import explain
from openmsi_desktop.gui.snapshot import Snapshot
from openmsi_desktop.gui.tray import Tray
from openmsi_desktop.settings import Application


@pytest.fixture
def asked(desktop: Desktop, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """What was asked of whoever streams: (kind, task, argument)."""
    out: list[tuple[str, str, str]] = []

    def ask(kind: str, *, task: str = "", path: str = "", argument: str = "", then: object = None) -> None:
        out.append((kind, task, argument))

    monkeypatch.setattr(desktop.host, "ask", ask)
    return out


@pytest.fixture
def tray(desktop: Desktop) -> Iterator[Tray]:
    made = Tray(desktop, desktop.root)
    yield made
    made.menu.deleteLater()


def show(desktop: Desktop, snapshot: Snapshot) -> Snapshot:
    desktop.observer.now, desktop.store.settings = made_up.known(snapshot)
    desktop.observer.changed.emit(desktop.observer.now)
    return desktop.observer.now


def entries(menu: QMenu) -> list[str]:
    return [a.text() for a in menu.actions() if not a.isSeparator()]


def entry(menu: QMenu, begin: str) -> QAction:
    return next(a for a in menu.actions() if a.text().startswith(begin))


def below(menu: QMenu, begin: str) -> QMenu:
    found = entry(menu, begin).menu()
    assert isinstance(found, QMenu)
    return found


def test_the_menu_of_a_busy_program(
    desktop: Desktop, tray: Tray, picture: Callable[[QWidget, str], Path], qtbot: QtBot
) -> None:
    show(desktop, made_up.busy())
    tray.build()
    tray.menu.ensurePolished()
    tray.menu.resize(tray.menu.sizeHint())
    picture(tray.menu, "tray-menu")
    assert entries(tray.menu) == [
        "2 files need your attention (1 of 5 paused)",
        "Sending 3 of 41 · 12.3 MB/s",
        "Open OpenMSI Desktop",
        "Drop files…",
        "Problems (2)…",
        "Resume (paused until 17:00)",
        "Pause",
        "Tasks",
        "Recent files",
        "Snooze notifications",
        "Settings…",
        "Help…",
        "Quit",
    ]
    assert entries(below(tray.menu, "Pause")) == ["For 1 hour", "Until tomorrow, 7:00", "Until I resume"]
    assert entries(below(tray.menu, "Tasks"))[:3] == [
        "SPHINX exports – Sending 3 of 41",
        "Laser shock scope – Up to date",
        "Camera 2 – Paused until 17:00",
    ]
    assert entries(below(below(tray.menu, "Tasks"), "SPHINX")) == ["Pause", "Rescan now", "Open folder", "Show"]
    assert entries(below(below(tray.menu, "Tasks"), "Camera 2"))[0] == "Resume"


def test_the_menu_of_a_program_without_tasks(desktop: Desktop, tray: Tray) -> None:
    show(desktop, made_up.snapshot())
    tray.build()
    assert entries(tray.menu) == [
        "No tasks yet – nothing is being sent",
        "Open OpenMSI Desktop",
        "Drop files…",
        "Snooze notifications",
        "Settings…",
        "Help…",
        "Quit",
    ]


@pytest.mark.parametrize("name", list(made_up.states()))
def test_the_first_entry_opens_the_reason(desktop: Desktop, tray: Tray, qtbot: QtBot, name: str) -> None:
    snapshot = show(desktop, made_up.states()[name])
    tray.build()
    with qtbot.waitSignal(tray.wants_window) as opened:
        tray.menu.actions()[0].trigger()
    assert tray.menu.actions()[0].text() == tray.status.line
    assert opened.args == [tray.status.task, tray.status.page]
    if name not in ("up-to-date", "starting", "stopped"):
        assert opened.args[0] == snapshot.tasks[0].key


def test_pausing_and_resuming(desktop: Desktop, tray: Tray, asked: list[tuple[str, str, str]]) -> None:
    snapshot = show(desktop, made_up.busy())
    tray.build()
    below(tray.menu, "Pause").actions()[2].trigger()
    below(tray.menu, "Pause").actions()[0].trigger()
    entry(tray.menu, "Resume").trigger()
    tasks = below(tray.menu, "Tasks")
    below(below(tasks, "SPHINX"), "Pause").actions()[2].trigger()
    entry(below(tasks, "SPHINX"), "Rescan").trigger()
    entry(below(tasks, "Camera"), "Resume").trigger()
    sphinx, camera = snapshot.tasks[0].key, snapshot.tasks[2].key
    assert [(kind, task) for kind, task, _ in asked] == [
        ("pause", ""),
        ("pause", ""),
        ("resume", ""),
        ("pause", sphinx),
        ("rescan", sphinx),
        ("resume", camera),
    ]
    assert asked[0][2] == "" and float(asked[1][2]) > made_up.NOW - 86400


def test_recent_files_open_explain(desktop: Desktop, tray: Tray, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = show(desktop, made_up.snapshot(made_up.task()))
    explained: list[str] = []
    monkeypatch.setattr(explain, "open_dialog", lambda desktop, parent, path: explained.append(path))
    with_files(desktop, snapshot.tasks[0].key, 15)
    tray.build()
    recent = below(tray.menu, "Recent files")
    qtbot.waitUntil(lambda: len(entries(recent)) == 10, timeout=5000)
    assert entries(recent)[0].startswith("run/14.tif – Sending ")
    recent.actions()[0].trigger()
    assert explained == ["/data/run/14.tif"]


def with_files(desktop: Desktop, key: str, count: int) -> None:
    """Files of a task in the journal, the last of them with the latest news."""
    desktop.host.profile.prepare()
    journal = desktop.host.profile.open_journal()
    journal.set_task(key, kind="watch", name="x", state=TaskState.RUNNING)
    clock = iter(range(1, 10_000))
    journal.now = lambda: made_up.NOW + next(clock)
    files = OutgoingFiles(journal, key, "t")
    for i in range(count):
        path, fingerprint = f"run/{i}.tif", Fingerprint(1, 1, 1, "1")
        files.record([Sighting(path, f"/data/{path}", FileState.SENDING, "", fingerprint)])
    close(journal)


def close(journal: Journal) -> None:
    journal.close()


def test_snoozing(desktop: Desktop, tray: Tray) -> None:
    show(desktop, made_up.busy())
    tray.build()
    below(tray.menu, "Snooze").actions()[2].trigger()
    until = tray.notifications.snoozed_until
    assert until is not None
    tray.build()
    entry(tray.menu, "Wake notifications (quiet until ").trigger()
    assert tray.notifications.snoozed_until is None


def test_the_icon_changes_at_most_twice_a_second(
    desktop: Desktop, tray: Tray, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand pieces of news; the drawing follows the beat of half a second, and shows what is true in the end."""
    show(desktop, made_up.states()["up-to-date"])
    qtbot.waitUntil(lambda: not tray.is_beating, timeout=5000)
    assert tray.drawing == "up-to-date"
    changes: list[str] = []
    original = desktop.look.tray_icon

    def counted(name: str, ground: str = "") -> QIcon:
        changes.append(name)
        return original(name, ground)

    monkeypatch.setattr(desktop.look, "tray_icon", counted)
    for i in range(1000):
        show(desktop, made_up.states()["offline" if i % 2 else "sending"])
    assert changes == ["sending"], "the first news are shown at once, all others with the next beat"
    qtbot.waitUntil(lambda: tray.drawing == "offline", timeout=3000)
    assert tray.icon.toolTip().startswith("Offline since")


def test_the_arrow_moves_unless_it_is_to_be_calm(desktop: Desktop, tray: Tray, qtbot: QtBot) -> None:
    show(desktop, made_up.states()["sending"])
    qtbot.waitUntil(lambda: tray.drawing == "sending-2", timeout=3000)
    qtbot.waitUntil(lambda: tray.drawing == "sending", timeout=3000)
    calm = desktop.store.settings.model_copy(update={"application": Application(calm_icon=True)})
    desktop.store.settings = calm
    qtbot.waitUntil(lambda: not tray.is_beating, timeout=3000)
    assert tray.drawing == "sending"


def test_nothing_wakes_the_window_thread_when_nothing_happens(desktop: Desktop, tray: Tray, qtbot: QtBot) -> None:
    show(desktop, made_up.states()["up-to-date"])
    qtbot.waitUntil(lambda: not tray.is_beating, timeout=3000)


def test_a_late_tray_gets_an_icon_that_works(desktop: Desktop, tray: Tray, qtbot: QtBot) -> None:
    show(desktop, made_up.states()["offline"])
    before = tray.icon
    tray.renew()
    assert tray.icon is not before and not tray.icon.icon().isNull()
    assert tray.icon.toolTip().startswith("Offline since")
    assert tray.icon.contextMenu() is tray.menu
    with qtbot.waitSignal(tray.wants_toggle):
        tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
