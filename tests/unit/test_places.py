"""The places part of a chapter: one paragraph, combined tables, a funnel only for what stands out, every number a fact."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from county import TOWN, YEAR, Project
from nianbao import chapter as chapter_module
from nianbao import charts, composer, places
from nianbao.blocks import BLOCK_MIME, CHAPTER_MIME, plain
from nianbao.catalogue import Element
from nianbao.chapter import Chapter
from nianbao.facts import numbers_in
from nianbao.villages import OUTER

NAMES = ("东", "西", "南", "北", "中", "新", "老", "上", "下", "前", "后", "左")
SVG = "{http://www.w3.org/2000/svg}"

Told = Callable[..., tuple[list[dict[str, Any]], dict[str, Any]]]


@pytest.fixture
def told(project: Project, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Return a function that sets twelve villages beside each other and gives the bundles and the closing record."""

    def run(figures: dict[str, list[object]], *, chapter: str = "basic_public_health", lang: str = "zh") -> Any:
        path = project.root / "params" / "townships" / f"{TOWN}.yml"
        params = path.read_text(encoding="utf-8")
        listed = "".join(f'  - {{key: "{n}", zh: {name}湾村, en: V{name}}}\n' for n, name in enumerate(NAMES, start=1))
        head, _, rest = params.partition("villages:\n")
        path.write_text(f"{head}villages:\n{listed}years:{rest.partition('years:')[2]}", encoding="utf-8")
        project.write(
            {f"{name}[village={n}]": value for name, values in figures.items() for n, value in enumerate(values, start=1)}
        )
        shown: list[dict[str, Any]] = []
        monkeypatch.setattr(composer, "publish_display_data", shown.append)
        monkeypatch.setattr(chapter_module, "publish_display_data", shown.append)
        monkeypatch.chdir(project.root)
        opened = Chapter.open(chapter, township=TOWN, year=YEAR, lang=lang)
        opened.villages()
        opened.close()
        return [data for data in shown if BLOCK_MIME in data], shown[-1][CHAPTER_MIME]

    return run


def of_type(bundles: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [data[BLOCK_MIME] for data in bundles if data[BLOCK_MIME]["type"] == kind]


def cells(block: dict[str, Any]) -> dict[str, list[str]]:
    """Return the cells of a table by the name at the head of each row."""
    rows = [[plain(cell) for cell in row["cells"]] for row in block["rows"]]
    return {name: rest for name, *rest in rows}


def texts(block: dict[str, Any]) -> list[str]:
    """Return every text a block prints."""
    runs = [block.get("runs", []), block.get("caption", []), *block.get("notes", [])]
    runs += [column["runs"] for column in block.get("columns", [])]
    runs += [cell for row in block.get("rows", []) for cell in row["cells"]]
    return [plain(part) for part in runs]


def outside_facts(block: dict[str, Any]) -> list[str]:
    """Return the numbers a block prints in runs that name no fact."""
    runs = [*block.get("runs", []), *block.get("caption", []), *(one for note in block.get("notes", []) for one in note)]
    runs += [one for column in block.get("columns", []) for one in column["runs"]]
    runs += [one for row in block.get("rows", []) for cell in row["cells"] for one in cell]
    return [number for one in runs if "fact" not in one for number in numbers_in(one["text"])]


EVEN = {
    "health_records": [80 * n for n in range(1, 13)],
    "health_records_standardised": [70 * n for n in range(1, 13)],
    "population_resident": [100 * n for n in range(1, 13)],
}
ONE_LOW = {**EVEN, "health_records": [*EVEN["health_records"][:3], 200, *EVEN["health_records"][4:]]}


def test_where_chance_explains_everything_there_is_one_table_and_no_figure(told: Told) -> None:
    bundles, _ = told(EVEN)
    [table] = of_type(bundles, "table")
    assert [plain(column["runs"]) for column in table["columns"]] == ["村", "电子健康档案建档率", "规范化电子健康档案覆盖率"]
    assert cells(table)["东湾村"] == ["80.00%", "70.00%"]
    assert list(cells(table))[-1] == "全镇"
    assert table["rows"][-1]["kind"] == "total"
    assert of_type(bundles, "figure") == []
    assert [plain(block["runs"]) for block in of_type(bundles, "paragraph")] == ["各村2项率的差异在随机波动范围内，不宜排名。"]


def test_a_village_beyond_chance_is_marked_named_and_drawn(told: Told) -> None:
    bundles, _ = told(ONE_LOW)
    combined, detailed = of_type(bundles, "table")
    assert cells(combined)["北湾村"] == ["偏低\u00a050.00%", "70.00%"]
    assert cells(detailed)["北湾村"] == ["200", "400", "50.00%", "偏低"]
    [figure] = of_type(bundles, "figure")
    assert plain(figure["caption"]) == "各村电子健康档案建档率漏斗图"
    [said] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert said.startswith("各村比较2项率，其中1项的村间差异超出随机波动范围：电子健康档案建档率，北湾村偏低。")
    assert said.endswith("其余差异在随机波动范围内，不宜排名。")


def test_the_appendix_says_how_many_comparisons_were_made_and_what_chance_gives(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(ONE_LOW)
    seen: list[Any] = []
    monkeypatch.setattr(composer, "publish_display_data", lambda bundle: seen.append(bundle[BLOCK_MIME]))
    appendix = Chapter.open("appendix", township=TOWN, year=YEAR)
    appendix.comparisons_made()
    *_, table = seen
    # 24 comparisons x 0.002 and x 0.05; only the whole's own table row is no comparison
    assert cells(table) == {"基本公共卫生服务": ["24", "1", "0.048", "1", "1.2"]}
    expected = {fact.display: fact.value for fact in appendix._book.facts.values() if fact.role == "expected"}
    assert expected == {"0.048": Fraction(48, 1000), "1.2": Fraction(12, 10)}


def test_villages_with_few_persons_or_none_show_counts_and_dashes_and_the_note_says_why(told: Told) -> None:
    figures = {name: list(values) for name, values in EVEN.items()}
    figures["population_resident"][:2] = [15, 0]
    figures["health_records"][:2] = [7, 0]
    figures["health_records_standardised"][:2] = [6, 0]
    bundles, _ = told(figures)
    [table] = of_type(bundles, "table")
    assert cells(table)["东湾村"] == ["7/15", "6/15"]
    assert cells(table)["西湾村"] == ["—", "—"]
    [note] = [plain(note) for note in table["notes"]]
    assert "分母不足20的村不评价，只列分子/分母。" in note
    assert "“—”表示未填报、数字不清或分母为零。" in note
    [said] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert "东湾村" not in said


def test_a_single_rate_keeps_its_counts_and_has_no_second_table(told: Told) -> None:
    bundles, _ = told({name: values for name, values in ONE_LOW.items() if name != "health_records_standardised"})
    [table] = of_type(bundles, "table")
    assert cells(table)["北湾村"] == ["200", "400", "50.00%", "偏低"]
    assert "偏高" in plain(table["notes"][0])
    assert len(of_type(bundles, "figure")) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_is_a_fact_and_every_fact_is_printed(told: Told, lang: str) -> None:
    bundles, record = told(ONE_LOW, lang=lang)
    assert [number for data in bundles for number in outside_facts(data[BLOCK_MIME])] == []
    displays = {number for fact in record["facts"] for number in numbers_in(fact["display"])}
    drawn = [
        "".join(node.itertext())
        for data in bundles
        if "image/svg+xml" in data
        for node in ET.fromstring(data["image/svg+xml"]).iter(f"{SVG}text")
    ]
    assert {number for text in drawn for number in numbers_in(text)} > {"99.8%", "95%"}
    assert {number for text in drawn for number in numbers_in(text)} <= displays
    printed = " ".join(text for data in bundles for text in texts(data[BLOCK_MIME]))
    assert displays <= set(numbers_in(printed))
    axis = [fact for fact in record["facts"] if fact["role"] == "axis"]
    assert len(axis) > 5
    assert all(fact["sources"] for fact in axis)


@pytest.mark.parametrize(("lang", "said"), [("zh", "概率不足0.2%"), ("en", "less often than 0.2%")])
def test_the_methods_say_how_villages_are_judged(told: Told, monkeypatch: pytest.MonkeyPatch, lang: str, said: str) -> None:
    told(EVEN, lang=lang)
    appendix = Chapter.open("appendix", township=TOWN, year=YEAR, lang=lang)
    text = plain(appendix.comparison_method())
    assert said in text
    assert "100%" in text


def test_where_no_rate_is_compared_the_methods_do_not_speak_of_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({f"livestock_stock[animal=sheep;village={n}]": 10 * n for n in (1, 2, 3)})
    shown: list[Any] = []
    monkeypatch.setattr(composer, "publish_display_data", shown.append)
    monkeypatch.chdir(project.root)
    chapter = Chapter.open("basic_public_health", township=TOWN, year=YEAR)
    assert chapter.comparison_method() == []
    chapter.villages()
    assert shown == []


def test_the_english_edition_says_the_same(told: Told) -> None:
    bundles, _ = told(ONE_LOW, lang="en")
    combined, _detailed = of_type(bundles, "table")
    assert cells(combined)["V北"][0] == "low\u00a050.00%"
    [said] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert "1 differs beyond chance: " in said
    assert "V北 low" in said
    assert not re.search(r"[。；，、]", said)


def test_at_most_three_figures_a_chapter_and_the_rest_is_told(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_FIGURES", 1)
    low = {**ONE_LOW, "health_records_standardised": [*EVEN["health_records_standardised"][:9], 600, 770, 840]}
    bundles, _ = told(low)
    [figure] = of_type(bundles, "figure")
    assert "电子健康档案建档率" in plain(figure["caption"])  # 200 of 400 is less probable than 600 of 1000
    assert len(of_type(bundles, "table")) == 2
    [said] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert "其中2项" in said
    assert "规范化电子健康档案覆盖率，前湾村偏低" in said


def test_rates_are_spread_evenly_over_as_few_tables_as_hold_them() -> None:
    assert [len(part) for part in places._evenly(range(11), most=6)] == [5, 6]
    assert [len(part) for part in places._evenly(range(6), most=6)] == [6]
    assert list(places._evenly("abcdefg", most=3)) == ["ab", "cd", "efg"]
    assert places._evenly((), most=5) == []


def test_counts_fill_two_tables_and_the_rest_is_said(told: Told, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_COLUMNS", {"zh": 4})
    elements = [
        entry.id
        for entry in project.catalogue().entries.values()
        if entry.area == "epidemic" and isinstance(entry, Element) and set(entry.dims) == {"village"}
    ][:11]
    bundles, record = told({name: [n + 20 for n in range(12)] for name in elements}, chapter="epidemic")
    first, second = of_type(bundles, "table")
    assert [len(table["columns"]) for table in (first, second)] == [5, 5]
    assert [plain(table["caption"]) for table in (first, second)] == ["各村疫情防控数据（一）", "各村疫情防控数据（二）"]
    [said] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert said == "另有3项分村数据见随附数据表，不再列表。"
    assert "counts-by-village-epidemic" in {fact["indicator"] for fact in record["facts"]}


def test_the_drawn_limits_are_smooth_and_begin_near_the_smallest_village(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    original = charts.funnel

    def watched(plot: charts.Plot, **options: Any) -> charts.Chart:
        drawn.append(plot)
        return original(plot, **options)

    monkeypatch.setattr(charts, "funnel", watched)
    told(ONE_LOW)
    [plot] = drawn
    assert 0 < plot.across[0] < 100
    assert plot.across[0] > 40  # no empty left half
    for edge in (1, 2):
        assert all(one[edge] <= other[edge] for one, other in pairwise(plot.limits))
    for edge in (3, 4):
        assert all(one[edge] >= other[edge] for one, other in pairwise(plot.limits))
    assert [unit.name for unit in plot.units if unit.name] == ["北湾村"]
    assert OUTER == 0.998


SPREAD: dict[str, list[object]] = {
    "health_records": [852, 901, 930, 780, 955, 890, 300, 940, 873, 960, 915, 840],
    "population_resident": [1000, 1100, 1050, 950, 1000, 980, 900, 1020, 1000, 1010, 990, 1000],
}


@pytest.mark.parametrize(
    ("lang", "said", "word"),
    [
        ("zh", "各村普遍相差较大，控制限已按实际离散程度放宽", "控制限内"),
        ("en", "spread more widely than chance", "within the limits"),
    ],
)
def test_limits_widened_by_the_spread_are_owned_up_to(told: Told, lang: str, said: str, word: str) -> None:
    bundles, _ = told(SPREAD, lang=lang)
    [words] = [plain(block["runs"]) for block in of_type(bundles, "paragraph")]
    assert said in words
    assert "随机波动范围" not in words
    assert "beyond chance" not in words
    assert "Chance explains the rest" not in words
    [table] = of_type(bundles, "table")
    assert {row[-1] for row in cells(table).values()} == {
        word,
        "偏低" if lang == "zh" else "low",
        "比较基准" if lang == "zh" else "the standard",
    }
    [figure] = of_type(bundles, "figure")
    assert ("放宽" if lang == "zh" else "widened") in plain(figure["notes"][0])
    assert ("放宽" if lang == "zh" else "widened") in plain(table["notes"][0])
