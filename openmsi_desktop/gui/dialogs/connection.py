"""Add or change a connection, and test it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.gui.connecting import saving
from openmsi_desktop.gui.connecting.pane import ConnectionPane
from openmsi_desktop.gui.connecting.tester import Tester
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import FormDialog
from openmsi_desktop.settings import Connection


def open_dialog(
    desktop: Desktop,
    parent: QWidget | None,
    connection: Connection | None = None,
    *,
    saved: Callable[[str], None] = lambda name: None,
) -> None:
    """Open it; it writes into the settings and the keyring. saved: called with the connection's name."""
    ConnectionDialog(desktop, parent, connection, saved=saved).open()


class ConnectionDialog(FormDialog):
    """A form, and below it the test of what it says now."""

    def __init__(
        self,
        desktop: Desktop,
        parent: QWidget | None,
        connection: Connection | None = None,
        *,
        saved: Callable[[str], None] = lambda name: None,
        tester: Tester | None = None,
    ) -> None:
        """tester: stands in for the real one."""
        super().__init__(desktop.look, "", "", parent=parent)
        self.setWindowTitle(
            self.tr("Connection") if connection is None else self.tr("Connection “%1”").replace("%1", connection.name)
        )
        self.verb.setText(self.tr("Save"))
        self._desktop = desktop
        self._saved = saved
        self.untested = self.add_side_button(self.tr("Save without a test"))
        self.untested.clicked.connect(self._save_untested)
        self.pane = ConnectionPane(desktop, connection, tester=tester, parent=self.body)
        layout = QVBoxLayout(self.body)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.addWidget(self.pane)
        layout.addStretch(1)
        self.resize(780, 690)
        self.pane.changed.connect(self._show_state)
        self.pane.test.begun.connect(self._show_test)
        self.pane.test.ended.connect(self._show_end)
        self._show_state()

    def check(self) -> bool:
        """See :meth:`FormDialog.check`; only the fields that are seen count."""
        self._fields = self.pane.form.shown_fields()
        return super().check()

    def save(self) -> None:
        """Everything that was tested works."""
        self._write(is_tested=self.pane.is_good)

    @Slot()
    def _save_untested(self) -> None:
        if self.check():
            self._write(is_tested=False)

    def _write(self, *, is_tested: bool) -> None:
        self.set_busy(True)
        saving.save(self._desktop, self, replace(self.pane.entry(), is_tested=is_tested), self._done, self._not_saved)

    def set_busy(self, is_busy: bool) -> None:
        """It is being saved."""
        self.untested.setEnabled(not is_busy)
        self.verb.setEnabled(not is_busy and self.pane.is_good)

    def _done(self, name: str) -> None:
        self.pane.form.secret.clear()
        self.accept()
        self._saved(name)

    def _not_saved(self, error: OpenMSIError) -> None:
        is_keyring = isinstance(error, NeedsYou)
        field = self.pane.form.secret_field if is_keyring and self.pane.form.secret.typed is not None else None
        text = self.tr("%1. Nothing was saved. %2").replace("%1", error.title).replace("%2", error.advice)
        self.refuse(text, field)

    @Slot()
    def _show_state(self) -> None:
        self.verb.setEnabled(self.pane.is_good)
        self.untested.setVisible(not self.pane.is_good)

    @Slot()
    def _show_test(self) -> None:
        QTimer.singleShot(0, self, self._scroll_to_test)

    @Slot()
    def _scroll_to_test(self) -> None:
        bar = self.area.verticalScrollBar()
        bar.setValue(min(bar.maximum(), self.pane.test.mapTo(self.body, self.pane.test.rect().topLeft()).y() - 12))

    @Slot(object)
    def _show_end(self, outcome: object) -> None:
        self._show_state()
        self._show_test()
