"""The demonstration county: a sound project whose every page says that its data are invented, the same bytes for the same seed."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pypdfium2  # type: ignore[import-untyped]
import pytest
from bs4 import BeautifulSoup

import reading
from built import ROOT, hashes, nianbao, rows
from nianbao.catalogue import Element, Standing, load_catalogue, load_township
from nianbao.dataset import open_dataset
from nianbao.project import township_keys
from nianbao.report import synthetic_label

YEARS = (2019, 2020)
LABEL = synthetic_label("zh")
CHAPTERS = ("overview", "basic_public_health", "health_education", "assessment", "problems")
"""The chapters of the report built here: enough to see text, villages, hedged figures and the score sheet."""
COUNTY = "shifan"
COUNTY_CHAPTERS = ("overview", "assessment", "appendix")
"""The chapters of the county's report: enough to see its sums, its towns in order and where the figures come from."""


def generate(folder: Path, *, seed: int = 1) -> None:
    """Run the generator as a user would."""
    command = [sys.executable, str(ROOT / "tools" / "demo_county.py"), str(folder), "--towns", "2", "--seed", str(seed)]
    subprocess.run([*command, "--years", *map(str, YEARS)], check=True)


@dataclass(frozen=True)
class Demo:
    """The small county, and the folder of the first town's report."""

    root: Path
    report: Path

    @property
    def soup(self) -> BeautifulSoup:
        """The report's page."""
        return BeautifulSoup((self.report / "report.html").read_text("utf-8"), "html.parser")

    @property
    def county(self) -> Path:
        """The folder of the county's report."""
        return self.report.parent / COUNTY


def shortened(params: str, chapters: Sequence[str] = CHAPTERS) -> str:
    """Return a place's params with the chapters of its last report named."""
    return params.replace("report: {date: 2020-12-31", f"report: {{date: 2020-12-31, chapters: [{', '.join(chapters)}]")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Return a county of two towns and two years with one report built; read only."""
    root = tmp_path_factory.mktemp("demo") / "county"
    generate(root)
    for key, chapters in (("qingshi", CHAPTERS), (COUNTY, COUNTY_CHAPTERS)):
        path = root / "params" / "townships" / f"{key}.yml"
        path.write_text(shortened(path.read_text("utf-8"), chapters), encoding="utf-8")
    done = nianbao(root, "report", "qingshi", COUNTY, "--year", "2020", "--jobs", "2")  # two builds side by side
    assert done.code == 0, done.said
    return Demo(root, root / "outputs" / "2020" / "qingshi")


def towns_of(root: Path) -> list[str]:
    """Return the towns, their county left out."""
    return [key for key in township_keys(root) if not load_township(root, key).members]


def inputs(root: Path) -> dict[str, str]:
    """Return the hashes of what the generator wrote, but for the files the fixture shortens."""
    mended = {f"params/townships/{key}.yml" for key in ("qingshi", COUNTY)}
    return {name: digest for name, digest in hashes(root).items() if not name.startswith("outputs/") and name not in mended}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("town", ["qingshi", "yunxi"])
def test_no_finding_stops_a_report(demo: Demo, town: str, year: int) -> None:
    data = open_dataset(demo.root, township=town, year=year)
    assert [finding.message("en") for finding in data.blocking] == []


def test_every_element_in_force_has_a_figure(demo: Demo) -> None:
    catalogue = load_catalogue(demo.root)
    asked = {
        entry.id
        for entry in catalogue.entries.values()
        if isinstance(entry, Element) and entry.status is not Standing.HISTORICAL and (entry.valid_from or 0) <= 2020
    }
    for town in towns_of(demo.root):
        given = {item.entry for item in open_dataset(demo.root, township=town, year=2020).intakes[0].observations}
        assert asked - given == set()


def test_no_village_name_stands_inside_another_or_occurs_twice(demo: Demo) -> None:
    names = [village.zh for key in township_keys(demo.root) for village in load_township(demo.root, key).villages]
    assert len(names) >= 16
    assert not [(one, other) for one in names for other in names if one is not other and one in other]


@pytest.mark.parametrize("place", ["qingshi", COUNTY])
def test_every_page_of_the_pdf_says_that_the_data_are_invented(demo: Demo, place: str) -> None:
    document = pypdfium2.PdfDocument(demo.report.parent / place / "report.pdf")
    texts = [page.get_textpage().get_text_bounded() for page in document]
    assert len(texts) > 6
    assert [number for number, text in enumerate(texts, start=1) if LABEL not in text] == []


def test_the_page_says_it_at_its_top_and_in_print(demo: Demo) -> None:
    (line,) = demo.soup.select("p.label")
    assert line.get_text(strip=True) == LABEL
    assert ".label" in (style := demo.soup.find("style").get_text())  # type: ignore[union-attr]
    assert LABEL in style.partition("@top-center")[2]


def test_the_word_file_says_it_above_odd_and_even_pages(demo: Demo) -> None:
    with zipfile.ZipFile(demo.report / "report.docx") as package:
        headers = [name for name in package.namelist() if name.startswith("word/header")]
        assert len(headers) == 2
        assert all(LABEL in package.read(name).decode("utf-8") for name in headers)
        first, *later = package.read("word/document.xml").decode("utf-8").split("<w:sectPr")[1:]
    assert first.count("<w:headerReference ") == 2
    assert not any("<w:headerReference " in section for section in later), "later sections follow the first"


def test_a_town_that_is_not_synthetic_carries_no_label(demo: Demo) -> None:
    assert load_township(demo.root, "qingshi").synthetic
    assert not load_township(ROOT, "maolin").synthetic


def test_villages_and_score_sheet_are_shown(demo: Demo) -> None:
    captions = " ".join(caption.get_text() for caption in demo.soup.select("figcaption"))
    assert "漏斗图" in captions
    assert "示范县2020年卫生健康工作目标考核" in captions
    assert "虚构" in demo.soup.get_text()


def test_the_county_is_told_from_its_towns(demo: Demo) -> None:
    page = BeautifulSoup((demo.county / "report.html").read_text("utf-8"), "html.parser")
    captions = " ".join(caption.get_text() for caption in page.select("figcaption"))
    assert "各乡镇电子健康档案建档率排名" in captions
    assert "总分排名" in captions
    (births,) = [row for row in rows(demo.county / "results.csv") if (row["indicator"], row["dims"]) == ("births", "")]
    towns = [open_dataset(demo.root, township=town, year=2020).results.named("births").value for town in towns_of(demo.root)]
    assert int(births["value"]) == sum(value for value in towns if value is not None)
    files = {address.partition("!")[0] for address in births["sources"].split(";")}
    assert files == {f"data/{town}/2020.xlsx" for town in towns_of(demo.root)}
    sources = {name for fact in rows(demo.county / "facts.csv") for name in fact["sources"].split(";")}
    assert any(name.startswith("data/yunxi/2020.xlsx!") for name in sources)


def test_a_changed_town_makes_that_town_and_its_county_stale(demo: Demo, tmp_path: Path) -> None:
    root = tmp_path / "county"
    shutil.copytree(demo.root, root)
    path = root / "data" / "yunxi" / "2020.xlsx"
    workbook = openpyxl.load_workbook(path)
    workbook.worksheets[1].cell(4, 9).value = "复核无误"
    workbook.save(path)
    after = nianbao(root, "report", "--all", "--year", "2020", "--dry-run")
    states = [line for line in after.out.splitlines() if " 2020: " in line]
    assert [line.partition(" ")[0] for line in states] == ["qingshi", "yunxi", COUNTY]  # the county after its towns
    assert states[0].startswith("qingshi 2020: up to date")
    assert states[1].startswith("yunxi 2020: would be built: ")
    assert states[2].startswith(f"{COUNTY} 2020: would be built: data/yunxi/2020.xlsx有改动")


def test_the_same_seed_gives_the_same_bytes(demo: Demo, tmp_path: Path) -> None:
    generate(tmp_path / "again")
    assert inputs(tmp_path / "again") == inputs(demo.root)
    for key, chapters in (("qingshi", CHAPTERS), (COUNTY, COUNTY_CHAPTERS)):
        again, shown = (root / "params" / "townships" / f"{key}.yml" for root in (tmp_path / "again", demo.root))
        assert shortened(again.read_text("utf-8"), chapters) == shown.read_text("utf-8")


def test_the_page_of_the_largest_report_is_below_two_million_bytes(tmp_path: Path) -> None:
    """The county of twelve towns prints some five thousand figures; every one keeps its card, and every card names cells."""
    root = tmp_path / "county"
    subprocess.run([sys.executable, str(ROOT / "tools" / "demo_county.py"), str(root)], check=True)
    done = nianbao(root, "report", COUNTY, "--year", "2020", "--to", "html")
    assert done.code == 0, done.said
    page = root / "outputs" / "2020" / COUNTY / "report.html"
    assert page.stat().st_size < 2_000_000
    text = page.read_text("utf-8")
    buttons, cards = (
        set(re.findall(r"popovertarget=(o\d+)", text)),
        dict(re.findall(r"<div id=(o\d+) popover>(.*?)</div>", text)),
    )
    assert len(re.findall(r"<span class=fact ", text)) > 4500
    assert buttons == set(cards)
    assert [card for card in cards.values() if not re.search("!|data/|params/", card)] == []


@pytest.mark.parametrize("place", ["qingshi", COUNTY])
def test_the_demonstration_reads_well(demo: Demo, place: str) -> None:
    folder = demo.report.parent / place
    page = reading.read(folder)
    words = {
        key: (unit.zh, *unit.aliases)
        for key, unit in load_catalogue(demo.root).units.items()
        if unit.spoken and not unit.symbol
    }
    assert reading.told_twice(page, lang="zh") == []
    assert reading.endless(page) == []
    assert reading.lists_in_disguise(page, lang="zh") == []
    assert reading.unlike_words(page) == []
    assert reading.wrong_units(rows(folder / "facts.csv"), page, words=words) == []
