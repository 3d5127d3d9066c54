"""Accessible workbooks: a cover of lines, then one table a sheet with one row of heads, written by openpyxl to equal bytes.

A sheet holds its title, one line on what it holds, and a link back, in the first column; then the table without merged cells or empty
rows; it is a named table with its heads frozen and repeated in print.  Every text is stored as a text, whatever sign it opens with.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.filters import AutoFilter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableColumn, TableStyleInfo
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import tostring

from nianbao.package import repack

UNDATED = 2000
"""The year in the properties of a workbook without a date; the format wants one."""
HEAD_ROW = 4
"""The row of heads of every table: above it the title, what the sheet holds, and the way back."""
_LONGEST = 32767
"""Characters of the longest cell the format allows."""
_RISKY = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run as a formula when the text is typed in again."""


@dataclass(frozen=True)
class Figure:
    """A number cell: the figure in its unit, and how many decimals show; None for as many as it has."""

    value: Fraction
    decimals: int | None = None

    @property
    def stored(self) -> int | float:
        """The number as a workbook can hold it: whole where it is and fits, else the nearest double."""
        whole = self.value.denominator == 1 and abs(self.value) < 10**15
        return int(self.value) if whole else float(self.value)

    @property
    def style(self) -> str:
        """The name of the cell style that shows it."""
        return "figure" if self.decimals is None else f"figure {self.decimals}"


@dataclass(frozen=True)
class Link:
    """A text that leads to the top of a sheet."""

    text: str
    sheet: str


Content = str | Figure | Link


@dataclass(frozen=True)
class Table:
    """One sheet: its name, title, one line on what it holds, the heads with the widths of their columns in characters, and the rows."""

    name: str
    """The name of the table, in ASCII and once in the workbook."""
    sheet: str
    title: str
    about: str
    heads: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[Content]]
    back: Link


@dataclass(frozen=True)
class Front:
    """The first sheet: its name, its lines as (style, text), the styles ``Title``, ``Heading 2``, ``strong`` and ``body``, and a link."""

    sheet: str
    lines: Sequence[tuple[str, str]]
    link: Link


@dataclass(frozen=True)
class Properties:
    """What the properties of the file say."""

    title: str
    subject: str
    author: str
    lang: str
    day: dt.date | None = None


def workbook(front: Front, tables: Sequence[Table], *, properties: Properties) -> bytes:
    """Return a cover and tables, each a sheet, as a workbook in .xlsx; equal contents give equal bytes."""
    book = Workbook(write_only=True)
    places = {cell.decimals for table in tables for row in table.rows for cell in row if isinstance(cell, Figure)}
    for style in _styles(properties.lang == "zh", places):
        book.add_named_style(style)
    _write_front(book.create_sheet(front.sheet), front)
    for number, table in enumerate(tables, start=1):
        _write_table(book.create_sheet(table.sheet), table, number)
    told = book.properties
    told.title, told.creator, told.subject = (
        _clean(text) for text in (properties.title, properties.author, properties.subject)
    )
    told.language = {"zh": "zh-CN", "en": "en-GB"}[properties.lang]
    written = io.BytesIO()
    ExcelWriter(book, ZipFile(written, "w")).save()  # compressed once, when it is packed for good
    day = properties.day or dt.date(UNDATED, 1, 1)
    told.created = told.modified = dt.datetime.fromisoformat(day.isoformat())
    return repack(written.getvalue(), replaced={"docProps/core.xml": tostring(told.to_tree())})


def _write_front(sheet: Any, front: Front) -> None:
    sheet.column_dimensions["A"].width = 96
    _page(sheet)
    pen = _Pen(sheet)
    for style, text in front.lines:
        pen.row([text], style)
    pen.row([front.link])


def _write_table(sheet: Any, table: Table, number: int) -> None:
    """Write a sheet; without rows it holds the lines above the table alone."""
    for place, (_, width) in enumerate(table.heads, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    _page(sheet)
    if table.rows:
        sheet.freeze_panes = f"B{HEAD_ROW + 1}"
        sheet.print_title_rows = f"{HEAD_ROW}:{HEAD_ROW}"
    pen = _Pen(sheet)
    pen.row([table.title], "Heading 1")
    pen.row([table.about], "line")
    pen.row([table.back])
    if not table.rows:
        return
    pen.row((head for head, _ in table.heads), "head")
    for row in table.rows:
        pen.row(row)
    reach = f"A{HEAD_ROW}:{get_column_letter(len(table.heads))}{HEAD_ROW + len(table.rows)}"
    made = ExcelTable(id=number, name=table.name, displayName=table.name, ref=reach, comment=_clean(table.title))
    made.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=False, showColumnStripes=False)
    # a workbook written row by row cannot be asked for its heads afterwards
    made.tableColumns = [TableColumn(id=place, name=head) for place, (head, _) in enumerate(table.heads, start=1)]
    made.autoFilter = AutoFilter(ref=reach)
    sheet.tables.add(made)


def _clean(text: str) -> str:
    """Return a text without the control characters that no workbook may hold, and no longer than a cell."""
    shown = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", text)
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


class _Pen:
    """Makes the cells of one sheet.  A row is written cell by cell, so that one cell object a style serves all plain cells."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.cells: dict[str, Any] = {}

    def row(self, contents: Iterable[Content], style: str = "") -> None:
        """Write a row; figures and links have styles of their own, texts have ``style`` or that of the body."""
        self.sheet.append(self.cell(content, style) for content in contents)

    def cell(self, content: Content, style: str) -> Any:
        """Return a cell; a text is stored as text even where it opens like a formula, and stays one when it is edited."""
        if isinstance(content, Figure):
            made = self.plain(content.style)
            made.value = content.stored
            return made
        text = _clean(content.text if isinstance(content, Link) else content)
        risky = text.startswith(_RISKY)
        if isinstance(content, Link):
            made = self.fresh("Hyperlink")
            target = content.sheet.replace("'", "''")
            made.hyperlink = Hyperlink(ref="", location=f"'{target}'!A1", display=text)
        else:
            made = (self.fresh if risky else self.plain)(style or "body")
        if risky:
            made.quotePrefix = True
        made.value = text
        made.data_type = "s"
        return made

    def plain(self, style: str) -> Any:
        """Return the one cell of a style that is filled again and again."""
        if style not in self.cells:
            self.cells[style] = self.fresh(style)
        return self.cells[style]

    def fresh(self, style: str) -> Any:
        made = WriteOnlyCell(self.sheet)
        made.style = style
        return made


def _page(sheet: Any) -> None:
    """Set a sheet for A4 across, as wide as the paper, with page numbers."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.oddFooter.center.text = "&P / &N"


def _styles(zh: bool, decimals: Iterable[int | None]) -> Iterator[NamedStyle]:
    """Yield the cell styles, those of titles and links under the names that programs know them by: heads in 黑体 and text in 宋体 in Chinese, one sans-serif face in English, nothing below 12 points."""
    charset = 134 if zh else None  # lets a machine without the face take another Chinese one
    body, strong = ("宋体", "黑体") if zh else ("Arial", "Arial")
    line = Border(bottom=Side(style="medium", color="000000"), top=Side(style="medium", color="000000"))
    top, head = Alignment(vertical="top", wrap_text=True), Alignment(vertical="center", wrap_text=True)
    plain = Font(name=body, size=12, charset=charset)

    def heavy(size: float) -> Font:
        return Font(name=strong, size=size, charset=charset, bold=not zh)

    yield NamedStyle("Title", builtinId=15, font=heavy(20), alignment=top)
    yield NamedStyle("Heading 1", builtinId=16, font=heavy(16), alignment=Alignment(vertical="center"))
    yield NamedStyle("Heading 2", builtinId=17, font=heavy(14), alignment=top)
    yield NamedStyle("head", font=heavy(12), alignment=head, border=line)
    yield NamedStyle("strong", font=heavy(12), alignment=top)
    yield NamedStyle("line", font=plain, alignment=Alignment(vertical="center"))
    yield NamedStyle("body", font=plain, alignment=top)
    linked = Font(name=body, size=12, charset=charset, color="0563C1", underline="single")
    yield NamedStyle("Hyperlink", builtinId=8, font=linked, alignment=Alignment(vertical="top"))
    number = Font(name="Times New Roman" if zh else "Arial", size=12)
    for places in sorted({-1 if place is None else place for place in decimals}):
        shown = "General" if places < 0 else "0" if places == 0 else "0." + "0" * places
        name = "figure" if places < 0 else f"figure {places}"
        yield NamedStyle(name, font=number, alignment=Alignment(horizontal="right", vertical="top"), number_format=shown)
