"""A spreadsheet as it stands in its file: sheets of raw cells with their address, stored text and number format, whatever the format.

Nothing is interpreted here: no number is parsed from text, no date is guessed, no blank is filled.  Readers of each file kind make a
:class:`Book`; forms and the return format read from it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

Value = None | bool | int | float | str | dt.datetime | dt.date | dt.time | dt.timedelta


@dataclass(slots=True, unsafe_hash=True)  # never changed; a frozen class takes three times as long to build
class RawCell:
    """One cell: where it stands (rows and columns from 1), its value, and how the file writes and formats it.

    ``text`` is what the file stores, character for character (``0.92280000000000006``, ``１２３``); ``number_format`` is the format code
    of the cell, ``""`` where the file kind has none.  ``formula`` marks a formula, whose ``value`` is the stored result or None;
    ``error`` holds a spreadsheet error such as ``#REF!``.  ``value`` is None for an error, for a formula without stored result and
    for what the file calls a number but is none; never because a cell holds a word for missing.  It is a date or time only where
    the number format shows one.
    """

    row: int
    column: int
    value: Value
    text: str
    number_format: str = ""
    formula: bool = False
    error: str = ""

    @property
    def address(self) -> str:
        """The reference a clerk sees, e.g. ``B14``."""
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of cells, first and last included; a merged range has one."""

    top: int
    left: int
    bottom: int
    right: int

    def __contains__(self, place: object) -> bool:
        if not isinstance(place, tuple):
            return False
        row, column = place
        return bool(self.top <= row <= self.bottom and self.left <= column <= self.right)


@dataclass(frozen=True)
class Sheet:
    """One sheet: its cells that hold something, merged ranges, what is hidden, and the comments."""

    name: str
    cells: Mapping[tuple[int, int], RawCell]
    merges: tuple[Block, ...] = ()
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    comments: Mapping[tuple[int, int], str] = field(default_factory=dict)
    struck: frozenset[tuple[int, int]] = frozenset()
    """Cells whose text is struck through: people delete so."""

    @cached_property
    def last_row(self) -> int:
        """The last row that holds something; 0 on an empty sheet."""
        return max((row for row, _ in self.cells), default=0)

    @cached_property
    def last_column(self) -> int:
        """The last column that holds something; 0 on an empty sheet."""
        return max((column for _, column in self.cells), default=0)

    @cached_property
    def _merged(self) -> Mapping[tuple[int, int], Block]:
        return {
            (row, column): block
            for block in self.merges
            for row in range(block.top, block.bottom + 1)
            for column in range(block.left, block.right + 1)
        }

    @cached_property
    def _filled(self) -> Mapping[int, list[int]]:
        return _by_row(self.cells)

    @cached_property
    def _spanned(self) -> Mapping[int, list[int]]:
        return _by_row(self._merged)

    def filled(self, row: int) -> Sequence[int]:
        """Return the columns of a row that hold something, from the left: few, however wide the sheet is."""
        return self._filled.get(row, ())

    def seen(self, row: int) -> Sequence[int]:
        """Return the columns of a row that hold something or lie in a merged range, from the left."""
        spanned = self._spanned.get(row)
        return sorted({*self.filled(row), *spanned}) if spanned else self.filled(row)

    def merged(self, row: int, column: int) -> Block | None:
        """Return the merged range a place lies in, None for a place of its own."""
        return self._merged.get((row, column))

    def is_merged(self, row: int, column: int) -> bool:
        """True for a place within a merged range."""
        return (row, column) in self._merged

    def at(self, row: int, column: int) -> RawCell | None:
        """Return the cell that stands there, None where the file holds none."""
        return self.cells.get((row, column))

    def covering(self, row: int, column: int) -> RawCell | None:
        """Return the cell a reader sees there: in a merged range, the range's first cell."""
        block = self._merged.get((row, column))
        return self.cells.get((row, column) if block is None else (block.top, block.left))


@dataclass(frozen=True)
class Notice:
    """Something the reader of a file met and must be told: a code, where, and the words it needs."""

    code: str
    sheet: str = ""
    cell: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Book:
    """A whole file: its kind (xlsx, xlsm, xls, ods, csv), sheets in order, notices, and the SHA-256 of its bytes."""

    kind: str
    sheets: tuple[Sheet, ...]
    notices: tuple[Notice, ...]
    sha256: str

    def sheet(self, name: str) -> Sheet | None:
        """Return the sheet of that name, or None."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)


def _by_row(places: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Return the columns of places by row, sorted."""
    found: dict[int, list[int]] = {}
    for row, column in places:
        found.setdefault(row, []).append(column)
    for columns in found.values():
        columns.sort()
    return found


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
