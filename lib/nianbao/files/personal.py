"""What names a person in a text: resident ID numbers, telephone numbers, bank cards, however they are written.

A return holds totals only.  Detection errs on the side of stopping: figures of a return never have fifteen digits, so what is built like
a number of a person is taken for one.  No function here returns, stores or prints what it found, only that it found it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum


class Personal(StrEnum):
    """What kind of number names a person."""

    RESIDENT_ID = "resident-id"
    PHONE = "phone"
    BANK_CARD = "bank-card"


NAMES = {
    Personal.RESIDENT_ID: ("身份证号", "resident ID number"),
    Personal.PHONE: ("电话号码", "telephone number"),
    Personal.BANK_CARD: ("银行卡号", "bank card number"),
}
"""How findings call each kind, in Chinese and English."""

_PROVINCES = frozenset(
    {*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82, 83}
)
"""First two digits of the codes of GB/T 2260, with those of residence permits for people from Hong Kong, Macao and Taiwan."""
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212\uff0d\u00b7\u30fb\u2022]")
_GAP = r"[\s\-_]{0,2}"
_NUMERALS = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789")
_SPELT = re.compile(r"[〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖](?:[\s\-]*[〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖xX]){6,}")
_LONG_ID = re.compile(rf"(?<![\d.])[1-8](?:{_GAP}\d){{16}}{_GAP}[\dXx](?![\dXx])")
_OLD_ID = re.compile(rf"(?<![\d.])[1-8](?:{_GAP}\d){{14}}(?!\d)")
_ROUNDED = re.compile(r"(?<![\d.])(?P<digits>[1-8]\.\d{3,})[Ee]\+?(?P<power>14|17)(?!\d)")
"""A spreadsheet that reads an ID as a number shows 3.40524E+17."""
_MOBILES = tuple(
    re.compile(rf"(?<![\d.])(?:(?:\+|00)?86{_GAP})?{pattern}(?![\d.]\d|\d)")
    for pattern in (
        r"1[3-9]\d{9}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{4}[\s\-_.]{1,2}\d{4}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{8}",
        r"1[3-9]\d{5}[\s\-_]{1,2}\d{4}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{3}[\s\-_.]{1,2}\d{5}",
        r"1[\s\-_][3-9](?:[\s\-_]\d){9}",
    )
)
_LANDLINE = re.compile(r"(?<![\d.])0(?:10|2\d|[3-9]\d{2})[)\s\-_]{1,2}[2-8]\d{6,7}(?!\d)")
_CARD = re.compile(rf"(?<![\d.])(?:62|60|9|4|5[1-5]|3[57])(?:{_GAP}\d){{13,17}}(?!\d)")


def personal_number(text: str) -> Personal | None:
    """Return what kind of personal number a text holds, None where it holds none.

    Full-width digits, blanks and dashes between digits, invisible characters, digits in Chinese characters, a country code, and numbers a
    spreadsheet rounded or shows with an exponent are all seen.  An ID number is known by province, birth date and sequence (GB 11643);
    its check digit is not asked for, because a mistyped number names a person too.
    """
    plain = _DASHES.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    for candidate in dict.fromkeys((plain, _SPELT.sub(lambda found: found[0].translate(_NUMERALS), plain))):
        if found := _found(candidate):
            return found
    return None


def _found(text: str) -> Personal | None:
    if sum(character.isdigit() for character in text) < 5:
        return None
    if any(_is_id(_digits(match[0])) for pattern in (_LONG_ID, _OLD_ID) for match in pattern.finditer(text)):
        return Personal.RESIDENT_ID
    for match in _ROUNDED.finditer(text):
        digits = match["digits"].replace(".", "")
        if int(digits[:2]) in _PROVINCES and (len(digits) < 14 or _is_id(digits.ljust(int(match["power"]) + 1, "0"))):
            return Personal.RESIDENT_ID
    cards = [digits for match in _CARD.finditer(text) if 15 <= len(digits := _digits(match[0])) <= 19]
    if any(digits.startswith("62") or _luhn(digits) for digits in cards):  # 62 opens the cards issued in China
        return Personal.BANK_CARD
    if any(pattern.search(text) for pattern in _MOBILES) or _LANDLINE.search(text):
        return Personal.PHONE
    return None


def _digits(text: str) -> str:
    return re.sub(r"[\s\-_]", "", text).upper()


def _is_id(digits: str) -> bool:
    """True for what is built like an ID number: a province, a birth date that exists, a sequence."""
    if int(digits[:2]) not in _PROVINCES:
        return False
    born = digits[6:14] if len(digits) == 18 else f"19{digits[6:12]}"
    try:
        return 1880 <= date(int(born[:4]), int(born[4:6]), int(born[6:])).year <= 2100
    except ValueError:
        return False


def _luhn(digits: str) -> bool:
    """True when the check digit of a card number fits (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
