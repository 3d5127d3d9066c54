"""The public edition attacked: whatever stands in it, no withheld figure can be worked out.

The attacker knows the catalogue, reads every row of ``results.csv``, takes every mark for a whole number of at least one, and solves
the integer programme of all sums and quotients between the rows; in a second attempt he guesses right which marks hide a small number.
The programme is set up here from the rows alone, and solved by another method than the product's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from county import REPOSITORY, YEAR, observe_all, place, shipped_catalogue
from nianbao.catalogue import Element, Indicator, Method
from nianbao.dataset import Dataset, open_dataset, result_row
from nianbao.formulas import Term, parse_dims
from nianbao.observation import Intake

Cell = tuple[str, tuple[tuple[str, str], ...], str]
"""Indicator, dimension values, and the column of results.csv: value or previous."""
MINIMUM = 5
VILLAGES = ("1", "2", "3")
steadily = settings(max_examples=25, deadline=None)
few = st.one_of(st.integers(0, 6), st.integers(0, 60))


def dataset(figures: Mapping[str, object]) -> Dataset:
    where = place()
    intake = Intake(where.key, YEAR, "data/qingxi/2020.xlsx", "", tuple(observe_all(figures)), ())
    return Dataset(REPOSITORY, where, YEAR, shipped_catalogue(), (intake,))


def figures_by_village(draw: st.DrawFn) -> dict[str, object]:
    made: dict[str, object] = {}
    for key in VILLAGES:
        registered = draw(few)
        made[f"severe_mental_on_register[village={key}]"] = registered
        made[f"severe_mental_managed[village={key}]"] = draw(st.integers(0, registered))
        made[f"deaths[village={key}]"] = draw(few)
        made[f"population_mean[village={key}]"] = 300 + draw(few)
        made[f"deaths[village={key}]@previous"] = draw(few)
    return made


def figures_by_two(draw: st.DrawFn) -> dict[str, object]:
    made: dict[str, object] = {}
    for parity in ("1", "2", "3+"):
        for sex in ("male", "female"):
            made[f"births[parity={parity};sex={sex}]"] = 20 + draw(few)
    for compliance in ("in", "out"):
        for parity in ("1", "2+"):
            made[f"births_policy[compliance={compliance};parity={parity}]"] = draw(few)
    for scheme, standard in (("special_assistance", 9600), ("reward_assistance", 960)):
        heads = draw(few) + (10 if scheme == "reward_assistance" else 0)
        made |= {f"{scheme}_recipients": heads, f"{scheme}_amount": heads * standard}
    for entry in ("infant_deaths", "neonatal_deaths", "under5_deaths"):
        made[entry] = draw(st.integers(0, 6))
        made[f"{entry}@previous"] = draw(st.integers(0, 6))
    made["live_births"] = 100 + draw(few)
    return made


@st.composite
def returns(draw: st.DrawFn) -> dict[str, object]:
    return {**figures_by_village(draw), **figures_by_two(draw)}


# ---- the attack ---------------------------------------------------------------------------------------------------------


def published(data: Dataset) -> list[dict[str, str]]:
    return [result_row(data, item) for item in data.results]


def equations(rows: Sequence[Mapping[str, str]], data: Dataset) -> Iterator[dict[Cell | None, Fraction]]:
    """Yield every sum and quotient between rows; the key None holds what is known: ``sum = 0`` over all keys."""
    catalogue = data.catalogue
    for column in ("value", "previous"):
        cells: dict[str, dict[tuple[tuple[str, str], ...], str]] = {}
        for row in rows:
            cells.setdefault(row["indicator"], {})[parse_dims(row["dims"])] = row[column]
        for name, known in cells.items():
            entry = catalogue.entries[name]
            if not isinstance(entry, Element):
                continue
            for dims in known:
                held = dict(dims)
                sets = [(dim, one) for dim, choices in entry.partitions.items() for one in choices if dim not in held]
                sets += [("village", VILLAGES)] if "village" not in held else []
                sets += [(dim, tuple(entry.groups[dim][value])) for dim, value in dims if value in entry.groups.get(dim, {})]
                for dim, values in sets:
                    parts = [tuple(sorted({**held, dim: value}.items())) for value in values]
                    if all(part in known for part in parts):
                        line: dict[Cell | None, Fraction] = {}
                        for one, factor in [(dims, -1), *((part, 1) for part in parts)]:
                            add(line, (name, one, column), Fraction(factor), known[one])
                        yield line
    by_name = {(row["indicator"], parse_dims(row["dims"])): row for row in rows}
    for row in rows:
        entry = catalogue.entries[row["indicator"]]
        if not isinstance(entry, Indicator) or entry.cases or not row["value"]:
            continue
        free = dict(parse_dims(row["dims"]))
        sides = [(row["numerator"], entry.numerator), (row["denominator"], entry.denominator)]
        if entry.method is Method.SUM:
            sides = [(row["value"], entry.numerator)]
        elif entry.method not in (Method.PROPORTION, Method.COMPLETION, Method.RATE, Method.RATIO):
            continue
        for side, terms in sides:
            line = {None: -Fraction(side)} if side else {}
            found = [
                (
                    term,
                    tuple(
                        sorted(
                            {
                                **{k: v for k, v in free.items() if k in catalogue.entries[term.entry].dims},
                                **dict(term.dims),
                            }.items()
                        )
                    ),
                )
                for term in terms
            ]
            if not side or any((term.entry, dims) not in by_name or term.back for term, dims in found):
                continue
            for term, dims in found:
                add(line, (term.entry, dims, "value"), Fraction(term.sign), by_name[term.entry, dims]["value"])
            yield line
    for row in rows:
        if row["change"]:
            line = {None: -Fraction(row["change"])}
            add(line, (row["indicator"], parse_dims(row["dims"]), "value"), Fraction(1), row["value"])
            add(line, (row["indicator"], parse_dims(row["dims"]), "previous"), Fraction(-1), row["previous"])
            yield line


def add(line: dict[Cell | None, Fraction], cell: Cell, factor: Fraction, text: str) -> None:
    key, size = (None, factor * Fraction(text)) if text else (cell, factor)
    line[key] = line.get(key, Fraction(0)) + size


def per_head(rows: Sequence[Mapping[str, str]]) -> Iterator[dict[Cell | None, Fraction]]:
    """Yield what a reader knows who knows the standards: so much is paid to each recipient."""
    known = {row["indicator"]: row["value"] for row in rows if row["dims"] in ("", "scope=all")}
    total: dict[Cell | None, Fraction] = {}
    for scheme, standard in (("special_assistance", 9600), ("reward_assistance", 960)):
        if f"{scheme}_amount" in known and f"{scheme}_recipients" in known:
            line: dict[Cell | None, Fraction] = {}
            add(line, (f"{scheme}_amount", (), "value"), Fraction(1), known[f"{scheme}_amount"])
            add(line, (f"{scheme}_recipients", (), "value"), Fraction(-standard), known[f"{scheme}_recipients"])
            yield line
            add(total, (f"{scheme}_amount", (), "value"), Fraction(-1), known[f"{scheme}_amount"])
    if known.get("incentive_funds_total"):
        add(total, ("incentive_funds_total", (), "value"), Fraction(1), known["incentive_funds_total"])
        yield total


def left_out(rows: Sequence[Mapping[str, str]], data: Dataset) -> Iterator[tuple[Cell, Fraction, dict[Cell | None, Fraction]]]:
    """Yield those a proportion of a sensitive count leaves out, where they are few, with the equation that tells of them."""
    told = {(row["indicator"], parse_dims(row["dims"])): row["value"] for row in rows}
    for item in data.results:
        entry = item.entry
        if not isinstance(entry, Indicator) or entry.method is not Method.PROPORTION or entry.cases or item.numerator is None:
            continue
        if len(entry.numerator) + len(entry.denominator) > 2 or not item.denominator:
            continue
        rest = item.denominator - item.numerator
        sides = [term_at(term, dict(item.dims), data) for term in (*entry.numerator, *entry.denominator)]
        sensitive = data.catalogue.entries[sides[0][0]].sensitivity.value == "sensitive"
        if sensitive and 0 < rest < MINIMUM and all(side in told for side in sides):
            cell: Cell = (f"{entry.id}:others", item.dims, "value")
            line: dict[Cell | None, Fraction] = {cell: Fraction(1)}
            for (name, dims), factor in zip(sides, (1, -1), strict=True):
                add(line, (name, dims, "value"), Fraction(factor), told[name, dims])
            yield cell, rest, line


def term_at(term: Term, free: Mapping[str, str], data: Dataset) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return entry and dimension values of a term of a formula, for a result with the dimension values ``free``."""
    passed = {key: value for key, value in free.items() if key in data.catalogue.entries[term.entry].dims}
    return term.entry, tuple(sorted({**passed, **dict(term.dims)}.items()))


def feasible(lines: Sequence[Mapping[Cell | None, Fraction]], wanted: Cell, upper: Mapping[Cell, int]) -> tuple[int, int]:
    """Return the least and the largest whole number the cell can be; ten thousand stands for no bound."""
    unknown = list(dict.fromkeys(key for line in lines for key in line if key is not None))
    if wanted not in unknown:
        return 1, upper.get(wanted, 10_000)
    rows = [[float(line.get(key, 0)) for key in unknown] for line in lines]
    rest = [-float(line.get(None, 0)) for line in lines]
    limits = LinearConstraint(np.array(rows), np.array(rest), np.array(rest))
    most = [upper.get(key, 10_000_000 if key[0].endswith("_amount") else 10_000) for key in unknown]
    bounds = (np.ones(len(unknown)), np.array([float(one) for one in most]))
    found = []
    for sign in (1, -1):
        goal = np.array([sign if key == wanted else 0 for key in unknown])
        solved = milp(goal, constraints=limits, bounds=bounds, integrality=np.ones(len(unknown)))  # type: ignore[arg-type]
        if not solved.success:
            return 0, 0  # a wrong guess: what it leads to contradicts itself
        found.append(round(sign * solved.fun))
    return found[0], found[1]


def counted(name: str, data: Dataset) -> bool:
    return isinstance(data.catalogue.entries[name], Element)


def test_an_internal_rate_does_not_tell_of_those_its_counts_leave_out() -> None:
    """151 births of which 148 within the policy tell of 3 outside it, though the rate is in no public edition."""
    data = dataset({"births": 151, "births_policy[compliance=in]": 148})
    assert data.results.named("policy_compliance_rate").numerator == 148
    told = {item.ref: item.value for item in data.public.results}
    assert None in (told["births"], told["births_policy[compliance=in]"])
    assert "policy_compliance_rate" not in told


def small_ones(data: Dataset) -> dict[Cell, Fraction]:
    """Return every small count of a sensitive element that the internal edition prints, this year's and the year before's."""
    made: dict[Cell, Fraction] = {}
    for item in data.results:
        if item.entry.sensitivity.value == "sensitive" and isinstance(item.entry, Element) and item.unit != "yuan":
            for column, value in (("value", item.value), ("previous", item.previous)):
                if value is not None and 0 < value < MINIMUM:
                    made[item.entry.id, item.dims, column] = value
    return made


def attack(data: Dataset) -> None:
    rows = published(data.public)
    told = {
        (row["indicator"], parse_dims(row["dims"]), column): row[column] for row in rows for column in ("value", "previous")
    }
    small = small_ones(data)
    for cell, value in small.items():
        assert told[cell] == "", f"{cell} = {value} is printed"
    lines = [line for line in equations(rows, data) if all(key is None or counted(key[0], data) for key in line)]
    lines += per_head(rows)
    for cell, value, line in left_out(rows, data):
        small[cell] = value
        lines.append(line)
    lines = [line for line in lines if any(key is not None for key in line)]
    for cell, value in small.items():
        assert feasible(lines, cell, {}) != (value, value), f"{cell} is {value}: {[line for line in lines if cell in line]}"
        own = linked(lines, cell)
        if any(line.get(None) for line in own):  # where nothing at all is printed, there is nothing more to withhold
            guessed = feasible(own, cell, dict.fromkeys(small, MINIMUM - 1))
            assert guessed != (value, value), f"{cell} is {value} to who knows which are small: {own}"


def linked(lines: Sequence[Mapping[Cell | None, Fraction]], cell: Cell) -> list[Mapping[Cell | None, Fraction]]:
    """Return the equations that hang together with a cell."""
    known: set[Cell | None] = {cell}
    found: list[Mapping[Cell | None, Fraction]] = []
    while more := [line for line in lines if line not in found and known & (set(line) - {None})]:
        found += more
        known |= {key for line in more for key in line}
    return found


@steadily
@given(figures=returns())
def test_no_small_number_of_a_sensitive_entry_can_be_worked_out(figures: dict[str, object]) -> None:
    attack(dataset(figures))


@pytest.mark.parametrize(("town", "year"), [("maolin", 2020), ("town-a", 2019), ("town-d", 2015), ("bagongshan", 2019)])
def test_the_sample_returns_give_nothing_away(town: str, year: int) -> None:
    attack(open_dataset(REPOSITORY, township=town, year=year))


def test_the_attack_succeeds_where_nothing_stands_beside_a_small_number() -> None:
    """Withholding only what is small would not do: the attacker finds it, so that his failure above means something."""
    figures = {f"deaths[village={key}]": value for key, value in zip(VILLAGES, (3, 20, 30), strict=True)}
    data = dataset(figures)
    rows = [dict(result_row(data, item)) for item in data.results]
    for row in rows:
        if row["indicator"] == "deaths" and row["dims"] == "village=1":
            row["value"] = ""
    lines = [line for line in equations(rows, data) if any(key is not None for key in line)]
    assert feasible(lines, ("deaths", (("village", "1"),), "value"), {}) == (3, 3)


@steadily
@given(figures=returns())
def test_what_need_not_be_withheld_is_the_same_in_both_editions(figures: dict[str, object]) -> None:
    data = dataset(figures)
    inside = {item.ref: item for item in data.results}
    for item in data.public.results:
        if str(item.status) != "suppressed":
            assert (item.value, item.status, item.numerator, item.denominator) == (
                inside[item.ref].value,
                inside[item.ref].status,
                inside[item.ref].numerator,
                inside[item.ref].denominator,
            )


def test_without_small_numbers_nothing_is_withheld() -> None:
    figures = {f"deaths[village={key}]": 20 for key in VILLAGES} | {"infant_deaths": 0, "live_births": 90, "births": 90}
    data = dataset(figures)
    assert data.public.withheld == 0
