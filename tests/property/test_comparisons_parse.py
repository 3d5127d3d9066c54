"""Sentences on villages and towns beside each other, read back and compared with exact tail probabilities worked out here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from math import comb

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from county import REPOSITORY, TOWNSHIPS, YEAR, observe_all, place, shipped_catalogue
from nianbao.blocks import plain
from nianbao.catalogue import Township
from nianbao.chapter import Chapter
from nianbao.dataset import Dataset
from nianbao.observation import Intake
from nianbao.ranking import rank_members
from nianbao.rollup import opened_to_members
from nianbao.villages import funnels

DONE, ALL, RATE = "health_records", "population_resident", "health_record_rate"
VILLAGES = {"1": "上湾村", "2": "中湾村", "3": "下湾村"}
TOWNS = {"a": "甲镇", "b": "乙镇", "c": "丙镇"}
OUTER, INNER = Fraction(2, 1000), Fraction(5, 100)
Counts = Sequence[tuple[int, int]]
steadily = settings(max_examples=40, deadline=None)


@st.composite
def three(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Return numerator and denominator of three places, some far apart and some small."""
    wholes = [draw(st.sampled_from([15, 40, 100, 150])) for _ in range(3)]
    return [(draw(st.integers(whole // 3, whole)), whole) for whole in wholes]


def tails(done: int, whole: int, share: Fraction) -> tuple[Fraction, Fraction]:
    """Return the exact chance of so few and of so many."""
    chances = [comb(whole, k) * share**k * (1 - share) ** (whole - k) for k in range(whole + 1)]
    return sum(chances[: done + 1], Fraction(0)), sum(chances[done:], Fraction(0))


def outside(counts: Counts, rare: Fraction) -> tuple[set[int], set[int]]:
    """Return which places lie above and which below limits that chance passes with ``rare``, half of it on either side."""
    share = Fraction(sum(done for done, _ in counts), sum(whole for _, whole in counts))
    above, below = set(), set()
    for number, (done, whole) in enumerate(counts):
        few, many = tails(done, whole, share)
        if whole >= 20 and many < rare / 2:
            above.add(number)
        elif whole >= 20 and few < rare / 2:
            below.add(number)
    return above, below


def chapter(counts: Counts, keys: Sequence[str], dim: str) -> Chapter:
    figures = {}
    for key, (done, whole) in zip(keys, counts, strict=True):
        figures |= {f"{DONE}[{dim}={key}]": done, f"{ALL}[{dim}={key}]": whole}
    if dim == "village":
        where, catalogue = place(), shipped_catalogue()
    else:
        content = {"key": "liuhe", **yaml.safe_load(TOWNSHIPS["liuhe"]), "members": list(TOWNS)}
        where = Township.model_validate(content)
        towns = [place("baishi").model_copy(update={"key": key, "zh": zh, "en": zh}) for key, zh in TOWNS.items()]
        catalogue = opened_to_members(shipped_catalogue(), towns)
    intake = Intake(where.key, YEAR, "data/liuhe/2020.xlsx", "", tuple(observe_all(figures)), ())
    return Chapter("assessment", Dataset(REPOSITORY, where, YEAR, catalogue, (intake,)), lang="zh", edition="internal")


def village_words(counts: Counts) -> str:
    opened = chapter(counts, list(VILLAGES), "village")
    found = funnels(opened._results, areas=("basic_public_health",))
    made, outer, outer_most, inner, inner_most = (plain([run]) for run in opened.by_chance(found, "x"))
    counted = f"共作{made}次比较，超出99.8%控制限{outer}次、超出95%控制限{inner}次，偶然不超过{outer_most}次、{inner_most}次"
    return f"{plain(opened._comparison(found, 'x'))}\n{counted}"


def town_words(counts: Counts) -> str:
    opened = chapter(counts, list(TOWNS), "township")
    found = rank_members(opened._results, RATE)
    assert found is not None
    return plain(opened._ranking_words(found))


def villages_hold(said: str, counts: Counts) -> None:
    high, low = outside(counts, OUTER)
    wide = set.union(*outside(counts, INNER))
    said, _, counted = said.partition("\n")
    names = list(VILLAGES.values())
    for word, members in (("偏高", high), ("偏低", low)):
        assert {name for name in names if re.search(rf"{name}[^偏，；]*{word}", said)} == {names[n] for n in members}, said
    if not high | low and not wide:
        assert said.endswith("的差异在随机波动范围内，不宜排名。"), said
    if wide:
        found = re.search(r"共作(\d+)次比较，超出99.8%控制限(\d+)次、超出95%控制限(\d+)次", counted)
        assert found, counted
        judged = sum(whole >= 20 for _, whole in counts)
        assert tuple(map(int, found.groups())) == (judged, len(high | low), len(wide)), said
        expected = re.search(r"不超过([\d.]+)次、([\d.]+)次", counted)
        assert expected, counted
        assert tuple(map(Fraction, expected.groups())) == (judged * OUTER, judged * INNER), said


def towns_hold(said: str, counts: Counts) -> None:
    high, low = outside(counts, OUTER)
    names = list(TOWNS.values())
    assert {name for name in names if re.search(rf"{name}[^，]*领先", said)} == {names[n] for n in high}, said
    assert {name for name in names if re.search(rf"{name}[^，]*落后", said)} == {names[n] for n in low}, said
    assert ("超出随机波动范围" in said) == bool(high | low), said
    assert ("名次先后不说明工作好坏" in said) == (not high | low), said


@steadily
@given(three())
def test_villages_named_are_those_beyond_chance(counts: list[tuple[int, int]]) -> None:
    if any(whole >= 20 for _, whole in counts):
        villages_hold(village_words(counts), counts)


@steadily
@given(three())
def test_towns_said_to_lead_or_lag_are_those_beyond_chance(counts: list[tuple[int, int]]) -> None:
    if all(whole >= 20 for _, whole in counts):  # a town too small to rank stands outside the comparison
        towns_hold(town_words(counts), counts)


APART = [(148, 150), (100, 150), (60, 150)]


@pytest.mark.parametrize(
    ("was", "now"), [("偏高", "偏低"), ("上湾村", "中湾村"), ("3次比较", "4次比较"), ("控制限2次", "控制限1次")]
)
def test_a_sentence_on_villages_that_lies_is_caught(was: str, now: str) -> None:
    said = village_words(APART)
    villages_hold(said, APART)
    assert was in said, said
    with pytest.raises(AssertionError):
        villages_hold(said.replace(was, now), APART)


@pytest.mark.parametrize(("was", "now"), [("领先", "落后"), ("甲镇", "乙镇"), ("超出随机波动范围", "在随机波动之内")])
def test_a_sentence_on_towns_that_lies_is_caught(was: str, now: str) -> None:
    said = town_words(APART)
    towns_hold(said, APART)
    with pytest.raises(AssertionError):
        towns_hold(said.replace(was, now), APART)
