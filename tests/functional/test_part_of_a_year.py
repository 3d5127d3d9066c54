"""A return on half a year makes a half-year report, down to its title, its comparisons and its tasks."""

from __future__ import annotations

import re

import pytest

from built import nianbao
from county import build_project
from nianbao.returnform import ReturnRow

ROWS = (
    ReturnRow("births", value=80, period="2020统计半年"),
    ReturnRow("births", value=90, period="2019统计半年"),
    ReturnRow("health_lectures", value=20, period="2020年1-6月"),
    ReturnRow("health_lectures", value=16, period="2019年上半年"),
    ReturnRow("reward_assistance_amount", value=1000, period="2020年上半年"),
    ReturnRow("folic_acid_task", value=200, period="2020年"),
    ReturnRow("folic_acid_recipients", value=100, period="2020年上半年"),
    ReturnRow("safety_incidents", value="未发现", period="2020年上半年"),
    ReturnRow("fp_meeting_frequency", value="每月", period="2020年上半年"),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the text of the report on a half-year return, without marks."""
    project = build_project(tmp_path_factory.mktemp("half") / "project")
    project.write(ROWS)
    done = nianbao(project.root, "report", "qingxi", "--year", "2020", "--to", "html")
    assert done.code == 0, done.said
    html = (project.root / "outputs" / "2020" / "qingxi" / "report.html").read_text("utf-8")
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html.partition("<body")[2]))


def test_title_and_opening_words_are_those_of_the_half_year(page: str) -> None:
    assert "青溪镇2020年上半年卫生健康工作总结" in page
    assert "2020年上半年，青溪镇报送卫生健康业务数据" in page
    assert "现将上半年工作情况总结如下" in page
    assert "全年工作情况" not in page


def test_changes_are_on_the_same_period_of_the_year_before(page: str) -> None:
    assert "出生80人，比上年同期减少10人" in page
    assert "健康讲座场2016+4" in page  # January to June is the first half, whatever the cell calls it
    told = page.partition("现将")[2].partition("指标口径")[0]
    assert re.search(r"比上年(?!同期)", told) is None


def test_the_task_of_the_year_is_told_as_progress_and_not_judged(page: str) -> None:
    assert "叶酸发放完成100人，为全年任务200人的50.00%" in page
    assert "未达标" not in page
    assert "达到目标0项" not in page
    assert "未发现比上年同期明显变差的指标" in page
    assert "有目标的指标均已完成" not in page  # the year's task still runs
