"""A county from its towns: sums that need every town, rates of summed counts, cells that lead back to the towns' workbooks."""

from __future__ import annotations

import shutil
from fractions import Fraction

import pytest

from county import YEAR, Project, build_project, rows_of
from nianbao.assembly import inputs_of
from nianbao.catalogue import Township
from nianbao.dataset import Dataset, open_dataset
from nianbao.errors import ParamsError, ReturnError, Severity
from nianbao.pipeline import townships_with_return
from nianbao.returnform import ReturnRow
from nianbao.values import Status

COUNTY, TOWNS = "liuhe", ("qingxi", "baishi", "heshan")
DONE, TASK, RATE = "health_records", "population_resident", "health_record_rate"


def member_params(project: Project, key: str, content: str) -> None:
    path = project.root / "params" / "townships" / f"{key}.yml"
    path.write_text(path.read_text("utf-8") + content if path.exists() else content, encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project with a third town, a county of three members and a city of that county."""
    project = build_project(tmp_path_factory.mktemp("rollup") / "project")
    towns = project.root / "params" / "townships"
    baishi, above = (towns / "baishi.yml").read_text("utf-8"), (towns / "liuhe.yml").read_text("utf-8")
    member_params(project, "heshan", baishi.replace("白石镇", "荷山镇").replace("Baishi", "Heshan"))
    member_params(project, COUNTY, f"members: [{', '.join(TOWNS)}]\n")
    member_params(project, "yunling", above.replace("level: county", "level: city") + f"members: [{COUNTY}]\n")
    return project


@pytest.fixture
def county(home: Project) -> Project:
    """Return that project without returns; its params stay as they are."""
    shutil.rmtree(home.root / "data", ignore_errors=True)
    return home


def handed_in(county: Project, **figures: dict[str, object]) -> Dataset:
    """Write the returns of the towns (and, as ``liuhe``, of the county) and return the county's dataset."""
    for town, given in figures.items():
        county.write(given, town=town)
    return county.dataset(town=COUNTY)


def records(done: int, people: int) -> dict[str, object]:
    return {DONE: done, TASK: people}


def codes(data: Dataset) -> list[str]:
    return [item.code for item in data.findings]


def test_a_county_is_the_sum_of_its_towns_and_its_rate_is_of_the_sums(county: Project) -> None:
    data = handed_in(county, qingxi=records(90, 100), baishi=records(100, 1000), heshan=records(10, 100))
    assert data.results.named(DONE).value == 200
    # 200 of 1200; the mean of 90 %, 10 % and 10 % would be 36.67 %
    assert data.results.named(RATE).value == Fraction(200, 1200) * 100
    assert data.results.named(f"{RATE}[township=baishi]").value == 10
    assert data.results.named(RATE) in data.results.overall
    assert data.results.named(f"{RATE}[township=baishi]") not in data.results.overall
    assert codes(data) == []


def test_every_figure_leads_to_all_cells_of_the_towns_workbooks(county: Project) -> None:
    by_village = {f"{DONE}[village={key}]": 30 for key in "123"} | {TASK: 100}
    data = handed_in(county, qingxi=by_village, baishi=records(100, 1000), heshan=records(10, 100))
    whole = data.results.named(DONE)
    assert whole.value == 200
    assert [cell.file for cell in whole.cells] == ["data/qingxi/2020.xlsx"] * 3 + [
        "data/baishi/2020.xlsx",
        "data/heshan/2020.xlsx",
    ]
    assert len(data.results.named(f"{DONE}[township=qingxi]").cells) == 3
    assert data.results.get(f"{DONE}[village=1]") is None


def test_a_town_without_a_return_leaves_every_sum_missing_and_is_named_once(county: Project) -> None:
    data = handed_in(county, qingxi=records(90, 100), heshan=records(10, 100))
    missing = data.results.named(DONE)
    assert (missing.value, missing.status) == (None, Status.MISSING)
    assert "township=baishi" in missing.reason
    assert data.results.named(RATE).value is None
    [finding] = data.findings
    assert (finding.code, finding.severity) == ("member-without-return", Severity.WARN)
    assert finding.cells[0].file == "data/baishi/2020.xlsx"
    assert "白石镇" in finding.message()


def test_a_town_that_leaves_figures_out_is_named_once_for_all_of_them(county: Project) -> None:
    more = {"health_lectures": 5, "health_consultations": 3}
    data = handed_in(
        county, qingxi={**records(90, 100), **more}, baishi=records(100, 1000), heshan={**records(10, 100), **more}
    )
    assert data.results.named(DONE).value == 200
    assert data.results.named("health_lectures").value is None
    assert "township=baishi" in data.results.named("health_lectures").reason
    [finding] = data.findings
    assert (finding.code, finding.figures["count"]) == ("member-missing", "2")


def test_the_countys_own_figure_stands_where_the_towns_cannot_be_summed(county: Project) -> None:
    data = handed_in(county, qingxi=records(90, 100), heshan=records(10, 100), liuhe={DONE: 777})
    assert data.results.named(DONE).value == 777
    assert data.results.named(DONE).cells[0].file == "data/liuhe/2020.xlsx"


def test_a_floor_of_one_town_makes_the_sum_a_floor(county: Project) -> None:
    lectures: dict[str, object] = {"health_lectures": "70余"}
    data = handed_in(county, qingxi=lectures, baishi={"health_lectures": 5}, heshan={"health_lectures": 4})
    assert data.results.named("health_lectures").status is Status.FLOOR
    assert data.results.shown(data.results.named("health_lectures")) == "79余"


def test_towns_with_unlike_windows_are_not_summed(county: Project) -> None:
    for town, period in zip(TOWNS, ("2020年", "2020年", "2020年1-11月"), strict=True):
        county.write([ReturnRow("health_lectures", (), 5, period)], town=town)
    data = county.dataset(town=COUNTY)
    result = data.results.named("health_lectures")
    assert (result.value, result.reason) == (None, "its parts cover different periods")
    assert codes(data) == ["member-windows"]


def test_a_total_of_the_county_that_differs_from_its_towns_is_a_finding(county: Project) -> None:
    data = handed_in(county, qingxi=records(90, 100), baishi=records(100, 1000), heshan=records(10, 100), liuhe={DONE: 210})
    assert data.results.named(DONE).value == 200
    [finding] = data.findings
    assert (finding.code, finding.figures["difference"]) == ("total-differs", "10")


def test_a_rate_without_counts_is_not_averaged(county: Project) -> None:
    said: dict[str, object] = {RATE: "95%"}
    data = handed_in(county, qingxi=said, baishi={RATE: "85%"}, heshan=records(10, 100))
    assert data.results.named(f"{RATE}[township=qingxi]").value == 95
    whole = data.results.get(RATE)
    assert whole is None or whole.value is None
    assert "rate-without-counts" in codes(data)
    named = next(item for item in data.findings if item.code == "rate-without-counts")
    assert "青溪镇、白石镇" in named.message()


def test_tasks_are_summed_but_standards_and_weights_are_not(county: Project) -> None:
    given: dict[str, object] = {
        "two_cancer_screened": 90,
        "two_cancer_screening_task": 100,
        "reward_assistance_standard": 960,
        "epidemic_stock_days": 30,
    }
    data = handed_in(county, qingxi=given, baishi={**given, "two_cancer_screened": 120}, heshan=given)
    assert data.results.named("two_cancer_screening_task").value == 300
    assert data.results.named("two_cancer_screening_completion_rate").value == 100
    assert data.results.get("reward_assistance_standard") is None
    assert data.results.get("epidemic_stock_days") is None  # thrice thirty days of supplies are not ninety


def test_a_rate_times_a_weight_is_not_summed(county: Project) -> None:
    given: dict[str, object] = {"births[sex=male]": 11, "births[sex=female]": 10}
    given |= {f"sex_ratio_weight[years={YEAR}]": 60, f"sex_ratio_at_birth[years={YEAR}]": 110}
    data = handed_in(county, qingxi=given, baishi=given, heshan=given)
    component = data.results.named(f"sex_ratio_weighted_component[years={YEAR}]")
    assert component.value == 66  # 33 boys to 30 girls, six tenths; thrice a town's 66 would say nothing
    assert data.results.named("sex_ratio_composite_4y").value is None  # three years are not given


def test_the_members_of_a_city_are_called_what_they_are(county: Project) -> None:
    handed_in(county, qingxi=records(90, 100), baishi=records(100, 1000), heshan=records(10, 100))
    words = [county.dataset(town=key).catalogue.dimensions["township"] for key in (COUNTY, "yunling")]
    assert [(item.zh, item.en) for item in words] == [("乡镇", "town"), ("县区", "district")]


def test_money_at_different_standards_is_summed_town_by_town(county: Project) -> None:
    def aid(heads: int, standard: int) -> dict[str, object]:
        return {"population_fund_aid_recipients[item=special]": heads, "population_fund_aid_standard[item=special]": standard}

    data = handed_in(county, qingxi=aid(3, 1000), baishi=aid(2, 500), heshan=aid(1, 500))
    assert data.results.named("population_fund_aid_amount[item=special]").value == 4500


def composite(girls: int, *, weights: tuple[int, int] = (40, 60)) -> list[ReturnRow]:
    """Return a town's rows of a four-year composite: 110 boys and some girls a year, and the weights of its two spans."""
    rows = [
        ReturnRow("births", (("sex", sex),), count, f"{year}统计年度")
        for year in range(2017, 2021)
        for sex, count in (("male", 110), ("female", girls))
    ]
    spans = zip(("2017-2019", "2020"), weights, strict=True)
    return [*rows, *(ReturnRow("sex_ratio_weight", (("years", span),), f"{weight}%", "") for span, weight in spans)]


def test_a_countys_composite_sex_ratio_is_of_its_own_births_and_no_sum_of_its_towns(county: Project) -> None:
    for town, girls in zip(TOWNS, (100, 110, 90), strict=True):
        county.write(composite(girls), town=town)
    results = county.dataset(town=COUNTY).results
    whole = results.named("sex_ratio_composite_4y")
    assert whole.value == Fraction(330, 300) * 100  # 110 in each span; the towns' composites add up to 332.2
    assert {cell.file for cell in whole.cells} == {f"data/{town}/2020.xlsx" for town in TOWNS}
    assert results.get("sex_ratio_weighted_component[township=qingxi;years=2020]") is None


def test_a_weight_the_towns_do_not_share_is_the_countys_own_to_give(county: Project) -> None:
    for town, weights in zip(TOWNS, ((40, 60), (40, 60), (50, 50)), strict=True):
        county.write(composite(100, weights=weights), town=town)
    missing = county.dataset(town=COUNTY).results.get("sex_ratio_composite_4y")
    assert missing is None or missing.value is None
    county.write([row for row in composite(1) if row.entry == "sex_ratio_weight"], town=COUNTY)
    assert county.dataset(town=COUNTY).results.named("sex_ratio_composite_4y").value == 110


def test_the_year_before_is_the_sum_of_the_years_before(county: Project) -> None:
    for town, before, now in zip(TOWNS, (5, 6, 7), (6, 8, 10), strict=True):
        county.write({"health_lectures": before}, town=town, year=YEAR - 1)
        county.write({"health_lectures": now}, town=town)
    result = county.dataset(town=COUNTY).results.named("health_lectures")
    assert (result.value, result.previous, result.change) == (24, 18, 6)
    assert {cell.file for cell in result.previous_cells} == {f"data/{town}/2019.xlsx" for town in TOWNS}


def test_a_finding_that_blocks_a_town_blocks_its_county(county: Project) -> None:
    data = handed_in(county, qingxi=records(101, 100), baishi=records(1, 1000), heshan=records(10, 100))
    assert {cell.file for item in data.blocking for cell in item.cells} == {"data/qingxi/2020.xlsx"}
    with pytest.raises(ReturnError, match=r"data/qingxi/2020\.xlsx"):
        data.require_sound()


def test_a_county_without_any_return_says_what_to_put_where(county: Project) -> None:
    with pytest.raises(ReturnError, match=r"none of its members \(qingxi, baishi, heshan\).*data/qingxi/2020\.xlsx"):
        county.dataset(town=COUNTY)


def test_a_figure_of_one_town_comes_from_that_towns_return_alone(county: Project) -> None:
    data = handed_in(
        county, qingxi=records(9, 100), baishi=records(1, 1000), heshan=records(10, 100), liuhe={"health_lectures": 3}
    )
    rows = [*rows_of({"health_lectures": 3}), ReturnRow(DONE, (("township", "qingxi"),), 8)]
    county.write(rows, town=COUNTY)
    assert data.blocking == ()
    assert [item.code for item in county.dataset(town=COUNTY).blocking] == ["unknown-dimension"]


def test_a_city_of_counties_is_the_sum_of_their_towns(county: Project) -> None:
    handed_in(county, qingxi=records(90, 100), baishi=records(100, 1000), heshan=records(10, 100))
    data = county.dataset(town="yunling")
    assert data.results.named(DONE).value == 200
    assert {cell.file for cell in data.results.named(DONE).cells} == {f"data/{town}/2020.xlsx" for town in TOWNS}
    assert townships_with_return(county.root, YEAR) == ["baishi", "heshan", "qingxi", COUNTY, "yunling"]
    assert {f"params/townships/{key}.yml" for key in (*TOWNS, COUNTY, "yunling")} <= set(inputs_of(data))


def test_a_changed_return_is_read_again(county: Project) -> None:
    first = handed_in(county, qingxi=records(90, 100), baishi=records(100, 1000), heshan=records(10, 100))
    assert county.dataset(town=COUNTY) is first
    county.write(records(80, 100), town="qingxi")
    assert county.dataset(town=COUNTY).results.named(DONE).value == 190


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ("[qingxi, baishy]", r"no township 'baishy'; did you mean 'baishi'\?"),
        ("[qingxi, qingxi]", r"members names 'qingxi' twice"),
        ("[qingxi, liuhe]", r"'liuhe' holds 'liuhe' itself"),
    ],
)
def test_members_must_be_places_below(project: Project, members: str, says: str) -> None:
    member_params(project, COUNTY, f"members: {members}\n")
    project.write({"births": 1})
    with pytest.raises(ParamsError, match=says):
        open_dataset(project.root, township=COUNTY, year=YEAR)


def test_a_circle_of_counties_is_refused(project: Project) -> None:
    county = (project.root / "params" / "townships" / "liuhe.yml").read_text("utf-8")
    member_params(project, "other", county + "members: [liuhe]\n")
    member_params(project, COUNTY, "members: [other]\n")
    with pytest.raises(ParamsError, match=r"liuhe → other → liuhe"):
        open_dataset(project.root, township=COUNTY, year=YEAR)


def test_a_place_has_villages_or_members_and_a_town_no_members(county: Project) -> None:
    content = county.township(COUNTY).model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match="both members and villages"):
        Township.model_validate({**content, "villages": [{"key": "1", "zh": "上湾村", "en": "Shangwan"}]})
    with pytest.raises(ValueError, match="level town"):
        Township.model_validate({**content, "level": "town"})
