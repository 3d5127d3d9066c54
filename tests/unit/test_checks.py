"""Cross-checks: every finding fires on the return that deserves it and stays silent on its sound twin."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from county import FIGURES, YEAR, Project, observe, observe_all, results_of, shipped_catalogue
from nianbao.checks import cross_check
from nianbao.errors import Finding, Severity


def findings(figures: Mapping[str, object]) -> tuple[Finding, ...]:
    given = observe_all(figures)
    return cross_check(given, results_of(given))


def only(figures: Mapping[str, object]) -> Finding:
    found = findings(figures)
    assert len(found) == 1, [(finding.code, finding.message("en")) for finding in found]
    for lang in ("zh", "en"):
        assert "{" not in found[0].message(lang) + found[0].remedy(lang)
        assert found[0].remedy(lang)
    for figure in found[0].figures.values():
        assert figure in found[0].message("zh")
        assert figure in found[0].message("en") or not re.fullmatch(r"[\d.%‰/-]+", figure)
    return found[0]


def test_a_sound_return_raises_no_question() -> None:
    assert findings(FIGURES) == ()


# --- two windows, two returns ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_the_entrys_own_period_is_used_and_noted(turned: bool) -> None:
    given = [observe("health_lectures", 40, period="2020年1-11月", row=4), observe("health_lectures", 43, row=5)]
    given = given[::-1] if turned else given
    [found] = cross_check(given, results_of(given))
    assert (found.code, found.severity) == ("two-windows", Severity.NOTE)
    assert [cell.cell for cell in found.cells] == ["E5", "E4"]
    assert dict(found.figures) == {"figure0": "43", "figure1": "40"}
    assert found.message("zh").endswith("2020年为43（表!E5）、2020年1—11月为40（表!E4），本报告采用表!E5")
    assert found.message("en").endswith("2020: 43 (表!E5), January to November 2020: 40 (表!E4); the report uses 表!E5")
    assert results_of(given).named("health_lectures").value == 43


@pytest.mark.parametrize(
    ("periods", "used"),
    [
        (("2020年1-10月", "2020年1-11月"), "E5"),  # neither is the entry's own: the longest
        (("2020年1-10月", "2020年2-11月"), "E4"),  # 305 days before 304
        (("2020年1-3月", "2020年7-9月"), "E5"),  # 91 days before 92
        (("2020统计年度", "2020年上半年"), "E4"),
    ],
)
def test_between_two_foreign_windows_the_choice_is_a_warning(periods: tuple[str, str], used: str) -> None:
    given = [
        observe("health_lectures", value, period=period, row=row)
        for value, period, row in zip((40, 43), periods, (4, 5), strict=True)
    ]
    [found] = cross_check(given, results_of(given))
    assert (found.code, found.severity) == ("two-windows", Severity.WARN)
    assert found.cells[0].cell == used
    assert results_of(given).named("health_lectures").cells == (found.cells[0],)


def test_a_village_with_two_windows_is_called_by_its_name() -> None:
    given = [observe("births[village=1]", value, period=f"2020年1-{value}月", row=value) for value in (10, 11)]
    [found] = [item for item in cross_check(given, results_of(given)) if item.code == "two-windows"]
    assert found.message("zh").startswith("上湾村出生人口填了不同统计期间的数")
    assert found.message("en").startswith("births (Shangwan Village) is given for different periods")


def test_of_two_days_the_latest_is_used_with_a_warning() -> None:
    given = [
        observe("elderly_population", 2445, period="截至2020年9月30日", row=4),
        observe("elderly_population", 2450, period="截至2020年12月", row=5),
    ]
    [found] = cross_check(given, results_of(given))
    assert (found.code, found.severity, found.cells[0].cell) == ("two-windows", Severity.WARN, "E5")
    assert results_of(given).named("elderly_population").value == 2450


def test_two_windows_that_agree_are_a_note() -> None:
    given = [observe("health_lectures", 40, period=f"2020年1-{month}月", row=month) for month in (10, 11)]
    [found] = cross_check(given, results_of(given))
    assert found.severity is Severity.NOTE


def test_the_year_before_is_told_in_the_window_it_is_compared_in() -> None:
    given = [
        observe("health_lectures", 40, period="2020年1-11月", row=4),
        observe("health_lectures", 50, period="2019年", row=5),
        observe("health_lectures", 44, period="2019年1-11月", row=6),
    ]
    found = results_of(given).named("health_lectures")
    assert (found.previous, found.change) == (44, -4)
    [finding] = cross_check(given, results_of(given))
    assert (finding.code, finding.severity, finding.cells[0].cell) == ("two-windows", Severity.NOTE, "E6")


def test_an_empty_cell_is_no_second_window() -> None:
    given = [observe("health_lectures", "", row=4), observe("health_lectures", 40, period="2020年1-11月", row=5)]
    assert cross_check(given, results_of(given)) == ()
    assert results_of(given).named("health_lectures").value == 40


def test_a_total_of_another_window_is_not_checked_against_the_items() -> None:
    items = {"births[parity=1]": 68, "births[parity=2+]": 83}
    assert findings({"births": (219, "合计", "2020年"), **items}) == ()
    assert findings({"births": (219, "合计"), **items})[0].code == "total-differs"


def test_where_the_items_are_added_no_reported_figure_is_said_to_be_used() -> None:
    given = [
        *observe_all({"births[parity=1]": 68, "births[parity=2+]": 83, "births": 151}),
        observe("births", 160, period="2020年", row=9),
    ]
    [note] = cross_check(given, results_of(given))
    assert note.message("zh").endswith("本报告采用本表数字的计算值")
    assert note.message("en").endswith("the report computes it from other cells")


def test_a_figure_revised_since_last_years_return_warns(project: Project) -> None:
    project.write({"births": 151, "births@previous": 180, "deaths": 90, "deaths@previous": 88})
    project.write({"births": 183, "deaths": 88}, year=YEAR - 1)
    data = project.dataset()
    [found] = [item for item in data.findings if item.code == "revised-figure"]
    assert found.severity is Severity.WARN
    assert dict(found.figures) == {"now": "180", "before": "183"}
    assert [cell.file for cell in found.cells] == ["data/qingxi/2020.xlsx", "data/qingxi/2019.xlsx"]
    assert "2019统计年度" in found.message("zh")
    assert data.results.named("births").previous == 180
    project.write({"births": "180余", "deaths": 88}, year=YEAR - 1)
    assert "revised-figure" not in {item.code for item in project.dataset().findings}  # a bound contradicts nothing


# --- reported totals -----------------------------------------------------------------------------------------------------------

FUNDS = {"reward_assistance_amount": 1_000_000, "special_assistance_amount": 530_758}


def test_a_total_that_agrees_is_no_finding() -> None:
    assert findings({**FUNDS, "incentive_funds_total[scope=all]": (1_530_758, "合计")}) == ()


def test_a_total_that_differs_warns_with_all_its_cells() -> None:
    found = only({"births": (155, "合计"), "births[parity=1]": 68, "births[parity=2+]": 83})
    assert (found.code, found.severity, found.area) == ("total-differs", Severity.WARN, "population")
    assert [cell.cell for cell in found.cells] == ["E4", "E5", "E6"]
    assert dict(found.figures) == {"computed": "151", "reported": "155", "difference": "4"}
    assert "应相加" not in found.remedy("zh")


def test_the_figure_that_explains_the_difference_is_named() -> None:
    figures = {**FUNDS, "incentive_funds_total[scope=all]": (1_535_536, "合计"), "medical_insurance_paid_recipients": 4778}
    found = only(figures)
    assert found.code == "total-differs"
    assert found.figures["culprit"] == found.figures["difference"] == "4778"
    assert found.cells[-1].cell == "E7"
    assert "人数" in found.message("zh")
    assert "head count in cell 表!E7" in found.message("en")
    assert "不应相加" in found.remedy("zh")


def test_the_twin_without_that_figure_names_no_culprit() -> None:
    figures = {**FUNDS, "incentive_funds_total[scope=all]": (1_535_536, "合计"), "medical_insurance_paid_recipients": 4777}
    found = only(figures)
    assert "culprit" not in found.figures
    assert [cell.cell for cell in found.cells] == ["E6", "E4", "E5"]
    assert "equals" not in found.message("en")


def test_an_equal_number_elsewhere_is_no_culprit() -> None:
    by_village = {f"population_resident[village={key}]": 5000 for key in "123"}
    found = only({"population_resident": (15151, "合计"), **by_village, "births": 151})
    assert found.code == "total-differs"
    assert "culprit" not in found.figures  # villages are summed: nobody adds births to them
    other = {**FUNDS, "incentive_funds_total[scope=all]": (1_535_536, "合计"), "health_records": 4778}
    assert "culprit" not in only(other).figures  # another work area
    less = {**FUNDS, "incentive_funds_total[scope=all]": (1_525_980, "合计"), "medical_insurance_paid_recipients": 4778}
    assert "culprit" not in only(less).figures  # too little, so nothing was added


def test_an_addend_is_no_culprit() -> None:
    found = only({"births": (219, "合计"), "births[parity=1]": 68, "births[parity=2+]": 83})
    assert "culprit" not in found.figures  # the difference equals 一孩, which does belong to the total


def test_a_total_given_as_a_bound_is_not_checked() -> None:
    assert findings({"births": ("150余", "合计"), "births[parity=1]": 68, "births[parity=2+]": 83}) == ()


# --- parts, numerators, bounds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("part", "codes"), [(11, ["part-exceeds-whole"]), (10, []), (9, [])])
def test_a_part_larger_than_its_whole_blocks(part: int, codes: list[str]) -> None:
    found = findings({"high_risk_pregnancies": 10, "high_risk_pregnancies_managed": part})
    assert [finding.code for finding in found if finding.code == "part-exceeds-whole"] == codes
    if codes:
        assert found[0].severity is Severity.BLOCK
        assert [cell.cell for cell in found[0].cells] == ["E5", "E4"]


def test_a_part_is_not_compared_with_the_whole_of_another_window() -> None:
    assert findings({"high_risk_pregnancies": 10, "high_risk_pregnancies_managed": (11, "", "2020年1-11月")}) == ()


def test_a_part_is_not_compared_with_a_bound() -> None:
    assert findings({"high_risk_pregnancies": "10余", "high_risk_pregnancies_managed": 11}) == ()


@pytest.mark.parametrize(("done", "codes"), [(41, ["numerator-exceeds-denominator"]), (40, [])])
def test_a_numerator_above_its_denominator_blocks(done: int, codes: list[str]) -> None:
    found = findings({"live_births": 40, "maternal_any_care": done})
    assert [finding.code for finding in found] == codes
    if found:
        assert found[0].severity is Severity.BLOCK
        assert dict(found[0].figures) == {"numerator": "41", "denominator": "40"}


def test_a_completion_above_100_per_cent_is_fine() -> None:
    assert findings({"folic_acid_recipients": 110, "folic_acid_task": 100}) == ()


def test_a_reported_proportion_above_100_per_cent_blocks() -> None:
    found = only({"maternal_coverage_rate": 101})
    assert (found.code, found.severity) == ("out-of-bounds", Severity.BLOCK)


def test_a_rate_outside_its_bounds_warns() -> None:
    found = only({"births": 1200, "population_mean": 1000})
    assert (found.code, found.severity) == ("out-of-bounds", Severity.WARN)


# --- reported rates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ("96.73%", []),
        ("96.7%", []),
        ("97%", []),
        ("96.732%", []),
        ("96.72%", ["reported-differs"]),  # cut off
        ("96.8%", ["reported-differs"]),
        ("96%", ["reported-differs"]),
    ],
)
def test_a_reported_rate_must_be_a_rounding_of_its_own_numbers(said: str, codes: list[str]) -> None:
    # 148 / 153 = 96.7320...
    found = findings({"births": 153, "births_policy[compliance=in]": 148, "policy_compliance_rate": said})
    assert [finding.code for finding in found] == codes


def test_a_differing_rate_names_both_and_the_points_between() -> None:
    found = only({"births": 153, "births_policy[compliance=in]": 148, "policy_compliance_rate": "92%"})
    assert found.severity is Severity.WARN
    assert dict(found.figures) == {"computed": "96.73%", "reported": "92", "difference": "4.73个百分点"}
    assert [cell.cell for cell in found.cells] == ["E6", "E5", "E4"]


@pytest.mark.parametrize(
    ("rate", "denominator", "codes"),
    [
        ("89.71%", 68, []),  # 61 of 68
        ("89.74%", 78, []),  # 70 of 78
        ("89.74%", 68, ["rate-impossible"]),
        ("66.67%", 78, []),
        ("66.66%", 78, ["rate-impossible"]),  # 52 of 78, cut off
        ("92.5%", 40, []),
        ("92%", 40, ["rate-impossible"]),  # 36 gives 90, 37 gives 92.5, which rounds to 93
        ("93%", 40, []),
    ],
)
def test_a_rate_that_no_whole_numerator_gives(rate: str, denominator: int, codes: list[str]) -> None:
    found = findings({"live_births": denominator, "maternal_coverage_rate": rate})
    assert [finding.code for finding in found] == codes


def test_a_rate_that_was_cut_off_says_so_and_its_twin_does_not() -> None:
    cut = only({"live_births": 78, "maternal_coverage_rate": "66.66%"})
    assert cut.figures["numerator"] == "52"
    assert "截尾" in cut.message("zh")
    assert "cut off" in cut.message("en")
    plain = only({"live_births": 78, "maternal_coverage_rate": "66.55%"})
    assert "numerator" not in plain.figures
    assert "截尾" not in plain.message("zh")


def test_a_rate_without_denominator_is_not_tested() -> None:
    assert findings({"maternal_coverage_rate": "89.74%"}) == ()


def test_events_of_unlike_windows_are_not_compared() -> None:
    assert findings({"live_births": 40, "maternal_any_care": (41, "", "2020年1-11月")}) == ()


def test_a_rate_over_a_bound_is_not_tested() -> None:
    assert findings({"live_births": "40余", "maternal_coverage_rate": "92.1%"}) == ()


def test_findings_come_in_catalogue_order() -> None:
    found = findings(
        {
            "live_births": 40,
            "maternal_any_care": 41,
            "births": (155, "合计"),
            "births[parity=1]": 68,
            "births[parity=2+]": 83,
        }
    )
    order = [entry.area for entry in shipped_catalogue().entries.values()]
    assert [finding.area for finding in found] == sorted({"maternal_child", "population"}, key=order.index)


# --- totals whose parts are not all there ----------------------------------------------------------------------------


def test_a_total_that_lacks_a_part_is_told_with_the_part() -> None:
    parts = {"population_total[household=agricultural]": 900, "population_total[household=non_agricultural]": 60}
    found = only(parts)
    assert (found.code, found.severity) == ("part-missing", Severity.WARN)
    assert "总人口" in found.message("zh")
    assert "没有填报" in found.message("zh")
    assert "population" in found.message("en")
    assert findings({**parts, "population_total[household=resident_inflow]": 5}) == ()
    assert findings({**parts, "population_total": 965}) == ()
