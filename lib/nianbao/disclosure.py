"""Which figures the public edition leaves out or withholds, so that no person can be told from a small number.

An entry marked ``internal`` is left out.  Of an entry marked ``sensitive``, a count of at least 1 and below the minimum of
``params/report.yml`` is withheld: it tells of so few people that a neighbour knows who they are (the Statistics Law forbids handing out
aggregates that let a single respondent be inferred).  A true zero tells of nobody and stays.  Withheld with it is everything it could
be worked out from: rates, changes, products, what is missing to the whole, and one more cell of every row, column or sum it stands in.

That nothing can be worked out is not assumed but checked.  Every way in which published figures hang together (parts and totals, groups
and their members, terms of sums, numerators and denominators of rates, this year and the one before) is a linear equation; its unknowns
are the withheld figures.  :mod:`nianbao.suppression` withholds one more figure as long as the equations tell of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from nianbao.catalogue import QUOTIENTS, Catalogue, Element, Indicator, Method, Nature, Sensitivity
from nianbao.fields import Dims
from nianbao.indicators import Result, Results
from nianbao.suppression import Equation, Figure, Key, closed
from nianbao.values import Status

_BACK = 4
"""How many years back a term of a formula may lie."""


@dataclass
class _Guard:
    """The figures of a report and how they hang together."""

    values: dict[Key, Result]
    minimum: int
    equations: list[Equation] = field(default_factory=list)
    hidden: dict[Key, Fraction] = field(default_factory=dict)
    """Figures nobody prints, which follow from printed ones: how many are missing to the whole."""
    priced: set[Key] = field(default_factory=set)
    """Amounts of which an equation says what they were paid for: so much a head, or so much a head of each kind."""

    def value(self, key: Key) -> Fraction:
        value = self.values[key].value
        assert value is not None
        return value

    def is_small(self, value: Fraction | None) -> bool:
        return value is not None and 0 < value < self.minimum

    @property
    def figures(self) -> dict[Key, Figure]:
        made = {key: Figure(self.value(key), _counts(self.values[key])) for key in self.values}
        return made | {key: Figure(value, counted=True, printed=False) for key, value in self.hidden.items()}


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
    marked = {key: True for key, result in guard.values.items() if small(result, minimum=minimum)}
    marked |= {key: guard.is_small(value) for key, value in guard.hidden.items()}  # printed nowhere, so unknown
    going = _GoingTogether(guard, results.catalogue)
    return closed(guard.figures, guard.equations, marked=marked, minimum=minimum, follow=going.with_) - guard.hidden.keys()


def disclosed(results: Results, *, minimum: int) -> Results:
    """Return the results the public edition may tell: internal ones gone, withheld ones with the status ``suppressed`` and no figure.

    What a figure was computed from, and its year before, are withheld inside it as they are for themselves.
    """
    gone = withhold(results, minimum=minimum)
    catalogue = results.catalogue
    made = [_masked(item, 0, gone, catalogue) for item in results if not is_internal(item.entry, catalogue)]
    return Results(made, catalogue=catalogue, township=results.township, year=results.year)


def small(result: Result, *, minimum: int) -> bool:
    """True for a figure that is withheld for itself, whatever stands beside it: a small count of a sensitive entry, or a rate of one.

    Money and standards are never small, nor are changes: they are withheld with what they tell of.
    """
    if result.entry.sensitivity is not Sensitivity.SENSITIVE:
        return False
    if _counts(result):
        return result.value is not None and 0 < result.value < minimum
    if not isinstance(result.entry, Indicator) or result.entry.method not in QUOTIENTS:
        return False
    count = result.numerator
    if count is None and result.value is not None and result.denominator:  # a rate reported alone gives its count away
        count = result.value * result.denominator / result.entry.multiplier
    return count is not None and 0 < count < minimum


# --- what is withheld for itself, and what goes with it -----------------------------------------------------------------


def _counts(result: Result) -> bool:
    """True for a number of persons, cases or things; false for rates, money and changes."""
    entry = result.entry
    if isinstance(entry, Indicator):
        return entry.method is Method.SUM and result.unit != "yuan"
    return entry.nature in (Nature.FLOW, Nature.STOCK) and result.unit != "yuan"


class _GoingTogether:
    """What goes with a withheld figure although no equation ties the two.

    With a number of recipients the money paid to them, and to more than them where nothing is known of what each kind is paid; with
    a factor its products.
    """

    def __init__(self, guard: _Guard, catalogue: Catalogue) -> None:
        self._guard, self._catalogue = guard, catalogue
        self._amounts: dict[tuple[str, int], list[Key]] = {}
        self._products: dict[Key, dict[Key, None]] = {}
        self._parts: dict[Key, set[Key]] = {}
        for key, result in guard.values.items():
            if key[0].endswith("_amount"):
                self._amounts.setdefault((key[0], key[2]), []).append(key)
            if isinstance(result.entry, Indicator) and result.entry.method is Method.PRODUCT and not _adds_up(result):
                for part in result.parts:
                    self._products.setdefault((part.entry.id, part.dims, key[2]), {})[key] = None
        for one in guard.equations:
            if one.total is not None and one.total[0].endswith("_amount"):
                self._parts.setdefault(one.total, set()).update(key for key in one.terms if key[0] == one.total[0])

    def with_(self, key: Key) -> Iterator[Key]:
        entry, dims, back = key
        scheme = entry.removesuffix("_recipients")
        if scheme != entry and f"{scheme}_amount" in self._catalogue.entries:
            given = dict(dims)
            amounts = self._amounts.get((f"{scheme}_amount", back), ())
            wider = [one for one in amounts if all(given.get(name, value) == value for name, value in one[1])]
            for one in wider:
                summed = any(other in self._parts.get(one, ()) for other in wider if other != one)
                if one[1] == dims or not (summed or one in self._guard.priced):
                    yield one
        yield from self._products.get(key, ())


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
            guard.equations += _paid(cells, f"{scheme}_amount", guard, place=results.township.place_dimension)
    for key, item in list(values.items()):
        if isinstance(item.entry, Indicator):
            guard.equations += _formula(key, item, guard, results)
    for item in results:  # its counts may be printed although the rate itself is left out
        if is_internal(item.entry, results.catalogue) and isinstance(item.entry, Indicator):
            years = [item] if item.before is None else [item, item.before]
            for back, one in enumerate(years):
                guard.equations += _missing_to_the_whole((item.entry.id, item.dims, back), one, guard, results)
    return guard


def _paid(cells: Mapping[Dims, Key], amount: str, guard: _Guard, *, place: str) -> Iterator[Equation]:
    """Yield an equation for every sum of money paid to so many recipients: what is paid a head is public knowledge.

    Where kinds of recipients are paid differently (parents of a disabled child, and of one who died), the sum is made of the heads of each kind.
    """
    kinds = _paid_by_kind(cells, amount, guard, place=place)
    for dims, key in cells.items():
        paid = (amount, dims, key[2])
        heads = guard.value(key)
        if paid in guard.values and heads and paid not in kinds:
            yield Equation({paid: Fraction(1), key: -guard.value(paid) / heads})
    for paid, made in kinds.items():
        guard.priced.add(paid)
        yield Equation({paid: Fraction(1), **{key: -standard for key, standard in made.items()}})


def _paid_by_kind(cells: Mapping[Dims, Key], amount: str, guard: _Guard, *, place: str) -> dict[Key, dict[Key, Fraction]]:
    """Return, for sums of money whose recipients are reported by one kind more than the money, what was paid to a head of each kind.

    The standards are not in the return: they are what all sums of all places agree on; where they do not, or where there are no more
    sums than standards, nothing is returned.
    """
    made: dict[Key, dict[Key, Fraction]] = {}
    asked: dict[tuple[Dims, str], dict[Key, dict[str, Key]]] = {}
    for dims, key in cells.items():
        for name, value in dims:
            rest = tuple(pair for pair in dims if pair[0] != name)
            paid = (amount, rest, key[2])
            if name != place and paid in guard.values and (amount, dims, key[2]) not in guard.values:
                kind = tuple(pair for pair in rest if pair[0] != place)
                asked.setdefault((kind, name), {}).setdefault(paid, {})[value] = key
    for sums in asked.values():
        whole = {
            paid: parts
            for paid, parts in sums.items()
            if paid[1] in cells and sum(guard.value(key) for key in parts.values()) == guard.value(cells[paid[1]])
        }
        values = sorted({value for parts in whole.values() for value in parts})
        rows = [
            [*(guard.value(parts[value]) if value in parts else Fraction(0) for value in values), guard.value(paid)]
            for paid, parts in whole.items()
        ]
        found = _agreed(rows, len(values))
        for paid, parts in whole.items() if found else ():
            made[paid] = {key: found[values.index(value)] for value, key in parts.items()}
    return made


def _agreed(rows: Sequence[Sequence[Fraction]], unknowns: int) -> list[Fraction]:
    """Return the one solution of linear equations, their constants last; nothing where there is none, or no equation to spare."""
    left = [list(row) for row in rows]
    if len(left) <= unknowns:
        return []
    for place in range(unknowns):
        lead = next((row for row in left[place:] if row[place]), None)
        if lead is None:
            return []
        left.remove(lead)
        lead = [value / lead[place] for value in lead]
        left = [[value - row[place] * by for value, by in zip(row, lead, strict=True)] for row in left]
        left.insert(place, lead)
    return [] if any(row[-1] for row in left[unknowns:]) else [row[-1] for row in left[:unknowns]]


def _partitions(element: Element, cells: Mapping[Dims, Key], results: Results) -> Iterator[Equation]:
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
                yield Equation({total: Fraction(-1), **dict.fromkeys(known, Fraction(1))}, total=total)
        for dim, value in dims:
            members = element.groups.get(dim, {}).get(value, ())
            parts = [cells.get(tuple(sorted({**fixed, dim: member}.items()))) for member in members]
            known = [part for part in parts if part is not None]
            if known and len(known) == len(parts):
                yield Equation({total: Fraction(-1), **dict.fromkeys(known, Fraction(1))}, total=total)


def _formula(key: Key, item: Result, guard: _Guard, results: Results) -> Iterator[Equation]:
    assert isinstance(item.entry, Indicator)
    method, back = item.entry.method, key[2]
    if method is Method.SUM or _adds_up(item):
        terms = _terms_of(item.parts, back, guard)
        if terms is not None:
            yield Equation({key: Fraction(-1), **terms}, total=key)
        return
    if method is Method.PRODUCT:
        for part in item.parts:
            found = _key_of(part, back, guard)
            if found is not None and part.value and item.value is not None:
                yield Equation({found: Fraction(1)}, part.value, of=key)
        return
    sides = _sides(item, back, guard)
    if method in QUOTIENTS:
        for side, known in zip((item.numerator, item.denominator), sides, strict=False):
            if side is not None and known is not None:
                yield Equation(known, side, of=key)
        yield from _missing_to_the_whole(key, item, guard, results)
    elif len(sides) == 2 and sides[0] is not None and sides[1] is not None:  # both years of a change
        now, before = item.parts
        if now.value is not None and before.value is not None:
            factor = Fraction(1) if method is Method.CHANGE or not before.value else now.value / before.value
            constant = now.value - factor * before.value
            line = dict(sides[0])
            for term, by in sides[1].items():
                line[term] = line.get(term, Fraction(0)) - factor * by
            yield Equation(line, constant, of=key)


def _adds_up(item: Result) -> bool:
    """True for a county's product: the sum of the products of its towns, and no product itself."""
    return bool(item.parts) and all(part.entry is item.entry and part.dims != item.dims for part in item.parts)


def _sides(item: Result, back: int, guard: _Guard) -> list[dict[Key, Fraction] | None]:
    """Return the terms of numerator and denominator, or of both years of a change."""
    return [_terms_of(side.parts, back, guard) if side.parts else _single(side, back, guard) for side in item.parts]


def _missing_to_the_whole(key: Key, item: Result, guard: _Guard, results: Results) -> Iterator[Equation]:
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
    yield Equation(line)
    if key in guard.values:
        yield Equation({other: Fraction(1)}, guard.hidden[other], of=key)


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
