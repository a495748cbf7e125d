"""What programs print or leave behind arrives on the result topic, as messages and files that say where they come from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from servers.parts import eventually
from servers.systems import ON_WINDOWS, Needs
from streaming.processing import PATIENCE_S, Bench, about, delivered, failed, lines, python, read_topic, received

from openmsi_desktop.core.chunk import decode, decode_header
from openmsi_desktop.core.errors import NeedsYou, RetryableError, SettingsError
from openmsi_desktop.streaming.kafka.broker import EmbeddedBroker, KafkaBroker
from openmsi_desktop.streaming.kafka.types import Report, TopicInfo
from openmsi_desktop.streaming.sinks import Delivered
from openmsi_desktop.streaming.sinks.processor import results
from openmsi_desktop.streaming.sinks.processor.orphans import end_those_in

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
    assert delivered(made.one("log.xy")).note == "it printed no JSON and left no files, so no result was sent"
    assert delivered(made.one("scan.xy")).note != ""
    assert [json.loads(m.value or b"") for m in read_topic(_embedded.config, topic, 1)] == [[1]]


SAME = """
import os
name = os.environ["OPENMSI_FILE"]
open(os.path.join(os.environ["OPENMSI_OUTPUT_DIR"], "summary"), "wb").write(open(name, "rb").read()[:1] * 700_000)
"""


def test_a_later_result_is_a_later_version_even_if_the_clock_is_set_back(
    bench: Make, _embedded: Any, topic: str
) -> None:
    made = bench(SAME, result_topic=topic)
    delivered(made.one("a.xy", b"1"))
    made.sink.close()
    made.now = lambda: 1_500_000_000.0
    made.made()
    delivered(made.one("a.xy", b"2", number=2))
    found = {}
    for message in read_topic(_embedded.config, topic, 4):
        sender = decode_header(message.header("openmsi"))
        assert sender is not None
        found[decode(message.value).data[:1]] = sender.version
    assert found[b"2"] > found[b"1"]


def test_a_topic_that_gets_no_results_is_told_once(bench: Make, topic: str) -> None:
    made = bench("print('not json')", result_topic=topic)
    outcomes = [delivered(made.one("a.xy", b"1")), delivered(made.one("b.xy", b"1", number=2))]
    made.sink.close()
    made.made()
    outcomes.append(delivered(made.one("c.xy", b"1", number=3)))
    assert {outcome.note for outcome in outcomes} == {"it printed no JSON and left no files, so no result was sent"}
    first, *others = [outcome.problem for outcome in outcomes]
    assert first is not None and first.title == "peaks had no result to send" and others == [None, None]


# -- when the topic does not take them


COUNT = """
import os
open(r'%s', 'a').write('ran\\n')
open(os.path.join(os.environ['OPENMSI_OUTPUT_DIR'], 'peaks.csv'), 'w').write('1;2')
print('[1]')
"""


@dataclass
class Own:
    broker: EmbeddedBroker
    config: dict[str, Any]
    bench: Bench
    ran: Path


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    """A broker of one's own, to be broken, and a processor with results that counts its runs."""
    monkeypatch.setattr(results, "TELL_AFTER_S", 0.3)
    with EmbeddedBroker() as broker:
        broker.create("peaks")
        config: dict[str, Any] = {"bootstrap.servers": broker.bootstrap, "reconnect.backoff.max.ms": 200}
        made = Bench(tmp_path, KafkaBroker(config), command=python(COUNT % (tmp_path / "ran")), result_topic="peaks")
        yield Own(broker, config, made, tmp_path / "ran")
        made.close()


def test_finished_work_waits_for_the_broker_and_is_not_done_again(own: Own) -> None:
    made, file = own.bench, received(own.bench.place, "a/scan.xy")
    made.sink.prepare()
    own.broker.down()
    outcome = failed(made.submit(file).result(PATIENCE_S))
    assert outcome.concerns_sink and isinstance(outcome.error, RetryableError)
    own.broker.up()
    assert delivered(made.handle(file)[0]).note == "2 results sent to topic peaks"
    assert lines(own.ran) == ["ran"] and made.places == []
    assert {m.key for m in read_topic(own.config, "peaks", 2)} == {
        b"a_scan.xy_chunk_processing_result", b"a_peaks.csv_chunk_1_of_1"
    }  # fmt: skip


@pytest.mark.parametrize(("code", "concerns_sink"), [(10, False), (29, True)])
def test_a_refused_result_is_explained_and_kept(own: Own, code: int, concerns_sink: bool) -> None:
    made, file = own.bench, received(own.bench.place, "scan.xy")
    made.sink.prepare()
    own.broker.fail_next(0, *[code] * 4)
    outcome = failed(made.submit(file).result(PATIENCE_S))
    assert outcome.concerns_sink is concerns_sink and "peaks" in str(outcome.error), outcome
    own.broker.fail_next(0)
    eventually(
        lambda: isinstance(made.handle(file)[0], Delivered), timeout_s=PATIENCE_S, what="it is delivered", every_s=0.2
    )
    assert lines(own.ran) == ["ran"] and made.places == []


def test_results_that_cannot_be_sent_do_not_keep_anybody_from_stopping(
    own: Own, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "TELL_AFTER_S", 600)
    made = own.bench
    made.sink.prepare()
    own.broker.down()
    future = made.submit(received(made.place, "scan.xy"))
    eventually(lambda: bool(lines(own.ran)) and made.places != [], timeout_s=PATIENCE_S, what="it ran")
    made.sink.stop()
    assert isinstance(failed(future.result(5)).error, RetryableError)
    made.sink.close()
    assert made.places == []


class NarrowProducer:
    """A producer that takes one message of a parcel at a time: each has to wait for its report before the next is queued."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes, bytes]] = []
        self._queued: list[Any] = []

    def send(self, topic: str, partition: int, *, key: bytes, value: bytes, headers: Any, token: Any) -> bool:
        if any(waiting is token for waiting in self._queued):
            return False
        self._queued.append(token)
        self.sent.append((dict(headers)["openmsi"], value))
        return True

    def poll(self, timeout_s: float) -> list[Report]:
        queued, self._queued = self._queued, []
        return [Report(token, 0, 0) for token in queued]

    def trouble(self) -> None:
        return None

    def close(self) -> None:
        """Nothing is open."""


class NarrowBroker:
    """A broker whose producer is a NarrowProducer."""

    name = "narrow"

    def __init__(self) -> None:
        self.made = NarrowProducer()

    def topic_info(self, topic: str, timeout_s: float, *, with_newest: bool = False) -> TopicInfo:
        return TopicInfo(topic, "c", "i", 1, {"max.message.bytes": "100000"})

    def producer(self, *, chunk_bytes: int = 0, is_single: bool = False) -> Any:
        return self.made


def test_two_sources_of_one_result_never_mix(tmp_path: Path) -> None:
    broker: Any = NarrowBroker()
    made = Bench(tmp_path, broker, command=python(SAME), result_topic="peaks", jobs=4)
    outcomes = made.handle(*(received(tmp_path, f"a/{n}.xy", str(n).encode(), number=n) for n in range(4)))
    made.close()
    assert all(delivered(outcome).note for outcome in outcomes)
    order = []
    for header, value in broker.made.sent:
        chunk, sender = decode(value), decode_header(header)
        assert sender is not None and chunk.path == "a/summary" and len(value) < 100_000
        order.append((sender.version, chunk.index, chunk.data[:1]))
    assert len(order) == 4 * 8 and order == sorted(order)
    assert len({(version, data) for version, _, data in order}) == 4


DAEMON = """
import os, subprocess, sys
path = os.path.join(os.environ["OPENMSI_OUTPUT_DIR"], "growing.csv")
open(path, "wb").write(b"x" * 20_000_000)
writer = "import sys, time; f = open(sys.argv[1], 'ab', buffering=0); open(sys.argv[2], 'w'); [(f.write(b'y'), time.sleep(0.001)) for _ in range(20_000)]"
ready = os.environ["OPENMSI_OUTPUT_DIR"] + "/../ready"
subprocess.Popen([sys.executable, "-I", "-S", "-c", writer, path, ready], start_new_session=True)
while not os.path.exists(ready): pass
"""


@pytest.mark.skipif(ON_WINDOWS, reason=Needs.POSIX_CALLS)
def test_output_that_somebody_goes_on_writing_is_a_failure_of_the_program(
    bench: Make, topic: str, tmp_path: Path
) -> None:
    made = bench(DAEMON, result_topic=topic)
    outcome = failed(made.one("a.xy"))
    end_those_in([str(tmp_path)])
    assert str(outcome.error).startswith(
        "The output of peaks is not finished. growing.csv changed after the program had ended"
    )
    assert not outcome.concerns_sink and not outcome.is_final
