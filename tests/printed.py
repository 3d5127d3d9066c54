"""The text of a finished report in each format, without what is numbering or page furniture by rule."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import docx
import pypdfium2  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag
from docx.table import Table, _Row

INDEX = ("数据来源索引", "Index of sources")
"""Titles of the index at the end of the printed formats, whose numbers are addresses, hashes and what stands in cells."""
MARK = "◇"
"""Stands where a fact was cut out, so that its neighbours do not grow together."""
NUMBERED = re.compile(r"^(?:表|图|Table |Figure )\d+")
HEADING_NUMBER = re.compile(r"^\d+(?:\.\d+)*[ 　]")
LISTED = re.compile(r"^\d\.\t")
PAGE_NUMBER = re.compile(r"^— \d+ —$")
APART = re.compile(r"(?:\d\n[-0-9A-Za-z]|[A-Z]+\d+\n.)$")
CONTENTS_LINE = re.compile(r"^(?P<title>.*?)[ .·…]*\.[ .·…]*(?P<page>\d+)$")


def outside_facts(page: str) -> str:
    """Return the text of an HTML page with facts, numbering, contents and styles left out; a line per element."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.select("style, nav.contents, svg"):
        tag.decompose()
    for fact in soup.select("span.fact"):
        fact.replace_with(MARK)
    soup.smooth()
    return "\n".join(unnumbered(block) for block in blocks_of(soup))


def blocks_of(soup: BeautifulSoup) -> Iterator[Tag]:
    """Yield the elements that hold running text, each once."""
    yield from soup.select("title, header p, h1, h2, h3, h4, h5, h6, main p, main li, figcaption, th, td, aside, footer")


def unnumbered(block: Tag) -> str:
    """Return an element's text without the number of its heading, table or figure."""
    text = " ".join(block.get_text().split()) if block.name == "time" else block.get_text().strip()
    if block.name == "figcaption":
        return NUMBERED.sub("", text)
    if re.fullmatch(r"h[1-6]", block.name):
        return HEADING_NUMBER.sub("", text)
    return text


def facts_printed(page: str) -> list[tuple[str, str]]:
    """Return every fact an HTML page prints as (identifier, display), in order."""
    return [(str(tag["data-fact"]), tag.get_text()) for tag in BeautifulSoup(page, "html.parser").select("span.fact")]


def chart_texts(page: str) -> list[str]:
    """Return the texts drawn in the charts of an HTML page."""
    return [tag.get_text() for tag in BeautifulSoup(page, "html.parser").select("svg text")]


def alternative_texts(page: str) -> list[str]:
    """Return what a reader who cannot see the charts is told."""
    soup = BeautifulSoup(page, "html.parser")
    labels = [str(tag["aria-label"]) for tag in soup.select("svg[aria-label]")]
    return labels + [str(tag["alt"]) for tag in soup.select("img[alt]")]


def html_text(page: str) -> str:
    """Return the running text of an HTML page, facts included, charts left out."""
    soup = BeautifulSoup(page, "html.parser")
    for tag in soup.select("style, nav.contents, svg, title"):
        tag.decompose()
    return "\n".join(unnumbered(block) for block in blocks_of(soup))


def pdf_pages(content: bytes) -> list[list[str]]:
    """Return the lines of every page of a PDF."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.get_textpage().get_text_bounded().split("\r\n") for page in document]
    finally:
        document.close()


def is_contents(lines: list[str]) -> bool:
    """Return whether a page belongs to the contents: it has lines led by dots to a page number, and no page number of its own."""
    return any(CONTENTS_LINE.match(line) for line in lines) and not any(PAGE_NUMBER.match(line) for line in lines)


def pdf_text(content: bytes) -> str:
    """Return the running text of a PDF without contents, page numbers and numbering; broken lines joined.

    Lines are joined without a gap, so that a break inside 12月31日 disappears; but two numbers under each other, and what
    follows a cell address, stay apart.
    """
    joined = ""
    for lines in pdf_pages(content):
        if is_contents(lines):
            continue
        for line in lines:
            if PAGE_NUMBER.match(line):
                continue
            kept = NUMBERED.sub("", line)
            joined += ("\n" if kept != line or APART.search(f"{joined[-12:]}\n{kept[:1]}") else "") + kept
    # The last time: the list of attachments of a letter names it too.
    cuts = [joined.rindex(title) for title in INDEX if title in joined]
    return joined[: min(cuts)] if cuts else joined


def docx_text(content: bytes) -> str:
    """Return the running text of a Word file, tables included, without contents and numbering; a line per paragraph or cell."""
    lines = []
    for block in docx.Document(io.BytesIO(content)).iter_inner_content():
        if (
            not isinstance(block, Table)
            and block.style is not None
            and str(block.style.name).startswith("Heading")
            and block.text.endswith(INDEX)
        ):
            break
        if isinstance(block, Table):
            lines += [text for row in block.rows for text in cell_texts(row)]
        elif block.style is not None and block.style.name is not None and block.style.name.startswith("toc"):
            continue
        elif block.style is not None and block.style.name is not None and block.style.name.startswith("Heading"):
            lines.append(HEADING_NUMBER.sub("", block.text))
        else:
            # In the list of attachments a tab stands between a number and its title.
            lines.append(LISTED.sub("", NUMBERED.sub("", block.text)))
    return "\n".join(lines)


def cell_texts(row: _Row) -> list[str]:
    """Return the texts of a row's cells, one that spans columns once."""
    return [cell.text for place, cell in enumerate(row.cells) if place == 0 or cell._tc is not row.cells[place - 1]._tc]


def every_text(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name and text of everything in a built folder, files inside Word documents and workbooks included."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".pdf":
            yield name, "\n".join(line for page in pdf_pages(path.read_bytes()) for line in page)
        elif path.suffix in (".docx", ".xlsx"):
            with ZipFile(path) as parts:
                for part in parts.namelist():
                    if part.endswith((".xml", ".rels", ".svg")):
                        yield f"{name}/{part}", parts.read(part).decode("utf-8")
        elif path.is_file():
            yield name, path.read_text("utf-8")
