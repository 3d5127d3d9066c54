"""Telling what an office did to a report's paragraphs, binding its numbers, and the entries in the text file."""

from __future__ import annotations

import pytest

from nianbao.absorb import bound, compare
from nianbao.edits import _alike, mark_of, unmarked
from nianbao.errors import TextError
from nianbao.officetext import Entry, parse_text
from nianbao.wordmarks import Piece, Printed, Record, bookmark

CHAPTERS = {"population": "人口监测", "elderly": "老龄健康"}
BIRTHS = "全镇出生151人，比上年减少15人。"


def printed(key: str, text: str, **figures: str) -> Printed:
    """Return a paragraph of a record; ``figures`` are references by their printed form, found in order."""
    spans, place = [], 0
    for ref, shown in figures.items():
        start = text.index(shown, place)
        place = start + len(shown)
        spans.append((start, place, ref.replace("__", ".")))
    return Printed(
        "paragraph", key, bookmark(key), text, tuple(spans), {ref.replace("__", "."): shown for ref, shown in figures.items()}
    )


FIRST = printed("population/top/births", BIRTHS, births="151", births__change="15")
SECOND = printed("population/top/deaths", "全镇死亡90人。", deaths="90")
THIRD = printed("elderly/top/aged", "帮扶老人40人。", aged="40")
RECORD = Record(
    "qingxi",
    2020,
    "zh",
    "internal",
    "1a2b3c4d",
    (
        Printed("heading", "population/top", "", "一、人口监测"),
        FIRST,
        SECOND,
        Printed("heading", "elderly/top", "", "二、老龄健康"),
        THIRD,
    ),
)


def heading(text: str) -> Piece:
    return Piece("paragraph", "heading1", text)


def para(text: str, *sources: Printed, within: str = "") -> Piece:
    return Piece("paragraph", "bodytext", text, tuple(one.mark for one in sources), within)


def done(*pieces: Piece) -> list[tuple[str, str, str, str]]:
    """Return verb, key, place and text of every change."""
    return [(one.verb, one.key, one.place, one.text) for one in compare(RECORD, pieces).changes]


HEADS = (heading("一、人口监测"), heading("二、老龄健康"))


def test_nothing_done_is_nothing_found() -> None:
    assert done(HEADS[0], para(BIRTHS, FIRST), para(SECOND.text, SECOND), HEADS[1], para(THIRD.text, THIRD)) == []


def test_without_bookmarks_equal_words_and_likeness_find_a_paragraph() -> None:
    pieces = (HEADS[0], para("全镇出生151人，比上年减少15人，总体平稳。"), para(SECOND.text), HEADS[1], para(THIRD.text))
    assert [change[:2] for change in done(*pieces)] == [("changed", FIRST.key)]


def test_a_paragraph_written_anew_without_its_bookmark_is_one_added_and_one_deleted() -> None:
    pieces = (HEADS[0], para("今年工作平稳推进。"), para(SECOND.text, SECOND), HEADS[1], para(THIRD.text, THIRD))
    found = compare(RECORD, pieces).changes
    assert [(one.verb, one.place) for one in found] == [("added", "population/top"), ("deleted", "")]
    assert found[1].key == FIRST.key


def test_of_two_that_changed_places_one_was_moved() -> None:
    pieces = (HEADS[0], para(SECOND.text, SECOND), para(BIRTHS, FIRST), HEADS[1], para(THIRD.text, THIRD))
    ((verb, key, place, _),) = done(*pieces)
    assert verb == "moved"
    assert (key, place) in {(FIRST.key, SECOND.key), (SECOND.key, "population/top")}


def test_a_paragraph_moved_into_another_chapter_follows_what_stands_there() -> None:
    pieces = (HEADS[0], para(BIRTHS, FIRST), HEADS[1], para(THIRD.text, THIRD), para(SECOND.text, SECOND))
    assert [change[:3] for change in done(*pieces)] == [("moved", SECOND.key, THIRD.key)]


def test_a_new_paragraph_that_took_the_bookmark_leaves_the_old_one_its_key() -> None:
    pieces = (
        HEADS[0],
        para("今年工作平稳推进。", FIRST),
        para(BIRTHS, within=FIRST.mark),
        para(SECOND.text, SECOND),
        HEADS[1],
        para(THIRD.text, THIRD),
    )
    assert [change[0] for change in done(*pieces)] == ["added"]


def test_both_parts_of_a_split_paragraph_keep_their_figures() -> None:
    pieces = (
        HEADS[0],
        para("全镇出生151人，", FIRST),
        para("比上年减少15人。", within=FIRST.mark),
        para(SECOND.text, SECOND),
        HEADS[1],
        para(THIRD.text, THIRD),
    )
    assert sorted(change[0] for change in done(*pieces)) == ["added", "changed"]
    assert {change[3] for change in done(*pieces)} == {"全镇出生{{ births }}人，", "比上年减少{{ births.change }}人。"}


def test_a_bookmark_left_behind_in_a_neighbour_is_a_deletion() -> None:
    pieces = (HEADS[0], para(SECOND.text, FIRST, SECOND), HEADS[1], para(THIRD.text, THIRD))
    assert [change[:2] for change in done(*pieces)] == [("deleted", FIRST.key)]


def test_an_emptied_paragraph_is_a_deletion() -> None:
    pieces = (HEADS[0], para("", FIRST), para(SECOND.text, SECOND), HEADS[1], para(THIRD.text, THIRD))
    assert [change[:2] for change in done(*pieces)] == [("deleted", FIRST.key)]


def test_a_mark_taken_out_confirms() -> None:
    flagged = Printed(
        "paragraph", "population/top/x", bookmark("x"), "平稳。【此段依据已变：出生 151→153】", (), {"births": "153"}, True
    )
    record = Record("q", 2020, "zh", "internal", "b", (flagged,))
    (change,) = compare(record, [para("平稳。", flagged)]).changes
    assert (change.verb, change.confirmed, change.basis) == ("confirmed", True, {"births": "153"})
    assert compare(record, [para(flagged.text, flagged)]).changes == ()


@pytest.mark.parametrize(
    ("written", "expected", "says"),
    [
        (BIRTHS, "全镇出生{{ births }}人，比上年减少{{ births.change }}人。", {}),
        ("出生151人。", "出生{{ births }}人。", {}),
        ("比上年减少15人，出生151人。", "比上年减少{{ births.change }}人，出生{{ births }}人。", {}),
        ("全镇出生152人，比上年减少15人。", "全镇出生152人，比上年减少{{ births.change }}人。", {"births": "152"}),
        ("全镇出生1510人，比上年减少15人。", "全镇出生1510人，比上年减少{{ births.change }}人。", {"births": "1510"}),
        ("总体平稳{{ x }}。", "总体平稳｛｛ x ｝｝。", {}),
    ],
)
def test_numbers_that_stay_are_bound_and_others_are_the_offices(written: str, expected: str, says: dict[str, str]) -> None:
    assert bound(written, (FIRST,)) == (expected, says)


def test_marks_are_no_part_of_a_paragraph() -> None:
    assert unmarked("平稳。【此段依据已变：出生 151→153】") == "平稳。"
    assert mark_of((), lang="zh") == ""


def test_an_entry_reads_back_as_it_was_written() -> None:
    entry = Entry(
        "adds",
        "population/office/1a2b3c4d",
        "population/top/births[parity=1;sex=m]",
        "en",
        "0f0f0f0f",
        {"births[parity=1;sex=m].previous": "1.5%", "births": "151"},
        {"deaths": "90余"},
        "a --> b",
        "<!-- c",
    )
    text = f"## population\n\n甲。\n\n{entry.comment()}\n乙。\n\n丙。\n"
    found = parse_text(text, where="x.md", chapters=CHAPTERS)
    (passage,) = found.absorbed
    assert passage.text == "乙。"
    assert passage.entry is not None
    assert (passage.entry.basis, passage.entry.says) == (entry.basis, entry.says)
    assert (passage.entry.verb, passage.entry.key, passage.entry.place, passage.entry.lang) == (
        "adds",
        entry.key,
        entry.place,
        "en",
    )
    assert [one.text for one in found.sections["population"]] == ["甲。", "乙。", "丙。"]
    assert parse_text(text.replace("乙", "丁"), where="x.md", chapters=CHAPTERS).absorbed[0].text == "丁。"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("## population\n<!-- nianbao replaces -->\n甲。\n", "x.md:2: a comment that begins with 'nianbao'"),
        ("## population\n<!-- nianbao turns a/b\n-->\n甲。\n", "x.md:2: a comment that begins with 'nianbao'"),
        ("## population\n<!-- nianbao replaces a/b after c\n-->\n甲。\n", "x.md:2: a comment that begins with 'nianbao'"),
        ("## population\n<!-- nianbao replaces a/b\n-->\n\n甲。\n", "x.md:2: no paragraph stands below"),
        ("## population\n<!-- nianbao adds a/b after c\n-->\n\n## elderly\n乙。\n", "x.md:2: no paragraph stands below"),
        ("<!-- nianbao withholds a/b\n-->\n## population\n甲。\n", "x.md:1: an absorbed paragraph before the first section"),
    ],
)
def test_a_comment_that_says_nothing_is_told_with_its_line(text: str, fault: str) -> None:
    with pytest.raises(TextError, match=fault):
        parse_text(text, where="x.md", chapters=CHAPTERS)


def test_a_figure_the_office_wrote_with_a_hyphen_is_the_one_printed_with_a_minus_sign() -> None:
    assert _alike("-32", "−32")
    assert not _alike("-32", "32")
    assert not _alike("−32", "−33")
