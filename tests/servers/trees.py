"""Folders full of awkward files, and the comparison of two of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from pathlib import Path

# every one of them is allowed on Linux, sent, and delivered as it is
AWKWARD_NAMES = (
    "plain.dat",
    "with space.dat",
    " leading space",
    "trailing space ",
    "trailing dot.",
    "semi;colon;.csv",
    "it's.txt",
    'say "cheese".txt',
    "both ' and \".txt",
    "100 % $HOME #1 & more.txt",
    "star * question ? [bracket].txt",
    "größe µm Ångström.txt",
    "zerlegt a\u0308 o\u0308.txt",
    "试验 データ №1.bin",
    "микроскоп.tif",
    "🔬🧪.png",
    "tab\tinside.txt",
    "line\nbreak.txt",
    "-starts-with-dash",
    "CON",
    "12:30:05.dat",
    "no suffix",
    "many.dots.in.one.name.tar.gz",
    "x" * 200 + ".dat",
    "_chunk_1_of_2",
)


def sizes_around(chunk_size: int) -> list[int]:
    """Sizes in bytes at which an error by one would show."""
    return [1, 7, chunk_size - 1, chunk_size, chunk_size + 1, 2 * chunk_size, 3 * chunk_size + 5]


def make_tree(root: Path, *, files: int, chunk_size: int, seed: int = 1, empty: int = 0) -> dict[str, bytes]:
    """Write ``files`` files, ``empty`` of them without content; returns what lies where, by POSIX path.

    Awkward names, sizes around the chunk size, some equal contents, and one name in many folders.
    """
    chance = random.Random(seed)
    sizes = sizes_around(chunk_size)
    names = [f"{folder}{name}" for name in AWKWARD_NAMES for folder in ("", "größe µm/run 7/", "a;b/")]
    contents: dict[str, bytes] = {}
    for number in range(files):
        path = names[number] if number < len(names) else f"run_{number:03}/same.dat"
        size = 0 if number < empty else sizes[number % len(sizes)]
        contents[path] = chance.randbytes(size)
        if number > 10 and number % 10 == 0:
            contents[path] = contents[names[7]]  # the same content under another name
    for path, content in contents.items():
        write(root / path, content)
    return contents


def write(path: Path, content: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_tree(root: Path, *, ignore: Iterable[str] = ()) -> dict[str, bytes]:
    """Every file below ``root`` by POSIX path; top-level names in ``ignore`` are left out."""
    skipped = set(ignore)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.relative_to(root).parts[0] not in skipped
    }


def differences(expected: Mapping[str, bytes], found: Mapping[str, bytes]) -> list[str]:
    """What is missing, too much or different, one line each; empty if the trees are equal."""
    lines = [f"missing: {path!r}" for path in sorted(expected.keys() - found.keys())]
    lines += [f"unexpected: {path!r}" for path in sorted(found.keys() - expected.keys())]
    lines += [
        f"different: {path!r}, {len(found[path])} bytes instead of {len(expected[path])}"
        for path in sorted(expected.keys() & found.keys())
        if expected[path] != found[path]
    ]
    return lines


def count_chunks(contents: Mapping[str, bytes], chunk_size: int) -> int:
    """How many messages a program sends that sends nothing for an empty file."""
    return sum(-(-len(content) // chunk_size) for content in contents.values())
