"""What lets a Word file be absorbed again: a bookmark around every paragraph that may be edited, and a record of what was printed.

A bookmark's name holds the hash of the paragraph's key; Word, WPS and LibreOffice carry it along when a paragraph is changed or moved.
The record is a custom XML part: place, year, language and edition, and every paragraph with its figures.  Another edition than the
internal one gets neither: what the public reads is not edited back, and must not carry what was left out of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from lxml import etree

from nianbao.blocks import Block, Run, blocks_of, plain

Element = etree._Element

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_NAMESPACE = "urn:nianbao:record"
_STORE = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/customXmlProps"
_PREFIX = "nb_"
SCHEMA = 1
_FIRST_NUMBER = 100_000
"""Bookmark numbers from here on; those of the contents count from 1."""
_DROPPED = ("del", "moveFrom")
_INSERTED = ("ins", "moveTo")


@dataclass(frozen=True)
class Piece:
    """A paragraph or table of a Word document in its order; text without what tracked changes deleted."""

    kind: str
    """``paragraph`` or ``table``."""
    style: str
    """Name of the style in small letters without blanks: ``bodytext``, ``heading1``."""
    text: str
    marks: tuple[str, ...] = ()
    """Bookmarks of paragraphs that begin in it."""
    within: str = ""
    """A bookmark that began in an earlier paragraph and is still open."""
    tracked: int = 0
    """How many tracked insertions and deletions it holds."""
    pictures: int = 0
    bookmarks: tuple[str, ...] = ()
    """Every other bookmark that begins in it, those of headings among them."""


@dataclass(frozen=True)
class Printed:
    """A paragraph or table as the report printed it: the record's line."""

    kind: str
    """``heading``, ``paragraph``, ``caption``, ``table``, ``picture``, or ``other`` for the cover, notes of tables and the like."""
    key: str
    """The key, empty where nothing can follow it."""
    mark: str
    """Its bookmark; empty for what cannot be absorbed."""
    text: str
    figures: tuple[tuple[int, int, str], ...] = ()
    """Start, end and reference of every figure in the text that can be printed again."""
    basis: Mapping[str, str] = field(default_factory=dict)
    office: bool = False


@dataclass(frozen=True)
class Record:
    """What a Word file says of the report it was: of which place and year, and what was printed."""

    township: str
    year: int
    lang: str
    edition: str
    build: str
    """Eight digits that tell one build from another with other content."""
    printed: tuple[Printed, ...]


def bookmark(key: str) -> str:
    """Return the bookmark name of a paragraph's key."""
    return _PREFIX + hashlib.sha256(key.encode("utf-8")).hexdigest()[:24]


def mark(document: Document, notebook: Any) -> None:
    """Set the bookmarks of an assembled report's paragraphs in its Word document, and put the record into it.

    Paragraphs are found by their words in the order of the blocks; nothing else of the document is changed.
    """
    meta = notebook.metadata["nianbao"]
    if meta.get("edition") != "internal" or not meta.get("township") or meta.get("year") is None:
        return
    body = document.element.body
    styles = style_names(document.styles.element)
    waiting = _blocks(notebook)
    printed: list[Printed] = []
    for number, (element, piece) in enumerate(_elements(body, styles)):
        found = next((place for place, block in enumerate(waiting) if _prints(piece, block)), None)
        if found is None:
            kind = "table" if piece.kind == "table" else "picture" if piece.pictures else "other"
            printed.append(Printed(kind, "", "", piece.text))
            continue
        block = waiting[found]
        del waiting[: found + 1]
        printed.append(_printed(block, piece))
        if printed[-1].mark:
            _enclose(element, printed[-1].mark, _FIRST_NUMBER + number)
    head = {name: meta[name] for name in ("township", "year", "lang", "edition")}
    rows = [_row(one) for one in printed]
    content = json.dumps({"schema": SCHEMA, **head, "printed": rows}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    _attach(document, content)


def _blocks(notebook: Any) -> list[Block]:
    return [block for block, _ in blocks_of(notebook) if block["type"] in ("heading", "paragraph", "note", "table", "figure")]


def _bare(text: str) -> str:
    return re.sub(r"[\s\x00-\x1f]+", "", text)


def _prints(piece: Piece, block: Block) -> bool:
    """True for the paragraph that prints a block: its words, of a heading or caption behind the number."""
    if piece.kind != "paragraph" or not piece.text:
        return False
    if block["type"] in ("paragraph", "note"):
        return _bare(piece.text) == _bare(plain(block["runs"]))
    if block["type"] == "heading":
        return piece.style.startswith("heading") and _bare(piece.text).endswith(_bare(plain(block["runs"])))
    return "caption" in piece.style and _bare(piece.text).endswith(_bare(plain(block["caption"])))


def _printed(block: Block, piece: Piece) -> Printed:
    kind, key = block["type"], block.get("anchor") or ""
    if kind == "heading":
        return Printed("heading", key, "", piece.text)
    if kind in ("table", "figure"):
        return Printed("caption", key, "", piece.text)
    if not key:
        return Printed("other", "", "", piece.text)
    basis = dict(block.get("basis") or {})
    text = plain(block["runs"])
    return Printed(
        "paragraph", key, bookmark(key), text, tuple(_figures(block["runs"], basis)), basis, block.get("origin") == "office"
    )


def _figures(runs: list[Run], basis: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Yield where a paragraph prints the figures of its basis."""
    place = 0
    for part in runs:
        end = place + len(part["text"])
        _, _, ending = part.get("fact", "").partition(":")
        ref, _, role = ending.rpartition(":")
        written = ref if role == "value" else f"{ref}.{role}"
        if basis.get(written) == part["text"]:
            yield place, end, written
        place = end


def _enclose(paragraph: Element, name: str, number: int) -> None:
    start = paragraph.makeelement(f"{{{W}}}bookmarkStart", {f"{{{W}}}id": str(number), f"{{{W}}}name": name})
    end = paragraph.makeelement(f"{{{W}}}bookmarkEnd", {f"{{{W}}}id": str(number)})
    first = 1 if len(paragraph) and paragraph[0].tag == f"{{{W}}}pPr" else 0
    paragraph.insert(first, start)
    paragraph.append(end)


def _row(one: Printed) -> dict[str, Any]:
    text = hashlib.sha256(one.text.encode("utf-8")).hexdigest()[:16] if one.kind == "table" else one.text
    row: dict[str, Any] = {"kind": one.kind, "text": text}
    if one.key:
        row["key"] = one.key
    if one.mark:
        row |= {
            "mark": one.mark,
            "figures": [list(figure) for figure in one.figures],
            "basis": dict(one.basis),
            "office": one.office,
        }
    return row


def _attach(document: Document, content: str) -> None:
    root = etree.Element(f"{{{_NAMESPACE}}}record", nsmap={"nb": _NAMESPACE})
    root.text = re.sub("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", content)
    digest = hashlib.sha256(content.encode("utf-8")).hexdigest().upper()
    name = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
    properties = etree.Element(f"{{{_STORE}}}datastoreItem", {f"{{{_STORE}}}itemID": f"{{{name}}}"}, nsmap={"ds": _STORE})
    refs = etree.SubElement(properties, f"{{{_STORE}}}schemaRefs")
    etree.SubElement(refs, f"{{{_STORE}}}schemaRef", {f"{{{_STORE}}}uri": _NAMESPACE})
    package = document.part.package
    assert package is not None
    kind = "application/vnd.openxmlformats-officedocument.customXmlProperties+xml"
    item = Part(PackURI("/customXml/item1.xml"), "application/xml", _xml(root), package)
    item.relate_to(Part(PackURI("/customXml/itemProps1.xml"), kind, _xml(properties), package), _PROPERTIES)
    document.part.relate_to(item, RELATIONSHIP.CUSTOM_XML)


def _xml(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def read_record(part: Element) -> Record | None:
    """Return the record a custom XML part holds; None for a part that is none, or of a version that is not known.

    Raises:
        ValueError: it is a record and cannot be read.
    """
    if part.tag != f"{{{_NAMESPACE}}}record":
        return None
    content = part.text or ""
    try:
        found = json.loads(content)
        if found.get("schema") != SCHEMA:
            return None
        printed = tuple(
            Printed(
                row["kind"],
                row.get("key", ""),
                row.get("mark", ""),
                row["text"],
                tuple((int(start), int(end), str(ref)) for start, end, ref in row.get("figures", ())),
                {str(name): str(value) for name, value in row.get("basis", {}).items()},
                bool(row.get("office", False)),
            )
            for row in found["printed"]
        )
        build = hashlib.sha256(content.encode("utf-8")).hexdigest()[:8]
        return Record(str(found["township"]), int(found["year"]), str(found["lang"]), str(found["edition"]), build, printed)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("the record cannot be read") from error


# ---------------------------------------------------------------- reading a body


def style_names(styles: Element) -> dict[str, str]:
    """Return the names of paragraph styles by their identifiers, in small letters without blanks."""
    found = {}
    for style in styles.iter(f"{{{W}}}style"):
        name = style.find(f"{{{W}}}name")
        if name is not None:
            found[style.get(f"{{{W}}}styleId") or ""] = (name.get(f"{{{W}}}val") or "").lower().replace(" ", "")
    return found


def pieces(body: Element, styles: Mapping[str, str]) -> list[Piece]:
    """Return the paragraphs and tables of a document body in order; a paragraph whose end was deleted is one with the next."""
    return [piece for _, piece in _elements(body, styles)]


def table_text(piece: Piece) -> str:
    """Return what a record keeps of a table."""
    return hashlib.sha256(piece.text.encode("utf-8")).hexdigest()[:16]


def _elements(body: Element, styles: Mapping[str, str]) -> Iterator[tuple[Element, Piece]]:
    opened: dict[str, str] = {}
    """Names of the paragraph bookmarks open, by number."""
    joined: list[Element] = []
    for element in _children(body):
        if element.tag == f"{{{W}}}tbl":
            cells = ("".join(_words(cell)) for cell in element.iter(f"{{{W}}}tc"))
            yield element, Piece("table", "", "\x1f".join(cells), tracked=_tracked(element))
        elif element.tag == f"{{{W}}}p":
            joined.append(element)
            if element.find(f"{{{W}}}pPr/{{{W}}}rPr/{{{W}}}del") is None:
                yield joined[0], _paragraph(joined, styles, opened)
                joined = []
        elif element.tag in (f"{{{W}}}bookmarkStart", f"{{{W}}}bookmarkEnd"):
            _note_bookmark(element, opened)
    if joined:
        yield joined[0], _paragraph(joined, styles, opened)


def _children(body: Element) -> Iterator[Element]:
    """Yield paragraphs, tables and bookmarks of a body, those inside content controls and custom XML among them."""
    for element in body:
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if name == "sdt":
            content = element.find(f"{{{W}}}sdtContent")
            yield from _children(content) if content is not None else ()
        elif name in ("customXml", "ins", "moveTo"):
            yield from _children(element)
        elif name in ("p", "tbl", "bookmarkStart", "bookmarkEnd"):
            yield element


def _note_bookmark(element: Element, opened: dict[str, str]) -> str:
    """Follow a bookmark's start or end; return the name of one that starts."""
    number, name = element.get(f"{{{W}}}id") or "", element.get(f"{{{W}}}name") or ""
    if element.tag == f"{{{W}}}bookmarkEnd":
        opened.pop(number, None)
        return ""
    if name.startswith(_PREFIX):
        opened[number] = name
    return name


def _paragraph(elements: list[Element], styles: Mapping[str, str], opened: dict[str, str]) -> Piece:
    style = elements[0].find(f"{{{W}}}pPr/{{{W}}}pStyle")
    named = styles.get(style.get(f"{{{W}}}val") or "", "") if style is not None else ""
    before = next(iter(opened.values()), "")
    marks: list[str] = []
    others: list[str] = []
    for element in elements:
        for one in element.iter(f"{{{W}}}bookmarkStart", f"{{{W}}}bookmarkEnd"):
            name = _note_bookmark(one, opened)
            if name:
                (marks if name.startswith(_PREFIX) else others).append(name)
    text = "".join(word for element in elements for word in _words(element))
    tracked = sum(map(_tracked, elements))
    pictures = sum(1 for element in elements for _ in element.iter(f"{{{W}}}drawing", f"{{{W}}}pict", f"{{{W}}}object"))
    return Piece("paragraph", named, text.strip(), tuple(marks), before, tracked, pictures, tuple(others))


def _tracked(element: Element) -> int:
    return sum(1 for _ in element.iter(*(f"{{{W}}}{name}" for name in (*_DROPPED, *_INSERTED))))


_OURS = f"{{{W}}}"
_TEXT, _TAB = f"{_OURS}t", f"{_OURS}tab"
_BREAKS = frozenset({f"{_OURS}br", f"{_OURS}cr"})
_WORDLESS = frozenset(
    f"{_OURS}{name}" for name in (*_DROPPED, "pPr", "rPr", "instrText", "drawing", "pict", "object", "delText")
)


def _words(element: Element) -> Iterator[str]:
    """Yield the words of a paragraph or cell; what was deleted, text boxes and the code of fields left out."""
    for child in element:
        tag = child.tag
        if tag == _TEXT:
            yield child.text or ""
        elif tag in _WORDLESS or not isinstance(tag, str) or not tag.startswith(_OURS):
            continue
        elif tag == _TAB:
            yield "\t"
        elif tag in _BREAKS:
            yield "\n"
        elif tag == f"{_OURS}noBreakHyphen":
            yield "-"
        else:
            yield from _words(child)
