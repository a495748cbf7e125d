"""Which files belong, and why not: include, exclude, defaults, sizes and age. Touches no disk.

Globs are those of .gitignore. Order (docs/cli.md, Rules): a matching exclude drops; else a matching include takes,
even against the defaults; else the defaults drop; else, if there are includes, dropped; else taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is taken, and by which rule: a fragment of a sentence for people."""

    taken: bool
    rule: str


class Rules:
    """The rules of one task, compiled once. Used by one thread at a time."""

    def __init__(
        self,
        include: Iterable[str] = (),
        exclude: Iterable[str] = (),
        *,
        min_size: int = 0,
        max_size: int = 0,
        newer_than: float | None = None,
        marker: str = "",
        registries: Callable[[str], bool] | None = None,
    ) -> None:
        """min_size, max_size in bytes (0: no limit); newer_than in seconds since 1970; marker: as in Settle, such files
        are never sent. registries: tells whether a folder named LOGS holds OpenMSIStream's registries.

        Raises:
            SettingsError: a pattern is no pattern.
        """
        raise NotImplementedError

    def decide(self, relative: str, *, size: int, mtime: float, named: bool = False) -> Decision:
        """Is this file sent? named: a person named it on the command line, so it is, whatever the rules say."""
        raise NotImplementedError

    def enters(self, relative: str) -> Decision:
        """May anything below this folder be taken? Not taken: a scan need not enter it."""
        raise NotImplementedError

    def wanted(self, path: str) -> Decision:
        """For readers: include and exclude on the path in the topic; no defaults, no sizes."""
        raise NotImplementedError
