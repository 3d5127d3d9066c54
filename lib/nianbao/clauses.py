"""Clauses on one result: its name and figure, how it moved, how it stands to its target, what is missing.

Deterministic, in official Chinese or plain English; direction words follow the sign, unit words the unit, and a difference that rounds
to nothing is said as none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from nianbao import english
from nianbao.blocks import Run, plain
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Method, Nature, Setter
from nianbao.formulas import Term, dated, reference
from nianbao.indicators import Result, term_dims, without_place
from nianbao.periods import PeriodKind
from nianbao.phrasing import Phrases, Piece
from nianbao.values import BLANK, Status

_NO_NAMES = ("总", "估算", "同期", "指", "系", "农村")
"""What a label must not end in once 数 is dropped: 档案总数, 患者估算数."""
_FOUND = ("发现", "发生")
"""Verbs that can be denied without accusing the office of not having worked: 未发现, 未发生, but never 未查处."""
_FAMILIES = frozenset({"household", "couple"})
"""Units that say who receives what a label names, not how much of it: aid for 8 households, never 8 households of aid."""


class Clauses(Phrases):
    """What a chapter says of one result; every number it prints is registered in the chapter's fact book."""

    def amount(self, result: Result, role: str = "value") -> list[Run]:
        """Return figure and counting word, e.g. ``151人`` or ``70余篇``."""
        return self.join(self.fact(result, role), self._word_for(self.aspect(result, role)[0], self.measure(result)))

    def _word_for(self, size: Fraction | None, measure: str) -> str:
        return english.singular(measure) if not self.zh and size is not None and abs(size) == 1 else measure

    def movement(self, result: Result) -> list[Run]:
        """Return the clause that compares with the year before, or nothing: ``比上年减少15人，下降18%``."""
        before = self.year_before([result])
        level = f"，与{before}持平" if self.zh else f", unchanged on {before}"
        change = self.companion(result, Method.CHANGE)
        percent = self.companion(result, Method.CHANGE_PCT)
        if change is not None and change.value is not None:
            if change.value == 0:
                return self.join(level)
            return self._moved(result, change.value > 0, self.magnitude(change), percent)
        if result.change is None:
            return []
        symbol = self.mark(result)
        _, shown = self.aspect(result, "change")
        if not Fraction(shown or "0"):
            return self.join(level)
        ratio = isinstance(result.entry, Indicator) and result.entry.method is Method.RATIO
        if symbol or ratio:
            unit, up = self.catalogue.units[result.unit], result.change > 0
            points = unit.difference_zh if self.zh else f" {unit.difference_en}".rstrip()
            if self.zh:
                rise = "上升" if ratio else "提高"
                return self.join(f"，比{before}", rise if up else "下降", self.fact(result, "change"), points)
            return self.join(", ", "up " if up else "down ", self.fact(result, "change"), points, f" on {before}")
        return self._moved(result, result.change > 0, self.fact(result, "change"), None, result)

    def _moved(self, result: Result, up: bool, size: Run, percent: Result | None, own: Result | None = None) -> list[Run]:
        before, measure = self.year_before([result]), self.counting_word(result)
        relative: list[Piece] = []
        if percent is not None and percent.value is not None:
            if Fraction(self.results.rounding(abs(percent.value), percent.entry.decimals)):
                relative = [self.magnitude(percent)]
        elif own is not None and Fraction(self.aspect(own, "change_pct")[1].rstrip("%") if own.previous else 0):
            relative = [self.fact(own, "change_pct")]
        if self.zh:
            words = self.join(f"，比{before}", "增加" if up else "减少", size, measure)
            return self.join(words, "，增长" if up else "，下降", *relative) if relative else words
        if result.unit != "yuan" and english.is_plural(self.label_text(result.entry, result.dims)):
            measure = ""  # what is counted stands before the figure already
        less = " less" if result.unit == "yuan" else " fewer"
        words = self.join(
            ", ", size, self._word_for(Fraction(size["text"]), measure), " more" if up else less, f" than {before}"
        )
        return self.join(words, " (up " if up else " (down ", *relative, ")") if relative else words

    def shows_change(self, result: Result) -> bool:
        """True when the change is not nothing at the decimals that are printed."""
        return bool(Fraction(self.aspect(result, "change")[1] or "0"))

    def magnitude(self, result: Result) -> Run:
        """Return the run for the size of a change, its sign left to the words."""
        assert result.value is not None
        symbol = self.mark(result)
        size = abs(result.value)
        shown = f"{self.results.rounding(size, result.entry.decimals):f}{symbol}"
        return self.book.add(self.fact_of(result, "magnitude", size, shown))

    def companion(self, result: Result, method: Method) -> Result | None:
        """Return the change indicator the catalogue defines for an element, for the same dimension values."""
        for entry in self.catalogue.of_area(result.entry.area):
            compares = (
                isinstance(entry, Indicator)
                and entry.method is method
                and [t.entry for t in entry.numerator] == [result.entry.id]
            )
            found = self.results.get(reference(entry.id, result.dims)) if compares else None
            if found is not None and found.value is not None:
                return found
        return None

    def nought(self, result: Result) -> list[Run]:
        """Return the figure of a rate that is exactly nought as a sentence gives it, 0 and not 0.00%; the table keeps its decimals."""
        known = self.book.facts[self.fact(result)["fact"]]
        return self.join(self.book.add(replace(known, fact=f"{known.fact}_nought", display="0")))

    def few_words(self, result: Result) -> list[Run]:
        """Return the clause that gives the events behind a rate on tiny numbers, and no rate: ``5岁以下儿童死亡2例，人数少，…``."""
        assert isinstance(result.entry, Indicator)
        side = self._side(result, "numerator")
        label = self.label(result)
        if side is not None:
            if not side.value and (none := self.none_of(side)):
                return none
            counted = self.counting(side)
        else:
            words = result.entry.numerator_zh if self.zh else result.entry.numerator_en
            before, after = (words or label, "") if self.zh else ("", " ")
            counted = self.join(before, self.fact(result, "numerator"), after, [] if self.zh else words or label)
        if self.zh:
            return self.join(counted, "，人数少，波动大，不以", label, "评价")
        there = "there was " if result.numerator == 1 else "there were "
        return self.join(there, counted, ", too few to judge by ", self.named_rate(result))

    def none_of(self, result: Result) -> list[Run]:
        """Return the words for a true zero of what befalls people (未发生安全事故, 无移送案件), or nothing where it is none."""
        if not self.is_none(result):
            return []
        self.fact(result)
        name = result.entry.zh if self.zh else result.entry.en
        label = self.label(result) if result.dims else self.book.words(
            name, source=self.catalogue.stated(result.entry.id), role="label", subject=result.entry.id
        )  # fmt: skip
        if not self.zh:
            return self.join("there were no " if english.is_plural(plain(label)) else "there was no ", label)
        return self.join(f"未{result.entry.verb_zh}" if result.entry.verb_zh in _FOUND else "无", label)

    def is_none(self, result: Result) -> bool:
        """True for an exact zero of a flow that counts happenings (cases, deaths, accidents), written as a figure."""
        if result.value != 0 or not result.exact or (self.zh and result.status is Status.ZERO and result.raw):
            return False
        flow = not isinstance(result.entry, Element) or result.entry.nature is Nature.FLOW
        return flow and self.catalogue.units[result.unit].happening

    def idle(self, result: Result) -> bool:
        """True for an exact zero of work done or money paid: a sentence leaves it out, the table keeps it."""
        if result.value != 0 or not result.exact or (result.status is Status.ZERO and result.raw):
            return False
        done = not isinstance(result.entry, Element) or result.entry.nature in (Nature.FLOW, Nature.AMOUNT)
        return done and not self.catalogue.units[result.unit].happening

    def against_target(self, result: Result) -> list[Run]:
        """Return the clause that sets a result against its target: ``，比责任目标92%高4.73个百分点``.

        A difference that rounds to nothing is said to be slight (略低于), for it decides the verdict; a bound only reaches its target.
        """
        if result.target is None or result.met is None:
            return []
        unit = self.catalogue.units[result.unit]
        hair = result.deviation and not Fraction(self.aspect(result, "deviation")[1])
        if self.zh:
            name = {Setter.RESPONSIBILITY: "责任目标", Setter.TASK: "任务目标", Setter.REFERENCE: "参考值"}[
                result.target.setter
            ]
            if result.deviation is None:
                return self.join(f"，达到{name}", self.fact(result, "target"))
            if not result.deviation:
                return self.join(f"，与{name}", self.fact(result, "target"), "持平")
            side = "高" if result.deviation > 0 else "低"
            if hair:
                return self.join(f"，略{side}于{name}", self.fact(result, "target"))
            return self.join(
                f"，比{name}", self.fact(result, "target"), side, self.fact(result, "deviation"), unit.difference_zh
            )
        name = {Setter.RESPONSIBILITY: "target", Setter.TASK: "task", Setter.REFERENCE: "reference value"}[result.target.setter]
        if result.deviation is None:
            return self.join(f", reaching the {name} of ", self.fact(result, "target"))
        if not result.deviation:
            return self.join(f", level with the {name} of ", self.fact(result, "target"))
        side = "above" if result.deviation > 0 else "below"
        if hair:
            return self.join(f", just {side} the {name} of ", self.fact(result, "target"))
        return self.join(
            ", ", self.fact(result, "deviation"), f" {unit.difference_en} {side} the {name} of ", self.fact(result, "target")
        )

    def _side(self, result: Result, side: str) -> Result | None:
        """Return the single figure a numerator or denominator is made of, when the return gives it at the result's own dimensions.

        A village's or a type's number never stands for the whole's, even where it is the only one given.
        """
        assert isinstance(result.entry, Indicator)
        terms = self._terms(result, side)
        if len(terms) != 1 or terms[0].back:
            return None
        entry, year = self.catalogue.entries[terms[0].entry], self.results.year
        wanted = term_dims(terms[0], result.entry, result.dims, entry=entry, year=year)
        found = self.results.get(reference(entry.id, wanted))
        return found if found is not None and found.status not in BLANK else None

    def side(self, result: Result, side: str) -> Result | None:
        """Return the single figure that the ``numerator`` or ``denominator`` of a rate is, or None."""
        return self._side(result, side)

    def lacking(self, result: Result, task: Result, done: Result) -> list[Run]:
        """Return what a running task still lacks, with its counting word; nothing where that is not known exactly."""
        if task.value is None or done.value is None or not (task.exact and done.exact) or done.value >= task.value:
            return []
        size = task.value - done.value
        cells = dict.fromkeys(str(cell) for cell in (*task.cells, *done.cells))
        made = replace(self.fact_of(result, "lacking", size, f"{self.results.rounding(size, 0):f}"), unit=task.unit)
        return self.join(self.book.add(replace(made, sources=tuple(cells))), self._word_for(size, self.measure(task)))

    def _terms(self, result: Result, side: str) -> tuple[Term, ...]:
        """Return the terms of one side of the formula that applies to a result."""
        assert isinstance(result.entry, Indicator)
        inside = without_place(result.dims)
        case = next((case for case in result.entry.cases if dated(case.dims, self.results.year) == inside), None)
        terms: tuple[Term, ...] = getattr(case or result.entry, side)
        return terms

    def counting(self, result: Result, role: str = "value", *, verb: str = "") -> list[Run]:
        """Return label and figure, what is counted said once: 牛存栏86头, 20 health lectures; ``verb`` stands before it in English."""
        if self.zh:
            return self.join(self._counted_label(result), self.amount(result, role))
        name = self.label_text(result.entry, result.dims)
        name = english.without_participle(name, verb) if verb else name
        size, _ = self.aspect(result, role)
        label = self.named(result, english.one_of(name) if size == 1 and english.is_plural(name) else name)
        figure, amount = self.fact(result, role), self.amount(result, role)
        unit = self.catalogue.units[result.unit]
        if result.unit == "yuan":
            if english.is_plural(name) or not verb:
                return self.join(label, " of ", amount)
            return self.join(amount, " on " if verb == "spent" else " in ", label)
        if english.is_plural(name):
            return self.join(figure, " ", label)
        if result.unit in _FAMILIES:
            return self.join(label, " for ", amount)
        if self.measure(result):
            return self.join(amount, " of ", label)
        flow = not isinstance(result.entry, Element) or result.entry.nature is Nature.FLOW
        if flow and not unit.symbol and not unit.spoken_en:
            return self.join(label, " for ", figure, self._word_for(size, f" {unit.en}"))
        return self.join(self.named(result, english.indefinite(name)), " of ", figure)

    def named(self, result: Result, text: str) -> list[Run]:
        """Return a name of a result as runs, in the words given."""
        return self.book.words(text, source=self.catalogue.stated(result.entry.id), role="label", subject=result.entry.id)

    def named_rate(self, result: Result) -> list[Run]:
        """Return the name of a rate as a sentence speaks of it: 剖宫产率, the caesarean rate."""
        return (
            self.label(result)
            if self.zh
            else self.named(result, english.with_article(self.label_text(result.entry, result.dims)))
        )

    def is_or_are(self, result: Result) -> str:
        """Return the English verb that follows the name of a rate."""
        return " were " if english.is_plural(self.label_text(result.entry, result.dims)) else " was "

    def measured(self, result: Result) -> list[Run]:
        """Return the clause that gives a rate: 剖宫产率为50.00%, the caesarean rate was 50.00%; a sex ratio with what it is a ratio to."""
        if self.zh:
            nought = result.value == 0 and result.exact
            return self.join(
                self.label(result), "为", self.nought(result) if nought else self.amount(result), self.to_what(result)
            )
        if self.measure(result) and english.is_plural(self.label_text(result.entry, result.dims)):
            return self.join("there were ", self.fact(result), " ", self.label(result))
        return self.join(self.named_rate(result), self.is_or_are(result), self.amount(result), self.to_what(result))

    def to_what(self, result: Result) -> list[Run]:
        """Return what a ratio is a ratio to, at its first mention in a chapter, with the counts where a side is a sum: （女=100）."""
        if not isinstance(result.entry, Indicator) or result.entry.method is not Method.RATIO or result.value is None:
            return []
        pieces: list[Piece] = []
        if not self._ratio_told:
            self._ratio_told = True
            base = self.catalogue.units[result.unit].zh if self.zh else "females = 100"
            pieces.append(
                self.book.words(base, source=self.catalogue.stated(result.entry.id), role="definition", subject=result.unit)
            )
        sides = [self._summed(result, side) for side in ("numerator", "denominator")]
        if all(sides) and any(len(side) > 1 for side in sides):
            told = [self.listed([self._named_amount(item) for item in side]) for side in sides]
            joint = "，" if self.zh else ", and "
            pieces.append(self.join("，" if pieces and self.zh else "; " if pieces else "", "按" if self.zh else "from "))
            pieces.append(self.join(told[0], joint, told[1], "计算" if self.zh else ""))
        if not pieces:
            return []
        return self.join("（" if self.zh else " (", *pieces, "）" if self.zh else ")")

    def _summed(self, result: Result, side: str) -> list[Result]:
        """Return the figures above nought that one side of a ratio is the sum of; nothing where one is not known."""
        terms = self._terms(result, side)
        found = [
            self.results.get(reference(term.entry, tuple(sorted({**dict(result.dims), **dict(term.dims)}.items()))))
            for term in terms
        ]
        known = [item for item in found if item is not None and item.value]
        return known if sum(item.value or 0 for item in known) == getattr(result, side) else []

    def listed(self, items: Sequence[Sequence[Run]]) -> list[Run]:
        """Return things in a row: A、B和C never, A、B、C in Chinese, for names hold 和; A, B and C in English."""
        if self.zh:
            return self.join(*self._enumerated(items, "、"))
        return self.join(*(piece for pair in zip(english.ends(len(items)), items, strict=True) for piece in pair))

    def _counted_label(self, result: Result) -> list[Run]:
        """Return the label without the words that the figure beside it says again: 献血128人次, 牛存栏86头, 节育奖励1100元.

        Left out are the counting word it ends in, 人数, 金额 or 数; kept where what is left would be no name (村数, 总数).
        """
        label, measure = self.label(result), self.measure(result)
        last = label[-1]["text"] if label and "fact" not in label[-1] else ""
        endings = [measure] if len(measure) > 1 else []
        if measure:
            endings += ["金额"] if result.unit == "yuan" else [f"{measure}数", "人数", "数"]
        for ending in endings:
            rest = last.removesuffix(ending)
            if rest != last and rest.endswith(_NO_NAMES):
                return label
            if rest != last and len(rest) > (0 if ending == measure else 1):
                return [*label[:-1], {**label[-1], "text": rest}]
        return label

    def _named_amount(self, result: Result) -> list[Run]:
        return self.join(self.label(result), self.amount(result)) if self.zh else self.counting(result)

    def _enumerated(self, items: Iterable[Sequence[Run]], comma: str) -> list[Piece]:
        """Return the items with ``comma`` between them."""
        pieces: list[Piece] = []
        for place, item in enumerate(items):
            pieces += [comma if place else "", item]
        return pieces

    def shortfall(self, result: Result) -> list[Run]:
        """Return the sentence that names a missed target: by how much, and how many persons or cases."""
        unit = self.catalogue.units[result.unit]
        if result.target is None or result.deviation is None:
            raise ValueError(f"{result.ref} has no target to fall short of")
        advisory = result.target.setter is Setter.REFERENCE
        low = result.deviation < 0
        hair = not Fraction(self.aspect(result, "deviation")[1])
        if self.zh:
            name = "参考值" if advisory else "目标"
            side = ("略" if hair else "") + ("低于" if low else "高于")
            day: list[Piece] = (
                [self.until(result), "，"] if result.period.kind is PeriodKind.AS_OF and self._in_the_year(result) else []
            )
            pieces: list[Piece] = [
                *day,
                self.label(result),
                "为",
                self.fact(result),
                "，",
                side,
                name,
                self.fact(result, "target"),
            ]
            if not hair:
                pieces += ["，差" if low else "，超出", self.fact(result, "deviation"), unit.difference_zh]
            if result.gap:
                pieces += ["，还差" if low else "，多出", self.fact(result, "gap"), self.gap_word(result)]
            if result.straddles:
                pieces.append("，差距在偶然波动范围内")
            return self.join(*pieces)
        name = "reference value" if advisory else "target"
        distance: list[Piece] = ["just "] if hair else [self.fact(result, "deviation"), f" {unit.difference_en} "]
        dated = result.period.kind is PeriodKind.AS_OF and self._in_the_year(result)
        start: list[Piece] = [self.until(result), ", "] if dated else []
        pieces = [*start, self.named_rate(result), self.is_or_are(result), self.fact(result), ", ", *distance]
        pieces += ["below" if low else "above", f" the {name} of ", self.fact(result, "target")]
        if result.gap:
            pieces += [" (", self.fact(result, "gap"), " short)" if low else " too many)"]
        if result.straddles:
            pieces.append("; chance alone could explain the gap")
        return self.join(*pieces)

    def _in_the_year(self, result: Result) -> bool:
        """True for a day before the last of the year: the figure may still move, and a sentence on it names the day."""
        return result.period.end < dt.date(result.period.end.year, 12, 31)

    def until(self, result: Result) -> list[Run]:
        """Return the words for the day a figure stands at: 截至2020年6月底, By the end of June 2020."""
        window = result.period
        if window.ends_inside_a_month:
            said = f"截至{window.end.year}年{window.end.month}月{window.end.day}日"
            day = f"{window.end.day} {window.end:%B %Y}"
        else:
            said, day = f"截至{window.end.year}年{window.end.month}月底", f"the end of {window.end:%B %Y}"
        source = str(result.cells[0]) if result.cells else self.catalogue.stated(result.entry.id)
        return self.book.words(said if self.zh else f"By {day}", source=source, role="label", subject=result.ref)

    def gap_word(self, result: Result) -> str:
        """Return the counting word of what is missing: the numerator's."""
        if not isinstance(result.entry, Indicator):
            return "人"
        for side in ("numerator", "denominator"):
            if (found := self._side(result, side)) is not None:
                return self.measure(found)
        terms = self._terms(result, "numerator") or self._terms(result, "denominator")
        if not terms:
            return "人"
        return self.catalogue.units[dict(terms[0].dims).get("unit") or self.catalogue.entries[terms[0].entry].unit].zh

    def stated(self, result: Result) -> list[Run]:
        """Return the clause that gives a figure with its change: a rate 为 its value, a count with its counting word."""
        quotient = isinstance(result.entry, Indicator) and result.entry.method in QUOTIENTS
        return self.join(self.measured(result) if quotient else self.counting(result), self.movement(result))
