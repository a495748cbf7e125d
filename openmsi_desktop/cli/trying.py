"""``process --try FILE``: run a program or a class once on a file of this computer, and show what it does. No broker is asked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, say
from openmsi_desktop.cli.output import explained
from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.amounts import size
from openmsi_desktop.signals import SIGNALS

if TYPE_CHECKING:
    from openmsi_desktop.settings import Processor
    from openmsi_desktop.streaming.sinks.processor.trial import Trial

_SHOWN = 2000
"""Characters of a message that are shown."""


def try_once(common: Common, processor: Processor, sample: Path, *, topic: str, keep: Path | None) -> int:
    """Returns the exit status. keep: a folder for the files that it leaves.

    Raises:
        NeedsYou, ChunkError: the sample cannot be read.
    """
    from openmsi_desktop.streaming.sinks.processor.trial import try_on

    SIGNALS.wait_for_stop()
    trial = try_on(processor, sample, topic=topic, stop=SIGNALS.stop)
    try:
        if common.as_json:
            typer.echo(json.dumps(_as_json(trial)))
        else:
            for line in _lines(trial, sample.name, processor.result_topic):
                typer.echo(line)
        if keep is not None:
            _keep(trial, keep)
    finally:
        trial.close()
    if trial.error is not None:
        say(explained(trial.error))
    if SIGNALS.status is not None:
        return SIGNALS.status
    return exits.DONE if trial.error is None else exits.NOT_ALL


def _lines(trial: Trial, name: str, to: str) -> Iterator[str]:
    yield f"Tried {printable(name)}: it {'worked' if trial.error is None else 'failed'}, in {trial.seconds:.1f} s"
    if trial.output.strip():
        yield "It printed:"
        yield from (f"  {printable(line)}" for line in trial.output.splitlines())
    if trial.results or trial.left:
        yield f"To topic {to} it would send:" if to else "To a topic for results (--to) it would send:"
    for result in trial.results:
        value = printable(result.value.decode("utf-8", "backslashreplace"))
        yield f"  {printable(result.key.decode('utf-8', 'backslashreplace'))}: {value[:_SHOWN]}{'…' * (len(value) > _SHOWN)}"
    for left in trial.left:
        yield f"  the file {printable(left.path)}, {size(left.size)}"


def _as_json(trial: Trial) -> dict[str, object]:
    return {
        "ok": trial.error is None,
        "title": trial.error.title if trial.error else "",
        "advice": trial.error.advice if trial.error else "",
        "seconds": round(trial.seconds, 3),
        "output": trial.output,
        "results": [
            {"key": r.key.decode("utf-8", "replace"), "value": r.value.decode("utf-8", "replace")}
            for r in trial.results
        ],
        "files": [{"path": left.path, "size": left.size} for left in trial.left],
    }


def _keep(trial: Trial, folder: Path) -> None:
    for left in trial.left:
        place = folder.joinpath(*left.path.split("/"))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(left.local, place)
