"""A broker in this process: librdkafka's mock cluster. For trying out and for tests; it keeps everything in memory.

Its C functions are called directly, because the Python library reaches them only by a property that allows no choice
of partitions. Source: librdkafka, src/rdkafka_mock.h.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import cimpl

_PRODUCER = 0


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_library_file())
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    for name, result, arguments in (
        ("rd_kafka_conf_new", pointer, []),
        ("rd_kafka_conf_set", number, [pointer, text, text, text, ctypes.c_size_t]),
        ("rd_kafka_new", pointer, [number, pointer, text, ctypes.c_size_t]),
        ("rd_kafka_destroy", None, [pointer]),
        ("rd_kafka_mock_cluster_new", pointer, [pointer, number]),
        ("rd_kafka_mock_cluster_destroy", None, [pointer]),
        ("rd_kafka_mock_cluster_bootstraps", text, [pointer]),
        ("rd_kafka_mock_topic_create", number, [pointer, text, number, number]),
        ("rd_kafka_mock_broker_set_down", number, [pointer, ctypes.c_int32]),
        ("rd_kafka_mock_broker_set_up", number, [pointer, ctypes.c_int32]),
        (
            "rd_kafka_mock_push_request_errors_array",
            None,
            [pointer, ctypes.c_int16, ctypes.c_size_t, ctypes.POINTER(number)],
        ),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _library_file() -> str:
    """On Windows the library itself; elsewhere the extension will do, which is linked to it."""
    beside = Path(cimpl.__file__).parent.with_suffix(".libs")
    found = sorted(beside.glob("librdkafka*.dll")) if sys.platform == "win32" else []
    return str(found[0]) if found else cimpl.__file__


class EmbeddedBroker:
    """Use as a context manager. ``bootstrap`` is its address, valid inside the ``with``."""

    bootstrap: str

    def __init__(self, *, brokers: int = 1) -> None:
        self._count = brokers
        self._library = _library()
        self._client: int | None = None
        self._cluster: int | None = None

    def __enter__(self) -> Self:
        library, reason = self._library, ctypes.create_string_buffer(512)
        conf = library.rd_kafka_conf_new()
        library.rd_kafka_conf_set(conf, b"log_level", b"0", reason, len(reason))  # it would say that it knows no broker
        self._client = library.rd_kafka_new(_PRODUCER, conf, reason, len(reason))
        if not self._client:
            raise RuntimeError(reason.value.decode())
        self._cluster = library.rd_kafka_mock_cluster_new(self._client, self._count)
        self.bootstrap = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        return self

    def create(self, topic: str, partitions: int = 4) -> None:
        """Make a topic. Those that somebody just writes to have four partitions."""
        self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), partitions, self._count)

    def down(self, broker: int = 1) -> None:
        """Close the connections of a broker, and refuse new ones until :meth:`up`. Counted from 1."""
        self._library.rd_kafka_mock_broker_set_down(self._cluster, broker)

    def up(self, broker: int = 1) -> None:
        self._library.rd_kafka_mock_broker_set_up(self._cluster, broker)

    def fail_next(self, request: int, *codes: int) -> None:
        """Answer the next requests of that kind (Kafka's API key) with these error codes, one after the other."""
        errors = (ctypes.c_int * len(codes))(*codes)
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, request, len(codes), errors)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._cluster:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        if self._client:
            self._library.rd_kafka_destroy(self._client)
        self._cluster = self._client = None
