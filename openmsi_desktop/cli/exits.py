"""Exit statuses, as docs/cli.md defines them."""

from __future__ import annotations

from openmsi_desktop.core.errors import ChunkError, NeedsYou, RetryableError, SettingsError

DONE = 0
NOT_ALL = 1
WRONG_USAGE = 2
SETTINGS = 3
NO_CONTACT = 4


def exit_status(error: BaseException) -> int:
    """What a command ends with because of an error."""
    if isinstance(error, (SettingsError, NeedsYou)):
        return SETTINGS
    if isinstance(error, RetryableError) and not isinstance(error, ChunkError):
        return NO_CONTACT
    return NOT_ALL
