"""The facade notebooks import: it opens a chapter on a township and year, narrates results as blocks, and closes with the facts.

A notebook names what to tell and in which order; every figure, sentence, table and chart comes from here.  What has no data is left
out in silence, so that a chapter never holds an empty section; a chapter without any data is empty and becomes a line of the appendix.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import publish_display_data

from nianbao import blocks, charts
from nianbao.blocks import BLOCK_MIME, CHAPTER_MIME, Block, Run, run
from nianbao.catalogue import Indicator, Method, Setter, project_root
from nianbao.dataset import FINDING_COLUMNS, RESULT_COLUMNS, Dataset, finding_row, open_dataset, result_row
from nianbao.errors import Finding, Severity, TextError, UserError, did_you_mean
from nianbao.facts import Fact, FactBook
from nianbao.indicators import Result
from nianbao.narrative import Narrator, got_worse
from nianbao.officetext import REFERENCE, OfficeText, Passage, parse_reference, read_text, text_path
from nianbao.values import BLANK, INEXACT

RECORD_SCHEMA = 1
_ORDINALS = "一二三四五六七八九十"


class Chapter:
    """One chapter of a report while its notebook runs; open it with :meth:`open`, end it with :meth:`close`."""

    def __init__(self, name: str, dataset: Dataset, *, lang: str, edition: str) -> None:
        self.name, self.lang, self.edition = name, lang, edition
        self.zh = lang == "zh"
        self._data = dataset
        self._results = dataset.results
        self._catalogue = dataset.catalogue
        self._book = FactBook(name)
        self._tell = Narrator(self._results, self._book, lang=lang)
        self._pending: list[Block] = []
        self._published = 0
        self._keys: set[str] = set()
        self._text = _office_text(dataset)

    @classmethod
    def open(cls, name: str, *, township: str, year: int, lang: str = "zh", edition: str = "internal") -> Chapter:
        """Return the chapter ``name`` (a work area, or overview, problems, appendix) of a township and year.

        Raises:
            UserError: township, year, language or edition do not exist, the return is missing, or a finding blocks the report.
        """
        if lang not in ("zh", "en"):
            raise UserError(f"lang {lang!r} is not available; write zh or en")
        if edition != "internal":
            raise UserError(f"edition {edition!r} is not available; write internal")
        dataset = open_dataset(project_root(), township=township, year=year)
        dataset.require_sound()
        chapter = cls(name, dataset, lang=lang, edition=edition)
        chapter._head()
        return chapter

    # --- what an explorer needs ----------------------------------------------------------------------------------------

    @property
    def results(self) -> pd.DataFrame:
        """The results of the township and year as a table, one row a result; values exact, as text."""
        return pd.DataFrame([result_row(self._data, result) for result in self._results], columns=list(RESULT_COLUMNS))

    @property
    def findings(self) -> pd.DataFrame:
        """The findings of the return as a table."""
        return pd.DataFrame([finding_row(finding) for finding in self._data.findings], columns=list(FINDING_COLUMNS))

    # --- structure -----------------------------------------------------------------------------------------------------

    def _head(self) -> None:
        titles = {
            "overview": ("基本情况", "Overview"),
            "problems": ("存在的问题和下一步打算", "Problems and next steps"),
            "appendix": ("附录", "Appendix"),
        }
        if self.name in self._catalogue.areas:
            area = self._catalogue.areas[self.name]
            title = area.zh if self.zh else area.en
        elif self.name in titles:
            title = titles[self.name][0 if self.zh else 1]
        else:
            known = [*self._catalogue.areas, *titles]
            raise UserError(f"no work area or chapter {self.name!r}{did_you_mean(self.name, known)}; see params/catalogue")
        self._pending = [blocks.heading(title, level=1, key="top")]

    def section(self, zh: str, en: str) -> None:
        """Open a section; its heading appears only when something follows in it."""
        title = zh if self.zh else en
        self._pending = [block for block in self._pending if block["level"] < 2]
        self._pending.append(blocks.heading(title, level=2, key=self._key(en)))

    def _key(self, text: str) -> str:
        base = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower()).strip("-") or "part"
        key, count = base, 1
        while key in self._keys:
            count += 1
            key = f"{base}-{count}"
        self._keys.add(key)
        return key

    def _publish(self, block: Block, *, images: dict[str, str] | None = None) -> None:
        for waiting in self._pending:
            _show(waiting)
        self._pending = []
        self._published += 1
        _show(block, images)

    def _say(self, runs: Sequence[Run], *, origin: Any = "generated") -> None:
        if runs:
            self._publish(blocks.paragraph(runs, origin=origin))

    def _find(self, *refs: str) -> list[Result]:
        """Return the results that references name; a bare entry name takes every result of the entry."""
        found: list[Result] = []
        for ref in refs:
            entry = ref.partition("[")[0]
            self._catalogue.entry(entry)
            if "[" in ref:
                one = self._results.get(ref)
                found += [one] if one is not None else []
            else:
                found += self._results.of(entry)
        return found

    def _known(self, *refs: str) -> list[Result]:
        return [result for result in self._find(*refs) if result.status not in BLANK]

    def _total(self, ref: str) -> Result | None:
        entry, _, dims = ref.partition("[")
        self._catalogue.entry(entry)
        found = self._results.get(ref)
        if found is None and not dims:
            found = next(iter(self._results.of(entry)), None)
        return found if found is not None and found.status not in BLANK else None

    # --- narration -----------------------------------------------------------------------------------------------------

    def levels(self, *refs: str) -> None:
        """State levels (counts, stocks) in one sentence, parts after the whole they belong to."""
        self._say(self._tell.levels(self._known(*refs)))

    def development(self, ref: str, *, by: str) -> None:
        """State a count with its change on the year before, and its parts along the dimension ``by``."""
        total = self._total(ref)
        if total is None:
            return
        parts = [
            item for item in self._known(total.entry.id) if len(item.dims) == len(total.dims) + 1 and by in dict(item.dims)
        ]
        self._say(self._tell.development(total, parts))

    def rates(self, *refs: str) -> None:
        """State rates with change and binding target, in one sentence."""
        self._say(self._tell.rates(self._known(*refs)))

    def tasks(self, *refs: str) -> None:
        """State completion against the tasks handed down."""
        self._say(self._tell.tasks(self._known(*refs)))

    def activities(self, *refs: str) -> None:
        """State what was done, in one sentence with the catalogue's verbs."""
        self._say(self._tell.activities(self._known(*refs)))

    def funds(self, ref: str) -> None:
        """State a composite fund with its largest items, then a table of all items with recipients and shares."""
        total = self._total(ref)
        if total is None:
            return
        parts = [part for part in total.parts if part.status not in BLANK]
        self._say(self._tell.funds(total, parts))
        self._fund_table(total, parts)

    def inventory(self, ref: str) -> None:
        """State how many kinds of goods are in stock and the first of them, then a table of all."""
        known = self._known(ref)
        if not known:
            return
        tell = self._tell
        count = tell.counted(ref, len(known), (str(cell) for item in known for cell in item.cells))
        verb = known[0].entry.verb_zh if self.zh else known[0].entry.verb_en
        goods = known[0].entry.zh if self.zh else known[0].entry.en
        if self.zh:
            self._say(tell.join(tell.whole(), verb, goods, count, "种，其中", tell.listing(known[:4], verb=False), "等。"))
        else:
            self._say(tell.join(count, f" kinds of {goods}, among them ", tell.listing(known[:4], verb=False), "."))
        self.table(goods, goods, ref)

    def aid(self, recipients: str, standard: str) -> None:
        """State assistance item by item: how many recipients, at which standard."""
        known = self._known(recipients)
        if not known:
            return
        tell = self._tell
        pieces: list[Any] = []
        for place, item in enumerate(known):
            rate = self._results.get(f"{standard}[{';'.join(f'{k}={v}' for k, v in item.dims if k != 'unit')}]")
            pieces += ["；" if place and self.zh else "; " if place else ""]
            pieces += [tell.join(tell.label(item), "" if self.zh else " ", tell.amount(item))]
            if rate is not None and rate.status not in BLANK:
                pieces += [tell.join("，每人" if self.zh else ", ", tell.amount(rate), "" if self.zh else " each")]
            elif rate is not None:
                pieces.append("（救助标准原件数字不清）" if self.zh else " (standard illegible in the source)")
        self._say(tell.join(tell.when(known[0].period), "，" if self.zh else ", ", *pieces, "。" if self.zh else "."))

    def support_for(self, ref: str, zh: str, en: str) -> None:
        """State a service for a group the return describes in words: ``zh`` and ``en`` hold ``{}`` where the words go."""
        for result in self._known(ref):
            before, _, after = (zh if self.zh else en).partition("{}")
            source = str(result.cells[0]) if result.cells else ref
            words = self._book.words(result.raw, source=source, role="value", subject=result.ref)
            self._say(self._tell.join(before, words, after))

    # --- tables --------------------------------------------------------------------------------------------------------

    def table(self, zh: str, en: str, *refs: str) -> None:
        """Show results in a table: levels with the year before where known, rates with numerator, denominator and interval."""
        found = self._find(*refs)
        rates = [item for item in found if _is_rate(item) and item.status not in BLANK]
        levels = [item for item in found if not _is_rate(item) and item.status not in BLANK]
        if levels:
            self._level_table(zh if self.zh else en, levels)
        if rates:
            self._rate_table(zh if self.zh else en, rates)

    def _level_table(self, caption: str, found: Sequence[Result]) -> None:
        tell = self._tell
        compared = any(item.change is not None for item in found)
        head = ["项目", "单位", "本年", "上年", "增减"] if self.zh else ["Item", "Unit", "This year", "Year before", "Change"]
        if not compared:
            head = [*head[:2], "数量" if self.zh else "Number"]
        aligns: list[blocks.Align] = ["left", "center", "right", "right", "right"]
        columns = [blocks.column(word, align=align) for word, align in zip(head, aligns, strict=False)]
        rows = []
        for item in found:
            cells = [tell.label(item), [run(tell.measure(item).strip() or self._symbol(item))], [tell.fact(item)]]
            if compared:
                cells.append([tell.fact(item, "previous")] if item.previous is not None else [run("—")])
                cells.append(self._signed(item) if item.change is not None else [run("—")])
            rows.append(blocks.row(cells))
        self._publish(
            blocks.table([run(caption)], key=self._key("table"), columns=columns, rows=rows, notes=self._notes(found))
        )

    def _symbol(self, item: Result) -> str:
        return self._catalogue.units[item.unit].symbol

    def _signed(self, item: Result) -> list[Run]:
        """Return the change with its sign, as tables print it."""
        change = self._tell.companion(item, Method.CHANGE)
        if change is not None:
            return [self._tell.fact(change)]
        assert item.change is not None
        size = self._tell.fact(item, "change")
        if not item.change:
            return [size]
        return [run("-" if item.change < 0 else "+"), size]

    def _rate_table(self, caption: str, found: Sequence[Result]) -> None:
        tell = self._tell
        source = "params/report.yml"
        interval = f"{self._catalogue.outline.confidence * 100:.0f}%" + ("置信区间" if self.zh else " interval")
        words = ("指标", "分子", "分母", "数值") if self.zh else ("Indicator", "Numerator", "Denominator", "Value")
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(words)]
        if bounded := any(item.lower is not None for item in found):
            columns.append(
                {
                    **blocks.column(""),
                    "runs": self._book.words(interval, source=source, role="definition", subject="confidence"),
                }
            )
        rows = []
        for item in found:
            cells = [tell.label(item)]
            cells += [
                [tell.fact(item, side)] if getattr(item, side) is not None else [run("—")]
                for side in ("numerator", "denominator")
            ]
            cells.append([tell.fact(item)])
            if bounded:
                limits = (
                    [tell.fact(item, "lower"), run("～"), tell.fact(item, "upper")] if item.lower is not None else [run("—")]
                )
                cells.append(limits)
            rows.append(blocks.row(cells))
        self._publish(
            blocks.table([run(caption)], key=self._key("table"), columns=columns, rows=rows, notes=self._notes(found))
        )

    def _notes(self, found: Sequence[Result]) -> list[list[Run]]:
        notes: list[str] = []
        if any(str(item.status) == "implied" for item in found):
            notes.append(
                "注：带分子分母的率由原报告公布的比率反推，已在报表备注列注明。"
                if self.zh
                else "Note: counts worked out from published rates are marked in the return."
            )
        if any(item.status in INEXACT for item in found):
            notes.append(
                "注：“余”“以上”等为概数，按原报数照列，不作精确值使用。"
                if self.zh
                else "Note: bounds and approximations are printed as reported."
            )
        if any(_is_rate(item) and item.numerator is None for item in found):
            notes.append(
                "注：“—”表示报表只给出比率，未报分子或分母。"
                if self.zh
                else "Note: a dash marks a rate reported without its counts."
            )
        return [[run(text)] for text in notes]

    def _fund_table(self, total: Result, parts: Sequence[Result]) -> None:
        tell = self._tell
        words = ("项目", "人数（人）", "金额（元）", "占比") if self.zh else ("Scheme", "Recipients", "Amount (yuan)", "Share")
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(words)]
        rows = []
        for part in parts:
            people = self._results.get(part.ref.replace("_amount", "_recipients"))
            cells = [tell.label(part), [tell.fact(people)] if people is not None and people.status not in BLANK else [run("—")]]
            rows.append(blocks.row([*cells, [tell.fact(part)], [tell.share(part, total)]]))
        rows.append(
            blocks.row(
                [[run("合计" if self.zh else "Total")], [run("—")], [tell.fact(total)], [tell.share(total, total)]],
                kind="total",
            )
        )
        caption = tell.join(tell.label(total), "构成" if self.zh else " by scheme")
        self._publish(blocks.table(caption, key=self._key("funds"), columns=columns, rows=rows, notes=self._fund_notes(total)))

    def _fund_notes(self, total: Result) -> list[list[Run]]:
        notes = [[run("注：“—”表示报表未报人数。" if self.zh else "Note: a dash marks recipients not reported.")]]
        notes += [
            self._finding_runs(item)
            for item in self._data.findings
            if item.code == "total-differs" and total.cells[0] in item.cells
        ]
        return notes

    # --- charts --------------------------------------------------------------------------------------------------------

    def _figure(self, chart: charts.Chart, caption: Sequence[Run], alt: str) -> None:
        block = blocks.figure(caption, key=self._key("figure"), alt=alt, width_mm=chart.width_mm, height_mm=chart.height_mm)
        images = {"image/svg+xml": chart.svg, "image/png": base64.b64encode(chart.png).decode("ascii")}
        self._publish(block, images=images)

    def _plain_label(self, result: Result) -> str:
        return blocks.plain(self._tell.label(result))

    def _bar(self, result: Result, role: str = "value") -> charts.Bar:
        value, _ = self._tell.aspect(result, role)
        return charts.Bar(float(value or 0), self._tell.fact(result, role)["text"] + self._tell.measure(result))

    def change_chart(self, ref: str, *, by: str) -> None:
        """Draw the parts of a count beside the year before."""
        total = self._total(ref)
        if total is None:
            return
        found = [item for item in self._known(total.entry.id) if by in dict(item.dims) or item is total]
        found = [item for item in found if item.previous is not None and item.period.comparable(total.period)]
        if len(found) < 2:
            return
        names = (total.period.label(self.lang), total.period.previous().label(self.lang))
        now, before = [self._bar(item) for item in found], [self._bar(item, "previous") for item in found]
        labels = [self._plain_label(item) for item in found]
        chart = charts.paired_bars(labels, now, before, names=names, salt=f"{self.name}-{ref}")
        listed = ("；" if self.zh else "; ").join(
            f"{label}{b.label}→{a.label}" if self.zh else f"{label} {b.label} to {a.label}"
            for label, a, b in zip(labels, now, before, strict=True)
        )
        title = self._tell.label(total)
        caption = self._tell.join(title, "与上年比较" if self.zh else ", this year and the year before")
        self._figure(chart, caption, f"{blocks.plain(caption)}：{listed}" if self.zh else f"{blocks.plain(caption)}: {listed}")

    def bar_chart(self, zh: str, en: str, *refs: str) -> None:
        """Draw levels as bars, in the order given."""
        found = [item for item in self._known(*refs) if item.value is not None]
        if len(found) > 1:
            self._bars(zh if self.zh else en, found)

    def composition_chart(self, ref: str) -> None:
        """Draw the items of a composite, largest first."""
        total = self._total(ref)
        parts = sorted((part for part in total.parts if part.value), key=lambda part: -(part.value or 0)) if total else []
        if total is not None and len(parts) > 1:
            self._bars(self._plain_label(total) + ("构成" if self.zh else ", composition"), parts)

    def _bars(self, caption: str, found: Sequence[Result]) -> None:
        labels, values = [self._plain_label(item) for item in found], [self._bar(item) for item in found]
        chart = charts.bars(labels, values, salt=f"{self.name}-{caption}")
        listed = ("、" if self.zh else ", ").join(
            f"{label}{bar.label}" if self.zh else f"{label} {bar.label}" for label, bar in zip(labels, values, strict=True)
        )
        self._figure(chart, [run(caption)], f"{caption}：{listed}" if self.zh else f"{caption}: {listed}")

    def completion_chart(self, *refs: str) -> None:
        """Draw completion rates against the full task."""
        found = [item for item in self._known(*refs) if item.value is not None and item.target is not None]
        if len(found) < 2:
            return
        target = found[0].target
        assert target is not None
        labels, values = [self._plain_label(item) for item in found], [self._bar(item) for item in found]
        words = ("目标" if self.zh else "target ") + self._tell.fact(found[0], "target")["text"]
        chart = charts.bars(labels, values, salt=f"{self.name}-completion", mark=(float(target.value), words))
        caption = "年度任务完成率" if self.zh else "Completion of the year's tasks"
        listed = ("、" if self.zh else ", ").join(f"{label}{bar.label}" for label, bar in zip(labels, values, strict=True))
        self._figure(chart, [run(caption)], f"{caption}：{listed}；{words}")

    # --- the office's own text -------------------------------------------------------------------------------------------

    def office_text(self, section: str = "") -> None:
        """Place the office's own text of this chapter (or of ``section``), its references bound to facts.

        Raises:
            TextError: a reference names no result, or nothing of the kind asked for.
        """
        for passage in self._text.sections.get(section or self.name, ()):
            where = f"{self._text.file}:{passage.line}"
            if passage.kind == "heading":
                self._pending.append(blocks.heading(passage.text, level=2, key=self._key(f"text-{passage.line}")))
            else:
                self._say(self._bound(passage, where), origin="office")

    def _bound(self, passage: Passage, where: str) -> list[Run]:
        pieces: list[Any] = []
        place = 0
        for found in REFERENCE.finditer(passage.text):
            pieces += self._book.words(passage.text[place : found.start()], source=where, role="office", subject=where)
            pieces.append(self._referenced(found["ref"], where))
            place = found.end()
        pieces += self._book.words(passage.text[place:], source=where, role="office", subject=where)
        return self._tell.join(*pieces)

    def _referenced(self, text: str, where: str) -> Run:
        ref, role = parse_reference(text, where=where)
        found = self._results.get(ref)
        if found is None:
            known = [result.ref for result in self._results]
            raise TextError(
                f"{where}: {{{{ {text} }}}} names no result of this year{did_you_mean(ref, known)}; see nianbao results"
            )
        try:
            return self._tell.fact(found, role)
        except (ValueError, KeyError) as error:
            raise TextError(f"{where}: {{{{ {text} }}}}: {error}; write another role, or remove the reference") from error

    # --- overview ----------------------------------------------------------------------------------------------------------

    def introduction(self) -> None:
        """Open the report: who reports, on what, from how many figures."""
        tell, data = self._tell, self._data
        given = [item for item in data.observations if item.period.year == data.year and item.raw]
        areas = {self._catalogue.entries[item.entry].area for item in given}
        figures = tell.counted("figures-reported", len(given), dict.fromkeys(item.cell.file for item in given))
        covered = tell.counted("areas-reported", len(areas), dict.fromkeys(item.cell.file for item in given))
        name = data.township.zh if self.zh else data.township.en
        if self.zh:
            self._say(
                tell.join(
                    f"{data.year}年，{name}报送卫生健康业务数据{''}", covered, "类、", figures, "项，现将全年工作情况总结如下。"
                )
            )
        else:
            self._say(
                tell.join(
                    f"In {data.year}, {name} reported ",
                    figures,
                    " figures in ",
                    covered,
                    " work areas. This report sums them up.",
                )
            )

    def key_figures(self, *refs: str) -> None:
        """Show the leading figures in a table."""
        found = [result for ref in refs if (result := self._total(ref)) is not None]
        if not found:
            return
        tell = self._tell
        words = ("指标", "数值", "比上年") if self.zh else ("Indicator", "Value", "On the year before")
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(words)]
        rows = []
        for item in found:
            moved = tell.movement(item)
            cell = _without_lead(moved, "，比上年" if self.zh else ", ") if moved else [run("—")]
            rows.append(blocks.row([tell.label(item), tell.amount(item), cell]))
        self._publish(
            blocks.table(
                [run("主要指标" if self.zh else "Key figures")], key=self._key("key-figures"), columns=columns, rows=rows
            )
        )

    def changes(self) -> None:
        """Say what moved against the year before, across all work areas."""
        moved = [
            item
            for item in self._results
            if item.change and item.exact and not (isinstance(item.entry, Indicator) and item.entry.method is Method.SUM)
        ]
        same = [item for item in self._results if item.change is not None and not item.change]
        tell = self._tell
        if not moved and not same:
            text = (
                "报表没有填报上年同期数，无法比较。"
                if self.zh
                else "The return gives no figures of the year before, so nothing is compared."
            )
            self._say([run(text)])
            return
        pieces: list[Any] = []
        for place, item in enumerate(sorted(moved, key=lambda item: len(item.dims))):
            pieces += [
                "；" if place and self.zh else "; " if place else "",
                tell.label(item),
                "" if self.zh else " ",
                tell.amount(item),
                tell.movement(item),
            ]
        if pieces:
            self._say(
                tell.join(
                    "与上年同期相比，" if self.zh else "Against the year before: ",
                    *pieces,
                    "。" if self.zh else ".",
                    tell.hedge(moved),
                )
            )

    def quality(self) -> None:
        """Say how complete and consistent the return is."""
        tell, findings = self._tell, self._data.findings
        warn = [item for item in findings if item.severity is Severity.WARN]
        found = self._data.observations
        empty = [item for item in found if item.status in BLANK]
        bounds = [item for item in found if item.status in INEXACT]
        implied = [item for item in found if str(item.status) == "implied"]
        counts = [
            (bounds, "bounds", "项为概数", " are bounds or approximations"),
            (implied, "implied", "项由公布的比率反推", " were worked out from published rates"),
            (empty, "empty", "项未报或数字不清", " are missing or illegible"),
        ]
        pieces: list[Any] = []
        for group, key, zh, en in counts:
            if group:
                number = tell.counted(f"figures-{key}", len(group), (str(item.cell) for item in group))
                pieces += ["，" if self.zh and pieces else ", " if pieces else "", number, zh if self.zh else en]
        opening = (
            tell.join("报送数据中，" if self.zh else "Of the figures reported, ", *pieces, "。" if self.zh else ".")
            if pieces
            else []
        )
        if warn:
            number = tell.counted("findings-warn", len(warn), dict.fromkeys(str(cell) for item in warn for cell in item.cells))
            told = (
                tell.join("数据核对发现", number, "处需要核实的问题，详见附录。")
                if self.zh
                else tell.join(" The checks raised ", number, " questions; see the appendix.")
            )
        else:
            told = [run("数据核对未发现问题。" if self.zh else " The checks raised no question.")]
        self._say(tell.join(opening, told))

    # --- problems ------------------------------------------------------------------------------------------------------------

    def problems(self) -> None:
        """Name what missed its target, fell below a reference value, or got worse, by how much and how many persons."""
        tell = self._tell
        missed = [item for item in self._results if item.met is False and item.target is not None]
        binding = [item for item in missed if item.target is not None and item.target.setter is not Setter.REFERENCE]
        below = [item for item in missed if item not in binding]
        worse = [item for item in self._results if got_worse(item) and item not in missed]
        groups = (
            (binding, "未完成目标任务的有：", "Targets missed: ", tell.shortfall),
            (below, "低于通用参考值的有：", "Below a reference value (binding nobody): ", tell.shortfall),
            (worse, "比上年变差的有：", "Worse than the year before: ", tell.worsening),
        )
        found = [(zh if self.zh else en, members, say) for members, zh, en, say in groups if members]
        for place, (opening, members, say) in enumerate(found):
            lead = f"{_ORDINALS[place]}是" if self.zh and len(found) + bool(self._doubtful()) > 1 else ""
            pieces: list[Any] = [lead + opening]
            for index, item in enumerate(members):
                pieces += ["；" if index and self.zh else "; " if index else "", say(item)]
            self._say(tell.join(*pieces, "。" if self.zh else "."))
        if not found:
            self._say(
                [
                    run(
                        "有目标的指标均已完成，未发现比上年明显变差的指标。"
                        if self.zh
                        else "Every indicator with a target met it, and none got clearly worse."
                    )
                ]
            )
        self._data_problems(len(found))

    def _doubtful(self) -> list[Finding]:
        return [item for item in self._data.findings if item.severity is Severity.WARN]

    def _data_problems(self, before: int) -> None:
        doubtful = self._doubtful()
        if not doubtful:
            return
        tell = self._tell
        lead = f"{_ORDINALS[before]}是" if self.zh and before else ""
        pieces: list[Any] = [lead + "数据质量有待提高：" if self.zh else "Data to be checked: "]
        for place, item in enumerate(doubtful):
            pieces += ["；" if place and self.zh else "; " if place else "", self._finding_runs(item)]
        self._say(tell.join(*pieces, "。" if self.zh else "."))

    def plans(self) -> None:
        """Place what the office writes about its next steps, or say where to write it."""
        if self._text.sections.get("plans"):
            self.office_text("plans")
            return
        where = self._text.file
        hint = (
            f"（本节由单位撰写，请填入{where}的“## plans”一节。）"
            if self.zh
            else f"(Written by the office: see the section '## plans' of {where}.)"
        )
        self._publish(blocks.note([run(hint)]))

    # --- appendix ----------------------------------------------------------------------------------------------------------

    def definitions(self) -> None:
        """Print the definition used of every indicator that the report prints, work area by work area."""
        used: dict[str, None] = {}
        for item in self._results:
            if item.status not in BLANK:
                used.setdefault(item.entry.id)
        for key, area in self._catalogue.areas.items():
            entries = [self._catalogue.entries[name] for name in used if self._catalogue.entries[name].area == key]
            if not entries:
                continue
            words = ("指标", "口径", "依据") if self.zh else ("Indicator", "Definition", "Source")
            columns = [
                blocks.column(word, align="left", width=width) for word, width in zip(words, (0.24, 0.52, 0.24), strict=True)
            ]
            rows = []
            for entry in entries:
                source = f"{self._catalogue.files[entry.id]}:{entry.id}"
                base = self._catalogue.bases[entry.base]
                text = (
                    (entry.definition_zh + entry.inclusion_zh)
                    if self.zh
                    else " ".join(filter(None, (entry.definition_en, entry.inclusion_en)))
                )
                if entry.base != "none":
                    text += f"基数：{base.zh}。" if self.zh else f" Base: {base.en}."
                cells = [(entry.zh if self.zh else entry.en, "label"), (text, "definition"), (entry.source, "definition")]
                rows.append(
                    blocks.row([self._book.words(words, source=source, role=role, subject=entry.id) for words, role in cells])
                )
            caption = f"{area.zh}指标口径" if self.zh else f"Definitions: {area.en}"
            self._publish(blocks.table([run(caption)], key=self._key(f"definitions-{key}"), columns=columns, rows=rows))

    def methods(self) -> None:
        """Say how figures are rounded and intervals computed."""
        share = f"{self._catalogue.outline.confidence * 100:.0f}%"
        half_up = self._data.township.rounding == "half_up"
        zh = f"率由分子、分母精确计算，只在印制时{'四舍五入' if half_up else '按GB/T 8170修约'}一次。比例的{share}置信区间用Wilson法；两年人数变化用条件精确检验，区间包含不变时说“变化不明显”。登记数为全数，区间表示偶然波动的范围，不是抽样误差。"
        en = f"Rates are computed exactly and rounded once, {'half up' if half_up else 'half to even (GB/T 8170)'}, when printed. {share} intervals of proportions are Wilson's; changes of counts are tested exactly, conditional on their sum. Registers are full counts: an interval shows chance variation, not sampling error."
        self._say(self._book.words(zh if self.zh else en, source="params/report.yml", role="definition", subject="methods"))

    def sources(self) -> None:
        """List the files and sheets the figures come from, with how many figures each sheet gave."""
        rows = []
        words = ("文件", "工作表", "数据项数") if self.zh else ("File", "Sheet", "Figures")
        columns = [blocks.column(words[0], align="left"), blocks.column(words[1], align="left"), blocks.column(words[2])]
        for intake in self._data.intakes:
            sheets: dict[str, list[str]] = {}
            for item in intake.observations:
                sheets.setdefault(item.cell.sheet, []).append(str(item.cell))
            for sheet, cells in sheets.items():
                rows.append(
                    blocks.row(
                        [[run(intake.file)], [run(sheet)], [self._tell.counted(f"{intake.file}!{sheet}", len(cells), cells)]]
                    )
                )
        self._publish(
            blocks.table([run("数据来源" if self.zh else "Sources")], key=self._key("sources"), columns=columns, rows=rows)
        )

    def data_findings(self) -> None:
        """List every finding of the return: where, what, what to do."""
        findings = self._data.findings
        if not findings:
            self._say([run("数据核对未发现问题。" if self.zh else "The checks raised no question.")])
            return
        words = ("位置", "问题", "处理") if self.zh else ("Where", "Finding", "What to do")
        columns = [blocks.column(word, align="left", width=width) for word, width in zip(words, (0.2, 0.5, 0.3), strict=True)]
        rows = []
        for item in findings:
            cells = "、".join(cell.short for cell in item.cells[:3]) + ("等" if len(item.cells) > 3 else "")
            rows.append(blocks.row([[run(cells)], self._finding_runs(item), [run(item.remedy(self.lang))]]))
        self._publish(
            blocks.table(
                [run("数据核对情况" if self.zh else "Findings")], key=self._key("findings"), columns=columns, rows=rows
            )
        )

    def _finding_runs(self, finding: Finding) -> list[Run]:
        sources = tuple(str(cell) for cell in finding.cells)
        made: list[Run] = []
        for run_ in self._book.words(
            finding.message(self.lang), source=f"{finding.code}@{sources[0]}", role="finding", subject=finding.code
        ):
            made.append(run_)
            if "fact" in run_:
                known = self._book.facts[run_["fact"]]
                self._book.facts[run_["fact"]] = Fact(**{**known.__dict__, "sources": sources})
        return made

    def absent(self) -> None:
        """Name, in one line, the work areas of the report the return holds no data for."""
        chapters = self._catalogue.outline.chapters
        present = {item.entry.area for item in self._results if item.status not in BLANK}
        names = [
            area.zh if self.zh else area.en
            for key, area in self._catalogue.areas.items()
            if key in chapters and key not in present
        ]
        if names:
            listed = ("、" if self.zh else ", ").join(names)
            self._say(
                [
                    run(
                        f"以下业务本年没有报送数据，正文不设章：{listed}。"
                        if self.zh
                        else f"No data was reported for: {listed}."
                    )
                ]
            )

    # --- end -------------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the chapter: publish its facts and the sentinel that says it ran to its end."""
        record = {
            "schema": RECORD_SCHEMA,
            "complete": True,
            "chapter": self.name,
            "township": self._data.township.key,
            "year": self._data.year,
            "lang": self.lang,
            "edition": self.edition,
            "empty": self._published == 0,
            "facts": [fact.row() for fact in self._book.facts.values()],
        }
        words = f"{self.name}: {len(self._book.facts)} facts" if self._published else f"{self.name}: no data"
        publish_display_data(  # type: ignore[no-untyped-call]
            {CHAPTER_MIME: record, "text/plain": words}
        )


def _is_rate(item: Result) -> bool:
    return isinstance(item.entry, Indicator) and item.entry.method in (
        Method.PROPORTION,
        Method.COMPLETION,
        Method.RATE,
        Method.RATIO,
    )


def _without_lead(runs: Sequence[Run], lead: str) -> list[Run]:
    first, *rest = runs
    words = first["text"].removeprefix(lead).removeprefix("，")
    return [*([run(words)] if words else []), *rest]


def _office_text(dataset: Dataset) -> OfficeText:
    names = {key: area.zh for key, area in dataset.catalogue.areas.items()}
    names |= {"overview": "基本情况", "problems": "存在的问题", "plans": "下一步打算", "appendix": "附录"}
    path: Path = text_path(dataset.root, dataset.township.key, dataset.year)
    return read_text(path, root=dataset.root, chapters=names)


def _show(block: Block, images: dict[str, str] | None = None) -> None:
    """Publish a block with a plain preview for JupyterLab."""
    bundle: dict[str, Any] = {BLOCK_MIME: block, "text/html": _preview(block), "text/plain": f"<{block['type']}>"}
    publish_display_data({**bundle, **(images or {})})  # type: ignore[no-untyped-call]


def _preview(block: Block) -> str:
    def words(runs: Sequence[Run]) -> str:
        return html.escape(blocks.plain(runs))

    match block["type"]:
        case "heading":
            return f"<h{block['level'] + 1}>{words(block['runs'])}</h{block['level'] + 1}>"
        case "table":
            head = "".join(f"<th>{words(column['runs'])}</th>" for column in block["columns"])
            body = "".join(
                "<tr>" + "".join(f"<td>{words(cell)}</td>" for cell in row["cells"]) + "</tr>" for row in block["rows"]
            )
            return f"<table><caption>{words(block['caption'])}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        case "figure":
            return f"<p>{words(block['caption'])}</p>"
        case _:
            return f"<p>{words(block['runs'])}</p>"
