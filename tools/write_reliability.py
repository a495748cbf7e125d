"""Puts the lines of a run of the fault tests into the table of docs/reliability.md.

python tools/write_reliability.py LINES    LINES: what the tests appended, one JSON object a line

A line replaces the one of the same fault and case; those that were not run again stay, with their date.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- faults: written by tools/write_reliability.py -->", "<!-- end of faults -->"
HEAD = (
    "| fault | what is done | repeats | lost | lies | mixed | sent again | worst recovery | also | run |\n"
    "|---|---|--:|--:|--:|--:|--:|--:|---|---|"
)

Row = dict[str, str]
_COLUMNS = ("fault", "what", "repeats", "lost", "lies", "mixed", "resent", "recovery", "note", "run")


def row_of(line: dict[str, Any]) -> Row:
    """A line of a test as cells of the table."""
    recovery = line["recovery_s"]
    return {
        "fault": line["fault"],
        "what": line["what"].replace("|", "/"),
        **{name: f"{line[name]:,}" for name in ("repeats", "lost", "lies", "mixed")},
        "resent": f"{line['resent_bytes'] / 1e6:,.1f} MB",
        "recovery": "" if recovery is None else f"{recovery:.1f} s",
        "note": line["note"].replace("|", "/"),
        "run": line["time"][:10],
    }


def rows_in(table: str) -> list[Row]:
    """The rows of the table as it stands."""
    lines = [line for line in table.splitlines() if re.match(r"\| [FR]\d", line)]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(_COLUMNS, row, strict=True)) for row in cells]


def merged(page: str, lines: list[dict[str, Any]]) -> str:
    """The page with these lines in its table."""
    before, rest = page.split(BEGIN)
    table, after = rest.split(END)
    rows = {(row["fault"], row["what"]): row for row in rows_in(table)}
    for line in lines:
        row = row_of(line)
        rows[row["fault"], row["what"]] = row
    ordered = sorted(rows.values(), key=lambda row: (row["fault"][0], int(row["fault"][1:]), row["what"]))
    text = "\n".join("| " + " | ".join(row[name] for name in _COLUMNS) + " |" for row in ordered)
    return f"{before}{BEGIN}\n\n{HEAD}\n{text}\n\n{END}{after}"


def main() -> None:
    lines = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    PAGE.write_text(merged(PAGE.read_text(encoding="utf-8"), lines), encoding="utf-8")
    print(f"{PAGE.name}: {len(lines)} lines")


if __name__ == "__main__":
    main()
