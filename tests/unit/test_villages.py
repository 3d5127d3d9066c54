"""Villages beside each other: totals from villages, quotients that follow them, and the funnel that replaces ranks."""

from __future__ import annotations

from fractions import Fraction

import pytest

from county import results_of
from nianbao.indicators import Results
from nianbao.villages import Funnel, Place, Standing, funnels, most_extreme

DONE, TASK = "health_records", "population_resident"
RATE = "health_record_rate"


def villages(done: tuple[object, object, object], total: tuple[object, object, object], **more: object) -> Results:
    figures: dict[str, object] = {}
    for key, (n, big_n) in enumerate(zip(done, total, strict=True), start=1):
        figures[f"{DONE}[village={key}]"] = n
        figures[f"{TASK}[village={key}]"] = big_n
    return results_of({**figures, **more})


def test_a_town_is_the_sum_of_its_villages_and_a_rate_is_of_the_sums() -> None:
    found = villages((90, 10, 50), (100, 100, 100))
    assert found.named(DONE).value == 150
    assert found.named(RATE).value == Fraction(150, 300) * 100
    assert found.named(f"{RATE}[village=2]").value == 10
    assert found.named(RATE) in found.overall
    assert found.named(f"{RATE}[village=2]") not in found.overall


def test_a_village_that_has_not_reported_leaves_the_sum_missing() -> None:
    found = results_of({f"{DONE}[village=1]": 90, f"{DONE}[village=2]": 10})
    assert found.get(DONE) is None
    whole = results_of({f"{DONE}[village=1]": 90, f"{DONE}[village=2]": 10, DONE: (120, "合计")})
    assert whole.named(DONE).value == 120


def test_a_reported_total_that_differs_from_the_villages_is_kept_beside_the_sum() -> None:
    found = villages((90, 10, 50), (100, 100, 100), **{DONE: (151, "合计")}).named(DONE)
    assert found.value == 150
    assert found.reported is not None
    assert found.reported.value == 151


@pytest.mark.parametrize(
    ("done", "total", "places"),
    [
        ((800, 805, 795), (1000, 1000, 1000), [Place.WITHIN, Place.WITHIN, Place.WITHIN]),
        ((950, 800, 650), (1000, 1000, 1000), [Place.ABOVE, Place.WITHIN, Place.BELOW]),
        # 7 of 7 is no feat: seven persons are not judged
        ((800, 800, 7), (1000, 1000, 7), [Place.WITHIN, Place.WITHIN, Place.TOO_FEW]),
        # about 2.4 standard errors: worth a look, not beyond the outer limits
        ((828, 800, 772), (1000, 1000, 1000), [Place.RATHER_ABOVE, Place.WITHIN, Place.RATHER_BELOW]),
    ],
)
def test_the_funnel_judges_by_exact_limits(
    done: tuple[int, int, int], total: tuple[int, int, int], places: list[Place]
) -> None:
    [found] = funnels(villages(done, total), areas=["basic_public_health"])
    assert [item.place for item in found.standings] == places
    assert [item.member for item in found.standings] == ["1", "2", "3"]


def test_a_full_count_is_no_feat_where_most_are_full() -> None:
    # 96 of 100 everywhere: that 24 of 24 are done happens by chance 4 times in 10
    [found] = funnels(villages((960, 24, 960), (1000, 24, 1000)), areas=["basic_public_health"])
    assert [item.place for item in found.standings] == [Place.WITHIN, Place.WITHIN, Place.WITHIN]


def test_a_village_has_no_rate_over_the_whole_towns_task() -> None:
    figures = {"two_cancer_screened[village=1]": 20, "two_cancer_screened[village=2]": 30, "two_cancer_screened[village=3]": 50}
    found = results_of({**figures, "two_cancer_screening_task": 100})
    assert found.named("two_cancer_screening_completion_rate").value == 100
    assert found.get("two_cancer_screening_completion_rate[village=1]") is None
    assert funnels(found, areas=["maternal_child"]) == ()


def test_villages_without_a_denominator_are_named_and_left_out() -> None:
    [found] = funnels(villages((80, 85, 0), (100, 100, 0)), areas=["basic_public_health"])
    assert [item.member for item in found.standings] == ["1", "2"]
    assert found.left_out == ("3",)
    assert found.overall.denominator == 200


def test_one_village_makes_no_funnel() -> None:
    assert funnels(results_of({f"{DONE}[village=1]": 80, f"{TASK}[village=1]": 100}), areas=["basic_public_health"]) == ()


def test_a_share_of_money_has_no_funnel() -> None:
    figures = {f"fp_budget[village={key}]": 1000 for key in (1, 2, 3)}
    figures |= {f"fp_budget_received[village={key}]": paid for key, paid in enumerate((1000, 1000, 500), start=1)}
    found = results_of(figures)
    assert found.named("fp_funding_in_place_rate[village=3]").value == 50
    assert funnels(found, areas=["family_planning"]) == ()


def funnel(outer: int, inner: int, judged: int, *, few: int = 0, chance: float = 0.5) -> Funnel:
    """Return a funnel of ``judged`` members: ``outer`` outside the outer limits, ``inner`` outside the inner ones alone."""
    [base] = funnels(villages((80, 85, 90), (100, 100, 100)), areas=["basic_public_health"])
    within = judged - outer - inner
    places = [Place.BELOW] * outer + [Place.RATHER_ABOVE] * inner + [Place.WITHIN] * within + [Place.TOO_FEW] * few
    result = base.standings[0].result
    return Funnel(base.overall, tuple(Standing(str(n), result, place, chance) for n, place in enumerate(places)), ())


@pytest.mark.parametrize(
    ("outer", "inner", "judged", "apart"),
    [
        (1, 0, 12, True),
        (0, 0, 12, False),
        # of 12 members chance puts four or more outside 95% limits 22 times in 10,000, five or more 2 times
        (0, 4, 12, False),
        (0, 5, 12, True),
        # of 25 members six: 12 times in 10,000, five: 72 times; of 5 members three: 12 times
        (0, 6, 25, True),
        (0, 5, 25, False),
        (0, 3, 5, True),
        (0, 2, 5, False),
        (0, 0, 0, False),
    ],
)
def test_which_indicator_deserves_a_figure(outer: int, inner: int, judged: int, apart: bool) -> None:
    assert funnel(outer, inner, judged).beyond_chance is apart


def test_members_too_small_to_judge_deserve_nothing() -> None:
    found = funnel(0, 0, 3, few=9, chance=1e-9)
    assert not found.beyond_chance
    assert most_extreme([found], most=3) == ()


def test_of_many_the_least_probable_are_taken_in_the_order_given() -> None:
    found = [funnel(1, 0, 12, chance=chance) for chance in (1e-4, 1e-9, 2e-4, 1e-6, 1e-5)]
    assert [item.extreme for item in most_extreme(found, most=3)] == [1e-9, 1e-6, 1e-5]
    tie = [funnel(1, 0, 12, chance=0.0), funnel(3, 0, 12, chance=0.0), funnel(2, 0, 12, chance=0.0)]
    assert [len(item.standing_out) for item in most_extreme(tie, most=2)] == [3, 2]


def test_nothing_that_chance_explains_is_taken() -> None:
    assert most_extreme([funnel(0, 1, 12), funnel(0, 0, 12)], most=3) == ()


def test_the_chance_of_a_member_is_its_exact_tail() -> None:
    [found] = funnels(villages((10, 5, 0), (20, 20, 20)), areas=["basic_public_health"])
    # the whole has 15 of 60; P(X = 0) of 20 at a quarter is (3/4)^20
    assert found.standings[2].chance == pytest.approx(0.75**20)


SPREAD = (852, 901, 930, 780, 955, 890, 700, 940, 873, 960, 915, 840)
PEOPLE = (1000, 1100, 1050, 950, 1000, 980, 900, 1020, 1000, 1010, 990, 1000)


def many(done: tuple[int, ...], total: tuple[int, ...]) -> Funnel:
    figures: dict[str, object] = {f"{DONE}[village={n}]": value for n, value in enumerate(done, start=1)}
    figures |= {f"{TASK}[village={n}]": value for n, value in enumerate(total, start=1)}
    [found] = funnels(results_of(figures), areas=["basic_public_health"])
    return found


def test_where_all_spread_more_than_chance_only_who_stands_apart_is_called_out() -> None:
    found = many(SPREAD, PEOPLE)
    assert found.widened
    assert found.standing_out == ()  # by exact limits eight of the twelve would be
    apart = many((*SPREAD[:6], 300, *SPREAD[7:]), PEOPLE)
    assert [item.member for item in apart.standing_out] == ["7"]


def test_nine_members_say_too_little_of_the_spread() -> None:
    found = many(SPREAD[:9], PEOPLE[:9])
    assert not found.widened
    assert len(found.standing_out) > 4
