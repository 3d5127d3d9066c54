"""Whatever a town reports, no sentence contradicts the figures it is made from, in either language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from county import results_of
from nianbao.blocks import Run, plain
from nianbao.catalogue import Direction, Indicator, Method
from nianbao.facts import FactBook, numbers_in
from nianbao.indicators import Result, Results
from nianbao.leading import few, got_better, got_worse, leading_changes
from nianbao.narrative import Narrator, Piece
from nianbao.values import BLANK, Status

UP = re.compile(r"增加|提高|增长|\bup\b|\bmore\b|\+$|\(\+")
DOWN = re.compile(r"减少|下降|\bdown\b|\bfewer\b|\bless\b|\(-")
LEVEL = re.compile(r"持平|unchanged")
ABOVE = re.compile(r"高于|比责任目标[\d.]+%高|\babove\b")
BELOW = re.compile(r"低于|比责任目标[\d.]+%低|\bbelow\b")
POINTS = {"percent": ("个百分点", "percentage points"), "permille": ("个千分点", "per-thousand points")}

counts = st.one_of(st.integers(0, 12), st.integers(0, 400), st.integers(0, 200_000))
spoken = st.one_of(counts, st.sampled_from(["", "未发现", "70余", "近百", "约300", "20_", "预计40"]))
money = st.one_of(st.just(0), st.decimals(min_value=0, max_value=10**7, places=2).map(str))


@st.composite
def shares(draw: st.DrawFn, part: str, whole: str) -> dict[str, object]:
    """Return a part and its whole, this year and the year before, often close together, so that differences round to nothing."""
    made: dict[str, object] = {}
    total = draw(st.one_of(st.integers(0, 60), st.integers(0, 100_000)))
    done = draw(st.integers(0, total))
    for mark in ("", "@previous"):
        made |= {whole + mark: total, part + mark: done}
        total += draw(st.sampled_from([0, 0, 1, 40]))
        done = max(0, min(total, done + draw(st.sampled_from([-7, -1, 0, 0, 1, 2, 30]))))
    return made


@st.composite
def returns(draw: st.DrawFn) -> dict[str, object]:
    """Return the figures of a town: whole figures, bounds and blanks, with and without the year before."""
    figures: dict[str, object] = {}
    for name in (
        "births[parity=1]",
        "births[parity=2+]",
        "deaths",
        "under5_deaths",
        "cases_transferred",
        "health_lectures",
        "health_consultations",
    ):
        figures[name] = draw(spoken)
        if draw(st.booleans()):
            figures[f"{name}@previous"] = draw(counts)
    for name in ("reward_assistance_amount", "special_assistance_amount"):
        figures |= {name: draw(money), f"{name}@previous": draw(money)}
    figures |= draw(shares("maternal_any_care", "live_births"))
    figures |= draw(shares("caesareans", "deliveries"))
    figures |= draw(shares("contraceptive_users", "married_women_childbearing_age"))
    figures |= draw(shares("births_policy[compliance=in;parity=1]", "births_policy[compliance=out;parity=1]"))
    figures |= {"births[sex=male]": draw(counts), "births[sex=female]": draw(counts)}
    figures |= {"population_mean": draw(st.integers(1, 300_000)), "population_mean@previous": draw(st.integers(1, 300_000))}
    figures |= {"folic_acid_recipients": draw(counts), "folic_acid_task": draw(counts)}
    if draw(st.booleans()):
        figures["policy_compliance_rate"] = draw(st.sampled_from(["96.73%", "92%", "91.99%", "88%以上", "全部"]))
    return figures


def clauses(tell: Narrator, results: Results) -> Iterator[tuple[Result, list[Run]]]:
    """Yield every sentence and clause that speaks about one result."""
    for result in results:
        if result.status in BLANK:
            continue
        yield result, tell.levels([result])
        yield result, tell.movement(result)
        yield result, tell.listing([result])
        if isinstance(result.entry, Indicator):
            if result.entry.method is Method.COMPLETION:
                yield result, tell.tasks([result])
            elif result.entry.method in (Method.PROPORTION, Method.RATE, Method.RATIO):
                yield result, tell.rates([result])
        if result.target is not None and result.met is False:
            yield result, tell.shortfall(result)
        yield result, tell.stated(result)
        yield result, tell.activities([result])
        if few(result, tell.catalogue.outline.minimum_denominator):
            yield result, tell.few_words(result)


def wholes(tell: Narrator, results: Results) -> Iterator[list[Run]]:
    """Yield the sentences that speak about several results at once."""
    births = [result for result in results.of("births") if result.dims]
    for total in (result for result in results.of("births") if not result.dims and result.status not in BLANK):
        yield tell.development(total, births)
    area = [result for result in results if result.status not in BLANK]
    yield tell.levels(area)
    yield tell.activities(area)
    for fund in results.of("incentive_funds_total"):
        if fund.status not in BLANK:
            yield tell.funds(fund, fund.parts)


def in_both_languages(figures: dict[str, object], check: Callable[[Narrator, Results], None]) -> None:
    results = results_of(figures)
    for lang in ("zh", "en"):
        check(Narrator(results, FactBook("chapter"), lang=lang), results)


steadily = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])


def numbers_hold(tell: Narrator, results: Results) -> None:
    sentences = [runs for _, runs in clauses(tell, results)] + list(wholes(tell, results))
    for runs in sentences:
        said = plain(runs)
        assert [number for run in runs if "fact" not in run for number in numbers_in(run["text"])] == [], said
        assert not re.search(r"\bnan\b|None|\binf\b|Fraction|Decimal|\{|\}|(?<!\()-0(?:\.0+)?(?![\d.])|  ", said), said
        assert not re.search(r"。。|，，|，。|；；|；。|、、|^，$", said), said
        for run in runs:
            if "fact" in run:
                assert tell.book.facts[run["fact"]].display == run["text"]


@steadily
@given(returns())
def test_every_number_is_a_fact_and_nothing_leaks_from_the_machine(figures: dict[str, object]) -> None:
    in_both_languages(figures, numbers_hold)


def displays_hold(tell: Narrator, results: Results) -> None:
    """A display is its exact value rounded; only a printed difference may differ by the last digit, as its two figures were rounded."""
    for _ in clauses(tell, results):
        pass
    for fact in tell.book.facts.values():
        number = re.search(r"\d+(?:\.(\d+))?", fact.display)
        if fact.value is None or number is None or fact.status == "zero":
            continue
        unit = Fraction(1, 10 ** len(number[1] or ""))
        room = unit if fact.role == "change" else unit / 2
        assert abs(Fraction(number[0]) - abs(fact.value)) <= room, fact
        assert fact.sources, fact


@steadily
@given(returns())
def test_facts_print_their_value(figures: dict[str, object]) -> None:
    in_both_languages(figures, displays_hold)


def moved(tell: Narrator, result: Result) -> Fraction | None:
    """Return the change a clause about ``result`` speaks of: its own, or that of the change indicator the catalogue defines."""
    companion = tell.companion(result, Method.CHANGE)
    return companion.value if companion is not None else result.change


def directions_hold(tell: Narrator, results: Results) -> None:
    for result in results:
        if result.status in BLANK:
            continue
        said, change = plain(tell.movement(result)), moved(tell, result)
        if not said:
            continue
        assert change is not None, said
        if LEVEL.search(said):
            assert abs(change) < Fraction(1, 10**result.entry.decimals), said
            assert not UP.search(said), said
            assert not DOWN.search(said), said
        else:
            assert bool(UP.search(said)) == (change > 0), said
            assert bool(DOWN.search(said)) == (change < 0), said
            size = re.search(r"\d+(?:\.\d+)?", said)
            assert size, said
            assert Fraction(size[0]), said
        for unit, words in POINTS.items():
            assert any(word in said for word in words) <= (result.unit == unit), said


@steadily
@given(returns())
def test_direction_words_follow_the_sign_and_unit_words_the_unit(figures: dict[str, object]) -> None:
    in_both_languages(figures, directions_hold)


def standstill_hold(tell: Narrator, results: Results) -> None:
    for result in results:
        if result.change is None or result.status in BLANK:
            continue
        said = plain(tell.movement(result))
        now, before = (tell.aspect(result, role)[1] for role in ("value", "previous"))
        if now == before and tell.companion(result, Method.CHANGE) is None and tell.catalogue.units[result.unit].symbol:
            assert LEVEL.search(said), f"{result.ref}: {before} -> {now}{said}"


@steadily
@given(returns())
def test_nothing_that_prints_the_same_is_said_to_move(figures: dict[str, object]) -> None:
    in_both_languages(figures, standstill_hold)


def verdicts_hold(tell: Narrator, results: Results) -> None:
    for result in results:
        if result.deviation is None or result.target is None:
            continue
        said = plain(tell.against_target(result))
        assert bool(BELOW.search(said)) <= (result.deviation < 0), said
        assert bool(ABOVE.search(said)) <= (result.deviation >= 0), said
        if result.met is False:
            missed = plain(tell.shortfall(result))
            assert bool(BELOW.search(missed)) == (result.deviation < 0), missed
            assert bool(ABOVE.search(missed)) == (result.deviation > 0), missed


@steadily
@given(returns())
def test_verdicts_follow_the_target(figures: dict[str, object]) -> None:
    in_both_languages(figures, verdicts_hold)


def hedges_hold(tell: Narrator, results: Results) -> None:
    for result in results:
        said = plain(tell.hedge([result]))
        assert bool(said) == (result.change_clear is False and bool(result.change)), result.ref


@steadily
@given(returns())
def test_a_hedge_is_said_of_unclear_changes_only(figures: dict[str, object]) -> None:
    in_both_languages(figures, hedges_hold)


@steadily
@given(returns())
def test_bounds_keep_their_words(figures: dict[str, object]) -> None:
    results = results_of(figures)
    tell = Narrator(results, FactBook("chapter"), lang="zh")
    words = {Status.FLOOR: ("余", "以上"), Status.CEILING: ("近",), Status.APPROXIMATE: ("约",), Status.ESTIMATED: ("预计",)}
    for result in results:
        if result.status in words:
            assert any(word in plain(tell.amount(result)) for word in words[result.status])


def zeros_hold(tell: Narrator, results: Results) -> None:
    """None is said of a true zero only, and of no figure that is missing, bounded or above zero."""
    for result in results:
        if result.status in BLANK:
            assert not tell.is_none(result)
            assert not tell.idle(result)
            continue
        none = plain(tell.none_of(result))
        assert bool(none) <= (result.value == 0 and result.exact), result.ref
        said = plain(tell.activities([result]))
        if result.value != 0 and result.status is not Status.ZERO:
            assert said, result.ref
            assert not re.search(r"，全镇(?:未发|无)|\bno \b", said), said


@steadily
@given(returns())
def test_none_is_said_of_a_true_zero_only(figures: dict[str, object]) -> None:
    in_both_languages(figures, zeros_hold)


@steadily
@given(returns())
def test_what_leads_moved_beyond_chance_and_is_called_better_or_worse_by_its_direction(figures: dict[str, object]) -> None:
    results = results_of(figures)
    tell = Narrator(results, FactBook("chapter"), lang="zh")
    for result in leading_changes(results, first=("births",), areas=list(results.catalogue.areas), shows=tell.shows_change):
        assert result.change
        assert result.ref == "births" or result.change_clear is not False
        assert not (got_better(result) and got_worse(result))
        said = plain(tell.stated(result))
        if got_better(result) or got_worse(result):
            up = bool(UP.search(said))
            assert up == ((result.entry.direction is Direction.HIGHER) == got_better(result)), said


def paragraphs_hold(tell: Narrator, results: Results) -> None:
    """Sentences end in time, and a paragraph says of each result what its clause says, no more and no less."""
    rates = [item for item in results if isinstance(item.entry, Indicator) and item.entry.method is Method.PROPORTION]
    known = [item for item in rates if item.status not in BLANK]
    clauses = [tell.stated(item) for item in known]
    told = plain(tell.paced("", clauses))
    assert [part for part in (plain(clause) for clause in clauses) if part.lower() not in told.lower()] == []
    for sentence in re.split(r"。|(?<=\D)\. |\.$", told):
        longest = max([0, *(len(plain(clause)) for clause in clauses)])
        assert len(sentence) <= max(longest, 120 if tell.zh else 300), sentence


@steadily
@given(returns())
def test_paragraphs_keep_their_clauses_and_end_their_sentences(figures: dict[str, object]) -> None:
    in_both_languages(figures, paragraphs_hold)


# --- the twins: a narrator that lies is caught ----------------------------------------------------------------------------------


class Liar(Narrator):
    """Tells every sentence with one word changed."""

    def __init__(self, results: Results, *, says: str, instead_of: str) -> None:
        super().__init__(results, FactBook("chapter"), lang="zh")
        self.says, self.instead_of = says, instead_of

    def join(self, *pieces: Piece) -> list[Run]:
        return [{**run, "text": run["text"].replace(self.instead_of, self.says)} for run in super().join(*pieces)]


@pytest.mark.parametrize(
    ("check", "says", "instead_of"),
    [
        (numbers_hold, "约30人", "人"),
        (numbers_hold, "None", "，"),
        (numbers_hold, "68", "69"),  # the run no longer prints its fact
        (directions_hold, "增加", "减少"),
        (directions_hold, "提高", "下降"),
        (directions_hold, "持平", "减少"),
        (directions_hold, "个千分点", "个百分点"),
        (standstill_hold, "略有变化", "持平"),
        (verdicts_hold, "高", "低"),
        (hedges_hold, "", "人数少，波动大，从统计上看变化不明显。"),
    ],
)
def test_a_sentence_that_lies_is_caught(check: Callable[[Narrator, Results], None], says: str, instead_of: str) -> None:
    figures: dict[str, object] = {"births": 69, "births@previous": 83, "deaths": 80, "deaths@previous": 85}
    figures |= {"live_births": 400, "maternal_any_care": 300, "live_births@previous": 400, "maternal_any_care@previous": 390}
    figures |= {"deliveries": 400, "caesareans": 300, "deliveries@previous": 400, "caesareans@previous": 300}
    figures |= {"married_women_childbearing_age": 100, "contraceptive_users": 80}
    results = results_of(figures)
    check(Narrator(results, FactBook("chapter"), lang="zh"), results)
    with pytest.raises(AssertionError):
        check(Liar(results, says=says, instead_of=instead_of), results)


# --- the smallest cases of what a reader would take for a mistake ---------------------------------------------------------------


def said_of(ref: str, figures: Mapping[str, object], clause: str, *, lang: str = "zh") -> str:
    results = results_of(figures)
    tell = Narrator(results, FactBook("chapter"), lang=lang)
    return plain(getattr(tell, clause)(results.named(ref)))


@pytest.mark.parametrize(
    ("figures", "ref", "expected"),
    [
        ({"births": 83, "births@previous": 100}, "births", "，比上年减少17人，下降17.00%"),
        ({"births": 100, "births@previous": 83}, "births", "，比上年增加17人，增长20.48%"),
        ({"births": 83, "births@previous": 83}, "births", "，与上年持平"),
        ({"births": 3, "births@previous": 0}, "births", "，比上年增加3人"),
        (
            {"live_births": 153, "maternal_any_care": 148, "live_births@previous": 150, "maternal_any_care@previous": 138},
            "maternal_coverage_rate",
            "，比上年提高4.73个百分点",
        ),
        (
            {"births": 90, "population_mean": 11002, "births@previous": 91, "population_mean@previous": 11002},
            "crude_birth_rate",
            "，比上年下降0.09个千分点",
        ),
        (
            {
                "live_births": 40_000,
                "maternal_any_care": 39_999,
                "live_births@previous": 40_001,
                "maternal_any_care@previous": 40_000,
            },
            "maternal_coverage_rate",
            "，与上年持平",
        ),
    ],
)
def test_movements(figures: dict[str, object], ref: str, expected: str) -> None:
    assert said_of(ref, figures, "movement") == expected


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_relative_change_that_rounds_to_nothing_is_left_out(lang: str) -> None:
    said = said_of("births", {"births": 100_001, "births@previous": 100_000}, "movement", lang=lang)
    assert "0.00%" not in said, said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_shortfall_that_rounds_to_nothing_is_not_printed_as_nothing(lang: str) -> None:
    figures = {"married_women_childbearing_age": 100_000, "contraceptive_users": 84_999}
    said = said_of("contraceptive_prevalence_rate", figures, "shortfall", lang=lang)
    assert not re.search(r"0\.00(个百分点| percentage points)", said), said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_target_met_to_the_last_digit_is_level_with_it(lang: str) -> None:
    figures = {"births": 100_000, "births_policy[compliance=in]": 92_001}
    said = said_of("policy_compliance_rate", figures, "against_target", lang=lang)
    assert "0.00" not in said, said


def test_the_sex_ratio_moves_in_its_own_words() -> None:
    figures = {f"births[sex={sex}]{mark}": n for (sex, mark), n in
               {("male", ""): 60, ("female", ""): 50, ("male", "@previous"): 55, ("female", "@previous"): 50}.items()}  # fmt: skip
    said = said_of("sex_ratio_at_birth", figures, "movement")
    assert "（女=100）" not in said, said
