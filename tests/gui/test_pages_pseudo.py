"""The pages Files, Problems and Rules, and Explain, when every text is a third longer: nothing in English, nothing cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui import filled, made_up
from gui.pseudo import clipped, speak_pseudo, untranslated
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.listing import counts_of
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.explain import ExplainDialog
from openmsi_desktop.gui.dialogs.explain_view import Ladder
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.files import FilesPage
from openmsi_desktop.gui.window.problem_card import CauseCard
from openmsi_desktop.gui.window.problems import ProblemsPage
from openmsi_desktop.gui.window.rules import RulesPage
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]

ADVICE = "Another program holds it."
SAID = (*filled.STRANGE, filled.NAME, "sphinx_raw", "b.NMD is in use", ADVICE, "run_02/b.NMD", "conf/kafka.env")
HELD = "It holds only zeros since this computer lost its power"


@pytest.fixture
def task(desktop: Desktop, qapp: QApplication, tmp_path: Path) -> Iterator[TaskNow]:
    journal = filled.journal_in(desktop.places.data, tmp_path)
    filled.fill(journal)
    journal.add_problem(filled.KEY, "b.NMD is in use", ADVICE, path="run_02/b.NMD", retry_at=journal.now() + 60)
    problems, counts = tuple(journal.problems()), counts_of(journal, filled.KEY)
    translator = speak_pseudo(qapp)
    yield replace(made_up.task(filled.NAME), key=filled.KEY, counts=counts, problems=problems)
    qapp.removeTranslator(translator)
    journal.close()


def shown(page: QWidget, qtbot: QtBot) -> None:
    qtbot.addWidget(page)
    page.resize(720, 620)
    page.show()


def test_files(desktop: Desktop, qtbot: QtBot, task: TaskNow, picture: Picture) -> None:
    page = FilesPage(desktop, None)  # type: ignore[arg-type]
    shown(page, qtbot)
    page.show_task(task)
    qtbot.waitUntil(lambda: page.model.is_complete and page.model.row(page.model.index(9, 0)) is not None)
    picture(page, "pseudo-files")
    assert untranslated(page) == [] and clipped(page) == []


def test_problems(desktop: Desktop, qtbot: QtBot, task: TaskNow, picture: Picture) -> None:
    page = ProblemsPage(desktop, None)  # type: ignore[arg-type]
    shown(page, qtbot)
    page.show_task(task)
    qtbot.waitUntil(lambda: len(page.findChildren(CauseCard)) == 2)
    picture(page, "pseudo-problems")
    assert untranslated(page, *SAID, HELD) == [] and clipped(page) == []


def test_rules(desktop: Desktop, qtbot: QtBot, task: TaskNow, tmp_path: Path, picture: Picture) -> None:
    watched = WatchedFolder(name="x", path=tmp_path, connection="lab", topic="sphinx_raw", min_size=1000)

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", watched)

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    page = RulesPage(desktop, None)  # type: ignore[arg-type]
    shown(page, qtbot)
    page.show_task(replace(task, key=task_key(watched)))
    picture(page, "pseudo-rules")
    assert untranslated(page, str(tmp_path), "sphinx_raw", "lab") == [] and clipped(page) == []


@pytest.mark.parametrize("state", [FileState.CHECKED, FileState.WAITING, FileState.PROBLEM, FileState.HELD])
def test_explain(desktop: Desktop, qtbot: QtBot, task: TaskNow, picture: Picture, state: FileState) -> None:
    path = {
        FileState.CHECKED: "run_01/analog_ch1.csv",
        FileState.WAITING: "run_02/scan_004.tif",
        FileState.PROBLEM: "run_02/b.NMD",
        FileState.HELD: "conf/kafka.env",
    }[state]
    dialog = ExplainDialog(desktop, None)
    qtbot.addWidget(dialog)
    dialog.explain(path)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.findChild(Ladder) is not None)
    picture(dialog, f"pseudo-explain-{state}")
    folder, _, name = path.rpartition("/")
    assert untranslated(dialog, *SAID, HELD, name, f"/data/sphinx/{folder}", "/data/sphinx") == []
    assert clipped(dialog) == []
