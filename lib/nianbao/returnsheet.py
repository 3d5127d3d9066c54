"""Sheets in nianbao's own return format, row by row: one sheet a work area, one row a figure.

A clerk reads the Chinese labels and fills value, unit, period and note; code and dimension code tie the row to the catalogue
(:data:`COLUMNS`).  Every problem becomes a finding with its cell; nothing here raises.  The format is written by
:mod:`nianbao.returnform`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from nianbao.catalogue import Catalogue, Element, Indicator, Nature, Township
from nianbao.errors import Cell, Finding, Severity, did_you_mean, nearest
from nianbao.fields import Dims
from nianbao.files.grid import RawCell, Sheet, column_letters
from nianbao.files.personal import personal_number
from nianbao.formulas import parse_dims
from nianbao.layouts.cellvalues import HIGHEST_COUNT, HIGHEST_PERCENT, is_spaced, stored
from nianbao.layouts.shownnumbers import multiplies, shown_otherwise, signed_by_format
from nianbao.observation import YEARS_BACK, Observation
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
COVER_SHEET, GUIDE_SHEET = "封面", "填报说明"
ANNEX_MARKS = {
    "zh": "本工作簿是年度报告的数据附表，不是报表，不能放入data文件夹上报。",
    "en": "This workbook is the annex of a report. It is no return: do not put it into the data folder.",
}
"""The line on the cover of a report's annex, by language; a workbook that holds it is no return."""
_COVER = {"填报单位": "township", "报告年度": "year", "报表版本": "version", "表式版本": "version"}
_HIDDEN = "***"


class ReturnSheets:
    """Reads the sheets of one file that are in the return format, and gathers observations, plans and findings of the whole file."""

    def __init__(self, file: str, township: Township, year: int, catalogue: Catalogue) -> None:
        self.file, self.township, self.year, self.catalogue = file, township, year, catalogue
        units = township.own_units if township.villages else ()
        self.villages = tuple(place.key for place in (*township.villages, *units))
        self.private: frozenset[Cell] = frozenset()
        """Cells that hold a personal number; their rows are not read."""
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
        shown = {name: _HIDDEN if personal_number(text) else text for name, text in figures.items()}
        self.findings.append(Finding(code, severity, tuple(cells), zh[0], en[0], zh[1], en[1], area, shown))

    @property
    def blocked(self) -> bool:
        """True when a finding stops the report."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)

    def no_cover(self) -> None:
        """Report that nothing in the file says whose return it is."""
        self.add(
            "no-cover",
            Severity.WARN,
            [Cell(self.file, COVER_SHEET, "A1")],
            ("缺少“封面”表，无法核对填报单位和年度", "请使用 nianbao template 写出的空白报表，保留封面"),
            ("there is no cover sheet, so township and year cannot be checked", "use the template, with its cover"),
        )

    def cover(self, sheet: Sheet) -> None:
        """Check the cover sheet against the township and year asked for."""
        wanted = {"township": self.township.zh, "year": str(self.year)}
        for field, cell, found in cover_fields(sheet):
            if field in wanted:
                accepted = {wanted[field], self.township.key} if field == "township" else {wanted[field]}
                if found not in accepted:
                    self.add(
                        f"wrong-{field}",
                        Severity.BLOCK,
                        [Cell(self.file, COVER_SHEET, cell)],
                        ("封面填的是“{found}”，应为“{wanted}”", "核对是否放错文件；如无误，请改正封面"),
                        (
                            "the cover says {found}, expected {wanted}",
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

    def sheet(self, sheet: Sheet, area: str) -> None:
        """Read one sheet in the return format; ``area`` is the work area its name names, ``""`` where rows name their own."""
        header = header_of(sheet)
        missing = [name for name in COLUMNS if name not in header.columns]
        if missing:
            self.add(
                "header-missing",
                Severity.BLOCK,
                [Cell(self.file, sheet.name, f"A{header.row or 1}")],
                (f"表头缺少：{'、'.join(missing)}", "恢复规定表头，不要改动或删除列"),
                (
                    f"the header lacks {', '.join(missing)}",
                    "restore the header of the template; do not rename or delete columns",
                ),
                area=area,
            )
            return
        self.out_of_sight(sheet, header, area)
        for index in sorted({row for row, _ in sheet.cells if row > header.row}):
            self.row(Line(sheet, index, header.columns, file=self.file, area=area))

    def out_of_sight(self, sheet: Sheet, header: Header, area: str) -> None:
        """Report a hidden sheet, and hidden rows that hold figures: both are read, and both may be leftovers."""
        column = header.columns["数值"]
        if sheet.hidden:
            self.add(
                "hidden-sheet",
                Severity.WARN,
                [Cell(self.file, sheet.name, "A1")],
                ("工作表“{sheet}”是隐藏的，仍已读取", "确认不是旧表；旧表请删除"),
                ("sheet {sheet} is hidden; it was read all the same", "make sure it is no leftover; delete it if it is"),
                area=area,
                sheet=sheet.name,
            )
        hidden = [
            Cell(self.file, sheet.name, f"{column_letters(column)}{row}")
            for row in sorted(sheet.hidden_rows)
            if row > header.row and (cell := sheet.at(row, column)) is not None and cell_text(cell)
        ]
        if hidden:
            self.add(
                "hidden-cells",
                Severity.WARN,
                hidden[:20],
                ("隐藏的行或列中有数据，仍已读取", "取消隐藏或筛选，核对后保留或删除"),
                ("hidden rows or columns hold data; they were read all the same", "unhide them, then keep or delete them"),
                area=area,
            )

    def refuse(self, code: str, line: Line, column: str, zh: tuple[str, str], en: tuple[str, str], /, **figures: str) -> None:
        """Report what stops the report in a cell of a row."""
        self.add(code, Severity.BLOCK, [line.at(column)], zh, en, area=line.area, **figures)

    def row(self, line: Line) -> None:
        """Read one figure; every problem of the row becomes a finding."""
        if not any(line.text(name) for name in ("数值", "数据性质", "备注")):
            return  # a row of a template that nobody touched; one that says 实报 and has no value is missing
        if self.private and any(line.at(name) in self.private for name in line.columns):
            return
        if (entry := self.entry(line)) is None:
            return
        dims, kind = self.dims(line, entry), self.kind(line)
        period = self.period(line, entry, planned=kind == PLAN)
        if dims is None or period is None or kind is None:
            return
        if (found := self.unit(line, entry, dims)) is None:
            return
        unit, factor = found
        reading = self.reading(line, entry, unit, factor)
        if reading is None or (reading := self.scaled(line, reading, entry, factor)) is None:
            return
        (self.plans if kind == PLAN else self.observations).append(
            Observation(
                entry=entry.id,
                dims=dims,
                period=period,
                value=reading.value,
                status=KINDS[kind] if reading.status is Status.REPORTED else reading.status,
                unit=unit,
                unit_word=line.text("单位"),
                raw=reading.raw,
                note=line.text("备注"),
                cell=line.at("数值"),
                total=kind == "合计",
                factor=Fraction(factor),
            )
        )

    def entry(self, line: Line) -> Element | Indicator | None:
        """Return the entry of the catalogue that a row names."""
        code = line.text("编码")
        entry = self.catalogue.entries.get(code)
        if code and entry is None:
            best = nearest(code, self.catalogue.entries)
            self.refuse(
                "unknown-code",
                line,
                "编码",
                ("编码“{code}”不在指标目录中", f"是否应为“{best}”？请按指标目录改正" if best else "请按指标目录改正编码"),
                (
                    "code {code} is not in the catalogue",
                    f"did you mean {best}?" if best else "mend the code after the catalogue",
                ),
                code=code,
            )
        elif not code and line.text("数值"):
            self.refuse(
                "no-code",
                line,
                "编码",
                ("本行有数值但没有编码，无法识别是什么指标", "从空白报表中复制编码；说明文字请写在备注列"),
                ("the row has a value but no code, so it cannot be told what it counts", "copy the code from the template"),
            )
        return entry

    def reading(self, line: Line, entry: Element | Indicator, unit: str, factor: int) -> Reading | None:
        """Return what the value cell of a row says, None where it cannot be used."""
        cell = line.cells.get("数值")
        if cell is not None and (cell.row, cell.column) in line.sheet.struck and cell_text(cell):
            self.struck_out(line)
            return None
        raw = self.cell_value(line)
        if isinstance(entry, Element) and entry.nature is Nature.TEXT:
            status = Status.REPORTED if raw not in (None, "") else Status.MISSING
            return Reading(status, None, "" if raw is None else str(raw).strip())
        if cell is not None and shown_otherwise(cell, unit, factor, self.catalogue):
            self.shown_otherwise(line, cell, entry)
            return None
        fmt = "0%" if cell is not None and multiplies(cell) else "General"
        reading = read_value(stored(raw), number_format=fmt, percent=entry.unit == "percent")
        if self.doubtful(line, raw, entry) or not self.sound(line, reading, entry, unit):
            return None
        if entry.unit == "percent" and not self.percentage(
            line, reading, entry, signed=cell is not None and signed_by_format(cell)
        ):
            return None
        return reading

    def scaled(self, line: Line, reading: Reading, entry: Element | Indicator, factor: int) -> Reading | None:
        """Return a reading in the unit figures are kept in; None where value and unit column both scale it."""
        if factor == 1 or reading.value is None:
            return reading
        if re.search(r"[万亿千百]", reading.raw):
            self.refuse(
                "unit-twice",
                line,
                "数值",
                (f"{entry.zh}：数值“{{found}}”已带“万”“亿”，单位列又写了{line.text('单位')}", "只在一处写“万”“亿”"),
                (f"{entry.en}: {{found}} carries its scale, and so does the unit column", "write the scale in one place"),
                found=reading.raw,
            )
            return None
        return replace(reading, value=reading.value * factor)

    def shown_otherwise(self, line: Line, cell: RawCell, entry: Element | Indicator) -> None:
        """Report a number whose format shows another number or unit than is stored."""
        self.refuse(
            "format-shows-otherwise",
            line,
            "数值",
            (
                f"{entry.zh}：存的是{{found}}，单元格格式“{{format}}”显示的是另一个数或单位",
                "把格式改为常规，按显示的意思重新填写数值",
            ),
            (
                f"{entry.en}: {{found}} is stored, but its format {{format}} shows another number or unit",
                "set the format to General and write the number that is meant",
            ),
            found=cell_text(cell),
            format=cell.number_format,
        )

    def doubtful(self, line: Line, raw: object, entry: Element | Indicator) -> bool:
        """Report a text that may be two numbers, or is of another measure than the entry's; True when it is."""
        if is_spaced(raw):
            self.refuse(
                "spaced-number",
                line,
                "数值",
                (f"{entry.zh}：数字中间有空格（填的是“{{found}}”），可能是两个数", "只填一个数字，去掉空格"),
                (f"{entry.en}: blanks within {{found}}; it may be two numbers", "write one number without blanks"),
                found=" ".join(str(raw).split()),
            )
            return True
        if entry.unit == "percent" and "‰" in str(raw):
            self.refuse(
                "permille-in-percent",
                line,
                "数值",
                (f"{entry.zh}：{{found}}带‰，而单位是百分比", "换算成百分比"),
                (f"{entry.en}: {{found}} is per thousand, the unit per cent", "convert it"),
                found=str(raw),
            )
            return True
        return False

    def percentage(self, line: Line, reading: Reading, entry: Element | Indicator, *, signed: bool) -> bool:
        """Report a percentage that may be a fraction of one, or is far too large; False when it cannot be used."""
        signed = signed or any(sign in reading.raw for sign in "%％")
        if reading.value is not None and 0 < reading.value <= 1 and not signed:
            self.add(
                "percent-small",
                Severity.WARN,
                [line.at("数值")],
                (f"{entry.zh}：{{found}}按{{found}}%读取；如是百分之百的比例，则不对", "写成带%的数值，如92.28%"),
                (
                    f"{entry.en}: {{found}} is read as {{found}} per cent; wrong if it is a fraction of one",
                    "write it with its sign, 92.28%",
                ),
                area=line.area,
                found=reading.raw,
            )
        if reading.value is not None and reading.value > HIGHEST_PERCENT:
            self.refuse(
                "percent-huge",
                line,
                "数值",
                (f"{entry.zh}：{{found}}超过1000%", "核对单元格格式与数值"),
                (f"{entry.en}: {{found}} exceeds 1000 per cent", "check the cell's format and value"),
                found=reading.raw,
            )
            return False
        return True

    def cell_value(self, line: Line) -> object:
        """Return what stands in a value cell: a number, a text, an error word; a formula must have its result stored."""
        if (cell := line.cells.get("数值")) is None:
            return None
        if cell.formula and cell.value is None and not cell.error:
            self.refuse(
                "formula-without-value",
                line,
                "数值",
                ("单元格是公式，但文件中没有保存计算结果", "在Excel或WPS中打开并保存一次，或直接填写数值"),
                (
                    "the cell is a formula whose result is not stored in the file",
                    "open and save the file in Excel or WPS, or write the number",
                ),
            )
            return None
        if cell.value is None:
            return cell.error or cell.text or None
        return cell.value

    def struck_out(self, line: Line) -> None:
        """Report a value that is struck through, which is how people delete."""
        self.refuse(
            "struck-out",
            line,
            "数值",
            ("单元格内容带删除线，未读取", "确认作废请清空，否则去掉删除线"),
            ("the cell is struck through and was not read", "clear it if it is void, else remove the strike"),
        )

    def sound(self, line: Line, reading: Reading, entry: Element | Indicator, unit: str) -> bool:
        """Report what is wrong with a number; False when it cannot be used."""
        if reading.problem:
            self.refuse(
                "not-a-number",
                line,
                "数值",
                (f"{entry.zh}：{PROBLEM_ZH[reading.problem]}（填的是“{{found}}”）", "改填数字；没有数据请留空"),
                (
                    f"{entry.en}: {reading.problem} (found {{found}})",
                    "write a number; leave the cell empty where there is none",
                ),
                found=reading.raw,
            )
            return False
        if reading.unit_word and self.catalogue.unit_of(reading.unit_word, expected=unit) != unit:
            self.refuse(
                "unit-in-cell",
                line,
                "数值",
                (f"{entry.zh}：数值后写的单位“{{found}}”与单位列不一致", "只填数字，单位以单位列为准"),
                (
                    f"{entry.en}: the unit {{found}} written after the number differs from the unit column",
                    "write the number alone",
                ),
                found=reading.unit_word,
            )
            return False
        value = reading.value
        if value is None:
            if reading.status is Status.MASKED:
                self.add(
                    "masked",
                    Severity.WARN,
                    [line.at("数值")],
                    (f"{entry.zh}：数字不完整（填的是“{{found}}”），按不详处理", "查原始记录，补全数字"),
                    (
                        f"{entry.en}: digits are missing (found {{found}}); treated as unknown",
                        "look up the record and complete the number",
                    ),
                    area=line.area,
                    found=reading.raw,
                )
            return True
        if value < 0 and not (isinstance(entry, Indicator) and entry.method.value.startswith("change")):
            self.refuse(
                "negative",
                line,
                "数值",
                (f"{entry.zh}：填的是{{found}}，不能为负数", "核对后改正；−1、−2等缺失代码请改为留空"),
                (
                    f"{entry.en}: {{found}} is negative, which cannot be",
                    "mend it; leave the cell empty instead of codes such as -1",
                ),
                found=reading.raw,
            )
            return False
        counted = isinstance(entry, Element) and entry.nature in (Nature.FLOW, Nature.STOCK) and not entry.decimals
        if counted and value.denominator != 1:
            self.refuse(
                "not-whole",
                line,
                "数值",
                (f"{entry.zh}：填的是{{found}}，应为整数", "按实际数量填写整数"),
                (f"{entry.en}: {{found}} is no whole number", "write the count as a whole number"),
                found=reading.raw,
            )
            return False
        if counted and value > HIGHEST_COUNT:
            self.refuse(
                "count-huge",
                line,
                "数值",
                (f"{entry.zh}：填的是{{found}}，大得不合理", "核对是否误填了编号、证件号的一部分等"),
                (f"{entry.en}: {{found}} is too large for a count", "is it part of a code or of an ID number? write the count"),
                found=reading.raw,
            )
            return False
        return True

    def dims(self, line: Line, entry: Element | Indicator) -> Dims | None:
        """Return the dimension values of a row, None where they are not the entry's."""
        text = line.text("分组编码")
        try:
            dims = parse_dims(text)
        except ValueError as error:
            self.refuse(
                "bad-dims",
                line,
                "分组编码",
                ("分组编码写法不对：“{found}”", "写成“键=值;键=值”，如parity=1"),
                (f"the dimension code {{found}} cannot be read ({error})", "write key=value;key=value, for example parity=1"),
                found=text,
            )
            return None
        for key, value in dims:
            if key not in entry.dims:
                allowed = ", ".join(entry.dims) or "none"
                self.refuse(
                    "unknown-dimension",
                    line,
                    "分组编码",
                    (f"{entry.zh}没有分组“{{found}}”（可用：{allowed}）", "按指标目录改正分组编码"),
                    (
                        f"{entry.id} has no dimension {{found}} (it has {allowed}){did_you_mean(key, entry.dims)}",
                        "mend the dimension code",
                    ),
                    found=key,
                )
                return None
            values: Collection[str] = entry.dims[key]
            if key == "village" and self.villages:
                values = self.villages
            if key == "unit" and "*" in values:
                values = self.catalogue.units
            if value not in values and "*" not in values:
                self.refuse(
                    "unknown-dimension-value",
                    line,
                    "分组编码",
                    (f"{entry.zh}的分组“{key}”没有“{{found}}”（可用：{'、'.join(values)}）", "按指标目录改正分组编码"),
                    (
                        f"{entry.id}: {key} has no value {{found}} (it has {', '.join(values)}){did_you_mean(value, values)}",
                        "mend the dimension code",
                    ),
                    found=value,
                )
                return None
        return dims

    def period(self, line: Line, entry: Element | Indicator, *, planned: bool) -> Period | None:
        """Return the period of a row, the entry's usual one where it names none; None where it is none of this return."""
        text = line.text("统计期间")
        year = self.year + 1 if planned else self.year
        if not text:
            return usual(entry.period, year)
        try:
            period = parse_period(text, year=year)
        except PeriodError:
            self.refuse(
                "bad-period",
                line,
                "统计期间",
                (
                    "统计期间“{found}”无法识别",
                    "写成“2020统计年度”“2020年”“2020年上半年”“2020年1-11月”或“截至2020年9月30日”的样子",
                ),
                ("the period {found} cannot be read", f"write for example {SPELLINGS}"),
                found=text,
            )
            return None
        if planned and period.year != year:
            self.refuse(
                "plan-not-ahead",
                line,
                "统计期间",
                (
                    f"{entry.zh}是计划数，统计期间却是“{{found}}”，应为{{year}}年",
                    "计划数只填下一年的；当年的任务数用任务类指标，完成数改为“实报”",
                ),
                (
                    f"{entry.id} is a plan, but its period is {{found}}, expected one of {{year}}",
                    "plan for the year after only; tasks of this year have their own codes",
                ),
                found=text,
                year=str(year),
            )
            return None
        if not planned and not self.year - YEARS_BACK <= period.year <= self.year:
            self.refuse(
                "wrong-year",
                line,
                "统计期间",
                (
                    f"{entry.zh}的统计期间是“{{found}}”，不属于{{year}}年报告或其往年同期",
                    "核对期间；其他年份的数据请放在当年报表，下一年的计划数请把数据性质写成“计划”",
                ),
                (
                    f"{entry.id}: the period {{found}} belongs neither to {{year}} nor to the years before it",
                    f"mend the period or move the row; a plan for the year after has the kind {PLAN}",
                ),
                found=text,
                year=str(self.year),
            )
            return None
        return period

    def kind(self, line: Line) -> str | None:
        """Return which of :data:`KINDS` a row is, None where it says something else."""
        kind = line.text("数据性质") or "实报"
        if kind in KINDS:
            return kind
        self.refuse(
            "bad-kind",
            line,
            "数据性质",
            ("数据性质“{found}”无法识别", f"从下拉列表中选择：{'、'.join(KINDS)}"),
            ("the kind {found} is unknown", f"choose one of {', '.join(KINDS)}"),
            found=kind,
        )
        return None

    def unit(self, line: Line, entry: Element | Indicator, dims: Dims) -> tuple[str, int] | None:
        """Return the unit of the value and what to multiply by (10000 where the column says 万元)."""
        text = line.text("单位")
        wanted = dict(dims).get("unit", entry.unit)
        found = self.catalogue.unit_of(text, expected=wanted) if text else wanted
        if found == wanted:
            return wanted, 1
        if found is not None and self.catalogue.units[found].of == wanted:
            return wanted, self.catalogue.units[found].factor
        name = self.catalogue.units[wanted].zh if wanted in self.catalogue.units else wanted
        self.refuse(
            "wrong-unit",
            line,
            "单位",
            (f"{entry.zh}的单位填的是“{{found}}”，应为“{{wanted}}”", "换算数值后改正单位，不要只改单位"),
            (f"{entry.id}: the unit is {{found}}, expected {{wanted}}", "convert the value and mend the unit"),
            found=text,
            wanted=name,
        )
        return None

    def duplicates(self, given: Sequence[Observation]) -> None:
        """Report the same figure given twice for one period."""
        seen: dict[tuple[str, Dims, Period], Observation] = {}
        for observation in given:
            key = (observation.entry, observation.dims, observation.period)
            first = seen.setdefault(key, observation)
            if first is not observation:
                same = first.value == observation.value and first.status == observation.status
                entry = self.catalogue.entries[observation.entry]
                cells = (first.cell, observation.cell)
                parts = self.catalogue.dims_words(observation.dims, township=self.township)
                one, other = (cell.short if first.cell.file == observation.cell.file else str(cell) for cell in cells)
                self.add(
                    "given-twice" if same else "given-twice-differently",
                    Severity.NOTE if same else Severity.BLOCK,
                    [first.cell, observation.cell],
                    (
                        f"{parts}{entry.zh}在{one}和{other}各填了一次" + ("" if same else "，数值不同：{first}和{second}"),
                        "保留正确的一行",
                    ),
                    (
                        f"{observation.ref} is given at {one} and {other}"
                        + ("" if same else ", differently: {first} and {second}"),
                        "keep the right row",
                    ),
                    area=entry.area,
                    **({} if same else {"first": first.raw, "second": observation.raw}),
                )


class Line:
    """One row of a sheet in the return format: what its cells say under each header word, and where they stand."""

    __slots__ = ("_file", "_row", "_texts", "area", "cells", "columns", "sheet")

    def __init__(self, sheet: Sheet, row: int, columns: Mapping[str, int], *, file: str, area: str) -> None:
        self.sheet, self.columns, self.area = sheet, columns, area
        self._row, self._file = row, file
        found = ((name, sheet.at(row, column)) for name, column in columns.items())
        self.cells = {name: cell for name, cell in found if cell is not None}
        self._texts = {name: cell_text(cell) or ("=" if cell.formula else "") for name, cell in self.cells.items()}

    def text(self, name: str) -> str:
        """Return what the cell under a header word says, outer blanks left off; ``=`` for a formula without a result."""
        return self._texts.get(name, "")

    def at(self, name: str) -> Cell:
        """Return the address of the cell under a header word."""
        return Cell(self._file, self.sheet.name, f"{column_letters(self.columns[name])}{self._row}")


class Header(NamedTuple):
    """The header row of a sheet in the return format, and the column of each header word that stands in it."""

    row: int
    columns: dict[str, int]


def header_of(sheet: Sheet) -> Header:
    """Return the row among the first ten that holds the most header words; row 0 where none does."""
    best = Header(0, {})
    for row in range(1, min(10, sheet.last_row) + 1):
        found = {
            words: column
            for column in range(1, sheet.last_column + 1)
            if (cell := sheet.at(row, column)) is not None and (words := cell_text(cell)) in COLUMNS
        }
        if len(found) > len(best.columns):
            best = Header(row, found)
    return best


def is_annex(sheets: Sequence[Sheet]) -> bool:
    """True for the workbook of figures that stands beside a report, which reads much like a return and is none."""
    marks = set(ANNEX_MARKS.values())
    return any(cell_text(cell) in marks for sheet in sheets[:1] for (_, column), cell in sheet.cells.items() if column == 1)


def is_return_sheet(sheet: Sheet) -> bool:
    """True for a sheet in the return format, a column or two perhaps lost; no table of an office has these words."""
    columns = header_of(sheet).columns
    return "编码" in columns and len(columns) >= 3


def cell_text(cell: RawCell) -> str:
    """Return what a cell says as text, outer blanks left off."""
    if cell.value is None:
        return (cell.error or ("" if cell.formula else cell.text)).strip()
    return str(cell.value).strip()


def cover_fields(sheet: Sheet) -> Iterator[tuple[str, str, str]]:
    """Yield (field, address, what it says) of a cover sheet: township, year, version."""
    for row in range(1, 21):
        label, value = sheet.at(row, 1), sheet.at(row, 2)
        field = _COVER.get(cell_text(label)) if label is not None else None
        if field:
            found = cell_text(value) if value is not None else ""
            yield field, f"B{row}", found.removesuffix(".0").removesuffix("年")
