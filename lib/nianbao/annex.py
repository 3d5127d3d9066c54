"""The spreadsheet annex of a report, ``report.xlsx``: its figures as an accessible workbook, for people who reckon on and for screen readers.

Built after the guidance of the UK Government Analysis Function on releasing statistics in spreadsheets: a cover, contents with links,
notes, then one table a sheet with one row of heads, no merged cells, no empty rows, columns or cells inside a table (a sign in brackets
says why there is no figure, and the notes say what it means), every table a named one, nothing told by colour alone.  What stands in
the annex is what the report was built from: a figure as a number in the stated unit, rounded only for the eye, and beside it the text
that the report prints.  Every text is stored as a text, whatever sign it opens with; there is no formula, macro or outside link.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from nianbao import blocks
from nianbao.annexbook import Content, Figure, Front, Link, Properties, Table, workbook
from nianbao.annexwords import DIRECTION, EDITION, KIND, READING, STATED, STATUS, WHY_EMPTY, methods
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Nature
from nianbao.errors import Finding
from nianbao.facts import FactBook
from nianbao.fields import Dims
from nianbao.formulas import format_dims, parse_dims
from nianbao.indicators import Result, Results
from nianbao.phrasing import Phrases
from nianbao.reasons import told
from nianbao.returnsheet import ANNEX_MARKS
from nianbao.values import BLANK, Status, parse_exact

if TYPE_CHECKING:
    from nianbao.report import ReportInfo

LONGEST = 4000
"""Characters of source cells in one cell; where there are more (the hundred cells of a county's sum) it says where the rest stand."""
_SHEET_NAME, _NOT_IN_NAMES = 31, re.compile(r"[\[\]:*?/\\']")
_LOOSE_END = re.compile(r"(?:[ ,]+(?:and|or|of|for|in|on|to|with|the|a|an))*[ ,]*$")
Head = tuple[str, str, float]
"""The head of a column in Chinese and English, and its width in characters."""
_RESULT: tuple[Head, ...] = (
    ("指标", "Indicator", 30),
    ("分组", "Breakdown", 18),
    ("统计期间", "Period", 18),
    ("印出", "Printed", 14),
    ("数值", "Value", 13),
    ("单位", "Unit", 10),
    ("分子", "Numerator", 13),
    ("分母", "Denominator", 14),
    ("置信下限", "Lower limit", 13),
    ("置信上限", "Upper limit", 13),
    ("目标", "Target", 12),
    ("与目标相差", "Distance to target", 14),
    ("目标完成", "Target met", 13),
    ("上年", "Year before", 13),
    ("上年印出", "Year before, printed", 14),
    ("比上年增减", "Change on the year before", 15),
    ("数据性质", "Status", 14),
    ("说明", "Remark", 26),
    ("指标编码", "Indicator code", 26),
    ("分组编码", "Breakdown code", 20),
    ("来源单元格", "Source cells", 60),
)
_KEY = (0, 1, 2, 3, 4, 5, 13, 14, 15, 16)
"""The columns of results that the sheet of key figures has."""
_ALWAYS = frozenset({0, 1, 2, 3, 4, 5, 16, 18, 20})
"""The columns of results that stand on every sheet; the others only where they tell something of a row."""
_LEAD = ("本页有一张表：", "This sheet holds one table: ")
_FACT: tuple[Head, ...] = (
    ("数字编号", "Fact", 44),
    ("所在章", "Chapter", 18),
    ("含义", "Meaning", 34),
    ("分组", "Breakdown", 18),
    ("印出", "Printed", 14),
    ("数值", "Value", 14),
    ("单位", "Unit", 10),
    ("算式", "Working", 30),
    ("统计期间", "Period", 18),
    ("数据性质", "Status", 14),
    ("来源", "Sources", 60),
)
_FINDING: tuple[Head, ...] = (
    ("程度", "Severity", 14),
    ("问题", "Finding", 60),
    ("处理", "What to do", 44),
    ("业务", "Work area", 20),
    ("位置", "Where", 60),
    ("编码", "Code", 22),
)
_DEFINITION: tuple[Head, ...] = (
    ("指标", "Indicator", 30),
    ("口径", "Definition", 60),
    ("基数", "Base", 22),
    ("单位", "Unit", 10),
    ("印出小数位", "Decimals printed", 12),
    ("统计期间", "Kind of period", 16),
    ("方向", "Direction", 16),
    ("依据", "Source", 40),
    ("业务", "Work area", 24),
    ("指标编码", "Indicator code", 28),
)
_NOTE: tuple[Head, ...] = (("类别", "Kind", 20), ("记号或名称", "Sign or name", 24), ("含义", "Meaning", 90))


@dataclass(frozen=True)
class Printed:
    """What the chapters of a report printed: facts as rows of ``facts.csv`` (with ``name`` and ``working`` where the record gives
    them), the title of each chapter, and the references of the key figures, in the order of the page."""

    facts: Sequence[Mapping[str, Any]]
    titles: Mapping[str, str] = field(default_factory=dict)
    key: Sequence[str] = ()


def printed(chapters: Iterable[tuple[str, Sequence[blocks.Block]]], facts: Sequence[Mapping[str, Any]]) -> Printed:
    """Return what the blocks of chapters printed, with the facts their records hold."""
    titles: dict[str, str] = {}
    key: list[str] = []
    for name, published in chapters:
        for block in published:
            if block["type"] == "heading" and block["level"] == 1:
                titles.setdefault(name, blocks.plain(block["runs"]))
            if block["type"] == "table" and block["key"].endswith("key-figures"):
                found = (run.get("fact", "") for row in block["rows"] for cell in row["cells"][1:2] for run in cell)
                key += [fact.partition(":")[2].rpartition(":")[0] for fact in found if fact.endswith(":value")]
    return Printed(facts, titles, tuple(dict.fromkeys(key)))


def build(
    info: ReportInfo,
    results: Results,
    *,
    printed: Printed,
    findings: Sequence[Finding] | None = None,
    notices: Sequence[str] = (),
    sources: Callable[[Iterable[str]], Iterable[str]] = tuple,
) -> bytes:
    """Return the annex of a report as a workbook; equal figures give equal bytes.

    ``results`` and ``printed`` are those of the edition: what an edition withholds must not be in them, and figures withheld have the
    status ``suppressed``.  Without ``findings`` (None) there is no sheet of findings, as in the public edition.  ``notices`` are lines
    for the cover, such as that a chapter failed; ``sources`` returns sources as the edition names them.
    """
    annex = _Annex(info, results, printed, findings, notices, sources)
    properties = Properties(info.title, annex.word("数据附表", "Spreadsheet annex"), info.office or "", info.lang, info.date)
    tables = annex.tables()
    return workbook(annex.front(), [annex.contents(tables), *tables], properties=properties)


# ---- what stands in it ------------------------------------------------------------------------------------------------


class _Annex:
    """Gathers the sheets of one annex; see :func:`build`."""

    def __init__(
        self,
        info: ReportInfo,
        results: Results,
        printed: Printed,
        findings: Sequence[Finding] | None,
        notices: Sequence[str],
        sources: Callable[[Iterable[str]], Iterable[str]],
    ) -> None:
        self.info, self.results, self.printed, self.findings, self.notices = info, results, printed, findings, notices
        self.lang, self.zh = info.lang, info.lang == "zh"
        self.catalogue = results.catalogue
        self.tell = Phrases(results, FactBook("annex"), lang=info.lang)
        self.taken: set[str] = set()
        self.named_sources = sources
        self.signs = {words[0 if self.zh else 1]: status for status, words in WHY_EMPTY.items()}
        self.cover_name = self.named("首页" if self.zh else "Cover")
        self.contents_name = self.named("目录" if self.zh else "Contents")

    def word(self, zh: str, en: str) -> str:
        return zh if self.zh else en

    def named(self, text: str) -> str:
        """Return a text as the name of a sheet: legal, short enough and not taken."""
        plain = " ".join(_NOT_IN_NAMES.sub(" ", text).split()) or "-"
        name = plain
        if len(plain) > _SHEET_NAME:
            name = _LOOSE_END.sub("", plain[: _SHEET_NAME + 1].rpartition(" ")[0]) or plain[:_SHEET_NAME]
        count = 1
        while name.casefold() in self.taken:
            count += 1
            name = f"{plain[: _SHEET_NAME - 4]} {count}"
        self.taken.add(name.casefold())
        return name

    def empty(self, status: Status = Status.NOT_APPLICABLE) -> str:
        """Return the sign that says why a cell holds no figure."""
        status = status if status in WHY_EMPTY else Status.NOT_APPLICABLE
        return WHY_EMPTY[status][0 if self.zh else 1]

    def figure(self, value: Fraction | None, decimals: int | None = None, *, why: Status = Status.NOT_APPLICABLE) -> Content:
        return self.empty(why) if value is None else Figure(value, decimals)

    def text(self, said: str) -> str:
        return said or self.empty()

    def table(
        self,
        name: str,
        titles: tuple[str, str],
        about: tuple[str, str],
        heads: Sequence[Head],
        rows: Sequence[Sequence[Content]],
    ) -> Table:
        """Return a sheet that leads back to the contents; texts are given in Chinese and English."""
        back = Link(self.word("返回目录", "Back to the contents"), self.contents_name)
        named = self.named(self.word(*titles))
        told = [(self.word(zh, en), width) for zh, en, width in heads]
        return Table(name, named, self.word(*titles), self.lead(about) if rows else self.word(*about), told, rows, back)

    def lead(self, about: tuple[str, str]) -> str:
        return self.word(*_LEAD) + self.word(*about)

    def tables(self) -> list[Table]:
        """Return every sheet that holds a table, but for the contents; the notes last made and first placed."""
        made = [self.key_figures(), *self.areas(), self.facts()]
        made += [self.data_findings(self.findings)] if self.findings is not None else []
        made.append(self.definitions())
        kept = [table for table in made if table.rows or table.name == "findings"]
        return [self.notes(kept), *kept]

    # --- results ---------------------------------------------------------------------------------------------------------

    def key_figures(self) -> Table:
        found = [item for ref in self.printed.key if (item := self.results.get(ref)) is not None]
        return self.table(
            "key_figures",
            ("主要指标", "Key figures"),
            ("报告开头的主要指标。", "the figures the report opens with."),
            *self.told_of([self.row(item) for item in found], _KEY),
        )

    def areas(self) -> Iterator[Table]:
        """Yield the results of each work area."""
        for key, area in self.catalogue.areas.items():
            found = self.results.of_area(key)
            if not found:
                continue
            title = self.printed.titles.get(key) or self.word(area.zh, area.en)
            about = (f"{title}的全部结果，一行一项。", f"every result of {title}, one a row.")
            yield self.table(f"results_{key}", (title, title), about, *self.told_of([self.row(item) for item in found]))

    def told_of(
        self, rows: Sequence[Sequence[Content]], columns: Iterable[int] = range(len(_RESULT))
    ) -> tuple[list[Head], list[list[Content]]]:
        """Return heads and rows of results without the columns in which every cell says that there is nothing."""
        kept = [place for place in columns if place in _ALWAYS or any(row[place] not in self.signs for row in rows)]
        return [_RESULT[place] for place in kept], [[row[place] for place in kept] for row in rows]

    def row(self, item: Result) -> list[Content]:
        """Return a result as a row under :meth:`heads`; a cell without a figure says why."""
        entry, status, decimals = item.entry, item.status, item.entry.decimals
        hidden = status is Status.SUPPRESSED
        unknown = Status.SUPPRESSED if hidden else Status.MISSING
        divided = isinstance(entry, Indicator) and entry.method in QUOTIENTS
        side = unknown if divided or hidden else Status.NOT_APPLICABLE
        goal = item.target if not hidden else None
        aimed = unknown if item.target is not None else Status.NOT_APPLICABLE
        worded = isinstance(entry, Element) and entry.nature is Nature.TEXT
        why = status if status in BLANK else Status.NOT_APPLICABLE
        before = unknown if not worded else Status.NOT_APPLICABLE
        lower, upper = (None if limit is None else Fraction(repr(limit)) for limit in (item.lower, item.upper))
        previous = self.tell.aspect(item, "previous")[1] if item.previous is not None else ""
        if not previous and item.previous_status in BLANK and not hidden and not worded:
            before = item.previous_status
        verdict = None if hidden else item.met
        met = self.word("达标", "met") if verdict else self.word("未达标", "missed")
        return [
            self.word(entry.zh, entry.en),
            self.dims_words(item.dims),
            item.period.label(self.lang, year=self.results.year),
            self.text(self.results.shown(item, lang=self.lang)),
            self.figure(item.value, decimals, why=why),
            self.unit(item),
            self.figure(item.numerator, why=side),
            self.figure(item.denominator, why=side),
            self.figure(lower, max(decimals, 1), why=unknown if hidden else Status.NOT_APPLICABLE),
            self.figure(upper, max(decimals, 1), why=unknown if hidden else Status.NOT_APPLICABLE),
            self.figure(None if goal is None else Fraction(goal.value), why=aimed),
            self.figure(item.deviation, decimals, why=aimed),
            self.empty(aimed) if verdict is None else met,
            self.figure(item.previous, decimals, why=before),
            previous or self.empty(before),
            self.figure(item.change, decimals, why=unknown if not worded else Status.NOT_APPLICABLE),
            status.word(self.lang),
            self.text(told(item.reason, self.lang)),
            entry.id,
            self.text(format_dims(item.dims)),
            self.sources(str(cell) for cell in item.cells),
        ]

    def dims_words(self, dims: Dims) -> str:
        words = [
            self.catalogue.dim_label(key, value, lang=self.lang, township=self.results.township)
            for key, value in dims
            if key != "unit" and value != "all"
        ]
        return self.word("、", ", ").join(words) or self.word("合计", "total")

    def unit(self, item: Result) -> str:
        unit = self.catalogue.units[item.unit]
        return self.tell.mark(item) or self.tell.counting_word(item).strip() or self.word(unit.zh, unit.en)

    def sources(self, cells: Iterable[str]) -> str:
        """Return addresses in one cell; the first ones, and how many there are, where they are too many."""
        listed, lengths = list(dict.fromkeys(self.named_sources(cells))), 0
        for shown, cell in enumerate(listed):
            lengths += len(cell) + 1
            if lengths > LONGEST:
                more = len(listed) - shown
                rest = self.word(f"；另有{more}处，见results.csv或facts.csv", f"; {more} more in results.csv or facts.csv")
                return ";".join(listed[:shown]) + rest
        return self.text(";".join(listed))

    # --- facts, findings, definitions --------------------------------------------------------------------------------------

    def facts(self) -> Table:
        about = (
            "报告印出的每一个数，一行一个；编号与facts.csv和网页中的数字卡片相同。",
            "every number the report prints, one a row; the column Fact is that of facts.csv.",
        )
        rows = [self.fact_row(fact) for fact in self.printed.facts]
        return self.table("facts", ("数字索引", "Index of facts"), about, _FACT, rows)

    def fact_row(self, fact: Mapping[str, Any]) -> list[Content]:
        areas, units = self.catalogue.areas, self.catalogue.units
        chapter = str(fact["chapter"])
        area = areas.get(chapter)
        entry = self.catalogue.entries.get(str(fact["indicator"]))
        unit = units.get(str(fact["unit"]))
        status = next((item for item in Status if item == fact["status"]), None)
        value = parse_exact(str(fact["value"]))
        about = str(fact.get("name") or "") or (self.word(entry.zh, entry.en) if entry else str(fact["indicator"]))
        return [
            str(fact["fact"]),
            self.printed.titles.get(chapter) or (self.word(area.zh, area.en) if area else chapter),
            self.text(about),
            self.dims_words(parse_dims(str(fact["dims"]))) if fact["dims"] else self.word("合计", "total"),
            self.text(str(fact["display"])),
            self.figure(value, why=status or Status.NOT_APPLICABLE),
            self.text(unit.mark(self.lang) or self.word(unit.zh, unit.en) if unit else ""),
            self.text(str(fact.get("working") or "")),
            self.text(str(fact.get("when") or fact["period"])),
            status.word(self.lang) if status else STATED[0 if self.zh else 1],
            self.sources(str(fact["sources"]).split(";")) if fact["sources"] else self.empty(),
        ]

    def data_findings(self, findings: Sequence[Finding]) -> Table:
        areas = self.catalogue.areas
        rows: list[list[Content]] = [
            [
                item.severity.word(self.lang),
                item.message(self.lang),
                item.remedy(self.lang),
                self.text(self.word(areas[item.area].zh, areas[item.area].en) if item.area in areas else ""),
                self.sources(str(cell) for cell in item.cells),
                item.code,
            ]
            for item in findings
        ]
        about = ("数据核对发现的问题，一行一个。", "what the checks found, one a row.")
        none = ("数据核对未发现问题，本页没有表。", "The checks raised no question; there is no table on this sheet.")
        titles = ("数据核对情况", "Findings of the checks")
        return self.table("findings", titles, about if rows else none, _FINDING, rows)

    def definitions(self) -> Table:
        used = {item.entry.id: item.entry for item in self.results}
        areas = self.catalogue.areas
        rows: list[list[Content]] = []
        for entry in used.values():
            unit, base = self.catalogue.units[entry.unit], self.catalogue.bases[entry.base]
            area = areas[entry.area]
            parts = (entry.definition_zh, entry.inclusion_zh) if self.zh else (entry.definition_en, entry.inclusion_en)
            place = 0 if self.zh else 1
            rows.append(
                [
                    self.word(entry.zh, entry.en),
                    self.text(self.word("", " ").join(filter(None, parts))),
                    self.word(base.zh, base.en) if entry.base != "none" else self.empty(),
                    unit.mark(self.lang) or self.word(unit.zh, unit.en),
                    Figure(Fraction(entry.decimals), 0),
                    KIND[entry.period][place],
                    DIRECTION[entry.direction][place],
                    self.text(entry.source),
                    self.word(area.zh, area.en),
                    entry.id,
                ]
            )
        about = ("各项指标的口径，一行一项。", "what each indicator means, one a row.")
        return self.table("definitions", ("指标口径", "Definitions"), about, _DEFINITION, rows)

    # --- front matter --------------------------------------------------------------------------------------------------------

    def notes(self, tables: Sequence[Table]) -> Table:
        """Return the notes, which explain the signs that the other sheets use and no others."""
        used = {
            self.signs[cell]
            for table in tables
            for row in table.rows
            for cell in row
            if isinstance(cell, str) and cell in self.signs
        }
        place = 0 if self.zh else 1
        share = f"{self.catalogue.outline.confidence * 100:.0f}%"
        half_up = self.results.township.rounding == "half_up"
        sign, status = self.word("空缺记号", "Sign for no figure"), self.word("数据性质", "Status")
        known = {item.status for item in self.results} | {fact["status"] for fact in self.printed.facts}
        rows: list[list[Content]] = [
            [sign, WHY_EMPTY[item][place], WHY_EMPTY[item][place + 2]] for item in WHY_EMPTY if item in used
        ]
        rows += [[status, item.word(self.lang), means[place]] for item, means in STATUS.items() if item in known]
        rows += [[status, STATED[place], STATED[place + 2]]] if "stated" in known else []
        rows += [[self.word("方法", "Method"), name, text] for name, text in methods(self.lang, share=share, half_up=half_up)]
        about = ("各表所用的记号、词语和方法。", "the signs, words and methods of the others.")
        return self.table("notes", ("说明", "Notes"), about, _NOTE, rows)

    def cover(self) -> Iterator[tuple[str, str]]:
        """Yield the lines of the cover as style and text."""
        info, place = self.info, self.results.township
        yield "Title", info.title
        yield "body", self.word("数据附表", "Spreadsheet annex")
        for notice in (*([info.label] if info.label else ()), *self.notices):
            yield "strong", notice
        edition = EDITION.get(info.edition, (info.edition, info.edition))[0 if self.zh else 1]
        day = info.cover()["date_text"]
        facts = (
            (
                "地区",
                "Place",
                f"{info.subtitle or ''}{place.zh}" if self.zh else ", ".join(filter(None, (place.en, info.subtitle))),
            ),
            ("报告年度", "Year", str(self.results.year)),
            ("编制单位", "Office", info.office or ""),
            ("日期", "Date", day or ""),
            ("版本", "Edition", edition),
        )
        for zh, en, said in facts:
            if said:
                yield "body", f"{zh}：{said}" if self.zh else f"{en}: {said}"
        yield "Heading 2", self.word("怎样阅读", "How to read this workbook")
        for line in READING:
            yield "body", self.word(*line)
        yield "body", ANNEX_MARKS[self.lang]

    def front(self) -> Front:
        return Front(self.cover_name, [*self.cover()], Link(self.word("转到目录", "Go to the contents"), self.contents_name))

    def contents(self, tables: Sequence[Table]) -> Table:
        rows: list[list[Content]] = [
            [Link(table.sheet, table.sheet), table.about.removeprefix(self.word(*_LEAD)), Figure(Fraction(len(table.rows)), 0)]
            for table in tables
        ]
        heads = [(self.word("工作表", "Sheet"), 34.0), (self.word("内容", "Content"), 84.0), (self.word("行数", "Rows"), 10.0)]
        about = self.lead(("其后的各工作表，第一栏可以转到该表。", "the sheets that follow, with links to them."))
        back = Link(self.word("返回首页", "Back to the cover"), self.cover_name)
        return Table("contents", self.contents_name, self.word("目录", "Contents"), about, heads, rows, back)
