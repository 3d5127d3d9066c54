"""Sentences read back: each is parsed by the grammar it should follow and compared with the figures the return was made of.

The expected figures are worked out here from what was reported, not asked of the narrator; twins that change one word or one figure
of a sentence must be caught.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from county import results_of
from nianbao.blocks import Run, plain
from nianbao.facts import FactBook
from nianbao.indicators import Result, Results
from nianbao.narrative import Narrator, Piece

Figures = dict[str, object]
Told = Callable[[Results], Narrator]
steadily = settings(max_examples=60, deadline=None)
people = st.integers(20, 5000)


def half_up(value: Fraction, decimals: int) -> str:
    """Return a value rounded half up, worked out apart from the library."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def narrator(results: Results) -> Narrator:
    return Narrator(results, FactBook("chapter"), lang="zh")


def parsed(pattern: str, said: str) -> re.Match[str]:
    found = re.fullmatch(pattern, said)
    assert found, f"{said!r} is not of the form {pattern}"
    return found


# --- what each sentence must say ------------------------------------------------------------------------------------------------


def movement_says(said: str, now: int, before: int, word: str, *, decimals: int) -> None:
    """A change of counts: direction, size, counting word, and the relative change with the same direction."""
    if now == before:
        assert said == "，与上年持平", said
        return
    up = now > before
    relative = half_up(Fraction(abs(now - before) * 100, before), decimals) if before else ""
    expected = f"，比上年{'增加' if up else '减少'}{abs(now - before)}{word}"
    if relative and Fraction(relative):
        expected += f"，{'增长' if up else '下降'}{relative}%"
    assert said == expected


COUNTS = [("births", "人", 2), ("safety_incidents", "起", 1), ("health_lectures", "场", 1)]


def counts_hold(tell: Told, now: int, before: int) -> None:
    for ref, word, decimals in COUNTS:
        results = results_of({ref: now, f"{ref}@previous": before})
        movement_says(plain(tell(results).movement(results.named(ref))), now, before, word, decimals=decimals)


def target_holds(tell: Told, done: int, whole: int) -> None:
    """A rate against its responsibility target of 92 %: side, distance, points."""
    results = results_of({"births": whole, "births_policy[compliance=in]": done})
    result = results.named("policy_compliance_rate")
    away = Fraction(done * 100, whole) - 92
    said = plain(tell(results).rates([result]))
    clause = said.partition("，比责任目标")[2]
    assert f"为{half_up(Fraction(done * 100, whole), 2)}%" in said
    if Fraction(half_up(abs(away), 2)):
        found = parsed(r"92%(高|低)([\d.]+)(个百分点|个千分点)。", clause)
        assert found.groups() == ("高" if away > 0 else "低", half_up(abs(away), 2), "个百分点")


def shortfall_holds(tell: Told, done: int, whole: int) -> None:
    """A missed target: value, side, distance in points, persons missing."""
    results = results_of({"births": whole, "births_policy[compliance=in]": done})
    result = results.named("policy_compliance_rate")
    away = Fraction(done * 100, whole) - 92
    if away >= 0:
        return
    found = parsed(
        r".*为([\d.]+)%，(略?)(低于|高于)目标92%(?:，(差|超出)([\d.]+)(\D+?))?(?:，(还差|多出)(\d+)(\D+?))?(?:，差距在.*)?",
        plain(tell(results).shortfall(result)),
    )
    value, barely, side, word, size, points, lack, number, unit = found.groups()
    shown = half_up(-away, 2)
    assert (value, side) == (half_up(Fraction(done * 100, whole), 2), "低于")
    assert bool(barely) == (not Fraction(shown))
    if Fraction(shown):
        assert (word, size, points) == ("差", shown, "个百分点")
    missing = -(-(92 * whole - 100 * done) // 100)
    assert (lack, number, unit) == ("还差", str(missing), "人")


def excess_holds(tell: Told, deaths: int, births: int) -> None:
    """A rate above its upper limit exceeds it, in points of ‰, by so many cases more; it lacks nothing."""
    results = results_of({"under5_deaths": deaths, "live_births": births})
    result = results.named("under5_mortality_rate")
    away = Fraction(deaths * 1000, births) - 6
    decimals = result.entry.decimals
    if away <= 0 or not Fraction(half_up(away, decimals)):
        return
    found = parsed(
        r".*为([\d.]+)‰，高于参考值6‰，(差|超出)([\d.]+)(\D+?)，(还差|多出)(\d+)(\D)(?:，差距在.*)?",
        plain(tell(results).shortfall(result)),
    )
    more = str(-(-(1000 * deaths - 6 * births) // 1000))
    rate = half_up(Fraction(deaths * 1000, births), decimals)
    assert found.groups() == (rate, "超出", half_up(away, decimals), "个千分点", "多出", more, "例")


def task_holds(tell: Told, done: int, task: int) -> None:
    """A task: its size, what was done, the rate, and what is missing or beyond."""
    results = results_of({"folic_acid_task": task, "folic_acid_recipients": done})
    said = plain(tell(results).tasks([results.named("folic_acid_completion_rate")]))
    rate = Fraction(done * 100, task)
    found = parsed(
        r"2020年，全镇叶酸发放任务(\d+)(\D)，完成(\d+)(\D)，完成率([\d.]+)%(?:，距任务还差(\d+)(\D)|，(超额|不足)([\d.]+)%|，\D*)?。",
        said,
    )
    size, one, number, two, shown, lack, three, word, beyond = found.groups()
    assert (size, one, number, two, shown) == (str(task), "人", str(done), "人", half_up(rate, 2))
    if done < task:
        assert (lack, three, word) == (str(task - done), "人", None)
    if Fraction(half_up(rate - 100, 2)) > 0:
        assert (lack, word, beyond) == (None, "超额", half_up(rate - 100, 2))


FUNDS = ("reward_assistance_amount", "special_assistance_amount", "only_child_allowance_amount", "city_reward_amount")


def funds_hold(tell: Told, paid: Sequence[int]) -> None:
    """A fund: total, number of items, the three largest in order, each with its share."""
    results = results_of(dict(zip(FUNDS, paid, strict=True)))
    total = results.named("incentive_funds_total[scope=all]")
    said = plain(tell(results).funds(total, total.parts))
    known = sorted((amount for amount in paid if amount), reverse=True)
    assert f"资金{sum(paid)}元，涉及{len(known)}项" in said, said
    listed = re.findall(r"(\d+)元，占([\d.]+)%", said.partition("其中，")[2])
    expected = [(str(amount), half_up(Fraction(amount * 100, sum(paid)), 2)) for amount in known[:3]]
    assert listed == expected, said


def parts_hold(tell: Told, pairs: Sequence[tuple[int, int]]) -> None:
    """A whole and its parts: each has its own figure and its own movement."""
    figures: Figures = {}
    for parity, (now, before) in zip(("1", "2+"), pairs, strict=True):
        figures |= {f"births[parity={parity}]": now, f"births[parity={parity}]@previous": before}
    results = results_of(figures)
    parts = [results.named(f"births[parity={parity}]") for parity in ("1", "2+")]
    said = plain(tell(results).development(results.named("births"), parts))
    whole, _, rest = said.partition("。其中，")
    clauses = [whole.partition("全镇")[2], *rest.partition("。")[0].split("；")]
    sums = (pairs[0][0] + pairs[1][0], pairs[0][1] + pairs[1][1])
    for clause, (now, before) in zip(clauses, (sums, *pairs), strict=True):
        found = parsed(r"\D*出生(\d+)人(.*)", clause.replace("二多孩", ""))
        assert found[1] == str(now), clause
        movement_says(found[2], now, before, "人", decimals=2)


RATES = ("health_record_rate", "elderly_management_rate", "hypertension_management_rate", "diabetes_management_rate")
FLOORS = (99, 98, 95, 90, 85, 80)


def together_hold(tell: Told, pairs: Sequence[tuple[int, int]]) -> None:
    """Four rates in one paragraph: the round figure all reach, how many moved each way, and each rate with its own figure and change."""
    figures: Figures = {}
    for name, (now, before) in zip(RATES, pairs, strict=True):
        figures |= {name: f"{now / 100}%", f"{name}@previous": f"{before / 100}%"}
    results = results_of(figures)
    said = plain(tell(results).rates([results.named(name) for name in RATES]))
    lead, _, rest = said.partition("。")
    least = min(rate for rate, _ in pairs) / 100
    floor = next((mark for mark in FLOORS if least >= mark), None)
    found = re.search(r"均在(\d+)%以上", lead)
    if len({rate for rate, _ in pairs}) > 1:
        assert (int(found[1]) if found else None) == floor, said
    ways = dict.fromkeys(("提高", "下降", "持平"), 0)
    for rate, before in pairs:
        ways["提高" if rate > before else "下降" if rate < before else "持平"] += 1
    assert {word: int(number) for word, number in re.findall(r"(提高|下降|持平)(\d)项", lead)} == {
        word: number for word, number in ways.items() if number
    }, said
    told: dict[str, tuple[str, str]] = {}
    for clause in re.split("[；。]", rest):
        names = clause.partition("分别为")[0] if "分别为" in clause else clause.partition("均为")[0].partition("为")[0]
        shown = re.findall(r"([\d.]+)%", clause)
        steps = re.findall(r"([\d.]+)个", clause)
        way = next((word for word in ("提高", "下降", "持平") if word in clause), "")
        listed = [name for name in names.split("、") if name]
        for place, name in enumerate(listed):
            value = shown[place] if len(shown) > 1 else shown[0]
            told[name] = (value, f"{way}{steps[place] if steps else ''}")
    for name, (now, before) in zip(RATES, pairs, strict=True):
        way = "提高" if now > before else "下降" if now < before else "持平"
        step = half_up(Fraction(abs(now - before), 100), 2) if now != before else ""
        label = results.named(name).entry.zh
        assert told[label] == (half_up(Fraction(now, 100), 2), f"{way}{step}"), said


@steadily
@given(st.lists(st.tuples(st.integers(7800, 10000), st.sampled_from([-150, -1, 0, 0, 1, 230])), min_size=4, max_size=4))
def test_rates_told_together(drawn: list[tuple[int, int]]) -> None:
    together_hold(narrator, [(rate, min(10000, rate + step)) for rate, step in drawn])


@steadily
@given(st.integers(0, 500), st.integers(0, 500))
def test_changes_of_counts(now: int, before: int) -> None:
    counts_hold(narrator, now, before)


@steadily
@given(people, people)
def test_rates_against_their_target(one: int, other: int) -> None:
    target_holds(narrator, min(one, other), max(one, other))
    shortfall_holds(narrator, min(one, other), max(one, other))


@steadily
@given(st.integers(1, 40), people)
def test_rates_above_their_limit(deaths: int, births: int) -> None:
    excess_holds(narrator, deaths, births)


@pytest.mark.parametrize(("done", "whole"), [(919_999, 1_000_000), (91_999, 100_000), (9_199, 10_000), (91, 100)])
def test_a_target_missed_by_a_hair_is_missed_barely(done: int, whole: int) -> None:
    shortfall_holds(narrator, done, whole)


@steadily
@given(people, people)
def test_tasks(done: int, task: int) -> None:
    task_holds(narrator, done, task)


@steadily
@given(st.lists(st.integers(1, 9999), min_size=4, max_size=4, unique=True))
def test_funds(paid: list[int]) -> None:
    funds_hold(narrator, paid)


@steadily
@given(st.tuples(people, people), st.tuples(people, people))
def test_parts(one: tuple[int, int], other: tuple[int, int]) -> None:
    parts_hold(narrator, (one, other))


# --- the twins ------------------------------------------------------------------------------------------------------------------


def word_changed(was: str, now: str) -> Told:
    """Return a narrator that says one word for another."""

    class Liar(Narrator):
        def join(self, *pieces: Piece) -> list[Run]:
            return [{**run, "text": run["text"].replace(was, now)} for run in super().join(*pieces)]

    return lambda results: Liar(results, FactBook("chapter"), lang="zh")


class Households(Narrator):
    def counting_word(self, result: Result) -> str:
        return super().counting_word(result) and "户"


class DoneForTask(Narrator):
    def _side(self, result: Result, side: str) -> Result | None:
        return super()._side(result, "numerator" if side == "denominator" else side)


class NumeratorForValue(Narrator):
    def fact(self, result: Result, role: str = "value") -> Run:
        return super().fact(result, "numerator" if role == "value" and result.numerator is not None else role)


class SmallestFirst(Narrator):
    def funds(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        smallest = sorted(parts, key=lambda part: part.value or 0)[:3]
        return super().funds(total, smallest)


class WholeForPart(Narrator):
    def movement(self, result: Result) -> list[Run]:
        return super().movement(self.results.named(result.entry.id))


def lying(kind: type[Narrator]) -> Told:
    return lambda results: kind(results, FactBook("chapter"), lang="zh")


class Reversed(Narrator):
    def _row(self, items: Sequence[Sequence[Run]]) -> list[Piece]:
        return super()._row(items[::-1])


APART = ((9600, 9500), (9700, 9550), (9850, 9900), (9900, 9900))
RATE, HAIR, TASK = (80, 100), (919_999, 1_000_000), (90, 100)


@pytest.mark.parametrize(
    ("check", "told", "arguments"),
    [
        (shortfall_holds, word_changed("，差", "，超出"), RATE),
        (shortfall_holds, word_changed("还差", "多出"), RATE),
        (shortfall_holds, word_changed("个百分点", "个千分点"), RATE),
        (shortfall_holds, word_changed("略低于", "低于"), HAIR),
        (shortfall_holds, lying(NumeratorForValue), RATE),
        (shortfall_holds, lying(Households), RATE),
        (target_holds, word_changed("个百分点", "个千分点"), RATE),
        (target_holds, lying(NumeratorForValue), RATE),
        (excess_holds, word_changed("超出", "差"), (9, 100)),
        (excess_holds, word_changed("多出", "还差"), (9, 100)),
        (excess_holds, word_changed("个千分点", "个百分点"), (9, 100)),
        (task_holds, word_changed("超额", "不足"), (110, 100)),
        (task_holds, lying(DoneForTask), TASK),
        (task_holds, lying(NumeratorForValue), TASK),
        (task_holds, lying(Households), TASK),
        (counts_hold, lying(Households), (5, 9)),
        (counts_hold, word_changed("减少", "增加"), (5, 9)),
        (funds_hold, lying(SmallestFirst), ((1, 2, 3, 4),)),
        (parts_hold, lying(WholeForPart), (((30, 40), (50, 45)),)),
        (together_hold, word_changed("95", "98"), (APART,)),
        (together_hold, word_changed("提高", "下降"), (APART,)),
        (together_hold, word_changed("96.00", "97.00"), (APART,)),
        (together_hold, lying(Reversed), (APART,)),
    ],
)
def test_a_sentence_that_lies_is_caught(check: Callable[..., None], told: Told, arguments: tuple[object, ...]) -> None:
    check(narrator, *arguments)
    with pytest.raises(AssertionError):
        check(told, *arguments)
