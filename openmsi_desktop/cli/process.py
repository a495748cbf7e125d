"""``process``: run a program or a Python class on every complete file of topics."""

from __future__ import annotations

import os
import shlex
import shutil
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openmsi_desktop.cli.common import AfterDashes, Common, reporting
from openmsi_desktop.cli.options import Picking, Reach, built, check_topic, pair
from openmsi_desktop.cli.reading import ReadingForSink, Topics, check_topics
from openmsi_desktop.cli.text import PROCESSED, printable

if TYPE_CHECKING:
    from openmsi_desktop.settings import KafkaValue, Processor

_TITLE = 48
"""Characters of a program's name that a name of a task takes."""


@dataclass(frozen=True, slots=True)
class Working:
    """What is run on a file, and how."""

    class_: Annotated[
        str,
        typer.Option(
            "--class", metavar="MODULE:CLASS", help="A Python class instead of a program.", show_default=False
        ),
    ] = ""
    python: Annotated[
        str,
        typer.Option(
            "--python",
            metavar="PATH",
            help="With --class: its interpreter, or the folder of an environment.",
            show_default=False,
        ),
    ] = ""
    option: Annotated[
        list[str],
        typer.Option(
            "--option",
            metavar="KEY=VALUE",
            help="With --class: a keyword argument for it; may be repeated.",
            show_default=False,
        ),
    ] = field(default_factory=list)
    to: Annotated[str, typer.Option("--to", metavar="TOPIC2", help="The topic for results.", show_default=False)] = ""
    time_limit: Annotated[float, typer.Option("--time-limit", metavar="S", help="Seconds that one file may take.")] = (
        3600
    )
    memory_limit: Annotated[
        int,
        typer.Option(
            "--memory-limit",
            metavar="BYTES",
            min=0,
            help="With --class: of memory its process may take.",
            show_default=False,
        ),
    ] = 0
    tries: Annotated[
        int, typer.Option("--tries", metavar="N", min=1, help="Attempts for a file until it is a problem.")
    ] = 3
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", min=1, help="Files at once (default: the number of cores).")
    ] = None
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="DIR", help="The folder it runs in (default: the current one).")
    ] = None
    env: Annotated[
        list[str],
        typer.Option(
            "--env", metavar="KEY=VALUE", help="An environment variable for it; may be repeated.", show_default=False
        ),
    ] = field(default_factory=list)

    def described(self, program: Sequence[str], topics: Sequence[str], name: str) -> Processor:
        """These options and a program as the settings would have them. name: what to call it; empty: what it is.

        Raises:
            typer.BadParameter: a value cannot be.
        """
        from openmsi_desktop.settings import Processor

        if bool(program) == bool(self.class_):
            raise typer.BadParameter(
                "say what to run on each file: a program behind --, such as -- python3 plot.py {file}, or --class"
                if not program
                else "choose one of --class and a program behind --"
            )
        folder = Path.cwd() if self.folder is None else self.folder.absolute()
        if not folder.is_dir():
            what = "is not a folder" if folder.exists() else "does not exist"
            raise typer.BadParameter(f"{printable(str(folder))} {what}; nothing was run", param_hint="--folder")
        if self.to:
            check_topic(self.to, hint="--to")
        if self.to in topics:
            raise typer.BadParameter(
                f'the results of topic "{self.to}" cannot go to the same topic: they would be processed, too',
                param_hint="--to",
            )
        python = os.path.abspath(self.python) if os.path.isdir(self.python) else _found(self.python, hint="--python")
        command = [_found(program[0], hint="PROGRAM"), *program[1:]] if program else []
        return built(
            Processor,
            name=name or _title(command or [self.class_, *self.option], folder),
            command=tuple(command),
            class_=self.class_,
            python=python,
            options={key: _value(text) for key, text in (pair(o, hint="--option") for o in self.option)},
            folder=str(folder),
            environment=dict(pair(e, hint="--env") for e in self.env),
            result_topic=self.to,
            time_limit_s=self.time_limit,
            memory_limit=self.memory_limit,
            tries=self.tries,
            jobs=self.jobs or 0,
        )


@dataclass(frozen=True, slots=True)
class Trying:
    """One file instead of topics."""

    sample: Annotated[
        Path | None,
        typer.Option(
            "--try", metavar="FILE", help="Run it once on this file and show what it does; nothing is read or sent."
        ),
    ] = None
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="With --try: put the files that it leaves here.")
    ] = None

    def check(self) -> None:
        """Refuse a file that is not there, and --keep without --try."""
        if self.sample is not None and not self.sample.is_file():
            what = "is not a file" if self.sample.exists() else "does not exist"
            raise typer.BadParameter(f"{printable(str(self.sample))} {what}; nothing was run", param_hint="--try")
        if self.keep is not None and self.sample is None:
            raise typer.BadParameter("it belongs to --try; results of topics go to --to", param_hint="--keep")


def process(
    common: Common,
    topics: Topics,
    program: AfterDashes,
    working: Working,
    trying: Trying,
    picking: Picking,
    reading: ReadingForSink,
    reach: Reach,
) -> int:
    """Run a program, or a Python class, on every complete file of topics, until stopped.

    The program's arguments may have {file} {relative_path} {topic} {sha512} {output_dir} in them; no shell reads them.
    Exit status 0 means success; otherwise it is tried again. With --to, JSON that it prints and files that it leaves in
    {output_dir} are sent to that topic. Started again, it goes on where it was.

    \b
    openmsi-desktop process xrd --try scan.xy -- python3 plot.py {file} --out {output_dir}
    openmsi-desktop process xrd --connection lab -- python3 plot.py {file} --out {output_dir}
    openmsi-desktop process xrd --to xrd-peaks --connection lab --class peaks:Peaks --python analysis
    """
    check_topics(topics)
    trying.check()
    if trying.sample is not None:
        from openmsi_desktop.cli.trying import try_once

        described = working.described(program, topics, reading.name)
        return try_once(common, described, trying.sample, topic=topics[0], keep=trying.keep)
    with reporting(common.output(receives=True, follows=True, done=PROCESSED)) as output:
        from openmsi_desktop.settings import Settings

        processor = working.described(program, topics, reading.name)
        connection = reach.choose(common)
        task = reading.task(topics, connection, picking, sinks=(processor.name,))
        settings = Settings(connections=(connection,), downloads=(task,), processors=(processor,))
        return reading.run(common, settings, output, timeout=reach.timeout)


def _title(words: Sequence[str], folder: Path) -> str:
    """Says what is run, such as ``plot.py [3fa2c1]``: the same script with other arguments works through the topic anew, and
    so does another one of the same name. folder: where it runs."""
    whole = shlex.join(_placed(word, folder) for word in words)
    script = words[1] if len(words) > 1 and Path(words[1]).suffix and "{" not in words[1] else words[0]
    shown = shlex.quote(os.path.basename(script) or script)[:_TITLE]
    if shown != whole:
        shown += f" [{sha256(whole.encode('utf-8', 'surrogateescape')).hexdigest()[:6]}]"
    return printable(shown)


def _placed(word: str, folder: Path) -> str:
    """A word that means a script or a module in the folder, by its whole path."""
    module, colon, _ = word.partition(":")
    names = [word, f"{module.replace('.', '/')}.py"] if colon else [word]
    try:
        return word if not any((folder / name).is_file() for name in names if name) else str(folder / word)
    except (OSError, ValueError):  # too long for a name, or no name at all
        return word


def _found(program: str, *, hint: str) -> str:
    """A program as it can be started from any folder: one with a slash by its whole path. Refuses one that is not there."""
    if not program:
        return program
    place = os.path.abspath(program) if os.path.dirname(program) else program
    if shutil.which(place) is None:
        where = f": {printable(place)}" if place != program else " on the PATH"
        there = "; it is there, but nobody may execute it" if os.path.isfile(place) else ""
        raise typer.BadParameter(f"there is no program {printable(program)}{where}{there}", param_hint=hint)
    return place


def _value(text: str) -> KafkaValue:
    """A number, true or false as TOML writes them; anything else is text."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text
    return value if isinstance(value, (str, int, float, bool)) else text
