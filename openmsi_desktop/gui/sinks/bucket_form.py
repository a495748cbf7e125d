"""The form of a bucket: which store, how to sign in, which bucket, what objects are called; what is rarely changed apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QSpinBox, QWidget

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.gui.connecting.secret import SecretEdit
from openmsi_desktop.gui.forms import FIELD_WIDTH, Field, Finding, Form, PathEdit
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.sinks.key_edit import KeyEdit
from openmsi_desktop.gui.sinks.store_edit import StoreEdit
from openmsi_desktop.gui.sinks.there import Lookup, There
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.settings import Bucket

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
EMPTY = Bucket(name="?", bucket="?")


class BucketForm(QWidget):
    """Two forms that a dialog puts where it wants them. Knows no settings and no keyring. GUI thread."""

    changed = Signal()
    """Something that a test would notice."""
    wants_list = Signal()
    """Somebody wants to choose from the buckets of the store."""

    def __init__(
        self, look: Look, background: Background, *, topic: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        """topic: for the example of a key."""
        super().__init__(parent)
        self._lookup = Lookup(background, self)
        self._lookup.found.connect(self._found)
        self._look = look
        self._base = EMPTY
        self._is_stored = False
        self._has_keyring = True
        self.form = Form(look, self)
        self.details = Form(look, self)
        self._build(topic)
        self._build_details()
        self.hide()  # only its forms are seen

    def _build(self, topic: Callable[[], str]) -> None:
        form = self.form
        self.store = StoreEdit(form, self)
        self.key_id = QLineEdit()
        self.key_id_field = form.add(
            self.tr("Access key id"),
            self.key_id,
            width=FIELD_WIDTH,
            check=self._check_key_id,
            help=self.tr("Empty: the keys that this computer has for S3 anyway, in its environment or a profile."),
        )
        self.secret = SecretEdit(self._look)
        self.secret_field = form.add(
            self.tr("Secret key"), self.secret, check=self._check_secret, outlined=self.secret.line
        )
        self.bucket = QComboBox()
        self.bucket.setEditable(True)
        self.bucket.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.bucket.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list_button = QPushButton(self.tr("Show buckets"))
        self.list_button.setAutoDefault(False)
        self.list_button.clicked.connect(self.wants_list)
        self.bucket_field = form.add(
            self.tr("Bucket"),
            self.bucket,
            width=FIELD_WIDTH,
            beside=(self.list_button,),
            check=self._check_bucket,
            finding_below=True,
        )
        self.key = KeyEdit(self._look, topic)
        self.key_field = form.add(
            self.tr("Name of objects"), self.key, check=self.key.check, outlined=self.key.line, finding_below=True
        )
        self.store.changed.connect(self.changed)
        self.key_id.textChanged.connect(self.changed)
        self.secret.changed.connect(self.changed)
        self.bucket.currentTextChanged.connect(self.changed)

    def _build_details(self) -> None:
        form = self.details
        self.checksum = _choice(
            (self.tr("the best that the store has"), "auto"),
            ("SHA-256", "sha256"),
            ("CRC-64/NVME", "crc64nvme"),
            (self.tr("read back and compare"), "read-back"),
        )
        form.add(self.tr("Comparing"), self.checksum, width=FIELD_WIDTH)
        self.addressing = _choice(
            (self.tr("find out"), "auto"),
            (self.tr("in the path"), "path"),
            (self.tr("in the host name"), "virtual"),
        )
        form.add(self.tr("Bucket’s name stands"), self.addressing, width=FIELD_WIDTH)
        self.ca_file = PathEdit(
            self._look,
            self.tr("Choose the certificate of the authority that the server’s certificate comes from"),
            is_file=True,
        )
        self.ca_field = form.add(
            self.tr("CA file"), self.ca_file, check=self._check_ca, outlined=self.ca_file.line, finding_below=True
        )
        self.jobs = QSpinBox()
        self.jobs.setRange(0, 64)
        self.jobs.setSpecialValueText(self.tr("usual"))
        form.add(self.tr("Files at once"), self.jobs, width=120)
        self.addressing.currentIndexChanged.connect(self.changed)
        self.checksum.currentIndexChanged.connect(self.changed)
        self.ca_file.changed.connect(self.changed)
        self.ca_file.changed.connect(self._lookup.ask)

    # -- what is in it

    def values(self) -> dict[str, Any]:
        """Keys of the settings, but for the names of bucket and secret in there."""
        endpoint_url, region = self.store.values
        return {
            **self._base.model_dump(exclude={"name", "credential"}),
            "bucket": self.bucket.currentText().strip(),
            "endpoint_url": endpoint_url,
            "region": region,
            "object_key": self.key.template,
            "access_key_id": self.key_id.text().strip(),
            "addressing": self.addressing.currentData(),
            "checksum": self.checksum.currentData(),
            "ca_file": str(self.ca_file.path or ""),
            "jobs": self.jobs.value(),
        }

    def show_bucket(self, bucket: Bucket | None) -> None:
        """Fill it in; None: empty, for a new one."""
        base = self._base = bucket or EMPTY
        self._is_stored = bool(base.credential)
        self.store.show_bucket(base)
        self.key_id.setText(base.access_key_id)
        self.secret.clear()
        self.secret.set_stored(self._is_stored)
        self.bucket.setCurrentText(bucket.bucket if bucket is not None else "")
        self.key.set_template(base.object_key)
        self.checksum.setCurrentIndex(self.checksum.findData(base.checksum))
        self.addressing.setCurrentIndex(self.addressing.findData(base.addressing))
        self.ca_file.set_path(base.ca_file)
        self.jobs.setValue(base.jobs)
        for field in (*self.form, *self.details):
            field.fail("")
        self.changed.emit()

    @property
    def has_rare(self) -> bool:
        """Something is not as usual in what is folded away."""
        base = self._base
        return bool(base.ca_file or base.jobs) or (base.checksum, base.addressing) != ("auto", "auto")

    def offer(self, names: tuple[str, ...], note: str) -> None:
        """Buckets of the store to choose from; note: why there are none."""
        text = self.bucket.currentText()
        self.bucket.blockSignals(True)
        self.bucket.clear()
        self.bucket.addItems(list(names))
        self.bucket.setCurrentText(text)
        self.bucket.blockSignals(False)
        if names:
            self.bucket_field.tell(Finding.OK, self.tr("%n bucket(s) to choose from", "", len(names)))
            self.bucket.showPopup()
        else:
            self.bucket_field.tell(Finding.INFORMATION, note)

    @property
    def key_fields(self) -> tuple[Field, Field]:
        """Where the keys are typed."""
        return self.key_id_field, self.secret_field

    # -- the keyring

    def name_keyring(self, place: str) -> None:
        """Say where the secret goes."""
        self._has_keyring = True
        self.secret_field.tell(Finding.OK, self.tr("Kept in %1").replace("%1", place))

    def lack_keyring(self, error: OpenMSIError) -> None:
        """There is nothing to keep a secret in: the error says why, and what can be done."""
        self._has_keyring = False
        self.secret_field.tell(Finding.WARNING, self.tr("It cannot be kept now"))
        self.secret_field.set_help(f"{error.title}. {error.advice}")

    # -- checks

    def fields_by_key(self) -> dict[str, Field]:
        """By the names of the keys in the settings."""
        return {
            **self.store.fields_by_key(),
            "access_key_id": self.key_id_field,
            "credential": self.secret_field,
            "bucket": self.bucket_field,
            "object_key": self.key_field,
            "ca_file": self.ca_field,
        }

    def check(self) -> list[Field]:
        """What a test needs and is wrong."""
        return [field for field in (*self.form, *self.details) if not field.check()]

    def _check_key_id(self) -> str:
        if self.secret.typed is not None and not self.key_id.text().strip():
            return self.tr("Type the access key id that belongs to the secret key, or take the secret key out.")
        return ""

    def _check_secret(self) -> str:
        needs = bool(self.key_id.text().strip())
        if needs and self.secret.typed is None and not self._is_stored and self._has_keyring:
            return self.tr("Type the secret key that belongs to the access key id.")
        return ""

    def _check_bucket(self) -> str:
        text = self.bucket.currentText().strip()
        if not text:
            return self.tr("Type the name of the bucket, or let the buckets of the store be shown.")
        if not _NAME.fullmatch(text):
            return self.tr("A bucket’s name has at least three letters or digits, and no blanks or slashes.")
        return ""

    def _check_ca(self) -> str:
        text = self.ca_file.text
        is_wrong = bool(text) and self._lookup.ask(text) in (There.NOTHING, There.FOLDER)
        return self.tr("There is no such file.") if is_wrong else ""

    @Slot(str)
    def _found(self, text: str) -> None:
        if self.ca_file.text == text and not self.ca_file.line.hasFocus():
            self.ca_field.check()


def _choice(*choices: tuple[str, str]) -> QComboBox:
    box = QComboBox()
    for text, value in choices:
        box.addItem(text, value)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box
