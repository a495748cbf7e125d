"""Which file system a folder lies on, and whether other computers can change it. Only looks, never mounts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")
_MAC_LINE = re.compile(r"^(?P<source>.+?) on (?P<point>.+) \((?P<kind>[^,)]+)[,)]")

_NETWORK = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb2",
        "smb3",
        "smbfs",
        "9p",
        "afs",
        "afpfs",
        "ceph",
        "coda",
        "glusterfs",
        "gpfs",
        "lustre",
        "beegfs",
        "pvfs2",
        "ocfs2",
        "ncpfs",
        "davfs",
        "webdav",
        "virtiofs",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
        "panfs",
        "orangefs",
        "osxfs",
        "grpcfuse",
    ]
)
# every other fuse.* may show what happens elsewhere
_LOCAL_FUSE = frozenset(
    f"fuse.{name}"
    for name in [
        "ntfs-3g",
        "ntfs",
        "exfat",
        "gocryptfs",
        "encfs",
        "cryfs",
        "mergerfs",
        "bindfs",
        "unionfs",
        "lxcfs",
        "ext2",
        "apfs",
    ]
)


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system. source: device, or server and share; kind: its type, as ``ext4`` or ``cifs``."""

    point: str
    kind: str
    source: str

    @property
    def is_network(self) -> bool:
        """Other computers can change it, and then no event arrives here."""
        return self.kind in _NETWORK or (self.kind.startswith("fuse.") and self.kind not in _LOCAL_FUSE)


def mount_of(path: Path | str, *, table: str | None = None) -> Mount | None:
    """The file system that ``path`` lies on, None if it cannot be told. table: text to use instead of the system's."""
    path = os.path.realpath(path)
    if sys.platform == "win32":
        return _windows_drive(path)
    if sys.platform == "darwin":
        mounts = _mac_mounts(table)
    else:
        mounts = _linux_mounts(table)
    holding = [m for m in mounts if m.point == "/" or path == m.point or path.startswith(m.point + "/")]
    # of several at one point the last one hides the others
    return max(reversed(holding), key=lambda m: len(m.point), default=None)


def _linux_mounts(table: str | None) -> list[Mount]:
    """Layout: proc_pid_mountinfo(5): ``36 35 98:0 /root /point options … - type source options``."""
    if table is None:
        try:
            table = os.fsdecode(_TABLE.read_bytes())
        except OSError:
            return []
    mounts = []
    for line in table.splitlines():
        before, dash, after = line.partition(" - ")
        place, kind = before.split(" "), after.split(" ")
        if dash and len(place) > 4 and len(kind) > 1:
            mounts.append(Mount(_plain(place[4]), kind[0], _plain(kind[1])))
    return mounts


def _plain(text: str) -> str:
    return os.fsdecode(_OCTAL.sub(lambda code: chr(int(code[1], 8)), text).encode("latin-1")) if "\\" in text else text


def _mac_mounts(table: str | None) -> list[Mount]:
    """What ``mount`` prints: ``//user@server/share on /Volumes/share (smbfs, nodev)``."""
    if table is None:
        try:
            asked = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return []
        table = asked.stdout
    found = (_MAC_LINE.match(line) for line in table.splitlines())
    return [Mount(line["point"], line["kind"], line["source"]) for line in found if line]


def _windows_drive(path: str) -> Mount | None:
    if sys.platform != "win32":
        return None
    import ctypes

    drive = os.path.splitdrive(path)[0]
    if drive.startswith("\\\\"):
        return Mount(drive, "smb3", drive)
    is_remote = ctypes.WinDLL("kernel32").GetDriveTypeW(drive + "\\") == 4  # DRIVE_REMOTE
    return Mount(drive, "smb3" if is_remote else "local", drive)
