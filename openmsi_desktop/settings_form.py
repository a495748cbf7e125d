"""What a model does not take, as sentences for people: unknown keys, wrong types, missing keys. Knows no files."""

from __future__ import annotations

import json
import os
import typing
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from openmsi_desktop.settings import Model


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
        raise Unfit(key, explain(first, model)) from None


def as_json(model: BaseModel) -> str:
    """A model as JSON, which may hold names that are not Unicode; see :func:`remade`."""
    return json.dumps(model.model_dump(mode="json", by_alias=True))


def remade(model: type[M], text: str) -> M:
    """A model from the JSON that :func:`as_json` wrote.

    Raises:
        Unfit: it is something else.
    """
    try:
        return model.model_validate(json.loads(text))  # its own reader refuses names that are not Unicode
    except (ValidationError, ValueError) as error:
        raise Unfit("", str(error)) from None


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


def explain(error: ErrorDetails, root: type[BaseModel]) -> str:
    """A sentence for what pydantic found."""
    where, kind, context = error["loc"], error["type"], error.get("ctx", {})
    key = next((str(part) for part in reversed(where) if isinstance(part, str)), "")
    if kind == "extra_forbidden":
        return f'unknown key "{key}"{_in(where[:-1])}{nearest(key, _keys(where[:-1], root))}'
    if kind == "missing":
        return f'"{key}" is missing{_in(where[:-1])}'
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind in _SHAPES:
        return f'"{key}" must be {_SHAPES[kind]}, not {shown(error["input"])}'
    if kind == "literal_error":
        options = str(context.get("expected", "")).replace("'", '"')
        given = error["input"]
        near = nearest(given, [o.strip(' "') for o in options.replace(" or ", ",").split(",")])
        return f'"{key}" must be {options}, not {shown(given)}{near if isinstance(given, str) else ""}'
    if kind in ("string_too_short", "too_short"):
        return f'"{key}" must not be empty'
    limit = {"greater_than_equal": "ge", "greater_than": "gt", "less_than_equal": "le"}.get(kind)
    if limit:
        words = {"ge": "at least", "gt": "more than", "le": "at most"}[limit]
        return f'"{key}" must be {words} {context[limit]}, not {shown(error["input"])}'
    if kind == "string_pattern_mismatch":
        return f'"{key}" must be a time of the day such as 08:30, not {shown(error["input"])}'
    return f'"{key}": {error["msg"]}'


def shown(value: object) -> str:
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


def nearest(name: object, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    return f'; did you mean "{near[0]}"?' if near else ""
