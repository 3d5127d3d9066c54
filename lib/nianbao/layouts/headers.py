"""Where the header of a form stands in a sheet, and which column is which: by the whole path of words over it, through merged cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nianbao.files.grid import RawCell, Sheet
from nianbao.layouts.forms import Column, Form, bracket, fits, word

SEARCHED_ROWS = 40
DEEPEST = 6
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


def header_paths(sheet: Sheet, top: int, bottom: int, *, fill: bool) -> dict[int, tuple[str, ...]] | None:
    """Return the compared words over each column between two rows; None when a number stands there.

    A merged cell counts once.  With ``fill`` an unmerged group head (as CSV files have it) also heads the blank cells right of it.
    """
    paths: dict[int, list[str]] = {}
    last = sheet.last_column
    seen: dict[int, tuple[int, int] | None] = {}
    for row in range(top, bottom + 1):
        carried: tuple[int, str] | None = None
        for column in range(1, last + 1):
            cell = sheet.covering(row, column)
            text = "" if cell is None else word(text_of(cell))
            place = (cell.row, cell.column) if cell is not None else None
            if is_number(cell):
                return None
            if text:
                if seen.get(column) != place:
                    paths.setdefault(column, []).append(text)
                    seen[column] = place
                merged = place is not None and sheet.is_merged(*place)
                carried = None if merged or row == bottom else (column, text)
            elif (
                fill
                and carried
                and _same_group(paths, carried[0], column)
                and _has_below(sheet, row, bottom, carried[0], column)
            ):
                paths.setdefault(column, []).append(carried[1])
            else:
                carried = None
    return {column: tuple(path) for column, path in paths.items()}


def _same_group(paths: Mapping[int, Sequence[str]], left: int, column: int) -> bool:
    return list(paths.get(left, []))[:-1] == list(paths.get(column, []))


def _has_below(sheet: Sheet, row: int, bottom: int, *columns: int) -> bool:
    return all(any(text_of(sheet.at(below, column)) for below in range(row + 1, bottom + 1)) for column in columns)


def path_fits(found: Sequence[str], column: Column) -> bool:
    """True when the words over a sheet column are one of the declared paths, word by word."""
    return any(
        len(found) == len(declared) and all(fits(one, wanted) for one, wanted in zip(found, declared, strict=True))
        for declared in (column.path, *column.also)
    )


def find_headers(sheet: Sheet, form: Form) -> tuple[Header, ...]:
    """Return the header of a form in a sheet, one for each block where blocks stand side by side; none where it is not found.

    Every block of up to six rows is tried; the one in which most columns are found wins, of equals the shallowest and first.
    """
    near = [word(text_of(cell)) for place, cell in _first_rows(sheet) if not is_number(cell)]
    if any(not any(word(one) in text for one in anchor.split("|") for text in near) for anchor in form.anchors):
        return ()
    best: tuple[int, int, int] | None = None
    chosen: tuple[Header, ...] = ()
    for top in range(1, min(SEARCHED_ROWS, sheet.last_row) + 1):
        if not any((top, column) in sheet.cells for column in range(1, sheet.last_column + 1)):
            continue
        for bottom in range(top, min(top + DEEPEST, sheet.last_row + 1)):
            paths = header_paths(sheet, top, bottom, fill=True)
            if paths is None:
                break
            bare = header_paths(sheet, top, bottom, fill=False) or {}
            made = tuple(_blocks(sheet, form, top, bottom, paths, bare))
            found = sum(len(header.columns) + 2 * bool(header.label_columns) for header in made)
            key = (found, top - bottom, -top)
            if made and any(header.columns for header in made) and (best is None or key > best):
                best, chosen = key, made
    return chosen if chosen and not lacking_anchors(form, chosen) else ()


def _first_rows(sheet: Sheet) -> Iterator[tuple[tuple[int, int], RawCell]]:
    for row in range(1, min(SEARCHED_ROWS + DEEPEST, sheet.last_row) + 1):
        for column in range(1, sheet.last_column + 1):
            cell = sheet.at(row, column)
            if cell is not None:
                yield (row, column), cell


def lacking_anchors(form: Form, headers: Sequence[Header]) -> tuple[str, ...]:
    """Return the anchor words that do not stand in the header."""
    words = {step for header in headers for path in header.paths.values() for step in path}
    return tuple(anchor for anchor in form.anchors if not any(word(one) in step for one in anchor.split("|") for step in words))


def _blocks(
    sheet: Sheet, form: Form, top: int, bottom: int, paths: Mapping[int, tuple[str, ...]], bare: Mapping[int, tuple[str, ...]]
) -> Iterator[Header]:
    if not paths:
        return
    label = _label_columns(form, paths)
    if form.rows.by != "none" and not label:
        label = _blank_corner(sheet, form, bottom, paths)
    starts = label if form.rows.repeat else label[:1]
    right = max(paths)
    if not starts:
        yield _block(sheet, form, (top, bottom), (min(paths), right), (), paths, bare)
        return
    edges = [*starts, right + 1]
    for index, start in enumerate(starts):
        left = min(paths) if index == 0 else start
        columns = tuple(range(start, start + form.rows.span))
        yield _block(sheet, form, (top, bottom), (left, edges[index + 1] - 1), columns, paths, bare)


def _label_columns(form: Form, paths: Mapping[int, tuple[str, ...]]) -> tuple[int, ...]:
    if form.rows.by == "none" or not form.rows.header:
        return ()
    found = [column for column, path in sorted(paths.items()) if len(path) == 1 and fits(path[0], form.rows.header)]
    return tuple(column for column in found if column - 1 not in found or form.rows.span == 1)


def _blank_corner(sheet: Sheet, form: Form, bottom: int, paths: Mapping[int, tuple[str, ...]]) -> tuple[int, ...]:
    """Return the column left of the first one found where nothing stands in the header and words stand beneath."""
    known = [column for column, path in paths.items() if any(path_fits(path, one) for one in form.columns)]
    if form.rows.header and any(fits(step, form.rows.header) for path in paths.values() for step in path):
        return ()
    for column in range(1, min(known, default=1)):
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
    paths: Mapping[int, tuple[str, ...]],
    bare: Mapping[int, tuple[str, ...]],
) -> Header:
    top, bottom = rows
    left, right = sides
    columns: dict[int, Column] = {}
    ignored: set[int] = set()
    twice: list[int] = []
    own = {column: path for column, path in paths.items() if left <= column <= right}
    for column, path in sorted(own.items()):
        if column in label:
            continue
        if form.rows.repeat and label and column < label[0]:
            continue  # numbers left of a block's labels have lost their own
        tries = (path, bare.get(column, ()))
        match = next((one for found in tries if found for one in form.columns if path_fits(found, one)), None)
        if match is not None and match.role == "ignore":
            ignored.add(column)
        elif match is not None:
            if match in columns.values():
                twice.append(column)
            else:
                columns[column] = match
        elif any(fits(path[-1], ignore) for ignore in form.ignore):
            ignored.add(column)
    found_names = {one.name for one in columns.values()}
    missing = tuple(one for one in form.columns if one.role != "ignore" and one.name not in found_names)
    first = bottom + 1
    while _column_numbers(sheet, first, own, label) and (label or _filled(sheet, first + 1, own)):
        first += 1  # where rows have no labels, the one row there is holds the figures, be they 1, 2, 3
    return Header(top, bottom, left, right, label, columns, own, frozenset(ignored), tuple(twice), missing, first)


def _filled(sheet: Sheet, row: int, paths: Mapping[int, tuple[str, ...]]) -> bool:
    return any(is_number(sheet.at(row, column)) for column in paths)


def _column_numbers(sheet: Sheet, row: int, paths: Mapping[int, tuple[str, ...]], label: tuple[int, ...]) -> bool:
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
