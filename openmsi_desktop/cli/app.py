"""The commands in one app. Importing it stays cheap: what a command needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from openmsi_desktop import __version__
from openmsi_desktop.cli import (
    check,
    demo,
    download,
    explain,
    files,
    requests,
    run,
    secret,
    send,
    status,
    support,
    watch,
)
from openmsi_desktop.cli.common import (
    Common,
    DataOption,
    JsonOption,
    QuietOutputOption,
    SettingsOption,
    VerboseOption,
    register,
)

NAME = "openmsi-desktop"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

app = typer.Typer(
    name=NAME,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings=_CONTEXT,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {__version__}")
        raise typer.Exit


@app.callback(epilog="More about each command: openmsi-desktop COMMAND --help")
def _before(
    ctx: typer.Context,
    settings: SettingsOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
    quiet_output: QuietOutputOption = False,
    verbose: VerboseOption = 0,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.", show_default=False)
    ] = False,
) -> None:
    """Send files from laboratory instruments through Apache Kafka, and know that they arrived.

    \b
    openmsi-desktop demo                                     try everything, without a broker
    openmsi-desktop send FILE --topic T --bootstrap HOST:PORT     upload once
    openmsi-desktop watch FOLDER --topic T --bootstrap HOST:PORT  keep uploading
    """
    ctx.obj = Common(settings=settings, data=data, as_json=as_json, quiet_output=quiet_output, verbose=verbose)


register(app, "send", send.send)
register(app, "watch", watch.watch)
register(app, "download", download.download)
register(app, "run", run.run)
register(app, "status", status.status)
register(app, "files", files.files)
register(app, "explain", explain.explain)
register(app, "pause", requests.pause)
register(app, "resume", requests.resume)
register(app, "rescan", requests.rescan)
register(app, "retry", requests.retry)
register(app, "ignore", requests.ignore)
register(app, "decide", requests.decide)
register(app, "reload", requests.reload)
register(app, "check", check.check)
register(app, "support", support.support)
register(app, "demo", demo.demo)

_secret = typer.Typer(rich_markup_mode=None, no_args_is_help=True, context_settings=_CONTEXT)
app.add_typer(_secret, name="secret", help="Passwords and keys in the keyring of the operating system.")
register(_secret, "set", secret.set_secret)
register(_secret, "list", secret.list_secrets)
register(_secret, "delete", secret.delete_secret)


def commands() -> set[str]:
    """The words that may come first on the command line."""
    groups = {group.name for group in app.registered_groups}
    return {str(name) for name in {command.name for command in app.registered_commands} | groups}


def main(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit status."""
    try:
        typer.main.get_command(app)(list(arguments), prog_name=NAME)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
