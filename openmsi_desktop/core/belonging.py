"""Which part a chunk belongs to: one that is under way, a new one, or none, because it was read before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from openmsi_desktop.core.chunk import Chunk
from openmsi_desktop.core.errors import ChunkError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.part import Part, Place, Stage, fitting, regular_size

_MAX_VARIANTS = 8


@dataclass(frozen=True, slots=True)
class Belonging:
    """part: write it there; with is_known only remember that it came. repeat: begin a new part with this number.

    Neither: it brings nothing.
    """

    part: Part | None = None
    is_known: bool = False
    repeat: int | None = None


NOTHING = Belonging()


def belonging(family: Sequence[Part], chunk: Chunk, place: Place, *, has_header: bool, replay: bool) -> Belonging:
    """Decide about a chunk. family: all parts of its version so far.

    replay: the message was read before; only parts that are read again want it.

    Raises:
        ChunkError: it contradicts the other chunks of its version.
    """
    complete = max((part.repeat for part in family if part.has_all), default=-1)
    parts = [part for part in family if part.stage is Stage.OPEN and part.repeat > complete]
    if not parts:
        if replay:
            return NOTHING
        return _of_closed(family, chunk, place, has_header=has_header) if family else Belonging(repeat=0)
    part = fitting(parts, chunk, family)
    if part is None:
        return NOTHING if replay else _variant(family, parts, chunk)
    if replay and (not part.is_being_read_again or part.begins_after(place)):
        return NOTHING
    return Belonging(part, is_known=chunk.index in part.chunks)


def _of_closed(family: Sequence[Part], chunk: Chunk, place: Place, *, has_header: bool) -> Belonging:
    """A chunk of a version that is closed: a repetition, or a new sending of the same content?"""
    # with our header a new sending has a new version number
    if has_header or any(part.covers(place) for part in family):
        return NOTHING
    closed = max(family, key=lambda part: (part.repeat, part.has_all))
    if closed.state is FileState.PROBLEM and not closed.has_all and chunk.index not in closed.chunks:
        return Belonging(closed, is_known=True)  # the rest of a version that cannot be rebuilt
    return Belonging(repeat=closed.repeat + 1)


def _variant(family: Sequence[Part], parts: Sequence[Part], chunk: Chunk) -> Belonging:
    """A chunk that fits to none of the parts under way: they are assembled side by side, and one of them gets complete."""
    size, repeat = regular_size(chunk), parts[-1].repeat
    if len(parts) >= _MAX_VARIANTS or (not size and any(not part.chunk_size for part in parts)):
        raise ChunkError(
            f"Chunk {chunk.index} of {chunk.path!r} contradicts the chunks that arrived before",
            "It lies at another place of the file than they leave for it. Send the file again.",
        )
    if any(part.repeat == repeat and part.chunk_size == size for part in family):
        return NOTHING  # nothing more is wanted of that variant
    return Belonging(repeat=repeat)
