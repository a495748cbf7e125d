"""Stages of a connection test as lines for a person: a mark, what was found, and under it what to do. Prints nothing."""

from __future__ import annotations

import textwrap

from openmsi_desktop.cli.text import count, printable
from openmsi_desktop.core.events import Stage, StageEvent

_WIDTH = 100
_NAMES = {Stage.TLS: "TLS"}
_MARKS = {True: "ok", False: "FAILED", None: "-"}
_COLUMN = 8
_INDENT = " " * (_COLUMN + 10)


def stage_lines(event: StageEvent, *, quiet: bool = False) -> list[str]:
    """One stage. quiet: nothing of stages that have nothing to complain of."""
    if quiet and event.ok is not False and not event.warnings:
        return []
    mark = "warning" if event.ok and event.warnings else _MARKS[event.ok]
    took = f"  ({_seconds(event.seconds)})" if event.ok is not None else ""
    name = _NAMES.get(event.stage, event.stage.value)
    lines = [f"{mark:<{_COLUMN}}{name:<10}{printable(event.title)}{took}"]
    if event.advice:
        lines += _wrapped(event.advice)
    for notice in event.warnings:
        if notice.title != event.title:
            lines += _wrapped(f"Warning: {notice.title}. {notice.advice}")
        else:
            lines += _wrapped(notice.advice)
    return lines


def closing_line(stages: tuple[StageEvent, ...], *, was_stopped: bool) -> str:
    """The last line, in words."""
    if was_stopped:
        return "Stopped before the end."
    warnings = sum(len(stage.warnings) for stage in stages)
    also = f", with {count(warnings, 'warning')}" if warnings else ""
    failed = [stage for stage in stages if stage.ok is False]
    if failed:
        names = list(dict.fromkeys(_NAMES.get(stage.stage, stage.stage.value) for stage in failed))
        return f"The connection does not work yet: {_listed(names)} failed{also}."
    left = [stage.stage for stage in stages if stage.code == "no-topic"]
    rest = " Writing and reading were not tested: name a topic with --topic." if left else ""
    return f"The connection works{also}.{rest}"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        printable(text), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_long_words=False
    )


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
