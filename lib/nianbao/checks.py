"""Cross-checks: what the figures of a return say about each other, as findings with addresses and remedies.

All checks are deterministic arithmetic on what the return holds; none changes a figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from nianbao import stats
from nianbao.catalogue import QUOTIENTS, Catalogue, Element, Indicator, Method, Standing, Township
from nianbao.errors import Finding, Severity
from nianbao.fields import Dims
from nianbao.formulas import reference
from nianbao.indicators import Result, Results, in_use, place_of, without_place
from nianbao.observation import Intake, Observation
from nianbao.periods import Period, PeriodKind
from nianbao.values import EXACT, Status, exact_text


def cross_check(observations: Iterable[Observation], results: Results) -> tuple[Finding, ...]:
    """Return every finding of the cross-checks, in catalogue order.

    Figures given for two windows of one year, parts against reported totals (with the figure that explains a difference, when one does), parts against the whole they belong
    to, numerators against denominators, reported rates against their own numbers, computed rates against their bounds.
    """
    given = tuple(observations)
    checks = _Checks(given, results)
    return tuple(checks.run())


def revisions(intakes: Sequence[Intake], *, catalogue: Catalogue, township: Township, year: int) -> Iterator[Finding]:
    """Yield a finding for every figure that the returns of ``year`` give otherwise than an earlier one did for the same window."""
    own = [item for intake in intakes if intake.year == year for item in intake.observations]
    current = {(item.entry, item.dims, item.period): item for item in reversed(own)}
    for intake in (intake for intake in intakes if intake.year != year):
        for before in intake.observations:
            now = current.get((before.entry, before.dims, before.period))
            if now is None or not {now.status, before.status} <= EXACT or now.value == before.value:
                continue
            entry = catalogue.entries[now.entry]
            parts = catalogue.dims_words(now.dims, township=township)
            zh, en = (now.period.label(lang, year=year) for lang in ("zh", "en"))
            yield Finding(
                "revised-figure",
                Severity.WARN,
                (now.cell, before.cell),
                f"{zh}{parts}{entry.zh}：本年报表填{{now}}，{before.cell.file}填{{before}}",
                f"{now.ref}, {en}: {{now}} in this return, {{before}} in {before.cell.file}",
                "核对两份报表，如属更正请在备注写明；本报告采用本年报表的数",
                "check both returns and note a correction as such; the report uses this return's figure",
                entry.area,
                {"now": _said(now, catalogue), "before": _said(before, catalogue)},
            )


def named(entry: Element | Indicator, dims: Dims, results: Results, *, lang: str = "zh") -> str:
    """Return the name of a figure as findings print it: 一孩出生人口, births (first child)."""
    words = results.catalogue.dims_words(dims, lang=lang, township=results.township)
    if lang == "zh":
        return f"{words}{entry.zh}"
    return f"{entry.en} ({words})" if words else entry.en


class _Checks:
    def __init__(self, observations: tuple[Observation, ...], results: Results) -> None:
        self.observations, self.results = observations, results
        self.catalogue: Catalogue = results.catalogue

    def run(self) -> Iterator[Finding]:
        yield from self.two_windows()
        members = bool(self.results.township.members)
        yield from self.rates_without_counts() if members else self.silent_villages()
        if not members:
            yield from self.silent_parts()
        for result in self.results.overall if members else self.results:  # what is of a town is checked with the town's return
            yield from self.reported_total(result)
            yield from self.part_of(result)
            if isinstance(result.entry, Indicator):
                yield from self.quotient(result, result.entry)
                yield from self.possible_rate(result, result.entry)

    def two_windows(self) -> Iterator[Finding]:
        """Figures given for more than one window of a year, with the one that is used."""
        groups: dict[tuple[str, Dims, int], list[Observation]] = {}
        for item in self.observations:
            if item.status is not Status.MISSING:
                groups.setdefault((item.entry, item.dims, item.period.year), []).append(item)
        for (key, dims, year), given in groups.items():
            if len({item.period for item in given}) < 2:
                continue
            entry = self.catalogue.entries[key]
            now = in_use(groups.get((key, dims, self.results.year), []), kind=entry.period, year=self.results.year)
            like = now[0].period if now and year != self.results.year else None
            used, *others = in_use(given, kind=entry.period, year=year, like=like)
            own = [item for item in given if item.period.kind is entry.period]
            clear = year != self.results.year or len(own) == 1 or len({(item.status, item.value) for item in given}) == 1
            result = self.results.get(reference(key, dims)) if year == self.results.year else None
            summed = result is not None and used.cell not in result.cells
            figures = {f"figure{place}": _said(item, self.catalogue) for place, item in enumerate((used, *others))}

            def listed(lang: str, items: tuple[Observation, ...] = (used, *others)) -> str:
                told = [
                    f"{item.period.label(lang, year=self.results.year)}{'为' if lang == 'zh' else ': '}{{figure{place}}}"
                    f"{f'（{item.cell.short}）' if lang == 'zh' else f' ({item.cell.short})'}"
                    for place, item in enumerate(items)
                ]
                return ("、" if lang == "zh" else ", ").join(told)

            zh = "本报告采用本表数字的计算值" if summed else f"本报告采用{used.cell.short}"
            en = "the report computes it from other cells" if summed else f"the report uses {used.cell.short}"
            yield Finding(
                "two-windows",
                Severity.NOTE if clear else Severity.WARN,
                (used.cell, *(item.cell for item in others)),
                f"{named(entry, dims, self.results)}填了不同统计期间的数：{listed('zh')}，{zh}",
                f"{named(entry, dims, self.results, lang='en')} is given for different periods: {listed('en')}; {en}",
                "只保留目录口径期间的数；两个期间都要报的，核对采用的是否正确",
                "keep the figure of the catalogue's period; where both are wanted, see that the right one is used",
                entry.area,
                figures,
            )

    def silent_villages(self) -> Iterator[Finding]:
        """Figures that some villages of the township report and others do not, so that they cannot be summed."""
        villages = {village.key: village for village in self.results.township.villages}
        groups: dict[tuple[str, Dims, Period], list[Observation]] = {}
        for item in self.observations:
            if item.period.year == self.results.year and "village" in dict(item.dims) and item.value is not None:
                groups.setdefault((item.entry, without_place(item.dims), item.period), []).append(item)
        for (key, dims, _), given in groups.items():
            silent = [village for village in villages if village not in {dict(item.dims)["village"] for item in given}]
            if not silent:
                continue
            entry = self.catalogue.entries[key]
            parts = self.catalogue.dims_words(dims)
            yield Finding(
                "village-missing",
                Severity.WARN,
                tuple(item.cell for item in given),
                f"{entry.zh}{f'（{parts}）' if parts else ''}：{'、'.join(villages[key].zh for key in silent)}没有填报，不能合计",
                f"{named(entry, dims, self.results, lang='en')}: not reported by {', '.join(villages[key].en for key in silent)}, so there is no sum",
                "补报；确实没有的填0",
                "report them; write 0 where there is none",
                entry.area,
            )

    def silent_parts(self) -> Iterator[Finding]:
        """Totals that indicators or other figures rest on, and that cannot be summed: some parts are reported, others are not.

        Of figures by village :meth:`silent_villages` tells the same.
        """
        used = [
            entry
            for entry in self.catalogue.entries.values()
            if isinstance(entry, Indicator) and entry.status is Standing.CURRENT
        ]
        needed = {term.entry for entry in used for term in (*entry.numerator, *entry.denominator) if not term.dims}
        needed |= {entry.part_of for entry in self.catalogue.entries.values() if isinstance(entry, Element) and entry.part_of}
        groups: dict[tuple[str, str], dict[str, Observation]] = {}
        for item in self.observations:
            entry = self.catalogue.entries[item.entry]
            wanted = isinstance(entry, Element) and entry.id in needed
            if wanted and len(item.dims) == 1 and item.period.year == self.results.year and item.value is not None:
                ((dim, value),) = item.dims
                groups.setdefault((entry.id, dim), {})[value] = item
        for (key, dim), given in groups.items():
            entry, total = self.catalogue.entries[key], self.results.get(key)
            assert isinstance(entry, Element)
            sets = [parts for parts in entry.partitions.get(dim, ()) if "*" not in parts and len(parts) > 1]
            if not sets or (total is not None and total.value is not None):
                continue
            parts = max(sets, key=lambda one: sum(value in given for value in one))
            silent = [value for value in parts if value not in given]
            if not silent or len(silent) == len(parts):
                continue
            label = self.catalogue.dim_label
            zh, en = (
                ("、" if lang == "zh" else ", ").join(
                    label(dim, value, lang=lang, township=self.results.township) for value in silent
                )
                for lang in ("zh", "en")
            )
            yield Finding(
                "part-missing",
                Severity.WARN,
                tuple(item.cell for item in given.values()),
                f"{named(entry, (), self.results)}无法得出：没有填报{zh}，也没有填报合计",
                f"there is no {named(entry, (), self.results, lang='en')}: {en} is not reported, and no total is",
                "补报缺的部分（确实没有的填0），或直接填报合计",
                "report what is missing (0 where there is none), or the total itself",
                entry.area,
            )

    def rates_without_counts(self) -> Iterator[Finding]:
        """Rates that towns report without the counts behind them: a county's rate is of summed counts, never a mean of rates."""
        found: dict[str, list[Result]] = {}
        for result in self.results:
            if place_of(result.dims) is None or not isinstance(result.entry, Indicator) or result.entry.method not in QUOTIENTS:
                continue
            whole = self.results.get(reference(result.entry.id, without_place(result.dims)))
            bare = result.value is not None and (result.numerator is None or result.denominator is None)
            if bare and (whole is None or whole.value is None):
                found.setdefault(reference(result.entry.id, without_place(result.dims)), []).append(result)
        for ref, bare_rates in found.items():
            entry = bare_rates[0].entry
            keys = [key for key in dict.fromkeys(place_of(result.dims) for result in bare_rates) if key is not None]
            names = {
                lang: [self.catalogue.dim_label("township", key, lang=lang, township=self.results.township) for key in keys]
                for lang in ("zh", "en")
            }
            yield Finding(
                "rate-without-counts",
                Severity.WARN,
                tuple(cell for result in bare_rates for cell in result.cells),
                f"{entry.zh}：{'、'.join(names['zh'])}只填报比率，没有分子或分母，不能合计",
                f"{ref}: {', '.join(names['en'])} reported the rate without its counts, so there is no rate of the whole",
                "补报分子和分母；比率不取平均",
                "report numerator and denominator; rates are not averaged",
                entry.area,
            )

    def name(self, result: Result, lang: str) -> str:
        return named(result.entry, result.dims, self.results, lang=lang)

    def reported_total(self, result: Result) -> Iterator[Finding]:
        """A computed figure that the return also reports, differently."""
        said = result.reported
        if said is None or said.value is None or result.value is None or said.status not in EXACT:
            return
        if self.same(result, said.value) or _unlike(said.period, result.period):
            return
        summed = not isinstance(result.entry, Indicator) or result.entry.method is Method.SUM
        difference = said.value - result.value
        figures = {
            "computed": self.plain(result.value) if summed else self.results.shown(result),
            "reported": self.plain(said.value),
            "difference": self.plain(abs(difference)) if summed else self.points(abs(difference), result),
        }
        if not summed:
            yield Finding(
                "reported-differs",
                Severity.WARN,
                (said.cell, *result.cells),
                f"{self.name(result, 'zh')}：按本表数字计算为{{computed}}，报表填的是{{reported}}，相差{{difference}}",
                f"{self.name(result, 'en')}: {{computed}} by its own numbers, reported as {{reported}}, difference {{difference}}",
                "核对分子、分母和填报的比率；本报告采用计算值",
                "check numerator, denominator and the reported rate; the report prints the computed value",
                result.entry.area,
                figures,
            )
            return
        hint_zh, hint_en = "", ""
        culprits = [item for item in self.observations if self.may_be_added(item, result) and item.value == difference]
        culprits = [item for item in culprits if item.cell != said.cell and item.cell not in result.cells]
        for item in culprits[:1]:
            entry = self.catalogue.entries[item.entry]
            counted = item.unit in ("person", "household", "couple", "person_time")
            figures["culprit"] = self.plain(abs(difference))
            hint_zh = f"；差额恰好等于{item.cell.short}单元格的{'人数' if counted else '数值'}（{entry.zh}{{culprit}}）"
            hint_en = f"; the difference equals the {'head count' if counted else 'figure'} in cell {item.cell.short} ({entry.en}, {{culprit}})"
        yield Finding(
            "total-differs",
            Severity.WARN,
            (said.cell, *result.cells, *(item.cell for item in culprits[:1])),
            f"{self.name(result, 'zh')}：分项合计{{computed}}，填报合计{{reported}}，相差{{difference}}{hint_zh}",
            f"{self.name(result, 'en')}: the items sum to {{computed}}, reported {{reported}}, difference {{difference}}{hint_en}",
            "核对合计，疑似把不应相加的数计入；本报告采用分项合计"
            if culprits
            else "核对分项是否齐全、合计是否正确；本报告采用分项合计",
            "check the total: a figure that does not belong there seems to have been added; the report prints the sum of the items"
            if culprits
            else "check that the items are complete and the total is right; the report prints the sum of the items",
            result.entry.area,
            figures,
        )

    def may_be_added(self, item: Observation, result: Result) -> bool:
        """True for a figure a clerk may have added to a total in which it does not belong.

        It stands among the items: a figure of the same work area, year and place, and no part of what is summed.  A total of one entry's
        parts, villages above all, mixes in nothing: there an equal number elsewhere is chance.  A small number equals another by chance.
        """
        entry = self.catalogue.entries[item.entry]
        mixed = len({part.entry.id for part in result.parts}) > 1
        alike = entry.area == result.entry.area and item.period.year == result.period.year
        return (
            mixed
            and alike
            and not item.total
            and place_of(item.dims) == place_of(result.dims)
            and (item.value or 0) >= _TELLING
        )

    def same(self, result: Result, said: Fraction) -> bool:
        """True when a reported figure equals the computed one, exactly or as rounded at the decimals it was written with."""
        assert result.value is not None
        if said == result.value:
            return True
        if isinstance(result.entry, Element) or result.entry.method is Method.SUM:
            return False
        return Fraction(stats.round_half_up(result.value, _places(said))) == said

    def part_of(self, result: Result) -> Iterator[Finding]:
        """A part larger than the whole it belongs to."""
        if not isinstance(result.entry, Element) or result.entry.part_of is None or result.value is None:
            return
        whole = self.results.get(result.entry.part_of)
        if whole is None or whole.value is None or not whole.exact or result.value <= whole.value:
            return
        if result.period != whole.period:
            return
        yield Finding(
            "part-exceeds-whole",
            Severity.BLOCK,
            (*result.cells, *whole.cells),
            f"{self.name(result, 'zh')}{{part}}大于{self.name(whole, 'zh')}{{whole}}",
            f"{self.name(result, 'en')} {{part}} exceeds {self.name(whole, 'en')} {{whole}}",
            "部分不能大于总体，核对两个数",
            "a part cannot exceed its whole; check both figures",
            result.entry.area,
            {"part": self.plain(result.value), "whole": self.plain(whole.value)},
        )

    def quotient(self, result: Result, indicator: Indicator) -> Iterator[Finding]:
        """A numerator above its denominator, or a value outside the bounds of the catalogue."""
        n, big_n = result.numerator, result.denominator
        divided = result.status in (
            Status.COMPUTED,
            Status.IMPLIED,
        )  # otherwise a side is a bound, or the sides' windows differ
        if indicator.method is Method.PROPORTION and divided and n is not None and big_n is not None and n > big_n:
            yield Finding(
                "numerator-exceeds-denominator",
                Severity.BLOCK,
                result.cells,
                f"{self.name(result, 'zh')}：分子{{numerator}}大于分母{{denominator}}",
                f"{self.name(result, 'en')}: the numerator {{numerator}} exceeds the denominator {{denominator}}",
                "比例的分子是分母的一部分，核对两个数",
                "the numerator of a proportion is part of its denominator; check both figures",
                indicator.area,
                {"numerator": self.plain(n), "denominator": self.plain(big_n)},
            )
            return
        value = result.value
        low, high = indicator.lower_bound, indicator.upper_bound
        if value is None or not ((low is not None and value < Fraction(low)) or (high is not None and value > Fraction(high))):
            return
        yield Finding(
            "out-of-bounds",
            Severity.BLOCK if indicator.method is Method.PROPORTION else Severity.WARN,
            result.cells,
            f"{self.name(result, 'zh')}为{{value}}，超出正常范围",
            f"{self.name(result, 'en')} is {{value}}, outside its bounds",
            "核对分子、分母和单位",
            "check numerator, denominator and unit",
            indicator.area,
            {"value": self.results.shown(result)},
        )

    def possible_rate(self, result: Result, indicator: Indicator) -> Iterator[Finding]:
        """A reported rate that no whole number over the known denominator rounds to."""
        said, big_n = result.raw, result.denominator
        if result.status is not Status.REPORTED or not said or not big_n or big_n.denominator != 1 or result.value is None:
            return
        if not all(part.exact for part in result.parts):
            return
        if indicator.method not in (Method.PROPORTION, Method.COMPLETION):
            return
        places = _places(result.value)
        nearest = result.value * big_n / indicator.multiplier
        candidates = {nearest.numerator // nearest.denominator + step for step in (-1, 0, 1, 2)}
        rates = {n: Fraction(n, int(big_n)) * indicator.multiplier for n in candidates if n >= 0}
        if any(Fraction(stats.round_half_up(rate, places)) == result.value for rate in rates.values()):
            return
        cut = [n for n, rate in rates.items() if Fraction(stats.truncate(rate, places)) == result.value]
        figures = {"rate": self.results.shown(result), "denominator": self.plain(big_n)}
        hint_zh, hint_en = "", ""
        if cut:
            figures["numerator"] = str(cut[0])
            hint_zh, hint_en = "；分子为{numerator}时截尾可得此数", "; {numerator} gives it when cut off instead of rounded"
        yield Finding(
            "rate-impossible",
            Severity.WARN,
            (*result.cells, *(cell for part in result.parts for cell in part.cells)),
            f"{self.name(result, 'zh')}填报为{{rate}}，但分母为{{denominator}}时没有整数分子四舍五入得到此数{hint_zh}",
            f"{self.name(result, 'en')} is reported as {{rate}}, but no whole number over {{denominator}} rounds to it{hint_en}",
            "填报分子，由系统计算；或核对分母",
            "report the numerator and let the rate be computed, or check the denominator",
            indicator.area,
            figures,
        )

    def plain(self, value: Fraction) -> str:
        return exact_text(value)

    def points(self, value: Fraction, result: Result) -> str:
        unit = self.catalogue.units[result.unit]
        return f"{self.results.rounding(value, result.entry.decimals):f}{unit.difference_zh}"


_TELLING = 100
"""A difference below this equals some figure of a return by chance."""


def _unlike(one: Period, other: Period) -> bool:
    """True for two different windows of days; a state on a day may be set beside either."""
    return one != other and PeriodKind.AS_OF not in (one.kind, other.kind)


def _said(item: Observation, catalogue: Catalogue) -> str:
    """Return the figure of an observation as a finding prints it: exact, or what the cell says where it carries no value."""
    return item.raw if item.value is None else f"{exact_text(item.value)}{catalogue.units[item.unit].symbol}"


def _places(value: Fraction) -> int:
    """Return how many decimals a terminating value was written with."""
    places = 0
    while (value * 10**places).denominator != 1 and places < 6:
        places += 1
    return places
