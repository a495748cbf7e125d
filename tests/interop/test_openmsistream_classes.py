"""Classes that were written for OpenMSIStream run here unchanged, in its own environment, and its consumers read the results."""

from __future__ import annotations

import json
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.program import Program
from servers.trees import write
from streaming.class_bench import ClassBench, title_of

from openmsi_desktop.core.errors import NeedsYou

MODULE = Path(__file__).with_name("openmsistream_classes.py")


@pytest.fixture
def bench(tmp_path: Path) -> ClassBench:
    made = ClassBench(tmp_path)
    shutil.copy(MODULE, tmp_path / "theirs.py")
    return made


@pytest.fixture
def python(openmsistream: OpenMSIStream) -> str:
    return str(openmsistream.environment)


def diary(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "diary").read_text().splitlines()]


@pytest.mark.parametrize("mode", ["memory", "disk", "both"])
def test_a_processor_is_called_as_openmsistream_calls_it(
    bench: ClassBench, python: str, mode: str, tmp_path: Path
) -> None:
    options = {"factor": 2, "unit": "ms"} | ({} if mode == "memory" else {"mode": mode})
    with bench.runner("theirs:Diary", python=python, options=options, result_topic="r") as runner:
        runner.prepare()
        ran = [
            runner.run(bench.work("run 1/a.csv", b"1,2\n" * 9)),
            runner.run(bench.work("run 1/a.csv", b"1,2\n")),  # shorter than what lies there
            runner.run(bench.work("empty.csv", b"")),
            runner.run(bench.work("bad.csv", b"x")),
            runner.run(bench.work("raise.csv", b"x")),
            runner.run(bench.work("odd.csv", b"x")),
        ]
    assert [one.error is None for one in ran] == [True, True, True, False, False, False]
    assert [title_of(one) for one in ran[3:]] == [
        "peaks failed: KeyError: 'no angle'",
        "peaks failed: RuntimeError: out of hand",
        "peaks failed: TypeError: _process_downloaded_data_file() returned a int; it has to return None or an exception",
    ]
    assert 'raise KeyError("no angle")' in ran[3].output and "processing_openmsistream" not in ran[3].output
    assert all(not one.results for one in ran)
    told = diary(tmp_path)
    kinds = {"memory": "DownloadDataFileToMemory", "disk": "DownloadDataFileToDisk"}
    assert told[1] == {
        "factor": 2, "unit": "ms", "topic": "t", "type": [kinds.get(mode, "DownloadDataFileToMemoryAndDisk")],
        "content": "1,2\n", "filename": "a.csv", "relative": "run 1/a.csv", "subdir": "run 1",
        "full": "Diary_output/run 1/a.csv", "on_disk": None if mode == "memory" else "1,2\n", "hash": True,
        "chunks": 1, "in progress": True,
    }  # fmt: skip
    assert told[2]["content"] == "" and told[2]["subdir"] == ""
    assert [line for line in told if "content" not in line] == [
        {"failed": "bad.csv"},
        {"failed": "odd.csv"},
        {"shutdown": 3},
    ]


def test_several_files_at_once_meet_in_one_instance_and_a_crash_blames_nobody_else(
    bench: ClassBench, python: str
) -> None:
    with (
        bench.runner("theirs:Meeting", python=python, jobs=3) as runner,
        ThreadPoolExecutor(3) as pool,
    ):
        runner.prepare()
        ran = list(pool.map(runner.run, [bench.work(name) for name in "abc"]))
        assert all(one.error is None for one in ran)
        assert any("count 3" in one.output for one in ran)
        works = [bench.work("alone", data) for data in (b"good", b"bad", b"fine")]
        good, bad, fine = pool.map(runner.run, works)
        assert good.error is None and fine.error is None
        assert title_of(bad) == "peaks crashed: its process was ended by SIGABRT"
        assert runner.run(bench.work("alone", b"good")).error is None


def test_results_are_serialised_as_its_configuration_says(bench: ClassBench, python: str, tmp_path: Path) -> None:
    with bench.runner("theirs:Lengths", python=python, result_topic="lengths") as runner:
        (plain,) = runner.run(bench.work("sub/x", b"12345")).results
        none = runner.run(bench.work("none"))
    assert (plain.key, plain.value) == (b"sub_x_chunk_processing_result", b"#5 to lengths")
    assert (
        title_of(none) == "peaks failed: RuntimeError: it made no result of this file; what it logged is in its output"
    )
    assert "ERROR: this one has no length" in none.output
    config = tmp_path / "mine.config"
    config.write_text(
        "[broker]\nbootstrap.servers = nowhere:9092\n[consumer]\ngroup.id = create_new\n"
        "[producer]\nkey.serializer = StringSerializer\nvalue.serializer = DoubleSerializer\n"
    )
    with bench.runner("theirs:Lengths", python=python, options={"config_file": str(config)}) as runner:
        (half,) = runner.run(bench.work("half", b"12345")).results
    assert (half.key, half.value) == (b"half", struct.pack(">d", 2.5))


@pytest.mark.parametrize(
    ("class_", "options", "title", "advice"),
    [
        ("Diary", {}, "Diary needs factor", "options = { factor = … }"),
        ("Head", {"filepath_regex": ".*csv"}, "filepath_regex has no meaning here", "rules of the task"),
        ("Head", {"config_file": "/nowhere.config"}, "there is no file /nowhere.config", "none is needed"),
        ("Head", {"flavour": 1}, "Head does not know one of its options", "Given are: flavour"),
    ],
)
def test_options_that_cannot_be_are_named(
    bench: ClassBench, python: str, class_: str, options: dict[str, Any], title: str, advice: str
) -> None:
    with bench.runner(f"theirs:{class_}", python=python, options=options) as runner:
        with pytest.raises(NeedsYou) as caught:
            runner.prepare()
            runner.run(bench.work())
        assert title in caught.value.title and advice in caught.value.advice


NATIVE = """
import pathlib, sys, threading, time
sys.path.insert(0, sys.argv[1])
from theirs import Head
config, source, results, count = pathlib.Path(sys.argv[2]), *sys.argv[3:5], int(sys.argv[5])
head = Head(config, source, results, output_dir=pathlib.Path("native"), n_consumer_threads=1)
def end():
    while head.n_results_produced_files < count:
        time.sleep(0.1)
    head.control_command_queue.put("q")
threading.Thread(target=end, daemon=True).start()
head.produce_processing_results_for_files_as_read()
"""

CONSUME = """
import json, pathlib, sys
from openmsistream.kafka_wrapper import OpenMSIStreamConsumer
consumer = OpenMSIStreamConsumer.from_file(pathlib.Path(sys.argv[1]), group_id="create_new")
consumer.subscribe([sys.argv[2]])
for _ in range(int(sys.argv[3])):
    message = None
    while message is None:
        message = consumer.get_next_message(1)
    print(json.dumps([message.key(), json.loads(message.value())]), flush=True)
consumer.close()
"""


def test_metadata_are_those_that_openmsistream_itself_sends_and_its_consumer_reads_them(
    kafka: Kafka, openmsistream: OpenMSIStream, program: Program, bench: ClassBench, tmp_path: Path
) -> None:
    topic, ours, native = (kafka.create_topic(partitions=1) for _ in range(3))
    for number in range(6):
        where = ["", "run 1/", "run 1/é/"][number % 3]
        write(tmp_path / "xrd" / f"{where}scan {number}.csv", f"Anode,Cu\nScan,{number}\n[data]\n1,2\n".encode() * 2)
    sent = program.run("send", tmp_path / "xrd", "--topic", topic, "--bootstrap", kafka.bootstrap(), data="sender")
    assert sent.process.returncode == 0, sent.tell()
    broker = {"bootstrap.servers": kafka.bootstrap()}
    text = {"value.serializer": "StringSerializer"}
    config = openmsistream.write_config(broker, producer=text)
    alone = openmsistream.start("python", "-c", NATIVE, str(tmp_path), config, topic, native, "6")
    run = program.run(
        *("process", topic, "--class", "theirs:Head", "--python", openmsistream.program("python")),
        *("--folder", tmp_path, "--to", ours, "--bootstrap", kafka.bootstrap(), "--until-idle", "2"),
    )
    assert run.process.returncode == 0, run.tell()
    assert alone.wait() == 0, alone.output()
    reads = openmsistream.write_config(broker, consumer={"value.deserializer": "StringDeserializer"}, name="reads")
    consumers = [openmsistream.start("python", "-c", CONSUME, reads, results, "6") for results in (ours, native)]
    found = []
    for consumer, results in zip(consumers, (ours, native), strict=True):
        assert consumer.wait() == 0, consumer.output()
        found.append(sorted(line for line in consumer.output().splitlines() if line.startswith('["')))
        assert kafka.message_count(results) == 6
    assert found[0] == found[1]
    values = dict(json.loads(line) for line in found[0])
    assert values["xrd_run 1_scan 1.csv_chunk_processing_result"] == {
        "Anode": "Cu", "Scan": "1", "points": 5, "place": "xrd/run 1|scan 1.csv|µ",
    }  # fmt: skip
