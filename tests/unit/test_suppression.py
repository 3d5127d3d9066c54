"""Cell suppression on made-up equations: what is withheld beside small figures, and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from county import YEAR, observe_all, place, shipped_catalogue
from nianbao.disclosure import small, withhold
from nianbao.indicators import Results, compute
from nianbao.suppression import Equation, Figure, Key, closed


def key(name: str) -> Key:
    return name, (), 0


def summed(total: str, *parts: str, of: str = "") -> Equation:
    terms = {key(total): Fraction(-1), **{key(part): Fraction(1) for part in parts}}
    return Equation(terms, of=key(of) if of else None, total=key(total))


def gone(
    values: Mapping[str, int], equations: Iterable[Equation], *small_ones: str, goes: Mapping[str, str] | None = None
) -> set[str]:
    with_it = goes or {}
    found = closed(
        {key(name): Figure(Fraction(value), counted=True) for name, value in values.items()},
        equations,
        marked={key(name): True for name in small_ones},
        minimum=5,
        follow=lambda one: [key(with_it[one[0]])] if one[0] in with_it else [],
    )
    return {name for name, _, _ in found}


def test_one_more_cell_hides_a_small_one_and_the_total_stays() -> None:
    row = {"all": 60, "a": 3, "b": 17, "c": 40}
    assert gone(row, [summed("all", "a", "b", "c")], "a") == {"a", "b"}


def test_two_small_cells_of_one_sum_take_one_cell_more_and_not_two() -> None:
    row = {"all": 63, "a": 1, "b": 2, "c": 20, "d": 40}
    assert gone(row, [summed("all", "a", "b", "c", "d")], "a", "b") == {"a", "b", "c"}


def test_small_cells_that_hide_each_other_take_nothing_more() -> None:
    row = {"all": 45, "a": 1, "b": 4, "c": 40}
    assert gone(row, [summed("all", "a", "b", "c")], "a", "b") == {"a", "b"}


def test_what_was_withheld_on_the_way_is_given_back_where_another_cell_hides_both() -> None:
    # z goes with b, so b and z hide a; without taking back, the cheapest cell of the first sum would stay withheld too
    values = {"all": 60, "a": 3, "b": 12, "c": 45, "sum": 40, "y": 2, "z": 38}
    sums = [summed("all", "a", "b", "c"), summed("sum", "y", "z")]
    assert gone(values, sums, "a", "y", goes={"y": "b"}) == {"a", "b", "y", "z"}


def test_what_several_equations_tell_together_is_not_left() -> None:
    """A table of two by two with its margins: a, b, c alone are solved by the margins, so the fourth cell goes too."""
    values = {"ab": 43, "cd": 60, "ac": 33, "bd": 70, "a": 3, "b": 40, "c": 30, "d": 30}
    margins = [summed("ab", "a", "b"), summed("cd", "c", "d"), summed("ac", "a", "c"), summed("bd", "b", "d")]
    assert gone(values, margins, "a") == {"a", "b", "c", "d"}


def test_a_rate_that_tells_goes_before_any_count() -> None:
    values = {"cases": 3, "people": 900, "rate": 3}
    told = Equation({key("cases"): Fraction(1)}, Fraction(3), of=key("rate"))
    assert gone(values, [told], "cases") == {"cases", "rate"}


def results(figures: Mapping[str, object]) -> Results:
    return compute(observe_all(figures), catalogue=shipped_catalogue(), township=place(), year=YEAR)


def test_a_sum_of_money_for_two_kinds_of_recipients_is_made_of_what_each_is_paid() -> None:
    """Three villages agree on 400 and 500 a head: so their sum tells nothing of how many there are in all, which stays."""
    figures: dict[str, object] = {}
    for village, disabled, died in (("1", 3, 14), ("2", 9, 11), ("3", 12, 7)):
        figures[f"special_assistance_recipients[cause=disabled;village={village}]"] = disabled
        figures[f"special_assistance_recipients[cause=death;village={village}]"] = died
        figures[f"special_assistance_amount[village={village}]"] = 400 * disabled + 500 * died
    told = withhold(results(figures), minimum=5)
    assert ("special_assistance_amount", (("village", "1"),), 0) in told
    assert ("special_assistance_recipients", (), 0) not in told
    assert ("special_assistance_recipients", (("village", "2"),), 0) not in told


def test_a_rate_is_small_when_its_count_is() -> None:
    """Also in the lines over years, which are no results of the year: 2 deaths on 190 births are 10.5 per thousand, and 10.5 is not small."""
    found = results({"infant_deaths": 2, "live_births": 190, "births": 190})
    assert small(found.named("infant_mortality_rate"), minimum=5)
    assert not small(results({"infant_deaths": 7, "live_births": 2000}).named("infant_mortality_rate"), minimum=5)
