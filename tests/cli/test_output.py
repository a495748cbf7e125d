"""What a command prints: JSON that keeps the contract, sentences, and a total as the last line."""

from __future__ import annotations

import dataclasses
import io
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.cli.output import Output
from openmsi_desktop.cli.tally import Tally
from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.events import (
    Event,
    FileEvent,
    FileState,
    ProblemEvent,
    QuarantinedEvent,
    ReadyEvent,
    TaskEvent,
    TaskState,
)

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "events.schema.json").read_text(encoding="utf-8"))


def file(path: str = "a.dat", state: FileState = FileState.SENT, **more: Any) -> FileEvent:
    return FileEvent(**{"task": "XRD", "path": path, "local": f"/data/{path}", "state": state, "size": 1500, **more})


EVERY_EVENT: list[Event] = [
    *(file(state=state) for state in FileState),
    file(state=FileState.SENT, sha512="ab" * 64, topic="xrd"),
    file(state=FileState.SENDING, chunks_done=3, chunks_total=10),
    file(state=FileState.INCOMPLETE, size=None, reason="no more chunks came", missing=(1, 7)),
    FileEvent(path="a", local="/a", state=FileState.IGNORED, reason='default exclusion "*.tmp"'),
    ProblemEvent(title="Cannot read a.dat", advice="Check its rights.", path="a.dat", retry_at=datetime.now(UTC)),
    ProblemEvent(task="XRD", title="Cannot reach the broker"),
    QuarantinedEvent(task="XRD", topic="xrd", partition=1, offset=2, reason="not msgpack"),
    *(TaskEvent(task="XRD", state=state) for state in TaskState),
    TaskEvent(task="XRD", state=TaskState.WAITING, title="Sign-in refused", advice="Check the password."),
    ReadyEvent(task="XRD"),
]


@dataclasses.dataclass
class Screen:
    """An Output and what it wrote."""

    output: Output
    out: io.StringIO
    err: io.StringIO

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


def screen(**options: Any) -> Screen:
    out, err = io.StringIO(), io.StringIO()
    return Screen(Output(out=out, err=err, **options), out, err)


@pytest.mark.parametrize("event", EVERY_EVENT, ids=lambda e: f"{type(e).__name__}-{getattr(e, 'state', '')}")
def test_every_event_keeps_the_schema(event: Event) -> None:
    shown = screen(as_json=True)
    shown.output(event)
    (line,) = shown.objects
    jsonschema.validate(line, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert datetime.fromisoformat(line["time"]).utcoffset() is not None


def test_the_schema_refuses_what_is_not_in_the_contract() -> None:
    good = {
        "event": "file",
        "time": "2026-11-21T10:00:00+00:00",
        "path": "a",
        "local": "/a",
        "state": "sent",
        "size": 1,
    }
    jsonschema.validate(good, SCHEMA)
    for change in ({"state": "gone"}, {"event": "fiel"}, {"size": "1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(good | change, SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({key: value for key, value in good.items() if key != "local"}, SCHEMA)


def test_the_summary_is_the_last_line_and_counts_by_state() -> None:
    shown = screen(as_json=True, monotonic=iter([100.0, 107.5]).__next__)
    for event in (
        file("a"),
        file("b", FileState.SENDING),
        file("b"),
        file("b", FileState.CHECKED),
        file("c", FileState.IGNORED),
    ):
        shown.output(event)
    shown.output(QuarantinedEvent(topic="t", partition=0, offset=0, reason="r"))
    shown.output.finish()
    shown.output(file("too late"))
    shown.output.finish()
    summary = shown.objects[-1]
    jsonschema.validate(summary, SCHEMA)
    assert len(shown.lines) == 7
    assert (summary["event"], summary["sent"], summary["checked"], summary["ignored"]) == ("summary", 1, 1, 1)
    assert summary["counts"] == {"sent": 1, "checked": 1, "ignored": 1}
    assert (summary["problems"], summary["quarantined"], summary["bytes"], summary["seconds"]) == (0, 1, 3000, 7.5)


def test_results_are_sentences_with_a_total_in_words() -> None:
    shown = screen(sends=True)
    for name in ("a", "b", "c"):
        shown.output(file(name, FileState.FOUND))
        shown.output(file(name, FileState.SENDING, chunks_done=1, chunks_total=2))
        shown.output(file(name))
    shown.output(file("d", FileState.CHANGED, reason="its size changed"))
    shown.output(file("e", FileState.CHANGED))
    shown.output.finish()
    assert shown.lines == [
        "Sent a, 1.5 kB",
        "Sent b, 1.5 kB",
        "Sent c, 1.5 kB",
        "Changed while it was being sent: d: its size changed",
        "Changed while it was being sent: e",
        "3 files sent, 2 changed while sending, 0 problems",
    ]
    assert shown.err.getvalue() == ""


def test_a_reader_tells_what_is_incomplete_and_what_is_missing() -> None:
    shown = screen(receives=True)
    shown.output(file("a", FileState.DELIVERED, local="/down/a"))
    shown.output(file("b", FileState.INCOMPLETE, chunks_done=158, chunks_total=160, missing=(7, 9)))
    shown.output(QuarantinedEvent(topic="xrd", partition=0, offset=12, reason="The message is not msgpack"))
    shown.output.finish()
    assert shown.lines == [
        "Delivered a as /down/a, 1.5 kB",
        "Incomplete b, part 158 of 160; missing: 7, 9",
        "Rejected a message (topic xrd, partition 0, offset 12): The message is not msgpack",
        "1 file delivered, 1 incomplete, 1 message rejected, 0 problems",
    ]


def test_problems_go_to_standard_error_with_advice() -> None:
    shown = screen(sends=True)
    shown.output(
        TaskEvent(task="XRD", state=TaskState.WAITING, title="Cannot reach the broker", advice="Trying again in 5 s.")
    )
    shown.output(
        TaskEvent(task="XRD", state=TaskState.WAITING, title="Cannot reach the broker", advice="Trying again in 9 s.")
    )
    shown.output(ProblemEvent(task="XRD", title="Cannot read a.dat", advice="Check its rights.", path="a.dat"))
    shown.output.finish()
    assert shown.err.getvalue().splitlines() == [
        "waiting: Cannot reach the broker. Trying again in 5 s.",
        "Cannot read a.dat. Check its rights. (a.dat)",
    ]
    assert shown.lines == ["0 files sent, 1 problem"]


def test_the_error_that_ends_a_command_is_told_in_both_ways() -> None:
    error = NeedsYou("Topic xrd does not exist", "Create it.")
    shown = screen(as_json=True)
    shown.output.error(error)
    shown.output.finish()
    assert [o["event"] for o in shown.objects] == ["problem", "summary"] and shown.objects[-1]["problems"] == 1
    assert shown.err.getvalue() == "Topic xrd does not exist. Create it.\n"


def test_quiet_output_keeps_problems_and_the_total() -> None:
    shown = screen(sends=True, quiet=True)
    shown.output(file("a"))
    shown.output(file("b", FileState.PROBLEM, reason="no right to read"))
    shown.output.finish()
    assert shown.lines == ["Problem with b: no right to read", "1 file sent, 1 problem"]


@pytest.mark.parametrize(("verbosity", "expected"), [(0, 1), (1, 3), (2, 4)])
def test_more_is_told_on_demand(verbosity: int, expected: int) -> None:
    shown = screen(verbosity=verbosity)
    for state in (FileState.FOUND, FileState.WAITING, FileState.SENDING, FileState.SENT):
        shown.output(file(state=state))
    assert len(shown.lines) == expected


def test_a_file_that_takes_the_place_of_another_is_told_to_everybody() -> None:
    shown = screen()
    shown.output(file("a", FileState.FOUND, reason="readers put it in the place of /b/a"))
    assert shown.lines == ["Found a, 1.5 kB: readers put it in the place of /b/a"]


def test_several_tasks_are_told_apart() -> None:
    shown = screen()
    shown.output.name_tasks()
    shown.output(file("a"))
    assert shown.lines == ["XRD: Sent a, 1.5 kB"]


def test_a_name_cannot_garble_the_terminal() -> None:
    shown = screen()
    shown.output(file("a\nSent b\x1b[2J\udc80ü"))
    assert shown.lines == ["Sent a\\nSent b\\x1b[2J\\udc80ü, 1.5 kB"]
    as_json = screen(as_json=True)
    as_json.output(file("a\n\udc80"))
    assert as_json.out.getvalue().isascii() and as_json.objects[0]["path"] == "a\n\udc80"


def test_lines_of_many_threads_stay_whole() -> None:
    shown = screen(as_json=True)

    def tell(thread: int) -> None:
        for number in range(50):
            shown.output(file(f"{thread}/{number}"))

    threads = [threading.Thread(target=tell, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shown.output.finish()
    assert len(shown.objects) == 401 and shown.objects[-1]["sent"] == 400


@not_on_windows(Needs.TERMINALS)
def test_a_reader_of_the_output_that_goes_away_does_no_harm() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="utf-8") as out:
        output = Output(as_json=True, out=out, err=io.StringIO())
        output(file("a"))
        os.close(reading)
        for name in ("b", "c"):
            output(file(name))
        output.finish()


def test_a_problem_that_is_solved_is_not_counted() -> None:
    tally = Tally()
    tally.add(ProblemEvent(task="XRD", title="Cannot read", path="a"))
    tally.add(ProblemEvent(task="XRD", title="Cannot read", path="a"))
    tally.add(ProblemEvent(task="XRD", title="Cannot reach"))
    assert tally.problems == 2
    tally.add(file("a"))
    tally.add(ReadyEvent(task="XRD"))
    assert tally.problems == 0


def test_memory_stays_bounded_and_results_are_counted_all_the_same() -> None:
    tally = Tally(kept=2)
    for number in range(10):
        tally.add(file(str(number), FileState.FOUND))
    for number in range(10):
        tally.add(file(str(number)))
    assert tally.counts[FileState.SENT] == 10 and tally.counts[FileState.FOUND] == 0
    assert tally.unfinished == 0


@not_on_windows(Needs.TERMINALS)
def test_bars_are_on_standard_error_only_and_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    reading, writing = os.openpty()
    with open(writing, "w", encoding="utf-8") as terminal:
        out = io.StringIO()
        output = Output(sends=True, follows=True, out=out, err=terminal)
        output(ReadyEvent(task="XRD"))
        for done in range(0, 11, 5):
            output(file("big.dat", FileState.SENDING, chunks_done=done, chunks_total=10))
        output(file("big.dat"))
        output.message("something to know")
        output.finish()
        seen = os.read(reading, 1_000_000).decode()
    os.close(reading)
    assert out.getvalue().splitlines() == ["Sent big.dat, 1.5 kB", "1 file sent, 0 problems"]
    assert "\x1b[" in seen and "something to know" in seen and "XRD is running. Ctrl-C stops it" in seen


def test_without_a_terminal_there_are_no_bars() -> None:
    shown = screen(sends=True)
    for done in range(11):
        shown.output(file("big.dat", FileState.SENDING, chunks_done=done, chunks_total=10))
    shown.output.finish()
    assert shown.err.getvalue() == "" and "\x1b" not in shown.out.getvalue()


def test_a_problem_of_a_file_outlives_that_it_was_sent_and_ends_when_it_is_checked() -> None:
    shown = screen(sends=True)
    shown.output(file("a"))
    shown.output(ProblemEvent(task="XRD", title="a could not be checked", path="a"))
    shown.output(ProblemEvent(task="XRD", title="The broker is slow"))
    assert shown.output.file_problems == 1
    shown.output(file("a", FileState.CHECKED))
    assert shown.output.file_problems == 0


def test_a_watcher_says_once_that_it_watches_and_which_file_lacks_its_marker() -> None:
    shown = screen(sends=True, follows=True)
    shown.output.announce("Watching /data/xrd for topic t; stop with Ctrl-C.")
    for _ in range(2):
        shown.output(ReadyEvent(task="XRD"))
    shown.output(file("a", FileState.WAITING, reason="still being written (last change 1 s ago)"))
    shown.output(file("b", FileState.WAITING, reason="waits for its marker b.done"))
    shown.output(file("c", FileState.CHANGED))
    assert shown.err.getvalue() == "Watching /data/xrd for topic t; stop with Ctrl-C.\n"
    assert shown.lines == ["Waiting: b waits for its marker b.done", "Changed after it was sent: c"]


@pytest.mark.parametrize(
    ("advice", "final"),
    [
        ("", ""),
        ("Nothing is lost; it is tried again by itself.", "Nothing is lost. "),
        ("Nothing is lost, and it goes on by itself once this is put right. Ask.", "Nothing is lost. Ask. "),
        ("Set the clock; sending goes on by itself.", "Set the clock. "),
    ],
)
def test_a_command_that_ended_promises_nothing(advice: str, final: str) -> None:
    shown = screen(as_json=True)
    shown.output(TaskEvent(task="send", state=TaskState.FAILED, title="No", advice=advice))
    assert shown.objects[0]["advice"] == final + "Give the same command again once this is put right."
