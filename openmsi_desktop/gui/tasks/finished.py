"""When is a file finished: quiet time, whole folder, growing log; and marker, partner, longest wait."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from openmsi_desktop.gui.forms import DurationEdit, Field, Finding, Fold, Form, Note, heading
from openmsi_desktop.gui.look import Look
from openmsi_desktop.settings import Settle
from openmsi_desktop.streaming.watching.settling_files import NETWORK_QUIET_S


class Finished(QWidget):
    """The block "When is a file finished?"."""

    changed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.file = QRadioButton(self.tr("Unchanged for"), self)
        self.folder = QRadioButton(self.tr("Whole sub-folder, unchanged for"), self)
        self.growing = QRadioButton(self.tr("It grows for ever (log): send what is there every"), self)
        self.quiet = DurationEdit(parent=self)
        self.folder_quiet = DurationEdit(parent=self)
        self.every = DurationEdit(at_least=1, parent=self)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        self._pairs = ((self.file, self.quiet), (self.folder, self.folder_quiet), (self.growing, self.every))
        for number, (radio, edit) in enumerate(self._pairs):
            edit.number.setAccessibleName(radio.text())
            grid.addWidget(radio, 2 * number, 0, 1, 1 if number == 0 else 2, Qt.AlignmentFlag.AlignVCenter)
            if number == 0:
                grid.addWidget(edit, 0, 1)
            else:
                edit.setContentsMargins(24, 0, 0, 0)
                grid.addWidget(edit, 2 * number + 1, 0, 1, 2)
            radio.toggled.connect(self._show_state)
            edit.changed.connect(self.changed)
        self.note = Note(look, is_small=True, parent=self)
        self.more = Form(look)
        self.marker = QLineEdit()
        self.partner = QLineEdit()
        self.has_marker = QCheckBox(self.tr("Only when a marker file is there, too"), self)
        self.has_partner = QCheckBox(self.tr("Only when its partner is there, too"), self)
        self.more.add_widget(self.has_marker)
        self.marker_field = self.more.add(
            self.tr("Marker"),
            self.marker,
            width=200,
            finding_below=True,
            check=self._check_marker,
            help=self.tr("{name} stands for the file’s name, {stem} for it without its ending. It is not sent."),
        )
        self.more.add_widget(self.has_partner)
        self.partner_field = self.more.add(
            self.tr("Partner"), self.partner, width=200, check=self._check_partner, finding_below=True
        )
        self.longest = DurationEdit(none=self.tr("never"))
        self.more.add(self.tr("Send anyway after"), self.longest, finding_below=True)
        self.fold = Fold(self.tr("More ways: marker file, partner, longest wait"), self.more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(heading(look, self.tr("When is a file finished?"), self))
        layout.addLayout(grid)
        layout.addWidget(self.note)
        layout.addWidget(self.fold)
        for box in (self.has_marker, self.has_partner):
            box.toggled.connect(self._show_state)
        for line in (self.marker, self.partner):
            line.textChanged.connect(self.changed)
        self.longest.changed.connect(self.changed)
        self._network = False

    @property
    def fields(self) -> list[Field]:
        return list(self.more)

    def show_settle(self, settle: Settle) -> None:
        """Fill it in."""
        self.quiet.set_value(settle.quiet_s)
        self.folder_quiet.set_value(settle.quiet_s)
        self.every.set_value(settle.every_s)
        self.longest.set_value(settle.max_wait_s)
        self.marker.setText(settle.marker or "{name}.done")
        self.partner.setText(settle.partner or "{stem}.xml")
        self.has_marker.setChecked(bool(settle.marker))
        self.has_partner.setChecked(bool(settle.partner))
        {"file": self.file, "folder": self.folder, "growing": self.growing}[settle.unit].setChecked(True)
        self.fold.open(bool(settle.marker or settle.partner or settle.max_wait_s))
        self._show_state()

    def settle(self) -> Settle:
        """As the settings have it."""
        return Settle(
            quiet_s=(self.folder_quiet if self.folder.isChecked() else self.quiet).seconds,
            max_wait_s=self.longest.seconds,
            marker=self.marker.text().strip() if self.has_marker.isChecked() else "",
            partner=self.partner.text().strip() if self.has_partner.isChecked() else "",
            unit="folder" if self.folder.isChecked() else "growing" if self.growing.isChecked() else "file",
            every_s=self.every.seconds,
        )

    def set_network(self, is_network: bool) -> None:
        """The folder lies on a network share."""
        self._network = is_network
        self._show_state()

    def allow_folders(self, is_allowed: bool) -> None:
        """Sub-folders are sent at all."""
        self.folder.setEnabled(is_allowed)
        if not is_allowed and self.folder.isChecked():
            self.file.setChecked(True)

    @Slot()
    def _show_state(self) -> None:
        for radio, edit in self._pairs:
            edit.setEnabled(radio.isChecked())
        self.marker_field.set_shown(self.has_marker.isChecked())
        self.partner_field.set_shown(self.has_partner.isChecked())
        text = ""
        if self._network and not self.growing.isChecked():
            text = self.tr("On a network share it waits at least %n second(s).", "", int(NETWORK_QUIET_S))
        self.note.say(Finding.INFORMATION, text)
        self.changed.emit()

    def _check_marker(self) -> str:
        if self.has_marker.isChecked() and not self.marker.text().strip():
            return self.tr("Say what the marker file is called, for example {name}.done.")
        return ""

    def _check_partner(self) -> str:
        if not self.has_partner.isChecked():
            return ""
        text = self.partner.text().strip()
        if not text or text == "{name}":
            return self.tr("Say what the partner is called, for example {stem}.xml.")
        return ""
