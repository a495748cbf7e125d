"""The last page: a small file goes out and comes back, and then what is waiting may go."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from openmsi_desktop.core.events import Stage
from openmsi_desktop.gui import words
from openmsi_desktop.gui.connecting.band import Band
from openmsi_desktop.gui.connecting.tester import Outcome, Request, Tester
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.first.ladder import ProofLadder
from openmsi_desktop.gui.first.pages import Page, Wish
from openmsi_desktop.gui.first.proof import Errand, Proved, Prover, Rung
from openmsi_desktop.gui.forms import heading
from openmsi_desktop.gui.language import fill
from openmsi_desktop.streaming.connection_test.topics import TopicUse


class _Relay(QObject):
    reached = Signal(object)


class ProofPage(Page):
    """GUI thread; the proof runs on another one."""

    start_all = Signal()
    start_new = Signal()

    def __init__(self, desktop: Desktop, prover: Prover, tester: Tester, parent: QWidget | None = None) -> None:
        super().__init__(desktop.look, "", "", parent)
        self._desktop, self._prover, self._tester = desktop, prover, tester
        self._errand: Errand | None = None
        self._wish = Wish.SEND
        self._stop: threading.Event | None = None
        self._relay = _Relay(self)
        self._relay.reached.connect(self._reach)
        self.is_proved = False
        """A file went out and came back."""
        self.topic = QLineEdit(self)
        self.topic.setFixedWidth(220)
        self.topic.setAccessibleName(self.tr("Topic for the test file"))
        self.topic_label = QLabel(self.tr("Topic for the test file"), self)
        self.topic_label.setBuddy(self.topic)
        self.send = QPushButton(self.tr("Send the test file"), self)
        self.send.clicked.connect(self.prove)
        self.only_check = QPushButton(self.tr("Check without writing"), self)
        self.only_check.clicked.connect(self._check_only)
        row, below = QHBoxLayout(), QHBoxLayout()
        for line, widgets in ((row, (self.topic_label, self.topic)), (below, (self.send, self.only_check))):
            line.setSpacing(8)
            for widget in widgets:
                line.addWidget(widget)
            line.addStretch(1)
        self.band = Band(desktop.look, self)
        self.ladder = ProofLadder(desktop.look, self)
        self.ready = heading(desktop.look, self.tr("Ready when you are"), self)
        self.waiting = QLabel(self)
        self.waiting.setWordWrap(True)
        self.waiting.setForegroundRole(self.waiting.palette().ColorRole.PlaceholderText)
        self.all, self.new = QPushButton(self), QPushButton(self.tr("Start with new files only"), self)
        self.all.clicked.connect(self.start_all)
        self.new.clicked.connect(self.start_new)
        last = QHBoxLayout()
        last.setSpacing(8)
        for button in (self.all, self.new):
            last.addWidget(button)
        last.addStretch(1)
        self.column.addLayout(row)
        self.column.addLayout(below)
        for part in (self.band, self.ladder, self.ready, self.waiting):
            self.column.addWidget(part)
        self.column.addLayout(last)
        self.column.addStretch(1)
        application = QGuiApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.cancel)

    def ask_for(self, wish: Wish, errand: Errand, count: int, size: int, folder: str) -> None:
        """What is to be proved, and what waits: files, their bytes, where."""
        if errand != self._errand or wish is not self._wish:
            self.is_proved = False
        self._wish, self._errand = wish, errand
        self.title.setText(self.tr("Does it work?"))
        writes = not wish.reads
        self.line.setText(
            self.tr("A file of 1 kB is sent, read back and compared. It stays on the topic; it is harmless.")
            if writes
            else self.tr("It is tested whether this account may read the topic. Nothing is written.")
        )
        for widget in (self.topic_label, self.topic, self.send, self.ladder):
            widget.setVisible(writes)
        self.topic.setText(errand.topic)
        self.only_check.setText(self.tr("Check without writing") if writes else self.tr("Check the topic"))
        self.ladder.clear()
        self.band.hide()
        self.send.setProperty("primary", True)
        self.all.setText(
            {
                Wish.SEND: self.tr("Start sending %n file(s)", "", count) if count else self.tr("Start sending"),
                Wish.DOWNLOAD: self.tr("Start downloading"),
                Wish.PASS_ON: self.tr("Choose the bucket…"),
                Wish.DROP: self.tr("Open the drop window"),
            }[wish]
        )
        self.new.setVisible(wish is Wish.SEND and count > 0)
        told = fill(self.tr("%n file(s) are waiting in %1 (%2).", "", count), folder, words.size(size))
        self.waiting.setText(told if wish is Wish.SEND and count else "")
        self.waiting.setVisible(bool(self.waiting.text()))

    def begin(self) -> None:
        (self.only_check if self._wish.reads else self.send).setFocus()

    @Slot()
    def prove(self) -> None:
        """Send the test file."""
        if self._errand is None or self._stop is not None:
            return
        stop = self._begin()
        topic = self.topic.text().strip() or self._errand.topic
        errand = Errand(self._errand.connection, self._errand.secret, topic)
        prover, relay = self._prover, self._relay
        self.ladder.clear()
        self._say(
            "working", "action/rescan", self.tr("A test file is on its way…"), fill(self.tr("To the topic %1."), topic)
        )
        self._desktop.background.run(
            self, lambda: prover(errand, relay.reached.emit, stop), lambda end: self._proved(end, topic), self._failed
        )

    @Slot()
    def _check_only(self) -> None:
        if self._errand is None or self._stop is not None:
            return
        stop, writes = self._begin(), not self._wish.reads
        topic = self._errand.topic if not writes else self.topic.text().strip() or self._errand.topic
        request = Request(self._errand.connection, self._errand.secret, [TopicUse(topic, sends=writes, reads=True)])
        tester = self._tester
        self._say("working", "action/rescan", self.tr("Checking…"), fill(self.tr("The topic %1."), topic))
        self._desktop.background.run(
            self, lambda: tester(request, lambda stage: None, stop), lambda end: self._checked(end, topic), self._failed
        )

    @Slot()
    def cancel(self) -> None:
        """End what is under way, soon."""
        if self._stop is not None:
            self._stop.set()

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():
            self.cancel()
        super().hideEvent(event)

    def _begin(self) -> threading.Event:
        self._stop = threading.Event()
        self.is_proved = False
        self._set_busy(True)
        return self._stop

    def _set_busy(self, is_busy: bool) -> None:
        for button in (self.send, self.only_check):
            button.setEnabled(not is_busy)
        self.changed.emit()

    @Slot(object)
    def _reach(self, rung: Rung) -> None:
        if self._errand is not None:
            self.ladder.reach(rung, self._errand.connection.name)

    def _proved(self, end: Proved, topic: str) -> None:
        self._stop = None
        self.is_proved = end.is_good
        if end.is_good:
            self.title.setText(self.tr("It works!"))
            text = fill(self.tr("A test file of 1 kB went to %1 and came back with the same contents."), topic)
            self.line.setText(text)
            self.band.hide()
        else:
            self._say("error", "state/problem", end.title, end.advice)
        self._after(is_good=end.is_good)

    def _checked(self, end: Outcome, topic: str) -> None:
        self._stop = None
        failed = next((stage for stage in end.stages if stage.ok is False), None)
        has_read = any(stage.stage is Stage.READ and stage.ok for stage in end.stages)
        if failed is not None:
            self._say("error", "state/problem", failed.title, failed.advice)
        elif self._wish.reads:
            self._say("ok", "state/arrived", self.tr("It works!"), fill(self.tr("This account may read %1."), topic))
        else:
            text = self.tr(
                "This account may write and read. That is weaker than a test file: nothing went out and came back."
            )
            self._say("working", "sign/information", self.tr("Nothing speaks against it"), text)
        self._after(is_good=failed is None and has_read)

    def _after(self, *, is_good: bool) -> None:
        self._set_busy(False)
        self.send.setProperty("primary", not is_good)
        self.all.setProperty("primary", is_good)
        for button in (self.send, self.all):
            button.update()
        if is_good:
            self.all.setFocus()

    def _say(self, token: str, icon: str, title: str, text: str) -> None:
        self.band.say(token, icon, title, text)
        self.band.show()

    def _failed(self, error: Exception) -> None:
        self._stop = None
        self._set_busy(False)
        self._say("error", "state/problem", self.tr("The test could not be run"), f"{type(error).__name__}: {error}")
