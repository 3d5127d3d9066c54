"""The assessment chapter: targets with their verdicts, and the score sheet that shows the arithmetic of every line."""

from __future__ import annotations

from typing import Any

import pytest

from county import TOWN, YEAR, Project
from nianbao import chapter as chapter_module
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, CHAPTER_MIME, plain
from nianbao.chapter import Chapter
from nianbao.errors import ParamsError, UserError

SCHEME = """\
zh: 卫生健康目标考核
en: Health targets
source: 柳卫发〔2020〕8号
items:
  - id: compliance
    zh: 政策符合率
    en: policy compliance
    of: policy_compliance_rate
    points: 20
    rule: {kind: step, target: 98, step: 1, deduct: 0.5}
  - id: lectures
    zh: 健康讲座
    en: health lectures
    of: health_lectures
    points: 10
    rule: {kind: linear, target: 20}
bonuses:
  - {unit: qingxi, zh: 省级卫生镇, en: provincial healthy town, points: 0.3, document: 云爱卫〔2020〕3号}
  - {unit: baishi, zh: 县级卫生镇, en: county healthy town, points: 1, document: 云爱卫〔2020〕4号}
vetoes:
  - {unit_zh: 上湾村, unit_en: Shangwan Village, ground_zh: 瞒报出生, ground_en: births withheld}
"""


@pytest.fixture
def told(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that runs the chapter with a scheme file and gives its blocks and its closing record."""

    def run(scheme: str, figures: dict[str, object]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        folder = project.root / "params" / "schemes"
        folder.mkdir(exist_ok=True)
        (folder / "liuhe-2020.yml").write_text(scheme, encoding="utf-8")
        path = project.root / "params" / "townships" / f"{TOWN}.yml"
        params = path.read_text(encoding="utf-8")
        if "scheme:" not in params:
            path.write_text(params.replace("  2020:\n", "  2020:\n    scheme: liuhe-2020\n"), encoding="utf-8")
        project.write(figures)
        shown: list[dict[str, Any]] = []
        monkeypatch.setattr(composer, "publish_display_data", shown.append)
        monkeypatch.setattr(chapter_module, "publish_display_data", shown.append)
        monkeypatch.chdir(project.root)
        chapter = Chapter.open("assessment", township=TOWN, year=YEAR)
        chapter.targets()
        chapter.score_sheet()
        chapter.close()
        return [data[BLOCK_MIME] for data in shown if BLOCK_MIME in data], shown[-1][CHAPTER_MIME]

    return run


def cells(block: dict[str, Any]) -> list[list[str]]:
    return [[plain(cell) for cell in row["cells"]] for row in block["rows"]]


COMPLETE = {
    "births[parity=1]": 68,
    "births[parity=2+]": 83,
    "births_policy[compliance=in]": 146,
    "health_lectures": 15,
}


def test_every_line_shows_its_arithmetic(told: Any) -> None:
    blocks, record = told(SCHEME, COMPLETE)
    sheet = blocks[-1]
    assert plain(sheet["caption"]) == "卫生健康目标考核"
    # 146/151 = 96.69%, 1.31 points short of 98: one whole step of 1 point, 20 - 0.5; 15 of 20 lectures, 10 x 3/4
    assert cells(sheet) == [
        ["政策符合率", "20", "96.69%", "20-INT((98-96.69)÷1)×0.5", "19.50"],
        ["健康讲座", "10", "15", "10×min(1, 15÷20)", "7.50"],
        ["省级卫生镇（云爱卫〔2020〕3号）", "—", "—", "加分", "+0.3"],
        ["合计", "—", "—", "—", "27.30"],
    ]
    assert [plain(note) for note in sheet["notes"]] == [
        "注：INT表示取整，只计满的档数。",
        "一票否决：上湾村，瞒报出生。",
        "依据：柳卫发〔2020〕8号",
    ]
    assert "27.30" in {fact["display"] for fact in record["facts"]}


def test_the_target_table_says_who_set_it_and_that_chance_may_decide(told: Any) -> None:
    blocks, _ = told(SCHEME, COMPLETE)
    table = next(block for block in blocks if block["type"] == "table")
    assert cells(table) == [["出生政策符合率", "92%", "96.69%", "+4.69个百分点", "达标", "目标管理责任书"]]
    close = {**COMPLETE, "births_policy[compliance=in]": 138}
    blocks, _ = told(SCHEME, close)
    table = next(block for block in blocks if block["type"] == "table")
    assert cells(table)[0][3:5] == ["−0.61个百分点", "未达标*"]
    assert "偶然波动" in plain(table["notes"][0])


def test_a_line_without_data_is_not_scored_and_there_is_no_total(told: Any) -> None:
    blocks, _ = told(SCHEME, {key: value for key, value in COMPLETE.items() if key != "health_lectures"})
    assert cells(blocks[-1])[1] == ["健康讲座", "10", "—", "—", "—"]
    assert cells(blocks[-1])[-1] == ["合计", "—", "—", "—", "—"]
    assert "不计合计" in plain(blocks[-1]["notes"][0])


def test_a_scheme_that_is_not_there_names_the_nearest(told: Any, project: Project) -> None:
    with pytest.raises(ParamsError, match=r"params/schemes/liuhe-2020\.yml:\d+: items\.0\.rule\.kind"):
        told(SCHEME.replace("kind: step", "kind: steps"), COMPLETE)
    path = project.root / "params" / "townships" / f"{TOWN}.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("liuhe-2020", "luihe-2020"), encoding="utf-8")
    with pytest.raises(UserError, match="did you mean 'liuhe-2020'"):
        told(SCHEME, COMPLETE)
