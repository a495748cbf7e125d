"""Add or change a watched folder: where from and to, which files, when they are finished; and what that means, live."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QLocale, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QRadioButton, QVBoxLayout, QWidget

from openmsi_desktop.core.rules import Rules
from openmsi_desktop.gui import folders, topics
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, Finding, Fold, Form, Note, PathEdit, heading
from openmsi_desktop.gui.preview.judging import Counts
from openmsi_desktop.gui.preview.view import PreviewView
from openmsi_desktop.gui.preview.wishes import Patterns
from openmsi_desktop.gui.tasks import estimate, saving
from openmsi_desktop.gui.tasks.dialog import TaskDialog
from openmsi_desktop.gui.tasks.finished import Finished
from openmsi_desktop.gui.tasks.more import More
from openmsi_desktop.gui.tasks.which import WhichFiles
from openmsi_desktop.settings import Settle, WatchedFolder
from openmsi_desktop.settings_form import make
from openmsi_desktop.streaming.keys import task_key
from openmsi_desktop.streaming.rules import rules_of


def open_dialog(desktop: Desktop, parent: QWidget, item: WatchedFolder | None = None, *, is_copy: bool = False) -> None:
    """Open it; it writes into the settings when a person is done. item: to be changed, or to start a copy from."""
    WatchDialog(desktop, parent, item, is_copy=is_copy).open()


class WatchDialog(TaskDialog[WatchedFolder]):
    """See the module."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: WatchedFolder | None = None,
        *,
        is_copy: bool = False,
        source: topics.Topics | None = None,
    ) -> None:
        """source: stands in for the brokers."""
        empty = WatchedFolder(path=Path("."), connection="?", topic="?")
        super().__init__(desktop, parent, item, empty, kind="watched_folders", is_copy=is_copy, source=source)
        self.setWindowTitle(self.tr("Send a folder") if self.is_new else self.tr("Change what is sent"))
        self.verb.setText(self.tr("Start sending") if self._old is None else self.tr("Save"))
        self._facts: folders.FolderFacts | None = None
        self._other = ""
        self._counts = Counts()
        self._seen: Path | None = None
        self._timer.timeout.connect(self._look_at_folder)
        self._build()
        self._show(item)
        self._connect()
        self.resize(1040, 690)
        self.folder_changed()
        self.place.show_topics()

    # -- building

    def _build(self) -> None:
        look = self.look
        head = QWidget(self)
        self.top = Form(look, head)
        self._add_name(self.top)
        self.path = PathEdit(look, self.tr("Choose the folder to send"))
        self.path_field = self.top.add(self.tr("Folder"), self.path, check=self._check_path, outlined=self.path.line)
        self._add_place(self.top, self.tr("To"), sends=True)
        self.anew = Note(look, parent=head)
        self.top.add_wide(self.anew)
        above = QVBoxLayout(head)
        above.setContentsMargins(20, 16, 20, 8)
        above.addWidget(self.top)
        self.which = WhichFiles(look, self.body)
        self.there = QWidget(self.body)
        self.send_all = QRadioButton(self.there)
        self.only_new = QRadioButton(self.tr("Only new and changed files from now on"), self.there)
        self.how_long = Note(look, is_small=True, parent=self.there)
        there = QVBoxLayout(self.there)
        there.setContentsMargins(0, 0, 0, 0)
        there.setSpacing(6)
        there.addWidget(heading(look, self.tr("Files already there"), self.there))
        there.addWidget(self.send_all)
        there.addWidget(self.how_long)
        there.addWidget(self.only_new)
        self.settling = Finished(look, self.body)
        self.more = More(look)
        self.more_fold = Fold(self.tr("More: speed, timetable, checking, receipts, folder on the topic"), self.more)
        left = QVBoxLayout(self.body)
        left.setContentsMargins(20, 8, 16, 16)
        left.setSpacing(16)
        for widget in (self.which, self.there, self.settling, self.more_fold):
            left.addWidget(widget)
        left.addStretch(1)
        self.preview = PreviewView(look, self)
        side = QVBoxLayout()
        side.setContentsMargins(4, 8, 20, 16)
        side.addWidget(self.preview)
        self.above.addWidget(head)
        self.middle.addLayout(side, 1, 1)
        self.middle.setColumnStretch(0, 10)
        self.middle.setColumnStretch(1, 12)
        Form.align([self.top, self.which.form, self.which.details])
        self.watch([*self.top, *self.which.fields, *self.settling.fields, *self.more, *self.more.technical])

    def _connect(self) -> None:
        self.path.changed.connect(self.folder_changed)
        self.topic.found.connect(self._show_topic)
        self.topic.changed.connect(self._show_anew)
        self.topic.chunk_size = lambda: self.more.chunk.bytes
        self.more.chunk.changed.connect(self.topic.look_again)
        self.more.subfolder.textChanged.connect(self._rules_changed)
        self.more.limit.changed.connect(self._show_how_long)
        self.which.changed.connect(self._rules_changed)
        self.which.subfolders.toggled.connect(self.settling.allow_folders)
        self.which.patterns.include.set_offers(self._offers)
        self.which.patterns.exclude.set_offers(self._offers)
        self.settling.changed.connect(self._rules_changed)
        self.preview.wished.connect(self.which.patterns.show)
        self.preview.counted.connect(self._counted)
        self.place.connections.chosen.connect(self._recheck_place)

    def _show(self, item: WatchedFolder | None) -> None:
        base = self._base
        if item is not None:
            self._show_name(item)
            self.path.set_path(item.path)
            self.topic.set_topic(item.topic)
        self.which.show_task(base)
        self.settling.allow_folders(base.subfolders)
        self.settling.show_settle(base.settle)
        self.more.show_task(base)
        self.more_fold.open(not self.more.is_usual(base))
        (self.send_all if base.existing == "send" else self.only_new).setChecked(True)
        self._show_how_long()

    # -- the folder

    @Slot()
    def folder_changed(self) -> None:
        """Another path stands in the field."""
        self._facts = None
        self.path_field.forget()
        self._timer.start()
        self._show_anew()

    @Slot()
    def _look_at_folder(self) -> None:
        path = self.path.path
        if path is None:
            self._seen = None
            self.preview.look(None)
            return
        if not self.name.isModified() and not self.name.text():
            self.name.setPlaceholderText(path.name)
        self.path_field.tell(Finding.BUSY, self.tr("looking…"))
        settings, topic = self._desktop.store.settings, self.topic.topic
        apart_from = self._old.title if self._old is not None else ""

        def look() -> tuple[folders.FolderFacts, str]:
            facts = folders.look_at(path)
            other = None if facts.error else folders.other_sender(settings, path, topic=topic, apart_from=apart_from)
            return facts, other[0] if other is not None else ""

        def done(found: tuple[folders.FolderFacts, str]) -> None:
            if path == self.path.path:
                self._show_facts(*found)

        self._desktop.background.run(self, look, done)

    def _show_facts(self, facts: folders.FolderFacts, other: str) -> None:
        self._facts = facts
        self._other = other
        if facts.error:
            self._seen = None
            self.preview.look(None)
            self.path_field.tell(Finding.FAILED, facts.error)
            return
        if self.path_field.is_wrong:
            self.path_field.check()
        self.settling.set_network(facts.is_network)
        if self._seen != facts.path:
            self._seen = facts.path
            self._counts = Counts()
            self.preview.look(facts.path)
        self._say_folder(is_last=False)
        self._rules_changed()

    def _say_folder(self, *, is_last: bool) -> None:
        facts = self._facts
        if facts is None or facts.error:
            return
        if self._other:
            text = self.tr("“%1” sends files of this folder, too").replace("%1", self._other)
            self.path_field.tell(Finding.WARNING, text)
            return
        where = self.tr("network share") if facts.is_network else self.tr("local disk")
        if not is_last:
            self.path_field.tell(Finding.OK, where)
            return
        inventory = self.preview.inventory
        files = self.tr("%n file(s)", "", inventory.files if inventory else 0)
        size = QLocale().formattedDataSize(inventory.size if inventory else 0, 1, estimate.SI)
        self.path_field.tell(Finding.OK, f"{files} · {size} · {where}")

    # -- the rules

    @Slot()
    def _rules_changed(self) -> None:
        values = self.which.values()
        most = values["max_size"]
        if most and most < values["min_size"]:
            values["min_size"] = 0  # a mistake, which the field tells
        settle = Settle(marker=self.settling.settle().marker)
        task = self._base.model_copy(update={**values, "settle": settle})
        subfolder = self.more.values()["subfolder"]

        def rules_with(patterns: Patterns) -> Rules:
            changed = task.model_copy(update={"include": patterns.include, "exclude": patterns.exclude})
            return rules_of(changed, now=time.time())

        if self._seen is not None:
            self.preview.ask(self.which.patterns.patterns, rules_with, subfolder=subfolder)
        self._show_anew()

    def _offers(self) -> list[tuple[str, str]]:
        return [(f"*{suffix}", self.tr("%n file(s)", "", count)) for suffix, count in self.preview.suffixes()]

    @Slot(object, bool)
    def _counted(self, counts: Counts, is_last: bool) -> None:
        self._counts = counts
        self._say_folder(is_last=is_last)
        self._show_how_long()

    @Slot()
    def _show_how_long(self) -> None:
        count = self._counts.go
        text = self.tr("Send the %n file(s) now", "", count) if count else self.tr("Send them now")
        self.send_all.setText(text)
        limit = self.more.limit.limit.bytes_per_s
        rate = estimate.rate(self._desktop.observer.now, limit)
        self.how_long.say(Finding.INFORMATION, estimate.words(self._counts.go_bytes, rate))

    # -- the topic

    @Slot(object)
    def _show_topic(self, verdict: topics.Verdict) -> None:
        self.place_field.tell(verdict.kind, verdict.text)
        if verdict.is_refused:
            self.place_field.fail(verdict.text)
        elif self.place_field.is_wrong:
            self._recheck_place()

    @Slot()
    def _show_anew(self) -> None:
        """In the journal a task is its folder and its place on the topic, not its name."""
        text = ""
        is_another = self._old is not None and self._key() != task_key(self._old)
        if is_another:
            text = self.tr(
                "With another folder, topic or folder on the topic this task begins anew: it no longer knows which files were sent."
            )
        self.anew.say(Finding.WARNING, text)
        self.there.setVisible(self._old is None or is_another)

    def _key(self) -> str:
        values = {
            "path": self.path.path or Path("."),
            "topic": self.topic.topic,
            "subfolder": self.more.values()["subfolder"],
        }
        return task_key(self._base.model_copy(update=values))

    # -- checks

    def _usual_name(self) -> str:
        path = self.path.path
        return path.name if path is not None else ""

    def _check_path(self) -> str:
        path = self.path.path
        if path is None:
            return self.tr("Choose the folder whose files are to be sent.")
        if self._facts is not None and self._facts.error:
            return self._facts.error
        settings, topic = self._desktop.store.settings, self.topic.topic
        other = folders.other_sender(settings, path, topic=topic, apart_from=self._old.title if self._old else "")
        if other is not None and other[1]:
            text = self.tr("“%1” sends this folder to the same topic already. Choose another folder or topic.")
            return text.replace("%1", other[0])
        if topic and (download := folders.download_into(settings, path, topic=topic)):
            text = self.tr(
                "“%1” writes files of this topic into this folder: they would go round in circles. Choose another folder or topic."
            )
            return text.replace("%1", download)
        return ""

    def _check_place(self) -> str:
        if not self.place.connections.name:
            return self.tr("Choose a connection, or make a new one.")
        if not self.topic.topic:
            return self.tr("Choose the topic that the files go to, or type its name.")
        if self.topic.verdict is not None and self.topic.verdict.is_refused:
            return self.topic.verdict.text
        return ""

    # -- saving

    def task(self) -> WatchedFolder:
        base = self._base.model_dump(by_alias=True)
        values = {
            **base,
            **self.which.values(),
            **self.more.values(),
            "name": saving.name_to_keep(self.name.text().strip(), self._base, self.path.path, is_new=self._old is None),
            "path": self.path.path,
            "connection": self.place.connections.name,
            "topic": self.topic.topic,
            "settle": self.settling.settle(),
            "existing": "send" if self.send_all.isChecked() else "skip",
        }
        return make(WatchedFolder, **values)

    def fields_by_key(self) -> Mapping[str, Field]:
        return {
            "name": self.name_field,
            "path": self.path_field,
            "target": self.path_field,
            "connection": self.place_field,
            "topic": self.place_field,
            "include": self.which.patterns.only,
            "exclude": self.which.patterns.skip,
            "newer_than": self.which.age_field,
            "max_size": self.which.most_field,
            "subfolder": self.more.subfolder_field,
            "chunk_size": self.more.chunk_field,
        }

    def done(self, result: int) -> None:
        self.preview.close_preview()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.preview.close_preview()
        super().closeEvent(event)
