"""How a county's chapter tells its ranking of towns: a sentence that says whom chance does not explain, then the table."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from nianbao import blocks
from nianbao.blocks import Run, run
from nianbao.catalogue import Direction, Setter
from nianbao.composer import Composer
from nianbao.facts import Fact
from nianbao.formulas import reference, split_reference
from nianbao.ranking import Excluded, Ranked, Ranking, ScoreRanking, rank_members, rank_scores
from nianbao.scoring import Scheme
from nianbao.villages import Place

_PLACES_ZH = {
    Place.ABOVE: "偏高",
    Place.RATHER_ABOVE: "略高",
    Place.WITHIN: "无明显差异",
    Place.RATHER_BELOW: "略低",
    Place.BELOW: "偏低",
    Place.TOO_FEW: "基数小，不评价",
}
_EXCLUDED = {
    Excluded.NO_FIGURE: ("未填报", "no figure"),
    Excluded.INEXACT: ("概数", "a bound or an approximation"),
    Excluded.NO_COUNTS: ("只报比率，没有分子或分母", "a rate without its counts"),
    Excluded.TOO_FEW: ("分母不足{minimum}", "a denominator below {minimum}"),
    Excluded.OTHER_WINDOW: ("统计期间不同", "another period"),
    Excluded.NO_SCHEME: ("没有考核办法或办法不同", "no scheme, or another one"),
    Excluded.NOT_SCORED: ("有项目未计分", "an item not scored"),
    Excluded.VETO: ("一票否决", "a veto"),
}


class Standings(Composer):
    """What a chapter of a place with members says of their ranks."""

    def ranking(self, *refs: str) -> None:
        """Rank the members by each indicator named, or by those with a binding target, those of ``ranking`` in params, and the score.

        Nothing for a place without members, for what has no better and worse, and where fewer than two can be ranked.

        Raises:
            UserError: a reference names no entry of the catalogue.
        """
        if not self._data.township.members or self._public:  # a public order of towns is for those to make who answer for it
            return
        for ref in refs or self._ranked_refs():
            found = rank_members(self._results, ref)
            if found is not None:
                self._say(self._ranking_words(found))
                self._ranking_table(found)
        if not refs:
            self._score_ranking()

    def _ranked_refs(self) -> tuple[str, ...]:
        params = self._data.township.years.get(self._data.year)
        if params is None:
            return ()
        made: dict[str, None] = {}
        for ref, target in params.targets.items():
            if target.setter is not Setter.REFERENCE:
                made[reference(*split_reference(ref))] = None
        return tuple(made | dict.fromkeys(params.ranking))

    # --- an indicator ------------------------------------------------------------------------------------------------

    def _ranking_label(self, found: Ranking) -> list[Run]:
        dims = tuple(pair for pair in found.ranked[0].result.dims if pair[0] != "township")
        source = self._catalogue.stated(found.entry.id)
        return self._book.words(self._tell.label_text(found.entry, dims), source=source, role="label", subject=found.entry.id)

    def _names(self, units: Sequence[str]) -> str:
        township = self._data.township
        names = [self._catalogue.dim_label("township", key, lang=self.lang, township=township) for key in units]
        return ("、" if self.zh else ", ").join(names)

    def _ranking_words(self, found: Ranking) -> list[Run]:
        join, label = self._tell.join, self._ranking_label(found)
        each = self._catalogue.dimensions["township"]
        ahead, behind = (self._names([item.unit for item in group]) for group in (found.leading, found.lagging))
        if not found.judged:
            if self.zh:
                return join(f"各{each.zh}", label, "的名次见下表，未检验差异是否超出随机波动。")
            return join(label, f" by {each.en}: ranks are below; whether chance explains them was not tested.")
        if not ahead and not behind and found.widened:
            if self.zh:
                return join(
                    f"各{each.zh}", label, f"普遍相差较大，不止随机波动，但没有明显离群的{each.zh}，名次先后不说明工作好坏。"
                )
            return join(
                label, f" by {each.en}: all spread more widely than chance explains, but none stands apart from the others."
            )
        if not ahead and not behind:
            if self.zh:
                return join(f"各{each.zh}", label, "的差异在随机波动范围内，名次先后不说明工作好坏。")
            return join(label, f" by {each.en}: chance alone explains the differences; ranks say nothing about the work.")
        chance, beyond = (
            ("随机波动范围", "随机波动范围") if self.zh else ("chance alone explains the ranks of the others", "beyond chance")
        )
        if found.widened:
            chance, beyond = ("控制限", "控制限") if self.zh else ("the others lie within the limits", "beyond the limits")
        rest = len(found.leading) + len(found.lagging) < len(found.ranked)
        if self.zh:
            parts = [f"{ahead}领先" if ahead else "", f"{behind}落后" if behind else ""]
            others = f"；其余{each.zh}的名次差异在{chance}内。" if rest else "。"
            return join(f"各{each.zh}", label, "中，", "，".join(filter(None, parts)), f"，超出{beyond}", others)
        parts = [f"{ahead} lead" if ahead else "", f"{behind} lag" if behind else ""]
        others = f"; {chance}." if rest else "."
        return join(label, f" by {each.en}: ", " and ".join(filter(None, parts)), f" {beyond}", others)

    def _ranking_table(self, found: Ranking) -> None:
        tell = self._tell
        quotient = any(item.result.denominator is not None for item in found.ranked)
        bounded = any(item.result.lower is not None for item in found.ranked)
        head = self._catalogue.dimensions["township"]
        columns = [
            blocks.column("名次" if self.zh else "Rank"),
            blocks.column(head.zh if self.zh else head.en.capitalize(), align="left"),
        ]
        if quotient:
            columns += [blocks.column(word) for word in (("分子", "分母") if self.zh else ("Numerator", "Denominator"))]
        columns.append(blocks.column("数值" if self.zh else "Value"))
        if bounded:
            share = f"{self._catalogue.outline.confidence * 100:.0f}%" + ("置信区间" if self.zh else " interval")
            words = self._book.words(
                share, source=self._catalogue.stated("confidence"), role="definition", subject="confidence"
            )
            columns.append({**blocks.column(""), "runs": words})
        if found.judged:
            columns.append(blocks.column("与全体相比" if self.zh else "Against the whole", align="left"))
        rows = []
        for item in found.ranked:
            result = item.result
            cells: list[list[Run]] = [[self._rank(found.ref, item)], [run(self._names([item.unit]))]]
            if quotient:
                cells += [[tell.fact(result, "numerator")], [tell.fact(result, "denominator")]]
            cells.append([tell.fact(result)])
            if bounded:
                known = result.lower is not None
                dash = run("～" if self.zh else " to ")
                cells.append([tell.fact(result, "lower"), dash, tell.fact(result, "upper")] if known else [run("—")])
            if found.judged and item.place is not None:
                within = found.widened and item.place is Place.WITHIN
                zh, en = ("控制限内", "within the limits") if within else (_PLACES_ZH[item.place], item.place.value)
                cells.append([run(zh if self.zh else en)])
            rows.append(blocks.row(cells))
        label = self._ranking_label(found)
        caption = tell.join(f"各{head.zh}" if self.zh else "", label, "排名" if self.zh else f": rank of each {head.en}")
        notes = self._ranking_notes(found)
        self._publish(blocks.table(caption, key=self._key("ranking"), columns=columns, rows=rows, notes=notes))

    def _rank(self, ref: str, item: Ranked) -> Run:
        result = item.result
        return self._rank_fact(ref, item.unit, item.rank, [str(cell) for cell in result.cells], entry=result.entry.id)

    def _rank_fact(self, ref: str, unit: str, rank: int, sources: Sequence[str], *, entry: str) -> Run:
        return self._book.add(
            Fact(
                fact=f"{self.name}:{ref}:rank:{unit}",
                chapter=self.name,
                indicator=entry,
                dims=(("township", unit),),
                role="rank",
                display=str(rank),
                value=Fraction(rank),
                status="computed",
                sources=tuple(sources),
            )
        )

    def _ranking_notes(self, found: Ranking) -> list[list[Run]]:
        lower = found.entry.direction is Direction.LOWER
        zh = f"注：按印出的数值{'由低到高' if lower else '由高到低'}排名，数值相同的名次并列。"
        en = f"Note: ranked by the values as printed, {'lowest' if lower else 'highest'} first; equal values share a rank."
        if found.judged:
            zh += "“偏高”“偏低”指超出99.8%精确控制限，“略高”“略低”指超出95%控制限；只有超出99.8%控制限的才称领先或落后。"
            en += " Only those outside the exact control limits of 99.8% are said to lead or to lag; rather: outside those of 95%."
            if found.widened:
                each = self._catalogue.dimensions["township"]
                zh, en = zh.replace("精确控制限", "控制限"), en.replace("the exact control", "the control")
                zh += f"各{each.zh}相差普遍超过随机波动，控制限已按实际离散程度放宽。"
                en += f" The limits are widened: {each.en}s in general spread more than chance explains."
        notes = [self._book.words(zh if self.zh else en, source="params/report.yml", role="definition", subject="ranking")]
        return notes + self._left_out(found.left_out)

    def _left_out(self, left_out: Sequence[tuple[str, Excluded]]) -> list[list[Run]]:
        """Return the note that names who is not ranked, and why; nothing when all are."""
        minimum = str(self._catalogue.outline.minimum_denominator)
        by_reason: dict[Excluded, list[str]] = {}
        for unit, reason in left_out:
            by_reason.setdefault(reason, []).append(unit)
        said = []
        for reason, units in by_reason.items():
            zh, en = (words.replace("{minimum}", minimum) for words in _EXCLUDED[reason])
            said.append(f"{self._names(units)}（{zh}）" if self.zh else f"{self._names(units)} ({en})")
        if not said:
            return []
        text = f"未参加排名：{'、'.join(said)}。" if self.zh else f"Not ranked: {'; '.join(said)}."
        return [self._book.words(text, source="params/report.yml", role="definition", subject="ranking-left-out")]

    # --- the total score ---------------------------------------------------------------------------------------------

    def _score_ranking(self) -> None:
        data = self._data
        opened = {item.township.key: item for item in data.members}
        members = [(key, self._scheme(key), opened[key].results if key in opened else None) for key in data.township.members]
        found = rank_scores(members, results=self._results)
        if found is not None:
            self._score_table(found)

    def _scheme(self, key: str) -> Scheme | None:
        own = next((item.township for item in self._data.members if item.township.key == key), None)
        params = own.years.get(self._data.year) if own is not None else None
        return self._data.scheme(params.scheme) if params is not None and params.scheme else None

    def _score_table(self, found: ScoreRanking) -> None:
        source = f"params/schemes/{found.scheme.key}.yml"
        head = self._catalogue.dimensions["township"]
        words = ("名次", head.zh, "得分") if self.zh else ("Rank", head.en.capitalize(), "Score")
        columns = [blocks.column(words[0]), blocks.column(words[1], align="left"), blocks.column(words[2])]
        rows = []
        for item in found.scored:
            rank = self._rank_fact(f"score-{found.scheme.key}", item.unit, item.rank, [source], entry=found.scheme.key)
            points = self._book.words(f"{item.shown:f}", source=source, role="score", subject=f"total-{item.unit}")
            rows.append(blocks.row([[rank], [run(self._names([item.unit]))], points]))
        title = found.scheme.zh if self.zh else found.scheme.en
        caption = [
            *self._book.words(title, source=source, role="score", subject="scheme"),
            run("总分排名" if self.zh else ": rank by total score"),
        ]
        zh = "注：总分按各自数据计算，得分相同的名次并列；得分差异可能由随机波动造成，参照上文各指标的比较。"
        en = "Note: equal scores share a rank; chance may decide between scores, see the comparison of each indicator."
        notes = [[run(zh if self.zh else en)], *self._left_out(found.left_out)]
        self._publish(blocks.table(caption, key=self._key("score-ranking"), columns=columns, rows=rows, notes=notes))
