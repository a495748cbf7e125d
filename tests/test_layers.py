"""The import rules: who may import whom, and which library has its home where."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "openmsi_desktop"

MAY_IMPORT = {
    "core": {"core"},
    "settings": {"core", "settings"},
    "credentials": {"core", "settings", "credentials"},
    "streaming": {"core", "settings", "credentials", "streaming", "processing"},
    "processing": {"core", "processing"},
    "support": {"core", "settings", "credentials", "support"},
    "encryption": {"core", "settings", "credentials", "encryption"},
    "interop": {"core", "settings", "credentials", "interop"},
    "cli": {"core", "settings", "credentials", "streaming", "processing", "encryption", "interop", "support", "cli"},
    "gui": {"core", "settings", "credentials", "streaming", "processing", "encryption", "interop", "support", "gui"},
}

# a home is the beginning of a path: a module that grew has its helpers beside it under the same name
HOMES = {
    "msgpack": ("core/chunk.py",),
    "xxhash": ("core/chunker.py",),
    "pathspec": ("core/rules.py",),
    "typer": ("cli/",),
    "rich": ("cli/",),
    "confluent_kafka": ("streaming/kafka/",),
    "watchdog": ("streaming/watching/",),
    "boto3": ("streaming/sinks/bucket",),
    "botocore": ("streaming/sinks/bucket",),
    "keyring": ("credentials",),
    "pydantic": ("settings",),
    "tomlkit": ("settings",),
    "platformdirs": ("settings", "places"),
    "kafkacrypto": ("encryption/",),
    "nacl": ("encryption/",),
    "PySide6": ("gui/",),
}

# a pool may be handed in (concurrent.futures.Executor), core itself starts none
NOT_IN_CORE = {"threading", "socket", "asyncio", "multiprocessing", "queue", "http", "urllib", "ssl"}


def modules() -> Iterator[Path]:
    yield from sorted(PACKAGE.rglob("*.py"))


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports, wherever in it that happens."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: relative import; write the full name"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def layer_of(file: Path) -> str:
    """First part of the path inside the package: a folder, or a module and its helpers (settings_lines)."""
    first = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if first == "places":  # where settings and data lie
        return "settings"
    return next((layer for layer in MAY_IMPORT if first == layer or first.startswith(layer + "_")), first)


def test_nothing_imports_a_layer_to_its_right() -> None:
    wrong = []
    for file in modules():
        layer = layer_of(file)
        for line, name in imports(file):
            parts = name.split(".")
            if parts[0] != "openmsi_desktop" or layer not in MAY_IMPORT:
                continue
            other = layer_of(PACKAGE / parts[1])
            if other in MAY_IMPORT and other not in MAY_IMPORT[layer]:
                wrong.append(f"{file.relative_to(PACKAGE)}:{line}: {layer} must not import {other}")
    assert not wrong, "\n".join(wrong)


def test_every_library_has_one_home() -> None:
    wrong = []
    for file in modules():
        place = file.relative_to(PACKAGE).as_posix()
        for line, name in sorted(set(imports(file))):
            homes = HOMES.get(name.split(".")[0], ("",))
            if not place.startswith(homes):
                wrong.append(f"{place}:{line}: {name.split('.')[0]} is at home in {' and '.join(homes)}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def test_core_starts_no_threads_and_opens_no_connections() -> None:
    wrong = [
        f"{file.relative_to(PACKAGE)}:{line}: core must not use {name.split('.')[0]}"
        for file in modules()
        if layer_of(file) == "core"
        for line, name in imports(file)
        if name.split(".")[0] in NOT_IN_CORE
    ]
    assert not wrong, "\n".join(wrong)
