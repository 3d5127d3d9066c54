"""Word back end: the assembled report notebook as an A4 document in the layout of GB/T 9704-2012.

The document is three sections: the cover and the contents carry no page number, the body starts at page 1 with outer
footers ("— 1 —"). Everything in it is native Word: outline levels, a contents field, three-line tables whose head repeats
on every page, pictures with a description. Element order inside every ``w:`` element follows the schema of ECMA-376,
because Word offers to repair a document that breaks it.
"""

from __future__ import annotations

import base64
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, Literal

import docx
import nbformat
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml.ns import nsmap
from docx.oxml.parser import oxml_parser
from docx.oxml.shape import CT_Inline
from docx.shared import Mm
from lxml import etree

from nianbao.blocks import Block, Run, blocks_of, plain
from nianbao.breaks import NEVER_AFTER, NEVER_BEFORE, row_breaks
from nianbao.package import repack

Element = etree._Element

_W = nsmap["w"]
_TWIPS_PER_POINT = 20
_TWIPS_PER_MM = 1440 / 25.4

_PAGE_MM = (210, 297)
_MARGINS_MM = {"top": 37, "right": 26, "bottom": 35, "left": 28}
_TEXT_WIDTH_MM = _PAGE_MM[0] - _MARGINS_MM["left"] - _MARGINS_MM["right"]
_TEXT_HEIGHT_MM = _PAGE_MM[1] - _MARGINS_MM["top"] - _MARGINS_MM["bottom"]
_TEXT_WIDTH = round(_TEXT_WIDTH_MM * _TWIPS_PER_MM)
_FOOTER_MM = 25
"""Puts the dash of the page number 7 mm below the text area."""
_CAPTION_ROOM_MM = 25
"""Height kept free for the caption when a tall figure is scaled to one page."""
_LINE_PT = 28.95
"""22 lines fill the 225 mm of the text area."""

_SONG, _HEI, _KAI = "宋体", "黑体", "楷体_GB2312"
_FANG, _TITLE_SONG = "仿宋_GB2312", "方正小标宋简体"
_LATIN = "Times New Roman"
_FALLBACK_FACES = {_FANG: "仿宋", _KAI: "楷体", _TITLE_SONG: "宋体", _HEI: "SimHei", _SONG: "SimSun"}

_WIDE_COLUMNS = 8
"""A table with more columns is set in the small table styles."""
_SHORT_HEAD = 10
"""Half ems up to which a column head stays on one line."""
_CELL_PADDING = {"": 100, " Small": 45}
_TABLE_POINTS = {"": 10.5, " Small": 9.0}

_UNDATED = date(2000, 1, 1)

# XML 1.0 allows no other characters; a stray control character in a return must not make the file unreadable.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHINESE = re.compile("[\u2e80-\ufaff\ufe30-\uffef\U00020000-\U0003ffff]")
_BARE_PUNCTUATION = re.compile(r"[“”‘’…—·\s]*[“”‘’…—·][“”‘’…—·\s]*")
_BREAKS = re.compile("([\n\t])")
_SEAM = re.compile("(?<=[\u4e00-\u9fff])(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?=[\u4e00-\u9fff])")
_UNBREAKABLE = re.compile("[^\\s\u2e80-\ufaff\ufe30-\uffef]+")


@dataclass(frozen=True, kw_only=True)
class _Look:
    """The typography of one language; sizes in points, ``condense`` in twips a character, indents in characters."""

    language: str
    latin_tag: str
    contents_title: str
    caption_gap: str
    body: float
    line: float
    condense: int
    indent: int
    after: float
    heads: tuple[tuple[str, float], ...]
    title_face: str
    body_face: str
    heavy: bool


_LOOKS = {
    "zh": _Look(
        language="zh-CN",
        latin_tag="en-US",
        contents_title="目\u3000\u3000录",
        caption_gap="\u3000",
        body=16,
        line=_LINE_PT,
        condense=-5,  # 28 characters in 156 mm; a character grid would do it too, but LibreOffice breaks on it
        indent=2,
        after=0,
        heads=((_HEI, 16), (_KAI, 16), (_FANG, 16), (_FANG, 16)),
        title_face=_TITLE_SONG,
        body_face=_FANG,
        heavy=False,
    ),
    "en": _Look(
        language="en-GB",
        latin_tag="en-GB",
        contents_title="Contents",
        caption_gap="\u2002",
        body=12,
        line=19,
        condense=0,
        indent=0,
        after=6,
        heads=((_HEI, 16), (_HEI, 14), (_HEI, 12), (_HEI, 12)),
        title_face=_SONG,
        body_face=_SONG,
        heavy=True,
    ),
}


def build(notebook: nbformat.NotebookNode) -> bytes:
    """Return the assembled report notebook as a Word document.

    The notebook's metadata ``nianbao`` names title, office, date, language and, optionally, ``pages`` (heading id to page
    number); without a page for every contents entry the contents field is marked for Word to update. Equal notebooks give
    equal bytes; a report without a date is dated 2000-01-01 in its properties.

    Raises:
        ValueError: a block of an unknown type, or a figure without a PNG image.
    """
    meta = notebook.metadata["nianbao"]
    look = _LOOKS[meta["lang"]]
    document = docx.Document()
    _strip_template(document)
    _fill(document.styles.element, _styles(look))
    _fill(document.settings.element, _settings(look))
    _set_properties(document, meta=meta, look=look)
    blocks = blocks_of(notebook)
    anchors = _anchors(blocks)
    front = [block for block, _ in blocks if block["type"] in ("cover", "banner")]
    content = _front_matter(front)
    content += _contents(blocks, anchors=anchors, pages=meta.get("pages") or {}, look=look)
    for block, bundle in blocks:
        if block["type"] not in ("cover", "banner"):
            content += _block(document, block, bundle=bundle, anchors=anchors, look=look)
    body = document.element.body
    _fill(body, [*content, _section(kind="oddPage", first_page=1)])
    _number_shapes(body)
    _add_headers(document, meta.get("label"))
    _add_footers(document)
    packed = io.BytesIO()
    document.save(packed)
    return repack(packed.getvalue(), replaced={"word/fontTable.xml": _font_table(), "docProps/app.xml": _application()})


# ---------------------------------------------------------------- elements


def _w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """Return ``<w:tag>`` with ``w:`` attributes; made by python-docx's parser so that its element classes apply."""
    element = oxml_parser.makeelement(f"{{{_W}}}{tag}", nsmap={"w": _W})
    for name, value in attributes.items():
        element.set(f"{{{_W}}}{name}", str(value))
    element.extend(children)
    return element


def _fill(parent: Any, children: Iterable[Element]) -> None:
    for child in list(parent):
        parent.remove(child)
    parent.extend(children)


def _twips(points: float) -> int:
    return round(points * _TWIPS_PER_POINT)


def _style_id(name: str) -> str:
    return name[0].upper() + name[1:].replace(" ", "")


def _paragraph(style: str, content: Iterable[Element], *, properties: Iterable[Element] = ()) -> Element:
    """Return a paragraph; ``properties`` come in schema order after the style."""
    paragraph = _w("p", _w("pPr", _w("pStyle", val=_style_id(style)), *properties))
    paragraph.extend(content)
    return paragraph


def _text_run(text: str, *, heavy: bool = False, character_style: str | None = None) -> Element:
    """Return a run; ``heavy`` asks for bold where the words hold no Chinese, whose weight is a face of its own."""
    words = _NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    chinese = _CHINESE.search(words) is not None
    properties = []
    if character_style is not None:
        properties.append(_w("rStyle", val=character_style))
    if chinese or _BARE_PUNCTUATION.fullmatch(words):
        properties.append(_w("rFonts", hint="eastAsia"))  # else Word sets “ ” … — in the Latin face
    if heavy and not chinese:
        properties.append(_w("b"))
    made = _w("r")
    if properties:
        made.append(_w("rPr", *properties))
    for part in _BREAKS.split(words):
        if part == "\n":
            made.append(_w("br"))
        elif part == "\t":
            made.append(_w("tab"))
        elif part:
            piece = _w("t")
            piece.text = part
            piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            made.append(piece)
    return made


def _runs(runs: Iterable[Run], *, heavy: bool = False) -> list[Element]:
    """Return one Word run a block run, so that a printed figure is never split or merged."""
    made = []
    for part in runs:
        strong = part.get("emphasis") == "strong"
        made.append(_text_run(part["text"], heavy=heavy or strong, character_style="Strong" if strong else None))
    return made


def _field(instruction: str, result: Sequence[Element], *, dirty: bool = False) -> list[Element]:
    begin = _w("fldChar", fldCharType="begin", **({"dirty": "true"} if dirty else {}))
    code = _w("instrText")
    code.text = f" {instruction} "
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    separate, end = _w("fldChar", fldCharType="separate"), _w("fldChar", fldCharType="end")
    return [_w("r", begin), _w("r", code), _w("r", separate), *result, _w("r", end)]


def _numbered(block: Block, *, gap: str) -> list[Run]:
    """Return the words of a heading or caption behind the number that the assembler gave it."""
    number = block.get("number") or ""
    runs: list[Run] = block["runs"] if block["type"] == "heading" else block["caption"]
    return [{"text": number + gap}, *runs] if number else runs


def _heading_runs(block: Block, *, look: _Look) -> list[Run]:
    """Return a heading's words: Chinese numbers carry their own punctuation, others need a space ("1.2020" misleads)."""
    number, words = block.get("number") or "", plain(block["runs"])
    needs_space = look.heavy or (number[-1:].isascii() and words[:1].isascii())
    return _numbered(block, gap=" " if needs_space else "")


# ---------------------------------------------------------------- pages


def _section(*, kind: Literal["nextPage", "oddPage"] = "nextPage", first_page: int | None = None) -> Element:
    """Return section properties: A4, official margins, a line grid."""
    margins = {side: round(size * _TWIPS_PER_MM) for side, size in _MARGINS_MM.items()}
    size = _w("pgSz", w=round(_PAGE_MM[0] * _TWIPS_PER_MM), h=round(_PAGE_MM[1] * _TWIPS_PER_MM))
    page = _w("pgMar", **margins, header=850, footer=round(_FOOTER_MM * _TWIPS_PER_MM), gutter=0)
    numbering = [] if first_page is None else [_w("pgNumType", start=first_page)]
    grid = _w("docGrid", type="lines", linePitch=_twips(_LINE_PT))
    return _w("sectPr", _w("type", val=kind), size, page, *numbering, _w("cols", space=425), grid)


def _section_end(section: Element) -> Element:
    """Return the paragraph that closes a section, too small to start a page of its own."""
    tiny = _w("spacing", before=0, after=0, line=20, lineRule="exact")
    return _paragraph("Normal", [], properties=[_w("snapToGrid", val=0), tiny, section])


def _front_matter(front: Sequence[Block]) -> list[Element]:
    """Return banners and the cover, closed as a section when there is a cover."""
    content = [_paragraph("Banner", _runs(block["runs"])) for block in front if block["type"] == "banner"]
    covers = [block for block in front if block["type"] == "cover"]
    for cover in covers:
        content.append(_paragraph("Title", [_text_run(cover["title"])]))
        if cover.get("subtitle"):
            content.append(_paragraph("Subtitle", [_text_run(cover["subtitle"])]))
        day = cover.get("date_text") or cover.get("date")
        # One frame at the foot of the page: it stays there however long the title and the banners are.
        foot = [("Cover Line", cover.get("office")), ("Cover Line", day), ("Cover Stamp", cover.get("stamp"))]
        for style, words in foot:
            if words:
                content.append(_paragraph(style, [_text_run(words)], properties=[_cover_foot()]))
    if covers:
        content.append(_section_end(_section()))
    return content


def _cover_foot() -> Element:
    place = {"vAnchor": "margin", "hAnchor": "margin", "xAlign": "center", "yAlign": "bottom"}
    return _w("framePr", w=_TEXT_WIDTH, hRule="auto", wrap="around", **place)


def _anchors(blocks: Iterable[tuple[Block, Any]]) -> dict[str, tuple[int, str]]:
    """Return bookmark number and name of every heading, by heading id."""
    ids = [block["id"] for block, _ in blocks if block["type"] == "heading"]
    return {key: (index, f"_Toc{index:08d}") for index, key in enumerate(ids, start=1)}


def _contents(
    blocks: Iterable[tuple[Block, Any]],
    *,
    anchors: Mapping[str, tuple[int, str]],
    pages: Mapping[str, int],
    look: _Look,
) -> list[Element]:
    """Return the contents as a live field over heading levels 1 and 2, filled so that it reads well without an update."""
    headings = [block for block, _ in blocks if block["type"] == "heading" and block["level"] <= 2]
    if not headings:
        return []
    dirty = any(block["id"] not in pages for block in headings)
    lines = [_paragraph("Contents Title", [_text_run(look.contents_title)])]
    marks = _field('TOC \\o "1-2" \\h \\z', [], dirty=dirty)
    for block in headings:
        anchor = anchors[block["id"]][1]
        page = str(pages.get(block["id"], ""))
        link = _w("hyperlink", anchor=anchor, history=1)
        link.extend(_runs(_heading_runs(block, look=look)))
        link.append(_w("r", _w("tab")))
        link.extend(_field(f"PAGEREF {anchor} \\h", [_text_run(page)], dirty=dirty))
        lines.append(_paragraph(f"toc {block['level']}", [link]))
    first, last = lines[1], lines[-1]
    for offset, mark in enumerate(marks[:-1], start=1):
        first.insert(offset, mark)
    last.append(marks[-1])
    return [*lines, _section_end(_section())]


def _add_headers(document: Document, label: str | None) -> None:
    """Put the label above every page: the first section carries it on odd and even pages, the others follow the first."""
    first = document.sections[0]
    for header in (first.header, first.even_page_header) if label else ():
        header.is_linked_to_previous = False
        _fill(header.part.element, [_paragraph("header", [_text_run(label or "")])])


def _add_footers(document: Document) -> None:
    """Give the body section page numbers on the outer side: odd pages right, even pages left."""
    section = document.sections[-1]
    sides = (
        (section.footer, _w("ind", rightChars=100, right=280, firstLine=0), "right"),
        (section.even_page_footer, _w("ind", leftChars=100, left=280, firstLine=0), "left"),
    )
    for footer, indent, side in sides:
        footer.is_linked_to_previous = False
        number = [_text_run("— "), *_field("PAGE", [_text_run("1")]), _text_run(" —")]
        line = _paragraph("footer", number, properties=[indent, _w("jc", val=side)])
        _fill(footer.part.element, [line])


# ---------------------------------------------------------------- blocks


def _block(
    document: Document,
    block: Block,
    *,
    bundle: Mapping[str, Any],
    anchors: Mapping[str, tuple[int, str]],
    look: _Look,
) -> list[Element]:
    """Return the paragraphs and tables of one body block."""
    match block["type"]:
        case "heading":
            number, name = anchors[block["id"]]
            start, end = _w("bookmarkStart", id=number, name=name), _w("bookmarkEnd", id=number)
            words = _runs(_heading_runs(block, look=look))
            return [_paragraph(f"heading {block['level']}", [start, *words, end])]
        case "paragraph":
            return [_paragraph("Body Text", _runs(block["runs"]))]
        case "note":
            return [_paragraph("Note", _runs(block["runs"]))]
        case "table":
            return _table(block, look=look)
        case "figure":
            return _figure(document, block, bundle=bundle, look=look)
    raise ValueError(f"block type {block['type']!r} has no form in Word")


def _notes(notes: Sequence[Sequence[Run]]) -> list[Element]:
    return [_paragraph("Note", _runs(entry), properties=_keep(when=entry is not notes[-1])) for entry in notes]


def _keep(*, when: bool) -> list[Element]:
    return [_w("keepNext")] if when else []


def _figure(document: Document, block: Block, *, bundle: Mapping[str, Any], look: _Look) -> list[Element]:
    """Return picture, caption and notes, kept on one page."""
    if "image/png" not in bundle:
        raise ValueError(f"figure {block['key']!r} has no image/png beside its block")
    relation, _ = document.part.get_or_add_image(io.BytesIO(base64.b64decode(bundle["image/png"])))
    width, height = block["width_mm"], block["height_mm"]
    scale = min(1.0, _TEXT_WIDTH_MM / width, (_TEXT_HEIGHT_MM - _CAPTION_ROOM_MM) / height)
    inline = CT_Inline.new_pic_inline(0, relation, f"{block['key']}.png", Mm(width * scale), Mm(height * scale))
    caption = _numbered(block, gap=look.caption_gap)
    description = _NOT_XML.sub("", block["alt"])
    for properties in inline.iter(f"{{{nsmap['wp']}}}docPr", f"{{{nsmap['pic']}}}cNvPr"):
        properties.set("descr", description)
    inline.docPr.set("title", _NOT_XML.sub("", plain(caption)))
    return [
        _paragraph("Figure", [_w("r", _w("drawing", inline))]),
        _paragraph("Figure Caption", _runs(caption), properties=_keep(when=bool(block["notes"]))),
        *_notes(block["notes"]),
    ]


def _number_shapes(body: Element) -> None:
    """Give every picture its own drawing id; Word repairs documents in which two share one."""
    for index, properties in enumerate(body.iter(f"{{{nsmap['wp']}}}docPr"), start=1):
        properties.set("id", str(index))


# ---------------------------------------------------------------- tables


def _table(block: Block, *, look: _Look) -> list[Element]:
    """Return caption, unit line, three-line table and notes."""
    columns, rows, notes = block["columns"], block["rows"], block["notes"]
    size = " Small" if len(columns) > _WIDE_COLUMNS or block.get("small") else ""
    caption = _numbered(block, gap=look.caption_gap)
    above = [_paragraph("Table Caption", _runs(caption))]
    if block["unit_line"]:
        above.append(_paragraph("Table Unit", [_text_run(block["unit_line"])]))
    widths = _column_widths(block, size=size)
    padding = [_w(side, w=_CELL_PADDING[size], type="dxa") for side in ("left", "right")]
    properties = _w(
        "tblPr",
        _w("tblStyle", val=_style_id("Report Table")),
        _w("tblW", w=_TEXT_WIDTH, type="dxa"),
        _w("jc", val="center"),
        _w("tblLayout", type="fixed"),
        _w("tblCellMar", *padding),
        _w("tblLook", val="04A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=0, noVBand=1),
        _w("tblCaption", val=_NOT_XML.sub("", plain(caption))),
    )
    grid = _w("tblGrid", *(_w("gridCol", w=width) for width in widths))
    made = _w("tbl", properties, grid, _head_row(columns, widths=widths, size=size))
    breaks = row_breaks([_row_lines(entry, widths=widths, size=size) for entry in rows])
    for index, entry in enumerate(rows):
        last = index == len(rows) - 1
        keep = bool(notes) if last else breaks.keeps(index, rows=len(rows)) or entry["kind"] == "group"
        made.append(_row(entry, columns=columns, widths=widths, size=size, keep=keep))
    below = _notes(notes) if notes else [_paragraph("Table End", [])]
    return [*above, made, *below]


def _cell(paragraph: Element, *, width: int, span: int = 1, ruled: bool = False) -> Element:
    properties = _w("tcPr", _w("tcW", w=width, type="dxa"))
    if span > 1:
        properties.append(_w("gridSpan", val=span))
    if ruled:
        properties.append(_w("tcBorders", _w("bottom", val="single", sz=6, space=0, color="000000")))
    properties.append(_w("vAlign", val="center"))
    return _w("tc", properties, paragraph)


def _head_row(columns: Sequence[Mapping[str, Any]], *, widths: Sequence[int], size: str) -> Element:
    head = _w("tr", _w("trPr", _w("cantSplit"), _w("tblHeader")))
    for entry, width in zip(columns, widths, strict=True):
        side = [_w("keepNext"), _w("jc", val=entry["align"])]
        words = _paragraph("Table Head" + size, _runs(entry["runs"]), properties=side)
        head.append(_cell(words, width=width, ruled=True))
    return head


def _row(
    entry: Mapping[str, Any],
    *,
    columns: Sequence[Mapping[str, Any]],
    widths: Sequence[int],
    size: str,
    keep: bool,
) -> Element:
    """Return a table row; a group row with words in its first cell only spans the table."""
    heavy = entry["kind"] != "body"
    style = ("Table Total" if heavy else "Table Text") + size
    made = _w("tr", _w("trPr", _w("cantSplit")))
    cells: Sequence[Sequence[Run]] = entry["cells"]
    if _spans_table(entry):
        words = _paragraph(style, _runs(cells[0], heavy=heavy), properties=[*_keep(when=keep), _w("jc", val="left")])
        made.append(_cell(words, width=sum(widths), span=len(widths)))
        return made
    for cell, column, width in zip(cells, columns, widths, strict=True):
        side = [*_keep(when=keep), _w("jc", val=column["align"])]
        made.append(_cell(_paragraph(style, _runs(cell, heavy=heavy), properties=side), width=width))
    return made


def _row_lines(entry: Mapping[str, Any], *, widths: Sequence[int], size: str) -> int:
    """Return about how many lines of type a row takes."""
    if _spans_table(entry):
        return 1
    half_em = _TABLE_POINTS[size] * _TWIPS_PER_POINT / 2
    rooms = [max(width - 2 * _CELL_PADDING[size], 2 * half_em) for width in widths]
    cells = zip(entry["cells"], rooms, strict=True)
    return max(1, *(math.ceil(_half_ems(plain(cell)) * half_em / room) for cell, room in cells))


def _spans_table(entry: Mapping[str, Any]) -> bool:
    return entry["kind"] == "group" and not any(plain(cell) for cell in entry["cells"][1:])


def _column_widths(block: Block, *, size: str) -> list[int]:
    """Return column widths in twips that add up to the text width.

    Given shares are kept; the other columns share the rest, each at least as wide as its longest unbreakable word and,
    when there is room, as its longest cell.
    """
    columns = block["columns"]
    half_em = _TABLE_POINTS[size] * _TWIPS_PER_POINT / 2
    padding = 2 * _CELL_PADDING[size] + half_em / 2
    shares = [column["width"] for column in columns]
    given = sum(share for share in shares if share is not None)
    free = [index for index, share in enumerate(shares) if share is None]
    # Shares that leave no room (or do not fill the table) are read as proportions.
    scale = 1 / given if given and (not free or given >= 1) else 1.0
    if free and given >= 1:
        scale *= 1 - len(free) / len(columns)
    widths = [0.0 if share is None else share * scale * _TEXT_WIDTH for share in shares]
    room = _TEXT_WIDTH - sum(widths)
    grid = [entry["cells"] for entry in block["rows"] if not _spans_table(entry)]
    least, wished = [], []
    for index in free:
        head = plain(columns[index]["runs"])
        cells = [plain(cells[index]) for cells in grid]
        longest = max(_longest_word(text) for text in [head, *cells])
        # A long head may break into two lines, its cells should not break at all.
        title = _half_ems(head) if _half_ems(head) <= _SHORT_HEAD else _half_ems(head) / 2 + 1
        whole = max([longest, title, *(_half_ems(text) for text in cells)])
        least.append(longest * half_em + padding)
        wished.append(whole * half_em + padding)
    for index, width in zip(free, _spread(room, least=least, wished=wished), strict=True):
        widths[index] = width
    return _whole_twips(widths)


def _spread(room: float, *, least: Sequence[float], wished: Sequence[float]) -> list[float]:
    """Share ``room``: everyone's least first, then towards the wish, what is left in proportion to the wish."""
    if sum(wished) <= room:
        return [width * room / sum(wished) for width in wished]
    if sum(least) >= room:
        return [width * room / sum(least) for width in least]
    step = (room - sum(least)) / (sum(wished) - sum(least))
    return [low + (high - low) * step for low, high in zip(least, wished, strict=True)]


def _whole_twips(widths: Sequence[float]) -> list[int]:
    """Round so that the sum stays the text width: differences of the rounded running sums."""
    edges, position = [0], 0.0
    for width in widths:
        position += width
        edges.append(round(position))
    edges[-1] = _TEXT_WIDTH
    return [right - left for left, right in pairwise(edges)]


def _half_ems(text: str) -> float:
    """Return the width of the longest line of ``text`` in half ems: a Chinese character is 2, a capital 1.5.

    Word puts a quarter em between Chinese and Latin.
    """
    return max((sum(map(_half_em, line)) + len(_SEAM.findall(line)) / 2 for line in text.splitlines()), default=0.0)


def _half_em(character: str) -> float:
    if _CHINESE.match(character) or character in "—…％‰":
        return 2.0
    return 1.5 if character.isupper() or character in "%mwW" else 1.0


def _longest_word(text: str) -> float:
    """Return the width of the longest stretch that must not break, at least two Chinese characters where there are any."""
    words = [sum(map(_half_em, word)) for word in _UNBREAKABLE.findall(text)]
    return max([*words, min(4.0, _half_ems(text))])


# ---------------------------------------------------------------- styles, settings, package


@dataclass(frozen=True, kw_only=True)
class _Style:
    """A paragraph style; sizes and distances in points; ``line`` None for natural height, ``close`` for no gap between its own."""

    name: str
    base: str = "Normal"
    face: str
    size: float
    line: float | None
    align: Literal["left", "right", "center", "both"] = "left"
    before: float = 0
    after: float = 0
    indent: int = 0
    condense: int = 0
    heavy: bool = False
    keep: bool = False
    outline: int | None = None
    boxed: bool = False
    close: bool = False
    tab: int | None = None
    left: float = 0
    follower: str | None = None


def _styles(look: _Look) -> list[Element]:
    """Return document defaults and every style of the document; nothing of the template's styles stays."""
    run_defaults = _w("rPr", _faces(look.body_face), _w("sz", val=21), _w("szCs", val=21), _language(look))
    # Line rules of Chinese print (no comma begins a line); Word's default, said for programs with another one.
    defaults = _w("docDefaults", _w("rPrDefault", run_defaults), _w("pPrDefault", _w("pPr", _w("kinsoku"))))
    unstyled = _w("style", _w("name", val="Default Paragraph Font"), _w("uiPriority", val=1), _w("semiHidden"))
    _identify(unstyled, kind="character", key="DefaultParagraphFont", default=True)
    strong = _w("style", _w("name", val="Strong"), _w("basedOn", val="DefaultParagraphFont"), _w("qFormat"))
    strong.append(_w("rPr", _w("rFonts", eastAsia=_HEI), *_bold(when=look.heavy)))
    _identify(strong, kind="character", key="Strong")
    return [defaults, *map(_style_element, _paragraph_styles(look)), unstyled, strong, *_table_styles()]


def _paragraph_styles(look: _Look) -> list[_Style]:
    normal = _Style(name="Normal", face=look.body_face, size=look.body, line=look.line, align="both")
    normal = replace(normal, condense=look.condense)
    made = [normal, replace(normal, name="Body Text", indent=look.indent, after=look.after)]
    for level, (face, size) in enumerate(look.heads, start=1):
        room, gap = (10, 4) if look.heavy else (0, 0)  # the Chinese page is a grid without gaps
        line = max(look.line, size * 1.3)
        head = _Style(name=f"heading {level}", face=face, size=size, line=line, before=room, after=gap, heavy=look.heavy)
        head = replace(head, condense=look.condense, indent=look.indent, keep=True)
        made.append(replace(head, outline=level - 1, follower="Body Text"))
    small = _Style(name="Note", face=_SONG, size=9, line=13, before=2, after=6, close=True)
    caption = _Style(name="caption", face=_HEI, size=12, line=20, align="center", heavy=look.heavy)
    contents = _Style(name="toc 1", face=_HEI, size=max(look.body - 2, 11), line=24, tab=_TEXT_WIDTH, heavy=look.heavy)
    cover = replace(normal, name="Cover Line", align="center", size=16, line=_LINE_PT)
    title = _Style(name="Title", face=look.title_face, size=22, line=38, align="center", heavy=look.heavy)
    made += [
        replace(title, before=130),
        replace(cover, name="Subtitle", face=_KAI, before=12),
        cover,
        replace(small, name="Cover Stamp", align="center", before=10),
        _Style(name="Banner", face=_HEI, size=12, line=20, boxed=True, after=8, heavy=look.heavy),
        replace(title, name="Contents Title", after=12),
        contents,
        replace(contents, name="toc 2", face=look.body_face, heavy=False, left=look.body - 2),
        caption,
        replace(caption, name="Table Caption", base="caption", before=8, after=2, keep=True),
        replace(caption, name="Figure Caption", base="caption", before=2, after=8),
        _Style(name="Figure", face=look.body_face, size=10.5, line=None, align="center", before=6, keep=True),
        replace(small, name="Table Unit", size=10.5, line=15, align="right", before=0, after=2, keep=True),
        small,
        _Style(name="Table End", face=_SONG, size=5, line=8),
        _Style(name="header", face=_SONG, size=9, line=12, align="center"),
        _Style(name="footer", face=_SONG, size=14, line=18),
    ]
    for suffix, size in _TABLE_POINTS.items():
        cell = _Style(name="Table Text" + suffix, face=_SONG, size=size, line=None, before=1.5, after=1.5)
        made += [
            cell,
            replace(cell, name="Table Head" + suffix, face=_HEI, heavy=look.heavy),
            replace(cell, name="Table Total" + suffix, face=_HEI, heavy=look.heavy),
        ]
    return made


def _style_element(style: _Style) -> Element:
    """Return ``<w:style>``; sizes below the grid's line do not snap to it, or tables and notes would grow to its pitch."""
    properties = _w("pPr", *_keep(when=style.keep), *([_w("keepLines")] if style.keep else []))
    properties.append(_w("widowControl", val=0))
    if style.boxed:
        sides = ("top", "left", "bottom", "right")
        properties.append(_w("pBdr", *(_w(side, val="single", sz=8, space=6, color="000000") for side in sides)))
    if style.tab is not None:
        properties.append(_w("tabs", _w("tab", val="right", leader="dot", pos=style.tab)))
    if style.line != _LINE_PT:
        properties.append(_w("snapToGrid", val=0))
    pitch, rule = (240, "auto") if style.line is None else (_twips(style.line), "exact")
    gaps = {"before": _twips(style.before), "after": _twips(style.after)}
    properties.append(_w("spacing", **gaps, line=pitch, lineRule=rule))
    inset = 140 if style.boxed else 0
    first = {"firstLineChars": style.indent * 100, "firstLine": _twips(style.indent * style.size)}
    properties.append(_w("ind", left=_twips(style.left) + inset, right=inset, **first))
    if style.close:
        properties.append(_w("contextualSpacing"))
    properties.append(_w("jc", val=style.align))
    if style.outline is not None:
        properties.append(_w("outlineLvl", val=style.outline))
    half_points = round(style.size * 2)
    face = _SONG if style.name == "footer" else _LATIN
    letters = _w("rPr", _faces(style.face, latin=face), _w("b", val=int(style.heavy)))
    letters.extend([_w("spacing", val=style.condense), _w("sz", val=half_points), _w("szCs", val=half_points)])
    made = _w("style", _w("name", val=style.name))
    if style.name != "Normal":
        made.append(_w("basedOn", val=_style_id(style.base)))
    if style.follower is not None:
        made.append(_w("next", val=_style_id(style.follower)))
    made.extend([_w("qFormat"), properties, letters])
    _identify(made, kind="paragraph", key=_style_id(style.name), default=style.name == "Normal")
    return made


def _table_styles() -> list[Element]:
    """Return Word's base table style and the three-line table: rules above, below and, set on the cells, under the head."""
    margins = [_w(side, w=0, type="dxa") for side in ("top", "left", "bottom", "right")]
    base = _w("style", _w("name", val="Normal Table"), _w("uiPriority", val=99), _w("semiHidden"))
    base.append(_w("tblPr", _w("tblInd", w=0, type="dxa"), _w("tblCellMar", *margins)))
    _identify(base, kind="table", key="TableNormal", default=True)
    rules = [_w(side, val="single", sz=12, space=0, color="000000") for side in ("top", "bottom")]
    lined = _w("style", _w("name", val="Report Table"), _w("basedOn", val="TableNormal"), _w("qFormat"))
    lined.append(_w("tblPr", _w("tblBorders", *rules)))
    _identify(lined, kind="table", key=_style_id("Report Table"))
    return [base, lined]


def _identify(style: Element, *, kind: str, key: str, default: bool = False) -> None:
    style.set(f"{{{_W}}}type", kind)
    if default:
        style.set(f"{{{_W}}}default", "1")
    style.set(f"{{{_W}}}styleId", key)


def _bold(*, when: bool) -> list[Element]:
    return [_w("b")] if when else []


def _faces(east_asian: str, *, latin: str = _LATIN) -> Element:
    return _w("rFonts", ascii=latin, hAnsi=latin, eastAsia=east_asian, cs=latin)


def _language(look: _Look) -> Element:
    return _w("lang", val=look.latin_tag, eastAsia="zh-CN", bidi="ar-SA")


def _settings(look: _Look) -> list[Element]:
    """Return document settings: current compatibility mode, odd and even footers, Chinese punctuation squeezed."""
    modern = _w("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15)
    return [
        _w("zoom", percent=100),
        _w("defaultTabStop", val=420),
        _w("evenAndOddHeaders"),
        _w("characterSpacingControl", val="compressPunctuation"),
        # Word's own lists with the wave dash in both: a range like 0～36 does not break.
        _w("noLineBreaksAfter", lang="zh-CN", val=NEVER_AFTER),
        _w("noLineBreaksBefore", lang="zh-CN", val=NEVER_BEFORE),
        _w("compat", _w("balanceSingleByteDoubleByteWidth"), _w("useFELayout"), modern),
        _w("themeFontLang", val=look.latin_tag, eastAsia="zh-CN"),
        _w("decimalSymbol", val="."),
        _w("listSeparator", val=","),
    ]


def _set_properties(document: Document, *, meta: Mapping[str, Any], look: _Look) -> None:
    day = date.fromisoformat(meta["date"]) if meta.get("date") else _UNDATED
    properties = document.core_properties
    properties.title = _property(meta["title"])
    properties.subject = _property(meta.get("subtitle"))
    properties.author = properties.last_modified_by = _property(meta.get("office"))
    properties.created = properties.modified = datetime(day.year, day.month, day.day, tzinfo=UTC)
    properties.language = look.language
    properties.comments = properties.keywords = ""
    properties.identifier = _property(meta.get("stamp"))
    properties.revision = 1


def _property(text: str | None) -> str:
    return _NOT_XML.sub("", text or "")[:255]  # the limit of the file format


def _strip_template(document: Document) -> None:
    """Drop the parts of python-docx's template that the report does not use (themes, lists, a thumbnail, a style copy)."""
    wanted = {RELATIONSHIP.STYLES, RELATIONSHIP.SETTINGS, RELATIONSHIP.FONT_TABLE}
    wanted |= {RELATIONSHIP.OFFICE_DOCUMENT, RELATIONSHIP.CORE_PROPERTIES, RELATIONSHIP.EXTENDED_PROPERTIES}
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype not in wanted]:
            del relations[key]


def _font_table() -> bytes:
    """Return the font table: official faces with the name Word tries next where a machine lacks them."""
    made = _w("fonts")
    for face, fallback in _FALLBACK_FACES.items():
        kind = (_w("charset", val="86"), _w("family", val="auto"))
        made.append(_w("font", _w("altName", val=fallback), *kind, name=face))
    made.append(_w("font", _w("charset", val="00"), _w("family", val="roman"), name=_LATIN))
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8", standalone=True)


def _application() -> bytes:
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    made = etree.fromstring(f'<Properties xmlns="{namespace}"><Application>nianbao</Application></Properties>')
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8", standalone=True)
