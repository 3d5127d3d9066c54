"""Every number of the finished report, in each of its three formats, is a fact with a way back to its source.

What counts as a number is nianbao's one rule (:func:`nianbao.facts.numbers_in`): dates, numbering, legal references and cell
addresses are none.
"""

from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction

import openpyxl
import pytest

from built import RETURN, Built
from nianbao.catalogue import load_catalogue
from nianbao.facts import numbers_in
from printed import alternative_texts, chart_texts, docx_text, facts_printed, html_text, outside_facts, pdf_text

STATED_IN_WORDS = {
    "未发现": "0",
    "全部": "100",
    "全部完成": "100",
    "10余": "10",
    "70余": "70",
    "500余": "500",
    "2千余": "2000",
    "一百多": "100",
    "60岁以上": "60",
    "202_": "",
}
"""Every cell of the return that is no plain number, and its exact value as a person reads it."""


def strangers(text: str, built: Built) -> list[str]:
    """Return the numbers of a text that no fact prints."""
    known = {number for fact in built.facts for number in numbers_in(fact["display"])}
    return [number for number in numbers_in(text) if number not in known]


def read(built: Built, fmt: str) -> str:
    """Return the text of one format of the report."""
    content = (built.folder / f"report.{fmt}").read_bytes()
    return {"html": lambda: html_text(built.html), "pdf": lambda: pdf_text(content), "docx": lambda: docx_text(content)}[fmt]()


@pytest.mark.parametrize("fmt", ["html", "pdf", "docx"])
def test_every_number_is_a_fact(built: Built, fmt: str) -> None:
    text = read(built, fmt)
    assert len(numbers_in(text)) > 200
    assert strangers(text, built) == []


def test_the_page_prints_numbers_as_facts_and_nowhere_else(built: Built) -> None:
    assert numbers_in(outside_facts(built.html)) == []
    displays = {fact["fact"]: fact["display"] for fact in built.facts}
    printed = facts_printed(built.html)
    assert [pair for pair in printed if displays.get(pair[0]) != pair[1]] == []


def test_every_fact_is_printed(built: Built) -> None:
    printed = {fact for fact, _display in facts_printed(built.html)}
    assert {fact["fact"] for fact in built.facts} - printed == set()


def test_charts_show_facts_and_their_descriptions_too(built: Built) -> None:
    texts = [*chart_texts(built.html), *alternative_texts(built.html)]
    assert sum(len(numbers_in(text)) for text in texts) > 10
    assert [(text, strangers(text, built)) for text in texts if strangers(text, built)] == []


def test_an_injected_number_is_noticed(built: Built) -> None:
    forged = built.html.replace("现将全年工作情况总结如下", "现将全年98765次工作情况总结如下", 1)
    assert forged != built.html
    assert strangers(html_text(forged), built) == ["98765"]
    assert numbers_in(outside_facts(forged)) == ["98765"]


def test_a_changed_number_is_noticed(built: Built) -> None:
    forged = re.sub(r'(data-fact="population:births:value">)151', r"\g<1>152", built.html)
    assert forged != built.html
    displays = {fact["fact"]: fact["display"] for fact in built.facts}
    assert {pair for pair in facts_printed(forged) if displays.get(pair[0]) != pair[1]} == {("population:births:value", "152")}


def test_word_prints_the_numbers_of_the_page_in_its_order(built: Built) -> None:
    assert numbers_in(read(built, "docx")) == numbers_in(read(built, "html"))


def test_pdf_prints_the_numbers_of_the_page(built: Built) -> None:
    """The same numbers equally often; a table head repeated on a new page may add to them."""
    charts = [number for text in chart_texts(built.html) for number in numbers_in(text)]
    heads = {number for cell in built.soup.select("thead th") for number in numbers_in(cell.get_text())}
    on_page = Counter([*numbers_in(read(built, "html")), *charts])
    in_pdf = Counter(numbers_in(read(built, "pdf")))
    assert on_page - in_pdf == Counter()
    assert set(in_pdf - on_page) <= heads


def test_every_fact_leads_to_its_source(built: Built) -> None:
    book = openpyxl.load_workbook(built.project / RETURN)
    lost = []
    for fact in built.facts:
        sources = [source for source in fact["sources"].split(";") if source]
        if not sources:
            lost.append((fact["fact"], "no source"))
        for source in sources:
            if not leads_somewhere(source, built, book):
                lost.append((fact["fact"], source))
    assert lost == []


def leads_somewhere(source: str, built: Built, book: openpyxl.Workbook) -> bool:
    """Return whether a source names a filled cell of the return, a file, or an entry of the catalogue."""
    parts = source.split("!")
    if len(parts) == 3:
        file, sheet, cell = parts
        return file == RETURN and sheet in book.sheetnames and book[sheet][cell].value is not None
    file, _, place = source.partition(":")
    path = built.project / file
    if not path.is_file() or not place:
        return path.is_file()
    if place.isdigit():
        return 1 <= int(place) <= len(path.read_text("utf-8").splitlines())
    return re.search(rf"^\s*{re.escape(place)}:", path.read_text("utf-8"), re.MULTILINE) is not None


def test_reported_figures_are_what_their_cell_says(built: Built) -> None:
    book = openpyxl.load_workbook(built.project / RETURN)
    said, compared = [], 0
    for fact in built.facts:
        cells = fact["sources"].split(";")
        if fact["role"] != "value" or fact["status"] in ("computed", "implied") or len(cells) != 1:
            continue
        _file, sheet, cell = cells[0].split("!")
        compared += 1
        if fact["value"] != stated(book[sheet][cell].value):
            said.append((fact["fact"], fact["value"], book[sheet][cell].value))
    assert said == []
    assert compared > 50


def stated(cell: object) -> str:
    """Return the exact value a cell states, read without nianbao."""
    text = str(cell)
    return STATED_IN_WORDS.get(text, text.rstrip("%"))


def test_quotients_are_those_of_their_numbers(built: Built) -> None:
    checked = 0
    for row in [*built.facts, *built.results]:
        if row["numerator"] and row["denominator"] and row["unit"] == "percent" and row.get("role", "value") == "value":
            checked += 1
            assert Fraction(row["value"]) == 100 * Fraction(row["numerator"]) / Fraction(row["denominator"])
    assert checked > 8


def test_facts_are_named_once_and_know_their_chapter(built: Built) -> None:
    names = [fact["fact"] for fact in built.facts]
    assert len(names) == len(set(names))
    entries = load_catalogue(built.project).entries
    chapters = {section["data-area"] for section in built.soup.select("section.chapter")}
    for fact in built.facts:
        assert fact["fact"].startswith(f"{fact['chapter']}:")
        assert fact["chapter"] in chapters
        if fact["role"] in ("value", "previous", "change", "change_pct", "numerator", "denominator", "target", "share"):
            assert fact["indicator"] in entries


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("2020年12月31日共31人", ["31"]),
        ("2020统计年度出生151人", ["151"]),
        ("国卫发〔2018〕12号", []),
        ("N95口罩100只", ["100"]),
        ("共11项data/maolin/2020.xlsx", ["11"]),
        ("相差4778等于利益导向政策!E8单元格的4778", ["4778", "4778"]),
    ],
)
def test_the_exceptions_swallow_no_number_beside_them(text: str, numbers: list[str]) -> None:
    assert numbers_in(text) == numbers
