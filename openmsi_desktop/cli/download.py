"""``download``: rebuild files from topics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openmsi_desktop.cli.common import Common, given_path, reporting
from openmsi_desktop.cli.options import Picking, Reach
from openmsi_desktop.cli.reading import Reading, Topics, check_topics

Target = Annotated[
    Path,
    typer.Option(
        "--target", metavar="DIR", parser=given_path("nothing was downloaded"), help="The folder for the files."
    ),
]
IfExists = Annotated[
    str,
    typer.Option(
        "--if-exists", metavar="keep-both|newest|skip", help="When a different file of somebody else is there already."
    ),
]
Again = Annotated[
    list[str],
    typer.Option(
        "--again", metavar="PATH", help="Write a delivered file once more; may be repeated.", show_default=False
    ),
]


def download(
    common: Common,
    topics: Topics,
    target: Target,
    picking: Picking,
    reading: Reading,
    reach: Reach,
    if_exists: IfExists = "keep-both",
    again: Again = [],  # noqa: B006 - typer copies it
) -> int:
    """Rebuild files from topics in a folder, until stopped.

    A file appears under its name only when it is complete and its hash is right. Files that somebody else put
    there are never overwritten. Started again, it goes on where it was.

    \b
    openmsi-desktop download xrd --target /data/received --bootstrap kafka.example.org:9092
    openmsi-desktop download xrd sem --target /data/received --connection lab --from 2026-11-01
    openmsi-desktop download xrd --target /data/received --connection lab --until-idle 10
    """
    if target.exists() and not target.is_dir():
        raise typer.BadParameter(f"{target} is not a folder", param_hint="--target")
    check_topics(topics)
    with reporting(common.output(receives=True, follows=True)) as output:
        from openmsi_desktop.settings import Settings

        connection = reach.choose(common)
        task = reading.task(topics, connection, picking, target=target.absolute(), if_exists=if_exists)
        settings = Settings(connections=(connection,), downloads=(task,))
        return reading.run(common, settings, output, timeout=reach.timeout, again=again)
