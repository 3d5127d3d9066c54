"""Figures with unlike decimals stand with their points under each other in every format, and their text stays the figure alone."""

from __future__ import annotations

import io
from typing import Any

import docx
import pypdfium2
import pytest
import report_fixture as fixture
from bs4 import BeautifulSoup
from docx.oxml.ns import qn
from nbformat import NotebookNode

from nianbao.blocks import Block, column, heading, row, run, table
from nianbao.columns import column_layout, fills
from nianbao.composer import aligned
from nianbao.report import assemble, render

AMOUNTS = ("323.172", "3.9", "约22", "—", "97.5")


def money(*amounts: str) -> Block:
    rows = [row([[run(f"项目{place}")], [run(amount)]]) for place, amount in enumerate(amounts)]
    heads = [column("项目", align="left"), column("金额（万元）")]
    return aligned(table([run("资金")], key="money", columns=heads, rows=rows))


def report(block: Block) -> NotebookNode:
    return assemble([("a", fixture.chapter(heading("甲", level=1, key="a"), block))], fixture.INFO)


@pytest.mark.parametrize(
    ("amounts", "lacking"),
    [
        (AMOUNTS, ["", "00", ".000", "", "00"]),
        (("94.13%", "97.5%", "12"), ["", "0", ".00%"]),
        (("12%", "7"), ["", "%"]),
        (("1.5", "2.5"), ["", ""]),
        (("1.5", "99%以上"), ["", ""]),
        (("1.5", "3～4"), ["", ""]),
    ],
)
def test_a_figure_keeps_the_room_of_the_decimals_it_lacks(amounts: tuple[str, ...], lacking: list[str]) -> None:
    assert [line[1] for line in fills(money(*amounts))] == lacking


def test_points_stand_under_each_other_on_the_printed_page_and_its_text_is_the_figures_alone() -> None:
    document = pypdfium2.PdfDocument(render(report(money(*AMOUNTS)), "pdf"))
    page = document[len(document) - 1].get_textpage()
    text = page.get_text_range()
    printed = text[text.index("项目0") :].split()
    assert printed[:10] == [word for place, amount in enumerate(AMOUNTS) for word in (f"项目{place}", amount)]
    ends = []
    for whole in ("323", "3.9", "22", "97.5"):
        place = text.index(whole) + len(whole.partition(".")[0]) - 1
        ends.append(page.get_charbox(place)[2])
    assert ends == pytest.approx([ends[0]] * 4, abs=0.6)


def test_word_indents_a_figure_by_the_decimals_it_lacks() -> None:
    block = money(*AMOUNTS)
    layout = column_layout(block)
    document: Any = docx.Document(io.BytesIO(render(report(block), "docx")))
    cells = [line.cells[1] for line in document.tables[0].rows[1:]]
    assert [cell.text for cell in cells] == list(AMOUNTS)
    indents = [cell.paragraphs[0]._p.pPr.find(qn("w:ind")) for cell in cells]
    room = [int(indent.get(qn("w:right"))) / 20 - layout.pads[1] for indent in indents]
    assert room == pytest.approx([0, layout.size, 1.75 * layout.size, 0, layout.size], abs=0.06)


def test_the_page_keeps_the_room_in_its_style_and_not_in_its_text() -> None:
    page = BeautifulSoup(render(report(money(*AMOUNTS)), "html"), "html.parser")
    cells = page.select("tbody td")
    assert [cell.text for cell in cells] == list(AMOUNTS)
    assert [cell.get("data-lacks") for cell in cells] == [None, "00", ".000", None, "00"]
    assert "td[data-lacks]::after { content: attr(data-lacks); visibility: hidden; }" in page.style.text  # type: ignore[union-attr]
