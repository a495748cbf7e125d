"""One line of a form: label, editor, what was found out about it, what is wrong with it, and a help text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import QApplication, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from openmsi_desktop.gui.forms.height import CONTROL
from openmsi_desktop.gui.forms.sign import Finding, Note
from openmsi_desktop.gui.look import Look, Size, dress

FIELD_WIDTH = 360
"""Of a field for names; others are as wide as their content."""
_CHANGE_SIGNALS = ("changed", "textChanged", "currentTextChanged", "valueChanged", "dateTimeChanged", "toggled")


_ANY_WIDTH = 16_777_215
"""Qt's own bound of widgets that have none."""


class _Outline(QWidget):
    """A red border over an editor. The editor keeps its native looks and its focus ring."""

    def __init__(self, look: Look, editor: QWidget) -> None:
        super().__init__(editor)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        editor.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._cover()
        return False

    def _cover(self) -> None:
        editor = self.parentWidget()
        if editor is not None:
            self.setGeometry(editor.rect())

    def set_on(self, is_on: bool) -> None:
        self._cover()
        self.raise_()
        self.setVisible(is_on)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("error"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)


class Field(QWidget):
    """See the module. Made by :meth:`Form.add`; :attr:`label` lies in the form's first column."""

    def __init__(
        self,
        look: Look,
        label: str,
        editor: QWidget,
        *,
        help: str = "",
        check: Callable[[], str] | None = None,
        width: int = 0,
        beside: Sequence[QWidget] = (),
        outlined: QWidget | None = None,
        finding_below: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """check: what is wrong with the value now, as one sentence that says what to do; empty: nothing.

        width: of the editor in pixels; 0: up to the edge. beside: more widgets right of it. outlined: the part of the
        editor that gets the red border. finding_below: there is no room for it on the right.
        """
        super().__init__(parent)
        self.editor = editor
        self.label = QLabel(label, parent)
        self.label.setBuddy(editor)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._check = check
        self._is_watched = False
        self._outline = _Outline(look, outlined or editor)
        self._help_text = help
        self.finding = Note(look, parent=self)
        self.error = Note(look, icon_size=12, is_small=True, parent=self)
        self.help = QLabel(help, self)
        self.help.setWordWrap(True)
        self.help.setVisible(bool(help))
        self._look = look
        look.changed.connect(self._dress)
        self._dress()
        row = QHBoxLayout()
        row.setSpacing(8)
        if width:
            editor.setFixedWidth(width)
        top = Qt.AlignmentFlag.AlignTop
        is_fixed = bool(width) or editor.maximumWidth() < _ANY_WIDTH
        row.addWidget(editor, 0 if is_fixed else 1 if finding_below else 3, top)
        for widget in beside:
            row.addWidget(widget, 0, top)
        if not finding_below:
            above = max(0, (look.row_height(CONTROL) - self.finding.label.fontMetrics().height()) // 2)
            self.finding.setContentsMargins(0, above, 0, 0)
            row.addWidget(self.finding, 2, top)
        if is_fixed:
            row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(row)
        if finding_below:
            layout.addWidget(self.finding)
        layout.addWidget(self.error)
        layout.addWidget(self.help)
        self._name(label)
        self._watch_focus()

    # -- finding and error

    def tell(self, kind: Finding, text: str) -> None:
        """Say what was found out about the value."""
        self.finding.say(kind, text)
        if self.is_wrong:
            self.finding.hide()

    def forget(self) -> None:
        """Nothing is known about the value."""
        self.finding.say(Finding.OK, "")

    @property
    def is_wrong(self) -> bool:
        """An error is shown."""
        return bool(self.error.text)

    def check(self) -> bool:
        """Look at the value now, and show what is wrong with it; True if nothing is."""
        self.fail(self._check() if self._check is not None and self.isEnabled() else "")
        return not self.is_wrong

    def fail(self, text: str) -> None:
        """Show an error; empty: none. It goes away when the value changes and is right then."""
        self.error.say(Finding.FAILED, text)
        self.finding.setVisible(not text and bool(self.finding.text))  # one sentence for one thing
        self._outline.set_on(bool(text))
        self.editor.setAccessibleDescription(" ".join(filter(None, (text, self._help_text))))
        if text and not self._is_watched:
            self._is_watched = True
            for name in _CHANGE_SIGNALS:
                signal = getattr(self.editor, name, None)
                if signal is not None:
                    signal.connect(self._changed)
                    break

    def set_help(self, text: str) -> None:
        """Another help text."""
        self._help_text = text
        self.help.setText(text)
        self.help.setVisible(bool(text))

    def set_shown(self, is_shown: bool) -> None:
        """Show or hide the line with its label."""
        self.setVisible(is_shown)
        self.label.setVisible(is_shown)

    @Slot()
    def _changed(self) -> None:
        if self.is_wrong:
            self.fail(self._check() if self._check is not None else "")

    # -- looks

    def showEvent(self, event: QShowEvent) -> None:
        """A form that was put into another widget after it was built has lost the fonts of its labels to the style sheet."""
        self._dress()
        super().showEvent(event)

    @Slot()
    def _dress(self) -> None:
        dress(self.help, self._look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)

    # -- focus

    def focus(self) -> None:
        """Put the cursor here."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _watch_focus(self) -> None:
        for widget in (self.editor, *self.editor.findChildren(QWidget)):
            if widget.focusPolicy() is not Qt.FocusPolicy.NoFocus:
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        passing = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in passing:
            QTimer.singleShot(0, self, self._left)
        return False

    @Slot()
    def _left(self) -> None:
        now = QApplication.focusWidget()
        if now is None or not (now is self.editor or self.editor.isAncestorOf(now)):
            self.check()

    def _name(self, label: str) -> None:
        for widget in (self.editor, self.editor.focusProxy()):
            if widget is not None and not widget.accessibleName():
                widget.setAccessibleName(label)
        for combo in (self.editor, *self.editor.findChildren(QComboBox)):
            line = combo.lineEdit() if isinstance(combo, QComboBox) else None
            if line is not None and not line.accessibleName():
                line.setAccessibleName(combo.accessibleName() or label)
        if self._help_text:
            self.editor.setAccessibleDescription(self._help_text)
