"""``check`` as a person and a script meet it. The causes themselves: tests/interop/test_connection_test*.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from servers.command_line import CommandLine
from servers.kafka import Kafka, free_port
from servers.parts import ROOT
from servers.program import Program
from servers.strangers import says_nothing, stranger, web_server
from servers.systems import Needs, not_on_windows

from openmsi_desktop.cli.stages import closing_line, stage_lines
from openmsi_desktop.core.events import CONNECTION_STAGES, Notice, Stage, StageEvent
from openmsi_desktop.settings import Connection, Download, Settings, WatchedFolder
from openmsi_desktop.streaming.connection_test.topics import TopicUse
from openmsi_desktop.streaming.connection_test.uses import uses_in

SCHEMA = json.loads((ROOT / "docs" / "events.schema.json").read_text(encoding="utf-8"))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_working_connection_ends_with_zero(command: CommandLine, kafka: Kafka) -> None:
    topic = kafka.create_topic(partitions=1)
    ended = command("check", "--bootstrap", kafka.bootstrap(), "--topic", topic)
    assert ended.status == 0
    marks = [line.split()[:2] for line in ended.out.splitlines() if not line.startswith(" ")]
    assert marks[:-1] == [
        ["ok", "name"],
        ["ok", "port"],
        ["-", "TLS"],
        ["ok", "sign-in"],
        ["warning", "topics"],
        ["ok", "write"],
        ["ok", "read"],
        ["-", "clock"],
    ]
    assert ended.out.splitlines()[-1] == "The connection works, with 1 warning."
    assert ended.err == ""


def test_what_is_wrong_and_what_to_do_is_said(command: CommandLine) -> None:
    with stranger(web_server) as address:
        ended = command("check", "--bootstrap", address, "--topic", "xrd")
    assert ended.status == 3
    ok, failed, *advice, last = ended.out.splitlines()
    assert ok.startswith("ok      name      127.0.0.1")
    assert failed.startswith(f"FAILED  port      {address} is not a Kafka broker  (")
    assert "Check host and port" in " ".join(advice)
    assert last == (
        "The connection does not work yet: port failed. Not reached: TLS, sign-in, topics, write, read and clock."
    )


def test_where_nobody_answers_the_status_is_four(command: CommandLine) -> None:
    assert command("check", "--bootstrap", f"127.0.0.1:{free_port()}").status == 4


def test_for_a_script_every_step_is_one_line(command: CommandLine, kafka: Kafka) -> None:
    ended = command("check", "--bootstrap", kafka.bootstrap("SSL"), "--json")
    assert ended.status == 3
    *stages, summary = lines(ended.out)
    for line in (*stages, summary):
        jsonschema.validate(line, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert [line["stage"] for line in stages] == [stage.value for stage in CONNECTION_STAGES]
    assert [line["ok"] for line in stages] == [True, True, False, None, None, None, None, None]
    assert stages[2]["code"] == "wants-tls"
    assert stages[2]["fix"] == {"security.protocol": "SSL"}
    assert summary["event"] == "summary" and summary["problems"] == 1


def test_a_connection_of_the_settings_is_tested_for_its_tasks(
    command: CommandLine, kafka: Kafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, read = kafka.create_topic(partitions=1), kafka.create_topic(partitions=1)
    command.settings.write_text(f"""
version = 1
[[connections]]
name = "lab"
credential = "of alice"
[connections.kafka]
"bootstrap.servers" = "{kafka.bootstrap("SASL")}"
"security.protocol" = "SASL_PLAINTEXT"
"sasl.mechanism" = "SCRAM-SHA-512"
"sasl.username" = "alice"
[[watched_folders]]
path = "{command.home}"
connection = "lab"
topic = "{sent}"
[[downloads]]
topics = ["{read}"]
connection = "lab"
target = "{command.home}/target"
""")
    monkeypatch.setenv("OPENMSI_SECRET_OF_ALICE", "alice-secret")
    for named in (["lab"], ["--connection", "lab"], []):
        ended = command("check", *named, "--settings", command.settings, "--json")
        found = {(line["stage"], line.get("topic")): line["code"] for line in lines(ended.out)[:-1]}
        assert len(found) == 12
        assert (found["write", sent], found["read", sent]) == ("", "not-needed")
        assert (found["write", read], found["read", read]) == ("not-needed", "right-denied")
        assert ended.status == 3
        assert "alice-secret" not in ended.out + ended.err
    assert command("check", "lab", "--topic", sent, "--for", "send", "--settings", command.settings).status == 0


def test_a_secret_that_is_missing_is_told_at_the_sign_in(command: CommandLine, kafka: Kafka) -> None:
    sign_in = ("--kafka", "security.protocol=SASL_PLAINTEXT", "--kafka", "sasl.mechanism=PLAIN")
    ended = command(
        *("check", "--bootstrap", kafka.bootstrap("SASL"), *sign_in, "--kafka", "sasl.username=alice"),
        *("--credential", "no-such-secret"),
    )
    assert ended.status == 3
    assert "FAILED  sign-in" in ended.out
    assert "OPENMSI_SECRET_NO_SUCH_SECRET" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["kafka.example.org:9092"], "use --bootstrap kafka.example.org:9092"),
        (["lab", "--bootstrap", "localhost:9092"], "name the connection once"),
        (["--bootstrap", "localhost:9092", "--for", "upload"], "none of send, download and both"),
        (["--bootstrap", "localhost"], "name the port"),
        ([], "--bootstrap HOST:PORT"),
    ],
)
def test_wrong_usage_is_said_before_anybody_is_asked(command: CommandLine, arguments: list[str], words: str) -> None:
    ended = command("check", *arguments)
    assert ended.status == 2
    assert words in ended.err
    assert ended.out == ""


@not_on_windows(Needs.SIGNALS)
def test_ctrl_c_ends_it_at_once(program: Program) -> None:
    with stranger(says_nothing) as address:
        run = program.start("check", "--bootstrap", address)
        run.wait_for(event="stage", stage="name")
        assert run.stop() == 143
    assert [event["code"] for event in run.find(event="stage")][1:] == ["stopped"] * 7
    assert run.summary


# lines


def told(stage: Stage, ok: bool | None, **more: Any) -> StageEvent:
    return StageEvent(stage=stage, ok=ok, seconds=0.25, title=more.pop("title", "So it is"), **more)


def test_quiet_output_tells_only_what_is_wrong() -> None:
    warned = told(Stage.TOPICS, True, warnings=(Notice(code="one-copy", title="Only one", advice="Ask."),))
    assert stage_lines(told(Stage.NAME, True), quiet=True) == []
    assert stage_lines(told(Stage.TLS, None, code="not-used"), quiet=True) == []
    assert stage_lines(warned, quiet=True)
    assert stage_lines(told(Stage.PORT, False), quiet=True) == ["FAILED  port      So it is  (250 ms)"]


def test_a_terminal_is_not_garbled_by_what_a_broker_says() -> None:
    (line,) = stage_lines(told(Stage.SIGN_IN, False, title="\x1b[2Jgone"))
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("stages", "was_stopped", "line"),
    [
        ((told(Stage.NAME, True),), False, "The connection works."),
        (
            (told(Stage.NAME, True), told(Stage.WRITE, None, code="no-topic")),
            False,
            "The connection works. Writing and reading were not tested: name a topic with --topic.",
        ),
        (
            (told(Stage.WRITE, False), told(Stage.READ, False), told(Stage.WRITE, False)),
            False,
            "The connection does not work yet: write and read failed.",
        ),
        (
            (told(Stage.READ, False, topic="xrd"), told(Stage.TOPICS, False, topic="raman")),
            False,
            "The connection does not work yet: read (xrd) and topics (raman) failed.",
        ),
        ((told(Stage.NAME, True), told(Stage.PORT, None, code="stopped")), True, "Stopped. Not reached: port."),
        (
            (told(Stage.NAME, True), told(Stage.PORT, None, code="no-time")),
            False,
            "What was tested works. The time is over. Not reached: port.",
        ),
    ],
)
def test_the_last_line_says_how_it_ended(stages: tuple[StageEvent, ...], was_stopped: bool, line: str) -> None:
    assert closing_line(stages, was_stopped=was_stopped) == line


# what tasks need


def test_tasks_of_a_connection_are_brought_together_by_topic() -> None:
    def watch(topic: str, connection: str = "lab", **more: Any) -> WatchedFolder:
        return WatchedFolder(path=Path("/data") / topic, connection=connection, topic=topic, **more)

    def download(*topics: str, group: str = "") -> Download:
        return Download(topics=topics, connection="lab", target=Path("/target"), group=group)

    settings = Settings(
        connections=(Connection(name="lab"), Connection(name="other")),
        watched_folders=(
            watch("a", chunk_size=1000),
            watch("a", chunk_size=3000, check=True),
            watch("b", chunk_size=1000),
            watch("c", "other"),
        ),
        downloads=(download("b", "d"), download("d", group="one"), download("d", group="two")),
    )
    assert uses_in(settings, "lab") == [
        TopicUse("a", sends=True, reads=True, chunk_size=3000),
        TopicUse("b", sends=True, reads=True, chunk_size=1000),
        TopicUse("d", sends=False, reads=True, group="one"),
        TopicUse("d", sends=False, reads=True, group="two"),
    ]
