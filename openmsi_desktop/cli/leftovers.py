"""What is left to do when a command ends, from the journal: so that it is listed and the exit status says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openmsi_desktop.cli.common import Common
from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.core.journal import Journal

_OPEN_SENDING = (FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.HELD, FileState.PROBLEM)
_OPEN_RECEIVING = (FileState.RECEIVING, FileState.INCOMPLETE, FileState.RECEIVED, FileState.PROBLEM)


def left_over(common: Common, keys: Sequence[str]) -> list[FileEvent]:
    """Files of these tasks (keys of the journal) that are not sent or not delivered."""
    journal = common.open_journal()
    if journal is None:
        return []
    try:
        names = {row.key: row.name for row in journal.tasks()}
        return [event for key in keys for event in (*_sending(journal, key, names), *_receiving(journal, key, names))]
    finally:
        journal.close()


def _sending(journal: Journal, key: str, names: dict[str, str]) -> Iterator[FileEvent]:
    from openmsi_desktop.core.outgoing import OutgoingFiles

    for row in OutgoingFiles(journal, key, "").in_states(_OPEN_SENDING):
        yield FileEvent(
            task=names.get(key, key),
            path=row.path,
            local=row.local,
            state=row.state,
            size=row.fingerprint.size,
            topic=row.topic,
            reason=row.reason or None,
        )


def _receiving(journal: Journal, key: str, names: dict[str, str]) -> Iterator[FileEvent]:
    from openmsi_desktop.core import incoming

    for state in _OPEN_RECEIVING:
        for row in incoming.rows(journal, task=key, state=state):
            is_incomplete = state in (FileState.RECEIVING, FileState.INCOMPLETE)
            yield FileEvent(
                task=names.get(key, key),
                path=row.path,
                local=row.local,
                state=FileState.INCOMPLETE if is_incomplete else state,
                size=row.size,
                topic=row.topic,
                reason=row.reason or None,
                chunks_done=row.chunks_done,
                chunks_total=row.chunks_total,
                missing=row.missing() if is_incomplete else None,
            )
