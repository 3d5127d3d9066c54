"""Why a figure is missing, or is not compared or judged: every reason once, in English and Chinese.

A result holds its reason in English, as ``results.csv`` does; :func:`told` gives the same reason in the language of the reader.
"""

from __future__ import annotations

import re
from functools import cache

REASONS: dict[str, tuple[str, str]] = {
    "parts-unlike": ("its parts cover different periods", "各组成部分的统计时段不同"),
    "parts-missing": ("missing: {parts}", "缺：{parts}"),
    "not-in-return": ("not in the return: {parts}", "报表中没有：{parts}"),
    "no-numerator": ("no numerator", "缺分子"),
    "no-denominator": ("no denominator", "缺分母"),
    "sides-inexact": ("not computed from bounds or approximations", "下限、上限和概数不用于计算"),
    "change-inexact": ("not computed from missing figures, bounds or approximations", "未报数、下限、上限和概数不用于计算"),
    "unlike-periods": ("unlike periods: {one} and {other}", "统计时段不同：{one}与{other}"),
    "denominator-zero": ("the denominator is zero", "分母为零"),
    "previous-zero": ("the figure of the year before is zero", "上年数为零"),
    "underway": (
        "part of the year against the year's task: told as progress, not judged",
        "以部分月份对照全年任务：只作进度说明，不作评判",
    ),
    "earlier-year": (
        "not compared: the return gives {year}, not the year before",
        "未作比较：报表给出的是{year}年数，不是上年数",
    ),
    "not-comparable": ("not compared: {one} and {other}", "未作比较：时段分别为{one}和{other}"),
}
"""Code: English, Chinese; figures, periods and references stand in braces."""


def reason(code: str, **figures: str) -> str:
    """Return a reason in English, as a result holds it."""
    return REASONS[code][0].format(**figures)


def told(text: str, lang: str) -> str:
    """Return the reason of a result in a language, ``zh`` or ``en``; ``""`` for none.

    Raises:
        ValueError: the text is no reason of :data:`REASONS`.
    """
    if lang != "zh" or not text:
        return text
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(text):
            return chinese.format(**{name: value.replace(", ", "、") for name, value in found.groupdict().items()})
    raise ValueError(f"{text!r} is no reason of the list")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return English patterns with their Chinese, the more particular ones first."""
    ordered = sorted(REASONS.values(), key=lambda pair: -len(re.sub(r"\{\w+\}", "", pair[0])))
    return tuple(
        (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(english))), chinese) for english, chinese in ordered
    )
