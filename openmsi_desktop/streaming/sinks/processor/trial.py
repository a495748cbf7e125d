"""Runs a program or a class on one file to see what it does. Nothing is sent, and no broker is asked."""

from __future__ import annotations

import hashlib
import os
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import NeedsYou, OpenMSIError
from openmsi_desktop.settings import Processor
from openmsi_desktop.streaming.sinks import ReceivedFile
from openmsi_desktop.streaming.sinks.processor.making import runner_of
from openmsi_desktop.streaming.sinks.processor.output import Left, left_in
from openmsi_desktop.streaming.sinks.processor.place import Place, Places
from openmsi_desktop.streaming.sinks.processor.runner import Ran, Result, Work

TOPIC = "sample"
"""The topic that is told when nobody named one."""

_LOOK_S = 0.1
_LOGS = "LOGS"  # of classes of OpenMSIStream


@dataclass(frozen=True, slots=True)
class Trial:
    """What happened. close() removes the files; until then they can be looked at.

    error: why it failed, also when it could not be started or was stopped; None: it worked. output: the end of what it printed.
    results: messages for the result topic. left: files for the result topic; ``left[0].local`` is where one lies now. kept: files
    that a class of OpenMSIStream wrote into its own output folder: they are not sent. seconds: it took. is_stopped: by ``stop``.
    """

    error: OpenMSIError | None
    output: str
    results: Sequence[Result]
    left: Sequence[Left]
    kept: Sequence[Path]
    seconds: float
    is_stopped: bool
    _folder: tempfile.TemporaryDirectory[str] = field(repr=False)
    _place: Place | None = field(repr=False)

    def close(self) -> None:
        """Remove everything. May be called again."""
        if self._place is not None and os.path.isdir(self._place.folder):
            self._place.close()
        self._folder.cleanup()


def try_on(
    described: Processor,
    sample: Path,
    *,
    relative_path: str = "",
    topic: str = "",
    stop: threading.Event | None = None,
) -> Trial:
    """Run it once on a copy of ``sample`` and wait for the end. On a thread that may wait.

    relative_path: the path it is told, its name if empty. topic: what it is told, too. stop: ends it soon.

    Raises:
        NeedsYou, ChunkError: the sample cannot be read, or the path is none.
    """
    received = _received(sample, relative_path or sample.name, topic or TOPIC)
    folder = tempfile.TemporaryDirectory(prefix="openmsi-trial-", ignore_cleanup_errors=True)
    own = os.path.join(folder.name, "own")
    places = Places(Path(folder.name), "trial", described.name, may_link=False)
    place: Place | None = None
    ran, began = Ran(), time.monotonic()
    left: Sequence[Left] = ()
    stop = stop or threading.Event()
    try:
        places.prepare()
        place = places.open(received)
        work = place.work(described.time_limit_s)
        began = time.monotonic()
        # what is printed as JSON counts only where there is a topic for it
        wanting = described if described.result_topic else _with_results(described)
        ran = _run(wanting, work, own, stop)
        seconds = time.monotonic() - began
        left = left_in(place.output, received.relative_path)
    except OpenMSIError as error:
        seconds = time.monotonic() - began
        ran = replace(ran, error=error)
    except BaseException:
        folder.cleanup()
        raise
    return Trial(ran.error, ran.output, ran.results, left, _kept(own), seconds, stop.is_set(), folder, place)


def _with_results(described: Processor) -> Processor:
    return described.model_copy(update={"result_topic": f"{TOPIC}-results"})


def _received(sample: Path, relative_path: str, topic: str) -> ReceivedFile:
    topic_path.check(relative_path)
    try:
        with open(sample, "rb") as file:
            digest = hashlib.file_digest(file, "sha512").digest()
            status = os.fstat(file.fileno())
    except OSError as error:
        raise NeedsYou(
            f"The sample {sample.name} cannot be read", f"{error.strerror or error}. Choose another file.", path=sample
        ) from error
    return ReceivedFile(
        sample.absolute(), relative_path, topic, status.st_size, digest, modified=status.st_mtime, number=1
    )


def _run(described: Processor, work: Work, own: str, stop: threading.Event) -> Ran:
    """Raises what the runner raises."""
    runner = runner_of(described, trial=own)
    done: list[Ran | Exception] = []

    def run() -> None:
        try:
            runner.prepare()
            done.append(runner.run(work))
        except Exception as error:  # noqa: BLE001 - handed over to the thread that waits
            done.append(error)

    thread = threading.Thread(target=run, name=f"trial of {described.name}", daemon=True)
    thread.start()
    has_stopped = False
    while thread.is_alive():
        thread.join(_LOOK_S)
        if stop.is_set() and not has_stopped:
            has_stopped = True
            runner.stop()
    runner.close()
    if isinstance(done[0], Exception):
        raise done[0]
    return done[0]


def _kept(own: str) -> list[Path]:
    found = (Path(above, name) for above, _, names in os.walk(own) for name in names)
    return sorted(path for path in found if _LOGS not in path.relative_to(own).parts)
