"""Windows of days: what a text names, and what may be compared."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.facts import numbers_in
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
    preference,
    reported,
    since,
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
    ("2020年3月", "month_range:2020-03-01/2020-03-31"),
    ("2019年10月至2020年3月", "half_year:2019-10-01/2020-03-31"),
    ("2020统计半年", "half_year:2019-10-01/2020-03-31"),
    ("截至2020年9月30日", "as_of:2020-09-30"),
    ("截止2020-09-30", "as_of:2020-09-30"),
    ("截至2020年12月", "as_of:2020-12"),
    ("截至2020年12月底", "as_of:2020-12"),
    ("自2020年1月24日以来", "since:2020-01-24/2020-12-31"),
    ("2020年1月24日以来", "since:2020-01-24/2020-12-31"),
    ("2020年1月24日至今", "since:2020-01-24/2020-12-31"),
    ("自2020年1月24日起至今", "since:2020-01-24/2020-12-31"),
    ("自2020年1月24日起", "since:2020-01-24/2020-12-31"),
    ("2020年10月以来", "since:2020-10-01/2020-12-31"),
    ("自2020年1月24日至12月31日", "since:2020-01-24/2020-12-31"),
    ("自2020年1月24日至12月20日", "since:2020-01-24/2020-12-20"),
    ("自 2020 年 1 月 24 日起到 11 月", "since:2020-01-24/2020-11-30"),
    ("自2019年10月1日至2020年9月30日", "since:2019-10-01/2020-09-30"),
]
IN_A_REPORT_FOR_2020 = [
    ("1月24日以来", "since:2020-01-24/2020-12-31"),
    ("自1月24日以来", "since:2020-01-24/2020-12-31"),
    ("1月24日至今", "since:2020-01-24/2020-12-31"),
    ("自1月24日至12月20日", "since:2020-01-24/2020-12-20"),
    ("自2019年10月1日以来", "since:2019-10-01/2020-12-31"),
    ("自2019年1月24日至12月31日", "since:2019-01-24/2019-12-31"),
    ("2019年", "calendar_year:2019-01-01/2019-12-31"),
]


@pytest.mark.parametrize(("text", "code"), SPELT)
def test_spellings(text: str, code: str) -> None:
    assert parse_period(text).code == code


@pytest.mark.parametrize(("text", "code"), IN_A_REPORT_FOR_2020)
def test_the_year_of_the_report_completes_what_is_written_without_one(text: str, code: str) -> None:
    assert parse_period(text, year=2020).code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1月24日以来",
        "自2020年12月1日至11月30日",
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


def in_order(days: tuple[date, date]) -> tuple[date, date]:
    return min(days), max(days)


def days_of_one_year(days: tuple[date, date]) -> Period:
    """Return the days of one year between the two, such as 1 January to 20 November."""
    last = date(days[0].year, days[1].month, min(days[1].day, 28))
    return Period(PeriodKind.MONTH_RANGE, *in_order((days[0], last)))


any_day = st.dates(date(1990, 1, 1), date(2100, 12, 31))
counts = st.tuples(any_day, any_day).map(lambda days: since(*in_order(days)))
to_the_end_of_the_year = any_day.map(lambda day: since(day, date(day.year, 12, 31)))
periods = st.one_of(
    counts,
    st.tuples(any_day, st.dates(date(2000, 1, 1), date(2000, 12, 31))).map(days_of_one_year),
    to_the_end_of_the_year,
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
def test_a_label_reads_back_as_the_period_and_its_code(period: Period) -> None:
    """What a report prints can be written into a return."""
    read = parse_period(period.label())
    assert (read, read.code) == (period, period.code)


@given(periods, years, st.sampled_from(["zh", "en"]))
def test_no_digit_of_a_date_needs_a_source(period: Period, year: int, lang: str) -> None:
    assert numbers_in(f"{'In ' if lang == 'en' else ''}{period.label(lang, year=year)}，") == []


@given(counts, years)
def test_a_running_count_reads_back_whatever_the_report_year(period: Period, year: int) -> None:
    assert parse_period(period.label(year=year), year=year) == period


@given(periods)
def test_the_like_window_of_the_year_before_is_comparable(period: Period) -> None:
    before = period.previous()
    assert before.year == period.year - 1
    assert period.comparable(before)
    assert before.comparable(period)


@given(periods, periods)
def test_comparing_is_symmetric_and_never_of_a_window_and_a_day(one: Period, other: Period) -> None:
    assert one.comparable(other) == other.comparable(one)
    if PeriodKind.AS_OF in (one.kind, other.kind):
        assert one.kind is other.kind or not one.comparable(other)


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("2020年1-6月", "2020年上半年"),
        ("2020年1月1日至6月30日", "2020年上半年"),
        ("2020年7-12月", "2020年下半年"),
        ("2020年1-12月", "2020年"),
        ("2019年10月-2020年3月", "2020统计半年"),
    ],
)
def test_a_window_is_the_same_whatever_it_is_called(one: str, same: str) -> None:
    assert parse_period(one) == parse_period(same)
    assert parse_period(one).comparable(parse_period(same).previous())
    running = parse_period("自2020年1月1日至6月30日")
    assert running.comparable(parse_period("2019年1-6月"))
    assert not running.comparable(parse_period("2019年下半年"))


def test_the_second_half_of_a_year_is_read_and_said() -> None:
    found = parse_period("2020年下半年")
    assert (found.start, found.end) == (date(2020, 7, 1), date(2020, 12, 31))
    assert found.label() == "2020年下半年"
    assert found.partial


@pytest.mark.parametrize(
    ("windows", "part"),
    [
        (["2020年上半年", "2020统计半年", "截至2020年6月30日"], "2020年上半年"),
        (["2020年1-9月", "2020年1-6月"], "2020年1-9月"),
        (["2020年上半年", "2020年"], None),
        (["2020年上半年", "2020统计年度"], None),
        (["自2020年1月24日至12月31日"], None),
        (["截至2020年6月30日"], None),
    ],
)
def test_a_report_is_of_a_part_of_the_year_only_when_every_window_is(windows: list[str], part: str | None) -> None:
    assert reported(map(parse_period, windows)) == (None if part is None else parse_period(part))


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
        (since(date(2020, 1, 24), date(2020, 12, 31)), "自2020年1月24日以来", "since 24 January 2020"),
        (
            since(date(2020, 1, 24), date(2020, 12, 20)),
            "自2020年1月24日至12月20日",
            "from 24 January 2020 to 20 December 2020",
        ),
        (
            since(date(2019, 10, 1), date(2020, 9, 30)),
            "自2019年10月1日至2020年9月30日",
            "from 1 October 2019 to 30 September 2020",
        ),
    ],
)
def test_labels(period: Period, zh: str, en: str) -> None:
    assert (period.label(), period.label("en")) == (zh, en)


def test_an_ended_count_is_not_told_as_one_that_runs_on() -> None:
    before = since(date(2020, 1, 24), date(2020, 12, 31)).previous()
    assert before == since(date(2019, 1, 24), date(2019, 12, 31))
    assert before.label(year=2020) == "自2019年1月24日至12月31日"
    assert before.label("en", year=2020) == "from 24 January 2019 to 31 December 2019"
    assert since(date(2019, 10, 1), date(2020, 12, 31)).label(year=2020) == "自2019年10月1日以来"


def test_a_running_count_compares_with_the_same_window_only() -> None:
    count = since(date(2020, 1, 24), date(2020, 12, 31))
    assert count.comparable(since(date(2019, 1, 24), date(2019, 12, 31)))
    assert not count.comparable(since(date(2019, 1, 23), date(2019, 12, 31)))
    assert not count.comparable(since(date(2019, 1, 24), date(2019, 12, 30)))
    assert not count.comparable(calendar_year(2019))


def test_the_end_of_february_compares_both_ways() -> None:
    leap, plain = as_of(date(2020, 2, 28)), as_of(date(2019, 2, 28))
    assert leap.comparable(plain)
    assert plain.comparable(leap)


def test_the_window_of_choice() -> None:
    """Like before own, own before long, long before late."""
    given = [
        as_of(date(2020, 9, 30)),
        month_range(2020, 1, 10),
        month_range(2020, 2, 11),
        calendar_year(2020),
        statistical_year(2020),
        as_of(date(2020, 12, 31)),
    ]

    def order(kind: PeriodKind, like: Period | None = None) -> list[int]:
        return [given.index(one) for one in sorted(given, key=lambda one: preference(one, kind=kind, like=like))]

    assert order(PeriodKind.CALENDAR_YEAR) == [3, 4, 1, 2, 5, 0]
    assert order(PeriodKind.STATISTICAL_YEAR)[0] == 4
    assert order(PeriodKind.AS_OF)[:3] == [5, 0, 3]
    assert order(PeriodKind.CALENDAR_YEAR, like=month_range(2021, 1, 10))[:2] == [1, 3]


def test_window_in_words() -> None:
    assert statistical_year(2020).window() == "2019年10月1日至2020年9月30日"
    assert statistical_year(2020).window("en") == "1 October 2019 to 30 September 2020"
