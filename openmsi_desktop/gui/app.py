"""The program with a window: makes everything, starts it, and ends it in order."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Host
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.observer import Observer
from openmsi_desktop.gui.preferences import Preferences
from openmsi_desktop.gui.store import Store
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.gui.tray import Tray
from openmsi_desktop.gui.window.main import MainWindow
from openmsi_desktop.places import Places, find_places


class App(QObject):
    """Everything there is. Made on the GUI thread, after the QApplication."""

    def __init__(self, application: QApplication, places: Places) -> None:
        super().__init__()
        self.desktop = make_desktop(application, places, self)
        self.window = MainWindow(self.desktop)
        self.tray = Tray(self.desktop, self)
        self.tray.wants_window.connect(self.window.open_page)
        self.tray.wants_toggle.connect(self.window.toggle)
        self.tray.wants_quit.connect(application.quit)
        application.aboutToQuit.connect(self.stop)

    def start(self, *, is_hidden: bool = False) -> None:
        """Begin to stream (or to show who does), and show the window."""
        self.desktop.host.start()
        self.desktop.observer.start()
        if not is_hidden:
            self.window.open_page("", "")

    @Slot()
    def stop(self) -> None:
        """End streaming in order; within 3 s."""
        self.desktop.background.end()
        self.desktop.host.stop()
        self.desktop.observer.stop()


def make_desktop(application: QApplication, places: Places, root: QObject) -> Desktop:
    """What windows are given; nothing is started yet."""
    look = Look(application, root)
    background = Background(root)
    store = Store(places.settings, background, root)
    store.read()
    preferences = Preferences(application, look, store, root)
    host = Host(places.data, store, background, root)
    return Desktop(
        root=root,
        places=places,
        look=look,
        preferences=preferences,
        background=background,
        store=store,
        host=host,
        observer=Observer(host, store, root),
        credentials=Credentials(places.data),
    )


def main(arguments: Sequence[str]) -> int:
    """Run until a person quits; returns the exit status. arguments: files to send once."""
    application = QApplication([sys.argv[0]])
    application.setApplicationName("openmsi-desktop")
    application.setApplicationDisplayName("OpenMSI Desktop")
    application.setDesktopFileName("openmsi-desktop")
    application.setQuitOnLastWindowClosed(False)
    app = App(application, find_places())
    app.start()
    return application.exec()


def files_of(arguments: Sequence[str]) -> list[Path]:
    """The files and folders that were given or dropped, in full."""
    return [Path(a).absolute() for a in arguments]
