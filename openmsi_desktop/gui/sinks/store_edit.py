"""Which store, and where: well-known ones need a region or an account only, the others their address."""

from __future__ import annotations

import re
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit

from openmsi_desktop.gui.forms import FIELD_WIDTH, Field, Form
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.store_words import label_of, note_of, title_of
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.sinks.bucket.presets import PRESETS, Preset, preset_of

_EMPTY = Bucket(name="?", bucket="?")
_ADDRESS = re.compile(r"https?://[^\s/]+(/\S*)?")


class StoreEdit(QObject):
    """Adds its fields to a form. Its values are what the settings call ``endpoint_url`` and ``region``."""

    changed = Signal()

    def __init__(self, form: Form, parent: QObject) -> None:
        super().__init__(parent)
        self._given: tuple[str, str, str, str] | None = None
        self._base = ("", "")
        self.kind = QComboBox()
        for preset in PRESETS:
            self.kind.addItem(title_of(preset), preset.id)
        self.kind_field = form.add(
            tr("Store", "a server with buckets"), self.kind, width=FIELD_WIDTH, finding_below=True
        )
        self.blank = QLineEdit()
        self.blank_field = form.add(tr("Region"), self.blank, width=FIELD_WIDTH, check=self._check_blank)
        self.endpoint = QLineEdit()
        self.endpoint_field = form.add(tr("Address"), self.endpoint, width=FIELD_WIDTH, check=self._check_endpoint)
        self.region = QLineEdit()
        self.region.setPlaceholderText(tr("the server’s own"))
        self.region_field = form.add(tr("Region"), self.region, width=220)
        self.kind.currentIndexChanged.connect(self._turned)
        for line in (self.blank, self.endpoint, self.region):
            line.textChanged.connect(self.changed)
        self._turned()

    @property
    def preset(self) -> Preset:
        """The one that is chosen."""
        return PRESETS[max(0, self.kind.currentIndex())]

    @property
    def values(self) -> tuple[str, str]:
        """(endpoint_url, region). What was not changed comes out as it went in."""
        if self._now() == self._given:
            return self._base
        preset, blank = self.preset, self.blank.text().strip()
        if _has_any_host(preset):
            return self.endpoint.text().strip(), self.region.text().strip() or preset.region
        filled = {field.name: blank for field in preset.fields}
        return (preset.endpoint.format(**filled) if preset.endpoint else "", preset.region_of(**filled))

    def show_bucket(self, bucket: Bucket) -> None:
        """Fill it in."""
        preset = preset_of(bucket)
        self.kind.setCurrentIndex(PRESETS.index(preset))
        filled = preset.filled(bucket.endpoint_url) or {}
        self.blank.setText(filled.get(preset.fields[0].name, bucket.region) if preset.fields else "")
        self.endpoint.setText(bucket.endpoint_url)
        self.region.setText(bucket.region)
        self._base, self._given = (bucket.endpoint_url, bucket.region), self._now()

    def change(self, values: Mapping[str, str]) -> None:
        """Put another endpoint_url or region into the fields."""
        endpoint_url, region = self.values
        self.show_bucket(
            _EMPTY.model_copy(
                update={
                    "endpoint_url": values.get("endpoint_url", endpoint_url),
                    "region": values.get("region", region),
                }
            )
        )
        self.changed.emit()

    def fields_by_key(self) -> dict[str, Field]:
        """By the names of the keys in the settings."""
        return {
            "endpoint_url": self.endpoint_field if _has_any_host(self.preset) else self.blank_field,
            "region": self.region_field if _has_any_host(self.preset) else self.blank_field,
        }

    def _now(self) -> tuple[str, str, str, str]:
        return self.preset.id, self.blank.text(), self.endpoint.text(), self.region.text()

    def _check_blank(self) -> str:
        preset, text = self.preset, self.blank.text().strip()
        if _has_any_host(preset) or not preset.fields:
            return ""
        field = preset.fields[0]
        if re.fullmatch(field.pattern, text) or (not preset.endpoint and not text):
            return ""
        return fill(tr("Type it as it is shown in the pages of the store, for example %1."), field.example)

    def _check_endpoint(self) -> str:
        if not _has_any_host(self.preset) or _ADDRESS.fullmatch(self.endpoint.text().strip()):
            return ""
        return tr("Type the address of the store, with https:// at its beginning.")

    @Slot()
    def _turned(self) -> None:
        preset = self.preset
        has_any = _has_any_host(preset)
        self.kind_field.set_help(note_of(preset))
        self.blank_field.set_shown(bool(preset.fields) and not has_any)
        self.endpoint_field.set_shown(has_any)
        self.region_field.set_shown(has_any)
        if preset.fields:
            field = preset.fields[0]
            self.blank_field.label.setText(label_of(field))
            self.blank.setAccessibleName(label_of(field))
            self.blank.setPlaceholderText(field.example)
            self.endpoint.setPlaceholderText(f"https://{field.example}")
        for line in (self.blank_field, self.endpoint_field):
            line.fail("")
        self.changed.emit()


def _has_any_host(preset: Preset) -> bool:
    return any(field.name == "host" for field in preset.fields)
