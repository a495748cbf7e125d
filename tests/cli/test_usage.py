"""What happens before anything is streamed: help, mistakes on the command line and in settings, dry runs, logs."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from servers.command_line import CommandLine
from servers.parts import ROOT

from openmsi_desktop import logs
from openmsi_desktop.cli import app, exits
from openmsi_desktop.core.errors import ChunkError, NeedsYou, RetryableError, SettingsError

NOWHERE = ("--bootstrap", "localhost:1")
HEAVY = ("confluent_kafka", "pydantic", "keyring", "rich", "tomlkit", "watchdog", "platformdirs", "PySide6")
LAB = '[[connections]]\nname = "lab"\nkafka = { "bootstrap.servers" = "localhost:1" }\n'


def test_help_imports_nothing_that_is_slow() -> None:
    script = (
        "import sys, openmsi_desktop.cli.app as app\n"
        "app.main(['--help'])\n"
        f"sys.exit(', '.join(m for m in {HEAVY} if m in sys.modules) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"imported for --help: {done.stderr}"


def test_a_command_imports_no_other_one() -> None:
    script = (
        "import sys, openmsi_desktop.cli.app as app\n"
        "app.main(['send', '--help'])\n"
        "names = [m for m in sys.modules if m.startswith('openmsi_desktop.cli.')]\n"
        "sys.exit(', '.join({'openmsi_desktop.cli.' + n for n in ('check', 'explain', 'status')} & set(names)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"imported for send: {done.stderr}"


def test_a_command_that_does_not_exist_is_guessed(command: CommandLine) -> None:
    ended = command("snd", "file.dat")
    assert ended.status == 2
    assert "Did you mean 'send'?" in ended.err


def test_every_command_has_help_with_an_example(command: CommandLine) -> None:
    names = app.commands()
    assert {"send", "watch", "download", "run", "status", "files", "explain", "secret"} <= names
    assert {"pause", "resume", "rescan", "retry", "ignore", "decide", "reload"} <= names
    for name in [n for n in names if n != "secret"] + ["secret set", "secret list", "secret delete"]:
        ended = command(*name.split(), "--help")
        assert ended.status == 0
        assert f"openmsi-desktop {name}" in ended.out.split("Options:")[0].split("\n", 1)[1], f"{name} has no example"


def test_the_version_is_printed(command: CommandLine) -> None:
    assert command("--version").out.startswith("openmsi-desktop 0.")


def test_shells_can_complete(monkeypatch: pytest.MonkeyPatch, command: CommandLine) -> None:
    monkeypatch.setenv("_OPENMSI_DESKTOP_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "openmsi-desktop re")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert set(command().out.split()) == {"rescan", "retry", "reprocess", "resume", "reload"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["send", "", "--topic", "t", *NOWHERE], "the path is empty; nothing was sent"),
        (["send", "{there}", "", "--topic", "t", *NOWHERE], "the path is empty; nothing was sent"),
        (["watch", "", "--topic", "t", *NOWHERE], "the path is empty; nothing was sent"),
        (["download", "t", "--target", "", *NOWHERE], "the path is empty; nothing was downloaded"),
        (["send", "{there}", "--topic", "bad topic", *NOWHERE], '"bad topic" cannot be a topic'),
        (["send", "{there}", "--topic", "x" * 250, *NOWHERE], "at most 249"),
        (["download", "t", "a/b", "--target", "{folder}", *NOWHERE], '"a/b" cannot be a topic'),
        (["send", "{there}", "--topic", "t", "--bootstrap", "localhost"], "name the port: localhost:9092"),
        (["send", "{there}", "--topic", "t", "--bootstrap", "a:1,b:"], "name the port: b:9092"),
        (["sned"], "Did you mean 'send'"),
        (["send", "{there}"], "--topic"),
        (["send", "{missing}", "--topic", "t", *NOWHERE], "there is no "),
        (["send", "{there}", "--topic", "t"], "--bootstrap HOST:PORT"),
        (["send", "{there}", "--topic", "t", "--connection", "lab", *NOWHERE], "choose one of"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--subfolder", "../up"], "--subfolder"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--subfolder", "/up"], "--subfolder"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--newer-than", "yesterday"], "--newer-than"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--chunk-size", "0"], "--chunk-size"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--chunk-size", "9999999999"], "--chunk-size"),
        (["send", "{there}", "--topic", "t", *NOWHERE, "--kafka", "acks"], "KEY=VALUE"),
        (["watch", "{missing}", "--topic", "t", *NOWHERE], "does not exist"),
        (["watch", "{there}", "--topic", "t", *NOWHERE], "is not a folder"),
        (["watch", "{folder}", "--topic", "t", *NOWHERE, "--unit", "files"], "--unit"),
        (["watch", "{folder}", "--topic", "t", *NOWHERE, "--every", "0"], "--every"),
        (["watch", "{folder}", "--topic", "t", *NOWHERE, "--if-journal-lost", "no"], "--if-journal-lost"),
        (["download", "t", "--target", "{there}", *NOWHERE], "--target"),
        (["download", "t", "--target", "{folder}", *NOWHERE, "--from", "soon"], "for --from: "),
        (["download", "t", "--target", "{folder}", *NOWHERE, "--if-exists", "overwrite"], "--if-exists"),
        (["files", "--state", "snt"], 'Did you mean "sent"'),
        (["decide", "x"], "--send and --skip"),
        (["reprocess"], "choose one of PATH, --failed and --since"),
        (["reprocess", "a.xy", "--failed"], "choose one of PATH, --failed and --since"),
        (["reprocess", "--since", "yesterday"], "--since"),
        (["pause", "--until", "noon"], "17:00"),
        (["pause", "--until", "2020-01-01"], "has passed"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_helpful_sentence(
    command: CommandLine, tmp_path: Path, arguments: list[str], words: str
) -> None:
    there = tmp_path / "a.dat"
    there.write_bytes(b"x")
    names = {"there": there, "missing": tmp_path / "none", "folder": command.home}
    ended = command(*(a.format(**names) for a in arguments))
    assert ended.status == 2, ended
    assert words in ended.err and ended.out == ""


@pytest.mark.parametrize("as_json", [False, True])
def test_mistakes_in_settings_are_printed_with_their_lines(command: CommandLine, as_json: bool) -> None:
    command.settings.write_text(LAB + '[[downloads]]\ntopics = ["x"]\nconnection = "lap"\ntargt = "/d"\n')
    ended = command("run", "--settings", command.settings, *(["--json"] if as_json else []))
    assert ended.status == 3
    assert f"{command.settings}:6: there is no connection" in ended.err
    assert f'{command.settings}:7: unknown key "targt" in [[downloads]]; did you mean "target"?' in ended.err
    if as_json:
        problem, summary = (json.loads(line) for line in ended.out.splitlines())
        assert problem["event"] == "problem" and ":6: " in problem["advice"]
        assert summary["event"] == "summary" and summary["problems"] == 1
    else:
        assert ended.out == "", "nothing has begun, so there is nothing to count"


def test_a_missing_settings_file_is_named(command: CommandLine) -> None:
    ended = command("run")
    place = command.home / "config" / "openmsi-desktop" / "settings.toml"
    assert ended.status == 3 and f"There is no settings file at {place}" in ended.err


def test_a_connection_of_settings_without_any_is_explained(command: CommandLine) -> None:
    ended = command("send", command.home, "--topic", "t", "--connection", "lab")
    assert ended.status == 3 and "the settings have no connections. Use --bootstrap, or describe one in" in ended.err


def test_usage_names_arguments_plainly(command: CommandLine) -> None:
    assert "send [OPTIONS] PATH...\n" in command("send", "--help").out
    assert "pause [OPTIONS] [TASK]\n" in command("pause", "--help").out


def test_an_empty_folder_is_said_to_be_empty(command: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "run" / "sub").mkdir(parents=True)
    ended = command("send", tmp_path / "run", "--topic", "t", "--dry-run")
    assert ended.status == 0 and f"{tmp_path / 'run'} holds no files.\n" in ended.err


def test_a_broker_that_is_silent_is_named_soon(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmsi_desktop.cli.send._SILENT_S", 0.2)
    file = command.home / "a.dat"
    file.write_bytes(b"x")
    ended = command("send", file, "--topic", "t", *NOWHERE, "--timeout", "1")
    assert ended.status == 4 and ended.err.count("Waiting: nothing answers at localhost:1. Giving up in 1 s.") == 1
    assert "Give the same command again once this is put right." in ended.err
    assert "by itself" not in ended.err and "Nothing is lost" in ended.err


def test_settings_can_be_named_by_the_environment(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    command.settings.write_text("colour = 1\n")
    monkeypatch.setenv("OPENMSI_SETTINGS", str(command.settings))
    ended = command("run")
    assert ended.status == 3 and 'settings.toml:1: unknown key "colour"' in ended.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "There are no tasks in"),
        (["run", "--settings", "{home}/none.toml"], "no settings at"),
        (["send", "{home}", "--topic", "t", "--connection", "lap"], 'no connection "lap". Did you mean "lab"?'),
        (["send", "{home}", "--topic", "t", *NOWHERE, "--kafka", "sasl.password=hunter2"], "sasl.password is a secret"),
    ],
)
def test_what_only_settings_can_put_right_ends_with_3(command: CommandLine, arguments: list[str], words: str) -> None:
    (command.home / "config" / "openmsi-desktop").mkdir(parents=True)
    (command.home / "config" / "openmsi-desktop" / "settings.toml").write_text(LAB)
    ended = command(*(a.format(home=command.home) for a in arguments))
    assert ended.status == 3 and words in ended.err and "hunter2" not in ended.err + ended.out


def test_options_may_stand_before_the_command_and_after_nested_ones(command: CommandLine, tmp_path: Path) -> None:
    elsewhere = str(tmp_path / "x")
    for arguments in (["--data", elsewhere, "status"], ["status", "--data", elsewhere]):
        assert f"Data: {tmp_path / 'x'}" in command(*arguments).out
    assert command("secret", "list", "--data", tmp_path / "x").status == 0
    assert json.loads(command("--json", "status").out)["tasks"] == []


def test_send_lists_what_it_would_send(command: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "run_01"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.dat", "sub/b.dat", "x.tmp", "sub/notes.bak"):
        (folder / name).write_bytes(b"1234")
    (tmp_path / "named.tmp").write_bytes(b"")
    ended = command(
        *("send", folder, tmp_path / "named.tmp", "--topic", "t", "--dry-run"),
        *("--subfolder", "pc", "--exclude", "*.bak"),
    )
    assert ended.status == 0
    assert set(ended.out.splitlines()[:-1]) == {
        "Would send pc/run_01/a.dat, 4 B",
        "Would send pc/run_01/sub/b.dat, 4 B",
        "Would send pc/named.tmp, 0 B",
        'Left out pc/run_01/x.tmp: default exclusion "*.tmp"',
        'Left out pc/run_01/sub/notes.bak: exclude "*.bak"',
    }
    assert ended.out.splitlines()[-1] == "3 files would be sent, 2 left out by the rules, 0 problems"
    assert not (command.data / "journal.db").exists()


def test_watch_lists_what_it_would_send(command: CommandLine, tmp_path: Path) -> None:
    folder = tmp_path / "xrd"
    folder.mkdir()
    for name in ("a.xy", "b.txt", "c.xy"):
        (folder / name).write_bytes(b"1234")
    (folder / "c.xy").write_bytes(b"1")
    ended = command(
        *("watch", folder, "--topic", "t", "--dry-run", "--json", "--include", "*.xy", "--min-size", "2"),
    )
    events = [json.loads(line) for line in ended.out.splitlines()]
    states = {e["path"]: (e["state"], e.get("reason")) for e in events[:-1]}
    assert states == {
        "a.xy": ("found", None),
        "b.txt": ("ignored", 'matches no include ("*.xy")'),
        "c.xy": ("ignored", "smaller than 2 bytes"),
    }
    assert events[-1]["found"] == 1 and events[-1]["ignored"] == 2


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SettingsError("x"), 3),
        (NeedsYou("x"), 3),
        (RetryableError("x"), 4),
        (ChunkError("x"), 1),
        (ValueError("x"), 1),
    ],
)
def test_an_error_decides_the_exit_status(error: Exception, status: int) -> None:
    assert exits.exit_status(error) == status


def test_a_bug_becomes_a_sentence_that_names_the_log(command: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("openmsi_desktop.cli.status._look", broken)
    ended = command("status")
    log = command.data / "logs" / "openmsi-desktop.log"
    assert ended.status == 1 and ended.out == ""
    assert "made a mistake (ZeroDivisionError)" in ended.err and str(log) in ended.err
    assert "Traceback" in log.read_text() and "oops" in log.read_text()


def test_a_log_that_cannot_be_written_does_not_stop_the_program(command: CommandLine) -> None:
    command.data.mkdir()
    (command.data / "logs").write_text("in the way")
    ended = command("status")
    assert ended.status == 0 and "Cannot write the log" in ended.err


def test_the_log_rotates_and_two_processes_may_write_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_FILE_BYTES", 2000)
    file = tmp_path / "logs" / "x.log"
    file.parent.mkdir()
    one, two = logs._SharedFile(file), logs._SharedFile(file)
    for number in range(100):
        for name, handler in (("one", one), ("two", two)):
            handler.emit(logging.LogRecord("x", logging.INFO, "", 0, f"{name} {number} {'.' * 50}", (), None))
    one.close()
    two.close()
    kept = sorted(file.parent.iterdir())
    assert len(kept) == 6 and all(f.stat().st_size < 2500 for f in kept)
    last = kept[0].read_text() + kept[1].read_text()
    assert "one 99" in last and "two 99" in last
