"""Form and test of a connection together, as the dialog and the first run have them. Saves nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.connecting.fields import Fields, fields_of
from openmsi_desktop.gui.connecting.form import ConnectionForm
from openmsi_desktop.gui.connecting.saving import Entry
from openmsi_desktop.gui.connecting.tester import Outcome, RealTester, Request, Tester
from openmsi_desktop.gui.connection_test_view import ConnectionTestView
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.connection_test.topics import TopicUse
from openmsi_desktop.streaming.connection_test.uses import uses_in


class ConnectionPane(QWidget):
    """GUI thread."""

    changed = Signal()
    """The form, or the verdict."""

    def __init__(
        self,
        desktop: Desktop,
        connection: Connection | None = None,
        *,
        tester: Tester | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """connection: to be changed. tester: stands in for the real one."""
        super().__init__(parent)
        self._desktop = desktop
        self.old = connection
        self.form = ConnectionForm(desktop.look, taken=self._taken, parent=self)
        if connection is not None:
            self.form.set_fields(fields_of(connection), is_stored=bool(connection.credential))
        self.test = ConnectionTestView(
            desktop.look,
            desktop.background,
            tester or RealTester(desktop.credentials, desktop.host.profile),
            self._request,
            self,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.form)
        column.addWidget(self.test)
        self.form.changed.connect(self._note_change)
        self.form.name.textChanged.connect(self.changed)
        self.test.topic.textChanged.connect(self._note_change)
        self.test.ended.connect(self._show_cause)
        self.test.fix_wanted.connect(self._fix)
        self._as_saved = self.form.fields() if connection is not None else None
        secrets.place_of(desktop.credentials, desktop, self, self.form.name_keyring, self._lack_keyring)

    def entry(self) -> Entry:
        """For :func:`saving.save`."""
        return Entry(self.form.fields(), self.form.secret.typed, self.is_good, self.old)

    @property
    def is_good(self) -> bool:
        """The test went well and nothing was changed since; or nothing but the name was changed at all."""
        return (self.test.outcome is not None and self.test.outcome.is_good) or self._is_as_saved()

    def _is_as_saved(self) -> bool:
        saved, now = self._as_saved, self.form.fields()
        if saved is None or self.form.secret.typed is not None:
            return False
        return saved.connection("").kafka == (now.connection("").kafka if now.name else None)

    def _taken(self) -> Collection[str]:
        own = self.old.name if self.old is not None else None
        return {c.name for c in self._desktop.store.settings.connections} - {own}

    def _request(self) -> Request | None:
        wrong: list[Field] = self.form.check()
        if wrong:
            if wrong[0] is self.form.more_field:
                self.form.fold.open()
            wrong[0].focus()
            return None
        fields = self.form.fields()
        topic = self.test.topic.text().strip()
        uses = [TopicUse(topic)] if topic else []
        if not topic and self.old is not None:
            uses = uses_in(self._desktop.store.settings, self.old.name)
        credential = self.old.credential if self.old is not None else ""
        return Request(fields.connection(credential), self.form.secret.typed, uses)

    def _lack_keyring(self, error: OpenMSIError) -> None:
        if isinstance(error, NeedsYou):
            self.form.lack_keyring(error)

    @Slot()
    def _note_change(self) -> None:
        self.test.forget()
        self.changed.emit()

    @Slot(object)
    def _show_cause(self, outcome: Outcome) -> None:
        """Mark the field that a failed step is about."""
        failed = next((s for s in outcome.stages if s.ok is False), None)
        field = self._field_of(failed) if failed is not None else None
        if field is not None and failed is not None:
            field.fail(f"{failed.title}.")
        self.changed.emit()

    def _field_of(self, event: StageEvent) -> Field | None:
        form = self.form
        fields = {
            form.servers_field: "name-unknown address-malformed port-refused no-answer cannot-connect not-a-broker controller",
            form.security_field: "wants-tls lacks-tls wants-sign-in wants-no-sign-in",
            form.ca_field if form.own.isChecked() else form.trust_field: "authority-unknown",
            form.secret_field: "wrong-password password-missing secret-missing",
            form.mechanism_field: "mechanism-not-offered mechanism-impossible",
            form.certificate_field: "own-certificate-refused",
            form.token_field: "no-token token-source-missing",
            form.more_field: "unknown-property property-unsafe",
        }
        found = next((field for field, codes in fields.items() if event.code in codes.split()), None)
        return found if found is not None and (found.isVisibleTo(form) or found is form.more_field) else None

    @Slot(object)
    def _fix(self, fix: Mapping[str, str]) -> None:
        fields: Fields = self.form.fields().changed(fix)
        self.form.set_fields(fields)
        self.test.start()
