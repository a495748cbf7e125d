"""The program with a window: makes everything, starts it, and ends it in order."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from openmsi_desktop import logs
from openmsi_desktop.arguments import WindowStart
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.closing import Closing
from openmsi_desktop.gui.crashes import Crashes, Report
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import drop, first_run
from openmsi_desktop.gui.host import Host
from openmsi_desktop.gui.instance import Instance, Seat
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.observer import Observer
from openmsi_desktop.gui.preferences import Preferences
from openmsi_desktop.gui.signal_watch import SignalWatch
from openmsi_desktop.gui.store import Store
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.gui.tray import Tray
from openmsi_desktop.gui.tray_host import TrayHost
from openmsi_desktop.gui.window.main import MainWindow
from openmsi_desktop.places import Places
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    from openmsi_desktop.gui.dialogs.crash import CrashDialog
    from openmsi_desktop.gui.practice import Practice

log = logging.getLogger(__name__)

_TRAY_PATIENCE_MS = 20_000
"""Started hidden where nothing shows an icon by then, the window is shown small: there has to be a way to it."""


class App(QObject):
    """Everything there is. Made on the GUI thread, after the QApplication."""

    def __init__(self, application: QApplication, places: Places, practice: Practice | None = None) -> None:
        super().__init__()
        self._application = application
        self.desktop = make_desktop(application, places, self, practice)
        self._crash: CrashDialog | None = None
        self._has_stopped = False
        self._make_faces()
        self.desktop.preferences.language_changed.connect(self._speak_anew)
        self.desktop.tray_host.changed.connect(self._tray_host_changed)
        application.commitDataRequest.connect(self._end_of_session)
        application.saveStateRequest.connect(self._save_state)
        application.aboutToQuit.connect(self.stop)

    def start(self, *, is_hidden: bool = False, files: Sequence[Path] = ()) -> None:
        """Begin to stream (or to show who does), and show the window; the first time also the wizard."""
        is_first = not self.desktop.places.settings.exists()
        self.desktop.host.start()
        self.desktop.observer.start()
        self.desktop.tray_host.start()
        if not is_hidden:
            self.window.open_page("", "")
        if files:
            drop.open_window(self.desktop, self.window, files)
        elif is_first and not is_hidden:
            first_run.open_wizard(self.desktop, self.window)
        elif is_hidden and not self.desktop.tray_host.is_there:
            QTimer.singleShot(_TRAY_PATIENCE_MS, self, self._show_without_tray)

    @Slot(object, bool)
    def called(self, files: Sequence[Path], is_hidden: bool) -> None:
        """Somebody has started the program again: take the files, or show the window."""
        if files:
            drop.open_window(self.desktop, self.window, files)
        elif not is_hidden:
            self.window.open_page("", "")

    @Slot()
    def end(self) -> None:
        """End the program, whatever is open."""
        self.closing.is_ending = True
        self._application.exit(SIGNALS.status or 0)  # quit() would ask every window

    @Slot()
    def stop(self) -> None:
        """End streaming in order; within 3 s. What is not over then goes on at the next start."""
        if self._has_stopped:
            return
        self._has_stopped = True
        self.closing.is_ending = True
        self.desktop.tray_host.stop()
        self.desktop.background.end()
        self.desktop.host.stop()
        self.desktop.observer.stop()
        if self.desktop.practice is not None:
            self.desktop.practice.stop()

    @Slot(object)
    def show_crash(self, report: Report) -> None:
        """Show a report of a mistake of this program; one window for all of them."""
        if self._crash is None:
            from openmsi_desktop.gui.dialogs.crash import CrashDialog

            self._crash = CrashDialog(self.desktop.look, report, self.window if self.window.isVisible() else None)
            self._crash.finished.connect(self._crash_seen)
            self._crash.show()
        else:
            self._crash.add(report)

    @Slot()
    def _crash_seen(self) -> None:
        if self._crash is not None:
            self._crash.deleteLater()
            self._crash = None

    # -- what people see of it

    def _make_faces(self) -> None:
        self.window = MainWindow(self.desktop)
        self.tray = Tray(self.desktop, self)
        self.closing = Closing(self.desktop, self.window, self)
        self.tray.wants_window.connect(self.window.open_page)
        self.tray.wants_toggle.connect(self.window.toggle)
        self.tray.wants_quit.connect(self.closing.ask_to_quit)
        self.closing.wants_end.connect(self.end)

    @Slot(str)
    def _speak_anew(self, language: str) -> None:
        """Another language: everything that is open is made anew, at the same place."""
        before, tray, closing = self.window, self.tray, self.closing
        closing.is_ending = True  # it is not a person who closes this window
        self._make_faces()
        self.window.restoreGeometry(before.saveGeometry())
        if before.isVisible():
            self.window.open_page("", "")
        before.close()
        for old in (tray, closing, before):
            old.deleteLater()

    # -- what the desktop does

    @Slot(bool)
    def _tray_host_changed(self, is_there: bool) -> None:
        log.info("the place for icons has %s", "come" if is_there else "gone")
        if is_there:
            self.tray.renew()
        elif not self.window.isVisible():
            QTimer.singleShot(_TRAY_PATIENCE_MS, self, self._show_without_tray)

    @Slot()
    def _show_without_tray(self) -> None:
        if not self.desktop.tray_host.is_there and not self.window.isVisible():
            self.window.showMinimized()

    @Slot(QSessionManager)
    def _end_of_session(self, manager: QSessionManager) -> None:
        """Log-off or shutdown: everything that was done is in the journal already, so nothing is asked and nothing waits."""
        log.info("the session ends")
        self.closing.is_ending = True
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)  # autostart is a person's choice
        if sys.platform == "win32":  # the process may be ended as soon as this returns
            self.stop()

    @Slot(QSessionManager)
    def _save_state(self, manager: QSessionManager) -> None:
        manager.setRestartHint(QSessionManager.RestartHint.RestartNever)


def make_desktop(application: QApplication, places: Places, root: QObject, practice: Practice | None = None) -> Desktop:
    """What windows are given; nothing is started yet."""
    look = Look(application, root)
    background = Background(root)
    store = Store(places.settings, background, root)
    store.read()
    preferences = Preferences(application, look, store, root)
    credentials = Credentials(places.data) if practice is None else practice.credentials
    host = Host(places.data, store, background, root, credentials=credentials)
    return Desktop(
        root=root,
        places=places,
        look=look,
        preferences=preferences,
        background=background,
        store=store,
        host=host,
        observer=Observer(host, store, root),
        credentials=credentials,
        tray_host=TrayHost(root),
        practice=practice,
    )


def run(start: WindowStart, places: Places, seat: Seat | None, practice: Practice | None = None) -> int:
    """Run until a person quits; returns the exit status. seat: None where there may be several."""
    logs.start_logging(places.log_file, verbosity=0, quiet=False, say=_say)
    application = QApplication([sys.argv[0]])
    application.setApplicationName("openmsi-desktop")
    application.setApplicationDisplayName("OpenMSI Desktop")
    application.setDesktopFileName("openmsi-desktop")
    application.setQuitOnLastWindowClosed(False)
    crashes = Crashes()
    crashes.install(places.logs)
    signals = SignalWatch()
    app = App(application, places, practice)
    crashes.happened.connect(app.show_crash)
    signals.asked_to_end.connect(app.end)
    instance = Instance(seat, app) if seat is not None else None
    if instance is not None:
        if instance.error:
            log.warning("later starts cannot be heard: %s", instance.error)
        instance.called.connect(app.called)
    app.start(is_hidden=start.is_hidden, files=start.files)
    try:
        status = application.exec()
        if instance is not None:
            instance.close()
        app.stop()
    except OpenMSIError:
        log.exception("ending in order failed")
        raise
    finally:
        signals.close()
        if seat is not None:
            seat.give_up()
    return SIGNALS.status or status


def _say(line: str) -> None:
    """On standard error, where there is one; a program without a terminal may have none."""
    if sys.stderr is not None:
        print(line, file=sys.stderr)
