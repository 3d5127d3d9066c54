"""Charts in one house style, of six kinds, as SVG with real text; :mod:`nianbao.bitmaps` makes of it what Word gets.

The kinds, and what makes a chart take one (``docs/howto/charts.md`` gives the reasons):

- :func:`paired_bars`: two comparable periods of a count and its parts; :func:`years` once three or more years are known;
- :func:`targets`: completion against targets, a bar each with the target marked;
- :func:`whole_bar` or :func:`bars`: what a sum is made of, one divided bar where every part has room for its words, else ordered bars;
- :func:`funnel`: many places by size and rate between limits of chance; :func:`members`: the same few places in several rates.

Every number in a chart is the display text of a fact, so a chart says nothing that its tables and notes do not.  Words stand at what
they name, never in a legend, and are measured with the face they are set in: a label too long for its place is broken into lines and
its row grows.  What differs in kind differs in lightness, hatch or shape, so that neither colour vision nor a colour printer is needed.
The only door to matplotlib.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from nianbao import fonts
from nianbao.placement import Box, place_labels, spread

WIDTH_MM = 150.0
_MM = 1 / 25.4
_POINT_MM = 25.4 / 72


@dataclass(frozen=True)
class Fill:
    """How an area is filled: a colour, and strokes over it where lightness alone would not tell it from its neighbour."""

    colour: str
    hatch: str = ""


DARK, LIGHT, OPEN = Fill("#1f4e79"), Fill("#b8cce4"), Fill("#ffffff", "////")
"""This period, or a target met; the period before; a target missed."""
PARTS = (DARK, Fill("#dbe6f1"), Fill("#6f94bb"), Fill("#ffffff", "...."))
"""The parts of a divided bar, from the left: neighbours differ in lightness."""
RULE, INK = "#9aa5b1", "#1a1d21"
"""Lines of axes; text and marks."""


@dataclass(frozen=True)
class Bar:
    """One bar or point: its size and the text printed at its end."""

    value: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart, with its size on paper."""

    svg: str
    width_mm: float
    height_mm: float


# ---- type -----------------------------------------------------------------------------------------------------------

_SIZE, _SMALL = 9.5, 8.5
"""Points of names and figures, and of what explains them."""
_SLACK = 1.02
"""A page may set a chart in a face a little wider than the one it is measured in."""
_LABEL_MM = 52.0
"""The most room row labels get before they break into lines."""
_NO_START, _NO_END = "，。；：、？！）》”’%‰…~～—·", "（《“‘"


@lru_cache(maxsize=1)
def _face() -> Any:
    return next(face for face in fonts.faces() if face.key == "hei")


@lru_cache(maxsize=1)
def _family() -> str:
    from matplotlib import font_manager

    font_manager.fontManager.addfont(str(_face().path))
    return str(_face().family)


@lru_cache(maxsize=8)
def _type(size: float) -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(family=_family(), size=size)


@lru_cache(maxsize=1)
def _font() -> Any:
    from matplotlib.ft2font import FT2Font

    font = FT2Font(str(_face().path))
    font.set_size(100.0, 72)
    return font


@cache
def _advance(character: str) -> float:
    """Return the width of a character in ems; of one the face lacks, a full one."""
    from matplotlib.ft2font import LoadFlags

    if not _font().get_char_index(ord(character)):
        return 1.0
    return float(_font().load_char(ord(character), flags=LoadFlags.NO_HINTING).linearHoriAdvance) / 65536 / 100.0


def width_mm(text: str, size: float = _SIZE) -> float:
    """Return how wide a text is set, in mm, at ``size`` points."""
    return sum(map(_advance, text)) * size * _POINT_MM * _SLACK


def _widest(texts: Sequence[str], size: float = _SIZE) -> float:
    return max((width_mm(text, size) for text in texts), default=0.0)


def lines_of(text: str, room: float, size: float = _SIZE) -> list[str]:
    """Return ``text`` in lines at most ``room`` mm wide, as few as there can be and evenly filled: broken at spaces or between Chinese
    characters, never inside a number or between a number and its measure; a longer stretch without such a place stands alone."""
    found = _filled(text, room, size)
    narrow = width_mm(text, size) / len(found)
    while len(found) > 1 and narrow < room:  # no line of one character after a full one
        tried = _filled(text, narrow, size)
        if len(tried) == len(found):
            return tried
        narrow += 1.0
    return found


def _filled(text: str, room: float, size: float) -> list[str]:
    made, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width_mm((line + piece).rstrip(), size) > room:
            made.append(line.strip())
            line = piece
        else:
            line += piece
    return [*made, line.strip()] if line.strip() else made or [""]


def _pieces(text: str) -> Iterator[str]:
    piece = ""
    for place, character in enumerate(text):
        if piece and (piece[-1] == " " or _breakable(text[place - 1], character)):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _breakable(before: str, after: str) -> bool:
    wide = ord(before) > 0x2E80 or ord(after) > 0x2E80
    return (
        wide
        and not before.isdigit()
        and before not in _NO_END + "%‰."
        and after not in _NO_START
        and not (before == "第" and after.isdigit())
    )


# ---- the sheet ------------------------------------------------------------------------------------------------------


class _Sheet:
    """A figure measured in mm from its upper left corner; it draws no axes of its own, which would cost more than all the rest."""

    def __init__(self, height_mm: float) -> None:
        from matplotlib.figure import Figure
        from matplotlib.transforms import Affine2D

        self.height = height_mm
        self.figure = Figure(figsize=(WIDTH_MM * _MM, height_mm * _MM))
        self._paper = Affine2D().scale(_MM, -_MM).translate(0, height_mm * _MM) + self.figure.dpi_scale_trans
        self._drawn = 0

    def _add(self, artist: Any) -> None:
        """Put an artist on top of all before it: left to themselves, lines would cover the ground that is cleared under a text."""
        self._drawn += 1
        artist.set_zorder(self._drawn)
        artist.set_transform(self._paper)
        self.figure.add_artist(artist)

    def bar(self, x: float, y: float, width: float, height: float, fill: Fill) -> None:
        from matplotlib.patches import Rectangle

        shape = Rectangle((x, y), max(width, 0.2), height, facecolor=fill.colour, edgecolor=INK, linewidth=0.5)
        if fill.hatch:
            shape.set_hatch(fill.hatch)
        self._add(shape)

    def line(
        self, xs: Sequence[float], ys: Sequence[float], *, colour: str = INK, width: float = 0.8, style: Any = "-"
    ) -> None:
        from matplotlib.lines import Line2D

        self._add(Line2D(xs, ys, color=colour, linewidth=width, linestyle=style))

    def marks(self, points: Sequence[tuple[float, float]], *, shape: str, filled: bool, size: float) -> None:
        from matplotlib.lines import Line2D

        xs, ys = [x for x, _ in points], [y for _, y in points]
        colour = INK if filled else "#ffffff"
        edge = {"markeredgecolor": INK, "markeredgewidth": 0.8}
        self._add(Line2D(xs, ys, linestyle="", marker=shape, markersize=size, markerfacecolor=colour, **edge))  # type: ignore[arg-type]

    def text(self, x: float, y: float, text: str, *, size: float = _SIZE, align: str = "left", ground: bool = False) -> None:
        """Set one line with its middle at ``y``; ``ground`` clears the paper under it."""
        from matplotlib.patches import Rectangle
        from matplotlib.text import Text

        if ground:
            width = width_mm(text, size)
            left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
            self._add(Rectangle((left - 0.3, y - size * 0.19), width + 0.6, size * 0.38, facecolor="#ffffff", linewidth=0))
        base = y + size * _POINT_MM * 0.36  # half the height of a character above the line it stands on
        made = Text(x, base, text, fontproperties=_type(size), color=INK, ha=align, va="baseline", parse_math=False)
        self._add(made)

    def lines(self, x: float, y: float, lines: Sequence[str], *, size: float = _SIZE, align: str = "left") -> None:
        """Set lines with their common middle at ``y``."""
        top = y - (len(lines) - 1) / 2 * _pitch(size)
        for place, line in enumerate(lines):
            self.text(x, top + place * _pitch(size), line, size=size, align=align)

    def chart(self, *, salt: str) -> Chart:
        import matplotlib as mpl

        with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": salt, "hatch.linewidth": 0.6}):
            drawn = io.StringIO()
            self.figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return Chart(drawn.getvalue(), WIDTH_MM, self.height)


def _pitch(size: float) -> float:
    """Return the distance of lines in mm."""
    return size * _POINT_MM * 1.25


# ---- change over years ----------------------------------------------------------------------------------------------


def paired_bars(
    labels: Sequence[str], now: Sequence[Bar], before: Sequence[Bar], *, names: tuple[str, str], salt: str
) -> Chart:
    """Return horizontal pairs of bars: this period (dark) over the one before (light), each named at its bar.

    ``names`` are the two periods, this one first.
    """
    heads = [lines_of(label, _LABEL_MM) for label in labels]
    tops, height = _rows([max(11.5, len(lines) * _pitch(_SIZE) + 2) for lines in heads], gap=2.2)
    sheet = _Sheet(height)
    first = max(_widest(lines) for lines in heads) + 3
    left = first + _widest(names, _SMALL) + 2.5
    ends = _widest([bar.label for bar in (*now, *before)]) + 3
    scale = (WIDTH_MM - left - ends) / max([bar.value for bar in (*now, *before)] + [1e-9])
    for row, lines in enumerate(heads):
        top, size = tops[row]
        middle = top + size / 2
        sheet.lines(first - 2.5, middle, lines, align="right")
        for y, name, bar, fill in ((middle - 5.0, names[0], now[row], DARK), (middle + 0.4, names[1], before[row], LIGHT)):
            sheet.text(left - 1.5, y + 2.3, name, size=_SMALL, align="right")
            sheet.bar(left, y, bar.value * scale, 4.6, fill)
            sheet.text(left + max(bar.value * scale, 0.2) + 1.5, y + 2.3, bar.label)
    sheet.line([left, left], [1.5, height - 1.5], colour=RULE)
    return sheet.chart(salt=salt)


def _rows(heights: Sequence[float], *, gap: float, top: float = 2.0) -> tuple[list[tuple[float, float]], float]:
    """Return top and height of every row, and the height of the sheet that holds them."""
    made, y = [], top
    for height in heights:
        made.append((y, height))
        y += height + gap
    return made, y - gap + 2.0


@dataclass(frozen=True)
class Series:
    """One figure over years: its name and its points, None where a year is not known."""

    name: str
    points: Sequence[Bar | None]


_CURVE_MM = 26.0


def years(series: Sequence[Series], names: Sequence[str], *, from_zero: bool, salt: str) -> Chart:
    """Return a panel a figure, side by side on one scale: a line over the years with every value at its point.

    ``names`` are the years, oldest first, every one a step apart; a year between that is not known breaks the line.  ``from_zero``
    starts the scale there, as counts need; else it spans the values.
    """
    points = [bar for one in series for bar in one.points if bar is not None]
    step = max(_widest([bar.label for bar in points], _SMALL), _widest(names, _SMALL)) + 1.6
    across = max(1, min(len(series), int(WIDTH_MM // (step * len(names) + 2))))
    across = -(-len(series) // -(-len(series) // across))  # as even as they go
    width = WIDTH_MM / across
    step = min((width - 4) / len(names), 26.0)
    heads = [lines_of(one.name, width - 4) for one in series]
    deep = [max(len(head) for head in heads[place : place + across]) for place in range(0, len(series), across)]
    tops, height = _rows([lines * _pitch(_SIZE) + 5 + _CURVE_MM + 7 for lines in deep], gap=3.0)
    sheet = _Sheet(height)
    high = max(bar.value for bar in points)
    low = 0.0 if from_zero else min(bar.value for bar in points)
    low, high = (low, high) if high > low else (low, low + 1.0)
    margin = 0.0 if from_zero else (high - low) * 0.25
    low, high = low - margin, high + margin
    for place, one in enumerate(series):
        top, size = tops[place // across]
        left, base = (place % across) * width, top + size - 6.0
        middle = left + width / 2
        start = middle - step * (len(names) - 1) / 2
        sheet.lines(middle, top + deep[place // across] * _pitch(_SIZE) / 2, heads[place], align="center")
        sheet.line([start - step / 2 + 0.5, start + step * (len(names) - 0.5) - 0.5], [base, base], colour=RULE)
        spots: list[tuple[float, float] | None] = []
        for year, bar in enumerate(one.points):
            x = start + year * step
            sheet.line([x, x], [base, base + 1.0], colour=RULE)
            sheet.text(x, base + 3.6, names[year], size=_SMALL, align="center")
            spots.append(None if bar is None else (x, base - (bar.value - low) / (high - low) * _CURVE_MM))
        for first, second in pairwise(spots):
            if first is not None and second is not None:
                sheet.line([first[0], second[0]], [first[1], second[1]], colour=DARK.colour, width=1.4)
        known = [spot for spot in spots if spot is not None]
        for year, bar in enumerate(one.points):
            spot = spots[year]
            if bar is not None and spot is not None:
                sides = (left + 0.5, left + width - 0.5)
                x, y = _beside_course(spots, year, width=width_mm(bar.label, _SMALL), sides=sides, base=base)
                sheet.text(x, y, bar.label, size=_SMALL, align="center", ground=True)
        sheet.marks(known[:-1], shape="o", filled=False, size=4.0)
        sheet.marks(known[-1:], shape="o", filled=True, size=4.5)
    return sheet.chart(salt=salt)


def _beside_course(
    spots: Sequence[tuple[float, float] | None], place: int, *, width: float, sides: tuple[float, float], base: float
) -> tuple[float, float]:
    """Return the middle of a point's figure: over the point, under it where the line bends downwards, beside it where the line runs steeply.

    ``sides`` are the edges of the panel and ``base`` its axis.  Where every place is crossed, the one over or under the point is taken.
    """
    own = spots[place]
    assert own is not None
    beside = [spot for spot in (spots[place - 1] if place else None, *spots[place + 1 : place + 2]) if spot is not None]
    valley = bool(beside) and sum(y for _, y in beside) / len(beside) < own[1] - 0.01
    ways = [(0.0, 3.2), (0.0, -3.2)] if valley and base - own[1] > 6.5 else [(0.0, -3.2)]
    aside = width / 2 + 1.8
    ways += [(aside, -2.4), (-aside, -2.4), (aside, 2.4), (-aside, 2.4), (0.0, 3.2)]
    for across, down in ways:
        x, y = own[0] + across, own[1] + down
        box = Box(x - width / 2 - 0.3, y - 1.7, x + width / 2 + 0.3, y + 1.7)
        fits = sides[0] <= box.left and box.right <= sides[1] and box.top < base - 0.4
        if fits and not any(_crosses(own, other, box) for other in beside):
            return x, y
    return own[0] + ways[0][0], own[1] + ways[0][1]


def _crosses(one: tuple[float, float], other: tuple[float, float], box: Box) -> bool:
    """Return whether the way from one point to another runs through a box, up to a tenth of a millimetre of its edge."""
    steps = 60
    for step in range(steps + 1):
        x, y = (a + (b - a) * step / steps for a, b in zip(one, other, strict=True))
        if box.left < x < box.right and box.bottom < y < box.top:
            return True
    return False


# ---- against targets, and composition -------------------------------------------------------------------------------

_ENDS_MM = 46.0


def bars(labels: Sequence[str], values: Sequence[Bar], *, salt: str) -> Chart:
    """Return horizontal bars, one a label, in the order given."""
    return _bars(labels, values, [DARK] * len(values), marks=(), salt=salt)


@dataclass(frozen=True)
class Target:
    """What a bar is held against: the value with its words, and whether it is met (None where nobody knows)."""

    value: float
    label: str
    met: bool | None


def targets(labels: Sequence[str], values: Sequence[Bar], marks: Sequence[Target], *, salt: str) -> Chart:
    """Return bars with their targets: one dashed line where all share it, else a stroke a bar; hatched where the target is missed.

    The words of a target stand over the shared line, else behind the figure of their bar.
    """
    fills = [OPEN if mark.met is False else DARK for mark in marks]
    return _bars(labels, values, fills, marks=marks, salt=salt)


def _bars(labels: Sequence[str], values: Sequence[Bar], fills: Sequence[Fill], *, marks: Sequence[Target], salt: str) -> Chart:
    heads = [lines_of(label, _LABEL_MM) for label in labels]
    shared = bool(marks) and len({(mark.value, mark.label) for mark in marks}) == 1
    ends = [bar.label if shared or not marks else _bracketed(bar.label, marks[row].label) for row, bar in enumerate(values)]
    tails = [lines_of(end, _ENDS_MM) for end in ends]
    deep = [max(len(head), len(tail)) for head, tail in zip(heads, tails, strict=True)]
    top = 9.0 if shared else 2.0
    tops, height = _rows([max(5.6, lines * _pitch(_SIZE)) for lines in deep], gap=2.9, top=top)
    sheet = _Sheet(height)
    left = max(_widest(lines) for lines in heads) + 3
    longest = max([bar.value for bar in values] + [mark.value for mark in marks] + [1e-9])
    tail = max(_widest(lines) for lines in tails) + 4
    scale = (WIDTH_MM - left - tail) / longest
    for row, bar in enumerate(values):
        y, size = tops[row]
        middle = y + size / 2
        sheet.lines(left - 2, middle, heads[row], align="right")
        sheet.bar(left, middle - 2.7, bar.value * scale, 5.4, fills[row])
        end = left + max(bar.value * scale, 0.2)
        if marks:
            x = left + marks[row].value * scale
            if not shared:
                sheet.line([x, x], [middle - 3.6, middle + 3.6], colour="#ffffff", width=4.0)
                sheet.line([x, x], [middle - 3.6, middle + 3.6], width=2.2)
            if end < x < end + 2.5 + _widest(tails[row]):
                end = x  # behind the mark: it would run through the label
        sheet.lines(end + 1.5, middle, tails[row])
    sheet.line([left, left], [top - 1.5, height - 1], colour=RULE)
    if shared:
        x, wide = left + marks[0].value * scale, width_mm(marks[0].label, _SMALL)
        sheet.line([x, x], [top - 2, height - 1], colour="#ffffff", width=2.6)  # dark strokes on dark bars would not be seen
        sheet.line([x, x], [top - 2, height - 1], width=0.9, style=(0, (4, 3)))
        sheet.text(min(max(x, wide / 2 + 1), WIDTH_MM - wide / 2 - 1), 4.2, marks[0].label, size=_SMALL, align="center")
    return sheet.chart(salt=salt)


def _bracketed(text: str, note: str) -> str:
    return f"{text} ({note})" if note.isascii() else f"{text}（{note}）"


_BAR_MM = 11.0
_MOST_LINES = 3


def fits_whole(labels: Sequence[str], values: Sequence[Bar]) -> bool:
    """Return whether a sum can be one divided bar: few parts, none negative, and each wide enough for its own words below it."""
    total = sum(bar.value for bar in values)
    if not 2 <= len(values) <= len(PARTS) or total <= 0 or any(bar.value <= 0 for bar in values):
        return False
    for label, bar in zip(labels, values, strict=True):
        room = bar.value / total * (WIDTH_MM - 2) - 2
        lines = [line for text in (label, bar.label) for line in lines_of(text, room)]
        if len(lines) > _MOST_LINES or _widest(lines) > room:
            return False
    return True


def whole_bar(labels: Sequence[str], values: Sequence[Bar], *, salt: str) -> Chart:
    """Return one bar divided into parts from the left, the words of each below it.

    Raises:
        ValueError: the words have no room; see :func:`fits_whole`.
    """
    if not fits_whole(labels, values):
        raise ValueError("the parts have no room for their words; draw ordered bars")
    unit = (WIDTH_MM - 2) / sum(bar.value for bar in values)
    texts = []
    for label, bar in zip(labels, values, strict=True):
        room = bar.value * unit - 2
        texts.append([*lines_of(label, room), *lines_of(bar.label, room)])
    deep = max(map(len, texts))
    sheet = _Sheet(2.0 + _BAR_MM + 1.5 + deep * _pitch(_SIZE) + 1.5)
    x = 1.0
    for fill, bar, lines in zip(PARTS, values, texts, strict=False):
        width = bar.value * unit
        sheet.bar(x, 2.0, width, _BAR_MM, fill)
        sheet.lines(x + width / 2, 2.0 + _BAR_MM + 1.5 + len(lines) * _pitch(_SIZE) / 2, lines, align="center")
        x += width
    return sheet.chart(salt=salt)


# ---- many places: the funnel ----------------------------------------------------------------------------------------


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


_PLOT_MM = 62.0
_NAME_MM = 3.4
_MARK_MM = 1.3
_SHAPES = {1: "^", -1: "v", 0: "o"}


def funnel(plot: Plot, *, centre: tuple[float, str], axes: tuple[Axis, Axis], coverages: tuple[str, str], salt: str) -> Chart:
    """Return a funnel plot: units by denominator (across) and value (up), between control limits around ``centre``.

    ``centre`` is the overall value with its words, ``axes`` the one across and the one up, ``coverages`` the words of the inner and the
    outer limits.  Triangles point to the side on which a unit lies outside, filled where it is outside the outer limits; the rest are
    rings: the plot needs no colour.  A name with no room left is not printed.
    """
    room = _widest([text for _, text in axes[1].numbers], _SMALL)
    heads = lines_of(axes[1].title, WIDTH_MM - 4, _SMALL)
    feet = lines_of(axes[0].title, WIDTH_MM - 4, _SMALL)
    above, below = 3.0 + len(heads) * _pitch(_SMALL), 6.5 + len(feet) * _pitch(_SMALL)
    ends = lines_of(centre[1], 30.0, _SMALL)
    right = WIDTH_MM - 3.5 - max(_widest(ends, _SMALL), _widest(coverages, _SMALL))
    sheet = _Sheet(_PLOT_MM - 20 + above + below)
    # placement reckons upwards
    area = Box(6.0 + room, below, right, sheet.height - above)
    (least, most), (low, high) = plot.across, plot.up

    def x(total: float) -> float:
        return area.left + (total - least) / ((most - least) or 1.0) * (area.right - area.left)

    def y(value: float) -> float:
        return area.bottom + (value - low) / (high - low) * (area.top - area.bottom)

    def down(up: float) -> float:
        return sheet.height - up

    sheet.line([area.left, area.left, area.right], [down(edge) for edge in (area.top, area.bottom, area.bottom)], colour=RULE)
    last = -1e9
    for total, text in axes[0].numbers:
        sheet.line([x(total)] * 2, [down(area.bottom), down(area.bottom - 1.2)], colour=RULE)
        half = width_mm(text, _SMALL) / 2
        if x(total) - half > last + 1.5 and x(total) + half < WIDTH_MM:  # numbers that would touch leave one out
            sheet.text(x(total), down(area.bottom - 3.8), text, size=_SMALL, align="center")
            last = x(total) + half
    for value, text in axes[1].numbers:
        sheet.line([area.left - 1.2, area.left], [down(y(value))] * 2, colour=RULE)
        sheet.text(area.left - 2.2, down(y(value)), text, size=_SMALL, align="right")
    sheet.lines(
        (area.left + area.right) / 2, sheet.height - 0.8 - len(feet) * _pitch(_SMALL) / 2, feet, size=_SMALL, align="center"
    )
    sheet.lines(2.0, 0.6 + len(heads) * _pitch(_SMALL) / 2, heads, size=_SMALL)
    lines = _limit_lines(sheet, plot, x=x, y=y)
    sheet.line([area.left, area.right], [down(y(centre[0]))] * 2, width=0.7, style=(0, (6, 2, 1, 2)))
    lines.append(Box(area.left, y(centre[0]) - 0.4, area.right, y(centre[0]) + 0.4))
    deep = len(ends) * _pitch(_SMALL)
    heights = [y(centre[0]), *(y(plot.limits[-1][edge]) for edge in (3, 4))]
    sizes = [deep, _pitch(_SMALL), _pitch(_SMALL)]
    for height, words in zip(
        spread(heights, sizes, low=area.bottom, high=sheet.height - 1), (ends, *([c] for c in coverages)), strict=True
    ):
        sheet.lines(area.right + 1.5, down(height), words, size=_SMALL)
    for side, strong in ((0, False), (1, False), (-1, False), (1, True), (-1, True)):
        found = [(x(unit.total), down(y(unit.value))) for unit in plot.units if (unit.side, unit.strong) == (side, strong)]
        if found:
            sheet.marks(found, shape=_SHAPES[side], filled=strong, size=5.5 if side else 4.5)
    _names(sheet, [(x(unit.total), y(unit.value), unit.name) for unit in plot.units], area, lines)
    return sheet.chart(salt=salt)


def _limit_lines(sheet: _Sheet, plot: Plot, *, x: Callable[[float], float], y: Callable[[float], float]) -> list[Box]:
    """Draw the limits, the outer ones whole and the inner ones dashed, and return where they run."""
    xs = [x(row[0]) for row in plot.limits]
    found: list[Box] = []
    for place, style in ((1, "-"), (4, "-"), (2, (0, (4, 3))), (3, (0, (4, 3)))):
        ys = [y(row[place]) for row in plot.limits]
        sheet.line(xs, [sheet.height - up for up in ys], colour=DARK.colour, width=0.9, style=style)
        found += [Box.around(one, other, 0.4) for one, other in zip(xs, ys, strict=True)]
    return found


def _names(sheet: _Sheet, points: Sequence[tuple[float, float, str]], area: Box, lines: Sequence[Box]) -> None:
    """Print the names of points where there is room, with a leader to a point that is not close by."""
    named = [point for point in points if point[2]]
    marks = [Box.around(one, other, _MARK_MM) for one, other, _ in points]
    sizes = [(width_mm(name, _SMALL), _NAME_MM) for _, _, name in named]
    boxes = place_labels([point[:2] for point in named], sizes, inside=area, marks=marks, lines=lines)
    found = [(point, box) for point, box in zip(named, boxes, strict=True) if box is not None]
    for (one, other, _), box in found:  # every leader before the first name: none runs through the name of another
        near_x, near_y = min(max(one, box.left), box.right), min(max(other, box.bottom), box.top)
        if abs(near_x - one) + abs(near_y - other) > 2.5:
            sheet.line([one, near_x], [sheet.height - other, sheet.height - near_y], width=0.5)
    for (_, _, name), box in found:
        sheet.text(box.left, sheet.height - (box.bottom + box.top) / 2, name, size=_SMALL, ground=True)


# ---- few places, several rates --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spot:
    """One place in one panel: its value, the text printed at it, and the side of the limits it is on, as in :class:`Unit`."""

    value: float
    label: str
    side: int = 0
    strong: bool = False


@dataclass(frozen=True)
class Panel:
    """One rate over the places: its name, the whole's value with its words, and a spot a place, None where it has no value."""

    name: str
    centre: tuple[float, str]
    spots: Sequence[Spot | None]


def members(names: Sequence[str], panels: Sequence[Panel], *, salt: str) -> Chart:
    """Return a panel a rate, side by side: a row a place, its value beside a line at that of the whole.

    Each panel has its own scale, and every value is printed: panels compare the order of places, not lengths.  A dash stands for no value.
    """
    left = max(_widest(lines_of(name, 34.0)) for name in names) + 3
    labels = [spot.label for panel in panels for spot in panel.spots if spot is not None]
    tail = _widest(labels, _SMALL) + 3
    fewest = 2 * tail + 16  # the marks need some way to go
    across = max(1, min(len(panels), int((WIDTH_MM - left) // fewest)))
    across = -(-len(panels) // -(-len(panels) // across))
    width = (WIDTH_MM - left) / across
    rows = [max(5.4, len(lines_of(name, 34.0)) * _pitch(_SIZE)) for name in names]
    heads = [lines_of(panel.name, width - 3, _SMALL) for panel in panels]
    feet = [lines_of(panel.centre[1], width - 3, _SMALL) for panel in panels]
    groups = [range(place, min(place + across, len(panels))) for place in range(0, len(panels), across)]
    deep = [max(len(heads[one]) + len(feet[one]) for one in group) for group in groups]
    tops, height = _rows([lines * _pitch(_SMALL) + 2 + sum(rows) for lines in deep], gap=4.0)
    sheet = _Sheet(height)
    for (top, _), group, lines in zip(tops, groups, deep, strict=True):
        base = top + lines * _pitch(_SMALL) + 2
        edges = [base + sum(rows[:place]) for place in range(len(rows) + 1)]
        for name, edge, size in zip(names, edges, rows, strict=False):
            sheet.lines(left - 2, edge + size / 2, lines_of(name, 34.0), align="right")
        for edge in edges:
            sheet.line([left, left + len(group) * width - 2], [edge, edge], colour=RULE, width=0.35)
        for column, one in enumerate(group):
            _panel(
                sheet,
                panels[one],
                [*heads[one], *feet[one]],
                left=left + column * width,
                width=width - 2,
                tail=tail,
                top=top,
                edges=edges,
            )
    return sheet.chart(salt=salt)


def _panel(
    sheet: _Sheet,
    panel: Panel,
    head: Sequence[str],
    *,
    left: float,
    width: float,
    tail: float,
    top: float,
    edges: Sequence[float],
) -> None:
    """Draw one panel of :func:`members`: its words, the line of the whole, and a mark with its value a row."""
    known = [spot.value for spot in panel.spots if spot is not None]
    reach = max([abs(value - panel.centre[0]) for value in known] + [1e-9])
    middle, half = left + width / 2, width / 2 - tail
    sheet.lines(middle, top + len(head) * _pitch(_SMALL) / 2, head, size=_SMALL, align="center")
    sheet.line([middle, middle], [edges[0], edges[-1]], width=0.7, style=(0, (6, 2, 1, 2)))
    for spot, (upper, lower) in zip(panel.spots, pairwise(edges), strict=True):
        if spot is None:
            sheet.text(middle, (upper + lower) / 2, "—", size=_SMALL, align="center", ground=True)
            continue
        x, y = middle + (spot.value - panel.centre[0]) / reach * half, (upper + lower) / 2
        sheet.marks([(x, y)], shape=_SHAPES[spot.side], filled=spot.strong, size=5.5 if spot.side else 4.5)
        right = spot.value >= panel.centre[0]  # away from the line
        sheet.text(x + (2.0 if right else -2.0), y, spot.label, size=_SMALL, align="left" if right else "right")
