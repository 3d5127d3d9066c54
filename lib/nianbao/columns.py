"""How wide the columns of a printed table are, and at which size of type it fits the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nianbao.blocks import Block, plain
from nianbao.errors import ReportError


@dataclass(frozen=True)
class ColumnLayout:
    """How a table fills the type area; lengths in points, one entry a column.

    ``pads`` is the room right of a column of numbers that centres it below its head; ``splits`` says which heads put their
    bracketed unit on a line of its own.
    """

    size: float
    widths: tuple[float, ...]
    pads: tuple[float, ...]
    splits: tuple[bool, ...]


_AREA_PT = 156 / 25.4 * 72
_CELL_PADDING_PT = 6.0
_TABLE_SIZES_PT = (10.5, 9.0, 7.5)
"""Tried in this order; the last only where a table fits no other way."""
_SPARE_EM = 0.1
"""Kept free in every column, so that rounding never wraps a line that just fits."""
_WRAPPED_LINES = (1, 2, 3, 4)
_TEXT_COLUMN_EM = (5.0, 10.0)
"""A column of words that must wrap keeps the first many Chinese characters and insists on no more than the second."""


def _width_em(text: str) -> float:
    """Return about how wide ``text`` is, in ems, rather too wide than too narrow."""
    return sum(1.0 if ord(one) > 0x2000 else 0.92 if one in "%MW@" else 0.6 if one.isalnum() else 0.4 for one in text)


def _longest_piece_em(text: str) -> float:
    """Return the width of the longest piece that cannot be broken: a word or number, or one Chinese character."""
    return max((_width_em(piece) for piece in re.findall(r"[!-\u2000]+|[\u2001-\U0010ffff]", text)), default=0.0)


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
    """Return the words of a column's cells, labels that span the whole table left out."""
    return [plain(row["cells"][column]) for row in block["rows"] if row["kind"] != "group" or any(row["cells"][1:])]


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


def _granted(widths: Sequence[float], wanted: Sequence[float]) -> list[float]:
    """Return the widths grown towards the wanted ones, all by the same part of what each lacks, up to the type area."""
    wishes = [max(0.0, wish - width) for wish, width in zip(wanted, widths, strict=True)]
    part = min(1.0, (_AREA_PT - sum(widths)) / sum(wishes)) if sum(wishes) else 0.0
    return [width + wish * part for width, wish in zip(widths, wishes, strict=True)]


def column_layout(block: Block) -> ColumnLayout:
    """Return type size and column widths with which a table exactly fills the width of the type area.

    Numbers (columns set to the right) never break.  Heads may wrap over up to four lines, smaller type is tried before that
    many; words wrap as they must.  A column with a ``width`` gets that share of the table where there is room.

    Raises:
        ReportError: the table does not fit even in the smallest type.
    """
    count = len(block["columns"])
    shares = [float(column["width"] or 0.0) for column in block["columns"]]
    tries = [(_TABLE_SIZES_PT[0], lines) for lines in _WRAPPED_LINES[:3]]
    tries += [(size, lines) for size in _TABLE_SIZES_PT[1:] for lines in _WRAPPED_LINES[1:]]
    for size, lines in tries:
        needed = [_needed_em(block, column, lines=lines) * size + _CELL_PADDING_PT for column in range(count)]
        if sum(needed) > _AREA_PT:
            continue
        natural = [_needed_em(block, column, lines=1) * size + _CELL_PADDING_PT for column in range(count)]
        # First the shares asked for, then columns whose words would otherwise wrap.
        widths = _granted(needed, [share * _AREA_PT for share in shares])
        widths = _granted(widths, [0.0 if share else width for share, width in zip(shares, natural, strict=True)])
        left = _AREA_PT - sum(widths)
        total = sum(needed)
        # What is left goes half evenly, half by need: narrow columns of numbers are not pushed together.
        widths = [w + left * (0.5 / count + 0.5 * n / total) for w, n in zip(widths, needed, strict=True)]
        return ColumnLayout(
            size=size,
            widths=tuple(round(width - 0.005, 2) for width in widths),
            pads=tuple(_pad_pt(block, column, width=width, size=size) for column, width in enumerate(widths)),
            splits=tuple(_splits_head(block, column, width=width, size=size) for column, width in enumerate(widths)),
        )
    raise ReportError(
        f"{block.get('number', 'table')} “{plain(block['caption'])}” has {count} columns that do not fit the page; "
        "split it into two tables or shorten its heads"
    )
