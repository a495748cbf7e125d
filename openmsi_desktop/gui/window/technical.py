"""Technical details of a task: the words that the rest of the window does not use, to read and to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.gui import actions, words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.language import fill
from openmsi_desktop.gui.snapshot import TaskNow
from openmsi_desktop.settings import Download, WatchedFolder


class TechnicalDetails(QDialog):
    """A text to copy, for whoever helps."""

    def __init__(self, desktop: Desktop, task: TaskNow, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(fill(self.tr("Technical details of %1"), task.name))
        self.resize(560, 420)
        self._text = QPlainTextEdit(details_of(desktop, task), self)
        self._text.setReadOnly(True)
        self._text.setAccessibleName(self.tr("Technical details"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        copy = QPushButton(self.tr("Copy"), self)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ResetRole)
        copy.clicked.connect(self._copy)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 12)
        column.addWidget(self._text)
        column.addWidget(buttons)

    def text(self) -> str:
        """What it shows."""
        return self._text.toPlainText()

    @Slot()
    def _copy(self) -> None:
        QApplication.clipboard().setText(self.text())


def details_of(desktop: Desktop, task: TaskNow) -> str:
    """Lines ``name: value``. Not translated: they are for those who know Kafka. No secrets: settings have none."""
    found = actions.find(desktop, task.key)
    item = found[1] if found is not None else None
    settings = desktop.store.settings
    lines = [
        f"task: {task.name}",
        f"key: {task.key}",
        f"kind: {task.kind}",
        f"state: {task.state.value}",
        f"told: {task.title} {task.advice}".rstrip(),
        *(f"files {state.value}: {count}" for state, count in task.counts.items()),
    ]
    if task.contact_at is not None:
        lines.append(f"broker answered: {words.moment(task.contact_at)}")
    if isinstance(item, (WatchedFolder, Download)):
        lines += [f"{name}: {value}" for name, value in item.model_dump(mode="json", by_alias=True).items()]
        for connection in settings.connections:
            if connection.name == item.connection:
                lines += [f"kafka {name}: {value}" for name, value in connection.kafka.items()]
    lines += [f"journal: {desktop.host.profile.journal_path}", f"settings: {desktop.store.path}"]
    return "\n".join(lines)
