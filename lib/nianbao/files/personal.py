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
_GAP = r"[\s\-_]{0,4}"
_CROSSES = str.maketrans("×✕✖хХχΧ", "XXXXXXX")
"""Signs that stand for the X an ID number may end in."""
_NUMERALS = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖", "00123456789123456789")
_SPELT = re.compile(r"[〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖](?:[\s\-]*[〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖xX]){6,}")
_LONG_ID = re.compile(rf"(?<![\d.])[1-8](?:{_GAP}\d){{16}}{_GAP}[\dXx*](?![\dXx])")
_SHORT_ID = re.compile(r"(?<![\d.])[1-8]\d{16}(?![\dXx*])")
"""An ID number that lost a digit."""
_CUT_ID = re.compile(
    r"(?<![\d.])[1-8]\d{5}[./,、]\s?\d{8}[./,、]\s?\d{3}[\dXx](?!\d)|(?<![\d.,])\d{3}(?:,\d{3}){4,5}(?![\d,])"
    r"|(?<=(?<!\d)\d\.)[1-8]\d{16}[\dXx](?!\d)"
)
"""Cut by points or strokes, into thousands by a number format, or behind the number of a list."""
_RUN = re.compile(r"\d{19,}")
"""More digits than any figure or number of a person has: several that ran together."""
_OLD_ID = re.compile(rf"(?<![\d.])[1-8](?:{_GAP}\d){{14}}(?!\d)")
_ROUNDED = re.compile(r"(?<![\d.])(?P<digits>[1-8]\.\d{3,})[Ee]\+?(?P<power>14|17)(?!\d)")
"""A spreadsheet that reads an ID as a number shows 3.40524E+17."""
_CARD_ROUNDED = re.compile(r"(?<![\d.])6\.2\d{2,}[Ee]\+?1[5-8](?!\d)")
_MOBILE_ROUNDED = re.compile(r"(?<![\d.])1\.[3-9]\d{3,9}[Ee]\+?10(?!\d)")
_MOBILES = tuple(
    re.compile(rf"(?<![\d.])(?:(?:\+|00)?86{_GAP}|0)?{pattern}(?!\d|\.\d*[1-9])")
    for pattern in (
        r"1[3-9]\d{9}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{4}[\s\-_.]{1,2}\d{4}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{8}",
        r"1[3-9]\d{5}[\s\-_]{1,2}\d{4}",
        r"1[3-9]\d[\s\-_.]{1,2}\d{3}[\s\-_.]{1,2}\d{5}",
        r"1[\s\-_][3-9](?:[\s\-_]\d){9}",
        r"1[3-9]\d([/、])\d{4}\1\d{4}",
        r"1[3-9](?:,\d{3}){3}(?!,)",
        r"\(1[3-9]\d\)[\s\-]{0,2}\d{4}[\s\-]{0,2}\d{4}",
    )
)
_MOBILE_CUT = re.compile(r"(?<![\d.])1[3-9](?:[\s\-_]{0,2}\d){9}(?!\d|\.\d)")
_MOST_PARTS = 3
"""A mobile number is written in three parts at most; more are a list of figures."""
_IDS = (_LONG_ID, _OLD_ID, _SHORT_ID, _CUT_ID)
_LANDLINE = re.compile(r"(?<![\d.])0(?:10|2\d|[3-9]\d{2})[)\s\-_]{1,2}[2-8]\d{6,7}(?!\d)")
_CARD = re.compile(rf"(?<![\d.])(?:62|60|9|4|5[1-5]|3[57])(?:{_GAP}\d){{13,17}}(?!\d)")

_SHORTEST = 8
"""Characters of the shortest spelling, 3.405E+17."""


def personal_number(text: str) -> Personal | None:
    """Return what kind of personal number a text holds, None where it holds none.

    Full-width digits, blanks and dashes between digits, invisible characters, digits in Chinese characters, a country code, and numbers a
    spreadsheet rounded or shows with an exponent are all seen.  An ID number is known by province, birth date and sequence (GB 11643);
    its check digit is not asked for, nor that the day exists, because a mistyped number names a person too.
    """
    if len(text) < _SHORTEST and text.isascii():
        return None
    marked = text if text.isascii() else "".join(" " if not one.isascii() and _is_mark(one) else one for one in text)
    for one in dict.fromkeys((marked, text)):  # a raised or circled digit may be a mark, or one of the number
        plain = _DASHES.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", one))).translate(_CROSSES)
        for candidate in dict.fromkeys((plain, _SPELT.sub(lambda found: found[0].translate(_NUMERALS), plain))):
            if found := _found(candidate):
                return found
    return None


def _is_mark(sign: str) -> bool:
    """True for a numeral that is no digit (①, ², ½): it stands before or behind a number and is no part of it."""
    return sign.isnumeric() and not sign.isdecimal() and unicodedata.category(sign) == "No"


def _found(text: str) -> Personal | None:
    if sum(character.isdigit() for character in text) < 5:
        return None
    if any(_is_id(_digits(match[0])) for pattern in _IDS for match in pattern.finditer(text)):
        return Personal.RESIDENT_ID
    for match in _RUN.finditer(text):
        run = match[0]
        if any(_is_id(run[at : at + 18], whole=True) for at in range(len(run) - 17)):
            return Personal.RESIDENT_ID
        if len(run) % 11 == 0 and all(re.match("1[3-9]", run[at : at + 2]) for at in range(0, len(run), 11)):
            return Personal.PHONE
    for match in _ROUNDED.finditer(text):
        digits = match["digits"].replace(".", "")
        if int(digits[:2]) in _PROVINCES and (len(digits) < 14 or _is_id(digits.ljust(int(match["power"]) + 1, "0"))):
            return Personal.RESIDENT_ID
    cards = [digits for match in _CARD.finditer(text) if 15 <= len(digits := _digits(match[0])) <= 19]
    if any(digits.startswith("62") or _luhn(digits) for digits in cards):  # 62 opens the cards issued in China
        return Personal.BANK_CARD
    if _CARD_ROUNDED.search(text):
        return Personal.BANK_CARD
    if _MOBILE_ROUNDED.search(text) or any(
        len(re.split(r"[\s\-_]+", match[0])) <= _MOST_PARTS for match in _MOBILE_CUT.finditer(text)
    ):
        return Personal.PHONE
    if any(pattern.search(text) for pattern in _MOBILES) or _LANDLINE.search(text):
        return Personal.PHONE
    return None


def _digits(text: str) -> str:
    return re.sub(r"[\s\-_.,/、]", "", text).upper()


def _is_id(digits: str, *, whole: bool = False) -> bool:
    """True for what is built like an ID number: a province, a year of birth, a sequence; ``whole`` asks for a day that exists too.

    Shorter numbers than the eighteen digits of today are held to the day as well: fewer digits agree by chance more easily.
    """
    if not digits[:2].isdecimal() or int(digits[:2]) not in _PROVINCES:
        return False
    if len(digits) == 18 and not whole:
        return 1880 <= int(digits[6:10]) <= 2100
    born = digits[6:14] if len(digits) >= 17 else f"19{digits[6:12]}"
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
