"""The four published samples read well: nothing told twice, no sentence without end, every figure with the word of its unit."""

from __future__ import annotations

from pathlib import Path

import pytest

import reading
from built import ROOT, Built, copy_project, nianbao, rows
from nianbao.catalogue import load_catalogue

SAMPLES = (("maolin", 2020), ("town-a", 2019), ("town-d", 2015), ("bagongshan", 2019))
LANGUAGES = ("zh", "en")
IN_ENGLISH = ("maolin", "bagongshan")
"""Samples read in English too: the smallest and the largest variety of indicators."""


@pytest.fixture(scope="module")
def pages(built: Built, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Return the folders of the samples by town and language, as pages only; two of them in English too."""
    project = copy_project(tmp_path_factory.mktemp("language"))
    folders = {("maolin", "zh"): built.folder}
    for lang in LANGUAGES:
        for town, year in SAMPLES:
            if (town, lang) in folders or (lang == "en" and town not in IN_ENGLISH):
                continue
            out = project / lang
            done = nianbao(project, "report", town, "--year", str(year), "--to", "html", "--lang", lang, "--out", str(out))
            assert done.code == 0, done.said
            folders[town, lang] = out / str(year) / town
    return folders


def unit_words() -> dict[str, tuple[str, ...]]:
    return {
        key: (unit.zh, *unit.aliases) for key, unit in load_catalogue(ROOT).units.items() if unit.spoken and not unit.symbol
    }


@pytest.mark.parametrize("town", [town for town, _ in SAMPLES])
def test_a_sample_reads_well(pages: dict[tuple[str, str], Path], town: str) -> None:
    page = reading.read(pages[town, "zh"])
    assert reading.told_twice(page, lang="zh") == []
    assert reading.endless(page) == []
    assert reading.lists_in_disguise(page, lang="zh") == []
    assert reading.unlike_words(page) == []
    assert reading.wrong_units(rows(pages[town, "zh"] / "facts.csv"), page, words=unit_words()) == []
    if (town, "en") not in pages:
        return
    english = reading.read(pages[town, "en"])
    assert reading.told_twice(english, lang="en") == []
    assert reading.lists_in_disguise(english, lang="en") == []


@pytest.mark.parametrize("town", [town for town, _ in SAMPLES])
def test_no_text_speaks_to_its_author_or_names_cells(pages: dict[tuple[str, str], Path], town: str) -> None:
    for lang in LANGUAGES:
        if (town, lang) not in pages:
            continue
        said = "\n".join(one.get_text() for _, found in reading.chapters(reading.read(pages[town, lang])) for one in found)
        for word in ("##", ".md", ".csv", ".xlsx", "!E", "由单位撰写"):
            assert word not in said, word


def test_a_page_that_reads_badly_is_caught() -> None:
    page = (
        "<main><h2>一、x</h2><p>全镇出生3人。</p><p>全镇出生3人。</p><p>全镇羊存栏584头。</p><p>" + "甲" * 121 + "。</p></main>"
    )
    assert reading.told_twice(page, lang="zh") == ["一、x: 全镇出生3人。"]
    assert len(reading.endless(page)) == 1
    assert reading.unlike_words(page) == ["羊存栏584头"]
    figure = '<main><h2>一、x</h2><p>出生<span class="fact" data-fact="f">3</span>户。</p></main>'
    facts = [{"fact": "f", "unit": "person", "role": "value"}]
    assert reading.wrong_units(facts, figure, words={"person": ("人",)}) == ["3户。 (person)"]


@pytest.mark.parametrize(("lang", "sentence"), [("zh", "出生{}人。"), ("en", "There were {} births. ")])
def test_a_paragraph_that_should_be_a_list_is_noticed(lang: str, sentence: str) -> None:
    def page(count: int) -> str:
        return f"<main><h2>一</h2><p>{''.join(sentence.format(number) for number in range(count))}</p></main>"

    assert reading.lists_in_disguise(page(reading.MOST_SENTENCES), lang=lang) == []
    assert reading.lists_in_disguise(page(reading.MOST_SENTENCES + 1), lang=lang) != []
