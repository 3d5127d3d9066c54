"""Ways an office lays out one table, ways a clerk writes one number, and ways both go wrong: several hundred sheets with what they say.

Every case holds the truth: the figures a careful reader takes from the sheet.  A reading must agree with it; a figure that is not read
must be covered by one of the findings expected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from corpus.sheets import block
from nianbao.files.grid import RawCell, Sheet, Value, column_letters
from nianbao.layouts.forms import Form

VILLAGES = ("上湾村", "中湾村", "下湾社区")
Truth = Fraction | None


@dataclass(frozen=True)
class Case:
    """A sheet, the form it is read by, its true figures by ``entry[dims]`` (None: nothing said), and the codes its findings must have."""

    name: str
    form: Form
    sheet: Sheet
    truth: Mapping[str, Truth]
    codes: frozenset[str] = frozenset()


@dataclass
class Canvas:
    """A sheet in the making; rows and columns from 1."""

    cells: dict[tuple[int, int], RawCell] = field(default_factory=dict)
    merges: list[str] = field(default_factory=list)
    more: dict[str, object] = field(default_factory=dict)

    def put(self, row: int, column: int, written: Written | Value) -> None:
        """Write a value, with its format where it has one."""
        made = written if isinstance(written, Written) else Written(written)
        if made.value is None and not made.error and not made.formula:
            return
        text = made.error or ("" if made.value is None else str(made.value))
        self.cells[row, column] = RawCell(row, column, made.value, text, made.format, made.formula, made.error)

    def merge(self, top: int, left: int, bottom: int, right: int) -> None:
        """Merge a range."""
        self.merges.append(f"{column_letters(left)}{top}:{column_letters(right)}{bottom}")

    def sheet(self, name: str = "出生情况") -> Sheet:
        """Return the sheet."""
        return Sheet(name, dict(self.cells), merges=tuple(block(one) for one in self.merges), **self.more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Written:
    """One number as somebody wrote it: the stored value, its format, what it means (None: no figure), and the finding it must cause."""

    value: Value
    format: str = "General"
    truth: Truth = None
    code: str = ""
    formula: bool = False
    error: str = ""


def plain(number: int) -> Written:
    """Return a number written as a number."""
    return Written(number, truth=Fraction(number))


COUNTS: tuple[Written, ...] = (
    plain(15),
    Written(15.0, truth=Fraction(15)),
    Written("15", truth=Fraction(15)),
    Written(" 15 ", truth=Fraction(15)),
    Written("１５", truth=Fraction(15)),
    Written("1 506", truth=Fraction(1506)),
    Written("1,506", truth=Fraction(1506)),
    Written("1，506", truth=Fraction(1506)),
    Written(1506, "#,##0", truth=Fraction(1506)),
    Written("15人", truth=Fraction(15)),
    Written("15 名", truth=Fraction(15)),
    Written("三十五", truth=Fraction(35)),
    Written("1.5千", truth=Fraction(1500)),
    Written("约15", truth=Fraction(15)),
    Written("70余", truth=Fraction(70)),
    Written("近百", truth=Fraction(100)),
    Written("1千万", truth=Fraction(10**7)),
    Written(27, '0"人"', truth=Fraction(27)),
    Written(123457, '0!.0,"万"', truth=Fraction(123457)),
    Written(28, '[>=10000]0!.0,"万";0', truth=Fraction(28)),
    Written(1508, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', truth=Fraction(1508)),
    Written("未发现", truth=Fraction(0)),
    Written(0, truth=Fraction(0)),
    Written(15, "0", truth=Fraction(15), formula=True),
    Written("—"),
    Written("－"),
    Written("/"),
    Written("不适用"),
    Written(None),
    Written(-1),
    Written("-1"),
    Written("−2"),
    Written(-2.0),
    Written("A"),
)
"""A count written soundly; without a truth it says that there is no figure."""
COUNT_FAULTS: tuple[Written, ...] = (
    Written("①", code="not-a-number"),
    Written("无", code="not-a-number"),
    Written("全部", code="not-a-number"),
    Written("详见附表", code="not-a-number"),
    Written(True, code="not-a-number"),
    Written(dt.date(2020, 3, 5), code="not-a-number"),
    Written(0.15, "0%", code="not-a-number"),
    Written("15%", code="not-a-number"),
    Written("15 16", code="spaced-number"),
    Written("15\n3", code="spaced-number"),
    Written("15户", code="unit-in-cell"),
    Written("一孩", code="unit-in-cell"),
    Written(-3, code="negative"),
    Written(3.5, code="not-whole"),
    Written("202_", code="masked"),
    Written("xx36", code="masked"),
    Written(None, error="#REF!", code="cell-error"),
    Written(None, formula=True, code="formula-without-value"),
    Written("11010519491231002X", code="personal-data"),
    Written(13812345678, code="personal-data"),
    Written(110105194912310000.0, code="personal-data"),
    Written("12²", code="not-a-number"),
    Written("㉑", code="not-a-number"),
    Written("一", code="not-a-number"),
    Written("1\n506", code="spaced-number"),
    Written("1\u3000506", code="spaced-number"),
    Written("15, 160", code="spaced-number"),
    Written("15,\n160", code="spaced-number"),
    Written(12, '0"万"', code="format-shows-otherwise"),
    Written(13, '0"户"', code="format-shows-otherwise"),
    Written(29, '0"％"', code="format-shows-otherwise"),
    Written(123456, "#,##0,", code="format-shows-otherwise"),
    Written(123458, '0"."0,', code="format-shows-otherwise"),
    Written(5, '"1"0', code="format-shows-otherwise"),
    Written(8, '"≥"0', code="format-shows-otherwise"),
    Written(9, ";;;", code="format-shows-otherwise"),
    Written(194912310021, "0", code="count-huge"),
)
"""A count that cannot be relied on: no reading, and a finding."""
PERCENTS: tuple[Written, ...] = (
    Written(0.9228, "0.00%", truth=Fraction(9228, 100)),
    Written(0.92280000000000006, "0.00%", truth=Fraction(9228, 100)),
    Written(92.28, truth=Fraction(9228, 100)),
    Written("92.28%", truth=Fraction(9228, 100)),
    Written("92.28％", truth=Fraction(9228, 100)),
    Written("９２.２８％", truth=Fraction(9228, 100)),
    Written("92.28", truth=Fraction(9228, 100)),
    Written(92.28, '0.00"%"', truth=Fraction(9228, 100)),
    Written(92.28, "0.00\\%", truth=Fraction(9228, 100)),
    Written(1, "0%", truth=Fraction(100)),
    Written(1.04, "0%", truth=Fraction(104)),
    Written("100", truth=Fraction(100)),
    Written("全部", truth=Fraction(100)),
    Written("≥90%", truth=Fraction(90)),
    Written(0, truth=Fraction(0)),
    Written("/"),
    Written(-1),
    Written("0.92%", truth=Fraction(92, 100), code="percent-small"),
    Written(0.0092, "0.00%", truth=Fraction(92, 100), code="percent-small"),
    Written(0.92, code="percent-ambiguous"),
    Written("0.92", code="percent-ambiguous"),
    Written(1, code="percent-ambiguous"),
    Written(92.28, "0.00%", code="percent-huge"),
    Written("9.2‰", code="permille-in-percent"),
    Written("九成", code="unit-in-cell"),
    Written("1", "0.00%", code="percent-ambiguous"),
    Written("0.93", "0.00%", code="percent-ambiguous"),
    Written(92, '0.0"‰"', code="format-shows-otherwise"),
    Written(0.9229, "0.00;-0.00%", code="percent-ambiguous"),
)
AMOUNTS: tuple[tuple[str, Written], ...] = (
    ("万元", Written(323.172, truth=Fraction(3231720))),
    ("万元", Written("1.05", truth=Fraction(10500))),
    ("万元", Written("1.2万", code="unit-twice")),
    ("万元", Written("1.2万元", code="unit-twice")),
    ("亿元", Written(1.05, truth=Fraction(105000000))),
    ("元", Written(16332, truth=Fraction(16332))),
    ("元", Written("16,332.50", truth=Fraction(1633250, 100))),
    ("元", Written("16332元", truth=Fraction(16332))),
    ("元", Written("1.2万元", truth=Fraction(12000))),
    ("万元", Written(12, '0"万元"', truth=Fraction(120000))),
    ("万元", Written(14, '0"万"', code="format-shows-otherwise")),
    ("元", Written(16, '0"万元"', code="format-shows-otherwise")),
    ("元", Written(16334, '"¥"#,##0.00', truth=Fraction(16334))),
    ("万元", Written(123456, '0!.0,"万"', code="format-shows-otherwise")),
    ("人", Written(12, code="wrong-unit")),
    ("", Written(12, code="unit-unstated")),
)
"""The unit said once for the table or column, and an amount beneath it."""

_PARITIES = ("一孩", "二孩", "多孩")
_VALUES = {"一孩": "1", "二孩": "2", "多孩": "3+"}


def births_form(**changes: object) -> Form:
    """Return the form of births by parity in villages."""
    columns = [
        {"path": ["出生人数", name], "key": name, "entry": "births", "dims": {"parity": _VALUES[name]}} for name in _PARITIES
    ]
    made: dict[str, object] = {
        "key": "births",
        "zh": "出生情况",
        "en": "Births",
        "anchors": ["出生人数", "一孩"],
        "period": {"kind": "statistical_year"},
        "rows": {"by": "village", "header": "村名|单位"},
        "columns": columns,
        "missing": {"-1": "missing", "-2": "not_applicable", "A": "missing"},
        **changes,
    }
    return Form.model_validate(made)


Matrix = Sequence[Sequence[Written]]
MATRIX: Matrix = tuple(tuple(plain(number) for number in row) for row in ((7, 6, 2), (6, 6, 1), (4, 3, 1)))


@dataclass(frozen=True)
class Layout:
    """One way to lay the table out; ``build`` puts the matrix of villages by parities somewhere and returns form and sheet."""

    name: str
    build: Callable[[Matrix], tuple[Form, Sheet]]
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Style:
    """What can vary around the same table."""

    title: bool = True
    lines: bool = False
    blank_top: int = 0
    left: int = 0
    serial: bool = False
    merged: bool = True
    group: str = "出生人数"
    key: str = "村名"
    words: tuple[str, str, str] = _PARITIES
    subtotal: str = ""
    total: str = ""
    foot: str = ""
    numbering: bool = False
    names: tuple[str, str, str] = VILLAGES
    gaps: bool = False
    repeat_header: bool = False
    remark: bool = False
    order: tuple[int, int, int] = (0, 1, 2)
    part_row: bool = False
    deep: bool = False
    stray: bool = False
    hidden: bool = False
    comment: bool = False
    extra: str = ""
    twice: bool = False
    corner: bool = False
    lines_text: str = "单位：人"


def lay(style: Style, matrix: Matrix) -> tuple[Form, Sheet]:
    """Lay the matrix out in a style."""
    canvas = Canvas()
    row = 1 + style.blank_top
    first = 1 + style.left + style.serial
    data = [first + 1 + place for place in range(3)]
    right = data[-1] + style.remark
    if style.title:
        canvas.put(row, 1, "青溪镇2020统计年度出生情况统计表")
        if style.merged:
            canvas.merge(row, 1, row, right)
        row += 1
    if style.lines:
        canvas.put(row, 1, "填表单位（章）：青溪镇卫健办")
        canvas.put(row, right, style.lines_text)
        row += 1
    top = row
    words = [style.words[place] for place in style.order]

    def header(at: int) -> int:
        levels = 3 if style.deep else 2
        if style.serial:
            canvas.put(at, first - 1, "序号")
        if not style.corner:
            canvas.put(at, first, style.key)
        if style.deep:
            canvas.put(at, data[0], "本年")
        canvas.put(at + levels - 2, data[0], style.group)
        for column, word in zip(data, words, strict=True):
            canvas.put(at + levels - 1, column, word)
        if style.remark:
            canvas.put(at, right, "备注")
        if style.extra:
            canvas.put(at, right + 1, style.extra)
        if style.merged:
            for column in [*([first - 1] if style.serial else []), first, *([right] if style.remark else [])]:
                canvas.merge(at, column, at + levels - 1, column)
            if style.extra:
                canvas.merge(at, right + 1, at + levels - 1, right + 1)
            for level in range(levels - 1):
                canvas.merge(at + level, data[0], at + level, data[-1])
        return at + levels

    row = header(top)
    if style.numbering:
        canvas.put(row, first, "甲")
        for place, column in enumerate(data, start=1):
            canvas.put(row, column, place)
        row += 1

    def total(at: int, label: str, rows: Sequence[int]) -> None:
        canvas.put(at, first, label)
        for place, column in enumerate(data):
            values = [matrix[one][style.order[place]] for one in rows]
            if all(value.truth is not None and isinstance(value.value, (int, float)) and not value.code for value in values):
                summed = sum((value.truth for value in values if value.truth is not None), Fraction(0))
                canvas.put(at, column, int(summed) if summed.denominator == 1 else float(summed))

    if style.total.startswith("first:"):
        total(row, style.total.removeprefix("first:"), (0, 1, 2))
        row += 1
    for village in range(3):
        if style.gaps and village:
            row += 1
        if style.serial:
            canvas.put(row, first - 1, village + 1)
        canvas.put(row, first, style.names[village])
        for place, column in enumerate(data):
            canvas.put(row, column, matrix[village][style.order[place]])
        if style.hidden and village == 1:
            canvas.more["hidden_rows"] = frozenset({row})
        if style.comment and village == 1:
            canvas.more["comments"] = {(row, data[0]): "含补报1人"}
        if style.remark and village == 2:
            canvas.put(row, right, "含新村")
        if style.extra and village == 0:
            canvas.put(row, right + 1, 3)
        row += 1
        if style.part_row and village == 1:
            canvas.put(row, first, "其中：新村组")
            canvas.put(row, data[0], 1)
            row += 1
        if style.subtotal and village == 1:
            total(row, style.subtotal, (0, 1))
            row += 1
        if style.repeat_header and village == 1:
            row = header(row)
    if style.twice:
        canvas.put(row, first, style.names[0])
        canvas.put(row, data[0], 99)
        row += 1
    if style.total.startswith("last:"):
        total(row, style.total.removeprefix("last:"), (0, 1, 2))
        row += 1
    if style.foot:
        canvas.put(row, 1, style.foot)
    if style.stray:
        canvas.put(row + 2, first + 2, 48)
    header_of_rows = "" if style.corner else "村名|单位"
    path = ["本年"] if style.deep else []
    columns = [
        {"path": [*path, "出生人数", name], "key": name, "entry": "births", "dims": {"parity": _VALUES[name]}}
        for name in _PARITIES
    ]
    return births_form(rows={"by": "village", "header": header_of_rows}, columns=columns), canvas.sheet()


STYLES: Mapping[str, tuple[Style, frozenset[str]]] = {
    "bare": (Style(title=False), frozenset()),
    "title": (Style(), frozenset()),
    "title and lines": (Style(lines=True), frozenset()),
    "blank rows above": (Style(blank_top=3), frozenset()),
    "table in column C": (Style(left=2), frozenset()),
    "serial numbers": (Style(serial=True), frozenset()),
    "unmerged as in CSV": (Style(merged=False), frozenset()),
    "unmerged without title": (Style(merged=False, title=False), frozenset()),
    "spaces in the header": (Style(group="出 生 人 数", key="村　名"), frozenset()),
    "line breaks in the header": (Style(group="出生\n人数"), frozenset()),
    "unit in the header": (Style(group="出生人数（人）"), frozenset()),
    "columns in another order": (Style(order=(2, 0, 1)), frozenset()),
    "three header rows": (Style(deep=True), frozenset()),
    "three header rows unmerged": (Style(deep=True, merged=False), frozenset()),
    "column numbers": (Style(numbering=True), frozenset()),
    "blank corner": (Style(corner=True), frozenset()),
    "total last": (Style(total="last:合计"), frozenset()),
    "total first": (Style(total="first:合计"), frozenset()),
    "total by the town's name": (Style(total="first:青溪镇"), frozenset()),
    "总计 and a foot": (Style(total="last:总 计", foot="注：含补报。"), frozenset()),
    "subtotal inside": (Style(subtotal="小计", total="last:合计"), frozenset()),
    "foot of signatures": (Style(foot="单位负责人：李　　填表人：王　　报表时间：2020年10月8日"), frozenset()),
    "foot of explanation": (Style(foot="说明：出生按统计年度。"), frozenset()),
    "remarks": (Style(remark=True), frozenset()),
    "gaps between rows": (Style(gaps=True, total="last:合计"), frozenset()),
    "header repeated": (Style(repeat_header=True), frozenset()),
    "villages by other suffixes": (Style(names=("上湾村民委员会", "中湾村委会", "下湾社区居委会")), frozenset()),
    "villages numbered": (Style(names=("1、上湾村", "2．中湾村", "3、下湾社区")), frozenset()),
    "villages under 其中": (Style(total="first:合计", names=("其中：上湾村", "中湾村", "下湾社区")), frozenset()),
    "units and places above": (Style(lines=True, lines_text="单位：人、户"), frozenset()),
    "everything at once": (
        Style(
            lines=True, serial=True, left=1, numbering=True, subtotal="小计", total="last:合计", foot="填表人：王", remark=True
        ),
        frozenset(),
    ),
    "hidden row": (Style(hidden=True), frozenset({"hidden-cells"})),
    "comment": (Style(comment=True), frozenset({"cell-comment"})),
    "a column the form does not know": (Style(extra="补报"), frozenset({"unknown-column"})),
    "a group of a village": (Style(part_row=True), frozenset({"unknown-village"})),
    "a number outside": (Style(stray=True, foot="注：无"), frozenset({"outside-table"})),
    "a village twice": (Style(twice=True), frozenset({"village-twice"})),
}
"""Name to style and the findings it must cause."""


def truth_of(matrix: Matrix, *, without: Sequence[int] = ()) -> dict[str, Truth]:
    """Return the true figures of a matrix."""
    return {
        f"births[parity={_VALUES[name]};village={village + 1}]": matrix[village][place].truth
        for village in range(3)
        if village not in without
        for place, name in enumerate(_PARITIES)
    }


def with_cell(written: Written, *, village: int = 1, place: int = 1) -> Matrix:
    """Return the matrix with one cell written otherwise."""
    rows = [list(row) for row in MATRIX]
    rows[village][place] = written
    return tuple(tuple(row) for row in rows)


def _number_cases() -> Iterator[Case]:
    """Every layout with a share of the number forms and of the faults, so that each meets many of the others."""
    written = (*COUNTS, *COUNT_FAULTS)
    for index, (name, (style, codes)) in enumerate(STYLES.items()):
        for step in range(8):
            one = written[(index * 5 + step * 6) % len(written)]
            matrix = with_cell(one, village=step % 3, place=(index + step) % 3)
            form, sheet = lay(style, matrix)
            expected = codes | ({one.code} if one.code else frozenset())
            yield Case(f"{name} / {one.value!r} {one.error}", form, sheet, truth_of(matrix), expected)


def _every_number() -> Iterator[Case]:
    for one in (*COUNTS, *COUNT_FAULTS):
        matrix = with_cell(one)
        form, sheet = lay(Style(), matrix)
        yield Case(f"count {one.value!r} {one.error}", form, sheet, truth_of(matrix), frozenset({one.code} - {""}))


def _one_column(
    column: Mapping[str, object], head: str, one: Written, *, line: str = "", codes: frozenset[str] = frozenset()
) -> Case:
    canvas = Canvas()
    if line:
        canvas.put(1, 1, f"单位：{line}")
    canvas.put(2, 1, "村名")
    canvas.put(2, 2, head)
    for place, village in enumerate(VILLAGES):
        canvas.put(3 + place, 1, village)
    canvas.put(3, 2, one)
    form = births_form(
        anchors=[head.split("（", maxsplit=1)[0]], columns=[{"path": [head.split("（", maxsplit=1)[0]], **column}]
    )
    key = str(column.get("entry") or column.get("check"))
    truth = {f"{key}[village=1]": one.truth}
    expected = codes | frozenset({one.code} - {""})
    return Case(f"{head} {line} / {one.value!r} {one.format}", form, canvas.sheet(), truth, expected)


def _percents() -> Iterator[Case]:
    for head in ("综合避孕率", "综合避孕率（%）"):
        for one in PERCENTS:
            yield _one_column({"check": "contraceptive_prevalence_rate"}, head, one)


def _amounts() -> Iterator[Case]:
    for unit, one in AMOUNTS:
        yield _one_column({"entry": "reward_assistance_amount"}, "奖扶金", one, line=unit)
        if unit:
            yield _one_column({"entry": "reward_assistance_amount"}, f"奖扶金（{unit}）", one)


def _faults() -> Iterator[Case]:
    """Faults of a layout, one each: what must be said, and what is left true."""
    whole = truth_of(MATRIX)
    form, sheet = lay(Style(total="last:合计"), MATRIX)
    wrong = dict(sheet.cells)
    last = sheet.last_row
    wrong[last, 2] = replace(wrong[last, 2], value=18, text="18")
    yield Case("a total that is wrong", form, replace_cells(sheet, wrong), whole, frozenset({"table-total-differs"}))

    form, sheet = lay(Style(subtotal="小计", total="last:合计"), MATRIX)
    wrong = dict(sheet.cells)
    row = next(row for (row, column), cell in sheet.cells.items() if cell.value == "小计")
    wrong[row, 3] = replace(wrong[row, 3], value=2, text="2")
    yield Case("a subtotal that is wrong", form, replace_cells(sheet, wrong), whole, frozenset({"table-total-differs"}))

    for name, names, codes in (
        ("a village misspelt", ("上弯村", "中湾村", "下湾社区"), {"unknown-village"}),
        ("a village by its stem", ("上湾", "中湾村", "下湾社区"), {"unknown-village"}),
        ("a village as the wrong kind", ("上湾社区", "中湾村", "下湾社区"), {"unknown-village"}),
        ("a village in a longer name", ("大上湾村", "中湾村", "下湾社区"), {"unknown-village"}),
        ("a village named twice", ("上湾村", "上湾村委会", "下湾社区"), {"village-twice"}),
    ):
        form, sheet = lay(Style(names=names), MATRIX)
        yield Case(name, form, sheet, whole, frozenset(codes))

    form, sheet = lay(Style(words=("一孩", "两孩", "多孩")), MATRIX)
    yield Case("a column renamed", form, sheet, whole, frozenset({"missing-column", "unknown-column"}))
    form, sheet = lay(Style(words=("一孩", "一孩", "多孩")), MATRIX)
    yield Case("a column twice", form, sheet, whole, frozenset({"column-twice", "missing-column"}))
    form, sheet = lay(Style(group="活产人数"), MATRIX)
    yield Case("a group renamed", form, sheet, whole, frozenset({"header-not-found"}))

    form, sheet = lay(Style(), MATRIX)
    struck = replace(sheet, struck=frozenset({(4, 2)}))
    yield Case("a figure struck through", form, struck, whole, frozenset({"struck-out"}))
    hidden = replace(sheet, hidden=True)
    yield Case("a hidden sheet", form, hidden, whole, frozenset({"hidden-sheet"}))
    cells = {place: cell for place, cell in sheet.cells.items() if place != (5, 1)}
    yield Case("a row without its label", form, replace_cells(sheet, cells), whole, frozenset({"row-without-label"}))

    struck = replace(sheet, struck=frozenset({(5, 1)}))
    yield Case("a row struck through", form, struck, whole, frozenset({"struck-out"}))
    merged = {place: cell for place, cell in sheet.cells.items() if place != (5, 2)}
    taller = replace(replace_cells(sheet, merged), merges=(*sheet.merges, block("B4:B5")))
    yield Case("a number over two villages", form, taller, whole, frozenset({"merged-figure"}))

    form, numbered = lay(Style(serial=True, total="last:合计"), MATRIX)
    last = numbered.last_row
    moved = {place: cell for place, cell in numbered.cells.items() if place != (last, 2)}
    moved[last, 1] = RawCell(last, 1, "合计", "合计")
    yield Case("a total in the column of serial numbers", form, replace_cells(numbered, moved), whole)
    moved[last, 3] = replace(moved[last, 3], value=18, text="18")
    yield Case("a wrong total there", form, replace_cells(numbered, moved), whole, frozenset({"table-total-differs"}))

    for title, codes in (
        ("青溪镇2019年度出生情况统计表", {"other-year"}),
        ("青溪镇2012年度出生情况统计表", {"wrong-year"}),
        ("青溪镇202_年度出生情况统计表", {"period-masked"}),
        ("青溪镇出生情况统计表", {"period-unstated"}),
    ):
        read_form = births_form(period={"kind": "statistical_year", "read": ["title"]})
        cells = {**sheet.cells, (1, 1): RawCell(1, 1, title, title)}
        yield Case(title, read_form, replace_cells(sheet, cells), whole, frozenset(codes))


def replace_cells(sheet: Sheet, cells: Mapping[tuple[int, int], RawCell]) -> Sheet:
    """Return the sheet with other cells."""
    return replace(sheet, cells=dict(cells))


def _other_rows() -> Iterator[Case]:
    """Rows by month, quarter, dimension value, item, in blocks side by side, and a single row."""
    canvas = Canvas()
    for row, line in enumerate((["月份", "出生"], ["1月", 3], ["二月份", 4], ["10月", 5], ["合计", 12]), start=1):
        for column, value in enumerate(line, start=1):
            canvas.put(row, column, value)
    columns = [{"path": ["出生"], "entry": "births"}]
    form = births_form(anchors=["月份"], rows={"by": "month", "header": "月份"}, columns=columns)
    yield Case(
        "months",
        form,
        canvas.sheet(),
        {"births@2020-01": Fraction(3), "births@2020-02": Fraction(4), "births@2019-10": Fraction(5)},
    )

    canvas = Canvas()
    for row, line in enumerate((["季度", "献血人次"], ["一季度", 30], ["第二季度", 70], ["3季度", 90]), start=1):
        for column, value in enumerate(line, start=1):
            canvas.put(row, column, value)
    form = births_form(
        anchors=["季度"],
        period={"kind": "calendar_year"},
        rows={"by": "quarter", "header": "季度", "cumulative": True},
        columns=[{"path": ["献血人次"], "entry": "blood_donors"}],
    )
    truth: dict[str, Truth] = {
        "blood_donors@2020-03": Fraction(30),
        "blood_donors@2020-06": Fraction(70),
        "blood_donors@2020-09": Fraction(90),
    }
    yield Case("cumulative quarters", form, canvas.sheet(), truth)

    canvas = Canvas()
    lines = (["孩次", "人数"], ["一孩", 17], ["其中：二孩", 15], ["三孩及以上", 4], ["总计", 36])
    for row, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            canvas.put(row, column, value)
    form = births_form(
        anchors=["孩次"],
        rows={"by": "dimension", "dim": "parity", "header": "孩次", "values": {"3+": ["三孩及以上"]}},
        columns=[{"path": ["人数"], "entry": "births"}],
    )
    yield Case(
        "parities", form, canvas.sheet(), {f"births[parity={one}]": Fraction(n) for one, n in (("1", 17), ("2", 15), ("3+", 4))}
    )
    wrong = {**canvas.cells, (4, 1): RawCell(4, 1, "四孩", "四孩")}
    yield Case(
        "parities with one unknown",
        form,
        replace_cells(canvas.sheet(), wrong),
        {"births[parity=1]": Fraction(17), "births[parity=2]": Fraction(15), "births[parity=3+]": Fraction(4)},
        frozenset({"unknown-row", "table-total-differs"}),
    )

    canvas = Canvas()
    lines = (
        ["项目", "总计", "其中女性", "项目", "总计", "其中女性", "项目", "总计", "其中女性"],
        ["出生", 36, 17, "死亡", 24, None, "补报出生", 3, 3],
    )
    for row, line in enumerate(lines, start=1):
        for column, value in enumerate(line, start=1):
            canvas.put(row, column, value)
    items = [
        {"label": "出生", "entry": "births"},
        {"label": "死亡", "entry": "deaths"},
        {"label": "补报出生", "entry": "births_supplementary_reported"},
    ]
    form = births_form(
        anchors=["项目", "总计"],
        rows={"by": "item", "header": "项目", "repeat": True, "items": items},
        columns=[
            {"path": ["总计"], "key": "总计", "role": "value"},
            {"path": ["其中女性"], "role": "value", "dims": {"sex": "female"}, "within": "总计"},
        ],
    )
    truth = {
        "births": Fraction(36),
        "births[sex=female]": Fraction(17),
        "deaths": Fraction(24),
        "births_supplementary_reported": Fraction(3),
        "births_supplementary_reported[sex=female]": Fraction(3),
    }
    yield Case("three blocks side by side", form, canvas.sheet(), truth)
    headless = {place: cell for place, cell in canvas.cells.items() if place != (1, 1)}
    told = frozenset({"unknown-column", "missing-row"})
    yield Case("a block without the head of its labels", form, replace_cells(canvas.sheet(), headless), truth, told)
    wrong = {**canvas.cells, (2, 3): RawCell(2, 3, 37, "37")}
    yield Case(
        "a part above its whole",
        form,
        replace_cells(canvas.sheet(), wrong),
        {**truth, "births[sex=female]": Fraction(37)},
        frozenset({"part-exceeds-whole"}),
    )

    canvas = Canvas()
    for row, line in enumerate((["总人口", "出生"], [3600, 36]), start=1):
        for column, value in enumerate(line, start=1):
            canvas.put(row, column, value)
    form = births_form(
        anchors=["总人口"],
        rows={"by": "none"},
        columns=[{"path": ["总人口"], "entry": "population_total"}, {"path": ["出生"], "entry": "births"}],
    )
    yield Case("one row", form, canvas.sheet(), {"population_total": Fraction(3600), "births": Fraction(36)})


def cases() -> tuple[Case, ...]:
    """Return every case of the corpus, in a fixed order."""
    return (*_number_cases(), *_every_number(), *_percents(), *_amounts(), *_faults(), *_other_rows())
