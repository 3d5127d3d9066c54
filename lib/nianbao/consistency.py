"""Cross-checks between figures that no formula ties: two ways to split one whole, complements, balances, series, money and heads, years.

Like :mod:`nianbao.checks`, deterministic arithmetic that changes nothing; only exact figures of one window are compared.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from nianbao.catalogue import PLACES, Element, Indicator, Method, Nature
from nianbao.checks import named
from nianbao.errors import Finding, Severity
from nianbao.fields import Dims
from nianbao.formulas import Term, reference
from nianbao.indicators import Result, Results
from nianbao.observation import Observation
from nianbao.values import EXACT, Status, exact_text

BALANCE = ("population_total", "births", "deaths", "population_moved_in", "population_moved_out")
"""Population at the end, and what it must be the sum of with the population of the year before."""


def consistency(observations: Iterable[Observation], results: Results) -> Iterator[Finding]:
    """Yield every finding about figures that contradict each other, check by check, each in catalogue order."""
    given = tuple(observations)
    yield from _splits(results)
    yield from _complements(results)
    yield from _balance(results)
    yield from _falling(given, results)
    yield from _money(results)
    yield from _changes(results)


def _exact(result: Result | None) -> Result | None:
    return result if result is not None and result.value is not None and result.exact else None


def _name(result: Result, results: Results, lang: str = "zh") -> str:
    return named(result.entry, result.dims, results, lang=lang)


def _splits(results: Results) -> Iterator[Finding]:
    """One whole split two ways, by parity and by sex say, with sums that differ."""
    contexts: dict[str, list[Dims]] = {}
    for result in results:
        rest = tuple((key, value) for key, value in result.dims if key in PLACES)
        if rest not in (known := contexts.setdefault(result.entry.id, [()])):
            known.append(rest)
    for key, found in contexts.items():
        entry = results.catalogue.entries[key]
        if not isinstance(entry, Element) or len(entry.partitions) < 2:
            continue
        for context in found:
            sums = [pair for dim, sets in entry.partitions.items() if (pair := _sum_over(results, key, context, dim, sets))]
            for one, other in itertools.pairwise(sums):
                if one[1] == other[1] or one[2][0].period != other[2][0].period:
                    continue
                names = [
                    (spec.zh, spec.en) if (spec := results.catalogue.dimensions.get(dim)) is not None else (dim, dim)
                    for dim in (one[0], other[0])
                ]
                place = results.catalogue.dims_words(context, township=results.township)
                yield Finding(
                    "splits-differ",
                    Severity.WARN,
                    tuple(cell for part in (*one[2], *other[2]) for cell in part.cells),
                    f"{place}{entry.zh}：按{names[0][0]}相加为{{one}}，按{names[1][0]}相加为{{other}}",
                    f"{reference(key, context)}: by {names[0][1]} it adds up to {{one}}, by {names[1][1]} to {{other}}",
                    "核对两种分组是否各自齐全（补报是否都计入）",
                    "check that both splits are complete, late reports included in both",
                    entry.area,
                    {"one": exact_text(one[1]), "other": exact_text(other[1])},
                )


def _sum_over(
    results: Results, key: str, context: Dims, dim: str, sets: Sequence[Sequence[str]]
) -> tuple[str, Fraction, list[Result]] | None:
    for values in sets:
        parts = [_exact(results.get(reference(key, tuple(sorted((*context, (dim, value))))))) for value in values]
        known = [part for part in parts if part is not None]
        if "*" not in values and len(known) == len(values) and len({part.period for part in known}) == 1:
            return dim, sum((part.value or Fraction(0) for part in known), Fraction(0)), known
    return None


def _complements(results: Results) -> Iterator[Finding]:
    """Two reported shares of one whole that leave nothing out, and do not add up to 100 per cent."""
    shares = [
        (result, terms)
        for result in results
        if isinstance(result.entry, Indicator)
        and result.entry.method is Method.PROPORTION
        and result.status is Status.REPORTED
        and result.value is not None
        and (terms := _terms(result.entry, result.dims)) is not None
    ]
    for place, (first, (part, whole)) in enumerate(shares):
        for second, (rest, other) in shares[place + 1 :]:
            if whole != other or first.period != second.period or first.dims != second.dims:
                continue
            both = Counter(part)
            both.update(rest)
            if {ref: times for ref, times in both.items() if times} != dict(whole):
                continue
            assert first.value is not None
            assert second.value is not None
            slack = (Fraction(1, 10**first.entry.decimals) + Fraction(1, 10**second.entry.decimals)) / 2
            if abs(first.value + second.value - 100) <= slack:
                continue
            yield Finding(
                "complements-differ",
                Severity.WARN,
                (*first.cells, *second.cells),
                f"{_name(first, results)}{{one}}与{_name(second, results)}{{other}}互补，相加应为100%",
                f"{_name(first, results, 'en')} {{one}} and {_name(second, results, 'en')} {{other}} complement each other, yet do not add up to 100%",
                "核对两个比例，填报分子和分母",
                "check both shares; report numerator and denominator",
                first.entry.area,
                {"one": results.shown(first), "other": results.shown(second)},
            )


def _terms(indicator: Indicator, dims: Dims) -> tuple[Mapping[str, int], Mapping[str, int]] | None:
    """Return how often each reference is counted in numerator and denominator for fixed dimension values."""
    fitting = [case for case in indicator.cases if case.dims == dims]
    formula = fitting[0] if fitting else indicator
    if not formula.numerator or not formula.denominator:
        return None
    return _counted(formula.numerator), _counted(formula.denominator)


def _counted(terms: Iterable[Term]) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    for term in terms:
        found[f"{reference(term.entry, term.dims)}@{term.back}"] += term.sign
    return {ref: times for ref, times in found.items() if times}


def _balance(results: Results) -> Iterator[Finding]:
    """Population at the end that is not the one of the year before, plus births and arrivals, less deaths and departures."""
    parts = [_exact(results.get(ref)) for ref in BALANCE]
    if any(part is None for part in parts):
        return
    end, births, deaths, moved_in, moved_out = (part for part in parts if part is not None)
    if end.previous is None or len({part.period for part in (births, deaths, moved_in, moved_out)}) != 1:
        return
    values = [part.value or Fraction(0) for part in (end, births, deaths, moved_in, moved_out)]
    wanted = end.previous + values[1] - values[2] + values[3] - values[4]
    if wanted == values[0]:
        return
    yield Finding(
        "population-balance",
        Severity.WARN,
        tuple(
            dict.fromkeys(
                (
                    *end.cells,
                    *end.previous_cells,
                    *(cell for part in (births, deaths, moved_in, moved_out) for cell in part.cells),
                )
            )
        ),
        "期初人口{begin}加出生{births}、迁入{moved_in}，减死亡{deaths}、迁出{moved_out}，应为{wanted}，期末人口填的是{end}，相差{difference}",
        "{begin} at the beginning plus {births} births and {moved_in} moved in, less {deaths} deaths and {moved_out} moved out, "
        "gives {wanted}; reported at the end {end}, difference {difference}",
        "核对各数口径是否一致，有无漏报、补报",
        "check that all five count the same people and that none is left out",
        end.entry.area,
        {
            **{
                name: exact_text(value)
                for name, value in zip(("end", "births", "deaths", "moved_in", "moved_out"), values, strict=True)
            },
            "begin": exact_text(end.previous),
            "wanted": exact_text(wanted),
            "difference": exact_text(abs(wanted - values[0])),
        },
    )


def _falling(given: Sequence[Observation], results: Results) -> Iterator[Finding]:
    """A running count of something that happens, lower at a later day than at an earlier one of the same year."""
    series: dict[tuple[str, Dims, object], list[Observation]] = {}
    for item in given:
        entry = results.catalogue.entries[item.entry]
        runs = isinstance(entry, Element) and entry.nature in (Nature.FLOW, Nature.AMOUNT)
        if runs and item.value is not None and item.status in EXACT and item.period.start is not None:
            series.setdefault((item.entry, item.dims, item.period.start), []).append(item)
    for (key, dims, _), items in series.items():
        ordered = sorted(items, key=lambda item: (item.period.end, item.cell))
        entry = results.catalogue.entries[key]
        for before, after in itertools.pairwise(ordered):
            assert before.value is not None
            assert after.value is not None
            if before.period == after.period or after.value >= before.value:
                continue
            windows = {lang: [item.period.label(lang, year=results.year) for item in (before, after)] for lang in ("zh", "en")}
            yield Finding(
                "cumulative-falls",
                Severity.WARN,
                (before.cell, after.cell),
                f"{named(entry, dims, results)}：累计数{windows['zh'][0]}为{{before}}，{windows['zh'][1]}却为{{after}}",
                f"{reference(key, dims)}: the running count is {{before}} in {windows['en'][0]}, yet {{after}} in {windows['en'][1]}",
                "累计数不应减少；如填的是当季（月）数，请改正统计期间",
                "a running count never falls; if the figure is of a quarter or month alone, mend its period",
                entry.area,
                {"before": exact_text(before.value), "after": exact_text(after.value)},
            )


def _money(results: Results) -> Iterator[Finding]:
    """An amount that is not the heads times the standard of the same scheme."""
    for standard in results:
        stem = standard.entry.id.removesuffix("_standard")
        if stem == standard.entry.id or standard.dims or _exact(standard) is None:
            continue
        heads, amount = _exact(results.get(f"{stem}_recipients")), _exact(results.get(f"{stem}_amount"))
        if heads is None or amount is None or heads.period.year != amount.period.year:
            continue
        assert standard.value is not None
        assert heads.value is not None
        wanted = heads.value * standard.value
        if amount.value == wanted or amount.value is None:
            continue
        yield Finding(
            "money-differs",
            Severity.WARN,
            (*amount.cells, *heads.cells, *standard.cells),
            f"{amount.entry.zh}{{amount}}元，按{heads.entry.zh}{{heads}}人、标准{{standard}}元计算应为{{wanted}}元",
            f"{amount.entry.en}: {{amount}} yuan; {{heads}} {heads.entry.en} at {{standard}} yuan make {{wanted}}",
            "核对人数、标准和金额；有不足一年或补发的，请在备注写明",
            "check heads, standard and amount; note part years and back payments as such",
            amount.entry.area,
            {
                "amount": exact_text(amount.value),
                "heads": exact_text(heads.value),
                "standard": exact_text(standard.value),
                "wanted": exact_text(wanted),
            },
        )


def _changes(results: Results) -> Iterator[Finding]:
    """A figure that moved against the year before by more than chance explains."""
    for result in results.overall:
        if not result.change_clear or result.value is None or result.previous is None or result.before is None:
            continue
        yield Finding(
            "change-unusual",
            Severity.NOTE,
            (*result.cells, *result.previous_cells),
            f"{_name(result, results)}由{{before}}变为{{now}}，超出偶然波动的范围",
            f"{_name(result, results, 'en')} went from {{before}} to {{now}}, more than chance explains",
            "核对两年的数和口径；属实的，请在文字部分说明原因",
            "check both years' figures and definitions; where they hold, give the reason in the text",
            result.entry.area,
            {"before": results.shown(result.before), "now": results.shown(result)},
        )
