"""Made-up X-ray diffraction of silicon powder: a pattern as a table, and rings on a flat detector as a TIFF.

Where the peaks are: Bragg's law. How strong: structure factor of the diamond lattice with the scattering
factor of International Tables for Crystallography C, table 6.1.1.4, and the thermal motion of Aldred and
Hart, Proc. R. Soc. A 332 (1973) 223, times multiplicity and the Lorentz and polarisation factors. How wide: Caglioti, Paoletti and Ricci, Nucl. Instrum. 3 (1958) 223. Their shape:
pseudo-Voigt, as in Thompson, Cox and Hastings, J. Appl. Cryst. 20 (1987) 79.
"""

from __future__ import annotations

import math
import struct
import sys
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from random import Random
from statistics import NormalDist

LATTICE_A = 5.431020511
"""Lattice parameter of silicon in angstrom (CODATA 2018)."""
COPPER_A = 1.5405929
"""Wavelength of Cu K-alpha-1 in angstrom."""
SYNCHROTRON_A = 0.4246

_FORM_FACTOR = ((6.2915, 2.4386), (3.0353, 32.3337), (1.9891, 0.6785), (1.5410, 81.6937))
_FORM_CONSTANT = 1.1407
_DEBYE_WALLER_A2 = 0.461
_CAGLIOTI = (0.006, -0.004, 0.008)  # U, V, W in degrees squared: a usual laboratory instrument
_LORENTZ_SHARE = 0.4
_PIXEL_MM = 0.2
_DISTANCE_MM = 180.0
_OVERSAMPLED = 4
_DEVIATES = 4096


@dataclass(frozen=True, slots=True)
class Reflection:
    """One family of lattice planes. two_theta in degrees; intensity relative to the strongest, which has 100."""

    hkl: tuple[int, int, int]
    two_theta: float
    intensity: float


@cache
def reflections(wavelength_a: float, most_two_theta: float = 120.0) -> tuple[Reflection, ...]:
    """The reflections of silicon, in the order of their angles."""
    found: dict[tuple[int, int, int], float] = {}
    for h, k, l in product(range(-9, 10), repeat=3):
        factor = _structure_factor(h, k, l)
        if factor:
            low, middle, high = sorted((abs(h), abs(k), abs(l)))
            family = (high, middle, low)
            found[family] = found.get(family, 0.0) + factor  # adding up gives the multiplicity
    lines = []
    for (h, k, l), strength in found.items():
        inverse_d = math.sqrt(h * h + k * k + l * l) / LATTICE_A
        sine = wavelength_a * inverse_d / 2
        if sine >= math.sin(math.radians(most_two_theta / 2)):
            continue
        theta = math.asin(sine)
        s_squared = (inverse_d / 2) ** 2
        scattering = sum(a * math.exp(-b * s_squared) for a, b in _FORM_FACTOR) + _FORM_CONSTANT
        scattering *= math.exp(-_DEBYE_WALLER_A2 * s_squared)
        lorentz = (1 + math.cos(2 * theta) ** 2) / (sine**2 * math.cos(theta))
        lines.append(((h, k, l), math.degrees(2 * theta), strength * scattering**2 * lorentz))
    strongest = max(strength for _, _, strength in lines)
    return tuple(
        Reflection(hkl, angle, 100 * strength / strongest) for hkl, angle, strength in sorted(lines, key=lambda r: r[1])
    )


def pseudo_voigt(x: float, *, width: float, lorentz_share: float) -> float:
    """Shape of a peak with area 1 at ``x`` from its centre; ``width`` is the full width at half maximum."""
    gauss = math.sqrt(4 * math.log(2) / math.pi) / width * math.exp(-4 * math.log(2) * (x / width) ** 2)
    lorentz = 2 / (math.pi * width) / (1 + 4 * (x / width) ** 2)
    return lorentz_share * lorentz + (1 - lorentz_share) * gauss


def width(two_theta: float) -> float:
    """Full width at half maximum, in degrees, of a peak at this angle."""
    tangent = math.tan(math.radians(two_theta / 2))
    u, v, w = _CAGLIOTI
    return math.sqrt(u * tangent**2 + v * tangent + w)


def pattern(rng: Random, *, start: float = 20.0, stop: float = 100.0, step: float = 0.02) -> bytes:
    """A scan as lines of angle and counts, the ``.xy`` form that every program reads."""
    lines = ["# Si 640, Cu K-alpha-1, 2theta (degrees) and counts"]
    peaks = [(r, width(r.two_theta)) for r in reflections(COPPER_A)]
    for number in range(round((stop - start) / step) + 1):
        angle = start + number * step
        mean = 40.0 + 2000.0 / angle
        for peak, wide in peaks:
            if abs(angle - peak.two_theta) < 15 * wide:
                shape = pseudo_voigt(angle - peak.two_theta, width=wide, lorentz_share=_LORENTZ_SHARE)
                mean += 15.0 * peak.intensity * shape
        lines.append(f"{angle:.2f} {max(0, round(rng.gauss(mean, math.sqrt(mean))))}")
    return ("\n".join(lines) + "\n").encode("ascii")


def rings(rng: Random, *, pixels: int, exposure: float = 1.0) -> bytes:
    """What a square detector behind the sample counts: Debye-Scherrer rings, as a 16-bit TIFF.

    pixels: along each side, an even number. exposure: 1.0 gives some 1000 counts at the strongest ring.
    """
    means = _radial_means(pixels, exposure)
    roots = [math.sqrt(mean) for mean in means]
    deviates = [NormalDist().inv_cdf((number + 0.5) / _DEVIATES) for number in range(_DEVIATES)]
    half = pixels // 2
    image = array("H")
    for y in range(-half, half):
        # the beam goes between the four middle pixels, so distances are odd multiples of half a pixel
        squared = (2 * y + 1) ** 2
        right = [math.isqrt((_OVERSAMPLED // 2) ** 2 * ((2 * x + 1) ** 2 + squared)) for x in range(half)]
        noise = array("H", rng.randbytes(2 * pixels))
        image.extend(
            int(means[at] + roots[at] * deviates[n % _DEVIATES])  # counting noise: normal with the root of the mean
            for at, n in zip((*reversed(right), *right), noise, strict=True)
        )
    return tiff(image, width=pixels, description=f"Si powder, {SYNCHROTRON_A} A, {_DISTANCE_MM} mm")


def _radial_means(pixels: int, exposure: float) -> list[float]:
    """Mean counts by distance from the beam, in quarters of a pixel."""
    spread_mm = 0.35
    circles = [
        (_DISTANCE_MM * math.tan(math.radians(r.two_theta)), r.intensity) for r in reflections(SYNCHROTRON_A, 40.0)
    ]
    means = []
    for at in range(math.ceil(pixels * _OVERSAMPLED * 0.7072) + _OVERSAMPLED):
        radius = max(at / _OVERSAMPLED * _PIXEL_MM, _PIXEL_MM)
        mean = 25.0 + 150.0 * math.exp(-radius / 15.0)
        for circle, intensity in circles:
            if abs(radius - circle) < 6 * spread_mm:
                # the intensity of a cone is spread over the whole ring
                mean += (
                    9.0 * intensity * (circles[0][0] / circle) * math.exp(-(((radius - circle) / spread_mm) ** 2) / 2)
                )
        means.append(exposure * mean)
    return means


def _structure_factor(h: int, k: int, l: int) -> float:
    """|F|**2 / f**2 of the diamond lattice: 32 if all are odd, 64 if all are even and add up to 4n, else 0."""
    if h == k == l == 0 or len({h % 2, k % 2, l % 2}) > 1:
        return 0.0
    if h % 2:
        return 32.0
    return 64.0 if (h + k + l) % 4 == 0 else 0.0


def tiff(
    samples: array[int],
    *,
    width: int,
    description: str,
    texts: Mapping[int, str] | None = None,
    pixels_per_cm: int = 0,
) -> bytes:
    """A grey 16-bit image in one strip. Layout: TIFF revision 6.0 (Adobe, 1992), baseline.

    texts: further ASCII fields by their tag, for example 271 (Make). pixels_per_cm: 0 if nobody knows.
    """
    data = array("H", samples)
    if sys.byteorder == "big":
        data.byteswap()
    strip = data.tobytes()
    short, long, ascii_, rational = 3, 4, 2, 5
    entries = [
        (256, long, 1, width),
        (257, long, 1, len(data) // width),
        (258, short, 1, 16),  # bits of a sample
        (259, short, 1, 1),  # not compressed
        (262, short, 1, 1),  # zero is black
        (273, long, 1, 8),  # where the strip begins
        (277, short, 1, 1),  # samples of a pixel
        (278, long, 1, len(data) // width),  # rows of the strip
        (279, long, 1, len(strip)),
    ]
    apart = bytearray()  # values that do not fit into an entry lie between the strip and the directory
    for tag, text in {270: description, **(texts or {})}.items():
        value = text.encode("ascii") + b"\0"
        entries.append((tag, ascii_, len(value), 8 + len(strip) + len(apart)))
        apart += value + b"\0" * (len(value) % 2)
    if pixels_per_cm:
        for tag in (282, 283):
            entries.append((tag, rational, 1, 8 + len(strip) + len(apart)))
            apart += struct.pack("<II", pixels_per_cm, 1)
        entries.append((296, short, 1, 3))  # per centimetre
    entries.sort()
    directory = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHII", *entry) for entry in entries)
    header = struct.pack("<2sHI", b"II", 42, 8 + len(strip) + len(apart))
    return header + strip + bytes(apart) + directory + struct.pack("<I", 0)
