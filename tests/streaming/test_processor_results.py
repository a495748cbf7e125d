"""What programs print or leave behind arrives on the result topic, as messages and files that say where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streaming.processing import Bench, about, delivered, failed, python, read_topic, received

from openmsi_desktop.core.chunk import decode, decode_header
from openmsi_desktop.core.errors import NeedsYou, SettingsError
from openmsi_desktop.streaming.kafka.broker import KafkaBroker

Make = Callable[..., Bench]


@pytest.fixture
def topic(_embedded: Any) -> str:
    name: str = _embedded.create_topic()
    return name


@pytest.fixture
def bench(tmp_path: Path, _embedded: Any) -> Iterator[Make]:
    """bench(script, …): a processor that runs a few lines of Python, on the embedded broker."""
    made: list[Bench] = []

    def make(script: str, **settings: Any) -> Bench:
        made.append(Bench(tmp_path, KafkaBroker(dict(_embedded.config)), command=python(script), **settings))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_printed_json_is_a_message_that_says_what_it_was_made_of(bench: Make, _embedded: Any, topic: str) -> None:
    made = bench('print(\' {"peaks": [1.5, "µ"]} \')', result_topic=topic)
    outcome = delivered(made.one("a/b/scan.xy", b"1 2\n", version=7, installation="c" * 32))
    assert outcome.note == f"1 result sent to topic {topic}"
    (message,) = read_topic(_embedded.config, topic, 1)
    assert message.key == b"a_b_scan.xy_chunk_processing_result"
    assert message.value == '{"peaks": [1.5, "µ"]}'.encode()
    assert message.header("openmsi") is None
    assert about(message) == {
        "format": 1, "path": "a/b/scan.xy", "topic": "t", "sha512": hashlib.sha512(b"1 2\n").hexdigest(),
        "version": 7, "installation": "c" * 32, "processor": "peaks",
    }  # fmt: skip


LEAVE = """
import os
for name, data in (("plot.png", b"P" * 1_200_000), ("deep/er/peaks.csv", b"1;2"), ("empty", b""), (".hidden", b"x"), ("a.tmp", b"x")):
    path = os.path.join(os.environ["OPENMSI_OUTPUT_DIR"], *name.split("/"))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(data)
print("not json")
"""


def test_files_left_behind_are_sent_beside_the_path_of_the_source(bench: Make, _embedded: Any, topic: str) -> None:
    made = bench(LEAVE, result_topic=topic)
    assert delivered(made.one("run 1/scan.xy")).note == f"3 results sent to topic {topic}"
    messages = read_topic(_embedded.config, topic, 5)
    files: dict[str, dict[int, bytes]] = {}
    for message in messages:
        chunk, sender = decode(message.value), decode_header(message.header("openmsi"))
        assert sender is not None and sender.installation == made.profile.installation_id() and sender.version > 10**12
        assert about(message)["path"] == "run 1/scan.xy"
        files.setdefault(chunk.path, {})[chunk.index] = chunk.data
        assert (
            message.key
            == f"{chunk.subdir.replace('/', '_')}_{chunk.filename}_chunk_{chunk.index}_of_{chunk.total}".encode()
        )
    assert {path: b"".join(parts[n] for n in sorted(parts)) for path, parts in files.items()} == {
        "run 1/plot.png": b"P" * 1_200_000, "run 1/deep/er/peaks.csv": b"1;2", "run 1/empty": b""
    }  # fmt: skip
    assert len({m.partition for m in messages if decode(m.value).filename == "plot.png"}) == 1
    assert made.places == []


def test_nothing_is_sent_without_a_result_topic(bench: Make) -> None:
    made = bench(LEAVE)
    assert delivered(made.one("scan.xy")).note == ""
    assert made.places == []


def test_results_never_go_to_the_topic_that_is_read(bench: Make) -> None:
    made = bench("print('{}')", result_topic="t")
    outcome = failed(made.sink.submit(received(made.place, "scan.xy")).result(5))
    assert outcome.concerns_sink and isinstance(outcome.error, SettingsError)


def test_a_missing_result_topic_holds_the_sink_before_anything_is_worked_out(bench: Make) -> None:
    made = bench("print('{}')", result_topic="not-there")
    with pytest.raises(NeedsYou, match="not-there"):
        made.one("scan.xy")


def test_text_that_only_looks_like_json_is_no_result(bench: Make, _embedded: Any, topic: str) -> None:
    script = "import os; print('[INFO] read' if 'log' in os.environ['OPENMSI_FILE'] else '[1]')"
    made = bench(script, result_topic=topic)
    assert delivered(made.one("log.xy")).note == ""
    assert delivered(made.one("scan.xy")).note != ""
    assert [json.loads(m.value or b"") for m in read_topic(_embedded.config, topic, 1)] == [[1]]
