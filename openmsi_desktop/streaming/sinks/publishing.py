"""Carries out placements: intents, renames, one flush, deliveries. Decides nothing.

Every step may be the last one before a power cut; :mod:`recovery` finishes from whatever is there.
"""

from __future__ import annotations

import errno
import hashlib
import math
import os
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from openmsi_desktop.core import durable
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.published import Intent, Publication
from openmsi_desktop.core.topic_path import SPOOL_NAME
from openmsi_desktop.core.topic_path import split as split_path
from openmsi_desktop.core.tree import Tree
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile, SpoolMissing
from openmsi_desktop.streaming.sinks.placing import Look, Placement, Placer, Stopped, lost, publication
from openmsi_desktop.streaming.sinks.trouble import concerns_all, translated

OWN_COPY = ".out"
"""End of the names, in the spool folder, of copies that belong to this sink and to nobody else."""

_COPY_BYTES = 8 << 20


class _Changed(Exception):
    """What lies at the final name is no longer what was decided about."""


@dataclass(slots=True)
class _Move:
    """One placement being carried out. displaced: where our older version lies after an exchange, empty if nowhere."""

    placement: Placement
    source: str
    displaced: str = ""
    row: Publication | None = None
    is_aside: bool = False
    folders: set[str] = field(default_factory=set)


class Publisher:
    """Publishes one batch after the other."""

    def __init__(self, placer: Placer, *, takes_spool: bool, stop: threading.Event) -> None:
        """takes_spool: rename the spool file itself; else publish a copy of it."""
        self._placer = placer
        self._tree = placer.tree
        self._published = placer.published
        self._takes_spool = takes_spool
        self._stop = stop

    def publish(self, placements: Sequence[Placement], rows: Iterable[Publication]) -> list[Outcome | None]:
        """Carry out placements and record ``rows`` with them; None for one that has to be decided anew.

        Raises:
            OpenMSIError: the whole folder cannot be written; what was begun is found out later.
        """
        rows = list(rows)
        if not placements and not rows:
            return []
        moves = [_Move(placement, self._source_name(placement.file)) for placement in placements]
        intents = {id(move): _intent(move) for move in moves}
        if moves:
            self._published.intend(intents.values())
        results: list[Outcome | None] = []
        trouble: OpenMSIError | None = None
        for move in moves:
            try:
                results.append(self._carry_out(move))
            except OSError as error:
                if not concerns_all(error):
                    results.append(Failed(self._translated(error, move)))
                    continue
                trouble = self._translated(error, move)  # first secure what is done already
                break
        sync(self._tree, [move.row.local for move in moves if move.row], set().union(*(m.folders for m in moves)))
        for move in moves:
            if move.row is not None:
                rows.append(move.row)
                self._clean(move)
            if move.is_aside:
                rows.extend(_moved(self._tree, move.placement))
        self._published.record(rows, done=intents.values())
        if trouble is not None:
            raise trouble
        return results

    def _carry_out(self, move: _Move) -> Outcome | None:
        try:
            self._rename(move)
        except (FileExistsError, _Changed):
            self._discard_copy(move)
            return None
        except Stopped:
            raise
        except OpenMSIError as error:
            self._discard_copy(move)
            return Failed(error)
        except OSError as error:
            if error.errno != errno.EXDEV:
                self._discard_copy(move)
                raise
            return self._across_disks(move)
        placement = move.placement
        return Delivered(self._tree.name(placement.local), placement.note, placement.problem)

    def _rename(self, move: _Move) -> None:
        placement, tree = move.placement, self._tree
        folder = split_path(placement.local)[0]
        move.folders.update(tree.make_folders(folder))
        if move.source.endswith(OWN_COPY) and tree.stat(move.source) is None:
            self._copy(placement.file, move.source)
        if placement.file.modified is not None:
            tree.set_mtime(move.source, nanoseconds(placement.file.modified))
        self._put(move)
        move.folders.update((folder, split_path(move.source)[0]))
        there = tree.stat(placement.local)
        gone = Fingerprint(placement.file.size, 0, 0, "")
        looked = tree.fingerprint(placement.local, there) if there is not None else gone
        move.row = publication(placement.file, placement.local, looked, is_ours=True)

    def _put(self, move: _Move) -> None:
        placement, tree = move.placement, self._tree
        if placement.replaces is None:
            return tree.move_new(move.source, placement.local)
        there = tree.stat(placement.local)
        if there is None or tree.fingerprint(placement.local, there) != placement.replaces:
            raise _Changed
        if placement.aside:
            tree.move_new(placement.local, placement.aside)
            move.is_aside = True
            move.folders.add(split_path(placement.local)[0])
            tree.move_new(move.source, placement.local)
        elif tree.exchange(move.source, placement.local):
            move.displaced = move.source
        else:
            tree.move_over(move.source, placement.local)

    def _across_disks(self, move: _Move) -> Outcome | None:
        """Another disk is mounted below the target: the content is copied there, under a hidden name, and renamed."""
        folder = split_path(move.placement.local)[0]
        name = f".{secrets.token_hex(16)}{OWN_COPY}"
        near = _Move(move.placement, f"{folder}/{name}" if folder else name, is_aside=move.is_aside)
        self._published.intend([_intent(near)])
        try:
            self._copy(move.placement.file, near.source)
        except SpoolMissing as error:
            self._discard_copy(near)
            return Failed(error)
        result = self._carry_out(near)
        move.row, move.is_aside, move.displaced = near.row, near.is_aside, near.displaced
        move.folders |= near.folders
        if near.row is not None:
            self._tree.remove(move.source)
        return result

    def _clean(self, move: _Move) -> None:
        """Remove our older version, now that the next one is safe; what is not ours after all is kept."""
        tree, placement = self._tree, move.placement
        if move.displaced:
            dispose(
                self._placer, move.displaced, placement.local, expected=placement.replaces, topic=placement.file.topic
            )
        if placement.old:
            file = placement.file
            own = self._published.of(file.topic, file.relative_path, file.installation)
            if own is not None and own.local == placement.old and self._placer.look(own) is Look.UNCHANGED:
                tree.remove(placement.old)

    def _copy(self, file: ReceivedFile, name: str) -> None:
        """A copy of the spool file, compared with its hash once more: a sink beside this one may have changed it."""
        sha = hashlib.sha512()
        with open(reachable(os.fspath(file.path)), "rb", buffering=0) as source, self._tree.create(name) as target:
            while data := _copy_some(source.fileno(), target.fileno()):
                sha.update(data)
                if self._stop.is_set():
                    raise Stopped
        if sha.digest() != file.sha512:
            raise lost(file)

    def _discard_copy(self, move: _Move) -> None:
        if move.source.endswith(OWN_COPY):
            self._tree.remove(move.source)

    def _source_name(self, file: ReceivedFile) -> str:
        if self._takes_spool and self._is_in_spool(file):
            return f"{SPOOL_NAME}/{file.path.name}"
        return f"{SPOOL_NAME}/{secrets.token_hex(16)}{OWN_COPY}"

    def _is_in_spool(self, file: ReceivedFile) -> bool:
        return Path(os.path.abspath(file.path)).parent == self._tree.root / SPOOL_NAME

    def _translated(self, error: OSError, move: _Move) -> OpenMSIError:
        return translated(error, self._tree.root, self._tree.path(move.placement.local))


def nanoseconds(moment: float) -> int:
    """Seconds as nanoseconds, such that the file's ``st_mtime`` is exactly ``moment`` again."""
    seconds = math.floor(moment)
    return seconds * 1_000_000_000 + round((moment - seconds) * 1e9)


def sync(tree: Tree, files: Iterable[str], folders: Iterable[str]) -> None:
    """One flush for what was renamed."""
    paths = [tree.name(name) for name in files]
    places = [tree.path(name) if name else tree.root for name in folders]
    if paths or places:
        durable.sync_batch(paths, places)


def dispose(placer: Placer, source: str, local: str, *, expected: Fingerprint | None, topic: str) -> None:
    """Remove the older version that lies at ``source`` after an exchange with ``local``.

    If it is not the ``expected`` one, somebody wrote to it in the last moment: then it is kept beside.
    """
    there = placer.tree.stat(source)
    if there is None:
        return
    if expected is not None and is_same(there, expected):
        placer.tree.remove(source)
    else:
        placer.tree.move_new(source, placer.free_name(local, topic=topic, moment=there.st_mtime))


def is_same(there: os.stat_result, looked: Fingerprint) -> bool:
    """Whether it is that file, unchanged; a rename may have changed the third time of it."""
    now = Fingerprint.of(there)
    return (now.size, now.mtime_ns, now.file_id) == (looked.size, looked.mtime_ns, looked.file_id)


def _moved(tree: Tree, placement: Placement) -> list[Publication]:
    """The rows of other versions that lie aside now."""
    there = tree.stat(placement.aside)
    if there is None:
        return []
    looked = tree.fingerprint(placement.aside, there)
    return [replace(row, looked=looked) for row in placement.moved]


def _intent(move: _Move) -> Intent:
    placement = move.placement
    file = placement.file
    return Intent(
        *(file.topic, file.relative_path, file.installation),
        *(move.source, placement.local, placement.aside, placement.old),
        *(file.sha512, file.size, file.order),
    )


def _copy_some(source: int, target: int) -> bytes:
    """Copy the next bytes and return them; none at the end."""
    data = os.read(source, _COPY_BYTES)
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
    return data
