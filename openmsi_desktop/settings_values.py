"""What a person writes in settings and options -> values: moments, ages, subfolders. Knows no models.

Where a text cannot be, ValueError is raised with a sentence for a person.
"""

from __future__ import annotations

import difflib
import re
from datetime import datetime

from openmsi_desktop.core import topic_path
from openmsi_desktop.core.errors import ChunkError

_AGE = re.compile(
    r"^\s*(\d+(?:\.\d+)?)\s*(seconds?|s|minutes?|min|hours?|h|days?|d|weeks?|w|years?|y)\s*$", re.IGNORECASE
)
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_557_600}


def parse_moment(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 date or date-time; local time if it has no offset."""
    try:
        return datetime.fromisoformat(text.strip()).astimezone().timestamp()
    except (ValueError, OverflowError, OSError):
        raise ValueError(f'"{text}" is not a date such as 2026-11-21 or 2026-11-21T10:00') from None


def parse_age(text: str, *, now: float) -> float:
    """Seconds since 1970 of a date, or of an age such as ``30 d`` counted back from ``now``."""
    age = _AGE.match(text)
    if age:
        return now - float(age[1]) * _UNIT_S[age[2][0].lower()]
    try:
        return parse_moment(text)
    except ValueError:
        raise ValueError(f'"{text}" is neither a date such as 2026-11-21 nor an age such as "30 d"') from None


def check_age(text: str) -> str:
    """``text`` unchanged if it is empty, a date or an age."""
    if text:
        parse_age(text, now=0.0)
    return text


def check_start(text: str) -> str:
    """``text`` unchanged if it is ``start``, ``now`` or a date."""
    if text not in ("start", "now"):
        try:
            parse_moment(text)
        except ValueError as error:
            raise ValueError(f"{error}, nor is it start or now") from None
    return text


def check_subfolder(text: str) -> str:
    """``text`` without a slash at its end if it is empty or a path that every reader accepts."""
    if not text:
        return ""
    try:
        return topic_path.check(text.removesuffix("/"))
    except ChunkError as error:
        raise ValueError(f"{error.title}; a subfolder is a plain name such as xrd-pc or lab2/xrd") from None


OBJECT_KEY_FIELDS = ("topic", "path", "subdir", "name", "sha512", "date")
"""What ``{…}`` in the key of an object may name."""


def check_object_key(text: str) -> str:
    """``text`` unchanged if it can be the template of object keys: known fields, and one that tells files apart."""
    fields = re.findall(r"\{([^{}]*)\}", text)
    rest = re.sub(r"\{[^{}]*\}", "", text)
    if "{" in rest or "}" in rest:
        raise ValueError(f'"{text}" has a brace without its partner')
    for field in fields:
        if field not in OBJECT_KEY_FIELDS:
            known = " ".join(f"{{{name}}}" for name in OBJECT_KEY_FIELDS)
            raise ValueError(f"there is no {{{field}}}; known: {known}")
    if not {"path", "name", "sha512"} & set(fields):
        raise ValueError(f'with "{text}" all files would have the same key; {{path}} or {{name}} tells them apart')
    return text


COMMAND_FIELDS = ("file", "relative_path", "name", "topic", "sha512", "size", "output_dir")
"""What ``{…}`` in the arguments of a program may name."""

PLACEHOLDER = re.compile(r"\{\{[A-Za-z_]\w*\}\}|(?<!\$)\{(?P<field>[A-Za-z_]\w*)\}", re.ASCII)
"""A field of a command, or a name in two pairs of braces, which stands for itself in one. ``${NAME}`` is left to shells."""

_ONE_SCRIPT = (
    (re.compile(r"(?:ba|da|z|k|mk|a|c|tc)?sh|fish|busybox|su|runuser"), re.compile(r"-[A-Za-z]*c[A-Za-z]*")),
    (re.compile(r"pythonw?[0-9.]*|pypy[0-9.]*|py"), re.compile(r"-[A-Za-z]*c")),
    (re.compile(r"perl[0-9.]*|ruby[0-9.]*|lua[0-9.]*|rscript|julia|osascript"), re.compile(r"-[A-Za-z]*[eE]")),
    (re.compile(r"node|nodejs|deno|bun"), re.compile(r"-[ep]+|--eval|--print")),
    (re.compile(r"php[0-9.]*"), re.compile(r"-[rRBE]")),
)
"""Programs, and the option after which they read an argument as commands."""
_ANYTHING = re.compile(r"[^-/].*", re.DOTALL)
_ALL_SCRIPT = (
    (re.compile(r"cmd"), re.compile(r"/[ck]", re.IGNORECASE)),
    (re.compile(r"powershell|pwsh"), re.compile(r"[-/](?:c|command|e|ec|enc|encodedcommand)", re.IGNORECASE)),
    (re.compile(r"powershell"), _ANYTHING),
    (re.compile(r"ssh|plink|rsh"), re.compile(r".*", re.DOTALL)),
)
"""The same for those that read all that follows so."""
_FILE_OPTION = re.compile(r"[-/]f(?:ile)?", re.IGNORECASE)
_WRAPPERS = {
    *(
        "env",
        "nice",
        "ionice",
        "nohup",
        "timeout",
        "sudo",
        "doas",
        "setsid",
        "stdbuf",
        "time",
        "xvfb-run",
        "srun",
        "wsl",
    ),
    *("conda", "uv", "xargs", "parallel", "start"),
}
"""Programs that start others."""


def check_command(command: tuple[str, ...]) -> tuple[str, ...]:
    """``command`` unchanged if all its fields are known and no shell would read what they become as commands."""
    if not command:
        return command
    if not command[0].strip():
        raise ValueError("the program has no name")
    for argument in command:
        for found in PLACEHOLDER.finditer(argument):
            if found["field"] and found["field"] not in COMMAND_FIELDS:
                raise ValueError(_unknown_field(found["field"]))
        if "\0" in argument:
            raise ValueError("an argument cannot contain the character NUL")
    if any(found["field"] for found in PLACEHOLDER.finditer(command[0])):
        raise ValueError(f'the program itself cannot depend on the file: "{command[0]}"')
    last = len(command) if _name(command[0]) in _WRAPPERS else 1
    for at, argument in enumerate(command[:last]):
        script = _script_of(_name(argument), command[at + 1 :])
        if any(found["field"] for text in script for found in PLACEHOLDER.finditer(text)):
            raise ValueError(
                f'"{argument}" would take parts of a file name for commands; give the name as an argument of its own, as in '
                "sh -c 'wc -c \"$1\"' sh {file}, or use the environment variable OPENMSI_FILE"
            )
    return command


def _unknown_field(field: str) -> str:
    near = difflib.get_close_matches(field.lower(), COMMAND_FIELDS, n=1, cutoff=0.5)
    known = " ".join(f"{{{name}}}" for name in COMMAND_FIELDS)
    hint = f"did you mean {{{near[0]}}}?" if near else f"known: {known}."
    return f"there is no {{{field}}}; {hint} For the text {{{field}}} itself write {{{{{field}}}}}"


def _name(program: str) -> str:
    return re.split(r"[/\\]", program.lower())[-1].removesuffix(".exe")


def _script_of(name: str, following: tuple[str, ...]) -> tuple[str, ...]:
    """The arguments that a shell or an interpreter of that name reads as commands; none if it is neither."""
    for names, option in _ONE_SCRIPT:
        if names.fullmatch(name):
            start = next((n + 1 for n, argument in enumerate(following) if option.fullmatch(argument)), None)
            return () if start is None else following[start : start + 1]
    for names, option in _ALL_SCRIPT:
        for n, argument in enumerate(following if names.fullmatch(name) else ()):
            if name in ("powershell", "pwsh") and _FILE_OPTION.fullmatch(argument):
                return ()
            if option.fullmatch(argument) and not (option is _ANYTHING and any(map(_FILE_OPTION.fullmatch, following))):
                return following[n:]
    return ()


_SECRET = re.compile(r"password|passphrase|secret|(?:key|keystore)\.pem$|ssl\.key$|ssl_key$|sasl\.oauthbearer\.config$")
_NOT_SECRET = re.compile(r"\.location$|\.file$")


def secret_advice(kafka_property: str) -> str:
    """Why a librdkafka property must not stand in settings or options; empty if it may."""
    if not _SECRET.search(kafka_property) or _NOT_SECRET.search(kafka_property):
        return ""
    return (
        f'"{kafka_property}" is a secret and does not belong here: put credential = "NAME" into the connection, '
        "and store the secret with: openmsi-desktop secret set NAME"
    )
