"""What a chapter reads of the data: every question it asks is noted by name, so that a later run can ask the same questions again.

A chapter is given a dataset through :func:`watched`.  Whatever it asks passes one of the doors here, and each notes a query: a tuple of
words such as ``("result", "births[parity=1]")`` or ``("area", "elderly")``.  Names only, no answers: a public edition must not tell by
its records what it withholds.  A question that found nothing is noted too, for one day it may find something.  What has no door of its
own counts as :data:`EVERYTHING`, so that a reading nobody thought of makes a chapter be run again too often and never too seldom.

:class:`Answers` gives the digest of what a query is answered now.  A chapter whose queries are all answered as they were when it ran
would come out the same: notebook, library, packages and options being equal, it is a function of these answers alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from nianbao.catalogue import Catalogue, Element, Indicator
from nianbao.dataset import Dataset
from nianbao.digests import Digester
from nianbao.errors import Cell, Finding, NianbaoError
from nianbao.fields import Dims
from nianbao.formulas import reference
from nianbao.indicators import Result, Results
from nianbao.observation import CellText, Observed
from nianbao.officetext import OfficeText, Passage
from nianbao.rollup import Behind, HandedUp
from nianbao.scoring import Scheme

Query = tuple[str, ...]
"""A question asked of a dataset; those of a member begin with ``("member", key)``."""
EVERYTHING: Query = ("everything",)
"""The query of a reader that may have read anything: it is answered otherwise as soon as any input differs."""
_ATTRIBUTES = (
    "areas_told",
    "entries_told",
    "file",
    "findings",
    "given",
    "handed_in",
    "intakes",
    "judged",
    "part",
    "places",
    "plans",
    "returns",
    "silent",
    "unsure",
    "volume",
    "withheld",
)
"""Attributes of a dataset that are queries of their own; any other is :data:`EVERYTHING`."""
_INTERNAL = ("given", "handed_in", "intakes", "returns", "unsure")
"""Attributes whose digest could tell a small number: the public edition's records say :data:`EVERYTHING` instead."""
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Reads:
    """The queries one chapter has asked."""

    def __init__(self) -> None:
        self._asked: set[Query] = set()
        self._cells: dict[tuple[Query, str, str], set[str]] = {}

    def add(self, query: Query) -> None:
        """Note a query."""
        self._asked.add(query)

    def add_cell(self, scope: Query, cell: Cell) -> None:
        """Note that what stands in a cell was asked for; cells of one sheet become one query."""
        self._cells.setdefault((scope, cell.file, cell.sheet), set()).add(cell.cell)

    def names(self) -> list[list[str]]:
        """Return the queries in a fixed order, as JSON holds them."""
        sheets = {(*scope, "cells", file, sheet, *sorted(cells)) for (scope, file, sheet), cells in self._cells.items()}
        return [list(query) for query in sorted(self._asked | sheets)]


def watched(data: Dataset, reads: Reads) -> Dataset:
    """Return a dataset that answers as ``data`` does and notes in ``reads`` what it was asked."""
    return cast(Dataset, _Watched(data, reads))


# ---- the doors -------------------------------------------------------------------------------------------------------


class _Noted(Mapping[_Key, _Value]):
    """A mapping that notes its reading: one query for each key, another for all of it at once."""

    def __init__(self, source: Mapping[_Key, _Value], reads: Reads, one: Query, every: Query | None = None) -> None:
        self._source, self._reads, self._one, self._every = source, reads, one, every

    def _asks(self, key: object) -> None:
        self._reads.add((*self._one, str(key)) if self._every is not None else self._one)

    def __getitem__(self, key: _Key) -> _Value:
        self._asks(key)
        return self._source[key]

    def __contains__(self, key: object) -> bool:
        self._asks(key)
        return key in self._source

    def __iter__(self) -> Iterator[_Key]:
        self._reads.add(self._every or self._one)
        return iter(self._source)

    def __len__(self) -> int:
        self._reads.add(self._every or self._one)
        return len(self._source)


class _WatchedCatalogue(Catalogue):
    """A catalogue of which every entry, every place and every list that was read is noted."""

    def __init__(self, source: Catalogue, reads: Reads, scope: Query) -> None:
        def noted(name: str) -> Any:
            return _Noted(getattr(source, name), reads, (*scope, name))

        reads.add((*scope, "outline"))
        super().__init__(
            areas=noted("areas"),
            entries=_Noted(source.entries, reads, (*scope, "entry"), (*scope, "entries")),
            units=noted("units"),
            dimensions=noted("dimensions"),
            bases=noted("bases"),
            outline=source.outline,
            files=_Noted(source.files, reads, (*scope, "stated"), (*scope, "files")),
            lines=_Noted(source.lines, reads, (*scope, "stated"), (*scope, "lines")),
        )
        object.__setattr__(self, "_watch", (source, reads, scope))

    def of_area(self, area: str) -> Iterator[Element | Indicator]:
        source, reads, scope = self._watch  # type: ignore[attr-defined]
        reads.add((*scope, "entries-of", area))
        yield from source.of_area(area)

    def labels(self) -> tuple[tuple[str, str, str], ...]:
        source, reads, scope = self._watch  # type: ignore[attr-defined]
        reads.add((*scope, "labels"))
        found: tuple[tuple[str, str, str], ...] = source.labels()
        return found


class _WatchedResults(Results):
    """Results of which every question is noted."""

    def __init__(self, source: Results, catalogue: Catalogue, reads: Reads, scope: Query) -> None:
        super().__init__((), catalogue=catalogue, township=source.township, year=source.year)
        self._source, self._reads, self._scope = source, reads, scope

    def _notes(self, *query: str) -> None:
        self._reads.add((*self._scope, *query))

    def __len__(self) -> int:
        self._notes("results")
        return len(self._source)

    def __getitem__(self, index: int) -> Result:  # type: ignore[override]
        self._notes("results")
        return self._source[index]

    def __iter__(self) -> Iterator[Result]:
        self._notes("results")
        return iter(self._source)

    def get(self, ref: str) -> Result | None:
        self._notes("result", ref)
        return self._source.get(ref)

    def of(self, entry: str) -> tuple[Result, ...]:
        self._notes("results-of", entry)
        return self._source.of(entry)

    @property
    def _by_ref(self) -> Mapping[str, Result]:
        self._notes("results")
        return self._source._by_ref

    @property
    def overall(self) -> tuple[Result, ...]:
        self._notes("overall")
        return self._source.overall

    def of_area(self, area: str) -> tuple[Result, ...]:
        self._notes("area", area)
        return self._source.of_area(area)


class _WatchedCells(Observed):
    """The observations by cell, each cell asked for noted."""

    def __init__(self, source: Observed, reads: Reads, scope: Query) -> None:
        super().__init__(())
        self._source, self._reads, self._scope = source, reads, scope

    def at(self, cell: Cell) -> CellText | None:
        self._reads.add_cell(self._scope, cell)
        return self._source.at(cell)

    def named(self, address: str) -> Cell | None:
        found = self._source.named(address)
        if found is not None:
            self._reads.add_cell(self._scope, found)
        elif "!" in address:  # the name of a cell that holds no figure now; a line of a params file is none
            self._reads.add((*self._scope, "named", address))
        return found


class _WatchedBehind(Mapping[tuple[str, Dims, tuple[Cell, ...]], HandedUp]):
    """What members handed up, each figure asked for noted, and what is then read of the member too."""

    def __init__(self, source: Behind, reads: Reads, scope: Query) -> None:
        self._source, self._reads, self._scope = source, reads, scope

    def __getitem__(self, key: tuple[str, Dims, tuple[Cell, ...]]) -> HandedUp:
        self._reads.add((*self._scope, "behind", key[0], reference(key[0], key[1])))
        handed = self._source[key]
        below = (*self._scope, "member", handed.member.township.key)
        self._reads.add((*below, "township"))
        member = type(handed.member)(
            handed.member.township,
            handed.member.file,
            _WatchedCatalogue(handed.member.catalogue, self._reads, below),
            handed.member.observations,
            _WatchedBehind(handed.member.behind, self._reads, below) if handed.member.behind else {},
        )
        return HandedUp(member, handed.result)

    def __iter__(self) -> Iterator[tuple[str, Dims, tuple[Cell, ...]]]:
        self._reads.add(EVERYTHING)
        return iter(self._source)

    def __len__(self) -> int:
        return len(self._source)  # only whether a place has members, which its params say


class _WatchedText(OfficeText):
    """The office's text, each section asked for noted."""

    def __init__(self, source: OfficeText, reads: Reads, scope: Query) -> None:
        super().__init__(source.file, _Noted(source.sections, reads, (*scope, "text"), (*scope, "texts")))
        object.__setattr__(self, "_watch", (source, reads, scope))

    def about(self, chapter: str) -> tuple[Passage, ...]:
        source, reads, scope = self._watch  # type: ignore[attr-defined]
        reads.add((*scope, "text-about", chapter))
        found: tuple[Passage, ...] = source.about(chapter)
        return found


class _Watched:
    """Stands for a dataset; attributes without a door of their own are taken for everything."""

    def __init__(self, source: Dataset, reads: Reads, scope: Query = ()) -> None:
        self._source, self._reads, self._scope = source, reads, scope
        self.year = source.year
        self.catalogue = _WatchedCatalogue(source.catalogue, reads, scope)
        self.results = _WatchedResults(source.results, self.catalogue, reads, scope)
        self.text = _WatchedText(source.text, reads, scope)
        # the public edition has no cells to ask for, and even their names are the office's own affair
        self.observed = _WatchedCells(source.observed, reads, scope) if source.internal is None else source.observed
        reads.add((*scope, "township"))
        self.township = source.township

    @property
    def internal(self) -> Dataset | None:
        """None for the internal edition; of the dataset behind a public one, any reading counts as everything."""
        if self._source.internal is None:
            return None
        return cast(Dataset, _Open(self._source.internal, self._reads))

    @property
    def behind(self) -> Behind:
        found = self._source.behind
        return _WatchedBehind(found, self._reads, self._scope) if found else {}

    @property
    def members(self) -> tuple[Dataset, ...]:
        self._reads.add((*self._scope, "members"))
        opened = self._source.members
        return tuple(cast(Dataset, _Watched(one, self._reads, (*self._scope, "member", one.township.key))) for one in opened)

    def known_internally(self, ref: str) -> bool:
        self._reads.add((*self._scope, "known", ref))
        return self._source.known_internally(ref)

    def told_of(self, area: str) -> tuple[str, ...]:
        self._reads.add((*self._scope, "told-of", area))
        return self._source.told_of(area)

    def findings_of(self, code: str) -> tuple[Finding, ...]:
        self._reads.add((*self._scope, "findings-of", code))
        return self._source.findings_of(code)

    def scheme(self, key: str) -> Scheme:
        self._reads.add((*self._scope, "scheme", key))
        return self._source.scheme(key)

    def over_years(self, found: Sequence[Result]) -> tuple[tuple[Result | None, ...], ...]:
        own = all(self._source.results.get(item.ref) is item for item in found)
        self._reads.add((*self._scope, "over-years", *(item.ref for item in found)) if own else EVERYTHING)
        return self._source.over_years(found)

    def referenced(self, ref: str, role: str, *, where: str) -> Result:
        return Dataset.referenced(cast(Dataset, self), ref, role, where=where)

    def __getattr__(self, name: str) -> Any:
        withheld = self._source.internal is not None and name in _INTERNAL
        own = name in _ATTRIBUTES and not withheld
        self._reads.add((*self._scope, "data", name) if own else EVERYTHING)
        return getattr(self._source, name)


class _Open:
    """A dataset whose reader may read anything."""

    def __init__(self, source: Dataset, reads: Reads) -> None:
        self._source, self._reads = source, reads

    def __getattr__(self, name: str) -> Any:
        self._reads.add(EVERYTHING)
        return getattr(self._source, name)


# ---- the answers ----------------------------------------------------------------------------------------------------


class Answers:
    """What the queries of chapters are answered by one dataset; ``inputs`` are the hashes of all it was made from."""

    def __init__(self, data: Dataset, inputs: Mapping[str, str]) -> None:
        self._data, self._inputs = data, inputs
        self._digester = Digester()
        self._known: dict[Query, str] = {}

    def digest(self, query: Query) -> str:
        """Return the digest of the answer to a query.

        A query that cannot be answered any more, because what it names is gone or has faults, has a digest too; one that no release of
        this program asks is answered as :data:`EVERYTHING`.
        """
        if query not in self._known:
            try:
                self._known[query] = self._digester.digest(self._answer(query))
            except NianbaoError as error:
                self._known[query] = self._digester.digest(("refused", str(error)))
        return self._known[query]

    def results(self, query: Query) -> tuple[Result, ...]:
        """Return the results a query is answered with; nothing for a query of something else."""
        data, query = self._scoped(query)
        if data is None or not query:
            return ()
        match query:
            case ("result", ref):
                found = data.results.get(ref)
                return () if found is None else (found,)
            case ("results-of", entry):
                return data.results.of(entry)
            case ("area", area):
                return data.results.of_area(area)
            case ("overall",):
                return data.results.overall
            case ("results",):
                return tuple(data.results)
            case _:
                return ()

    def _scoped(self, query: Query) -> tuple[Dataset | None, Query]:
        data: Dataset | None = self._data
        while len(query) > 1 and query[0] == "member":
            key, query = query[1], query[2:]
            data = None if data is None else next((one for one in data.members if one.township.key == key), None)
        return data, query

    def _answer(self, query: Query) -> object:
        data, own = self._scoped(query)
        if data is None:
            return "gone"
        match own:
            case ("township",):
                return data.township
            case ("outline",):
                return data.catalogue.outline
            case ("areas" | "units" | "dimensions" | "bases" | "entries" | "files" | "lines" as name,):
                return getattr(data.catalogue, name)
            case ("entry", key):
                return data.catalogue.entries.get(key)
            case ("entries-of", area):
                return tuple(data.catalogue.of_area(area))
            case ("labels",):
                return data.catalogue.labels()
            case ("stated", key):
                return data.catalogue.files.get(key), data.catalogue.lines.get(key)
            case ("result", _) | ("results-of", _) | ("area", _) | ("overall",) | ("results",):
                return self.results(query)
            case ("cells", file, sheet, *cells):
                return [data.observed.at(Cell(file, sheet, cell)) for cell in cells]
            case ("named", address):
                return data.observed.named(address)
            case ("behind", entry, ref):
                found = ((key, value.result) for key, value in data.behind.items() if key[0] == entry)
                return [(key[2], result) for key, result in found if reference(entry, key[1]) == ref]
            case ("members",):
                return [one.township.key for one in data.members]
            case ("known", ref):
                return data.known_internally(ref)
            case ("findings-of", code):
                return data.findings_of(code)
            case ("told-of", area):
                return data.told_of(area)
            case ("scheme", key):
                return data.scheme(key)
            case ("text", section):
                return data.text.sections.get(section)
            case ("text-about", chapter):
                return data.text.about(chapter)
            case ("texts",):
                return data.text
            case ("over-years", *refs):
                return data.over_years([item for ref in refs if (item := data.results.get(ref)) is not None]), refs
            case ("data", name) if name in _ATTRIBUTES:
                return getattr(data, name)
            case _:
                return dict(self._inputs)


def changed(queries: Mapping[Query, str], answers: Answers) -> Iterator[Query]:
    """Yield the queries that are answered otherwise than their digests say."""
    return (query for query, digest in queries.items() if answers.digest(query) != digest)


def unscoped(query: Query) -> Query:
    """Return a query as it is asked of the member it is about."""
    while len(query) > 1 and query[0] == "member":
        query = query[2:]
    return query


def entry_of(query: Query) -> str:
    """Return the entry a query is about, or nothing."""
    query = unscoped(query)
    named = len(query) > 1 and query[0] in ("result", "results-of", "entry", "stated", "behind")
    return query[1].partition("[")[0] if named else ""


def cells_asked(queries: Iterable[Query]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield file, sheet and cells of the queries for cells."""
    for query in map(unscoped, queries):
        if query[0] == "cells":
            yield query[1], query[2], query[3:]
