"""What holds for a whole and what for its parts: numbers done, targets, bounds; a part's figure never stands for the whole's."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from test_reporting_features import Figures, county_of_three, dataset, results, said, table, texts, with_target

from county import REPOSITORY, Project
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.catalogue import load_catalogue
from nianbao.chapter import Chapter
from nianbao.errors import ParamsError
from nianbao.values import Status

Told = Callable[..., list[Block]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Return a function that runs one method of a chapter on figures and gives the blocks it publishes."""
    seen: list[Block] = []

    def keep(bundle: Mapping[str, Any]) -> None:
        seen.append(bundle[BLOCK_MIME])

    monkeypatch.setattr(composer, "publish_display_data", keep)

    def act(figures: Figures, how: str, *arguments: Any, area: str) -> list[Block]:
        seen.clear()
        getattr(Chapter(area, dataset(figures), lang="zh", edition="internal"), how)(*arguments)
        return list(seen)

    return act


@pytest.mark.parametrize(
    ("figures", "rate", "says", "never"),
    [
        (
            {"folic_acid_task": 100, "folic_acid_completion_rate": "90%", "folic_acid_recipients[village=1]": 30},
            "folic_acid_completion_rate",
            "任务100人，完成率90.00%",
            "完成30人",
        ),
        (
            {"supervision_completion_rate[type=double_random]": "100%", "supervision_inspected[type=medical]": 58},
            "supervision_completion_rate[type=double_random]",
            "完成率100.00%",
            "58",
        ),
        (
            {"folic_acid_task[village=1]": 40, "folic_acid_completion_rate": "90%", "folic_acid_recipients": 30},
            "folic_acid_completion_rate",
            "完成30人，完成率90.00%",
            "任务40",
        ),
    ],
    ids=["one village's number done", "another type's number done", "one village's task"],
)
def test_the_number_of_a_part_never_stands_for_the_wholes(figures: Figures, rate: str, says: str, never: str) -> None:
    told = said(figures, "tasks", rate)
    assert says in told
    assert never not in told


def test_a_number_done_that_is_a_bound_is_told_without_a_rate(told: Told) -> None:
    figures = {"folic_acid_task": 100, "folic_acid_recipients": "100余"}
    assert results(figures).named("folic_acid_completion_rate").status is Status.MISSING
    assert texts(told(figures, "tasks", "folic_acid_completion_rate", area="maternal_child")).endswith(
        "任务100人，完成100余人。"
    )
    assert told({"folic_acid_task": 100}, "tasks", "folic_acid_completion_rate", area="maternal_child") == []


def test_a_target_of_the_whole_is_none_of_its_parts(told: Told) -> None:
    figures = {
        "births[parity=1]": 60,
        "births[parity=2+]": 40,
        "births_policy[compliance=in;parity=1]": 60,
        "births_policy[compliance=in;parity=2+]": 34,
    }
    judged = [item.ref for item in results(figures).of("policy_compliance_rate") if item.target is not None]
    assert judged == ["policy_compliance_rate"]
    [row] = [row for row in table(told(figures, "targets", area="assessment")) if "政策符合率" in row[0]]
    assert row[3:5] == ("+2.00个百分点", "达标*")
    part = with_target("policy_compliance_rate[parity=2+]", "90")
    judged_part = [item for item in results(figures, where=part).of("policy_compliance_rate") if item.target is not None]
    assert [(item.ref, item.met) for item in judged_part] == [("policy_compliance_rate[parity=2+]", False)]


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("policy_complianse_rate", "did you mean 'policy_compliance_rate'"),
        ("policy_compliance_rate[parrity=1]", "did you mean 'parity'"),
        ("policy_compliance_rate[parity=9]", "no value '9'"),
        ("policy_compliance_rate[parity=1", "does not close"),
        ("policy_compliance_rate[1]", "key=value"),
    ],
)
def test_a_target_of_no_figure_is_refused(key: str, says: str) -> None:
    with pytest.raises(ParamsError, match=re.escape(says)):
        load_catalogue(REPOSITORY, township=with_target(key, "90"))


# --- a bonus and a veto are of one unit ------------------------------------------------------------------------------------------

SCHEME = """\
zh: 卫生健康目标考核
en: Health targets
source: 柳卫发〔2020〕8号
items:
  - id: records
    zh: 健康档案
    en: health records
    of: health_record_rate
    points: 10
    rule: {kind: linear, target: 100}
"""
BONUS = "bonuses:\n  - {unit: qingxi, zh: 县级卫生镇, en: county healthy town, points: 1, document: 柳爱卫〔2020〕2号}\n"
VETO = "vetoes:\n  - {unit_zh: 白石镇, unit_en: Baishi Town, ground_zh: 瞒报出生, ground_en: births withheld}\n"


def assessed(project: Project, monkeypatch: pytest.MonkeyPatch, scheme: str) -> tuple[dict[str, Block], list[Block]]:
    """Let three towns share a scheme; return the score sheet of each and the county's ranking."""
    county_of_three(project)
    folder = project.root / "params" / "schemes"
    folder.mkdir(exist_ok=True)
    (folder / "shared.yml").write_text(scheme, encoding="utf-8")
    for key, done in (("qingxi", 800), ("baishi", 850), ("heshan", 700)):
        path = project.root / "params" / "townships" / f"{key}.yml"
        params = path.read_text(encoding="utf-8")
        params = params if "years:" in params else params + "years:\n  2020:\n"
        path.write_text(params.replace("  2020:\n", "  2020:\n    scheme: shared\n"), encoding="utf-8")
        project.write({"health_records": done, "population_resident": 1000}, town=key)
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    sheets: dict[str, Block] = {}
    for key in ("qingxi", "baishi", "heshan"):
        Chapter("assessment", project.dataset(town=key), lang="zh", edition="internal").score_sheet()
        sheets[key] = seen.pop()
    Chapter("assessment", project.dataset(town="liuhe"), lang="zh", edition="internal").ranking()
    return sheets, [block for block in seen if str(block.get("key")).endswith("score-ranking")]


def test_a_bonus_counts_on_the_sheet_and_in_the_rank_of_its_own_town_alone(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets, ranking = assessed(project, monkeypatch, SCHEME + BONUS)
    won = {key: table([sheet])[-1][-1] for key, sheet in sheets.items()}
    assert won == {"qingxi": "9.00", "baishi": "8.50", "heshan": "7.00"}
    assert ["县级卫生镇" in str(table([sheet])) for sheet in sheets.values()] == [True, False, False]
    assert table(ranking) == [("1", "青溪镇", "9.00"), ("2", "白石镇", "8.50"), ("3", "荷山镇", "7.00")]


def test_a_veto_stands_under_the_sheet_and_keeps_its_town_from_the_rank(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets, ranking = assessed(project, monkeypatch, SCHEME + VETO)
    assert "一票否决：白石镇，瞒报出生。" in [plain(note) for note in sheets["baishi"]["notes"]]
    assert table([sheets["baishi"]])[-1][-1] == "8.50"  # recorded, never computed: it changes no points
    assert table(ranking) == [("1", "青溪镇", "8.00"), ("2", "荷山镇", "7.00")]
    assert any("白石镇（一票否决）" in plain(note) for note in ranking[0]["notes"])


# --- bounds and hairs against a target; changes that chance explains ----------------------------------------------------------


def test_a_bound_reaches_its_target_by_no_stated_distance(told: Told) -> None:
    figures = {"policy_compliance_rate": "99%以上"}
    found = results(figures).named("policy_compliance_rate")
    assert (found.met, found.deviation, found.gap) == (True, None, None)
    assert said(figures, "rates", "policy_compliance_rate").endswith("为99.00%以上，达到责任目标92%。")
    [row] = table(told(figures, "targets", area="assessment"))
    assert row[2:5] == ("99.00%以上", "—", "达标")
    assert said({"policy_compliance_rate": "92%以上"}, "rates", "policy_compliance_rate").endswith("，达到责任目标92%。")


@pytest.mark.parametrize("value", ["90%以上", "近95%", "99%以下"])
def test_what_a_bound_leaves_open_is_not_judged(value: str) -> None:
    assert results({"policy_compliance_rate": value}).named("policy_compliance_rate").met is None


def test_a_floor_is_no_proof_of_staying_below_a_ceiling() -> None:
    where = with_target("caesarean_rate", "30")
    assert results({"caesarean_rate": "20%以上"}, where=where).named("caesarean_rate").met is None
    assert results({"caesarean_rate": "20%"}, where=where).named("caesarean_rate").met is True


@pytest.mark.parametrize(
    ("within", "says", "gap", "verdict"),
    [
        (919_999, "略低于责任目标92%", "略低", "未达标*"),
        (920_001, "略高于责任目标92%", "略高", "达标*"),
        (920_000, "持平", "0.00", "达标*"),
    ],
)
def test_a_hair_beside_the_target_is_not_level_with_it(told: Told, within: int, says: str, gap: str, verdict: str) -> None:
    figures = {"births": 1_000_000, "births_policy[compliance=in]": within}
    assert says in said(figures, "rates", "policy_compliance_rate")
    [row] = table(told(figures, "targets", area="assessment"))
    assert (row[3].startswith(gap), row[4]) == (True, verdict)


def test_a_task_exceeded_by_a_hair_prints_no_zero() -> None:
    figures = {"folic_acid_task": 100_000, "folic_acid_recipients": 100_001}
    told = said(figures, "tasks", "folic_acid_completion_rate")
    assert told.endswith("完成率100.00%，略超任务。")


@pytest.mark.parametrize(("boys", "clear"), [(55, False), (5500, True)])
def test_a_sex_ratios_change_is_hedged_like_a_rates(boys: int, clear: bool) -> None:
    girls = boys * 54 // 55
    figures = {
        "births[sex=male]": boys,
        "births[sex=female]": girls,
        "births[sex=male]@previous": boys * 60 // 55,
        "births[sex=female]@previous": boys * 49 // 55,
    }
    found = results(figures).named("sex_ratio_at_birth")
    assert found.change_clear is clear
    assert said(figures, "rates", "sex_ratio_at_birth").endswith("从统计上看变化不明显。") is not clear
    assert results({**figures, "births[sex=female]@previous": 0}).named("sex_ratio_at_birth").change_clear is None
