"""Sentences from results: deterministic, in official Chinese or plain English, every number a fact, wording never against the figures.

Direction words follow the sign, unit words follow the unit (个百分点 for the difference of two percentages, 个千分点 of two ‰), a change
equal to nothing at the shown decimals reads 与上年持平, and a change that chance explains is said to be unclear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction

from nianbao import english
from nianbao.blocks import Run
from nianbao.breakdown import values_in_order
from nianbao.catalogue import QUOTIENTS, Element, Indicator, Method, Nature, Setter
from nianbao.clauses import Clauses
from nianbao.indicators import Result, place_of, underway
from nianbao.leading import HEADS, few
from nianbao.periods import Period, PeriodKind
from nianbao.phrasing import CLAUSES, Piece, capital
from nianbao.values import BLANK, Status

_MANY, _ROW = 4, 4
"""How many rates get a sentence that sums them up, and how many are told in one clause."""
_FLOORS = (99, 98, 95, 90, 85, 80)
"""The round figures that rates are said to reach; below them it is no praise."""


class Narrator(Clauses):
    """Writes the sentences of one chapter and registers every number it prints in the chapter's fact book."""

    # --- sentences --------------------------------------------------------------------------------------------------

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
        placed = all(place_of(result.dims) is not None for result in known)
        parts = [item for item in known[1:] if isinstance(item.entry, Element) and item.entry.part_of == first.entry.id]
        told = [self.counting(item) for item in known if item not in parts]
        inside = [self.counting(item) for item in parts]
        opening = self._standing(first.period, stock=stock)
        if self.zh:
            pieces: list[Piece] = [opening, "" if placed else self.whole(), *self._enumerated(told, "，")]
            return self.join(*pieces, "，其中" if inside else "", self.listed(inside), "。")
        verb = "there were " if placed else f"{self.whole()} {'had' if stock else 'recorded'} "
        return self.join(opening, verb, self.listed(told), ", including " if inside else "", self.listed(inside), ".")

    def _standing(self, period: Period, *, stock: bool) -> str:
        """Return the words a sentence on levels opens with: the period, or that it is the one spoken of just before."""
        again = self._opened.get(period, 0) > 0 and self._last == period
        self._opened[period], self._last = self._opened.get(period, 0) + 1, period
        if again and period.kind is not PeriodKind.STATISTICAL_YEAR:
            return "同期，" if self.zh else "At the same time, " if stock else "Over the same period, "
        return f"{self.when(period, stock=stock)}{'，' if self.zh else ', '}"

    def development(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        """Return level and change of a whole and its parts, parts of parts in brackets, with the hedge that small numbers ask for."""
        known = [part for part in parts if part.status not in BLANK]
        self._opened[total.period], self._last = 1, total.period
        opening = (
            f"{self.when(total.period, window=True)}{'，' if self.zh else ', '}{self.whole()}{'' if self.zh else ' recorded '}"
        )
        sentence = self.join(opening, self._named_amount(total), self.movement(total), "。" if self.zh else ".")
        told = [
            self.join(self._named_amount(part), self._inside(inner), self.movement(part))
            for part, inner in _nested(total, known)
        ]
        if told:
            stops = ["；"] * len(told) if self.zh else english.ends(len(told), comma="; ")
            listed = [
                piece for stop, clause in zip(stops, told, strict=True) for piece in (stop.replace(" and", "; and"), clause)
            ]
            before = "其中，" if self.zh else " These included "
            sentence = self.join(sentence, before, *(listed[1:] if self.zh else listed), "。" if self.zh else ".")
        return self.join(sentence, self.hedge([total, *(part for part in known if part.change is not None)]))

    def _inside(self, parts: Sequence[Result]) -> list[Run]:
        told = self.listed([self._named_amount(part) for part in parts])
        return self.join("（" if self.zh else " (", told, "）" if self.zh else ")") if told else []

    def hedge(self, results: Sequence[Result], *, named: bool = False) -> list[Run]:
        """Return the sentence that says which changes chance alone explains, or nothing; all by name where it is to be ``named``."""
        tested = [result for result in results if result.change_clear is not None and result.change]
        unclear = [result for result in tested if result.change_clear is False]
        if not unclear:
            return []
        few_of, several = self._few_of(unclear), len(tested) > 1
        if len(unclear) == len(tested) and not named:
            said = f"{few_of}，波动大，从统计上看{'上述增减' if several else ''}变化不明显。"
            if not self.zh:
                said = f" Numbers are small: chance alone could explain {'these changes' if several else 'this change'}."
            if said not in self._hedged:  # the second time the changes are named, so that no sentence stands twice
                self._hedged.add(said)
                return self.join(said)
        names = self.listed([self._counted_label(result) if self.zh else self.label(result) for result in unclear])
        if self.zh:
            return self.join(names, f"的{few_of}，波动大，从统计上看变化不明显。")
        return self.join(" Numbers are small for ", names, ": chance alone could explain the change.")

    def _few_of(self, unclear: Sequence[Result]) -> str:
        """Return what there are few of: people, things, or what a rate is divided from; a ratio has no number of persons."""
        if any(isinstance(item.entry, Indicator) and item.entry.method in QUOTIENTS for item in unclear):
            return "基数小"
        return "人数少" if all(item.unit in HEADS for item in unclear) else "数量少"

    def rates(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states several rates, each with its change and its binding target."""
        return self.per_period(results, self._rates)

    def _rates(self, known: Sequence[Result]) -> list[Run]:
        opening = self.opening(known[0].period, work=False)
        told = self.paced(self.join(opening, self._lead(known)), self._together(known))
        # a sex ratio of a hundred births swings by tens of points: a bare rise would be read as one
        ratios = [item for item in known if isinstance(item.entry, Indicator) and item.entry.method is Method.RATIO]
        return self.join(told, self.hedge(ratios, named=len(ratios) < len(known)))

    def _rate(self, result: Result) -> list[Run]:
        if self.zh and result.status is Status.FULL and result.raw:
            return self.in_full(result)
        if few(result, self.catalogue.outline.minimum_denominator):
            return self.few_words(result)
        pieces: list[Piece] = [self.measured(result), self.movement(result)]
        if result.target is not None and result.target.setter is Setter.RESPONSIBILITY:
            pieces.append(self.against_target(result))
        return self.join(*pieces)

    # --- several rates ----------------------------------------------------------------------------------------------

    def _plain_rate(self, result: Result) -> bool:
        """True for a rate in % or ‰ that is said with others: exact, not nought, no binding target, on enough events."""
        return (
            isinstance(result.entry, Indicator)
            and result.exact
            and bool(result.value)
            and result.unit in ("percent", "permille")
            and not (result.status is Status.FULL and result.raw)
            and (result.target is None or result.target.setter is not Setter.RESPONSIBILITY)
            and not few(result, self.catalogue.outline.minimum_denominator)
        )

    def _way(self, result: Result) -> str:
        """Return how a rate moved as it is printed: up, down, level, or nothing where it is not compared."""
        if result.change is None:
            return ""
        return "level" if not self.shows_change(result) else "up" if result.change > 0 else "down"

    def _lead(self, known: Sequence[Result]) -> list[Run]:
        """Return the sentence that sums up four rates or more: how high they all are, how many rose and fell; each number counted."""
        rates = [item for item in known if self._plain_rate(item) and item.unit == "percent"]
        if len(rates) < _MANY or len(rates) < len(known):
            return []
        subject = f"{rates[0].ref}-and-others"
        cells = dict.fromkeys(str(cell) for item in rates for cell in (*item.cells, *item.previous_cells))
        ways = {way: [item for item in rates if self._way(item) == way] for way in ("up", "down", "level")}
        moved = sum(map(len, ways.values())) == len(rates)
        floor = self._floor(rates, subject, cells)
        if not moved and floor is None:
            return []
        count = self.counted(subject, len(rates), cells)
        counts = {way: self.counted(f"{subject}-{way}", len(found), cells) for way, found in ways.items() if found and moved}
        if self.zh:
            words = {"up": "提高", "down": "下降", "level": "持平"}
            told = [self.join(words[way], number, "项") for way, number in counts.items()]
            high = self.join("均在", floor, "以上") if floor is not None else self.join("中")
            before = f"，比{self.year_before(rates)}" if told else ""
            return self.join(count, "项指标", high, before, self.listed(told), "。")
        words = {"up": " rose", "down": " fell", "level": " was unchanged"}
        told = []
        for place, (way, number) in enumerate(counts.items()):
            verb = " were unchanged" if way == "level" and len(ways[way]) > 1 else words[way]
            told.append(self.join(number, verb, f" on {self.year_before(rates)}" if place == 0 else ""))
        if floor is None:
            return self.join("of ", count, " rates, ", self.listed(told), ". ")
        return self.join("all ", count, " rates were ", floor, " or more", "; " if told else "", self.listed(told), ". ")

    def _floor(self, rates: Sequence[Result], subject: str, cells: Iterable[str]) -> Run | None:
        """Return the round figure that all of these rates reach, as printed and exactly; None where they reach none."""
        least = min(item.value or Fraction(0) for item in rates)
        reached = next((mark for mark in _FLOORS if least >= mark), None)
        if reached is None or len({self.aspect(item, "value")[1] for item in rates}) == 1:
            return None
        return self.counted(f"{subject}-floor", reached, cells, role="floor", symbol=self.mark(rates[0]))

    def _together(self, known: Sequence[Result]) -> list[list[Run]]:
        """Return the clauses on rates: those that moved the same way in the same unit are told in one, at most four of them."""
        groups: dict[tuple[str, str], list[Result]] = {}
        for item in known:
            key = (item.unit, self._way(item)) if self._plain_rate(item) else (item.ref, "alone")
            groups.setdefault(key, []).append(item)
        clauses = []
        for (_, way), members in groups.items():
            if way == "alone" or len(members) == 1:
                clauses += [self._rate(item) for item in members]
                continue
            alike: dict[str, list[Result]] = {}
            for item in members:  # equal figures are said once, and only where nothing but the figure is said
                alike.setdefault("" if way in ("up", "down") else self.aspect(item, "value")[1], []).append(item)
            same = [found for found in alike.values() if len(found) > 1 and way not in ("up", "down")]
            rest = [item for item in members if not any(item in found for found in same)]
            for found in (*same, *self._chunks(rest)):
                clauses.append(self._series(found, way) if len(found) > 1 else self._rate(found[0]))
        return clauses

    def _chunks(self, rates: Sequence[Result]) -> list[list[Result]]:
        """Return rates in rows short enough for one clause each, evenly filled."""
        if not rates:
            return []
        size = sum(len(self.label_text(item.entry, item.dims)) + 14 for item in rates)
        rows = max(-(-size // (90 if self.zh else 260)), -(-len(rates) // _ROW))
        return [list(rates[len(rates) * n // rows : len(rates) * (n + 1) // rows]) for n in range(rows)]

    def _series(self, rates: Sequence[Result], way: str) -> list[Run]:
        """Return the clause on rates that moved alike: names, then 分别为 and their figures, then by how much each moved."""
        names = self.listed([self.named_rate(item) for item in rates])
        shown = {self.aspect(item, "value")[1] for item in rates}
        both = "both" if len(rates) == 2 else "all"
        before = self.year_before(rates)
        if len(shown) == 1:
            value = self.amount(rates[0])
            for item in rates[1:]:
                self.fact(item)
            said = self.join(names, "均为" if self.zh else f" were {both} ", value)
        elif self.zh:
            said = self.join(names, "分别为", *self._row([self.amount(item) for item in rates]))
        else:
            said = self.join(names, " were ", self.listed([self.amount(item) for item in rates]), " respectively")
        if way == "level":
            return self.join(said, f"，均与{before}持平" if self.zh else f", {both} unchanged on {before}")
        if way not in ("up", "down"):
            return said
        unit = self.catalogue.units[rates[0].unit]
        sizes = [self.join(self.fact(item, "change")) for item in rates]
        if self.zh:
            steps = [self.join(size, unit.difference_zh[0]) for size in sizes]
            return self.join(
                said, f"，分别比{before}", "提高" if way == "up" else "下降", *self._row(steps), unit.difference_zh[1:]
            )
        return self.join(said, f", {way} ", self.listed(sizes), f" {unit.difference_en} on {before}")

    def _row(self, items: Sequence[Sequence[Run]]) -> list[Piece]:
        """Return figures in a row in Chinese, 和 before the last."""
        return [piece for place, item in enumerate(items) for piece in (_stop(place, len(items)), item)]

    # --- tasks ------------------------------------------------------------------------------------------------------

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
        running = [item for item in known if underway(item)]
        if running and len(running) < len(known):
            rest = [item for item in known if item not in running]
            return self.join(self._tasks(rest), "" if self.zh else " ", self._tasks(running))
        period = known[0].period
        if running:
            self._opened[period], self._last = self._opened.get(period, 0) + 1, period
            opening = self.join(self.until(known[0]), f"，{self.whole()}" if self.zh else ", ")
            return self.paced(opening, [self._progress(item) for item in known])
        complete = all(item.met for item in known if item.met is not None) and any(item.met for item in known)
        pieces: list[Piece] = [self.opening(period)]
        if complete and len(known) > 1:
            pieces.append("各项任务全面完成。" if self.zh else "all tasks were completed. ")
        full = [item for item in known if self._just_full(item)]
        clauses = [self._all_full(full)] if len(full) > 1 else []
        clauses += [self._task(item) for item in known if len(full) < 2 or item not in full]
        return self.paced(self.join(*pieces), clauses)

    def _just_full(self, result: Result) -> bool:
        """True for a task of known size completed to a hundred per cent and no further."""
        task, done = self._side(result, "denominator"), self._side(result, "numerator")
        return bool(
            result.exact
            and result.value == 100
            and not (result.status is Status.FULL and result.raw)
            and task is not None
            and task.exact
            and (done is None or done.value == task.value)
        )

    def _all_full(self, full: Sequence[Result]) -> list[Run]:
        """Return the clause on tasks completed to the last one: 免费婚检、叶酸发放任务分别为91人和120人，完成率均为100%."""
        tasks = [task for item in full if (task := self._side(item, "denominator")) is not None]
        for item in full[1:]:
            self.fact(item)
        for item in full:
            if (done := self._side(item, "numerator")) is not None:
                self.fact(done)
        if self.zh:
            names = self.listed([self.task_name(item) for item in full])
            sizes = self._row([self.amount(task) for task in tasks])
            return self.join(names, "任务分别为", *sizes, "，完成率均为", self.fact(full[0]))
        told = [
            self.join("the ", self.task_name(item), " task of ", self.amount(task))
            for item, task in zip(full, tasks, strict=True)
        ]
        both = " were both " if len(full) == 2 else " were all "
        return self.join(self.listed(told), both, self.fact(full[0]), " complete")

    def task_name(self, result: Result) -> list[Run]:
        """Return what a task is of: 叶酸发放 of 叶酸发放完成率, folic acid of folic acid completion."""
        label = self.label_text(result.entry, result.dims)
        name = re.sub(r"(任务)?完成率$", "", label) if self.zh else re.sub(r"( task)? completion\b", "", label)
        return self.named(result, name)

    def _task(self, result: Result) -> list[Run]:
        assert isinstance(result.entry, Indicator)
        task, done = (self._side(result, side) for side in ("denominator", "numerator"))
        if self.zh:
            pieces: list[Piece] = [self.task_name(result)]
            if task is not None:
                pieces += ["任务", self.amount(task), "，"]
            if done is not None:
                pieces += ["完成", self.amount(done), "，"]
            if result.status in BLANK:
                pieces.pop()  # the comma: no rate follows
            else:
                pieces += ["完成率", self.fact(result)] if result.status is not Status.FULL else [self.fact(result)]
        else:
            size: list[Piece] = [" of ", self.amount(task)] if task is not None else []
            name: list[Piece] = ["the ", self.task_name(result), " task", *size]
            if result.status in BLANK and done is not None:
                pieces = [self.amount(done), " of ", *name, " were done"]
            else:
                counted: list[Piece] = [" (", self.amount(done), " done)"] if done is not None else []
                pieces = [*name, " was ", self.fact(result), " complete", *counted]
        if result.deviation is not None and result.target is not None and result.target.setter is Setter.TASK:
            if result.deviation < 0 and result.gap:
                word = self._word_for(Fraction(result.gap), self.measure(task)) if task is not None else ""
                pieces += ["，距任务还差" if self.zh else ", ", self.fact(result, "gap"), word, "" if self.zh else " short"]
            elif result.deviation > 0 and not Fraction(self.aspect(result, "deviation")[1]):
                pieces += ["，略超任务" if self.zh else ", just over"]
            elif result.deviation > 0:
                pieces += ["，超额" if self.zh else ", ", self.fact(result, "deviation"), "%" if self.zh else "% over"]
        return self.join(*pieces)

    def _progress(self, result: Result) -> list[Run]:
        """Return the clause on the year's task at the end of a part of the year, which is no verdict: 完成100人，为全年任务200人的50.00%."""
        task, done = (self._side(result, side) for side in ("denominator", "numerator"))
        size = self.amount(task) if task is not None else []
        if self.zh:
            counted = self.join("完成", self.amount(done), "，为") if done is not None else self.join("完成")
            return self.join(self.task_name(result), counted, "全年任务", size, "的", self.fact(result))
        counted = self.join(" (", self.amount(done), " done)") if done is not None else []
        of = " of " if size else ""
        return self.join(
            "the year's ", self.task_name(result), " task", of, size, " was ", self.fact(result), " complete", counted
        )

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
                if self.zh:
                    yield self.listed([self._listed(first, word), *(self._listed(result, "") for result in others)])
                else:
                    told = self.listed([self.counting(result, verb=word) for result in (first, *others)])
                    stock = isinstance(first.entry, Element) and first.entry.nature is Nature.STOCK
                    doing = _doing(word or ("had" if stock else ""))
                    yield self.join(f"{doing} " if verb else "", told)
        for result in known:
            if self.is_none(result) and (self.zh or not verb):
                yield self.none_of(result)

    def _listed(self, result: Result, word: str) -> list[Run]:
        if not self.zh:
            return self.join(f"{_doing(word)} ", self.counting(result, verb=word))
        if result.status is Status.ZERO and result.raw:
            return self.join(self.fact(result), self.label(result))
        if result.status is Status.FULL and result.raw:
            return self.join(self.label(result), "：", self.fact(result))
        return self.join(word, self.counting(result))

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
            whole = len(parts) > 1 or any(part.entry is result.entry and part.value == result.value for part in parts)
            if whole and result.ref not in taken and result.value:
                told: list[Piece] = [self._listed(result, result.entry.verb_zh if self.zh else result.entry.verb_en)]
                done = [part for part in parts if part.value]
                if len(done) == 1 and done[0].value == result.value:
                    told += ["，均为" if self.zh else ", all of them ", self.label(done[0])]
                    self.fact(done[0])
                elif done:
                    told += ["，其中" if self.zh else ", including ", self.listing(done, verb=False)]
                clauses.append(self.join(*told))
                taken |= {result.ref, *(part.ref for part in parts)}
            elif len(parts) > 1 and self.is_none(result):
                taken |= {part.ref for part in parts}  # none at all says it of every kind
        rest = [result for result in known if result.ref not in taken]
        clauses += self._grouped(rest)
        if self.zh:
            return self.paced(self.opening(known[0].period), clauses) if clauses else []
        none = [self.none_of(result) for result in rest if self.is_none(result)]
        if not clauses and not none:
            return []
        opening = self.opening(known[0].period)
        flow = all(not isinstance(item.entry, Element) or item.entry.nature is not Nature.STOCK for item in known)
        opening = re.sub("^As of ", "Up to ", opening) if flow else opening
        done_so = self.paced(
            f"{opening}{self.whole()} ", [clauses[0], *(self.join("it ", item) for item in clauses[1:])] if clauses else []
        )
        if not clauses:
            return self.paced(opening, none)
        return self.join(done_so, " " if none else "", capital(self.paced("", none)))

    def briefly(self, results: Sequence[Result]) -> list[Run]:
        """Return sentences on a figure or two that no table is worth: what was done, words reported, and what cannot be read."""
        worded = [item for item in results if isinstance(item.entry, Element) and item.entry.nature is Nature.TEXT]
        masked = [item for item in results if item.status is Status.MASKED]
        counted = [item for item in results if item.status not in BLANK and item not in worded]
        told = [self.activities(counted)] if counted else []
        texts = [
            self.join(self.label(item), "为" if self.zh else ": ", self.fact(item)) for item in worded if item not in masked
        ]
        told.append(self.paced("", texts if self.zh else [capital(text) for text in texts]))
        names = self.listed([self.label(item) for item in masked])
        unclear = "数字不清，按不详处理。" if self.zh else " reported, but with digits that cannot be read."
        told.append(self.join(names if self.zh else capital(names), unclear) if masked else [])
        said = [sentence for sentence in told if sentence]
        return self.join(*(piece for place, one in enumerate(said) for piece in ("" if self.zh or not place else " ", one)))

    def _parts_among(self, result: Result, known: Sequence[Result]) -> list[Result]:
        """Return those of ``known`` that ``result`` is the sum of: of a county, whose totals are sums of towns, its kinds all the same."""
        own = {part.ref for part in result.parts} - {result.ref}
        summed = [other for other in known if other.ref in own]
        alone = [other for other in known if other.entry is result.entry and set(result.dims) < set(other.dims)]
        if len(alone) == 1 and place_of(alone[0].dims) == place_of(result.dims) and alone[0].value == result.value:
            return alone  # the whole is of one kind
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
        verb = (total.entry.verb_zh or "落实") if self.zh else _doing(total.entry.verb_en)
        name = self.label_text(total.entry, total.dims).removesuffix("总额")
        if self.zh:
            size = self.join(self.named(total, name), self.amount(total))
        else:
            size = self.join(
                self.named(total, name.removesuffix(", total").removesuffix(f" {verb}")), " of ", self.amount(total)
            )
        comma, gap = ("，", "") if self.zh else (", ", " ")
        opening = self.join(self.when(total.period), comma, self.whole(), gap, verb, gap, size)
        if not known or not total.value:
            return self.join(opening, "。" if self.zh else ".")
        if len(known) == 1 and known[0].value == total.value:
            self.fact(known[0])
            return self.join(opening, "，均为" if self.zh else ", all of it ", self.label(known[0]), "。" if self.zh else ".")
        count = self.counted(total.ref, len(known), (str(cell) for cell in total.cells))
        if self.zh:
            told = [self.join(self._named_amount(part), "，占", self.share(part, total)) for part in known[:3]]
            return self.join(opening, "，涉及", count, "项。其中，", *self._enumerated(told, "；"), "。")
        told = [self.join(self._named_amount(part), " (", self.share(part, total), ")") for part in known[:3]]
        return self.join(opening, " under ", count, " schemes. The largest were ", self.listed(told), ".")

    def funds_without_total(self, total: Result, parts: Sequence[Result]) -> list[Run]:
        """Return the sentence on a composite fund that cannot be summed: which items are open, and why, and what the others are."""
        masked = [part for part in parts if part.status is Status.MASKED]
        silent = [part for part in parts if part.status in BLANK and part not in masked]
        known = [self._named_amount(part) for part in parts if part.value]
        name = (
            self.label_text(total.entry, total.dims)
            .removesuffix("总额")
            .removesuffix(", total")
            .removesuffix(f" {total.entry.verb_en}")
        )
        why = ((masked, "数字不清", "illegible"), (silent, "没有填报", "not reported"))
        clauses: list[Piece] = []
        for members, zh, en in why:
            if members:
                clauses.append(("，" if self.zh else "; ") if clauses else "")
                listed = self.listed([self.label(part) for part in members])
                clauses += [listed, zh if self.zh else f" {'is' if len(members) == 1 else 'are'} {en}"]
        if self.zh:
            opening = self.join(self.when(total.period), "，", self.whole(), self.named(total, name), "中，", *clauses)
            return self.join(opening, "，不作合计", "；已知" if known else "", self.listed(known), "。")
        opening = self.join(self.when(total.period), ", there is no total of ", self.named(total, name), ": ", *clauses, ".")
        return self.join(opening, " Known: " if known else "", self.listed(known), "." if known else "")


def _doing(verb: str) -> str:
    """Return the English verb a sentence on the township takes: what merely occurred is recorded."""
    return verb if verb and verb != "occurred" else "recorded"


def _stop(place: int, count: int) -> str:
    return "" if place == 0 else "和" if place == count - 1 else "、"


def _nested(total: Result, parts: Sequence[Result]) -> list[tuple[Result, list[Result]]]:
    """Return the parts with the parts each includes, a group before its members; in the order given where none includes another."""
    own = [[pair for pair in part.dims if pair not in total.dims] for part in parts]
    names = {pair[0] for pairs in own for pair in pairs}
    if not isinstance(total.entry, Element) or len(names) != 1 or any(len(pairs) != 1 for pairs in own):
        return [(part, []) for part in parts]
    by_value = {pairs[0][1]: part for pairs, part in zip(own, parts, strict=True)}
    nested: list[tuple[Result, list[Result]]] = []
    for value, depth in values_in_order(total.entry, names.pop(), by_value):
        if depth and nested:
            nested[-1][1].append(by_value[value])
        else:
            nested.append((by_value[value], []))
    return nested
