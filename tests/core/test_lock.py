"""One holder at a time, whatever happens to it, and people who look do no harm."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.lock import Lock

_HOLD = """
import sys
from pathlib import Path
from openmsi_desktop.core.lock import Lock
lock = Lock(Path(sys.argv[1]))
assert lock.acquire("the other one")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "locks" / "a.lock"


def test_a_lock_has_one_holder_and_names_it(path: Path) -> None:
    first, second = Lock(path), Lock(path)
    assert second.is_free() and second.holder() == ""
    assert first.acquire("anna") and not second.acquire("ben")
    assert not first.is_free() and not second.is_free() and second.holder() == "anna"
    first.release()
    first.release()
    assert second.is_free() and second.acquire("ben") and first.holder() == "ben"
    second.release()


def test_a_lock_of_a_killed_process_is_free_at_once(path: Path) -> None:
    other = subprocess.Popen([sys.executable, "-c", _HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout and other.stdout.readline().split() == [b"held"]
    lock = Lock(path)
    assert not lock.acquire("we") and not lock.is_free() and lock.holder() == "the other one"
    other.kill()
    other.communicate()
    assert lock.is_free() and lock.acquire("we")
    lock.release()


def test_people_who_only_look_never_make_a_holder_fail(path: Path) -> None:
    enough = threading.Event()

    def look() -> None:
        while not enough.is_set():
            Lock(path).is_free()

    lookers = [threading.Thread(target=look) for _ in range(2)]
    for looker in lookers:
        looker.start()
    try:
        for _ in range(100):
            lock = Lock(path)
            assert lock.acquire("we")
            lock.release()
    finally:
        enough.set()
        for looker in lookers:
            looker.join()


def test_the_lock_of_another_user_can_be_looked_at(path: Path) -> None:
    lock = Lock(path)
    assert lock.acquire("anna")
    path.chmod(0o444)
    path.parent.chmod(0o555)
    assert not Lock(path).is_free()
    lock.release()
    assert Lock(path).is_free()
    path.parent.chmod(0o755)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NeedsYou, match="Cannot write"):
        Lock(tmp_path / "file" / "a.lock").acquire("we")
    (tmp_path / "b.holder").mkdir()
    lock = Lock(tmp_path / "b.lock")
    with pytest.raises(NeedsYou, match="Cannot write"):
        lock.acquire("we")
    assert lock.is_free(), "a lock that could not be named is not held"
