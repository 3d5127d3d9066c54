"""What an office table becomes: its readings and findings, the setting it is read in, and the window of time its lines name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from nianbao.catalogue import Catalogue
from nianbao.errors import Cell, Finding
from nianbao.fields import Dims
from nianbao.files.grid import RawCell, Sheet
from nianbao.layouts.forms import Form, word
from nianbao.layouts.headers import is_number, text_of
from nianbao.layouts.placenames import Place
from nianbao.layouts.remarks import Remarks
from nianbao.layouts.windows import masked, window_in
from nianbao.observation import YEARS_BACK, Observation
from nianbao.periods import Period, usual
from nianbao.values import Status, exact_text

_YEAR = re.compile(r"(?<!\d)(\d{4})年")
_PART_ALONE = re.compile(
    r"^\(?(?:\d{1,2}月?(?:份)?[-至到]\d{1,2}月(?:份)?|[上下]半年|第?[一二三四1-4]季度|前[二三]个?季度|前[\d一二三四五六七八九十]{1,2}个月)\)?$"
)
"""A line that names a part of a year and no year."""


@dataclass(frozen=True)
class Setting:
    """What a table is read with: the file's name, the report year, the catalogue, the places its rows may name, the township's names."""

    file: str
    year: int
    catalogue: Catalogue
    places: tuple[Place, ...] = ()
    town_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormReading:
    """One figure of an office table, ready to become an observation.

    ``value`` is exact and in the catalogue's unit, ``factor`` already applied; None where ``status`` carries none.  ``cell`` is the
    address, a range where rows were counted; ``raw`` the cell as stored, None for a count.  ``header`` and ``label`` are the words over
    the column and before the row, as compared.
    """

    entry: str
    dims: Dims
    period: Period
    cell: Cell
    raw: RawCell | None
    value: Fraction | None
    status: Status
    unit: str
    unit_word: str = ""
    factor: int = 1
    cumulative: bool = False
    total: bool = False
    header: tuple[str, ...] = ()
    label: tuple[str, ...] = ()

    def observation(self) -> Observation:
        """Return the reading as an observation; the note names header path and row."""
        note = "/".join(filter(None, ("/".join(self.header), "/".join(self.label))))
        shown = exact_text(self.value) if self.raw is None else text_of(self.raw)
        return Observation(
            self.entry,
            self.dims,
            self.period,
            self.value,
            self.status,
            self.unit,
            self.unit_word,
            shown,
            note,
            self.cell,
            self.total,
        )


@dataclass(frozen=True)
class TableRead:
    """One sheet read by one form: readings row by row, findings in the order they were met."""

    form: str
    sheet: str
    readings: tuple[FormReading, ...]
    findings: tuple[Finding, ...]


def row_texts(sheet: Sheet, row: int) -> Iterator[RawCell]:
    """Yield the cells of a row that hold text, from the left."""
    for column in sheet.filled(row):
        cell = sheet.at(row, column)
        if cell is not None and text_of(cell) and not is_number(cell):
            yield cell


def title_lines(sheet: Sheet, top: int) -> tuple[str, ...]:
    """Return the texts above the header, in reading order."""
    return tuple(text_of(cell) for row in range(1, top) for cell in row_texts(sheet, row))


def is_stop(text: str, form: Form) -> bool:
    """True for the text that opens a foot row: a stop word alone, or followed by a colon, a bracket or a figure."""
    return word(text) in form.stop or _opening(form.stop).match(text.strip()) is not None


@lru_cache(maxsize=64)
def _opening(stops: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(map(re.escape, stops))
    return re.compile(rf"(?:{words or '(?!)'})\s*(?:[:：(（\d①]|[一二三四五]、|.{{0,12}}[:：])")


def foot_row(sheet: Sheet, first: int, form: Form) -> int:
    """Return the first row beneath the table that opens with a stop word, or the row after the last."""
    for row in range(first, sheet.last_row + 1):
        opening = next(row_texts(sheet, row), None)
        if opening is not None and is_stop(text_of(opening), form):
            return row
    return sheet.last_row + 1


def table_period(sheet: Sheet, form: Form, *, rows: tuple[int, int], setting: Setting, remarks: Remarks) -> Period | None:
    """Return the window the sheet names, or the form's own; None when the figures cannot be placed in time, which a finding tells.

    ``rows`` are the first row of the header and the first row of the foot.
    """
    rule = form.period
    usual_one = usual(rule.kind, setting.year)
    if not rule.read:
        return usual_one
    candidates: list[tuple[RawCell, Period]] = []
    told = list(_period_texts(sheet, form, rows))
    years = {found for _, text in told for found in _YEAR.findall(text)}
    stated = next(iter(years)) if len(years) == 1 else str(setting.year)
    for cell, line in told:
        # 1-9月 under a title that names the year
        text = f"{stated}年{word(line).strip('()')}" if _PART_ALONE.match(word(line)) else line
        if masked(text):
            remarks.add("period-masked", [cell.address])
            return None
        window = window_in(text, kind=rule.kind, cumulative=rule.cumulative)
        if window is not None:
            candidates.append((cell, window))
    if candidates:
        # a line that names months or days says more than a title that names the year
        exact = [one for one in candidates if one[1] != usual(rule.kind, one[1].year)]
        cell, found = (exact or candidates)[0]
        unlike = next((other for other, window in candidates if window.year != found.year), None)
        if unlike is not None:
            remarks.add("period-conflict", [cell.address, unlike.address])
            return None
        label = found.label()
        if not setting.year - YEARS_BACK <= found.year <= setting.year:
            remarks.add("wrong-year", [cell.address], period=label, year=str(setting.year))
            return None
        if found.year != setting.year:
            remarks.add("other-year", [cell.address], period=label, year=str(setting.year))
        return found
    if rule.required:
        remarks.add("period-missing", ["A1"])
        return None
    remarks.add("period-unstated", ["A1"], period=usual_one.label())
    return usual_one


def _period_texts(sheet: Sheet, form: Form, rows: tuple[int, int]) -> Iterator[tuple[RawCell, str]]:
    top, foot = rows
    lines = {
        "title": [cell for row in range(1, top) for cell in row_texts(sheet, row)],
        "foot": [],
    }
    if not form.count_rows:  # below the header of a register only its declared columns are looked at
        lines["foot"] = [cell for row in range(foot, sheet.last_row + 1) for cell in row_texts(sheet, row)]
    for source in form.period.read:
        if source in lines:
            yield from ((cell, text_of(cell)) for cell in lines[source] if not _is_filing_date(text_of(cell)))
            continue
        for cell in (*lines["title"], *lines["foot"]):
            text = text_of(cell)
            if word(text).startswith(word(source)):
                yield cell, text
                beside = sheet.at(cell.row, cell.column + 1)
                if beside is not None:
                    yield beside, text_of(beside)


def _is_filing_date(text: str) -> bool:
    """True for a line that only says when the table was filled in."""
    return word(text).startswith(("填报日期", "填表日期", "填报时间", "填表时间", "上报日期", "制表日期", "打印日期"))
