"""What all dialogs for readers of topics have in common: topics, where to begin, who gets the files, which files."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from openmsi_desktop.gui import topics
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, Finding, Form, Note, heading
from openmsi_desktop.gui.preview.wishes import Patterns
from openmsi_desktop.gui.sinks.also import AlsoTo
from openmsi_desktop.gui.sinks.saving import put_reader
from openmsi_desktop.gui.tasks.begin import Begin
from openmsi_desktop.gui.tasks.dialog import TaskDialog
from openmsi_desktop.gui.tasks.many_topics import ManyTopics
from openmsi_desktop.gui.tasks.which import PatternFields
from openmsi_desktop.settings import Download
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.keys import task_key


class ReaderDialog(TaskDialog[Download]):
    """The blocks are made here; where they stand is the business of the dialogs."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        item: Download | None,
        *,
        is_copy: bool,
        source: topics.Topics | None,
    ) -> None:
        empty = Download(topics=("?",), connection="?")
        super().__init__(desktop, parent, item, empty, kind="downloads", is_copy=is_copy, source=source)
        self._secrets_before: set[str] = set()
        self.also = AlsoTo(desktop, self.body)

    # -- the blocks

    def _make_top(self) -> Form:
        """Name and topics, for the top; more fields may follow."""
        self.top = Form(self.look, self.body)
        self._add_name(self.top)
        self._add_place(self.top, self.tr("From"), sends=False)
        self.many = ManyTopics(self.look, self.topic)
        self.top.add_widget(self.many)
        self.topic.found.connect(self._show_topic)
        return self.top

    def _make_anew(self) -> Note:
        """Says that the task would begin anew."""
        self.anew = Note(self.look, parent=self.body)
        self.many.changed.connect(self._show_anew)
        return self.anew

    def _make_begin(self) -> Begin:
        self.begin = Begin(self.look, self.body)
        return self.begin

    def _make_who(self) -> tuple[QWidget, Form]:
        """(block, its form): whether the work is shared with other computers."""
        self.alone = QRadioButton(self.tr("This computer gets every file"), self.body)
        self.shared = QRadioButton(
            self.tr("Several computers share the work: each file goes to one of them"), self.body
        )
        self._who = QButtonGroup(self)
        self._who.addButton(self.alone)
        self._who.addButton(self.shared)
        self.sharing = Form(self.look, self.body)
        self.group = QLineEdit()
        self.group_field = self.sharing.add(
            self.tr("Name of the group"),
            self.group,
            width=220,
            check=self._check_group,
            finding_below=True,
            help=self.tr("The same on each of these computers."),
        )
        self.shared.toggled.connect(self._show_group)
        self.group.textChanged.connect(self._show_anew)
        return self._block(self.tr("Who gets the files?"), self.alone, self.shared, self.sharing), self.sharing

    def _add_which(self, form: Form) -> None:
        self.patterns = PatternFields(self.look, form, self.tr("Only"), self.tr("Skip"), self.tr("all files"))

    def _make_receipts(self) -> QCheckBox:
        self.receipts = QCheckBox(self.tr("Send a receipt for every file, so that its sender sees that it arrived"))
        return self.receipts

    def _choices(self, *choices: tuple[str, str]) -> QButtonGroup:
        """Buttons of which one is chosen: (value in the settings, text)."""
        group = QButtonGroup(self)
        for value, text in choices:
            button = QRadioButton(text, self.body)
            button.setProperty("value", value)
            group.addButton(button)
        return group

    def _block(self, title: str, *widgets: QWidget) -> QWidget:
        box = QWidget(self.body)
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(heading(self.look, title, box))
        for widget in widgets:
            layout.addWidget(widget)
        return box

    # -- saving

    def write(self, file: SettingsFile, task: Download) -> None:
        put_reader(file, task, self._old)

    def save(self) -> None:
        self._secrets_before = secrets.in_use(self._desktop.store.settings)
        super().save()

    @Slot()
    def accept(self) -> None:
        """Secrets of what was taken out are of no use to anybody."""
        for name in self._secrets_before - secrets.in_use(self._desktop.store.settings) - {""}:
            secrets.forget(self._desktop, name)
        super().accept()

    # -- filling in

    def _show_reader(self, item: Download | None) -> None:
        base = self._base
        if item is not None:
            self._show_name(item)
            self.many.show_topics(item.topics)
        self.begin.show_value(base.from_)
        (self.shared if base.group else self.alone).setChecked(True)
        self.group.setText(base.group)
        self.patterns.show(Patterns(base.include, base.exclude))
        self.receipts.setChecked(base.receipts)
        self._show_group()

    def _reader_values(self) -> dict[str, Any]:
        """Keys of the settings."""
        name = self.name.text().strip()
        if self._old is not None and not self._base.name and name == self._base.title == self.many.topics[0]:
            name = ""
        return {
            **self._base.model_dump(),
            "name": name,
            "topics": self.many.topics,
            "connection": self.place.connections.name,
            "from_": self.begin.value,
            "group": self._group(),
            "include": self.patterns.patterns.include,
            "exclude": self.patterns.patterns.exclude,
            "receipts": self.receipts.isChecked(),
        }

    def _reader_fields(self) -> dict[str, Field]:
        return {
            "name": self.name_field,
            "topics": self.place_field,
            "connection": self.place_field,
            "group": self.group_field,
            "include": self.patterns.only,
            "exclude": self.patterns.skip,
        }

    def _group(self) -> str:
        return self.group.text().strip() if self.shared.isChecked() else ""

    # -- what is found out

    def _key_values(self) -> dict[str, Any]:
        """What decides whether it is the same task, besides its topics and its group."""
        raise NotImplementedError

    def _anew_text(self) -> str:
        raise NotImplementedError

    @Slot(object)
    def _show_topic(self, verdict: topics.Verdict) -> None:
        self.place_field.tell(verdict.kind, verdict.text)
        self._recheck_place()

    @Slot()
    def _show_group(self) -> None:
        self.group_field.set_shown(self.shared.isChecked())
        self._show_anew()

    @Slot()
    def _show_anew(self) -> None:
        """In the journal a reader is where its files go and its group, not its name."""
        text = ""
        if self._old is not None:
            values = {"group": self._group(), "topics": self.many.topics or ("?",), **self._key_values()}
            if task_key(self._base.model_copy(update=values)) != task_key(self._old):
                text = self._anew_text()
        self.anew.say(Finding.WARNING, text)

    # -- checks

    def _usual_name(self) -> str:
        return next(iter(self.many.topics), "")

    def _check_place(self) -> str:
        if not self.place.connections.name:
            return self.tr("Choose a connection, or make a new one.")
        if not self.many.topics:
            return self.tr("Choose the topic to read, or type its name.")
        return ""

    def _check_group(self) -> str:
        if self.shared.isChecked() and not self.group.text().strip():
            return self.tr("Give the group a name, and use the same one on the other computers.")
        return ""
