"""The short pages of the first run: welcome, what to do, keep running."""

from __future__ import annotations

from enum import StrEnum
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QLabel, QVBoxLayout, QWidget

from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.window.empty import BigButton

PAGE_WIDTH = 560


class Wish(StrEnum):
    """What this computer is to do."""

    SEND = "send"
    DOWNLOAD = "download"
    PASS_ON = "pass-on"
    DROP = "drop"

    @property
    def reads(self) -> bool:
        """It takes files from a topic; the others put them there."""
        return self in (Wish.DOWNLOAD, Wish.PASS_ON)

    @property
    def has_folder(self) -> bool:
        """A folder of this computer belongs to it."""
        return self in (Wish.SEND, Wish.DOWNLOAD)


class Page(QWidget):
    """A title, a line that explains, and what the page asks."""

    changed = Signal()

    def __init__(self, look: Look, title: str, line: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.title = QLabel(title, self)
        dress(self.title, look.font(Size.TITLE, is_bold=True))
        self.title.setWordWrap(True)
        self.line = QLabel(line, self)
        self.line.setWordWrap(True)
        dress(self.line, look.font(), QPalette.ColorRole.PlaceholderText)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(28, 24, 28, 24)
        self.column.setSpacing(12)
        self.column.addWidget(self.title)
        self.column.addWidget(self.line)
        self.column.addSpacing(4)

    @property
    def is_complete(self) -> bool:
        """The next page may come."""
        return True

    def begin(self) -> None:
        """It is shown: put the cursor where the first answer goes."""

    def check(self) -> bool:
        """Look at everything, and say what is wrong; True if nothing is."""
        return True


class WelcomePage(Page):
    """By hand, or practice."""

    by_hand = Signal()
    practice = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "", parent)
        self.title.setText(self.tr("Bring your data to the lab's stream"))
        self.line.setText(
            self.tr("A few questions, then a small test file shows that it works. Nothing is sent before you say so.")
        )
        self.hand = BigButton(
            look,
            self,
            "sign/connection",
            self.tr("Set up by hand"),
            self.tr("You know your lab's Kafka server, or can ask"),
        )
        self.hand.clicked.connect(self.by_hand)
        self.try_it = BigButton(
            look,
            self,
            "task/one-off",
            self.tr("Try it without a server"),
            self.tr("A practice window with a pretend instrument"),
        )
        self.try_it.clicked.connect(self.practice)
        for button in (self.hand, self.try_it):
            self.column.addWidget(button)
        self.column.addStretch(1)

    def begin(self) -> None:
        self.hand.setFocus(Qt.FocusReason.OtherFocusReason)


class WishPage(Page):
    """What this computer is to do; a click is the answer."""

    chosen = Signal(str)

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "", parent)
        self.title.setText(self.tr("What should this computer do?"))
        self.line.setText(self.tr("You can add more later."))
        self.buttons: dict[Wish, BigButton] = {}
        for wish, icon, text, explanation in (
            (Wish.SEND, "task/watch", self.tr("Send a folder"), self.tr("Every finished file in it goes to a topic")),
            (Wish.DOWNLOAD, "task/download", self.tr("Download"), self.tr("The files of a topic come into a folder")),
            (Wish.PASS_ON, "task/s3", self.tr("Send on to S3"), self.tr("The files of a topic go into a bucket")),
            (Wish.DROP, "task/one-off", self.tr("Just drop files"), self.tr("Single files or folders, by hand")),
        ):
            button = BigButton(look, self, icon, text, explanation)
            button.clicked.connect(partial(self.chosen.emit, wish.value))
            self.column.addWidget(button)
            self.buttons[wish] = button
        self.column.addStretch(1)

    def begin(self) -> None:
        self.buttons[Wish.SEND].setFocus(Qt.FocusReason.OtherFocusReason)


class KeepRunningPage(Page):
    """Start at login?"""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(look, "", "", parent)
        self.title.setText(self.tr("Keep running"))
        self.line.setText(
            self.tr("Files are sent while this program runs. Closed, its window leaves an icon that goes on.")
        )
        self.at_login = QCheckBox(self.tr("Start when I log in"), self)
        self.at_login.setChecked(True)
        self.column.addWidget(self.at_login)
        note = QLabel(self.tr("It then shows only its icon. You can change this at any time in Settings."), self)
        note.setWordWrap(True)
        dress(note, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        self.column.addWidget(note)
        self.column.addStretch(1)

    def begin(self) -> None:
        self.at_login.setFocus(Qt.FocusReason.OtherFocusReason)
