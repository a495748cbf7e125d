"""A made-up picture of a scanning electron microscope: gold spheres on carbon, as a TIFF with the microscope's notes.

How bright: the yield of secondary electrons grows with the tilt of a surface as ``1 / cos(theta)`` (L. Reimer, Scanning Electron
Microscopy, 2nd ed. 1998, chapter 4), as far as the width of the beam lets it. How noisy: electrons are counted; current
and dwell time say how many fall on a pixel. How big the spheres are: a log-normal distribution.
"""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from random import Random

from openmsi_desktop.sample_diffraction import tiff

ELECTRON_C = 1.602176634e-19
"""Elementary charge in coulomb."""

_GOLD, _CARBON = 1.1, 0.35
"""Secondary electrons for each electron of the beam, at 5 kV and normal incidence; about what tables give."""
_STEEPEST = 0.2
"""Least cosine of the tilt that a beam of some nanometres sees."""
_MAKE, _MODEL, _SOFTWARE, _DATE = 271, 272, 305, 306


@dataclass(frozen=True, slots=True)
class View:
    """What the microscope was set to. pixel_nm: side of a pixel; current_pa, dwell_us: of the beam on each of them."""

    pixel_nm: float = 2.0
    current_pa: float = 50.0
    dwell_us: float = 1.0
    voltage_kv: float = 5.0
    distance_mm: float = 4.1

    @property
    def electrons(self) -> float:
        """Electrons of the beam that fall on a pixel."""
        return self.current_pa * 1e-12 * self.dwell_us * 1e-6 / ELECTRON_C


@dataclass(frozen=True, slots=True)
class Sphere:
    """A particle; all in nanometres, from the upper left corner."""

    x: float
    y: float
    radius: float


def spheres(rng: Random, *, number: int, width_nm: float, height_nm: float) -> list[Sphere]:
    """Particles of about 25 nm anywhere in the picture; they may overlap."""
    return [
        Sphere(rng.uniform(0, width_nm), rng.uniform(0, height_nm), rng.lognormvariate(math.log(25.0), 0.25))
        for _ in range(number)
    ]


def picture(
    rng: Random, particles: list[Sphere], *, pixels: tuple[int, int] = (256, 192), view: View | None = None, taken: str
) -> bytes:
    """The file that the microscope writes. pixels: width and height. taken: ``2026:11:21 10:00:00``, local time."""
    view = view or View()
    width, height = pixels
    means = [view.electrons * _CARBON] * (width * height)
    for sphere in sorted(particles, key=lambda s: s.radius):  # a bigger one stands higher and hides others
        _draw(means, sphere, pixels, view)
    image = array("H", (max(0, round(rng.gauss(mean, math.sqrt(mean)))) for mean in means))
    notes = {
        "HV": f"{view.voltage_kv:g} kV",
        "WD": f"{view.distance_mm:g} mm",
        "Current": f"{view.current_pa:g} pA",
        "Dwell": f"{view.dwell_us:g} us",
        "Detector": "SE",
        "Sample": "gold on carbon",
    }
    return tiff(
        image,
        width=width,
        description="\n".join(f"{name}={value}" for name, value in notes.items()),
        texts={_MAKE: "pretend instruments", _MODEL: "SEM 1", _SOFTWARE: "openmsi_desktop samples", _DATE: taken},
        pixels_per_cm=round(1e7 / view.pixel_nm),
    )


def _draw(means: list[float], sphere: Sphere, pixels: tuple[int, int], view: View) -> None:
    width, height = pixels
    x, y, radius = sphere.x / view.pixel_nm, sphere.y / view.pixel_nm, sphere.radius / view.pixel_nm
    for row in range(max(0, math.ceil(y - radius)), min(height, math.floor(y + radius) + 1)):
        for column in range(max(0, math.ceil(x - radius)), min(width, math.floor(x + radius) + 1)):
            tilted = 1 - ((column - x) ** 2 + (row - y) ** 2) / radius**2
            if tilted > 0:
                means[row * width + column] = view.electrons * _GOLD / max(math.sqrt(tilted), _STEEPEST)
