"""The folder that files are written into: is it still the one it was? Writes nothing but its own small marker.

An unmounted disk leaves an empty folder behind, another stick may take the same letter. So each target
holds a marker, a small file with a random text that the journal knows too.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openmsi_desktop.core import durable, published
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.published import Published
from openmsi_desktop.core.topic_path import SPOOL_NAME
from openmsi_desktop.core.tree import Tree, is_folder, open_tree
from openmsi_desktop.streaming.sinks.trouble import explained

MARKER = "target"
"""Name of the marker, in the spool folder."""

_MOST_MARKER_BYTES = 200


class TargetMissing(NeedsYou):
    """The folder is not there, or is another one than before."""


class TargetFolder:
    """One target and what the journal knows of it."""

    def __init__(self, root: Path, journal: Journal, *, wait: Callable[[float], object]) -> None:
        """Look at nothing yet. wait: as for :func:`openmsi_desktop.core.durable.replace`."""
        self.root = Path(os.path.abspath(root))
        self.spool = self.root / SPOOL_NAME
        self._journal = journal
        self._wait = wait

    @contextmanager
    def open(self) -> Iterator[tuple[Tree, Published]]:
        """The folder for one batch, after a look whether it is the right one; created the first time.

        Raises:
            TargetMissing: it vanished, or another folder is in its place.
            NeedsYou, RetryableError: it cannot be made or used.
        """
        with explained(self.root):
            known = published.find_target(self._journal, self.root)
            self._find_root(is_known=known is not None)
            with open_tree(self.root, wait=self._wait) as tree:
                found = os.stat(self.root)
                marker = _read_marker(tree)
                file_id = f"{found.st_dev}:{found.st_ino}"
                if known is not None and marker != known.marker:
                    self._demand_same(known, marker, file_id)
                tree.make_folders(SPOOL_NAME)
                if marker is None:
                    marker = known.marker if known is not None else secrets.token_hex(16)
                    _write_marker(tree, marker)
                if known is None or (known.marker, known.file_id) != (marker, file_id):
                    known = published.store_target(self._journal, self.root, marker=marker, file_id=file_id)
                yield tree, Published(self._journal, known.id)

    def accept(self) -> None:
        """A person says that what is at this path now is the right folder; one that is missing is created."""
        with explained(self.root):
            self._find_root(is_known=False)
            found = os.stat(self.root)
            with open_tree(self.root, wait=self._wait) as tree:
                marker = _read_marker(tree) or secrets.token_hex(16)
                tree.make_folders(SPOOL_NAME)
                _write_marker(tree, marker)
            published.store_target(self._journal, self.root, marker=marker, file_id=f"{found.st_dev}:{found.st_ino}")

    def _find_root(self, *, is_known: bool) -> None:
        if self.root.is_dir():
            return
        if os.path.lexists(self.root) and not self.root.is_symlink():
            raise NeedsYou(
                f"{self.root} is a file, not a folder",
                "Nothing can be written there; what was received waits. Move the file away, or choose another folder.",
                path=self.root,
            )
        if is_known or self.root.is_symlink():
            raise TargetMissing(
                f"The folder {self.root} is missing",
                "Files were written there before, so it is not made anew: perhaps its disk or share is not connected. What "
                "was received waits; parts of unfinished files that lay there are read again. Connect it, or create the "
                "folder if that is what you want.",
                path=self.root,
            )
        self.root.mkdir(parents=True, exist_ok=True)

    def _demand_same(self, known: published.Target, marker: str | None, file_id: str) -> None:
        if file_id == known.file_id:
            return  # the same folder, its marker was lost or replaced
        if marker is None and file_id.split(":")[0] == known.file_id.split(":")[0]:
            return  # on the same disk: a person made it again, nothing was unmounted
        raise TargetMissing(
            f"{self.root} is not the folder it was",
            "Another disk or share is at that place now, or none is connected there. Nothing was written; what was "
            f'received waits. Connect the right one. Or, if it is to be this one: openmsi-desktop decide "{self.root}" --send',
            path=self.root,
        )


def _read_marker(tree: Tree) -> str | None:
    name = f"{SPOOL_NAME}/{MARKER}"
    found = tree.stat(SPOOL_NAME)
    if found is None or not is_folder(found) or tree.stat(name) is None:
        return None
    with tree.open(name) as file:
        return (file.read(_MOST_MARKER_BYTES) or b"").decode("ascii", "replace").strip() or None


def _write_marker(tree: Tree, marker: str) -> None:
    name = f"{SPOOL_NAME}/{MARKER}"
    fresh = f"{name}-{secrets.token_hex(4)}.out"
    try:
        with tree.create(fresh) as file:
            file.write(f"{marker}\n".encode("ascii"))
            durable.sync_file(file.fileno())
        tree.move_over(fresh, name)
    finally:
        with contextlib.suppress(OSError):
            tree.remove(fresh)
