"""Sinks: whatever takes a complete, verified file. The plug-in API, and how plug-ins are found.

A sink for one file at a time has ``deliver``; one that is faster with many (the folder renames
thousands and flushes once) has ``deliver_all``. The engine uses only the second form:
:func:`in_batches` turns either into a :class:`BatchSink`.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from openmsi_desktop.core.errors import OpenMSIError, RetryableError, SettingsError
from openmsi_desktop.core.order import Order
from openmsi_desktop.core.windows_files import reachable

ENTRY_POINTS = "openmsi_desktop.sinks"
"""Group in which an installed package may name its sinks and processors."""

FOLDER = "folder"
"""Name of the sink that is the target folder of a download."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A complete file whose SHA-512 was compared with the one announced in its messages.

    path: the reader's own copy (the spool file), never the published one, which a person may have edited.
    relative_path: path on the topic (POSIX, checked by :func:`openmsi_desktop.core.topic_path.check`).
    size: in bytes. sha512: raw digest, 64 bytes. modified: mtime in seconds since 1970, None if unknown.
    installation: id of the sending installation, empty if the messages had no header of ours.
    number: of this version in the journal. version: from our header, 0 without one. tries: how often this sink failed with it.
    """

    path: Path
    relative_path: str
    topic: str
    size: int
    sha512: bytes
    modified: float | None = None
    installation: str = ""
    order: Order = field(default_factory=Order)
    number: int = 0
    version: int = 0
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ArrivingFile:
    """A file of which some chunks are still missing. Nothing of it is verified.

    path: the spool file; it will be that of the complete file, too. size: in bytes, None as long as it is not known;
    at_most: in bytes, never less than the size. sha512: the announced digest, 64 bytes. The rest as in :class:`ReceivedFile`.
    """

    path: Path
    relative_path: str
    topic: str
    sha512: bytes
    at_most: int
    size: int | None = None
    modified: float | None = None
    installation: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """The file is where it belongs, durably.

    local: where (a path here, or a URL), empty if the sink has no place to show.
    note: one sentence without full stop if a person may wonder (another name, identical file was there).
    problem: what a person should know although the file arrived, for example a conflict; None usually.
    output: the end of what a program said, worth keeping; empty usually.
    """

    local: str = ""
    note: str = ""
    problem: OpenMSIError | None = None
    output: str = ""


@dataclass(frozen=True, slots=True)
class Superseded:
    """This version is not published, on purpose. ``reason``: a sentence without full stop."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Not delivered; to be tried again later. ``error`` says why (a plug-in's may be any exception).

    is_final: not to be tried again unless a person asks for it. concerns_sink: nothing is wrong with this file; the sink as a
    whole cannot work now, and is left alone for a while. output: the end of what a program said, for people.
    """

    error: Exception
    is_final: bool = False
    concerns_sink: bool = False
    output: str = ""


Outcome = Delivered | Superseded | Failed


class SpoolMissing(RetryableError):
    """The spool file is gone or is not what it should be: the version has to be read from the topic again."""


@runtime_checkable
class Sink(Protocol):
    """What a plug-in implements: one file at a time.

    ``deliver`` is called on a delivery thread, possibly twice for the same file (at least once), and
    must not change ``file.path``. Returning means delivered. Raise
    :class:`openmsi_desktop.core.errors.RetryableError` to be called again later; any other exception
    is reported with its traceback and tried again too.
    """

    name: str

    def deliver(self, file: ReceivedFile) -> Delivered | None: ...


@runtime_checkable
class BatchSink(Protocol):
    """What the engine drives. One thread at a time; each method may be called again after it raised."""

    name: str

    def prepare(self) -> None:
        """Get ready, and finish what an earlier process left half-done.

        Called before the first batch, before the spool of this reader is looked at, and again after
        anything raised.

        Raises:
            NeedsYou, RetryableError: the sink as a whole cannot work now (missing folder, no contact).
        """
        ...

    def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
        """Deliver many; one outcome for each, in the same order. What is called Delivered is durable.

        A version that an interrupted call delivered already is Delivered again without harm, even if its
        spool file is gone by now.

        Raises:
            NeedsYou, RetryableError: the sink as a whole cannot work now; nothing is decided about any file.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


@runtime_checkable
class StoppableSink(Protocol):
    """A sink whose calls may take long and can be ended early (an optional addition to the others).

    A program has to end within three seconds. A sink that cannot be stopped is left to itself then; the next start waits
    half a minute for it, and goes on with a new one: what it had in hand is delivered again.
    """

    def stop(self) -> None:
        """Give up what is being delivered, soon: raise RetryableError there. Called once, from another thread."""
        ...


@runtime_checkable
class PooledSink(Protocol):
    """A sink that works on several files at once, in threads or processes of its own.

    jobs: how many it wants to have in hand at most. prepare() and submit() are called on one thread; two files with the same
    topic and path are never in hand together. A file that fails is tried again later, and no other has to wait for that; only
    ``concerns_sink`` (or what prepare() raises) makes the others wait, too.
    """

    name: str
    jobs: int

    def prepare(self) -> None:
        """See :class:`BatchSink`. No file is in hand."""
        ...

    def submit(self, file: ReceivedFile) -> Future[Outcome]:
        """Begin to deliver a file. What the future calls Delivered is durable; an exception in it counts as Failed. What fails
        after :meth:`StoppableSink.stop` counts for nothing."""
        ...

    def close(self) -> None:
        """Let go of everything; no file is in hand."""
        ...


@runtime_checkable
class RecordingSink(Protocol):
    """A sink that keeps something of its own in the journal for each file (an optional addition to the others)."""

    def settled(self, file: ReceivedFile, outcome: Delivered) -> None:
        """This file counts as delivered. On the thread and the journal that the sink was made with, inside the transaction
        that notes the outcome: must return at once."""
        ...


@runtime_checkable
class StreamingSink(Protocol):
    """A sink that can work on a big file while its chunks still arrive (an optional addition to the others).

    Whatever it does shows nowhere before the complete, verified file with the same ``path`` was handed over in the usual way.
    """

    name: str

    def arriving(self, file: ArrivingFile, ready: int) -> None:
        """The first ``ready`` bytes are in the file by now. On the reader's thread: must return at once."""
        ...

    def abandoned(self, path: Path) -> None:
        """Nothing more comes of this spool file; what was begun is to be undone. On any thread: must return at once."""
        ...


def in_batches(sink: Sink | BatchSink) -> BatchSink:
    """The sink as the engine wants it, unless it is a :class:`PooledSink`."""
    return sink if isinstance(sink, BatchSink) else _OneByOne(sink)


def load(what: str) -> Callable[..., Any]:
    """The class or factory that settings name: an entry point's name, or ``module:Class``.

    ``module`` is looked for in the current folder too.

    Raises:
        SettingsError: there is no such thing; the advice says what was looked for.
    """
    if ":" not in what:
        found = [entry for entry in entry_points(group=ENTRY_POINTS) if entry.name == what]
        if not found:
            known = ", ".join(sorted({entry.name for entry in entry_points(group=ENTRY_POINTS)})) or "none"
            raise SettingsError(
                f"There is no plug-in named {what!r}",
                f"Installed are: {known}. Name one of them, or a class as module:Class.",
            )
        return _checked(_imported(what, found[0].load), what)
    module, _, attributes = what.partition(":")

    def find() -> Any:
        item: Any = _import_from_here(module)
        for attribute in attributes.split("."):
            item = getattr(item, attribute)
        return item

    return _checked(_imported(what, find), what)


def make(what: str, *, name: str) -> BatchSink:
    """A sink of the class that :func:`load` finds, called with ``name=`` and adapted to batches.

    Raises:
        SettingsError: it cannot be found, made, or is no sink.
    """
    factory = load(what)
    try:
        sink = factory(name=name)
    except OpenMSIError:
        raise
    except Exception as error:  # a plug-in's constructor may raise anything
        _log.exception("plug-in %s cannot be started", what)
        raise SettingsError(
            f"The plug-in {what} cannot be started", f"{type(error).__name__}: {error}. The log has the details."
        ) from error
    if not isinstance(sink, (BatchSink, Sink)):
        raise SettingsError(f"The plug-in {what} is no sink", "It needs a name and a method deliver(file).")
    return in_batches(sink)


class _OneByOne:
    """A plug-in's ``deliver`` behind the interface of the engine."""

    most_at_once = 1
    """So each delivery is recorded before the next begins; an attribute that any BatchSink may have."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.name = sink.name

    def prepare(self) -> None:
        """Nothing to prepare: such a sink keeps no state between files."""

    def deliver_all(self, files: Sequence[ReceivedFile]) -> list[Outcome]:
        return [self._deliver(file) for file in files]

    def stop(self) -> None:
        if isinstance(self.sink, StoppableSink):
            self.sink.stop()

    def close(self) -> None:
        close = getattr(self.sink, "close", None)
        if callable(close):
            close()

    def _deliver(self, file: ReceivedFile) -> Outcome:
        if not os.path.exists(reachable(os.fspath(file.path))):
            return Failed(
                SpoolMissing("The received copy of the file is gone", "It is read again.", path=file.relative_path)
            )
        try:
            return self.sink.deliver(file) or Delivered()
        except OpenMSIError as error:
            return Failed(error)
        except Exception as error:  # noqa: BLE001 - a plug-in may raise anything; the other files carry on
            _log.exception("sink %s failed with %s", self.name, file.relative_path)
            return Failed(error)


def _import_from_here(module: str) -> Any:
    here = os.getcwd()
    if here in sys.path or "" in sys.path:
        return importlib.import_module(module)
    sys.path.insert(0, here)
    try:
        return importlib.import_module(module)
    finally:
        sys.path.remove(here)


def _imported(what: str, find: Callable[[], Any]) -> Any:
    try:
        return find()
    except Exception as error:  # importing runs a plug-in's code, which may raise anything
        _log.exception("cannot import %s", what)
        raise SettingsError(
            f"Cannot load the plug-in {what}", f"{type(error).__name__}: {error}. Is it installed for this Python?"
        ) from error


def _checked(item: Any, what: str) -> Callable[..., Any]:
    if not callable(item):
        raise SettingsError(
            f"The plug-in {what} is a {type(item).__name__}, not a class", "Name a class or a function."
        )
    return item  # type: ignore[no-any-return]
