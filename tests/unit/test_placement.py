"""Labels that never overprint, and round numbers along an axis."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.placement import Box, place_labels, ticks

AREA = Box(0.0, 0.0, 110.0, 60.0)
HALF = 1.3


def marks(points: list[tuple[float, float]]) -> list[Box]:
    return [Box.around(x, y, HALF) for x, y in points]


spots = st.lists(st.tuples(st.floats(0, 110), st.floats(0, 60)), min_size=1, max_size=15)


@given(points=spots, width=st.floats(5, 40))
def test_no_two_labels_overlap_and_all_stay_inside(points: list[tuple[float, float]], width: float) -> None:
    boxes = place_labels(points, [(width, 3.4)] * len(points), inside=AREA, marks=marks(points))
    found = [box for box in boxes if box is not None]
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))
    assert not any(box.overlaps(mark) for box in found for mark in marks(points))
    assert all(AREA.holds(box) for box in found)
    assert boxes == place_labels(points, [(width, 3.4)] * len(points), inside=AREA, marks=marks(points))


def test_a_label_stands_right_of_its_point_where_there_is_room() -> None:
    [box] = place_labels([(50.0, 30.0)], [(12.0, 3.4)], inside=AREA, marks=marks([(50.0, 30.0)]))
    assert box is not None
    assert box.left > 50.0
    assert (box.bottom + box.top) / 2 == pytest.approx(30.0)


def test_a_point_at_the_right_edge_has_its_label_on_the_left() -> None:
    [box] = place_labels([(109.0, 30.0)], [(12.0, 3.4)], inside=AREA, marks=marks([(109.0, 30.0)]))
    assert box is not None
    assert box.right < 109.0


def test_neighbours_get_both_their_labels() -> None:
    points = [(50.0, 30.0), (52.0, 30.5), (51.0, 31.5), (53.0, 29.0)]
    boxes = place_labels(points, [(14.0, 3.4)] * 4, inside=AREA, marks=marks(points))
    assert None not in boxes


def test_a_label_keeps_off_the_lines_where_it_can() -> None:
    line = Box(0.0, 28.0, 110.0, 32.0)
    [box] = place_labels([(50.0, 30.0)], [(12.0, 3.4)], inside=AREA, marks=[], lines=[line])
    assert box is not None
    assert not box.overlaps(line)


def test_a_label_without_room_is_left_out() -> None:
    assert place_labels([(5.0, 5.0)], [(200.0, 3.4)], inside=AREA, marks=[]) == (None,)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (66.0, 326.0, 7, [100, 150, 200, 250, 300]),
        (52.4, 91.7, 6, [60, 70, 80, 90]),
        (99.15, 100.1, 6, [Fraction("99.2"), Fraction("99.4"), Fraction("99.6"), Fraction("99.8"), 100]),
        (0.0, 1.0, 6, [0, Fraction("0.2"), Fraction("0.4"), Fraction("0.6"), Fraction("0.8"), 1]),
        (-4.0, 4.0, 5, [-4, -2, 0, 2, 4]),
    ],
)
def test_numbers_of_an_axis_are_round(low: float, high: float, most: int, expected: list[Fraction]) -> None:
    assert list(ticks(low, high, most=most)) == expected


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-3, 1e6), most=st.integers(4, 10))
def test_an_axis_has_at_least_two_and_at_most_the_numbers_asked_for(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most=most)
    assert 1 < len(found) <= most
    assert all(low <= tick <= low + span for tick in found)


def test_an_empty_axis_is_refused() -> None:
    with pytest.raises(ValueError, match="no axis"):
        ticks(3.0, 3.0, most=5)


def test_a_name_near_its_point_lies_over_a_line_rather_than_at_the_end_of_a_long_leader() -> None:
    line = Box(0.0, 15.0, 110.0, 45.0)
    [box] = place_labels([(50.0, 30.0)], [(12.0, 3.4)], inside=AREA, marks=[], lines=[line])
    assert box is not None
    assert box.left - 50.0 < 2.0
    assert (box.bottom + box.top) / 2 == pytest.approx(30.0)
