"""The form of a bucket as the dialogs have it: with the keyring, and the settings it came from. Saves nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.gui.connecting import secrets
from openmsi_desktop.gui.desktop import Desktop
from openmsi_desktop.gui.sinks.bucket_form import BucketForm
from openmsi_desktop.gui.sinks.saving import Entry
from openmsi_desktop.settings import Bucket
from openmsi_desktop.settings_form import make

_TYPED = "typed"
"""Stands for the name of a secret that has none yet."""


class BucketPane(QWidget):
    """GUI thread."""

    def __init__(self, desktop: Desktop, *, topic: Callable[[], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._old: Bucket | None = None
        self.form = BucketForm(desktop.look, topic=topic, parent=self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self.form.form)
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
