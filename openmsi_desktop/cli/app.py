"""The commands in one app. Each is imported when it is called or listed, and what it needs when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from openmsi_desktop import __version__
from openmsi_desktop.cli.common import (
    Common,
    DataOption,
    JsonOption,
    QuietOutputOption,
    SettingsOption,
    VerboseOption,
    leave_defaults_alone,
    register,
)

NAME = "openmsi-desktop"
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

_MODULES = {
    "send": "send",
    "watch": "watch",
    "download": "download",
    "transfer": "transfer",
    "process": "process",
    "run": "run",
    "status": "status",
    "files": "files",
    "explain": "explain",
    "pause": "requests",
    "resume": "requests",
    "rescan": "requests",
    "retry": "requests",
    "reprocess": "requests",
    "ignore": "requests",
    "decide": "requests",
    "reload": "requests",
    "check": "check",
    "support": "support",
    "demo": "demo",
    "secret": "secret",
}
"""Where the commands are, in the order of the help. A module has a function of a command's name, or a group of them."""


class _Commands(TyperGroup):
    """Imports only the command that is called."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        leave_defaults_alone(self.params)

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_MODULES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in _MODULES and cmd_name not in self.commands:
            self.commands[cmd_name] = load(cmd_name)
        return self.commands.get(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in _MODULES:  # what was meant is looked for among those that are there
            for name in _MODULES:
                self.get_command(ctx, name)
        return super().resolve_command(ctx, args)


def load(name: str) -> Any:
    """A command of that name, as typer has it."""
    found = getattr(importlib.import_module(f"openmsi_desktop.cli.{_MODULES[name]}"), name)
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    register(alone, name, found)
    return typer.main.get_command(alone)


app = typer.Typer(
    name=NAME,
    cls=_Commands,
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


def commands() -> set[str]:
    """The words that may come first on the command line."""
    return set(_MODULES)


def main(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit status."""
    try:
        typer.main.get_command(app)(list(arguments), prog_name=NAME)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
