"""Did this computer lose its power while it was ours to watch? Marks in the journal, set at start and at an orderly end.

After a loss of power file systems may hold files whose bytes never reached the disk: their length and their times are
right, their contents are zeros, or they are shorter than they were. :mod:`sending.power_loss` looks for them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass

from openmsi_desktop.core import machine
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.machine import Boot

log = logging.getLogger(__name__)

_MARK = "streaming since boot"
_LOSS = "power loss"


@dataclass(frozen=True, slots=True)
class PowerLoss:
    """This computer went down without warning. Seconds since 1970.

    began: start of the life that ended badly, as far as is known; back: when the computer was started again.
    """

    began: float
    back: float


def begin(
    journal: Journal,
    *,
    boot: Boot | None = None,
    shut_down: Callable[[float], bool | None] = machine.was_shut_down_in_order,
) -> None:
    """Streaming begins: look at how the last life of this computer ended, and mark that this one has begun.

    shut_down: what the operating system tells, see :func:`machine.was_shut_down_in_order`; it decides where it knows,
    else our own mark does.
    """
    boot = boot or machine.this_boot()
    known = json.loads(journal.get_meta(_MARK) or "{}")
    if known:
        before = Boot(known["id"], known["at"])
        if not before.is_same(boot) and not _was_orderly(known, shut_down):
            log.warning("this computer went down without warning; damaged files are looked for")
            journal.set_meta(_LOSS, json.dumps({"began": before.at, "back": boot.at}))
    _mark(journal, boot, is_over=False)


def end(journal: Journal, *, boot: Boot | None = None) -> None:
    """Streaming ends in order."""
    _mark(journal, boot or machine.this_boot(), is_over=True)


def last_loss(journal: Journal) -> PowerLoss | None:
    """The last loss of power; its files may still be waiting. None: never."""
    known = journal.get_meta(_LOSS)
    return None if known is None else PowerLoss(**json.loads(known))


def _was_orderly(known: dict[str, float], shut_down: Callable[[float], bool | None]) -> bool:
    told = shut_down(known["marked"])
    return bool(known["over"]) if told is None else told


def _mark(journal: Journal, boot: Boot, *, is_over: bool) -> None:
    mark = {"id": boot.id, "at": boot.at, "marked": journal.now(), "over": is_over}
    journal.set_meta(_MARK, json.dumps(mark))
