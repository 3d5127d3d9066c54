"""What a cell says: the number grammar as one table, exact text, and the printed form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.stats import round_half_even, round_half_up, truncate
from nianbao.values import BLANK, EXACT, INEXACT, PROBLEM_ZH, Status, display, exact_text, parse_exact, read_value

# what a clerk typed | value | status
GRAMMAR = """
151                 | 151        | reported
0                   | 0          | reported
-15                 | -15        | reported
−15                 | -15        | reported
+3                  | 3          | reported
１５１              | 151        | reported
 1 506              | 1506       | reported
1,506               | 1506       | reported
1，506              | 1506       | reported
1,535,536           | 1535536    | reported
96.73               | 96.73      | reported
3.5万               | 35000      | reported
2亿                 | 200000000  | reported
12千                | 12000      | reported
3百万               | 3000000    | reported
151人               | 151        | reported
2千余               | 2000       | floor
70余                | 70         | floor
70余篇              | 70         | floor
70多                | 70         | floor
70以上              | 70         | floor
300人以上           | 300        | floor
突破100             | 100        | floor
超过100             | 100        | floor
≥100                | 100        | floor
>=100               | 100        | floor
＞100               | 100        | floor
近100               | 100        | ceiling
近百                | 100        | ceiling
不足100             | 100        | ceiling
<100                | 100        | ceiling
≤100                | 100        | ceiling
20以内              | 20         | ceiling
约300               | 300        | approximate
大约300             | 300        | approximate
300左右             | 300        | approximate
70篇左右            | 70         | approximate
预计300             | 300        | estimated
十                  | 10         | reported
十二                | 12         | reported
二十五              | 25         | reported
一百二十            | 120        | reported
一百零二            | 102        | reported
两千                | 2000       | reported
三万五千            | 35000      | reported
一亿零五            | 100000005  | reported
十余                | 10         | floor
百余人              | 100        | floor
                    | —          | missing
—                   | —          | missing
－                  | —          | missing
未报                | —          | missing
/                   | —          | not_applicable
／                  | —          | not_applicable
不适用              | —          | not_applicable
未发现              | 0          | zero
零                  | 0          | zero
202_                | —          | masked
2 02_               | —          | masked
xx36                | —          | masked
1×                  | —          | masked
3?                  | —          | masked
？6                 | —          | masked
**5                 | —          | masked
"""
ROWS = [
    tuple(part.strip() if place else part for place, part in enumerate(line.split("|")))
    for line in GRAMMAR.strip("\n").split("\n")
]

# typed | the problem it must raise; never a value
REFUSED = """
无                  | none counted, or not counted? write 0 or leave the cell empty
没有                | none counted, or not counted? write 0 or leave the cell empty
全部                | 'all' is a rate of 100%, not a count; write the number
全覆盖              | 'all' is a rate of 100%, not a count; write the number
92%                 | a percent sign, but the unit is not a percentage
③                   | a circled digit is a list mark or a number; write the number plainly
12²                 | a raised, lowered or dotted digit is a mark or part of the number; write the number plainly
12₁                 | a raised, lowered or dotted digit is a mark or part of the number; write the number plainly
㉑                   | a raised, lowered or dotted digit is a mark or part of the number; write the number plainly
⒈5                  | a raised, lowered or dotted digit is a mark or part of the number; write the number plainly
½                   | a raised, lowered or dotted digit is a mark or part of the number; write the number plainly
一                   | a single 一 is the number one or a dash; write 1, or leave the cell empty
较多                | text stands where a number belongs
1,5                 | text stands where a number belongs
12,34               | text stands where a number belongs
3-5                 | text stands where a number belongs
3～5                | text stands where a number belongs
12/40               | text stands where a number belongs
1.2.3               | text stands where a number belongs
1e5                 | text stands where a number belongs
12（含外地5人）     | text stands where a number belongs
一百二              | text stands where a number belongs
三万五              | text stands where a number belongs
一二三              | text stands where a number belongs
十十                | text stands where a number belongs
十百                | text stands where a number belongs
万                  | text stands where a number belongs
"""


@pytest.mark.parametrize(("typed", "value", "status"), ROWS, ids=[row[0].strip() or "blank" for row in ROWS])
def test_grammar(typed: str, value: str, status: str) -> None:
    found = read_value(typed.rstrip() if typed.strip() else "")
    assert (found.problem, found.status.value) == ("", status)
    assert found.value == (None if value == "—" else Fraction(value))
    assert found.raw == (typed.rstrip() if typed.strip() else "")


@pytest.mark.parametrize("line", REFUSED.strip("\n").split("\n"))
def test_what_is_no_number_is_refused_with_its_reason(line: str) -> None:
    typed, problem = (part.strip() for part in line.split("|"))
    found = read_value(typed)
    assert (found.value, found.problem) == (None, problem)
    assert found.status is Status.MISSING


def test_every_problem_has_chinese_words() -> None:
    cells: list[object] = [True, date(2020, 1, 1), 0.5]
    problems = {read_value(cell, number_format="0%").problem for cell in cells}
    problems |= {read_value(line.split("|")[0]).problem for line in REFUSED.strip("\n").split("\n")}
    assert problems == set(PROBLEM_ZH)


@pytest.mark.parametrize("problem", PROBLEM_ZH)
def test_problem_wording_differs_from_the_others(problem: str) -> None:
    assert list(PROBLEM_ZH.values()).count(PROBLEM_ZH[problem]) == 1


# cell content, number format, unit is per cent | value
@pytest.mark.parametrize(
    ("raw", "number_format", "percent", "value"),
    [
        (0.9228, "0.00%", True, "92.28"),
        (1, "0%", True, "100"),
        (92.28, "General", True, "92.28"),
        ("92.28%", "General", True, "92.28"),
        ("92.28", "General", True, "92.28"),
        ("99%以上", "General", True, "99"),
        ("近90%", "General", True, "90"),
        ("全部", "General", True, "100"),
        (0.1, "General", False, "1/10"),
        (1506.0, "General", False, "1506"),
    ],
)
def test_percent_formats(raw: object, number_format: str, percent: bool, value: str) -> None:
    found = read_value(raw, number_format=number_format, percent=percent)
    assert (found.problem, found.value) == ("", Fraction(value))


def test_a_percentage_cell_where_a_count_belongs_is_refused() -> None:
    found = read_value(0.5, number_format="0.00%")
    assert found.value is None
    assert "formatted as a percentage" in found.problem


def test_a_float_cell_shows_as_typed_and_reads_exactly() -> None:
    found = read_value(1506.0)
    assert (found.raw, found.value) == ("1506", 1506)
    assert read_value(0.1).value == Fraction(1, 10)  # not the binary neighbour of 0.1
    assert read_value(Decimal("94.125")).value == Fraction(753, 8)


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity")])
def test_no_number_of_a_spreadsheet_that_is_no_figure_passes(raw: object) -> None:
    found = read_value(raw)
    assert found.value is None
    assert found.problem in PROBLEM_ZH


def test_a_zero_in_words_differs_from_an_empty_cell() -> None:
    assert read_value("未发现").value == 0
    assert read_value("").value is None
    assert read_value(None).status is Status.MISSING


def test_the_statuses_fall_into_exact_bounding_and_blank() -> None:
    assert sorted([*EXACT, *INEXACT, *BLANK]) == sorted(Status)


@given(st.text(max_size=30))
def test_any_text_gives_a_reading_and_never_an_error(text: str) -> None:
    for percent in (True, False):
        found = read_value(text, percent=percent)
        assert (found.value is None) == (found.status in BLANK)
        assert not found.problem or found.value is None
        assert not found.problem or found.problem in PROBLEM_ZH


@given(st.text(alphabet="0123456789一二三十百千万亿余多近约%‰,.-+_xX/无全部 ", max_size=12))
def test_texts_of_number_characters_give_a_reading_and_never_an_error(text: str) -> None:
    found = read_value(text, percent=True)
    assert (found.value is None) == (found.status in BLANK)


@given(st.integers(min_value=0, max_value=10**12))
def test_a_whole_number_reads_back_in_every_way_it_may_be_typed(number: int) -> None:
    full_width = "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))
    for typed in (number, float(number), str(number), f"{number:,}", full_width, f" {number} "):
        assert read_value(typed).value == number


def chinese(number: int) -> str:
    """Return a number below 100 million in written Chinese, digit by digit with its step."""
    digits, steps = "零一二三四五六七八九", ("", "十", "百", "千")
    if number >= 10_000:
        low = number % 10_000
        gap = "零" if 0 < low < 1000 else ""
        return f"{chinese(number // 10_000)}万{gap}{chinese(low) if low else ''}"
    written, text = str(number), ""
    for place, digit in enumerate(written):
        step = len(written) - place - 1
        if digit != "0":
            text += digits[int(digit)] + steps[step]
        elif not text.endswith("零") and number % 10 ** (step + 1):
            text += "零"
    return text or "零"


@given(st.integers(min_value=2, max_value=99_999_999))
def test_numerals_read_back(number: int) -> None:
    assert read_value(chinese(number)).value == number


# --- exact text ----------------------------------------------------------------------------------------------------------------


@given(st.fractions())
def test_exact_text_round_trips(value: Fraction) -> None:
    assert parse_exact(exact_text(value)) == value


def test_exact_text_of_nothing_is_empty() -> None:
    assert exact_text(None) == ""
    assert parse_exact("") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(151, "151"), (Fraction(753, 8), "94.125"), (Fraction(1, 3), "1/3"), (-15, "-15"), (Fraction(-1, 2), "-0.5"), (0, "0")],
)
def test_exact_text(value: Fraction, text: str) -> None:
    assert exact_text(Fraction(value)) == text


# --- rounding and display ------------------------------------------------------------------------------------------------------

# value | half up | half even (GB/T 8170) | cut off, all to two decimals
TIES = [
    ("94.125", "94.13", "94.12", "94.12"),
    ("94.135", "94.14", "94.14", "94.13"),
    ("-94.125", "-94.13", "-94.12", "-94.12"),
    ("0.005", "0.01", "0.00", "0.00"),
    ("-0.004", "0.00", "0.00", "0.00"),
    ("96.7166", "96.72", "96.72", "96.71"),
    ("99.999", "100.00", "100.00", "99.99"),
]


@pytest.mark.parametrize(("value", "up", "even", "cut"), TIES)
def test_rounding_rules_differ_on_ties(value: str, up: str, even: str, cut: str) -> None:
    exact = Fraction(value)
    assert f"{round_half_up(exact, 2):f}" == up
    assert f"{round_half_even(exact, 2):f}" == even
    assert f"{truncate(exact, 2):f}" == cut


def test_1506_of_1600_prints_94_13() -> None:
    assert display(Fraction(1506, 1600) * 100, decimals=2, symbol="%", rounding=round_half_up) == "94.13%"
    assert display(Fraction(1506, 1600) * 100, decimals=2, symbol="%", rounding=round_half_even) == "94.12%"


@given(st.fractions(min_value=-(10**6), max_value=10**6), st.integers(min_value=0, max_value=4))
def test_rounding_is_off_by_half_a_unit_at_most(value: Fraction, decimals: int) -> None:
    unit = Fraction(1, 10**decimals)
    assert abs(Fraction(round_half_up(value, decimals)) - value) <= unit / 2
    assert abs(Fraction(round_half_even(value, decimals)) - value) <= unit / 2
    assert 0 <= abs(value) - abs(Fraction(truncate(value, decimals))) < unit
    for rule in (round_half_up, round_half_even, truncate):
        assert rule(-value, decimals) == -rule(value, decimals)
        assert not f"{rule(value, decimals):f}".startswith("-0") or Fraction(rule(value, decimals))


@pytest.mark.parametrize(
    ("status", "zh", "en"),
    [
        (Status.REPORTED, "70", "70"),
        (Status.FLOOR, "70余", "over 70"),
        (Status.CEILING, "近70", "nearly 70"),
        (Status.APPROXIMATE, "约70", "about 70"),
        (Status.ESTIMATED, "预计70", "an estimated 70"),
        (Status.MASKED, "不详", "illegible"),
        (Status.MISSING, "—", "—"),
        (Status.UNDEFINED, "—", "—"),
        (Status.SUPPRESSED, "＊", "[c]"),
    ],
)
def test_each_status_prints_its_own_way(status: Status, zh: str, en: str) -> None:
    value = None if status in BLANK else Fraction(70)
    assert display(value, decimals=0, status=status, rounding=round_half_up) == zh
    assert display(value, decimals=0, status=status, rounding=round_half_up, lang="en") == en


def test_words_for_nothing_and_all_stay_words_in_chinese_only() -> None:
    zero = read_value("未发现")
    assert display(zero.value, decimals=0, status=zero.status, raw=zero.raw, rounding=round_half_up) == "未发现"
    assert display(zero.value, decimals=0, status=zero.status, raw=zero.raw, rounding=round_half_up, lang="en") == "0"
    every = read_value("全部", percent=True)
    assert display(every.value, decimals=0, status=every.status, raw=every.raw, rounding=round_half_up) == "全部"


def test_a_bound_of_a_percentage_reads_as_written() -> None:
    floor = read_value("99%以上", percent=True)
    assert display(floor.value, decimals=0, status=floor.status, symbol="%", rounding=round_half_up) == "99%以上"


@pytest.mark.parametrize(("value", "shown"), [(Fraction(-32), "−32.0%"), (Fraction(32), "32.0%"), (Fraction(-1, 100), "0.0%")])
def test_a_figure_below_zero_is_printed_with_a_minus_sign_and_kept_with_a_hyphen(value: Fraction, shown: str) -> None:
    assert display(value, decimals=1, symbol="%", rounding=round_half_up) == shown
    assert "−" not in exact_text(value)
    assert read_value(shown, percent=True).value == Fraction(shown.replace("−", "-").rstrip("%"))
