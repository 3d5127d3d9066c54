"""Sheets for the tests: from rows of values, and from an openpyxl worksheet, cell by cell as a reader of files would fill the grid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from openpyxl.utils import range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.files.grid import Block, RawCell, Sheet, Value


def raw(row: int, column: int, value: Value, *, number_format: str = "") -> RawCell:
    """Return a cell that stores a value."""
    return RawCell(row, column, value, str(value), number_format or ("General" if not isinstance(value, str) else "@"))


def sheet_of_rows(
    rows: Sequence[Sequence[Value]],
    *,
    name: str = "Sheet1",
    merges: Iterable[str] = (),
    formats: Mapping[str, str] | None = None,
    **more: object,
) -> Sheet:
    """Return a sheet of rows of values, None for an empty cell; ``merges`` as ``A1:C1``, ``formats`` by address."""
    chosen = formats or {}
    cells: dict[tuple[int, int], RawCell] = {}
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            if value is not None:
                cell = raw(row, column, value)
                cells[row, column] = raw(row, column, value, number_format=chosen.get(cell.address, ""))
    return Sheet(name, cells, merges=tuple(block(text) for text in merges), **more)  # type: ignore[arg-type]


def block(text: str) -> Block:
    """Return the block ``A1:C2`` spells."""
    left, top, right, bottom = range_boundaries(text)
    assert left is not None
    assert top is not None
    assert right is not None
    assert bottom is not None
    return Block(int(top), int(left), int(bottom), int(right))


def sheet_of_worksheet(worksheet: Worksheet) -> Sheet:
    """Return an openpyxl worksheet as the grid holds it."""
    cells: dict[tuple[int, int], RawCell] = {}
    struck: set[tuple[int, int]] = set()
    comments: dict[tuple[int, int], str] = {}
    for line in worksheet.iter_rows():
        for cell in line:
            if cell.value is None:
                continue
            row, column = int(cell.row or 0), int(cell.column or 0)
            cells[row, column] = RawCell(row, column, cell.value, str(cell.value), cell.number_format or "")  # type: ignore[arg-type]
            if cell.font is not None and cell.font.strike:
                struck.add((row, column))
            if cell.comment is not None:
                comments[row, column] = cell.comment.text
    return Sheet(
        worksheet.title,
        cells,
        merges=tuple(block(str(area)) for area in worksheet.merged_cells.ranges),
        hidden=worksheet.sheet_state != "visible",
        hidden_rows=frozenset(row for row, size in worksheet.row_dimensions.items() if size.hidden),
        comments=comments,
        struck=frozenset(struck),
    )
