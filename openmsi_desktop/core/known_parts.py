"""The parts of a reader that are in memory: one object for each row, found by version, by path or by number.

Bounded: what was not asked for lately is forgotten and comes from the journal when it is needed again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.part import Part, Stage

KEPT = 256
"""Versions that stay in memory between checkpoints."""

_Key = tuple[str, str, str, int, bytes, int]


@dataclass(slots=True)
class Line:
    """The versions of one path by one installation that matter: the latest verified one, and those not delivered yet."""

    latest: Part | None = None
    open: list[Part] = field(default_factory=list)
    complete: list[Part] = field(default_factory=list)

    @property
    def all(self) -> list[Part]:
        return [*([] if self.latest is None else [self.latest]), *self.complete, *self.open]


class KnownParts:
    """Belongs to the assembler."""

    def __init__(self, files: IncomingFiles) -> None:
        self._files = files
        self._families: OrderedDict[_Key, list[Part]] = OrderedDict()
        self._by_id: dict[int, Part] = {}
        self._lines: dict[tuple[str, str, str], Line] = {}
        self._absent: set[tuple[str, str]] = set()  # topic, path: the journal has no part of it

    def expect(self, paths: Mapping[str, Collection[str]]) -> None:
        """Parts of these paths are about to be asked for: one question to the journal finds out which have none."""
        self._absent = {
            (topic, path)
            for topic, wanted in paths.items()
            for path in set(wanted) - self._files.known_paths(topic, wanted)
        }

    def family(self, topic: str, chunk: Chunk, sender: Sender | None) -> list[Part]:
        """All parts of the version that a chunk belongs to. New ones are to be appended."""
        installation, version = (sender.installation, sender.version) if sender else ("", 0)
        return self._family((topic, chunk.path, installation, version, chunk.file_hash, chunk.total))

    def _family(self, key: _Key) -> list[Part]:
        family = self._families.get(key)
        if family is not None:
            self._families.move_to_end(key)
            return family
        topic, path, installation, version, sha512, total = key
        found: list[Part] = []
        if (topic, path) not in self._absent:
            found = self._files.family(
                topic, path, installation=installation, version=version, sha512=sha512, total=total
            )
        family = self._families[key] = [self.the(part) for part in found]
        return family

    def line(self, part: Part) -> Line:
        """What there is of the part's path by its installation; true until the next checkpoint, but for what the
        delivery verifies meanwhile."""
        key = (part.topic, part.path, part.installation)
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line()
            for found in self._files.line(*key) if key[:2] not in self._absent else ():
                part = self.the(found)
                if found.latest:
                    line.latest = part
                if found.stage is Stage.OPEN:
                    line.open.append(part)
                elif found.stage is not Stage.DONE and not found.latest:
                    line.complete.append(part)
        return line

    def family_of(self, part: Part) -> list[Part]:
        """All parts of the version of this part. New ones are to be appended."""
        return self._family(_key_of(part))

    def the(self, part: Part) -> Part:
        """The object in memory for a part that was read from the journal."""
        return self._by_id.setdefault(part.id, part)

    def fresh(self, number: int) -> Part | None:
        """A part as the journal has it: the delivery may have changed its row."""
        part = self._files.part(number)
        if part is None:
            return None
        old = self._by_id.get(number)
        family = self._families.get(_key_of(part), [])
        if old is not None and old in family:
            family[family.index(old)] = part
        self._by_id[number] = part
        return part

    def remove(self, part: Part) -> None:
        """Its row was deleted."""
        self._by_id.pop(part.id, None)
        family = self._families.get(_key_of(part))
        if family is not None and part in family:
            family.remove(part)
        self._lines.pop((part.topic, part.path, part.installation), None)

    def saved(self, part: Part) -> None:
        """It has a number now."""
        self._by_id[part.id] = part
        self._absent.discard((part.topic, part.path))

    def checkpoint(self, keep: list[Part]) -> None:
        """Everything is saved: forget what was not used lately, but not ``keep``."""
        self._lines.clear()
        while len(self._families) > KEPT:
            self._families.popitem(last=False)
        if len(self._by_id) > 2 * KEPT:
            kept = [part for family in self._families.values() for part in family] + keep
            self._by_id = {part.id: part for part in kept}

    def forget(self) -> None:
        """Parts were deleted: everything is read from the journal again."""
        self._families.clear()
        self._by_id.clear()
        self._lines.clear()


def _key_of(part: Part) -> _Key:
    return part.topic, part.path, part.installation, part.version, part.sha512, part.total
