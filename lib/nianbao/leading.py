"""Which results a summary names: the leading changes of the year across all work areas, and what went wrong, most serious first.

A report holds a thousand figures and a reader remembers ten.  What leads is decided by rank (key figures, targets, judged rates, then
head counts that nothing else is made of), never by the size of a relative change over a tiny base; what chance explains does not lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from nianbao.catalogue import QUOTIENTS, Direction, Element, Indicator, Method, Nature, Setter
from nianbao.indicators import Result, Results

MOST = 12
"""How many changes or setbacks a summary names."""
PER_AREA = 2
"""How many of them may come from one work area, so that the list spans the work."""
HEADS = frozenset({"person", "person_time", "couple", "household"})
"""Units of head counts: of the elements, people and their visits lead, not kilograms or leaflets."""
_SMALLEST = Fraction(1, 100)
"""The relative change below which a figure that chance is no model for (money, tasks, stocks) does not lead."""


def got_worse(result: Result) -> bool:
    """True when a result with a direction moved against it; a stock or a head count is not better or worse for being smaller."""
    return _judged(result) and _sign(result) < 0


def got_better(result: Result) -> bool:
    """True when a result with a direction moved with it."""
    return _judged(result) and _sign(result) > 0


def _judged(result: Result) -> bool:
    return bool(result.change) and result.exact and isinstance(result.entry, Indicator)


def _sign(result: Result) -> int:
    up = 1 if (result.change or 0) > 0 else -1
    return {Direction.HIGHER: up, Direction.LOWER: -up}.get(result.entry.direction, 0)


def few(result: Result, minimum: int) -> bool:
    """True for a rate of adverse events (deaths, cases per 1000 or 100 000) with fewer events or persons than ``minimum``.

    Such a rate jumps with every single case: sentences give the counts, the table keeps the rate with its interval.
    """
    entry = result.entry
    if not isinstance(entry, Indicator) or entry.method is not Method.RATE or entry.interval != "count":
        return False
    if entry.direction is not Direction.LOWER or result.numerator is None or result.denominator is None:
        return False
    return result.numerator < minimum or result.denominator < minimum


def beyond_chance(result: Result, minimum: int) -> bool:
    """True when a change is worth a sentence of a summary: chance does not explain it and it does not stand on a tiny base."""
    if few(result, minimum) or not result.change or not result.exact:
        return False
    if isinstance(result.entry, Indicator) and result.entry.method in QUOTIENTS:
        if result.denominator is not None and result.denominator < minimum:
            return False
    elif result.previous is None or abs(result.previous) < minimum:
        return False
    if result.change_clear is None:
        if isinstance(result.entry, Indicator) and result.entry.interval != "none":
            return False  # chance is at work, but the return does not hold what its test needs
        return result.previous is not None and abs(result.change) >= abs(result.previous) * _SMALLEST
    return result.change_clear


def leading_changes(
    results: Results, *, first: Sequence[str], areas: Sequence[str], shows: Callable[[Result], bool]
) -> list[Result]:
    """Return the changes on the year before that lead, at most ``MOST``, ordered by work area as ``areas`` orders them.

    ``first`` names the key figures, which lead their area whatever chance says (the sentence hedges them); ``shows`` tells whether
    a change is visible at the printed decimals.  No figure stands beside a part of its own.
    """
    minimum = results.catalogue.outline.minimum_denominator
    terms = set(_terms(results))
    ranked: dict[str, list[tuple[tuple[int, int, float], Result]]] = {area: [] for area in areas}
    for item in results.overall:
        rank = _rank(item, first, terms, minimum) if item.change and item.exact and shows(item) else None
        if rank is not None:
            size = abs(float((item.change or 0) / item.previous)) if item.previous else 0.0
            among = (
                first.index(item.ref) if rank == 0 else int(not item.change_clear)
            )  # key figures keep the order they are given in
            ranked.setdefault(item.entry.area, []).append(((rank, among, -size), item))
    chosen: dict[str, list[tuple[int, Result]]] = {}
    for area, found in ranked.items():
        kept = chosen.setdefault(area, [])
        for (rank, _, _), item in sorted(found, key=lambda pair: pair[0]):
            if len(kept) < PER_AREA and not any(_related(item, other) for _, other in kept):
                kept.append((rank, item))
    places = [(rank, second, area) for area, kept in chosen.items() for second, (rank, _) in enumerate(kept)]
    # key figures first, then the first of every area, then the seconds: an area with one strong change is not crowded out
    granted = {
        (area, second) for rank, second, area in sorted(places, key=lambda p: (p[0] > 0, p[1] * (p[0] > 0), p[0]))[:MOST]
    }
    return [item for area, kept in chosen.items() for second, (_, item) in enumerate(kept) if (area, second) in granted]


def _rank(item: Result, first: Sequence[str], terms: set[str], minimum: int) -> int | None:
    """Return how high a change ranks within its area, 0 the highest, or None when it does not lead."""
    entry = item.entry
    if item.ref in first:
        return 0
    if not beyond_chance(item, minimum) or (item.met and got_worse(item)):
        return None
    if isinstance(entry, Indicator):
        if entry.method not in QUOTIENTS:
            return None
        if item.target is not None and item.target.setter is not Setter.REFERENCE:
            return 1
        return 2 if entry.direction in (Direction.HIGHER, Direction.LOWER) else None
    whole = entry.unit in HEADS and entry.nature is Nature.FLOW and entry.part_of is None and not item.dims
    return 3 if whole and item.ref not in terms else None


def _terms(results: Results) -> Iterator[str]:
    """Yield the references of everything a quotient of the report is made of."""
    for item in results.overall:
        if isinstance(item.entry, Indicator) and item.entry.method in QUOTIENTS and item.value is not None:
            yield from (part.ref for part in _inside(item))


def _inside(item: Result) -> Iterator[Result]:
    for part in item.parts:
        yield part
        yield from _inside(part)


def _related(one: Result, other: Result) -> bool:
    """True when one of the two is made of the other or is a part of it."""
    return _contains(one, other) or _contains(other, one)


def _contains(whole: Result, part: Result) -> bool:
    if whole.entry.id == part.entry.id and set(whole.dims) <= set(part.dims):
        return True
    if isinstance(part.entry, Element) and part.entry.part_of == whole.entry.id:
        return True
    return any(inner.ref == part.ref for inner in _inside(whole))


def missed_targets(results: Results) -> tuple[list[Result], list[Result]]:
    """Return the binding targets that were missed and the reference values not reached, each the furthest off first.

    Rates that rest on too few events or persons are not held against a reference value.
    """
    minimum = results.catalogue.outline.minimum_denominator
    missed = [item for item in results.overall if item.met is False and item.target is not None]
    binding = [item for item in missed if item.target is not None and item.target.setter is not Setter.REFERENCE]
    below = [item for item in missed if item not in binding and not _too_few(item, minimum)]
    return sorted(binding, key=_distance), sorted(below, key=_distance)


def _too_few(item: Result, minimum: int) -> bool:
    return few(item, minimum) or (item.denominator is not None and item.denominator < minimum)


def _distance(item: Result) -> float:
    assert item.target is not None
    return -abs(float((item.deviation or 0) / (Fraction(item.target.value) or 1)))


def setbacks(
    results: Results, *, besides: Iterable[Result], shows: Callable[[Result], bool]
) -> tuple[list[Result], list[Result]]:
    """Return the changes for the worse beyond chance, the largest first, and those chance or rounding may explain."""
    minimum = results.catalogue.outline.minimum_denominator
    left_out: Mapping[str, None] = dict.fromkeys(item.ref for item in besides)
    worse = [
        item
        for item in results.overall
        if got_worse(item)
        and not item.met  # a target met is no setback, by however much less than last year
        and item.ref not in left_out
        and shows(item)
        and isinstance(item.entry, Indicator)
        and item.entry.method in QUOTIENTS
    ]
    clear = [item for item in worse if beyond_chance(item, minimum)]
    ordered = sorted(clear, key=lambda item: -abs(float((item.change or 0) / item.previous)) if item.previous else 0.0)
    return ordered[:MOST], [item for item in worse if item not in ordered[:MOST]]
