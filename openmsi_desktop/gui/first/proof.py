"""The proof: a small file goes out and comes back, by the same code that sends everything else.

It has a journal of its own in a temporary folder, so nothing of it stays on this computer. Any thread but the GUI's.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from openmsi_desktop.core.errors import OpenMSIError, RetryableError
from openmsi_desktop.core.events import Event, FileEvent, FileState, ProblemEvent
from openmsi_desktop.credentials import Credentials
from openmsi_desktop.settings import Connection

_BYTES = 1000
_TIMEOUT_S = 20.0
RUNGS = (FileState.FOUND, FileState.SENT, FileState.CHECKED)


@dataclass(frozen=True, slots=True)
class Errand:
    """What to prove. secret: as typed; None: the one of the keyring."""

    connection: Connection
    secret: str | None
    topic: str


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder is reached, seconds after the one before."""

    state: FileState
    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Proved:
    """How it ended. title and advice: why not, if it did not work."""

    is_good: bool
    title: str = ""
    advice: str = ""


class Prover(Protocol):
    """Proves it on the thread that calls it, and tells of each rung."""

    def __call__(self, errand: Errand, tell: Callable[[Rung], None], stop: threading.Event) -> Proved: ...


class RealProver:
    """See :class:`Prover`: sends a file once, and has it read back and compared."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials

    def __call__(self, errand: Errand, tell: Callable[[Rung], None], stop: threading.Event) -> Proved:
        folder = Path(tempfile.mkdtemp(prefix="openmsi-proof-"))
        try:
            return _prove(folder, errand, self._secret_of(errand), tell, stop)
        except OpenMSIError as error:
            return Proved(is_good=False, title=error.title, advice=error.advice)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _secret_of(self, errand: Errand) -> Callable[[str], str | None]:
        typed = errand.secret
        return self._credentials.secret if typed is None else lambda name: typed


def _prove(
    folder: Path,
    errand: Errand,
    secret_of: Callable[[str], str | None],
    tell: Callable[[Rung], None],
    stop: threading.Event,
) -> Proved:
    from openmsi_desktop.streaming.connections import ConnectionBroker
    from openmsi_desktop.streaming.profile import Profile
    from openmsi_desktop.streaming.sending.oneoff import OneOff

    file = folder / f"openmsi-test-{_plain(socket.gethostname())}-{time.strftime('%H%M%S')}.txt"
    file.write_bytes(_content())
    ladder, problems = _Ladder(file.name, tell), list[ProblemEvent]()

    def emit(event: Event) -> None:
        if isinstance(event, FileEvent):
            ladder.reach(event.state)
        elif isinstance(event, ProblemEvent):
            problems.append(event)

    connection = errand.connection
    if errand.secret is not None and not connection.credential:
        connection = connection.model_copy(update={"credential": "typed"})
    profile = Profile(folder / "data")
    profile.prepare()
    try:
        OneOff(
            [file],
            topic=errand.topic,
            broker=ConnectionBroker(connection, secret_of),
            profile=profile,
            emit=emit,
            key="proof",
            check=True,
            timeout_s=_TIMEOUT_S,
        ).run(stop, lambda: None)
    except RetryableError as error:
        return Proved(is_good=False, title=error.title, advice=error.advice)
    finally:
        profile.disown()
    if ladder.reached is FileState.CHECKED:
        return Proved(is_good=True)
    if problems:
        return Proved(is_good=False, title=problems[0].title, advice=problems[0].advice)
    return Proved(is_good=False, title="The proof was stopped", advice="Nothing was changed.")


class _Ladder:
    def __init__(self, name: str, tell: Callable[[Rung], None]) -> None:
        self.reached: FileState | None = None
        self._name = name
        self._tell = tell
        self._since = time.monotonic()

    def reach(self, state: FileState) -> None:
        if state in RUNGS and state is not self.reached:
            now = time.monotonic()
            self.reached = state
            self._tell(Rung(state, self._name, now - self._since))
            self._since = now


def _content() -> bytes:
    text = (
        "This is a test file of OpenMSI Desktop. Somebody has set it up on the computer "
        f"{socket.gethostname()} on {time.strftime('%Y-%m-%d %H:%M:%S')}, to see that a file goes out and comes back "
        "unchanged. It means nothing: delete it.\n"
    ).encode()
    return text + b"." * max(0, _BYTES - len(text) - 1) + b"\n"


def _plain(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name)[:40]
