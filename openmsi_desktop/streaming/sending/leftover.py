"""Which one-off uploads are left of processes that are gone, and the service that sends them.

Apart from :mod:`errands`, so that a process that finds none does not load what sending needs.
"""

from __future__ import annotations

import json
from contextlib import closing

from openmsi_desktop.core.events import Emit
from openmsi_desktop.core.journal import Journal, legible
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.streaming.kafka.types import Broker
from openmsi_desktop.streaming.keys import ONE_OFF
from openmsi_desktop.streaming.profile import Profile
from openmsi_desktop.streaming.sending.collect import Collected
from openmsi_desktop.streaming.sending.handing import just_handed_over, sequence_of
from openmsi_desktop.streaming.sending.limiter import Ceiling
from openmsi_desktop.streaming.sending.oneoff import Errand, OneOff
from openmsi_desktop.streaming.sending.planner import Job
from openmsi_desktop.streaming.sending.power_loss import Suspicion


def abandoned(journal: Journal, profile: Profile) -> dict[str, Errand]:
    """Key -> errand of every one-off task that has files left of a process that is gone."""
    out = {}
    for task in journal.tasks():
        if task.kind == ONE_OFF and left_over(journal, profile, task.key):
            details = journal.details(task.key)
            if legible(json.loads)(details):
                out[task.key] = legible(Errand.model_validate_json)(details)
    return out


def left_over(journal: Journal, profile: Profile, key: str) -> list[Outgoing]:
    """Files of a one-off task that nobody else will send; what this process has begun counts too."""
    files = OutgoingFiles(journal, key, "")
    rows = [*files.unfinished(), *files.not_begun()]
    return [r for r in rows if r.owner and (r.owner == profile.owner() or not profile.is_alive(r.owner))]


class LeftOver(OneOff):
    """Sends what is left of killed one-off uploads, and ends."""

    gives_up = False

    def __init__(
        self, errand: Errand, broker: Broker, profile: Profile, emit: Emit, *, key: str, ceiling: Ceiling | None = None
    ) -> None:
        super().__init__(
            (),
            topic=errand.topic,
            broker=broker,
            profile=profile,
            emit=emit,
            key=key,
            name=f"send to {errand.topic}",
            check=errand.check,
            chunk_size=errand.chunk_size,
            limit=errand.limit,
            ceiling=ceiling,
            timeout_s=None,
            connection=errand.connection,
        )

    def look(self) -> Collected:
        """The files that are left, as the journal knows them."""
        with closing(self._profile.open_journal()) as journal:
            rows = left_over(journal, self._profile, self.key)
        return Collected(jobs=sequence_of(rows))

    def more(self, journal: Journal) -> list[Job]:
        """What was handed over since."""
        return sequence_of(just_handed_over(journal, self.key))

    def suspicion(self, journal: Journal) -> Suspicion:
        """Nobody has looked at these files since they were asked for."""
        return Suspicion(journal, self.key, how_to_send="or send it as it is: openmsi-desktop send {local}")
