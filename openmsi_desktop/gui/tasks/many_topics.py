"""Several topics: those that were added, each with a way to take it out again, and one that is being chosen."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.topic_picker import TopicPicker


class ManyTopics(QWidget):
    """The topics of a download, below the picker."""

    changed = Signal()

    def __init__(self, look: Look, picker: TopicPicker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._picker = picker
        self._chosen: dict[str, QWidget] = {}
        self.add_button = QPushButton(self.tr("Add another topic"), self)
        self.add_button.setAutoDefault(False)
        self.add_button.clicked.connect(self._add)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        line = QHBoxLayout()
        line.addWidget(self.add_button)
        line.addStretch(1)
        self._layout.addLayout(line)
        picker.changed.connect(self._show_state)
        picker.changed.connect(self.changed)
        self._show_state()

    @property
    def topics(self) -> tuple[str, ...]:
        """In the order in which they were added; the one in the picker last."""
        return tuple(dict.fromkeys((*self._chosen, *filter(None, (self._picker.topic,)))))

    def show_topics(self, topics: Iterable[str]) -> None:
        """Fill them in."""
        *first, last = tuple(topics) or ("",)
        for topic in first:
            self._put(topic)
        self._picker.set_topic(last)

    @Slot()
    def _add(self) -> None:
        self._put(self._picker.topic)
        self._picker.set_topic("")
        self._picker.setFocus()

    def _put(self, topic: str) -> None:
        if not topic or topic in self._chosen:
            return
        row = QWidget(self)
        remove = QToolButton(row)
        remove.setIcon(self._look.icon("action/close", "neutral"))
        remove.setAutoRaise(True)
        remove.setAccessibleName(self.tr("Take out %1").replace("%1", topic))
        remove.setProperty("topic", topic)
        remove.clicked.connect(self._remove)
        line = QHBoxLayout(row)
        line.setContentsMargins(6, 0, 0, 0)
        line.addWidget(QLabel(topic, row))
        line.addWidget(remove)
        line.addStretch(1)
        self._chosen[topic] = row
        self._layout.insertWidget(self._layout.count() - 1, row)
        self.changed.emit()

    @Slot()
    def _remove(self) -> None:
        sender = self.sender()
        row = self._chosen.pop(str(sender.property("topic")), None) if sender is not None else None
        if row is not None:
            row.hide()
            row.deleteLater()
            self.changed.emit()

    @Slot()
    def _show_state(self) -> None:
        self.add_button.setEnabled(bool(self._picker.topic) and self._picker.topic not in self._chosen)
