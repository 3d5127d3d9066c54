"""China's divisions, from province to village: codes, official names, what stands under what, and their names in Hanyu Pinyin.

The table is that of the National Bureau of Statistics (``places/NOTICE.md`` names edition and licence).  Codes have two digits for a
province, four for a prefecture, six for a county or district, nine for a township and twelve for a village.  One prefecture's villages
are unpacked at a time, so that a look-up costs milliseconds and not the whole country.
"""

from __future__ import annotations

import difflib
import lzma
import re
import unicodedata
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nianbao.values import unspaced

ARCHIVE = Path(__file__).resolve().parent / "gazetteer" / "divisions.zip"
EDITION = "2023"
"""Edition of the list of codes; the state of 30 June of that year."""
LENGTHS = (2, 4, 6, 9, 12)
"""Digits of a code, province to village."""
_BETWEEN = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
"""Names of prefectures that stand in the list for order's sake and in no address."""
_ONE = (
    "蒙古|回|藏|维吾尔|苗|彝|壮|布依|朝鲜|满|侗|瑶|白|土家|哈尼|哈萨克|傣|黎|傈僳|佤|畲|高山|拉祜|水|东乡|纳西|景颇|柯尔克孜|土|"
    "达斡尔|仫佬|羌|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|塔吉克|怒|乌孜别克|俄罗斯|鄂温克|德昂|保安|裕固|京|塔塔尔|独龙|鄂伦春|赫哲|"
    "门巴|珞巴|基诺"
)
_PEOPLE = re.compile(f"(?:(?:{_ONE})族)*(?:{_ONE})族?$")
_SUFFIXES = (
    ("特别行政区", "Special Administrative Region"),
    ("自治区", "Autonomous Region"),
    ("自治州", "Autonomous Prefecture"),
    ("自治县", "Autonomous County"),
    ("自治旗", "Autonomous Banner"),
    ("民族乡", "Ethnic Township"),
    ("民族苏木", "Ethnic Sumu"),
    ("族乡", "Ethnic Township"),
    ("街道办事处", "Subdistrict"),
    ("街道", "Subdistrict"),
    ("地区", "Prefecture"),
    ("林区", "Forestry District"),
    ("社区", "Community"),
    ("嘎查", "Gacha"),
    ("苏木", "Sumu"),
    ("省", "Province"),
    ("市", "City"),
    ("盟", "League"),
    ("旗", "Banner"),
    ("区", "District"),
    ("县", "County"),
    ("镇", "Town"),
    ("乡", "Township"),
    ("村", "Village"),
)
"""Words a name ends in, longest first, with what English writes for them."""
_PROVINCES_EN = {
    "内蒙古自治区": "Inner Mongolia",
    "广西壮族自治区": "Guangxi",
    "西藏自治区": "Tibet",
    "宁夏回族自治区": "Ningxia",
    "新疆维吾尔自治区": "Xinjiang",
    "陕西省": "Shaanxi Province",
}
_MUNICIPALITIES = frozenset({"北京市", "天津市", "上海市", "重庆市"})
_COMMITTEE = re.compile(r"(?:村村民委员会|村民委员会|村民委员|村委会|民委会|村委)$")
_RESIDENTS = re.compile(r"(?<=社区)(?:居民委员会|居委会|居委|委员会|村委会|村民委员会|家委会)$")
_HERDERS = re.compile(r"(?<=嘎查)(?:村民委员会|村委会|委员会|委会)$")


@dataclass(frozen=True, order=True)
class Division:
    """One division: its code and its official name."""

    code: str
    name: str

    @property
    def level(self) -> int:
        """1 for a province, 2 prefecture, 3 county, 4 township, 5 village."""
        return LENGTHS.index(len(self.code)) + 1

    @property
    def parent_code(self) -> str:
        """The code of the division it stands in, ``""`` for a province."""
        return self.code[: (0, *LENGTHS)[self.level - 1]]

    @property
    def short(self) -> str:
        """The name as people say it: 淮滨村 for 淮滨村村委会, 茂林 for 茂林镇."""
        return village_name(self.name) if self.level == 5 else bare_name(self.name)


def division(code: str) -> Division | None:
    """Return the division of a code, or None; the zeros that fill a code up to twelve digits are left out first."""
    code = _significant(code)
    if len(code) not in LENGTHS:
        return None
    if len(code) == LENGTHS[-1]:
        return next((village for village in _villages(code[:9]) if village.code == code), None)
    codes, names = _table()
    place = bisect_left(codes, code)
    return Division(code, names[place]) if place < len(codes) and codes[place] == code else None


def _significant(code: str) -> str:
    if len(code) == 12 and code.endswith("000"):
        code = code[:9]
    if len(code) == 9 and code.endswith("000"):
        code = code[:6]
    for length in (4, 2):
        if len(code) == length + 2 and code.endswith("00"):
            code = code[:length]
    return code


def lineage(found: Division) -> tuple[Division, ...]:
    """Return the divisions from the province down to ``found`` itself."""
    above = (division(found.code[:length]) for length in LENGTHS if length < len(found.code))
    return (*(item for item in above if item is not None), found)


def full_name(found: Division) -> str:
    """Return the name with those of the divisions above it, as an address has it: 安徽省宣城市泾县茂林镇."""
    return "".join(item.name for item in lineage(found) if item.name not in _BETWEEN)


def children(found: Division) -> tuple[Division, ...]:
    """Return the divisions right under ``found``, by code; a village has none."""
    if found.level == 5:
        return ()
    if found.level == 4:
        return _villages(found.code)
    return tuple(item for item in _below(found.code) if len(item.code) == LENGTHS[found.level])


def find(text: str) -> tuple[Division, ...]:
    """Return every division that ``text`` may name, by code; empty when it names none.

    ``text`` is a code, or a name with as many of the names above it as its writer cared to give: 茂林镇, 泾县茂林镇,
    安徽宣城泾县茂林, 安徽省/宣城市/泾县/茂林镇/奎峰村.  Full names win over shortened ones; a village is found under its township only.
    """
    clean = re.sub(r"[\s/,，、>·．.]+", "", unicodedata.normalize("NFKC", text))
    if clean.isdigit():
        found = division(clean)
        return (found,) if found else ()
    if not clean:
        return ()
    ways = list(_walk(clean, ""))
    fewest = min((shortened for _, shortened in ways), default=0)
    return tuple(sorted({item for item, shortened in ways if shortened == fewest}))


def _walk(text: str, scope: str) -> Iterator[tuple[Division, int]]:
    """Yield the divisions under ``scope`` that the whole of ``text`` names, with how many names on the way were shortened."""
    for item in _under(scope):
        if item.name[0] != text[0]:
            continue
        forms = {item.name: 0} if item.level == 5 else {}
        forms |= {short: 1 for short in (item.short,) if len(short) > 1} | {item.name: 0}
        for form, shortened in forms.items():
            if text == form:
                yield item, shortened
            elif text.startswith(form):
                yield from ((inner, count + shortened) for inner, count in _walk(text[len(form) :], item.code))


def _under(scope: str) -> Iterator[Division]:
    if len(scope) == 9:
        yield from _villages(scope)
    elif len(scope) < 9:
        yield from (item for item in _below(scope) if item.name not in _BETWEEN)


def nearest_names(text: str, *, most: int = 5) -> tuple[str, ...]:
    """Return the full names nearest to one that names nothing, best first.

    They are looked for inside the place that the longest beginning of the text names, or in the whole country.
    """
    clean = unspaced(text)
    for end in range(len(clean) - 1, 1, -1):
        scopes = find(clean[:end])
        if len(scopes) == 1 and scopes[0].level < 5:
            rest, pool = clean[end:], list(_under(scopes[0].code))
            break
    else:
        rest, pool = clean, [item for item in _under("") if len(set(item.name) & set(clean)) > 1]
    names: dict[str, list[Division]] = {}
    for item in pool:
        for form in {item.name, item.short}:
            names.setdefault(form, []).append(item)
    close = difflib.get_close_matches(rest, list(names), n=most, cutoff=0.4)
    return tuple(dict.fromkeys(full_name(item) for form in close for item in names[form]))[:most]


def bare_name(name: str) -> str:
    """Return a name without the word for its kind: 茂林 for 茂林镇, 恩施 for 恩施土家族苗族自治州, 新庄孜 for 新庄孜街道."""
    for suffix, _ in _SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            stem = name.removesuffix(suffix)
            if suffix in ("族乡", "自治州", "自治县", "自治旗", "自治区", "民族乡", "民族苏木"):
                peopleless = _PEOPLE.sub("", stem)
                return peopleless or stem
            return stem
    return name


def village_name(official: str) -> str:
    """Return what a village is called, from any spelling of its committee.

    南高村 for 南高村委会 and 南高村民委员会, 唐里村 for 唐里村村委会, 东厂社区 for 东厂社区居委会.

    A residents' committee without 社区 (东关居委会) keeps its name, for people call it by that.
    """
    for ending in (_RESIDENTS, _HERDERS):
        if ending.search(official):
            return ending.sub("", official)
    found = _COMMITTEE.search(official)
    if not found or found.start() == 0:
        return official
    stem = official[: found.start()]
    if stem.endswith(("村", "社区", "嘎查")):
        return stem
    return f"{stem}村"


def english_name(name: str) -> str:
    """Return a division's name in Hanyu Pinyin with the English word for its kind: Maolin Town.

    ``""`` where a character has no reading.  Names of Mongolian, Tibetan, Uygur and other origin come out as their Chinese characters read, not as their own languages spell them.
    """
    stem, kind = bare_name(name), next((english for suffix, english in _SUFFIXES if name.endswith(suffix)), "")
    if stem == name:
        kind = ""
    read = pinyin(stem)
    return f"{read} {kind}".strip() if read else ""


def english_address(found: Division) -> str:
    """Return a division with those above it, the smallest first: ``Jing County, Xuancheng, Anhui Province``."""
    parts: list[str] = []
    for item in lineage(found):
        if item.name in _BETWEEN:
            continue
        said = _PROVINCES_EN.get(item.name) or english_name(item.name)
        plain = item.name in _MUNICIPALITIES or (item.level == 2 and item.name.endswith("市"))
        parts.append(said.removesuffix(" City") if plain else said)
    return ", ".join(reversed([part for part in parts if part]))


def pinyin(text: str) -> str:
    """Return a name in Hanyu Pinyin without tones, as one word (Xi'an, Lüliang), or ``""`` where a character has no reading."""
    readings = _readings()
    syllables: list[str] = []
    start = 0
    while start < len(text):
        for end in (start + 2, start + 1):
            read = readings.get(text[start:end])
            if read is not None:
                syllables.extend(read.split(" "))
                start = end
                break
        else:
            if not (text[start].isascii() and text[start].isalnum()):
                return ""
            syllables.append(text[start])
            start += 1
    joined = "".join(f"'{part}" if place and part[0] in "aoe" else part for place, part in enumerate(syllables))
    return joined[:1].upper() + joined[1:]


# ---- the archive ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(ARCHIVE)


def _member(name: str) -> str:
    return lzma.decompress(_archive().read(f"{name}.xz")).decode("gb18030")


@lru_cache(maxsize=1)
def _table() -> tuple[list[str], list[str]]:
    """Return codes and names of all divisions above the village, by code."""
    words = _member("divisions").replace("\n", "\t").split("\t")
    return words[::2], words[1::2]


def _below(scope: str) -> Iterator[Division]:
    """Yield the divisions above the village whose code begins with ``scope`` and is longer, by code."""
    codes, names = _table()
    for place in range(bisect_left(codes, scope), len(codes)):
        if not codes[place].startswith(scope):
            break
        if len(codes[place]) > len(scope):
            yield Division(codes[place], names[place])


@lru_cache(maxsize=4)
def _prefecture(code: str) -> dict[str, str]:
    if f"villages/{code}.xz" not in _archive().namelist():
        return {}
    return dict(line.split("\t") for line in _member(f"villages/{code}").split("\n"))


def _villages(township: str) -> tuple[Division, ...]:
    listed = _prefecture(township[:4]).get(township, "").split()
    return tuple(Division(township + entry[:3], entry[3:]) for entry in listed)


@lru_cache(maxsize=1)
def _readings() -> dict[str, str]:
    return dict(line.split("\t") for line in _member("pinyin").split("\n"))
