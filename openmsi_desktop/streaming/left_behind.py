"""Files that were received for a task which is no longer in the settings, or is another one now, and that go nowhere.

A reader without a folder is known by its first sink, its group and its first topic (see :mod:`keys`): whoever renames or removes
that sink has a new task, which begins anew. What the old one has received lies on this disk, perhaps nowhere else any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openmsi_desktop.core import amounts
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Download
from openmsi_desktop.settings_form import Unfit, remade
from openmsi_desktop.streaming.keys import Task

TITLE = "Received files wait for a task that is no longer in the settings"


@dataclass(frozen=True, slots=True)
class _Left:
    task: Download
    count: int
    size: int


def tell(journal: Journal, wanted: Mapping[str, Task]) -> None:
    """Say so at the task that has taken its place, and take that back when nothing waits any more. wanted: all tasks, by key."""
    left = _left(journal, wanted)
    for key, task in wanted.items():
        found = next((one for one in left if isinstance(task, Download) and _is_successor(task, one.task)), None)
        if found is None:
            journal.solve_problems(key, title=TITLE)
        else:
            journal.add_problem(key, TITLE, _advice(found))


def _left(journal: Journal, wanted: Mapping[str, Task]) -> list[_Left]:
    rows = journal.query(
        """SELECT task, count(*), sum(size) FROM incoming INDEXED BY incoming_due JOIN sources ON sources.id = incoming.source
        WHERE stage IN (1, 2) GROUP BY task"""
    )
    found = []
    for key, count, size in rows:
        if key not in wanted:
            try:
                found.append(_Left(remade(Download, journal.details(key)), count, size))
            except Unfit:  # it never came as far as saying what it is
                continue
    return found


def _is_successor(task: Download, old: Download) -> bool:
    """Whether a person would take one for the other."""
    same_source = task.connection == old.connection and task.topics[0] == old.topics[0]
    return same_source and (task.title == old.title or bool({*task.sinks} & {*old.sinks}))


def _advice(left: _Left) -> str:
    old = left.task
    place = f"the folder {old.target}" if old.target is not None else f'"{old.sinks[0]}" as its first destination'
    group = f' and the group "{old.group}"' if old.group else ""
    return (
        f'Files that were received while "{old.title}" had {place}{group} ({left.count:,}, {amounts.size(left.size)}) lie on this '
        "disk and are not delivered any more, because that makes it another task. Nothing is deleted. To have them delivered, enter that "
        "again until they are; other destinations may stand behind it. If the topic still has them, or nobody needs them, ignore "
        "this."
    )
