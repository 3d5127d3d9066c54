"""Which window of time a line of a sheet names: 2020年三季度, 2020年1-9月, 截至2020年9月30日, 2019年10月1日至2020年9月30日."""

from __future__ import annotations

import re
from datetime import date

from nianbao.periods import (
    Period,
    PeriodKind,
    as_of,
    as_of_month,
    calendar_year,
    half_year,
    month_end,
    month_range,
    statistical_year,
    usual,
)
from nianbao.values import unspaced

_TO = r"(?:-|—|–|~|～|至|到)"
_RANGE = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日?{_TO}(?:(\d{{4}})年)?(\d{{1,2}})月(\d{{1,2}})日?")
_MONTHS = re.compile(rf"(\d{{4}})年(\d{{1,2}})月?(?:份)?{_TO}(\d{{1,2}})月")
_MONTHS_APART = re.compile(rf"(\d{{4}})年(\d{{1,2}})月(?:份)?{_TO}(\d{{4}})年(\d{{1,2}})月(?!\d)")
_QUARTERS = re.compile(rf"(\d{{4}})年(?:度)?(?:前|第?[一1](?:季度)?{_TO}第?)([二三四2-4])个?季度")
_FIRST_MONTHS = re.compile(r"(\d{4})年(?:度)?前(\d{1,2}|十[一二]?|[一二三四五六七八九])个月")
_BARE_MONTHS = re.compile(rf"(?<!\d)(\d{{1,2}})月?(?:份)?{_TO}(\d{{1,2}})月")
_RUNNING = re.compile(r"截至|截止|累计")
_PART_OF_YEAR = re.compile(r"[\d一二三四五六七八九十]个?月|季度|半年|旬")
_NUMERALS = {name: place for place, name in enumerate("一二三四五六七八九十", start=1)} | {"十一": 11, "十二": 12}
_QUARTER = re.compile(r"(\d{4})年(?:度)?第?([一二三四1-4])季度?")
_HALF = re.compile(r"(\d{4})年(?:度)?(上|下)半年")
_DAY = re.compile(r"(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|-|/|\.)(\d{1,2})日?")
_MONTH = re.compile(r"(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|$)")
_STATISTICAL = re.compile(r"(\d{4})年?统计年度")
_YEAR = re.compile(r"(\d{4})(?:年|年度)")
_MASKED = re.compile(r"(?<!\d)(?:20|19)(?:[\d]?[xX×_*＊]+\d?)年")
QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


def masked(text: str) -> bool:
    """True when a line names a year whose digits are illegible (202_年, 20xx年)."""
    return bool(_MASKED.search(unspaced(text)))


def window_in(text: str, *, kind: PeriodKind, cumulative: bool) -> Period | None:
    """Return the window a line names, None where it names none or an impossible one.

    ``kind`` is what a bare year means; with ``cumulative`` a month, quarter or day ends a running count from the year's first day
    (1 October of the year before where ``kind`` is the statistical year).
    """
    try:
        return _window(unspaced(text), kind, cumulative)
    except ValueError:
        return None


def _window(clean: str, kind: PeriodKind, cumulative: bool) -> Period | None:
    if found := _RANGE.search(clean):
        year, month, day = (int(found[index]) for index in (1, 2, 3))
        return span(date(year, month, day), date(int(found[4] or year), int(found[5]), int(found[6])))
    if found := _MONTHS.search(clean):
        year, first, last = (int(part) for part in found.groups())
        return span(date(year, first, 1), month_end(year, last))
    if found := _MONTHS_APART.search(clean):
        return span(date(int(found[1]), int(found[2]), 1), month_end(int(found[3]), int(found[4])))
    if found := _QUARTERS.search(clean):
        return month_range(int(found[1]), 1, QUARTERS[found[2]] * 3)
    if found := _FIRST_MONTHS.search(clean):
        last = _NUMERALS.get(found[2]) or int(found[2])
        return span(date(int(found[1]), 1, 1), month_end(int(found[1]), last))
    cumulative = cumulative or _RUNNING.search(clean) is not None
    if found := _QUARTER.search(clean):
        year, last = int(found[1]), QUARTERS[found[2]] * 3
        return running(month_end(year, last), kind) if cumulative else month_range(year, last - 2, last)
    if found := _HALF.search(clean):
        year = int(found[1])
        return (
            half_year(year, statistical=kind is PeriodKind.STATISTICAL_YEAR) if found[2] == "上" else month_range(year, 7, 12)
        )
    if found := _DAY.search(clean):
        day_found = date(*(int(part) for part in found.groups()))
        if kind is PeriodKind.AS_OF:
            return as_of(day_found)
        return running(day_found, kind) if cumulative else None
    if found := _MONTH.search(clean):
        year, month = int(found[1]), int(found[2])
        if kind is PeriodKind.AS_OF:
            return as_of_month(year, month)
        return running(month_end(year, month), kind) if cumulative else month_range(year, month, month)
    if found := _STATISTICAL.search(clean):
        return statistical_year(int(found[1]))
    if found := _YEAR.search(clean):
        if len(set(_YEAR.findall(clean))) > 1 or re.search(rf"\d{{4}}年?{_TO}\d{{4}}年", clean):
            return None  # two years, and nothing says which one the figures are of
        if months := _BARE_MONTHS.search(clean):
            return span(date(int(found[1]), int(months[1]), 1), month_end(int(found[1]), int(months[2])))
        if _PART_OF_YEAR.search(clean):
            return None  # a part of the year in words not known here: never the whole
        return usual(kind, int(found[1]))
    return None


def span(start: date, end: date) -> Period | None:
    """Return the window between two days, as a whole year where it is one; None when it ends before it starts."""
    if end < start:
        return None
    for whole in (statistical_year(end.year), calendar_year(end.year)):
        if (whole.start, whole.end) == (start, end):
            return whole
    half = half_year(end.year, statistical=True)
    return half if (half.start, half.end) == (start, end) else Period(PeriodKind.MONTH_RANGE, start, end)


def running(end: date, kind: PeriodKind) -> Period | None:
    """Return the running count that ends on a day: from 1 January, or from 1 October of the statistical year."""
    if kind is PeriodKind.STATISTICAL_YEAR:
        return span(date(end.year - (end.month < 10), 10, 1), end)
    return span(date(end.year, 1, 1), end)
