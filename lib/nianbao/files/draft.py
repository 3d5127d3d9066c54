"""A book on its way: what a reader gathers in plain lists and strings, so that it can cross from the reading process to its parent.

Nothing but None, booleans, numbers, strings, tuples, lists and dicts is sent, in :mod:`marshal`'s encoding: decoding it can make no
other object.  A date travels as a tuple that starts with its kind.
"""

from __future__ import annotations

import datetime as dt
import marshal
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nianbao.files.gate import MAX_CELLS
from nianbao.files.grid import Block, Book, Notice, RawCell, Sheet, Value
from nianbao.files.refusals import refusal

MAX_ROWS = 20_000
"""A township's roll of villages or months never comes near; a sheet that does is a register of persons or an accident."""
MAX_COLUMNS = 1_000
"""The widest forms known have 60 columns; a year of days for each of two sexes would still fit."""
MAX_SHEETS = 250
MAX_TEXT = 32_767
"""Characters a cell can hold in Excel."""
_MAX_MERGED = 500_000
_MOST_TOLD = 50
_OVERHANG = 64
"""How far beyond the last filled row or column a merged range is kept: empty columns of a blank form count."""

Plain = None | bool | int | float | str | tuple[Any, ...]
CellRow = tuple[int, int, Plain, str, str, bool, str]
"""Row, column, value, text, number format, formula, error: the fields of a RawCell in their order."""


@dataclass
class SheetDraft:
    """One sheet as a reader gathers it."""

    name: str
    hidden: bool = False
    cells: dict[tuple[int, int], CellRow] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_spans: list[tuple[int, int]] = field(default_factory=list)
    """Hidden columns, first and last of each run; runs may reach far beyond the data."""
    comments: dict[tuple[int, int], str] = field(default_factory=dict)
    struck: set[tuple[int, int]] = field(default_factory=set)

    @property
    def size(self) -> tuple[int, int]:
        """The last filled row and column."""
        return max((row for row, _ in self.cells), default=0), max((column for _, column in self.cells), default=0)


@dataclass
class Draft:
    """A whole file as a reader gathers it."""

    kind: str
    sheets: list[SheetDraft] = field(default_factory=list)
    notices: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    room: int = MAX_CELLS
    """Filled cells that may still come."""

    def tell(self, code: str, sheet: str = "", cell: str = "", **figures: str) -> None:
        """Note something the user must be told; of one kind the first fifty in full, of the rest the number."""
        self.told[code] += 1
        if self.told[code] <= _MOST_TOLD:
            self.notices.append((code, sheet, cell, figures))

    def all_notices(self) -> list[tuple[str, str, str, dict[str, str]]]:
        """The notices, and for each kind that was cut short how many more there are."""
        more = [(code, count - _MOST_TOLD) for code, count in self.told.items() if count > _MOST_TOLD]
        return self.notices + [("and-more", "", "", {"code": code, "count": str(count)}) for code, count in more]

    def begin(self, name: str, *, hidden: bool = False) -> SheetDraft:
        """Start the next sheet."""
        if len(self.sheets) >= MAX_SHEETS:
            raise refusal("too-many-sheets", limit=str(MAX_SHEETS))
        self.sheets.append(SheetDraft(name, hidden))
        return self.sheets[-1]

    def take(self, count: int, sheet: str) -> None:
        """Account for filled cells; refuse a file that has too many."""
        self.room -= count
        if self.room < 0:
            raise refusal("too-many-cells", sheet=sheet, limit=f"{MAX_CELLS:,}")

    def trim_merges(self, sheet: SheetDraft, asked: list[tuple[int, int, int, int]]) -> None:
        """Keep the merged ranges that lie in or near the data; say which were left out because they are absurd."""
        last_row, last_column = sheet.size
        budget = _MAX_MERGED
        for top, left, last, end in asked:
            if top < 1 or left < 1 or last < top or end < left:
                self.tell("merge-ignored", sheet.name, range=f"R{top}C{left}:R{last}C{end}")
                continue
            if top > last_row + _OVERHANG or left > last_column + _OVERHANG:
                continue
            bottom, right = min(last, last_row + _OVERHANG), min(end, last_column + _OVERHANG)
            area = (bottom - top + 1) * (right - left + 1)
            budget -= area
            if budget < 0:
                budget += area
                self.tell("merge-ignored", sheet.name, range=f"R{top}C{left}:R{bottom}C{right}")
                continue
            if (top, left) != (bottom, right):
                sheet.merges.append((top, left, bottom, right))


def check_place(row: int, column: int, sheet: str) -> None:
    """Refuse a filled cell outside the limits."""
    if row > MAX_ROWS or column > MAX_COLUMNS:
        address = RawCell(row, column, None, "").address
        raise refusal("far-cell", sheet=sheet, cell=address, rows=f"{MAX_ROWS:,}", columns=f"{MAX_COLUMNS:,}")


def check_text(text: str, sheet: str, cell: str = "") -> None:
    """Refuse a text longer than any spreadsheet holds in a cell."""
    if len(text) > MAX_TEXT:
        raise refusal("text-too-long", sheet=sheet, cell=cell, limit=f"{MAX_TEXT:,}")


def packed(draft: Draft) -> bytes:
    """Return the draft as bytes of plain values."""
    sheets = []
    for sheet in draft.sheets:
        last = sheet.size[1]
        columns = sorted({at for first, end in sheet.hidden_spans for at in range(max(first, 1), min(end, last) + 1)})
        rows = list(sheet.cells.values())
        formats: dict[str, int] = {}
        sheets.append(
            (
                sheet.name,
                sheet.hidden,
                [cell[0] for cell in rows],
                [cell[1] for cell in rows],
                [cell[2] for cell in rows],
                [None if cell[2] == cell[3] else cell[3] for cell in rows],
                [formats.setdefault(cell[4], len(formats)) for cell in rows],
                list(formats),
                [place for place, cell in enumerate(rows) if cell[5]],
                {place: cell[6] for place, cell in enumerate(rows) if cell[6]},
                sheet.merges,
                sorted(sheet.hidden_rows),
                columns,
                list(sheet.comments.items()),
                sorted(sheet.struck),
            )
        )
    return marshal.dumps((draft.kind, sheets, draft.all_notices()))


class _Cells(Mapping[tuple[int, int], RawCell]):
    """The cells of a sheet, each built when it is first asked for: most of a workbook is walked past."""

    def __init__(self, rows: list[int], columns: list[int], fields: tuple[Any, ...]) -> None:
        self._places = dict(zip(zip(rows, columns, strict=True), range(len(rows)), strict=True))
        self._fields = fields
        self._built: dict[tuple[int, int], RawCell] = {}

    def __getitem__(self, place: tuple[int, int]) -> RawCell:
        cell = self._built.get(place)
        if cell is None:
            at = self._places[place]
            values, texts, formats, names, formulas, errors = self._fields
            value, text = values[at], texts[at]
            shown: Value = moment(value) if type(value) is tuple else value
            cell = RawCell(
                *place, shown, value if text is None else text, names[formats[at]], at in formulas, errors.get(at, "")
            )
            self._built[place] = cell
        return cell

    def get(self, place: tuple[int, int], default: Any = None) -> Any:
        """Return the cell that stands there, else ``default``; without an exception, since most of what is asked for is empty or built."""
        return self._built.get(place) or (self[place] if place in self._places else default)

    def __contains__(self, place: object) -> bool:
        return place in self._places

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def book_of(data: bytes, sha256: str) -> Book:
    """Return the book that :func:`packed` bytes describe."""
    kind, sheets, notices = marshal.loads(data)
    return Book(
        kind,
        tuple(_sheet(*parts) for parts in sheets),
        tuple(Notice(code, sheet, cell, figures) for code, sheet, cell, figures in notices),
        sha256,
    )


def _sheet(name: str, hidden: bool, rows: list[int], columns: list[int], *rest: Any) -> Sheet:
    values, texts, formats, names, formulas, errors, merges, hidden_rows, hidden_columns, comments, struck = rest
    return Sheet(
        name,
        _Cells(rows, columns, (values, texts, formats, names, frozenset(formulas), errors)),
        tuple(Block(*merge) for merge in merges),
        hidden,
        frozenset(hidden_rows),
        frozenset(hidden_columns),
        dict(comments),
        frozenset(struck),
    )


def moment(value: tuple[Any, ...]) -> Value:
    """Return the date, time or span that a tagged tuple stands for."""
    kind, *parts = value
    if kind == "date":
        return dt.date(*parts)
    if kind == "datetime":
        return dt.datetime(*parts)  # noqa: DTZ001 - a spreadsheet's clock has no zone
    if kind == "time":
        return dt.time(*parts)
    return dt.timedelta(*parts)


def tagged(value: dt.datetime | dt.date | dt.time | dt.timedelta) -> tuple[Any, ...]:
    """Return a date, time or span as a tuple of plain values."""
    if isinstance(value, dt.datetime):
        return ("datetime", value.year, value.month, value.day, value.hour, value.minute, value.second, value.microsecond)
    if isinstance(value, dt.date):
        return ("date", value.year, value.month, value.day)
    if isinstance(value, dt.time):
        return ("time", value.hour, value.minute, value.second, value.microsecond)
    return ("span", value.days, value.seconds, value.microseconds)
