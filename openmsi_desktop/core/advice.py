"""Advice of errors, for whom it is: what streams goes on by itself, and a command that has ended does not."""

from __future__ import annotations

import re

_GOES_ON = re.compile(r"by itself|(tried|trying|tries) again|goes on (from|where|as soon|once|when)", re.IGNORECASE)
_PROMISE = re.compile(r"[;,](?: and)? (?:it|sending) (?:is tried again|goes on)[^.;]*")

_COMMAND = re.compile(r"(?:\s+with)?[:;,]?\s*(?:or )?openmsi-desktop\s.*?(?=\.\s+[A-Z]|\.?$)", re.DOTALL)


def without_commands(advice: str) -> str:
    """Advice for a window, which has buttons for what a command line would be told."""
    text = _COMMAND.sub("", advice).strip()
    return text if not text or text.endswith((".", "?")) else text + "."


def without_promises(advice: str) -> str:
    """Advice without what it says about going on by itself."""
    return " ".join(s for s in _sentences(_PROMISE.sub("", advice)) if not _GOES_ON.search(s))


def of_a_test(advice: str) -> str:
    """Advice where nothing was on its way, so that nothing could be lost either."""
    return " ".join(s for s in _sentences(without_promises(advice)) if s != "Nothing is lost.")


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text) if text else []
