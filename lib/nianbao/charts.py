"""Charts in one house style: bars with direct labels, no numeric axis, real text in the SVG, readable in black and white.

Every number in a chart is the display text of a fact, so a chart says nothing the tables do not.  The only door to matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nianbao import fonts

WIDTH_MM = 150.0
_MM = 1 / 25.4
_DARK, _LIGHT, _RULE, _INK = "#1f4e79", "#b8cce4", "#9aa5b1", "#1a1d21"


@dataclass(frozen=True)
class Bar:
    """One bar: its length and the text printed at its end."""

    value: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart in both forms, with its size on paper."""

    svg: str
    png: bytes
    width_mm: float
    height_mm: float


@lru_cache(maxsize=1)
def _family() -> str:
    from matplotlib import font_manager

    face = next(face for face in fonts.faces() if face.key == "hei")
    font_manager.fontManager.addfont(str(face.path))
    return face.family


def _figure(rows: float) -> tuple[Any, Any, float]:
    from matplotlib.figure import Figure

    height_mm = 9.0 + 8.5 * rows
    figure = Figure(figsize=(WIDTH_MM * _MM, height_mm * _MM))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH_MM)
    axes.set_ylim(height_mm, 0)
    return figure, axes, height_mm


def _save(figure: Any, *, salt: str, height_mm: float) -> Chart:
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "font.family": _family(), "axes.unicode_minus": False}):
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        pixels = io.BytesIO()
        figure.savefig(pixels, format="png", dpi=220, metadata={"Software": None})
    return Chart(drawn.getvalue(), pixels.getvalue(), WIDTH_MM, height_mm)


_CHARACTER_MM = 3.4
_LABEL_MM = 62.0


def _widest(labels: Sequence[str]) -> float:
    """Return the width in mm of the longest label at the house size."""
    return max((sum(1.0 if ord(c) > 0x2E80 else 0.58 for c in label) for label in labels), default=0.0) * _CHARACTER_MM


def _labels(labels: Sequence[str]) -> tuple[float, float]:
    """Return the room for row labels in mm and the type size at which the longest fits it."""
    wanted = _widest(labels)
    room = min(_LABEL_MM, wanted)
    return room + 3, 9.5 * min(1.0, room / wanted if wanted else 1.0)


def _text(axes: Any, x: float, y: float, text: str, **options: Any) -> None:
    axes.text(x, y, text, family=_family(), color=_INK, va="center_baseline", **{"fontsize": 9.5, **options})


def paired_bars(
    labels: Sequence[str], now: Sequence[Bar], before: Sequence[Bar], *, names: tuple[str, str], salt: str
) -> Chart:
    """Return horizontal pairs of bars: this period (dark) against the one before (light); ``names`` is the key, this period first."""
    figure, axes, height = _figure(len(labels) * 1.55 + 0.6)
    left, size = _labels(labels)
    ends = _widest([bar.label for bar in (*now, *before)]) + 5
    scale = (WIDTH_MM - left - ends) / max([bar.value for bar in (*now, *before)] + [1e-9])
    for place, (name, colour) in enumerate(zip(names, (_DARK, _LIGHT), strict=True)):
        axes.add_patch(_patch(left + place * 45, 3.6, 4.5, 3.4, colour))
        _text(axes, left + place * 45 + 6, 5.4, name, fontsize=9)
    for row, label in enumerate(labels):
        top = 13.0 + row * 13.2
        _text(axes, left - 2, top + 4.6, label, ha="right", fontsize=size)
        for place, (bar, colour) in enumerate(((now[row], _DARK), (before[row], _LIGHT))):
            y = top + place * 4.8
            axes.add_patch(_patch(left, y, max(bar.value * scale, 0.2), 4.2, colour))
            _text(axes, left + bar.value * scale + 1.5, y + 2.2, bar.label, fontsize=9)
    axes.plot([left, left], [11.5, 13.0 + len(labels) * 13.2 - 2], color=_RULE, linewidth=0.8)
    return _save(figure, salt=salt, height_mm=height)


def bars(labels: Sequence[str], values: Sequence[Bar], *, salt: str, mark: tuple[float, str] | None = None) -> Chart:
    """Return horizontal bars, one a label; ``mark`` draws a dashed line at a value (a target) with its words."""
    figure, axes, height = _figure(len(labels) + (0.4 if mark else 0.0) - 0.6)
    left, size = _labels(labels)
    longest = max([bar.value for bar in values] + [mark[0] if mark else 0.0, 1e-9])
    scale = (WIDTH_MM - left - _widest([bar.label for bar in values]) - 5) / longest
    first = 9.0 if mark else 4.0
    for row, (label, bar) in enumerate(zip(labels, values, strict=True)):
        y = first + row * 8.5
        _text(axes, left - 2, y + 2.9, label, ha="right", fontsize=size)
        axes.add_patch(_patch(left, y, max(bar.value * scale, 0.2), 5.4, _DARK))
        _text(axes, left + bar.value * scale + 1.5, y + 2.9, bar.label, fontsize=9)
    bottom = first + len(labels) * 8.5
    axes.plot([left, left], [first - 1.5, bottom - 1], color=_RULE, linewidth=0.8)
    if mark:
        x = left + mark[0] * scale
        axes.plot([x, x], [first - 2, bottom - 1], color=_INK, linewidth=0.9, linestyle=(0, (4, 3)))
        _text(axes, x, 4.2, mark[1], ha="center", fontsize=8.5)
    return _save(figure, salt=salt, height_mm=height)


def _patch(x: float, y: float, width: float, height: float, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), width, height, facecolor=colour, edgecolor=_INK, linewidth=0.4)


@dataclass(frozen=True)
class Unit:
    """One unit of a funnel: its name, denominator, value, and whether its name is printed (only units outside the limits)."""

    name: str
    total: float
    value: float
    named: bool


def funnel(
    units: Sequence[Unit],
    limits: Sequence[tuple[float, float, float, float, float]],
    *,
    centre: tuple[float, str],
    words: tuple[str, str, str, str],
    salt: str,
) -> Chart:
    """Return a funnel plot: units by denominator (right) and value (up), between control limits around ``centre``.

    ``limits`` holds ``(total, lower 99.8, lower 95, upper 95, upper 99.8)`` by rising total, in the values' unit; ``centre`` is the
    overall value with its words; ``words`` names the denominator axis, the value axis, the inner and the outer limits.
    """
    from matplotlib.figure import Figure

    height = 84.0
    figure = Figure(figsize=(WIDTH_MM * _MM, height * _MM))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH_MM)
    axes.set_ylim(0, height)
    left, right, bottom, top = 12.0, WIDTH_MM - 34.0, 10.0, height - 8.0
    widest = max([unit.total for unit in units] + [row[0] for row in limits])
    low = min([unit.value for unit in units] + [row[1] for row in limits])
    high = max([unit.value for unit in units] + [row[4] for row in limits])

    def x(total: float) -> float:
        return left + total / widest * (right - left)

    def y(value: float) -> float:
        return bottom + (value - low) / ((high - low) or 1.0) * (top - bottom)

    xs = [x(row[0]) for row in limits]
    for place, style in ((1, "-"), (4, "-"), (2, (0, (4, 3))), (3, (0, (4, 3)))):
        axes.plot(xs, [y(row[place]) for row in limits], color=_DARK, linewidth=0.9, linestyle=style)
    axes.plot([left, right], [y(centre[0])] * 2, color=_RULE, linewidth=0.9)
    _text(axes, right + 1.5, y(centre[0]), centre[1], fontsize=8.5)
    _text(axes, right + 1.5, y(limits[-1][3]) + 2.2, words[2], fontsize=8)
    _text(axes, right + 1.5, y(limits[-1][4]) + 5.6, words[3], fontsize=8)
    for unit in units:
        filled = _INK if unit.named else _LIGHT
        axes.plot(
            [x(unit.total)], [y(unit.value)], marker="o", markersize=5, color=filled, markeredgecolor=_INK, markeredgewidth=0.5
        )
        if unit.named:
            _text(axes, x(unit.total) + 2, y(unit.value), unit.name, fontsize=8.5)
    axes.plot([left, right], [bottom - 3] * 2, color=_RULE, linewidth=0.8)
    _text(axes, right, bottom - 6.5, words[0], ha="right", fontsize=8.5)
    _text(axes, left, height - 4, words[1], fontsize=8.5)
    return _save(figure, salt=salt, height_mm=height)
