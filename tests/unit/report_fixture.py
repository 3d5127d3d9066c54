"""Made-up executed chapters that show every block type, for the tests of the document back ends.

Place, people and figures are invented.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

import nbformat
from nbformat import NotebookNode

from nianbao.blocks import (
    BLOCK_MIME,
    Block,
    Run,
    banner,
    column,
    figure,
    heading,
    note,
    paragraph,
    row,
    run,
    table,
)
from nianbao.report import ReportInfo, assemble

INFO = ReportInfo(
    title="青溪镇2024年度卫生健康工作报告",
    subtitle="2024年1月1日至12月31日",
    office="青溪镇卫生健康办公室",
    date=date(2024, 12, 5),
    township="qingxi",
    year=2024,
    stamp="内部资料",
)
ENGLISH = ReportInfo(
    title="Annual health report of Qingxi Township, 2024",
    subtitle="1 January to 31 December 2024",
    office="Qingxi Township Health Office",
    date=date(2024, 12, 5),
    lang="en",
    township="qingxi",
    year=2024,
)
BANNERS: tuple[Block, ...] = (
    banner([run("第三章的数据没有通过核对，本报告不得上报。")], severity="failed"),
    banner([run("初稿：部分村居尚未报送。")], severity="draft"),
)
_LONG = (
    "全镇常住人口{}人，比上年末减少{}人。年内共举办健康讲座{}场，发放宣传材料{}份，"
    "组织村医入户走访{}户，对行动不便的老年人逐户上门量血压、测血糖，并把结果记入健康档案。"
    "各村卫生室按月核对随访记录，缺项当月补齐，核对情况由镇卫生院每季度通报一次。"
)


def bar_chart(labels: Sequence[str], values: Sequence[float], *, style: Literal["attributes", "matplotlib"]) -> str:
    """Return an SVG bar chart with real text, written as our own code does or as matplotlib does."""
    top = max(values)
    bars = []
    for index, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, height = 40 + index * 60, 150 * value / top
        bars.append(f'<rect x="{x}" y="{180 - height:.2f}" width="36" height="{height:.2f}" fill="url(#ink)"/>')
        if style == "attributes":
            face = 'font-family="Nianbao Hei" font-size="11" text-anchor="middle"'
        else:
            face = "style=\"font: 11px 'Nianbao Hei'; text-anchor: middle\""
        bars.append(f'<text x="{x + 18}" y="196" {face}>{label}</text>')
        bars.append(f'<text x="{x + 18}" y="{174 - height:.2f}" {face}>{value}</text>')
    sheet = '<style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>'
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="no"?>'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="442pt" height="210pt" viewBox="0 0 442 210" version="1.1">'
        f"<metadata>made up</metadata><defs>{sheet if style == 'matplotlib' else ''}"
        '<linearGradient id="ink"><stop offset="0" stop-color="#1f5aa6"/><stop offset="1" stop-color="#1f5aa6"/>'
        '</linearGradient><path id="tick" d="M 0 0 L 0 4" style="stroke: #444; stroke-width: 0.8"/></defs>'
        '<path d="M 20 180 L 430 180" stroke="#444" fill="none"/>'
        + "".join(f'<use xlink:href="#tick" x="{58 + index * 60}" y="180"/>' for index in range(len(labels)))
        + "".join(bars)
        + "</svg>"
    )


def png(width: int = 156, height: int = 74) -> str:
    """Return a plain grey PNG as base64."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = (b"\x00" + b"\xc8" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    return base64.b64encode(data).decode()


def chapter(*published: Block | tuple[Block, dict[str, Any]], metadata: dict[str, Any] | None = None) -> NotebookNode:
    """Return an executed notebook that published the blocks, one a cell, with prints between them."""
    cells = []
    for number, entry in enumerate(published):
        block, pictures = entry if isinstance(entry, tuple) else (entry, {})
        outputs = [
            nbformat.v4.new_output("stream", name="stdout", text="not part of the report"),
            nbformat.v4.new_output("display_data", data={BLOCK_MIME: block, "text/html": "<b>not read</b>", **pictures}),
        ]
        cell = nbformat.v4.new_code_cell(source="show()", outputs=outputs)
        cell["id"] = f"cell-{number}"
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata or {})


def long_paragraph(seed: int) -> list[Run]:
    """Return a paragraph of about 130 characters with five facts."""
    parts = _LONG.split("{}")
    runs: list[Run] = [run(parts[0])]
    for index, part in enumerate(parts[1:]):
        runs += [run(str((seed * 37 + index * 101) % 900 + 100), fact=f"f{seed}.{index}"), run(part)]
    return runs


def village_table(rows: int = 42) -> Block:
    """Return a table of ``rows`` villages and a total, longer than a page when ``rows`` exceeds 40."""
    body = [
        row([[run(f"第{number}村民委员会")], [run(str(number * 7))], [run(f"{number * 1.7:.2f}%")], [run("—")]])
        for number in range(1, rows + 1)
    ]
    total = row([[run("合计")], [run("6321", fact="births.total")], [run("87.30%")], [run("—")]], kind="total")
    return table(
        [run("各村出生人口与孕产妇系统管理情况")],
        key="villages",
        columns=[column("村居", align="left"), column("出生人数"), column("系统管理率"), column("备注", align="center")],
        rows=[*body, total],
        unit_line="单位：人、%",
        notes=[[run("注：系统管理率＝系统管理人数÷活产数；统计年度为2023年10月1日至2024年9月30日。")]],
    )


def wide_table() -> Block:
    """Return a table of nine columns with long heads and group rows."""
    heads = [
        "管理人数",
        "规范管理人数",
        "规范管理率",
        "血压控制人数",
        "血压控制率",
        "年度目标",
        "比目标（个百分点）",
        "比上年（个百分点）",
    ]
    empty: list[list[Run]] = [[] for _ in heads]
    rows = [row([[run("一、高血压患者")], *empty], kind="group")]
    for name in ("上溪村", "下溪村", "石门口社区"):
        cells = ["1234", "1102", "89.30%", "980", "79.42%", "60.00%", "+19.42", "−0.35"]
        rows.append(row([[run(name)], *[[run(cell)] for cell in cells]]))
    rows.append(row([[run("二、2型糖尿病患者")], *empty], kind="group"))
    cells = ["321", "300", "93.46%", "210", "65.42%", "60.00%", "+5.42", "+1.10"]
    rows.append(row([[run("上溪村")], *[[run(cell)] for cell in cells]]))
    rows.append(row([[run("合计")], *[[run(cell)] for cell in cells]], kind="total"))
    return table(
        [run("慢性病患者健康管理情况")],
        key="chronic",
        columns=[column("村居", align="left"), *(column(head) for head in heads)],
        rows=rows,
        unit_line="单位：人、%、个百分点",
    )


def chart_block(key: str, *, style: Literal["attributes", "matplotlib"]) -> tuple[Block, dict[str, Any]]:
    """Return a figure block with its pictures."""
    svg = bar_chart(["上溪村", "下溪村", "石门口", "杨柳岸", "东塘", "西塘"], [31, 24.5, 18, 40, 22, 9], style=style)
    block = figure(
        [run("各村65岁及以上老年人健康体检人数")],
        key=key,
        alt="柱形图：六个村的体检人数，杨柳岸最多，40人；西塘最少，9人。",
        width_mm=156.0,
        height_mm=74.1,
        notes=[[run("数据来源：镇卫生院体检登记册。")]],
    )
    return block, {"image/svg+xml": svg, "image/png": png()}


def population_chapter() -> NotebookNode:
    """Return a chapter with four heading levels, long text and office text."""
    return chapter(
        heading("人口与出生", level=1, key="population"),
        paragraph(long_paragraph(1)),
        heading("总体情况", level=2, key="overview"),
        paragraph([run("出生人口", emphasis="strong"), run("："), run("90", fact="births"), run("人。")], origin="office"),
        heading("出生性别比", level=3, key="ratio"),
        paragraph(long_paragraph(2)),
        heading("按孩次", level=4, key="parity"),
        paragraph(long_paragraph(3)),
        heading("按户籍", level=4, key="register"),
        *(paragraph(long_paragraph(seed)) for seed in range(4, 13)),
        heading("分村情况", level=2, key="by-village"),
        village_table(),
        note([run("本表不含补报数。")]),
    )


def elderly_chapter() -> NotebookNode:
    """Return a chapter with both kinds of chart, a wide table and hostile text."""
    return chapter(
        heading("老年健康与慢性病管理", level=1, key="elderly"),
        paragraph([run('文字<script>alert("x")</script>&amp; #eval("1") \\ $x$ *不是*标记 _也不是_。')]),
        chart_block("examined", style="attributes"),
        heading("健康体检", level=2, key="examinations"),
        chart_block("examined-again", style="matplotlib"),
        paragraph(long_paragraph(20)),
        wide_table(),
    )


def plan_chapter() -> NotebookNode:
    """Return a chapter that is only text, with an unnumbered heading."""
    appendix = heading("附：编制说明", level=1, key="method")
    appendix["numbered"] = False
    return chapter(
        heading("存在的问题和2025年打算", level=1, key="plan"),
        heading("2025年工作打算", level=2, key="next"),
        heading("2025年重点任务", level=3, key="tasks"),
        *(paragraph(long_paragraph(seed)) for seed in range(30, 36)),
        appendix,
        paragraph([run("比率按精确值四舍五入一次。")]),
    )


CHAPTERS = (("population", population_chapter), ("elderly", elderly_chapter), ("plan", plan_chapter))


def report(info: ReportInfo = INFO, *, banners: Sequence[Block] = ()) -> NotebookNode:
    """Return the assembled report of all three chapters."""
    return assemble([(area, make()) for area, make in CHAPTERS], info, banners=banners)
