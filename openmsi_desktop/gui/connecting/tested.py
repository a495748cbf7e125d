"""Which connections were tested as they are now. Lies in the journal; holds no secret. Any thread, never the GUI's."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import closing

from openmsi_desktop.core.journal import legible
from openmsi_desktop.settings import Connection
from openmsi_desktop.streaming.profile import Profile


def note(profile: Profile, connection: Connection) -> None:
    """A test of this connection has just gone well.

    Raises:
        NeedsYou, RetryableError: the journal cannot be written.
    """
    with closing(profile.open_journal()) as journal:
        journal.set_meta(_name(connection), repr(time.time()))


def tested_at(profile: Profile, connections: tuple[Connection, ...]) -> dict[str, float]:
    """Name of a connection -> when it was tested well (seconds since 1970), if it is still as it was then.

    Raises:
        NeedsYou, RetryableError: the journal cannot be read.
    """
    if not profile.journal_path.exists():
        return {}
    with closing(profile.open_journal()) as journal:
        found = {connection.name: journal.get_meta(_name(connection)) for connection in connections}
    return {name: legible(float)(text) for name, text in found.items() if text is not None}


def _name(connection: Connection) -> str:
    """A connection that is renamed is still the one that was tested."""
    told = json.dumps([connection.kafka, connection.credential], sort_keys=True)
    return f"tested {hashlib.sha256(told.encode()).hexdigest()[:24]}"
