"""One task in a few words: its icon, its colour, its line in the list. Pure functions of a TaskNow; knows no widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.snapshot import TaskNow

_READERS = ("download",)


@dataclass(frozen=True, slots=True)
class Face:
    """How a task is shown. icon and token: see look.draw; chip: a few words; line: with more; share: of a bar, if there is one."""

    icon: str
    token: str
    chip: str
    line: str
    share: float | None = None


def is_reader(task: TaskNow) -> bool:
    """It receives files; the others send them."""
    return task.kind in _READERS


def face_of(task: TaskNow, *, now: float | None = None) -> Face:
    """The worst of what there is to say about a task."""
    now = time.time() if now is None else now
    if task.state is TaskState.FAILED:
        chip = tr("Stopped")
        return Face("state/problem", "error", chip, fill(tr("Stopped: %1"), task.title))
    if needy := needs_you(task):
        text = tr("%n file(s) need your attention", "", needy) if files_in_need(task) else tr("Needs your attention")
        return Face("state/problem", "error", text, text)
    if task.is_paused:
        return Face("action/pause", "paused", pause_words(task, now=now), pause_words(task, now=now))
    if task.is_offline:
        chip = tr("Offline")
        return Face("sign/not-yet", "offline", chip, offline_words(task, now=now))
    if task.state is TaskState.WAITING:
        return Face("state/waiting", "waiting", tr("Waiting"), task.title or tr("Waiting"))
    if task.state is TaskState.STARTING or (task.state is TaskState.IDLE and task.is_known):
        return Face("state/waiting", "waiting", tr("Starting…"), tr("Starting…"))
    if task.state in (TaskState.STOPPED, TaskState.STOPPING, TaskState.IDLE) and not _is_done_once(task):
        return Face("sign/not-yet", "offline", tr("Not running"), tr("Not running"))
    if task.pending:
        return _busy(task)
    return _up_to_date(task, now)


def needs_you(task: TaskNow) -> int:
    """How many things of this task wait for a person: problems, and files that are held."""
    return max(len(task.problems), files_in_need(task))


def files_in_need(task: TaskNow) -> int:
    """Files that wait for a person."""
    with_problems = {p.path for p in task.problems if p.path}
    held = sum(task.counts.get(s, 0) for s in (FileState.HELD, FileState.PROBLEM, FileState.INCOMPLETE))
    return max(len(with_problems), held)


def pause_words(task: TaskNow, *, now: float | None = None) -> str:
    """Until when it is paused."""
    if task.paused_until is None:
        return tr("Paused until you resume")
    return fill(tr("Paused until %1"), words.clock(task.paused_until, now=now))


def offline_words(task: TaskNow, *, now: float | None = None) -> str:
    """Since when there is no contact, and how many files wait."""
    if task.contact_at is None:
        return tr("Offline")
    return fill(tr("Offline since %1"), words.clock(task.contact_at, now=now))


def _busy(task: TaskNow) -> Face:
    moving = [m for m in task.moving if m.state in (FileState.SENDING, FileState.RECEIVING)]
    reads = is_reader(task)
    if not moving:
        text = tr("%n file(s) waiting", "", task.pending)
        return Face("state/waiting", "waiting", text, text)
    many = words.number(len(moving))
    total = words.number(max(task.pending, len(moving)))
    chip = fill(tr("Receiving %1 of %2") if reads else tr("Sending %1 of %2"), many, total)
    line = chip
    if task.rate >= 1:
        line = fill(tr("%1 · %2"), chip, words.rate(task.rate))
    done = sum(task.today.get(s, 0) for s in ((FileState.DELIVERED,) if reads else (FileState.SENT,)))
    parts = sum(m.done or 0.0 for m in moving)
    share = (done + parts) / max(1.0, done + task.pending)
    return Face("state/receiving" if reads else "state/sending", "working", chip, line, min(1.0, share))


def _up_to_date(task: TaskNow, now: float) -> Face:
    chip = tr("All sent") if task.kind == "one-off" else tr("Up to date")
    if task.last_file is None:
        return Face("state/sent", "ok", chip, chip)
    line = fill(tr("%1 · last file %2"), chip, words.clock(task.last_file.updated_at, now=now))
    return Face("state/sent", "ok", chip, line)


def _is_done_once(task: TaskNow) -> bool:
    return task.kind == "one-off" and task.state is TaskState.STOPPED and not task.pending
