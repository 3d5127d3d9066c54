"""One cell of an office table to one figure: missing codes, per cent in all its spellings, units and scales; doubt is a finding."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from nianbao.catalogue import Catalogue, Element, Indicator, Nature
from nianbao.files.grid import RawCell
from nianbao.files.personal import personal_number
from nianbao.layouts.forms import word
from nianbao.layouts.headers import text_of
from nianbao.layouts.remarks import Remarks
from nianbao.layouts.shownnumbers import multiplies, shown_otherwise, signed_by_format
from nianbao.values import PROBLEM_ZH, Reading, Status, read_value

UNSUMMED = frozenset(
    {
        "percent",
        "permille",
        "per_100000",
        "ratio_per_100",
        "ratio_point",
        "percentage_point",
        "yuan_per_year",
        "yuan_per_person",
    }
)
"""Units whose values never add up over places."""
_SCALES = {"万": 10**4, "千": 10**3, "百": 100, "亿": 10**8}
_STATUS = {"missing": Status.MISSING, "not_applicable": Status.NOT_APPLICABLE}
_SCALED_UNIT = re.compile(r"[百千万亿]+(?:元|人次|人|户)")
_CURRENCY = re.compile(r"人民币|（?RMB）?")
_UNIT_LINE = re.compile(r"单位\s*(?:[:：(（为是]\s*|\s)(?P<units>[^()（）。；;]+)")
_UNIT_BRACKET = re.compile(r"[(（【\[〔](?P<units>[^()（）【】\[\]〔〕]*)[)）】\]〕]\s*$")
_SPACED = re.compile(r"\d ?[,，.．、]? \d|\d [,，.．、] ?\d")
_THOUSANDS = re.compile(r"^\D*\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?:[.]\d+)?\D*$")
"""Thousands set apart by a blank; a line break, a tab or a full-width blank sets two numbers apart."""
HIGHEST_PERCENT = 1000
HIGHEST_COUNT = 10**9
"""More persons or events than any jurisdiction has: digits of something else, such as the second half of an ID number."""


@dataclass(frozen=True)
class Measure:
    """The unit figures are kept in, what to multiply by to get there, and the word the sheet uses."""

    unit: str
    factor: int = 1
    word: str = ""


def unit_named(text: str, wanted: str, catalogue: Catalogue) -> Measure | None:
    """Return the measure a unit word gives for figures kept in ``wanted``; None when it names another unit or none."""
    clean = word(text).strip("()")
    if not clean:
        return None
    found = catalogue.unit_of(clean, expected=wanted)
    if found == wanted:
        return Measure(wanted, 1, clean)
    if found is not None and catalogue.units[found].of == wanted:
        return Measure(wanted, catalogue.units[found].factor, clean)
    if clean[0] in _SCALES and len(clean) > 1 and catalogue.unit_of(clean[1:], expected=wanted) == wanted:
        return Measure(wanted, _SCALES[clean[0]], clean)
    return None


def names_unit(text: str, catalogue: Catalogue) -> bool:
    """True when the text is a unit word of the catalogue at all, with or without 万 before it."""
    clean = word(text).strip("()")
    return bool(clean) and any(catalogue.unit_of(one, expected="") is not None for one in (clean, clean[1:]) if one)


def unit_said(text: str, wanted: str, catalogue: Catalogue) -> str:
    """Return the unit a header names in another way than in one bracket (金额/万元, 金额【万元】, 单位：万元 in the bracket); ``""`` for none.

    Only a scaled unit of the measure wanted counts: without it the figures would be read too small by its scale.
    """
    found = _SCALED_UNIT.findall(text)
    return next((one for one in reversed(found) if unit_named(one, wanted, catalogue) is not None), "")


def units_of_line(text: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the unit words a line says all figures are in: 单位：万元, 计量单位 人, 表（单位：万元）, 资金表（万元）; none for 单位：某某镇."""
    plain = _CURRENCY.sub("", text)
    for pattern in (_UNIT_LINE, _UNIT_BRACKET):
        if found := pattern.search(plain):
            units = tuple(one for one in split_units(found["units"]) if names_unit(one, catalogue))
            if units:
                return units
    return ()


def split_units(text: str) -> tuple[str, ...]:
    """Return the words of a line such as 万元、人."""
    return tuple(part for part in re.split(r"[、,，;；/\s]+", text.strip(" ()（）")) if part)


def is_blank(cell: RawCell | None) -> bool:
    """True where nothing is written; an error or a formula is something."""
    return cell is None or not (text_of(cell) or cell.error or cell.formula)


def read_cell(
    cell: RawCell,
    *,
    entry: Element | Indicator | None,
    measure: Measure,
    catalogue: Catalogue,
    missing: dict[str, str],
    column: str,
    remarks: Remarks,
    area: str = "",
) -> Reading | None:
    """Return what a cell says, in the unit kept; None when nothing can be relied on, which a finding then tells.

    ``entry`` is None for a number the catalogue does not hold.  A number over 0 and up to 1 in a column of percentages is ambiguous
    unless the cell is formatted as a percentage.
    """

    def fault(code: str, **figures: str) -> None:
        remarks.add(code, [cell.address], area=area, **figures)

    text = text_of(cell)
    if cell.error:
        fault("cell-error", found=cell.error)
        return None
    if cell.formula and cell.value is None:
        fault("formula-without-value")
        return None
    if personal_number(text) or personal_number(_written_out(cell)):
        fault("personal-data")
        return None
    if is_spaced(cell.value):
        fault("spaced-number", column=column, found=" ".join(text.split()))
        return None
    if shown_otherwise(cell, measure.unit, measure.factor, catalogue):
        fault("format-shows-otherwise", column=column, found=text, format=cell.number_format)
        return None
    codes = {word(code): status for code, status in missing.items()}
    plain = str(int(cell.value)) if isinstance(cell.value, float) and cell.value == int(cell.value) else text
    if word(plain) in codes:
        return Reading(_STATUS[codes[word(plain)]], None, text)
    reading = _percent(cell, measure.unit, text, column, remarks, area)
    if reading is None:
        return None
    if reading.problem:
        fault("not-a-number", column=column, why=PROBLEM_ZH[reading.problem], why_en=reading.problem, found=reading.raw)
        return None
    if reading.unit_word:
        own = unit_named(reading.unit_word, measure.unit, catalogue) if measure.unit else None
        if own is None or own.factor != 1:
            fault("unit-in-cell", column=column, found=reading.unit_word)
            return None
    if measure.factor != 1 and reading.value is not None:
        if re.search(r"[万亿千百]", text):
            fault("unit-twice", column=column, found=text)
            return None
        reading = replace(reading, value=reading.value * measure.factor)
    if reading.value is None:
        if reading.status is Status.MASKED:
            fault("masked", column=column, found=text)
        return reading
    if reading.value < 0 and not (isinstance(entry, Indicator) and entry.method.value.startswith("change")):
        fault("negative", column=column, found=text)
        return None
    counted = isinstance(entry, Element) and entry.nature in (Nature.FLOW, Nature.STOCK) and not entry.decimals
    if counted and reading.value.denominator != 1:
        fault("not-whole", column=column, found=text)
        return None
    if counted and reading.value > HIGHEST_COUNT:
        fault("count-huge", column=column, found=text)
        return None
    return reading


def is_spaced(value: object) -> bool:
    """True for a text whose digits have blanks between them other than by thousands (15 16, 15, 160): it may be two numbers."""
    if not isinstance(value, str) or _SPACED.search(re.sub(r"\s+", " ", value)) is None:
        return False
    return not _THOUSANDS.match(value)


def stored(value: object) -> Any:
    """Return a number as spreadsheets hold and show it, with fifteen digits: beyond are traces of binary arithmetic."""
    return float(format(value, ".15g")) if isinstance(value, float) and math.isfinite(value) else value


def _written_out(cell: RawCell) -> str:
    """Return a stored number with all its digits, for an ID number is stored as 3.40524E+17."""
    return format(cell.value, ".0f") if isinstance(cell.value, float) and math.isfinite(cell.value) else str(cell.value)


def _percent(cell: RawCell, unit: str, text: str, column: str, remarks: Remarks, area: str) -> Reading | None:
    """Read a number in the light of its format; None with a finding where it may mean two things."""
    value = stored(cell.value)
    if unit == "permille" and isinstance(value, str):
        value = value.strip().removesuffix("‰")
    reading = read_value(value, number_format="0%" if multiplies(cell) else "General", percent=unit == "percent")
    if unit != "percent":
        return reading
    if "‰" in text:
        remarks.add("permille-in-percent", [cell.address], area=area, column=column, found=text)
        return None
    if reading.value is None:
        return reading
    # the sign a format adds is shown with a number only; a text shows as it is written
    signed = signed_by_format(cell) or (isinstance(cell.value, str) and re.search("[%％]", text) is not None)
    if not signed and 0 < reading.value <= 1:
        remarks.add("percent-ambiguous", [cell.address], area=area, column=column, found=text)
        return None
    if reading.value > HIGHEST_PERCENT:
        remarks.add("percent-huge", [cell.address], area=area, column=column, found=reading.raw)
        return None
    if signed and 0 < reading.value < 1:
        remarks.add("percent-small", [cell.address], area=area, column=column, found=reading.raw)
    return reading


def exact(reading: Reading | None) -> Fraction | None:
    """Return the value where it is the figure itself, else None."""
    if reading is None or reading.status not in (Status.REPORTED, Status.ZERO, Status.FULL):
        return None
    return reading.value


def total_of(readings: Iterable[Reading | None]) -> Fraction | None:
    """Return the sum of readings that are all exact; None when one is not."""
    values = [exact(reading) for reading in readings]
    return (
        None if any(value is None for value in values) else sum((value for value in values if value is not None), Fraction(0))
    )


def shown_decimals(cell: RawCell) -> int | None:
    """Return how many decimals a cell shows, by its format or its text; None where the stored number is shown as it is."""
    fmt = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", cell.number_format.split(";")[0])
    if not isinstance(cell.value, str) and re.search(r"[0#]", fmt):
        _, point, rest = fmt.partition(".")
        return len(re.match(r"[0#]*", rest)[0]) if point else 0  # type: ignore[index]
    text = text_of(cell)
    found = re.search(r"\.(\d+)", text)
    if not isinstance(cell.value, str) and found and len(found[1]) > 6:
        return None
    return len(found[1]) if found else 0


def percent_paths(path: Sequence[str]) -> bool:
    """True when the words over a column say that it holds percentages."""
    return bool(path) and ("%" in path[-1] or path[-1].endswith(("率", "比例", "占比")))
