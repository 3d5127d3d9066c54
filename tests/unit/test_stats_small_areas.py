"""Funnel limits and directly standardised rates: against loops over scipy's distributions, and worked by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats as reference

from nianbao import stats

LEVELS = [0.8, 0.95, 0.998]


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("centre", [0.02, 0.3, 0.915, 0.999, 1.0, 1.3])
def test_a_count_is_drawn_outside_the_lines_exactly_when_its_tail_says_so(confidence: float, centre: float) -> None:
    sizes = np.array([1, 2, 7, 20, 41, 153, 400])
    lower, upper = stats.funnel_curve(sizes, centre, confidence=confidence)
    for place, size in enumerate(sizes):
        counts = np.arange(size + 1 if centre < 1 else 3 * size + 10)
        few, many = stats.tails(counts, np.full(counts.shape, size), centre)
        tail = (1 - confidence) / 2
        assert ((counts / size > upper[place] + 1e-12) == (many < tail)).all()
        assert ((counts / size < lower[place] - 1e-12) == (few < tail)).all()


@pytest.mark.parametrize("confidence", LEVELS)
def test_lines_agree_with_the_tails_of_another_library(confidence: float) -> None:
    lower, upper = stats.funnel_curve(153, 0.92, confidence=confidence)
    low, high = float(lower) * 153, float(upper) * 153
    # a continuous binomial tail lies between those of the whole counts around it
    tail = (1 - confidence) / 2
    assert reference.binom.cdf(math.floor(low), 153, 0.92) <= tail <= reference.binom.cdf(math.ceil(low), 153, 0.92)
    assert reference.binom.sf(math.ceil(high) - 1, 153, 0.92) <= tail <= reference.binom.sf(math.floor(high) - 1, 153, 0.92)


def test_a_line_by_hand() -> None:
    """Two persons, one half: P(both) = 1/4 and P(none) = 1/4, so at a coverage of 1/2 the lines lie at both and at none exactly."""
    lower, upper = stats.funnel_curve(2, 0.5, confidence=0.5)
    assert (float(lower), float(upper)) == pytest.approx((0.0, 1.0), abs=1e-12)
    # four persons: P(all) = 1/16, P(none) = 1/16
    assert [float(line) for line in stats.funnel_curve(4, 0.5, confidence=0.875)] == pytest.approx([0.0, 1.0], abs=1e-12)


@pytest.mark.parametrize("centre", [0.02, 0.3, 0.6, 0.915, 1.0, 1.3])
def test_lines_near_the_centre_without_a_step(centre: float) -> None:
    sizes = np.linspace(1, 900, 5000)
    lower, upper = stats.funnel_curve(sizes, centre, confidence=0.95)
    assert (np.diff(lower) >= -1e-12).all()
    assert (np.diff(upper) <= 1e-12).all()
    assert (lower[-1] < centre) & (centre < upper[-1])


def test_with_many_persons_the_lines_are_those_of_the_normal_distribution() -> None:
    lower, upper = stats.funnel_curve(100_000, 0.6, confidence=0.95)
    assert upper - lower == pytest.approx(2 * 1.96 * math.sqrt(0.24 / 100_000), rel=1e-2)
    lower, upper = stats.funnel_curve(50_000, 1.0, confidence=0.95)
    spread = 1.96 / math.sqrt(50_000)
    assert (float(lower), float(upper)) == pytest.approx((1 - spread, 1 + spread), rel=1e-3)


def test_the_wider_the_coverage_the_wider_the_funnel() -> None:
    inner, outer = (stats.funnel_curve(153, 0.92, confidence=level) for level in (0.95, 0.998))
    assert outer[0] < inner[0] < 0.92 < inner[1] < outer[1]


def test_nobody_has_no_lines() -> None:
    for centre in (0.5, 1.0):
        lower, upper = stats.funnel_curve([0, 20], centre, confidence=0.95)
        assert np.isnan([lower[0], upper[0]]).all()
        assert np.isfinite([lower[1], upper[1]]).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("centre", [0.4, 1.2])
def test_lines_have_the_shape_of_what_they_are_asked_for(shape: tuple[int, ...], centre: float) -> None:
    limits = stats.funnel_curve(np.full(shape, 25), centre, confidence=0.95)
    assert [limit.shape for limit in limits] == [shape, shape]
    assert all(limit.dtype == np.float64 for limit in limits)


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
