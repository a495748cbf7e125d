"""Names that break programs, and paths that want to get out of the folder: every one arrives, or is listed with a reason (F34)."""

from __future__ import annotations

import os
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from faults.messages import messages
from faults.oracle import Verdict, hash_of
from servers.kafka import Kafka
from servers.memory_broker import MemoryBroker
from servers.program import Program
from servers.systems import Needs, not_on_windows
from streaming.reading import Reader

from openmsi_desktop.core.events import FileEvent, FileState

Judged = Callable[..., None]
AT_ONCE = 500

NAMES = [
    *(
        "a;b",
        "a'b",
        'a"b',
        "a`b",
        "$(touch x)",
        "a&b|c",
        "-rf",
        "--help",
        "~",
        "%41",
        "%2e%2e",
        "a b",
        " lead",
        "trail ",
        "trail.",
    ),
    *(
        "line\nbreak",
        "tab\tin",
        "bell\a",
        "\x7f",
        "\x1b[31m",
        "\r",
        "CON",
        "con.txt",
        "NUL",
        "LPT1",
        "COM¹.dat",
        "AUX ",
        "a:b",
    ),
    *(
        "🧪",
        "👩‍🔬",
        "größe",
        "gro\u0308ße",
        "ﬁle",
        "İ",
        "ß",
        "SS",
        "\u202egnp.exe",
        "\u200b",
        "\ufeffx",
        "試験",
        "ไทย",
        "\u0000x",
    ),
    *(
        "...",
        ". .",
        "..x",
        ".hidden",
        "x" * 255,
        "ü" * 127,
        "é" * 128,
        "x" * 300,
        "openmsi",
        ".openmsi",
        "Thumbs.db",
        "desktop.ini",
    ),
    *(
        "?",
        "*",
        "<",
        ">",
        "|",
        "^",
        "!",
        "#",
        "{}",
        "[]",
        "\\",
        "a\\b",
        "C:",
        "c:x",
        "\\\\host\\share",
        "𝔘",
        "\U0010ffff",
        "\ue000",
    ),
]
FOLDERS = [
    *(
        "",
        "a",
        "a/b",
        "A",
        "..",
        "../..",
        "../../outside",
        "a/../..",
        "a/..",
        "./a",
        "a//b",
        "/",
        "/etc",
        "/tmp",
        "//host/share",
    ),
    *(
        "C:",
        "C:/Windows",
        "\\\\host\\share",
        "..\\..",
        "link",
        "link/deeper",
        "loop",
        "loop/loop",
        "file link",
        ".openmsi-parts",
    ),
    *(
        ".OpenMSI-Parts",
        "a/.openmsi-parts",
        "x" * 256,
        "d/" * 60 + "e",
        "d/" * 2100 + "e",
        "gro\u0308ße",
        "größe",
        "a\0b",
        "~",
        "$HOME",
    ),
]


def spoiled(name: str, chance: random.Random) -> str:
    """The same name with other case, composition or one more character."""
    return chance.choice(
        [
            name,
            name.swapcase(),
            unicodedata.normalize("NFD", name),
            unicodedata.normalize("NFC", name),
            name + chance.choice(NAMES),
            name[: len(name) // 2] + chr(chance.choice([*range(1, 0x250), *range(0x2000, 0x2070)])),
        ]
    )


def tree(folder: Path) -> dict[str, bytes]:
    """Everything below a folder; links are not followed."""
    found: dict[str, bytes] = {}
    for place, folders, names in os.walk(os.fsencode(folder)):
        for name in (*folders, *names):
            path = os.path.join(place, name)
            if os.path.islink(path):
                found[os.fsdecode(path)] = b"-> " + os.readlink(path)
            else:
                found[os.fsdecode(path)] = Path(os.fsdecode(path)).read_bytes() if name in names else b"/"
    return found


@not_on_windows(Needs.LINKS)
def test_paths_in_messages_never_lead_out_of_the_target(
    tmp_path: Path, repeats: Callable[[int, int], int], judged: Judged
) -> None:
    chance, times = random.Random(34), repeats(AT_ONCE, 5000)
    verdict, refused, renamed = Verdict(), 0, 0
    for batch in range(0, times, AT_ONCE):
        folder = tmp_path / str(batch)
        outside = folder / "outside"
        outside.mkdir(parents=True)
        (outside / "precious.txt").write_bytes(b"somebody else's")
        broker = MemoryBroker()
        broker.create("t")
        reader = Reader(folder / "inside", broker)
        (reader.target / "link").symlink_to(outside)
        (reader.target / "loop").symlink_to(".")
        (reader.target / "file link").symlink_to(outside / "precious.txt")
        before = tree(outside)
        sent: dict[int, tuple[str, bytes]] = {}
        for number in range(AT_ONCE):
            name, place = spoiled(chance.choice(NAMES), chance), chance.choice(FOLDERS)
            path = f"{place}/{name}" if place else name
            data = b"%d of " % number + os.urandom(20)
            (message,) = messages(path, data, 1000, version=number + 1)
            sent[broker.put("t", message.value, key=message.key, headers=message.headers)] = (path, data)
        reader.read_all()
        left = {event.path for event in reader.service().left_over()}
        last = {path: number for number, (path, _) in sent.items()}
        told = {e.sha512: e for e in reader.told(FileEvent) if e.state in (FileState.DELIVERED, FileState.SUPERSEDED)}
        quarantined = {event.offset: event.reason for event in reader.quarantined}
        problems = {problem.path for problem in reader.problems()}
        for offset, (path, data) in sent.items():
            event = told.get(hash_of(data))
            if offset in quarantined:
                refused += 1
                if not quarantined[offset]:
                    verdict.lies.append(f"{path!r} was set aside without a reason")
            elif event is None:
                if path not in left | problems:
                    verdict.lost.append(f"{path!r}: neither delivered nor listed")
            elif event.state is FileState.DELIVERED and last[path] == offset:
                there = Path(event.local or "")
                renamed += there != reader.target / path
                if not there.is_relative_to(reader.target) or there.resolve().is_relative_to(outside):
                    verdict.harmed.append(f"{path!r} was written to {there}")
                elif there.read_bytes() != data:
                    verdict.lies.append(f"{path!r}: called delivered, but {there} holds something else")
                elif there != reader.target / path and not (event.reason or path in problems):
                    verdict.lies.append(f"{path!r} has another name here, and nobody says why")
        verdict.harmed += [
            f"{name}: it was changed" for name, data in before.items() if tree(outside).get(name) != data
        ]
        verdict.harmed += [f"{name}: it appeared outside" for name in tree(outside).keys() - before.keys()]
        verdict.harmed += [
            f"{name}: it appeared outside" for name in {p.name for p in folder.iterdir()} - {"inside", "outside"}
        ]
    note = f"{refused} refused with a reason, {renamed} under another name"
    judged("F34", "hostile paths in messages", times, verdict, note=note)


def hostile_files(count: int, chance: random.Random) -> Iterator[bytes]:
    """Names as a disk of Linux takes them: any bytes but NUL and slash, 255 at most."""
    while count:
        if chance.random() < 0.15:
            raw = bytes(chance.choice([b for b in range(1, 256) if b != 0x2F]) for _ in range(chance.randint(1, 40)))
        else:
            raw = spoiled(chance.choice(NAMES), chance).replace("/", "-").replace("\0", "-").encode("utf-8", "replace")
        raw = raw[:255]
        if raw not in (b".", b"..") and raw:
            count -= 1
            yield raw


@not_on_windows(Needs.NAMES)
def test_hostile_names_go_round_or_are_listed_with_a_reason(
    kafka: Kafka, program: Program, tmp_path: Path, repeats: Callable[[int, int], int], judged: Judged
) -> None:
    chance, times, verdict = random.Random(3434), repeats(300, 5000), Verdict()
    root, target = tmp_path / "source", tmp_path / "target"
    there: dict[bytes, bytes] = {}
    for number, raw in enumerate(hostile_files(times, chance)):
        place = os.path.join(os.fsencode(root), b"d%d" % (number % 5))
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, raw), "wb") as file:
            file.write(b"%d" % number)
        there[b"source/d%d/" % (number % 5) + raw] = b"%d" % number
    topic = kafka.create_topic(partitions=2)
    at = ("--topic", topic, "--bootstrap", kafka.bootstrap())
    sender = program.run("send", root, *at, data="sender", timeout_s=300)
    reader = program.run(
        "download", topic, "--target", target, "--bootstrap", kafka.bootstrap(), "--until-idle", "2", timeout_s=300
    )
    for run in (sender, reader):
        assert run.stray_lines == [] and "Traceback" not in run.errors(), run.tell()
    said = {(event["path"], event["state"]) for event in sender.events if event.get("event") == "file"}
    listed = {event["path"] for event in sender.events if event.get("reason") or event.get("event") == "problem"}
    listed |= {event["path"] for event in reader.events if event.get("reason") or event.get("event") == "problem"}
    arrived = {
        os.path.relpath(os.path.join(place, name), os.fsencode(target)): os.path.join(place, name)
        for place, _, names in os.walk(os.fsencode(target))
        for name in names
        if b".openmsi-parts" not in place
    }
    listed_names = {_shown(path) for path in listed if path}
    for name, data in there.items():
        if name in arrived:
            with open(arrived[name], "rb") as file:
                if file.read() != data:
                    verdict.mixed.append(f"{name!r} holds something else")
        elif _shown(os.fsdecode(name)) not in listed_names:
            verdict.lost.append(f"{name!r}: neither arrived nor listed with a reason")
    verdict.harmed += [f"{name!r}: nobody sent it" for name in arrived.keys() - there.keys()]
    whole = sum(name in arrived for name in there)
    assert said
    judged("F34", "hostile names on a disk", len(there), verdict, note=f"{whole} arrive, the others are listed")


def _shown(path: str) -> str:
    """A name as it can be printed, however it is: without what is no Unicode."""
    return "".join(c for c in path if not 0xD800 <= ord(c) <= 0xDFFF)
