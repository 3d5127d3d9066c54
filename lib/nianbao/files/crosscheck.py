"""A second reader for every workbook: python-calamine's values held against the own reader's, cell by cell.

Two programs that share no code seldom make the same mistake; where they differ, the cell is named and nobody need trust either.
"""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import python_calamine

from nianbao.files.draft import CellRow, Draft, SheetDraft, moment
from nianbao.files.grid import column_letters
from nianbao.files.serials import clock_time, shows

_MOST_AREA = 3_000_000
"""Rows times columns up to which the second reader's full rectangle is built: 24 bytes a place."""
_LEVEL = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉", "01234567890123456789")


def compare(content: bytes, draft: Draft) -> None:
    """Read the file again with the second engine and note in ``draft`` every cell where the two differ.

    A file or sheet the second engine cannot read is a notice too: its values were then read once only.
    """
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except MemoryError:
        raise
    except BaseException as error:  # the library's panics are no Exceptions
        draft.tell("second-engine-failed", reason=type(error).__name__)
        return
    names = list(book.sheet_names)
    for sheet in draft.sheets:
        try:
            last_row, last_column = sheet.size
            if last_row * last_column > _MOST_AREA:
                draft.tell("second-engine-failed", sheet.name, reason=f"{last_row} x {last_column}")
                continue
            rows = book.get_sheet_by_index(names.index(sheet.name)).to_python(skip_empty_area=False)
        except MemoryError:
            raise
        except BaseException as error:
            draft.tell("second-engine-failed", sheet.name, reason=type(error).__name__)
            continue
        for row, column, own, other in _differences(sheet, rows):
            draft.tell("engines-differ", sheet.name, f"{column_letters(column)}{row}", own=own, other=other)


def _differences(sheet: SheetDraft, rows: list[list[Any]]) -> list[tuple[int, int, str, str]]:
    """Return row, column and both values of every cell where the two readings differ."""
    found = []
    met = 0
    height, width = len(rows), len(rows[0]) if rows else 0
    for cell in sheet.cells.values():
        row, column, value = cell[0], cell[1], cell[2]
        other = rows[row - 1][column - 1] if row <= height and column <= width else ""
        if other != "":
            met += 1
            if value == other and type(value) is not bool and type(other) is not bool:
                continue
        if not _same(cell, other):
            found.append((row, column, _shown(cell), str(other)))
    if met != sum(len(row) - row.count("") for row in rows):
        for place, line in enumerate(rows, start=1):
            for column, other in enumerate(line, start=1):
                if other != "" and (place, column) not in sheet.cells:
                    found.append((place, column, "", str(other)))
    return found


def _same(cell: CellRow, other: Any) -> bool:
    """True when two unequal values mean the same: kinds of date, an error or an empty result that the other leaves out."""
    value, text = cell[2], cell[3]
    if value is None or value == "":
        return other == "" or (bool(cell[6]) and other == cell[6])
    if isinstance(value, bool) or isinstance(other, bool):
        return type(value) is type(other) and value == other
    if isinstance(value, tuple):
        return _same_moment(moment(value), other, text)
    if isinstance(value, int | float) and isinstance(other, dt.date | dt.time | dt.timedelta):
        return shows(cell[4]) != "number"  # a date format over a number that is no date: told where it was read
    if isinstance(value, int | float) and isinstance(other, int | float):
        return float(value) == float(other)
    if isinstance(value, str) and isinstance(other, str):
        # the other engine drops outer blanks that no xml:space keeps, as Excel does
        # and knows no raised digits
        return value.replace("\r\n", "\n").strip().translate(_LEVEL) == other.replace("\r\n", "\n").strip().translate(_LEVEL)
    return False


def _same_moment(own: Any, other: Any, text: str) -> bool:
    """True when the second engine gives the same moment, or the plain day number it is stored as."""
    if isinstance(other, int | float):
        try:
            return float(text) == float(other)
        except ValueError:
            return False
    if isinstance(own, dt.timedelta) and isinstance(other, dt.time):
        own = clock_time(own) if dt.timedelta(0) <= own < dt.timedelta(days=1) else own
    if isinstance(own, dt.time) and isinstance(other, dt.timedelta):
        other = clock_time(other) if dt.timedelta(0) <= other < dt.timedelta(days=1) else other
    if isinstance(own, dt.date) and isinstance(other, dt.date):
        first, second = (
            when if isinstance(when, dt.datetime) else dt.datetime.combine(when, dt.time(0)) for when in (own, other)
        )
        return abs(first - second) < dt.timedelta(seconds=1)
    if isinstance(own, dt.time) and isinstance(other, dt.time):
        first, second = (dt.datetime.combine(dt.date(2000, 1, 1), when) for when in (own, other))
        return abs(first - second) < dt.timedelta(seconds=1)
    if isinstance(own, dt.timedelta) and isinstance(other, dt.timedelta):
        return abs(own - other) < dt.timedelta(seconds=1)
    return isinstance(other, str) and other == text


def _shown(cell: CellRow) -> str:
    value = cell[2]
    return cell[6] or ("" if value is None else str(moment(value)) if isinstance(value, tuple) else str(value))
