"""Villages beside each other, honestly: a funnel around the township's own value instead of a league table.

With few persons a village's rate swings by chance alone; a rank would reward and blame that chance.  A village stands out only outside
the exact 99.8 % limits around the overall value, is worth a look outside the 95 % ones, and is not judged at all below the minimum
denominator of ``params/report.yml``.

With large denominators chance is small, and nearly every place lies outside such limits: places differ in more than chance, in the
people they serve and in how they count.  Where at least ten are judged and they spread more widely than chance explains, the limits are
widened by that spread (:func:`nianbao.stats.overdispersion`), so that only who stands apart from the others is called out.

Nothing here is about villages alone: a *member* is one place of the dimension asked for, of which a larger place is made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from nianbao import stats
from nianbao.catalogue import Indicator, Method
from nianbao.fields import Dims
from nianbao.indicators import Result, Results, place_of

INNER, OUTER = 0.95, 0.998
"""Coverage of the two pairs of limits (Spiegelhalter 2005)."""
ENOUGH = 10
"""Fewer members judged than these say too little of how widely members spread: their limits stay those of chance."""
_COMPARED = (Method.PROPORTION, Method.COMPLETION)
DIMENSION = "village"
"""The dimension whose places are set beside each other where no other is named."""


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


_OUTSIDE_OUTER = (Place.ABOVE, Place.BELOW)
_OUTSIDE_INNER = (*_OUTSIDE_OUTER, Place.RATHER_ABOVE, Place.RATHER_BELOW)


@dataclass(frozen=True)
class Standing:
    """One member's result and its place in the funnel; ``chance`` is that of so few or of so many, whichever is smaller."""

    member: str
    result: Result
    place: Place
    chance: float

    @property
    def high(self) -> bool:
        """True above the centre; says nothing about a member within the limits."""
        return self.place in (Place.ABOVE, Place.RATHER_ABOVE)


@dataclass(frozen=True)
class Funnel:
    """The members of one indicator around its overall result, in the order of the place's own list."""

    overall: Result
    standings: tuple[Standing, ...]
    left_out: tuple[str, ...]
    """Members without a value: no denominator, or not reported."""
    variance: float = 0.0
    """The spread between members that widened the limits (:func:`nianbao.stats.overdispersion`); 0 for limits of chance alone."""

    @property
    def widened(self) -> bool:
        """True where the members all spread more widely than chance explains, and are judged by limits that allow for it."""
        return self.variance > 0

    @property
    def judged(self) -> tuple[Standing, ...]:
        """The members with enough persons to be judged."""
        return tuple(item for item in self.standings if item.place is not Place.TOO_FEW)

    @property
    def standing_out(self) -> tuple[Standing, ...]:
        """The members outside the outer limits."""
        return tuple(item for item in self.standings if item.place in _OUTSIDE_OUTER)

    @property
    def outside_inner(self) -> tuple[Standing, ...]:
        """The members outside the inner limits, those outside the outer ones among them."""
        return tuple(item for item in self.standings if item.place in _OUTSIDE_INNER)

    @property
    def beyond_chance(self) -> bool:
        """True when the members differ by more than chance.

        That is so when one of them stands outside the outer limits, or when so many stand outside the inner ones as chance puts there
        less often than it puts a single member outside the outer ones.  The number outside is set against a binomial of the members
        judged and 1 less the inner coverage; as counts are whole, chance puts fewer there, so the rule errs on the side of chance.
        """
        if self.standing_out or not self.judged:
            return bool(self.standing_out)
        _, so_many = stats.tails(len(self.outside_inner), len(self.judged), 1 - INNER)
        return bool(float(so_many) < 1 - OUTER)

    @property
    def extreme(self) -> float:
        """The smallest chance of any member judged; 1 when none is."""
        return min((item.chance for item in self.judged), default=1.0)


def most_extreme(found: Sequence[Funnel], *, most: int) -> tuple[Funnel, ...]:
    """Return the funnels that deserve a figure of their own, in the order given.

    Only members that differ beyond chance (:attr:`Funnel.beyond_chance`) deserve one; of more than ``most`` indicators those with the
    least probable member are taken, then those with more members standing out.
    """
    apart = [item for item in found if item.beyond_chance]
    chosen = sorted(apart, key=lambda item: (item.extreme, -len(item.standing_out)))[:most]
    return tuple(item for item in apart if item in chosen)


def in_order(results: Results, keys: Iterable[str], *, dimension: str = DIMENSION) -> tuple[str, ...]:
    """Return members once each, in the order of the place's own list; those it does not list follow as they come."""
    listed = results.township.places if dimension == results.township.place_dimension else ()
    given = dict.fromkeys(keys)
    return (*(key for key in listed if key in given), *(key for key in given if key not in listed))


def funnels(results: Results, *, areas: Sequence[str], dimension: str = DIMENSION) -> tuple[Funnel, ...]:
    """Return a funnel for every proportion or completion of the areas that at least two members have a value of; none of money.

    The township's own units are no members: they are in the whole, and are not judged.
    """
    made: list[Funnel] = []
    units = {unit.key for unit in results.township.own_units}
    chosen = [area for area in results.catalogue.areas if area in areas]
    entries = (entry for area in chosen for entry in results.catalogue.of_area(area))
    rates = [entry for entry in entries if isinstance(entry, Indicator) and entry.method in _COMPARED]
    for overall in (item for rate in rates for item in results.of(rate.id) if place_of(item.dims) is None):
        entry = overall.entry
        if of_money(overall):
            continue
        own = {
            key: item
            for item in results.of(entry.id)
            if (key := dict(item.dims).get(dimension)) is not None
            and key not in units
            and _whole(item.dims, dimension) == overall.dims
        }
        known = {
            key: item for key, item in own.items() if item.value is not None and item.denominator and item.numerator is not None
        }
        if len(known) > 1 and overall.value is not None and overall.numerator is not None and overall.denominator:
            missing = tuple(key for key in own if key not in known)
            order = in_order(results, known, dimension=dimension)
            standings, variance = _placed(overall, {key: known[key] for key in order}, results)
            made.append(Funnel(overall, standings, missing, variance))
    return tuple(made)


def of_money(result: Result) -> bool:
    """True for a share of money: no count of persons or events, so no chance of so many yuan can be told."""
    return any(side.unit == "yuan" for side in result.parts)


def _whole(dims: Dims, dimension: str) -> Dims:
    return tuple(pair for pair in dims if pair[0] != dimension)


def _placed(overall: Result, known: Mapping[str, Result], results: Results) -> tuple[tuple[Standing, ...], float]:
    minimum = results.catalogue.outline.minimum_denominator
    places, chances, variance = placed(list(known.values()), share_of(overall), minimum=minimum)
    found = zip(known.items(), places, chances, strict=True)
    return tuple(Standing(key, item, place, chance) for (key, item), place, chance in found), variance


def placed(found: Sequence[Result], centre: float, *, minimum: int) -> tuple[tuple[Place, ...], tuple[float, ...], float]:
    """Return the place of each result around ``centre``, its chance, and the variance that widened the limits (0: none).

    A result below the ``minimum`` denominator is not judged, and says nothing of how widely the others spread.
    """
    counts = np.array([float(item.numerator or 0) for item in found])
    totals = np.array([float(item.denominator or 0) for item in found])
    enough = totals >= minimum
    variance = stats.overdispersion(counts[enough], totals[enough], centre) if int(enough.sum()) >= ENOUGH else 0.0
    few, many = stats.widened_tails(counts, totals, centre, variance=variance)
    places = [judged_place(float(a), float(b), small=not big) for a, b, big in zip(few, many, enough, strict=True)]
    return tuple(places), tuple(float(min(a, b)) for a, b in zip(few, many, strict=True)), variance


def share_of(overall: Result) -> float:
    """Return the overall value as a share of 1: summed counts, never a mean of the members' rates."""
    assert overall.numerator is not None
    assert overall.denominator
    return float(overall.numerator / overall.denominator)


def judged_place(few: float, many: float, *, small: bool) -> Place:
    """Return the place of a member from its tail probabilities: so few as that, so many as that."""
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
