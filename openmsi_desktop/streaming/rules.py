"""The rules of a watched folder, as its settings have them at one moment."""

from __future__ import annotations

from openmsi_desktop.core.rules import Rules
from openmsi_desktop.settings import WatchedFolder


def rules_of(watched: WatchedFolder, *, now: float) -> Rules:
    """now: seconds since 1970; ages count from it.

    Raises:
        SettingsError: a pattern is no pattern.
    """
    return Rules(
        watched.include,
        watched.exclude,
        min_size=watched.min_size,
        max_size=watched.max_size,
        newer_than=watched.oldest(now),
        marker=watched.settle.marker,
        subfolders=watched.subfolders,
        temporary=watched.temporary,
    )
