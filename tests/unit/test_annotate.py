"""The annotated copy: what is marked and listed, what keeps its look, and that no person is in it wherever one was planted."""

from __future__ import annotations

import html
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from nianbao.annotate import LIST_SHEET, annotate
from nianbao.errors import Cell, Finding, Severity, UserError

ID_NUMBER, PHONE, CARD = "11010519491231002X", "13812345678", "6222020200112233445"
PLANTED = (ID_NUMBER, PHONE, CARD, "赵某某", "钱某某")


def finding(
    sheet: str, cell: str, *, severity: Severity = Severity.WARN, code: str = "total-differs", text: str = ""
) -> Finding:
    place = (Cell("table.xlsx", sheet, cell),)
    return Finding(
        code, severity, place, text or "分项合计10，填报合计11", text or "items sum to 10", "核对合计", "check the total"
    )


def table() -> Any:
    """Return a small table with a look of its own: a merged title, a filled header, a wide column, a formula."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = "出生情况"
    for row in (["出生情况统计表"], ["村名", "一孩", "二孩"], ["上湾村", 7, 6], ["合计", "=SUM(B3:B3)", 6]):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet["A2"].fill = PatternFill("solid", fgColor="00FF00")
    sheet.column_dimensions["A"].width = 33
    return workbook


def copied(tmp_path: Path, workbook: Any, *findings: Finding, lang: str = "zh") -> Any:
    source, out = tmp_path / "table.xlsx", tmp_path / "out.xlsx"
    workbook.save(source)
    annotate(source, findings, out, lang=lang)
    return openpyxl.load_workbook(out)


def everything_in(path: Path) -> str:
    """Return every part of a workbook as text, character references resolved, names of parts too."""
    with zipfile.ZipFile(path) as parts:
        return "\n".join(f"{name}\n{html.unescape(parts.read(name).decode('utf-8', 'replace'))}" for name in parts.namelist())


def test_cells_are_coloured_by_the_worst_finding_and_say_what_to_do(tmp_path: Path) -> None:
    first, second = finding("出生情况", "B3"), finding("出生情况", "B3", severity=Severity.BLOCK, code="negative", text="负数")
    sheet = copied(tmp_path, table(), first, second)["出生情况"]
    assert sheet["B3"].fill.fgColor.rgb == "00F8CBAD"
    assert sheet["B3"].comment.text == "[total-differs] 分项合计10，填报合计11\n→ 核对合计\n[negative] 负数\n→ 核对合计"
    assert sheet["C3"].comment is None


def test_findings_are_listed_in_front_and_lead_to_their_cells(tmp_path: Path) -> None:
    workbook = copied(tmp_path, table(), finding("出生情况", "B3:B4;C3"), lang="en")
    assert workbook.sheetnames == [LIST_SHEET["en"], "出生情况"]
    front = workbook[LIST_SHEET["en"]]
    assert [cell.value for cell in front[2]] == [
        1,
        "warn",
        "total-differs",
        "出生情况",
        "B3:B4;C3",
        "items sum to 10",
        "check the total",
    ]
    assert front["E2"].hyperlink.location == "'出生情况'!B3"
    assert workbook["出生情况"]["B3"].comment is not None


def test_an_xlsx_keeps_its_look(tmp_path: Path) -> None:
    sheet = copied(tmp_path, table(), finding("出生情况", "B1"))["出生情况"]
    assert [str(block) for block in sheet.merged_cells.ranges] == ["A1:C1"]
    assert sheet["A2"].fill.fgColor.rgb == "0000FF00"
    assert sheet.column_dimensions["A"].width == 33
    assert sheet["B4"].value == "=SUM(B3:B3)"
    assert sheet["A1"].comment is not None, "a finding inside a merged range is marked where the range begins"


def test_a_comment_that_stood_there_is_kept_above(tmp_path: Path) -> None:
    workbook = table()
    workbook["出生情况"]["B3"].comment = Comment("含补报", "clerk")
    found = copied(tmp_path, workbook, finding("出生情况", "B3"))["出生情况"]["B3"].comment.text
    assert found.startswith("含补报\n[total-differs]")


def test_a_text_table_is_written_as_plain_cells_and_runs_nothing(tmp_path: Path) -> None:
    source, out = tmp_path / "出生[1].csv", tmp_path / "out.xlsx"
    source.write_text("村名,一孩\n上湾村,=1+1\n中湾村,5\n", encoding="utf-8")
    annotate(source, [finding("出生[1]", "B3")], out)
    sheet = openpyxl.load_workbook(out).worksheets[1]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["村名", "一孩"],
        ["上湾村", "=1+1"],
        ["中湾村", "5"],
    ]
    assert sheet["B2"].data_type == "s"


def test_equal_copies_are_equal_bytes(tmp_path: Path) -> None:
    table().save(tmp_path / "table.xlsx")
    for name in ("a.xlsx", "b.xlsx"):
        annotate(tmp_path / "table.xlsx", [finding("出生情况", "B3")], tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_no_person_is_copied_from_any_place_of_the_file(tmp_path: Path) -> None:
    workbook = table()
    cell = workbook.create_sheet("联系人")
    cell.append(["村名", "电话"])
    cell.append(["上湾村", int(PHONE)])
    comment = workbook.create_sheet("批注")
    comment["A1"] = "出生"
    comment["A1"].comment = Comment(f"经办 {ID_NUMBER}", "x")
    names = workbook.create_sheet("花名册")
    names.append(["姓名", "性别"])
    names.append(["赵某某", "男"])
    hidden = workbook.create_sheet("旧")
    hidden.append(["序号", "母亲姓名", "备注"])
    hidden.append([1, "钱某某", None])
    hidden.sheet_state = "hidden"
    workbook.create_sheet(PHONE)["A1"] = "x"
    workbook.defined_names["who"] = DefinedName("who", attr_text=f'"{ID_NUMBER}"')
    workbook.properties.description = f"tel {PHONE}"
    quoted = finding("联系人", "B2", code="not-a-number", text=f"填的是“{PHONE}”")
    copy = copied(tmp_path, workbook, quoted, finding("出生情况", "B3"))
    assert copy.sheetnames == [LIST_SHEET["zh"], "出生情况"]
    said = everything_in(tmp_path / "out.xlsx")
    assert [word for word in PLANTED if word in said] == []
    assert any(
        "联系人" in str(one.value) and "未复制" in str(one.value) for row in copy.worksheets[0].iter_rows() for one in row
    )


@pytest.mark.parametrize("where", ["header", "list", "format", "filter"])
def test_where_the_look_itself_holds_a_number_the_look_is_given_up(where: str, tmp_path: Path) -> None:
    workbook = table()
    sheet = workbook["出生情况"]
    if where == "header":
        sheet.oddHeader.center.text = f"经办人 {PHONE}"
    elif where == "list":
        offered = DataValidation(type="list", formula1=f'"{CARD},x"')
        sheet.add_data_validation(offered)
        offered.add("B3")
    elif where == "format":
        sheet["B3"].number_format = f'0"{PHONE}"'
    else:
        sheet.auto_filter.ref = "A2:C4"
        sheet.auto_filter.add_filter_column(0, [ID_NUMBER])
    copy = copied(tmp_path, workbook, finding("出生情况", "B3"))
    said = everything_in(tmp_path / "out.xlsx")
    assert [word for word in PLANTED if word in said] == []
    assert copy["出生情况"]["B3"].value == 7
    assert copy["出生情况"]["B3"].comment is not None


def test_a_sentence_that_forbids_names_is_no_column_of_names(tmp_path: Path) -> None:
    workbook = table()
    guide = workbook.create_sheet("填报说明")
    guide.append(["个人信息", "只填汇总数，不得出现个人身份证号、电话号码和姓名"])
    assert "填报说明" in copied(tmp_path, workbook).sheetnames


def test_the_return_itself_is_never_written_over(tmp_path: Path) -> None:
    table().save(tmp_path / "table.xlsx")
    with pytest.raises(UserError, match="another name"):
        annotate(tmp_path / "table.xlsx", [], tmp_path / "table.xlsx")
    with pytest.raises(UserError, match=r"\.xlsx"):
        annotate(tmp_path / "table.xlsx", [], tmp_path / "out.xls")
