"""The own reader of Excel 97-2003 workbooks (.xls, also .et): values, formats, what is hidden or struck, through xlrd.

The file stores numbers in binary, so ``text`` is the shortest decimal that means the same number.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import struct
from typing import Any

import xlrd

from nianbao.files.draft import Draft, Plain, SheetDraft, check_place, check_text, tagged
from nianbao.files.gate import Admitted
from nianbao.files.grid import column_letters
from nianbao.files.refusals import refusal
from nianbao.files.serials import BUILTIN, moment_of, shows

_FORMULA, _BOF, _EOF = 0x0006, 0x0809, 0x000A


class _Silence(io.StringIO):
    """Where xlrd may complain: it does so a line a damaged record."""

    def write(self, text: str, /) -> int:
        return len(text)


def read_workbook97(admitted: Admitted) -> Draft:
    """Return every worksheet of an .xls workbook.

    Raises:
        GateError: it is encrypted, damaged, or holds more than a return can.
    """
    try:
        book = xlrd.open_workbook(
            file_contents=admitted.content, formatting_info=True, on_demand=True, ragged_rows=True, logfile=_Silence()
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise refusal("encrypted") from error
        raise refusal("damaged", part="workbook stream") from error
    draft = Draft("xls")
    for index, name in enumerate(book.sheet_names()):
        _sheet(draft, book, index, name)
    if not draft.sheets:
        raise refusal("no-sheets")
    return draft


def _sheet(draft: Draft, book: Any, index: int, name: str) -> None:
    formulas = _formulas(book.mem, book._sh_abs_posn[index], name)
    source = book.sheet_by_index(index)
    sheet = draft.begin(name, hidden=bool(source.visibility))
    for row in range(source.nrows):
        filled = len(sheet.cells)
        for column, cell in enumerate(source.row(row)):
            if cell.ctype not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                _enter(draft, sheet, book, source, row, column, cell, formula=(row, column) in formulas)
        draft.take(len(sheet.cells) - filled, name)
    last_row, last_column = sheet.size
    sheet.hidden_rows = {row + 1 for row, info in source.rowinfo_map.items() if info.hidden and row < last_row}
    sheet.hidden_spans = [(at + 1, at + 1) for at, info in source.colinfo_map.items() if info.hidden and at < last_column]
    for (row, column), note in source.cell_note_map.items():
        if note.text:
            check_text(note.text, name)
            sheet.comments[row + 1, column + 1] = note.text
    draft.trim_merges(sheet, [(top + 1, left + 1, bottom, right) for top, bottom, left, right in source.merged_cells])
    book.unload_sheet(index)


def _enter(draft: Draft, sheet: SheetDraft, book: Any, source: Any, row: int, column: int, cell: Any, *, formula: bool) -> None:
    """Enter one filled cell."""
    style = book.xf_list[cell.xf_index]
    number_format = book.format_map[style.format_key].format_str if style.format_key in book.format_map else "General"
    if number_format == "General" and style.format_key in BUILTIN:
        number_format = BUILTIN[style.format_key]
    address = f"{column_letters(column + 1)}{row + 1}"
    value: Plain = None
    text = error = ""
    if cell.ctype == xlrd.XL_CELL_TEXT:
        value = text = cell.value
        check_text(text, sheet.name, address)
    elif cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        number = cell.value
        if not math.isfinite(number):
            draft.tell("number-not-read", sheet.name, address)
            return
        plain: int | float = int(number) if number.is_integer() and abs(number) < 1e15 else number
        text, value = repr(plain), plain
        if number_format != "General" and shows(number_format) != "number":
            when = moment_of(number, number_format, since_1904=bool(book.datemode))
            if isinstance(when, dt.datetime | dt.date | dt.time | dt.timedelta):
                value = tagged(when)
            elif number:
                draft.tell("no-such-date", sheet.name, address, serial=text)
    elif cell.ctype == xlrd.XL_CELL_BOOLEAN:
        value, text = bool(cell.value), str(cell.value)
    elif cell.ctype == xlrd.XL_CELL_ERROR:
        text = error = xlrd.error_text_from_code.get(cell.value, "#N/A")
    if value == "" and not formula:
        return
    check_place(row + 1, column + 1, sheet.name)
    place = (row + 1, column + 1)
    sheet.cells[place] = (*place, value, text, number_format, formula, error)
    fonts = [style.font_index]
    runs = source.rich_text_runlist_map.get((row, column)) if cell.ctype == xlrd.XL_CELL_TEXT else None
    if runs:
        fonts = ([] if runs[0][0] == 0 else fonts) + [font for offset, font in runs if offset < len(text)]
    struck = [bool(book.font_list[font].struck_out) for font in fonts if font < len(book.font_list)]
    if struck and all(struck):
        sheet.struck.add(place)
    elif any(struck):
        draft.tell("partly-struck", sheet.name, address)


def _formulas(stream: Any, start: int, name: str) -> set[tuple[int, int]]:
    """Return row and column, from 0, of every formula of a sheet: xlrd gives results only ([MS-XLS] 2.4.127)."""
    found: set[tuple[int, int]] = set()
    at, depth = start, 0
    while 0 <= at <= len(stream) - 4:
        record, length = struct.unpack_from("<HH", stream, at)
        if record == _BOF:
            depth += 1
        elif record == _EOF:
            depth -= 1
            if depth <= 0:
                return found
        elif record == _FORMULA and length >= 4 and depth == 1:
            if at + 8 > len(stream):
                break
            row, column = struct.unpack_from("<HH", stream, at + 4)
            found.add((row, column))
        at += 4 + length
    raise refusal("damaged", part=f"sheet {name}")
