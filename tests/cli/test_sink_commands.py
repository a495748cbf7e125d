"""``transfer`` and ``process`` before anything is streamed: which task they make of their options, and wrong usage."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from servers.command_line import CommandLine, Ended

from openmsi_desktop.cli import running, text
from openmsi_desktop.cli.common import Common
from openmsi_desktop.cli.output import Output
from openmsi_desktop.core.events import FileEvent, FileState
from openmsi_desktop.settings import Bucket, Processor, Settings
from openmsi_desktop.streaming.keys import kind_of, task_key

NOWHERE = ("--bootstrap", "localhost:1")
SETTINGS = """
[[connections]]
name = "lab"
kafka = { "bootstrap.servers" = "localhost:1" }
[[buckets]]
name = "archive"
bucket = "lab-archive"
endpoint_url = "https://s3.example.org"
access_key_id = "lab"
credential = "lab-bucket"
jobs = 3
"""


@pytest.fixture
def made(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that commands make of their options; nothing is streamed."""
    seen: list[Settings] = []

    def stream(_: Common, settings: Settings, __: Output, **more: object) -> int:
        seen.append(settings)
        return 0

    monkeypatch.setattr(running, "stream", stream)
    command.settings.write_text(SETTINGS)
    monkeypatch.setenv("OPENMSI_SETTINGS", str(command.settings))
    return seen


def bucket_of(settings: Settings) -> Bucket:
    (bucket,) = settings.buckets
    assert settings.downloads[0].sinks == (bucket.name,) and kind_of(settings.downloads[0], settings) == "transfer"
    return bucket


def processor_of(settings: Settings) -> Processor:
    (processor,) = settings.processors
    assert settings.downloads[0].sinks == (processor.name,) and kind_of(settings.downloads[0], settings) == "process"
    return processor


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["transfer", "t", *NOWHERE], "--bucket"),
        (["transfer", "--bucket", "lab", *NOWHERE], "TOPIC"),
        (["transfer", "a/b", "--bucket", "lab", *NOWHERE], '"a/b" cannot be a topic'),
        (["transfer", "t", "--bucket", "https://s3.example.org/lab", *NOWHERE], "an option of its own: --endpoint-url"),
        (["transfer", "t", "--bucket", "", *NOWHERE], "cannot be a bucket"),
        (["transfer", "t", "--bucket", "lab", "--endpoint-url", "s3.example.org", *NOWHERE], "https://s3.example.org"),
        (["transfer", "t", "--bucket", "lab", "--object-key", "{pth}", *NOWHERE], "--object-key"),
        (["transfer", "t", "--bucket", "lab", "--if-exists", "overwrite", *NOWHERE], "--if-exists"),
        (["transfer", "t", "--bucket", "lab", "--checksum", "md5", *NOWHERE], "--checksum"),
        (["transfer", "t", "--bucket", "lab", "--addressing", "dns", *NOWHERE], "--addressing"),
        (["transfer", "t", "--bucket", "lab", "--jobs", "0", *NOWHERE], "--jobs"),
        (["transfer", "t", "--bucket", "lab", "--access-key-id", "me", *NOWHERE], '"credential" is missing'),
        (["transfer", "t", "--bucket", "lab", "--credential", "x", *NOWHERE], "--kafka-credential"),
        (["process", "t", *NOWHERE], "say what to run on each file"),
        (["process", "t", *NOWHERE, "--"], "say what to run on each file"),
        (["process", *NOWHERE, "--", "true"], "TOPIC"),
        (["process", "t", *NOWHERE, "--class", "a:B", "--", "true"], "choose one of --class and a program"),
        (["process", "t", *NOWHERE, "--option", "a=1", "--", "true"], '"options" are for a "class"'),
        (["process", "t", *NOWHERE, "--class", "a:B", "--option", "width"], "KEY=VALUE"),
        (["process", "t", "--to", "t", *NOWHERE, "--", "true"], "cannot go to the same topic"),
        (["process", "a", "t", "--to", "t", *NOWHERE, "--", "true"], "cannot go to the same topic"),
        (["process", "t", "--to", "a b", *NOWHERE, "--", "true"], '"a b" cannot be a topic'),
        (["process", "t", *NOWHERE, "--", "", "{file}"], "PROGRAM: the program has no name"),
        (["process", "t", *NOWHERE, "--", "cat", "{fil}"], "did you mean {file}?"),
        (["process", "t", *NOWHERE, "--", "sh", "-c", "cat {file}"], "would take parts of a file name for commands"),
        (["process", "t", *NOWHERE, "--", "no-such-program", "{file}"], "no program no-such-program on the PATH"),
        (["process", "t", *NOWHERE, "--", "./nothing.sh"], "there is no program ./nothing.sh: /"),
        (["process", "t", *NOWHERE, "--folder", "{there}", "--", "./a.dat"], "is not a folder; nothing was run"),
        (["process", "t", *NOWHERE, "--", "{folder}/a.sh"], "but nobody may execute it"),
        (["process", "t", *NOWHERE, "--class", "a:B", "--python", "{folder}/python"], "for --python"),
        (["process", "t", *NOWHERE, "--time-limit", "0", "--", "true"], "--time-limit"),
        (["process", "t", *NOWHERE, "--tries", "0", "--", "true"], "--tries"),
        (["process", "t", "--try", "{folder}", "--", "true"], "is not a file; nothing was run"),
        (["process", "t", "--try", "{folder}/none", "--", "true"], "does not exist; nothing was run"),
        (["process", "t", "--keep", "{folder}", "--", "true"], "it belongs to --try"),
        (["process", "t", *NOWHERE, "--env", "HOME", "--", "true"], "KEY=VALUE"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_helpful_sentence(
    command: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr(
        running, "stream", lambda *_, **__: 0
    )  # what is taken for right usage must not wait for a broker
    (tmp_path / "a.dat").write_bytes(b"x")
    (command.home / "a.sh").write_text("#!/bin/sh\n")
    names = {"there": str(tmp_path / "a.dat"), "folder": str(command.home)}
    ended = command(*(a.replace("{there}", names["there"]).replace("{folder}", names["folder"]) for a in arguments))
    assert ended.status == 2, ended
    assert words in ended.err and ended.out == ""


def test_a_bucket_of_the_settings_is_taken_by_its_name(command: CommandLine, made: list[Settings]) -> None:
    assert command("transfer", "xrd", "--bucket", "archive").status == 0
    bucket = bucket_of(made[0])
    assert (bucket.name, bucket.bucket, bucket.credential, bucket.jobs) == ("archive", "lab-archive", "lab-bucket", 3)
    assert command("transfer", "xrd", "--bucket", "archive", "--jobs", "1", "--if-exists", "skip").status == 0
    changed = bucket_of(made[1])
    assert (changed.endpoint_url, changed.jobs, changed.if_exists) == ("https://s3.example.org", 1, "skip")


def test_other_objects_of_a_known_bucket_are_stored_from_the_beginning(
    command: CommandLine, made: list[Settings]
) -> None:
    for more in ([], ["--object-key", "raw/{path}"], ["--checksum", "read-back"], ["--region", "x"]):
        assert command("transfer", "xrd", "--bucket", "archive", *more).status == 0
    assert [bucket_of(s).name == "archive" for s in made] == [True, False, True, True]


def test_any_other_bucket_is_what_the_options_say(command: CommandLine, made: list[Settings]) -> None:
    ended = command(
        *("transfer", "xrd", "sem", "--bucket", "lab-data", "--endpoint-url", "http://localhost:7070", "--receipts"),
        *("--access-key-id", "me", "--credential", "keys", "--kafka-credential", "broker", "--include", "*.xy"),
        *("--object-key", "raw/{path}", "--spool-limit", "5000", "--checksum", "read-back", "--group", "two"),
    )
    assert ended.status == 0, ended
    bucket, task = bucket_of(made[0]), made[0].downloads[0]
    assert (bucket.bucket, bucket.object_key, bucket.checksum) == ("lab-data", "raw/{path}", "read-back")
    assert (bucket.access_key_id, bucket.credential) == ("me", "keys")
    assert made[0].connections[0].credential == "broker"
    assert (task.topics, task.include, task.group) == (("xrd", "sem"), ("*.xy",), "two")
    assert (task.receipts, task.spool_limit, task.title) == (True, 5000, "xrd")


def test_files_go_into_another_bucket_from_the_beginning(command: CommandLine, made: list[Settings]) -> None:
    """The task in the journal is another one; the same command, and one with another key, goes on where it was."""
    base = ["transfer", "xrd", "--bucket", "lab-data"]
    elsewhere = ["--endpoint-url", "http://localhost:7070"]
    others: list[list[str]] = [[], elsewhere, ["--object-key", "raw/{path}"], ["--name", "mine"]]
    for more in others:
        assert command(*base, *more).status == 0
    keys = {task_key(s.downloads[0]) for s in made}
    assert len(keys) == len(others)
    for more in (
        ["--jobs", "2"],
        [*elsewhere, "--access-key-id", "me", "--credential", "x"],
        ["--name", "mine", *elsewhere],
    ):
        assert command(*base, *more).status == 0
    assert {task_key(s.downloads[0]) for s in made} == keys


def test_what_is_behind_the_dashes_is_the_programs_alone(command: CommandLine, made: list[Settings]) -> None:
    arguments = ["sh", "-c", 'cat "$1"', "--", "{file}", "--json", "", "a b"]
    ended = command("process", "xrd", "--to", "results", "--tries", "7", *NOWHERE, "--env", "A=b=c", "--", *arguments)
    assert ended.status == 0, ended
    processor = processor_of(made[0])
    assert list(processor.command) == arguments
    assert (processor.result_topic, processor.tries, processor.environment) == ("results", 7, {"A": "b=c"})
    assert (processor.folder, processor.time_limit_s) == (str(Path.cwd()), 3600)
    here = Path(os.path.relpath(sys.executable))
    assert command("process", "xrd", *NOWHERE, "--folder", command.home, "--", here, "plot.py").status == 0
    assert list(processor_of(made[1]).command) == [os.path.abspath(here), "plot.py"]
    assert processor_of(made[1]).folder == str(command.home)
    assert processor_of(made[1]).name.startswith("plot.py [")


def test_a_class_gets_its_options_as_what_they_are(command: CommandLine, made: list[Settings]) -> None:
    options = ["width=0.5", "most=12", "smooth=true", "sample=Si 640", 'label="7"', "path=C:\\x"]
    given = [word for option in options for word in ("--option", option)]
    ended = command("process", "xrd", "--class", "peaks:Peaks", "--python", sys.executable, *given, "--jobs", "2")
    assert ended.status == 0, ended
    processor = processor_of(made[0])
    assert (processor.class_, processor.python, processor.jobs) == ("peaks:Peaks", sys.executable, 2)
    assert made[0].connections[0].credential == ""
    assert processor.options == {
        "width": 0.5, "most": 12, "smooth": True, "sample": "Si 640", "label": "7", "path": "C:\\x",
    }  # fmt: skip


def test_the_brokers_password_has_one_name_with_every_command(command: CommandLine, made: list[Settings]) -> None:
    word = ("--kafka-credential", "broker")
    assert command("transfer", "xrd", "--bucket", "archive", *word).status == 0
    assert command("process", "xrd", *word, "--", "cat", "{file}").status == 0
    assert command("download", "xrd", "--target", command.home / "in", *word).status == 0
    assert [s.connections[0].credential for s in made] == ["broker"] * 3


def test_an_environment_may_be_named_by_its_folder(command: CommandLine, made: list[Settings]) -> None:
    here = os.path.relpath(sys.prefix)
    assert command("process", "xrd", "--class", "peaks", "--python", here, "--memory-limit", "5000").status == 0
    processor = processor_of(made[0])
    assert (processor.python, processor.class_, processor.memory_limit) == (os.path.abspath(here), "peaks", 5000)


def test_another_program_works_through_the_topic_anew(command: CommandLine, made: list[Settings]) -> None:
    cat = shutil.which("cat") or ""
    long = ["sh", "-c", "x" * 100]
    for more in (["--", "cat", "{file}"], ["--", cat, "{file}"], ["--", *long], ["--", *long, "1"], ["--class", "a:B"]):
        assert command("process", "xrd", *more).status == 0
    assert command("process", "xrd", "--class", "a:B", "--option", "width=2").status == 0
    names = [processor_of(s).name for s in made]
    assert [name.partition(" [")[0] for name in names] == ["cat", "cat", "sh", "sh", "a:B", "a:B"]
    assert names[4] == "a:B" and len(set(names)) == len(names)
    assert command("process", "xrd", "--tries", "9", "--", "cat", "{file}").status == 0
    assert task_key(made[-1].downloads[0]) == task_key(made[0].downloads[0])


def test_another_script_of_the_same_name_works_through_the_topic_anew(
    command: CommandLine, made: list[Settings]
) -> None:
    for number in "12":
        (folder := command.home / number).mkdir()
        (folder / "plot.py").touch()
        for what in (["--class", "plot:Plot"], ["--", sys.executable, "plot.py", "{file}"]):
            assert command("process", "xrd", "--folder", folder, *what).status == 0
    whole = command.home / "1" / "plot.py"
    assert command("process", "xrd", "--folder", command.home, "--", sys.executable, whole, "{file}").status == 0
    names = [processor_of(s).name for s in made]
    assert [name.partition(" [")[0] for name in names] == ["plot:Plot", "plot.py"] * 2 + ["plot.py"]
    assert names[4] == names[1] and len(set(names)) == 4


def test_files_are_called_stored_or_processed() -> None:
    at = FileEvent(task="t", path="a.xy", state=FileState.DELIVERED, size=2000, local="s3://lab/t/a.xy")
    assert text.sentence(at) == "Stored a.xy as s3://lab/t/a.xy, 2 kB"
    done = FileEvent(task="t", path="a.xy", local="", state=FileState.DELIVERED, size=2000)
    assert text.sentence(done, done=text.PROCESSED) == "Processed a.xy, 2 kB"
    counts = {FileState.DELIVERED: 12, FileState.RECEIVED: 1}
    told = text.total(counts, problems=0, quarantined=0, sends=False, receives=True, done=text.STORED)
    assert told == "12 files stored, 1 received but not stored, 0 problems"


SCRIPT = """
import json, os, sys
print(json.dumps({"path": sys.argv[2], "bytes": os.path.getsize(sys.argv[1])}))
print("a word", file=sys.stderr)
open(os.path.join(sys.argv[3], "table.csv"), "w").write("1,2")
sys.exit(int(sys.argv[4]))
"""


@pytest.fixture
def tried(command: CommandLine) -> Callable[..., Ended]:
    """``tried(status, option…)`` tries a program that ends with a status on a file of 1234 bytes."""
    script, sample = command.home / "plot.py", command.home / "scan.xy"
    script.write_text(SCRIPT)
    sample.write_bytes(b"1" * 1234)
    program = [sys.executable, str(script), "{file}", "{relative_path}", "{output_dir}"]
    return lambda status, *more: command("process", "xrd", "--try", sample, *more, "--", *program, str(status))


def test_a_program_is_tried_on_a_file(command: CommandLine, tried: Callable[..., Ended]) -> None:
    ended = tried(0, "--to", "plots", "--keep", command.home / "kept")
    assert ended.status == 0, ended
    first, *lines = ended.out.splitlines()
    assert first.startswith("Tried scan.xy: it worked, in ")
    assert "  a word" in lines and "To topic plots it would send:" in lines
    assert '  _scan.xy_chunk_processing_result: {"path": "scan.xy", "bytes": 1234}' in lines, ended
    assert "  the file table.csv, 3 B" in lines
    assert (command.home / "kept" / "table.csv").read_text() == "1,2"
    assert not (command.data / "journal.db").exists()


def test_a_program_that_fails_is_shown_with_what_it_said(tried: Callable[..., Ended]) -> None:
    ended = tried(3)
    assert ended.status == 1 and ended.out.startswith("Tried scan.xy: it failed, in "), ended
    assert "  a word" in ended.out and "failed with exit status 3" in ended.err
    told = json.loads(tried(3, "--json").out)
    assert (told["ok"], told["results"]) == (False, []) and "exit status 3" in told["title"]
    told = json.loads(tried(0, "--json").out)
    assert told["ok"] and told["files"] == [{"path": "table.csv", "size": 3}]
    assert [json.loads(r["value"])["bytes"] for r in told["results"]] == [1234]
