"""One township and year, loaded: params, returns, results and findings, as the command line, the chapters and the checks need them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path

from nianbao.catalogue import Catalogue, Indicator, Nature, Township, load_catalogue, load_township
from nianbao.checks import cross_check, revisions
from nianbao.consistency import consistency
from nianbao.disclosure import disclosed, is_internal, small
from nianbao.errors import Cell, Finding, ReturnError, Severity, TextError, UserError, did_you_mean
from nianbao.fields import Dims
from nianbao.indicators import Result, Results, compute, of_earlier_years, place_of
from nianbao.intake import duplicate_findings, read_return, require_return, return_files, return_path
from nianbao.observation import Intake, Observation, Observed
from nianbao.officetext import REFERENCE, OfficeText, parse_reference, read_text, references, text_path
from nianbao.periods import Period, half_year, reported
from nianbao.rollup import Behind, Member, RollUp, closed, members_of, opened_to_members, roll_up
from nianbao.scoring import Scheme, load_scheme
from nianbao.values import BLANK, INEXACT, Status, exact_text

YEARS_BACK = 4
"""How many years before the report's a line over years reaches, as far as returns lie in the data folder."""
_MOST_READ = 40
"""The most places whose earlier returns are read for a line over years: those of a county of hundreds would take minutes."""


def observations_of(intakes: Iterable[Intake]) -> Iterator[Observation]:
    """Yield the observations of several returns; where two give the same figure, an earlier return wins, and of one year's files
    the one that gives it as a figure of its own before one that prints it as a total."""
    found: dict[tuple[str, Dims, Period], tuple[int, Observation]] = {}
    for intake in intakes:
        for observation in intake.observations:
            key = (observation.entry, observation.dims, observation.period)
            year, held = found.setdefault(key, (intake.year, observation))
            if held.total and not observation.total and year == intake.year and observation.raw:
                found[key] = (year, observation)
    yield from (observation for _, observation in found.values())


@dataclass(frozen=True)
class Dataset:
    """What is known of a township and year; the return of the year before adds figures the current one does not repeat."""

    root: Path
    township: Township
    year: int
    catalogue: Catalogue
    intakes: tuple[Intake, ...]
    members: tuple[Dataset, ...] = ()
    """The places this one is the sum of, as far as they handed in a return, in the order of its params."""
    silent: tuple[Township, ...] = ()
    """The members without a return."""
    internal: Dataset | None = field(default=None, repr=False)
    """Of what the public edition may tell, the dataset it was made from; None for the internal edition itself."""

    @cached_property
    def public(self) -> Dataset:
        """What the public edition may tell: results with what is internal left out and what is small withheld, and no findings."""
        return self if self.internal is not None else replace(self, internal=self)

    @property
    def withheld(self) -> int:
        """How many results of the year the edition withholds; 0 for the internal one."""
        return sum(1 for item in self.results if item.status is Status.SUPPRESSED) if self.internal is not None else 0

    @property
    def file(self) -> str:
        """The return of the year, relative to the project; of a place with members it need not exist."""
        return next((intake.file for intake in self.intakes if intake.year == self.year), _name_of(self.township, self.year))

    @cached_property
    def given(self) -> tuple[Observation, ...]:
        """Every observation as a return gives it, the current return first, then those of the members."""
        return (*observations_of(self.intakes), *(item for member in self.members for item in member.given))

    @cached_property
    def observed(self) -> Observed:
        """The observations of :attr:`given` by their cells; none in the public edition, which names no cell."""
        return Observed(self.given if self.internal is None else ())

    @property
    def volume(self) -> tuple[int, int, tuple[str, ...]]:
        """How much was reported for the year: figures, work areas they are of, and the files they stand in."""
        found = [item for item in self.given if item.period.year == self.year and item.raw]
        areas = {self.catalogue.entries[item.entry].area for item in found}
        return len(found), len(areas), tuple(dict.fromkeys(item.cell.file for item in found))

    @property
    def unsure(self) -> tuple[Observation, ...]:
        """The observations of :attr:`given` that are no figure, no exact one, or one worked out from a published rate."""
        return tuple(
            item for item in self.given if item.status in BLANK or item.status in INEXACT or item.status is Status.IMPLIED
        )

    @property
    def handed_in(self) -> tuple[tuple[str, int, bool, tuple[Cell, ...]], ...]:
        """Every return read: its file, its year, whether it is the place's own, and the cells its figures stand in."""
        return tuple(
            (
                intake.file,
                intake.year,
                any(intake is one for one in self.intakes),
                tuple(item.cell for item in intake.observations),
            )
            for intake in self.returns
        )

    @cached_property
    def part(self) -> Period | None:
        """The part of the year the report covers, a half-year or some months; None for the whole year.

        ``years.<year>.report.period`` of the place's params says it; else the windows of the counts and amounts of the year do
        (:func:`nianbao.periods.reported`).  Stocks, standards and tasks say nothing: a task is the year's in July too.
        """
        params = self.township.years.get(self.year)
        said = params.report.period if params is not None else ""
        if said:
            return half_year(self.year) if said == "half_year" else None
        entries = self.catalogue.entries
        windows = []
        for item in self.given:
            entry = entries[item.entry]
            runs = isinstance(entry, Indicator) or entry.nature in (Nature.FLOW, Nature.AMOUNT)
            if runs and item.period.year == self.year and item.raw:
                windows.append(item.period)
        return reported(windows)

    @cached_property
    def returns(self) -> tuple[Intake, ...]:
        """Every return read: the place's own, then those of its members."""
        return (*self.intakes, *(intake for member in self.members for intake in member.returns))

    @cached_property
    def places(self) -> tuple[Township, ...]:
        """This place and every place below it, whether or not it handed in a return."""
        return (self.township, *(place for member in self.members for place in member.places), *self.silent)

    @cached_property
    def rolled_up(self) -> RollUp:
        """What the members hand up; nothing for a place without members."""
        found = {
            item.township.key: Member(item.township, item.file, item.catalogue, item.observations, item.rolled_up.behind)
            for item in self.members
        }
        found |= {place.key: Member(place, _name_of(place, self.year), self.catalogue, None) for place in self.silent}
        ordered = [found[key] for key in self.township.members if key in found]
        return roll_up(ordered, catalogue=self.catalogue, township=self.township, year=self.year)

    @property
    def behind(self) -> Behind:
        """What stands behind the figures that members handed up; nothing in the public edition."""
        return self.rolled_up.behind if self.internal is None else {}

    @cached_property
    def observations(self) -> tuple[Observation, ...]:
        """Every observation the results come from: the own returns, the current one first, then what the members hand up."""
        own = tuple(observations_of(self.intakes))
        said = {(item.entry, item.dims, item.period) for item in own}
        handed_up = self.rolled_up.observations
        return (*own, *(item for item in handed_up if (item.entry, item.dims, item.period) not in said))

    @cached_property
    def plans(self) -> tuple[Result, ...]:
        """What the return plans for the year after, in catalogue order; no part of :attr:`results`."""
        order = list(self.catalogue.entries)
        own = [item for intake in self.intakes if intake.year == self.year for item in intake.plans]
        given = sorted(own, key=lambda item: order.index(item.entry))
        made = (
            Result(
                entry=self.catalogue.entries[item.entry],
                dims=item.dims,
                period=item.period,
                value=item.value,
                status=item.status,
                unit=item.unit,
                unit_word=item.unit_word,
                raw=item.raw,
                cells=(item.cell,),
                inputs=(item.ref,),
            )
            for item in given
        )
        return tuple(item for item in made if self.internal is None or not self._held_back(item))

    def known_internally(self, ref: str) -> bool:
        """True for a result that the dataset behind the public edition has, whether or not the edition may tell it."""
        return self.internal is not None and self.internal.results.get(ref) is not None

    def scheme(self, key: str) -> Scheme:
        """Return the assessment scheme ``key`` of the project.

        Raises:
            UserError: there is none of that name.
            ParamsError: its file has faults.
        """
        return load_scheme(self.root, key)

    def _held_back(self, item: Result) -> bool:
        """True for a figure outside the results that the public edition does not tell: internal, or small and sensitive."""
        return is_internal(item.entry, self.catalogue) or small(item, minimum=self.catalogue.outline.disclosure.minimum)

    @cached_property
    def results(self) -> Results:
        """Every result of the year that the edition may tell."""
        if self.internal is not None:
            return disclosed(self.internal.results, minimum=self.catalogue.outline.disclosure.minimum)
        return compute(self.observations, catalogue=self.catalogue, township=self.township, year=self.year)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of intake and cross-checks, blocking ones first, then by area and address; none in the public edition."""
        if self.internal is not None:
            return ()
        order = {Severity.BLOCK: 0, Severity.WARN: 1, Severity.NOTE: 2}
        areas = list(self.catalogue.areas)
        own = [item for intake in self.intakes if intake.year == self.year for item in intake.findings]
        stopped = [item for member in self.members for item in member.blocking]
        of_year = [intake for intake in self.intakes if intake.year == self.year]
        twice = duplicate_findings(of_year, township=self.township, year=self.year, catalogue=self.catalogue)
        changed = revisions(self.intakes, catalogue=self.catalogue, township=self.township, year=self.year)
        checked = [*twice, *changed, *cross_check(self.observations, self.results)]
        checked += consistency(self.observations, self.results)
        found = [*own, *checked, *self.rolled_up.findings, *stopped]
        return tuple(
            sorted(
                found, key=lambda item: (order[item.severity], areas.index(item.area) if item.area in areas else -1, item.cells)
            )
        )

    @property
    def judged(self) -> tuple[Result, ...]:
        """The results of the whole place that meet a target or miss it."""
        return tuple(item for item in self.results.overall if item.target is not None and item.met is not None)

    @property
    def entries_told(self) -> tuple[str, ...]:
        """The entries that some result gives a value of, in catalogue order."""
        return tuple(dict.fromkeys(item.entry.id for item in self.results if item.status not in BLANK))

    @property
    def areas_told(self) -> tuple[str, ...]:
        """The work areas a table can print something of: a figure, or that one is illegible or withheld."""
        told = (item for item in self.results if item.status not in BLANK or item.status in (Status.MASKED, Status.SUPPRESSED))
        return tuple(dict.fromkeys(item.entry.area for item in told))

    def told_of(self, area: str) -> tuple[str, ...]:
        """Return the entries of a work area that a result of the whole place gives a value of, in catalogue order."""
        found = (item for item in self.results.of_area(area) if place_of(item.dims) is None and item.status not in BLANK)
        return tuple(dict.fromkeys(item.entry.id for item in found))

    def findings_of(self, code: str) -> tuple[Finding, ...]:
        """Return the findings of one kind."""
        return tuple(item for item in self.findings if item.code == code)

    @property
    def earlier_files(self) -> tuple[Path, ...]:
        """The returns of the years before the last one that :meth:`over_years` reads."""
        places = self.places if len(self.places) <= _MOST_READ else ()
        back = range(2, YEARS_BACK + 1)
        return tuple(path for place in places for one in back for path in return_files(self.root, place.key, self.year - one))

    @cached_property
    def _earlier(self) -> tuple[Observation, ...]:
        """Every observation known of the year and of the years before, later returns first; a return that is refused adds nothing."""
        found = {(item.entry, item.dims, item.period): item for item in reversed(self.observations)}
        if self.earlier_files:
            for back in range(2, YEARS_BACK + 1, 2):  # a dataset holds two years
                try:
                    one = open_dataset(self.root, township=self.township.key, year=self.year - back)
                except UserError:
                    continue
                stopped = any(item.severity is Severity.BLOCK for intake in one.returns for item in intake.findings)
                for item in () if stopped else one.observations:
                    found.setdefault((item.entry, item.dims, item.period), item)
        return tuple(found.values())

    def over_years(self, found: Sequence[Result]) -> tuple[tuple[Result | None, ...], ...]:
        """Return, for each of the results, that of each of the :data:`YEARS_BACK` years before, the last one first.

        None where nothing comparable is known.  The returns of the years before the last one are read when this is asked first.
        """
        lines = of_earlier_years(
            self._earlier, found, catalogue=self.catalogue, township=self.township, year=self.year, back=YEARS_BACK
        )
        return lines if self.internal is None else self._told_publicly(found, lines)

    def _told_publicly(
        self, found: Sequence[Result], lines: Sequence[tuple[Result | None, ...]]
    ) -> tuple[tuple[Result | None, ...], ...]:
        """Return figures of earlier years without the years in which one of them is withheld: the others might tell it."""
        hidden = {
            place
            for line in lines
            for place, item in enumerate(line)
            if item is not None and (self._held_back(item) or item.status is Status.SUPPRESSED)
        }
        hidden |= {0} if any(item.previous_status is Status.SUPPRESSED for item in found) else set()
        return tuple(tuple(None if place in hidden else item for place, item in enumerate(line)) for line in lines)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that stop a report."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.BLOCK)

    @cached_property
    def text(self) -> OfficeText:
        """The office's own text of the year; empty when there is none."""
        return read_text(text_path(self.root, self.township.key, self.year), root=self.root, chapters=self.text_sections)

    @property
    def text_sections(self) -> dict[str, str]:
        """The sections the office's text may have: work areas and other chapters, by key, with their Chinese names."""
        names = {key: area.zh for key, area in self.catalogue.areas.items()}
        return names | {"overview": "基本情况", "problems": "存在的问题", "plans": "下一步打算", "appendix": "附录"}

    def referenced(self, ref: str, role: str, *, where: str) -> Result:
        """Return the result that the office's text asks an aspect of.

        Raises:
            TextError: there is no such result this year, or it has nothing of that kind; the message names the nearest.
        """
        found = self.results.get(ref)
        if found is None:
            known = [result.ref for result in self.results]
            raise TextError(
                f"{where}: {ref!r} names no result of this year{did_you_mean(ref, known)}; see nianbao results",
                zh=f"{where}：“{ref}”不是本年的指标{did_you_mean(ref, known, lang='zh')}；可用的见 nianbao results",
            )
        own = {"change_pct": ("change", "previous"), "movement": ("change",), "value": ("entry",), "magnitude": ("value",)}
        needs = own.get(role, (role,))
        if any(getattr(found, name) is None for name in needs) or (role == "change_pct" and not found.previous):
            raise TextError(
                f"{where}: {ref!r} has no {role} this year; write another role, or remove the reference",
                zh=f"{where}：“{ref}”本年没有“{role}”；请换一种，或删去这处引用",
            )
        return found

    def stated_although_withheld(self) -> tuple[str, ...]:
        """Return a line for every number the office's text of a chapter states that is one the edition withholds in that chapter.

        Nobody can tell whether the office means that figure; the line asks it to look.
        """
        if self.internal is None:
            return ()
        known = self.internal.results
        hidden = [
            found for item in self.results if item.status is Status.SUPPRESSED and (found := known.get(item.ref)) is not None
        ]
        made: list[str] = []
        for chapter, passages in self.text.sections.items():
            areas = {key for key, area in self.catalogue.areas.items() if chapter in (key, area.chapter)} or set(
                self.catalogue.areas
            )
            for passage in passages:
                plain = REFERENCE.sub("", passage.text)
                for item in hidden:
                    shown = known.shown(item)
                    if item.entry.area in areas and re.search(rf"(?<![\d.]){re.escape(shown)}(?![\d.])", plain):
                        made.append(
                            f"{self.text.file}:{passage.line}: the text says {shown}, which {item.ref} is; the public edition withholds that "
                            f"figure: write {{{{ {item.ref} }}}} instead, or make sure that something else is meant"
                        )
        return tuple(made)

    def require_text(self) -> None:
        """Raise TextError listing every fault of the office's text, when there is one."""
        faults: list[TextError] = []
        for written, where in references(self.text):
            try:
                ref, role = parse_reference(written, where=where)
                self.referenced(ref, role, where=where)
            except TextError as error:
                faults.append(error)
        if faults:
            en, zh = ("\n".join(error.told(lang) for error in faults) for lang in ("en", "zh"))
            raise TextError(en, zh=zh)

    def require_sound(self) -> None:
        """Raise ReturnError listing every blocking finding, when there is one."""
        if self.blocking:
            lines, lines_zh = ([f"  {_told(item, lang)}" for item in self.blocking] for lang in ("en", "zh"))
            count = "1 problem stops" if len(lines) == 1 else f"{len(lines)} problems stop"
            named = self._named_for(self.blocking)
            raise ReturnError(
                "\n".join([f"{named}: {count} the report:", *lines]),
                self.blocking,
                zh="\n".join([f"{named}：有{len(lines)}处问题，改正后才能生成报告：", *lines_zh]),
            )

    def _named_for(self, findings: Sequence[Finding]) -> str:
        """Return the file that findings are about, or the folder where they are about several."""
        files = sorted({cell.file for item in findings for cell in item.cells})
        if len(files) > 1 and len({Path(file).parent for file in files}) == 1:
            return f"{Path(files[0]).parent.as_posix()}/"
        return files[0] if len(files) == 1 else self.file


def open_dataset(root: Path, *, township: str, year: int) -> Dataset:
    """Return the dataset of a township and year; a place with members is opened with all of theirs, and its own return is optional.

    What was opened before is returned again while no file of params or of the returns has changed since.

    Raises:
        UserError: the township does not exist, or params have faults.
        ReturnError: the return is missing or cannot be read as a whole; single problems are findings of the dataset.  For a place
            with members: neither it nor any of them has a return.
    """
    return _opened(root.resolve(), township, year, _stamp(root, year))


def _stamp(root: Path, year: int) -> tuple[tuple[str, int, int], ...]:
    """Return name, time and size of every file a dataset of the year may come from."""
    params = root / "params"
    files = [*params.glob("*.yml"), *params.glob("catalogue/*.yml"), *params.glob("townships/*.yml")]
    files += params.glob("forms/*.yml")
    files += [
        path
        for name in range(year, year - YEARS_BACK - 1, -1)
        for pattern in (f"*/{name}.*", f"*/{name}/*")
        for path in (root / "data").glob(pattern)
    ]
    return tuple((str(path), *_touched(path)) for path in sorted(files))


def _touched(path: Path) -> tuple[int, int]:
    """Return time and size of a file; of a link that leads nowhere, its own."""
    try:
        found = path.stat()
    except OSError:
        found = path.lstat()
    return found.st_mtime_ns, found.st_size


def close_all() -> None:
    """Forget the datasets that are kept open, so that a process which builds many reports holds one at a time."""
    _opened.cache_clear()


@lru_cache(maxsize=32)
def _opened(root: Path, township: str, year: int, stamp: tuple[tuple[str, int, int], ...]) -> Dataset:
    place = load_township(root, township)
    catalogue = load_catalogue(root, township=place)
    if not place.members:
        require_return(root, township, year)
        return Dataset(root, place, year, catalogue, _returns(root, place, year, catalogue))
    members = members_of(root, place)
    opened: dict[str, Dataset] = {}
    refused: list[ReturnError] = []
    for member in members:
        if has_return(root, member, year):
            try:
                opened[member.key] = _opened(root, member.key, year, stamp)
            except ReturnError as error:
                refused.append(error)
    reading = closed(catalogue)
    own: tuple[Intake, ...] = ()
    try:
        own = _returns(root, place, year, reading)
    except ReturnError as error:
        refused.insert(0, error)
    if refused:
        raise _together(refused)
    if not opened and not return_files(root, township, year):
        raise ReturnError(
            f"{_name_of(place, year)}: no return of {township} for {year}, and none of its members ({', '.join(place.members)}); "
            f"put a member's filled workbook at {_name_of(members[0], year)}",
            zh=f"{_name_of(place, year)}：没有{township} {year}年的报表，其下属（{'、'.join(place.members)}）也都没有；"
            f"请把下属填好的工作簿放到{_name_of(members[0], year)}",
        )
    return Dataset(
        root,
        place,
        year,
        opened_to_members(catalogue, members),
        own,
        tuple(opened.values()),
        tuple(member for member in members if member.key not in opened),
    )


def _returns(root: Path, place: Township, year: int, catalogue: Catalogue) -> tuple[Intake, ...]:
    """Return what a place handed in for the year and for the year before, file by file, the year itself first.

    Raises:
        ReturnError: one or more cannot or must not be opened; every file was looked at, and the error holds the findings of all.
    """
    read: list[Intake] = []
    refused: list[ReturnError] = []
    for one in (year, year - 1):
        for path in return_files(root, place.key, one):
            try:
                read.append(read_return(path, root=root, township=place, year=one, catalogue=catalogue))
            except ReturnError as error:
                refused.append(error)
    if refused:
        own = [intake for intake in read if intake.year == year]
        twice = duplicate_findings(own, township=place, year=year, catalogue=catalogue)
        raise _together(refused, (*(item for intake in own for item in intake.findings), *twice))
    return tuple(read)


def _together(refused: Sequence[ReturnError], others: Sequence[Finding] = ()) -> ReturnError:
    """Return one error that tells what several do, and what stops a report in the files that could be read."""
    if len(refused) == 1 and not others:
        return refused[0]
    stopping = [item for item in others if item.severity is Severity.BLOCK]
    en, zh = (
        "\n".join([*(error.told(lang) for error in refused), *(_told(item, lang) for item in stopping)])
        for lang in ("en", "zh")
    )
    return ReturnError(en, (*(item for error in refused for item in error.findings), *others), zh=zh)


def _told(finding: Finding, lang: str) -> str:
    between, comma = ("：", "；") if lang == "zh" else (": ", "; ")
    return f"{finding.address}{between}{finding.message(lang)}{comma}{finding.remedy(lang)} [{finding.code}]"


def has_return(root: Path, place: Township, year: int) -> bool:
    """True when a place, or for a place with members any place below it, handed in a return of ``year``."""
    below = (load_township(root, key) for key in place.members)
    return bool(return_files(root, place.key, year)) or any(has_return(root, member, year) for member in below)


def _name_of(place: Township, year: int) -> str:
    return return_path(Path(), place.key, year).as_posix()


def open_file(root: Path, path: Path, *, township: str, year: int) -> Dataset:
    """Return the dataset of one workbook that need not lie in ``data/``, for checking it before it is handed in."""
    place = load_township(root, township)
    catalogue = load_catalogue(root, township=place)
    intake = read_return(path.resolve(), root=root, township=place, year=year, catalogue=catalogue)
    return Dataset(root, place, year, catalogue, (intake,))


RESULT_COLUMNS = (
    "township",
    "year",
    "area",
    "indicator",
    "dims",
    "period",
    "numerator",
    "denominator",
    "value",
    "unit",
    "decimals",
    "display",
    "lower",
    "upper",
    "target",
    "deviation",
    "previous",
    "change",
    "status",
    "base",
    "target_set_by",
    "gap",
    "reason",
    "sources",
)
"""Columns of ``results.csv``; the first nineteen are a contract."""
FINDING_COLUMNS = ("code", "severity", "area", "cells", "message_zh", "message_en", "remedy_zh", "remedy_en")
"""Columns of ``findings.csv``."""


def sources_told(data: Dataset, sources: Iterable[str]) -> tuple[str, ...]:
    """Return sources as an edition names them: the public one names files, never cells or lines, which are the office's own affair."""
    if data.internal is None:
        return tuple(sources)
    return tuple(dict.fromkeys(re.sub(r":\d+$", "", source.partition("!")[0]) for source in sources))


def result_row(data: Dataset, result: Result) -> dict[str, str]:
    """Return a result as a row of ``results.csv``: exact values as text, ``display`` as the report prints it."""
    return {
        "township": data.township.key,
        "year": str(data.year),
        "area": result.entry.area,
        "indicator": result.entry.id,
        "dims": ";".join(f"{key}={value}" for key, value in result.dims),
        "period": result.period.code,
        "numerator": exact_text(result.numerator),
        "denominator": exact_text(result.denominator),
        "value": exact_text(result.value),
        "unit": result.unit,
        "decimals": str(result.entry.decimals),
        "display": data.results.shown(result),
        "lower": "" if result.lower is None else repr(result.lower),
        "upper": "" if result.upper is None else repr(result.upper),
        "target": "" if result.target is None else str(result.target.value),
        "deviation": exact_text(result.deviation),
        "previous": exact_text(result.previous),
        "change": exact_text(result.change),
        "status": str(result.status),
        "base": result.entry.base,
        "target_set_by": "" if result.target is None else result.target.setter.value,
        "gap": "" if result.gap is None else str(result.gap),
        "reason": result.reason,
        "sources": ";".join(sources_told(data, map(str, result.cells))),
    }


def finding_row(finding: Finding) -> dict[str, str]:
    """Return a finding as a row of ``findings.csv``."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "area": finding.area,
        "cells": ";".join(str(cell) for cell in finding.cells),
        "message_zh": finding.message("zh"),
        "message_en": finding.message("en"),
        "remedy_zh": finding.remedy("zh"),
        "remedy_en": finding.remedy("en"),
    }
