"""Returns to observations: whatever files a township hands in for a year, read, checked for personal numbers, and told apart by layout.

A sheet in nianbao's own return format is read row by row, any other by the form of ``params/forms`` that fits it.  Every problem becomes a
finding with its cell; only a file that cannot be opened at all raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from nianbao.catalogue import Catalogue, Township
from nianbao.errors import Cell, Finding, ReturnError, Severity
from nianbao.files.confined import read_book
from nianbao.files.grid import Book, RawCell, Sheet
from nianbao.files.personal import NAMES, Personal, personal_number
from nianbao.files.refusals import notice_finding
from nianbao.garbage import uncollected
from nianbao.layouts.choosing import Choice, choose_form
from nianbao.layouts.forms import Form, load_forms
from nianbao.layouts.headers import Effort
from nianbao.layouts.layout import read_table
from nianbao.layouts.placenames import places_of
from nianbao.layouts.registers import NAMING, persons_row
from nianbao.layouts.tables import Setting
from nianbao.masking import masked_path, person_in_name
from nianbao.observation import Intake
from nianbao.project import LOCK_MARKS
from nianbao.returnsheet import COVER_SHEET, GUIDE_SHEET, ReturnSheets, cover_fields, is_annex, is_return_sheet

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".tsv", ".txt")
"""Endings of files that are taken for returns, the usual one first."""


def return_path(root: Path, township: str, year: int) -> Path:
    """Return where the return of a township and year lies when it is one workbook in the usual format."""
    return root / "data" / township / f"{year}.xlsx"


def return_files(root: Path, township: str, year: int) -> tuple[Path, ...]:
    """Return the files a township handed in for a year: ``data/<township>/<year>.*``, then those in the folder of that name."""
    folder = root / "data" / township
    single = [folder / f"{year}{suffix}" for suffix in SUFFIXES]
    inside = folder / str(year)
    several = sorted(inside.iterdir()) if inside.is_dir() else []
    found = [path for path in single if path.exists()]
    return (
        *found,
        *(path for path in several if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", *LOCK_MARKS))),
    )


def require_return(root: Path, township: str, year: int) -> tuple[Path, ...]:
    """Return the files of a return.

    Raises:
        ReturnError: there is none; the message names what lies there instead.
    """
    found = return_files(root, township, year)
    if found:
        return found
    folder = root / "data" / township
    place = f"data/{township}/{year}.xlsx"
    others = sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []
    names = [masked_path(path.name) + "/" * path.is_dir() for path in others]
    there = f"; in {township}/ there is {', '.join(names)}" if names else ""
    there_zh = f"；data/{township}/下有：{'、'.join(names)}" if names else ""
    todo, todo_zh = _misplaced(others, year) or (
        f"expected the filled workbook at {place}; put it there, or check township and year",
        f"请把填好的工作簿放到{place}，或核对乡镇和年份",
    )
    raise ReturnError(
        f"{place}: return not found for {township} {year}{there}; {todo}",
        zh=f"{place}：没有找到{township} {year}年的报表{there_zh}；{todo_zh}",
    )


def _misplaced(others: Sequence[Path], year: int) -> tuple[str, str] | None:
    """Return what to do where something beside the place of a return may be it, in English and Chinese; None where nothing is."""
    for path in others:
        name = masked_path(path.name)
        if path.name.startswith(LOCK_MARKS):
            continue
        if path.is_dir() and path.name == str(year):
            return (
                f"the folder {name}/ holds no table (expected {', '.join(SUFFIXES)}); put the filled workbook in it",
                f"文件夹{name}/里没有表格（应为{'、'.join(SUFFIXES)}）；请把填好的工作簿放进去",
            )
        if path.is_dir() or not re.search(rf"(?<!\d){year}(?!\d)", path.stem):
            continue
        if path.suffix.lower() in SUFFIXES:
            wanted = f"{year}{path.suffix.lower()}"
            return f"if {name} is the return, rename it to {wanted}", f"如果{name}就是该年报表，请改名为{wanted}"
        if path.suffix.lower() in (".doc", ".docx", ".pdf", ".wps"):
            return (
                f"{name} is no table; copy its figures into a workbook and save that as {year}.xlsx",
                f"{name}不是表格；请把数据填到工作簿里，存为{year}.xlsx",
            )
    locks = [path for path in others if path.name.startswith(LOCK_MARKS)]
    if locks and len(locks) == len(others):
        name = masked_path(locks[0].name)
        return (
            f"{name} is only the lock that an open workbook leaves; save the workbook itself as {year}.xlsx here",
            f"{name}只是表格打开时的临时文件，不是表格本身；请把表格另存到这里，名为{year}.xlsx",
        )
    return None


@uncollected()
def read_return(path: Path, *, root: Path, township: Township, year: int, catalogue: Catalogue) -> Intake:
    """Return every observation and finding of the file at ``path``.

    Raises:
        ReturnError: the file is missing, or cannot or must not be opened.
        ParamsError: a form has faults.
    """
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
    require_unnamed(where)
    return _Reader(_returned(path, where), where, township, year, catalogue, forms_of(root, catalogue)).read()


def _returned(path: Path, where: str) -> Book:
    """Return the book at ``path``, which must not be one that nianbao wrote beside a report.

    Raises:
        ReturnError: it is the annex of a report, or cannot or must not be opened.
    """
    book = read_book(path, where)
    if is_annex(book.sheets):
        raise ReturnError(
            f"{where}: this is the spreadsheet annex of a report (report.xlsx), which nianbao wrote itself; expected a return; "
            "take it out, and put the filled template there"
        )
    return book


def require_unnamed(where: str) -> None:
    """Raise ReturnError where a file or folder of a path is named with a personal number; the message does not repeat the name."""
    parts = where.split("/")
    for place, part in enumerate(parts):
        if kind := person_in_name(part):
            folder = "/".join(parts[:place]) or "."
            finding = _personal_name(Cell(folder, "", ""), kind)
            raise ReturnError(
                f"{folder}: {finding.message('en')}; {finding.remedy('en')}",
                (finding,),
                zh=f"{folder}：{finding.message('zh')}；{finding.remedy('zh')}",
            )


def forms_of(root: Path, catalogue: Catalogue) -> tuple[Form, ...]:
    """Return the forms of a project, read again only when a file changed.

    Raises:
        ParamsError: a form has faults; the message lists all of them.
    """
    stamp = tuple(
        (path.name, found.st_mtime_ns, found.st_size)
        for path in sorted((root / "params" / "forms").glob("*.yml"))
        if (found := path.stat())
    )
    return _forms(root, stamp, _Held(catalogue))


class _Held:
    """Lets a catalogue be part of a cache's key: two are alike that know the same entries."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.key = tuple(catalogue.entries)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.key == self.key

    def __hash__(self) -> int:
        return hash(self.key)


@lru_cache(maxsize=8)
def _forms(root: Path, _stamp: tuple[tuple[str, int, int], ...], held: _Held) -> tuple[Form, ...]:
    return load_forms(root, catalogue=held.catalogue)


class _Reader:
    """Reads one file and keeps what was found in it."""

    def __init__(
        self, book: Book, where: str, township: Township, year: int, catalogue: Catalogue, forms: Sequence[Form]
    ) -> None:
        self.named: dict[str, Personal] = {}
        """Sheets whose own name held a personal number, by the name they are called instead."""
        self.book, self.where, self.township, self.year, self.forms = self.unnamed(book), where, township, year, forms
        self.own = ReturnSheets(where, township, year, catalogue)
        self.areas = {area.zh: key for key, area in catalogue.areas.items()}
        aliases = {village.key: village.aliases for village in township.villages}
        places = places_of(township, aliases=aliases) if township.villages else ()
        self.setting = Setting(where, year, catalogue, places, (township.zh,))
        self.effort = Effort()
        self.chosen: dict[str, Choice] = {}
        """The form that reads a sheet or why there is none, by the sheet's name."""
        self.kinds = {sheet.name: self.kind(sheet) for sheet in self.book.sheets}

    def read(self) -> Intake:
        own, by_form = self.own, False
        own.findings += [notice_finding(notice, self.where) for notice in self.book.notices]
        own.private = self.private()
        cover = self.book.sheet(COVER_SHEET)
        if cover is not None:
            own.cover(cover)
        for sheet in self.book.sheets:
            form = self.kinds[sheet.name]
            if sheet.name in (COVER_SHEET, GUIDE_SHEET) or not sheet.cells:
                continue
            if form == "own":
                own.sheet(sheet, self.areas.get(sheet.name, ""))
            elif isinstance(form, Form):
                by_form = True
                if form.count_rows or not self.holds_private(sheet):
                    read = read_table(sheet, form, setting=self.setting, headers=self.chosen[sheet.name].headers)
                    own.observations += [reading.observation() for reading in read.readings]
                    own.findings += read.findings
            else:
                self.unread(sheet)
        if cover is None and not by_form:
            own.no_cover()
        if not any(item.raw for item in (*own.observations, *own.plans)) and not own.blocked:
            own.empty()
        if any(item.code == "wrong-year" and item.cells[0].sheet == COVER_SHEET for item in own.findings):
            # the cover says it all: that every row is of that year too is no further fault
            own.findings = [item for item in own.findings if item.code != "wrong-year" or item.cells[0].sheet == COVER_SHEET]
        own.duplicates(own.observations)
        own.duplicates(own.plans)
        found = (tuple(own.observations), tuple(own.findings))
        return Intake(self.township.key, self.year, self.where, self.book.sha256, *found, plans=tuple(own.plans))

    def kind(self, sheet: Sheet) -> Form | str:
        """Return how a sheet is read: ``own`` for the return format, the form that fits, or ``""``."""
        if sheet.name in (COVER_SHEET, GUIDE_SHEET) or not sheet.cells:
            return ""
        if is_return_sheet(sheet):
            return "own" if sheet.name in self.areas or self.book.kind == "csv" else ""
        chosen = choose_form(sheet, self.forms, file=self.where, year=self.year, effort=self.effort)
        self.chosen[sheet.name] = chosen
        return chosen.form or ("own" if sheet.name in self.areas else "")

    def unread(self, sheet: Sheet) -> None:
        """Report a sheet nothing could read: one of our own under another name, or a table no form knows, lists of persons among them."""
        words_alone = not any(_is_number(cell) for cell in sheet.cells.values())
        unfit = self.chosen[sheet.name].findings if sheet.name in self.chosen else ()
        uncompared = any(finding.code in ("header-too-large", "header-cut") for finding in unfit)
        if is_return_sheet(sheet) or (words_alone and not uncompared and not persons_row(sheet, NAMING)):
            self.own.unknown_sheet(sheet.name, self.areas)
        else:
            self.own.findings += unfit

    # --- personal numbers ------------------------------------------------------------------------------------------------

    def private(self) -> frozenset[Cell]:
        """Report every cell, comment and sheet name that holds a personal number, by address alone; return the cells.

        Of a register that a form counts, only what stands outside its rows is looked at: the form reads no column that names a person.
        """
        found: list[Cell] = []
        for sheet in self.book.sheets:
            form = self.kinds[sheet.name]
            counted = isinstance(form, Form) and form.count_rows
            if sheet.name in self.named:
                self.tell(Cell(self.where, sheet.name, "A1"), self.named[sheet.name])
            for place, kind in personal_places(sheet, skipping_cells=counted):
                where = Cell(self.where, sheet.name, place)
                found.append(where)
                self.tell(where, kind, area=self.areas.get(sheet.name, ""))
        return frozenset(found)

    def unnamed(self, book: Book) -> Book:
        """Return the book with every sheet renamed whose name holds a personal number, so that no message repeats it."""
        sheets = list(book.sheets)
        for place, sheet in enumerate(book.sheets):
            if kind := personal_number(sheet.name):
                name = f"***{place + 1}"
                self.named[name], sheets[place] = kind, replace(sheet, name=name)
        return replace(book, sheets=tuple(sheets)) if self.named else book

    def holds_private(self, sheet: Sheet) -> bool:
        return any(cell.sheet == sheet.name for cell in self.own.private)

    def tell(self, where: Cell, kind: Personal, *, area: str = "") -> None:
        zh, en = NAMES[kind]
        self.own.add(
            "personal-data",
            Severity.BLOCK,
            [where],
            (f"单元格中有疑似{zh}", "年报只收汇总数，请删除个人信息后重新提交；名册可用登记册表式汇总"),
            (
                f"the cell seems to hold a {en}",
                "a return holds totals only; delete personal data and submit again, or let a register form count the list",
            ),
            area=area,
        )


def _personal_name(where: Cell, kind: Personal) -> Finding:
    """Return the finding about a file or folder whose own name holds a personal number; it names the folder that one lies in."""
    zh, en = NAMES[kind]
    return Finding(
        "personal-data",
        Severity.BLOCK,
        (where,),
        f"该文件夹中有一个文件或文件夹，名称中有疑似{zh}",
        f"the name of a file or folder in this folder seems to hold a {en}",
        "改名，不要写个人信息",
        "rename it so that it names no person",
    )


def _is_number(cell: RawCell) -> bool:
    """True for a number, and for a text that is nothing but digits, as every number of a text table is."""
    value = cell.value
    return value is not None and (not isinstance(value, str) or value.strip().isdecimal())


def personal_places(sheet: Sheet, *, skipping_cells: bool = False) -> list[tuple[str, Personal]]:
    """Return (address, kind) of the cells and comments of a sheet that hold a personal number."""
    found = []
    harmless: set[str] = set()  # most texts of a return stand in hundreds of rows
    for cell in () if skipping_cells else sheet.cells.values():
        if type(cell.value) is str and cell.value in harmless:
            continue
        if kind := _personal_in(cell):
            found.append((cell.address, kind))
        elif isinstance(cell.value, str):
            harmless.add(cell.value)
    for (row, column), comment in sheet.comments.items():
        if kind := personal_number(comment):
            found.append((RawCell(row, column, None, "").address, kind))
    return found


def _personal_in(cell: RawCell) -> Personal | None:
    value = cell.value
    if isinstance(value, str):
        return personal_number(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10**9:
        return personal_number(str(int(value)))
    return personal_number(cell.text) if len(cell.text) > 9 else None


def cover_of(path: Path) -> tuple[str, int | None]:
    """Return the township and year the cover of a workbook names; ``""`` and None where it does not.

    Raises:
        ReturnError: the file cannot or must not be opened.
    """
    require_unnamed(path.name)
    cover = _returned(path, path.name).sheet(COVER_SHEET)
    said: Mapping[str, str] = {field: found for field, _, found in cover_fields(cover)} if cover is not None else {}
    year = said.get("year", "")
    return said.get("township", ""), int(year) if re.fullmatch(r"\d{4}", year) else None


def duplicate_findings(
    intakes: Sequence[Intake], *, township: Township, year: int, catalogue: Catalogue
) -> tuple[Finding, ...]:
    """Return a finding for every figure that two files of one year both give."""
    if len(intakes) < 2:
        return ()
    reader = ReturnSheets(intakes[0].file, township, year, catalogue)
    reader.duplicates([item for intake in intakes for item in intake.observations])
    reader.duplicates([item for intake in intakes for item in intake.plans])
    return tuple(item for item in reader.findings if len({cell.file for cell in item.cells}) > 1)
