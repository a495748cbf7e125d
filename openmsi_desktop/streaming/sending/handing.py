"""Files that a person hands over to be sent once, by whoever streams, now or after a restart.

They are journalled under an owner that no process is, so :mod:`errands` takes them up like those of a killed ``send``;
the request ``send`` tells the process that streams to do so at once. Files are referenced, not copied.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import Journal, text_of
from openmsi_desktop.core.outgoing import Outgoing, OutgoingFiles, Sighting
from openmsi_desktop.streaming.keys import ONE_OFF, send_key
from openmsi_desktop.streaming.sending.collect import Collected, Refused
from openmsi_desktop.streaming.sending.oneoff import Errand, is_of_another
from openmsi_desktop.streaming.sending.planner import Job

HANDED_OVER = "handed-over"
"""Owner, in the journal, of files that nobody has taken up yet."""

CALLED_OFF = "taken back before it was sent"
"""Reason of files that a person took back."""

_OPEN = (FileState.FOUND, FileState.WAITING)


@dataclass(slots=True)
class HandedOver:
    """What became of the files. key: the task that sends them."""

    key: str
    taken: list[Job] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def key_of(errand: Errand) -> str:
    """The task of one-off uploads to this topic over this connection."""
    return send_key(str(errand.connection.kafka.get("bootstrap.servers", "")), errand.topic)


def hand_over(journal: Journal, found: Collected, errand: Errand, *, is_alive: Callable[[str], bool]) -> HandedOver:
    """Journal files to be sent once. A file whose path on the topic stands for another one is refused, with advice.

    is_alive: whether the owner of a claim still runs.

    Raises:
        NeedsYou, RetryableError: the journal cannot be written; nothing was handed over.
    """
    out = HandedOver(key_of(errand), refused=list(found.refused))
    files = OutgoingFiles(journal, out.key, errand.topic)
    with journal.transaction():
        known = files.known(job.path for job in found.jobs)
        new: list[Job] = []
        for job in found.jobs:
            row = known.get(job.path)
            if row is not None and _is_in_the_way(row, job):
                out.refused.append(Refused(job.path, job.local, _same_name(row, job)))
                continue
            out.taken.append(job)
            if row is None or row.state is not FileState.SENDING:
                new.append(job)
            elif not (row.owner and is_alive(row.owner)):  # begun once, and left
                files.claim([row.id], HANDED_OVER)
        files.record(
            [Sighting(job.path, job.local, FileState.FOUND, "", job.fingerprint) for job in new], owner=HANDED_OVER
        )
        for job in new:
            journal.solve_problems(out.key, path=job.path)  # so that it is told again
        if out.taken:
            before = journal.task(out.key)
            state = before.state if before is not None else TaskState.IDLE
            name = f"send to {errand.topic}"
            journal.set_task(out.key, kind=ONE_OFF, name=name, state=state, details=errand.model_dump_json())
    return out


def just_handed_over(journal: Journal, key: str) -> list[Outgoing]:
    """Files of a task that nobody has taken up yet."""
    files = OutgoingFiles(journal, key, "")
    return [row for row in [*files.unfinished(), *files.in_states(_OPEN)] if row.owner == HANDED_OVER]


def call_off(journal: Journal, key: str, paths: Collection[str]) -> int:
    """Take files back whose sending has not begun; returns how many. The others go on.

    Raises:
        NeedsYou, RetryableError: the journal cannot be written.
    """
    taken = 0
    with journal.transaction():
        for path in paths:
            taken += journal.execute(
                f"UPDATE outgoing SET state = ?, reason = ?, owner = '', updated_at = ? WHERE task = ? AND path = ? "
                f"AND state IN ({','.join('?' * len(_OPEN))})",
                FileState.IGNORED.value,
                CALLED_OFF,
                journal.now(),
                key,
                text_of(path),
                *(state.value for state in _OPEN),
            )
    return taken


def _is_in_the_way(row: Outgoing, job: Job) -> bool:
    """The path stands for another file, which is to be sent or was sent."""
    if row.local == job.local:
        return False
    is_open = row.state is FileState.SENDING or (row.state in _OPEN and bool(row.owner))
    return is_open or is_of_another(row, job)


def _same_name(row: Outgoing, job: Job) -> NeedsYou:
    return NeedsYou(
        f"Another file is called {job.path} on the topic",
        f"It is {row.local}. Readers would put this one in its place, so it is not sent. Choose another sub-folder for it.",
        path=job.local,
    )


def sequence_of(files: Sequence[Outgoing]) -> list[Job]:
    """The same as work for a sender."""
    return [Job(row.path, row.local, row.fingerprint, row=row) for row in files]
