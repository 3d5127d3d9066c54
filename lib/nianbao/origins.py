"""Where every printed number comes from, as the documents show it: a number for each fact, a card in the page, an index in print.

The records come from the chapters themselves, so that a chapter rendered alone has them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any
from unicodedata import east_asian_width

from nianbao import blocks, fonts
from nianbao.blocks import CHAPTER_MIME, Block, Run, run
from nianbao.files.grid import column_letters

INDEX_AREA = "source-index"
"""Area of the cell that holds the index; the page shows cards instead."""
_CELLS = 8
"""How many source cells a card or an index row quotes; the addresses of the rest follow without their text."""
_RANGES = 12
"""How many runs of unquoted cells are named; what is beyond is counted and stands in facts.csv."""
_WORDS_ONLY = frozenset({"label", "definition", "finding", "remedy", "axis", "text", "office", "score", "items", "earlier"})
"""Roles of numbers that stand in words; the index is of figures."""
_SHORT = (2, 3)
"""Quoted cells and runs of a row where the index would be too long with more."""
_HEIGHT_PT = 15 * 620
"""How high the index may stand, about fifteen pages: beyond, rows quote fewer cells, then the finest breakdowns stand in facts.csv only."""
_ROW_PT = (11, 6)
"""Height of a line of the index, and what a row adds to its lines."""
_LINE_EM = (24.0, 20.0)
"""Characters of full width a line of the index holds: arithmetic, sources."""
_ADDRESS = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Shown:
    """One printed figure with its way back: ``number`` counts figures in the order they are first printed.

    The same figure in several chapters is several facts, all in ``facts``, with one number and one card.
    """

    number: int
    facts: tuple[str, ...]
    indicator: str
    dims: str
    role: str
    name: str
    display: str
    working: str
    period: str
    sources: tuple[tuple[str, str], ...]
    """Source (cell address, or file and line) and the text that stands there."""

    @property
    def reference(self) -> str:
        """What ``nianbao trace`` calls the figure; nothing for numbers in words, and for those of one village or town."""
        if self.role in _WORDS_ONLY or of_a_place(self.dims):
            return ""
        return f"{self.indicator}{f'[{self.dims}]' if self.dims else ''}{'' if self.role == 'value' else f':{self.role}'}"


def record(shown: Shown) -> dict[str, Any]:
    """Return the record a report notebook keeps of a figure, in what JSON knows; see :func:`restored`."""
    return dict(vars(shown))


def restored(record: Mapping[str, Any]) -> Shown:
    """Return a figure from the record a report notebook keeps of it."""
    sources = tuple((str(source), str(raw)) for source, raw in record["sources"])
    return Shown(**{**record, "facts": tuple(record["facts"]), "sources": sources})


def quoted(sources: Sequence[tuple[str, str]], *, cells: int = _CELLS, runs: int = _RANGES) -> Iterator[tuple[str, str]]:
    """Yield file and sheet of each source with its cell in words: the first with their text, then ranges of addresses without."""
    for source, raw in sources[:cells]:
        place, _, cell = source.rpartition("!")
        yield (f"{place}!", f"{cell}“{raw}”" if raw else cell) if place else (source, "")
    for place, first, last in islice(_ranges(sources[cells:]), runs):
        yield place, first if first == last else f"{first}:{last}"


def _ranges(sources: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield sources as (file and sheet, first cell, last cell), cells below one another in one range; no cells where it is a file."""
    held: tuple[str, str, str] | None = None
    for source, _ in sources:
        place, mark, cell = source.rpartition("!")
        place, cell = (f"{place}!", cell) if mark else (source, "")
        if held is not None and held[0] == place and _follows(held[2], cell):
            held = (place, held[1], cell)
            continue
        if held is not None:
            yield held
        held = (place, cell, cell)
    if held is not None:
        yield held


def _follows(above: str, below: str) -> bool:
    upper, lower = _ADDRESS.fullmatch(above), _ADDRESS.fullmatch(below)
    return bool(upper and lower and upper[1] == lower[1] and int(upper[2]) + 1 == int(lower[2]))


def has_more(sources: Sequence[tuple[str, str]], *, cells: int = _CELLS, runs: int = _RANGES) -> bool:
    """Tell whether :func:`quoted` leaves sources out altogether."""
    return next(islice(_ranges(sources[cells:]), runs, None), None) is not None


def shown_facts(chapters: Sequence[Any]) -> dict[str, Shown]:
    """Return every fact the executed notebooks print, by identifier, numbered in the order of first print.

    A notebook without a chapter record, or of a version that wrote no origins, contributes nothing.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    order: list[str] = []
    for notebook in chapters:
        rows |= {row["fact"]: row for row in _rows(notebook)}
        for block, _ in blocks.blocks_of(notebook):
            order += [part["fact"] for part in runs_of(block) if "fact" in part]
    same: dict[tuple[Any, ...], list[str]] = {}
    for fact in dict.fromkeys(order):
        row = rows.get(fact)
        if row is None or "name" not in row:
            continue
        sources = tuple(zip(filter(None, str(row["sources"]).split(";")), row["raws"], strict=False))
        said = tuple(row[name] for name in ("indicator", "dims", "role", "name", "display", "working", "when"))
        same.setdefault((*said, sources), []).append(fact)
    return {
        fact: shown
        for number, (said, facts) in enumerate(same.items(), start=1)
        for shown in (Shown(number, tuple(facts), *said),)
        for fact in facts
    }


def _rows(notebook: Any) -> Iterator[Mapping[str, Any]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield from output.get("data", {}).get(CHAPTER_MIME, {}).get("facts", ())


def runs_of(block: Block) -> Iterator[Run]:
    """Yield every run of a block, in reading order."""
    yield from block.get("caption", ())
    for column in block.get("columns", ()):
        yield from column["runs"]
    for row in block.get("rows", ()):
        for cell in row["cells"]:
            yield from cell
    if "columns" not in block:
        yield from block.get("runs", ())
    for note in block.get("notes", ()):
        yield from note


def index(found: Mapping[str, Shown], *, lang: str, hashes: Mapping[str, str]) -> list[Block]:
    """Return the index as blocks: what the files are, then a row a figure with its numbers, arithmetic and cells.

    What one figure prints (value, year before, change) shares a row.  Figures of single villages or towns stand in ``facts.csv`` only,
    and so do the finest breakdowns of a report whose index would be longer than about fifteen pages.
    ``hashes`` maps each source file to its SHA-256.
    """
    zh = lang == "zh"
    groups: dict[tuple[str, str], list[Shown]] = {}
    for shown in {one.number: one for one in found.values()}.values():
        if shown.role not in _WORDS_ONLY and not of_a_place(shown.dims) and any("!" in source for source, _ in shown.sources):
            groups.setdefault((shown.indicator, shown.dims), []).append(shown)
    if not groups:
        return []
    files = list(
        dict.fromkeys(
            source.partition("!")[0] for group in groups.values() for one in group for source, _ in one.sources if "!" in source
        )
    )
    marks = {file: column_letters(place) for place, file in enumerate(files, start=1)}
    rows, all_of_them = _fitting(groups, marks, zh=zh)
    made: list[Block] = [blocks.heading("数据来源索引" if zh else "Index of sources", level=1, key="top")]
    words = (
        "正文中每个数据按首次出现的顺序编号。算式为未修约的准确值；来源为报表的工作表和单元格，引号内是单元格原文。各村（各乡镇）数据和文字中的数字见facts.csv。"
        if zh
        else "Every figure of the report is numbered in the order it first stands there. Arithmetic is in exact values; a source is sheet and cell "
        "of a return, with what stands in the cell in quotation marks. Figures of single villages or towns, and numbers in words, are in facts.csv."
    )
    if not all_of_them:
        words += "分项数据较多，最细的分项也见facts.csv。" if zh else " So are the finest of the many breakdowns."
    made.append(blocks.paragraph([run(words)]))
    head = ("代号", "报表文件", "SHA-256") if zh else ("Mark", "Return", "SHA-256")
    digests = blocks.table(
        [run("报表文件" if zh else "Returns")],
        key="files",
        columns=[
            blocks.column(head[0], align="center", width=0.08),
            blocks.column(head[1], align="left", width=0.3),
            blocks.column(head[2], align="left", width=0.62),
        ],
        rows=[blocks.row([[run(marks[file])], [run(file)], [run(_spaced(hashes.get(file, "")) or "—")]]) for file in files],
    )
    heads = ("编号", "数据和算式", "来源") if zh else ("No.", "Figure and arithmetic", "Source")
    columns = [blocks.column(word, align="left", width=width) for word, width in zip(heads, (0.1, 0.49, 0.41), strict=True)]
    figures = blocks.table([run("数据与来源" if zh else "Figures and sources")], key="figures", columns=columns, rows=rows)
    made += [{**digests, "small": True}, {**figures, "small": True}]
    return _drawable(made)


def _fitting(
    groups: Mapping[tuple[str, str], Sequence[Shown]], marks: Mapping[str, str], *, zh: bool
) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows there is room for, and whether they are all.

    Where all do not fit, rows quote fewer cells; then figures of more dimensions go before those of fewer; then the last ones go.
    """
    depths = {key: len([pair for pair in key[1].split(";") if pair and not pair.startswith("unit=")]) for key in groups}
    full = [_row(group, marks, zh=zh) for group in groups.values()]
    if sum(map(_height_pt, full)) <= _HEIGHT_PT:
        return full, True
    cells, runs = _SHORT
    short = {key: _row(group, marks, zh=zh, cells=cells, runs=runs) for key, group in groups.items()}
    for deepest in range(max(depths.values()), -1, -1):
        rows = [row for key, row in short.items() if depths[key] <= deepest]
        if sum(map(_height_pt, rows)) <= _HEIGHT_PT:
            return rows, len(rows) == len(short)
    heights = list(accumulate(map(_height_pt, rows)))
    return rows[: sum(height <= _HEIGHT_PT for height in heights)], False


def _height_pt(row: Mapping[str, Any]) -> int:
    """Return about how high a row of the index stands."""
    _, figure, source = ("".join(part["text"] for part in cell) for cell in row["cells"])
    lines = max(-(-_half_ems(text) // int(2 * full)) or 1 for text, full in zip((figure, source), _LINE_EM, strict=True))
    return lines * _ROW_PT[0] + _ROW_PT[1]


def _half_ems(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _row(
    group: Sequence[Shown], marks: Mapping[str, str], *, zh: bool, cells: int = _CELLS, runs: int = _RANGES
) -> dict[str, Any]:
    first = next((one for one in group if one.role == "value"), group[0])
    # the arithmetic is that of the figure itself; of its aspects it follows from what the row says
    told = {"numerator", "denominator"} if first.working else set()
    said = dict.fromkeys(
        f"{role_words(one, first.name)}{one.display}{one.working and ' = '}{one.working}"
        if one is first
        else f"{role_words(one, first.name)}{one.display}"
        for one in group
        if one.role not in told
    )
    figure = f"{first.name}：{'；'.join(said)}" if zh else f"{first.name}: {'; '.join(said)}"
    own = [one for one in group if one.role != "share"] or group  # a share has the cells of all it is a share of
    sources = tuple(dict.fromkeys(pair for one in own for pair in one.sources))
    listed: list[str] = []
    last = ""
    for place, words in quoted(sources, cells=cells, runs=runs):
        file, _, sheet = place.rstrip("!").partition("!")
        where = f"{marks[file]} {sheet}!" if file in marks else file
        listed.append(words if where == last and words else f"{where}{words}")
        last = where
    if has_more(sources, cells=cells, runs=runs):
        listed.append(f"共{len(sources)}个单元格" if zh else f"{len(sources)} cells in all")
    comma = "、" if zh else ", "
    return blocks.row([[run(comma.join(numbers(one.number for one in group)))], [run(figure)], [run(comma.join(listed))]])


def numbers(given: Iterable[int]) -> list[str]:
    """Return numbers in order, three or more in a row as a range."""
    made: list[list[int]] = []
    for number in sorted(set(given)):
        if made and made[-1][-1] + 1 == number:
            made[-1].append(number)
        else:
            made.append([number])
    return [
        text for held in made for text in ([f"{held[0]}–{held[-1]}"] if len(held) > 2 else [str(number) for number in held])
    ]


def role_words(one: Shown, name: str) -> str:
    """Return what sets an aspect apart from its figure: 上年 of 出生人口（上年）."""
    rest = one.name.removeprefix(name).strip("（），, ")
    return f"{rest} " if rest and one.role != "value" else ""


def _spaced(digest: str) -> str:
    """Return a digest in groups of eight, so that a line can break."""
    return " ".join(digest[place : place + 8] for place in range(0, len(digest), 8))


def of_a_place(dims: str) -> bool:
    """Tell whether a figure is of one village or town."""
    return any(pair.startswith(("village=", "township=")) for pair in dims.split(";"))


def _drawable(made: list[Block]) -> list[Block]:
    """Return blocks with every character no face can draw replaced: what stands in a cell of a return may be anything."""
    text = "".join(part["text"] for block in made for part in runs_of(block))
    for character in fonts.missing_characters(text.replace("\n", "")):
        for block in made:
            for part in runs_of(block):
                part["text"] = part["text"].replace(character, "?")
    return made
