"""Files for spreadsheets: CSV as RFC 4180 has it, in UTF-8 with the mark by which spreadsheets know it."""

import csv
import io
from collections.abc import Iterable, Sequence

CSV_TYPE = "text/csv; charset=utf-8"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins like this is run, not shown (OWASP, "CSV injection"): a name in the chat could read the whole sheet."""

Cell = str | int | float | None


def csv_file(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A table as a file. Text that would be taken for a formula gets an apostrophe before it; numbers stay numbers."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")


def attachment(name: str) -> dict[str, str]:
    """Headers of an answer that is kept as a file. `name` is ASCII without quotes."""
    return {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}


def _cell(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    # White space before the sign is skipped by some spreadsheets.
    if isinstance(cell, str) and (cell.startswith(FORMULA) or cell.lstrip().startswith(FORMULA)):
        return f"'{cell}"
    return cell
