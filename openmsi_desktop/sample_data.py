"""A pretend instrument: what it writes during a short session, step by step. Writes nothing itself.

The same seed gives the same bytes. Who plays the session decides about the pace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from openmsi_desktop import sample_diffraction, sample_indentation

GROWING = "logs/instrument.log"
"""A file that grows while it is watched."""
REWRITTEN = "run_001/summary.json"
"""A file that is written twice."""
EMPTY = "run_001/finished"

_PIXELS = 640
_LOADS_UN = (2000.0, 5000.0, 9000.0)


@dataclass(frozen=True, slots=True)
class Step:
    """The instrument writes: ``content`` becomes the file at ``path`` (with slashes), or is put behind what it holds."""

    path: str
    content: bytes
    appends: bool = False

    def write(self, folder: Path) -> None:
        """Do it below ``folder``, as simple programs do: in place."""
        file = folder.joinpath(*self.path.split("/"))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab" if self.appends else "wb") as opened:
            opened.write(self.content)


def session(seed: int = 1) -> Iterator[Step]:
    """About 2.5 MB in eleven files: tables, images, metadata, an empty file, one that grows, one that is rewritten."""
    rng = Random(seed)
    yield Step("run_001/metadata.json", _json(_metadata(seed)))
    yield Step(GROWING, _log(0, "session started"))
    yield Step("run_001/si_standard.xy", sample_diffraction.pattern(rng))
    yield Step(GROWING, _log(1, "pattern of the standard measured"), appends=True)
    for number, exposure in enumerate((1.0, 2.5), 1):
        image = sample_diffraction.rings(rng, pixels=_PIXELS, exposure=exposure)
        yield Step(f"run_001/rings_{number:04}.tif", image)
        yield Step(GROWING, _log(1 + number, f"image {number}, exposure {exposure} s"), appends=True)
    yield Step(REWRITTEN, _json({"state": "running", "images": 2, "indents": 0}))
    for number, load in enumerate(_LOADS_UN, 1):
        curve = sample_indentation.curve(rng, load_un=load, name=f"indent {number}")
        yield Step(f"indents/{load / 1000:.0f} mN – größe µm.csv", curve)
        yield Step(GROWING, _log(3 + number, f"indent {number} done"), appends=True)
    yield Step("run_001/detector/flat_field.bin", rng.randbytes(600_000))
    yield Step(EMPTY, b"")
    yield Step(REWRITTEN, _json({"state": "finished", "images": 2, "indents": len(_LOADS_UN)}))
    yield Step(GROWING, _log(9, "session finished"), appends=True)


def _metadata(seed: int) -> dict[str, object]:
    return {
        "instrument": "pretend diffractometer with nanoindenter",
        "sample": {"material": "silicon powder", "lattice_parameter_angstrom": sample_diffraction.LATTICE_A},
        "source": {"line": "Cu K-alpha-1", "wavelength_angstrom": sample_diffraction.COPPER_A},
        "detector": {"pixels": [_PIXELS, _PIXELS], "bits": 16},
        "temperature_celsius": 21.5,
        "operator": "nobody",
        "seed": seed,
    }


def _json(content: dict[str, object]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _log(minute: int, what: str) -> bytes:
    return f"10:{minute:02}:00 {what}\n".encode("ascii")
