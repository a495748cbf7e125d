"""A dialog with a form that scrolls and buttons that never do."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPalette, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from openmsi_desktop.gui.forms.field import Field
from openmsi_desktop.gui.forms.height import make_tall
from openmsi_desktop.gui.forms.sign import Finding, Note
from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.look import Look

MARGIN = 20
_HIGHEST = 700


class FormDialog(QDialog):
    """Give it :attr:`body` a layout, tell it its fields, and say in :meth:`save` what its verb does.

    The order of the buttons is the system's. Return presses the verb, Escape closes.
    """

    def __init__(self, look: Look, title: str, verb: str, *, parent: QWidget | None = None) -> None:
        """title: of the window. verb: on the blue button, such as "Start sending"."""
        super().__init__(parent)
        self.look = look
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._fields: list[Field] = []
        self.width_wanted = 640
        self.body = QWidget(self)
        self.area = QScrollArea(self)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self.body)
        self.body.installEventFilter(self)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.trouble = Note(look, parent=self)
        """Why the verb did not work, above the buttons."""
        self.buttons = QDialogButtonBox(self)
        self.verb = PrimaryButton(look, verb, self)
        self.buttons.addButton(self.verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.cancel = self.buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self.cancel.setAutoDefault(False)
        self.buttons.accepted.connect(self._try)
        self.buttons.rejected.connect(self.reject)
        line = QFrame(self)
        line.setFrameShape(QFrame.Shape.HLine)
        line.setForegroundRole(QPalette.ColorRole.Mid)
        line.setFrameShadow(QFrame.Shadow.Plain)
        bottom = QVBoxLayout()
        bottom.setContentsMargins(MARGIN, 12, MARGIN, 16)
        bottom.setSpacing(10)
        bottom.addWidget(self.trouble)
        bottom.addWidget(self.buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.middle = QGridLayout()
        """Has the form at (1, 0); what does not scroll with it may stand beside it."""
        self.middle.setContentsMargins(0, 0, 0, 0)
        self.middle.setSpacing(0)
        self.middle.addWidget(self.area, 1, 0)
        self.middle.setRowStretch(1, 1)
        self.above = QVBoxLayout()
        """For what stays in sight above the form."""
        layout.addLayout(self.above)
        layout.addLayout(self.middle, 1)
        layout.addWidget(line)
        layout.addLayout(bottom)

    # -- for the dialogs

    def watch(self, fields: Iterable[Field]) -> None:
        """These are checked when the verb is pressed, in this order."""
        self._fields.extend(fields)

    def add_side_button(self, text: str) -> QPushButton:
        """A button away from the verb, on the left."""
        button = self.buttons.addButton(text, QDialogButtonBox.ButtonRole.ResetRole)
        button.setAutoDefault(False)
        return button

    def save(self) -> None:
        """What the verb does; every field is right. Call :meth:`accept` when it is done, or :meth:`refuse`."""
        raise NotImplementedError

    def refuse(self, text: str, field: Field | None = None) -> None:
        """It did not work: say so, at a field or above the buttons, and let people go on."""
        self.set_busy(False)
        if field is not None:
            field.fail(text)
            self.go_to(field)
        else:
            self.trouble.say(Finding.FAILED, text)

    def set_busy(self, is_busy: bool) -> None:
        """The verb is being done."""
        self.verb.setEnabled(not is_busy)

    def go_to(self, field: Field) -> None:
        """Unfold what hides a field, scroll to it, and put the cursor there."""
        above = field.parentWidget()
        while above is not None and above is not self:
            fold = above.parentWidget()
            if hasattr(fold, "open") and getattr(fold, "content", None) is above:
                fold.open()  # type: ignore[union-attr]
            above = fold
        field.focus()
        self.area.ensureWidgetVisible(field, 0, 24)

    def check(self) -> bool:
        """Check all fields; the first that is wrong gets the cursor."""
        wrong = [field for field in self._fields if not field.check()]
        if wrong:
            self.trouble.say(Finding.FAILED, tr("%n field(s) need to be corrected first.", "", len(wrong)))
            self.go_to(wrong[0])
        else:
            self.trouble.say(Finding.FAILED, "")
        return not wrong

    # -- Qt

    @Slot()
    def _try(self) -> None:
        if self.check():
            self.set_busy(True)
            self.save()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.body and event.type() is QEvent.Type.LayoutRequest:
            # it scrolls up and down only, so all of its width has to be there
            bar = self.area.verticalScrollBar().sizeHint().width()
            self.area.setMinimumWidth(self.body.minimumSizeHint().width() + bar)
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        body, rest = self.body.sizeHint(), self.buttons.sizeHint().height() + 48
        width = max(self.width_wanted, self.body.minimumSizeHint().width() + 16)
        layout = self.body.layout()
        height = (
            layout.totalHeightForWidth(width) if layout is not None and layout.hasHeightForWidth() else body.height()
        )
        return QSize(width, min(_HIGHEST, max(height, body.height()) + rest))

    def setVisible(self, visible: bool) -> None:
        if visible:  # before the size of the window is reckoned
            make_tall(self, self.look)
            if not self.testAttribute(
                Qt.WidgetAttribute.WA_Resized
            ):  # Qt would make it at most two thirds of the screen
                self.resize(self.sizeHint())
        super().setVisible(visible)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        screen = self.screen() or QGuiApplication.primaryScreen()
        if screen is not None and not event.spontaneous():
            room = screen.availableGeometry()
            self.resize(self.size().boundedTo(QSize(room.width() - 16, room.height() - 48)))
            corner = self.pos()
            if self.parentWidget() is not None and not room.contains(self.frameGeometry()):
                self.move(QPoint(max(room.left(), min(corner.x(), room.right() - self.width())), room.top() + 24))


class PrimaryButton(QPushButton):
    """Blue, where the style lets us; the systems' own styles draw their default button as they like."""

    def __init__(self, look: Look, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._look = look
        self.setDefault(True)
        look.changed.connect(self._colour)
        self._colour()

    @Slot()
    def _colour(self) -> None:
        palette = QPalette()
        for group in (QPalette.ColorGroup.Active, QPalette.ColorGroup.Inactive):
            palette.setColor(group, QPalette.ColorRole.Button, self._look.colour("surface", "highlight"))
            palette.setColor(group, QPalette.ColorRole.ButtonText, self._look.colour("surface", "highlight_text"))
        self.setPalette(palette)


def side_by_side(*widgets: QWidget) -> QWidget:
    """Small widgets in one line, as one editor."""
    box = QWidget()
    layout = QHBoxLayout(box)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return box
