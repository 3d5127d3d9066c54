"""The finished public report attacked as a whole: whatever a reader takes from it, the withheld figures stay unknown.

Two worlds are built that differ in withheld figures alone, every sum and rate that is published being the same in both.  When every
file of both reports is the same byte for byte - texts, bars of charts, alternative texts, order of rows, hidden attributes, properties
of files - then nothing in them can tell one world from the other, by whatever arithmetic, and so no withheld figure can be worked out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pypdf
import pytest
from test_public_edition import PLANTED, TEXT, rows, texts

from built import nianbao
from county import TOWN, YEAR, Project, build_project
from nianbao.dataset import Dataset

COUNTY, SECOND, EARLIER = "liuhe", "baishi", 2018
FIGURES_OF_SECOND: Mapping[str, object] = {
    "births[parity=1]": 40,
    "births[parity=2+]": 35,
    "births[parity=1]@previous": 44,
    "births[parity=2+]@previous": 41,
    "population_mean": 6003,
    "deaths": 35,
    "severe_mental_on_register": 27,
    "severe_mental_managed": 25,
    "severe_mental_on_register@previous": 25,
    "infant_deaths": 6,
    "live_births": 75,
    "hiv_living_cases": 8,
    "tb_patients_notified": 11,
    "tb_patients_managed": 10,
    "special_assistance_recipients": 7,
    "special_assistance_amount": 67200,
    "reward_assistance_recipients": 80,
    "reward_assistance_amount": 76800,
}
FIGURES_EARLIER: Mapping[str, object] = {
    "births[parity=1]": 90,
    "births[parity=2+]": 101,
    "live_births": 190,
    "infant_deaths": 2,
    "hiv_living_cases": 2,
    "deaths[village=1]": 15,
    "deaths[village=2]": 2,
    "deaths[village=3]": 30,
    "population_mean": 10900,
}


@dataclass(frozen=True)
class World:
    """What differs between the two worlds, for the report of one place: figures of the town, of its neighbour, and of an earlier year."""

    place: str
    town: Mapping[str, object]
    second: Mapping[str, object]
    earlier: Mapping[str, object]


OF_THE_TOWN = World(
    TOWN,
    {
        "deaths[village=1]": 16,
        "deaths[village=2]": 4,
        "infant_deaths": 2,
        "hiv_living_cases": 2,
        "births_policy[compliance=in;parity=2+]": 79,
        # the sum of both funds is published, and what is paid a head is known: 4 x 9600 + 161 x 960 = 3 x 9600 + 171 x 960
        "special_assistance_recipients": 3,
        "special_assistance_amount": 28800,
        "reward_assistance_recipients": 171,
        "reward_assistance_amount": 164160,
        "severe_mental_on_register[village=1]": 3,
        "severe_mental_on_register[village=3]": 36,
        "severe_mental_managed[village=1]": 2,
        "severe_mental_managed[village=2]": 11,
    },
    {},
    {"infant_deaths": 3, "hiv_living_cases": 3, "deaths[village=1]": 14, "deaths[village=2]": 3},
)
OF_THE_COUNTY = World(
    COUNTY,
    {
        "deaths[village=1]": 16,
        "deaths[village=2]": 4,
        "infant_deaths": 2,
        "hiv_living_cases": 2,
        "births_policy[compliance=in;parity=2+]": 79,
        "special_assistance_recipients": 3,
        "special_assistance_amount": 28800,
        "severe_mental_managed[village=1]": 2,
    },
    {
        "infant_deaths": 5,
        "hiv_living_cases": 9,
        "special_assistance_recipients": 8,
        "special_assistance_amount": 76800,
        "severe_mental_managed": 24,
        "tb_patients_managed": 9,
    },
    {"hiv_living_cases": 3, "infant_deaths": 3},
)


def project(folder: Path, moved: World | None) -> Project:
    made = build_project(folder)
    params = folder / "params" / "townships" / f"{COUNTY}.yml"
    params.write_text(f"{params.read_text(encoding='utf-8')}members: [{TOWN}, {SECOND}]\n", encoding="utf-8")
    made.write({**PLANTED, **(moved.town if moved else {})})
    made.write({**FIGURES_OF_SECOND, **(moved.second if moved else {})}, town=SECOND)
    made.write({**FIGURES_EARLIER, **(moved.earlier if moved else {})}, year=EARLIER)
    (folder / "data" / TOWN / f"{YEAR}.md").write_text(TEXT, encoding="utf-8")
    return made


@dataclass(frozen=True)
class Pair:
    """The public reports of one place in both worlds, with their inside."""

    inside: tuple[Dataset, Dataset]
    folders: tuple[Path, Path]


@pytest.fixture(
    scope="module",
    params=[(OF_THE_TOWN, "zh"), (OF_THE_COUNTY, "zh"), (OF_THE_COUNTY, "en")],
    ids=lambda one: "-".join((one[0].place, one[1])),
)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    moved, lang = request.param
    folders, inside = [], []
    for world in (None, moved):
        made = project(tmp_path_factory.mktemp("world"), world)
        done = nianbao(made.root, "report", moved.place, "--year", str(YEAR), "--edition", "public", "--lang", lang)
        assert done.code == 0, done.said
        inside.append(made.dataset(town=moved.place))
        folders.append(made.root / "outputs" / "public" / str(YEAR) / moved.place)
    return Pair((inside[0], inside[1]), (folders[0], folders[1]))


def test_two_worlds_that_differ_in_what_is_withheld_are_published_alike(pair: Pair) -> None:
    one, other = (
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
        for folder in pair.folders
    )
    manifests = [json.loads(files.pop("manifest.json")) for files in (one, other)]
    assert rows(pair.folders[0] / "results.csv") == rows(pair.folders[1] / "results.csv")  # else the worlds are chosen badly
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
    for manifest in manifests:  # the returns themselves differ, and nothing else
        manifest["inputs"] = {name: value for name, value in manifest["inputs"].items() if not name.startswith("data/")}
    assert manifests[0] == manifests[1]


def test_the_worlds_differ_in_most_of_what_is_withheld(pair: Pair) -> None:
    """So that the test above says something: small counts that are withheld are others in the other world."""
    first, second = ({item.ref: item for item in data.results} for data in pair.inside)
    small = {
        item.ref
        for item in pair.inside[0].public.results
        if str(item.status) == "suppressed" and first[item.ref].value is not None and 0 < (first[item.ref].value or 0) < 5
    }
    assert len(small) >= 3
    assert {ref for ref in small if first[ref].value == second[ref].value} == set()


def test_no_cell_no_finding_and_no_internal_entry_stands_anywhere(pair: Pair) -> None:
    data, folder = pair.inside[0], pair.folders[0]
    said = {text for finding in data.findings for text in (finding.message("zh"), finding.message("en"))}
    internal = [item for item in data.catalogue.entries.values() if item.sensitivity.value == "internal"]
    for name, text in texts(folder):
        plain = re.sub(r"<[^>]*>", "", text)
        assert not re.search(r"\.xlsx!|[㐀-鿿]![A-Z]{1,2}\d+\b", plain), name
        assert not any(one in plain for one in said), name
        if name.startswith("report."):
            assert not any(f'"{item.id}"' in text or f":{item.id}:" in text for item in internal), name
    for page in pypdf.PdfReader(folder / "report.pdf").pages:
        assert str(folder.parents[3]) not in page.extract_text()
