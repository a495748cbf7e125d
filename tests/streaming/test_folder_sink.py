"""Files appear in the target whole, under their names; what is not ours is never touched."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from servers.systems import Needs, not_on_windows
from streaming.folder_bench import NOON, OTHERS, TREE, Bench, Cut, Cutter, is_delivered, tree_of

from openmsi_desktop.core import durable, rename
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.published import Published
from openmsi_desktop.core.tree import InTheWay, Tree
from openmsi_desktop.streaming.sinks import BatchSink, Failed, Outcome, SpoolMissing, Superseded, placing, publishing
from openmsi_desktop.streaming.sinks.target import TargetMissing

POSIX = not_on_windows(Needs.POSIX_CALLS)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    Bench.close_all()


def failed(outcome: Outcome) -> Exception:
    assert isinstance(outcome, Failed), outcome
    return outcome.error


def superseded(outcome: Outcome) -> str:
    assert isinstance(outcome, Superseded), outcome
    return outcome.reason


class TestDelivery:
    def test_file_appears_under_its_path_with_its_time(self, bench: Bench) -> None:
        outcome = is_delivered(bench.deliver("run_1/größe/a.xy", b"1 2\n", modified=1_700_000_000.123456))
        assert outcome.local == str(bench.target / "run_1/größe/a.xy")
        assert bench.files() == {"run_1/größe/a.xy": b"1 2\n"}
        assert (bench.target / "run_1/größe/a.xy").stat().st_mtime == 1_700_000_000.123456
        assert bench.left_over() == []

    def test_sink_is_what_the_engine_drives(self, bench: Bench) -> None:
        assert isinstance(bench.sink, BatchSink)
        bench.sink.close()

    def test_empty_file_and_unknown_time(self, bench: Bench) -> None:
        bench.deliver("empty.dat", b"", modified=None)
        assert bench.files() == {"empty.dat": b""}

    def test_next_version_replaces_what_nobody_touched(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one")
        outcome = is_delivered(bench.deliver("a.xy", b"two!"))
        assert bench.files() == {"a.xy": b"two!"}
        assert (outcome.note, outcome.problem) == ("", None)
        assert bench.left_over() == []

    def test_older_content_sent_anew_is_published_again(self, bench: Bench) -> None:
        for content in (b"A", b"B", b"A"):
            bench.deliver("a.xy", content)
        assert bench.files() == {"a.xy": b"A"}

    def test_older_version_never_replaces_a_newer_one(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"new", version=5)
        assert "later version" in superseded(bench.deliver("a.xy", b"old", version=4))
        assert bench.files() == {"a.xy": b"new"}

    def test_versions_of_one_path_in_one_batch(self, bench: Bench) -> None:
        batch = [
            bench.received("a.xy", b"second", version=2),
            bench.received("b.xy", b"other", version=1),
            bench.received("a.xy", b"first", version=1),
            bench.received("a.xy", b"third", version=3),
        ]
        outcomes = bench.sink.deliver_all(batch)
        assert [type(o).__name__ for o in outcomes] == ["Delivered", "Delivered", "Superseded", "Delivered"]
        assert bench.files() == {"a.xy": b"third", "b.xy": b"other"}

    def test_second_call_for_a_delivered_file_changes_nothing(self, bench: Bench) -> None:
        file = bench.received("a.xy", b"one")
        bench.sink.deliver_all([file])
        assert not file.path.exists()
        bench.reopen()
        assert is_delivered(bench.sink.deliver_all([file])[0]).local == str(bench.target / "a.xy")
        assert bench.files() == {"a.xy": b"one"}

    def test_without_header_the_offset_orders_versions(self, bench: Bench) -> None:
        def order(offset: int) -> Order:
            return Order(stream="c/t", partition=2, offset=offset, timestamp_ms=9, mtime=99 - offset)

        bench.deliver("a.xy", b"new", installation="", order=order(50))
        superseded(bench.deliver("a.xy", b"old", installation="", order=order(10)))
        is_delivered(bench.deliver("a.xy", b"newest", installation="", order=order(60)))
        assert bench.files() == {"a.xy": b"newest"}

    def test_spool_stays_when_other_sinks_need_it(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, takes_spool=False)
        file = bench.received("run/a.xy", b"one" * 100_000)
        is_delivered(bench.sink.deliver_all([file])[0])
        (bench.target / "run/a.xy").write_bytes(b"edited in place")
        assert file.path.read_bytes() == b"one" * 100_000
        assert bench.left_over() == [file.path.name]

    def test_a_spool_file_that_another_sink_changed_is_not_copied(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, takes_spool=False)
        file = bench.received("a.xy", b"one")
        file.path.write_bytes(b"two")
        assert isinstance(failed(bench.sink.deliver_all([file])[0]), SpoolMissing)
        assert bench.files() == {}
        assert bench.left_over() == [file.path.name]

    def test_spool_elsewhere_is_copied(self, bench: Bench, tmp_path: Path) -> None:
        file = bench.received("a.xy", b"one")
        elsewhere = tmp_path / "elsewhere"
        shutil.move(file.path, elsewhere)
        bench.sink.deliver_all([replace(file, path=elsewhere)])
        assert bench.files() == {"a.xy": b"one"}
        assert elsewhere.read_bytes() == b"one"

    def test_missing_or_short_spool_file_is_asked_for_again(self, bench: Bench) -> None:
        gone, short = bench.received("a.xy", b"one"), bench.received("b.xy", b"two")
        gone.path.unlink()
        short.path.write_bytes(b"t")
        for outcome in bench.sink.deliver_all([gone, short]):
            assert isinstance(failed(outcome), SpoolMissing)
        assert bench.files() == {}

    @not_on_windows(Needs.LINUX)
    def test_thousands_of_small_files_take_one_flush_and_two_transactions(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flushes: list[int] = []
        statements: list[str] = []
        flush = durable.sync_batch

        def counted(*arguments: Any) -> None:
            flushes.append(1)
            flush(*arguments)

        monkeypatch.setattr(durable, "sync_batch", counted)
        batch = [bench.received(f"run/{i % 20}/f{i}.csv", b"%d" % i) for i in range(2000)]
        bench.journal.connection.set_trace_callback(statements.append)
        before = time.perf_counter()
        outcomes = bench.sink.deliver_all(batch)
        seconds = time.perf_counter() - before
        for outcome in outcomes:
            is_delivered(outcome)
        assert len(bench.files()) == 2000
        assert len(flushes) == 1
        assert sum(s.startswith("BEGIN") for s in statements) == 2
        assert seconds < 10  # it is 0.3 s on an idle computer; this is no benchmark

    def test_many_folders_do_not_use_up_descriptors(self, bench: Bench) -> None:
        batch = [bench.received(f"{i}/deep/f.csv", b"%d" % i) for i in range(200)]
        for outcome in bench.sink.deliver_all(batch):
            is_delivered(outcome)
        assert len(bench.files()) == 200

    def test_stop_ends_the_reading_of_a_big_file(self, tmp_path: Path) -> None:
        stop = threading.Event()
        bench = Bench(tmp_path, stop=stop)
        bench.write("a.xy", b"x" * 3)
        file = bench.received("a.xy", b"abc")
        stop.set()
        with pytest.raises(RetryableError):
            bench.sink.deliver_all([file])
        stop.clear()
        is_delivered(bench.sink.deliver_all([file])[0])


class TestForeignFiles:
    BESIDE = "a (xrd 2026-11-21 10-00-00).xy"

    def test_foreign_file_is_kept_and_ours_named_after_its_time(self, bench: Bench) -> None:
        bench.write("run/a.xy", b"mine")
        outcome = is_delivered(bench.deliver("run/a.xy", b"sent"))
        assert bench.files() == {"run/a.xy": b"mine", f"run/{self.BESIDE}": b"sent"}
        assert outcome.local == str(bench.target / "run" / self.BESIDE)
        assert "different file" in outcome.note and outcome.problem is None

    @pytest.mark.parametrize("edit", [b"edited", b"oNe"], ids=["other size", "same size"])
    def test_changed_file_is_kept(self, bench: Bench, edit: bytes) -> None:
        bench.deliver("a.xy", b"one")
        bench.write("a.xy", edit)
        outcome = is_delivered(bench.deliver("a.xy", b"two"))
        assert bench.files() == {"a.xy": edit, self.BESIDE: b"two"}
        assert "changed here" in outcome.note

    def test_change_that_hides_its_time_is_noticed(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one")
        before = (bench.target / "a.xy").stat()
        bench.write("a.xy", b"oNe")
        os.utime(bench.target / "a.xy", ns=(before.st_atime_ns, before.st_mtime_ns))
        bench.deliver("a.xy", b"two")
        assert bench.files()["a.xy"] == b"oNe"

    def test_touched_but_equal_file_is_still_ours(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one")
        os.utime(bench.target / "a.xy", (NOON + 5, NOON + 5))
        bench.deliver("a.xy", b"two")
        assert bench.files() == {"a.xy": b"two"}

    def test_version_after_a_kept_one_replaces_only_ours(self, bench: Bench) -> None:
        bench.write("a.xy", b"mine")
        bench.deliver("a.xy", b"v1")
        bench.deliver("a.xy", b"v2", modified=NOON + 60)
        assert bench.files() == {"a.xy": b"mine", "a (xrd 2026-11-21 10-01-00).xy": b"v2"}
        bench.deliver("a.xy", b"v3", modified=NOON + 60)
        assert bench.files() == {"a.xy": b"mine", "a (xrd 2026-11-21 10-01-00).xy": b"v3"}

    def test_name_that_becomes_free_is_used_again(self, bench: Bench) -> None:
        foreign = bench.write("a.xy", b"mine")
        bench.deliver("a.xy", b"v1")
        foreign.unlink()
        bench.deliver("a.xy", b"v2", modified=NOON + 60)
        assert bench.files() == {"a.xy": b"v2"}

    def test_kept_version_that_was_edited_is_kept_too(self, bench: Bench) -> None:
        bench.write("a.xy", b"mine")
        bench.deliver("a.xy", b"v1")
        bench.write(self.BESIDE, b"edited")
        bench.deliver("a.xy", b"v2")
        assert bench.files() == {
            "a.xy": b"mine",
            self.BESIDE: b"edited",
            "a (xrd 2026-11-21 10-00-00 2).xy": b"v2",
        }

    def test_identical_file_is_recognised(self, bench: Bench) -> None:
        bench.write("a.xy", b"same")
        outcome = is_delivered(bench.deliver("a.xy", b"same"))
        assert bench.files() == {"a.xy": b"same"}
        assert "identical" in outcome.note

    def test_recognised_file_is_not_ours_to_replace(self, bench: Bench) -> None:
        bench.write("a.xy", b"same")
        bench.deliver("a.xy", b"same")
        bench.deliver("a.xy", b"next")
        assert bench.files() == {"a.xy": b"same", self.BESIDE: b"next"}

    def test_after_a_lost_journal_nothing_is_written_twice(self, bench: Bench) -> None:
        bench.write("b.xy", b"mine")
        for path in ("a.xy", "b.xy"):
            bench.deliver(path, b"sent")
        before = bench.files()
        bench.journal.close()
        for file in bench.journal_path.parent.iterdir():
            file.unlink()
        bench.open()
        for path in ("a.xy", "b.xy"):
            is_delivered(bench.deliver(path, b"sent"))
        assert bench.files() == before

    def test_newest_moves_the_old_one_aside(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, if_exists="newest")
        foreign = bench.write("a.xy", b"mine")
        os.utime(foreign, (NOON - 3600, NOON - 3600))
        outcome = is_delivered(bench.deliver("a.xy", b"sent"))
        assert bench.files() == {"a.xy": b"sent", "a (xrd 2026-11-21 09-00-00).xy": b"mine"}
        assert "09-00-00" in outcome.note
        bench.deliver("a.xy", b"next")
        assert bench.files() == {"a.xy": b"next", "a (xrd 2026-11-21 09-00-00).xy": b"mine"}

    def test_skip_leaves_the_different_file_alone(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, if_exists="skip")
        bench.write("a.xy", b"mine")
        assert "different file" in superseded(bench.deliver("a.xy", b"sent"))
        bench.deliver("b.xy", b"1")
        bench.deliver("b.xy", b"2")
        assert bench.files() == {"a.xy": b"mine", "b.xy": b"2"}

    @pytest.mark.parametrize("if_exists", ["keep-both", "newest"])
    def test_folder_with_the_name_stays(self, tmp_path: Path, if_exists: str) -> None:
        bench = Bench(tmp_path, if_exists=if_exists)
        bench.write("a.xy/inside", b"mine")
        is_delivered(bench.deliver("a.xy", b"sent"))
        assert bench.files() == {"a.xy/inside": b"mine", self.BESIDE: b"sent"}

    def test_file_that_appears_in_the_last_moment_is_kept(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        file = bench.received("a.xy", b"sent")
        intend = Published.intend

        def then_somebody_writes(*arguments: Any) -> None:
            intend(*arguments)
            if not (bench.target / "a.xy").exists():
                bench.write("a.xy", b"mine")

        monkeypatch.setattr(Published, "intend", then_somebody_writes)
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"a.xy": b"mine", self.BESIDE: b"sent"}

    @POSIX
    def test_edit_between_the_last_look_and_the_exchange_is_kept(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.deliver("a.xy", b"one")
        file = bench.received("a.xy", b"two")
        exchange = TREE.exchange

        def after_an_edit(tree: Tree, source: str, target: str) -> bool:
            bench.write("a.xy", b"edited")
            return exchange(tree, source, target)

        monkeypatch.setattr(TREE, "exchange", after_an_edit)
        is_delivered(bench.sink.deliver_all([file])[0])
        assert sorted(bench.files().values()) == [b"edited", b"two"]
        assert bench.files()["a.xy"] == b"two"

    def test_file_that_never_rests_is_tried_later(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        bench.deliver("a.xy", b"one")
        file = bench.received("a.xy", b"two")
        intend = Published.intend
        count = iter(range(100))

        def then_touch(*arguments: Any) -> None:
            intend(*arguments)
            os.utime(bench.target / "a.xy", (NOON + next(count), 5.0))

        monkeypatch.setattr(Published, "intend", then_touch)
        assert "changes while" in str(failed(bench.sink.deliver_all([file])[0]))
        monkeypatch.undo()
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"a.xy": b"two"}


class TestMovedAway:
    def test_moved_file_is_not_written_again(self, bench: Bench) -> None:
        file = bench.received("a.xy", b"one")
        bench.sink.deliver_all([file])
        (bench.target / "a.xy").rename(bench.target / "sorted.xy")
        is_delivered(bench.deliver("a.xy", b"one", version=1))
        outcome = is_delivered(bench.deliver("a.xy", b"one", version=2))
        assert "moved away" in outcome.note
        assert bench.files() == {"sorted.xy": b"one"}

    def test_next_version_of_a_moved_file_is_written(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one")
        (bench.target / "a.xy").rename(bench.target / "sorted.xy")
        bench.deliver("a.xy", b"two")
        assert bench.files() == {"a.xy": b"two", "sorted.xy": b"one"}

    @pytest.mark.parametrize("name", ["run/a.xy", "TARGET/run/a.xy"])
    def test_it_is_written_again_when_asked_for(self, bench: Bench, name: str) -> None:
        bench.deliver("run/a.xy", b"one", version=7)
        (bench.target / "run/a.xy").unlink()
        marked = bench.sink.again(name.replace("TARGET", str(bench.target)))
        assert [(row.path, row.order.version) for row in marked] == [("run/a.xy", 7)]
        bench.deliver("run/a.xy", b"one", version=7)
        assert bench.files() == {"run/a.xy": b"one"}
        (bench.target / "run/a.xy").unlink()
        bench.deliver("run/a.xy", b"one", version=7)
        assert bench.files() == {}

    def test_asking_again_does_not_touch_a_changed_file(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one", version=7)
        bench.write("a.xy", b"edited")
        bench.sink.again("a.xy")
        bench.deliver("a.xy", b"one", version=7)
        assert bench.files() == {"a.xy": b"edited", "a (xrd 2026-11-21 10-00-00).xy": b"one"}

    def test_asking_again_for_what_is_there_writes_nothing(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one", version=7)
        before = (bench.target / "a.xy").stat()
        bench.sink.again("a.xy")
        bench.deliver("a.xy", b"one", version=7)
        assert (bench.target / "a.xy").stat() == before

    def test_unknown_path_is_not_marked(self, bench: Bench, tmp_path: Path) -> None:
        assert bench.sink.again("nothing.xy") == []
        fresh = Bench(tmp_path / "fresh")
        assert fresh.sink.again("a.xy") == []


class TestConflicts:
    def test_two_computers_with_one_path(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"mine")
        outcome = is_delivered(bench.deliver("a.xy", b"theirs", installation=OTHERS))
        assert bench.files() == {"a.xy": b"mine", "a (xrd 2026-11-21 10-00-00).xy": b"theirs"}
        assert outcome.problem is not None
        assert "subfolder" in outcome.problem.advice

    def test_each_computer_replaces_its_own(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"mine")
        bench.deliver("a.xy", b"theirs", installation=OTHERS)
        bench.deliver("a.xy", b"mine 2")
        bench.deliver("a.xy", b"theirs 2", installation=OTHERS)
        assert bench.files() == {"a.xy": b"mine 2", "a (xrd 2026-11-21 10-00-00).xy": b"theirs 2"}

    def test_identical_file_of_another_computer_survives_the_next_version(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"same")
        bench.deliver("a.xy", b"same", installation=OTHERS)
        assert bench.files() == {"a.xy": b"same"}
        bench.deliver("a.xy", b"mine 2")
        assert bench.files() == {"a.xy": b"mine 2", "a (xrd 2026-11-21 10-00-00).xy": b"same"}
        bench.deliver("a.xy", b"theirs 2", installation=OTHERS)
        assert bench.files() == {"a.xy": b"mine 2", "a (xrd 2026-11-21 10-00-00).xy": b"theirs 2"}

    def test_two_topics_with_one_path(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"x", topic="xrd")
        outcome = is_delivered(bench.deliver("a.xy", b"n", topic="nano"))
        assert bench.files() == {"a.xy": b"x", "a (nano 2026-11-21 10-00-00).xy": b"n"}
        assert outcome.problem is not None and "xrd" in outcome.problem.advice

    def test_newest_of_two_topics_takes_turns_without_loss(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, if_exists="newest")
        bench.deliver("a.xy", b"x1", topic="xrd")
        bench.deliver("a.xy", b"n1", topic="nano")
        assert bench.files() == {"a.xy": b"n1", "a (nano 2026-11-21 10-00-00).xy": b"x1"}
        bench.deliver("a.xy", b"x2", topic="xrd")
        assert bench.files() == {"a.xy": b"x2", "a (xrd 2026-11-21 10-00-00).xy": b"n1"}

    def test_names_that_the_disk_takes_for_one(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        _ignore_case(monkeypatch)
        bench.deliver("Run/Ä.xy", b"1")
        outcome = is_delivered(bench.deliver("run/a\u0308.XY", b"2"))
        assert bench.files()["Run/Ä.xy"] == b"1"
        assert sorted(bench.files().values()) == [b"1", b"2"]
        assert outcome.problem is not None and "Run/Ä.xy" in outcome.problem.advice

    def test_same_content_under_names_the_disk_takes_for_one(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _ignore_case(monkeypatch)
        bench.deliver("A.xy", b"1")
        outcome = is_delivered(bench.deliver("a.XY", b"1"))
        assert bench.files() == {"A.xy": b"1"}
        assert outcome.problem is not None and "share" in outcome.problem.advice

    def test_case_matters_where_the_disk_says_so(self, bench: Bench) -> None:
        if (bench.target / ".OPENMSI-PARTS").exists():
            pytest.skip(Needs.CASE)
        for path in ("A.xy", "a.xy", "ä.xy", "a\u0308.xy"):
            outcome = is_delivered(bench.deliver(path, path.encode()))
            assert outcome.note == "" and outcome.problem is None
        assert len(bench.files()) == 4

    def test_case_variants_of_equal_content_are_no_conflict_there(self, bench: Bench) -> None:
        if (bench.target / ".OPENMSI-PARTS").exists():
            pytest.skip(Needs.CASE)
        for content in (b"1", b"2"):
            for path in ("A.xy", "a.xy"):
                outcome = is_delivered(bench.deliver(path, content))
                assert outcome.note == "" and outcome.problem is None
        assert bench.files() == {"A.xy": b"2", "a.xy": b"2"}

    def test_touched_file_of_another_topic_is_still_known(self, tmp_path: Path) -> None:
        bench = Bench(tmp_path, if_exists="newest")
        bench.deliver("a.xy", b"x1", topic="xrd")
        os.utime(bench.target / "a.xy", (NOON + 5, NOON + 5))
        bench.deliver("a.xy", b"n1", topic="nano")
        bench.deliver("a.xy", b"x1", topic="xrd")
        assert sorted(bench.files().values()) == [b"n1", b"x1"]

    def test_escaped_names_are_reported(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(placing, "local_name", lambda path: path.replace(":", "%3A"))
        outcome = is_delivered(bench.deliver("10:30.xy", b"1"))
        assert bench.files() == {"10%3A30.xy": b"1"}
        assert "10%3A30.xy" in outcome.note


class TestInTheWay:
    @POSIX
    @pytest.mark.parametrize("tree", [TREE, Tree])
    def test_nothing_is_written_through_a_linked_folder(
        self, bench: Bench, tmp_path: Path, tree: type[Tree], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _use_tree(monkeypatch, tree)
        outside = tmp_path / "outside"
        outside.mkdir()
        (bench.target / "run").symlink_to(outside)
        error = failed(bench.deliver("run/deep/a.xy", b"x"))
        assert isinstance(error, InTheWay) and "link" in error.title
        assert tree_of(outside) == {}

    @POSIX
    @pytest.mark.parametrize("if_exists", ["keep-both", "newest"])
    def test_linked_file_is_not_written_through(self, tmp_path: Path, if_exists: str) -> None:
        bench = Bench(tmp_path, if_exists=if_exists)
        outside = tmp_path / "outside.txt"
        outside.write_bytes(b"keep")
        (bench.target / "a.xy").symlink_to(outside)
        is_delivered(bench.deliver("a.xy", b"x"))
        assert outside.read_bytes() == b"keep"
        assert b"x" in bench.files().values()
        assert any(content.startswith(b"-> ") for content in bench.files().values())

    @POSIX
    def test_folder_that_becomes_a_link_between_look_and_use(
        self, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (bench.target / "run").mkdir()
        file = bench.received("run/a.xy", b"x")
        put = TREE.move_new

        def after_the_swap(tree: Tree, source: str, target: str) -> None:
            (bench.target / "run").rename(bench.target / "was-run")
            (bench.target / "run").symlink_to(outside)
            put(tree, source, target)

        monkeypatch.setattr(TREE, "move_new", after_the_swap)
        bench.sink.deliver_all([file])
        assert tree_of(outside) == {}

    @POSIX
    def test_linked_spool_folder_is_refused(self, tmp_path: Path) -> None:
        target, outside = tmp_path / "target", tmp_path / "outside"
        target.mkdir()
        outside.mkdir()
        (target / ".openmsi-parts").symlink_to(outside)
        with pytest.raises(InTheWay):
            Bench(tmp_path)
        assert tree_of(outside) == {}

    def test_file_where_a_folder_is_needed(self, bench: Bench) -> None:
        in_the_way = bench.write("run", b"mine")
        file = bench.received("run/a.xy", b"x")
        error = failed(bench.sink.deliver_all([file])[0])
        assert isinstance(error, InTheWay) and "folder is needed" in error.title
        in_the_way.rename(bench.target / "other")
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"other": b"mine", "run/a.xy": b"x"}

    def test_file_and_folder_of_one_name_in_one_batch(self, bench: Bench) -> None:
        batch = [bench.received("run", b"1"), bench.received("run/a.xy", b"2"), bench.received("b.xy", b"3")]
        outcomes = bench.sink.deliver_all(batch)
        assert isinstance(failed(outcomes[1]), InTheWay)
        assert bench.files() == {"run": b"1", "b.xy": b"3"}

    @POSIX
    def test_pipe_with_the_name_does_not_block(self, bench: Bench) -> None:
        os.mkfifo(bench.target / "a.xy")
        is_delivered(bench.deliver("a.xy", b"sent"))
        assert stat.S_ISFIFO((bench.target / "a.xy").lstat().st_mode)

    @POSIX
    def test_name_too_long_for_the_system(self, bench: Bench) -> None:
        error = failed(bench.deliver("/".join(["d" * 200] * 21 + ["a.xy"]), b"x"))
        assert isinstance(error, NeedsYou) and "too long" in error.title

    def test_longest_name_still_finds_a_name_beside(self, bench: Bench) -> None:
        bench.write("ä" * 120 + ".measure", b"mine")
        is_delivered(bench.deliver("ä" * 120 + ".measure", b"x"))
        assert sorted(bench.files().values()) == [b"mine", b"x"]

    @POSIX
    def test_read_only_folder_needs_somebody(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        (bench.target / "run").mkdir(mode=0o555)
        put = TREE.move_new

        def refused_as_for_others(tree: Tree, source: str, target: str) -> None:
            """The administrator may write anywhere, so the system's refusal has to be spoken for it."""
            if os.geteuid() == 0 and not (bench.target / "run").stat().st_mode & 0o200:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
            put(tree, source, target)

        monkeypatch.setattr(TREE, "move_new", refused_as_for_others)
        file = bench.received("run/a.xy", b"x")
        error = failed(bench.sink.deliver_all([file])[0])
        assert isinstance(error, NeedsYou) and "right" in error.advice
        (bench.target / "run").chmod(0o755)
        is_delivered(bench.sink.deliver_all([file])[0])


class TestTrouble:
    @pytest.mark.parametrize(
        ("number", "words"), [(errno.ENOSPC, "full"), (errno.EROFS, "cannot be written"), (errno.EIO, "answer")]
    )
    def test_disk_trouble_concerns_the_whole_folder_and_loses_nothing(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, number: int, words: str
    ) -> None:
        batch = [bench.received(f"{i}.xy", b"%d" % i) for i in range(4)]
        put = TREE.move_new
        count = iter(range(9))

        def full(tree: Tree, source: str, target: str) -> None:
            if next(count) == 2:
                raise OSError(number, os.strerror(number))
            put(tree, source, target)

        monkeypatch.setattr(TREE, "move_new", full)
        with pytest.raises(OpenMSIError, match=words):
            bench.sink.deliver_all(batch)
        assert len(bench.files()) == 2
        monkeypatch.undo()
        for outcome in bench.sink.deliver_all(batch):
            is_delivered(outcome)
        assert bench.files() == {f"{i}.xy": b"%d" % i for i in range(4)}

    def test_one_refused_file_does_not_stop_the_others(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        put = TREE.move_new

        def refuse(tree: Tree, source: str, target: str) -> None:
            if target == "1.xy":
                raise PermissionError(errno.EACCES, "Permission denied")
            put(tree, source, target)

        monkeypatch.setattr(TREE, "move_new", refuse)
        batch = [bench.received(f"{i}.xy", b"%d" % i) for i in range(3)]
        outcomes = bench.sink.deliver_all(batch)
        assert isinstance(failed(outcomes[1]), NeedsYou)
        assert bench.files() == {"0.xy": b"0", "2.xy": b"2"}

    def test_failed_flush_delivers_nothing_yet(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        def broken(*_: Any) -> None:
            raise OSError(errno.EIO, "Input/output error")

        file = bench.received("a.xy", b"one")
        monkeypatch.setattr(durable, "sync_batch", broken)
        with pytest.raises(RetryableError):
            bench.sink.deliver_all([file])
        with pytest.raises(RetryableError):
            bench.sink.deliver_all([file])
        monkeypatch.undo()
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"a.xy": b"one"}

    def test_folder_on_another_disk_below_the_target(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """A disk mounted at ``stick``: the first rename into it is refused."""
        real = {name: getattr(TREE, name) for name in ("move_new", "exchange")}

        def check(name: str) -> Any:
            def action(tree: Tree, source: str, target: str) -> Any:
                if source.split("/")[0] != target.split("/")[0]:
                    raise OSError(errno.EXDEV, "Invalid cross-device link")
                return real[name](tree, source, target)

            return action

        for name in real:
            monkeypatch.setattr(TREE, name, check(name))
        for content in (b"one", b"two"):
            is_delivered(bench.deliver("stick/a.xy", content))
        assert tree_of(bench.target / "stick") == {"a.xy": b"two"}
        assert bench.left_over() == []

    def test_disk_without_special_renames(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rename, "_call", None)
        bench.write("f.xy", b"mine")
        for content in (b"one", b"two"):
            for path in ("a.xy", "f.xy"):
                is_delivered(bench.deliver(path, content))
        assert bench.files() == {"a.xy": b"two", "f.xy": b"mine", "f (xrd 2026-11-21 10-00-00).xy": b"two"}

    def test_disk_without_links_either(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_links(*_: Any, **__: Any) -> None:
            raise PermissionError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(rename, "_call", None)
        monkeypatch.setattr(os, "link", no_links)
        bench.write("f.xy", b"mine")
        for path in ("a.xy", "f.xy"):
            is_delivered(bench.deliver(path, b"one"))
        assert bench.files() == {"a.xy": b"one", "f.xy": b"mine", "f (xrd 2026-11-21 10-00-00).xy": b"one"}

    def test_files_are_handled_by_path_where_descriptors_do_not_work(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _use_tree(monkeypatch, Tree)
        monkeypatch.setattr(rename, "_call", None)
        bench.write("f.xy", b"mine")
        for content in (b"one", b"two"):
            for path in ("deep/er/a.xy", "f.xy"):
                is_delivered(bench.deliver(path, content))
        assert bench.files() == {"deep/er/a.xy": b"two", "f.xy": b"mine", "f (xrd 2026-11-21 10-00-00).xy": b"two"}


class TestTarget:
    def test_missing_target_is_not_made_anew(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one")
        file = bench.received("b.xy", b"two")
        away = bench.target.with_name("unplugged")
        bench.target.rename(away)
        with pytest.raises(TargetMissing, match="missing"):
            bench.sink.deliver_all([file])
        with pytest.raises(TargetMissing):
            bench.reopen()
        assert not bench.target.exists()
        away.rename(bench.target)
        bench.reopen()
        is_delivered(bench.sink.deliver_all([file])[0])
        assert bench.files() == {"a.xy": b"one", "b.xy": b"two"}

    def test_empty_mount_point_is_not_written(self, bench: Bench) -> None:
        """The folder below a mount lies on another disk than what was mounted there."""
        bench.deliver("a.xy", b"one")
        bench.journal.execute("UPDATE targets SET file_id = '99999:2'")
        shutil.rmtree(bench.sink.spool)
        with pytest.raises(TargetMissing, match="not the folder it was") as caught:
            bench.sink.prepare()
        assert f'decide "{bench.target}" --send' in caught.value.advice
        assert not bench.sink.spool.exists()
        bench.sink.accept_target()
        bench.sink.prepare()
        is_delivered(bench.deliver("b.xy", b"two"))

    def test_another_stick_is_noticed_by_its_marker(self, bench: Bench) -> None:
        bench.target.rename(bench.target.with_name("stick-1"))
        other = Bench(bench.target.parent / "elsewhere")
        other.target.rename(bench.target)
        with pytest.raises(TargetMissing):
            bench.sink.prepare()

    def test_same_disk_with_another_number_after_a_reboot(self, bench: Bench) -> None:
        bench.journal.execute("UPDATE targets SET file_id = '99999:2'")
        bench.sink.prepare()
        is_delivered(bench.deliver("a.xy", b"one"))

    def test_folder_that_a_person_made_again_is_used(self, bench: Bench) -> None:
        bench.deliver("a.xy", b"one", version=1)
        shutil.rmtree(bench.target)
        bench.target.mkdir()
        bench.sink.prepare()
        bench.deliver("a.xy", b"one", version=1)
        bench.deliver("b.xy", b"two")
        assert bench.files() == {"b.xy": b"two"}

    def test_marker_that_somebody_removed_comes_back(self, bench: Bench) -> None:
        shutil.rmtree(bench.sink.spool)
        bench.sink.prepare()
        assert (bench.sink.spool / "target").exists()

    def test_two_installations_may_share_a_folder(self, bench: Bench, tmp_path: Path) -> None:
        second = Bench(tmp_path)
        second.journal.close()
        second.journal_path = tmp_path / "data 2" / "journal.db"
        second.open()
        bench.deliver("a.xy", b"one")
        second.deliver("b.xy", b"two")
        bench.deliver("c.xy", b"three")
        assert sorted(bench.files()) == ["a.xy", "b.xy", "c.xy"]

    def test_file_in_place_of_the_target(self, tmp_path: Path) -> None:
        (tmp_path / "target").write_bytes(b"")
        with pytest.raises(NeedsYou, match="not a folder"):
            Bench(tmp_path)

    @not_on_windows(Needs.LINKS)
    def test_linked_target_is_a_persons_choice(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "target").symlink_to(tmp_path / "real")
        bench = Bench(tmp_path)
        bench.deliver("a.xy", b"one")
        assert (tmp_path / "real/a.xy").read_bytes() == b"one"


class TestKill:
    """The process dies at every single step; the next one finds out what happened."""

    STEPS = ("move_new", "exchange", "move_over", "remove", "set_mtime", "make_folders", "create")

    @pytest.mark.parametrize(
        ("options", "can_exchange", "before"),
        [
            ({}, True, True),
            ({}, True, False),
            ({}, False, False),
            ({"takes_spool": False}, True, False),
            ({"if_exists": "newest"}, True, True),
        ],
        ids=["before each", "after each", "no exchange", "copied", "newest"],
    )
    def test_kill_at_every_step(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        options: dict[str, Any],
        *,
        can_exchange: bool,
        before: bool,
    ) -> None:
        for step in range(500):
            bench = Bench(tmp_path / str(step), **options)
            was_killed = self._killed_at(bench, step, monkeypatch, can_exchange=can_exchange, before=before)
            bench.journal.close()
            if not was_killed:
                assert step > 20
                return
        pytest.fail("never came to the end")

    def _killed_at(
        self, bench: Bench, step: int, monkeypatch: pytest.MonkeyPatch, *, can_exchange: bool, before: bool
    ) -> bool:
        """Deliver a batch with a kill at one step, then deliver it again; True if there was such a step."""
        foreign = bench.write("foreign.xy", b"mine")
        os.utime(foreign, (NOON - 60, NOON - 60))
        for path in ("replaced.xy", "moved.xy", "shared.xy"):
            bench.deliver(path, b"old " + path.encode())
        bench.deliver("shared.xy", b"old shared.xy", installation=OTHERS)
        bench.deliver("beside.xy", b"first")
        bench.write("beside.xy", b"edited")
        bench.deliver("beside.xy", b"second")
        (bench.target / "moved.xy").unlink()
        batch = [
            bench.received(path, content, modified=NOON + 60)
            for path, content in (
                ("new/deep/a.xy", b"new"),
                ("foreign.xy", b"sent"),
                ("replaced.xy", b"new replaced.xy"),
                ("moved.xy", b"new moved.xy"),
                ("shared.xy", b"new shared.xy"),
                ("beside.xy", b"third"),
                ("empty", b""),
            )
        ]
        was_killed = False
        with monkeypatch.context() as patch:
            cutter = Cutter(step)
            places: list[tuple[Any, str]] = [(TREE, name) for name in self.STEPS]
            places += [
                (Published, "intend"),
                (Published, "record"),
                (durable, "sync_batch"),
                (publishing, "_copy_some"),
            ]
            for owner, name in places:
                # killed after creating a file would leave it open in this process
                cut = cutter.wrap(getattr(owner, name), before=before or name == "create")
                patch.setattr(owner, name, cut)
            patch.setattr(publishing, "_COPY_BYTES", 2)
            if not can_exchange:
                patch.setattr(TREE, "exchange", lambda *_: False)
            try:
                bench.sink.deliver_all(batch)
            except Cut:
                was_killed = True
        for content in bench.files().values():  # whole files only, at every moment
            assert content in KNOWN
        for _ in range(3):  # a spool file that is gone for good is received again
            bench.reopen()
            outcomes = bench.sink.deliver_all(batch)
            for file, outcome in zip(batch, outcomes, strict=True):
                if isinstance(outcome, Failed):
                    assert isinstance(outcome.error, SpoolMissing)
                    file.path.write_bytes(CONTENTS[file.sha512])
        for outcome in outcomes:
            is_delivered(outcome)
        self._check(bench)
        assert bench.journal.query("SELECT * FROM publishing") == []
        return was_killed

    def _check(self, bench: Bench) -> None:
        files = bench.files()
        by_name = {
            "new/deep/a.xy": b"new",
            "replaced.xy": b"new replaced.xy",
            "moved.xy": b"new moved.xy",
            "shared.xy": b"new shared.xy",
            "shared (xrd 2026-11-21 10-00-00).xy": b"old shared.xy",
            "empty": b"",
        }
        assert {name: files.get(name) for name in by_name} == by_name
        rest = sorted(content for name, content in files.items() if name not in by_name)
        assert rest == sorted([b"mine", b"sent", b"edited", b"third"])
        assert [name for name in bench.left_over() if name.endswith(".out")] == []
        bench.deliver("shared.xy", b"theirs 2", installation=OTHERS)
        replaced = files | {"shared (xrd 2026-11-21 10-00-00).xy": b"theirs 2"}
        assert sorted(bench.files().values()) == sorted(replaced.values())


CONTENT = [b"new", b"sent", b"new replaced.xy", b"new moved.xy", b"new shared.xy", b"third", b""]
KNOWN = {*CONTENT, b"mine", b"edited", b"second"} | {b"old " + p for p in (b"replaced.xy", b"moved.xy", b"shared.xy")}
CONTENTS = {hashlib.sha512(content).digest(): content for content in CONTENT}


def _use_tree(monkeypatch: pytest.MonkeyPatch, tree: type[Tree]) -> None:
    from openmsi_desktop.streaming.sinks import target

    monkeypatch.setattr(target, "open_tree", lambda root, *, wait: tree(root, wait=wait))


def _ignore_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that compares names without case and composition, as far as this sink looks at it."""
    from openmsi_desktop.core.local_name import folded

    class Ignoring(Tree):
        def _full(self, relative: str) -> str:
            at = self._base
            for part in relative.split("/"):
                names = os.listdir(at) if os.path.isdir(at) else []
                at = os.path.join(at, next((name for name in names if folded(name) == folded(part)), part))
            return at

    _use_tree(monkeypatch, Ignoring)
