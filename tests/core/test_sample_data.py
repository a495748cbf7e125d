"""The pretend instrument writes files that a real one could have written, the same ones for the same seed."""

from __future__ import annotations

import json
import math
import struct
from array import array
from pathlib import Path
from random import Random

import pytest

from openmsi_desktop import sample_data, sample_diffraction, sample_indentation, sample_micrograph
from openmsi_desktop.core import topic_path
from openmsi_desktop.sample_indentation import HARDNESS_GPA, REDUCED_MODULUS_GPA


@pytest.fixture(scope="module")
def steps() -> list[sample_data.Step]:
    return list(sample_data.session(7))


def play(steps: list[sample_data.Step], folder: Path) -> dict[str, bytes]:
    for step in steps:
        step.write(folder)
    return {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*") if f.is_file()}


def read_tiff(content: bytes) -> tuple[int, int, array[int]]:
    """Width, height and samples; an independent little reader."""
    order, magic, at = struct.unpack_from("<2sHI", content)
    assert (order, magic) == (b"II", 42)
    (count,) = struct.unpack_from("<H", content, at)
    tags = {}
    for number in range(count):
        tag, _, _, value = struct.unpack_from("<HHII", content, at + 2 + 12 * number)
        tags[tag] = value
    assert sorted(tags) == list(tags) and tags[258] == 16 and tags[259] == 1
    samples = array("H", content[tags[273] : tags[273] + tags[279]])
    return tags[256], tags[257], samples


class TestSession:
    def test_same_seed_gives_the_same_bytes(self, steps: list[sample_data.Step]) -> None:
        assert list(sample_data.session(7)) == steps
        assert list(sample_data.session(8)) != steps

    def test_folder_holds_every_kind_of_file(self, steps: list[sample_data.Step], tmp_path: Path) -> None:
        files = play(steps, tmp_path)
        assert files[sample_data.EMPTY] == b""
        assert files[sample_data.GROWING].count(b"\n") > 5
        assert json.loads(files[sample_data.REWRITTEN])["state"] == "finished"
        assert {Path(name).suffix for name in files} >= {".tif", ".xy", ".csv", ".json", ".log", ".bin", ""}
        for name in files:
            topic_path.check(name)

    def test_everything_fits_on_the_embedded_broker(self, steps: list[sample_data.Step]) -> None:
        """It keeps about 5 MiB of each partition; a file that grows may be sent anew with every line."""
        files: dict[str, int] = {}
        sent = 0
        for step in steps:
            files[step.path] = len(step.content) + (files[step.path] if step.appends else 0)
            sent += files[step.path]
        assert 2_000_000 < sent < 4_000_000

    def test_rewritten_file_had_another_content_before(self, steps: list[sample_data.Step]) -> None:
        versions = [step.content for step in steps if step.path == sample_data.REWRITTEN]
        assert len(set(versions)) == 2


class TestDiffraction:
    def test_silicon_has_its_lines(self) -> None:
        """Angles and order of strength of the powder diffraction file, card 27-1402."""
        lines = sample_diffraction.reflections(sample_diffraction.COPPER_A)[:6]
        assert [r.hkl for r in lines] == [(1, 1, 1), (2, 2, 0), (3, 1, 1), (4, 0, 0), (3, 3, 1), (4, 2, 2)]
        assert [r.two_theta for r in lines] == pytest.approx([28.443, 47.304, 56.123, 69.132, 76.380, 88.032], abs=0.02)
        by_strength = sorted(lines, key=lambda r: -r.intensity)
        assert [r.hkl for r in by_strength] == [(1, 1, 1), (2, 2, 0), (3, 1, 1), (4, 2, 2), (3, 3, 1), (4, 0, 0)]
        assert by_strength[0].intensity == 100
        assert 50 < by_strength[1].intensity < 70

    def test_forbidden_reflections_are_missing(self) -> None:
        families = {r.hkl for r in sample_diffraction.reflections(sample_diffraction.COPPER_A)}
        assert families.isdisjoint({(2, 0, 0), (2, 2, 2), (1, 0, 0), (2, 1, 1), (4, 2, 0)})

    def test_peak_has_area_one_and_its_width(self) -> None:
        step = 0.001
        shape = [sample_diffraction.pseudo_voigt(i * step, width=0.1, lorentz_share=0.4) for i in range(-20000, 20001)]
        assert sum(shape) * step == pytest.approx(1, abs=0.005)
        half = sample_diffraction.pseudo_voigt(0.05, width=0.1, lorentz_share=0.4)
        assert half == pytest.approx(shape[20000] / 2)

    def test_strongest_counts_lie_at_the_first_line(self) -> None:
        lines = sample_diffraction.pattern(Random(1)).decode("ascii").splitlines()
        points = [(float(angle), int(counts)) for angle, counts in (line.split() for line in lines[1:])]
        assert len(points) == 4001
        assert max(points, key=lambda p: p[1])[0] == pytest.approx(28.443, abs=0.06)

    def test_image_shows_rings_with_counting_noise(self) -> None:
        pixels = 320
        width, height, samples = read_tiff(sample_diffraction.rings(Random(1), pixels=pixels))
        assert (width, height, len(samples)) == (pixels, pixels, pixels * pixels)
        first = sample_diffraction.reflections(sample_diffraction.SYNCHROTRON_A, 40.0)[0]
        radius = 180.0 * math.tan(math.radians(first.two_theta)) / 0.2
        on, off = self._at(samples, pixels, radius), self._at(samples, pixels, radius + 12)
        assert sum(on) / len(on) > 5 * sum(off) / len(off)
        mean = sum(off) / len(off)
        spread = sum((value - mean) ** 2 for value in off) / len(off)
        assert spread == pytest.approx(mean, rel=0.3)  # as for counts of Poisson's law

    @staticmethod
    def _at(samples: array[int], pixels: int, radius: float) -> list[int]:
        half = pixels / 2
        return [
            samples[y * pixels + x]
            for y in range(pixels)
            for x in range(pixels)
            if abs(math.hypot(x + 0.5 - half, y + 0.5 - half) - radius) < 0.5
        ]


class TestIndentation:
    @pytest.mark.parametrize("load_un", [2000.0, 9000.0])
    def test_analysis_of_the_curve_gives_the_material_back(self, load_un: float) -> None:
        """Oliver and Pharr's way: fit the unloading curve, take its slope at the top, then the contact area."""
        text = sample_indentation.curve(Random(3), load_un=load_un, name="x").decode("ascii")
        rows = [tuple(map(float, line.split(","))) for line in text.splitlines() if line[0].isdigit()]
        top = max(range(len(rows)), key=lambda i: (rows[i][0] <= 15.0, rows[i][0]))
        most_depth = sum(r[1] for r in rows[top - 100 : top]) / 100
        most_load = sum(r[2] for r in rows[top - 100 : top]) / 100
        stiffness = self._stiffness([r for r in rows[top:] if 0.2 < r[2] / most_load < 0.98], most_depth)
        contact = most_depth - 0.75 * most_load / stiffness
        area = 24.5 * contact**2
        modulus = stiffness * math.sqrt(math.pi) / (2 * 1.034 * math.sqrt(area)) * 1e3
        assert modulus == pytest.approx(REDUCED_MODULUS_GPA, rel=0.03)
        assert most_load / area * 1e3 == pytest.approx(HARDNESS_GPA, rel=0.03)

    @staticmethod
    def _stiffness(rows: list[tuple[float, ...]], most_depth: float) -> float:
        """Slope at ``most_depth`` of P = alpha (h - h_f)**1.5, from a straight line through P**(2/3)."""
        x = [r[1] for r in rows]
        y = [r[2] ** (1 / 1.5) for r in rows]
        middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
        slope = sum((a - middle_x) * (b - middle_y) for a, b in zip(x, y, strict=True)) / sum(
            (a - middle_x) ** 2 for a in x
        )
        root: float = middle_y + slope * (most_depth - middle_x)
        result: float = 1.5 * math.sqrt(root) * slope
        return result


class TestMicrograph:
    def test_electrons_are_counted_and_tilted_surfaces_are_bright(self) -> None:
        view = sample_micrograph.View()
        assert view.electrons == pytest.approx(312, abs=1), "50 pA for a microsecond"
        sphere = sample_micrograph.Sphere(x=256, y=192, radius=100)
        content = sample_micrograph.picture(Random(1), [sphere], taken="2026:11:21 10:00:00")
        width, height, image = read_tiff(content)
        rows = [image[row * width : (row + 1) * width] for row in range(height)]
        ground = [count for row in rows[:20] for count in row]
        mean = sum(ground) / len(ground)
        assert mean == pytest.approx(0.35 * view.electrons, rel=0.02)
        assert sum((c - mean) ** 2 for c in ground) / len(ground) == pytest.approx(mean, rel=0.1), "noise of counts"
        top, rim = rows[96][128], rows[96][128 + 48]
        assert rim > 2 * top > 4 * mean

    def test_its_notes_lie_in_the_file(self) -> None:
        content = sample_micrograph.picture(Random(1), [], taken="2026:11:21 10:00:00")
        for text in (b"HV=5 kV\nWD=4.1 mm", b"pretend instruments\0", b"2026:11:21 10:00:00\0"):
            assert text in content
        assert struct.pack("<II", 5_000_000, 1) in content, "pixels of 2 nm"
