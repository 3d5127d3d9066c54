"""Office tables as data: one file of ``params/forms`` says how a recurring table of an office is laid out and what its columns mean.

A form knows its sheet by name and by words of its header, its columns by their whole header path, its rows by place, dimension value,
item or month.  Nothing here reads a sheet; :mod:`nianbao.layouts.layout` applies a form to one.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from nianbao.catalogue import Catalogue, Indicator
from nianbao.errors import ParamsError, did_you_mean
from nianbao.fields import FixedDims, Model, Strings, enum_of
from nianbao.periods import PeriodKind
from nianbao.yamlfile import line_at, read_params

TOTAL_WORDS = ("合计", "总计", "小计", "总合计", "全镇合计", "全乡合计", "镇合计", "乡合计", "共计", "累计合计")
STOP_WORDS = (
    "注",
    "说明",
    "填表说明",
    "填表人",
    "填报人",
    "制表",
    "单位负责人",
    "负责人",
    "统计负责人",
    "审核",
    "报表时间",
    "填表日期",
    "填报日期",
    "联系电话",
)
IGNORED_WORDS = ("序号", "编号", "备注", "排名", "名次", "位次")

_TRADITIONAL = str.maketrans("測監統計報數總單臺檢婦兒產衛醫療", "测监统计报数总单台检妇儿产卫医疗")
_DASHES = str.maketrans("—–−~～", "-----")
_BRACKET = re.compile(r"\(([^()]*)\)$")


def word(text: object) -> str:
    """Return a header word or row label as it is compared: no spaces, half-width, simplified, without punctuation around it.

    Full-width and half-width, traditional and simplified spellings of the usual words, Ⅱ型 and 2型, 其中：一孩 and 其中一孩 become equal.
    """
    return _compared("" if text is None else str(text))


@lru_cache(maxsize=1 << 16)
def _compared(text: str) -> str:
    clean = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    clean = re.sub(r"\s+", "", clean).replace("II型", "2型").replace("Ⅱ", "2")
    clean = re.sub(r"[“”\"'‘’《》]", "", clean)
    return re.sub(r"[:：、，,。;；]", "", clean).translate(_DASHES)


def bracket(text: str) -> tuple[str, str]:
    """Return a compared word without its closing bracket, and what the bracket holds: ``("金额", "元")`` for ``金额(元)``."""
    found = _BRACKET.search(text)
    return (text[: found.start()], found[1]) if found else (text, "")


@lru_cache(maxsize=1 << 16)
def fits(found: str, declared: str) -> bool:
    """True when a compared word of a sheet is one of the alternatives ``a|b`` a form declares; ``*`` stands for any characters."""
    for choice in declared.split("|"):
        wanted = word(choice)
        for candidate in (found, bracket(found)[0]):
            if candidate == wanted or ("*" in wanted and fnmatch.fnmatchcase(candidate, wanted)):
                return True
    return False


def _paths(value: object) -> object:
    return tuple(tuple(item) if isinstance(item, list) else item for item in value) if isinstance(value, list) else value


def _models(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _lists(value: object) -> object:
    return (
        {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}
        if isinstance(value, dict)
        else value
    )


def _path(value: object) -> object:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


HeaderPath = Annotated[tuple[str, ...], BeforeValidator(_path)]
Paths = Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_paths)]
WordLists = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_lists)]


class Column(Model):
    """One column, known by its whole header path, and what stands in it.

    ``entry`` with ``dims`` makes a figure; ``check`` names the indicator a printed rate is compared with; ``role`` tells the others:
    ``value`` (what it counts is the row's to say), ``unit`` (the unit of each row), ``text``, ``ignore``, ``known`` (a number the
    catalogue does not hold: read, added up and compared, and not handed on).
    """

    path: HeaderPath
    also: Paths = ()
    """Other full paths under which the column is met."""
    key: str = ""
    """The name other columns use for it; without one, its path joined by ``/``."""
    entry: str = ""
    dims: FixedDims = ()
    check: str = ""
    role: Literal["figure", "value", "unit", "text", "ignore", "known"] = "figure"
    unit: str = ""
    period: Literal["table", "end", "cumulative", "previous"] = "table"
    """The table's own window, the state at its end, the running count from the year's first day to its end, or a year earlier."""
    total: bool = False
    """A sum of other columns: checked, never added."""
    sum: Strings = ()
    """Keys of the columns it must be the sum of."""
    within: str = ""
    """Key of the column it is a part of (其中) and cannot exceed."""
    optional: bool = False

    @property
    def name(self) -> str:
        """The key other columns use."""
        return self.key or "/".join(step.split("|")[0] for step in self.path)

    @model_validator(mode="after")
    def _one_meaning(self) -> Column:
        if self.role == "figure" and bool(self.entry) == bool(self.check):
            raise ValueError("needs either entry or check, or a role: value, unit, text, ignore, known")
        return self


class Item(Model):
    """One row of a form-style table: its label path, and what its number counts."""

    label: HeaderPath
    entry: str = ""
    dims: FixedDims = ()
    unit: str = ""
    total: bool = False
    within: str = ""
    """Label path, joined by ``/``, of the row it is a part of (其中)."""
    ignore: bool = False
    entries: dict[str, str] = Field(default_factory=dict)
    """Where columns of a row count different things: column key to entry, in place of ``entry``."""

    def entry_in(self, column: str) -> str:
        """Return the entry the row's figure in a column belongs to; ``""`` where the catalogue holds none."""
        return self.entries.get(column, self.entry)

    @property
    def name(self) -> str:
        """The label path as other rows name it."""
        return "/".join(step.split("|")[0] for step in self.label)


class Rows(Model):
    """What tells one row from another."""

    by: Literal["none", "village", "grid", "institution", "dimension", "item", "month", "quarter"]
    header: str = ""
    """Alternatives of the header word over the labels; empty where the corner is blank."""
    span: int = 1
    """How many columns the labels take; a row's label path goes through them."""
    dim: str = "village"
    values: WordLists = Field(default_factory=dict)
    """Dimension value to the row labels that mean it, beside the names of the catalogue."""
    items: Annotated[tuple[Item, ...], BeforeValidator(_models)] = ()
    repeat: bool = False
    """Blocks stand side by side: the header repeats and every block has its own labels."""
    cumulative: bool = False
    """A row by month or quarter counts from the year's first day."""


class PeriodRule(Model):
    """Which window the figures belong to: a kind, and where the sheet itself says so."""

    kind: Annotated[PeriodKind, enum_of(PeriodKind)]
    """The kind of a bare year, and of the report's year where the sheet says nothing."""
    read: Strings = ()
    """``title`` for the lines above the header, ``foot`` for those below the table, else words a line opens with (报表时间)."""
    cumulative: bool = False
    """A month or quarter the sheet names is the end of a running count from the year's first day."""
    required: bool = False
    """The figures are of no use without the window the sheet should name."""


class Counted(Model):
    """One column of a person-level sheet that may be looked at: the only ones that are."""

    header: str
    dim: str = ""
    values: WordLists = Field(default_factory=dict)
    """Dimension value to the words that mean it."""
    date: bool = False
    """Holds the day of the event; rows outside the table's window are left out, with a finding."""


class Count(Model):
    """A figure made by counting rows, one for each value, or pair of values, of the named columns."""

    entry: str
    dims: FixedDims = ()
    by: Strings = ()
    total: bool = False


class Register(Model):
    """A person-level sheet: counted on intake by declared columns; no other column is ever looked at."""

    columns: dict[str, Counted]
    counts: Annotated[tuple[Count, ...], BeforeValidator(_models)]


NO_REGISTER = Register(columns={}, counts=())


class Form(Model):
    """One recurring table of an office; ``key`` is the name of its file."""

    key: str
    zh: str
    en: str
    sheets: Strings = ()
    """Patterns of the sheet's name or title, ``*`` for any characters."""
    anchors: Strings
    """Words that must all stand in the header."""
    valid_from: int | None = None
    valid_until: int | None = None
    period: PeriodRule
    unit: str = ""
    """Unit of the table's amounts where neither the sheet nor the column says another."""
    rows: Rows = Rows(by="none")
    columns: Annotated[tuple[Column, ...], BeforeValidator(_models)] = ()
    count_rows: bool = False
    register_of: Register = Field(default=NO_REGISTER, alias="register")
    totals: Strings = TOTAL_WORDS
    stop: Strings = STOP_WORDS
    ignore: Strings = IGNORED_WORDS
    missing: dict[str, Literal["missing", "not_applicable"]] = Field(default_factory=dict)
    """What this form writes where there is no figure: "-1", "A", "/"."""
    note: str = ""

    def valid(self, year: int) -> bool:
        """True when the form was in use in a report year."""
        return (self.valid_from or year) <= year <= (self.valid_until or year)

    def column(self, name: str) -> Column | None:
        """Return the column of that key, or None."""
        return next((column for column in self.columns if column.name == name), None)


def load_forms(root: Path, *, catalogue: Catalogue) -> tuple[Form, ...]:
    """Return every form of ``params/forms``, in the order of their names; none where there is no such folder.

    Raises:
        ParamsError: every fault of every file, as ``file:line: what was found; what to do``.
    """
    faults: list[str] = []
    made = [
        read_form(path, root=root, catalogue=catalogue, faults=faults)
        for path in sorted((root / "params" / "forms").glob("*.yml"))
        if path.stat().st_size  # a shell empties the file a proposal is about to be written to
    ]
    if faults:
        raise ParamsError("\n".join(faults))
    return tuple(form for form in made if form is not None)


def read_form(path: Path, *, root: Path, catalogue: Catalogue, faults: list[str]) -> Form | None:
    """Return the form a file describes, or None with its faults added to ``faults``, each with its line."""
    form = read_params(path, root, Form, faults, inject={"key": path.stem})
    if form is None:
        return None
    where = path.relative_to(root).as_posix()
    found = [f"{where}:{line_at(path, steps)}: {message}" for steps, message in _faults(form, catalogue)]
    faults.extend(found)
    return None if found else form


Steps = tuple[Any, ...]


def _faults(form: Form, catalogue: Catalogue) -> Iterator[tuple[Steps, str]]:
    if not form.anchors:
        yield ("anchors",), "anchors must name at least one word of the header"
    if form.count_rows != bool(form.register_of.counts):
        yield ("count_rows",), "count_rows: true and a register belong together"
    if not form.count_rows and not form.columns:
        yield (), "a form needs columns, or count_rows with a register"
    names = [column.name for column in form.columns]
    for index, column in enumerate(form.columns):
        steps: Steps = ("columns", index)
        if names.count(column.name) > 1 and names.index(column.name) != index:
            yield steps, f"the column {column.name!r} is declared twice; give one another path or key"
        yield from ((steps, text) for text in _entry_faults(column.entry, column.dims, catalogue))
        if column.check and not isinstance(catalogue.entries.get(column.check), Indicator):
            known = [key for key, entry in catalogue.entries.items() if isinstance(entry, Indicator)]
            yield steps, f"check {column.check!r} is no indicator{did_you_mean(column.check, known)}"
        yield from ((steps, text) for text in _unit_faults(column.unit, catalogue))
        for named in (*column.sum, *((column.within,) if column.within else ())):
            if named not in names:
                yield steps, f"no column has the key {named!r}{did_you_mean(named, names)}"
    yield from ((("unit",), text) for text in _unit_faults(form.unit, catalogue))
    labels = [item.name for item in form.rows.items]
    for index, item in enumerate(form.rows.items):
        steps = ("rows", "items", index)
        if item.ignore:
            continue
        yield from (
            (steps, text) for text in (*_entry_faults(item.entry, item.dims, catalogue), *_unit_faults(item.unit, catalogue))
        )
        for column_name, key in item.entries.items():
            yield from ((steps, text) for text in _entry_faults(key, item.dims, catalogue))
            if column_name not in names:
                yield steps, f"no column has the key {column_name!r}{did_you_mean(column_name, names)}"
        if item.within and item.within not in labels:
            yield steps, f"no row is labelled {item.within!r}{did_you_mean(item.within, labels)}"
    if form.rows.by == "item" and not form.rows.items:
        yield ("rows",), "rows by item must list the items"
    if form.rows.by == "dimension" and form.rows.dim not in catalogue.dimensions:
        yield ("rows", "dim"), f"no dimension {form.rows.dim!r}{did_you_mean(form.rows.dim, catalogue.dimensions)}"
    for index, count in enumerate(form.register_of.counts):
        steps = ("register", "counts", index)
        for name in count.by:
            if name not in form.register_of.columns:
                yield steps, f"the register has no column {name!r}{did_you_mean(name, form.register_of.columns)}"
        dims = {form.register_of.columns[name].dim for name in count.by if name in form.register_of.columns}
        yield from ((steps, text) for text in _entry_faults(count.entry, count.dims, catalogue, more=dims))


def _entry_faults(
    key: str, dims: Iterable[tuple[str, str]], catalogue: Catalogue, *, more: Iterable[str] = ()
) -> Iterator[str]:
    if not key:
        return
    entry = catalogue.entries.get(key)
    if entry is None:
        yield f"no entry {key!r} in the catalogue{did_you_mean(key, catalogue.entries)}"
        return
    for name in sorted({*(name for name, _ in dims), *more}):
        if name not in entry.dims:
            yield f"{key} has no dimension {name!r}{did_you_mean(name, entry.dims)}"
    for name, value in dims:
        values = entry.dims.get(name, ("*",))
        if "*" not in values and value not in values:
            yield f"{key}: {name} has no value {value!r} (it has {', '.join(values)})"


def _unit_faults(unit: str, catalogue: Catalogue) -> Iterator[str]:
    if unit and unit not in catalogue.units:
        yield f"no unit {unit!r} in params/catalogue/_shared.yml{did_you_mean(unit, catalogue.units)}"


def dimension_words(rows: Rows, catalogue: Catalogue) -> Mapping[str, str]:
    """Return every row label, as compared, that means a value of the dimension the rows go by."""
    spec = catalogue.dimensions.get(rows.dim)
    words = {word(label.zh): value for value, label in (spec.values.items() if spec else ())}
    for value, labels in rows.values.items():
        words.update({word(label): value for label in labels})
    return words


def texts_fit(texts: Sequence[str], patterns: Iterable[str]) -> bool:
    """True when one of the texts, a sheet's name or title, matches one of the patterns."""
    return any(fnmatch.fnmatchcase(word(text), word(pattern)) for pattern in patterns for text in texts)
