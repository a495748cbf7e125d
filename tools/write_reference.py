"""Writes docs/settings.md and docs/events.schema.json from the program itself, so that they cannot be out of date,
and from the tests which of them are left out on Windows, in docs/windows.md.

python tools/write_reference.py            write them
python tools/write_reference.py --check    only say (by the exit status) whether they are current
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import inspect
import itertools
import json
import sys
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import windows_page
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from openmsi_desktop import settings
from openmsi_desktop.core import events

# -- settings.md

_INTRODUCTION = """\
# Settings

<!-- Written by tools/write_reference.py from the models in openmsi_desktop/settings.py: change those. -->

`openmsi-desktop run` works through everything in one file, `settings.toml` in your configuration folder, or the one
named by `--settings FILE` or `OPENMSI_SETTINGS`. It is [TOML](https://toml.io): tables in double brackets, such as
`[[downloads]]`, may be there as often as you like, one for each connection, task or sink.

Mistakes are said all at once, with their line and the nearest known name, and nothing starts. Changes that the
program makes keep your comments. Folders that are not absolute start beside the file.
"""

_TABLES: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[[connections]]", settings.Connection),
    ("[[watched_folders]]", settings.WatchedFolder),
    ("settle = { … }", settings.Settle),
    ("limit = { … }", settings.Limit),
    ("timetable = [{ … }]", settings.Period),
    ("[[downloads]]", settings.Download),
    ("[[buckets]]", settings.Bucket),
    ("[[processors]]", settings.Processor),
)

_END = """\
## Secrets

Passwords never stand in the file. A table names its secret with `credential`, and the secret itself is kept in the
keyring of the operating system: `openmsi-desktop secret set NAME`. Where there is no keyring, a credential of systemd
with that name is used, or the variable `OPENMSI_SECRET_NAME` (upper case; any other character becomes `_`).
librdkafka properties that hold a secret, such as `sasl.password`, are refused.

## Properties of librdkafka

Whatever stands in `kafka` is passed on as it is; the names are those of librdkafka's own list. They may be written in
any way that TOML knows: `"sasl.username" = "inst"`, `sasl.username = "inst"`, or in a table `[connections.kafka]`.
"""


def settings_page() -> str:
    """The text of docs/settings.md."""
    parts = [_INTRODUCTION]
    parts += ["| key | | |", "|---|---|---|"]
    parts += [
        f"| `{name}` | {_kind(info)} | {_meaning(settings.Settings, name)} |"
        for name, info in _fields(settings.Settings)
    ]
    for title, model in _TABLES:
        text = inspect.cleandoc(model.__doc__ or "")
        rows = [
            f"| `{name}` | {_kind(info)} | {_default(info)} | {_meaning(model, name)} |"
            for name, info in _fields(model)
        ]
        parts += ["", f"## `{title}`", "", text, "", "| key | type | default | meaning |", "|---|---|---|---|", *rows]
    return "\n".join([*parts, "", _END])


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in model.model_fields.items():
        yield info.alias or name, info


def _meaning(model: type[BaseModel], key: str) -> str:
    """The text that stands below a field."""
    name = next(n for n, info in model.model_fields.items() if key in (n, info.alias))
    body = next(c.body for c in _source().body if isinstance(c, ast.ClassDef) and c.name == model.__name__)
    for field, text in itertools.pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id == name:
            assert isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant), f"no text below {name}"
            return inspect.cleandoc(str(text.value.value))
    raise KeyError(name)


@functools.cache
def _source() -> ast.Module:
    return ast.parse(inspect.getsource(settings))


def _kind(info: FieldInfo) -> str:
    return _type_words(info.annotation)


def _type_words(kind: Any) -> str:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " or ".join(f'`"{a}"`' if isinstance(a, str) else f"`{a}`" for a in arguments)
    if origin is typing.Annotated:
        return _type_words(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type_words(a) for a in arguments if a is not type(None))
    if origin is tuple:
        return f"list of {_plural(_type_words(arguments[0]))}"
    if origin is dict:
        return "table"
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return "table"
    return {str: "text", int: "whole number", float: "number", bool: "`true` or `false`", Path: "folder"}[kind]


def _plural(words: str) -> str:
    return {"text": "texts", "table": "tables"}.get(words, words)


def _default(info: FieldInfo) -> str:
    if info.is_required():
        return "needed"
    value = info.get_default(call_default_factory=True) if info.default is PydanticUndefined else info.default
    if isinstance(value, BaseModel) or value == {}:
        return "`{}`"
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return "`[]`"
    return f"`{json.dumps(value)}`"


# -- events.schema.json

_MEANING = {
    "event": "What kind of line this is.",
    "time": "When it happened: UTC, with its offset.",
    "task": "Name of the task; missing where it concerns none.",
    "path": "Path on the topic: relative, with slashes. Of a problem that concerns no file: null.",
    "local": "The file on this computer; one that is in a bucket: s3://BUCKET/KEY.",
    "state": "The new state.",
    "size": "Bytes.",
    "sha512": "Of the whole file, 128 hex digits; from sent on.",
    "topic": "The topic.",
    "reason": "Why, for a person.",
    "chunks_done": "Chunks acknowledged or received so far.",
    "chunks_total": "Chunks of the file.",
    "missing": "Numbers of chunks that have not arrived, from 1.",
    "title": "What happened, a short sentence.",
    "advice": "What it means for the data, what happens next, what to do.",
    "retry_at": "When it is tried again.",
    "needs_you": "Of a task that waits: true if it waits for a person, missing if for something that passes by itself.",
    "partition": "Partition of the message.",
    "offset": "Offset of the message.",
    "stage": "Which step of the test of a connection or a bucket.",
    "ok": "Whether it worked; null if it was not reached or does not apply.",
    "seconds": "How long it took.",
    "code": "Names the cause, for programs; empty if there is nothing to say. docs/connection-test.md and docs/buckets.md list them.",
    "warnings": "What works, and may still cost data one day.",
    "fix": "Settings that would put it right: properties of the connection, or chunk_size of the task. Often empty.",
}
_REQUIRED = {
    "file": ("path", "local", "state", "size"),
    "problem": ("title", "advice", "path", "retry_at"),
    "quarantined": ("topic", "partition", "offset", "reason"),
    "task": ("task", "state"),
    "ready": ("task",),
    "stage": ("stage", "ok", "seconds", "title", "advice"),
}


def event_schema() -> dict[str, Any]:
    """The content of docs/events.schema.json."""
    kinds = {name: _event(name, kind) for kind, name in events._NAMES.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of standard output with --json",
        "description": "Written by tools/write_reference.py. More fields and more kinds of events may come.",
        "type": "object",
        "required": ["event", "time"],
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in (*kinds, "summary")],
        "$defs": {**kinds, "summary": _summary()},
    }


def _event(name: str, kind: type[events.Event]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    properties = {"event": {"const": name, "description": _MEANING["event"]}}
    for field in dataclasses.fields(kind):
        properties[field.name] = {**_schema_of(hints[field.name]), "description": _MEANING[field.name]}
    first_line = inspect.cleandoc(kind.__doc__ or "").splitlines()[0]
    return {
        "description": first_line.replace("``", ""),
        "properties": properties,
        "required": ["event", "time", *_REQUIRED[name]],
    }


def _schema_of(kind: Any) -> dict[str, Any]:
    arguments = typing.get_args(kind)
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        inner = _schema_of(next(a for a in arguments if a is not type(None)))
        return {**inner, "type": [inner["type"], "null"]} if "enum" not in inner else inner
    if typing.get_origin(kind) is tuple:
        return {"type": "array", "items": _schema_of(arguments[0])}
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"type": "string", "enum": [member.value for member in kind]}
    if typing.get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": _schema_of(arguments[1])}
    if dataclasses.is_dataclass(kind):
        parts = {
            field.name: {**_schema_of(typing.get_type_hints(kind)[field.name]), "description": _MEANING[field.name]}
            for field in dataclasses.fields(kind)
        }
        return {"type": "object", "properties": parts, "required": list(parts)}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[kind]}


def _summary() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0}
    states = {
        state.value: {**number, "description": f"Files in the state {state.value}."} for state in events.FileState
    }
    return {
        "description": "Always the last line: how it went.",
        "properties": {
            "event": {"const": "summary", "description": _MEANING["event"]},
            "time": {"type": "string", "format": "date-time", "description": _MEANING["time"]},
            **states,
            "counts": {
                "type": "object",
                "additionalProperties": number,
                "description": "The same counts, without those that are 0.",
            },
            "problems": {**number, "description": "Files and tasks with a problem that is not solved."},
            "quarantined": {**number, "description": "Messages that were rejected."},
            "bytes": {**number, "description": "Bytes of the files that were sent or delivered."},
            "seconds": {"type": "number", "minimum": 0, "description": "How long it took."},
        },
        "required": ["event", "time", *states, "counts", "problems", "quarantined", "bytes", "seconds"],
    }


# -- writing


def pages() -> dict[Path, str]:
    """Every page and what it should hold."""
    return {
        ROOT / "docs" / "settings.md": settings_page(),
        ROOT / "docs" / "events.schema.json": json.dumps(event_schema(), indent=2, ensure_ascii=False) + "\n",
        windows_page.PAGE: windows_page.page(),
    }


def main(arguments: list[str]) -> int:
    """Write, or check; returns the exit status."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run python tools/write_reference.py")
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(f"{path.relative_to(ROOT)} written")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
