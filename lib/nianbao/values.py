"""What a person wrote in a cell, read exactly: a number, a status, and nothing guessed.

A return holds ``151``, ``１５１``, ``1,506``, ``92.28%``, ``70余``, ``2千余``, ``近百``, ``未发现``, ``全部``, ``202_``, ``—`` and blanks.  Each
means something different and stays different up to the printed page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Status(StrEnum):
    """How sure a figure is, from the cell to the page."""

    REPORTED = "reported"
    COMPUTED = "computed"
    IMPLIED = "implied"
    """Worked out from a published rate, marked so by whoever filled the return."""
    ESTIMATED = "estimated"
    ZERO = "zero"
    """A zero in words (未发现)."""
    FULL = "full"
    """A hundred per cent in words (全部)."""
    FLOOR = "floor"
    CEILING = "ceiling"
    APPROXIMATE = "approximate"
    MASKED = "masked"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    SUPPRESSED = "suppressed"
    UNDEFINED = "undefined"
    """A quotient without a denominator; prints a dash, never 0%."""

    def word(self, lang: str) -> str:
        """Return what the status is called for a reader; in English by its value, as the CSV files write it."""
        return _STATUS_ZH[self.value] if lang == "zh" else self.value


_STATUS_ZH = {
    "reported": "报表填报",
    "computed": "计算得出",
    "implied": "由公布的比率反推",
    "estimated": "估算",
    "zero": "零",
    "full": "全部",
    "floor": "下限",
    "ceiling": "上限",
    "approximate": "概数",
    "masked": "数字不清",
    "missing": "未报",
    "not_applicable": "不适用",
    "suppressed": "不公开",
    "undefined": "分母为零",
}

EXACT = frozenset({Status.REPORTED, Status.COMPUTED, Status.IMPLIED, Status.ZERO, Status.FULL})
"""Statuses whose value is the figure itself."""
SUPPRESSED_MARK = {"zh": "＊", "en": "[c]"}
"""What the public edition prints for a withheld figure, by language; [c] is how statistics offices mark what is confidential."""
BLANK = frozenset({Status.MISSING, Status.NOT_APPLICABLE, Status.MASKED, Status.SUPPRESSED, Status.UNDEFINED})
"""Statuses that carry no value."""
INEXACT = frozenset({Status.FLOOR, Status.CEILING, Status.APPROXIMATE, Status.ESTIMATED})
"""Statuses whose value bounds or approximates the figure."""


@dataclass(frozen=True)
class Reading:
    """One cell read: ``value`` is None where the status carries none; ``problem`` says why a text was not understood."""

    status: Status
    value: Fraction | None
    raw: str
    unit_word: str = ""
    problem: str = ""


PROBLEM_ZH = {
    "a truth value stands where a number belongs": "应填数字，此处为逻辑值",
    "a date or time stands where a number belongs": "应填数字，此处为日期或时间",
    "the cell is formatted as a percentage, but the unit is not per cent": "单元格为百分比格式，而计量单位不是百分比",
    "a circled digit is a list mark or a number; write the number plainly": "圈码数字可能是序号，也可能是数值，请直接填写数字",
    "a raised, lowered or dotted digit is a mark or part of the number; write the number plainly": (
        "上标、下标等特殊数字可能是注释号，也可能是数值，请直接填写数字"
    ),
    "a single 一 is the number one or a dash; write 1, or leave the cell empty": "单独一个“一”可能是1，也可能是破折号；是1请填1，没有数据请留空",
    "'all' is a rate of 100%, not a count; write the number": "“全部”只能表示100%，不能表示数量，请填写数字",
    "none counted, or not counted? write 0 or leave the cell empty": "“无”可能是零，也可能是未统计；为零请填0，未统计请留空",
    "text stands where a number belongs": "应填数字，此处为文字",
    "a percent sign, but the unit is not a percentage": "数值带百分号，而计量单位不是百分比",
}
"""Chinese wording of every ``Reading.problem``."""

MINUS = "\N{MINUS SIGN}"
"""What a printed figure below zero begins with; exact values in files keep the hyphen that programs read."""
_MISSING = frozenset({"", "—", "－", "-", "–", "——", "未报", "缺", "暂缺", "未统计"})
_NOT_APPLICABLE = frozenset({"/", "不适用", "n/a", "N/A", "不涉及"})
_ZERO = frozenset({"未发现", "暂未发现", "未发生", "零", "未检出", "无发生", "零报告"})
_FULL = frozenset({"全部", "全部完成", "全覆盖", "全部落实", "全部到位"})
_MASK = re.compile(r"^[\dxX×*＊?？_]*(?:_|\d[xX×*＊?？]|[xX×*＊?？]\d|[xX×]{2,})[\dxX×*＊?？_.]*")
_CIRCLED = re.compile(r"[①-⑳⑴-⒇❶-❿]")
_BEFORE = r"(?P<before>预计|约|大约|近|不足|最高|突破|超过|≥|>=|>|≤|<=|<)?"
_AFTER = r"(?P<after>余|多|以上|左右|以下|以内)?"
_PLAIN = r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
_CHINESE = r"(?P<chinese>[零〇一二两三四五六七八九十百千万亿]+)"
_NUMBER = re.compile(
    rf"^{_BEFORE}(?:{_PLAIN}(?P<scale>百万|千万|[百千万亿])?|{_CHINESE}){_AFTER}(?P<percent>[%‰])?(?P<tail>以上|余|左右)?(?P<unit>\D*?)"
    r"(?P<end>以上|余|多|左右|以下|以内)?$"
)
_SCALES = {"百": 100, "千": 10**3, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_STEPS = {"十": 10, "百": 100, "千": 1000}
_STATUS_OF_WORD = {
    **dict.fromkeys(("余", "多", "以上", "突破", "超过", "≥", ">=", ">"), Status.FLOOR),
    **dict.fromkeys(("近", "不足", "最高", "≤", "<=", "<", "以下", "以内"), Status.CEILING),
    **dict.fromkeys(("约", "大约", "左右"), Status.APPROXIMATE),
    "预计": Status.ESTIMATED,
}


def unspaced(text: str) -> str:
    """Return a text in one width (NFKC: full-width digits and signs as ASCII) and without any blanks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def read_value(raw: object, *, number_format: str = "General", percent: bool = False) -> Reading:
    """Return what a cell says.

    ``percent`` tells that the figure's unit is per cent, so that a cell formatted as a percentage (0.9228 shown 92.28%) means 92.28.
    A text that is no figure gives a reading with ``problem`` set and no value; nothing is ever coerced.
    """
    if raw is None:
        return Reading(Status.MISSING, None, "")
    if isinstance(raw, bool):
        return Reading(Status.MISSING, None, str(raw), problem="a truth value stands where a number belongs")
    if isinstance(raw, (int, float, Decimal)):
        return _read_number(raw, percent_format="%" in number_format, percent=percent)
    if not isinstance(raw, str):
        return Reading(Status.MISSING, None, str(raw), problem="a date or time stands where a number belongs")
    return _read_text(raw, percent=percent)


def _read_number(raw: int | float | Decimal, *, percent_format: bool, percent: bool) -> Reading:
    if not math.isfinite(raw):
        return Reading(Status.MISSING, None, str(raw), problem="text stands where a number belongs")
    exact = Fraction(Decimal(repr(raw))) if isinstance(raw, float) else Fraction(raw)
    shown = format(raw, "f").rstrip("0").rstrip(".") if isinstance(raw, float) and raw == int(raw) else str(raw)
    if percent_format:
        if not percent:
            return Reading(
                Status.MISSING, None, shown, problem="the cell is formatted as a percentage, but the unit is not per cent"
            )
        return Reading(Status.REPORTED, exact * 100, f"{_decimal_text(exact * 100)}%")
    return Reading(Status.REPORTED, exact, shown)


def _read_text(raw: str, *, percent: bool) -> Reading:
    if _CIRCLED.search(raw):
        return Reading(
            Status.MISSING, None, raw, problem="a circled digit is a list mark or a number; write the number plainly"
        )
    if any(_hides_digit(sign) for sign in raw if not sign.isascii()):
        return Reading(
            Status.MISSING,
            None,
            raw,
            problem="a raised, lowered or dotted digit is a mark or part of the number; write the number plainly",
        )
    text = unspaced(raw).replace("，", ",").replace(MINUS, "-")
    if text in _MISSING:
        return Reading(Status.MISSING, None, raw)
    if text == "一":
        return Reading(
            Status.MISSING, None, raw, problem="a single 一 is the number one or a dash; write 1, or leave the cell empty"
        )
    if text in _NOT_APPLICABLE:
        return Reading(Status.NOT_APPLICABLE, None, raw)
    if text in _ZERO:
        return Reading(Status.ZERO, Fraction(0), raw)
    if text in _FULL:
        if percent:
            return Reading(Status.FULL, Fraction(100), raw)
        return Reading(Status.MISSING, None, raw, problem="'all' is a rate of 100%, not a count; write the number")
    if text in ("无", "没有", "未开展"):
        return Reading(Status.MISSING, None, raw, problem="none counted, or not counted? write 0 or leave the cell empty")
    if _MASK.match(text):
        return Reading(Status.MASKED, None, raw)
    found = _NUMBER.match(text)
    if not found:
        return Reading(Status.MISSING, None, raw, problem="text stands where a number belongs")
    if found["percent"] and not percent:
        return Reading(Status.MISSING, None, raw, problem="a percent sign, but the unit is not a percentage")
    value = _chinese_number(found["chinese"]) if found["chinese"] else _scaled(found["number"], found["scale"])
    if value is None:
        return Reading(Status.MISSING, None, raw, problem="text stands where a number belongs")
    words = [word for word in (found["before"], found["after"], found["tail"], found["end"]) if word]
    status = _STATUS_OF_WORD[words[0]] if words else Status.REPORTED
    return Reading(status, value, raw, unit_word=found["unit"])


def _hides_digit(sign: str) -> bool:
    """True for a sign that is no digit and becomes one when its compatibility form is taken: ², ₁, ㉑, ⒈, ½."""
    return not sign.isdecimal() and any(one.isdecimal() for one in unicodedata.normalize("NFKC", sign))


def _scaled(digits: str, scale: str | None) -> Fraction:
    return Fraction(Decimal(digits.replace(",", ""))) * _SCALES.get(scale or "", 1)


def _chinese_number(text: str) -> Fraction | None:
    """Return the value of a numeral such as 一百二十 or 三万五千; None when the characters form no numeral.

    A digit that follows 百, 千, 万 or 亿 directly (一百二, 三万五) is read by people as the next step down and by the letter as ones,
    so it is no numeral here.
    """
    total = section = 0
    digit: int | None = None
    step = scale = 10**9
    zero = False
    for character in text:
        if character in _DIGITS:
            if digit is not None or (zero and _DIGITS[character] == 0):
                return None
            zero = zero or _DIGITS[character] == 0
            digit = _DIGITS[character] or None
        elif character in _STEPS:
            if _STEPS[character] >= step:
                return None
            step, zero = _STEPS[character], False
            section += (1 if digit is None else digit) * step
            digit = None
        else:
            if _SCALES[character] >= scale or (digit is not None and not zero and 10 < step < 10**9):
                return None
            scale, step, zero = _SCALES[character], 10**9, False
            section += digit or 0
            if section == 0:
                return None
            total, section, digit = total + section * scale, 0, None
    if digit is not None and not zero and (10 < step < 10**9 or (total and not section)):
        return None
    return Fraction(total + section + (digit or 0))


def _decimal_text(value: Fraction) -> str:
    made = Decimal(value.numerator) / Decimal(value.denominator)
    return format(made.normalize(), "f")


def exact_text(value: Fraction | None) -> str:
    """Return ``value`` for a CSV: an integer, a terminating decimal, or ``p/q``; ``""`` for None."""
    if value is None:
        return ""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return format(Decimal((value * 10**places).numerator).scaleb(-places), "f")


def parse_exact(text: str) -> Fraction | None:
    """Return the value :func:`exact_text` wrote."""
    return Fraction(text) if text else None


def display(
    value: Fraction | None,
    *,
    decimals: int,
    status: Status = Status.REPORTED,
    symbol: str = "",
    rounding: Callable[[Fraction, int], Decimal],
    lang: str = "zh",
    raw: str = "",
) -> str:
    """Return a figure as the report prints it, without its counting word.

    Rounded once by ``rounding`` (of :mod:`nianbao.stats`), a negative one with a minus sign, not a hyphen; floors, approximations, masked digits and zeros in words keep their own form.
    A blank status prints a dash, masked digits say that the source is illegible, a withheld figure its mark.
    """
    if status is Status.MASKED:
        return "不详" if lang == "zh" else "illegible"
    if status is Status.SUPPRESSED:
        return SUPPRESSED_MARK[lang]
    if status in BLANK or value is None:
        return "—"
    if status is Status.ZERO and lang == "zh" and raw:
        return raw
    if status is Status.FULL and lang == "zh" and raw:
        return raw
    number = f"{rounding(value, decimals):f}{symbol}".replace("-", MINUS)
    if lang == "zh":
        match status:
            case Status.FLOOR:
                return f"{number}以上" if symbol else f"{number}余"
            case Status.CEILING:
                return f"近{number}"
            case Status.APPROXIMATE:
                return f"约{number}"
            case Status.ESTIMATED:
                return f"预计{number}"
            case _:
                return number
    match status:
        case Status.FLOOR:
            return f"over {number}"
        case Status.CEILING:
            return f"nearly {number}"
        case Status.APPROXIMATE:
            return f"about {number}"
        case Status.ESTIMATED:
            return f"an estimated {number}"
        case _:
            return number
