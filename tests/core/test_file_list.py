"""Lists of files for a screen: the same files as the journal has, newest first, and found by path or hash."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest

from openmsi_desktop.core.advice import without_commands
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.file_list import FileList, find_everywhere
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting


class Clock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self.time = 1_700_000_000.0

    def __call__(self) -> float:
        self.time += 1
        return self.time


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db", now=Clock())


def add(journal: Journal, *paths: str, task: str = "watch:a", state: FileState = FileState.SENT) -> None:
    journal.set_task(task, kind="watch", name=task, state=TaskState.RUNNING)
    for path in paths:
        OutgoingFiles(journal, task, "t").record([Sighting(path, f"/d/{path}", state, "", Fingerprint(1, 2, 3, "4"))])


def names(journal: Journal, ids: list[int], task: str = "watch:a") -> list[str]:
    found = {r.id: r.file.path for r in FileList(journal, task, is_outgoing=True).rows(ids)}
    return [found[i] for i in ids]


def test_newest_news_first(journal: Journal) -> None:
    add(journal, "a", "b", "c")
    add(journal, "a")
    files = FileList(journal, "watch:a", is_outgoing=True)
    assert names(journal, list(chain.from_iterable(files.ids()))) == ["a", "c", "b"]
    assert names(journal, list(chain.from_iterable(files.ids([FileState.SENT])))) == ["a", "c", "b"]
    assert names(journal, list(chain.from_iterable(files.ids([FileState.SENT], by_news=False)))) == ["c", "b", "a"]
    assert list(chain.from_iterable(files.ids([FileState.HELD]))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("SCAN", ["run/scan 1", "run/Scan 100%", "caf\udce9/scan_2"]),
        ("100%", ["run/Scan 100%"]),
        ("scan_", ["caf\udce9/scan_2"]),
        ("run/", ["run/scan 1", "run/Scan 100%", "run/back\\slash"]),
        ("caf\udce9", ["caf\udce9/scan_2"]),
        ("back\\slash", ["run/back\\slash"]),
        ("!", []),
    ],
)
def test_a_part_of_a_path_is_taken_as_it_is(journal: Journal, text: str, found: list[str]) -> None:
    add(journal, "run/scan 1", "run/Scan 100%", "caf\udce9/scan_2", "run/back\\slash")
    add(journal, "run/scan of another task", task="watch:b")
    files = FileList(journal, "watch:a", is_outgoing=True)
    assert sorted(names(journal, list(chain.from_iterable(files.search(text))))) == sorted(found)


def test_the_search_in_all_tasks_finds_each_file_once(journal: Journal) -> None:
    add(journal, "run/scan 1", "other")
    add(journal, "run/scan 1", "run/scan 2", task="watch:b")
    found = [(r.file.task, r.file.path) for rows in find_everywhere(journal, "scan", limit=10) for r in rows]
    assert sorted(found) == [("watch:a", "run/scan 1"), ("watch:b", "run/scan 1"), ("watch:b", "run/scan 2")]
    assert sum(len(rows) for rows in find_everywhere(journal, "scan", limit=2)) == 2


def test_news_are_what_was_written_since(journal: Journal) -> None:
    add(journal, "a", "b")
    files = FileList(journal, "watch:a", is_outgoing=True)
    mark = files.newest()
    add(journal, "a", state=FileState.CHANGED)
    rows, after = files.news(mark)
    assert [r.file.path for r in rows][-1] == "a" and after > mark
    assert [r.file.path for r in files.news(after)[0]] == ["a"]  # the moment itself belongs to it


@pytest.mark.parametrize(
    ("advice", "text"),
    [
        (
            (
                "Nobody knows which files of /d were sent. Nothing is sent until you decide: openmsi-desktop decide /d --send "
                "sends everything again, --skip trusts that what is there was sent (or start with --if-journal-lost resend)."
            ),
            "Nobody knows which files of /d were sent. Nothing is sent until you decide.",
        ),
        (
            (
                "Put the file right and it is sent by itself; or decide: openmsi-desktop decide /a b --send sends it as it is, "
                "openmsi-desktop ignore /a b leaves it here."
            ),
            "Put the file right and it is sent by itself; or decide.",
        ),
        (
            (
                "Nothing is read until you decide: openmsi-desktop decide /d --send reads the new topic from its beginning. What "
                "was delivered stays. If you do not want that, pause the task or remove it."
            ),
            "Nothing is read until you decide. What was delivered stays. If you do not want that, pause the task or remove it.",
        ),
        ("Store it with: openmsi-desktop secret set lab", "Store it."),
        ("Free some space there; it goes on by itself.", "Free some space there; it goes on by itself."),
        ("", ""),
    ],
)
def test_advice_in_a_window_names_no_commands(advice: str, text: str) -> None:
    assert without_commands(advice) == text
