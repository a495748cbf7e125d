"""settings.toml: reading it, with all mistakes at once, and changing it without losing comments."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from openmsi_desktop.core.errors import SettingsError
from openmsi_desktop.settings import (
    Application,
    Bucket,
    Connection,
    Download,
    Limit,
    Model,
    Processor,
    Settings,
    WatchedFolder,
)
from openmsi_desktop.settings_lines import line_at, lines_of
from openmsi_desktop.settings_mistakes import Mistake, settings_of

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT

Kind = Literal["connections", "watched_folders", "downloads", "buckets", "processors"]
Item = Connection | WatchedFolder | Download | Bucket | Processor

_SYNTAX = re.compile(r"^(?P<text>.*?) ?\(at (?:line (?P<line>\d+), column \d+|end of document)\)$", re.DOTALL)


class SettingsMistakes(SettingsError):
    """The file cannot be used. lines: each mistake as ``FILE:LINE: text``; mistakes: the same with their places, where there
    are any."""

    def __init__(self, lines: list[str], path: Path, mistakes: Sequence[Mistake] = ()) -> None:
        count = f"{len(lines)} mistakes" if len(lines) > 1 else "A mistake"
        super().__init__(f"{count} in the settings", "\n".join(lines), path=path)
        self.lines = tuple(lines)
        self.mistakes = tuple(mistakes)


def read_settings(path: Path) -> Settings:
    """The settings in a file.

    Raises:
        SettingsMistakes: it can be read but not used; every mistake is listed.
        SettingsError: it cannot be read.
    """
    return parse_settings(_read_text(path), path=path)


def parse_settings(text: str, *, path: Path) -> Settings:
    """The settings in a text. ``path`` names the file in mistakes, and relative folders start beside it.

    Raises:
        SettingsMistakes: every mistake is listed, in the order of the lines.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsMistakes([_syntax_line(error, text, path)], path) from error
    settings, mistakes = settings_of(raw, folder=path.absolute().parent)
    if settings is None:
        raise SettingsMistakes(_with_lines(mistakes, text, path), path, mistakes)
    return settings


def _with_lines(mistakes: list[Mistake], text: str, path: Path) -> list[str]:
    lines = lines_of(text)
    found = sorted({(line_at(lines, m.where), m.text) for m in mistakes})
    return [f"{path}:{line}: {text}" for line, text in found]


def _syntax_line(error: tomllib.TOMLDecodeError, text: str, path: Path) -> str:
    found = _SYNTAX.match(str(error))
    if found is None:
        return f"{path}:1: {error}"
    line = found["line"] or text.count("\n") + 1
    what = found["text"][:1].lower() + found["text"][1:]
    hint = "; in Windows paths write / instead of \\, or put them into single quotes" if "'\\'" in what else ""
    return f"{path}:{line}: this is not valid TOML: {what}{hint}"


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError as error:
        raise SettingsError(
            f"There are no settings at {path}", "Check the name given with --settings.", path=path
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsMistakes([f"{path}:{line}: this is not UTF-8 text; save the file as UTF-8"], path) from error
    except OSError as error:
        raise SettingsError(f"Cannot read the settings {path}", f"{error.strerror}.", path=path) from error


class SettingsFile:
    """A settings file that is being changed. What is not changed stays as it was written, comments too."""

    def __init__(self, path: Path) -> None:
        """Read ``path``; a file that does not exist is empty settings.

        Raises:
            SettingsError: it has mistakes or cannot be read.
        """
        import tomlkit

        self.path = path
        self._found = path.read_bytes() if path.exists() else None
        text = _read_text(path) if self._found is not None else "version = 1\n"
        self.settings = parse_settings(text, path=path)
        self._document: TOMLDocument = tomlkit.parse(text)

    def put(self, kind: Kind, item: Item, *, instead_of: str | None = None) -> None:
        """Add a connection, task or sink, or change the one with its name (or with the name ``instead_of``)."""
        import tomlkit

        items: list[Item] = list(getattr(self.settings, kind))
        short = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        number = self._number(kind, instead_of if instead_of is not None else _title_of(item))
        if number is None:
            table = tomlkit.table()
            _change(table, {}, short, short=short)
            self._array(kind).append(table)
            items.append(item)
        else:
            old = items[number].model_dump(mode="json", by_alias=True)
            _change(self._array(kind)[number], old, item.model_dump(mode="json", by_alias=True), short=short)
            items[number] = item
        self.settings = self.settings.model_copy(update={kind: tuple(items)})

    def remove(self, kind: Kind, name: str) -> None:
        """Take a connection, task or sink out; harmless if it is not there."""
        number = self._number(kind, name)
        if number is None:
            return
        items = list(getattr(self.settings, kind))
        del items[number], self._array(kind)[number]
        if not items:
            del self._document[kind]
        self.settings = self.settings.model_copy(update={kind: tuple(items)})

    def set_application(self, application: Application) -> None:
        """Change what concerns the window and the icon."""
        self._set("application", self.settings.application, application)

    def set_limit(self, limit: Limit) -> None:
        """Change how fast all tasks together may send."""
        self._set("limit", self.settings.limit, limit)

    def _set(self, key: str, before: Model, after: Model) -> None:
        import tomlkit

        old, new = (model.model_dump(mode="json", by_alias=True) for model in (before, after))
        short = after.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        if key not in self._document:
            self._document[key], old = tomlkit.table(), {}
        _change(self._document[key], old, new if old else short, short=short)
        self.settings = self.settings.model_copy(update={key: after})

    def text(self) -> str:
        """The file as it would be written."""
        import tomlkit

        return tomlkit.dumps(self._document)

    def write(self) -> Settings:
        """Check the changed settings, write them to a temporary file and put it in place of the old one.

        Raises:
            SettingsMistakes: the changes do not fit together; nothing is written.
            SettingsError: the file cannot be written, or somebody changed it since it was read.
        """
        text = self.text()
        settings = parse_settings(text, path=self.path)
        content = text.encode("utf-8")
        target = Path(os.path.realpath(self.path))
        temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if (target.read_bytes() if target.exists() else None) != self._found:
                raise SettingsError(
                    "The settings were changed by another program meanwhile",
                    f"Nothing was written to {self.path}. Look at them again and repeat your change.",
                    path=self.path,
                )
            with open(temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if self._found is not None:
                os.chmod(temporary, target.stat().st_mode & 0o777)
            os.replace(temporary, target)
        except OSError as error:
            raise SettingsError(
                f"Cannot write the settings {self.path}",
                f"{error.strerror}. The old ones are still in place.",
                path=self.path,
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
        self._found, self.settings = content, settings
        return settings

    def _array(self, kind: Kind) -> AoT:
        import tomlkit

        if kind not in self._document:
            self._document[kind] = tomlkit.aot()
        array: AoT = self._document[kind]
        return array

    def _number(self, kind: Kind, name: str) -> int | None:
        items: tuple[Item, ...] = getattr(self.settings, kind)
        return next((n for n, item in enumerate(items) if _title_of(item) == name), None)


def _title_of(item: Item) -> str:
    return item.title if isinstance(item, (WatchedFolder, Download)) else item.name


def _change(table: Any, old: dict[str, Any], new: dict[str, Any], *, short: dict[str, Any]) -> None:
    """Write into a TOML table what differs between ``old``, which it describes, and ``new``.

    short: ``new`` without defaults, for what is not written there yet.
    """
    for key in [k for k in old if k not in new]:
        table.pop(key, None)
    for key, value in new.items():
        if key in old and old[key] == value:
            continue
        if value is None:
            table.pop(key, None)
        elif isinstance(value, dict) and isinstance(old.get(key), dict) and _is_flat(table.get(key)):
            _change(table[key], old[key], value, short=short.get(key, value))
        else:
            table[key] = _as_toml(value if key in table else short.get(key, value))


def _is_flat(table: Any) -> bool:
    """Whether a table has no dotted keys: those would be written twice."""
    return isinstance(table, dict) and not any(isinstance(value, dict) for value in table.values())


def _as_toml(value: Any) -> Any:
    """Nested tables on one line, as people write them."""
    import tomlkit

    if not isinstance(value, dict):
        return value
    table = tomlkit.inline_table()
    for key, inner in value.items():
        table[key] = _as_toml(inner)
    return table
