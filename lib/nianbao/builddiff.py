"""Two builds of a report set against each other, figure by figure: what was printed, what is printed now, and the cause of each change.

Everything is read from the builds themselves: results, facts, manifests and the records of the chapters, which keep for every printed
number its source cells with what stood in them.  So two builds can be compared wherever they lie, long after the returns are gone.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nianbao import store
from nianbao.blocks import CHAPTER_MIME
from nianbao.errors import UserError
from nianbao.memory import read_memory
from nianbao.store import Manifest, Reason

_RESULT_KEY = ("indicator", "dims", "period")
_RESULT_VALUES = ("display", "status", "value", "target", "previous", "lower", "upper")
"""Columns of a result that make it another one; the display comes first, for it is what is told."""
_FACT_KEY = ("chapter", "indicator", "dims", "role", "period")
_SHOWN_CELLS = 4
"""How many changed cells a figure's cause names before it only counts them."""


@dataclass(frozen=True)
class Difference:
    """One figure that differs: where it stands, its reference and role, what it was and is (empty for none), and why."""

    table: str
    """``results`` or ``facts``."""
    area: str
    figure: str
    before: str
    now: str
    column: str
    """The column that tells of the change: ``display`` wherever the figure is printed otherwise."""
    causes: tuple[Reason, ...]

    def as_data(self, lang: str) -> dict[str, Any]:
        """Return the difference as plain data, its causes in a language."""
        return {**asdict(self), "causes": [cause.told(lang) for cause in self.causes]}


@dataclass(frozen=True)
class _Built:
    """What one build says of itself: its manifest, its tables by key, and what stood in its source cells."""

    manifest: Manifest
    results: Mapping[tuple[str, ...], Mapping[str, str]]
    facts: Mapping[tuple[str, ...], Mapping[str, str]]
    cells: Mapping[str, str]


def differences(old: Path, new: Path) -> list[Difference]:
    """Return the figures that differ between two built reports: results first, then printed numbers that are no result's own.

    Raises:
        UserError: a folder holds no finished build.
    """
    before, now = _read(old), _read(new)
    found = list(_of_table("results", before.results, now.results, _RESULT_VALUES, before, now))
    told = {one.figure for one in found}
    facts = _of_table("facts", before.facts, now.facts, ("display",), before, now)
    return [*found, *(one for one in facts if one.figure not in told)]


def _read(folder: Path) -> _Built:
    manifest = store.read_manifest(folder)
    if manifest is None or not (folder / "results.csv").is_file():
        raise UserError(
            f"{folder}: holds no built report; name the folder of one, outputs/<year>/<township>",
            zh=f"{folder}：这里没有生成好的报告；请写报告所在的文件夹，即outputs/<年份>/<乡镇>",
        )
    cells = dict(_cells(folder))
    return _Built(manifest, _table(folder / "results.csv", _RESULT_KEY), _table(folder / "facts.csv", _FACT_KEY), cells)


def _table(path: Path, key: tuple[str, ...]) -> dict[tuple[str, ...], Mapping[str, str]]:
    """Return the rows of a table by their keys; of several rows of one key each is known by its place among them."""
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    count: Counter[tuple[str, ...]] = Counter()
    for row in _rows(path):
        named = tuple(row[name] for name in key)
        found[(*named, str(count[named]))] = row
        count[named] += 1
    return found


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        yield from csv.DictReader(stream)


def _cells(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield source cells with what stood in them: those the build remembers, and those of the chapters' records."""
    memory = read_memory(folder)
    for file, sheets in memory.cells.items() if memory is not None else ():
        for sheet, cells in sheets.items():
            yield from (("!".join(filter(None, (file, sheet, cell))), said[0]) for cell, said in cells.items())
    for path in sorted((folder / "chapters").glob("*.ipynb")):
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            for output in cell.get("outputs", ()):
                record = output.get("data", {}).get(CHAPTER_MIME, {})
                for fact in record.get("facts", ()):
                    named = [source for source in fact["sources"].split(";") if source]
                    yield from (pair for pair in zip(named, fact.get("raws", ()), strict=False) if "!" in pair[0])


def _of_table(
    table: str,
    before: Mapping[tuple[str, ...], Mapping[str, str]],
    now: Mapping[tuple[str, ...], Mapping[str, str]],
    columns: tuple[str, ...],
    old: _Built,
    new: _Built,
) -> Iterator[Difference]:
    for key in dict.fromkeys((*now, *before)):
        was, is_ = before.get(key), now.get(key)
        column = columns[0] if was is None or is_ is None else next((one for one in columns if was[one] != is_[one]), "")
        if not column:
            continue
        row = is_ or was or {}
        figure = row["indicator"] + (f"[{row['dims']}]" if row["dims"] else "")
        if table == "facts" and row["role"] != "value":
            figure += f".{row['role']}"
        told = [one[column] if one is not None else "" for one in (was, is_)]
        causes = tuple(_causes(row.get("area") or row.get("chapter", ""), was or {}, is_ or {}, old, new))
        yield Difference(table, row.get("area") or row.get("chapter", ""), figure, told[0], told[1], column, causes)


def _causes(area: str, was: Mapping[str, str], is_: Mapping[str, str], old: _Built, new: _Built) -> Iterator[Reason]:
    """Yield why a figure differs: cells behind it, else the catalogue, params or program its build was made with."""
    named = dict.fromkeys(source for row in (is_, was) for source in row.get("sources", "").split(";") if source)
    moved = [cell for cell in named if (cell in old.cells or cell in new.cells) and old.cells.get(cell) != new.cells.get(cell)]
    for cell in moved[:_SHOWN_CELLS]:
        en, zh = (f"{old.cells.get(cell) or none}→{new.cells.get(cell) or none}" for none in ("(empty)", "（空）"))
        yield Reason(f"{cell} {en}", f"{cell} {zh}")
    if len(moved) > _SHOWN_CELLS:
        left = len(moved) - _SHOWN_CELLS
        yield Reason(f"and {left} more cells", f"另有{left}个单元格")
    if moved:
        return
    inputs, inputs_now = old.manifest.inputs, new.manifest.inputs
    changed = [name for name in sorted({*inputs, *inputs_now}) if inputs.get(name) != inputs_now.get(name)]
    if old.manifest.options != new.manifest.options:
        yield from store.changed_options(old.manifest.options, new.manifest.options)
    files = {source.partition("!")[0] for source in named}
    own = [name for name in changed if name in files or name == f"params/catalogue/{area}.yml"]
    usual = [name for name in changed if not name.startswith(("data/", "notebooks/", "params/catalogue/"))]
    shared = [name for name in changed if name == "params/catalogue/_shared.yml"]
    for name in own or [*shared, *usual] or changed:
        yield Reason(f"{name} changed", f"{name}有改动")
