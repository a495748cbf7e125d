"""What the tests of connections share."""

from __future__ import annotations

import pytest
from servers.kafka import Kafka


@pytest.fixture(scope="session")
def tested(kafka: Kafka) -> str:
    """A topic with nothing on it, for tests that leave it so."""
    return kafka.create_topic("tested", partitions=2)
