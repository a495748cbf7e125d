"""A pretend laboratory: writes a few measurements into a folder, as instruments do. The same seed gives the same files.

python measure.py FOLDER [SEED]
"""

import sys
from pathlib import Path
from random import Random

from openmsi_desktop import sample_diffraction, sample_indentation, sample_micrograph

CURVE_HEADER = """\
# instrument: nanoindenter 1
# operator: nobody
# measured: 2026-11-21T10:04:00+00:00
# temperature_celsius: 21.5
# drift_nm_per_s: 0.02
"""


def main(folder: Path, seed: int) -> None:
    """Two diffraction patterns of silicon, a micrograph of gold on carbon, an indentation of fused silica."""
    rng = Random(seed)
    particles = sample_micrograph.spheres(rng, number=40, width_nm=512, height_nm=384)
    header = CURVE_HEADER.replace("\n", "\r\n").encode()
    files = {
        "xrd/si_001.xy": sample_diffraction.pattern(rng, start=25, stop=80),
        "xrd/si_002.xy": sample_diffraction.pattern(rng, start=25, stop=80),
        "sem/gold.tif": sample_micrograph.picture(rng, particles, taken="2026:11:21 10:02:00"),
        "indents/silica 5 mN.csv": header + sample_indentation.curve(rng, load_un=5000, name="indent 1"),
    }
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        print(f"{name}  {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
