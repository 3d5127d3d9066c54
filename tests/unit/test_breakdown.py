"""Counts broken down more than once: total first, a block for each dimension, both dimensions in a table of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import report_fixture as fixture
import yaml

from county import TOWN, YEAR, Project, shipped_catalogue
from nianbao import chapter as chapter_module
from nianbao import charts, composer
from nianbao.blocks import BLOCK_MIME, plain
from nianbao.breakdown import values_in_order, whole_set
from nianbao.catalogue import Element
from nianbao.chapter import Chapter
from nianbao.report import assemble

CROSSED = {
    f"births[parity={parity};sex={sex}]{when}": count
    for parity, sex, now, before in (
        ("1", "male", 39, 55),
        ("1", "female", 48, 47),
        ("2", "male", 39, 47),
        ("2", "female", 30, 40),
        ("3+", "male", 9, 9),
        ("3+", "female", 16, 19),
    )
    for when, count in (("", now), ("@previous", before))
}


@pytest.fixture
def told(project: Project, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that writes figures, lets ``tell`` speak in a chapter, and gives its blocks."""

    def run_chapter(
        figures: dict[str, object],
        tell: Callable[[Chapter], None],
        *,
        name: str = "population",
        text: str = "",
        lang: str = "zh",
    ) -> list[dict[str, Any]]:
        project.write(figures)
        (project.root / "data" / TOWN / f"{YEAR}.md").write_text(text, encoding="utf-8")
        shown: list[dict[str, Any]] = []
        monkeypatch.setattr(composer, "publish_display_data", shown.append)
        monkeypatch.setattr(chapter_module, "publish_display_data", shown.append)
        monkeypatch.chdir(project.root)
        chapter = Chapter.open(name, township=TOWN, year=YEAR, lang=lang)
        tell(chapter)
        chapter.close()
        return [data[BLOCK_MIME] for data in shown if BLOCK_MIME in data]

    return run_chapter


def births() -> Element:
    found = shipped_catalogue().entries["births"]
    assert isinstance(found, Element)
    return found


def lines(block: dict[str, Any]) -> list[list[str]]:
    return [[plain(cell) for cell in row["cells"]] for row in block["rows"]]


def test_a_group_stands_before_what_it_is_made_of() -> None:
    assert values_in_order(births(), "parity", ["3+", "2", "2+", "1"]) == [("1", 0), ("2+", 0), ("2", 1), ("3+", 1)]
    assert values_in_order(births(), "parity", ["3+", "2", "1"]) == [("1", 0), ("2", 0), ("3+", 0)]


def test_a_whole_set_never_overlaps_and_is_the_finest() -> None:
    assert whole_set(births(), "parity", ["1", "2", "3+", "2+"]) == ["1", "2", "3+"]
    assert whole_set(births(), "parity", ["1", "2+"]) == ["1", "2+"]
    assert whole_set(births(), "parity", ["1", "2"]) == []


def test_every_dimension_has_its_block_and_both_their_table(told: Any) -> None:
    found = told(CROSSED, lambda chapter: chapter.table("出生人数", "Births", "births"))
    listed, crossed = [block for block in found if block["type"] == "table"]
    names = [line[0] for line in lines(listed)]
    assert names == [
        "出生人口",
        "按孩次",
        "一孩出生",
        "二多孩出生",
        "其中：二孩出生",
        "\u3000\u3000\u3000多孩出生",
        "按性别",
        "男孩出生",
        "女孩出生",
    ]
    assert [row["kind"] for row in listed["rows"]].count("group") == 2
    assert plain(crossed["caption"]) == "出生人口（按孩次和性别）"
    assert [plain(column["runs"]) for column in crossed["columns"]] == [
        "孩次", "男孩", "男孩增减", "女孩", "女孩增减", "合计", "合计增减"
    ]  # fmt: skip
    assert lines(crossed) == [
        ["一孩", "39", "−16", "48", "+1", "87", "−15"],
        ["二多孩", "48", "−8", "46", "−13", "94", "−21"],
        ["其中：二孩", "39", "−8", "30", "−10", "69", "−18"],
        ["其中：多孩", "9", "0", "16", "−3", "25", "−3"],
        ["合计", "87", "−24", "94", "−12", "181", "−36"],
    ]


def test_sums_stand_only_where_every_part_is_shown(told: Any) -> None:
    partial = {
        "births[parity=1]": 40,
        "births[parity=2+]": 50,
        "births[parity=2+;sex=male]": 29,
        "births[parity=2+;sex=female]": 21,
    }
    found = told(partial, lambda chapter: chapter.table("出生人数", "Births", "births"))
    assert lines(found[-1]) == [["二多孩", "29", "21", "50"]], "of the births by sex the first-born are not known"


def test_changes_carry_their_sign(told: Any) -> None:
    figures = {
        "births[parity=1]": 90,
        "births[parity=1]@previous": 80,
        "births[parity=2+]": 50,
        "births[parity=2+]@previous": 54,
        "deaths": 7,
        "deaths@previous": 7,
    }
    found = told(figures, lambda chapter: chapter.table("人口", "Population", "births", "deaths"))
    assert [line[-1] for line in lines(found[-1])] == ["+6", "+10", "−4", "0"]


def test_the_chart_shows_one_breakdown(told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[list[str]] = []
    paired = charts.paired_bars

    def spy(labels: Any, *args: Any, **options: Any) -> Any:
        drawn.append(list(labels))
        return paired(labels, *args, **options)

    monkeypatch.setattr(charts, "paired_bars", spy)
    told(CROSSED, lambda chapter: chapter.change_chart("births", by="parity"))
    assert drawn == [["出生", "一孩出生", "二孩出生", "多孩出生"]]


TEXT = """## problems

### 队伍不足

人手少。

## plans

### 补齐数据

逐项补报。

### 加强随访

按月随访。

## population

### 本地情况

按村核对。
"""


def problems(chapter: Chapter) -> None:
    chapter.section("存在的问题", "Problems")
    chapter.problems()
    chapter.office_text()
    chapter.section("下一步工作打算", "Next steps")
    chapter.plans()


def test_headings_of_the_office_go_below_the_heading_they_stand_under(told: Any) -> None:
    found = told(CROSSED, problems, name="problems", text=TEXT)
    assert [(block["level"], plain(block["runs"])) for block in found if block["type"] == "heading"] == [
        (1, "存在的问题和下一步打算"),
        (2, "存在的问题"),
        (3, "队伍不足"),
        (2, "下一步工作打算"),
        (3, "补齐数据"),
        (3, "加强随访"),
    ]
    found = told(CROSSED, lambda chapter: chapter.office_text(), text=TEXT)
    assert [block["level"] for block in found if block["type"] == "heading"] == [1, 2], "no section is open: below the chapter"


@pytest.mark.parametrize("skeleton", ["chapters", "a", "b", "d", "g"])
def test_numbers_of_such_headings_fit_every_order_of_chapters(told: Any, project: Project, skeleton: str) -> None:
    outline = yaml.safe_load((project.root / "params" / "report.yml").read_text("utf-8"))
    order = outline["chapters"] if skeleton == "chapters" else outline["skeletons"][skeleton]
    made = {
        "population": told(CROSSED, lambda chapter: chapter.office_text(), text=TEXT),
        "problems": told(CROSSED, problems, name="problems", text=TEXT),
    }
    chapters = [(key, fixture.chapter(*made[key])) for key in order if key in made]
    report = assemble(chapters, fixture.INFO)
    blocks = [output["data"][BLOCK_MIME] for cell in report.cells for output in cell.outputs]
    numbers = {plain(block["runs"]): block["number"] for block in blocks if block["type"] == "heading"}
    assert (numbers["本地情况"], numbers["存在的问题"], numbers["下一步工作打算"]) == ("（一）", "（一）", "（二）")
    assert [numbers[words] for words in ("队伍不足", "补齐数据", "加强随访")] == ["1.", "1.", "2."]
