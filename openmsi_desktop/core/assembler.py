"""Chunks -> spool files. Says when all chunks of a version have arrived. Knows nothing of Kafka or of where files go.

Chunks may come in any order, twice, and interleaved with those of other files and versions. Nothing counts
before :meth:`Assembler.checkpoint`, which flushes the spool, then commits chunks and positions together.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cmp_to_key

from openmsi_desktop.core.belonging import NOTHING, belonging
from openmsi_desktop.core.chunk import Chunk, Sender
from openmsi_desktop.core.chunk_set import ChunkSet
from openmsi_desktop.core.deliveries import Waiting
from openmsi_desktop.core.errors import ChunkError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.incoming import IncomingFiles
from openmsi_desktop.core.known_parts import KnownParts
from openmsi_desktop.core.part import BEGAN_BEFORE, Beginning, Part, Place, Stage, regular_size
from openmsi_desktop.core.spool import Spool
from openmsi_desktop.core.succession import Succession

_MAX_LOSSES = 5
_FORGOTTEN_AT_ONCE = 500
_CERTAINLY_FITS = 64 << 20
_IMPOSSIBLE = {errno.EFBIG, errno.EINVAL, errno.EOVERFLOW}


@dataclass(slots=True)
class Checkpoint:
    """What a checkpoint made certain. received: complete, for the delivery. changed: parts with a state to tell of."""

    received: list[Waiting] = field(default_factory=list)
    changed: list[Part] = field(default_factory=list)


class Assembler:
    """The versions under way of one reading task.

    Called by the reader's thread only. After an exception other than ChunkError it is of no use any more:
    make another one, and read on from the journalled positions.
    """

    def __init__(
        self,
        files: IncomingFiles,
        spool: Spool,
        *,
        now: Callable[[], float] = time.time,
        capacity: Callable[[], int] = lambda: 2**62,
        tell_gone: Callable[[str], None] = lambda name: None,
    ) -> None:
        """capacity: bytes that the disk of the spool can hold at most, however empty it is. tell_gone: nothing more comes of this
        spool file."""
        self.files = files
        self.spool = spool
        self.now = now
        self.capacity = capacity
        self.tell_gone = tell_gone
        self.duplicates = 0
        self._known = KnownParts(files)
        self._dirty: dict[int, Part] = {}  # by id()
        self._complete: list[Part] = []
        self._changed: list[Part] = []
        self._unneeded: list[str] = []
        self._again: dict[int, Part] = {}  # being read again, by number
        self.has_lost = False
        """A part was lost since :meth:`rereads` was asked."""
        self._succession = Succession(files.stream)
        self._beginnings: dict[tuple[str, int], Beginning] = {}
        self._damaged: list[tuple[str, int, int]] = []
        self._partitions: dict[str, int] = {}
        for part in files.being_read_again():
            self._again[part.id] = self._known.the(part)

    # -- where the topic begins

    def reads_from(self, topic: str, beginnings: Mapping[int, Beginning], *, partitions: int = 0) -> None:
        """Where this reader began in each partition; what lies before is never seen.

        partitions: how many the topic has, if it is not read whole.
        """
        self._partitions[topic] = partitions or len(beginnings)
        self._beginnings.update({(topic, partition): at for partition, at in beginnings.items()})

    def note_damaged(self, topic: str, partition: int, offset: int) -> None:
        """The message there should have been a chunk, and was rejected."""
        at = self._beginnings.get((topic, partition))
        if at is not None and at.damaged is None:
            at.damaged = offset
            self._damaged.append((topic, partition, offset))

    # -- chunks

    def expect(self, paths: Mapping[str, Collection[str]]) -> None:
        """Chunks of these paths come next (of each topic a thousand at most). Only makes :meth:`add` faster."""
        self._known.expect(paths)

    def add(self, chunk: Chunk, place: Place, sender: Sender | None = None, *, replay: bool = False) -> Part | None:
        """Write a chunk into its part; None if it brings nothing new.

        replay: the position is beyond this message already; it is looked at only for parts that are read again.

        Raises:
            ChunkError: it contradicts its own version; the message belongs into quarantine.
            OSError: the spool cannot be written.
        """
        if chunk.total == 1 and chunk.chunk_hash != chunk.file_hash:
            raise ChunkError(
                f"The only chunk of {chunk.path!r} is not the file that it announces",
                "Its two hashes contradict each other. Send the file again.",
            )
        family = self._known.family(place.topic, chunk, sender)
        found = belonging(family, chunk, place, has_header=sender is not None, replay=replay)
        part = found.part
        if part is not None and found.is_known:
            part.chunks.add(chunk.index)
            part.touch(place, self.now(), chunk.index)
            self._dirty[id(part)] = part
        if found.repeat and sender is None and self._is_overtaken(family[-1], place):
            found = NOTHING
        if found.repeat is None and (part is None or found.is_known):
            self.duplicates += not replay
            return None
        if part is None:
            part = self._new(family, chunk, place, sender, repeat=found.repeat or 0)
        if part.stage is not Stage.OPEN:
            part.chunks.add(chunk.index)
            return None
        try:
            self._write(part, chunk)
        except OSError as error:
            if error.errno not in _IMPOSSIBLE:
                raise
            self._give_up(part, FileState.PROBLEM, "it is larger than files can be on this disk")
            return None
        if part.stage is not Stage.OPEN:
            return None
        if part.is_being_read_again and not replay:
            part.had += 1
        part.take(chunk)
        part.touch(place, self.now(), chunk.index)
        if part.state in (FileState.INCOMPLETE, FileState.PROBLEM):
            part.state, part.reason = FileState.RECEIVING, ""
        self._dirty[id(part)] = part
        if part.has_all:
            self.spool.finish(part.spool)
            self._complete.append(part)
            part.settle()
            if part.seen:
                self._keep_rest(part, self._known.line(part).all)
        return part

    @property
    def has_news(self) -> bool:
        """Whether a checkpoint would write anything but positions."""
        return bool(self._dirty or self._complete or self._changed or self._damaged)

    @property
    def complete(self) -> int:
        """How many complete versions a checkpoint would find."""
        return len(self._complete)

    def checkpoint(self, positions: Mapping[tuple[str, int], tuple[int, int | None]]) -> Checkpoint:
        """Make everything so far durable: first the spool, then chunks and positions in one transaction.

        positions: of each partition that moved the next offset, and the time stamp of the last message.

        Raises:
            OSError: the spool could not be flushed.
            OpenMSIError: the journal could not be written.
        """
        gone = set(self.spool.flush())
        if gone:
            for part in [p for p in self._dirty.values() if p.spool in gone]:
                self._lose(part)
        complete = [part for part in self._complete if part.has_all and part.stage is Stage.OPEN]
        self._complete.clear()
        received: list[Part] = []
        with self.files.journal.transaction():
            finished = {id(part) for part in complete}
            for part in self._dirty.values():
                if id(part) not in finished:
                    self._save(part)
            for part in complete:
                if self._receive(part):
                    received.append(part)
            self.files.move_to(positions)
            for place in self._damaged:
                self.files.note_damaged(*place)
        self._dirty.clear()
        self._damaged.clear()
        changed, self._changed = self._changed, []
        unneeded, self._unneeded = self._unneeded, []
        for name in unneeded:
            self.spool.remove(name)
        self._known.checkpoint(list(self._again.values()))
        return Checkpoint(
            [Waiting.of(part, self.files.stream(part.source)) for part in self._later_first(received)], changed
        )

    def verified(self, number: int) -> None:
        """The delivery found that this is the latest version of its path: older ones under way are given up."""
        part = self.files.part(number)
        if part is None or not part.latest:
            return
        line = self._known.line(part)
        line.latest = part = self._known.the(part)
        for other in list(line.open):
            self._supersede(other, part)

    def give_up_overtaken(self) -> None:
        """The same for all versions under way, after an interruption."""
        for found in self.files.open_parts():
            part = self._known.the(found)
            latest = self._known.line(part).latest
            if latest is not None:
                self._supersede(part, latest)

    # -- parts that were lost here

    def lose(self, number: int, spool: str, *, is_wrong: bool = False) -> None:
        """The spool file of a complete part is gone, or is_wrong: it is not the file that its chunks announced.

        It is read again from the topic, unless that was tried before. Make a checkpoint then. spool: the file that was
        looked for; a part that lies in another one by now was read again in the meantime.
        """
        found = self.files.part(number)
        if found is None or found.stage in (Stage.OPEN, Stage.DONE) or found.spool != spool:
            return
        part = self._known.fresh(number)
        assert part is not None
        if not is_wrong:
            self._lose(part)
        elif part.wrongs:
            self._give_up(
                part, FileState.PROBLEM, "all chunks arrived, but they are not the file that its sender announced"
            )
        else:
            part.wrongs += 1
            self._read_again(part)

    def read_again(self, number: int) -> None:
        """A delivered part is wanted once more."""
        part = self._known.fresh(number)
        if part is not None and part.stage is Stage.DONE and part.has_all:
            part.losses, part.wrongs = 1, 0  # its spool file is gone: who has to get it now, only the journal knows
            self._read_again(part)

    def rereads(self) -> dict[tuple[str, int], int]:
        """Where to read again because of parts that were lost: the first offset for each partition."""
        self.has_lost = False
        wanted: dict[tuple[str, int], int] = {}
        for part in self._again.values():
            for partition, (first, _) in part.reached.items():
                place = (part.topic, partition)
                wanted[place] = min(first, wanted.get(place, first))
        return wanted

    def caught_up(self) -> None:
        """Reading again has come to where reading had stopped: what is still lost is not on the topic any more."""
        for part in self._again.values():
            if part.stage is Stage.OPEN and len(part.chunks) < part.had:
                part.state = FileState.PROBLEM
                part.reason = f"{part.had - len(part.chunks)} of its chunks were lost on this computer and are no longer on the topic"
                self._changed.append(part)
            part.had = 0
            self._dirty[id(part)] = part
        self._again.clear()

    # -- parts that nothing is heard of

    def note_quiet(self, since: float) -> None:
        """Versions without a chunk since then (seconds since 1970) are incomplete, until another one comes."""
        for found in self.files.open_parts(quiet_since=since, state=FileState.RECEIVING):
            part = self._known.the(found)
            if part.stage is not Stage.OPEN or part.updated_at >= since or part.is_being_read_again:
                continue
            latest = self._known.line(part).latest
            if latest is not None and self._supersede(part, latest):
                continue
            self._dirty[id(part)] = part
            is_there = part.repeat > 0 or (latest is not None and latest.sha512 == part.sha512)
            part.state, part.reason = part.verdict(self._beginnings, is_there=is_there)
            if is_there:
                self._put_away(part)
            else:
                self._changed.append(part)

    def expire(self, since: float) -> None:
        """Give back the disk space of versions without a chunk since then."""
        for found in self.files.open_parts(quiet_since=since):
            part = self._known.the(found)
            if part.stage is not Stage.OPEN or part.updated_at >= since or not part.spool or part.is_being_read_again:
                continue
            self._put_away(part)
            if part.state is not FileState.IGNORED:
                part.state = FileState.PROBLEM
                part.reason = f"{part.verdict(self._beginnings, is_there=False)[1]}; the parts were removed because nothing more came for a long time"
                self._changed.append(part)

    def forget_history(self, since: float) -> None:
        """Remove the rows of versions that nothing was heard of since then, except the last complete one of each path: those
        replaced, given up or ignored. A part of them at a time. Right after a checkpoint."""
        for found in self.files.history(before=since, limit=_FORGOTTEN_AT_ONCE):
            self._forget(self._known.the(found), since)
        for found in self.files.open_parts(quiet_since=since):
            part = self._known.the(found)
            if not part.spool and not part.is_being_read_again:
                self._forget(part, since)

    def _forget(self, part: Part, since: float) -> None:
        if part.updated_at < since:  # else it is in use again, and the journal will know soon
            self.files.delete(part)
            self._known.remove(part)

    def hand_over(self, topic: str, partition: int) -> None:
        """Somebody else reads this partition from now on: forget its incomplete versions. Right after a checkpoint."""
        for found in self.files.open_parts():
            if found.topic != topic or partition not in found.reached:
                continue
            part = self._known.the(found)
            self.files.delete(part)
            self._again.pop(part.id, None)
            if part.spool:
                self.tell_gone(part.spool)
                self.spool.remove(part.spool)
        self._known.forget()
        for part in self._again.values():
            self._known.saved(part)

    def ignore(self, path: str) -> None:
        """A person does not want to wait for the incomplete versions of this path."""
        for topic in self._partitions:
            for found in self.files.open_versions(topic, path):
                self._give_up(self._known.the(found), FileState.IGNORED, "you decided not to wait for it")

    # -- inside

    def _new(self, family: list[Part], chunk: Chunk, place: Place, sender: Sender | None, *, repeat: int = 0) -> Part:
        now = self.now()
        part = Part(
            source=self.files.source(place.topic),
            topic=place.topic,
            path=chunk.path,
            installation=sender.installation if sender else "",
            version=sender.version if sender else 0,
            sha512=chunk.file_hash,
            total=chunk.total,
            chunk_size=regular_size(chunk),
            repeat=repeat,
            mtime=chunk.mtime,
            timestamp_ms=place.timestamp_ms,
            began_at=now,
        )
        part.touch(place, now, chunk.index)
        family.append(part)
        self._dirty[id(part)] = part
        line = self._known.line(part)
        line.open.append(part)
        size = max(part.chunk_size * (part.total - 1) + 1, chunk.offset + len(chunk.data))
        if size > _CERTAINLY_FITS and size > self.capacity():
            self._give_up(part, FileState.PROBLEM, "it is larger than the disk")
        elif line.latest is not None and self._succession.compare(part, line.latest) < 0:
            self._give_up(part, FileState.SUPERSEDED, _SUPERSEDED)
        elif not repeat and self._began_before(chunk, place, sender):
            part.state, part.reason = FileState.IGNORED, BEGAN_BEFORE
            self._changed.append(part)
        return part

    def _began_before(self, chunk: Chunk, place: Place, sender: Sender | None) -> bool:
        """Whether its first chunks certainly lie before the reader's start: they come in order on one partition."""
        in_order = sender is not None or self._partitions.get(place.topic) == 1
        at = self._beginnings.get((place.topic, place.partition))
        return chunk.index > 1 and in_order and at is not None and at.is_before(place.offset)

    def _is_overtaken(self, part: Part, place: Place) -> bool:
        """Whether another version of its path that is verified was begun after the message at this place."""
        latest = self._known.line(part).latest
        return latest is not None and self._succession.is_before(part.source, place, latest)

    def _write(self, part: Part, chunk: Chunk) -> None:
        if part.total == 1:
            name = self.spool.new_name()
            self.spool.write_whole(name, chunk.data)
            part.spool = name
            return
        if part.spool:
            try:
                return self.spool.write(part.spool, chunk.offset, chunk.data)
            except FileNotFoundError:
                pass
        if part.spool:
            self._lose(part)
        elif part.chunks:
            self._read_again(part)
        if part.stage is not Stage.OPEN:
            return
        part.spool = self.spool.new_name()
        self.spool.create(part.spool)
        self.spool.write(part.spool, chunk.offset, chunk.data)

    def _receive(self, part: Part) -> bool:
        """A version is complete: the delivery verifies it, unless a later one was verified. Inside the checkpoint's
        transaction."""
        latest = self._known.line(part).latest
        part.had = 0
        self._again.pop(part.id, None)
        if latest is not None and latest is not part and self._succession.compare(part, latest) < 0:
            self._give_up(part, FileState.SUPERSEDED, _SUPERSEDED)
        else:
            part.stage, part.state, part.reason = Stage.RECEIVED, FileState.RECEIVED, ""
            self._changed.append(part)
        self._save(part)
        part.chunks, part.extents, part.seen = ChunkSet(), {}, {}
        return part.stage is Stage.RECEIVED

    def _later_first(self, received: list[Part]) -> list[Part]:
        """Of each path the latest version first: those before it need not be delivered if it is right."""
        lines: dict[tuple[str, str, str], list[Part]] = {}
        for part in received:
            lines.setdefault((part.topic, part.path, part.installation), []).append(part)
        if len(lines) == len(received):
            return received
        order = cmp_to_key(self._succession.compare)
        return [part for line in lines.values() for part in sorted(line, key=order, reverse=True)]

    def _supersede(self, part: Part, by: Part) -> bool:
        """Give up a version under way if this one, which is verified, makes it superfluous."""
        if part.stage is not Stage.OPEN or part.has_all or part is by:
            return False
        is_same = (part.sha512, part.version, part.total, part.repeat) == (by.sha512, by.version, by.total, by.repeat)
        if not is_same and self._succession.compare(part, by) >= 0:
            return False
        self._keep_rest(part, [by])
        self._give_up(part, FileState.SUPERSEDED, _SUPERSEDED, is_news=not (part.repeat or is_same))
        return True

    def _keep_rest(self, part: Part, rivals: Iterable[Part]) -> None:
        """What was met of a version without number after a later one had begun may be the beginning of another sending."""
        rest = self._succession.rest(part, rivals, now=self.now())
        if rest is None:
            return
        family = self._known.family_of(part)
        if any(other.repeat > part.repeat for other in family):
            return
        family.append(rest)
        self._known.line(part).open.append(rest)
        self._dirty[id(rest)] = rest

    def _save(self, part: Part) -> None:
        self.files.save(part)
        self._known.saved(part)

    def _give_up(self, part: Part, state: FileState, reason: str, *, is_news: bool = True) -> None:
        part.stage, part.state, part.reason, part.had = Stage.DONE, state, reason, 0
        self._again.pop(part.id, None)
        self._let_go_of_spool(part)
        self._dirty[id(part)] = part
        if is_news:
            self._changed.append(part)

    def _lose(self, part: Part) -> None:
        """Its spool file disappeared."""
        if part.losses >= _MAX_LOSSES:
            self._give_up(part, FileState.PROBLEM, "its parts disappeared from this computer again and again")
            return
        part.losses += 1
        self._read_again(part)

    def _read_again(self, part: Part) -> None:
        self._let_go_of_spool(part)
        part.settle()
        part.had = max(part.had, part.total if part.has_all else len(part.chunks))
        part.forget_chunks()
        part.stage, part.state, part.reason = Stage.OPEN, FileState.RECEIVING, ""
        part.updated_at = self.now()
        self._dirty[id(part)] = part
        if not part.id:
            self._save_now(part)
        self._again[part.id] = part
        self.has_lost = True

    def _put_away(self, part: Part) -> None:
        """Give back the disk space; if another chunk comes, it is read again."""
        self._let_go_of_spool(part)
        self._dirty[id(part)] = part

    def _let_go_of_spool(self, part: Part) -> None:
        """Its spool file is removed after the next checkpoint."""
        if part.spool:
            self.tell_gone(part.spool)
            self._unneeded.append(part.spool)
            part.spool = ""

    def _save_now(self, part: Part) -> None:
        with self.files.journal.transaction():
            self._save(part)


_SUPERSEDED = "a later version of this file is complete"
