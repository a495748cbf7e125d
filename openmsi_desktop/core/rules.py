"""Which files belong, and why not: include, exclude, defaults, sizes and age. Touches no disk.

Globs are those of .gitignore. Order (docs/cli.md, Rules): a matching exclude drops; else a matching include takes,
even against the defaults; else the defaults drop, unless an exclude with "!" takes the file back; else, if there are
includes, dropped; else taken. Limits of size and age come after that. Unfinished downloads and markers are never sent.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from openmsi_desktop.core import moments
from openmsi_desktop.core.companions import matcher
from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.core.topic_path import SPOOL_NAME

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec, Pattern, RegexPattern

DEFAULT_EXCLUSIONS = (
    ".*",
    "~$*",
    "*~",
    "*.tmp",
    "*.temp",
    "*.part",
    "*.partial",
    "*.crdownload",
    "*.swp",
    "Thumbs.db",
    "desktop.ini",
    "$RECYCLE.BIN/",
    "System Volume Information/",
)
"""What is not sent unless an include asks for it; besides, a folder ``LOGS/`` that holds OpenMSIStream's registries."""

LOGS = "LOGS"

_PREFIXES = (".", "~$")
_SUFFIXES = tuple(p[1:] for p in DEFAULT_EXCLUSIONS if p[0] == "*")
_NAMES = ("Thumbs.db", "desktop.ini")
_FOLDERS = ("$RECYCLE.BIN", "System Volume Information")
_FOLDS_CASE = sys.platform in ("win32", "darwin")
_FOLDERS_KEPT = 20_000
_DIRECTORY = "ps_d"  # group of pathspec's regular expressions that matches where a pattern speaks of a folder above


class Why(StrEnum):
    """Kinds of rules, for windows that have words of their own for them."""

    NOTHING = "nothing"
    NAMED = "named"
    INCLUDE = "include"
    TAKEN_BACK = "taken-back"
    EXCLUDE = "exclude"
    DEFAULT = "default"
    REGISTRIES = "registries"
    NO_INCLUDE = "no-include"
    MARKER = "marker"
    SUBFOLDER = "subfolder"
    SMALL = "small"
    BIG = "big"
    OLD = "old"
    SPOOL = "spool"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is taken, and by which rule: a fragment of a sentence for people.

    pattern: the one that decided, where one did.
    """

    taken: bool
    rule: str
    why: Why = Why.NOTHING
    pattern: str = ""


_TAKEN = Decision(True, "nothing excludes it")
_NAMED = Decision(True, "named on the command line", Why.NAMED)
_SPOOL = Decision(False, f'unfinished downloads in "{SPOOL_NAME}"', Why.SPOOL)
_REGISTRIES = Decision(False, f'default exclusion "{LOGS}/" (OpenMSIStream\'s registries)', Why.REGISTRIES, f"{LOGS}/")
_BELOW = Decision(False, "it lies in a sub-folder, and those are left out", Why.SUBFOLDER)


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
        subfolders: bool = True,
        temporary: bool = False,
        registries: Callable[[str], bool] | None = None,
        ignore_case: bool = _FOLDS_CASE,
    ) -> None:
        """min_size, max_size in bytes (0: no limit); newer_than in seconds since 1970; marker: as in Settle, such files
        are never sent. subfolders: what lies in them may be sent. temporary: the default exclusions do not count.
        registries: tells whether a folder named LOGS (relative path) holds OpenMSIStream's registries.

        Raises:
            SettingsError: a pattern is no pattern.
        """
        self._include = _Globs("include", include, ignore_case=ignore_case)
        self._exclude = _Globs("exclude", exclude, ignore_case=ignore_case)
        self._min_size = min_size
        self._max_size = max_size
        self._newer_than = newer_than
        self._marker = matcher(marker) if marker else None
        self._is_marker = Decision(False, f'marker "{marker}"', Why.MARKER, marker)
        self._subfolders = subfolders
        self._temporary = temporary
        self.registries = registries
        self._defaults = _Defaults(ignore_case=ignore_case)
        self._folder, self._of_folder = "", self._defaults.of_folder("")
        self._no_include = Decision(False, f"matches no include ({_listed(self._include.texts)})", Why.NO_INCLUDE)
        self._has_only_defaults = not (
            self._include
            or self._exclude
            or self._marker
            or min_size
            or max_size
            or newer_than is not None
            or temporary
            or not subfolders
        )
        self._open_folder: str | None = None  # of the last file taken, if there names alone decide

    def decide(self, relative: str, *, size: int, mtime: float, named: bool = False) -> Decision:
        """Is this file sent? named: a person named it on the command line, so it is, whatever the rules say."""
        if named:
            return _NAMED
        if self._open_folder is not None:  # with nothing but the defaults; there may be very many files
            folder, _, name = relative.rpartition("/")
            if folder == self._open_folder and self._defaults.of_name(name) is None:
                return _TAKEN
        by_name = self._by_name(relative)
        if not by_name.taken:
            return by_name
        if self._has_only_defaults:
            self._open_folder = None if self._of_folder[1] else self._folder
        if size < self._min_size:
            return Decision(False, f"smaller than {self._min_size:,} bytes", Why.SMALL)
        if self._max_size and size > self._max_size:
            return Decision(False, f"bigger than {self._max_size:,} bytes", Why.BIG)
        if self._newer_than is not None and mtime < self._newer_than:
            return Decision(False, f"last changed before {_moment(self._newer_than)}", Why.OLD)
        return by_name

    def enters(self, relative: str) -> Decision:
        """May anything below this folder be taken? Not taken: a scan need not enter it."""
        if in_spool(relative):
            return _SPOOL
        if not self._subfolders:
            return _BELOW
        excluded = self._exclude.match_folder(relative)
        if excluded:
            return excluded
        if not self._include and not self._exclude.has_negation:
            dropped = self._default_of_folder(relative)
            if dropped:
                return dropped
        return _TAKEN

    def wanted(self, path: str) -> Decision:
        """For readers: include and exclude on the path in the topic; no defaults, no sizes."""
        excluded = self._exclude.match(path)
        if excluded:
            return excluded
        if self._include:
            return self._include.match(path) or self._no_include
        return _TAKEN

    def _by_name(self, relative: str) -> Decision:
        if SPOOL_NAME in relative.casefold() and in_spool(relative):
            return _SPOOL
        if not self._subfolders and "/" in relative:
            return _BELOW
        verdict = self._exclude.verdict(relative) if self._exclude.texts else None
        if verdict is not None and not verdict.taken:
            return verdict
        if self._marker and self._marker.search(relative):
            return self._is_marker
        if self._include.texts and (included := self._include.match(relative)):
            return included
        if verdict is None:
            folder, _, name = relative.rpartition("/")
            dropped = self._default_of_folder(folder) or (None if self._temporary else self._defaults.of_name(name))
            if dropped:
                return dropped
        return self._no_include if self._include.texts else verdict or _TAKEN

    def _default_of_folder(self, folder: str) -> Decision | None:
        if self._temporary:
            return None
        if folder != self._folder:  # the files of a folder come one after the other
            self._folder, self._of_folder = folder, self._defaults.of_folder(folder)
        dropped, logs = self._of_folder
        if logs and dropped is None and self.registries and any(map(self.registries, logs)):
            return _REGISTRIES
        return dropped


def in_spool(relative: str) -> bool:
    """It lies in, or is, a folder of unfinished downloads."""
    return any(part.casefold() == SPOOL_NAME for part in relative.split("/"))


class _Globs:
    """One list of patterns. False when it is empty."""

    def __init__(self, option: str, patterns: Iterable[str], *, ignore_case: bool) -> None:
        self.texts = tuple(patterns)
        self._ignore_case = ignore_case
        for text in self.texts:
            _check(option, text)
        lines = [self._prepared(_as_pattern(text)) for text in self.texts]
        self._hits = [
            Decision(option == "include", f'{option} "{text}"', Why(option), text)
            if not line.startswith("!")
            else Decision(True, f'taken back by "{text}"', Why.TAKEN_BACK, text)
            for text, line in zip(self.texts, lines, strict=True)
        ]
        # as GitIgnoreSpec.check_file does, which takes several times as long
        regexes = [] if not lines else [_regex(pattern) for pattern in _spec(lines).patterns]
        self._last_first = [
            (regex.search, _DIRECTORY in regex.groupindex, hit)
            for regex, hit in zip(reversed(regexes), reversed(self._hits), strict=True)
            if regex is not None
        ]
        self.has_negation = any(line.startswith("!") for line in lines)

    def __bool__(self) -> bool:
        return bool(self.texts)

    def match(self, path: str) -> Decision | None:
        """The pattern that decides about a file, if one of them says yes; a hit of a negated one ("!x") is none."""
        verdict = self.verdict(path)
        return verdict if verdict is not None and verdict.why is not Why.TAKEN_BACK else None

    def verdict(self, path: str) -> Decision | None:
        """The pattern that decides about a file, negated ones too."""
        prepared, found = self._prepared(path), None
        for search, has_mark, hit in self._last_first:
            if match := search(prepared):
                if not has_mark or match[_DIRECTORY] is None:
                    return hit
                found = found or hit  # a folder above it; what speaks of the file itself goes before
        return found

    def match_folder(self, folder: str) -> Decision | None:
        """The same for everything below a folder; None also when that cannot be said."""
        return None if self.has_negation else self.match(folder + "/")

    def _prepared(self, text: str) -> str:
        if self._ignore_case:
            text = text.lower()
        # the regular expressions of pathspec do not expect a line break in a name
        return text.replace("\n", "\0") if "\n" in text else text


class _Defaults:
    """The default exclusions, cheaper than as patterns. What holds for a folder is remembered."""

    def __init__(self, *, ignore_case: bool) -> None:
        self._ignore_case = ignore_case
        self._names = {self._case(n): _default(n) for n in _NAMES}
        self._folders = {self._case(n): _default(n + "/") for n in _FOLDERS}
        self._suffixes = [(s, _default("*" + s)) for s in _SUFFIXES]
        self._prefixes = [(p, _default(p + "*")) for p in _PREFIXES]
        self._known: dict[str, tuple[Decision | None, tuple[str, ...]]] = {"": (None, ())}

    def of_name(self, name: str) -> Decision | None:
        """The default that drops a file, or anything, of this name."""
        if self._ignore_case:
            name = name.lower()
        if name.endswith(_SUFFIXES):
            return next(d for s, d in self._suffixes if name.endswith(s))
        if name.startswith(_PREFIXES):
            return next(d for p, d in self._prefixes if name.startswith(p))
        return self._names.get(name)

    def of_folder(self, folder: str) -> tuple[Decision | None, tuple[str, ...]]:
        """(the default that drops all below, folders named LOGS on the way)."""
        known = self._known.get(folder)
        if known is None:
            parent, _, name = folder.rpartition("/")
            dropped, logs = self.of_folder(parent)
            if dropped is None:
                dropped = self.of_name(name) or self._folders.get(self._case(name))
                logs = (*logs, folder) if self._case(name) == self._case(LOGS) else logs
            if len(self._known) > _FOLDERS_KEPT:
                self._known = {"": (None, ())}
            known = self._known[folder] = (dropped, logs)
        return known

    def _case(self, name: str) -> str:
        return name.lower() if self._ignore_case else name


def _default(pattern: str) -> Decision:
    return Decision(False, f'default exclusion "{pattern}"', Why.DEFAULT, pattern)


def _spec(lines: list[str]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec  # takes its time to load, and most tasks have no patterns

    return GitIgnoreSpec.from_lines(lines)


def _regex(pattern: Pattern) -> re.Pattern[str] | None:
    return cast("RegexPattern", pattern).regex


def _check(option: str, text: str) -> None:
    try:
        # a pattern that says nothing (blank, "/", an open bracket) would silently send or drop the wrong files
        if text and all(pattern.include is not None for pattern in _spec([_as_pattern(text)]).patterns):
            return
        reason = "it cannot match anything."
    except (ValueError, re.error) as error:
        reason = f"{error}."
    raise SettingsError(f'"{text}" is no pattern', f"{option} wants one as in .gitignore, for example *.xy: {reason}")


def _as_pattern(text: str) -> str:
    """A pattern stands for itself: there are no comments, "./" is the folder, and on Windows a backslash is a slash."""
    if os.name == "nt":
        text = text.replace("\\", "/")
    if text.startswith("./"):
        text = text[1:]
    return "\\" + text if text.startswith("#") else text


def _listed(texts: tuple[str, ...]) -> str:
    shown = ", ".join(f'"{t}"' for t in texts[:3])
    return shown if len(texts) <= 3 else f"{shown} and {len(texts) - 3} more"


def _moment(seconds: float) -> str:
    return moments.local(seconds).isoformat(" ", "minutes")
