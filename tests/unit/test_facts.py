"""What a printed number is, and the book that registers it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.blocks import plain
from nianbao.facts import FACT_COLUMNS, Fact, FactBook, numbers_in, split_numbers

# text | the numbers in it that must be facts
SPLIT = """
全镇出生151人，其中一孩68人                    | 151 68
比上年减少15人，下降18.07%                     | 15 18.07%
出生率8.18‰                                   | 8.18‰
增减-15人                                     | -15
增减−15人，151 − 183                           | −15 151 183
-15                                           | -15
68—83人                                       | 68 83
3月-5月                                        | 3 5
占比60-70%                                     | 60 70%
99%以上                                       | 99%
完成率为110%，超额10%                          | 110% 10%
覆盖3个村                                     | 3
2020年出生151人                               | 151
2020统计年度，全镇出生151人                    | 151
2019年10月1日至2020年9月30日                   |
2020年1—11月                                  |
截至2020年9月30日参保5799人                    | 5799
截至2020年9月底                                |
2018—2020年                                   |
2020-09-30                                    |
9月30日                                       |
12 March 2020, 40 births                      | 40
September 2020                                |
statistical year 2020: 151 births             | 151
In 2020, 15 more                              | 15
the change in 2020 was 15                     | 15
皖卫〔2020〕12号                               |
GB/T 8170—2008                                |
GB 11643-1999                                 |
国家基本公共卫生服务规范（第三版）                |
第12条                                         |
国人口统1表                                    |
卫统5-2表                                      |
人口监测!E12                                   |
相差4778等于卫生!E12的人数                      | 4778
表1!E12                                        |
差额等于卫生!E12的4778人                        | 4778
data/qingxi/2020.xlsx!人口监测!E5               |
params/catalogue/population.yml:41             |
见data/qingxi/2020.md:12                       |
N95口罩1200只                                  | 1200
储备N95口罩、手套300副                          | 300
出生人口性别比130.77（女=100）                   | 130.77
130.77 males per 100 females                  | 130.77
COVID-19                                      |
H7N9流感2例                                    | 2
全镇出生90人，见data/qingxi/2020.xlsx           | 90
Persons 1506                                  | 1506
in 1530 households                            | 1530
84消毒液20箱                                   | 84 20
75度酒精                                       | 75
"""


@pytest.mark.parametrize("line", SPLIT.strip("\n").split("\n"))
def test_which_numbers_must_be_facts(line: str) -> None:
    text, _, numbers = line.partition("|")
    assert numbers_in(text.strip()) == numbers.split()


@given(st.text(alphabet="0123456789.%‰-—年月日第条〔〕号N95出生人数!Exlsmd/，。 ", max_size=40))
def test_the_pieces_make_the_text_again(text: str) -> None:
    assert "".join(piece for piece, _ in split_numbers(text)) == text


@given(st.integers(min_value=0, max_value=10**7), st.sampled_from(["全镇{}人。", "减少{}人", "{}%", "，{}例；", "N95口罩{}只"]))
def test_a_count_in_a_sentence_is_always_found(number: int, sentence: str) -> None:
    assert str(number) in [found.rstrip("%") for found in numbers_in(sentence.format(number))]


def fact(display: str, *, name: str = "population:births:value", value: Fraction | None = None) -> Fact:
    return Fact(
        fact=name,
        chapter="population",
        indicator="births",
        dims=(("parity", "2+"), ("sex", "male")),
        role="value",
        display=display,
        value=value,
        sources=("a!b!E4", "a!b!E5"),
    )


def test_a_run_carries_its_fact() -> None:
    book = FactBook("population")
    assert book.add(fact("151")) == {"text": "151", "fact": "population:births:value"}


def test_the_same_fact_may_be_printed_again() -> None:
    book = FactBook("population")
    assert book.add(fact("151")) == book.add(fact("151"))
    assert len(book.facts) == 1


def test_one_identifier_never_prints_two_ways() -> None:
    book = FactBook("population")
    book.add(fact("151"))
    with pytest.raises(ValueError, match="'151' and as '152'"):
        book.add(fact("152"))


def test_a_row_holds_exact_values_as_text() -> None:
    row = fact("94.13%", value=Fraction(15060, 160)).row()
    assert tuple(row) == FACT_COLUMNS
    assert (row["value"], row["dims"], row["sources"]) == ("94.125", "parity=2+;sex=male", "a!b!E4;a!b!E5")
    assert fact("x", value=Fraction(1, 3)).row()["value"] == "1/3"
    assert fact("—").row()["value"] == ""


def test_numbers_of_the_offices_text_become_stated_facts_with_their_source() -> None:
    book = FactBook("population")
    runs = book.words("2020年设卡12处，占8.5%。", source="data/qingxi/2020.md:3", role="office", subject="population")
    assert plain(runs) == "2020年设卡12处，占8.5%。"
    assert [run["text"] for run in runs if "fact" in run] == ["12", "8.5%"]
    assert {(made.display, made.value, made.status, made.sources) for made in book.facts.values()} == {
        ("12", Fraction(12), "stated", ("data/qingxi/2020.md:3",)),
        ("8.5%", Fraction(17, 2), "stated", ("data/qingxi/2020.md:3",)),
    }


def test_a_minus_sign_in_words_is_read_and_its_value_written_with_the_hyphen_programs_read() -> None:
    book = FactBook("chapter")
    assert [part["text"] for part in book.words("气温−15度", source="x")] == ["气温", "−15", "度"]
    [row] = [fact.row() for fact in book.facts.values()]
    assert (row["display"], row["value"]) == ("−15", "-15")
    assert row["fact"].isascii()
