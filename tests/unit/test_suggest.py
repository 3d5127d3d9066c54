"""A proposed form: loads as it is, finds its own table again, shows scores and rivals, and looks at no person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from test_layout import SETTING, Guarded

from corpus.forms_fixtures import FIXTURES, Fixture, birth_register, births, task_completion
from corpus.sheets import sheet_of_rows, sheet_of_worksheet
from county import shipped_catalogue
from nianbao.layouts.forms import Form, read_form
from nianbao.layouts.layout import read_sheet, read_table
from nianbao.layouts.suggest import LEAST, Suggestion, suggest_form
from nianbao.values import exact_text


def proposed(suggestion: Suggestion | None, tmp_path: Path) -> Form:
    """Return the proposal as a form, saved and loaded as an analyst would."""
    assert suggestion is not None
    path = tmp_path / "params" / "forms" / "proposed.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(suggestion.text, encoding="utf-8")
    faults: list[str] = []
    form = read_form(path, root=tmp_path, catalogue=shipped_catalogue(), faults=faults)
    assert faults == []
    assert form is not None
    return form


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.form)
def test_a_proposal_loads_and_finds_its_table_again(fixture: Fixture, tmp_path: Path) -> None:
    sheet = sheet_of_worksheet(fixture.build())
    form = proposed(suggest_form(sheet, key="proposed", setting=SETTING), tmp_path)
    table = read_sheet(sheet, [form], setting=SETTING)
    assert table.form == "proposed"
    assert "header-not-found" not in {finding.code for finding in table.findings}
    assert table.readings


def test_what_a_proposal_reads_is_what_the_table_says(tmp_path: Path) -> None:
    sheet = sheet_of_worksheet(task_completion())
    form = proposed(suggest_form(sheet, key="proposed", setting=SETTING), tmp_path)
    read = {
        (one.entry, dict(one.dims).get("village"), one.cell.cell): exact_text(one.value)
        for one in read_table(sheet, form, setting=SETTING).readings
    }
    assert read["two_cancer_screening_task", "1", "B5"] == "40"
    assert read["folic_acid_task", "3", "K7"] == "30"
    assert not any(cell.startswith("N") for _, _, cell in read)


def test_scores_and_rivals_stand_beside_each_column() -> None:
    suggestion = suggest_form(sheet_of_worksheet(births()), key="proposed", setting=SETTING)
    assert suggestion is not None
    lines = suggestion.text.splitlines()
    line = next(line for line in lines if '"出生人数", "一孩"' in line)
    assert "entry: births" in line
    assert 'parity: "1"' in line
    assert "# 0.9" in line
    assert "rivals" in line
    column = next(column for column in suggestion.columns if column.path == ("出生人数", "二孩"))
    assert column.best is not None
    assert column.best.score >= LEAST
    assert [guess.score for guess in column.guesses] == sorted((guess.score for guess in column.guesses), reverse=True)


def test_what_is_not_alike_is_left_to_the_analyst(tmp_path: Path) -> None:
    sheet = sheet_of_rows([["某表"], ["村名", "出生人数", "蘑菇产量"], ["上湾村", 3, 400], ["中湾村", 5, 300]])
    suggestion = suggest_form(sheet, key="proposed", setting=SETTING)
    assert suggestion is not None
    line = next(line for line in suggestion.text.splitlines() if "蘑菇产量" in line)
    assert line.lstrip().startswith("#")
    table = read_sheet(sheet, [proposed(suggestion, tmp_path)], setting=SETTING)
    assert [finding.code for finding in table.findings] == ["unknown-column"]
    assert {one.entry for one in table.readings} == {"births"}


def test_rows_that_are_no_villages_are_proposed_as_items(tmp_path: Path) -> None:
    sheet = sheet_of_rows([["项目", "数量"], ["献血人次", 90], ["健康讲座", 15], ["罕见之事", 2]])
    suggestion = suggest_form(sheet, key="proposed", setting=SETTING)
    form = proposed(suggestion, tmp_path)
    assert form.rows.by == "item"
    assert [item.entry for item in form.rows.items] == ["blood_donors", "health_lectures"]


def test_a_proposal_never_repeats_a_personal_number() -> None:
    rows = [["填报单位：卫生院13812345678"], ["项目", "数量"], ["献血人次", 90], ["李某13812345678", 2], ["健康讲座", 5]]
    suggestion = suggest_form(sheet_of_rows(rows), key="proposed", setting=SETTING)
    assert suggestion is not None
    assert "blood_donors" in suggestion.text
    assert "138" not in suggestion.text


def test_a_sheet_without_a_header_has_no_proposal() -> None:
    assert suggest_form(sheet_of_rows([["随便写的话"]]), key="x", setting=SETTING) is None


def test_a_register_is_proposed_without_looking_at_who(tmp_path: Path) -> None:
    sheet = sheet_of_worksheet(birth_register())
    form = proposed(suggest_form(replace(sheet, cells=Guarded(sheet.cells)), key="proposed", setting=SETTING), tmp_path)
    assert form.count_rows
    assert not {"姓名", "母亲姓名", "母亲身份证号"} & {column.header for column in form.register_of.columns.values()}


@pytest.mark.parametrize(
    ("title", "head"),
    [("青溪镇2020年度出生情况统计表", "人数"), ("统计表", "出生人数")],
    ids=["said by the title", "said by the column"],
)
def test_rows_that_only_divide_a_figure_are_proposed_by_what_the_table_is_about(title: str, head: str, tmp_path: Path) -> None:
    sheet = sheet_of_rows([[title], ["项目", head], ["一孩", 5], ["二孩", 4], ["多孩", 2], ["男", 6], ["女", 5], ["合计", 11]])
    suggestion = suggest_form(sheet, key="proposed", setting=SETTING)
    assert suggestion is not None
    form = proposed(suggestion, tmp_path)
    read = {(item.label[-1], item.entry, item.dims) for item in form.rows.items}
    assert {
        ("一孩", "births", (("parity", "1"),)),
        ("二孩", "births", (("parity", "2"),)),
        ("多孩", "births", (("parity", "3+"),)),
        ("男", "births", (("sex", "male"),)),
        ("女", "births", (("sex", "female"),)),
    } <= read
    assert any(item.total for item in form.rows.items)
