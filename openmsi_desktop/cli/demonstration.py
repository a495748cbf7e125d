"""What ``demo`` does, with the same services as everything else. Only the instrument is made up."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from openmsi_desktop import sample_data
from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.demo_verdict import Progress, hashes, verdict
from openmsi_desktop.cli.output import Output
from openmsi_desktop.cli.text import count
from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import Event
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.settings import Connection, Download, Settings, Settle, WatchedFolder
from openmsi_desktop.signals import SIGNALS
from openmsi_desktop.streaming.connections import ConnectionBroker
from openmsi_desktop.streaming.engine import Engine
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker
from openmsi_desktop.streaming.keys import send_key
from openmsi_desktop.streaming.sending.oneoff import OneOff
from openmsi_desktop.streaming.supervisor import ServiceThread

PARTITIONS = 4
QUIET_S = 1.0
"""A file counts as finished much sooner than usual, because nobody wants to wait in a demonstration."""

INSTRUMENT = "instrument"
RECEIVED = "received"
BY_HAND = "sent by hand"

_PACE_S = 0.2
_LOOK_S = 0.05
_EMBEDDED_S = 20.0
_ELSEWHERE_S = 60.0
_STOP_S = 2.3

_INTRODUCTION = (
    "The broker runs inside this program: it keeps everything in memory, forgets it at the end and is for trying out "
    "only. Programs, journal and checks are the real ones."
)


def demonstrate(
    common: Common,
    output: Output,
    *,
    connection: Connection | None,
    topic: str,
    keep: bool,
    seed: int,
    timeout_s: float | None,
) -> int:
    """Run it; returns the exit status. connection None: a broker in this process.

    Raises:
        OpenMSIError: the services cannot be started.
    """
    stop = SIGNALS.wait_for_stop()
    folder = Path(tempfile.mkdtemp(prefix="openmsi-demo-"))
    try:
        with _broker(connection, topic) as used:
            if connection is None:
                output.message(_INTRODUCTION)
            output.message(f"Everything happens in {folder}, which is {'kept' if keep else 'removed at the end'}.")
            show = _Show(common, output, folder, used, topic=topic, is_embedded=connection is None, stop=stop)
            status = show.run(seed, timeout_s=timeout_s)
            if keep:
                output.message(f"Kept: {folder}. More about it: openmsi-desktop files --data '{folder / 'data'}'")
            return status
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _broker(connection: Connection | None, topic: str) -> Iterator[Connection]:
    if connection is not None:
        yield connection
        return
    with EmbeddedBroker() as broker:
        broker.create(topic, PARTITIONS)
        yield Connection(name="demo", kafka={"bootstrap.servers": broker.bootstrap})


class _Show:
    """One demonstration. Its methods run on the main thread; events arrive from others."""

    def __init__(
        self,
        common: Common,
        output: Output,
        folder: Path,
        connection: Connection,
        *,
        topic: str,
        is_embedded: bool,
        stop: threading.Event,
    ) -> None:
        self._output = output
        self._stop = stop
        self._limit_s = _EMBEDDED_S if is_embedded else _ELSEWHERE_S
        self.source, self.by_hand, self.target = (folder / name for name in (INSTRUMENT, BY_HAND, RECEIVED))
        self.source.mkdir()
        self.by_hand.mkdir()
        # a topic that others use too holds other files: ours have a folder of their own, and only what comes counts
        self.subfolder = "" if is_embedded else f"demo-{secrets.token_hex(4)}"
        self.progress = Progress(sender=(INSTRUMENT, BY_HAND), reader=RECEIVED)
        self._secret_of = Credentials(common.places.data).secret
        self._connection = connection
        self._topic = topic
        self.engine = Engine(
            Settings(
                connections=(connection,),
                watched_folders=(
                    WatchedFolder(
                        name=INSTRUMENT,
                        path=self.source,
                        connection=connection.name,
                        topic=topic,
                        subfolder=self.subfolder,
                        settle=Settle(quiet_s=QUIET_S),
                        check=True,
                    ),
                ),
                downloads=(
                    Download(
                        name=RECEIVED,
                        topics=(topic,),
                        connection=connection.name,
                        target=self.target,
                        from_="start" if is_embedded else "now",
                        include=(f"/{self.subfolder}/**",) if self.subfolder else (),
                    ),
                ),
            ),
            data=folder / "data",
            emit=self._emit,
            secret_of=self._secret_of,
            go_on=lambda error: isinstance(error, RetryableError),
        )

    def run(self, seed: int, *, timeout_s: float | None) -> int:
        """Everything from the first file to the verdict."""
        self.engine.start()
        upload: ServiceThread | None = None
        try:
            if self._wait(self.progress.is_ready, timeout_s or self._limit_s):
                upload = self._play(seed)
                if not self._stop.is_set():
                    self._output.message("The instrument has finished. Waiting for the last files ...")
                    self.progress.expect(self._sources())
                    self._wait(self.progress.is_complete, self._limit_s)
            elif not self._stop.is_set():
                self._tell_why_nothing_runs()
        finally:
            self.engine.stop(_STOP_S)
            if upload is not None:
                upload.stop()
                upload.join(_STOP_S)
        if SIGNALS.status is not None:
            return SIGNALS.status
        if failures := list(self.engine.failures().values()):
            return exits.exit_status(failures[0])
        if not self.progress.is_ready():
            return exits.NO_CONTACT
        is_verified, text = verdict(self._sources(), hashes(self.target), self.progress)
        self._output.results(f"{text}\n{self._story()}\n")
        return exits.DONE if is_verified else exits.NOT_ALL

    def _play(self, seed: int) -> ServiceThread | None:
        """The instrument at work. Returns the upload of the empty file, once it has begun."""
        upload = None
        for step in sample_data.session(seed):
            if step.path == sample_data.REWRITTEN and (self.source / step.path).exists():
                # both versions are to travel, so the first one has to be through
                self._wait(lambda: self._times(sample_data.REWRITTEN) > 0, self._limit_s)
            if step.path == sample_data.EMPTY:
                step.write(self.by_hand)
                upload = self._send(self.by_hand / step.path, topic_path.split(step.path)[0])
            else:
                step.write(self.source)
            if self._stop.wait(_PACE_S):
                break
        return upload

    def _send(self, file: Path, folder: str) -> ServiceThread:
        """What ``send`` does. A watched folder gives an empty file a minute to be filled; a person means it."""
        servers = str(self._connection.kafka.get("bootstrap.servers", ""))
        service = OneOff(
            [file],
            topic=self._topic,
            broker=ConnectionBroker(self._connection, self._secret_of),
            profile=self.engine.profile,
            emit=self._emit,
            key=send_key(servers, self._topic),
            name=BY_HAND,
            subfolder=topic_path.join(self.subfolder, folder),
            check=True,
        )
        thread = ServiceThread(service, self._emit, go_on=lambda error: False)
        thread.start()
        return thread

    def _emit(self, event: Event) -> None:
        self.progress.add(event)
        self._output(event)

    def _times(self, path: str) -> int:
        return self.progress.deliveries(self._on_topic(path))

    def _story(self) -> str:
        """What was special, as it went this time."""
        grown, rewritten = self._times(sample_data.GROWING), self._times(sample_data.REWRITTEN)
        return (
            f"{sample_data.GROWING} grew while it was watched; it was sent {count(grown, 'time')}, after it had rested. "
            f"{sample_data.REWRITTEN} was written twice; {count(rewritten, 'version')} arrived. {topic_path.split(sample_data.EMPTY)[1]} is empty: it was sent by hand, because a watched folder "
            "gives an empty file a minute to be filled."
        )

    def _sources(self) -> dict[str, str]:
        """Path on the topic -> SHA-512 of what the instrument left on the disk."""
        found = hashes(self.source) | hashes(self.by_hand)
        return {self._on_topic(path): digest for path, digest in found.items()}

    def _on_topic(self, path: str) -> str:
        return topic_path.join(self.subfolder, path)

    def _wait(self, is_over: Callable[[], bool], limit_s: float) -> bool:
        """Wait for a condition; False if it does not come in time, or something ended."""
        end = time.monotonic() + limit_s
        while not is_over():
            self._output.flush()
            if self._stop.wait(_LOOK_S) or self.engine.is_over or self.engine.failures() or time.monotonic() > end:
                return is_over()
        return True

    def _tell_why_nothing_runs(self) -> None:
        failures = [error for error in self.engine.failures().values() if isinstance(error, OpenMSIError)]
        if not failures:
            self._output.error(
                RetryableError("The broker does not answer", "Nothing was sent. Check the address, and try again.")
            )
