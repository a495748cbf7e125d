"""Which folder lies there, and on what: identities that survive a reboot, shares that announce nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from servers.systems import Needs, not_on_windows

from openmsi_desktop.streaming.watching import root
from openmsi_desktop.streaming.watching.mounts import Mount, mount_of
from openmsi_desktop.streaming.watching.root import identify

linux_only = not_on_windows(Needs.LINUX)

TABLE = """\
21 28 0:20 / /proc rw,nosuid - proc proc rw
28 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 28 0:40 / /mnt/lab rw - nfs4 server:/export/lab rw,vers=4.2
41 28 0:41 / /mnt/lab/local rw - xfs /dev/sdb1 rw
42 28 0:42 / /mnt/with\\040blank rw - cifs //nas/data rw
43 28 0:43 / /mnt/ssh rw - fuse.sshfs me@host:/ rw
44 28 0:44 / /mnt/crypt rw - fuse.gocryptfs /x rw
45 28 8:1 / /mnt/usb rw - vfat /dev/sdc1 rw
46 45 8:2 / /mnt/usb rw - exfat /dev/sdd1 rw
garbage
"""


@pytest.mark.parametrize(
    ("path", "kind", "is_network"),
    [
        ("/home/me", "ext4", False),
        ("/mnt/lab", "nfs4", True),
        ("/mnt/lab/run/1", "nfs4", True),
        ("/mnt/laboratory", "ext4", False),
        ("/mnt/lab/local/x", "xfs", False),
        ("/mnt/with blank/x", "cifs", True),
        ("/mnt/ssh", "fuse.sshfs", True),
        ("/mnt/crypt", "fuse.gocryptfs", False),
        ("/mnt/usb", "exfat", False),
    ],
)
@linux_only
def test_the_file_system_of_a_folder_is_told_from_the_table(path: str, kind: str, is_network: bool) -> None:
    mount = mount_of(path, table=TABLE)
    assert mount is not None and (mount.kind, mount.is_network) == (kind, is_network)


@linux_only
def test_an_empty_table_tells_nothing() -> None:
    assert mount_of("/", table="") is None


def test_the_same_folder_has_the_same_identity_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    before = identify(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "a").mkdir()
    assert identify(tmp_path / "b") == before
    assert identify(tmp_path / "a").identity != before.identity


@linux_only
def test_a_device_number_that_changes_with_every_boot_is_not_part_of_the_identity(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = identify(tmp_path)
    stat = os.stat

    def after_reboot(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        there = stat(path, follow_symlinks=follow_symlinks)
        return os.stat_result((*there[:2], there.st_dev + 7, *there[3:10]), {"st_rdev": 0})

    monkeypatch.setattr(os, "stat", after_reboot)
    after = identify(tmp_path)
    assert after.key != before.key
    assert after.identity == before.identity


@linux_only
@pytest.mark.parametrize(
    ("mount", "expected"),
    [
        (Mount("/m", "nfs4", "server:/lab"), "nfs4:server:/lab {inode}"),
        (Mount("/m", "cifs", "//nas/lab"), "cifs://nas/lab -"),
    ],
)
def test_a_share_is_known_by_its_server_and_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mount: Mount, expected: str
) -> None:
    monkeypatch.setattr(root, "mount_of", lambda path: mount)
    assert identify(tmp_path).identity == expected.format(inode=os.stat(tmp_path).st_ino)


@linux_only
def test_a_disk_is_known_by_its_uuid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "1234-ABCD").symlink_to("/dev/null")
    monkeypatch.setattr(root, "_BY_UUID", tmp_path)
    monkeypatch.setattr(root, "mount_of", lambda path: Mount("/media/stick", "vfat", "/dev/null"))
    assert identify(tmp_path).identity == "uuid:1234-ABCD -"


def test_a_file_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotADirectoryError):
        identify(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        identify(tmp_path / "missing")
