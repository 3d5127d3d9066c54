"""What every Word report is made of: elements, styles, settings and the other parts of its package.

Element order inside every ``w:`` element follows the schema of ECMA-376, because Word offers to repair a document that breaks it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Literal

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml.ns import nsmap
from docx.oxml.parser import oxml_parser
from lxml import etree

from nianbao.blocks import Block, Run, plain
from nianbao.breaks import NEVER_AFTER, NEVER_BEFORE
from nianbao.columns import TABLE_SIZES_PT

Element = etree._Element

_W = nsmap["w"]
TWIPS_PER_POINT = 20
TWIPS_PER_MM = 1440 / 25.4

TEXT_WIDTH_MM, TEXT_HEIGHT_MM = 156, 225
TEXT_WIDTH = round(TEXT_WIDTH_MM * TWIPS_PER_MM)
LINE_PT = 28.95
"""22 lines fill the 225 mm of the text area."""

OFFICIAL_RED = "C00000"
_SONG, _HEI, _KAI = "宋体", "黑体", "楷体_GB2312"
_FANG, _TITLE_SONG = "仿宋_GB2312", "方正小标宋简体"
_LATIN = "Times New Roman"
_FALLBACK_FACES = {_FANG: "仿宋", _KAI: "楷体", _TITLE_SONG: "宋体", _HEI: "SimHei", _SONG: "SimSun"}

TABLE_SUFFIXES = dict(zip(TABLE_SIZES_PT, ("", " Small", " Smallest"), strict=True))
"""What the names of the table styles end with, by size of type."""
_UNDATED = date(2000, 1, 1)

# XML 1.0 allows no other characters; a stray control character in a return must not make the file unreadable.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHINESE = re.compile("[\u2e80-\ufaff\ufe30-\uffef\U00020000-\U0003ffff]")
_BARE_PUNCTUATION = re.compile(r"[“”‘’…—·\s]*[“”‘’…—·][“”‘’…—·\s]*")
_BREAKS = re.compile("([\n\t])")


@dataclass(frozen=True, kw_only=True)
class Look:
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


LOOKS = {
    "zh": Look(
        language="zh-CN",
        latin_tag="en-US",
        contents_title="目\u3000\u3000录",
        caption_gap="\u3000",
        body=16,
        line=LINE_PT,
        condense=-5,  # 28 characters in 156 mm; a character grid would do it too, but LibreOffice breaks on it
        indent=2,
        after=0,
        heads=((_HEI, 16), (_KAI, 16), (_FANG, 16), (_FANG, 16)),
        title_face=_TITLE_SONG,
        body_face=_FANG,
        heavy=False,
    ),
    "en": Look(
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


# ---------------------------------------------------------------- elements


def w(tag: str, *children: Element, **attributes: str | int) -> Element:
    """Return ``<w:tag>`` with ``w:`` attributes; made by python-docx's parser so that its element classes apply."""
    element = oxml_parser.makeelement(f"{{{_W}}}{tag}", nsmap={"w": _W})
    for name, value in attributes.items():
        element.set(f"{{{_W}}}{name}", str(value))
    element.extend(children)
    return element


def fill(parent: Any, children: Iterable[Element]) -> None:
    for child in list(parent):
        parent.remove(child)
    parent.extend(children)


def twips(points: float) -> int:
    return round(points * TWIPS_PER_POINT)


def style_id(name: str) -> str:
    return name[0].upper() + name[1:].replace(" ", "")


def word_paragraph(style: str, content: Iterable[Element], *, properties: Iterable[Element] = ()) -> Element:
    """Return a paragraph; ``properties`` come in schema order after the style."""
    paragraph = w("p", w("pPr", w("pStyle", val=style_id(style)), *properties))
    paragraph.extend(content)
    return paragraph


def text_run(text: str, *, heavy: bool = False, character_style: str | None = None, size: int | None = None) -> Element:
    """Return a run, in ``size`` half points where its style has another; ``heavy`` asks for bold where the words hold no Chinese, whose weight is a face of its own."""
    words = NOT_XML.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    chinese = _CHINESE.search(words) is not None
    properties = []
    if character_style is not None:
        properties.append(w("rStyle", val=character_style))
    if chinese or _BARE_PUNCTUATION.fullmatch(words):
        properties.append(w("rFonts", hint="eastAsia"))  # else Word sets “ ” … — in the Latin face
    if heavy and not chinese:
        properties.append(w("b"))
    if size is not None:
        properties += [w("sz", val=size), w("szCs", val=size)]
    made = w("r")
    if properties:
        made.append(w("rPr", *properties))
    for part in _BREAKS.split(words):
        if part == "\n":
            made.append(w("br"))
        elif part == "\t":
            made.append(w("tab"))
        elif part:
            piece = w("t")
            piece.text = part
            piece.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            made.append(piece)
    return made


def word_runs(runs: Iterable[Run], *, heavy: bool = False) -> list[Element]:
    """Return one Word run a block run, so that a printed figure is never split or merged."""
    made = []
    for part in runs:
        strong = part.get("emphasis") == "strong"
        made.append(text_run(part["text"], heavy=heavy or strong, character_style="Strong" if strong else None))
    return made


def field_code(instruction: str, result: Sequence[Element], *, dirty: bool = False) -> list[Element]:
    begin = w("fldChar", fldCharType="begin", **({"dirty": "true"} if dirty else {}))
    code = w("instrText")
    code.text = f" {instruction} "
    code.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    separate, end = w("fldChar", fldCharType="separate"), w("fldChar", fldCharType="end")
    return [w("r", begin), w("r", code), w("r", separate), *result, w("r", end)]


def numbered(block: Block, *, gap: str) -> list[Run]:
    """Return the words of a heading or caption behind the number that the assembler gave it."""
    number = block.get("number") or ""
    runs: list[Run] = block["runs"] if block["type"] == "heading" else block["caption"]
    return [{"text": number + gap}, *runs] if number else runs


def heading_runs(block: Block, *, look: Look) -> list[Run]:
    """Return a heading's words: Chinese numbers carry their own punctuation, others need a space ("1.2020" misleads)."""
    number, words = block.get("number") or "", plain(block["runs"])
    needs_space = look.heavy or (number[-1:].isascii() and words[:1].isascii())
    return numbered(block, gap=" " if needs_space else "")


def note_paragraphs(notes: Sequence[Sequence[Run]]) -> list[Element]:
    return [word_paragraph("Note", word_runs(entry), properties=keep_next(when=entry is not notes[-1])) for entry in notes]


def keep_next(*, when: bool) -> list[Element]:
    return [w("keepNext")] if when else []


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
    colour: str | None = None


def style_sheet(look: Look, *, contents_pt: float = 24) -> list[Element]:
    """Return document defaults and every style of the document; nothing of the template's styles stays.

    ``contents_pt`` is the pitch of the contents: in their style, so that they keep it when Word updates them.
    """
    run_defaults = w("rPr", _faces(look.body_face), w("sz", val=21), w("szCs", val=21), _language(look))
    # Line rules of Chinese print (no comma begins a line); Word's default, said for programs with another one.
    line_rules = [w("kinsoku")]
    defaults = w("docDefaults", w("rPrDefault", run_defaults), w("pPrDefault", w("pPr", *line_rules)))
    unstyled = w("style", w("name", val="Default Paragraph Font"), w("uiPriority", val=1), w("semiHidden"))
    _identify(unstyled, kind="character", key="DefaultParagraphFont", default=True)
    strong = w("style", w("name", val="Strong"), w("basedOn", val="DefaultParagraphFont"), w("qFormat"))
    strong.append(w("rPr", w("rFonts", eastAsia=_HEI), *_bold(when=look.heavy)))
    _identify(strong, kind="character", key="Strong")
    return [
        defaults,
        *map(_style_element, _paragraph_styles(look, contents_pt=contents_pt)),
        unstyled,
        strong,
        *_table_styles(),
    ]


def _paragraph_styles(look: Look, *, contents_pt: float) -> list[_Style]:
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
    contents = _Style(name="toc 1", face=_HEI, size=max(look.body - 2, 11), line=contents_pt, tab=TEXT_WIDTH, heavy=look.heavy)
    cover = replace(normal, name="Cover Line", align="center", size=16, line=LINE_PT)
    title = _Style(name="Title", face=look.title_face, size=22, line=36, align="center", heavy=look.heavy)
    plain_line = replace(normal, align="left")
    for level, (face, size) in enumerate(look.heads[:3], start=2):
        head = next(style for style in made if style.name == f"heading {level}")
        made.append(replace(head, name=f"Heading Attachment {level}", face=face, size=size, line=max(look.line, size * 1.3)))
    opening = replace(title, keep=True, outline=0, follower="Body Text", before=look.line, after=look.line)
    made += [
        replace(title, before=130),
        replace(cover, name="Subtitle", face=_KAI, before=12),
        cover,
        _Style(name="Stamp", face=_HEI, size=14, line=LINE_PT, align="right", heavy=look.heavy),
        replace(title, name="Report Title", before=look.line, after=look.line, keep=True),
        replace(opening, name="Heading Attachment 1"),
        replace(plain_line, name="Attachment Mark", face=_HEI, keep=True, heavy=look.heavy),
        replace(title, name="Letterhead", before=99, colour=OFFICIAL_RED),
        replace(plain_line, name="Document Number"),
        replace(plain_line, name="Recipient", keep=True),
        replace(plain_line, name="Enclosure", keep=True),
        replace(plain_line, name="Signature", align="right", keep=True),
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
    for size, suffix in TABLE_SUFFIXES.items():
        # Lists to look things up in, in the smallest type, have their rows close together.
        close = size == TABLE_SIZES_PT[-1]
        height, apart = (10.0 if close else None), (0.7 if close else 1.5)
        cell = _Style(name="Table Text" + suffix, face=_SONG, size=size, line=height, before=apart, after=apart)
        made += [
            cell,
            replace(cell, name="Table Head" + suffix, face=_HEI, heavy=look.heavy),
            replace(cell, name="Table Total" + suffix, face=_HEI, heavy=look.heavy),
        ]
    return made


def _style_element(style: _Style) -> Element:
    """Return ``<w:style>``; sizes below the grid's line do not snap to it, or tables and notes would grow to its pitch."""
    properties = w("pPr", *keep_next(when=style.keep), *([w("keepLines")] if style.keep else []))
    properties.append(w("widowControl", val=0))
    if style.boxed:
        sides = ("top", "left", "bottom", "right")
        properties.append(w("pBdr", *(w(side, val="single", sz=8, space=6, color="000000") for side in sides)))
    if style.tab is not None:
        properties.append(w("tabs", w("tab", val="right", leader="dot", pos=style.tab)))
    # No gap between Chinese and Latin: it would leave the grid of 28 characters, and make cells wider than their columns.
    properties.extend([w("autoSpaceDE", val=0), w("autoSpaceDN", val=0)])
    if style.line != LINE_PT:
        properties.append(w("snapToGrid", val=0))
    pitch, rule = (240, "auto") if style.line is None else (twips(style.line), "exact")
    gaps = {"before": twips(style.before), "after": twips(style.after)}
    properties.append(w("spacing", **gaps, line=pitch, lineRule=rule))
    inset = 140 if style.boxed else 0
    first = {"firstLineChars": style.indent * 100, "firstLine": twips(style.indent * style.size)}
    properties.append(w("ind", left=twips(style.left) + inset, right=inset, **first))
    if style.close:
        properties.append(w("contextualSpacing"))
    properties.append(w("jc", val=style.align))
    if style.outline is not None:
        properties.append(w("outlineLvl", val=style.outline))
    half_points = round(style.size * 2)
    face = _SONG if style.name == "footer" else _LATIN
    letters = w("rPr", _faces(style.face, latin=face), w("b", val=int(style.heavy)))
    letters.extend([w("color", val=style.colour)] if style.colour else [])
    letters.extend([w("spacing", val=style.condense), w("sz", val=half_points), w("szCs", val=half_points)])
    made = w("style", w("name", val=style.name))
    if style.name != "Normal":
        made.append(w("basedOn", val=style_id(style.base)))
    if style.follower is not None:
        made.append(w("next", val=style_id(style.follower)))
    made.extend([w("qFormat"), properties, letters])
    _identify(made, kind="paragraph", key=style_id(style.name), default=style.name == "Normal")
    return made


def _table_styles() -> list[Element]:
    """Return Word's base table style and the three-line table: rules above, below and, set on the cells, under the head."""
    margins = [w(side, w=0, type="dxa") for side in ("top", "left", "bottom", "right")]
    base = w("style", w("name", val="Normal Table"), w("uiPriority", val=99), w("semiHidden"))
    base.append(w("tblPr", w("tblInd", w=0, type="dxa"), w("tblCellMar", *margins)))
    _identify(base, kind="table", key="TableNormal", default=True)
    rules = [w(side, val="single", sz=12, space=0, color="000000") for side in ("top", "bottom")]
    lined = w("style", w("name", val="Report Table"), w("basedOn", val="TableNormal"), w("qFormat"))
    lined.append(w("tblPr", w("tblBorders", *rules)))
    _identify(lined, kind="table", key=style_id("Report Table"))
    return [base, lined]


def _identify(style: Element, *, kind: str, key: str, default: bool = False) -> None:
    style.set(f"{{{_W}}}type", kind)
    if default:
        style.set(f"{{{_W}}}default", "1")
    style.set(f"{{{_W}}}styleId", key)


def _bold(*, when: bool) -> list[Element]:
    return [w("b")] if when else []


def _faces(east_asian: str, *, latin: str = _LATIN) -> Element:
    return w("rFonts", ascii=latin, hAnsi=latin, eastAsia=east_asian, cs=latin)


def _language(look: Look) -> Element:
    return w("lang", val=look.latin_tag, eastAsia="zh-CN", bidi="ar-SA")


def settings(look: Look) -> list[Element]:
    """Return document settings: current compatibility mode, odd and even footers, Chinese punctuation squeezed."""
    modern = w("compatSetting", name="compatibilityMode", uri="http://schemas.microsoft.com/office/word", val=15)
    return [
        w("zoom", percent=100),
        w("mirrorMargins"),  # the margin called left is the one at the binding, which even pages have on the right
        w("defaultTabStop", val=420),
        w("evenAndOddHeaders"),
        w("characterSpacingControl", val="compressPunctuation"),
        # Word's own lists with the wave dash in both: a range like 0～36 does not break.
        w("noLineBreaksAfter", lang="zh-CN", val=NEVER_AFTER),
        w("noLineBreaksBefore", lang="zh-CN", val=NEVER_BEFORE),
        w("compat", w("balanceSingleByteDoubleByteWidth"), w("useFELayout"), modern),
        w("themeFontLang", val=look.latin_tag, eastAsia="zh-CN"),
        w("decimalSymbol", val="."),
        w("listSeparator", val=","),
    ]


def set_properties(document: Document, *, meta: Mapping[str, Any], look: Look) -> None:
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
    return NOT_XML.sub("", text or "")[:255]  # the limit of the file format


def strip_template(document: Document) -> None:
    """Drop the parts of python-docx's template that the report does not use (themes, lists, a thumbnail, a style copy)."""
    wanted = {RELATIONSHIP.STYLES, RELATIONSHIP.SETTINGS, RELATIONSHIP.FONT_TABLE}
    wanted |= {RELATIONSHIP.OFFICE_DOCUMENT, RELATIONSHIP.CORE_PROPERTIES, RELATIONSHIP.EXTENDED_PROPERTIES}
    for relations in (document.part.rels, document.part.package.rels):
        for key in [key for key, relation in relations.items() if relation.reltype not in wanted]:
            del relations[key]


def font_table() -> bytes:
    """Return the font table: official faces with the name Word tries next where a machine lacks them."""
    made = w("fonts")
    for face, fallback in _FALLBACK_FACES.items():
        kind = (w("charset", val="86"), w("family", val="auto"))
        made.append(w("font", w("altName", val=fallback), *kind, name=face))
    made.append(w("font", w("charset", val="00"), w("family", val="roman"), name=_LATIN))
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8", standalone=True)


def application() -> bytes:
    namespace = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    made = etree.fromstring(f'<Properties xmlns="{namespace}"><Application>nianbao</Application></Properties>')
    return etree.tostring(made, xml_declaration=True, encoding="UTF-8", standalone=True)
