"""What reports of the field show and the product must support: 58 features seen in seven published reports, one named test each.

Every test starts from a return built in memory, or a workbook where the feature lies in the file itself, and asserts what follows: a
result, a finding, a sentence, a table.  A figure is named as formulas name it; ``@previous`` marks the year before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from pydantic import ValidationError

from county import REPOSITORY, YEAR, Project, observe, observe_all, place, results_of, shipped_catalogue
from nianbao import composer
from nianbao.assembly import report_info
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.catalogue import Element, Nature, Setter, Standing, Target, Township, YearParams, load_catalogue
from nianbao.chapter import Chapter
from nianbao.checks import cross_check
from nianbao.dataset import Dataset
from nianbao.errors import Finding, ReturnError, Severity
from nianbao.facts import FactBook, numbers_in
from nianbao.indicators import Results
from nianbao.narrative import Narrator
from nianbao.observation import Intake, Observation
from nianbao.periods import as_of, calendar_year, half_year, month_range, since, statistical_year
from nianbao.pipeline import Options
from nianbao.report import ReportInfo, assemble, render
from nianbao.returnform import ReturnRow
from nianbao.scoring import Bonus, Item, Rule, RuleKind, Scheme, Veto, score_sheet, total
from nianbao.shells import ReportParams
from nianbao.values import Status

FEATURES = 59

Figures = Mapping[str, object]


# --- the shortest ways to say what follows --------------------------------------------------------------------------------------


def town(**changes: object) -> Township:
    """Return the sample town, changed."""
    return place().model_copy(update=changes)


def with_target(entry: str, value: str, *, setter: Setter = Setter.RESPONSIBILITY, deadline: date | None = None) -> Township:
    """Return the sample town with one target for the year."""
    target = Target(value=Decimal(value), setter=setter, set_by_zh="目标责任书", set_by_en="letter", deadline=deadline)
    return town(years={YEAR: YearParams(targets={entry: target})})


def overridden(entry: str, **changes: object) -> Township:
    """Return the sample town with what it changes in one catalogue entry."""
    content = place().model_dump(exclude={"overrides"}, exclude_unset=True)
    return Township.model_validate({**content, "overrides": {entry: changes}})


def dataset(figures: Figures | list[Observation], *, where: Township | None = None) -> Dataset:
    """Return the dataset of a return that was never written."""
    given = figures if isinstance(figures, list) else observe_all(figures)
    intake = Intake("qingxi", YEAR, "data/qingxi/2020.xlsx", "", tuple(given), ())
    township = where or place()
    return Dataset(REPOSITORY, township, YEAR, load_catalogue(REPOSITORY, township=township), (intake,))


def results(figures: Figures | list[Observation], *, where: Township | None = None) -> Results:
    return dataset(figures, where=where).results


def shown(figures: Figures, ref: str, *, where: Township | None = None) -> str:
    """Return a figure as the report prints it."""
    found = results(figures, where=where)
    return found.shown(found.named(ref))


def said(figures: Figures, how: str, *refs: str, where: Township | None = None) -> str:
    """Return the sentence a narrator's method makes of the results named, or of all results."""
    found = results(figures, where=where)
    narrator = Narrator(found, FactBook("population"), lang="zh")
    return plain(getattr(narrator, how)([found.named(ref) for ref in refs] or list(found)))


def moved(figures: Figures, ref: str) -> str:
    """Return the clause on a result's change."""
    found = results(figures)
    return plain(Narrator(found, FactBook("population"), lang="zh").movement(found.named(ref)))


def findings(figures: Figures | list[Observation]) -> dict[str, Finding]:
    data = dataset(figures)
    return {item.code: item for item in cross_check(data.observations, data.results)}


Composed = Callable[..., list[Block]]


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> Composed:
    """Return a function that runs one method of a chapter on figures and returns the blocks it publishes."""
    seen: list[Block] = []

    def keep(bundle: dict[str, Any]) -> None:
        seen.append(bundle[BLOCK_MIME])

    monkeypatch.setattr(composer, "publish_display_data", keep)

    def act(
        figures: Figures | list[Observation],
        how: str,
        *arguments: Any,
        area: str = "population",
        where: Township | None = None,
    ) -> list[Block]:
        seen.clear()
        chapter = Chapter(area, dataset(figures, where=where), lang="zh", edition="internal")
        getattr(chapter, how)(*arguments)
        return list(seen)

    return act


def texts(blocks: list[Block]) -> str:
    """Return the paragraphs and notes among blocks as text."""
    return "".join(plain(block["runs"]) for block in blocks if "runs" in block and block["type"] != "table")


def table(blocks: list[Block]) -> list[tuple[str, ...]]:
    """Return the rows of the only table among blocks as text."""
    [found] = [block for block in blocks if block["type"] == "table"]
    return [tuple(plain(cell) for cell in row["cells"]) for row in found["rows"]]


def four_years() -> list[Observation]:
    """Return births by sex of four statistical years, late-reported girls, weights and target of a composite ratio."""
    counts = {2017: (128, 141), 2018: (125, 126), 2019: (71, 68), 2020: (84, 69)}
    births = [
        observe(f"births[sex={sex}]", count, period=f"{year}统计年度")
        for year, both in counts.items()
        for sex, count in zip(("male", "female"), both, strict=True)
    ]
    return births + observe_all(
        {
            "births_supplementary_reported[sex=female]": 3,
            "sex_ratio_weight[years=2017-2019]": "40%",
            "sex_ratio_weight[years=2020]": "60%",
            "sex_ratio_target": 107,
        }
    )


# --- time -----------------------------------------------------------------------------------------------------------------------


def test_statistical_year() -> None:
    found = results({"births": 151}).named("births")
    assert (found.period.start, found.period.end) == (date(2019, 10, 1), date(2020, 9, 30))
    narrator = Narrator(results({"births": 151}), FactBook("population"), lang="zh")
    assert plain(narrator.development(found, [])) == "2020统计年度（2019年10月1日至2020年9月30日），全镇出生151人。"


def test_calendar_year_beside_the_statistical_year() -> None:
    figures = {"births": 151, "health_lectures": 15}
    found = results(figures)
    periods = [found.named(ref).period for ref in figures]
    assert periods == [statistical_year(2020), calendar_year(2020)]
    assert said(figures, "activities", *figures) == "2020统计年度，全镇出生151人。2020年，全镇举办健康讲座15场。"


def test_as_of_date_per_figure() -> None:
    figures = {"elderly_population": (2445, "", "截至2020年9月30日"), "yinling_insured": (865, "", "截至2020年10月10日")}
    assert results(figures).named("yinling_insured").period == as_of(date(2020, 10, 10))
    told = said(figures, "levels")
    assert told.startswith("截至2020年9月30日，全镇")
    assert "截至2020年10月10日，全镇" in told


def test_month_range_of_a_partial_year() -> None:
    figures = {"health_lectures": (40, "", "2020年1-11月"), "health_consultations": 35}
    assert results(figures).named("health_lectures").period == month_range(2020, 1, 11)
    told = said(figures, "activities", "health_lectures", "health_consultations")
    assert told.startswith("2020年1—11月，")
    assert "。2020年，" in told


@pytest.mark.parametrize("written", ["1月24日以来", "自2020年1月24日至12月31日"])
def test_cumulative_count_from_a_start_date(project: Project, composed: Composed, written: str) -> None:
    rows = [
        ReturnRow("nucleic_acid_tests", value=2025, period=written),
        ReturnRow("nucleic_acid_tests", value=1800, period="自2019年1月24日至12月31日"),
        ReturnRow("epidemic_drills", value=6, period="2020年1月24日至今"),
        ReturnRow("epidemic_drills", value=4, period="2019年"),
    ]
    project.write(rows)
    assert project.read().findings == ()
    given = list(project.dataset().observations)
    tests = results(given).named("nucleic_acid_tests")
    assert (tests.period, tests.change) == (since(date(2020, 1, 24), date(2020, 12, 31)), 225)
    assert results(given).named("epidemic_drills").change is None  # a whole year is another window
    both = ("nucleic_acid_tests", "epidemic_drills")
    told = texts(composed(given, "activities", *both, area="epidemic"))
    assert told.startswith("自2020年1月24日以来，")
    assert "2025" in told
    assert table(composed(given, "table", "检测", "Tests", both[0], area="epidemic"))[0][2:] == ("2025", "1800", "+225")
    data = dataset(given)
    english = Narrator(data.results, FactBook("epidemic"), lang="en")
    assert plain(english.activities([tests])).startswith("Since 24 January 2020, ")


def test_half_year_report() -> None:
    """Half a year is told as such: title and opening of the whole report are in tests/functional/test_part_of_a_year.py."""
    figures = {"health_lectures": (20, "", "2020年1-6月"), "health_lectures@previous": (16, "", "2019年上半年")}
    found = results(figures).named("health_lectures")
    assert found.period == half_year(2020)
    assert found.change == 4
    assert said(figures, "activities", "health_lectures").startswith("2020年上半年，")
    assert moved(figures, "health_lectures") == "，比上年同期增加4场，增长25.0%"
    assert report_info(dataset(figures), Options(YEAR)).title == "青溪镇2020年上半年卫生健康工作总结"
    whole = {**figures, "births": 151}
    assert report_info(dataset(whole), Options(YEAR)).title == "青溪镇2020年卫生健康工作总结"
    set_ = town(years={YEAR: YearParams(report=ReportParams(period="half_year"))})
    assert report_info(dataset(whole, where=set_), Options(YEAR)).title == "青溪镇2020年上半年卫生健康工作总结"
    later = {"health_lectures": (24, "", "2020年下半年")}
    assert report_info(dataset(later), Options(YEAR)).title == "青溪镇2020年下半年卫生健康工作总结"
    full_year_before = {**figures, "health_lectures@previous": (30, "", "2019年")}
    assert results(full_year_before).named("health_lectures").change is None


def test_report_date_and_issuing_body() -> None:
    info = ReportInfo("青溪镇2020年卫生健康工作总结", office="青溪镇卫生健康办公室", date=date(2020, 12, 13), year=2020)
    page = render(assemble([], info), "html").decode("utf-8")
    assert page.index("青溪镇卫生健康办公室") < page.index("2020年12月13日")  # who issues it, then when, as offices sign
    undated = ReportInfo("青溪镇2020年卫生健康工作总结", office="青溪镇卫生健康办公室", year=2020)
    assert "12月13日" not in render(assemble([], undated), "html").decode("utf-8")
    dated = town(years={YEAR: YearParams(report=ReportParams(date=date(2020, 12, 13)))})
    signed = report_info(dataset({"births": 151}, where=dated), Options(YEAR))
    assert (signed.office, signed.date) == ("青溪镇卫生健康办公室", date(2020, 12, 13))


def test_year_over_year_change_in_persons_and_per_cent_with_direction() -> None:
    figures = {"births[parity=1]": 68, "births[parity=1]@previous": 83}
    found = results(figures)
    assert found.named("births_change_yoy[parity=1]").value == -15
    assert found.named("births_change_yoy_pct[parity=1]").value == Fraction(-1500, 83)
    narrator = Narrator(found, FactBook("population"), lang="zh")
    assert plain(narrator.movement(found.named("births[parity=1]"))) == "，比上年减少15人，下降18.07%"
    risen = results({"births[parity=1]": 83, "births[parity=1]@previous": 68})
    assert "增加15人，增长" in plain(
        Narrator(risen, FactBook("population"), lang="zh").movement(risen.named("births[parity=1]"))
    )


def test_partial_year_against_the_full_previous_year_is_refused(composed: Composed) -> None:
    """Refused as a comparison; against the year's task it is told as progress, and judges nobody."""
    figures = {"hospital_revenue": (8_000_000, "", "2020年1-11月"), "hospital_revenue@previous": (9_000_000, "", "2019年")}
    found = results(figures).named("hospital_revenue")
    assert (found.change, found.previous) == (None, None)
    assert found.reason.startswith("not compared: ")
    assert moved(figures, "hospital_revenue") == ""
    like = results({**figures, "hospital_revenue@previous": (9_000_000, "", "2019年1-11月")}).named("hospital_revenue")
    assert like.change == -1_000_000
    two_years = [*observe_all({"health_lectures": 15}), observe("health_lectures", 9, year=2018)]
    assert results(two_years).named("health_lectures").reason == "not compared: the return gives 2018, not the year before"

    task = {"folic_acid_task": 200, "folic_acid_recipients": (100, "", "2020年上半年")}
    rate = results(task).named("folic_acid_completion_rate")
    assert (rate.value, rate.met, rate.deviation, rate.gap) == (50, None, None, None)
    told = said(task, "tasks", "folic_acid_completion_rate")
    assert told == "截至2020年6月底，全镇叶酸发放完成100人，为全年任务200人的50.00%。"
    assert "By the end of June 2020" in plain(Narrator(results(task), FactBook("x"), lang="en").tasks([rate]))
    assert texts(composed(task, "problems", area="problems")) == "", "nothing is compared, and the task still runs"
    assert composed(task, "targets", area="assessment") == []
    whole = results({"folic_acid_task": 200, "folic_acid_recipients": 100}).named("folic_acid_completion_rate")
    assert whole.met is False
    half = results({**task, "folic_acid_task": (100, "", "2020年上半年")}).named("folic_acid_completion_rate")
    assert half.met is True  # a task set for the half-year is judged by it


# --- targets and assessment -----------------------------------------------------------------------------------------------------


def test_deviation_from_the_responsibility_target_in_percentage_points() -> None:
    figures = {"births": 153, "births_policy[compliance=in]": 148}
    assert results(figures).named("policy_compliance_rate").deviation == Fraction(14800, 153) - 92
    assert "比责任目标92%高4.73个百分点" in said(figures, "rates", "policy_compliance_rate")
    short = {"births": 153, "births_policy[compliance=in]": 138}
    assert "比责任目标92%低1.80个百分点" in said(short, "rates", "policy_compliance_rate")


def test_target_implied_by_rate_and_deviation() -> None:
    """95 % and 5 points above make a target of 90 %, marked as implied; so is what follows from it."""
    figures = {"migrant_tracking_rate": "95%", "migrant_tracking_target": ("90%", "推算")}
    found = results(figures)
    assert found.named("migrant_tracking_target").status is Status.IMPLIED
    deviation = found.named("migrant_tracking_deviation")
    assert (deviation.value, deviation.status) == (5, Status.IMPLIED)
    stated = results({**figures, "migrant_tracking_target": "90%"}).named("migrant_tracking_deviation")
    assert stated.status is Status.COMPUTED


def test_composite_sex_ratio_of_four_years() -> None:
    found = results(four_years(), where=town(variants={"sex_ratio_at_birth": "with_supplementary"}))
    composite = found.named("sex_ratio_composite_4y")
    assert composite.value == Fraction(40, 100) * Fraction(32400, 335) + Fraction(60, 100) * Fraction(8400, 72)
    assert [found.shown(part) for part in composite.parts] == ["38.69", "70.00"]
    assert found.shown(found.named("sex_ratio_deviation")) == "1.69"


def test_years_are_pooled_before_the_ratio() -> None:
    pooled = results(four_years()).named("sex_ratio_at_birth[years=2017-2019]")
    assert (pooled.numerator, pooled.denominator) == (324, 335)
    mean_of_ratios = (Fraction(12800, 141) + Fraction(12500, 126) + Fraction(7100, 68)) / 3
    assert pooled.value == Fraction(32400, 335) != mean_of_ratios
    assert pooled.lower is not None
    incomplete = [item for item in four_years() if item.period.year != 2018]
    assert results(incomplete).named("sex_ratio_at_birth[years=2017-2019]").value is None


def test_late_reported_births_enter_some_indicators_only() -> None:
    figures = {
        "births[sex=male]": 84,
        "births[sex=female]": 69,
        "births_supplementary_reported[sex=female]": 3,
        "births_policy[compliance=in]": 148,
    }
    found = results(figures, where=town(variants={"sex_ratio_at_birth": "with_supplementary"}))
    assert found.named("sex_ratio_at_birth").denominator == 72
    assert found.named("births").value == 153
    assert found.named("policy_compliance_rate").denominator == 153
    assert results(figures).named("sex_ratio_at_birth").denominator == 69


def test_bonus_points_need_an_evidence_document() -> None:
    bonus = {"unit": "qingxi", "zh": "省级卫生乡镇", "en": "provincial health town", "points": Decimal("0.2")}
    assert total([], [Bonus.model_validate({**bonus, "document": "卫发〔2020〕24号"})]) == Fraction("0.2")
    for wrong in (bonus, {**bonus, "document": ""}):
        with pytest.raises(ValidationError, match="document"):
            Bonus.model_validate(wrong)
    points = {"bonus_points[item=1]": "0.3", "bonus_points[item=2]": "0.2"}
    assert shown(points, "bonus_points") == "0.5"


def test_veto_of_a_unit_is_a_recorded_fact() -> None:
    veto = Veto(unit_zh="下湾村", unit_en="Xiawan Village", ground_zh="未完成责任目标", ground_en="targets missed")
    rule = Rule(kind=RuleKind.GATE, minimum=Decimal(92))
    item = Item(id="a", zh="政策符合率", en="compliance", of="policy_compliance_rate", points=Decimal(10), rule=rule)
    scheme = Scheme(key="s", zh="考核", en="assessment", source="考核办法", items=(item,), vetoes=(veto,))
    good = results({"births": 100, "births_policy[compliance=in]": 92})
    assert total(score_sheet(scheme, good)) == 10  # never a computed judgement
    with pytest.raises(ValidationError, match="ground_zh"):
        Veto.model_validate({"unit_zh": "下湾村", "unit_en": "Xiawan Village"})
    entry = shipped_catalogue().entry("veto_units")
    assert entry.status is Standing.HISTORICAL
    assert results_of({}).get("veto_units") is None  # reported when supplied, never asked for
    assert shown({"veto_units": 1}, "veto_units") == "1"


def test_assessment_by_signed_responsibility_letters(composed: Composed) -> None:
    figures = {"births": 153, "births_policy[compliance=in]": 148, "folic_acid_completion_rate": "90%"}
    [row] = [row for row in table(composed(figures, "targets", area="assessment")) if row[0] == "出生政策符合率"]
    assert row[1:] == ("92%", "96.73%", "+4.73个百分点", "达标", "目标管理责任书")
    assert composed({"births": 153}, "targets", area="assessment") == []


def test_task_number_done_completion_and_deadline() -> None:
    figures = {"folic_acid_task": 200, "folic_acid_recipients": 195}
    where = with_target("folic_acid_completion_rate", "100", setter=Setter.TASK, deadline=date(2020, 12, 31))
    found = results(figures, where=where).named("folic_acid_completion_rate")
    assert (found.denominator, found.numerator, found.value) == (200, 195, Fraction("97.5"))
    assert found.gap == 5
    assert found.target is not None
    assert found.target.deadline == date(2020, 12, 31)
    told = said(figures, "tasks", "folic_acid_completion_rate", where=where)
    assert "任务200人，完成195人，完成率97.50%，距任务还差5人" in told


def test_completion_over_100_per_cent() -> None:
    figures = {"folic_acid_task": 100, "folic_acid_recipients": 112}
    found = results(figures).named("folic_acid_completion_rate")
    assert (found.value, found.met, found.gap) == (112, True, 0)
    assert "完成率112.00%，超额12.00%" in said(figures, "tasks", "folic_acid_completion_rate")
    assert "out-of-bounds" not in findings(figures)
    assert "numerator-exceeds-denominator" not in findings(figures)


def test_completion_without_the_number_done(composed: Composed) -> None:
    figures = {"two_cancer_screening_task": 240, "two_cancer_screening_completion_rate": "100%"}
    found = results(figures).named("two_cancer_screening_completion_rate")
    assert (found.numerator, found.denominator, found.status) == (None, 240, Status.REPORTED)
    told = said(figures, "tasks", "two_cancer_screening_completion_rate")
    assert "任务240人，完成率100.00%" in told
    [row] = table(composed(figures, "table", "任务", "Tasks", "two_cancer_screening_completion_rate", area="maternal_child"))
    assert row[1:] == ("—", "240", "100.00%")
    partly = {**figures, "two_cancer_screened[village=1]": 30}  # one village's number done is not the town's
    assert said(partly, "tasks", "two_cancer_screening_completion_rate") == told
    [row] = table(composed(partly, "table", "任务", "Tasks", "two_cancer_screening_completion_rate", area="maternal_child"))
    assert row[1:] == ("—", "240", "100.00%")


def test_floors_instead_of_values() -> None:
    assert shown({"ncms_enrolment_rate": "99%以上"}, "ncms_enrolment_rate") == "99.00%以上"
    where = with_target("ncms_enrolment_rate", "95")
    assert results({"ncms_enrolment_rate": "99%以上"}, where=where).named("ncms_enrolment_rate").met is True
    assert results({"ncms_enrolment_rate": "90%以上"}, where=where).named("ncms_enrolment_rate").met is None
    events = results({"health_lectures": 15, "health_consultations": "10余"}).named("health_education_events")
    assert (events.value, events.status) == (25, Status.FLOOR)


@pytest.mark.parametrize(
    ("written", "status", "value", "printed"),
    [
        ("60余", Status.FLOOR, 60, "60余"),
        ("3000多", Status.FLOOR, 3000, "3000余"),
        ("突破500", Status.FLOOR, 500, "500余"),
        ("近20000", Status.CEILING, 20000, "近20000"),
        ("约3万", Status.APPROXIMATE, 30000, "约30000"),
        ("五百余", Status.FLOOR, 500, "500余"),
    ],
)
def test_approximate_values(written: str, status: Status, value: int, printed: str) -> None:
    figures = {"health_education_reach": written}
    found = results(figures).named("health_education_reach")
    assert (found.status, found.value, found.exact) == (status, value, False)
    assert shown(figures, "health_education_reach") == printed


def test_textual_zero_and_textual_100_per_cent() -> None:
    figures = {"cold_chain_findings": "未发现", "livestock_penned_rate": "全部"}
    found = results(figures)
    assert (found.named("cold_chain_findings").value, found.named("livestock_penned_rate").value) == (0, 100)
    assert [found.shown(item) for item in found] == ["未发现", "全部"]
    assert "未发现" in said(figures, "activities", "cold_chain_findings")


def test_parity_groups_that_differ_between_reports() -> None:
    three = results({"births[parity=1]": 40, "births[parity=2]": 46, "births[parity=3+]": 4})
    two = results({"births[parity=1]": 40, "births[parity=2+]": 50})
    for found in (three, two):
        assert [found.named(ref).value for ref in ("births", "births[parity=1]", "births[parity=2+]")] == [90, 40, 50]
    assert results({"births[parity=1]": 40, "births[parity=2]": 46}).get("births") is None


def test_policy_crossed_with_parity() -> None:
    figures = {
        "births_policy[compliance=in;parity=1]": 68,
        "births_policy[compliance=in;parity=2+]": 78,
        "births_policy[compliance=out;parity=1]": 0,
        "births_policy[compliance=out;parity=2+]": 5,
        "births": 151,
        "births[parity=2+]": 83,
    }
    found = results(figures)
    values = {ref: found.named(f"births_policy[{ref}]").value for ref in ("compliance=in", "compliance=out", "parity=2+")}
    assert values == {"compliance=in": 146, "compliance=out": 5, "parity=2+": 83}
    assert found.named("policy_compliance_rate[parity=2+]").value == Fraction(7800, 83)


def test_a_base_that_is_a_subset_built_from_other_figures() -> None:
    """Early detection divides by first births and policy-compliant later births: 40 + 47 = 87, not by the 90 births."""
    figures = {
        "births[parity=1]": 40,
        "births[parity=2+]": 50,
        "births_policy[compliance=in;parity=2+]": 47,
        "births_pregnancy_early": 39,
    }
    found = results(figures).named("early_pregnancy_detection_rate")
    assert (found.denominator, found.value) == (87, Fraction(3900, 87))
    assert found.inputs == ("births_pregnancy_early", "births[parity=1]", "births_policy[compliance=in;parity=2+]")


def test_rates_per_cent_per_thousand_and_males_per_100_females() -> None:
    figures = {"births[sex=male]": 51, "births[sex=female]": 39, "population_mean": 11002, "births_policy[compliance=in]": 88}
    found = results(figures)
    told = {ref: found.shown(found.named(ref)) for ref in ("policy_compliance_rate", "crude_birth_rate", "sex_ratio_at_birth")}
    assert told == {"policy_compliance_rate": "97.78%", "crude_birth_rate": "8.18‰", "sex_ratio_at_birth": "130.77"}
    # a ratio printed with a per cent sign is no percentage: the sign is refused where the unit is males per 100 females
    with pytest.raises(AssertionError, match="percent"):
        observe("sex_ratio_at_birth", "130.77%")


def test_rounding_half_up_with_decimals_set_per_indicator() -> None:
    figures = {"premarital_exam_done[unit=person]": 1506, "premarital_exam_task": 1600}
    assert results(figures).named("premarital_exam_completion_rate").value == Fraction("94.125")
    assert shown(figures, "premarital_exam_completion_rate") == "94.13%"
    assert shown(figures, "premarital_exam_completion_rate", where=town(rounding="gbt8170")) == "94.12%"
    whole = overridden("premarital_exam_completion_rate", decimals=0)
    assert shown(figures, "premarital_exam_completion_rate", where=whole) == "94%"


def test_two_population_bases() -> None:
    figures = {"births": 801, "population_mean": 164800, "population_resident": 178000, "health_records": 153672}
    found = results(figures)
    births, records = found.named("crude_birth_rate"), found.named("health_record_rate")
    assert (births.denominator, records.denominator) == (164800, 178000)
    assert (births.entry.base, records.entry.base) == ("mean", "resident")
    alone = results({key: value for key, value in figures.items() if key != "population_mean"})
    assert alone.named("crude_birth_rate").value is None  # the other population never stands in


def test_denominators_estimated_from_prevalence() -> None:
    figures = {"residents_18_plus": 138015, "hypertension_prevalence": "25.2%", "hypertension_managed": 17106}
    where = town(variants={"hypertension_management_rate": "estimated"})
    found = results(figures, where=where)
    rate = found.named("hypertension_management_rate")
    assert rate.denominator == Fraction(138015) * Fraction("0.252")
    assert rate.entry.base == "estimated"
    assert found.shown(rate) == "49.18%"
    assert (
        results(figures).named("hypertension_management_rate").value is None
    )  # by the register unless the place says otherwise


# --- money and counting ---------------------------------------------------------------------------------------------------------


def test_composite_funds_table_with_a_total(composed: Composed) -> None:
    figures = {
        "reward_assistance_amount": 765840,
        "reward_assistance_recipients": 798,
        "special_assistance_amount": 236400,
        "only_child_allowance_amount": 101310,
    }
    rows = table(composed(figures, "funds", "incentive_funds_total[scope=all]", area="incentives"))
    assert rows[-1] == ("合计", "—", "1103550", "100.00%")
    assert sorted(int(row[2]) for row in rows[:-1]) == [101310, 236400, 765840]
    assert next(row[1] for row in rows if row[2] == "765840") == "798"
    wrong = findings({**figures, "incentive_funds_total[scope=all]": (1_200_000, "合计")})
    assert "total-differs" in wrong


def test_standard_times_head_count() -> None:
    figures = {"population_fund_aid_recipients[item=student]": 14, "population_fund_aid_standard[item=student]": 3000}
    assert results(figures).named("population_fund_aid_amount[item=student]").value == 42000
    paid = {**figures, "population_fund_aid_amount[item=student]": 45000}
    assert findings(paid)["reported-differs"].figures["computed"] == "42000"
    assert findings({**figures, "population_fund_aid_amount[item=student]": 42000}) == {}


def test_estimated_amounts() -> None:
    figures = {"reward_assistance_amount": ("541960", "预计"), "special_assistance_amount": 1000}
    found = results(figures).named("reward_assistance_amount")
    assert (found.status, found.exact) == (Status.ESTIMATED, False)
    assert shown(figures, "reward_assistance_amount") == "预计541960"
    assert results(figures).named("incentive_funds_total[scope=all]").status is Status.ESTIMATED


def test_money_in_yuan_ten_thousands_and_hundred_millions(project: Project) -> None:
    rows = [
        ReturnRow("city_reward_amount", value=16.332, unit_word="万元"),
        ReturnRow("project_investment", dims=(("project", "hospital"),), value=1.05, unit_word="亿元"),
        ReturnRow("elderly_care_subsidy_amount", value=4300, unit_word="元"),
    ]
    project.write(rows)
    read = project.read()
    assert {item.entry: item.value for item in read.observations} == {
        "city_reward_amount": 163320,
        "project_investment": 105_000_000,
        "elderly_care_subsidy_amount": 4300,
    }
    assert not read.blocking
    project.write([ReturnRow("city_reward_amount", value="16.332万", unit_word="万元")])
    assert [item.code for item in project.read().blocking] == ["unit-twice"]
    wan = town(money="wan")
    shortened = {amount: shown({"fp_budget": amount}, "fp_budget", where=wan) for amount in (163320, 105_000_000, 61)}
    assert shortened == {163320: "16.332万", 105_000_000: "1.05亿", 61: "61"}
    assert shown({"fp_budget": 163320}, "fp_budget") == "163320"


def test_funds_secured_against_received() -> None:
    figures = {"project_funding_secured[source=bond]": 58_150_000, "project_funding_received[source=bond]": 5_220_000}
    found = results(figures)
    rate = found.named("project_funding_in_place_rate")
    assert rate.value == Fraction(522, 5815) * 100
    assert (found.named("project_funding_secured").value, found.named("project_funding_received").value) == (
        58_150_000,
        5_220_000,
    )
    budget = {"fp_budget": 122_700, "fp_budget_received": 130_000}
    assert findings(budget)["part-exceeds-whole"].severity is Severity.BLOCK


@pytest.mark.parametrize(
    ("figure", "words"),
    [
        ("only_child_allowance_recipients[unit=household]", "279户"),
        ("only_child_allowance_recipients[unit=person]", "279人"),
        ("only_child_allowance_recipients[unit=couple]", "279对"),
        ("health_education_reach", "279人次"),
        ("vaccine_doses[scope=all]", "279剂次"),
        ("health_leaflets_distributed", "279份"),
    ],
)
def test_counting_units(figure: str, words: str) -> None:
    found = results({figure: 279})
    narrator = Narrator(found, FactBook("incentives"), lang="zh")
    assert plain(narrator.amount(found.named(figure))) == words
    households = {f"only_child_allowance_recipients[unit={unit}]": 279 for unit in ("household", "person")}
    assert results(households).get("only_child_allowance_recipients") is None  # households and persons are never added


def test_exits_and_deaths_in_a_beneficiary_register(composed: Composed) -> None:
    figures = {"reward_assistance_recipients": 228, "reward_assistance_exits_death": 5}
    assert results(figures).named("reward_assistance_recipients").value == 228  # exits are told, not taken off
    rows = table(composed(figures, "table", "奖扶", "Reward", *figures, area="incentives"))
    assert ("奖扶死亡退出", "5") in rows  # both are persons: the unit stands above the table


def test_nested_breakdowns_with_subtotals() -> None:
    figures = {
        "reward_assistance_recipients": 624,
        "special_assistance_recipients[cause=disabled]": 15,
        "special_assistance_recipients[cause=death]": 23,
    }
    found = results(figures)
    assert found.named("special_assistance_recipients").value == 38
    assert found.named("legal_reward_recipients_total").value == 662
    wrong = findings({**figures, "special_assistance_recipients": (40, "合计")})
    assert wrong["total-differs"].figures["difference"] == "2"


def test_village_level_breakdown() -> None:
    figures = {
        "livestock_stock[animal=cattle;village=1]": 5,
        "livestock_stock[animal=cattle;village=2]": 31,
        "livestock_stock[animal=sheep;village=1]": 0,
        "livestock_stock[animal=sheep;village=2]": 12,
        "livestock_stock[animal=cattle;village=3]": 50,
        "livestock_stock[animal=sheep;village=3]": 0,
    }
    found = results(figures)
    assert [found.named(f"livestock_stock[animal={animal}]").value for animal in ("cattle", "sheep")] == [86, 12]
    one = found.named("livestock_stock[animal=cattle;village=2]")
    assert "中湾村" in Narrator(found, FactBook("disease_control"), lang="zh").label_text(one.entry, one.dims)
    short = {**figures, "livestock_stock[animal=sheep;village=2]": ""}
    assert results(short).named("livestock_stock[animal=sheep]").status is Status.MISSING  # not said is not none
    wrong = findings({**figures, "livestock_stock[animal=cattle]": (90, "合计")})
    assert wrong["total-differs"].figures["difference"] == "4"


def county_of_three(project: Project) -> None:
    """Turn the sample county into the sum of three towns."""
    folder = project.root / "params" / "townships"
    third = (folder / "baishi.yml").read_text("utf-8").replace("白石镇", "荷山镇").replace("Baishi", "Heshan")
    (folder / "heshan.yml").write_text(third, encoding="utf-8")
    above = (folder / "liuhe.yml").read_text("utf-8") + "members: [qingxi, baishi, heshan]\n"
    (folder / "liuhe.yml").write_text(above + "years: {2020: {ranking: [health_record_rate]}}\n", encoding="utf-8")


def test_roll_up_levels(project: Project) -> None:
    county_of_three(project)
    for key, done, people in (("qingxi", 90, 100), ("baishi", 100, 1000), ("heshan", 10, 100)):
        project.write({"health_records": done, "population_resident": people}, town=key)
    found = project.dataset(town="liuhe").results
    assert found.named("health_records").value == 200
    assert found.named("health_record_rate").value == Fraction(200, 1200) * 100  # of the sums, no mean of 90, 10 and 10 %
    assert {cell.file for cell in found.named("health_record_rate").cells} == {
        f"data/{key}/2020.xlsx" for key in ("qingxi", "baishi", "heshan")
    }
    narrator = Narrator(found, FactBook("basic_public_health"), lang="zh")
    assert narrator.whole() == "全县"
    project.path(town="heshan").unlink()
    short = project.dataset(town="liuhe")
    assert short.results.named("health_records").status is Status.MISSING
    assert [item.code for item in short.findings] == ["member-without-return"]


def test_ranking_of_townships(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    county_of_three(project)
    for key, done in (("qingxi", 800), ("baishi", 950), ("heshan", 800)):
        project.write({"health_records": done, "population_resident": 1000}, town=key)
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    Chapter("assessment", project.dataset(town="liuhe"), lang="zh", edition="internal").ranking()
    assert [row[:2] for row in table(seen)] == [("1", "白石镇"), ("2", "青溪镇"), ("2", "荷山镇")]
    assert "白石镇领先，青溪镇、荷山镇落后，超出随机波动范围" in texts(seen)


def test_scope_change_of_entrusted_villages(composed: Composed) -> None:
    where = overridden("ncms_enrolment_rate", inclusion_zh="含托管给高新区的村。")
    figures = {"ncms_enrolment_rate": "99%以上", "villages_entrusted": 5}
    with_them = " ".join(plain(block["runs"]) for block in composed(figures, "definitions", area="appendix", where=where))
    without = " ".join(plain(block["runs"]) for block in composed(figures, "definitions", area="appendix"))
    entry = shipped_catalogue().entry("ncms_enrolment_rate")
    base = shipped_catalogue().bases[entry.base].zh
    assert f"{entry.zh}：{entry.definition_zh}含托管给高新区的村。〔{base}〕" in with_them
    assert "含托管给高新区的村。" not in without
    assert shown(figures, "villages_entrusted") == "5"
    # two of three villages are run by another place: with them and without them the figures differ, and each says which it is
    by_village = {f"population_resident[village={key}]": people for key, people in (("1", 600), ("2", 300), ("3", 100))}
    by_village |= {f"health_records[village={key}]": done for key, done in (("1", 480), ("2", 290), ("3", 80))}
    kept = place().villages[:1]
    own = {ref: value for ref, value in by_village.items() if "village=1" in ref}
    alone = results(own, where=town(villages=kept))
    assert (results(by_village).named("health_record_rate").value, alone.named("health_record_rate").value) == (85, 80)
    assert (results(by_village).named("health_records").value, alone.named("health_records").value) == (850, 480)


EDUCATION = shipped_catalogue().areas["health_education"].zh


def repeat(project: Project, code: str, value: object, *, unit: str, period: str) -> None:
    """Write a figure a second time, onto the sheet of another work area, as reports repeat themselves."""
    workbook = openpyxl.load_workbook(project.path())
    workbook[EDUCATION].append(["重复", code, None, None, value, unit, period, "实报"])
    workbook.save(project.path())


def test_one_indicator_in_two_sections(project: Project) -> None:
    project.write({"maternal_system_management_rate": "85.27%", "health_lectures": 15})
    repeat(project, "maternal_system_management_rate", "85.07%", unit="%", period="2020统计年度")
    [finding] = project.read().blocking
    assert finding.code == "given-twice-differently"
    assert [cell.sheet for cell in finding.cells] == [shipped_catalogue().areas["maternal_child"].zh, EDUCATION]


def test_a_repeated_figure_must_agree(project: Project) -> None:
    project.write({"city_reward_amount": 163320, "health_lectures": 15})
    repeat(project, "city_reward_amount", 163320, unit="元", period="2020年")
    read = project.read()
    assert [(item.code, item.severity) for item in read.findings] == [("given-twice", Severity.NOTE)]
    assert project.dataset().results.named("city_reward_amount").value == 163320  # counted once
    assert project.dataset().results.named("incentive_funds_total[scope=all]").value == 163320


def test_inventory_with_unit_pack_size_in_transit_and_applied_for() -> None:
    figures = {
        "epidemic_stock[item=disinfectant_84;unit=bottle]": 168,
        "epidemic_stock[item=n95_mask;unit=piece]": 100,
        "pack_size[item=disinfectant_84]": 500,
        "epidemic_purchase_amount[status=received]": 30000,
        "epidemic_purchase_amount[status=in_transit]": 12000,
        "epidemic_purchase_amount[status=applied]": 5000,
    }
    found = results(figures)
    narrator = Narrator(found, FactBook("epidemic"), lang="zh")
    assert plain(narrator.listing(found.of("epidemic_stock"), verb=False)) == "84消毒液168瓶、N95口罩100只"
    assert plain(narrator.amount(found.named("pack_size[item=disinfectant_84]"))) == "500毫升"
    assert found.get("epidemic_stock") is None  # bottles and pieces are never added
    assert found.named("epidemic_purchase_amount").value == 47000
    assert "在途" in narrator.label_text(found.named("epidemic_purchase_amount").entry, (("status", "in_transit"),))


def test_case_handling() -> None:
    figures = {
        "illegal_practice_cases[type=unlicensed_practice]": 6,
        "illegal_practice_cases[type=unqualified_staff]": 2,
        "admin_penalty_fines[type=unlicensed_practice]": 69000,
        "admin_penalty_fines[type=unqualified_staff]": 10000,
        "illegal_gains_confiscated": 8680,
        "cases_transferred": "未发生",
    }
    found = results(figures)
    assert (found.named("illegal_practice_cases").value, found.named("admin_penalty_fines").value) == (8, 79000)
    assert found.named("cases_transferred").status is Status.ZERO
    told = said(figures, "activities", *figures)
    for words in ("6起", "69000元", "8680元", "未发生"):
        assert words in told


def test_random_inspection_and_coverage_by_type_of_unit() -> None:
    figures = {
        "supervised_units[type=public_place]": 124,
        "supervision_inspected[type=public_place]": 104,
        "supervised_units[type=medical]": 60,
        "supervision_inspected[type=medical]": 58,
        "supervision_drawn[type=double_random]": 20,
        "supervision_inspected[type=double_random]": 20,
    }
    found = results(figures)
    rates = {ref: found.shown(found.named(f"supervision_coverage_rate[type={ref}]")) for ref in ("public_place", "medical")}
    assert rates == {"public_place": "83.87%", "medical": "96.67%"}
    drawn = found.named("supervision_completion_rate[type=double_random]")
    assert (drawn.value, drawn.met) == (100, True)
    assert found.get("supervision_coverage_rate[type=double_random]") is None  # units drawn are no type of unit


def test_disease_results_by_outcome() -> None:
    figures = {
        "tb_reported[outcome=excluded]": 21,
        "tb_reported[outcome=managed]": 31,
        "tb_reported[outcome=not_in_treatment]": 10,
        "dog_faeces_samples[result=positive]": 16,
        "dog_faeces_samples[result=negative]": 384,
    }
    found = results(figures)
    assert (found.named("tb_reported").value, found.named("dog_faeces_samples").value) == (62, 400)
    assert found.named("dog_faeces_positive_rate").value == 4
    told = said(figures, "activities", "tb_reported[outcome=excluded]", "tb_reported[outcome=managed]")
    assert "排除" in told
    assert "系统管理" in told


def test_screening_with_disease_detection_rate() -> None:
    figures = {"premarital_exam_done[unit=person]": 1506, "premarital_disease_found": 202}
    found = results(figures).named("premarital_disease_detection_rate")
    assert (found.numerator, found.denominator) == (202, 1506)
    assert shown(figures, "premarital_disease_detection_rate") == "13.41%"
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower < 13.41 < found.upper
    assert findings({**figures, "premarital_disease_found": 1600})["numerator-exceeds-denominator"].severity is Severity.BLOCK


def test_media_output_by_level_of_outlet() -> None:
    figures = {
        f"media_articles[level={level}]": count
        for level, count in (("central", 2), ("national", 3), ("province", 12), ("city", 40))
    }
    found = results(figures)
    narrator = Narrator(found, FactBook("health_education"), lang="zh")
    labels = [narrator.label_text(item.entry, item.dims) for item in found if item.dims]
    assert all(word in label for word, label in zip(("中央级", "国家级", "省级", "市级"), labels, strict=True))
    assert said(figures, "activities", "media_articles[level=central]").endswith("2篇。")


def test_frequencies_as_text(project: Project, composed: Composed) -> None:
    figures = {"fp_meeting_frequency": "每月", "supervision_frequency": "半年一督查"}
    catalogue = shipped_catalogue()
    assert {getattr(catalogue.entry(name), "nature", None) for name in figures} == {Nature.TEXT}
    project.write([ReturnRow(name, value=words) for name, words in figures.items()])
    data = project.dataset()
    assert data.findings == ()
    assert {item.entry.id: data.results.shown(item) for item in data.results} == figures
    assert all(item.value is None for item in data.results)
    told = texts(composed(list(data.observations), "remaining", "党建", "Governance", "governance", area="governance"))
    assert told == "工作例会频次为每月。"


def test_problems_section(composed: Composed) -> None:
    missed = {"births": 100, "births_policy[compliance=in]": 90}
    told = texts(composed(missed, "problems", area="problems"))
    assert "未完成1项：出生政策符合率为90.00%，低于目标92%，差2.00个百分点，还差2人" in told
    met = texts(composed({"births": 100, "births_policy[compliance=in]": 95}, "problems", area="problems"))
    assert met == "有目标的指标均已完成。", "nothing is known of the year before"
    before = {"births@previous": 100, "births_policy[compliance=in]@previous": 95}
    level = texts(composed({"births": 100, "births_policy[compliance=in]": 95, **before}, "problems", area="problems"))
    assert level == "有目标的指标均已完成，未发现比上年明显变差的指标。"


def test_a_population_that_is_not_the_one_printed_says_whose_it_is(composed: Composed) -> None:
    figures = {"population_total": 164_800, "population_resident": 178_000, "health_records": 153_672}

    def notes(given: dict[str, int]) -> list[str]:
        made = composed(given, "table", "指标", "Rates", "health_record_rate", area="basic_public_health")
        [found] = [block for block in made if block["type"] == "table"]
        return [plain(note) for note in found["notes"]]

    assert notes(figures) == ["注：分母178000为常住人口；总人口164800人为户籍人口，两者口径不同。"]
    assert notes({**figures, "population_resident": 164_800}) == []
    group = {
        "population_total": 164_800,
        "key_population_residents": 53_390,
        "family_doctor_signed[group=key_population]": 32_141,
    }
    made = composed(group, "table", "指标", "Rates", "family_doctor_signing_rate", area="basic_public_health")
    assert [block["notes"] for block in made if block["type"] == "table"] == [[]], "a group of residents is no population"
    assert notes({name: size for name, size in figures.items() if name != "population_total"}) == []


def test_next_period_plan_section(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    project.write({"births": 151})
    for text in ("", "## plans\n\n2021年增设社区卫生服务站点，任务{{ births }}人。\n"):
        (project.path().with_suffix(".md")).write_text(text, encoding="utf-8")
        Chapter("problems", project.dataset(), lang="zh", edition="internal").plans()
    [plan] = seen  # without a plan of the office and without anything to mend, nothing is said
    assert plain(plan["runs"]) == "2021年增设社区卫生服务站点，任务151人。"
    assert plan["origin"] == "office"


def test_self_correction_of_registered_data(project: Project) -> None:
    """What a survey corrects is set against what was registered, and a corrected return is told from the one it corrects."""
    figures = {"births_surveyed": 100, "births_surveyed_reported": 98, "infectious_disease_underreports": "未发现"}
    found = results(figures)
    assert found.named("birth_reporting_accuracy_rate").value == 98
    assert found.named("infectious_disease_underreports").status is Status.ZERO
    assert findings({"births_surveyed": 100, "births_surveyed_reported": 101})["part-exceeds-whole"].severity is Severity.BLOCK
    project.write({"births": 166}, year=2019)
    project.write({"births": 151, "births@previous": 170})
    data = project.dataset()
    [revised] = [item for item in data.findings if item.code == "revised-figure"]
    assert (revised.figures["now"], revised.figures["before"]) == ("170", "166")
    assert data.results.named("births").change == 151 - 170  # the correction is what this year is compared with


def test_referenced_policy_documents_with_numbers(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert numbers_in("按照桥政办发〔2015〕24号文件，发放奖金300元") == ["300"]
    assert numbers_in("按GB/T 8170修约") == []
    project.write({"births": 151})
    project.path().with_suffix(".md").write_text(
        "## population\n\n按照桥政办发〔2015〕24号文件，登记出生{{ births }}人，发放奖金300元。\n", encoding="utf-8"
    )
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    Chapter("population", project.dataset(), lang="zh", edition="internal").office_text()
    runs = seen[-1]["runs"]
    assert plain(runs) == "按照桥政办发〔2015〕24号文件，登记出生151人，发放奖金300元。"
    assert [run["text"] for run in runs if "fact" in run] == ["151", "300"]  # the document's number is part of its name


def test_masked_digits() -> None:
    figures = {"population_fund_aid_standard[item=special]": "202_", "population_fund_aid_recipients[item=special]": 3}
    found = results(figures)
    masked = found.named("population_fund_aid_standard[item=special]")
    assert (masked.status, masked.value, masked.raw) == (Status.MASKED, None, "202_")
    assert found.shown(masked) == "不详"
    assert found.named("population_fund_aid_amount[item=special]").value is None


def test_plans_with_counts_are_no_results() -> None:
    entry = shipped_catalogue().entry("planned_new_facilities")
    assert isinstance(entry, Element)
    assert entry.nature is Nature.STANDARD
    figures = {"childcare_institutions[status=filed]": 3, "childcare_institutions[status=planned]": 2}
    found = results(figures)
    assert found.get("childcare_institutions") is None  # what is planned is not added to what there is
    label = Narrator(found, FactBook("childcare"), lang="zh").label_text(
        found.named("childcare_institutions[status=planned]").entry, (("status", "planned"),)
    )
    assert "规划" in label
    ahead = [*observe_all({"health_lectures": 15}), observe("health_lectures", 20, year=2021, kind="计划")]
    assert results(ahead).named("health_lectures").value == 15  # more in tests/unit/test_plans.py


def test_conjoined_reports_and_text_lost_at_the_end(project: Project) -> None:
    """Three reports in one file, a return of another place, and a file cut off: none passes for the town's own return."""
    path = project.write({"births": 151, "health_lectures": 15})
    workbook = openpyxl.load_workbook(path)
    for _ in range(2):  # two more reports pasted behind the first
        for sheet in list(workbook.worksheets):
            workbook.copy_worksheet(sheet)
    workbook.save(path)
    three = project.read()
    assert {item.code for item in three.findings} == {"unknown-sheet", "no-form"}  # every sheet of the other two is named
    births = [item for item in three.observations if item.entry == "births"]
    assert len(births) == 1
    project.write({"births": 151})
    project.set_cell("封面", "B3", "白石镇")
    assert [item.code for item in project.read().blocking] == ["wrong-township"]
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(ReturnError, match="cut off"):
        project.read()


def test_every_feature_has_a_test() -> None:
    tests = {name for name, thing in globals().items() if name.startswith("test_") and callable(thing)}
    assert len(tests - {"test_every_feature_has_a_test"}) == FEATURES
