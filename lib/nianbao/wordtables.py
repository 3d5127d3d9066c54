"""Tables of the Word report: three rules, widths and type size as in the PDF, a head that repeats on every page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from nianbao.blocks import Block, Run, plain
from nianbao.columns import ColumnLayout
from nianbao.wordparts import (
    NOT_XML,
    TABLE_SUFFIXES,
    Element,
    Look,
    keep_next,
    note_paragraphs,
    numbered,
    style_id,
    text_run,
    twips,
    w,
    word_paragraph,
    word_runs,
)

_CELL_PADDING = 60
"""Twips left and right of what stands in a cell."""
_EMS = {".": 0.25, "0": 0.5, "%": 0.833, "‰": 1.0}
"""Widths in Times New Roman and the faces made to its measure."""


def word_table(block: Block, *, layout: ColumnLayout, look: Look) -> list[Element]:
    """Return caption, unit line, three-line table and notes; widths, type size and breaks are those of ``layout``."""
    columns, rows, notes = block["columns"], block["rows"], block["notes"]
    size = TABLE_SUFFIXES[layout.size]
    caption = numbered(block, gap=look.caption_gap)
    above = [word_paragraph("Table Caption", word_runs(caption))]
    if block["unit_line"]:
        above.append(word_paragraph("Table Unit", [text_run(block["unit_line"])]))
    widths = _whole_twips(layout.widths, area=layout.area)
    padding = [w(side, w=_CELL_PADDING, type="dxa") for side in ("left", "right")]
    properties = w(
        "tblPr",
        w("tblStyle", val=style_id("Report Table")),
        w("tblW", w=sum(widths), type="dxa"),
        w("jc", val="center"),
        w("tblLayout", type="fixed"),
        w("tblCellMar", *padding),
        w("tblLook", val="04A0", firstRow=1, lastRow=0, firstColumn=1, lastColumn=0, noHBand=0, noVBand=1),
        w("tblCaption", val=NOT_XML.sub("", plain(caption))),
    )
    grid = w("tblGrid", *(w("gridCol", w=width) for width in widths))
    made = w("tbl", properties, grid, _head_row(columns, widths=widths, size=size))
    for index, entry in enumerate(rows):
        last = index == len(rows) - 1
        keep = bool(notes) if last else layout.breaks.keeps(index, rows=len(rows)) or entry["kind"] == "group"
        room = [pad + _width(lacking) * layout.size for pad, lacking in zip(layout.pads, layout.fills[index], strict=True)]
        made.append(_row(entry, columns=columns, widths=widths, rooms=room, size=size, keep=keep))
    below = note_paragraphs(notes) if notes else [word_paragraph("Table End", [])]
    return [*above, made, *below]


def _cell(paragraph: Element, *, width: int, span: int = 1, ruled: bool = False) -> Element:
    properties = w("tcPr", w("tcW", w=width, type="dxa"))
    if span > 1:
        properties.append(w("gridSpan", val=span))
    if ruled:
        properties.append(w("tcBorders", w("bottom", val="single", sz=6, space=0, color="000000")))
    properties.append(w("vAlign", val="center"))
    return w("tc", properties, paragraph)


def _head_row(columns: Sequence[Mapping[str, Any]], *, widths: Sequence[int], size: str) -> Element:
    head = w("tr", w("trPr", w("cantSplit"), w("tblHeader")))
    for entry, width in zip(columns, widths, strict=True):
        side = [w("keepNext"), w("jc", val="center")]
        words = word_paragraph("Table Head" + size, word_runs(entry["runs"]), properties=side)
        head.append(_cell(words, width=width, ruled=True))
    return head


def _row(
    entry: Mapping[str, Any],
    *,
    columns: Sequence[Mapping[str, Any]],
    widths: Sequence[int],
    rooms: Sequence[float],
    size: str,
    keep: bool,
) -> Element:
    """Return a table row; a group row with words in its first cell only spans the table.

    ``rooms``, one a column, are points kept free right of a figure, which centre a column below its head and set its points
    under each other.  An indent, not a decimal tab: what a tab does in a cell differs between programs, and text with one in it
    would no longer be the figure alone.
    """
    heavy = entry["kind"] != "body"
    style = ("Table Total" if heavy else "Table Text") + size
    made = w("tr", w("trPr", w("cantSplit")))
    cells: Sequence[Sequence[Run]] = entry["cells"]
    if _spans_table(entry):
        words = word_paragraph(style, word_runs(cells[0], heavy=heavy), properties=[*keep_next(when=keep), w("jc", val="left")])
        made.append(_cell(words, width=sum(widths), span=len(widths)))
        return made
    for cell, column, width, room in zip(cells, columns, widths, rooms, strict=True):
        inset = [w("ind", right=twips(room))] if room else []
        side = [*keep_next(when=keep), *inset, w("jc", val=column["align"])]
        made.append(_cell(word_paragraph(style, word_runs(cell, heavy=heavy), properties=side), width=width))
    return made


def _width(lacking: str) -> float:
    """Return the ems that decimals and the mark behind them take in the face Word sets figures in."""
    return sum(_EMS[one] for one in lacking)


def _spans_table(entry: Mapping[str, Any]) -> bool:
    return entry["kind"] == "group" and not any(plain(cell) for cell in entry["cells"][1:])


def _whole_twips(widths: Sequence[float], *, area: float) -> list[int]:
    """Return points as twips that add up to the width of the type area: differences of the rounded running sums."""
    edges, position = [0], 0.0
    for width in widths:
        position += width
        edges.append(twips(position))
    edges[-1] = twips(area)
    return [right - left for left, right in pairwise(edges)]
