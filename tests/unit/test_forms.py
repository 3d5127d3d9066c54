"""Forms as data: what a file may say, what its faults are called, how words and places are compared, which window a line names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from county import shipped_catalogue
from nianbao.errors import ParamsError
from nianbao.layouts.forms import Form, fits, load_forms, read_form, word
from nianbao.layouts.placenames import Place, match_place, places_of
from nianbao.layouts.windows import masked, window_in
from nianbao.periods import PeriodKind

ROOT = Path(__file__).resolve().parents[2]
SOUND = """\
zh: 出生情况
en: Births
anchors: [出生]
period: {kind: statistical_year}
rows: {by: village, header: 村名}
columns:
  - {path: [出生, 一孩], entry: births, dims: {parity: "1"}}
  - {path: [出生, 合计], entry: births, total: true, sum: [出生/一孩]}
"""


def faults_of(tmp_path: Path, text: str) -> list[str]:
    """Return the faults of a form's text."""
    path = tmp_path / "params" / "forms" / "x.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    faults: list[str] = []
    form = read_form(path, root=tmp_path, catalogue=shipped_catalogue(), faults=faults)
    assert (form is None) == bool(faults)
    return faults


def test_a_sound_form_loads(tmp_path: Path) -> None:
    assert faults_of(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "entry: births, dims",
            "entry: birth, dims",
            "params/forms/x.yml:7: no entry 'birth' in the catalogue; did you mean 'births'?",
        ),
        ("parity:", "party:", "params/forms/x.yml:7: births has no dimension 'party'; did you mean 'parity'?"),
        ('"1"', '"9"', "params/forms/x.yml:7: births: parity has no value '9' (it has 1, 2, 3+, 2+)"),
        ("total: true", "totl: true", "params/forms/x.yml:8: columns.1.totl: unknown key; did you mean 'total'?"),
        ("anchors", "anchor", "params/forms/x.yml:3: anchor: unknown key; did you mean 'anchors'?"),
        ("[出生/一孩]", "[出生/一胎]", "params/forms/x.yml:8: no column has the key '出生/一胎'; did you mean '出生/一孩'?"),
        ("statistical_year", "statistic_year", "did you mean 'statistical_year'?"),
        ("by: village", "by: vilage", "params/forms/x.yml:5: rows.by"),
        ("entry: births, total: true, sum", "check: births, sum", "params/forms/x.yml:8: check 'births' is no indicator"),
        ("entry: births, total: true, sum", "total: true, sum", "needs either entry or check"),
        ("[出生, 合计]", "[出生, 一孩]", "params/forms/x.yml:8: the column '出生/一孩' is declared twice"),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_nearest_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in SOUND
    faults = faults_of(tmp_path, SOUND.replace(old, new))
    assert any(message in fault for fault in faults), faults


REGISTER = """\
zh: 出生登记册
en: Register
anchors: [性别]
period: {kind: statistical_year}
count_rows: true
register:
  columns:
    sex: {header: 性别, dim: sex}
  counts:
    - {entry: births, by: [sex]}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("register:", "registre:", "params/forms/x.yml:6: registre: unknown key; did you mean 'register'?"),
        (
            "header: 性别",
            "heading: 性别",
            "params/forms/x.yml:8: register.columns.sex.heading: unknown key; did you mean 'header'?",
        ),
        ("by: [sex]", "by: [sexe]", "params/forms/x.yml:10: the register has no column 'sexe'; did you mean 'sex'?"),
        ("count_rows: true", "count_rows: false", "count_rows: true and a register belong together"),
    ],
)
def test_a_fault_of_a_register_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert faults_of(tmp_path, REGISTER) == []
    faults = faults_of(tmp_path, REGISTER.replace(old, new))
    assert any(message in fault for fault in faults), faults


def test_all_faults_of_all_files_are_told_together(tmp_path: Path) -> None:
    folder = tmp_path / "params" / "forms"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.yml").write_text(SOUND.replace("entry: births,", "entry: birth,"), encoding="utf-8")
    with pytest.raises(ParamsError) as caught:
        load_forms(tmp_path, catalogue=shipped_catalogue())
    assert len(str(caught.value).splitlines()) == 4


def test_the_form_of_the_guide_loads_and_its_other_examples_are_yaml(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "howto" / "forms.md").read_text(encoding="utf-8")
    whole, items, register = re.findall(r"^```yaml\n(.*?)^```", guide, re.M | re.S)
    assert faults_of(tmp_path, whole) == []
    head = SOUND.split("rows:", maxsplit=1)[0]
    named = items + "columns:\n  - {path: 人数, role: value}\n  - {path: 金额, role: value}\n"
    assert faults_of(tmp_path, head + named) == []
    assert faults_of(tmp_path, head + register) == []


def test_every_shipped_form_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "howto" / "forms.md").read_text(encoding="utf-8")
    assert [form.key for form in load_forms(ROOT, catalogue=shipped_catalogue()) if f"| `{form.key}` |" not in guide] == []


def test_the_shipped_forms_load_and_a_project_without_any_has_none(tmp_path: Path) -> None:
    keys = [form.key for form in load_forms(ROOT, catalogue=shipped_catalogue())]
    assert len(keys) == 9
    assert "births" in keys
    assert load_forms(tmp_path, catalogue=shipped_catalogue()) == ()


def test_a_form_is_in_use_between_its_years() -> None:
    form = Form.model_validate(
        {
            "key": "x",
            "zh": "表",
            "en": "x",
            "anchors": ["出生"],
            "valid_from": 2016,
            "valid_until": 2020,
            "period": {"kind": "calendar_year"},
            "columns": [{"path": "出生", "entry": "births"}],
        }
    )
    assert [form.valid(year) for year in (2015, 2016, 2020, 2021)] == [False, True, True, False]


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "declared"),
    [
        ("监測", "监测"),
        ("Ⅱ型糖尿病", "2型糖尿病"),
        ("II型糖尿病", "2型糖尿病"),
        ("出 生\n人　数", "出生人数"),
        ("１孩", "1孩"),
        ("“两癌”筛查", "两癌筛查"),
        ("其中：一孩", "其中一孩"),
        ("金额（万元）", "金额"),
        ("金额(元)", "金额（元）"),
        ("2020年出生", "*年出生"),
        ("一胎", "一孩|一胎"),
    ],
)
def test_spellings_of_a_header_word_are_one(found: str, declared: str) -> None:
    assert fits(word(found), declared)


@pytest.mark.parametrize(
    ("found", "declared"),
    [("一孩", "二孩"), ("出生人数", "出生"), ("出生", "出生人数"), ("金额", "金额（元）"), ("总人口", "人口")],
)
def test_other_words_are_others(found: str, declared: str) -> None:
    assert not fits(word(found), declared)


# ---- places ----------------------------------------------------------------------------------------------------------

PLACES = (Place("1", ("凤村",)), Place("2", ("溪里凤村", "溪凤")), Place("3", ("太阳宫村",)), Place("4", ("太阳宫社区",)))


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("凤村", "1"),
        ("凤村村委会", "1"),
        ("凤村民委员会", "1"),
        ("凤 村", "1"),
        ("2、溪里凤村", "2"),
        ("溪里凤村委会", "2"),
        ("溪凤", "2"),
        ("太阳宫行政村", "3"),
        ("太阳宫居委会", "4"),
        ("太阳宫社区居民委员会", "4"),
    ],
)
def test_a_village_is_known_by_name_alias_and_suffix(label: str, key: str) -> None:
    assert match_place(label, PLACES).key == key


@pytest.mark.parametrize("label", ["凤", "太阳宫", "里凤村", "凤村新村组", "溪里", "村", "村委会", ""])
def test_a_village_is_never_known_by_part_or_stem(label: str) -> None:
    assert match_place(label, PLACES).key == ""


def test_the_nearest_village_is_named() -> None:
    assert match_place("溪里风村", PLACES).nearest == "溪里凤村"


def test_a_name_that_fits_two_villages_is_neither() -> None:
    places = (Place("1", ("新村",)), Place("2", ("新村村",)))
    assert match_place("新村村委会", places).key == ""
    assert set(match_place("新村村委会", places).several) == {"新村", "新村村"}
    assert match_place("新村", places).key == "1"


def test_a_clinic_stands_for_its_village_only_where_rows_are_institutions() -> None:
    assert match_place("溪里凤村卫生室", PLACES, clinics=True).key == "2"
    assert match_place("太阳宫社区卫生服务站", PLACES, clinics=True).key == "4"
    assert match_place("溪里凤村卫生室", PLACES).key == ""


def test_places_of_a_township_take_aliases() -> None:
    from county import TOWNSHIPS  # the invented county's villages

    assert "上湾村" in TOWNSHIPS["qingxi"]
    import yaml

    from nianbao.catalogue import Township

    township = Township.model_validate({"key": "qingxi", **yaml.safe_load(TOWNSHIPS["qingxi"].split("years:")[0])})
    places = places_of(township, aliases={"2": ["中湾"]})
    assert match_place("中湾", places).key == "2"
    assert match_place("上湾", places).key == ""


# ---- windows ---------------------------------------------------------------------------------------------------------

SY, CY, DAY = PeriodKind.STATISTICAL_YEAR, PeriodKind.CALENDAR_YEAR, PeriodKind.AS_OF


@pytest.mark.parametrize(
    ("text", "kind", "cumulative", "code"),
    [
        ("2020年度", SY, False, "statistical_year:2019-10-01/2020-09-30"),
        ("2020年度", CY, False, "calendar_year:2020-01-01/2020-12-31"),
        ("2020统计年度", CY, False, "statistical_year:2019-10-01/2020-09-30"),
        ("（2019年10月1日至2020年9月30日）", CY, False, "statistical_year:2019-10-01/2020-09-30"),
        ("2020年1月1日—11月20日", CY, False, "month_range:2020-01-01/2020-11-20"),
        ("２０２０年1-9月", CY, False, "month_range:2020-01-01/2020-09-30"),
        ("2020年1-12月", CY, False, "calendar_year:2020-01-01/2020-12-31"),
        ("2020年三季度", CY, True, "month_range:2020-01-01/2020-09-30"),
        ("2020年第3季度", CY, False, "month_range:2020-07-01/2020-09-30"),
        ("2020年四季度", CY, True, "calendar_year:2020-01-01/2020-12-31"),
        ("2020年9月", SY, True, "statistical_year:2019-10-01/2020-09-30"),
        ("2020年3月", SY, True, "half_year:2019-10-01/2020-03-31"),
        ("2019年11月", SY, True, "month_range:2019-10-01/2019-11-30"),
        ("2020年9月份", SY, False, "month_range:2020-09-01/2020-09-30"),
        ("截至2020年11月20日", CY, True, "month_range:2020-01-01/2020-11-20"),
        ("2020.9.30", DAY, False, "as_of:2020-09-30"),
        ("2020年9月", DAY, False, "as_of:2020-09"),
        ("2020年上半年", SY, False, "half_year:2019-10-01/2020-03-31"),
        ("2020年上半年", CY, False, "half_year:2020-01-01/2020-06-30"),
        ("2020年下半年", CY, False, "half_year:2020-07-01/2020-12-31"),
    ],
)
def test_a_line_names_its_window(text: str, kind: PeriodKind, cumulative: bool, code: str) -> None:
    window = window_in(text, kind=kind, cumulative=cumulative)
    assert window is not None
    assert window.code == code


@pytest.mark.parametrize("text", ["基本情况一览表", "2020年13月", "2020年2月30日至3月1日", "2020年10月8日", "2020年9-3月"])
def test_a_line_without_a_window_names_none(text: str) -> None:
    assert window_in(text, kind=CY, cumulative=False) is None


def test_a_masked_year_is_no_year() -> None:
    assert masked("202_年")
    assert masked("20xx年")
    assert not masked("2020年")
    assert window_in("202_年", kind=CY, cumulative=False) is None
