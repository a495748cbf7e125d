"""Where a received version goes, given what is there already. Looks and decides; changes nothing.

The rules are those of docs/cli.md, "--if-exists": what we delivered and nobody changed is replaced by its
next version; anything else keeps its name, or is moved aside, but is never destroyed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto

from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError, RetryableError
from openmsi_desktop.core.local_name import beside, local_name
from openmsi_desktop.core.published import Publication, Published
from openmsi_desktop.core.topic_path import SPOOL_NAME
from openmsi_desktop.core.tree import InTheWay, Tree, is_file, is_folder
from openmsi_desktop.core.windows_files import reachable
from openmsi_desktop.streaming.sinks import Delivered, Failed, Outcome, ReceivedFile, SpoolMissing, Superseded

_READ_BYTES = 1 << 20
_MOST_NAMES = 1000
_LONGEST_PATH = os.pathconf("/", "PC_PATH_MAX") - 1 if hasattr(os, "pathconf") else 32_000


class IfExists(StrEnum):
    """What to do when a different file has the name already."""

    KEEP_BOTH = "keep-both"
    NEWEST = "newest"
    SKIP = "skip"


class Stopped(RetryableError):
    """The program is being ended in the middle of a big file; nothing is lost."""

    def __init__(self) -> None:
        super().__init__("Stopped while writing a file", "It goes on at the next start.")


class Look(Enum):
    """What became of a file we delivered."""

    UNCHANGED = auto()
    CHANGED = auto()
    MISSING = auto()


@dataclass(frozen=True, slots=True)
class Placement:
    """A version is to be written.

    local: where. replaces: what lies there now, None if nothing does. aside: where that goes first; empty if it
    is our older version and is replaced. old: our older version under another name, to be removed afterwards.
    moved: rows of other versions that lie at ``aside`` from then on. note and problem as in Delivered.
    """

    file: ReceivedFile
    local: str
    replaces: Fingerprint | None = None
    aside: str = ""
    old: str = ""
    moved: tuple[Publication, ...] = ()
    note: str = ""
    problem: OpenMSIError | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """Nothing is to be written. row: to be recorded, if not None."""

    outcome: Outcome
    row: Publication | None = None


class Placer:
    """Decides for one batch."""

    def __init__(
        self,
        tree: Tree,
        published: Published,
        *,
        if_exists: IfExists,
        now: Callable[[], float],
        interrupted: Callable[[], bool],
    ) -> None:
        """interrupted: asked while a big file is read; a true answer ends that with Stopped."""
        self.tree = tree
        self.published = published
        self._if_exists = if_exists
        self._now = now
        self._interrupted = interrupted
        self._outside_spool: set[str] = set()

    def decide(self, file: ReceivedFile) -> Placement | Settled:
        """What to do with this version. Reads files whose content matters.

        Raises:
            OSError: the target cannot be looked at. NeedsYou: this file cannot be written as things are.
            Stopped: interrupted.
        """
        own = self.published.of(file.topic, file.relative_path, file.installation)
        known = self._known(file, own) if own is not None else None
        if known is not None:
            return known
        if not _has_content(file):
            return Settled(Failed(lost(file)))
        name = local_name(file.relative_path)
        self._check_length(name)
        self._check_outside_spool(name)
        free = own.local if own is not None and own.is_ours and self.look(own) is Look.UNCHANGED else ""
        there = self.tree.stat(name)
        if there is None:
            return Placement(file, name, old=free, note=_escaped_note(file, name))
        if own is not None and free == name:
            return self._replacing(file, own, there)
        return self._occupied(file, name, there, own, free)

    def look(self, row: Publication) -> Look:
        """Is the file we delivered still there, as we left it? Reads it when its size and times leave a doubt."""
        try:
            there = self.tree.stat(row.local)
        except InTheWay:
            return Look.MISSING
        if there is None:
            return Look.MISSING
        if not is_file(there):
            return Look.CHANGED
        if self.tree.fingerprint(row.local, there) == row.looked:
            return Look.UNCHANGED
        return Look.UNCHANGED if self.holds(row.local, there, row.sha512, row.looked.size) else Look.CHANGED

    def holds(self, local: str, there: os.stat_result, sha512: bytes, size: int) -> bool:
        """Whether the file ``there`` has exactly this content."""
        if not is_file(there) or there.st_size != size:
            return False
        digest = hashlib.sha512()
        with self.tree.open(local) as file:
            while data := file.read(_READ_BYTES):
                if self._interrupted():
                    raise Stopped
                digest.update(data)
        return digest.digest() == sha512

    def free_name(self, local: str, *, topic: str, moment: float) -> str:
        """A name beside ``local`` that nothing has."""
        for number in range(1, _MOST_NAMES):
            name = beside(local, topic=topic, moment=moment, number=number)
            if self.tree.stat(name) is None:
                return name
        raise self._too_many(local)

    def _known(self, file: ReceivedFile, own: Publication) -> Settled | None:
        """The answer if this version, or a later one, was delivered before."""
        order = file.order.compare(own.order)
        if order < 0:
            return Settled(Superseded("a later version of this file was delivered before"))
        if own.sha512 != file.sha512:
            return None
        local = str(self.tree.path(own.local))
        if order == 0 and not own.again:
            return Settled(Delivered(local))
        look = self.look(own)
        row = replace(own, order=file.order, again=False)
        if look is Look.UNCHANGED:
            return Settled(Delivered(local), row)
        if look is Look.MISSING and not own.again:
            return Settled(
                Delivered(local, "the same content was delivered before and was moved away; it is not written again"),
                row,
            )
        return None

    def _replacing(self, file: ReceivedFile, own: Publication, there: os.stat_result) -> Placement:
        """Our own older version makes room; if other paths count on that very content, it stays under another name."""
        looked = self.tree.fingerprint(own.local, there)
        sharing = [
            row
            for row in self.published.at(own.local)
            if row.key != own.key and row.sha512 == own.sha512 and self._lies_at(row, there)
        ]
        if not sharing:
            return Placement(file, own.local, replaces=looked)
        aside = self.free_name(own.local, topic=sharing[0].topic, moment=there.st_mtime)
        heirs = (replace(sharing[0], is_ours=True), *sharing[1:])
        moved = tuple(replace(row, local=aside, looked=looked) for row in heirs)
        return Placement(file, own.local, replaces=looked, aside=aside, moved=moved)

    def _occupied(
        self, file: ReceivedFile, name: str, there: os.stat_result, own: Publication | None, free: str
    ) -> Placement | Settled:
        """Something that is not ours to replace has the name."""
        owner = self._owner(name, there, file)
        if self.holds(name, there, file.sha512, file.size):
            return self._recognised(file, name, there, owner)
        if self._if_exists is IfExists.SKIP:
            return Settled(Superseded("a different file is there already, and existing files are left as they are"))
        if self._if_exists is IfExists.NEWEST and not is_folder(there):
            aside = self.free_name(name, topic=file.topic, moment=there.st_mtime)
            moved = (replace(owner, local=aside),) if owner is not None else ()
            note = f"the file that was there is now {aside}"
            problem = _conflict(file, name, owner, theirs=aside, ours=name)
            looked = self.tree.fingerprint(name, there)
            return Placement(file, name, looked, aside, free, moved, note, problem)
        return self._beside(file, name, own, free, owner)

    def _beside(
        self, file: ReceivedFile, name: str, own: Publication | None, free: str, owner: Publication | None
    ) -> Placement | Settled:
        """Both are kept: ours gets the first name beside that is free, or that holds it already."""
        is_changed = own is not None and own.is_ours and own.local == name
        for number in range(1, _MOST_NAMES):
            other = beside(name, topic=file.topic, moment=self._moment(file), number=number)
            there = self.tree.stat(other)
            note = "the delivered file was changed here since" if is_changed else "a different file is there already"
            note += f"; this one is kept beside it as {other}"
            problem = _conflict(file, name, owner, theirs=name, ours=other)
            if there is None:
                return Placement(file, other, old=free, note=note, problem=problem)
            if own is not None and free == other:
                return replace(self._replacing(file, own, there), note=note, problem=problem)
            if self.holds(other, there, file.sha512, file.size):
                return self._recognised(file, other, there, None)
        raise self._too_many(name)

    def _recognised(self, file: ReceivedFile, local: str, there: os.stat_result, owner: Publication | None) -> Settled:
        row = publication(file, local, self.tree.fingerprint(local, there), is_ours=False)
        problem = _conflict(file, local, owner, theirs=local, ours=local) if _is_other_path(file, owner) else None
        return Settled(
            Delivered(
                str(self.tree.path(local)), "an identical file was there already; it is not written twice", problem
            ),
            row,
        )

    def _owner(self, name: str, there: os.stat_result, file: ReceivedFile) -> Publication | None:
        """Which other path or installation's delivered file has the name."""
        key = (file.topic, file.relative_path, file.installation)
        for row in self.published.at(name):
            if row.key != key and self._lies_at(row, there) and self.look(row) is Look.UNCHANGED:
                return row
        return None

    def _lies_at(self, row: Publication, there: os.stat_result) -> bool:
        """Whether the row's name and another one mean the same file: the disk decides what it compares."""
        try:
            found = self.tree.stat(row.local)
        except InTheWay:
            return False
        return found is not None and os.path.samestat(found, there)

    def _moment(self, file: ReceivedFile) -> float:
        if file.modified is not None:
            return file.modified
        return file.order.timestamp_ms / 1000 if file.order.timestamp_ms is not None else self._now()

    def _check_length(self, name: str) -> None:
        path = self.tree.path(name)
        if len(os.fsencode(path)) > _LONGEST_PATH:
            raise NeedsYou(
                f"The path of {path.name} is too long for this system",
                "What was received is safe and waits. Choose a target folder with a shorter path.",
                path=path,
            )

    def _check_outside_spool(self, name: str) -> None:
        """A disk may know our spool folder by another name: Windows by a short one, as OPENMS~1."""
        first = name.split("/")[0]
        if first in self._outside_spool:
            return
        there, spool = self.tree.stat(first), self.tree.stat(SPOOL_NAME)
        if there is not None and spool is not None and os.path.samestat(there, spool):
            raise NeedsYou(
                f"The path {name} leads into the folder of unfinished files",
                f"On this disk {first} is another name of {SPOOL_NAME}. What was received is safe and waits; "
                "rename the file on the sending side.",
                path=self.tree.path(name),
            )
        self._outside_spool.add(first)

    def _too_many(self, name: str) -> NeedsYou:
        return NeedsYou(
            f"Too many files have the name of {self.tree.path(name)}",
            "What was received is safe and waits. Move some of the files named after it away.",
            path=self.tree.path(name),
        )


def publication(file: ReceivedFile, local: str, looked: Fingerprint, *, is_ours: bool) -> Publication:
    """The row for a delivered file."""
    return Publication(
        file.topic, file.relative_path, file.installation, local, is_ours, file.sha512, looked, file.order
    )


def _has_content(file: ReceivedFile) -> bool:
    try:
        found = os.lstat(reachable(os.fspath(file.path)))
    except FileNotFoundError:
        return False
    return is_file(found) and found.st_size == file.size


def lost(file: ReceivedFile) -> SpoolMissing:
    """The error for a spool file that is not there as it should be."""
    return SpoolMissing(
        f"The received copy of {file.relative_path} is gone",
        "It was moved, deleted or damaged before it was delivered. It is read from the topic again.",
        path=file.relative_path,
    )


def _escaped_note(file: ReceivedFile, name: str) -> str:
    return "" if name == file.relative_path else f"written as {name}, because Windows does not allow its name"


def _is_other_path(file: ReceivedFile, owner: Publication | None) -> bool:
    return owner is not None and (owner.topic, owner.path) != (file.topic, file.relative_path)


def _conflict(
    file: ReceivedFile, name: str, owner: Publication | None, *, theirs: str, ours: str
) -> OpenMSIError | None:
    """What a person should know when two senders, or two topic paths, want one name here."""
    if owner is None:
        return None
    if not _is_other_path(file, owner):
        return NeedsYou(
            "Two computers send a file with the same path",
            f"Both are kept: {theirs}, and {ours} from the other one. To tell them apart from now on, give one of the "
            "watched folders a subfolder of its own.",
            path=file.relative_path,
        )
    where = owner.path if owner.topic == file.topic else f"{owner.path} on topic {owner.topic}"
    kept = f"they are the same now and share {ours}" if theirs == ours else f"both are kept, as {theirs} and {ours}"
    return NeedsYou(
        f"Two files on the topic would have the same name here: {name}",
        f"This one and {where}: {kept}. Rename one of them on the sending side, or give one of the watched folders "
        "a subfolder of its own.",
        path=file.relative_path,
    )
