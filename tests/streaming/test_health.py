"""What tasks know about how well they work, and how it gets into the journal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from servers.parts import eventually
from streaming.listening import Listener

from openmsi_desktop.core import task_health
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.settings import Connection, Download, Settings, WatchedFolder
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.health_notes import HealthNotes
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker
from openmsi_desktop.streaming.keys import task_key


@dataclass
class Patient:
    key: str
    now: TaskHealth

    def health(self) -> TaskHealth:
        return self.now


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(Journal(tmp_path / "journal.db")) as opened:
        yield opened


def test_news_is_written_at_once_and_what_ages_only_now_and_then(journal: Journal) -> None:
    clock = Clock()
    notes = HealthNotes(clock)
    quiet, lively = Patient("quiet", TaskHealth(contact_at=100.0)), Patient("lively", TaskHealth(free=10**12))
    writes: list[int] = []

    def turn(patient: Patient, **changes: object) -> int:
        """Changes of a task one second later -> number of rows that this has written."""
        patient.now = replace(patient.now, **changes)  # type: ignore[arg-type]
        clock.now += 1
        before = journal.connection.total_changes
        notes.write(journal, [quiet, lively])
        writes.append(journal.connection.total_changes - before)
        return writes[-1]

    assert turn(quiet) == 2
    assert turn(quiet) == 0
    assert turn(quiet, contact_at=101.0) == 0  # as good as known
    assert turn(lively, free=10**12 - 10**9) == 0
    assert turn(lively, trouble="events stopped") == 2  # the other one's age goes along
    assert task_health.read(journal, "quiet").contact_at == 101.0
    assert turn(quiet, contact_at=126.0) == 1
    assert turn(quiet, contact_at=None) == 1
    assert turn(quiet, contact_at=127.0) == 1
    assert turn(lively, free=9 * 10**11) == 1
    assert turn(lively, scanned_at=5.0) == 1
    assert turn(lively, scanned_at=6.0) == 0


def test_tasks_that_run_know_their_broker_their_folder_and_their_disk(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("measured")
    with EmbeddedBroker() as broker:
        broker.create("xrd", 2)
        connection = Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap})
        folder = WatchedFolder(path=tmp_path / "in", connection="lab", topic="xrd")
        download = Download(topics=("xrd",), connection="lab", target=tmp_path / "out")
        settings = Settings(connections=(connection,), watched_folders=(folder,), downloads=(download,))
        engine = Engine(settings, data=tmp_path / "data", emit=Listener(), secret_of=lambda name: None)
        begun = time.time()
        engine.start()
        try:
            with closing(Journal(tmp_path / "data" / "journal.db")) as journal:

                def both() -> list[TaskHealth]:
                    return [task_health.read(journal, task_key(task)) for task in (folder, download)]

                eventually(lambda: all(h.contact_at and h.free for h in both()), timeout_s=20, what="both know")
                sender, reader = both()
                assert sender.contact_at is not None and begun <= sender.contact_at <= time.time()
                assert sender.watching == "events" and not sender.trouble and sender.missed == 0
                assert sender.scanned_at is not None and begun <= sender.scanned_at <= time.time()
                assert sender.due_s is not None and sender.due_s >= 30
                assert sender.disk == str(tmp_path / "in") and reader.disk == str(tmp_path / "out")
                assert reader.watching == "" and reader.scanned_at is None
        finally:
            engine.stop()


def test_while_a_task_does_not_run_nothing_is_known_of_its_broker(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with EmbeddedBroker() as broker:
        broker.create("xrd", 1)
        connection = Connection(name="lab", kafka={"bootstrap.servers": broker.bootstrap})
        folder = WatchedFolder(path=tmp_path / "in", connection="lab", topic="xrd")
        settings = Settings(connections=(connection,), watched_folders=(folder,))
        engine = Engine(settings, data=tmp_path / "data", emit=Listener(), secret_of=lambda name: None)
        engine.start()
        try:
            with closing(Journal(tmp_path / "data" / "journal.db")) as journal:

                def health() -> TaskHealth:
                    return task_health.read(journal, task_key(folder))

                eventually(lambda: bool(health().contact_at), timeout_s=20, what="contact")
                journal.ask("pause", task=task_key(folder))
                eventually(lambda: health() == TaskHealth(), timeout_s=20, what="nothing is known")
        finally:
            engine.stop()
