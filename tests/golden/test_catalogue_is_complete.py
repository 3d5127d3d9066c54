"""Every element and indicator the field reports is in the catalogue, in its work area, with the dimensions it is reported by.

``indicator_ids.csv`` lists the 294 elements and indicators of seven published reports: identifier, work area, dimensions.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from built import rows
from nianbao.catalogue import Catalogue, Indicator

REPORTED = rows(Path(__file__).with_name("indicator_ids.csv"))
OF_THE_TEXT = frozenset({"occurrence"})
"""A figure printed twice in one text is one figure of the catalogue."""
AREAS = {
    "population": 15,
    "family_planning": 19,
    "incentives": 41,
    "maternal_child": 51,
    "elderly": 9,
    "basic_public_health": 17,
    "immunisation": 6,
    "disease_control": 13,
    "epidemic": 21,
    "occupational_health": 6,
    "health_supervision": 13,
    "blood_donation": 3,
    "patriotic_health": 1,
    "health_education": 13,
    "health_assistance": 7,
    "migrant_population": 4,
    "medical_services": 10,
    "infrastructure": 9,
    "childcare": 6,
    "party_building": 15,
    "safety": 5,
    "governance": 8,
    "assessment": 2,
}
"""How many rows each work area has, so that a row cannot get lost from the list unnoticed."""


def faults(catalogue: Catalogue, reported: list[dict[str, str]]) -> list[str]:
    """Return every row the catalogue does not hold as it is reported."""
    found = []
    for row in reported:
        entry = catalogue.entries.get(row["id"])
        if entry is None:
            found.append(f"{row['id']}: not in the catalogue")
            continue
        if entry.area != row["area"]:
            found.append(f"{row['id']}: in {entry.area}, reported in {row['area']}")
        if lost := set(row["dims"].split()) - OF_THE_TEXT - set(entry.dims):
            found.append(f"{row['id']}: without {sorted(lost)}")
    return found


def test_every_reported_element_is_in_the_catalogue(catalogue: Catalogue) -> None:
    assert faults(catalogue, REPORTED) == []


def test_the_list_is_whole() -> None:
    assert len({row["id"] for row in REPORTED}) == len(REPORTED) == 294
    assert dict(Counter(row["area"] for row in REPORTED)) == AREAS


def test_the_catalogue_has_the_work_areas_of_the_field(catalogue: Catalogue) -> None:
    assert set(catalogue.areas) == set(AREAS)


def test_it_holds_more_than_the_reports_happen_to_print(catalogue: Catalogue) -> None:
    """The standard indicators of an area are there though none of the seven reports prints them."""
    further = set(catalogue.entries) - {row["id"] for row in REPORTED}
    assert {
        "maternal_mortality_ratio",
        "infant_mortality_rate",
        "tb_management_rate",
        "hypertension_control_rate",
        "early_registration_rate",
    } <= further
    assert sum(isinstance(catalogue.entries[key], Indicator) for key in further) >= 30


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": "birthz", "area": "population", "dims": ""}, "birthz: not in the catalogue"),
        ({"id": "births", "area": "elderly", "dims": ""}, "births: in population, reported in elderly"),
        ({"id": "deaths", "area": "population", "dims": "occurrence sex"}, "deaths: without ['sex']"),
    ],
)
def test_what_is_missing_would_be_said(catalogue: Catalogue, row: dict[str, str], said: str) -> None:
    assert faults(catalogue, [*REPORTED, row]) == [said]
