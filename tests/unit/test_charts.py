"""Charts: real text, the same bytes twice, bars in proportion, and nothing beyond the paper."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from nianbao.charts import WIDTH_MM, Axis, Bar, Chart, Plot, Unit, bars, funnel, paired_bars

LABELS = ["一孩", "二多孩"]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def simple() -> Chart:
    return bars(
        ["上湾村", "中湾村", "下湾村"],
        [Bar(40, "40人"), Bar(20, "20人"), Bar(0, "0人")],
        salt="villages",
        mark=(30.0, "目标30人"),
    )


@pytest.fixture(scope="module")
def paired() -> Chart:
    now, before = [Bar(68, "68人"), Bar(83, "83人")], [Bar(83, "83人"), Bar(100, "100人")]
    return paired_bars(LABELS, now, before, names=("2020年", "2019年"), salt="births")


def texts(chart: Chart) -> list[str]:
    return ["".join(node.itertext()).strip() for node in ET.fromstring(chart.svg).iter(f"{SVG}text")]


def widths(chart: Chart) -> list[float]:
    """Return the widths of the filled rectangles, in drawing order, the page itself left out."""
    found = []
    for node in ET.fromstring(chart.svg).iter(f"{SVG}path"):
        corners = [float(x) for x in re.findall(r"[ML] (-?[\d.]+) -?[\d.]+", node.get("d", ""))]
        if len(corners) == 4 and "fill: none" not in node.get("style", "") and "#ffffff" not in node.get("style", ""):
            found.append(max(corners) - min(corners))
    return found


def test_labels_and_figures_are_text_in_the_drawing(simple: Chart) -> None:
    assert sorted(texts(simple)) == sorted(["上湾村", "中湾村", "下湾村", "40人", "20人", "0人", "目标30人"])


def test_pairs_carry_both_figures_and_a_key(paired: Chart) -> None:
    assert sorted(texts(paired)) == sorted([*LABELS, "68人", "83人", "83人", "100人", "2020年", "2019年"])


def test_bars_are_as_long_as_their_figures(simple: Chart, paired: Chart) -> None:
    forty, twenty, nothing = widths(simple)
    assert forty == pytest.approx(2 * twenty, rel=1e-3)
    assert 0 < nothing < twenty / 20  # a zero still shows a line at its place
    lengths = widths(paired)[2:]  # two squares of the key come first
    shares = [length / value for length, value in zip(lengths, (68, 83, 83, 100), strict=True)]
    assert all(one == pytest.approx(other, rel=1e-3) for one, other in pairwise(shares))


def test_the_same_chart_is_the_same_bytes(simple: Chart) -> None:
    again = bars(
        ["上湾村", "中湾村", "下湾村"],
        [Bar(40, "40人"), Bar(20, "20人"), Bar(0, "0人")],
        salt="villages",
        mark=(30.0, "目标30人"),
    )
    assert again == simple


def test_another_figure_is_another_chart(simple: Chart) -> None:
    other = bars(
        ["上湾村", "中湾村", "下湾村"],
        [Bar(41, "41人"), Bar(20, "20人"), Bar(0, "0人")],
        salt="villages",
        mark=(30.0, "目标30人"),
    )
    assert other.svg != simple.svg
    assert other.png != simple.png


def test_no_date_or_program_name_is_written_into_the_files(simple: Chart) -> None:
    assert "<dc:date" not in simple.svg
    assert b"Software" not in simple.png


def test_the_bitmap_has_the_size_on_paper(simple: Chart) -> None:
    width, height = struct.unpack(">II", simple.png[16:24])
    assert simple.png.startswith(b"\x89PNG")
    assert simple.width_mm == WIDTH_MM
    assert width / height == pytest.approx(simple.width_mm / simple.height_mm, rel=0.02)


@pytest.mark.parametrize("label", ["镇", "基层医疗卫生机构从业人员职业健康检查完成情况与上年同期比较一览"])
def test_bars_stay_on_the_paper_whatever_the_labels(label: str) -> None:
    chart = bars([label, "村"], [Bar(1_530_758, "1530758元"), Bar(1, "1元")], salt="wide")
    root = ET.fromstring(chart.svg)
    _, _, page_width, _ = (float(part) for part in root.get("viewBox", "").split())
    corners = [float(x) for node in root.iter(f"{SVG}path") for x in re.findall(r"[ML] (-?[\d.]+) -?[\d.]+", node.get("d", ""))]
    assert min(corners) >= 0
    assert max(corners) <= page_width + 0.01
    assert widths(chart)[0] > page_width / 8


def test_a_chart_of_nothing_but_zeros_can_be_drawn() -> None:
    assert texts(bars(["村"], [Bar(0, "0人")], salt="zero")) == ["村", "0人"]


def plot_of(*units: Unit) -> Chart:
    limits = [(float(n), 80 - 90 / n**0.5, 80 - 60 / n**0.5, 80 + 60 / n**0.5, 80 + 90 / n**0.5) for n in range(40, 320, 10)]
    axes = Axis("分母（人）", [(100.0, "100"), (300.0, "300")]), Axis("建档率", [(70.0, "70%"), (90.0, "90%")])
    return funnel(Plot(units, limits), centre=(80.0, "全镇80%"), axes=axes, coverages=("95%", "99.8%"), salt="funnel")


def test_a_funnel_names_only_what_it_is_told_to_and_numbers_its_axes() -> None:
    chart = plot_of(Unit(60, 80.0), Unit(200, 60.0, side=-1, strong=True, name="上湾村"), Unit(300, 84.0, side=1))
    expected = ["上湾村", "100", "300", "70%", "90%", "分母（人）", "建档率", "全镇80%", "95%", "99.8%"]
    assert sorted(texts(chart)) == sorted(expected)


def test_points_of_a_funnel_are_told_apart_without_colour() -> None:
    def shapes(chart: Chart) -> set[str]:
        root = ET.fromstring(chart.svg)
        return {
            re.sub(r"-?[\d.]+", "", node.get("d", ""))
            for node in root.iter(f"{SVG}path")
            if (node.get("id") or "").startswith("m")
        }

    ring, above = plot_of(Unit(60, 80.0)), plot_of(Unit(60, 99.0, side=1))
    assert shapes(ring) != shapes(above)
    hollow, filled = plot_of(Unit(60, 99.0, side=1)), plot_of(Unit(60, 99.0, side=1, strong=True))
    assert hollow.png != filled.png


def test_names_of_neighbouring_points_are_all_printed() -> None:
    units = [Unit(200 + n, 60.0 + n / 4, side=-1, strong=True, name=f"{name}湾村") for n, name in enumerate("东西南北中")]
    assert {f"{name}湾村" for name in "东西南北中"} <= set(texts(plot_of(*units)))


def test_a_funnel_of_units_of_one_size_and_value_can_be_drawn() -> None:
    axes = Axis("分母", []), Axis("率", [])
    flat = Plot([Unit(100, 80.0)] * 5, [(100.0, 80.0, 80.0, 80.0, 80.0)])
    chart = funnel(flat, centre=(80.0, "80%"), axes=axes, coverages=("95%", "99.8%"), salt="flat")
    assert "80%" in texts(chart)


def test_the_mark_does_not_run_through_a_figure() -> None:
    drawn = bars(["甲", "乙"], [Bar(95, "95.00%"), Bar(40, "40%")], salt="m", mark=(100.0, "目标100%"))
    places = {}
    for node in ET.fromstring(drawn.svg).iter(f"{SVG}text"):
        places["".join(node.itertext()).strip()] = float(node.get("x", "nan"))
    lines = [node.get("d", "") for node in ET.fromstring(drawn.svg).iter(f"{SVG}path") if "dasharray" in node.get("style", "")]
    dashed = next(float(x) for line in lines for x in re.findall(r"M (-?[\d.]+)", line))
    assert places["95.00%"] > dashed
    assert places["40%"] < dashed
