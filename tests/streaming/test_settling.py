"""When a file counts as finished, and what people are told while it does not."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.settings import Settle
from openmsi_desktop.streaming.watching.alarms import Alarms
from openmsi_desktop.streaming.watching.settling import Settled, SettledBy, Settling
from openmsi_desktop.streaming.watching.sightings import Seen

HOUR = 3600.0


class Lab:
    """A real folder, a clock that stands still until it is told, and a Settling."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = 1000.0
        self.wall_offset = time.time() - self.clock
        self.looks = 0
        self.settling = self.make()

    def make(self, *, is_network: bool = False, **settle: object) -> Settling:
        self.settling = Settling(
            Settle.model_validate(settle),
            stat=self.stat,
            is_network=is_network,
            now=lambda: self.clock + self.wall_offset,
            monotonic=lambda: self.clock,
        )
        return self.settling

    def stat(self, relative: str) -> os.stat_result | None:
        self.looks += 1
        try:
            return os.stat(self.folder / relative)
        except OSError:
            return None

    def write(self, relative: str, text: str = "data", *, append: bool = False, age: float | None = None) -> None:
        path = self.folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if append else "w") as file:
            file.write(text)
        if age is not None:
            moment = self.clock + self.wall_offset - age
            os.utime(path, (moment, moment))

    def see(self, relative: str, *, at_start: bool = False, closed: bool = False) -> Seen:
        """The watcher tells of a file."""
        f = Fingerprint.of(os.stat(self.folder / relative))
        seen = Seen(relative, "", f.size, f.mtime_ns, f.ctime_ns, f.file_id, closed=closed, at_start=at_start)
        self.settling.observe(seen)
        return seen

    def after(self, seconds: float) -> list[str]:
        """What is finished when time has gone on, looking whenever the Settling wants to be asked."""
        return [s.seen.relative for s in self.settled_after(seconds)]

    def settled_after(self, seconds: float) -> list[Settled]:
        end = self.clock + seconds
        out: list[Settled] = []
        while True:
            out += self.settling.due()
            due = self.settling.next_due()
            if due is None or due > end:
                break
            self.clock = max(self.clock, due)
        self.clock = end
        out += self.settling.due()
        return out

    def reason(self, relative: str) -> str:
        reason = self.settling.reason(relative)
        assert reason is not None
        return reason


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_a_file_is_finished_after_the_quiet_time(lab: Lab) -> None:
    lab.write("a.dat")
    seen = lab.see("a.dat")
    assert lab.after(9.9) == []
    assert lab.reason("a.dat") == "still being written (last change 10 s ago)"
    (settled,) = lab.settled_after(0.1)
    assert settled == Settled(seen, SettledBy.QUIET, None)
    assert len(lab.settling) == 0 and lab.settling.next_due() is None


def test_every_change_starts_the_quiet_time_again(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    for _ in range(5):
        assert lab.after(8) == []
        lab.write("a.dat", "more", append=True)
        lab.see("a.dat")
    assert lab.after(9) == []
    assert lab.reason("a.dat") == "still being written (last change 9 s ago)"
    assert lab.after(1) == ["a.dat"]


def test_a_change_that_nobody_announced_is_noticed_at_the_end_of_the_quiet_time(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    assert lab.after(5) == []
    lab.write("a.dat", "more", append=True)
    assert lab.after(5) == []
    assert lab.after(9) == []
    (settled,) = lab.settled_after(1)
    assert settled.seen.fingerprint == Fingerprint.of(os.stat(lab.folder / "a.dat"))


def test_the_same_size_and_time_but_another_file_is_a_change(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    assert lab.after(9) == []
    stat = os.stat(lab.folder / "a.dat")
    lab.write("b.dat")
    os.replace(lab.folder / "b.dat", lab.folder / "a.dat")
    os.utime(lab.folder / "a.dat", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert lab.after(5) == []


def test_what_was_there_for_long_at_the_start_is_finished_at_once_without_another_look(lab: Lab) -> None:
    lab.write("old.dat")
    lab.wall_offset += HOUR
    lab.see("old.dat", at_start=True)
    assert lab.after(0) == ["old.dat"]
    assert lab.looks == 0


@pytest.mark.parametrize("touched_ago", [3.0, -HOUR])
@not_on_windows(Needs.MADE_TIME)
def test_an_old_time_does_not_count_if_the_file_was_touched_just_now(lab: Lab, touched_ago: float) -> None:
    lab.write("copied.dat", age=2 * HOUR)
    lab.wall_offset += touched_ago
    lab.see("copied.dat", at_start=True)
    assert lab.after(0) == []


def test_a_file_that_turns_up_later_has_to_be_quiet_however_old_it_claims_to_be(lab: Lab) -> None:
    lab.write("moved.dat")
    lab.wall_offset += HOUR
    lab.see("moved.dat")
    assert lab.after(9) == []


@pytest.mark.parametrize("mtime", [pytest.param(0.0, marks=not_on_windows(Needs.MADE_TIME)), 4e9])
def test_times_of_1970_or_the_future_make_no_file_wait_for_ever(lab: Lab, mtime: float) -> None:
    lab.write("odd.dat")
    os.utime(lab.folder / "odd.dat", (mtime, mtime))
    lab.see("odd.dat", at_start=True)
    assert lab.after(9) == []
    assert "last change 9 s ago" in lab.reason("odd.dat")
    assert lab.after(1) == ["odd.dat"]


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0])
def test_a_jump_of_the_clock_changes_nothing(lab: Lab, jump: float) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    assert lab.after(5) == []
    lab.wall_offset += jump
    assert lab.reason("a.dat") == "still being written (last change 5 s ago)"
    assert lab.after(4) == []
    assert lab.after(1) == ["a.dat"]


def test_network_shares_get_at_least_fifteen_seconds(lab: Lab) -> None:
    lab.make(is_network=True)
    lab.write("a.dat")
    lab.see("a.dat")
    assert lab.after(14.9) == []
    assert lab.after(0.1) == ["a.dat"]


def test_the_clock_of_a_share_may_be_behind_ours(lab: Lab) -> None:
    lab.make(is_network=True)
    lab.write("a.dat")
    lab.wall_offset += 60
    lab.see("a.dat", at_start=True)
    assert lab.after(0) == [], "it may be written just now, by a computer whose clock is a minute behind"
    lab.write("old.dat")
    lab.wall_offset += HOUR
    lab.see("old.dat", at_start=True)
    assert lab.after(0) == ["old.dat"]


def test_an_empty_file_waits_a_minute_for_its_contents(lab: Lab) -> None:
    lab.write("a.dat", "")
    lab.see("a.dat")
    assert lab.after(59) == []
    assert lab.reason("a.dat") == "it is still empty (last change 59 s ago)"
    lab.write("b.dat", "")
    lab.see("b.dat")
    lab.write("b.dat", "filled")
    lab.see("b.dat")
    assert lab.after(1) == ["a.dat"]
    assert lab.after(9) == ["b.dat"]


def test_closing_is_told_but_shortens_nothing(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    assert lab.after(4) == []
    lab.see("a.dat", closed=True)
    assert lab.reason("a.dat") == "closed by its program, has to stay unchanged for 10 s"
    assert lab.after(5) == []
    assert lab.after(1) == ["a.dat"]


def test_what_cannot_be_seen_waits_and_is_never_called_vanished(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    os.rename(lab.folder / "a.dat", lab.folder / "away")  # or its share is gone
    assert lab.after(60) == []
    assert lab.reason("a.dat") == "it cannot be looked at just now"
    os.rename(lab.folder / "away", lab.folder / "a.dat")
    lab.see("a.dat")
    assert lab.after(20) == ["a.dat"]


def test_a_forgotten_file_is_never_finished(lab: Lab) -> None:
    lab.write("a.dat")
    lab.see("a.dat")
    lab.settling.forget("a.dat")
    lab.settling.forget("never seen")
    assert lab.after(60) == []
    assert list(lab.settling.waiting()) == [] and lab.settling.reason("a.dat") is None


def test_a_file_that_never_rests_is_sent_as_far_as_it_is_after_the_maximum_wait(lab: Lab) -> None:
    lab.make(max_wait_s=60.0)
    lab.write("a.log")
    lab.see("a.log")
    for _ in range(11):
        assert lab.after(5) == []
        lab.write("a.log", "12345", append=True)
        lab.see("a.log")
    (settled,) = lab.settled_after(5)
    assert (settled.by, settled.prefix) == (SettledBy.MAX_WAIT, 4 + 11 * 5)


# -- markers and partners


def test_a_file_waits_for_its_marker_and_still_has_to_be_quiet(lab: Lab) -> None:
    lab.make(marker="{name}.done")
    lab.write("run/scan.dat")
    lab.see("run/scan.dat")
    assert lab.after(30) == []
    assert lab.reason("run/scan.dat") == "waits for its marker scan.dat.done"
    lab.write("run/scan.dat", "more", append=True)
    lab.see("run/scan.dat")
    lab.write("run/scan.dat.done", "")
    lab.settling.noticed("run/scan.dat.done")
    assert lab.after(9) == []
    assert lab.after(1) == ["run/scan.dat"]


def test_a_marker_counts_as_soon_as_it_is_noticed(lab: Lab) -> None:
    lab.make(marker="{stem}.ok")
    lab.write("scan.dat")
    lab.see("scan.dat")
    assert lab.after(30) == []
    lab.write("scan.ok", "")
    lab.settling.noticed("scan.ok")
    assert lab.after(0) == ["scan.dat"]


def test_a_marker_that_nobody_noticed_is_found_within_seconds(lab: Lab) -> None:
    lab.make(marker="{name}.done")
    lab.write("scan.dat")
    lab.see("scan.dat")
    assert lab.after(30) == []
    lab.write("scan.dat.done", "")
    assert lab.after(5) == ["scan.dat"]


def test_a_marker_older_than_the_file_says_nothing(lab: Lab) -> None:
    lab.make(marker="{name}.done")
    lab.write("scan.dat", age=100)
    lab.write("scan.dat.done", "", age=200)
    lab.see("scan.dat", at_start=True)
    assert lab.after(30) == []
    assert lab.reason("scan.dat") == "its marker scan.dat.done is older than the file"
    lab.write("scan.dat.done", "", age=100)
    assert lab.after(5) == ["scan.dat"]


def test_a_file_that_changes_while_it_waits_for_its_marker_is_looked_at_again(lab: Lab) -> None:
    lab.make(marker="{name}.done")
    lab.write("scan.dat")
    lab.wall_offset += HOUR
    lab.see("scan.dat", at_start=True)
    assert lab.after(0) == []
    lab.write("scan.dat", "more", append=True)  # and nobody tells
    lab.write("scan.dat.done", "")
    lab.settling.noticed("scan.dat.done")
    assert lab.after(9) == []
    assert lab.after(1) == ["scan.dat"]


@pytest.mark.parametrize(("pattern", "partner"), [("{stem}.xml", "scan.xml"), ("{name}.xml", "scan.dat.xml")])
def test_a_partner_is_awaited_by_the_file_and_awaits_nobody(lab: Lab, pattern: str, partner: str) -> None:
    lab.make(partner=pattern)
    lab.write("scan.dat")
    lab.see("scan.dat")
    assert lab.after(20) == []
    assert lab.reason("scan.dat") == f"waits for its partner {partner}"
    lab.write(partner)
    lab.see(partner)
    assert lab.after(0) == ["scan.dat"]
    assert lab.after(10) == [partner]


def test_the_maximum_wait_also_ends_the_wait_for_a_marker(lab: Lab) -> None:
    lab.make(marker="{name}.done", max_wait_s=100.0)
    lab.write("scan.dat")
    lab.see("scan.dat")
    assert lab.after(99) == []
    (settled,) = lab.settled_after(1)
    assert settled.by is SettledBy.MAX_WAIT


# -- a folder as a whole


def test_a_folder_is_finished_when_all_of_it_is(lab: Lab) -> None:
    lab.make(unit="folder")
    for name in ("run/a.dat", "run/deep/b.dat", "alone.dat"):
        lab.write(name)
        lab.see(name)
    assert lab.after(8) == []
    lab.write("run/deep/b.dat", "more", append=True)
    lab.see("run/deep/b.dat")
    assert lab.after(2) == ["alone.dat"]
    assert lab.reason("run/a.dat") == "its folder run is still being written (last change 2 s ago)"
    assert lab.after(7.9) == []
    assert lab.after(0.1) == ["run/a.dat", "run/deep/b.dat"]


def test_a_new_file_or_an_unannounced_change_holds_the_whole_folder(lab: Lab) -> None:
    lab.make(unit="folder")
    lab.write("run/a.dat")
    lab.see("run/a.dat")
    assert lab.after(5) == []
    lab.write("run/b.dat")
    lab.see("run/b.dat")
    assert lab.after(9) == []
    lab.write("run/a.dat", "more", append=True)
    assert lab.after(9) == []
    lab.settling.noticed("run/x.tmp")
    assert lab.after(9) == []
    assert lab.after(2) == ["run/a.dat", "run/b.dat"]


def test_old_folders_at_the_start_are_not_torn_apart(lab: Lab) -> None:
    lab.make(unit="folder")
    lab.write("run/old.dat")
    lab.wall_offset += HOUR
    lab.see("run/old.dat", at_start=True)
    assert lab.after(1) == []
    lab.write("run/new.dat")
    lab.see("run/new.dat", at_start=True)
    assert lab.after(9) == []
    assert lab.after(2) == ["run/new.dat", "run/old.dat"]


def test_a_file_that_is_gone_does_not_hold_its_folder(lab: Lab) -> None:
    lab.make(unit="folder")
    for name in ("run/a.dat", "run/b.dat"):
        lab.write(name)
        lab.see(name)
    (lab.folder / "run/b.dat").unlink()
    assert lab.after(30) == []
    lab.settling.forget("run/b.dat")
    assert lab.after(20) == ["run/a.dat"]


@pytest.mark.parametrize("marker", ["run/COMPLETE", "COMPLETE"])
def test_the_marker_of_a_folder_lies_in_it_or_beside_it(lab: Lab, marker: str) -> None:
    lab.make(unit="folder", marker="COMPLETE")
    lab.write("run/a.dat")
    lab.see("run/a.dat")
    assert lab.after(30) == []
    assert lab.reason("run/a.dat") == "waits for its marker COMPLETE"
    lab.write(marker)
    lab.settling.noticed(marker)
    assert lab.after(10) == ["run/a.dat"]


def test_the_maximum_wait_ends_the_wait_for_a_folder(lab: Lab) -> None:
    lab.make(unit="folder", max_wait_s=30.0)
    lab.write("run/a.dat")
    lab.see("run/a.dat")
    lab.write("run/gone.dat")
    lab.see("run/gone.dat")
    for _ in range(5):
        assert lab.after(5) == []
        lab.write("run/a.dat", "x", append=True)
        lab.see("run/a.dat")
    (lab.folder / "run/gone.dat").unlink()
    (settled,) = lab.settled_after(5)
    assert (settled.seen.relative, settled.prefix) == ("run/a.dat", 9)
    lab.write("run/gone.dat")  # back again, and nobody tells
    assert lab.after(60) == ["run/gone.dat"], "what could not be seen then is not forgotten"


# -- a file that grows for ever


def test_a_growing_file_is_sent_every_so_often_as_far_as_it_is(lab: Lab) -> None:
    lab.make(unit="growing", every_s=100.0)
    lab.write("a.log")
    lab.see("a.log")
    assert lab.reason("a.log") == "it grows: what is there is sent every 100 s"
    sizes = []
    for _ in range(30):
        sizes += [(s.by, s.prefix) for s in lab.settled_after(10)]
        lab.write("a.log", "0123456789", append=True)
        lab.see("a.log")
    assert sizes == [(SettledBy.SNAPSHOT, 4 + 90), (SettledBy.SNAPSHOT, 4 + 190), (SettledBy.SNAPSHOT, 4 + 290)]


def test_no_snapshot_of_a_file_that_did_not_grow(lab: Lab) -> None:
    lab.make(unit="growing", every_s=100.0)
    lab.write("a.log")
    lab.see("a.log")
    assert lab.after(100) == ["a.log"]
    lab.see("a.log")
    assert lab.after(1000) == []
    assert len(lab.settling) == 0


def test_a_log_that_is_rotated_or_written_over_is_not_lost(lab: Lab) -> None:
    lab.make(unit="growing", every_s=100.0)
    lab.write("a.log")
    lab.see("a.log")
    assert lab.after(100) == ["a.log"]
    lab.write("a.log", "new")  # shorter
    lab.see("a.log")
    assert [s.prefix for s in lab.settled_after(100)] == [3]
    lab.write("a.log", "NEW")  # as long as before
    os.utime(lab.folder / "a.log", (5.0, 5.0))
    lab.see("a.log")
    assert [s.by for s in lab.settled_after(100)] == [SettledBy.QUIET]


# -- many


def test_an_alarm_rings_once_at_the_last_time_that_was_set() -> None:
    alarms = Alarms()
    for name, due in (("later", 1.0), ("later", 5.0), ("earlier", 9.0), ("earlier", 2.0), ("dropped", 1.0)):
        alarms.set(name, due)
    alarms.drop("dropped")
    rung = [(moment, name) for moment in range(10) for name in iter(lambda: alarms.pop(moment), None)]  # noqa: B023
    assert rung == [(2, "earlier"), (5, "later")]
    assert alarms.next is None


def test_a_hundred_thousand_waiting_files_cost_little(tmp_path: Path) -> None:
    clock = [0.0]
    seen = {f"run/{n:06d}.dat": Seen(f"run/{n:06d}.dat", "", 5, 1, 1, "1") for n in range(100_000)}
    lab = Lab(tmp_path)
    lab.write("a.dat", "12345")
    stat = os.stat(tmp_path / "a.dat")
    f = Fingerprint.of(stat)
    settling = Settling(Settle(), stat=lambda relative: stat, now=lambda: 0.0, monotonic=lambda: clock[0])
    start = time.process_time()
    for relative in seen:
        settling.observe(Seen(relative, "", f.size, f.mtime_ns, f.ctime_ns, f.file_id))
    assert len(settling) == 100_000
    for _ in range(1000):  # nothing is due: next to no work, whatever is waiting
        settling.due()
        settling.next_due()
    clock[0] = 10.0
    batches = list(iter(lambda: len(settling.due(1000)), 0))
    assert batches == [1000] * 100
    assert time.process_time() - start < 10.0  # five times what it takes, on a slow computer


def test_the_heap_does_not_grow_with_the_number_of_changes(lab: Lab) -> None:
    lab.write("a.dat")
    for _ in range(1000):
        lab.clock += 0.01
        lab.write("a.dat", "x", append=True)
        lab.see("a.dat")
    assert len(lab.settling._alarms._heap) < 10
    assert lab.after(10) == ["a.dat"]
