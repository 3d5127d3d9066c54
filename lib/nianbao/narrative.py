"""Sentences from results: deterministic, in official Chinese or plain English, every number a fact, wording never against the figures.

Direction words follow the sign, unit words follow the unit (个百分点 for the difference of two percentages, 个千分点 of two ‰), a change
equal to nothing at the shown decimals reads 与上年持平, and a change that chance explains is said to be unclear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from nianbao.blocks import Run, plain
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Method, Nature, Setter
from nianbao.formulas import Term, dated, reference
from nianbao.indicators import Result, term_dims, underway, without_place
from nianbao.leading import few
from nianbao.periods import Period
from nianbao.phrasing import CLAUSES, Phrases, Piece, singular
from nianbao.values import BLANK, Status

_NO_NAMES = ("总", "估算", "同期", "指", "系")
"""What a label must not end in once 数 is dropped: 档案总数, 患者估算数."""
_FOUND = ("发现", "发生")
"""Verbs that can be denied without accusing the office of not having worked: 未发现, 未发生, but never 未查处."""


class Narrator(Phrases):
    """Writes the sentences of one chapter and registers every number it prints in the chapter's fact book."""

    # --- sentences --------------------------------------------------------------------------------------------------

    def amount(self, result: Result, role: str = "value") -> list[Run]:
        """Return figure and counting word, e.g. ``151人`` or ``70余篇``."""
        return self.join(self.fact(result, role), self._word_for(self.aspect(result, role)[0], self.measure(result)))

    def _word_for(self, size: Fraction | None, measure: str) -> str:
        return singular(measure) if not self.zh and size is not None and abs(size) == 1 else measure

    def planned(self, plans: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states what is planned, as a plan: ``2021年计划：婚前医学检查120人。``"""
        return self.per_period(plans, self._planned)

    def _planned(self, plans: Sequence[Result]) -> list[Run]:
        told = self._enumerated([self.counting(plan, "plan") for plan in plans], "；" if self.zh else "; ")
        return self.join(self.when(plans[0].period), "计划：" if self.zh else ", planned: ", *told, "。" if self.zh else ".")

    def levels(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states several levels, parts after their whole."""
        return self.per_period(results, self._levels)

    def _levels(self, known: Sequence[Result]) -> list[Run]:
        first = known[0]
        stock = isinstance(first.entry, Element) and first.entry.nature is Nature.STOCK
        pieces: list[Piece] = [
            self.when(first.period, stock=stock),
            "，" if self.zh else ", ",
            self.whole(),
            "" if self.zh else ": ",
        ]
        inside = False
        for place, result in enumerate(known):
            part = isinstance(result.entry, Element) and result.entry.part_of == first.entry.id
            if place:
                if self.zh:
                    pieces.append("，其中" if part and not inside else "、" if part else "，")
                else:
                    pieces.append(", of these " if part and not inside else ", ")
            inside = inside or part
            pieces.append(self.counting(result))
        return self.join(*pieces, "。" if self.zh else ".")

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
        words = self.join(
            ", ", size, self._word_for(Fraction(size["text"]), measure), " more" if up else " fewer", f" than {before}"
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

    def development(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        """Return level and change of a whole and its parts, with the hedge that small numbers ask for."""
        known = [part for part in parts if part.status not in BLANK]
        self._opened[total.period], self._last = 1, total.period
        sentence = self.join(
            self.when(total.period, window=True),
            "，" if self.zh else ", ",
            self.whole(),
            "" if self.zh else ": ",
            self._named_amount(total),
            self.movement(total),
            "。" if self.zh else ".",
        )
        if known:
            told = [self.join(self._named_amount(part), self.movement(part)) for part in known]
            clauses = self._enumerated(told, "；" if self.zh else "; ")
            sentence = self.join(sentence, "其中，" if self.zh else " Of these, ", *clauses, "。" if self.zh else ".")
        return self.join(sentence, self.hedge([total, *known]))

    def hedge(self, results: Sequence[Result], *, named: bool = False) -> list[Run]:
        """Return the sentence that says which changes chance alone explains, or nothing; all by name where it is to be ``named``."""
        tested = [result for result in results if result.change_clear is not None and result.change]
        unclear = [result for result in tested if result.change_clear is False]
        if not unclear:
            return []
        if len(unclear) == len(tested) and not named:
            if self.zh:
                return self.join(
                    "人数少，波动大，从统计上看上述增减变化不明显。"
                    if len(tested) > 1
                    else "人数少，波动大，从统计上看变化不明显。"
                )
            return self.join(
                " Numbers are small: chance alone could explain " + ("these changes." if len(tested) > 1 else "this change.")
            )
        names = self._enumerated([self.label(result) for result in unclear], "、" if self.zh else " and ")
        if self.zh:
            return self.join(*names, "的人数少，波动大，从统计上看变化不明显。")
        return self.join(" Numbers are small for ", *names, ": chance alone could explain the change.")

    def rates(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states several rates, each with its change and its binding target."""
        return self.per_period(results, self._rates)

    def _rates(self, known: Sequence[Result]) -> list[Run]:
        told = self.paced(self.opening(known[0].period, work=False), [self._rate(item) for item in known])
        # a sex ratio of a hundred births swings by tens of points: a bare rise would be read as one
        ratios = [item for item in known if isinstance(item.entry, Indicator) and item.entry.method is Method.RATIO]
        return self.join(told, self.hedge(ratios, named=len(ratios) < len(known)))

    def _rate(self, result: Result) -> list[Run]:
        if self.zh and result.status is Status.FULL and result.raw:
            return self.in_full(result)
        if few(result, self.catalogue.outline.minimum_denominator):
            return self.few_words(result)
        amount = self.nought(result) if self.zh and result.value == 0 and result.exact else self.amount(result)
        pieces: list[Piece] = [self.label(result), "为" if self.zh else " ", amount, self.movement(result)]
        if result.target is not None and result.target.setter is Setter.RESPONSIBILITY:
            pieces.append(self.against_target(result))
        return self.join(*pieces)

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
            counted = self.join(words or label, "" if self.zh else " ", self.fact(result, "numerator"))
        if self.zh:
            return self.join(counted, "，人数少，波动大，不以", label, "评价")
        return self.join(counted, ": numbers are too small to judge by the ", label)

    def none_of(self, result: Result) -> list[Run]:
        """Return the words for a true zero of what befalls people (未发生安全事故, 无移送案件), or nothing where it is none."""
        if not self.is_none(result):
            return []
        name = result.entry.zh if self.zh else result.entry.en
        label = self.label(result) if result.dims else self.book.words(
            name, source=self.catalogue.stated(result.entry.id), role="label", subject=result.entry.id
        )  # fmt: skip
        if not self.zh:
            return self.join("no ", label)
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

    def tasks(self, results: Sequence[Result]) -> list[Run]:
        """Return the sentence on completion against tasks: task, number done where known, rate, what is missing or beyond."""
        return self.per_period([result for result in results if self._told_task(result)], self._tasks, blank=True)

    def _told_task(self, result: Result) -> bool:
        """True for a known rate, and for one left uncomputed because the number done is a bound, which is told without a rate."""
        if result.status not in BLANK:
            return True
        done = self._side(result, "numerator")
        return done is not None and not done.exact and self._side(result, "denominator") is not None

    def _tasks(self, known: Sequence[Result]) -> list[Run]:
        complete = all(result.met for result in known if result.met is not None) and any(result.met for result in known)
        opening: list[Piece] = [self.opening(known[0].period)]
        if complete and len(known) > 1:
            opening.append("各项任务全面完成。" if self.zh else "all tasks were completed: ")
        return self.paced(self.join(*opening), [self._task(result) for result in known])

    def _task(self, result: Result) -> list[Run]:
        assert isinstance(result.entry, Indicator)
        task, done = (self._side(result, side) for side in ("denominator", "numerator"))
        if underway(result):
            return self._progress(result, task, done)
        if self.zh:
            pieces: list[Piece] = [self._task_name(result)]
            if task is not None:
                pieces += ["任务", self.amount(task), "，"]
            if done is not None:
                pieces += ["完成", self.amount(done), "，"]
            if result.status in BLANK:
                pieces.pop()  # the comma: no rate follows
            else:
                pieces += ["完成率", self.fact(result)] if result.status is not Status.FULL else [self.fact(result)]
        elif result.status in BLANK and done is not None and task is not None:
            pieces = [self.label(done), " ", self.amount(done), " (task ", self.amount(task), ")"]
        else:
            pieces = [self.label(result), " ", self.fact(result)]
            if task is not None:
                pieces += [" (task ", self.amount(task), ")"]
        if result.deviation is not None and result.target is not None and result.target.setter is Setter.TASK:
            if result.deviation < 0 and result.gap:
                unit = self.measure(task) if task is not None else ""
                pieces += ["，距任务还差" if self.zh else ", still missing ", self.fact(result, "gap"), unit]
            elif result.deviation > 0 and not Fraction(self.aspect(result, "deviation")[1]):
                pieces += ["，略超任务" if self.zh else ", just above it"]
            elif result.deviation > 0:
                pieces += ["，超额" if self.zh else ", exceeded by ", self.fact(result, "deviation"), "%"]
        return self.join(*pieces)

    def _task_name(self, result: Result) -> list[Run]:
        """Return what a task is about, in Chinese, from the name of its rate: 免费孕前优生健康检查 of …任务完成率."""
        subject = re.sub(r"(任务)?完成率$", "", plain(self.label(result)))
        return self.book.words(subject, source=self.catalogue.stated(result.entry.id), role="label", subject=result.entry.id)

    def _progress(self, result: Result, task: Result | None, done: Result | None) -> list[Run]:
        """Return the clause on the year's task at the end of a part of the year, which is no verdict: 截至6月底完成全年任务的50.00%."""
        window = result.period
        day = (f"{window.end.month}月" if self.zh else f"{window.end:%B}") if not window.ends_inside_a_month else ""
        said = (f"截至{day}底" if self.zh else f"by the end of {day}") if day else ""
        until = said or (f"截至{window.end.month}月{window.end.day}日" if self.zh else f"by {window.end:%B}")
        ending = self.book.words(until, source=str(result.cells[0]), role="label", subject=result.ref)
        if not self.zh:
            size: list[Piece] = [" (task ", self.amount(task), ")"] if task is not None else []
            return self.join(self.label(result), *size, ": ", self.fact(result), " of the year's task ", ending)
        pieces: list[Piece] = [self._task_name(result)]
        pieces += ["全年任务", self.amount(task), "，"] if task is not None else []
        pieces += ["完成", self.amount(done), "，"] if done is not None else []
        return self.join(*pieces, ending, "完成全年任务的", self.fact(result))

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

    def _terms(self, result: Result, side: str) -> tuple[Term, ...]:
        """Return the terms of one side of the formula that applies to a result."""
        assert isinstance(result.entry, Indicator)
        inside = without_place(result.dims)
        case = next((case for case in result.entry.cases if dated(case.dims, self.results.year) == inside), None)
        terms: tuple[Term, ...] = getattr(case or result.entry, side)
        return terms

    def listing(self, results: Sequence[Result], *, verb: bool = True) -> list[Run]:
        """Return an enumeration with the catalogue's verbs, equal verbs said once: ``举办讲座15场、咨询活动10余次；发放…``."""
        return self.join(*self._enumerated(self._grouped(results, verb=verb), "；" if self.zh else "; "))

    def _grouped(self, results: Sequence[Result], *, verb: bool = True) -> Iterator[list[Run]]:
        """Yield a clause a verb, at most five things each; zeros of work done are left out, zeros of happenings come last."""
        known = [result for result in results if result.status not in BLANK and not self.idle(result)]
        groups: dict[str, list[Result]] = {}
        for result in known:
            if not self.is_none(result):
                word = (result.entry.verb_zh if self.zh else result.entry.verb_en) if verb else ""
                groups.setdefault(word, []).append(result)
        for word, members in groups.items():
            for start in range(0, len(members), CLAUSES):
                first, *others = members[start : start + CLAUSES]
                told = [self._listed(first, word), *(self._listed(result, "") for result in others)]
                yield self.join(*self._enumerated(told, "、" if self.zh else ", "))
        for result in known:
            if self.is_none(result):
                yield self.none_of(result)

    def _listed(self, result: Result, word: str) -> list[Run]:
        if not self.zh:
            return self.counting(result)
        if result.status is Status.ZERO and result.raw:
            return self.join(self.fact(result), self.label(result))
        if result.status is Status.FULL and result.raw:
            return self.join(self.label(result), "：", self.fact(result))
        return self.join(word, self.counting(result))

    def counting(self, result: Result, role: str = "value") -> list[Run]:
        """Return label and figure, what is counted said once: 牛存栏86头, health lectures 20."""
        if self.zh:
            return self.join(self._counted_label(result), self.amount(result, role))
        again = self.catalogue.units[result.unit].en.split()[-1] in plain(self.label(result)).split()
        return self.join(self.label(result), " ", self.fact(result, role) if again else self.amount(result, role))

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
            if rest != last and len(rest) > (0 if ending == measure else 1) and not rest.endswith(_NO_NAMES):
                return [*label[:-1], {**label[-1], "text": rest}]
        return label

    def per_period(
        self, results: Sequence[Result], tell: Callable[[Sequence[Result]], list[Run]], *, blank: bool = False
    ) -> list[Run]:
        """Return what ``tell`` says of the results of each period in turn, for a sentence must not date a figure by another's.

        Results without a figure are left out unless ``blank``.
        """
        groups: dict[Period, list[Result]] = {}
        for result in results:
            if blank or result.status not in BLANK:
                groups.setdefault(result.period, []).append(result)
        pieces: list[Piece] = []
        for members in groups.values():
            pieces += [" " if pieces and not self.zh else "", tell(members)]
        return self.join(*pieces)

    def activities(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that lists what was done, a composite before its parts."""
        return self.per_period(results, self._activities)

    def _activities(self, known: Sequence[Result]) -> list[Run]:
        clauses: list[list[Run]] = []
        taken: set[str] = set()
        for result in known:
            parts = self._parts_among(result, known)
            if len(parts) > 1 and result.ref not in taken and result.value:
                told: list[Piece] = [self._listed(result, result.entry.verb_zh if self.zh else result.entry.verb_en)]
                done = [part for part in parts if part.value]
                if done:
                    told += ["，其中" if self.zh else ", of these ", self.listing(done, verb=False)]
                clauses.append(self.join(*told))
                taken |= {result.ref, *(part.ref for part in parts)}
            elif len(parts) > 1 and self.is_none(result):
                taken |= {part.ref for part in parts}  # none at all says it of every kind
        clauses += self._grouped([result for result in known if result.ref not in taken])
        return self.paced(self.opening(known[0].period), clauses) if clauses else []

    def _parts_among(self, result: Result, known: Sequence[Result]) -> list[Result]:
        """Return those of ``known`` that ``result`` is the sum of: of a county, whose totals are sums of towns, its kinds all the same."""
        own = {part.ref for part in result.parts} - {result.ref}
        summed = [other for other in known if other.ref in own]
        if len(summed) > 1 or not isinstance(result.entry, Element):
            return summed
        for dim, sets in result.entry.partitions.items():
            for values in sets:
                found = [
                    other
                    for other in known
                    if other.entry is result.entry
                    and set(result.dims) <= set(other.dims)
                    and [name for name, _ in set(other.dims) - set(result.dims)] == [dim]
                    and ("*" in values or dict(other.dims)[dim] in values)
                ]
                complete = "*" in values or len(found) == len(values)
                if len(found) > 1 and complete and sum(other.value or 0 for other in found) == result.value:
                    return found
        return summed

    def funds(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        """Return the sentence on a composite fund: total, number of items, the largest three with their shares."""
        known = sorted((part for part in parts if part.value), key=lambda part: -(part.value or 0))
        opening = self.join(
            self.when(total.period),
            "，" if self.zh else ", ",
            self.whole(),
            (total.entry.verb_zh or "落实") if self.zh else ": ",
            self.join(plain(self.label(total)).removesuffix("总额")) if self.zh else self.label(total),
            "" if self.zh else " ",
            self.amount(total),
        )
        if not known or not total.value:
            return self.join(opening, "。" if self.zh else ".")
        count = self.counted(total.ref, len(known), (str(cell) for cell in total.cells))
        told = [
            self.join(self._named_amount(part), "，占" if self.zh else " (", self.share(part, total), "" if self.zh else ")")
            for part in known[:3]
        ]
        return self.join(
            *(opening, "，涉及" if self.zh else " in ", count, "项。其中，" if self.zh else " items. The largest: "),
            *self._enumerated(told, "；" if self.zh else "; "),
            "。" if self.zh else ".",
        )

    def funds_without_total(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        """Return the sentence on a composite fund that cannot be summed: which items are open, and why, and what the others are."""
        comma, stop = ("、", "，") if self.zh else (", ", "; ")
        masked = [part for part in parts if part.status is Status.MASKED]
        silent = [part for part in parts if part.status in BLANK and part not in masked]
        clauses: list[Piece] = []
        for members, zh, en in ((masked, "数字不清", " illegible"), (silent, "没有填报", " not reported")):
            if members:
                clauses += [stop if clauses else "", *self._enumerated([self.label(part) for part in members], comma)]
                clauses.append(zh if self.zh else en)
        name = self.join(plain(self.label(total)).removesuffix("总额")) if self.zh else self.label(total)
        opening = self.join(self.when(total.period), "，" if self.zh else ", ", self.whole(), "" if self.zh else " ", name)
        pieces: list[Piece] = [opening, "中，" if self.zh else ": ", *clauses, "，不作合计" if self.zh else "; no total"]
        known = [self._named_amount(part) for part in parts if part.value]
        if known:
            pieces += ["；已知" if self.zh else "; known: ", *self._enumerated(known, comma)]
        return self.join(*pieces, "。" if self.zh else ".")

    def _named_amount(self, result: Result) -> list[Run]:
        return self.join(self.label(result), "" if self.zh else " ", self.amount(result))

    def _enumerated(self, items: Iterable[list[Run]], comma: str) -> list[Piece]:
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
            pieces: list[Piece] = [self.label(result), "为", self.fact(result), "，", side, name, self.fact(result, "target")]
            if not hair:
                pieces += ["，差" if low else "，超出", self.fact(result, "deviation"), unit.difference_zh]
            if result.gap:
                pieces += ["，还差" if low else "，多出", self.fact(result, "gap"), self.gap_word(result)]
            if result.straddles:
                pieces.append("，差距在偶然波动范围内")
            return self.join(*pieces)
        name = "reference value" if advisory else "target"
        distance: list[Piece] = ["just "] if hair else [self.fact(result, "deviation"), f" {unit.difference_en} "]
        pieces = [self.label(result), " ", self.fact(result), ", ", *distance]
        pieces += ["below" if low else "above", f" the {name} of ", self.fact(result, "target")]
        if result.gap:
            pieces += [" (", self.fact(result, "gap"), " person or case)" if result.gap == 1 else " persons or cases)"]
        if result.straddles:
            pieces.append("; chance alone could explain the gap")
        return self.join(*pieces)

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
        if not quotient:
            return self.join(self.counting(result), self.movement(result))
        return self.join(self.label(result), "为" if self.zh else " ", self.amount(result), self.movement(result))
