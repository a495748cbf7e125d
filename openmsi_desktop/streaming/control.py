"""How other processes of the same user talk to the one that streams: requests in the journal.

Everything that reads or asks goes through here, so that a socket can take the journal's place for
services that run under another account.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from openmsi_desktop.core import moments
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal
from openmsi_desktop.core.reprocessing import Wish

_CALM = threading.Event()  # never set: waits without anything that could wake it
ANSWER_S = 2.0
"""Seconds within which the process that streams answers."""


def ask(
    journal: Journal,
    kind: str,
    *,
    task: str = "",
    path: str = "",
    argument: str = "",
    timeout_s: float | None = None,
    wait: Callable[[float], object] = _CALM.wait,
) -> str | None:
    """Leave a request and wait for the answer; None if nobody has answered within ``timeout_s`` (2) seconds."""
    return ask_each(journal, kind, [path], task=task, argument=argument, timeout_s=timeout_s, wait=wait)


def ask_each(
    journal: Journal,
    kind: str,
    paths: Sequence[str],
    *,
    task: str = "",
    argument: str = "",
    timeout_s: float | None = None,
    wait: Callable[[float], object] = _CALM.wait,
) -> str | None:
    """The same about many files at once; the answer is that about the last of them. None also if there are none."""
    if not paths:
        return None
    with journal.transaction():
        number = [journal.ask(kind, task=task, path=path, argument=argument) for path in paths][-1]
    end = time.monotonic() + (ANSWER_S if timeout_s is None else timeout_s)
    while True:
        answer = journal.answer_of(number)
        if answer is not None or time.monotonic() >= end:
            return answer
        wait(0.05)


def reprocess(
    journal: Journal,
    *,
    task: str = "",
    path: str = "",
    failed: bool = False,
    since: float | None = None,
    sink: str = "",
    timeout_s: float | None = None,
) -> str | None:
    """Have files handed once more to the buckets and processors of a task (name or key; empty: of all), and wait for the answer, as
    in :func:`ask`.

    One of path (here or on a topic; its last version), failed (what was given up), since (what
    began to arrive since that moment, seconds since 1970). sink: only to this one; empty: to each, but not to a folder.
    """
    return ask(
        journal,
        "reprocess",
        task=task,
        path=path,
        argument=Wish(failed=failed, since=since, sink=sink).argument(),
        timeout_s=timeout_s,
    )


def pause(journal: Journal, key: str, until: float | None) -> None:
    """Pause until a moment (seconds since 1970), or until somebody resumes."""
    journal.pause(key, UNTIL_RESUMED if until is None else until)


def told(verb: str, names: Sequence[str], until: float | None) -> str:
    """The answer to whoever asked."""
    if not names:
        return "There are no tasks."
    when = f" until {moments.local(until):%Y-%m-%d %H:%M}" if until is not None else ""
    return f"{verb}{when}: {', '.join(names)}."
