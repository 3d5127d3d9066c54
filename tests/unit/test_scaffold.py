"""A new township: described from the official list or by hand, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from nianbao import scaffold
from nianbao.catalogue import load_township
from nianbao.errors import NianbaoError, ParamsError, UserError
from nianbao.project import township_keys
from nianbao.scaffold import Draft, draft, township_yaml, write_township


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project with one township, as far as a new one is concerned with it."""
    (tmp_path / "params" / "townships").mkdir(parents=True)
    (tmp_path / "params" / "townships" / "qingxi.yml").write_text("zh: 青溪镇\n", encoding="utf-8")
    return tmp_path


def test_a_township_of_the_list_is_described_by_its_code(root: Path) -> None:
    made = draft("maolin-new", code="341823101")
    path = write_township(made, root=root, year=2024)
    place = load_township(root, "maolin-new")
    assert path == root / "params" / "townships" / "maolin-new.yml"
    assert (place.zh, place.en, place.level, place.code) == ("茂林镇", "Maolin Town", "town", "341823101")
    assert (place.parent_zh, place.parent_en) == ("安徽省宣城市泾县", "Jing County, Xuancheng, Anhui Province")
    assert (place.office_zh, place.office_en) == ("茂林镇卫生健康办公室", "Maolin Town Health Office")
    assert [(item.key, item.zh) for item in place.villages[:2]] == [("001", "茂林村社区"), ("200", "奎峰村")]
    assert place.villages[1].en == "Kuifeng Village"
    assert place.villages[1].aliases == ("奎峰村村委会",)
    assert len(place.villages) == 14
    assert str(place.years[2024].report.date) == "2024-12-31"
    assert (root / "data" / "maolin-new").is_dir()


def test_the_file_reads_like_one_written_by_hand() -> None:
    text = township_yaml(draft("x", code="341823101"))
    assert '\n  - {key: "200", zh: 奎峰村, en: Kuifeng Village, aliases: [奎峰村村委会]}\n' in text
    assert '\ncode: "341823101"\n' in text
    assert "years:" not in text
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("code", "level", "office"),
    [
        ("340405", "district", "八公山区卫生健康委员会"),
        ("341823", "county", "泾县卫生健康委员会"),
        ("3418", "city", "宣城市卫生健康委员会"),
        ("340405003", "town", "毕家岗街道卫生健康办公室"),
    ],
)
def test_the_level_follows_the_list(code: str, level: str, office: str, root: Path) -> None:
    made = draft("x", code=code)
    write_township(made, root=root)
    place = load_township(root, "x")
    assert (place.level, place.office_zh) == (level, office)
    assert bool(place.villages) == (level == "town")


def test_a_name_may_say_as_much_as_it_takes_to_be_unique() -> None:
    assert draft("x", name="安徽省泾县茂林镇").code == "341823101"
    assert draft("x", name="茂林镇", parent="泾县").code == "341823101"
    assert draft("x", name="茂林镇", parent="341823").code == "341823101"
    assert draft("x", name="茂林镇", code="341823101", level="town", en="Mao Lin").en == "Mao Lin"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": "茂林镇"}, ("4 places", "安徽省宣城市泾县茂林镇 (341823101)", "--code", "--parent")),
        ({"name": "泾县茂琳镇"}, ("nearest", "安徽省宣城市泾县茂林镇", "--villages")),
        ({"name": "茂琳镇", "parent": "泾县"}, ("nearest", "安徽省宣城市泾县茂林镇")),
        ({"code": "341823199"}, ("--code 341823199", "list of 2023")),
        ({"code": "34"}, ("a province",)),
        ({"code": "341823101200"}, ("a village",)),
        ({"name": "茂林镇", "parent": "999999"}, ("--parent 999999",)),
        ({"name": "新镇", "parent": "朝阳区"}, ("--parent 朝阳区", "2 places")),
        ({"name": "新镇", "villages": ["甲村", "甲村"]}, ("甲村 twice",)),
        ({}, ("--name", "--code")),
    ],
)
def test_what_cannot_be_described_is_refused_with_what_to_do(given: dict[str, object], words: tuple[str, ...]) -> None:
    with pytest.raises(NianbaoError) as caught:
        draft("x", **given)  # type: ignore[arg-type]
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize("key", ["", "Maolin", "1x", "a b", "../x", "茂林", "x_y", "-x"])
def test_a_key_that_no_file_could_have_is_refused(key: str) -> None:
    with pytest.raises(UserError, match="lower-case"):
        draft(key, code="341823101")


def test_an_invented_place_names_its_villages(root: Path) -> None:
    made = draft("y", name="青溪新镇", parent="云岭市柳河县", villages=["上湾村", "下湾村"], en="New Qingxi")
    write_township(made, root=root)
    place = load_township(root, "y")
    assert [(item.key, item.zh, item.en) for item in place.villages] == [
        ("1", "上湾村", "Shangwan Village"),
        ("2", "下湾村", "Xiawan Village"),
    ]
    assert (place.parent_zh, place.code, place.level) == ("云岭市柳河县", "", "town")


def test_a_renamed_place_keeps_code_and_keys() -> None:
    made = draft("x", code="341823101", name="新茂林镇", villages=["奎峰村", "唐里村村委会", "合并村"])
    assert (made.zh, made.code) == ("新茂林镇", "341823101")
    assert [(item.key, item.zh) for item in made.villages] == [("200", "奎峰村"), ("203", "唐里村村委会"), ("1", "合并村")]
    assert made.villages[1].aliases == ("唐里村",)


def test_no_villages_by_hand_is_none() -> None:
    assert draft("x", name="某某新镇", villages=[]).villages == ()


def test_statistical_areas_are_no_villages() -> None:
    made = draft("x", code="341823101")
    assert made.left_out == ()
    dummy = next(
        item
        for item in scaffold.divisions._below("11")
        if item.level == 4 and any("虚拟" in child.name for child in scaffold.divisions.children(item))
    )
    found = draft("x", code=dummy.code)
    assert found.left_out
    assert not [item for item in found.villages if "虚拟" in item.zh]


def test_every_village_of_a_county_has_a_key_and_a_name_of_its_own() -> None:
    for item in scaffold.divisions._below("3418"):
        if item.level == 4:
            made = draft("x", code=item.code)
            assert len({village.key for village in made.villages}) == len(made.villages)
            assert len({village.zh for village in made.villages}) == len(made.villages)


def test_nothing_existing_is_replaced(root: Path) -> None:
    path = root / "params" / "townships" / "qingxi.yml"
    before = path.read_bytes()
    with pytest.raises(UserError, match=r"qingxi\.yml exists already"):
        write_township(draft("qingxi", code="341823101"), root=root)
    assert path.read_bytes() == before


def leftovers(root: Path) -> list[str]:
    """Return what lies in params/townships beside the files of townships."""
    return [entry.name for entry in (root / "params" / "townships").iterdir() if entry.suffix != ".yml"]


def test_a_place_that_would_not_load_leaves_nothing_behind(root: Path) -> None:
    keys = township_keys(root)
    broken = Draft("z", "某镇", "Mou", "village")  # type: ignore[arg-type]
    with pytest.raises(ParamsError, match="level"):
        write_township(broken, root=root)
    assert township_keys(root) == keys
    assert leftovers(root) == []
    assert not (root / "data" / "z").exists()


def test_a_file_that_appears_meanwhile_wins(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "params" / "townships" / "w.yml"
    real = scaffold.read_params

    def read_and_lose(*arguments: object, **named: object) -> object:
        path.write_text("somebody else's", encoding="utf-8")
        return real(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(scaffold, "read_params", read_and_lose)
    with pytest.raises(UserError, match="someone else"):
        write_township(draft("w", code="341823101"), root=root)
    assert path.read_text(encoding="utf-8") == "somebody else's"
    assert leftovers(root) == []
    assert not (root / "data" / "w").exists()


@pytest.mark.parametrize(
    "text", ["no", "123", "a: b", "a#b", 'say "x"', "x, y", "", "null", "甲（新）村", "Xi'an", "[x]", "x ", "1号村"]
)
def test_any_name_survives_the_file(text: str, root: Path) -> None:
    made = Draft(
        "n", text, text, "town", parent_en=text, villages=(scaffold.Village(key="1", zh=text, en=text, aliases=(text,)),)
    )
    write_township(made, root=root)
    place = load_township(root, "n")
    assert (place.zh, place.en, place.parent_en) == (text, text, text)
    assert (place.villages[0].zh, place.villages[0].aliases) == (text, (text,))
