"""What lies behind the words of a chart: paper they stand out from, by day, in the dark and in grey, and no line or mark through them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from test_charts import KINDS, SIGHT, SVG, boxes, drawn, measure, place_of

from built import ROOT
from nianbao import charts
from nianbao.catalogue import load_catalogue
from nianbao.charts import Bar, Chart, Series, Target, years

assert measure  # a fixture, used by its name
Rgb = tuple[float, float, float]
Place = tuple[float, float, float, float]
"""Left, upper, right and lower edge, in points from the upper left corner."""
HREF = "{http://www.w3.org/1999/xlink}href"
ENOUGH = 4.5
"""Contrast of text to what lies behind it by WCAG 2.2, 1.4.3."""


@dataclass(frozen=True)
class Shape:
    """One thing drawn: its place, what fills it (None: only a line) and the legs of its outline."""

    place: Place
    fill: str | None
    legs: list[tuple[tuple[float, float], tuple[float, float]]] = field(default_factory=list)


def style_of(node: ET.Element, name: str) -> str | None:
    """Return a property of a node's style, None where it has none or ``none``."""
    found = re.search(rf"(?:^|;)\s*{name}:\s*([^;]+)", node.get("style", ""))
    return None if found is None or found[1].strip() == "none" else found[1].strip()


def shapes_and_texts(chart: Chart) -> list[Shape | ET.Element]:
    """Return all a chart draws in order: shapes, and the nodes of its texts."""
    root = ET.fromstring(chart.svg)
    inner = {id(node) for defs in root.iter(f"{SVG}defs") for node in defs.iter()}
    marks = {f"#{node.get('id')}": corners(node) for node in root.iter(f"{SVG}path") if node.get("id")}
    made: list[Shape | ET.Element] = []
    for node in root.iter():
        if id(node) in inner:
            continue
        if node.tag == f"{SVG}text":
            made.append(node)
        elif node.tag == f"{SVG}use":
            x, y = float(node.get("x", "0")), float(node.get("y", "0"))
            points = [(x + a, y + b) for a, b in marks[str(node.get(HREF) or node.get("href"))]]
            made.append(Shape(around(points), style_of(node, "fill")))
        elif node.tag == f"{SVG}path" and corners(node):
            points = corners(node)
            stroke = style_of(node, "stroke")
            made.append(Shape(around(points), style_of(node, "fill"), list(pairwise(points)) if stroke else []))
    return made


def corners(node: ET.Element) -> list[tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", node.get("d", ""))]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def around(points: list[tuple[float, float]]) -> Place:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def touch(one: Place, other: Place) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def crosses(leg: tuple[tuple[float, float], tuple[float, float]], place: Place) -> bool:
    """Return whether a straight line runs through a place."""
    (x1, y1), (x2, y2) = leg
    steps = 200
    points = ((x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps) for step in range(steps + 1))
    return any(place[0] < x < place[2] and place[1] < y < place[3] for x, y in points)


def behind(chart: Chart, widths: dict[str, float]) -> list[tuple[str, set[str], int]]:
    """Return each text with the fills behind it and how many lines and marks run through it, those above it among them."""
    order = shapes_and_texts(chart)
    names = boxes(chart, widths)
    found = []
    for (text, left, upper, right, lower), node in zip(
        names, [one for one in order if isinstance(one, ET.Element)], strict=True
    ):
        size = (lower - upper) / 0.86
        ink = (left + 0.05 * size, upper + 0.08 * size, right - 0.05 * size, lower - 0.1 * size)
        here = order.index(node)
        fills: set[str] = set()
        through = 0
        for shape in reversed([one for one in order[:here] if isinstance(one, Shape)]):
            if shape.fill and touch(shape.place, ink):
                fills.add(shape.fill)
                if (
                    shape.place[0] <= ink[0]
                    and shape.place[1] <= ink[1]
                    and shape.place[2] >= ink[2]
                    and shape.place[3] >= ink[3]
                ):
                    break
            through += any(crosses(leg, ink) for leg in shape.legs)
        above = [one for one in order[here:] if isinstance(one, Shape)]
        through += sum(1 for one in above if (one.fill and touch(one.place, ink)) or any(crosses(leg, ink) for leg in one.legs))
        found.append((text, fills, through))
    return found


def rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def as_it_is(colour: Rgb) -> Rgb:
    return colour


def turned_dark(colour: Rgb) -> Rgb:
    """Return a colour as the page shows it in the dark: ``invert(.91) hue-rotate(180deg)`` of the style sheet (Filter Effects, 8 and 13)."""
    red, green, blue = (part * (1 - 2 * 0.91) + 0.91 for part in colour)
    rows = ((-0.574, 1.430, 0.144), (0.426, 0.430, 0.144), (0.426, 1.430, -0.856))
    made = [min(1.0, max(0.0, a * red + b * green + c * blue)) for a, b, c in rows]
    return made[0], made[1], made[2]


def printed_grey(colour: Rgb) -> Rgb:
    """Return a colour as a printer without colour renders it."""
    light = luminance(colour)
    shown = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return shown, shown, shown


def luminance(colour: Rgb) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour]
    return sum(a * b for a, b in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


WAYS = {"light": as_it_is, "dark": turned_dark, "grey": printed_grey}
EVERY = pytest.mark.parametrize(
    ("kind", "lang", "long"), [(kind, lang, long) for kind in KINDS for lang in ("zh", "en") for long in (False, True)]
)


@EVERY
def test_every_text_stands_out_from_what_lies_behind_it(kind: str, lang: str, long: bool, measure: dict[str, float]) -> None:
    chart = drawn(kind, lang, long=long)
    found = behind(chart, measure)
    assert len(found) > 4
    inks = {style_of(node, "fill") for node in ET.fromstring(chart.svg).iter(f"{SVG}text")}
    assert inks == {charts.INK}
    for text, fills, _ in found:
        assert fills, text
        for name, way in WAYS.items():
            for fill in fills:
                assert fill.startswith("#"), (text, fill)
                assert contrast(way(rgb(charts.INK)), way(rgb(fill))) >= ENOUGH, (text, fill, name)


@EVERY
def test_no_line_or_mark_runs_through_a_text(kind: str, lang: str, long: bool, measure: dict[str, float]) -> None:
    found = behind(drawn(kind, lang, long=long), measure)
    assert [(text, through) for text, _, through in found if through] == []


@pytest.mark.parametrize("points", [(12000, 800, 0), (0, 800, 12000), (12000, 0, 12000), (5, 12000, 5), (9000, 9000, 8999)])
def test_figures_of_a_steep_course_stand_beside_it(points: tuple[int, ...], measure: dict[str, float]) -> None:
    line = Series("出生", [Bar(n, str(n)) for n in points])
    chart = years([line] * 4, ["2018年", "2019年", "2020年"], from_zero=True, salt="steep")
    assert [(text, through) for text, _, through in behind(chart, measure) if through] == []


def test_a_line_through_a_text_or_a_dark_ground_would_be_noticed(measure: dict[str, float]) -> None:
    chart = drawn("bars", "zh", long=False)
    first = next(ET.fromstring(chart.svg).iter(f"{SVG}text"))
    x, y = place_of(first)
    bar = f'<path d="M {x - 40} {y - 9} L {x + 4} {y - 9} L {x + 4} {y + 2} L {x - 40} {y + 2} z" style="fill: #1f4e79; stroke: #1a1d21"/>'
    line = f'<path d="M {x - 60} {y - 3} L {x + 60} {y - 3}" style="fill: none; stroke: #1a1d21"/>'

    def forged(before: str, after: str) -> list[tuple[str, set[str], int]]:
        start, end = chart.svg.index("<text"), chart.svg.rindex("</svg>")
        svg = chart.svg[:start] + before + chart.svg[start:end] + after + chart.svg[end:]
        return behind(Chart(svg, chart.width_mm, chart.height_mm), measure)

    assert any("#1f4e79" in fills for _, fills, _ in forged(bar, ""))
    assert any(through for _, _, through in forged("", line))
    assert contrast(rgb(charts.INK), rgb("#1f4e79")) < ENOUGH


def test_fills_side_by_side_differ_by_day_in_the_dark_and_in_grey() -> None:
    """Beside the edge every area has, neighbours differ by what two greys of a printer need to be told apart."""
    for one, other in [(charts.DARK, charts.LIGHT), (charts.DARK, charts.OPEN), *pairwise(charts.PARTS)]:
        for name, way in WAYS.items():
            assert contrast(way(rgb(one.colour)), way(rgb(other.colour))) > 1.5, (one, other, name)
    assert "grey" in SIGHT


@pytest.mark.parametrize("kind", ["bars", "targets", "paired", "years", "members"])
def test_the_longest_english_names_of_the_catalogue_fit(kind: str, measure: dict[str, float]) -> None:
    """The widest names the catalogue holds, several in one chart: nothing is cut, nothing touches, every word is there."""
    entries = load_catalogue(ROOT).entries.values()
    names = sorted((f"{entry.en[:1].upper()}{entry.en[1:]}" for entry in entries), key=charts.width_mm)[-4:]
    chart = chart_of(kind, names)
    wide, high = (size / 25.4 * 72 for size in (chart.width_mm, chart.height_mm))
    found = boxes(chart, measure)
    assert [box for box in found if box[1] < 0 or box[2] < 0 or box[3] > wide or box[4] > high] == []
    for place, one in enumerate(found):
        for other in found[place + 1 :]:
            assert not touch(one[1:], other[1:]), (one[0], other[0])
    said = "".join(text for text, *_ in found).replace(" ", "")
    assert all(name.replace(" ", "") in said for name in names)


def chart_of(kind: str, names: list[str]) -> Chart:
    values = [Bar(n, f"{n} yuan, {n % 100}.25%") for n in (1_530_758, 180_000, 9_500, 0)]
    match kind:
        case "bars":
            return charts.bars(names, values, salt=kind)
        case "targets":
            return charts.targets(names, values, [Target(n, f"target {n}", met=False) for n in (2e6, 1e6, 1e5, 3e4)], salt=kind)
        case "paired":
            return charts.paired_bars(
                names, values, values[::-1], names=("statistical year 2020", "statistical year 2019"), salt=kind
            )
        case "years":
            lines = [Series(name, [Bar(n, str(n)) for n in (12_300, 800, 11_000, 40, 0)]) for name in names]
            return years(lines, [f"in {year}" for year in range(2016, 2021)], from_zero=True, salt=kind)
        case _:
            spots = [
                charts.Spot(98.16, "98.16%", 1, strong=True),
                charts.Spot(82.1, "82.10%"),
                None,
                charts.Spot(8.39, "8.39%", -1),
            ]
            towns = [f"{word} Minority Autonomous Town" for word in ("North", "South", "East", "West")]
            panels = [charts.Panel(name, (82.1, "the whole 82.10%"), spots) for name in names]
            return charts.members(towns, panels, salt=kind)
