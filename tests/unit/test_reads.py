"""What a chapter reads is noted by name, every answer has a digest, and nothing that differs has the same one."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.county import FIGURES, Project

from nianbao.digests import Digester
from nianbao.errors import Cell
from nianbao.indicators import Result
from nianbao.reads import EVERYTHING, Answers, Reads, entry_of, watched


@pytest.fixture
def town(project: Project) -> Project:
    """Return the project with the town's return."""
    project.write()
    return project


def queries(reads: Reads) -> set[tuple[str, ...]]:
    """Return what was noted, without what every chapter asks."""
    return {tuple(query) for query in reads.names()} - {("outline",), ("township",)}


def test_a_question_is_noted_by_its_name_whether_or_not_it_finds_something(town: Project) -> None:
    reads = Reads()
    data = watched(town.dataset(), reads)
    assert data.results.get("births[parity=1]") is not None
    assert data.results.get("births[parity=9]") is None
    data.results.of("births")
    data.results.of_area("population")
    assert queries(reads) == {
        ("result", "births[parity=1]"),
        ("result", "births[parity=9]"),
        ("results-of", "births"),
        ("area", "population"),
    }


def test_what_goes_through_all_results_is_noted_as_all(town: Project) -> None:
    reads = Reads()
    data = watched(town.dataset(), reads)
    list(data.results)
    _ = data.results.overall
    assert queries(reads) == {("results",), ("overall",)}


def test_the_catalogue_is_noted_entry_by_entry(town: Project) -> None:
    reads = Reads()
    catalogue = watched(town.dataset(), reads).catalogue
    catalogue.entry("births")
    catalogue.stated("births")
    assert catalogue.units["person"].zh
    assert queries(reads) == {("entry", "births"), ("stated", "births"), ("units",)}
    list(catalogue.entries)
    assert ("entries",) in queries(reads)


def test_cells_of_one_sheet_are_one_query(town: Project) -> None:
    reads = Reads()
    data = watched(town.dataset(), reads)
    given = [item.cell for item in data.given if item.entry == "births"]
    found = [data.observed.at(cell) for cell in given]
    assert all(found)
    data.observed.named(f"{given[0].file}!nowhere!A1")
    sheet = given[0]
    assert ("cells", sheet.file, sheet.sheet, *sorted({cell.cell for cell in given})) in queries(reads)
    assert ("named", f"{sheet.file}!nowhere!A1") in queries(reads)


def test_what_has_no_door_of_its_own_counts_as_everything(town: Project) -> None:
    reads = Reads()
    _ = watched(town.dataset(), reads).observations
    assert queries(reads) == {EVERYTHING}


def test_the_public_edition_notes_no_cell_and_no_figure_of_the_internal_one(town: Project) -> None:
    reads = Reads()
    data = watched(town.dataset().public, reads)
    assert data.known_internally("births[parity=1]")
    assert queries(reads) == {("known", "births[parity=1]")}
    _ = data.given
    assert EVERYTHING in queries(reads)
    assert data.observed.at(Cell("data/qingxi/2020.xlsx", "人口监测", "E4")) is None
    assert not {query[0] for query in queries(reads)} & {"cells", "named"}


def test_answers_differ_where_a_figure_differs_and_only_there(town: Project) -> None:
    asked = [
        ("result", "births[parity=1]"),
        ("area", "population"),
        ("result", "health_lectures"),
        ("area", "health_education"),
    ]
    before = Answers(town.dataset(), {})
    first = [before.digest(query) for query in asked]
    town.write({**FIGURES, "health_lectures": 16})
    after = Answers(town.dataset(), {})
    assert [one == other for one, other in zip(first, (after.digest(query) for query in asked), strict=True)] == [
        True,
        True,
        False,
        False,
    ]


def test_an_entry_of_the_catalogue_is_part_of_its_figures(town: Project) -> None:
    path = town.root / "params" / "catalogue" / "health_education.yml"
    before = Answers(town.dataset(), {}).digest(("result", "health_lectures"))
    text = path.read_text("utf-8")
    path.write_text(text.replace("zh: 健康讲座", "zh: 健康知识讲座", 1), "utf-8")
    assert path.read_text("utf-8") != text
    assert Answers(town.dataset(), {}).digest(("result", "health_lectures")) != before


def test_a_question_nobody_asks_any_more_is_answered_as_everything(town: Project) -> None:
    data = town.dataset()
    one, other = Answers(data, {"a": "1"}), Answers(data, {"a": "2"})
    assert one.digest(("of an older release", "x")) != other.digest(("of an older release", "x"))
    assert one.digest(("member", "nobody", "results")) == other.digest(("member", "nobody", "results"))


def test_the_entry_of_a_query() -> None:
    assert entry_of(("member", "qingxi", "result", "births[parity=1]")) == "births"
    assert entry_of(("area", "population")) == ""


def test_every_field_of_a_result_is_in_its_digest(town: Project) -> None:
    found = town.dataset().results.named("births[parity=1]")
    other: dict[str, object] = {
        "dims": (("parity", "2+"),),
        "value": Fraction(1, 3),
        "raw": "六十八",
        "unit_word": "名",
        "gap": 3,
        "sign": -1,
        "cells": (),
        "parts": (found,),
        "before": found,
        "reason": "x",
        "lower": 0.5,
        "reached": True,
    }
    known = Digester().digest(found)
    for name, value in other.items():
        changed: Result = replace(found, **{name: value})  # type: ignore[arg-type]
        assert Digester().digest(changed) != known, name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c"), ("a", "bc")),
        (1, "1"),
        (1, True),
        (None, "None"),
        (Fraction(1, 2), 0.5),
        ([1, [2]], [1, 2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ((), None),
        ("", ()),
    ],
)
def test_unlike_values_have_unlike_digests(one: object, other: object) -> None:
    assert Digester().digest(one) != Digester().digest(other)


def test_a_set_has_one_digest_and_what_is_unknown_has_none() -> None:
    assert Digester().digest({"b", "a", "c"}) == Digester().digest({"c", "a", "b"})
    with pytest.raises(TypeError, match="object"):
        Digester().digest(object())
