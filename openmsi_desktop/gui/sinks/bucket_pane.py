"""The form of a bucket as the dialogs have it: with the keyring, and the settings it came from. Saves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QVBoxLayout, QWidget

from openmsi_desktop.core.advice import of_a_test, without_commands
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.core.events import StageEvent
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.connecting.tester import Outcome
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.forms import Field, heading
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
        self.form = BucketForm(desktop.look, desktop.background, topic=topic, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        self._tester = tester or RealBucketTester(desktop.credentials)
        self._go_to = go_to
        self.test = BucketTestView(desktop.look, desktop.background, self._tester, self._request, self)
        self.exists = QWidget(self)
        """What if the key exists; for the dialog to place."""
        self.if_exists = QButtonGroup(self)
        self._build_exists(desktop)
        column.addWidget(self.form.form)
        column.addWidget(self.test)
        self.form.changed.connect(self.test.forget)
        self.form.wants_list.connect(self._list)
        self.test.ended.connect(self._show_cause)
        self.test.fix_wanted.connect(self._fix)
        secrets.place_of(desktop.credentials, desktop, self, self.form.name_keyring, self._lack_keyring)

    def _build_exists(self, desktop: Desktop) -> None:
        column = QVBoxLayout(self.exists)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading(desktop.look, self.tr("If a different object has that name already"), self.exists))
        for value, text in (
            ("keep-both", self.tr("Keep both: ours gets a name with the time beside it")),
            ("newest", self.tr("The newest takes the name, the other one is moved aside")),
            ("skip", self.tr("Leave the one that is there, and skip ours")),
        ):
            button = QRadioButton(text, self.exists)
            button.setProperty("value", value)
            self.if_exists.addButton(button)
            column.addWidget(button)

    def explain_keyring(self, error: OpenMSIError, refuse: Callable[[str, Field], None]) -> bool:
        """The keyring has refused the secret: refuse at its field. False: it was something else."""
        if not isinstance(error, NeedsYou) or self.form.secret.typed is None:
            return False
        text = self.tr("%1. Nothing was saved. %2").replace("%1", error.title).replace("%2", error.advice)
        refuse(text, self.form.secret_field)
        return True

    def show_bucket(self, bucket: Bucket | None) -> None:
        """Fill it in; None: for a new one."""
        self._old = bucket
        chosen = bucket.if_exists if bucket is not None else "keep-both"
        for button in self.if_exists.buttons():
            button.setChecked(button.property("value") == chosen)
        self.form.show_bucket(bucket)

    def entry(self, name: str) -> Entry:
        """For :func:`saving.save`. Raises Unfit."""
        if_exists = str(next(b for b in self.if_exists.buttons() if b.isChecked()).property("value"))
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
            listed(BucketNames((), " ".join((f"{error.title}.", without_commands(of_a_test(error.advice)))).strip()))

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
