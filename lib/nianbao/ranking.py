"""The towns of a county in order, fairly: who is ranked, who is not and why, and whom the funnel lets be called ahead or behind.

A rank alone says nothing about work done: with like performance somebody is first and somebody last by chance.  So units without a
sound figure are left out with the reason, ties share a rank (1, 2, 2, 4), and only who stands outside the 99.8 % limits around the
whole, exact or widened as in :mod:`nianbao.villages`, is said to lead or to lag.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from nianbao.catalogue import Direction, Element, Indicator, Method
from nianbao.formulas import parse_dims, reference
from nianbao.indicators import Result, Results, with_place
from nianbao.scoring import Scheme, score_sheet, total
from nianbao.values import EXACT
from nianbao.villages import Place, of_money, placed


class Excluded(StrEnum):
    """Why a unit is not ranked."""

    NO_FIGURE = "no figure"
    INEXACT = "a bound or an approximation"
    NO_COUNTS = "a rate without its counts"
    TOO_FEW = "too few"
    OTHER_WINDOW = "another period"
    NO_SCHEME = "no scheme, or another one"
    NOT_SCORED = "an item not scored"
    VETO = "a veto"


@dataclass(frozen=True)
class Ranked:
    """One unit: its rank, its result, and its place in the funnel; None where the indicator has no funnel."""

    unit: str
    rank: int
    result: Result
    place: Place | None


@dataclass(frozen=True)
class Ranking:
    """The members ranked on one indicator, best first, ties in the order of the county's list."""

    ref: str
    entry: Element | Indicator
    ranked: tuple[Ranked, ...]
    left_out: tuple[tuple[str, Excluded], ...]
    widened: bool = False
    """True where the units all spread more widely than chance explains, and limits that allow for it judge them."""

    @property
    def judged(self) -> bool:
        """True when a funnel says who stands out from chance."""
        return any(item.place is not None for item in self.ranked)

    @property
    def leading(self) -> tuple[Ranked, ...]:
        """The units better than chance explains."""
        return tuple(item for item in self.ranked if item.place is self._better)

    @property
    def lagging(self) -> tuple[Ranked, ...]:
        """The units worse than chance explains."""
        worse = Place.BELOW if self._better is Place.ABOVE else Place.ABOVE
        return tuple(item for item in self.ranked if item.place is worse)

    @property
    def _better(self) -> Place:
        return Place.ABOVE if self.entry.direction is Direction.HIGHER else Place.BELOW


def rank_members(results: Results, ref: str) -> Ranking | None:
    """Return the members of a place ranked on the result ``ref`` names, or None.

    None where the indicator has no better and worse (neutral, a range) or fewer than two members can be ranked.  Ranks follow the
    values as printed, so that figures a reader sees as equal share a rank.

    Raises:
        UserError: the catalogue has no such entry.
    """
    entry_id, _, inside = ref.removesuffix("]").partition("[")
    entry = results.catalogue.entry(entry_id)
    if entry.direction not in (Direction.HIGHER, Direction.LOWER):
        return None
    dims, township = parse_dims(inside), results.township
    found = {key: results.get(reference(entry_id, with_place(dims, key, township=township))) for key in township.members}
    reasons: dict[str, Excluded] = {}
    sound: dict[str, Result] = {}
    for key, result in found.items():
        reason = _unsound(result, results.catalogue.outline.minimum_denominator)
        if reason is None and result is not None:
            sound[key] = result
        else:
            reasons[key] = reason or Excluded.NO_FIGURE
    if sound:
        usual, _ = Counter(result.period for result in sound.values()).most_common(1)[0]
        for key in [key for key, result in sound.items() if result.period != usual]:
            reasons[key] = Excluded.OTHER_WINDOW
            del sound[key]
    if len(sound) < 2:
        return None
    shown = {key: results.rounding(result.value or Fraction(0), entry.decimals) for key, result in sound.items()}
    ranks = competition_ranks(list(shown.values()), lower_is_better=entry.direction is Direction.LOWER)
    places, widened = _places(entry, list(sound.values()))
    ranked = [Ranked(key, rank, sound[key], place) for key, rank, place in zip(sound, ranks, places, strict=True)]
    left_out = tuple((key, reasons[key]) for key in township.members if key in reasons)
    return Ranking(reference(entry_id, dims), entry, tuple(sorted(ranked, key=lambda item: item.rank)), left_out, widened)


def competition_ranks(values: Sequence[Decimal], *, lower_is_better: bool = False) -> tuple[int, ...]:
    """Return the rank of each value, 1 the best; equal values share a rank and the next one skips (1, 2, 2, 4)."""
    signed = [-value if lower_is_better else value for value in values]
    return tuple(1 + sum(other > value for other in signed) for value in signed)


def _unsound(result: Result | None, minimum: int) -> Excluded | None:
    if result is None or result.value is None:
        return Excluded.NO_FIGURE
    if result.status not in EXACT:
        return Excluded.INEXACT
    if isinstance(result.entry, Element):
        return None
    if result.numerator is None or result.denominator is None:
        return Excluded.NO_COUNTS if result.entry.method not in (Method.SUM, Method.PRODUCT) else None
    return Excluded.TOO_FEW if result.denominator < minimum else None


def _places(entry: Element | Indicator, found: Sequence[Result]) -> tuple[tuple[Place | None, ...], bool]:
    """Return each unit's place around the value of all units ranked, and whether the limits were widened; None for what has no binomial or Poisson funnel.

    A share of money is no count of persons or events: no chance of so many yuan can be told.
    """
    counted = not any(of_money(item) for item in found)
    if not isinstance(entry, Indicator) or entry.method not in (Method.PROPORTION, Method.COMPLETION) or not counted:
        return (None,) * len(found), False
    whole = sum(item.numerator or 0 for item in found) / sum(item.denominator or 0 for item in found)
    places, _, variance = placed(found, float(whole), minimum=0)  # those with too few are not ranked at all
    return places, variance > 0


@dataclass(frozen=True)
class Scored:
    """One unit's total score and rank."""

    unit: str
    rank: int
    points: Fraction
    shown: Decimal


@dataclass(frozen=True)
class ScoreRanking:
    """The members ranked by the total of one scheme; who has another scheme or no total is left out."""

    scheme: Scheme
    scored: tuple[Scored, ...]
    left_out: tuple[tuple[str, Excluded], ...]


def rank_scores(members: Sequence[tuple[str, Scheme | None, Results | None]], *, results: Results) -> ScoreRanking | None:
    """Return the members ranked by total score to two decimals, or None where fewer than two share a scheme and have a total.

    ``members`` gives a key, scheme and results each, in order; None for one without a scheme or a return.  The scheme that most
    members have is ranked.  A member the scheme records a veto of is left out: its points do not count.
    """
    keys = [scheme.key for _, scheme, _ in members if scheme is not None]
    if not keys:
        return None
    usual, _ = Counter(keys).most_common(1)[0]
    points: dict[str, Fraction] = {}
    left_out: list[tuple[str, Excluded]] = []
    for key, scheme, own in members:
        if own is None:
            left_out.append((key, Excluded.NO_FIGURE))
        elif scheme is None or scheme.key != usual:
            left_out.append((key, Excluded.NO_SCHEME))
        elif own.township.zh in _vetoed(scheme):
            left_out.append((key, Excluded.VETO))
        elif (won := total(score_sheet(scheme, own), scheme.bonuses_of(own.township.key))) is None:
            left_out.append((key, Excluded.NOT_SCORED))
        else:
            points[key] = won
    if len(points) < 2:
        return None
    shown = [results.rounding(value, 2) for value in points.values()]
    ranks = competition_ranks(shown)
    scored = [Scored(key, rank, points[key], value) for key, rank, value in zip(points, ranks, shown, strict=True)]
    ranked = next(scheme for _, scheme, _ in members if scheme is not None and scheme.key == usual)
    return ScoreRanking(ranked, tuple(sorted(scored, key=lambda item: item.rank)), tuple(left_out))


def _vetoed(scheme: Scheme) -> Iterable[str]:
    return [veto.unit_zh for veto in scheme.vetoes]
