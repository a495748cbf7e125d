"""Texts without their secrets. Two nets: the secrets that are known, by their value, and what looks like one, by its name.

Too much is taken out rather than too little: the readers of a bundle can ask.
"""

from __future__ import annotations

import base64
import json
import re
import urllib.parse
from collections.abc import Iterable

HIDDEN = "[hidden]"
_SHORTEST = 4
"""A secret of fewer characters is taken out only where its name says what it is: it would be found in any word."""

_SECRET_NAME = re.compile(
    r"(?i)pass(?:word|wd|phrase)?|pwd|secret|token|api[-_.]?key|private[-_.]?key|access[-_.]?key|credential|authorization"
    r"|jaas\.config|key\.pem|keystore\.pem"
)
_PLAIN_NAME = re.compile(r"(?i)(?:\.location|\.path|\.file|\.url|\.endpoint|\.mechanisms?|\.method|[._-]id|[._-]name)$")
# name = value, name: value, "name": "value", --name value
_ASSIGNED = re.compile(
    r"""(?ix)
    (?P<word>[\w.\-]+) (?P<name>["']? (?: \s*[=:]\s* | (?<=\w)\s(?=["']) ))
    (?P<value>"(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | (?:Bearer|Basic|Digest)\s+\S+ | [^\s,;&}\])]+)
    """,
)
_OPTION = re.compile(r"(?P<word>--[\w-]+)(?P<name>[ =])(?P<value>\S+)")
_USER_IN_ADDRESS = re.compile(r"(?P<name>\b[a-z][a-z0-9+.\-]*://[^\s:/@]+:)(?P<value>[^\s/@]+)(?=@)", re.IGNORECASE)
_BEARER = re.compile(r"(?P<name>\b(?:Bearer|Basic)\s+)(?P<value>[A-Za-z0-9+/_.~\-]{8,}=*)")
_PEM = re.compile(r"-----BEGIN (?P<what>[A-Z0-9 ]*PRIVATE KEY[A-Z ]*)-----.*?(?:-----END (?P=what)-----|\Z)", re.DOTALL)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]+(?:\.[A-Za-z0-9_\-]*)?")
_AWS = re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")


def forms_of(secret: str) -> list[str]:
    """A secret as it may stand in a text: itself, quoted for JSON and TOML, for addresses, and in base64."""
    encoded = secret.encode("utf-8", "surrogateescape")
    forms = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        urllib.parse.quote(secret, safe="", errors="surrogateescape"),
    }
    forms |= {repr(secret)[1:-1]}
    if len(encoded) >= _SHORTEST:
        forms.add(base64.b64encode(encoded).decode())
    return sorted((f for f in forms if len(f) >= _SHORTEST), key=len, reverse=True)


class Redactor:
    """Takes secrets out of texts. ``secrets``: those that are known, whatever they look like."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = sorted({form for secret in secrets for form in forms_of(secret)}, key=len, reverse=True)
        self._known = re.compile("|".join(re.escape(f) for f in forms)) if forms else None

    def __call__(self, text: str) -> str:
        """The text with every secret replaced."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        text = _PEM.sub(f"-----BEGIN {HIDDEN}-----", text)
        for pattern in (_OPTION, _ASSIGNED):
            text = pattern.sub(_if_secret, text)
        for pattern in (_USER_IN_ADDRESS, _BEARER):
            text = pattern.sub(_without_value, text)
        for pattern in (_JWT, _AWS):
            text = pattern.sub(HIDDEN, text)
        return text


def _if_secret(found: re.Match[str]) -> str:
    word = found["word"]
    if not _SECRET_NAME.search(word) or _PLAIN_NAME.search(word):
        quote, inner = _unquoted(found["value"])
        # what it quotes may be a sentence with a secret in it
        return word + found["name"] + quote + found.re.sub(_if_secret, inner) + quote
    return word + _without_value(found)


def _without_value(found: re.Match[str]) -> str:
    quote, _ = _unquoted(found["value"])
    return f"{found['name']}{quote}{HIDDEN}{quote}"


def _unquoted(value: str) -> tuple[str, str]:
    """(quotation mark or nothing, what it encloses)"""
    if len(value) >= 2 and value[0] in "\"'" and value[-1] == value[0]:
        return value[0], value[1:-1]
    return "", value
