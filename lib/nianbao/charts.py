"""Charts in one house style: bars with direct labels, funnels with two axes, real text in the SVG, readable in black and white.

Every number in a chart is the display text of a fact, so a chart says nothing that its tables and notes do not.  The only door to matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nianbao import fonts
from nianbao.placement import Box, place_labels

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
        end = left + bar.value * scale
        if mark and end < left + mark[0] * scale < end + 3 + _widest([bar.label]):
            end = left + mark[0] * scale  # behind the line: it would run through the label
        _text(axes, end + 1.5, y + 2.9, bar.label, fontsize=9)
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
    """One unit of a funnel: denominator and value, the side of the limits it is on, and its name where that is printed.

    ``side`` is 1 above the limits, -1 below, 0 within; ``strong`` marks what lies outside the outer ones.
    """

    total: float
    value: float
    side: int = 0
    strong: bool = False
    name: str = ""


@dataclass(frozen=True)
class Plot:
    """The matter of a funnel plot, in the values' own unit.

    ``limits`` holds ``(total, lower outer, lower inner, upper inner, upper outer)`` by rising total; the axes span both.
    """

    units: Sequence[Unit]
    limits: Sequence[tuple[float, float, float, float, float]]

    @property
    def across(self) -> tuple[float, float]:
        """The smallest and largest denominator."""
        totals = [*(unit.total for unit in self.units), *(row[0] for row in self.limits)]
        return min(totals), max(totals)

    @property
    def up(self) -> tuple[float, float]:
        """The smallest and largest value, a little apart where all are one."""
        values = [*(unit.value for unit in self.units), *(edge for row in self.limits for edge in (row[1], row[4]))]
        low, high = min(values), max(values)
        margin = (high - low) * 0.07 or 1.0
        return low - margin, high + margin


@dataclass(frozen=True)
class Axis:
    """The words over an axis and its numbers, each a place and the text printed there."""

    title: str
    numbers: Sequence[tuple[float, str]]


_PLOT_MM = 60.0
_NAME_MM = 3.4
_MARK_MM = 1.3


def funnel(plot: Plot, *, centre: tuple[float, str], axes: tuple[Axis, Axis], coverages: tuple[str, str], salt: str) -> Chart:
    """Return a funnel plot: units by denominator (across) and value (up), between control limits around ``centre``.

    ``centre`` is the overall value with its words, ``axes`` the one across and the one up, ``coverages`` the words of the inner and the
    outer limits.  Triangles point to the side on which a unit lies outside, filled where it is outside the outer limits; the rest are
    rings: the plot needs no colour.  A name with no room left is not printed.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_MM * _MM, _PLOT_MM * _MM))
    sheet = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    sheet.set_axis_off()
    sheet.set_xlim(0, WIDTH_MM)
    sheet.set_ylim(0, _PLOT_MM)
    room = _widest([text for _, text in axes[1].numbers]) * 0.85
    area = Box(6.0 + room, 13.0, WIDTH_MM - 5.0 - _widest([centre[1], *coverages]) * 0.85, _PLOT_MM - 7.0)
    (least, most), (low, high) = plot.across, plot.up

    def x(total: float) -> float:
        return area.left + (total - least) / ((most - least) or 1.0) * (area.right - area.left)

    def y(value: float) -> float:
        return area.bottom + (value - low) / (high - low) * (area.top - area.bottom)

    _axes(sheet, area, axes, x=x, y=y)
    xs = [x(row[0]) for row in plot.limits]
    lines: list[Box] = []
    for place, style in ((1, "-"), (4, "-"), (2, (0, (4, 3))), (3, (0, (4, 3)))):
        ys = [y(row[place]) for row in plot.limits]
        sheet.plot(xs, ys, color=_DARK, linewidth=0.9, linestyle=style)
        lines += [Box.around(one, other, 0.4) for one, other in zip(xs, ys, strict=True)]
    sheet.plot([area.left, area.right], [y(centre[0])] * 2, color=_INK, linewidth=0.7, linestyle=(0, (6, 2, 1, 2)))
    lines.append(Box(area.left, y(centre[0]) - 0.4, area.right, y(centre[0]) + 0.4))
    ends = [(y(centre[0]), centre[1]), (y(plot.limits[-1][3]), coverages[0]), (y(plot.limits[-1][4]), coverages[1])]
    previous = -1e9
    for height, text in ends:  # the limits end close together where denominators are large
        previous = max(height, previous + _NAME_MM)
        _text(sheet, area.right + 1.5, previous, text, fontsize=8)
    for unit in plot.units:
        shape = {1: "^", -1: "v", 0: "o"}[unit.side]
        filled = _INK if unit.strong else "#ffffff"
        size = 5.5 if unit.side else 4.5
        sheet.plot(
            [x(unit.total)],
            [y(unit.value)],
            marker=shape,
            markersize=size,
            color=filled,
            markeredgecolor=_INK,
            markeredgewidth=0.8,
        )
    _names(sheet, [(x(unit.total), y(unit.value), unit.name) for unit in plot.units], area, lines)
    return _save(figure, salt=salt, height_mm=_PLOT_MM)


def _axes(sheet: Any, area: Box, axes: tuple[Axis, Axis], *, x: Callable[[float], float], y: Callable[[float], float]) -> None:
    """Draw both axes with their numbers and words."""
    sheet.plot([area.left, area.left, area.right], [area.top, area.bottom, area.bottom], color=_RULE, linewidth=0.8)
    for total, text in axes[0].numbers:
        sheet.plot([x(total)] * 2, [area.bottom, area.bottom - 1.2], color=_RULE, linewidth=0.8)
        _text(sheet, x(total), area.bottom - 3.6, text, ha="center", fontsize=8)
    for value, text in axes[1].numbers:
        sheet.plot([area.left - 1.2, area.left], [y(value)] * 2, color=_RULE, linewidth=0.8)
        _text(sheet, area.left - 2.2, y(value), text, ha="right", fontsize=8)
    _text(sheet, (area.left + area.right) / 2, 3.4, axes[0].title, ha="center", fontsize=8.5)
    _text(sheet, 2.0, _PLOT_MM - 3.2, axes[1].title, fontsize=8.5)


def _names(sheet: Any, points: Sequence[tuple[float, float, str]], area: Box, lines: Sequence[Box]) -> None:
    """Print the names of points where there is room, with a leader to a point that is not close by."""
    named = [point for point in points if point[2]]
    marks = [Box.around(one, other, _MARK_MM) for one, other, _ in points]
    sizes = [(_widest([name]) * 8.5 / 9.5, _NAME_MM) for _, _, name in named]
    boxes = place_labels([point[:2] for point in named], sizes, inside=area, marks=marks, lines=lines)
    for (one, other, name), box in zip(named, boxes, strict=True):
        if box is None:
            continue
        near_x, near_y = min(max(one, box.left), box.right), min(max(other, box.bottom), box.top)
        if abs(near_x - one) + abs(near_y - other) > 2.5:
            sheet.plot([one, near_x], [other, near_y], color=_INK, linewidth=0.5)
        _text(sheet, box.left, (box.bottom + box.top) / 2, name, fontsize=8.5)
