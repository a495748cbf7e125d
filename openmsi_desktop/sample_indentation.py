"""A made-up nanoindentation: load against displacement of fused silica, with the noise of a real instrument.

Model: W. C. Oliver and G. M. Pharr, J. Mater. Res. 7 (1992) 1564-1583: the unloading curve is a power law,
its slope at the top is the contact stiffness ``S = beta 2/sqrt(pi) E_r sqrt(A)``, the contact depth is
``h_c = h_max - epsilon P_max / S``, and an ideal Berkovich tip has the area ``A = 24.5 h_c**2``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

REDUCED_MODULUS_GPA = 69.6
HARDNESS_GPA = 9.25
"""Both of fused silica, the usual reference material."""

BETA = 1.034
"""Of a Berkovich tip."""
EPSILON = 0.75
"""Of a paraboloid of revolution."""
AREA = 24.5
EXPONENT = 1.5
"""Of the unloading curve, between 1.25 and 1.51 in the paper's table 1."""

_RAMP_S = 10.0
_HOLD_S = 5.0
_RATE_HZ = 50
_NOISE_NM = 0.2
_NOISE_UN = 2.0


@dataclass(frozen=True, slots=True)
class Indent:
    """One test up to ``load_un`` (micronewton). Depths in nm, stiffness in uN/nm."""

    load_un: float
    depth_nm: float
    contact_depth_nm: float
    stiffness: float
    final_depth_nm: float

    @classmethod
    def up_to(cls, load_un: float) -> Indent:
        """What the model says for a peak load. 1 GPa is 1e-3 uN/nm2."""
        area = load_un / (HARDNESS_GPA * 1e-3)
        contact = math.sqrt(area / AREA)
        stiffness = BETA * 2 / math.sqrt(math.pi) * REDUCED_MODULUS_GPA * 1e-3 * math.sqrt(area)
        depth = contact + EPSILON * load_un / stiffness
        return cls(load_un, depth, contact, stiffness, depth - EXPONENT * load_un / stiffness)

    def points(self) -> Iterator[tuple[float, float, float]]:
        """Time in s, depth in nm, load in uN: Kick's law up, a hold, the power law down."""
        steps = int(_RAMP_S * _RATE_HZ)
        for step in range(steps):
            load = self.load_un * step / steps
            yield step / _RATE_HZ, self.depth_nm * math.sqrt(load / self.load_un), load
        hold = int(_HOLD_S * _RATE_HZ)
        for step in range(hold):
            yield _RAMP_S + step / _RATE_HZ, self.depth_nm, self.load_un
        for step in range(steps + 1):
            load = self.load_un * (1 - step / steps)
            share = (load / self.load_un) ** (1 / EXPONENT)
            depth = self.final_depth_nm + (self.depth_nm - self.final_depth_nm) * share
            yield _RAMP_S + _HOLD_S + step / _RATE_HZ, depth, load


def curve(rng: Random, *, load_un: float, name: str) -> bytes:
    """The CSV file that the instrument writes after one indent."""
    lines = [f"# {name}", "# Berkovich, fused silica", "time_s,displacement_nm,load_uN"]
    for time_s, depth, load in Indent.up_to(load_un).points():
        lines.append(f"{time_s:.3f},{depth + rng.gauss(0, _NOISE_NM):.3f},{load + rng.gauss(0, _NOISE_UN):.3f}")
    return ("\r\n".join(lines) + "\r\n").encode("ascii")
