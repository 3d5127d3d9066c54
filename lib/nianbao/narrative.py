"""Sentences from results: deterministic, in official Chinese or plain English, every number a fact, wording never against the figures.

Direction words follow the sign, unit words follow the unit (个百分点 for the difference of two percentages, 个千分点 of two ‰), a change
equal to nothing at the shown decimals reads 与上年持平, and a change that chance explains is said to be unclear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from nianbao.blocks import Run, plain, run
from nianbao.catalogue import Dims, Direction, Element, Indicator, Method, Nature, Setter, reference
from nianbao.facts import Fact, FactBook
from nianbao.indicators import Result, Results
from nianbao.periods import Period, PeriodKind
from nianbao.values import BLANK, Status, display

Piece = str | Run | Sequence[Run]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Narrator:
    """Writes the sentences of one chapter and registers every number it prints in the chapter's fact book."""

    def __init__(self, results: Results, book: FactBook, *, lang: str) -> None:
        self.results, self.book, self.lang = results, book, lang
        self.catalogue, self.township, self.year = results.catalogue, results.township, results.year
        self.zh = lang == "zh"

    # --- words ------------------------------------------------------------------------------------------------------

    def join(self, *pieces: Piece) -> list[Run]:
        """Return pieces (words, runs, run lists) as one list of runs, neighbouring plain words merged."""
        made: list[Run] = []
        for piece in pieces:
            for part in [run(piece)] if isinstance(piece, str) else [piece] if isinstance(piece, dict) else piece:
                if not part["text"]:
                    continue
                if made and "fact" not in part and "fact" not in made[-1] and part.get("emphasis") == made[-1].get("emphasis"):
                    made[-1] = {**made[-1], "text": made[-1]["text"] + part["text"]}
                else:
                    made.append(part)
        return made

    def label_text(self, entry: Element | Indicator, dims: Dims) -> str:
        """Return the name of a result as plain text: its label template filled in, or its dimension values and name."""
        names = {
            key: self.catalogue.dim_label(key, value, lang=self.lang, township=self.township)
            for key, value in dims
            if key != "unit" and value != "all"
        }
        template = entry.label_zh if self.zh else entry.label_en
        if template and (names or not dims):
            text = _PLACEHOLDER.sub(lambda found: names.get(found[1], ""), template)
            text = re.sub(r"  +", " ", text).strip() or (entry.zh if self.zh else entry.en)
            unnamed = [name for key, name in names.items() if f"{{{key}}}" not in template]
        elif self.zh:
            return "".join(names.values()) + entry.zh
        else:
            text, unnamed = entry.en, list(names.values())
        if not unnamed:
            return text
        return f"{text}（{'、'.join(unnamed)}）" if self.zh else f"{text} ({', '.join(unnamed)})"

    def label(self, result: Result) -> list[Run]:
        """Return the name of a result as runs; digits in a name (75度酒精) are facts of the params file that names it."""
        source = self.catalogue.files.get(result.entry.id, "params/catalogue")
        return self.book.words(self.label_text(result.entry, result.dims), source=source, role="label", subject=result.entry.id)

    def row_label(self, result: Result) -> list[Run]:
        """Return the name of a result at the head of a table row, where no verb stands beside it: 出生人口, not 出生."""
        if result.dims:
            return self.label(result)
        source = self.catalogue.files.get(result.entry.id, "params/catalogue")
        name = result.entry.zh if self.zh else result.entry.en
        return self.book.words(name, source=source, role="label", subject=result.entry.id)

    def in_full(self, result: Result) -> list[Run]:
        """Return the clause for a hundred per cent in words: 职业病危害因素网上申报全部完成."""
        assert isinstance(result.entry, Indicator)
        subject = re.sub(r"(任务完成|完成|覆盖)?率$", "", plain(self.label(result)))
        words = self.book.words(subject, source=self.catalogue.files[result.entry.id], role="label", subject=result.entry.id)
        return self.join(words, self.fact(result), "落实" if result.raw == "全部" else "")

    def measure(self, result: Result) -> str:
        """Return the counting word that follows the figure: the clerk's own (只, 支) where the unit allows several."""
        unit = self.catalogue.units[result.unit]
        ratio = isinstance(result.entry, Indicator) and result.entry.method is Method.RATIO
        if unit.symbol or ratio or result.unit == "text":
            return ""
        if not self.zh:
            return f" {unit.en}"
        if result.status in (Status.ZERO, Status.FULL) and result.raw:
            return ""
        if result.unit_word and result.unit_word in (unit.zh, *unit.aliases):
            return result.unit_word
        return unit.zh

    def whole(self) -> str:
        """Return 全镇, 全县, … after the township's level."""
        words = self.catalogue.outline.whole[self.township.level]
        return words.zh if self.zh else words.en

    def when(self, period: Period, *, window: bool = False, stock: bool = False) -> str:
        """Return the words a sentence opens with for a period; ``window`` adds its first and last day."""
        label = period.label(self.lang, year=self.year)
        statistical = period.kind is PeriodKind.STATISTICAL_YEAR
        if self.zh:
            return (
                f"{label}末" if statistical and stock else f"{label}（{period.window()}）" if statistical and window else label
            )
        if period.kind in (PeriodKind.AS_OF, PeriodKind.SINCE):
            return label[0].upper() + label[1:]
        label = f"{label} ({period.window('en')})" if statistical and window else label
        return f"At the end of {label}" if statistical and stock else f"In {label}"

    # --- facts ------------------------------------------------------------------------------------------------------

    def fact(self, result: Result, role: str = "value") -> Run:
        """Return the run that prints one aspect of a result.

        Raises:
            ValueError: the result has nothing of that kind.
        """
        value, shown = self.aspect(result, role)
        return self.book.add(
            Fact(
                fact=f"{self.book.chapter}:{result.ref}:{role}{f':{result.period.code}' if role == 'plan' else ''}",
                chapter=self.book.chapter,
                indicator=result.entry.id,
                dims=result.dims,
                role=role,
                display=shown,
                value=value,
                numerator=result.numerator if role == "value" else None,
                denominator=result.denominator if role == "value" else None,
                unit=result.unit,
                period=result.period.code,
                status=str(result.previous_status if role == "previous" else result.status),
                sources=tuple(str(cell) for cell in (result.previous_cells if role == "previous" else result.cells)),
            )
        )

    def aspect(self, result: Result, role: str) -> tuple[Fraction | None, str]:
        """Return the exact value and the printed form of one aspect of a result."""
        decimals = result.entry.decimals
        symbol = self.catalogue.units[result.unit].symbol
        if role in ("value", "plan"):
            return result.value, self.results.shown(result, lang=self.lang)
        if role in ("lower", "upper"):
            limit = result.lower if role == "lower" else result.upper
            if limit is None:
                raise ValueError(f"{result.ref} has no interval")
            exact = Fraction(repr(limit))
            return exact, f"{self.results.rounding(exact, max(decimals, 1)):f}{symbol}"
        if role in ("numerator", "denominator"):
            part = result.numerator if role == "numerator" else result.denominator
            if part is None:
                raise ValueError(f"{result.ref} has no {role}")
            return part, f"{self.results.rounding(part, 0):f}"  # an estimated number of persons is printed whole
        if role == "target":
            if result.target is None:
                raise ValueError(f"{result.ref} has no target")
            return Fraction(result.target.value), f"{result.target.value.normalize():f}{symbol}"
        if role == "gap":
            if result.gap is None:
                raise ValueError(f"{result.ref} has no gap")
            return Fraction(result.gap), str(result.gap)
        if role == "change_pct":
            if result.change is None or not result.previous:
                raise ValueError(f"{result.ref} has no relative change")
            exact = result.change / result.previous * 100
            return exact, f"{self.results.rounding(abs(exact), 1):f}%"
        amount = {"previous": result.previous, "change": result.change, "deviation": result.deviation}[role]
        if amount is None:
            raise ValueError(f"{result.ref} has no {role}")
        if role == "previous":
            rounding, status = self.results.rounding, result.previous_status
            return amount, display(amount, decimals=decimals, status=status, symbol=symbol, rounding=rounding, lang=self.lang)
        if role == "change" and symbol and result.value is not None and result.previous is not None:
            # readers subtract the printed figures, so the printed difference is that of the printed figures
            rounding = self.results.rounding
            shown = Fraction(rounding(result.value, decimals)) - Fraction(rounding(result.previous, decimals))
            return amount, f"{self.results.rounding(abs(shown), decimals):f}"
        return amount, f"{self.results.rounding(abs(amount), decimals):f}"

    def counted(self, subject: str, count: int, cells: Iterable[str] = ()) -> Run:
        """Return the run for a number of things listed (8 schemes), a fact of role ``items``."""
        return self.book.add(
            Fact(
                fact=f"{self.book.chapter}:{subject}:items",
                chapter=self.book.chapter,
                indicator=subject,
                dims=(),
                role="items",
                display=str(count),
                value=Fraction(count),
                status="computed",
                sources=tuple(cells),
            )
        )

    def share(self, part: Result, whole: Result) -> Run:
        """Return the run for a part's share of a whole in per cent, to two decimals."""
        if part.value is None or not whole.value:
            raise ValueError(f"{part.ref} has no share of {whole.ref}")
        exact = part.value / whole.value * 100
        return self.book.add(
            Fact(
                fact=f"{self.book.chapter}:{part.ref}:share",
                chapter=self.book.chapter,
                indicator=part.entry.id,
                dims=part.dims,
                role="share",
                display=f"{self.results.rounding(exact, 2):f}%",
                value=exact,
                numerator=part.value,
                denominator=whole.value,
                unit="percent",
                period=part.period.code,
                status=str(part.status),
                sources=tuple(str(cell) for cell in (*part.cells, *whole.cells)),
            )
        )

    # --- sentences --------------------------------------------------------------------------------------------------

    def amount(self, result: Result, role: str = "value") -> list[Run]:
        """Return figure and counting word, e.g. ``151人`` or ``70余篇``."""
        return self.join(self.fact(result, role), self.measure(result))

    def planned(self, plans: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states what is planned, as a plan: ``2021年计划：婚前医学检查120人。``"""
        return self.per_period(plans, self._planned)

    def _planned(self, plans: Sequence[Result]) -> list[Run]:
        pieces: list[Piece] = [self.when(plans[0].period), "计划：" if self.zh else ", planned: "]
        for place, plan in enumerate(plans):
            pieces += [("；" if self.zh else "; ") if place else "", self.label(plan), "" if self.zh else " "]
            pieces.append(self.amount(plan, "plan"))
        return self.join(*pieces, "。" if self.zh else ".")

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
            pieces += [self.label(result), "" if self.zh else " ", self.amount(result)]
        return self.join(*pieces, "。" if self.zh else ".")

    def movement(self, result: Result) -> list[Run]:
        """Return the clause that compares with the year before, or nothing: ``比上年减少15人，下降18%``."""
        change = self.companion(result, Method.CHANGE)
        percent = self.companion(result, Method.CHANGE_PCT)
        if change is not None and change.value is not None:
            if change.value == 0:
                return self.join("，与上年持平" if self.zh else ", unchanged on the year before")
            return self._moved(change.value > 0, self.magnitude(change), self.measure(result), percent)
        if result.change is None:
            return []
        symbol = self.catalogue.units[result.unit].symbol
        _, shown = self.aspect(result, "change")
        if not Fraction(shown or "0"):
            return self.join("，与上年持平" if self.zh else ", unchanged on the year before")
        ratio = isinstance(result.entry, Indicator) and result.entry.method is Method.RATIO
        if symbol or ratio:
            unit, up = self.catalogue.units[result.unit], result.change > 0
            points = unit.difference_zh if self.zh else f" {unit.difference_en}".rstrip()
            if self.zh:
                rise = "上升" if ratio else "提高"
                return self.join("，比上年", rise if up else "下降", self.fact(result, "change"), points)
            return self.join(", ", "up " if up else "down ", self.fact(result, "change"), points, " on the year before")
        return self._moved(result.change > 0, self.fact(result, "change"), self.measure(result), None, result)

    def _moved(self, up: bool, size: Run, measure: str, percent: Result | None, own: Result | None = None) -> list[Run]:
        relative: list[Piece] = []
        if percent is not None and percent.value is not None:
            if Fraction(self.results.rounding(abs(percent.value), percent.entry.decimals)):
                relative = [self.magnitude(percent)]
        elif own is not None and Fraction(self.aspect(own, "change_pct")[1].rstrip("%") if own.previous else 0):
            relative = [self.fact(own, "change_pct")]
        if self.zh:
            words = self.join("，比上年", "增加" if up else "减少", size, measure)
            return self.join(words, "，增长" if up else "，下降", *relative) if relative else words
        words = self.join(", ", size, measure, " more" if up else " fewer", " than the year before")
        return self.join(words, " (up " if up else " (down ", *relative, ")") if relative else words

    def shows_change(self, result: Result) -> bool:
        """True when the change is not nothing at the decimals that are printed."""
        return bool(Fraction(self.aspect(result, "change")[1] or "0"))

    def magnitude(self, result: Result) -> Run:
        """Return the run for the size of a change, its sign left to the words."""
        assert result.value is not None
        symbol = self.catalogue.units[result.unit].symbol
        return self.book.add(
            Fact(
                fact=f"{self.book.chapter}:{result.ref}:magnitude",
                chapter=self.book.chapter,
                indicator=result.entry.id,
                dims=result.dims,
                role="magnitude",
                display=f"{self.results.rounding(abs(result.value), result.entry.decimals):f}{symbol}",
                value=abs(result.value),
                unit=result.unit,
                period=result.period.code,
                status=str(result.status),
                sources=tuple(str(cell) for cell in result.cells),
            )
        )

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
        label = self.label(total)
        sentence = self.join(
            self.when(total.period, window=True),
            "，" if self.zh else ", ",
            self.whole(),
            "" if self.zh else ": ",
            label,
            "" if self.zh else " ",
            self.amount(total),
            self.movement(total),
            "。" if self.zh else ".",
        )
        if known:
            clauses: list[Piece] = ["其中，" if self.zh else " Of these, "]
            for place, part in enumerate(known):
                clauses += ["；" if self.zh and place else "; " if place else "", self.label(part), "" if self.zh else " "]
                clauses += [self.amount(part), self.movement(part)]
            sentence = self.join(sentence, *clauses, "。" if self.zh else ".")
        return self.join(sentence, self.hedge([total, *known]))

    def hedge(self, results: Sequence[Result]) -> list[Run]:
        """Return the sentence that says which changes chance alone explains, or nothing."""
        tested = [result for result in results if result.change_clear is not None and result.change]
        unclear = [result for result in tested if result.change_clear is False]
        if not unclear:
            return []
        if len(unclear) == len(tested):
            if self.zh:
                return self.join(
                    "人数少，波动大，从统计上看上述增减变化不明显。"
                    if len(tested) > 1
                    else "人数少，波动大，从统计上看变化不明显。"
                )
            return self.join(
                " Numbers are small: chance alone could explain " + ("these changes." if len(tested) > 1 else "this change.")
            )
        names: list[Piece] = []
        for place, result in enumerate(unclear):
            names += ["、" if self.zh and place else " and " if place else "", self.label(result)]
        if self.zh:
            return self.join("其中", *names, "人数少，波动大，从统计上看变化不明显。")
        return self.join(" Numbers are small for ", *names, ": chance alone could explain the change.")

    def rates(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that states several rates, each with its change and its binding target."""
        return self.per_period(results, self._rates)

    def _rates(self, known: Sequence[Result]) -> list[Run]:
        pieces: list[Piece] = [self.when(known[0].period), "，" if self.zh else ", "]
        for place, result in enumerate(known):
            if place:
                pieces.append("；" if self.zh else "; ")
            if self.zh and result.status is Status.FULL and result.raw:
                pieces.append(self.in_full(result))
                continue
            pieces += [self.label(result), "为" if self.zh else " ", self.fact(result), self.movement(result)]
            if result.target is not None and result.target.setter is Setter.RESPONSIBILITY:
                pieces.append(self.against_target(result))
        return self.join(*pieces, "。" if self.zh else ".")

    def against_target(self, result: Result) -> list[Run]:
        """Return the clause that sets a result against its target: ``，比责任目标92%高4.73个百分点``."""
        if result.deviation is None or result.target is None:
            return []
        unit = self.catalogue.units[result.unit]
        level = not Fraction(self.results.rounding(abs(result.deviation), result.entry.decimals))
        if self.zh:
            name = {Setter.RESPONSIBILITY: "责任目标", Setter.TASK: "任务目标", Setter.REFERENCE: "参考值"}[
                result.target.setter
            ]
            if level:
                return self.join(f"，与{name}", self.fact(result, "target"), "持平")
            side = "高" if result.deviation > 0 else "低"
            return self.join(
                f"，比{name}", self.fact(result, "target"), side, self.fact(result, "deviation"), unit.difference_zh
            )
        name = {Setter.RESPONSIBILITY: "target", Setter.TASK: "task", Setter.REFERENCE: "reference value"}[result.target.setter]
        if level:
            return self.join(f", level with the {name} of ", self.fact(result, "target"))
        side = "above" if result.deviation >= 0 else "below"
        return self.join(
            ", ", self.fact(result, "deviation"), f" {unit.difference_en} {side} the {name} of ", self.fact(result, "target")
        )

    def tasks(self, results: Sequence[Result]) -> list[Run]:
        """Return the sentence on completion against tasks: task, number done where known, rate, what is missing or beyond."""
        known = [result for result in results if result.status not in BLANK]
        if not known:
            return []
        complete = all(result.met for result in known if result.met is not None) and any(result.met for result in known)
        pieces: list[Piece] = []
        if complete and len(known) > 1:
            pieces.append("各项任务全面完成。" if self.zh else "All tasks were completed. ")
        for place, result in enumerate(known):
            if place:
                pieces.append("；" if self.zh else "; ")
            pieces.append(self._task(result))
        return self.join(*pieces, "。" if self.zh else ".")

    def _task(self, result: Result) -> list[Run]:
        assert isinstance(result.entry, Indicator)
        task, done = (self._side(result, side) for side in ("denominator", "numerator"))
        if self.zh:
            subject = re.sub(r"(任务)?完成率$", "", plain(self.label(result)))
            pieces: list[Piece] = [
                self.book.words(subject, source=self.catalogue.files[result.entry.id], role="label", subject=result.entry.id)
            ]
            if task is not None:
                pieces += ["任务", self.amount(task), "，"]
            if done is not None:
                pieces += ["完成", self.amount(done), "，"]
            pieces += ["完成率", self.fact(result)] if result.status is not Status.FULL else [self.fact(result)]
        else:
            pieces = [self.label(result), " ", self.fact(result)]
            if task is not None:
                pieces += [" (task ", self.amount(task), ")"]
        if result.deviation is not None and result.target is not None and result.target.setter is Setter.TASK:
            if result.deviation < 0 and result.gap:
                unit = self.measure(task) if task is not None else ""
                pieces += ["，距任务还差" if self.zh else ", still missing ", self.fact(result, "gap"), unit]
            elif result.deviation > 0:
                pieces += ["，超额" if self.zh else ", exceeded by ", self.fact(result, "deviation"), "%"]
        return self.join(*pieces)

    def _side(self, result: Result, side: str) -> Result | None:
        """Return the single entry a numerator or denominator is made of, when the return gives it."""
        entry = result.entry
        assert isinstance(entry, Indicator)
        case = next((case for case in entry.cases if case.dims == result.dims), None)
        terms = getattr(case or entry, side)
        if len(terms) != 1:
            return None
        name = terms[0].entry
        exact = [item for item in self.results.of(name) if item.status not in BLANK]
        return exact[0] if len(exact) == 1 else next((item for item in exact if not item.dims), None)

    def listing(self, results: Sequence[Result], *, verb: bool = True) -> list[Run]:
        """Return an enumeration with the catalogue's verbs, equal verbs said once: ``举办讲座15场、咨询活动10余次；发放…``."""
        known = [result for result in results if result.status not in BLANK]
        groups: dict[str, list[Result]] = {}
        for result in known:
            word = (result.entry.verb_zh if self.zh else result.entry.verb_en) if verb else ""
            groups.setdefault(word, []).append(result)
        pieces: list[Piece] = []
        for place, (word, members) in enumerate(groups.items()):
            pieces += ["；" if self.zh and place else "; " if place else ""]
            for index, result in enumerate(members):
                pieces.append("、" if self.zh and index else ", " if index else "")
                pieces.append(self._listed(result, word if index == 0 else ""))
        return self.join(*pieces)

    def _listed(self, result: Result, word: str) -> list[Run]:
        if not self.zh:
            return self.join(self.label(result), " ", self.amount(result))
        if result.status is Status.ZERO and result.raw:
            return self.join(self.fact(result), self.label(result))
        if result.status is Status.FULL and result.raw:
            return self.join(self.label(result), "：", self.fact(result))
        return self.join(word, self.label(result), self.amount(result))

    def per_period(self, results: Sequence[Result], tell: Callable[[Sequence[Result]], list[Run]]) -> list[Run]:
        """Return what ``tell`` says of the results of each period in turn, for a sentence must not date a figure by another's."""
        groups: dict[Period, list[Result]] = {}
        for result in results:
            if result.status not in BLANK:
                groups.setdefault(result.period, []).append(result)
        pieces: list[Piece] = []
        for members in groups.values():
            pieces += [" " if pieces and not self.zh else "", tell(members)]
        return self.join(*pieces)

    def activities(self, results: Sequence[Result]) -> list[Run]:
        """Return a sentence a period that lists what was done, a composite before its parts."""
        return self.per_period(results, self._activities)

    def _activities(self, known: Sequence[Result]) -> list[Run]:
        pieces: list[Piece] = [self.when(known[0].period), "，" if self.zh else ", "]
        taken: set[str] = set()
        rest: list[Result] = []
        opened = False
        for result in known:
            parts = [part for part in result.parts if part.ref != result.ref and part.ref in {other.ref for other in known}]
            if len(parts) > 1 and result.ref not in taken:
                pieces += ["；" if self.zh and opened else "; " if opened else ""]
                pieces += [self._listed(result, result.entry.verb_zh if self.zh else result.entry.verb_en)]
                pieces += ["，其中" if self.zh else ", of these ", self.listing(parts, verb=False)]
                taken |= {result.ref, *(part.ref for part in parts)}
                opened = True
        rest = [result for result in known if result.ref not in taken]
        if rest:
            pieces += ["；" if self.zh and opened else "; " if opened else "", self.listing(rest)]
        return self.join(*pieces, "。" if self.zh else ".")

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
        pieces: list[Piece] = [
            opening,
            "，涉及" if self.zh else " in ",
            count,
            "项。其中，" if self.zh else " items. The largest: ",
        ]
        for place, part in enumerate(known[:3]):
            pieces += [
                "；" if self.zh and place else "; " if place else "",
                self.label(part),
                "" if self.zh else " ",
                self.amount(part),
            ]
            pieces += ["，占" if self.zh else " (", self.share(part, total), "" if self.zh else ")"]
        return self.join(*pieces, "。" if self.zh else ".")

    def shortfall(self, result: Result) -> list[Run]:
        """Return the sentence that names a missed target: by how much, and how many persons or cases."""
        unit = self.catalogue.units[result.unit]
        if result.target is None or result.deviation is None:
            raise ValueError(f"{result.ref} has no target to fall short of")
        advisory = result.target.setter is Setter.REFERENCE
        low = result.deviation < 0
        hair = not Fraction(self.results.rounding(abs(result.deviation), result.entry.decimals))
        if self.zh:
            name = "参考值" if advisory else "目标"
            side = ("略" if hair else "") + ("低于" if low else "高于")
            pieces: list[Piece] = [self.label(result), "为", self.fact(result), "，", side, name, self.fact(result, "target")]
            if not hair:
                pieces += ["，差" if low else "，超出", self.fact(result, "deviation"), unit.difference_zh]
            if result.gap:
                pieces += ["（" + ("还差" if low else "超出"), self.fact(result, "gap"), self.gap_word(result), "）"]
            if result.straddles:
                pieces.append("，接近目标，人数少，波动大" if not advisory else "，接近参考值，人数少，波动大")
            return self.join(*pieces)
        name = "reference value" if advisory else "target"
        distance: list[Piece] = ["just "] if hair else [self.fact(result, "deviation"), f" {unit.difference_en} "]
        pieces = [self.label(result), " ", self.fact(result), ", ", *distance]
        pieces += ["below" if low else "above", f" the {name} of ", self.fact(result, "target")]
        if result.gap:
            pieces += [" (", self.fact(result, "gap"), " person or case)" if result.gap == 1 else " persons or cases)"]
        if result.straddles:
            pieces.append("; close, and numbers are small")
        return self.join(*pieces)

    def gap_word(self, result: Result) -> str:
        """Return the counting word of what is missing: the numerator's."""
        side = self._side(result, "numerator") if isinstance(result.entry, Indicator) else None
        return self.measure(side) if side is not None else "人"

    def worsening(self, result: Result) -> list[Run]:
        """Return the clause that names a change in the wrong direction."""
        return self.join(self.label(result), "为" if self.zh else " ", self.fact(result), self.movement(result))


def got_worse(result: Result) -> bool:
    """True when a result with a direction moved against it."""
    if result.change is None or not result.change or not result.exact or not isinstance(result.entry, Indicator):
        return False  # a stock or a head count is not better or worse for being smaller
    match result.entry.direction:
        case Direction.HIGHER:
            return result.change < 0
        case Direction.LOWER:
            return result.change > 0
        case _:
            return False
