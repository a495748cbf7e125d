"""The format of receipts: what we write is what the documentation says, and what we read may be anything."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmsi_desktop.core.receipt import MAX_BYTES, NotAReceipt, Place, Receipt, encode, key_of, parse

DOCS = Path(__file__).parents[2] / "docs"
SCHEMA = json.loads((DOCS / "receipt.schema.json").read_text(encoding="utf-8"))
RECEIPT = Receipt(
    topic="xrd",
    path="run 1/µ.xy",
    sha512=bytes(range(64)),
    size=5,
    version=1_700_000_000_001,
    installation="a" * 32,
    at=1_763_740_800.25,
    place=Place("bucket", "lab-bucket", "s3://raw/xrd/run 1/µ.xy", "hpc-1"),
    reader="b" * 32,
)


@pytest.mark.parametrize(
    "receipt",
    [
        RECEIPT,
        replace(RECEIPT, version=0, installation=""),
        replace(RECEIPT, size=0, place=Place("folder", "received", "", "hpc-1")),
        replace(RECEIPT, path="/".join(["\x01" * 250] * 16), place=Place("processor", "peaks", "", "hpc-1")),
    ],
)
def test_a_receipt_is_what_the_documentation_says_and_can_be_read(receipt: Receipt) -> None:
    value = encode(receipt)
    assert len(value) <= MAX_BYTES
    jsonschema.validate(json.loads(value), SCHEMA, format_checker=jsonschema.FormatChecker())
    assert parse(value) == receipt
    assert key_of(receipt.path).decode() == receipt.path


def test_the_example_of_the_documentation_is_one() -> None:
    page = (DOCS / "receipts.md").read_text(encoding="utf-8")
    example = page.partition("```json\n")[2].partition("```")[0]
    jsonschema.validate(json.loads(example), SCHEMA, format_checker=jsonschema.FormatChecker())
    said = parse(example.encode())
    assert said.place.words == "at bucket lab-bucket"
    assert f"{MAX_BYTES:,} bytes" in page
    assert json.loads(encode(said)) == json.loads(example)


def test_names_are_shown_as_one_line() -> None:
    strange = Place("folder", "a\nb\x1b[31m\udcff" + "x" * 400, "", "\u202egpj.exe")
    place = parse(encode(replace(RECEIPT, place=strange))).place
    assert place.name.startswith("a?b?[31m?xxx")
    assert len(place.name) == 300
    assert place.words == "on PC ?gpj.exe"


GOOD = json.loads(encode(RECEIPT))


@pytest.mark.parametrize(
    "change",
    [
        {"format": "openmsi-receipt/2"},
        {"topic": None},
        {"path": "../../etc/passwd"},
        {"path": ""},
        {"path": 7},
        {"sha512": "00"},
        {"sha512": "G" * 128},
        {"size": -1},
        {"size": True},
        {"size": 1e3},
        {"size": 1 << 70},
        {"version": "1"},
        {"installation": "me"},
        {"at": "2026-11-21T10:00:00"},
        {"at": "soon"},
        {"at": 5},
        {"place": None},
        {"place": GOOD["place"] | {"kind": "moon"}},
        {"place": GOOD["place"] | {"computer": "x" * 301}},
        {"place": {"kind": "folder"}},
        {"reader": None},
        {"more": "x" * MAX_BYTES},
    ],
)
def test_what_is_no_receipt_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(NotAReceipt):
        parse(json.dumps(GOOD | change).encode())


def test_more_fields_may_come() -> None:
    assert parse(json.dumps(GOOD | {"colour": "blue"}).encode()) == RECEIPT


@pytest.mark.parametrize(
    "value",
    [None, b"", b"\xff", b"[]", b"null", b"[" * MAX_BYTES, b'{"size": ' + b"9" * 5000 + b"}", b'{"size": NaN}', b"{}"],
)
def test_rubbish_is_refused(value: bytes | None) -> None:
    with pytest.raises(NotAReceipt):
        parse(value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "x"]), _JSON, max_size=4), st.binary(max_size=3), st.integers(0, 400))
def test_nothing_that_can_be_written_there_makes_more_than_a_refusal(
    change: dict[str, Any], noise: bytes, at: int
) -> None:
    whole = json.dumps(GOOD | change).encode()
    for value in (whole, whole[:at] + noise + whole[at + len(noise) :]):
        try:
            parse(value)
        except NotAReceipt:
            continue
