"""What is rarely changed about a watched folder: speed, name on the topic, checking, part size."""

from __future__ import annotations

import platform
import re
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QWidget

from openmsi_desktop.gui.forms import Fold, Form, LimitEdit, SizeEdit
from openmsi_desktop.gui.look import Look
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE, Limit, WatchedFolder
from openmsi_desktop.settings_values import check_subfolder

_MOST_CHUNK = 512 * 1024 * 1024


class More(Form):
    """Put into a fold by the dialog."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, parent)
        self.limit = LimitEdit(look)
        self.add(self.tr("Speed"), self.limit, finding_below=True)
        self.check = QCheckBox(self.tr("Check every file after sending: read it back and compare"), self)
        self.add_widget(self.check)
        self.receipts = QCheckBox(self.tr("Ask for receipts: see which files arrived where they are downloaded"), self)
        self.add_widget(self.receipts)
        self.subfolder = QLineEdit()
        self.subfolder.setPlaceholderText(self.tr("none"))
        self.use_name = QPushButton(self.tr("This computer’s name"), self)
        self.use_name.setAutoDefault(False)
        self.use_name.clicked.connect(self._use_name)
        self.subfolder_field = self.add(
            self.tr("Folder on the topic"),
            self.subfolder,
            check=self._check_subfolder,
            beside=(self.use_name,),
            finding_below=True,
            help=self.tr("Put before the path of every file. Useful when several computers send to one topic."),
        )
        technical = Form(look)
        self.chunk = SizeEdit(is_binary=True, at_least=1, at_most=_MOST_CHUNK)
        self.chunk_field = technical.add(
            self.tr("Part size"),
            self.chunk,
            finding_below=True,
            help=self.tr("Files travel in parts of this size. The topic must allow messages a little bigger."),
        )
        self.fold = Fold(self.tr("Technical details"), technical)
        self.technical = technical
        self.add_wide(self.fold)

    def show_task(self, task: WatchedFolder) -> None:
        """Fill it in."""
        self.limit.set_limit(task.limit)
        self.check.setChecked(task.check)
        self.receipts.setChecked(task.receipts)
        self.subfolder.setText(task.subfolder)
        self.chunk.set_value(task.chunk_size)
        self.fold.open(task.chunk_size != DEFAULT_CHUNK_SIZE)

    def is_usual(self, task: WatchedFolder) -> bool:
        """Nothing here needs to be shown at once."""
        others = (task.check, task.receipts, task.subfolder)
        return task.limit == Limit() and not any(others) and task.chunk_size == DEFAULT_CHUNK_SIZE

    def values(self) -> dict[str, Any]:
        """Keys of the settings."""
        return {
            "limit": self.limit.limit,
            "check": self.check.isChecked(),
            "receipts": self.receipts.isChecked(),
            "subfolder": "" if self._check_subfolder() else check_subfolder(self.subfolder.text().strip()),
            "chunk_size": self.chunk.bytes,
        }

    @Slot()
    def _use_name(self) -> None:
        self.subfolder.setText(re.sub(r"[\\/:]", "-", platform.node().partition(".")[0]))

    def _check_subfolder(self) -> str:
        try:
            check_subfolder(self.subfolder.text().strip())
        except ValueError:
            return self.tr("Write a plain name such as xrd-pc or lab2/xrd: no drive, no backslash, no “..”.")
        return ""
