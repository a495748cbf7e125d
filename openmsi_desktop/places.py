"""Where things lie: the settings file, the data folder and the logs of this user."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_APP = "openmsi-desktop"


@dataclass(frozen=True, slots=True)
class Places:
    """Absolute paths; nothing is created.

    settings: settings.toml. data: journal, locks, quarantine. logs: log files.
    settings_chosen: somebody named the settings file, so it has to exist. data_chosen: somebody named the data folder.
    """

    settings: Path
    data: Path
    logs: Path
    settings_chosen: bool = False
    data_chosen: bool = False

    @property
    def log_file(self) -> Path:
        """The log that is being written."""
        return self.logs / f"{_APP}.log"


def find_places(
    *, settings: Path | None = None, data: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Places:
    """What was given, else what ``OPENMSI_SETTINGS`` and ``OPENMSI_DATA`` say, else the places of this system.

    A data folder of its own holds its logs too: it is an installation of its own.
    """
    import platformdirs

    chosen = settings or _path(environment.get("OPENMSI_SETTINGS"))
    folder = data or _path(environment.get("OPENMSI_DATA"))
    dirs = platformdirs.PlatformDirs(_APP, appauthor=False, roaming=False)
    return Places(
        settings=(chosen or Path(dirs.user_config_dir) / "settings.toml").expanduser().absolute(),
        data=(folder or Path(dirs.user_data_dir)).expanduser().absolute(),
        logs=(folder / "logs" if folder else Path(dirs.user_log_dir)).expanduser().absolute(),
        settings_chosen=chosen is not None,
        data_chosen=folder is not None,
    )


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
