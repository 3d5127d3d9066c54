"""Windows of days: what a text names, and what may be compared."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.periods import (
    Period,
    PeriodError,
    PeriodKind,
    as_of,
    as_of_month,
    calendar_year,
    half_year,
    month_range,
    parse_period,
    statistical_year,
    usual,
)

SPELT = [
    ("2020统计年度", "statistical_year:2019-10-01/2020-09-30"),
    ("2020年统计年度", "statistical_year:2019-10-01/2020-09-30"),
    ("２０２０统计年度", "statistical_year:2019-10-01/2020-09-30"),
    ("2020", "calendar_year:2020-01-01/2020-12-31"),
    ("2020年", "calendar_year:2020-01-01/2020-12-31"),
    ("2020年度", "calendar_year:2020-01-01/2020-12-31"),
    ("2020年1-11月", "month_range:2020-01-01/2020-11-30"),
    ("2020年1—11月", "month_range:2020-01-01/2020-11-30"),
    ("2020年1～2月", "month_range:2020-01-01/2020-02-29"),
    ("2020年 1 至 11 月", "month_range:2020-01-01/2020-11-30"),
    ("2020年上半年", "half_year:2020-01-01/2020-06-30"),
    ("2020统计半年", "half_year:2019-10-01/2020-03-31"),
    ("截至2020年9月30日", "as_of:2020-09-30"),
    ("截止2020-09-30", "as_of:2020-09-30"),
    ("截至2020年12月", "as_of:2020-12"),
    ("截至2020年12月底", "as_of:2020-12"),
]


@pytest.mark.parametrize(("text", "code"), SPELT)
def test_spellings(text: str, code: str) -> None:
    assert parse_period(text).code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "去年",
        "20年",
        "2020年13月",
        "截至2020年2月30日",
        "2020年11-1月",
        "2020年0-3月",
        "0000统计年度",
        "fiscal:2020-01-01/2020-12-31",
    ],
)
def test_what_names_no_period_is_refused_with_the_spellings(text: str) -> None:
    with pytest.raises(PeriodError, match="2020统计年度"):
        parse_period(text)


def test_an_impossible_date_is_called_so() -> None:
    with pytest.raises(PeriodError, match="impossible date"):
        parse_period("截至2020年2月30日")


def test_a_code_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(PeriodError):
        parse_period("month_range:2020-11-30/2020-01-01")


years = st.integers(min_value=1990, max_value=2100)
periods = st.one_of(
    years.map(statistical_year),
    years.map(calendar_year),
    st.builds(half_year, years, statistical=st.booleans()),
    st.builds(
        lambda year, months: month_range(year, *sorted(months)), years, st.tuples(st.integers(1, 12), st.integers(1, 12))
    ),
    st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(as_of),
    st.builds(as_of_month, years, st.integers(1, 12)),
)


@given(periods)
def test_a_code_reads_back(period: Period) -> None:
    assert parse_period(period.code) == period


@given(periods)
def test_the_like_window_of_the_year_before_is_comparable(period: Period) -> None:
    before = period.previous()
    assert before.year == period.year - 1
    assert period.comparable(before)
    assert before.comparable(period)


@given(periods, periods)
def test_comparing_is_symmetric_and_never_across_kinds(one: Period, other: Period) -> None:
    assert one.comparable(other) == other.comparable(one)
    assert one.kind is other.kind or not one.comparable(other)


def test_unlike_windows_are_not_comparable() -> None:
    assert not statistical_year(2020).comparable(calendar_year(2019))
    assert not month_range(2020, 1, 11).comparable(month_range(2019, 1, 10))
    assert not as_of(date(2020, 9, 30)).comparable(as_of(date(2019, 12, 31)))
    assert month_range(2020, 1, 2).comparable(month_range(2019, 1, 2))  # 29 and 28 February end the same month


def test_a_statistical_year_belongs_to_the_year_it_ends_in() -> None:
    assert statistical_year(2020).year == 2020
    assert statistical_year(2020).start == date(2019, 10, 1)


@pytest.mark.parametrize("kind", PeriodKind)
def test_the_usual_period_of_a_kind_is_of_that_kind_and_year(kind: PeriodKind) -> None:
    period = usual(kind, 2020)
    assert (period.kind, period.year) == (kind, 2020)
    assert parse_period(period.label()) == period  # a template writes the label, and intake must read it back


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        (statistical_year(2020), "2020统计年度", "statistical year 2020"),
        (calendar_year(2020), "2020年", "2020"),
        (half_year(2020), "2020年上半年", "January 2020 to June 2020"),
        (half_year(2020, statistical=True), "2019年10月至2020年3月", "October 2019 to March 2020"),
        (month_range(2020, 1, 11), "2020年1—11月", "January to November 2020"),
        (as_of(date(2020, 9, 30)), "截至2020年9月30日", "as of 30 September 2020"),
        (as_of_month(2020, 9), "截至2020年9月底", "as of the end of September 2020"),
    ],
)
def test_labels(period: Period, zh: str, en: str) -> None:
    assert (period.label(), period.label("en")) == (zh, en)


def test_window_in_words() -> None:
    assert statistical_year(2020).window() == "2019年10月1日至2020年9月30日"
    assert statistical_year(2020).window("en") == "1 October 2019 to 30 September 2020"
