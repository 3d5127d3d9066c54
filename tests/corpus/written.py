"""A sheet of the corpus as the bytes of a file on disk, in every kind an office sends: what each kind cannot hold is said, not dropped."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from nianbao.files.grid import RawCell, Sheet, column_letters
from spreadsheets import ods, zipped

MACROS = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
PLAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


@dataclass(frozen=True)
class Kind:
    """A kind of file: the ending of its name, how its bytes are made, and what of a sheet it cannot hold."""

    name: str
    suffix: str
    write: Callable[[Sheet], bytes]
    lacks: frozenset[str] = frozenset()
    flat: bool = False
    """True where every cell is text as the screen shows it."""


def traits(sheet: Sheet) -> frozenset[str]:
    """Return what a sheet has that not every kind of file can hold."""
    found = {
        "comment": bool(sheet.comments),
        "hidden": sheet.hidden or bool(sheet.hidden_rows) or bool(sheet.hidden_columns),
        "struck": bool(sheet.struck),
        "merged-rows": any(block.top != block.bottom for block in sheet.merges),
        "formula": any(cell.formula for cell in sheet.cells.values()),
        "error": any(cell.error for cell in sheet.cells.values()),
        "format": any(re.search(r'"(?!%")[^"]*"|;|,$|!', cell.number_format) for cell in sheet.cells.values()),
    }
    return frozenset(name for name, present in found.items() if present)


def xlsx(sheet: Sheet) -> bytes:
    """Return a workbook as openpyxl writes it; a formula with its stored result."""
    book = Workbook()
    target: Any = book.active
    target.title = sheet.name
    for (row, column), cell in sheet.cells.items():
        made = target.cell(row, column)
        if cell.formula:
            made.value = f"=0+{cell.value}" if cell.value is not None else "=SUM(9)"
        elif cell.error:
            made.value, made.data_type = cell.error, "e"
        else:
            made.value = cell.value
            if isinstance(cell.value, str):
                made.data_type = "s"
        if cell.number_format not in ("", "General"):
            made.number_format = cell.number_format
        if (row, column) in sheet.struck:
            made.font = Font(strike=True)
    for (row, column), words in sheet.comments.items():
        target.cell(row, column).comment = Comment(words, "office")
    for block in sheet.merges:
        target.merge_cells(start_row=block.top, end_row=block.bottom, start_column=block.left, end_column=block.right)
    for row in sheet.hidden_rows:
        target.row_dimensions[row].hidden = True
    if sheet.hidden:
        book.create_sheet("说明")
        book.active = 1
        target.sheet_state = "hidden"
    packed = io.BytesIO()
    book.save(packed)
    return _edited(
        packed.getvalue(),
        lambda text: re.sub(
            r"<f>0\+([^<]+)</f><v ?/>|<f>0\+([^<]+)</f><v></v>", lambda m: f"<f>{m[1] or m[2]}</f><v>{m[1] or m[2]}</v>", text
        ),
    )


def xlsm(sheet: Sheet) -> bytes:
    """Return the workbook as one with macros says it is, with a part that holds them."""
    return _edited(xlsx(sheet), lambda text: text.replace(PLAIN, MACROS), more={"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0" * 64})


def _edited(content: bytes, change: Callable[[str], str], *, more: Mapping[str, bytes] | None = None) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts: dict[str, str | bytes] = {
            name: change(package.read(name).decode("utf-8")) if name.endswith(".xml") else package.read(name)
            for name in package.namelist()
        }
    return zipped({**parts, **(more or {})})


def xls(sheet: Sheet) -> bytes:
    """Return a workbook of Excel 97."""
    book = xlwt.Workbook(encoding="utf-8")
    target = book.add_sheet(sheet.name)
    styles: dict[tuple[str, bool], Any] = {}

    def style(cell: RawCell) -> Any:
        key = (cell.number_format or "General", (cell.row, cell.column) in sheet.struck)
        if isinstance(cell.value, dt.date):
            key = ("yyyy-mm-dd", key[1])
        if key not in styles:
            styles[key] = xlwt.easyxf("font: struck_out on" if key[1] else "", num_format_str=key[0])
        return styles[key]

    for (row, column), cell in sheet.cells.items():
        if cell.error:
            target.row(row - 1).set_cell_error(column - 1, cell.error, style(cell))
        else:
            target.write(row - 1, column - 1, cell.value, style(cell))
    for block in sheet.merges:
        target.merge(block.top - 1, block.bottom - 1, block.left - 1, block.right - 1)
    for row in sheet.hidden_rows:
        target.row(row - 1).hidden = True
    if sheet.hidden:
        book.add_sheet("说明")
        book.set_active_sheet(1)
        target.visibility = 1
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def opendocument(sheet: Sheet) -> bytes:
    """Return an OpenDocument spreadsheet, merged ranges as spans, comments as annotations."""
    spans = {(block.top, block.left): block for block in sheet.merges}
    rows = []
    for row in range(1, sheet.last_row + 1):
        cells = "".join(_ods_cell(sheet, row, column, spans) for column in range(1, sheet.last_column + 1))
        hidden = ' table:visibility="collapse"' if row in sheet.hidden_rows else ""
        rows.append(f"<table:table-row{hidden}>{cells}</table:table-row>")
    percent = (
        '<number:percentage-style style:name="P2"><number:number number:decimal-places="2"/><number:text>%</number:text>'
        '</number:percentage-style><style:style style:name="percent" style:family="table-cell" style:data-style-name="P2"/>'
    )
    return ods(f"<table:table table:name={quoteattr(sheet.name)}>{''.join(rows)}</table:table>", styles=percent)


def _ods_cell(sheet: Sheet, row: int, column: int, spans: Mapping[tuple[int, int], Any]) -> str:
    cell, block = sheet.at(row, column), spans.get((row, column))
    span = ""
    if block is not None:
        span = f' table:number-columns-spanned="{block.right - block.left + 1}" table:number-rows-spanned="{block.bottom - block.top + 1}"'
    note = sheet.comments.get((row, column), "")
    inside = f"<office:annotation><text:p>{escape(note)}</text:p></office:annotation>" if note else ""
    if cell is None or cell.value is None:
        return f"<table:table-cell{span}>{inside}</table:table-cell>"
    value = cell.value
    if isinstance(value, bool):
        kind = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, dt.date):
        kind = f'office:value-type="date" office:date-value="{value:%Y-%m-%d}"'
    elif isinstance(value, (int, float)):
        share = cell.number_format.replace("\\%", "").replace('"%"', "").endswith("%")
        kind = f'office:value-type="{"percentage" if share else "float"}" office:value="{value!r}"'
        kind += ' table:style-name="percent"' if share else ""
    else:
        kind = 'office:value-type="string"'
    lines = "".join(f"<text:p>{_ods_text(line)}</text:p>" for line in shown(cell).split("\n"))
    return f"<table:table-cell {kind}{span}>{inside}{lines}</table:table-cell>"


def _ods_text(words: str) -> str:
    return re.sub(r"^ | $|(?<= ) ", "<text:s/>", escape(words))


def shown(cell: RawCell) -> str:
    """Return a cell as the screen shows it, which is what saving as text writes."""
    value, code = cell.value, cell.number_format
    if cell.error:
        return cell.error
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.date):
        return f"{value.year}/{value.month}/{value.day}"
    if isinstance(value, (int, float)):
        places = len(found[1]) if (found := re.search(r"0\.(0+)", code)) else 0
        step = Decimal(1).scaleb(-places)
        exact = Decimal(repr(value))
        if "%" in code:
            exact *= 1 if "\\%" in code or '"%"' in code else 100
            return f"{exact.quantize(step, ROUND_HALF_UP)}%"
        if code == "#,##0":
            return f"{exact:,.0f}"
        return str(int(value)) if float(value).is_integer() else repr(value)
    return "" if value is None else str(value)


def text(sheet: Sheet, *, encoding: str, separator: str = ",") -> bytes:
    """Return the sheet saved as text."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator, lineterminator="\r\n")
    for row in range(1, sheet.last_row + 1):
        writer.writerow(
            [shown(cell) if (cell := sheet.at(row, column)) is not None else "" for column in range(1, sheet.last_column + 1)]
        )
    return written.getvalue().encode(encoding)


FLAT = frozenset({"format", "comment", "hidden", "struck", "merged-rows-that-matter"})
KINDS: tuple[Kind, ...] = (
    Kind("xlsx", ".xlsx", xlsx),
    Kind("csv UTF-8", ".csv", lambda sheet: text(sheet, encoding="utf-8"), FLAT, flat=True),
    Kind("xls", ".xls", xls, frozenset({"comment", "formula"})),
    Kind("csv GB18030", ".csv", lambda sheet: text(sheet, encoding="gb18030"), FLAT, flat=True),
    Kind("ods", ".ods", opendocument, frozenset({"format", "hidden", "struck", "formula", "error"})),
    Kind("csv UTF-8 with mark", ".csv", lambda sheet: text(sheet, encoding="utf-8-sig"), FLAT, flat=True),
    Kind("xlsm", ".xlsm", xlsm),
    Kind("tsv UTF-16", ".tsv", lambda sheet: text(sheet, encoding="utf-16", separator="\t"), FLAT, flat=True),
    Kind("csv UTF-16", ".csv", lambda sheet: text(sheet, encoding="utf-16"), FLAT, flat=True),
    Kind("tsv UTF-8", ".tsv", lambda sheet: text(sheet, encoding="utf-8", separator="\t"), FLAT, flat=True),
    Kind("txt GB18030", ".txt", lambda sheet: text(sheet, encoding="gb18030", separator="\t"), FLAT, flat=True),
)
"""Every kind of file an office sends a table in."""

__all__ = ["KINDS", "Kind", "column_letters", "shown", "text", "traits", "xls", "xlsx"]
