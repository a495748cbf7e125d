"""Storage: where everything lies, and how big it is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from openmsi_desktop.gui import words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs.preferences.page import Page
from openmsi_desktop.gui.opening import open_folder
from openmsi_desktop.support.bundle import free_bytes


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Bytes."""

    journal: int
    spool: int
    logs: int
    free: int | None


class StoragePage(Page):
    """Shows; there is nothing to set here."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("StoragePage", "Storage"), parent)
        form = self.block(self.tr("What this program keeps"))
        places = desktop.places
        self._row(form, self.tr("Settings"), places.settings.parent, places.settings)
        self._row(form, self.tr("Journal"), places.data, places.data)
        form.addRow(
            "",
            self.help(
                self.tr(
                    "The journal knows what was sent and received. Do not delete it: files would be sent again. It is on "
                    "this computer only, never on a network drive."
                )
            ),
        )
        self._row(form, self.tr("Log"), places.logs, places.logs)
        sizes = self.block(self.tr("Room"))
        self.journal, self.spool, self.logs, self.free = (QLabel("–") for _ in range(4))
        sizes.addRow(self.tr("Journal"), self.journal)
        sizes.addRow(self.tr("Files on their way"), self.spool)
        sizes.addRow(self.tr("Logs"), self.logs)
        sizes.addRow(self.tr("Free on this disk"), self.free)
        self.column.addStretch(1)

    def showEvent(self, event: QShowEvent) -> None:
        """Measure anew, on another thread: a spool may hold many files."""
        super().showEvent(event)
        places = self.desktop.places

        def measure() -> _Sizes:
            return _Sizes(
                journal=sum(_size(file) for file in places.data.glob("journal.db*")),
                spool=sum(_below(places.data / name) for name in ("spool", "copies", "quarantine")),
                logs=_below(places.logs),
                free=free_bytes(places.data),
            )

        self.desktop.background.run(self, measure, self._show)

    def _show(self, sizes: _Sizes) -> None:
        self.journal.setText(words.size(sizes.journal))
        self.spool.setText(words.size(sizes.spool))
        self.logs.setText(words.size(sizes.logs))
        self.free.setText("–" if sizes.free is None else words.size(sizes.free))

    def _row(self, form: QFormLayout, name: str, folder: Path, shown: Path) -> None:
        path = QLineEdit(str(shown))
        path.setReadOnly(True)
        path.setAccessibleName(name)
        path.setMinimumWidth(220)
        path.setCursorPosition(0)
        button = QPushButton(self.tr("Open folder"))
        button.setAccessibleName(self.tr("Open the folder of: %1").replace("%1", name))
        button.setProperty("folder", str(folder))
        button.clicked.connect(self._open)
        line = QHBoxLayout()
        line.addWidget(path, 1)
        line.addWidget(button)
        self.row(form, name, line)

    @Slot()
    def _open(self) -> None:
        open_folder(Path(self.sender().property("folder")))


def _size(file: Path) -> int:
    """Files come and go meanwhile."""
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _below(folder: Path) -> int:
    return sum(_size(Path(above) / name) for above, _, names in os.walk(folder) for name in names)
