"""A form applied to a sheet: header found, rows told apart, every number read with its unit and window, and whatever is in doubt said.

Nothing is added up into a figure and nothing is guessed: totals are compared with their rows, parts with their wholes, printed rates with
their own counts.  What the form does not explain (columns, rows, numbers outside) becomes a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from nianbao.catalogue import Element, Indicator, Nature
from nianbao.errors import nearest
from nianbao.fields import Dims
from nianbao.files.grid import RawCell, Sheet, column_letters
from nianbao.formulas import Term
from nianbao.layouts.cellvalues import (
    UNSUMMED,
    Measure,
    exact,
    is_blank,
    names_unit,
    percent_paths,
    read_cell,
    shown_decimals,
    total_of,
    unit_named,
    unit_said,
    units_of_line,
)
from nianbao.layouts.choosing import choose_form, header_cut
from nianbao.layouts.forms import Column, Form, Item, dimension_words, fits, word
from nianbao.layouts.headers import Header, find_headers, is_number, text_of, unit_in
from nianbao.layouts.placenames import match_place
from nianbao.layouts.registers import read_register
from nianbao.layouts.remarks import Remarks
from nianbao.layouts.tables import FormReading, Setting, TableRead, foot_row, row_texts, table_period
from nianbao.layouts.windows import QUARTERS, running
from nianbao.periods import Period, as_of, month_end, month_range
from nianbao.values import Reading, Status, exact_text, read_value

MOST_ROWS = 2_000
"""Rows a table may have: no jurisdiction has as many villages; a longer one lists persons, or is no table of counts."""
_LISTED_CELLS = 10
_UNIT_ALONE = re.compile(r"^(?:金额|计量|货币)?单位$")
_MONTH_LABEL = re.compile(r"^(?:(\d{4})年)?(\d{1,2}|十[一二]?|[一二三四五六七八九])月份?$")
_QUARTER_LABEL = re.compile(r"^(?:(\d{4})年)?第?([一二三四1-4])季度?$")
_MONTHS = {
    name: index
    for index, name in enumerate(("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"), start=1)
}
_NO_PLACE = re.compile(
    r"合计|总计|总数|共计|小计|平均|同期|同比|增减|上年|去年|累计|比重|占比|比例|^全[镇乡县区]|其他|其它|^机关"
)
"""What a row is called that is no place, where no list of places tells."""
_PART = re.compile(r"^(?:其中|#|其中之)")


def read_sheet(sheet: Sheet, forms: Sequence[Form], *, setting: Setting) -> TableRead:
    """Return a sheet read by the form that fits it; without one, no readings and the finding that says so."""
    choice = choose_form(sheet, forms, file=setting.file, year=setting.year)
    if choice.form is None:
        return TableRead("", sheet.name, (), choice.findings)
    return read_table(sheet, choice.form, setting=setting, headers=choice.headers)


def read_table(sheet: Sheet, form: Form, *, setting: Setting, headers: tuple[Header, ...] = ()) -> TableRead:
    """Return everything a form finds in a sheet: readings with their addresses, and findings for whatever it cannot rely on.

    ``headers`` are the form's in this sheet where they have been found already.
    """
    if form.count_rows:
        return read_register(sheet, form, setting=setting)
    reader = _Reader(sheet, form, setting)
    reader.read(headers or find_headers(sheet, form))
    return TableRead(form.key, sheet.name, tuple(reader.readings), tuple(reader.remarks.findings))


@dataclass(frozen=True)
class _Line:
    """One row of the table, told apart: the dimension values it adds, its window, and whether it is a total."""

    row: int
    label: tuple[str, ...]
    dims: Dims = ()
    period: Period | None = None
    item: Item | None = None
    total: str = ""
    """``all`` for a total of every row, ``part`` for a subtotal (小计)."""
    repeated: bool = False
    """A second total: compared, and not handed on."""


class _Reader:
    """Reads one sheet by one form."""

    def __init__(self, sheet: Sheet, form: Form, setting: Setting) -> None:
        self.sheet, self.form, self.setting = sheet, form, setting
        self.catalogue = setting.catalogue
        self.remarks = Remarks(setting.file, sheet.name, form=form.key)
        self.readings: list[FormReading] = []
        self.period: Period | None = None
        self.table_units: tuple[str, ...] = ()
        self.measures: dict[tuple[int, str], Measure | None] = {}

    def read(self, headers: tuple[Header, ...]) -> None:
        """Read the whole table."""
        header_cut(self.sheet, self.remarks)
        if not headers:
            self.remarks.add("header-not-found", ["A1"], sheet=self.sheet.name, form=self.form.zh)
            return
        first = headers[0].first_row
        if sum(bool(self.sheet.filled(row)) for row in range(first, self.sheet.last_row + 1)) > MOST_ROWS:
            self.remarks.add("table-too-long", [f"A{first + MOST_ROWS}"], sheet=self.sheet.name, limit=f"{MOST_ROWS:,}")
            return
        end = min(foot_row(self.sheet, first, self.form), self.sheet.last_row + 1)
        if self.sheet.hidden:
            self.remarks.add("hidden-sheet", ["A1"], sheet=self.sheet.name)
        self.headers_told(headers)
        self.table_units = self.units_of_lines(headers[0], end)
        self.period = table_period(
            self.sheet, self.form, rows=(headers[0].top, end), setting=self.setting, remarks=self.remarks
        )
        if self.period is not None:
            self.lines_compared(headers[0], end)
            for header in headers:
                self.block(header, end)
            if self.form.rows.by == "item":
                self.items_told(headers)
        self.around(headers, end)

    # ---- header --------------------------------------------------------------------------------------------------

    def headers_told(self, headers: Sequence[Header]) -> None:
        """Report columns absent, unknown and met twice."""
        for header in headers:
            for column in header.missing:
                shared = self.form.rows.repeat and any(
                    column.name == one.name for other in headers for one in other.columns.values()
                )
                if not column.optional and not shared:
                    self.remarks.add("missing-column", [f"A{header.top}"], column="/".join(column.path))
            for place in header.unknown:
                self.remarks.add("unknown-column", [self.head_address(header, place)], column="/".join(header.paths[place]))
            for place in header.twice:
                self.remarks.add("column-twice", [self.head_address(header, place)], column="/".join(header.paths[place]))

    def head_address(self, header: Header, column: int) -> str:
        cell = next(
            (self.sheet.at(row, column) for row in range(header.bottom, header.top - 1, -1) if self.sheet.at(row, column)), None
        )
        return cell.address if cell is not None else f"A{header.top}"

    def units_of_lines(self, header: Header, end: int) -> tuple[str, ...]:
        """Return the unit words of lines such as 单位：万元 around the table and between its rows; 单位：某某镇 names none."""
        around = self.units_in((*range(1, header.top), *range(end, self.sheet.last_row + 1)))
        between = self.units_in(self.lines_between(header, end))
        if set(between) <= set(around):
            return around
        return tuple(dict.fromkeys((*(around or (self.form.unit or "元",)), *between)))  # the rows above are in another unit

    def units_in(self, rows: Iterable[int]) -> tuple[str, ...]:
        """Return the unit words of the lines that stand in rows."""
        words: list[str] = []
        for row in rows:
            cells = list(row_texts(self.sheet, row))
            for cell, beside in zip(cells, [*cells[1:], None], strict=False):
                said = text_of(cell)
                if _UNIT_ALONE.match(word(said)) and beside is not None:
                    said = f"单位：{text_of(beside)}"
                elif names_unit(said, self.catalogue) and word(said).endswith("元"):
                    said = f"单位：{said}"
                words += units_of_line(said, self.catalogue)
        return tuple(dict.fromkeys(words))

    def lines_between(self, header: Header, end: int) -> list[int]:
        """Return the rows of the table that hold one text and no number: titles of what follows."""
        return [
            row
            for row in range(header.first_row, end)
            if sum(not is_blank(self.sheet.at(row, column)) for column in self.sheet.filled(row)) == 1
            and next(row_texts(self.sheet, row), None) is not None
        ]

    def lines_compared(self, header: Header, end: int) -> None:
        """Report a line between the rows that names another year: what follows belongs to that."""
        assert self.period is not None
        for row in self.lines_between(header, end):
            cell = next(row_texts(self.sheet, row))
            found = re.search(r"(?<!\d)(\d{4})年", text_of(cell))
            if found and int(found[1]) != self.period.year:
                self.remarks.add("period-conflict", [f"A{max(header.top - 1, 1)}", cell.address])

    # ---- rows ----------------------------------------------------------------------------------------------------

    def block(self, header: Header, end: int) -> None:
        """Read every row of one block, then compare totals."""
        lines: list[_Line] = []
        grid: dict[tuple[int, int], Reading | None] = {}
        seen: dict[str, int] = {}
        for row in range(header.first_row, end):
            filled = [
                column
                for column in self.sheet.filled(row)
                if column in header.columns
                and not is_blank(self.sheet.at(row, column))
                and header.columns[column].role not in ("text", "unit")
            ]
            if not filled or self.is_header_again(header, row):
                continue
            line = self.line(header, row, seen, lines)
            if line is None:
                continue
            lines.append(line)
            for column in filled:
                grid[row, column] = self.figure(header, line, column)
            self.row_compared(header, line, grid)
        self.totals_compared(header, lines, grid)

    def is_header_again(self, header: Header, row: int) -> bool:
        beneath = [(column, header.paths[column]) for column in self.sheet.filled(row) if column in header.paths]
        words = [(word(text_of(self.sheet.at(row, column))), path) for column, path in beneath]
        told = [text in path for text, path in words if text]
        return len(told) > 1 and all(told)

    def label(self, header: Header, row: int) -> tuple[str, ...]:
        found: list[str] = []
        cells: list[tuple[int, int]] = []
        for column in header.label_columns:
            cell = self.sheet.covering(row, column)
            if cell is not None and text_of(cell) and (cell.row, cell.column) not in cells:
                cells.append((cell.row, cell.column))
                found.append(text_of(cell))
        if not found:  # 合计 often stands in the column of serial numbers
            ends = min(header.label_columns, default=0)
            before = (self.sheet.covering(row, column) for column in self.sheet.seen(row) if header.left <= column < ends)
            found = [text_of(cell) for cell in before if cell is not None and self.total_kind(word(text_of(cell)))][:1]
        return tuple(found)

    def line(self, header: Header, row: int, seen: dict[str, int], lines: Sequence[_Line]) -> _Line | None:
        """Return what a row is, or None with a finding where it cannot be told."""
        address = f"{self.column_of(header)}{row}"
        if self.form.rows.by == "none":
            opening = next(row_texts(self.sheet, row), None)
            if lines:
                self.remarks.add("row-twice", [address], found=text_of(opening) if opening else str(row))
                return None
            return _Line(row, ())
        label = self.label(header, row)
        if not label:
            self.remarks.add("row-without-label", [address])
            return None
        struck = [f"{column_letters(column)}{row}" for column in header.label_columns if (row, column) in self.sheet.struck]
        if struck:
            self.remarks.add("struck-out", struck)
            return None
        whole = word(label[-1])
        bare = word(_PART.sub("", whole))
        line = self.line_by(row, label, bare, address)
        if line is None:
            return None
        name = line.item.name if line.item else line.total or str(line.dims) + (line.period.code if line.period else "")
        if line.total:
            if line.total == "all" and "all" in seen:
                self.remarks.add("two-totals", [f"{self.column_of(header)}{seen['all']}", address])
                return _Line(row, label, total="part", repeated=True)
            seen.setdefault(line.total, row)
            return line
        if name in seen and not (line.item and line.item.ignore):
            code = "village-twice" if self.by_place else "row-twice"
            self.remarks.add(code, [f"{self.column_of(header)}{seen[name]}", address], found=label[-1])
            return None
        seen[name] = row
        return line

    @property
    def by_place(self) -> bool:
        return self.form.rows.by in ("village", "grid", "institution")

    @staticmethod
    def column_of(header: Header) -> str:
        from_left = header.label_columns[0] if header.label_columns else header.left
        return column_letters(from_left)

    def line_by(self, row: int, label: tuple[str, ...], bare: str, address: str) -> _Line | None:
        rows = self.form.rows
        if rows.by == "item":
            return self.item_line(row, label, address)
        kind = self.total_kind(bare)
        if self.by_place:
            match = match_place(_PART.sub("", label[-1]).lstrip(":： "), self.setting.places, clinics=rows.by == "institution")
            if match.key:
                return _Line(row, label, dims=((rows.dim, match.key),))
            if kind:
                return _Line(row, label, total=kind)
            if match.several:
                self.remarks.add("village-ambiguous", [address], found=label[-1], several="、".join(match.several))
                return None
            if not self.setting.places and not _NO_PLACE.search(bare):
                if not any(finding.code == "no-village-list" for finding in self.remarks.findings):
                    self.remarks.add("no-village-list", [address])
                return _Line(row, label, dims=((rows.dim, bare),))
            near, near_en = (
                (f"，是否应为“{match.nearest}”？", f"; did you mean {match.nearest}?") if match.nearest else ("", "")
            )
            self.remarks.add("unknown-village", [address], found=label[-1], near=near, near_en=near_en)
            return None
        if kind:
            return _Line(row, label, total=kind)
        if rows.by == "dimension":
            words = dimension_words(rows, self.catalogue)
            if bare in words:
                return _Line(row, label, dims=((rows.dim, words[bare]),))
            self.unknown_row(label, address, list(words))
            return None
        period = self.row_period(bare)
        if period is None:
            self.remarks.add("bad-row-period", [address], found=label[-1])
            return None
        return _Line(row, label, period=period)

    def total_kind(self, bare: str) -> str:
        if bare.endswith("小计") and (bare == "小计" or self.by_place):
            return "part"
        towns = {word(name) for name in self.setting.town_names}
        own = bare in towns or any(bare == town + word(total) for town in towns for total in self.form.totals)
        return "all" if own or any(fits(bare, total) for total in self.form.totals) else ""

    def unknown_row(self, label: tuple[str, ...], address: str, known: Sequence[str]) -> None:
        best = nearest(word(label[-1]), known)
        near, near_en = (f"，是否应为“{best}”？", f"; did you mean {best}?") if best else ("", "")
        self.remarks.add("unknown-row", [address], found="/".join(label), near=near, near_en=near_en)

    def item_line(self, row: int, label: tuple[str, ...], address: str) -> _Line | None:
        words = tuple(word(one) for one in label)
        for item in self.form.rows.items:
            if len(item.label) == len(words) and all(fits(one, wanted) for one, wanted in zip(words, item.label, strict=True)):
                return _Line(row, label, dims=item.dims, item=item, total="")
        self.unknown_row(label, address, [word(step) for item in self.form.rows.items for step in item.label[-1:]])
        return None

    def row_period(self, bare: str) -> Period | None:
        assert self.period is not None
        cumulative = self.form.rows.cumulative
        if self.form.rows.by == "month" and (found := _MONTH_LABEL.match(bare)):
            month = _MONTHS.get(found[2]) or (int(found[2]) if found[2].isdigit() else 0)
            if not 1 <= month <= 12:
                return None
            year = int(found[1]) if found[1] else self.year_of(month)
            return running(month_end(year, month), self.form.period.kind) if cumulative else month_range(year, month, month)
        if self.form.rows.by == "quarter" and (found := _QUARTER_LABEL.match(bare)):
            last = QUARTERS[found[2]] * 3
            year = int(found[1]) if found[1] else self.year_of(last)
            return running(month_end(year, last), self.form.period.kind) if cumulative else month_range(year, last - 2, last)
        return None

    def year_of(self, month: int) -> int:
        """Return the year a month of the table's window falls in: October of a statistical year is the year before."""
        assert self.period is not None
        return self.period.start.year if month >= self.period.start.month else self.period.end.year

    # ---- figures -------------------------------------------------------------------------------------------------

    def figure(self, header: Header, line: _Line, place: int) -> Reading | None:
        """Read one cell; a figure the catalogue holds is handed on."""
        column = header.columns[place]
        cell = self.sheet.at(line.row, place)
        assert cell is not None
        if (line.row, place) in self.sheet.struck:
            self.remarks.add("struck-out", [cell.address])
            return None
        merged = self.sheet.merged(line.row, place)
        if merged is not None and (merged.top, merged.left) != (merged.bottom, merged.right):
            self.remarks.add("merged-figure", [cell.address])
            return None
        if (line.row, place) in self.sheet.comments:
            self.remarks.add("cell-comment", [cell.address])
        if line.item is not None and line.item.ignore:
            return None
        key = column.entry or column.check or (line.item.entry_in(column.name) if line.item else "")
        dims = tuple(sorted({**dict(column.dims), **dict(line.dims)}.items()))
        entry = self.catalogue.entries.get(key) if column.role != "known" else None
        path = header.paths[place]
        name = "/".join(path)
        measure = self.measure(header, line, place, entry, dims)
        if measure is None:
            return None
        area = entry.area if entry is not None else ""
        if isinstance(entry, Element) and entry.nature is Nature.TEXT:
            reading: Reading | None = Reading(Status.REPORTED, None, text_of(cell))
        else:
            reading = read_cell(
                cell,
                entry=entry,
                measure=measure,
                catalogue=self.catalogue,
                missing=dict(self.form.missing),
                column=name,
                remarks=self.remarks,
                area=area,
            )
        if reading is None or entry is None:
            return reading
        if column.check and self.compared(header, line, place, reading):
            return reading
        if line.total == "part" or (line.total and "village" in dict(column.dims)):
            return reading
        period = self.window(column, line)
        self.readings.append(
            FormReading(
                entry=key,
                dims=dims,
                period=period,
                cell=self.remarks.cell(cell.address),
                raw=cell,
                value=reading.value,
                status=reading.status,
                unit=measure.unit,
                unit_word=measure.word,
                factor=measure.factor,
                cumulative=self.form.period.cumulative or self.form.rows.cumulative or column.period == "cumulative",
                total=bool(line.total) or column.total or bool(line.item and line.item.total),
                header=path,
                label=line.label,
            )
        )
        return reading

    def window(self, column: Column, line: _Line) -> Period:
        assert self.period is not None
        own = line.period or self.period
        match column.period:
            case "end":
                return as_of(own.end)
            case "cumulative":
                return running(own.end, self.form.period.kind) or own
            case "previous":
                return own.previous()
            case _:
                return own

    def measure(self, header: Header, line: _Line, place: int, entry: Element | Indicator | None, dims: Dims) -> Measure | None:
        """Return the unit of a cell: of its row, its header, the form, the table's line, in that order; None with a finding."""
        column = header.columns[place]
        path = header.paths[place]
        if entry is None and line.item is not None and line.item.total:
            others = (self.catalogue.entries.get(item.entry_in(column.name)) for item in self.form.rows.items if not item.total)
            entry = next((other for other in others if other is not None), None)  # a total is in the unit of its items
        if entry is None:
            return Measure("percent" if percent_paths(path) else column.unit)
        wanted = dict(dims).get("unit", entry.unit)
        name = "/".join(path)
        own = next((one for one, declared in header.columns.items() if declared.role == "unit"), 0)
        said = text_of(self.sheet.at(line.row, own)) if own else ""
        if said:
            return self.must_be(said, wanted, name, self.sheet.at(line.row, own), entry.area)
        key = (place, wanted + (line.item.name if line.item else ""))
        if key not in self.measures:
            self.measures[key] = self.column_measure(header, place, line.item, entry, wanted)
        return self.measures[key]

    def must_be(self, said: str, wanted: str, name: str, cell: RawCell | None, area: str) -> Measure | None:
        found = unit_named(said, wanted, self.catalogue)
        if found is None:
            unit = self.catalogue.units.get(wanted)
            address = cell.address if cell is not None else "A1"
            self.remarks.add("wrong-unit", [address], area=area, column=name, found=said, wanted=unit.zh if unit else wanted)
        return found

    def column_measure(
        self, header: Header, place: int, item: Item | None, entry: Element | Indicator, wanted: str
    ) -> Measure | None:
        path = header.paths[place]
        name = "/".join(path)
        column = header.columns[place]
        declared_key = (item.unit if item else "") or column.unit
        declared = unit_named(declared_key, wanted, self.catalogue) if declared_key else None
        inside = unit_in(path) or (unit_in(tuple(word(one) for one in item.label)) if item else "")
        if not (inside and names_unit(inside, self.catalogue)):
            inside = unit_said(name, wanted, self.catalogue)
        if inside:
            found = self.must_be(inside, wanted, name, self.sheet.at(header.bottom, place), entry.area)
            if found is not None and declared is not None and found.factor != declared.factor:
                self.remarks.add(
                    "unit-differs", [self.head_address(header, place)], column=name, found=found.word, wanted=declared.word
                )
            return found
        listed = [found for one in self.table_units if (found := unit_named(one, wanted, self.catalogue)) is not None]
        if len({found.factor for found in listed}) > 1:
            self.remarks.add(
                "units-several", [self.head_address(header, place)], column=name, found="、".join(self.table_units)
            )
            return None
        if declared is not None:
            if listed and listed[0].factor != declared.factor:
                self.remarks.add(
                    "unit-differs", [self.head_address(header, place)], column=name, found=listed[0].word, wanted=declared_key
                )
                return listed[0]
            return declared
        if listed:
            return listed[0]
        if self.table_units and len(self.table_units) == 1 and wanted == "yuan":
            return self.must_be(self.table_units[0], wanted, name, None, entry.area)
        if self.form.unit and (found := unit_named(self.form.unit, wanted, self.catalogue)) is not None:
            return found
        if isinstance(entry, Element) and entry.nature is Nature.AMOUNT:
            self.remarks.add("unit-unstated", [self.head_address(header, place)], area=entry.area, column=name)
            return None
        return Measure(wanted)

    # ---- comparisons ---------------------------------------------------------------------------------------------

    def value_at(self, header: Header, grid: Mapping[tuple[int, int], Reading | None], row: int, name: str) -> Fraction | None:
        place = next((one for one, column in header.columns.items() if column.name == name), None)
        return None if place is None else exact(grid.get((row, place)))

    def row_compared(self, header: Header, line: _Line, grid: Mapping[tuple[int, int], Reading | None]) -> None:
        """Compare subtotals with their parts and parts with their wholes, within one row."""
        for place, column in header.columns.items():
            own = exact(grid.get((line.row, place)))
            if own is None:
                continue
            cell = self.sheet.at(line.row, place)
            address = cell.address if cell is not None else ""
            name = "/".join(header.paths[place])
            parts = [self.value_at(header, grid, line.row, part) for part in column.sum]
            known = [part for part in parts if part is not None]
            total = sum(known, Fraction(0))
            if parts and (own != total if len(known) == len(parts) else own < total):
                self.remarks.add("row-sum-differs", [address], column=name, found=exact_text(own), wanted=exact_text(total))
            whole = self.value_at(header, grid, line.row, column.within) if column.within else None
            if whole is not None and own > whole:
                self.remarks.add("part-exceeds-whole", [address], column=name, found=exact_text(own), wanted=exact_text(whole))

    def totals_compared(self, header: Header, lines: Sequence[_Line], grid: Mapping[tuple[int, int], Reading | None]) -> None:
        """Compare total rows with the rows they add up, subtotals with those before or after them."""
        if self.form.rows.by == "item":
            self.item_parts(header, lines, grid)
            return
        if self.form.rows.cumulative:
            return
        plain = [line for line in lines if not line.total]
        for index, line in enumerate(lines):
            if not line.total or not plain:
                continue
            groups = [plain]
            if line.total == "part":
                before = _segment(reversed(lines[:index]))
                after = _segment(lines[index + 1 :])
                groups = [group for group in (before, after, plain if line.repeated else []) if group]
            for place, column in header.columns.items():
                if not self.adds_up(column):
                    continue
                own = exact(grid.get((line.row, place)))
                sums = [total_of(grid.get((one.row, place)) for one in group if (one.row, place) in grid) for group in groups]
                if own is None or any(total is None for total in sums) or own in sums or not sums:
                    continue
                if not any((one.row, place) in grid for one in plain):
                    continue
                cell = self.sheet.at(line.row, place)
                self.remarks.add(
                    "table-total-differs",
                    [cell.address if cell is not None else ""],
                    column="/".join(header.paths[place]),
                    found=exact_text(own),
                    wanted=exact_text(sums[0]),
                )

    def adds_up(self, column: Column) -> bool:
        if column.check or column.role in ("text", "unit", "ignore"):
            return False
        entry = self.catalogue.entries.get(column.entry)
        if entry is None:
            return not percent_paths(column.path) and column.unit not in UNSUMMED
        return entry.unit not in UNSUMMED

    def item_parts(self, header: Header, lines: Sequence[_Line], grid: Mapping[tuple[int, int], Reading | None]) -> None:
        rows = {line.item.name: line.row for line in lines if line.item is not None}
        for line in lines:
            if line.item is not None and line.item.total:
                self.item_total(header, line, lines, grid)
            if line.item is None or line.item.within not in rows:
                continue
            for place in header.columns:
                own, whole = exact(grid.get((line.row, place))), exact(grid.get((rows[line.item.within], place)))
                cell = self.sheet.at(line.row, place)
                if own is not None and whole is not None and own > whole and cell is not None:
                    self.remarks.add(
                        "part-exceeds-whole",
                        [cell.address],
                        column="/".join(line.label),
                        found=exact_text(own),
                        wanted=exact_text(whole),
                    )

    def item_total(
        self, header: Header, line: _Line, lines: Sequence[_Line], grid: Mapping[tuple[int, int], Reading | None]
    ) -> None:
        """Compare a total among the items with those that are neither parts of others nor totals."""
        items = [one for one in lines if one.item is not None and not (one.item.total or one.item.ignore)]
        own_parts = [
            one.row for one in items if one.item is not None and line.item is not None and one.item.within == line.item.name
        ]
        whole = own_parts or [one.row for one in items if one.item is not None and not one.item.within]
        for place, column in header.columns.items():
            own = exact(grid.get((line.row, place)))
            total = total_of(grid.get((row, place)) for row in whole if (row, place) in grid)
            cell = self.sheet.at(line.row, place)
            if self.adds_up(column) and own is not None and total is not None and own != total and cell is not None:
                self.remarks.add(
                    "table-total-differs",
                    [cell.address],
                    column="/".join(header.paths[place]),
                    found=exact_text(own),
                    wanted=exact_text(total),
                )

    def items_told(self, headers: Sequence[Header]) -> None:
        """Report declared rows that no block holds."""
        labels = {
            tuple(word(text) for text in self.label(header, row))
            for header in headers
            for row in range(header.first_row, self.sheet.last_row + 1)
        }
        for item in self.form.rows.items:
            there = any(
                len(label) == len(item.label) and all(fits(one, wanted) for one, wanted in zip(label, item.label, strict=True))
                for label in labels
            )
            if not there and not item.ignore:
                self.remarks.add("missing-row", ["A1"], found=item.name)

    def compared(self, header: Header, line: _Line, place: int, printed: Reading) -> bool:
        """Compare a printed rate with its own row's counts; False where the row does not hold them, and the rate is handed on."""
        column = header.columns[place]
        indicator = self.catalogue.entries[column.check]
        assert isinstance(indicator, Indicator)
        given = self.row_terms(header, line)
        sides: list[Fraction] = []
        for terms in (indicator.numerator, indicator.denominator):
            values = [self.term_value(given, term) for term in terms]
            if not terms or len(values) != len(terms) or any(value is None for value in values):
                return False
            sides.append(
                sum((term.sign * value for term, value in zip(terms, values, strict=True) if value is not None), Fraction(0))
            )
        value = exact(printed)
        cell = self.sheet.at(line.row, place)
        if value is None or cell is None:
            return True
        name = "/".join(header.paths[place])
        if sides[1] == 0:
            self.remarks.add("rate-without-denominator", [cell.address], column=name, found=printed.raw)
            return True
        wanted = sides[0] / sides[1] * indicator.multiplier
        decimals = shown_decimals(cell)
        step = Fraction(1, 10 ** (6 if decimals is None else decimals))
        if not -step < value - wanted <= step / 2:  # rounded half up, half to even, or cut off
            shown = exact_text(Fraction(round(wanted * 100), 100))
            self.remarks.add(
                "printed-rate-differs", [cell.address], area=indicator.area, column=name, found=printed.raw, wanted=shown
            )
        return True

    def term_value(self, given: Mapping[tuple[str, Dims], Fraction], term: Term) -> Fraction | None:
        """Return what a row gives for a term of a formula: its own figure, or the sum of a whole set of its parts."""
        if term.back:
            return None
        dims = _without_unit(term.dims)
        if (term.entry, dims) in given:
            return given[term.entry, dims]
        entry = self.catalogue.entries[term.entry]
        for dim, sets in entry.partitions.items() if isinstance(entry, Element) else ():
            for values in () if dim in dict(dims) else sets:
                parts = [given.get((term.entry, tuple(sorted((*dims, (dim, value)))))) for value in values]
                if parts and all(part is not None for part in parts):
                    return sum((part for part in parts if part is not None), Fraction(0))
        return None

    def row_terms(self, header: Header, line: _Line) -> dict[tuple[str, Dims], Fraction]:
        """Return the exact figures of a row by entry and the dimension values of their columns."""
        found: dict[tuple[str, Dims], Fraction] = {}
        quiet = Remarks(self.setting.file, self.sheet.name)
        units = any(column.role == "unit" for column in header.columns.values())
        for place, column in header.columns.items():
            cell = self.sheet.at(line.row, place)
            entry = self.catalogue.entries.get(column.entry)
            if entry is None or column.check or cell is None or is_blank(cell) or column.period == "previous":
                continue
            reading = read_cell(
                cell,
                entry=entry,
                measure=(None if units else self.measure(header, line, place, entry, column.dims)) or Measure(entry.unit),
                catalogue=self.catalogue,
                missing=dict(self.form.missing),
                column="",
                remarks=quiet,
            )
            value = exact(reading)
            if value is not None:
                found.setdefault((column.entry, _without_unit(column.dims)), value)
        return found

    # ---- what stands around --------------------------------------------------------------------------------------

    def around(self, headers: Sequence[Header], end: int) -> None:
        """Report numbers no column or row of the table explains, and what is hidden."""
        first, top = headers[0].first_row, headers[0].top
        inside = {column for header in headers for column in header.paths} | {
            column for header in headers for column in header.label_columns
        }
        stray = [
            cell.address
            for (row, column), cell in sorted(self.sheet.cells.items())
            if (row < top or row >= end or (row >= first and column not in inside)) and _plain_number(cell)
        ]
        serial = self.serial_columns(headers, first, end)
        stray = [address for address in stray if address.rstrip("0123456789") not in serial]
        if stray:
            self.remarks.add("outside-table", stray[:_LISTED_CELLS])
        read = {column for header in headers for column in header.columns}
        hidden = [
            cell.address
            for (row, column), cell in sorted(self.sheet.cells.items())
            if first <= row < end and (row in self.sheet.hidden_rows or column in self.sheet.hidden_columns) and column in read
        ]
        if hidden:
            self.remarks.add("hidden-cells", hidden[:_LISTED_CELLS])

    def serial_columns(self, headers: Sequence[Header], first: int, end: int) -> set[str]:
        """Return the letters of columns without header words left of the labels that only number the rows."""
        found: set[str] = set()
        for column in range(1, min((header.left for header in headers), default=1)):
            numbers = [cell.value for row in range(first, end) if (cell := self.sheet.at(row, column)) is not None]
            if numbers == list(range(1, len(numbers) + 1)):
                found.add(column_letters(column))
        return found


def _segment(lines: Iterable[_Line]) -> list[_Line]:
    """Return the plain rows up to the next total."""
    found: list[_Line] = []
    for line in lines:
        if line.total:
            break
        found.append(line)
    return found


def _without_unit(dims: Dims) -> Dims:
    return tuple(pair for pair in dims if pair[0] != "unit")


def _plain_number(cell: RawCell) -> bool:
    """True for a stored number, and for text that is nothing but one."""
    if is_number(cell):
        return True
    return (
        isinstance(cell.value, str)
        and re.fullmatch(r"\s*[\d０-９][\d０-９,，.]*[%％]?\s*", cell.value) is not None
        and bool(read_value(cell.value, percent=True).value)
    )
