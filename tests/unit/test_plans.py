"""Figures planned for the year after: read apart from results, told as plans, in no sum and no comparison."""

from __future__ import annotations

import pytest

from county import Project
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.chapter import Chapter
from nianbao.errors import Severity
from nianbao.facts import numbers_in
from nianbao.returnform import ReturnRow


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [
        ("zh", "2021统计年度计划：出生160人。2021年计划：健康讲座20场；健康咨询活动约30次。"),
        ("en", "In 2021, planned: 20 health lectures; about 30 health consultations."),
    ],
)
def test_plans_for_the_year_after(project: Project, monkeypatch: pytest.MonkeyPatch, lang: str, sentence: str) -> None:
    rows = [
        ReturnRow("births", value=151),
        ReturnRow("births", value=160, period="2021统计年度", kind="计划"),
        ReturnRow("health_lectures", value=15),
        ReturnRow("health_lectures", value=20, period="2021年", kind="计划"),
        ReturnRow("health_consultations", value="约30", period="2021年", kind="计划"),
    ]
    project.write(rows)
    data = project.dataset()
    assert data.findings == ()
    assert [(item.ref, item.value) for item in data.observations] == [("births", 151), ("health_lectures", 15)]
    assert data.results.get("health_consultations") is None
    events = data.results.get("health_education_events")
    assert events is None or events.value is None or events.value == 15  # nothing planned enters a sum
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    Chapter("problems", data, lang=lang, edition="internal").plans()
    paragraph, shown_table = seen
    assert sentence in plain(paragraph["runs"])
    assert [plain(row["cells"][2]) for row in shown_table["rows"]][-2:] == ["20", "约30" if lang == "zh" else "about 30"]
    loose = [run["text"] for run in paragraph["runs"] if "fact" not in run]
    loose += [run["text"] for row in shown_table["rows"] for cell in row["cells"] for run in cell if "fact" not in run]
    assert [number for text in loose for number in numbers_in(text)] == []
    assert [note for note in shown_table["notes"] if "不是实绩" in plain(note) or "no results" in plain(note)]


def test_a_plan_is_for_the_year_after_and_the_year_after_is_a_plan(project: Project) -> None:
    for period, kind, code in (("2020年", "计划", "plan-not-ahead"), ("2022年", "计划", "plan-not-ahead")):
        project.write([ReturnRow("births", value=151), ReturnRow("health_lectures", value=20, period=period, kind=kind)])
        assert [item.code for item in project.read().blocking] == [code]
    project.write([ReturnRow("births", value=151), ReturnRow("health_lectures", value=20, period="2021年")])
    [finding] = project.read().blocking
    assert finding.code == "wrong-year"
    assert "计划" in finding.remedy("zh")


def test_a_plan_without_a_period_is_of_the_year_after(project: Project) -> None:
    project.write([ReturnRow("births", value=151)])
    rows = [ReturnRow("health_lectures", value=20, period=" ", kind="计划"), ReturnRow("births", value=151)]
    project.write(rows)
    [plan] = project.read().plans
    assert (plan.period.code, plan.value) == ("calendar_year:2021-01-01/2021-12-31", 20)


def test_a_plan_given_twice_is_a_finding_as_a_result_is(project: Project) -> None:
    twice = [ReturnRow("health_lectures", value=value, period="2021年", kind="计划") for value in (20, 21)]
    project.write([ReturnRow("births", value=151), *twice])
    [finding] = project.read().findings
    assert (finding.code, finding.severity) == ("given-twice-differently", Severity.BLOCK)


def test_plans_in_two_periods_name_theirs_in_the_table(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    periods = ("2021年1-6月", "2021年")
    plans = [ReturnRow("health_lectures", value=20, period=period, kind="计划") for period in periods]
    project.write([ReturnRow("births", value=151), *plans])
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    chapter = Chapter("problems", project.dataset(), lang="zh", edition="internal")
    chapter.plans()
    assert [plain(row["cells"][3]) for row in seen[-1]["rows"]] == ["2021年上半年", "2021年"]
    assert {fact.role for fact in chapter._book.facts.values()} == {"plan"}
    assert all(fact.sources for fact in chapter._book.facts.values())
