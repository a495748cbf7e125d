"""What librdkafka says -> what a person can use. The tables are in codes.py and texts.py.

The decisive word often comes as free text, to the error callback or only to the log, and the code says less than the
text. So the texts are looked at first, most specific first, then the codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError

from openmsi_desktop.core.errors import OpenMSIError
from openmsi_desktop.streaming.kafka.codes import BY_CODE, CONTACT, RIGHT, RIGHT_TITLES, UNEXPECTED, Cause, Weight
from openmsi_desktop.streaming.kafka.texts import BY_TEXT

__all__ = [
    "Finding",
    "Weight",
    "closing_of",
    "explain",
    "is_no_broker",
    "listen_to_log",
    "mapped_codes",
    "says_nothing",
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One utterance of librdkafka, understood. server: host:port it is about, empty if none.

    worth_a_look: the same words have several causes that a look at the port tells apart.
    """

    error: OpenMSIError
    weight: Weight
    server: str = ""
    worth_a_look: bool = False


def _resolve(table: Iterable[tuple[Cause, str]]) -> dict[int, Cause]:
    """An older library lacks some names: those are skipped."""
    return {
        code: cause
        for cause, names in table
        for name in names.split()
        if isinstance(code := getattr(KafkaError, name, None), int)
    }


_CODES: Mapping[int, Cause] = _resolve(BY_CODE)
_NOT_FOR_CLIENTS = {KafkaError._UNSUPPORTED_FEATURE, KafkaError.UNSUPPORTED_VERSION}
_FAINT_CODES = {KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._MSG_TIMED_OUT, KafkaError._WAIT_COORD}

_RULES = tuple((re.compile(pattern), cause) for pattern, cause in BY_TEXT)
_STATE = re.compile(r"\s*\(after \d+ ?ms in state (?P<state>\w+)[^)]*\)")
_SERVER = re.compile(r"^(?:\w+: )?(?:\w+://)?(?P<server>(?:\[[0-9a-fA-F:.%]+\]|[\w.-]+):\d+)(?:/(?:bootstrap|\d+))?: ")
_LOG_HEAD = re.compile(r"^.*?\]: (?=\S)")
_IDLE = re.compile(r"closed by peer.*in state UP")


def understand(code: int, text: str, *, topic: str = "", doing: str = "use") -> Finding:
    """The meaning of an error code with its text.

    topic, doing: what the caller was about, as in "may not [write to] the topic [xrd]".
    """
    cause, offered = _CODES.get(code, UNEXPECTED), ""
    for pattern, candidate in _RULES:
        if found := pattern.search(text):
            cause, offered = candidate, found.groupdict().get("offered") or ""
            break
    name = str(KafkaError(code).name())
    title = RIGHT_TITLES.get(name, cause.title) if cause is RIGHT else cause.title
    clean = _STATE.sub("", text).strip()
    at = _SERVER.search(clean)
    server = at["server"] if at else ""
    words = {
        "server": server or "the broker",
        "host": server.rsplit(":", 1)[0] or "of the broker",
        "topic": f'"{topic}"' if topic else "",
        "doing": doing,
        "detail": (clean[at.end() :] if at else clean).removeprefix("Broker: ")[:300],
        "code": name,
        "offered": _STATE.sub("", offered).strip(),
        "meant": _meant(offered) if "{meant}" in cause.advice else "",
    }
    error = cause.kind(_tidy(title.format_map(words)), _tidy(cause.advice.format_map(words)), code=cause.code)
    is_faint = cause is CONTACT and code in _FAINT_CODES
    return Finding(error, Weight.FAINT if is_faint else cause.weight, server, cause.worth_a_look)


def explain(error: KafkaError, *, topic: str = "", doing: str = "use") -> OpenMSIError:
    """The error to raise for what the library reports."""
    return understand(error.code(), error.str(), topic=topic, doing=doing).error


def says_nothing(error: KafkaError) -> bool:
    """Whether a code only means "it took too long"; what was heard before tells more."""
    return error.code() in _FAINT_CODES


def listen_to_log(line: str) -> Finding | None:
    """What a line of librdkafka's log reveals about the connection; None for the ordinary ones."""
    text = _LOG_HEAD.sub("", line, count=1)
    if _IDLE.search(text) or not any(pattern.search(text) for pattern, _ in _RULES):
        return None
    return understand(KafkaError._TRANSPORT, text)


def is_no_broker(error: KafkaError) -> bool:
    """Whether something answers in Kafka's words that is not for clients, such as a controller."""
    return error.code() in _NOT_FOR_CLIENTS


def closing_of(line: str) -> Finding | None:
    """A connection that was closed while it was up: idle ones are, but so are those that should have signed in."""
    text = _LOG_HEAD.sub("", line, count=1)
    return understand(KafkaError._TRANSPORT, text) if _IDLE.search(text) else None


def mapped_codes() -> frozenset[int]:
    """Every code the table knows."""
    return frozenset(_CODES)


def _meant(name: str) -> str:
    """A question about the property that was probably meant; empty if none is near."""
    from openmsi_desktop.streaming.kafka.property_names import what_was_meant  # only who mistyped one needs their names

    question = what_was_meant(name).removeprefix("; ")
    return question[:1].upper() + question[1:]


def _tidy(text: str) -> str:
    """No double blanks where a word is empty."""
    return " ".join(text.split())
