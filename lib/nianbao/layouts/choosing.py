"""Which form fits a sheet: the one whose header is found best in it, or the finding that says why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nianbao.errors import Finding
from nianbao.files.grid import Sheet, column_letters
from nianbao.layouts.claims import claims, lacking_columns, resembles
from nianbao.layouts.forms import Form, texts_fit, word
from nianbao.layouts.headers import MATCHED_COLUMNS, SEARCHED_ROWS, Effort, Header, HeaderWords, find_headers
from nianbao.layouts.registers import NUMBERED, find_register, persons_row
from nianbao.layouts.remarks import Remarks
from nianbao.layouts.tables import title_lines


@dataclass(frozen=True)
class Choice:
    """The form chosen for a sheet with the header it has there, or None with the finding that says why."""

    form: Form | None
    findings: tuple[Finding, ...] = ()
    headers: tuple[Header, ...] = ()


def choose_form(sheet: Sheet, forms: Sequence[Form], *, file: str, year: int, effort: Effort | None = None) -> Choice:
    """Return the one form that fits a sheet best, or a finding: ``no-form``, or ``form-ambiguous`` where two fit alike.

    Registers are tried first and end the search, as does a header with ID or account numbers: no other form looks at rows of persons.
    A form that resembles the sheet and may not claim it (:mod:`nianbao.layouts.claims`) is named: ``form-unsure``.
    ``effort`` is what is left for the file the sheet comes from; once it is spent the finding is ``header-too-large``.
    """
    effort = effort or Effort()
    remarks = Remarks(file, sheet.name)
    if effort.left < 0:
        remarks.add("header-too-large", ["A1"], sheet=sheet.name)
        return Choice(None, tuple(remarks.findings))
    valid = [form for form in forms if form.valid(year)]
    words = HeaderWords(sheet)
    registers = [form for form in valid if form.count_rows and find_register(sheet, form, words) is not None]
    scored: list[tuple[int, Form]] = [(0, form) for form in registers]
    alike: list[tuple[int, Form, tuple[str, ...] | None]] = []
    met: dict[str, tuple[Header, ...]] = {}
    if not registers and persons_row(sheet, NUMBERED, words):
        why, why_en = "：表头有身份证号或账号，是个人名册", ": its header holds ID or account numbers, so it lists persons"
        remarks.add("no-form", ["A1"], sheet=sheet.name, why=why, why_en=why_en)
        return Choice(None, tuple(remarks.findings))
    if not registers:
        titles: dict[int, list[str]] = {}
        for form in (form for form in valid if not form.count_rows):
            headers = find_headers(sheet, form, words, effort)
            top = headers[0].top if headers else 6
            if top not in titles:
                titles[top] = sorted({word(one) for one in (sheet.name, *title_lines(sheet, top))})
            named = texts_fit(titles[top], form.sheets)
            score = sum(header.score for header in headers) + named
            if claims(sheet, form, headers, named=bool(named)):
                scored.append((score, form))
                met[form.key] = headers
            elif resembles(headers) or named:
                alike.append((score, form, lacking_columns(headers) if resembles(headers) else None))
    if effort.left < 0:
        remarks.add("header-too-large", ["A1"], sheet=sheet.name)
        return Choice(None, tuple(remarks.findings))
    best = max((score for score, _ in scored), default=0)
    chosen = [form for score, form in scored if score == best]
    if len(chosen) == 1:
        return Choice(chosen[0], headers=met.get(chosen[0].key, ()))
    if chosen:
        listed = "、".join(form.key for form in chosen)
        remarks.add("form-ambiguous", ["A1"], sheet=sheet.name, forms=listed)
    else:
        remarks.unread(max(alike, key=lambda one: (one[2] is not None, one[0]), default=None))
        header_cut(sheet, remarks)
    return Choice(None, tuple(remarks.findings))


def header_cut(sheet: Sheet, remarks: Remarks) -> None:
    """Report that a sheet goes on to the right of the columns whose header is looked at."""
    rows = range(1, min(SEARCHED_ROWS, sheet.last_row) + 1)
    beyond = [(column, row) for row in rows for column in sheet.filled(row)[-1:] if column > MATCHED_COLUMNS]
    if beyond:
        column, row = min(beyond)
        remarks.add("header-cut", [f"{column_letters(column)}{row}"], sheet=sheet.name, limit=str(MATCHED_COLUMNS))
