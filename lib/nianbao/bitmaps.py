"""Figures as bitmaps for Word, from the drawings that HTML and PDF show.

Only a Word file needs them, so no chapter draws any: they are made together when one is asked for, by Typst, which sets SVG for the PDF
too and draws it several times as fast as matplotlib.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nianbao import drawing, fonts
from nianbao.errors import ReportError

DPI = 200
"""A hair line of the house style is two pixels wide."""


@dataclass(frozen=True)
class Figure:
    """A drawing and its size on paper."""

    svg: str
    width_mm: float
    height_mm: float


def drawn(figures: Sequence[Figure]) -> list[bytes]:
    """Return each figure as a PNG of :data:`DPI`, set in the shipped faces.

    Raises:
        ReportError: a drawing cannot be read or drawn.
    """
    if not figures:
        return []
    import typst

    with tempfile.TemporaryDirectory(prefix="nianbao-") as name:
        folder = Path(name)
        source = ["#set page(margin: 0pt)"]
        for place, figure in enumerate(figures):
            (folder / f"{place}.svg").write_bytes(drawing.standalone(figure.svg))
            size = f"width: {figure.width_mm:g}mm, height: {figure.height_mm:g}mm"
            source.append(f'#page({size}, image("{place}.svg", width: 100%, height: 100%))')
        (folder / "figures.typ").write_text("\n".join(source), encoding="utf-8")
        compiler = typst.Compiler(
            str(folder / "figures.typ"),
            root=name,
            font_paths=[str(path) for path in fonts.folders(None)],
            ignore_system_fonts=True,
        )
        try:
            made = compiler.compile(format="png", ppi=float(DPI))
        except typst.TypstError as error:
            raise ReportError(f"the figures cannot be drawn for Word: {error}") from error
    return [made] if isinstance(made, bytes) else list(made or [])
