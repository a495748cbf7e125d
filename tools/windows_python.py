"""A Python for Windows, laid out so that wine can run it. Standard library only.

The interpreter comes from Maven Central (org.bytedeco:cpython), compiled by Microsoft's compiler. It is for tests:
it is neither signed nor what users should get.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from steps import CACHE, run

_INSIDE = "org/bytedeco/cpython/windows-x86_64/"
# not needed for tests; _wmi calls a function that wine 8 lacks, and the platform module does without it
_LEFT_OUT = re.compile(
    r"share/|lib/(test|idlelib|turtledemo)/|lib/.*__pycache__/|lib/(_test|xxlimited|_ctypes_test|_wmi)"
)
_TOOLS = "x86_64-w64-mingw32-"


def fetch(version: str, target: Path) -> None:
    """Python of that version (as ``3.11.3-1.5.9``: Python's and the package's) into ``target``, which is replaced.

    Raises:
        subprocess.CalledProcessError: Maven or the linker failed; what it said was printed.
    """
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        maven = ["mvn", "--quiet", "--batch-mode", f"-Dmaven.repo.local={CACHE / 'maven'}", "dependency:copy"]
        artifact = f"-Dartifact=org.bytedeco:cpython:{version}:jar:windows-x86_64"
        run([*maven, artifact, f"-DoutputDirectory={folder}"], tries=3)
        shutil.rmtree(target, ignore_errors=True)
        _lay_out(next(Path(folder).glob("*.jar")), target)
    _make_stable_abi(target)


def build_library(source: Path, target: Path, *libraries: str) -> None:
    """A DLL from one C file, with nothing in it but that."""
    command = [f"{_TOOLS}gcc", "-O2", "-s", "-shared", "-nostdlib", "-e", "0", "-o", str(target), str(source)]
    run([*command, *(f"-l{library}" for library in libraries)])


def _lay_out(jar: Path, target: Path) -> None:
    """The usual folders of a Windows installation: python.exe, DLLs, Lib, libs, include."""
    with zipfile.ZipFile(jar) as archive:
        for name in archive.namelist():
            inside = name.removeprefix(_INSIDE)
            if inside == name or name.endswith("/") or _LEFT_OUT.match(inside):
                continue
            place = target / _place(inside)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(archive.read(name))


def _place(inside: str) -> str:
    folder, _, rest = inside.partition("/")
    if folder == "bin" or (folder == "lib" and rest.startswith("vcruntime")):
        return rest
    if folder == "lib":
        return f"DLLs/{rest}" if re.fullmatch(r"[^/]+\.(pyd|dll)", rest) else f"Lib/{rest}"
    return inside


def _make_stable_abi(target: Path) -> None:
    """python3.dll, which wheels for any Python link to and the package lacks: it passes everything on to python3XX.dll."""
    real = next(target.glob("python3[0-9]*.dll"))
    listing = subprocess.run([f"{_TOOLS}objdump", "-p", str(real)], check=True, capture_output=True, text=True).stdout
    exports = listing[listing.index("[Ordinal/Name Pointer] Table") :]
    names = re.findall(r"^\s+\[ *\d+\].*?\s(_?Py\w+)$", exports, re.MULTILINE)
    with tempfile.TemporaryDirectory() as folder:
        definition, empty = Path(folder, "python3.def"), Path(folder, "empty.c")
        lines = [f"  {name} = {real.stem}.{name}\n" for name in names]
        definition.write_text("LIBRARY python3.dll\nEXPORTS\n" + "".join(lines))
        empty.touch()
        command = [f"{_TOOLS}gcc", "-shared", "-nostdlib", "-Wl,-e,0", "-o", str(target / "python3.dll")]
        run([*command, str(empty), str(definition)])
