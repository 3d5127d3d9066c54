"""Which village a row label means: by exact name, by alias, or by the same name with another official suffix, and by nothing else.

In one township of ten the stem of one village's name stands inside another's, and in one of twenty a village and a residents' community
share a stem.  A label is therefore never matched by a part of a name, nor by its stem alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nianbao.catalogue import Township
from nianbao.errors import nearest
from nianbao.layouts.forms import word

_RURAL = ("村", "村委会", "村委", "村民委员会", "行政村", "村村委会", "村村民委员会")
_URBAN = ("社区", "居委会", "居委", "居民委员会", "社区居委会", "社区居委", "社区居民委员会")
_CLINIC = ("卫生室", "卫生所", "卫生站", "卫生服务站", "村卫生室", "村卫生所", "社区卫生服务站", "社区卫生室")
_LISTED = re.compile(r"^(?:\d{1,3}[.、)]|[一二三四五六七八九十]{1,3}[、.]|\(\d{1,3}\))(?=\D)")


@dataclass(frozen=True)
class Place:
    """A village, grid or own unit: the value of its dimension, and the names it goes by."""

    key: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Match:
    """What a label was found to mean: the key of a place, or ``""`` with the nearest name, or several keys when it fits more."""

    key: str = ""
    nearest: str = ""
    several: tuple[str, ...] = ()


def places_of(township: Township, *, aliases: Mapping[str, Sequence[str]] | None = None) -> tuple[Place, ...]:
    """Return the villages of a township with their names in both languages and the aliases given by village key, then its own units."""
    more = aliases or {}
    villages = (Place(village.key, (village.zh, village.en, *more.get(village.key, ()))) for village in township.villages)
    return (*villages, *(Place(unit.key, (unit.zh, unit.en, *unit.aliases)) for unit in township.own_units))


def match_place(label: str, places: Sequence[Place], *, clinics: bool = False) -> Match:
    """Return the place a row label means; with ``clinics``, 唐里村卫生室 means 唐里村."""
    own = word(_LISTED.sub("", unicodedata.normalize("NFKC", label).strip()))
    exact = [place.key for place in places if own in {word(name) for name in place.names}]
    if len(exact) == 1:
        return Match(exact[0])
    if not exact:
        wanted = _stems(own, clinics=clinics)
        exact = [
            place.key
            for place in places
            if wanted & {stem for name in place.names for stem in _stems(word(name), clinics=False)}
        ]
        if len(exact) == 1:
            return Match(exact[0])
    names = [place.names[0] for place in places]
    if exact:
        return Match(several=tuple(place.names[0] for place in places if place.key in exact))
    return Match(nearest=nearest(own, names) or "")


def _stems(name: str, *, clinics: bool) -> set[tuple[str, str]]:
    """Return every stem and kind of suffix a name can be read as."""
    found = {
        (name.removesuffix(suffix), kind)
        for kind, suffixes in (("rural", _RURAL), ("urban", _URBAN))
        for suffix in suffixes
        if name.endswith(suffix) and name != suffix
    }
    if clinics:
        for suffix in _CLINIC:
            if name.endswith(suffix) and name != suffix:
                rest = name.removesuffix(suffix)
                kind = "urban" if suffix.startswith("社区") else "rural"
                found |= {(rest, kind)} if suffix[0] in "村社" else _stems(rest, clinics=False)
    return found
