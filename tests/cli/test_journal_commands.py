"""status, files, explain and the requests: what the journal tells, and what is left in it."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from servers.command_line import CommandLine
from servers.systems import ON_WINDOWS

from openmsi_desktop.cli.requests import parse_until
from openmsi_desktop.core import task_health
from openmsi_desktop.core.arrivals import Arrivals
from openmsi_desktop.core.chunker import Fingerprint
from openmsi_desktop.core.deliveries import Deliveries, Done, Story
from openmsi_desktop.core.events import FileState, TaskState
from openmsi_desktop.core.journal import UNTIL_RESUMED, Journal, text_of
from openmsi_desktop.core.lock import Lock
from openmsi_desktop.core.outgoing import OutgoingFiles, Sighting
from openmsi_desktop.core.receipt import Place, Receipt
from openmsi_desktop.core.task_health import TaskHealth
from openmsi_desktop.settings import WatchedFolder

KEY = "watch:xrd"


@pytest.fixture
def journal(command: CommandLine) -> Iterator[Journal]:
    """A journal in which a watched folder has run."""
    found = command.journal()
    found.set_task(KEY, kind="watch", name="XRD", state=TaskState.RUNNING)
    yield found
    found.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "xrd").mkdir()
    return tmp_path / "xrd"


def add(
    journal: Journal, local: Path, path: str, state: FileState, *, reason: str = "", content: bytes = b"1234"
) -> int:
    """Put a file on disk and into the journal; returns the number of its row."""
    local.write_bytes(content)
    fingerprint = Fingerprint.of(os.stat(local))
    OutgoingFiles(journal, KEY, "xrd").record([Sighting(path, str(local), state, reason, fingerprint)])
    return int(journal.query("SELECT max(id) FROM outgoing")[0][0])


def mark_sent(journal: Journal, number: int) -> None:
    journal.execute(
        """UPDATE outgoing SET state = 'sent', sent_version = 7, version = 7, sent_sha512 = ?, sha512 = ?, sent_at = 1e9,
        sent_size = size, sent_mtime_ns = mtime_ns, sent_ctime_ns = ctime_ns, sent_file_id = file_id, partition = 2,
        chunks_total = 3, offsets = ? WHERE id = ?""",
        b"\xab" * 64,
        b"\xab" * 64,
        b"".join(n.to_bytes(8, "little") for n in (10, 12, 11)),
        number,
    )


@pytest.fixture
def streaming(command: CommandLine) -> Iterator[None]:
    """Somebody streams with the data folder."""
    lock = Lock(command.data / "profile.lock")
    assert lock.acquire("openmsi-desktop run (process 1 of anna on pc)")
    yield
    lock.release()


# -- status


def test_without_a_journal_status_says_so_and_makes_none(command: CommandLine) -> None:
    ended = command("status")
    assert ended.status == 0 and "Nothing has run" in ended.out and "Nothing is streaming" in ended.out
    assert str(command.data / "logs" / "openmsi-desktop.log") in ended.out
    assert not (command.data / "journal.db").exists()


@pytest.mark.usefixtures("streaming")
def test_status_tells_of_every_task(command: CommandLine, journal: Journal, folder: Path) -> None:
    mark_sent(journal, add(journal, folder / "a.xy", "a.xy", FileState.FOUND))
    add(journal, folder / "b.xy", "b.xy", FileState.WAITING, reason="still being written")
    journal.add_problem(KEY, "Cannot read c.xy", "Check its rights.", path="c.xy", retry_at=2e9)
    status = json.loads(command("status", "--json").out)
    (task,) = status["tasks"]
    assert {
        "name": "XRD",
        "kind": "watch",
        "state": "running",
        "counts": {"sent": 1, "waiting": 1},
    }.items() <= task.items()
    assert task["last_file"]["path"] == "b.xy"
    assert [p["title"] for p in task["problems"]] == ["Cannot read c.xy"]
    assert status["streaming"].startswith("openmsi-desktop run (process 1")
    shown = command("status").out
    assert "XRD  watch     running    1 waiting, 1 sent" in shown
    assert "problem: Cannot read c.xy (c.xy). Check its rights." in shown and "last: b.xy, waiting" in shown


def test_a_task_that_a_killed_process_left_is_not_called_running(command: CommandLine, journal: Journal) -> None:
    (task,) = json.loads(command("status", "--json").out)["tasks"]
    assert task["state"] == "stopped"


# -- files


ODD = "o'dd, and; so on.xy" if ON_WINDOWS else 'o"dd,\n.xy'


def test_files_are_listed_with_the_header_of_the_contract(command: CommandLine, journal: Journal, folder: Path) -> None:
    mark_sent(journal, add(journal, folder / "a.xy", "a.xy", FileState.FOUND))
    add(journal, folder / ODD, ODD, FileState.WAITING, reason="still being written")
    ended = command("files", "--csv")
    assert ended.out.startswith("task,path,state,size,modified,sha512,version,reason,sinks\n")
    one, two = csv.DictReader(io.StringIO(ended.out))
    assert one["sha512"] == "ab" * 64 and (one["state"], one["size"], one["version"]) == ("sent", "4", "7")
    assert datetime.fromisoformat(one["modified"]).timestamp() == pytest.approx(
        (folder / "a.xy").stat().st_mtime, abs=1e-3
    )
    assert datetime.fromisoformat(one["modified"]).utcoffset() == timedelta(0)
    assert (two["path"], two["reason"], two["sha512"], two["version"]) == (ODD, "still being written", "", "")


def test_files_are_chosen_by_state_and_task(command: CommandLine, journal: Journal, folder: Path) -> None:
    for name, state in (("a", FileState.FOUND), ("b", FileState.WAITING), ("c", FileState.PROBLEM)):
        add(journal, folder / name, name, state)

    def paths(*arguments: str) -> list[str]:
        return [json.loads(line)["path"] for line in command("files", "--json", *arguments).out.splitlines()]

    assert paths() == ["a", "b", "c"]
    assert paths("--state", "waiting", "--state", "PROBLEM") == ["b", "c"]
    assert paths("--task", "XRD") == ["a", "b", "c"]
    ended = command("files", "--task", "XRF")
    assert ended.status == 3 and 'no task "XRF". Did you mean "XRD"?' in ended.err
    table = command("files", "--state", "waiting").out.splitlines()
    assert table[0].split() == ["task", "state", "size", "changed", "path"]
    assert table[1].split()[:4] == ["XRD", "waiting", "4", "B"] and table[-1] == "1 file"


def test_many_files_are_listed_page_by_page(
    command: CommandLine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.core.listing._PAGE", 10)
    fingerprint = Fingerprint(1, 0, 0, "")
    names = [f"{n:03}" for n in range(25)]
    OutgoingFiles(journal, KEY, "xrd").record([Sighting(n, f"/{n}", FileState.FOUND, "", fingerprint) for n in names])
    rows = csv.DictReader(io.StringIO(command("files", "--csv").out))
    assert [r["path"] for r in rows] == names


def test_versions_that_were_received_are_listed(command: CommandLine, journal: Journal) -> None:
    received(journal, "run/a.dat", FileState.INCOMPLETE, done=158, total=160)
    (row,) = csv.DictReader(io.StringIO(command("files", "--csv").out))
    assert (row["task"], row["path"], row["state"], row["size"]) == ("XRD here", "run/a.dat", "incomplete", "")


def received(journal: Journal, path: str, state: FileState, *, done: int, total: int, local: str = "") -> None:
    from openmsi_desktop.core.chunk_set import ChunkSet

    chunks = ChunkSet()
    for number in range(1, done + 1):
        chunks.add(number)
    journal.set_task("download:x", kind="download", name="XRD here", state=TaskState.RUNNING)
    journal.execute("INSERT OR IGNORE INTO sources (id, task, topic, stream) VALUES (1, 'download:x', 'xrd', 'c/t')")
    journal.execute(
        """INSERT INTO incoming (source, path, installation, version, repeat, sha512, chunks_total, chunk_size, mtime,
        stage, state, reason, chunks, chunks_done, size, reached, spool, local, began_at, updated_at)
        VALUES (1, ?, '', 5, 0, ?, ?, 4, 1e9, ?, ?, 'no more chunks came', ?, ?, 640, '0:100-270,3:7-9', '', ?, 1, 2)""",
        path,
        b"\xcd" * 64,
        total,
        3 if done == total else 0,
        state.value,
        None if done == total else chunks.dump(),
        done,
        text_of(local),
    )


# -- explain


def explained(command: CommandLine, path: str | Path) -> dict[str, Any]:
    return dict(json.loads(command("explain", path, "--json").out))


@pytest.mark.parametrize("by", ["local", "topic"])
def test_explain_knows_version_parts_and_offsets(command: CommandLine, journal: Journal, folder: Path, by: str) -> None:
    mark_sent(journal, add(journal, folder / "a.xy", "pc/a.xy", FileState.FOUND))
    path = folder / "a.xy" if by == "local" else Path("pc/a.xy")
    (file,) = explained(command, path)["files"]
    assert (file["state"], file["version"], file["sha512"]) == ("sent", 7, "ab" * 64)
    assert file["parts"] == {"done": 3, "total": 3, "missing": []}
    assert file["offsets"] == [{"partition": 2, "first": 10, "last": 12}]
    shown = command("explain", path).out
    assert "Sent by task XRD to topic xrd as pc/a.xy" in shown
    assert "parts     3 of 3" in shown and "offsets   partition 2, 10 to 12" in shown


def test_explain_says_why_a_file_waits_and_when_the_next_try_is(
    command: CommandLine, journal: Journal, folder: Path
) -> None:
    number = add(journal, folder / "a.xy", "a.xy", FileState.FOUND)
    again = datetime.now().timestamp() + 60
    OutgoingFiles(journal, KEY, "xrd").set_state([number], FileState.PROBLEM, "Permission denied", retry_at=again)
    journal.add_problem(KEY, "Cannot read a.xy", "Check its rights.", path="a.xy", retry_at=again)
    shown = command("explain", folder / "a.xy").out
    assert "reason    Permission denied" in shown and f"next try  {datetime.fromtimestamp(again):%H:%M}" in shown
    assert "problem   Cannot read a.xy. Check its rights." in shown


def test_explain_notices_a_change_since_it_was_sent(command: CommandLine, journal: Journal, folder: Path) -> None:
    mark_sent(journal, add(journal, folder / "a.xy", "a.xy", FileState.FOUND))
    (folder / "a.xy").write_bytes(b"longer than before")
    assert "it is not what was sent last" in command("explain", folder / "a.xy").out


def test_files_and_explain_say_how_far_each_sink_is(command: CommandLine, journal: Journal) -> None:
    received(journal, "run/a.dat", FileState.PROBLEM, done=2, total=2, local="/data/run/a.dat")
    number = journal.query("SELECT id FROM incoming")[0][0]
    assert (json.loads(command("files", "--json").out)["sinks"], command("files", "--csv").out[-2:]) == ([], ",\n")
    told = Deliveries(journal, "download:x")
    told.record("folder", [Story(number, Done.YES, local="/data/run/a.dat")])
    assert "folder" not in command("files").out
    told.record("archive", [Story(number, Done.NO, "No contact", "It goes on by itself.", time.time() + 60)])
    told.record("peaks", [Story(number, Done.GAVE_UP, "peaks.py failed", "Look at it.", output="one\ntwo \x1b[31m\n")])
    assert "archive: failed; folder: delivered; peaks: given up" in command("files").out
    (row,) = csv.DictReader(io.StringIO(command("files", "--csv").out))
    assert row["sinks"] == "archive: failed; folder: delivered; peaks: given up"
    archive, folder, _ = json.loads(command("files", "--json").out)["sinks"]
    assert (archive["state"], archive["tries"], archive["title"]) == ("failed", 1, "No contact")
    assert archive["retry_at"] == pytest.approx(time.time() + 60, abs=30)
    assert (folder["state"], folder["local"], folder["retry_at"]) == ("delivered", "/data/run/a.dat", None)
    shown = command("explain", "run/a.dat").out
    assert "archive: failed" in shown and "No contact; next try" in shown
    assert "folder: delivered to /data/run/a.dat" in shown
    assert "peaks: given up" in shown and "output    one" in shown and r"two \x1b[31m" in shown
    (file,) = json.loads(command("explain", "run/a.dat", "--json").out)["files"]
    assert file["sinks"][2]["output"] == "one\ntwo \x1b[31m\n"


def test_explain_names_the_missing_parts_of_a_received_file(command: CommandLine, journal: Journal) -> None:
    received(journal, "run/a.dat", FileState.INCOMPLETE, done=158, total=160)
    shown = command("explain", "run/a.dat").out
    assert "Received by task XRD here from topic xrd" in shown
    assert "parts     158 of 160" in shown and "missing   159, 160" in shown
    assert "offsets   partition 0, 100 to 270" in shown and "offsets   partition 3, 7 to 9" in shown


def test_explain_finds_a_delivered_file_by_where_it_is(command: CommandLine, journal: Journal, tmp_path: Path) -> None:
    received(journal, "run/a.dat", FileState.DELIVERED, done=2, total=2, local=str(tmp_path / "a.dat"))
    assert explained(command, tmp_path / "a.dat")["files"][0]["path"] == "run/a.dat"


def test_explain_counts_what_lies_in_a_folder(command: CommandLine, journal: Journal, folder: Path) -> None:
    add(journal, folder / "a", "pc/run/a", FileState.FOUND)
    add(journal, folder / "b", "pc/run/b", FileState.WAITING)
    add(journal, folder / "c", "pc/run2/c", FileState.WAITING)
    assert "found" in command("explain", folder).out
    assert explained(command, "pc/run")["below"] == {"found": 1, "waiting": 1}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.tmp", 'left out: default exclusion "*.tmp"'),
        ("b.bak", 'left out: exclude "*.bak"'),
        ("new.xy", "as pc/new.xy; it has not been noticed yet. It is sent after 10 s without change"),
        ("gone.xy", "but there is no such file"),
    ],
)
@pytest.mark.parametrize("known_by", ["settings", "journal"])
def test_explain_says_which_rule_decides_about_an_unknown_file(
    command: CommandLine, folder: Path, name: str, words: str, known_by: str
) -> None:
    if name != "gone.xy":
        (folder / name).write_bytes(b"1")
    if known_by == "settings":
        command.settings.write_text(
            '[[connections]]\nname = "lab"\nkafka = { "bootstrap.servers" = "x:1" }\n'
            f'[[watched_folders]]\nname = "XRD"\npath = "{folder.as_posix()}"\nconnection = "lab"\ntopic = "xrd"\n'
            'subfolder = "pc"\nexclude = ["*.bak"]\n'
        )
    else:
        journal = command.journal()
        watched = WatchedFolder(
            path=folder, connection="x", topic="xrd", subfolder="pc", exclude=("*.bak",), name="XRD"
        )
        details = watched.model_dump_json(by_alias=True)
        journal.set_task(KEY, kind="watch", name="XRD", state=TaskState.RUNNING, details=details)
        journal.close()
        command.settings.write_text("")
    ended = command("explain", folder / name, "--settings", command.settings)
    assert ended.status == 0 and "Task XRD: " in ended.out and words in ended.out


def test_explain_says_when_nothing_is_known(command: CommandLine, tmp_path: Path) -> None:
    ended = command("explain", tmp_path / "x")
    assert ended.status == 1 and "Not known. There is no such file here" in ended.out
    assert "Nothing is streaming" in ended.out


# -- requests


@pytest.mark.usefixtures("streaming")
def test_a_request_waits_for_the_answer_of_the_one_that_streams(
    command: CommandLine, journal: Journal, folder: Path
) -> None:
    (folder / "a").touch()
    asked: list[tuple[str, str, str, str]] = []
    done = threading.Event()

    def serve() -> None:
        mine = command.journal()
        while not done.wait(0.02):
            for request in mine.open_requests():
                asked.append((request.kind, request.task, request.path, request.argument))
                mine.answer(request.id, f"{request.kind} done.")
        mine.close()

    server = threading.Thread(target=serve)
    server.start()
    try:
        for arguments in (
            ["rescan", "XRD"],
            ["retry"],
            ["decide", str(folder / "a"), "--send"],
            ["reload"],
            ["ignore", "x/y"],
        ):
            ended = command(*arguments)
            assert (ended.status, ended.err) == (0, f"{arguments[0]} done.\n")
    finally:
        done.set()
        server.join()
    assert asked == [
        ("rescan", "XRD", "", ""),
        ("retry", "", "", ""),
        ("decide", "", str(folder / "a"), "send"),
        ("reload", "", "", ""),
        ("ignore", "", "x/y", ""),
    ]


@pytest.mark.usefixtures("streaming")
def test_a_request_that_is_not_answered_stays(
    command: CommandLine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openmsi_desktop.streaming.control.ANSWER_S", 0.05)
    ended = command("pause", "XRD", "--until", "2099-01-01T10:00:00+00:00")
    assert ended.status == 0 and "has not answered yet" in ended.err
    (request,) = journal.open_requests()
    assert (request.kind, request.task, float(request.argument)) == ("pause", "XRD", 4_070_944_800.0)


def test_pause_resume_and_ignore_work_while_nobody_streams(command: CommandLine, journal: Journal) -> None:
    assert command("pause", "XRD").status == 0
    assert [t.paused_until for t in journal.tasks()] == [UNTIL_RESUMED]
    (task,) = json.loads(command("status", "--json").out)["tasks"]
    assert task["paused"] and task["paused_until"] is None
    assert "Resumed: XRD" in command("resume").err
    assert [t.paused_until for t in journal.tasks()] == [None]
    journal.add_problem(KEY, "Cannot read", "", path="a/b")
    assert "1 problem" in command("ignore", "a/b").err and journal.problems() == []
    assert journal.open_requests() == []


@pytest.mark.parametrize("arguments", [["rescan"], ["retry"], ["decide", "x", "--skip"], ["reload"]])
def test_other_requests_need_somebody_who_streams(command: CommandLine, journal: Journal, arguments: list[str]) -> None:
    ended = command(*arguments)
    assert ended.status == 1 and "Nothing is running" in ended.err
    assert journal.open_requests() == []


def test_one_off_uploads_are_not_paused(command: CommandLine, journal: Journal) -> None:
    journal.set_task("send:t", kind="one-off", name="send to t", state=TaskState.STOPPED)
    assert command("pause").err == "Paused: XRD.\n"
    assert {t.name: t.paused_until for t in journal.tasks()} == {"XRD": UNTIL_RESUMED, "send to t": None}


@pytest.mark.usefixtures("streaming")
def test_nothing_is_tried_again_that_nobody_knows(command: CommandLine, journal: Journal) -> None:
    ended = command("retry", "foo")
    assert ended.status == 1 and "Nothing is known about foo." in ended.err and journal.open_requests() == []


def test_columns_stay_in_line_with_a_short_name(command: CommandLine, journal: Journal, folder: Path) -> None:
    add(journal, folder / "a.xy", "a.xy", FileState.PROBLEM)
    add(journal, folder / "b.xy", "b.xy", FileState.PROBLEM)
    header, first, *_ = command("files").out.splitlines()
    assert header.index("state") == first.index("problem")
    assert "2 problems" in command("status").out


def test_an_unknown_task_is_refused_with_the_nearest_name(command: CommandLine, journal: Journal) -> None:
    ended = command("pause", "XRF")
    assert ended.status == 3 and 'Did you mean "XRD"?' in ended.err


def test_a_clock_time_means_the_next_one() -> None:
    now = datetime(2026, 11, 21, 18, 30).astimezone()
    assert datetime.fromtimestamp(parse_until("19:00", now=now)) == datetime(2026, 11, 21, 19)
    assert datetime.fromtimestamp(parse_until("17:00", now=now)) == datetime(2026, 11, 22, 17)
    assert datetime.fromtimestamp(parse_until("2026-12-01", now=now)) == datetime(2026, 12, 1)
    for wrong in ("25:00", "7", "soon", "2026-11-20"):
        with pytest.raises(typer.BadParameter):
            parse_until(wrong, now=now)


# -- receipts


@pytest.fixture
def arrived(journal: Journal, folder: Path) -> Path:
    """Of two files that were sent one is at two places, and an earlier version of it at one."""
    details = WatchedFolder(path=folder, connection="x", topic="xrd", name="XRD", receipts=True).model_dump_json()
    journal.set_task(KEY, kind="watch", name="XRD", state=TaskState.RUNNING, details=details)
    for name in ("a.xy", "b.xy"):
        mark_sent(journal, add(journal, folder / name, name, FileState.WAITING))
    files = OutgoingFiles(journal, KEY, "xrd")
    row = files.known(["a.xy"])["a.xy"]
    journal.execute("INSERT INTO replaced VALUES (?, 6, ?, 3, 9e8, NULL)", row.id, b"\xcd" * 64)
    bucket = Place("bucket", "lab-bucket", "s3://raw/xrd/a.xy", "hpc-1")
    plain = Receipt("xrd", "a.xy", b"\xab" * 64, 4, 7, "a" * 32, 1.7e9, bucket, "b" * 32)
    pc = Place("folder", "received", "", "hpc-1")
    with journal.transaction():
        Arrivals(files, installation="a" * 32).take(
            [
                plain,
                replace(plain, place=pc, at=1.7e9 + 60),
                replace(plain, place=pc, sha512=b"\xcd" * 64, size=3, version=6, at=1.6e9),
            ]
        )
    return folder


@pytest.mark.usefixtures("arrived")
def test_files_and_status_count_what_has_arrived(command: CommandLine) -> None:
    listed = [json.loads(line) for line in command("files", "--state", "arrived", "--json").out.splitlines()]
    assert [(row["path"], row["state"], row["reason"]) for row in listed] == [
        ("a.xy", "arrived", "at bucket lab-bucket and on PC hpc-1")
    ]
    assert "1 arrived" in command("status").out


def test_explain_says_who_has_a_file_and_since_when(command: CommandLine, arrived: Path) -> None:
    shown = command("explain", arrived / "a.xy").out
    assert "at bucket lab-bucket (s3://raw/xrd/a.xy), " in shown
    assert "on PC hpc-1 (folder received), " in shown
    assert "version 6 arrived on PC hpc-1" in shown
    (file,) = explained(command, arrived / "a.xy")["files"]
    assert [(a["place"], a["at"], a["current"]) for a in file["arrivals"]] == [
        ("on PC hpc-1", 1.6e9, False),
        ("at bucket lab-bucket", 1.7e9, True),
        ("on PC hpc-1", 1.7e9 + 60, True),
    ]


def test_explain_says_that_there_is_no_receipt_yet_and_why(
    command: CommandLine, arrived: Path, journal: Journal
) -> None:
    assert "arrived   no receipt yet\n" in command("explain", arrived / "b.xy").out
    note = 'there is no topic "xrd.receipts"'
    task_health.write(journal, {KEY: TaskHealth(receipts="absent", receipts_note=note)})
    assert f"arrived   no receipt yet: {note}" in command("explain", arrived / "b.xy").out
