"""Which of nine states the icon shows, and what it says. The worst state wins; green only when it is true.

Pure functions of a :class:`~openmsi_desktop.gui.snapshot.Snapshot`: knows no widgets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.task_kinds import DOWNLOAD, PROCESS, TRANSFER
from openmsi_desktop.gui import words
from openmsi_desktop.gui.health import CONTACT_S
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.snapshot import Snapshot, TaskNow
from openmsi_desktop.gui.task_words import files_in_need, is_reader, is_stuck

TOOLTIP = 127
"""Characters that Windows shows of an icon's tooltip."""
ONE_OFF = "one-off"
_SENDS = "sends"
"""Instead of the kind of a task that sends."""


class Overall(StrEnum):
    """From worst to best; the value is the name of the icon."""

    NEEDS_YOU = "needs-you"
    STOPPED = "stopped"
    OFFLINE = "offline"
    WARNING = "warning"
    PAUSED = "paused"
    SENDING = "sending"
    CHECKING = "checking"
    UP_TO_DATE = "up-to-date"
    STARTING = "starting"


TOKENS = {
    Overall.NEEDS_YOU: ("state/problem", "error"),
    Overall.STOPPED: ("sign/failed", "error"),
    Overall.OFFLINE: ("sign/not-yet", "offline"),
    Overall.WARNING: ("sign/warning", "attention"),
    Overall.PAUSED: ("action/pause", "paused"),
    Overall.SENDING: ("state/sending", "working"),
    Overall.CHECKING: ("action/search", "working"),
    Overall.UP_TO_DATE: ("state/sent", "ok"),
    Overall.STARTING: ("state/waiting", "waiting"),
}
"""Icon and colour of each in the window (the tray has drawings of its own)."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the icon shows. task: key of the task that is the reason; page: the tab of the window that shows it."""

    overall: Overall
    line: str
    details: str = ""
    """Totals of today."""
    task: str = ""
    page: str = "overview"
    activity: str = ""
    """What moves, where the line says something worse; empty if nothing does."""
    rest: str = ""
    """How much is left of it, and for how long."""
    share: float | None = None
    """Of what moves, how much is done."""
    is_moving: bool = False

    @property
    def tooltip(self) -> str:
        """Both lines, as long as an icon's tooltip may be."""
        room = TOOLTIP - (len(self.details) + 1 if self.details else 0)
        line = self.line if len(self.line) <= room else self.line[: room - 1] + "…"
        return f"{line}\n{self.details}" if self.details else line


def status_of(snapshot: Snapshot) -> Status:
    """The state of everything."""
    overall, line, task, page = _worst(snapshot)
    moving = [t for t in snapshot.tasks if _moves(t)]
    activity = _sending(moving) if moving else ""
    return Status(
        overall,
        _with_paused(line, snapshot, overall),
        _totals(snapshot.tasks),
        task,
        page,
        activity=activity if overall is not Overall.SENDING else "",
        rest=_rest(moving),
        share=_share(moving),
        is_moving=bool(moving),
    )


_Found = tuple[Overall, str, str, str]


def _worst(snapshot: Snapshot) -> _Found:
    tasks = snapshot.tasks
    on = [t for t in tasks if not t.is_paused]
    if found := _needs_you(tasks):
        return found
    if snapshot.role == Role.STOPPED or (snapshot.role == Role.STARTING and snapshot.is_late):
        return Overall.STOPPED, tr("Not running – nothing is being sent"), "", "stopped"
    if snapshot.role == Role.STARTING:
        return Overall.STARTING, tr("Starting…"), "", ""
    if snapshot.is_blind:
        return Overall.WARNING, tr("What is going on cannot be seen now"), "", ""
    if offline := [t for t in on if t.is_offline]:
        return Overall.OFFLINE, _offline(offline, snapshot.at), offline[0].key, "overview"
    if found := _warning(tasks):
        return found
    if not tasks:
        return Overall.STARTING, tr("No tasks yet – nothing is being sent"), "", ""
    if not [t for t in on if t.kind != ONE_OFF or t.pending] and len(on) < len(tasks):
        return _paused([t for t in tasks if t.is_paused], snapshot.at)
    if busy := [t for t in on if t.pending]:
        moving = [t for t in busy if _moves(t)]
        text = _sending(moving) if moving else _waiting(busy)
        return Overall.SENDING, text, (moving or busy)[0].key, "overview"
    if waiting := [t for t in tasks if t.is_paused and t.pending]:
        return _paused(waiting, snapshot.at)
    return _nearly_there(on, snapshot.at)


def _nearly_there(on: Sequence[TaskNow], now: float) -> _Found:
    """Nothing is wrong, and nothing is left to do: is that known for certain?"""
    for task in on:
        if task.checking:
            return Overall.CHECKING, tr("Checking what arrived"), task.key, "overview"
        if task.kind == ONE_OFF:
            continue
        if task.state is TaskState.STARTING and task.is_late:
            return Overall.CHECKING, tr("Looking for new files…"), task.key, "overview"
        if task.state is not TaskState.RUNNING:
            return Overall.STARTING, tr("Starting…"), task.key, "overview"
        if not _is_sure(task, now):
            text = (
                tr("Looking for new files…") if _is_answered(task, now) else tr("Asking whether the broker is there…")
            )
            return Overall.CHECKING, text, task.key, "overview"
    return Overall.UP_TO_DATE, _all_done(on, now), "", ""


def _is_answered(task: TaskNow, now: float) -> bool:
    return task.contact_at is not None and now - task.contact_at <= CONTACT_S


def _is_sure(task: TaskNow, now: float) -> bool:
    """Its broker answered a moment ago, its folder is watched and was looked through in time."""
    return _is_answered(task, now) and bool(task.health) and all(line.ok for line in task.health)


def _needs_you(tasks: Sequence[TaskNow]) -> _Found | None:
    stuck = [t for t in tasks if is_stuck(t)]
    files = sum(files_in_need(t) for t in tasks)
    if files:
        first = next(t for t in tasks if files_in_need(t))
        return Overall.NEEDS_YOU, tr("%n file(s) need your attention", "", files), first.key, "problems"
    if stuck:
        return Overall.NEEDS_YOU, fill(tr("%1: %2"), stuck[0].name, stuck[0].title), stuck[0].key, "overview"
    for task in tasks:
        if task.problem_count:
            title = task.problems[0].title if task.problems else tr("needs your attention")
            return Overall.NEEDS_YOU, fill(tr("%1: %2"), task.name, title), task.key, "problems"
    return None


def _offline(tasks: Sequence[TaskNow], now: float) -> str:
    pending = sum(t.pending for t in tasks)
    since = min((t.contact_at for t in tasks if t.contact_at is not None), default=None)
    if since is None:
        if not pending:
            return tr("Offline – nothing is waiting")
        return tr("Offline – %n file(s) waiting, safe on this computer", "", pending)
    when = words.clock(since, now=now)
    if not pending:
        return fill(tr("Offline since %1 – nothing is waiting"), when)
    return fill(tr("Offline since %1 – %n file(s) waiting, safe on this computer", "", pending), when)


def _warning(tasks: Sequence[TaskNow]) -> _Found | None:
    for task in tasks:
        if task.is_paused:
            continue
        if task.state is TaskState.WAITING:
            return Overall.WARNING, fill(tr("%1: %2"), task.name, task.title), task.key, "overview"
        for line in task.health:
            if line.ok is False and line.name != "broker":
                return Overall.WARNING, fill(tr("%1: %2"), task.name, line.text), task.key, "overview"
        if count := task.counts.get(FileState.INCOMPLETE, 0):
            text = tr("%n file(s) did not arrive whole", "", count)
            return Overall.WARNING, fill(tr("%1: %2"), task.name, text), task.key, "problems"
    return None


def _paused(tasks: Sequence[TaskNow], now: float) -> _Found:
    untils = {t.paused_until for t in tasks}
    until = untils.pop() if len(untils) == 1 else None
    pending = sum(t.pending for t in tasks)
    text = tr("Paused") if until is None else fill(tr("Paused until %1"), words.clock(until, now=now))
    if pending:
        text = fill(tr("%1 – %n file(s) waiting", "", pending), text)
    return Overall.PAUSED, text, tasks[0].key, "overview"


def _moves(task: TaskNow) -> bool:
    return not task.is_paused and any(m.state in (FileState.SENDING, FileState.RECEIVING) for m in task.moving)


def _sending(moving: Sequence[TaskNow]) -> str:
    done, total = (sum(t.batch[i] for t in moving) for i in (0, 1))
    number, all_ = words.number(min(done + 1, total)), words.number(total)
    rate = sum(t.rate for t in moving)
    kinds = {t.kind if is_reader(t) else _SENDS for t in moving}
    text = fill(_doing(kinds.pop() if len(kinds) == 1 else ""), number, all_)
    return fill(tr("%1 · %2"), text, words.rate(rate)) if rate >= 1 else text


def _waiting(busy: Sequence[TaskNow]) -> str:
    pending = sum(t.pending for t in busy)
    kinds = {t.kind if is_reader(t) else _SENDS for t in busy}
    return {
        _SENDS: tr("%n file(s) waiting to be sent", "", pending),
        DOWNLOAD: tr("%n file(s) are being received", "", pending),
        TRANSFER: tr("%n file(s) waiting to be stored", "", pending),
        PROCESS: tr("%n file(s) waiting to be processed", "", pending),
    }.get(kinds.pop() if len(kinds) == 1 else "", tr("%n file(s) waiting", "", pending))


def _doing(kind: str) -> str:
    """What is being done with files. kind: of all tasks that do something, _SENDS for those that send; empty: several."""
    if not kind:
        return tr("Working on %1 of %2")
    return tr("Sending %1 of %2") if kind == _SENDS else tr("Receiving %1 of %2")


def _rest(moving: Sequence[TaskNow]) -> str:
    left = sum(t.bytes_left for t in moving)
    if not left:
        return ""
    text = fill(tr("%1 left"), words.size(left))
    times = [t.seconds_left for t in moving if t.bytes_left]
    known = [s for s in times if s is not None]
    if not known or len(known) < len(times):
        return text
    return fill(tr("%1 · about %2"), text, words.duration(max(known)))


def _share(moving: Sequence[TaskNow]) -> float | None:
    done, total = (sum(t.batch[i] for t in moving) for i in (0, 1))
    parts = sum(m.done or 0.0 for t in moving for m in t.moving)
    return min(1.0, (done + min(parts, total - done)) / total) if total else None


def _all_done(on: Sequence[TaskNow], now: float) -> str:
    last = max((t.last_file.updated_at for t in on if t.last_file is not None), default=None)
    sends = any(not is_reader(t) for t in on)
    if last is None:
        return tr("Everything sent – no files yet") if sends else tr("Up to date – no files yet")
    text = tr("Everything sent – last file %1") if sends else tr("Up to date – last file %1")
    return fill(text, words.clock(last, now=now))


def _with_paused(line: str, snapshot: Snapshot, overall: Overall) -> str:
    """How many are paused, if not all of them; then it is not everything that was sent."""
    tasks = [t for t in snapshot.tasks if t.kind != ONE_OFF]
    paused = sum(t.is_paused for t in tasks)
    if not paused or paused == len(tasks):
        return line
    if overall is Overall.UP_TO_DATE:
        on = [t for t in snapshot.tasks if not t.is_paused]
        last = max((t.last_file.updated_at for t in on if t.last_file is not None), default=None)
        line = (
            tr("Up to date")
            if last is None
            else fill(tr("Up to date – last file %1"), words.clock(last, now=snapshot.at))
        )
    suffix = fill(tr("(%1 of %2 paused)"), words.number(paused), words.number(len(tasks)))
    room = TOOLTIP - len(_totals(snapshot.tasks)) - len(suffix) - 2
    short = line if len(line) <= room else line[: room - 1] + "…"
    return fill(tr("%1 %2"), short, suffix)


def _totals(tasks: Sequence[TaskNow]) -> str:
    """What was done today, over all tasks."""
    sums = {state: sum(t.today.get(state, 0) for t in tasks) for state in _TOTALS}
    texts = {
        FileState.SENT: tr("%n sent", "", sums[FileState.SENT]),
        FileState.CHECKED: tr("%n checked", "", sums[FileState.CHECKED]),
        FileState.ARRIVED: tr("%n arrived", "", sums[FileState.ARRIVED]),
    }
    shown = [text for state, text in texts.items() if sums[state]]
    shown += _delivered(tasks)
    return fill(tr("Today: %1"), " · ".join(shown)) if shown else ""


def _delivered(tasks: Sequence[TaskNow]) -> list[str]:
    """What readers did today: what is stored in a bucket was not only received."""
    sums = Counter[str]()
    for task in tasks:
        sums[task.kind] += task.today.get(FileState.DELIVERED, 0)
    texts = {
        DOWNLOAD: tr("%n received", "", sums[DOWNLOAD]),
        TRANSFER: tr("%n stored", "", sums[TRANSFER]),
        PROCESS: tr("%n processed", "", sums[PROCESS]),
    }
    return [text for kind, text in texts.items() if sums[kind]]


_TOTALS = (FileState.SENT, FileState.CHECKED, FileState.ARRIVED)
