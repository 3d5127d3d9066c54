"""Whether a form may read a sheet whose header it finds: its name or title says so, or every column the form needs stands there whole.

A form that takes a table of another kind for its own reads rows of the header as data and asks the office to mend what is right.  So
where neither the sheet's name nor its title fits, nothing the form needs may be lacking, and no header may be cut in two.
"""

from __future__ import annotations

from collections.abc import Sequence

from nianbao.files.grid import Sheet
from nianbao.layouts.forms import Form, fits, word
from nianbao.layouts.headers import Header, is_number, text_of

_LOOKED_AT = 200
"""Rows below a header that are searched for one the form knows."""


def claims(sheet: Sheet, form: Form, headers: Sequence[Header], *, named: bool) -> bool:
    """Return whether a form may read a sheet, given the headers it finds there; ``named`` where sheet name or title fits it."""
    if named or not headers:
        return resembles(headers)
    if any(_cut(sheet, header) for header in headers):
        return False
    labelled = form.rows.by == "none" or any(header.label_columns for header in headers)
    return labelled and not lacking_columns(headers) and not _goes_on(sheet, headers) and _knows_a_row(sheet, form, headers)


def resembles(headers: Sequence[Header]) -> bool:
    """Return whether at least as many of the form's columns stand in the sheet as are lacking."""
    return bool(headers) and sum(len(one.columns) for one in headers) >= sum(
        not column.optional for one in headers for column in one.missing
    )


def lacking_columns(headers: Sequence[Header]) -> tuple[str, ...]:
    """Return the columns the form needs that stand in none of the blocks, as it calls them."""
    found = {column.name for header in headers for column in header.columns.values()}
    lacking = {
        column.name: "/".join(step.split("|")[0] for step in column.path)
        for header in headers
        for column in header.missing
        if not column.optional
    }
    return tuple(path for name, path in lacking.items() if name not in found)


def _cut(sheet: Sheet, header: Header) -> bool:
    """True where a merged head of a column reaches below the rows taken for the header."""
    heads = (sheet.covering(header.bottom + 1, column) for column in (*header.columns, *header.label_columns))
    return any(cell is not None and cell.row <= header.bottom and text_of(cell) for cell in heads)


def _goes_on(sheet: Sheet, headers: Sequence[Header]) -> bool:
    """True where the first row beneath the header has no label and only words over several columns: another row of the header."""
    for header in headers:
        cells = [sheet.at(header.first_row, column) for column in header.paths]
        words = sum(bool(text_of(cell)) and not is_number(cell) for cell in cells)
        unlabelled = not any(text_of(sheet.at(header.first_row, column)) for column in header.label_columns)
        if words > 1 and unlabelled and not any(is_number(cell) for cell in cells):
            return True
    return False


def _knows_a_row(sheet: Sheet, form: Form, headers: Sequence[Header]) -> bool:
    """True unless the rows of the form are items and none of them stands in the sheet: 项目 and 数量 head many tables."""
    if form.rows.by != "item":
        return True
    labels = [item.label[-1] for item in form.rows.items]
    return any(
        fits(word(text_of(cell)), label)
        for header in headers
        for column in header.label_columns
        for row in range(header.first_row, min(sheet.last_row, header.first_row + _LOOKED_AT) + 1)
        if (cell := sheet.at(row, column)) is not None
        for label in labels
    )
