"""Help: which version this is, a bundle for whoever helps, a detailed log for half an hour."""

from __future__ import annotations

import logging
import platform
import time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QStandardPaths, QTime, QTimer, Slot, qVersion
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QWidget

from openmsi_desktop import __version__
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import words
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import first_run
from openmsi_desktop.gui.dialogs.preferences.page import Page, beside
from openmsi_desktop.gui.opening import show_file
from openmsi_desktop.support.bundle import Written, file_name, write_bundle

DETAILED_MIN = 30


class HelpPage(Page):
    """Writing the bundle happens on another thread."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, QCoreApplication.translate("HelpPage", "Help"), parent)
        about = self.block(self.tr("This program"))
        about.addRow(
            self.help(
                self.tr("OpenMSI Desktop %1, with Python %2 and Qt %3. Free software: GPL, version 3 or later.")
                .replace("%1", __version__)
                .replace("%2", platform.python_version())
                .replace("%3", qVersion())
            )
        )
        again = QPushButton(self.tr("Open the first steps again"))
        again.clicked.connect(self._first_steps)
        about.addRow(beside(again))

        support = self.block(self.tr("For whoever helps you"))
        support.addRow(
            self.help(
                self.tr(
                    "A file with settings, versions, states of tasks and logs. Passwords and keys are taken out; names of "
                    "files and servers are in it. It is written to your computer and sent to nobody."
                )
            )
        )
        self.write = QPushButton(self.tr("Write a support file…"))
        self.write.clicked.connect(self._ask_where)
        self.show_it = QPushButton(self.tr("Show it"))
        self.show_it.setVisible(False)
        self.show_it.clicked.connect(self._show_written)
        support.addRow(beside(self.write, self.show_it))
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.result.setVisible(False)
        support.addRow(self.result)

        log = self.block(self.tr("Log"))
        self.detailed = QPushButton(self.tr("Write a detailed log for %n minute(s)", "", DETAILED_MIN))
        self.detailed.clicked.connect(self._log_more)
        log.addRow(beside(self.detailed))
        log.addRow(
            self.help(self.tr("Do this before you repeat what went wrong, and write the support file afterwards."))
        )
        self.column.addStretch(1)
        self._file = Path()
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.timeout.connect(self._log_less)
        self._level = logging.INFO

    # -- the bundle

    @Slot()
    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation) or str(Path.home())
        name, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Write a support file"),
            str(Path(folder) / file_name(time.time())),
            self.tr("Zip files (*.zip)"),
        )
        if name:
            self.write_to(Path(name))

    def write_to(self, file: Path) -> None:
        """Write it; the page says how that went."""
        places, credentials = self.desktop.places, self.desktop.credentials
        self.write.setEnabled(False)
        self._say(self.tr("Writing…"))
        self.desktop.background.run(
            self, lambda: write_bundle(file, places, credentials=credentials), self._written, self._failed
        )

    def _written(self, written: Written) -> None:
        self.write.setEnabled(True)
        self.show_it.setVisible(True)
        self._file = written.file
        size = words.size(written.size)
        lines = [self.tr("Written: %1 (%2).").replace("%1", str(written.file)).replace("%2", size)]
        if written.unread:
            names = ", ".join(written.unread)
            lines.append(
                self.tr(
                    "These secrets could not be looked up, because the keyring is locked: %1. Check the file for them before "
                    "you pass it on, or unlock the keyring and write it again."
                ).replace("%1", names)
            )
        self._say("\n".join(lines))

    def _failed(self, error: Exception) -> None:
        self.write.setEnabled(True)
        if not isinstance(error, OpenMSIError):
            raise error
        self._say(f"{error.title}. {error.advice}")

    def _say(self, text: str) -> None:
        self.result.setText(text)
        self.result.setVisible(True)

    @Slot()
    def _show_written(self) -> None:
        show_file(self._file)

    # -- the rest

    @Slot()
    def _first_steps(self) -> None:
        first_run.open_wizard(self.desktop, self.window())

    @Slot()
    def _log_more(self) -> None:
        root = logging.getLogger()
        if not self._calm.isActive():
            self._level = root.level
        root.setLevel(logging.DEBUG)
        for handler in root.handlers:
            if isinstance(handler, logging.FileHandler):
                handler.setLevel(logging.DEBUG)
        self._calm.start(DETAILED_MIN * 60_000)
        until = QLocale().toString(QTime.currentTime().addSecs(DETAILED_MIN * 60), QLocale.FormatType.ShortFormat)
        self.detailed.setText(self.tr("The log is detailed until %1").replace("%1", until))

    @Slot()
    def _log_less(self) -> None:
        root = logging.getLogger()
        root.setLevel(self._level)
        for handler in root.handlers:
            if isinstance(handler, logging.FileHandler):
                handler.setLevel(logging.INFO)
        self.detailed.setText(self.tr("Write a detailed log for %n minute(s)", "", DETAILED_MIN))
