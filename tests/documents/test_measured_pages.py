"""Every page of every report measured against GB/T 9704-2012, and each measure shown to notice a document that is wrong."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import measure
import pypdf
import pytest
import typst
from bs4 import BeautifulSoup
from measure import Page

from built import Built
from nianbao import fonts

FACES = ("Hei", "Kai", "Song", "Song")
"""What the faces of the four levels are called in the shipped family; Song stands for 仿宋."""
BODY_PT = 16.0


@cache
def pages(path: Path) -> list[Page]:
    return measure.pages_of(path.read_bytes())


def pdf(built: Built) -> list[Page]:
    return pages(built.folder / "report.pdf")


def outline(content: bytes) -> list[tuple[int, str]]:
    """Return the bookmarks of a PDF as (level, words)."""

    def flat(entries: list[Any], level: int) -> Iterator[tuple[int, str]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from flat(entry, level + 1)
            else:
                yield level, str(entry.title)

    return list(flat(pypdf.PdfReader(io.BytesIO(content)).outline, 1))


def headings(built: Built) -> list[tuple[int, str]]:
    """Return the headings of a report with the level each is numbered at."""
    return measure.ranked(outline((built.folder / "report.pdf").read_bytes()), measure.attachment_titles(pdf(built)))


def tables(soup: BeautifulSoup) -> list[tuple[str, list[str]]]:
    """Return the tables of a page: caption, and the words of the head."""
    made = []
    for figure in soup.select("figure"):
        caption, heads = figure.find("figcaption"), figure.select("thead th")
        if caption is not None and heads:
            made.append((caption.get_text().strip(), [head.get_text().strip() for head in heads]))
    return made


def test_every_page_is_a4(each: Built) -> None:
    assert measure.wrong_sizes(pdf(each)) == []


def test_nothing_leaves_the_type_area(each: Built) -> None:
    assert measure.overfull(pdf(each)) == []


def test_the_body_stands_on_22_lines_of_28_characters(each: Built) -> None:
    assert measure.body_size(pdf(each)) == BODY_PT
    assert measure.wrong_pitch(pdf(each), BODY_PT) == []
    assert measure.overlong_lines(pdf(each), BODY_PT) == []
    assert max(len(measure.full_lines(page, BODY_PT)) for page in pdf(each)) <= measure.LINES


def test_a_page_of_nothing_but_text_is_full(each: Built) -> None:
    """Measured where a report has such a page; the demonstration county has."""
    full = [page for page in pdf(each) if len(measure.full_lines(page, BODY_PT)) == measure.LINES]
    if each.folder.name == "qingshi":
        assert full
    for page in full:
        widths = [sum(1.0 if ord(mark.text) > 0x2000 else 0.5 for mark in line.marks) for line in page.body()]
        assert measure.CHARACTERS - 1 <= max(widths) <= measure.CHARACTERS + 0.5


def test_page_numbers_stand_outside_and_7_mm_below(each: Built) -> None:
    assert measure.wrong_numbers(pdf(each)) == []


def test_headings_are_numbered_and_set_by_their_level(each: Built) -> None:
    found = headings(each)
    assert len(found) > 10
    assert measure.heading_faults(found) == []
    assert measure.wrong_faces(pdf(each), found, FACES, BODY_PT) == []


def test_tables_and_figures_count_on(each: Built) -> None:
    numbers = measure.captions_of(pdf(each))
    assert measure.out_of_order(sorted(numbers, key=lambda one: (one[0], int(one[1:])))) == [], "none is missing or there twice"
    assert measure.out_of_order([number for number in numbers if number.startswith("表")]) == []
    listed = {match[0] for caption, _ in tables(each.soup) if (match := re.match(r"表\d+", caption))}
    assert listed <= set(numbers)


def pictured(soup: BeautifulSoup) -> list[tuple[str, str]]:
    """Return the captions of a page's figures with the heading each stands under, without spaces."""
    found, under = [], ""
    for tag in soup.select("main h2, main h3, main h4, main figcaption"):
        words = re.sub(r"\s", "", tag.get_text())
        if tag.name != "figcaption":
            under = words
        elif words.startswith("图"):
            found.append((words, under))
    return found


def test_a_figure_stays_in_its_section(each: Built) -> None:
    figures = pictured(each.soup)
    printed = measure.sections_of(pdf(each), [words for _, words in headings(each)], [caption for caption, _ in figures])
    assert figures or each.folder.name not in ("maolin", "shifan", "qingshi")
    assert printed == figures


def test_a_figure_of_another_section_is_noticed(tmp_path: Path) -> None:
    figure = "#place(bottom, float: true)[图1　甲]\n" + "字" * 56
    found, content = set_pages(f"= 一、甲\n{figure}\n= 二、乙\n{_TEXT}", tmp_path)
    words = [words for _, words in outline(content)]
    assert measure.sections_of(found, words, ["图1　甲"]) == [("图1甲", "二、乙")]


def test_no_heading_or_caption_ends_a_page(each: Built) -> None:
    captions = [caption for caption, _ in tables(each.soup)]
    assert measure.lonely(pdf(each), [words for _, words in headings(each)], captions) == []


def test_a_table_that_goes_on_repeats_its_head(each: Built) -> None:
    assert measure.unrepeated_heads(pdf(each), tables(each.soup)) == []


# ---- a document that is wrong is noticed ---------------------------------------------------------------------------------------

_SET = """
#set page(width: 210mm, height: 297mm, margin: (top: 37mm, bottom: 35mm, inside: 28mm, outside: 26mm), binding: left,
  footer-descent: 0mm, footer: context { v(7mm); set text(size: 14pt, top-edge: 0.28em, bottom-edge: -0.2em)
  let n = counter(page).get().first(); if calc.odd(n) { align(right, [— #n —#h(14pt)]) } else { align(left, [#h(14pt)— #n —]) } })
#set text(font: "Nianbao Song", size: 16pt, top-edge: 19.275pt, bottom-edge: -9.675pt, tracking: -0.21pt, lang: "zh",
  costs: (widow: 0%, orphan: 0%))
#set par(leading: 0pt, spacing: 0pt)
#set block(spacing: 0pt)
#set heading(outlined: true)
#show heading: it => block(above: 0pt, below: 0pt, sticky: false, text(size: 16pt, weight: "regular", font: if it.level == 1 { "Nianbao Hei" } else { "Nianbao Kai" }, it.body))
#show heading: set block(sticky: false)
"""
_TEXT = "字" * 280


def set_pages(source: str, tmp_path: Path, *, settings: str = _SET) -> tuple[list[Page], bytes]:
    path = tmp_path / "wrong.typ"
    path.write_text(settings + source, encoding="utf-8")
    content = typst.compile(str(path), font_paths=[str(one) for one in fonts.folders(None)], ignore_system_fonts=True)
    return measure.pages_of(content), content


def test_a_right_document_is_right(tmp_path: Path) -> None:
    right = "= 一、甲\n" + _TEXT * 2 + "\n== （一）乙\n" + _TEXT * 4
    found, content = set_pages(right, tmp_path)
    assert len(found) > 2
    assert measure.wrong_sizes(found) + measure.overfull(found) + measure.wrong_numbers(found) == []
    assert measure.wrong_pitch(found, BODY_PT) + measure.overlong_lines(found, BODY_PT) == []
    assert measure.heading_faults(outline(content)) == []
    assert measure.wrong_faces(found, outline(content), FACES, BODY_PT) == []
    assert len(measure.full_lines(found[0], BODY_PT)) == measure.LINES


WRONG: dict[str, tuple[str, str, str, Callable[[list[Page]], list[str]]]] = {
    "another paper": ("height: 297mm", "height: 280mm", _TEXT, measure.wrong_sizes),
    "a wide margin": ("inside: 28mm", "inside: 20mm", _TEXT, measure.overfull),
    "text in the margin": ("", "", f"{_TEXT}#place(dx: 150mm)[出界的字]", measure.overfull),
    "loose lines": ("leading: 0pt", "leading: 3pt", _TEXT, lambda found: measure.wrong_pitch(found, BODY_PT)),
    "small type": ("tracking: -0.21pt", "tracking: -1pt", _TEXT, lambda found: measure.overlong_lines(found, BODY_PT)),
    "numbers inside": ("calc.odd(n)", "calc.even(n)", _TEXT, measure.wrong_numbers),
    "low numbers": ("v(7mm)", "v(10mm)", _TEXT, measure.wrong_numbers),
    "bare numbers": ("— #n —#h", "#n#h", _TEXT, measure.wrong_numbers),
    "a number left out": ("[— #n —#h", "[— #(n + 1) —#h", _TEXT * 5, measure.wrong_numbers),
    "a lonely heading": (
        "", "", f"{'字' * 570}\n= 一、甲\n{_TEXT}", lambda found: measure.lonely(found, ["一、甲"], []),
    ),
    "a lonely caption": ("", "", f"{'字' * 570}\n\n表1　甲\n\n{_TEXT}", lambda found: measure.lonely(found, [], ["表1　甲"])),
    "another face": (
        '"Nianbao Hei" }', '"Nianbao Kai" }', f"= 一、甲\n{_TEXT}",
        lambda found: measure.wrong_faces(found, [(1, "一、甲")], FACES, BODY_PT),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_noticed(name: str, tmp_path: Path) -> None:
    old, new, source, check = WRONG[name]
    assert old in _SET
    found, _ = set_pages(source, tmp_path, settings=_SET.replace(old, new) if old else _SET)
    assert check(found) != []


def test_wrong_numbering_is_noticed() -> None:
    assert measure.heading_faults([(1, "一、甲"), (2, "（一）乙"), (2, "（三）丙"), (1, "二、丁")]) != []
    assert measure.heading_faults([(1, "一、甲"), (1, "三、乙")]) != []
    assert measure.heading_faults([(1, "一、甲"), (2, "一、乙")]) != []
    assert measure.heading_faults([(1, f"{number}、甲") for number in ("一", "二", "三")]) == []
    assert measure.out_of_order(["表1", "图1", "表2", "表4"]) == ["表: [1, 2, 4]"]
    assert measure.out_of_order(["表1", "表1"]) != []


@pytest.mark.parametrize("repeat", [True, False])
def test_a_table_without_its_head_on_the_next_page_is_noticed(repeat: bool, tmp_path: Path) -> None:
    rows = ", ".join(f"[村{number}], [{number}]" for number in range(60))
    small = "#set text(size: 10.5pt, top-edge: 12pt, bottom-edge: -4pt)\n"
    table = f"#table(columns: 2, stroke: none, table.header(repeat: {str(repeat).lower()}, [地名], [人数]), {rows})"
    found, _ = set_pages(f"#text(size: 12pt)[表1　人口]\n\n{small}{table}", tmp_path)
    faults = measure.unrepeated_heads(found, [("表1　人口", ["地名", "人数"])])
    assert (faults == []) is repeat
