"""The settings file under the hands of the window, of a person with an editor, and of several changes at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.connecting import saving as connections
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.tasks import saving
from openmsi_desktop.gui.window.banner import Banner
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile, read_settings

LAB = Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"})


def folder(path: Path, name: str, **values: object) -> WatchedFolder:
    return WatchedFolder.model_validate(
        {"name": name, "path": path, "connection": "lab", "topic": "t", "paused": True, **values}
    )


@pytest.fixture
def lab(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> Desktop:
    def add(file: SettingsFile) -> None:
        file.put("connections", LAB)
        file.put("watched_folders", folder(tmp_path / "xrd", "XRD"))

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    return desktop


def test_changes_made_at_once_are_all_kept_in_their_order(lab: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    """The first is slow, so that the others would overtake it."""
    done: list[int] = []
    failed: list[OpenMSIError] = []
    others_may_have_begun = threading.Event()

    def slow(file: SettingsFile) -> None:
        others_may_have_begun.wait(0.3)
        file.put("watched_folders", folder(tmp_path / "0", "task 0"))

    lab.store.change(slow, lambda: done.append(0), failed.append)
    for number in range(1, 4):
        lab.store.change(
            lambda file, n=number: file.put("watched_folders", folder(tmp_path / str(n), f"task {n}")),  # type: ignore[misc]
            lambda n=number: done.append(n),  # type: ignore[misc]
            failed.append,
        )
    qtbot.waitUntil(lambda: len(done) + len(failed) == 4)
    assert done == [0, 1, 2, 3] and not failed
    names = [t.title for t in read_settings(lab.store.path).watched_folders]
    assert names == ["XRD", "task 0", "task 1", "task 2", "task 3"]
    assert [t.title for t in lab.store.settings.watched_folders] == names


def test_a_dialog_does_not_undo_what_a_person_wrote_into_the_file(lab: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    old = lab.store.settings.watched_folders[0]
    by_hand = SettingsFile(lab.store.path)
    by_hand.put("watched_folders", folder(tmp_path / "xrd", "XRD", exclude=("*.secret",)))
    by_hand.write()
    edited = old.model_copy(update={"check": True})
    failed: list[OpenMSIError] = []
    lab.store.change(lambda file: saving.put(file, "watched_folders", edited, old), failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert "changed" in failed[0].title
    assert read_settings(lab.store.path).watched_folders[0].exclude == ("*.secret",)
    now = lab.store.settings.watched_folders[0]
    assert now.exclude == ("*.secret",), "the next dialog begins with what the file says"
    lab.store.change(
        lambda file: saving.put(file, "watched_folders", now.model_copy(update={"check": True}), now),
        failed=failed.append,
    )
    qtbot.waitUntil(lambda: lab.store.settings.watched_folders[0].check)
    assert read_settings(lab.store.path).watched_folders[0].exclude == ("*.secret",)


def test_a_connection_never_takes_the_place_of_another_one(lab: Desktop, qtbot: QtBot) -> None:
    """The form knows the names of when it was opened; the file may have got another one since."""
    failed: list[OpenMSIError] = []
    other = Connection(name="lab", kafka={"bootstrap.servers": "elsewhere:9092"})
    lab.store.change(lambda file: connections.put(file, other, None), failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert read_settings(lab.store.path).connections == (LAB,)
    lab.store.change(lambda file: connections.put(file, LAB, other), failed=failed.append)
    qtbot.waitUntil(lambda: len(failed) == 2)
    assert "changed" in failed[1].title


def test_a_change_that_nobody_waits_for_is_not_refused_in_silence(lab: Desktop, qtbot: QtBot) -> None:
    """Such as the removal of a task: it stays, and why is said above everything."""
    good = lab.store.path.read_text()
    lab.store.path.write_text(good + "\nnonsense = 1\n")
    above = QWidget()
    banner = Banner(lab, above)
    with qtbot.waitSignal(lab.store.is_bad):
        lab.store.change(lambda file: file.remove("watched_folders", "XRD"))
    assert not banner.isHidden() and lab.store.error is not None
    assert [t.title for t in lab.store.settings.watched_folders] == ["XRD"]
    lab.store.path.write_text(good)
    lab.store.read()
    assert banner.isHidden()
    above.deleteLater()


def test_disks_that_do_not_answer_keep_nobody_from_saving(lab: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    """Somebody types the path of a network drive that is gone: each look at it waits for minutes."""
    may_go_on = threading.Event()
    for _ in range(8):
        lab.background.run(lab.root, lambda: may_go_on.wait(10), lambda nothing: None)
    lab.store.change(lambda file: file.put("watched_folders", folder(tmp_path / "new", "new")))
    qtbot.waitUntil(lambda: len(lab.store.settings.watched_folders) == 2, timeout=3000)
    lab.host.start()
    qtbot.waitUntil(lambda: lab.host.role is Role.STREAMING, timeout=5000)
    may_go_on.set()
