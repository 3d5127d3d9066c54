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
    assert all(math.isnan(float(limit)) for limit in stats.sex_ratio(5, 0))
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
