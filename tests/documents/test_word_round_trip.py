"""The Word file goes through LibreOffice and comes back whole, and stands on paper as the standard asks."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import docx
import measure
import pytest
from docx.oxml.ns import qn
from docx.table import Table

from built import Built
from printed import INDEX, docx_text
from programs import from_office


def told(content: bytes) -> dict[str, list[Any]]:
    """Return the words outside tables, the headings with their level, and the words of every table's cells."""
    document: Any = docx.Document(io.BytesIO(content))
    body = document.element.body
    words = [
        "".join(piece.text or "" for piece in one.iter(qn("w:t"))) for one in body.iter(qn("w:p")) if not inside_table(one)
    ]
    headings = [(one.style.name, one.text) for one in document.paragraphs if one.style.name.startswith("Heading")]
    tables = [
        [[cell.text for cell in row.cells] for row in one.rows]
        for one in document.iter_inner_content()
        if isinstance(one, Table)
    ]
    return {"words": [one for one in words if one.strip()], "headings": headings, "tables": tables}


def moved(ours: list[str], theirs: list[str]) -> list[str]:
    """Return the paragraphs that did not come back, in order; one may come back as two neighbours.

    LibreOffice writes a paragraph that goes on over a page as two.  The first that is lost ends the walk: nothing behind it can be placed.
    """
    place = 0
    for one in ours:
        if theirs[place : place + 1] == [one]:
            place += 1
        elif "".join(theirs[place : place + 2]) == one:
            place += 2
        else:
            return [one]
    return theirs[place:]


def inside_table(paragraph: Any) -> bool:
    return next(paragraph.iterancestors(qn("w:tbl")), None) is not None


@pytest.fixture(scope="session")
def returned(soffice: str, each: Built, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return each Word file as LibreOffice writes it back."""
    made = from_office(soffice, each.folder / "report.docx", to="docx", folder=tmp_path_factory.mktemp("again"))
    return made.read_bytes()


@pytest.fixture(scope="session")
def printed(soffice: str, each: Built, tmp_path_factory: pytest.TempPathFactory) -> list[measure.Page]:
    """Return the pages LibreOffice prints of each Word file."""
    made = from_office(soffice, each.folder / "report.docx", to="pdf", folder=tmp_path_factory.mktemp("print"))
    return measure.pages_of(made.read_bytes())


def test_text_tables_and_headings_come_back(each: Built, returned: bytes) -> None:
    ours, theirs = told((each.folder / "report.docx").read_bytes()), told(returned)
    assert len(ours["headings"]) > 10
    assert len(ours["tables"]) > 5
    assert moved(ours["words"], theirs["words"]) == []
    assert len(ours["words"]) <= len(theirs["words"]) <= len(ours["words"]) + 2, (
        "paragraphs parted at the foot of a page are few"
    )
    for part in ("headings", "tables"):
        assert theirs[part] == ours[part], part


@pytest.mark.parametrize(
    ("theirs", "lost"),
    [
        (["甲乙丙", "丁"], []),
        (["甲", "乙丙", "丁"], []),
        (["甲乙丙丁"], ["甲乙丙"]),
        (["甲", "乙", "丙", "丁"], ["甲乙丙"]),
        (["甲乙", "丁"], ["甲乙丙"]),
        (["丁", "甲乙丙"], ["甲乙丙"]),
        (["甲乙丙"], ["丁"]),
        (["甲乙丙", "丁", "戊"], ["戊"]),
    ],
)
def test_a_paragraph_may_come_back_as_two_neighbours_and_not_otherwise(theirs: list[str], lost: list[str]) -> None:
    assert moved(["甲乙丙", "丁"], theirs) == lost


@pytest.mark.parametrize("part", ["words", "headings", "tables"])
def test_words_lost_on_the_way_are_noticed(built: Built, part: str) -> None:
    content = (built.folder / "report.docx").read_bytes()
    document: Any = docx.Document(io.BytesIO(content))
    if part == "tables":
        document.tables[0].cell(1, 0).paragraphs[0].clear()
    else:
        style = "Heading 1" if part == "headings" else "Body Text"
        next(one for one in document.paragraphs if one.style.name == style).clear()
    changed = io.BytesIO()
    document.save(changed)
    assert told(changed.getvalue())[part] != told(content)[part]


def test_word_keeps_to_the_paper_of_the_standard(each: Built) -> None:
    document: Any = docx.Document(str(each.folder / "report.docx"))
    for section in document.sections:
        size = (section.page_width.mm, section.page_height.mm)
        assert sorted(size) == pytest.approx(sorted(measure.A4_MM), abs=0.1)
        if size[0] < size[1]:
            held = {side: getattr(section, f"{side}_margin").mm for side in measure.MARGINS_MM}
            assert held == pytest.approx(measure.MARGINS_MM, abs=0.05)
        assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "579", "22 lines in 225 mm"


def test_word_repeats_the_head_of_every_table_and_keeps_headings_with_their_text(each: Built) -> None:
    document: Any = docx.Document(str(each.folder / "report.docx"))
    for table in document.tables:
        first = table.rows[0]._tr.trPr
        assert first is not None
        assert first.find(qn("w:tblHeader")) is not None
    styles = {one.style.name for one in document.paragraphs if one.style.name.startswith(("Heading", "Table Caption"))}
    assert styles
    for name in styles:
        assert document.styles[name].element.pPr.find(qn("w:keepNext")) is not None, name


def test_word_on_paper_stays_within_its_margins(each: Built, printed: list[measure.Page]) -> None:
    assert measure.wrong_sizes(printed) == []
    assert measure.overfull(printed, slack=2.0) == [], "LibreOffice squeezes a justified line less than Word does"
    assert measure.out_of_order([one for one in measure.captions_of(printed) if one.startswith("表")]) == []


def test_word_on_paper_numbers_its_pages_and_ends_none_with_a_heading(each: Built, printed: list[measure.Page]) -> None:
    assert measure.wrong_numbers(printed) == []
    headings = [words for _, words in told((each.folder / "report.docx").read_bytes())["headings"]]
    captions = [
        one.text
        for one in docx.Document(str(each.folder / "report.docx")).paragraphs
        if one.style and one.style.name == "Table Caption"
    ]
    assert measure.lonely(printed, headings, captions) == []


def test_the_index_is_left_out_of_what_formats_share(each: Built) -> None:
    """The text the formats are compared by ends where the index of sources begins."""
    text = docx_text((each.folder / "report.docx").read_bytes())
    assert not re.search("|".join(INDEX), text) or Path(each.folder).name == "shifan"
