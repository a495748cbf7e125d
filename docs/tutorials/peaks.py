"""The peaks of a diffraction pattern: finds them, draws a picture, and sends a table of them on."""

from math import radians, sin

import numpy
import pandas
from matplotlib.figure import Figure

from openmsi_desktop.processing import File, Result, StreamReproducer

COPPER_A = 1.5405929  # wavelength of Cu K-alpha-1 in angstrom


class Peaks(StreamReproducer):
    """Works on files of two columns, angle and counts; lines with # are left out."""

    def __init__(self, least: float = 8.0, wavelength_a: float = COPPER_A) -> None:
        """least: how many times its noise a peak stands above the background."""
        self.least = least
        self.wavelength_a = wavelength_a

    def reproduce(self, file: File) -> Result:
        """A picture as a file, and a message with the peaks."""
        pattern = pandas.read_csv(file.path, sep=r"\s+", comment="#", names=["two_theta", "counts"])
        counts = pattern["counts"]
        smooth = counts.rolling(9, center=True, min_periods=1).mean()
        background = counts.rolling(301, center=True, min_periods=1).median()
        excess = (smooth - background) / numpy.sqrt(background / 9)  # counts have the noise of their root
        highest = smooth.rolling(75, center=True, min_periods=1).max()
        tops = pattern.index[(smooth == highest) & (excess > self.least)]
        peaks = [self.peak(pattern, background, top) for top in tops]
        self.draw(file, pattern, background, peaks)
        return Result({"file": file.relative_path, "sha512": file.sha512, "peaks": peaks})

    def peak(self, pattern: pandas.DataFrame, background: pandas.Series, top: int) -> dict[str, float]:
        """Where a peak is: the middle of what is above the background."""
        near = pattern.loc[top - 10 : top + 10]
        above = (near["counts"] - background.loc[near.index]).clip(lower=0)
        angle = float((near["two_theta"] * above).sum() / above.sum())
        return {
            "two_theta": round(angle, 4),
            "d_angstrom": round(self.wavelength_a / (2 * sin(radians(angle / 2))), 5),
            "counts": float(above.sum()),
        }

    def draw(
        self, file: File, pattern: pandas.DataFrame, background: pandas.Series, peaks: list[dict[str, float]]
    ) -> None:
        """A PNG beside the results; whatever lies in output_dir is sent to the result topic as a file."""
        figure = Figure(figsize=(8, 4), layout="constrained")
        axes = figure.subplots()
        axes.plot(pattern["two_theta"], pattern["counts"], linewidth=0.6)
        axes.plot(pattern["two_theta"], background, linewidth=0.8)
        for peak in peaks:
            axes.axvline(peak["two_theta"], color="0.7", linewidth=0.6, zorder=0)
        axes.set(xlabel="2θ / °", ylabel="counts", title=file.relative_path)
        figure.savefig(file.output_dir / f"{file.path.stem}.png", dpi=100)
