"""``send``: files and folders, once."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, given_path, reporting
from openmsi_desktop.cli.options import Picking, Reach, Sending
from openmsi_desktop.cli.output import Output
from openmsi_desktop.cli.tasks import notes_of
from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    from openmsi_desktop.settings import Connection, WatchedFolder

_TIMEOUT_S = 60.0
_LOOK_S = 0.1
_STOP_S = 2.3
_SILENT_S = 2.0
"""Seconds without contact after which a person is told what is waited for."""
Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH", parser=given_path("nothing was sent"), help="Files and folders.", show_default=False
    ),
]


def send(common: Common, paths: Paths, sending: Sending, picking: Picking, reach: Reach) -> int:
    """Upload files or folders once.

    Ends when every file is Sent: all of one unchanged version is acknowledged by the broker. A folder keeps its
    name on the topic; a file goes by its name alone. Stopped or killed, the same command goes on where it was.

    \b
    openmsi-desktop send run_01 --topic xrd --bootstrap kafka.example.org:9092
    openmsi-desktop send *.dat --topic xrd --connection lab --subfolder xrd-pc --check
    openmsi-desktop send run_01 --topic xrd --dry-run
    """
    for path in paths:
        if not path.exists():
            raise typer.BadParameter(f"there is no {path}; nothing was sent", param_hint="PATH")
    with reporting(common.output(sends=True, dry_run=sending.dry_run)) as output:
        for path in paths:
            if path.is_dir() and not any(files for _, _, files in os.walk(path)):
                output.message(f"{printable(str(path))} holds no files.")
        if sending.dry_run:
            return _list(output, paths, sending.task(paths[0], None, picking))
        connection = reach.choose(common)
        task = sending.task(paths[0], connection, picking)
        timeout = _TIMEOUT_S if reach.timeout is None else reach.timeout
        return _Upload(common, output, paths, task, connection, timeout_s=timeout).run()


def _list(output: Output, paths: list[Path], task: WatchedFolder) -> int:
    """What would be sent, and what not and why."""
    from openmsi_desktop.streaming.rules import rules_of
    from openmsi_desktop.streaming.sending.collect import collect

    found = collect(paths, subfolder=task.subfolder, rules=rules_of(task, now=time.time()))
    for job in found.jobs:
        output(FileEvent(path=job.path, local=job.local, state=FileState.FOUND, size=job.size))
    for left in found.left_out:
        output(FileEvent(path=left.path, local=left.local, state=FileState.IGNORED, size=left.size, reason=left.rule))
    for refused in found.refused:
        output(FileEvent(path=refused.path, local=refused.local, state=FileState.PROBLEM, reason=refused.error.title))
    return exits.DONE


class _Upload:
    """One call of ``send``."""

    def __init__(
        self,
        common: Common,
        output: Output,
        paths: list[Path],
        task: WatchedFolder,
        connection: Connection,
        *,
        timeout_s: float,
    ) -> None:
        from openmsi_desktop.credentials import Credentials
        from openmsi_desktop.streaming.connections import ConnectionBroker
        from openmsi_desktop.streaming.keys import send_key
        from openmsi_desktop.streaming.profile import Profile
        from openmsi_desktop.streaming.rules import rules_of
        from openmsi_desktop.streaming.sending.oneoff import OneOff

        self.output = output
        self.timeout_s = timeout_s
        self.addresses = str(connection.kafka.get("bootstrap.servers", connection.name))
        self.has_told_silence = False
        self.profile = Profile(common.places.data)
        self.service = OneOff(
            paths,
            topic=task.topic,
            broker=ConnectionBroker(connection, Credentials(common.places.data).secret, notes=notes_of(common)),
            profile=self.profile,
            emit=output,
            key=send_key(str(connection.kafka.get("bootstrap.servers", "")), task.topic),
            subfolder=task.subfolder,
            rules=rules_of(task, now=time.time()),
            check=task.check,
            chunk_size=task.chunk_size,
            limit=task.limit,
            timeout_s=timeout_s,
            connection=connection,
        )

    def run(self) -> int:
        """Send everything; returns the exit status."""
        from openmsi_desktop.streaming.sending.collect import NotThere
        from openmsi_desktop.streaming.supervisor import ServiceThread

        stop = SIGNALS.wait_for_stop()
        self.profile.prepare()
        thread = ServiceThread(self.service, self.output, go_on=lambda error: False)
        try:
            thread.start()
            while not thread.join(_LOOK_S) and not stop.is_set():
                self.output.flush()
                self._tell_silence()
            thread.stop()
            thread.join(_STOP_S)
        finally:
            self.profile.disown()
        if SIGNALS.status is not None:
            self.output.message("Stopped. The same command goes on where it was.")
            return SIGNALS.status
        if isinstance(thread.error, NotThere):
            return exits.WRONG_USAGE
        if thread.error is not None:
            return exits.exit_status(thread.error)
        return exits.NOT_ALL if self.output.unfinished or self.output.file_problems else exits.DONE

    def _tell_silence(self) -> None:
        """Say once what is waited for, so that a person need not guess whether anything happens."""
        silent = self.service.no_contact_for()
        if self.has_told_silence or silent < _SILENT_S:
            return
        self.has_told_silence = True
        left = max(0.0, self.timeout_s - silent)
        self.output.message(f"Waiting: nothing answers at {printable(self.addresses)}. Giving up in {left:.0f} s.")
