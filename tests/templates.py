"""Templates as a clerk's program fills them in: rows of a return or template by their header words, and one return's figures put into a template."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl

from nianbao.periods import parse_period
from nianbao.returnsheet import COLUMNS, COVER_SHEET, GUIDE_SHEET

NOT_AREAS = (COVER_SHEET, GUIDE_SHEET)
HEADER_ROW = 3


def heading(sheet: Any) -> dict[str, int]:
    """Return the column of every header word."""
    return {cell.value: cell.column for cell in sheet[HEADER_ROW] if cell.value}


def rows_of(sheet: Any) -> Iterator[dict[str, Any]]:
    """Yield the cells of every row below the header, by header word."""
    column = heading(sheet)
    for row in range(HEADER_ROW + 1, sheet.max_row + 1):
        yield {name: sheet.cell(row, place) for name, place in column.items()}


def key_of(row: dict[str, Any]) -> tuple[str, str, str]:
    """Return code, dimension code and period of a row."""
    return str(row["编码"].value), str(row["分组编码"].value or ""), parse_period(str(row["统计期间"].value)).code


def fill_from(template: Path, shipped: Path) -> tuple[dict[str, str], int, int]:
    """Put the figures of a shipped return into a template in place; what the template does not ask for goes to the end of its sheet.

    Returns where each cell went (``sheet!cell`` to ``sheet!cell``), how many rows the template had, how many were added at the end.
    """
    source, target = openpyxl.load_workbook(shipped), openpyxl.load_workbook(template)
    moved: dict[str, str] = {}
    found = added = 0
    for name in source.sheetnames:
        if name in NOT_AREAS:
            continue
        sheet = target[name]
        asked = {key_of(row): row for row in rows_of(sheet) if row["编码"].value}
        spare = [row for row in rows_of(sheet) if not row["指标"].value]
        for row in rows_of(source[name]):
            place = asked.pop(key_of(row), None)
            if place is not None:
                found += 1
            else:
                added += 1
                if spare:
                    place = spare.pop(0)
                else:
                    end, column = sheet.max_row + 1, heading(sheet)
                    place = {word: sheet.cell(end, column[word]) for word in COLUMNS}
            for word in COLUMNS:
                place[word].value = row[word].value
            place["数值"].number_format = row["数值"].number_format
            moved[f"{name}!{row['数值'].coordinate}"] = f"{name}!{place['数值'].coordinate}"
    target.save(template)
    return moved, found, added
