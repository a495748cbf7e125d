"""Lines ``key = value`` as people type them, for environment variables and options of a class. No widgets."""

from __future__ import annotations

import re
from collections.abc import Mapping

from openmsi_desktop.gui.language import fill, tr
from openmsi_desktop.settings import KafkaValue

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def as_lines(values: Mapping[str, KafkaValue]) -> str:
    """For a field that holds lines."""
    return "\n".join(f"{name} = {_shown(value)}" for name, value in values.items())


def parse(text: str) -> dict[str, str]:
    """The pairs; lines without any meaning are left out, see :func:`mistake`."""
    pairs = (line.partition("=") for line in text.splitlines() if line.strip())
    return {key.strip(): value.strip() for key, equals, value in pairs if equals and _KEY.fullmatch(key.strip())}


def mistake(text: str) -> str:
    """What is wrong with the first line that cannot be; empty: none is."""
    seen = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        key, equals, _ = line.partition("=")
        if not equals or not _KEY.fullmatch(key.strip()):
            return fill(tr("Line %1: write name = value; the name has letters, digits and _ only."), str(number))
        if key.strip() in seen:
            return fill(tr("Line %1: “%2” stands here twice."), str(number), key.strip())
        seen.add(key.strip())
    return ""


def value_of(text: str) -> KafkaValue:
    """``true`` and ``false``, numbers, and everything else as text; in quotes: text whatever it looks like."""
    if text in ("true", "false"):
        return text == "true"
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _shown(value: KafkaValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) and value_of(value) != value else str(value)
