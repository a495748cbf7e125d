"""The preview says what the engine then does: by its walk, and by a task that runs on the same folder."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.listing import listed
from openmsi_desktop.core.rules import Rules
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.preview import wishes
from openmsi_desktop.gui.preview.inventory import Folder, Inventory
from openmsi_desktop.gui.preview.judging import Batch, Row, Verdict, judge
from openmsi_desktop.gui.preview.preview import Preview, Progress
from openmsi_desktop.gui.preview.wishes import Patterns, always, never
from openmsi_desktop.settings import Connection, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.rules import rules_of
from openmsi_desktop.streaming.watching.scan import walk
from openmsi_desktop.streaming.watching.sightings import Ignored, Seen

NAMES = [
    "a.xy", "b.tif", "Grid 7x3.NMD", "~$log.xlsx", "x.tmp", ".hidden", "x.done", "Thumbs.db", "copy of a.xy", "#1", "[x]",
    "naïve.xy", "a:b.xy", "back\\slash", "y" * 252 + ".xy", "ends ",
]  # fmt: skip
FOLDERS = ["run 1", "old", ".git", "LOGS", "x.xy", ".openmsi-parts", "a"]
PATTERNS = ["*.xy", "*.tif", "old/", "old/**", "/a/*", "!*.tmp", "!/old/a.xy", "*copy*", "run 1/", "~$*", "x.xy", "*"]


def grow(folder: Path, seed: int, files: int = 60) -> Path:
    """A tree with everything that rules speak of."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    places = [folder]
    for _ in range(12):
        place = chance.choice(places) / chance.choice(FOLDERS)
        if not place.exists():
            place.mkdir()
            places.append(place)
    for _ in range(files):
        file = chance.choice(places) / chance.choice(NAMES)
        if not file.exists():
            file.write_bytes(b"x" * chance.choice([0, 1, 50, 5000]))
            os.utime(file, (1.7e9 + chance.randrange(10**7),) * 2)
    for place in places:
        if chance.random() < 0.2 and place.name == "LOGS":
            (place / "upload_to_x.csv").write_text("")
        if chance.random() < 0.2 and not (place / "link").exists():
            (place / "link").symlink_to(folder, target_is_directory=True)
    return folder


def previewed(folder: Path, rules: Rules, subfolder: str = "") -> tuple[dict[str, Row], Batch]:
    """(every row by its path, the last batch)."""
    inventory = Inventory(folder)
    inventory.fill(lambda: False)
    rules.registries = inventory.registries
    found: dict[str, Row] = {}
    last = Batch()
    for last in judge(inventory.each(lambda: False), rules, subfolder=subfolder):
        for row in last.unpacked():
            assert row.relative not in found
            found[row.relative] = row
    assert last.is_last
    return found, last


def engines(folder: Path, rules: Rules) -> dict[str, str]:
    """What the engine's walk says: path -> the rule that leaves it out, or "" for what it takes."""
    out = {}
    for item in walk(folder, rules):
        assert isinstance(item, Seen | Ignored)
        out[item.relative] = item.rule if isinstance(item, Ignored) else ""
    return out


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [grow(tmp_path_factory.mktemp("tree"), seed) for seed in range(4)]


@settings(deadline=None, max_examples=120)
@given(
    number=st.integers(0, 3),
    include=st.lists(st.sampled_from([p for p in PATTERNS if p[0] != "!"]), max_size=2, unique=True),
    exclude=st.lists(st.sampled_from(PATTERNS), max_size=3, unique=True),
    size=st.sampled_from([0, 10]),
    most=st.sampled_from([0, 100]),
    newer=st.sampled_from([None, 1.705e9]),
    marker=st.sampled_from(["", "{stem}.done"]),
    subfolders=st.booleans(),
    temporary=st.booleans(),
)
def test_every_file_has_the_verdict_and_the_rule_of_the_engine(
    forest: list[Path],
    number: int,
    include: list[str],
    exclude: list[str],
    size: int,
    most: int,
    newer: float | None,
    marker: str,
    subfolders: bool,
    temporary: bool,
) -> None:
    def rules() -> Rules:
        return Rules(
            include, exclude, min_size=size, max_size=most, newer_than=newer, marker=marker, subfolders=subfolders,
            temporary=temporary,
        )  # fmt: skip

    expected = engines(forest[number], rules())
    rows, last = previewed(forest[number], rules())
    ours = {
        path: "" if row.verdict is not Verdict.STAY else row.decision.rule if row.decision else row.reason
        for path, row in rows.items()
    }
    assert ours == expected
    assert last.counts.all == len(rows)
    assert last.counts.go == sum(row.verdict is Verdict.GO for row in rows.values())


def test_a_name_that_cannot_be_sent_is_to_be_looked_at(forest: list[Path]) -> None:
    rows, _ = previewed(forest[0], Rules(temporary=True), subfolder="lab")
    assert {p for p, row in rows.items() if row.verdict is Verdict.CHECK} == {p for p in rows if "\\" in p}
    rows, _ = previewed(forest[0], Rules(temporary=True))
    assert all(row.verdict is Verdict.CHECK for path, row in rows.items() if path == "a:b.xy")


def test_a_folder_that_cannot_be_read_is_to_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "closed").mkdir()
    look = os.scandir

    def closed(path: str | Path) -> object:  # modes keep no administrator out
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return look(path)

    monkeypatch.setattr(os, "scandir", closed)
    rows, _ = previewed(tmp_path, Rules())
    assert rows["closed/"].verdict is Verdict.CHECK and rows["closed/"].reason


# -- wishes


def taker(path: str, size: int) -> Callable[[Patterns], bool]:
    """Whether a file is sent with some patterns."""
    return lambda patterns: Rules(*patterns).decide(path, size=size, mtime=1.8e9).taken


@pytest.mark.parametrize("seed", range(3))
def test_a_wish_for_one_file_changes_that_one_and_no_other(forest: list[Path], seed: int) -> None:
    chance = random.Random(seed)
    tree = forest[seed]
    now = Patterns(
        tuple(chance.sample(["*.xy", "*.tif", "*.NMD"], chance.randrange(3))),
        tuple(chance.sample(["*copy*", "old/**", "!*.tmp"], chance.randrange(3))),
    )
    before, _ = previewed(tree, Rules(*now))
    for path, row in list(before.items())[::3]:
        if row.decision is None:
            continue
        wish = never if row.verdict is Verdict.GO else always
        wanted = wish(now, wishes.only_this(path), taker(path, row.size or 0))
        if wanted is None:
            assert row.verdict is not Verdict.GO, f"{path} cannot be left out"
            continue
        after, _ = previewed(tree, Rules(*wanted))
        changed = {p for p in before if before[p].verdict is not after[p].verdict}
        assert changed == {path}


def test_a_wish_that_is_taken_back_leaves_nothing_behind() -> None:
    now = Patterns(("*.xy",), ())
    takes = taker("a/b.xy", 1)
    without = never(now, "/a/b.xy", takes)
    assert without == Patterns(("*.xy",), ("/a/b.xy",))
    assert always(without, "/a/b.xy", takes) == now
    assert wishes.like_this("a/b.xy") == "*.xy" and wishes.like_this("a/b") == "" and wishes.folder_of("a/b") == "/a/"


def test_what_no_pattern_can_send_is_not_promised() -> None:
    assert always(Patterns((), ()), "/a.done", lambda patterns: False) is None


# -- threads


class Listener:
    """Collects what a preview tells."""

    def __init__(self) -> None:
        self.heard: list[Progress] = []
        self.ended = threading.Event()

    def __call__(self, progress: Progress) -> None:
        self.heard.append(progress)
        if progress.error is not None or (progress.batch and progress.batch.is_last):
            self.ended.set()


def test_another_question_ends_the_one_before_and_needs_no_other_look(forest: list[Path]) -> None:
    told = Listener()
    preview = Preview(told)
    preview.look(forest[0])
    for _ in range(5):
        preview.ask(lambda: Rules(["*.tif"]))
    assert told.ended.wait(10)
    told.ended.clear()
    (forest[0] / "came later.xy").write_text("x")
    last = preview.ask(lambda: Rules(["*.xy"]))
    assert told.ended.wait(10)
    mine = [p for p in told.heard if p.number == last]
    rows = [row for p in mine if p.batch for row in p.batch.unpacked() if row.verdict is Verdict.GO]
    (forest[0] / "came later.xy").unlink()
    assert rows and "came later.xy" not in [row.relative for row in rows]
    preview.close()


def test_a_pattern_that_is_none_and_a_folder_that_is_none(tmp_path: Path) -> None:
    told = Listener()
    preview = Preview(told)
    preview.look(tmp_path)
    preview.ask(lambda: Rules(["["]))
    assert told.ended.wait(10)
    assert told.heard[-1].error is not None and "is no pattern" in str(told.heard[-1].error)
    told.ended.clear()
    preview.look(tmp_path / "gone")
    preview.ask(Rules)
    assert told.ended.wait(10) and isinstance(told.heard[-1].error, FileNotFoundError)
    preview.close()


def test_the_newest_come_first(tmp_path: Path) -> None:
    for name, age in (("old", 300), ("new", 100), ("newest", 0), ("mid", 200)):
        (tmp_path / name).mkdir()
        for n in range(3):
            file = tmp_path / name / f"{n}"
            file.write_text("")
            os.utime(file, (time.time() - age - n,) * 2)
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    rows, _ = previewed(tmp_path, Rules())
    assert list(rows) == [f"{folder}/{n}" for folder in ("newest", "new", "mid", "old") for n in range(3)]


def test_first_rows_come_before_a_slow_folder_is_done() -> None:
    def slow() -> list[Folder | None]:
        return [Folder("", tuple((f"{n}", 1, 0.0) for n in range(10))), None, Folder("a", (("x", 1, 0.0),))]

    first = next(iter(judge(slow(), Rules())))
    assert first.counts.go == 10 and not first.is_last


# -- what the engine then does


def test_a_task_that_runs_does_what_the_preview_said(desktop: Desktop, qtbot: QtBot, tmp_path: Path) -> None:
    folder = grow(tmp_path / "watched", 7, files=150)
    watched = WatchedFolder(
        name="XRD",
        path=folder,
        connection="lab",
        topic="xrd",
        subfolder="pc",
        include=("*.xy", "*.tif", "*.NMD", "~$*", "back*"),
        exclude=("old/**", "!*.tmp", "*copy*"),
        max_size=4000,
        settle=Settle(marker="{name}.done"),
    )
    rows, _ = previewed(folder, rules_of(watched, now=time.time()), watched.subfolder)

    def add(file: SettingsFile) -> None:
        file.put("connections", Connection(name="lab", kafka={"bootstrap.servers": "127.0.0.1:1"}))
        file.put("watched_folders", watched)

    def journalled() -> dict[str, tuple[bool, str]]:
        with closing(desktop.host.profile.open_journal()) as journal:
            return {
                file.path.removeprefix("pc/"): (
                    file.state is not FileState.IGNORED,
                    file.reason if file.state is FileState.IGNORED else "",
                )
                for file in listed(journal)
            }

    desktop.host.start()
    qtbot.waitUntil(lambda: desktop.host.role is Role.STREAMING, timeout=10_000)
    desktop.store.change(add)
    qtbot.waitUntil(lambda: len(journalled()) >= len(rows), timeout=20_000)
    said = {
        path: (
            row.verdict is not Verdict.STAY,
            (row.decision.rule if row.decision else row.reason) if row.verdict is Verdict.STAY else "",
        )
        for path, row in rows.items()
    }
    assert journalled() == said
    assert {row.verdict for row in rows.values()} == set(Verdict)
