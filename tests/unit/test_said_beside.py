"""What stands beside the figures of an office table and changes what they mean: units, windows, lines between rows, raised digits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from corpus.forms_fixtures import birth_register
from corpus.sheets import sheet_of_rows, sheet_of_worksheet
from corpus.test_files import CATALOGUE, TOWN
from nianbao.files.confined import read_book
from nianbao.files.grid import Sheet, Value
from nianbao.layouts.forms import Form, load_forms
from nianbao.layouts.layout import read_table
from nianbao.layouts.placenames import Place
from nianbao.layouts.tables import Setting, TableRead
from spreadsheets import ods, sheet_xml, xlsx_parts, zipped

PLACES = tuple(Place(village.key, (village.zh,)) for village in TOWN.villages)
SETTING = Setting("表.xlsx", 2020, CATALOGUE, PLACES, (TOWN.zh,))
ROWS: tuple[list[Value], ...] = (["上湾村", 12], ["中湾村", 3])
REGISTER = next(
    form for form in load_forms(Path(__file__).resolve().parents[2], catalogue=CATALOGUE) if form.key == "birth_register"
)


def form(column: dict[str, object], **more: object) -> Form:
    """Return a form of one column by villages whose window the title names."""
    said = {"kind": "calendar_year", "read": ["title"]}
    made = {"key": "x", "zh": "表", "en": "x", "anchors": ["村名"], "period": said, "rows": {"by": "village", "header": "村名"}}
    return Form.model_validate({**made, "columns": [column], **more})


def amounts(*lines: list[Value], unit: str = "yuan", head: str = "金额") -> TableRead:
    """Return what a table of amounts says, with lines between its title and its header."""
    made = form({"path": ["金额|金额*"], "entry": "reward_assistance_amount"}, unit=unit)
    return read_table(sheet_of_rows([["2020年表"], *lines, ["村名", head], *ROWS]), made, setting=SETTING)


def births(*rows: list[Value], title: str = "2020年表") -> TableRead:
    """Return what a table of births says under a title."""
    made = form({"path": ["出生"], "entry": "live_births"})
    return read_table(sheet_of_rows([[title], ["村名", "出生"], *rows]), made, setting=SETTING)


def values(read: TableRead) -> list[int]:
    """Return the figures read, in order."""
    return [int(one.value) for one in read.readings if one.value is not None]


def codes(read: TableRead) -> set[str]:
    """Return the codes of the findings."""
    return {finding.code for finding in read.findings}


@pytest.mark.parametrize("head", ["金额（万元）", "金额（单位：万元）", "金额（人民币万元）", "金额/万元", "金额【万元】"])
def test_a_unit_in_the_header_scales_the_figures_however_it_is_set_apart(head: str) -> None:
    assert values(amounts(unit="", head=head)) == [120_000, 30_000]


@pytest.mark.parametrize(
    "line", [["单位：万元"], ["单位:人民币万元"], ["单位", "万元"], ["计量单位 万元"], ["（万元）"], ["2020年资金表（万元）"]]
)
def test_a_unit_line_scales_the_figures_however_it_is_written(line: list[Value]) -> None:
    assert values(amounts(line)) == [120_000, 30_000]


def test_a_unit_line_between_rows_leaves_the_unit_open() -> None:
    made = form({"path": ["金额"], "entry": "reward_assistance_amount"}, unit="yuan")
    read = read_table(sheet_of_rows([["2020年表"], ["村名", "金额"], ROWS[0], ["单位：万元"], ROWS[1]]), made, setting=SETTING)
    assert (values(read), "units-several" in codes(read)) == ([], True)


@pytest.mark.parametrize(
    ("title", "end"),
    [
        ("2020年前三季度表", "2020-09-30"),
        ("2020年一至三季度表", "2020-09-30"),
        ("截至2020年11月底表", "2020-11-30"),
        ("2020年1月-2020年9月表", "2020-09-30"),
        ("2020年1至6月表", "2020-06-30"),
    ],
)
def test_a_part_of_a_year_is_never_read_as_the_year(title: str, end: str) -> None:
    read = births(*ROWS, title=title)
    assert {(str(one.period.start), str(one.period.end)) for one in read.readings} == {("2020-01-01", end)}


def test_a_line_between_rows_that_names_another_year_is_told() -> None:
    read = births(ROWS[0], ["2019年"], ROWS[1])
    told = next(finding for finding in read.findings if finding.code == "period-conflict")
    assert [cell.cell for cell in told.cells] == ["A1", "A4"]


def test_a_row_without_a_label_is_told_and_not_read() -> None:
    read = births(ROWS[0], [None, 9])
    assert (values(read), codes(read)) == ([12], {"row-without-label"})


def one_cell(folder: Path, content: str) -> Sheet:
    """Return the sheet of a workbook with one cell written as given."""
    path = folder / "one.xlsx"
    path.write_bytes(zipped(xlsx_parts(sheet_xml(f'<row r="1"><c r="A1" t="inlineStr"><is>{content}</is></c></row>'))))
    return read_book(path).sheets[0]


def test_a_raised_digit_is_no_digit_of_the_number(tmp_path: Path) -> None:
    raised = '<r><t>15</t></r><r><rPr><vertAlign val="superscript"/></rPr><t>2</t></r>'
    cell = one_cell(tmp_path, raised).at(1, 1)
    assert cell is not None
    assert cell.value == "15²"
    read = births(["上湾村", cell.value])
    assert (values(read), codes(read)) == ([], {"not-a-number"})


def test_a_format_of_sections_in_an_open_document_keeps_them_all(tmp_path: Path) -> None:
    styles = (
        '<number:number-style style:name="N1P0"><number:number number:min-integer-digits="1"/><number:text>万</number:text>'
        '</number:number-style><number:number-style style:name="N1"><number:number number:min-integer-digits="1"/>'
        '<style:map style:condition="value()&gt;=0" style:apply-style-name="N1P0"/></number:number-style>'
        '<style:style style:name="c1" style:family="table-cell" style:data-style-name="N1"/>'
    )
    cell = '<table:table-cell table:style-name="c1" office:value-type="float" office:value="5"><text:p>5万</text:p></table:table-cell>'
    table = f'<table:table table:name="t"><table:table-row>{cell}</table:table-row></table:table>'
    path = tmp_path / "one.ods"
    path.write_bytes(ods(table, styles=styles))
    read = read_book(path).sheets[0].at(1, 1)
    assert read is not None
    assert read.number_format.startswith('0"万";')


def counted(**more: object) -> tuple[int, set[str]]:
    """Return how many children a register counts by village and sex, and its findings, with traits of the sheet changed."""
    sheet = replace(sheet_of_worksheet(birth_register()), **more)  # type: ignore[arg-type]
    read = read_table(sheet, REGISTER, setting=SETTING)
    by_sex = [one for one in read.readings if "sex" in dict(one.dims)]
    return sum(int(one.value or 0) for one in by_sex), codes(read)


def test_a_register_row_with_only_the_name_struck_out_is_not_counted() -> None:
    whole, told = counted()
    assert (whole, "struck-out" in told) == (4, False)
    assert counted(struck=frozenset({(4, 2)})) == (3, told | {"struck-out"})


def test_hidden_rows_of_a_register_are_told() -> None:
    whole, told = counted()
    assert counted(hidden_rows=frozenset({4})) == (whole, told | {"hidden-cells"})
