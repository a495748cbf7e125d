"""What a drag from a file manager or a browser holds. Knows no windows."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData


def local_paths(data: QMimeData) -> list[Path]:
    """Files and folders of this computer, each once, in their order."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return list(dict.fromkeys(paths))


def is_elsewhere(data: QMimeData) -> bool:
    """It holds addresses, such as a picture of a web page, but no file."""
    return data.hasUrls() and not local_paths(data)
