"""The data folder: one process streams with it, and a lost journal is noticed whoever comes first."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.core.errors import NeedsYou
from openmsi_desktop.core.journal import FILE_NAME
from openmsi_desktop.streaming import profile as module
from openmsi_desktop.streaming.profile import InUse, Profile, folder_lock
from openmsi_desktop.streaming.watching.mounts import Mount


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    made = Profile(tmp_path / "data")
    made.prepare()
    return made


def test_a_second_streamer_is_refused_and_told_who_has_it(profile: Profile) -> None:
    other = Profile(profile.data)
    assert other.streamer() is None
    lock = profile.lock()
    with pytest.raises(InUse) as caught:
        other.lock()
    assert f"process {os.getpid()} of" in caught.value.title and "--data" in caught.value.advice
    assert f"process {os.getpid()} of" in (other.streamer() or "")
    lock.release()
    assert other.streamer() is None
    other.lock().release()


@not_on_windows(Needs.MODES)
def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    Profile(tmp_path / "data").prepare()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_data_folder_on_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "mount_of", lambda path: Mount("/srv", "nfs4", "server:/srv"))
    with pytest.raises(NeedsYou, match=r"network drive.*--data"):
        Profile(tmp_path / "data").prepare()
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NeedsYou, match="Cannot use the data folder"):
        Profile(tmp_path / "file" / "data").prepare()


@pytest.mark.parametrize("how", ["deleted", "emptied", "only its first page left"])
def test_a_lost_journal_is_noticed_whoever_opens_the_next_one(profile: Profile, how: str) -> None:
    journal = profile.open_journal()
    assert profile.journal_lost_at(journal) is None
    profile.installation_id()
    journal.close()
    (profile.data / FILE_NAME).unlink()
    if how == "only its first page left":  # the rest was in the -wal file
        sqlite3.connect(profile.data / FILE_NAME).execute("PRAGMA journal_mode = WAL").connection.close()
        assert (profile.data / FILE_NAME).stat().st_size > 0
    if how == "emptied":
        (profile.data / FILE_NAME).touch()
    Profile(profile.data).open_journal().close()  # as a one-off upload does, which asks nobody
    journal = profile.open_journal()
    assert time.time() - (profile.journal_lost_at(journal) or 0) < 60
    journal.close()


def test_a_kill_while_a_lost_journal_is_made_anew_does_not_hide_the_loss(profile: Profile) -> None:
    profile.open_journal().close()
    profile.installation_id()
    (profile.data / FILE_NAME).unlink()
    killed = "import os; from pathlib import Path; from openmsi_desktop.core.journal import Journal;"
    killed += "Journal.set_meta = lambda *_: os._exit(9);"
    killed += (
        f"from openmsi_desktop.streaming.profile import Profile; Profile(Path({str(profile.data)!r})).open_journal()"
    )
    assert subprocess.run([sys.executable, "-c", killed], check=False).returncode == 9
    journal = profile.open_journal()
    assert time.time() - (profile.journal_lost_at(journal) or 0) < 60
    journal.close()


def test_an_owner_is_alive_as_long_as_its_process_keeps_its_name(profile: Profile) -> None:
    other = Profile(profile.data)
    name = other.owner()
    assert other.owner() == name != profile.owner()
    assert profile.is_alive(name) and other.is_alive(name)
    other.disown()
    assert not profile.is_alive(name)
    assert not profile.is_alive("nobody")
    profile.disown()
    assert list((profile.data / "owners").iterdir()) == []


@not_on_windows(Needs.LINKS)
def test_one_folder_goes_to_one_topic_once(tmp_path: Path) -> None:
    folder, locks = tmp_path / "xrd", tmp_path / "locks"
    folder.mkdir()
    (tmp_path / "link").symlink_to(folder)
    lock = folder_lock(folder, "a", locks=locks)
    with pytest.raises(InUse, match=f"already sent to topic a by .*process {os.getpid()} of"):
        folder_lock(tmp_path / "link", "a", locks=locks)
    folder_lock(folder, "b", locks=locks).release()
    lock.release()
    folder_lock(folder, "a", locks=locks).release()


@not_on_windows(Needs.MODES)
def test_another_user_of_this_computer_is_noticed_and_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = tmp_path / "locks"
    with monkeypatch.context() as as_anna:
        as_anna.setattr(os, "getuid", lambda: 4711)
        hers = folder_lock(tmp_path, "a", locks=locks)
    for file in locks.iterdir():
        file.chmod(0o444)
    with pytest.raises(InUse, match="already sent"):
        folder_lock(tmp_path, "a", locks=locks)
    hers.release()
    folder_lock(tmp_path, "a", locks=locks).release()


@not_on_windows(Needs.MODES)
def test_files_that_others_make_meanwhile_keep_their_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("the mask belongs to all threads"))
    folder_lock(tmp_path, "a", locks=tmp_path / "locks").release()
