"""The facade notebooks import: it opens a chapter on a township and year, narrates results as blocks, and closes with the facts.

A notebook names what to tell and in which order; every figure, sentence, table and chart comes from here.  What has no data is left
out in silence, so that a chapter never holds an empty section; a chapter without any data is empty and becomes a line of the appendix.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pandas as pd
from IPython.display import publish_display_data

from nianbao import blocks
from nianbao.blocks import CHAPTER_MIME, Run, run
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Method, Setter
from nianbao.composer import FEW
from nianbao.dataset import FINDING_COLUMNS, RESULT_COLUMNS, Dataset, finding_row, open_dataset, result_row, sources_told
from nianbao.edits import Edited, without_lead, without_words
from nianbao.errors import Cell, Finding, Severity, UserError, did_you_mean
from nianbao.indicators import Result, underway
from nianbao.leading import got_better, got_worse, leading_changes, missed_targets, setbacks
from nianbao.nextsteps import next_steps
from nianbao.phrasing import capital
from nianbao.places import Places
from nianbao.project import project_root
from nianbao.reads import Reads, watched
from nianbao.remainder import Remainder
from nianbao.scoring import score_sheet, total
from nianbao.standings import Standings
from nianbao.trace import Tracer
from nianbao.values import BLANK, INEXACT, SUPPRESSED_MARK, exact_text

RECORD_SCHEMA = 1
_ORDINALS = "一二三四五六七八九十"
FINDINGS = 5
"""How many findings of the data checks the problems name; the appendix lists all."""
_OWN_PARAGRAPH = 3
"""A source with fewer definitions shares a paragraph of the appendix with others."""
_CHANGES = (Method.CHANGE, Method.CHANGE_PCT)


class Chapter(Edited, Standings, Places, Remainder):
    """One chapter of a report while its notebook runs; open it with :meth:`open`, end it with :meth:`close`."""

    def __init__(self, name: str, dataset: Dataset, *, lang: str, edition: str) -> None:
        super().__init__(name, dataset, lang=lang)
        self.edition = edition
        self._key_refs: tuple[str, ...] = ()
        self._reads: Reads | None = None

    @classmethod
    def open(cls, name: str, *, township: str, year: int, lang: str = "zh", edition: str = "internal") -> Chapter:
        """Return the chapter ``name`` (a work area, or overview, problems, appendix) of a township and year.

        Raises:
            UserError: township, year, language or edition do not exist, the return is missing, or a finding blocks the report.
        """
        if lang not in ("zh", "en"):
            raise UserError(f"lang {lang!r} is not available; write zh or en")
        if edition not in ("internal", "public"):
            raise UserError(f"edition {edition!r} is not available; write internal or public")
        dataset = open_dataset(project_root(), township=township, year=year)
        dataset.require_sound()
        dataset = dataset.public if edition == "public" else dataset
        reads = Reads()
        chapter = cls(name, watched(dataset, reads), lang=lang, edition=edition)
        chapter._reads = reads
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
            title = self._area_title(self.name)
        elif self.name in titles:
            title = titles[self.name][0 if self.zh else 1]
        else:
            known = [*self._catalogue.areas, *titles]
            raise UserError(f"no work area or chapter {self.name!r}{did_you_mean(self.name, known)}; see params/catalogue")
        self._pending = [blocks.heading(title, level=1, key="top")]

    # --- overview ----------------------------------------------------------------------------------------------------------

    def introduction(self) -> None:
        """Open the report: who reports, on what, from how many figures."""
        tell, data = self._tell, self._data
        given, areas, files = data.volume
        figures = tell.counted("figures-reported", given, files)
        covered = tell.counted("areas-reported", areas, files)
        name = data.township.zh if self.zh else data.township.en
        part = data.part
        if self.zh:
            opening = f"{data.year}年" if part is None else part.label("zh", year=data.year)
            half = part is not None and part.label("zh") in (f"{data.year}年上半年", f"{data.year}年下半年")
            span = "全年" if part is None else opening.removeprefix(f"{data.year}年") if half else "这一时期"
            self._say(
                tell.join(
                    f"{opening}，{name}报送卫生健康业务数据", covered, "类、", figures, f"项，现将{span}工作情况总结如下。"
                )
            )
        else:
            opening = f"In {data.year}" if part is None else f"For {part.label('en', year=data.year)}"
            self._say(
                tell.join(
                    f"{opening}, {name} reported ",
                    figures,
                    " figures in ",
                    covered,
                    " work areas. This report sums them up.",
                )
            )

    def key_figures(self, *refs: str) -> None:
        """Show the leading figures in a table."""
        self._key_refs = refs
        found = [result for ref in refs if (result := self._total(ref)) is not None]
        if not found:
            return
        tell = self._tell
        before = tell.year_before(item for item in found if tell.movement(item))
        compared = any(tell.movement(item) for item in found)
        words = ["指标", "数值", f"比{before}"] if self.zh else ["Indicator", "Value", f"Against {before}"]
        words = words if compared else words[:2]
        columns = [blocks.column(word, align="left" if place == 0 else "right") for place, word in enumerate(words)]
        rows = []
        for item in found:
            moved = tell.movement(item)
            own = tell.year_before([item])  # the head says it for every row
            cell = without_lead(moved, f"，比{own}" if self.zh else ", ") if moved else [run("—")]
            cell = cell if self.zh else without_words(cell, f" than {own}", f" on {own}")
            rows.append(blocks.row([tell.row_label(item), tell.amount(item), cell][: len(words)]))
        self._publish(
            blocks.table(
                [run("主要指标" if self.zh else "Key figures")], key=self._key("key-figures"), columns=columns, rows=rows
            )
        )

    def changes(self) -> None:
        """Say what moved against the year before, across all work areas."""
        tell = self._tell
        compared = [
            item
            for item in self._results.overall
            if item.change is not None
            and item.exact
            and not (isinstance(item.entry, Indicator) and item.entry.method is Method.SUM)
        ]
        moved = [item for item in compared if item.change]
        if not compared:
            text = (
                "报表没有填报上年同期数，无法比较。"
                if self.zh
                else "The return gives no figures of the year before, so nothing is compared."
            )
            self._say([run(text)])
            return
        outline, params = self._catalogue.outline, self._data.township.years.get(self._data.year)
        own = (params.report.chapters or outline.skeletons.get(params.report.skeleton, ())) if params is not None else ()
        order = [name for name in own or outline.chapters if name in self._catalogue.areas]
        areas = list(dict.fromkeys([*order, *self._catalogue.areas]))
        led = leading_changes(self._results, first=self._key_refs, areas=areas, shows=tell.shows_change)
        better, worse = [item for item in led if got_better(item)], [item for item in led if got_worse(item)]
        size = [item for item in led if item not in better and item not in worse]
        good, bad = (tell.year_before(members) for members in (better, worse))
        groups = (
            (size, "size", "人口和业务量的主要变化", "Main changes in numbers"),
            (better, "better", f"好于{good}的主要指标", f"Better than {good}"),
            (worse, "worse", f"不及{bad}的主要指标", f"Worse than {bad}"),
        )
        for members, key, zh, en in groups:
            if members:
                cells = dict.fromkeys(str(cell) for item in members for cell in (*item.cells, *item.previous_cells))
                lead = [run(f"{zh}：" if self.zh else f"{en}: ")]
                if len(members) > FEW:  # a list of several sentences opens with how many it names
                    number = tell.counted(f"movements-{key}", len(members), cells)
                    lead = tell.join(f"{zh}有", number, "项。") if self.zh else tell.join(f"{en}, ", number, " in all: ")
                said = tell.paced(lead, [tell.stated(item) for item in members])
                self._say(tell.join(said, tell.hedge(members)))
        others = [item for item in moved if item not in led]
        if others:
            cells = dict.fromkeys(str(cell) for item in others for cell in (*item.cells, *item.previous_cells))
            count = tell.counted("movements-other", len(others), cells)
            zh, en = (
                "项变化见各章。",
                " further change is in the chapters." if len(others) == 1 else " further changes are in the chapters.",
            )
            opening = "其余" if led else f"与{tell.year_before(others)}相比有"
            self._say(tell.join(opening, count, zh) if self.zh else tell.join(count, en))
        elif not led:
            before = tell.year_before(compared)
            level = f"各项数据与{before}持平。" if self.zh else f"Every figure stands where it stood {before}."
            self._say([run(level)])

    def quality(self) -> None:
        """Say how complete and consistent the return is."""
        if self._public:
            return
        tell, findings = self._tell, self._data.findings
        warn = [item for item in findings if item.severity is Severity.WARN]
        found = self._data.unsure
        empty = [item for item in found if item.status in BLANK]
        bounds = [item for item in found if item.status in INEXACT]
        implied = [item for item in found if str(item.status) == "implied"]
        counts = [
            (bounds, "bounds", "项为概数", (" is a bound or approximation", " are bounds or approximations")),
            (implied, "implied", "项由公布的比率反推", (" was", " were")),
            (empty, "empty", "项未报或数字不清", (" is missing or illegible", " are missing or illegible")),
        ]
        pieces: list[Any] = []
        for group, key, zh, en in counts:
            if group:
                number = tell.counted(f"figures-{key}", len(group), (str(item.cell) for item in group))
                pieces += [
                    "，" if self.zh and pieces else ", " if pieces else "",
                    number,
                    zh if self.zh else en[len(group) > 1],
                ]
                pieces += [" worked out from published rates"] if key == "implied" and not self.zh else []
        opening = (
            tell.join("报送数据中，" if self.zh else "Of the figures reported, ", *pieces, "。" if self.zh else ".")
            if pieces
            else []
        )
        if warn:
            number = tell.counted("findings-warn", len(warn), dict.fromkeys(str(cell) for item in warn for cell in item.cells))
            others = [item for item in findings if item.severity is Severity.NOTE]
            cells = dict.fromkeys(str(cell) for item in others for cell in item.cells)
            noted = tell.counted("findings-note", len(others), cells) if others else None
            if self.zh:
                more = tell.join("，另有提示", noted, "处") if noted is not None else []
                told = tell.join("数据核对发现", number, "处需要核实的问题", more, "，详见附录。")
            else:
                more = tell.join(" and ", noted, f" note{'s' * (len(others) > 1)}") if noted is not None else []
                told = tell.join(
                    " The checks raised ", number, f" question{'s' * (len(warn) > 1)}", more, "; see the appendix."
                )
        else:
            told = [run("数据核对未发现问题。" if self.zh else " The checks raised no question.")]
        self._say(tell.join(opening, told))

    # --- assessment ------------------------------------------------------------------------------------------------------

    def targets(self) -> None:
        """Set every binding target against its result: deviation, verdict by the point value, who set it, what chance allows."""
        tell = self._tell
        set_ = self._data.judged
        binding = [item for item in set_ if item.target is not None and item.target.setter is not Setter.REFERENCE]
        if not binding:
            return
        met = [item for item in binding if item.met]
        cells = dict.fromkeys(str(cell) for item in binding for cell in item.cells)
        counts = [tell.counted("targets-set", len(binding), cells), tell.counted("targets-met", len(met), cells)]
        if self.zh:
            self._say(tell.join("本年度列入考核的指标", counts[0], "项，达到目标", counts[1], "项。"))
        else:
            self._say(
                tell.join(counts[0], f" indicator{'s have' if len(binding) > 1 else ' has'} a target, ", counts[1], " met it.")
            )
        dated = any(item.target is not None and item.target.deadline for item in binding)
        heads: list[tuple[str, str, blocks.Align, float]] = [
            ("指标", "Indicator", "left", 0.28 if dated else 0.34),
            ("目标", "Target", "right", 0.1),
            ("实际", "Actual", "right", 0.12),
            ("差距", "Gap", "right", 0.17),
            ("结果", "Verdict", "center", 0.1),
            ("时限", "Due", "center", 0.11),
            ("依据", "Set by", "left", 0.12 if dated else 0.17),
        ]
        heads = [head for head in heads if dated or head[1] != "Due"]
        columns = [blocks.column(zh if self.zh else en, align=align, width=width) for zh, en, align, width in heads]
        rows = []
        for item in binding:
            assert item.target is not None
            verdict = ("达标" if item.met else "未达标") if self.zh else ("met" if item.met else "missed")
            mark = "*" if item.straddles else ""
            setter = item.target.set_by_zh if self.zh else item.target.set_by_en
            source = tell.target_place(item)
            shown = [tell.row_label(item), [tell.fact(item, "target")], [tell.fact(item)], self._signed_deviation(item)]
            shown.append([run(verdict + mark)])
            if dated:
                shown.append([run(self._day(item.target.deadline))])
            shown.append(self._book.words(setter, source=source, role="label", subject=item.entry.id))
            rows.append(blocks.row(shown))
        notes = []
        if any(item.straddles for item in binding):
            text = (
                "注：*表示目标落在置信区间内，人数少，达标与否可能由偶然波动决定。"
                if self.zh
                else "Note: * marks targets inside the interval: chance may have decided."
            )
            notes.append([run(text)])
        caption = "目标完成情况" if self.zh else "Targets and results"
        self._publish(blocks.table([run(caption)], key=self._key("targets"), columns=columns, rows=rows, notes=notes))

    def _day(self, day: dt.date | None) -> str:
        """Return a deadline as a table prints it: without the year where that is the report's."""
        if day is None:
            return "—"
        if not self.zh:
            return f"{day.day} {day:%B %Y}"
        return f"{day.month}月{day.day}日" if day.year == self._data.year else f"{day.year}年{day.month}月{day.day}日"

    def score_sheet(self) -> None:
        """Show the score sheet of the year's assessment scheme, every line with its arithmetic, bonus with its document, vetoes.

        Not in the public edition: scores are between the place and those who assess it.
        """
        params = self._data.township.years.get(self._data.year)
        if params is None or not params.scheme or self._public:
            return
        scheme = self._data.scheme(params.scheme)
        scores = score_sheet(scheme, self._results)
        source = f"params/schemes/{scheme.key}.yml"
        tell = self._tell
        words = (
            ("考核项目", "满分", "完成情况", "得分算式", "得分")
            if self.zh
            else ("Item", "Points", "Result", "Working", "Score")
        )
        aligns: tuple[blocks.Align, ...] = ("left", "right", "right", "left", "right")
        columns = [blocks.column(word, align=align) for word, align in zip(words, aligns, strict=True)]

        def said(text: str, subject: str) -> list[Run]:
            return self._book.words(text, source=source, role="score", subject=subject) if text else [run("—")]

        rows = []
        for score in scores:
            known = score.result is not None and score.points is not None
            rows.append(
                blocks.row(
                    [
                        said(score.item.zh if self.zh else score.item.en, score.item.id),
                        said(exact_text(Fraction(score.item.points)), score.item.id),
                        [tell.fact(score.result)] if known and score.result is not None else [run("—")],
                        said(score.working, score.item.id),
                        said(self._points(score.points), score.item.id),
                    ]
                )
            )
        bonuses = scheme.bonuses_of(self._data.township.key)
        for bonus in bonuses:
            name = f"{bonus.zh}（{bonus.document}）" if self.zh else f"{bonus.en} ({bonus.document})"
            points = said("+" + exact_text(Fraction(bonus.points)), bonus.document)
            rows.append(
                blocks.row([said(name, bonus.document), [run("—")], [run("—")], [run("加分" if self.zh else "bonus")], points])
            )
        won = total(scores, bonuses)
        label = [run("合计" if self.zh else "Total")]
        rows.append(blocks.row([label, [run("—")], [run("—")], [run("—")], said(self._points(won), "total")], kind="total"))
        notes = []
        if won is None:
            text = (
                "注：有项目缺少数据，未计分，也不计合计。"
                if self.zh
                else "Note: an item without data is not scored, and there is no total."
            )
            notes.append([run(text)])
        if any("INT(" in score.working for score in scores):
            notes.append([run("注：INT表示取整，只计满的档数。" if self.zh else "Note: INT counts whole steps only.")])
        for veto in scheme.vetoes:
            text = f"一票否决：{veto.unit_zh}，{veto.ground_zh}。" if self.zh else f"Veto: {veto.unit_en}, {veto.ground_en}."
            notes.append(said(text, "veto"))
        notes.append(said(f"依据：{scheme.source}" if self.zh else f"Source: {scheme.source}", "source"))
        caption = said(scheme.zh if self.zh else scheme.en, "scheme")
        self._publish(blocks.table(caption, key=self._key("score-sheet"), columns=columns, rows=rows, notes=notes))

    def _points(self, points: Fraction | None) -> str:
        return "" if points is None else f"{self._results.rounding(points, 2):f}"

    def _signed_deviation(self, item: Result) -> list[Run]:
        if item.deviation is None:
            return [run("—")]  # a bound: met, but by how much is not known
        unit = self._catalogue.units[item.unit]
        if item.deviation and not Fraction(self._tell.aspect(item, "deviation")[1]):
            words = ("略高", "just above") if item.deviation > 0 else ("略低", "just below")
            return [run(words[0] if self.zh else words[1])]
        size = self._tell.fact(item, "deviation")
        if not item.deviation:
            return [size]
        sign = [run("+"), size] if item.deviation > 0 else [self._tell.below_zero(size)]
        return [*sign, run(unit.difference_zh if self.zh else f" {unit.difference_en}".rstrip())]

    # --- problems ------------------------------------------------------------------------------------------------------------

    def problems(self) -> None:
        """Name what missed its target, fell below a reference value, or got worse, by how much and how many persons."""
        tell = self._tell
        binding, below = missed_targets(self._results)
        worse, unclear = setbacks(self._results, besides=[*binding, *below], shows=tell.shows_change)
        doubtful = self._doubtful()
        set_ = self._data.judged
        targets = [item for item in set_ if item.target is not None and item.target.setter is not Setter.REFERENCE]
        found: list[list[Run]] = []
        if binding:
            cells = dict.fromkeys(str(cell) for item in targets for cell in item.cells)
            counts = [tell.counted("targets-set", len(targets), cells), tell.counted("targets-missed", len(binding), cells)]
            lead = (
                tell.join("部分目标任务没有完成。有目标的指标", counts[0], "项，未完成", counts[1], "项：")
                if self.zh
                else tell.join("Some targets were missed: ", counts[1], " of ", counts[0], ". ")
            )
            found.append(tell.paced(lead, [tell.shortfall(item) for item in binding]))
        if worse:
            before = tell.year_before(worse)
            lead = [run(f"部分指标明显不及{before}。" if self.zh else f"Some indicators did clearly worse than {before}. ")]
            found.append(tell.join(tell.paced(lead, [tell.stated(item) for item in worse]), self._unclear(unclear)))
        if below:
            lead = [
                run(
                    "部分指标没有达到通用参考值。"
                    if self.zh
                    else "Some rates fall short of a reference value, which is advisory. "
                )
            ]
            found.append(tell.paced(lead, [tell.shortfall(item) for item in below]))
        numbered = self.zh and len(found) + bool(doubtful) > 1
        for place, paragraph in enumerate(found):
            self._say(tell.join(f"{_ORDINALS[place]}是" if numbered else "", paragraph))
        running = [item for item in self._results.overall if underway(item) and item.value is not None]
        compared = [item for item in self._results.overall if item.change is not None]
        if not found and not compared:  # without a figure of the year before nothing can be said to have got no worse
            zh, en = "有目标的指标均已完成。", "Every indicator with a target met it."
            self._say([run(zh if self.zh else en)] if set_ and not running else [])
        elif not found:
            before = tell.year_before(item for item in compared)
            zh = ("有目标的指标均已完成，" if set_ and not running else "") + f"未发现比{before}明显变差的指标。"
            en = (
                "Every indicator with a target met it, and none got clearly worse."
                if set_ and not running
                else "No indicator got clearly worse."
            )
            self._say([run(zh if self.zh else en)])
        if not worse:
            self._say(without_lead(self._unclear(unclear), " "))
        self._data_problems(f"{_ORDINALS[len(found)]}是" if numbered and found else "")

    def _unclear(self, found: Sequence[Result]) -> list[Run]:
        """Return the sentence on changes for the worse that are too small, or rest on too few, to be called setbacks."""
        if not found:
            return []
        cells = dict.fromkeys(str(cell) for item in found for cell in (*item.cells, *item.previous_cells))
        count = self._tell.counted("setbacks-unclear", len(found), cells)
        if self.zh:
            return self._tell.join(
                "另有", count, f"项指标略逊于{self._tell.year_before(found)}，变化小或人数少，不足以判断为退步。"
            )
        return self._tell.join(" Changes of ", count, " more are too small, or rest on too few, to be called setbacks.")

    def _doubtful(self) -> list[Finding]:
        return [item for item in self._data.findings if item.severity is Severity.WARN]

    def _data_problems(self, ordinal: str) -> None:
        doubtful = self._doubtful()
        if not doubtful:
            return
        tell = self._tell
        masked = [item for item in doubtful if item.code == "masked"]
        others = [item for item in doubtful if item not in masked]
        number = tell.counted(
            "findings-warn", len(doubtful), dict.fromkeys(str(cell) for item in doubtful for cell in item.cells)
        )
        pieces: list[Any] = (
            [f"{ordinal}数据质量有待提高。数据核对发现", number, "处需要核实的问题："]
            if self.zh
            else ["The data need checking: ", number, f" question{'s' * (len(doubtful) > 1)}. "]
        )
        told = [self._finding_runs(item) for item in others[:FINDINGS]]
        if masked:
            count = tell.counted("findings-masked", len(masked), (str(cell) for item in masked for cell in item.cells))
            end = "项数字残缺，按不详处理" if self.zh else f" figure{'s have' if len(masked) > 1 else ' has'} illegible digits"
            told.append(tell.join("有" if self.zh else "", count, end))
        self._say(tell.join(tell.paced(tell.join(*pieces), told), "其余见附录。" if self.zh and len(others) > FINDINGS else ""))

    def plans(self) -> None:
        """Place what the office writes about its next steps and the figures it plans, else what the figures themselves ask for."""
        written = bool(self._text.sections.get("plans"))
        if written:
            self.office_text("plans")
        if self.planned() or written or self._public:
            return
        blank = [item for item in self._data.unsure if item.status in BLANK]
        self._say(next_steps(self._tell, blank=blank, doubtful=self._doubtful()))

    # --- appendix ----------------------------------------------------------------------------------------------------------

    def definitions(self) -> None:
        """Print the definition used of every indicator that the report prints, in small print.

        One paragraph for each source of a work area: the source is said once, rates come before counts; sources of few definitions
        share a paragraph.  A definition stands with its
        inclusion notes and its base; a change needs none, for it compares what is defined with the like window a year before.
        """
        used: dict[str, Element | Indicator] = {}
        for key in self._data.entries_told:
            entry = self._catalogue.entries[key]
            if not (isinstance(entry, Indicator) and entry.method in _CHANGES):
                used[key] = entry
        told = self._told_by_one_rate(used.values())
        used = {key: entry for key, entry in used.items() if key not in told}
        zh = "每项依次为名称、口径和基数（〔〕内，不适用的不注）；只作一项率的分子或分母的，口径见该率；增减、增幅均与上年同期相比。"
        en = "Each entry gives the name, the definition and, in brackets, the base where there is one; a count that only one rate is made of is defined with that rate; changes are on the like window a year before."
        if used:
            self._publish(blocks.note([run(zh if self.zh else en)]))
        for key in self._catalogue.areas:
            entries = [entry for entry in used.values() if entry.area == key]
            by_source: dict[str, list[Element | Indicator]] = {}
            for entry in sorted(entries, key=lambda entry: isinstance(entry, Element)):  # stable: rates, then counts
                by_source.setdefault(entry.source, []).append(entry)
            small = [source for source, group in by_source.items() if len(group) < _OWN_PARAGRAPH]
            small = small if len(small) > 1 else []
            for group in (by_source[source] for source in by_source if source not in small):
                self._publish(blocks.note(self._defined(key, group, shared=True)))
            if small:
                rest = [entry for source in small for entry in by_source[source]]
                self._publish(blocks.note(self._defined(key, rest, shared=False)))

    @staticmethod
    def _told_by_one_rate(used: Iterable[Element | Indicator]) -> set[str]:
        """Return the counts that the definition of one rate says, and that nothing else needs."""
        entries = list(used)
        made_of: Counter[str] = Counter()
        for rate in entries:
            if isinstance(rate, Indicator) and rate.method in QUOTIENTS:
                sides = (
                    rate.numerator,
                    rate.denominator,
                    *(side for case in rate.cases for side in (case.numerator, case.denominator)),
                )
                made_of.update({term.entry for side in sides for term in side})
        return {item.id for item in entries if isinstance(item, Element) and made_of[item.id] == 1 and not item.inclusion_zh}

    def _defined(self, area: str, group: Sequence[Element | Indicator], *, shared: bool) -> list[Run]:
        """Return a paragraph of definitions, names in bold: the work area first, the source once where ``shared``, else with each."""
        made = [run(self._area_title(area), emphasis="strong")]
        made += self._resting_on(group[0]) if shared else []
        made.append(run("\u3000" if self.zh else ". "))
        for entry in group:
            base = self._catalogue.bases[entry.base]
            parts = (entry.definition_zh, entry.inclusion_zh) if self.zh else (entry.definition_en, entry.inclusion_en)
            text = ("" if self.zh else " ").join(filter(None, parts))
            if entry.base != "none":
                text += f"〔{base.zh}〕" if self.zh else f" [{base.en}]"
            where = self._catalogue.stated(entry.id)
            name = self._book.words(entry.zh if self.zh else entry.en, source=where, role="label", subject=entry.id)
            made += [run(piece["text"], fact=piece.get("fact"), emphasis="strong") for piece in name]
            made += [run("：" if self.zh else ": ")]
            made += self._book.words(text, source=where, role="definition", subject=entry.id)
            made += [] if shared else self._resting_on(entry)
            made += [run("\u3000" if self.zh else " ")]
        return made[:-1]

    def _resting_on(self, entry: Element | Indicator) -> list[Run]:
        where = self._catalogue.stated(entry.id)
        named = self._book.words(entry.source, source=where, role="definition", subject=f"{entry.id}-source")
        return [run("（依据：" if self.zh else " (source: "), *named, run("）" if self.zh else ")")]

    def methods(self) -> None:
        """Say how figures are rounded and intervals computed."""
        share = f"{self._catalogue.outline.confidence * 100:.0f}%"
        half_up = self._data.township.rounding == "half_up"
        zh = f"率由分子、分母精确计算，只在印制时{'四舍五入' if half_up else '按GB/T 8170修约'}一次。比例的{share}置信区间用Wilson法；两年人数变化用条件精确检验，区间包含不变时说“变化不明显”。登记数为全数，区间表示偶然波动的范围，不是抽样误差。"
        en = f"Rates are computed exactly and rounded once, {'half up' if half_up else 'half to even (GB/T 8170)'}, when printed. {share} intervals of proportions are Wilson's; changes of counts are tested exactly, conditional on their sum. Registers are full counts: an interval shows chance variation, not sampling error."
        self._say(
            self._book.words(
                zh if self.zh else en, source=self._catalogue.stated("confidence"), role="definition", subject="methods"
            )
        )
        self._say(self.comparison_method())
        self.comparisons_made()
        if self._public:
            self._say(self._withholding())

    def _withholding(self) -> list[Run]:
        """Return the paragraph on what the public edition leaves out and withholds."""
        minimum, mark = self._catalogue.outline.disclosure.minimum, SUPPRESSED_MARK[self.lang]
        zh = f"本版为公开版，不含内部指标、数据核对情况、考核得分和数据来源的单元格。敏感指标的人数不为零而少于{minimum}的不予公布，以“{mark}”表示；由其算出的率、增减、金额，以及与合计相减可以推出它的其他数据，一并不予公布。零照实公布。"
        en = f"This is the public edition: internal indicators, findings, assessment scores and source cells are left out. Counts of sensitive indicators that are not zero and below {minimum} are withheld and marked {mark}, and so are the rates, changes and amounts made of them and the other figures from which they could be worked out. A true zero is printed."
        where = self._catalogue.stated("disclosure")
        return self._book.words(zh if self.zh else en, source=where, role="definition", subject="disclosure")

    def sources(self) -> None:
        """List the files and sheets the figures come from, with how many figures each gave; the public edition names none.

        Sheets down and the place's own returns across; the returns of members, which have too many sheets to list, a row each.
        """
        if self._public:
            return
        returns = self._data.handed_in
        own = {file: self._cells_by_sheet(cells) for file, _, is_own, cells in returns if is_own}
        sheets = dict.fromkeys(sheet for found in own.values() for sheet in found)
        if sheets:
            heads = [blocks.column("工作表" if self.zh else "Sheet", align="left")]
            heads += [{**blocks.column(""), "runs": self._file_name(file)} for file in own]
            rows = []
            for sheet in sheets:
                cells = [self._figures(file, sheet, found.get(sheet, [])) for file, found in own.items()]
                rows.append(blocks.row([[run(sheet)], *cells]))
            caption = "数据来源（各工作表数据项数）" if self.zh else "Sources: figures by sheet"
            self._publish(blocks.table([run(caption)], key=self._key("sources"), columns=heads, rows=rows))
        members = [(file, cells) for file, _, is_own, cells in returns if not is_own]
        if members:
            words = ("文件", "数据项数") if self.zh else ("File", "Figures")
            rows = [
                blocks.row([[run(file)], self._figures(file, "", [str(cell) for cell in cells])]) for file, cells in members
            ]
            heads = [blocks.column(words[0], align="left"), blocks.column(words[1])]
            caption = "数据来源" if self.zh else "Sources"
            self._publish(blocks.table([run(caption)], key=self._key("sources"), columns=heads, rows=rows))

    def _file_name(self, file: str) -> list[Run]:
        return self._book.words(file, source=file, role="text", subject="source")

    @staticmethod
    def _cells_by_sheet(cells: Sequence[Cell]) -> dict[str, list[str]]:
        sheets: dict[str, list[str]] = {}
        for cell in cells:
            sheets.setdefault(cell.sheet, []).append(str(cell))
        return sheets

    def _figures(self, file: str, sheet: str, cells: Sequence[str]) -> list[Run]:
        return [self._tell.counted(f"{file}!{sheet}", len(cells), cells)] if cells else [run("—")]

    def data_findings(self) -> None:
        """List every finding of the return: where, what, what to do."""
        findings = self._data.findings
        if self._public:
            return
        if not findings:
            self._say([run("数据核对未发现问题。" if self.zh else "The checks raised no question.")])
            return
        of_year = [file for file, year, own, _ in self._data.handed_in if own and year == self._data.year]
        several = bool(self._data.members) or len(of_year) > 1
        shares = (0.34, 0.4, 0.26) if several else (0.2, 0.5, 0.3)  # of several files: their names need room
        words = ("位置", "问题", "处理") if self.zh else ("Where", "Finding", "What to do")
        columns = [blocks.column(word, align="left", width=width) for word, width in zip(words, shares, strict=True)]
        rows = []
        for item in findings:
            more = ("等" if self.zh else " …") if len(item.cells) > 3 else ""
            named = (str(cell) if several else cell.short for cell in item.cells[:3])  # of several files: which one
            cells = ("、" if self.zh else ", ").join(named) + more
            address = str(item.cells[0]) if item.cells else self._data.file
            remedy = self._book.words(item.remedy(self.lang), source=address, role="remedy", subject=item.code)
            told = [self._finding_runs(item, addresses=True), remedy]
            rows.append(blocks.row([[run(cells)], *(told if self.zh else map(capital, told))]))
        self._publish(
            blocks.table(
                [run("数据核对情况" if self.zh else "Findings")], key=self._key("findings"), columns=columns, rows=rows
            )
        )

    def absent(self) -> None:
        """Name, in one line, the work areas of the report the return holds no data for; the public edition leaves out internal ones too."""
        if self._public:
            return
        chapters = self._catalogue.outline.chapters
        chapter_of = {key: area.chapter for key, area in self._catalogue.areas.items()}
        present = {chapter_of[area] for area in self._data.areas_told}
        if self._data.judged:
            present.add("assessment")  # its chapter sets targets against figures of the other areas
        keys = [key for key in self._catalogue.areas if key in chapters and key not in present]
        if keys:
            listed = ("、" if self.zh else ", ").join(self._area_title(key) for key in keys)
            zh, en = f"以下业务本年没有报送数据，正文不设章：{listed}。", f"No data was reported for: {listed}."
            self._say([run(zh if self.zh else en)])

    # --- end -------------------------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """End the chapter: publish its facts, each with its way back, and the sentinel that says it ran to its end."""
        self.historical_note()
        unplaced = self.place_rest()
        tracer = Tracer(self._results, self._data.observed, lang=self.lang, behind=self._data.behind)
        told = [replace(fact, sources=sources_told(self._data, fact.sources)) for fact in self._book.facts.values()]
        record = {
            "schema": RECORD_SCHEMA,
            "complete": True,
            "chapter": self.name,
            "township": self._data.township.key,
            "year": self._data.year,
            "lang": self.lang,
            "edition": self.edition,
            "empty": self._published == 0,
            "unplaced": unplaced,
            "facts": [{**fact.row(), **tracer.of_fact(fact).row()} for fact in told],
        }
        if self._reads is not None:  # what a later run must ask again to know whether this chapter would come out the same
            record["reads"] = self._reads.names()
        words = f"{self.name}: {len(self._book.facts)} facts" if self._published else f"{self.name}: no data"
        publish_display_data(  # type: ignore[no-untyped-call]
            {CHAPTER_MIME: record, "text/plain": words}
        )
