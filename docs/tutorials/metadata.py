"""What instruments write about a measurement: the tags of a TIFF, or the first lines of a CSV file."""

import csv

import tifffile

from openmsi_desktop.processing import File, MetadataReproducer


class Metadata(MetadataReproducer):
    """Sends a JSON message for each file. A file that it cannot read is a problem with that file, and stops nothing."""

    def extract(self, file: File) -> dict:
        """The message."""
        read = {".tif": self.tiff, ".tiff": self.tiff, ".csv": self.table}[file.path.suffix.lower()]
        return {"file": file.relative_path, "bytes": file.size, "sha512": file.sha512, **read(file)}

    def tiff(self, file: File) -> dict:
        """Size, scale and notes of a picture; of its pixels nothing is read."""
        with tifffile.TiffFile(file.path) as image:
            page = image.pages[0]
            tags = {tag.name: tag.value for tag in page.tags}
            notes = dict(line.split("=", 1) for line in page.description.splitlines() if "=" in line)
        pixels, unit_cm = tags["XResolution"]
        return {
            "pixels": [page.imagewidth, page.imagelength],
            "pixel_nm": 1e7 * unit_cm / pixels,
            "instrument": f"{tags['Make']} {tags['Model']}",
            "taken": tags["DateTime"],
            "notes": notes,
        }

    def table(self, file: File) -> dict:
        """Comments of the form "# name: value", names of the columns, number of rows."""
        notes = {}
        with open(file.path, encoding="utf-8", newline="") as lines:
            for line in lines:
                if not line.startswith("#"):
                    columns = next(csv.reader([line]))
                    break
                name, colon, value = line[1:].partition(":")
                if colon:
                    notes[name.strip()] = value.strip()
            rows = sum(1 for _ in lines)
        return {"columns": columns, "rows": rows, "notes": notes}
