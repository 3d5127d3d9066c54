"""The formats of every report say the same: each fact of the page in the PDF and the Word file, equally often and in order."""

from __future__ import annotations

import re
from collections import Counter

import openpyxl

from built import Built
from nianbao.facts import numbers_in
from printed import chart_texts, docx_text, facts_printed, html_text, pdf_text


def displays(built: Built) -> list[str]:
    """Return what the page prints for each fact, in order."""
    return [display for _, display in facts_printed(built.html)]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def missing_in_order(facts: list[str], text: str) -> list[str]:
    """Return the facts that do not follow one another in a text."""
    place, lost = 0, []
    for fact in facts:
        found = text.find(fact, place)
        if found < 0:
            lost.append(fact)
        else:
            place = found + len(fact)
    return lost


def word_text(built: Built) -> str:
    return docx_text((built.folder / "report.docx").read_bytes())


def test_word_says_every_fact_in_the_order_of_the_page(each: Built) -> None:
    facts = [squeezed(one) for one in displays(each)]
    assert len(facts) > 100
    assert missing_in_order(facts, squeezed(word_text(each))) == []


def test_word_has_the_numbers_of_the_page_and_no_others(each: Built) -> None:
    assert Counter(numbers_in(word_text(each))) == Counter(numbers_in(html_text(each.html)))


def test_the_pdf_says_every_fact_equally_often(each: Built) -> None:
    """Heads repeated on a new page may add to them, and text in charts is counted with the page's."""
    charts = [number for text in chart_texts(each.html) for number in numbers_in(text)]
    heads = {number for cell in each.soup.select("thead th") for number in numbers_in(cell.get_text())}
    page = Counter([*numbers_in(html_text(each.html)), *charts])
    printed = Counter(numbers_in(pdf_text((each.folder / "report.pdf").read_bytes())))
    assert page - printed == Counter()
    listed = (
        {str(number) for number in range(1, 10)} if each.soup.select(".enclosures") else set()
    )  # the numbers of attachments
    assert set(printed - page) <= heads | listed


def test_the_annex_says_every_figure_of_the_results(each: Built) -> None:
    path = each.folder / "report.xlsx"
    book = openpyxl.load_workbook(path, read_only=True)
    said = {
        squeezed(str(value))
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
        for value in row
        if value is not None
    }
    shown = {squeezed(one["display"]) for one in each.facts if one["role"] == "value"}
    plain = {re.sub(r"[^\d.\-]", "", one) for one in said}
    assert {one for one in shown if one not in said and re.sub(r"[^\d.\-]", "", one) not in plain} == set()


def test_a_fact_that_differs_is_noticed(built: Built) -> None:
    facts, text = [squeezed(one) for one in displays(built)], squeezed(word_text(built))
    births = facts.index("151")
    assert missing_in_order([*facts[:births], "98765", *facts[births:]], text) != []
    assert missing_in_order(facts, text.replace("151", "152")) != []
    assert missing_in_order(facts[::-1], text) != []
