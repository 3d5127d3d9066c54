"""The own reader of OpenDocument spreadsheets (.ods): streams content.xml row by row, repeats bounded (OpenDocument 1.3 part 3).

Repeated rows and columns are the format's way to fill a sheet to its edge: they count only where they hold something.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any

from nianbao.files.draft import MAX_COLUMNS, MAX_ROWS, Draft, Plain, SheetDraft, check_place, check_text, tagged
from nianbao.files.gate import Admitted
from nianbao.files.grid import column_letters
from nianbao.files.ooxml import local, streamed
from nianbao.files.refusals import refusal
from nianbao.files.serials import clock_time

_DURATION = re.compile(r"(-)?P(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,7})M)?(?:(\d{1,7})(?:[.,](\d{1,9}))?S)?)?\Z")
_ERROR = re.compile(r"(?:#(?:REF|DIV/0|VALUE|NAME|NUM|N/A|NULL)[!?]?|Err:\d{3})")
_DATA_STYLES = ("number-style", "percentage-style", "currency-style", "date-style", "time-style", "boolean-style", "text-style")


def read_opendocument(admitted: Admitted) -> Draft:
    """Return every sheet of an OpenDocument spreadsheet.

    Raises:
        GateError: it is damaged, or the sheets hold more than a return can.
    """
    reader = _Reader()
    if "styles.xml" in admitted.parts:
        for element in streamed(admitted.parts["styles.xml"], "styles.xml", ("style", *_DATA_STYLES)):
            reader.style(element)
    content = admitted.parts.get("content.xml")
    if content is None:
        raise refusal("damaged", part="content.xml")
    tags = ("style", *_DATA_STYLES, "table-column", "table-row", "table", "tracked-changes", "shapes")
    for element in streamed(content, "content.xml", tags):
        reader.meet(element)
    if not reader.draft.sheets:
        raise refusal("no-sheets")
    return reader.draft


class _Reader:
    """Gathers styles and sheets as the elements of content.xml end."""

    def __init__(self) -> None:
        self.draft = Draft("ods")
        self.data_formats: dict[str, str] = {}
        self.formats: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.struck: set[str] = set()
        self.hidden_tables: set[str] = set()
        self.open: dict[Any, _Table] = {}

    def style(self, element: Any) -> None:
        """Keep what a style says of number format, strike-through or a hidden table."""
        name, kind = _attribute(element, "name"), local(element)
        if kind != "style":
            self.data_formats[name] = self.sections(element, _format_code(element, kind))
            return
        self.parents[name] = _attribute(element, "parent-style-name")
        if data := _attribute(element, "data-style-name"):
            self.formats[name] = self.data_formats.get(data, "")
        for child in element:
            if local(child) == "text-properties" and _attribute(child, "text-line-through-style", "none") != "none":
                self.struck.add(name)
            if local(child) == "table-properties" and _attribute(child, "display") == "false":
                self.hidden_tables.add(name)

    def meet(self, element: Any) -> None:
        """Take over one element that ended."""
        kind = local(element)
        if kind == "style" or kind in _DATA_STYLES:
            self.style(element)
            return
        table = _table_of(element) if kind in ("table-row", "table-column") else element
        if table is None:
            return
        if kind == "table-row":
            self.begin(table).row(element)
        elif kind == "table-column":
            self.begin(table).column(element)
        elif kind == "table" and _is_sheet(element):
            self.begin(element).end()
            self.open.clear()

    def begin(self, table: Any) -> _Table:
        key = _attribute(table, "name")
        if key not in self.open:
            hidden = _attribute(table, "style-name") in self.hidden_tables
            self.open[key] = _Table(self, self.draft.begin(key, hidden=hidden))
        return self.open[key]

    def sections(self, element: Any, code: str) -> str:
        """Return a data style with the styles it gives way to for positive and negative numbers, in the order of a format code.

        A style of several sections is written as its last one; conditions name the others (ODF 1.2 part 1, 16.27).
        """
        applied = {
            _attribute(child, "condition").replace(" ", ""): self.data_formats.get(_attribute(child, "apply-style-name"), "")
            for child in element
            if local(child) == "map"
        }
        positive = applied.get("value()>0") or applied.get("value()>=0")
        if not positive:
            return code
        negative = applied.get("value()<0")
        return f"{positive};{negative};{code}" if negative else f"{positive};{code}"

    def format_of(self, style: str) -> str:
        for _ in range(10):
            if style in self.formats or style not in self.parents:
                break
            style = self.parents[style]
        return self.formats.get(style, "")

    def is_struck(self, style: str) -> bool:
        return style in self.struck or self.parents.get(style, "") in self.struck


class _Table:
    """One sheet being read."""

    def __init__(self, reader: _Reader, sheet: SheetDraft) -> None:
        self.reader, self.sheet = reader, sheet
        self.next_row = self.next_column = 1
        self.column_styles: list[tuple[int, int, str]] = []
        self.merges: list[tuple[int, int, int, int]] = []

    def column(self, element: Any) -> None:
        count = _count(element, "number-columns-repeated")
        first, self.next_column = self.next_column, min(self.next_column + count, 1 << 24)
        if first > MAX_COLUMNS:
            return
        if _attribute(element, "visibility", "visible") != "visible":
            self.sheet.hidden_spans.append((first, self.next_column - 1))
        if style := _attribute(element, "default-cell-style-name"):
            self.column_styles.append((first, self.next_column - 1, style))

    def row(self, element: Any) -> None:
        """Enter a row's cells, as often as the row repeats."""
        count = _count(element, "number-rows-repeated")
        first, self.next_row = self.next_row, min(self.next_row + count, 1 << 24)
        row_style = _attribute(element, "default-cell-style-name")
        column = 1
        entered = False
        for cell in element:
            kind = local(cell)
            if kind not in ("table-cell", "covered-table-cell"):
                continue
            repeats = _count(cell, "number-columns-repeated")
            if len(cell) or not all(name.endswith(("}style-name", "-repeated")) for name in cell.attrib):
                entered |= self.cells(cell, (first, count), (column, repeats), row_style)
            column = min(column + repeats, 1 << 24)
        if entered and _attribute(element, "visibility", "visible") != "visible":
            self.sheet.hidden_rows.update(range(first, min(first + count, MAX_ROWS + 1)))

    def cells(self, cell: Any, rows: tuple[int, int], columns: tuple[int, int], row_style: str) -> bool:
        """Enter one cell in every place it repeats; True when it holds something."""
        (first_row, row_count), (first_column, column_count) = rows, columns
        span = (_count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned"))
        if span != (1, 1) and local(cell) == "table-cell":
            self.merges.append((first_row, first_column, first_row + span[0] - 1, first_column + span[1] - 1))
        words = [_words(child) for child in cell if local(child) == "p"]
        comment = next((child for child in cell if local(child) == "annotation"), None)
        formula = bool(_attribute(cell, "formula"))
        kind = _attribute(cell, "value-type")
        style = _attribute(cell, "style-name") or row_style or self.column_style(first_column)
        address = f"{column_letters(min(first_column, 20_000))}{first_row}"
        value, text, error = self.value(cell, kind, "\n".join(words), address)
        if comment is not None:
            said = "\n".join(_words(child) for child in comment if local(child) == "p")
            if said:
                check_text(said, self.sheet.name, address)
                self.sheet.comments[first_row, first_column] = said
        if not formula and not error and (value is None or value == "") and not text:
            return False
        check_place(first_row + row_count - 1, first_column + column_count - 1, self.sheet.name)
        check_text(text, self.sheet.name, address)
        self.reader.draft.take(row_count * column_count, self.sheet.name)
        number_format = self.reader.format_of(style) or _DEFAULTS.get(kind, "")
        struck, partly = self.strike(cell, style)
        if partly:
            self.reader.draft.tell("partly-struck", self.sheet.name, address)
        for row in range(first_row, first_row + row_count):
            for column in range(first_column, first_column + column_count):
                self.sheet.cells[row, column] = (row, column, value, text, number_format, formula, error)
                if struck:
                    self.sheet.struck.add((row, column))
        return True

    def value(self, cell: Any, kind: str, shown: str, address: str) -> tuple[Plain, str, str]:
        """Return a cell's value, its stored text and its error."""
        if _attribute(cell, "value-type", namespace="calcext") == "error" or (
            kind in ("string", "float") and _ERROR.fullmatch(shown)
        ):
            return None, shown, shown
        if kind in ("float", "percentage", "currency"):
            raw = _attribute(cell, "value")
            try:
                number = float(raw)
            except ValueError:
                number = math.nan
            if not math.isfinite(number) or "_" in raw:
                self.reader.draft.tell("number-not-read", self.sheet.name, address)
                return None, raw, ""
            return (int(raw) if re.fullmatch(r"-?[0-9]{1,15}", raw) else number), raw, ""
        if kind == "boolean":
            raw = _attribute(cell, "boolean-value")
            return raw == "true", raw, ""
        if kind == "date":
            raw = _attribute(cell, "date-value")
            return _date(raw), raw, ""
        if kind == "time":
            raw = _attribute(cell, "time-value")
            return _span(raw), raw, ""
        if kind == "string":
            raw = _attribute(cell, "string-value") or shown
            return raw, raw, ""
        return (shown or None), shown, ""

    def strike(self, cell: Any, style: str) -> tuple[bool, bool]:
        """Return whether all of a cell's text is struck through, and whether only some of it is."""
        if self.reader.is_struck(style):
            return True, False
        struck = whole = 0
        for paragraph in cell:
            if local(paragraph) != "p":
                continue
            whole += len(_words(paragraph))
            struck += sum(
                len(_words(span))
                for span in paragraph
                if local(span) == "span" and self.reader.is_struck(_attribute(span, "style-name"))
            )
        return bool(struck) and struck >= whole, 0 < struck < whole

    def column_style(self, column: int) -> str:
        return next((style for first, last, style in self.column_styles if first <= column <= last), "")

    def end(self) -> None:
        self.reader.draft.trim_merges(self.sheet, self.merges)


_DEFAULTS = {"percentage": "0%", "date": "yyyy-mm-dd", "time": "[h]:mm:ss"}


def _attribute(element: Any, name: str, other: str = "", *, namespace: str = "") -> str:
    """Return an attribute by its local name; of the names shared by two namespaces, the older one unless asked."""
    for full, value in element.attrib.items():
        place, _, short = full.rpartition("}")
        if short == name and ("calcext" in place) == (namespace == "calcext"):
            return str(value)
    return other


def _count(element: Any, name: str) -> int:
    text = _attribute(element, name)
    return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 9 else 1


def _table_of(element: Any) -> Any:
    """Return the sheet a row or column belongs to; None inside deleted rows, drawings or a table within a cell."""
    found = None
    for parent in element.iterancestors():
        name = local(parent)
        if name == "table" and found is None:
            found = parent
        elif name in ("tracked-changes", "shapes", "table-cell", "covered-table-cell", "table", "dde-link"):
            return None
    return found


def _is_sheet(element: Any) -> bool:
    parent = element.getparent()
    return parent is not None and local(parent) == "spreadsheet"


def _words(element: Any) -> str:
    """Return a paragraph's text, its blanks and tabs spelled out (part 3, 6.1)."""
    pieces = [element.text or ""]
    for child in element:
        name = local(child)
        if name == "s":
            pieces.append(" " * min(_count(child, "c"), 1000))
        elif name == "tab":
            pieces.append("\t")
        elif name == "line-break":
            pieces.append("\n")
        elif name in ("span", "a", "meta", "ruby-base", "ruby"):
            pieces.append(_words(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _date(raw: str) -> Plain:
    try:
        when = dt.datetime.fromisoformat(raw).replace(tzinfo=None)
    except ValueError:
        return raw or None
    return tagged(when.date() if len(raw) == 10 else when)


def _span(raw: str) -> Plain:
    found = _DURATION.match(raw)
    if found is None:
        return raw or None
    days, hours, minutes, seconds = (int(part or 0) for part in found.group(2, 3, 4, 5))
    micro = int((found[6] or "0").ljust(6, "0")[:6])
    span = dt.timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micro)
    if found[1]:
        return tagged(-span)
    return tagged(clock_time(span) if span < dt.timedelta(days=1) else span)


def _format_code(element: Any, kind: str) -> str:
    """Return a data style as a format code, in the words other files use."""
    places = {"year": "yyyy", "month": "m", "day": "d", "hours": "h", "minutes": "mm", "seconds": "ss", "am-pm": " AM/PM"}
    code = ""
    for part in element:
        name = local(part)
        if name == "number":
            decimals = min(_count(part, "decimal-places") if _attribute(part, "decimal-places") not in ("", "0") else 0, 30)
            whole = "#,##0" if _attribute(part, "grouping") == "true" else "0"
            if inside := "".join(found.text or "" for found in part if local(found) == "embedded-text").strip():
                whole = f'0"{inside}"0'
            code += whole + ("." + "0" * decimals if decimals else "")
            code += "," * ((len(_attribute(part, "display-factor")) - 1) // 3)  # 1000 shows thousands
        elif name in places:
            code += places[name]
        elif name == "text":
            words = part.text or ""
            plain = ("%",) if kind == "percentage-style" else () if kind == "number-style" else ("-", "/", ":", " ", ".")
            code += words if not words.strip() or words in plain else f'"{words}"'
        elif name == "currency-symbol":
            code += f'"{part.text or ""}"'
    if kind == "text-style":
        return "@"
    if code == "0" and kind == "number-style" and not any(_attribute(part, "decimal-places") for part in element):
        return "General"
    if kind == "time-style" and _attribute(element, "truncate-on-overflow") == "false":
        code = code.replace("h", "[h]", 1)
    return code
