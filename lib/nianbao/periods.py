"""Periods: the clocks of a report (statistical and calendar year, month range, half year, running count since a day, as-of date),
what may be compared, and which of several windows of one figure is used.

A statistical year N of Chinese population statistics runs from 1 October N-1 to 30 September N.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from nianbao.values import unspaced


class PeriodKind(StrEnum):
    """How a figure relates to time."""

    STATISTICAL_YEAR = "statistical_year"
    CALENDAR_YEAR = "calendar_year"
    MONTH_RANGE = "month_range"
    HALF_YEAR = "half_year"
    SINCE = "since"
    """A running count from a start day (1月24日以来) up to the last day known, by default the last of the report year."""
    AS_OF = "as_of"


class PeriodError(ValueError):
    """A text that names no period; the message says which spellings are understood."""


SPELLINGS = (
    "2020统计年度, 2020年, 2020年1-11月, 2020年1月1日至11月20日, 2020年上半年, 2020年下半年, 2020统计半年, 1月24日以来, "
    "自2020年1月24日至12月20日, "
    "截至2020年9月30日, 截至2020年12月"
)
"""The spellings a return may use, for error messages."""


@dataclass(frozen=True, order=True)
class Period:
    """A window of days, both ends included; an as-of period whose day is unknown spans its month."""

    kind: PeriodKind
    start: date
    end: date

    @property
    def year(self) -> int:
        """The reporting year the period belongs to: the year of its last day."""
        return self.end.year

    @property
    def code(self) -> str:
        """Machine form, e.g. ``statistical_year:2019-10-01/2020-09-30``, ``as_of:2020-12`` when only the month is known."""
        if self.kind is PeriodKind.AS_OF:
            moment = f"{self.end:%Y-%m-%d}" if self.start == self.end else f"{self.end:%Y-%m}"
            return f"as_of:{moment}"
        return f"{self.kind.value}:{self.start:%Y-%m-%d}/{self.end:%Y-%m-%d}"

    def shifted(self, years: int) -> Period:
        """Return the like window ``years`` later, or earlier when negative."""
        return Period(self.kind, _shift_year(self.start, years), _shift_year(self.end, years))

    def previous(self) -> Period:
        """Return the same window one year earlier (同期)."""
        return self.shifted(-1)

    @property
    def ends_inside_a_month(self) -> bool:
        """True when the last day is not the last of its month."""
        return self.end != month_end(self.end.year, self.end.month)

    @property
    def partial(self) -> bool:
        """True for a window of less than a year: its change is one on the same period of the year before (比上年同期)."""
        return self.kind is not PeriodKind.AS_OF and self.shifted(1).start > self.end + timedelta(days=1)

    def comparable(self, other: Period) -> bool:
        """True when both span the same days of their years, whatever they are called; unlike windows are never compared.

        January to June is the first half, and a running count since 1 January to its last day is a range of months; a state on a day
        compares with states only.
        """
        if (self.kind is PeriodKind.AS_OF) is not (other.kind is PeriodKind.AS_OF):
            return False
        years = other.year - self.year
        # tried both ways, for 28 February is not every year the end of its month
        one, two = (self.start, self.end), (other.start, other.end)
        there, back = self.shifted(years), other.shifted(-years)
        return (there.start, there.end) == two or (back.start, back.end) == one

    def label(self, lang: str = "zh", *, year: int | None = None) -> str:
        """Return the short name a sentence opens with, e.g. ``2020统计年度`` or ``截至2020年9月30日``.

        ``year`` is the report's: a running count that ends with it reads 自2020年1月24日以来, any other names its last day, for
        "since" would not tell a reader that it ended.  Without ``year`` that of the start day stands for it.
        """
        if self.kind is PeriodKind.SINCE and self.end == date(self.start.year if year is None else year, 12, 31):
            return f"自{_day_zh(self.start)}以来" if lang == "zh" else f"since {self.start.day} {self.start:%B %Y}"
        if lang == "zh":
            return self._label_zh()
        match self.kind:
            case PeriodKind.STATISTICAL_YEAR:
                return f"statistical year {self.year}"
            case PeriodKind.CALENDAR_YEAR:
                return f"{self.year}"
            case PeriodKind.HALF_YEAR:
                return f"{self.start:%B %Y} to {self.end:%B %Y}"
            case PeriodKind.MONTH_RANGE:
                if self.start.day != 1 or self.end != month_end(self.year, self.end.month):
                    return self.window("en")
                if self.start.month == self.end.month:
                    return f"{self.end:%B} {self.year}"
                return f"{self.start:%B} to {self.end:%B} {self.year}"
            case PeriodKind.SINCE:
                return f"from {self.window('en')}"
            case PeriodKind.AS_OF:
                day = f"{self.end.day} " if self.start == self.end else "the end of "
                return f"as of {day}{self.end:%B %Y}"

    def _label_zh(self) -> str:
        match self.kind:
            case PeriodKind.STATISTICAL_YEAR:
                return f"{self.year}统计年度"
            case PeriodKind.CALENDAR_YEAR:
                return f"{self.year}年"
            case PeriodKind.HALF_YEAR:
                if self.start.month in (1, 7):
                    return f"{self.year}年{'上' if self.start.month == 1 else '下'}半年"
                return f"{self.start.year}年{self.start.month}月至{self.end.year}年{self.end.month}月"
            case PeriodKind.MONTH_RANGE:
                if self.start.day != 1 or self.end != month_end(self.year, self.end.month):
                    return f"{self.year}年{self.start.month}月{self.start.day}日至{self.end.month}月{self.end.day}日"
                if self.start.month == self.end.month:
                    return f"{self.year}年{self.end.month}月"
                return f"{self.year}年{self.start.month}—{self.end.month}月"
            case PeriodKind.SINCE:
                last = _day_zh(self.end)
                return f"自{_day_zh(self.start)}至{last.removeprefix(f'{self.start.year}年')}"
            case PeriodKind.AS_OF:
                day = f"{self.end.day}日" if self.start == self.end else "底"
                return f"截至{self.end.year}年{self.end.month}月{day}"

    def window(self, lang: str = "zh") -> str:
        """Return the first and last day in words, e.g. ``2019年10月1日至2020年9月30日``."""
        if lang == "zh":
            return f"{_day_zh(self.start)}至{_day_zh(self.end)}"
        first, last = (f"{day.day} {day:%B %Y}" for day in (self.start, self.end))
        return f"{first} to {last}"


def statistical_year(year: int) -> Period:
    """Return 1 October of the year before to 30 September of ``year``."""
    return Period(PeriodKind.STATISTICAL_YEAR, date(year - 1, 10, 1), date(year, 9, 30))


def calendar_year(year: int) -> Period:
    """Return 1 January to 31 December of ``year``."""
    return Period(PeriodKind.CALENDAR_YEAR, date(year, 1, 1), date(year, 12, 31))


def half_year(year: int, *, statistical: bool = False) -> Period:
    """Return January to June, or with ``statistical`` the October to March half of the population statistics.

    The second half of a year is what :func:`parse_period` reads from 下半年: July to December.
    """
    if statistical:
        return Period(PeriodKind.HALF_YEAR, date(year - 1, 10, 1), date(year, 3, 31))
    return Period(PeriodKind.HALF_YEAR, date(year, 1, 1), date(year, 6, 30))


def _second_half(year: int) -> Period:
    return Period(PeriodKind.HALF_YEAR, date(year, 7, 1), date(year, 12, 31))


def month_range(year: int, first: int, last: int) -> Period:
    """Return the months ``first`` to ``last`` of ``year``, both included; a half-year or the whole year by its own name."""
    return _named(Period(PeriodKind.MONTH_RANGE, date(year, first, 1), month_end(year, last)))


def since(start: date, end: date) -> Period:
    """Return the running count from ``start`` up to ``end``, both days included."""
    return Period(PeriodKind.SINCE, start, end)


def as_of(moment: date) -> Period:
    """Return the state on one day."""
    return Period(PeriodKind.AS_OF, moment, moment)


def as_of_month(year: int, month: int) -> Period:
    """Return the state in a month whose day is not known."""
    return Period(PeriodKind.AS_OF, date(year, month, 1), month_end(year, month))


@lru_cache(maxsize=256)
def usual(kind: PeriodKind, year: int) -> Period:
    """Return the period of ``kind`` that a year-end report for ``year`` means unless the return says otherwise."""
    match kind:
        case PeriodKind.STATISTICAL_YEAR:
            return statistical_year(year)
        case PeriodKind.CALENDAR_YEAR:
            return calendar_year(year)
        case PeriodKind.HALF_YEAR:
            return half_year(year)
        case PeriodKind.MONTH_RANGE:
            return month_range(year, 1, 11)
        case PeriodKind.SINCE:
            return since(date(year, 1, 1), date(year, 12, 31))
        case PeriodKind.AS_OF:
            return as_of(date(year, 12, 31))


def reported(windows: Iterable[Period]) -> Period | None:
    """Return the part of a year that a report covers, given the windows its counts and amounts run on; None for a whole year.

    A report is one of a part of the year only when every window is: then it is of the one that ends last, of several the longest
    (births of October to March beside lectures of January to June make a report on the first half).  States on a day say nothing, and
    a running count up to the last of December is one of the year.
    """
    running = {window for window in windows if window.kind is not PeriodKind.AS_OF}
    if not running or any(
        not window.partial or (window.kind is PeriodKind.SINCE and (window.end.month, window.end.day) == (12, 31))
        for window in running
    ):
        return None
    return max(running, key=lambda window: (window.end, -window.start.toordinal()))


def preference(period: Period, *, kind: PeriodKind, like: Period | None = None) -> tuple[bool, bool, int, int]:
    """Return the key that sorts the windows of one figure, the one to use first.

    First the like window of ``like`` (what is compared with), then the entry's own ``kind``, then the longest window, then the latest
    end.  States on a day have no length: of them the latest comes first.
    """
    days = 0 if period.kind is PeriodKind.AS_OF else (period.end - period.start).days
    unlike = like is not None and not period.comparable(like)
    return unlike, period.kind is not kind, -days, -period.end.toordinal()


_TO = r"[—\-~～至]"
"""Between two ends of a range, in the one width texts are compared in."""
_FULL_DATE = re.compile(r"^(?:截[至止]|as_of:)(\d{4})[年\-/.](\d{1,2})[月\-/.](\d{1,2})日?$")
_FULL_MONTH = re.compile(r"^(?:截[至止]|as_of:)(\d{4})[年\-/.](\d{1,2})月?底?$")
_STATISTICAL = re.compile(r"^(\d{4})年?统计年度$")
_CALENDAR = re.compile(r"^(\d{4})(?:年|年度|自然年|自然年度)?$")
_MONTHS = re.compile(rf"^(\d{{4}})年(\d{{1,2}})(?:{_TO}(\d{{1,2}}))?月$")
_TO_DATE = re.compile(rf"^(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日{_TO}(\d{{1,2}})月(\d{{1,2}})日$")
_STATISTICAL_HALF = re.compile(rf"^(\d{{4}})年10月{_TO}(\d{{4}})年3月$")
_HALF = re.compile(r"^(\d{4})年?(上半年度?|下半年度?|统计半年|统计半年度)$")
_DAY = r"(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日)?"
_SINCE = re.compile(rf"^自?{_DAY}(?:起?以来|起?至今|起)$")
_SINCE_TO = re.compile(rf"^自{_DAY}起?(?:[—\-~～至到]|截至){_DAY}$")
_CODE = re.compile(r"^([a-z_]+):(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})$")


@lru_cache(maxsize=1024)
def parse_period(text: str, *, year: int | None = None) -> Period:
    """Return the period a text names, in the spellings of :data:`SPELLINGS` or as a period code.

    ``year`` is the report's: it completes a start or last day written without a year, and a running count that names no last day
    ends with it.  Without ``year`` the start day must name its own, and the count ends with that.

    Raises:
        PeriodError: the text names no period, or an impossible date.
    """
    clean = unspaced(text)
    try:
        if found := _FULL_DATE.match(clean):
            return as_of(date(*(int(part) for part in found.groups())))
        if found := _FULL_MONTH.match(clean):
            return as_of_month(*(int(part) for part in found.groups()))
        if found := _STATISTICAL.match(clean):
            return statistical_year(int(found[1]))
        if found := _CALENDAR.match(clean):
            return calendar_year(int(found[1]))
        if found := _MONTHS.match(clean):
            first, last = int(found[2]), int(found[3] or found[2])
            if first <= last:
                return month_range(int(found[1]), first, last)
        if found := _TO_DATE.match(clean):
            whole, *days = (int(part) for part in found.groups())
            period = Period(PeriodKind.MONTH_RANGE, date(whole, days[0], days[1]), date(whole, days[2], days[3]))
            if period.start <= period.end:
                return _named(period)
        if (found := _STATISTICAL_HALF.match(clean)) and int(found[2]) == int(found[1]) + 1:
            return half_year(int(found[2]), statistical=True)
        if found := _HALF.match(clean):
            whole = int(found[1])
            return _second_half(whole) if found[2].startswith("下") else half_year(whole, statistical="统计" in found[2])
        if found := _SINCE.match(clean) or _SINCE_TO.match(clean):
            running = _running([None if part is None else int(part) for part in found.groups()], year)
            if running is not None and running.start <= running.end:
                return running
        if (found := _CODE.match(clean)) and found[1] in set(PeriodKind):
            period = Period(PeriodKind(found[1]), date.fromisoformat(found[2]), date.fromisoformat(found[3]))
            if period.start <= period.end:
                return period
    except ValueError as error:
        raise PeriodError(f"{text!r} holds an impossible date ({error}); write for example {SPELLINGS}") from error
    raise PeriodError(f"{text!r} names no period; write for example {SPELLINGS}")


def _named(period: Period) -> Period:
    """Return a range of months by the name of its window where it has one: January to June is the first half of the year."""
    known = (calendar_year(period.year), half_year(period.year), _second_half(period.year))
    return next((one for one in known if (one.start, one.end) == (period.start, period.end)), period)


def _running(parts: list[int | None], year: int | None) -> Period | None:
    """Return the running count of a start day, and of a last day where ``parts`` holds six numbers; None where no year is known."""
    first_year, month, day, *last = parts
    first_year = first_year if first_year is not None else year
    if first_year is None or month is None:
        return None
    start = date(first_year, month, day or 1)
    if not last:
        return since(start, date(max(first_year, year or first_year), 12, 31))
    last_year, last_month, last_day = last
    last_year = last_year if last_year is not None else first_year
    if last_month is None:
        return None
    return since(start, date(last_year, last_month, last_day) if last_day else month_end(last_year, last_month))


def _day_zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def month_end(year: int, month: int) -> date:
    """Return the last day of a month.

    Raises:
        ValueError: there is no such month.
    """
    return date(year, month, calendar.monthrange(year, month)[1])


def _shift_year(day: date, years: int) -> date:
    target = day.year + years
    month_end = day.day == calendar.monthrange(day.year, day.month)[1]
    last = calendar.monthrange(target, day.month)[1]
    return date(target, day.month, last if month_end else min(day.day, last))
