"""The form of a bucket as the dialogs have it: with the keyring, and the settings it came from. Saves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.connecting.tester import Outcome
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field
from openmsi_desktop.gui.sinks.bucket_form import BucketForm
from openmsi_desktop.gui.sinks.bucket_test_view import BucketTestView
from openmsi_desktop.gui.sinks.bucket_tester import BucketNames, BucketRequest, BucketTester, RealBucketTester
from openmsi_desktop.gui.sinks.saving import Entry
from openmsi_desktop.settings import Bucket
from openmsi_desktop.settings_form import Unfit, make

_TYPED = "typed"
"""Stands for the name of a secret that has none yet."""

_ANY_BUCKET = {"bucket": "?", "object_key": "{path}"}
"""Instead of those that need not be right to ask for all buckets."""


class BucketPane(QWidget):
    """GUI thread."""

    def __init__(
        self,
        desktop: Desktop,
        *,
        topic: Callable[[], str],
        tester: BucketTester | None = None,
        go_to: Callable[[Field], None] = lambda field: None,
        parent: QWidget | None = None,
    ) -> None:
        """tester: stands in for the real one. go_to: brings a field that is wrong into sight."""
        super().__init__(parent)
        self._desktop = desktop
        self._old: Bucket | None = None
        self.form = BucketForm(desktop.look, topic=topic, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._tester = tester or RealBucketTester(desktop.credentials)
        self._go_to = go_to
        self.test = BucketTestView(desktop.look, desktop.background, self._tester, self._request, self)
        column.addWidget(self.form.form)
        column.addWidget(self.test)
        self.form.changed.connect(self.test.forget)
        self.form.wants_list.connect(self._list)
        self.test.ended.connect(self._show_cause)
        self.test.fix_wanted.connect(self._fix)
        secrets.place_of(desktop.credentials, desktop, self, self.form.name_keyring, self._lack_keyring)

    def show_bucket(self, bucket: Bucket | None) -> None:
        """Fill it in; None: for a new one."""
        self._old = bucket
        self.form.show_bucket(bucket)

    def entry(self, name: str, if_exists: str) -> Entry:
        """For :func:`saving.save`. Raises Unfit."""
        values = self.form.values()
        old = self._old.credential if self._old is not None else ""
        credential = (old or _TYPED) if values["access_key_id"] else ""
        bucket = make(Bucket, **{**values, "name": name, "if_exists": if_exists, "credential": credential})
        return Entry(bucket, self.form.secret.typed, self._old)

    def _lack_keyring(self, error: OpenMSIError) -> None:
        if isinstance(error, NeedsYou):
            self.form.lack_keyring(error)

    # -- asking the store

    def _request(self) -> BucketRequest | None:
        wrong = self.form.check()
        if wrong:
            self._go_to(wrong[0])
            return None
        return self._wanted()

    def _wanted(self, **instead: str) -> BucketRequest | None:
        values = {**self.form.values(), **instead}
        old = self._old.credential if self._old is not None else ""
        credential = (old or _TYPED) if values["access_key_id"] else ""
        try:
            return BucketRequest(
                make(Bucket, **{**values, "name": "?", "credential": credential}), self.form.secret.typed
            )
        except Unfit as error:
            self.form.fields_by_key().get(error.key, self.form.bucket_field).fail(str(error))
            return None

    @Slot()
    def _list(self) -> None:
        needed = (self.form.store.blank_field, self.form.store.endpoint_field, *self.form.key_fields)
        wrong = [field for field in needed if not field.check()]
        if wrong:
            self._go_to(wrong[0])
            return
        request = self._wanted(**_ANY_BUCKET)
        if request is None:
            return
        self.form.list_button.setEnabled(False)
        tester = self._tester

        def listed(found: BucketNames) -> None:
            self.form.list_button.setEnabled(True)
            if self._wanted(**_ANY_BUCKET) == request:  # else another store was typed meanwhile
                self.form.offer(found.names, found.note)

        def failed(error: OpenMSIError) -> None:
            listed(BucketNames((), f"{error.title}. {error.advice}"))

        self._desktop.background.run(self, lambda: tester.names(request), listed, secrets.only_ours(failed))

    @Slot(object)
    def _show_cause(self, outcome: Outcome) -> None:
        """Mark the field that a failed step is about."""
        failed = next((s for s in outcome.stages if s.ok is False), None)
        field = self._field_of(failed) if failed is not None else None
        if field is not None and failed is not None and not field.isHidden():
            field.fail(f"{failed.title}.")
        QTimer.singleShot(0, self, self._show_end)

    @Slot()
    def _show_end(self) -> None:
        self.test.updateGeometry()

    def _field_of(self, event: StageEvent) -> Field | None:
        form, by_key = self.form, self.form.fields_by_key()
        fields = {
            by_key["endpoint_url"]: "name-unknown port-refused no-answer no-contact not-s3 wants-tls lacks-tls",
            form.ca_field: "authority-unknown file-unusable",
            by_key["region"]: "wrong-region",
            form.key_id_field: "access-key-unknown keys-missing",
            form.secret_field: "secret-wrong secret-missing",
            form.bucket_field: "bucket-missing bucket-name",
        }
        return next((field for field, codes in fields.items() if event.code in codes.split()), None)

    @Slot(object)
    def _fix(self, fix: Mapping[str, str]) -> None:
        self.form.store.change(fix)
        self.test.start()
