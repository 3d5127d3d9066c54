"""What a chapter tells last: figures reported that nothing above has used, so that none is lost, and what is planned for the year after."""

from __future__ import annotations

from nianbao import blocks
from nianbao.blocks import run
from nianbao.catalogue import Indicator, Method, Nature, Standing
from nianbao.composer import FEW, Composer, is_rate, tellable
from nianbao.english import ends
from nianbao.formulas import reference
from nianbao.indicators import Result, place_of
from nianbao.phrasing import Piece
from nianbao.values import BLANK, Status

_FIRST = 6
"""How many figures a sentence names of a chapter that has nothing but its remainder."""


class Remainder(Composer):
    """The figures a chapter has not told, in a sentence where they are one or two, else in tables."""

    def planned(self) -> bool:
        """Say and show what the return plans for the year after, as plans; return whether there is anything of the kind."""
        plans = [plan for plan in self._data.plans if plan.status not in BLANK]
        if not plans:
            return False
        tell = self._tell
        self._say(tell.planned(plans))
        spans = len({plan.period for plan in plans}) > 1
        words = ["项目", "单位", "计划数"] if self.zh else ["Item", "Unit", "Planned"]
        words += ["期间" if self.zh else "Period"] if spans else []
        aligns: list[blocks.Align] = ["left", "center", "right", "left"]
        columns = [blocks.column(word, align=align) for word, align in zip(words, aligns, strict=False)]
        rows = []
        for plan in plans:
            cells = [tell.row_label(plan), [run(tell.column_unit(plan))], [tell.fact(plan, "plan")]]
            rows.append(blocks.row([*cells, [run(tell.when(plan.period))]] if spans else cells))
        zh, en = (
            "注：计划数不是实绩，不计入合计，不作比较。",
            "Note: plans are no results; they enter no sum and no comparison.",
        )
        caption = "下一年计划" if self.zh else "Planned for the year after"
        table = blocks.table(
            [run(caption)], key=self._key("planned"), columns=columns, rows=rows, notes=[[run(zh if self.zh else en)]]
        )
        self._publish(table)
        return True

    def remaining(self, zh: str, en: str, *areas: str) -> None:
        """Show in one table what was reported in the chapter's work areas and is not told yet, so that nothing reported is lost.

        Figures implied by others, sums over parts that stand elsewhere, and changes (told beside their level) stay out.
        """
        told = {(fact.indicator, fact.dims) for fact in self._book.facts.values() if fact.role == "value"}
        for key in sorted(told):  # the counts behind a rate are told with it
            item = self._results.get(reference(*key))
            if item is not None and is_rate(item) and place_of(item.dims) is None:
                told |= {(part.entry.id, part.dims) for side in item.parts for part in (side, *side.parts)}
                # a count that is the sum of one part says the same as that part
                told |= {
                    (only.entry.id, only.dims)
                    for side in item.parts
                    for part in side.parts
                    if len(part.parts) == 1
                    for only in part.parts
                }
        left = [
            item
            for item in self._of_areas(areas or (self.name,))
            if tellable(item)
            and item.status is not Status.IMPLIED
            and (item.entry.id, item.dims) not in told
            and (isinstance(item.entry, Indicator) or not item.parts)
            and not (isinstance(item.entry, Indicator) and item.entry.method in (Method.CHANGE, Method.CHANGE_PCT))
        ]
        levels, rates = [item for item in left if not is_rate(item)], [item for item in left if is_rate(item)]
        caption = zh if self.zh else en
        if not self._published and left:
            caption = zh.removeprefix("其他") if self.zh else capital_first(en.removeprefix("Other "))
        tell, first = self._tell, not self._published
        if len(levels) <= FEW and all(self._sayable(item) for item in levels):
            self._say(tell.briefly(levels))
            levels = []
        elif first:
            counted = [item for item in levels if item.value is not None]
            self._say(tell.activities(counted[:_FIRST]))
        if len(rates) <= FEW and all(item.lower is None for item in rates):
            self._say(tell.rates(rates))
            rates = []
        elif first and not levels:
            self._say(tell.rates(rates[:_FIRST]))
        if levels:
            self._level_table(caption, levels)
        if rates:
            stem = caption.removesuffix("情况").removesuffix("指标")
            named = f"{stem}比率" if self.zh else f"{caption}: rates"
            self._rate_table(named if levels else caption, rates)

    def historical_note(self) -> None:
        """Close a chapter whose heading does not call its figures historical with the names of those it tells that are.

        A figure of the chapter's own work areas counts that a sentence, table or chart has given; without one there is no note.
        """
        area = self._catalogue.areas.get(self.name)
        if area is None or (area.current_zh and self._area_title(self.name) in (area.zh, area.en)):
            return
        told = dict.fromkeys(fact.indicator for fact in self._book.facts.values() if fact.role not in ("label", "definition"))
        entries = self._catalogue.entries
        past = [
            entry
            for entry in (entries[key] for key in told if key in entries)
            if entry.status is Standing.HISTORICAL
            and self._catalogue.areas[entry.area].chapter == self.name  # elsewhere (targets, scores) it is only referred to
        ]
        if not past:
            return
        stated = self._catalogue.stated
        listed: list[Piece] = []
        for entry, comma in zip(past, ends(len(past)), strict=True):
            listed.append(("、" if listed else "") if self.zh else comma)
            listed.append(
                self._book.words(entry.zh if self.zh else entry.en, source=stated(entry.id), role="label", subject=entry.id)
            )
        verb = " is a historical indicator" if len(past) == 1 else " are historical indicators"
        opening, closing = (
            ("注：", "为历史指标，现行报表不再要求填报。") if self.zh else ("Note: ", f"{verb}, no longer asked for.")
        )
        self._pending = []  # a section nothing followed in
        self._publish(blocks.note(self._tell.join(opening, *listed, closing)))

    def _sayable(self, item: Result) -> bool:
        """True for a figure a sentence can give: a count, a sum of money, a word; not a standard, a distance to a target, an idle nought."""
        if self._tell.idle(item) or item.previous is not None:
            return False
        if isinstance(item.entry, Indicator):
            return bool(self._tell.counting_word(item))
        return item.entry.nature is not Nature.STANDARD


def capital_first(words: str) -> str:
    """Return words with a capital at their head."""
    return words[:1].upper() + words[1:]
