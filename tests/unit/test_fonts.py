"""What the shipped faces can draw, that they may be shipped, and that a page's subsets are small and reproducible."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from nianbao import fonts
from nianbao.errors import ReportError

FACES = {face.key: face for face in fonts.faces()}
RESERVED = ("Noto", "Source", "LXGW", "霞鹜", "WenKai", "Klee")
KAI_LACKS = set("㟓䃥䩐𣒍")
"""Characters of division names that the Kai face lacks; all but 𣒍, which no shipped face has, are drawn in Song."""
SAMPLE = "2020年末茂林镇常住人口1.2万人，孕产妇系统管理率96.55%——比上年提高0.37个百分点。"


def characters(face: fonts.Face) -> set[str]:
    with TTFont(face.path) as font:
        return set(map(chr, font.getBestCmap()))


def gb2312() -> set[str]:
    pairs = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    return {pair.decode("gb2312", errors="ignore") for pair in pairs} - {""}


def division_characters() -> set[str]:
    lines = (fonts.SHIPPED_FOLDER / "division-characters.txt").read_text("utf-8").splitlines()
    return set("".join(line for line in lines if not line.startswith("#")))


def test_four_faces_are_shipped_in_a_fixed_order() -> None:
    assert [(face.key, face.family, face.weight) for face in fonts.faces()] == [
        ("song", "Nianbao Song", 400),
        ("song-bold", "Nianbao Song", 700),
        ("hei", "Nianbao Hei", 400),
        ("kai", "Nianbao Kai", 400),
    ]
    assert fonts.folders() == [fonts.SHIPPED_FOLDER]


@pytest.mark.parametrize("key", FACES)
def test_every_face_has_all_of_gb2312_and_the_marks_of_reports(key: str) -> None:
    has = characters(FACES[key])
    assert len(gb2312()) == 7445
    assert gb2312() - has == set()
    assert set("①⑳ⅠⅫ≤≥≠±×÷‰℃—–−…·〔〕「」（），：；！？％～＋²³→←↑↓〇㎡㎥堃喆瞭") - has == set()
    assert set(map(chr, range(0x20, 0x7F))) - has == set()


def test_characters_of_division_names_are_there_but_for_the_known_ones() -> None:
    assert len(division_characters()) > 560
    for face in FACES.values():
        lacks = division_characters() - characters(face)
        assert lacks == (KAI_LACKS if face.key == "kai" else {"𣒍"})


@pytest.mark.parametrize("key", FACES)
def test_names_are_our_own_and_tell_copyright_and_licence(key: str) -> None:
    face = FACES[key]
    with TTFont(face.path) as font:
        told = {entry.nameID: entry.toUnicode() for entry in font["name"].names}
        assert "fvar" not in font
        assert font["OS/2"].usWeightClass == face.weight
        assert font["OS/2"].fsType == 0
        if "CFF " in font:
            cff = font["CFF "].cff
            inner = [part.FontName for part in cff[0].FDArray]
            told |= {-1: " ".join([*cff.fontNames, cff[0].FullName, cff[0].FamilyName, *inner])}
    assert told[1] == face.family
    assert told[2] == ("Bold" if face.weight == 700 else "Regular")
    assert re.search("Adobe|LXGW", told[0])
    assert "SIL Open Font License" in told[13]
    named = [told[number] for number in told if number in (-1, 1, 2, 3, 4, 6, 16, 17)]
    assert [name for name in named for word in RESERVED if word.lower() in name.lower()] == []


@pytest.mark.parametrize("key", FACES)
def test_digits_stand_under_each_other(key: str) -> None:
    with TTFont(FACES[key].path) as font:
        cmap, metrics = font.getBestCmap(), font["hmtx"].metrics
        assert len({metrics[cmap[ord(digit)]][0] for digit in "0123456789"}) == 1


@pytest.mark.parametrize("key", FACES)
def test_only_harmless_layout_is_shipped(key: str) -> None:
    with TTFont(FACES[key].path) as font:
        tables = [font[tag].table for tag in ("GSUB", "GPOS") if tag in font]
        assert not {"vhea", "vmtx", "VORG", "fpgm"} & set(font.keys())
        features = {one.FeatureTag for table in tables if table.FeatureList for one in table.FeatureList.FeatureRecord}
    assert features <= {"ccmp", "halt"}


def test_licence_and_origin_lie_beside_the_fonts() -> None:
    licence = (fonts.SHIPPED_FOLDER / "LICENSE-OFL.txt").read_text("utf-8")
    origin = (fonts.SHIPPED_FOLDER / "README.md").read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "TERMINATION" in licence
    for face in FACES.values():
        assert face.path.name in licence
        assert hashlib.sha256(face.path.read_bytes()).hexdigest() in origin
        with TTFont(face.path) as font:
            for line in str(font["name"].getDebugName(0)).splitlines():
                assert line in licence
                assert line in origin
    assert sum(face.path.stat().st_size for face in FACES.values()) <= 12_000_000


def test_missing_characters_are_those_no_face_draws() -> None:
    assert fonts.missing_characters(SAMPLE + " \u3000\t\n\u200b\u00ad\ufe0f") == set()
    assert fonts.missing_characters("茂林镇😀镇\U0003fffd\ue000") == {"😀", "\U0003fffd", "\ue000"}
    assert fonts.missing_characters("㟓䃥䩐") == set()
    assert fonts.missing_characters("𣒍") == {"𣒍"}


@pytest.mark.parametrize("key", FACES)
def test_a_subset_is_small_reproducible_and_holds_its_text_alone(key: str) -> None:
    made = fonts.subset_woff2(FACES[key], SAMPLE)
    assert made == fonts.subset_woff2(FACES[key], "".join(reversed(SAMPLE)) + SAMPLE)
    assert made != fonts.subset_woff2(FACES[key], SAMPLE + "卫")
    assert made[:4] == b"wOF2"
    assert len(made) < 30_000
    with TTFont(io.BytesIO(made)) as font:
        assert set(map(chr, font.getBestCmap())) == set(SAMPLE) | {" "}


def test_css_embeds_the_faces_that_have_text() -> None:
    rules = fonts.css({"song-bold": "总量", "song": SAMPLE, "kai": "", "hei": "😀"})
    assert rules == fonts.css({"song": SAMPLE, "song-bold": "总量"})
    assert re.findall(r'font-family:"([^"]+)";font-weight:(\d+)', rules) == [
        ("Nianbao Song", "400"),
        ("Nianbao Song", "700"),
    ]
    data = re.findall(r"base64,([A-Za-z0-9+/=]+)\)", rules)
    assert base64.b64decode(data[0]) == fonts.subset_woff2(FACES["song"], SAMPLE)
    assert "http" not in rules


def test_css_refuses_an_unknown_face_and_offers_the_nearest() -> None:
    with pytest.raises(ReportError, match="did you mean 'song-bold'"):
        fonts.css({"song-bald": "总量"})


def office_font(folder: Path, *, permission: int = 0) -> Path:
    """Put a small face of the name 仿宋_GB2312 into ``folder``; it has one character more than the shipped faces: U+E000."""
    folder.mkdir(exist_ok=True)
    target = folder / "simfang.TTF"
    with TTFont(FACES["kai"].path) as font:
        font["name"].names = [entry for entry in font["name"].names if entry.nameID not in (1, 4)]
        font["name"].setName("FangSong_GB2312", 1, 3, 1, 0x409)
        font["name"].setName("仿宋_GB2312", 1, 3, 1, 0x804)
        font["OS/2"].fsType = permission
        for table in font["cmap"].tables:
            table.cmap = {0x4E00: table.cmap[0x4E00], 0xE000: table.cmap[0x4E00]}
        font.save(target)
    return target


def test_an_offices_own_faces_come_first(tmp_path: Path) -> None:
    file = office_font(tmp_path / "office")
    (tmp_path / "office" / "readme.txt").write_text("not a font", "utf-8")
    office, *shipped = fonts.faces(tmp_path / "office")
    assert tuple(shipped) == fonts.faces()
    assert (office.key, office.family, office.weight, office.path) == (
        "office/simfang.TTF",
        "FangSong_GB2312",
        400,
        file,
    )
    assert office.names == ("FangSong_GB2312", "仿宋_GB2312")
    assert fonts.folders(tmp_path / "office") == [tmp_path / "office", fonts.SHIPPED_FOLDER]
    assert fonts.missing_characters("\ue000") == {"\ue000"}
    assert fonts.missing_characters("\ue000", office_folder=tmp_path / "office") == set()
    assert 'font-family:"FangSong_GB2312"' in fonts.css({office.key: "一"}, office_folder=tmp_path / "office")


def test_a_face_that_forbids_embedding_is_not_embedded(tmp_path: Path) -> None:
    office_font(tmp_path, permission=2)
    rules = fonts.css({"office/simfang.TTF": "一"}, office_folder=tmp_path)
    assert 'local("FangSong_GB2312"),local("仿宋_GB2312")' in rules
    assert "base64" not in rules


def test_a_replaced_office_font_is_read_again(tmp_path: Path) -> None:
    file = office_font(tmp_path)
    assert fonts.missing_characters("\ue000", office_folder=tmp_path) == set()
    shutil.copyfile(FACES["hei"].path, file)
    assert fonts.missing_characters("\ue000", office_folder=tmp_path) == {"\ue000"}


def test_a_missing_folder_and_a_damaged_font_are_named(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="not a folder"):
        fonts.faces(tmp_path / "absent")
    (tmp_path / "broken.ttf").write_bytes(b"not a font at all")
    with pytest.raises(ReportError, match=r"broken\.ttf: cannot be read as a font"):
        fonts.faces(tmp_path)
    (tmp_path / "broken.ttf").write_bytes(FACES["hei"].path.read_bytes()[:200])
    with pytest.raises(ReportError, match=r"broken\.ttf: cannot be read as a font"):
        fonts.faces(tmp_path)
