"""The last steps of the ladder of a received file: each place that it goes to. Pure functions; know no widgets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openmsi_desktop.core.events import FileState
from openmsi_desktop.core.received import SinkProgress, SinkState
from openmsi_desktop.core.task_kinds import PROCESS, TRANSFER
from openmsi_desktop.gui import file_words, words
from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.gui.sinks.words import Sink, place_of
from openmsi_desktop.settings import Bucket
from openmsi_desktop.streaming.explaining.known import KnownFile

DONE = ("state/sent", "ok")
NOT_YET = ("state/waiting", "waiting")
OPEN = ("state/found", "neutral")
LEFT_OUT = ("state/ignored", "neutral")
TROUBLE = ("state/problem", "error")
HELD = ("state/held", "attention")
ARRIVED = ("state/arrived", "ok")

Sinks = Mapping[str, Sink]
"""Buckets and processors by their names."""
NO_SINKS: Sinks = {}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the ladder. sign: icon and colour token; at: a time as text, or empty."""

    name: str
    sign: tuple[str, str]
    at: str
    text: str


def of_places(file: KnownFile, sinks: Sinks, *, now: float) -> list[Step]:
    """A step for each place."""
    if file.sinks:
        is_one = len(file.sinks) == 1
        return [_of_sink(state, sinks.get(state.sink), now, is_one=is_one) for state in file.sinks]
    name, since = _step_name(file.kind), words.moment(file.since, now=now)
    if file.state is FileState.DELIVERED:
        return [Step(name, ARRIVED, since, file_words.shown(file.local) or file.reason)]
    if file.state is FileState.SUPERSEDED:
        return [Step(name, LEFT_OUT, since, tr("a later version of it is there"))]
    if file.state is FileState.PROBLEM:
        return [Step(name, TROUBLE, tr("not yet"), file.reason)]
    return [Step(name, NOT_YET, tr("not yet"), file.reason or tr("waits for its turn"))]


def _step_name(kind: str) -> str:
    if kind == TRANSFER:
        return tr("Stored")
    return tr("Processed") if kind == PROCESS else tr("Saved")


def _of_sink(state: SinkState, sink: Sink | None, now: float, *, is_one: bool) -> Step:
    kind = "" if sink is None else TRANSFER if isinstance(sink, Bucket) else PROCESS
    name, at = _step_name(kind), words.moment(state.at, now=now) if state.at else ""
    place = place_of(sink) if sink is not None and not is_one else ""

    def told(text: str) -> str:
        return fill(tr("%1: %2"), place, text) if place and text else text or place

    if state.state is SinkProgress.DELIVERED:
        parts = [part for part in (file_words.shown(state.local), state.note) if part]
        return Step(name, ARRIVED, at, told(" – ".join(parts)))
    if state.state is SinkProgress.DECLINED:
        return Step(name, LEFT_OUT, at, told(state.title or tr("not wanted there")))
    if state.state is SinkProgress.GIVEN_UP:
        tries = tr("%n tries", "", state.tries)
        return Step(name, TROUBLE, tr("given up"), told(fill(tr("%1 – %2"), state.title, tries)))
    if state.state is SinkProgress.FAILED:
        again = fill(tr("next try %1"), words.moment(state.due_at, now=now)) if state.due_at else ""
        return Step(
            name, TROUBLE, tr("not yet"), told(fill(tr("%1 – %2"), state.title, again) if again else state.title)
        )
    return Step(name, NOT_YET, tr("not yet"), told(tr("waits for its turn")))
