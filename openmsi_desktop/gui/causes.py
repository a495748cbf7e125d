"""Problems by their cause: thousands of them become a few cards that can be read. Pure functions; know no widgets."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openmsi_desktop.core.advice import without_commands
from openmsi_desktop.core.troubles import Trouble
from openmsi_desktop.gui.language import fill, tr

_NAME = "…"


@dataclass(frozen=True, slots=True)
class Cause:
    """What all these files have in common. key: the title without the name of a file; text: what it means, what follows."""

    key: str
    is_held: bool
    title: str
    text: str
    troubles: tuple[Trouble, ...]

    @property
    def retry_at(self) -> float | None:
        """When the first of them is tried again, in seconds since 1970."""
        return min((t.retry_at for t in self.troubles if t.retry_at is not None), default=None)

    @property
    def paths(self) -> list[str]:
        """Of all its files, on the topic."""
        return [t.path for t in self.troubles]


def by_cause(troubles: Iterable[Trouble]) -> tuple[Cause, ...]:
    """Grouped; held files first, for they wait for a person, then the causes that lasted longest."""
    groups: dict[tuple[str, bool], list[Trouble]] = {}
    for trouble in troubles:
        groups.setdefault((nameless(trouble.title, trouble), trouble.is_held), []).append(trouble)
    causes = [_cause(key, is_held, found) for (key, is_held), found in groups.items()]
    return tuple(sorted(causes, key=lambda c: (not c.is_held, c.troubles[0].first_at)))


def nameless(text: str, trouble: Trouble) -> str:
    """A text without the name of the file it is about."""
    names = {trouble.local, trouble.path, os.path.basename(trouble.local), os.path.basename(trouble.path)}
    relative = trouble.path.split("/", 1)[-1]
    for name in sorted((*names, relative), key=len, reverse=True):
        if name and name in text:
            return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", _NAME, text)
    return text


def _cause(key: str, is_held: bool, found: list[Trouble]) -> Cause:
    first = found[0]
    if len(found) == 1:
        return Cause(key, is_held, first.title, _text(first.advice, is_held), tuple(found))
    return Cause(key, is_held, _of_many(key), _text(_common(found), is_held), tuple(found))


def _common(found: Sequence[Trouble]) -> str:
    """What is true of all of them: a program's last words, say, are those of one file. Each has its own in Explain."""
    advice = dict.fromkeys(nameless(t.advice, t) for t in found)
    first, *others = (re.split(r"(?<=[.!?])\s+", text) for text in advice)
    shared = set(first).intersection(*others)
    return " ".join(sentence for sentence in first if sentence in shared)


def _of_many(key: str) -> str:
    """A title for several files."""
    known = {
        f"{_NAME} is in use": tr("Files are in use by another program"),
        f"{_NAME} may not be read": tr("Files may not be read"),
        f"Cannot read {_NAME}": tr("Files cannot be read"),
        f"{_NAME} cannot be read": tr("Files cannot be read"),
        f"{_NAME} vanished before it was sent": tr("Files vanished before they were sent"),
        f"{_NAME} cannot be written": tr("Files cannot be written"),
        f"{_NAME} may not be written": tr("Files may not be written"),
    }
    return known.get(key, key)


def _text(advice: str, is_held: bool) -> str:
    text = without_commands(advice)
    if is_held and not text:
        return tr("Nothing of it is sent until you decide.")
    return text


def summary(causes: Iterable[Cause], *, others: int, others_text: str) -> str:
    """The line over the cards. others: files of the task that have no problem; others_text: their number in words."""
    many = list(causes)
    files = tr("%n file(s)", "", len({t.path for c in many for t in c.troubles}))
    reasons = tr("%n cause(s)", "", len(many))
    if not others:
        return fill(tr("%1, %2."), files, reasons)
    return fill(tr("%1, %2. The other %3 go on as usual."), files, reasons, others_text)
