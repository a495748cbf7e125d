"""Fields under each other: labels right-aligned in one column, fields on one edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from openmsi_desktop.gui.forms.field import Field
from openmsi_desktop.gui.forms.height import CONTROL
from openmsi_desktop.gui.look import Look, Size

_LABEL, _FIELD = 0, 1


class Form(QWidget):
    """A block of fields."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._rows = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(10)
        self._grid.setColumnStretch(_FIELD, 1)
        self.fields: list[Field] = []

    def add(
        self,
        label: str,
        editor: QWidget,
        *,
        help: str = "",
        check: Callable[[], str] | None = None,
        width: int = 0,
        beside: Sequence[QWidget] = (),
        outlined: QWidget | None = None,
        finding_below: bool = False,
    ) -> Field:
        """A field with its label; the arguments are those of :class:`Field`."""
        field = Field(
            self._look,
            label,
            editor,
            help=help,
            check=check,
            width=width,
            beside=beside,
            outlined=outlined,
            finding_below=finding_below,
            parent=self,
        )
        field.label.setMinimumHeight(self._look.row_height(CONTROL))
        self._grid.addWidget(field.label, self._rows, _LABEL, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(field, self._rows, _FIELD)
        self._rows += 1
        self.fields.append(field)
        return field

    def add_widget(self, widget: QWidget) -> QWidget:
        """Something without a label, on the edge of the fields: a check box, a fold."""
        self._grid.addWidget(widget, self._rows, _FIELD)
        self._rows += 1
        return widget

    def add_wide(self, widget: QWidget) -> QWidget:
        """Something over the whole width."""
        self._grid.addWidget(widget, self._rows, _LABEL, 1, 2)
        self._rows += 1
        return widget

    @property
    def label_width(self) -> int:
        """Room that the longest label needs."""
        return max((field.label.sizeHint().width() for field in self.fields), default=0)

    @staticmethod
    def align(forms: Iterable[Form]) -> None:
        """Let the fields of several forms begin on one edge."""
        forms = list(forms)
        width = max((form.label_width for form in forms), default=0)
        for form in forms:
            form._grid.setColumnMinimumWidth(_LABEL, width)

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)


def heading(look: Look, text: str, parent: QWidget | None = None) -> QLabel:
    """The head of a block of a dialog."""
    label = QLabel(text, parent)
    label.setFont(look.font(Size.HEADING, is_bold=True))
    return label
