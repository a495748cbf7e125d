"""OpenMSIStream's own consumers read what our processors make of files: messages, and files."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from servers.kafka import Kafka
from servers.openmsistream import OpenMSIStream
from servers.trees import read_tree
from streaming.processing import Bench, delivered, python

from openmsi_desktop.streaming.kafka.broker import KafkaBroker

IT_READS = """
import json, logging, sys, time
from openmsistream.kafka_wrapper import OpenMSIStreamConsumer
consumer = OpenMSIStreamConsumer.from_file(sys.argv[1], logger=logging.getLogger("quiet"))
consumer.subscribe([sys.argv[2]])
end = time.monotonic() + 60
while time.monotonic() < end:
    message = consumer.get_next_message(1.0)
    if message is not None:
        print(json.dumps([message.key(), message.value()]), flush=True)
        break
consumer.close()
"""
IT_NAMES = """
from types import SimpleNamespace
from openmsistream.data_file_io.entity.reproducer_message import ReproducerMessage
class Message(ReproducerMessage):
    msg_value = ""
for folder, name in (("run 1/deep", "scan.xy"), ("", "scan.xy")):
    print(Message(SimpleNamespace(subdir_str=folder, filename=name)).msg_key)
"""


def test_its_consumers_read_our_results(kafka: Kafka, openmsistream: OpenMSIStream, tmp_path: Path) -> None:
    answers, files = kafka.create_topic(partitions=4), kafka.create_topic(partitions=4)
    broker = KafkaBroker(kafka.client())
    for topic, script in (
        (answers, 'print(\'{"peaks": [1.5], "unit": "µm"}\')'),
        (
            files,
            "import os; open(os.path.join(os.environ['OPENMSI_OUTPUT_DIR'], 'plot.png'), 'wb').write(b'P' * 700_000)",
        ),
    ):
        bench = Bench(tmp_path / topic, broker, command=python(script), result_topic=topic)
        assert delivered(bench.one("run 1/deep/scan.xy", version=3, installation="a" * 32)).note
        bench.close()
    plain = openmsistream.write_config(
        {"bootstrap.servers": kafka.bootstrap()}, consumer={"value.deserializer": "StringDeserializer"}, name="answers"
    )
    assert json.loads(_in_it(openmsistream, IT_READS, str(plain), answers)) == [
        "run 1_deep_scan.xy_chunk_processing_result", '{"peaks": [1.5], "unit": "µm"}'
    ]  # fmt: skip
    config = openmsistream.write_config({"bootstrap.servers": kafka.bootstrap()})
    target = tmp_path / "its"
    run = openmsistream.start("DataFileDownloadDirectory", target, "--config", config, "--topic_name", files)
    there = target / "run 1" / "deep" / "plot.png"
    run.quit_when(lambda: there.exists() and there.stat().st_size == 700_000, timeout_s=60, what="it has the file")
    assert read_tree(target, ignore=["DataFileDownloadDirectory.log"]) == {"run 1/deep/plot.png": b"P" * 700_000}


def test_results_have_the_keys_that_it_gives_them(openmsistream: OpenMSIStream) -> None:
    assert _in_it(openmsistream, IT_NAMES).splitlines() == [
        "run 1_deep_scan.xy_chunk_processing_result", "_scan.xy_chunk_processing_result"
    ]  # fmt: skip


def _in_it(openmsistream: OpenMSIStream, script: str, *arguments: str) -> str:
    """What a script prints in its environment."""
    python_there = openmsistream.environment / "bin" / "python"
    command = [str(python_there), "-W", "ignore", "-c", script, *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=120, cwd=openmsistream.folder
    ).stdout
