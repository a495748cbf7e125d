"""Which folder is this? Tells a watched folder from an empty mount point or another disk in the same place.

The identity is journalled, so it must survive a reboot: device numbers do not (USB disks, NFS, LVM, btrfs), the UUID
of the file system, the name of a share, and the folder's own file number do.
"""

from __future__ import annotations

import os
import stat as stat_bits
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from openmsi_desktop.streaming.watching.mounts import Mount, mount_of
from openmsi_desktop.streaming.watching.sightings import RootBack, RootChanged, RootFound, RootMissing

_BY_UUID = Path("/dev/disk/by-uuid")
# statvfs(2): these derive f_fsid from the UUID on the disk
_LASTING_FSID = frozenset(["ext2", "ext3", "ext4", "btrfs", "f2fs"])
# these make up file numbers each time they are mounted
_FLEETING_NUMBERS = frozenset(["vfat", "msdos", "exfat", "cifs", "smb3", "smbfs", "9p", "virtiofs"])


_Lost = TypeVar("_Lost", RootMissing, RootChanged)


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that is there. identity: lasting, for the journal; key: cheap to compare, as long as it stays mounted."""

    identity: str
    key: tuple[int, int]


def key_of(path: Path | str) -> tuple[int, int]:
    """Device and file number now. Raises OSError."""
    stat = os.stat(path)
    return stat.st_dev, stat.st_ino


def identify(path: Path | str) -> Root:
    """Look at a folder.

    Raises:
        OSError: it is not there, is no folder, or may not be listed.
    """
    stat = os.stat(path)
    if not stat_bits.S_ISDIR(stat.st_mode):
        raise NotADirectoryError(20, "It is not a folder", str(path))
    with os.scandir(path):
        pass
    mount = mount_of(path)
    volume, number = _volume(path, stat, mount), str(stat.st_ino)
    if mount and (mount.kind in _FLEETING_NUMBERS or mount.kind.startswith("fuse")):
        number = "-"
    return Root(f"{volume} {number}", (stat.st_dev, stat.st_ino))


def is_empty(path: Path | str) -> bool:
    """Nothing lies in the folder. Raises OSError."""
    with os.scandir(path) as entries:
        return next(entries, None) is None


class RootGone(Exception):
    """The watched folder is not there any more, or is another one."""


class RootGuard:
    """Knows whether the watched folder is there, and is the right one. Used by one thread."""

    def __init__(self, path: str, *, identity: str | None) -> None:
        """identity: the journalled one; None: whatever is there is right."""
        self._path = path
        self._identity = identity
        self._was_given = identity is not None
        self._key: tuple[int, int] | None = None
        self._said: RootFound | RootBack | RootMissing | RootChanged | None = None
        self._was_there = False

    @property
    def is_there(self) -> bool:
        """As far as the last look told."""
        return self._key is not None

    @property
    def device(self) -> int | None:
        """Number of the device it lies on, None while it is not there."""
        return self._key[0] if self._key else None

    def look(self, *, is_untouched: bool) -> RootFound | RootBack | RootMissing | RootChanged | None:
        """What is new about the root; None: nothing.

        is_untouched: no file was ever seen in it, so another folder (something mounted over it) may take its place.
        """
        try:
            if self._key is not None and key_of(self._path) == self._key:
                return None
            there = identify(self._path)
        except OSError as error:
            return self.lose(error)
        if self._identity not in (None, there.identity) and (self._was_given or not is_untouched):
            return self._say_lost(RootChanged(self._identity or "", there.identity, self._why_changed()))
        self._key, self._identity = there.key, there.identity
        self._said = RootBack(there.identity) if self._was_there else RootFound(there.identity)
        self._was_there = True
        return self._said

    def lose(self, error: OSError) -> RootMissing | None:
        """It cannot be listed; what is to be said about that, None if it was said before."""
        return self._say_lost(RootMissing(_why_missing(error)))

    def demand(self) -> None:
        """Raises RootGone unless the root is there now. Cheap."""
        try:
            if self._key is not None and key_of(self._path) == self._key:
                return
        except OSError:
            pass
        raise RootGone

    def accept(self) -> None:
        """Whatever is there at the next look is the right one."""
        self._identity = None
        self._was_there = False

    def _say_lost(self, said: _Lost) -> _Lost | None:
        self._key = None
        if said == self._said:
            return None
        self._said = said
        return said

    def _why_changed(self) -> str:
        try:
            if is_empty(self._path):
                return "An empty folder lies there: the disk or share that belongs there is probably not mounted"
        except OSError:
            pass
        return "Another folder, disk or share lies there than before"


def _why_missing(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "The folder is not there: renamed, deleted, or its disk or share is not mounted"
    if isinstance(error, NotADirectoryError):
        return "It is not a folder any more"
    if isinstance(error, PermissionError):
        return f"The folder may not be read ({error.strerror})"
    return f"The disk or share does not answer ({error.strerror})"


def _volume(path: Path | str, stat: os.stat_result, mount: Mount | None) -> str:
    if sys.platform == "win32":
        return f"serial:{stat.st_dev:x}"
    if mount is None:
        return f"device:{stat.st_dev}"
    if mount.is_network:
        return f"{mount.kind}:{mount.source}"
    if sys.platform == "darwin":
        # a device number may change with the order of plugging in: taken only where the file number says nothing
        return f"device:{stat.st_dev}" if stat.st_ino == 2 else mount.kind
    uuid = _disk_uuid(stat.st_dev, mount.source)
    if uuid:
        return f"uuid:{uuid}"
    if mount.kind in _LASTING_FSID:
        return f"fsid:{os.statvfs(path).f_fsid:x}"
    return mount.kind


def _disk_uuid(device: int, source: str) -> str | None:
    if sys.platform == "win32":
        return None
    devices = {device}
    try:
        # a btrfs subvolume has a device number of its own
        devices.add(os.stat(source).st_rdev)
    except OSError:
        pass
    try:
        links = sorted(os.listdir(_BY_UUID))
    except OSError:
        return None
    for link in links:
        try:
            if os.stat(_BY_UUID / link).st_rdev in devices:
                return link
        except OSError:
            continue
    return None
