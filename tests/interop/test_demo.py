"""The demonstration on a real broker, on a topic that holds the files of an earlier one."""

from __future__ import annotations

from servers.kafka import Kafka
from servers.program import Program


def test_demo_on_a_real_broker_is_verified_again_and_again(kafka: Kafka, program: Program) -> None:
    topic = kafka.create_topic(partitions=3)
    for seed in ("1", "2"):
        running = program.run("demo", "--bootstrap", kafka.bootstrap(), "--topic", topic, "--seed", seed)
        assert running.process.returncode == 0, running.tell()
        assert running.summary["delivered"] == running.summary["checked"] == 11
