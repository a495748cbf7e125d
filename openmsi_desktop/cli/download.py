"""``download``: rebuild files from topics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from openmsi_desktop.cli.common import Common, given_path, reporting
from openmsi_desktop.cli.options import Picking, Reach, UntilIdle, built, check_topic

Topics = Annotated[list[str], typer.Argument(metavar="TOPIC", help="Topics to read.", show_default=False)]
Target = Annotated[
    Path,
    typer.Option(
        "--target", metavar="DIR", parser=given_path("nothing was downloaded"), help="The folder for the files."
    ),
]
From = Annotated[
    str, typer.Option("--from", metavar="start|now|DATE", help="Where to begin at the first start; later it goes on.")
]
Group = Annotated[
    str,
    typer.Option(
        "--group", metavar="NAME", help="Share the work with other computers of this group.", show_default=False
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
    reach: Reach,
    from_: From = "start",
    group: Group = "",
    if_exists: IfExists = "keep-both",
    again: Again = [],  # noqa: B006 - typer copies it
    until_idle: UntilIdle = None,
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
    for topic in topics:
        check_topic(topic, hint="TOPIC")
    with reporting(common.output(receives=True, follows=True)) as output:
        from openmsi_desktop.cli.running import stream
        from openmsi_desktop.settings import Download, Settings

        connection = reach.choose(common)
        task = built(
            Download,
            topics=tuple(topics),
            connection=connection.name,
            target=target.absolute(),
            from_=from_,
            group=group,
            include=tuple(picking.include),
            exclude=tuple(picking.exclude),
            if_exists=if_exists,
        )
        return stream(
            common,
            Settings(connections=(connection,), downloads=(task,)),
            output,
            until_idle=until_idle,
            timeout=reach.timeout,
            again=again,
        )
