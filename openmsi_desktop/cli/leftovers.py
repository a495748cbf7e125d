"""What is left to do when a command ends, from the journal: so that it is listed and the exit status says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from openmsi_desktop.cli.common import Common
from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.core.journal import Journal

if TYPE_CHECKING:
    from openmsi_desktop.streaming.supervisor import Service

_OPEN = (FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.HELD, FileState.PROBLEM)


@runtime_checkable
class _Tells(Protocol):
    """A service that knows itself what is left."""

    def left_over(self) -> list[FileEvent]: ...


def left_over(common: Common, services: Sequence[Service]) -> list[FileEvent]:
    """Files of these tasks that are not sent or not delivered. The services have ended."""
    out: list[FileEvent] = []
    for service in services:
        if isinstance(service, _Tells):
            out += service.left_over()
    journal = common.open_journal()
    if journal is not None:
        with closing(journal):
            for service in services:
                if not isinstance(service, _Tells):
                    out += _sending(journal, service)
    return out


def _sending(journal: Journal, service: Service) -> Iterator[FileEvent]:
    from openmsi_desktop.core.outgoing import OutgoingFiles

    for row in OutgoingFiles(journal, service.key, "").in_states(_OPEN):
        yield FileEvent(
            task=service.name,
            path=row.path,
            local=row.local,
            state=row.state,
            size=row.fingerprint.size,
            topic=row.topic,
            reason=row.reason or None,
        )
