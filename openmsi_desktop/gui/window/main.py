"""The main window: the list of tasks on the left, one of them in full on the right."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QLabel, QMainWindow

from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.snapshot import Snapshot


class MainWindow(QMainWindow):
    """One for the whole program; closed, it is only hidden while there is a tray."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self._desktop = desktop
        self.setWindowTitle("OpenMSI Desktop")
        self.setWindowIcon(desktop.look.mark())
        self.resize(980, 640)
        self._text = QLabel(self)
        self.setCentralWidget(self._text)
        desktop.observer.changed.connect(self._show)

    def open_page(self, task: str, page: str) -> None:
        """Show a task (key) on a page: ``overview files problems rules``. Empty: as it was."""
        self.show()
        self.raise_()
        self.activateWindow()

    @Slot(object)
    def _show(self, snapshot: Snapshot) -> None:
        self._text.setText("\n".join(f"{t.name}: {t.state}, {dict(t.counts)}" for t in snapshot.tasks))

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
