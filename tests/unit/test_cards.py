"""The cards of a page: what figures share one, what they quote, and how many bytes they take when there are very many."""

from __future__ import annotations

import pytest

from nianbao.cards import Card, cards
from nianbao.origins import Shown, restored

ROOM = 500_000


def shown(
    number: int, dims: str = "", *, role: str = "value", name: str = "产前检查率", display: str = "90%", cells: int = 1
) -> Shown:
    place = dims.partition("=")[2] or "county"
    sources = tuple((f"data/{place}/2020.xlsx!妇幼健康!{column}{row}", "7") for row in range(1, cells + 1) for column in "EG")
    return Shown(number, (f"a:{number}",), "antenatal_rate", dims, role, name, display, "", "2020年", sources[:cells])


def made(*given: Shown, room: int = ROOM) -> tuple[list[Card], dict[str, str]]:
    found = {fact: one for one in given for fact in one.facts}
    return cards(found, further="… 单元格总数：", comma="、", room_bytes=room)


def test_a_value_and_its_parts_share_a_card() -> None:
    value = shown(4)
    lower = shown(5, role="lower", name="产前检查率（置信下限）", display="86%")
    change = shown(6, role="change", name="产前检查率（比上年增减）", display="3%")
    found, where = made(value, lower, change)
    assert where == {"a:4": "o4", "a:5": "o4", "a:6": "o6"}
    assert found[0].entries[0].values == ("90%", "置信下限 86%")
    assert found[0].reference == "№ 4、5 · antenatal_rate"
    assert found[0].entries[0].sources == (("data/county/2020.xlsx!妇幼健康!", "E1“7”"),)


def test_the_towns_of_a_figure_share_a_card_and_its_sheet() -> None:
    towns = [
        shown(2, "township=xia", name="下镇产前检查率", display="89%"),
        shown(3, "township=shang", name="产前检查率（上镇）", display="91%"),
    ]
    found, where = made(shown(1), *towns)
    assert where == {"a:1": "o1", "a:2": "o2", "a:3": "o2"}
    card = found[1]
    assert (card.title, card.shared, card.reference) == ("产前检查率", "妇幼健康!", "")
    assert [(entry.label, entry.values) for entry in card.entries] == [("下镇", ("89%",)), ("上镇", ("91%",))]
    assert card.entries[0].sources == (("data/xia/2020.xlsx!", "E1“7”"),)


def test_figures_of_another_period_or_indicator_have_cards_of_their_own() -> None:
    other = restored(
        {**vars(shown(2)), "period": "2019年", "facts": ["a:2"], "sources": [list(pair) for pair in shown(2).sources]}
    )
    assert set(made(shown(1), other)[1].values()) == {"o1", "o2"}


@pytest.mark.parametrize("room", [1_000_000, 300_000, 150_000, 90_000])
def test_cards_keep_to_their_room(room: int) -> None:
    towns = [shown(number, f"township=t{number % 12}", name=f"镇{number % 12}产前检查率", cells=30) for number in range(1000)]
    given = [restored({**vars(one), "indicator": f"rate_{one.number // 12}"}) for one in towns]
    found, _ = made(*given, room=room)
    taken = sum(len(text.encode()) for card in found for text in card.texts())
    assert taken <= room
    assert taken > 20_000


def test_what_is_not_quoted_is_counted() -> None:
    [card] = made(shown(1, cells=40), room=130)[0]
    *quoted, rest = card.entries[0].sources
    assert rest == ("… 单元格总数：40", "")
    assert quoted == [("data/county/2020.xlsx!妇幼健康!", "E1“7”、G1")]
    whole = made(shown(1, cells=8))[0][0].entries[0].sources
    assert whole == (
        ("data/county/2020.xlsx!妇幼健康!", "、".join(f"{column}{row}“7”" for row in range(1, 5) for column in "EG")),
    )
