"""The card for what stands in the way of a whole task: no contact, a missing folder, a question that only a person can answer."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from openmsi_desktop.core.advice import without_commands
from openmsi_desktop.core.events import TaskState
from openmsi_desktop.gui import actions, file_words, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import connection, sink
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.words import Sink, is_about, place_of, sinks_of
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.gui.task_words import is_reader
from openmsi_desktop.gui.window.problem_card import Card
from openmsi_desktop.settings import Download, WatchedFolder


class TaskCard(Card):
    """Says what the task waits for, and offers what helps."""

    def __init__(self, desktop: Desktop, parent: QWidget) -> None:
        super().__init__(desktop.look, parent, icon="state/problem", token="error")
        self._desktop = desktop
        self._task: TaskNow | None = None
        self.asked.connect(self._do)

    def show_task(self, task: TaskNow) -> None:
        """This task, as it is now."""
        self._task = task
        title, advice, retry_at = _worst(task)
        self.title.setText(file_words.shown(title))
        self.text.setText(file_words.shown(without_commands(advice)))
        self.text.setVisible(bool(advice))
        self.count.setText(self.tr("the whole task"))
        self.next.setText(fill(self.tr("Next try %1"), words.clock(retry_at)) if retry_at else "")
        self.offer(self._offers(task, title, advice))
        self.setAccessibleName(title)

    def _named(self, title: str) -> list[Sink]:
        """Further buckets and programs of the task that a sentence names; the first one is edited with the task."""
        item = self._item()
        if not isinstance(item, Download):
            return []
        sinks = sinks_of(self._desktop.store.settings, item)
        return [s for s in sinks[0 if item.target is not None else 1 :] if is_about(title, s)]

    def _is_about_a_sink(self, title: str) -> bool:
        """Then the connection to the broker has nothing to do with it."""
        if self._task is None or self._task.is_offline:
            return False
        item = self._item()
        sinks = sinks_of(self._desktop.store.settings, item) if isinstance(item, Download) else []
        return any(is_about(title, sink) for sink in sinks)

    def _offers(self, task: TaskNow, title: str, advice: str) -> list[tuple[str, str, str]]:
        if "decide" in advice and "--send" in advice:
            return _answers(task, advice)
        offers = [("try", tr("Try now"), "action/rescan")]
        item = self._item()
        if item is not None and item.connection and not self._is_about_a_sink(title):
            offers.append(("connection", tr("Edit or test the connection…"), "sign/connection"))
        offers += [
            (f"sink {s.name}", fill(self.tr("Edit “%1”…"), place_of(s)), "action/edit") for s in self._named(title)
        ]
        if item is not None:
            offers.append(("edit", tr("Edit the task…"), "action/edit"))
        return offers

    def _item(self) -> WatchedFolder | Download | None:
        found = actions.find(self._desktop, self._task.key) if self._task is not None else None
        return found[1] if found is not None and isinstance(found[1], (WatchedFolder, Download)) else None

    @Slot(str)
    def _do(self, asked: str) -> None:
        task, item = self._task, self._item()
        if task is None:
            return
        if asked == "try":
            actions.try_now(self._desktop, task.key)
        elif asked == "edit":
            found = actions.find(self._desktop, task.key)
            if found is not None:
                found[0].edit(self._desktop, self.window(), found[1])
        elif asked.startswith("sink "):
            for known in sinks_of(self._desktop.store.settings, item) if isinstance(item, Download) else ():
                if known.name == asked.partition(" ")[2]:
                    sink.open_dialog(self._desktop, self.window(), known)
        elif asked == "connection" and item is not None:
            connections = {c.name: c for c in self._desktop.store.settings.connections}
            connection.open_dialog(self._desktop, self.window(), connections.get(item.connection))
        elif asked.startswith("decide"):
            folder = item.path if isinstance(item, WatchedFolder) else item.target if item is not None else None
            self._decide(task, folder, asked.partition(" ")[2])

    def _decide(self, task: TaskNow, folder: Path | None, argument: str) -> None:
        self._desktop.host.ask(
            "decide",
            task=task.key,
            path=str(folder or ""),
            argument=argument,
            then=lambda answer: self._desktop.observer.look_now(),
        )


def _worst(task: TaskNow) -> tuple[str, str, float | None]:
    """(title, advice, next try) of what the task waits for."""
    about = [p for p in task.problems if not p.path]
    if task.title and task.state in (TaskState.WAITING, TaskState.FAILED):
        same = next((p for p in about if p.title == task.title), None)
        return task.title, task.advice, same.retry_at if same is not None else None
    return about[-1].title, about[-1].advice, about[-1].retry_at


def _answers(task: TaskNow, advice: str) -> list[tuple[str, str, str]]:
    """What can be decided, by the question that the advice puts."""
    if "--skip" in advice:
        skip = tr("It was sent already") if "trusts" in advice else tr("Only what is new")
        return [("decide send", tr("Send everything again"), ""), ("decide skip", skip, "")]
    if "date is right" in advice:
        return [("decide send", tr("Today’s date is right"), ""), ("try", tr("Try now"), "")]
    if is_reader(task) and "from its beginning" in advice:
        return [("decide send", tr("Read the new topic from its beginning"), "")]
    return [("decide send", tr("It is the right folder"), ""), ("try", tr("Try now"), "")]
