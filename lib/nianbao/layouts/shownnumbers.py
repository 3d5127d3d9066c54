"""What a number format makes of a number: a per cent sign, a unit, a divisor, or signs that change what a reader sees.

A clerk reads the screen, the file stores the number.  ``0"万"`` over 12 shows 12万, ``#,##0,`` over 123456 shows 123, ``"1"0`` over 5 shows 15:
where the two part, the stored number alone is the wrong reading.  Syntax of formats: ECMA-376 part 1, 18.8.31.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nianbao.catalogue import Catalogue
from nianbao.files.grid import RawCell
from nianbao.files.serials import shows

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_.|\*.|\[(?P<bracket>[^\]]*)\]?|(?P<exponent>[eE][+-]0+)'
    r"|(?P<general>[Gg]eneral|GENERAL|G/通用格式)|(?P<other>.)",
    re.S,
)
_CONDITION = re.compile(r"^(?P<sign><=|>=|<>|<|>|=)(?P<bound>-?\d+(?:\.\d+)?)$")
_NUMERALS = re.compile(r"[\d〇零一二三四五六七八九十百两]")
_SCALES = {"百": 100, "千": 1000, "万": 10**4, "百万": 10**6, "千万": 10**7, "亿": 10**8}
_BEFORE = frozenset({"", "¥", "￥", "+", "'"})
_NOTHING = frozenset({"", "-", "—", "–", "－", "——", "0"})
"""What the section for zero may show: accountants write a dash."""


@dataclass(frozen=True)
class Shown:
    """How a format shows a number.

    ``percent`` where it multiplies by a hundred; ``unit`` the words after the number, without blanks; ``divisor`` by how much the shown
    number is smaller than the stored one; ``changed`` where what is shown is another number or none.
    """

    percent: bool = False
    unit: str = ""
    divisor: int = 1
    changed: bool = False


PLAIN = Shown()


@lru_cache(maxsize=4096)
def shown(number_format: str, value: float) -> Shown:
    """Return how a number format shows a number; formats of dates and the general one show it plainly."""
    if number_format in ("", "General", "@") or shows(number_format) != "number":
        return PLAIN
    section = _section(number_format, value)
    before, inside, after, digits, percent = _pieces(section)
    if not digits:
        text = (before + after).strip()
        return Shown(changed=value != 0 or text not in _NOTHING)
    if value < 0:
        return Shown(percent=percent)
    divisor, rest = _divided(digits, inside)
    changed = (
        bool(rest) or before.strip() not in _BEFORE or bool(_NUMERALS.search(before + re.sub(r"^\s*[百千]?万", "", after)))
    )
    return Shown(percent, re.sub(r"\s+", "", after), divisor, changed)


def multiplies(cell: RawCell) -> bool:
    """True for a stored number that its format shows multiplied by a hundred."""
    return _is_number(cell.value) and shown(cell.number_format, float(cell.value)).percent  # type: ignore[arg-type]


def signed_by_format(cell: RawCell) -> bool:
    """True for a stored number that its format shows with a per cent sign, multiplied or not."""
    if not _is_number(cell.value):
        return False
    found = shown(cell.number_format, float(cell.value))  # type: ignore[arg-type]
    return found.percent or found.unit in ("%", "％")


def shown_otherwise(cell: RawCell, unit: str, factor: int, catalogue: Catalogue) -> bool:
    """True where a format shows something else than the stored number in its unit, times ``factor``.

    A word after the number must name the unit of the column (12人 among persons, 12万元 under 万元), a divisor must be made good by a
    scale (``0!.0,"万"`` over 123456), and nothing may be shown that adds digits or hides the number.
    """
    if not _is_number(cell.value):
        return False
    found = shown(cell.number_format, float(cell.value))  # type: ignore[arg-type]
    if found.changed:
        return True
    word = found.unit
    if word in ("%", "％"):
        return unit not in ("percent", "") or found.divisor != 1
    if word == "‰":
        return unit not in ("permille", "") or found.divisor != 1
    if not word:
        return found.divisor != 1 and cell.value != 0
    if word in _SCALES:
        return factor != 1 or _SCALES[word] != found.divisor
    if not unit:
        return found.divisor != 1 or bool(re.search(r"[百千万亿]", word))
    return _worth(word, unit, catalogue) != factor * found.divisor


def _worth(word: str, wanted: str, catalogue: Catalogue) -> int:
    """Return how many of the wanted unit a word names, 0 for another unit."""
    named = catalogue.unit_of(word, expected=wanted)
    if named == wanted:
        return 1
    if named is not None and catalogue.units[named].of == wanted:
        return catalogue.units[named].factor
    scaled = _SCALES.get(word[0], 0)
    return scaled if scaled and len(word) > 1 and catalogue.unit_of(word[1:], expected=wanted) == wanted else 0


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _section(number_format: str, value: float) -> str:
    """Return the section of a format that applies to a number."""
    sections = [""]
    for token in _TOKEN.finditer(number_format):
        if token["other"] == ";":
            sections.append("")
        else:
            sections[-1] += token[0]
    conditional = [(section, _condition(section)) for section in sections[:2]]
    if any(condition for _, condition in conditional):
        for section, condition in conditional:
            if condition is None or _holds(value, *condition):
                return section
        return sections[2] if len(sections) > 2 else sections[0]
    if value < 0 and len(sections) > 1:
        return sections[1]
    return sections[2] if value == 0 and len(sections) > 2 else sections[0]


def _condition(section: str) -> tuple[str, float] | None:
    for token in _TOKEN.finditer(section):
        if token["bracket"] is not None and (found := _CONDITION.match(token["bracket"].strip())):
            return found["sign"], float(found["bound"])
    return None


def _holds(value: float, sign: str, bound: float) -> bool:
    return {
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
        "=": value == bound,
        "<>": value != bound,
    }[sign]


def _pieces(section: str) -> tuple[str, list[tuple[int, str]], str, str, bool]:
    """Return the words before the digits, those between them with the place they stand at, those after, the digits, and per cent."""
    words: list[tuple[int, str]] = []
    digits, percent = "", False
    for token in _TOKEN.finditer(section):
        said = token["quoted"] if token["quoted"] is not None else token["escaped"]
        other = token["other"]
        if token["bracket"] is not None:
            said = token["bracket"][1:].partition("-")[0] if token["bracket"].startswith("$") else None
        elif token["general"]:
            digits += "0"
        elif other is not None and other in "0#?.,@/" and (other != "." or digits or "0" in section):
            digits += "0" if other == "@" else other
        elif other == "%":
            percent = True
        elif other is not None:
            said = other
        if said:
            words.append((len(digits), said))
    last = len(digits.rstrip(","))
    before = "".join(text for at, text in words if at == 0) if digits else "".join(text for _, text in words)
    inside = [(at, text) for at, text in words if 0 < at < last]
    after = "".join(text for at, text in words if digits and at >= max(last, 1))
    return before, inside, after, digits, percent


def _divided(digits: str, inside: list[tuple[int, str]]) -> tuple[int, list[str]]:
    """Return by how much the digits are divided, and the words between them that are no decimal point.

    Each comma behind the last digit divides by a thousand; a point written as a literal (``0!.0``) divides by what stands behind it.
    """
    whole = digits.partition(".")[0] if "." in digits else digits
    divisor = 1000 ** (len(whole) - len(whole.rstrip(",")))
    if "." in digits:
        divisor *= 1000 ** (len(digits) - len(digits.rstrip(",")))
    rest = []
    for at, text in inside:
        if text == "." and "." not in digits:
            divisor *= 10 ** sum(sign in "0#?" for sign in digits[at:])
        elif text.strip():
            rest.append(text)
    return divisor, rest
