"""What the pages have in common: a title, blocks of controls, and preferences that are written at once."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.look import Size, dress
from openmsi_desktop.settings import Application

WIDTH = 560
"""A line of help longer than this is hard to read."""


class Page(QScrollArea):
    """One category. Subclasses fill :attr:`column` in their constructor, and :meth:`show_preferences`."""

    def __init__(self, desktop: Desktop, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desktop = desktop
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget(self)
        inner.setMaximumWidth(WIDTH + 40)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(20, 20, 20, 20)
        self.column.setSpacing(16)
        heading = QLabel(title, inner)
        dress(heading, desktop.look.font(Size.TITLE, is_bold=True))
        self.column.addWidget(heading)
        self.trouble = QLabel(inner)
        self.trouble.setWordWrap(True)
        self.trouble.setVisible(False)
        self.column.addWidget(self.trouble)
        self.setWidget(inner)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.setAccessibleName(title)
        desktop.store.changed.connect(self._refresh)

    # -- building

    def block(self, title: str) -> QFormLayout:
        """A heading and a form below it."""
        heading = QLabel(title, self.widget())
        dress(heading, self.desktop.look.font(Size.HEADING, is_bold=True))
        form = QFormLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setFormAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        box = QVBoxLayout()
        box.setSpacing(8)
        box.addWidget(heading)
        box.addLayout(form)
        self.column.addLayout(box)
        return form

    def row(self, form: QFormLayout, name: str, control: QWidget | QHBoxLayout) -> None:
        """A control with its name beside it; QFormLayout alone would put the name too high."""
        label = QLabel(name, self.widget())
        label.setMinimumHeight(self.desktop.look.row_height(32))
        form.addRow(label, control)
        if isinstance(control, QWidget):
            label.setBuddy(control)
            control.setAccessibleName(name)

    def help(self, text: str) -> QLabel:
        """A grey line below a control."""
        label = QLabel(text, self.widget())
        label.setWordWrap(True)
        label.setMinimumWidth(320)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        dress(label, self.desktop.look.font(Size.SMALL), QPalette.ColorRole.PlaceholderText)
        return label

    # -- preferences

    def show_preferences(self, application: Application) -> None:
        """Set the controls to what the settings say; signals of controls are blocked meanwhile."""

    def prefer(self, **changes: Any) -> None:
        """Change some of the preferences, and write them."""
        wanted = self.desktop.store.settings.application.model_copy(update=changes)
        if wanted != self.desktop.store.settings.application:
            self.desktop.store.change(
                lambda file: file.set_application(file.settings.application.model_copy(update=changes)),
                then=lambda: self.trouble.setVisible(False),
                failed=self.tell,
            )

    def tell(self, error: OpenMSIError) -> None:
        """Say on the page what did not work; the controls show what is so."""
        self.trouble.setText(f"{error.title}. {error.advice}")
        palette = self.trouble.palette()
        palette.setColor(QPalette.ColorRole.WindowText, self.desktop.look.colour("error"))
        self.trouble.setPalette(palette)
        self.trouble.setVisible(True)
        self.refresh()

    def refresh(self) -> None:
        """Show what is so."""
        self.show_preferences(self.desktop.store.settings.application)

    @Slot(object)
    def _refresh(self, settings: object) -> None:
        self.refresh()


def beside(*widgets: QWidget) -> QHBoxLayout:
    """Widgets in a line, none wider than it needs to be."""
    line = QHBoxLayout()
    line.setSpacing(8)
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch(1)
    return line
