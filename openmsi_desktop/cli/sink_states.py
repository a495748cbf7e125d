"""How far each sink is with a received file, as ``files`` and ``explain`` say it. Prints nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openmsi_desktop.cli.text import count, moment, printable
from openmsi_desktop.core.received import SinkProgress, SinkState

_OUTPUT_LINES = 20
"""Of what a program printed so many are shown, the last ones; ``--json`` has more."""


def facts(sink: SinkState) -> dict[str, Any]:
    """The JSON object, without the output of a program."""
    return {
        "sink": sink.sink,
        "state": sink.state.value,
        "at": sink.at,
        "local": sink.local,
        "note": sink.note,
        "title": sink.title,
        "advice": sink.advice,
        "tries": sink.tries,
        "retry_at": sink.due_at,
    }


def told(sinks: Sequence[SinkState]) -> str:
    """All of them in a few words."""
    return "; ".join(f"{sink.sink}: {sink.state}" for sink in sinks)


def are_done(sinks: Sequence[SinkState]) -> bool:
    """Every sink has the file: there is nothing to say about any of them."""
    return all(sink.state is SinkProgress.DELIVERED for sink in sinks)


def lines(sink: SinkState, now: float) -> Iterator[str]:
    """What ``explain`` says of one."""
    when = f" {moment(sink.at, now=now)}" if sink.at and sink.state is not SinkProgress.WAITING else ""
    where = f" to {printable(sink.local)}" if sink.local else ""
    tries = f" ({count(sink.tries, 'try', 'tries')})" if sink.tries else ""
    why = f": {printable(sink.title)}" if sink.title else ""
    note = f" ({printable(sink.note)})" if sink.note else ""
    again = f"; next try {moment(sink.due_at, now=now)}" if sink.due_at else ""
    yield f"    sink      {printable(sink.sink)}: {sink.state}{where}{when}{tries}{why}{note}{again}"
    if sink.advice:
        yield f"              {printable(sink.advice)}"
    shown = [printable(line) for line in sink.output.splitlines()[-_OUTPUT_LINES:]]
    yield from (f"    {'' if number else 'output':<9} {line}" for number, line in enumerate(shown))
