"""What a path or a message shows where it names a person."""

from __future__ import annotations

import pytest

from nianbao.masking import masked, masked_path, without_typed

PHONE, ID = "13800138000", "34992419900101123X"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("data/qingxi/2020.xlsx", "data/qingxi/2020.xlsx"),
        (f"data/张三{PHONE}.xlsx", "data/***.xlsx"),
        (f"a/{ID}/2020.xlsx", "a/***/2020.xlsx"),
        (rf"C:\表\{ID}.xls", r"C:\表\***.xls"),
        (f"a/x.{PHONE}", "a/***"),
        ("a/一三八零零一三八零零零.csv", "a/***.csv"),
        ("a/１３８００１３８０００.csv", "a/***.csv"),
    ],
)
def test_a_name_that_holds_a_number_goes_as_a_whole(path: str, shown: str) -> None:
    assert masked_path(path) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2020: 13 files, 4500 figures", "2020: 13 files, 4500 figures"),
        (f"no township {PHONE!r}; see data/", "no township '***'; see data/"),
        (f"{ID}: not found\nsecond line 5", "***: not found\nsecond line 5"),
        ("call +86 138-0013-8000 now", "call *** now"),
        ("卡号6217 0012 3456 7890 122。", "卡号***。"),
        ("三四九九二四一九九零零一零一一二三四号", "***号"),
    ],
)
def test_a_message_keeps_all_but_the_number(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_only_what_was_typed_is_taken_out_of_figures() -> None:
    arguments = ["check", f"/x/李四{PHONE}.xlsx", f"--out=/y/{ID}", "--year", "2020"]
    text = f"李四{PHONE}.xlsx: 62170012345678901 yuan; {ID}/2020"
    assert without_typed(text, arguments) == "***.xlsx: 62170012345678901 yuan; ***/2020"
