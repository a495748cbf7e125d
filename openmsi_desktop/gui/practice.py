"""Practice: the program with a broker of its own in its memory and a pretend instrument. Nothing of it is real.

It is a process of its own, with data and settings in a folder of its own that is gone afterwards, so that it can neither
see nor change what is real.
"""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import NoReturn

from PySide6.QtWidgets import QWidget

from openmsi_desktop import sample_data
from openmsi_desktop.arguments import WindowStart
from openmsi_desktop.credentials import Credentials, NoKeyring
from openmsi_desktop.gui.autostart import program
from openmsi_desktop.gui.language import tr
from openmsi_desktop.places import find_places
from openmsi_desktop.settings import Application, Connection, Download, Settle, WatchedFolder
from openmsi_desktop.settings_file import SettingsFile
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker

log = logging.getLogger(__name__)

_TOPIC = "practice"
_PARTITIONS = 4
_PACE_S, _REST_S = 1.5, 20.0
_SESSIONS = 40
"""About 100 MB; then the instrument has the day off."""


class Practice:
    """What stands for the world outside: an instrument that writes files, and a broker."""

    def __init__(self, folder: Path) -> None:
        """folder: for everything."""
        self.folder = folder / "instrument"
        """Where the instrument writes."""
        self.received = folder / "received"
        """Where the copies come."""
        self.places = find_places(settings=folder / "settings.toml", data=folder / "data", environment={})
        self.credentials = Credentials(self.places.data, environment={}, backend=_no_keyring)
        self._broker = EmbeddedBroker()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="pretend instrument", daemon=True)

    def banner(self) -> str:
        """What stands above everything, so that nobody takes it for real."""
        return tr(
            "Practice: the instrument, its files and the broker are made up. Nothing leaves this computer, and nothing is kept."
        )

    def start(self) -> None:
        """Start the broker, write the settings, and put the instrument to work."""
        self._broker.__enter__()
        self._broker.create(_TOPIC, _PARTITIONS)
        self.folder.mkdir(parents=True)
        file = SettingsFile(self.places.settings)
        file.put("connections", Connection(name="practice", kafka={"bootstrap.servers": self._broker.bootstrap}))
        file.put(
            "watched_folders",
            WatchedFolder(
                name=tr("Pretend instrument"),
                path=self.folder,
                connection="practice",
                topic=_TOPIC,
                settle=Settle(quiet_s=2),
                check=True,
            ),
        )
        file.put(
            "downloads",
            Download(name=tr("Copies"), topics=(_TOPIC,), connection="practice", target=self.received),
        )
        file.set_application(Application(close="quit"))
        file.write()
        self._thread.start()

    def stop(self) -> None:
        """Send the instrument home, and forget what the broker has."""
        self._stop.set()
        self._thread.join(1.0)
        self._broker.__exit__(None, None, None)

    def _work(self) -> None:
        for number in range(1, _SESSIONS + 1):
            for step in sample_data.session(number):
                try:
                    step.write(self.folder / f"session {number:02}")
                except OSError as error:  # somebody tidies up behind it
                    log.info("the pretend instrument cannot write: %s", error)
                if self._stop.wait(_PACE_S):
                    return
            if self._stop.wait(_REST_S):
                return


def open_practice(parent: QWidget | None = None) -> None:
    """Start it beside this program. It ends by itself when its window is closed."""
    subprocess.Popen(
        [*program(), "--practice"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=sys.platform != "win32",
    )


def run_practice(start: WindowStart) -> int:
    """The program for practice, until its window is closed; returns the exit status."""
    from openmsi_desktop.gui.app import run

    folder = Path(tempfile.mkdtemp(prefix="openmsi-practice-"))
    try:
        practice = Practice(folder)
        practice.start()
        return run(start, practice.places, None, practice)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _no_keyring() -> NoReturn:
    raise NoKeyring("There are no secrets in practice", "The broker of practice needs none, and nothing of it is kept.")
