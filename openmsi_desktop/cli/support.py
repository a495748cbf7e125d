"""``support``: a file for whoever helps, without secrets."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from openmsi_desktop.cli import exits
from openmsi_desktop.cli.common import Common, say
from openmsi_desktop.cli.text import printable
from openmsi_desktop.core.amounts import size

Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The file to write; without it: one here.", show_default=False),
]


def support(common: Common, out: Out = None) -> int:
    """Write a zip file with settings, versions, states and logs for somebody who helps you.

    Passwords and keys are taken out. Names of files and servers are in it.

    \b
    openmsi-desktop support
    openmsi-desktop support --out /tmp/for-the-facility.zip
    """
    from openmsi_desktop.support.bundle import file_name, write_bundle

    written = write_bundle((out or Path(file_name(time.time()))).absolute(), common.places)
    if common.as_json:
        typer.echo(json.dumps({"file": str(written.file), "size": written.size, "left_out": written.left_out}))
        return exits.DONE
    say(f"Written: {printable(str(written.file))} ({size(written.size)}).")
    for line in written.left_out:
        say(f"Not in it: {printable(line)}")
    return exits.DONE
