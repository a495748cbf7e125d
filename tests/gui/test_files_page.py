"""The page Files: the list is the journal, whatever happens while somebody looks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui import filled, made_up
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.listing import counts_of, listed
from openmsi_desktop.gui import file_actions, file_words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.files import FilesPage
from openmsi_desktop.gui.window.files_model import FILE, ROW, STATE
from openmsi_desktop.gui.window.search import FileSearch

Picture = Callable[[QWidget, str], Path]


@pytest.fixture
def journal(desktop: Desktop, tmp_path: Path) -> Iterator[Journal]:
    made = filled.journal_in(desktop.places.data, tmp_path)
    yield made
    made.close()


def task_of(journal: Journal) -> TaskNow:
    return replace(made_up.task(filled.NAME), key=filled.KEY, counts=counts_of(journal, filled.KEY))


def page_of(desktop: Desktop, qtbot: QtBot, journal: Journal, *, width: int = 760, height: int = 620) -> FilesPage:
    page = FilesPage(desktop, None)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.resize(width, height)
    page.show()
    page.show_task(task_of(journal))
    settle(page, qtbot)
    return page


def settle(page: FilesPage, qtbot: QtBot) -> None:
    """All is listed, and what is on the screen is read."""

    def is_settled() -> bool:
        model = page.model
        shown = min(model.rowCount(), 12)
        return model.is_complete and all(model.index(row, FILE).data(ROW) is not None for row in range(shown))

    qtbot.waitUntil(is_settled)


def rows(page: FilesPage, qtbot: QtBot) -> list[FileRow]:
    model = page.model

    def is_read() -> bool:
        return all(model.index(row, FILE).data(ROW) is not None for row in range(model.rowCount()))

    qtbot.waitUntil(is_read)
    return [model.index(row, FILE).data(ROW) for row in range(model.rowCount())]


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_every_state_has_its_words(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture, theme: Theme
) -> None:
    desktop.look.set_theme(theme)
    filled.fill(journal)
    page = page_of(desktop, qtbot, journal)
    rows(page, qtbot)
    picture(page, f"files-{theme}")
    said = {page.model.index(r, STATE).data() for r in range(page.model.rowCount())}
    assert {"Not sent – rule ~$*", "Held – needs your decision", "Could not send – b.NMD is in use", "Sending"} <= said
    assert any(text.startswith("Waiting – still being written (last change ") for text in said)
    sending = next(r for r in rows(page, qtbot) if r.state is FileState.SENDING)
    assert sending.done == 0.61
    desktop.look.set_theme(Theme.SYSTEM)


def test_narrow_and_for_gloves(desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture) -> None:
    filled.fill(journal)
    picture(page_of(desktop, qtbot, journal, width=520, height=420), "files-narrow")
    desktop.look.is_touch = True
    desktop.look.changed.emit()
    picture(page_of(desktop, qtbot, journal), "files-touch")
    desktop.look.is_touch = False


def test_empty_says_so(desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture) -> None:
    page = page_of(desktop, qtbot, journal)
    picture(page, "files-empty")
    assert not page.table.isVisible()
    filled.add(journal, "a.dat", FileState.SENT)
    page.show_task(task_of(journal))
    qtbot.waitUntil(page.table.isVisible)
    page.look_for("nowhere")
    qtbot.waitUntil(lambda: not page.table.isVisible())
    picture(page, "files-nothing-found")


@pytest.mark.parametrize("seed", range(4))
def test_the_list_is_the_journal(desktop: Desktop, qtbot: QtBot, journal: Journal, seed: int) -> None:
    """Random journals, changed while they are shown, with random filters: the rows are those of the journal."""
    chance = random.Random(seed)
    states = [
        s
        for s in FileState
        if s.value in {"found", "waiting", "sending", "sent", "checked", "held", "problem", "ignored"}
    ]

    def change(number: int) -> None:
        with journal.transaction():
            for _ in range(number):
                path = f"run_{chance.randrange(4)}/scan {chance.randrange(400):03}.{chance.choice(['tif', 'NMD'])}"
                filled.add(journal, path, chance.choice(states), "why")

    change(300)
    page = page_of(desktop, qtbot, journal)
    for _ in range(3):
        wanted = frozenset(chance.sample(states, chance.choice([0, 1, 2])))
        text = chance.choice(["", "nmd", "run_2/", "1", "100%"])
        page.filter.choose(wanted)
        page.look_for(text)
        page.filter_by(wanted)
        settle(page, qtbot)
        change(40)
        page.show_task(task_of(journal))
        expected = {
            f.path: f.state
            for f in listed(journal, tasks=[filled.KEY], states=wanted)
            if text.lower() in f.path.lower()
        }

        def is_equal(expected: dict[str, FileState] = expected) -> bool:
            return {r.file.path: r.state for r in rows(page, qtbot)} == expected

        qtbot.waitUntil(is_equal)
        assert page.model.rowCount() == len(expected)  # none of them twice


def test_newest_news_are_on_top(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    for name in ("a", "b", "c"):
        filled.add(journal, name, FileState.SENT)
    page = page_of(desktop, qtbot, journal)
    assert [r.file.path for r in rows(page, qtbot)] == ["c", "b", "a"]
    filled.add(journal, "a", FileState.CHANGED, "still being written")
    page.show_task(task_of(journal))
    qtbot.waitUntil(lambda: [r.file.path for r in rows(page, qtbot)] == ["a", "c", "b"])


def test_the_row_somebody_looks_at_stays_where_it_is(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    with journal.transaction():
        for number in range(500):
            filled.add(journal, f"scan {number:03}", FileState.WAITING, "still being written")
    page = page_of(desktop, qtbot, journal, height=400)
    page.table.scrollTo(page.model.index(200, FILE), page.table.ScrollHint.PositionAtTop)
    at = page.table.rowAt(40)
    path = rows(page, qtbot)[at].file.path
    with journal.transaction():
        for number in range(30):
            filled.add(journal, f"new {number}", FileState.FOUND)
        filled.add(journal, path, FileState.SENT)
    page.show_task(task_of(journal))
    qtbot.waitUntil(lambda: page.model.rowCount() == 530)
    row = rows(page, qtbot)[page.table.rowAt(40)]
    assert (row.file.path, row.state) == (path, FileState.SENT)
    assert page.newer.isVisible() and "30 newer" in page.newer.text()
    page.newer.click()
    assert page.table.rowAt(0) == 0 and not page.newer.isVisible()


def test_the_selection_goes_with_its_file(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    for name in ("a", "b", "c"):
        filled.add(journal, name, FileState.WAITING)
    page = page_of(desktop, qtbot, journal)
    page.table.selectRow(1)
    filled.add(journal, "d", FileState.FOUND)
    page.show_task(task_of(journal))
    qtbot.waitUntil(lambda: page.model.rowCount() == 4)
    assert [r.file.path for r in page.table.selected()] == ["b"]
    assert page.chosen_path() == "/data/sphinx/b"


def test_a_file_is_found_by_the_beginning_of_its_hash(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    for name in ("a.dat", "b.dat", "c.dat"):
        filled.add(journal, name, FileState.SENT)
    page = page_of(desktop, qtbot, journal)
    wanted = next(r for r in rows(page, qtbot) if r.file.path == "b.dat")
    assert wanted.file.sha512 is not None
    page.look_for(wanted.file.sha512.hex()[:7])
    settle(page, qtbot)
    qtbot.waitUntil(lambda: [r.file.path for r in rows(page, qtbot)] == ["b.dat"])


def test_keys_and_menu(desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture) -> None:
    filled.add(journal, "run/a.dat", FileState.PROBLEM, "a.dat is in use")
    page = page_of(desktop, qtbot, journal)
    page.table.selectRow(0)
    next(a for a in page.table.actions() if a.shortcut().toString() == "Ctrl+C").trigger()
    assert QGuiApplication.clipboard().text() == "/data/sphinx/run/a.dat"
    menu = file_actions.FileMenu(desktop, page.table.selected(), page)
    picture(menu, "files-menu")
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Explain…", "Open folder", "Copy path", "Try again now", "Ignore this problem"]
    next(a for a in menu.actions() if a.text() == "Try again now").trigger()
    qtbot.waitUntil(lambda: bool(journal.open_requests()))
    (request,) = journal.open_requests()
    assert (request.kind, request.path, request.task) == ("retry", "run/a.dat", filled.KEY)
    menu.deleteLater()


def test_rows_are_heard_as_sentences(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    filled.add(journal, "run/a.dat", FileState.SENDING)
    page = page_of(desktop, qtbot, journal)
    heard = page.model.index(0, FILE).data(Qt.ItemDataRole.AccessibleTextRole)
    assert heard == "run/a.dat, Sending, 61 %, 8.4 MB"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("line\nbreak", "line\\nbreak"),
        ("caf\udce9", "caf\\udce9"),
        ("a\u202eb", "a\\u202eb"),
        ("plain ä.txt", "plain ä.txt"),
    ],
)
def test_names_are_one_line_of_text(name: str, text: str) -> None:
    assert file_words.shown(name) == text


def test_the_search_of_the_window_finds_files_of_all_tasks(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture
) -> None:
    filled.fill(journal)
    edit = QLineEdit()
    qtbot.addWidget(edit)
    edit.resize(320, 32)
    search = FileSearch(desktop, edit)
    edit.show()
    with qtbot.waitSignal(search.found):
        qtbot.keyClicks(edit, "grid 7x3")
    assert {r.file.path for r in search.rows()} == {"run_01/Grid 7x3.NMD", "run_01/Orientation Grid 7x3.NMD"}
    assert search.popup.isVisible()
    picture(search.popup, "search")
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert not search.popup.isVisible() and edit.text() == "grid 7x3"
