"""Which further figures must be withheld so that the withheld ones cannot be worked out: cell suppression over linear equations.

Figures hang together by linear equations; the unknowns of a reader are the withheld figures.  As long as the equations fix an unknown, or
bound a marked one more narrowly than its mark does, one more figure is withheld; at the end those that turn out not to be needed are
given back.  This is cell suppression after Cox (1980, JASA 75:377-385) and Fischetti and Salazar (2000, INFORMS J. Computing 12:1-9),
chosen greedily with a last pass that takes back: it may withhold more than the fewest figures, never fewer than are needed.

What a figure means is none of this module's business: it knows a value, whether it is a whole number of persons or things, and whether
it is printed.  Unknowns that no equation ties together are solved apart, and a part already solved is not solved again.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from nianbao.fields import Dims

Key = tuple[str, Dims, int]
"""A figure: entry, dimension values, and how many years back."""
Number = int | Fraction
Range = tuple[Number | None, Number | None]
"""The least and the most an unknown can be; None without a bound."""
_VISITS = 50
"""How many times, on average, an equation may narrow its unknowns; bounds that creep on after that are left where they are."""


@dataclass(frozen=True)
class Equation:
    """``sum(coefficient x figure) = constant``; ``of`` is the rate or change that makes it known, and is published with it.

    With ``of`` withheld the equation says nothing.  ``total`` is the figure to be withheld last.
    """

    terms: Mapping[Key, Fraction]
    constant: Fraction = Fraction(0)
    of: Key | None = None
    total: Key | None = None


@dataclass(frozen=True)
class Figure:
    """A value; ``counted`` for a number of persons, cases or things, which readers know to be whole; ``printed`` False for what
    no reader sees and which follows from what is printed, as how many are missing to the whole."""

    value: Fraction
    counted: bool
    printed: bool = True


@dataclass(frozen=True)
class _Line:
    """An equation in whole numbers: coefficients by figure, and the constant."""

    terms: Mapping[Key, int]
    constant: Number
    of: Key | None
    total: Key | None


@dataclass(frozen=True)
class _Sum:
    """What the equations leave of unknowns: ``sum(coefficient x unknown) = rest``."""

    terms: Mapping[Key, Number]
    rest: Number


@dataclass
class _Search:
    figures: Mapping[Key, Figure]
    lines: Sequence[_Line]
    minimum: int
    withheld: dict[Key, bool]
    """Withheld figures; True for those withheld for themselves."""
    follow: Callable[[Key], Iterable[Key]]
    solved: dict[tuple[frozenset[Key], tuple[int, ...], bool], dict[Key, Range]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values: dict[Key, Number] = {key: _plain(figure.value) for key, figure in self.figures.items()}
        self.lines_with: dict[Key, list[int]] = {}
        self.lines_of: dict[Key, list[int]] = {}
        for place, line in enumerate(self.lines):
            for key in line.terms:
                self.lines_with.setdefault(key, []).append(place)
            if line.of is not None:
                self.lines_of.setdefault(line.of, []).append(place)

    # --- what a reader can work out ---------------------------------------------------------------------------------

    def told(self, place: int) -> bool:
        """True where a reader has the equation: the rate that makes it known is published."""
        made_by = self.lines[place].of
        return made_by is None or made_by not in self.withheld

    def parts(self, seeds: Iterable[Key]) -> Iterator[tuple[list[Key], list[int]]]:
        """Yield, for every set of unknowns that equations tie together and that holds a seed, the unknowns and the equations."""
        seen: set[Key] = set()
        for seed in seeds:
            if seed in seen or seed not in self.withheld:
                continue
            seen.add(seed)
            keys, places = [seed], dict[int, None]()
            for key in keys:  # grows while it is walked
                for place in self.lines_with.get(key, ()):
                    if place in places or not self.told(place):
                        continue
                    places[place] = None
                    for term in self.lines[place].terms:
                        if term in self.withheld and term not in seen:
                            seen.add(term)
                            keys.append(term)
            yield keys, sorted(places)

    def ranges(self, keys: Sequence[Key], places: Sequence[int], *, guessing: bool) -> Mapping[Key, Range]:
        """Return the bounds the equations of one part leave of its unknowns.

        A reader ``guessing`` which figures are withheld for themselves knows them to be below the minimum.
        """
        asked = (frozenset(keys), tuple(places), guessing)
        if asked not in self.solved:
            found = {key: self.before_any(key, guessing=guessing) for key in keys}
            sums = [self.open_sum(place) for place in places]
            derived = self.eliminated(keys, sums)
            # what follows from several equations at once narrows where each of them alone does not
            self.narrow_all([*sums, *(one for one in derived if len(one.terms) > 1)], found)
            found |= {key: (self.values[key], self.values[key]) for one in derived if len(one.terms) == 1 for key in one.terms}
            self.solved[asked] = found
        return self.solved[asked]

    def before_any(self, key: Key, *, guessing: bool = False) -> Range:
        """Return the bounds before any equation: a mark stands for at least one, what nobody prints may be none."""
        figure, value = self.figures[key], self.values[key]
        low: int | None = None
        if value >= 0:
            low = 1 if figure.printed and figure.counted and value >= 1 else 0
        return low, self.minimum - 1 if guessing and self.withheld[key] and figure.counted else None

    def open_sum(self, place: int) -> _Sum:
        """Return an equation with what is printed of it taken to the other side."""
        rest = self.lines[place].constant
        terms: dict[Key, Number] = {}
        for key, factor in self.lines[place].terms.items():
            if key in self.withheld:
                terms[key] = factor
            else:
                rest -= factor * self.values[key]
        return _Sum(terms, rest)

    def narrow_all(self, sums: Sequence[_Sum], found: dict[Key, Range]) -> None:
        holding: dict[Key, list[int]] = {}
        for place, one in enumerate(sums):
            for key in one.terms:
                holding.setdefault(key, []).append(place)
        waiting = dict.fromkeys(range(len(sums)))
        left = _VISITS * max(1, len(sums))
        while waiting and left:
            left -= 1
            place = next(iter(waiting))
            del waiting[place]
            for key in self.narrow(sums[place], found):
                waiting |= {other: None for other in holding[key] if other != place}

    def narrow(self, one: _Sum, found: dict[Key, Range]) -> list[Key]:
        """Narrow the bounds of an equation's unknowns by it and return those that moved."""
        ends = [_scaled(found[key], factor) for key, factor in one.terms.items()]
        open_low = sum(low is None for low, _ in ends)
        open_high = sum(high is None for _, high in ends)
        least: Number = sum(low for low, _ in ends if low is not None)
        most: Number = sum(high for _, high in ends if high is not None)
        moved = []
        for (key, factor), (own_low, own_high) in zip(one.terms.items(), ends, strict=True):
            # the others take at most and at least so much of what is left
            low = one.rest - (most - (own_high or 0)) if open_high == (own_high is None) else None
            high = one.rest - (least - (own_low or 0)) if open_low == (own_low is None) else None
            low, high = (low, high) if factor > 0 else (high, low)
            whole = self.figures[key].counted and isinstance(self.values[key], int)
            new_low = None if low is None else _divided(low, factor, up=True, whole=whole)
            new_high = None if high is None else _divided(high, factor, up=False, whole=whole)
            old_low, old_high = found[key]
            new_low = old_low if new_low is None or (old_low is not None and old_low >= new_low) else new_low
            new_high = old_high if new_high is None or (old_high is not None and old_high <= new_high) else new_high
            if (new_low, new_high) != (old_low, old_high):
                found[key] = (new_low, new_high)
                moved.append(key)
        return moved

    def eliminated(self, keys: Sequence[Key], sums: Sequence[_Sum]) -> list[_Sum]:
        """Return the equations solved for as many unknowns as they can be; one of a single unknown fixes it."""
        order = {key: place for place, key in enumerate(keys)}
        end = len(order)  # where the other side stands in a line
        rows: dict[int, dict[int, Number]] = {}
        for one in sums:
            line: dict[int, Number] = {order[key]: factor for key, factor in one.terms.items()} | {end: one.rest}
            while (lead := min(line, default=end)) < end:
                known = rows.get(lead)
                if known is None:
                    scale = line[lead]
                    rows[lead] = line if scale == 1 else {at: _quotient(factor, scale) for at, factor in line.items()}
                    break
                _subtract(line, known, line[lead])
        for lead in sorted(rows, reverse=True):
            line = rows[lead]
            for at in sorted(line):
                if at != lead and at in rows:
                    _subtract(line, rows[at], line[at])
        return [_Sum({keys[at]: factor for at, factor in line.items() if at < end}, line.get(end, 0)) for line in rows.values()]

    def exposed(self, keys: Sequence[Key], places: Sequence[int]) -> tuple[list[Key], Mapping[Key, Range]]:
        """Return what a reader can tell of one part, in the order of withholding, and the bounds by which he does."""
        found = self.ranges(keys, places, guessing=False)
        open_ones = [key for key in keys if self.is_told(key, found[key])]
        if not open_ones:
            found = self.ranges(keys, places, guessing=True)
            open_ones = [
                key
                for key in keys
                if found[key][0] is not None
                and found[key][0] == found[key][1]
                and (self.withheld[key] or self.figures[key].printed)
            ]
        return open_ones, found

    def is_told(self, key: Key, bounds: Range) -> bool:
        """True when a reader could tell the figure, or of a small count more than that it is small."""
        low, high = bounds
        if not self.figures[key].printed and not self.withheld[key]:
            return False
        if low is not None and low == high:
            return True
        if not self.withheld[key] or not self.figures[key].counted:
            return False
        return (low is not None and low > 1) or (high is not None and high < self.minimum - 1)

    # --- withholding ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Withhold one figure after another until no withheld one can be worked out."""
        fresh = list(self.withheld)
        changed: Iterable[Key] = list(self.withheld)
        while True:
            more = self.gone_with(fresh)
            changed = [*changed, *more]
            # a rate just withheld unties the equations it made known
            fresh = []
            for keys, places in list(self.parts(self.beside(changed))):
                open_ones, found = self.exposed(keys, places)
                fresh += self.beside_exposed(open_ones, places, found)
            fresh = list(dict.fromkeys(fresh))
            if not fresh:
                return
            self.withheld |= dict.fromkeys(fresh, False)
            changed = fresh

    def gone_with(self, fresh: Sequence[Key]) -> list[Key]:
        made: list[Key] = []
        queue = list(fresh)
        while queue:
            for other in self.follow(queue.pop()):
                if other in self.figures and other not in self.withheld:
                    self.withheld[other] = False
                    queue.append(other)
                    made.append(other)
        return made

    def beside(self, changed: Iterable[Key]) -> list[Key]:
        """Return the unknowns whose equations change with figures withheld or given back."""
        made: dict[Key, None] = {}
        for key in changed:
            made[key] = None
            for place in (*self.lines_of.get(key, ()), *self.lines_with.get(key, ())):
                made |= dict.fromkeys(term for term in self.lines[place].terms if term in self.withheld)
        return [key for key in made if key in self.withheld]

    def beside_exposed(self, open_ones: Sequence[Key], places: Sequence[int], found: Mapping[Key, Range]) -> list[Key]:
        """Return what to withhold beside the exposed figures of one part.

        First what hides those that one equation alone gives away, for the others may follow from them; one figure an equation, for
        it may hide several at once.
        """
        made: list[Key] = []
        touched: set[int] = set()
        start = {key: self.before_any(key) for place in places for key in self.lines[place].terms if key in self.withheld}
        for key in open_ones:
            own = [place for place in self.lines_with.get(key, ()) if self.told(place)]
            narrow = [place for place in own if self.gives_away(key, place, start)]
            if touched.isdisjoint(narrow) and (one := self.complement(narrow)) is not None:
                made.append(one)
                touched |= {*self.lines_with.get(one, ()), *self.lines_of.get(one, ())}
        if made:
            return made
        for key in open_ones:
            own = [place for place in self.lines_with.get(key, ()) if self.told(place)]
            narrow = [place for place in own if self.gives_away(key, place, found)]
            one = self.complement((*(narrow or own), *places))
            if one is not None:
                return [one]
        return []

    def gives_away(self, key: Key, place: int, found: Mapping[Key, Range]) -> bool:
        """True when this equation alone, with what else is known of its other unknowns, exposes the figure."""
        one = self.open_sum(place)
        start = {term: found.get(term, (None, None)) for term in one.terms}
        start[key] = (1, None) if self.figures[key].counted else (None, None)
        self.narrow(one, start)
        return self.is_told(key, start[key])

    def complement(self, places: Iterable[int]) -> Key | None:
        """Return the figure to withhold: the rate that tells, else the best other cell of the first equation that has one."""
        for place in places:
            line = self.lines[place]
            if line.of is not None and line.of not in self.withheld:
                return line.of
            # a zero hides nothing, and is printed
            free = [key for key in line.terms if key not in self.withheld and self.figures[key].printed and self.values[key]]
            if free:
                return min(free, key=lambda key: self.cost(key, place))
        return None

    def cost(self, key: Key, beside: int) -> tuple[int, int, int, int, float, str]:
        """Return what withholding a figure costs: totals last, then cells that would stand alone in another sum, then large ones."""
        alone = sum(
            1
            for place in self.lines_with[key]
            if place != beside and self.told(place) and not any(term in self.withheld for term in self.lines[place].terms)
        )
        size = self.values[key]
        small = int(self.figures[key].counted and size < self.minimum)  # two small cells together would tell too much
        return (int(key == self.lines[beside].total), key[2], alone, small, abs(float(size)), repr(key))

    # --- giving back ------------------------------------------------------------------------------------------------

    def give_back(self) -> None:
        """Publish again, one by one and the costliest first, what need not be withheld now that all the rest is."""
        needed = Counter(other for key in self.withheld for other in self.follow(key))
        while True:
            free = [key for key, own in self.withheld.items() if not own and self.figures[key].printed]
            free.sort(key=lambda key: (-key[2], abs(self.values[key]), repr(key)), reverse=True)
            returned = [key for key in free if not needed[key] and self.is_needless(key)]
            for key in returned:
                needed.subtract(self.follow(key))
            if not returned:
                return

    def is_needless(self, key: Key) -> bool:
        """Publish a withheld figure if nothing more can be worked out then, and return whether."""
        seeds = self.beside([key])
        before = self.all_exposed(seeds)
        del self.withheld[key]
        if self.all_exposed(seeds) <= before:
            return True
        self.withheld[key] = False
        return False

    def all_exposed(self, seeds: Sequence[Key]) -> set[Key]:
        return {key for keys, places in self.parts(seeds) for key in self.exposed(keys, places)[0]}


def closed(
    figures: Mapping[Key, Figure],
    equations: Iterable[Equation],
    *,
    marked: Mapping[Key, bool],
    minimum: int,
    follow: Callable[[Key], Iterable[Key]],
) -> frozenset[Key]:
    """Return the figures to withhold so that no reader can tell a marked one, those already withheld among them.

    ``marked`` are the figures withheld to begin with, True for small counts withheld for themselves, which are between 1 and
    ``minimum`` - 1; ``follow`` names the figures that go with a withheld one though no equation ties them.  A figure no reader sees
    (``printed`` False) must be among ``marked``.
    """
    lines: dict[tuple[frozenset[tuple[Key, int]], Number, Key | None], _Line] = {}
    for equation in equations:
        line = _in_whole_numbers(equation)
        if line.terms:
            lines.setdefault((frozenset(line.terms.items()), line.constant, line.of), line)
    search = _Search(figures, tuple(lines.values()), minimum, dict(marked), follow)
    search.close()
    search.give_back()
    return frozenset(search.withheld)


def _in_whole_numbers(equation: Equation) -> _Line:
    terms = {key: factor for key, factor in equation.terms.items() if factor}
    scale = math.lcm(*(factor.denominator for factor in terms.values())) if terms else 1
    whole = {key: int(factor * scale) for key, factor in terms.items()}
    return _Line(whole, _plain(equation.constant * scale), equation.of, equation.total)


def _plain(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value


def _quotient(value: Number, by: Number) -> Number:
    return _plain(Fraction(value) / by)


def _divided(value: Number, by: Number, *, up: bool, whole: bool) -> Number:
    """Return a bound divided by a coefficient; of a whole number the next one inside the bound."""
    if not whole:
        return _quotient(value, by)
    return -((-value) // by) if up else value // by


def _scaled(bounds: Range, factor: Number) -> Range:
    low, high = bounds if factor > 0 else (bounds[1], bounds[0])
    return None if low is None else factor * low, None if high is None else factor * high


def _subtract(line: dict[int, Number], other: Mapping[int, Number], times: Number) -> None:
    for place, factor in other.items():
        left = line.get(place, 0) - times * factor
        if left:
            line[place] = _plain(left) if isinstance(left, Fraction) else left
        else:
            line.pop(place, None)
