"""One task in a few words: its icon, its colour, its line in the list. Pure functions of a TaskNow; knows no widgets."""

from __future__ import annotations

import time
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.task_kinds import PROCESS, READERS, TRANSFER
from openmsi_desktop.gui import words
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.snapshot import TaskNow

_MOVING = (FileState.SENDING, FileState.RECEIVING)


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
    return task.kind in READERS


def place_icons(task: TaskNow) -> tuple[str, str]:
    """Icons of where its files come from and go to."""
    if not is_reader(task):
        return "action/open-folder", "sign/topic"
    return "sign/topic", {TRANSFER: "task/s3", PROCESS: "task/processor"}.get(task.kind, "action/open-folder")


def is_stuck(task: TaskNow) -> bool:
    """The task as a whole waits for a person."""
    return task.state is TaskState.FAILED or (task.needs_you and not task.is_paused)


def files_in_need(task: TaskNow) -> int:
    """Files that wait for a person."""
    waiting = sum(task.counts.get(s, 0) for s in (FileState.HELD, FileState.PROBLEM))
    return max(len({p.path for p in task.problems if p.path}), waiting)


def needs_you(task: TaskNow) -> int:
    """How many things of this task wait for a person: files, or problems of the task itself."""
    return max(files_in_need(task), task.problem_count, int(is_stuck(task)))


def face_of(task: TaskNow, *, now: float | None = None) -> Face:
    """The worst of what there is to say about a task."""
    now = time.time() if now is None else now
    if task.state is TaskState.FAILED:
        return Face("state/problem", "error", tr("Stopped"), fill(tr("Stopped: %1"), task.title))
    if needs_you(task):
        files = files_in_need(task)
        text = tr("%n file(s) need your attention", "", files) if files else tr("Needs your attention")
        return Face("state/problem", "error", text, text if files else task.title or text)
    if task.is_paused:
        text = pause_words(task, now=now)
        return Face("action/pause", "paused", text, text)
    if task.is_offline:
        return Face("sign/not-yet", "offline", tr("Offline"), offline_words(task, now=now))
    if task.state is TaskState.WAITING:
        return Face("sign/warning", "attention", tr("Waiting"), task.title or tr("Waiting"))
    if task.pending and task.state in (TaskState.RUNNING, TaskState.STARTING):
        return _busy(task)
    if task.state is TaskState.STARTING or not task.is_known:
        text = tr("Looking for new files…") if task.is_late else tr("Starting…")
        return Face("state/waiting", "waiting", text, text)
    if task.state is not TaskState.RUNNING and task.kind != "one-off":
        return Face("state/waiting", "waiting", tr("Not running"), tr("Not running"))
    if task.pending:
        return _busy(task)
    if task.checking:
        return Face("action/search", "working", tr("Checking"), tr("%n file(s) being checked", "", task.checking))
    for broken in task.health:
        if broken.ok is False and broken.name != "broker":
            return Face("sign/warning", "attention", tr("Warning"), broken.text)
    if count := task.counts.get(FileState.INCOMPLETE, 0):
        text = tr("%n file(s) did not arrive whole", "", count)
        return Face("sign/warning", "attention", text, text)
    return _up_to_date(task, now)


def pause_words(task: TaskNow, *, now: float | None = None) -> str:
    """Until when it is paused."""
    if task.paused_until is None:
        return tr("Paused")
    return fill(tr("Paused until %1"), words.clock(task.paused_until, now=now))


def offline_words(task: TaskNow, *, now: float | None = None) -> str:
    """Since when there is no contact, and how many files wait."""
    if task.contact_at is None:
        return tr("Offline – %n file(s) waiting", "", task.pending) if task.pending else tr("Offline")
    when = words.clock(task.contact_at, now=now)
    if task.pending:
        return fill(tr("Offline since %1 – %n file(s) waiting", "", task.pending), when)
    return fill(tr("Offline since %1"), when)


def _busy(task: TaskNow) -> Face:
    moving = [m for m in task.moving if m.state in _MOVING]
    reads = is_reader(task)
    if not moving:
        text = tr("%n file(s) waiting", "", task.pending)
        return Face("state/waiting", "waiting", text, text)
    done, total = task.batch
    total = max(total, task.pending)
    chip = fill(
        tr("Receiving %1 of %2") if reads else tr("Sending %1 of %2"),
        words.number(min(done + 1, total)),
        words.number(total),
    )
    line = fill(tr("%1 · %2"), chip, words.rate(task.rate)) if task.rate >= 1 else chip
    parts = sum(m.done or 0.0 for m in moving)
    share = min(1.0, (done + min(parts, float(task.pending))) / max(1, total))
    return Face("state/receiving" if reads else "state/sending", "working", chip, line, share)


def _up_to_date(task: TaskNow, now: float) -> Face:
    chip = tr("All sent") if task.kind == "one-off" else tr("Up to date")
    if task.last_file is None:
        return Face("state/sent", "ok", chip, fill(tr("%1 · no files yet"), chip))
    when = words.clock(task.last_file.updated_at, now=now)
    return Face("state/sent", "ok", chip, fill(tr("%1 · last file %2"), chip, when))
