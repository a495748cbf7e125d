"""A version that was given up half-way, and readers of OpenMSIStream that wait for the rest of it.

Such a reader holds one version of a path in memory. Another one that arrives is dropped chunk by chunk, unless it has
more chunks (or as many, and a later time); then the first chunk that arrives only makes the reader forget the version
it held, and is lost [seen with 1.8.8]. So the next version is cut into more chunks than the one that was given up, and
its first chunk is sent twice. Our own readers need neither, and are not disturbed by it.
"""

from __future__ import annotations

from openmsi_desktop.core.chunker import FilePlan
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.outgoing import Torn

LEAST = 1024
"""Bytes in a chunk; smaller ones are not worth their messages."""


def chunk_size_after(torn: Torn | None, plan: FilePlan) -> int:
    """Into which pieces this version is to be cut, in bytes, so that readers who hold a part of ``torn`` take it."""
    if torn is None:
        return plan.chunk_size
    if torn.sha512 == plan.sha512:
        return torn.chunk_size  # what they hold is a part of this very file; other pieces would confuse them
    if plan.total > torn.total:
        return plan.chunk_size
    smaller = (plan.size - 1) // torn.total
    return smaller if smaller >= LEAST else plan.chunk_size


def is_taken(plan: FilePlan, torn: int) -> bool:
    """Whether readers take this version who hold a part of another one with ``torn`` chunks."""
    return plan.total > torn


def may_be_ignored(plan: FilePlan) -> NeedsYou:
    """What is told of a version that is too small to be cut into enough pieces."""
    return NeedsYou(
        "OpenMSIStream readers may ignore this version",
        "An earlier and much bigger version of the file was interrupted while it was being sent. Programs of "
        "OpenMSIStream that were reading then still wait for the rest of it and pass this version over; OpenMSI Desktop "
        f"delivers it. Restart those programs, then send the file once more: openmsi-desktop send {plan.local}",
        path=plan.local,
    )
