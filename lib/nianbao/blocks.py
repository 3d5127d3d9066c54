"""Semantic blocks: the one document model that chapters publish and the HTML, PDF and Word back ends read.

A chapter cell publishes one block as JSON under :data:`BLOCK_MIME` in a display bundle (beside ``text/html`` for JupyterLab).
Text inside blocks is a list of *runs*, so that every printed figure stays attached to its fact from the cell to the page.

JSON shapes
-----------
run        ``{"text": str}`` plain words, or ``{"text": str, "fact": fact_id}`` a printed figure,
           optionally ``"emphasis": "strong"``.
cover      ``{"type": "cover", "title": str, "subtitle": str|None, "office": str|None, "date": "YYYY-MM-DD"|None,
           "date_text": str|None, "stamp": str|None}``
heading    ``{"type": "heading", "level": 1..4, "runs": [run], "key": str}``; numbered by the assembler, which fills ``"id"``
           (unique in the report) and ``"number"`` ("一、", "（一）", "1.", "（1）", or "" when unnumbered).
paragraph  ``{"type": "paragraph", "runs": [run], "origin": "generated"|"office"}``
note       ``{"type": "note", "runs": [run]}`` small print below a table or figure, or a warning line.
table      ``{"type": "table", "caption": [run], "key": str, "unit_line": str|None, "columns": [{"runs": [run], "align":
           "left"|"right"|"center", "width": float|None, "decimal": int}], "rows": [{"cells": [[run]], "kind": "body"|"total"|"group"}],
           "notes": [[run]]}``; ``decimal`` only where figures of a column end unlike behind their point: the most digits
           there, so that points are set under each other (``columns.fills``); the first column heads its rows; the assembler
           fills ``"number"`` (表1) and ``"id"``.
figure     ``{"type": "figure", "caption": [run], "key": str, "alt": str, "width_mm": float, "height_mm": float, "notes": [[run]]}``
           with ``image/svg+xml`` (real text) in the same display bundle, or only ``image/png``; the assembler fills ``"number"``
           (图1) and ``"id"``.
banner     ``{"type": "banner", "runs": [run], "severity": "draft"|"failed"}`` shown on page one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NotRequired, TypedDict

BLOCK_MIME = "application/vnd.nianbao.block+json"
"""Display-bundle key of one semantic block."""
CHAPTER_MIME = "application/vnd.nianbao.chapter+json"
"""Display-bundle key of the record that closes a chapter: its facts and the end sentinel."""


class Run(TypedDict):
    """A stretch of text; with ``fact`` it is a printed figure that leads back to its source cells."""

    text: str
    fact: NotRequired[str]
    emphasis: NotRequired[Literal["strong"]]


Block = dict[str, Any]
"""One block in the JSON shapes of the module docstring."""
Align = Literal["left", "right", "center"]
_FIGURE = re.compile(r"[^\d]*\d+((?:\.\d+)?[%‰]?)")


def run(text: str, *, fact: str | None = None, emphasis: Literal["strong"] | None = None) -> Run:
    """Return one run; ``fact`` is the identifier under which ``facts.csv`` lists the figure."""
    made: Run = {"text": text}
    if fact is not None:
        made["fact"] = fact
    if emphasis is not None:
        made["emphasis"] = emphasis
    return made


def plain(runs: Iterable[Run]) -> str:
    """Return the words of ``runs`` as one string."""
    return "".join(part["text"] for part in runs)


def figure_tail(text: str) -> str | None:
    """Return what stands behind the whole part of a figure, its point, decimals and mark; None for what is no single figure."""
    found = _FIGURE.fullmatch(text)
    return found[1] if found else None


def heading(text: str, *, level: int, key: str) -> Block:
    """Return a heading block; ``key`` is unique within its chapter."""
    return {"type": "heading", "level": level, "runs": [run(text)], "key": key}


def paragraph(runs: Sequence[Run], *, origin: Literal["generated", "office"] = "generated") -> Block:
    """Return a paragraph; ``origin`` tells generated text from the office's own."""
    return {"type": "paragraph", "runs": list(runs), "origin": origin}


def note(runs: Sequence[Run]) -> Block:
    """Return a line of small print."""
    return {"type": "note", "runs": list(runs)}


def banner(runs: Sequence[Run], *, severity: Literal["draft", "failed"]) -> Block:
    """Return a banner for page one."""
    return {"type": "banner", "runs": list(runs), "severity": severity}


def column(text: str, *, align: Align = "right", width: float | None = None) -> dict[str, Any]:
    """Return a table column; ``width`` is a share of the table, None lets the content decide."""
    return {"runs": [run(text)], "align": align, "width": width}


def row(cells: Sequence[Sequence[Run]], *, kind: Literal["body", "total", "group"] = "body") -> dict[str, Any]:
    """Return a table row of run lists, one a column."""
    return {"cells": [list(cell) for cell in cells], "kind": kind}


def table(
    caption: Sequence[Run],
    *,
    key: str,
    columns: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    unit_line: str | None = None,
    notes: Sequence[Sequence[Run]] = (),
) -> Block:
    """Return a table block; every row has one cell a column.

    Raises:
        ValueError: a row's cell count differs from the column count.
    """
    for index, entry in enumerate(rows):
        if len(entry["cells"]) != len(columns):
            raise ValueError(f"table {key!r} row {index}: {len(entry['cells'])} cells for {len(columns)} columns")
    return {
        "type": "table",
        "caption": list(caption),
        "key": key,
        "unit_line": unit_line,
        "columns": list(columns),
        "rows": list(rows),
        "notes": [list(entry) for entry in notes],
    }


def figure(
    caption: Sequence[Run],
    *,
    key: str,
    alt: str,
    width_mm: float,
    height_mm: float,
    notes: Sequence[Sequence[Run]] = (),
) -> Block:
    """Return a figure block; the images travel beside it in the display bundle."""
    return {
        "type": "figure",
        "caption": list(caption),
        "key": key,
        "alt": alt,
        "width_mm": width_mm,
        "height_mm": height_mm,
        "notes": [list(entry) for entry in notes],
    }


def blocks_of(notebook: Any) -> list[tuple[Block, dict[str, Any]]]:
    """Return every block of an executed notebook with its display bundle, in cell order.

    Outputs without a block (prints, plain reprs) are not part of the report and are left out.
    """
    found: list[tuple[Block, dict[str, Any]]] = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("output_type") not in ("display_data", "execute_result"):
                continue
            data = output.get("data", {})
            if BLOCK_MIME in data:
                found.append((data[BLOCK_MIME], data))
    return found
