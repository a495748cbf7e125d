"""Runs somebody's classes that were written for OpenMSIStream, unchanged, in an environment where that is installed.

Such a class consumes a topic itself; here it is only given complete files. Its instance is made with a configuration that names no
broker, what would contact one in its constructor is taken out, and its callbacks are called as OpenMSIStream calls them: several
threads, one instance (for each topic), one lock. Python 3.9, and OpenMSIStream where it is imported.

Interface: openmsistream 1.8.8, data_file_io/actor/data_file_stream_{processor,reproducer}.py, metadata_extraction/.
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from openmsi_desktop.processing_calling import CannotBeMade, Message
from openmsi_desktop.processing_loading import Unusable, load

PIECE = 16 * 1024 * 1024
"""Bytes in which a file is handed over that the class wants on disk; one that it wants in memory comes whole."""

CONFIG = """\
[broker]
bootstrap.servers = 127.0.0.1:9
[producer]
key.serializer = StringSerializer
value.serializer = StringSerializer
[consumer]
group.id = create_new
auto.offset.reset = earliest
enable.auto.commit = False
key.deserializer = StringDeserializer
value.deserializer = DataFileChunkDeserializer
"""

_CONFIG_NAMES = ("config_file", "config_path", "config")
_TOPIC_NAMES = ("topic_name", "consumer_topic_name")
_RESULT_TOPIC_NAMES = ("producer_topic_name",)
_PATHS = (*_CONFIG_NAMES, "output_dir", "logger_file")

_ELSEWHERE = {
    "filepath_regex": "choose the files by the rules of the task",
    "consumer_group_id": "a group is a setting of the task",
    "n_threads": "set jobs of the processor",
    "n_consumer_threads": "set jobs of the processor",
    "n_producer_threads": "set jobs of the processor",
    "heartbeat_topic_name": "no heartbeats are sent for it",
    "log_topic_name": "its log is not sent to a topic",
}
"""Options of theirs that are of no use here, and what is."""


def is_one(found: Any) -> bool:
    """Whether it is a class of theirs, or made of one. openmsistream is imported by now."""
    return isinstance(found, type) and issubclass(found, tuple(_bases()))


def make(found: type, start: Mapping[str, Any]) -> Theirs:
    """start: see processing_loop. The instances are made when the first file of a topic comes."""
    options = dict(start["options"])
    for name, instead in _ELSEWHERE.items():
        if name in options:
            raise Unusable(f"{name} has no meaning here", f"Take it out of options; {instead}.")
    if inspect.isabstract(found):
        lacking = ", ".join(sorted(getattr(found, "__abstractmethods__", ())))
        raise Unusable(f"{found.__name__} is not complete", f"It has to define: {lacking}.")
    config = next((options.pop(name) for name in _CONFIG_NAMES if name in options), None)
    if config is None:
        path, is_own = Path(start["scratch"]) / "openmsistream.config", True
        path.write_text(CONFIG, encoding="utf-8")
    else:
        path, is_own = Path(os.path.expanduser(config)).absolute(), False
        _look_at(path)
    if start["trial"]:
        options["output_dir"] = start["trial"]
    _keep_off_the_broker()
    return Theirs(found, options, path, is_own=is_own, result_topic=start["result_topic"] or "results")


class Theirs:
    """A Caller for a class of OpenMSIStream."""

    is_shared = True

    def __init__(
        self, made_of: type, options: dict[str, Any], config: Path, *, is_own: bool, result_topic: str
    ) -> None:
        self._made_of = made_of
        self._options = options
        self._config = config
        self._is_own = is_own
        self._result_topic = result_topic
        self._making = threading.Lock()  # _instances
        self._instances: dict[str, Any] = {}
        self._is_reproducer = hasattr(made_of, "_get_processing_result_message_for_file")
        self._logged = _LastLogged()
        logging.getLogger().addHandler(self._logged)
        self._serializers = self._read_serializers() if self._is_reproducer else (None, None)

    def make_ready(self, request: Mapping[str, Any]) -> bool:
        topic = request["topic"]
        if topic in self._instances:
            return False
        with self._making:
            if topic not in self._instances:
                self._instances[topic] = self._made_or_told(topic)
        return True

    def call(self, request: Mapping[str, Any]) -> list[Message]:
        instance = self._instances[request["topic"]]
        self._logged.forget()
        datafile = _datafile(instance, request)
        path = datafile.relative_filepath
        with instance.lock:
            instance.files_in_progress_by_path[path] = datafile
            instance.locks_by_fp[path] = threading.Lock()
        try:
            messages = self._result(instance, datafile) if self._is_reproducer else self._process(instance, datafile)
            with instance.lock:
                instance.n_processed_files += 1
            return messages
        finally:
            with instance.lock:
                instance.files_in_progress_by_path.pop(path, None)
                instance.locks_by_fp.pop(path, None)

    def close(self) -> None:
        for instance in self._instances.values():
            instance._on_shutdown()

    # -- the callbacks

    def _process(self, instance: Any, datafile: Any) -> list[Message]:
        returned = instance._process_downloaded_data_file(datafile, instance.lock)
        if returned is None:
            return []
        instance._failed_processing_callback(datafile, instance.lock)
        if isinstance(returned, BaseException):
            raise returned
        raise TypeError(
            f"_process_downloaded_data_file() returned a {type(returned).__name__}; it has to return None or an exception"
        )

    def _result(self, instance: Any, datafile: Any) -> list[Message]:
        made = instance._get_processing_result_message_for_file(datafile, instance.lock)
        if made is None:
            instance._failed_computing_processing_result(datafile, instance.lock)
            if self._logged.error is not None:
                raise self._logged.error
            raise RuntimeError("it made no result of this file; what it logged is in its output")
        return [(self._serialised(made.msg_key, 0), self._serialised(made.msg_value, 1))]

    def _serialised(self, value: Any, which: int) -> bytes:
        """which: 0 for the key, 1 for the value."""
        serializer = self._serializers[which]
        if serializer is None or (self._is_own and isinstance(value, (bytes, bytearray))):
            return value.encode() if isinstance(value, str) else bytes(value)
        done = serializer(value, None)  # the four that a configuration file can name do not ask for a context
        return b"" if done is None else bytes(done)

    def _read_serializers(self) -> tuple[Any, Any]:
        from openmsistream.kafka_wrapper.config_file_parser import KafkaConfigFileParser

        configs = KafkaConfigFileParser(self._config).producer_configs
        return configs.get("key.serializer"), configs.get("value.serializer")

    # -- making an instance

    def _made_or_told(self, topic: str) -> Any:
        try:
            return self._made(topic)
        except Unusable:
            raise
        except Exception as error:  # noqa: BLE001 - a constructor may raise anything
            if "object.__init__()" in str(first := _first(error)) and self._options:
                raise Unusable(
                    f"{self._made_of.__name__} does not know one of its options",
                    f"Given are: {', '.join(sorted(self._options))}.",
                ) from first
            raise CannotBeMade from first

    def _made(self, topic: str) -> Any:
        given = {name: Path(value) if name in _PATHS else value for name, value in self._options.items()}
        if "datafile_type" in given:
            given["datafile_type"] = load(str(given["datafile_type"]))
        topics = [(_CONFIG_NAMES, self._config), (_TOPIC_NAMES, topic)]
        if self._is_reproducer:
            topics.append((_RESULT_TOPIC_NAMES, self._result_topic))
        arguments, named = _arguments(self._made_of, topics, given)
        instance = self._made_of(*arguments, **named)
        instance.file_registry = _Registry()  # theirs is made when it begins to consume
        return instance


def _arguments(
    made_of: type, topics: list[tuple[tuple[str, ...], Any]], given: dict[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Positional and named arguments for a constructor, whatever order its author chose. topics: what we give, by the names it
    usually has there; given: the options."""
    given, rest = dict(given), list(topics)
    positional: list[Any] = []
    takes_any = False
    parameters = [p for p in inspect.signature(made_of).parameters.values()]
    for parameter in parameters:
        ours = next((entry for entry in rest if parameter.name in entry[0]), None)
        if parameter.kind is parameter.VAR_POSITIONAL:
            positional += [value for _, value in rest]
            rest = []
        elif parameter.kind is parameter.VAR_KEYWORD:
            takes_any = True
        elif parameter.kind is parameter.KEYWORD_ONLY:
            if ours is not None:
                given[parameter.name] = ours[1]
                rest.remove(ours)
        elif ours is not None:
            positional.append(ours[1])
            rest.remove(ours)
        elif parameter.name in given:
            positional.append(given.pop(parameter.name))
        elif parameter.default is not parameter.empty:
            positional.append(parameter.default)
        else:
            raise Unusable(
                f"{made_of.__name__} needs {parameter.name}",
                f"Give it in the settings: options = {{ {parameter.name} = … }}.",
            )
    if takes_any:
        given.update({names[0]: value for names, value in rest})
    elif "output_dir" in given and "output_dir" not in {p.name for p in parameters}:
        given.pop("output_dir")
    return positional, given


def _look_at(config: Path) -> None:
    import configparser

    if not config.is_file():
        raise Unusable(f"there is no file {config}", "Correct config_file in options, or leave it out: none is needed.")
    parser = configparser.ConfigParser()
    parser.read(config)
    if parser.has_section("kafkacrypto"):
        raise Unusable(
            f"{config.name} is for encrypted topics",
            "Leave config_file out, or take the section [kafkacrypto] out of it.",
        )


def _keep_off_the_broker() -> None:
    """What a constructor asks a broker for is not needed: the position of a group, and producers of heartbeats and logs."""
    from openmsistream.kafka_wrapper.consumer_group import ConsumerGroup
    from openmsistream.kafka_wrapper.producer_group import ProducerGroup

    def nothing(*_: Any, **__: Any) -> list[Any]:
        return []

    setattr(ConsumerGroup, "_ConsumerGroup__get_group_starting_offsets", nothing)  # noqa: B010 - mangled otherwise
    ProducerGroup.get_new_producer = lambda *_, **__: _NoProducer()


def _first(error: BaseException) -> BaseException:
    """Their constructors try again without arguments when one is wrong, which hides what was."""
    while isinstance(error, TypeError) and isinstance(error.__context__, TypeError):
        error = error.__context__
    return error


class _NoProducer:
    """In the place of a producer."""

    producer_id = "none"

    def produce_object(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("there is no producer here: return the result instead, and it is sent")

    produce = produce_from_queue = produce_from_queue_looped = produce_object

    def poll(self, *_: Any, **__: Any) -> int:
        return 0

    flush = close = poll


class _Registry:
    """In the place of their lists of what was done: the program keeps its own."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: None


class _LastLogged(logging.Handler):
    """Remembers what was caught and logged while a file was worked on, for each thread: it says why there is no result."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._of_thread = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], Exception):
            self._of_thread.error = record.exc_info[1]

    def forget(self) -> None:
        self._of_thread.error = None

    @property
    def error(self) -> Exception | None:
        return getattr(self._of_thread, "error", None)


def _bases() -> Iterator[type]:
    import openmsistream

    for name in ("DataFileStreamProcessor", "DataFileStreamReproducer"):
        if isinstance(base := getattr(openmsistream, name, None), type):
            yield base


def _datafile(instance: Any, request: Mapping[str, Any]) -> Any:
    """Their object for a complete file, made of chunks as it would be by them."""
    from openmsistream.data_file_io.config import DATA_FILE_HANDLING_CONST
    from openmsistream.data_file_io.entity.data_file_chunk import DataFileChunk
    from openmsistream.data_file_io.entity.download_data_file import DownloadDataFileToDisk, DownloadDataFileToMemory

    relative, size = Path(*request["relative_path"].split("/")), request["size"]
    place = instance._output_dir / relative
    kind = instance.datafile_type
    if issubclass(kind, DownloadDataFileToDisk) and os.path.lexists(place):
        place.unlink()  # they write over what is there, and leave the end of a longer one
    datafile = kind(place, logger=instance.logger, **instance.other_datafile_kwargs)
    piece = max(1, size) if issubclass(kind, DownloadDataFileToMemory) else PIECE
    total = max(1, -(-size // piece))
    whole = bytes.fromhex(request["sha512"])
    code = None
    with open(request["file"], "rb") as file:
        for index in range(total):
            data = file.read(piece)
            part = whole if total == 1 else hashlib.sha512(data).digest()
            offset = index * piece
            chunk = DataFileChunk(
                relative, relative.name, whole, part, offset, offset, len(data), index + 1, total, data=data
            )
            chunk.file_mtime = request["modified"]
            chunk.rootdir = instance._output_dir
            code = datafile.add_chunk(chunk)
    if code != DATA_FILE_HANDLING_CONST.FILE_SUCCESSFULLY_RECONSTRUCTED_CODE:
        raise RuntimeError(f"{kind.__name__} did not take the file: add_chunk() returned {code}")
    return datafile
