"""Where events become lines: JSON or sentences on standard output, bars and messages on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TextIO

from openmsi_desktop.cli import text
from openmsi_desktop.cli.stages import stage_lines
from openmsi_desktop.cli.tally import Tally
from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.core.events import (
    Event,
    FileEvent,
    FileState,
    ProblemEvent,
    QuarantinedEvent,
    ReadyEvent,
    StageEvent,
    TaskEvent,
    TaskState,
    to_json,
    utc_now,
)

if TYPE_CHECKING:
    from openmsi_desktop.cli.bars import Bars

_LOUD = (TaskState.WAITING, TaskState.FAILED)


class Output:
    """Takes events (it is an ``Emit``) and ends with a total. Any thread may call it."""

    def __init__(
        self,
        *,
        as_json: bool = False,
        quiet: bool = False,
        verbosity: int = 0,
        sends: bool = False,
        receives: bool = False,
        dry_run: bool = False,
        follows: bool = False,
        tests: bool = False,
        done: str = text.DELIVERED,
        out: TextIO | None = None,
        err: TextIO | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """quiet: only problems and the total. verbosity 1: every state; 2: progress too.

        sends, receives, dry_run: what the command does, for the words. follows: it runs until it is stopped.
        tests: it tests a connection, and has no files to count. done: what it calls a file that is where it belongs.
        """
        self._as_json = as_json
        self._quiet = quiet
        self._verbosity = verbosity
        self._dry_run = dry_run
        self._follows = follows
        self._tests = tests
        self.speak_of(sends=sends, receives=receives, done=done)
        self._out = out if out is not None else sys.stdout
        self._err = err if err is not None else sys.stderr
        self._monotonic = monotonic
        self._started = monotonic()
        self._lock = threading.RLock()  # protects all below, and both streams
        self._tally = Tally()
        self._finished = False
        self._said: dict[str, tuple[TaskState, str]] = {}
        self._shows_names = False
        self._announcement = ""
        self._bars: Bars | None = None
        if not as_json and not quiet and _is_terminal(self._err):
            from openmsi_desktop.cli.bars import Bars

            self._bars = Bars(self._err)
        self._shares_terminal = self._bars is not None and _is_terminal(self._out) and _is_same(self._out, self._err)

    def __call__(self, event: Event) -> None:
        """Show an event. What comes after :meth:`finish` is dropped."""
        with self._lock:
            if self._finished:
                return
            self._tally.add(event)
            if not self._follows and isinstance(event, TaskEvent) and event.state is TaskState.FAILED:
                event = replace(event, advice=text.final(event.advice))
            if self._as_json:
                self._print(json.dumps(to_json(event)))
                return
            if self._bars is not None:
                self._bars.show(event)
            self._say(event)

    def name_tasks(self) -> None:
        """Several tasks run: put the name before each line."""
        self._shows_names = True

    def speak_of(self, *, sends: bool, receives: bool, done: str) -> None:
        """What the tasks do, once that is known; for the words, see the constructor."""
        self._sends, self._receives, self._done = sends, receives, done
        self._sends_once = sends and not receives and not self._follows

    def announce(self, line: str) -> None:
        """What to say once everything is ready."""
        self._announcement = line

    def error(self, error: OpenMSIError) -> None:
        """Say why the command ends."""
        path = None if error.path is None else str(error.path)
        event = ProblemEvent(title=error.title, advice=error.advice, path=path)
        with self._lock:
            if self._as_json:
                self(event)
            else:
                self._tally.add(event)
            self.message(explained(error))

    def message(self, line: str) -> None:
        """A line for a person: on standard error, above the bars."""
        with self._lock:
            if self._bars is not None and not self._finished:
                self._bars.print(line)
            else:
                _write(self._err, line)

    def results(self, lines: str) -> None:
        """Ready-made lines (a table) for a person on standard output, not with JSON. The bars end here."""
        with self._lock:
            if self._as_json or self._finished:
                return
            if self._bars is not None:
                self._bars.close()
                self._bars = None
            self._print(lines)

    def flush(self) -> None:
        """Show lines that wait for others; to be called a few times a second."""
        with self._lock:
            if self._bars is not None and not self._finished:
                self._bars.flush()

    @property
    def unfinished(self) -> int:
        """Files that are not where they should be, as far as events tell."""
        with self._lock:
            return self._tally.unfinished

    @property
    def file_problems(self) -> int:
        """Problems with files that are not solved, as far as events tell."""
        with self._lock:
            return self._tally.file_problems

    def finish(self, *, has_begun: bool = True) -> None:
        """Print the total; nothing is printed afterwards. has_begun: if nothing could begin, there is no total."""
        with self._lock:
            if self._finished:
                return
            self._finished = True
            if self._bars is not None:
                self._bars.close()
            tally = self._tally
            if self._as_json:
                self._print(json.dumps(self._summary()))
            elif has_begun and not self._tests:
                self._print(
                    text.total(
                        tally.counts,
                        problems=tally.problems,
                        quarantined=tally.quarantined,
                        sends=self._sends,
                        receives=self._receives,
                        dry_run=self._dry_run,
                        done=self._done,
                    )
                )

    def _summary(self) -> dict[str, Any]:
        tally = self._tally
        counts = {state.value: tally.counts[state] for state in FileState}
        return {
            "event": "summary",
            "time": utc_now().isoformat(),
            **counts,
            "counts": {state: number for state, number in counts.items() if number},
            "problems": tally.problems,
            "quarantined": tally.quarantined,
            "bytes": tally.bytes,
            "seconds": round(self._monotonic() - self._started, 3),
        }

    def _say(self, event: Event) -> None:
        name = f"{text.printable(event.task)}: " if self._shows_names and event.task else ""
        match event:
            case FileEvent():
                if self._dry_run:
                    self._print(text.intention(event))
                elif self._wants(event):
                    self._print(name + text.sentence(event, is_once=self._sends_once, done=self._done))
            case QuarantinedEvent():
                if not self._quiet:
                    where = f"topic {event.topic}, partition {event.partition}, offset {event.offset}"
                    self._print(f"{name}Rejected a message ({where}): {text.printable(event.reason)}")
            case ProblemEvent():
                about = f" ({text.printable(event.path)})" if event.path else ""
                self.message(f"{name}{_joined(event.title, event.advice)}{about}")
            case TaskEvent():
                now = (event.state, event.title)
                if self._said.get(event.task) != now and (event.state in _LOUD or self._verbosity):
                    self.message(
                        f"{name}{event.state.value}{': ' if event.title else ''}{_joined(event.title, event.advice)}"
                    )
                self._said[event.task] = now
            case StageEvent():
                for line in stage_lines(event, quiet=self._quiet):
                    self._print(line)
            case ReadyEvent():
                if self._announcement:
                    if not self._quiet:
                        self.message(self._announcement)
                    self._announcement = ""
                elif self._follows and (self._verbosity or self._bars is not None):
                    self.message(f"{text.printable(event.task)} is running. Ctrl-C stops it in order.")

    def _wants(self, event: FileEvent) -> bool:
        state = event.state
        if self._quiet:
            return state in (FileState.PROBLEM, FileState.INCOMPLETE, FileState.HELD)
        if state in (FileState.SENDING, FileState.RECEIVING):
            return self._verbosity > 1
        if state is FileState.WAITING and self._follows and text.waits_for_another(event):
            return True
        if state is FileState.FOUND and event.reason:
            return True
        return state in text.RESULTS or self._verbosity > 0

    def _print(self, line: str) -> None:
        if self._bars is not None and not self._finished and self._shares_terminal:
            self._bars.print(line)
        elif not _write(self._out, line):
            _drop(self._out)


def explained(error: OpenMSIError) -> str:
    """An error as lines for a person: mistakes of the settings one a line, anything else title and advice."""
    lines: tuple[str, ...] = getattr(error, "lines", ())
    if lines:
        return "\n".join(map(text.printable, lines))
    return _joined(error.title, error.advice)


def _joined(title: str, advice: str) -> str:
    title, advice = text.printable(title), "\n".join(map(text.printable, advice.splitlines()))
    if not advice:
        return title
    return f"{title}. {advice}" if "\n" not in advice else f"{title}:\n{advice}"


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _is_same(one: TextIO, other: TextIO) -> bool:
    try:
        return os.path.sameopenfile(one.fileno(), other.fileno())
    except (OSError, ValueError):
        return False


def _write(stream: TextIO, line: str) -> bool:
    """False if nobody reads the stream any more."""
    try:
        stream.write(line + "\n")
        stream.flush()
    except (BrokenPipeError, ValueError):
        return False
    return True


def _drop(stream: TextIO) -> None:
    """The reader has gone: carry on without one, quietly."""
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
    except (OSError, ValueError):
        pass
