"""Charts: real text, the same bytes twice, bars in proportion, nothing cut or overprinted, and no colour needed to read them."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from fontTools.ttLib import TTFont

from nianbao import bitmaps, charts, fonts
from nianbao.charts import (
    WIDTH_MM,
    Axis,
    Bar,
    Chart,
    Panel,
    Plot,
    Series,
    Spot,
    Target,
    Unit,
    bars,
    fits_whole,
    funnel,
    lines_of,
    members,
    paired_bars,
    targets,
    whole_bar,
    years,
)
from nianbao.errors import ReportError

LABELS = ["一孩", "二多孩"]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def simple() -> Chart:
    return simple_chart()


def simple_chart(first: int = 40) -> Chart:
    return targets(
        ["上湾村", "中湾村", "下湾村"],
        [Bar(first, f"{first}人"), Bar(20, "20人"), Bar(0, "0人")],
        [Target(30.0, "目标30人", first > 30), Target(30.0, "目标30人", None), Target(30.0, "目标30人", None)],
        salt="villages",
    )


@pytest.fixture(scope="module")
def paired() -> Chart:
    now, before = [Bar(68, "68人"), Bar(83, "83人")], [Bar(83, "83人"), Bar(100, "100人")]
    return paired_bars(LABELS, now, before, names=("2020年", "2019年"), salt="births")


def bitmap(chart: Chart) -> bytes:
    (png,) = bitmaps.drawn([bitmaps.Figure(chart.svg, chart.width_mm, chart.height_mm)])
    return png


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


def test_pairs_carry_both_figures_and_name_each_bar_where_it_stands(paired: Chart) -> None:
    assert sorted(texts(paired)) == sorted([*LABELS, "68人", "83人", "83人", "100人", "2020年", "2019年", "2020年", "2019年"])


def test_bars_are_as_long_as_their_figures(simple: Chart, paired: Chart) -> None:
    forty, twenty, nothing = widths(simple)
    assert forty == pytest.approx(2 * twenty, rel=1e-3)
    assert 0 < nothing < twenty / 20  # a zero still shows a line at its place
    lengths = widths(paired)
    shares = [length / value for length, value in zip(lengths, (68, 83, 83, 100), strict=True)]
    assert all(one == pytest.approx(other, rel=1e-3) for one, other in pairwise(shares))


def test_the_same_chart_is_the_same_bytes(simple: Chart) -> None:
    assert simple_chart() == simple


def test_another_figure_is_another_chart(simple: Chart) -> None:
    other = simple_chart(41)
    assert other.svg != simple.svg


def test_no_date_or_program_name_is_written_into_the_files(simple: Chart) -> None:
    assert "<dc:date" not in simple.svg
    assert b"Software" not in bitmap(simple)


def test_the_bitmap_has_the_size_on_paper(simple: Chart) -> None:
    png = bitmap(simple)
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert simple.width_mm == WIDTH_MM
    assert width == pytest.approx(simple.width_mm / 25.4 * bitmaps.DPI, abs=1)
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


def test_bitmaps_come_in_the_order_of_their_drawings_and_twice_the_same(simple: Chart, paired: Chart) -> None:
    figures = [bitmaps.Figure(chart.svg, chart.width_mm, chart.height_mm) for chart in (simple, paired)]
    assert bitmaps.drawn(figures) == bitmaps.drawn(figures) == [bitmap(simple), bitmap(paired)]
    assert bitmaps.drawn([]) == []


def test_a_bitmap_has_ink_where_the_words_are(simple: Chart) -> None:
    without = simple.svg.replace("上湾村", "")
    assert bitmap(simple) != bitmap(Chart(without, simple.width_mm, simple.height_mm))


def test_a_drawing_that_is_none_is_refused_for_word() -> None:
    with pytest.raises(ReportError, match="SVG"):
        bitmaps.drawn([bitmaps.Figure("<html/>", 10, 10)])


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
    assert bitmap(hollow) != bitmap(filled)


def test_names_of_neighbouring_points_are_all_printed() -> None:
    units = [Unit(200 + n, 60.0 + n / 4, side=-1, strong=True, name=f"{name}湾村") for n, name in enumerate("东西南北中")]
    assert {f"{name}湾村" for name in "东西南北中"} <= set(texts(plot_of(*units)))


def test_a_funnel_of_units_of_one_size_and_value_can_be_drawn() -> None:
    axes = Axis("分母", []), Axis("率", [])
    flat = Plot([Unit(100, 80.0)] * 5, [(100.0, 80.0, 80.0, 80.0, 80.0)])
    chart = funnel(flat, centre=(80.0, "80%"), axes=axes, coverages=("95%", "99.8%"), salt="flat")
    assert "80%" in texts(chart)


def test_the_mark_does_not_run_through_a_figure() -> None:
    drawn = targets(["甲", "乙"], [Bar(95, "95.00%"), Bar(40, "40%")], [Target(100.0, "目标100%", False)] * 2, salt="m")
    places = {}
    for node in ET.fromstring(drawn.svg).iter(f"{SVG}text"):
        places["".join(node.itertext()).strip()] = place_of(node)[0]
    lines = [node.get("d", "") for node in ET.fromstring(drawn.svg).iter(f"{SVG}path") if "dasharray" in node.get("style", "")]
    dashed = next(float(x) for line in lines for x in re.findall(r"M (-?[\d.]+)", line))
    assert places["95.00%"] > dashed
    assert places["40%"] < dashed


# ---- every kind, short and long words, both languages ------------------------------------------------------------------

LONG = {
    "zh": "企业退休职工和无业居民计划生育一次性奖励以及关停并转企业一次性奖励区级配套资金",
    "en": "One-off family planning reward for retired employees and residents without work, with district matching funds",
}
WORDS = {
    "zh": {"town": "白鹭镇", "unit": "人", "whole": "全县", "year": "{}年", "target": "目标{}%"},
    "en": {"town": "Bailu Town", "unit": " persons", "whole": "the whole ", "year": "in {}", "target": "target {}%"},
}
KINDS = ("paired", "years", "one line", "target", "own targets", "bars", "whole", "funnel", "members")


def drawn(kind: str, lang: str, *, long: bool) -> Chart:
    """Return a chart of one kind with short names or with the longest a catalogue holds."""
    words = WORDS[lang]
    name = LONG[lang] if long else words["town"]
    names = [name, *(f"{words['town']}{letter}" for letter in "ABC")]
    values = [Bar(n, f"{n}{words['unit']}") for n in (1_530_758 if long else 240, 180, 95, 0)]
    rates = [Bar(n, f"{n:.2f}%") for n in (106.62, 98.16, 72.73, 40.0)]
    numbers = [words["year"].format(year) for year in range(2016, 2021)]
    match kind:
        case "paired":
            return paired_bars(names, values, values[::-1], names=(numbers[-1], numbers[-2]), salt=kind)
        case "years" | "one line":
            lines = [Series(one, [Bar(n, str(n)) for n in (12300, 9000, 11000, 800, 0)]) for one in names]
            lines[0] = Series(name, [Bar(5, "5"), None, Bar(7, "7"), Bar(12000, "12000"), Bar(12300, "12300")])
            return years(lines if kind == "years" else lines[:1], numbers, from_zero=True, salt=kind)
        case "target":
            return targets(
                names, rates, [Target(100, words["target"].format(100), bar.value >= 100) for bar in rates], salt=kind
            )
        case "own targets":
            marks = [
                Target(n, words["target"].format(n), bar.value >= n) for n, bar in zip((100, 99, 75, 30), rates, strict=True)
            ]
            return targets(names, rates, marks, salt=kind)
        case "bars":
            return bars(names, values, salt=kind)
        case "whole":
            return whole_bar(
                names[:2] if long else names[:3],
                [Bar(50, "50%"), Bar(30, "30%"), Bar(20, "20%")][: 2 if long else 3],
                salt=kind,
            )
        case "funnel":
            limits = [(float(n), 80 - 900 / n, 80 - 600 / n, 80 + 600 / n, 80 + 900 / n) for n in range(50, 320, 10)]
            units = [Unit(60 + 12 * n, 76.0 + n % 7) for n in range(20)]
            units += [Unit(200 + n, 60 + n / 3, side=-1, strong=True, name=one) for n, one in enumerate(names)]
            axes = (
                Axis(name, [(float(n), str(n)) for n in range(60, 320, 20)]),
                Axis(name, [(60.0, "60%"), (80.0, "80%"), (90.0, "90%")]),
            )
            centre = (80.0, f"{words['whole']}80%")
            return funnel(Plot(units, limits), centre=centre, axes=axes, coverages=("95%", "99.8%"), salt=kind)
        case _:
            spots = [Spot(98.16, "98.16%", 1, strong=True), Spot(82.1, "82.10%"), None, Spot(8.39, "8.39%", -1)]
            panels = [Panel(one, (82.1, f"{words['whole']}82.10%"), spots) for one in names]
            return members(names, panels, salt=kind)


EVERY = pytest.mark.parametrize(
    ("kind", "lang", "long"), [(kind, lang, long) for kind in KINDS for lang in ("zh", "en") for long in (False, True)]
)


def place_of(node: ET.Element) -> tuple[float, float]:
    """Return where a text stands, in points from the upper left corner."""
    moved = re.search(r"translate\((-?[\d.]+) (-?[\d.]+)\)", node.get("transform", ""))
    if moved:
        return float(moved[1]), float(moved[2])
    return float(node.get("x", "nan")), float(node.get("y", "nan"))


@pytest.fixture(scope="module")
def measure() -> dict[str, float]:
    """Return the width of every character of the face charts are set in, in ems, read without matplotlib."""
    font = TTFont(next(face.path for face in fonts.faces() if face.key == "hei"))
    advances, em = font["hmtx"].metrics, font["head"].unitsPerEm
    return {chr(code): advances[glyph][0] / em for code, glyph in font.getBestCmap().items()}


def boxes(chart: Chart, measure: dict[str, float]) -> list[tuple[str, float, float, float, float]]:
    """Return every text with its left, upper, right and lower edge in points."""
    found = []
    for node in ET.fromstring(chart.svg).iter(f"{SVG}text"):
        text, style = "".join(node.itertext()).strip(), node.get("style", "")
        size = float(re.search(r"(?:font-size|font): ?([\d.]+)px", style)[1])  # type: ignore[index]
        width = sum(measure.get(letter, 1.0) for letter in text) * size
        x, y = place_of(node)
        anchor = re.search(r"text-anchor: ?(\w+)", style)
        left = x - {"middle": width / 2, "end": width}.get(anchor[1] if anchor else "", 0.0)
        found.append((text, left, y - 0.76 * size, left + width, y + 0.1 * size))
    return found


@EVERY
def test_no_text_is_cut_at_the_edge(kind: str, lang: str, long: bool, measure: dict[str, float]) -> None:
    chart = drawn(kind, lang, long=long)
    wide, high = (size / 25.4 * 72 for size in (chart.width_mm, chart.height_mm))
    found = boxes(chart, measure)
    assert len(found) > 4
    assert [box for box in found if box[1] < 0 or box[2] < 0 or box[3] > wide or box[4] > high] == []


@EVERY
def test_no_two_texts_touch(kind: str, lang: str, long: bool, measure: dict[str, float]) -> None:
    found = boxes(drawn(kind, lang, long=long), measure)
    touching = [
        (one[0], other[0])
        for place, one in enumerate(found)
        for other in found[place + 1 :]
        if one[1] < other[3] and other[1] < one[3] and one[2] < other[4] and other[2] < one[4]
    ]
    assert touching == []


@EVERY
def test_every_word_given_is_printed_whole(kind: str, lang: str, long: bool) -> None:
    said = "".join(texts(drawn(kind, lang, long=long))).replace(" ", "")
    if kind != "funnel":  # of crowded units only those with room are named
        assert (LONG[lang] if long else WORDS[lang]["town"]).replace(" ", "") in said


def test_an_overlong_text_would_be_noticed(measure: dict[str, float]) -> None:
    chart = bars(["甲", "乙"], [Bar(2, "2人"), Bar(1, "1人")], salt="x")
    forged = Chart(chart.svg.replace("2人", "2" * 40), chart.width_mm, chart.height_mm)
    assert any(box[3] > chart.width_mm / 25.4 * 72 for box in boxes(forged, measure))


# ---- read without colour -------------------------------------------------------------------------------------------------

SIGHT = {
    "grey": ((0.2126, 0.7152, 0.0722),) * 3,
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
}
"""What a printer without colour and two kinds of colour vision make of linear red, green and blue (Machado and others, 2009)."""


def lightness(colour: str, sight: str) -> float:
    """Return the CIE lightness (0 to 100) of a colour as it is seen."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    ]
    seen = [min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in SIGHT[sight]]
    luminance = sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), seen, strict=True))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


@pytest.mark.parametrize("sight", SIGHT)
def test_neighbouring_fills_differ_in_lightness_however_colours_are_seen(sight: str) -> None:
    pairs = [(charts.DARK, charts.LIGHT), (charts.DARK, charts.OPEN), *pairwise(charts.PARTS)]
    for one, other in pairs:
        assert abs(lightness(one.colour, sight) - lightness(other.colour, sight)) > 20, (one, other)


@pytest.mark.parametrize("sight", SIGHT)
def test_text_and_axes_stand_out_from_the_paper(sight: str) -> None:
    assert lightness("#ffffff", sight) - lightness(charts.INK, sight) > 80
    assert lightness("#ffffff", sight) - lightness(charts.RULE, sight) > 25


def test_what_is_missed_is_hatched_and_what_is_met_is_not() -> None:
    def hatched(*met: bool | None) -> int:
        marks = [Target(100.0, "目标100%", one) for one in met]
        return targets(["甲"] * len(met), [Bar(90, "90%")] * len(met), marks, salt="h").svg.count("<pattern")

    assert (hatched(True, None), hatched(True, False)) == (0, 1)


# ---- the data decide -----------------------------------------------------------------------------------------------------


def test_a_whole_is_divided_only_where_every_part_has_room_for_its_words() -> None:
    names, even = ["奖扶金", "特扶金", "保健费"], [Bar(50, "50元"), Bar(30, "30元"), Bar(20, "20元")]
    assert fits_whole(names, even)
    assert not fits_whole(names, [Bar(97, "97元"), Bar(2, "2元"), Bar(1, "1元")])
    assert not fits_whole([LONG["zh"] * 2, *names[1:]], even)
    assert not fits_whole([*names, "甲", "乙"], [*even, Bar(20, "20元"), Bar(20, "20元")])
    assert not fits_whole(names[:2], [Bar(50, "50元"), Bar(-3, "-3元")])
    with pytest.raises(ValueError, match="no room"):
        whole_bar(names, [Bar(97, "97元"), Bar(2, "2元"), Bar(1, "1元")], salt="w")


def test_lines_are_even_and_numbers_stay_whole() -> None:
    assert lines_of("社会养老保险优待计生家庭保险补贴", 50.0) == ["社会养老保险优待", "计生家庭保险补贴"]
    assert lines_of("0～6岁儿童保健覆盖率", 16.0)[0].startswith("0～6岁")
    assert all(not line[0].isspace() and len(line) > 1 for line in lines_of(LONG["en"], 40.0))
    assert lines_of("", 10.0) == [""]


def test_a_year_that_is_not_known_breaks_the_line() -> None:
    def strokes(middle: Bar | None) -> int:
        one = Series("出生", [Bar(5, "5"), middle, Bar(7, "7"), Bar(8, "8")])
        return years([one], ["2017年", "2018年", "2019年", "2020年"], from_zero=True, salt="g").svg.count(charts.DARK.colour)

    assert strokes(Bar(6, "6")) - strokes(None) == 2


def test_targets_that_differ_stand_at_their_own_bars() -> None:
    assert "目标100%" in texts(drawn("target", "zh", long=False))
    assert {"106.62%（目标100%）", "40.00%（目标30%）"} <= set(texts(drawn("own targets", "zh", long=False)))
