"""Mutated workbooks and text tables, seeded by their index: each becomes a book or one refusal, whatever was broken.

``NIANBAO_FUZZ`` says how many are tried.  They are read in a few confined processes, many to each; one that dies names its seed.
"""

from __future__ import annotations

import io
import marshal
import os
import random
import re
import time
import zipfile
import zlib
from collections import Counter
from functools import cache

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

from nianbao.errors import GateError
from nianbao.files import ooxml
from nianbao.files.confined import _book, _forked, _load_readers, answer_to
from nianbao.files.draft import MAX_COLUMNS, MAX_ROWS
from nianbao.files.gate import admit_bytes
from nianbao.files.grid import Book
from nianbao.files.refusals import NOTICES, REFUSALS
from spreadsheets import ods, sheet_xml, styles_xml, texts_xml, xlsx_parts, zipped

COUNT = int(os.environ.get("NIANBAO_FUZZ", "400"))
CHUNK = 500
_SPICE = (b"", b"0", b"-1", b"1048576", b"99999999999999999999", b"1e400", b"nan", b"XFD1048576", b"&#0;", b"&x;", b"\xff\xfe", b"<", b">",
          b'"', b"\0", b"]]>", "县".encode(), b"<!--", b"true", b"s", b"e", b"inlineStr", b"_xD800_", b"PT9999999999H", b"A0", b"9" * 400)  # fmt: skip


@cache
def bases() -> tuple[tuple[str, bytes], ...]:
    """Return the sound files that are mutated, with their kinds."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in range(1, 30):
        sheet.append([f"指标{row}", row * 1.5, row, f"=B{row}*2", "2020年", row % 2 == 0])
    sheet["A3"].comment = Comment("补报", "x")
    sheet["A4"].font = Font(strike=True)
    sheet["B5"].number_format = "yyyy/m/d"
    sheet.merge_cells("A10:C11")
    sheet.row_dimensions[6].hidden = True
    book.create_sheet("隐").sheet_state = "hidden"
    openpyxl_file = io.BytesIO()
    book.save(openpyxl_file)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row % 3}</v></c><c r="B{row}" s="{row % 3}"><v>{row * 1.25}</v></c>'
        f'<c r="C{row}"><f>B{row}</f><v>{row}</v></c></row>'
        for row in range(1, 20)
    )
    excel = {
        **xlsx_parts(sheet_xml(rows, after='<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')),
        "xl/sharedStrings.xml": texts_xml(
            "<t>出生</t>", "<r><rPr><strike/></rPr><t>1</t></r><r><t>2</t></r>", "<t>镇_x000D_</t>"
        ),
        "xl/styles.xml": styles_xml((0, "", False), (14, "", True), (176, "0.00%", False)),
    }
    old = xlwt.Workbook()
    for name in ("表1", "表2"):
        page = old.add_sheet(name)
        for row in range(20):
            page.write(row, 0, f"指标{row}")
            page.write(row, 1, row * 1.5, xlwt.easyxf("font: struck_out on", num_format_str="yyyy/m/d"))
            page.write(row, 2, xlwt.Formula(f"B{row + 1}*2"))
        page.write_merge(25, 26, 0, 3, "合并")
    old_file = io.BytesIO()
    old.save(old_file)
    open_file = ods(
        '<table:table table:name="甲"><table:table-column table:number-columns-repeated="3"/>'
        + '<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="float" office:value="1.5"/>'
        '<table:table-cell table:number-columns-repeated="2" office:value-type="string"><text:p>出<text:s text:c="2"/>生</text:p>'
        '</table:table-cell><table:table-cell office:value-type="date" office:date-value="2024-01-02"/></table:table-row>'
        * 5
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/>'
        "</table:table-row></table:table>"
    )
    text = "指标,数值,备注\n" + "".join(f'出生{row},{row},"备,注\n{row}"\n' for row in range(30))
    return (
        ("xlsx", openpyxl_file.getvalue()),
        ("xlsx", zipped(excel)),
        ("xls", old_file.getvalue()),
        ("ods", open_file),
        ("csv", text.encode()),
        ("csv", text.encode("gb18030")),
        ("csv", text.encode("utf-16")),
    )


def mutated(seed: int) -> bytes:
    """Return the file of a seed: a base with one to three mutations."""
    dice = random.Random(seed)
    kind, content = bases()[seed % len(bases())]
    for _ in range(dice.randint(1, 3)):
        by_part = kind in ("xlsx", "ods") and dice.random() < 0.8
        content = (_repacked if by_part else _bytes)(content, dice)
    return content


def _bytes(content: bytes, dice: random.Random) -> bytes:
    """Flip, cut, repeat or insert some bytes."""
    data = bytearray(content)
    if not data:
        return content
    action = dice.randrange(5)
    if action == 0:
        for _ in range(dice.randint(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
    elif action == 1:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    elif action == 2:
        del data[dice.randrange(len(data)) :]
    elif action == 3:
        begin = dice.randrange(len(data))
        data[begin:begin] = data[begin : begin + dice.randint(1, 600)]
    else:
        at = dice.randrange(len(data))
        data[at : at + dice.randint(0, 8)] = dice.choice(_SPICE)
    return bytes(data)


def _repacked(content: bytes, dice: random.Random) -> bytes:
    """Change, swap, drop or repeat parts of a package and pack it soundly again."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts: list[tuple[str, str | bytes]] = [(name, package.read(name)) for name in package.namelist()]
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, KeyError):
        return _bytes(content, dice)
    if not parts:
        return content
    at = dice.randrange(len(parts))
    name, data = parts[at]
    assert isinstance(data, bytes)
    action = dice.randrange(10)
    if action == 0:
        other = dice.randrange(len(parts))
        parts[at], parts[other] = (name, parts[other][1]), (parts[other][0], data)
    elif action == 1:
        del parts[at]
    elif action == 2:
        parts[at] = (name, _bytes(data, dice))
    else:
        parts[at] = (name, _xml(data, dice))
    return zipped(parts)


def _xml(data: bytes, dice: random.Random) -> bytes:
    """Change a tag, an attribute or a text, or move, drop or repeat a run of them."""
    tokens = re.findall(rb"<[^>]*>|[^<]+", data)
    if len(tokens) < 3:
        return data
    at = dice.randrange(1, len(tokens))
    action = dice.randrange(6)
    if action == 0:
        del tokens[at : at + dice.randint(1, 4)]
    elif action == 1:
        tokens[at:at] = tokens[at : at + dice.randint(1, 12)]
    elif action == 2:
        other = dice.randrange(1, len(tokens))
        tokens[at], tokens[other] = tokens[other], tokens[at]
    elif action == 3:
        values = list(re.finditer(rb'"[^"]*"', tokens[at]))
        if values:
            chosen = dice.choice(values)
            tokens[at] = tokens[at][: chosen.start() + 1] + dice.choice(_SPICE) + tokens[at][chosen.end() - 1 :]
    elif action == 4:
        tokens[at] = dice.choice(_SPICE) if not tokens[at].startswith(b"<") else tokens[at].replace(b"/", b"", 1)
    else:
        tokens[at] = re.sub(rb" [\w:]+=\"[^\"]*\"", b"", tokens[at], count=1)
    return b"".join(tokens)


def check(book: Book) -> None:
    """Hold what every book must keep."""
    for sheet in book.sheets:
        for (row, column), found in sheet.cells.items():
            assert (found.row, found.column) == (row, column)
            assert 1 <= row <= MAX_ROWS
            assert 1 <= column <= MAX_COLUMNS
            assert isinstance(found.text, str)
        assert all(place in sheet.cells for place in sheet.struck)
        assert all(column <= sheet.last_column for column in sheet.hidden_columns)
        assert sheet.covering(1, 1) is sheet.at(1, 1) or sheet.merges
    assert {notice.code for notice in book.notices} <= set(NOTICES)


def trial(seed: int) -> str:
    """Read the file of a seed; return how it ended, or ``FAULT`` and what should not have been."""
    content = mutated(seed)
    began = time.process_time()
    try:
        admitted = admit_bytes(content, "fuzz")
        answer = answer_to(admitted)
        if marshal.loads(answer)[0] == "failed" and admitted.kind != "xls":
            return f"FAULT {seed}: {marshal.loads(answer)[1]}"
        if admitted.kind in ("xlsx", "xlsm") and seed % 3 == 0:
            quick = ooxml._Package.plain_rows
            ooxml._Package.plain_rows = lambda *_: None  # type: ignore[method-assign,assignment]
            try:
                if not _alike(answer_to(admitted), answer):
                    return f"FAULT {seed}: the two ways through the rows differ"
            finally:
                ooxml._Package.plain_rows = quick  # type: ignore[method-assign]
        check(_book(answer, "", "fuzz"))
        outcome = "read"
    except GateError as error:
        outcome = error.code
        if error.code not in REFUSALS or re.search(r"\{[a-z_]+\}", error.finding.message("zh")):
            return f"FAULT {seed}: {error.code}"
    except Exception as error:
        return f"FAULT {seed}: {error!r}"
    taken = time.process_time() - began
    return outcome if taken < 4 else f"FAULT {seed}: {taken:.1f} s"


def _alike(one: bytes, other: bytes) -> bool:
    """True for the same book, or for two refusals: the way through the rows decides only which fault is met first."""
    first, second = marshal.loads(one), marshal.loads(other)
    if first[0] == second[0] == "done":
        return bool(marshal.loads(first[1]) == marshal.loads(second[1]))
    return bool(first[0] == second[0])


def run(seeds: range) -> bytes:
    """Return the outcomes of the seeds, in a child."""
    return marshal.dumps([trial(seed) for seed in seeds])


@pytest.mark.parametrize("first", range(0, COUNT, CHUNK))
def test_a_mutated_file_is_read_or_refused(first: int) -> None:
    _load_readers()
    bases()
    seeds = range(first, min(first + CHUNK, COUNT))
    outcomes = marshal.loads(_forked(lambda: run(seeds), 300, f"seeds {seeds.start} to {seeds.stop - 1}"))
    assert [outcome for outcome in outcomes if outcome.startswith("FAULT")] == []
    seen = Counter(outcomes)
    assert seen["read"] > len(seeds) // 10
    assert len(seen) > 4


def test_a_seed_always_makes_the_same_file() -> None:
    assert mutated(17) == mutated(17)
    assert len({mutated(seed) for seed in range(50)}) == 50
