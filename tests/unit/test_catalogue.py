"""Params to frozen objects: what the shipped catalogue promises, and every way a file under params may be wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from county import TOWN, Project, build_project, shipped_catalogue
from nianbao.catalogue import (
    Catalogue,
    Element,
    Indicator,
    Method,
    Nature,
    load_catalogue,
    load_township,
    township_keys,
)
from nianbao.errors import ParamsError, UserError
from nianbao.formulas import Term, format_dims, parse_dims, parse_term, reference
from nianbao.periods import usual
from nianbao.project import project_root

ENTRY = """\
    zh: {key}
    en: {key}
    unit: person
    period: calendar_year
    definition_zh: 定义
    definition_en: definition
    source: 来源
    why_zh: 理由
    why_en: reason
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return build_project(tmp_path_factory.mktemp("county") / "project")


@pytest.fixture(scope="module")
def spoilable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_project(tmp_path_factory.mktemp("spoilt") / "project").root


@pytest.fixture
def small(spoilable: Path) -> Path:
    """Return the root of a project whose catalogue is one file of one element, for tests that spoil it."""
    for path in (spoilable / "params" / "catalogue").glob("[!_]*.yml"):
        path.unlink()
    write(spoilable, "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits"))
    return spoilable


def write(root: Path, content: str, *, area: str = "clinic", head: str = "") -> None:
    """Write the area file; ``content`` starts on line 5."""
    head = head or f"area: {area}\norder: 10\nzh: 门诊\nen: Clinic\n"
    (root / "params" / "catalogue" / f"{area}.yml").write_text(head + content, encoding="utf-8")


def faults(root: Path) -> list[str]:
    with pytest.raises(ParamsError) as raised:
        load_catalogue(root)
    return str(raised.value).splitlines()


# --- the shipped catalogue -----------------------------------------------------------------------------------------------------


def test_every_entry_is_complete(catalogue: Catalogue) -> None:
    for key, entry in catalogue.entries.items():
        for name in ("zh", "definition_zh", "why_zh"):
            assert re.search(r"[\u4e00-\u9fff]", getattr(entry, name)), f"{key}.{name}"
        for name in ("en", "definition_en", "why_en"):
            assert re.search(r"[A-Za-z]", getattr(entry, name)), f"{key}.{name}"
            assert not re.search(r"[\u4e00-\u9fff]", getattr(entry, name)), f"{key}.{name}"
        assert entry.source.strip(), key
        assert entry.id == key
        assert catalogue.files[key] == f"params/catalogue/{entry.area}.yml"


def quotients() -> list[str]:
    methods = (Method.PROPORTION, Method.COMPLETION, Method.RATE, Method.RATIO)
    entries = shipped_catalogue().entries.values()
    return [entry.id for entry in entries if isinstance(entry, Indicator) and entry.method in methods]


@pytest.mark.parametrize("key", quotients())
def test_every_quotient_names_both_its_sides_and_its_base(catalogue: Catalogue, key: str) -> None:
    entry = catalogue.entries[key]
    for name in ("numerator_zh", "numerator_en", "denominator_zh", "denominator_en"):
        assert getattr(entry, name), name
    assert entry.base != "none"
    assert isinstance(entry, Indicator)
    assert entry.multiplier in (100, 1000, 100_000)


def test_every_proportion_is_bounded_and_no_completion_is_bounded_above(catalogue: Catalogue) -> None:
    for key, entry in catalogue.entries.items():
        if isinstance(entry, Indicator) and entry.method is Method.PROPORTION:
            assert (entry.lower_bound, entry.upper_bound) == (0, 100), key
        if isinstance(entry, Indicator) and entry.method is Method.COMPLETION:
            assert entry.upper_bound is None, key


def test_entries_with_dimensions_have_labels_that_name_only_their_dimensions(catalogue: Catalogue) -> None:
    for key, entry in catalogue.entries.items():
        for label in (entry.label_zh, entry.label_en):
            assert set(re.findall(r"\{(\w+)\}", label)) <= set(entry.dims), key


def test_dimension_values_that_are_listed_have_names_in_both_languages(catalogue: Catalogue) -> None:
    for key, entry in catalogue.entries.items():
        for dim, values in entry.dims.items():
            for value in values:
                if value != "*" and dim != "village":
                    spec = catalogue.dimensions[dim].values
                    assert value in spec or (dim, value) == ("unit", "ml"), f"{key}: {dim}={value}"


def test_words_for_units_and_dimensions_are_given_in_both_languages(catalogue: Catalogue) -> None:
    for key, unit in catalogue.units.items():
        assert unit.zh, key
        assert unit.en, key
        assert bool(unit.difference_zh) == bool(unit.difference_en), key
    for key, base in catalogue.bases.items():
        assert base.zh, key
        assert base.en, key
    assert all(catalogue.units[key].difference_zh for key in ("percent", "permille", "percentage_point"))


def test_areas_come_in_the_order_of_the_return_and_chapters_exist(catalogue: Catalogue) -> None:
    orders = [area.order for area in catalogue.areas.values()]
    assert orders == sorted(set(orders))
    told_in_one_chapter = {"party_building", "safety"}  # with governance
    assert set(catalogue.areas) - told_in_one_chapter <= set(catalogue.outline.chapters)
    for key in catalogue.areas:
        assert list(catalogue.of_area(key))


def test_a_chinese_name_belongs_to_one_entry(catalogue: Catalogue) -> None:
    names = [entry.zh for entry in catalogue.entries.values()]
    assert sorted({name for name in names if names.count(name) > 1}) == []


def test_every_usual_period_exists_and_text_is_counted_by_nobody(catalogue: Catalogue) -> None:
    for entry in catalogue.entries.values():
        assert usual(entry.period, 2020).kind is entry.period
        if isinstance(entry, Indicator):
            for term in (*entry.numerator, *entry.denominator):
                source = catalogue.entries[term.entry]
                assert not (isinstance(source, Element) and source.nature is Nature.TEXT)


def test_a_unit_word_means_what_the_entry_declares_first(catalogue: Catalogue) -> None:
    assert catalogue.unit_of("次", expected="lecture") == "lecture"
    assert catalogue.unit_of("次", expected="event") == "event"
    assert catalogue.unit_of("件", expected="person") == "piece"
    assert catalogue.unit_of("光年", expected="person") is None


def test_dimension_labels(catalogue: Catalogue, home: Project) -> None:
    town = home.township()
    assert catalogue.dim_label("parity", "2+") == "二多孩"
    assert catalogue.dim_label("parity", "2+", lang="en") == "second-or-later"
    assert catalogue.dim_label("village", "2", township=town) == "中湾村"
    assert catalogue.dim_label("village", "2", lang="en", township=town) == "Zhongwan Village"
    assert catalogue.dim_label("village", "7", township=town) == "7"
    assert catalogue.dim_label("campaign", "世界无烟日") == "世界无烟日"


def test_an_unknown_entry_names_the_nearest(catalogue: Catalogue) -> None:
    with pytest.raises(UserError, match=r"'birhts'.*did you mean 'births'"):
        catalogue.entry("birhts")


def test_loaded_params_are_frozen(catalogue: Catalogue, home: Project) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        catalogue.entries["births"].zh = "另名"
    with pytest.raises(ValidationError, match="frozen"):
        home.township().zh = "另名"
    with pytest.raises(AttributeError):
        catalogue.outline = None  # type: ignore[misc,assignment]


# --- terms and dimensions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("births", Term(entry="births")),
        ("-deaths", Term(entry="deaths", sign=-1)),
        ("births@previous", Term(entry="births", back=1)),
        ("births[sex=male; parity=1]", Term(entry="births", dims=(("parity", "1"), ("sex", "male")))),
        ("-city_reward_amount[type=x]?@previous", Term(
            entry="city_reward_amount", dims=(("type", "x"),), sign=-1, optional=True, back=1)),
    ],
)  # fmt: skip
def test_terms(text: str, term: Term) -> None:
    assert parse_term(text) == term


@pytest.mark.parametrize(
    "text", ["", "Births", "births[parity]", "births[parity=1", "births*2", "births@next", "--births", "出生"]
)
def test_what_is_no_term_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"term|dimension"):
        parse_term(text)


def test_dimensions_are_kept_in_key_order() -> None:
    assert parse_dims("sex=male; parity=2+") == (("parity", "2+"), ("sex", "male"))
    assert reference("births", (("sex", "male"), ("parity", "2+"))) == "births[parity=2+;sex=male]"
    assert reference("births") == "births"


@pytest.mark.parametrize("text", ["parity", "=1", "parity=", "parity=1;parity=2"])
def test_what_is_no_dimension_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"key=value|twice"):
        parse_dims(text)


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,6}", fullmatch=True), st.from_regex(r"[\w+<-]{1,6}", fullmatch=True), max_size=4)
)
def test_dimensions_read_back(pairs: dict[str, str]) -> None:
    assert dict(parse_dims(format_dims(pairs.items()))) == pairs


# --- faults of an area file ----------------------------------------------------------------------------------------------------

# what stands from line 5 on | the fault lines it must give
AREA_FAULTS = {
    "unknown key": (
        "elements:\n  visits:\n    nature: flow\n    directoin: higher\n" + ENTRY.format(key="visits"),
        [r":8: elements\.visits\.directoin: unknown key; did you mean 'direction'\?"],
    ),
    "unknown key of the file": ("element: {}\n", [r":5: element: unknown key; did you mean 'elements'\?"]),
    "missing key": (
        "elements:\n  visits:\n    nature: flow\n    zh: 诊次\n",
        [rf":6: elements\.visits\.{name}: required, but missing" for name in (
            "en", "unit", "period", "definition_zh", "definition_en", "source", "why_zh", "why_en")],
    ),
    "wrong type": (
        "elements:\n  visits:\n    nature: flow\n    decimals: two\n" + ENTRY.format(key="visits"),
        [r":8: elements\.visits\.decimals: .*integer.*found 'two'"],
    ),
    "unknown word": (
        "elements:\n  visits:\n    nature: flwo\n" + ENTRY.format(key="visits"),
        [r":7: elements\.visits\.nature: .*'flwo' is none of .*did you mean 'flow'"],
    ),
    "duplicate key": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits") + "  visits:\n    nature: flow\n" + ENTRY.format(key="visits"),
        [r":17: key 'visits' occurs twice"],
    ),
    "not YAML": ("elements:\n  visits: [flow\n", [r":\d+: not valid YAML"]),
    "unknown unit": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits").replace("unit: person", "unit: persn"),
        [r":6: visits: unit 'persn' is not in _shared\.yml; did you mean 'person'\?"],
    ),
    "unknown base": (
        "elements:\n  visits:\n    nature: flow\n    base: resdent\n" + ENTRY.format(key="visits"),
        [r":6: visits: base 'resdent'.*did you mean 'resident'\?"],
    ),
    "unknown dimension": (
        "elements:\n  visits:\n    nature: flow\n    dims: {setting: [inpatient], sets: [x]}\n" + ENTRY.format(key="visits"),
        [r":6: visits: dimension 'sets' is not in _shared\.yml"],
    ),
    "unknown whole": (
        "elements:\n  visits:\n    nature: flow\n    part_of: visit\n" + ENTRY.format(key="visits"),
        [r":6: visits: part_of 'visit' does not exist; did you mean 'visits'\?"],
    ),
    "partition of nothing": (
        "elements:\n  visits:\n    nature: flow\n    partitions: {sex: [[male, female]]}\n" + ENTRY.format(key="visits"),
        [r":6: visits: partitions names the dimension 'sex', which dims does not list"],
    ),
    "partition value": (
        "elements:\n  visits:\n    nature: flow\n    dims: {sex: [male]}\n    partitions: {sex: [[male, female]]}\n" + ENTRY.format(key="visits"),
        [r":6: visits: partitions names \['female'\], which dims\.sex does not list"],
    ),
    "bad term": (
        "indicators:\n  share:\n    method: sum\n    numerator: ['Visits!']\n" + ENTRY.format(key="share"),
        [r":8: indicators\.share\.numerator: .*'Visits!' is no term; write for example births\[parity=1\]"],
    ),
    "term of nothing": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits") + "indicators:\n  total:\n    method: sum\n    numerator: [visit]\n" + ENTRY.format(key="total"),
        [r":18: total: term 'visit' does not exist; did you mean 'visits'\?"],
    ),
    "dimension of a term": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits") + "indicators:\n  total:\n    method: sum\n    numerator: ['visits[sex=male]']\n" + ENTRY.format(key="total"),
        [r":18: total: term visits\[sex=male\] uses \['sex'\], which visits does not have"],
    ),
    "no denominator": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits") + "indicators:\n  share:\n    method: proportion\n    numerator: [visits]\n" + ENTRY.format(key="share"),
        [r":18: share: method proportion needs a denominator"],
    ),
    "needless denominator": (
        "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits") + "indicators:\n  share:\n    method: sum\n    numerator: [visits]\n    denominator: [visits]\n" + ENTRY.format(key="share"),
        [r":18: share: method sum takes no denominator"],
    ),
    "no numerator": (
        "indicators:\n  share:\n    method: sum\n" + ENTRY.format(key="share"),
        [r":6: share: has no numerator"],
    ),
    "number in quotes": (
        "elements:\n  visits:\n    nature: flow\n    decimals: '2'\n" + ENTRY.format(key="visits"),
        [r":8: elements\.visits\.decimals: .*found '2'"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", list(AREA_FAULTS))
def test_each_fault_gives_its_line_and_what_to_do(small: Path, fault: str) -> None:
    assert load_catalogue(small)  # sound before it is spoilt
    content, expected = AREA_FAULTS[fault]
    write(small, content)
    found = faults(small)
    assert len(found) == len(expected), found
    for line, pattern in zip(found, expected, strict=True):
        assert re.match(r"params/catalogue/clinic\.yml" + pattern, line), line


def test_all_faults_of_all_files_come_together(small: Path) -> None:
    broken = "elements:\n  visits:\n    nature: flwo\n    decimals: two\n    colour: red\n" + ENTRY.format(key="visits")
    write(small, broken)
    write(small, broken, area="ward")
    found = [line.split(": ")[0] for line in faults(small)]
    assert found == sorted(found, key=lambda line: line.split(":")[0])
    assert set(found) == {f"params/catalogue/{area}.yml:{line}" for area in ("clinic", "ward") for line in (7, 8, 9)}
    assert len(found) == 6


def test_a_fault_of_one_file_is_not_blamed_on_those_that_refer_to_it(small: Path) -> None:
    write(small, "elements:\n  visits:\n    nature: flow\n    decimals: two\n" + ENTRY.format(key="visits"))
    write(small, "indicators:\n  total:\n    method: sum\n    numerator: [visits]\n" + ENTRY.format(key="total"), area="ward")
    assert [line.split(": ")[0] for line in faults(small)] == ["params/catalogue/clinic.yml:8"]


def test_one_name_in_two_files_is_a_fault(small: Path) -> None:
    write(small, "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits"), area="ward")
    assert faults(small) == [
        "params/catalogue/ward.yml:6: 'visits' is already defined in params/catalogue/clinic.yml; names are unique"
    ]


def test_an_area_must_be_called_as_its_file(small: Path) -> None:
    write(small, "elements: {}\n", head="area: ward\norder: 10\nzh: 门诊\nen: Clinic\n")
    assert re.match(r"params/catalogue/clinic\.yml:1: area 'ward' does not match", faults(small)[0])


def test_an_edited_file_is_read_again(small: Path) -> None:
    assert load_catalogue(small).entries["visits"].zh == "visits"
    write(small, "elements:\n  visits:\n    nature: flow\n" + ENTRY.format(key="visits").replace("zh: visits", "zh: 门诊人次"))
    assert load_catalogue(small).entries["visits"].zh == "门诊人次"


def test_targets_do_not_pass_through_binary_floating_point(small: Path) -> None:
    target = "    target: {value: 92.1, setter: task, set_by_zh: 县, set_by_en: county}\n"
    write(small, "elements:\n  visits:\n    nature: flow\n" + target + ENTRY.format(key="visits"))
    visits = load_catalogue(small).entries["visits"]
    assert visits.target is not None
    assert str(visits.target.value) == "92.1"


def test_a_truth_value_is_no_target(small: Path) -> None:
    target = "    target: {value: yes, setter: task, set_by_zh: 县, set_by_en: county}\n"
    write(small, "elements:\n  visits:\n    nature: flow\n" + target + ENTRY.format(key="visits"))
    assert "True is no number" in faults(small)[0]


# --- report, townships, overrides, project -------------------------------------------------------------------------------------


def test_a_chapter_without_notebook_is_a_fault(project: Project) -> None:
    (project.root / "notebooks" / "elderly.ipynb").unlink()
    assert faults(project.root) == ["params/report.yml: chapter 'elderly' has no notebook notebooks/elderly.ipynb"]


def test_a_missing_file_of_params_is_named(project: Project) -> None:
    (project.root / "params" / "report.yml").unlink()
    assert faults(project.root) == ["params/report.yml: file not found; it is part of every nianbao project"]


def test_township_faults_come_with_their_lines(home: Project) -> None:
    path = home.root / "params" / "townships" / "broken.yml"
    path.write_text("zh: 某镇\nen: Some Town\nlevel: twon\nrouding: half_up\n", encoding="utf-8")
    with pytest.raises(ParamsError) as raised:
        load_township(home.root, "broken")
    path.unlink()
    lines = str(raised.value).splitlines()
    assert any(re.match(r"params/townships/broken\.yml:3: level: .*'town'", line) for line in lines)
    assert any("broken.yml:4: rouding: unknown key; did you mean 'rounding'?" in line for line in lines)
    assert sum("required, but missing" in line for line in lines) == 4


def test_an_unknown_township_names_the_nearest_and_all(home: Project) -> None:
    assert {TOWN, "baishi", "liuhe"} <= set(township_keys(home.root))
    with pytest.raises(
        UserError, match=r"township 'qingix' does not exist.*did you mean 'qingxi'\? \(known: bagongshan, baishi, liuhe, "
    ):
        load_township(home.root, "qingix")


def override(project: Project, content: str) -> Catalogue:
    path = project.root / "params" / "townships" / "baishi.yml"
    path.write_text(path.read_text(encoding="utf-8") + content, encoding="utf-8")
    return project.catalogue("baishi")


def test_an_override_changes_one_place_only(project: Project) -> None:
    changed = override(
        project, "overrides:\n  crude_birth_rate: {decimals: 1, denominator: [population_total], direction: higher}\n"
    )
    entry = changed.entries["crude_birth_rate"]
    assert isinstance(entry, Indicator)
    assert (entry.decimals, entry.denominator) == (1, (Term(entry="population_total"),))
    assert project.catalogue(TOWN).entries["crude_birth_rate"].decimals == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("  crude_brith_rate: {decimals: 1}\n", "no entry 'crude_brith_rate'; did you mean 'crude_birth_rate'"),
        ("  births: {numerator: [deaths]}\n", "'births' has no numerator"),
        ("  births: {decimls: 1}\n", r"baishi\.yml:\d+: overrides\.births\.decimls: unknown key; did you mean 'decimals'"),
        ("  births: {direction: up}\n", r"baishi\.yml:\d+: overrides\.births\.direction: .*'up'"),
    ],
)
def test_override_faults(project: Project, content: str, words: str) -> None:
    with pytest.raises(ParamsError, match=words):
        override(project, "overrides:\n" + content)


def test_all_override_faults_come_together(project: Project) -> None:
    with pytest.raises(ParamsError) as raised:
        override(project, "overrides:\n  birhts: {decimals: 1}\n  deaths: {denominator: [births]}\n")
    assert len(str(raised.value).splitlines()) == 2


def test_the_project_is_found_from_inside_it(home: Project) -> None:
    assert project_root(home.root / "notebooks") == home.root.resolve()
    with pytest.raises(UserError, match="not inside a nianbao project"):
        project_root(Path("/"))
