"""Files that pass the gate and would keep whoever matches, reads and answers them: too wide, too tall, merged and annotated throughout."""

from __future__ import annotations

from collections.abc import Callable

from corpus.layouts import VILLAGES, births_form
from nianbao.files.grid import column_letters
from nianbao.layouts.forms import Form
from spreadsheets import HEAD, MAIN, RELATIONS, sheet_xml, styles_xml, xlsx_parts, zipped

WORDS = ("出生", "死亡", "村名", "一孩")
HEADS = ("村名", "出生", "死亡")
PERSONS = ("序号", "姓名", "性别", "出生日期", "孩次", "村名", "备注")
SHEETS = 200


def forms() -> tuple[Form, ...]:
    """Return forms that know the words these files are full of, one of them by blocks that stand side by side."""
    columns = [{"path": ["出生"], "entry": "live_births"}, {"path": ["死亡"], "entry": "deaths"}]
    rows = {"by": "village", "header": "村名"}
    table = births_form(anchors=["出生", "死亡"], columns=columns, rows=rows, period={"kind": "calendar_year"})
    items = [{"label": "上湾村", "entry": "births"}]
    blocks = {"by": "item", "header": "村名", "repeat": True, "items": items}
    side = births_form(anchors=["出生", "一孩"], columns=[{"path": ["出生"], "role": "value"}], rows=blocks)
    return (table, side)


def text(address: str, words: str) -> str:
    """Return a cell that holds a text."""
    return f'<c r="{address}" t="inlineStr"><is><t>{words}</t></is></c>'


def number(address: str, value: int, style: int | None = None) -> str:
    """Return a cell that holds a number."""
    return f'<c r="{address}"{"" if style is None else f" s={chr(34)}{style}{chr(34)}"}><v>{value}</v></c>'


def grid(rows: int, columns: int, cell: Callable[[int, int, str], str], merges: str = "") -> str:
    """Return a worksheet part whose cells are made by row, column and address."""
    letters = [column_letters(column) for column in range(1, columns + 1)]
    lines = (
        f'<row r="{row}">{"".join(cell(row, at, f"{letter}{row}") for at, letter in enumerate(letters, 1))}</row>'
        for row in range(1, rows + 1)
    )
    return sheet_xml("".join(lines), after=f"<mergeCells>{merges}</mergeCells>" if merges else "")


def header_words(row: int, column: int, address: str) -> str:
    """Return one header word of a sheet that holds nothing else."""
    return text(address, WORDS[row * column % len(WORDS)])


def other_words(row: int, column: int, address: str) -> str:
    """Return a header word, every third with something behind it that stands nowhere else."""
    return text(address, WORDS[row * column % 4] + (f"{row}{column}" if column % 3 == 0 else ""))


def pairs(rows: range, columns: range) -> str:
    """Return merged ranges of two cells side by side."""
    return "".join(
        f'<mergeCell ref="{column_letters(column)}{row}:{column_letters(column + 1)}{row}"/>'
        for row in rows
        for column in columns
    )


def tall(label: Callable[[int], str], value: Callable[[int, str], str] | None = None) -> Callable[[int, int, str], str]:
    """Return the cells of a long table under the usual header."""

    def cell(row: int, column: int, address: str) -> str:
        if row == 1:
            return text(address, HEADS[column - 1])
        if column == 1:
            return text(address, label(row)) if label(row) else ""
        return value(row, address) if value else number(address, row)

    return cell


def annotated() -> bytes:
    """Return a book whose one sheet has ten thousand comments."""
    kind = "http://schemas.openxmlformats.org/package/2006/relationships"
    told = "".join(f'<comment ref="C{row}"><text><t>见{row}号</t></text></comment>' for row in range(1, 10_001))
    parts = xlsx_parts(grid(4, 3, tall(lambda row: VILLAGES[row - 2])))
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'{HEAD}<Relationships xmlns="{kind}"><Relationship Id="rId1" Type="{RELATIONS}/comments" Target="../comments1.xml"/>'
        "</Relationships>"
    )
    parts["xl/comments1.xml"] = f'{HEAD}<comments xmlns="{MAIN}"><commentList>{told}</commentList></comments>'
    return zipped(parts)


def many_formats() -> bytes:
    """Return a book with a number format of its own in every one of its cells."""
    count = 19_999
    parts = xlsx_parts(grid(count, 3, tall(lambda _: "合计", lambda row, address: number(address, row, row - 1))))
    parts["xl/styles.xml"] = styles_xml(*((200 + at, f"0&quot;a{at}&quot;", False) for at in range(count)))
    return zipped(parts)


def persons(row: int, column: int, address: str) -> str:
    """Return a cell of a register of births."""
    if row == 1:
        return text(address, "青溪镇2020统计年度出生登记册") if column == 1 else ""
    if row == 2:
        return text(address, PERSONS[column - 1])
    told = (str(row), "甲", "男女"[row % 2], f"2020-0{row % 9 + 1}-1{row % 9}", str(row % 3 + 1), VILLAGES[row % 3], "")[
        column - 1
    ]
    return text(address, told) if told else ""


def book(*sheets: str) -> bytes:
    """Return a workbook of worksheet parts."""
    return zipped(xlsx_parts(*sheets))


FILES: tuple[tuple[str, str, Callable[[], bytes]], ...] = (
    ("wide", "header-cut", lambda: book(grid(46, 1000, header_words))),
    ("wide-other-words", "header-cut", lambda: book(grid(46, 1000, other_words))),
    ("wide-merged", "header-cut", lambda: book(grid(46, 1000, header_words, pairs(range(1, 47), range(1, 999, 2))))),
    ("many-wide-sheets", "header-too-large", lambda: book(*[grid(46, 8, header_words)] * SHEETS)),
    ("tall", "table-too-long", lambda: book(grid(19_000, 3, tall(lambda row: "上湾村" if row % 2 else f"x{row}")))),
    ("tall-totals", "table-too-long", lambda: book(grid(19_000, 3, tall(lambda _: "合计")))),
    ("tall-without-labels", "table-too-long", lambda: book(grid(19_000, 3, tall(lambda _: "")))),
    ("tall-merged", "table-too-long", lambda: book(
        grid(19_000, 3, tall(lambda _: "合计"), pairs(range(2, 19_000), range(2, 3)))
    )),
    ("totals", "two-totals", lambda: book(grid(2_000, 3, tall(lambda _: "合计")))),
    ("misspelt", "unknown-village", lambda: book(grid(2_000, 3, tall(lambda row: f"上湾{row}村")))),
    ("words", "not-a-number", lambda: book(grid(2_000, 3, tall(lambda _: "合计", lambda _, at: text(at, "详见附表"))))),
    ("sparse", "header-cut", lambda: book(sheet_xml("".join(
        f'<row r="{row}">{text(f"A{row}", WORDS[row % 4])}{text(f"ALL{row}", "出生")}</row>' for row in range(1, 19_000)
    )))),
    ("blank-rows", "empty-return", lambda: book(sheet_xml("".join(
        f'<row r="{row}">{text("A1", "村名") + text("B1", "出生") if row == 1 else ""}</row>' for row in range(1, 300_001)
    )))),
    ("thousand-sheets", "too-many-sheets", lambda: book(*[grid(2, 2, header_words)] * 1000)),
    ("comments", "cell-comment", annotated),
    ("formats", "table-too-long", many_formats),
    ("register", "", lambda: book(grid(19_990, 7, persons))),
)  # fmt: skip
"""Name, the code of a finding (or refusal) there must be, and how the bytes are made; ``""`` where all is read."""
