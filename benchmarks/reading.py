"""Time a return of twelve sheets of a thousand rows: opened, and read, validated and tidied; whole and step by step.

``read_book`` is what opening costs a caller: gate, fork, both readers, comparison, transfer; ``read_return`` what a township's return
costs, personal numbers, codes, dimensions, periods, units and values of every row checked.  The steps are then done one by one in this
process and their shares of ``read_return`` printed.  Run: ``.venv/bin/python benchmarks/reading.py [ROUNDS] [--json]``.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import python_calamine
from openpyxl import Workbook

from nianbao.catalogue import Catalogue, Element, Nature, Township, load_catalogue
from nianbao.files import gate
from nianbao.files.confined import read_book
from nianbao.files.crosscheck import compare
from nianbao.files.draft import book_of, packed
from nianbao.files.ooxml import read_package
from nianbao.intake import forms_of, personal_places, read_return
from nianbao.periods import usual
from nianbao.returnsheet import COLUMNS, COVER_SHEET, ReturnSheets, is_return_sheet

SHEETS, ROWS, YEAR = 12, 1000, 2020
ROOT = Path(__file__).resolve().parents[1]
TOWN = Township.model_validate(
    {
        "key": "town",
        "level": "town",
        **dict.fromkeys(("zh", "parent_zh", "office_zh"), "青溪镇"),
        **dict.fromkeys(("en", "parent_en", "office_en"), "Qingxi"),
        "villages": [{"key": str(number), "zh": f"{number}村", "en": f"Village {number}"} for number in range(1, ROWS + 1)],
    }
)


def write_workbook(path: Path, catalogue: Catalogue) -> None:
    """Write a return of many rows, nine columns each: one count by village in every sheet that has one, a third with a note."""
    counts: dict[str, Element] = {}
    for entry in catalogue.entries.values():
        if isinstance(entry, Element) and entry.nature is Nature.FLOW and not entry.decimals and "village" in entry.dims:
            counts.setdefault(entry.area, entry)
    book = Workbook(write_only=True)
    cover = book.create_sheet(COVER_SHEET)
    for line in (("填报单位", TOWN.zh), ("报告年度", YEAR)):
        cover.append(line)
    for area in list(counts)[:SHEETS]:
        entry = counts[area]
        sheet = book.create_sheet(catalogue.areas[area].zh)
        sheet.append(COLUMNS)
        unit, period = catalogue.units[entry.unit].zh, usual(entry.period, YEAR).label()
        for row in range(1, ROWS + 1):
            told = [entry.zh, entry.id, f"{row}村", f"village={row}", row * 7919 % 1000, unit, period, "实报"]
            sheet.append([*told, None if row % 3 else "补报"])
    book.save(path)


def seconds(rounds: int, step: Callable[[], Any]) -> list[tuple[float, float]]:
    """Return the wall and processor seconds of each round of a step, its children's included."""
    taken = []
    for _ in range(rounds):
        began, busy = time.perf_counter(), sum(os.times()[:4])
        step()
        taken.append((time.perf_counter() - began, sum(os.times()[:4]) - busy))
    return taken


def main() -> None:
    """Print least and median wall seconds, and median processor seconds, of the whole and of each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rounds", nargs="?", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rounds: int = given.rounds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "return.xlsx"
        catalogue = load_catalogue(ROOT, township=TOWN)
        write_workbook(path, catalogue)

        def taken_in() -> Any:
            return read_return(path, root=ROOT, township=TOWN, year=YEAR, catalogue=catalogue)

        intake = taken_in()  # the forms are read once
        assert (len(intake.observations), intake.findings) == (SHEETS * ROWS, ()), [
            item.message("en") for item in intake.findings[:3]
        ]
        tidied = seconds(rounds, taken_in)
        whole = seconds(rounds, lambda: read_book(path))
        every = seconds(rounds, lambda: [list(sheet.cells.values()) for sheet in read_book(path).sheets])
        gc.disable()  # as in the child
        admitted = gate.admit(path)
        draft = read_package(admitted)
        sent = packed(draft)

        def second() -> None:
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(admitted.content))
            for name in book.sheet_names:
                book.get_sheet_by_name(name).to_python(skip_empty_area=False)

        opened = book_of(sent, "")
        areas = {area.zh: key for key, area in catalogue.areas.items()}

        def rows_read() -> None:
            reader = ReturnSheets("return.xlsx", TOWN, YEAR, catalogue)
            for sheet in opened.sheets:
                if sheet.name in areas:
                    reader.sheet(sheet, areas[sheet.name])
            reader.duplicates(reader.observations)

        forms_of(ROOT, catalogue)
        steps = {
            "gate (inflate, measure)": seconds(rounds, lambda: gate.admit(path)),
            "parse (own reader)": seconds(rounds, lambda: read_package(admitted)),
            "second engine and comparison": seconds(rounds, lambda: compare(admitted.content, draft)),
            "  of it the second engine": seconds(rounds, second),
            "pack for transfer": seconds(rounds, lambda: packed(draft)),
            "unpack in the parent": seconds(rounds, lambda: [list(sheet.cells.values()) for sheet in book_of(sent, "").sheets]),
            "personal numbers": seconds(rounds, lambda: [personal_places(sheet) for sheet in opened.sheets]),
            "headers": seconds(rounds, lambda: [is_return_sheet(sheet) for sheet in opened.sheets]),
            "rows (validate, tidy)": seconds(rounds, rows_read),
        }
        size = f"{sum(len(sheet.cells) for sheet in draft.sheets):,} cells, {path.stat().st_size:,} bytes, {rounds} rounds"
    parts = {"read_return": tidied, "read_book": whole, "read_book, every cell built": every, **steps}
    if given.json:
        found = {}
        for name, taken in parts.items():
            wall, busy = zip(*taken, strict=True)
            found[name.strip()] = {"wall": statistics.median(wall), "least": min(wall), "processor": statistics.median(busy)}
        print(json.dumps({"rounds": rounds, "seconds": found}))
        return
    print(size)
    all_of_it = min(wall for wall, _ in tidied)
    print(f"{'':32}{'least':>8}{'median':>8}{'processor':>11}{'share':>8}")
    for name, taken in parts.items():
        wall, busy = zip(*taken, strict=True)
        share = min(wall) / all_of_it
        print(f"{name:32}{min(wall):8.3f}{statistics.median(wall):8.3f}{statistics.median(busy):11.3f}{share:8.0%}")


if __name__ == "__main__":
    main()
