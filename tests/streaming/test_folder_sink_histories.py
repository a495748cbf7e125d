"""Made-up histories of versions, edits, moves and kills: the target always holds exactly what it should.

Every content is written once only, so a content tells where it came from.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from servers.systems import ON_WINDOWS
from streaming.folder_bench import MINE, NOON, OTHERS, TREE, Bench, Cut, Cutter

from openmsi_desktop.core import durable
from openmsi_desktop.core.published import Published
from openmsi_desktop.streaming.sinks import Delivered, Failed, ReceivedFile, SpoolMissing, Superseded

Key = tuple[str, str, str]

PATHS = ("a.xy", "d/b")
KEYS: list[Key] = [("xrd", "a.xy", MINE), ("xrd", "a.xy", OTHERS), ("nano", "a.xy", MINE), ("xrd", "d/b", MINE)]


class Histories(RuleBasedStateMachine):
    """``ours``: content of the latest version by key, while nobody touched it. ``theirs``: what people wrote or moved."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.ours: dict[Key, bytes] = {}
        self.theirs: list[bytes] = []
        self.last: dict[Key, ReceivedFile] = {}
        self.count = 0

    @initialize(if_exists=st.sampled_from(["keep-both", "keep-both", "newest", "skip"]), takes=st.booleans())
    def start(self, if_exists: str, takes: bool) -> None:
        self.bench = Bench(self.folder, if_exists=if_exists, takes_spool=takes)

    def teardown(self) -> None:
        Bench.close_all()
        shutil.rmtree(self.folder)

    @rule(key=st.sampled_from(KEYS), minute=st.integers(0, 2), kill=st.none() | st.integers(0, 11))
    def next_version(self, key: Key, minute: int, kill: int | None) -> None:
        file = self._received(key, modified=NOON + 60 * minute)
        outcome = self._delivered(file, kill)
        if isinstance(outcome, Superseded):
            assert self.bench.options["if_exists"] == "skip"
            return
        self.last[key] = file
        self.ours[key] = self._content(file)

    @precondition(lambda self: self.last)
    @rule(data=st.data())
    def older_version(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.last)))
        file = self._received(key, version=(self.last[key].order.version or 0) - 1)
        assert isinstance(self._delivered(file, None), Superseded)

    @precondition(lambda self: self.last)
    @rule(data=st.data(), sent_anew=st.booleans())
    def same_version(self, data: st.DataObject, sent_anew: bool) -> None:
        key = data.draw(st.sampled_from(sorted(self.last)))
        content = CONTENTS[self.last[key].sha512]
        if sent_anew and key not in self.ours and self._local(key).is_file():
            return  # a new sending of what a person changed here is kept beside it: tested elsewhere
        file = self._received(key, content=content, version=None if sent_anew else self.last[key].order.version)
        assert isinstance(self._delivered(file, None), (Delivered, Superseded))

    @precondition(lambda self: self.files())
    @rule(data=st.data())
    def somebody_edits(self, data: st.DataObject) -> None:
        file = self._pick(data)
        self._forget(file)
        file.write_bytes(self._new_content("edit"))

    @precondition(lambda self: self.files())
    @rule(data=st.data())
    def somebody_moves(self, data: st.DataObject) -> None:
        file = self._pick(data)
        content = file.read_bytes()
        self._forget(file)
        self.theirs.append(content)
        self.count += 1
        file.rename(self.bench.target / f"sorted-{self.count}")

    @precondition(lambda self: self.files())
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        file = self._pick(data)
        self._forget(file)
        file.unlink()

    @precondition(lambda self: self.files())
    @rule(data=st.data())
    def somebody_touches(self, data: st.DataObject) -> None:
        os.utime(self._pick(data), (NOON + self.count, NOON + self.count))

    @rule(path=st.sampled_from(PATHS))
    def somebody_creates(self, path: str) -> None:
        if not (self.bench.target / path).exists():
            self.bench.write(path, self._new_content("new"))

    @rule()
    def restart(self) -> None:
        self.bench.reopen()

    @invariant()
    def target_holds_what_it_should(self) -> None:
        if hasattr(self, "bench"):
            assert self._contents() == sorted([*self.ours.values(), *self.theirs])
            assert [name for name in self.bench.left_over() if name.endswith(".out")] == []

    def files(self) -> list[str]:
        return sorted(self.bench.files()) if hasattr(self, "bench") else []

    def _contents(self) -> list[bytes]:
        return sorted(self.bench.files().values())

    def _pick(self, data: st.DataObject) -> Path:
        return self.bench.target / data.draw(st.sampled_from(self.files()))

    def _forget(self, file: Path) -> None:
        content = file.read_bytes()
        if content in self.theirs:
            self.theirs.remove(content)
        else:
            del self.ours[next(key for key, value in self.ours.items() if value == content)]

    def _new_content(self, what: str) -> bytes:
        self.count += 1
        content = f"{what} {self.count}".encode()
        if what != "version":
            self.theirs.append(content)
        return content

    def _received(
        self, key: Key, *, content: bytes | None = None, version: int | None = None, modified: float = NOON
    ) -> ReceivedFile:
        topic, path, installation = key
        content = self._new_content("version") if content is None else content
        self.count += 1
        file = self.bench.received(
            path,
            content,
            version=2 * self.count if version is None else version,
            modified=modified,
            topic=topic,
            installation=installation,
        )
        CONTENTS[file.sha512] = content
        return file

    def _content(self, file: ReceivedFile) -> bytes:
        return CONTENTS[file.sha512]

    def _local(self, key: Key) -> Path:
        topic, path, installation = key
        rows = Published(self.bench.journal, 1).of(topic, path, installation)
        assert rows is not None
        return self.bench.target / rows.local

    def _delivered(self, file: ReceivedFile, kill: int | None) -> Any:
        if kill is not None:
            self._killed(file, kill)
        for _ in range(3):
            (outcome,) = self.bench.sink.deliver_all([file])
            if not isinstance(outcome, Failed):
                file.path.unlink(missing_ok=True)
                return outcome
            assert isinstance(outcome.error, SpoolMissing), outcome.error
            file.path.write_bytes(self._content(file))
        raise AssertionError("it never arrives")

    def _killed(self, file: ReceivedFile, kill: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            cutter = Cutter(kill)
            names = ("move_new", "exchange", "move_over", "remove", "set_mtime", "make_folders")
            places: list[tuple[Any, str]] = [(TREE, name) for name in names]
            places += [(Published, "intend"), (Published, "record"), (durable, "sync_batch")]
            for owner, name in places:
                patch.setattr(owner, name, cutter.wrap(getattr(owner, name), before=kill % 2 == 0))
            try:
                self.bench.sink.deliver_all([file])
            except Cut:
                pass
            else:
                return
        self.bench.reopen()


CONTENTS: dict[bytes, bytes] = {}

TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=10 if ON_WINDOWS else 40,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
