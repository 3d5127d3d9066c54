"""``nianbao new``, ``nianbao template`` and ``nianbao check`` in the order an office that begins uses them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from built import copy_project, nianbao
from templates import NOT_AREAS, rows_of


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project of an office of its own."""
    return copy_project(tmp_path_factory.mktemp("office") / "project")


def test_from_a_code_to_a_checked_return(office: Path) -> None:
    made = nianbao(office, "new", "shanwang", "--code", "340405121", "--year", "2024")
    assert made.code == 0, made.said
    assert "山王镇 (Shanwang Town), 安徽省淮南市八公山区, 340405121" in made.out
    steps = [line.split("#")[0].split()[1:] for line in made.out.splitlines() if line.startswith("  nianbao")]
    assert [step[0] for step in steps] == ["template", "check", "report"]

    template = nianbao(office, *steps[0], "--by-village", "population")
    assert template.code == 0, template.said
    path = office / "data" / "shanwang" / "2024.xlsx"
    empty = nianbao(office, *steps[1])
    assert (empty.code, "empty-return" in empty.out) == (1, True)

    workbook = openpyxl.load_workbook(path)
    filled = 0
    for row in rows_of(workbook["人口监测"]):
        if row["编码"].value == "deaths":
            row["数值"].value = 3
            filled += 1
    workbook.save(path)
    assert filled == len((office / "params" / "townships" / "shanwang.yml").read_text("utf-8").split("{key:")) - 1 > 5
    done = nianbao(office, *steps[1])
    assert done.code == 0, done.said
    assert "未发现问题" in done.out
    table = nianbao(office, "results", "shanwang", "--year", "2024", "--format", "csv")
    assert f",deaths,,statistical_year:2023-10-01/2024-09-30,,,{3 * filled},person" in table.out


def test_what_exists_is_left_alone(office: Path) -> None:
    before = (office / "params" / "townships" / "maolin.yml").read_bytes()
    made = nianbao(office, "new", "maolin", "--code", "341823101", "--lang", "en")
    assert (made.code, "exists already" in made.err) == (1, True)
    assert (office / "params" / "townships" / "maolin.yml").read_bytes() == before
    shipped = (office / "data" / "maolin" / "2020.xlsx").read_bytes()
    template = nianbao(office, "template", "maolin", "--year", "2020", "-o", "data/maolin/2020.xlsx", "--lang", "en")
    assert (template.code, "exists already" in template.err) == (1, True)
    assert (office / "data" / "maolin" / "2020.xlsx").read_bytes() == shipped


def test_the_template_of_the_next_year_says_what_was_reported(office: Path) -> None:
    done = nianbao(office, "template", "maolin", "--year", "2021", "-o", "next.xlsx", "--areas", "人口监测,elderly")
    assert done.code == 0, done.said
    assert "2 work areas" in done.out
    assert "data/maolin/2020.xlsx" in done.out
    workbook = openpyxl.load_workbook(office / "next.xlsx")
    assert [name for name in workbook.sheetnames if name not in NOT_AREAS] == ["人口监测", "老龄健康与银龄安康"]
    births = [row for row in rows_of(workbook["人口监测"]) if row["编码"].value == "births"]
    assert [row["上年数"].value for row in births] == [68, 83]


def test_usage_errors_are_exit_2(office: Path) -> None:
    assert nianbao(office, "template", "maolin", "--year", "2021").code == 2
    assert nianbao(office, "new", "x", "--code", "341823101", "--level", "village").code == 2
