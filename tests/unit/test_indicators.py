"""Results: how they are found and printed, the year before from another return, and totals by village."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from county import FIGURES, YEAR, Project, observe, place, results_of, shipped_catalogue
from nianbao.catalogue import Direction, Indicator, Setter, Target, YearParams
from nianbao.errors import UserError
from nianbao.indicators import compute, rounding_of, underway
from nianbao.periods import statistical_year
from nianbao.stats import round_half_even, round_half_up
from nianbao.values import Status


def test_results_are_found_by_reference_entry_and_area() -> None:
    results = results_of(FIGURES)
    assert results.named("births").value == 151
    assert results.get("births[parity=7]") is None
    assert [found.ref for found in results.of("births")] == ["births", "births[parity=1]", "births[parity=2+]"]
    assert {found.entry.area for found in results.of_area("population")} == {"population"}
    assert len(results) == len(list(results))
    assert results[0] in results


def test_an_unknown_reference_names_the_nearest() -> None:
    with pytest.raises(UserError, match=r"no result 'births\[parity=2\]' for qingxi 2020; did you mean 'births\[parity="):
        results_of(FIGURES).named("births[parity=2]")


def test_results_come_in_catalogue_order() -> None:
    order = list(shipped_catalogue().entries)
    places = [order.index(found.entry.id) for found in results_of(FIGURES)]
    assert places == sorted(places)


def test_the_order_of_the_rows_does_not_matter() -> None:
    given = [observe(text, value, row=row) for row, (text, value) in enumerate(FIGURES.items(), start=4)]
    told = {(found.ref, found.value, found.status) for found in results_of(given)}
    assert {(found.ref, found.value, found.status) for found in results_of(reversed(given))} == told


def test_a_result_names_every_cell_it_came_from() -> None:
    results = results_of(FIGURES)
    assert [cell.cell for cell in results.named("births").cells] == ["E4", "E5"]
    assert [cell.cell for cell in results.named("crude_birth_rate").cells] == ["E4", "E5", "E8"]
    change = results.named("births_change_yoy[parity=1]")
    assert [cell.cell for cell in change.previous_cells] == ["E6"]
    assert change.inputs == ("births[parity=1]", "births[parity=1]@previous")


@pytest.mark.parametrize(
    ("ref", "zh", "en"),
    [
        ("births", "151", "151"),
        ("crude_birth_rate", "13.72‰", "13.72‰"),
        ("policy_compliance_rate", "96.69%", "96.69%"),
        ("health_education_events", "25余", "over 25"),
        ("illegal_sex_selection_cases", "未发现", "0"),
        ("infectious_disease_report_timeliness_rate", "—", "—"),
        ("nucleic_acid_tests", "不详", "illegible"),
    ],
)
def test_figures_as_printed(ref: str, zh: str, en: str) -> None:
    results = results_of(FIGURES)
    assert (results.shown(results.named(ref)), results.shown(results.named(ref), lang="en")) == (zh, en)


def test_a_text_is_printed_as_written() -> None:
    results = results_of([replace(observe("yinling_age_band", ""), raw="55～80", status=Status.REPORTED)])
    assert results.shown(results.named("yinling_age_band")) == "55～80"


def test_the_rounding_rule_is_the_towns() -> None:
    figures = {"live_births": 1600, "maternal_any_care": 1506}
    half_up, half_even = (results_of(figures, town=town) for town in ("qingxi", "baishi"))
    assert half_up.shown(half_up.named("maternal_coverage_rate")) == "94.13%"
    assert half_even.shown(half_even.named("maternal_coverage_rate")) == "94.12%"
    assert half_up.named("maternal_coverage_rate").value == half_even.named("maternal_coverage_rate").value
    assert rounding_of(place("qingxi")) is round_half_up
    assert rounding_of(place("baishi")) is round_half_even


def test_the_year_before_comes_from_the_return_of_the_year_before(project: Project) -> None:
    project.write({"births": 151})
    assert project.dataset().results.named("births").previous is None
    project.write({"births": 183}, year=YEAR - 1)
    found = project.dataset().results.named("births")
    assert (found.previous, found.change) == (183, -32)
    assert [cell.file for cell in found.previous_cells] == ["data/qingxi/2019.xlsx"]


def test_what_the_return_says_of_the_year_before_goes_first(project: Project) -> None:
    project.write({"births": 151, "births@previous": 180})
    project.write({"births": 183}, year=YEAR - 1)
    assert project.dataset().results.named("births").previous == 180


def test_an_older_return_does_not_become_the_year_before(project: Project) -> None:
    project.write({"births": 151})
    project.write({"births": 200}, year=YEAR - 2)
    assert project.dataset().results.named("births").previous is None


def test_village_totals_keep_every_village(project: Project) -> None:
    project.write({f"livestock_stock[animal={animal};village={village}]": 10 * int(village) + (animal == "sheep")
                   for animal in ("cattle", "sheep") for village in "123"})  # fmt: skip
    results = project.dataset().results
    assert results.named("livestock_stock").value == 2 * 60 + 3
    assert results.named("livestock_stock[village=2]").value == 41
    assert len(results.named("livestock_stock").cells) == 6


def target(value: str) -> Target:
    return Target(value=Decimal(value), setter=Setter.RESPONSIBILITY, set_by_zh="县", set_by_en="county")


@pytest.mark.parametrize(
    ("direction", "done", "aim", "met", "gap"),
    [
        (Direction.HIGHER, 90, "90", True, 0),
        (Direction.HIGHER, 89, "90", False, 1),
        (Direction.HIGHER, 91, "90", True, 0),
        (Direction.LOWER, 30, "30", True, 0),
        (Direction.LOWER, 31, "30", False, 1),
        (Direction.LOWER, 29, "30", True, 0),
        (Direction.HIGHER, 598, "60", False, 602),
    ],
)
def test_targets_by_direction(direction: Direction, done: int, aim: str, met: bool, gap: int) -> None:
    catalogue = shipped_catalogue()
    entry = catalogue.entries["caesarean_rate"]
    entries = {**catalogue.entries, "caesarean_rate": entry.model_copy(update={"direction": direction})}
    changed = replace(catalogue, entries=entries)
    town = place().model_copy(update={"years": {YEAR: YearParams(targets={"caesarean_rate": target(aim)})}})
    total = 2000 if done > 100 else 100
    given = [observe("deliveries", total), observe("caesareans", done, row=5)]
    found = compute(given, catalogue=changed, township=town, year=YEAR).named("caesarean_rate")
    assert (found.met, found.gap) == (met, gap)
    assert found.deviation == Fraction(done * 100, total) - Fraction(aim)


def test_a_target_of_another_year_does_not_count() -> None:
    town = place().model_copy(update={"years": {YEAR - 1: YearParams(targets={"caesarean_rate": target("30")})}})
    given = [observe("deliveries", 100), observe("caesareans", 40, row=5)]
    found = compute(given, catalogue=shipped_catalogue(), township=town, year=YEAR).named("caesarean_rate")
    assert found.target is None
    assert found.met is None


def test_an_indicator_that_leads_back_to_itself_ends() -> None:
    catalogue = shipped_catalogue()
    entry = catalogue.entries["insured_total"]
    assert isinstance(entry, Indicator)
    own = entry.numerator[0].model_copy(update={"entry": "insured_total"})
    looped = replace(catalogue, entries={**catalogue.entries, "insured_total": entry.model_copy(update={"numerator": (own,)})})
    results = compute([observe("yinling_insured", 5)], catalogue=looped, township=place(), year=YEAR)
    assert results.get("insured_total") is None


def test_only_the_like_window_is_the_year_before() -> None:
    given = [
        replace(observe("hospital_revenue", 900), period=statistical_year(YEAR)),
        replace(observe("hospital_revenue@previous", 1000, row=5)),
    ]
    found = results_of(given).named("hospital_revenue")
    assert found.previous is None
    assert found.reason.startswith("not compared: ")


def test_an_overridden_denominator_is_used(project: Project) -> None:
    path = project.root / "params" / "townships" / "baishi.yml"
    path.write_text(
        path.read_text(encoding="utf-8") + "overrides:\n  crude_birth_rate: {denominator: [population_total]}\n",
        encoding="utf-8",
    )
    figures = {"births": 90, "population_mean": 11002, "population_total": 9000}
    for town, expected in (("qingxi", Fraction(90_000, 11002)), ("baishi", Fraction(10))):
        project.write(figures, town=town)
        assert project.dataset(town=town).results.named("crude_birth_rate").value == expected


@pytest.mark.parametrize(
    ("done", "task", "runs"),
    [
        ("截至2020年10月10日", "2020年", True),
        ("截至2020年12月31日", "2020年", False),
        ("截至2020年10月10日", "2020年1—10月", True),
        ("截至2020年10月31日", "2020年1—10月", False),
        ("截至2020年10月10日", "2020年1—9月", False),
        ("截至2020年10月10日", "截至2020年12月31日", True),
        ("截至2020年10月10日", "截至2020年9月1日", True),
        ("2020年1—6月", "2020年", True),
        ("2020年1—6月", "截至2020年12月31日", True),
        ("2020年1—6月", "2020年1—6月", False),
        ("2020年1—6月", "2020年1—9月", False),
        ("2020年", "2020年", False),
    ],
)
@pytest.mark.parametrize(
    "what", ["yinling_insured yinling_task yinling_task", "folic_acid_recipients folic_acid_task folic_acid"]
)
def test_a_task_is_under_way_until_its_window_ends(what: str, done: str, task: str, runs: bool) -> None:
    number, asked, stem = what.split()
    found = results_of({asked: (100, "", task), number: (60, "", done)}).named(f"{stem}_completion_rate")
    assert underway(found) is runs
    assert found.met is (None if runs else False), "what still runs is neither met nor missed"
    assert found.value == 60


def test_a_completion_without_its_task_is_held_against_the_calendar_year_and_no_other_rate_is_under_way() -> None:
    figures = {
        "folic_acid_completion_rate": ("60%", "", "截至2020年10月10日"),
        "yinling_task_completion_rate": ("60%", "", "截至2020年12月31日"),
    }
    found = results_of(figures)
    assert [underway(found.named(name)) for name in figures] == [True, False]
    assert not underway(results_of({"yinling_coverage_rate": ("60%", "", "截至2020年10月10日")}).named("yinling_coverage_rate"))
