"""A download target with its journal, and made-up received files. Used by the tests of the folder sink."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.tree import Tree
from openmsi_desktop.streaming.sinks import Delivered, Outcome, ReceivedFile
from openmsi_desktop.streaming.sinks.folder import FolderSink

TREE: type[Tree] = Tree
if sys.platform != "win32":
    from openmsi_desktop.core.descriptor_tree import DescriptorTree

    TREE = DescriptorTree
"""What open_tree makes here; tests replace its methods."""

MINE = "a" * 32
OTHERS = "b" * 32
NOON = 1795255200.0
"""2026-11-21 10:00:00 UTC"""


class Bench:
    """One target folder; ``reopen`` is what a new process would see."""

    journals: ClassVar[list[Journal]] = []

    def __init__(self, folder: Path, **options: object) -> None:
        self.target = folder / "target"
        self.options = options
        self.journal_path = folder / "data" / "journal.db"
        self.version = 0
        self.open()

    def open(self) -> None:
        self.journal = Journal(self.journal_path, now=lambda: NOON)
        self.journals.append(self.journal)
        self.sink = FolderSink(self.target, self.journal, now=lambda: NOON, **self.options)  # type: ignore[arg-type]
        self.sink.prepare()

    @classmethod
    def close_all(cls) -> None:
        """Close every journal that any bench opened."""
        while cls.journals:
            cls.journals.pop().close()

    def reopen(self, **options: object) -> None:
        self.journal.close()
        self.options |= options
        self.open()

    def received(
        self,
        path: str,
        content: bytes,
        *,
        version: int | None = None,
        modified: float | None = NOON,
        topic: str = "xrd",
        installation: str = MINE,
        order: Order | None = None,
    ) -> ReceivedFile:
        """A complete file in the spool; without ``version`` later than all before."""
        self.version = self.version + 1 if version is None else version
        digest = hashlib.sha512(content).digest()
        name = hashlib.sha256(f"{topic} {path} {installation}".encode() + digest).hexdigest()[:32]
        spool = self.sink.spool / name
        spool.write_bytes(content)
        return ReceivedFile(
            *(spool, path, topic, len(content), digest, modified, installation),
            order if order is not None else Order(version=self.version),
        )

    def deliver(self, path: str, content: bytes, **details: object) -> Outcome:
        return self.sink.deliver_all([self.received(path, content, **details)])[0]  # type: ignore[arg-type]

    def files(self) -> dict[str, bytes]:
        """Everything a person sees in the target."""
        return {name: content for name, content in tree_of(self.target).items() if ".openmsi-parts" not in name}

    def left_over(self) -> list[str]:
        """What lies in the spool besides the marker."""
        return sorted(name for name in os.listdir(self.sink.spool) if name != "target")

    def write(self, path: str, content: bytes) -> Path:
        """Somebody else writes a file."""
        file = self.target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return file


def tree_of(folder: Path) -> dict[str, bytes]:
    """Relative names and contents of all files below ``folder``; links are named, not followed."""
    found = {}
    for file in sorted(folder.rglob("*")):
        if file.is_symlink():
            found[file.relative_to(folder).as_posix()] = b"-> " + os.fsencode(os.readlink(file))
        elif file.is_file():
            found[file.relative_to(folder).as_posix()] = file.read_bytes()
    return found


def is_delivered(outcome: Outcome) -> Delivered:
    assert isinstance(outcome, Delivered), outcome
    return outcome


class Cut(BaseException):
    """The power goes."""


class Cutter:
    """Raises :class:`Cut` at the n-th step of those it wraps."""

    def __init__(self, after: int) -> None:
        self.left = after

    def wrap(self, action: Callable[..., object], *, before: bool) -> Callable[..., object]:
        def cut(*arguments: object, **named: object) -> object:
            if before:
                self.step()
            result = action(*arguments, **named)
            if not before:
                self.step()
            return result

        return cut

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cut
