"""The tutorials do what they say: their commands and files, on a real Kafka and a real S3 server."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from servers.kafka import Kafka
from servers.s3 import S3
from servers.tutorial import Tutorial

from openmsi_desktop import sample_diffraction

MEASUREMENTS = {"xrd/si_001.xy", "xrd/si_002.xy", "sem/gold.tif", "indents/silica 5 mN.csv"}


def messages(said: str) -> dict[str, dict[str, Any]]:
    """What listen.py has printed: key -> JSON."""
    lines = [line.partition("_processing_result ") for line in said.splitlines()]
    return {key: json.loads(value) for key, found, value in lines if found}


@pytest.fixture
def topics(kafka: Kafka) -> Any:
    """``topics(name…)`` makes those of a page."""
    return lambda *names: [kafka.create_topic(name, partitions=2) for name in names]


@pytest.fixture
def broker(kafka: Kafka) -> dict[str, str]:
    return {"kafka.example.org:9092": kafka.bootstrap()}


def test_an_instrument_is_backed_up(broker: dict[str, str], topics: Any, s3: S3, tmp_path: Path) -> None:
    topics("instrument", "instrument.receipts")
    bucket = s3.create_bucket("lab-data")
    keys = s3.user(bucket, "s3:*", name="lab")
    replaced = {**broker, "https://s3.example.org": s3.endpoint}
    page = Tutorial("backup", tmp_path / "page", replaced, {"OPENMSI_SECRET_LAB_BUCKET": keys.secret})
    page.run()
    sent, stored, arrived = page.outputs
    assert sent.count("instrument: Sent ") == 4 and "\n4 files sent, 0 problems" in sent, sent
    assert "Stored xrd/si_001.xy as s3://lab-data/instrument/xrd/si_001.xy, " in stored
    assert "\n4 files stored, 0 problems" in stored, stored
    assert set(s3.keys(bucket)) == {f"instrument/{name}" for name in MEASUREMENTS}
    for name in MEASUREMENTS:
        assert s3.content(bucket, f"instrument/{name}") == (page.folder / "measurements" / name).read_bytes()
    table = arrived[arrived.rindex("0 problems") :]
    assert all(name in table for name in MEASUREMENTS) and table.count("arrived") == 4, arrived


def test_peaks_are_found_drawn_and_sent_on(broker: dict[str, str], topics: Any, tmp_path: Path) -> None:
    topics("xrd", "xrd-peaks")
    page = Tutorial("diffraction", tmp_path / "page", broker)
    page.run()
    tried, processed, downloaded, listened = page.outputs
    assert '"two_theta": 28.4' in tried and (page.folder / "tried" / "si_001.png").exists(), tried
    assert "rejected" not in downloaded, downloaded
    assert "Processed xrd/si_002.xy" in processed and "2 files processed, 0 problems" in processed
    results = messages(listened)
    assert set(results) == {"xrd_si_001.xy_chunk", "xrd_si_002.xy_chunk"}, listened
    expected = [r.two_theta for r in sample_diffraction.reflections(sample_diffraction.COPPER_A, 79)]
    for result in results.values():
        assert [p["two_theta"] for p in result["peaks"]] == pytest.approx(expected, abs=0.02)
        assert result["peaks"][0]["d_angstrom"] == pytest.approx(sample_diffraction.LATTICE_A / 3**0.5, rel=1e-3)
    pictures = sorted((page.folder / "pictures").rglob("*.png"))
    assert [p.name for p in pictures] == ["si_001.png", "si_002.png"], downloaded
    assert all(p.read_bytes().startswith(b"\x89PNG") and p.stat().st_size > 5000 for p in pictures)


def test_metadata_go_to_a_topic_of_their_own(broker: dict[str, str], topics: Any, tmp_path: Path) -> None:
    topics("measurements", "measurements-metadata")
    page = Tutorial("metadata", tmp_path / "page", broker)
    page.run()
    results = {m["file"]: m for m in messages(page.outputs[0]).values()}
    assert set(results) == {"measurements/sem/gold.tif", "measurements/indents/silica 5 mN.csv"}
    picture, curve = results["measurements/sem/gold.tif"], results["measurements/indents/silica 5 mN.csv"]
    assert (picture["pixels"], picture["pixel_nm"], picture["notes"]["HV"]) == ([256, 192], 2.0, "5 kV")
    assert curve["columns"] == ["time_s", "displacement_nm", "load_uN"] and curve["notes"]["operator"] == "nobody"
    assert curve["rows"] == 1251


def test_a_shell_script_finds_the_strongest_point(broker: dict[str, str], topics: Any, tmp_path: Path) -> None:
    topics("patterns", "patterns-strongest")
    page = Tutorial("programs", tmp_path / "page", broker)
    page.run()
    tried, streamed = page.outputs
    assert '"two_theta": 28.4' in tried and "the file si_001-strongest.csv, " in tried, tried
    # assert '"two_theta": 28.4' in tried, tried
    print(streamed)
    results = messages(streamed)
    assert set(results) == {"xrd_si_001.xy_chunk", "xrd_si_002.xy_chunk"}, streamed
    assert all(r["two_theta"] == pytest.approx(28.44, abs=0.05) for r in results.values())
    tables = sorted((page.folder / "tables").rglob("*.csv"))
    assert [t.name for t in tables] == ["si_001-strongest.csv", "si_002-strongest.csv"], streamed
    for table in tables:
        rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
        assert len(rows) == 41 and float(rows[20]["two_theta"]) == pytest.approx(28.44, abs=0.05)
