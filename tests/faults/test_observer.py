"""The observer of a target notices what people must never see."""

from __future__ import annotations

from pathlib import Path

from faults.observer import observed
from faults.oracle import Written
from servers.parts import eventually


def test_half_a_file_under_its_final_name_is_noticed(tmp_path: Path) -> None:
    written = Written(tmp_path / "source")
    written.add("a.dat", b"all of it")
    (tmp_path / "target" / ".openmsi-parts").mkdir(parents=True)
    with observed(tmp_path / "target", written, ("mine.txt",)) as observer:
        (tmp_path / "target" / "a.dat").write_bytes(b"all of it")
        (tmp_path / "target" / "mine.txt").write_bytes(b"of somebody else")
        (tmp_path / "target" / ".openmsi-parts" / "part").write_bytes(b"half")
        eventually(lambda: observer.files == 1, timeout_s=10, what="the file is seen")
        assert observer.torn == []
        (tmp_path / "target" / "b.dat").write_bytes(b"all of")
        eventually(lambda: observer.files == 2, timeout_s=10, what="the other one is seen")
    assert observer.torn == ["b.dat: 6 bytes that are no version of anything"]
