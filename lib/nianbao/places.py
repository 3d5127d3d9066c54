"""Places beside each other inside a chapter: one paragraph, combined tables of rates and counts, and a funnel for what stands out.

A member is one place of :attr:`Places.dimension`, a village of a township or a township of a county.  All rates of a work area
share a table; a rate gets its own table and funnel plot only when its members differ beyond chance
(:attr:`nianbao.villages.Funnel.beyond_chance`), so that the pages a reader turns are those that tell something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from nianbao import blocks, charts, stats
from nianbao.blocks import Run, run
from nianbao.catalogue import Element, Indicator
from nianbao.composer import tellable
from nianbao.facts import Fact
from nianbao.formulas import reference
from nianbao.indicators import Result
from nianbao.phrasing import capital
from nianbao.pictures import Pictures
from nianbao.placement import ticks
from nianbao.values import Status, exact_text
from nianbao.villages import ENOUGH, INNER, OUTER, Funnel, Place, Standing, funnels, in_order, most_extreme, share_of

_COLUMNS = {"zh": 6, "en": 4}
"""The most rates or counts a table holds beside the members' names."""
_NAME_WIDTH = {"zh": None, "en": 0.25}
"""The share of a table that members' names get where there is room: English ones would wrap."""
_COUNT_TABLES = 2
_FIGURES = 3
_NAMED = 5
"""How many members a clause names on either side."""
_NAMED_RATES = 3
"""How many rates a sentence names before it only counts them."""
_DRAWN = 5
"""Fewer members than these make no funnel plot."""
_WORDS_ZH = {
    Place.ABOVE: "偏高",
    Place.RATHER_ABOVE: "略高",
    Place.WITHIN: "无明显差异",
    Place.RATHER_BELOW: "略低",
    Place.BELOW: "偏低",
    Place.TOO_FEW: "基数小，不评价",
}
_WORDS_EN = {
    Place.ABOVE: "high",
    Place.RATHER_ABOVE: "rather high",
    Place.WITHIN: "within chance",
    Place.RATHER_BELOW: "rather low",
    Place.BELOW: "low",
    Place.TOO_FEW: "too few to judge",
}
_T = TypeVar("_T")
_ORDINALS = "一二三四五六七八九十"
_SOURCE = "params/report.yml"
_INNER, _OUTER = (exact_text(Fraction(str(share)) * 100) + "%" for share in (INNER, OUTER))
"""The coverages as they are printed."""


class Places(Pictures):
    """The part of a chapter that sets the members of the place beside each other."""

    @property
    def dimension(self) -> str:
        """The dimension whose places are the members: villages of a township, townships of a county."""
        return self._data.township.place_dimension

    @property
    def _noun(self) -> str:
        """The word for a member: 村, village."""
        head = self._catalogue.dimensions[self.dimension]
        return head.zh if self.zh else head.en

    def _member(self, key: str) -> str:
        return self._catalogue.dim_label(self.dimension, key, lang=self.lang, township=self._data.township)

    def _words(self, text: str) -> list[Run]:
        """Return words on limits and numbers of persons as runs, their figures facts of the limits' definition."""
        return self._book.words(text, source=_SOURCE, role="definition", subject="funnel")

    def villages(self, *areas: str) -> None:
        """Set the members beside each other: who stands out in what, all rates in one table, a funnel for the few that need one.

        Every proportion or completion of the areas (the chapter's own when none is named) that at least two members have a value of is
        told in one paragraph and stands in a combined table.  Those of which members differ beyond chance get a table of their counts
        and, with at least five members to judge, a funnel plot; at most three, the least probable.  Of fewer members several such rates
        stand beside each other in one figure.  A rate that is alone in its chapter
        keeps the table of counts.  Last come counts that members reported and no rate uses: two tables at most, in the catalogue's
        order; how many more there are is said.  No member is ranked.
        """
        chosen = areas or (self.name,)
        found = funnels(self._results, areas=chosen, dimension=self.dimension)
        apart = most_extreme(found, most=_FIGURES)
        detailed = apart if len(found) > 1 else found
        if found:
            self._say(self._comparison(found, "-".join(chosen)))
        if len(detailed) < len(found):
            self._rates_by_member(found)
        few = [item for item in apart if len(item.judged) < _DRAWN]
        if len(few) > 1:
            self._members_chart(few)
        for place, item in enumerate(detailed):
            if item.beyond_chance and len(item.judged) >= _DRAWN:
                self._funnel_chart(item)  # before the table, for a table may run over to the next page
            self._funnel_table(item, explained=bool(place) or len(detailed) < len(found))
        told = {part.entry.id for item in found for side in item.overall.parts for part in (side, *side.parts)}
        told |= {fact.indicator for fact in self._book.facts.values() if self.dimension in dict(fact.dims)}
        self._counts_by_member(chosen, told)

    def comparison_method(self) -> list[Run]:
        """Return the paragraph on how members are judged and which rates get a figure; nothing where none is."""
        if not funnels(self._results, areas=tuple(self._catalogue.areas), dimension=self.dimension):
            return []
        rare = exact_text((1 - Fraction(str(OUTER))) * 100) + "%"
        noun, minimum = self._noun, self._catalogue.outline.minimum_denominator
        if self.zh:
            text = f"各{noun}的率与{self._whole()}的率比较，按二项分布（完成率超过100%时按泊松分布）的精确概率判断是否超出{_INNER}和{_OUTER}控制限，"
            text += f"分母不足{minimum}的不评价。可评价的{noun}有{ENOUGH}个及以上、相差又普遍超过随机波动（离散程度检验，{_INNER}水平）时，"
            text += "控制限按加性随机效应放宽（Spiegelhalter法，首尾各一成缩尾）。"
            text += f"有{noun}超出{_OUTER}控制限，或者超出{_INNER}控制限的{noun}多到偶然出现的概率不足{rare}时，"
            text += f"该项率单独列表作图，每章最多{_FIGURES}项，取最不可能由偶然产生的。比较的次数越多，偶然超出控制限的也越多，下表列明各章的比较次数。"
        else:
            text = f"The rate of every {noun} is set against that of the whole: exact probabilities of the binomial distribution (Poisson where a "
            text += f"completion exceeds 100%) say whether it lies outside limits of {_INNER} and {_OUTER}; below a denominator of {minimum} "
            text += f"nothing is judged. Where {ENOUGH} or more are judged and spread more widely than chance explains (a test at the {_INNER} "
            text += "level), the limits are widened by additive random effects (Spiegelhalter, winsorised by a tenth at either end). "
            text += f"A rate gets its own table and figure when a {noun} lies outside the {_OUTER} limits, or so many lie "
            text += f"outside the {_INNER} ones as chance puts there less often than {rare}; at most {_FIGURES} a chapter, the least probable. "
            text += "The more comparisons, the more lie outside by chance: the table below says how many were made."
        return self._words(text)

    # --- words -----------------------------------------------------------------------------------------------------------

    def _comparison(self, found: Sequence[Funnel], subject: str) -> list[Run]:
        """Return the paragraph: which members stand out in what, and that the rest is chance."""
        said = self._compared(found, subject)
        return said if self.zh else capital(said)

    def _compared(self, found: Sequence[Funnel], subject: str) -> list[Run]:
        tell, noun = self._tell, self._noun
        judged = sum(len(item.judged) for item in found)
        apart = [item for item in found if item.beyond_chance]
        if len(found) == 1:
            what: list[Run] = tell.label(found[0].overall)
        else:
            count = self._counted(f"rates-compared-{subject}", len(found), found)
            what = tell.join(count, "项率" if self.zh else " rates")
        if not judged:
            return (
                tell.join(f"各{noun}", what, "的基数都小，不作比较。")
                if self.zh
                else tell.join(what, f" by {noun}: the denominators are too small to compare.")
            )
        clauses: list[Any] = []
        for place, item in enumerate(apart):
            clauses += ["；" if place and self.zh else "; " if place else ""]
            clauses += [] if len(found) == 1 else [tell.label(item.overall), "，" if self.zh else ": "]
            clauses.append(self._standing_out(item))
        wide = [item for item in found if item.widened]
        near, beyond = ("控制限", "beyond the limits") if wide else ("随机波动范围", "beyond chance")
        rest = "The rest lies within the limits" if wide else "Chance explains the rest"
        if not apart and wide:
            return self._spread_alone(what, wide, of=len(found), subject=subject)
        if self.zh:
            if not apart:
                said = tell.join(f"各{noun}", what, "的差异在随机波动范围内，不宜排名。")
            elif len(found) == 1:
                said = tell.join(f"各{noun}", what, "中，", *clauses, f"，超出{near}；其余差异不明显，不宜排名。")
            else:
                number = self._counted(f"rates-apart-{subject}", len(apart), apart)
                said = tell.join(f"各{noun}比较", what, "，其中", number, f"项的{noun}间差异超出{near}：", *clauses)
                said = tell.join(said, f"。其余差异在{near}内，不宜排名。")
        elif not apart:
            said = tell.join(what, f" by {noun}: chance alone explains the differences, so there is no ranking.")
        elif len(found) == 1:
            said = tell.join(what, f" by {noun}, {beyond}: ", *clauses, f". {rest}; there is no ranking.")
        else:
            number = self._counted(f"rates-apart-{subject}", len(apart), apart)
            differ = f" differs {beyond}: " if len(apart) == 1 else f" differ {beyond}: "
            said = tell.join("Of ", what, f" compared by {noun}, ", number, differ, *clauses)
            said = tell.join(said, f". {rest}; there is no ranking.")
        return tell.join(said, self._spread(wide, of=len(found), subject=subject))

    def _named_rates(self, found: Sequence[Funnel], subject: str) -> list[Run]:
        """Return the names of rates, the first of them where they are many: 电子健康档案建档率、高血压患者规范管理率等5项率."""
        names = [self._tell.label(item.overall) for item in found[:_NAMED_RATES]]
        listed = self._tell.listed(names)
        if len(found) <= _NAMED_RATES:
            return listed
        count = self._counted(f"rates-spread-{subject}", len(found), found)
        if self.zh:
            return self._tell.join(listed, "等", count, "项率")
        return self._tell.join(count, " rates, among them ", listed, ",")

    def _spread_alone(self, what: Sequence[Run], wide: Sequence[Funnel], *, of: int, subject: str) -> list[Run]:
        """Return the paragraph where members in general differ beyond chance and yet none stands apart, with the rates named."""
        tell, noun = self._tell, self._noun
        named = [] if of == 1 else self._named_rates(wide, subject)
        if self.zh:
            start = tell.join(f"各{noun}", what, "中，" if of > 1 else "", named)
            said = tell.join(start, f"普遍相差较大，超出随机波动，但没有明显离群的{noun}")
            return tell.join(said, "；其余差异在随机波动范围内，不宜排名。" if of > len(wide) else "，不宜排名。")
        start = tell.join("Of ", what, f" compared by {noun}, ", named) if named else tell.join(what, f" by {noun}")
        verb = " differs" if len(wide) == 1 else " differ"
        said = tell.join(start, f"{verb} in general by more than chance explains, but no {noun} stands apart")
        return tell.join(
            said, "; chance explains the rest, so there is no ranking." if of > len(wide) else ", so there is no ranking."
        )

    def _spread(self, wide: Sequence[Funnel], *, of: int, subject: str) -> list[Run]:
        """Return the sentence that owns up to a spread wider than chance, and what high and low then mean; nothing where there is none."""
        if not wide:
            return []
        tell, noun = self._tell, self._noun
        which = [run("该率" if self.zh else "this rate")] if of == 1 else self._named_rates(wide, subject)
        if self.zh:
            return tell.join(which, f"各{noun}普遍相差较大，控制限已按实际离散程度放宽，只指出明显离群的{noun}。")
        return tell.join(
            f" In {noun}s in general ",
            which,
            " spread more widely than chance explains; the limits allow for it, and mark only who stands apart.",
        )

    def _standing_out(self, item: Funnel) -> list[Run]:
        """Return the clause that names the members outside the outer limits, or says how many are outside the inner ones."""
        tell, noun = self._tell, self._noun
        if not item.standing_out:
            count = self._counted(f"{item.overall.ref}-inner", len(item.outside_inner), [item])
            text = f"个{noun}超出{_INNER}控制限" if self.zh else f" {noun}s outside the {_INNER} limits"
            return tell.join(count, self._words(text))
        pieces: list[Any] = []
        for high in (True, False):
            side = sorted((one for one in item.standing_out if one.high is high), key=lambda one: one.chance)
            if not side:
                continue
            names = ("、" if self.zh else ", ").join(self._member(one.member) for one in side[:_NAMED])
            pieces += [("，" if self.zh else ", ") if pieces else "", names]
            if len(side) > _NAMED:
                count = self._counted(f"{item.overall.ref}-{'high' if high else 'low'}", len(side), [item])
                pieces += ["等", count, f"个{noun}"] if self.zh else [" and others, ", count, f" {noun}s,"]
            word = (_WORDS_ZH if self.zh else _WORDS_EN)[Place.ABOVE if high else Place.BELOW]
            pieces.append(word if self.zh else f" {word}")
        return tell.join(*pieces)

    def comparisons_made(self) -> None:
        """Show for every chapter how many comparisons were made, how many lie outside the limits, and how many chance alone puts there.

        Each comparison lies outside limits of coverage c with a chance of at most 1 - c, counts being whole; so the expected number among
        n comparisons is at most n times that, an exact figure.
        """
        chapters: dict[str, list[str]] = {}
        for key, area in self._catalogue.areas.items():
            chapters.setdefault(area.chapter or key, []).append(key)
        rows = []
        for chapter, areas in chapters.items():
            found = funnels(self._results, areas=tuple(areas), dimension=self.dimension)
            if any(item.outside_inner for item in found):
                rows.append(
                    blocks.row([[run(self._area_title(chapter))], *([shown] for shown in self.by_chance(found, chapter))])
                )
        if not rows:
            return
        heads = ("章", "比较次数", "超出{}", "偶然不超过", "超出{}", "偶然不超过")
        if not self.zh:
            heads = ("Chapter", "Comparisons", "Outside {}", "By chance at most", "Outside {}", "By chance at most")
        shares = (_OUTER, _INNER)
        columns = [
            {**blocks.column("", align="right" if place else "left"), "runs": self._words(head.format(shares[place > 3]))}
            for place, head in enumerate(heads)
        ]
        caption = f"各{self._noun}比较的次数" if self.zh else f"Comparisons of {self._noun}s"
        note = f"注：“超出”指在该控制限以外的次数；“偶然不超过”指各{self._noun}实际没有差别时，仅因偶然平均超出的次数的上限。"
        if not self.zh:
            note = "Note: outside counts the comparisons beyond these limits; by chance is the most that would lie there on average without any real difference."
        table = blocks.table([run(caption)], key=self._key("comparisons"), columns=columns, rows=rows, notes=[[run(note)]])
        self._publish(table)

    def by_chance(self, found: Sequence[Funnel], subject: str) -> list[Run]:
        """Return five figures: comparisons made, outside the outer limits and by chance at most, outside the inner ones and by chance."""
        judged = sum(len(item.judged) for item in found)
        made = [self._counted(f"comparisons-{subject}", judged, found)]
        for name, coverage in (("outer", OUTER), ("inner", INNER)):
            outside = sum(len(item.standing_out if name == "outer" else item.outside_inner) for item in found)
            expected = judged * (1 - Fraction(str(coverage)))
            fact = Fact(
                fact=f"{self._book.chapter}:comparisons-{subject}:expected:{name}",
                chapter=self._book.chapter,
                indicator=f"comparisons-{subject}",
                dims=(),
                role="expected",
                display=exact_text(expected),
                value=expected,
                status="computed",
                sources=_files(found),
            )
            made += [self._counted(f"outside-{name}-{subject}", outside, found), self._book.add(fact)]
        return made

    def _counted(self, subject: str, count: int, found: Sequence[Funnel]) -> Run:
        return self._tell.counted(subject, count, _files(found))

    # --- tables ----------------------------------------------------------------------------------------------------------

    def _rates_by_member(self, found: Sequence[Funnel]) -> None:
        """Show all rates in one table, or few: members down, rates across, marks in words, the whole last."""
        topic = self._topic([found[0].overall.entry.area])
        zh, en = f"各{self._noun}{topic}指标", f"{topic}: rates by {self._noun}"
        parts = _evenly(found, most=_COLUMNS[self.lang])
        for place, chosen in enumerate(parts):
            standings = [{one.member: one for one in item.standings} for item in chosen]
            keys = [key for item in found for key in (*(one.member for one in item.standings), *item.left_out)]
            rows = [
                blocks.row(
                    [
                        [run(self._member(key))],
                        *(self._rate_cell(known.get(key), item, key) for known, item in zip(standings, chosen, strict=True)),
                    ]
                )
                for key in in_order(self._results, keys, dimension=self.dimension)
            ]
            rows.append(blocks.row([[run(self._whole())], *([self._tell.fact(item.overall)] for item in chosen)], kind="total"))
            columns = [blocks.column(self._noun.capitalize(), align="left", width=_NAME_WIDTH[self.lang])]
            columns += [{**blocks.column(""), "runs": self._tell.label(item.overall)} for item in chosen]
            notes = []
            if place == len(parts) - 1:  # one note under the last part serves all
                shown = [one for item in found for one in item.standings]
                gaps = any(len(item.standings) < len(rows) - 1 for item in found)
                notes = [self._explained(shown, gaps=gaps, wide=any(item.widened for item in found))]
            caption = (zh if self.zh else en) + self._numbered(place, len(parts))
            key = self._key(f"rates-by-{self.dimension}")
            self._publish(blocks.table([run(caption)], key=key, columns=columns, rows=rows, notes=notes))

    def _rate_cell(self, standing: Standing | None, found: Funnel, member: str) -> list[Run]:
        """Return the cell of a member: its rate with a mark before it, so that figures stay aligned; its counts where they are few."""
        tell = self._tell
        if standing is None:
            return self._without_value(found, member)
        if standing.place is Place.TOO_FEW:
            return [tell.fact(standing.result, "numerator"), run("/"), tell.fact(standing.result, "denominator")]
        if standing.place is Place.WITHIN:
            return [tell.fact(standing.result)]
        word = (_WORDS_ZH if self.zh else _WORDS_EN)[standing.place]
        outer = standing.place in (Place.ABOVE, Place.BELOW)
        return [run(word, emphasis="strong" if outer else None), run("\u00a0"), tell.fact(standing.result)]

    def _without_value(self, found: Funnel, member: str) -> list[Run]:
        """Return what stands for a member without a value: a dash, or the mark where its rate is withheld."""
        own = self._results.get(
            reference(found.overall.entry.id, tuple(sorted((*found.overall.dims, (self.dimension, member)))))
        )
        return self._blank(Status.MISSING if own is None else own.status)

    def _explained(self, shown: Sequence[Standing], *, gaps: bool, wide: bool, counts: bool = False) -> list[Run]:
        """Return the note on marks, on members too small to judge, on dashes, and on where the counts stand."""
        minimum = str(self._catalogue.outline.minimum_denominator)
        few = any(one.place is Place.TOO_FEW for one in shown)
        noun = self._noun
        if self.zh:
            text = f"注：“偏高”“偏低”指超出{_OUTER}控制限，“略高”“略低”指超出{_INNER}控制限，按精确概率判断，不排名。"
            text += f"各{noun}相差普遍超过随机波动的率，控制限已放宽。" if wide else ""
            if few:
                text += f"分母不足{minimum}的{noun}不评价" + ("。" if counts else "，只列分子/分母。")
            text += "“—”表示未填报、数字不清或分母为零。" if gaps else ""
            text += "" if counts else "分子、分母见随附数据表。"
            return self._words(text)
        text = f"Note: high and low mark what lies outside the {_OUTER} limits, rather high and rather low outside the {_INNER} ones; "
        text += "limits are exact, nothing is ranked."
        text += f" They are widened where {noun}s in general spread more than chance explains." if wide else ""
        if few:
            text += f" With a denominator below {minimum} nothing is judged" + (
                "." if counts else "; numerator/denominator are shown."
            )
        text += " A dash marks what was not reported, is illegible or has no denominator." if gaps else ""
        text += "" if counts else " Numerators and denominators are in the data file that comes with the report."
        return self._words(text)

    def _funnel_table(self, found: Funnel, *, explained: bool) -> None:
        """Show the counts behind one rate, member by member; the note only where no table before has ``explained`` the marks."""
        tell, words = self._tell, _WORDS_ZH if self.zh else _WORDS_EN
        heads = (
            (self._noun, "分子", "分母", "数值", "与全体相比")
            if self.zh
            else (self._noun.capitalize(), "Numerator", "Denominator", "Value", "Against the whole")
        )
        aligns: tuple[blocks.Align, ...] = ("left", "right", "right", "right", "left")
        columns = [blocks.column(head, align=align) for head, align in zip(heads, aligns, strict=True)]
        rows = []
        standings = {one.member: one for one in found.standings}
        for key in in_order(self._results, (*standings, *found.left_out), dimension=self.dimension):
            one = standings.get(key)
            cells = [self._without_value(found, key)] * 4
            within = one is not None and one.place is Place.WITHIN and found.widened
            if one is not None:
                figures = [[tell.fact(one.result, role)] for role in ("numerator", "denominator", "value")]
                word = ("控制限内" if self.zh else "within the limits") if within else words[one.place]
                cells = [*figures, [run(word)]]
            rows.append(blocks.row([[run(self._member(key))], *cells]))
        figures = [[tell.fact(found.overall, role)] for role in ("numerator", "denominator", "value")]
        standard = [run("比较基准" if self.zh else "the standard")]
        rows.append(blocks.row([[run(self._whole())], *figures, standard], kind="total"))
        notes = (
            [] if explained else [self._explained(found.standings, gaps=bool(found.left_out), wide=found.widened, counts=True)]
        )
        label = tell.label(found.overall)
        caption = tell.join(f"各{self._noun}", label) if self.zh else tell.join(label, f" by {self._noun}")
        key = self._key(f"rate-by-{self.dimension}")
        self._publish(blocks.table(caption, key=key, columns=columns, rows=rows, notes=notes))

    def _counts_by_member(self, areas: Sequence[str], told: set[str]) -> None:
        """Show the counts that members reported and nothing above uses, several to a table; say how many more there are."""
        tell, columns_of = self._tell, self._counts(areas, told)
        entries = list(columns_of)
        shown = entries[: _COUNT_TABLES * _COLUMNS[self.lang]]
        parts = _evenly(shown, most=_COLUMNS[self.lang])
        for place, chosen in enumerate(parts):
            keys = [key for name in chosen for key in columns_of[name]]
            rows = []
            for member in in_order(self._results, keys, dimension=self.dimension):
                found = [columns_of[name].get(member) for name in chosen]
                cells = [[tell.fact(item)] if item is not None and tellable(item) else [run("—")] for item in found]
                rows.append(blocks.row([[run(self._member(member))], *cells]))
            totals = [self._results.get(name) for name in chosen]
            cells = [[tell.fact(item)] if item is not None and tellable(item) else [run("—")] for item in totals]
            rows.append(blocks.row([[run(self._whole())], *cells], kind="total"))
            columns = [blocks.column(self._noun.capitalize(), align="left", width=_NAME_WIDTH[self.lang])]
            columns += [{**blocks.column(""), "runs": self._count_head(columns_of[name])} for name in chosen]
            caption = (
                f"各{self._noun}{self._topic(areas)}数据" if self.zh else f"{self._topic(areas)} by {self._noun}"
            ) + self._numbered(place, len(parts))
            notes = self._dashes(rows)
            key = self._key(f"counts-by-{self.dimension}")
            self._publish(blocks.table([run(caption)], key=key, columns=columns, rows=rows, notes=notes))
        if left := entries[len(shown) :]:
            files = dict.fromkeys(cell.file for name in left for item in columns_of[name].values() for cell in item.cells)
            count = tell.counted(f"counts-by-{self.dimension}-{'-'.join(areas)}", len(left), files)
            zh, en = (
                f"项分{self._noun}数据见随附数据表，不再列表。",
                f" further counts by {self._noun} are in the data file that comes with the report.",
            )
            self._say(tell.join("另有", count, zh) if self.zh else tell.join(count, en))

    def _topic(self, areas: Sequence[str]) -> str:
        """Return what a table by member is on: the work area of the chapter."""
        return self._area_title(self.name if self.name in self._catalogue.areas else areas[0])

    def _counts(self, areas: Sequence[str], told: set[str]) -> Mapping[str, Mapping[str, Result]]:
        """Return the untold counts by entry and member, in the catalogue's order; those of one member alone are left out."""
        found: dict[str, dict[str, Result]] = {}
        chosen = [area for area in self._catalogue.areas if area in areas]
        for item in (item for area in chosen for item in self._results.of_area(area)):
            alone = [key for key, _ in item.dims] == [self.dimension] and isinstance(item.entry, Element)
            if alone and item.entry.id not in told:
                found.setdefault(item.entry.id, {})[dict(item.dims)[self.dimension]] = item
        return {key: members for key, members in found.items() if sum(map(tellable, members.values())) > 1}

    def _count_head(self, found: Mapping[str, Result]) -> list[Run]:
        sample = next(iter(found.values()))
        unit = self._tell.counting_word(sample).strip()
        name = sample.entry.zh if self.zh else sample.entry.en
        text = name if not unit else f"{name}（{unit}）" if self.zh else f"{name} ({unit})"
        return self._book.words(text, source=self._catalogue.stated(sample.entry.id), role="label", subject=sample.entry.id)

    def _whole(self) -> str:
        return self._tell.whole() if self.zh else "Total"

    def _numbered(self, place: int, count: int) -> str:
        if count == 1:
            return ""
        return f"（{_ORDINALS[place]}）" if self.zh else f" ({chr(ord('a') + place)})"

    # --- figure ----------------------------------------------------------------------------------------------------------

    def _funnel_chart(self, found: Funnel) -> None:
        """Draw the members judged by denominator and value between the limits; what the axes say stands in the note below, too."""
        entry = found.overall.entry
        assert isinstance(entry, Indicator)
        named = found.standing_out or found.outside_inner
        units = [self._unit(one, named=one in named) for one in found.judged]
        plot = charts.Plot(units, self._limits(found))
        symbol = self._catalogue.units[found.overall.unit].symbol
        across = [(tick, self._tick(found, "across", tick)) for tick in ticks(*plot.across, most=7)]
        up = [(tick, self._tick(found, "up", tick, symbol=symbol)) for tick in ticks(*plot.up, most=6)]
        unit, label, tell = self._denominator_unit(entry), self._tell.label(found.overall), self._tell
        bracket = (f"（{unit}）" if self.zh else f" ({unit})") if unit else ""
        titles = ("分母" if self.zh else "Denominator") + bracket, self._heads([blocks.plain(label)])[0]
        axes = (
            charts.Axis(titles[0], [(float(tick), shown["text"]) for tick, shown in across]),
            charts.Axis(titles[1], [(float(tick), shown["text"]) for tick, shown in up]),
        )
        whole = tell.fact(found.overall)
        chart = charts.funnel(
            plot,
            centre=(float(found.overall.value or 0), (self._whole() if self.zh else "the whole ") + whole["text"]),
            axes=axes,
            coverages=(_INNER, _OUTER),
            salt=f"{self.name}-{found.overall.ref}",
        )
        caption = tell.join(f"各{self._noun}", label, "漏斗图") if self.zh else tell.join(label, f": funnel of {self._noun}s")
        alt = self._apart(found, named, whole)
        note = self._key_to_plot([shown for _, shown in across], [shown for _, shown in up], whole, unit)
        if found.widened:
            zh, en = (
                f"各{self._noun}相差普遍超过随机波动，控制限已放宽。",
                f" {self._noun.capitalize()}s spread more widely than chance: limits are widened.",
            )
            note = tell.join(note, zh if self.zh else en)
        self._figure(chart, caption, alt, notes=[note])

    def _apart(self, found: Funnel, named: Sequence[Standing], whole: Run) -> str:
        """Return the message of a picture of members: who stands high, who low, with their values, and that of the whole."""
        said = []
        words = _WORDS_ZH if self.zh else _WORDS_EN
        for place in (Place.ABOVE, Place.RATHER_ABOVE, Place.RATHER_BELOW, Place.BELOW):
            side = [one for one in named if one.place is place]
            values = [charts.Bar(0, self._tell.fact(one.result)["text"]) for one in side]
            if side:
                listed = self._listed([self._member(one.member) for one in side], values)
                said.append(f"{listed}{words[place]}" if self.zh else f"{words[place]}: {listed}")
        rest = len(found.judged) > len(named)
        if rest:
            said.append(f"其余{self._noun}在控制限以内" if self.zh else f"the other {self._noun}s lie within the limits")
        said.append(f"{self._whole()}{whole['text']}" if self.zh else f"the whole: {whole['text']}")
        return ("；" if self.zh else "; ").join(said)

    def _members_chart(self, found: Sequence[Funnel]) -> None:
        """Draw the rates in which few members differ beyond chance beside each other, a row a member."""
        tell = self._tell
        keys = in_order(self._results, [one.member for item in found for one in item.standings], dimension=self.dimension)
        panels, said = [], []
        for item in found:
            whole = tell.fact(item.overall)
            own = {one.member: one for one in item.standings}
            spots = [self._spot(own.get(key)) for key in keys]
            centre = f"{self._whole()}{whole['text']}" if self.zh else f"the whole {whole['text']}"
            label = self._plain_label(item.overall)
            panels.append(charts.Panel(self._heads([label])[0], (float(item.overall.value or 0), centre), spots))
            words = _WORDS_ZH if self.zh else _WORDS_EN
            shown = []
            for key, spot in zip(keys, spots, strict=True):
                if spot is not None:
                    word = "" if not spot.side else words[own[key].place] if self.zh else f" ({words[own[key].place]})"
                    shown.append((self._member(key), charts.Bar(spot.value, spot.label + word)))
            listed = self._listed([name for name, _ in shown], [bar for _, bar in shown])
            said.append(f"{label}，{listed}，{centre}" if self.zh else f"{label}: {listed}, {centre}")
        names = self._heads([self._member(key) for key in keys])
        chart = charts.members(names, panels, salt=f"{self.name}-members")
        caption = f"各{self._noun}相差明显的指标" if self.zh else f"Rates in which {self._noun}s differ"
        text = (
            f"注：点划线为{self._whole()}，各图比例尺不同。三角为超出控制限的{self._noun}（实心超出{_OUTER}，空心超出{_INNER}），圆圈为控制限以内的。"
            if self.zh
            else f"Note: dash-dotted line: the whole; each panel has its own scale. Triangles lie outside the limits (filled: {_OUTER}; "
            f"hollow: {_INNER}), circles within."
        )
        if any(spot is None for panel in panels for spot in panel.spots):
            text += (
                "“—”表示没有数值或分母过少。" if self.zh else " A dash marks a place without a rate or with too few to judge."
            )
        self._figure(chart, [run(caption)], ("；" if self.zh else "; ").join(said), notes=[self._words(text)])

    def _spot(self, one: Standing | None) -> charts.Spot | None:
        """Return a member's spot; nothing where it is too small to be judged, for its rate stands nowhere then."""
        if one is None or one.place is Place.TOO_FEW:
            return None
        side = 0 if one.place is Place.WITHIN else 1 if one.high else -1
        strong = one.place in (Place.ABOVE, Place.BELOW)
        return charts.Spot(float(one.result.value or 0), self._tell.fact(one.result)["text"], side, strong)

    def _unit(self, one: Standing, *, named: bool) -> charts.Unit:
        return charts.Unit(
            total=float(one.result.denominator or 0),
            value=float(one.result.value or 0),
            side=0 if one.place is Place.WITHIN else 1 if one.high else -1,
            strong=one.place in (Place.ABOVE, Place.BELOW),
            name=self._member(one.member) if named else "",
        )

    def _limits(self, found: Funnel) -> list[tuple[float, float, float, float, float]]:
        """Return the lines from a little below the smallest denominator to a little above the largest, in the indicator's unit."""
        assert isinstance(found.overall.entry, Indicator)
        totals = [float(one.result.denominator or 0) for one in found.judged]
        margin = max((max(totals) - min(totals)) * 0.05, max(totals) * 0.02)
        grid = np.linspace(max(min(totals) - margin, 1.0), max(totals) + margin, 120)
        scale, centre = float(found.overall.entry.multiplier), share_of(found.overall)
        inner, outer = (
            stats.widened_curve(grid, centre, confidence=coverage, variance=found.variance) for coverage in (INNER, OUTER)
        )
        edges = [side * scale for side in (outer[0], inner[0], inner[1], outer[1])]
        return [(float(n), float(a), float(b), float(c), float(d)) for n, a, b, c, d in zip(grid, *edges, strict=True)]

    def _tick(self, found: Funnel, axis: str, tick: Fraction, *, symbol: str = "") -> Run:
        """Return the run of a number on an axis: a fact of role ``axis`` whose sources are the figures the axis spans."""
        display = exact_text(tick) + symbol
        return self._book.add(
            Fact(
                fact=f"{self._book.chapter}:{found.overall.ref}:axis-{axis}:{display}",
                chapter=self._book.chapter,
                indicator=found.overall.entry.id,
                dims=found.overall.dims,
                role="axis",
                display=display,
                value=tick,
                status="stated",
                sources=tuple(str(cell) for cell in found.overall.cells) or _files([found]),
            )
        )

    def _denominator_unit(self, entry: Indicator) -> str:
        """Return the counting word of the denominator, nothing where its terms are counted differently."""
        units = {self._catalogue.entries[term.entry].unit for term in entry.denominator}
        if len(units) != 1:
            return ""
        unit = self._catalogue.units[units.pop()]
        return unit.zh if self.zh else unit.en

    def _key_to_plot(self, across: Sequence[Run], up: Sequence[Run], whole: Run, unit: str) -> list[Run]:
        tell = self._tell
        listed = [tell.join(*_with_comma(ticks, "、" if self.zh else ", ")) for ticks in (across, up)]
        if self.zh:
            return tell.join(
                *(
                    "注：横轴为分母，刻度",
                    listed[0],
                    unit,
                    "；纵轴刻度",
                    listed[1],
                    f"。点划线为{self._whole()}",
                    whole,
                    "，虚线为",
                ),
                *(self._words(_INNER), "控制限，实线为", self._words(_OUTER), "控制限。三角为超出控制限的", self._noun),
                *(
                    "（实心超出",
                    self._words(_OUTER),
                    "，空心超出",
                    self._words(_INNER),
                    "），圆圈为控制限以内的",
                    self._noun,
                    "。",
                ),
            )
        return tell.join(
            *(
                "Note: denominator across, at ",
                listed[0],
                "; rate up, at ",
                listed[1],
                ". Dash-dotted line: the whole, ",
                whole,
            ),
            *(
                "; dashed lines: ",
                self._words(_INNER),
                " limits; solid lines: ",
                self._words(_OUTER),
                " limits. Triangles lie outside ",
            ),
            *("(filled: outside ", self._words(_OUTER), "; hollow: outside ", self._words(_INNER), "), circles within."),
        )


def _with_comma(runs: Sequence[Run], comma: str) -> list[Any]:
    return [piece for place, one in enumerate(runs) for piece in ((comma, one) if place else (one,))]


def _files(found: Sequence[Funnel]) -> tuple[str, ...]:
    """Return the files the figures of funnels come from."""
    return tuple(dict.fromkeys(cell.file for item in found for one in item.standings for cell in one.result.cells))


def _evenly(items: Sequence[_T], *, most: int) -> list[Sequence[_T]]:
    """Return the items in as few parts as hold at most ``most`` each, of sizes that differ by one at the most."""
    count = -(-len(items) // most)
    return [items[len(items) * part // count : len(items) * (part + 1) // count] for part in range(count)]
