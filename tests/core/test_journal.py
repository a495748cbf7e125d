"""The journal opens, migrates, refuses and explains."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmsi_desktop.core import durable, installation, schema
from openmsi_desktop.core.errors import NeedsYou, RetryableError
from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import Journal, name_of, text_of
from openmsi_desktop.core.lock import Lock


@given(st.text(st.characters(exclude_categories=[]), max_size=30))
def test_every_name_a_system_can_have_is_stored_and_read_back(name: str) -> None:
    stored = text_of(name)
    stored.encode("utf-8")
    assert name_of(stored) == name


def test_many_may_open_and_close_it_at_the_same_time(tmp_path: Path) -> None:
    failures: list[Exception] = []
    begin = threading.Barrier(3)

    def look(path: Path) -> None:
        try:
            begin.wait(20)
            for _ in range(20):
                Journal(path).close()
        except Exception as error:  # noqa: BLE001 - for the test to look at
            failures.append(error)

    for number in range(5):
        lookers = [threading.Thread(target=look, args=(tmp_path / f"{number}.db",)) for _ in range(3)]
        for looker in lookers:
            looker.start()
        for looker in lookers:
            looker.join()
    assert failures == []


def test_a_task_that_waits_for_a_person_says_so_until_it_goes_on(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.db")) as journal:
        journal.set_task("k", kind="watch", name="XRD", state=TaskState.WAITING, title="Refused", needs_you=True)
        assert [t.needs_you for t in journal.tasks()] == [True]
        journal.set_task("k", kind="watch", name="XRD", state=TaskState.RUNNING)
        assert [t.needs_you for t in journal.tasks()] == [False]


def test_a_journal_of_a_newer_release_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    Journal(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {(schema.MAJOR + 1) * 1000}")
    connection.close()
    with pytest.raises(NeedsYou) as caught:
        Journal(path)
    assert "newer release" in caught.value.title
    assert "Nothing was changed" in caught.value.advice


def test_a_journal_of_an_older_release_is_copied_before_it_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.db"
    journal = Journal(path)
    journal.set_task("k", kind="watch", name="XRD", state=TaskState.RUNNING)
    journal.close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", {schema.VERSION - 1: "ALTER TABLE tasks ADD COLUMN extra TEXT;"})
    Journal(path).close()
    with sqlite3.connect(tmp_path / f"journal-format-{schema.VERSION - 1}.db") as copy:
        assert copy.execute("SELECT name FROM tasks").fetchall() == [("XRD",)]
        assert copy.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION - 1
    copy.close()
    again = Journal(path)
    assert again.query("SELECT extra FROM tasks")[0]["extra"] is None
    again.close()


def test_a_damaged_journal_is_explained_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    path.write_bytes(b"this is no database, but long enough to be read as one" * 100)
    before = path.read_bytes()
    with pytest.raises(NeedsYou) as caught:
        Journal(path)
    assert "damaged" in caught.value.title
    assert path.read_bytes() == before


def test_the_same_problem_again_only_counts_up_and_a_solved_one_is_new(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", now=lambda: 1000.0)
    assert journal.add_problem("t", "Cannot read", "a", path="x.dat")
    assert not journal.add_problem("t", "Cannot read", "b", path="x.dat")
    (problem,) = journal.problems()
    assert (problem.count, problem.advice, problem.path) == (2, "b", "x.dat")
    assert journal.solve_problems("t", path="x.dat") == 1
    assert journal.problems() == []
    assert journal.add_problem("t", "Cannot read", "c", path="x.dat")
    journal.close()


def test_a_request_waits_until_somebody_answers(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    number = journal.ask("pause", task="XRD")
    assert journal.answer_of(number) is None
    other = journal.another()
    (request,) = other.open_requests()
    other.answer(request.id, "Paused.")
    assert journal.answer_of(number) == "Paused."
    assert journal.open_requests() == []
    other.close()
    journal.close()


def test_a_full_disk_is_something_that_passes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    pages = journal.query("PRAGMA page_count")[0][0]
    journal.query(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(RetryableError) as caught:
        for n in range(2000):
            journal.set_meta(f"filler {n}", "x" * 1000)
    assert "full" in caught.value.advice
    journal.close()


def test_a_lock_names_its_holder_and_dies_with_it(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from openmsi_desktop.core.lock import Lock;"
        f"l = Lock(Path({str(tmp_path / 'a.lock')!r})); print(l.acquire('anna'), flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None and holder.stdin is not None
    assert holder.stdout.readline() == "True\n"
    mine = Lock(tmp_path / "a.lock")
    assert not mine.acquire("bert")
    assert mine.holder() == "anna"
    assert not mine.is_free()
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    assert mine.acquire("bert")
    mine.release()


def test_the_installation_keeps_its_identity_until_the_disk_is_cloned(tmp_path: Path) -> None:
    first = installation.installation_id(tmp_path, machine="one")
    assert installation.installation_id(tmp_path, machine="one") == first
    assert len(first) == 32
    assert installation.installation_id(tmp_path, machine="two") != first


@pytest.mark.parametrize("left", [b"", b"\0" * 50, b"\xff", b"0123", b"z" * 32 + b" one\n"])
def test_an_installation_file_that_a_power_cut_spoiled_is_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / installation.FILE_NAME).write_bytes(left)
    made = installation.installation_id(tmp_path, machine="one")
    assert len(made) == 32
    assert installation.installation_id(tmp_path, machine="one") == made
    assert [f.name for f in tmp_path.iterdir()] == [installation.FILE_NAME]


def test_the_identity_is_on_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[str] = []
    monkeypatch.setattr(durable, "sync_file", lambda descriptor: flushed.append("content"))
    monkeypatch.setattr(durable, "sync_folder", lambda folder: flushed.append(folder.name))
    installation.installation_id(tmp_path, machine="one")
    installation.installation_id(tmp_path, machine="one")
    assert flushed == ["content", tmp_path.name]


def test_a_row_that_nobody_can_have_written_means_damage(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    journal.set_task("k", kind="watch", name="XRD", state=TaskState.RUNNING)
    journal.execute("UPDATE tasks SET state = 'sunning'")
    with pytest.raises(NeedsYou, match="journal is damaged"):
        journal.tasks()
    journal.execute("UPDATE tasks SET state = 'running', name = CAST(x'ff41' AS TEXT)")
    with pytest.raises(NeedsYou, match="journal is damaged"):
        journal.tasks()
    journal.close()
