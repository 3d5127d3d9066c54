"""Rows of a village table that are no village: the health centre and the town's direct units count for the town and are not compared."""

from __future__ import annotations

import pytest
import yaml

from built import nianbao
from corpus.forms_fixtures import births
from county import YEAR, Project, observe_all, place, shipped_catalogue
from nianbao.catalogue import Township
from nianbao.indicators import Result, compute
from nianbao.villages import funnels

UNITS = """\
own_units:
  - {key: centre, zh: 卫生院本部, en: Health centre, aliases: [中心卫生院, 本院]}
  - {key: direct, zh: 镇直, en: Town units}
"""


def office_table(project: Project, label: str, *, units: str) -> None:
    """Write the office's table of births with one row more, of something that is no village, and a total that counts it."""
    params = project.root / "params" / "townships" / "qingxi.yml"
    params.write_text(params.read_text(encoding="utf-8").replace("zh: 下湾村,", "zh: 下湾社区,") + units, encoding="utf-8")
    project.path().parent.mkdir(parents=True)
    sheet = births()
    for merged in [str(block) for block in sheet.merged_cells.ranges if block.min_row > 3]:
        sheet.unmerge_cells(merged)
    sheet.insert_rows(7)
    for column, value in enumerate([label, 2, 1, 1, 0, 1, 1, 1, 1, 0, "100%"], start=1):
        sheet.cell(7, column, value)
    for column, value in enumerate(["合计", 38, 18, 16, 4, 20, 18, 18, 15, 2, "92.11%"], start=1):
        sheet.cell(8, column, value)
    assert sheet.parent is not None
    sheet.parent.save(project.path())


@pytest.mark.parametrize("label", ["卫生院本部", "中心卫生院", "本院"])
def test_a_unit_of_the_township_is_read_into_the_total(label: str, project: Project) -> None:
    office_table(project, label, units=UNITS)
    data = project.dataset()
    assert data.blocking == ()
    assert data.results.named("births[village=centre]").value == 2
    assert data.results.named("births").value == 38
    assert data.results.named("births[village=1]").value == 15
    compared = next(
        item for item in funnels(data.results, areas=["family_planning"]) if item.overall.ref == "policy_compliance_rate"
    )
    assert [standing.member for standing in compared.standings] == ["1", "2", "3"]
    assert compared.left_out == ()
    assert compared.overall.denominator == 38


def test_without_the_entry_the_row_is_an_unknown_village(project: Project) -> None:
    office_table(project, "卫生院本部", units="")
    assert "unknown-village" in [finding.code for finding in project.dataset().blocking]


def test_the_report_counts_a_unit_and_does_not_compare_it(project: Project) -> None:
    office_table(project, "本院", units=UNITS)
    done = nianbao(project.root, "report", "qingxi", "--year", "2020", "--to", "html")
    assert done.code == 0, done.said
    traced = nianbao(project.root, "trace", "qingxi", "births[village=centre]", "--year", "2020")
    assert "卫生院本部" in traced.out


def births_of(figures: dict[str, object]) -> Result:
    """Return the births of a township with own units of which villages and units reported ``figures``."""
    township = Township.model_validate({**place().model_dump(exclude={"years"}), **yaml.safe_load(UNITS)})
    return compute(observe_all(figures), catalogue=shipped_catalogue(), township=township, year=YEAR).named("births")


def test_a_unit_without_a_row_leaves_the_sum_of_the_villages_and_an_empty_one_does_not() -> None:
    villages: dict[str, object] = {f"births[village={key}]": 5 for key in "123"}
    assert births_of(villages).value == 15
    assert births_of({**villages, "births[village=centre]": 2}).value == 17
    assert births_of({**villages, "births[village=centre]@previous": 2}).value == 15
    assert births_of({**villages, "births[village=centre]": None}).value is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"own_units": [{"key": "1", "zh": "镇直", "en": "x"}]}, "the key '1' is taken"),
        ({"level": "county", "villages": [], "members": ["a"]}, "both members and own_units"),
    ],
)
def test_units_have_keys_of_their_own_and_stand_beside_villages(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Township.model_validate({**place().model_dump(exclude={"years"}), **yaml.safe_load(UNITS), **wrong})
