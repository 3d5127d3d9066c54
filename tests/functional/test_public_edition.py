"""The public edition as published: no file of its folder tells what it withholds, and every file says that something is withheld."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pypdf
import pytest

from built import nianbao
from county import FIGURES, TOWN, YEAR, Project, build_project
from nianbao.dataset import open_dataset
from nianbao.values import SUPPRESSED_MARK

PLANTED: Mapping[str, object] = {
    **FIGURES,
    "births_policy[compliance=in;parity=1]": 68,
    "births_policy[compliance=in;parity=2+]": 80,
    "severe_mental_on_register[village=1]": 2,
    "severe_mental_on_register[village=2]": 12,
    "severe_mental_on_register[village=3]": 37,
    "severe_mental_managed[village=1]": 1,
    "severe_mental_managed[village=2]": 12,
    "severe_mental_managed[village=3]": 31,
    "severe_mental_on_register[village=1]@previous": 11,
    "severe_mental_on_register[village=2]@previous": 13,
    "severe_mental_on_register[village=3]@previous": 36,
    "deaths[village=1]": 17,
    "deaths[village=2]": 3,
    "deaths[village=3]": 41,
    "infant_deaths": 1,
    "live_births": 151,
    "special_assistance_recipients": 4,
    "special_assistance_amount": 38400,
    "reward_assistance_recipients": 161,
    "reward_assistance_amount": 154560,
    "hiv_living_cases": 3,
    "tb_patients_notified": 9,
    "tb_patients_managed": 9,
    "health_records[village=1]": 2901,
    "health_records[village=2]": 2713,
    "health_records[village=3]": 3102,
    "population_resident[village=1]": 3303,
    "population_resident[village=2]": 3107,
    "population_resident[village=3]": 3509,
}
TEXT = """\
# 青溪镇

## disease_control

艾滋病感染者和病人{{ hiv_living_cases }}例，随访管理到位。另有3例正在核实。

## maternal_child

活产{{ live_births }}人，婴儿死亡{{ infant_deaths }}人。
"""
HIDDEN_IN = ("value", "numerator", "denominator", "lower", "upper", "deviation", "previous", "change", "gap")


@dataclass(frozen=True)
class Published:
    """A project with planted small numbers, and its public folder in one language."""

    project: Project
    folder: Path
    said: str
    lang: str

    @cached_property
    def withheld(self) -> dict[tuple[str, str], str]:
        """Entry and dimension values of every withheld figure, with what the internal edition prints."""
        inside = {(row["indicator"], row["dims"]): row["display"] for row in rows(self.internal / "results.csv")}
        told = rows(self.folder / "results.csv")
        return {key: inside[key] for row in told if row["status"] == "suppressed" for key in [(row["indicator"], row["dims"])]}

    @property
    def internal(self) -> Path:
        return self.project.root / "inside" / str(YEAR) / TOWN


@pytest.fixture(scope="module", params=["zh", "en"])
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Published:
    project = build_project(tmp_path_factory.mktemp("public"))
    project.write(PLANTED)
    (project.root / "data" / TOWN / f"{YEAR}.md").write_text(TEXT, encoding="utf-8")
    year = ("--year", str(YEAR))
    inside = nianbao(project.root, "report", TOWN, *year, "--to", "html", "--out", "inside")
    assert inside.code == 0, inside.said
    made = nianbao(project.root, "report", TOWN, *year, "--edition", "public", "--lang", request.param)
    assert made.code == 0, made.said
    return Published(project, project.root / "outputs" / "public" / str(YEAR) / TOWN, made.said, request.param)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every file of a folder as text: documents as a reader extracts them, the rest as it is."""
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".pdf":
            yield path.name, "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
        elif path.suffix in (".docx", ".xlsx"):
            with zipfile.ZipFile(path) as parts:
                found = [parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith((".xml", ".rels"))]
            yield path.name, "\n".join(found)
        elif path.is_file():
            yield path.name, path.read_text(encoding="utf-8")


def test_what_is_planted_small_is_withheld_with_what_tells_of_it(published: Published) -> None:
    held = set(published.withheld)
    for name, dims in (
        ("severe_mental_on_register", "village=1"),
        ("severe_mental_managed", "village=1"),
        ("deaths", "village=2"),
        ("infant_deaths", ""),
        ("infant_mortality_rate", ""),
        ("special_assistance_recipients", ""),
        ("special_assistance_amount", ""),
        ("hiv_living_cases", ""),
    ):
        assert (name, dims) in held
    assert {name for name, _ in held} >= {"deaths", "legal_reward_recipients_total"} or (
        "reward_assistance_recipients",
        "",
    ) in held
    assert sum(name == "deaths" for name, _ in held) == 2
    assert ("live_births", "") not in held
    assert ("births", "") not in held
    assert ("illegal_sex_selection_cases", "") not in held  # a true zero


def test_no_row_of_a_withheld_figure_holds_a_number(published: Published) -> None:
    mark = SUPPRESSED_MARK[published.lang]
    for row in rows(published.folder / "results.csv"):
        if row["status"] == "suppressed":
            assert not any(row[name] for name in HIDDEN_IN), row
            assert row["display"] == SUPPRESSED_MARK["zh"]
    chapters = [json.loads(path.read_text(encoding="utf-8")) for path in (published.folder / "chapters").glob("*.ipynb")]
    facts = rows(published.folder / "facts.csv") + [
        row
        for chapter in chapters
        for cell in chapter["cells"]
        for output in cell.get("outputs", ())
        for row in output.get("data", {}).get("application/vnd.nianbao.chapter+json", {}).get("facts", ())
    ]
    found = [
        row
        for row in facts
        if (row["indicator"], row["dims"]) in published.withheld and row["role"] not in ("label", "definition")
    ]
    assert found
    for row in found:
        assert (row["display"], row["value"], row["numerator"], row["denominator"]) == (mark, "", "", ""), row
        assert row["status"] == "suppressed"


def test_no_source_cell_file_of_findings_or_internal_entry_is_published(published: Published) -> None:
    assert not (published.folder / "findings.csv").exists()
    catalogue = published.project.catalogue()
    for name in ("results.csv", "facts.csv"):
        for row in rows(published.folder / name):
            assert "!" not in row["sources"]
            assert not re.search(r":\d+$", row["sources"])
            entry = catalogue.entries.get(row["indicator"])
            assert entry is None or entry.sensitivity.value != "internal" or row.get("role") in ("label", "definition"), row
    for name, text in texts(published.folder):
        assert f"{YEAR}.xlsx!" not in text, name
        if name.startswith("report."):
            assert "核实的问题" not in text, name


def test_the_documents_say_which_edition_they_are(published: Published) -> None:
    words = "公开版" if published.lang == "zh" else "Public edition"
    mark = SUPPRESSED_MARK[published.lang]
    told = dict(texts(published.folder))
    for name in ("report.html", "report.pdf", "report.docx"):
        assert words in told[name], name
        assert mark in told[name], name
    first = pypdf.PdfReader(published.folder / "report.pdf").pages[0].extract_text()
    assert words in first
    assert mark in first


def test_the_text_of_the_office_prints_the_mark_and_a_number_typed_by_hand_is_asked_about(published: Published) -> None:
    mark = SUPPRESSED_MARK[published.lang]
    told = re.sub(r"<[^>]+>", "", (published.folder / "report.html").read_text(encoding="utf-8"))
    assert f"艾滋病感染者和病人{mark}例" in told
    assert f"婴儿死亡{mark}人" in told
    assert f"data/{TOWN}/{YEAR}.md:5: the text says 3, which hiv_living_cases is" in published.said


def test_the_chain_and_the_internal_edition_stay_as_they_are(published: Published) -> None:
    data = open_dataset(published.project.root, township=TOWN, year=YEAR)
    assert data.results.named("hiv_living_cases").value == 3
    told = (published.internal / "report.html").read_text(encoding="utf-8")
    assert "内部资料" in told
    assert "＊" not in told
    assert (published.internal / "findings.csv").exists()


def test_the_minimum_is_a_setting(tmp_path: Path) -> None:
    project = build_project(tmp_path)
    project.write({"hiv_living_cases": 7})
    params = project.root / "params" / "report.yml"
    assert project.dataset().public.withheld == 0
    params.write_text(params.read_text(encoding="utf-8").replace("{minimum: 5}", "{minimum: 10}"), encoding="utf-8")
    assert project.dataset().public.withheld == 1


def test_a_return_of_another_year_is_held_to_the_same_rule(tmp_path: Path) -> None:
    project = build_project(tmp_path)
    project.write({"hiv_living_cases": 9, "hiv_living_cases@previous": 4})
    [found] = [item for item in project.dataset().public.results if item.entry.id == "hiv_living_cases"]
    assert (found.value, found.previous, found.change, str(found.previous_status)) == (9, None, None, "suppressed")
