"""Numbers that name a person are seen in every form people write them, and figures of returns are not taken for them.

All numbers here are invented: the area code belongs to no district, or the number belongs to no subscriber.
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nianbao.files.personal import Personal, personal_number

IDS = {
    "plain": "349924199001011234",
    "with X": "34992419900101123x",
    "in words": "（身份证号349924199001011234，已核）",
    "full width": "３４９９２４１９９００１０１１２３Ｘ",
    "blanks": "349924 19900101 1234",
    "dashes": "349924-1990-0101-1234",
    "no-break blanks": "349924\N{NO-BREAK SPACE}19900101\N{NO-BREAK SPACE}1234",
    "invisible characters": "349924\N{ZERO WIDTH SPACE}19900101\N{ZERO WIDTH SPACE}1234",
    "rounded by a spreadsheet": "349924199001011000",
    "with an exponent": "3.49924E+17",
    "with a long exponent": "3.49924199001011E+17",
    "fifteen digits": "349924900101123",
    "in Chinese numerals": "三四九九二四一九九零零一零一一二三四",
    "of a day that does not exist": "349924199013011234",
    "a digit lost": "34992419900101123",
    "a digit too many": "3499241990010112345",
    "after a zero": "0349924199001011234",
    "dashes with blanks": "349924 - 19900101 - 1234",
    "lines": "349924\r\n\r\n19900101\n1234",
    "points": "349924.19900101.1234",
    "strokes": "349924/19900101/1234",
    "thousands": "349,924,199,001,011,234",
    "a cross for the X": "34992419900101123×",
    "a Cyrillic X": "34992419900101123Х",
    "its check digit masked": "34992419900101123*",
    "behind a circled number": "①349924199001011234",
    "behind the number of a list": "1.349924199001011234",
    "two that ran together": "349924199001011234349924199001012239",
}
PHONES = {
    "plain": "13800138000",
    "in words": "联系电话13800138000。",
    "full width": "１３８００１３８０００",
    "three four four": "138 0013 8000",
    "dashes": "138-0013-8000",
    "single digits": "1 3 8 0 0 1 3 8 0 0 0",
    "country code": "+86 138 0013 8000",
    "country code without plus": "8613800138000",
    "in Chinese numerals": "一三八零零一三八零零零",
    "invisible characters": "138\N{ZERO WIDTH SPACE}0013\N{ZERO WIDTH SPACE}8000",
    "as a float": "13800138000.0",
    "with the zero of trunk calls": "013800138000",
    "strokes": "138/0013/8000",
    "country code and brackets": "+86(138)00138000",
    "four four three": "1380 0138 000",
    "six five": "138001 38000",
    "two three four": "13 8001 38000",
    "thousands": "13,800,138,000",
    "with an exponent": "1.38001E+10",
    "behind a circled number": "③13800138000",
    "two that ran together": "1380013800013900139000",
    "landline": "0999-5612345",
    "landline in brackets": "（0999）5612345",
}
CARDS = {
    "plain": "6222021234567890123",
    "rounded by a spreadsheet": "6.22202E+18",
    "in groups": "6217 0012 3456 7890 122",
    "of another issuer": "4111 1111 1111 1111",
}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, Personal.RESIDENT_ID) for text in IDS.values()),
        *((text, Personal.PHONE) for text in PHONES.values()),
        *((text, Personal.BANK_CARD) for text in CARDS.values()),
    ],
    ids=[*(f"id {name}" for name in IDS), *(f"phone {name}" for name in PHONES), *(f"card {name}" for name in CARDS)],
)
def test_every_written_form_is_seen(text: str, kind: Personal) -> None:
    assert personal_number(text) is kind


@pytest.mark.parametrize(
    "text",
    [
        "151",
        "1,535,536元",
        "178000",
        "13.5 14.2 15.6 16",
        "349924001001",
        "2019年1月1日至2020年9月30日",
        "20190101-20201231",
        "GB/T 9704-2012",
        "138人，0人，13人8000元",
        "1380013.8000",
        "1.5E+17",
        "二〇二〇年一月二十四日",
        "三千四百零五",
        "4111 1111 1111 1112",
        "91340405MA2N1234X",
        "0.92280000000000006",
        "36.384180790960452",
        "130.76923076923077",
        "151 139 12 100",
        "16 15 14 13 17 1",
        "1,380,013,800",
        "2.13888888888889",
        "桥政办发〔2015〕24号",
        "",
    ],
)
def test_what_returns_hold_is_not_taken_for_a_person(text: str) -> None:
    assert personal_number(text) is None


@given(st.integers(min_value=0, max_value=10**9 - 1), st.sampled_from(["", "人", "元", "万元", "%"]))
def test_no_figure_of_a_return_is_a_personal_number(number: int, unit: str) -> None:
    assert personal_number(f"{number}{unit}") is None
    assert personal_number(f"{number:,}{unit}") is None


@given(
    st.sampled_from([11, 34, 42, 65]),
    st.integers(min_value=0, max_value=9999),
    st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 1, 1)),
    st.integers(min_value=0, max_value=999),
    st.sampled_from("0123456789Xx"),
    st.sampled_from(["", " ", "-", "\N{NO-BREAK SPACE}"]),
)
def test_every_resident_id_is_seen(province: int, area: int, born: date, sequence: int, check: str, gap: str) -> None:
    number = f"{province}{area:04}{gap}{born:%Y%m%d}{gap}{sequence:03}{check}"
    assert personal_number(f"备注：{number}。") is Personal.RESIDENT_ID
