"""Which receipts make a file Arrived: those that fit it, and no others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from openmsi_desktop.core import chunker
from openmsi_desktop.core.arrivals import Arrivals, ReceiptPositions, Taken, arrivals_of
from openmsi_desktop.core.chunker import FilePlan
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileList
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles, in_words
from openmsi_desktop.core.receipt import Place, Receipt

OURS = "a" * 32
HPC = Place("folder", "received", "", "hpc-1")
BUCKET = Place("bucket", "lab-bucket", "s3://raw/xrd/a.xy", "hpc-1")
SHA = {content: hashlib.sha512(content).digest() for content in (b"first", b"second")}


class Task:
    """A watching task with one file, a.xy."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.journal = Journal(place / "journal.db")
        self.files = OutgoingFiles(self.journal, "watch:1", "xrd")
        self.arrivals = Arrivals(self.files, installation=OURS)
        self.version = 0

    def begin(self, content: bytes) -> int:
        file = self.place / "a.xy"
        file.write_bytes(content)
        self.attempt = self.files.begin(self.plan(file), partition=0, owner="me")
        self.version = self.attempt.version
        return self.version

    def plan(self, file: Path) -> FilePlan:
        return chunker.plan(file, "a.xy", chunk_size=1000)

    def send(self, content: bytes) -> int:
        version = self.begin(content)
        self.end()
        return version

    def end(self) -> dict[int, str]:
        return self.files.sent([(self.attempt.id, [7], False)])

    def take(self, *receipts: Receipt) -> Taken:
        with self.journal.transaction():
            return self.arrivals.take(receipts)

    def row(self) -> Outgoing:
        return self.files.known(["a.xy"])["a.xy"]

    def state(self) -> tuple[FileState, str]:
        return self.row().state, self.row().reason


@pytest.fixture
def task(tmp_path: Path) -> Iterator[Task]:
    made = Task(tmp_path)
    yield made
    made.journal.close()


def receipt(content: bytes, version: int, place: Place = HPC, **more: Any) -> Receipt:
    plain = Receipt("xrd", "a.xy", SHA[content], len(content), version, OURS, 1_700_000_000.0, place, "b" * 32)
    return replace(plain, **more)


def test_several_places(task: Task) -> None:
    version = task.send(b"first")
    task.take(receipt(b"first", version, BUCKET))
    taken = task.take(receipt(b"first", version, HPC, at=1_700_000_001.0))
    assert [row.path for row in taken.arrived] == ["a.xy"]
    assert task.state() == (FileState.ARRIVED, "at bucket lab-bucket and on PC hpc-1")
    assert [(a.place, a.detail) for a in arrivals_of(task.journal, "watch:1", "a.xy")] == [
        ("at bucket lab-bucket", "s3://raw/xrd/a.xy"),
        ("on PC hpc-1", "folder received"),
    ]
    (listed,) = FileList(task.journal, "watch:1", is_outgoing=True).rows([task.row().id])
    assert listed.at == 1_700_000_000.0  # since it is somewhere


def test_the_same_receipt_twice_is_no_news(task: Task) -> None:
    version = task.send(b"first")
    task.take(receipt(b"first", version))
    assert task.take(receipt(b"first", version)).arrived == ()
    assert len(arrivals_of(task.journal, "watch:1", "a.xy")) == 1


def test_many_places_are_not_all_named_and_endless_ones_not_kept(task: Task) -> None:
    version = task.send(b"first")
    for number in range(100):
        task.take(receipt(b"first", version, Place("folder", "received", "", f"pc-{number:02}")))
    assert task.state()[1] == "on PC pc-00, on PC pc-01, on PC pc-02 and at 17 more"
    assert len(arrivals_of(task.journal, "watch:1", "a.xy")) == 20


def test_a_receipt_that_comes_before_the_last_acknowledgement(task: Task) -> None:
    version = task.begin(b"first")
    taken = task.take(receipt(b"first", version))
    assert (taken.arrived, taken.late) == ((), 1)
    assert task.row().state is FileState.SENDING
    assert task.end() == {task.row().id: "on PC hpc-1"}
    assert task.state() == (FileState.ARRIVED, "on PC hpc-1")


def test_what_was_checked_and_what_comes_later_is_arrived_and_checked(task: Task) -> None:
    version = task.send(b"first")
    task.take(receipt(b"first", version))
    task.files.checked([(task.row().id, version)])
    assert task.row().state is FileState.ARRIVED
    assert task.row().checked_at is not None


def test_a_receipt_for_the_version_before(task: Task) -> None:
    first = task.send(b"first")
    second = task.send(b"second")
    taken = task.take(receipt(b"first", first))
    assert (taken.arrived, taken.late, taken.ignored) == ((), 1, 0)
    assert task.row().state is FileState.SENT
    assert [(a.version, a.is_current) for a in arrivals_of(task.journal, "watch:1", "a.xy")] == [(first, False)]
    task.take(receipt(b"second", second))
    assert task.row().state is FileState.ARRIVED


def test_the_old_contents_again_are_another_version(task: Task) -> None:
    first = task.send(b"first")
    task.take(receipt(b"first", first))
    task.send(b"second")
    again = task.send(b"first")
    assert task.row().state is FileState.SENT
    task.take(receipt(b"first", first, BUCKET))
    assert task.row().state is FileState.SENT  # it was of the first time
    task.take(receipt(b"first", again))
    assert task.row().state is FileState.ARRIVED


def test_a_message_without_our_header_has_no_number(task: Task) -> None:
    task.send(b"first")
    task.take(receipt(b"first", 0, installation=""))
    assert task.row().state is FileState.ARRIVED


def test_times_alone_change_nothing(task: Task) -> None:
    version = task.send(b"first")
    task.take(receipt(b"first", version))
    task.files.set_state([task.row().id], FileState.CHANGED, "it is looked at")
    told = task.files.same_as_sent(task.plan(task.place / "a.xy"), task.row())
    assert told == task.state() == (FileState.ARRIVED, "on PC hpc-1")


def test_nobody_goes_on_with_it(task: Task) -> None:
    version = task.send(b"first")
    task.take(receipt(b"first", version))
    task.files.set_state([task.row().id], FileState.PROBLEM, "it cannot be read")
    task.files.leave([task.row().id], "nobody")
    assert task.state() == (FileState.ARRIVED, "on PC hpc-1")


def test_what_is_to_be_sent_again_is_not_arrived(task: Task) -> None:
    """Reading it back showed another file than was sent, or it is another topic: a receipt does not outweigh that."""
    version = task.send(b"first")
    task.take(receipt(b"first", version))
    task.files.forget_sent([task.row().id])
    task.files.withdraw([task.row().id], FileState.PROBLEM, "it is sent again")
    task.take(receipt(b"first", version, BUCKET))
    assert task.row().state is FileState.PROBLEM
    task.send(b"first")
    assert task.row().state is FileState.SENT


_WRONG: dict[str, st.SearchStrategy[Any]] = {
    "topic": st.text(max_size=5),
    "path": st.sampled_from(["b.xy", "A.xy", "a.xy ", "run/a.xy"]),
    "sha512": st.binary(min_size=64, max_size=64),
    "size": st.integers(0, 1 << 62),
    "version": st.integers(1, 1 << 62),
    "installation": st.sampled_from(["c" * 32, "f" * 32]),
}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_forged_and_foreign_receipts_do_nothing(task: Task, data: st.DataObject) -> None:
    """Whatever is wrong with them, one thing or several."""
    if not task.files.known(["a.xy"]):
        task.send(b"first")
    right = receipt(b"first", task.version)
    names = data.draw(st.sets(st.sampled_from(sorted(_WRONG)), min_size=1, max_size=3))
    wrong = {name: data.draw(_WRONG[name]) for name in names}
    assume(all(value != getattr(right, name) for name, value in wrong.items()))
    forged = replace(right, **wrong)
    taken = task.take(forged)
    assert (taken.arrived, taken.ignored) == ((), 1)
    assert task.row().state is FileState.SENT
    assert arrivals_of(task.journal, "watch:1", "a.xy") == []


def test_positions_belong_to_one_topic(task: Task) -> None:
    positions = ReceiptPositions(task.journal, "watch:1", "xrd.receipts")
    assert positions.of("cluster", "one", {0: 5}) == {0: 5}
    positions.move_to({0: 9})
    assert positions.of("cluster", "one", {0: 5, 1: 0}) == {0: 9, 1: 0}
    assert positions.of("cluster", "another", {0: 2}) == {0: 2}


@pytest.mark.parametrize(
    ("places", "words"),
    [(["on PC a"], "on PC a"), (["on PC a", "at bucket b"], "on PC a and at bucket b")],
)
def test_places_in_words(places: list[str], words: str) -> None:
    assert in_words(places) == words
