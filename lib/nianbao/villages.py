"""Villages beside each other, honestly: a funnel around the township's own value instead of a league table.

With few persons a village's rate swings by chance alone; a rank would reward and blame that chance.  A village stands out only outside
the exact 99.8 % limits around the overall value, is worth a look outside the 95 % ones, and is not judged at all below the minimum
denominator of ``params/report.yml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from nianbao import stats
from nianbao.catalogue import Indicator, Method
from nianbao.indicators import Result, Results, without_village

INNER, OUTER = 0.95, 0.998
"""Coverage of the two pairs of limits (Spiegelhalter 2005)."""


class Place(StrEnum):
    """Where a village stands in the funnel."""

    ABOVE = "above"
    """Above the outer limit."""
    RATHER_ABOVE = "rather above"
    WITHIN = "within"
    RATHER_BELOW = "rather below"
    BELOW = "below"
    TOO_FEW = "too few"
    """Fewer than the minimum denominator: not judged."""


@dataclass(frozen=True)
class Standing:
    """One village's result and its place in the funnel."""

    village: str
    result: Result
    place: Place


@dataclass(frozen=True)
class Funnel:
    """The villages of one indicator around its overall result, in the order of the township's list of villages."""

    overall: Result
    standings: tuple[Standing, ...]
    left_out: tuple[str, ...]
    """Villages without a value: no denominator, or not reported."""

    @property
    def standing_out(self) -> tuple[Standing, ...]:
        """The villages outside the outer limits."""
        return tuple(item for item in self.standings if item.place in (Place.ABOVE, Place.BELOW))


def funnels(results: Results, *, areas: Sequence[str]) -> tuple[Funnel, ...]:
    """Return a funnel for every proportion or completion of the areas that at least two villages have a value of."""
    made: list[Funnel] = []
    for overall in results.overall:
        entry = overall.entry
        if (
            entry.area not in areas
            or not isinstance(entry, Indicator)
            or entry.method not in (Method.PROPORTION, Method.COMPLETION)
        ):
            continue
        own = [
            item for item in results.of(entry.id) if item.dims != overall.dims and without_village(item.dims) == overall.dims
        ]
        known = [item for item in own if item.value is not None and item.denominator and item.numerator is not None]
        if len(known) > 1 and overall.value is not None and overall.numerator is not None and overall.denominator:
            missing = tuple(_village(item) for item in own if item not in known)
            made.append(Funnel(overall, _placed(overall, known, results), missing))
    return tuple(made)


def _placed(overall: Result, known: Sequence[Result], results: Results) -> tuple[Standing, ...]:
    counts = np.array([float(item.numerator or 0) for item in known])
    totals = np.array([float(item.denominator or 0) for item in known])
    few, many = stats.tails(counts, totals, share_of(overall))
    order = [village.key for village in results.township.villages]
    minimum = results.catalogue.outline.minimum_denominator
    found = [
        Standing(_village(item), item, _place(float(few[i]), float(many[i]), small=bool(totals[i] < minimum)))
        for i, item in enumerate(known)
    ]
    return tuple(sorted(found, key=lambda item: order.index(item.village) if item.village in order else len(order)))


def limits(totals: stats.Counts, centre: float, *, confidence: float) -> tuple[stats.Floats, stats.Floats]:
    """Return funnel limits as shares: exact binomial below a centre of 1, exact Poisson where a completion exceeds its task."""
    if centre < 1:
        return stats.binomial_funnel(totals, centre, confidence=confidence)
    lower, upper = stats.poisson_funnel(np.asarray(totals, dtype=np.float64) * centre, confidence=confidence)
    return lower * centre, upper * centre


def share_of(overall: Result) -> float:
    """Return the overall value as a share of 1: summed counts, never a mean of village rates."""
    assert overall.numerator is not None
    assert overall.denominator
    return float(overall.numerator / overall.denominator)


def _place(few: float, many: float, *, small: bool) -> Place:
    """Return the place of a village from its exact tail probabilities: so few as that, so many as that."""
    if small:
        return Place.TOO_FEW
    inner, outer = (1 - INNER) / 2, (1 - OUTER) / 2
    if many < outer:
        return Place.ABOVE
    if few < outer:
        return Place.BELOW
    if many < inner:
        return Place.RATHER_ABOVE
    return Place.RATHER_BELOW if few < inner else Place.WITHIN


def _village(result: Result) -> str:
    return dict(result.dims)["village"]
