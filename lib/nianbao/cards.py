"""The cards of a page: what a figure says when it is clicked, arithmetic and source cells, few enough bytes for the largest report.

The aspects of one figure (its value, parts and interval) share a card, and so do the same figures of all villages or towns: the
name and the period stand once, a line a place below them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nianbao.origins import Shown, has_more, numbers, of_a_place, quoted, role_words

_FAMILY = ("value", "numerator", "denominator", "lower", "upper")
"""Roles that come of the same cells, in the order a card tells them."""
_LIMITS = ((8, 12), (4, 6), (2, 3), (1, 2), (1, 1))
"""How many cells a figure quotes with their text, and how many further runs of cells it names: tried in this order."""
_TIGHT = _LIMITS[3:]
"""With these, long sums of single villages and towns are shortened as well."""
_LONG_SUM = 4
_BYTES = (70, 21)
"""About what a figure and a quoted address take in a page."""


@dataclass(frozen=True)
class Entry:
    """One figure of a card: its name where the title does not say it, its values with the arithmetic, its sources."""

    label: str
    values: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    """File and sheet, and the cells with what stands in them."""


@dataclass(frozen=True)
class Card:
    """What stands under a clicked figure; ``reference`` is what ``nianbao trace`` calls it, with its numbers in the printed index."""

    identifier: str
    title: str
    period: str
    shared: str
    """Sheet, or file and sheet, of every source below."""
    entries: tuple[Entry, ...]
    reference: str

    def texts(self) -> tuple[str, ...]:
        """Return every text of the card."""
        found = [self.title, self.period, self.shared, self.reference]
        for entry in self.entries:
            found += [entry.label, *entry.values, *(word for pair in entry.sources for word in pair)]
        return tuple(filter(None, found))


def cards(found: Mapping[str, Shown], *, further: str, comma: str, room_bytes: int) -> tuple[list[Card], dict[str, str]]:
    """Return the cards of a page in order of first print, and the identifier of each fact's card.

    Where all that could be quoted has no room, every card quotes fewer cells and counts the rest; where even that has none, figures
    of single villages and towns name their sheet only.  All cells stand in ``facts.csv``.
    ``further`` introduces the count of cells; ``comma`` stands between cells; ``room_bytes`` is what all cards may take.
    """
    shown = {one.number: one for one in found.values()}.values()
    groups: dict[tuple[str, ...], list[Shown]] = {}
    for one in shown:
        groups.setdefault(_key(one), []).append(one)
    generic = {(one.indicator, _apart(one.dims)[0]): one.name for one in shown if _plain_value(one)}
    room = (room_bytes - _BYTES[0] * len(shown)) // _BYTES[1]
    limits = next((pair for pair in _LIMITS if sum(min(len(one.sources), sum(pair)) for one in shown) <= room), None)
    made = [_card(group, generic, limits=limits, further=further, comma=comma) for group in groups.values()]
    where = {fact: f"o{group[0].number}" for group in groups.values() for one in group for fact in one.facts}
    return made, where


def _plain_value(one: Shown) -> bool:
    return one.role == "value" and not of_a_place(one.dims)


def _apart(dims: str) -> tuple[str, str]:
    """Return dims without the village or town, and the village or town."""
    pairs = dims.split(";")
    places = [pair for pair in pairs if of_a_place(pair)]
    return ";".join(pair for pair in pairs if pair not in places), ";".join(places)


def _key(one: Shown) -> tuple[str, ...]:
    """Return what figures of one card have in common."""
    dims, place = _apart(one.dims)
    if one.role in _FAMILY:
        return (one.indicator, dims, one.period, "places" if place else "figure")
    return (str(one.number),)


def _card(
    group: Sequence[Shown], generic: Mapping[tuple[str, str], str], *, limits: tuple[int, int] | None, further: str, comma: str
) -> Card:
    figures: dict[str, list[Shown]] = {}
    for one in group:
        figures.setdefault(one.dims, []).append(one)
    first = _leading(group)
    title = generic.get((first.indicator, _apart(first.dims)[0]), "") if of_a_place(first.dims) else first.name
    entries = []
    for members in figures.values():
        lead = _leading(members)
        entries.append(_entry(members, label=_label(lead.name, title), limits=limits, further=further, comma=comma))
    told = comma.join(numbers(one.number for one in group)) if first.reference else ""
    shared = _shared([place for entry in entries for place, cells in entry.sources if cells]) if len(entries) > 1 else ""
    if limits is None and len(entries) > 1 and shared:
        entries = [replace(entry, sources=()) for entry in entries]
    return Card(
        identifier=f"o{group[0].number}",
        title=title,
        period=first.period,
        shared=shared,
        entries=tuple(replace(entry, sources=_without(entry.sources, shared)) for entry in entries),
        reference=f"№ {told} · {first.reference}" if told else "",
    )


def _order(one: Shown) -> tuple[int, int]:
    return (_FAMILY.index(one.role) if one.role in _FAMILY else 0, one.number)


def _leading(group: Sequence[Shown]) -> Shown:
    return min(group, key=_order)


def _label(name: str, title: str) -> str:
    """Return what of a figure's name its card's title does not say: 青石镇 of 青石镇常住人口."""
    if not title or title not in name:
        return name
    rest = name.replace(title, "", 1).strip(" ，,、:：")
    return rest[1:-1] if rest[:1] in "（(" and rest[-1:] in "）)" else rest


def _entry(members: Sequence[Shown], *, label: str, limits: tuple[int, int] | None, further: str, comma: str) -> Entry:
    lead = _leading(members)
    tight = limits is None or limits in _TIGHT
    values: list[str] = []
    for one in sorted(members, key=_order):
        working = _shortened(one.working) if tight and of_a_place(one.dims) else one.working
        worked = f"{one.display} = {working}" if working else one.display
        if one is lead:
            values.append(worked)
        elif one.display not in values[0].split(" "):  # a part the arithmetic names is not said again
            values.append(f"{role_words(one, lead.name)}{worked}")
    sources = tuple(dict.fromkeys(pair for one in (lead, *members) for pair in one.sources))
    listed: dict[str, list[str]] = {}
    cells, runs = limits or _LIMITS[-1]
    for place, words in quoted(sources, cells=cells, runs=runs):
        listed.setdefault(place, []).append(words)
    lines = [(place, comma.join(filter(None, words))) for place, words in listed.items()]
    if has_more(sources, cells=cells, runs=runs):
        lines.append((f"{further}{len(sources)}", ""))
    return Entry(label=label, values=tuple(dict.fromkeys(values)), sources=tuple(lines))


def _shortened(working: str) -> str:
    """Return a long sum by its first two parts and its last: the range of cells below says how many there are."""
    parts = working.split(" + ")
    simple = len(parts) > _LONG_SUM and all(part.replace(".", "").isdigit() for part in parts)
    return f"{parts[0]} + {parts[1]} + … + {parts[-1]}" if simple else working


def _shared(places: Sequence[str]) -> str:
    """Return the file and sheet, or the sheet alone, that all sources of a card are in; nothing where they differ."""
    if not places:
        return ""
    if len(set(places)) == 1:
        return places[0]
    sheets = {place.partition("!")[2] for place in places}
    return sheets.pop() if len(sheets) == 1 else ""


def _without(sources: Sequence[tuple[str, str]], shared: str) -> tuple[tuple[str, str], ...]:
    """Return sources without the words that stand at the head of the card."""
    return tuple((place.removesuffix(shared) if cells else place, cells) for place, cells in sources)
