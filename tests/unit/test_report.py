"""The assembler, the HTML and the PDF back end, on made-up chapters."""

from __future__ import annotations

import copy
import io
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import nbformat
import pypdfium2
import pytest
import report_fixture as fixture
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from nbconvert.exporters import get_exporter
from nbformat import NotebookNode
from pypdf import PdfReader

from nianbao import drawing, fonts
from nianbao.arrangement import chinese_numeral
from nianbao.blocks import blocks_of, column, heading, paragraph, row, run, table
from nianbao.columns import column_layout
from nianbao.errors import ReportError
from nianbao.report import (
    ReportInfo,
    as_report,
    assemble,
    check_characters,
    printed_date,
    render,
)

MM = 72 / 25.4


@pytest.fixture(scope="module")
def report() -> NotebookNode:
    return fixture.report(banners=fixture.BANNERS)


@pytest.fixture(scope="module")
def page(report: NotebookNode) -> BeautifulSoup:
    return BeautifulSoup(render(report, "html"), "html.parser")


@pytest.fixture(scope="module")
def pdf(report: NotebookNode, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("pdf") / "report.pdf"
    target.write_bytes(render(report, "pdf"))
    return target


def _blocks(notebook: NotebookNode, kind: str) -> list[dict[str, object]]:
    return [block for block, _ in blocks_of(notebook) if block["type"] == kind]


class TestAssemble:
    @pytest.mark.parametrize(
        ("number", "words"),
        [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (90, "九十"), (99, "九十九")],
    )
    def test_chinese_numeral(self, number: int, words: str) -> None:
        assert chinese_numeral(number) == words

    @pytest.mark.parametrize("number", [0, 100, -1])
    def test_chinese_numeral_outside_its_range(self, number: int) -> None:
        with pytest.raises(ValueError, match="1 and 99"):
            chinese_numeral(number)

    def test_numbers_restart_below_each_parent(self, report: NotebookNode) -> None:
        numbers = [block["number"] for block in _blocks(report, "heading")]
        assert numbers == [
            *("一、", "（一）", "1.", "（1）", "（2）", "（二）"),
            *("二、", "（一）"),
            *("三、", "（一）", "1.", ""),
        ]

    def test_english_numbers(self) -> None:
        numbers = [block["number"] for block in _blocks(fixture.report(fixture.ENGLISH), "heading")]
        assert numbers == ["1", "1.1", "1.1.1", "1.1.1.1", "1.1.1.2", "1.2", "2", "2.1", "3", "3.1", "3.1.1", ""]

    def test_an_unnumbered_heading_does_not_use_up_a_number(self) -> None:
        aside = heading("说明", level=1, key="aside")
        aside["numbered"] = False
        made = fixture.chapter(
            heading("甲", level=1, key="a"), aside, heading("其一", level=2, key="x"), heading("乙", level=1, key="b")
        )
        numbers = [block["number"] for block in _blocks(assemble([("area", made)], fixture.INFO), "heading")]
        assert numbers == ["一、", "", "（一）", "二、"]

    def test_tables_and_figures_are_numbered_through_the_report(self, report: NotebookNode) -> None:
        assert [block["number"] for block in _blocks(report, "table")] == ["表1", "表2"]
        assert [block["number"] for block in _blocks(report, "figure")] == ["图1", "图2"]
        english = fixture.report(fixture.ENGLISH)
        assert [block["number"] for block in _blocks(english, "table")] == ["Table 1", "Table 2"]

    def test_identifiers_are_unique_though_chapters_share_keys(self) -> None:
        made = assemble([("a", fixture.plan_chapter()), ("b", fixture.plan_chapter())], fixture.INFO)
        identifiers = [block["id"] for block in _blocks(made, "heading")]
        assert identifiers[0] == "a-plan"
        assert len(set(identifiers)) == len(identifiers)

    def test_one_cell_for_the_cover_and_one_a_chapter(self, report: NotebookNode) -> None:
        assert [cell.id for cell in report.cells] == ["cover", "chapter-population", "chapter-elderly", "chapter-plan"]
        cover = [block["type"] for block, _ in blocks_of(NotebookNode(cells=report.cells[:1]))]
        assert cover == ["cover", "banner", "banner"]
        assert report.metadata.nianbao.title == fixture.INFO.title
        nbformat.validate(report)

    def test_chapters_are_left_as_they_are_and_the_result_is_the_same_each_time(self) -> None:
        chapters = [(area, make()) for area, make in fixture.CHAPTERS]
        before = copy.deepcopy(chapters)
        assert assemble(chapters, fixture.INFO) == assemble(chapters, fixture.INFO)
        assert chapters == before

    @pytest.mark.parametrize(
        ("blocks", "message"),
        [
            ([], "shows nothing"),
            ([heading("甲", level=1, key="a"), heading("乙", level=3, key="b")], "level 3 after level 1"),
            ([heading("甲", level=2, key="a")], "level 2 after level 0"),
            ([heading("甲", level=1, key="a"), heading("乙", level=1, key="a")], "used twice"),
            ([heading("甲", level=1, key="a b")], "white space"),
        ],
    )
    def test_faulty_chapters_are_refused(self, blocks: list[dict[str, object]], message: str) -> None:
        with pytest.raises(ReportError, match=message):
            assemble([("area", fixture.chapter(*blocks))], fixture.INFO)

    def test_an_area_given_twice_is_refused(self) -> None:
        with pytest.raises(ReportError, match="given twice"):
            assemble([("a", fixture.plan_chapter()), ("a", fixture.plan_chapter())], fixture.INFO)

    def test_printed_date(self) -> None:
        assert fixture.INFO.date is not None
        assert printed_date(fixture.INFO.date, lang="zh") == "2024年12月5日"
        assert printed_date(fixture.INFO.date, lang="en") == "5 December 2024"

    def test_a_single_chapter_becomes_a_report(self) -> None:
        made = as_report(
            fixture.chapter(
                heading("免疫规划", level=1, key="vaccines"),
                metadata={"papermill": {"parameters": {"township": "qingxi", "year": 2024}}, "nianbao": {"area": "vaccines"}},
            )
        )
        assert made.metadata.nianbao.title == "免疫规划"
        assert made.metadata.nianbao.year == 2024
        assert made.cells[1].id == "chapter-vaccines"
        assert as_report(made) is made


class TestCharacters:
    def test_a_character_without_a_face_is_named_with_its_place(self) -> None:
        made = fixture.chapter(heading("甲", level=1, key="a"), paragraph([run("符号\N{EGYPTIAN HIEROGLYPH A001}在此")]))
        notebook = assemble([("area", made)], fixture.INFO)
        with pytest.raises(ReportError, match=r"U\+13000\) in chapter 'area', paragraph"):
            check_characters(notebook)
        for fmt in ("html", "pdf"):
            with pytest.raises(ReportError, match="U\\+13000"):
                render(notebook, fmt)

    def test_text_inside_a_figure_counts(self) -> None:
        block, pictures = fixture.chart_block("chart", style="attributes")
        pictures["image/svg+xml"] = pictures["image/svg+xml"].replace("东塘", "\N{EGYPTIAN HIEROGLYPH A001}")
        made = fixture.chapter(heading("甲", level=1, key="a"), (block, pictures))
        with pytest.raises(ReportError, match="图1"):
            check_characters(assemble([("area", made)], fixture.INFO))


class TestDrawing:
    HOSTILE = (
        '<!DOCTYPE svg [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9" onload="a()">'
        "<script>a()</script><foreignObject><p>x</p></foreignObject><style>*{display:none}</style>"
        '<a xlink:href="javascript:a()"><text>link</text></a><text x="1" onclick="a()">&e;kept</text>'
        '<image href="http://example.org/x.png"/><use href="other.svg#a"/><rect id="r" fill="url(http://example.org/f)"/>'
        '<rect style="fill: url(#r); stroke: red" fill="url(#r)"/><rect style="background: url(//x)"/>'
        "<animate attributeName='href' to='javascript:a()'/></svg>"
    )

    def test_only_what_draws_is_left(self) -> None:
        made = drawing.inline(self.HOSTILE, prefix="f-", alt='a "quoted" <alt>', width_mm=100)
        for word in ("script", "foreignObject", "display", "onload", "onclick", "http://example", "passwd", "other.svg"):
            assert word not in made
        assert "kept" in made
        assert 'style="fill:url(#f-r);stroke:red"' in made
        assert 'id="f-r"' in made
        assert 'aria-label="a &quot;quoted&quot; &lt;alt&gt;"' in made

    def test_a_drawing_in_a_page_takes_no_more_than_it_draws(self) -> None:
        drawn = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">\n <g id="axes">\n  <path d="M 1.23456 2  L 3.00001 -4.5  "/>\n </g>\n'
            '<clipPath id="c"/><text clip-path="url(#c)">a <tspan>b</tspan> c</text></svg>'
        )
        made = drawing.inline(drawn, prefix="f-", alt="x", width_mm=9)
        assert '<g><path d="M 1.23 2 L 3 -4.5"/></g><clipPath id="f-c"/>' in made
        assert '<text clip-path="url(#f-c)">a <tspan>b</tspan> c</text>' in made

    def test_what_is_not_a_drawing_is_refused(self) -> None:
        for text in ("<svg", "<html/>"):
            with pytest.raises(ReportError, match="SVG"):
                drawing.standalone(text)


class TestColumns:
    def test_every_table_fills_the_type_area_exactly(self) -> None:
        for block in (fixture.village_table(), fixture.wide_table()):
            layout = column_layout(block)
            assert sum(layout.widths) == pytest.approx(156 * MM, abs=0.2)
            assert sum(layout.widths) <= 156 * MM

    def test_a_wide_table_takes_smaller_type_and_an_impossible_one_is_refused(self) -> None:
        def wide(count: int) -> dict[str, object]:
            cells = [[run("1234567.89")] for _ in range(count)]
            return table([run("宽表")], key="w", columns=[column("数") for _ in range(count)], rows=[row(cells)])

        assert column_layout(wide(5)).size == 10.5
        assert column_layout(wide(7)).size == 9
        turned = column_layout(wide(8))
        assert turned.wide
        assert turned.size == 10.5
        assert sum(turned.widths) == pytest.approx(225 * MM, abs=0.2)
        assert column_layout(wide(12)).size == 7.5
        with pytest.raises(ReportError, match="do not fit the page"):
            column_layout(wide(30))

    def test_a_list_to_look_things_up_in_is_divided_where_its_rows_take_the_fewest_lines(self) -> None:
        heads = [column(words, align="left", width=width) for words, width in (("编号", 0.1), ("算式", 0.49), ("来源", 0.41))]
        long = "A 人口监测!E5“295”、E6“222”、E7“101”、E8“99”、B 人口监测!E5:E17、C 人口监测!E5:E17、共44个单元格"
        block = table([run("索引")], key="i", columns=heads, rows=[row([[run("12")], [run("出生：714")], [run(long)]])] * 20)
        layout = column_layout({**block, "small": True})
        assert layout.size == 7.5
        assert layout.widths[2] > 0.5 * 156 * MM
        assert sum(layout.widths) == pytest.approx(156 * MM, abs=0.2)


class TestHtml:
    def test_structure(self, page: BeautifulSoup) -> None:
        assert page.html["lang"] == "zh-CN"
        assert [head.get_text() for head in page.find_all("h1")] == [fixture.INFO.title]
        assert page.find(class_="skip")["href"] == "#report"
        assert page.find(id="report").name == "main"
        assert [link.get_text() for link in page.select("nav > details > ol > li > a")][:2] == [
            "一、人口与出生",
            "二、老年健康与慢性病管理",
        ]

    def test_identifiers_are_unique_and_every_link_has_a_target(self, page: BeautifulSoup) -> None:
        counts = Counter(element["id"] for element in page.find_all(id=True))
        assert [name for name, count in counts.items() if count > 1] == []
        for element in page.find_all(href=re.compile("^#")):
            assert element["href"][1:] in counts
        for reference in re.findall(r"url\(#([^)]+)\)", str(page)):
            assert reference in counts

    def test_nothing_acts_and_nothing_is_fetched(self, page: BeautifulSoup) -> None:
        assert page.find(["iframe", "object", "embed", "link", "form", "base"]) is None
        [script] = page.find_all("script")
        assert script.attrs == {}
        assert not re.search(r"fetch|XMLHttp|import|eval|innerHTML|https?:", script.string)
        for element in page.find_all():
            assert [name for name in element.attrs if name.startswith("on")] == []
            for name in ("src", "href"):
                assert re.match(r"#|data:image/png;base64,", element.get(name, "#"))
        assert re.findall(r"url\((?!#|data:font/woff2)", str(page)) == []
        policy = page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
        assert re.match(
            "default-src 'none'; script-src 'sha256-[A-Za-z0-9+/]{43}='; style-src 'unsafe-inline'; img-src data:", policy
        )

    def test_hostile_text_is_only_text(self, page: BeautifulSoup) -> None:
        assert 'alert("x")</script>&amp; #eval("1")' in page.find(id="report").get_text()

    def test_tables_have_heads_for_columns_and_rows(self, page: BeautifulSoup) -> None:
        first, second = page.find_all("table")
        assert {cell["scope"] for cell in first.thead.find_all("th")} == {"col"}
        assert len(first.tbody.find_all("th", scope="row")) == 43
        assert len(second.find_all("th", scope="rowgroup")) == 2
        figure = first.find_parent("figure")
        assert figure.figcaption.get_text().startswith("表1　各村出生人口")
        assert figure.find_all(True, recursive=False)[0].name == "figcaption"

    def test_facts_are_marked(self, page: BeautifulSoup) -> None:
        assert page.find(attrs={"data-fact": "births"}).get_text() == "90"
        assert page.find(attrs={"data-fact": "births.total"}).get_text() == "6321"

    def test_figures_are_read_out_and_keep_their_text(self, page: BeautifulSoup) -> None:
        pictures = page.find_all("svg")
        assert len(pictures) == 2
        for picture in pictures:
            assert picture["role"] == "img"
            assert picture["aria-label"] == picture.title.get_text()
            assert "杨柳岸" in [text.get_text() for text in picture.find_all("text")]
            figure = picture.find_parent("figure")
            assert figure.find("figcaption").find_previous("svg") is picture

    def test_size_and_banners(self, page: BeautifulSoup, report: NotebookNode) -> None:
        assert len(render(report, "html")) < 1_500_000
        assert [banner["class"] for banner in page.find_all(class_="banner")] == [["banner", "failed"], ["banner", "draft"]]


class TestPdf:
    def test_claims_and_dates(self, pdf: Path) -> None:
        reader = PdfReader(pdf)
        xmp = reader.trailer["/Root"]["/Metadata"].get_object().get_data().decode("utf-8")
        assert re.search(r"pdfaid:part>2<", xmp)
        assert re.search(r"pdfaid:conformance>A<", xmp)
        assert re.search(r"pdfuaid:part>1<", xmp)
        assert reader.metadata.title == fixture.INFO.title
        assert reader.metadata["/CreationDate"].startswith("D:20241205")
        assert reader.trailer["/Root"]["/Lang"] == "zh-CN"

    def test_a_full_page_of_text_has_22_lines_of_28_characters(self, pdf: Path) -> None:
        document = pypdfium2.PdfDocument(pdf)
        lines = _lines(document[3])
        assert len(lines) == 22
        # A figure keeps its measure word on its line, so that some lines hold fewer characters.
        assert 28 in lines
        assert Counter(lines).most_common(1)[0][0] in (27, 28)

    def test_nothing_leaves_the_type_area(self, pdf: Path) -> None:
        document = pypdfium2.PdfDocument(pdf)
        for index in range(len(document)):
            inside = 28 if index % 2 == 0 else 26
            page = document[index].get_textpage()
            boxes = [page.get_charbox(i) for i in range(page.count_chars()) if page.get_text_range(i, 1).strip()]
            assert min(box[0] for box in boxes) >= inside * MM - 0.5
            assert max(box[2] for box in boxes) <= (inside + 156) * MM + 0.5

    def test_page_numbers_start_with_the_body_and_stand_outside(self, pdf: Path) -> None:
        document = pypdfium2.PdfDocument(pdf)
        texts = [document[index].get_textpage().get_text_bounded() for index in range(len(document))]
        assert "—" not in texts[0]
        assert "—" not in texts[1]
        for number in (1, 2, 3):
            assert re.search(rf"— {number} —\s*$", texts[number + 1])
        left = [_footer_left(document[index]) for index in (2, 3)]
        assert left[0] > 300 > left[1]

    def test_the_body_starts_on_a_right_hand_page_and_the_blank_before_it_is_blank(self) -> None:
        many = fixture.chapter(heading("甲", level=1, key="a"), *(heading(f"第{n}节", level=2, key=f"h{n}") for n in range(40)))
        document = pypdfium2.PdfDocument(render(assemble([("a", many)], fixture.INFO), "pdf"))
        texts = [document[index].get_textpage().get_text_bounded().strip() for index in range(len(document))]
        assert texts[3] == ""
        assert re.search("— 1 —$", texts[4])

    def test_caption_head_and_first_row_stay_on_one_page(self) -> None:
        for lines in (12, 13, 14):
            filler = [paragraph([run("填充。")]) for _ in range(lines)]
            made = fixture.chapter(heading("甲", level=1, key="a"), *filler, fixture.village_table(20))
            document = pypdfium2.PdfDocument(render(assemble([("a", made)], fixture.INFO), "pdf"))
            texts = [document[index].get_textpage().get_text_bounded() for index in range(len(document))]
            caption = next(index for index, text in enumerate(texts) if "表1" in text)
            assert "第1村民委员会" in texts[caption]

    def test_an_office_font_of_its_official_name_sets_the_body(self, tmp_path: Path) -> None:
        with TTFont(next(face.path for face in fonts.SHIPPED_FACES if face.key == "kai")) as font:
            for record in font["name"].names:
                if record.nameID in (1, 4, 16):
                    record.string = "FangSong_GB2312"
            font.save(tmp_path / "office.ttf")
        notebook = assemble([("plan", fixture.plan_chapter())], fixture.INFO)
        reader = PdfReader(io.BytesIO(render(notebook, "pdf", office_folder=tmp_path)))
        plain = PdfReader(io.BytesIO(render(notebook, "pdf")))
        assert len(plain.pages) == len(reader.pages)
        assert _faces_on_last_page(plain) == {"NianbaoSong", "NianbaoHei"}
        assert _faces_on_last_page(reader) == {"NianbaoKai", "NianbaoSong", "NianbaoHei"}

    def test_contents_tell_the_page(self, pdf: Path) -> None:
        text = pypdfium2.PdfDocument(pdf)[1].get_textpage().get_text_bounded()
        assert re.search(r"一、人口与出生[ .]+1\s", text)
        bookmarks = [entry.title for entry in PdfReader(pdf).outline if not isinstance(entry, list)]
        assert bookmarks == ["一、人口与出生", "二、老年健康与慢性病管理", "三、存在的问题和2025年打算", "附：编制说明"]

    def test_a_long_table_repeats_its_head(self, pdf: Path) -> None:
        document = pypdfium2.PdfDocument(pdf)
        texts = [document[index].get_textpage().get_text_bounded() for index in range(len(document))]
        assert (
            sum("村民委员会" in text for text in texts) == sum("系统管理率" in text and "村居" in text for text in texts) >= 2
        )

    def test_code_in_text_stays_text(self, pdf: Path) -> None:
        document = pypdfium2.PdfDocument(pdf)
        text = "".join(document[index].get_textpage().get_text_bounded() for index in range(len(document)))
        assert '#eval("1") \\ $x$' in text

    def test_a_report_without_a_date_has_a_fixed_one(self) -> None:
        info = ReportInfo(title="无日期")
        made = render(assemble([("plan", fixture.plan_chapter())], info), "pdf")
        assert b"D:20000101" in made


def _lines(page: pypdfium2.PdfPage) -> list[int]:
    """Return the number of characters of each line of the type area, from the top."""
    text = page.get_textpage()
    tops: Counter[int] = Counter()
    for index in range(text.count_chars()):
        if text.get_text_range(index, 1).strip():
            top = text.get_charbox(index, loose=True)[3]
            if top > 35 * MM:
                tops[round(top)] += 1
    return [tops[top] for top in sorted(tops, reverse=True)]


def _faces_on_last_page(reader: PdfReader) -> set[str]:
    """Return the faces of the last page, without subset tag and weight."""
    names = [str(font["/BaseFont"]) for font in reader.pages[-1]["/Resources"]["/Font"].values()]
    return {name.partition("+")[2].partition("-")[0] for name in names}


def _footer_left(page: pypdfium2.PdfPage) -> float:
    text = page.get_textpage()
    boxes = [text.get_charbox(index) for index in range(text.count_chars()) if text.get_text_range(index, 1) == "—"]
    return min(box[0] for box in boxes if box[3] < 35 * MM)


class TestExporters:
    @pytest.mark.parametrize("fmt", ["html", "pdf", "docx"])
    def test_nbconvert_turns_a_chapter_file_into_a_document(self, fmt: str, tmp_path: Path) -> None:
        source = tmp_path / "elderly.ipynb"
        nbformat.write(fixture.elderly_chapter(), source)
        content, resources = get_exporter(f"nianbao_{fmt}")().from_filename(str(source))
        assert resources["output_extension"] == f".{fmt}"
        starts = {"html": "<!DOCTYPE html>", "pdf": b"%PDF-1.7", "docx": b"PK"}
        assert content.startswith(starts[fmt])

    def test_equal_notebooks_give_equal_bytes_anywhere(self, report: NotebookNode, tmp_path: Path) -> None:
        source = tmp_path / "report.ipynb"
        nbformat.write(report, source)
        code = (
            "import hashlib, nbformat, sys; from nianbao.report import render; "
            "n = nbformat.read(sys.argv[1], 4); print(*(hashlib.sha256(render(n, f)).hexdigest() for f in ('html', 'pdf')))"
        )
        seen = set()
        for place, zone in (("one", "UTC"), ("two", "Asia/Shanghai")):
            folder = tmp_path / place
            folder.mkdir()
            environment = {
                **os.environ,
                "HOME": str(folder),
                "TMPDIR": str(folder),
                "TZ": zone,
                "PYTHONHASHSEED": str(len(zone)),
            }
            made = subprocess.run(
                [sys.executable, "-c", code, str(source)],
                cwd=folder,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            seen.add(made.stdout)
        assert len(seen) == 1

    def test_a_figure_without_svg_is_shown_as_png(self) -> None:
        block, pictures = fixture.chart_block("chart", style="attributes")
        made = fixture.chapter(heading("甲", level=1, key="a"), (block, {"image/png": pictures["image/png"]}))
        notebook = assemble([("area", made)], fixture.INFO)
        assert b'src="data:image/png;base64,' in render(notebook, "html")
        assert render(notebook, "pdf").startswith(b"%PDF")

    def test_a_figure_without_any_image_is_refused(self) -> None:
        block, _ = fixture.chart_block("chart", style="attributes")
        notebook = assemble([("a", fixture.chapter(heading("甲", level=1, key="a"), block))], fixture.INFO)
        for fmt in ("html", "pdf"):
            with pytest.raises(ReportError, match="has no image"):
                render(notebook, fmt)
