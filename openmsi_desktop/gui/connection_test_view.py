"""The staged test of a connection. Used by the dialog of a connection and by the first run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from openmsi_desktop.core.events import Stage
from openmsi_desktop.gui.connecting.report import details_of
from openmsi_desktop.gui.connecting.steps import STAGES, Line, connection_lines
from openmsi_desktop.gui.connecting.tester import Outcome, Request, Tester
from openmsi_desktop.gui.look import Look, Size, dress
from openmsi_desktop.gui.staged_test_view import StagedTestView
from openmsi_desktop.gui.threads import Background


class ConnectionTestView(StagedTestView[Request]):
    """With a field for a topic that is to be tested, too."""

    def __init__(
        self,
        look: Look,
        background: Background,
        tester: Tester,
        make_request: Callable[[], Request | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(look, background, tester, make_request, parent)
        self.topic = QLineEdit(self)
        self.topic.setFixedWidth(220)
        self.topic.setAccessibleName(self.tr("Topic to test too"))
        self.topic.setPlaceholderText(self.tr("topic, if you like"))
        self.topic.setInputMethodHints(Qt.InputMethodHint.ImhNoAutoUppercase)
        label = QLabel(self.tr("Also test"), self)
        label.setBuddy(self.topic)
        help_ = QLabel(self.tr("May you write to it and read it? Nothing is stored there."), self)
        help_.setWordWrap(True)
        dress(help_, look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        last = QHBoxLayout()
        last.setContentsMargins(16, 4, 16, 12)
        last.setSpacing(8)
        last.addWidget(label)
        last.addWidget(self.topic)
        last.addWidget(help_, 1)
        column = self.layout()
        assert column is not None
        column.addItem(last)

    @property
    def has_signed_in(self) -> bool:
        """The last test got past the sign-in, and nothing was changed since."""
        return any(s.stage is Stage.SIGN_IN and s.ok for s in self.stages) and self.outcome is not None

    def stages_in_order(self) -> Sequence[Stage]:
        return STAGES

    def lines(self, request: Request | None) -> Sequence[Line]:
        return connection_lines(list(dict.fromkeys(use.topic for use in request.uses)) if request is not None else [])

    def details(self, request: Request) -> str:
        return details_of(request.connection, self.stages)

    def words_before(self) -> str:
        return self.tr("A test takes a few seconds. It stores nothing on the server.")

    def words_for_good(self, outcome: Outcome, warnings: int) -> tuple[str, str]:
        has_topic = any(s.topic for s in outcome.stages)
        text = "" if has_topic else self.tr("Writing and reading were not tested: name a topic below.")
        if warnings:
            return self.tr("This connection works, with %n warning(s)", "", warnings), text
        return self.tr("This connection works"), text
