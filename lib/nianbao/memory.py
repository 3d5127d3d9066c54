"""What a build remembers for the next one, and what the next one need not do again: which chapters stand, which are run, and why.

Beside a build lies its memory, ``<out>/<year>/.state/<township>.json.gz``: for each chapter the queries it asked of the data
(:mod:`nianbao.reads`) with the digest of each answer, and what stood in the cells of the returns, so that a reason can say what a cell
held before.  A chapter is taken over from the build before when its notebook, the library, the packages and the options are those it
was run with, its executed notebook is as it was published, and every query it asked is answered as it was then.

Of a public edition no text of a cell and no hash of one figure's cell is kept: what is withheld there must not be told by a file beside it.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nianbao import store
from nianbao.checks import named
from nianbao.dataset import Dataset
from nianbao.digests import Digester
from nianbao.errors import Cell
from nianbao.freshness import STATE, Options
from nianbao.masking import masked
from nianbao.observation import Observation
from nianbao.reads import Answers, Query, cells_asked, changed, entry_of, unscoped
from nianbao.store import Manifest, Reason

_SCHEMA = 1
_NAMED = 8
"""How many changed cells the reasons name before they only count them."""
_SHARED = ("library", "requirements.lock")
"""Inputs every chapter depends on as a whole."""


@dataclass(frozen=True)
class ChapterMemory:
    """One chapter of a build: the hashes of its notebook and of the executed one, and its queries with the digests of their answers."""

    notebook: str
    executed: str
    queries: Mapping[Query, str]


@dataclass(frozen=True)
class Memory:
    """What one build remembers.

    ``build`` is the hash of its manifest; ``cells`` maps file, sheet and cell to the text that stood there and the entry it is of;
    ``entries``, ``params`` and ``texts`` map entries, keys of params files and sections of the office's text to digests.
    """

    build: str
    chapters: Mapping[str, ChapterMemory]
    cells: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]] = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


def memory_path(final: Path) -> Path:
    """Return where the memory of a build lies."""
    return final.parent / STATE / f"{final.name}.json.gz"


def read_memory(final: Path) -> Memory | None:
    """Return the memory of the build in a folder; None where there is none, it is damaged, or it is of another build."""
    try:
        raw = json.loads(gzip.decompress(memory_path(final).read_bytes()))
        if raw["schema"] != _SCHEMA or raw["build"] != store.sha256_file(final / store.MANIFEST_NAME):
            return None
        table = [(tuple(names), digest) for names, digest in raw["queries"]]
        chapters = {
            name: ChapterMemory(one["notebook"], one["executed"], dict(table[place] for place in one["queries"]))
            for name, one in raw["chapters"].items()
        }
        return Memory(raw["build"], chapters, raw["cells"], raw["entries"], raw["params"], raw["texts"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, IndexError):
        return None


def write_memory(final: Path, memory: Memory) -> None:
    """Write the memory of a build; what the disk refuses is no failure, for the next run then runs every chapter."""
    table: dict[tuple[Query, str], int] = {}
    for chapter in memory.chapters.values():
        for pair in chapter.queries.items():
            table.setdefault(pair, len(table))
    raw = {
        "schema": _SCHEMA,
        "build": memory.build,
        "queries": [[list(query), digest] for query, digest in table],
        "chapters": {
            name: {
                "notebook": one.notebook,
                "executed": one.executed,
                "queries": [table[pair] for pair in one.queries.items()],
            }
            for name, one in memory.chapters.items()
        },
        "cells": memory.cells,
        "entries": memory.entries,
        "params": memory.params,
        "texts": memory.texts,
    }
    content = json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    try:
        memory_path(final).parent.mkdir(mode=0o700, exist_ok=True)
        store.atomic_write(memory_path(final), gzip.compress(content, 6, mtime=0))
    except OSError:
        return


def remembered(
    data: Dataset,
    queries: Mapping[str, Sequence[Query]],
    *,
    build: str,
    notebooks: Mapping[str, str],
    executed: Mapping[str, str],
    answers: Answers,
) -> Memory:
    """Return the memory of a build that was just made: ``queries`` by chapter, with the hashes of its notebook and of the executed one.

    ``data`` is the dataset of the edition.
    """
    digester = Digester()
    chapters = {
        name: ChapterMemory(notebooks[name], executed[name], {query: answers.digest(query) for query in asked})
        for name, asked in queries.items()
    }
    return Memory(
        build,
        chapters,
        cells=_cells(data),
        entries={key: digester.digest(entry) for key, entry in data.catalogue.entries.items()},
        params=_params(data, digester),
        texts={key: digester.digest(passages) for key, passages in data.text.sections.items()},
    )


def _cells(data: Dataset) -> dict[str, dict[str, dict[str, Sequence[str]]]]:
    found: dict[str, dict[str, dict[str, Sequence[str]]]] = {}
    for item in data.given if data.internal is None else ():
        found.setdefault(item.cell.file, {}).setdefault(item.cell.sheet, {})[item.cell.cell] = (item.raw, item.entry)
    return found


def _params(data: Dataset, digester: Digester) -> dict[str, str]:
    """Return the digest of every key of the params of the place and of those below it, by file and dotted name."""
    found: dict[str, str] = {}

    def walk(where: str, value: object) -> Iterator[tuple[str, object]]:
        if isinstance(value, Mapping) and value:
            for key, inner in value.items():
                yield from walk(f"{where}.{key}" if not where.endswith(": ") else f"{where}{key}", inner)
        else:
            yield where, value

    for place in data.places:
        for where, value in walk(f"params/townships/{place.key}.yml: ", place.model_dump()):
            found[where] = digester.digest(value)
    return found


# ---- what is run again, and why --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Which chapters are taken over, which are run and why, and what of the whole build changed."""

    kept: Mapping[str, ChapterMemory]
    run: Mapping[str, tuple[Reason, ...]]
    causes: tuple[Reason, ...]


@dataclass(frozen=True)
class _Change:
    """One cause of change: the reason, and what it touches: a cell, an entry, kinds of queries; ``files`` where it is of a whole file."""

    reason: Reason
    cell: Cell | None = None
    entry: str = ""
    kinds: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def plan(
    data: Dataset,
    chapters: Sequence[str],
    options: Options,
    final: Path,
    *,
    inputs: Mapping[str, str],
    manifest: Manifest | None,
    reasons: Sequence[Reason],
    answers: Answers,
) -> Plan:
    """Return what a build needs to do; ``reasons`` are those for which it is stale, ``data`` is the dataset of the edition."""
    memory = read_memory(final) if manifest is not None else None
    if options.force:
        return Plan({}, dict.fromkeys(chapters, (_FORCED,)), (_FORCED,))
    if manifest is None or memory is None:
        told = tuple(reasons) or (_UNKNOWN,)
        return Plan({}, dict.fromkeys(chapters, told), told)
    whole = [
        Reason(f"{_NAMES[name][0]} changed", f"{_NAMES[name][1]}有改动")
        for name in _SHARED
        if manifest.inputs.get(name) != inputs.get(name)
    ]
    built_with = {name: manifest.options.get(name) for name in ("lang", "edition")}
    whole += store.changed_options(built_with, {"lang": options.lang, "edition": options.edition})
    changes = list(_changes(data, memory, manifest, inputs)) if not whole else []
    kept: dict[str, ChapterMemory] = {}
    run: dict[str, tuple[Reason, ...]] = {}
    for name in chapters:
        why = tuple(whole) or tuple(_why(name, memory, inputs, final, answers, changes))
        if why:
            run[name] = why
        else:
            kept[name] = memory.chapters[name]
    told_already = {name for change in changes for name in _inputs_told(change, inputs)}
    others = [
        reason
        for reason in reasons
        if not any(str(reason) == f"input {name} changed" for name in (*_SHARED, *told_already)) and reason not in whole
    ]
    precise = [
        change.reason for change in changes if not any(f"({file}" in one.reason for one in changes for file in change.files)
    ]
    causes = [*whole, *_shortened(precise), *others]
    return Plan(kept, run, tuple(dict.fromkeys(causes)) or (_UNKNOWN,))


_FORCED = Reason("forced", "要求全部重做")
_UNKNOWN = Reason("nothing is known of the last build", "没有上次生成的记录")
_NAMES = {"library": ("library", "程序"), "requirements.lock": ("packages (requirements.lock)", "软件包（requirements.lock）")}


def _shortened(reasons: Sequence[Reason]) -> list[Reason]:
    if len(reasons) <= _NAMED:
        return list(reasons)
    left = len(reasons) - _NAMED
    return [*reasons[:_NAMED], Reason(f"and {left} more changes", f"另有{left}处改动")]


def _why(
    name: str,
    memory: Memory,
    inputs: Mapping[str, str],
    final: Path,
    answers: Answers,
    changes: Sequence[_Change],
) -> Iterator[Reason]:
    """Yield why a chapter must be run; nothing for one that stands."""
    known = memory.chapters.get(name)
    if known is None:
        yield Reason("the chapter is new, or did not run to its end", "该章是新增的，或者上次没有完成")
        return
    if known.notebook != inputs.get(f"notebooks/{name}.ipynb"):
        yield Reason(f"notebook {name}.ipynb edited", f"笔记本{name}.ipynb有改动")
        return
    file = final / "chapters" / f"{name}.ipynb"
    if not file.is_file() or store.sha256_file(file) != known.executed:
        yield Reason(
            f"output chapters/{name}.ipynb was altered after it was built", f"生成的文件chapters/{name}.ipynb后来被改动"
        )
        return
    differ = list(changed(known.queries, answers))
    if not differ:
        return
    found = list(_attributed(differ, answers, changes))
    if found:
        yield from _shortened(found)
        return
    asked = "; ".join(" ".join(query) for query in differ[:3])
    yield Reason(f"what it reads changed: {asked}", f"所用数据有改动：{asked}")


def _attributed(differ: Sequence[Query], answers: Answers, changes: Sequence[_Change]) -> Iterator[Reason]:
    """Yield the changes that stand behind queries answered otherwise."""
    touched = {cell for query in differ for item in answers.results(query) for cell in (*item.cells, *item.previous_cells)}
    touched |= {Cell(file, sheet, cell) for file, sheet, cells in cells_asked(differ) for cell in cells}
    entries = {entry_of(query) for query in differ} | {item.entry.id for query in differ for item in answers.results(query)}
    kinds = {_kind(query) for query in differ}
    for change in changes:
        hit = change.cell is not None and (change.cell in touched or change.entry in entries)
        hit = hit or (change.cell is None and change.entry != "" and change.entry in entries)
        if hit or kinds & set(change.kinds):
            yield change.reason


def _kind(query: Query) -> str:
    query = unscoped(query)
    return query[1] if query[0] == "data" else query[0]


def _changes(data: Dataset, memory: Memory, manifest: Manifest, inputs: Mapping[str, str]) -> Iterator[_Change]:
    """Yield every change of the sources since the last build, each told as precisely as the memory allows."""
    if data.internal is None:
        yield from _cell_changes(data, memory)
    digester = Digester()
    now = {key: digester.digest(entry) for key, entry in data.catalogue.entries.items()}
    for key in sorted(set(now) | set(memory.entries)):
        if now.get(key) != memory.entries.get(key):
            file = data.catalogue.stated(key)
            entry = data.catalogue.entries.get(key)
            zh = f"“{entry.zh}”" if entry is not None else ""
            reason = Reason(f"catalogue entry {key} edited ({file})", f"目录条目{key}{zh}有改动（{file}）")
            yield _Change(reason, entry=key, kinds=("entries", "labels"))
    params = _params(data, digester)
    for key in sorted(set(params) | set(memory.params)):
        if params.get(key) != memory.params.get(key):
            yield _Change(Reason(f"{key} changed", f"{key}有改动"), kinds=("township", "part", "places"))
    texts = {key: digester.digest(passages) for key, passages in data.text.sections.items()}
    for key in sorted(set(texts) | set(memory.texts)):
        if texts.get(key) != memory.texts.get(key):
            reason = Reason(
                f"the office's text changed ({data.text.file}: {key})", f"单位文字有改动（{data.text.file}：{key}）"
            )
            yield _Change(reason, kinds=("text", "text-about", "texts"))
    for name in sorted(set(manifest.inputs) | set(inputs)):
        if name.startswith("params/catalogue/") and manifest.inputs.get(name) != inputs.get(name):
            kinds = ("stated", "units", "dimensions", "bases", "areas", "lines", "files")
            yield _Change(Reason(f"{name} edited", f"{name}有改动"), kinds=kinds, files=(name,))


def _cell_changes(data: Dataset, memory: Memory) -> Iterator[_Change]:
    before = memory.cells
    now = _cells(data)
    places = {place.key: place for place in data.places}
    observed: Mapping[Cell, Observation] = {item.cell: item for item in data.given}
    for file in sorted(set(before) | set(now)):
        sheets, sheets_now = before.get(file, {}), now.get(file, {})
        if sheets == {sheet: {cell: list(one) for cell, one in cells.items()} for sheet, cells in sheets_now.items()}:
            continue
        key = file.split("/")[1] if file.count("/") else data.township.key
        place = places.get(key, data.township)
        for sheet in dict.fromkeys((*sheets_now, *sheets)):
            cells, cells_now = sheets.get(sheet, {}), sheets_now.get(sheet, {})
            for cell in dict.fromkeys((*cells_now, *cells)):
                was, is_ = cells.get(cell), cells_now.get(cell)
                if was is not None and is_ is not None and was[0] == is_[0] and was[1] == is_[1]:
                    continue
                at = Cell(file, sheet, cell)
                yield _Change(
                    _told(data, at, observed.get(at), was, is_, place.zh, place.en), cell=at, entry=(is_ or was or ("", ""))[1]
                )


def _told(
    data: Dataset,
    at: Cell,
    item: Observation | None,
    was: Sequence[str] | None,
    is_: Sequence[str] | None,
    place_zh: str,
    place_en: str,
) -> Reason:
    """Return a changed cell in words: place, work area, figure, cell, and what stood and stands there."""
    key = (is_ or was or ("", ""))[1]
    entry = data.catalogue.entries.get(key)
    area = data.catalogue.areas.get(entry.area) if entry is not None else None
    dims = item.dims if item is not None else ()
    zh, en = (named(entry, dims, data.results, lang=lang) if entry is not None else key for lang in ("zh", "en"))
    if item is not None and item.period.year != data.year:
        zh, en = f"{zh}（{item.period.label('zh')}）", f"{en} ({item.period.label('en')})"
    texts = [masked(one[0]) if one is not None else "" for one in (was, is_)]
    in_zh, in_en = "→".join(text or "（空）" for text in texts), "→".join(text or "(empty)" for text in texts)
    about_zh = f"{place_zh} {area.zh if area is not None else ''}".rstrip()
    about_en = f"{place_en}, {area.en if area is not None else ''}".rstrip(", ")
    return Reason(f"{about_en}: {en} {at.short} {in_en}", f"{about_zh}：{zh} {at.short} {in_zh}")


def _inputs_told(change: _Change, inputs: Mapping[str, str]) -> Iterator[str]:
    """Yield the inputs whose change a reason has told already."""
    if change.cell is not None:
        yield change.cell.file
    for name in inputs:
        if name in str(change.reason):
            yield name


# ---- what the manifest says of a chapter -----------------------------------------------------------------------------

_CATALOGUE = ("areas", "bases", "dimensions", "entries", "entries-of", "entry", "files", "labels", "lines", "stated", "units")
_PARAMS = ("outline", "part", "places", "scheme", "township")


def slices(data: Dataset, queries: Sequence[Query], *, notebook: str, answers: Answers) -> dict[str, Any]:
    """Return the hashes of what one chapter was made from, for the manifest: notebook, catalogue slice, params, ranges of cells.

    A range is the smallest rectangle that holds the cells used of a sheet; its hash is of the text of these cells.  The public edition
    names no cells.
    """
    parts = {
        name: {" ".join(query): answers.digest(query) for query in queries if _kind(query) in kinds}
        for name, kinds in (("catalogue", _CATALOGUE), ("params", _PARAMS))
    }
    made: dict[str, Any] = {"notebook": notebook, **{name: store.digest(found) for name, found in parts.items()}}
    if data.internal is not None:
        return made
    used = {cell for query in queries for item in answers.results(query) for cell in (*item.cells, *item.previous_cells)}
    used |= {Cell(file, sheet, cell) for file, sheet, cells in cells_asked(queries) for cell in cells}
    sheets: dict[tuple[str, str], dict[str, str]] = {}
    for cell in sorted(used, key=str):
        found = data.observed.at(cell)
        if found is not None:
            sheets.setdefault((cell.file, cell.sheet), {})[cell.cell] = found.raw
    made["cells"] = {
        str(Cell(file, sheet, _span(cells))): store.digest(cells) for (file, sheet), cells in sorted(sheets.items())
    }
    return made


def _span(cells: Mapping[str, str]) -> str:
    """Return the smallest range that holds cells such as ``F9``; what is no such cell, a line of a text table, is named as it is."""
    found = []
    for cell in cells:
        column = cell.rstrip("0123456789")
        if not (column.isascii() and column.isalpha() and cell[len(column) :]):
            return ",".join(cells)
        found.append(((len(column), column), int(cell[len(column) :])))
    columns, rows = [column for column, _ in found], [row for _, row in found]
    first, last = f"{min(columns)[1]}{min(rows)}", f"{max(columns)[1]}{max(rows)}"
    return first if first == last else f"{first}:{last}"
