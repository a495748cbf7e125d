"""A reader's journal after a long time: what it keeps, and that its size costs nothing."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.assembling import ALICE, BOB, TASK, Bench
from servers.chunks import chunks_of, content

from openmsi_desktop.core import schema
from openmsi_desktop.core.chunk import Sender
from openmsi_desktop.core.deliveries import Done, Story
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.part import Beginning

DAY = 86_400.0
MANY = 200_000


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.close()


def test_the_last_version_of_each_file_is_kept_and_those_before_are_forgotten(bench: Bench) -> None:
    for version in (1, 2, 3):
        bench.feed(chunks_of("f", content(300, version)), sender=Sender(ALICE, version))
        bench.delivered()
    bench.feed(chunks_of("g", content(300))[:2])
    bench.checkpoint()
    bench.clock += 91 * DAY
    bench.assembler.expire(bench.clock - 30 * DAY)
    bench.checkpoint()
    bench.assembler.forget_history(bench.clock - 90 * DAY)
    assert [tuple(row) for row in bench.journal.query("SELECT path, version FROM incoming")] == [("f", 3)]
    bench.feed(chunks_of("f", content(300, 1)), sender=Sender(ALICE, 1))  # replayed after all
    assert bench.delivered() == []
    bench.feed(chunks_of("g", content(300)))
    assert bench.delivered() == [content(300)]


def test_what_still_matters_is_not_forgotten(bench: Bench) -> None:
    bench.feed(chunks_of("waits", b"x"))
    bench.feed(chunks_of("arrives", content(300))[:2], sender=Sender(BOB, 1))
    bench.feed(chunks_of("lost", content(300)), sender=Sender(ALICE, 1))
    waiting = {w.path: w for w in bench.checkpoint().received}
    bench.clock += 91 * DAY
    bench.assembler.lose(waiting["lost"].id, waiting["lost"].spool)
    bench.checkpoint()
    bench.assembler.forget_history(bench.clock - 90 * DAY)
    assert len(bench.states) == 3


def test_a_part_that_is_read_again_after_days_holds_the_group(bench: Bench) -> None:
    bench.feed(chunks_of("f", content(300)))
    (waiting,) = bench.checkpoint().received
    bench.clock += 3 * DAY
    bench.assembler.lose(waiting.id, waiting.spool)
    bench.checkpoint()
    assert bench.files.floors(since=bench.clock - DAY) == {("t", 0): 0}


def test_many_files_received_before_cost_the_next_one_nothing(bench: Bench) -> None:
    def steps_of_one_more(name: str) -> int:
        steps = [0]

        def count() -> int:
            steps[0] += 1
            return 0

        bench.journal.connection.set_progress_handler(count, 100)
        bench.feed(chunks_of(name, content(300)))
        assert bench.delivered() == [content(300)]
        bench.deliveries.waiting(due_at=bench.clock, limit=100)
        bench.assembler.note_quiet(bench.clock - 600)
        bench.assembler.expire(bench.clock - 30 * DAY)
        bench.assembler.forget_history(bench.clock - 90 * DAY)
        bench.assembler.give_up_overtaken()
        bench.files.floors(since=bench.clock - DAY)
        bench.files.spool_names()
        bench.journal.connection.set_progress_handler(None, 0)
        return steps[0]

    few = steps_of_one_more("few")
    columns = [row["name"] for row in bench.journal.query("PRAGMA table_info(incoming)") if row["name"] != "id"]
    values = ", ".join("path || n" if c == "path" else c for c in columns)
    bench.journal.execute(
        f"""INSERT INTO incoming ({", ".join(columns)}) WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c
        WHERE n < {MANY}) SELECT {values} FROM incoming, c"""
    )
    assert steps_of_one_more("many") <= 2 * few + 10


def test_a_journal_from_before_is_migrated_with_what_it_holds(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.feed(chunks_of("f", b"one"))
    bench.feed(chunks_of("g", content(300))[:2])
    (waiting,) = bench.checkpoint().received
    with bench.journal.transaction():
        bench.deliveries.record("bucket", [Story(waiting.id, Done.NO, "away", due_at=77.0)])
        bench.deliveries.still_wait([(waiting.id, "", "away")])
    bench.close()
    path = tmp_path / "journal.db"
    step = "".join(schema.MIGRATIONS.values())
    with sqlite3.connect(path) as old:
        for index in re.findall(r"CREATE INDEX (\w+)", step):
            old.execute(f"DROP INDEX {index}")
        for table in re.findall(r"CREATE TABLE (\w+)", step):
            old.execute(f"DROP TABLE {table}")
        for table, column in re.findall(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", step):
            old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        old.execute("CREATE INDEX incoming_line ON incoming (path) WHERE latest = 1 OR stage = 0")
        old.execute("UPDATE incoming SET due_at = 77")
        old.execute("PRAGMA user_version = 1000")
    old.close()
    bench.open()
    assert bench.journal.query("PRAGMA user_version")[0][0] == schema.VERSION
    assert (tmp_path / "journal-format-1000.db").exists()
    (found,) = bench.deliveries.waiting(due_at=80.0, limit=10)
    assert (found.path, dict(found.due)) == ("f", {"bucket": 77.0})
    bench.feed(chunks_of("g", content(300))[2:])
    assert bench.delivered() == [content(300)]
    bench.close()


def test_where_reading_began_and_the_first_damaged_chunk_are_remembered(tmp_path: Path) -> None:
    files = IncomingFiles(Journal(tmp_path / "new.db"), TASK)
    files.open_source("t", "c/t")
    files.begin_at("t", {0: Beginning(3, 9)})
    files.note_damaged("t", 0, 5)
    files.note_damaged("t", 0, 7)
    assert files.positions("t")[0].beginning == Beginning(3, 9, 5)
    files.journal.close()
