"""Towns in order: ties, direction, who is left out and why, and nobody called ahead or behind whom chance explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
import yaml

from county import REPOSITORY, TOWNSHIPS, YEAR, observe_all, place, shipped_catalogue
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.catalogue import Target, Township, YearParams
from nianbao.chapter import Chapter
from nianbao.dataset import Dataset
from nianbao.errors import UserError
from nianbao.indicators import Results, compute
from nianbao.observation import Intake
from nianbao.ranking import Excluded, competition_ranks, rank_members, rank_scores
from nianbao.rollup import opened_to_members
from nianbao.scoring import Scheme
from nianbao.villages import Place

DONE, TASK, RATE = "health_records", "population_resident", "health_record_rate"
LOWER, DIED, BORN = "infant_mortality_rate", "infant_deaths", "live_births"
TOWNS = ("a", "b", "c", "d")
Counts = Mapping[str, tuple[object, object]]


def town(key: str) -> Township:
    """Return an invented town."""
    return place("baishi").model_copy(
        update={"key": key, "zh": f"{'甲乙丙丁'[TOWNS.index(key)]}镇", "en": f"Town {key.upper()}"}
    )


def county(**years: object) -> Township:
    content = {"key": "liuhe", **yaml.safe_load(TOWNSHIPS["liuhe"]), "members": list(TOWNS)}
    return Township.model_validate(content).model_copy(update={"years": {YEAR: YearParams.model_validate(years)}})


def figures(counts: Counts, done: str = DONE, total: str = TASK) -> dict[str, object]:
    made: dict[str, object] = {}
    for key, (n, big_n) in counts.items():
        made |= {f"{done}[township={key}]": n, f"{total}[township={key}]": big_n}
    return {ref: value for ref, value in made.items() if value is not None}


def results(given: Mapping[str, object]) -> Results:
    catalogue = opened_to_members(shipped_catalogue(), [town(key) for key in TOWNS])
    return compute(observe_all(given), catalogue=catalogue, township=county(), year=YEAR)


def ranks(counts: Counts, *names: str) -> dict[str, int]:
    ref, done, total = names or (RATE, DONE, TASK)
    found = rank_members(results(figures(counts, done, total)), ref)
    assert found is not None
    return {item.unit: item.rank for item in found.ranked}


@pytest.mark.parametrize(
    ("values", "lower", "expected"),
    [
        (("3", "2", "2", "1"), False, (1, 2, 2, 4)),
        (("3", "2", "2", "1"), True, (4, 2, 2, 1)),
        (("2", "2", "2"), False, (1, 1, 1)),
        ((), False, ()),
    ],
)
def test_ties_share_a_rank_and_the_next_one_skips(values: tuple[str, ...], lower: bool, expected: tuple[int, ...]) -> None:
    assert competition_ranks([Decimal(value) for value in values], lower_is_better=lower) == expected


def test_what_prints_alike_ranks_alike() -> None:
    # 90.004 % and 90.001 % both print as 90.00 %
    counts = {"a": (90_004, 100_000), "b": (90_001, 100_000), "c": (95_000, 100_000), "d": (80_000, 100_000)}
    assert ranks(counts) == {"c": 1, "a": 2, "b": 2, "d": 4}


def test_lower_is_better_where_the_indicator_says_so() -> None:
    counts = {"a": (3, 1000), "b": (1, 1000), "c": (2, 1000), "d": (9, 1000)}
    assert ranks(counts, LOWER, DIED, BORN) == {"b": 1, "c": 2, "a": 3, "d": 4}


@pytest.mark.parametrize("ref", ["premarital_disease_detection_rate", "sex_ratio_at_birth"])
def test_what_has_no_better_and_worse_is_not_ranked(ref: str) -> None:
    assert rank_members(results({}), ref) is None


def test_an_unknown_indicator_is_refused() -> None:
    with pytest.raises(UserError, match="did you mean"):
        rank_members(results({}), "health_record_rat")


def test_units_without_a_sound_figure_are_left_out_with_the_reason() -> None:
    given = {
        **figures({"a": (90, 100), "b": (80, 100), "c": (9, 19)}),
        f"{RATE}[township=d]": "99%以上",
    }
    found = rank_members(results(given), RATE)
    assert found is not None
    assert {item.unit for item in found.ranked} == {"a", "b"}
    assert found.left_out == (("c", Excluded.TOO_FEW), ("d", Excluded.INEXACT))
    bare = rank_members(results({**figures({"a": (90, 100), "b": (80, 100)}), f"{RATE}[township=d]": "99%"}), RATE)
    assert bare is not None
    assert bare.left_out == (("c", Excluded.NO_FIGURE), ("d", Excluded.NO_COUNTS))


def test_a_unit_with_another_window_is_left_out() -> None:
    given: dict[str, object] = {}
    for key, period in zip(TOWNS, ("2020年", "2020年", "2020年", "2020年1-11月"), strict=True):
        given |= {f"{DIED}[township={key}]": (2, "", period), f"{BORN}[township={key}]": (900, "", period)}
    found = rank_members(results(given), LOWER)
    assert found is not None
    assert [item.rank for item in found.ranked] == [1, 1, 1]
    assert found.left_out == (("d", Excluded.OTHER_WINDOW),)


def test_one_unit_makes_no_ranking() -> None:
    assert rank_members(results(figures({"a": (90, 100)})), RATE) is None


def test_only_whom_chance_does_not_explain_leads_or_lags() -> None:
    alike = rank_members(results(figures({key: (800 + step, 1000) for step, key in enumerate(TOWNS)})), RATE)
    assert alike is not None
    assert [item.place for item in alike.ranked] == [Place.WITHIN] * 4
    assert (alike.leading, alike.lagging) == ((), ())
    apart = rank_members(results(figures({"a": (950, 1000), "b": (800, 1000), "c": (800, 1000), "d": (650, 1000)})), RATE)
    assert apart is not None
    assert [item.unit for item in apart.leading] == ["a"]
    assert [item.unit for item in apart.lagging] == ["d"]


def test_money_has_no_funnel() -> None:
    given = figures(
        {key: (900 + step, 1000) for step, key in enumerate(TOWNS)}, "project_funding_received", "project_funding_secured"
    )
    found = rank_members(results(given), "project_funding_in_place_rate")
    assert found is not None
    assert not found.judged


SCHEME = Scheme.model_validate(
    {
        "key": "s",
        "zh": "考核办法",
        "en": "scheme",
        "source": "柳卫发〔2020〕8号",
        "items": [
            {"id": "r", "zh": "建档率", "en": "records", "of": RATE, "points": 10, "rule": {"kind": "linear", "target": 100}}
        ],
        "vetoes": [{"unit_zh": "丙镇", "unit_en": "Town C", "ground_zh": "瞒报", "ground_en": "withheld"}],
    }
)


def own(key: str, given: Mapping[str, object]) -> Results:
    return compute(observe_all(given), catalogue=shipped_catalogue(), township=town(key), year=YEAR)


def test_total_scores_rank_too_and_say_who_is_left_out() -> None:
    scored = {"a": {DONE: 90, TASK: 100}, "b": {DONE: 80, TASK: 100}, "c": {DONE: 99, TASK: 100}}
    members = [(key, SCHEME, own(key, given)) for key, given in scored.items()]
    found = rank_scores([*members, ("d", SCHEME, own("d", {"births": 3}))], results=results({}))
    assert found is not None
    assert [(item.unit, item.rank, str(item.shown)) for item in found.scored] == [("a", 1, "9.00"), ("b", 2, "8.00")]
    assert found.left_out == (("c", Excluded.VETO), ("d", Excluded.NOT_SCORED))
    other = SCHEME.model_copy(update={"key": "t"})
    mixed = [*members[:2], ("c", other, members[2][2]), ("d", None, None)]
    again = rank_scores(mixed, results=results({}))
    assert again is not None
    assert again.left_out == (("c", Excluded.NO_SCHEME), ("d", Excluded.NO_FIGURE))
    assert rank_scores(members[:1], results=results({})) is None


Told = Callable[..., list[Block]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Return a function that lets a county's chapter rank its towns and gives the blocks it publishes."""
    seen: list[Block] = []

    def keep(bundle: dict[str, Any]) -> None:
        seen.append(bundle[BLOCK_MIME])

    monkeypatch.setattr(composer, "publish_display_data", keep)

    def act(given: Mapping[str, object], *refs: str, where: Township, lang: str = "zh") -> list[Block]:
        seen.clear()
        catalogue = opened_to_members(shipped_catalogue(), [town(key) for key in TOWNS])
        intake = Intake(where.key, YEAR, "data/liuhe/2020.xlsx", "", tuple(observe_all(given)), ())
        chapter = Chapter("assessment", Dataset(REPOSITORY, where, YEAR, catalogue, (intake,)), lang=lang, edition="internal")
        chapter.ranking(*refs)
        return list(seen)

    return act


APART: Counts = {"a": (950, 1000), "b": (800, 1000), "c": (800, 1000), "d": (650, 1000)}


def test_the_chapter_names_who_stands_out_and_prints_the_table(told: Told) -> None:
    words, table = told(figures(APART), where=county(ranking=[RATE]))
    label = shipped_catalogue().entry(RATE).zh
    assert plain(words["runs"]) == (
        f"各乡镇{label}中，甲镇领先，丁镇落后，超出随机波动范围；其余乡镇的名次差异在随机波动范围内。"
    )
    rows = [[plain(cell) for cell in row["cells"]] for row in table["rows"]]
    assert [row[:2] + row[-1:] for row in rows] == [
        ["1", "甲镇", "偏高"],
        ["2", "乙镇", "无明显差异"],
        ["2", "丙镇", "无明显差异"],
        ["4", "丁镇", "偏低"],
    ]
    assert rows[0][2:4] == ["950", "1000"]
    assert "fact" in table["rows"][0]["cells"][0][0]


def test_the_chapter_says_when_chance_explains_all_and_who_is_not_ranked(told: Told) -> None:
    alike: Counts = {"a": (81, 100), "b": (80, 100), "c": (9, 19)}
    words, table = told(figures(alike), RATE, where=county())
    assert plain(words["runs"]).endswith("的差异在随机波动范围内，名次先后不说明工作好坏。")
    assert plain(table["notes"][-1]) == "未参加排名：丙镇（分母不足20）、丁镇（未填报）。"
    words, table = told(figures(alike), RATE, where=county(), lang="en")
    assert "chance alone explains the differences" in plain(words["runs"])
    assert plain(table["notes"][-1]) == "Not ranked: Town C (a denominator below 20); Town D (no figure)."


def test_binding_targets_are_ranked_and_a_town_ranks_nothing(told: Told) -> None:
    target = {"value": 90, "setter": "responsibility", "set_by_zh": "责任书", "set_by_en": "letter"}
    binding = county(targets={RATE: Target.model_validate(target)})
    assert len(told(figures(APART), where=binding)) == 2
    reference = county(targets={RATE: Target.model_validate({**target, "setter": "reference"})})
    assert told(figures(APART), where=reference) == []
    assert told({DONE: 90, TASK: 100}, RATE, where=place()) == []


def test_where_all_spread_more_than_chance_only_who_stands_apart_lags(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tuple(f"t{n:02}" for n in range(12))
    monkeypatch.setattr(f"{__name__}.TOWNS", keys)
    monkeypatch.setattr(f"{__name__}.town", lambda key: place("baishi").model_copy(update={"key": key, "zh": f"{key}镇"}))
    done = (852, 901, 930, 780, 955, 890, 300, 940, 873, 960, 915, 840)
    words, table = told(figures({key: (n, 1000) for key, n in zip(keys, done, strict=True)}), RATE, where=county())
    label = shipped_catalogue().entry(RATE).zh
    assert plain(words["runs"]) == f"各乡镇{label}中，t06镇落后，超出控制限；其余乡镇的名次差异在控制限内。"
    assert {plain(row["cells"][-1]) for row in table["rows"]} == {"控制限内", "偏低"}
    assert "放宽" in plain(table["notes"][0])
    assert "精确" not in plain(table["notes"][0])
