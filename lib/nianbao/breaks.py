"""Where a printed line or table must not break, alike in every format: figures with their units, closing punctuation, table rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nianbao.blocks import Run, plain

_NUMBER = r"[<>≤≥＜＞+\-\u2212]?\d[\d,.]*[%‰％]?"
_MEASURE = r"[余多]?(?:人次|剂次|场次|户次|个月|周岁|个[百千]分点|[万亿千百][\u4e00-\u9fff]|[\u4e00-\u9fff])?"
"""A measure word, with the words of one that means nothing in parts (个百分点); of any other the first character."""
_CLOSING = r"[，。；：、？！）》〉”’」』】〕％‰…]"
_UNBROKEN = re.compile(
    # A figure or range with its measure word; nothing of it after a Latin letter (E9 is a cell, N95 a mask).
    rf"(?<![A-Za-z0-9.]){_NUMBER}(?:[年月岁]?[-–—～~至]{_NUMBER})?{_MEASURE}{_CLOSING}*"
    # A closing bracket and the punctuation behind it: some typesetters part the two.
    rf"|[^\s{_CLOSING[1:-1]}][）》〉”’」』】〕]+[，。；：、？！…]+"
)
_LAST_ALONE = re.compile(rf"(?<!{_CLOSING})[，。、）]$")
"""One mark at the end that no typesetter puts first on a line anyway: left outside, it can be squeezed at the end of the line."""
_LONGEST = 14
"""Characters up to which a stretch is kept on one line; longer ones would leave holes in a justified line."""

NEVER_AFTER = "$(£¥·‘“〈《「『【〔〖〝﹙﹛﹝＄（．［｛￡￥～—"
"""Characters that never end a line: what opens, and the dashes of ranges."""
NEVER_BEFORE = "!%),.:;>?]}¢¨°·ˇˉ―‖’”…‰′″›℃∶、。〃〉》」』】〕〗〞︶︺︾﹀﹄﹚﹜﹞！＂％＇），．：；？］｀｜｝～￠—"
"""Characters that never begin a line: what closes, punctuation, signs of units, and the dashes of ranges."""
_OPENS = NEVER_AFTER.replace("—", "") + "(["

WHOLE_ROWS = 8
"""A table up to this many rows is not broken over pages."""
EDGE_ROWS = 3
"""Rows of a broken table that stay together at its beginning and at its end."""
PAGE_LINES = 36
"""Lines of table type on a page: what is kept together may take half of them."""


def unbroken(text: str) -> list[tuple[int, int]]:
    """Return the stretches of ``text`` that stay on one line, as (start, end), in order and apart.

    They are figures and ranges with their measure words and the punctuation behind (0～36个月；), and closing brackets with the
    punctuation behind.  A figure that nothing follows needs no rule and is left out.
    """
    found = []
    for match in _UNBROKEN.finditer(text):
        start, end = match.span()
        if _LAST_ALONE.search(match[0]):
            end -= 1
        if end - start <= _LONGEST and not re.fullmatch(r"[\d,.]*[；：？！%‰％]*", text[start:end]):
            found.append((start, end))
    return found


def pieces(runs: Sequence[Run], *, boxed: bool = False) -> list[tuple[bool, list[Run]]]:
    """Return runs in groups, each with whether it stays on one line; plain runs are cut where a group ends, figures never.

    The words of the groups together are the words of ``runs``.  ``boxed``: the typesetter sees a figure as a box and would break the line
    between it and any mark; the marks about it are held to it.
    """
    text = plain(runs)
    edges, place = [], 0
    for part in runs:
        edges.append((place, place + len(part["text"])))
        place += len(part["text"])
    facts = [edge for edge, part in zip(edges, runs, strict=True) if "fact" in part]
    held: list[tuple[int, int]] = []
    for first, last in unbroken(text):
        whole = [edge for edge in facts if edge[0] < last and edge[1] > first]
        start, end = min([first, *(edge[0] for edge in whole)]), max([last, *(edge[1] for edge in whole)])
        if end - start <= _LONGEST and (not held or held[-1][1] <= start):
            held.append((start, end))
    if boxed:
        held = _with_marks(text, held, [edge for edge in facts if edge[1] - edge[0] <= _LONGEST])
    made: list[tuple[bool, list[Run]]] = []
    done = 0
    for start, end in [*held, (len(text), len(text))]:
        for glued, (first, last) in ((False, (done, start)), (True, (start, end))):
            cut = _cut(runs, edges, first, last)
            if cut:
                made.append((glued, cut))
        done = end
    return made


def _with_marks(text: str, held: Sequence[tuple[int, int]], boxes: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches and boxes with what opens before them and what closes behind them; a box that no mark touches needs no rule."""
    wide = []
    for start, end in (*held, *boxes):
        first, last = start, end
        while first and text[first - 1] in _OPENS:
            first -= 1
        while last < len(text) and text[last] in NEVER_BEFORE:
            last += 1
        if (start, end) in held or (first, last) != (start, end):
            wide.append((first, last))
    made: list[tuple[int, int]] = []
    for start, end in sorted(wide):
        if made and start < made[-1][1]:
            made[-1] = (made[-1][0], max(end, made[-1][1]))
        else:
            made.append((start, end))
    return made


def _cut(runs: Sequence[Run], edges: Sequence[tuple[int, int]], first: int, last: int) -> list[Run]:
    """Return what of the runs lies between two places of their text."""
    found: list[Run] = []
    for part, (start, end) in zip(runs, edges, strict=True):
        low, high = max(first, start), min(last, end)
        if low < high:
            cut = part.copy()
            cut["text"] = part["text"][low - start : high - start]
            found.append(cut)
    return found


@dataclass(frozen=True)
class RowBreaks:
    """How a table breaks over pages: not at all (``whole``), else with so many rows kept together at its two ends."""

    whole: bool
    first: int
    last: int

    def keeps(self, index: int, *, rows: int) -> bool:
        """Return whether row ``index`` stays on the page of the row after it."""
        return index < rows - 1 and (self.whole or index < self.first - 1 or index >= rows - self.last)


def row_breaks(lines: Sequence[int], *, page_lines: int = PAGE_LINES) -> RowBreaks:
    """Return where a table may break; ``lines`` are the lines of type of each row, ``page_lines`` those of a page.

    What is kept together never takes more than half a page: rows of many lines are kept with fewer neighbours.
    """
    room = page_lines // 2
    if len(lines) <= WHOLE_ROWS and sum(lines) <= 2 * room - 4:
        return RowBreaks(True, len(lines), len(lines))
    edge = min(EDGE_ROWS, max(1, len(lines) // 2))

    def kept(ordered: Sequence[int]) -> int:
        return max((count for count in range(1, edge + 1) if sum(ordered[:count]) <= room), default=1)

    return RowBreaks(False, kept(lines), kept(lines[::-1]))
