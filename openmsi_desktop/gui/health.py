"""What is known about how well a task works, as lines for people. Pure functions: no widgets.

All lines ``ok`` is what the green icon needs of a task that runs (with nothing pending and nothing failed).
"""

from __future__ import annotations

from PySide6.QtCore import QLocale

from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.snapshot import HealthLine

CONTACT_S = 60.0
"""A broker that has not answered for longer than this is not taken for reachable."""
LEAST_FREE = 1_000_000_000


def lines_of(health: TaskHealth, *, kind: str, now: float) -> tuple[HealthLine, ...]:
    """``watching rescan broker receipts disk``, those that apply to this kind of task. now: seconds since 1970."""
    watched = (_watching(health), _rescan(health, now)) if kind == "watch" else ()
    receipts = (_receipts(health),) if health.receipts else ()
    return (*watched, _broker(health, now), *receipts, *((_disk(health),) if health.disk else ()))


def _watching(health: TaskHealth) -> HealthLine:
    if not health.watching:
        return HealthLine("watching", None, tr("Looking through the folder for the first time"))
    if health.watching == "polling":
        return HealthLine("watching", True, tr("The folder is looked through regularly"), health.trouble)
    if health.trouble or health.missed:
        return HealthLine("watching", False, tr("Not every change was announced by the system"), health.trouble)
    return HealthLine("watching", True, tr("Watching works"))


def _rescan(health: TaskHealth, now: float) -> HealthLine:
    if health.scanned_at is None or health.due_s is None:
        return HealthLine("rescan", None, tr("The folder has not been looked through yet"))
    is_in_time = 0 <= now - health.scanned_at <= health.due_s or now < health.scanned_at
    text = tr("The folder was looked through") if is_in_time else tr("Looking through the folder takes too long")
    found = tr("%n change(s) had been missed", "", health.missed)
    return HealthLine("rescan", is_in_time, text, found if health.missed else tr("nothing missed"), health.scanned_at)


def _broker(health: TaskHealth, now: float) -> HealthLine:
    if health.contact_at is None:
        return HealthLine("broker", None, tr("The broker has not answered yet"))
    is_there = now - health.contact_at <= CONTACT_S
    text = tr("The broker answers") if is_there else tr("The broker does not answer")
    return HealthLine("broker", is_there, text, at=health.contact_at)


def _receipts(health: TaskHealth) -> HealthLine:
    """Without a topic for them everything else is as it should be: no reason to be less than green."""
    if health.receipts == "absent":
        return HealthLine("receipts", True, tr("Nobody writes receipts so far"), health.receipts_note)
    if health.receipts == "trouble":
        return HealthLine("receipts", False, tr("Receipts cannot be read"), health.receipts_note)
    return HealthLine("receipts", True, tr("Receipts are read"), health.receipts_note)


def _disk(health: TaskHealth) -> HealthLine:
    if health.free is None:
        return HealthLine("disk", None, tr("Free space is not known"), health.disk)
    size = QLocale().formattedDataSize(health.free, 0, QLocale.DataSizeFormat.DataSizeSIFormat)
    return HealthLine("disk", health.free >= LEAST_FREE, fill(tr("%1 free"), size), health.disk)
