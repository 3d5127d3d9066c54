"""Figures that no formula ties: every finding fires on the return that deserves it and stays silent on its sound twin."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from county import observe, observe_all, results_of
from nianbao.consistency import consistency
from nianbao.errors import Finding


def found(figures: Mapping[str, object]) -> list[Finding]:
    given = observe_all(figures)
    made = list(consistency(given, results_of(given)))
    for finding in made:
        for lang in ("zh", "en"):
            assert "{" not in finding.message(lang) + finding.remedy(lang)
        assert all(figure in finding.message("zh") for figure in finding.figures.values())
        assert finding.cells
    return made


def codes(figures: Mapping[str, object]) -> list[str]:
    return [finding.code for finding in found(figures)]


SPLIT = {"births[parity=1]": 17, "births[parity=2]": 15, "births[parity=3+]": 4, "births[sex=male]": 19}


@pytest.mark.parametrize(("girls", "said"), [(17, []), (16, ["splits-differ"])])
def test_two_splits_of_one_whole_have_one_sum(girls: int, said: list[str]) -> None:
    assert codes({**SPLIT, "births[sex=female]": girls}) == said


def test_the_splits_of_a_village_too_and_a_bound_is_not_compared() -> None:
    village = {f"{ref[:-1]};village=1]": value for ref, value in SPLIT.items()}
    [one] = found({**village, "births[sex=female;village=1]": 16})
    assert one.message("zh") == "上湾村出生人口：按孩次相加为36，按性别相加为35"
    assert codes({**SPLIT, "births[sex=female]": "约16"}) == []


COMPLEMENTS = ("pregnancy_known_rate[parity=2+;policy=in]", "births_without_pregnancy_record_share[parity=2+;policy=in]")


@pytest.mark.parametrize(("share", "said"), [(2.5, []), (2.49, []), (3.5, ["complements-differ"])])
def test_two_shares_that_leave_nothing_out_make_a_hundred(share: float, said: list[str]) -> None:
    assert codes(dict(zip(COMPLEMENTS, (97.5, share), strict=True))) == said


def test_the_parts_of_a_name_are_told_apart_in_english() -> None:
    [one] = found(dict(zip(COMPLEMENTS, (97.5, 3.5), strict=True)))
    assert one.message("en").count("(second-or-later, in-policy)") == 2


BALANCE = {"population_total@previous": 3590, "births": 36, "deaths": 24, "population_moved_in": 8, "population_moved_out": 10}


@pytest.mark.parametrize(("end", "said"), [(3600, []), (3610, ["population-balance"])])
def test_the_population_is_the_one_before_with_births_deaths_and_moves(end: int, said: list[str]) -> None:
    assert codes({**BALANCE, "population_total": end}) == said


def test_the_balance_names_every_figure_and_asks_nothing_of_a_return_without_moves() -> None:
    [one] = found({**BALANCE, "population_total": 3610})
    assert one.figures["wanted"] == "3600"
    assert one.figures["difference"] == "10"
    assert len(one.cells) == 6
    without = {ref: value for ref, value in BALANCE.items() if ref != "population_moved_in"}
    assert codes({**without, "population_total": 3610}) == []


@pytest.mark.parametrize(("third", "said"), [(70, []), (90, []), (69, ["cumulative-falls"])])
def test_a_running_count_never_falls(third: int, said: list[str]) -> None:
    given = [
        observe("blood_donors", 30, period="2020年1-3月", row=4),
        observe("blood_donors", third, period="2020年1-9月", row=6),
        observe("blood_donors", 70, period="2020年1-6月", row=5),
        observe("blood_donors", 5, period="2020年10-11月", row=7),
    ]
    made = list(consistency(given, results_of(given)))
    assert [finding.code for finding in made] == said
    assert all([cell.cell for cell in finding.cells] == ["E5", "E6"] for finding in made)


@pytest.mark.parametrize(("amount", "said"), [(210240, []), (219240, ["money-differs"]), ("约21万", [])])
def test_money_is_heads_times_the_standard(amount: object, said: list[str]) -> None:
    figures = {"reward_assistance_recipients": 219, "reward_assistance_standard": 960, "reward_assistance_amount": amount}
    assert codes(figures) == said


@pytest.mark.parametrize(("before", "said"), [(83, []), (120, ["change-unusual"])])
def test_a_change_that_chance_does_not_explain_is_noted(before: int, said: list[str]) -> None:
    assert codes({"live_births": 68, "live_births@previous": before}) == said
