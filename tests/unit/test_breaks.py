"""Where lines and tables may break: the rules themselves, and what each format makes of them."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import docx
import pypdf
import pypdfium2
import pytest
import report_fixture as fixture
from docx.oxml.ns import qn

from nianbao.blocks import column, heading, paragraph, plain, row, run, table
from nianbao.breaks import EDGE_ROWS, NEVER_AFTER, NEVER_BEFORE, WHOLE_ROWS, pieces, row_breaks, unbroken
from nianbao.columns import column_layout
from nianbao.report import assemble, render


def held(text: str) -> list[str]:
    return [text[start:end] for start, end in unbroken(text)]


class TestLines:
    @pytest.mark.parametrize(
        ("text", "stays"),
        [
            ("管理0～36个月儿童", ["0～36个月"]),
            ("2019年1—11月，完成15000只、", ["2019年", "1—11月", "15000只"]),
            ("（还差94人）；叶酸", ["94人）；"]),
            ("落实“双岗”。另", ["岗”。"]),
            ("下降5.88个百分点", ["5.88个百分点"]),
            ("比上年低0.55个千分点，", ["0.55个千分点"]),
            ("为83.03～112.66，", ["83.03～112.66"]),
            ("投资1.05亿元；服务20人次", ["1.05亿元；", "20人次"]),
            ("E9单元格，N95口罩", []),
            ("率为97.5%，合计30", []),
        ],
    )
    def test_figures_stay_with_their_measure_and_brackets_with_their_mark(self, text: str, stays: list[str]) -> None:
        assert held(text) == stays

    def test_pieces_keep_every_word_and_never_cut_a_figure(self) -> None:
        runs = [
            run("还差"),
            run("12", fact="f-1"),
            run("人）；"),
            run("约300", fact="f-2"),
            run("份，"),
            run("2020年10月31日止", fact="f-3"),
        ]
        made = pieces(runs)
        assert "".join(plain(part) for _, part in made) == plain(runs)
        assert [plain(part) for keeps, part in made if keeps] == ["12人）；", "约300份", "2020年10月31日止"]
        facts = [(part["text"], part["fact"]) for _, group in made for part in group if "fact" in part]
        assert facts == [("12", "f-1"), ("约300", "f-2"), ("2020年10月31日止", "f-3")]

    def test_where_figures_are_boxes_the_marks_about_them_stay(self) -> None:
        runs = [
            run("发放 ("),
            run("50.03%", fact="f-1"),
            run("), 率为"),
            run("100%", fact="f-2"),
            run("。共"),
            run("12", fact="f-3"),
            run("人）；另"),
            run("7", fact="f-4"),
            run(" of them"),
        ]
        made = pieces(runs, boxed=True)
        assert "".join(plain(part) for _, part in made) == plain(runs)
        assert [plain(part) for keeps, part in made if keeps] == ["(50.03%),", "100%。", "12人）；"]
        assert [plain(part) for keeps, part in pieces(runs) if keeps] == ["12人）；"]

    def test_a_stretch_longer_than_a_line_can_spare_is_not_held(self) -> None:
        assert [keeps for keeps, _ in pieces([run("20190101—20200202年，", fact="x")])] == [False]

    def test_the_page_and_the_archive_hold_them_together(self) -> None:
        text = "，".join(
            f"第{place}项差{place}.5个百分点（还差{place}人）；管理0～36个月儿童{place}人" for place in range(10, 60)
        )
        made = fixture.chapter(heading("甲", level=1, key="a"), paragraph([run(text)]))
        notebook = assemble([("area", made)], fixture.INFO)
        assert "<span class=held>10人）；</span>" in render(notebook, "html").decode("utf-8")
        pages = pypdf.PdfReader(io.BytesIO(render(notebook, "pdf"))).pages[3:]
        lines = [line.strip() for page in pages for line in page.extract_text().splitlines() if line.strip()]
        assert len(lines) > 30
        assert [line for line in lines if re.match(r"[，。；：、）人个～]", line)] == []
        assert [line for line in lines if line.endswith(("（", "～"))] == []
        assert "\u2060" not in "".join(lines)

    def test_word_is_told_the_rules(self) -> None:
        with zipfile.ZipFile(io.BytesIO(render(fixture.report(), "docx"))) as package:
            styles, settings = (package.read(f"word/{name}.xml").decode("utf-8") for name in ("styles", "settings"))
        assert "<w:pPrDefault><w:pPr><w:kinsoku/></w:pPr></w:pPrDefault>" in styles
        assert styles.count('<w:autoSpaceDE w:val="0"/>') == styles.count('w:type="paragraph"')
        names = re.findall(r"<w:(\w+)", settings)
        order = ["characterSpacingControl", "noLineBreaksAfter", "noLineBreaksBefore", "compat"]
        assert [name for name in names if name in order] == order
        assert "～" in NEVER_AFTER
        assert set("～，。；：、）”") <= set(NEVER_BEFORE)


def rows_table(count: int, *, words: str = "", notes: int = 1) -> dict[str, Any]:
    rows = [row([[run(f"村{place:02}{words}")], [run(str(place))]]) for place in range(count)]
    columns = [column("村", align="left"), column("人数")]
    return table([run("各村")], key=f"t{count}", columns=columns, rows=rows, notes=[[run("注：末尾说明。")]] * notes)


class TestRows:
    def test_short_tables_are_whole_and_long_ones_keep_three_rows_at_either_end(self) -> None:
        assert row_breaks([1] * WHOLE_ROWS).whole
        long = row_breaks([1] * (WHOLE_ROWS + 1))
        assert (long.whole, long.first, long.last) == (False, EDGE_ROWS, EDGE_ROWS)
        kept = [long.keeps(place, rows=9) for place in range(9)]
        assert kept == [True, True, False, False, False, False, True, True, False]

    def test_rows_of_many_lines_are_kept_with_fewer_neighbours(self) -> None:
        tall = row_breaks([12] * 6)
        assert (tall.whole, tall.first, tall.last) == (False, 1, 1)
        assert column_layout(rows_table(4, words="字" * 900)).breaks.whole is False

    @pytest.mark.parametrize("count", [5, 9, 12, 20])
    @pytest.mark.parametrize("before", [11, 13, 14, 15, 16, 17])
    def test_no_page_of_the_archive_holds_one_or_two_rows(self, count: int, before: int) -> None:
        filler = [paragraph([run("字" * 20)]) for _ in range(before)]
        made = fixture.chapter(heading("甲", level=1, key="a"), *filler, heading("乙", level=2, key="b"), rows_table(count))
        pdf = pypdf.PdfReader(io.BytesIO(render(assemble([("area", made)], fixture.INFO), "pdf")))
        texts = [page.extract_text() for page in pdf.pages[2:]]
        shown = [len(re.findall(r"村\d\d", text)) for text in texts]
        held_rows = [number for number in shown if number]
        assert sum(held_rows) == count
        assert min(held_rows) >= min(count, EDGE_ROWS)
        if count <= WHOLE_ROWS:
            assert held_rows == [count]
        first, last = shown.index(held_rows[0]), len(shown) - 1 - shown[::-1].index(held_rows[-1])
        assert "表1" in texts[first]
        assert "（一）乙" in texts[first]
        assert "末尾说明" in texts[last]

    def test_word_keeps_the_same_rows(self) -> None:
        made = fixture.chapter(heading("甲", level=1, key="a"), rows_table(9), rows_table(4))
        document = docx.Document(io.BytesIO(render(assemble([("area", made)], fixture.INFO), "docx")))

        def kept(found: Any) -> list[bool]:
            return [bool(line.cells[0].paragraphs[0]._p.findall(f".//{qn('w:keepNext')}")) for line in found.rows[1:]]

        long, short = document.tables
        assert kept(long) == [True, True, False, False, False, False, True, True, True]
        assert kept(short) == [True] * 4
        assert all(line._tr.find(f".//{qn('w:cantSplit')}") is not None for line in long.rows)

    def test_the_printed_page_keeps_them_too_and_shows_its_label_once(self) -> None:
        page = render(fixture.report(), "html").decode("utf-8")
        assert "tbody tr:nth-last-child(-n + 3):not(:last-child)" in page
        labelled = fixture.report(fixture.INFO.__class__(**{**fixture.INFO.__dict__, "label": "合成演示数据"}))
        page = render(labelled, "html").decode("utf-8")
        assert "@page :first { @top-center { content: none; } }" in page
        assert page.rindex("@page :first") > page.index('content: "合成演示数据"')


class TestWidths:
    def test_columns_of_words_are_widened_until_they_fit_before_others_get_air(self) -> None:
        heads = ("指标", "目标", "实际", "差距", "结果", "下达单位")
        aligns = ("left", "right", "right", "right", "center", "left")
        names = ("免费婚检完成率", "婚前孕前优生健康检查完成率", "叶酸发放完成率")
        rows = [
            row([[run(cell)] for cell in (name, "100%", "105.56%", "+5.56个百分点", "未达标", "上级下达的年度任务")])
            for name in names
        ]
        block = table(
            [run("目标")],
            key="t",
            columns=[column(head, align=align) for head, align in zip(heads, aligns, strict=True)],
            rows=rows,
        )
        layout = column_layout(block)
        assert layout.size == 10.5
        assert layout.widths[5] >= 9 * 10.5 + 6, "the column that lacks least stands on one line"
        assert layout.widths[0] >= 8 * 10.5 + 6, "only the longest name takes two lines"

    def test_the_working_of_a_score_stands_on_one_line(self) -> None:
        cells = ("县级卫生镇（示爱卫〔2020〕2号（虚构））", "20", "92.35%", "20×min(1, 92.35÷95.00)", "19.44")
        aligns = ("left", "right", "right", "left", "right")
        heads = ("考核项目", "满分", "完成情况", "得分算式", "得分")
        columns = [column(head, align=align) for head, align in zip(heads, aligns, strict=True)]
        layout = column_layout(table([run("得分")], key="s", columns=columns, rows=[row([[run(cell)] for cell in cells])]))
        assert layout.widths[3] >= 12.8 * layout.size + 6


def heads_table(heads: list[str]) -> dict[str, Any]:
    columns = [column("Town", align="left"), *(column(head, align="right") for head in heads)]
    rows = [row([[run(f"Town {place}")], *[[run(str(place * 7))] for _ in heads]]) for place in range(4)]
    return table([run("Services by town")], key="heads", columns=columns, rows=rows)


HEADS = [
    "Free IUD removals for perimenopausal women",
    "Cases of illegal sex selection (cases at law)",
    "Contraceptive vending machines (machines)",
    "Family development service centres (centres)",
]


def test_no_head_of_a_narrow_column_stands_in_the_next_one() -> None:
    made = fixture.chapter(heading("Services", level=1, key="a"), heads_table(HEADS))
    archive = pypdfium2.PdfDocument(render(assemble([("area", made)], fixture.ENGLISH), "pdf"))
    marks: list[tuple[float, float, float, str]] = []
    for page in archive:
        text = page.get_textpage()
        found = [(text.get_text_range(place, 1), text.get_charbox(place)) for place in range(text.count_chars())]
        marks = [(left, right, low, letter) for letter, (left, low, right, _) in found if letter.strip()]
        if "perimenopausal" in text.get_text_range():
            break
    over = [
        (one[3], other[3])
        for place, one in enumerate(marks)
        for other in marks[place + 1 :]
        if abs(one[2] - other[2]) < 4 and min(one[1], other[1]) - max(one[0], other[0]) > 1.5
    ]
    assert "perimenopausal" in "".join(letter for *_, letter in marks)
    assert over == []
