"""Intervals against scipy, against published and hand-worked values, and at the edges."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats as reference

from nianbao import stats

# successes, trials | 95 % limits of Wilson's score interval in per cent, to one decimal
WILSON = [
    (37, 40, 80.1, 97.4),
    (46, 47, 88.9, 99.6),
    (1, 47, 0.4, 11.1),
    (148, 153, 92.6, 98.6),
    (7, 7, 64.6, 100.0),
    (0, 7, 0.0, 35.4),
]


@pytest.mark.parametrize(("count", "total", "low", "high"), WILSON)
def test_wilson_worked_values(count: int, total: int, low: float, high: float) -> None:
    lower, upper = stats.wilson(count, total)
    assert (round(float(lower) * 100, 1), round(float(upper) * 100, 1)) == (low, high)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.998])
def test_wilson_agrees_with_scipy(confidence: float) -> None:
    for total in (1, 2, 7, 20, 153, 11002):
        for count in sorted({0, 1, total // 3, total - 1, total}):
            if count > total:
                continue
            theirs = reference.binomtest(count, total).proportion_ci(confidence_level=confidence, method="wilson")
            lower, upper = stats.wilson(count, total, confidence=confidence)
            assert float(lower) == pytest.approx(theirs.low, abs=1e-12)
            assert float(upper) == pytest.approx(theirs.high, abs=1e-12)


def test_wilson_is_closed_at_nothing_and_at_all() -> None:
    lower, upper = stats.wilson([0, 20], [20, 20])
    assert lower[0] == 0.0
    assert upper[1] == 1.0
    assert 0 < upper[0] < 1
    assert 0 < lower[1] < 1


def test_wilson_without_denominator_or_beyond_it_is_undefined() -> None:
    lower, upper = stats.wilson([0, 5, -1], [0, 4, 4])
    assert np.isnan(lower).all()
    assert np.isnan(upper).all()


def test_confidence_is_the_coverage() -> None:
    narrow = stats.wilson(37, 40, confidence=0.5)
    wide = stats.wilson(37, 40, confidence=0.99)
    assert wide[0] < narrow[0] < 37 / 40 < narrow[1] < wide[1]


def test_the_95_per_cent_wilson_interval_covers_about_95_in_100_samples() -> None:
    trials, share = 200, 0.3
    counts = np.arange(trials + 1)
    lower, upper = stats.wilson(counts, trials)
    covered = float(reference.binom.pmf(counts, trials, share)[(lower <= share) & (share <= upper)].sum())
    assert covered == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1])
def test_a_confidence_that_is_no_coverage_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="coverage"):
        stats.wilson(1, 2, confidence=confidence)


@pytest.mark.parametrize("count", [0, 1, 5, 9, 10, 90, 801])
def test_exact_poisson_agrees_with_the_chi_square_form(count: int) -> None:
    lower, upper = stats.exact_poisson(count)
    assert float(lower) == pytest.approx(reference.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0)
    assert float(upper) == pytest.approx(reference.chi2.ppf(0.975, 2 * count + 2) / 2)


def test_exact_poisson_of_no_events() -> None:
    lower, upper = stats.exact_poisson(0)
    assert float(lower) == 0.0
    assert float(upper) == pytest.approx(-math.log(0.025))


@pytest.mark.parametrize("count", [10, 20, 90, 800])
def test_byar_is_close_to_the_exact_interval_from_ten_events(count: int) -> None:
    for ours, exact in zip(stats.byar(count), stats.exact_poisson(count), strict=True):
        assert float(ours) == pytest.approx(float(exact), rel=0.003)


def test_a_birth_rate_of_90_in_11002() -> None:
    lower, upper = stats.count_interval(90)
    assert (round(float(lower) / 11.002, 2), round(float(upper) / 11.002, 2)) == (6.58, 10.06)


def test_counts_below_ten_take_the_exact_interval_and_from_ten_byar() -> None:
    few, many = stats.count_interval(9), stats.count_interval(10)
    assert [float(x) for x in few] == [float(x) for x in stats.exact_poisson(9)]
    assert [float(x) for x in many] == [float(x) for x in stats.byar(10)]
    assert float(few[0]) != float(stats.byar(9)[0])


def test_a_negative_count_has_no_interval() -> None:
    for method in (stats.exact_poisson, stats.byar, stats.count_interval):
        assert all(math.isnan(float(limit)) for limit in method(-1))


# boys, girls | 95 % limits of boys per 100 girls
SEX_RATIO = [
    (51, 39, 86.4, 197.8),
    (29, 21, 79.3, 240.4),
    (84, 72, 85.3, 159.6),
    (324, 335, 83.0, 112.7),
    (427, 374, 99.4, 131.2),
]


@pytest.mark.parametrize(("boys", "girls", "low", "high"), SEX_RATIO)
def test_sex_ratio_worked_values(boys: int, girls: int, low: float, high: float) -> None:
    lower, upper = stats.sex_ratio(boys, girls)
    assert (round(float(lower), 1), round(float(upper), 1)) == (low, high)


def test_sex_ratio_at_the_edges() -> None:
    assert float(stats.sex_ratio(0, 5)[0]) == 0.0
    low, high = stats.sex_ratio(5, 0)  # five boys, no girl: Wilson's lower limit of the share is 0.5655
    assert (round(float(low), 1), float(high)) == (130.2, math.inf)
    assert all(math.isnan(float(limit)) for limit in stats.sex_ratio(0, 0))


@pytest.mark.parametrize(("now", "before"), [(151, 183), (40, 41), (3, 12), (1, 1)])
def test_ratio_of_counts_is_the_exact_conditional_interval(now: int, before: int) -> None:
    exact = reference.binomtest(now, now + before).proportion_ci(0.95, method="exact")
    lower, upper = stats.ratio_of_counts(now, before)
    assert float(lower) == pytest.approx(exact.low / (1 - exact.low))
    assert float(upper) == pytest.approx(exact.high / (1 - exact.high))


def test_ratio_of_counts_at_the_edges() -> None:
    assert float(stats.ratio_of_counts(0, 5)[0]) == 0.0
    assert float(stats.ratio_of_counts(5, 0)[1]) == math.inf
    assert math.isnan(float(stats.ratio_of_counts(0, 0)[0]))


def test_difference_of_proportions_is_newcombes_published_example() -> None:
    # Newcombe (1998), table II: 56/70 - 48/80, method 10: 0.0524 to 0.3339
    lower, upper = stats.difference_of_proportions(56, 70, 48, 80)
    assert (round(float(lower), 4), round(float(upper), 4)) == (0.0524, 0.3339)


def test_difference_of_proportions_turns_its_sign_with_the_order() -> None:
    lower, upper = stats.difference_of_proportions(56, 70, 48, 80)
    turned_lower, turned_upper = stats.difference_of_proportions(48, 80, 56, 70)
    assert (float(turned_lower), float(turned_upper)) == (pytest.approx(-float(upper)), pytest.approx(-float(lower)))


def test_difference_without_a_denominator_is_undefined() -> None:
    assert all(math.isnan(float(limit)) for limit in stats.difference_of_proportions(1, 2, 0, 0))


def test_arrays_broadcast_and_scalars_give_arrays_without_dimension() -> None:
    lower, upper = stats.wilson(np.array([[1], [2]]), np.array([10, 20, 30]))
    assert lower.shape == upper.shape == (2, 3)
    assert lower.dtype == np.float64
    assert lower[1, 2] == stats.wilson(2, 30)[0]
    assert stats.wilson(1, 2)[0].shape == ()
    assert stats.count_interval([5, 50])[1].shape == (2,)
    assert stats.sex_ratio([5, 6], 7)[0].shape == (2,)


def test_rounding_to_tens() -> None:
    assert stats.round_half_up(Fraction(1505), -1) == 1510
    assert stats.round_half_even(Fraction(1505), -1) == 1500
    assert stats.truncate(Fraction(-1509), -1) == -1500


# --- units that differ by more than chance ------------------------------------------------------------------------------------

DONE = (852, 901, 930, 780, 955, 890, 700, 940, 873, 960, 915, 840)
OF = (1000, 1100, 1050, 950, 1000, 980, 900, 1020, 1000, 1010, 990, 1000)


def test_overdispersion_worked_by_hand() -> None:
    """Twelve units, z = 2 sqrt(n) (asin sqrt p - asin sqrt P), the lowest and highest one winsorised.

    P = 10536/12000 = 0.878; phi = 24.976145981; tau^2 = (12 phi - 11) / (sum w - sum w^2 / sum w) with w = 4 n; worked with plain
    arithmetic of the standard library, apart from the package.
    """
    centre = sum(DONE) / sum(OF)
    assert centre == pytest.approx(0.878)
    variance = stats.overdispersion(DONE, OF, centre)
    assert variance == pytest.approx(0.006562968882693182, rel=1e-12)
    few, many = stats.widened_tails(DONE, OF, centre, variance=variance)
    assert few[6] == pytest.approx(0.05250391178225902, rel=1e-12)  # d = -1.621046
    assert many[4] == pytest.approx(1 - 0.9584615684519806, rel=1e-9)  # d = 1.733106
    exact_few, _ = stats.tails(DONE, OF, centre)
    assert exact_few[6] < 1e-16  # chance alone would never make 700 of 900


def test_what_chance_explains_is_not_overdispersed() -> None:
    rng = np.random.default_rng(2005)
    sizes = rng.integers(50, 5000, size=12)
    found = [stats.overdispersion(rng.binomial(sizes, 0.9), sizes, 0.9) > 0 for _ in range(400)]
    assert sum(found) / len(found) < 0.05  # the test is at 5 %, winsorising makes it rarer


@pytest.mark.parametrize("centre", [0.9, 1.1])
def test_without_overdispersion_tails_and_lines_are_the_exact_ones(centre: float) -> None:
    for one, other in zip(stats.widened_tails(90, 100, centre, variance=0.0), stats.tails(90, 100, centre), strict=True):
        assert float(one) == float(other)
    grid = np.linspace(10, 1000, 20)
    wide = stats.widened_curve(grid, centre, confidence=0.95, variance=0.0)
    exact = stats.funnel_curve(grid, centre, confidence=0.95)
    assert np.array_equal(wide[0], exact[0])
    assert np.array_equal(wide[1], exact[1])


@pytest.mark.parametrize("centre", [0.878, 1.1])
@pytest.mark.parametrize("confidence", [0.95, 0.998])
def test_a_unit_lies_outside_the_widened_lines_exactly_when_its_tail_says_so(centre: float, confidence: float) -> None:
    total = np.repeat([20.0, 300.0, 9000.0], 120)
    share = np.tile(np.linspace(0.4, 1.0 if centre < 1 else 1.8, 120), 3)
    count = np.rint(total * share)
    few, many = stats.widened_tails(count, total, centre, variance=0.004)
    lower, upper = stats.widened_curve(total, centre, confidence=confidence, variance=0.004)
    tail = (1 - confidence) / 2
    assert np.array_equal(few < tail, count / total < lower)
    assert np.array_equal(many < tail, count / total > upper)


def test_one_unit_far_apart_does_not_widen_its_own_limits() -> None:
    counts, totals = [900] * 11 + [500], [1000] * 12
    assert stats.overdispersion(counts, totals, 0.9) == 0.0
    few, _ = stats.widened_tails(counts, totals, 0.9, variance=0.0)
    assert few[-1] < 0.001


def test_overdispersion_of_nothing_is_none() -> None:
    assert stats.overdispersion([5], [10], 0.5) == 0.0
    assert stats.overdispersion([], [], 0.5) == 0.0
    assert stats.overdispersion([0, 0, 0], [0, 0, 0], 0.5) == 0.0
