"""Names on a topic become keys: the same every time, without empty parts, and never too long."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import pytest

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.order import Order
from openmsi_desktop.streaming.sinks import ReceivedFile
from openmsi_desktop.streaming.sinks.bucket import keys

SHA = bytes(range(64))


def received(path: str, **more: object) -> ReceivedFile:
    return ReceivedFile(Path("spool"), path, "xrd", 1, SHA, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("template", "path", "key"),
    [
        ("{topic}/{path}", "run 1/ü.xy", "xrd/run 1/ü.xy"),
        ("{topic}/{subdir}/{name}", "a/b/c.xy", "xrd/a/b/c.xy"),
        ("{topic}/{subdir}/{name}", "c.xy", "xrd/c.xy"),
        ("{subdir}/{name}", "c.xy", "c.xy"),
        ("lab/{date}/{name}", "c.xy", "lab/2026-09-21/c.xy"),
        ("{subdir}-{name}", "c.xy", "-c.xy"),
        ("by-hash/{sha512}", "c.xy", f"by-hash/{SHA.hex()}"),
        ("{path}", "{topic}/{name}.xy", "{topic}/{name}.xy"),
    ],
)
def test_a_template_is_filled_in(template: str, path: str, key: str) -> None:
    assert keys.object_key(template, keys.named(received(path, modified=1.79e9))) == key


def test_the_date_is_that_of_the_file_or_else_of_its_message() -> None:
    sent = Order(timestamp_ms=86_400_000)
    assert keys.object_key("{date}/{name}", keys.named(received("a", order=sent))) == "1970-01-02/a"
    assert keys.object_key("{date}/{name}", keys.named(received("a", order=sent, modified=0.0))) == "1970-01-01/a"
    assert keys.object_key("{date}/{name}", keys.named(received("a"))) == "undated/a"


def test_a_key_that_is_too_long_is_refused_in_bytes() -> None:
    fits = "ü" * 500
    assert len(keys.object_key("{topic}/{path}", keys.named(received(fits)))) == 504
    with pytest.raises(NeedsYou, match="too long for a bucket"):
        keys.object_key("{topic}/{path}", keys.named(received("ü" * 511)))


def test_an_example_for_whoever_writes_a_template() -> None:
    assert keys.example("{topic}/{date}/{name}") == "xrd/2026-11-18/scan 12.xy"


def test_an_address_leads_back_to_its_key() -> None:
    assert keys.key_in(keys.url("b", "a/b c"), "b") == "a/b c"
    assert keys.key_in(keys.url("b", "a"), "other") is None


def test_metadata_are_plain_ascii_and_not_too_much() -> None:
    found = keys.metadata(received("ü b%.xy", modified=1.5, installation="i", version=7))
    assert found == {
        "sha512": SHA.hex(),
        "topic": "xrd",
        "path": "%C3%BC%20b%25.xy",
        "mtime": "1.5",
        "installation": "i",
        "version": "7",
    }
    assert unquote(found["path"]) == "ü b%.xy"
    long = keys.metadata(received("ü/" * 400))
    assert "path" not in long
    assert sum(len(k) + len(v) for k, v in long.items()) < 2048
