"""Many files that cannot be sent at once: nothing is done once for every file that can be done once for all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import FileChanged, RetryableError
from openmsi_desktop.core.events import Event, FileState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import OutgoingFiles
from openmsi_desktop.streaming.sending.checking import Returned
from openmsi_desktop.streaming.sending.findings import Findings
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.setbacks import Setbacks
from openmsi_desktop.streaming.sending.teller import Teller


class Folder:
    """As much of Findings as Setbacks need. It is looked at only while nobody else is kept from the journal."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.looked_at: list[str] = []

    def relative(self, path: str) -> str:
        return path

    def path(self, relative: str) -> str:
        return relative

    def is_gone(self, path: str) -> bool:
        return path.startswith("gone")

    def ignore_now(self, path: str) -> bool:
        return False

    def stat(self, relative: str) -> os.stat_result | None:
        assert not self.journal.connection.in_transaction, "a dead network share would lock the journal"
        return None if relative.startswith("unseen") else os.stat("/")

    def look_again(self, relative: str) -> bool:
        assert not self.journal.connection.in_transaction, "a dead network share would lock the journal"
        self.looked_at.append(relative)
        return True


class Bench:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.events: list[Event] = []
        self.time = 0.0
        self.folder = Folder(journal)
        self.files = OutgoingFiles(journal, "watch:1", "xrd")
        self.setbacks = Setbacks(
            self.files,
            cast(Findings, self.folder),
            Teller(journal, self.events.append, key="watch:1", name="XRD", topic="xrd"),
            monotonic=lambda: self.time,
        )
        self.commits = 0
        journal.connection.set_trace_callback(self._trace)

    def _trace(self, statement: str) -> None:
        self.commits += statement == "COMMIT"

    def states(self) -> dict[str, FileState]:
        return {r.path: r.state for r in self.files.in_states(FileState)}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    journal = Journal(tmp_path / "journal.db")
    yield Bench(journal)
    journal.close()


def busy(path: str) -> Returned:
    return Returned(
        Job(path, os.path.abspath(f"/x/{path}"), Fingerprint(1, 1, 1, "1")), RetryableError("Another program holds it")
    )


def test_many_files_that_could_not_be_sent_are_journalled_together(bench: Bench) -> None:
    bench.setbacks.take([busy(f"{n}.dat") for n in range(50)] + [busy("gone.dat"), busy("unseen.dat")])
    assert bench.commits == 1
    assert len(bench.journal.problems("watch:1")) == 51
    assert set(bench.states().values()) == {FileState.PROBLEM}
    assert bench.setbacks.next_due() == 5.0


def test_files_that_changed_meanwhile_are_looked_at_after_the_journal_is_free(bench: Bench) -> None:
    changed = Returned(busy("a.dat").job, FileChanged("It changed"))
    bench.setbacks.take([changed, busy("b.dat")])
    assert bench.folder.looked_at == ["a.dat"]


def test_nothing_that_came_back_costs_nothing(bench: Bench) -> None:
    bench.setbacks.take([])
    assert bench.commits == 0


def test_a_person_who_does_not_wait_has_every_file_tried_once(bench: Bench) -> None:
    names = [f"{n}.dat" for n in range(20)]
    bench.setbacks.take([busy(n) for n in names])
    bench.setbacks.retry_now("")
    assert bench.folder.looked_at == names
    bench.time = 1000.0
    bench.setbacks.retry_due()
    assert bench.folder.looked_at == names, "their own time is over with that"


def test_a_person_may_mean_one_file_only(bench: Bench) -> None:
    bench.setbacks.take([busy("a.dat"), busy("b.dat")])
    bench.setbacks.retry_now("/x/b.dat")
    assert bench.folder.looked_at == ["b.dat"]
    bench.time = 5.0
    bench.setbacks.retry_due()
    assert bench.folder.looked_at == ["b.dat", "a.dat"]
