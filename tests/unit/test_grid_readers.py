"""The readers: every kind of file into the same grid, nothing guessed, nothing lost, and two engines held against each other."""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

import pytest
import xlwt

from nianbao.errors import GateError
from nianbao.files import draft, gate, ooxml
from nianbao.files.confined import _book, answer_to, read_book
from nianbao.files.grid import Block, Book, RawCell
from nianbao.files.serials import moment_of, shows
from spreadsheets import HEAD, MAIN, RELATIONS, ods, sheet_xml, styles_xml, texts_xml, xlsx_parts, zipped

ROWS = '<row r="1"><c r="A1"><v>1</v></c></row>'


def read(content: bytes) -> Book:
    """Return the book of a file's bytes, read in this process."""
    return _book(answer_to(gate.admit_bytes(content)), "x", "file")


def cell(book: Book, row: int, column: int, sheet: int = 0) -> RawCell:
    found = book.sheets[sheet].at(row, column)
    assert found is not None
    return found


def told(book: Book) -> list[tuple[str, str]]:
    return [(notice.code, notice.cell) for notice in book.notices]


def package(rows: str, *, before: str = "", after: str = "", properties: str = "", **parts: str) -> Book:
    """Return the book of a workbook of one sheet."""
    more = {f"xl/{name}.xml": data for name, data in parts.items()}
    return read(zipped({**xlsx_parts(sheet_xml(rows, before=before, after=after), properties=properties), **more}))


# ---- Excel packages -------------------------------------------------------------------------------------------------


def test_every_kind_of_cell_keeps_its_raw_text_and_format() -> None:
    book = package(
        '<row r="2"><c r="B2" s="1"><v>0.92280000000000006</v></c><c r="C2" t="s"><v>0</v></c><c r="D2" t="b"><v>1</v></c>'
        '<c r="E2" t="e"><v>#REF!</v></c><c r="F2"><f>A1+1</f></c><c r="G2"><f>A1+1</f><v>7</v></c>'
        '<c r="H2" t="str"><f>A1&amp;""</f><v></v></c><c r="I2" t="inlineStr"><is><t> 甲 &amp; 乙</t></is></c>'
        '<c r="J2" s="2"><v>45292</v></c><c r="K2" s="3"><v>45292.5</v></c><c r="L2"><v>-3</v></c><c r="M2" s="4"/></row>',
        sharedStrings=texts_xml("<t>出生_x000D_</t>"),
        styles=styles_xml((0, "", False), (10, "", False), (31, "", False), (176, "yyyy/m/d h:mm", False), (0, "", False)),
    )
    found = {found.address: found for found in book.sheets[0].cells.values()}
    assert found["B2"] == RawCell(2, 2, 0.9228000000000001, "0.92280000000000006", "0.00%")
    assert found["C2"] == RawCell(2, 3, "出生\r", "出生\r", "General")
    assert found["D2"] == RawCell(2, 4, True, "1", "General")
    assert found["E2"] == RawCell(2, 5, None, "#REF!", "General", error="#REF!")
    assert found["F2"] == RawCell(2, 6, None, "", "General", formula=True)
    assert found["G2"] == RawCell(2, 7, 7, "7", "General", formula=True)
    assert found["H2"] == RawCell(2, 8, "", "", "General", formula=True)
    assert found["I2"] == RawCell(2, 9, " 甲 & 乙", " 甲 & 乙", "General")
    assert found["J2"] == RawCell(2, 10, dt.date(2024, 1, 1), "45292", 'yyyy"年"m"月"d"日"')
    assert found["K2"] == RawCell(2, 11, dt.datetime(2024, 1, 1, 12), "45292.5", "yyyy/m/d h:mm")  # noqa: DTZ001
    assert found["L2"] == RawCell(2, 12, -3, "-3", "General")
    assert "M2" not in found
    assert type(found["G2"].value) is int
    assert book.notices == ()


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    rows, styles = '<row r="1"><c r="A1" s="0"><v>43830</v></c></row>', styles_xml((14, "", False))
    assert cell(package(rows, styles=styles), 1, 1).value == dt.date(2019, 12, 31)
    assert cell(package(rows, styles=styles, properties=' date1904="1"'), 1, 1).value == dt.date(2024, 1, 1)


def test_merges_hidden_matter_comments_and_strikes() -> None:
    comments = (
        f'{HEAD}<comments xmlns="{MAIN}"><commentList><comment ref="A1"><text><r><t>补报</t></r><r><t>2人</t></r></text>'
        "</comment></commentList></comments>"
    )
    links = (
        f'{HEAD}<Relationships xmlns="x"><Relationship Id="rId1" Type="{RELATIONS}/comments" Target="../comments1.xml"/>'
        "</Relationships>"
    )
    sheet = sheet_xml(
        '<row r="1"><c r="A1" s="1"><v>1</v></c><c r="C1"><v>2</v></c></row><row r="2" hidden="1"><c r="A2" t="s"><v>0</v></c></row>'
        '<row r="3" ht="0"><c r="A3" t="s"><v>1</v></c></row>',
        before='<cols><col min="3" max="16384" hidden="1"/></cols>',
        after='<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C1:XFD1"/></mergeCells>',
    )
    parts = xlsx_parts(sheet)
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace('sheetId="1"', 'sheetId="1" state="veryHidden"')
    book = read(
        zipped(
            {
                **parts,
                "xl/comments1.xml": comments,
                "xl/worksheets/_rels/sheet1.xml.rels": links,
                "xl/styles.xml": styles_xml((0, "", False), (0, "", True)),
                "xl/sharedStrings.xml": texts_xml(
                    "<r><rPr><strike/></rPr><t>12</t></r><r><t>13</t></r><rPh><t>yin</t></rPh>",
                    '<r><rPr><strike val="1"/></rPr><t>14</t></r>',
                ),
            }
        )
    )
    (found,) = book.sheets
    assert found.hidden
    assert found.hidden_rows == {2, 3}
    assert found.hidden_columns == {3}
    assert found.comments == {(1, 1): "补报2人"}
    assert found.struck == {(1, 1), (3, 1)}
    assert ("partly-struck", "A2") in told(book)
    assert found.at(2, 1).value == "1213"  # type: ignore[union-attr]
    assert found.merges[0] == Block(1, 1, 1, 2)
    assert found.covering(1, 2) == found.at(1, 1)


def test_macros_are_told_and_left_alone() -> None:
    book = read(zipped({**xlsx_parts(sheet_xml(ROWS), kind="macro"), "xl/vbaProject.bin": b"\0"}))
    assert (book.kind, told(book)) == ("xlsm", [("macros-ignored", "")])


def test_prefixed_names_utf16_and_cells_without_address_are_read() -> None:
    xml = (
        f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>'
        '<x:row r="5"><x:c r="C5"><x:v>3</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    for data in (xml.encode(), xml.encode("utf-16")):
        sheet = read(zipped({**xlsx_parts(""), "xl/worksheets/sheet1.xml": data})).sheets[0]
        assert {place: found.value for place, found in sheet.cells.items()} == {(1, 1): 1, (1, 2): 2, (5, 3): 3}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><!-- x --><c r="A1"><v>1</v></c></row>',
        '<row r="1"> <c r="A1"><v>1</v></c>\n</row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&#25351;&#x6807;&lt;</t></is></c></row>',
        '<row r="1"><c t="s" r="A1"><v>0</v></c></row>',
        '<row r="1"><c r="A1" t="str"><v><![CDATA[a<b]]></v></c></row>',
        '<row r="1"><c r="A1"><v> 12 </v></c><c r="B1"><v>１２</v></c><c r="C1"><v>1e999</v></c><c r="D1" t="s"><v>77</v></c></row>',
        '<row r="1" hidden="1" x:y="1"><c r="A1" cm="1"><f t="shared" si="0"/><v>1.50</v></c><c r="B1" t="b"><v>0</v></c></row>',
        '<row r="1"><c r="A1" s="99"><v>1</v></c><c r="B1" t="zz"><v>1</v></c><c r="C1" t="d"><v>2024-01-02</v></c></row>',
    ],
)
def test_the_quick_way_through_plain_rows_reads_what_the_parser_reads(rows: str, monkeypatch: pytest.MonkeyPatch) -> None:
    xml = sheet_xml(rows).replace("<worksheet ", '<worksheet xmlns:x="x" ')
    content = zipped({**xlsx_parts(xml), "xl/sharedStrings.xml": texts_xml("<t>a</t>")})
    quick = read(content)
    monkeypatch.setattr(ooxml._Package, "plain_rows", lambda *_: None)
    assert read(content) == quick


def test_a_reference_that_xml_forbids_is_damage_on_either_way() -> None:
    for rows in (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&nbsp;</t></is></c></row>',
        '<row r="1"><c r="A1" t="inlineStr"><is><t>&#0;</t></is></c></row>',
        '<row r="1"><c r="A1"><f>a&b</f><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></row>',
    ):
        with pytest.raises(GateError) as caught:
            package(rows)
        assert caught.value.code == "damaged"


def test_the_engines_are_held_against_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped(xlsx_parts(sheet_xml('<row r="1"><c r="A1"><v>12</v></c><c r="B1"><v>13</v></c></row>')))
    assert read(content).notices == ()
    keep = ooxml.read_package

    def wrong(admitted: gate.Admitted) -> draft.Draft:
        made = keep(admitted)
        made.sheets[0].cells[1, 2] = (1, 2, 31, "31", "General", False, "")
        del made.sheets[0].cells[1, 1]
        return made

    monkeypatch.setattr("nianbao.files.ooxml.read_package", wrong)
    assert [(notice.code, notice.sheet, notice.cell, dict(notice.figures)) for notice in read(content).notices] == [
        ("engines-differ", "表1", "B1", {"own": "31", "other": "13.0"}),
        ("engines-differ", "表1", "A1", {"own": "", "other": "12.0"}),
    ]


def test_a_file_that_only_one_engine_opens_is_told() -> None:
    parts = xlsx_parts(sheet_xml(ROWS))
    moved = {name.replace("xl/workbook.xml", "xl/other.xml"): data for name, data in parts.items()}
    moved["_rels/.rels"] = str(parts["_rels/.rels"]).replace("xl/workbook.xml", "xl/other.xml")
    moved["xl/_rels/other.xml.rels"] = moved.pop("xl/_rels/workbook.xml.rels")
    moved["[Content_Types].xml"] = str(parts["[Content_Types].xml"]).replace("xl/workbook.xml", "xl/other.xml")
    book = read(zipped(moved))
    assert cell(book, 1, 1).value == 1
    assert "second-engine-failed" in [code for code, _ in told(book)]


# ---- numbers and dates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", "number"),
        ("0.00%", "number"),
        ('0"月"', "number"),
        ("[Red]0.00;[Blue]-0.00", "number"),
        ("0.00E+00", "number"),
        ("@", "number"),
        ("#,##0.00_ ;[Red]\\-#,##0.00\\ ", "number"),
        ('_ "¥"* #,##0.00_ ', "number"),
        ("yyyy/m/d", "date"),
        ('yyyy"年"m"月"', "date"),
        ("[$-804]m\\月d\\日", "date"),
        ("mmm", "date"),
        ("aaaa;@", "number"),
        ("h:mm", "time"),
        ("[h]:mm:ss", "span"),
        ("mm:ss", "time"),
        ("G/通用格式", "number"),
        ("[DBNum1]0", "number"),
    ],
)
def test_what_a_format_shows(code: str, kind: str) -> None:
    assert shows(code) == kind


@pytest.mark.parametrize(
    ("serial", "since_1904", "when"),
    [
        (1, False, dt.date(1900, 1, 1)),
        (59, False, dt.date(1900, 2, 28)),
        (60, False, None),
        (61, False, dt.date(1900, 3, 1)),
        (45292, False, dt.date(2024, 1, 1)),
        (0, True, dt.date(1904, 1, 1)),
        (2958465, False, dt.date(9999, 12, 31)),
        (2958466, False, None),
        (-1, False, None),
        (float("nan"), False, None),
    ],
)
def test_which_day_a_number_is(serial: float, since_1904: bool, when: dt.date | None) -> None:
    assert moment_of(serial, "yyyy/m/d", since_1904=since_1904) == when


# ---- old workbooks --------------------------------------------------------------------------------------------------


def old_workbook(**style: Any) -> Book:
    book = xlwt.Workbook(style_compression=2)
    book.dates_1904 = style.get("since_1904", False)
    sheet = book.add_sheet("表1")
    percent = xlwt.easyxf("font: struck_out on", num_format_str="0.00%")
    sheet.write(0, 0, 0.9228, percent)
    sheet.write(0, 1, "出生")
    sheet.write(0, 2, 12)
    sheet.write(0, 3, True)
    sheet.write(0, 4, xlwt.Formula("C1+1"))
    sheet.write(0, 5, 45292, xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"'))
    sheet.write_merge(1, 2, 0, 2, "合并")
    struck = xlwt.easyfont("struck_out on")
    sheet.write_rich_text(3, 0, [("12", struck), "13"])
    sheet.row(3).hidden = True
    sheet.col(1).hidden = True
    hidden = book.add_sheet("隐")
    hidden.visibility = 1
    hidden.write(6, 2, 3.5)
    packed = io.BytesIO()
    book.save(packed)
    return read(packed.getvalue())


def test_an_old_workbook_gives_the_same_grid() -> None:
    book = old_workbook()
    sheet = book.sheets[0]
    assert book.kind == "xls"
    assert sheet.at(1, 1) == RawCell(1, 1, 0.9228, "0.9228", "0.00%")
    assert sheet.at(1, 2) == RawCell(1, 2, "出生", "出生", "General")
    assert sheet.at(1, 3) == RawCell(1, 3, 12, "12", "General")
    assert sheet.at(1, 4) == RawCell(1, 4, True, "1", "General")
    assert cell(book, 1, 5).formula
    assert sheet.at(1, 6) == RawCell(1, 6, dt.date(2024, 1, 1), "45292", 'yyyy"年"m"月"d"日"')
    assert sheet.merges == (Block(2, 1, 3, 3),)
    assert sheet.struck == {(1, 1)}
    assert sheet.hidden_rows == {4}
    assert sheet.hidden_columns == {2}
    assert told(book) == [("partly-struck", "A4")]
    assert book.sheets[1].hidden
    assert cell(book, 7, 3, 1).value == 3.5


def test_an_old_workbook_may_count_from_1904() -> None:
    assert cell(old_workbook(since_1904=True), 1, 6).value == dt.date(2028, 1, 2)


# ---- OpenDocument ---------------------------------------------------------------------------------------------------


def test_an_opendocument_sheet_gives_the_same_grid() -> None:
    styles = (
        '<number:percentage-style style:name="N1"><number:number number:decimal-places="2"/><number:text>%</number:text>'
        '</number:percentage-style><style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
        '<style:style style:name="ce2" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/>'
        '</style:style><style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/>'
        "</style:style>"
    )
    book = read(
        ods(
            '<table:table table:name="甲"><table:table-column/><table:table-column table:visibility="collapse"/>'
            '<table:table-header-rows><table:table-row><table:table-cell table:style-name="ce1" office:value-type="percentage" '
            'office:value="0.9228"><text:p>92.28%</text:p></table:table-cell>'
            '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>出<text:s/>生</text:p>'
            "<text:p>乙</text:p></table:table-cell></table:table-row></table:table-header-rows>"
            '<table:table-row table:number-rows-repeated="2" table:visibility="filter"><table:table-cell/>'
            '<table:table-cell table:style-name="ce2" office:value-type="float" office:value="12"/>'
            '<table:table-cell office:value-type="date" office:date-value="2024-01-02"/>'
            '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
            '<table:table-cell table:formula="of:=1+1"/>'
            '<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
            '<table:table-cell office:value-type="time" office:time-value="PT27H30M00S"/>'
            '</table:table-row><table:table-row><table:table-cell table:number-columns-spanned="3" table:number-rows-spanned="2" '
            'office:value-type="string"><office:annotation><text:p>补报</text:p></office:annotation><text:p>合并</text:p>'
            '</table:table-cell><table:covered-table-cell table:number-columns-repeated="2"/></table:table-row></table:table>'
            '<table:table table:name="乙" table:style-name="ta2"><table:table-row/></table:table>',
            styles=styles,
        )
    )
    sheet = book.sheets[0]
    assert sheet.at(1, 1) == RawCell(1, 1, 0.9228, "0.9228", "0.00%")
    assert sheet.at(1, 2) == RawCell(1, 2, "出 生\n乙", "出 生\n乙")
    assert sheet.at(1, 3) == RawCell(1, 3, "出 生\n乙", "出 生\n乙")
    assert cell(book, 3, 2) == RawCell(3, 2, 12, "12")
    assert cell(book, 2, 3) == RawCell(2, 3, dt.date(2024, 1, 2), "2024-01-02", "yyyy-mm-dd")
    assert cell(book, 2, 4) == RawCell(2, 4, True, "true")
    assert cell(book, 2, 5) == RawCell(2, 5, None, "", formula=True)
    assert cell(book, 2, 6) == RawCell(2, 6, None, "#REF!", error="#REF!")
    assert cell(book, 2, 7).value == dt.timedelta(hours=27, minutes=30)
    assert sheet.merges == (Block(4, 1, 5, 3),)
    assert sheet.comments == {(4, 1): "补报"}
    assert sheet.hidden_rows == {2, 3}
    assert sheet.hidden_columns == {2}
    assert sheet.struck == {(2, 2), (3, 2)}
    assert [found.hidden for found in book.sheets] == [False, True]
    assert told(book) == []


# ---- text -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", ["\t", ",", "，", ";", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_text_table_is_read_whatever_its_separator_and_encoding(separator: str, encoding: str) -> None:
    text = f'指标{separator}数值\r\n"甲{separator}乙\n丙"{separator} 007 \r\n'
    book = read(text.encode(encoding))
    found = {found.address: found.value for found in book.sheets[0].cells.values()}
    assert found == {"A1": "指标", "B1": "数值", "A2": f"甲{separator}乙\n丙", "B2": " 007 "}
    assert told(book) == []


def test_ragged_rows_are_told_and_never_shifted() -> None:
    book = read(b"a,b,c\n1,2,3\n4,,5,6\n7\n\n8,9,0\n")
    assert told(book) == [("ragged-row", "A3"), ("ragged-row", "A4")]
    assert {found.address: found.value for found in book.sheets[0].cells.values() if found.row > 2} == {
        "A3": "4", "C3": "5", "D3": "6", "A4": "7", "A6": "8", "B6": "9", "C6": "0",
    }  # fmt: skip


def test_a_quote_that_never_closes_swallows_nothing() -> None:
    book = read('指标,数值\n"出生,12\n死亡,3\n'.encode())
    assert ("quotes-broken", "") in told(book)
    assert cell(book, 2, 1).value == '"出生'
    assert cell(book, 3, 2).value == "3"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("縣鄉鎮衛生所報告總人數統計資料,1\n".encode("big5"), "text-looks-wrong"),
        ("指标,锟斤拷\n".encode(), "text-looks-wrong"),
        ("指标,\x07\n".encode(), "control-characters"),
        ("只有一列\n甲\n".encode(), "one-column"),
        (b"a,b;c\n1,2;3\n", "separator-unsure"),
    ],
)
def test_text_that_looks_wrong_is_told(content: bytes, code: str) -> None:
    assert code in [found for found, _ in told(read(content))]


def test_a_book_comes_back_from_the_child_as_it_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("指标,数值\n出生,12\n", encoding="utf-8")
    book = read_book(path)
    assert book.sheets == read(path.read_bytes()).sheets
    assert len(book.sha256) == 64


def test_an_old_workbook_that_ends_the_second_engine_is_read_once_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    book = xlwt.Workbook()
    book.add_sheet("表1").write(0, 0, 12)
    packed = io.BytesIO()
    book.save(packed)
    monkeypatch.setattr("nianbao.files.crosscheck.compare", lambda *_: os.abort())
    found = read(packed.getvalue())
    assert cell(found, 1, 1).value == 12
    assert [(notice.code, dict(notice.figures)) for notice in found.notices] == [
        ("second-engine-failed", {"reason": "out-of-memory"})
    ]
