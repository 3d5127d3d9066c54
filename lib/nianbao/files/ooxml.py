"""The own reader of Excel packages (.xlsx, .xlsm): streams their XML parts and keeps raw text, formats, addresses and what is hidden.

Namespaces are not compared: the strict and the transitional form of the format differ in nothing else that is read here.
"""

from __future__ import annotations

import datetime as dt
import io
import math
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from nianbao.files.draft import MAX_COLUMNS, MAX_ROWS, MAX_TEXT, Draft, Plain, SheetDraft, check_place, check_text, tagged
from nianbao.files.gate import Admitted
from nianbao.files.grid import column_letters
from nianbao.files.refusals import refusal
from nianbao.files.serials import BUILTIN, moment_of, shows

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})\Z")
_INTEGER = re.compile(r"-?[0-9]{1,15}\Z")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]+)?\Z")
_MOST_SPANS = 5_000
_PLAIN_CELL = re.compile(
    r'(<c r="([A-Z]{1,3})([0-9]{1,7})"(?: s="([0-9]{1,5})")?(?: t="([A-Za-z]{1,9})")?'
    r"(?:/>|>(<f(?: [^<>]*)?(?:/>|>[^<]*</f>))?(?:<v>([^<]*)</v>|<v/>|<is><t(?: xml:space=\"preserve\")?>([^<]*)</t></is>)?</c>))"
)
_PLAIN_ROW = re.compile(r'<row((?: [A-Za-z0-9:]+="[^"<>&]*")*)\s?(?:/>|>(.*?)</row>)', re.S)
_ATTRIBUTE = re.compile(r' ([A-Za-z0-9:]+)="([^"]*)"')
_NOT_PLAIN = ("<!", "]]>", "\ufffe", "\uffff", "<?", "\r")
_DECLARED = re.compile(rb"[^>]*?encoding\s*=\s*[\"']([^\"'>]*)")
_CONTROLS = bytes(sign for sign in range(32) if sign not in (9, 10, 13))
_REFERENCE = re.compile(r"&(?:#([0-9]{1,7})|#x([0-9A-Fa-f]{1,6})|(amp|lt|gt|quot|apos));|&")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_TRUE = {"1", "true", "on"}


def read_package(admitted: Admitted) -> Draft:
    """Return every sheet of an Excel package.

    Raises:
        GateError: a part is damaged, or the sheets hold more than a return can.
    """
    return _Package(admitted).read()


def streamed(data: bytes, part: str, tags: tuple[str, ...]) -> Iterator[Any]:
    """Yield the elements of the given local names as they end, and let go of each when the next is asked for.

    Raises:
        GateError: the XML is damaged or nested too deeply.
    """
    try:
        walk = etree.iterparse(
            io.BytesIO(data),
            events=("end",),
            tag=tuple(f"{{*}}{tag}" for tag in tags),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        for _, element in walk:
            yield element
            element.clear()
            parent = element.getparent()
            if parent is not None:
                while parent[0] is not element:
                    del parent[0]
    except etree.XMLSyntaxError as error:
        text = str(error)
        if "depth" in text:
            raise refusal("too-deep", part=part) from error
        if "memory" in text.lower():
            raise MemoryError from error
        raise refusal("damaged", part=f"{part}, line {error.lineno or 1}") from error


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def related(element: Any) -> str:
    """Return the relationship an element points to."""
    return next((value for name, value in element.attrib.items() if name.rpartition("}")[2] == "id" and "}" in name), "")


class _Package:
    """One package being read."""

    def __init__(self, admitted: Admitted) -> None:
        self.parts = {name.casefold(): data for name, data in admitted.parts.items()}
        self.draft = Draft(admitted.kind)
        self.texts: list[str] = []
        self.struck_texts: dict[int, bool] = {}
        self.formats: list[str] = ["General"]
        self.formats_by_text = {"": "General", "0": "General"}
        self.struck_styles: set[int] = set()
        self.since_1904 = False
        self.last_plain = 0

    def read(self) -> Draft:
        main = self.main_part()
        sheets = self.workbook(main)
        targets = self.relations(main)
        if data := self.by_kind(targets, "sharedStrings", main):
            self.read_texts(*data)
        if data := self.by_kind(targets, "styles", main):
            self.read_styles(*data)
        for name, hidden, relation in sheets:
            kind, part = targets.get(relation, ("", ""))
            if kind != "worksheet":
                self.draft.tell("sheet-not-cells", name)
                continue
            if part.casefold() not in self.parts:
                raise refusal("damaged", part=part or f"sheet {name}")
            self.read_sheet(name, hidden, part)
        if not self.draft.sheets:
            raise refusal("no-sheets")
        return self.draft

    def main_part(self) -> str:
        for kind, part in self.relations("").values():
            if kind == "officeDocument":
                return part
        if "xl/workbook.xml" in self.parts:
            return "xl/workbook.xml"
        raise refusal("damaged", part="xl/workbook.xml")

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return a part's relationships: identifier to the last word of their type and the part meant."""
        folder, name = posixpath.split(part)
        data = self.parts.get(posixpath.join(folder, "_rels", f"{name}.rels").casefold())
        found = {}
        for element in streamed(data, f"{name}.rels", ("Relationship",)) if data else ():
            if element.get("TargetMode") == "External":
                continue
            target = element.get("Target", "")
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], whole)
        return found

    def by_kind(self, targets: Mapping[str, tuple[str, str]], kind: str, main: str) -> tuple[bytes, str] | None:
        """Return the part of a kind that the workbook names or, where the link is lost, that lies in its usual place."""
        usual = posixpath.join(posixpath.dirname(main), f"{kind}.xml")
        part = next((part for found, part in targets.values() if found == kind), usual)
        return (self.parts[part.casefold()], part) if part.casefold() in self.parts else None

    def workbook(self, part: str) -> list[tuple[str, bool, str]]:
        data = self.parts.get(part.casefold())
        if data is None:
            raise refusal("damaged", part=part)
        sheets = []
        for element in streamed(data, part, ("sheet", "workbookPr")):
            if local(element) == "workbookPr":
                self.since_1904 = element.get("date1904", "") in _TRUE
            else:
                sheets.append((element.get("name", ""), element.get("state", "visible") != "visible", related(element)))
        return sheets

    def read_texts(self, data: bytes, part: str) -> None:
        for element in streamed(data, part, ("si",)):
            text, struck, partly = _rich(element)
            check_text(text, part)
            if struck or partly:
                self.struck_texts[len(self.texts)] = struck
            self.texts.append(text)

    def read_styles(self, data: bytes, part: str) -> None:
        codes = dict(BUILTIN)
        struck_fonts: set[int] = set()
        fonts = 0
        formats: list[str] = []
        for element in streamed(data, part, ("numFmt", "font", "xf")):
            name, parent = local(element), element.getparent()
            within = "" if parent is None else local(parent)
            if name == "numFmt" and within == "numFmts":
                codes[_whole(element.get("numFmtId"), -1)] = element.get("formatCode", "")
            elif name == "font" and within == "fonts":
                if _struck(element):
                    struck_fonts.add(fonts)
                fonts += 1
            elif name == "xf" and within == "cellXfs":
                if _whole(element.get("fontId")) in struck_fonts:
                    self.struck_styles.add(len(formats))
                formats.append(codes.get(_whole(element.get("numFmtId")), "General"))
        self.formats = formats or self.formats
        self.formats_by_text = {str(style): code for style, code in enumerate(self.formats)} | {"": self.formats[0]}

    def read_sheet(self, name: str, hidden: bool, part: str) -> None:
        sheet = self.draft.begin(name, hidden=hidden)
        data = self.parts[part.casefold()]
        rest = self.plain_rows(sheet, data)
        if rest is None:
            sheet.cells.clear()
            sheet.struck.clear()
            sheet.hidden_rows.clear()
            rest = data
        merges: list[tuple[int, int, int, int]] = []
        row = 0
        for element in streamed(rest, part, ("row", "col", "mergeCell")):
            kind = local(element)
            if kind == "row":
                row = self.read_row(sheet, element, row)
            elif kind == "mergeCell":
                corners = [_place(corner) for corner in element.get("ref", "").split(":")]
                if len(corners) == 2 and corners[0] and corners[1]:
                    merges.append((*corners[0], *corners[1]))
            elif (element.get("hidden", "") in _TRUE or _below(element.get("width"), _UNSEEN_WIDTH)) and len(
                sheet.hidden_spans
            ) < _MOST_SPANS:
                sheet.hidden_spans.append((_whole(element.get("min"), 1), _whole(element.get("max"), 1)))
        self.draft.trim_merges(sheet, merges)
        self.read_comments(sheet, part)

    def plain_rows(self, sheet: SheetDraft, data: bytes) -> bytes | None:
        """Take over the rows of a part written as programs write it, and return the part without them.

        One regular expression reads such a cell four times faster than a tree.  It takes all or nothing: unless every character
        between the ends of ``sheetData`` is one of the forms it knows, None is returned and the XML parser reads the part.
        """
        begin, end = data.find(b"<sheetData>"), data.rfind(b"</sheetData>")
        declared = _DECLARED.match(data)
        if begin < 0 or end < begin or data.count(b"<sheetData") != 1 or (declared and declared[1].lower() != b"utf-8"):
            return None
        begin += len(b"<sheetData>")
        try:
            whole = data.decode("utf-8")
            body = data[begin:end].decode("utf-8")
        except UnicodeDecodeError:
            return None
        if any(sign in body for sign in _NOT_PLAIN) or "<!" in whole or len(data.translate(None, _CONTROLS)) != len(data):
            return None
        notices, counts, room, used, before = len(self.draft.notices), self.draft.told.copy(), self.draft.room, 0, 0
        for found in _PLAIN_ROW.finditer(body):
            if found.start() != used or not self.plain_row(sheet, found, before):
                break
            used, before = found.end(), self.last_plain
        if used != len(body):
            del self.draft.notices[notices:]
            self.draft.told, self.draft.room = counts, room
            return None
        return data[:begin] + data[end:]

    def plain_row(self, sheet: SheetDraft, found: re.Match[str], before: int) -> bool:
        """Take over one row in the plain form; False when it is not wholly in that form."""
        pairs = _ATTRIBUTE.findall(found[1])
        attributes = dict(pairs)
        digits = attributes.get("r", "")
        if len(attributes) != len(pairs) or not _whole(digits) or digits[0] == "0":
            return False
        row = self.last_plain = int(digits)
        if row <= before:
            return False
        cells, texts, simple = sheet.cells, self.texts, not self.struck_styles and not self.struck_texts and row <= MAX_ROWS
        filled, used, last = len(cells), 0, 0
        for text, letters, number, style, kind, formula, raw, inline in _PLAIN_CELL.findall(found[2] or ""):
            used += len(text)
            column = _COLUMNS.get(letters, 0)
            if number != digits or column <= last:
                return False
            last = column
            if simple and not formula:  # the three commonest cells, entered as keep() would enter them
                number_format = self.formats_by_text.get(style, "")
                if kind == "s" and raw.isdigit() and len(raw) < 8 and int(raw) < len(texts) and number_format:
                    if value := texts[int(raw)]:
                        cells[row, column] = (row, column, value, value, number_format, False, "")
                    continue
                if raw and not kind and number_format == "General":
                    if raw.isdigit() and raw.isascii() and len(raw) <= 15:
                        cells[row, column] = (row, column, int(raw), raw, number_format, False, "")
                        continue
                elif kind == "inlineStr" and inline and number_format and len(inline) < MAX_TEXT:
                    words = _plain_words(inline)
                    if words is None:
                        return False
                    if words:
                        cells[row, column] = (row, column, words, words, number_format, False, "")
                    continue
            if text.endswith("/>") or not (formula or raw or inline):
                continue
            if "&" in formula and _plain_words(formula) is None:
                return False
            if inline:
                if kind != "inlineStr" or (words := _plain_words(inline)) is None:
                    return False
                self.keep(sheet, row, column, kind, int(style or 0), None, bool(formula), (words, False, False))
                continue
            held: str | None = raw
            if "&" in raw:
                held = _dereferenced(raw)
                if held is None:
                    return False
            elif not raw and "<v>" not in text and "<v/>" not in text:
                held = None
            self.keep(sheet, row, column, kind or "n", int(style or 0), held, bool(formula), None)
        if used != len(found[2] or ""):
            return False
        self.row_done(sheet, attributes, row, filled)
        return True

    def read_row(self, sheet: SheetDraft, element: Any, before: int) -> int:
        """Take over one row's cells; return its number."""
        row = _whole(element.get("r"), before + 1) or before + 1
        filled = len(sheet.cells)
        column = 0
        digits = str(row)
        for cell in element:
            if local(cell) != "c":
                continue
            address = cell.get("r")
            if address is None:
                column += 1
            elif address.endswith(digits) and address[: -len(digits)] in _COLUMNS:
                column = _COLUMNS[address[: -len(digits)]]
            else:
                place = _place(address)
                if place is None or place[0] != row:
                    raise refusal("damaged", part=f"{sheet.name}, row {row}, cell {address[:20]!r}")
                column = place[1]
            if len(cell):
                self.read_cell(sheet, cell, row, column)
        self.row_done(sheet, element, row, filled)
        return row

    def row_done(self, sheet: SheetDraft, attributes: Any, row: int, filled: int) -> None:
        added = len(sheet.cells) - filled
        if added:
            self.draft.take(added, sheet.name)
            if attributes.get("hidden", "") in _TRUE or _below(attributes.get("ht"), _UNSEEN_HEIGHT):
                sheet.hidden_rows.add(row)

    def read_cell(self, sheet: SheetDraft, cell: Any, row: int, column: int) -> None:
        raw: str | None = None
        formula = False
        inline = None
        for child in cell:
            name = local(child)
            if name == "v":
                raw = child.text or ""
            elif name == "f":
                formula = True
            elif name == "is":
                inline = _rich(child)
        self.keep(sheet, row, column, cell.get("t", "n"), _whole(cell.get("s")), raw, formula, inline)

    def keep(
        self,
        sheet: SheetDraft,
        row: int,
        column: int,
        kind: str,
        style: int,
        raw: str | None,
        formula: bool,
        inline: tuple[str, bool, bool] | None,
    ) -> None:
        """Enter one cell as its kind says; a cell that holds nothing is not entered."""
        number_format = self.formats[style] if style < len(self.formats) else "General"
        struck = style in self.struck_styles
        partly = False
        value: Plain = None
        text = raw or ""
        error = ""
        if raw == "" and kind != "str":
            raw = None
        if kind == "s" and raw is not None:
            index = _whole(raw, -1)
            if 0 <= index < len(self.texts):
                value = text = self.texts[index]
                if index in self.struck_texts:
                    struck, partly = struck or self.struck_texts[index], not self.struck_texts[index]
            else:
                self.draft.tell("string-missing", sheet.name, _address(row, column))
        elif kind == "inlineStr" and inline is not None:
            text, whole, partly = inline
            value, struck = text, struck or whole
        elif raw is None:
            pass
        elif kind == "n":
            value = self.number(raw, number_format, sheet.name, row, column)
        elif kind == "b":
            value = raw.strip() in _TRUE
        elif kind == "e":
            error = raw
        elif kind == "d":
            value = _iso(raw)
        else:
            value = text = _unescaped(raw)
        if not formula and (value == "" or (value is None and not error and not text)):
            return
        if row > MAX_ROWS or column > MAX_COLUMNS:
            check_place(row, column, sheet.name)
        if len(text) > MAX_TEXT:
            check_text(text, sheet.name, _address(row, column))
        place = (row, column)
        if place in sheet.cells:
            self.draft.tell("cell-twice", sheet.name, _address(row, column))
            sheet.struck.discard(place)
        sheet.cells[place] = (row, column, value, text, number_format, formula, error)
        if struck:
            sheet.struck.add(place)
        elif partly:
            self.draft.tell("partly-struck", sheet.name, _address(row, column))

    def number(self, raw: str, number_format: str, sheet: str, row: int, column: int) -> Plain:
        """Return a number, or the date it means under a date format."""
        text = raw.strip()
        if not _NUMBER.match(text) or not math.isfinite(float(text)):
            self.draft.tell("number-not-read", sheet, _address(row, column))
            return None
        value: int | float = int(text) if _INTEGER.match(text) else float(text)
        if number_format == "General" or shows(number_format) == "number":
            return value
        when = moment_of(value, number_format, since_1904=self.since_1904)
        if isinstance(when, dt.datetime | dt.date | dt.time | dt.timedelta):
            return tagged(when)
        if value:
            self.draft.tell("no-such-date", sheet, _address(row, column), serial=text)
        return value

    def read_comments(self, sheet: SheetDraft, part: str) -> None:
        """Take over a sheet's comments; a thread replaces the hint that Excel leaves for older programs."""
        targets = self.relations(part)
        for wanted, tag in (("comments", "comment"), ("threadedComment", "threadedComment")):
            threads: dict[tuple[int, int], list[str]] = {}
            for kind, target in targets.values():
                data = self.parts.get(target.casefold())
                if kind != wanted or data is None:
                    continue
                for element in streamed(data, target, (tag,)):
                    place = _place(element.get("ref", ""))
                    words = "".join(piece.text or "" for piece in element.iter("{*}t", "{*}text") if not len(piece))
                    if place and words:
                        check_text(words, sheet.name, element.get("ref", ""))
                        threads.setdefault(place, []).append(_unescaped(words))
            sheet.comments.update({place: "\n".join(words) for place, words in threads.items()})


def _rich(element: Any) -> tuple[str, bool, bool]:
    """Return a string item's text without its reading aids, and whether all of it or some of it is struck through."""
    pieces: list[str] = []
    struck: list[bool] = []
    for child in element:
        name = local(child)
        if name == "t":
            pieces.append(child.text or "")
            struck.append(False)
        elif name == "r":
            words = "".join(part.text or "" for part in child if local(part) == "t")
            if words:
                pieces.append(words.translate(_raised(child)))
                struck.append(any(local(part) == "rPr" and _struck(part) for part in child))
    text = _unescaped("".join(pieces))
    whole = bool(struck) and all(struck)
    return text, whole, any(struck) and not whole


_RAISED = {
    "superscript": str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"),
    "subscript": str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"),
}
"""A raised digit is the number of a note or a power: as a plain one it would become part of the figure it stands behind."""


def _raised(run: Any) -> dict[int, int]:
    """Return what to make of the digits of a run of text that stands above or below the line."""
    for properties in run:
        if local(properties) == "rPr":
            for child in properties:
                if local(child) == "vertAlign":
                    return _RAISED.get(child.get("val", ""), {})
    return {}


def _dereferenced(text: str) -> str | None:
    """Return text with its character references replaced; None when one is not of the kinds XML has without a DTD."""
    bad = False

    def meant(found: re.Match[str]) -> str:
        nonlocal bad
        code = int(found[1]) if found[1] else int(found[2], 16) if found[2] else 0
        if found[3]:
            return _NAMED[found[3]]
        if code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000:
            return chr(code)
        bad = True
        return ""

    plain = _REFERENCE.sub(meant, text)
    return None if bad else plain


@lru_cache(maxsize=65_536)
def _plain_words(text: str) -> str | None:
    """Return a string as written in a part as the string it means; None when a reference in it is unknown."""
    known = _dereferenced(text) if "&" in text else text
    return None if known is None else _unescaped(known)


def _struck(properties: Any) -> bool:
    return any(local(child) == "strike" and child.get("val", "1") in _TRUE for child in properties)


def _unescaped(text: str) -> str:
    """Return text with the characters that XML cannot hold, written ``_x000D_``, put back (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if not 0xD800 <= int(found[1], 16) < 0xE000 else found[0], text)


def _iso(raw: str) -> Plain:
    """Return an ISO date or date and time as Excel's strict form writes it; anything else stays text."""
    try:
        when = dt.datetime.fromisoformat(raw.strip()).replace(tzinfo=None)
    except ValueError:
        return raw
    return tagged(when.date() if len(raw.strip()) == 10 else when)


def _place(address: str) -> tuple[int, int] | None:
    """Return row and column of a reference such as ``B14``; None where it is none."""
    found = _ADDRESS.match(address)
    if found is None:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _address(row: int, column: int) -> str:
    return f"{column_letters(column)}{row}"


def _whole(text: str | None, other: int = 0) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else other


_UNSEEN_WIDTH = 0.5
"""Characters; below, a column shows as a line."""
_UNSEEN_HEIGHT = 3.0
"""Points; below, a row shows as a line."""


def _below(text: str | None, least: float) -> bool:
    found = _number(text)
    return found is not None and found < least


def _number(text: str | None) -> float | None:
    return float(text) if text and _NUMBER.match(text) else None


_COLUMNS = {column_letters(column): column for column in range(1, 1001)}
