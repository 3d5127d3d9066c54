"""Every statistic by a second route: statsmodels' figures, scipy's distributions, equations solved, published and worked values.

What is asked throughout is agreement to one part in a thousand million, and an answer at zero events and at a hundred per cent.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import optimize
from scipy import stats as reference

from nianbao import stats

LEVELS = [0.8, 0.95, 0.998]
CLOSE = 1e-9


def near(wanted: float) -> object:
    """Return what equals ``wanted`` to one part in a thousand million, and nothing to 1e-12."""
    return pytest.approx(wanted, rel=CLOSE, abs=1e-12)


def both(limits: tuple[np.ndarray, np.ndarray]) -> tuple[float, float]:
    return float(limits[0]), float(limits[1])


# --- statsmodels ----------------------------------------------------------------------------------------------------------------

# statsmodels 0.15.0, proportion_confint(count, total, alpha, method="wilson"): count, total, coverage, limits
WILSON = [
    (0, 7, 0.8, 0.0, 0.1900374059553338),
    (0, 7, 0.95, 0.0, 0.35433043506668743),
    (0, 7, 0.998, 0.0, 0.5770274088458592),
    (7, 7, 0.8, 0.8099625940446663, 1.0),
    (7, 7, 0.95, 0.6456695649333126, 1.0),
    (7, 7, 0.998, 0.4229725911541407, 1.0),
    (1, 47, 0.8, 0.0063860255554806546, 0.06849466147807393),
    (1, 47, 0.95, 0.0037657680385967812, 0.11112981041629329),
    (1, 47, 0.998, 0.0018591267570261666, 0.20237837160391647),
    (37, 40, 0.8, 0.8533097555250964, 0.9631662614531895),
    (37, 40, 0.95, 0.8013576647568946, 0.9741639742254119),
    (37, 40, 0.998, 0.7013887735966915, 0.9847932362949936),
    (148, 153, 0.8, 0.9433738249312072, 0.9813403780213746),
    (148, 153, 0.95, 0.9257867588179043, 0.9859619655004657),
    (148, 153, 0.998, 0.8887690996426176, 0.9909627272053405),
    (90, 11002, 0.8, 0.0071508445544248, 0.009356632536751043),
    (90, 11002, 0.95, 0.006660439382118195, 0.010043549995572987),
    (90, 11002, 0.998, 0.005920197643253716, 0.011293504669163748),
    (0, 1, 0.8, 0.0, 0.6215524967746471),
    (0, 1, 0.95, 0.0, 0.7934506856227626),
    (0, 1, 0.998, 0.0, 0.9052090984986795),
    (40000, 40000, 0.8, 0.9999589423254232, 1.0),
    (40000, 40000, 0.95, 0.9999039727516006, 1.0),
    (40000, 40000, 0.998, 0.9997613185897641, 0.9999999999999999),
]
# statsmodels 0.15.0, confint_poisson(count, 1, alpha, method="exact-c"): count, coverage, limits
GARWOOD = [
    (0, 0.8, 0.0, 2.302585092994046),
    (0, 0.95, 0.0, 3.6888794541139354),
    (0, 0.998, 0.0, 6.907755278982137),
    (1, 0.8, 0.10536051565782632, 3.889720169867429),
    (1, 0.95, 0.025317807984289897, 5.571643390938898),
    (1, 0.998, 0.0010005003335835346, 9.233413476451585),
    (5, 0.8, 2.432591025962664, 9.274673893351626),
    (5, 0.95, 1.623486390118421, 11.66833207932267),
    (5, 0.998, 0.7393717319178327, 16.454745203680105),
    (9, 0.8, 5.43246805825443, 14.205990292152817),
    (9, 0.95, 4.115373097378334, 17.084803451419166),
    (9, 0.998, 2.452424404363775, 22.65737330906293),
    (10, 0.8, 6.221304605225031, 15.406641171976515),
    (10, 0.95, 4.7953886961324335, 18.39035604201778),
    (10, 0.998, 2.96052037274376, 24.13397114541759),
    (90, 0.8, 78.07631308929457, 103.41930569293214),
    (90, 0.95, 72.37062813110597, 110.62527978990643),
    (90, 0.998, 63.505533281308914, 123.34757108930309),
    (801, 0.8, 764.9504582945025, 838.5004180895655),
    (801, 0.95, 746.4823525885262, 858.4464022328042),
    (801, 0.998, 716.3820225740286, 892.3712402853047),
    (50000, 0.8, 49713.65133593833, 50287.77977912516),
    (50000, 0.95, 49562.686650323674, 50440.212035431294),
    (50000, 0.998, 49311.8519081848, 50694.85467619005),
]
# statsmodels 0.15.0, confint_proportions_2indep(..., method="newcomb", compare="diff", alpha=0.05, correction=False)
NEWCOMBE = [
    (56, 70, 48, 80, 0.05243147240236498, 0.33387265403690614),
    (9, 10, 3, 10, 0.1705227239345029, 0.809017973535488),
    (6, 7, 2, 7, 0.05822792748231209, 0.8062496375242278),
    (5, 56, 0, 29, -0.038137147903536936, 0.19256001385511165),
    (0, 10, 0, 20, -0.1611251580528194, 0.27753279986288926),
    (0, 10, 0, 10, -0.27753279986288926, 0.27753279986288926),
    (10, 10, 0, 20, 0.6790860371419145, 1.0),
    (10, 10, 0, 10, 0.6075093504305241, 1.0),
    (40, 40, 41, 41, -0.08762160119728657, 0.08566757018443194),
]


@pytest.mark.parametrize(("count", "total", "confidence", "low", "high"), WILSON)
def test_wilson_as_statsmodels_has_it(count: int, total: int, confidence: float, low: float, high: float) -> None:
    assert both(stats.wilson(count, total, confidence=confidence)) == (near(low), near(high))


@pytest.mark.parametrize(("count", "confidence", "low", "high"), GARWOOD)
def test_garwood_as_statsmodels_has_it(count: int, confidence: float, low: float, high: float) -> None:
    assert both(stats.exact_poisson(count, confidence=confidence)) == (near(low), near(high))


@pytest.mark.parametrize(("count_1", "total_1", "count_0", "total_0", "low", "high"), NEWCOMBE)
def test_newcombe_as_statsmodels_has_it(
    count_1: int, total_1: int, count_0: int, total_0: int, low: float, high: float
) -> None:
    assert both(stats.difference_of_proportions(count_1, total_1, count_0, total_0)) == (near(low), near(high))


# --- published values -----------------------------------------------------------------------------------------------------------

# Newcombe (1998), table II, examples (a) to (h), method 10
NEWCOMBE_1998 = [
    ((56, 70, 48, 80), 0.0524, 0.3339),
    ((9, 10, 3, 10), 0.1705, 0.8090),
    ((6, 7, 2, 7), 0.0582, 0.8062),
    ((5, 56, 0, 29), -0.0381, 0.1926),
    ((0, 10, 0, 20), -0.1611, 0.2775),
    ((0, 10, 0, 10), -0.2775, 0.2775),
    ((10, 10, 0, 20), 0.6791, 1.0000),
    ((10, 10, 0, 10), 0.6075, 1.0000),
]


@pytest.mark.parametrize(("counts", "low", "high"), NEWCOMBE_1998)
def test_newcombes_own_examples(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    lower, upper = stats.difference_of_proportions(*counts)
    assert (round(float(lower), 4), round(float(upper), 4)) == (low, high)


# the 95 % limits of Garwood's table as every textbook prints it
GARWOOD_TABLE = {
    0: (0.0, 3.689),
    1: (0.025, 5.572),
    2: (0.242, 7.225),
    5: (1.623, 11.668),
    10: (4.795, 18.390),
    20: (12.217, 30.888),
}


@pytest.mark.parametrize("count", GARWOOD_TABLE)
def test_the_printed_table_of_poisson_limits(count: int) -> None:
    assert both(stats.exact_poisson(count)) == pytest.approx(GARWOOD_TABLE[count], abs=0.0006)


def test_the_exact_interval_of_51_boys_and_39_girls_is_wider_than_the_one_used() -> None:
    """51 : 39 is 130.77; Clopper and Pearson's limits 84.5 and 203.8 enclose Wilson's 86.4 and 197.8."""
    exact = reference.binomtest(51, 90).proportion_ci(0.95, method="exact")
    outer = tuple(100 * p / (1 - p) for p in (exact.low, exact.high))
    assert tuple(round(limit, 1) for limit in outer) == (84.5, 203.8)
    lower, upper = both(stats.sex_ratio(51, 39))
    assert outer[0] < lower < 100 * 51 / 39 < upper < outer[1]


# --- equations solved, distributions asked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize(("count", "total"), [(0, 7), (1, 47), (46, 47), (37, 40), (148, 153), (90, 11_002), (7, 7)])
def test_wilson_solves_the_score_equation(count: int, total: int, confidence: float) -> None:
    z, share = float(reference.norm.isf((1 - confidence) / 2)), count / total

    def score(p: float) -> float:
        return (share - p) ** 2 - z * z * p * (1 - p) / total

    low = optimize.brentq(score, 0.0, share, xtol=1e-15, rtol=1e-14) if 0 < count < total else None
    high = optimize.brentq(score, share, 1.0, xtol=1e-15, rtol=1e-14) if 0 < count < total else None
    low = low if low is not None else (0.0 if count == 0 else optimize.brentq(score, 1e-9, 1 - 1e-9, xtol=1e-15, rtol=1e-14))
    high = high if high is not None else (1.0 if count else optimize.brentq(score, 1e-9, 1 - 1e-9, xtol=1e-15, rtol=1e-14))
    assert both(stats.wilson(count, total, confidence=confidence)) == (near(low), near(high))


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("count", [0, 1, 3, 9, 10, 90, 801])
def test_garwoods_limits_are_the_means_that_make_the_count_just_so_rare(count: int, confidence: float) -> None:
    lower, upper = both(stats.exact_poisson(count, confidence=confidence))
    tail = (1 - confidence) / 2
    assert reference.poisson.cdf(count, upper) == near(tail)
    assert lower == 0.0 if count == 0 else reference.poisson.sf(count - 1, lower) == near(tail)
    assert upper == near(reference.gamma.ppf(1 - tail, count + 1))


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("count", [1, 9, 10, 90, 801, 100_000])
def test_byars_limits_by_the_cube_root_of_chi_square(count: int, confidence: float) -> None:
    """Byar's limits are Wilson and Hilferty's approximation of the chi-square quantiles of the exact ones."""
    z = float(reference.norm.isf((1 - confidence) / 2))

    def hilferty(degrees: int, quantile: float) -> float:
        return degrees * (1 - 2 / (9 * degrees) + quantile * math.sqrt(2 / (9 * degrees))) ** 3

    wanted = hilferty(2 * count, -z) / 2, hilferty(2 * count + 2, z) / 2
    assert both(stats.byar(count, confidence=confidence)) == (near(wanted[0]), near(wanted[1]))


def test_byar_is_within_what_its_docstring_says_of_the_exact_interval() -> None:
    counts = np.arange(10, 2000)
    for ours, exact in zip(stats.byar(counts), stats.exact_poisson(counts), strict=True):
        assert float(np.max(np.abs(ours / exact - 1))) < 0.002


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize(("boys", "girls"), [(51, 39), (84, 72), (324, 335), (427, 374), (0, 5)])
def test_sex_ratio_by_scipys_wilson(boys: int, girls: int, confidence: float) -> None:
    theirs = reference.binomtest(boys, boys + girls).proportion_ci(confidence, method="wilson")
    wanted = [100 * p / (1 - p) for p in (theirs.low, theirs.high)]
    assert both(stats.sex_ratio(boys, girls, confidence=confidence)) == (near(wanted[0]), near(wanted[1]))


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize(("now", "before"), [(151, 183), (3, 12), (1, 1), (0, 5), (5, 0)])
def test_ratio_of_counts_by_the_beta_distribution(now: int, before: int, confidence: float) -> None:
    tail = (1 - confidence) / 2
    low = reference.beta.ppf(tail, now, before + 1) if now else 0.0
    high = reference.beta.ppf(1 - tail, now + 1, before) if before else 1.0
    wanted = low / (1 - low), high / (1 - high) if high < 1 else math.inf
    assert both(stats.ratio_of_counts(now, before, confidence=confidence)) == (near(wanted[0]), near(wanted[1]))


@pytest.mark.parametrize("confidence", LEVELS)
def test_newcombe_by_scipys_wilson(confidence: float) -> None:
    for n1, big1, n0, big0 in [counts for counts, _, _ in NEWCOMBE_1998]:
        one, other = (
            reference.binomtest(n, big).proportion_ci(confidence, method="wilson") for n, big in ((n1, big1), (n0, big0))
        )
        p1, p0 = n1 / big1, n0 / big0
        low = p1 - p0 - math.hypot(p1 - one.low, other.high - p0)
        high = p1 - p0 + math.hypot(one.high - p1, p0 - other.low)
        assert both(stats.difference_of_proportions(n1, big1, n0, big0, confidence=confidence)) == (near(low), near(high))


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("counts", [[5, 20, 7], [0, 3, 1], [120, 340, 95]])
def test_dobsons_interval_by_the_gamma_distribution(counts: list[int], confidence: float) -> None:
    people, weights = [1000, 5000, 800], [5, 3, 2]
    total, tail = sum(counts), (1 - confidence) / 2
    shares = [weight / 10 for weight in weights]
    rate = math.fsum(s * d / n for s, d, n in zip(shares, counts, people, strict=True))
    variance = math.fsum(s * s * d / n**2 for s, d, n in zip(shares, counts, people, strict=True))
    if total < 10:
        limits = reference.gamma.ppf(tail, total), reference.gamma.ppf(1 - tail, total + 1)
    else:
        limits = both(stats.byar(total, confidence=confidence))
    wanted = [1000 * (rate + math.sqrt(variance / total) * (limit - total)) for limit in limits]
    found = stats.standardised_rate(counts, people, weights, multiplier=1000, confidence=confidence)
    assert [float(value) for value in found] == [near(1000 * rate), near(wanted[0]), near(wanted[1])]


def interpolated(distribution: object, tails: list[float]) -> list[np.ndarray]:
    """Return the interpolated quantiles of frozen scipy distributions: Spiegelhalter (2005), appendix A.1."""
    limits = []
    for tail in tails:
        k = distribution.ppf(tail)  # type: ignore[attr-defined]
        k = k + (distribution.cdf(k) <= tail)  # type: ignore[attr-defined]
        limits.append(k - (distribution.cdf(k) - tail) / distribution.pmf(k))  # type: ignore[attr-defined]
    return limits


@pytest.mark.parametrize("confidence", LEVELS)
@pytest.mark.parametrize("centre", [0.001, 0.02, 0.5, 0.915, 0.999])
def test_binomial_funnel_by_scipys_quantiles(confidence: float, centre: float) -> None:
    sizes = np.unique(np.concatenate([np.arange(1, 400), np.random.default_rng(8).integers(400, 200_000, 600)]))
    wanted = interpolated(reference.binom(sizes, centre), [(1 - confidence) / 2, 1 - (1 - confidence) / 2])
    for ours, theirs in zip(stats.binomial_funnel(sizes, centre, confidence=confidence), wanted, strict=True):
        # scipy's point mass is itself good to about 1e-10 of a step
        np.testing.assert_allclose(ours, np.clip(theirs / sizes, 0, 1), rtol=CLOSE, atol=1e-10)


@pytest.mark.parametrize("confidence", LEVELS)
def test_poisson_funnel_by_scipys_quantiles(confidence: float) -> None:
    means = 10 ** np.random.default_rng(8).uniform(-3, 5, 1000)
    wanted = interpolated(reference.poisson(means), [(1 - confidence) / 2, 1 - (1 - confidence) / 2])
    for ours, theirs in zip(stats.poisson_funnel(means, confidence=confidence), wanted, strict=True):
        np.testing.assert_allclose(ours, np.maximum(theirs / means, 0), rtol=CLOSE, atol=1e-9)


@pytest.mark.parametrize("centre", [0.02, 0.915, 1.2])
def test_tails_by_scipys_distributions(centre: float) -> None:
    counts, totals = np.array([0, 1, 36, 40, 40]), np.array([7, 47, 40, 40, 41])
    distribution = reference.binom(totals, centre) if centre < 1 else reference.poisson(totals * centre)
    low, high = stats.tails(counts, totals, centre)
    np.testing.assert_allclose(low, distribution.cdf(counts), rtol=CLOSE)
    np.testing.assert_allclose(high, distribution.sf(counts - 1), rtol=CLOSE)


# --- nothing, and all of it ------------------------------------------------------------------------------------------------------

SIZES = np.array([1, 2, 7, 40, 11_002, 10_000_000])
NONE = np.zeros_like(SIZES)


@pytest.mark.parametrize("confidence", LEVELS)
def test_no_event_has_limits_everywhere(confidence: float) -> None:
    for lower, upper in (
        stats.wilson(NONE, SIZES, confidence=confidence),
        stats.exact_poisson(NONE, confidence=confidence),
        stats.byar(NONE, confidence=confidence),
        stats.count_interval(NONE, confidence=confidence),
        stats.sex_ratio(NONE, SIZES, confidence=confidence),
        stats.ratio_of_counts(NONE, SIZES, confidence=confidence),
    ):
        assert (lower == 0).all()
        assert (upper > 0).all()
        assert np.isfinite(upper).all()
    lower, upper = stats.difference_of_proportions(NONE, SIZES, NONE, SIZES, confidence=confidence)
    np.testing.assert_allclose(lower, -upper)
    low, high = stats.tails(NONE, SIZES, 0.3)
    assert (high == 1).all()
    assert (low >= 0).all()


@pytest.mark.parametrize("confidence", LEVELS)
def test_a_hundred_per_cent_has_limits_everywhere(confidence: float) -> None:
    lower, upper = stats.wilson(SIZES, SIZES, confidence=confidence)
    assert (upper == 1).all()
    assert ((lower > 0) & (lower < 1)).all()
    lower, upper = stats.difference_of_proportions(SIZES, SIZES, NONE, SIZES, confidence=confidence)
    assert (upper == 1).all()
    assert (lower < 1).all()
    low, _ = stats.tails(SIZES, SIZES, 0.3)
    np.testing.assert_allclose(low, 1.0)


@pytest.mark.parametrize("centre", [0.0, 1e-7, 1 - 1e-7, 1.0])
@pytest.mark.parametrize("confidence", LEVELS)
def test_a_funnel_around_nothing_or_around_all_stays_between_them(centre: float, confidence: float) -> None:
    lower, upper = stats.binomial_funnel(SIZES, centre, confidence=confidence)
    assert ((lower >= 0) & (lower <= upper) & (upper <= 1)).all()


@pytest.mark.parametrize("confidence", LEVELS)
def test_the_upper_limit_mirrors_the_lower_one(confidence: float) -> None:
    """To count the ones is to count the others: limits of n of N are one less those of N - n of N."""
    counts = np.arange(41)
    lower, upper = stats.wilson(counts, 40, confidence=confidence)
    turned_lower, turned_upper = stats.wilson(40 - counts, 40, confidence=confidence)
    np.testing.assert_allclose(lower, 1 - turned_upper, rtol=CLOSE, atol=1e-12)
    np.testing.assert_allclose(upper, 1 - turned_lower, rtol=CLOSE, atol=1e-12)
