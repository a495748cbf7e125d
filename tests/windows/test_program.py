"""The command line under Windows, from a folder through a broker into a folder, and what a killed one leaves behind."""

from __future__ import annotations

import sys

assert sys.platform == "win32"

import hashlib
import json
import os
from pathlib import Path

import pytest
from conftest import TestBroker
from servers.program import Program
from windows.handles import WRITE, opened, write

from openmsi_desktop.core.windows_files import literal

CONTENTS = {
    "scan.xy": b"2theta intensity\r\n10 4\r\n",
    "empty.dat": b"",
    "größe µm/试验 データ.bin": os.urandom(300_000),
    "run 1/" + "a folder with quite a long name/" * 7 + "deep.tif": os.urandom(50_000),
    "UPPER/Case.TXT": b"case",
    "big.raw": os.urandom(3_000_000),
}


@pytest.fixture
def there(_embedded: TestBroker) -> tuple[str, str]:
    return ("--bootstrap", str(_embedded.config["bootstrap.servers"]))


@pytest.fixture
def topic(_embedded: TestBroker) -> str:
    return _embedded.create_topic()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Instrument Daten"
    folder.mkdir()
    return folder


def fill(folder: Path) -> None:
    for name, content in CONTENTS.items():
        file = Path(literal(os.path.abspath(folder / name)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def hashes(folder: Path) -> dict[str, str]:
    """Of every file, but for what belongs to the program."""
    root = literal(os.path.abspath(folder))
    found = {}
    for here, _, names in os.walk(root):
        for name in names:
            file = os.path.join(here, name)
            with open(file, "rb") as opened_file:
                digest = hashlib.file_digest(opened_file, "sha256").hexdigest()
            found[os.path.relpath(file, root).replace("\\", "/")] = digest
    return {name: digest for name, digest in found.items() if not name.startswith(".openmsi-parts")}


def test_what_is_watched_here_is_the_same_there(
    there: tuple[str, str], topic: str, program: Program, folder: Path, tmp_path: Path
) -> None:
    watching = program.start("watch", folder, "--topic", topic, "--quiet", "0.2", "--check", *there)
    watching.wait_for(event="ready")
    fill(folder)
    watching.wait_until(
        lambda: len({e["path"] for e in watching.find(event="file", state="checked")}) == len(CONTENTS),
        timeout_s=120,
        what="every file is checked",
    )
    got = program.run("download", topic, "--target", tmp_path / "got", "--until-idle", "2", *there, data="other")
    assert got.process.returncode == 0, got.tell()
    assert hashes(tmp_path / "got") == hashes(folder) and len(hashes(folder)) == len(CONTENTS)


def test_what_is_sent_once_is_the_same_there(
    there: tuple[str, str], topic: str, program: Program, folder: Path, tmp_path: Path
) -> None:
    fill(folder)
    sent = program.run("send", folder, "--topic", topic, "--check", *there)
    assert sent.process.returncode == 0 and sent.summary["checked"] == len(CONTENTS), sent.tell()
    got = program.run("download", topic, "--target", tmp_path / "got", "--until-idle", "2", *there, data="other")
    assert got.summary["delivered"] == len(CONTENTS), got.tell()
    assert hashes(tmp_path / "got" / folder.name) == hashes(folder)


def test_a_file_that_its_writer_shares_with_nobody_is_named_and_sent_later(
    there: tuple[str, str], topic: str, program: Program, folder: Path
) -> None:
    file = folder / "scan.dat"
    file.touch()
    with opened(file, WRITE, 0) as handle:
        write(handle, b"first part")
        watching = program.start("watch", folder, "--topic", topic, "--quiet", "0.2", *there)
        watching.wait_until(
            lambda: "scan.dat is in use" in json.dumps(watching.events), timeout_s=60, what="it is said"
        )
        write(handle, b", second part")
    sent = watching.wait_for(event="file", path="scan.dat", state="sent")
    assert sent["sha512"] == hashlib.sha512(b"first part, second part").hexdigest()


def test_a_killed_program_leaves_no_lock_and_goes_on(
    there: tuple[str, str], topic: str, program: Program, folder: Path, tmp_path: Path
) -> None:
    (folder / "a.xy").write_bytes(b"a")
    first = program.start("watch", folder, "--topic", topic, "--quiet", "0.2", *there)
    first.wait_for(event="file", path="a.xy", state="sent")
    # the other spelling is the same folder, for every data folder on this computer
    same = Path(str(folder).swapcase())
    refused = program.run("watch", same, "--topic", topic, *there, data="other")
    assert refused.process.returncode == 3 and f"process {first.process.pid}" in json.dumps(refused.events)
    refused = program.run("download", topic, "--target", tmp_path / "got", *there)
    assert refused.process.returncode == 3 and f"process {first.process.pid}" in json.dumps(refused.events)
    first.kill()
    (folder / "b.xy").write_bytes(b"b")
    again = program.start("watch", folder, "--topic", topic, "--quiet", "0.2", *there)
    again.wait_for(event="file", path="b.xy", state="sent")
    assert again.find(event="file", path="a.xy", state="sent") == [], "it was sent before"
