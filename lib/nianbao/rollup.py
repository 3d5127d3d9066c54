"""A county from its towns: what each member has as a whole becomes a figure of the county, of that town, with all its cells.

Only counts, stocks, amounts, tasks and products of a count and a standard are handed up and summed.  A rate is divided again from
summed numerators and denominators; a rate a town reports without its counts stands beside the town and is never averaged; texts,
standards and targets stay where they are.  A weight all members give alike is the county's too, so that its composite is made of its
own ratios and never of its towns' composites.  A sum needs every member: one that is silent leaves it missing, and is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nianbao.catalogue import (
    PLACES,
    QUOTIENTS,
    Catalogue,
    Element,
    Indicator,
    Label,
    Method,
    Nature,
    Township,
    load_township,
)
from nianbao.errors import Cell, Finding, ParamsError, Severity, did_you_mean
from nianbao.fields import Dims
from nianbao.indicators import Result, whole_levels, with_place
from nianbao.observation import Observation
from nianbao.periods import Period
from nianbao.project import township_keys
from nianbao.returnsheet import COVER_SHEET
from nianbao.values import BLANK, EXACT, Status

_NAMED = 3
"""How many figures a finding names before it only counts them."""
_Key = tuple[str, Dims, int]


@dataclass(frozen=True)
class Member:
    """One part of a county: its params, where its return lies or would lie, and what its returns give, the current one first.

    ``observations`` is None where no return was handed in.
    """

    township: Township
    file: str
    catalogue: Catalogue
    observations: tuple[Observation, ...] | None
    behind: Behind = field(default_factory=dict)
    """What its own members handed up to it."""


@dataclass(frozen=True)
class HandedUp:
    """A figure as the member has it: the result with its parts, in the words of the member's own params."""

    member: Member
    result: Result


Behind = Mapping[tuple[str, Dims, tuple[Cell, ...]], HandedUp]
"""What stands behind each figure a county has of a member, by entry, dimension values with the member, and cells."""


def members_of(root: Path, township: Township) -> tuple[Township, ...]:
    """Return the params of the places a township is the sum of, in its order; nothing for a place without members.

    Raises:
        ParamsError: a member does not exist, or the way down leads back to a place it came from; the message names the nearest key.
    """
    _descend(root, township, (township.key,))
    return tuple(load_township(root, key) for key in township.members)


def _descend(root: Path, township: Township, way: tuple[str, ...]) -> None:
    known = township_keys(root)
    for key in township.members:
        if key not in known:
            raise ParamsError(
                f"params/townships/{township.key}.yml: members: no township {key!r}{did_you_mean(key, known)}; "
                "name a file of params/townships, or add it"
            )
        if key in way:
            raise ParamsError(
                f"params/townships/{township.key}.yml: members: {key!r} holds {township.key!r} itself "
                f"({' → '.join((*way[way.index(key) :], key))}); a place cannot be part of its own part"
            )
        _descend(root, load_township(root, key), (*way, key))


def opened_to_members(catalogue: Catalogue, members: Sequence[Township]) -> Catalogue:
    """Return the catalogue of a county: what opens to villages in a town opens to towns, and so do tasks, which towns are set too."""
    tasks = {
        term.entry
        for entry in catalogue.entries.values()
        if isinstance(entry, Indicator) and entry.method is Method.COMPLETION
        for terms in (entry.denominator, *(case.denominator for case in entry.cases))
        for term in terms
    }
    entries = {
        key: _opened(entry, summed=key in tasks or _additive(entry, catalogue)) for key, entry in catalogue.entries.items()
    }
    spec = catalogue.dimensions["township"]
    names = {member.key: Label(zh=member.zh, en=member.en) for member in members}
    above = any(member.members for member in members)
    words = {"zh": (above and spec.above_zh) or spec.zh, "en": (above and spec.above_en) or spec.en}
    dimensions = {**catalogue.dimensions, "township": spec.model_copy(update={"values": names, **words})}
    return replace(catalogue, entries=entries, dimensions=dimensions)


def _additive(entry: Element | Indicator, catalogue: Catalogue) -> bool:
    """True for what towns add up to: a count times a standard is an amount; a rate times a weight is none, whatever its unit."""
    if isinstance(entry, Indicator):
        factors = [term.entry for terms in (entry.numerator, *(case.numerator for case in entry.cases)) for term in terms]
        rates = [name for name in factors if getattr(catalogue.entries[name], "method", None) in QUOTIENTS]
        counted = entry.method is Method.PRODUCT and not rates
    else:
        counted = entry.nature in (Nature.FLOW, Nature.STOCK, Nature.AMOUNT)
    return counted and catalogue.units[entry.unit].additive


def _opened(entry: Element | Indicator, *, summed: bool) -> Element | Indicator:
    dims = {key: values for key, values in entry.dims.items() if key not in PLACES}
    opened = {**dims, "township": ("*",)}
    labels = {name: getattr(entry, name).replace("{village}", "{township}") for name in ("label_zh", "label_en")}
    if isinstance(entry, Indicator):
        follows = entry.method in QUOTIENTS or (entry.method is Method.PRODUCT and summed)
        return entry.model_copy(update={"dims": opened if follows else dims, **labels})
    partitions = {key: sets for key, sets in entry.partitions.items() if key not in PLACES}
    if not summed:
        return entry.model_copy(update={"dims": dims, "partitions": partitions, **labels})
    # the towns come first: a part that one town left out must not hide the sum of the towns' totals
    return entry.model_copy(update={"dims": opened, "partitions": {"township": (("*",),), **partitions}, **labels})


def closed(catalogue: Catalogue) -> Catalogue:
    """Return the catalogue a county's own return is read with: what is of one town comes from that town's return alone."""
    entries = {
        key: entry.model_copy(update={"dims": {name: values for name, values in entry.dims.items() if name not in PLACES}})
        for key, entry in catalogue.entries.items()
    }
    return replace(catalogue, entries=entries)


@dataclass(frozen=True)
class RollUp:
    """What members give their county: figures with the member as dimension ``township``, and what keeps sums from being made."""

    observations: tuple[Observation, ...]
    findings: tuple[Finding, ...]
    behind: Behind


def roll_up(members: Sequence[Member], *, catalogue: Catalogue, township: Township, year: int) -> RollUp:
    """Return the figures of ``members`` as observations of ``township``, and a finding a member that is silent.

    ``catalogue`` is the county's own (:func:`opened_to_members`).  Where one member has a figure and another has none, the other's
    is entered as missing, so that the county's sum is missing and says whose figure it lacks.
    """
    given: dict[str, dict[_Key, Observation]] = {}
    behind: dict[tuple[str, Dims, tuple[Cell, ...]], HandedUp] = {}
    for member in members:
        own = given[member.township.key] = {}
        for key, item, result in _handed_up(member, catalogue, township, year):
            own[key] = item
            behind[item.entry, item.dims, item.cells] = HandedUp(member, result)
    known: dict[_Key, Observation] = {}
    for found in given.values():
        for key, item in found.items():
            if item.value is not None and not _bare_rate(item, catalogue):
                known.setdefault(key, item)
    for member in members:
        own = given[member.township.key]
        for key, item in known.items():
            if key not in own:
                own[key] = _absent(item, member, township)
    silences = _Silences(members, given, known, catalogue, year)
    summed = tuple(item for found in given.values() for item in found.values())
    return RollUp((*summed, *_shared_weights(members, catalogue)), tuple(silences.findings()), behind)


def _shared_weights(members: Sequence[Member], catalogue: Catalogue) -> Iterator[Observation]:
    """Yield what every member gives alike of the standards in products that are not summed, as figures of the whole.

    Members that differ, or one that gives none, leave the weight to the county's own return.
    """
    weights = {
        term.entry
        for entry in catalogue.entries.values()
        if isinstance(entry, Indicator) and entry.method is Method.PRODUCT and not _additive(entry, catalogue)
        for terms in (entry.numerator, *(case.numerator for case in entry.cases))
        for term in terms
        if getattr(catalogue.entries[term.entry], "nature", None) is Nature.STANDARD
    }
    found: list[dict[tuple[str, Dims, Period], Observation]] = []
    for member in members:
        given = [item for item in member.observations or () if item.entry in weights and item.status in EXACT]
        found.append({(item.entry, item.dims, item.period): item for item in reversed(given)})
    for key, first in found[0].items() if found else ():
        alike = [own[key] for own in found if key in own and own[key].value == first.value]
        if len(alike) == len(members):
            cells = dict.fromkeys(cell for item in alike for cell in item.cells)
            yield replace(first, note="", further=tuple(cells)[1:])


def _handed_up(
    member: Member, catalogue: Catalogue, township: Township, year: int
) -> Iterator[tuple[_Key, Observation, Result]]:
    observations = member.observations or ()
    for before in sorted({item.period.year for item in observations}, reverse=True):
        # only the year itself needs the others: what a pooled ratio is made of stands in them
        needed = observations if before == year else tuple(item for item in observations if item.period.year == before)
        for result in whole_levels(needed, catalogue=member.catalogue, township=member.township, year=before):
            entry = catalogue.entries[result.entry.id]
            rate = isinstance(entry, Indicator) and entry.method in QUOTIENTS
            if "township" in entry.dims and (not rate or (before == year and _reported_alone(result))):
                yield (result.entry.id, result.dims, before), _of_member(result, member, township), result


def _reported_alone(result: Result) -> bool:
    return result.value is not None and (result.numerator is None or result.denominator is None)


def _bare_rate(item: Observation, catalogue: Catalogue) -> bool:
    entry = catalogue.entries[item.entry]
    return isinstance(entry, Indicator) and entry.method in QUOTIENTS


def _of_member(result: Result, member: Member, township: Township) -> Observation:
    cover = Cell(member.file, COVER_SHEET, "A1")
    first, *further = result.cells or (cover,)
    return Observation(
        entry=result.entry.id,
        dims=with_place(result.dims, member.township.key, township=township),
        period=result.period,
        value=result.value,
        status=result.status,
        unit=result.unit,
        unit_word=result.unit_word,
        raw=result.raw,
        note="",
        cell=first,
        further=tuple(further),
    )


def _absent(like: Observation, member: Member, township: Township) -> Observation:
    dims = tuple(pair for pair in like.dims if pair[0] not in PLACES)
    return replace(
        like,
        dims=with_place(dims, member.township.key, township=township),
        value=None,
        status=Status.MISSING,
        raw="",
        cell=Cell(member.file, COVER_SHEET, "A1"),
        further=(),
    )


class _Silences:
    """What of the year keeps the county's sums from being made: one finding a member, one for unlike windows."""

    def __init__(
        self,
        members: Sequence[Member],
        given: Mapping[str, Mapping[_Key, Observation]],
        known: Mapping[_Key, Observation],
        catalogue: Catalogue,
        year: int,
    ) -> None:
        self.members, self.given, self.catalogue = members, given, catalogue
        self.known = [key for key in known if key[2] == year]

    def findings(self) -> Iterator[Finding]:
        for member in self.members:
            if member.observations is None:
                yield self.without_return(member)
            else:
                yield from self.without_figures(member)
        yield from self.unlike_windows()

    def without_return(self, member: Member) -> Finding:
        place = member.township
        return Finding(
            "member-without-return",
            Severity.WARN,
            (Cell(member.file, COVER_SHEET, "A1"),),
            f"{place.zh}没有报送年报数据，各项数据不能合计",
            f"{place.en} handed in no return, so nothing can be summed",
            f"请{place.zh}补报（{member.file}）",
            f"ask {place.en} for it ({member.file})",
        )

    def without_figures(self, member: Member) -> Iterator[Finding]:
        own = self.given[member.township.key]
        silent = [key for key in self.known if own[key].status in BLANK]
        # a total that lacks a part is named by that part, not counted beside it
        silent = [key for key in silent if not any(one[0] == key[0] and set(key[1]) < set(one[1]) for one in silent)]
        if not silent:
            return
        place, count = member.township, str(len(silent))
        yield Finding(
            "member-missing",
            Severity.WARN,
            tuple(dict.fromkeys(own[key].cell for key in silent)),
            f"{place.zh}有{{count}}项其他单位已填报的数据没有填报或不能合计：{self.named(silent, 'zh')}；这些数据不能汇总",
            f"{place.en} lacks {{count}} figures that others have: {self.named(silent, 'en')}; these have no sum",
            f"请{place.zh}补报；确实没有的填0",
            f"ask {place.en} to report them; write 0 where there is none",
            "",
            {"count": count},
        )

    def unlike_windows(self) -> Iterator[Finding]:
        unlike: list[_Key] = []
        cells: dict[Cell, None] = {}
        for key in self.known:
            periods: dict[Period, Cell] = {}
            for found in self.given.values():
                if found[key].status not in BLANK:
                    periods.setdefault(found[key].period, found[key].cell)
            if len(periods) > 1:
                unlike.append(key)
                cells |= dict.fromkeys(periods.values())
        if unlike:
            yield Finding(
                "member-windows",
                Severity.WARN,
                tuple(cells),
                f"有{{count}}项数据各单位的统计期间不一致，不能合计：{self.named(unlike, 'zh')}",
                f"{{count}} figures cover unlike periods and have no sum: {self.named(unlike, 'en')}",
                "请各单位按同一统计期间填报",
                "have all report the same period",
                "",
                {"count": str(len(unlike))},
            )

    def named(self, keys: Sequence[_Key], lang: str) -> str:
        """Return the first of the figures by name; totals come before their parts."""
        names = []
        for entry_id, dims, _ in sorted(keys, key=lambda key: len(key[1]))[:_NAMED]:
            entry = self.catalogue.entries[entry_id]
            words = [self.catalogue.dim_label(name, value, lang=lang) for name, value in dims if name != "unit"]
            if lang == "zh":
                names.append(f"{entry.zh}（{'、'.join(words)}）" if words else entry.zh)
            else:
                names.append(f"{entry.en} ({', '.join(words)})" if words else entry.en)
        more = len(keys) > _NAMED
        return "、".join(names) + ("等" if more else "") if lang == "zh" else ", ".join(names) + (" and others" if more else "")
