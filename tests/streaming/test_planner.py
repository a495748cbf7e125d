"""Files are planned ahead of the broker, each once, and as they are when they are wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from servers.parts import eventually

from openmsi_desktop.core import chunker
from openmsi_desktop.core.chunker import FilePlan, Fingerprint
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.outgoing import Outgoing, Torn
from openmsi_desktop.streaming.sending.copies import Copies
from openmsi_desktop.streaming.sending.planner import Job, Planned, Planner


class Desk:
    """A planner, and the paths it has read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: list[str] = []
        self.planner = Planner(name="XRD", chunk_size=1000, judge=self._judge)

    def _judge(self, plan: FilePlan, row: Outgoing | None) -> None:
        self.read.append(plan.path)

    def job(self, name: str, data: bytes = b"x" * 2500) -> Job:
        file = self.folder / name
        file.write_bytes(data)
        return Job(name, str(file), Fingerprint.of(file.stat()))

    def take(self, count: int) -> list[Planned]:
        found: list[Planned] = []

        def look() -> bool:
            found.extend(self.planner.take())
            return len(found) >= count

        eventually(look, timeout_s=20, what=f"{count} plans")
        return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.planner.close()


def test_what_was_planned_ahead_is_not_read_again(desk: Desk) -> None:
    jobs = [desk.job(f"{n}.dat") for n in range(5)]
    desk.planner.begin(jobs[:3])
    eventually(lambda: len(desk.read) == 3, timeout_s=20, what="three files are read")
    desk.planner.submit(jobs)
    assert sorted(p.job.path for p in desk.take(5)) == [job.path for job in jobs]
    assert sorted(desk.read) == [job.path for job in jobs]


def test_what_changed_since_it_was_planned_ahead_is_planned_anew(desk: Desk) -> None:
    desk.planner.begin([desk.job("a.dat", b"old")])
    eventually(lambda: desk.read == ["a.dat"], timeout_s=20, what="it is read")
    later = desk.job("a.dat", b"later")
    desk.planner.submit([later])
    (planned,) = desk.take(1)
    assert planned.plan is not None and planned.plan.data == b"later"
    assert planned.job is later


def test_what_nobody_wants_is_forgotten(desk: Desk) -> None:
    jobs = [desk.job(f"{n}.dat") for n in range(3)]
    desk.planner.begin(jobs)
    desk.planner.submit([])  # nothing to send yet
    desk.planner.submit(jobs[1:2])
    assert [p.job.path for p in desk.take(1)] == ["1.dat"]
    eventually(lambda: desk.planner.backlog == 0 or bool(desk.planner.take()), timeout_s=20, what="the others are done")
    desk.planner.submit([replace(jobs[0], prefix=10)])
    (planned,) = desk.take(1)
    assert planned.plan is not None and planned.plan.data == b"x" * 10


def test_planned_ahead_is_only_what_fits_into_memory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.sending.planner._AHEAD_BYTES", 6000)
    jobs = [desk.job(f"{n}.dat") for n in range(5)]
    big = desk.job("big.dat", os.urandom(chunker.SMALL + 1))
    desk.planner.begin([big, *jobs])
    eventually(lambda: len(desk.read) == 3, timeout_s=20, what="a big file and two small ones are read")
    desk.planner.submit([*jobs, big])
    assert len(desk.take(6)) == 6
    assert len(desk.read) == 6


def test_a_file_that_changes_while_nobody_sends_has_one_plan(desk: Desk) -> None:
    desk.planner.begin([desk.job("a.dat", b"first")])
    desk.planner.begin([desk.job("a.dat", b"second, longer")])
    last = desk.job("a.dat", b"the third and last")
    desk.planner.submit([last])
    found: list[Planned] = []

    def is_done() -> bool:
        found.extend(desk.planner.take())
        return desk.planner.backlog == 0

    eventually(is_done, timeout_s=20, what="everything is planned")
    assert [planned.job for planned in found] == [last]


def _torn_job(folder: Path) -> Job:
    """A file of which an earlier version was given up half-way."""
    file = folder / "a.dat"
    file.write_bytes(b"x" * 2500)
    return Job("a.dat", str(file), Fingerprint.of(file.stat()), torn=Torn(2, 1000, b"\1" * 64))


@pytest.mark.parametrize("how", ["refused", "unreadable", "sent"])
def test_no_copy_stays_of_a_file_that_is_not_sent(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunker, "SMALL", 1000)

    def judge(plan: FilePlan, row: Outgoing | None) -> OpenMSIError | None:
        assert Path(plan.copy).read_bytes() == b"x" * 2500
        if how == "unreadable":
            raise NeedsYou("It may not be read")
        return NeedsYou("It is damaged") if how == "refused" else None

    copies = tmp_path / "copies"
    planner = Planner(name="XRD", chunk_size=1000, judge=judge, copies=Copies(copies, leave_free=0))
    planner.submit([_torn_job(tmp_path)])
    found: list[Planned] = []

    def look() -> bool:
        found.extend(planner.take())
        return bool(found)

    eventually(look, timeout_s=20, what="the plan")
    (planned,) = found
    assert (planned.plan is not None) == (how == "sent")
    assert len(list(copies.iterdir())) == (how == "sent")
    planner.close()


def test_no_copy_stays_of_a_plan_that_nobody_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunker, "SMALL", 1000)
    copies, made = tmp_path / "copies", []

    def judge(plan: FilePlan, row: Outgoing | None) -> None:
        made.append(plan.copy)

    planner = Planner(name="XRD", chunk_size=1000, judge=judge, copies=Copies(copies, leave_free=0))
    planner.submit([_torn_job(tmp_path)])
    eventually(lambda: bool(made), timeout_s=20, what="the copy")
    planner.close()
    assert made != [""] and list(copies.iterdir()) == []
