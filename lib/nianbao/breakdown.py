"""The parts of a count in the order a table lists them: the total, then one dimension after another, crossed parts apart.

An element counted by parity and by sex is broken down more than once, and its parts overlap.  Listed in one row after another they
look like one breakdown; so every dimension gets a block of its own, a group (second and later births) stands before what it is made
of, and what is broken down by two dimensions at once goes into a table of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nianbao.catalogue import Element
from nianbao.indicators import Result


@dataclass(frozen=True)
class Part:
    """A part of a count; ``depth`` 1 for one that a group before it includes, else 0."""

    result: Result
    depth: int = 0


@dataclass(frozen=True)
class Breakdown:
    """The results of one element: totals, its parts by dimension, those by two dimensions at once, and all others.

    ``others`` are broken down by something the catalogue gives no complete sets of parts for (a list of goods, earlier years).
    """

    totals: tuple[Result, ...]
    blocks: tuple[tuple[str, tuple[Part, ...]], ...]
    crossed: tuple[Result, ...]
    others: tuple[Result, ...]


def values_in_order(element: Element, dim: str, values: Iterable[str]) -> list[tuple[str, int]]:
    """Return values of a dimension with their depth: as the catalogue lists them, a group before its members."""
    given = set(values)
    groups = {group: [one for one in members if one in given] for group, members in element.groups.get(dim, {}).items()}
    inside = {one: group for group, members in groups.items() if group in given for one in members}
    listed = [one for one in element.dims[dim] if one in given]
    ordered: list[tuple[str, int]] = []
    for one in listed:
        group = inside.get(one, one)
        if (group, 0) not in ordered:
            ordered += [(group, 0), *((member, 1) for member in groups.get(group, ()))]
    return ordered


def whole_set(element: Element, dim: str, values: Iterable[str]) -> list[str]:
    """Return the finest complete set of parts that ``values`` hold, [] when they hold none."""
    given = set(values)
    found = [list(parts) for parts in element.partitions.get(dim, ()) if given.issuperset(parts)]
    return max(found, key=len, default=[])


def break_down(element: Element, results: Sequence[Result]) -> Breakdown:
    """Return the results of ``element`` sorted into total, blocks, crossed parts and others; none is lost."""
    dims = [name for name in element.dims if any("*" not in parts for parts in element.partitions.get(name, ()))]
    totals = tuple(item for item in results if not item.dims)
    blocks = []
    for dim in dims:
        own = {dict(item.dims)[dim]: item for item in results if [name for name, _ in item.dims] == [dim]}
        if own:
            blocks.append((dim, tuple(Part(own[value], depth) for value, depth in values_in_order(element, dim, own))))
    crossed = tuple(item for item in results if len(item.dims) == 2 and all(name in dims for name, _ in item.dims))
    placed = {item.dims for item in (*totals, *crossed)} | {part.result.dims for _, parts in blocks for part in parts}
    return Breakdown(totals, tuple(blocks), crossed, tuple(item for item in results if item.dims not in placed))
