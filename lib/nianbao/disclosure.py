"""Which figures the public edition leaves out or withholds, so that no person can be told from a small number.

An entry marked ``internal`` is left out.  Of an entry marked ``sensitive``, a count of at least 1 and below the minimum of
``params/report.yml`` is withheld: it tells of so few people that a neighbour knows who they are (the Statistics Law forbids handing out
aggregates that let a single respondent be inferred).  A true zero tells of nobody and stays.  Withheld with it is everything it could
be worked out from: rates, changes, products, what is missing to the whole, and one more cell of every row, column or sum it stands in.

That nothing can be worked out is not assumed but checked.  Every way in which published figures hang together (parts and totals, groups
and their members, terms of sums, numerators and denominators of rates, this year and the one before) is a linear equation; its unknowns
are the withheld figures.  As long as the equations fix an unknown, or bound a small one more narrowly than the mark itself does, one more
figure is withheld.  This is cell suppression after Cox (1980) and Fischetti and Salazar (2000), chosen greedily: it may withhold
more than the fewest cells, never fewer than are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from nianbao.catalogue import QUOTIENTS, Catalogue, Element, Indicator, Method, Nature, Sensitivity
from nianbao.fields import Dims
from nianbao.indicators import Result, Results
from nianbao.values import Status

Key = tuple[str, Dims, int]
"""A figure: entry, dimension values, and how many years back."""
_BACK = 4
"""How many years back a term of a formula may lie."""


@dataclass(frozen=True)
class _Equation:
    """``sum(coefficient x figure) = constant``; ``of`` is the rate or change that makes it known, and is published with it.

    With ``of`` withheld the equation says nothing.  ``parts`` are the figures that may be withheld in its stead, before its total.
    """

    terms: Mapping[Key, Fraction]
    constant: Fraction = Fraction(0)
    of: Key | None = None
    total: Key | None = None


@dataclass
class _Guard:
    """The figures of a report, how they hang together, and which of them are withheld so far."""

    values: dict[Key, Result]
    minimum: int
    equations: list[_Equation] = field(default_factory=list)
    hidden: dict[Key, Fraction] = field(default_factory=dict)
    """Figures nobody prints, which follow from printed ones: how many are missing to the whole."""
    withheld: dict[Key, bool] = field(default_factory=dict)
    """Withheld figures; True for those withheld for themselves."""

    def value(self, key: Key) -> Fraction:
        found = self.hidden.get(key)
        if found is not None:
            return found
        value = self.values[key].value
        assert value is not None
        return value

    def counts(self, key: Key) -> bool:
        """True for a number of persons, cases or things; false for rates, money and changes."""
        if key in self.hidden:
            return True
        entry = self.values[key].entry
        if isinstance(entry, Indicator):
            return entry.method is Method.SUM and self.values[key].unit != "yuan"
        return entry.nature in (Nature.FLOW, Nature.STOCK) and self.values[key].unit != "yuan"

    def is_small(self, value: Fraction | None) -> bool:
        return value is not None and 0 < value < self.minimum

    def live(self) -> list[_Equation]:
        """Return the equations a reader has, as far as they hold an unknown."""
        return [
            one
            for one in self.equations
            if (one.of is None or one.of not in self.withheld) and any(key in self.withheld for key in one.terms)
        ]

    # --- what a reader can work out ---------------------------------------------------------------------------------

    def ranges(
        self, live: Sequence[_Equation], *, guessing: bool = False
    ) -> dict[Key, tuple[Fraction | None, Fraction | None]]:
        """Return the bounds the equations leave of every unknown; None where there is none.

        A mark stands for at least one: zeros are printed.  A reader ``guessing`` which figures are withheld for themselves knows them
        to be below the minimum.
        """
        found = self._before_any_equation(guessing=guessing)
        moved = True
        rounds = 0
        while moved and rounds < 50:
            moved, rounds = False, rounds + 1
            for one in live:
                moved = self._tighten(one, found) or moved
        for key in self._determined(live):
            found[key] = (self.value(key), self.value(key))
        return found

    def _before_any_equation(self, *, guessing: bool = False) -> dict[Key, tuple[Fraction | None, Fraction | None]]:
        found: dict[Key, tuple[Fraction | None, Fraction | None]] = {}
        for key in self.withheld:
            printed = key not in self.hidden  # a mark stands for at least one; what nobody prints may be none
            low = Fraction(1) if printed and self.counts(key) and self.value(key) >= 1 else None
            if low is None and self.value(key) >= 0:
                low = Fraction(0)
            found[key] = (low, Fraction(self.minimum - 1) if guessing and self.withheld[key] and self.counts(key) else None)
        return found

    def _tighten(self, one: _Equation, found: dict[Key, tuple[Fraction | None, Fraction | None]]) -> bool:
        unknown = [(key, factor) for key, factor in one.terms.items() if key in self.withheld]
        rest = one.constant - sum(
            (factor * self.value(key) for key, factor in one.terms.items() if key not in self.withheld), Fraction(0)
        )
        moved = False
        for key, factor in unknown:
            least, most = _sum_of_bounds([(found[other], by) for other, by in unknown if other != key])
            low = None if most is None else rest - most
            high = None if least is None else rest - least
            low, high = (low, high) if factor > 0 else (high, low)
            low = None if low is None else low / factor
            high = None if high is None else high / factor
            before = found[key]
            low = before[0] if low is None or (before[0] is not None and before[0] >= low) else low
            high = before[1] if high is None or (before[1] is not None and before[1] <= high) else high
            if (low, high) != before:
                found[key] = (low, high)
                moved = True
        return moved

    def _determined(self, live: Sequence[_Equation]) -> set[Key]:
        """Return the unknowns that the equations fix together, by exact elimination."""
        order = {key: place for place, key in enumerate(self.withheld)}
        rows: dict[int, dict[int, Fraction]] = {}
        for one in live:
            line = {order[key]: factor for key, factor in one.terms.items() if key in order and factor}
            while line:
                lead = min(line)
                known = rows.get(lead)
                if known is None:
                    scale = line[lead]
                    rows[lead] = {place: factor / scale for place, factor in line.items()}
                    break
                _subtract(line, known, line[lead])
        for lead in sorted(rows, reverse=True):
            line = rows[lead]
            for place in sorted(line):
                if place != lead and place in rows:
                    _subtract(line, rows[place], line[place])
        names = list(order)
        return {names[lead] for lead, line in rows.items() if len(line) == 1}

    # --- withholding ------------------------------------------------------------------------------------------------

    def close(self, follow: Callable[[Key], Iterable[Key]]) -> None:
        """Withhold one figure after another until no withheld one can be worked out.

        ``follow`` names figures that go with a withheld one without an equation between them.
        """
        queue = list(self.withheld)
        while True:
            while queue:
                for other in follow(queue.pop()):
                    if other in self.values and other not in self.withheld and self.values[other].value is not None:
                        self.withheld[other] = False
                        queue.append(other)
            live = self.live()
            found = self.ranges(live)
            exposed = [key for key in self.withheld if self._exposed(key, found[key])]
            if not exposed:
                found = self.ranges(live, guessing=True)
                exposed = [
                    key
                    for key, (low, high) in found.items()
                    if low is not None and low == high and (self.withheld[key] or key not in self.hidden)
                ]
            # first those that one equation alone gives away, all at once, for the others may follow from them
            start = self._before_any_equation()
            for key in exposed:
                one = self._complement(key, live, start, alone=True)
                if one is not None:
                    self.withheld[one] = False
                    queue.append(one)
            if not queue:
                found_one = (one for key in exposed if (one := self._complement(key, live, found, alone=False)) is not None)
                chosen = next(found_one, None)
                if chosen is None:
                    return
                self.withheld[chosen] = False
                queue.append(chosen)

    def _exposed(self, key: Key, bounds: tuple[Fraction | None, Fraction | None]) -> bool:
        """True when a reader could tell the figure, or of a small count more than that it is small."""
        low, high = bounds
        if key in self.hidden and not self.withheld[key]:
            return False
        if low is not None and low == high:
            return True
        if not self.withheld[key] or not self.counts(key):
            return False
        return (low is not None and low > 1) or (high is not None and high < self.minimum - 1)

    def _complement(
        self,
        key: Key,
        live: Sequence[_Equation],
        found: Mapping[Key, tuple[Fraction | None, Fraction | None]],
        *,
        alone: bool,
    ) -> Key | None:
        """Return the figure to withhold beside ``key``: the rate that tells, else the best other cell of a sum it stands in.

        ``found`` are the bounds of the unknowns; ``alone`` keeps to equations that expose the figure by themselves.
        """
        own = [one for one in live if key in one.terms]
        narrow = [one for one in own if self._narrow(key, one, found)]
        for one in narrow if alone else (*(narrow or own), *self._linked(key, live)):
            if one.of is not None and one.of not in self.withheld:
                return one.of
            # a zero hides nothing, and is printed
            free = [term for term in one.terms if term not in self.withheld and term not in self.hidden and self.value(term)]
            if free:
                return min(free, key=lambda term: self._cost(term, one))
        return None

    def _linked(self, key: Key, live: Sequence[_Equation]) -> list[_Equation]:
        """Return the equations that hang together with a figure through unknowns."""
        known = {key}
        places: dict[int, None] = {}
        while True:
            more = [place for place, one in enumerate(live) if place not in places and not known.isdisjoint(one.terms)]
            if not more:
                return [live[place] for place in places]
            places |= dict.fromkeys(more)
            known |= {term for place in more for term in live[place].terms if term in self.withheld}

    def _narrow(self, key: Key, one: _Equation, found: Mapping[Key, tuple[Fraction | None, Fraction | None]]) -> bool:
        """True when this equation alone, with what else is known of its other unknowns, exposes the figure."""
        start: dict[Key, tuple[Fraction | None, Fraction | None]] = {
            term: found.get(term, (None, None)) for term in one.terms if term in self.withheld
        }
        start[key] = (Fraction(1), None) if self.counts(key) else (None, None)
        self._tighten(one, start)
        return self._exposed(key, start[key])

    def _cost(self, key: Key, beside: _Equation) -> tuple[int, int, int, int, Fraction, str]:
        """Return what withholding a figure costs: totals last, then cells that would stand alone in another sum, then large ones."""
        alone = sum(
            1
            for one in self.equations
            if one is not beside
            and key in one.terms
            and (one.of is None or one.of not in self.withheld)
            and not any(term in self.withheld for term in one.terms)
        )
        size = self.value(key)
        small = int(self.counts(key) and size < self.minimum)  # two small cells together would tell too much
        return (int(key == beside.total), key[2], alone, small, abs(size), repr(key))


def _subtract(line: dict[int, Fraction], other: Mapping[int, Fraction], times: Fraction) -> None:
    for place, factor in other.items():
        left = line.get(place, Fraction(0)) - times * factor
        if left:
            line[place] = left
        else:
            line.pop(place, None)


def _sum_of_bounds(
    items: Sequence[tuple[tuple[Fraction | None, Fraction | None], Fraction]],
) -> tuple[Fraction | None, Fraction | None]:
    least: Fraction | None = Fraction(0)
    most: Fraction | None = Fraction(0)
    for (low, high), factor in items:
        first, last = (low, high) if factor > 0 else (high, low)
        least = None if least is None or first is None else least + factor * first
        most = None if most is None or last is None else most + factor * last
    return least, most


def is_internal(entry: Element | Indicator, catalogue: Catalogue) -> bool:
    """True for what the public edition leaves out: an internal entry, and a rate or product that prints one as its count."""
    if entry.sensitivity is Sensitivity.INTERNAL:
        return True
    if not isinstance(entry, Indicator) or (entry.method not in QUOTIENTS and entry.method is not Method.PRODUCT):
        return False
    terms = [*entry.numerator, *(term for case in entry.cases for term in case.numerator)]
    return any(catalogue.entries[term.entry].sensitivity is Sensitivity.INTERNAL for term in terms)


def withhold(results: Results, *, minimum: int) -> frozenset[Key]:
    """Return the figures of a report, those of the year before among them, that its public edition withholds."""
    guard = _guard(results, minimum)
    for key in guard.values:
        if _for_itself(key, guard):
            guard.withheld[key] = True
    guard.withheld |= {key: guard.is_small(value) for key, value in guard.hidden.items()}  # printed nowhere, so unknown
    guard.close(lambda key: _going_with(key, guard, results.catalogue))
    return frozenset(key for key in guard.withheld if key not in guard.hidden)


def disclosed(results: Results, *, minimum: int) -> Results:
    """Return the results the public edition may tell: internal ones gone, withheld ones with the status ``suppressed`` and no figure.

    What a figure was computed from, and its year before, are withheld inside it as they are for themselves.
    """
    gone = withhold(results, minimum=minimum)
    catalogue = results.catalogue
    made = [_masked(item, 0, gone, catalogue) for item in results if not is_internal(item.entry, catalogue)]
    return Results(made, catalogue=catalogue, township=results.township, year=results.year)


def small(result: Result, *, minimum: int) -> bool:
    """True for a figure that is withheld for itself, whatever stands beside it: a small count of a sensitive entry."""
    return result.entry.sensitivity is Sensitivity.SENSITIVE and result.value is not None and 0 < result.value < minimum


# --- what is withheld for itself, and what goes with it -----------------------------------------------------------------


def _for_itself(key: Key, guard: _Guard) -> bool:
    result = guard.values[key]
    if result.entry.sensitivity is not Sensitivity.SENSITIVE:
        return False
    if guard.counts(key):
        return guard.is_small(result.value)
    if not isinstance(result.entry, Indicator) or result.entry.method not in QUOTIENTS:
        return False
    count = result.numerator
    if count is None and result.value is not None and result.denominator:  # a rate reported alone gives its count away
        count = result.value * result.denominator / result.entry.multiplier
    return guard.is_small(count)


def _going_with(key: Key, guard: _Guard, catalogue: Catalogue) -> Iterator[Key]:
    """Yield the money paid to a withheld number of recipients: divided by the standard it is that number again."""
    entry, dims, back = key
    scheme = entry.removesuffix("_recipients")
    if scheme != entry and f"{scheme}_amount" in catalogue.entries:
        given = dict(dims)
        amounts = (one for one in guard.values if one[0] == f"{scheme}_amount" and one[2] == back)
        yield from (one for one in amounts if all(given.get(name, value) == value for name, value in one[1]))
    yield from (
        one
        for one, result in guard.values.items()
        if isinstance(result.entry, Indicator)
        and result.entry.method is Method.PRODUCT
        and one[2] == back
        and any(part.entry.id == entry and part.dims == dims for part in result.parts)
    )


# --- how figures hang together ------------------------------------------------------------------------------------------


def _guard(results: Results, minimum: int) -> _Guard:
    values: dict[Key, Result] = {}
    for item in results:
        if is_internal(item.entry, results.catalogue):
            continue
        one: Result | None = item
        back = 0
        while one is not None and back <= _BACK:
            if one.value is not None:
                values.setdefault((item.entry.id, item.dims, back), one)
            one, back = one.before, back + 1
    guard = _Guard(values, minimum)
    by_entry: dict[tuple[str, int], dict[Dims, Key]] = {}
    for key in values:
        by_entry.setdefault((key[0], key[2]), {})[key[1]] = key
    for (entry_id, _), cells in by_entry.items():
        entry = results.catalogue.entries[entry_id]
        if isinstance(entry, Element):
            guard.equations += _partitions(entry, cells, results)
        scheme = entry_id.removesuffix("_recipients")
        if scheme != entry_id:
            guard.equations += _paid(cells, f"{scheme}_amount", guard)
    for key, item in list(values.items()):
        if isinstance(item.entry, Indicator):
            guard.equations += _formula(key, item, guard, results)
    for item in results:  # its counts may be printed although the rate itself is left out
        if is_internal(item.entry, results.catalogue) and isinstance(item.entry, Indicator):
            years = [item] if item.before is None else [item, item.before]
            for back, one in enumerate(years):
                guard.equations += _missing_to_the_whole((item.entry.id, item.dims, back), one, guard, results)
    return guard


def _paid(cells: Mapping[Dims, Key], amount: str, guard: _Guard) -> Iterator[_Equation]:
    """Yield an equation for every sum of money paid to so many recipients: the standard per head is public knowledge."""
    for dims, key in cells.items():
        paid = (amount, dims, key[2])
        heads = guard.value(key)
        if paid in guard.values and heads:
            yield _Equation({paid: Fraction(1), key: -guard.value(paid) / heads})


def _partitions(element: Element, cells: Mapping[Dims, Key], results: Results) -> Iterator[_Equation]:
    """Yield an equation for every total with a complete set of parts, and for every group with its members."""
    listed = [results.township.place_dimension] if results.township.places else []
    for dims, total in cells.items():
        fixed = dict(dims)
        sets: list[tuple[str, tuple[str, ...]]] = []
        for dim, choices in element.partitions.items():
            sets += [(dim, values) for values in choices if dim not in fixed]
        sets += [(dim, ("*",)) for dim in listed if dim not in fixed and dim in element.dims]
        for dim, values in dict.fromkeys(sets):
            chosen = values
            if values == ("*",):
                own = (dict(other) for other in cells if len(other) == len(dims) + 1)
                chosen = tuple(dict.fromkeys(one[dim] for one in own if dim in one and fixed.items() <= one.items()))
            parts = [cells.get(tuple(sorted({**fixed, dim: value}.items()))) for value in chosen]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                yield _Equation({total: Fraction(-1), **dict.fromkeys(known, Fraction(1))}, total=total)
        for dim, value in dims:
            members = element.groups.get(dim, {}).get(value, ())
            parts = [cells.get(tuple(sorted({**fixed, dim: member}.items()))) for member in members]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                yield _Equation({total: Fraction(-1), **dict.fromkeys(known, Fraction(1))}, total=total)


def _formula(key: Key, item: Result, guard: _Guard, results: Results) -> Iterator[_Equation]:
    assert isinstance(item.entry, Indicator)
    method, back = item.entry.method, key[2]
    if method is Method.SUM:
        terms = _terms_of(item.parts, back, guard)
        if terms is not None:
            yield _Equation({key: Fraction(-1), **terms}, total=key)
        return
    if method is Method.PRODUCT:
        for part in item.parts:
            found = _key_of(part, back, guard)
            if found is not None and part.value and item.value is not None:
                yield _Equation({found: Fraction(1)}, part.value, of=key)
        return
    sides = _sides(item, back, guard)
    if method in QUOTIENTS:
        for side, known in zip((item.numerator, item.denominator), sides, strict=False):
            if side is not None and known is not None:
                yield _Equation(known, side, of=key)
        yield from _missing_to_the_whole(key, item, guard, results)
    elif len(sides) == 2 and sides[0] is not None and sides[1] is not None:  # both years of a change
        now, before = item.parts
        if now.value is not None and before.value is not None:
            factor = Fraction(1) if method is Method.CHANGE or not before.value else now.value / before.value
            constant = now.value - factor * before.value
            line = dict(sides[0])
            for term, by in sides[1].items():
                line[term] = line.get(term, Fraction(0)) - factor * by
            yield _Equation(line, constant, of=key)


def _sides(item: Result, back: int, guard: _Guard) -> list[dict[Key, Fraction] | None]:
    """Return the terms of numerator and denominator, or of both years of a change."""
    return [_terms_of(side.parts, back, guard) if side.parts else _single(side, back, guard) for side in item.parts]


def _missing_to_the_whole(key: Key, item: Result, guard: _Guard, results: Results) -> Iterator[_Equation]:
    """Yield the equation of those a proportion of a sensitive count leaves out: 97 of 101 patients tells of the other 4."""
    assert isinstance(item.entry, Indicator)
    sides = _sides(item, key[2], guard)
    if item.entry.method is not Method.PROPORTION or len(sides) < 2 or item.numerator is None or item.denominator is None:
        return
    upper, lower = sides[0], sides[1]
    if upper is None or lower is None:
        return
    sensitive = [results.catalogue.entries[term[0]].sensitivity is Sensitivity.SENSITIVE for term in upper]
    if not (all(sensitive) or item.entry.sensitivity is Sensitivity.SENSITIVE):
        return
    other: Key = (f"{key[0]}:others", key[1], key[2])
    guard.hidden[other] = item.denominator - item.numerator
    line = {other: Fraction(1), **upper}
    for term, by in lower.items():
        line[term] = line.get(term, Fraction(0)) - by
    yield _Equation(line)
    if key in guard.values:
        yield _Equation({other: Fraction(1)}, guard.hidden[other], of=key)


def _terms_of(parts: Sequence[Result], back: int, guard: _Guard) -> dict[Key, Fraction] | None:
    """Return the terms of a sum with their signs; None where one of them is no figure of the report."""
    made: dict[Key, Fraction] = {}
    for part in parts:
        found = _key_of(part, back, guard)
        if found is None:
            return None
        made[found] = made.get(found, Fraction(0)) + part.sign
    return made or None


def _single(side: Result, back: int, guard: _Guard) -> dict[Key, Fraction] | None:
    found = _key_of(side, back, guard)
    return None if found is None else {found: Fraction(1)}


def _key_of(part: Result, back: int, guard: _Guard) -> Key | None:
    """Return the figure a part is; a term may be taken from a year before, which its value tells."""
    if part.value is None:
        return None
    for year in range(back, back + _BACK + 1):
        key = (part.entry.id, part.dims, year)
        if key in guard.values and guard.values[key].value == part.sign * part.value:
            return key
    return None


# --- withheld figures taken out -----------------------------------------------------------------------------------------


def _masked(item: Result, back: int, gone: frozenset[Key], catalogue: Catalogue) -> Result:
    if (item.entry.id, item.dims, back) in gone:
        return _without_figures(item)
    hidden_before = (item.entry.id, item.dims, back + 1) in gone
    before = None if item.before is None or hidden_before else _masked(item.before, back + 1, gone, catalogue)
    made = replace(item, before=before, reported=None, parts=_masked_parts(item, back, gone, catalogue))
    if hidden_before:
        made = replace(
            made, previous=None, previous_status=Status.SUPPRESSED, previous_cells=(), change=None, change_clear=None
        )
    return made


def _masked_parts(item: Result, back: int, gone: frozenset[Key], catalogue: Catalogue) -> tuple[Result, ...]:
    made: list[Result] = []
    for part in item.parts:
        if part.entry is item.entry and part.dims == item.dims:  # a side of a quotient, no figure of its own
            made.append(replace(part, reported=None, before=None, parts=_masked_parts(part, back, gone, catalogue)))
        elif not is_internal(part.entry, catalogue):
            # a term taken from a year before is taken out whichever of its years is withheld
            hidden = any((part.entry.id, part.dims, year) in gone for year in range(back, back + _BACK + 1))
            made.append(_without_figures(part) if hidden else _masked(part, back, gone, catalogue))
    return tuple(made)


def _without_figures(item: Result) -> Result:
    return Result(
        entry=item.entry,
        dims=item.dims,
        period=item.period,
        value=None,
        status=Status.SUPPRESSED,
        unit=item.unit,
        previous_status=Status.SUPPRESSED,
        cells=item.cells,
        sign=item.sign,
    )
