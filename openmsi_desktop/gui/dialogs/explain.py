"""Why is my file there, or not there?"""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import FileState
from openmsi_desktop.gui import accounts, file_actions, file_words
from openmsi_desktop.gui.dialogs.explain_view import Band, Details, Ladder, Output
from openmsi_desktop.gui.forms.fold import Fold
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.gui.sinks.words import Sink, all_sinks
from openmsi_desktop.gui.window.parts import Chip, PathLabel, Rule, plain, small
from openmsi_desktop.streaming.explaining.explanation import Explanation, explained
from openmsi_desktop.streaming.explaining.known import KnownFile

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop


def open_dialog(desktop: Desktop, parent: QWidget | None, path: str) -> None:
    """Explain a file by its path here or on a topic; also one that nobody knows. Empty: a person chooses one."""
    dialog = ExplainDialog(desktop, parent)
    dialog.explain(path)
    dialog.show()


class ExplainDialog(QDialog):
    """Stays open beside the window, and follows what happens to the file. Another one may be dropped on it."""

    def __init__(self, desktop: Desktop, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._path = ""
        self._found: Explanation | None = None
        self._told: object = None
        self._is_looking = False
        look = desktop.look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Why isn’t my file there?"))
        self.setAcceptDrops(True)
        self.resize(760, 480)

        self.title = PathLabel(self)
        dress(self.title, look.font(Size.TITLE, is_bold=True))
        self.chip = Chip(look, self)
        self.about = small(look, self)
        self.place = PathLabel(self, is_wide=True)
        dress(self.place, look.font(), QPalette.ColorRole.PlaceholderText)
        self.which = QComboBox(self)
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.which.setAccessibleName(self.tr("Which of the tasks that know this file"))
        self.which.currentIndexChanged.connect(self._show_chosen)
        first = QHBoxLayout()
        first.setSpacing(12)
        first.addWidget(self.title)
        first.addWidget(self.chip)
        first.addStretch(1)
        first.addWidget(self.about)
        second = QHBoxLayout()
        second.addWidget(self.place, 1)
        second.addWidget(self.which)
        head = QVBoxLayout()
        head.setContentsMargins(20, 16, 20, 14)
        head.setSpacing(6)
        head.addLayout(first)
        head.addLayout(second)

        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setAccessibleName(self.tr("What happened to the file"))
        self._area.viewport().setBackgroundRole(QPalette.ColorRole.Base)
        self._is_open = False

        self.choose_button = QPushButton(self.tr("Another file…"), self)
        self.copy_button = QPushButton(self.tr("Copy report"), self)
        self.close_button = QPushButton(self.tr("Close"), self)
        self._requests = QHBoxLayout()
        self._requests.setSpacing(8)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(20, 12, 20, 16)
        bottom.setSpacing(8)
        bottom.addWidget(self.choose_button)
        bottom.addStretch(1)
        bottom.addLayout(self._requests)
        bottom.addWidget(self.copy_button)
        bottom.addWidget(self.close_button)
        for button in (self.choose_button, self.copy_button, self.close_button):
            button.setAutoDefault(False)
        self.choose_button.clicked.connect(self.choose)
        self.copy_button.clicked.connect(self._copy)
        self.close_button.clicked.connect(self.accept)

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(Rule(self))
        column.addWidget(self._area, 1)
        column.addWidget(Rule(self))
        column.addLayout(bottom)
        desktop.observer.changed.connect(self._look_again)
        look.changed.connect(self._dress)
        self._dress()

    # -- what others ask

    def explain(self, path: str) -> None:
        """Find out about this path, and show it. Empty: ask which."""
        self._path, self._found, self._told = path, None, None
        if not path:
            self._show_nothing()
        else:
            self._look()

    @Slot()
    def choose(self) -> None:
        """Let a person choose a file."""
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Which file?"), os.path.dirname(self._path))
        if chosen:
            self.explain(chosen)

    def show_explanation(self, found: Explanation) -> None:
        """Show what was found out."""
        self._found = found
        names = [fill("%1 → %2", f.task, f.topic) if f.is_outgoing else f"{f.topic} → {f.task}" for f in found.files]
        if [self.which.itemText(i) for i in range(self.which.count())] != names:
            self.which.blockSignals(True)
            self.which.clear()
            self.which.addItems(names)
            self.which.blockSignals(False)
        self.which.setVisible(len(names) > 1)
        self._show_chosen()

    # -- finding out

    @Slot(object)
    def _look_again(self, snapshot: object) -> None:
        if self._path and self.isVisible():
            self._look()

    def _look(self) -> None:
        if self._is_looking:
            return
        self._is_looking = True
        path, profile = self._path, self._desktop.host.profile
        watched = self._desktop.store.settings.watched_folders

        def work() -> Explanation:
            streaming = profile.streamer()
            if not profile.journal_path.exists():
                return explained(None, watched, path, streaming=streaming)
            with closing(profile.open_journal()) as journal:
                return explained(journal, watched, path, streaming=streaming)

        self._desktop.background.run(self, work, self._take, self._failed)

    def _take(self, found: Explanation) -> None:
        self._is_looking = False
        if found.path == self._path:
            self.show_explanation(found)
        else:
            self._look()  # another file was asked for meanwhile

    def _failed(self, error: Exception) -> None:
        self._is_looking = False
        if not isinstance(error, OpenMSIError):
            raise error
        self.about.setText("")
        self._fill([plain(self, str(error))])

    # -- showing

    def _sinks(self) -> dict[str, Sink]:
        return {sink.name: sink for sink in all_sinks(self._desktop.store.settings)}

    def _file(self) -> KnownFile | None:
        files = self._found.files if self._found is not None else ()
        return files[max(0, self.which.currentIndex())] if files else None

    @Slot()
    def _show_chosen(self) -> None:
        found = self._found
        if found is None:
            return
        file, now = self._file(), time.time()
        account = accounts.of_known(found, file, now=now, sinks=self._sinks()) if file else accounts.of_unknown(found)
        if (account, file) == self._told:
            return  # nothing new, so nothing jumps
        self._told = (account, file)
        local = file.local if file is not None and not file_words.is_url(file.local) else ""
        path = (local or file.path) if file else found.path
        folder, name = os.path.split(path)
        self.title.show_path(file_words.shown(name or path))
        self.chip.show_state(*account.chip)
        self.chip.show()
        self.about.setText(account.about)
        shown = file_words.shown(folder)
        self.place.show_path(
            fill(self.tr("%1 · %2"), file.task, shown) if file and shown else file.task if file else shown
        )
        self.copy_button.setEnabled(True)
        parts: list[QWidget] = [
            Ladder(self._desktop.look, self, account.steps),
            Band(self._desktop.look, self, account.next),
        ]
        if file is not None:
            details = Details(self._desktop.look, self, accounts.technical(file, now=now))
            fold = Fold(self.tr("Technical details"), details, indent=20, parent=self)
            fold.open(self._is_open)
            fold.button.clicked.connect(self._remember_fold)
            parts.append(fold)
            parts += [
                Output(self._desktop.look, self, state.sink, state.output) for state in file.sinks if state.output
            ]
        self._fill(parts)
        self._offer(file)

    def _fill(self, parts: list[QWidget]) -> None:
        place = self._area.verticalScrollBar().value()
        body = QWidget(self._area)
        body.setBackgroundRole(QPalette.ColorRole.Base)
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        for part in parts:
            column.addWidget(part)
        column.addStretch(1)
        self._area.setWidget(body)
        body.setAutoFillBackground(True)
        self._area.verticalScrollBar().setValue(place)

    def _show_nothing(self) -> None:
        self.title.show_path(self.tr("Which file?"))
        self.chip.hide()
        self.about.setText("")
        self.place.show_path("")
        self.which.hide()
        self.copy_button.setEnabled(False)
        text = QLabel(self.tr("Choose a file, or drop it here: also one that has not been sent."), self)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text.setMinimumHeight(160)
        self._fill([text])

    def _offer(self, file: KnownFile | None) -> None:
        """Buttons for what a person can do about it."""
        while self._requests.count():
            item = self._requests.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for request, text in _requests(file):
            button = QPushButton(text, self)
            button.setObjectName(request)
            button.setAutoDefault(False)
            button.clicked.connect(self._request)
            self._requests.addWidget(button)

    @Slot()
    def _remember_fold(self) -> None:
        self._is_open = not self._is_open

    @Slot()
    def _request(self) -> None:
        file, asked = self._file(), self.sender().objectName().split()
        if file is not None:
            file_actions.ask(self._desktop, asked[0], file.key, [file.path], " ".join(asked[1:]))

    @Slot()
    def _copy(self) -> None:
        found, file, now = self._found, self._file(), time.time()
        if found is not None:
            account = (
                accounts.of_known(found, file, now=now, sinks=self._sinks()) if file else accounts.of_unknown(found)
            )
            file_actions.copy(accounts.report(found, account, file, now=now))

    @Slot()
    def _dress(self) -> None:
        self.setWindowIcon(self._desktop.look.mark())
        self.copy_button.setIcon(self._desktop.look.icon("action/copy"))
        if self._found is not None:
            self._told = None
            self._show_chosen()

    # -- dropped on it

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            event.acceptProposedAction()
            self.explain(files[0])


def _requests(file: KnownFile | None) -> list[tuple[str, str]]:
    """(request, what its button says) that fit the state of a file."""
    if file is None:
        return []
    if file.state is FileState.HELD:
        return [("decide send", tr("Send it as it is")), ("decide skip", tr("Do not send it"))]
    if file.state is FileState.PROBLEM:
        return [("retry", tr("Try again now"))]
    if file.state is FileState.IGNORED and file.is_outgoing:
        return [("decide send", tr("Send it anyway"))]
    return []
