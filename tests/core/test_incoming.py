"""What the journal knows of received files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from core.assembling import ALICE, TASK, TOPIC, Bench
from servers.chunks import chunks_of, content

from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.deliveries import Deliveries, Done, Intent, Over, Story
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.received import rows
from openmsi_desktop.core.spool import Spool


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_positions_are_those_of_the_last_checkpoint(bench: Bench) -> None:
    bench.assembler.checkpoint({(TOPIC, 1): (7, 1_700_000_000_000), (TOPIC, 2): (3, None)})
    bench.assembler.checkpoint({(TOPIC, 1): (8, None)})
    bench.restart()
    found = bench.files.positions(TOPIC)
    assert [(found[p].position, found[p].seen_ms) for p in range(4)] == [
        (0, None),
        (8, 1_700_000_000_000),
        (3, None),
        (0, None),
    ]


def test_a_row_tells_what_people_ask(bench: Bench) -> None:
    bench.feed(chunks_of("a/ü.dat", content(1000))[3:], sender=Sender(ALICE, 5), partition=2)
    bench.checkpoint()
    row = bench.row()
    assert (row.task, row.topic, row.path, row.version, row.installation) == (TASK, TOPIC, "a/ü.dat", 5, ALICE)
    assert (row.state, row.chunks_done, row.chunks_total, row.missing()) == (FileState.RECEIVING, 7, 10, (1, 2, 3))
    assert row.reached == {2: (0, 6)}
    assert row.size is None
    assert [r.path for r in rows(bench.journal, path="a/ü.dat", state=FileState.RECEIVING, task=TASK)] == ["a/ü.dat"]
    assert list(rows(bench.journal, path="else")) == []


def test_what_waits_for_a_sink_comes_in_the_order_in_which_it_is_due(bench: Bench) -> None:
    for name in "abc":
        bench.feed(chunks_of(name, name.encode()))
    first, second, third = bench.checkpoint().received
    bench.deliveries.sinks = frozenset({"folder", "bucket"})
    with bench.journal.transaction():
        bench.deliveries.record("folder", [Story(first.id, Done.YES, note="kept beside")])
        bench.deliveries.still_wait([(first.id, "/x/a", "")])
        bench.deliveries.record("bucket", [Story(first.id, Done.NO, "no contact", due_at=50.0)])
        bench.deliveries.still_wait([(first.id, "/x/a", "no contact")])
    bench.deliveries.postpone([third.id], "folder", 30.0)
    bench.deliveries.postpone([third.id], "bucket", 10.0)
    assert [w.path for w in bench.deliveries.waiting(due_at=20.0, limit=10)] == ["b", "c"]
    late = bench.deliveries.waiting(due_at=100.0, limit=10, but_not=[second.id])[1]
    assert (late.done, late.tries, late.due) == (frozenset({"folder"}), {"bucket": 1}, {"bucket": 50.0})
    assert (late.local, late.reason, late.notes) == ("/x/a", "no contact", ("kept beside",))
    assert bench.row(path="a").state is FileState.PROBLEM
    assert bench.deliveries.make_due("a") == 1
    assert [w.path for w in bench.deliveries.waiting(due_at=0.0, limit=10)] == ["a", "b"]


def test_a_later_version_stops_the_delivery_of_an_older_one(bench: Bench) -> None:
    bench.feed(chunks_of("f", b"old"))
    (old,) = bench.checkpoint().received
    bench.feed(chunks_of("f", b"new"))
    (new,) = bench.checkpoint().received
    assert not bench.deliveries.intend(old.id)
    assert bench.deliveries.intend(new.id)
    assert bench.deliveries.intend(new.id)
    bench.deliveries.finish(new.id, FileState.DELIVERED, reason="", local="/x/f")
    assert not bench.deliveries.intend(new.id)
    assert bench.row(state=FileState.DELIVERED).local == "/x/f"


def test_many_deliveries_are_intended_as_each_alone(bench: Bench) -> None:
    bench.feed(chunks_of("f", b"old"))
    (old,) = bench.checkpoint().received
    bench.feed([*chunks_of("f", b"new"), *chunks_of("g", b"1"), *chunks_of("h", b"2")])
    new, *others = bench.checkpoint().received
    numbers = [item.id for item in (old, new, *others)]
    intents = bench.deliveries.intend_all([*numbers, 999])
    assert intents == {
        old.id: Intent.OVERTAKEN,
        new.id: Intent.GO,
        **dict.fromkeys([item.id for item in others], Intent.GO),
        999: Intent.OVERTAKEN,
    }
    assert bench.deliveries.intend_all(numbers) == {number: intents[number] for number in numbers}
    bench.deliveries.finish_all(Over(item.id, FileState.DELIVERED, "", f"/x/{item.path}") for item in (new, *others))
    assert [bench.row(path=path).local for path in "gh"] == ["/x/g", "/x/h"]
    assert not any(bench.deliveries.intend_all(numbers).values())


def test_two_tasks_of_one_journal_do_not_see_each_other(bench: Bench) -> None:
    bench.feed(chunks_of("f", b"old"))
    bench.checkpoint()
    other = IncomingFiles(bench.journal, "download:2")
    other.open_source(TOPIC, "cluster/topic")
    assert other.positions(TOPIC) == {}
    assert Deliveries(bench.journal, "download:2").waiting(due_at=1e18, limit=10) == []
    assert other.latest(TOPIC, "f", "") is None
    marks = {Spool(bench.folder, owner=task).new_name()[:8] for task in (TASK, "download:2", TASK)}
    assert len(marks) == 2


def test_another_thread_sees_the_files_of_a_task_that_runs(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(1000))[:3])
    bench.checkpoint()
    other = Journal(bench.journal.path)
    assert [part.path for part in IncomingFiles(other, TASK).open_parts()] == ["f"]
    other.close()
