"""What is wrong with the content of a settings file, all at once, each with its line. Knows no files.

Form (unknown keys, wrong types, missing keys) is checked by the models; what concerns
several tables (names, references, loops) is checked here, on the parsed TOML, so that both are said together.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from openmsi_desktop.settings import Settings
from openmsi_desktop.settings_form import explain, nearest, shown
from openmsi_desktop.settings_lines import Where
from openmsi_desktop.settings_values import secret_advice

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
    mistakes = [
        *_connections(tables),
        *_names(tables),
        *_references(tables),
        *_watching(tables),
        *_targets(tables),
        *_downloads(tables),
    ]
    settings = None
    try:
        settings = Settings.model_validate(tables)
    except ValidationError as error:
        mistakes += [Mistake(e["loc"], explain(e, Settings)) for e in error.errors(include_url=False)]
    return (None if mistakes else settings), mistakes


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
    def absolute(path: str) -> str:
        return os.path.abspath(folder / Path(path).expanduser())

    for kind, key in (("watched_folders", "path"), ("downloads", "target"), ("processors", "folder")):
        for _, item in _all(tables, kind):
            if isinstance(item.get(key), str) and item[key]:
                item[key] = absolute(item[key])
    for _, item in _all(tables, "processors"):
        command = item.get("command")
        # a name alone is looked for where the system looks for programs
        if isinstance(command, list) and command and isinstance(command[0], str) and os.path.dirname(command[0]):
            item["command"] = [absolute(command[0]), *command[1:]]


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
                    (*where, "kafka", *path), f'"{name}" must be text, a number, true or false, not {shown(value)}'
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
                if len(kinds) > 1 and name == "folder":
                    yield Mistake((*where, "name"), '"folder" is the name of the target folder; choose another "name"')
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
                    f'there is no connection "{name}"{nearest(name, connections) or _known(connections)}',
                )
            listed = item.get("sinks")
            for number, sink in enumerate(listed if isinstance(listed, list) else []):
                if isinstance(sink, str) and sink and sink not in sinks:
                    hint = nearest(sink, sinks) or _known(sinks)
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


def _targets(tables: Raw) -> Iterator[Mistake]:
    targets: dict[str, str] = {}
    for where, item in _all(tables, "downloads"):
        target = item.get("target")
        if isinstance(target, str) and target:
            name = _title("downloads", item) or target
            other = targets.setdefault(_real(target), name)
            if other != name:
                yield Mistake(
                    (*where, "target"),
                    f'this folder is the target of "{other}" already; list the topics there, or choose another folder',
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
