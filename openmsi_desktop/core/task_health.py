"""How well a task works, as far as is known: when its broker answered, how its folder is watched, room on its disk.

Whoever streams journals it (:func:`write`), so that every process of the same user can show it (:func:`read`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from openmsi_desktop.core.journal import Journal, for_people


@dataclass(frozen=True, slots=True)
class TaskHealth:
    """What a task knows of itself. Moments in seconds since 1970, None where nothing is known yet."""

    contact_at: float | None = None
    """When its broker answered a question last; idle or not, it is asked about once a minute."""
    watching: str = ""
    """How it learns of changes: ``events`` of the system, or ``polling``. Empty: it watches nothing, or not yet."""
    trouble: str = ""
    """Why it does not rely on events, for people; empty if there is nothing to say."""
    scanned_at: float | None = None
    """When it had last looked through the whole folder."""
    due_s: float | None = None
    """Seconds after that by which it should have done so again."""
    missed: int = 0
    """Changes that the look found and that no event had announced."""
    disk: str = ""
    """The folder whose disk is meant by ``free``."""
    free: int | None = None
    """Bytes free on that disk."""
    receipts: str = ""
    """How the reading of receipts goes: ``reading``, ``absent`` (there is no topic for them) or ``trouble``. Empty: none are read."""
    receipts_note: str = ""
    """What a person should know of that, without full stop."""


_FIELDS = frozenset(item.name for item in fields(TaskHealth))
_NUMBERS = {"contact_at": float, "scanned_at": float, "due_s": float, "missed": int, "free": int}


def write(journal: Journal, healths: Mapping[str, TaskHealth]) -> None:
    """Journal the health of tasks (by their keys), all at once.

    Raises:
        RetryableError, NeedsYou: the journal cannot be written now.
    """
    with journal.transaction():
        for key, health in healths.items():
            journal.set_meta(_name(key), for_people(json.dumps(asdict(health))))


def read(journal: Journal, key: str) -> TaskHealth:
    """What was journalled last about a task; empty if nothing was, or not by a release that is understood here.

    Raises:
        RetryableError, NeedsYou: the journal cannot be read now.
    """
    try:
        found = json.loads(journal.get_meta(_name(key)) or "{}")
        known = {name: value for name, value in found.items() if name in _FIELDS and value is not None}
        return TaskHealth(**{name: _NUMBERS.get(name, str)(value) for name, value in known.items()})
    except (ValueError, TypeError, AttributeError):
        return TaskHealth()


def _name(key: str) -> str:
    return f"health {key}"
