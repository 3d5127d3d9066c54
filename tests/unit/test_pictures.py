"""What a chart says to somebody who cannot see it: its message, in words, without a number that is no fact."""

from __future__ import annotations

import pytest

from nianbao.charts import Bar, Series, Target
from nianbao.pictures import Pictures, in_words


def speaker(lang: str) -> Pictures:
    made = Pictures.__new__(Pictures)
    made.lang, made.zh = lang, lang == "zh"
    return made


def course(lang: str, *values: int | None) -> str:
    names = [f"{2020 - back}年" if lang == "zh" else f"in {2020 - back}" for back in range(len(values) - 1, -1, -1)]
    one = Series("出生", [None if value is None else Bar(value, str(value)) for value in values])
    return speaker(lang)._course("出生", one, names, measure="人" if lang == "zh" else " persons")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((254, 244, 230, 204), "出生连续三年下降，由2017年254人到2020年204人"),
        ((204, 230, 254), "出生连续两年上升，由2018年204人到2020年254人"),
        ((204, 230, 210), "出生有升有降，由2018年204人到2020年210人，最高为2019年230人"),
        ((204, 204, 204), "出生各年持平，均为204人"),
        ((254, None, 230, 204), "出生由2017年254人到2020年204人，其间有年份没有数据"),
    ],
)
def test_the_message_of_a_line(values: tuple[int | None, ...], said: str) -> None:
    assert course("zh", *values) == said


def test_the_message_in_english() -> None:
    assert course("en", 254, 244, 204) == "出生 fell two years running: in 2018 254 persons, in 2020 204 persons"


def test_targets_say_how_many_are_reached_and_which_are_not() -> None:
    values = [Bar(101, "101%"), Bar(98, "98%"), Bar(100, "100%")]
    marks = [Target(100, "目标100%", bar.value >= 100) for bar in values]
    assert speaker("zh")._reached(["甲", "乙", "丙"], values, marks) == "三项中两项达到目标，未达到的是乙98%"
    assert speaker("zh")._reached(["甲"], values[:1], marks[:1]) == "一项均达到目标"


@pytest.mark.parametrize(("count", "zh", "en"), [(1, "一", "one"), (2, "两", "two"), (10, "十", "ten"), (23, "二十三", "many")])
def test_small_numbers_are_words(count: int, zh: str, en: str) -> None:
    assert (in_words(count, lang="zh"), in_words(count, lang="en")) == (zh, en)
