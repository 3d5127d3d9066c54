"""Returns to observations: one workbook a township and year, one sheet a work area, one row a figure.

The layout is nianbao's own return format (:data:`COLUMNS`): a clerk reads the Chinese labels and fills value, unit, period and note;
code and dimension code tie the row to the catalogue.  Reading collects every problem of a file as findings with cell addresses and
raises only when the file as a whole cannot be read.  The form itself is written by :mod:`nianbao.returnform`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from nianbao.catalogue import (
    Catalogue,
    Element,
    Indicator,
    Nature,
    Township,
    parse_dims,
    reference,
)
from nianbao.errors import Cell, Finding, ReturnError, Severity, did_you_mean, nearest
from nianbao.fields import Dims
from nianbao.periods import SPELLINGS, Period, PeriodError, parse_period, usual
from nianbao.values import PROBLEM_ZH, Reading, Status, read_value

COLUMNS = ("指标", "编码", "分组", "分组编码", "数值", "单位", "统计期间", "数据性质", "备注")
"""Header words of every area sheet: label, element code, dimensions in words, dimension code, value, unit, period, kind, note."""
PLAN = "计划"
KINDS = {
    "实报": Status.REPORTED,
    "推算": Status.IMPLIED,
    "预计": Status.ESTIMATED,
    "合计": Status.REPORTED,
    PLAN: Status.REPORTED,
}
"""What the column 数据性质 may say: reported, implied, estimated, a reported total (checked, never added), or planned for next year."""
COVER_SHEET = "封面"
_COVER = {"填报单位": "township", "报告年度": "year", "表式版本": "version"}
_HIDDEN = "***"
MAX_BYTES = 50_000_000
MAX_ROWS = 20_000
YEARS_BACK = 4
"""How many earlier years a return may give figures of: pooled ratios need three, the change one."""


@dataclass(frozen=True)
class Observation:
    """One figure of a return: what it is, for which period, how sure, and the cell it stands in.

    ``value`` is exact, in the unit of the catalogue (money in yuan, rates in per cent), None where ``status`` carries none.
    ``total`` marks a reported total, which is checked against its parts and never added.
    """

    entry: str
    dims: Dims
    period: Period
    value: Fraction | None
    status: Status
    unit: str
    unit_word: str
    raw: str
    note: str
    cell: Cell
    total: bool = False
    further: tuple[Cell, ...] = ()
    """The other cells of a figure that a town's return gives in several: the county's figure of the town."""

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell the figure stands in."""
        return (self.cell, *self.further)

    @property
    def ref(self) -> str:
        """The way formulas name it, e.g. ``births[parity=1]``."""
        return reference(self.entry, self.dims)


@dataclass(frozen=True)
class Intake:
    """A return read: observations in sheet order, findings in the order they were met, and the file's identity.

    ``plans`` are figures planned for the year after; they are no observations, so that nothing sums, compares or divides them.
    """

    township: str
    year: int
    file: str
    sha256: str
    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    plans: tuple[Observation, ...] = ()

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop a report."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.BLOCK)


def return_path(root: Path, township: str, year: int) -> Path:
    """Return where the return of a township and year lies."""
    return root / "data" / township / f"{year}.xlsx"


def read_return(path: Path, *, root: Path, township: Township, year: int, catalogue: Catalogue) -> Intake:
    """Return every observation and finding of the workbook at ``path``.

    Raises:
        ReturnError: the file is missing, is no workbook, or holds no area sheet at all.
    """
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    workbook, cached, digest = _open(path, where, township.key, year)
    reader = _Reader(where, township, year, catalogue)
    reader.cover(workbook)
    sheets = [name for name in workbook.sheetnames if name != COVER_SHEET]
    names = {area.zh: key for key, area in catalogue.areas.items()}
    for name in sheets:
        if name not in names:
            reader.unknown_sheet(name, names)
            continue
        reader.sheet(workbook[name], cached[name] if cached else None, names[name])
    if not any(item.raw for item in (*reader.observations, *reader.plans)) and not any(
        finding.severity is Severity.BLOCK for finding in reader.findings
    ):
        reader.empty()
    reader.duplicates(reader.observations)
    reader.duplicates(reader.plans)
    return Intake(
        township.key, year, where, digest, tuple(reader.observations), tuple(reader.findings), plans=tuple(reader.plans)
    )


def _open(path: Path, where: str, township: str, year: int) -> tuple[Any, Any, str]:
    if not path.exists():
        others = sorted(other.name for other in path.parent.glob("*.xlsx")) if path.parent.is_dir() else []
        there = f"; in {path.parent.name}/ there is {', '.join(others)}" if others else ""
        raise ReturnError(
            f"{where}: return not found for {township} {year}{there}; "
            f"expected the filled workbook at data/{township}/{year}.xlsx; put it there, or check township and year"
        )
    content = path.read_bytes()
    if not content:
        raise ReturnError(f"{where}: the file is empty (0 bytes); expected a filled .xlsx return; ask the sender for it again")
    if len(content) > MAX_BYTES:
        raise ReturnError(
            f"{where}: {len(content):,} bytes; a return has under {MAX_BYTES:,}; remove pictures and unused sheets"
        )
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise ReturnError(
            f"{where}: an old .xls file or an encrypted workbook; expected .xlsx; open it, remove the password, save as .xlsx"
        )
    if not zipfile.is_zipfile(path):
        raise ReturnError(f"{where}: not an Excel workbook; expected .xlsx; open the source in Excel or WPS and save as .xlsx")
    try:
        workbook = load_workbook(path, data_only=False)
        formulas = any(_has_formula(sheet) for sheet in workbook.worksheets)
        cached = load_workbook(path, data_only=True) if formulas else None
    except Exception as error:  # the reader raises many kinds on a damaged file; each means the same to the sender
        raise ReturnError(
            f"{where}: the workbook is damaged ({type(error).__name__}); expected .xlsx as Excel or WPS saves it; "
            "open it, let the program repair it, save it again"
        ) from error
    return workbook, cached, hashlib.sha256(content).hexdigest()


def _has_formula(sheet: Worksheet) -> bool:
    """True when a cell of a sheet of sane length is a formula; longer sheets are refused later, unread."""
    if sheet.max_row > MAX_ROWS:
        return False
    return any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)


class _Reader:
    """Walks the sheets of one workbook and gathers observations and findings."""

    def __init__(self, file: str, township: Township, year: int, catalogue: Catalogue) -> None:
        self.file, self.township, self.year, self.catalogue = file, township, year, catalogue
        self.observations: list[Observation] = []
        self.plans: list[Observation] = []
        self.findings: list[Finding] = []

    def add(
        self,
        code: str,
        severity: Severity,
        cells: Sequence[Cell],
        zh: tuple[str, str],
        en: tuple[str, str],
        /,
        *,
        area: str = "",
        **figures: str,
    ) -> None:
        shown = {name: _HIDDEN if holds_personal_number(text) else text for name, text in figures.items()}
        self.findings.append(Finding(code, severity, tuple(cells), zh[0], en[0], zh[1], en[1], area, shown))

    def cover(self, workbook: Any) -> None:
        """Check the cover sheet against the township and year asked for."""
        if COVER_SHEET not in workbook.sheetnames:
            self.add(
                "no-cover",
                Severity.WARN,
                [Cell(self.file, COVER_SHEET, "A1")],
                ("缺少“封面”表，无法核对填报单位和年度", "请使用规定表式，补上封面"),
                ("there is no cover sheet, so township and year cannot be checked", "use the return form, with its cover"),
            )
            return
        sheet = workbook[COVER_SHEET]
        wanted = {"township": self.township.zh, "year": str(self.year)}
        for row in sheet.iter_rows(max_row=20, max_col=2):
            field = _COVER.get(str(row[0].value or "").strip())
            if field in wanted:
                found = str(row[1].value if row[1].value is not None else "").strip().removesuffix(".0").removesuffix("年")
                accepted = {wanted[field], self.township.key} if field == "township" else {wanted[field]}
                if found not in accepted:
                    self.add(
                        f"wrong-{field}",
                        Severity.BLOCK,
                        [Cell(self.file, COVER_SHEET, f"B{row[0].row}")],
                        ("封面填的是“{found}”，应为“{wanted}”", "核对是否放错文件；如无误，请改正封面"),
                        (
                            "the cover says {found!s}, expected {wanted!s}".replace("!s", ""),
                            "check that the file is the right one, or mend the cover",
                        ),
                        found=found,
                        wanted=wanted[field],
                    )

    def unknown_sheet(self, name: str, names: Iterable[str]) -> None:
        best = nearest(name, names)
        self.add(
            "unknown-sheet",
            Severity.WARN,
            [Cell(self.file, name, "A1")],
            ("工作表“{sheet}”不是业务表，未读取", f"如应为“{best}”，请改表名" if best else "如有数据，请移到相应业务表"),
            (
                "sheet {sheet} is no work area and was not read",
                f"rename it to {best} if that is meant" if best else "move its data to an area sheet",
            ),
            sheet=name,
        )

    def empty(self) -> None:
        self.add(
            "empty-return",
            Severity.BLOCK,
            [Cell(self.file, COVER_SHEET, "A1")],
            ("报表中没有任何数值", "请填报后再提交；至少填写一张业务表的数值列"),
            ("the return holds no figure at all", "fill in the value column of at least one area sheet and submit again"),
        )

    def sheet(self, sheet: Worksheet, cached: Worksheet | None, area: str) -> None:
        """Read one area sheet."""
        if sheet.max_row > MAX_ROWS:
            self.add(
                "sheet-too-long",
                Severity.BLOCK,
                [Cell(self.file, sheet.title, f"A{sheet.max_row}")],
                ("工作表行数超过上限", "删除数据下方的空行和无关内容后重新保存"),
                ("the sheet has more rows than a return can have", "delete what lies below the data and save again"),
                area=area,
            )
            return
        header = self.header(sheet, area)
        if header is None:
            return
        top, columns = header
        for index in range(top + 1, sheet.max_row + 1):
            cells = {name: sheet.cell(index, column) for name, column in columns.items()}
            if all(cell.value is None or str(cell.value).strip() == "" for cell in cells.values()):
                continue
            self.row(sheet, cached, area, cells)

    def header(self, sheet: Worksheet, area: str) -> tuple[int, dict[str, int]] | None:
        """Return the header row and the column of each header word; report what is missing."""
        best: tuple[int, dict[str, int]] = (0, {})
        for row in sheet.iter_rows(min_row=1, max_row=min(10, sheet.max_row)):
            found = {
                str(cell.value).strip(): cell.column
                for cell in row
                if cell.value is not None and str(cell.value).strip() in COLUMNS
            }
            if len(found) > len(best[1]):
                best = (row[0].row or 1, found)
        missing = [name for name in COLUMNS if name not in best[1]]
        if missing:
            self.add(
                "header-missing",
                Severity.BLOCK,
                [Cell(self.file, sheet.title, f"A{best[0] or 1}")],
                (f"表头缺少：{'、'.join(missing)}", "恢复规定表头，不要改动或删除列"),
                (f"the header lacks {', '.join(missing)}", "restore the header of the form; do not rename or delete columns"),
                area=area,
            )
            return None
        return best

    def row(self, sheet: Worksheet, cached: Worksheet | None, area: str, cells: dict[str, Any]) -> None:
        """Read one figure; every problem of the row becomes a finding."""

        def text(name: str) -> str:
            value = cells[name].value
            return "" if value is None else str(value).strip()

        def at(name: str) -> Cell:
            return Cell(self.file, sheet.title, cells[name].coordinate)

        private = [self.private(text(name), at(name), area) for name in COLUMNS]  # every cell is looked at, not the first only
        if any(private):
            return
        code = text("编码")
        if not code:
            if text("数值"):
                self.add(
                    "no-code",
                    Severity.BLOCK,
                    [at("编码")],
                    ("本行有数值但没有编码，无法识别是什么指标", "从表式中复制编码；说明文字请写在备注列"),
                    ("the row has a value but no code, so it cannot be told what it counts", "copy the code from the form"),
                    area=area,
                )
            return
        entry = self.catalogue.entries.get(code)
        if entry is None:
            best = nearest(code, self.catalogue.entries)
            self.add(
                "unknown-code",
                Severity.BLOCK,
                [at("编码")],
                ("编码“{code}”不在指标目录中", f"是否应为“{best}”？请按指标目录改正" if best else "请按指标目录改正编码"),
                (
                    "code {code} is not in the catalogue",
                    f"did you mean {best}?" if best else "mend the code after the catalogue",
                ),
                area=area,
                code=code,
            )
            return
        dims = self.dims(text("分组编码"), entry, at("分组编码"), area)
        kind = self.kind(text("数据性质"), at("数据性质"), area)
        period = self.period(text("统计期间"), entry, at("统计期间"), area, planned=kind == PLAN)
        if dims is None or period is None or kind is None:
            return
        found = self.unit(text("单位"), entry, dims, at("单位"), area)
        if found is None:
            return
        unit, factor = found
        raw = self.cell_value(cells["数值"], cached, at("数值"), area)
        if cells["数值"].data_type == "f" and self.private("" if raw is None else str(raw), at("数值"), area):
            return
        if isinstance(entry, Element) and entry.nature is Nature.TEXT:
            reading = Reading(
                Status.REPORTED if raw not in (None, "") else Status.MISSING, None, "" if raw is None else str(raw).strip()
            )
        else:
            reading = read_value(raw, number_format=cells["数值"].number_format or "General", percent=entry.unit == "percent")
            if not self.sound(reading, entry, unit, at("数值"), area):
                return
        status = reading.status
        if factor != 1 and reading.value is not None:
            if re.search(r"[万亿千百]", reading.raw):
                self.add(
                    "unit-twice",
                    Severity.BLOCK,
                    [at("数值")],
                    (f"{entry.zh}：数值“{{found}}”已带“万”“亿”，单位列又写了{text('单位')}", "只在一处写“万”“亿”"),
                    (f"{entry.en}: {{found}} carries its scale, and so does the unit column", "write the scale in one place"),
                    area=area,
                    found=reading.raw,
                )
                return
            reading = replace(reading, value=reading.value * factor)
        if kind != "实报" and status is Status.REPORTED:
            status = KINDS[kind]
        (self.plans if kind == PLAN else self.observations).append(
            Observation(
                entry=code,
                dims=dims,
                period=period,
                value=reading.value,
                status=status,
                unit=unit,
                unit_word=text("单位"),
                raw=reading.raw,
                note=text("备注"),
                cell=at("数值"),
                total=kind == "合计",
            )
        )

    def cell_value(self, cell: Any, cached: Worksheet | None, where: Cell, area: str) -> object:
        if cell.data_type != "f":
            return cell.value
        value = cached.cell(cell.row, cell.column).value if cached is not None else None
        if value is None:
            self.add(
                "formula-without-value",
                Severity.BLOCK,
                [where],
                ("单元格是公式，但文件中没有保存计算结果", "在Excel或WPS中打开并保存一次，或直接填写数值"),
                (
                    "the cell is a formula whose result is not stored in the file",
                    "open and save the file in Excel or WPS, or write the number",
                ),
                area=area,
            )
        return value

    def sound(self, reading: Reading, entry: Element | Indicator, unit: str, where: Cell, area: str) -> bool:
        """Report what is wrong with a number; False when it cannot be used."""
        name = self.catalogue.entries[entry.id].zh
        if reading.problem:
            self.add(
                "not-a-number",
                Severity.BLOCK,
                [where],
                (f"{name}：{PROBLEM_ZH[reading.problem]}（填的是“{{found}}”）", "改填数字；没有数据请留空"),
                (
                    f"{entry.en}: {reading.problem} (found {{found}})",
                    "write a number; leave the cell empty where there is none",
                ),
                area=area,
                found=reading.raw,
            )
            return False
        if reading.unit_word and self.catalogue.unit_of(reading.unit_word, expected=unit) != unit:
            self.add(
                "unit-in-cell",
                Severity.BLOCK,
                [where],
                (f"{name}：数值后写的单位“{{found}}”与单位列不一致", "只填数字，单位以单位列为准"),
                (
                    f"{entry.en}: the unit {{found}} written after the number differs from the unit column",
                    "write the number alone",
                ),
                area=area,
                found=reading.unit_word,
            )
            return False
        value = reading.value
        if value is None:
            if reading.status is Status.MASKED:
                self.add(
                    "masked",
                    Severity.WARN,
                    [where],
                    (f"{name}：数字不完整（填的是“{{found}}”），按不详处理", "查原始记录，补全数字"),
                    (
                        f"{entry.en}: digits are missing (found {{found}}); treated as unknown",
                        "look up the record and complete the number",
                    ),
                    area=area,
                    found=reading.raw,
                )
            return True
        if value < 0 and not (isinstance(entry, Indicator) and entry.method.value.startswith("change")):
            self.add(
                "negative",
                Severity.BLOCK,
                [where],
                (f"{name}：填的是{{found}}，不能为负数", "核对后改正；−1、−2等缺失代码请改为留空"),
                (
                    f"{entry.en}: {{found}} is negative, which cannot be",
                    "mend it; leave the cell empty instead of codes such as -1",
                ),
                area=area,
                found=reading.raw,
            )
            return False
        counted = isinstance(entry, Element) and entry.nature in (Nature.FLOW, Nature.STOCK) and not entry.decimals
        if counted and value.denominator != 1:
            self.add(
                "not-whole",
                Severity.BLOCK,
                [where],
                (f"{name}：填的是{{found}}，应为整数", "按实际数量填写整数"),
                (f"{entry.en}: {{found}} is no whole number", "write the count as a whole number"),
                area=area,
                found=reading.raw,
            )
            return False
        return True

    def dims(self, text: str, entry: Element | Indicator, where: Cell, area: str) -> Dims | None:
        try:
            dims = parse_dims(text)
        except ValueError as error:
            self.add(
                "bad-dims",
                Severity.BLOCK,
                [where],
                ("分组编码写法不对：“{found}”", "写成“键=值;键=值”，如parity=1"),
                (f"the dimension code {{found}} cannot be read ({error})", "write key=value;key=value, for example parity=1"),
                area=area,
                found=text,
            )
            return None
        for key, value in dims:
            if key not in entry.dims:
                allowed = ", ".join(entry.dims) or "none"
                self.add(
                    "unknown-dimension",
                    Severity.BLOCK,
                    [where],
                    (f"{entry.zh}没有分组“{{found}}”（可用：{allowed}）", "按指标目录改正分组编码"),
                    (
                        f"{entry.id} has no dimension {{found}} (it has {allowed}){did_you_mean(key, entry.dims)}",
                        "mend the dimension code",
                    ),
                    area=area,
                    found=key,
                )
                return None
            values = entry.dims[key]
            if key == "village" and self.township.villages:
                values = tuple(village.key for village in self.township.villages)
            if key == "unit" and "*" in values:
                values = tuple(self.catalogue.units)
            if "*" not in values and value not in values:
                self.add(
                    "unknown-dimension-value",
                    Severity.BLOCK,
                    [where],
                    (f"{entry.zh}的分组“{key}”没有“{{found}}”（可用：{'、'.join(values)}）", "按指标目录改正分组编码"),
                    (
                        f"{entry.id}: {key} has no value {{found}} (it has {', '.join(values)}){did_you_mean(value, values)}",
                        "mend the dimension code",
                    ),
                    area=area,
                    found=value,
                )
                return None
        return dims

    def period(self, text: str, entry: Element | Indicator, where: Cell, area: str, *, planned: bool) -> Period | None:
        year = self.year + 1 if planned else self.year
        if not text:
            return usual(entry.period, year)
        try:
            period = parse_period(text, year=year)
        except PeriodError:
            self.add(
                "bad-period",
                Severity.BLOCK,
                [where],
                (
                    "统计期间“{found}”无法识别",
                    "写成“2020统计年度”“2020年”“2020年上半年”“2020年1-11月”或“截至2020年9月30日”的样子",
                ),
                ("the period {found} cannot be read", f"write for example {SPELLINGS}"),
                area=area,
                found=text,
            )
            return None
        if planned and period.year != year:
            self.add(
                "plan-not-ahead",
                Severity.BLOCK,
                [where],
                (
                    f"{entry.zh}是计划数，统计期间却是“{{found}}”，应为{{year}}年",
                    "计划数只填下一年的；当年的任务数用任务类指标，完成数改为“实报”",
                ),
                (
                    f"{entry.id} is a plan, but its period is {{found}}, expected one of {{year}}",
                    "plan for the year after only; tasks of this year have their own codes",
                ),
                area=area,
                found=text,
                year=str(year),
            )
            return None
        if not planned and not self.year - YEARS_BACK <= period.year <= self.year:
            self.add(
                "wrong-year",
                Severity.BLOCK,
                [where],
                (
                    f"{entry.zh}的统计期间是“{{found}}”，不属于{{year}}年报告或其往年同期",
                    "核对期间；其他年份的数据请放在当年报表，下一年的计划数请把数据性质写成“计划”",
                ),
                (
                    f"{entry.id}: the period {{found}} belongs neither to {{year}} nor to the years before it",
                    f"mend the period or move the row; a plan for the year after has the kind {PLAN}",
                ),
                area=area,
                found=text,
                year=str(self.year),
            )
            return None
        return period

    def kind(self, text: str, where: Cell, area: str) -> str | None:
        kind = text or "实报"
        if kind in KINDS:
            return kind
        self.add(
            "bad-kind",
            Severity.BLOCK,
            [where],
            ("数据性质“{found}”无法识别", f"从下拉列表中选择：{'、'.join(KINDS)}"),
            ("the kind {found} is unknown", f"choose one of {', '.join(KINDS)}"),
            area=area,
            found=text,
        )
        return None

    def unit(self, text: str, entry: Element | Indicator, dims: Dims, where: Cell, area: str) -> tuple[str, int] | None:
        """Return the unit of the value and what to multiply by (10000 where the column says 万元)."""
        wanted = dict(dims).get("unit", entry.unit)
        found = self.catalogue.unit_of(text, expected=wanted) if text else wanted
        if found == wanted:
            return wanted, 1
        if found is not None and self.catalogue.units[found].of == wanted:
            return wanted, self.catalogue.units[found].factor
        name = self.catalogue.units[wanted].zh if wanted in self.catalogue.units else wanted
        self.add(
            "wrong-unit",
            Severity.BLOCK,
            [where],
            (f"{entry.zh}的单位填的是“{{found}}”，应为“{{wanted}}”", "换算数值后改正单位，不要只改单位"),
            (f"{entry.id}: the unit is {{found}}, expected {{wanted}}", "convert the value and mend the unit"),
            area=area,
            found=text,
            wanted=name,
        )
        return None

    def private(self, text: str, where: Cell, area: str) -> bool:
        """Stop at resident ID and mobile numbers; the finding gives the address, never the content."""
        found = holds_personal_number(text)
        if found:
            self.add(
                "personal-data",
                Severity.BLOCK,
                [where],
                ("单元格中有疑似身份证号或手机号", "年报只收汇总数，请删除个人信息后重新提交"),
                (
                    "the cell seems to hold a resident ID or mobile number",
                    "a return holds totals only; delete personal data and submit again",
                ),
                area=area,
            )
        return found

    def duplicates(self, given: Sequence[Observation]) -> None:
        """Report the same figure given twice for one period."""
        seen: dict[tuple[str, Dims, Period], Observation] = {}
        for observation in given:
            key = (observation.entry, observation.dims, observation.period)
            first = seen.setdefault(key, observation)
            if first is not observation:
                same = first.value == observation.value and first.status == observation.status
                entry = self.catalogue.entries[observation.entry]
                self.add(
                    "given-twice" if same else "given-twice-differently",
                    Severity.NOTE if same else Severity.BLOCK,
                    [first.cell, observation.cell],
                    (
                        f"{entry.zh}在{first.cell.short}和{observation.cell.short}各填了一次" + ("" if same else "，数值不同"),
                        "保留正确的一行",
                    ),
                    (
                        f"{observation.ref} is given at {first.cell.short} and {observation.cell.short}"
                        + ("" if same else ", differently"),
                        "keep the right row",
                    ),
                    area=entry.area,
                )


_ID = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])")
_MOBILE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")


def holds_personal_number(text: str) -> bool:
    """True when ``text`` holds a mobile number or what is built like a resident ID number (GB 11643-1999: area, birth date, sequence).

    The check digit is not asked for: a mistyped number, or one whose last digits a spreadsheet rounded to 000, names a person too.
    """
    squeezed = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text))
    return bool(_MOBILE.search(squeezed) or _ID.search(squeezed))


def cover_of(path: Path) -> tuple[str, int | None]:
    """Return the township and year the cover of a workbook names; ``""`` and None where it does not.

    Raises:
        ReturnError: the file is no workbook.
    """
    workbook, _, _ = _open(path, path.name, "", 0)
    township, year = "", None
    if COVER_SHEET in workbook.sheetnames:
        for label, value in workbook[COVER_SHEET].iter_rows(max_row=20, max_col=2, values_only=True):
            field = _COVER.get(str(label or "").strip())
            text = "" if value is None else str(value).strip()
            if field == "township":
                township = text
            elif field == "year" and (found := re.match(r"^(\d{4})(?:\.0)?年?$", text)):
                year = int(found[1])
    return township, year
