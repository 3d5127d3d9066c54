"""The spreadsheet annex: an accessible workbook whose every cell says something, and nothing in it that could run."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from built import ROOT
from nianbao.annex import LONGEST, Printed, build, printed
from nianbao.annexbook import HEAD_ROW
from nianbao.blocks import column, heading, row, run, table
from nianbao.catalogue import Indicator
from nianbao.dataset import Dataset, open_dataset
from nianbao.errors import Cell, ReturnError
from nianbao.indicators import Result, Results
from nianbao.intake import cover_of, read_return
from nianbao.report import ReportInfo
from nianbao.returnsheet import ANNEX_MARKS
from nianbao.values import Status

INFO = ReportInfo(title="年报", subtitle="上级", office="办公室", date=dt.date(2020, 12, 31), township="maolin", year=2020)
ENGLISH = replace(INFO, title="Report", subtitle="County", office="Office", lang="en")
SIGN = re.compile(r"^\[[^\[\]]+\]$")
HAN = re.compile(r"[\u4e00-\u9fff]")
FORMULA = re.compile(rb"<f[ >/]|<calculatedColumnFormula|<totalsRowFormula")
FORMULAS = ("=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", '=HYPERLINK("x","y")')


@cache
def data() -> Dataset:
    return open_dataset(ROOT, township="maolin", year=2020)


def fact(display: str = "151", **said: str) -> dict[str, str]:
    """Return a row of facts as the record of a chapter holds it."""
    plain = {"fact": "population:births:value", "chapter": "population", "indicator": "births", "dims": "", "role": "value"}
    plain |= {"display": display, "value": "151", "numerator": "", "denominator": "", "unit": "person", "period": ""}
    return plain | {"status": "computed", "sources": "data/maolin/2020.xlsx!人口监测!E7"} | said


FACTS = (fact(), fact("32", fact="overview:births:change", chapter="overview", value="32"))
TITLES = {"population": "人口监测", "overview": "基本情况"}


@cache
def made(lang: str = "zh") -> bytes:
    said = Printed(FACTS, TITLES if lang == "zh" else {}, ("births", "population_total", "births[parity=1]"))
    return build(INFO if lang == "zh" else ENGLISH, data().results, printed=said, findings=data().findings)


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    """Return the rows of the table of a sheet by their heads."""
    heads, *rows = sheet.iter_rows(min_row=HEAD_ROW, values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def with_results(changed: Result) -> Results:
    """Return the results of the sample with one of them in the place of its own."""
    found = data().results
    kept = [changed if item.ref == changed.ref else item for item in found]
    return Results(kept, catalogue=found.catalogue, township=found.township, year=found.year)


# ---- the shape of the workbook --------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_sheet_is_a_title_a_line_a_way_back_and_one_tidy_table(lang: str) -> None:
    book = read(made(lang))
    names = set()
    for sheet in book.worksheets[1:]:
        (found,) = sheet.tables.values()
        names.add(found.displayName)
        assert found.ref == f"A{HEAD_ROW}:{sheet.cell(sheet.max_row, sheet.max_column).coordinate}"
        assert not sheet.merged_cells.ranges
        above = [[cell.value for cell in line if cell.value is not None] for line in sheet.iter_rows(max_row=HEAD_ROW - 1)]
        assert [len(line) for line in above] == [1, 1, 1]
        heads = [cell.value for cell in sheet[HEAD_ROW]]
        assert len(set(heads)) == len(heads)
        assert heads == [one.name for one in found.tableColumns]
        for line in sheet.iter_rows(min_row=HEAD_ROW + 1):
            assert [cell.coordinate for cell in line if cell.value in (None, "")] == [], sheet.title
        assert sheet.freeze_panes == f"B{HEAD_ROW + 1}"
        assert sheet.print_title_rows == f"${HEAD_ROW}:${HEAD_ROW}"
        assert all(sheet.column_dimensions[cell.column_letter].width >= 10 for cell in sheet[HEAD_ROW])
        assert not sheet.row_dimensions[HEAD_ROW].hidden
    assert len(names) == len(book.worksheets) - 1
    assert all(re.fullmatch(r"[a-z_]+", name) for name in names)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_contents_lead_to_every_sheet_and_every_sheet_leads_back(lang: str) -> None:
    book = read(made(lang))
    cover, contents, *others = book.worksheets
    links = {cell.hyperlink.location for line in contents.iter_rows(min_row=HEAD_ROW + 1, max_col=1) for cell in line}
    assert links == {f"'{sheet.title}'!A1" for sheet in others}
    assert [row[next(iter(row))] for row in rows_of(contents)] == [sheet.title for sheet in others]
    assert {sheet["A3"].hyperlink.location for sheet in others} == {f"'{contents.title}'!A1"}
    assert contents["A3"].hyperlink.location == f"'{cover.title}'!A1"
    last = cover.cell(cover.max_row, 1)
    assert last.hyperlink.location == f"'{contents.title}'!A1"
    counted = [list(row.values())[-1] for row in rows_of(contents)]
    assert counted == [len(rows_of(sheet)) for sheet in others]


def test_the_cover_says_what_when_who_and_which_edition() -> None:
    lines = [cell.value for (cell,) in read(made())["首页"].iter_rows()]
    place = data().township
    assert lines[:7] == [
        "年报", "数据附表", f"地区：上级{place.zh}", "报告年度：2020", "编制单位：办公室", "日期：2020年12月31日", "版本：内部版",
    ]  # fmt: skip
    assert ANNEX_MARKS["zh"] in lines
    assert None not in lines


def test_a_notice_and_a_label_stand_on_the_cover() -> None:
    labelled = replace(INFO, label="合成数据")
    content = build(labelled, data().results, printed=Printed(FACTS), notices=["草稿：以下章节生成失败"])
    assert [cell.value for (cell,) in read(content)["首页"].iter_rows()][2:4] == ["合成数据", "草稿：以下章节生成失败"]


def test_an_english_annex_speaks_english() -> None:
    book = read(made("en"))
    assert [sheet.title for sheet in book.worksheets][:4] == ["Cover", "Contents", "Notes", "Key figures"]
    # addresses and titles of documents are as they are, and so is what the return says in words (60岁以上)
    as_written = {"Source cells", "Sources", "Source", "Where", "Finding", "What to do"}
    raw = {item.raw for item in data().results}
    for sheet in book.worksheets[1:]:
        assert not HAN.search(sheet.title + str(sheet["A1"].value) + str(sheet["A2"].value) + str(sheet["A3"].value))
        for line in rows_of(sheet):
            told = [str(value) for head, value in line.items() if head not in as_written and value not in raw]
            assert [text for text in told if HAN.search(text)] == []


def test_names_of_sheets_are_legal_and_differ() -> None:
    for lang in ("zh", "en"):
        names = [sheet.title for sheet in read(made(lang)).worksheets]
        assert all(0 < len(name) <= 31 and not re.search(r"[\[\]:*?/\\']", name) for name in names)
        assert len({name.casefold() for name in names}) == len(names)


def test_long_titles_of_sheets_are_cut_at_a_word_and_told_apart() -> None:
    titles = {item.entry.area: "Prevention/control of very long and winding diseases" for item in data().results}
    book = read(build(ENGLISH, data().results, printed=Printed(FACTS, titles)))
    names = [sheet.title for sheet in book.worksheets if sheet.title.startswith("Prevention control of")]
    assert len(names) == len(titles)
    assert names[0] == "Prevention control of very long"
    assert max(map(len, names)) <= 31


def test_a_cut_title_of_a_sheet_ends_with_a_word_that_can_end_it() -> None:
    titles = {"population": "Health assistance and the population fund"}
    assert "Health assistance" in read(build(ENGLISH, data().results, printed=Printed(FACTS, titles))).sheetnames


def test_properties_say_title_language_and_date() -> None:
    for lang, code in (("zh", "zh-CN"), ("en", "en-GB")):
        told = read(made(lang)).properties
        assert (told.title, told.language) == ({"zh": "年报", "en": "Report"}[lang], code)
        assert told.created == told.modified == dt.datetime(2020, 12, 31)  # noqa: DTZ001 (as the format holds it)


# ---- what stands in it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_result_is_a_number_in_its_unit_beside_what_the_report_prints(lang: str) -> None:
    book, results = read(made(lang)), data().results
    words = {"zh": ("指标编码", "分组编码", "印出", "数值"), "en": ("Indicator code", "Breakdown code", "Printed", "Value")}[
        lang
    ]
    found: dict[str, tuple[Any, Any]] = {}
    for sheet in book.worksheets:
        if any(name.startswith("results_") for name in sheet.tables):
            for line in rows_of(sheet):
                dims = str(line.get(words[1], ""))
                ref = str(line[words[0]]) + (f"[{dims}]" if dims and not SIGN.match(dims) else "")
                found[ref] = (line[words[2]], line[words[3]])
    assert set(found) == {item.ref for item in results}
    for item in results:
        shown, value = found[item.ref]
        assert shown == results.shown(item, lang=lang)
        if item.value is None:
            assert SIGN.match(value)
        else:
            assert isinstance(value, (int, float))
            assert Fraction(value) == item.value or abs(float(item.value) - value) < 1e-9 * max(1, abs(value))


def test_a_number_shows_the_decimals_of_the_report() -> None:
    book = read(made())
    formats = {}
    for sheet in book.worksheets:
        heads = [cell.value for cell in sheet[HEAD_ROW]] if sheet.max_row >= HEAD_ROW else []
        if "指标编码" in heads and "数值" in heads:
            for line in sheet.iter_rows(min_row=HEAD_ROW + 1):
                cell = line[heads.index("数值")]
                if cell.data_type == "n":
                    formats[line[heads.index("指标编码")].value] = cell.number_format
    entries = data().catalogue.entries
    assert len(formats) > 30
    for key, pattern in formats.items():
        decimals = entries[key].decimals
        assert pattern == ("0" if not decimals else "0." + "0" * decimals)
    assert "0.00" in formats.values()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_notes_explain_every_sign_and_status_that_is_used_and_no_other(lang: str) -> None:
    book = read(made(lang))
    notes = [list(row.values()) for row in rows_of(book.worksheets[2])]
    used = {
        cell.value
        for sheet in book.worksheets[3:]
        for line in sheet.iter_rows(min_row=HEAD_ROW + 1)
        for cell in line
        if isinstance(cell.value, str) and SIGN.match(cell.value)
    }
    assert used == {name for _, name, _ in notes if SIGN.match(name)}
    status = {"zh": "数据性质", "en": "Status"}[lang]
    said = {line[status] for sheet in book.worksheets[3:] for line in rows_of(sheet) if status in line}
    assert said == {name for kind, name, _ in notes if kind == status}


@pytest.mark.parametrize(
    ("status", "sign", "shown"),
    [
        (Status.SUPPRESSED, "[不公开]", "＊"),
        (Status.UNDEFINED, "[分母为零]", "—"),
        (Status.MISSING, "[未报]", "—"),
        (Status.NOT_APPLICABLE, "[不适用]", "—"),
        (Status.MASKED, "[不清]", "不详"),
    ],
)
def test_a_figure_that_is_not_there_says_why(status: Status, sign: str, shown: str) -> None:
    rate = next(item for item in data().results if isinstance(item.entry, Indicator) and item.denominator is not None)
    gone = replace(rate, value=None, status=status, numerator=None, denominator=None, lower=None, upper=None, change=None)
    book = read(build(INFO, with_results(gone), printed=Printed(FACTS, TITLES)))
    (line,) = [
        line
        for sheet in book.worksheets
        if any(name.startswith("results_") for name in sheet.tables)
        for line in rows_of(sheet)
        if line["指标编码"] == gone.entry.id and line["来源单元格"].startswith(str(gone.cells[0]))
    ][:1]
    assert (line["印出"], line["数值"]) == (shown, sign)
    assert any(row["记号或名称"] == sign for row in rows_of(book["说明"]))
    if status is Status.SUPPRESSED:
        assert line["分子"] == line["分母"] == sign


def test_a_column_that_tells_nothing_is_left_out() -> None:
    book = read(made())
    sheet = next(sheet for sheet in book.worksheets if "results_epidemic" in sheet.tables)
    heads = {cell.value for cell in sheet[HEAD_ROW]}
    assert {"指标", "数值", "印出", "单位", "数据性质", "来源单元格"} <= heads
    assert not {"分子", "分母", "置信下限", "目标", "上年", "比上年增减"} & heads
    population = next(sheet for sheet in book.worksheets if "results_population" in sheet.tables)
    assert {"上年", "比上年增减", "分子"} <= {cell.value for cell in population[HEAD_ROW]}


def test_the_key_figures_are_those_of_the_page_in_its_order() -> None:
    words = [column(word) for word in ("指标", "数值", "比上年")]
    lines = [
        row(
            [[run("出生")], [run("151", fact="overview:births:value"), run("人")], [run("-32", fact="overview:births:change")]]
        ),
        row([[run("一孩")], [run("68", fact="overview:births[parity=1]:value")], [run("—")]]),
    ]
    said = printed(
        [
            (
                "overview",
                [
                    heading("基本情况", level=1, key="top"),
                    table([run("x")], key="overview-key-figures", columns=words, rows=lines),
                ],
            )
        ],
        FACTS,
    )
    assert said.titles == {"overview": "基本情况"}
    assert said.key == ("births", "births[parity=1]")
    shown = rows_of(read(build(INFO, data().results, printed=said))["主要指标"])
    assert [(line["分组"], line["数值"], line["比上年增减"]) for line in shown] == [("合计", 151, -32), ("一孩", 68, -15)]


def test_without_findings_there_is_no_sheet_of_them_and_with_none_found_it_says_so() -> None:
    public = build(replace(INFO, edition="public"), data().results, printed=Printed(FACTS))
    assert "数据核对情况" not in read(public).sheetnames
    assert "版本：公开版" in [cell.value for (cell,) in read(public)["首页"].iter_rows()]
    clean = read(build(INFO, data().results, printed=Printed(FACTS), findings=()))["数据核对情况"]
    assert clean["A2"].value == "数据核对未发现问题，本页没有表。"
    assert not clean.tables
    assert clean.max_row == HEAD_ROW - 1
    assert [line["问题"] for line in rows_of(read(made())["数据核对情况"])] == [item.message("zh") for item in data().findings]


def test_too_many_source_cells_are_counted() -> None:
    births = data().results.named("births")
    cells = tuple(Cell("data/x/2020.xlsx", "人口监测", f"E{place}") for place in range(1000))
    book = read(build(INFO, with_results(replace(births, cells=cells)), printed=Printed(FACTS, TITLES)))
    said = next(line["来源单元格"] for line in rows_of(book["人口监测"]) if line["指标编码"] == "births")
    listed, rest = said.rsplit("；", 1)
    assert len(said) < LONGEST + 50
    assert len(listed.split(";")) + int(re.sub(r"\D", "", rest.split("处")[0])) == 1000


# ---- safety ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    births = data().results.named("births")
    worded = replace(births, cells=(Cell(text, "s", "A1"),))
    said = Printed([fact(text, fact=text, name=text, working=text, when=text, sources=text)], {"population": text}, ("births",))
    info = replace(INFO, title=text, office=text, subtitle=text, label=text)
    content = build(info, with_results(worded), printed=said, notices=[text])
    book = read(content)
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            assert [cell.coordinate for cell in line if cell.data_type not in ("s", "n", "inlineStr")] == []
    opened = [cell for sheet in book.worksheets for line in sheet.iter_rows() for cell in line if cell.value == text]
    assert len(opened) >= 8
    assert all(cell.quotePrefix for cell in opened)
    assert not [name for name, part in parts(content).items() if FORMULA.search(part)]


def test_there_is_no_macro_link_to_outside_or_formula() -> None:
    for name, part in parts(made()).items():
        assert not re.search(r"vba|macro|external|activeX|embeddings|connections", name, re.I), name
        assert b'TargetMode="External"' not in part
        assert not FORMULA.search(part), name


def test_control_characters_do_not_stop_the_annex() -> None:
    book = read(build(INFO, data().results, printed=Printed([fact("1\x0b2\x00")], TITLES)))
    assert rows_of(book["数字索引"])[0]["印出"] == "1\ufffd2\ufffd"


def test_equal_figures_give_equal_bytes_with_fixed_dates() -> None:
    said = Printed(FACTS, TITLES, ("births", "population_total", "births[parity=1]"))
    assert build(INFO, data().results, printed=said, findings=data().findings) == made()
    with zipfile.ZipFile(io.BytesIO(made())) as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"2000-01-01" in parts(build(replace(INFO, date=None), data().results, printed=said))["docProps/core.xml"]


# ---- no return ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("saved_again", [False, True])
def test_the_annex_put_among_the_returns_is_named_as_what_it_is(lang: str, saved_again: bool, tmp_path: Path) -> None:
    path = tmp_path / "2020.xlsx"
    path.write_bytes(made(lang))
    if saved_again:
        read(made(lang)).save(path)
    place = data().township
    with pytest.raises(
        ReturnError, match=r"2020\.xlsx: this is the spreadsheet annex of a report .*expected a return; take it out"
    ):
        read_return(path, root=tmp_path, township=place, year=2020, catalogue=data().catalogue)
    with pytest.raises(ReturnError, match="spreadsheet annex"):
        cover_of(path)


def test_a_return_is_not_taken_for_an_annex() -> None:
    assert data().intakes[0].observations
