"""``demo``: the whole way of files, from a pretend instrument through a broker to a copy that is compared."""

from __future__ import annotations

from typing import Annotated

import typer

from openmsi_desktop.cli.common import Common, reporting
from openmsi_desktop.cli.options import Reach

TOPIC = "openmsi-demo"

Keep = Annotated[bool, typer.Option("--keep", help="Do not remove the folder at the end.", show_default=False)]
Topic = Annotated[str, typer.Option("--topic", metavar="T", help="With a broker of your own: the topic to use.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Another number makes other measurements.")]


def demo(common: Common, reach: Reach, topic: Topic = TOPIC, keep: Keep = False, seed: Seed = 1) -> int:
    """Try everything on this computer, in half a minute.

    A pretend instrument fills a temporary folder. Its files are sent, read back and checked, downloaded into
    another folder, and both folders are compared. The exit status is 0 only if every file arrived and is identical.

    Without --bootstrap or --connection the broker runs inside this program. It keeps everything in memory and
    forgets it at the end: it is for trying out only.

    \b
    openmsi-desktop demo
    openmsi-desktop demo --keep
    openmsi-desktop demo --bootstrap kafka.example.org:9092 --topic scratch
    """
    with reporting(common.output(sends=True, receives=True)) as output:
        from openmsi_desktop.cli.demonstration import demonstrate

        wants_own = reach.bootstrap is not None or reach.connection is not None
        connection = reach.choose(common) if wants_own else None
        return demonstrate(
            common, output, connection=connection, topic=topic, keep=keep, seed=seed, timeout_s=reach.timeout
        )
