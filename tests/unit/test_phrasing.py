"""The counting words and names that sentences and tables take."""

from __future__ import annotations

import pytest

from county import results_of
from nianbao.blocks import plain
from nianbao.facts import FactBook
from nianbao.narrative import Narrator


def telling(figures: dict[str, object], *, lang: str = "zh") -> Narrator:
    return Narrator(results_of(figures), FactBook("chapter"), lang=lang)


@pytest.mark.parametrize(("unit", "word"), [("couple", "对"), ("person", "人")])
def test_a_task_counted_in_couples_or_persons_is_no_pack(unit: str, word: str) -> None:
    ref = f"preconception_exam_task[unit={unit}]"
    tell = telling({ref: 371})
    found = tell.results.named(ref)
    assert (tell.measure(found), tell.column_unit(found)) == (word, word)


def test_the_size_of_a_pack_is_per_pack() -> None:
    ref = "pack_size[item=disinfectant_84;unit=bottle]"
    tell = telling({ref: 500})
    assert tell.measure(tell.results.named(ref)) == "毫升/瓶"


def test_a_zero_in_words_keeps_the_word_it_is_counted_in() -> None:
    tell = telling({"safety_incidents": "未发现", "safety_incidents@previous": 3})
    found = tell.results.named("safety_incidents")
    assert plain(tell.movement(found)) == "，比上年减少3起，下降100.0%"
    assert plain(tell.amount(found)) == "未发现"
    assert tell.column_unit(found) == "起"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ({"illegal_practice_cases": "未发现"}, "未发现非法行医案件"),
        ({"illegal_practice_cases": 2}, "查处非法行医案件2起"),
        ({"illegal_practice_cases[type=unlicensed_practice]": 2}, "无证行医案件2起"),
        ({"epidemic_cases": 4}, "报告新冠肺炎病例4例"),
        ({"contraception_reward_recipients": 5}, "发放节育奖励5人"),
        ({"contraception_reward_amount": 500}, "发放节育奖励500元"),
        ({"births": 151}, "出生151人"),
    ],
)
def test_a_label_without_its_dimension_keeps_its_meaning(figures: dict[str, object], said: str) -> None:
    tell = telling(figures)
    [ref] = figures
    assert said in plain(tell.activities([tell.results.named(ref)]))


def test_two_entries_never_share_a_name_without_dimensions() -> None:
    refs = ("contraception_reward_recipients", "contraception_reward_amount")
    for lang in ("zh", "en"):
        tell = telling(dict.fromkeys(refs, 5), lang=lang)
        assert len({plain(tell.label(tell.results.named(ref))) for ref in refs}) == len(refs)
