"""What a watcher finds, by events and by looking, and what it never claims."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.streaming.watching import comparison, rounds
from openmsi_desktop.streaming.watching import events as watcher_events
from openmsi_desktop.streaming.watching.comparison import Stopped
from openmsi_desktop.streaming.watching.mounts import Mount
from openmsi_desktop.streaming.watching.root import identify
from openmsi_desktop.streaming.watching.rounds import LOOK_S, Rounds
from openmsi_desktop.streaming.watching.scan import walk
from openmsi_desktop.streaming.watching.sightings import (
    HealthChanged,
    Ignored,
    RootBack,
    RootChanged,
    RootFound,
    RootMissing,
    ScanDone,
    Seen,
    Sighting,
    Unreadable,
    Vanished,
)
from openmsi_desktop.streaming.watching.trust import POLL_S, RESCAN_S, Change
from openmsi_desktop.streaming.watching.watcher import Watcher

linux_only = not_on_windows(Needs.LINUX)


class FakeNotifier:
    """Events that a test makes up."""

    def __init__(self) -> None:
        self.watched: list[str] = []
        self.anew: list[str] = []
        self.words = ""
        self.lives = True
        self.on_watch: Callable[[str], None] = lambda folder: None

    def watch(self, relative: str, *, anew: bool) -> None:
        self.watched.append(relative)
        self.anew += [relative] if anew else []
        self.on_watch(relative)

    def trouble(self) -> str:
        return self.words

    def is_alive(self) -> bool:
        return self.lives

    def stop(self) -> None:
        self.lives = False


class Lab:
    """A folder, a clock that stands still until it is told, events made up, and the rounds of a watcher."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = 1000.0
        self.out: list[Sighting] = []
        self.batches: list[int] = []
        self.changes: dict[str, Change] | None = {}
        self.notifiers: list[FakeNotifier] = []
        self.refusal: OSError | None = None
        self.rounds = self.make()

    def make(
        self,
        rules: Rules | None = None,
        *,
        identity: str | None = None,
        expected: tuple[str, ...] = (),
        polling: bool = False,
    ) -> Rounds:
        self.rounds = Rounds(
            str(self.root),
            rules or Rules(),
            notifier=None if polling else self.new_notifier,
            emit=self.emit,
            changes=self.take_changes,
            is_pending=lambda relative: relative in (self.changes or {}),
            identity=identity,
            expected=expected,
            # the changes that a test makes are long over
            now=lambda: time.time() + 60,
            monotonic=lambda: self.clock,
        )
        return self.rounds

    def new_notifier(self) -> FakeNotifier:
        if self.refusal:
            raise self.refusal
        self.notifiers.append(FakeNotifier())
        return self.notifiers[-1]

    def emit(self, sightings: list[Sighting]) -> None:
        self.batches.append(len(sightings))
        self.out.extend(sightings)

    def take_changes(self) -> Mapping[str, Change] | None:
        changes, self.changes = self.changes, {}
        return changes

    def write(self, relative: str | bytes, text: str = "data") -> Path:
        path = self.root / os.fsdecode(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def step(self, *, after: float = 0.0) -> list[Sighting]:
        """What one step tells."""
        self.clock += after
        start = len(self.out)
        self.rest = self.rounds.step()
        return self.out[start:]

    def after(self, seconds: float) -> list[Sighting]:
        """What is told while time goes on, with a step whenever one is wanted."""
        end, start = self.clock + seconds, len(self.out)
        while True:
            rest = self.rounds.step()
            if self.clock + rest > end:
                break
            self.clock += max(rest, 0.01)
        self.clock = end
        return self.out[start:]

    def announce(self, *relatives: str, change: Change = Change.CHANGED) -> list[Sighting]:
        self.changes = dict.fromkeys(relatives, change)
        return self.step()

    def scan(self) -> list[Sighting]:
        """A scan now, reporting what differs."""
        self.rounds.scan_soon()
        return self.step()


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    root = tmp_path / "root"
    root.mkdir()
    return Lab(root)


def seen(sightings: list[Sighting]) -> list[str]:
    return sorted(s.relative for s in sightings if isinstance(s, Seen))


def vanished(sightings: list[Sighting]) -> list[str]:
    return sorted(s.relative for s in sightings if isinstance(s, Vanished))


def ignored(sightings: list[Sighting]) -> dict[str, str]:
    return {s.relative: s.rule for s in sightings if isinstance(s, Ignored)}


def only(sightings: list[Sighting], kind: type[Sighting]) -> Sighting:
    (one,) = (s for s in sightings if isinstance(s, kind))
    return one


# -- scans


def test_the_first_scan_tells_of_every_file_between_the_root_and_the_end(lab: Lab) -> None:
    path = lab.write("run/a.dat")
    lab.write("run/deep/er/b.dat")
    lab.write("~$book.xlsx")
    out = lab.step()
    assert isinstance(out[0], RootFound) and out[0].identity == identify(lab.root).identity
    assert seen(out) == ["run/a.dat", "run/deep/er/b.dat"]
    assert ignored(out) == {"~$book.xlsx": 'default exclusion "~$*"'}
    first = next(s for s in out if isinstance(s, Seen) and s.relative == "run/a.dat")
    stat = path.stat()
    assert (first.local, first.size, first.mtime_ns) == (str(path), 4, stat.st_mtime_ns)
    assert first.at_start and not first.by_event
    done = out[-1]
    assert isinstance(done, ScanDone)
    assert (done.number, done.is_full, done.is_complete, done.files, done.ignored) == (1, True, True, 3, 1)


def test_later_scans_tell_only_what_differs(lab: Lab) -> None:
    for name in ("same", "changed", "deleted", "run/deleted", "run/same"):
        lab.write(name)
    lab.step()
    lab.write("changed", "other data")
    lab.write("new/new")
    (lab.root / "deleted").unlink()
    (lab.root / "run/deleted").unlink()
    out = lab.scan()
    assert seen(out) == ["changed", "new/new"]
    os.utime(lab.root / "changed", (1, 1))
    assert seen(lab.scan()) == ["changed"], "the size alone says little"
    assert vanished(out) == ["deleted", "run/deleted"]
    assert not any(s.at_start for s in out if isinstance(s, Seen))
    assert [s for s in lab.scan() if not isinstance(s, ScanDone | HealthChanged)] == []


def test_a_person_can_have_everything_told_again(lab: Lab) -> None:
    lab.write("a")
    lab.step()
    lab.rounds.scan_soon(everything=True)
    assert seen(lab.step()) == ["a"]


def test_a_folder_that_is_gone_takes_its_files_along(lab: Lab) -> None:
    lab.write("run/a")
    lab.write("run/deep/b")
    lab.step()
    shutil.rmtree(lab.root / "run")
    assert vanished(lab.scan()) == ["run/a", "run/deep/b"]


def test_the_newest_folders_come_first(lab: Lab) -> None:
    for number in (3, 1, 2):
        lab.write(f"run_{number}/a")
        os.utime(lab.root / f"run_{number}", (number * 1000, number * 1000))
    out = lab.step()
    assert [s.relative for s in out if isinstance(s, Seen)] == ["run_3/a", "run_2/a", "run_1/a"]


@linux_only
def test_links_to_files_are_files_and_everything_else_says_why_not(lab: Lab, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (target / "real.dat").write_text("12345")
    (lab.root / "link.dat").symlink_to(target / "real.dat")
    (lab.root / "folder").symlink_to(target)
    (lab.root / "nowhere").symlink_to(tmp_path / "missing")
    os.mkfifo(lab.root / "pipe")
    out = lab.step()
    assert [(s.relative, s.size) for s in out if isinstance(s, Seen)] == [("link.dat", 5)]
    assert ignored(out) == {
        "folder": "a link to a folder, which is not entered",
        "nowhere": "a link to something that is not there",
        "pipe": "not a regular file",
    }
    assert [s for s in lab.scan() if not isinstance(s, ScanDone)] == []
    assert seen(lab.announce("folder", "pipe", "nowhere")) == []


@linux_only
def test_names_that_are_not_utf8_are_passed_on_as_they_are(lab: Lab) -> None:
    lab.write(b"bad-\xff.dat")
    lab.write("line\nbreak.dat")
    lab.write("back\\slash.dat")
    names = ["back\\slash.dat", "bad-\udcff.dat", "line\nbreak.dat"]
    assert seen(lab.step()) == names
    for name in names:
        (lab.root / name).unlink()
    assert vanished(lab.scan()) == names


def test_unfinished_downloads_are_neither_entered_nor_spoken_of(lab: Lab) -> None:
    lab.write(".openmsi-parts/x")
    lab.write("sub/.openmsi-parts/y")
    out = lab.step() + lab.announce(".openmsi-parts/x", "sub/.openmsi-parts/y")
    assert seen(out) == [] and ignored(out) == {}
    assert sorted(lab.notifiers[0].watched) == ["", "sub"]


def test_files_in_a_folder_that_is_not_entered_are_still_named(lab: Lab) -> None:
    lab.write(".git/config")
    lab.write(".git/objects/00/x")
    lab.write("old/a.dat")
    lab.make(Rules(exclude=["old/"]))
    expected = {
        ".git/config": 'default exclusion ".*"',
        ".git/objects/00/x": 'default exclusion ".*"',
        "old/a.dat": 'exclude "old/"',
    }
    assert ignored(lab.step()) == expected
    assert "old" not in lab.notifiers[0].watched
    lab.write("old/b.dat")
    out = lab.scan()
    assert ignored(out) == {"old/b.dat": 'exclude "old/"'} and vanished(out) == []


def test_the_folder_of_openmsistream_is_left_out_from_the_moment_it_holds_registries(lab: Lab) -> None:
    lab.write("LOGS/measured.csv")
    lab.write("LOGS/deep/x.csv")
    assert seen(lab.step()) == ["LOGS/deep/x.csv", "LOGS/measured.csv"]
    lab.write("LOGS/upload_to_xrd_in_progress.csv")
    out = lab.scan()
    assert seen(out) == [] and vanished(out) == []
    assert "OpenMSIStream" in ignored(out)["LOGS/upload_to_xrd_in_progress.csv"]


def test_a_registry_that_an_event_announces_is_left_out_too(lab: Lab) -> None:
    lab.write("LOGS/measured.csv")
    lab.step()
    lab.write("LOGS/uploaded_to_xrd.csv")
    assert seen(lab.announce("LOGS/uploaded_to_xrd.csv")) == []


def test_what_was_expected_and_is_not_there_has_vanished(lab: Lab) -> None:
    lab.write("here")
    lab.make(expected=("here", "gone", "folder/gone"))
    out = lab.step()
    assert seen(out) == ["here"]
    assert vanished(out) == ["folder/gone", "gone"]


def test_sightings_come_in_small_batches(lab: Lab) -> None:
    for number in range(1000):
        (lab.root / str(number)).touch()
    lab.step()
    assert max(lab.batches) <= comparison.BATCH
    assert len(seen(lab.out)) == 1000


def test_events_are_handled_while_a_long_scan_goes_on(lab: Lab) -> None:
    for number in range(1000):
        lab.write(f"many/{number}")
    lab.write("run/other")
    os.utime(lab.root / "run", (1, 1))  # its turn comes last
    notifier = FakeNotifier()
    notifier.on_watch = lambda folder: setattr(
        lab, "changes", {"run/other": Change.CHANGED} if folder == "many" else {}
    )
    lab.new_notifier = lambda: notifier  # type: ignore[method-assign]
    lab.make()
    order = [s.relative for s in lab.step() if isinstance(s, Seen)]
    assert order.index("run/other") < 600


def test_a_scan_ends_when_the_owner_stops_listening(lab: Lab) -> None:
    lab.write("a")

    def refuse(sightings: list[Sighting]) -> None:
        raise Stopped

    lab.emit = refuse  # type: ignore[method-assign]
    lab.make()
    with pytest.raises(Stopped):
        lab.rounds.step()


@pytest.mark.parametrize("year", [1600, 2026, 2300])
def test_a_file_that_is_seen_is_the_one_that_is_planned(tmp_path: Path, year: int) -> None:
    file = tmp_path / "a.dat"
    file.write_bytes(b"x")
    seconds = (year - 1970) * 31_556_952
    with suppress(OSError, OverflowError):  # not every file system knows such a year
        os.utime(file, (seconds, seconds))
    (found,) = walk(tmp_path, Rules())
    assert isinstance(found, Seen) and found.fingerprint == Fingerprint.of(file.stat())


def test_walking_once_finds_what_a_scan_finds(lab: Lab) -> None:
    for name in ("a.dat", "x.tmp", "run/b.dat", ".h/c", "old/d", "LOGS/uploaded_to_t.csv", ".openmsi-parts/e"):
        lab.write(name)
    lab.make(Rules(exclude=["old/"]))
    out = lab.step()
    walked: list[Sighting] = list(walk(lab.root, Rules(exclude=["old/"])))
    assert seen(walked) == seen(out) == ["a.dat", "run/b.dat"]
    assert ignored(walked) == ignored(out)


# -- what cannot be read


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names of folders that may not be listed (root may list everything, so rights alone do not do it)."""
    names: set[str] = set()
    list_folder = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) in names:
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", refuse)
    return names


def test_a_folder_that_may_not_be_read_is_told_with_each_scan_and_nothing_in_it_vanished(
    lab: Lab, locked: set[str]
) -> None:
    for name in ("secret/a", "secret/deep/b", "open/c"):
        lab.write(name)
    lab.step()
    locked.add("secret")
    (lab.root / "open/c").unlink()
    out = lab.scan()
    assert only(out, Unreadable) == Unreadable("secret", str(lab.root / "secret"), "Permission denied", is_folder=True)
    assert vanished(out) == ["open/c"]
    done = only(out, ScanDone)
    assert isinstance(done, ScanDone) and not done.is_complete
    assert only(lab.scan(), Unreadable)
    locked.clear()
    (lab.root / "secret/a").unlink()
    (lab.root / "secret/deep/b").unlink()
    assert vanished(lab.scan()) == ["secret/a", "secret/deep/b"]


def test_a_root_that_may_not_be_read_is_missing(lab: Lab, locked: set[str]) -> None:
    lab.write("a")
    lab.step()
    locked.add("root")
    out = lab.scan()
    assert only(out, RootMissing) == RootMissing("The folder may not be read (Permission denied)")
    assert vanished(out) == []
    assert lab.after(60) == [], "it is said once"
    locked.clear()
    out = lab.after(LOOK_S)
    assert seen(out) == ["a"] and isinstance(out[0], RootBack)


# -- the root


def test_a_missing_root_is_not_a_deleted_folder(lab: Lab) -> None:
    lab.write("a")
    lab.step()
    lab.root.rename(lab.root.with_name("away"))
    out = lab.announce("a") + lab.after(LOOK_S + 1) + lab.after(600) + lab.announce("a")
    assert [type(s) for s in out] == [RootMissing]
    lab.root.with_name("away").rename(lab.root)
    out = lab.after(LOOK_S)
    assert isinstance(out[0], RootBack)
    assert seen(out) == ["a"] and vanished(out) == []


def test_what_was_deleted_while_the_disk_was_away_has_vanished(lab: Lab) -> None:
    lab.write("run/a")
    lab.write("run/b")
    lab.step()
    away = lab.root.with_name("away")
    lab.root.rename(away)
    lab.after(LOOK_S)
    (away / "run/b").unlink()
    away.rename(lab.root)
    lab.rounds._snapshot.rename_device(os.stat(lab.root).st_dev, 12345)  # it comes back under another number
    lab.rounds._device = 12345
    out = lab.after(LOOK_S)
    assert seen(out) == ["run/a"] and vanished(out) == ["run/b"]


def test_a_root_that_is_not_there_at_the_start_is_waited_for(lab: Lab) -> None:
    lab.root.rmdir()
    assert [type(s) for s in lab.after(60)] == [RootMissing]
    lab.write("a")
    out = lab.after(LOOK_S)
    assert isinstance(out[0], RootFound)
    assert [s.at_start for s in out if isinstance(s, Seen)] == [True]


def test_an_empty_folder_in_the_place_of_the_root_asks(lab: Lab) -> None:
    lab.write("a")
    identity = identify(lab.root).identity
    lab.step()
    lab.root.rename(lab.root.with_name("unmounted"))
    lab.root.mkdir()
    out = lab.after(600)
    (changed,) = out
    assert isinstance(changed, RootChanged)
    assert changed.expected == identity and "probably not mounted" in changed.reason
    lab.root.rmdir()
    lab.root.with_name("unmounted").rename(lab.root)
    out = lab.after(LOOK_S)
    assert isinstance(out[0], RootBack) and seen(out) == ["a"]


def test_another_folder_than_the_journalled_one_is_not_scanned_until_a_person_accepts_it(lab: Lab) -> None:
    lab.write("of-another-stick")
    lab.make(identity="uuid:1234-5678 1", expected=("of-the-right-stick",))
    (changed,) = lab.after(600)
    assert isinstance(changed, RootChanged) and "Another folder, disk or share" in changed.reason
    lab.rounds.accept_root()
    out = lab.step()
    assert isinstance(out[0], RootFound) and out[0].identity == identify(lab.root).identity
    assert seen(out) == ["of-another-stick"] and vanished(out) == []


def test_what_is_mounted_over_a_folder_that_was_always_empty_is_welcome(lab: Lab) -> None:
    lab.step()
    lab.root.rename(lab.root.with_name("mount-point"))
    lab.write("a")
    out = lab.after(LOOK_S)
    assert any(isinstance(s, RootFound | RootBack) for s in out)
    assert seen(out) == ["a"]


def test_a_root_that_disappears_during_a_scan_deletes_nothing(lab: Lab) -> None:
    for name in ("run_1/a", "run_2/b", "run_3/c"):
        lab.write(name)
    lab.step()

    def pull_the_plug(folder: str) -> None:
        if folder == "run_2":
            lab.root.rename(lab.root.with_name("away"))

    lab.notifiers[0].on_watch = pull_the_plug
    out = lab.scan()
    assert [type(s) for s in out] == [RootMissing]


def test_an_empty_folder_that_takes_the_place_of_the_root_during_a_scan_deletes_nothing(lab: Lab) -> None:
    for name in ("run_1/a", "run_2/b"):
        lab.write(name)
    lab.step()

    watched: list[str] = []

    def swap(folder: str) -> None:
        watched.append(folder)
        if len(watched) == 3:  # the last one
            lab.root.rename(lab.root.with_name("away"))
            (lab.root / folder).mkdir(parents=True)

    lab.notifiers[0].on_watch = swap
    assert [type(s) for s in lab.scan()] == [RootChanged]


def test_a_share_inside_the_root_that_is_unmounted_deletes_nothing(lab: Lab) -> None:
    lab.write("share/a")
    lab.write("share/deep/b")
    lab.step()
    lab.rounds._snapshot._devices["share"] = 12345  # it lay on another device when it was scanned
    shutil.rmtree(lab.root / "share")
    (lab.root / "share").mkdir()
    assert [type(s) for s in lab.scan()] == [ScanDone]
    assert lab.notifiers[0].anew == ["share"]
    lab.write("share/a")
    assert seen(lab.scan()) == ["share/a"]


# -- events


def test_an_event_is_looked_into_and_told(lab: Lab) -> None:
    lab.step()
    lab.write("run.dat")
    lab.write("x.tmp")
    out = lab.announce("run.dat", "x.tmp", "never-was-there")
    (one,) = (s for s in out if isinstance(s, Seen))
    assert one.relative == "run.dat" and one.by_event and not one.at_start and not one.closed
    assert ignored(out) == {"x.tmp": 'default exclusion "*.tmp"'}
    assert len(out) == 2
    assert lab.announce("run.dat", "x.tmp") == [], "nothing has changed since"
    assert [
        s.closed for s in lab.announce("run.dat", change=Change.CHANGED | Change.CLOSED) if isinstance(s, Seen)
    ] == [True]


def test_a_temporary_file_is_told_once_however_often_it_changes(lab: Lab) -> None:
    lab.step()
    for text in ("1", "12", "123"):
        lab.write("x.tmp", text)
        lab.announce("x.tmp")
    assert len([s for s in lab.out if isinstance(s, Ignored)]) == 1


def test_a_file_is_gone_only_if_it_is_gone(lab: Lab) -> None:
    lab.write("a")
    lab.write("b")
    lab.step()
    (lab.root / "b").unlink()
    out = lab.announce("a", "b")
    assert out == [Vanished("b", str(lab.root / "b"), by_event=True)]
    assert lab.announce("b") == []


def test_a_folder_that_is_moved_in_is_scanned_and_one_moved_away_is_gone(lab: Lab, tmp_path: Path) -> None:
    lab.step()
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (outside / "a").write_text("1")
    (outside / "deep/b").write_text("1")
    outside.rename(lab.root / "run")
    assert seen(lab.announce("run", change=Change.FOLDER)) == ["run/a", "run/deep/b"]
    assert {"run", "run/deep"} <= set(lab.notifiers[0].watched)
    (lab.root / "run").rename(lab.root / "renamed")
    out = lab.announce("run", "renamed", change=Change.FOLDER)
    assert vanished(out) == ["run/a", "run/deep/b"]
    assert seen(out) == ["renamed/a", "renamed/deep/b"]


def test_a_new_folder_that_the_rules_leave_out_is_not_entered(lab: Lab) -> None:
    lab.step()
    lab.write(".cache/a")
    assert lab.announce(".cache", change=Change.FOLDER) == []
    assert ".cache" not in lab.notifiers[0].watched


def test_when_events_were_lost_the_folder_is_scanned_at_once(lab: Lab) -> None:
    lab.step()
    lab.write("a")
    lab.changes = None
    assert seen(lab.after(2)) == ["a"]
    assert lab.rounds.health.missed_by_events == 0 and lab.rounds.health.mode == "events"
    assert "more happened at once" in lab.rounds.health.why
    lab.after(2 * POLL_S)
    assert lab.rounds.health.why == ""


def test_when_events_were_lost_during_a_scan_another_one_follows(lab: Lab) -> None:
    lab.write("run/a")
    lab.step()
    lab.notifiers[0].on_watch = lambda folder: setattr(lab, "changes", None)
    lab.scan()
    lab.notifiers[0].on_watch = lambda folder: None
    lab.write("run/b")
    assert seen(lab.after(3)) == ["run/b"]


def test_events_that_stop_coming_are_noticed_and_started_again(lab: Lab) -> None:
    lab.step()
    lab.write("a")
    lab.notifiers[0].lives = False
    assert seen(lab.after(2 * LOOK_S)) == ["a"]
    assert len(lab.notifiers) == 2 and lab.notifiers[1].lives
    assert lab.rounds.health.mode == "events"


def test_events_that_stop_coming_again_and_again_are_done_without_for_a_while(lab: Lab) -> None:
    lab.step()
    for _ in range(3):
        lab.notifiers[-1].lives = False
        lab.after(2 * LOOK_S)
    assert lab.rounds.health.mode == "polling"
    assert lab.rounds.health.why == "events stopped coming several times"
    lab.write("a")
    assert seen(lab.after(POLL_S)) == ["a"]
    lab.after(RESCAN_S)
    assert lab.rounds.health.mode == "events"


@pytest.mark.parametrize(("code", "words"), [(errno.ENOSPC, "max_user_watches"), (errno.EMFILE, "max_user_instances")])
def test_without_events_the_folder_is_looked_through_every_30_s(lab: Lab, code: int, words: str) -> None:
    lab.refusal = OSError(code, "no")
    lab.make()
    out = lab.step()
    changed = only(out, HealthChanged)
    assert isinstance(changed, HealthChanged) and changed.health.mode == "polling" and words in changed.health.why
    lab.write("a")
    assert seen(lab.after(POLL_S)) == ["a"]
    lab.refusal = None
    lab.after(RESCAN_S + LOOK_S)
    assert lab.rounds.health.mode == "events", "the limit may have been raised"


def test_a_watch_that_is_refused_makes_scans_frequent(lab: Lab) -> None:
    lab.write("sub/a")
    lab.step()
    lab.notifiers[0].words = "the limit is reached"
    lab.scan()
    assert (lab.rounds.health.mode, lab.rounds.health.why) == ("polling", "the limit is reached")
    lab.write("sub/a", "changed")
    assert seen(lab.after(POLL_S)) == ["sub/a"]


def test_a_network_share_is_looked_through_from_the_start(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "mount_of", lambda path: Mount("/", "cifs", "//server/share"))
    lab.make()
    lab.step()
    assert lab.rounds.is_network and not lab.notifiers
    assert "a network share (cifs)" in lab.rounds.health.why
    lab.write("a")
    assert seen(lab.after(POLL_S)) == ["a"]


def test_asked_to_poll_it_polls(lab: Lab) -> None:
    lab.make(polling=True)
    lab.step()
    lab.write("a")
    assert seen(lab.after(POLL_S)) == ["a"] and not lab.notifiers


def test_events_that_told_everything_have_proved_themselves(lab: Lab) -> None:
    lab.step()
    lab.write("a")
    lab.announce("a")
    lab.after(POLL_S)
    assert lab.rounds.health.proved
    before = lab.rounds.health.scans
    lab.after(RESCAN_S - 1)
    assert lab.rounds.health.scans == before, "now a scan every ten minutes is enough"
    lab.after(1)
    assert lab.rounds.health.scans == before + 1


def test_a_change_that_events_missed_is_found_counted_and_told(lab: Lab) -> None:
    lab.write("a")
    lab.write("b")
    lab.step()
    lab.write("a", "announced")
    lab.announce("a")
    lab.after(POLL_S)
    lab.write("a", "not announced")
    (lab.root / "b").unlink()
    out = lab.after(RESCAN_S)
    assert seen(out) == ["a"] and vanished(out) == ["b"]
    health = lab.rounds.health
    assert health.missed_by_events == 2 and not health.proved and "2 changes had not been announced" in health.why
    scans = health.scans
    lab.after(POLL_S)
    assert lab.rounds.health.scans == scans + 1, "events are not trusted any more"


def test_an_event_on_its_way_is_not_a_missed_one(lab: Lab) -> None:
    lab.step()
    lab.write("run/a")
    lab.rounds.scan_soon()
    lab.notifiers[0].on_watch = lambda folder: setattr(lab, "changes", {"run": Change.FOLDER})
    lab.step()
    assert lab.rounds.health.missed_by_events == 0


def test_a_folder_where_nothing_happens_is_looked_through_less_and_less(lab: Lab) -> None:
    lab.write("a")
    lab.after(3600)
    assert lab.rounds.health.scans <= 5 + 3600 / RESCAN_S
    assert not lab.rounds.health.proved


# -- the real thing


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def start(**options: object) -> Watcher:
        (tmp_path / "root").mkdir(exist_ok=True)
        rules = options.pop("rules", None) or Rules()
        assert isinstance(rules, Rules)
        watcher = Watcher(tmp_path / "root", rules, **options)  # type: ignore[arg-type]
        made.append(watcher)
        watcher.start()
        until(watcher, lambda out: any(isinstance(s, ScanDone) for s in out))
        return watcher

    yield start
    for watcher in made:
        watcher.stop()
        assert not watcher._thread.is_alive()
    assert not [t for t in threading.enumerate() if t.name.startswith(("watcher ", "events "))]


def until(watcher: Watcher, enough: Callable[[list[Sighting]], bool], *, timeout_s: float = 20.0) -> list[Sighting]:
    out: list[Sighting] = []
    end = time.monotonic() + timeout_s
    while not enough(out):
        assert time.monotonic() < end, f"not in time: {out[-5:]}, {watcher.health}"
        out += watcher.take(0.5)
    return out


def names(*expected: str) -> Callable[[list[Sighting]], bool]:
    return lambda out: {s.relative for s in out if isinstance(s, Seen)} >= set(expected)


def gone(*expected: str) -> Callable[[list[Sighting]], bool]:
    return lambda out: {s.relative for s in out if isinstance(s, Vanished)} >= set(expected)


def has_size(size: int) -> Callable[[list[Sighting]], bool]:
    return lambda out: any(s.size == size for s in out if isinstance(s, Seen))


def test_a_new_file_reaches_the_owner_in_a_moment(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher = watch()
    delays = []
    for number in range(5):
        start = time.monotonic()
        (tmp_path / f"root/{number}").write_text("1")
        until(watcher, names(str(number)))
        delays.append(time.monotonic() - start)
    assert sorted(delays)[2] < 0.5  # some milliseconds, on a computer that does nothing else


@linux_only
def test_closing_a_file_is_passed_on(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher = watch()
    with (tmp_path / "root/a").open("w") as file:
        file.write("x")
        file.flush()
        out = until(watcher, names("a"))
    assert not any(s.closed for s in out if isinstance(s, Seen))
    until(watcher, lambda out: any(s.closed for s in out if isinstance(s, Seen)))


def test_reading_a_file_is_no_event(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a").write_text("1")
    watcher = watch()
    (tmp_path / "root/a").read_text()
    assert watcher.take(0.2) == []


def test_folders_come_and_go_and_change_their_names(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher, root = watch(), tmp_path / "root"
    (root / "d/e/f").mkdir(parents=True)
    (root / "d/e/f/a").write_text("1")
    until(watcher, names("d/e/f/a"))
    (root / "d").rename(root / "dd")
    until(watcher, lambda out: gone("d/e/f/a")(out) and names("dd/e/f/a")(out))
    (root / "dd/e/f/b").write_text("1")
    until(watcher, names("dd/e/f/b"))
    (root / "dd").rename(tmp_path / "outside")
    until(watcher, gone("dd/e/f/a", "dd/e/f/b"))
    (tmp_path / "outside/e/f/c").write_text("1")
    (tmp_path / "outside").rename(root / "back")
    until(watcher, names("back/e/f/a", "back/e/f/b", "back/e/f/c"))
    (root / "back/e/f/d").write_text("1")
    until(watcher, names("back/e/f/d"))
    shutil.rmtree(root / "back")
    until(watcher, gone(*(f"back/e/f/{name}" for name in "abcd")))


def test_a_burst_of_files_in_new_folders_is_seen_completely(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher = watch()
    expected = set()
    for folder in range(40):
        (tmp_path / f"root/{folder}/deep").mkdir(parents=True)
        for file in range(25):
            (tmp_path / f"root/{folder}/deep/{file}").write_text("1")
            expected.add(f"{folder}/deep/{file}")
    until(watcher, names(*expected))


def test_an_atomic_save_shows_only_the_final_name(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher = watch()
    for size in (1, 2):
        (tmp_path / "root/book.tmp").write_text("x" * size)
        (tmp_path / "root/book.tmp").replace(tmp_path / "root/book.dat")
        out = until(watcher, has_size(size))
        assert set(seen(out)) == {"book.dat"}


@pytest.mark.parametrize("seed", range(4))
@not_on_windows(Needs.EVENTS)
def test_whatever_happens_what_was_told_adds_up_to_what_is_there(
    watch: Callable[..., Watcher], tmp_path: Path, seed: int
) -> None:
    watcher, root, outside, chance = watch(), tmp_path / "root", tmp_path / "outside", random.Random(seed)
    outside.mkdir()
    told: dict[str, int] = {}

    def listen(seconds: float) -> dict[str, int]:
        for sighting in watcher.take(seconds):
            if isinstance(sighting, Seen):
                told[sighting.relative] = sighting.mtime_ns
            elif isinstance(sighting, Vanished):
                told.pop(sighting.relative, None)
        return told

    for number in range(300):
        with suppress(OSError):
            do_something(chance, root, outside, number)
        if chance.random() < 0.3:
            listen(0.01 if chance.random() < 0.2 else 0)
    end = time.monotonic() + 20
    while listen(0.1) != (there := {p.relative_to(root).as_posix(): p.stat().st_mtime_ns for p in root.rglob("f*")}):
        assert time.monotonic() < end, f"there: {sorted(there)}, told: {sorted(told)}"


def do_something(chance: random.Random, root: Path, outside: Path, number: int) -> None:
    """Write, delete or move a random file or folder (folders are named d…, files f…)."""
    folders = [root, *root.rglob("d*")]
    folder, other = chance.choice(folders), chance.choice(folders)
    files, strangers = list(root.rglob("f*")), list(outside.iterdir())
    kind = chance.choice("wwwwmmmuurrroiidx")
    if kind == "w":
        (folder / f"f{chance.randrange(8)}").write_text(str(number))
    elif kind == "m" and len(folder.parts) < len(root.parts) + 5:
        (folder / f"d{chance.randrange(4)}/d{chance.randrange(3)}").mkdir(parents=True, exist_ok=True)
    elif kind == "u" and files:
        chance.choice(files).unlink()
    elif kind == "r" and folder != root:
        folder.rename(other / f"d{chance.randrange(4)}")
    elif kind == "o" and folder != root:
        folder.rename(outside / str(number))
    elif kind == "i" and strangers:
        chance.choice(strangers).rename(folder / f"d{chance.randrange(4)}")
    elif kind == "d" and folder != root:
        shutil.rmtree(folder)
    elif kind == "x" and files:
        chance.choice(files).replace(folder / f"f{chance.randrange(8)}")


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[Path, Path], None]]:
    """Mounts one folder over another; unmounted at the end, or by the test with umount."""
    (tmp_path / "from").mkdir()
    (tmp_path / "to").mkdir()
    if shutil.which("mount") is None or not _bind(tmp_path / "from", tmp_path / "to"):
        pytest.skip("only who may mount can try this")
    places = [tmp_path / "to"]

    def mount_over(folder: Path, place: Path) -> None:
        assert _bind(folder, place)
        places.append(place)

    yield mount_over
    for place in reversed(places):
        subprocess.run(["umount", place], capture_output=True, check=False)


def _bind(folder: Path, place: Path) -> bool:
    return subprocess.run(["mount", "--bind", folder, place], capture_output=True, check=False).returncode == 0


@linux_only
def test_a_disk_that_is_unmounted_and_comes_back_loses_nothing(
    watch: Callable[..., Watcher],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mount: Callable[[Path, Path], None],
) -> None:
    monkeypatch.setattr(rounds, "LOOK_S", 0.05)
    root, disk = tmp_path / "root", tmp_path / "disk"
    root.mkdir()
    disk.mkdir()
    (disk / "a").write_text("1")
    mount(disk, root)
    watcher = watch()
    subprocess.run(["umount", root], check=True)
    out = until(watcher, lambda out: any(isinstance(s, RootChanged) for s in out))
    assert vanished(out) == []
    mount(disk, root)
    out = until(watcher, lambda out: any(isinstance(s, ScanDone) for s in out))
    assert isinstance(out[0], RootBack) and seen(out) == ["a"] and vanished(out) == []
    (root / "b").write_text("1")
    until(watcher, names("b"))
    watcher.stop()


@linux_only
def test_when_the_kernel_drops_events_nothing_is_missed(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    watcher, count = watch(), 9000
    with watcher._condition:  # the thread that reads events gets stuck
        for number in range(count):
            (tmp_path / f"root/{number}").write_text("1")
    out = until(watcher, lambda out: any(isinstance(s, ScanDone) for s in out[-3:]))
    assert set(seen(out)) == set(map(str, range(count)))
    assert watcher.health.missed_by_events == 0, "it was noticed"


@linux_only
def test_a_dead_event_thread_is_replaced(
    watch: Callable[..., Watcher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "LOOK_S", 0.05)
    watcher = watch()
    (events,) = (t for t in threading.enumerate() if t.name.startswith("events "))
    assert isinstance(events, watcher_events._PacedFD)
    events.stop()
    events.join()
    (tmp_path / "root/a").write_text("1")
    until(watcher, names("a"))
    (tmp_path / "root/b").write_text("1")
    out = until(watcher, names("b"))
    assert any(s.by_event for s in out if isinstance(s, Seen))


@linux_only
def test_the_limit_of_watched_folders_is_noticed(
    watch: Callable[..., Watcher], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = watcher_events._PacedFD.add_callback

    def refuse(self: watcher_events._PacedFD, path: bytes, *rest: object) -> object:
        if path.endswith(b"sub"):
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return add(self, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(watcher_events._PacedFD, "add_callback", refuse)
    (tmp_path / "root/sub").mkdir(parents=True)
    watcher = watch(poll_s=0.1)
    assert watcher.health.mode == "polling" and "max_user_watches" in watcher.health.why
    (tmp_path / "root/sub/a").write_text("1")
    until(watcher, names("sub/a"))


def test_a_slow_owner_slows_the_scan(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(5000):
        (root / str(number)).touch()
    watcher = Watcher(root, Rules())
    watcher.start()
    try:
        end = time.monotonic() + 20
        while len(watcher._out) < 2000 and time.monotonic() < end:
            threading.Event().wait(0.01)
        threading.Event().wait(0.1)
        assert len(watcher._out) <= 2000 + comparison.BATCH
        out = until(watcher, lambda out: any(isinstance(s, ScanDone) for s in out))
        assert len(seen(out)) == 5000
    finally:
        watcher.stop()


def test_waiting_can_be_ended_and_ends_by_itself(watch: Callable[..., Watcher]) -> None:
    watcher = watch()
    start = time.monotonic()
    assert watcher.take(0.05) == []
    waker = threading.Timer(0.05, watcher.wake)
    waker.start()
    assert watcher.take(30) == []
    waker.join()
    assert time.monotonic() - start < 10


def test_an_idle_watcher_does_nothing(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    for number in range(2000):
        (tmp_path / f"root/{number}").touch()
    watcher = watch()
    start = time.process_time()
    watcher.take(0.5)
    assert time.process_time() - start < 0.1


def test_a_person_accepts_another_folder(watch: Callable[..., Watcher], tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "a").write_text("1")
    watcher = Watcher(root, Rules(), identity="uuid:other 5")
    watcher.start()
    try:
        until(watcher, lambda out: any(isinstance(s, RootChanged) for s in out))
        watcher.accept_root()
        until(watcher, names("a"))
        watcher.rescan(everything=True)
        until(watcher, names("a"))
    finally:
        watcher.stop()


def test_a_bug_in_the_thread_reaches_the_owner(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")

    def fail(folder: str) -> bool:
        raise ZeroDivisionError

    (tmp_path / "LOGS").mkdir()
    watcher = Watcher(tmp_path, Rules(registries=fail))
    watcher.start()
    with pytest.raises(ZeroDivisionError):
        until(watcher, lambda out: False)
    watcher.stop()
