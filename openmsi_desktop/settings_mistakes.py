"""What is wrong with the content of a settings file, all at once, each with its line. Knows no files.

Form (unknown keys, wrong types, missing keys) is checked by the models of settings.py; what concerns
several tables (names, references, loops) is checked here, on the parsed TOML, so that both are said together.
"""

from __future__ import annotations

import copy
import os
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from openmsi_desktop.settings import Model, Settings, secret_advice
from openmsi_desktop.settings_lines import Where

Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong at a place of the file; ``text`` is a sentence without a full stop."""

    where: Where
    text: str


def settings_of(raw: Mapping[str, Any], *, folder: Path) -> tuple[Settings | None, list[Mistake]]:
    """The settings that parsed TOML describes, or None; and every mistake in it.

    folder: where the file lies; relative paths start there.
    """
    tables = copy.deepcopy(dict(raw))
    _make_absolute(tables, folder)
    mistakes = [*_connections(tables), *_names(tables), *_references(tables), *_watching(tables), *_downloads(tables)]
    settings = None
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as error:
        mistakes += [Mistake(e["loc"], _form(e, Settings)) for e in error.errors(include_url=False)]
    return (None if mistakes else settings), mistakes


class Unfit(ValueError):
    """A value that a model does not take. key: of the model; the text is a sentence for a person."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


M = TypeVar("M", bound=Model)


def make(model: type[M], **values: Any) -> M:
    """A model made from values that do not come from a file.

    Raises:
        Unfit: the first value that cannot be.
    """
    try:
        return model(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        raise Unfit(key, _form(first, model)) from None


def remade(model: type[M], text: str) -> M:
    """A model from the JSON that ``model_dump_json`` wrote.

    Raises:
        Unfit: it is something else.
    """
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        raise Unfit("", str(error)) from None


# -- form


_SHAPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "string_type": 'text in quotes, such as "abc"',
    "is_instance_of": 'text in quotes, such as "/data/xrd"',
    "tuple_type": 'a list, such as ["a", "b"]',
    "dict_type": "a table, such as { a = 1 }",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _form(error: ErrorDetails, root: type[BaseModel]) -> str:
    """A sentence for what pydantic found."""
    where, kind, context = error["loc"], error["type"], error.get("ctx", {})
    key = next((str(part) for part in reversed(where) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        return f'unknown key "{key}"{_in(where[:-1])}{_nearest(key, _keys(where[:-1], root))}'
    if kind == "missing":
        return f'"{key}" is missing{_in(where[:-1])}'
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind in _SHAPES:
        return f'"{key}" must be {_SHAPES[kind]}, not {_shown(error["input"])}'
    if kind == "literal_error":
        options = str(context.get("expected", "")).replace("'", '"')
        given = error["input"]
        near = _nearest(given, [o.strip(' "') for o in options.replace(" or ", ",").split(",")])
        return f'"{key}" must be {options}, not {_shown(given)}{near if isinstance(given, str) else ""}'
    if kind in ("string_too_short", "too_short"):
        return f'"{key}" must not be empty'
    limit = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le"}.get(kind)
    if limit:
        words = {"ge": "at least", "gt": "more than", "le": "at most"}[limit]
        return f'"{key}" must be {words} {context[limit]}, not {_shown(error["input"])}'
    if kind == "string_pattern_mismatch":
        return f'"{key}" must be a time of the day such as 08:30, not {_shown(error["input"])}'
    return f'"{key}": {error["msg"]}'


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, os.PathLike)):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, (list, tuple)) else str(value)


def _in(where: Sequence[str | int]) -> str:
    names = [part for part in where if isinstance(part, str)]
    if not names:
        return ""
    is_array = isinstance(where[-1], int)
    return f" in [[{'.'.join(names)}]]" if is_array else f" in {'.'.join(names)}"


def _keys(where: Sequence[str | int], root: type[BaseModel]) -> list[str]:
    """Keys that may stand at a place."""
    model: type[BaseModel] | None = root
    for part in where:
        if isinstance(part, str) and model is not None:
            fields = {info.alias or name: info for name, info in model.model_fields.items()}
            model = _model_in(fields[part].annotation) if part in fields else None
    return [info.alias or name for name, info in model.model_fields.items()] if model is not None else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _model_in(part))), None)


def _nearest(name: object, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    return f'; did you mean "{near[0]}"?' if near else ""


# -- several tables


def _all(tables: Raw, kind: str) -> Iterator[tuple[Where, Raw]]:
    items = tables.get(kind)
    for number, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict):
            yield (kind, number), item


def _texts(value: object) -> list[str]:
    return [v for v in value if isinstance(v, str)] if isinstance(value, list) else []


def _title(kind: str, item: Raw) -> str | None:
    """The name of a table as people will see it."""
    if isinstance(item.get("name"), str) and item["name"]:
        return str(item["name"])
    if kind == "watched_folders" and isinstance(item.get("path"), str):
        return Path(item["path"]).name
    if kind == "downloads":
        return next(iter(_texts(item.get("topics"))), None)
    return None


def _make_absolute(tables: Raw, folder: Path) -> None:
    for kind, key in (("watched_folders", "path"), ("downloads", "target")):
        for _, item in _all(tables, kind):
            if isinstance(item.get(key), str) and item[key]:
                item[key] = os.path.abspath(folder / Path(item[key]).expanduser())


def _connections(tables: Raw) -> Iterator[Mistake]:
    """Properties that are secrets, have no plain value, or are missing. Wrong ones are taken out."""
    for where, item in _all(tables, "connections"):
        kafka = item.get("kafka", {})
        if not isinstance(kafka, dict):
            continue
        flat: Raw = {}
        for path, value in _flat(kafka):
            name = ".".join(path)
            advice = secret_advice(name)
            if advice:
                yield Mistake((*where, "kafka", *path), advice)
            elif not isinstance(value, (str, int, float)):
                yield Mistake(
                    (*where, "kafka", *path), f'"{name}" must be text, a number, true or false, not {_shown(value)}'
                )
            else:
                flat[name] = value
        item["kafka"] = flat
        if "bootstrap.servers" not in flat:
            near = get_close_matches("bootstrap.servers", flat, n=1)
            hint = f' ("{near[0]}" is there)' if near else ", the address of the broker"
            line: Where = (*where, "kafka", near[0]) if near else (*where, "kafka") if kafka else where
            yield Mistake(line, f'"bootstrap.servers" is missing in kafka{hint}')


def _flat(table: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, (*path, key))
        else:
            yield (*path, key), value


def _names(tables: Raw) -> Iterator[Mistake]:
    for kinds in (("connections",), ("watched_folders",), ("downloads",), ("buckets", "processors")):
        seen: set[str] = set()
        for kind in kinds:
            for where, item in _all(tables, kind):
                name = _title(kind, item)
                if name in seen:
                    what = "buckets and processors" if len(kinds) > 1 else kind.replace("_", " ")
                    line = (*where, "name") if "name" in item else where
                    yield Mistake(line, f'there are two {what} called "{name}"; give this one a "name" of its own')
                elif name is not None:
                    seen.add(name)


def _references(tables: Raw) -> Iterator[Mistake]:
    connections = [str(item.get("name")) for _, item in _all(tables, "connections")]
    sinks = [str(item.get("name")) for kind in ("buckets", "processors") for _, item in _all(tables, kind)]
    for kind in ("watched_folders", "downloads"):
        for where, item in _all(tables, kind):
            name = item.get("connection")
            if isinstance(name, str) and name and name not in connections:
                yield Mistake(
                    (*where, "connection"),
                    f'there is no connection "{name}"{_nearest(name, connections) or _known(connections)}',
                )
            listed = item.get("sinks")
            for number, sink in enumerate(listed if isinstance(listed, list) else []):
                if isinstance(sink, str) and sink and sink not in sinks:
                    hint = _nearest(sink, sinks) or _known(sinks)
                    yield Mistake((*where, "sinks", number), f'there is no bucket or processor "{sink}"{hint}')


def _known(names: Sequence[str]) -> str:
    return f"; known: {', '.join(names)}" if names else "; none is described in this file"


def _watching(tables: Raw) -> Iterator[Mistake]:
    seen: dict[tuple[str, str], str] = {}
    for where, item in _all(tables, "watched_folders"):
        path, topic = item.get("path"), item.get("topic")
        if isinstance(path, str) and path and isinstance(topic, str):
            key = (_real(path), topic)
            if key in seen:
                yield Mistake((*where, "path"), f'this folder is sent to topic "{topic}" by "{seen[key]}" already')
            else:
                seen[key] = _title("watched_folders", item) or path


def _downloads(tables: Raw) -> Iterator[Mistake]:
    servers = {str(i.get("name")): _servers(i) for _, i in _all(tables, "connections")}

    def is_same_topic(one: Raw, topic: object, other: Raw) -> bool:
        first, second = str(one.get("connection")), str(other.get("connection"))
        same_cluster = first == second or bool(servers.get(first, set()) & servers.get(second, set()))
        return same_cluster and topic in _texts(other.get("topics"))

    results = {str(item.get("name")): (where, item) for where, item in _all(tables, "processors")}
    reported: set[tuple[str, str]] = set()
    for where, item in _all(tables, "downloads"):
        if not item.get("target") and not item.get("sinks"):
            yield Mistake(where, '"target" is missing in [[downloads]]; without one, "sinks" are needed')
        for _, watched in _all(tables, "watched_folders"):
            if is_same_topic(watched, watched.get("topic"), item) and _overlap(item.get("target"), watched.get("path")):
                yield Mistake(
                    (*where, "target"),
                    f'the target overlaps the watched folder "{_title("watched_folders", watched)}", '
                    f'which is sent to the same topic "{watched.get("topic")}": files would go round in circles',
                )
        for sink in _texts(item.get("sinks")):
            place, processor = results.get(sink, ((), {}))
            topic = processor.get("result_topic")
            if topic and topic in _texts(item.get("topics")) and (sink, topic) not in reported:
                reported.add((sink, topic))
                yield Mistake(
                    (*place, "result_topic"),
                    f'the results of "{sink}" would go to "{topic}", the topic it reads: they would go round in circles',
                )


def _servers(connection: Raw) -> set[str]:
    kafka = connection.get("kafka")
    value = kafka.get("bootstrap.servers") if isinstance(kafka, dict) else None
    return {part.strip() for part in value.split(",")} if isinstance(value, str) else set()


def _real(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _overlap(one: object, other: object) -> bool:
    if not (isinstance(one, str) and one and isinstance(other, str) and other):
        return False
    first, second = _real(one), _real(other)
    try:
        return os.path.commonpath([first, second]) in (first, second)
    except ValueError:  # different drives
        return False
