"""Where dropped files go: connection, topic, sub-folder. Remembered in the settings."""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import connection as connection_dialog
from openmsi_desktop.gui.dropping.intake import Destination
from openmsi_desktop.gui.forms import Form
from openmsi_desktop.gui.forms.dialog import side_by_side
from openmsi_desktop.settings import Connection
from openmsi_desktop.settings_values import check_subfolder
from openmsi_desktop.streaming.keys import tasks_of

_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_ADD = "\0add"


class Where(QWidget):
    """GUI thread."""

    changed = Signal()

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self.connection = QComboBox()
        self.connection.setAccessibleName(self.tr("Connection"))
        self.topic = QComboBox()
        self.topic.setEditable(True)
        self.topic.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.topic.setAccessibleName(self.tr("Topic"))
        line = self.topic.lineEdit()
        assert line is not None
        line.setPlaceholderText(self.tr("topic"))
        line.setAccessibleName(self.tr("Topic"))
        self.subfolder = QLineEdit()
        self.subfolder.setPlaceholderText(self.tr("none"))
        for box in (self.connection, self.topic):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMinimumContentsLength(12)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.form = Form(desktop.look, self)
        pair = side_by_side(self.connection, self.topic)
        stretch = pair.layout()
        assert stretch is not None
        stretch.takeAt(stretch.count() - 1)
        self.to_field = self.form.add(
            self.tr("To"), pair, check=self._check_to, outlined=self.topic, finding_below=True
        )
        pair.setFocusProxy(self.topic)
        self.sub_field = self.form.add(
            self.tr("Sub-folder"), self.subfolder, check=self._check_subfolder, finding_below=True
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        desktop.store.changed.connect(self._fill)
        self.connection.activated.connect(self._choose)
        self.topic.editTextChanged.connect(self.changed)
        self.subfolder.textChanged.connect(self.changed)
        last = desktop.store.settings.application.dropping
        self._fill()
        self.show_destination(Destination(last.connection, last.topic, last.subfolder))

    def destination(self, *, check: bool) -> Destination | None:
        """What is chosen; None if something is missing, which is said at its field."""
        if [field for field in self.form if not field.check()]:  # each of them says it
            return None
        return Destination(
            self.connection.currentText(), self.topic.currentText().strip(), self._clean_subfolder(), check
        )

    def chosen(self) -> Connection | None:
        """The connection that is chosen."""
        name = self.connection.currentData()
        return next((c for c in self._desktop.store.settings.connections if c.name == name), None)

    def show_destination(self, destination: Destination) -> None:
        """Choose this, as far as it is there."""
        place = self.connection.findData(destination.connection)
        if place >= 0:
            self.connection.setCurrentIndex(place)
        self._fill_topics()
        if destination.topic:
            self.topic.setEditText(destination.topic)
        self.subfolder.setText(destination.subfolder)

    def _clean_subfolder(self) -> str:
        return check_subfolder(self.subfolder.text().strip().replace("\\", "/").strip("/"))

    def _check_to(self) -> str:
        if self.chosen() is None:
            return self.tr("Add a connection first: choose “Add a connection…” in the list.")
        topic = self.topic.currentText().strip()
        if not topic:
            return self.tr("Type the topic that the files go to.")
        if not _TOPIC.fullmatch(topic) or topic in (".", ".."):
            return self.tr("A topic has letters, digits, “.”, “_” and “-” only.")
        return ""

    def _check_subfolder(self) -> str:
        try:
            self._clean_subfolder()
        except ValueError:
            return self.tr("Type a plain name, such as anna or 2026-05/anna.")
        return ""

    @Slot()
    def _fill(self) -> None:
        before = self.connection.currentData()
        with QSignalBlocker(self.connection):
            self.connection.clear()
            for item in self._desktop.store.settings.connections:
                self.connection.addItem(item.name, item.name)
            if not self.connection.count():
                self.connection.addItem(self.tr("no connection yet"), "")
            self.connection.addItem(self.tr("Add a connection…"), _ADD)
            self.connection.setCurrentIndex(max(0, self.connection.findData(before)) if before else 0)
        self._fill_topics()

    def _fill_topics(self) -> None:
        typed, settings = self.topic.currentText(), self._desktop.store.settings
        name = self.connection.currentData()
        used = [t for task in tasks_of(settings) if task.connection == name
                for t in (task.topics if hasattr(task, "topics") else (task.topic,))]  # fmt: skip
        last = settings.application.dropping
        if last.connection == name and last.topic:
            used.insert(0, last.topic)
        with QSignalBlocker(self.topic):
            self.topic.clear()
            self.topic.addItems(list(dict.fromkeys(used)))
            self.topic.setEditText(typed)

    @Slot()
    def _choose(self) -> None:
        if self.connection.currentData() == _ADD:
            self.connection.setCurrentIndex(0)
            connection_dialog.open_dialog(self._desktop, self.window(), saved=self._added)
        else:
            self._fill_topics()
        self.to_field.check() if self.to_field.is_wrong else None
        self.changed.emit()

    def _added(self, name: str) -> None:
        self._fill()
        self.connection.setCurrentIndex(max(0, self.connection.findData(name)))
        self.changed.emit()
