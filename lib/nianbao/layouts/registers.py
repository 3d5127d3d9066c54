"""Person-level sheets counted on intake: rows by sex, parity, village, and nothing else of a person ever read.

Only the columns a form declares are looked at below the header.  Findings and readings give ranges and addresses, never content, and a
row counts once however much stands in it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from nianbao.catalogue import DimensionSpec
from nianbao.files.grid import RawCell, Sheet, column_letters
from nianbao.layouts.forms import Counted, Form, fits, word
from nianbao.layouts.headers import SEARCHED_ROWS, HeaderWords, any_of, is_number, text_of
from nianbao.layouts.placenames import match_place
from nianbao.layouts.remarks import Remarks
from nianbao.layouts.tables import FormReading, Setting, TableRead, is_stop, table_period
from nianbao.periods import Period
from nianbao.values import Status

_LISTED_CELLS = 10
_DATE = re.compile(r"^(\d{4})[年\-/.](\d{1,2})[月\-/.](\d{1,2})日?$|^(\d{4})(\d{2})(\d{2})$")


NUMBERED = ("身份证*", "*身份证号*", "公民身份号码", "证件号码", "*银行卡*", "*一卡通*", "*银行账号")
"""Header words of a column that identifies persons beyond doubt."""
NAMING = (*NUMBERED, "姓名", "*姓名", "联系电话", "手机号*")
"""Header words that name persons, or those who answer for a row."""


def persons_row(sheet: Sheet, wanted: tuple[str, ...], words: HeaderWords | None = None) -> int:
    """Return the row of a header that holds one of the words, read from the top and no further than the first number; 0 for none."""
    words = words or HeaderWords(sheet)
    for row in range(1, min(SEARCHED_ROWS, sheet.last_row) + 1):
        texts = [text for text, _, _ in words.row(row).said.values()]
        if len(texts) > 2 and any(map(any_of(wanted).fits, texts)):
            return row
        if any(is_number(sheet.at(row, column)) for column in sheet.filled(row)):
            return 0
    return 0


@dataclass(frozen=True)
class RegisterHeader:
    """Where the header row of a register stands, and in which sheet column each declared column."""

    row: int
    columns: Mapping[str, int]


def find_register(sheet: Sheet, form: Form, words: HeaderWords | None = None) -> RegisterHeader | None:
    """Return the first row in which every declared column's header stands and the anchors too, read from the top and no further."""
    words = words or HeaderWords(sheet)
    heads = {name: any_of((declared.header,)) for name, declared in form.register_of.columns.items()}
    for row in range(1, min(SEARCHED_ROWS, sheet.last_row) + 1):
        texts = {column: text for column, (text, _, _) in words.row(row).said.items()}
        anchored = all(
            any(one in text for one in map(word, anchor.split("|")) for text in texts.values()) for anchor in form.anchors
        )
        if not anchored:
            continue
        found = {name: next((column for column, text in texts.items() if head.fits(text)), 0) for name, head in heads.items()}
        if all(found.values()):
            return RegisterHeader(row, found)
    return None


def read_register(sheet: Sheet, form: Form, *, setting: Setting) -> TableRead:
    """Return the counts of a register; a row with an unreadable value makes every count by that column a finding and no figure."""
    remarks = Remarks(setting.file, sheet.name, form=form.key)
    place = find_register(sheet, form)
    if place is None:
        remarks.add("header-not-found", ["A1"], sheet=sheet.name, form=form.zh)
        return TableRead(form.key, sheet.name, (), tuple(remarks.findings))
    if sheet.hidden:
        remarks.add("hidden-sheet", ["A1"], sheet=sheet.name)
    end = _end(sheet, form, place)
    period = table_period(sheet, form, rows=(place.row, end), setting=setting, remarks=remarks)
    if period is None:
        return TableRead(form.key, sheet.name, (), tuple(remarks.findings))
    counter = _Counter(sheet, form, setting, remarks, place, period)
    return TableRead(form.key, sheet.name, tuple(counter.readings(end)), tuple(remarks.findings))


def _end(sheet: Sheet, form: Form, place: RegisterHeader) -> int:
    """Return the row after the last person; only declared columns and the first one's stop words are looked at."""
    looked = sorted({min(place.columns.values()), *place.columns.values()})
    for row in range(place.row + 1, sheet.last_row + 1):
        texts = [text_of(sheet.at(row, column)) for column in looked]
        if any(text and (is_stop(text, form) or any(fits(word(text), total) for total in form.totals)) for text in texts):
            return row
    filled = (row for row, column in sheet.cells if column in looked and text_of(sheet.cells[row, column]))
    return max(filled, default=place.row) + 1  # below stands only what is no person: signatures, a date


class _Counter:
    """Reads the declared columns of every row and counts."""

    def __init__(
        self, sheet: Sheet, form: Form, setting: Setting, remarks: Remarks, place: RegisterHeader, period: Period
    ) -> None:
        self.sheet, self.form, self.setting, self.remarks, self.place, self.period = (
            sheet,
            form,
            setting,
            remarks,
            place,
            period,
        )
        self.unknown: dict[str, list[str]] = {}
        self.villages: dict[str, str] = {}
        self.meanings = {
            name: _meanings(declared, setting.catalogue.dimensions.get(declared.dim))
            for name, declared in form.register_of.columns.items()
        }

    def readings(self, end: int) -> Iterator[FormReading]:
        """Yield every count; findings tell rows left out and values not understood."""
        first = self.place.row + 1
        rows = list(self._rows(first, end))
        if not rows:
            self.remarks.add("register-empty", [f"A{self.place.row}"])
            return
        for name, cells in self.unknown.items():
            header = self.form.register_of.columns[name].header.split("|")[0]
            self.remarks.add("count-unknown", cells[:_LISTED_CELLS], column=header, count=str(len(cells)))
        undated = any(self.form.register_of.columns[name].date for name in self.unknown)
        for count in () if undated else self.form.register_of.counts:
            if any(name in self.unknown for name in count.by):
                continue
            found: dict[tuple[str, ...], int] = {}
            for row in rows:
                key = tuple(row[name] for name in count.by)
                found[key] = found.get(key, 0) + 1
            for key in sorted(found):
                dims = dict(count.dims)
                for name, value in zip(count.by, key, strict=True):
                    dims[self.form.register_of.columns[name].dim] = value
                yield FormReading(
                    entry=count.entry,
                    dims=tuple(sorted(dims.items())),
                    period=self.period,
                    cell=self.remarks.cell(self._range(count.by, first, end - 1)),
                    raw=None,
                    value=Fraction(found[key]),
                    status=Status.REPORTED,
                    unit=self.setting.catalogue.entry(count.entry).unit,
                    total=count.total,
                    header=tuple(self.form.register_of.columns[name].header.split("|")[0] for name in count.by),
                )

    def _range(self, by: tuple[str, ...], first: int, last: int) -> str:
        names = by or tuple(self.place.columns)[:1]
        letters = [column_letters(self.place.columns[name]) for name in names]
        return ";".join(f"{letter}{first}:{letter}{last}" for letter in letters)

    def _rows(self, first: int, end: int) -> Iterator[dict[str, str]]:
        empty, outside, hidden = [], [], []
        struck_rows = {row for row, _ in self.sheet.struck}
        head = {name: word(text_of(self.sheet.covering(self.place.row, column))) for name, column in self.place.columns.items()}
        for row in range(first, end):
            cells = {name: self.sheet.at(row, column) for name, column in self.place.columns.items()}
            if not any(text_of(cell) for cell in cells.values()):
                if self.sheet.filled(row):
                    empty.append(f"{column_letters(next(iter(self.place.columns.values())))}{row}")
                continue
            if all(word(text_of(cell)) == head[name] for name, cell in cells.items()):
                continue  # the header repeated on a new page
            if row in struck_rows:  # whichever cell of it: people strike out the name
                struck = [f"{column_letters(min(self.place.columns.values()))}{row}"]
                self.remarks.add("struck-out", struck)
                continue
            if row in self.sheet.hidden_rows:
                hidden.append(f"{column_letters(min(self.place.columns.values()))}{row}")
            values = {name: self._value(name, cell) for name, cell in cells.items()}
            dates = [name for name, declared in self.form.register_of.columns.items() if declared.date]
            if any(values[name] == "outside" for name in dates):
                outside.append(f"{column_letters(self.place.columns[dates[0]])}{row}")
                continue
            for name, value in values.items():
                if value == "":
                    self.unknown.setdefault(name, []).append(f"{column_letters(self.place.columns[name])}{row}")
            yield values
        if empty:
            self.remarks.add("uncounted-row", empty[:_LISTED_CELLS], count=str(len(empty)))
        if hidden:
            self.remarks.add("hidden-cells", hidden[:_LISTED_CELLS])
        if outside:
            self.remarks.add("outside-period", outside[:_LISTED_CELLS], count=str(len(outside)), period=self.period.label())

    def _value(self, name: str, cell: RawCell | None) -> str:
        """Return the value a declared cell means, ``""`` where it means none."""
        declared = self.form.register_of.columns[name]
        if cell is None or not text_of(cell):
            return ""
        if declared.date:
            day = _day(cell)
            return "" if day is None else "inside" if self.period.start <= day <= self.period.end else "outside"
        if declared.dim == "village":
            if not self.setting.places:
                return word(text_of(cell))
            said = text_of(cell)
            if said not in self.villages:  # thousands of rows name a few villages
                self.villages[said] = match_place(said, self.setting.places).key
            return self.villages[said]
        return self.meanings[name].get(_plain(cell), "")


def _plain(cell: RawCell) -> str:
    if isinstance(cell.value, float) and cell.value == int(cell.value):
        return str(int(cell.value))
    return word(text_of(cell))


def _meanings(declared: Counted, spec: DimensionSpec | None) -> dict[str, str]:
    words = {word(label.zh): value for value, label in (spec.values.items() if spec else ())}
    words.update({word(one): value for value, ones in declared.values.items() for one in ones})
    return words


def _day(cell: RawCell) -> dt.date | None:
    if isinstance(cell.value, dt.datetime):
        return cell.value.date()
    if isinstance(cell.value, dt.date):
        return cell.value
    found = _DATE.match(word(text_of(cell)).removesuffix(".0"))
    if not found:
        return None
    year, month, day = (int(part) for part in (found.groups()[:3] if found[1] else found.groups()[3:]) if part)
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
