"""An empty return to fill in: the rows a township needs, last year's figures beside them, drop-downs, village rows and a guide.

Columns that nianbao does not read (合计, 上年数, 口径说明) are for the person who fills the template in.  In particular the totals of
village rows stand in a column of their own: nianbao adds the villages itself, so that a template filled in by a program, whose formulas
have no stored results, is read like one saved by Excel.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from tempfile import mkstemp

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import tostring

from nianbao.assembly import chapters_of
from nianbao.catalogue import Area, Catalogue, Element, Indicator, Nature, Standing, load_catalogue, load_township
from nianbao.dataset import Dataset
from nianbao.errors import UserError, did_you_mean
from nianbao.fields import Dims
from nianbao.formulas import format_dims
from nianbao.indicators import with_place, without_place
from nianbao.intake import read_return, return_files
from nianbao.observation import Observation
from nianbao.package import repack
from nianbao.periods import Period, PeriodError, parse_period, usual
from nianbao.returnform import FORM_VERSION
from nianbao.returnsheet import COLUMNS, COVER_SHEET, GUIDE_SHEET, KINDS

SPARE_ROWS = 12
"""Empty rows at the end of a sheet, for figures the template does not ask for."""
TOTAL, BEFORE, MEANING = "合计", "上年数", "口径说明"
_ORDER = ("指标", "分组", "单位", "数值", TOTAL, BEFORE, "统计期间", "数据性质", "备注", MEANING, "编码", "分组编码")
_WIDTHS = dict(zip(_ORDER, (26, 16, 8, 13, 10, 12, 20, 9, 24, 52, 26, 26), strict=True))
_OPEN = frozenset({"数值", "统计期间", "数据性质", "备注"})
_TOP = 3
_GUIDE_LINE = 72
"""Chinese characters that fit a line of the guide."""


@dataclass(frozen=True)
class Line:
    """One row to fill in: an entry with dimensions and period.

    ``before`` is what stood there last year, as written then, ``""`` for nothing.
    """

    entry: Element | Indicator
    dims: Dims
    period: Period
    unit_word: str = ""
    kind: str = ""
    """Set where the figure is expected: a row that says 实报 and stays empty is missing, one that says nothing is not read."""
    before: str = ""


@dataclass(frozen=True)
class Group:
    """The rows of one figure: one row, or one a village with their total above."""

    lines: tuple[Line, ...]
    by_village: bool = False
    before: str = ""
    """Of village rows: what was reported last year for the whole, as written then."""


@dataclass(frozen=True)
class SheetPlan:
    """The rows of one work area: those reported last year, in their order, then the others in the catalogue's."""

    area: Area
    reported: tuple[Group, ...]
    further: tuple[Group, ...]

    @property
    def count(self) -> int:
        """How many figures the sheet asks for."""
        return sum(len(group.lines) for group in (*self.reported, *self.further))


@dataclass(frozen=True)
class Template:
    """What a template asks for."""

    dataset: Dataset
    sheets: tuple[SheetPlan, ...]
    last_year: str = ""
    """The return the column 上年数 comes from, or the folder of its files; ``""`` when there is none."""


def plan_template(
    root: Path,
    *,
    township: str,
    year: int,
    areas: Sequence[str] = (),
    by_village: Sequence[str] = (),
    all_elements: bool = False,
) -> Template:
    """Return what the template of a township and year asks for.

    Without ``areas`` (keys or Chinese names): the work areas of the chapters of the year's report, and those the township reported last
    year.  Asked for are what it reported last year and the catalogue's current elements; ``all_elements`` adds local practices and elements
    that need an item named.  Historical entries are never asked for.  Figures reported by village last year, and every count and amount of the
    areas in ``by_village``, get a row a village.

    Raises:
        UserError: an unknown township or area, or village rows for a township without villages.
        ReturnError: last year's return cannot be read.
    """
    place = load_township(root, township)
    catalogue = load_catalogue(root, township=place)
    intakes = tuple(
        read_return(path, root=root, township=place, year=year - 1, catalogue=catalogue)
        for path in return_files(root, township, year - 1)
    )
    data = Dataset(root, place, year, catalogue, intakes)
    split = _areas_named(by_village, catalogue, "--by-village")
    if split and not place.villages:
        raise UserError(
            f"--by-village: params/townships/{township}.yml names no villages; add them there first",
            zh=f"--by-village：params/townships/{township}.yml里没有村（居）名单；请先补上",
        )
    before = [item for intake in intakes for item in intake.observations if item.period.year == year - 1]
    chosen = _areas_named(areas, catalogue, "--areas") if areas else _areas_of_report(data, before)
    planner = _Planner(data, before, split, all_elements=all_elements)
    sheets = (planner.sheet(area) for key, area in catalogue.areas.items() if key in {*chosen, *split})
    kept = tuple(sheet for sheet in sheets if areas or sheet.count)
    last = [intake.file for intake in intakes]
    return Template(data, kept, last[0] if len(last) == 1 else f"{Path(last[0]).parent.as_posix()}/" if last else "")


def _areas_named(names: Iterable[str], catalogue: Catalogue, option: str) -> frozenset[str]:
    known = {key: key for key in catalogue.areas} | {area.zh: key for key, area in catalogue.areas.items()}
    for name in names:
        if name not in known:
            raise UserError(
                f"{option}: no work area {name!r}{did_you_mean(name, known)} (known: {', '.join(catalogue.areas)})",
                zh=f"{option}：没有业务“{name}”{did_you_mean(name, known, lang='zh')}"
                f"（可用：{'、'.join(area.zh for area in catalogue.areas.values())}）",
            )
    return frozenset(known[name] for name in names)


def _areas_of_report(data: Dataset, before: Iterable[Observation]) -> frozenset[str]:
    """Return the areas that the notebooks of the report open or name, and those reported last year."""
    named: set[str] = {data.catalogue.entries[item.entry].area for item in before}
    for chapter in chapters_of(data):
        notebook = json.loads((data.root / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
        code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
        named |= {key for key in data.catalogue.areas if f'"{key}"' in code}
    return frozenset(named)


class _Planner:
    """Decides which rows a template has; see :func:`plan_template`."""

    def __init__(self, data: Dataset, before: Sequence[Observation], split: frozenset[str], *, all_elements: bool) -> None:
        self.data, self.before, self.split, self.all_elements = data, before, split, all_elements
        self.catalogue, self.year = data.catalogue, data.year
        self.villages = tuple(village.key for village in data.township.villages)
        self.asked: dict[str, list[Dims]] = {}
        self.wholes = {one.part_of for one in self.catalogue.entries.values() if isinstance(one, Element) and one.part_of}
        for entry in self.catalogue.entries.values():
            if isinstance(entry, Indicator) and entry.status is Standing.CURRENT:
                self._note_terms(entry)

    def _note_terms(self, entry: Indicator) -> None:
        cases = [(case.numerator, case.denominator) for case in entry.cases] or [(entry.numerator, entry.denominator)]
        for term in (term for sides in cases for side in sides for term in side):
            plain = not any(value == "*" or "{" in value for _, value in term.dims)
            if term.back == 0 and plain and term.dims not in self.asked.setdefault(term.entry, []):
                self.asked[term.entry].append(term.dims)

    def sheet(self, area: Area) -> SheetPlan:
        reported = tuple(self.reported(area.key))
        seen = {(line.entry.id, line.dims) for group in reported for line in group.lines}
        told = {line.entry.id for group in reported for line in group.lines}
        further = tuple(self.further(area.key, seen, told))
        return SheetPlan(area, reported, further)

    def usable(self, entry: Element | Indicator) -> bool:
        return (
            entry.status is not Standing.HISTORICAL
            and (entry.valid_from is None or entry.valid_from <= self.year)
            and (entry.valid_until is None or self.year <= entry.valid_until)
        )

    def reported(self, area: str) -> Iterator[Group]:
        """Yield what the township reported last year, a year on; villages that are new since then get their rows too."""
        done: set[tuple[str, Dims]] = set()
        given = {(item.entry, item.dims): item for item in reversed(self.before)}
        for item in self.before:
            entry = self.catalogue.entries[item.entry]
            if entry.area != area or not self.usable(entry):
                continue
            whole = without_place(item.dims)
            by_village = bool(self.villages) and (item.dims != whole or self.splits(entry))
            key = (item.entry, whole if by_village else item.dims)
            if key in done:
                continue
            done.add(key)
            members = (
                [with_place(whole, village, township=self.data.township) for village in self.villages]
                if by_village
                else [item.dims]
            )
            lines = tuple(self.again(item, dims, given.get((item.entry, dims))) for dims in members)
            all_together = given.get((item.entry, whole)) if by_village else None
            yield Group(lines, by_village, all_together.raw if all_together is not None else "")

    def again(self, item: Observation, dims: Dims, own: Observation | None) -> Line:
        entry = self.catalogue.entries[item.entry]
        return Line(
            entry,
            tuple((key, _a_year_on(value) if key in ("year", "years") else value) for key, value in dims),
            item.period.shifted(1),
            item.unit_word,
            "合计" if own is not None and own.total else "实报",
            own.raw if own is not None else "",
        )

    def further(self, area: str, seen: set[tuple[str, Dims]], told: set[str]) -> Iterator[Group]:
        """Yield the catalogue's elements that were not reported last year."""
        for entry in self.catalogue.of_area(area):
            if not isinstance(entry, Element) or entry.id in told or not self.usable(entry):
                continue
            if entry.status is Standing.LOCAL and not self.all_elements:
                continue
            for dims in self.cuts_of(entry):
                if (entry.id, dims) in seen:
                    continue
                split = self.splits(entry)
                members = (
                    [with_place(dims, village, township=self.data.township) for village in self.villages] if split else [dims]
                )
                yield Group(tuple(Line(entry, member, usual(entry.period, self.year)) for member in members), split)

    def splits(self, entry: Element | Indicator) -> bool:
        counted = isinstance(entry, Element) and entry.nature in (Nature.FLOW, Nature.STOCK, Nature.AMOUNT)
        return counted and entry.area in self.split

    def cuts_of(self, entry: Element) -> Iterator[Dims]:
        """Yield the dimension values to ask an element by: the parts of each way to divide it, and what indicators need of it."""
        parts = [
            ((dim, value),)
            for dim, sets in entry.partitions.items()
            if dim != "village" and sets and "*" not in sets[0]
            for value in sets[0]
        ]
        stand_for_others = {(dim, value) for dim, groups in entry.groups.items() for value in groups}
        needed = [
            dims
            for dims in self.asked.get(entry.id, [])
            if dims and not (len(dims) == 1 and parts and dims[0] in stand_for_others)
        ]
        open_dims = [
            dim for dim, values in entry.dims.items() if "*" in values and dim not in ("village", "unit", "year", "years")
        ]
        found = [*parts, *needed]
        if not parts and (() in self.asked.get(entry.id, [()]) or not needed) and (not open_dims or self.all_elements):
            found.insert(0, ())
        elif parts and (entry.id in self.wholes or () in self.asked.get(entry.id, [])):
            found.append(())  # whoever does not know every part may report the total, which other figures rest on
        yield from dict.fromkeys(found)


def _a_year_on(value: str) -> str:
    return re.sub(r"\d{4}", lambda found: str(int(found[0]) + 1), value)


# ---- the workbook -----------------------------------------------------------------------------------------------------

_EDGE = Side(style="thin", color="808080")
_GRID = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_HEAD, _FILL_IN, _READ, _PART = (PatternFill("solid", fgColor=color) for color in ("E7E6E6", "FFFBE6", "F2F2F2", "DEEAF6"))
_UNLOCKED = Protection(locked=False)


def _font(name: str, size: float, *, bold: bool = False, color: str = "000000") -> Font:
    """Return a face of official documents; its character set lets a machine without it take another Chinese one."""
    return Font(name=name, size=size, bold=bold, color=color, charset=134)


_TITLE = _font("方正小标宋简体", 16)
_LABEL = _font("黑体", 10.5)
_TEXT = _font("仿宋_GB2312", 10.5)
_SMALL = _font("仿宋_GB2312", 9, color="595959")
_CODE = Font(name="Consolas", size=8, color="A6A6A6")
_FIGURE = Font(name="Times New Roman", size=10.5)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_RIGHT = Alignment(horizontal="right", vertical="center")


@dataclass
class _Rows:
    """Where drop-downs belong on a sheet: first and last row that takes figures, and rows by the units they may be given in."""

    last: int = _TOP
    units: dict[tuple[str, ...], list[int]] = field(default_factory=dict)


def write_template(template: Template, path: Path, *, force: bool = False) -> None:
    """Write a template as a workbook; equal templates give equal bytes.

    Raises:
        UserError: ``path`` is no .xlsx, its folder does not exist, or there is a file already and ``force`` is not set.
    """
    if path.suffix.lower() != ".xlsx":
        raise UserError(f"{path}: expected a file name ending in .xlsx", zh=f"{path}：文件名应以.xlsx结尾")
    if not path.parent.is_dir():
        raise UserError(
            f"{path}: there is no folder {path.parent}; make it first", zh=f"{path}：没有文件夹{path.parent}；请先建立"
        )
    content = template_bytes(template)
    handle, staged = mkstemp(prefix=".template-", suffix=".xlsx", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(staged).chmod(0o644)
        if force:
            Path(staged).replace(path)
        else:
            os.link(staged, path)  # never takes the place of a return that is being filled in
    except FileExistsError:
        raise UserError(
            f"{path} exists already and was left as it is; choose another name, or add --force",
            zh=f"{path}已经存在，未作改动；请换一个文件名，或加 --force 覆盖",
        ) from None
    finally:
        Path(staged).unlink(missing_ok=True)


def template_bytes(template: Template) -> bytes:
    """Return the workbook of a template; it is dated the last day of its year."""
    data = template.dataset
    workbook = Workbook()
    cover = workbook.active
    assert cover is not None
    cover.title = COVER_SHEET
    _write_cover(cover, data)
    _write_guide(workbook.create_sheet(GUIDE_SHEET), template)
    for plan in template.sheets:
        _write_area(workbook.create_sheet(plan.area.zh), plan, data)
    written = io.BytesIO()
    workbook.save(written)
    workbook.properties.created = workbook.properties.modified = dt.datetime.fromisoformat(f"{data.year}-12-31")
    return repack(written.getvalue(), replaced={"docProps/core.xml": tostring(workbook.properties.to_tree())})


def _write_cover(sheet: Worksheet, data: Dataset) -> None:
    place = data.township
    sheet["A1"] = f"{place.zh}{data.year}年卫生健康年报"
    sheet["A1"].font = _font("方正小标宋简体", 22)
    fields: tuple[tuple[str, str | int], ...] = (
        ("填报单位", place.zh),
        ("报告年度", data.year),
        ("所属地区", place.parent_zh),
        ("报表版本", FORM_VERSION),
    )
    for row, (label, value) in enumerate(fields, start=3):
        sheet.row_dimensions[row].height = 26
        sheet.cell(row, 1, label).font = _font("黑体", 14)
        written = sheet.cell(row, 2, value)
        written.font, written.alignment = _font("仿宋_GB2312", 14), Alignment(horizontal="left")
    for row, label in enumerate(("填表人", "审核人", "填报日期"), start=8):
        sheet.row_dimensions[row].height = 30
        sheet.cell(row, 1, label).font = _font("黑体", 14)
        sheet.cell(row, 2).border = Border(bottom=_EDGE)
    sheet["A12"] = f"先读“{GUIDE_SHEET}”，再填各业务表。"
    sheet["A12"].font = _TEXT
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 16, 52
    _page(sheet)


def _guide(template: Template) -> Iterator[tuple[str, str]]:
    """Yield the lines of the guide as heading and text."""
    year = template.dataset.year
    yield "填什么", "只填黄色格：数值，必要时改统计期间、数据性质、备注和单位。灰色格受保护（无密码），不要改动编码和分组编码。"
    yield "没有数", "没有数据请留空，不会当作0；确实为零填0或“未发现”。不要用−1、“无”“—”代替。不适用的行留空即可，不必删除。"
    if template.last_year:
        yield "上年报过的", "这些行已写“实报”，留空就列为缺报；今年不再报的，把数据性质也清空。其他指标的行留空就是不报。"
    yield "概数", "照实填写：“70余”“近百”“约300”“99%以上”；数字残缺填原样，如“202_”。"
    yield "单位", "以单位列为准；有下拉选择的（如元、万元）先选单位再填数，数值后不再写单位。"
    yield (
        "统计期间",
        f"“{year}统计年度”指{year - 1}年10月1日至{year}年9月30日；“{year}年”指公历年；“{year}年1-11月”；“截至{year}年9月30日”指某日状态。"
        "列表中没有的可直接写。",
    )
    yield "数据性质", "实报（不选就是实报）；推算（由已公布的比率反推）；预计；合计（报出的合计数，只用于核对，不会相加）。"
    if any(group.by_village for plan in template.sheets for group in (*plan.reported, *plan.further)):
        yield (
            "分村填报",
            "分村的指标每村一行，蓝色行的“合计”自动相加，仅供核对；读取时按各村重新相加。某村没有填或填的是概数，合计显示“未填齐”。",
        )
    if template.last_year:
        yield "上年数", f"取自{template.last_year}，仅供对照，不会读入；上年有误请在上年报表中改正。"
    else:
        yield "上年数", "没有找到上年报表。需要与上年比较的，在表末空行另填一行：编码相同，统计期间写上年。"
    yield (
        "表外指标",
        f"表中没有的指标，填在各表末的{SPARE_ROWS}个空行：编码和分组编码查指标目录（docs/reference.md），单位可以不填。",
    )
    yield "个人信息", "只填汇总数，不得出现姓名、身份证号、电话号码。"
    key = template.dataset.township.key
    yield (
        "填完以后",
        f"保存为data/{key}/{year}.xlsx，在项目文件夹中运行 .venv/bin/nianbao check {key} --year {year} 逐条核对。",
    )


def _write_guide(sheet: Worksheet, template: Template) -> None:
    sheet["A1"] = GUIDE_SHEET
    sheet["A1"].font = _TITLE
    row = 3
    for heading, text in _guide(template):
        sheet.cell(row, 1, heading).font = _LABEL
        written = sheet.cell(row, 2, text)
        written.font, written.alignment = _TEXT, _WRAPPED
        sheet.cell(row, 1).alignment = Alignment(vertical="center")
        sheet.row_dimensions[row].height = 18 * (1 + len(text) // _GUIDE_LINE)
        row += 1
    row += 1
    for column, word in enumerate(("业务表", "要填的数"), start=1):
        head = sheet.cell(row, column, word)
        head.font, head.fill, head.border = _LABEL, _HEAD, _GRID
    for plan in template.sheets:
        row += 1
        named = sheet.cell(row, 1, plan.area.zh)
        named.hyperlink = Hyperlink(ref=named.coordinate, location=f"'{plan.area.zh}'!A1")
        named.font, named.border = _font("仿宋_GB2312", 10.5, color="0563C1"), _GRID
        reported = sum(len(group.lines) for group in plan.reported)
        counted = sheet.cell(row, 2, f"{plan.count}个" + (f"，其中上年报过的{reported}个" if reported else ""))
        counted.font, counted.border = _TEXT, _GRID
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 108
    sheet.protection.sheet = True
    _page(sheet, pages=1)


def _write_area(sheet: Worksheet, plan: SheetPlan, data: Dataset) -> None:
    by_village = any(group.by_village for group in (*plan.reported, *plan.further))
    names = [name for name in _ORDER if by_village or name != TOTAL]
    column = {name: place for place, name in enumerate(names, start=1)}
    sheet["A1"] = f"{data.township.zh}{data.year}年卫生健康年报　{plan.area.zh}"
    sheet["A1"].font = _TITLE
    sheet["A2"] = f"黄色格填数，没有数据留空；填法见“{GUIDE_SHEET}”。"
    sheet["A2"].font = _SMALL
    for name in names:
        head = sheet.cell(_TOP, column[name], name)
        head.font, head.fill, head.border, head.alignment = _LABEL, _HEAD, _GRID, _CENTRED
        sheet.column_dimensions[get_column_letter(column[name])].width = _WIDTHS[name]
    writer = _AreaWriter(sheet, column, data)
    for title, groups in (("上年报过的指标", plan.reported), ("其他指标（有数即填）", plan.further)):
        if groups and plan.reported:
            writer.part(title)
        for group in groups:
            writer.group(group)
    writer.spare()
    writer.drop_downs()
    last_printed = get_column_letter(column[MEANING])
    sheet.print_area = f"A1:{last_printed}{writer.rows.last}"
    sheet.print_title_rows = f"{_TOP}:{_TOP}"
    sheet.freeze_panes = f"{get_column_letter(column['单位'])}{_TOP + 1}"
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    _page(sheet)


def _page(sheet: Worksheet, *, pages: int = 0) -> None:
    """Set a sheet up for A4 on its side, as wide as the paper and on so many pages; 0 for as many as it takes."""
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, pages
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.horizontalCentered = True
    footer = sheet.HeaderFooter.oddFooter
    assert footer is not None
    footer.center.text = "第&P页　共&N页"


class _AreaWriter:
    """Writes the rows of one area sheet from top to bottom."""

    def __init__(self, sheet: Worksheet, column: dict[str, int], data: Dataset) -> None:
        self.sheet, self.column, self.data = sheet, column, data
        self.rows = _Rows()
        self.first = True
        self.entry = ""

    def cell(self, name: str, value: int | Decimal | str | None = None) -> SheetCell:
        made = self.sheet.cell(self.rows.last, self.column[name], value)
        assert isinstance(made, SheetCell)
        if isinstance(value, str) and not (name in (TOTAL, BEFORE) and value.startswith("=IF(")):
            made.data_type = "s"
        return made

    def row(self) -> None:
        """Begin a row: borders, faces, and which cells may be written in."""
        self.rows.last += 1
        self.sheet.row_dimensions[self.rows.last].height = 18
        for name in self.column:
            made = self.cell(name)
            made.border, made.font, made.alignment = _GRID, _TEXT, _WRAPPED
            if name in _OPEN:
                made.protection = _UNLOCKED
            if name == "数值":
                made.fill, made.font, made.alignment = _FILL_IN, _FIGURE, _RIGHT
            elif name in (TOTAL, BEFORE):
                made.fill, made.font, made.alignment = _READ, _FIGURE, _RIGHT
            elif name in ("编码", "分组编码"):
                made.font, made.alignment = _CODE, Alignment(vertical="center")
            elif name == MEANING:
                made.font = _SMALL
            elif name in ("单位", "统计期间", "数据性质"):
                made.alignment = _CENTRED

    def part(self, title: str) -> None:
        """Write a line that parts the sheet; it has no code and no value, so that a reader skips it."""
        self.row()
        for name in self.column:
            self.cell(name).protection = Protection(locked=True)
            self.cell(name).fill = _HEAD
        self.cell("指标", title).font = _LABEL

    def group(self, group: Group) -> None:
        first = group.lines[0]
        if group.by_village:
            self.total(group)
        for line in group.lines:
            self.line(line, meaning=not group.by_village and first.entry.id != self.entry)
        self.entry = first.entry.id

    def total(self, group: Group) -> None:
        """Write the line above the villages of a figure, with their sum as soon as all of them have one."""
        first, count = group.lines[0], len(group.lines)
        self.row()
        for name in self.column:
            self.cell(name).protection = Protection(locked=True)
            self.cell(name).fill = _PART
        self.cell("指标", first.entry.zh).font = _LABEL
        self.cell("分组", self.words(without_place(first.dims)))
        self.meaning(first.entry)
        now, before = (self.span(name, count) for name in ("数值", BEFORE))
        self.cell(TOTAL, f'=IF(COUNTA({now})=0,"",IF(COUNT({now})={count},SUM({now}),"未填齐"))')
        if group.before:
            self.cell(BEFORE, _number(group.before))
        elif any(line.before for line in group.lines):
            self.cell(BEFORE, f'=IF(COUNT({before})={count},SUM({before}),"")')

    def span(self, name: str, count: int) -> str:
        """Return the range of the ``count`` rows below in a column."""
        letter = get_column_letter(self.column[name])
        return f"{letter}{self.rows.last + 1}:{letter}{self.rows.last + count}"

    def line(self, line: Line, *, meaning: bool) -> None:
        self.row()
        entry, catalogue = line.entry, self.data.catalogue
        unit = dict(line.dims).get("unit", entry.unit)
        self.cell("指标", entry.zh)
        self.cell("分组", self.words(line.dims))
        self.cell("单位", line.unit_word or catalogue.units[unit].zh)
        self.cell(BEFORE, _number(line.before))
        self.cell("统计期间", _spelling(line.period))
        self.cell("数据性质", line.kind or None)
        self.cell("编码", entry.id)
        self.cell("分组编码", format_dims(line.dims))
        if meaning:
            self.meaning(entry)
        words = (catalogue.units[unit].zh, *(other.zh for other in catalogue.units.values() if other.of == unit))
        if len(words) > 1:
            self.cell("单位").protection, self.cell("单位").fill = _UNLOCKED, _FILL_IN
            self.rows.units.setdefault(words, []).append(self.rows.last)

    def words(self, dims: Dims) -> str:
        label = self.data.catalogue.dim_label
        return "、".join(label(key, value, township=self.data.township) for key, value in dims if key != "unit")

    def meaning(self, entry: Element | Indicator) -> None:
        text = entry.definition_zh + entry.inclusion_zh
        self.cell(MEANING, text)
        self.sheet.row_dimensions[self.rows.last].height = max(18, 13 * (1 + len(text) // 30))

    def spare(self) -> None:
        for _ in range(SPARE_ROWS):
            self.row()
            for name in COLUMNS:
                self.cell(name).protection = _UNLOCKED

    def drop_downs(self) -> None:
        year, first, last = self.data.year, _TOP + 1, self.rows.last
        spellings = (
            f"{year}统计年度",
            f"{year}年",
            f"{year}年1—11月",
            f"{year}年上半年",
            f"截至{year}年9月30日",
            f"截至{year}年12月31日",
        )
        self.choose("数据性质", tuple(KINDS), [(first, last)], strict=True)
        self.choose("统计期间", spellings, [(first, last)], strict=False)
        for words, rows in self.rows.units.items():
            self.choose("单位", words, [(row, row) for row in rows], strict=True)

    def choose(self, name: str, words: tuple[str, ...], spans: list[tuple[int, int]], *, strict: bool) -> None:
        offered = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True, showErrorMessage=strict)
        offered.error = f"从列表中选择：{'、'.join(words)}"
        self.sheet.add_data_validation(offered)
        letter = get_column_letter(self.column[name])
        for start, end in spans:
            offered.add(f"{letter}{start}:{letter}{end}" if end > start else f"{letter}{start}")


def _spelling(period: Period) -> str:
    """Return the words for a period that a reader takes for that period again; its code where they are not unambiguous."""
    label = period.label()
    try:
        return label if parse_period(label) == period else period.code
    except PeriodError:
        return period.code


def _number(raw: str) -> int | Decimal | str | None:
    """Return last year's figure as a number where it is a plain one, so that Excel can reckon with it; else as it was written."""
    if re.fullmatch(r"-?\d+", raw):
        return int(raw)
    return Decimal(raw) if re.fullmatch(r"-?\d+\.\d+", raw) else raw or None
