"""The office tables disturbed, one thing at a time: a merge undone, a row or column put in, a word deleted. Never a wrong figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from corpus.forms_fixtures import FIXTURES, Fixture
from corpus.sheets import sheet_of_worksheet
from corpus.test_forms_fixtures import CATALOGUE, FORMS, SETTING, figures
from nianbao.catalogue import Indicator
from nianbao.files.grid import Block, Sheet
from nianbao.layouts.layout import read_sheet


def column_put_in(sheet: Sheet, at: int) -> Sheet:
    """Return the sheet with an empty column put in."""
    cells = {
        (row, column + (column >= at)): replace(cell, column=column + (column >= at))
        for (row, column), cell in sheet.cells.items()
    }
    merges = tuple(
        Block(one.top, one.left + (one.left >= at), one.bottom, one.right + (one.right >= at)) for one in sheet.merges
    )
    return replace(sheet, cells=cells, merges=merges)


def row_put_in(sheet: Sheet, at: int) -> Sheet:
    """Return the sheet with an empty row put in."""
    cells = {(row + (row >= at), column): replace(cell, row=row + (row >= at)) for (row, column), cell in sheet.cells.items()}
    merges = tuple(
        Block(one.top + (one.top >= at), one.left, one.bottom + (one.bottom >= at), one.right) for one in sheet.merges
    )
    return replace(sheet, cells=cells, merges=merges)


def disturbed(sheet: Sheet, figures_at: frozenset[str]) -> Iterator[tuple[str, Sheet]]:
    """Yield what can happen to a sheet; figures themselves are left alone."""
    yield "no merges", replace(sheet, merges=())
    for merged in sheet.merges:
        yield f"without {merged}", replace(sheet, merges=tuple(one for one in sheet.merges if one != merged))
    for at in range(1, sheet.last_column + 2, 2):
        yield f"a column at {at}", column_put_in(sheet, at)
    for at in range(1, sheet.last_row + 1, 2):
        yield f"a row at {at}", row_put_in(sheet, at)
    for place, cell in sheet.cells.items():
        if isinstance(cell.value, str) and cell.address not in figures_at:
            yield (
                f"without {cell.address}",
                replace(sheet, cells={other: one for other, one in sheet.cells.items() if other != place}),
            )


def silently_wrong(fixture: Fixture, sheet: Sheet) -> list[str]:
    """Return readings unlike the truth, and figures lost without a finding; a right rate handed on for want of its counts is neither."""
    table = read_sheet(sheet, FORMS, setting=SETTING)
    faults: list[str] = []
    for total, truth in ((False, fixture.figures), (True, fixture.totals)):
        for key, value in figures(table, total=total).items():
            handed_on = isinstance(CATALOGUE.entries[key.split("[")[0]], Indicator)
            if truth.get(key) != value and not (handed_on and key not in truth):
                faults.append(f"{key} is {value}, not {truth.get(key)}")
    lost = set(fixture.figures) - set(figures(table, total=False))
    if lost and not {finding.code for finding in table.findings} - set(fixture.codes):
        faults.append(f"lost in silence: {sorted(lost)}")
    return faults


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda fixture: fixture.form)
def test_a_disturbed_table_is_read_right_or_flagged(fixture: Fixture) -> None:
    sheet = sheet_of_worksheet(fixture.build())
    plain = read_sheet(sheet, FORMS, setting=SETTING)
    figures_at = frozenset(one.cell.cell for one in plain.readings)
    if fixture.form == "birth_register":  # there every cell of a person is a figure
        figures_at |= {cell.address for (row, _), cell in sheet.cells.items() if row > 2}
    faults = {name: found for name, other in disturbed(sheet, figures_at) if (found := silently_wrong(fixture, other))}
    assert faults == {}


def test_a_wrong_reading_would_be_noticed() -> None:
    fixture = next(one for one in FIXTURES if one.form == "births")
    sheet = sheet_of_worksheet(fixture.build())
    assert silently_wrong(fixture, sheet) == []
    swapped = dict(sheet.cells)
    swapped[3, 3], swapped[3, 4] = replace(swapped[3, 4], column=3), replace(swapped[3, 3], column=4)
    assert silently_wrong(fixture, replace(sheet, cells=swapped)) != []
