"""Templates: which rows they ask for, how they look and are protected, and that what was left empty counts as not asked."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from built import ROOT
from county import TOWN, TOWNSHIPS, YEAR, Project, build_project
from nianbao.catalogue import Standing
from nianbao.dataset import open_file
from nianbao.errors import ReturnError, UserError
from nianbao.periods import parse_period
from nianbao.returnform import ReturnRow
from nianbao.returnsheet import GUIDE_SHEET
from nianbao.template import SPARE_ROWS, Template, plan_template, template_bytes, write_template
from nianbao.values import Status
from templates import NOT_AREAS, rows_of

BY_VILLAGE = [
    ReturnRow("births", (("parity", parity), ("village", key)), 10 + place)
    for parity in ("1", "2+")
    for place, key in enumerate("123")
]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return one project for all templates, so that its catalogue is read once."""
    return build_project(tmp_path_factory.mktemp("desk"))


@pytest.fixture
def project(desk: Project) -> Project:
    """Return the project without any return, its town as it was."""
    shutil.rmtree(desk.root / "data", ignore_errors=True)
    (desk.root / "params" / "townships" / f"{TOWN}.yml").write_text(TOWNSHIPS[TOWN], encoding="utf-8")
    return desk


def template_of(project: Project, *, year: int = YEAR + 1, **options: Any) -> Template:
    return plan_template(project.root, township=TOWN, year=year, **options)


def written(template: Template, folder: Path) -> Any:
    path = folder / "template.xlsx"
    write_template(template, path)
    return openpyxl.load_workbook(path)


def asked(template: Template) -> dict[str, list[str]]:
    """Return codes by area, in the order of the template."""
    return {
        plan.area.key: [line.entry.id for group in (*plan.reported, *plan.further) for line in group.lines]
        for plan in template.sheets
    }


def test_what_was_reported_last_year_comes_first_with_its_figure(project: Project, tmp_path: Path) -> None:
    project.write()
    template = template_of(project)
    population = next(plan for plan in template.sheets if plan.area.key == "population")
    assert [group.lines[0].entry.id for group in population.reported] == ["births", "births", "population_mean"]
    assert [group.lines[0].before for group in population.reported] == ["68", "83", "11002"]
    sheet = written(template, tmp_path)["人口监测"]
    rows = [row for row in rows_of(sheet) if row["编码"].value == "births"]
    assert [(row["分组"].value, row["上年数"].value, row["数值"].value) for row in rows] == [
        ("一孩", 68, None),
        ("二多孩", 83, None),
    ]
    assert [row["统计期间"].value for row in rows] == ["2021统计年度"] * 2
    assert [row["数据性质"].value for row in rows] == ["实报"] * 2


def test_words_of_last_year_stay_words(project: Project, tmp_path: Path) -> None:
    project.write()
    sheet = written(template_of(project), tmp_path)["健康教育与宣传"]
    assert [row["上年数"].value for row in rows_of(sheet) if row["编码"].value == "health_consultations"] == ["10余"]


def test_without_last_year_the_current_elements_of_the_report_are_asked_for(project: Project) -> None:
    template = template_of(project, year=YEAR)
    entries = project.catalogue().entries
    assert template.last_year == ""
    assert {line.entry.status for plan in template.sheets for group in plan.further for line in group.lines} == {
        Standing.CURRENT
    }
    assert not any(plan.reported for plan in template.sheets)
    codes = {code for found in asked(template).values() for code in found}
    assert {"births", "population_total", "premarital_exam_task"} <= codes
    assert not {code for code in codes if entries[code].status is Standing.HISTORICAL}
    assert all(line.kind == "" for plan in template.sheets for group in plan.further for line in group.lines)


def test_historical_entries_are_never_asked_for_not_even_after_a_year_that_had_them(project: Project) -> None:
    historical = next(
        key
        for key, entry in project.catalogue().entries.items()
        if entry.status is Standing.HISTORICAL and not entry.dims.get("x")
    )
    project.write([ReturnRow(historical, value=5), ReturnRow("births", value=7)])
    codes = {code for found in asked(template_of(project, all_elements=True)).values() for code in found}
    assert historical not in codes
    assert "births" in codes


def test_areas_follow_the_outline_of_the_year(project: Project) -> None:
    path = project.root / "params" / "townships" / f"{TOWN}.yml"
    path.write_text(
        path.read_text("utf-8") + "  2021:\n    report: {chapters: [overview, population, governance, appendix]}\n", "utf-8"
    )
    assert set(asked(template_of(project))) == {"population", "governance", "party_building", "safety"}
    project.write({"health_lectures": 15})
    assert "health_education" in asked(template_of(project)), "reported last year"


def test_areas_can_be_chosen_by_key_or_name(project: Project) -> None:
    assert list(asked(template_of(project, areas=["population", "老龄健康与银龄安康"]))) == ["population", "elderly"]
    with pytest.raises(UserError, match="did you mean 'population'"):
        template_of(project, areas=["poplation"])


def test_all_elements_adds_local_practices_and_elements_that_need_an_item(project: Project) -> None:
    some, every = asked(template_of(project)), asked(template_of(project, all_elements=True))
    assert "epidemic_stock" not in some["epidemic"]
    assert "epidemic_stock" in every["epidemic"]
    assert all(set(codes) <= set(every[area]) for area, codes in some.items())


def test_an_element_is_asked_for_by_the_parts_it_divides_into(project: Project) -> None:
    population = next(plan for plan in template_of(project, year=YEAR).sheets if plan.area.key == "population")
    births = [line.dims for group in population.further for line in group.lines if line.entry.id == "births"]
    assert births[:5] == [(("parity", "1"),), (("parity", "2"),), (("parity", "3+"),), (("sex", "male"),), (("sex", "female"),)]
    assert (("parity", "2+"),) not in births, "2 and 3+ say it"


def test_villages_reported_last_year_get_a_row_each_and_a_total_that_is_not_read(project: Project, tmp_path: Path) -> None:
    project.write(BY_VILLAGE)
    sheet = written(template_of(project), tmp_path)["人口监测"]
    rows = list(rows_of(sheet))
    births = [row for row in rows if row["编码"].value == "births"]
    assert [row["分组编码"].value for row in births] == [
        f"parity={parity};village={key}" for parity in ("1", "2+") for key in "123"
    ]
    assert [row["上年数"].value for row in births] == [10, 11, 12] * 2
    totals = [row for row in rows if row["合计"].value]
    assert len(totals) == 2
    assert [row["编码"].value for row in totals] == [None, None]
    before = [births[place]["上年数"].coordinate for place in (0, 2)]
    assert f"SUM({':'.join(before)})" in totals[0]["上年数"].value
    first = births[0]["数值"].coordinate
    assert first in totals[0]["合计"].value
    assert totals[0]["合计"].protection.locked
    assert not births[0]["数值"].protection.locked


def test_a_template_filled_by_a_program_is_read_though_its_totals_have_no_stored_value(
    project: Project, tmp_path: Path
) -> None:
    workbook = written(template_of(project, year=YEAR, by_village=["population"]), tmp_path)
    for row in rows_of(workbook["人口监测"]):
        if row["编码"].value == "births" and row["分组编码"].value.startswith("parity") and "sex" not in row["分组编码"].value:
            row["数值"].value = 4
    workbook.save(tmp_path / "template.xlsx")
    data = open_file(project.root, tmp_path / "template.xlsx", township=TOWN, year=YEAR)
    assert data.findings == ()
    births = data.results.get("births")
    assert births is not None
    assert births.value == 4 * 3 * 3
    assert {
        result.entry.id for result in data.results.overall if result.status is Status.MISSING and result.entry.id == "deaths"
    } == set()


def test_the_whole_of_last_year_stands_above_villages_asked_for_the_first_time(project: Project, tmp_path: Path) -> None:
    project.write()
    sheet = written(template_of(project, by_village=["population"], areas=["population"]), tmp_path)["人口监测"]
    rows = list(rows_of(sheet))
    assert [row["上年数"].value for row in rows if row["合计"].value][:3] == [68, 83, 11002]
    assert [row["上年数"].value for row in rows if row["编码"].value == "births"][:6] == [None] * 6


def test_village_rows_need_villages(project: Project) -> None:
    with pytest.raises(UserError, match="names no villages"):
        plan_template(project.root, township="baishi", year=YEAR, by_village=["population"])


def test_a_row_nobody_touched_is_not_missing_but_one_expected_is(project: Project, tmp_path: Path) -> None:
    project.write()
    workbook = written(template_of(project), tmp_path)
    for row in rows_of(workbook["人口监测"]):
        if row["编码"].value == "population_mean":
            row["数值"].value = 11000
    workbook.save(tmp_path / "template.xlsx")
    data = open_file(project.root, tmp_path / "template.xlsx", township=TOWN, year=YEAR + 1)
    given = {item.ref: item.status for item in data.observations}
    assert given["population_mean"] is Status.REPORTED
    assert given["births[parity=1]"] is Status.MISSING, "reported last year, so expected"
    assert "deaths" not in given, "not reported last year and not touched"


def test_an_empty_template_is_an_empty_return(project: Project, tmp_path: Path) -> None:
    write_template(template_of(project, year=YEAR), tmp_path / "template.xlsx")
    data = open_file(project.root, tmp_path / "template.xlsx", township=TOWN, year=YEAR)
    assert [item.code for item in data.findings] == ["empty-return"]
    with pytest.raises(ReturnError):
        data.require_sound()


def test_only_what_is_filled_in_is_unlocked(project: Project, tmp_path: Path) -> None:
    project.write()
    workbook = written(template_of(project), tmp_path)
    for name in workbook.sheetnames:
        if name in NOT_AREAS:
            continue
        sheet = workbook[name]
        assert sheet.protection.sheet
        assert not sheet.protection.password
        for row in rows_of(sheet):
            if row["编码"].value:
                unlocked = {word for word, cell in row.items() if not cell.protection.locked}
                assert unlocked - {"单位"} == {"数值", "统计期间", "数据性质", "备注"}
        spare = [row for row in rows_of(sheet) if not row["编码"].protection.locked]
        assert len(spare) == SPARE_ROWS


def test_sheets_print_on_landscape_a4_with_their_header_repeated(project: Project, tmp_path: Path) -> None:
    workbook = written(template_of(project), tmp_path)
    sheet = workbook["人口监测"]
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize), sheet.page_setup.fitToWidth) == ("landscape", "9", 1)
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.freeze_panes == "C4"
    assert sheet.column_dimensions["A"].width > 20
    assert sheet["A1"].font.name == "方正小标宋简体"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage


def test_choices_are_drop_downs(project: Project, tmp_path: Path) -> None:
    sheet = written(template_of(project, year=YEAR), tmp_path)["利益导向政策"]
    lists = {validation.formula1 for validation in sheet.data_validations.dataValidation}
    assert '"实报,推算,预计,合计,计划"' in lists
    assert '"元,万元,亿元"' in lists
    assert any(f"{YEAR}统计年度,{YEAR}年" in text for text in lists)


def test_every_period_the_template_writes_or_offers_is_read(project: Project, tmp_path: Path) -> None:
    project.write(
        [ReturnRow("births", value=3, period="2020年统计半年"), ReturnRow("deaths", value=3, period="截至2020年2月29日")]
    )
    workbook = written(template_of(project), tmp_path)
    for name in workbook.sheetnames:
        if name in NOT_AREAS:
            continue
        for row in rows_of(workbook[name]):
            if row["统计期间"].value:
                assert parse_period(row["统计期间"].value).year == YEAR + 1
        offered = next(v for v in workbook[name].data_validations.dataValidation if "统计年度" in v.formula1)
        assert {parse_period(word).year for word in offered.formula1.strip('"').split(",")} == {YEAR + 1}


def test_the_definition_stands_beside_the_figure(project: Project, tmp_path: Path) -> None:
    sheet = written(template_of(project, year=YEAR), tmp_path)["人口监测"]
    (total,) = [row for row in rows_of(sheet) if row["编码"].value == "deaths"]
    assert total["口径说明"].value == project.catalogue().entry("deaths").definition_zh


def test_the_guide_is_no_unknown_sheet_and_lists_the_areas(project: Project, tmp_path: Path) -> None:
    template = template_of(project, year=YEAR)
    workbook = written(template, tmp_path)
    said = [str(cell.value) for row in workbook[GUIDE_SHEET].iter_rows() for cell in row if cell.value]
    assert {plan.area.zh for plan in template.sheets} <= set(said)
    assert not any("nianbao check" in text and "block" in text for text in said)
    data = open_file(project.root, tmp_path / "template.xlsx", township=TOWN, year=YEAR)
    assert "unknown-sheet" not in {item.code for item in data.findings}


def test_equal_templates_are_equal_bytes(project: Project) -> None:
    project.write()
    assert template_bytes(template_of(project)) == template_bytes(template_of(project))


def test_a_template_being_filled_in_is_not_overwritten(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    template = template_of(project, areas=["population"])
    path.write_bytes(b"mine")
    with pytest.raises(UserError, match="exists already"):
        write_template(template, path)
    assert path.read_bytes() == b"mine"
    write_template(template, path, force=True)
    assert path.read_bytes() == template_bytes(template)
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".template")] == []


def test_a_wrong_place_to_write_is_refused(project: Project, tmp_path: Path) -> None:
    template = template_of(project, areas=["population"])
    with pytest.raises(UserError, match=r"\.xlsx"):
        write_template(template, tmp_path / "template.xls")
    with pytest.raises(UserError, match="no folder"):
        write_template(template, tmp_path / "none" / "template.xlsx")


def test_a_total_that_rates_are_divided_by_may_be_reported_as_such() -> None:
    template = plan_template(ROOT, township="town-a", year=YEAR + 10, areas=["population"])
    lines = [(line.entry.id, line.dims) for plan in template.sheets for group in plan.further for line in group.lines]
    parts = [dims for entry, dims in lines if entry == "population_total"]
    assert len(parts) == 4
    assert parts[-1] == ()
