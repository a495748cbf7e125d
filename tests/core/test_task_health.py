"""The health of tasks in the journal."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from openmsi_desktop.core import task_health
from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.task_health import TaskHealth


def test_what_was_written_is_read(tmp_path: Path) -> None:
    full = TaskHealth(1.5, "events", "some", 2.5, 30.0, 3, "/data/gr\udcf6\u00dfe \\ \U0001f52c", 4_000_000_000)
    with closing(Journal(tmp_path / "journal.db")) as journal:
        task_health.write(journal, {"a": full, "b": TaskHealth()})
        assert task_health.read(journal, "a") == full
        assert task_health.read(journal, "b") == task_health.read(journal, "never seen") == TaskHealth()


def test_what_another_release_wrote_is_read_as_far_as_it_is_understood(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal.db")) as journal:
        for text, expected in [
            ('{"contact_at": 7, "mood": "good"}', TaskHealth(contact_at=7.0)),
            ('{"free": "much"}', TaskHealth()),
            ('{"missed": null}', TaskHealth()),
            ("[1, 2]", TaskHealth()),
            ("{", TaskHealth()),
        ]:
            journal.set_meta("health x", text)
            assert task_health.read(journal, "x") == expected, text
