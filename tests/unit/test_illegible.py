"""What was reported but cannot be read, or was left empty among others, is told as that and never as not reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from county import Project
from nianbao import composer
from nianbao.blocks import BLOCK_MIME, Block, plain
from nianbao.chapter import Chapter

Act = Callable[..., list[Block]]


@pytest.fixture
def act(project: Project, monkeypatch: pytest.MonkeyPatch) -> Act:
    """Return a function that writes a return and gives the blocks one method of a chapter publishes."""
    seen: list[Block] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))

    def acting(
        figures: Mapping[str, object], area: str, how: str, *arguments: Any, lang: str = "zh", **named: Any
    ) -> list[Block]:
        seen.clear()
        project.write(figures)
        getattr(Chapter(area, project.dataset(), lang=lang, edition="internal"), how)(*arguments, **named)
        return list(seen)

    return acting


def rows(block: Block) -> list[tuple[str, ...]]:
    return [tuple(plain(cell) for cell in row["cells"]) for row in block["rows"]]


def notes(block: Block) -> str:
    return "".join(plain(note) for note in block["notes"])


def test_a_chapter_of_masked_figures_shows_them_and_is_not_called_unreported(act: Act) -> None:
    figures = {"births": 151, "nucleic_acid_tests": "202_"}
    [shown] = act(figures, "epidemic", "remaining", "其他疫情防控情况", "Other epidemic response")
    assert plain(shown["runs"]) == "核酸检测数字不清，按不详处理。"
    [absent] = act(figures, "appendix", "absent")
    assert "疫情防控" not in plain(absent["runs"])
    [without] = act({"births": 151, "nucleic_acid_tests": ""}, "appendix", "absent")
    assert "疫情防控" in plain(without["runs"])


def test_what_another_chapter_tells_is_not_called_unreported(act: Act) -> None:
    [absent] = act({"births": 151, "safety_incidents": "未发现"}, "appendix", "absent")
    assert "组织管理" not in plain(absent["runs"])
    [without] = act({"births": 151}, "appendix", "absent")
    assert "组织管理" in plain(without["runs"])


FUND = {"reward_assistance_amount": 765840, "special_assistance_amount": 236400, "only_child_allowance_amount": "20_"}


def test_a_fund_with_an_illegible_item_says_why_it_has_no_total(act: Act) -> None:
    said, shown = act(FUND, "incentives", "funds", "incentive_funds_total[scope=all]")
    assert plain(said["runs"]) == (
        "2020年，全镇利益导向资金中，独生子女保健费数字不清，不作合计；已知奖扶金765840元、特扶金236400元。"
    )
    assert any("不详" in row for row in rows(shown))
    assert rows(shown)[-1][-2:] == ("—", "—")
    assert "不作合计" in notes(shown)
    english, _ = act(FUND, "incentives", "funds", "incentive_funds_total[scope=all]", lang="en")
    assert "no total of incentive funds: only-child allowance is illegible. Known: " in plain(english["runs"])


VILLAGES = {
    "livestock_stock[animal=cattle;village=1]": 5,
    "livestock_stock[animal=cattle;village=2]": 30,
    "livestock_stock[animal=cattle;village=3]": "",
    "livestock_stock[animal=sheep;village=1]": 5,
    "livestock_stock[animal=sheep;village=2]": "20_",
    "livestock_stock[animal=sheep;village=3]": "",
}


def test_villages_that_left_a_cell_empty_or_illegible_keep_their_row_and_the_table_its_total(act: Act) -> None:
    words = ("存栏", "Livestock", "livestock_stock")
    [shown] = act(VILLAGES, "disease_control", "cross_table", *words, rows="village", columns="animal")
    assert rows(shown) == [
        ("上湾村", "5", "5"),
        ("中湾村", "30", "不详"),
        ("下湾村", "—", "—"),
        ("合计", "—", "—"),
    ]
    assert notes(shown) == "注：“—”表示没有填报；“不详”表示填报的数字不清；有缺报或数字不清的不作合计。"
    full = {**VILLAGES, "livestock_stock[animal=cattle;village=3]": 1, "livestock_stock[animal=sheep;village=3]": 2}
    [known] = act(full, "disease_control", "cross_table", *words, rows="village", columns="animal")
    assert rows(known)[-1] == ("合计", "36", "—")


def test_counts_by_village_keep_the_illegible_and_the_empty(act: Act) -> None:
    given = {"health_records[village=1]": 90, "health_records[village=2]": "9_", "health_records[village=3]": ""}
    [shown] = act(given, "basic_public_health", "villages")
    assert [row[1] for row in rows(shown)] == ["90", "不详", "—", "—"]
    assert "数字不清" in notes(shown)
