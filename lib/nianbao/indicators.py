"""Observations and catalogue to results, with exact arithmetic: levels, sums, rates, changes, completion, targets, intervals.

Every result keeps its numerator, denominator, period, status and the source cells it came from.  Nothing is rounded here; nothing that
is missing becomes zero; a sum with a missing part is missing; a bound (70余) makes the sum a bound; unlike windows are not compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import product

from nianbao import stats
from nianbao.catalogue import (
    PLACES,
    QUOTIENTS,
    Case,
    Catalogue,
    Direction,
    Element,
    Entry,
    Indicator,
    Method,
    Nature,
    Target,
    Township,
)
from nianbao.errors import Cell, UserError, did_you_mean
from nianbao.fields import Dims
from nianbao.formulas import Term, dated, reference
from nianbao.observation import Observation
from nianbao.periods import Period, PeriodKind, preference
from nianbao.reasons import reason
from nianbao.values import BLANK, EXACT, INEXACT, Status, display, exact_text

Rounding = Callable[[Fraction, int], Decimal]


@dataclass(frozen=True)
class Result:
    """One figure of one entry for one period and set of dimension values.

    ``value`` is exact in ``unit``; ``numerator`` and ``denominator`` are what it was divided from, None for a plain count or where
    the return reported the rate alone.  ``lower`` and ``upper`` bound it with the outline's confidence, in ``unit``; None without
    a method.  ``previous`` is the like window a year before, ``change`` the difference (in ``unit``), ``deviation`` value minus
    target (None for a bound), ``gap`` the persons or cases still missing to the target.
    """

    entry: Element | Indicator
    dims: Dims
    period: Period
    value: Fraction | None
    status: Status
    numerator: Fraction | None = None
    denominator: Fraction | None = None
    unit: str = ""
    unit_word: str = ""
    raw: str = ""
    lower: float | None = None
    upper: float | None = None
    target: Target | None = None
    deviation: Fraction | None = None
    reached: bool | None = None
    """True when a bound lies on the good side of the target (99%以上 of 92%): met, though by how much nobody knows."""
    gap: int | None = None
    previous: Fraction | None = None
    previous_status: Status = Status.MISSING
    change: Fraction | None = None
    change_clear: bool | None = None
    """False when chance alone explains the change at the outline's confidence; None where no test applies."""
    cells: tuple[Cell, ...] = ()
    previous_cells: tuple[Cell, ...] = ()
    inputs: tuple[str, ...] = ()
    reason: str = ""
    reported: Observation | None = None
    """A figure the return itself gives for what is computed here."""
    parts: tuple[Result, ...] = field(default=(), repr=False)
    before: Result | None = field(default=None, repr=False)
    """The figure of the like window a year before, where there is one."""
    sign: int = 1
    """-1 for a part that is subtracted in the sum it belongs to; its value is negative already."""

    @property
    def ref(self) -> str:
        """The way formulas and human text name it: ``births[parity=1]``."""
        return reference(self.entry.id, self.dims)

    @property
    def exact(self) -> bool:
        """True when the value is the figure itself and not a bound or an approximation."""
        return self.status in EXACT

    @property
    def met(self) -> bool | None:
        """Whether the value meets the target (the administrative rule); None without target or value, or where a bound leaves it open."""
        if self.deviation is None:
            return self.reached
        match self.entry.direction:
            case Direction.LOWER | Direction.RANGE:  # a range's target is its upper end: 出生人口性别比 107
                return self.deviation <= 0
            case _:
                return self.deviation >= 0

    @property
    def straddles(self) -> bool:
        """True when the interval holds the target, so that chance could have decided the verdict."""
        if self.target is None or self.lower is None or self.upper is None:
            return False
        return self.lower <= float(self.target.value) <= self.upper


class Results(Sequence[Result]):
    """All results of a township and year, in catalogue order, found by reference."""

    def __init__(self, results: Iterable[Result], *, catalogue: Catalogue, township: Township, year: int) -> None:
        self._results = tuple(results)
        self.catalogue, self.township, self.year = catalogue, township, year

    def __len__(self) -> int:
        return len(self._results)

    def __getitem__(self, index: int) -> Result:  # type: ignore[override]
        return self._results[index]

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    @cached_property
    def _by_ref(self) -> Mapping[str, Result]:
        found: dict[str, Result] = {}
        for result in self._results:
            found.setdefault(result.ref, result)
        return found

    def get(self, ref: str) -> Result | None:
        """Return the result a reference names, or None when the return gives nothing for it."""
        return self._by_ref.get(ref)

    def named(self, ref: str) -> Result:
        """Return the result a reference names.

        Raises:
            UserError: there is none; the message names the nearest reference.
        """
        found = self.get(ref)
        if found is None:
            raise UserError(
                f"no result {ref!r} for {self.township.key} {self.year}{did_you_mean(ref, self._by_ref)}",
                zh=f"{self.township.key} {self.year}年没有指标“{ref}”的结果{did_you_mean(ref, self._by_ref, lang='zh')}",
            )
        return found

    def of(self, entry: str) -> tuple[Result, ...]:
        """Return every result of an entry, totals before parts."""
        return tuple(result for result in self._results if result.entry.id == entry)

    @cached_property
    def overall(self) -> tuple[Result, ...]:
        """The results of the whole place, those of its villages or towns left out."""
        return tuple(result for result in self._results if place_of(result.dims) is None)

    def of_area(self, area: str) -> tuple[Result, ...]:
        """Return every result of a work area."""
        return tuple(result for result in self._results if result.entry.area == area)

    @property
    def rounding(self) -> Rounding:
        """The rounding rule the township prints by."""
        return rounding_of(self.township)

    def shown(self, result: Result, *, lang: str = "zh") -> str:
        """Return the figure as the report prints it, without its counting word."""
        if isinstance(result.entry, Element) and result.entry.nature is Nature.TEXT:
            return result.raw
        if (
            result.unit == "yuan"
            and self.township.money == "wan"
            and lang == "zh"
            and result.value is not None
            and result.exact
        ):
            for factor, scale in ((10**8, "亿"), (10**4, "万")):
                shortened = result.value / factor
                if abs(shortened) >= 1 and (shortened * 1000).denominator == 1:
                    return f"{exact_text(shortened)}{scale}"
        return display(
            result.value,
            decimals=result.entry.decimals,
            status=result.status,
            symbol=self.catalogue.units[result.unit].mark(lang),
            rounding=self.rounding,
            lang=lang,
            raw=result.raw,
        )


def without_place(dims: Dims) -> Dims:
    """Return dimension values without the village, or the town, they are of."""
    return tuple(pair for pair in dims if pair[0] not in PLACES)


def place_of(dims: Dims) -> str | None:
    """Return the key of the village or town that dimension values are of; None for the whole place."""
    return next((value for key, value in dims if key in PLACES), None)


def with_place(dims: Dims, place: str, *, township: Township) -> Dims:
    """Return dimension values with one of the township's villages or towns added, in key order."""
    return tuple(sorted((*dims, (township.place_dimension, place))))


def term_dims(term: Term, indicator: Indicator, dims: Dims, *, entry: Element | Indicator, year: int) -> Dims:
    """Return the dimension values at which a formula takes one of its terms, for the result of ``indicator`` with ``dims``.

    ``entry`` is the term's.  The place and what ``for_each`` names run through, where the term's entry has them.
    """
    through = set(PLACES) if indicator.cases else {*PLACES, *indicator.for_each}
    passed = {k: v for k, v in dims if k in entry.dims and k in through}
    return tuple(sorted({**passed, **dict(dated(term.dims, year))}.items()))


def rounding_of(township: Township) -> Rounding:
    """Return the rounding rule of a township: half up, or half even after GB/T 8170."""
    return stats.round_half_even if township.rounding == "gbt8170" else stats.round_half_up


def compute(observations: Iterable[Observation], *, catalogue: Catalogue, township: Township, year: int) -> Results:
    """Return the results of ``year`` for one place.

    Each entry gets a result for every combination of dimension values that was reported, plus the totals its partitions allow and
    the indicators its terms allow.  Entries nothing is known about get no result.
    """
    work = _Computation(tuple(observations), catalogue, township, year)
    return Results(work.run(), catalogue=catalogue, township=township, year=year)


def in_use(
    observations: Iterable[Observation], *, kind: PeriodKind, year: int, like: Period | None = None
) -> list[Observation]:
    """Return the observations of one figure (entry and dimension values) and ``year``, the one results use first.

    A cell left empty comes after one with a figure, a reported total after what is no total; then the window decides
    (:func:`nianbao.periods.preference`): like ``like``, the entry's own ``kind``, the longest, the latest.
    """
    found = [item for item in observations if item.period.year == year]
    return sorted(
        found, key=lambda item: (item.status is Status.MISSING, item.total, preference(item.period, kind=kind, like=like))
    )


def whole_levels(
    observations: Iterable[Observation], *, catalogue: Catalogue, township: Township, year: int
) -> tuple[Result, ...]:
    """Return what a place as a whole has of elements, products and quotients in ``year``: no targets, nothing compared.

    It is what the place above sums, so changes and sums of different elements, which follow from it, stay out.
    """
    work = _Computation(tuple(observations), catalogue, township, year)
    return tuple(work.levels())


def of_earlier_years(
    observations: Iterable[Observation],
    found: Sequence[Result],
    *,
    catalogue: Catalogue,
    township: Township,
    year: int,
    back: int,
) -> tuple[tuple[Result | None, ...], ...]:
    """Return, for each of the results of ``year``, that of each of ``back`` years before, the last one first.

    None where nothing is known or the window is another one: unlike windows are never compared.
    """
    work = _Computation(tuple(observations), catalogue, township, year)
    made = []
    for item in found:
        known = [work.result(item.entry.id, item.dims, back=one + 1) for one in range(back)]
        made.append(tuple(one if one is not None and item.period.comparable(one.period) else None for one in known))
    return tuple(made)


class _Computation:
    def __init__(self, observations: tuple[Observation, ...], catalogue: Catalogue, township: Township, year: int) -> None:
        self.catalogue, self.township, self.year = catalogue, township, year
        self.confidence = float(catalogue.outline.confidence)
        self.given: dict[tuple[str, Dims], list[Observation]] = {}
        for observation in observations:
            self.given.setdefault((observation.entry, observation.dims), []).append(observation)
        self.given_dims: dict[str, list[Dims]] = {}
        for entry, dims in self.given:
            self.given_dims.setdefault(entry, []).append(dims)
        self.open_values: dict[tuple[str, str], tuple[str, ...]] = {}
        self.walking: set[str] = set()
        found = dict.fromkeys(place_of(dims) for _, dims in self.given)
        self.places = tuple(place for place in found if place is not None)
        self.memo: dict[tuple[str, Dims, int], Result | None] = {}

    def run(self) -> Iterator[Result]:
        for entry in self.catalogue.entries.values():
            for dims in self.combinations(entry):
                result = self.result(entry.id, dims)
                if result is not None:
                    yield self.judged(result)

    def levels(self) -> Iterator[Result]:
        for entry in self.catalogue.entries.values():
            if isinstance(entry, Element) or entry.method in QUOTIENTS or entry.method is Method.PRODUCT:
                for dims in self.combinations(entry):
                    result = self.result(entry.id, dims) if place_of(dims) is None else None
                    if result is not None and result.period.year == self.year:
                        yield result

    def combinations(self, entry: Element | Indicator) -> list[Dims]:
        """Return the dimension values an entry may have results for, totals first."""
        found: dict[Dims, None] = {}
        if isinstance(entry, Element):
            for dims in self.given_dims.get(entry.id, ()):
                for grouped in (dims, *self.groups_of(entry, dims)):
                    found.setdefault(grouped)
                    for reduced in self.totals_of(entry, grouped):
                        found.setdefault(reduced)
            return sorted(found, key=len)
        if entry.cases:
            whole = [dated(case.dims, self.year) for case in entry.cases]
            if entry.method in QUOTIENTS:
                whole += [with_place(dims, place, township=self.township) for place in self.places for dims in whole]
            return list(dict.fromkeys([*whole, *self.given_dims.get(entry.id, ())]))
        if entry.id in self.walking:
            return []  # a formula that leads back to itself has no combinations of its own
        self.walking.add(entry.id)
        names = {*entry.for_each, *(PLACES if entry.method in QUOTIENTS else ())}
        for term in (*entry.numerator, *entry.denominator):
            for dims in self.combinations(self.catalogue.entries[term.entry]):
                free = tuple((k, v) for k, v in dims if k in names)
                if len(free) == len(dims) - len(term.dims):
                    found.setdefault(free)
        self.walking.discard(entry.id)
        for dims in self.given_dims.get(entry.id, ()):
            found.setdefault(dims)
            if entry.method is Method.PRODUCT:
                found.setdefault(without_place(dims))
        return sorted(found, key=len)

    def groups_of(self, entry: Element, dims: Dims) -> Iterator[Dims]:
        """Yield the combinations in which a value is replaced by the group it belongs to (parity 3+ by 2+)."""
        for key, value in dims:
            for group, members in entry.groups.get(key, {}).items():
                if value in members:
                    yield tuple((k, group if k == key else v) for k, v in dims)

    def totals_of(self, entry: Element, dims: Dims) -> Iterator[Dims]:
        """Yield the combinations with one or more partitioned dimensions summed away."""
        removable = [key for key, _ in dims if key in entry.partitions]
        for keep in product((True, False), repeat=len(removable)):
            gone = {key for key, kept in zip(removable, keep, strict=True) if not kept}
            if gone:
                yield tuple(pair for pair in dims if pair[0] not in gone)

    def observed(self, entry: str, dims: Dims, *, back: int) -> Observation | None:
        """Return the observation of ``back`` years before the report year, or None; of several, the first of :func:`in_use`."""
        given = self.given.get((entry, dims), ())
        kind = self.catalogue.entries[entry].period
        now = next(iter(in_use(given, kind=kind, year=self.year)), None)
        if not back:
            return now
        like = None if now is None else now.period  # an earlier year is told in the window it is compared in
        return next(iter(in_use(given, kind=kind, year=self.year - back, like=like)), None)

    def result(self, entry_id: str, dims: Dims, *, back: int = 0) -> Result | None:
        key = (entry_id, dims, back)
        if key not in self.memo:
            self.memo[key] = None  # ends a reference that leads back to itself
            entry = self.catalogue.entries[entry_id]
            if isinstance(entry, Element):
                self.memo[key] = self.level(entry, dims, back=back)
            else:
                self.memo[key] = self.indicator(entry, dims, back=back)
        return self.memo[key]

    # --- elements ---------------------------------------------------------------------------------------------------

    def level(self, element: Element, dims: Dims, *, back: int) -> Result | None:
        observation = self.observed(element.id, dims, back=back)
        parts = self.parts(element, dims, back=back)
        if parts:
            summed = self.summed(element, dims, parts)
            if summed.status not in BLANK or observation is None:
                return replace(summed, reported=observation)
        return None if observation is None else self.from_observation(element, observation)

    def parts(self, element: Element, dims: Dims, *, back: int) -> tuple[Result, ...]:
        """Return the complete set of parts of a total, or nothing."""
        fixed = dict(dims)
        for dim, value in dims:
            if members := element.groups.get(dim, {}).get(value):
                found = [
                    self.result(element.id, tuple(sorted({**fixed, dim: member}.items())), back=back) for member in members
                ]
                if None not in found:
                    return tuple(part for part in found if part is not None)
        for dim, sets in element.partitions.items():
            if dim in fixed:
                continue
            for values in sets:
                chosen = self.values_of(element, dim, fixed=fixed, back=back) if values == ("*",) else values
                found = [self.result(element.id, tuple(sorted({**fixed, dim: value}.items())), back=back) for value in chosen]
                complete = [part for part in found if part is not None]
                if complete and len(complete) == len(found):
                    return tuple(complete)
        return ()

    def values_of(self, element: Element, dim: str, *, fixed: Mapping[str, str], back: int) -> tuple[str, ...]:
        """Return every value of an open dimension that the element was reported for; of places, all of the township's.

        A village that reports cattle but no sheep counts for the sheep too: its sheep are missing, and so is their sum.  An own unit
        counts for what it has a row for: the health centre has no livestock, and nobody asks it for any.
        """
        if dim == self.township.place_dimension and self.township.places:
            units = (unit.key for unit in self.township.own_units)
            has = [key for key in units if self.result(element.id, tuple(sorted({**fixed, dim: key}.items())), back=back)]
            return (*self.township.places, *has)
        if (element.id, dim) not in self.open_values:
            pairs = (pair for dims in self.given_dims.get(element.id, ()) for pair in dims)
            self.open_values[element.id, dim] = tuple(dict.fromkeys(value for name, value in pairs if name == dim))
        return self.open_values[element.id, dim]

    def summed(self, entry: Entry, dims: Dims, parts: Sequence[Result]) -> Result:
        status = _sum_status([part.status for part in parts])
        first = parts[0]
        like = all(part.period == first.period for part in parts)
        value = None
        if status not in BLANK and like:
            value = sum((part.value for part in parts if part.value is not None), Fraction(0))
        why = "" if like else reason("parts-unlike")
        if status in BLANK:
            why = reason("parts-missing", parts=", ".join(part.ref for part in parts if part.status in BLANK))
        assert isinstance(entry, (Element, Indicator))
        return Result(
            entry=entry,
            dims=dims,
            period=first.period,
            value=value,
            status=status if like else Status.MISSING,
            unit=first.unit,
            unit_word=first.unit_word if len({part.unit_word for part in parts}) == 1 else "",
            cells=_cells(parts),
            inputs=tuple(part.ref for part in parts),
            reason=why,
            parts=tuple(parts),
        )

    def from_observation(self, entry: Element | Indicator, observation: Observation) -> Result:
        return Result(
            entry=entry,
            dims=observation.dims,
            period=observation.period,
            value=observation.value,
            status=observation.status,
            unit=observation.unit,
            unit_word=observation.unit_word,
            raw=observation.raw,
            cells=observation.cells,
            inputs=(observation.ref,),
        )

    # --- indicators -------------------------------------------------------------------------------------------------

    def indicator(self, indicator: Indicator, dims: Dims, *, back: int) -> Result | None:
        observation = self.observed(indicator.id, dims, back=back)
        computed = self.computed(indicator, dims, back=back)
        if computed is not None and computed.status not in BLANK:
            return replace(computed, reported=observation)
        if observation is not None:
            result = self.from_observation(indicator, observation)
            if computed is None:
                return result
            known = {
                "numerator": computed.numerator,
                "denominator": computed.denominator,
                "inputs": (observation.ref,),
                "parts": computed.parts,
            }
            return replace(result, reason=computed.reason, **known)  # type: ignore[arg-type]
        return computed

    def computed(self, indicator: Indicator, dims: Dims, *, back: int) -> Result | None:
        case = self.case_of(indicator, dims, back=back)
        if case is None:
            return None
        match indicator.method:
            case Method.CHANGE | Method.CHANGE_PCT:
                return None if back else self.changed(indicator, dims, case)
            case Method.SUM:
                return self.sum_of_terms(indicator, dims, case, back=back)
            case Method.PRODUCT:
                return self.sum_of_products(indicator, dims, back=back) or self.product_of(indicator, dims, case, back=back)
            case _:
                return self.quotient(indicator, dims, case, back=back)

    def case_of(self, indicator: Indicator, dims: Dims, *, back: int) -> Case | None:
        if not indicator.cases:
            return Case(numerator=indicator.numerator, denominator=indicator.denominator)
        year = self.year - back
        wanted = without_place(dims)
        case = next((case for case in indicator.cases if dated(case.dims, year) == wanted), None)
        if case is not None and case.only_if_reported and (indicator.id, dims) not in self.given:
            return None
        return case

    def term(self, term: Term, indicator: Indicator, dims: Dims, *, back: int) -> Result | None:
        entry = self.catalogue.entries[term.entry]
        if place_of(dims) is not None and self.township.place_dimension not in entry.dims:
            return None  # a village's count over the whole town's task would be no rate
        wanted = term_dims(term, indicator, dims, entry=entry, year=self.year - back)
        return self.result(term.entry, wanted, back=back + term.back)

    def total(self, terms: Sequence[Term], indicator: Indicator, dims: Dims, *, back: int) -> Result | None:
        """Return the signed sum of terms; None when nothing at all is known of them."""
        found = [(term, self.term(term, indicator, dims, back=back)) for term in terms]
        if all(result is None for _, result in found):
            return None
        absent = [reference(term.entry, term.dims) for term, result in found if result is None and not term.optional]
        present = [
            replace(
                result,
                value=None if result.value is None else term.sign * result.value,
                sign=term.sign,
                period=result.period.shifted(term.back),  # pooled years stand in the window of the report
            )
            for term, result in found
            if result is not None
        ]
        if not present:
            return None
        summed = self.summed(indicator, dims, present)
        if absent:
            why = reason("not-in-return", parts=", ".join(absent))
            return replace(summed, value=None, status=Status.MISSING, reason=why)
        if any(term.sign < 0 for term, _ in found) and summed.status in INEXACT:
            return replace(summed, status=Status.APPROXIMATE)
        return summed

    def sum_of_terms(self, indicator: Indicator, dims: Dims, case: Case, *, back: int) -> Result | None:
        summed = self.total(case.numerator, indicator, dims, back=back)
        return None if summed is None else replace(summed, entry=indicator, dims=dims, unit=indicator.unit)

    def sum_of_products(self, indicator: Indicator, dims: Dims, *, back: int) -> Result | None:
        """Return the sum of the towns' products: a standard may differ from town to town, so summed heads times one would not do."""
        summed = self.catalogue.units[indicator.unit].additive  # a weighted ratio is made of the county's own ratio
        if not summed or not self.township.members or place_of(dims) is not None:
            return None
        found = [
            self.result(indicator.id, with_place(dims, key, township=self.township), back=back) for key in self.township.members
        ]
        parts = [part for part in found if part is not None]
        return self.summed(indicator, dims, parts) if parts and len(parts) == len(found) else None

    def product_of(self, indicator: Indicator, dims: Dims, case: Case, *, back: int) -> Result | None:
        factors = [self.term(term, indicator, dims, back=back) for term in case.numerator]
        known = [factor for factor in factors if factor is not None]
        if len(known) < len(factors):
            return None
        status = _sum_status([factor.status for factor in known])
        value = math.prod((factor.value for factor in known if factor.value is not None), start=indicator.multiplier)
        return Result(
            entry=indicator,
            dims=dims,
            period=known[0].period,
            value=None if status in BLANK else Fraction(value),
            status=status,
            unit=indicator.unit,
            cells=_cells(known),
            inputs=tuple(factor.ref for factor in known),
            parts=tuple(known),
        )

    def quotient(self, indicator: Indicator, dims: Dims, case: Case, *, back: int) -> Result | None:
        upper = self.total(case.numerator, indicator, dims, back=back)
        lower = self.total(case.denominator, indicator, dims, back=back)
        if (upper is None and lower is None) or (place_of(dims) is not None and None in (upper, lower)):
            return None
        known = [side for side in (upper, lower) if side is not None]
        base = Result(
            entry=indicator,
            dims=dims,
            period=known[0].period if upper is None else upper.period,
            value=None,
            status=Status.MISSING,
            numerator=upper.value if upper is not None else None,
            denominator=lower.value if lower is not None else None,
            unit=indicator.unit,
            cells=_cells(known),
            inputs=tuple(ref for side in known for ref in side.inputs),
            parts=tuple(known),
        )
        if upper is None or lower is None or upper.value is None or lower.value is None:
            absent = "no-numerator" if upper is None or upper.value is None else "no-denominator"
            return replace(base, reason=reason(absent))
        if not (upper.exact and lower.exact):
            return replace(base, reason=reason("sides-inexact"))
        windows = indicator.method is not Method.COMPLETION and _clock(upper) and _clock(lower)
        if windows and upper.period != lower.period:
            return replace(base, reason=reason("unlike-periods", one=upper.period.code, other=lower.period.code))
        if lower.value == 0:
            return replace(base, status=Status.UNDEFINED, reason=reason("denominator-zero"))
        value = upper.value / lower.value * indicator.multiplier
        implied = Status.IMPLIED in (upper.status, lower.status)
        result = replace(base, value=value, status=Status.IMPLIED if implied else Status.COMPUTED)
        return self.bounded(result, indicator)

    def bounded(self, result: Result, indicator: Indicator) -> Result:
        """Return the result with its interval, by the method the catalogue names."""
        n, big_n, scale = result.numerator, result.denominator, float(indicator.multiplier)
        if n is None or not big_n or n < 0:
            return result
        match indicator.interval:
            case "wilson":
                low, high = stats.wilson(float(n), float(big_n), confidence=self.confidence)
                low, high = low * scale, high * scale
            case "count":
                low, high = stats.count_interval(float(n), confidence=self.confidence)
                low, high = low / float(big_n) * scale, high / float(big_n) * scale
            case "sex_ratio":
                low, high = stats.sex_ratio(float(n), float(big_n), confidence=self.confidence)
            case _:
                return result
        if math.isnan(float(low)):
            return result
        return replace(result, lower=float(low), upper=float(high))

    def changed(self, indicator: Indicator, dims: Dims, case: Case) -> Result | None:
        now = self.total(case.numerator, indicator, dims, back=0)
        before = self.total(case.numerator, indicator, dims, back=1)
        if now is None or before is None:
            return None
        base = Result(
            entry=indicator,
            dims=dims,
            period=now.period,
            value=None,
            status=Status.MISSING,
            unit=indicator.unit,
            cells=_cells([now, before]),
            previous_cells=before.cells,
            inputs=(*now.inputs, *(f"{ref}@previous" for ref in before.inputs)),
            parts=(now, before),
        )
        if not now.period.comparable(before.period):
            return replace(base, reason=reason("unlike-periods", one=now.period.code, other=before.period.code))
        if now.value is None or before.value is None or not (now.exact and before.exact):
            return replace(base, reason=reason("change-inexact"))
        implied = Status.IMPLIED if Status.IMPLIED in (now.status, before.status) else Status.COMPUTED
        difference = now.value - before.value
        if indicator.method is Method.CHANGE:
            return replace(base, value=difference, status=implied, numerator=difference)
        if before.value == 0:
            return replace(base, status=Status.UNDEFINED, reason=reason("previous-zero"))
        value = difference / before.value * indicator.multiplier
        return replace(base, value=value, status=implied, numerator=difference, denominator=before.value)

    # --- target, previous year, verdict -----------------------------------------------------------------------------

    def judged(self, result: Result) -> Result:
        """Return the result with previous figure, change, target, deviation and gap."""
        result = self.compared(result)
        if underway(result):
            return replace(result, reason=result.reason or reason("underway"))
        target = self.target_of(result.entry, result.dims)
        if target is None or result.entry.unit != result.unit:
            return result
        result = replace(result, target=target)
        if result.value is None:
            return result
        deviation = result.value - Fraction(target.value)
        if not result.exact:  # by how much a bound passes its target nobody knows
            upwards = result.entry.direction not in (Direction.LOWER, Direction.RANGE)
            above = result.status is Status.FLOOR and upwards and deviation >= 0
            below = result.status is Status.CEILING and not upwards and deviation <= 0
            return replace(result, reached=True) if above or below else result
        gap = None
        if isinstance(result.entry, Indicator) and result.numerator is not None and result.denominator:
            wanted = Fraction(target.value) * result.denominator / result.entry.multiplier
            if result.entry.direction is Direction.LOWER:
                gap = max(0, math.ceil(result.numerator - wanted))
            else:
                gap = max(0, math.ceil(wanted - result.numerator))
        return replace(result, deviation=deviation, gap=gap)

    def target_of(self, entry: Element | Indicator, dims: Dims) -> Target | None:
        """Return the target of one figure: a letter binds the figure it names; what the catalogue sets holds for every breakdown."""
        params = self.township.years.get(self.year)
        return (params.target_of(entry.id, dims) if params else None) or entry.target

    def compared(self, result: Result) -> Result:
        if isinstance(result.entry, Indicator) and result.entry.method in (Method.CHANGE, Method.CHANGE_PCT):
            return result
        before = self.result(result.entry.id, result.dims, back=1)
        if before is None:
            given = self.given.get((result.entry.id, result.dims), ())
            earlier = max((item.period.year for item in given if item.period.year < self.year - 1), default=None)
            if earlier is None or result.reason:
                return result
            return replace(result, reason=reason("earlier-year", year=str(earlier)))
        if not result.period.comparable(before.period):
            why = reason("not-comparable", one=result.period.code, other=before.period.code)
            return replace(result, reason=result.reason or why)
        found = replace(
            result, previous=before.value, previous_status=before.status, previous_cells=before.cells, before=before
        )
        if result.value is None or before.value is None or not (result.exact and before.exact):
            return found
        return replace(found, change=result.value - before.value, change_clear=self.clear(result, before))

    def clear(self, now: Result, before: Result) -> bool | None:
        """Tell whether the change is larger than chance explains; None where chance is no model (money, stocks, tasks)."""
        if isinstance(now.entry, Element):
            if now.entry.nature is not Nature.FLOW or now.unit == "yuan" or not (now.value or before.value):
                return None
            low, high = stats.ratio_of_counts(float(now.value or 0), float(before.value or 0), confidence=self.confidence)
            return not float(low) <= 1 <= float(high)
        ratio = now.entry.interval == "sex_ratio"
        counts = (now.numerator, now.denominator, before.numerator, before.denominator)
        if (now.entry.interval != "wilson" and not ratio) or None in counts:
            return None
        if ratio:  # the ratio moves as the share of boys among all births does, and only that has chance as a model
            boys, girls, boys_before, girls_before = (count or Fraction(0) for count in counts)
            if not (boys + girls and boys_before + girls_before):
                return None
            low, high = stats.difference_of_proportions(
                float(boys),
                float(boys + girls),
                float(boys_before),
                float(boys_before + girls_before),
                confidence=self.confidence,
            )
            return not float(low) <= 0 <= float(high)
        low, high = stats.difference_of_proportions(
            float(now.numerator or 0),
            float(now.denominator or 0),
            float(before.numerator or 0),
            float(before.denominator or 0),
            confidence=self.confidence,
        )
        return not float(low) <= 0 <= float(high)


def underway(result: Result) -> bool:
    """True for the completion of a task that still runs: a part of the year set against the year's task.

    What was done by June says how far the task has come; it neither meets nor misses it, whether the count is of a window (1—6月) or
    stands at a day (截至10月10日).  The window of a task is its deadline: a count at a day on or after its end is held against it, and
    so is a window set against a task of a part of the year.  A completion reported without its task, or with one that itself stands
    at a day, is taken for one of the calendar year's.
    """
    if not isinstance(result.entry, Indicator) or result.entry.method is not Method.COMPLETION:
        return False
    end = result.period.end
    last = date(result.period.year, 12, 31)
    task = result.parts[1].period if len(result.parts) > 1 else None
    if result.period.kind is PeriodKind.AS_OF:
        return end < (last if task is None or task.kind is PeriodKind.AS_OF else task.end)
    if not result.period.partial:
        return False
    return (last if task is None else task.end) > end and (task is None or not task.partial)


def _clock(result: Result) -> bool:
    """True when a sum runs on a window of days, so that its window must match; stocks and tasks stand at a moment."""
    leaves = list(_leaves(result))
    return all(isinstance(leaf.entry, Element) and leaf.entry.nature in (Nature.FLOW, Nature.AMOUNT) for leaf in leaves)


def _leaves(result: Result) -> Iterator[Result]:
    if not result.parts:
        yield result
    for part in result.parts:
        yield from _leaves(part)


def _cells(parts: Iterable[Result]) -> tuple[Cell, ...]:
    return tuple(dict.fromkeys(cell for part in parts for cell in part.cells))


def _sum_status(statuses: Sequence[Status]) -> Status:
    """Return the status of a sum: blank parts make it missing, bounds make it a bound, opposite bounds an approximation."""
    if any(status in BLANK for status in statuses):
        return Status.MISSING
    inexact = {status for status in statuses if status in INEXACT}
    if len(inexact) == 1:
        return inexact.pop()
    if inexact:
        return Status.APPROXIMATE
    return Status.IMPLIED if Status.IMPLIED in statuses else Status.COMPUTED
