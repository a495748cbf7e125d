"""What every window, dialog and the tray icon is given. Made once, in app.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from openmsi_desktop.credentials import Credentials
from openmsi_desktop.gui.host import Host
from openmsi_desktop.gui.look import Look
from openmsi_desktop.gui.observer import Observer
from openmsi_desktop.gui.preferences import Preferences
from openmsi_desktop.gui.store import Store
from openmsi_desktop.gui.threads import Background
from openmsi_desktop.gui.tray_host import TrayHost
from openmsi_desktop.places import Places

if TYPE_CHECKING:
    from openmsi_desktop.gui.practice import Practice


@dataclass(frozen=True, slots=True)
class Desktop:
    """The program with a window. Everything here lives on the GUI thread for as long as the program."""

    root: QObject
    places: Places
    look: Look
    preferences: Preferences
    background: Background
    store: Store
    host: Host
    observer: Observer
    credentials: Credentials
    tray_host: TrayHost
    practice: Practice | None = None
    """Set where this is only practice: with a broker and an instrument of its own, and a label that says so."""
