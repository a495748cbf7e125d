"""The page Problems: grouped by cause, readable however many there are, and with buttons that ask for the right thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gui import filled, made_up
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.troubles import troubles
from openmsi_desktop.gui import causes
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Theme
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.window.problem_card import CauseCard
from openmsi_desktop.gui.window.problems import ProblemsPage
from openmsi_desktop.gui.window.task_card import TaskCard
from openmsi_desktop.settings import Connection, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.keys import task_key

Picture = Callable[[QWidget, str], Path]

USED = "Another program holds the file so that nobody else may read it. Nothing of it was sent; it is tried again until the program lets go."
LOST = (
    "Nobody knows any more which files of /data/sphinx were sent. Nothing is sent until you decide: openmsi-desktop decide "
    "/data/sphinx --send sends everything again, --skip trusts that what is there was sent (or start with "
    "--if-journal-lost resend or trust-existing)."
)


@pytest.fixture
def journal(desktop: Desktop, tmp_path: Path) -> Iterator[Journal]:
    made = filled.journal_in(desktop.places.data, tmp_path)
    yield made
    made.close()


def trouble(journal: Journal, path: str, title: str, advice: str = USED, *, times: int = 1, held: bool = False) -> None:
    filled.add(journal, path, FileState.HELD if held else FileState.PROBLEM, title)
    for _ in range(times):
        journal.add_problem(filled.KEY, title, advice, path=path, retry_at=None if held else journal.now() + 240)


def task_of(journal: Journal, **changes: object) -> TaskNow:
    counts = {FileState.SENT: 412, FileState.PROBLEM: len(journal.problems())}
    task = made_up.task(filled.NAME, counts=counts, problems=tuple(journal.problems(filled.KEY)))
    return replace(task, key=filled.KEY, **changes)  # type: ignore[arg-type]


def page_of(desktop: Desktop, qtbot: QtBot, task: TaskNow, *, cards: int) -> ProblemsPage:
    page = ProblemsPage(desktop, None)  # type: ignore[arg-type]
    page.setAutoFillBackground(True)
    page.setBackgroundRole(page.palette().ColorRole.Base)
    qtbot.addWidget(page)
    page.resize(720, 520)
    page.show()
    page.show_task(task)
    qtbot.waitUntil(lambda: len(page.findChildren(CauseCard)) == cards)
    return page


@pytest.mark.parametrize("theme", [Theme.LIGHT, Theme.DARK])
def test_files_with_one_cause_share_a_card(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture, theme: Theme
) -> None:
    desktop.look.set_theme(theme)
    trouble(journal, "run_02/b.NMD", "b.NMD is in use", times=7)
    trouble(journal, "run_02/c.NMD", "c.NMD is in use")
    trouble(
        journal, "raw/calibration/Orientation Grid 7x3.NMD", "The topic refuses this file", "It is larger than allowed."
    )
    advice = (
        "Put the file right and it is sent by itself; or decide: openmsi-desktop decide /x --send sends it as it is."
    )
    trouble(journal, "conf/kafka.env", "It is empty since this computer lost its power", advice, held=True)
    page = page_of(desktop, qtbot, task_of(journal), cards=3)
    picture(page, f"problems-{theme}")
    held, used, refused = sorted(page.findChildren(CauseCard), key=lambda c: c.y())
    assert held.cause.is_held and "openmsi-desktop" not in held.text.text()
    assert used.title.text() == "Files are in use by another program" and used.cause.paths == [
        "run_02/b.NMD",
        "run_02/c.NMD",
    ]
    assert refused.title.text() == "The topic refuses this file" and "4 file" in page.line.text()
    desktop.look.set_theme(Theme.SYSTEM)


def test_thousands_of_problems_are_a_few_cards(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture
) -> None:
    with journal.transaction():
        for number in range(5000):
            name = f"scan_{number:04}.tif"
            journal.add_problem(filled.KEY, f"{name} is in use", USED, path=f"run_07/{name}")
    page = page_of(desktop, qtbot, task_of(journal), cards=1)
    picture(page, "problems-many")
    card = page.findChild(CauseCard)
    assert card is not None and len(card.cause.paths) == 5000 and "more" in card.more.text()
    with qtbot.waitSignal(page.show_files) as shown:
        card.more.click()
    assert shown.args == [[FileState.PROBLEM]]


@pytest.mark.parametrize(
    ("button", "asked"),
    [
        ("retry", ("retry", "")),
        ("ignore", ("ignore", "")),
        ("decide send", ("decide", "send")),
        ("decide skip", ("decide", "skip")),
    ],
)
def test_buttons_ask_for_every_file_of_the_cause(
    desktop: Desktop, qtbot: QtBot, journal: Journal, button: str, asked: tuple[str, str]
) -> None:
    for name in ("a.dat", "b.dat"):
        trouble(journal, f"run/{name}", f"{name} is in use", held=button.startswith("decide"))
    page = page_of(desktop, qtbot, task_of(journal), cards=1)
    card = page.findChild(CauseCard)
    assert card is not None
    card.buttons[button].click()
    qtbot.waitUntil(lambda: len(journal.open_requests()) == 2)
    requests = {(r.kind, r.argument, r.task, r.path) for r in journal.open_requests()}
    assert requests == {(*asked, filled.KEY, "run/a.dat"), (*asked, filled.KEY, "run/b.dat")}


def test_a_card_stays_while_its_numbers_change(desktop: Desktop, qtbot: QtBot, journal: Journal) -> None:
    trouble(journal, "run/a.dat", "a.dat is in use")
    page = page_of(desktop, qtbot, task_of(journal), cards=1)
    card = page.findChild(CauseCard)
    trouble(journal, "run/b.dat", "b.dat is in use")
    page.show_task(task_of(journal))
    qtbot.waitUntil(lambda: card is not None and len(card.cause.paths) == 2)
    assert page.findChildren(CauseCard) == [card]


def test_a_question_about_the_folder_has_its_two_answers(
    desktop: Desktop, qtbot: QtBot, tmp_path: Path, picture: Picture
) -> None:
    watched = WatchedFolder(name=filled.NAME, path=tmp_path, connection="lab", topic="sphinx_raw")

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", watched)

    with qtbot.waitSignal(desktop.store.changed):
        desktop.store.change(add)
    journal = filled.journal_in(desktop.places.data, tmp_path)
    task = replace(
        task_of(journal), key=task_key(watched), state=TaskState.WAITING, title="The journal is lost", advice=LOST
    )
    page = page_of(desktop, qtbot, task, cards=0)
    card = page.findChild(TaskCard)
    assert card is not None and list(card.buttons) == ["decide send", "decide skip"]
    assert "--" not in card.text.text() and card.text.text().endswith("Nothing is sent until you decide.")
    picture(page, "problems-question")
    card.buttons["decide skip"].click()
    qtbot.waitUntil(lambda: bool(journal.open_requests()))
    (request,) = journal.open_requests()
    assert (request.kind, request.argument, request.path) == ("decide", "skip", str(tmp_path))
    journal.close()


def test_no_contact_offers_to_try_and_to_look_at_the_connection(
    desktop: Desktop, qtbot: QtBot, journal: Journal, picture: Picture
) -> None:
    advice = "Your files are safe on this computer; 214 are waiting. It is tried again by itself."
    task = task_of(journal, state=TaskState.WAITING, title="No contact with kafka.lab.edu since 09:12", advice=advice)
    page = page_of(desktop, qtbot, task, cards=0)
    card = page.findChild(TaskCard)
    assert card is not None and "try" in card.buttons
    picture(page, "problems-offline")
    page.show_task(task_of(journal))
    qtbot.waitUntil(lambda: page.calm.isVisible())
    picture(page, "problems-none")
    assert page.calm.text().startswith("No problems.")


def test_a_cause_is_what_is_left_without_the_name(journal: Journal) -> None:
    trouble(journal, "a", "a may not be read", "Ask for the right to read a.")
    trouble(journal, "b", "b may not be read", "Ask for the right to read b.")
    (cause,) = causes.by_cause(troubles(journal, filled.KEY, is_outgoing=True))
    assert cause.key == "… may not be read" and cause.text == "Ask for the right to read …."


def test_what_a_program_said_of_one_file_is_not_said_of_all(journal: Journal) -> None:
    for name, words in (("a", "no peaks"), ("b", "not a number")):
        trouble(journal, name, "peaks.py failed", f'Its last words: "{words}". It is not tried again by itself.')
    (cause,) = causes.by_cause(troubles(journal, filled.KEY, is_outgoing=True))
    assert cause.text == "It is not tried again by itself."


def test_a_held_file_without_a_problem_is_there_too(journal: Journal) -> None:
    filled.add(journal, "run/a.dat", FileState.HELD, "It holds only zeros")
    (found,) = troubles(journal, filled.KEY, is_outgoing=True)
    assert found.is_held and found.title == "It holds only zeros"
