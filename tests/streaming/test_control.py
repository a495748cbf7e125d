"""How a command asks the process that streams, and what it says when nobody answers."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from openmsi_desktop.core.events import TaskState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal
from openmsi_desktop.streaming import control


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with closing(Journal(tmp_path / "journal.db")) as journal:
        journal.set_task("watch:1", kind="watch", name="XRD", state=TaskState.IDLE)
    return tmp_path / "journal.db"


def test_who_asks_waits_for_the_answer_of_another_process(path: Path) -> None:
    def answers() -> None:
        with closing(Journal(path)) as journal:
            while not (open_ones := journal.open_requests()):
                time.sleep(0.01)
            (request,) = open_ones
            journal.answer(request.id, f"{request.kind} {request.task} {request.path} {request.argument}")

    other = threading.Thread(target=answers)
    other.start()
    with closing(Journal(path)) as journal:
        answer = control.ask(journal, "decide", task="XRD", path="a\udcff.dat", argument="send", timeout_s=10)
    other.join()
    assert answer == "decide XRD a\\udcff.dat send", "the request has the very name, the answer is for people"


def test_without_an_answer_the_request_stays(path: Path) -> None:
    with closing(Journal(path)) as journal:
        began = time.monotonic()
        assert control.ask(journal, "rescan", timeout_s=0.1) is None
        assert time.monotonic() - began < 1
        assert [r.kind for r in journal.open_requests()] == ["rescan"]


def test_a_pause_is_kept_with_its_end(path: Path) -> None:
    with closing(Journal(path)) as journal:
        control.pause(journal, "watch:1", None)
        assert journal.tasks()[0].paused_until == UNTIL_RESUMED
        control.pause(journal, "watch:1", 1_800_000_000.0)
        assert journal.tasks()[0].paused_until == 1_800_000_000.0


def test_the_answer_names_tasks_and_time() -> None:
    until = datetime(2026, 11, 21, 17, 0).timestamp()
    assert control.told("Paused", ["XRD", "SEM"], until) == "Paused until 2026-11-21 17:00: XRD, SEM."
    assert control.told("Resumed", ["XRD"], None) == "Resumed: XRD."
    assert control.told("Resumed", [], None) == "There are no tasks."
