"""Arguments of a program with placeholders, and what they become for a file. Nothing here is ever read by a shell.

Each placeholder is filled in inside its argument, as it is: an argument stays one argument whatever a file is called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openmsi_desktop.core import topic_path
from openmsi_desktop.settings_values import PLACEHOLDER
from openmsi_desktop.streaming.sinks.processor.runner import Work


def values(work: Work) -> dict[str, str]:
    """What stands for each of :data:`~openmsi_desktop.settings_values.COMMAND_FIELDS`."""
    return {
        "file": str(work.file),
        "relative_path": work.relative_path,
        "name": topic_path.split(work.relative_path)[1],
        "topic": work.topic,
        "sha512": work.sha512,
        "size": str(work.size),
        "output_dir": str(work.output_dir),
    }


def variables(work: Work) -> dict[str, str]:
    """The same as environment variables. OPENMSI_MODIFIED: seconds since 1970, missing where that is unknown."""
    known = {
        "OPENMSI_FILE": str(work.file),
        "OPENMSI_RELATIVE_PATH": work.relative_path,
        "OPENMSI_TOPIC": work.topic,
        "OPENMSI_SHA512": work.sha512,
        "OPENMSI_SIZE": str(work.size),
        "OPENMSI_OUTPUT_DIR": str(work.output_dir),
    }
    return known if work.modified is None else known | {"OPENMSI_MODIFIED": repr(work.modified)}


def filled(arguments: Sequence[str], known: Mapping[str, str]) -> list[str]:
    """The arguments for one file. ``{{name}}`` becomes ``{name}``."""
    return [
        PLACEHOLDER.sub(lambda found: known[found["field"]] if found["field"] else found[0][1:-1], a) for a in arguments
    ]
