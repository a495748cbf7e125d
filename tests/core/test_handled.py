"""What a sink has handled last is known by task, sink, topic and path."""

from __future__ import annotations

from pathlib import Path

from openmsi_desktop.core.handled import Handled
from openmsi_desktop.core.journal import Journal


def test_the_last_version_of_a_path_is_known_until_it_is_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    ours = Handled(journal, "task", "peaks")
    ours.note("t", "a/\udcff.xy", sha512=b"1" * 64, number=1)
    ours.note("t", "a/\udcff.xy", sha512=b"2" * 64, number=2, local="s3://b/k")
    found = ours.last("t", "a/\udcff.xy")
    assert found is not None
    assert (found.sha512, found.number, found.local) == (b"2" * 64, 2, "s3://b/k")
    for other in (Handled(journal, "task", "bucket"), Handled(journal, "other", "peaks")):
        assert other.last("t", "a/\udcff.xy") is None
    assert ours.last("u", "a/\udcff.xy") is None
    ours.forget("t", "a/\udcff.xy")
    assert ours.last("t", "a/\udcff.xy") is None
    journal.close()
