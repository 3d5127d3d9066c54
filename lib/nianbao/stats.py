"""Intervals for small numbers and exact rounding: arrays in, arrays out, no pandas, no state.

``confidence`` is always the coverage (0.95), never alpha.  Every function accepts scalars or arrays that broadcast together and
returns float64 arrays ``(lower, upper)`` of the broadcast shape; NaN marks what is undefined (no denominator, a count below zero).
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]
Counts = npt.ArrayLike
Places = npt.NDArray[np.intp]


def wilson(count: Counts, total: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the Wilson score interval of the proportion ``count / total``, as shares of 1.

    Defined at 0 and at ``total``; NaN where ``total`` is 0 or ``count`` is outside 0..total.

    Source: E. B. Wilson (1927), JASA 22:209-212; recommended for public health by OHID, Technical Guide: proportions.
    """
    n, big_n = _pair(count, total)
    valid = (big_n > 0) & (n >= 0) & (n <= big_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = _z(confidence)
        p = n / big_n
        centre = p + z * z / (2 * big_n)
        spread = z * np.sqrt(p * (1 - p) / big_n + z * z / (4 * big_n * big_n))
        scale = 1 + z * z / big_n
        lower = np.where(n == 0, 0.0, (centre - spread) / scale)
        upper = np.where(n == big_n, 1.0, (centre + spread) / scale)
    return _masked(lower, valid), _masked(upper, valid)


def exact_poisson(count: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Garwood's exact interval of a Poisson mean given ``count`` events; the lower limit of 0 events is 0.

    Source: F. Garwood (1936), Biometrika 28:437-442.
    """
    n = np.asarray(count, dtype=np.float64)
    tail = (1 - confidence) / 2
    valid = n >= 0
    safe = np.where(valid, n, 0.0)
    lower = np.where(safe > 0, special.gammaincinv(np.maximum(safe, 1e-12), tail), 0.0)
    upper = special.gammaincinv(safe + 1, 1 - tail)
    return _masked(lower, valid), _masked(upper, valid)


def byar(count: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Byar's approximate interval of a Poisson mean, within 0.2 % of the exact one from 10 events up.

    Source: N. E. Breslow and N. E. Day (1987), Statistical Methods in Cancer Research II, IARC, p. 69.
    """
    n = np.asarray(count, dtype=np.float64)
    z = _z(confidence)
    valid = n >= 0
    safe = np.where(valid, n, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        lower = np.where(safe > 0, safe * (1 - 1 / (9 * safe) - z / (3 * np.sqrt(safe))) ** 3, 0.0)
    upper = (safe + 1) * (1 - 1 / (9 * (safe + 1)) + z / (3 * np.sqrt(safe + 1))) ** 3
    return _masked(lower, valid), _masked(upper, valid)


def count_interval(count: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of a count of events: exact below 10 events, Byar from 10 up (OHID, Technical Guide: rates)."""
    n = np.asarray(count, dtype=np.float64)
    few_low, few_high = exact_poisson(n, confidence=confidence)
    low, high = byar(n, confidence=confidence)
    return np.where(n < 10, few_low, low), np.where(n < 10, few_high, high)


def sex_ratio(males: Counts, females: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of males per 100 females: Wilson's limits of males / births, transformed to 100 p / (1 - p).

    Without females the ratio itself is undefined, its interval is not: the lower limit is finite, the upper infinite.  NaN without births.
    """
    m, f = _pair(males, females)
    lower, upper = wilson(m, m + f, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = 100 * lower / (1 - lower), np.where(f > 0, 100 * upper / (1 - upper), np.inf)
    valid = (f >= 0) & (m >= 0) & (m + f > 0)
    return _masked(low, valid), _masked(high, valid)


def ratio_of_counts(now: Counts, before: Counts, *, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the exact interval of the ratio of two Poisson means, ``now / before``, conditional on their sum.

    An interval that holds 1 means that chance alone explains the change.  NaN where both counts are 0.

    Source: J. Przyborowski and H. Wilenski (1940), Biometrika 31:313-323, limits by C. J. Clopper and E. S. Pearson (1934).
    """
    a, b = _pair(now, before)
    tail = (1 - confidence) / 2
    valid = (a >= 0) & (b >= 0) & (a + b > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(a > 0, special.betaincinv(np.maximum(a, 1e-12), b + 1, tail), 0.0)
        high = np.where(b > 0, special.betaincinv(a + 1, np.maximum(b, 1e-12), 1 - tail), 1.0)
        lower, upper = low / (1 - low), np.where(high >= 1, np.inf, high / (1 - high))
    return _masked(lower, valid), _masked(upper, valid)


def difference_of_proportions(
    count_1: Counts, total_1: Counts, count_0: Counts, total_0: Counts, *, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return Newcombe's hybrid score interval of ``count_1/total_1 - count_0/total_0``, as shares of 1.

    Source: R. G. Newcombe (1998), Statistics in Medicine 17:873-890, method 10.
    """
    n1, big1 = _pair(count_1, total_1)
    n0, big0 = _pair(count_0, total_0)
    low1, high1 = wilson(n1, big1, confidence=confidence)
    low0, high0 = wilson(n0, big0, confidence=confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p0 = n1 / big1, n0 / big0
        difference = p1 - p0
        lower = difference - np.sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
        upper = difference + np.sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return np.asarray(lower), np.asarray(upper)


def standardised_rate(
    counts: Counts, populations: Counts, weights: Counts, *, multiplier: float = 1.0, confidence: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Return directly standardised rates with their intervals as ``(rate, lower, upper)``, each times ``multiplier``.

    ``counts`` and ``populations`` hold the strata along the last axis; ``weights`` are the standard population of the strata.  The
    interval scales that of the total count (:func:`count_interval`) by the standard errors.  NaN where a stratum has nobody, and the
    limits where no event was counted at all.

    Source: A. J. Dobson et al. (1991), Statistics in Medicine 10:457-462.
    """
    d, n = _pair(counts, populations)
    w = np.asarray(weights, dtype=np.float64)
    share = w / w.sum(axis=-1, keepdims=True)
    valid = (n > 0).all(axis=-1) & (d >= 0).all(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (share * d / n).sum(axis=-1)
        variance = (share**2 * d / n**2).sum(axis=-1)
        total = d.sum(axis=-1)
        low, high = count_interval(total, confidence=confidence)
        scale = np.sqrt(variance / total)
        lower, upper = rate + scale * (low - total), rate + scale * (high - total)
    return tuple(_masked(multiplier * values, valid) for values in (rate, lower, upper))  # type: ignore[return-value]


def binomial_funnel(total: Counts, centre: float, *, confidence: float) -> tuple[Floats, Floats]:
    """Return exact funnel limits of a proportion around ``centre`` for denominators ``total``, as shares of 1.

    A unit outside ``confidence`` 0.998 differs from the centre by more than chance.  Discrete limits are interpolated, so that
    they fall smoothly with the denominator.  NaN where ``total`` is 0.

    Source: D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1.
    """
    n = np.asarray(total, dtype=np.float64)
    sizes, place = np.unique(np.maximum(n, 1.0), return_inverse=True)  # units of one size share their limits
    trials = sizes.astype(np.int64)  # scipy wants the number of trials whole

    def cumulative(k: Floats, which: Places) -> Floats:
        return np.where(k < 0, 0.0, special.bdtr(np.clip(k, 0, sizes[which]), trials[which], centre))

    spread = np.sqrt(sizes * centre * (1 - centre))
    limits = []
    for tail in ((1 - confidence) / 2, 1 - (1 - confidence) / 2):
        near = _near_quantile(tail, mean=sizes * centre, spread=spread, skew=1 - 2 * centre)
        found = np.clip(_interpolated(near, tail, cumulative, ceiling=sizes) / sizes, 0.0, 1.0)
        limits.append(found[place].reshape(n.shape))
    return _masked(limits[0], n > 0), _masked(limits[1], n > 0)


def tails(count: Counts, total: Counts, centre: float) -> tuple[Floats, Floats]:
    """Return the exact chances of so few and of so many: ``P(X <= count)`` and ``P(X >= count)`` when the true share is ``centre``.

    Binomial below a centre of 1; Poisson with mean ``total * centre`` from 1 up, where a completion exceeds its task.  NaN where
    ``total`` is 0.
    """
    n, big_n = _pair(count, total)
    safe = np.maximum(big_n, 1.0)
    if centre < 1:
        whole = np.rint(safe).astype(np.int64)
        low = special.bdtr(np.clip(n, 0, whole), whole, centre)
        high = np.where(n > 0, special.bdtrc(np.clip(n - 1, 0, whole), whole, centre), 1.0)
    else:
        low, high = special.pdtr(n, safe * centre), np.where(n > 0, special.pdtrc(np.maximum(n - 1, 0), safe * centre), 1.0)
    return _masked(low, big_n > 0), _masked(high, big_n > 0)


def poisson_funnel(expected: Counts, *, confidence: float) -> tuple[Floats, Floats]:
    """Return exact funnel limits of a count whose mean is ``expected``, as ratios to it; NaN where nothing is expected.

    Source: D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1.
    """
    mean = np.asarray(expected, dtype=np.float64)
    safe = np.where(mean > 0, mean, 1.0).ravel()

    def cumulative(k: Floats, which: Places) -> Floats:
        return np.where(k < 0, 0.0, special.pdtr(np.maximum(k, 0), safe[which]))

    limits = []
    for tail in ((1 - confidence) / 2, 1 - (1 - confidence) / 2):
        near = _near_quantile(tail, mean=safe, spread=np.sqrt(safe), skew=1.0)
        found = _interpolated(near, tail, cumulative, ceiling=np.full_like(safe, np.inf)) / safe
        limits.append(np.maximum(found, 0.0).reshape(mean.shape))
    return _masked(limits[0], mean > 0), _masked(limits[1], mean > 0)


def _near_quantile(tail: float, *, mean: Floats, spread: Floats, skew: float) -> Floats:
    """Return a quantile to within a step or two: normal, moved by the third moment ``skew / spread`` (E. A. Cornish, R. A. Fisher 1938)."""
    z = float(special.ndtri(tail))
    return np.asarray(mean + spread * z + skew * (z * z - 1) / 6)


def _interpolated(near: Floats, tail: float, cumulative: Callable[[Floats, Places], Floats], *, ceiling: Floats) -> Floats:
    """Return the interpolated quantile at ``tail``: the smallest k with P(X <= k) > tail, less the share of its step above tail.

    ``near`` is where to look first; ``cumulative`` returns P(X <= k) for the units at the places named.
    """
    k = np.clip(np.rint(near), 0, ceiling)
    everywhere = np.arange(k.size)
    below, reached = cumulative(k - 1, everywhere), cumulative(k, everywhere)
    while (high := np.flatnonzero(below > tail)).size:
        k[high] -= 1
        reached[high] = below[high]
        below[high] = cumulative(k[high] - 1, high)
    while (low := np.flatnonzero((reached <= tail) & (k < ceiling))).size:
        k[low] += 1
        below[low] = reached[low]
        reached[low] = cumulative(k[low], low)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(reached > below, (reached - tail) / (reached - below), 0.0)
    return np.asarray(k - share)


def funnel_curve(total: Counts, centre: float, *, confidence: float) -> tuple[Floats, Floats]:
    """Return the lines of a funnel plot around ``centre`` for denominators ``total``, whole or not, as shares of 1.

    The exact tail probabilities of :func:`tails` continue between whole counts as incomplete beta (below a centre of 1) and gamma
    functions (from 1 up); a line lies where they equal half of what ``confidence`` leaves.  So the lines draw near the centre without
    the steps of whole counts, and a unit is drawn outside them exactly when its tail probability says so.  Where no count at all
    would be too few or too many, the line lies at 0 or 1.  NaN where ``total`` is 0.

    Source: D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, appendix A.1, with the continuous tails in place of
    interpolation; M. Abramowitz and I. A. Stegun (1964), 26.5.24 and 26.4.21, for the tails.
    """
    n = np.asarray(total, dtype=np.float64)
    size = np.where(n > 0, n, 1.0)
    tail = (1 - confidence) / 2
    mean = size * centre
    if centre < 1:
        lower = _crossing(lambda k: special.betainc(size - k, k + 1, 1 - centre) - tail, np.zeros_like(size), size)
        upper = _crossing(lambda k: tail - special.betainc(k, size - k + 1, centre), np.zeros_like(size), size)
    else:
        lower = _crossing(lambda k: special.gammaincc(k + 1, mean) - tail, np.zeros_like(size), mean)
        upper = _crossing(lambda k: tail - special.gammainc(k, mean), mean, 2 * mean + 100)
    return _masked(lower / size, n > 0), _masked(upper / size, n > 0)


def _crossing(rising: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where a rising function crosses zero between ``low`` and ``high``; the end it lies beyond, where it does not cross."""
    below, above = low.copy(), high.copy()
    for _ in range(60):  # halves the range to the last digit
        middle = (below + above) / 2
        over = rising(middle) >= 0
        below, above = np.where(over, below, middle), np.where(over, middle, above)
    return np.asarray((below + above) / 2)


def overdispersion(count: Counts, total: Counts, centre: float) -> float:
    """Return the variance between units that chance leaves unexplained, on the scale of :func:`stabilised`; 0 where there is none.

    One number for all units given, along one axis.  Each unit's naive deviate ``z = (y - y0) / s`` is winsorised: the lowest and the
    highest tenth of the units (rounded down) take the value next to them, so that the few that truly stand out do not widen the
    limits they are judged by.  With ``phi`` the mean of the squared winsorised deviates of I units and weights ``w = 1 / s**2``, the
    variance is ``(I * phi - (I - 1)) / (sum(w) - sum(w**2) / sum(w))``.  It is taken for real only where ``I * phi`` exceeds the 95 %
    point of chi-squared on I degrees of freedom; otherwise chance explains the spread and 0 is returned.  Units without a
    denominator are left out; 0 for fewer than two.

    Source: D. J. Spiegelhalter (2005), Statistics in Medicine 24:1185-1202, on over-dispersion (winsorised deviates, additive random
    effects); the moment estimator is that of R. DerSimonian and N. Laird (1986), Controlled Clinical Trials 7:177-188.
    """
    n, big_n = _pair(count, total)
    known = big_n > 0
    n, big_n = n[known], big_n[known]
    units = n.size
    if units < 2:
        return 0.0
    weight = 4 * big_n  # 1 / s**2
    deviate = np.sort((stabilised(n / big_n, centre) - stabilised(np.float64(centre), centre)) * np.sqrt(weight))
    edge = units // 10
    spread = np.clip(deviate, deviate[edge], deviate[units - 1 - edge])
    phi = float((spread**2).mean())
    if units * phi <= float(special.chdtri(units, 0.05)):
        return 0.0
    return max(0.0, (units * phi - (units - 1)) / float(weight.sum() - (weight**2).sum() / weight.sum()))


def stabilised(share: Counts, centre: float) -> Floats:
    """Return shares of 1 on the scale on which their variance by chance is 1 / (4 n), whatever the share.

    The arcsine of the square root below a ``centre`` of 1, where counts are binomial; the square root from 1 up, where they are Poisson.

    Source: F. J. Anscombe (1948), Biometrika 35:246-254.
    """
    p = np.asarray(share, dtype=np.float64)
    return np.arcsin(np.sqrt(np.clip(p, 0.0, 1.0))) if centre < 1 else np.sqrt(p)


def widened_tails(count: Counts, total: Counts, centre: float, *, variance: float) -> tuple[Floats, Floats]:
    """Return the chances of so few and of so many when units differ by ``variance`` (:func:`overdispersion`) beside chance.

    Normal on the scale of :func:`stabilised`, and never smaller than the exact ones of :func:`tails`, which are returned unchanged
    where ``variance`` is 0: allowing for more than chance never calls out a unit that chance explains.
    """
    few, many = tails(count, total, centre)
    if variance <= 0:
        return few, many
    n, big_n = _pair(count, total)
    safe = np.maximum(big_n, 1.0)
    apart = stabilised(n / safe, centre) - stabilised(np.float64(centre), centre)
    deviate = apart / np.sqrt(1 / (4 * safe) + variance)
    return np.maximum(few, special.ndtr(deviate)), np.maximum(many, special.ndtr(-deviate))


def widened_curve(total: Counts, centre: float, *, confidence: float, variance: float) -> tuple[Floats, Floats]:
    """Return the lines of a funnel whose units differ by ``variance`` beside chance: those where :func:`widened_tails` cross.

    The lines of :func:`funnel_curve` where ``variance`` is 0.  As shares of 1; NaN where ``total`` is 0.
    """
    low, high = funnel_curve(total, centre, confidence=confidence)
    if variance <= 0:
        return low, high
    n = np.asarray(total, dtype=np.float64)
    half = _z(confidence) * np.sqrt(1 / (4 * np.maximum(n, 1.0)) + variance)
    middle = float(stabilised(np.float64(centre), centre))
    below = np.maximum(middle - half, 0.0)
    lower, upper = (
        (np.sin(below) ** 2, np.sin(np.minimum(middle + half, np.pi / 2)) ** 2)
        if centre < 1
        else (below**2, (middle + half) ** 2)
    )
    return np.minimum(low, lower), np.maximum(high, upper)


def round_half_up(value: Fraction, decimals: int) -> Decimal:
    """Return ``value`` rounded half away from zero, exactly, with ``decimals`` places (may be negative)."""
    scaled = abs(value) * Fraction(10) ** decimals
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return _decimal(-whole if value < 0 else whole, decimals)


def round_half_even(value: Fraction, decimals: int) -> Decimal:
    """Return ``value`` rounded as GB/T 8170-2008 prescribes: half to even, in one step, on the absolute value."""
    return _decimal(round(value * Fraction(10) ** decimals), decimals)


def truncate(value: Fraction, decimals: int) -> Decimal:
    """Return ``value`` cut off towards zero; some offices print so, and a checker must recognise it."""
    scaled = abs(value) * Fraction(10) ** decimals
    whole = scaled.numerator // scaled.denominator
    return _decimal(-whole if value < 0 else whole, decimals)


def _decimal(whole: int, decimals: int) -> Decimal:
    sign, digits = (1 if whole < 0 else 0), tuple(int(digit) for digit in str(abs(whole)))
    made = Decimal((sign if whole else 0, digits, -decimals))
    return made if decimals >= 0 else Decimal(int(made))


def _z(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is the coverage, between 0 and 1, not {confidence!r}")
    return float(special.ndtri(1 - (1 - confidence) / 2))


def _pair(first: Counts, second: Counts) -> tuple[Floats, Floats]:
    a, b = np.broadcast_arrays(np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64))
    return a, b


def _masked(values: npt.ArrayLike, valid: npt.ArrayLike) -> Floats:
    return np.asarray(np.where(valid, values, np.nan), dtype=np.float64)
