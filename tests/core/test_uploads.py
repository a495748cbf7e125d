"""Unfinished uploads are remembered until it is certain that there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from openmsi_desktop.core.journal import Journal
from openmsi_desktop.core.uploads import UploadRow, Uploads

ROW = UploadRow("d", "lab", "http://s3", "b", "t/ü\n", "t", "ü\n", b"1" * 64, 8 << 20, 1.5)


def test_an_upload_is_known_from_before_it_begins_until_it_has_ended(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    rows = Uploads(journal)
    number = rows.begin(ROW)
    rows.begin(replace(ROW, sink="other"))
    assert rows.of_sink("d", "lab") == rows.of_file("d", "lab", "t", "ü\n") == [replace(ROW, id=number)]
    rows.learn(number, "u1")
    assert rows.of_sink("d", "lab") == [replace(ROW, id=number, upload_id="u1")]
    assert len(rows.all()) == 2
    rows.end(number)
    assert rows.of_sink("d", "lab") == rows.of_file("d", "lab", "t", "ü\n") == []
    assert not rows.is_needed(ROW)
    journal.close()
