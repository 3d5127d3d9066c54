"""The way back from a printed figure: how it was worked out, from which figures, and what stands in which source cells.

A :class:`Step` is one figure with the steps it was worked out from; its leaves are cells of returns.  :meth:`Step.recomputed` works the
figure out again from the raw text of those cells alone, so that a chain proves itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from nianbao.catalogue import QUOTIENTS, Catalogue, Element, Indicator, Method, Nature
from nianbao.errors import Cell, UserError, did_you_mean
from nianbao.facts import ROLES, Fact, FactBook
from nianbao.formulas import reference
from nianbao.indicators import Result, Results
from nianbao.narrative import Narrator
from nianbao.observation import Observation, Observed
from nianbao.reasons import told
from nianbao.rollup import Behind, Member
from nianbao.values import MINUS, Status, exact_text, read_value

_ALL = 99
"""Deeper than any chain goes."""
_SHOWN = 2
"""How deep a chain must be for the arithmetic of a figure and of the sides it is divided from."""


class How(StrEnum):
    """How a figure came about."""

    CELL = "cell"
    """It stands in a cell."""
    SUM = "sum"
    QUOTIENT = "quotient"
    """First step over second, times the indicator's multiplier."""
    PRODUCT = "product"
    DIFFERENCE = "difference"
    """First step less second."""
    RELATIVE = "relative"
    """The difference of the two steps over the second, times the indicator's multiplier."""


@dataclass(frozen=True)
class Source:
    """One source cell with the text that stands in it, and the unit factor the return states (10000 for 万元)."""

    cell: Cell
    raw: str
    factor: Fraction = Fraction(1)


@dataclass(frozen=True)
class Step:
    """One figure of a chain: its reference, name, period, value (exact, None when missing), printed form, and what it came from.

    ``sign`` is -1 where the figure is subtracted from the sum it stands in; ``multiplier`` belongs to quotients and products.
    """

    ref: str
    name: str
    period: str
    value: Fraction | None
    display: str
    status: str
    how: How
    percent: bool = False
    alike: bool = False
    """True for a standard that several cells give alike, which is not their sum."""
    multiplier: Fraction = Fraction(1)
    sign: int = 1
    sources: tuple[Source, ...] = ()
    steps: tuple[Step, ...] = ()
    reason: str = ""

    def leaves(self) -> Iterator[Source]:
        """Yield the source cells of the chain, each once, in order of first use."""
        seen: set[Cell] = set()
        for source in self._all_leaves():
            if source.cell not in seen:
                seen.add(source.cell)
                yield source

    def _all_leaves(self) -> Iterator[Source]:
        if self.how is How.CELL:
            yield from self.sources
        for step in self.steps:
            yield from step._all_leaves()

    def recomputed(self) -> Fraction | None:
        """Return the figure worked out again from the raw text of its cells; None where there is none, or a cell gives no value."""
        if self.value is None:
            return None
        if self.how is How.CELL:
            found = [self._read(source) for source in self.sources]
            read = [value for value in found if value is not None]
            if not read or len(read) < len(found):
                return None
            return read[0] if self.alike and len(set(read)) == 1 else sum(read, Fraction(0))
        values = [step.recomputed() for step in self.steps]
        if None in values:
            return None
        known = [value for value in values if value is not None]
        match self.how:
            case How.SUM:
                return sum((step.sign * value for step, value in zip(self.steps, known, strict=True)), Fraction(0))
            case How.PRODUCT:
                made = self.multiplier
                for value in known:
                    made *= value
                return made
            case How.DIFFERENCE:
                return known[0] - known[1]
            case How.RELATIVE:
                return None if not known[1] else (known[0] - known[1]) / known[1] * self.multiplier
            case _:
                return None if not known[1] else known[0] / known[1] * self.multiplier

    def lines(self, lang: str = "zh") -> Iterator[str]:
        """Yield the chain as indented lines: each figure with its arithmetic, under it the figures or cells it comes from.

        Period and status stand where they are not those of the figure above.
        """
        yield from self._lines(0, None, lang)

    def _lines(self, depth: int, above: Step | None, lang: str) -> Iterator[str]:
        inset, zh = "  " * depth, lang == "zh"
        working = f" = {self.working()}" if self.working() else ""
        told = [] if above is not None and above.period == self.period else [self.period]
        if above is None or self.status not in _PLAIN:
            told.append(Status(self.status).word(lang))
        told += [self.reason] if self.reason else []
        more = f"（{'，'.join(told)}）" if zh else f" ({', '.join(told)})"
        sign = "− " if self.sign < 0 else ""
        yield f"{inset}{sign}{self.name}{'：' if zh else ': '}{self.display}{working}{more if told else ''}  [{self.ref}]"
        for source in self.sources:
            times = f" × {exact_text(source.factor)}" if source.factor != 1 else ""
            said = f"“{source.raw}”{times}" if source.raw else ("（空）" if zh else "(empty)")
            yield f"{inset}  ← {source.cell}  {said}"
        for step in self.steps:
            yield from step._lines(depth + 1, self, lang)

    def as_data(self, digests: Mapping[str, str]) -> dict[str, Any]:
        """Return the chain as plain data; ``digests`` gives the SHA-256 of each file."""
        return {
            "ref": self.ref,
            "name": self.name,
            "period": self.period,
            "value": exact_text(self.value),
            "display": self.display,
            "status": self.status,
            "formula": self.working(),
            "reason": self.reason,
            "sources": [
                {
                    "file": source.cell.file,
                    "sheet": source.cell.sheet,
                    "cell": source.cell.cell,
                    "raw": source.raw,
                    "factor": exact_text(source.factor),
                    "sha256": digests.get(source.cell.file, ""),
                }
                for source in self.sources
            ],
            "steps": [step.as_data(digests) for step in self.steps],
        }

    def _read(self, source: Source) -> Fraction | None:
        value = read_value(source.raw, percent=self.percent).value
        return None if value is None else value * source.factor

    def working(self) -> str:
        """Return the arithmetic in one line, e.g. ``148 ÷ 153 × 100``; ``""`` where the figure stands in a cell, or a side is not given."""
        if self.how in (How.QUOTIENT, How.DIFFERENCE, How.RELATIVE) and len(self.steps) < 2:
            return ""
        shown = [exact_text(step.value) if step.value is not None else "—" for step in self.steps]
        times = "" if self.multiplier == 1 else f" × {exact_text(self.multiplier)}"
        match self.how:
            case How.CELL:
                return ""
            case How.SUM:
                words = [f"{'− ' if step.sign < 0 else '+ '}{text}" for step, text in zip(self.steps, shown, strict=True)]
                return " ".join(words).removeprefix("+ ")
            case How.PRODUCT:
                return " × ".join(shown) + times
            case How.DIFFERENCE:
                return " − ".join(shown)
            case How.RELATIVE:
                return f"({shown[0]} − {shown[1]}) ÷ {shown[1]}{times}"
            case _:
                return f"{shown[0]} ÷ {shown[1]}{times}"


class Tracer:
    """Makes the chains of the results of one township and year.

    ``observations`` are all that were read, for the raw text of the cells; ``behind`` is what members handed up to a county, so that
    its figures lead through those of the towns to the cells of the towns' returns.
    """

    def __init__(
        self,
        results: Results,
        observations: Sequence[Observation] | Observed,
        *,
        lang: str = "zh",
        behind: Behind | None = None,
    ) -> None:
        self.results, self.lang = results, lang
        self._behind: Behind = behind or {}
        self._below: dict[str, Tracer] = {}
        self.catalogue: Catalogue = results.catalogue
        self._tell = Narrator(results, FactBook("trace"), lang=lang)
        self._observed = observations if isinstance(observations, Observed) else Observed(observations)

    def result(self, ref: str) -> Step:
        """Return the chain of the result a reference names.

        Raises:
            UserError: there is none; the message names the nearest.
        """
        return self.step(self.results.named(ref))

    def step(self, result: Result, *, sign: int = 1, within: int = _ALL) -> Step:
        """Return the chain of a result, at most ``within`` figures deep."""
        handed = None if result.parts else self._behind.get((result.entry.id, result.dims, result.cells))
        if handed is not None:
            own = self._of_member(handed.member).step(handed.result, sign=sign, within=within)
            return replace(own, ref=result.ref, name=self._tell.label_text(result.entry, result.dims))
        how, parts = self._how(result, within)
        symbol = self.catalogue.units[result.unit].symbol if result.unit in self.catalogue.units else ""
        multiplier = (
            result.entry.multiplier if isinstance(result.entry, Indicator) and how not in (How.SUM, How.CELL) else Fraction(1)
        )
        value = result.value if sign == 1 or result.value is None else -result.value
        return Step(
            ref=result.ref,
            name=self._tell.label_text(result.entry, result.dims),
            period=result.period.label(self.lang),
            value=value,
            display=self.results.shown(result, lang=self.lang) if sign == 1 else exact_text(value),
            status=str(result.status),
            how=how,
            percent=symbol == "%",
            alike=isinstance(result.entry, Element) and result.entry.nature is Nature.STANDARD,
            multiplier=multiplier,
            sign=sign,
            sources=tuple(self._source(cell) for cell in result.cells) if how is How.CELL else (),
            steps=tuple(parts),
            reason=told(result.reason, self.lang),
        )

    def _of_member(self, member: Member) -> Tracer:
        """Return the tracer that tells a member's figures in the words of its own params."""
        key = member.township.key
        if key not in self._below:
            none = Results((), catalogue=member.catalogue, township=member.township, year=self.results.year)
            self._below[key] = Tracer(none, self._observed, lang=self.lang, behind=member.behind)
        return self._below[key]

    def _how(self, result: Result, within: int) -> tuple[How, list[Step]]:
        if not result.parts or (result.reported is None and result.cells and result.raw):
            return How.CELL, []
        if not isinstance(result.entry, Indicator) or self._sums_members(result):
            return How.SUM, [self.step(part, within=within - 1) for part in result.parts if within]
        if result.entry.method is Method.SUM:
            return How.SUM, [self.step(part, sign=part.sign, within=within - 1) for part in result.parts if within]
        parts = [self._side(part, result, within - 1) for part in result.parts if within]
        match result.entry.method:
            case Method.PRODUCT:
                return How.PRODUCT, parts
            case Method.CHANGE:
                return How.DIFFERENCE, parts
            case Method.CHANGE_PCT:
                return How.RELATIVE, parts
            case _:
                return How.QUOTIENT, parts

    def _sums_members(self, result: Result) -> bool:
        """True for a county's product, which is the sum of its members' products: their standards may differ."""
        method = result.entry.method if isinstance(result.entry, Indicator) else None
        return method is Method.PRODUCT and all(part.entry is result.entry for part in result.parts)

    def _side(self, side: Result, whole: Result, within: int) -> Step:
        """Return a side of a quotient: the figure itself where it is one, else the sum of its terms."""
        if side.entry is not whole.entry or not side.parts:
            return self.step(side, within=within)
        if len(side.parts) == 1 and side.parts[0].value == side.value:
            return self.step(side.parts[0], within=within)
        steps = tuple(self.step(part, sign=part.sign, within=within - 1) for part in side.parts if within)
        return Step(
            ref=" + ".join(side.inputs),
            name="、".join(step.name for step in steps) if self.lang == "zh" else ", ".join(step.name for step in steps),
            period=side.period.label(self.lang),
            value=side.value,
            display=exact_text(side.value),
            status=str(side.status),
            how=How.SUM,
            steps=steps,
            reason=told(side.reason, self.lang),
        )

    def compared(self, result: Result, now: Step, before: Step, role: str) -> Step:
        """Return the chain of the change of a result on the year before, or of its relative change."""
        relative = role == "change_pct"
        words = _ROLE_WORDS[role][0 if self.lang == "zh" else 1]
        value, _ = self._tell.aspect(result, role)
        return Step(
            ref=f"{result.ref}:{role}",
            name=f"{now.name}{words}" if self.lang == "zh" else f"{now.name}, {words}",
            period=now.period,
            value=value,
            display=(MINUS if value is not None and value < 0 else "") + self._tell.aspect(result, role)[1],
            status=str(Status.COMPUTED),
            how=How.RELATIVE if relative else How.DIFFERENCE,
            multiplier=Fraction(100 if relative else 1),
            steps=(now, before),
        )

    def side(self, result: Result, role: str) -> Step | None:
        """Return the chain of the numerator or denominator of a result; None where it is not known, as of a rate reported alone."""
        if not isinstance(result.entry, Indicator) or result.entry.method not in QUOTIENTS:
            return None
        wanted = result.numerator if role == "numerator" else result.denominator
        sides = result.parts if len(result.parts) == 1 else result.parts[0 if role == "numerator" else 1 :][:1]
        if wanted is None or not sides or sides[0].value != wanted:
            return None
        return self._side(sides[0], result, _ALL)

    def _source(self, cell: Cell) -> Source:
        found = self._observed.at(cell)
        return Source(cell, "") if found is None else Source(cell, found.raw, found.factor)

    # --- facts ----------------------------------------------------------------------------------------------------------

    def of_fact(self, fact: Fact) -> Origin:
        """Return where a printed number comes from: its name, its arithmetic, and its sources with what stands in them."""
        zh = self.lang == "zh"
        result = self.results.get(fact_reference(fact))
        sources = tuple(self._stated(source) for source in fact.sources)
        if result is None or fact.role not in _ROLE_WORDS:
            entry = self.catalogue.entries.get(fact.indicator)
            subject = fact.indicator if entry is None else entry.zh if zh else entry.en
            words = _WORD_ROLES.get(fact.role, _WORD_ROLES["text"])[0 if zh else 1]
            return Origin(fact.fact, f"{words}：{subject}" if zh else f"{words}: {subject}", fact.display, "", sources)
        step = self.step(result, within=_SHOWN)
        words = _ROLE_WORDS[fact.role][0 if zh else 1]
        name = f"{step.name}{words}" if zh else f"{step.name}{words and f', {words}'}"
        return Origin(fact.fact, name, fact.display, self._working(fact, result, step), sources, step.period)

    def _working(self, fact: Fact, result: Result, step: Step) -> str:
        def shown(value: Fraction | None) -> str:
            return "—" if value is None else exact_text(value)

        match fact.role:
            case "value":
                return step.working()
            case "numerator" | "denominator":
                side = self.side(result, fact.role)
                return side.working() if side is not None else ""
            case "previous":
                return self.step(result.before, within=_SHOWN).working() if result.before is not None else ""
            case "change":
                return _size(f"{shown(result.value)} − {shown(result.previous)}", result.change)
            case "change_pct":
                working = f"({shown(result.value)} − {shown(result.previous)}) ÷ {shown(result.previous)} × 100"
                return _size(working, result.change)
            case "magnitude":
                return _size(step.working(), result.value)
            case "deviation":
                target = Fraction(result.target.value) if result.target else None
                return _size(f"{shown(result.value)} − {shown(target)}", result.deviation)
            case "share":
                return f"{shown(fact.numerator)} ÷ {shown(fact.denominator)} × 100"
            case "gap":
                goal = shown(Fraction(result.target.value)) if result.target else "—"
                return f"{goal}% × {shown(result.denominator)} − {shown(result.numerator)}"
            case _:
                return ""

    def _stated(self, source: str) -> tuple[str, str]:
        cell = self._observed.named(source)
        found = None if cell is None else self._observed.at(cell)
        return source, "" if found is None else found.raw


@dataclass(frozen=True)
class Origin:
    """Where one printed number comes from.

    ``working`` is its arithmetic in one line, ``""`` where it stands in a cell or a text as printed; ``sources`` pairs each source (cell
    address, or file and line) with the text that stands in the cell, ``""`` where it is no cell.
    """

    fact: str
    name: str
    display: str
    working: str
    sources: tuple[tuple[str, str], ...]
    period: str = ""

    def row(self) -> dict[str, object]:
        """Return what the record of a chapter adds to a fact, for the documents."""
        return {"name": self.name, "working": self.working, "raws": [raw for _, raw in self.sources], "when": self.period}


_PLAIN = frozenset({"reported", "computed"})
"""Statuses a chain names at its top only."""
_ROLE_WORDS = {
    "value": ("", ""),
    "magnitude": ("", ""),
    "previous": ("（上年）", "the year before"),
    "change": ("（比上年增减）", "change on the year before"),
    "change_pct": ("（比上年增减幅度）", "relative change on the year before"),
    "numerator": ("（分子）", "numerator"),
    "denominator": ("（分母）", "denominator"),
    "target": ("（目标）", "target"),
    "deviation": ("（与目标相差）", "distance to the target"),
    "gap": ("（距目标差额）", "still missing to the target"),
    "lower": ("（置信下限）", "lower confidence limit"),
    "upper": ("（置信上限）", "upper confidence limit"),
    "share": ("（占比）", "share"),
}


_WORD_ROLES = {
    "items": ("条目数", "Number of entries"),
    "earlier": ("以前年度数据", "Figure of an earlier year"),
    "floor": ("各项都达到的整数", "Round figure that all of them reach"),
    "lacking": ("距任务差额", "Still missing of the task"),
    "label": ("名称中的数字", "Number in a name"),
    "definition": ("口径和方法中的数字", "Number in a definition or method"),
    "finding": ("数据核对中的数字", "Number in a finding"),
    "remedy": ("处理意见中的数字", "Number in a remedy"),
    "office": ("文字中的数字", "Number in the office's text"),
    "score": ("考核评分中的数字", "Number of the assessment"),
    "text": ("文字中的数字", "Number in a text"),
}
"""What a number is that no figure prints an aspect of, by role, in both languages."""


def _size(working: str, difference: Fraction | None) -> str:
    """Return the working of a size: a difference whose sign the words carry stands between bars."""
    return f"|{working}|" if difference is not None and difference < 0 else working


def fact_reference(fact: Fact) -> str:
    """Return the reference of the result a fact prints an aspect of: ``births[parity=1]``."""
    return reference(fact.indicator, fact.dims)


def resolve(tracer: Tracer, figure: str) -> Step:
    """Return the chain of a figure named as a reference (``births``, ``births[parity=1]``; 出生 will do for births) or as a fact (``population:births:previous``).

    Of the roles of a fact, ``previous``, ``numerator`` and ``denominator`` lead to that figure, ``change`` and ``change_pct`` to the two
    figures compared, any other to the result itself.

    Raises:
        UserError: there is no such figure; the message names the nearest.
    """
    ref, role = _named(tracer, figure)
    result = tracer.results.named(ref)
    step = tracer.step(result)
    if role in ("previous", "change", "change_pct"):
        if result.before is None or (
            role != "previous" and (result.change is None or (role == "change_pct" and not result.previous))
        ):
            raise UserError(
                f"{ref} has no {role}: no comparable figure of the year before; run nianbao results to see what it has",
                zh=f"{ref}没有“{role}”：没有可比的上年数；运行 nianbao results 查看有哪些数",
            )
        before = tracer.step(result.before)
        return before if role == "previous" else tracer.compared(result, step, before, role)
    if role in ("numerator", "denominator"):
        side = tracer.side(result, role)
        if side is None:
            raise UserError(
                f"{ref} has no {role}: it is not divided from counts in this report; trace {ref} itself",
                zh=f"{ref}没有“{role}”：本报告中它不是由计数相除得出的；请直接追溯{ref}",
            )
        return side
    return step


def _named(tracer: Tracer, figure: str) -> tuple[str, str]:
    """Return reference and role of a figure: ``births``, ``births:previous``, ``population:births:previous``."""
    first, *rest = figure.replace("：", ":").split(":")
    entries = tracer.catalogue.entries
    called = {name: key for key, entry in reversed(list(entries.items())) for name in (*entry.aliases, entry.zh)}
    called |= {tracer._tell.label_text(result.entry, ()): result.entry.id for result in tracer.results if not result.dims}
    name, bracket, dims = first.partition("[")
    if name not in entries and name in called:
        first = f"{called[name]}{bracket}{dims}"
    if rest and first.partition("[")[0] not in entries:
        outline = tracer.catalogue.outline
        chapters = dict.fromkeys((*outline.chapters, *(name for names in outline.skeletons.values() for name in names)))
        if first not in chapters:
            raise UserError(
                f"{figure!r} names no figure: {first!r} is no chapter and no element or indicator"
                f"{did_you_mean(first, [*chapters, *entries])}",
                zh=f"“{figure}”不是指标：没有名为“{first}”的章节或指标{did_you_mean(first, [*chapters, *entries], lang='zh')}",
            )
        first, *rest = rest
        if first.partition("[")[0] not in entries:
            raise UserError(
                f"{figure!r} is a number in words, of no single figure; facts.csv gives its source (column sources), "
                "and so does its card in the HTML report",
                zh=f"“{figure}”是文字中的数字，不属于单个指标；来源见facts.csv的sources列，或HTML报告中的卡片",
            )
    role = rest[0] if rest else "value"
    known = (*ROLES, "magnitude", "share", "plan")
    plain = next((name for name in sorted(known, key=len, reverse=True) if role == name or role.startswith(f"{name}_")), None)
    if plain is None:
        raise UserError(
            f"{figure!r}: {first} has no role {role!r}{did_you_mean(role, known)}; leave it out to trace the figure itself",
            zh=f"“{figure}”：{first}没有“{role}”{did_you_mean(role, known, lang='zh')}；不写冒号后的部分即可追溯该指标本身",
        )
    return first, plain
