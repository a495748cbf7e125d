"""What people do with files, from the list, the cards of problems and the search alike."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.file_list import FileRow
from openmsi_desktop.gui import again, file_words
from openmsi_desktop.gui.dialogs import drop, explain
from openmsi_desktop.gui.opening import show_file

if TYPE_CHECKING:
    from openmsi_desktop.gui.desktop import Desktop

_CAN_RETRY = frozenset({FileState.PROBLEM})
_CAN_DECIDE = frozenset({FileState.HELD})
_CAN_SEND_ANYWAY = frozenset({FileState.IGNORED, FileState.WAITING})
_CAN_IGNORE = frozenset({FileState.PROBLEM, FileState.INCOMPLETE, FileState.RECEIVING})
_RECEIVED = frozenset({FileState.DELIVERED, FileState.PROBLEM})
_SENT = frozenset({FileState.SENT, FileState.CHECKED, FileState.ARRIVED})


def ask(desktop: Desktop, kind: str, task: str, paths: Sequence[str], argument: str = "") -> None:
    """``retry ignore decide`` for files of a task (key), by their paths on the topic."""
    desktop.host.ask_each(
        kind, list(paths), task=task, argument=argument, then=lambda answer: desktop.observer.look_now()
    )


def explain_file(desktop: Desktop, parent: QWidget, row: FileRow) -> None:
    """Say why it is where it is."""
    here = "" if file_words.is_url(row.file.local) else row.file.local
    explain.open_dialog(desktop, parent.window(), here or row.file.path)


def copy(text: str) -> None:
    """Put it on the clipboard; what is not Unicode is written out there."""
    QGuiApplication.clipboard().setText(text.encode("utf-8", "backslashreplace").decode("utf-8"))


class FileMenu(QMenu):
    """Everything that can be done with some files of one task. The first one is explained and shown."""

    def __init__(self, desktop: Desktop, rows: Sequence[FileRow], parent: QWidget) -> None:
        super().__init__(parent)
        self._desktop = desktop
        self._rows = list(rows)
        self._widget = parent
        first = self._rows[0].file
        is_one = len(self._rows) == 1
        if is_one:
            self._add(self.tr("Explain…"), "action/explain").triggered.connect(self._explain)
        if is_one and first.local and not file_words.is_url(first.local):
            self._add(self.tr("Open folder"), "action/open-folder").triggered.connect(self._open_folder)
        self.addSeparator()
        self._add(self.tr("Copy path"), "action/copy").triggered.connect(self._copy_paths)
        if any(file_words.is_url(r.file.local) for r in self._rows):
            self._add(self.tr("Copy address in the bucket")).triggered.connect(self._copy_addresses)
        if any(r.file.sha512 for r in self._rows):
            self._add(self.tr("Copy SHA-512")).triggered.connect(self._copy_hashes)
        self.addSeparator()
        self._add_requests()

    def _add_requests(self) -> None:
        is_outgoing = self._rows[0].file.is_outgoing
        if self._paths(_CAN_RETRY):
            self._add(self.tr("Try again now"), "action/rescan").triggered.connect(self._retry)
        if self._paths(_CAN_DECIDE):
            self._add(self.tr("Send it as it is")).triggered.connect(self._send)
            self._add(self.tr("Do not send it")).triggered.connect(self._skip)
        if is_outgoing and self._paths(_CAN_SEND_ANYWAY):
            self._add(self.tr("Send it anyway, now")).triggered.connect(self._send_anyway)
        if self._paths(_CAN_IGNORE):
            self._add(self.tr("Ignore this problem")).triggered.connect(self._ignore)
        if self._paths(_RECEIVED) and again.has_sinks(self._desktop, self._rows[0].file.task):
            self._add(again.verb(self._rows[0].kind), "action/rescan").triggered.connect(self._again)
        if is_outgoing and self._paths(_SENT):
            self._add(self.tr("Send again…"), "action/drop").triggered.connect(self._send_again)

    def _add(self, text: str, icon: str = "") -> QAction:
        return self.addAction(self._desktop.look.icon(icon), text) if icon else self.addAction(text)

    def _paths(self, states: frozenset[FileState]) -> list[str]:
        return [r.file.path for r in self._rows if r.state in states]

    def _request(self, kind: str, states: frozenset[FileState], argument: str = "") -> None:
        ask(self._desktop, kind, self._rows[0].file.task, self._paths(states), argument)

    @Slot()
    def _explain(self) -> None:
        explain_file(self._desktop, self._widget, self._rows[0])

    @Slot()
    def _open_folder(self) -> None:
        show_file(Path(self._rows[0].file.local))

    @Slot()
    def _copy_paths(self) -> None:
        copy(
            "\n".join(
                r.file.path if file_words.is_url(r.file.local) else r.file.local or r.file.path for r in self._rows
            )
        )

    @Slot()
    def _copy_addresses(self) -> None:
        copy("\n".join(r.file.local for r in self._rows if file_words.is_url(r.file.local)))

    @Slot()
    def _copy_hashes(self) -> None:
        copy("\n".join(r.file.sha512.hex() for r in self._rows if r.file.sha512))

    @Slot()
    def _retry(self) -> None:
        self._request("retry", _CAN_RETRY)

    @Slot()
    def _send(self) -> None:
        self._request("decide", _CAN_DECIDE, "send")

    @Slot()
    def _skip(self) -> None:
        self._request("decide", _CAN_DECIDE, "skip")

    @Slot()
    def _send_anyway(self) -> None:
        self._request("decide", _CAN_SEND_ANYWAY, "send")

    @Slot()
    def _ignore(self) -> None:
        self._request("ignore", _CAN_IGNORE)

    @Slot()
    def _again(self) -> None:
        again.files(self._desktop, self._rows[0].file.task, self._paths(_RECEIVED))

    @Slot()
    def _send_again(self) -> None:
        again = [Path(os.fspath(r.file.local)) for r in self._rows if r.state in _SENT]
        drop.open_window(self._desktop, self._widget.window(), again, task=self._rows[0].file.task)
