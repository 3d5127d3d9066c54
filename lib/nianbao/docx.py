"""Word back end: the assembled report notebook as an A4 document in the layout of GB/T 9704-2012.

A summary is three sections: the cover and the contents carry no page number, the body starts at page 1 with outer footers
("— 1 —"). A letter has neither and starts with its first page. Tables that are too wide stand in sections on turned pages. Everything in it is native Word: outline levels, a contents field, three-line tables whose head repeats
on every page, pictures with a description. Element order inside every ``w:`` element follows the schema of ECMA-376,
because Word offers to repair a document that breaks it.
"""

from __future__ import annotations

import base64
import copy
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import docx
import nbformat
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import nsmap, qn
from docx.oxml.shape import CT_Inline
from docx.shared import Mm

from nianbao import bitmaps, wordmarks
from nianbao.blocks import Block, blocks_of, plain
from nianbao.columns import page_layouts
from nianbao.package import repack
from nianbao.wordparts import (
    LINE_PT,
    LOOKS,
    NOT_XML,
    OFFICIAL_RED,
    TEXT_HEIGHT_MM,
    TEXT_WIDTH,
    TEXT_WIDTH_MM,
    TWIPS_PER_MM,
    TWIPS_PER_POINT,
    Element,
    Look,
    application,
    field_code,
    fill,
    font_table,
    heading_runs,
    keep_next,
    note_paragraphs,
    numbered,
    set_properties,
    settings,
    strip_template,
    style_sheet,
    text_run,
    twips,
    w,
    word_paragraph,
    word_runs,
)
from nianbao.wordtables import word_table

_PAGE_MM = (210, 297)
_MARGINS_MM = {"top": 37, "right": 26, "bottom": 35, "left": 28}
"""Of an odd page; an even one is its mirror image."""
_FOOTER_MM = 25
"""Puts the dash of the page number 7 mm below the text area."""
_NUMBER_MM = 6.4
"""Height of the line of the page number."""
_PAGE_NUMBERS, _FOOTERS = qn("w:pgNumType"), qn("w:footerReference")
_CONTENTS_PT, _CONTENTS_ROOM_PT, _ONE_PAGE = 24.0, 585.0, 31
"""Usual distance of the lines of the contents, the height they have below their title, and how many are brought onto one page."""
_CAPTION_ROOM_MM = 25
"""Height kept free for the caption when a tall figure is scaled to one page."""


def build(
    notebook: nbformat.NotebookNode,
    *,
    pages: Callable[[], Mapping[str, int]] = dict,
    pictures: Callable[[], Sequence[bytes]] | None = None,
) -> bytes:
    """Return the assembled report notebook as a Word document.

    The notebook's metadata ``nianbao`` names title, office, date and language. ``pages`` answers with the page numbers by heading
    id and is asked last; without a page for every contents entry the contents field is marked for Word to update. Equal notebooks
    give equal bytes; a report without a date is dated 2000-01-01 in its properties.

    Raises:
        ValueError: a block of an unknown type, or a figure without an image.
        ReportError: a figure cannot be drawn.
    """
    meta = notebook.metadata["nianbao"]
    look = LOOKS[meta["lang"]]
    document = docx.Document()
    strip_template(document)
    fill(document.settings.element, settings(look))
    set_properties(document, meta=meta, look=look)
    drawn = bitmaps.drawn(drawings(notebook)) if pictures is None else pictures()
    blocks = _with_bitmaps(blocks_of(notebook), drawn)
    fill(document.styles.element, style_sheet(look, contents_pt=_contents_pitch(len(_listed(blocks)))))
    anchors = _anchors(blocks)
    front = [block for block, _ in blocks if block["type"] in ("cover", "banner")]
    letter = next((block["letter"] for block in front if block.get("letter")), None)
    if letter is None:
        content = _front_matter(front)
        behind_cover = len(content)
        content += [word_paragraph("Report Title", [text_run(block["title"])]) for block in front if block["type"] == "cover"]
    else:
        content = _letter_opening(front, letter, look=look)
    section = _Sections(numbered_from=1, kind="nextPage" if letter else "oddPage")
    inner = [(block, bundle) for block, bundle in blocks if block["type"] not in ("cover", "banner")]
    for (block, bundle), (layout, turned) in zip(inner, page_layouts([block for block, _ in inner]), strict=True):
        content += section.turned(turned)
        if layout is not None:
            content += word_table(block, layout=layout, look=look)
        else:
            content += _block(document, block, bundle=bundle, anchors=anchors, look=look)
    if letter is None:
        content[behind_cover:behind_cover] = _contents(blocks, anchors=anchors, pages=pages(), look=look)
    body = document.element.body
    fill(body, [*content, section.last()])
    _number_shapes(body)
    _add_headers(document, meta.get("label"))
    _add_footers(document)
    wordmarks.mark(document, notebook)
    packed = io.BytesIO()
    document.save(packed)
    return repack(packed.getvalue(), replaced={"word/fontTable.xml": font_table(), "docProps/app.xml": application()})


def drawings(notebook: nbformat.NotebookNode) -> list[bitmaps.Figure]:
    """Return the figures of a report notebook that were published as drawings alone, in order."""
    found = []
    for block, bundle in blocks_of(notebook):
        if _drawn_only(block, bundle):
            svg = bundle["image/svg+xml"]
            text = svg if isinstance(svg, str) else "".join(svg)
            found.append(bitmaps.Figure(text, float(block["width_mm"]), float(block["height_mm"])))
    return found


def _drawn_only(block: Block, bundle: Mapping[str, Any]) -> bool:
    return block["type"] == "figure" and "image/png" not in bundle and "image/svg+xml" in bundle


def _with_bitmaps(
    blocks: Sequence[tuple[Block, Mapping[str, Any]]], pictures: Sequence[bytes]
) -> list[tuple[Block, Mapping[str, Any]]]:
    """Return the blocks with a bitmap in the bundle of every figure that was published as a drawing."""
    made = list(blocks)
    without = [place for place, (block, bundle) in enumerate(blocks) if _drawn_only(block, bundle)]
    for place, bitmap in zip(without, pictures, strict=True):
        block, bundle = made[place]
        made[place] = block, {**bundle, "image/png": base64.b64encode(bitmap).decode("ascii")}
    return made


# ---------------------------------------------------------------- pages


class _Sections:
    """The sections of the body: upright pages, and pages turned on their side for tables that are wider."""

    def __init__(self, *, kind: Literal["nextPage", "oddPage"], numbered_from: int) -> None:
        self._kind: Literal["nextPage", "oddPage"] = kind
        self._first: int | None = numbered_from
        self._turned = False

    def turned(self, wanted: bool) -> list[Element]:
        """Return what ends the section where the next block needs the other kind of page; nothing where it needs none."""
        if wanted == self._turned:
            return []
        ended = _section_end(self.last())
        self._kind, self._first, self._turned = "nextPage", None, wanted
        return [ended]

    def last(self) -> Element:
        """Return the properties of the section that is open."""
        return _section(kind=self._kind, first_page=self._first, turned=self._turned)


def _section(
    *, kind: Literal["nextPage", "oddPage"] = "nextPage", first_page: int | None = None, turned: bool = False
) -> Element:
    """Return section properties: A4, official margins, a line grid; a turned page is the upright one a quarter to the right.

    Word mirrors left and right on even pages, turned ones too, where they are top and bottom of the upright page: they share
    their 72 mm evenly there, so that nothing moves from one turned page to the next.
    """
    upright = _MARGINS_MM
    ends = (upright["top"] + upright["bottom"]) / 2
    sides = {"top": upright["left"], "right": ends, "bottom": upright["right"], "left": ends} if turned else upright
    margins = {side: round(sides[side] * TWIPS_PER_MM) for side in _MARGINS_MM}
    width, height = (round(length * TWIPS_PER_MM) for length in (reversed(_PAGE_MM) if turned else _PAGE_MM))
    size = w("pgSz", w=width, h=height, **({"orient": "landscape"} if turned else {}))
    page = w("pgMar", **margins, header=850, footer=round(_FOOTER_MM * TWIPS_PER_MM), gutter=0)
    numbering = [] if first_page is None else [w("pgNumType", start=first_page)]
    grid = w("docGrid", type="lines", linePitch=twips(LINE_PT))
    return w("sectPr", w("type", val=kind), size, page, *numbering, w("cols", space=425), grid)


def _section_end(section: Element) -> Element:
    """Return the paragraph that closes a section, too small to start a page of its own."""
    tiny = w("spacing", before=0, after=0, line=20, lineRule="exact")
    return word_paragraph("Normal", [], properties=[w("snapToGrid", val=0), tiny, section])


def _front_matter(front: Sequence[Block]) -> list[Element]:
    """Return stamp, banners and the cover, closed as a section when there is a cover."""
    content = _marked(front)
    covers = [block for block in front if block["type"] == "cover"]
    for cover in covers:
        content.append(word_paragraph("Title", [text_run(cover["title"])]))
        if cover.get("subtitle"):
            content.append(word_paragraph("Subtitle", [text_run(cover["subtitle"])]))
        day = cover.get("date_text") or cover.get("date")
        # One frame at the foot of the page: it stays there however long the title and the banners are.
        for words in (cover.get("office"), day):
            if words:
                content.append(word_paragraph("Cover Line", [text_run(words)], properties=[_cover_foot()]))
    if covers:
        content.append(_section_end(_section()))
    return content


def _marked(front: Sequence[Block]) -> list[Element]:
    """Return what stands above everything on the first page: the stamp, and the banners of a draft."""
    stamps = [block["stamp"] for block in front if block["type"] == "cover" and block.get("stamp")]
    content = [word_paragraph("Stamp", [text_run(words)]) for words in stamps]
    return content + [word_paragraph("Banner", word_runs(block["runs"])) for block in front if block["type"] == "banner"]


def _letter_opening(front: Sequence[Block], letter: Mapping[str, Any], *, look: Look) -> list[Element]:
    """Return the first page of a letter down to its recipient: stamp, banners, red head, number and issuer, title."""
    content = _marked(front)
    title = next(block["title"] for block in front if block["type"] == "cover")
    if letter["letterhead"]:
        size = round(2 * min(48.0, 0.97 * TEXT_WIDTH / TWIPS_PER_POINT / max(1.0, _ems(letter["letterhead"]))))
        words = text_run(letter["letterhead"], size=size)
        line = w("spacing", line=twips(size * 0.6), lineRule="exact", after=2 * twips(look.line))
        content.append(word_paragraph("Letterhead", [words], properties=[line]))
    if letter["number"] or letter["signer"] or letter["letterhead"]:
        step = twips(_step(look))
        tab = w("tabs", w("tab", val="right", pos=TEXT_WIDTH - step))
        red = w("bottom", val="single", sz=12, space=11, color=OFFICIAL_RED)  # the rule stands 4 mm below the number
        properties = [*([w("pBdr", red)] if letter["letterhead"] else []), tab, w("ind", left=0, firstLine=step)]
        words = text_run((letter["number"] or "") + (f"\t{letter['signer']}" if letter["signer"] else ""))
        content.append(word_paragraph("Document Number", [words], properties=properties))
    room = 2 if letter["number"] or letter["letterhead"] else 1
    content.append(word_paragraph("Report Title", [text_run(title)], properties=[w("spacing", before=room * twips(look.line))]))
    content.append(word_paragraph("Recipient", [text_run(letter["recipient"])]))
    return content


def _step(look: Look) -> float:
    """Return the width of one character of the body's grid in points."""
    return look.body + look.condense / TWIPS_PER_POINT


def _ems(text: str) -> float:
    """Return the width of words in ems of a face whose digits and letters take half of one."""
    return sum(1.0 if ord(character) > 0x2000 else 0.5 for character in text)


def _enclosures(block: Block, *, look: Look) -> list[Element]:
    """Return the list of attachments: one blank line above, two characters in, the titles below one another."""
    step = _step(look)
    left = 2 * step if look.indent else 0.0
    lead = _ems(block["word"]) * step
    number = max(_ems(entry["number"]) for entry in block["entries"]) * step
    if number and not look.indent:
        number += step / 2
    made = []
    for place, entry in enumerate(block["entries"]):
        hang = number + (0.0 if place else lead)
        tab = [w("tabs", w("tab", val="left", pos=twips(left + lead + number)))] if number else []
        gap = [w("spacing", before=twips(look.line))] if place == 0 else []
        indent = w("ind", left=twips(left + lead + number), hanging=twips(hang))
        words = ("" if place else block["word"]) + entry["number"] + ("\t" if number else "") + entry["title"]
        made.append(word_paragraph("Enclosure", [text_run(words)], properties=[*tab, *gap, indent]))
    return made


def _signature(block: Block, *, look: Look) -> list[Element]:
    """Return signer and date: two characters from the right, the date two right of the signer's first; or room for a seal."""
    office, day = block["office"] or "", block["date_text"] or ""
    signed, dated = _ems(office), _ems(day)
    if block["seal"]:
        centre = max(4 + dated / 2, signed / 2)
        rooms = (centre - signed / 2, centre - dated / 2)
    elif signed - dated >= 2:
        rooms = (2.0, signed - dated)
    else:  # the date is the longer one: it keeps two characters from the right, and the signer moves
        rooms = (4 + dated - signed, 2.0)
    above = (3 if block["seal"] else 2) * look.line - look.line
    made: list[Element] = []
    for words, room in zip((office, day), rooms, strict=True):
        if words:
            gap = [] if made else [w("spacing", before=twips(above))]
            properties = [*keep_next(when=words != (day or office)), *gap, w("ind", right=twips(room * _step(look)))]
            made.append(word_paragraph("Signature", [text_run(words)], properties=properties))
    return made


def _cover_foot() -> Element:
    place = {"vAnchor": "margin", "hAnchor": "margin", "xAlign": "center", "yAlign": "bottom"}
    return w("framePr", w=TEXT_WIDTH, hRule="auto", wrap="around", **place)


def _anchors(blocks: Iterable[tuple[Block, Any]]) -> dict[str, tuple[int, str]]:
    """Return bookmark number and name of every heading, by heading id."""
    ids = [block["id"] for block, _ in blocks if block["type"] == "heading"]
    return {key: (index, f"_Toc{index:08d}") for index, key in enumerate(ids, start=1)}


def _contents(
    blocks: Iterable[tuple[Block, Any]],
    *,
    anchors: Mapping[str, tuple[int, str]],
    pages: Mapping[str, int],
    look: Look,
) -> list[Element]:
    """Return the contents as a live field over heading levels 1 and 2, filled so that it reads well without an update."""
    headings = _listed(blocks)
    if not headings:
        return []
    dirty = any(block["id"] not in pages for block in headings)
    lines = [word_paragraph("Contents Title", [text_run(look.contents_title)])]
    marks = field_code('TOC \\o "1-2" \\h \\z', [], dirty=dirty)
    for block in headings:
        anchor = anchors[block["id"]][1]
        page = str(pages.get(block["id"], ""))
        link = w("hyperlink", anchor=anchor, history=1)
        link.extend(word_runs(heading_runs(block, look=look)))
        link.append(w("r", w("tab")))
        link.extend(field_code(f"PAGEREF {anchor} \\h", [text_run(page)], dirty=dirty))
        lines.append(word_paragraph(f"toc {block['level']}", [link]))
    first, last = lines[1], lines[-1]
    for offset, mark in enumerate(marks[:-1], start=1):
        first.insert(offset, mark)
    last.append(marks[-1])
    return [*lines, _section_end(_section())]


def _listed(blocks: Iterable[tuple[Block, Any]]) -> list[Block]:
    """Return the headings the contents list."""
    return [block for block, _ in blocks if block["type"] == "heading" and block["level"] <= 2]


def _contents_pitch(entries: int) -> float:
    """Return the distance of the lines of the contents in points: as in the PDF, up to 31 entries keep to one page."""
    return min(_CONTENTS_PT, math.floor(10 * _CONTENTS_ROOM_PT / entries) / 10) if 0 < entries <= _ONE_PAGE else _CONTENTS_PT


def _add_headers(document: Document, label: str | None) -> None:
    """Put the label above every page: the first section carries it on odd and even pages, the others follow the first."""
    first = document.sections[0]
    for header in (first.header, first.even_page_header) if label else ():
        header.is_linked_to_previous = False
        fill(header.part.element, [word_paragraph("header", [text_run(label or "")])])


def _add_footers(document: Document) -> None:
    """Give the sections of the body page numbers on the outer side: odd pages right, even pages left; cover and contents none."""
    sections = list(document.sections)
    first = next(place for place, one in enumerate(sections) if one._sectPr.find(_PAGE_NUMBERS) is not None)
    given: dict[bool, list[Element]] = {}
    for section in sections[first:]:
        turned = section.orientation == WD_ORIENT.LANDSCAPE
        if turned in given:
            for place, reference in enumerate(given[turned]):
                section._sectPr.insert(place, copy.deepcopy(reference))
            continue
        for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
            footer.is_linked_to_previous = False
            fill(footer.part.element, _turned_number(side) if turned else [_page_number(side)])
        given[turned] = [copy.deepcopy(one) for one in section._sectPr.findall(_FOOTERS)]


def _page_number(side: str) -> Element:
    """Return the line of the page number, one character in from its side."""
    indent = {"right": {"rightChars": 100, "right": 280}, "left": {"leftChars": 100, "left": 280}}[side]
    number = [text_run("— "), *field_code("PAGE", [text_run("1")]), text_run(" —")]
    return word_paragraph("footer", number, properties=[w("ind", **indent, firstLine=0), w("jc", val=side)])


def _turned_number(side: str) -> list[Element]:
    """Return the page number of a turned page where an upright page has it: at the left edge here, a quarter turned."""
    width, height = round(_NUMBER_MM * TWIPS_PER_MM), TEXT_WIDTH
    place = {
        "tblpX": round((_MARGINS_MM["bottom"] - 7 - _NUMBER_MM) * TWIPS_PER_MM),
        "tblpY": round(_MARGINS_MM["left"] * TWIPS_PER_MM),
    }
    properties = w(
        "tblPr",
        w("tblpPr", vertAnchor="page", horzAnchor="page", **place),
        w("tblW", w=width, type="dxa"),
        w("tblLayout", type="fixed"),
        w("tblCellMar", w("left", w=0, type="dxa"), w("right", w=0, type="dxa")),
    )
    cell = w("tc", w("tcPr", w("tcW", w=width, type="dxa"), w("textDirection", val="tbRl")), _page_number(side))
    row = w("tr", w("trPr", w("trHeight", val=height, hRule="exact")), cell)
    tiny = w("spacing", before=0, after=0, line=20, lineRule="exact")
    return [w("tbl", properties, w("tblGrid", w("gridCol", w=width)), row), word_paragraph("footer", [], properties=[tiny])]


# ---------------------------------------------------------------- blocks


def _block(
    document: Document,
    block: Block,
    *,
    bundle: Mapping[str, Any],
    anchors: Mapping[str, tuple[int, str]],
    look: Look,
) -> list[Element]:
    """Return the paragraphs of one body block that is no table."""
    match block["type"]:
        case "heading":
            number, name = anchors[block["id"]]
            start, end = w("bookmarkStart", id=number, name=name), w("bookmarkEnd", id=number)
            words = word_runs(heading_runs(block, look=look))
            if block.get("mark"):
                mark = word_paragraph("Attachment Mark", [text_run(block["mark"])], properties=[w("pageBreakBefore")])
                return [mark, word_paragraph("Heading Attachment 1", [start, *words, end])]
            style = f"Heading Attachment {block['level']}" if block.get("rank") else f"heading {block['level']}"
            return [word_paragraph(style, [start, *words, end])]
        case "paragraph":
            properties = keep_next(when=bool(block.get("closing")))
            return [word_paragraph("Body Text", word_runs(block["runs"]), properties=properties)]
        case "enclosures":
            return _enclosures(block, look=look)
        case "signature":
            return _signature(block, look=look)
        case "note":
            return [word_paragraph("Note", word_runs(block["runs"]))]
        case "figure":
            return _figure(document, block, bundle=bundle, look=look)
    raise ValueError(f"block type {block['type']!r} has no form in Word")


def _figure(document: Document, block: Block, *, bundle: Mapping[str, Any], look: Look) -> list[Element]:
    """Return picture, caption and notes, kept on one page."""
    if "image/png" not in bundle:
        raise ValueError(f"figure {block['key']!r} has no image beside its block")
    relation, _ = document.part.get_or_add_image(io.BytesIO(base64.b64decode(bundle["image/png"])))
    width, height = block["width_mm"], block["height_mm"]
    scale = min(1.0, TEXT_WIDTH_MM / width, (TEXT_HEIGHT_MM - _CAPTION_ROOM_MM) / height)
    inline = CT_Inline.new_pic_inline(0, relation, f"{block['key']}.png", Mm(width * scale), Mm(height * scale))
    caption = numbered(block, gap=look.caption_gap)
    description = NOT_XML.sub("", block["alt"])
    for properties in inline.iter(f"{{{nsmap['wp']}}}docPr", f"{{{nsmap['pic']}}}cNvPr"):
        properties.set("descr", description)
    inline.docPr.set("title", NOT_XML.sub("", plain(caption)))
    return [
        word_paragraph("Figure", [w("r", w("drawing", inline))]),
        word_paragraph("Figure Caption", word_runs(caption), properties=keep_next(when=bool(block["notes"]))),
        *note_paragraphs(block["notes"]),
    ]


def _number_shapes(body: Element) -> None:
    """Give every picture its own drawing id; Word repairs documents in which two share one."""
    for index, properties in enumerate(body.iter(f"{{{nsmap['wp']}}}docPr"), start=1):
        properties.set("id", str(index))
