"""What the set-up scripts are made of: commands that must succeed, Debian packages, stamps. Standard library only.

What is set up carries a stamp, a hash of everything that went into it. What cannot be had is collected in
``left_out``, one sentence each.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"

left_out: list[str] = []


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages; False if we may not, or it did not work."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print(f"--- Debian packages: {' '.join(packages)}", flush=True)
    try:
        run(["apt-get", "-qq", "update"], tries=3)
        run(["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "install", "-y", "--no-install-recommends", *packages], tries=3)
    except subprocess.CalledProcessError as error:
        print(f"!!! {error}", file=sys.stderr)
        return False
    return True


def is_there(name: str) -> bool:
    """Whether a program is on the PATH, a shared library known to the loader, or a file (with its full path) there."""
    if name.startswith("/"):
        return Path(name).exists()
    if ".so." not in name:
        return shutil.which(name) is not None
    loader = shutil.which("ldconfig", path="/sbin:/usr/sbin")
    if loader is None:
        return False
    known = subprocess.run([loader, "-p"], capture_output=True, text=True, check=False).stdout
    return name in known


def run(command: Sequence[str], *, tries: int = 1) -> None:
    """Run a command that must succeed; its output is shown if it does not. tries: for what needs the network."""
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for attempt in range(1, tries + 1):
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=quietly,
            check=False,
        )
        status = done.returncode
        if status == 0:
            return
        print(done.stdout.decode(errors="replace"), file=sys.stderr)
        if attempt < tries:
            print(f"!!! {command[0]} ended with {status}; once more", file=sys.stderr)
            time.sleep(2 * attempt)
    raise subprocess.CalledProcessError(status, list(command))


# stamps


def fingerprint(*files: Path) -> str:
    """Changes when one of the files, this interpreter or the place of the checkout does."""
    digest = hashlib.sha256(f"{sys.version}\n{ROOT}\n".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_stamped(name: str, made_of: str, result: Path) -> bool:
    """Whether a part was set up from exactly this, and is still there."""
    stamp = CACHE / "stamps" / name
    return result.exists() and stamp.exists() and stamp.read_text() == made_of


def set_up(name: str, made_of: str, result: Path, steps: Callable[[], None]) -> None:
    """Set a part up unless it is stamped. The old stamp goes first, the new one comes last."""
    if is_stamped(name, made_of, result):
        return
    stamp = CACHE / "stamps" / name
    stamp.parent.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    started = time.monotonic()
    print(f"--- {name} …", flush=True)
    steps()
    stamp.write_text(made_of)
    print(f"--- {name}: {time.monotonic() - started:.0f} s", flush=True)


@contextmanager
def alone(name: str = "setup") -> Iterator[None]:
    """One of that name at a time in this checkout."""
    with open(CACHE / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_ci() -> bool:
    """Whether everything has to be there."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")
