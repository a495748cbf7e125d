"""What closing the window and quitting mean: hide and go on sending, or end; and the questions before that."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QMessageBox, QPushButton, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.host import Role
from openmsi_desktop.settings_file import SettingsFile


class Closing(QObject):
    """Decides for one window. GUI thread."""

    wants_end = Signal()
    """The program is to end now."""

    def __init__(self, desktop: Desktop, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._window = window
        self._question: QMessageBox | None = None
        self._hide: QPushButton | None = None
        self._quit: QPushButton | None = None
        self.is_ending = False
        """Nothing is asked any more: the session or the program ends."""
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self._window or event.type() is not QEvent.Type.Close or self.is_ending:
            return False
        event.ignore()
        self._close()
        return True

    def _close(self) -> None:
        choice = self._desktop.store.settings.application.close
        if not self._desktop.tray_host.is_there:
            # hidden, nothing would lead back to it
            if choice == "hide":
                self._window.showMinimized()
            else:
                self.ask_to_quit()
        elif choice == "hide":
            self._window.hide()
        elif choice == "quit":
            self.ask_to_quit()
        else:
            self._ask_what_closing_means()

    @Slot()
    def ask_to_quit(self) -> None:
        """End, unless files are on their way and a person decides to wait for them."""
        now = self._desktop.observer.now
        count = sum(task.pending for task in now.tasks)
        if self._desktop.host.role is not Role.STREAMING or not count:
            self.wants_end.emit()
            return
        question = self._new_question(QMessageBox.Icon.Question)
        question.setText(self.tr("Quit and stop sending?"))
        question.setInformativeText(
            self.tr("%n file(s) are still on their way.", "", count)
            + " "
            + self.tr("They stay where they are and go on at the next start. Until then nothing is sent or downloaded.")
        )
        self._quit = question.addButton(self.tr("Stop sending and quit"), QMessageBox.ButtonRole.DestructiveRole)
        stay = question.addButton(self.tr("Go on"), QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(stay)
        question.setEscapeButton(stay)
        self._open(question)

    def _ask_what_closing_means(self) -> None:
        question = self._new_question(QMessageBox.Icon.Question)
        question.setText(self.tr("Go on sending while the window is closed?"))
        question.setInformativeText(
            self.tr("The icon near the clock stays, shows how it goes, and opens the window again.")
        )
        self._hide = question.addButton(self.tr("Close window, go on"), QMessageBox.ButtonRole.AcceptRole)
        self._quit = question.addButton(self.tr("Quit"), QMessageBox.ButtonRole.DestructiveRole)
        cancel = question.addButton(QMessageBox.StandardButton.Cancel)
        question.setDefaultButton(self._hide)
        question.setEscapeButton(cancel)
        question.setCheckBox(QCheckBox(self.tr("Do not ask again"), question))
        self._open(question)

    def _new_question(self, icon: QMessageBox.Icon) -> QMessageBox:
        if self._question is not None:
            self._question.buttonClicked.disconnect(self._answered)
            self._question.close()
        self._hide = self._quit = None
        question = QMessageBox(self._window)
        question.setIcon(icon)
        question.setWindowTitle(self.tr("OpenMSI Desktop"))
        return question

    def _open(self, question: QMessageBox) -> None:
        self._question = question
        question.buttonClicked.connect(self._answered)
        question.finished.connect(question.deleteLater)
        question.open()

    @Slot(object)
    def _answered(self, button: object) -> None:
        question, self._question = self._question, None
        box = question.checkBox() if question is not None else None
        if button is self._hide:
            self._remember("hide", box)
            self._window.hide()
        elif button is self._quit:
            if self._hide is not None:
                self._remember("quit", box)
                self.ask_to_quit()
            else:
                self.wants_end.emit()

    def _remember(self, choice: str, box: QCheckBox | None) -> None:
        if box is None or not box.isChecked():
            return

        def change(file: SettingsFile) -> None:
            file.set_application(file.settings.application.model_copy(update={"close": choice}))

        self._desktop.store.change(change, failed=_only_asked_again)


def _only_asked_again(error: OpenMSIError) -> None:
    """A choice that could not be written is asked for again at the next time; the settings page tells of the file."""
