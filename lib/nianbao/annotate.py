"""A copy of a return with its findings marked: a list in front, the cells coloured by severity, a comment in each.

The copy never holds a personal number: a sheet in which one was found, or whose rows are persons, is left out and only its findings are listed.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, MergedCell
from openpyxl.comments import Comment
from openpyxl.packaging.core import DocumentProperties
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils.exceptions import IllegalCharacterError
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.xml.functions import tostring

from nianbao.errors import Finding, Severity, UserError
from nianbao.files.confined import read_book
from nianbao.files.grid import Book, Sheet
from nianbao.files.personal import personal_number
from nianbao.layouts.forms import fits, word
from nianbao.layouts.headers import SEARCHED_ROWS
from nianbao.layouts.registers import NAMING
from nianbao.package import repack

LIST_SHEET = {"zh": "核对问题", "en": "Findings"}
_FILLS = {
    Severity.BLOCK: PatternFill("solid", fgColor="F8CBAD"),
    Severity.WARN: PatternFill("solid", fgColor="FFE699"),
    Severity.NOTE: PatternFill("solid", fgColor="DDEBF7"),
}
_HEADS = {
    "zh": ("序号", "程度", "代码", "工作表", "单元格", "问题", "处理"),
    "en": ("No.", "Severity", "Code", "Sheet", "Cell", "Found", "What to do"),
}
_WIDTHS = (6, 10, 24, 18, 30, 60, 50)
_NOTHING = {"zh": "未发现问题", "en": "no findings"}
_LEFT_OUT = {
    "zh": "以下工作表含个人信息或为名册，未复制到本文件：{names}",
    "en": "sheets that hold personal data or list persons were not copied into this file: {names}",
}
_SHOWN = 6
"""Cells of a finding that the list names."""
_LONGEST_HEAD = 12
"""Characters of the word over a column; what is longer is a sentence, such as one that forbids names."""
_FIRST = re.compile("[:;]")
"""Ends the first cell of a range, or of several."""
_DATED = dt.datetime.fromisoformat("2000-01-01")


def annotate(source: Path, findings: Sequence[Finding], out: Path, *, lang: str = "zh") -> None:
    """Write a copy of ``source`` to ``out`` with ``findings`` listed in a first sheet and marked where they are.

    An .xlsx keeps its look; any other kind is written as plain cells.  Formulas stay formulas.

    Raises:
        UserError: ``out`` is no .xlsx, its folder does not exist, or it is the return itself.
        ReturnError: ``source`` cannot be read.
    """
    if out.suffix.lower() != ".xlsx":
        raise UserError(
            f"{out}: expected a file name ending in .xlsx for the annotated copy", zh=f"{out}：批注副本的文件名应以.xlsx结尾"
        )
    if not out.parent.is_dir():
        raise UserError(f"{out}: there is no folder {out.parent}; make it first", zh=f"{out}：没有文件夹{out.parent}；请先建立")
    if out.exists() and out.samefile(source):
        raise UserError(
            f"{out}: this is the return itself; give the copy another name", zh=f"{out}：这是报表本身；请给副本另取文件名"
        )
    book = read_book(source, source.name)
    private = {sheet.name for sheet in book.sheets if _names_persons(sheet)}
    private |= {cell.sheet for finding in findings if finding.code == "personal-data" for cell in finding.cells}
    kept = replace(book, sheets=tuple(sheet for sheet in book.sheets if sheet.name not in private))
    content = _content(_looking_alike(source, kept), findings, private, lang) if book.kind == "xlsx" else b""
    if not content or _holds_personal(content):
        content = _content(_plain(kept), findings, private, lang)
    out.write_bytes(content)


def _content(workbook: Any, findings: Sequence[Finding], private: AbstractSet[str], lang: str) -> bytes:
    """Return the marked workbook as bytes that are the same whenever they are written."""
    _mark(workbook, findings, private, lang)
    title = LIST_SHEET[lang]
    while title in workbook.sheetnames:  # the copy of a copy
        title += "+"
    _list(workbook.create_sheet(title, 0), findings, private, lang)
    for sheet in workbook.worksheets:
        sheet.sheet_view.tabSelected = False
    workbook.active = 0
    properties = DocumentProperties(creator="nianbao", created=_DATED, modified=_DATED)
    workbook.properties = properties
    written = io.BytesIO()
    workbook.save(written)
    properties.modified = _DATED
    core: Any = tostring(properties.to_tree())
    return repack(written.getvalue(), replaced={"docProps/core.xml": core})


def _names_persons(sheet: Sheet) -> bool:
    """True for a sheet with a personal number anywhere, or with a column of names: its other columns tell of persons too."""
    held = (cell.text or str(cell.value or "") for cell in sheet.cells.values())
    if any(personal_number(text) for text in (sheet.name, *held, *sheet.comments.values())):
        return True
    rows: dict[int, list[str]] = {}
    for cell in sheet.cells.values():
        if cell.row <= SEARCHED_ROWS and isinstance(cell.value, str) and (text := word(cell.value)):
            rows.setdefault(cell.row, []).append(text)
    return any(
        len(text) <= _LONGEST_HEAD and fits(text, one)
        for texts in rows.values()
        if len(texts) > 1
        for text in texts
        for one in NAMING
    )


def _holds_personal(package: bytes) -> bool:
    """True when any part of a written workbook holds a personal number: a page header, a list to choose from, a name."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        pieces = (
            html.unescape(piece)
            for name in parts.namelist()
            if name.endswith((".xml", ".rels", ".vml")) and not name.startswith("xl/theme/")
            for piece in re.split("[<>\"']", parts.read(name).decode("utf-8", "replace"))
        )
        # Quotes end a piece too: what stands in attributes is looked at as well.
        return any(personal_number(piece) for piece in pieces if len(piece) > 6)


def _looking_alike(source: Path, kept: Book) -> Any:
    """Return the workbook with its look, and without what may repeat a sheet that was left out: pictures, charts, pivots, names, links."""
    workbook: Any = load_workbook(source, keep_links=False)
    names = {sheet.name for sheet in kept.sheets}
    for sheet in list(workbook.sheetnames):
        if sheet not in names:
            del workbook[sheet]
    workbook.defined_names.clear()
    for made in workbook.worksheets:
        made._pivots, made._charts, made._images = [], [], []
        made.sheet_state = "visible"
    return workbook


def _plain(book: Book) -> Workbook:
    """Return a workbook with the cells of a file of another kind, as values."""
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for sheet in book.sheets:
        made = workbook.create_sheet(_title(sheet.name))
        for (row, column), cell in sheet.cells.items():
            target = made.cell(row, column)
            try:
                target.value = cell.text if cell.value is None else cell.value
            except IllegalCharacterError:
                continue
            if isinstance(cell.value, str):
                target.data_type = "s"  # a text that begins with = is no formula
    return workbook


def _title(name: str) -> str:
    """Return the name of a sheet as Excel takes it; other programs are less strict."""
    return re.sub(r"[\\\\*?:/\[\]]", "_", name)[:31] or "_"


def _mark(workbook: Any, findings: Sequence[Finding], private: AbstractSet[str], lang: str) -> None:
    said: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        for cell in finding.cells:
            if _title(cell.sheet) in workbook.sheetnames and cell.sheet not in private:
                said.setdefault((_title(cell.sheet), _FIRST.split(cell.cell)[0]), []).append(finding)
    for (name, address), members in said.items():
        try:
            found = workbook[name][address]
        except (ValueError, KeyError):
            continue
        if isinstance(found, tuple):
            continue
        if isinstance(found, MergedCell):
            found = next(block.start_cell for block in workbook[name].merged_cells.ranges if address in block)
        order = list(Severity)
        worst = min((finding.severity for finding in members), key=order.index)
        found.fill = _FILLS[worst]
        parts = [found.comment.text] if found.comment is not None else []
        parts += [_quiet(f"[{finding.code}] {finding.message(lang)}\n→ {finding.remedy(lang)}") for finding in members]
        found.comment = Comment("\n".join(parts)[:2000], "nianbao", width=360, height=160)


def _quiet(text: str) -> str:
    """Return a text for the list or a comment; one that quotes a personal number is not repeated."""
    return "***" if personal_number(text) else ILLEGAL_CHARACTERS_RE.sub("", text)


def _wide(text: str) -> int:
    """Return the width of a text in the letters a column's width is counted in; some programs fit no row to its text."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


def _list(sheet: Any, findings: Sequence[Finding], private: AbstractSet[str], lang: str) -> None:
    for column, (head, width) in enumerate(zip(_HEADS[lang], _WIDTHS, strict=True), start=1):
        cell = sheet.cell(1, column, head)
        cell.font, cell.alignment = Font(bold=True), Alignment(horizontal="center")
        sheet.column_dimensions[cell.column_letter].width = width
    row = 1
    for row, finding in enumerate(findings, start=2):
        sheets = "、".join(dict.fromkeys(cell.sheet for cell in finding.cells))
        cells = "、".join(dict.fromkeys(cell.cell for cell in finding.cells[:_SHOWN]))
        cells += " …" if len(finding.cells) > _SHOWN else ""
        severity = finding.severity.word(lang)
        texts = (row - 1, severity, finding.code, sheets, cells, finding.message(lang), finding.remedy(lang))
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(row, column, _quiet(text) if isinstance(text, str) else text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(text, str):
                cell.data_type = "s"
        first = finding.cells[0] if finding.cells else None
        if first is not None and _title(first.sheet) in sheet.parent.sheetnames and first.sheet not in private:
            place = sheet.cell(row, 5)
            quoted = _title(first.sheet).replace("'", "''")
            place.hyperlink = Hyperlink(ref=place.coordinate, location=f"'{quoted}'!{_FIRST.split(first.cell)[0]}")
            place.font = Font(color="0563C1", underline="single")
        sheet.cell(row, 2).fill = _FILLS[finding.severity]
        lines = max(-(-_wide(str(text)) // width) for text, width in zip(texts, _WIDTHS, strict=True))
        sheet.row_dimensions[row].height = 15 * lines + 3
    if not findings:
        row += 1
        sheet.cell(row, 6, _NOTHING[lang])
    if private:
        names = "、".join(_quiet(name) for name in sorted(private))
        sheet.cell(row + 2, 6, _quiet(_LEFT_OUT[lang].format(names=names))).alignment = Alignment(
            wrap_text=True, vertical="top"
        )
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
