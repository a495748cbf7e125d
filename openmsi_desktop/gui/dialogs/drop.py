"""Drop files to send them once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QPushButton, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui import words
from openmsi_desktop.gui.connecting.band import Band
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dropping import drag, intake
from openmsi_desktop.gui.dropping.files import SentByHand
from openmsi_desktop.gui.dropping.intake import Destination, Load
from openmsi_desktop.gui.dropping.options import Options
from openmsi_desktop.gui.dropping.rows import Row, rows_of_refused
from openmsi_desktop.gui.dropping.where import Where
from openmsi_desktop.gui.dropping.zone import DropZone
from openmsi_desktop.gui.forms import make_tall
from openmsi_desktop.gui.host import Role
from openmsi_desktop.gui.language import fill
from openmsi_desktop.settings import DEFAULT_CHUNK_SIZE
from openmsi_desktop.streaming.sending.handing import HandedOver

_open: dict[Desktop, DropWindow] = {}


def open_window(desktop: Desktop, parent: QWidget | None, paths: Sequence[Path] = (), *, task: str = "") -> None:
    """Open or raise it; paths wait in it to be confirmed. task: key of the task they were dropped on."""
    window = _open.get(desktop)
    if window is None:
        window = _open[desktop] = DropWindow(desktop)
        window.closed.connect(_close_all)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    window.show()
    window.raise_()
    window.activateWindow()
    if paths:
        window.take(paths, task=task, is_to_be_confirmed=True)


def _close_all() -> None:
    for desktop, window in list(_open.items()):
        if not window.isVisible():
            del _open[desktop]


class DropWindow(QWidget):
    """One for the whole program. GUI thread; folders are looked through, and the journal is written, on another one."""

    closed = Signal()

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self._desktop = desktop
        self._waiting: list[tuple[Load, Destination]] = []
        self._undecided: tuple[Path, ...] = ()
        self._asks = False
        self.setWindowTitle(self.tr("Drop files"))
        self.setWindowIcon(desktop.look.mark())
        self.setAcceptDrops(True)
        self.resize(600, 640)
        self.zone = DropZone(desktop.look, self)
        self.zone.wants_files.connect(self._choose_files)
        self.zone.wants_folder.connect(self._choose_folder)
        self.where = Where(desktop, self)
        self.band = Band(desktop.look, self)
        self.yes, self.no = QPushButton(self.tr("Send"), self), QPushButton(self.tr("Cancel"), self)
        self.yes.setProperty("primary", True)
        self.yes.clicked.connect(self._confirm)
        self.no.clicked.connect(self._dismiss)
        for button in (self.yes, self.no):
            button.setAutoDefault(True)  # Return presses it, also outside a dialog
            self.band.add_button(button)
        self.band.hide()
        self.files = SentByHand(desktop, self)
        self.options = Options(desktop.store.settings.application.dropping, self)
        self.options.wants_on_top.connect(self._turn_on_top)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for part in (self.zone, self.where, self.band):
            column.addWidget(part)
        column.addWidget(self.files, 1)
        column.addWidget(self.options)
        make_tall(self, desktop.look)
        self._set_on_top(self.options.on_top.isChecked())

    # -- taking files

    def take(self, paths: Sequence[Path], *, task: str = "", is_to_be_confirmed: bool = False) -> None:
        """Look through these, and send them; first ask if somebody else dropped them here, or if they are very much."""
        settings, profile = self._desktop.store.settings, self._desktop.host.profile
        given = self.where.destination(check=self.options.check.isChecked()) if not task else None
        if given is None and not task:
            self._undecided = (*self._undecided, *(p for p in paths if p not in self._undecided))
            self._ask()
            return
        if not task:
            paths, self._undecided = (*self._undecided, *(p for p in paths if p not in self._undecided)), ()

        def work() -> tuple[Load, Destination] | None:
            where = given if given is not None else intake.destination_of(settings, profile, task)
            return (intake.look(paths, where.subfolder, where.root), where) if where is not None else None

        self._say("working", "action/rescan", self.tr("Looking…"), self.tr("Files and folders are looked through."))
        self._desktop.background.run(
            self, work, lambda found: self._looked(found, is_to_be_confirmed or bool(task)), self._failed
        )

    def _looked(self, found: tuple[Load, Destination] | None, is_to_be_confirmed: bool) -> None:
        if found is None:
            self._say(
                "attention",
                "sign/warning",
                self.tr("This task is gone"),
                self.tr("Nothing was sent. Choose a connection and a topic, and drop the files again."),
            )
            return
        load, where = found
        self.files.refuse(self._refused(load))
        if not load.count:
            text = self.tr("Temporary and hidden files are left out.") if load.found.left_out else ""
            self._say("attention", "sign/warning", self.tr("There is nothing to send"), text)
            return
        if not is_to_be_confirmed and not self.options.is_much(load):
            self._send([(load, where)])
            return
        here = {job.local for known, there in self._waiting if there == where for job in known.found.jobs}
        load.found.jobs = [job for job in load.found.jobs if job.local not in here]
        self._waiting.append((load, where))
        self._ask()

    def _ask(self) -> None:
        """About everything that waits, whenever it came; nothing is asked if nothing does."""
        if not self._waiting:
            if self._undecided:
                text = self.tr("Choose a connection and a topic, then send.")
                self._say("attention", "sign/warning", self.tr("Where to?"), text, asks=True)
            else:
                self.band.hide()
            return
        loads = [load for load, _ in self._waiting]
        count, size = sum(load.count for load in loads), sum(load.size for load in loads)
        topics = ", ".join(dict.fromkeys(where.topic for _, where in self._waiting))
        title = fill(self.tr("Send %n file(s), %1, to the topic %2?", "", count), words.size(size), topics)
        connections = ", ".join(dict.fromkeys(where.connection for _, where in self._waiting))
        text = fill(self.tr("Over the connection %1."), connections)
        if left_out := sum(len(load.found.left_out) for load in loads):
            text += " " + self.tr("%n temporary or hidden file(s) are left out.", "", left_out)
        is_much = any(self.options.is_much(load) for load in loads)
        self._say("attention" if is_much else "working", "sign/information", title, text, asks=True)
        self.yes.setFocus()

    @Slot()
    def _confirm(self) -> None:
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._send(waiting)
        elif self._undecided:
            self.take(())

    def _send(self, loads: Sequence[tuple[Load, Destination]]) -> None:
        connections = {c.name: c for c in self._desktop.store.settings.connections}
        if any(where.connection not in connections for _, where in loads):
            self._say(
                "attention",
                "sign/warning",
                self.tr("The connection is gone"),
                self.tr("Nothing was sent. Choose another one."),
            )
            return
        profile = self._desktop.host.profile
        for load, where in loads:
            self._desktop.background.run(
                self,
                lambda load=load, where=where: intake.hand(  # type: ignore[misc]
                    profile, load, connections[where.connection], where, DEFAULT_CHUNK_SIZE
                ),
                self._handed,
                self._failed,
            )
        self._remember(loads[-1][1])

    def _handed(self, handed: HandedOver) -> None:
        self.files.refuse(
            rows_of_refused([(r.path, r.local, f"{r.error.title}. {r.error.advice}") for r in handed.refused])
        )
        if self._desktop.host.role is Role.STOPPED:
            self._say(
                "attention",
                "sign/warning",
                self.tr("Nothing is being sent now"),
                self.tr("The files are noted, and are sent as soon as this program can."),
            )
        elif handed.refused:
            title = self.tr("%n file(s) are not sent", "", len(handed.refused))
            self._say("attention", "sign/warning", title, self.tr("The list says why."))
        else:
            self._ask()
        self._desktop.host.ask("send")
        self._desktop.observer.look_now()
        self.files.refresh()

    def _refused(self, load: Load) -> list[Row]:
        gone = [("", path, self.tr("It is not there any more")) for path in load.missing]
        return rows_of_refused([*gone, *((r.path, r.local, r.error.title) for r in load.found.refused)])

    @Slot()
    def _dismiss(self) -> None:
        if self._asks:
            self._waiting, self._undecided = [], ()
        self._ask()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, OpenMSIError):
            raise error
        self._say("error", "state/problem", error.title, error.advice)

    def _say(self, token: str, icon: str, title: str, text: str, *, asks: bool = False) -> None:
        self._asks = asks
        self.band.say(token, icon, title, text)
        self.yes.setVisible(asks)
        self.no.setVisible(True)
        self.no.setText(self.tr("Cancel") if asks else self.tr("Close"))
        self.band.show()

    def _remember(self, where: Destination) -> None:
        chosen = self.options.chosen(where)
        now = self._desktop.store.settings.application
        if chosen != now.dropping:
            self._desktop.store.change(
                lambda file: file.set_application(file.settings.application.model_copy(update={"dropping": chosen}))
            )

    # -- choosing, and Qt

    @Slot()
    def _choose_files(self) -> None:
        dialog = QFileDialog(self, self.tr("Files to send"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._open_chooser(dialog)

    @Slot()
    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, self.tr("Folder to send"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._open_chooser(dialog)

    def _open_chooser(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda files: self.take([Path(file) for file in files]))
        dialog.open()

    @Slot(bool)
    def _turn_on_top(self, is_on: bool) -> None:
        was_visible = self.isVisible()
        self._set_on_top(is_on)
        self.setVisible(was_visible)

    def _set_on_top(self, is_on: bool) -> None:
        self.setWindowFlag(Qt.WindowType.WindowStaysOnTopHint, is_on)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            self.zone.set_hot(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.zone.set_hot(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.zone.set_hot(False)
        data = event.mimeData()
        event.setDropAction(Qt.DropAction.CopyAction)  # the file manager must not remove them
        event.accept()
        if drag.is_elsewhere(data):
            self._say(
                "attention",
                "sign/warning",
                self.tr("This is not a file of this computer"),
                self.tr("Save it first, then drop the file."),
            )
        else:
            self.take(drag.local_paths(data))

    def closeEvent(self, event: QCloseEvent) -> None:
        event.accept()
        self.hide()
        self.closed.emit()
