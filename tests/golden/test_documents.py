"""The files of a built report keep their contracts: CSV columns, an accessible self-contained page, an archival PDF, a native Word file."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from built import Built, hashes
from nianbao.arrangement import chinese_numeral
from nianbao.catalogue import load_catalogue
from printed import CONTENTS_LINE, INDEX, PAGE_NUMBER, cell_texts, is_contents, pdf_pages

RESULTS_CONTRACT = (
    "township,year,area,indicator,dims,period,numerator,denominator,value,unit,decimals,display,lower,upper,"
    "target,deviation,previous,change,status"
)
FACTS_CONTRACT = frozenset(
    {"fact", "chapter", "indicator", "dims", "display", "value", "numerator", "denominator", "sources"},
)
EXACT = re.compile(r"-?\d+(?:\.\d+|/[1-9]\d*)?")
A4 = (595.276, 841.890)
HAN_NUMBERED = re.compile(r"^[一二三四五六七八九十]+、")

INDEX_TABLES = 2
"""Tables of the index of sources: the files, and the figures."""


# ---- CSV -----------------------------------------------------------------------------------------------------------


def test_results_have_the_columns_of_the_contract_first(built: Built) -> None:
    assert (built.folder / "results.csv").read_text("utf-8").startswith(RESULTS_CONTRACT)
    assert {(row["township"], row["year"]) for row in built.results} == {("maolin", "2020")}


def test_facts_have_the_columns_of_the_contract(built: Built) -> None:
    assert set(built.facts[0]) >= FACTS_CONTRACT
    assert all(fact["display"] for fact in built.facts)


def test_dims_are_written_in_key_order(built: Built) -> None:
    for row in [*built.results, *built.facts]:
        pairs = [pair.split("=") for pair in row["dims"].split(";") if pair]
        assert all(len(pair) == 2 and all(pair) for pair in pairs)
        assert [key for key, _ in pairs] == sorted({key for key, _ in pairs})


def test_values_are_exact(built: Built) -> None:
    for row in [*built.results, *built.facts]:
        for column in ("value", "numerator", "denominator", "previous", "change", "deviation", "target"):
            if row.get(column) and row.get("role") not in ("lower", "upper"):
                assert EXACT.fullmatch(row[column]), (column, row)
                Fraction(row[column])
    assert all(re.fullmatch(r"\d+", row["decimals"]) for row in built.results)


def test_identifiers_are_those_of_the_catalogue(built: Built) -> None:
    catalogue = load_catalogue(built.project)
    assert {row["indicator"] for row in built.results} <= set(catalogue.entries)
    assert all(catalogue.entries[row["indicator"]].area == row["area"] for row in built.results)
    names = [(row["indicator"], row["dims"]) for row in built.results]
    assert len(names) == len(set(names))


def test_the_manifest_tells_inputs_and_outputs(built: Built) -> None:
    manifest = json.loads((built.folder / "manifest.json").read_text("utf-8"))
    outputs = hashes(built.folder)
    assert manifest["outputs"] == {name: value for name, value in outputs.items() if name != "manifest.json"}
    inputs = hashes(built.project)
    named = {name: value for name, value in manifest["inputs"].items() if name != "library"}
    assert named == {name: inputs[name] for name in named}
    assert {"data/maolin/2020.xlsx", "data/maolin/2020.md", "params/townships/maolin.yml"} <= set(named)


# ---- HTML ----------------------------------------------------------------------------------------------------------


def test_page_runs_its_one_script_and_asks_for_nothing(built: Built) -> None:
    soup = built.soup
    assert not soup.select("iframe, object, embed, link, base, form, input:not(#search), meta[http-equiv=refresh]")
    assert [dict(tag.attrs) for tag in soup.select("script")] == [{}]
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.lower().startswith("on")]
    for address in re.findall(r"url\(\s*['\"]?([^'\")]*)", built.html):
        assert address.startswith(("data:", "#")), address[:80]
    assert "@import" not in built.html
    for tag in soup.find_all(True):
        for name in ("src", "href", "xlink:href", "action", "poster", "srcset"):
            assert str(tag.get(name, "#")).startswith(("#", "data:")), (tag.name, name)
    stripped = re.sub(r'xmlns(?::\w+)?="[^"]*"', "", built.html)
    assert not re.search(r"https?:|(?<![A-Za-z+/=])//[a-z]", re.sub(r"url\(data:[^)]*\)", "", stripped))


def test_page_has_a_policy_that_forbids_everything_else(built: Built) -> None:
    [policy] = built.soup.select('meta[http-equiv="Content-Security-Policy"]')
    rules = dict(rule.strip().split(" ", 1) for rule in str(policy["content"]).split(";"))
    assert rules["default-src"] == "'none'"
    [script] = built.soup.select("script")
    digest = hashlib.sha256(str(script.string).encode("utf-8")).digest()
    assert rules["script-src"] == f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
    assert not re.search(r"https?:|\*", str(policy["content"]))


def test_page_has_one_title_a_language_and_ordered_headings(built: Built) -> None:
    soup = built.soup
    assert len(soup.select("h1")) == 1
    assert soup.html is not None
    assert soup.html["lang"] == "zh-CN"
    assert soup.title is not None
    assert soup.title.get_text() == soup.h1.get_text() == "茂林镇2020年卫生健康工作总结"  # type: ignore[union-attr]
    assert soup.select_one('meta[name="viewport"]') is not None
    levels = [int(tag.name[1]) for tag in soup.find_all(re.compile(r"^h[1-6]$"))]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(soup.select("main")) == 1


def test_every_picture_is_described(built: Built) -> None:
    pictures = built.soup.select("figure.picture")
    assert len(pictures) >= 2
    for figure in pictures:
        drawn = figure.select_one("svg[role=img], img")
        assert drawn is not None
        assert len(str(drawn.get("aria-label") or drawn.get("alt"))) > 10
        assert figure.figcaption is not None


def test_every_table_head_has_a_scope(built: Built) -> None:
    tables = built.soup.select("table")
    assert len(tables) >= 10
    for table in tables:
        assert {str(th.get("scope")) for th in table.select("thead th")} == {"col"}
        assert {str(th.get("scope")) for th in table.select("tbody th:not([colspan])")} <= {"row"}
        assert {str(th.get("scope")) for th in table.select("tbody th[colspan]")} <= {"rowgroup"}
        assert table.get("aria-labelledby") or table.caption


def test_ids_are_unique_and_links_lead_somewhere(built: Built) -> None:
    ids = [str(tag["id"]) for tag in built.soup.select("[id]")]
    assert len(ids) == len(set(ids))
    targets = [str(tag["href"]) for tag in built.soup.select("a[href]")]
    assert len(targets) > 20
    assert {target[1:] for target in targets} <= set(ids)
    references = [name for tag in built.soup.select("[aria-labelledby]") for name in str(tag["aria-labelledby"]).split()]
    inside = re.findall(r"url\(#([^)]+)\)", built.html) + [
        str(tag.get("xlink:href") or tag.get("href"))[1:] for tag in built.soup.select("svg use")
    ]
    assert {*references, *inside} <= set(ids)


# ---- PDF -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pdf(built: Built) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO((built.folder / "report.pdf").read_bytes()))


def test_pdf_claims_archive_and_accessibility_standards(pdf: pypdf.PdfReader) -> None:
    root = pdf.root_object
    xmp = root["/Metadata"].get_object().get_data().decode("utf-8")  # type: ignore[union-attr]
    said = dict(re.findall(r"<(pdf[au][ai]+d:\w+)>([^<]*)<", xmp))
    assert (said["pdfaid:part"], said["pdfaid:conformance"], said["pdfuaid:part"]) == ("2", "A", "1")
    assert str(root["/Lang"]) == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "/StructTreeRoot" in root
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]  # type: ignore[index]
    assert "/OutputIntents" in root
    assert "/Encrypt" not in pdf.trailer
    assert pdf.metadata is not None
    assert pdf.metadata.title == "茂林镇2020年卫生健康工作总结"


def structure(node: Any, *, seen: set[int]) -> Iterator[Any]:
    """Yield every element of a PDF's structure tree."""
    node = node.get_object()
    if isinstance(node, list):
        for kid in node:
            yield from structure(kid, seen=seen)
    elif isinstance(node, dict) and id(node) not in seen:
        seen.add(id(node))
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from structure(node["/K"], seen=seen)


def test_pdf_is_tagged(pdf: pypdf.PdfReader, built: Built) -> None:
    elements = list(structure(pdf.root_object["/StructTreeRoot"], seen=set()))
    kinds = [str(element["/S"]) for element in elements]
    assert kinds.count("/Table") == len(built.soup.select("table")) + INDEX_TABLES
    assert kinds.count("/TH") >= sum(len(table.select("thead th")) for table in built.soup.select("table"))
    figures = [element for element in elements if element["/S"] == "/Figure"]
    assert len(figures) == len(built.soup.select("figure.picture"))
    assert all(str(figure.get("/Alt", "")) for figure in figures)
    assert {"/H1", "/H2"} <= set(kinds)


def fonts_of(pdf: pypdf.PdfReader) -> Iterator[Any]:
    """Yield every font a PDF uses, in pages and in the forms they draw."""
    waiting: list[Any] = [page["/Resources"].get_object() for page in pdf.pages if "/Resources" in page]
    while waiting:
        resources = waiting.pop()
        for font in resources.get("/Font", {}).values():
            yield font.get_object()
        for drawn in resources.get("/XObject", {}).values():
            inner = drawn.get_object().get("/Resources")
            if inner is not None:
                waiting.append(inner.get_object())


def test_pdf_embeds_every_face_with_its_characters(pdf: pypdf.PdfReader) -> None:
    faces = set()
    for font in fonts_of(pdf):
        assert "/ToUnicode" in font
        descendants = font["/DescendantFonts"] if font["/Subtype"] == "/Type0" else [font]
        for descendant in descendants:
            descriptor = descendant.get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor)
        faces.add(str(font["/BaseFont"]).split("+")[-1].split("-Identity")[0])
    assert len(faces) >= 3
    assert all("Nianbao" in face for face in faces), faces


def test_pdf_has_no_character_without_a_shape(built: Built) -> None:
    text = "".join(line for page in pdf_pages((built.folder / "report.pdf").read_bytes()) for line in page)
    assert len(text) > 5000
    assert not set(text) & {"\ufffd", "\ufffe", "\uffff", "\x00", "□"}
    assert not [character for character in text if 0xE000 <= ord(character) <= 0xF8FF]


def test_pdf_pages_are_a4_and_numbered_from_the_first_chapter(pdf: pypdf.PdfReader, built: Built) -> None:
    for page in pdf.pages:
        assert (float(page.mediabox.width), float(page.mediabox.height)) == pytest.approx(A4, abs=0.5)
    pages = pdf_pages((built.folder / "report.pdf").read_bytes())
    numbers = [number_of(lines) for lines in pages]
    first = numbers.index(1)
    assert numbers[:first] == [None] * first
    assert numbers[first:] == list(range(1, len(pages) - first + 1))


def number_of(lines: list[str]) -> int | None:
    """Return the number printed at the foot of a page."""
    return next((int(re.sub(r"\D", "", line)) for line in lines if PAGE_NUMBER.match(line)), None)


def contents_of(pages: list[list[str]]) -> list[tuple[str, int]]:
    """Return heading and page number of every line of the contents."""
    return [
        (found["title"].rstrip(" .·"), int(found["page"]))
        for lines in pages
        if is_contents(lines)
        for line in lines
        if (found := CONTENTS_LINE.match(line))
    ]


def test_contents_name_the_page_of_every_heading(built: Built) -> None:
    pages = pdf_pages((built.folder / "report.pdf").read_bytes())
    promised = contents_of(pages)
    assert [title for title, _ in promised] == headings_in_print(built)
    by_number = {number_of(lines): lines for lines in pages if number_of(lines) is not None}
    for title, number in promised:
        assert title in by_number[number], (title, number)


def headings_of_page(built: Built) -> list[str]:
    """Return the chapter and section headings of the HTML page in order."""
    return [tag.get_text() for tag in built.soup.select("main h2, main h3")]


def headings_in_print(built: Built) -> list[str]:
    """Return the headings of the printed formats, which end with the index of sources."""
    chapters = len(built.soup.select("main h2"))
    return [*headings_of_page(built), f"{chinese_numeral(chapters + 1)}、{INDEX[0]}"]


def test_pdf_bookmarks_are_its_headings(pdf: pypdf.PdfReader, built: Built) -> None:
    titles = [item.title for item in flattened(pdf.outline)]
    assert titles == headings_in_print(built)
    pages = pdf_pages((built.folder / "report.pdf").read_bytes())
    for item in flattened(pdf.outline):
        number = pdf.get_destination_page_number(item)
        assert number is not None
        assert item.title in pages[number]


def flattened(outline: list[Any]) -> Iterator[Any]:
    """Yield the entries of nested bookmarks in order."""
    for item in outline:
        if isinstance(item, list):
            yield from flattened(item)
        else:
            yield item


# ---- Word ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def word(built: Built) -> Any:
    return docx.Document(io.BytesIO((built.folder / "report.docx").read_bytes()))


def test_word_headings_are_heading_styles_with_levels(word: Any, built: Built) -> None:
    styled = [paragraph for paragraph in word.paragraphs if paragraph.style.name.startswith("Heading ")]
    assert [paragraph.text for paragraph in styled] == headings_in_print(built)
    for paragraph in styled:
        level = paragraph.style.element.find(qn("w:pPr")).find(qn("w:outlineLvl"))
        assert int(level.get(qn("w:val"))) == int(paragraph.style.name.split()[1]) - 1
    assert HAN_NUMBERED.match(styled[0].text)


def test_word_contents_are_those_of_the_pdf(word: Any, built: Built) -> None:
    """Word counts its pages only when it is told to; until then the contents show where the PDF has each heading."""
    lines = [paragraph.text.split("\t") for paragraph in word.paragraphs if paragraph.style.name.startswith("toc ")]
    promised = contents_of(pdf_pages((built.folder / "report.pdf").read_bytes()))
    assert [(line[0], int(line[-1])) for line in lines] == promised


def test_word_tables_are_native_and_say_what_the_page_says(word: Any, built: Built) -> None:
    on_page = [
        [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tr")]
        for table in built.soup.select("table")
    ]
    in_word = [[cell_texts(row) for row in table.rows] for table in word.tables]
    assert in_word[:-INDEX_TABLES] == on_page


def test_word_tables_repeat_their_head(word: Any) -> None:
    for table in word.tables:
        assert table.rows[0]._tr.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None


def test_word_pictures_are_described(word: Any, built: Built) -> None:
    drawn = word.element.body.iter(qn("wp:docPr"))
    described = [str(picture.get("descr")) for picture in drawn]
    labels = [str(svg["aria-label"]) for svg in built.soup.select("svg[aria-label]")]
    assert described == labels


def test_word_says_its_title_and_language_and_nothing_of_its_machine(word: Any) -> None:
    assert word.core_properties.title == "茂林镇2020年卫生健康工作总结"
    assert word.core_properties.last_modified_by in ("", None, word.core_properties.author)
    languages = {tag.get(qn("w:eastAsia")) for tag in word.styles.element.iter(qn("w:lang"))}
    assert "zh-CN" in languages


def test_word_page_is_a4(word: Any) -> None:
    for section in word.sections:
        assert (section.page_width.mm, section.page_height.mm) == pytest.approx((210, 297), abs=0.2)


def test_table_texts_stand_in_the_pdf_too(built: Built) -> None:
    squeezed = "".join(
        line for page in pdf_pages((built.folder / "report.pdf").read_bytes()) for line in page if not PAGE_NUMBER.match(line)
    )
    squeezed = re.sub(r"\s", "", squeezed)
    missing = [
        cell.get_text()
        for cell in built.soup.select("table th, table td")
        if re.sub(r"\s", "", cell.get_text()) not in squeezed
    ]
    assert missing == []
