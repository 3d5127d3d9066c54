"""Where names and numbers stand in a plot: labels beside their points without overprinting, and round numbers along an axis.

Plain geometry in one unit of length, the same answer every time; what is drawn is the business of :mod:`nianbao.charts`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_DISTANCES = (1.6, 3.0, 5.0, 7.5, 10.0, 13.0, 17.0, 22.0)
_NEAR = 7.5
"""A name this far off is still seen to belong to its point; a longer leader is worse than a line under the name."""
_DIRECTIONS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1))
"""Tried in this order: a name is looked for right of its point first."""
_STEPS = (Fraction(1), Fraction(2), Fraction(5))


@dataclass(frozen=True)
class Box:
    """A rectangle by its left, lower, right and upper edge."""

    left: float
    bottom: float
    right: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Return whether the two share more than an edge."""
        apart = self.right <= other.left or other.right <= self.left or self.top <= other.bottom or other.top <= self.bottom
        return not apart

    def holds(self, other: Box) -> bool:
        """Return whether ``other`` lies wholly inside."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.bottom <= other.bottom and other.top <= self.top

    @staticmethod
    def around(x: float, y: float, half: float) -> Box:
        """Return the square of twice ``half`` about a point."""
        return Box(x - half, y - half, x + half, y + half)


def place_labels(
    points: Sequence[tuple[float, float]],
    sizes: Sequence[tuple[float, float]],
    *,
    inside: Box,
    marks: Sequence[Box],
    lines: Sequence[Box] = (),
) -> tuple[Box | None, ...]:
    """Return a box for the label of every point, ``sizes`` wide and high; None where there is no room.

    No box leaves ``inside``, touches a mark or another label.  Near boxes free of ``lines`` are taken first, then near ones over a line,
    then farther ones, free before not.  Points are served in the order given, so the same plot always looks the same.
    """
    placed: list[Box] = []
    made: list[Box | None] = []
    for (x, y), (width, height) in zip(points, sizes, strict=True):
        options = [(_beside(x, y, width, height, way, away), away) for away in _DISTANCES for way in _DIRECTIONS]
        open_ = [(box, away) for box, away in options if inside.holds(box) and not any(map(box.overlaps, (*marks, *placed)))]
        ordered = sorted(open_, key=lambda one: (one[1] > _NEAR, any(map(one[0].overlaps, lines))))  # stable: near before far
        chosen = ordered[0][0] if ordered else None
        placed += [chosen] if chosen is not None else []
        made.append(chosen)
    return tuple(made)


def _beside(x: float, y: float, width: float, height: float, way: tuple[int, int], distance: float) -> Box:
    across, up = way
    reach = distance / math.hypot(across, up)
    left = x + across * reach - (width if across < 0 else width / 2 if across == 0 else 0.0)
    bottom = y + up * reach - (height if up < 0 else height / 2 if up == 0 else 0.0)
    return Box(left, bottom, left + width, bottom + height)


def ticks(low: float, high: float, *, most: int) -> tuple[Fraction, ...]:
    """Return the round numbers between ``low`` and ``high``, at most ``most``: multiples of 1, 2 or 5 times a power of ten.

    Raises:
        ValueError: the range is empty, or fewer than two numbers are asked for.
    """
    if not low < high or most < 2:
        raise ValueError(f"no axis from {low} to {high} with {most} numbers")
    power = Fraction(10) ** (math.floor(math.log10((high - low) / most)) - 1)
    while True:
        for step in (power * factor for factor in _STEPS):
            first, last = math.ceil(Fraction(low) / step), math.floor(Fraction(high) / step)
            if last - first < most:
                return tuple(step * place for place in range(first, last + 1))
        power *= 10


def spread(heights: Sequence[float], sizes: Sequence[float], *, low: float, high: float) -> list[float]:
    """Return the middles of labels of ``sizes`` near their ``heights``, none touching another, all between ``low`` and ``high``.

    They keep their order, the given one among equals; where all together are higher than the room, they start at ``low``.
    """
    order = sorted(range(len(heights)), key=lambda place: heights[place])
    middles = dict.fromkeys(order, 0.0)
    edge = low
    for place in order:
        middles[place] = max(heights[place], edge + sizes[place] / 2)
        edge = middles[place] + sizes[place] / 2
    edge = high
    for place in reversed(order):
        middles[place] = min(middles[place], edge - sizes[place] / 2)
        edge = middles[place] - sizes[place] / 2
    if order and middles[order[0]] - sizes[order[0]] / 2 < low:
        edge = low
        for place in order:
            middles[place] = edge + sizes[place] / 2
            edge += sizes[place]
    return [middles[place] for place in range(len(heights))]
