"""The return format, written: a cover and one sheet a work area, written for a clerk to fill in or with figures in it.

What :mod:`nianbao.intake` reads back, in the same layout.  Equal rows give equal bytes.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.xml.functions import tostring

from nianbao.catalogue import Catalogue, Township
from nianbao.fields import Dims
from nianbao.formulas import format_dims
from nianbao.package import repack
from nianbao.periods import usual
from nianbao.returnsheet import COLUMNS, COVER_SHEET, KINDS

FORM_VERSION = "1"


@dataclass(frozen=True)
class ReturnRow:
    """One row to write into a return: an entry with dimensions, period, and what is known of its value."""

    entry: str
    dims: Dims = ()
    value: object = None
    period: str = ""
    unit_word: str = ""
    kind: str = "实报"
    note: str = ""


def write_return(path: Path, *, township: Township, year: int, catalogue: Catalogue, rows: Sequence[ReturnRow]) -> None:
    """Write a return in nianbao's format: a cover, and one sheet for each work area that ``rows`` touches, in catalogue order.

    Rows keep their order within an area.  Values may be numbers, texts or None (an empty cell to fill in).  Equal rows give equal
    bytes: the file is dated the last day of ``year``.
    """
    workbook = Workbook()
    cover = workbook.active
    assert cover is not None
    cover.title = COVER_SHEET
    _write_cover(cover, township, year)
    for key, area in catalogue.areas.items():
        chosen = [row for row in rows if catalogue.entry(row.entry).area == key]
        if chosen:
            _write_sheet(
                workbook.create_sheet(area.zh),
                f"{township.zh}{year}年卫生健康年报　{area.zh}",
                chosen,
                township,
                year,
                catalogue,
            )
    written = io.BytesIO()
    workbook.save(written)
    workbook.properties.created = workbook.properties.modified = dt.datetime.fromisoformat(
        f"{year}-12-31"
    )  # saving reads the clock
    core = tostring(workbook.properties.to_tree())
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(repack(written.getvalue(), replaced={"docProps/core.xml": core}))


_THIN = Side(style="thin", color="B0B0B0")
_GRID = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="DCE6F1")
_FILL_IN = PatternFill("solid", fgColor="FFFBE6")
_WIDTHS = (34, 30, 20, 30, 14, 8, 20, 10, 46)


def _write_cover(sheet: Any, township: Township, year: int) -> None:
    sheet["A1"] = f"{township.zh}{year}年卫生健康年报"
    sheet["A1"].font = Font(name="宋体", size=18, bold=True)
    for index, (label, value) in enumerate(
        (("填报单位", township.zh), ("报告年度", year), ("所属地区", township.parent_zh), ("表式版本", FORM_VERSION)), start=3
    ):
        sheet.cell(index, 1, label).font = Font(name="宋体", bold=True)
        sheet.cell(index, 2, value).alignment = Alignment(horizontal="left")
    for index, line in enumerate(_ADVICE, start=8):
        sheet.cell(index, 1, line).alignment = Alignment(wrap_text=False)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 14, 40


_ADVICE = (
    "填报说明",
    "1. 每张业务表一行填一个数，只填黄色的数值列；指标、编码和分组编码不要改动。",
    "2. 没有数据请留空；确实为零填0或“未发现”。不要用−1、“无”代替。",
    "3. 概数照实填写：“70余”“近百”“约300”“99%以上”；数字残缺填原样，如“202_”。",
    "4. 统计期间：“2020统计年度”（上年10月1日至当年9月30日）、“2020年”、“2020年1-11月”、“2020年上半年”、“1月24日以来”、“截至2020年9月30日”。",
    "5. 数据性质：实报；推算（由已公布的比率反推）；预计；合计（报出的合计数，只用于核对）；计划（下一年的计划数，不计入本年）。",
    "6. 只填汇总数，不得出现姓名、身份证号、电话号码。",
)


def _write_sheet(
    sheet: Any, title: str, rows: Sequence[ReturnRow], township: Township, year: int, catalogue: Catalogue
) -> None:
    sheet["A1"] = title
    sheet["A1"].font = Font(name="宋体", size=14, bold=True)
    sheet["A2"] = "黄色格填数；没有数据留空。"
    sheet["A2"].font = Font(name="宋体", size=9, color="666666")
    for column, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True), start=1):
        head = sheet.cell(3, column, name)
        head.font, head.fill, head.border = Font(name="宋体", bold=True), _HEAD, _GRID
        head.alignment = Alignment(horizontal="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for index, row in enumerate(rows, start=4):
        entry = catalogue.entry(row.entry)
        unit = catalogue.units[dict(row.dims).get("unit", entry.unit)]
        words = "、".join(catalogue.dim_label(k, v, township=township) for k, v in row.dims if k != "unit")
        period = row.period or usual(entry.period, year).label()
        values = (
            entry.zh,
            row.entry,
            words,
            format_dims(row.dims),
            row.value,
            row.unit_word or unit.zh,
            period,
            row.kind,
            row.note,
        )
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(index, column, value)
            cell.border = _GRID
            if isinstance(value, str):
                cell.data_type = "s"
            if column in (2, 4):
                cell.font = Font(name="Consolas", size=9, color="808080")
        sheet.cell(index, 5).fill = _FILL_IN
        sheet.cell(index, 5).alignment = Alignment(horizontal="right")
    kinds = DataValidation(type="list", formula1=f'"{",".join(KINDS)}"', allow_blank=True)
    sheet.add_data_validation(kinds)
    kinds.add(f"H4:H{len(rows) + 3}")
    sheet.freeze_panes = "A4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
