"""The Word back end, read back with python-docx and as raw parts."""

from __future__ import annotations

import base64
import io
import struct
import zipfile
import zlib
from datetime import datetime
from typing import Any

import docx as word
import nbformat
import pytest
from docx.oxml.ns import qn

from nianbao import blocks
from nianbao.blocks import Block, run
from nianbao.columns import column_layout
from nianbao.docx import build

WORD_UNIT = qn("w:w")


def tiny_png() -> str:
    """A white picture of 2 by 1 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0))
    return base64.b64encode(
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\xff\xff")) + chunk(b"IEND", b"")
    ).decode()


def placed(block: Block, *, number: str, key: str) -> Block:
    """Return ``block`` as the assembler hands it on."""
    return {**block, "number": number, "id": key}


def sample_table(*, rows: int, columns: int = 3) -> Block:
    body = [blocks.row([[run(f"茂林村第{index}组")], *[[run("12")]] * (columns - 1)]) for index in range(rows)]
    body[0]["cells"][0] = [run('HPV <9—14岁> & "其他"\x07\x00')]
    group = blocks.row([[run("第一片区")], *[[]] * (columns - 1)], kind="group")
    total = blocks.row([[run("合计")], *[[run("480")]] * (columns - 1)], kind="total")
    heads = [blocks.column("村", align="left"), *[blocks.column("人数")] * (columns - 1)]
    made = blocks.table(
        [run("各村出生情况")],
        key="births",
        columns=heads,
        rows=[group, *body, total],
        unit_line="单位：人",
        notes=[[run("注：含补报。")]],
    )
    return placed(made, number="表1", key="births")


def sample_figure() -> Block:
    made = blocks.figure([run("近五年")], key="trend", alt="柱状图：2020年最高", width_mm=200, height_mm=100)
    return placed(made, number="图1", key="trend")


def notebook(*, lang: str = "zh", day: str | None = "2021-01-08", extra: tuple[Block, ...] = ()) -> nbformat.NotebookNode:
    """Return a small assembled report."""
    words = [
        run("全镇常住人口"),
        run("38462", fact="population"),
        run("人，\x0b比上年增长"),
        run("0.29%", fact="growth", emphasis="strong"),
    ]
    cover = {"type": "cover", "title": "茂林镇2020年报告", "subtitle": "内部版", "office": "茂林镇卫健办", "date": day}
    content: list[Block] = [
        {**cover, "date_text": "2021年1月8日", "stamp": None},
        blocks.banner([run("草稿：有待核数据")], severity="draft"),
        placed(blocks.heading("总体情况", level=1, key="overview"), number="一、", key="c1"),
        blocks.paragraph(words),
        placed(blocks.heading("出生", level=2, key="births"), number="（一）", key="c1-births"),
        placed(blocks.heading("2020年", level=3, key="year"), number="1.", key="c1-year"),
        placed(blocks.heading("小结", level=4, key="end"), number="", key="c1-end"),
        sample_table(rows=40),
        blocks.note([run("数据截至9月30日。")]),
        sample_figure(),
        *extra,
    ]
    cells = []
    for block in content:
        bundle: dict[str, Any] = {blocks.BLOCK_MIME: block}
        if block["type"] == "figure":
            bundle["image/png"] = tiny_png()
        cells.append(
            nbformat.v4.new_code_cell("", id=f"c{len(cells)}", outputs=[nbformat.v4.new_output("display_data", bundle)])
        )
    made = nbformat.v4.new_notebook(cells=cells)
    meta = {
        "title": "茂林镇2020年报告",
        "subtitle": "内部版",
        "office": "茂林镇卫健办",
        "date": day,
        "lang": lang,
        "stamp": "9f3a",
    }
    made.metadata["nianbao"] = meta
    return made


def opened(made: nbformat.NotebookNode) -> Any:
    return word.Document(io.BytesIO(build(made)))


def part(made: nbformat.NotebookNode, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(build(made))) as package:
        return package.read(name).decode()


def test_headings_carry_their_number_and_a_real_outline_level() -> None:
    document = opened(notebook())
    found = [(p.style.name, p.text) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert found == [
        ("Heading 1", "一、总体情况"),
        ("Heading 2", "（一）出生"),
        ("Heading 3", "1. 2020年"),
        ("Heading 4", "小结"),
    ]
    for level in range(1, 5):
        outline = document.styles[f"Heading {level}"].element.pPr.find(qn("w:outlineLvl"))
        assert outline.get(qn("w:val")) == str(level - 1)


def test_every_section_is_a4_with_the_official_margins() -> None:
    sections = opened(notebook()).sections
    assert len(sections) == 3
    for section in sections:
        size = (section.page_width.mm, section.page_height.mm)
        margins = (section.top_margin.mm, section.bottom_margin.mm, section.left_margin.mm, section.right_margin.mm)
        assert size == pytest.approx((210, 297), abs=0.02)
        assert margins == pytest.approx((37, 35, 28, 26), abs=0.02)


def test_the_binding_margin_changes_sides_on_even_pages() -> None:
    held = opened(notebook()).settings.element
    assert held.find(qn("w:mirrorMargins")) is not None
    assert held.find(qn("w:evenAndOddHeaders")) is not None, "as the page numbers do"


@pytest.mark.parametrize(("entries", "pitch"), [(3, 480), (25, 468), (29, 402), (31, 376), (32, 480)])
def test_a_contents_that_nearly_fits_keeps_to_one_page(entries: int, pitch: int) -> None:
    """The pitch stands in the style, which Word goes by when it updates the contents; title and lines fit 225 mm."""
    more = tuple(placed(blocks.heading("节", level=2, key=f"h{n}"), number="", key=f"h{n}") for n in range(entries - 2))
    document = opened(notebook(extra=more))
    lines = [one for one in document.paragraphs if one.style.name.startswith("toc")]
    assert len(lines) == entries
    for style in ("toc 1", "toc 2"):
        assert document.styles[style].element.pPr.find(qn("w:spacing")).get(qn("w:line")) == str(pitch)
    if entries < 32:
        title = document.styles["Contents Title"].element.pPr.find(qn("w:spacing"))
        above = int(title.get(qn("w:line"))) + int(title.get(qn("w:after")))
        assert above + pitch * entries < 225 / 25.4 * 1440


def test_only_the_body_has_page_numbers_and_it_starts_at_one() -> None:
    cover, contents, body = opened(notebook()).sections
    for section in (cover, contents):
        assert section._sectPr.find(qn("w:footerReference")) is None
    assert body._sectPr.find(qn("w:pgNumType")).get(qn("w:start")) == "1"
    assert body.footer.paragraphs[0].text == body.even_page_footer.paragraphs[0].text == "— 1 —"
    sides = [footer.paragraphs[0]._p.pPr.find(qn("w:jc")).get(qn("w:val")) for footer in (body.footer, body.even_page_footer)]
    assert sides == ["right", "left"]


def test_body_text_is_the_official_face_and_indent() -> None:
    style = opened(notebook()).styles["Body Text"].element
    assert style.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert style.rPr.find(qn("w:sz")).get(qn("w:val")) == "32"
    assert style.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert style.pPr.find(qn("w:spacing")).get(qn("w:line")) == "579"
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋"/>' in part(notebook(), "word/fontTable.xml")


def test_table_head_repeats_and_rows_stay_whole() -> None:
    table = opened(notebook()).tables[0]
    rows = table._tbl.findall(qn("w:tr"))
    assert len(rows) == 43
    assert [index for index, row in enumerate(rows) if row.trPr.find(qn("w:tblHeader")) is not None] == [0]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    widths = [int(column.get(WORD_UNIT)) for column in table._tbl.tblGrid]
    assert sum(widths) == round(156 * 1440 / 25.4)
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "表1\u3000各村出生情况"


def test_cell_text_survives_markup_and_loses_control_characters() -> None:
    table = opened(notebook()).tables[0]
    assert table.cell(2, 0).text == 'HPV <9—14岁> & "其他"'
    assert table.cell(1, 0).text == "第一片区"
    assert table.cell(42, 0).paragraphs[0].style.name == "Table Total"


def test_caption_and_unit_stand_above_the_table_and_notes_below() -> None:
    document = opened(notebook())
    order = [element.tag.rpartition("}")[2] for element in document.element.body]
    at = order.index("tbl")
    around = [word.text.paragraph.Paragraph(document.element.body[at + step], document) for step in (-2, -1, 1)]
    assert [(p.style.name, p.text) for p in around] == [
        ("Table Caption", "表1\u3000各村出生情况"),
        ("Table Unit", "单位：人"),
        ("Note", "注：含补报。"),
    ]


def test_a_list_to_look_things_up_in_uses_the_smallest_styles() -> None:
    document = opened(notebook(extra=({**sample_table(rows=2), "small": True},)))
    assert document.tables[1].cell(2, 1).paragraphs[0].style.name == "Table Text Smallest"
    assert document.styles["Table Text Smallest"].font.size.pt == 7.5
    assert document.styles["Table Text Small"].font.size.pt == 9


def test_given_column_widths_are_kept_where_there_is_room() -> None:
    columns = [blocks.column("甲", width=0.5), blocks.column("乙"), blocks.column("丙")]
    made = blocks.table([run("宽")], key="w", columns=columns, rows=[blocks.row([[run("1")], [run("2")], [run("3")]])])
    table = opened(notebook(extra=(placed(made, number="", key="w"),))).tables[1]
    widths = [int(column.get(WORD_UNIT)) for column in table._tbl.tblGrid]
    assert widths[0] >= sum(widths) / 2
    assert abs(widths[1] - widths[2]) <= 1


def test_columns_are_as_wide_as_in_the_pdf_and_numbers_stand_below_the_middle_of_their_head() -> None:
    block = sample_table(rows=4)
    layout = column_layout(block)
    table = opened(notebook(extra=(block,))).tables[1]
    widths = [int(column.get(WORD_UNIT)) for column in table._tbl.tblGrid]
    assert widths == pytest.approx([width * 20 for width in layout.widths], abs=1)
    cell = table.cell(2, 1).paragraphs[0]._p.pPr
    assert int(cell.find(qn("w:ind")).get(qn("w:right"))) == round(layout.pads[1] * 20)
    assert cell.find(qn("w:jc")).get(qn("w:val")) == "right"


def test_fact_stays_one_run_of_plain_text() -> None:
    paragraph = next(p for p in opened(notebook()).paragraphs if p.style.name == "Body Text")
    assert [part.text for part in paragraph.runs] == ["全镇常住人口", "38462", "人，比上年增长", "0.29%"]
    assert paragraph.runs[3].bold


def test_picture_has_a_description_and_fits_the_page() -> None:
    shape = opened(notebook()).inline_shapes[0]
    assert shape._inline.docPr.get("descr") == "柱状图：2020年最高"
    assert shape.width.mm == pytest.approx(156)
    assert shape.height.mm == pytest.approx(78)


def test_pictures_never_share_an_id() -> None:
    shapes = opened(notebook(extra=(sample_figure(),))).inline_shapes
    assert [shape._inline.docPr.id for shape in shapes] == [1, 2]


def test_contents_lists_two_levels_with_links_and_given_pages() -> None:
    packed = build(notebook(), pages=lambda: {"c1": 1, "c1-births": 3})
    document = word.Document(io.BytesIO(packed))
    lines = [p for p in document.paragraphs if p.style.name.startswith("toc")]
    assert [p.text for p in lines] == ["一、总体情况\t1", "（一）出生\t3"]
    targets = [p._p.find(qn("w:hyperlink")).get(qn("w:anchor")) for p in lines]
    names = [mark.get(qn("w:name")) for mark in document.element.body.iter(qn("w:bookmarkStart"))]
    assert targets == names[:2]
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        text = package.read("word/document.xml").decode()
    assert 'TOC \\o "1-2"' in text
    assert "w:dirty" not in text
    assert text.count('fldCharType="begin"') == text.count('fldCharType="end"') == 3


def test_contents_without_pages_asks_word_to_update() -> None:
    assert 'w:fldCharType="begin" w:dirty="true"' in part(notebook(), "word/document.xml")


def test_banner_is_boxed_on_the_first_page() -> None:
    first = opened(notebook()).paragraphs[0]
    assert (first.style.name, first.text) == ("Banner", "草稿：有待核数据")
    assert first.style.element.pPr.find(qn("w:pBdr")) is not None


def test_properties_come_from_the_report_and_not_from_the_clock() -> None:
    properties = opened(notebook()).core_properties
    assert (properties.title, properties.author, properties.language) == ("茂林镇2020年报告", "茂林镇卫健办", "zh-CN")
    assert properties.modified.replace(tzinfo=None) == datetime(2021, 1, 8)  # noqa: DTZ001
    assert opened(notebook(day=None)).core_properties.created.year == 2000


def test_equal_reports_are_equal_bytes_and_another_report_is_not() -> None:
    assert build(notebook()) == build(notebook())
    assert build(notebook()) != build(notebook(day="2021-01-09"))


def test_english_report_is_tagged_english() -> None:
    made = notebook(lang="en")
    assert 'w:lang w:val="en-GB"' in part(made, "word/styles.xml")
    assert opened(made).core_properties.language == "en-GB"
    assert any(p.text == "Contents" for p in opened(made).paragraphs)


def test_package_holds_only_what_the_report_uses() -> None:
    with zipfile.ZipFile(io.BytesIO(build(notebook()))) as package:
        names = package.namelist()
        assert names[0] == "[Content_Types].xml"
        assert not [name for name in names if "thumbnail" in name or "numbering" in name or "customXml" in name]
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_figure_published_as_a_drawing_gets_its_bitmap_here() -> None:
    made = notebook()
    data = made.cells[-1].outputs[0]["data"]
    del data["image/png"]
    data["image/svg+xml"] = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100"><rect x="20" y="20" width="90" height="60" fill="#1f4e79"/></svg>'
    )
    built = build(made)
    assert built == build(made)
    assert "image/png" not in data
    with zipfile.ZipFile(io.BytesIO(built)) as package:
        (picture,) = (package.read(name) for name in package.namelist() if name.endswith(".png"))
        assert "柱状图：2020年最高" in package.read("word/document.xml").decode("utf-8")
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == (1575, 787)


def test_unknown_block_and_missing_picture_are_refused() -> None:
    with pytest.raises(ValueError, match="'video'"):
        build(notebook(extra=({"type": "video"},)))
    made = notebook()
    del made.cells[-1].outputs[0]["data"]["image/png"]
    with pytest.raises(ValueError, match="'trend' has no image"):
        build(made)
