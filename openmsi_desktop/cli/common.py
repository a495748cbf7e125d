"""What all commands share: recurring options, errors as sentences, exit statuses.

A parameter of a command whose type is a dataclass stands for the fields of that dataclass, each an option:
so options that recur are written once.
"""

from __future__ import annotations

import dataclasses
import inspect
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from openmsi_desktop import logs
from openmsi_desktop.cli import exits
from openmsi_desktop.cli.output import Output, explained
from openmsi_desktop.cli.text import DELIVERED
from openmsi_desktop.core.errors import OpenMSIError, SettingsError
from openmsi_desktop.places import Places, find_places

if TYPE_CHECKING:
    from openmsi_desktop.core.journal import Journal
    from openmsi_desktop.settings import Settings


SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Settings file instead of your own settings.toml.")
]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="Data folder instead of your own (journal, locks, quarantine)."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print events as JSON, one object a line.", show_default=False)
]
QuietOutputOption = Annotated[
    bool, typer.Option("--quiet-output", help="Print only problems and the total.", show_default=False)
]
VerboseOption = Annotated[
    int, typer.Option("-v", "--verbose", count=True, help="Print more; -vv prints everything.", show_default=False)
]


@dataclass(frozen=True, slots=True)
class Common:
    """Options of every command, before or after its name."""

    settings: SettingsOption = None
    data: DataOption = None
    as_json: JsonOption = False
    quiet_output: QuietOutputOption = False
    verbose: VerboseOption = 0

    @property
    def places(self) -> Places:
        """Where settings, data and logs lie."""
        return find_places(settings=self.settings, data=self.data)

    def read_settings(self) -> Settings:
        """The settings of this call; empty if nobody has written any.

        Raises:
            SettingsError: mistakes in them, or the file that was named is not there.
        """
        from openmsi_desktop.settings import Settings
        from openmsi_desktop.settings_file import read_settings

        places = self.places
        if not places.settings_chosen and not places.settings.exists():
            return Settings()
        return read_settings(self.settings or places.settings)

    def output(
        self,
        *,
        sends: bool = False,
        receives: bool = False,
        dry_run: bool = False,
        follows: bool = False,
        tests: bool = False,
        done: str = DELIVERED,
    ) -> Output:
        """Where events go; the log's warnings go the same way. For the flags see :class:`Output`."""
        output = Output(
            as_json=self.as_json,
            quiet=self.quiet_output,
            verbosity=self.verbose,
            sends=sends,
            receives=receives,
            dry_run=dry_run,
            follows=follows,
            tests=tests,
            done=done,
        )
        self.log_to(output.message)
        return output

    def log_to(self, say: Callable[[str], None]) -> None:
        """Start the log of this call."""
        logs.start_logging(self.places.log_file, verbosity=self.verbose, quiet=self.quiet_output, say=say)
        logs.report_crashes(lambda error: say(logs.crash(error)))

    def open_journal(self) -> Journal | None:
        """The journal of the data folder; None if nothing has ever run with it."""
        from openmsi_desktop.core.journal import FILE_NAME, Journal

        path = self.places.data / FILE_NAME
        return Journal(path) if path.exists() else None


@contextmanager
def reporting(output: Output) -> Iterator[Output]:
    """Finish the output in any case, after the error that ended the command; wrong usage has no total."""
    try:
        yield output
    except OpenMSIError as error:
        output.error(error)
        output.finish(has_begun=not isinstance(error, SettingsError))
        raise typer.Exit(exits.exit_status(error)) from error
    except typer.BadParameter:
        raise
    except BaseException:
        output.finish()
        raise
    else:
        output.finish()


Function = Callable[..., "int | None"]
_BEHIND_DASHES = "openmsi_desktop.behind_dashes"


class AfterDashes(tuple[str, ...]):
    """Type of a command's parameter: what stands behind ``--`` on the command line, a program and its arguments."""


def register(app: typer.Typer, name: str, function: Function, **more: Any) -> None:
    """Make a function a command. Its first parameter is Common; it returns an exit status or None."""
    command = expanded(function)
    takes_program = "AfterDashes" in function.__annotations__.values()
    app.command(name, cls=_ProgramCommand if takes_program else _Command, **more)(command)


def leave_defaults_alone(parameters: typing.Iterable[Any]) -> None:
    """Let typer convert and check only what was given: it builds a validator for each parameter that it looks at, which
    takes a fifth of the time until a command begins. What was left out is as the function has it."""
    for parameter in parameters:
        parameter.process_value = partial(_processed, parameter, parameter.process_value)


def _processed(parameter: Any, process: Callable[[Any, Any], Any], ctx: Any, value: Any) -> Any:
    source = ctx.get_parameter_source(parameter.name)
    if source is None or source.name != "DEFAULT" or parameter.required or parameter.callback is not None:
        return process(ctx, value)
    return list(value or ()) if parameter.multiple or parameter.nargs == -1 else value


class _Command(TyperCommand):
    """Writes arguments in the usage line as everybody does: ``PATH...`` and not ``{PATH}...``."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        leave_defaults_alone(self.params)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]


class _ProgramCommand(_Command):
    """Keeps what stands behind the first ``--`` apart: it is another program's, and nothing of it is read as an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_BEHIND_DASHES] = AfterDashes(args[at + 1 :])
        return super().parse_args(ctx, args[:at])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        return [*super().collect_usage_pieces(ctx), "[-- PROGRAM ARG...]"]


def expanded(function: Function) -> Callable[..., None]:
    """The function as typer sees it: dataclass parameters replaced by their fields."""
    hints = typing.get_type_hints(function, include_extras=True)
    groups: dict[str, type[Any]] = {}
    options: dict[str, inspect.Parameter] = {}
    programs: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        kind = hints[parameter.name]
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            groups[parameter.name] = kind
        elif kind is AfterDashes:
            programs.append(parameter.name)
        else:
            options[parameter.name] = _option(parameter.name, kind, parameter.default)
    for group in sorted(groups.values(), key=lambda g: g is Common):  # these last, however they are declared
        fields = typing.get_type_hints(group, include_extras=True)
        for field in dataclasses.fields(group):
            default = field.default_factory() if callable(field.default_factory) else field.default
            options[field.name] = _option(field.name, fields[field.name], default)

    def command(ctx: typer.Context, **values: Any) -> None:
        arguments: dict[str, Any] = {}
        for name, group in groups.items():
            arguments[name] = group(**{f.name: values.pop(f.name) for f in dataclasses.fields(group)})
        arguments.update(values)
        arguments.update((name, ctx.meta[_BEHIND_DASHES]) for name in programs)
        common = next(a for a in arguments.values() if isinstance(a, Common))
        merged = _merged(ctx.obj, common)
        arguments = {n: merged if a is common else a for n, a in arguments.items()}
        raise typer.Exit(_guarded(merged, lambda: function(**arguments)))

    context = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
    command.__name__, command.__doc__ = function.__name__, function.__doc__
    command.__signature__ = inspect.Signature([context, *options.values()])  # type: ignore[attr-defined]
    command.__annotations__ = {"ctx": typer.Context, **{n: p.annotation for n, p in options.items()}}
    return command


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    if default is dataclasses.MISSING:
        default = inspect.Parameter.empty
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _merged(before: object, after: Common) -> Common:
    """Options before the command's name count too; those after it win."""
    if not isinstance(before, Common):
        return after
    given = {f.name: getattr(after, f.name) or getattr(before, f.name) for f in dataclasses.fields(Common)}
    return Common(**given)


def _guarded(common: Common, action: Callable[[], int | None]) -> int:
    """Run a command; an error becomes text on standard error and an exit status, never a traceback."""
    common.log_to(say)
    try:
        return action() or exits.DONE
    except OpenMSIError as error:
        say(explained(error))
        return exits.exit_status(error)
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the top of the main thread
        say(logs.crash(error))
        return exits.NOT_ALL


def say(line: str) -> None:
    """A line on standard error."""
    typer.echo(line, err=True)


def nearest_hint(name: str, known: typing.Iterable[str]) -> str:
    """``Did you mean …?`` or the list of what there is."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"There are: {', '.join(names)}." if names else "There is none."


def given_path(outcome: str) -> Callable[[str], Path]:
    """Reads a path from the command line. outcome: what did not happen, if the path is empty.

    An empty one would mean the current folder, which nobody wants who wrote "$VARIABLE".
    """

    def read(given: str) -> Path:
        if not str(given):
            raise typer.BadParameter(f"the path is empty; {outcome}")
        return Path(given)

    return read


def unknown(what: str, name: str, known: typing.Iterable[str]) -> SettingsError:
    """A name that nothing has."""
    return SettingsError(f'There is no {what} "{name}"', nearest_hint(name, known))
