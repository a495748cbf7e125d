"""``check --bucket`` as a person and a script meet it. The causes themselves: tests/interop/test_bucket_trial.py."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from servers.command_line import CommandLine
from servers.kafka import free_port
from servers.parts import ROOT
from servers.s3 import ROOT as OWNER
from servers.s3 import S3

from openmsi_desktop.core.events import BUCKET_STAGES
from openmsi_desktop.streaming.sinks.bucket.causes import CAUSES

SCHEMA = json.loads((ROOT / "docs" / "events.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "buckets.md").read_text(encoding="utf-8")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("OPENMSI_SECRET_LAB_BUCKET", OWNER.secret)
    return ("--access-key-id", OWNER.access_key_id, "--credential", "lab-bucket")


def test_a_bucket_that_works(command: CommandLine, s3: S3, keys: tuple[str, ...]) -> None:
    bucket = s3.create_bucket()
    ended = command("check", "--bucket", bucket, "--endpoint-url", s3.endpoint, *keys)
    assert ended.status == 0, ended.out + ended.err
    marks = [line.split()[:2] for line in ended.out.splitlines() if not line.startswith(" ")]
    assert [name for _, name in marks[:-1]] == ["TLS" if s.value == "tls" else s.value for s in BUCKET_STAGES]
    assert [mark for mark, _ in marks[:-1]] == ["ok", "ok", "-", *["ok"] * 8]
    assert ended.out.splitlines()[-1] == "The bucket works."


def test_a_bucket_of_the_settings(command: CommandLine, s3: S3, keys: tuple[str, ...]) -> None:
    bucket = s3.create_bucket()
    command.settings.write_text(
        f'[[buckets]]\nname = "archive"\nbucket = "{bucket}"\nendpoint_url = "{s3.endpoint}"\n'
        f'access_key_id = "{OWNER.access_key_id}"\ncredential = "lab-bucket"\n'
    )
    ended = command("check", "--bucket", "archive", "--settings", command.settings, "--json")
    assert ended.status == 0, ended.out
    *stages, summary = [json.loads(line) for line in ended.out.splitlines()]
    for line in (*stages, summary):
        jsonschema.validate(line, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert [line["stage"] for line in stages] == [stage.value for stage in BUCKET_STAGES]
    assert summary["problems"] == 0


def test_what_is_wrong_and_what_to_do_is_said(command: CommandLine, s3: S3, keys: tuple[str, ...]) -> None:
    ended = command("check", "--bucket", "never-made", "--endpoint-url", s3.endpoint, *keys)
    assert ended.status == 3
    assert 'FAILED  bucket    There is no bucket "never-made" on 127.0.0.1' in ended.out
    assert ended.out.splitlines()[-1] == (
        "The bucket does not work yet: bucket failed. Not reached: put, get, checksum, delete, list and clock."
    )
    nobody = command("check", "--bucket", "lab", "--endpoint-url", f"http://127.0.0.1:{free_port()}", *keys)
    assert nobody.status == 4


def test_options_that_do_not_go_together(command: CommandLine) -> None:
    for arguments, said in (
        (("lab", "--bucket", "lab"), "either a connection or a bucket"),
        (("--bucket", "lab", "--topic", "xrd"), "either a connection or a bucket"),
        (("lab", "--region", "eu-west-1"), "--region belongs to a bucket"),
        (("--bucket", "lab", "--endpoint-url", "s3.example.org"), "https://s3.example.org"),
    ):
        ended = command("check", *arguments)
        assert ended.status == 2 and said in " ".join(ended.err.split()), ended


def test_every_cause_is_in_the_documentation() -> None:
    named = set(re.findall(r"`([a-z0-9-]+)`", PAGE))
    assert not set(CAUSES) - named, f"docs/buckets.md does not list {sorted(set(CAUSES) - named)}"
