"""Where a reader's unfinished files lie, and the sink that moves them to their names: the target folder."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.settings import Download
from openmsi_desktop.streaming.sinks.folder import FolderSink
from openmsi_desktop.streaming.sinks.trouble import explained


def spool_folder(download: Download, data_spool: Path, sink: FolderSink | None) -> Path:
    """The folder for parts: inside the target, else in the data folder. It exists afterwards.

    sink: of the target. It looks at the target first, so that a wrong or missing one is never written to.

    Raises:
        NeedsYou, RetryableError: it cannot be used.
    """
    if sink is not None:
        sink.prepare()
        return sink.spool
    with explained(data_spool):
        data_spool.mkdir(parents=True, exist_ok=True)
    return data_spool


def folder_sink(
    download: Download,
    journal: Journal,
    *,
    is_alone: bool,
    stop: threading.Event,
    now: Callable[[], float],
) -> FolderSink | None:
    """The sink for the target folder, if there is one. is_alone: it may take the parts away, no other sink needs them."""
    if download.target is None:
        return None
    return FolderSink(download.target, journal, if_exists=download.if_exists, takes_spool=is_alone, stop=stop, now=now)
