"""Params to typed, frozen objects: elements, indicators, work areas, dimensions, units, townships and the report's outline.

Everything under ``params/`` is data a non-programmer may edit.  Loading is strict: an unknown key, a wrong type, a duplicate key, a
reference to an element that does not exist are faults, and all faults of all files are reported together, each with file and line.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from nianbao.errors import ParamsError, UserError, did_you_mean
from nianbao.fields import (
    Dims,
    DimValues,
    FixedDims,
    Model,
    Multiplier,
    Number,
    Strings,
    as_decimal,
    as_fraction,
    as_tuple,
    as_tuples,
    enum_of,
)
from nianbao.formulas import Term, Terms, as_terms, reference, split_reference
from nianbao.periods import PeriodKind
from nianbao.project import township_keys
from nianbao.shells import SOURCES, Attachment, Part, ReportParams, ShellParams
from nianbao.yamlfile import key_lines, lines_at, read_params


class Direction(StrEnum):
    """Which way an indicator should move; ``neutral`` ones are reported without a judgement."""

    HIGHER = "higher"
    LOWER = "lower"
    RANGE = "range"
    NEUTRAL = "neutral"


class Sensitivity(StrEnum):
    """Whom an entry may be shown to: everybody, the office and those above it, or everybody as long as its numbers are not small.

    The public edition leaves out what is internal and withholds small numbers of what is sensitive (:mod:`nianbao.disclosure`).
    """

    PUBLIC = "public"
    INTERNAL = "internal"
    SENSITIVE = "sensitive"


class Standing(StrEnum):
    """Whether an entry is in force; historical entries are reported when supplied and never asked for."""

    CURRENT = "current"
    HISTORICAL = "historical"
    LOCAL = "local"


class Nature(StrEnum):
    """What an element counts: events of a period, a stock, an amount paid, a standard, or a text such as an age band."""

    FLOW = "flow"
    STOCK = "stock"
    AMOUNT = "amount"
    STANDARD = "standard"
    TEXT = "text"


class Method(StrEnum):
    """How an indicator comes from its terms."""

    SUM = "sum"
    CHANGE = "change"
    CHANGE_PCT = "change_pct"
    PROPORTION = "proportion"
    COMPLETION = "completion"
    RATE = "rate"
    RATIO = "ratio"
    PRODUCT = "product"


QUOTIENTS = frozenset({Method.PROPORTION, Method.COMPLETION, Method.RATE, Method.RATIO})
"""Methods that divide; their results follow their counts into villages."""


PLACES = ("village", "township")
"""The dimensions that name a part of a place: a town's villages, or the towns of a county (the members of any higher place)."""


class Setter(StrEnum):
    """Who set a target: a responsibility letter, a task handed down, or a reference that binds nobody."""

    RESPONSIBILITY = "responsibility"
    TASK = "task"
    REFERENCE = "reference"


class Target(Model):
    """A target of an indicator, in the indicator's own unit."""

    value: Annotated[Decimal, BeforeValidator(as_decimal)]
    setter: Annotated[Setter, enum_of(Setter)]
    set_by_zh: str
    set_by_en: str
    deadline: dt.date | None = None


class Entry(Model):
    """What elements and indicators share: names, definition, base, period, presentation, sensitivity, source."""

    id: str
    area: str
    zh: str
    en: str
    unit: str
    period: Annotated[PeriodKind, enum_of(PeriodKind)]
    decimals: int = 0
    direction: Annotated[Direction, enum_of(Direction)] = Direction.NEUTRAL
    definition_zh: str
    definition_en: str
    base: str = "none"
    inclusion_zh: str = ""
    inclusion_en: str = ""
    source: str
    why_zh: str
    why_en: str
    status: Annotated[Standing, enum_of(Standing)] = Standing.CURRENT
    sensitivity: Annotated[Sensitivity, enum_of(Sensitivity)] = Sensitivity.PUBLIC
    valid_from: int | None = None
    valid_until: int | None = None
    aliases: Strings = ()
    dims: DimValues = Field(default_factory=dict)
    label_zh: str = ""
    label_en: str = ""
    verb_zh: str = ""
    verb_en: str = ""
    target: Target | None = None
    counterpart: str = ""
    """The nearest international indicator, and how it differs."""


class Element(Entry):
    """A raw reported count, amount or text.

    ``partitions`` says, per dimension, which sets of values add up to the whole; ``part_of`` names the element it cannot exceed.
    """

    nature: Annotated[Nature, enum_of(Nature)]
    partitions: dict[str, Annotated[tuple[tuple[str, ...], ...], BeforeValidator(as_tuples)]] = Field(default_factory=dict)
    groups: dict[str, DimValues] = Field(default_factory=dict)
    """Per dimension, values that stand for several others: parity ``2+`` for 2 and 3+."""
    part_of: str | None = None


class Case(Model):
    """One formula of an indicator, for fixed dimension values of the result.

    Dimension values may hold years relative to the report's (``{0}``, ``{-3}-{-1}``).  With ``only_if_reported`` the case is
    computed only where the return itself reports the figure, so that a local composite does not appear elsewhere.
    """

    dims: FixedDims = ()
    numerator: Terms = ()
    denominator: Terms = ()
    only_if_reported: bool = False


class Variant(Model):
    """A named alternative definition of an indicator; what it leaves out stays as the indicator has it."""

    zh: str
    en: str
    numerator: Annotated[tuple[Term, ...] | None, BeforeValidator(as_terms)] = None
    denominator: Annotated[tuple[Term, ...] | None, BeforeValidator(as_terms)] = None
    cases: Annotated[tuple[Case, ...] | None, BeforeValidator(as_tuple)] = None
    multiplier: Annotated[Fraction | None, BeforeValidator(as_fraction)] = None
    definition_zh: str | None = None
    definition_en: str | None = None
    base: str | None = None
    source: str | None = None
    numerator_zh: str | None = None
    numerator_en: str | None = None
    denominator_zh: str | None = None
    denominator_en: str | None = None

    def changes(self) -> dict[str, Any]:
        """Return the fields the variant sets, by name; its own names are not the indicator's.

        The words of a side the variant replaces are cleared unless it brings its own: the default's would name the wrong people.
        """
        made = {name: value for name, value in self if value is not None and name not in ("zh", "en")}
        for side in ("numerator", "denominator"):
            if side in made or "cases" in made:
                for lang in ("zh", "en"):
                    made.setdefault(f"{side}_{lang}", "")
        return made


class Indicator(Entry):
    """A figure computed from elements; a return may also report it, which is then checked against the computation.

    Either ``numerator`` and ``denominator`` (with ``for_each`` naming dimensions that run through from the elements), or ``cases``.
    The value is numerator / denominator x multiplier; a sum has no denominator; a change compares its one term with the like
    window a year before.  ``interval`` names the method of :mod:`nianbao.stats`.
    """

    method: Annotated[Method, enum_of(Method)]
    numerator: Terms = ()
    denominator: Terms = ()
    multiplier: Multiplier = Fraction(1)
    for_each: Strings = ()
    cases: Annotated[tuple[Case, ...], BeforeValidator(as_tuple)] = ()
    interval: Literal["none", "wilson", "count", "sex_ratio"] = "none"
    lower_bound: Number | None = None
    upper_bound: Number | None = None
    numerator_zh: str = ""
    numerator_en: str = ""
    denominator_zh: str = ""
    denominator_en: str = ""
    variants: dict[str, Variant] = Field(default_factory=dict)
    variant: str = ""
    """The variant a jurisdiction selected; empty for the indicator's own definition."""


class Label(Model):
    """A name in both languages; ``measure`` is the Chinese counting word where it differs from the unit's."""

    zh: str
    en: str
    measure: str = ""


class DimensionSpec(Model):
    """A dimension and the names of its values; values not listed print as they are, or in the pattern (``{}元标准``).

    ``above_zh`` and ``above_en`` name places that are sums of places themselves: the counties of a city are no towns.
    """

    zh: str
    en: str
    above_zh: str = ""
    above_en: str = ""
    pattern_zh: str = ""
    pattern_en: str = ""
    values: dict[str, Label] = Field(default_factory=dict)


class Unit(Model):
    """A unit: its words, what a clerk may write for it, and what the difference of two values is called."""

    zh: str
    en: str
    aliases: Strings = ()
    symbol: str = ""
    symbol_en: str = ""
    """The symbol in English where it is another."""
    difference_zh: str = ""
    difference_en: str = ""
    spoken: bool = True
    """False for a unit that stands in tables only (女=100): no word follows the figure in a sentence."""
    spoken_en: bool = True
    """False for a unit the English label names already (births 151): its word stands in tables only."""
    happening: bool = False
    """True for what befalls people or is found among them (cases, accidents): a true zero is said as none, 未发生."""
    of: str = ""
    """The unit it converts to (万元 is ``of: yuan``); empty for a unit of its own."""
    factor: int = 1
    additive: bool = True
    """False for what towns cannot be summed in: days of supplies, floors reached, levels of contact, sex ratios."""

    def mark(self, lang: str) -> str:
        """Return the symbol printed with the figure, or nothing."""
        return self.symbol if lang == "zh" else self.symbol_en or self.symbol


class AreaFile(Model):
    """One file of ``params/catalogue``: a work area with its elements and indicators."""

    area: str
    order: int
    zh: str
    en: str
    current_zh: str = ""
    current_en: str = ""
    """The chapter's title where a figure in force stands in it; empty where the area's name serves."""
    chapter: str = ""
    """The chapter that tells of the area; empty where the area has its own."""
    elements: dict[str, Element] = Field(default_factory=dict)
    indicators: dict[str, Indicator] = Field(default_factory=dict)


class SharedFile(Model):
    """``params/catalogue/_shared.yml``: units, dimensions and population bases."""

    units: dict[str, Unit]
    dimensions: dict[str, DimensionSpec]
    bases: dict[str, Label]


class Village(Model):
    """A village of a township; ``key`` is the value of the dimension ``village`` in its returns."""

    key: str
    zh: str
    en: str
    aliases: Strings = ()
    """Other spellings of its name, such as the official one of its committee."""


class YearParams(Model):
    """What one year sets for a township: its report, its targets, its assessment scheme."""

    report: ReportParams = ReportParams()
    scheme: str = ""
    """The assessment scheme of the year, a file of ``params/schemes``; empty for none."""
    targets: dict[str, Target] = Field(default_factory=dict)
    """By reference: a bare name is the overall figure, ``births[parity=1]`` one breakdown; neither holds for the other."""
    ranking: Strings = ()
    """What the members of a county are ranked by besides the indicators with a target: references such as ``births[parity=1]``."""

    def target_of(self, entry: str, dims: Dims) -> Target | None:
        """Return the target the year sets for one figure, or None; a target of the whole is none of its parts."""
        return next((target for ref, target in self.targets.items() if split_reference(ref) == (entry, dims)), None)


class Override(Model):
    """What a jurisdiction changes in a catalogue entry."""

    zh: str | None = None
    en: str | None = None
    decimals: int | None = None
    direction: Annotated[Direction | None, BeforeValidator(lambda v: Direction(v) if isinstance(v, str) else v)] = None
    definition_zh: str | None = None
    definition_en: str | None = None
    inclusion_zh: str | None = None
    inclusion_en: str | None = None
    source: str | None = None
    numerator: Annotated[tuple[Term, ...] | None, BeforeValidator(as_terms)] = None
    denominator: Annotated[tuple[Term, ...] | None, BeforeValidator(as_terms)] = None
    target: Target | None = None


class Township(Model):
    """A reporting unit at any level."""

    key: str
    zh: str
    en: str
    level: Literal["town", "county", "district", "city"]
    parent_zh: str
    parent_en: str
    office_zh: str
    office_en: str
    code: str = ""
    villages: Annotated[tuple[Village, ...], BeforeValidator(as_tuple)] = ()
    own_units: Annotated[tuple[Village, ...], BeforeValidator(as_tuple)] = ()
    """What reports beside the villages and is none, such as the health centre itself: part of every sum it reports to, never compared."""
    members: Strings = ()
    """The places this one is the sum of, keys of ``params/townships``: the towns of a county."""
    rounding: Literal["half_up", "gbt8170"] = "half_up"
    money: Literal["yuan", "wan"] = "yuan"
    """How amounts print: in 元, or shortened to 万元 and 亿元 where three decimals hold them exactly."""
    report: ShellParams = ShellParams()
    """The shell of the reports of all years; what a year says itself wins."""
    years: dict[int, YearParams] = Field(default_factory=dict)
    overrides: dict[str, Override] = Field(default_factory=dict)
    variants: dict[str, str] = Field(default_factory=dict)
    synthetic: bool = False
    """The data are invented for demonstration; every page of every report says so."""
    _target_lines: dict[tuple[int, str], int] = PrivateAttr(default_factory=dict)

    def stated(self, year: int, target: str) -> str:
        """Return where the target of an entry for a year is written: file and line, the file alone where no file was read."""
        line = self._target_lines.get((year, target))
        return f"params/townships/{self.key}.yml" + (f":{line}" if line else "")

    @model_validator(mode="after")
    def _parts_are_of_one_kind(self) -> Township:
        if self.members and self.villages:
            raise ValueError("has both members and villages; a place is the sum of one or the other")
        if self.members and self.own_units:
            raise ValueError("has both members and own_units; units report beside villages")
        keys = [place.key for place in (*self.villages, *self.own_units)]
        if taken := [unit.key for unit in self.own_units if keys.count(unit.key) > 1]:
            raise ValueError(f"own_units: the key {taken[0]!r} is taken; villages and own units have keys of their own")
        if self.members and self.level == "town":
            raise ValueError("has members, but level town; a place with members is a county, district or city")
        if twice := [key for key in dict.fromkeys(self.members) if self.members.count(key) > 1]:
            raise ValueError(f"members names {', '.join(map(repr, twice))} twice")
        return self

    @property
    def place_dimension(self) -> str:
        """The dimension that names a part of this place, one of :data:`PLACES`."""
        return "township" if self.members else "village"

    @property
    def places(self) -> tuple[str, ...]:
        """The keys of its parts in the order of its params: members or villages."""
        return self.members or tuple(village.key for village in self.villages)


class Disclosure(Model):
    """What the public edition withholds: counts of sensitive entries of at least 1 and below ``minimum``."""

    minimum: Annotated[int, Field(ge=2)] = 5


class Outline(Model):
    """``params/report.yml``: the chapters of a report in order, and the words of its cover."""

    title_zh: str
    title_en: str
    title_part_zh: str
    """The title of a report on a part of the year, ``{period}`` its window; ``title_zh`` is that of a whole year."""
    title_part_en: str
    title_report_zh: str = ""
    title_report_en: str = ""
    """The title in the shell ``report``, ``{period}`` the year or the part of it; empty for the titles of a summary."""
    chapters: Strings
    skeletons: dict[str, Strings] = Field(default_factory=dict)
    parts: dict[str, Annotated[tuple[Part, ...], BeforeValidator(as_tuple)]] = Field(default_factory=dict)
    """By skeleton: headings that hold several of its chapters, or name one, or one of its sections."""
    attachments: dict[str, Attachment] = Field(default_factory=dict)
    """What a report in the shell ``report`` carries behind its signature: chapters, and :data:`nianbao.shells.SOURCES`."""
    whole: dict[str, Label]
    minimum_denominator: int
    confidence: Number
    disclosure: Disclosure = Disclosure()


@dataclass(frozen=True)
class Area:
    """A work area: key, order in the return, names, and its names where a figure in force stands among historical ones."""

    key: str
    order: int
    zh: str
    en: str
    current_zh: str = ""
    current_en: str = ""
    chapter: str = ""
    """The chapter that tells of the area, its own where it has one."""


@dataclass(frozen=True)
class Catalogue:
    """Everything under ``params/catalogue`` and ``params/report.yml``, with a jurisdiction's overrides applied."""

    areas: Mapping[str, Area]
    entries: Mapping[str, Element | Indicator]
    units: Mapping[str, Unit]
    dimensions: Mapping[str, DimensionSpec]
    bases: Mapping[str, Label]
    outline: Outline
    files: Mapping[str, str]
    """Entry id to the params file that defines it, relative to the project."""
    lines: Mapping[str, int]
    """Entry id, or key of ``params/report.yml``, to its line."""

    def stated(self, key: str) -> str:
        """Return where an entry, or a setting of the outline, is written: ``params/report.yml:107``; the file alone for a default."""
        file = self.files.get(key, "params/report.yml")
        return f"{file}:{self.lines[key]}" if key in self.lines else file

    def entry(self, key: str) -> Element | Indicator:
        """Return the entry, or raise UserError naming the nearest one."""
        if key not in self.entries:
            raise UserError(f"no element or indicator {key!r} in params/catalogue{did_you_mean(key, self.entries)}")
        return self.entries[key]

    def of_area(self, area: str) -> Iterator[Element | Indicator]:
        """Yield the entries of a work area, elements first, in file order."""
        return (entry for entry in self.entries.values() if entry.area == area)

    def labels(self) -> tuple[tuple[str, str, str], ...]:
        """Return id, Chinese name and Chinese label of every entry, in catalogue order."""
        return tuple((entry.id, entry.zh, entry.label_zh) for entry in self.entries.values())

    def unit_of(self, word: str, *, expected: str) -> str | None:
        """Return the unit ``word`` (key, name in either language, symbol or alias) names, ``expected`` first, or None.

        One word may belong to several units (次 counts events and lectures), so the unit an entry declares is tried first.
        """
        for key in (expected, *self.units):
            unit = self.units.get(key)
            if unit is not None and (word in (key, unit.zh, unit.en, unit.symbol) or word in unit.aliases):
                return key
        return None

    def dim_label(self, key: str, value: str, *, lang: str = "zh", township: Township | None = None) -> str:
        """Return the printed name of one dimension value."""
        if key == "village" and township is not None:
            for village in (*township.villages, *township.own_units):
                if village.key == value:
                    return village.zh if lang == "zh" else village.en
        spec = self.dimensions.get(key)
        if spec is None or value not in spec.values:
            pattern = (spec.pattern_zh if lang == "zh" else spec.pattern_en) if spec is not None else ""
            return pattern.replace("{}", value) if pattern else value
        return spec.values[value].zh if lang == "zh" else spec.values[value].en

    def dims_words(self, dims: Dims, *, lang: str = "zh", township: Township | None = None) -> str:
        """Return the printed names of the dimension values of one figure; what it is counted in, and a value for the whole, say nothing."""
        told = [(key, value) for key, value in dims if key != "unit" and value != "all"]
        return ("" if lang == "zh" else ", ").join(self.dim_label(*pair, lang=lang, township=township) for pair in told)


def load_catalogue(root: Path, *, township: Township | None = None) -> Catalogue:
    """Return the catalogue of the project at ``root``, with the overrides of ``township``.

    Raises:
        ParamsError: every fault of every file, one a line, as ``file:line: what was found; what to do``.
    """
    catalogue = _read_catalogue(root, _stamp(root))
    if township is None:
        return catalogue
    entries = dict(catalogue.entries)
    where, faults = f"params/townships/{township.key}.yml", list[str]()
    for year, params in township.years.items():
        faults += [
            f"{where}: years.{year}.targets: {fault}" for ref in params.targets for fault in _reference_faults(ref, entries)
        ]
        unknown = [key for key in (ref.partition("[")[0] for ref in params.ranking) if key not in entries]
        faults += [f"{where}: years.{year}.ranking: no entry {key!r}{did_you_mean(key, entries)}" for key in unknown]
    for key, name in township.variants.items():
        chosen = entries.get(key)
        known = chosen.variants if isinstance(chosen, Indicator) else {}
        if isinstance(chosen, Indicator) and name in known:
            entries[key] = chosen.model_copy(update={**known[name].changes(), "variant": name})
        else:
            has = f"it has {', '.join(known) or 'none'}" if chosen else f"no such entry{did_you_mean(key, entries)}"
            faults.append(f"{where}: variants: {key}: no variant {name!r}; {has}")
    for key, override in township.overrides.items():
        if key not in entries:
            faults.append(f"{where}: overrides: no entry {key!r}{did_you_mean(key, entries)}")
            continue
        changes = {name: value for name, value in override if value is not None}
        if foreign := set(changes) - set(type(entries[key]).model_fields):
            faults.append(f"{where}: overrides: {key!r} has no {', '.join(sorted(foreign))}")
            continue
        entries[key] = entries[key].model_copy(update=changes)
    if faults:
        raise ParamsError("\n".join(faults))
    return Catalogue(**{**catalogue.__dict__, "entries": entries})


def _reference_faults(ref: str, entries: Mapping[str, Element | Indicator]) -> Iterator[str]:
    """Yield what keeps a reference in params from naming a figure."""
    try:
        key, dims = split_reference(ref)
    except ValueError as error:
        yield str(error)
        return
    if key not in entries:
        yield f"no entry {key!r}{did_you_mean(key, entries)}"
        return
    for name, value in dims:
        values = entries[key].dims.get(name, ())
        if not values:
            yield f"{ref!r}: {key} has no dimension {name!r}{did_you_mean(name, entries[key].dims)}"
        elif value not in values and "*" not in values:
            yield f"{ref!r}: {name} has no value {value!r}{did_you_mean(value, values)}"


def load_township(root: Path, key: str) -> Township:
    """Return the township ``key`` from ``params/townships``.

    Raises:
        UserError: there is no such township; the message names the nearest and lists all.
        ParamsError: its file has faults.
    """
    known = township_keys(root)
    if key not in known:
        listing = ", ".join(known) or "none yet"
        raise UserError(
            f"township {key!r} does not exist: params/townships/{key}.yml not found{did_you_mean(key, known)} "
            f"(known: {listing}); check the spelling, or add the file",
            zh=f"没有乡镇“{key}”：找不到params/townships/{key}.yml{did_you_mean(key, known, lang='zh')}（已有：{listing}）；"
            "请核对拼写，或用 nianbao new 新建",
        )
    path = root / "params" / "townships" / f"{key}.yml"
    faults: list[str] = []
    township = read_params(path, root, Township, faults, inject={"key": key})
    if township is None:
        raise ParamsError("\n".join(faults))
    wanted = [("years", str(year), "targets", target) for year, params in township.years.items() for target in params.targets]
    township._target_lines.update(
        {(int(steps[1]), steps[3]): line for steps, line in zip(wanted, lines_at(path, wanted), strict=True)}
    )
    return township


def _stamp(root: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted([*(root / "params" / "catalogue").glob("*.yml"), root / "params" / "report.yml"])
    return tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files if path.exists())


@lru_cache(maxsize=4)
def _read_catalogue(root: Path, stamp: tuple[tuple[str, int, int], ...]) -> Catalogue:
    del stamp  # only keys the cache: an edited file is read again
    faults: list[str] = []
    folder = root / "params" / "catalogue"
    shared = read_params(folder / "_shared.yml", root, SharedFile, faults)
    outline = read_params(root / "params" / "report.yml", root, Outline, faults)
    areas: dict[str, Area] = {}
    entries: dict[str, Element | Indicator] = {}
    files: dict[str, str] = {}
    lines: dict[str, int] = {}
    area_files = [path for path in sorted(folder.glob("*.yml")) if path.name != "_shared.yml"]
    readable = True
    for path in area_files:
        where = path.relative_to(root).as_posix()
        content = read_params(path, root, AreaFile, faults, entries_of=path.stem)
        if content is None:
            readable = False
            continue
        if content.area != path.stem:
            faults.append(f"{where}:1: area {content.area!r} does not match the file's name; call it {content.area}.yml")
        names = content.zh, content.en, content.current_zh, content.current_en
        areas[content.area] = Area(content.area, content.order, *names, content.chapter or content.area)
        marks = key_lines(path)
        for group, found in (("elements", content.elements), ("indicators", content.indicators)):
            for key, entry in found.items():
                lines[key] = marks.get((group, key), 1)
                if key in entries:
                    faults.append(f"{where}:{lines[key]}: {key!r} is already defined in {files[key]}; names are unique")
                entries[key], files[key] = entry, where
    if shared is not None and readable:  # entries of a file with faults would be called absent by every file that names them
        faults.extend(_cross_faults(entries, shared, files, lines))
    if outline is not None:
        faults.extend(
            f"params/report.yml: chapter {name!r} has no notebook notebooks/{name}.ipynb"
            for name in dict.fromkeys((*outline.chapters, *(name for names in outline.skeletons.values() for name in names)))
            if not (root / "notebooks" / f"{name}.ipynb").exists()
        )
        faults.extend(f"params/report.yml:{line}: {fault}" for line, fault in _outline_faults(outline, root))
    if faults or shared is None or outline is None:
        raise ParamsError("\n".join(faults))
    ordered = dict(sorted(areas.items(), key=lambda item: item[1].order))
    entries = {key: _by_village(entry) for key, entry in entries.items()}
    place = {key: index for index, key in enumerate(ordered)}
    entries = dict(sorted(entries.items(), key=lambda item: place[item[1].area]))
    lines |= {key: line for (group, key), line in key_lines(root / "params" / "report.yml").items() if not group}
    return Catalogue(ordered, entries, shared.units, shared.dimensions, shared.bases, outline, files, lines)


def _outline_faults(outline: Outline, root: Path) -> Iterator[tuple[int, str]]:
    """Yield line and words of every part and attachment of the outline that names what does not exist."""
    found: list[tuple[tuple[Any, ...], str]] = []
    named = {*outline.chapters, *(name for names in outline.skeletons.values() for name in names), SOURCES}
    for key in outline.attachments:
        if key not in named:
            found.append((("attachments", key), f"attachments: no chapter {key!r}{did_you_mean(key, sorted(named))}"))
    for skeleton, parts in outline.parts.items():
        if skeleton not in outline.skeletons:
            near = did_you_mean(skeleton, outline.skeletons)
            found.append((("parts", skeleton), f"parts: no skeleton {skeleton!r}{near}"))
            continue
        chapters = outline.skeletons[skeleton]
        for place, part in enumerate(parts):
            where = ("parts", skeleton, place)
            ends = [name for name in (part.first, part.last, part.chapter) if name]
            unknown = [name for name in ends if name not in chapters]
            if bool(part.first) != bool(part.last) or bool(part.first) == bool(part.chapter) or (part.section and part.first):
                found.append(
                    (where, f"parts.{skeleton}: {part.zh!r} needs first and last, or chapter (with section or without)")
                )
            elif unknown:
                near = did_you_mean(unknown[0], chapters)
                found.append((where, f"parts.{skeleton}: skeleton {skeleton} has no chapter {unknown[0]!r}{near}"))
            elif part.first and chapters.index(part.first) > chapters.index(part.last):
                found.append((where, f"parts.{skeleton}: {part.first!r} stands after {part.last!r} in skeleton {skeleton}"))
    lines = lines_at(root / "params" / "report.yml", [steps for steps, _ in found])
    yield from zip(lines, (fault for _, fault in found), strict=True)


def _by_village(entry: Element | Indicator) -> Element | Indicator:
    """Return the entry open to villages: every count and amount may be reported per village, and a quotient follows its counts."""
    if "village" in entry.dims:
        return entry
    opened = {**entry.dims, "village": ("*",)}
    if isinstance(entry, Element):
        if entry.nature not in (Nature.FLOW, Nature.STOCK, Nature.AMOUNT):
            return entry
        return entry.model_copy(update={"dims": opened, "partitions": {**entry.partitions, "village": (("*",),)}})
    return entry.model_copy(update={"dims": opened}) if entry.method in QUOTIENTS else entry


def _cross_faults(
    entries: Mapping[str, Element | Indicator], shared: SharedFile, files: Mapping[str, str], lines: Mapping[str, int]
) -> Iterator[str]:
    for key, entry in entries.items():
        where = f"{files[key]}:{lines[key]}: {key}:"
        if isinstance(entry, Indicator):
            yield from (
                f"{where} variant {name!r}: {fault}"
                for name, variant in entry.variants.items()
                for fault in _formula_faults(entry.model_copy(update=variant.changes()), entries)
            )
        if entry.unit not in shared.units:
            yield f"{where} unit {entry.unit!r} is not in _shared.yml{did_you_mean(entry.unit, shared.units)}"
        if entry.base not in shared.bases:
            yield f"{where} base {entry.base!r} is not in _shared.yml{did_you_mean(entry.base, shared.bases)}"
        for dim in entry.dims:
            if dim not in shared.dimensions:
                yield f"{where} dimension {dim!r} is not in _shared.yml{did_you_mean(dim, shared.dimensions)}"
        if isinstance(entry, Element):
            if entry.part_of is not None and entry.part_of not in entries:
                yield f"{where} part_of {entry.part_of!r} does not exist{did_you_mean(entry.part_of, entries)}"
            for dim, sets in entry.partitions.items():
                if dim not in entry.dims:
                    yield f"{where} partitions names the dimension {dim!r}, which dims does not list"
                elif unknown := {v for values in sets for v in values} - {*entry.dims[dim], "*"}:
                    yield f"{where} partitions names {sorted(unknown)}, which dims.{dim} does not list"
            continue
        if circle := _circle(key, entries):
            yield f"{where} leads back to itself through {' → '.join(circle)}"
        yield from (f"{where} {fault}" for fault in _formula_faults(entry, entries))


def _formula_faults(entry: Indicator, entries: Mapping[str, Element | Indicator]) -> Iterator[str]:
    for case in entry.cases or (Case(numerator=entry.numerator, denominator=entry.denominator),):
        if not case.numerator:
            yield "has no numerator"
        needs_denominator = entry.method in QUOTIENTS
        if needs_denominator != bool(case.denominator) and entry.method is not Method.PRODUCT:
            yield f"method {entry.method.value} {'needs a' if needs_denominator else 'takes no'} denominator"
        for term in (*case.numerator, *case.denominator):
            if term.entry not in entries:
                yield f"term {term.entry!r} does not exist{did_you_mean(term.entry, entries)}"
            elif foreign := {name for name, _ in term.dims} - set(entries[term.entry].dims):
                yield f"term {reference(term.entry, term.dims)} uses {sorted(foreign)}, which {term.entry} does not have"


def _circle(start: str, entries: Mapping[str, Element | Indicator]) -> list[str]:
    """Return the way on which the formula of ``start`` comes back to it, or nothing."""
    waiting, seen = [[start]], {start}
    while waiting:
        way = waiting.pop()
        entry = entries.get(way[-1])
        if not isinstance(entry, Indicator):
            continue
        for case in entry.cases or (Case(numerator=entry.numerator, denominator=entry.denominator),):
            for term in (*case.numerator, *case.denominator):
                if term.entry == start:
                    return [*way, start]
                if term.entry not in seen:
                    seen.add(term.entry)
                    waiting.append([*way, term.entry])
    return []
