"""Where the header of a form stands in a sheet, and which column is which: by the whole path of words over it, through merged cells.

The cells of the first rows are looked at once for all forms (:class:`HeaderWords`), and a range of rows is taken apart only for a form
that knows words over its columns: a sheet of nothing but header words costs no more than its cells.
"""

from __future__ import annotations

import fnmatch
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from nianbao.files.grid import RawCell, Sheet
from nianbao.layouts.forms import Column, Form, bracket, fits, word

SEARCHED_ROWS = 40
DEEPEST = 6
MATCHED_COLUMNS = 256
"""Columns from the left whose header is looked at: the widest forms known have 60, and older programs end here."""
_MOST_COUNTED_ROWS = 3
"""Rows that only number the columns, one under the other."""
_COUNTED_ROW = re.compile(r"^(?:甲|乙|丙|丁|栏次|栏目|列次|行次|代码|编码|指标代码|[A-Z]\d{0,2})?$")


@dataclass(frozen=True)
class Header:
    """A header found: its rows, the columns it spans, and what each column is.

    ``columns`` maps a sheet column to the form's column; ``paths`` holds the words over every column of the block as found;
    ``twice`` lists columns whose path another one has already; ``first_row`` is the first row beneath, a row of column numbers left out.
    """

    top: int
    bottom: int
    left: int
    right: int
    label_columns: tuple[int, ...]
    columns: Mapping[int, Column]
    paths: Mapping[int, tuple[str, ...]]
    ignored: frozenset[int]
    twice: tuple[int, ...]
    missing: tuple[Column, ...]
    first_row: int

    @property
    def unknown(self) -> tuple[int, ...]:
        """Columns with header words the form does not know."""
        taken = {*self.columns, *self.label_columns, *self.ignored, *self.twice}
        return tuple(column for column, path in sorted(self.paths.items()) if column not in taken and path)

    @property
    def score(self) -> int:
        """How well the form fits: two for a column found, less one for each missing and each unknown."""
        wanted = sum(not column.optional for column in self.missing)
        return 2 * (len(self.columns) + bool(self.label_columns)) - wanted - len(self.unknown)


def text_of(cell: RawCell | None) -> str:
    """Return what a cell says as text, stripped; ``""`` for none."""
    if cell is None or cell.value is None:
        return ""
    return (cell.text or str(cell.value)).strip()


def is_number(cell: RawCell | None) -> bool:
    """True for a cell stored as a number."""
    return cell is not None and isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool)


Paths = Mapping[int, tuple[str, ...]]
"""Sheet column to the compared words over it, from the top."""


@dataclass(frozen=True)
class _Row:
    """One row as a header is looked for in it: by column the compared word, the cell it comes from, and whether that is merged."""

    said: Mapping[int, tuple[str, tuple[int, int], bool]]
    numbered: bool


@dataclass
class Effort:
    """How many columns may still be compared with forms: one budget for a file, so that no file keeps its reader waiting."""

    left: int = 1_000_000
    """Compared columns left; far more than the sheets of an office need, chosen by judgement."""

    def spend(self, columns: int) -> bool:
        """Account for columns compared; False once too many were."""
        self.left -= columns
        return self.left >= 0


@dataclass(eq=False)
class HeaderWords:
    """The first rows of a sheet, each cell compared once, for however many forms and ranges of rows are tried."""

    sheet: Sheet
    _rows: dict[int, _Row] = field(default_factory=dict)
    _paths: dict[tuple[int, int, bool], Paths | None] = field(default_factory=dict)
    _lowest: dict[tuple[int, int], Mapping[int, str]] = field(default_factory=dict)

    @cached_property
    def first(self) -> frozenset[str]:
        """The different words of the first rows, numbers left out."""
        rows = range(1, min(SEARCHED_ROWS + DEEPEST, self.sheet.last_row) + 1)
        return frozenset(
            text for row in rows for text, place, _ in self.row(row).said.values() if not is_number(self.sheet.at(*place))
        )

    @cached_property
    def _near(self) -> str:
        return "\n".join(sorted(self.first))

    def row(self, row: int) -> _Row:
        """Return one row, through merged cells; no column beyond those matched."""
        if row not in self._rows:
            said: dict[int, tuple[str, tuple[int, int], bool]] = {}
            numbered = False
            for column in self.sheet.seen(row):
                if column > MATCHED_COLUMNS:
                    break
                cell = self.sheet.covering(row, column)
                if cell is None:
                    continue
                numbered = numbered or is_number(cell)
                if text := word(text_of(cell)):
                    place = (cell.row, cell.column)
                    said[column] = (text, place, self.sheet.is_merged(*place))
            self._rows[row] = _Row(said, numbered)
        return self._rows[row]

    def holds(self, anchors: Sequence[str]) -> bool:
        """True when every anchor stands within a word of the first rows."""
        return all(any(word(one) in self._near for one in anchor.split("|")) for anchor in anchors)

    def paths(self, top: int, bottom: int, *, fill: bool) -> Paths | None:
        """Return the compared words over each column between two rows; None when a number stands there.

        A merged cell counts once.  With ``fill`` an unmerged group head (as CSV files have it) also heads the blank cells right of it.
        """
        key = (top, bottom, fill)
        if key not in self._paths:
            rows = [self.row(row) for row in range(top, bottom + 1)]
            self._paths[key] = None if any(row.numbered for row in rows) else _paths_of(rows, fill=fill)
        return self._paths[key]

    def lowest(self, top: int, bottom: int) -> Mapping[int, str]:
        """Return the word that stands lowest over each column between two rows."""
        key = (top, bottom)
        if key not in self._lowest:
            own = {column: text for column, (text, _, _) in self.row(bottom).said.items()}
            self._lowest[key] = {**self.lowest(top, bottom - 1), **own} if bottom > top else own
        return self._lowest[key]

    def cost(self, top: int, bottom: int) -> int:
        """Return how many words are put together into paths between two rows; 0 where that has been done."""
        done = (top, bottom, True) in self._paths
        return 0 if done else 2 * sum(len(self.row(row).said) for row in range(top, bottom + 1))


def _paths_of(rows: Sequence[_Row], *, fill: bool) -> Paths:
    paths: dict[int, list[str]] = {}
    seen: dict[int, tuple[int, int]] = {}
    filled = sorted({column for row in rows for column in row.said}) if fill else ()
    deepest = {column: place for place, row in enumerate(rows) for column in row.said} if fill else {}
    for place, row in enumerate(rows):
        for column, (text, cell, _) in row.said.items():
            if seen.get(column) != cell:
                paths.setdefault(column, []).append(text)
                seen[column] = cell
        if fill and place < len(rows) - 1 and row.said:
            _carry(row, place, filled, deepest, paths)
    return {column: tuple(path) for column, path in paths.items()}


def _carry(row: _Row, place: int, filled: Sequence[int], deepest: Mapping[int, int], paths: dict[int, list[str]]) -> None:
    """Let each unmerged head of a row also head the blank cells right of it, as far as the same group reaches."""
    carried: tuple[int, str] | None = None
    before = 0
    for column in filled:
        if column != before + 1:
            carried = None  # nothing stands below a column that is not filled
        before = column
        if column in row.said:
            text, _, merged = row.said[column]
            carried = None if merged else (column, text)
        elif carried and paths[carried[0]][:-1] == paths.get(column, []) and min(deepest[carried[0]], deepest[column]) > place:
            paths.setdefault(column, []).append(carried[1])
        else:
            carried = None


def header_paths(sheet: Sheet, top: int, bottom: int, *, fill: bool) -> Paths | None:
    """Return the compared words over each column between two rows of a sheet, as :meth:`HeaderWords.paths` has them."""
    return HeaderWords(sheet).paths(top, bottom, fill=fill)


class WordSet:
    """Declared alternatives, ``a|b`` with ``*`` for any characters, to be looked up rather than compared one by one."""

    def __init__(self, declared: Sequence[str]) -> None:
        wanted = {word(one) for each in declared for one in each.split("|")}
        self._exact = {one for one in wanted if "*" not in one}
        patterns = sorted(wanted - self._exact)
        self._like = re.compile("|".join(fnmatch.translate(one) for one in patterns)) if patterns else None

    def fits(self, found: str) -> bool:
        """True for a compared word that is one of the alternatives, with or without its closing bracket."""
        return self._is(found) or (found.endswith(")") and self._is(bracket(found)[0]))

    def _is(self, found: str) -> bool:
        return found in self._exact or (self._like is not None and self._like.match(found) is not None)


@lru_cache(maxsize=4096)
def any_of(declared: tuple[str, ...]) -> WordSet:
    """Return the set of declared alternatives, made once."""
    return WordSet(declared)


def path_fits(found: Sequence[str], column: Column) -> bool:
    """True when the words over a sheet column are one of the declared paths, word by word."""
    return any(
        len(found) == len(declared) and all(fits(one, wanted) for one, wanted in zip(found, declared, strict=True))
        for declared in (column.path, *column.also)
    )


def find_headers(
    sheet: Sheet, form: Form, words: HeaderWords | None = None, effort: Effort | None = None
) -> tuple[Header, ...]:
    """Return the header of a form in a sheet, one for each block where blocks stand side by side; none where it is not found.

    Every block of up to six rows is tried; the one in which most columns are found wins, of equals the shallowest and first.
    ``words`` are the sheet's and ``effort`` the file's, where several forms are tried; with no effort left nothing is found.
    """
    words, effort = words or HeaderWords(sheet), effort or Effort()
    if not words.holds(form.anchors):
        return ()
    best: tuple[int, int, int] | None = None
    chosen: tuple[Header, ...] = ()
    known = _Known(form, words.first)
    for top in range(1, min(SEARCHED_ROWS, sheet.last_row) + 1):
        if not sheet.filled(top):
            continue
        for bottom in range(top, min(top + DEEPEST, sheet.last_row + 1)):
            if words.row(bottom).numbered:
                break
            if known.ends.isdisjoint(words.lowest(top, bottom).values()):
                continue
            if not effort.spend(words.cost(top, bottom)):
                return ()
            paths = words.paths(top, bottom, fill=True) or {}
            if not effort.spend(len(paths)):
                return ()
            matched = known.columns(paths, words.paths(top, bottom, fill=False) or {})
            if not matched or (best is not None and (known.most(paths, matched), top - bottom, -top) <= best):
                continue
            if not effort.spend(5 * len(paths)):
                return ()
            made = tuple(_blocks(sheet, form, (top, bottom), paths, matched))
            found = sum(len(header.columns) + 2 * bool(header.label_columns) for header in made)
            key = (found, top - bottom, -top)
            if made and any(header.columns for header in made) and (best is None or key > best):
                best, chosen = key, made
    return chosen if chosen and not lacking_anchors(form, chosen) else ()


class _Known:
    """The columns of one form, found by the path of words over a sheet column."""

    def __init__(self, form: Form, words: frozenset[str]) -> None:
        self.form = form
        declared = [path for column in form.columns for path in (column.path, *column.also) if path]
        self.lengths = {len(path) for path in declared}
        self.ends = frozenset(filter(any_of(tuple(path[-1] for path in declared)).fits, words))
        self.met: dict[tuple[str, ...], Column | None] = {}

    def column(self, path: tuple[str, ...]) -> Column | None:
        """Return the first column one of whose paths this is."""
        if path not in self.met:
            likely = len(path) in self.lengths and path[-1] in self.ends
            self.met[path] = next((one for one in self.form.columns if path_fits(path, one)), None) if likely else None
        return self.met[path]

    def columns(self, paths: Paths, bare: Paths) -> dict[int, Column]:
        """Return what is over each sheet column, by its path with group heads filled in, else by its path without."""
        found: dict[int, Column] = {}
        for column, path in paths.items():
            match = self.column(path)
            if match is None and column in bare:
                match = self.column(bare[column])
            if match is not None:
                found[column] = match
        return found

    def most(self, paths: Paths, matched: Mapping[int, Column]) -> int:
        """Return the most columns and labels that can be found: each column once in a block, and two for a block's labels."""
        blocks = max(len(_label_columns(self.form, paths)), 1) if self.form.rows.repeat else 1
        return min(len(matched), blocks * len(self.form.columns)) + 2 * blocks


def lacking_anchors(form: Form, headers: Sequence[Header]) -> tuple[str, ...]:
    """Return the anchor words that do not stand in the header."""
    words = {step for header in headers for path in header.paths.values() for step in path}
    return tuple(anchor for anchor in form.anchors if not any(word(one) in step for one in anchor.split("|") for step in words))


def _blocks(sheet: Sheet, form: Form, rows: tuple[int, int], paths: Paths, matched: Mapping[int, Column]) -> Iterator[Header]:
    label = _label_columns(form, paths)
    if form.rows.by != "none" and not label:
        label = _blank_corner(sheet, form, rows[1], paths, matched)
    starts = label if form.rows.repeat else label[:1]
    right = max(paths)
    if not starts:
        yield _block(sheet, form, rows, (min(paths), right), (), paths, matched)
        return
    edges = [*starts, right + 1]
    ordered = sorted(paths)
    for index, start in enumerate(starts):
        left = ordered[0] if index == 0 else start
        columns = tuple(range(start, start + form.rows.span))
        end = edges[index + 1] - 1
        own = {column: paths[column] for column in ordered[bisect_left(ordered, left) : bisect_right(ordered, end)]}
        yield _block(sheet, form, rows, (left, end), columns, own, matched)


def _label_columns(form: Form, paths: Paths) -> tuple[int, ...]:
    if form.rows.by == "none" or not form.rows.header:
        return ()
    heads = any_of((form.rows.header,))
    found = sorted(column for column, path in paths.items() if len(path) == 1 and heads.fits(path[0]))
    return tuple(column for column in found if column - 1 not in found or form.rows.span == 1)


def _blank_corner(sheet: Sheet, form: Form, bottom: int, paths: Paths, matched: Mapping[int, Column]) -> tuple[int, ...]:
    """Return the column left of the first one found where nothing stands in the header and words stand beneath."""
    heads = any_of((form.rows.header,))
    if form.rows.header and any(heads.fits(step) for path in paths.values() for step in path):
        return ()
    for column in range(1, min(matched, default=1)):
        beneath = sheet.covering(bottom + 1, column) or sheet.covering(bottom + 2, column)
        if column not in paths and beneath is not None and not is_number(beneath):
            return (column,)
    return ()


def _block(
    sheet: Sheet,
    form: Form,
    rows: tuple[int, int],
    sides: tuple[int, int],
    label: tuple[int, ...],
    own: Paths,
    matched: Mapping[int, Column],
) -> Header:
    top, bottom = rows
    columns: dict[int, Column] = {}
    ignored: set[int] = set()
    twice: list[int] = []
    unread = any_of(tuple(form.ignore))
    taken: set[int] = set()
    for column, path in sorted(own.items()):
        if column in label:
            continue
        if form.rows.repeat and label and column < label[0]:
            continue  # numbers left of a block's labels have lost their own
        match = matched.get(column)
        if match is not None and match.role == "ignore":
            ignored.add(column)
        elif match is not None:
            if id(match) in taken:
                twice.append(column)
            else:
                taken.add(id(match))
                columns[column] = match
        elif unread.fits(path[-1]):
            ignored.add(column)
    found_names = {one.name for one in columns.values()}
    missing = tuple(one for one in form.columns if one.role != "ignore" and one.name not in found_names)
    first = bottom + 1
    while (
        first <= bottom + _MOST_COUNTED_ROWS
        and _column_numbers(sheet, first, own, label)
        and (label or _filled(sheet, first + 1, own))
    ):
        first += 1  # where rows have no labels, the one row there is holds the figures, be they 1, 2, 3
    return Header(top, bottom, *sides, label, columns, own, frozenset(ignored), tuple(twice), missing, first)


def _filled(sheet: Sheet, row: int, paths: Paths) -> bool:
    return any(is_number(sheet.at(row, column)) for column in paths)


def _column_numbers(sheet: Sheet, row: int, paths: Paths, label: tuple[int, ...]) -> bool:
    """True for a row that only numbers the columns: 甲 1 2 3, or A1 A2 A3."""
    texts = [word(text_of(sheet.at(row, column))) for column in sorted(paths) if column not in label]
    heads = [word(text_of(sheet.at(row, column))) for column in label]
    if not all(_COUNTED_ROW.match(head) for head in heads) or (not all(texts) and not any(heads)):
        return False
    texts = [text for text in texts if text]
    if len(texts) < 3:
        return False
    digits = [re.sub(r"^[A-Z]|^\((\d+)\)$", r"\1", text) for text in texts if not re.fullmatch(r"[甲乙丙丁]", text)]
    if not all(re.fullmatch(r"\d+", digit) for digit in digits) or not digits:
        return False
    numbers = [int(digit) for digit in digits]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1, 2)


def unit_in(path: Sequence[str]) -> str:
    """Return the bracketed word that closes a header path, innermost first: ``元`` of 发放资金（元）; ``""`` for none."""
    return next((inside for inside in (bracket(step)[1] for step in reversed(path)) if inside), "")
