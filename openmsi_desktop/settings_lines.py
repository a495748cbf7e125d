"""On which line of a TOML text stands which key? For texts that have been parsed already, so they are valid."""

from __future__ import annotations

import re
from collections.abc import Mapping

Where = tuple[str | int, ...]
"""Keys and, in arrays, numbers from 0: ``("downloads", 1, "target")``."""

_BLANK = re.compile(r"[ \t]*")
_BLANK_LINES = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL)
_PLAIN_VALUE = re.compile(r"[^,\]}#\r\n]+")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(["\\bfnrt]))')
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def lines_of(text: str) -> dict[Where, int]:
    """Line (from 1) of every table, key and array item of a valid TOML text; of the first mention if there are several."""
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def line_at(lines: Mapping[Where, int], where: Where) -> int:
    """Line of ``where``, or of what it lies in."""
    for length in range(len(where), 0, -1):
        if where[:length] in lines:
            return lines[where[:length]]
    return 1


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Where, int] = {}
        self.tables: dict[Where, int] = {}  # [[…]] arrays: number of tables so far
        self._line_at, self._line = 0, 1

    def document(self) -> None:
        inside: Where = ()
        while True:
            self._skip(_BLANK_LINES)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                inside = self._header()
            else:
                self._pair(inside)

    def _header(self) -> Where:
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        where: Where = ()
        parts = self._keys()
        for part in parts[:-1]:
            where = self._last_of((*where, part))
            self._note(where)
        where = (*where, parts[-1])
        if is_array:
            self._note(where)
            number = self.tables.get(where, 0)
            self.tables[where] = number + 1
            where = (*where, number)
        else:
            where = self._last_of(where)
        self._note(where)
        self.at += 2 if is_array else 1
        return where

    def _last_of(self, where: Where) -> Where:
        return (*where, self.tables[where] - 1) if where in self.tables else where

    def _pair(self, inside: Where) -> None:
        where = inside
        for part in self._keys():
            where = (*where, part)
            self._note(where)
        self.at += 1  # the equals sign
        self._skip(_BLANK)
        self._value(where)

    def _value(self, where: Where) -> None:
        first = self.text[self.at]
        if first in "\"'":
            self._skip(_STRING)
        elif first == "[":
            self._items(where, "]")
        elif first == "{":
            self._items(where, "}")
        else:
            self._skip(_PLAIN_VALUE)

    def _items(self, where: Where, end: str) -> None:
        self.at += 1
        number = 0
        while True:
            self._skip(_BLANK_LINES)
            if self.text[self.at] == end:
                self.at += 1
                return
            if self.text[self.at] == ",":
                self.at += 1
            elif end == "}":
                self._pair(where)
            else:
                self._note((*where, number))
                self._value((*where, number))
                number += 1

    def _keys(self) -> list[str]:
        parts = []
        while True:
            self._skip(_BLANK)
            if self.text[self.at] in "\"'":
                quoted = self._skip(_STRING)
                parts.append(quoted[1:-1] if quoted[0] == "'" else _unescaped(quoted[1:-1]))
            else:
                parts.append(self._skip(_BARE_KEY))
            self._skip(_BLANK)
            if self.text[self.at] != ".":
                return parts
            self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"not valid TOML at character {self.at}")
        self.at = found.end()
        return found[0]

    def _note(self, where: Where) -> None:
        if where not in self.lines:
            self._line += self.text.count("\n", self._line_at, self.at)
            self._line_at = self.at
            self.lines[where] = self._line


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: _SHORT[m[3]] if m[3] else chr(int(m[1] or m[2], 16)), text)
