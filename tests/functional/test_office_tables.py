"""An office's own tables in the folder of a year, a table no form knows until one is confirmed, and the annotated copy."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from built import copy_project, nianbao
from corpus.forms_fixtures import FIXTURES
from nianbao.annotate import LIST_SHEET

TABLES = {fixture.form: fixture for fixture in FIXTURES}
UNKNOWN: list[list[str | int | None]] = [
    ["青溪镇2020年健康教育活动统计表"],
    ["填报单位：青溪镇卫健办", None, "单位：次"],
    ["村名", "健康讲座", "健康咨询", "蘑菇产量"],
    ["上湾村", 3, 2, 40],
    ["中湾村", 4, 1, 50],
    ["下湾社区", 5, 0, 60],
    ["合计", 12, 3, 150],
]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Return a project with the town whose tables the corpus holds."""
    root: Path = copy_project(tmp_path / "project")
    made = nianbao(root, "new", "qingxi", "--name", "青溪镇", "--villages", "上湾村,中湾村,下湾社区", "--year", "2020")
    assert made.code == 0, made.said
    (root / "data" / "qingxi" / "2020").mkdir()
    return root


def put(root: Path, *forms: str) -> None:
    for form in forms:
        book = TABLES[form].build().parent
        assert book is not None
        book.save(root / "data" / "qingxi" / "2020" / f"{form}.xlsx")


def saved(cell: Any) -> str:
    """Return a cell as a spreadsheet program writes it into a CSV: as it shows it."""
    if cell.value is None:
        return ""
    return f"{cell.value:.2%}" if cell.number_format == "0.00%" else str(cell.value)


def unknown_table(root: Path) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "健教"
    for row in UNKNOWN:
        sheet.append(row)
    path = root / "data" / "qingxi" / "2020" / "health.xlsx"
    workbook.save(path)
    return path


def test_tables_of_several_files_make_one_return(office: Path) -> None:
    put(office, "births", "population_overview", "supervision")
    done = nianbao(office, "check", "qingxi", "--year", "2020")
    assert done.code == 0, done.said
    assert done.out.startswith("data/qingxi/2020/（3个文件）：")
    assert "births.xlsx!出生情况!B4" in done.out, "an address names its file where there are several"
    table = nianbao(office, "results", "qingxi", "--year", "2020", "--format", "csv")
    assert re.search(r",births,,statistical_year:2019-10-01/2020-09-30,,,36,person", table.out)
    assert "data/qingxi/2020/births.xlsx!出生情况!" in table.out


def test_a_text_table_of_another_encoding_is_read_by_the_same_form(office: Path) -> None:
    sheet = TABLES["births"].build()
    folder = office / "data" / "qingxi" / "2020"
    lines = [",".join(saved(cell) for cell in row) for row in sheet.iter_rows()]
    (folder / "births.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    done = nianbao(office, "check", "qingxi", "--year", "2020")
    assert done.code == 0, done.said
    assert "data/qingxi/2020/births.csv：" in done.out
    table = nianbao(office, "results", "qingxi", "--year", "2020", "--format", "csv")
    assert re.search(r",births,,statistical_year:2019-10-01/2020-09-30,,,36,person", table.out), done.said


def test_an_unknown_table_is_read_once_its_proposed_form_is_confirmed(office: Path) -> None:
    path = unknown_table(office)
    before = nianbao(office, "check", str(path), "--year", "2020", "--township", "qingxi")
    assert "no-form" in before.out
    assert "：读入0项数据" in before.out
    proposed = nianbao(office, "check", str(path), "--suggest", "--year", "2020", "--township", "qingxi")
    assert proposed.code == 0, proposed.said
    assert "entry: health_lectures" in proposed.out
    confirmed = re.sub(
        r'^  # - \{path: \["蘑菇产量"\].*$', '  - {path: ["蘑菇产量"], role: known}', proposed.out, flags=re.MULTILINE
    )
    assert confirmed != proposed.out
    (office / "params" / "forms" / "health.yml").write_text(confirmed, encoding="utf-8")
    after = nianbao(office, "check", "qingxi", "--year", "2020")
    assert (after.code, "未发现问题" in after.out) == (0, True), after.said
    table = nianbao(office, "results", "qingxi", "--year", "2020", "--format", "csv")
    assert ",health_lectures,,calendar_year:2020-01-01/2020-12-31,,,12," in table.out
    again = nianbao(office, "check", str(path), "--suggest", "--year", "2020", "--township", "qingxi")
    assert again.out == "health.xlsx: no sheet needs a form\n"


def test_a_proposal_can_be_sent_straight_into_the_folder_of_forms(office: Path) -> None:
    """A shell empties the file before the command that fills it reads the forms."""
    path = unknown_table(office)
    (office / "params" / "forms" / "health.yml").touch()
    proposed = nianbao(office, "check", str(path), "--suggest", "--year", "2020", "--township", "qingxi")
    assert (proposed.code, "entry: health_lectures" in proposed.out) == (0, True), proposed.said


def test_a_template_needs_no_form(office: Path) -> None:
    assert nianbao(office, "template", "qingxi", "--year", "2020", "-o", "t.xlsx", "--areas", "population").code == 0
    done = nianbao(office, "check", "t.xlsx", "--suggest", "--year", "2020")
    assert (done.code, done.out) == (0, "t.xlsx: no sheet needs a form\n")


def test_next_years_template_stands_beside_the_tables_of_this_year(office: Path) -> None:
    put(office, "births", "population_overview")
    done = nianbao(office, "template", "qingxi", "--year", "2021", "-o", "next.xlsx", "--areas", "population")
    assert done.code == 0, done.said
    assert "(data/qingxi/2020/)" in done.out


def test_the_annotated_copy_marks_what_the_list_names(office: Path) -> None:
    put(office, "births")
    path = office / "data" / "qingxi" / "2020" / "births.xlsx"
    workbook = openpyxl.load_workbook(path)
    workbook["出生情况"]["C4"] = -7
    workbook.create_sheet("花名册").append(["姓名", "性别", "赵某某"])
    workbook.save(path)
    before = path.read_bytes()
    (office / "out").mkdir()
    done = nianbao(office, "check", "qingxi", "--year", "2020", "--annotate", "out/marked.xlsx")
    assert done.code == 1
    assert "marked.xlsx" in done.err
    assert re.search(r"no-form +花名册!A1", done.out), (
        "a list of persons asks for a register form, not to be moved to an area's sheet"
    )
    assert path.read_bytes() == before
    copy = openpyxl.load_workbook(office / "out" / "marked.xlsx")
    assert copy.sheetnames == [LIST_SHEET["zh"], "出生情况"]
    assert "negative" in copy["出生情况"]["C4"].comment.text
    first = (office / "out" / "marked.xlsx").read_bytes()
    nianbao(office, "check", str(path), "--year", "2020", "--township", "qingxi", "--annotate", "out/again.xlsx")
    assert (office / "out" / "again.xlsx").read_bytes() == first


def test_of_several_files_the_one_to_annotate_is_named(office: Path) -> None:
    put(office, "births", "supervision")
    done = nianbao(office, "check", "qingxi", "--year", "2020", "--annotate", "marked.xlsx")
    assert (done.code, "2个文件" in done.err) == (1, True)


def test_findings_speak_both_languages(office: Path) -> None:
    put(office, "task_completion")
    zh, en = (nianbao(office, "check", "qingxi", "--year", "2020", "--lang", lang).out for lang in ("zh", "en"))
    assert "按本行数值计算为75" in zh
    assert re.search(r"[\u4e00-\u9fff]", re.sub(r"\S*任务\S*|two-cancer|“[^”]*”|两癌筛查/完成率\(%\)", "", en)) is None, en
    for row in json.loads(nianbao(office, "check", "qingxi", "--year", "2020", "--format", "json").out):
        assert re.search(r"[\u4e00-\u9fff]", row["message_zh"])
        assert re.search(r"[\u4e00-\u9fff]", row["remedy_zh"])
        assert re.search(r"[a-z]{3}", row["message_en"])
        assert re.search(r"[a-z]{3}", row["remedy_en"])
