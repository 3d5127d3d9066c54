"""Number formats and day numbers of spreadsheets: which format shows a date, and which date a number is.

A workbook counts days from 1900 (with a 29 February 1900 that never was, see ECMA-376 part 1, 18.17.4.1) or from 1904.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import lru_cache

from nianbao.files.grid import Value

BUILTIN: dict[int, str] = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss",
    22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy", 31: 'yyyy"年"m"月"d"日"',
    32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: '上午/下午h"时"mm"分"', 35: '上午/下午h"时"mm"分"ss"秒"', 36: 'yyyy"年"m"月"',
    37: "#,##0 ;(#,##0)", 38: "#,##0 ;[Red](#,##0)", 39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;[Red](#,##0.00)",
    44: '_-"¥"* #,##0.00_-', 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0", 48: "##0.0E+0", 49: "@",
    50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: '上午/下午h"时"mm"分"',
    56: '上午/下午h"时"mm"分"ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats a file names by number only, as a Chinese Excel shows them (ECMA-376 part 1, 18.8.30, the list for zh-cn)."""

_LITERAL = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]?', re.I | re.S)
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.I)
_EPOCH_1900 = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - day numbers have no zone
_EPOCH_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
_LAST = 2_958_466
"""The day after 9999-12-31 in the 1900 system."""


@lru_cache(maxsize=4096)
def shows(number_format: str) -> str:
    """Return what a format shows: ``date`` (a day, with or without a time), ``time``, ``span`` (elapsed hours) or ``number``."""
    first = _LITERAL.sub("", _first_section(number_format))
    if _ELAPSED.search(first):
        return "span"
    plain = (
        first.lower()
        .replace("general", "")
        .replace("g/通用格式", "")
        .replace("上午/下午", "")
        .replace("am/pm", "")
        .replace("a/p", "")
    )
    if re.search(r"[#0?@]", plain) and not re.search(r"[ydhs]", plain):
        return "number"
    if re.search(r"[ydeg]", plain) and not re.search(r"e[+-]", plain):
        return "date"
    if re.search(r"[hs]", plain):
        return "time"
    return "date" if "m" in plain else "number"


def _first_section(number_format: str) -> str:
    quoted = False
    for place, sign in enumerate(number_format):
        if sign == '"':
            quoted = not quoted
        elif sign == ";" and not quoted:
            return number_format[:place]
    return number_format


def clock_time(span: dt.timedelta) -> dt.time:
    """Return the time of day that many hours after midnight; ``span`` is less than a day and not negative."""
    return (_EPOCH_1904 + span).time()


def moment_of(serial: float, number_format: str, *, since_1904: bool = False) -> Value:
    """Return the date, date and time, time or span a number means under a date format; None where it means no date.

    Whole days are dates; a number below one is a time of day.  Milliseconds are kept, what lies below is rounding noise.
    """
    kind = shows(number_format)
    if kind == "number" or not math.isfinite(serial) or abs(serial) >= _LAST:
        return None
    span = dt.timedelta(milliseconds=round(serial * 86_400_000))
    if kind == "span":
        return span
    if serial < 0:
        return None
    if span < dt.timedelta(days=1) and (not since_1904 or kind == "time"):
        return clock_time(span) if kind == "time" or serial else None
    if since_1904:
        when = _EPOCH_1904 + span
    elif span.days == 60:
        return None
    else:
        when = _EPOCH_1900 + span + (dt.timedelta(days=1) if span.days < 60 else dt.timedelta(0))
    if when.time() == dt.time(0) and kind == "date":
        return when.date()
    return when
