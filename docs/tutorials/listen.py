"""Prints the messages of a topic that are no parts of files: the results of processors. Any Kafka client does.

python3 listen.py TOPIC HOST:PORT
"""

import sys
import uuid

from confluent_kafka import Consumer


def main(topic: str, broker: str) -> None:
    """From the first message to the last one that is there now."""
    consumer = Consumer(
        {
            "bootstrap.servers": broker,
            "group.id": f"listen-{uuid.uuid4()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
    )
    consumer.subscribe([topic])
    partitions, ended = len(consumer.list_topics(topic, timeout=10).topics[topic].partitions), set()
    while len(ended) < partitions:
        message = consumer.poll(10)
        if message is None:
            sys.exit("nothing answers")
        if message.error():  # the end of a partition
            ended.add(message.partition())
        elif (message.key() or b"").endswith(b"_processing_result"):
            print(message.key().decode(), message.value().decode())
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
