"""Every figure of the finished report leads back to cells of the return, whose raw text alone gives the figure again."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from built import ROOT, Built, nianbao
from nianbao import stats
from nianbao.catalogue import Direction, Indicator
from nianbao.dataset import Dataset, open_dataset
from nianbao.facts import Fact
from nianbao.fields import Dims
from nianbao.formulas import parse_dims
from nianbao.indicators import Result, Results
from nianbao.trace import Tracer, fact_reference
from nianbao.values import Status, parse_exact

REPORTS = {("maolin", 2020): 100, ("bagongshan", 2019): 190, ("town-a", 2019): 70, ("town-d", 2015): 100}
"""Shipped reports, and how many of their facts at least are worked out again from the text of their cells alone."""
STATED = {"label", "definition", "finding", "remedy", "office", "score", "axis", "text"}
"""Roles of numbers in words: they stand in params or in a cell, and are no aspect of a result."""
COUNTED = {"items", "floor"}
"""Numbers of entries: the sources are what was counted; round figures that rates reach are held by the sentences' tests."""


@dataclass(frozen=True)
class Report:
    """A built report with what its figures are traced by."""

    facts: tuple[Fact, ...]
    data: Dataset
    tracer: Tracer
    root: Path
    proved: int


@pytest.fixture(scope="module", params=REPORTS, ids=lambda key: f"{key[0]}-{key[1]}")
def report(request: pytest.FixtureRequest, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Report:
    town, year = request.param
    folder = built.folder
    if town != "maolin":
        out = tmp_path_factory.mktemp("traced")
        done = nianbao(built.project, "report", town, "--year", str(year), "--out", str(out))
        assert done.code == 0, done.said
        folder = out / str(year) / town
    opened = open_dataset(built.project, township=town, year=year)
    tracer = Tracer(opened.results, opened.given)
    return Report(tuple(facts_of(Built(built.project, folder))), opened, tracer, built.project, REPORTS[town, year])


@pytest.fixture(scope="module")
def data(built: Built) -> Dataset:
    return open_dataset(built.project, township="maolin", year=2020)


@pytest.fixture(scope="module")
def tracer(data: Dataset) -> Tracer:
    return Tracer(data.results, data.given)


def facts_of(built: Built) -> Iterator[Fact]:
    """Yield the rows of facts.csv as facts."""
    for row in built.facts:
        dims: Dims = parse_dims(row["dims"])
        known = {name: row[name] for name in ("fact", "chapter", "indicator", "role", "display", "unit", "period", "status")}
        yield Fact(
            **known,
            dims=dims,
            value=parse_exact(row["value"]),
            denominator=parse_exact(row["denominator"]),
            sources=tuple(filter(None, row["sources"].split(";"))),
        )


def recomputed(fact: Fact, result: Result, tracer: Tracer) -> Fraction | None:
    """Return what a fact of a result must be, from the raw text of its cells; None where no cell gives the figure (人数众多)."""
    step = tracer.step(result)
    now = step.recomputed()
    earlier = tracer.step(result.before).recomputed() if result.before is not None else None
    target = Fraction(result.target.value) if result.target is not None else None
    role = fact.role
    if role in ("numerator", "denominator"):
        side = tracer.side(result, role)
        return None if side is None else side.recomputed()
    if role == "value":
        return now
    if role == "magnitude":
        return None if now is None else abs(now)
    if role == "previous":
        return earlier
    if role == "target":
        return target
    if role == "change":
        return None if now is None or earlier is None else now - earlier
    if role == "change_pct":
        return None if now is None or not earlier else (now - earlier) / earlier * 100
    if role == "deviation":
        return None if now is None or target is None else now - target
    if role == "gap":
        assert isinstance(result.entry, Indicator)
        assert target is not None
        top, bottom = (side.recomputed() for side in step.steps)
        assert top is not None
        assert bottom is not None
        wanted = target * bottom / result.entry.multiplier
        return Fraction(max(0, math.ceil(top - wanted if result.entry.direction is Direction.LOWER else wanted - top)))
    if role == "earlier":
        written = [printed(raw) for _, raw in tracer.of_fact(fact).sources]
        return None if not written or None in written else sum((one for one in written if one is not None), Fraction(0))
    if role == "lacking":
        done, task = (side.recomputed() for side in step.steps)
        return None if done is None or task is None else task - done
    if role in ("lower", "upper"):
        assert isinstance(result.entry, Indicator)
        top, bottom = (side.recomputed() for side in step.steps)
        limit = limits(result.entry.interval, top, bottom, float(result.entry.multiplier))[role == "upper"]
        return Fraction(repr(float(limit)))
    raise AssertionError(f"{fact.fact}: no rule for the role {role!r}")


def limits(method: str | None, top: Fraction | None, bottom: Fraction | None, scale: float) -> tuple[float, float]:
    """Return the interval of a rate from its recomputed counts."""
    assert top is not None
    assert bottom
    if method == "wilson":
        low, high = stats.wilson(float(top), float(bottom), confidence=0.95)
    elif method == "count":
        low, high = (float(limit) / float(bottom) for limit in stats.count_interval(float(top), confidence=0.95))
    else:
        assert method == "sex_ratio"
        low, high = (limit / scale for limit in stats.sex_ratio(float(top), float(bottom), confidence=0.95))
    return float(low) * scale, float(high) * scale


def shares(facts: Iterable[Fact], tracer: Tracer, results: Results) -> Iterator[tuple[Fact, Fraction]]:
    """Yield the share facts with what their cells give: a part over a whole, both found again among the results."""
    for fact in facts:
        if fact.role == "share":
            part = tracer.step(results.named(fact_reference(fact))).recomputed()
            wholes = [
                value
                for result in results
                if result.value == fact.denominator and (value := tracer.step(result).recomputed()) is not None
            ]
            assert part is not None
            assert wholes, fact.fact
            yield fact, part / wholes[0] * 100


def printed(text: str) -> Fraction | None:
    """Return the figure a display prints, its magnitude in units: 153.08万 is 1530800; None for words and bounds."""
    found = re.fullmatch(r"-?(\d+(?:\.\d+)?)(亿|万)?(?:%|‰|/10万)?", text)
    return Fraction(found[1]) * {"亿": 10**8, "万": 10**4}.get(found[2], 1) if found else None


def half_up(value: Fraction, places: int) -> Fraction:
    """Return a magnitude rounded half up."""
    scale = 10**places
    return Fraction(math.floor(abs(value) * scale + Fraction(1, 2)), scale)


def test_every_figure_is_given_again_by_the_raw_text_of_its_cells(report: Report) -> None:
    """No fact is left out: it is recomputed and printed rounded half up, stands in words, or its cell gives no exact number."""
    data, tracer = report.data, report.tracer
    facts = list(report.facts)
    proved, inexact, stated, counted, wrong = 0, 0, 0, 0, []
    again = {fact.fact: value for fact, value in shares(facts, tracer, data.results)}
    for fact in facts:
        result = data.results.get(fact_reference(fact))
        if fact.role in STATED or fact.status == "stated":
            stated += 1
            assert fact.status == "stated", fact.fact
            if fact.role == "value":  # a number inside the words of a cell: 60—70岁
                assert any(fact.display in raw for _, raw in tracer.of_fact(fact).sources), fact.fact
            continue
        if fact.role in COUNTED:
            counted += 1
            assert fact.value is not None
            assert fact.value.denominator == 1
            continue
        assert result is not None, fact.fact
        found = again[fact.fact] if fact.role == "share" else recomputed(fact, result, tracer)
        if found is None or fact.value is None:
            inexact += 1
            assert fact.value is None or result.status in (Status.FLOOR, Status.APPROXIMATE, Status.CEILING), fact.fact
            continue
        factor = data.catalogue.units[fact.unit].factor if fact.unit in data.catalogue.units else 1
        if fact.value not in (found, abs(found), found / factor):
            wrong.append((fact.fact, str(fact.value), str(found)))
        shown = printed(fact.display)
        if shown is not None and result.status not in (Status.FLOOR, Status.APPROXIMATE, Status.CEILING):
            places = len(fact.display.rstrip("%‰").partition(".")[2]) if "万" not in fact.display else 6
            allowed = [half_up(fact.value, places), half_up(found, places)]
            if fact.role == "change" and result.before is not None:  # readers subtract the figures as they are printed
                sides = [tracer.step(one).recomputed() for one in (result, result.before)]
                now, before = (half_up(side, places) for side in sides if side is not None)
                allowed.append(abs(now - before))
            if shown not in allowed:
                wrong.append((fact.fact, fact.display, str(found)))
        proved += 1
    assert wrong == []
    assert proved >= report.proved, (proved, inexact, stated, counted)
    assert proved + inexact + stated + counted == len(facts)


def test_every_fact_has_a_source_that_stands_where_it_says(report: Report) -> None:
    """A cell holds the raw text, a line of params the key of what it defines."""
    books: dict[str, Any] = {}
    for fact in report.facts:
        origin = report.tracer.of_fact(fact)
        assert origin.sources, fact.fact
        for source, raw in origin.sources:
            file, *place = source.split("!")
            if place:
                if file not in books:
                    books[file] = openpyxl.load_workbook(report.root / file)
                value = books[file][place[0]][place[1]].value
                assert raw == ("" if value is None else str(value)), source
                continue
            name, _, line = file.partition(":")
            assert (report.root / name).exists(), source
            if name.startswith("params/"):
                written = (report.root / name).read_text("utf-8").splitlines()[int(line) - 1].strip()
                assert written.startswith(
                    (f"{fact.indicator.removesuffix('-source')}:", "confidence:", "minimum_denominator:")
                ), (fact.fact, written)


def test_a_cell_changed_behind_the_report_is_noticed(data: Dataset, tracer: Tracer) -> None:
    [item] = [
        item
        for item in data.given
        if item.entry == "births" and dict(item.dims) == {"parity": "1"} and item.period.year == 2020
    ]
    forged = tuple(other if other is not item else type(item)(**{**item.__dict__, "raw": "69"}) for other in data.given)
    assert tracer.result("births").recomputed() == 151
    assert Tracer(data.results, forged).result("births").recomputed() == 152


@pytest.mark.parametrize(
    ("ref", "working"),
    [("births", "68 + 83"), ("births_change_yoy", "151 − 183"), ("pregnancy_known_rate[parity=1]", "61 ÷ 68 × 100")],
)
def test_the_arithmetic_is_told(tracer: Tracer, ref: str, working: str) -> None:
    assert tracer.result(ref).working() == working


def test_every_printed_fact_has_its_card(built: Built) -> None:
    soup = built.soup
    cards = {str(card["id"]): card for card in soup.select("section.origins > div")}
    buttons = soup.select("main button[popovertarget]")
    assert len(buttons) > 200
    for button in buttons:
        card = cards[str(button["popovertarget"])]
        assert "popover" in card.attrs
        assert button.get_text().lstrip("-") in card.get_text()
        assert "data/maolin/2020.xlsx" in card.get_text() or "params/" in card.get_text()
        assert not button.find_parent(["button", "label", "a"])
    assert [tag for tag in soup.select("main .fact") if tag.parent is None or tag.parent.name != "button"] == []
    assert {str(button["popovertarget"]) for button in buttons} == set(cards)


def test_a_county_is_traced_through_its_towns_to_their_cells(tmp_path: Path) -> None:
    """Sums and products of every town come out of the raw text of its own return; a product's cells are never summed."""
    root = tmp_path / "county"
    command = [sys.executable, str(ROOT / "tools" / "demo_county.py"), str(root), "--towns", "3", "--years", "2020"]
    subprocess.run(command, check=True, capture_output=True)
    county = open_dataset(root, township="shifan", year=2020)
    tracer = Tracer(county.results, county.given, behind=county.rolled_up.behind)
    proved = 0
    for result in county.results:
        found = tracer.step(result).recomputed() if result.exact and result.value is not None else None
        if found is not None:
            assert found == result.value, result.ref
            proved += 1
    assert proved > 500
    births = tracer.result("births")
    assert [step.ref for step in births.steps] == [f"births[township={key}]" for key in county.township.members]
    assert {source.cell.file for source in births.steps[1].leaves()} == {f"data/{county.township.members[1]}/2020.xlsx"}
