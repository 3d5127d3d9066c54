"""Funnel limits and directly standardised rates: against loops over scipy's distributions, and worked by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats as reference

from nianbao import stats

LEVELS = [0.8, 0.95, 0.998]


def interpolated(distribution: object, tail: float, *, largest: float = math.inf) -> float:
    """Return the interpolated quantile of a discrete distribution, one at a time: Spiegelhalter (2005), appendix A.1."""
    k = 0
    while distribution.cdf(k) <= tail and k < largest:  # type: ignore[attr-defined]
        k += 1
    reached, below = distribution.cdf(k), distribution.cdf(k - 1)  # type: ignore[attr-defined]
    return float(k - (reached - tail) / (reached - below))


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("centre", [0.02, 0.5, 0.915, 0.999])
def test_binomial_limits_agree_with_a_loop(confidence: float, centre: float) -> None:
    sizes = [1, 2, 7, 20, 41, 153, 1000]
    lower, upper = stats.binomial_funnel(sizes, centre, confidence=confidence)
    for place, size in enumerate(sizes):
        distribution = reference.binom(size, centre)
        tails = ((1 - confidence) / 2, 1 - (1 - confidence) / 2)
        low, high = (min(max(interpolated(distribution, tail, largest=size) / size, 0.0), 1.0) for tail in tails)
        assert float(lower[place]) == pytest.approx(low, rel=1e-9, abs=1e-12)
        assert float(upper[place]) == pytest.approx(high, rel=1e-9, abs=1e-12)


def test_a_binomial_limit_by_hand() -> None:
    """Two persons, one half: P(0) = 1/4, P(0 or 1) = 3/4.  The upper 80 % limit lies at k = 2, less (1 - 0.9) / (1 - 0.75) of a step."""
    lower, upper = stats.binomial_funnel(2, 0.5, confidence=0.8)
    assert float(upper) == pytest.approx((2 - 0.1 / 0.25) / 2, rel=1e-12)
    assert float(lower) == 0.0  # k = 0 less a share of its step lies below nothing


def test_binomial_limits_narrow_with_the_denominator_around_the_centre() -> None:
    lower, upper = stats.binomial_funnel([20, 50, 100, 1000, 100_000], 0.6, confidence=0.95)
    assert (np.diff(lower) > 0).all()
    assert (np.diff(upper) < 0).all()
    assert lower[-1] < 0.6 < upper[-1]
    assert upper[-1] - lower[-1] == pytest.approx(2 * 1.96 * math.sqrt(0.24 / 100_000), rel=1e-2)


def test_the_wider_the_coverage_the_wider_the_funnel() -> None:
    inner, outer = (stats.binomial_funnel(153, 0.92, confidence=level) for level in (0.95, 0.998))
    assert outer[0] < inner[0] < 0.92 < inner[1] < outer[1]


def test_about_the_named_share_of_units_lies_inside() -> None:
    inside = 0.0
    size, centre = 400, 0.3
    lower, upper = stats.binomial_funnel(size, centre, confidence=0.95)
    for count in range(size + 1):
        inside += reference.binom.pmf(count, size, centre) if lower <= count / size <= upper else 0.0
    assert inside == pytest.approx(0.95, abs=0.02)


def test_nobody_has_no_binomial_limits() -> None:
    lower, upper = stats.binomial_funnel([0, 20], 0.5, confidence=0.95)
    assert np.isnan([lower[0], upper[0]]).all()
    assert np.isfinite([lower[1], upper[1]]).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_limits_have_the_shape_of_what_they_are_asked_for(shape: tuple[int, ...]) -> None:
    sizes = np.full(shape, 25)
    for limits in (stats.binomial_funnel(sizes, 0.4, confidence=0.95), stats.poisson_funnel(sizes, confidence=0.95)):
        assert [limit.shape for limit in limits] == [shape, shape]
        assert all(limit.dtype == np.float64 for limit in limits)


def test_units_of_one_size_have_the_same_limits_wherever_they_stand() -> None:
    sizes = [30, 7, 30, 120, 7]
    lower, upper = stats.binomial_funnel(sizes, 0.9, confidence=0.998)
    for limits in (lower, upper):
        assert limits[0] == limits[2]
        assert limits[1] == limits[4]
    alone = stats.binomial_funnel(120, 0.9, confidence=0.998)
    assert (float(lower[3]), float(upper[3])) == (float(alone[0]), float(alone[1]))


@pytest.mark.parametrize("confidence", LEVELS)
def test_poisson_limits_agree_with_a_loop(confidence: float) -> None:
    means = [0.01, 0.5, 1.0, 3.7, 10.0, 90.0, 801.0]
    lower, upper = stats.poisson_funnel(means, confidence=confidence)
    for place, mean in enumerate(means):
        tails = ((1 - confidence) / 2, 1 - (1 - confidence) / 2)
        low, high = (max(interpolated(reference.poisson(mean), tail) / mean, 0.0) for tail in tails)
        assert float(lower[place]) == pytest.approx(low, rel=1e-9, abs=1e-12)
        assert float(upper[place]) == pytest.approx(high, rel=1e-9, abs=1e-12)


def test_poisson_limits_close_in_on_one() -> None:
    lower, upper = stats.poisson_funnel([5, 50, 500, 50_000], confidence=0.95)
    assert (np.diff(lower) > 0).all()
    assert (np.diff(upper) < 0).all()
    spread = 1.96 / math.sqrt(50_000)
    assert (float(lower[-1]), float(upper[-1])) == pytest.approx((1 - spread, 1 + spread), rel=1e-3)


def test_where_nothing_is_expected_there_are_no_poisson_limits() -> None:
    lower, upper = stats.poisson_funnel([0, -1, 4], confidence=0.95)
    assert np.isnan(lower).tolist() == [True, True, False]
    assert np.isnan(upper).tolist() == [True, True, False]


# --- directly standardised rates ------------------------------------------------------------------------------------------------


def test_a_standardised_rate_by_hand() -> None:
    """5 of 1000 and 20 of 500, weighted 6 : 4.

    Rate 0.6 x 5/1000 + 0.4 x 20/500 = 0.019; variance 0.36 x 5/1000^2 + 0.16 x 20/500^2 = 0.0000146.  Dobson: the limits of the 25
    events, 16.17 and 36.91 by Byar, less 25, times the root of 0.0000146 / 25, around the rate.
    """
    rate, lower, upper = stats.standardised_rate([5, 20], [1000, 500], [6, 4])
    assert float(rate) == pytest.approx(0.019, rel=1e-12)
    scale = math.sqrt(0.0000146 / 25)
    z = reference.norm.ppf(0.975)
    low = 25 * (1 - 1 / (9 * 25) - z / (3 * 5)) ** 3
    high = 26 * (1 - 1 / (9 * 26) + z / (3 * math.sqrt(26))) ** 3
    assert (round(low, 2), round(high, 2)) == (16.17, 36.91)
    assert float(lower) == pytest.approx(0.019 + scale * (low - 25), rel=1e-9)
    assert float(upper) == pytest.approx(0.019 + scale * (high - 25), rel=1e-9)


def test_few_events_take_the_exact_interval() -> None:
    rate, lower, upper = stats.standardised_rate([1, 3], [100, 400], [1, 1])
    scale = math.sqrt((0.25 * 1 / 100**2 + 0.25 * 3 / 400**2) / 4)
    low, high = reference.chi2.ppf(0.025, 8) / 2, reference.chi2.ppf(0.975, 10) / 2
    assert float(rate) == pytest.approx(float(Fraction(1, 200) + Fraction(3, 800)), rel=1e-12)
    assert float(lower) == pytest.approx(float(rate) + scale * (low - 4), rel=1e-9)
    assert float(upper) == pytest.approx(float(rate) + scale * (high - 4), rel=1e-9)


def test_weighted_by_its_own_population_it_is_the_crude_rate_with_the_interval_of_the_count() -> None:
    counts, people = [12, 30, 8], [1000, 2000, 1500]
    rate, lower, upper = stats.standardised_rate(counts, people, people, multiplier=1000)
    low, high = stats.count_interval(50)
    assert float(rate) == pytest.approx(1000 * 50 / 4500, rel=1e-12)
    assert (float(lower), float(upper)) == pytest.approx((1000 * float(low) / 4500, 1000 * float(high) / 4500), rel=1e-9)


def test_only_the_proportions_of_the_weights_matter() -> None:
    one = stats.standardised_rate([5, 20], [1000, 500], [3, 2])
    other = stats.standardised_rate([5, 20], [1000, 500], [30_000, 20_000])
    assert [float(value) for value in one] == pytest.approx([float(value) for value in other], rel=1e-12)


def test_no_events_give_a_rate_of_nothing_without_limits() -> None:
    rate, lower, upper = stats.standardised_rate([0, 0], [1000, 500], [1, 1])
    assert float(rate) == 0.0
    assert np.isnan([lower, upper]).all()


def test_a_stratum_without_events_counts_as_nothing() -> None:
    rate, lower, upper = stats.standardised_rate([0, 20], [1000, 500], [6, 4])
    assert float(rate) == pytest.approx(0.4 * 20 / 500, rel=1e-12)
    assert 0 < float(lower) < float(rate) < float(upper)


def test_a_stratum_without_people_has_no_standardised_rate() -> None:
    found = stats.standardised_rate([[5, 0], [5, 1]], [[1000, 0], [1000, 10]], [1, 1])
    assert [np.isnan(values).tolist() for values in found] == [[True, False]] * 3


def test_areas_run_along_the_first_axis() -> None:
    rng = np.random.default_rng(20)
    people = rng.integers(50, 5000, size=(40, 6))
    counts = rng.binomial(people, 0.03)
    weights = np.array([5, 4, 3, 3, 2, 1])
    found = stats.standardised_rate(counts, people, weights, multiplier=1000, confidence=0.998)
    assert [values.shape for values in found] == [(40,)] * 3
    for place in range(40):
        alone = stats.standardised_rate(counts[place], people[place], weights, multiplier=1000, confidence=0.998)
        assert [float(values[place]) for values in found] == pytest.approx([float(value) for value in alone], rel=1e-12)
