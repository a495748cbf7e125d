"""One-off uploads that nobody takes care of any more: the process that streams goes on with them.

A ``send`` that was killed, and files dropped while nothing was running, leave their files in the
journal. A living ``send`` keeps its own, and one that ended with an error has said so: the same
command goes on with what it left.
"""

from __future__ import annotations

import json
from contextlib import closing

from openmsi_desktop.core.events import Emit, TaskState
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles
from openmsi_desktop.streaming.collect import Collected
from openmsi_desktop.streaming.kafka_types import Broker
from openmsi_desktop.streaming.oneoff import Errand, OneOff
from openmsi_desktop.streaming.planner import Job
from openmsi_desktop.streaming.profile import Profile


def abandoned(journal: Journal, profile: Profile) -> dict[str, Errand]:
    """Key -> errand of every one-off task that has files left which no living process owns."""
    out = {}
    for task in journal.tasks():
        if task.kind != OneOff.kind or task.state is not TaskState.RUNNING:
            continue  # a send that ended has told its user what was not sent; only a killed one has not
        details = journal.details(task.key)
        if json.loads(details) and left_over(journal, profile, task.key):
            out[task.key] = Errand.model_validate_json(details)
    return out


def left_over(journal: Journal, profile: Profile, key: str) -> list[Outgoing]:
    """Files of a one-off task that wait for somebody to send them; what this process has begun counts too."""
    files = OutgoingFiles(journal, key, "")
    rows = [*files.unfinished(), *files.not_begun()]
    return [r for r in rows if r.owner in ("", profile.owner()) or not profile.is_alive(r.owner)]


class LeftOver(OneOff):
    """Sends what is left of killed one-off uploads, and ends."""

    gives_up = False

    def __init__(self, errand: Errand, broker: Broker, profile: Profile, emit: Emit, *, key: str) -> None:
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
            timeout_s=None,
            connection=errand.connection,
        )

    def look(self) -> Collected:
        """The files that are left, as the journal knows them."""
        with closing(self._profile.open_journal()) as journal:
            rows = left_over(journal, self._profile, self.key)
        return Collected(jobs=[Job(r.path, r.local, r.fingerprint, row=r) for r in rows])
