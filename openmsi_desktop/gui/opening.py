"""Show a folder or a file in the system's file manager, and a window over another one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget


def open_folder(folder: Path) -> bool:
    """Open a folder; False if the system has nothing to show it with."""
    there = next((p for p in (folder, *folder.parents) if p.is_dir()), folder)
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(there)))


def show_file(file: Path) -> bool:
    """Open the folder of a file, with the file selected where the system can do that."""
    if sys.platform == "win32" and file.exists():
        subprocess.Popen(["explorer", "/select,", str(file)])
        return True
    if sys.platform == "darwin" and file.exists():
        subprocess.Popen(["open", "-R", str(file)])
        return True
    return open_folder(file.parent)


def centre_on(window: QWidget, parent: QWidget | None) -> None:
    """Place a window that is not shown yet over the middle of another one; without that the system places it."""
    if parent is not None and parent.isVisible():
        frame = window.frameGeometry()
        frame.moveCenter(parent.frameGeometry().center())
        window.move(frame.topLeft())
