"""Which server: one that is known already, or a new one with the form and test of the connection dialog."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from openmsi_desktop.gui.connecting.pane import ConnectionPane
from openmsi_desktop.gui.connecting.tester import Tester
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.first.pages import Page
from openmsi_desktop.settings import Connection


class ConnectionPage(Page):
    """GUI thread. Saves nothing."""

    later = Signal()

    def __init__(self, desktop: Desktop, *, tester: Tester | None, parent: QWidget | None = None) -> None:
        super().__init__(desktop.look, "", "", parent)
        self._desktop = desktop
        self.title.setText(self.tr("Which server?"))
        self.line.setText(self.tr("Ask whoever runs your lab's Kafka for these. Test, then go on."))
        self.known = QComboBox(self)
        self.known.setAccessibleName(self.tr("Connection"))
        for item in desktop.store.settings.connections:
            self.known.addItem(item.name, item.name)
        self.known.addItem(self.tr("A new connection"), "")
        self.known.setVisible(self.known.count() > 1)
        self.known.currentIndexChanged.connect(self._show)
        self.pane = ConnectionPane(desktop, tester=tester, parent=self)
        self.pane.changed.connect(self.changed)
        self.skip = QPushButton(self.tr("I'll do this later"), self)
        self.skip.setFlat(True)
        self.skip.clicked.connect(self.later)
        self.column.addWidget(self.known)
        self.column.addWidget(self.pane)
        self.column.addWidget(self.skip)
        self.column.addStretch(1)
        self._show()

    @property
    def is_new(self) -> bool:
        """A new one is described."""
        return not self.known.currentData()

    @property
    def is_complete(self) -> bool:
        return not self.is_new or self.pane.test.has_signed_in

    @property
    def connection(self) -> Connection:
        """The one that is meant; a new one is not saved, and its secret is :attr:`secret`."""
        if not self.is_new:
            return self._desktop.store.settings.connection(str(self.known.currentData()))
        return self.pane.form.fields().connection("")

    @property
    def secret(self) -> str | None:
        """As typed; None for a connection that is known."""
        return self.pane.form.secret.typed if self.is_new else None

    def begin(self) -> None:
        first = self.pane.form.name if self.known.count() == 1 else self.known
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def check(self) -> bool:
        return not self.is_new or not self.pane.form.check()

    @Slot()
    def _show(self) -> None:
        self.pane.setVisible(self.is_new)
        self.changed.emit()
