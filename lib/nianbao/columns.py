"""How wide the columns of a printed table are, and at which size of type it fits the page."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nianbao.blocks import Block, figure_tail, plain
from nianbao.breaks import PAGE_LINES, RowBreaks, row_breaks, unbroken
from nianbao.errors import ReportError


@dataclass(frozen=True)
class ColumnLayout:
    """How a table fills the type area; lengths in points, one entry a column.

    ``wide`` tells a table that stands on a page turned on its side.  ``pads`` is the room right of a column of numbers that
    centres it below its head; ``fills`` has a row of texts for each row of the table: as wide as such a text is the room a figure
    keeps right of itself, so that points stand under each other; ``splits`` says which heads put their bracketed unit on a line of its own; ``breaks`` says where the table may break over pages, and ``opening`` how many lines of
    type the head and the rows kept together below it take, rather too many than too few.
    """

    size: float
    widths: tuple[float, ...]
    pads: tuple[float, ...]
    fills: tuple[tuple[str, ...], ...]
    splits: tuple[bool, ...]
    breaks: RowBreaks
    opening: int = 0
    wide: bool = False

    @property
    def area(self) -> float:
        """The width of the table: that of the type area, or its height on a turned page."""
        return _TURNED_PT if self.wide else _AREA_PT


_AREA_PT = 156 / 25.4 * 72
_TURNED_PT = 225 / 25.4 * 72
_CELL_PADDING_PT = 6.0
TABLE_SIZES_PT = (10.5, 9.0, 7.5)
"""Tried in this order: 五号, 小五 upright, then both on a turned page, and 六号 only where a table fits no other way."""
_SPARE_EM = 0.1
"""Kept free in every column, so that rounding never wraps a line that just fits."""
_LIST_COLUMNS, _STEPS = 3, 24
"""Columns of a list to look things up in, and the parts its width is divided into."""
_TURNED_LINES = 24
"""Lines of table type on a turned page."""
_WRAPPED_LINES = (1, 2, 3, 4)
_TEXT_COLUMN_EM = (5.0, 10.0)
"""A column of words that must wrap keeps the first many Chinese characters and insists on no more than the second."""


def fills(block: Block) -> tuple[tuple[str, ...], ...]:
    """Return a row of texts for each row of a table: what a figure lacks on its right to have its point under the others'.

    A text is never printed, only the room it would take: a whole number beside 2.56% lacks ``.00%``.  Only columns with a
    ``decimal`` have any; a cell without a figure lacks nothing.
    """
    made = [["" for _ in block["columns"]] for _ in block["rows"]]
    for place, column in enumerate(block["columns"]):
        if "decimal" not in column:
            continue
        tails = [figure_tail(plain(row["cells"][place])) for row in block["rows"]]
        mark = next((tail[-1] for tail in tails if tail and not tail[-1].isdigit()), "")
        for line, tail in zip(made, tails, strict=True):
            if tail is not None:
                lacking = int(column["decimal"]) - sum(map(str.isdigit, tail))
                point = "." if column["decimal"] and "." not in tail else ""
                line[place] = point + "0" * lacking + (mark if not tail or tail[-1].isdigit() else "")
    return tuple(map(tuple, made))


@lru_cache(maxsize=1 << 16)  # a table is tried in several sizes, and laid out for each format
def _width_em(text: str) -> float:
    """Return about how wide ``text`` is, in ems, rather too wide than too narrow; Chinese faces draw × and ÷ as wide as a character."""
    return sum(
        1.0 if ord(one) > 0x2000 or one in "×÷±·" else 0.92 if one in "%MW@" else 0.6 if one.isalnum() or one in "+<=>" else 0.4
        for one in text
    )


@lru_cache(maxsize=1 << 16)
def _longest_piece_em(text: str) -> float:
    """Return the width of the longest piece that stays on one line: a word, a figure with its measure, a Chinese character."""
    held = [text[start:end] for start, end in unbroken(text)]
    return max(map(_width_em, [*held, *re.findall(r"[!-\u2000]+|[\u2001-\U0010ffff]", text)]), default=0.0)


def _needed_em(block: Block, column: int, *, lines: int) -> float:
    """Return the width a column needs when its head and its words may take ``lines`` lines."""

    def wrapped(text: str) -> float:
        # Half a character spare: lines of Chinese break at whole characters.
        folded = _width_em(text) / lines + (0.5 if lines > 1 else 0.0)
        return max(folded, min(_width_em(text), _longest_piece_em(text)))

    head = wrapped(plain(block["columns"][column]["runs"]))
    cells = _cell_texts(block, column)
    if block["columns"][column]["align"] == "right" or lines == 1:
        return max([head, *map(_width_em, cells)]) + _SPARE_EM
    least, most = _TEXT_COLUMN_EM
    return max([head, *(min(_width_em(cell), most, max(wrapped(cell), least)) for cell in cells)]) + _SPARE_EM


def _cell_texts(block: Block, column: int) -> list[str]:
    """Return the words of a column's cells with the room that sets their points right, labels that span the whole table left out."""
    rows = [row for row in block["rows"] if row["kind"] != "group" or any(row["cells"][1:])]
    said = [plain(row["cells"][column]) for row in rows]
    if "decimal" not in block["columns"][column]:
        return said
    return [text + lacking[column] for text, lacking in zip(said, fills({**block, "rows": rows}), strict=True)]


def _pad_pt(block: Block, column: int, *, width: float, size: float) -> float:
    if block["columns"][column]["align"] != "right":
        return 0.0
    longest = max(map(_width_em, _cell_texts(block, column)), default=0.0) * size
    return round(max(0.0, (width - _CELL_PADDING_PT - longest) / 2), 2)


def _splits_head(block: Block, column: int, *, width: float, size: float) -> bool:
    head = plain(block["columns"][column]["runs"])
    room = (width - _CELL_PADDING_PT) / size
    name, bracket, unit = head.partition("（")
    return bool(name and bracket) and _width_em(head) > room >= max(_width_em(name), _width_em(bracket + unit))


def _granted(widths: Sequence[float], wanted: Sequence[float], *, area: float) -> list[float]:
    """Return the widths grown towards the wanted ones, all by the same part of what each lacks, up to the type area."""
    wishes = [max(0.0, wish - width) for wish, width in zip(wanted, widths, strict=True)]
    part = min(1.0, (area - sum(widths)) / sum(wishes)) if sum(wishes) else 0.0
    return [width + wish * part for width, wish in zip(widths, wishes, strict=True)]


def _spread(
    needed: Sequence[float], natural: Sequence[float], shares: Sequence[float], *, lines: int, area: float
) -> list[float]:
    """Return the widths grown to fill the type area.

    First the shares asked for.  Then whole columns whose words would otherwise wrap, those that lack least first: a part of what
    a column lacks would only leave one character on its last line.  Then prose, which takes fewer lines with every bit of width,
    and last what wraps once, of which fewer cells do.  What is left goes half evenly, half by need to the columns that do not wrap, so that narrow ones are not pushed together.
    """
    count = len(needed)
    widths = _granted(needed, [share * area for share in shares], area=area)
    for column in sorted(range(count), key=lambda column: natural[column] - widths[column]):
        lack = natural[column] - widths[column]
        if not shares[column] and 0 < lack <= area - sum(widths):
            widths[column] = natural[column]
    prose = [not share and natural[column] > needed[column] * lines for column, share in enumerate(shares)]
    widths = _granted(widths, [wish if long else 0.0 for wish, long in zip(natural, prose, strict=True)], area=area)
    for column in sorted(range(count), key=lambda column: natural[column] - widths[column]):
        if not shares[column]:
            widths[column] += max(0.0, min(natural[column] - widths[column], area - sum(widths)))
    open_ = [column for column in range(count) if widths[column] >= natural[column]] or list(range(count))
    left, total = area - sum(widths), sum(needed[column] for column in open_)
    for column in open_:
        widths[column] += left * (0.5 / len(open_) + 0.5 * needed[column] / total)
    return widths


def _lines(text: str, *, width: float, size: float) -> int:
    """Return about how many lines of type words take in a column."""
    return max(1, math.ceil(_width_em(text) * size / max(width - _CELL_PADDING_PT, size)))


def _head_lines(block: Block, widths: Sequence[float], splits: Sequence[bool], *, size: float) -> int:
    """Return about how many lines of type the head takes."""
    heads = [plain(column["runs"]) for column in block["columns"]]
    return max(
        2 if split else _lines(head, width=width, size=size) for head, width, split in zip(heads, widths, splits, strict=True)
    )


def _row_lines(block: Block, widths: Sequence[float], *, size: float) -> list[int]:
    """Return about how many lines of type each row takes."""
    return [
        1
        if row["kind"] == "group"
        else max(_lines(plain(cell), width=width, size=size) for cell, width in zip(row["cells"], widths, strict=True))
        for row in block["rows"]
    ]


def _divided(needed: Sequence[float], *, area: float) -> Iterator[list[float]]:
    """Yield widths for three columns in steps of a twenty-fourth of the area, none narrower than it needs to be."""
    if len(needed) != _LIST_COLUMNS:
        return
    for first in range(2, 7):
        for second in range(6, 20):
            widths = [area * first / _STEPS, area * second / _STEPS, area * (_STEPS - first - second) / _STEPS]
            if all(width >= need for width, need in zip(widths, needed, strict=True)):
                yield widths


def _fewest_lines(block: Block, tries: Sequence[Sequence[float]], *, size: float) -> list[float]:
    """Return the widths with which the rows of a list take the fewest lines, the first of those that take as few."""
    ems = [[_width_em(plain(cell)) * size for cell in row["cells"]] for row in block["rows"]]

    def lines(widths: Iterable[float]) -> int:
        rooms = [max(width - _CELL_PADDING_PT, size) for width in widths]
        return sum(max(math.ceil(cell / room) for cell, room in zip(cells, rooms, strict=True)) for cells in ems)

    return list(min(tries, key=lines))


def page_layouts(given: Sequence[Block]) -> list[tuple[ColumnLayout | None, bool]]:
    """Return for each block its layout, None for what is no table, and whether it stands on a turned page.

    On turned pages stand the tables that are too wide, and the headings right above one.
    """
    layouts = [column_layout(block) if block["type"] == "table" else None for block in given]
    turned = [layout is not None and layout.wide for layout in layouts]
    for place in range(len(given) - 2, -1, -1):
        if turned[place + 1] and given[place]["type"] == "heading" and not given[place].get("mark"):
            turned[place] = True
    return list(zip(layouts, turned, strict=True))


def column_layout(block: Block) -> ColumnLayout:
    """Return type size and column widths with which a table exactly fills the width of the type area.

    Numbers (columns set to the right) never break.  Heads may wrap over up to four lines, smaller type is tried before that
    many; words wrap as they must.  A table that small type cannot hold is turned on its side.  A column with a ``width`` gets
    that share of the table where there is room.  A block marked ``small``, a list to look things up in, is set in the smallest
    type from the start.

    Raises:
        ReportError: the table does not fit even on a turned page in the smallest type.
    """
    count = len(block["columns"])
    shares = [float(column["width"] or 0.0) for column in block["columns"]]
    usual, smaller, smallest = TABLE_SIZES_PT
    legible = [(usual, lines) for lines in _WRAPPED_LINES[:3]] + [(smaller, lines) for lines in _WRAPPED_LINES[1:]]
    last = [(smallest, lines) for lines in _WRAPPED_LINES[1:]]
    tries = [(wide, size, lines) for wide in (False, True) for size, lines in legible]
    tries += [(wide, size, lines) for wide in (False, True) for size, lines in last]
    if block.get("small"):
        tries = [(False, smallest, lines) for lines in _WRAPPED_LINES]
    for wide, size, lines in tries:
        area = _TURNED_PT if wide else _AREA_PT
        needed = [_needed_em(block, column, lines=lines) * size + _CELL_PADDING_PT for column in range(count)]
        if sum(needed) > area:
            continue
        natural = [_needed_em(block, column, lines=1) * size + _CELL_PADDING_PT for column in range(count)]
        widths = _spread(needed, natural, shares, lines=lines, area=area)
        if block.get("small"):
            least = [_needed_em(block, column, lines=_WRAPPED_LINES[-1]) * size + _CELL_PADDING_PT for column in range(count)]
            widths = _fewest_lines(block, [widths, *_divided(least, area=area)], size=size)
        splits = tuple(_splits_head(block, column, width=width, size=size) for column, width in enumerate(widths))
        lines_of_rows = _row_lines(block, widths, size=size)
        breaks = row_breaks(lines_of_rows, page_lines=_TURNED_LINES if wide else PAGE_LINES)
        return ColumnLayout(
            size=size,
            widths=tuple(round(width - 0.005, 2) for width in widths),
            pads=tuple(_pad_pt(block, column, width=width, size=size) for column, width in enumerate(widths)),
            fills=fills(block),
            splits=splits,
            breaks=breaks,
            opening=_head_lines(block, widths, splits, size=size) + sum(lines_of_rows[: breaks.first]),
            wide=wide,
        )
    raise ReportError(
        f"{block.get('number', 'table')} “{plain(block['caption'])}” has {count} columns that do not fit the page; "
        "split it into two tables or shorten its heads"
    )
