"""The first start: a wizard that ends with the proof."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.connecting.tester import RealTester, Tester
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.dialogs import drop, transfer
from openmsi_desktop.gui.first.connection_page import ConnectionPage
from openmsi_desktop.gui.first.finish import Choice, finish
from openmsi_desktop.gui.first.folder_page import FolderPage
from openmsi_desktop.gui.first.pages import KeepRunningPage, Page, WelcomePage, Wish, WishPage
from openmsi_desktop.gui.first.proof import Errand, Prover, RealProver
from openmsi_desktop.gui.first.proof_page import ProofPage
from openmsi_desktop.gui.first.steps import StepList
from openmsi_desktop.gui.forms import Finding, Note, make_tall
from openmsi_desktop.gui.opening import centre_on
from openmsi_desktop.gui.practice import open_practice

_WELCOME, _CONNECTION, _WISH, _FOLDER, _KEEP, _PROOF = range(6)
_open: dict[Desktop, FirstRun] = {}


def open_wizard(desktop: Desktop, parent: QWidget | None) -> None:
    """Open or raise it. Nothing is stored before its end, except secrets that a person saved."""
    window = _open.get(desktop)
    if window is None or not window.isVisible():
        window = _open[desktop] = FirstRun(desktop)
        window.closed.connect(_forget)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        centre_on(window, parent)
    window.show()
    window.raise_()
    window.activateWindow()


def _forget() -> None:
    for desktop, window in list(_open.items()):
        if not window.isVisible():
            del _open[desktop]


class FirstRun(QWidget):
    """One window; pages on the right, steps on the left. GUI thread."""

    closed = Signal()

    def __init__(self, desktop: Desktop, *, tester: Tester | None = None, prover: Prover | None = None) -> None:
        """tester, prover: stand in for the real ones."""
        super().__init__(None, Qt.WindowType.Window)
        self._desktop = desktop
        self._is_later = False
        self.wish = Wish.SEND
        self.setWindowTitle(self.tr("Set up OpenMSI Desktop"))
        self.setWindowIcon(desktop.look.mark())
        self.resize(900, 690)
        look = desktop.look
        names = [
            self.tr("Welcome"), self.tr("Connection"), self.tr("What to do"), self.tr("Folder"),
            self.tr("Keep running"), self.tr("Proof"),
        ]  # fmt: skip
        self.steps = StepList(look, names, self)
        self.welcome = WelcomePage(look)
        self.connection = ConnectionPage(desktop, tester=tester)
        self.what = WishPage(look)
        self.folder = FolderPage(desktop)
        self.keep = KeepRunningPage(look)
        real = RealTester(desktop.credentials, desktop.host.profile)
        self.proof = ProofPage(desktop, prover or RealProver(desktop.credentials), tester or real)
        self.pages: list[Page] = [self.welcome, self.connection, self.what, self.folder, self.keep, self.proof]
        self.stack = QStackedWidget(self)
        for page in self.pages:
            area = QScrollArea(self.stack)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            area.setWidget(page)
            page.setBackgroundRole(QPalette.ColorRole.Base)
            page.setAutoFillBackground(True)
            page.changed.connect(self._show_state)
            self.stack.addWidget(area)
        self._build_bottom()
        self.welcome.by_hand.connect(self.next)
        self.welcome.practice.connect(self._practise)
        self.connection.later.connect(self._later)
        self.what.chosen.connect(self._choose)
        self.proof.start_all.connect(self._start_all)
        self.proof.start_new.connect(self._start_new)
        make_tall(self, look)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(True)  # Return presses it, also outside a dialog
        self.go_to(_WELCOME)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.pages[self.step].begin()

    def _build_bottom(self) -> None:
        self.note = Note(self._desktop.look, parent=self)
        self.hint = QLabel(self)
        self.hint.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.back, self.forward = QPushButton(self.tr("Back"), self), QPushButton(self)
        self.back.clicked.connect(self.previous)
        self.forward.clicked.connect(self._forward)
        self.forward.setAutoDefault(True)
        above = QHBoxLayout()
        above.setSpacing(0)
        above.addWidget(self.steps)
        above.addWidget(self.stack, 1)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setFrameShadow(QFrame.Shadow.Plain)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        below = QHBoxLayout()
        below.setContentsMargins(20, 12, 20, 14)
        below.setSpacing(8)
        below.addWidget(self.hint, 1)
        below.addWidget(self.note, 1)
        for button in (self.back, self.forward):
            below.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above, 1)
        column.addWidget(line)
        column.addLayout(below)

    # -- from page to page

    @property
    def step(self) -> int:
        """Number of the page, from 0."""
        return self.stack.currentIndex()

    def go_to(self, step: int) -> None:
        """Show a page."""
        if step == _FOLDER:
            self.folder.ask_for(self.wish)
            if not self.folder.topic.text():
                self.folder.topic.setText(self.connection.pane.test.topic.text().strip())
        if step == _PROOF:
            load = self.folder.load
            errand = Errand(self.connection.connection, self.connection.secret, self.folder.topic.text().strip())
            count, size = (load.count, load.size) if load is not None else (0, 0)
            self.proof.ask_for(self.wish, errand, count, size, str(self.folder.path or ""))
        self.stack.setCurrentIndex(step)
        self.steps.show_step(step)
        self.note.say(Finding.FAILED, "")
        self._show_state()
        self.pages[step].begin()

    @Slot()
    def next(self) -> None:
        """The next page, if this one is filled in well."""
        if self.pages[self.step].check():
            self.go_to(_KEEP if self._is_later and self.step == _CONNECTION else self.step + 1)

    @Slot()
    def previous(self) -> None:
        """The page before."""
        self.go_to(_CONNECTION if self._is_later and self.step == _KEEP else max(0, self.step - 1))

    @Slot()
    def _forward(self) -> None:
        if self.step == _PROOF or (self.step == _KEEP and self._is_later):
            self._finish(paused=True)
        else:
            self.next()

    @Slot()
    def _later(self) -> None:
        self._is_later = True
        self.go_to(_KEEP)

    @Slot(str)
    def _choose(self, wish: str) -> None:
        self.wish = Wish(wish)
        self.next()

    @Slot()
    def _practise(self) -> None:
        open_practice(self)
        self.close()

    @Slot()
    def _show_state(self) -> None:
        step, page = self.step, self.pages[self.step]
        if step == _CONNECTION and page.is_complete:
            self._is_later = False
        is_last = step == _PROOF or (step == _KEEP and self._is_later)
        self.back.setVisible(step > _WELCOME)
        self.forward.setVisible(step not in (_WELCOME, _WISH))
        self.forward.setText(
            self.tr("Finish, start later") if step == _PROOF else self.tr("Finish") if is_last else self.tr("Next")
        )
        self.forward.setEnabled(page.is_complete)
        self.forward.setProperty("primary", not is_last or self._is_later)
        hints = {
            _CONNECTION: "" if page.is_complete else self.tr("Next is possible once the sign-in has passed its test."),
            _KEEP: self.tr("Nothing will run yet: there is no connection.") if self._is_later else "",
        }
        self.hint.setText(hints.get(step, ""))

    # -- the end

    @Slot()
    def _start_all(self) -> None:
        self._finish()

    @Slot()
    def _start_new(self) -> None:
        self._finish(only_new=True)

    def _finish(self, *, only_new: bool = False, paused: bool = False) -> None:
        self.setEnabled(False)
        choice = Choice(at_login=self.keep.at_login.isChecked())
        if not self._is_later:
            new = self.connection.is_new
            entry = self.connection.pane.entry() if new else None
            choice = replace(
                choice,
                entry=entry,
                connection="" if new else self.connection.connection.name,
                wish=self.wish,
                folder=self.folder.path,
                topic=self.folder.topic.text().strip(),
                only_new=only_new,
                check=self.proof.is_proved,
                paused=paused,
            )
            finish(self._desktop, self, choice, self._finished, self._not_finished)
        else:
            finish(self._desktop, self, choice, self._finished, self._not_finished)

    def _finished(self, trouble: str) -> None:
        self.setEnabled(True)
        if trouble:  # everything else is stored
            box = QMessageBox(QMessageBox.Icon.Warning, self.windowTitle(), self.tr("It does not start at login"))
            box.setInformativeText(trouble)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()
        self.connection.pane.form.secret.clear()
        if self.wish is Wish.DROP and not self._is_later:
            drop.open_window(self._desktop, None)
        if self.wish is Wish.PASS_ON and not self._is_later:
            name = self.connection.connection.name
            transfer.open_for(self._desktop, None, name, self.folder.topic.text().strip())
        self.close()

    def _not_finished(self, error: OpenMSIError) -> None:
        self.setEnabled(True)
        self.note.say(Finding.FAILED, f"{error.title}. {error.advice}")

    def closeEvent(self, event: QCloseEvent) -> None:
        self.connection.pane.test.cancel()
        self.proof.cancel()
        event.accept()
        self.hide()
        self.closed.emit()
