"""How long sending takes, as far as that can be said."""

from __future__ import annotations

from PySide6.QtCore import QLocale

from openmsi_desktop.gui.language import tr
from openmsi_desktop.gui.snapshot import Snapshot

SI = QLocale.DataSizeFormat.DataSizeSIFormat


def rate(now: Snapshot | None, limit: int) -> float:
    """Bytes per second: what tasks reach now, at most the limit; 0: nobody knows."""
    measured = max((task.rate for task in now.tasks), default=0.0) if now is not None else 0.0
    return min(filter(None, (measured, float(limit))), default=0.0)


def words(size: int, rate: float) -> str:
    """``about 38 GB, 52 min at 12 MB/s``; empty for nothing."""
    if not size:
        return ""
    amount = QLocale().formattedDataSize(size, 1, SI)
    if not rate:
        return tr("about %1").replace("%1", amount)
    seconds = size / rate
    if seconds < 60:
        time = tr("less than a minute")
    elif seconds < 5400:
        time = tr("%n minute(s)", "", round(seconds / 60))
    elif seconds < 172_800:
        time = tr("%n hour(s)", "", round(seconds / 3600))
    else:
        time = tr("%n day(s)", "", round(seconds / 86_400))
    text = tr("about %1, %2 at %3 a second")
    return text.replace("%1", amount).replace("%2", time).replace("%3", QLocale().formattedDataSize(int(rate), 1, SI))
